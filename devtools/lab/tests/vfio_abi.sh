# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of suite.sh and guest.sh
#
# The kernel's vfio-pci and the one of kmod/vfio-pci look the same to userspace, but for what the latter adds.

# shellcheck source=devtools/lab/kmod.sh
. "$lab_dir/kmod.sh"

setup() {
	kmod_load_others
}

# Leaves out the lines of the parameters that only one of the modules has.
without_added() {
	grep -vE '(^| )(numvfs_by_fd|wait_for_vfs)[ :=]'
}

# Prints what the system shows of the module that is loaded.
abi_module() {
	local attribute
	(cd /sys/module/vfio_pci/parameters && stat -c 'parameter: %n %A' -- *) | without_added
	for attribute in /sys/module/vfio_pci/parameters/*; do
		printf 'parameter: %s=%s\n' "${attribute##*/}" "$(cat "$attribute")"
	done | without_added
	(cd /sys/bus/pci/drivers/vfio-pci && find . -type f -printf 'driver: %P %M\n' | LC_ALL=C sort)
	(cd /sys/module/vfio_pci/drivers && echo drivers: *)
	for attribute in nointxmask disable_vga disable_idle_d3 enable_sriov disable_denylist; do
		(echo 1 >"/sys/module/vfio_pci/parameters/$attribute") 2>/dev/null &&
			printf 'parameter: %s: written: %s\n' "$attribute" "$(cat "/sys/module/vfio_pci/parameters/$attribute")"
	done
	return 0
}

# Prints which ports the module takes from the start.
abi_ids() {
	local pf
	for pf in $LAB_PFS; do
		printf 'ids=%s: %s: driver %s\n' "$1" "$pf" "$(lab_driver "$pf")"
	done
}

# compare NAME: what both modules printed, kept in $LAB_OUT, is the same.
compare() {
	local name=$1 lines
	diff -u "$LAB_OUT/$name.kernel" "$LAB_OUT/$name.ours"
	lines=$(wc -l <"$LAB_OUT/$name.ours")
	((lines > 0))
	lab_result "$name: $lines lines are identical"
	grep '^not run: ' "$LAB_OUT/$name.ours" >&2 || true
}

run_abi() {
	kmod_load "$1"
	kmod_load_variant
	timeout "$kmod_program_s" "$(kmod_program vfio-abi)" "${LAB_PFS%% *}" "$(kmod_other)" >"$LAB_OUT/abi.$1"
	rmmod vfio_variant
}

# Two tests, because each run takes a while, and the second compares.
test_abi_kernel() {
	kmod_need_module
	run_abi kernel
}

test_abi_ours_same() {
	kmod_need_module
	run_abi ours
	compare abi
}

test_module_same() {
	local which ids
	kmod_need_module
	modinfo -F alias "$(modinfo -n vfio-pci)" >"$LAB_OUT/modinfo.kernel"
	modinfo -F alias "$LAB_VFIO_MODULE" >"$LAB_OUT/modinfo.ours"
	modinfo -p "$(modinfo -n vfio-pci)" | sed 's/:.*(/ (/' >>"$LAB_OUT/modinfo.kernel"
	modinfo -p "$LAB_VFIO_MODULE" | without_added | sed 's/:.*(/ (/' >>"$LAB_OUT/modinfo.ours"
	for which in kernel ours; do
		kmod_load "$which"
		abi_module >"$LAB_OUT/module.$which"
		for ids in 8086:10c9 8086 ,,x,8086:10c9: 8086:10c9:0:0 8086:10c9:ffffffff:ffffffff:020000:ffff00; do
			kmod_reload "$which" "ids=$ids" disable_denylist=1
			abi_ids "$ids" >>"$LAB_OUT/module.$which"
		done
	done
	compare modinfo
	compare module
}
