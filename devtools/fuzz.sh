#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds the fuzzers in app/fuzz with libFuzzer and the address and undefined-behaviour sanitizers, and runs each for a
# bounded time from its seed corpus. Any finding is a failure.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

top_dir=$(cd "$devtools_dir/.." && pwd)

# Each fuzzer, the directory of its seeds and the longest input that makes sense for it, in bytes.
fuzzers=(
	'fuzz_sriovd_config sriovd_config 4096'
	'fuzz_sriovd_request sriovd_request 4096'
	'fuzz_sriovd_token sriovd_token 32'
	'fuzz_keeper_message notify 4200'
	'fuzz_ctl_reply ctl_reply 16384'
	'fuzz_vfio_token_content content 4096'
	'fuzz_vfio_token_reply reply 32'
	'fuzz_vfio_token_spec spec 256'
)

sanitizers=address,undefined

# Of app/sriovd, what its fuzzers reach, and of other libraries what that needs.
daemon=(config config_diff config_lines config_value grant policy request token_packet)
daemon_libraries=(lib/cfgfile/rte_cfgfile.c lib/pci/rte_pci.c lib/sriov/sriov_error.c lib/sriov/sriov_policy.c)
daemon_includes=(app/sriovd lib/cfgfile lib/mbuf lib/mempool lib/net lib/pci lib/ring lib/sriov)

# Of lib/eal, what the fuzzers reach; the broker first.
layer=(broker option parse record refusal secret source sysfs table)
# Of app/sriovctl, what reads and prints replies.
ctl=(error json line output reply tree)

usage() {
	cat <<-EOT
	usage: ${0##*/} [--seconds N] [--runs N] [--builddir DIR]

	  --seconds N     how long to fuzz, in all (default 20)
	  --runs N        inputs for each fuzzer instead of a time
	  --builddir DIR  a build directory of devtools/build.sh, for DPDK's headers and configuration (default: build)
	EOT
}

# A fuzzer needs clang and its runtime, which are packages of their own.
check_clang() {
	local dir=$1
	echo 'int LLVMFuzzerTestOneInput(const unsigned char *d, unsigned long n) { return d == 0 && n != 0; }' >"$dir/probe.c"
	clang -fsanitize="fuzzer,$sanitizers" -o "$dir/probe" "$dir/probe.c" >"$dir/probe.log" 2>&1 && return 0
	die "clang cannot build a fuzzer here (see $dir/probe.log); on Debian install its packages as root:" \
		"apt-get install --no-install-recommends clang libclang-rt-dev (Debian 12: libclang-rt-14-dev)"
}

# Prints what the build compiles the layer with: the directory and source of DPDK's lib/eal, then the flags that choose
# headers and features, one a line.
compile_flags() {
	python3 - "$1/compile_commands.json" <<-'PY'
	import json, os, shlex, sys
	for entry in json.load(open(sys.argv[1])):
	    if entry["file"].endswith("/vfio_token/eal_vfio_token_parse.c"):
	        break
	else:
	    sys.exit("no command that compiles lib/eal")
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
	text=$(compile_flags "$builddir") ||
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
	local seconds=20 runs='' builddir=$top_dir/build dir limit fuzzer name seeds max_len log failed=0
	while (($#)); do
		case $1 in
		--seconds | --runs | --builddir)
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
	return "$failed"
}

main "$@"
