# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh, guest.sh and peers.sh
#
# The interoperability matrix: each PF driver with each VF driver. In a cell both get their link, the VF sets its MAC
# address, both join a VLAN and a multicast group, and numbered frames of each kind go both ways, counted exactly.
#
# The cells of two stock drivers are the reference: what fails in a cell of ours is excused only if the same stock
# driver fails at the same with a stock peer in this run. The last test judges, and prints the table.

# shellcheck source-path=SCRIPTDIR/.. source=peers.sh
. "${BASH_SOURCE[0]%/*}/../peers.sh"

# Frames each way of a cell, and of the tagged and multicast ones.
matrix_frames=${MATRIX_FRAMES:-2000}
matrix_few=100
matrix_vlan=100
matrix_vf_mac=02:00:00:00:00:51
# A second address of a dpdk PF: frames from a VF to its own do not reach it.
matrix_pf_mac=02:00:00:00:00:aa
matrix_results=/run/matrix
# What a cell is asked for, in the order of the table's columns, and their headings.
matrix_items=(link mac vlan_to_vf vlan_to_pf mcast_to_vf mcast_to_pf to_vf to_pf)
matrix_heads=(link MAC 'VLAN to VF' 'VLAN to PF' 'group to VF' 'group to PF' 'to VF' 'to PF')

# matrix_note ITEM GOT WANTED: a result of the cell.
matrix_note() {
	printf '%s %s %s\n' "$@" >>"$matrix_cell"
	printf '%s: %s of %s\n' "$@"
}

# matrix_count ITEM NAME STREAM WANTED: the frames of a stream that came, none of them wrong.
matrix_count() {
	local got
	got=$(peers_count "$2" "$3" received)
	[[ $(peers_wrong "$2" "$3") == 0 ]] || got="$got!"
	matrix_note "$1" "$got" "$4"
}

# matrix_result CELL ITEM: prints "GOT WANTED" of a cell that was run.
matrix_result() {
	sed -n "s/^$2 \([0-9!]* [0-9]*\)\$/\1/p" "$matrix_results/$1" 2>/dev/null || true
}

# matrix_is_ok CELL ITEM
matrix_is_ok() {
	local got wanted
	read -r got wanted <<<"$(matrix_result "$1" "$2")" || true
	[[ -n $got && $got == "$wanted" ]]
}

