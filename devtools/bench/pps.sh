#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Packets a second that net_i82576's PF and VFs pass in the lab, beside DPDK's net_e1000_igb and net_e1000_igb_vf: in one
# guest, in turn, with the median of each.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

usage() {
	cat <<-EOT
	usage: ${0##*/} [--builddir DIR] [--rounds N] [--seconds N] [--no-check]

	  --builddir DIR  what devtools/build.sh made; default: build
	  --rounds N      how often each pair of drivers is measured; default: 5
	  --seconds N     how long each direction is; default: 3
	  --no-check      succeed whatever the ratios are

	Fails if less than 0.95 of what upstream's receiver gets reaches ours, in a direction in which upstream's gets
	anything. The rates are the emulator's: only the ratio says something, and only on a machine that does little else.
	EOT
}

top_dir=$(cd "$devtools_dir/.." && pwd)
builddir=$top_dir/build
rounds=5
seconds=3
check=1
at_least=0.95

while (($#)); do
	case $1 in
	--builddir | --rounds | --seconds)
		(($# > 1)) || die "$1 needs a value; see --help"
		printf -v "${1#--}" %s "$2"
		shift
		;;
	--no-check) check=0 ;;
	-h | --help)
		usage
		exit 0
		;;
	*)
		usage >&2
		die "$1: unknown argument"
		;;
	esac
	shift
done

builddir=$(realpath "$builddir")
testpmd=$(echo "$builddir"/subprojects/dpdk-*/app/dpdk-testpmd)
[[ -x $testpmd ]] || die "$builddir has no dpdk-testpmd; make one with devtools/build.sh"

# report: the table of what the guest printed; fails if a direction is too slow.
report() {
	awk -v check="$check" -v at_least="$at_least" '
		function median(list, nb,   i, j, t) {
			for (i = 2; i <= nb; i++)
				for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
					t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
				}
			return nb % 2 ? list[(nb + 1) / 2] : (list[nb / 2] + list[nb / 2 + 1]) / 2
		}
		function median_of(key,   i, copy) {
			for (i = 1; i <= count[key]; i++)
				copy[i] = value[key, i]
			return median(copy, count[key])
		}
		$1 == "rate" {
			if (!($3 in seen)) {
				seen[$3] = 1
				order[++nb] = $3
			}
			value[$2 "/" $3 "/sent", ++count[$2 "/" $3 "/sent"]] = $4
			value[$2 "/" $3 "/received", ++count[$2 "/" $3 "/received"]] = $5
		}
		END {
			printf "%-10s %10s %10s %10s %10s %7s\n", "direction", "ours sent", "received", "igb sent",
				"received", "ratio"
			for (i = 1; i <= nb; i++) {
				ours = median_of("i82576/" order[i] "/received")
				theirs = median_of("e1000/" order[i] "/received")
				ratio = theirs > 0 ? ours / theirs : 0
				slow = theirs > 0 && ratio < at_least
				shown = theirs > 0 ? sprintf("%.2f", ratio) : "-"
				printf "%-10s %10d %10d %10d %10d %7s%s\n", order[i],
					median_of("i82576/" order[i] "/sent"), ours,
					median_of("e1000/" order[i] "/sent"), theirs, shown, slow ? "  too slow" : ""
				if (slow || ours == 0)
					failed = 1
			}
			exit (failed || nb == 0) && check
		}' "$1"
}

results=$(mktemp)
trap 'rm -f "$results"' EXIT
(cd "$top_dir" && devtools/lab/run.sh --timeout $((120 + rounds * (180 + 8 * seconds))) --env "TESTPMD=$testpmd" \
	--env "PPS_ROUNDS=$rounds" --env "PPS_SECONDS=$seconds" -- devtools/bench/pps-guest.sh) | tee "$results"
report "$results" || die "ours pass less than $at_least of what net_e1000_igb passes (--no-check: succeed all the same)"
