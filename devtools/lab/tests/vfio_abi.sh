# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# The kernel's vfio-pci and the one of kmod/vfio-pci look the same to userspace. Needs LAB_VFIO_MODULE, the path of the
# latter, as kmod/build.sh prints it; ../tests/vfio_variant.ko, which it builds as well, is used too.

abi_program=/tmp/vfio-abi
# Longest run of the program, in seconds.
abi_timeout_s=175

setup() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || return 0
	gcc -O1 -Wall -Wextra -Werror -o "$abi_program" kmod/tests/vfio_{abi,test}.c
	# Not every kernel has them; the program says which cases it leaves out.
	modprobe -a pci-stub pci-pf-stub || true
}

# Prints a function without SR-IOV that has no driver: the SATA controller that the machine always has.
abi_other() {
	local dir
	for dir in /sys/bus/pci/devices/*; do
		[[ $(cat "$dir/class") == 0x0106* && ! -e $dir/driver ]] || continue
		printf '%s\n' "${dir##*/}"
		return
	done
	lab_die "no SATA controller without a driver"
}

# load_vfio WHICH [PARAMETER...]: has the "kernel" module loaded, or "ours", and the ports without a driver.
load_vfio() {
	local which=$1 module=$LAB_VFIO_MODULE
	shift
	[[ $which == ours ]] || module=
	LAB_VFIO_MODULE=$module lab_reset
	if (($#)); then
		lab_unload_vfio
		LAB_VFIO_MODULE=$module lab_load_vfio "$@"
	fi
}

# Prints what the system shows of the module that is loaded.
abi_module() {
	local attribute
	(cd /sys/module/vfio_pci/parameters && stat -c 'parameter: %n %A' -- *)
	for attribute in /sys/module/vfio_pci/parameters/*; do
		printf 'parameter: %s=%s\n' "${attribute##*/}" "$(cat "$attribute")"
	done
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
	lab_note "$name: $lines lines are identical"
	grep '^not run: ' "$LAB_OUT/$name.ours" >&2 || true
}

need_module() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
}

run_abi() {
	load_vfio "$1"
	insmod "${LAB_VFIO_MODULE%/*}/../tests/vfio_variant.ko"
	timeout "$abi_timeout_s" "$abi_program" "${LAB_PFS%% *}" "$(abi_other)" >"$LAB_OUT/abi.$1"
	rmmod vfio_variant
}

# Two tests, because each run takes a while, and the second compares.
test_abi_kernel() {
	need_module
	run_abi kernel
}

test_abi_ours_same() {
	need_module
	run_abi ours
	compare abi
}

test_module_same() {
	local which ids
	need_module
	modinfo -F alias "$(modinfo -n vfio-pci)" >"$LAB_OUT/modinfo.kernel"
	modinfo -F alias "$LAB_VFIO_MODULE" >"$LAB_OUT/modinfo.ours"
	modinfo -p "$(modinfo -n vfio-pci)" | sed 's/:.*(/ (/' >>"$LAB_OUT/modinfo.kernel"
	modinfo -p "$LAB_VFIO_MODULE" | sed 's/:.*(/ (/' >>"$LAB_OUT/modinfo.ours"
	for which in kernel ours; do
		load_vfio "$which"
		abi_module >"$LAB_OUT/module.$which"
		for ids in 8086:10c9 8086 ,,x,8086:10c9: 8086:10c9:0:0 8086:10c9:ffffffff:ffffffff:020000:ffff00; do
			load_vfio "$which" "ids=$ids" disable_denylist=1
			abi_ids "$ids" >>"$LAB_OUT/module.$which"
		done
	done
	compare modinfo
	compare module
}
