#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Builds DPDK with this tree in it. Installs the packages that this needs, obtains DPDK, configures and compiles; what
# is up to date is left as it is.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<-EOT
	usage: ${0##*/} [--lts 22.11|24.11|25.11|auto] [--builddir DIR] [MESON-OPTION...]

	  --lts LTS       the DPDK to build on; default: that of the build directory, else the one that the
	                  distribution carries
	  --builddir DIR  default: build
	  MESON-OPTION    for example -Dall=true -Dbuildtype=debugoptimized -Db_sanitize=address
	                  -Ddpdk_source=dpdk-24.11.6.tar.xz

	  NINJA_JOBS=N    in the environment: compile with N jobs at a time
	EOT
}

top_dir=$(cd "$devtools_dir/.." && pwd)

# Prints ninja's progress in steps of ten per cent and what the compiler says; of a reconfiguration only a failure.
compact_progress() {
	awk '
		/^\[[0-9]+\/[0-9]+\] Regenerating build files/ { regenerating = 1; next }
		/^\[[0-9]+\/[0-9]+\] / {
			regenerating = held = 0
			split(substr($1, 2), n, /[\/\]]/)
			percent = int(n[1] * 10 / n[2]) * 10
			if (percent > shown) {
				shown = percent
				printf "%3d %% (%d of %d)\n", percent, n[1], n[2]
				fflush()
			}
			next
		}
		/^ninja: (Entering directory|no work to do)/ { next }
		regenerating { line[held++ % 20] = $0; next }
		{ print; fflush() }
		END { for (i = held > 20 ? held - 20 : 0; i < held; i++) print line[i % 20] }
	' >&2
}

# configure BUILDDIR OPTION...
configure() {
	local builddir=$1 log
	shift
	local -a options=("$@")
	log="$(cache_dir)/logs/meson-setup.log"
	if [[ ! -e $builddir/build.ninja ]]; then
		# Not for installing: the prefix puts the distribution's plug-in path (/usr/lib/.../dpdk/pmds-*) into
		# librte_eal.so, with which it can stand in for the distribution's own.
		step "configuring $builddir" "$log" \
			meson setup "$builddir" "$top_dir" --native-file "$devtools_dir/native.ini" -Dprefix=/usr "${options[@]}"
	elif ((${#options[@]})); then
		step "configuring $builddir again" "$log" \
			meson setup --reconfigure "$builddir" "$top_dir" "${options[@]}"
	fi
}

compile() {
	local builddir=$1 log=$1/build.log start=$SECONDS status=0
	local -a jobs=()
	[[ -z ${NINJA_JOBS:-} ]] || jobs=(-j "$NINJA_JOBS")
	note "compiling in $builddir (output: $log)"
	NINJA_STATUS='[%f/%t] ' ninja -C "$builddir" "${jobs[@]}" 2>&1 | tee "$log" | compact_progress || status=$?
	((status == 0)) || die "compiling failed; the first error is after \"FAILED:\" above and in $log"
	note "compiled in $((SECONDS - start)) s"
}

print_results() {
	local dpdk=$1 file
	for file in "$dpdk/app/dpdk-testpmd" "$dpdk/app/test/dpdk-test" "$dpdk/app/dpdk-sriovd" \
		"$dpdk/app/dpdk-sriovctl" "$dpdk/lib/librte_eal.so"; do
		[[ ! -e $file ]] || note "built $file"
	done
}

main() {
	local lts='' builddir=$top_dir/build source='' built
	local -a options=() get_args=()
	while (($#)); do
		case $1 in
		--lts | --builddir)
			(($# > 1)) || die "$1 needs a value; see --help"
			if [[ $1 == --lts ]]; then
				lts=$2
				options+=("-Ddpdk=$2")
			else
				builddir=$2
			fi
			shift
			;;
		-h | --help)
			usage
			return 0
			;;
		-D*)
			options+=("$1")
			[[ $1 != -Ddpdk_source=* ]] || source=${1#*=}
			[[ $1 != -Ddpdk=* ]] || lts=${1#*=}
			;;
		--*) options+=("$1") ;;
		*) die "$1: unknown argument; see --help" ;;
		esac
		shift
	done
	builddir=$(realpath -m "$builddir")
	ensure_packages build
	lts=${lts:-$(build_option "$builddir" dpdk)}
	source=${source:-$(build_option "$builddir" dpdk_source)}
	get_args=(--lts "${lts:-auto}")
	[[ -z $source ]] || get_args+=(--source "$source")
	# meson would do so, too, but shows no progress meanwhile.
	built=$("$devtools_dir/get-dpdk.sh" "${get_args[@]}")
	configure "$builddir" "${options[@]}"
	compile "$builddir"
	print_results "$builddir/subprojects/dpdk-$built"
}

main "$@"
