# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2034,SC2154 # variables for test.sh, and of it
#
# The stages of test.sh for the module of kmod/: kmod on the distribution's kernels, and those of --full. To be sourced by
# test.sh, whose functions and variables it uses.

# Those of --full, in order.
kmod_full_stages=(kmod_distribution kmod_checked kmod_newer)
# Kernels that they have made: one with device nodes and all checks on itself; and one that takes VF tokens on device nodes
# (6.17 and later), from a suite that the mirror need not have.
kmod_checked_series=6.12
kmod_newer_series=7.2
kmod_newer_suite=sid
# Status of build-kernel.sh where there is no source.
status_no_source=3

kmod_stress_operations=1000
# Longest time of one test with --full, and of a run on a kernel with checks, in seconds.
kmod_full_test_s=1200
kmod_full_run_s=7200

# kmod_build NAME KERNEL: builds the module, and those of its tests, for a kernel of the lab, as $builddir/kmod-NAME.
# What the compiler warns of fails the build; with --full, also what sparse does. Once in a run of test.sh.
kmod_build() {
	local name=$1 kernel=$2 log=$logs/kmod-build-$1.log
	local -a options=(W=1)
	[[ ! -e $log || ! -e $(kmod_module "$name") ]] || return 0
	# Newer kernels take newer versions of sparse only.
	if $full && [[ $name != newer ]]; then
		options+=(C=2)
	fi
	if "$top/kmod/build.sh" --kernel "$kernel" --out "$builddir/kmod-$name" "${options[@]}" >/dev/null 2>"$log"; then
		pass "kmod: build for Linux $(modinfo -F vermagic "$(kmod_module "$name")" | cut -d ' ' -f 1), ${options[*]}"
	else
		fail "kmod: build for Linux $name, ${options[*]}" "$log"
		return 1
	fi
}

kmod_module() {
	printf '%s\n' "$builddir/kmod-$1/vfio-pci/vfio-pci.ko"
}

# kmod_suite RUN NAME KERNEL LABEL OPTION... -- ARGS...: as lab_suite, with the module of that NAME, in the background and
# with the results where kmod_results finds them. RUN names the run.
kmod_suite() {
	local run=$1 name=$2 kernel=$3 label=$4
	shift 4
	lab_suite "$kernel" "kmod-$run" "kmod: $label" --cpus 2 --env "LAB_VFIO_MODULE=$(kmod_module "$name")" \
		"${program_env[@]}" "$@" >"$logs/kmod-results-$run" &
}

# Waits for the suites, and prints their results.
kmod_results() {
	local file
	wait || true
	for file in "$logs"/kmod-results-*; do
		[[ -e $file ]] || continue
		cat "$file"
		rm "$file"
	done
}

# The module beside the kernel's own on both kernels, what it adds, and, on one kernel each, what of this tree and of DPDK
# uses it: the most telling tests only, for --full has them all.
stage_kmod() {
	local kernel only='abi|module|added'
	local -A used=([6.1]=vfio_pf [6.12]=kmod_use) names=([6.1]='kernel_module|ours_all' [6.12]='devbind|swap_to_kernel')
	for kernel in 6.1 6.12; do
		kmod_build "$kernel" "$kernel" || continue
		kmod_suite "$kernel" "$kernel" "$kernel" "Linux $kernel" -- \
			devtools/lab/suite.sh --only "^test_($only|${names[$kernel]})" \
			devtools/lab/tests/{vfio_abi,vfio_added,"${used[$kernel]}"}.sh
	done
	kmod_results
}

# ---- with --full

# On the distribution's kernels: random operations, DKMS, and all of what the shorter run has a part of.
stage_kmod_distribution() {
	local kernel
	local -a options=(--timeout "$kmod_full_run_s" --env "LAB_TEST_TIMEOUT_S=$kmod_full_test_s"
		--env "LAB_STRESS_OPERATIONS=$kmod_stress_operations")
	ensure_packages dkms kmodcheck
	for kernel in 6.1 6.12; do
		kmod_build "$kernel" "$kernel" || return 0
	done
	kmod_suite 6.1-full 6.1 6.1 "Linux 6.1" "${options[@]}" -- \
		devtools/lab/suite.sh devtools/lab/tests/{vfio_pf,kmod_use,vfio_stress}.sh
	kmod_suite 6.12-full 6.12 6.12 "Linux 6.12" "${options[@]}" -- \
		devtools/lab/suite.sh devtools/lab/tests/{vfio_pf,kmod_use,kmod_dkms,vfio_stress}.sh
	kmod_results
	kmod_suite 6.12-signed 6.12 6.12 "Linux 6.12, signed modules only" --append module.sig_enforce=1 \
		--env LAB_VFIO_MODULE= --env "LAB_UNSIGNED_MODULE=$(kmod_module 6.12)" -- \
		devtools/lab/suite.sh devtools/lab/tests/kmod_signed.sh
	kmod_results
}

