#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds the fuzzers in app/fuzz with libFuzzer and the address and undefined-behaviour sanitizers, and runs each for a
# bounded time from its seed corpus; and has VFs of the 82576's model send random messages to net_i82576_pf, built with
# the same sanitizers. Any finding is a failure.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

top_dir=$(cd "$devtools_dir/.." && pwd)

# Each fuzzer, the directory of its seeds and the longest input that makes sense for it, in bytes.
fuzzers=(
	'fuzz_ctl_reply ctl_reply 16384'
	'fuzz_keeper_message notify 4200'
	'fuzz_sriovd_config sriovd_config 4096'
	'fuzz_sriovd_request sriovd_request 4096'
	'fuzz_sriovd_token sriovd_token 32'
	'fuzz_vfio_token_content content 4096'
	'fuzz_vfio_token_reply reply 32'
	'fuzz_vfio_token_spec spec 256'
)

sanitizers=address,undefined

# Of app/sriovd, what its fuzzers reach, and of other libraries what that needs.
daemon=(config config_check config_diff config_lines config_value config_vf grant policy request token_packet)
daemon_libraries=(lib/cfgfile/rte_cfgfile.c lib/pci/rte_pci.c lib/sriov/sriov_error.c lib/sriov/sriov_policy.c)
daemon_includes=(app/sriovd lib/cfgfile lib/mbuf lib/mempool lib/net lib/pci lib/ring lib/sriov)
# Longest time of the random messages, in seconds.
mbx_timeout_s=300

# Of lib/eal, what the fuzzers reach; the broker first.
layer=(broker option parse record refusal secret source sysfs table)
# Of app/sriovctl, what reads and prints replies.
ctl=(error json line output reply tree)

usage() {
	cat <<-EOT
	usage: ${0##*/} [--seconds N] [--runs N] [--messages N] [--builddir DIR]

	  --seconds N     how long to fuzz with libFuzzer, in all (default 20)
	  --runs N        inputs for each of its fuzzers instead of a time
	  --messages N    random messages to the PF's mailboxes (default 1000000)
	  --builddir DIR  a build directory of devtools/build.sh, for DPDK's headers and configuration (default: build)
	EOT
}

# Of app/test, the mailbox test and what it needs.
mbx_tests=(i82576_sim*.c test_i82576_mbx.c test_i82576_pf_setup.c)

# A fuzzer needs clang and its runtime, which are packages of their own.
check_clang() {
	local dir=$1
	echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d == 0 && n != 0; }' >"$dir/probe.c"
	clang -fsanitize="fuzzer,$sanitizers" -o "$dir/probe" "$dir/probe.c" >"$dir/probe.log" 2>&1 && return 0
	die "clang cannot build a fuzzer here (see $dir/probe.log); on Debian install its packages as root:" \
		"apt-get install --no-install-recommends clang libclang-rt-dev (Debian 12: libclang-rt-14-dev)"
}

# compile_flags BUILDDIR FILE: prints what the build compiles a file with, of which the last parts of the path are given:
# the directory above the file's, then the flags that choose headers and features, one a line.
compile_flags() {
	python3 - "$1/compile_commands.json" "$2" <<-'PY'
	import json, os, shlex, sys
	for entry in json.load(open(sys.argv[1])):
	    if entry["file"].endswith("/" + sys.argv[2]):
	        break
	else:
	    sys.exit("no command that compiles " + sys.argv[2])
	directory = entry["directory"]
	print(os.path.dirname(os.path.dirname(os.path.join(directory, entry["file"]))))
	words = iter(shlex.split(entry["command"]))
	for word in words:
	    if word == "-include":
	        print(word, next(words), sep="\n")
	    elif word.startswith("-I"):
	        print("-I" + os.path.join(directory, word[2:]))
	    elif word.startswith(("-D", "-march=")):
	        print(word)
	PY
}

