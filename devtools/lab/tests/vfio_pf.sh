# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# The owner's side of a PF (rte_vfio_pf.h) on the kernel's vfio-pci and on that of kmod/vfio-pci. The latter needs
# LAB_VFIO_MODULE, its path as kmod/build.sh prints it.

# Longest run of the autotest, in seconds.
pf_autotest_s=150

# Bits of rte_vfio_pf_features(), as in rte_vfio_pf.h.
pf_own_token=0x1
pf_num_vfs=0x2
pf_keep=0x4

# uuid NAME: prints a token of the autotest. It leaves VF 0 with A for its own, VF 1 with B, and the PF with C.
uuid() {
	sed -n "s/^#define UUID_$1 \"\(.*\)\"$/\1/p" app/test/test_vfio_token.h
}

need_module() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
}

need_own_dpdk_test() {
	[[ -z ${DROP_IN:-} ]] || lab_skip "the distribution's dpdk-test has no such autotest"
}

# load_vfio WHICH [PARAMETER...]: has the "kernel"'s module loaded, or "ours", and PF1 on it without VFs.
load_vfio() {
	local which=$1 module=${LAB_VFIO_MODULE:-}
	shift
	[[ $which == ours ]] || module=
	LAB_VFIO_MODULE=$module lab_reset
	lab_unload_vfio
	LAB_VFIO_MODULE=$module lab_load_vfio "$@"
	lab_bind "$PF1" vfio-pci
}

# owner FEATURES: starts the owner of PF1, has it run the autotest with these features expected, and leaves it running.
owner() {
	local LAB_VFIO_PF_FEATURES
	export LAB_VFIO_PF_FEATURES=$1
	eal_hold owner -a "$PF1" --vfio-vf-token="$PF1=random"
	echo vfio_pf_lab_autotest >/tmp/eal-owner.fifo
	lab_wait_for "$pf_autotest_s" grep -qE '^Test (OK|Failed|Skipped)' "$eal_log" || true
	grep -vE '^EAL: (PCI device|  probe driver)' "$eal_log"
	expect_log '^Test OK'
	# Of its cases, only those may be skipped that concern the other kind of module.
	expect_no_log 'skipped: no PF'
}

# tenant VF TOKEN: another process opens a VF, with a token of the autotest.
tenant() {
	eal tenant -a "$1" --vfio-vf-token="$1=$(uuid "$2")"
}

# The kernel's own module: nothing is there, the number of VFs goes through sysfs, and nothing hangs.
test_kernel_module() {
	need_own_dpdk_test
	load_vfio kernel
	owner 0
	expect_log "$PF1: number of VFs changed from 0 to 2 through sysfs"
	expect_log "$PF1: cannot set the number of VFs to 0: .*VF $VF1B is held by pid $(eal_pid owner) \("
	expect_log "$VF1: cannot rotate the VF token: .*this vfio-pci has no token for a single VF"
	expect_log "$PF1: cannot be kept over its close: this vfio-pci resets a PF then"
	# The PF's token opens all of its VFs.
	tenant "$VF1" C
	expect_opened "$VF1"
	tenant "$VF1B" C
	expect_opened "$VF1B"
	eal_release owner
}

test_ours_all_features() {
	need_module
	need_own_dpdk_test
	load_vfio ours numvfs_by_fd=1
	owner $((pf_own_token | pf_num_vfs | pf_keep))
	expect_log "$PF1: number of VFs changed from 0 to 2 through the PF's descriptor"
	expect_no_log 'through sysfs'
	lab_expect_kernel_message "VFs not removed: VF $VF1B is open"
	eal_release owner
}

test_ours_number_of_vfs_by_sysfs() {
	need_module
	need_own_dpdk_test
	load_vfio ours
	owner $((pf_own_token | pf_keep))
	expect_log "$PF1: number of VFs changed from 0 to 2 through sysfs"
	expect_no_log "through the PF's descriptor"
	eal_release owner
}

# Each tenant has the token of its VF, and cannot open another's, whose group it may open.
test_ours_tenants_apart() {
	need_module
	need_own_dpdk_test
	load_vfio ours numvfs_by_fd=1
	owner $((pf_own_token | pf_num_vfs | pf_keep))
	tenant "$VF1" A
	expect_opened "$VF1"
	tenant "$VF1B" B
	expect_opened "$VF1B"
	tenant "$VF1B" A
	expect_refused "$VF1B" 'wrong VF token'
	tenant "$VF1" B
	expect_refused "$VF1" 'wrong VF token'
	tenant "$VF1" C
	expect_refused "$VF1" 'wrong VF token'
	# While one tenant has its VF open, too.
	eal_hold holder -a "$VF1B" --vfio-vf-token="$VF1B=$(uuid B)"
	tenant "$VF1" B
	expect_refused "$VF1" 'wrong VF token'
	tenant "$VF1" A
	expect_opened "$VF1"
	eal_release holder
	eal_release owner
	# The tokens stay with the VFs, whoever owns the PF.
	tenant "$VF1B" A
	expect_refused "$VF1B" 'wrong VF token'
	tenant "$VF1B" B
	expect_opened "$VF1B"
}
