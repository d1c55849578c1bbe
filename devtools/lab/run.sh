#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Runs a command as root in a virtual machine that has an IOMMU, 82576 ports with SR-IOV, and a distribution's kernel.
# See usage below and doc/guides/lab.rst.

set -euo pipefail

lab_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source-path=SCRIPTDIR source=../common.sh
. "$lab_dir/../common.sh"
# shellcheck source-path=SCRIPTDIR source=qemu.sh
. "$lab_dir/qemu.sh"
# shellcheck source-path=SCRIPTDIR source=kernel.sh
. "$lab_dir/kernel.sh"

note_prefix=lab

# Exit statuses of run.sh's own; any other is the command's.
status_usage=2
status_guest_stopped=96
status_kernel_message=97
status_guest_died=98
status_no_lab=99
status_timeout=124

# How long a guest may take to reach userspace, in seconds: TCG on a busy machine, with a distribution's kernel or one of
# the user's, which may have debugging checks; and KVM, which is there or is not.
boot_timeout_tcg_s=90
boot_timeout_tcg_own_kernel_s=240
boot_timeout_kvm_s=30
# How long a processor of the guest, or its root, may go without a sign of life, in seconds (see guest-init).
beat_timeout_s=60
# How long a guest may take to power off once the command has ended.
poweroff_timeout_s=15

# With more memory the firmware puts windows for the VF BARs above 4 GiB (q35 has all memory below 4 GiB up to 2815 MB).
low_bars_memory_mb=2800

kernel=6.12
pfs=2
nvme_vfs=0
shell=false
timeout_s=
log_dir=
memory_mb=2048
hugepages=
cpus=4
accel=auto
init=
refresh=
allowed_messages=()
environment=()
kept=()
qemu_extra=()
kernel_extra=()
command=()

usage() {
	cat <<-'USAGE'
	Usage: devtools/lab/run.sh [OPTION...] [--] CMD [ARG...]
	       devtools/lab/run.sh [OPTION...] --shell

	Runs CMD as root in a QEMU guest with an IOMMU and 82576 ports with SR-IOV, in the current directory of a
	copy-on-write view of this machine's root. Exits with CMD's status.

	  --kernel SERIES|DIR  kernel: a series that the distribution has (6.1, 6.12; default 6.12), or the directory of
	                       an unpacked kernel package or of a kernel made by build-kernel.sh
	  --pfs N              82576 ports, from 0000:01:00.0 on (default 2)
  --nvme-vfs N         an NVMe controller that can have N VFs, at most 127 (default: none)
	  --memory MB          memory of the guest (default 2048)
	  --hugepages N        2 MiB hugepages (default: 600, fewer in less memory)
	  --cpus N             processors of the guest (default 4)
	  --timeout S          seconds for the whole run (default 300; a day for a shell)
	  --env NAME[=VALUE]   an environment variable for CMD; without a value, the caller's
	  --keep DIR           a directory under /tmp or /run to be seen in the guest, whose own these are otherwise
	                       (the current directory and this tree are seen anyway)
	  --allow-kernel-message REGEX
	                       kernel messages with which the run does not fail (extended regular expression)
	  --log-dir DIR        where the console and CMD's output are kept
	  --shell              a shell on this terminal instead of CMD
  --init systemd       systemd as process 1, CMD a service of it (default: a script that runs CMD alone)
	  --accel auto|kvm|tcg accelerator (default: kvm if it works here, or else tcg)
	  --append TEXT        more for the kernel's command line
	  --qemu-arg ARG       one more argument for QEMU
	  --refresh            look for newer versions of the kernel and QEMU in the distribution
	  --help

	Exit status: CMD's; or 2 wrong usage, 96 the guest's clocks are wrong or stopped, or QEMU has failed an assertion
	of its own (run it again), 97 the guest's kernel reported a fault, 98 the guest died, 99 the lab cannot run here, 124 the time was over.
	USAGE
}

usage_error() {
	note "$*; see --help"
	exit "$status_usage"
}

is_number() {
	[[ $1 =~ ^[0-9]+$ ]]
}