# build DIR BUILDDIR: makes the objects that all fuzzers share, and the fuzzers.
build() {
	local dir=$1 builddir=$2 text eal_dir name fuzzer
	local -a flags sources=() objects=() daemon_objects=() daemon_linked linked ctl_sources
	text=$(compile_flags "$builddir" vfio_token/eal_vfio_token_parse.c) ||
		die "$builddir does not tell how lib/eal is compiled; make it with devtools/build.sh --builddir $builddir"
	mapfile -t flags <<<"$text"
	eal_dir=${flags[0]}
	flags=("${flags[@]:1}" -I"$top_dir/lib/eal" -g -O1 -fno-omit-frame-pointer -Wall -Wextra -Werror
		-Wno-missing-field-initializers -Wno-address-of-packed-member
		"-fsanitize=fuzzer-no-link,$sanitizers" -fno-sanitize-recover=undefined)
	for name in "${daemon_includes[@]}"; do
		flags+=("-I${eal_dir%/lib/eal}/$name")
	done
	for name in "${layer[@]}"; do
		sources+=("$top_dir/lib/eal/eal_vfio_token_$name.c")
	done
	sources+=("$eal_dir/common/eal_common_string_fns.c" "$eal_dir/common/eal_common_uuid.c" "$top_dir/app/fuzz/fuzz.c")
	(cd "$dir" && clang "${flags[@]}" -c "${sources[@]}") || return 1
	for name in "${sources[@]##*/}"; do
		objects+=("$dir/${name%.c}.o")
	done
	# DPDK takes strlcpy() from there where it was found.
	read -ra daemon_linked <<<"-ljansson $(pkg-config --libs libbsd 2>/dev/null || true)"
	sources=("${daemon[@]/#/${eal_dir%/lib/eal}/app/sriovd/sriovd_}")
	sources=("${sources[@]/%/.c}" "${daemon_libraries[@]/#/${eal_dir%/lib/eal}/}")
	(cd "$dir" && clang "${flags[@]}" -c "${sources[@]}") || return 1
	for name in "${sources[@]##*/}"; do
		daemon_objects+=("$dir/${name%.c}.o")
	done
	ctl_sources=("${ctl[@]/#/$top_dir/app/sriovctl/ctl_}")
	ctl_sources=("${ctl_sources[@]/%/.c}")
	flags+=(-I"$top_dir/app/sriovctl")
	for fuzzer in "${fuzzers[@]}"; do
		name=${fuzzer%% *}
		linked=("${objects[@]}")
		[[ $name != fuzz_sriovd_* ]] || linked+=("${daemon_objects[@]}" "${daemon_linked[@]}")
		# The broker's fuzzer includes its source.
		[[ $name != fuzz_vfio_token_reply ]] || unset 'linked[0]'
		# The keeper has nothing of the EAL.
		[[ $name != fuzz_keeper_message ]] || linked=("$top_dir/app/sriovkeeper/keeper_message.c")
		[[ $name != fuzz_ctl_reply ]] || linked+=("${ctl_sources[@]}" -ljansson)
		clang "${flags[@]}" -fsanitize=fuzzer -o "$dir/$name" "$top_dir/app/fuzz/$name.c" "${linked[@]}" || return 1
	done
}

# Prints the libraries that dpdk-testpmd is linked with, one a line, without drivers of ports.
link_libraries() {
	local target
	target=$(ninja -C "$1" -t targets all | sed -n 's|^\([^ ]*/dpdk-testpmd\): .*|\1|p' | head -n 1)
	[[ -n $target ]] || return 1
	ninja -C "$1" -t commands "$target" | tail -n 1 | tr ' ' '\n' | sed -n '/^-Wl,--as-needed/,$p' |
		grep -v -e '-rpath' -e 'librte_net_'
}

