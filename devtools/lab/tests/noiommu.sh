# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# Without an IOMMU: the guest is started with intel_iommu=off.

noiommu_parameter=/sys/module/vfio/parameters/enable_unsafe_noiommu_mode

setup() {
	[[ ! -e /sys/kernel/iommu_groups/0 ]] || lab_die "this guest has an IOMMU"
}

enable_noiommu() {
	[[ -e $noiommu_parameter ]] || lab_skip "$(uname -r) has no CONFIG_VFIO_NOIOMMU (build-kernel.sh makes one)"
	echo 1 >"$noiommu_parameter"
	lab_bind "$PF1" vfio-pci
}

test_iommu_off_names_it() {
	must_fail eal owner -a "$PF1" --vfio-vf-token="$PF1=$T1"
	expect_init_refused 1 "$PF1 is on no driver, not on vfio-pci, and has no IOMMU group: turn the IOMMU on"
}

# noiommu takes physical addresses, and so hugepages.
noiommu_options=(-m 64 --no-telemetry --no-shconf --huge-unlink -l 0 --log-level=lib.eal:debug)

test_noiommu_pf_and_vf_opened() {
	enable_noiommu
	lab_vfs "$PF1" 1
	eal_run owner "$LAB_DPDK_TEST" "${noiommu_options[@]}" -a "$PF1" -a "$VF1" --vfio-vf-token="$PF1=$T1"
	expect_opened "$PF1"
	expect_opened "$VF1"
	eal_run stranger "$LAB_DPDK_TEST" "${noiommu_options[@]}" -a "$VF1" --vfio-vf-token="$VF1=$T2"
	expect_refused "$VF1" 'wrong VF token'
}

test_noiommu_without_capability_refused() {
	enable_noiommu
	eal_run owner setpriv --bounding-set=-sys_rawio --inh-caps=-sys_rawio "$LAB_DPDK_TEST" "${noiommu_options[@]}" \
		-a "$PF1" --vfio-vf-token="$PF1=$T1"
	expect_refused "$PF1" 'IOMMU group .* is without IOMMU \(noiommu\), and .* needs CAP_SYS_RAWIO'
}
