#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The part of devtools/bench/pps.sh that runs in the guest: its program (pps.c) on two PFs and two VFs of each, one of them
# with net_i82576 and the other with DPDK's own drivers; which of them changes from round to round.
#
# Settings: PPS, the program; PPS_ROUNDS; PPS_SECONDS, of each side in each direction of a round. Prints "round N" and what
# the program does: "rate DRIVER DIRECTION PACKETS-A-SECOND SENT RECEIVED" for each driver of a PF and each direction.

set -euo pipefail

# shellcheck source=devtools/lab/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/../lab/guest.sh"

pfs=(0000:01:00.0 0000:02:00.0)
token=6fa4d1b0-11e5-4cf3-8a3b-0f6e2d9c7a01

# Upstream's PF leaves a queue on when it ends, into which a frame may still come. measured: in one round of five.
dma_fault='DMAR: .*(fault|FAULT|Fault)'

# side PF DEVARGS: the EAL options of a PF and of its VFs.
side() {
	printf -- '-a\n%s\n' "$1$2" "$(lab_vf "$1" 0)$2" "$(lab_vf "$1" 1)$2"
}

# round OURS UPSTREAM: on these PFs.
round() {
	local ours=$1 upstream=$2 pci
	local -a ports
	mapfile -t ports < <(
		side "$ours" ""
		side "$upstream" ,upstream=1
	)
	lab_kernel_mark
	"$PPS" -l 1 -m 128 --no-telemetry --log-level=error --vfio-vf-token="$token" "${ports[@]}" -- "$PPS_SECONDS"
	# A fault is allowed to upstream's.
	for pci in "$ours" "$(lab_vf "$ours" 0)" "$(lab_vf "$ours" 1)"; do
		! lab_kernel_has "DMAR: .*${pci#0000:}.*fault" || lab_die "net_i82576: $(lab_kernel_messages | grep DMAR)"
	done
}

lab_allow_kernel_message "$dma_fault"
lab_reset
for pf in "${pfs[@]}"; do
	lab_bind "$pf" vfio-pci
	lab_vfs "$pf" 2
done
for ((i = 0; i < PPS_ROUNDS; i++)); do
	echo "round $((i + 1))"
	round "${pfs[i % 2]}" "${pfs[(i + 1) % 2]}"
done