parse_arguments() {
	while (($#)); do
		case $1 in
		--shell) shell=true ;;
		--refresh) refresh=refresh ;;
		-h | --help)
			usage
			exit 0
			;;
		--)
			shift
			command=("$@")
			break
			;;
		--kernel | --pfs | --nvme-vfs | --memory | --hugepages | --cpus | --timeout | --env | --keep | --allow-kernel-message | \
			--log-dir | --init | --accel | --append | --qemu-arg)
			(($# > 1)) || usage_error "$1: value missing"
			parse_option "$1" "$2"
			shift
			;;
		-*) usage_error "$1: no such option" ;;
		*)
			command=("$@")
			break
			;;
		esac
		shift
	done
}

parse_option() {
	case $1 in
	--kernel) kernel=$2 ;;
	--pfs) pfs=$2 ;;
	--nvme-vfs) nvme_vfs=$2 ;;
	--memory) memory_mb=$2 ;;
	--hugepages) hugepages=$2 ;;
	--cpus) cpus=$2 ;;
	--timeout) timeout_s=$2 ;;
	--env) environment+=("$(environment_assignment "$2")") ;;
	--keep) kept+=("$2") ;;
	--allow-kernel-message) allowed_messages+=("$2") ;;
	--log-dir) log_dir=$2 ;;
	--init) init=$2 ;;
	--accel) accel=$2 ;;
	--append) kernel_extra+=("$2") ;;
	--qemu-arg) qemu_extra+=("$2") ;;
	esac
}

environment_assignment() {
	local name=${1%%=*}
	[[ $name =~ ^[A-Za-z_][A-Za-z0-9_]*$ ]] || usage_error "--env $1: not NAME=VALUE"
	if [[ $1 == *=* ]]; then
		printf '%s' "$1"
	else
		printf '%s=%s' "$name" "${!name-}"
	fi
}

