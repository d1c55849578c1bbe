#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs lab tests inside the guest: every function test_* of the files named, each in a shell of its own. A file's tests
# start from what lab_reset and the file's function setup make; a test restores what it changes of that. Processes are
# cleaned up after each test, and after a failure everything is made anew. See doc/guides/testing.rst.
#
# Usage, in the guest: devtools/lab/suite.sh [--only REGEX] FILE...
# Prints "PASS|FAIL|SKIP file: test (seconds)" for each, what a test has said by lab_result, and "N passed, N failed,
# N skipped" at the end. LAB_TEST_TIMEOUT_S is the longest time of one test, in seconds (180).

set -euo pipefail

suite=$(readlink -f "${BASH_SOURCE[0]}")
lab_dir=$(dirname "$suite")
# shellcheck source=devtools/lab/guest.sh
. "$lab_dir/guest.sh"
# shellcheck source=devtools/lab/eal.sh
. "$lab_dir/eal.sh"

# Longest time of one test, in seconds.
test_timeout_s=${LAB_TEST_TIMEOUT_S:-180}
# Status by which a test skips itself (lab_skip).
status_skip=77

# run_one FILE FUNCTION: what the shell of one test does.
run_one() {
	# shellcheck source=/dev/null
	. "$1"
	trap 'eal_stop_all' EXIT
	# Not every check says why it failed; this says which one did.
	set -E
	trap 'lab_note "$(basename "${BASH_SOURCE[0]}") line $LINENO failed: $BASH_COMMAND"' ERR
	"$2"
}

test_functions() {
	sed -n 's/^\(test_[a-z0-9_]*\)() {$/\1/p' "$1"
}

# Brings the guest to the state that the file's tests start from.
prepare() (
	# shellcheck source=/dev/null
	. "$1"
	lab_reset
	if declare -F setup >/dev/null; then
		setup
	fi
)

report() {
	printf '%-4s %s: %s (%s s)\n' "$1" "$2" "$3" "$4"
}

run_test() {
	local file=$1 name=$2 unit log started=$SECONDS status=0
	unit=$(basename "$file" .sh)
	log=$LAB_OUT/$unit-$name.log
	if [[ $prepared != "$file" ]]; then
		prepare "$file" >"$log" 2>&1 || status=$?
		prepared=$file
	fi
	if ((status == 0)); then
		timeout --kill-after=10 "$test_timeout_s" bash "$suite" --one "$file" "$name" >>"$log" 2>&1 || status=$?
		lab_reset_processes >>"$log" 2>&1 || status=$?
	fi
	((status == 0 || status == status_skip)) || prepared=
	case $status in
	0)
		passed=$((passed + 1))
		report PASS "$unit" "$name" $((SECONDS - started))
		# What a test has to show beside that.
		sed -nE 's/^(lab: result: |\| )/  | /p' "$log"
		;;
	"$status_skip")
		skipped=$((skipped + 1))
		report SKIP "$unit" "$name: $(sed -n 's/^skip: //p' "$log" | tail -n 1)" $((SECONDS - started))
		;;
	*)
		failed=$((failed + 1))
		report FAIL "$unit" "$name" $((SECONDS - started))
		printf '  | status %s; the end of %s:\n' "$status" "$(basename "$log")"
		tail -n 40 "$log" | sed 's/^/  | /'
		;;
	esac
}

main() {
	local only=. file name passed=0 failed=0 skipped=0 prepared=
	if [[ ${1:-} == --one ]]; then
		run_one "$2" "$3"
		return
	fi
	if [[ ${1:-} == --only ]]; then
		only=$2
		shift 2
	fi
	for file; do
		[[ -r $file ]] || lab_die "$file: no such test file"
		for name in $(test_functions "$file"); do
			[[ $name =~ $only ]] || continue
			run_test "$file" "$name"
		done
	done
	((passed + failed + skipped)) || lab_die "no test matches"
	printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped"
	((failed == 0))
}

main "$@"
