#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The part of devtools/bench/pps.sh that runs in the guest: dpdk-testpmd on a PF and on two of its VFs, in turn with
# net_i82576 and with DPDK's own drivers, one of them sending 64-byte packets for a while and another receiving.
#
# Settings: PPS_ROUNDS, PPS_SECONDS. Prints "rate DRIVERS DIRECTION SENT RECEIVED" in packets a second for each.

set -euo pipefail

# shellcheck source=devtools/lab/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/guest.sh"

pf=0000:01:00.0
token=6fa4d1b0-11e5-4cf3-8a3b-0f6e2d9c7a01
# From VF to PF, for both: what is sent to the address of upstream's PF goes to VF 0.
broadcast=ff:ff:ff:ff:ff:ff

# start NAME PROCESSOR PCI DRIVERS
start() {
	local name=$1 processor=$2 pci=$3
	[[ $4 == i82576 ]] || pci+=,upstream=1
	lab_testpmd_start "$name" -m 64 --no-huge --lcores "0@0,1@$processor" -a "$pci" --vfio-vf-token="$token" -- \
		--total-num-mbufs=4096 --rxd=512 --txd=512
}

mac_of() {
	lab_testpmd_cmd "$1" 'show port info 0' | sed -n 's/^MAC address: *//p'
}

# forwarded NAME RX|TX: as the application counts them, for the PF's registers count its VFs' too.
forwarded() {
	lab_testpmd_cmd "$1" 'show fwd stats all' | sed -n "s/.*$2-packets: *\([0-9]*\).*/\1/p" | head -n 1
}

# measure DRIVERS DIRECTION SENDER RECEIVER ADDRESS
measure() {
	local drivers=$1 direction=$2 from=$3 to=$4 address=$5 begin end sent received
	lab_testpmd_cmd "$to" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$to" start >/dev/null
	lab_testpmd_cmd "$from" "set eth-peer 0 $address" >/dev/null
	lab_testpmd_cmd "$from" 'set fwd txonly' >/dev/null
	begin=$(date +%s%N)
	lab_testpmd_cmd "$from" start >/dev/null
	sleep "$PPS_SECONDS"
	lab_testpmd_cmd "$from" stop >/dev/null
	end=$(date +%s%N)
	sent=$(forwarded "$from" TX)
	received=$(forwarded "$to" RX)
	lab_testpmd_cmd "$to" stop >/dev/null
	printf 'rate %s %s %s %s\n' "$drivers" "$direction" $((sent * 1000000000 / (end - begin))) \
		$((received * 1000000000 / (end - begin)))
}

# Upstream's PF leaves a queue on when it ends, into which a frame may still come. measured: in one round of five.
dma_fault='DMAR: .*(fault|FAULT|Fault)'

round() {
	local drivers=$1
	lab_kernel_mark
	start pf 1 "$pf" "$drivers"
	start vf0 1 "$(lab_vf "$pf" 0)" "$drivers"
	start vf1 0 "$(lab_vf "$pf" 1)" "$drivers"
	measure "$drivers" vf-vf vf0 vf1 "$(mac_of vf1)"
	measure "$drivers" pf-vf pf vf1 "$(mac_of vf1)"
	measure "$drivers" vf-pf vf1 pf "$broadcast"
	lab_testpmd_stop vf1
	lab_testpmd_stop vf0
	lab_testpmd_stop pf
	[[ $drivers != i82576 ]] || ! lab_kernel_has "$dma_fault" || lab_die "net_i82576: $(lab_kernel_messages | grep DMAR)"
}

# Of upstream's; after a round of ours they are looked for.
lab_allow_kernel_message "$dma_fault"
lab_reset
lab_bind "$pf" vfio-pci
lab_vfs "$pf" 2
for ((i = 0; i < PPS_ROUNDS; i++)); do
	round i82576
	round e1000
done
