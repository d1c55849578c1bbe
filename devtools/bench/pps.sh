#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Packets a second that net_i82576's PF and VFs pass in the lab, beside DPDK's net_e1000_igb and net_e1000_igb_vf: in one
# guest and one program (pps.c), in turns of some ms, without loss.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
# shellcheck source=devtools/bench/program.sh
. "$(dirname "${BASH_SOURCE[0]}")/program.sh"

usage() {
	cat <<-EOT
	usage: ${0##*/} [--builddir DIR] [--rounds N] [--seconds N] [--no-check]

	  --builddir DIR  what devtools/build.sh made; default: build
	  --rounds N      how often both are measured, of whose ratios the median counts; default: 5
	  --seconds N     how long each side sends in each direction of a round; default: 3
	  --no-check      succeed whatever the ratios are

	Fails if ours pass less than 0.95 of the packets a second that upstream's do, in a direction in which upstream's
	pass any, or lose one. The rates are the emulator's: only the ratio says something.
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

[[ $rounds =~ ^[1-9][0-9]*$ ]] || die "--rounds $rounds: not a number from 1 on"
[[ $seconds =~ ^[1-9][0-9]*$ ]] || die "--seconds $seconds: not a number from 1 on"
[[ -e $builddir/build.ninja ]] || die "$builddir: not a build directory; make one with devtools/build.sh"
builddir=$(realpath "$builddir")
results=$(mktemp)
trap 'rm -f "$results"' EXIT

# report FILE: the table of what the guest printed; fails if a direction is too slow, or ours have lost a packet.
report() {
	awk -v check="$check" -v at_least="$at_least" '
		# Of values[key, 1] to values[key, count].
		function median(values, key, count,   list, i, j, t) {
			for (i = 1; i <= count; i++) {
				list[i] = values[key, i]
				for (j = i; j > 1 && list[j] < list[j - 1]; j--) {
					t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
				}
			}
			return count % 2 ? list[(count + 1) / 2] : (list[count / 2] + list[count / 2 + 1]) / 2
		}
		$1 == "round" { round = $2 }
		$1 == "rate" {
			side = $2 ~ /^net_i82576/ ? "ours" : "igb"
			if (!($3 in seen)) {
				seen[$3] = 1
				order[++nb] = $3
			}
			rate[side "/" $3, round] = $4
			lost[side "/" $3] += $5 - $6
		}
		END {
			printf "%-10s %10s %6s %10s %6s %7s  %s\n", "direction", "ours", "lost", "igb", "lost", "ratio",
				"of each round"
			for (i = 1; i <= nb; i++) {
				ours = "ours/" order[i]
				igb = "igb/" order[i]
				rounds = ""
				for (n = 1; n <= round; n++) {
					ratio[order[i], n] = rate[igb, n] > 0 ? rate[ours, n] / rate[igb, n] : 0
					rounds = rounds sprintf(" %.2f", ratio[order[i], n])
				}
				can = median(rate, igb, round) > 0
				middle = median(ratio, order[i], round)
				bad = (can && middle < at_least) ? "  too slow" : ""
				if (lost[ours] > 0 || median(rate, ours, round) == 0)
					bad = bad "  lost packets"
				printf "%-10s %10d %6d %10d %6d %7s %s%s\n", order[i], median(rate, ours, round), lost[ours],
					median(rate, igb, round), lost[igb], can ? sprintf("%.2f", middle) : "-", rounds, bad
				if (bad != "")
					failed = 1
			}
			exit (failed || nb == 0) && check
		}' "$1"
}

ensure_packages bench
bench_link "$builddir" "$builddir/pps" dpdk-testpmd testpmd.c "$devtools_dir/bench/pps.c" -O3
(cd "$top_dir" && devtools/lab/run.sh --cpus 2 --timeout $((120 + rounds * (60 + 12 * seconds))) \
	--env "PPS=$builddir/pps" --env "PPS_ROUNDS=$rounds" --env "PPS_SECONDS=$seconds" -- \
	devtools/bench/pps-guest.sh) | tee "$results"
report "$results" ||
	die "ours pass less than $at_least of what net_e1000_igb passes, or lose packets (--no-check: succeed all the same)"
