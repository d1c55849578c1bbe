# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154 # variables for tests; those of suite.sh and guest.sh
#
# What the lab tests of kmod/vfio-pci share. To be sourced by a test file. They need LAB_VFIO_MODULE, the path of the
# module as kmod/build.sh prints it; what is built beside it, in ../tests, is used too.

# Longest run of a program, in seconds: less than a test may take.
kmod_program_s=$((test_timeout_s - 10))

# Skips the test without the module.
kmod_need_module() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
}

# Prints the path of a program of kmod/tests, for example vfio-abi: that which kmod/build.sh has made beside the module.
kmod_program() {
	printf '%s\n' "${LAB_VFIO_MODULE%/*/*}/tests/$1"
}

# Loads the drivers that the programs' cases use. Not every kernel has them; the programs say which cases they leave out.
kmod_load_others() {
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

# kmod_load kernel|ours: has that module loaded, and the ports without a driver.
kmod_load() {
	local module=${LAB_VFIO_MODULE:-}
	[[ $1 == ours ]] || module=
	LAB_VFIO_MODULE=$module lab_reset
}

# kmod_reload kernel|ours PARAMETER...: the same with parameters, from ports that have no VFs and are not in use.
kmod_reload() {
	local module=${LAB_VFIO_MODULE:-} pf
	[[ $1 == ours ]] || module=
	shift
	for pf in $LAB_PFS; do
		lab_unbind "$pf"
	done
	lab_unload_vfio
	LAB_VFIO_MODULE=$module lab_load_vfio "$@"
}

# Loads another driver on vfio-pci-core.
kmod_load_variant() {
	[[ -d /sys/module/vfio_variant ]] || insmod "${LAB_VFIO_MODULE%/*}/../tests/vfio_variant.ko"
}
