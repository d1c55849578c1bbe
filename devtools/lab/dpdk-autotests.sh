#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs autotests of DPDK's own that need hugepages, in the guest. Usage: dpdk-autotests.sh NAME...
# Prints "PASS|FAIL|SKIP DPDK's NAME" for each, and "done".

set -euo pipefail

# Longest time of one autotest, in seconds.
timeout_s=240

run() {
	local name=$1 log=$LAB_OUT/$1.log status=0
	DPDK_TEST=$name timeout "$timeout_s" "$LAB_DPDK_TEST" -m 64 -l 0,1,2 --no-telemetry >"$log" 2>&1 </dev/null ||
		status=$?
	if grep -q '^Test Skipped' "$log"; then
		printf "SKIP DPDK's %s: DPDK skips it here\n" "$name"
	elif grep -q '^Test OK' "$log"; then
		printf "PASS DPDK's %s\n" "$name"
	else
		printf "FAIL DPDK's %s (status %s)\n" "$name" "$status"
		tail -n 30 "$log" | sed 's/^/  | /'
	fi
	rm -rf /dev/hugepages/* /run/dpdk
}

for name; do
	started=$SECONDS
	run "$name"
	printf '%s: %s s\n' "$name" $((SECONDS - started)) >&2
done
echo "done"
