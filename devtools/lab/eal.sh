# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions for lab tests of the EAL: running a DPDK program, and what its log must say. To be sourced after guest.sh.
#
# Settings: LAB_DPDK_TEST, the dpdk-test to run (DPDK_TEST is a command to dpdk-test itself); TESTPMD, the dpdk-testpmd; DROP_IN, a directory with the librte_eal.so that
# both are to use (for the distribution's own, dynamically linked programs); TOKEN_BROKER, a token-broker program.

# What every dpdk-test here gets: one core, little memory, no hugepages, no telemetry; the EAL's log at debug level.
eal_options=(-m 64 --no-huge --no-telemetry --no-shconf -l 0 --log-level=lib.eal:debug)

# Longest run of a program that is not left in the background, in seconds.
eal_timeout_s=60

# Four tokens for the tests, and the functions of the lab's two ports.
# shellcheck disable=SC2034 # for the tests
{
	T1=6fa4d1b0-11e5-4cf3-8a3b-0f6e2d9c7a01
	T2=b2c9e7d4-22f6-4a1d-9c5e-1a7f3e8d6b02
	T3=d81b3c5e-33a7-4e92-a6d0-2b8c4f9e5c03
	T4=e93f5a72-44b8-4db1-b7e1-3c9d5a0f4d04
	PF1=0000:01:00.0
	PF2=0000:02:00.0
	VF1=0000:01:10.0
	VF1B=0000:01:10.2
	VF2=0000:02:10.0
}

# lab_skip REASON: ends the test as skipped.
lab_skip() {
	printf 'skip: %s\n' "$*"
	exit 77
}

# eal_program PROGRAM ARGS...: runs a DPDK program on the EAL under test, in place of this shell.
eal_program() {
	if [[ -n ${DROP_IN:-} ]]; then
		export LD_LIBRARY_PATH=$DROP_IN
	fi
	exec "$@"
}

# eal_run NAME PROGRAM ARGS...: runs a program to the end of its initialisation, its log in $LAB_OUT/NAME.log and in
# eal_log. Returns whether rte_eal_init() succeeded.
eal_run() {
	local name=$1
	shift
	eal_log=$LAB_OUT/$name.log
	echo quit | (eal_program timeout "$eal_timeout_s" "$@") >"$eal_log" 2>&1 || true
	printf '+ %s\n' "$*"
	grep -E 'vfio|VFIO|cannot|token|Invalid' "$eal_log" | sed 's/^/    /' || true
	# The prompt of dpdk-test, or of testpmd.
	grep -qE 'RTE>>|testpmd>' "$eal_log"
}

# eal NAME ARGS...: runs dpdk-test.
eal() {
	local name=$1
	shift
	eal_run "$name" "$LAB_DPDK_TEST" "${eal_options[@]}" "$@"
}