# matrix_excuse PF VF ITEM: prints the cells of the peer's with stock drivers that fail at the same; fails if one of them
# does not, or if none was run.
matrix_excuse() {
	local pf=$1 vf=$2 item=$3 stock cell
	local -a failing=()
	for stock in linux dpdk; do
		cell=$([[ $pf == i82576 ]] && echo "$stock-$vf" || echo "$pf-$stock")
		[[ -e $matrix_results/$cell ]] || continue
		! matrix_is_ok "$cell" "$item" || return 1
		failing+=("$cell")
	done
	((${#failing[@]})) || return 1
	printf '%s\n' "${failing[*]}"
}

# matrix_verdict PF VF: fails if something of a cell with one of our drivers fails that its peer can do.
matrix_verdict() {
	local pf=$1 vf=$2 item
	[[ $pf == i82576 || $vf == i82576 ]] || return 0
	for item in "${matrix_items[@]}"; do
		matrix_is_ok "$pf-$vf" "$item" && continue
		[[ $pf != i82576 || $vf != i82576 ]] || lab_die "$pf-$vf: $item: $(matrix_result "$pf-$vf" "$item")"
		matrix_excuse "$pf" "$vf" "$item" >/dev/null ||
			lab_die "$pf-$vf: $item: $(matrix_result "$pf-$vf" "$item"), and stock drivers do not fail at it"
	done
}

# matrix_kernel_notes VF-KIND: what the kernel's VF driver has said of its link.
matrix_kernel_notes() {
	[[ $1 == linux ]] || return 0
	lab_kernel_messages | sed -n 's/.*\(igbvf .*: \(Link is\|PF still\)\)/kernel: \1/p' | tee -a "$matrix_cell"
	grep -q '^kernel: ' "$matrix_cell" || echo 'kernel: igbvf has said of no link that it is up' | tee -a "$matrix_cell"
}

# cell PF-KIND VF-KIND
cell() {
	local pf=$1 vf=$2 n=$matrix_frames few=$matrix_few to_pf=01:00:5e:00:00:01 to_vf=01:00:5e:01:02:03
	local pf_mac='' pf_dst=@$peers_dir/pf
	local -a pf_own=() vf_own=()
	mkdir -p "$matrix_results"
	matrix_cell=$matrix_results/$pf-$vf
	rm -f "$matrix_cell"
	if [[ $pf == dpdk ]]; then
		pf_mac=+$matrix_pf_mac
		pf_dst=$matrix_pf_mac
		pf_own=("rx 204 $few")
		vf_own=("tx 204 $few @$peers_dir/pf" "rx 204 $few")
	fi
	peers_begin "$pf" "$vf" 1
	peers_start pf "$pf" "$PF1" "$pf_mac" "$matrix_vlan" "$to_pf" \
		"tx 101 $n $matrix_vf_mac" "tx 102 $few $matrix_vf_mac $matrix_vlan" "tx 103 $few $to_vf" \
		"rx 201 $n" "rx 202 $few $matrix_vlan" "rx 203 $few" "${pf_own[@]}"
	peers_ready pf || lab_die "the PF has no link"
	peers_start vf "$vf" "$(lab_vf "$PF1" 0)" "$matrix_vf_mac" "$matrix_vlan" "$to_vf" \
		"tx 201 $n $pf_dst" "tx 202 $few $pf_dst $matrix_vlan" "tx 203 $few $to_pf" \
		"rx 101 $n" "rx 102 $few $matrix_vlan" "rx 103 $few" "${vf_own[@]}"
	if ! peers_ready vf; then
		matrix_note link 0 1
		matrix_kernel_notes "$vf"
		matrix_verdict "$pf" "$vf"
		return
	fi
	matrix_note link 1 1
	if [[ $(tr '[:upper:]' '[:lower:]' <"$peers_dir/vf") == "$matrix_vf_mac" ]]; then
		matrix_note mac 1 1
	else
		matrix_note mac 0 1
	fi
	peers_exchange pf vf
	matrix_count vlan_to_vf vf 102 "$few"
	matrix_count vlan_to_pf pf 202 "$few"
	matrix_count mcast_to_vf vf 103 "$few"
	matrix_count mcast_to_pf pf 203 "$few"
	matrix_count to_vf vf 101 "$n"
	matrix_count to_pf pf 201 "$n"
	if [[ $pf == dpdk ]]; then
		matrix_count to_pf_own pf 204 "$few"
		matrix_count to_pf_own_at_vf vf 204 "$few"
	fi
	matrix_kernel_notes "$vf"
	matrix_verdict "$pf" "$vf"
}

test_matrix_linux_pf_linux_vf() {
	cell linux linux
}

test_matrix_linux_pf_dpdk_vf() {
	cell linux dpdk
}

test_matrix_dpdk_pf_linux_vf() {
	cell dpdk linux
}

test_matrix_dpdk_pf_dpdk_vf() {
	cell dpdk dpdk
}

test_matrix_linux_pf_our_vf() {
	cell linux i82576
}

test_matrix_dpdk_pf_our_vf() {
	cell dpdk i82576
}

test_matrix_our_pf_linux_vf() {
	cell i82576 linux
}

test_matrix_our_pf_dpdk_vf() {
	cell i82576 dpdk
}

test_matrix_our_pf_our_vf() {
	cell i82576 i82576
}

# matrix_row TEXT...: a row of the table; suite.sh shows lines that begin so.
matrix_row() {
	local text=''
	printf -v text ' %-11s |' "$@"
	printf '|%s\n' "$text"
}

# matrix_reason PF VF ITEM: prints why a stock driver fails, as far as it is known, and what in this run shows it.
matrix_reason() {
	local cell=$1-$2 item=$3
	case $1:$2:$item in
	dpdk:*:vlan_*)
		echo "net_e1000_igb enters VLANs of VFs in VFTA alone, not in VLVF: the device passes no tagged frame to a pool"
		;;
	dpdk:linux:*)
		echo "net_e1000_igb answers each acknowledgement with a NACK without CTS, for which igbvf drops its link:" \
			"$(sed -n 's/^kernel: //p' "$matrix_results/$cell" 2>/dev/null | paste -sd ';')"
		;;
	*) echo "not known" ;;
	esac
}

test_matrix_table() {
	local pf vf item got wanted own at_vf
	local -a row
	[[ -d $matrix_results ]] || lab_skip "no cell was run"
	matrix_row PF VF "${matrix_heads[@]}"
	for pf in i82576 linux dpdk; do
		for vf in i82576 linux dpdk; do
			row=("$pf" "$vf")
			for item in "${matrix_items[@]}"; do
				read -r got wanted <<<"$(matrix_result "$pf-$vf" "$item")" || true
				case ${got:-}/${wanted:-} in
				/) row+=(-) ;;
				1/1) row+=(yes) ;;
				0/1) row+=(NO) ;;
				*) row+=("$([[ $got == "$wanted" ]] && echo "$got" || echo "$got of $wanted")") ;;
				esac
			done
			matrix_row "${row[@]}"
		done
	done
	for pf in i82576 linux dpdk; do
		for vf in i82576 linux dpdk; do
			matrix_reasons "$pf" "$vf"
		done
	done
	for vf in i82576 dpdk; do
		own=$(matrix_result "dpdk-$vf" to_pf_own)
		at_vf=$(matrix_result "dpdk-$vf" to_pf_own_at_vf)
		[[ -z $own ]] || printf '| dpdk-%s: a second address of the PF is used: of frames to its own %s reach it and %s VF 0\n' \
			"$vf" "${own% *}" "${at_vf% *}"
	done
}

# matrix_reasons PF VF: a line for each item of a cell that was run and failed.
matrix_reasons() {
	local pf=$1 vf=$2 item
	[[ -e $matrix_results/$pf-$vf ]] || return 0
	for item in "${matrix_items[@]}"; do
		matrix_is_ok "$pf-$vf" "$item" && continue
		printf '| %s-%s: %s: %s%s\n' "$pf" "$vf" "$item" "$(matrix_reason "$pf" "$vf" "$item")" \
			"$([[ $pf != i82576 && $vf != i82576 ]] || echo " (fails so in: $(matrix_excuse "$pf" "$vf" "$item"))")"
		# Without a link nothing else can pass.
		[[ $item != link ]] || return 0
	done
}
