# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# dpdk-sriovd: from a configuration file to VFs in their tenants' hands. Needs SRIOVD, the path of the program. The
# tenants are unprivileged users, with a copy of dpdk-testpmd and dpdk-test, as the build may lie where only root can
# look. With LAB_VFIO_MODULE, that vfio-pci has a token for each VF.

sriovd_dir=/run/dpdk/sriov
sriovd_conf=/tmp/sriovd.conf
sriovd_log=$LAB_OUT/sriovd.log
tenant_bin=/tmp/tenant
# Longest wait for the daemon to be ready, for a reply of it, and for it to end, in seconds.
sriovd_wait_s=60

setup() {
	[[ -n ${SRIOVD:-} ]] || return 0
	mkdir -p "$tenant_bin"
	install -m 755 "$LAB_DPDK_TEST" "$tenant_bin/dpdk-test"
	install -m 755 "$TESTPMD" "$tenant_bin/dpdk-testpmd"
	chmod 666 /dev/vfio/vfio
}

# ---- the daemon

# config LINE...: writes the configuration.
config() {
	printf '%s\n' '[daemon]' 'token_mode = 0666' "$@" >"$sriovd_conf"
}

# config_tenants LINE...: three VFs of PF1, one for each of three users.
config_tenants() {
	config "[pf $PF1]" 'vfs = 3' "[vf $PF1 0]" 'grant = uid:1001' "[vf $PF1 1]" 'grant = uid:1002' \
		"[vf $PF1 2]" 'grant = uid:1003' "$@"
}

sriovd_start() {
	[[ -n ${SRIOVD:-} ]] || lab_skip "SRIOVD, the path of dpdk-sriovd, is not given"
	: >"$sriovd_log"
	"$SRIOVD" --config "$sriovd_conf" >>"$sriovd_log" 2>&1 </dev/null &
	echo $! >/tmp/eal-sriovd.pid
	lab_wait_for "$sriovd_wait_s" sriovd_says 'ready after' || {
		cat "$sriovd_log"
		lab_die "dpdk-sriovd is not ready"
	}
}

sriovd_pid() {
	cat /tmp/eal-sriovd.pid
}

# sriovd_says REGEX: its log has such a line.
sriovd_says() {
	grep -qE -- "$1" "$sriovd_log"
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

# ask METHOD [PARAMS]: a request on the control socket; its last reply in answer, and printed.
ask() {
	local params=${2:-}
	answer=$(printf '{"version":1,"id":1,"method":"%s","params":%s}' "$1" "${params:-"{}"}" |
		timeout "$sriovd_wait_s" socat -b 1048576 -t "$sriovd_wait_s" - "UNIX-CONNECT:$sriovd_dir/control.sock,type=5" |
		sed 's/}{"id"/}\n{"id"/g' | tail -n 1)
	printf '+ %s %s\n    %.400s\n' "$1" "$params" "$answer"
	[[ $answer == *'"result"'* ]]
}

# expect_answer PIECE: the last reply has it.
expect_answer() {
	[[ $answer == *"$1"* ]] || {
		printf '%s\n' "$answer"
		lab_die "not in the reply: $1"
	}
}

# ---- tenants

tenant() {
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
	mapfile -d '' command < <(tenant "$uid" "$tenant_bin/dpdk-test" "${eal_options[@]}" --file-prefix "u$uid" -a "$vf" \
		--vfio-vf-token="unix:$sriovd_dir/token.sock" "$@")
	ulimit -l unlimited
	eal_run "tenant-$uid" "${command[@]}" || true
	grep -qE "$vf: opened through VFIO with the VF token" "$eal_log"
}

# tenant_testpmd UID VF: that user's testpmd on it, in the background.
tenant_testpmd() {
	local uid=$1 vf=$2 TESTPMD=/tmp/testpmd-$1
	local -a command
	mapfile -d '' command < <(tenant "$uid" "$tenant_bin/dpdk-testpmd")
	printf '#!/bin/bash\nulimit -l unlimited\nexec %s "$@"\n' "${command[*]@Q}" >"$TESTPMD"
	chmod 755 "$TESTPMD"
	lab_testpmd_start "u$uid" --no-huge -m 64 -l 0,1 --no-telemetry -a "$vf" \
		--vfio-vf-token="unix:$sriovd_dir/token.sock" -- --total-num-mbufs=2048
}

own_tokens() {
	ask status && [[ $answer == *'"vf_own_token"'* ]]
}

# ---- tests

test_configuration_check_names_line_and_key() {
	[[ -n ${SRIOVD:-} ]] || lab_skip "SRIOVD, the path of dpdk-sriovd, is not given"
	config "[pf $PF1]" 'vfs = 2' 'speed = 3'
	must_fail "$SRIOVD" --config "$sriovd_conf" --check 2>"$LAB_OUT/check.log"
	grep -q "sriovd.conf:5: \[pf $PF1\] speed: no such key" "$LAB_OUT/check.log"
	config "[pf $PF1]" 'vfs = 2'
	"$SRIOVD" --config "$sriovd_conf" --check
}

test_configuration_becomes_vfs() {
	config_tenants
	sriovd_start
	[[ $(lab_driver "$PF1") == vfio-pci ]]
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 3 ]]
	ask status
	expect_answer '"num_vfs":3'
	expect_answer '"pmd":"net_i82576_pf"'
	expect_answer '"grant":"uid:1002"'
	[[ $(stat -c %u:%a "/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$VF1/iommu_group")")") == 1001:600 ]]
	# No token outside of the secrets.
	must_fail grep -qE '[0-9a-f]{8}-[0-9a-f]{4}-' "$sriovd_log" /var/lib/dpdk-sriov/state.json
	[[ $(stat -c %a "$sriovd_dir/secrets") == 600 ]]
	sriovd_stop
}

test_three_tenants_open_their_own_vf_only() {
	local vf2
	config_tenants
	sriovd_start
	vf2=$(lab_vf "$PF1" 2)
	tenant_testpmd 1001 "$VF1"
	tenant_testpmd 1002 "$VF1B"
	tenant_testpmd 1003 "$vf2"
	ask status
	expect_answer '"state":"in_use"'
	lab_testpmd_stop u1001
	# Another's: no token, and its node is not his either.
	must_fail tenant_opens 1001 "$VF1B"
	expect_refused "$VF1B" '(denied|not grant|Permission denied)'
	sriovd_says "$VF1B: token refused to pid [0-9]+, uid 1001.*: denied"
	# A token of one's own VF does not open another's.
	if own_tokens; then
		ask token.get "{\"device\":\"$VF1\"}"
		token=$(sed -E 's/.*"token":"([^"]*)".*/\1/' <<<"$answer")
		lab_testpmd_stop u1002
		chmod 666 "/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$VF1B/iommu_group")")"
		token_file /tmp/tenant-1001/token "$token"
		chown 1001:1001 /tmp/tenant-1001/token
		must_fail tenant_opens 1001 "$VF1B" --vfio-vf-token="$VF1B=file:/tmp/tenant-1001/token"
		expect_refused "$VF1B" 'wrong VF token'
	fi
	# Nor does root get what he was not granted.
	must_fail eal root -a "$VF1" --vfio-vf-token="unix:$sriovd_dir/token.sock" && false
	tenant_opens 1001 "$VF1"
	sriovd_stop
}
