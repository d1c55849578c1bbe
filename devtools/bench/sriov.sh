#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What dpdk-sriovd costs beside what it stands on, each pair in one run in the lab: `up` of 127 VFs beside the bare write to
# sriov_numvfs, `status` of 127 VFs beside that of 8, and tokens handed out beside a bare server of the same socket type.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
	cat <<-EOT
	usage: ${0##*/} [--builddir DIR] [--rounds N] [--no-check]

	  --builddir DIR  what devtools/build.sh made; default: build
	  --rounds N      how often each is done, of which the median counts; default: 5
	  --no-check      succeed whatever the ratios are

	Fails if \`up\` takes more than 1.5 times what the bare write takes, \`status\` of 127 VFs more than 3 times that of
	8, or if fewer than 0.7 times the tokens are handed out that the bare server has requests.
	EOT
}

main() {
	local top builddir rounds=5 check=1 dpdk
	top=$(cd "$devtools_dir/.." && pwd)
	builddir=$top/build
	while (($#)); do
		case $1 in
		--builddir | --rounds)
			(($# > 1)) || die "$1 needs a value; see --help"
			if [[ $1 == --builddir ]]; then
				builddir=$2
			else
				rounds=$2
			fi
			shift
			;;
		--no-check) check=0 ;;
		-h | --help)
			usage
			return 0
			;;
		*) die "$1: unknown argument; see --help" ;;
		esac
		shift
	done
	[[ -e $builddir/build.ninja ]] || die "$builddir: not a build directory; make one with devtools/build.sh"
	builddir=$(cd "$builddir" && pwd)
	dpdk=dpdk-$("$devtools_dir/get-dpdk.sh" --lts "$(build_option "$builddir" dpdk)")
	gcc -O2 -Wall -Wextra -I "$top/lib/eal" -o "$builddir/token-bench" "$devtools_dir/bench/token_socket.c"
	cd "$top"
	exec "$devtools_dir/lab/run.sh" --nvme-vfs 127 --cpus 2 --timeout 3600 --env "SCALE_ROUNDS=$rounds" \
		--env "SCALE_CHECK=$check" --env LAB_TEST_TIMEOUT_S=3000 --env "LAB_DPDK=$top/subprojects/$dpdk" \
		--env "TOKEN_BENCH=$builddir/token-bench" \
		--env "LAB_DPDK_TEST=$builddir/subprojects/$dpdk/app/test/dpdk-test" \
		--env "SRIOVD=$builddir/subprojects/$dpdk/app/dpdk-sriovd" \
		--env "SRIOVCTL=$builddir/subprojects/$dpdk/app/dpdk-sriovctl" -- \
		devtools/lab/suite.sh devtools/lab/tests/sriov_scale.sh
}

main "$@"
