#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The part of devtools/quickstart.sh that runs in the guest: one PF owner, two tenants, traffic between their VFs, and a
# wrong token. The PF is driven by net_i82576_pf, the VFs by net_i82576_vf, and the traffic goes from VF to VF.

set -euo pipefail

# shellcheck source=devtools/lab/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/guest.sh"

pf=0000:01:00.0
token_file=/run/pf.token
# One direction's traffic: rounds of bursts, each awaited, since the sender is not paced and a ring has 512 descriptors.
rounds=4
bursts=14
burst_packets=32
packets=$((rounds * bursts * burst_packets))
# Longest wait for one round to arrive, in seconds.
round_s=30

say() {
	printf '\n== %s\n' "$*"
}

show() {
	printf '$ %s\n' "$*"
	"$@"
}

make_token() {
	(umask 077 && cat /proc/sys/kernel/random/uuid >"$1")
}

bind_and_create() {
	say "Bind the PF to vfio-pci and create two VFs"
	lab_load_vfio
	show "$LAB_DPDK/usertools/dpdk-devbind.py" --bind=vfio-pci "$pf"
	show bash -c "echo 2 > /sys/bus/pci/devices/$pf/sriov_numvfs"
	lab_check_vf_bars "$pf"
	vf_a=$(lab_vf "$pf" 0)
	vf_b=$(lab_vf "$pf" 1)
	printf 'VFs: %s %s, driver %s\n' "$vf_a" "$vf_b" "$(lab_driver "$vf_a")"
}

# start NAME CORES PCI ARGS...: a testpmd on one function, with the PF's token.
start() {
	local name=$1 cores=$2 pci=$3
	shift 3
	printf '$ dpdk-testpmd -a %s --vfio-vf-token=%s=file:%s (%s)\n' "$pci" "$pf" "$token_file" "$name"
	lab_testpmd_start "$name" -m 128 -l "0,$cores" -a "$pci" --log-level=lib.eal:debug \
		--vfio-vf-token="$pf=file:$token_file" -- --total-num-mbufs=8192 "$@"
	# shellcheck disable=SC2154 # of guest.sh
	grep -F "$pci: opened through VFIO" "$lab_testpmd_dir/$name/log"
}

start_processes() {
	say "The PF's owner and two tenants, each a process of its own"
	make_token "$token_file"
	start owner 1 "$pf"
	lab_testpmd_cmd owner start >/dev/null
	start tenant_a 2 "$vf_a"
	start tenant_b 3 "$vf_b"
}

mac_of() {
	lab_testpmd_cmd "$1" 'show port info 0' | sed -n 's/^MAC address: *//p'
}

# counter NAME RX-packets|TX-packets
counter() {
	lab_testpmd_cmd "$1" 'show port stats 0' | sed -n "s/.*$2: *\([0-9]*\).*/\1/p"
}

received() {
	(($(counter "$1" RX-packets) >= $2))
}

# send FROM TO: sends the packets in rounds; each must have arrived before the next.
send() {
	local from=$1 to=$2 round expected
	lab_testpmd_cmd "$to" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$to" start >/dev/null
	lab_testpmd_cmd "$from" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$from" "set eth-peer 0 $(mac_of "$to")" >/dev/null
	for ((round = 1; round <= rounds; round++)); do
		expected=$((round * bursts * burst_packets))
		lab_testpmd_cmd "$from" "start tx_first $bursts" >/dev/null
		lab_wait_for "$round_s" received "$to" "$expected" ||
			lab_die "$to has received $(counter "$to" RX-packets) of $expected packets from $from after" \
				"$round_s s"
		lab_testpmd_cmd "$from" stop >/dev/null
	done
	lab_testpmd_cmd "$to" stop >/dev/null
	printf '%s -> %s: %s packets\n' "$from" "$to" "$packets"
}

traffic() {
	say "$packets packets from VF to VF, each way"
	send tenant_a tenant_b
	send tenant_b tenant_a
	sent_a=$(counter tenant_a TX-packets) received_a=$(counter tenant_a RX-packets)
	sent_b=$(counter tenant_b TX-packets) received_b=$(counter tenant_b RX-packets)
}

wrong_token() {
	say "A stranger: the same VF with a wrong token"
	lab_testpmd_stop tenant_b
	make_token /run/wrong.token
	printf '$ dpdk-testpmd -a %s --vfio-vf-token=%s=file:/run/wrong.token\n' "$vf_b" "$vf_b"
	# testpmd comes up without a port.
	lab_testpmd_start stranger -m 128 -l 0,3 -a "$vf_b" --vfio-vf-token="$vf_b=file:/run/wrong.token" -- \
		--total-num-mbufs=8192
	if grep -qF "$vf_b: opened" "$lab_testpmd_dir/stranger/log"; then
		lab_die "the stranger has opened $vf_b"
	fi
	refusal=$(grep -F "$vf_b: cannot open through VFIO" "$lab_testpmd_dir/stranger/log") ||
		lab_die "no refusal in the stranger's log: $(tail -n 5 "$lab_testpmd_dir/stranger/log")"
	printf '%s\n' "$refusal"
	grep -q 'wrong VF token' <<<"$refusal" || lab_die "the refusal does not name the wrong token"
	lab_testpmd_stop stranger
}

row() {
	printf '| %-9s | %-12s | %-8s | %7s | %9s |\n' "$@"
}

table() {
	say "Result ($(uname -r))"
	row process device token sent received
	row --------- ------------ -------- ------- ---------
	row owner "$pf" set - -
	row tenant_a "$vf_a" right "$sent_a" "$received_a"
	row tenant_b "$vf_b" right "$sent_b" "$received_b"
	row stranger "$vf_b" wrong refused refused
	[[ $sent_a == "$packets" && $sent_b == "$packets" ]] || lab_die "not $packets packets sent each way"
	[[ $received_a == "$packets" && $received_b == "$packets" ]] || lab_die "packets lost or too many"
}

bind_and_create
start_processes
traffic
wrong_token
lab_testpmd_stop tenant_a
lab_testpmd_stop owner
table
