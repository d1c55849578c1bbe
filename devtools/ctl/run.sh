#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs the tests of dpdk-sriovctl: the program that was built, against a daemon that answers as each test tells it to,
# and what it prints against the programs that are to read it.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
# shellcheck source=devtools/lab/qemu.sh
. "$devtools_dir/lab/qemu.sh"

top_dir=$(cd "$devtools_dir/.." && pwd)

usage() {
	cat <<-EOT
	usage: ${0##*/} [--builddir DIR] [NAME...]

	Runs the tests whose names contain one of NAME, or all, and prints PASS, FAIL or SKIP for each.

	  --builddir DIR  a build directory of devtools/build.sh (default: build)
	EOT
}

main() {
	local builddir=$top_dir/build dpdk
	local -a names=()
	while (($#)); do
		case $1 in
		--builddir)
			(($# > 1)) || die "$1 needs a value; see --help"
			builddir=$2
			shift
			;;
		-h | --help)
			usage
			return 0
			;;
		-*) die "$1: unknown argument; see --help" ;;
		*) names+=("$1") ;;
		esac
		shift
	done
	for dpdk in "$(realpath -m "$builddir")"/subprojects/dpdk-*; do
		[[ ! -x $dpdk/app/dpdk-sriovctl ]] || break
	done
	[[ -x $dpdk/app/dpdk-sriovctl ]] || die "$builddir: no dpdk-sriovctl there; run devtools/build.sh --builddir $builddir"
	ensure_packages ctl
	qemu_find ''
	export DPDK_SRIOVCTL=$dpdk/app/dpdk-sriovctl DPDK_SRIOVD=$dpdk/app/dpdk-sriovd \
		DPDK_TEST=$dpdk/app/test/dpdk-test
	export QEMU_COMMAND="${qemu_command[*]} ${qemu_data_options[*]}"
	# The distribution's, for which its modules are.
	PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 "$devtools_dir/ctl/run.py" "${names[@]}"
}

main "$@"
