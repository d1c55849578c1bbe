#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Every test of the tree. See doc/guides/testing.rst.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=devtools/test-kmod.sh
. "$devtools_dir/test-kmod.sh"

top=$(cd "$devtools_dir/.." && pwd)
builddir=$top/build
full=false

# The stages, in order. Each prints "PASS|FAIL|SKIP what" lines; these are what is counted at the end.
stages=(build check autotest dpdk_autotest ctl fuzz abi lab lab_noiommu drop_in kmod pmd warm sriovd quickstart)

# Our autotests, and DPDK's own that concern what we change; those of the second kind that run on hugepages, in the lab.
autotests=(vfio_adopt vfio_token_{api,broker,choose,option,parse,pf,refusal,source,sysfs,table})
# Those of the 82576 PMDs, on a model of its registers.
pmd_autotests=(i82576_{mbx,pf,rx,tx,vf,warm})
# Those of librte_sriov, on a host made of files, and of dpdk-sriovd, without a device.
manager_autotests=(sriov_{bind,pf,policy,preflight,sysfs,tenant} sriovd_{config,manager,sockets})
dpdk_autotests_host=(alarm_autotest devargs_autotest interrupt_autotest kvargs_autotest
	logs_autotest string_autotest telemetry_data_autotest telemetry_json_autotest version_autotest)
dpdk_autotests_lab=(eal_flags_a_opt_autotest eal_flags_b_opt_autotest eal_flags_c_opt_autotest
	eal_flags_file_prefix_autotest eal_flags_main_opt_autotest eal_flags_mem_autotest eal_flags_misc_autotest
	eal_flags_n_opt_autotest eal_flags_no_huge_autotest eal_flags_r_opt_autotest eal_flags_vdev_opt_autotest
	eal_fs_autotest multiprocess_autotest)

# Longest time of one autotest, in seconds.
autotest_timeout_s=120
# Longest time of a lab run, in seconds.
lab_timeout_s=1500
lab_timeout_full_s=3600
fuzz_s=20
# Status of run.sh for a guest whose emulated processor has stopped: the run is made again.
status_guest_stopped=96

usage() {
	cat <<-USAGE
	Usage: devtools/test.sh [--full] [--builddir DIR] [STAGE...]

	Builds the tree and runs its tests; installs what is missing (as root). Ends with "N passed, N failed, N skipped"
	and fails if any test failed.

	  --full          the longer tests as well: the drop-in on the whole lab suite; 100,000 packets each way for each pair
	                  of 82576 drivers, and a soak of 10 minutes; the daemon killed 100 times; the kernel module on
	                  kernels that are built for it, under stress, and by DKMS (the first time, an hour on two processors)
	  --builddir DIR  build directory (default: build)

	Stages (default: all): ${stages[*]}
	With --full also: ${kmod_full_stages[*]}
	USAGE
}

pass() {
	printf 'PASS %s\n' "$*"
}

skip() {
	printf 'SKIP %s\n' "$*"
}

# fail WHAT LOG: with the log's end.
fail() {
	printf 'FAIL %s\n' "$1"
	tail -n 40 "$2" | sed 's/^/  | /'
}

dpdk_dir() {
	local lts
	lts=$("$devtools_dir/get-dpdk.sh" --lts "$(build_option "$builddir" dpdk)" 2>/dev/null)
	printf '%s/subprojects/dpdk-%s\n' "$builddir" "$lts"
}

# ---- stages

stage_build() {
	local lts
	if "$devtools_dir/build.sh" --builddir "$builddir"; then
		dpdk=$(dpdk_dir)
		pass "build: DPDK ${dpdk##*dpdk-}"
	else
		fail build "$builddir/build.log"
		return 1
	fi
	for lts in 22.11 24.11 25.11; do
		[[ $dpdk == *"dpdk-$lts" ]] ||
			skip "build: DPDK $lts: its source is not in this distribution (devtools/build.sh --lts $lts)"
	done
	link_drop_in
}

# The directory that LD_LIBRARY_PATH takes for the distribution's programs: our librte_eal and nothing else.
link_drop_in() {
	local library
	mkdir -p "$builddir/drop-in"
	for library in "$dpdk"/lib/librte_eal.so.*; do
		[[ $library == *.p ]] || ln -sfn "$library" "$builddir/drop-in/${library##*/}"
	done
}

