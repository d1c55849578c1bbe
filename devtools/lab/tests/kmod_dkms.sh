# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# The module of kmod/vfio-pci built, installed and removed by DKMS. Needs the program dkms, and LAB_VFIO_MODULE, the path of
# a module as kmod/build.sh prints it, beside which the kernel's headers are.

# How long DKMS may take to build, in seconds.
dkms_build_timeout_s=$((test_timeout_s - 15))

setup() {
	local release modules=/tmp/modules
	[[ -n ${LAB_VFIO_MODULE:-} ]] || return 0
	release=$(uname -r)
	mountpoint -q /lib/modules && [[ -e $modules/$release ]] && return 0
	# Of the kernel's modules, VFIO only: depmod, which DKMS runs, would take a minute for all of them.
	mkdir -p "$modules/$release/kernel/drivers" "$modules/$release/kernel/virt"
	cp "/lib/modules/$release"/modules.{order,builtin,builtin.modinfo} "$modules/$release/"
	cp -r "/lib/modules/$release/kernel/drivers/"{vfio,iommu} "$modules/$release/kernel/drivers/"
	cp -r "/lib/modules/$release/kernel/virt/lib" "$modules/$release/kernel/virt/"
	ln -s "$(realpath "${LAB_VFIO_MODULE%/*/*}/headers")" "$modules/$release/build"
	mount --bind "$modules" /lib/modules
	depmod "$release"
}

need_dkms() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
	type dkms >/dev/null 2>&1 || lab_skip "dkms is not installed (group dkms of devtools/packages.list)"
	dkms_version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' kmod/dkms.conf)
	dkms_name=dpdk-sriov-vfio-pci/$dkms_version
}

# expect_dkms STATE: "built", "installed", or nothing.
expect_dkms() {
	local state
	state=$(dkms status "$dkms_name" -k "$(uname -r)" | sed 's/.*: //')
	[[ $state == "$1" ]] || lab_die "dkms says \"$state\", not \"$1\""
}

# Has the module built; DKMS keeps it for the tests that follow.
dkms_build() {
	[[ $(dkms status "$dkms_name") != *built* ]] || return 0
	cp -r kmod /tmp/kmod
	dkms add /tmp/kmod
	timeout "$dkms_build_timeout_s" dkms build "$dkms_name" || {
		cat "/var/lib/dkms/$dkms_name/build/make.log"
		return 1
	}
}

test_dkms_build_warns_nothing() {
	need_dkms
	dkms_build
	expect_dkms built
	must_fail grep -iE 'warning:|error:' "/var/lib/dkms/$dkms_name/$(uname -r)/$(uname -m)/log/make.log"
}

test_dkms_install_load_swap_remove() {
	local installed
	need_dkms
	dkms_build
	dkms install "$dkms_name"
	expect_dkms installed
	# modprobe prefers it, and a device that is bound gets it.
	installed=$(modinfo -n vfio-pci)
	printf '%s\n' "$installed"
	[[ $installed == "/lib/modules/$(uname -r)/updates/"* ]]
	[[ $(modinfo -F version vfio-pci) == "$dkms_version" ]]
	lab_unload_vfio
	LAB_VFIO_MODULE='' lab_load_vfio
	[[ $(cat /sys/module/vfio_pci/version) == "$dkms_version" ]]
	lab_bind "$PF1" vfio-pci
	lab_vfs "$PF1" 1

	# The copy that DKMS keeps knows where DKMS has put the module.
	"/usr/src/${dkms_name/\//-}/swap.sh" kernel
	[[ ! -e /sys/module/vfio_pci/version ]]
	"/usr/src/${dkms_name/\//-}/swap.sh" ours
	[[ $(cat /sys/module/vfio_pci/version) == "$dkms_version" ]]
	[[ $(lab_driver "$VF1") == vfio-pci ]]

	dkms remove "$dkms_name" --all
	expect_dkms ''
	[[ $(modinfo -n vfio-pci) == "/lib/modules/$(uname -r)/kernel/"* ]]
}
