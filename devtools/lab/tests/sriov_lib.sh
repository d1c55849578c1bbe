# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# The manager of librte_sriov (rte_sriov_pf.h) on the kernel's vfio-pci and on that of kmod/vfio-pci. The latter needs
# LAB_VFIO_MODULE, its path as kmod/build.sh prints it.

# Longest run of the autotest, in seconds.
sriov_autotest_s=150

# Bits of rte_vfio_pf_features(), as in rte_vfio_pf.h.
sriov_own_token=0x1
sriov_num_vfs=0x2
sriov_keep=0x4

need_module() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
}

need_own_dpdk_test() {
	[[ -z ${DROP_IN:-} ]] || lab_skip "the distribution's dpdk-test has no such autotest"
}

# load_vfio WHICH [PARAMETER...]: has the "kernel"'s module loaded, or "ours", and PF1 without VFs on the kernel's driver
# for it, if there is one.
load_vfio() {
	local which=$1 module=${LAB_VFIO_MODULE:-}
	shift
	[[ $which == ours ]] || module=
	LAB_VFIO_MODULE=$module lab_reset
	lab_unload_vfio
	LAB_VFIO_MODULE=$module lab_load_vfio "$@"
	modprobe igb 2>/dev/null || true
	if [[ -d /sys/bus/pci/drivers/igb ]]; then
		lab_bind "$PF1" igb
		lab_write "/sys/bus/pci/devices/$PF1/driver_override" $'\n'
	fi
}

# manager FEATURES PMD: runs the autotest as the owner of PF1, with these features and this PMD expected.
manager() {
	local log=$LAB_OUT/manager.log status=0
	(
		export LAB_SRIOV_PF=$PF1 LAB_SRIOV_FEATURES=$1 LAB_SRIOV_PMD=$2 DPDK_TEST=sriov_lab_autotest
		eal_program timeout "$sriov_autotest_s" "$LAB_DPDK_TEST" "${eal_options[@]}" -a 0000:00:00.0
	) >"$log" 2>&1 </dev/null || status=$?
	cat "$log"
	((status == 0)) || lab_die "the autotest ended with status $status"
	grep -q '^Test OK' "$log"
	# shellcheck disable=SC2034 # for expect_log
	eal_log=$log
	if grep -q skipped "$log"; then
		lab_die "a case was skipped"
	fi
}

test_kernel_module_with_pmd() {
	need_own_dpdk_test
	load_vfio kernel
	manager 0 net_i82576_pf
}

test_ours_with_pmd() {
	need_module
	need_own_dpdk_test
	load_vfio ours numvfs_by_fd=1
	manager $((sriov_own_token | sriov_num_vfs | sriov_keep)) net_i82576_pf
	expect_log "$PF1: number of VFs changed from 0 to 2 through the PF's descriptor"
}

test_ours_number_of_vfs_by_sysfs_without_pmd() {
	need_module
	need_own_dpdk_test
	load_vfio ours
	manager $((sriov_own_token | sriov_keep)) ''
}