stage_check() {
	local log=$logs/check.log
	"$devtools_dir/check.sh" --builddir "$builddir" >"$log" 2>&1 || true
	grep -E '^(PASS|FAIL|SKIP) ' "$log" | sed -E 's/^(PASS|FAIL|SKIP) +/\1 check: /'
	if grep -q '^FAIL ' "$log"; then
		sed 's/^/  | /' "$log"
	fi
	grep -q '^PASS ' "$log" || fail "check: no check ran" "$log"
}

# run_autotest NAME LOG: runs one command of dpdk-test without hugepages or devices.
run_autotest() {
	local name=$1 log=$2
	DPDK_TEST=$name timeout "$autotest_timeout_s" "$dpdk/app/test/dpdk-test" --no-huge --no-pci -m 256 -l 0,1 \
		--file-prefix="test-$name-$$" >"$log" 2>&1 </dev/null
}

stage_autotest() {
	local name log
	for name in "${autotests[@]}" "${pmd_autotests[@]}" "${manager_autotests[@]}"; do
		log=$logs/$name.log
		run_autotest "${name}_autotest" "$log" || true
		name=${name#vfio_token_}
		# One line for each case: " + TestCase [ 0] : name succeeded".
		sed -nE "s/^ \+ TestCase \[ *[0-9]+\] : ([a-z0-9_]+) succeeded.*/PASS $name: \1/p
			s/^ \+ TestCase \[ *[0-9]+\] : ([a-z0-9_]+) skipped.*/SKIP $name: \1 (needs another environment)/p
			s/^ \+ TestCase \[ *[0-9]+\] : ([a-z0-9_]+) failed.*/FAIL $name: \1/p" "$log"
		grep -q '^Test OK' "$log" || fail "$name: the suite" "$log"
	done
	log=$logs/sriovkeeper.log
	timeout "$autotest_timeout_s" "$builddir/app/sriovkeeper/sriovkeeper-test" \
		"$builddir/app/sriovkeeper/dpdk-sriov-keeper" >"$log" 2>&1 || fail "keeper: the suite" "$log"
	sed -n 's/^\(PASS\|FAIL\) /\1 keeper: /p' "$log"
}

stage_dpdk_autotest() {
	local name log status
	for name in "${dpdk_autotests_host[@]}"; do
		log=$logs/$name.log
		status=0
		run_autotest "$name" "$log" || status=$?
		autotest_result "DPDK's $name" "$log" "$status"
	done
	log=$logs/dpdk-lab.log
	lab_run 6.12 dpdk-lab "$log" --env "LAB_DPDK_TEST=$dpdk/app/test/dpdk-test" -- \
		devtools/lab/dpdk-autotests.sh "${dpdk_autotests_lab[@]}" || true
	grep -E '^(PASS|FAIL|SKIP|  \|) ' "$log" || true
	grep -q '^done$' "$log" || fail "DPDK's autotests in the lab" "$log"
}

# autotest_result WHAT LOG STATUS
autotest_result() {
	if grep -qE '^Test Skipped' "$2"; then
		skip "$1: DPDK skips it here"
	elif grep -qE '^Test OK' "$2"; then
		pass "$1"
	else
		fail "$1 (status $3)" "$2"
	fi
}

# dpdk-sriovctl against daemons good and bad, and what it prints against QEMU, libvirt's schema and dpdk-test.
stage_ctl() {
	local log=$logs/ctl.log
	timeout 600 "$devtools_dir/ctl/run.sh" --builddir "$builddir" >"$log" 2>&1 || true
	sed -nE 's/^(PASS|FAIL|SKIP) +/\1 ctl: /p; /^  \| /p' "$log"
	grep -qE '^[0-9]+ run, ' "$log" || fail "ctl: the run" "$log"
	lab_suite 6.12 ctl "ctl" --cpus 2 "${program_env[@]}" -- devtools/lab/suite.sh devtools/lab/tests/ctl_*.sh
}

stage_fuzz() {
	local log=$logs/fuzz.log
	if "$devtools_dir/fuzz.sh" --builddir "$builddir" --seconds "$fuzz_s" >"$log" 2>&1; then
		sed -nE 's/^fuzz.sh: (fuzz_[a-z0-9_]+): (nothing found.*)/PASS fuzz: \1: \2/p' "$log"
	else
		fail fuzz "$log"
	fi
}

# Against the distribution's library: what it exports must still be there, and only our symbols may be new.
stage_abi() {
	local log=$logs/abi.log theirs ours
	ours=$(echo "$builddir"/drop-in/librte_eal.so.*[0-9].*)
	theirs=/usr/lib/$(gcc -print-multiarch)/$(basename "$ours")
	if [[ ! -e $theirs ]]; then
		skip "abi: the distribution has no ${theirs##*/}"
		return
	fi
	if abidiff --no-added-syms "$theirs" "$ours" >"$log" 2>&1 &&
		[[ $(added_symbols "$theirs" "$ours") == "$(our_symbols)" ]]; then
		pass "abi: additions only to ${theirs##*/}: $(our_symbols | paste -sd ' ')"
	else
		added_symbols "$theirs" "$ours" >>"$log"
		fail "abi: not additions only" "$log"
	fi
}

exported_symbols() {
	nm -D --defined-only "$1" | awk '{ print $3 }' | sort
}

added_symbols() {
	comm -13 <(exported_symbols "$1") <(exported_symbols "$2") | sed 's/@.*//'
}

our_symbols() {
	sed -nE 's/^RTE_EXPORT_(EXPERIMENTAL|INTERNAL)_SYMBOL\(([a-z_]*)[,)].*/\2/p' "$top"/lib/eal/*.c | sort
}

# lab_run KERNEL NAME LOG OPTION...: a lab run with its output in LOG, and with cards for all tests beside the two ports: one without SR-IOV, and two
# behind one conventional bridge, so in one IOMMU group.
lab_run() {
	local kernel=$1 name=$2 log=$3 device attempt status
	local -a devices=()
	shift 3
	for device in e1000e,addr=1e.0,romfile= pcie-root-port,id=bridges,chassis=30,slot=30 \
		pcie-pci-bridge,id=bridge,bus=bridges e1000,bus=bridge,addr=1.0,romfile= e1000,bus=bridge,addr=2.0,romfile=; do
		devices+=(--qemu-arg -device --qemu-arg "$device")
	done
	for attempt in 1 2 3; do
		status=0
		(cd "$top" && devtools/lab/run.sh --kernel "$kernel" --timeout "$lab_timeout_s" \
			--log-dir "$logs/lab-$name-$attempt" "${devices[@]}" "$@") >"$log" 2>&1 || status=$?
		((status == status_guest_stopped)) || return "$status"
		note "lab $name: attempt $attempt: $(tail -n 2 "$log" | grep -F error: || true)"
	done
	return "$status"
}

# lab_suite KERNEL NAME LABEL OPTION... -- ARGS...: a suite in the lab; prints its results with the label before each.
lab_suite() {
	local kernel=$1 name=$2 label=$3 log=$logs/lab-$2.log
	shift 3
	lab_run "$kernel" "$name" "$log" "$@" || true
	sed -nE "s/^(PASS|FAIL|SKIP) +/\1 $label: /p; /^  \| /p" "$log"
	# The guest itself may have failed: a kernel warning, a timeout.
	if ! grep -qE '^[0-9]+ passed, [0-9]+ failed' "$log" || grep -q '^lab: error:' "$log"; then
		fail "$label: the lab run" "$log"
	fi
}

build_token_broker() {
	gcc -O2 -Wall -Wextra -I "$top/lib/eal" -o "$builddir/token-broker" "$top/devtools/lab/tests/token-broker.c"
}

lab_tests() {
	(cd "$top" && echo devtools/lab/tests/token_*.sh)
}

# Both kernels at once: a guest leaves processors idle in its waits. Two processors each, as more than the machine has
# make the emulator slower.
stage_lab() {
	local kernel
	local -a runs=() tests
	read -ra tests <<<"$(lab_tests)"
	build_token_broker
	for kernel in 6.1 6.12; do
		lab_suite "$kernel" "$kernel" "Linux $kernel" --cpus 2 "${program_env[@]}" -- devtools/lab/suite.sh "${tests[@]}" \
			>"$logs/results-$kernel" &
		runs+=($!)
	done
	wait "${runs[@]}" || true
	cat "$logs"/results-*
}

stage_lab_noiommu() {
	lab_suite 6.12 noiommu "no IOMMU" --append intel_iommu=off "${program_env[@]}" -- devtools/lab/suite.sh \
		devtools/lab/tests/noiommu.sh
}

# The distribution's own programs on our librte_eal.
stage_drop_in() {
	local -a tests=(devtools/lab/tests/token_open.sh) options=()
	if [[ ! -x /usr/bin/dpdk-testpmd || ! -x /usr/bin/dpdk-test ]]; then
		skip "drop-in: the distribution's dpdk-testpmd and dpdk-test are not installed (package dpdk-dev)"
		return
	fi
	if [[ $(dpkg-query -W -f='${Version}' dpdk-dev) != "${dpdk##*dpdk-}"* ]]; then
		skip "drop-in: the distribution's DPDK is not ${dpdk##*dpdk-}"
		return
	fi
	if $full; then
		read -ra tests <<<"$(lab_tests)"
	else
		tests+=(devtools/lab/tests/token_refusals.sh)
		options=(--only 'tokens_invisible|plain_uuid|wrong_token|wrong_or_no_token|group|no_token')
	fi
	lab_suite 6.12 drop-in "drop-in" "${program_env[@]}" --env TESTPMD=/usr/bin/dpdk-testpmd \
		--env LAB_DPDK_TEST=/usr/bin/dpdk-test --env "DROP_IN=$builddir/drop-in" -- \
		devtools/lab/suite.sh "${options[@]}" "${tests[@]}"
}

# Both 82576 PMDs, as each other's peer and with stock drivers. Two guests at once, as in stage_lab.
stage_pmd() {
	local plugin
	local -a runs=() sizes=()
	! $full || sizes=(--env MATRIX_FRAMES=100000 --env PEERS_RATE=2000 --env SOAK_S=600 --env LAB_TEST_TIMEOUT_S=1500)
	plugin=$(realpath "$dpdk/drivers/librte_net_i82576.so")
	lab_suite 6.12 pmd-matrix 82576 --cpus 2 "${sizes[@]}" "${program_env[@]}" -- devtools/lab/suite.sh \
		devtools/lab/tests/i82576_matrix.sh >"$logs/pmd-results-matrix" &
	runs+=($!)
	lab_suite 6.12 pmd 82576 --cpus 2 "${sizes[@]}" "${program_env[@]}" --env "I82576_PLUGIN=$plugin" -- \
		devtools/lab/suite.sh devtools/lab/tests/i82576_{traffic,wire,testpmd,plugin,soak}.sh >"$logs/pmd-results-pair" &
	runs+=($!)
	wait "${runs[@]}" || true
	cat "$logs"/pmd-results-*
}

# The PF's owner dies and comes back, on either module.
stage_warm() {
	local module kills=3 only='kernel_module|gives'
	! $full || kills=100 only=.
	kmod_build 6.12 6.12 || return 0
	module=$(kmod_module 6.12)
	lab_suite 6.12 warm "warm start" --cpus 4 --env "LAB_VFIO_MODULE=$module" --env "WARM_KILLS=$kills" \
		--env "LAB_TEST_TIMEOUT_S=$((120 + kills * 8))" "${program_env[@]}" -- devtools/lab/suite.sh \
		--only "$only" devtools/lab/tests/warm_start.sh
}

# sriov_suite NAME LABEL OPTION... -- ARGS...: a suite in the background, its results in a file.
sriov_suite() {
	local name=$1 label=$2
	shift 2
	lab_suite 6.12 "sriov-$name" "sriovd: $label" --cpus 2 "${program_env[@]}" "$@" >"$logs/sriov-results-$name" &
}

# The manager: librte_sriov, dpdk-sriovd and its tenants on both vfio-pci modules; its deaths under traffic, alone and as
# a service of systemd; and with many VFs. Two guests at a time.
stage_sriovd() {
	local module kills=3 rounds=1 ours='three_tenants|rotation|replays|revoke|ours' outlive='killed_on_kernel|replaced_on_our'
	local -a ours_env outlive_env=()
	if $full; then
		kills=100 rounds=5 ours=. outlive=_on_
		# One round takes some 2 s, and twice that beside another guest.
		outlive_env=(--env OUTLIVE_CYCLE_S=4 --env OUTLIVE_RATE=500)
	fi
	kmod_build 6.12 6.12 || return 0
	module=$(kmod_module 6.12)
	ours_env=(--env "LAB_VFIO_MODULE=$module")
	build_token_bench
	sriov_suite kernel "the kernel's vfio-pci" -- devtools/lab/suite.sh devtools/lab/tests/sriovd.sh
	sriov_suite ours "our vfio-pci" "${ours_env[@]}" -- devtools/lab/suite.sh --only "$ours" \
		devtools/lab/tests/{sriovd,sriov_lib}.sh
	wait || true
	sriov_suite outlive "its death" "${ours_env[@]}" --env "OUTLIVE_KILLS=$kills" "${outlive_env[@]}" \
		--env "LAB_TEST_TIMEOUT_S=$((180 + kills * 10))" --timeout $((900 + kills * 40)) -- \
		devtools/lab/suite.sh --only "$outlive" devtools/lab/tests/sriovd_outlive.sh
	sriov_suite service "a service" --init systemd --env OUTLIVE_KILLS=3 -- \
		devtools/lab/suite.sh --only service devtools/lab/tests/sriovd_outlive.sh
	wait || true
	sriov_suite scale "127 VFs" --nvme-vfs 127 --env "SCALE_ROUNDS=$rounds" \
		--env "LAB_DPDK=$top/subprojects/${dpdk##*/}" -- devtools/lab/suite.sh devtools/lab/tests/sriov_scale.sh
	wait || true
	cat "$logs"/sriov-results-*
}

