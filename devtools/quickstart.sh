#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The main job on a real kernel: installs what is missing, builds, and shows in a virtual machine dpdk-sriovd as the owner
# of a PF and two tenants on its VFs, with traffic between them, and others refused. See README.md.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage() {
	cat <<-USAGE
	Usage: devtools/quickstart.sh [--kernel 6.1|6.12|DIR] [--builddir DIR]

	Installs what is missing (as root), builds DPDK with dpdk-sriov, boots a guest with an IOMMU and an 82576, and
	runs dpdk-sriovd and two tenants in it. Ends with a table of what each of them saw.
	USAGE
}

main() {
	local kernel=6.12 builddir top lts dpdk attempt status
	top=$(cd "$devtools_dir/.." && pwd)
	builddir=$top/build
	while (($#)); do
		case $1 in
		--kernel | --builddir)
			(($# > 1)) || die "$1 needs a value; see --help"
			if [[ $1 == --kernel ]]; then
				kernel=$2
			else
				builddir=$(realpath -m "$2")
			fi
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
	note "1/3 packages"
	ensure_packages build lab quickstart
	note "2/3 build"
	"$devtools_dir/build.sh" --builddir "$builddir"
	lts=$("$devtools_dir/get-dpdk.sh" --lts "$(build_option "$builddir" dpdk)")
	dpdk=$builddir/subprojects/dpdk-$lts
	note "3/3 PF owner and tenants in the lab"
	cd "$top"
	for attempt in 1 2; do
		status=0
		"$devtools_dir/lab/run.sh" --kernel "$kernel" --pfs 1 --env TESTPMD="$dpdk/app/dpdk-testpmd" \
			--env SRIOVD="$dpdk/app/dpdk-sriovd" --env SRIOVCTL="$dpdk/app/dpdk-sriovctl" \
			--env SRIOV_KEEPER="$builddir/app/sriovkeeper/dpdk-sriov-keeper" --env LAB_DPDK="$top/subprojects/dpdk-$lts" -- "$devtools_dir/lab/quickstart-guest.sh" || status=$?
		((status == 96 && attempt == 1)) || return "$status"
		note "the emulator has stopped a processor of the guest; starting once more"
	done
}

main "$@"
