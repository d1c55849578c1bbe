# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# dpdk-sriovctl doctor on a machine with an IOMMU and PFs: what it finds before and after an operator did what it says.
# Needs SRIOVCTL, the path of the program.

setup() {
	[[ -x ${SRIOVCTL:-} ]] || lab_die "SRIOVCTL is not the path of dpdk-sriovctl"
	lab_two_pfs
}

# doctor STATUS ARGS...: runs it, checks its exit status, and keeps what it printed in $report.
doctor() {
	local expected=$1 status=0
	shift
	report=$("$SRIOVCTL" doctor "$@") || status=$?
	printf '%s\n' "$report" >"$LAB_OUT/doctor.log"
	((status == expected)) || lab_die "doctor $*: status $status, not $expected: $report"
}

# expect_finding LEVEL SUBJECT ID
expect_finding() {
	grep -qE "^$1 +$2 +$3 " <<<"$report" || lab_die "doctor found no \"$1 $2 $3\": $report"
}

test_doctor_pfs_on_vfio_no_failure() {
	doctor 0
	expect_finding ok host iommu
	expect_finding '(ok|warn)' "$PF1" driver
	expect_finding '(ok|warn)' "$PF2" driver
	[[ $report != *$'\n'fail* ]]
}

test_doctor_one_pf_only_that() {
	doctor 0 "$PF1"
	[[ $report == *"$PF1"* && $report != *"$PF2"* ]]
}

test_doctor_vf_is_no_pf() {
	local errors
	errors=$("$SRIOVCTL" doctor "$VF1" 2>&1 >/dev/null) && lab_die "a VF was taken for a PF"
	[[ $errors == *"$VF1"* ]]
}

test_doctor_holder_named() {
	eal_hold owner -a "$PF1" --vfio-vf-token="$PF1=$T1"
	doctor 0 "$PF1"
	grep -E "$PF1 +holders " <<<"$report" | grep -qF "$(eal_pid owner)" || lab_die "the holder is not named: $report"
	eal_release owner
}

test_doctor_without_enable_sriov_names_it() {
	local parameter=/sys/module/vfio_pci/parameters/enable_sriov status=0
	echo 0 >"$parameter"
	report=$("$SRIOVCTL" doctor) || status=$?
	echo 1 >"$parameter"
	((status == 0 || status == 4))
	expect_finding '(warn|fail)' '[a-z]+' enable_sriov
	[[ $report == *"enable_sriov"*"remedy: "* ]]
}

test_doctor_without_vfio_fails() {
	lab_vfs "$PF1" 0
	lab_vfs "$PF2" 0
	lab_unbind "$PF1"
	lab_unbind "$PF2"
	lab_unload_vfio
	doctor 4
	expect_finding fail host vfio
	# Its remedy, done.
	lab_load_vfio
	lab_two_pfs
	doctor 0
}

test_doctor_unprivileged_tells_so() {
	local status=0
	report=$(setpriv --reuid 65534 --regid 65534 --clear-groups "$SRIOVCTL" doctor) || status=$?
	((status == 0 || status == 4)) || lab_die "status $status: $report"
	[[ $report == *"Not run as root"* ]]
	expect_finding warn host proc
}
