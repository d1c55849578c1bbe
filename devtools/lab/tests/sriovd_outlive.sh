# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh, guest.sh and sriovd.sh
#
# dpdk-sriovd dies again and again, or is replaced by a new version, while two tenants' VFs send each other numbered
# frames at a steady rate and a third tenant asks the PF for changes. Each way no frame may be lost, no VF may begin
# again, and control must be back soon.

# shellcheck source=devtools/lab/sriovd.sh
. devtools/lab/sriovd.sh
# shellcheck source=devtools/lab/kmod.sh
. devtools/lab/kmod.sh

# How often the daemon is killed, and how often replaced; frames a second each way.
outlive_kills=${OUTLIVE_KILLS:-5}
outlive_rate=${OUTLIVE_RATE:-1000}
# Control is to be back within this time, which a busy machine may not keep: it fails only with OUTLIVE_CHECK=1.
outlive_back_ms=2000
# How long a kill and what is tested after it take, in seconds: for so long the traffic lasts.
outlive_cycle_s=${OUTLIVE_CYCLE_S:-6}
outlive_dir=/run/outlive
# Copies of the programs in the guest's memory, as a host has them: through the lab's root they start slowly.
outlive_bin=/tmp/outlive

setup() {
	[[ -x ${SRIOVD:-} ]] || return 0
	tenant_setup
	install -D -m 755 -t "$outlive_bin" "$SRIOVD" "$SRIOVCTL" "$SRIOV_KEEPER"
}

