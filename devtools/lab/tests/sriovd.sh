# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# dpdk-sriovd: from a configuration file to VFs in their tenants' hands. Needs SRIOVD, the path of the program.

# shellcheck source=devtools/lab/sriovd.sh
. devtools/lab/sriovd.sh

setup() {
	[[ -x ${SRIOVD:-} ]] || return 0
	tenant_setup
}

# config_tenants LINE...: three VFs of PF1, one for each of three users.
config_tenants() {
	sriovd_config "[pf $PF1]" 'vfs = 3' "[vf $PF1 0]" 'grant = uid:1001' "[vf $PF1 1]" 'grant = uid:1002' \
		"[vf $PF1 2]" 'grant = uid:1003'
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

# node_of VF: prints its node in /dev/vfio.
node_of() {
	printf '/dev/vfio/%s\n' "$(basename "$(readlink "/sys/bus/pci/devices/$1/iommu_group")")"
}

own_tokens() {
	ask status && [[ $answer == *'"vf_own_token"'* ]]
}

# ---- tests

test_configuration_check_names_line_and_key() {
	sriovd_need
	sriovd_config "[pf $PF1]" 'vfs = 2' 'speed = 3'
	must_fail "$SRIOVD" --config "$sriovd_conf" --check 2>"$LAB_OUT/check.log"
	grep -q "sriovd.conf:5: \[pf $PF1\] speed: no such key" "$LAB_OUT/check.log"
	sriovd_config "[pf $PF1]" 'vfs = 2'
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
	[[ $(stat -c %u:%a "$(node_of "$VF1")") == 1001:600 ]]
	# No token outside of the secrets.
	grep -oE '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}' "$sriovd_dir/secrets" >/tmp/sriovd.tokens
	[[ -s /tmp/sriovd.tokens ]]
	must_fail grep -F -f /tmp/sriovd.tokens "$sriovd_log" /var/lib/dpdk-sriov/state.json "/proc/$(sriovd_pid)/cmdline"
	[[ $(stat -c %a "$sriovd_dir/secrets") == 600 ]]
	sriovd_stop
}

test_three_tenants_open_their_own_vf_only() {
	local vf2 name token
	config_tenants
	sriovd_start
	vf2=$(lab_vf "$PF1" 2)
	tenant_testpmd 1001 "$VF1"
	tenant_testpmd 1002 "$VF1B"
	tenant_testpmd 1003 "$vf2"
	ask status
	expect_answer '"state":"in_use"'
	for name in u1001 u1002 u1003; do
		lab_testpmd_stop "$name"
	done
	# Another's node is not his, and if it were, he would get no token.
	must_fail tenant_opens 1001 "$VF1B"
	expect_refused "$VF1B" 'Permission denied'
	chmod 666 "$(node_of "$VF1B")"
	must_fail tenant_opens 1001 "$VF1B"
	expect_refused "$VF1B" '.*this VF is not granted to'
	sriovd_says "$VF1B: token refused to pid [0-9]+, uid 1001.*: denied"
	# The token of one's own VF does not open another's, where each has its own.
	if own_tokens; then
		ask token.get "{\"device\":\"$VF1\"}"
		token=$(sed -E 's/.*"token":"([^"]*)".*/\1/' <<<"$answer")
		token_file /tmp/tenant-1001/token "$token"
		chown 1001:1001 /tmp/tenant-1001/token
		must_fail tenant_opens 1001 "$VF1B" --vfio-vf-token="$VF1B=file:/tmp/tenant-1001/token"
		expect_refused "$VF1B" 'wrong VF token'
	fi
	# Nor does root get what he was not granted.
	eal root -a "$VF1" --vfio-vf-token="unix:$sriovd_dir/token.sock"
	expect_refused "$VF1" 'this VF is not granted to'
	tenant_opens 1001 "$VF1"
	sriovd_stop
}

# ---- traffic between two VFs whose ends ask for their tokens

traffic_dir=/run/traffic

# traffic_run NAME VF PARAMETERS: an end of the traffic, in the background.
traffic_run() {
	local name=$1 vf=$2 parameters=$3
	mkdir -p "$traffic_dir"
	(
		export DPDK_TEST=traffic_autotest
		export TRAFFIC="timeout=150,rate=200,ready=$traffic_dir/$name,$parameters"
		eal_program timeout 170 "$LAB_DPDK_TEST" -m 64 --no-huge --no-telemetry -l 0 --file-prefix "$name" \
			--vfio-vf-token="unix:$sriovd_dir/token.sock" -a "$vf"
	) >"$LAB_OUT/$name.log" 2>&1 </dev/null &
	echo $! >"/tmp/eal-traffic-$name.pid"
}

# traffic_between_vfs [START [RX]]: frames from VF 0 to VF 1 of PF1 until the test ends; the daemon is started by START. RX:
# further parameters of the end that receives.
traffic_between_vfs() {
	sriovd_config "[pf $PF1]" 'vfs = 2' "[vf $PF1 *]" 'grant = uid:0'
	"${1:-sriovd_start}"
	rm -rf "$traffic_dir"
	traffic_run vf1 "$VF1B" "rx=1000000,rx_stream=1${2:+,$2}"
	traffic_run vf0 "$VF1" "tx=1000000,stream=1,dst=@$traffic_dir/vf1"
	lab_wait_for 60 test -e "$traffic_dir/vf0" || {
		tail -n 15 "$LAB_OUT/vf0.log" "$LAB_OUT/vf1.log"
		lab_die "no traffic"
	}
	expect_growing "$VF1B"
}

# received VF: prints how many frames the VF has received, as the daemon tells.
received() {
	local text
	ask status >/dev/null
	text=${answer#*"{\"vf\":\"$1\""}
	text=${text#*'"counters":{'}
	[[ $text =~ \"rx_packets\":([0-9]+) ]]
	printf '%s\n' "${BASH_REMATCH[1]}"
}

growing() {
	local before
	before=$(received "$1")
	sleep 1
	(($(received "$1") > before + 20))
}

expect_growing() {
	lab_wait_for 20 growing "$1" || lab_die "$1 receives nothing"
}

still() {
	local before
	before=$(received "$1")
	sleep 1
	(($(received "$1") <= before))
}

expect_still() {
	lab_wait_for 20 still "$1" || lab_die "$1 receives further on"
}

test_policy_change_affects_live_traffic() {
	traffic_between_vfs
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":100}}"
	expect_answer '"vlan":100'
	expect_still "$VF1B"
	ask vf.set "{\"vf\":\"$VF1\",\"policy\":{\"vlan\":100}}"
	expect_growing "$VF1B"
	# By the file, too: only that is done.
	sriovd_config "[pf $PF1]" 'vfs = 2' "[vf $PF1 *]" 'grant = uid:0' "[vf $PF1 1]" 'state = disable'
	kill -HUP "$(sriovd_pid)"
	expect_sriovd "$PF1: VF 1: .*state"
	expect_still "$VF1B"
	must_fail sriovd_says "$PF1: VF 0: (taken|granted)"
	eal_stop_all
}

test_token_rotation_spares_live_traffic() {
	local i
	traffic_between_vfs
	for i in {1..5}; do
		ask token.rotate "{\"device\":\"$PF1\"}"
	done
	expect_growing "$VF1B"
	# Whoever asks now gets the new one.
	kill "$(cat /tmp/eal-traffic-vf1.pid)"
	lab_wait_for 60 vf_free "$VF1B"
	eal again -a "$VF1B" --vfio-vf-token="unix:$sriovd_dir/token.sock"
	expect_opened "$VF1B"
	eal_stop_all
}

vf_free() {
	ask status >/dev/null
	local text=${answer#*"{\"vf\":\"$1\""}
	[[ ${text%%\"counters\"*} != *'"state":"in_use"'* ]]
}

# The next daemon has the PF, but no file by which it could start it warm: it resets the device. The VFs' PMD finds back by
# itself, and their policy is there again.
test_pf_reset_replays_policy() {
	traffic_between_vfs sriovd_start_kept
	ask vf.set "{\"vf\":\"$VF1\",\"policy\":{\"vlan\":100}}"
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":100}}"
	expect_growing "$VF1B"
	rm "$sriovd_dir/$PF1.state"
	kill -9 "$(pgrep -P "$(sriovd_pid)")"
	lab_wait_for "$sriovd_wait_s" sriovd_has_count 'SRIOVD: ready after' 2
	sriovd_says "$PF1: no warm start"
	lab_wait_for 20 grep -q 'the PF was reset' "$LAB_OUT/vf0.log"
	expect_growing "$VF1B"
	ask status
	expect_answer '"effective":{"mac":'
	expect_answer '"vlan":100'
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":101}}"
	expect_still "$VF1B"
	sriovd_stop
	eal_stop_all
}

# By an operator, or by the kernel after an error, while dpdk-sriovd has the PF: its PMD writes the device anew.
test_pf_reset_by_sysfs_replays_policy() {
	traffic_between_vfs
	ask vf.set "{\"vf\":\"$VF1\",\"policy\":{\"vlan\":100}}"
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":100}}"
	expect_growing "$VF1B"
	lab_write "/sys/bus/pci/devices/$PF1/reset" 1
	expect_sriovd "$PF1: the PF was reset; the policy of its VFs was applied again"
	lab_wait_for 20 grep -q 'the PF was reset' "$LAB_OUT/vf0.log"
	expect_growing "$VF1B"
	ask status
	expect_answer '"resets":1'
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":101}}"
	expect_still "$VF1B"
	sriovd_stop
	eal_stop_all
}

# function_is_on VF: it decodes its registers, does DMA, and has MSI-X enabled.
function_is_on() {
	local command msix
	command=0x$(setpci -s "$1" COMMAND)
	msix=0x$(setpci -s "$1" CAP_MSIX+2.w)
	((command != 0xffff && (command & 6) == 6 && msix != 0xffff && msix & 0x8000))
}

# rx_interrupts VF: prints how many interrupts of its first Rx queue the kernel has counted since they were set up.
rx_interrupts() {
	awk -v name="vfio-msix[1]($1)" '$NF == name { for (i = 2; $i ~ /^[0-9]+$/; i++) n += $i } END { print n + 0 }' \
		/proc/interrupts
}

interrupting() {
	local before
	before=$(rx_interrupts "$1")
	sleep 1
	(($(rx_interrupts "$1") > before + 20))
}

# The PF goes with its owner: vfio-pci resets it at that close, and once more when the next one opens it. That switches the
# VFs off under their PMD, which enables them again.
test_pf_owner_death_without_keeper_recovers() {
	local vf
	[[ -z ${LAB_VFIO_MODULE:-} ]] || lab_skip "this vfio-pci keeps a PF whose VFs are open: nothing is reset"
	traffic_between_vfs sriovd_start interrupt=1
	ask vf.set "{\"vf\":\"$VF1\",\"policy\":{\"vlan\":100}}"
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":100}}"
	expect_growing "$VF1B"
	function_is_on "$VF1"
	function_is_on "$VF1B"
	lab_wait_for 10 interrupting "$VF1B" || lab_die "no Rx interrupts"
	kill -9 "$(sriovd_pid)"
	lab_wait_for_exit "$(sriovd_pid)" 20
	for vf in vf0 vf1; do
		lab_wait_for 20 grep -q 'the PF was reset' "$LAB_OUT/$vf.log" || lab_die "$vf does not notice"
	done
	sriovd_start
	for vf in vf0 vf1; do
		lab_wait_for 30 grep -q ': recovered' "$LAB_OUT/$vf.log" || {
			cat "$LAB_OUT/$vf.log"
			lab_die "$vf does not recover"
		}
	done
	expect_growing "$VF1B"
	function_is_on "$VF1"
	function_is_on "$VF1B"
	lab_wait_for 10 interrupting "$VF1B" || lab_die "no Rx interrupts after the recovery"
	must_fail grep -qE 'recover failed|the device is gone' "$LAB_OUT/vf0.log" "$LAB_OUT/vf1.log"
	ask status
	expect_answer '"effective":{"mac":'
	expect_answer '"vlan":100'
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":101}}"
	expect_still "$VF1B"
	sriovd_stop
	eal_stop_all
}

# ---- holders, requests, restarts

test_vfs_with_holder_not_removed() {
	sriovd_config "[pf $PF1]" 'vfs = 2' "[vf $PF1 *]" 'grant = uid:0'
	sriovd_start
	eal_hold user -a "$VF1" --vfio-vf-token="unix:$sriovd_dir/token.sock"
	must_fail ask down "{\"pf\":\"$PF1\"}"
	expect_answer '"errno":"EBUSY"'
	expect_answer '"comm":"dpdk-test"'
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 2 ]]
	must_fail ask vf.reset "{\"vf\":\"$VF1\"}"
	eal_release user
	ask down "{\"pf\":\"$PF1\",\"timeout_s\":20}"
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 0 ]]
	ask up "{\"pf\":\"$PF1\",\"vfs\":2}"
	expect_answer '"num_vfs":2'
	sriovd_stop
}

test_grant_and_revoke_at_run_time() {
	sriovd_config "[pf $PF1]" 'vfs = 2'
	sriovd_start
	must_fail tenant_opens 1001 "$VF1"
	ask vf.grant "{\"vf\":\"$VF1\",\"grant\":\"uid:1001\",\"once\":true}"
	tenant_opens 1001 "$VF1"
	# It was for one token.
	must_fail tenant_opens 1001 "$VF1"
	ask vf.grant "{\"vf\":\"$VF1\",\"grant\":\"uid:1001\"}"
	# Grants outlive the daemon.
	sriovd_stop
	sriovd_start
	ask status
	expect_answer '"grant":"uid:1001"'
	ask vf.revoke "{\"vf\":\"$VF1\",\"timeout_s\":10}"
	expect_answer '"state":"free"'
	must_fail tenant_opens 1001 "$VF1"
	[[ $(stat -c %u:%a "$(node_of "$VF1")") == 0:600 ]]
	sriovd_stop
}

test_vf_socket_serves_its_vf_only() {
	sriovd_config "[pf $PF1]" 'vfs = 2' "[vf $PF1 *]" 'grant = uid:0' "socket = $sriovd_dir/vf{vf}/token.sock"
	sriovd_start
	lab_wait_for 10 test -S "$sriovd_dir/vf1/token.sock"
	eal own -a "$VF1B" --vfio-vf-token="unix:$sriovd_dir/vf1/token.sock"
	expect_opened "$VF1B"
	eal other -a "$VF1" --vfio-vf-token="unix:$sriovd_dir/vf1/token.sock"
	expect_refused "$VF1" 'token broker'
	sriovd_stop
}

test_unbind_of_pf_not_held_up() {
	local start
	sriovd_config "[pf $PF1]" 'vfs = 0'
	sriovd_start
	start=$SECONDS
	lab_write "/sys/bus/pci/drivers/vfio-pci/unbind" "$PF1" 20
	((SECONDS - start < 10))
	expect_sriovd "$PF1: let go after"
	ask status
	expect_answer '"held":false'
	lab_bind "$PF1" vfio-pci
	kill -HUP "$(sriovd_pid)"
	expect_sriovd "$PF1: opened again"
	sriovd_stop
}

test_clean_end_restores_driver() {
	sriovd_config 'restore_on_exit = yes' "[pf $PF1]" 'vfs = 2'
	lab_unbind "$PF1"
	sriovd_start
	[[ $(lab_driver "$PF1") == vfio-pci ]]
	sriovd_stop
	[[ -z $(lab_driver "$PF1") ]]
	[[ $(cat "/sys/bus/pci/devices/$PF1/sriov_numvfs") == 0 ]]
	[[ ! -e $sriovd_dir/control.sock ]]
}

test_replaced_in_place_keeps_traffic() {
	local pid i
	traffic_between_vfs
	pid=$(sriovd_pid)
	for i in {1..3}; do
		: >"$sriovd_log"
		kill -USR2 "$pid"
		expect_sriovd 'ready after'
		sriovd_says "$PF1: adopted"
	done
	[[ $(sriovd_pid) == "$pid" ]]
	expect_growing "$VF1B"
	must_fail grep -qE 'reset|link.*down' "$LAB_OUT/vf0.log"
	ask vf.set "{\"vf\":\"$VF1B\",\"policy\":{\"vlan\":100}}"
	expect_still "$VF1B"
	eal_stop_all
}

# ---- clients that misbehave

test_clients_cannot_stall_others() {
	local i
	sriovd_config "[pf $PF1]" 'vfs = 1' "[vf $PF1 0]" 'grant = uid:0'
	sriovd_start
	DPDK_TEST=sriovd_sockets_autotest timeout 120 "$LAB_DPDK_TEST" "${eal_options[@]}" --no-pci --file-prefix sockets \
		>"$LAB_OUT/sockets.log" 2>&1 </dev/null
	grep -q '^Test OK' "$LAB_OUT/sockets.log"
	# Silent ones, and malformed ones, on the daemon itself.
	for i in {1..40}; do
		timeout 30 socat -u "UNIX-CONNECT:$sriovd_dir/control.sock,type=5" /dev/null </dev/null &
		timeout 30 socat -u "UNIX-CONNECT:$sriovd_dir/token.sock,type=5" /dev/null </dev/null &
	done
	for i in {1..10}; do
		head -c "$((i * 997))" /dev/urandom | timeout 10 socat -t 5 - "UNIX-CONNECT:$sriovd_dir/control.sock,type=5" \
			>/dev/null || true
		head -c "$((i * 3))" /dev/urandom | timeout 10 socat -t 5 - "UNIX-CONNECT:$sriovd_dir/token.sock,type=5" \
			>/dev/null || true
	done
	ask hello
	eal user -a "$VF1" --vfio-vf-token="unix:$sriovd_dir/token.sock"
	expect_opened "$VF1"
	sriovd_stop
}

test_telemetry_tells_state() {
	local socket=/var/run/dpdk/sriovd/dpdk_telemetry.v2
	sriovd_config "[pf $PF1]" 'vfs = 1'
	sriovd_start
	for command in /sriov/list "/sriov/pf,$PF1" "/sriov/vf,$VF1" "/sriov/prometheus,$VF1"; do
		printf '%s' "$command" | timeout 20 socat -t 10 - "UNIX-CONNECT:$socket,type=5" >"$LAB_OUT/telemetry.log"
		cat "$LAB_OUT/telemetry.log"
		grep -q "$PF1" "$LAB_OUT/telemetry.log"
	done
	grep -q 'dpdk_sriov_vf_rx_packets_total{pf=' "$LAB_OUT/telemetry.log"
	sriovd_stop
}