# kmod_make_kernel required|optional OPTION...: has build-kernel.sh make a kernel, and sets kmod_kernel to its directory.
kmod_make_kernel() {
	local need=$1 log=$logs/kmod-kernel.log status=0
	shift
	kmod_kernel=$("$devtools_dir/lab/build-kernel.sh" "$@" 2>"$log") || status=$?
	if [[ $need == optional ]] && ((status == status_no_source)); then
		skip "kmod: build-kernel.sh $*: $(sed -n 's/.*error: //p' "$log" | tail -n 1)"
	elif ((status)); then
		fail "kmod: build-kernel.sh $*" "$log"
	fi
	return "$status"
}

# On a kernel with device nodes, lockdep, KASAN and the leak detector, whose scans want a small guest.
stage_kmod_checked() {
	local label="Linux $kmod_checked_series with checks"
	local -a options=(--timeout "$kmod_full_run_s" --env "LAB_TEST_TIMEOUT_S=$kmod_full_test_s"
		--env LAB_ADDED_LACKS_ENOUGH=0)
	ensure_packages kmodcheck
	kmod_make_kernel required --version "$kmod_checked_series" || return 0
	kmod_checkpatch "$kmod_kernel"
	kmod_build checked "$kmod_kernel" || return 0
	# The emulator loses interrupts of the second processor most often in this suite.
	kmod_suite checked checked "$kmod_kernel" "$label" "${options[@]}" --cpus 1 -- devtools/lab/suite.sh \
		--only '^test_(abi|module|added|swap_device_node)' devtools/lab/tests/{vfio_abi,vfio_added,kmod_use}.sh
	kmod_suite checked-stress checked "$kmod_kernel" "$label" "${options[@]}" --append kmemleak=on --memory 1024 \
		--hugepages 0 --env "LAB_STRESS_OPERATIONS=$kmod_stress_operations" -- \
		devtools/lab/suite.sh devtools/lab/tests/vfio_stress.sh
	kmod_results
}

# What the kernel's own checkpatch.pl says: of the programs, without what it asks of kernel code only.
kmod_checkpatch() {
	local log=$logs/kmod-checkpatch.log
	local -a checkpatch=(perl "$1/source/scripts/checkpatch.pl" --no-tree --no-summary --terse)
	local -a sources=("$top"/kmod/{vfio-pci/{*.[ch],Kbuild,Makefile,compat.mk},include/uapi/linux/*.h,mock/*.c})
	if (
		"${checkpatch[@]}" -f "${sources[@]}" "$top/kmod/tests/vfio_variant.c" &&
			"${checkpatch[@]}" --ignore VOLATILE,PREFER_DEFINED_ATTRIBUTE_MACRO,FUNCTION_ARGUMENTS \
				-f "$top"/kmod/tests/*.[ch]
	) >"$log" 2>&1; then
		pass "kmod: checkpatch.pl of Linux $kmod_checked_series"
	else
		fail "kmod: checkpatch.pl of Linux $kmod_checked_series" "$log"
	fi
}

# On a kernel that takes VF tokens on device nodes.
stage_kmod_newer() {
	ensure_packages kmodcheck
	kmod_make_kernel optional --suite "$kmod_newer_suite" --version "$kmod_newer_series" --no-debug || return 0
	kmod_build newer "$kmod_kernel" || return 0
	kmod_suite newer newer "$kmod_kernel" "Linux $kmod_newer_series" --timeout "$kmod_full_run_s" \
		--env "LAB_TEST_TIMEOUT_S=$kmod_full_test_s" --env "LAB_STRESS_OPERATIONS=$kmod_stress_operations" \
		--env LAB_ADDED_LACKS_ENOUGH=0 -- \
		devtools/lab/suite.sh devtools/lab/tests/{vfio_abi,vfio_added,vfio_pf,kmod_use,vfio_stress}.sh
	kmod_results
}
