# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154 # variables for tests; those of eal.sh and guest.sh
#
# What the lab tests of dpdk-sriovd share. To be sourced by a test file. Settings: SRIOVD, SRIOVCTL and SRIOV_KEEPER, the
# paths of the programs. The tenants are unprivileged users, with copies of dpdk-testpmd and dpdk-test, as the build may
# lie where only root can look. With LAB_VFIO_MODULE, that vfio-pci has a token for each VF.

sriovd_dir=/run/dpdk/sriov
sriovd_conf=/tmp/sriovd.conf
sriovd_log=$LAB_OUT/sriovd.log
tenant_bin=/tmp/tenant
sriovd_was_started=
# Longest wait for the daemon to be ready, for a reply of it, and for it to end, in seconds.
sriovd_wait_s=60

# Skips the test without the daemon.
sriovd_need() {
	[[ -x ${SRIOVD:-} ]] || lab_skip "SRIOVD, the path of dpdk-sriovd, is not given"
}

# Copies of the programs for the tenants.
tenant_setup() {
	mkdir -p "$tenant_bin"
	install -m 755 "$LAB_DPDK_TEST" "$tenant_bin/dpdk-test"
	install -m 755 "$TESTPMD" "$tenant_bin/dpdk-testpmd"
	chmod 666 /dev/vfio/vfio
}

# ---- the daemon

# sriovd_config LINE...: writes the configuration.
sriovd_config() {
	printf '%s\n' '[daemon]' 'token_mode = 0666' "$@" >"$sriovd_conf"
}

# Starts the daemon and waits until it is ready.
sriovd_start() {
	sriovd_need
	sriovd_run "$SRIOVD" --config "$sriovd_conf"
}

# The same under dpdk-sriov-keeper.
sriovd_start_kept() {
	sriovd_need
	sriovd_run "$SRIOV_KEEPER" --restart-max 1 -- "$SRIOVD" --config "$sriovd_conf"
}

# The first one of a test finds nothing of the tests before.
sriovd_run() {
	if [[ -z $sriovd_was_started ]]; then
		rm -rf "$sriovd_dir" /var/lib/dpdk-sriov
		sriovd_was_started=1
	fi
	: >"$sriovd_log"
	"$@" >>"$sriovd_log" 2>&1 </dev/null &
	echo $! >/tmp/eal-sriovd.pid
	lab_wait_for "$sriovd_wait_s" sriovd_says 'SRIOVD: ready after' || {
		cat "$sriovd_log"
		lab_die "dpdk-sriovd is not ready"
	}
}

# The process that sriovd_start has started: the daemon, or its keeper.
sriovd_pid() {
	cat /tmp/eal-sriovd.pid
}

# sriovd_says REGEX: its log has such a line.
sriovd_says() {
	grep -qE -- "$1" "$sriovd_log"
}

# sriovd_count REGEX: how many lines of its log match.
sriovd_count() {
	grep -cE -- "$1" "$sriovd_log" || true
}

sriovd_has_count() {
	(($(sriovd_count "$1") >= $2))
}

expect_sriovd() {
	lab_wait_for "$sriovd_wait_s" sriovd_says "$1" || {
		tail -n 30 "$sriovd_log"
		lab_die "dpdk-sriovd does not say: $1"
	}
}

# sriovd_stop: ends it, and it must end well.
sriovd_stop() {
	local pid status=0
	pid=$(sriovd_pid)
	kill -TERM "$pid"
	lab_wait_for_exit "$pid" "$sriovd_wait_s" || lab_die "dpdk-sriovd does not end"
	wait "$pid" || status=$?
	((status == 0)) || lab_die "dpdk-sriovd ended with status $status"
	rm -f /tmp/eal-sriovd.pid
}

# ctl ARGS...: dpdk-sriovctl; what it prints is in answer, too.
ctl() {
	local status=0
	answer=$("$SRIOVCTL" --socket "$sriovd_dir/control.sock" "$@" 2>&1) || status=$?
	printf '+ dpdk-sriovctl %s\n%s\n' "$*" "$answer"
	return "$status"
}

# expect_answer PIECE: what ctl printed last has it.
expect_answer() {
	[[ $answer == *"$1"* ]] || lab_die "not in the answer: $1"
}

# ---- tenants

# tenant_command UID COMMAND...: prints it, NUL after each word, as that user runs it.
tenant_command() {
	local uid=$1
	shift
	mkdir -p "/tmp/tenant-$uid"
	chown "$uid:$uid" "/tmp/tenant-$uid"
	printf '%s\0' setpriv "--reuid=$uid" "--regid=$uid" --clear-groups --bounding-set=-all --inh-caps=-all \
		env "XDG_RUNTIME_DIR=/tmp/tenant-$uid" "$@"
}

# tenant_opens UID VF [ARGS...]: whether that user's dpdk-test gets the VF; its log is $eal_log.
tenant_opens() {
	local uid=$1 vf=$2
	local -a command
	shift 2
	mapfile -d '' command < <(tenant_command "$uid" "$tenant_bin/dpdk-test" "${eal_options[@]}" --file-prefix "u$uid" -a "$vf" \
		--vfio-vf-token="unix:$sriovd_dir/token.sock" "$@")
	ulimit -l unlimited
	eal_run "tenant-$uid" "${command[@]}" || true
	grep -qE "$vf: opened through VFIO with the VF token" "$eal_log"
}

# tenant_testpmd UID VF: that user's testpmd on it, in the background, as u$UID.
tenant_testpmd() {
	local uid=$1 vf=$2 TESTPMD=/tmp/testpmd-$1
	local -a command
	mapfile -d '' command < <(tenant_command "$uid" "$tenant_bin/dpdk-testpmd")
	printf '#!/bin/bash\nulimit -l unlimited\nexec %s "$@"\n' "${command[*]@Q}" >"$TESTPMD"
	chmod 755 "$TESTPMD"
	lab_testpmd_start "u$uid" --no-huge -m 64 -l 0,1 --no-telemetry -a "$vf" \
		--vfio-vf-token="unix:$sriovd_dir/token.sock" -- --total-num-mbufs=2048
}