# outlive_begin kernel|ours START: the daemon, started by the function START, three tenants, and traffic between two of
# them.
outlive_begin() {
	local seconds=$((outlive_kills * outlive_cycle_s + 3)) frames name
	sriovd_need
	[[ $1 != ours ]] || kmod_need_module
	SRIOVD=$outlive_bin/${SRIOVD##*/} SRIOVCTL=$outlive_bin/${SRIOVCTL##*/} SRIOV_KEEPER=$outlive_bin/${SRIOV_KEEPER##*/}
	kmod_load "$1"
	chmod 666 /dev/vfio/vfio
	frames=$((seconds * outlive_rate))
	rm -rf "$outlive_dir"
	install -d -m 1777 "$outlive_dir"
	sriovd_config "[pf $PF1]" 'vfs = 4' "[vf $PF1 0]" 'grant = uid:1001' "[vf $PF1 1]" 'grant = uid:1002' \
		"[vf $PF1 2]" 'grant = uid:1003' 'trust = on' "[vf $PF1 3]" 'grant = uid:1004'
	"$2"
	tenant_testpmd 1003 "$(lab_vf "$PF1" 2)"
	outlive_traffic 1001 0 "tx=$frames,rx=$frames,stream=1,rx_stream=2,dst=@$outlive_dir/u1002" "$seconds"
	outlive_traffic 1002 1 "tx=$frames,rx=$frames,stream=2,rx_stream=1,dst=@$outlive_dir/u1001" "$seconds"
	for name in u1001 u1002; do
		lab_wait_for 60 test -e "$outlive_dir/$name" || lab_die "$name is not ready"
	done
	outlive_resets before
}

# outlive_traffic UID INDEX PARAMETERS SECONDS: a tenant that sends and receives, see traffic_autotest.
outlive_traffic() {
	local uid=$1 name=u$1 vf parameters=$3 seconds=$4
	local -a command
	vf=$(lab_vf "$PF1" "$2")
	mapfile -d '' command < <(tenant_command "$uid" "$tenant_bin/dpdk-test" -m 64 --no-huge --no-telemetry --no-shconf -l 0 \
		--log-level='pmd.net.i82576.*:info' --vfio-vf-token="unix:$sriovd_dir/token.sock" -a "$vf")
	(
		ulimit -l unlimited
		export DPDK_TEST=traffic_autotest
		export TRAFFIC="ready=$outlive_dir/$name,rate=$outlive_rate,hold=$outlive_dir/done,timeout=$((seconds * 2 + 120)),$parameters"
		exec "${command[@]}"
	) >"$LAB_OUT/$name.log" 2>&1 </dev/null &
	echo $! >"/tmp/eal-$name.pid"
}

# outlive_resets NAME: notes how often each VF has begun, as the PF counts it.
outlive_resets() {
	ctl --json status "$PF1" >"$LAB_OUT/status-$1.json"
	python3 - "$answer" <<-'PY' >"$outlive_dir/resets-$1"
		import json, sys
		for vf in json.loads(sys.argv[1])["pfs"][0]["vfs"]:
		    print(vf["vf"], vf["counters"].get("resets"))
	PY
	grep -q '[0-9]$' "$outlive_dir/resets-$1" || lab_die "no counter of resets in the status"
}

# outlive_mailbox N: the third tenant changes its address, for which it needs the PF's answer.
outlive_mailbox() {
	local mac answer
	mac=$(printf '02:00:00:00:%02x:%02x' $(($1 / 256)) $(($1 % 256)))
	answer=$(lab_testpmd_cmd u1003 "mac_addr set 0 $mac")
	[[ -z $answer ]] || lab_die "round $1: no new address: $answer"
	lab_testpmd_cmd u1003 'show port info 0' | grep -qi "MAC address: $mac" || lab_die "round $1: the address is another"
}

# outlive_back N START_MS: control is there again: the Nth ready daemon answers. Prints the milliseconds.
outlive_back() {
	lab_wait_for 30 sriovd_has_count 'SRIOVD: ready after' "$1" || {
		tail -n 30 "$sriovd_log"
		lab_die "dpdk-sriovd is not ready for the ${1}th time"
	}
	"$SRIOVCTL" --socket "$sriovd_dir/control.sock" hello >/dev/null || lab_die "round $1: no answer"
	echo $(($(outlive_now_ms) - $2))
}

outlive_now_ms() {
	local up
	read -r up _ </proc/uptime
	echo "${up/./}0"
}

# The daemon itself: what systemd or its keeper runs.
outlive_daemon_pid() {
	if [[ -e $outlive_dir/service ]]; then
		systemctl show --value -p MainPID dpdk-sriovd
	else
		pgrep -P "$(sriovd_pid)" -f -- "$(basename "$SRIOVD")"
	fi
}

# outlive_rounds kill|replace|restart
outlive_rounds() {
	local how=$1 n start ms slowest=0 pid under_traffic=0
	outlive_mailbox 0
	for ((n = 1; n <= outlive_kills; n++)); do
		sleep "0.$((RANDOM % 10))"
		pid=$(outlive_daemon_pid)
		grep -q 'all sent' "$LAB_OUT/u1001.log" || under_traffic=$((under_traffic + 1))
		start=$(outlive_now_ms)
		case $how in
		kill) kill -9 "$pid" ;;
		replace) kill -USR2 "$pid" ;;
		restart) systemctl restart dpdk-sriovd ;;
		esac
		ms=$(outlive_back $((n + 1)) "$start")
		((ms <= slowest)) || slowest=$ms
		outlive_mailbox "$n"
		! lab_process_ended "$(cat /tmp/eal-u1001.pid)" || lab_die "u1001 has ended before round $n"
	done
	printf '| %s rounds (%s), %s of them under traffic; control is back within %s ms\n' "$outlive_kills" "$how" \
		"$under_traffic" "$slowest"
	if [[ ${OUTLIVE_CHECK:-0} == 1 ]] && ((slowest > outlive_back_ms)); then
		lab_die "control was back after $slowest ms, more than $outlive_back_ms"
	fi
}

