# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# dpdk-sriovctl with the daemon: each command, what an operator is told, and that what "show" prints opens the VF.
# Needs SRIOVCTL and SRIOVD, the paths of the programs.

tenant_uid=65534
config=/tmp/sriovd.conf
# The daemon's own start, EAL included, on an emulated processor.
daemon_start_s=90

setup() {
	[[ -x ${SRIOVCTL:-} && -x ${SRIOVD:-} ]] || lab_die "SRIOVCTL and SRIOVD are not the paths of the programs"
}

# ctl ARGS...: must succeed; what it prints is in $out.
ctl() {
	out=$("$SRIOVCTL" "$@" 2>"$LAB_OUT/ctl.err") || lab_die "dpdk-sriovctl $*: status $?: $(cat "$LAB_OUT/ctl.err")"
	printf '$ dpdk-sriovctl %s\n%s\n' "$*" "$out"
}

# ctl_fails STATUS REGEX ARGS...: must end with this status and tell why.
ctl_fails() {
	local expected=$1 regex=$2 status=0
	shift 2
	"$SRIOVCTL" "$@" >/dev/null 2>"$LAB_OUT/ctl.err" || status=$?
	printf '$ dpdk-sriovctl %s\n' "$*"
	cat "$LAB_OUT/ctl.err"
	((status == expected)) || lab_die "status $status, not $expected"
	grep -qE "$regex" "$LAB_OUT/ctl.err" || lab_die "it does not say: $regex"
}

daemon_answers() {
	"$SRIOVCTL" hello >/dev/null 2>&1
}

# start_daemon LINE...: the lines are the configuration's.
start_daemon() {
	printf '%s\n' "$@" >"$config"
	"$SRIOVD" --config "$config" >"$LAB_OUT/sriovd.log" 2>&1 &
	daemon_pid=$!
	trap 'eal_stop_all; stop_daemon' EXIT
	lab_wait_for "$daemon_start_s" daemon_answers || lab_die "no daemon: $(cat "$LAB_OUT/sriovd.log")"
}

stop_daemon() {
	kill "$daemon_pid" 2>/dev/null || return 0
	lab_wait_for 30 lab_process_ended "$daemon_pid" || kill -9 "$daemon_pid"
}

pf_has_vfs() {
	"$SRIOVCTL" status "$PF1" | grep -qE "$2 of [0-9]+ VFs" && [[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == "$2" ]]
}

test_daemon_from_up_to_down() {
	start_daemon '[daemon]' 'token_mode = 0666'
	ctl hello
	[[ $out == *"you may change things"* ]]
	ctl up "$PF1" --vfs 2 --dry-run
	[[ $out == "would: "* && $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 0 ]]
	ctl up "$PF1" --vfs 2
	pf_has_vfs "$PF1" 2
	ctl status
	[[ $out == *"$VF1"*free* || $out == *"2 VFs  free"* ]]
	ctl vf set "$PF1/0" vlan 100 spoofchk on
	ctl status "$PF1"
	[[ $out == *"vlan 100"*"spoofchk on"* ]]
	ctl_fails 1 'it has no VF 7' vf set "$PF1/7" vlan 1
	ctl vf reset "$PF1/1"
	if [[ -n ${LAB_VFIO_MODULE:-} ]]; then
		ctl token rotate "$PF1/0"
	else
		ctl_fails 1 'one token for all VFs' token rotate "$PF1/0"
	fi
	ctl token rotate "$PF1"
	ctl reload --dry-run
	ctl down "$PF1" --release
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 0 ]]
	# It had no driver before.
	[[ -z $(lab_driver "$PF1") ]]
}

test_daemon_tenant_opens_with_what_show_prints() {
	local -a arguments
	start_daemon '[daemon]' 'token_mode = 0666' "[pf $PF1]" 'vfs = 2' 'pmd = none' \
		"[vf $PF1 0]" "grant = uid:$tenant_uid" "owner = $tenant_uid:$tenant_uid"
	lab_wait_for 60 pf_has_vfs "$PF1" 2
	ctl show "$PF1/0" --for dpdk
	read -ra arguments <<<"$out"
	eal_unprivileged tenant "${arguments[@]}"
	expect_opened "$VF1"
	# By its file.
	ctl show "$VF1" --for dpdk --write /tmp/vf.token
	[[ $(stat -c %a /tmp/vf.token) == 600 ]]
	chown "$tenant_uid" /tmp/vf.token
	read -ra arguments <<<"$out"
	eal_unprivileged tenant_file "${arguments[@]}"
	expect_opened "$VF1"
	# The other VF is not granted.
	ctl show "$PF1/1" --for dpdk
	read -ra arguments <<<"$out"
	chmod 0666 "$(readlink -f "/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$VF1B/iommu_group")")")"
	eal_unprivileged stranger "${arguments[@]}"
	expect_refused "$VF1B" 'not granted to this process'
}

test_daemon_holder_named_and_kept() {
	local -a arguments
	start_daemon '[daemon]' 'token_mode = 0666' "[pf $PF1]" 'vfs = 2' 'pmd = none' "[vf $PF1 0]" 'grant = uid:0'
	lab_wait_for 60 pf_has_vfs "$PF1" 2
	ctl show "$VF1" --for dpdk
	read -ra arguments <<<"$out"
	eal_hold tenant "${arguments[@]}"
	ctl status
	[[ $out == *"in_use  by pid $(eal_pid tenant) "* ]]
	ctl_fails 1 "held by: pid $(eal_pid tenant) " down "$PF1"
	ctl_fails 1 "$VF1" vf reset "$VF1"
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 2 ]]
	eal_release tenant
	ctl down "$PF1"
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 0 ]]
}

# as_other STATUS REGEX OPTION... -- ARGS...: as ctl_fails, as another user; status 0: it must succeed.
as_other() {
	local expected=$1 regex=$2 status=0
	local -a options=()
	shift 2
	while [[ $1 != -- ]]; do
		options+=("$1")
		shift
	done
	shift
	setpriv --reuid "$tenant_uid" --clear-groups "${options[@]}" /tmp/dpdk-sriovctl "$@" >"$LAB_OUT/ctl.err" 2>&1 || status=$?
	printf '$ dpdk-sriovctl %s (%s)\n' "$*" "${options[*]}"
	cat "$LAB_OUT/ctl.err"
	((status == expected)) || lab_die "status $status, not $expected"
	grep -qE "$regex" "$LAB_OUT/ctl.err" || lab_die "it does not say: $regex"
}

test_daemon_others_look_or_are_kept_out() {
	start_daemon '[daemon]'
	cp "$SRIOVCTL" /tmp/dpdk-sriovctl
	# The socket's group, root's here, may connect, and look.
	as_other 0 'you may look only' --regid 0 -- hello
	as_other 0 "$PF1" --regid 0 -- status
	as_other 1 'only for administrators' --regid 0 -- reload
	as_other 1 'only for administrators' --regid 0 -- up "$PF1" --vfs 2
	as_other 3 'member of the daemon.s admin_group' --regid "$tenant_uid" -- hello
}

test_daemon_gone_is_told() {
	start_daemon '[daemon]'
	stop_daemon
	ctl_fails 3 'cannot reach the daemon' status
}