build_token_bench() {
	gcc -O2 -Wall -Wextra -I "$top/lib/eal" -o "$builddir/token-bench" "$top/devtools/bench/token_socket.c"
}

# The main job, with our testpmd and with the distribution's on the drop-in.
stage_quickstart() {
	local log=$logs/quickstart.log
	if "$devtools_dir/quickstart.sh" --builddir "$builddir" >"$log" 2>&1; then
		pass quickstart
	else
		fail quickstart "$log"
	fi
}

# ---- running them

run_stages() {
	local stage
	for stage; do
		note "stage $stage"
		"stage_$stage"
	done
}

# record_stages STAGE...: runs them, with their output in $results too. One that dies half-way counts as a failure.
record_stages() {
	local status
	# Not as part of a condition, in which "set -e" would not hold inside.
	set +e
	(set -e; run_stages "$@") | tee -a "$results"
	status=${PIPESTATUS[0]}
	set -e
	((status == 0)) || printf 'FAIL stages %s: the last one ended early, with status %s\n' "$*" "$status" | tee -a "$results"
}

main() {
	local results passed failed skipped start=$SECONDS
	local -a chosen=()
	while (($#)); do
		case $1 in
		--full)
			full=true
			lab_timeout_s=$lab_timeout_full_s
			;;
		--builddir)
			(($# > 1)) || die "$1 needs a value; see --help"
			builddir=$2
			shift
			;;
		-h | --help)
			usage
			return 0
			;;
		*)
			declare -F "stage_$1" >/dev/null || die "$1: no such stage; see --help"
			chosen+=("$1")
			;;
		esac
		shift
	done
	! $full || stages+=("${kmod_full_stages[@]}")
	((${#chosen[@]})) || chosen=("${stages[@]}")
	[[ ${chosen[0]} == build ]] || chosen=(build "${chosen[@]}")
	ensure_packages build check ctl doc dropin kmod lab quickstart systemd test
	builddir=$(realpath -m "$builddir")
	logs=$builddir/test-logs
	rm -rf "$logs"
	mkdir -p "$logs"
	results=$logs/results

	record_stages build
	! grep -q '^FAIL ' "$results" || die "the build failed"
	dpdk=$(dpdk_dir)
	program_env=(--env "LAB_DPDK_TEST=$dpdk/app/test/dpdk-test" --env "TESTPMD=$dpdk/app/dpdk-testpmd"
		--env "TOKEN_BROKER=$builddir/token-broker" --env "TOKEN_BENCH=$builddir/token-bench"
		--env "SRIOVD=$dpdk/app/dpdk-sriovd" --env "SRIOVCTL=$dpdk/app/dpdk-sriovctl"
		--env "SRIOV_KEEPER=$builddir/app/sriovkeeper/dpdk-sriov-keeper")
	record_stages "${chosen[@]:1}"

	passed=$(grep -c '^PASS ' "$results" || true)
	failed=$(grep -c '^FAIL ' "$results" || true)
	skipped=$(grep -c '^SKIP ' "$results" || true)
	note "$((SECONDS - start)) s; logs in $logs"
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
	((failed == 0 && passed > 0))
}

main "$@"
