# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of suite.sh and guest.sh
#
# What the lab tests of kmod/vfio-pci share. To be sourced by a test file. They need LAB_VFIO_MODULE, the path of the
# module as kmod/build.sh prints it; its ../tests/vfio_variant.ko, which is built as well, is used too.

# Skips the test without the module.
kmod_need_module() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
}

# kmod_program PROGRAM UNIT...: compiles kmod/tests/vfio_UNIT.c... to PROGRAM, and loads the drivers that its cases use.
kmod_program() {
	local program=$1 unit
	local -a sources=()
	shift
	[[ -n ${LAB_VFIO_MODULE:-} ]] || return 0
	for unit; do
		sources+=("kmod/tests/vfio_$unit.c")
	done
	gcc -O1 -Wall -Wextra -Werror -o "$program" "${sources[@]}"
	# Not every kernel has them; the programs say which cases they leave out.
	modprobe -a pci-stub pci-pf-stub || true
	modprobe iommufd 2>/dev/null || true
}

# Prints a function without SR-IOV that has no driver: the SATA controller that the machine always has.
kmod_other() {
	local dir
	for dir in /sys/bus/pci/devices/*; do
		[[ $(cat "$dir/class") == 0x0106* && ! -e $dir/driver ]] || continue
		printf '%s\n' "${dir##*/}"
		return
	done
	lab_die "no SATA controller without a driver"
}

# kmod_load kernel|ours [PARAMETER...]: has that module loaded, and the ports without a driver.
kmod_load() {
	local which=$1 module=$LAB_VFIO_MODULE
	shift
	[[ $which == ours ]] || module=
	LAB_VFIO_MODULE=$module lab_reset
	if (($#)); then
		lab_unload_vfio
		LAB_VFIO_MODULE=$module lab_load_vfio "$@"
	fi
}

# Loads another driver on vfio-pci-core.
kmod_load_variant() {
	[[ -d /sys/module/vfio_variant ]] || insmod "${LAB_VFIO_MODULE%/*}/../tests/vfio_variant.ko"
}