# build_mbx DIR BUILDDIR: the driver with its model and its mailbox test as one program.
build_mbx() {
	local dir=$1/mbx builddir=$2 text file
	local -a flags libraries sources=()
	mkdir -p "$dir"
	text=$(compile_flags "$builddir" sriov/test_i82576_mbx.c) || return 1
	mapfile -t flags <<<"$text"
	flags=("${flags[@]:1}" -g -O1 -fno-omit-frame-pointer -Wall -Wno-address-of-packed-member
		"-fsanitize=$sanitizers" -fno-sanitize-recover=undefined)
	text=$(link_libraries "$builddir") || return 1
	mapfile -t libraries <<<"$text"
	for file in "$top_dir"/drivers/net/i82576/*.c; do
		# The AVX2 path needs options of its own, and is not reached; nor are testpmd's commands.
		[[ $file == *_avx2.c || $file == *_testpmd.c ]] || sources+=("$file")
	done
	for file in "${mbx_tests[@]}"; do
		# shellcheck disable=SC2206 # a pattern
		sources+=("$top_dir"/app/test/$file)
	done
	sources+=("$top_dir/app/fuzz/fuzz_i82576_mbx.c")
	(cd "$dir" && rm -f ./*.o && clang "${flags[@]}" -DALLOW_INTERNAL_API -I"$top_dir/app/test" -c "${sources[@]}") || return 1
	(cd "$builddir" && clang "-fsanitize=$sanitizers" -o "$dir/fuzz_i82576_mbx" "$dir"/*.o "${libraries[@]}")
}

# run_mbx DIR MESSAGES: what DPDK keeps to its end is no leak of the driver's.
run_mbx() {
	ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 DPDK_SRIOV_TEST_MESSAGES=$2 \
		timeout "$mbx_timeout_s" "$1/mbx/fuzz_i82576_mbx" --no-huge --no-pci --no-telemetry --no-shconf -m 128 -l 0 \
		--file-prefix "fuzz-mbx-$$"
}

# run DIR NAME SEEDS MAX_LEN LIMIT: runs one fuzzer; what it finds lies in DIR.
run() {
	local dir=$1 name=$2 seeds=$top_dir/app/fuzz/corpus/$3 max_len=$4 limit=$5 work
	work=$(mktemp -d)
	# shellcheck disable=SC2064 # now, not later
	trap "rm -rf '$work'" EXIT
	"$dir/$name" -seed=1 "$limit" -max_len="$max_len" -timeout=10 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$dir/$name-" "$work" "$seeds"
}

main() {
	local seconds=20 runs='' messages=1000000 builddir=$top_dir/build dir limit fuzzer name seeds max_len log failed=0
	while (($#)); do
		case $1 in
		--seconds | --runs | --messages | --builddir)
			(($# > 1)) || die "$1 needs a value; see --help"
			[[ $1 == --builddir || $2 =~ ^[1-9][0-9]*$ ]] || die "$1 $2: not a number above 0"
			printf -v "${1#--}" %s "$2"
			shift
			;;
		-h | --help)
			usage
			return 0
			;;
		*) die "$1: unknown argument; see --help" ;;
		esac
		shift
	done
	[[ -r $builddir/compile_commands.json ]] ||
		die "$builddir: not a build directory; make it with devtools/build.sh --builddir $builddir"
	builddir=$(realpath "$builddir")
	dir=$builddir/fuzz
	mkdir -p "$dir"
	check_clang "$dir"
	step 'building the fuzzers' "$dir/build.log" build "$dir" "$builddir" || die "the fuzzers do not build"
	step 'building the mailbox fuzzer' "$dir/build-mbx.log" build_mbx "$dir" "$builddir" ||
		die "the mailbox fuzzer does not build"

	limit=-max_total_time=$(((seconds + ${#fuzzers[@]} - 1) / ${#fuzzers[@]}))
	[[ -z $runs ]] || limit=-runs=$runs
	for fuzzer in "${fuzzers[@]}"; do
		read -r name seeds max_len <<<"$fuzzer"
		log=$dir/$name.log
		if (run "$dir" "$name" "$seeds" "$max_len" "$limit") >"$log" 2>&1; then
			note "$name: nothing found in $(awk '/number_of_executed_units/ { print $2 }' "$log") inputs"
		else
			tail -n 40 "$log" | sed 's/^/  | /' >&2
			note "$name: a finding; the input is $(sed -n 's/^.*Test unit written to //p' "$log"), the output is $log"
			failed=1
		fi
	done
	log=$dir/fuzz_i82576_mbx.log
	if run_mbx "$dir" "$messages" >"$log" 2>&1; then
		note "fuzz_i82576_mbx: nothing found in $(sed -n 's/^\([0-9]* messages, [0-9]* served\), .*/\1/p' "$log")"
	else
		tail -n 60 "$log" | sed 's/^/  | /' >&2
		note "fuzz_i82576_mbx: a finding, the output is $log"
		failed=1
	fi
	return "$failed"
}

main "$@"