check_arguments() {
	local value
	if [[ -z $timeout_s ]]; then
		timeout_s=300
		! $shell || timeout_s=86400
	fi
	for value in "$pfs" "$nvme_vfs" "$memory_mb" "$cpus" "$timeout_s" "${hugepages:-0}"; do
		is_number "$value" || usage_error "$value: not a number"
	done
	for value in ${kept[@]+"${kept[@]}"}; do
		[[ -d $value ]] || usage_error "--keep $value: no such directory"
	done
	((nvme_vfs <= 127)) || usage_error "--nvme-vfs $nvme_vfs: at most 127"
	((pfs <= 8)) || usage_error "--pfs $pfs: at most 8"
	((cpus >= 1)) || usage_error "--cpus $cpus: at least 1"
	((memory_mb >= 512)) || usage_error "--memory $memory_mb: at least 512"
	[[ $accel == auto || $accel == kvm || $accel == tcg ]] || usage_error "--accel $accel: not auto, kvm or tcg"
	[[ -z $init || $init == systemd ]] || usage_error "--init $init: not systemd"
	[[ -z $init || -x /lib/systemd/systemd ]] || usage_error "--init systemd: the package systemd is not installed"
	if $shell; then
		((${#command[@]} == 0)) || usage_error "--shell takes no command"
		[[ -t 0 ]] || usage_error "--shell needs a terminal on standard input"
	else
		((${#command[@]})) || usage_error "no command"
	fi
	# The rest of the memory is for the kernel, the overlay's upper layer and processes.
	if [[ -z $hugepages ]]; then
		hugepages=$(((memory_mb - 800) / 2))
		hugepages=$((hugepages < 0 ? 0 : hugepages > 600 ? 600 : hugepages))
	fi
	((hugepages * 2 + 300 <= memory_mb)) ||
		usage_error "--hugepages $hugepages: take $((hugepages * 2)) of $memory_mb MB; give --memory more"
}

check_host() {
	[[ $(uname -m) == x86_64 ]] || die "the lab needs an x86_64 machine: its guest runs this machine's programs"
	ensure_packages lab
	qemu_find $refresh
	kernel_find "$kernel" $refresh
	if qemu_is_faulty "$qemu_version" && ((memory_mb > low_bars_memory_mb)); then
		die "--memory $memory_mb: with more than $low_bars_memory_mb MB the VF BARs lie above 4 GiB, which" \
			"QEMU $qemu_version does not reach; give less, or put another QEMU on PATH (10.0.6 and 10.2 are fixed)"
	fi
	case $PWD in
	/dev/* | /proc/* | /sys/*) die "$PWD: not visible in the guest; run from another directory" ;;
	*$'\n'*) die "$PWD: a directory with a line break in its name cannot be passed to the guest" ;;
	esac
}

# ---- the run's directories

prepare_log_dir() {
	local logs
	if [[ -z $log_dir ]]; then
		logs="$(cache_dir)/lab-logs"
		mkdir -p "$logs"
		# Logs of runs that nobody asked to keep.
		find "$logs" -mindepth 1 -maxdepth 1 -mtime +7 -exec rm -rf {} +
		log_dir=$(mktemp -d "$logs/$(date +%Y%m%d-%H%M%S)-XXXXXX")
	else
		mkdir -p "$log_dir"
		log_dir=$(cd "$log_dir" && pwd)
	fi
	mkdir -p "$log_dir/out"
	[[ -z $(ls -A "$log_dir/out") ]] || note "$log_dir/out: has files of an earlier run"
	: >"$log_dir/console.log"
	ln -sfn "$log_dir" "$(cache_dir)/lab-last" 2>/dev/null || true
}

# Directories that the guest must see although it has its own /tmp and /run.
kept_directories() {
	local directory
	for directory in "$PWD" "$(pwd -P)" "$devtools_dir/.." "$kernel_modules" ${kept[@]+"${kept[@]}"}; do
		directory=$(realpath "$directory")
		case $directory in
		/tmp/* | /run/*) printf '%s\n' "$directory" ;;
		esac
	done | sort -u
}

guest_environment() {
	local port addresses=
	for ((port = 1; port <= pfs; port++)); do
		addresses+=$(printf '%s0000:%02x:00.0' "${addresses:+ }" "$port")
	done
	printf '%s\0' "LAB_PFS=$addresses" "LAB_KERNEL=$kernel_release" "LAB_QEMU_VERSION=$qemu_version" \
		"LAB_VF_BAR_LIMIT=$(qemu_is_faulty "$qemu_version" && echo 0x100000000)" "LAB_MEMORY_MB=$memory_mb" "PATH=$PATH" \
		"TERM=${TERM:-dumb}" "LAB_INIT=$init" ${TESTPMD:+"TESTPMD=$TESTPMD"} ${environment[@]+"${environment[@]}"}
}

# The control directory: what the guest is to do, and what it reports. It is laid anew for each boot.
prepare_control() {
	control=$1
	rm -rf "$control"
	mkdir -p "$control"
	cp "$lab_dir/guest-init" "$control/guest-init"
	: >"$control/argv"
	((${#command[@]} == 0)) || printf '%s\0' "${command[@]}" >"$control/argv"
	printf '%s\0' "$PWD" >"$control/cwd"
	guest_environment >"$control/env"
	realpath "${kernel_modules%/*}" >"$control/modules"
	kept_directories >"$control/keep"
	: >"$control/allowed"
	((${#allowed_messages[@]} == 0)) || printf '%s\n' "${allowed_messages[@]}" >"$control/allowed"
	: >"$control/output"
	mkdir "$control/out"
}

# ---- QEMU

kvm_usable() {
	# A /dev/kvm without the processor's own module is another hypervisor's, which may not run an ordinary guest.
	[[ -r /dev/kvm && -w /dev/kvm ]] && [[ -d /sys/module/kvm_intel || -d /sys/module/kvm_amd ]]
}

qemu_machine_options() {
	local accelerator=$1
	printf '%s\n' -nodefaults -no-user-config -display none -no-reboot -M q35,kernel-irqchip=split \
		-m "$memory_mb" -smp "$cpus"
	case $accelerator in
	kvm) printf '%s\n' -accel kvm -cpu host ;;
	tcg) printf '%s\n' -accel tcg,thread=multi -cpu max ;;
	esac
	printf '%s\n' -device intel-iommu,intremap=on,caching-mode=on,device-iotlb=on
}

qemu_disk_options() {
	printf '%s\n' \
		-fsdev "local,id=root,path=/,security_model=none,readonly=on,multidevs=remap" \
		-device virtio-9p-pci,fsdev=root,mount_tag=root \
		-fsdev "local,id=control,path=${control//,/,,},security_model=none,multidevs=remap" \
		-device virtio-9p-pci,fsdev=control,mount_tag=control
}

# The ports: each behind a root port of its own, so that each has its own bus (and each function its own IOMMU group),
# all joined to one hub inside QEMU.
qemu_port_options() {
	local port
	for ((port = 1; port <= pfs; port++)); do
		printf '%s\n' -netdev "hubport,id=hub$port,hubid=0" \
			-device "pcie-root-port,id=root$port,bus=pcie.0,chassis=$port,slot=$port" \
			-device "igb,bus=root$port,netdev=hub$port,mac=52:54:00:00:00:0$port,romfile="
	done
}

# An NVMe controller with SR-IOV: for many VFs, which no data passes through. Its queues and vectors are for its VFs.
qemu_nvme_options() {
	((nvme_vfs)) || return 0
	printf '%s\n' -device pcie-root-port,id=root-nvme,bus=pcie.0,chassis=20,slot=20 \
		-device nvme-subsys,id=subsystem \
		-device "nvme,serial=lab,subsys=subsystem,bus=root-nvme,sriov_max_vfs=$nvme_vfs,$(
			)sriov_vq_flexible=$((2 * nvme_vfs)),sriov_vi_flexible=$nvme_vfs,$(
			)max_ioqpairs=$((2 * nvme_vfs + 2)),msix_qsize=$((nvme_vfs + 3))"
}

qemu_serial_options() {
	printf '%s\n' -chardev "file,id=console,path=${log_dir//,/,,}/console.log" -serial chardev:console
	if $shell; then
		printf '%s\n' -chardev stdio,id=terminal,signal=off -serial chardev:terminal
	fi
}

start_qemu() {
	local accelerator=$1 parameters
	local -a options
	mapfile -t options < <(
		qemu_machine_options "$accelerator"
		qemu_serial_options
		qemu_disk_options
		qemu_port_options
		qemu_nvme_options
	)
	# init_on_alloc=0: clearing the hugepages takes seconds under TCG, and a process gets them cleared anyway.
	# no_timer_check: on a busy machine the check sees too few ticks, and the kernel panics.
	parameters="console=ttyS0 panic=-1 intel_iommu=on iommu=nopt hugepagesz=2M hugepages=$hugepages"
	parameters+=" init_on_alloc=0 no_timer_check"
	# Under TCG an interrupt of the local timer is lost now and then. A one-shot timer then never fires again, and what
	# waits on that processor hangs; a periodic one fires at the next tick.
	# RCU then reports a stall, which is not the kernel's fault: processors_alive sees a stopped processor, whatever stopped it.
	[[ $accelerator != tcg ]] || parameters+=" nohz=off highres=off rcupdate.rcu_cpu_stall_suppress=1"
	parameters+=" ${kernel_extra[*]-}"
	options+=("${qemu_data_options[@]}" -kernel "$kernel_image" -initrd "$work/initramfs" -append "$parameters"
		${qemu_extra[@]+"${qemu_extra[@]}"})
	: >"$log_dir/console.log"
	printf '%q ' "${qemu_command[@]}" "${options[@]}" >"$log_dir/qemu.command"
	started_at=$EPOCHREALTIME
	# QEMU is killed by the kernel if this script is, which then has no chance to.
	if $shell; then
		setpriv --pdeathsig KILL "${qemu_command[@]}" "${options[@]}" 2>"$log_dir/qemu.log" <&0 &
	else
		setpriv --pdeathsig KILL "${qemu_command[@]}" "${options[@]}" >"$log_dir/qemu.log" 2>&1 </dev/null &
	fi
	qemu_pid=$!
}

qemu_running() {
	[[ -n $qemu_pid ]] && kill -0 "$qemu_pid" 2>/dev/null
}

stop_qemu() {
	local tick
	[[ -n $qemu_pid ]] || return 0
	kill "$qemu_pid" 2>/dev/null || true
	for ((tick = 0; tick < 30; tick++)); do
		qemu_running || break
		sleep 0.1
	done
	kill -9 "$qemu_pid" 2>/dev/null || true
	wait "$qemu_pid" 2>/dev/null || true
	qemu_pid=
}

elapsed_s() {
	awk -v from="$started_at" -v to="$EPOCHREALTIME" 'BEGIN { printf "%.1f", to - from }'
}

# ---- one run

# Waits for a file of the control directory, while QEMU runs, for up to LIMIT seconds.
wait_for_control() {
	local file=$1 limit=$((SECONDS + $2))
	while [[ ! -e $control/$file ]]; do
		qemu_running || return 1
		((SECONDS < limit)) || return 2
		sleep 0.05
	done
}

# Starts a guest on ACCELERATOR; fails if it does not come up.
boot() {
	local accelerator=$1 limit=$2
	prepare_control "$work/control"
	start_qemu "$accelerator"
	if wait_for_control up "$limit"; then
		note "Linux $kernel_release, QEMU $qemu_version ($accelerator), $pfs ports: userspace after $(elapsed_s) s" \
			2> >(tee -a "$log_dir/lab.log" >&2)
		return 0
	fi
	stop_qemu
	return 1
}

boot_failed() {
	tail -n 15 "$log_dir/qemu.log" "$log_dir/console.log" >&2
	die "the guest did not reach userspace (it has $1 s): see $log_dir/console.log and $log_dir/qemu.log"
}

boot_guest() {
	local limit=$boot_timeout_tcg_s
	[[ ! -d $kernel ]] || limit=$boot_timeout_tcg_own_kernel_s
	limit=$((timeout_s < limit ? timeout_s : limit))
	if [[ $accel == kvm ]] || { [[ $accel == auto ]] && kvm_usable; }; then
		boot kvm "$boot_timeout_kvm_s" && return 0
		[[ $accel == auto ]] || boot_failed "$boot_timeout_kvm_s"
		note "KVM does not run the guest here; using TCG"
	fi
	boot tcg "$limit" && return 0
	# Without a word on the console, QEMU itself failed. Else the machine may have been too busy for the guest's timers:
	# what is tested has not begun yet, so a second try hides nothing of it.
	[[ -s $log_dir/console.log ]] || boot_failed "$limit"
	cp "$log_dir/console.log" "$log_dir/console-failed-boot.log"
	note "the guest did not reach userspace (see console-failed-boot.log in $log_dir); trying once more"
	boot tcg "$limit" || boot_failed "$limit"
}

follow_output() {
	$shell && return 0
	tail -n +1 -s 0.1 -f --pid="$qemu_pid" "$control/output" 2>/dev/null &
	tail_pid=$!
}

finish_output() {
	[[ -n $tail_pid ]] || return 0
	wait "$tail_pid" 2>/dev/null || true
	tail_pid=
}

give_up() {
	touch "$control/dump"
	wait_for_control dumped 4 || true
	sleep 0.5
	stop_qemu
	finish_output
	note "error: the time of $timeout_s s (--timeout) was over and the command still running; see $log_dir:" \
		"output.log, console.log and, if the guest could still write it, out/processes.txt"
	report_kernel_messages || true
	exit "$status_timeout"
}

# Whether each processor of the guest and its root have shown a sign of life of late; which has not is in stopped_part.
guest_alive() {
	stopped_part=$(find "$control" -maxdepth 1 -name 'beat.*' ! -newermt "$beat_timeout_s seconds ago" -printf '%f\n' -quit)
	[[ -z $stopped_part ]]
}

# Waits for the command's status for up to LIMIT seconds. Returns 1 if QEMU has ended, 2 if the time is over, 3 if a
# processor of the guest or its root has stopped.
wait_for_command() {
	local limit=$((SECONDS + $1)) look=$((SECONDS + 10))
	while [[ ! -e $control/status ]]; do
		qemu_running || return 1
		((SECONDS < limit)) || return 2
		if ((SECONDS >= look)); then
			guest_alive || return 3
			look=$((SECONDS + 10))
		fi
		sleep 0.05
	done
}

# With a QEMU that has faults (qemu_is_faulty) a processor of the guest gets no more interrupts now and then, and what waits
# on that processor waits for ever. That is the emulator's fault and not the command's, so it has a status of its own. A
# processor that the kernel itself has locked up is reported as the kernel's fault.
guest_stopped() {
	local cause
	stop_qemu
	finish_output
	report_kernel_messages || exit "$status_kernel_message"
	if [[ $stopped_part == beat.root ]]; then
		cause="the guest's root has not answered for $beat_timeout_s s: an interrupt of its device is lost"
	else
		cause="processor ${stopped_part#beat.} of the guest has not shown a sign of life for $beat_timeout_s s: it gets no interrupts"
	fi
	note "error: $cause. Its kernel reports no fault: the emulator's is likely. Run the command again"
	exit "$status_guest_stopped"
}

# Whether the guest's kernel took the right measure of its clocks. On a busy machine it may not, as the emulator stands still
# in the middle of it; seconds then pass in milliseconds. measured: "PIT calibration deviates from HPET: 82934 2596149".
clock_is_right() {
	local ms
	! grep -aqF 'PIT calibration deviates from HPET' "$log_dir/console.log" || return 1
	ms=$(sed -nE 's/.*APIC calibration not consistent with PM-Timer: ([0-9]+)ms.*/\1/p' "$log_dir/console.log" | head -n 1)
	[[ -z $ms ]] || ((ms >= 50 && ms <= 200))
}

# That is the emulator's fault as well.
guest_clock_wrong() {
	stop_qemu
	finish_output
	note "error: the guest's kernel has measured its clocks wrongly, which happens under TCG on a busy machine (see" \
		"\"calibration\" in $log_dir/console.log). Run the command again"
	exit "$status_guest_stopped"
}

# Whether QEMU has ended by an assertion of its own (qemu_is_faulty has one that does): no fault of the guest's.
emulator_failed() {
	local assertion
	assertion=$(grep -m 1 ': Assertion .* failed' "$log_dir/qemu.log") || return 1
	note "error: the emulator has failed: ${assertion%.}. Run the command again"
}

# Waits for the end of the command and of the guest.
wait_for_guest() {
	local left=$((timeout_s - SECONDS + run_started_at)) waited=0
	clock_is_right || guest_clock_wrong
	wait_for_command $((left > 0 ? left : 0)) || waited=$?
	((waited != 2)) || give_up
	((waited != 3)) || guest_stopped
	((waited == 1)) || wait_for_poweroff
	stop_qemu
	finish_output
	if [[ ! -e $control/status ]]; then
		emulator_failed && exit "$status_guest_stopped"
		report_kernel_messages || true
		tail -n 15 "$log_dir/console.log" >&2
		note "error: the guest died before the command ended: see $log_dir/console.log"
		exit "$status_guest_died"
	fi
}

wait_for_poweroff() {
	local limit=$((SECONDS + poweroff_timeout_s))
	while qemu_running; do
		if ((SECONDS >= limit)); then
			touch "$control/dump"
			wait_for_control dumped 4 || true
			note "the guest did not power off within $poweroff_timeout_s s of the command's end; stopped"
			return 0
		fi
		sleep 0.05
	done
}

# Keeps what the guest wrote.
# shellcheck disable=SC2317 # called by cleanup
collect_logs() {
	[[ -d $control/out ]] || return 0
	cp "$control/output" "$log_dir/output.log" || true
	cp -a "$control/out/." "$log_dir/out/" || true
}

report_kernel_messages() {
	local found
	found=$(awk -v allowed="$control/allowed" -f "$lab_dir/kernel-messages.awk" "$log_dir/console.log") && return 0
	note "error: the guest's kernel reported a fault:"
	printf '%s\n' "$found" | sed 's/^/  | /' >&2
	return 1
}

# shellcheck disable=SC2317 # called by the trap
cleanup() {
	local status=$?
	trap - EXIT
	stop_qemu
	collect_logs
	[[ -z $tail_pid ]] || kill "$tail_pid" 2>/dev/null || true
	[[ -z $terminal ]] || stty "$terminal" 2>/dev/null || true
	[[ -z $work ]] || rm -rf "$work"
	exit "$status"
}

main() {
	local status
	parse_arguments "$@"
	check_arguments
	die_status=$status_no_lab
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	check_host
	prepare_log_dir
	run_started_at=$SECONDS
	work=$(mktemp -d "${TMPDIR:-/tmp}/dpdk-sriov-lab-XXXXXX")
	kernel_make_initramfs "$work/initramfs" "$lab_dir/initramfs-init" "$work/initramfs.d"
	if $shell; then
		note "the guest's shell follows; leave it with exit or Ctrl-D"
		terminal=$(stty -g)
		stty raw -echo
	fi
	boot_guest
	follow_output
	wait_for_guest
	status=$(cat "$control/status")
	note "status $status after $(elapsed_s) s; logs in $log_dir" 2>>"$log_dir/lab.log"
	if ! report_kernel_messages; then
		note "the command's own status is $status; all of the kernel's messages are in $log_dir/console.log"
		exit "$status_kernel_message"
	fi
	((status == 0)) || note "the command ended with status $status; logs in $log_dir"
	exit "$status"
}

work='' control='' qemu_pid='' tail_pid='' stopped_part='' terminal='' started_at=0 run_started_at=0
main "$@"
