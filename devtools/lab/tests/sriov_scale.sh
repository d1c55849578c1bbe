# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh, guest.sh and sriovd.sh
#
# dpdk-sriovd with as many VFs as QEMU gives: an NVMe controller with 127 (run.sh --nvme-vfs 127). Times of one run are compared with each other, and shown; they fail the test only with
# SCALE_CHECK=1 (devtools/bench/sriov.sh).

# shellcheck source=devtools/lab/sriovd.sh
. devtools/lab/sriovd.sh

# How often each is done, of which the median counts.
scale_rounds=${SCALE_ROUNDS:-3}
# `up` may take so many times what the bare write and probe take, in hundredths.
scale_up_ratio=150
# `status` of all VFs may take this many times that of 8 VFs, beside what each VF costs alone.
scale_status_ratio=3

# scale_time CMD...: runs it quietly and prints the milliseconds.
scale_time() {
	local start
	start=$(date +%s%N)
	"$@" >/dev/null || return 1
	echo $((($(date +%s%N) - start) / 1000000))
}

# scale_check 0|1 TEXT: with SCALE_CHECK=1, fails with TEXT unless 1.
scale_check() {
	if [[ ${SCALE_CHECK:-0} == 1 && $1 != 1 ]]; then
		lab_die "$2"
	fi
}

median() {
	printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

# Sets pf to the NVMe controller with SR-IOV.
scale_find_pf() {
	local dir
	for dir in /sys/bus/pci/devices/*; do
		[[ -e $dir/sriov_totalvfs && $(cat "$dir/class") == 0x010802 ]] || continue
		pf=${dir##*/}
		return
	done
	lab_skip "this guest has no NVMe controller with SR-IOV (run.sh --nvme-vfs)"
}

# What an administrator's script does: the write, which makes the VFs and probes vfio-pci on each.
scale_bare_up() {
	printf '%s' "$2" >"/sys/bus/pci/devices/$1/sriov_numvfs"
	[[ -e /sys/bus/pci/devices/$1/virtfn$(($2 - 1))/driver ]]
}

scale_status_calls() {
	local n
	for ((n = 0; n < 5; n++)); do
		ctl --json status "$1" >/dev/null || return 1
	done
}

test_up_status_down_with_many_vfs() {
	local pf total round ratio
	local -a bare=() up=() down=() few=() many=()
	sriovd_need
	scale_find_pf
	total=$(cat "/sys/bus/pci/devices/$pf/sriov_totalvfs")
	lab_bind "$pf" vfio-pci
	sriovd_config
	for ((round = 0; round < scale_rounds; round++)); do
		bare+=("$(scale_time scale_bare_up "$pf" "$total")")
		lab_vfs "$pf" 0
		sriovd_start
		ctl up "$pf" --vfs 8 >/dev/null
		few+=("$(scale_time scale_status_calls "$pf")")
		ctl down "$pf" >/dev/null
		up+=("$(scale_time ctl up "$pf" --vfs "$total")")
		[[ $(cat "/sys/bus/pci/devices/$pf/sriov_numvfs") == "$total" ]] || lab_die "not $total VFs"
		many+=("$(scale_time scale_status_calls "$pf")")
		ctl --json status "$pf" >/dev/null
		[[ $(grep -o '"index"' <<<"$answer" | wc -l) == "$total" ]] || lab_die "status does not show $total VFs"
		down+=("$(scale_time ctl down "$pf" --release)")
		[[ $(cat "/sys/bus/pci/devices/$pf/sriov_numvfs") == 0 ]] || lab_die "VFs are left"
		sriovd_stop
		lab_bind "$pf" vfio-pci
	done
	printf '| %s VFs, ms: bare %s, up %s, down %s; 5 x status: of 8 VFs %s, of %s VFs %s\n' "$total" \
		"$(median "${bare[@]}")" "$(median "${up[@]}")" "$(median "${down[@]}")" "$(median "${few[@]}")" "$total" \
		"$(median "${many[@]}")"
	ratio=$(($(median "${up[@]}") * 100 / $(median "${bare[@]}")))
	printf '| up takes %d.%02d of the bare write and probe\n' $((ratio / 100)) $((ratio % 100))
	scale_check $((ratio <= scale_up_ratio)) "up takes $ratio hundredths of the bare write, more than $scale_up_ratio"
	ratio=$(($(median "${many[@]}") * 100 / $(median "${few[@]}")))
	printf '| status of %s VFs takes %d.%02d of that of 8\n' "$total" $((ratio / 100)) $((ratio % 100))
	scale_check $((ratio <= scale_status_ratio * 100)) "status of $total VFs takes $ratio hundredths of that of 8"
}

# Beside dpdk-devbind.py, which binds VFs that are there, and knows no storage: so on a port's 7 VFs, all in one call.
test_up_beside_devbind() {
	local vf devbind=${LAB_DPDK:-}/usertools/dpdk-devbind.py
	local -a vfs=()
	sriovd_need
	[[ -x $devbind ]] || lab_skip "LAB_DPDK, the source directory of DPDK, is not given"
	lab_bind "$PF1" vfio-pci
	scale_bare_up "$PF1" 7
	for vf in {0..6}; do
		vfs+=("$(lab_vf "$PF1" "$vf")")
		lab_unbind "${vfs[vf]}"
	done
	printf '| dpdk-devbind.py --bind of 7 VFs in one call: %s ms\n' \
		"$(scale_time "$devbind" --bind=vfio-pci "${vfs[@]}")"
	[[ $(lab_driver "${vfs[6]}") == vfio-pci ]] || lab_die "${vfs[6]} is not bound"
	lab_vfs "$PF1" 0
	sriovd_config "[pf $PF1]" 'vfs = 0'
	sriovd_start
	printf '| dpdk-sriovctl up of 7 VFs: %s ms\n' "$(scale_time ctl up "$PF1" --vfs 7)"
	sriovd_stop
}

# Tokens a second, beside a bare server of the same socket type.
test_tokens_given_at_the_rate_of_a_bare_server() {
	local ratio
	sriovd_need
	[[ -x ${TOKEN_BENCH:-} ]] || lab_skip "TOKEN_BENCH, the program of devtools/bench/token_socket.c, is not given"
	sriovd_config "[pf $PF1]" 'vfs = 2' "[vf $PF1 0]" 'grant = uid:0'
	sriovd_start
	"$TOKEN_BENCH" "$sriovd_dir/token.sock" "$VF1" 11 100 >"$LAB_OUT/token-bench.txt"
	sed 's/^/| /' "$LAB_OUT/token-bench.txt"
	ratio=$(sed -n 's/^ratio: \([0-9.]*\).*/\1/p' "$LAB_OUT/token-bench.txt")
	scale_check "$(awk -v ratio="$ratio" 'BEGIN { print ratio >= 0.7 }')" "ratio $ratio, less than 0.7"
	sriovd_stop
}
