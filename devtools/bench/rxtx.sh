#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What net_i82576's burst functions cost beside those of DPDK's net_e1000_igb: instructions per packet, counted by
# callgrind, and cycles per packet. Both work on rings in plain memory (rxtx.c), in one program, with bursts of 32.

set -euo pipefail

# shellcheck source=devtools/common.sh
. "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
# shellcheck source=devtools/bench/program.sh
. "$(dirname "${BASH_SOURCE[0]}")/program.sh"

usage() {
	cat <<-EOT
	usage: ${0##*/} [--builddir DIR] [--rounds N] [--no-check]

	  --builddir DIR  what devtools/build.sh made; default: build
	  --rounds N      how often the cycles of each path are taken, of which the median is shown; default: 21
	  --no-check      succeed whatever the ratios are

	Fails if a scalar path takes more than 0.8, or a vector path more than 0.4, of the instructions that
	net_e1000_igb takes for the same packets with the same offloads. Cycles depend on what else the machine does,
	and are shown only.
	EOT
}

bench_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
builddir=$(cd "$bench_dir/../.." && pwd)/build
rounds=21
check=1
bursts_timed=500
bursts_counted=1000

while (($#)); do
	case $1 in
	--builddir)
		builddir=${2:?--builddir needs a directory}
		shift
		;;
	--rounds)
		rounds=${2:?--rounds needs a number}
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

[[ -e $builddir/build.ninja ]] || die "$builddir: not a build directory; make one with devtools/build.sh"
builddir=$(cd "$builddir" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The program includes headers of both drivers, so it is compiled as one of them.
build_program() {
	bench_link "$builddir" "$work/rxtx" librte_net_e1000.a igb_rxtx.c "$bench_dir/rxtx.c" \
		-O3 -g -I"$bench_dir/../../drivers/net/i82576"
}

eal_options=(--no-huge --no-pci --no-telemetry --no-shconf -m 256 -l 0 --iova-mode=va --log-level=error)

# Prints "PATH CYCLES".
time_cycles() {
	"$work/rxtx" "${eal_options[@]}" -- "$rounds" "$bursts_timed" | awk '{ print $1, $3 }'
}

# Prints "PATH INSTRUCTIONS-PER-PACKET".
count_instructions() {
	valgrind --tool=callgrind --callgrind-out-file="$work/callgrind.out" --toggle-collect='count_*' \
		"$work/rxtx" "${eal_options[@]}" -- 1 "$bursts_counted" >"$work/counted" 2>"$work/valgrind.log" ||
		{
			cat "$work/valgrind.log" >&2
			die "callgrind failed"
		}
	callgrind_annotate --inclusive=yes --threshold=100 "$work/callgrind.out" >"$work/annotated"
	awk 'NR == FNR { packets[$1] = $2; next }
		match($0, /:count_[a-z0-9_]+/) {
			name = substr($0, RSTART + 7, RLENGTH - 7)
			gsub(/,/, "", $1)
			if (name in packets)
				printf "%s %.2f\n", name, $1 / packets[name]
		}' "$work/counted" "$work/annotated"
}

# report CYCLES INSTRUCTIONS: the table; fails if a path takes too many instructions.
report() {
	awk -v check="$check" '
		FILENAME == ARGV[1] { cycles[$1] = $2; order[++nb] = $1; next }
		{ instructions[$1] = $2 }
		END {
			printf "%-20s %12s %7s %7s  %12s %7s\n", "path", "instructions", "ratio", "at most",
				"cycles", "ratio"
			for (i = 1; i <= nb; i++) {
				name = order[i]
				if (!(name in instructions)) {
					printf "%s: not counted\n", name
					failed = 1
					continue
				}
				if (name ~ /_igb$/) {
					reference = name
					printf "%-20s %12.1f %7s %7s  %12.1f\n", name, instructions[name], "", "",
						cycles[name]
					continue
				}
				most = name ~ /_scalar$/ ? 0.8 : 0.4
				ratio = instructions[name] / instructions[reference]
				printf "%-20s %12.1f %7.2f %7.1f  %12.1f %7.2f%s\n", name, instructions[name], ratio,
					most, cycles[name], cycles[name] / cycles[reference],
					(ratio > most) ? "  too many" : ""
				if (ratio > most)
					failed = 1
			}
			exit failed && check
		}' "$1" "$2"
}

ensure_packages bench
build_program
time_cycles >"$work/cycles"
count_instructions >"$work/instructions"
report "$work/cycles" "$work/instructions" ||
	die "a path takes more instructions than it may (--no-check: succeed all the same)"