# eal_unprivileged NAME ARGS...: as eal, by the user nobody. The build may lie where only root can look, so with a copy.
eal_unprivileged() {
	local name=$1 directory=/tmp/eal-unprivileged DROP_IN=${DROP_IN:-}
	shift
	install -D -m 755 "$LAB_DPDK_TEST" "$directory/dpdk-test"
	if [[ -n $DROP_IN ]]; then
		install -D -m 755 -t "$directory/drop-in" "$DROP_IN"/*
		DROP_IN=$directory/drop-in
	fi
	ulimit -l unlimited
	eal_run "$name" setpriv --reuid=65534 --clear-groups --bounding-set=-all --inh-caps=-all \
		env XDG_RUNTIME_DIR=/tmp "$directory/dpdk-test" "${eal_options[@]}" "$@"
}

# eal_strace NAME ARGS...: as eal, with the ioctls of all its threads in $LAB_OUT/NAME.strace.
eal_strace() {
	local name=$1
	shift
	eal_trace=$LAB_OUT/$name.strace
	eal_run "$name" strace -f --seccomp-bpf -e trace=ioctl -o "$eal_trace" "$LAB_DPDK_TEST" "${eal_options[@]}" "$@"
}

# eal_hold NAME ARGS...: starts dpdk-test in the background, and waits until it has its devices. It holds them until
# eal_release NAME, or the test's end.
eal_hold() {
	local name=$1 fifo=/tmp/eal-$1.fifo
	shift
	eal_log=$LAB_OUT/$name.log
	rm -f "$fifo"
	mkfifo "$fifo"
	: >"$eal_log"
	(eal_program "$LAB_DPDK_TEST" "${eal_options[@]}" "$@") <>"$fifo" >"$eal_log" 2>&1 &
	echo $! >"/tmp/eal-$name.pid"
	lab_wait_for "$eal_timeout_s" grep -q 'RTE>>' "$eal_log" || {
		cat "$eal_log"
		lab_note "dpdk-test $name did not come up"
		return 1
	}
	printf '+ dpdk-test %s (held)\n' "$*"
}

eal_pid() {
	cat "/tmp/eal-$1.pid"
}

# eal_release NAME: has a held dpdk-test quit.
eal_release() {
	local pid
	pid=$(eal_pid "$1")
	echo quit >"/tmp/eal-$1.fifo"
	lab_wait_for 30 lab_process_ended "$pid" || {
		lab_note "dpdk-test $1 did not quit"
		return 1
	}
	rm -f "/tmp/eal-$1.pid" "/tmp/eal-$1.fifo"
}

eal_stop_all() {
	local file
	for file in /tmp/eal-*.pid; do
		[[ -e $file ]] || continue
		kill -9 "$(cat "$file")" 2>/dev/null || true
		rm -f "$file" "${file%.pid}.fifo"
	done
}

# expect_log REGEX: the last program's log has a line that matches.
expect_log() {
	grep -qE -- "$1" "$eal_log" || {
		lab_note "not in $(basename "$eal_log"): $1"
		tail -n 15 "$eal_log"
		return 1
	}
}

expect_no_log() {
	if grep -E -- "$1" "$eal_log"; then
		lab_note "must not be in $(basename "$eal_log"): $1"
		return 1
	fi
}

# expect_opened BDF [ORIGIN]: the device was opened, by a token of ORIGIN ("" or absent: any), or "without".
expect_opened() {
	case ${2:-} in
	without) expect_log "$1: opened through VFIO without a VF token" ;;
	*) expect_log "$1: opened through VFIO with the VF token of .*${2:-}" ;;
	esac
}

# expect_refused BDF CAUSE: the device was refused, for this cause.
expect_refused() {
	expect_log "$1: cannot open through VFIO: .*$2"
}

# expect_init_refused POSITION CAUSE: rte_eal_init() failed, for this cause in an option.
expect_init_refused() {
	expect_log "--vfio-vf-token option $1( .*)?: .*$2"
	expect_no_log 'Probing VFIO|RTE>>'
}

# expect_device_ioctls COUNT: how often the kernel was asked for a device, with a token or without.
expect_device_ioctls() {
	local count
	count=$(grep -c VFIO_GROUP_GET_DEVICE_FD "$eal_trace" || true)
	[[ $count == "$1" ]] || {
		lab_note "VFIO_GROUP_GET_DEVICE_FD: $count times, not $1"
		grep VFIO_GROUP_GET_DEVICE_FD "$eal_trace" >&2 || true
		return 1
	}
}

# must_fail CMD...: CMD fails.
must_fail() {
	if "$@"; then
		lab_note "succeeded and must not: $*"
		return 1
	fi
}

# token_file PATH LINE...: makes a token file as an operator would.
token_file() {
	local path=$1
	shift
	rm -f "$path"
	(umask 077 && printf '%s\n' "$@" >"$path")
}

# lab_cards ID: prints the addresses of the cards of one kind, for example 8086:100e.
lab_cards() {
	local dir
	for dir in /sys/bus/pci/devices/*; do
		[[ $(cat "$dir/vendor"):$(cat "$dir/device") == "0x${1%:*}:0x${1#*:}" ]] || continue
		printf '%s\n' "${dir##*/}"
	done
}

# Two PFs on vfio-pci, each with two VFs on vfio-pci.
lab_two_pfs() {
	local pf
	for pf in "$PF1" "$PF2"; do
		lab_bind "$pf" vfio-pci
		lab_vfs "$pf" 2
	done
}