# Both ends have counted exactly, no VF has begun again, and each start was a warm one.
outlive_end() {
	local name
	# Before they close their VFs, which resets them.
	outlive_resets after
	touch "$outlive_dir/done"
	for name in u1001 u1002; do
		wait "$(cat "/tmp/eal-$name.pid")" || true
		sed -nE 's/^traffic: (stream .*(sent|received) )/| '"$name"': \1/p' "$LAB_OUT/$name.log"
		grep -q '^Test OK' "$LAB_OUT/$name.log" || lab_die "$name: not exact: $(tail -n 5 "$LAB_OUT/$name.log")"
		rm -f "/tmp/eal-$name.pid"
		! grep -iE 'recover|was reset|link is down' "$LAB_OUT/$name.log" || lab_die "$name: its PF was reset"
	done
	diff "$outlive_dir/resets-before" "$outlive_dir/resets-after" || lab_die "VFs have begun again"
	sriovd_has_count 'warm start: 4 VFs go on' "$outlive_starts" || lab_die "not each start was a warm one"
	! sriovd_says 'no warm start' || lab_die "a start was cold"
	ctl status "$PF1"
	# Grants and tokens have stayed.
	tenant_opens 1004 "$(lab_vf "$PF1" 3)"
	must_fail tenant_opens 1001 "$(lab_vf "$PF1" 3)"
	lab_testpmd_stop u1003
}

outlive() {
	outlive_begin "$2" sriovd_start_kept
	outlive_rounds "$1"
	outlive_starts=$outlive_kills
	outlive_end
	sriovd_stop
}

# ---- as a service of systemd

# The unit, with its programs where a service without access to home directories finds them.
service_install() {
	local units=/run/systemd/system unit
	[[ $(</proc/1/comm) == systemd ]] || lab_skip "process 1 is not systemd: run.sh --init systemd"
	sriovd_need
	unit=${SRIOVD%/*}/sriovd/dpdk-sriovd.service
	install -D -m 755 -t /opt/dpdk-sriovd "$SRIOVD"
	sed 's|^ExecStart=[^ ]*|ExecStart=/opt/dpdk-sriovd/dpdk-sriovd|' "$unit" >"$units/dpdk-sriovd.service"
	mkdir -p "$units/dpdk-sriovd.service.d"
	printf '[Service]\n%s\n' "StandardOutput=append:$sriovd_log" "StandardError=append:$sriovd_log" "$@" \
		>"$units/dpdk-sriovd.service.d/lab.conf"
	systemctl daemon-reload
}

service_start() {
	install -D -m 600 "$sriovd_conf" /etc/dpdk/sriovd.conf
	: >"$sriovd_log"
	touch "$outlive_dir/service"
	trap 'systemctl stop dpdk-sriovd || true; eal_stop_all' EXIT
	timeout 120 systemctl start dpdk-sriovd || {
		systemctl status --no-pager dpdk-sriovd
		cat "$sriovd_log"
		lab_die "the service does not start"
	}
}

service_stop() {
	timeout 60 systemctl stop dpdk-sriovd || lab_die "the service does not stop"
	[[ $(systemctl show --value -p Result dpdk-sriovd) == success ]] || lab_die "the service did not end well"
}

test_service_unit_is_valid() {
	service_install
	systemd-analyze verify --man=no /run/systemd/system/dpdk-sriovd.service
}

test_service_killed_and_restarted_loses_nothing() {
	service_install
	outlive_begin kernel service_start
	outlive_rounds kill
	outlive_starts=$outlive_kills
	outlive_end
	service_stop
}

test_service_restart_and_watchdog_lose_nothing() {
	local pid
	service_install WatchdogSec=4
	outlive_begin kernel service_start
	outlive_kills=1
	outlive_rounds restart
	# One that hangs: systemd kills it and starts the next.
	pid=$(outlive_daemon_pid)
	kill -STOP "$pid"
	outlive_back 3 "$(outlive_now_ms)"
	[[ $(outlive_daemon_pid) != "$pid" ]] || lab_die "the same process"
	outlive_mailbox 3
	outlive_starts=2
	outlive_end
	service_stop
}

test_daemon_killed_on_kernel_module_loses_nothing() {
	outlive kill kernel
}

test_daemon_killed_on_our_module_loses_nothing() {
	outlive kill ours
}

test_daemon_replaced_on_kernel_module_loses_nothing() {
	outlive replace kernel
}

test_daemon_replaced_on_our_module_loses_nothing() {
	outlive replace ours
}
