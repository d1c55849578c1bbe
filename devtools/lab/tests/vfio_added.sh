# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of suite.sh and guest.sh
#
# What kmod/vfio-pci has beyond the kernel's vfio-pci, item by item: ours has it, and the kernel's does not.

# shellcheck source=devtools/lab/kmod.sh
. "$lab_dir/kmod.sh"

# So many cases that an item fails show that the kernel's module lacks it; 0 to run them all, in which most wait.
added_lacks_enough=${LAB_ADDED_LACKS_ENOUGH:-3}
# What the files of results begin with.
added_out=added

setup() {
	kmod_load_others
}

# run_added kernel|ours [ITEM...]: the program on that module, with all items or these. On ours it must have them, and the
# kernel's must lack them.
run_added() {
	local which=$1 out=$LAB_OUT/$added_out.$1 status=0
	local -a options=()
	shift
	[[ $which == ours ]] || options=("--lacks=$added_lacks_enough")
	kmod_load "$which"
	kmod_load_variant
	timeout "$kmod_program_s" "$(kmod_program vfio-added)" ${options[@]+"${options[@]}"} "${LAB_PFS%% *}" \
		"$(kmod_other)" "$@" >"$out" || status=$?
	grep '^not run' "$out" >&2 || true
	lab_result "$which: $(sed -n 's/^item //p' "$out" | paste -sd ,)"
	((status == 0)) || {
		grep EXPECTED "$out" >&2 || tail -n 5 "$out" >&2
		return "$status"
	}
	rmmod vfio_variant
}

# Without this the cases could be such that any module passes them.
test_added_kernel_lacks() {
	kmod_need_module
	run_added kernel
}

test_added_ours() {
	kmod_need_module
	run_added ours
}

# Of what the tests presented, nothing can be read.
test_added_tokens_invisible() {
	local token='aaaa-?4bbb-?8ccc-?0123456789ab'
	kmod_need_module
	added_out=tokens
	run_added ours own-token audit
	lab_kernel_has 'open refused'
	dmesg >/tmp/dmesg
	if grep -qiE "$token" /tmp/dmesg; then
		lab_note "the kernel's log has a token"
		return 1
	fi
	lab_bind "${LAB_PFS%% *}" vfio-pci
	lab_vfs "${LAB_PFS%% *}" 2
	grep -q . "/sys/bus/pci/devices/${LAB_PFS%% *}/vf_token/opens"
	if grep -rqisE "$token" /sys/module/vfio_pci/parameters /sys/bus/pci/drivers/vfio-pci/*:*/vf_token; then
		lab_note "sysfs has a token"
		return 1
	fi
	lab_vfs "${LAB_PFS%% *}" 0
	lab_unbind "${LAB_PFS%% *}"
}
