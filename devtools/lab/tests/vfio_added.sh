# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of suite.sh and guest.sh
#
# What kmod/vfio-pci has beyond the kernel's vfio-pci, item by item: ours has it, and the kernel's does not.

# shellcheck source=devtools/lab/kmod.sh
. "$lab_dir/kmod.sh"

added_program=/tmp/vfio-added
# Longest run of the program, in seconds.
added_timeout_s=170
# What the files of results begin with.
added_out=added

setup() {
	kmod_program "$added_program" added{,_audit,_bypass,_keep,_numvfs,_token} 82576 cases check device test
}

# run_added kernel|ours [OPTION...]: the program on that module; it prints "item NAME: there|lacking" for each.
run_added() {
	local which=$1 out=$LAB_OUT/$added_out.$1 status=0
	shift
	kmod_load "$which"
	kmod_load_variant
	timeout "$added_timeout_s" "$added_program" "$@" "${LAB_PFS%% *}" "$(kmod_other)" >"$out" || status=$?
	grep -E '^(item|not run)' "$out" >&2 || true
	((status == 0)) || {
		grep EXPECTED "$out" >&2 || tail -n 5 "$out" >&2
		return "$status"
	}
	rmmod vfio_variant
}

# Without this the cases could be such that any module passes them.
test_added_kernel_lacks() {
	kmod_need_module
	run_added kernel --lacks
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
	dmesg >/tmp/dmesg
	grep -q 'open refused' /tmp/dmesg
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
