# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Functions for tests that run in the lab's guest (devtools/lab/run.sh). To be sourced by bash; sets no shell option.
# Every wait is bounded. Unless said otherwise, a function that fails says why on standard error and returns 1, so that
# a test under "set -e" ends there.
#
# Settings: TESTPMD, the dpdk-testpmd to run; DROP_IN, a directory of libraries for it; LAB_VFIO_MODULE, a vfio-pci.ko to load in place of the kernel's.

# Where testpmd's files lie; in memory, because it writes its prompt one character at a time.
lab_testpmd_dir=/tmp/lab-testpmd
# How long testpmd may take to start, and to carry out a command, in seconds.
lab_testpmd_start_s=${LAB_TESTPMD_START_S:-90}
lab_testpmd_cmd_s=${LAB_TESTPMD_CMD_S:-30}
# How long the kernel may take for a write to sysfs, in seconds.
lab_write_s=${LAB_WRITE_S:-30}

lab_note() {
	printf 'lab: %s\n' "$*" >&2
}

# What a reader of the results is to see of a test that passes: numbers, a seed.
lab_result() {
	lab_note "result: $*"
}

# Ends the test.
lab_die() {
	lab_note "error: $*"
	exit 1
}

[[ -n ${LAB_DIR:-} ]] || lab_die "guest.sh is for the lab's guest: start the test by devtools/lab/run.sh"

# lab_wait_for SECONDS CMD...: runs CMD until it succeeds; returns 1 silently if it did not within SECONDS.
lab_wait_for() {
	local limit=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS <= limit)) || return 1
		sleep 0.1
	done
}

# Whether a process has ended. A child that has ended is a zombie until it is waited for.
lab_process_ended() {
	local line
	# Without a program started: this is polled, and programs start slowly in the lab.
	{ read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
	# "PID (NAME) STATE ...", and NAME may hold anything.
	line=${line##*) }
	[[ ${line%% *} == [ZX] ]]
}

# lab_write FILE VALUE [SECONDS]: writes VALUE to the sysfs file FILE. A write that the kernel blocks is given up (the
# writer stays behind: it cannot be killed) and fails.
lab_write() {
	local file=$1 value=$2 limit=${3:-$lab_write_s} writer errors
	errors=$(mktemp)
	( printf '%s' "$value" >"$file" ) 2>"$errors" &
	writer=$!
	if ! lab_wait_for_exit "$writer" "$limit"; then
		lab_note "$file: the kernel has blocked the write of \"$value\" for $limit s"
		return 1
	fi
	if ! wait "$writer"; then
		lab_note "$file: writing \"$value\" failed: $(sed 's/.*: //' "$errors")"
		return 1
	fi
	rm -f "$errors"
}

# Whether process $1 ends within $2 s.
lab_wait_for_exit() {
	local ticks=$(($2 * 20))
	until lab_process_ended "$1"; do
		((ticks-- > 0)) || return 1
		sleep 0.05
	done
}

# ---- devices

lab_pci_dir() {
	local dir=/sys/bus/pci/devices/$1
	[[ -d $dir ]] || {
		lab_note "$1: no such PCI device; there are: $(cd /sys/bus/pci/devices && echo *)"
		return 1
	}
	printf '%s\n' "$dir"
}

# lab_driver PCI: prints the driver of a function, or nothing.
lab_driver() {
	local link
	link=$(readlink "/sys/bus/pci/devices/$1/driver") || return 0
	printf '%s\n' "${link##*/}"
}

# lab_load_vfio [PARAMETER=VALUE...]: loads vfio-pci with SR-IOV enabled, and the type 1 IOMMU back end.
# $LAB_VFIO_MODULE, if set, is loaded in place of the kernel's vfio-pci.ko.
# shellcheck disable=SC2120 # tests pass parameters
lab_load_vfio() {
	local -a parameters=(enable_sriov=1 disable_idle_d3=1 "$@")
	# A kernel with IOMMUFD's container has no type 1 back end.
	modprobe vfio_iommu_type1 2>/dev/null || modprobe iommufd 2>/dev/null || {
		lab_note "$(uname -r) has neither vfio_iommu_type1 nor iommufd"
		return 1
	}
	if [[ -d /sys/module/vfio_pci ]]; then
		lab_note "vfio-pci is loaded already: lab_unload_vfio first"
		return 1
	fi
	if [[ -n ${LAB_VFIO_MODULE:-} ]]; then
		modprobe vfio-pci-core || return 1
		insmod "$LAB_VFIO_MODULE" "${parameters[@]}" || {
			lab_note "$LAB_VFIO_MODULE: cannot be loaded into $(uname -r): $(dmesg | tail -n 1)"
			return 1
		}
	else
		modprobe vfio-pci "${parameters[@]}" || {
			lab_note "vfio-pci: cannot be loaded into $(uname -r)"
			return 1
		}
	fi
}

# Unloads vfio-pci; its devices must be unbound.
lab_unload_vfio() {
	[[ -d /sys/module/vfio_pci ]] || return 0
	modprobe -r vfio-pci 2>/dev/null || rmmod vfio-pci || {
		lab_note "vfio-pci cannot be unloaded; bound to it: $(cd /sys/bus/pci/drivers/vfio-pci && echo 0000:*)"
		return 1
	}
}

# lab_bind PCI DRIVER: binds a function to DRIVER, whatever its driver was.
lab_bind() {
	local pci=$1 driver=$2 dir
	dir=$(lab_pci_dir "$pci") || return 1
	[[ $(lab_driver "$pci") != "$driver" ]] || return 0
	[[ -d /sys/bus/pci/drivers/$driver ]] || {
		lab_note "$pci: driver $driver is not loaded (vfio-pci: lab_load_vfio; others: modprobe)"
		return 1
	}
	lab_unbind "$pci" || return 1
	lab_write "$dir/driver_override" "$driver" || return 1
	lab_write /sys/bus/pci/drivers_probe "$pci" || return 1
	[[ $(lab_driver "$pci") == "$driver" ]] || {
		lab_note "$pci: $driver did not take it: $(dmesg | grep -F "$pci" | tail -n 1)"
		return 1
	}
}

# lab_unbind PCI: leaves a function without a driver.
lab_unbind() {
	local pci=$1 dir
	dir=$(lab_pci_dir "$pci") || return 1
	lab_write "$dir/driver_override" $'\n' || return 1
	[[ -n $(lab_driver "$pci") ]] || return 0
	lab_write "$dir/driver/unbind" "$pci"
}

# lab_vfs PF N: makes N VFs of a PF (0 to remove them) and waits for them.
lab_vfs() {
	local pf=$1 count=$2 dir current
	dir=$(lab_pci_dir "$pf") || return 1
	current=$(cat "$dir/sriov_numvfs") || return 1
	[[ $current != "$count" ]] || return 0
	if ((current)); then
		lab_write "$dir/sriov_numvfs" 0 || return 1
	fi
	((count)) || return 0
	lab_write "$dir/sriov_numvfs" "$count" || {
		lab_note "$pf: driver $(lab_driver "$pf"); vfio-pci makes VFs only with enable_sriov=1 (lab_load_vfio)"
		return 1
	}
	lab_wait_for 10 test -e "$dir/virtfn$((count - 1))" || {
		lab_note "$pf: $count VFs were made, but virtfn$((count - 1)) is not there"
		return 1
	}
	lab_check_vf_bars "$pf"
}

# lab_vf PF INDEX: prints the address of a VF.
lab_vf() {
	local link
	link=$(readlink "/sys/bus/pci/devices/$1/virtfn$2") || {
		lab_note "$1: no VF $2"
		return 1
	}
	printf '%s\n' "${link##*/}"
}

# lab_check_vf_bars PF: fails if QEMU cannot reach the registers of the PF's VFs.
lab_check_vf_bars() {
	local pf=$1 vf start
	[[ -n ${LAB_VF_BAR_LIMIT:-} ]] || return 0
	for vf in "/sys/bus/pci/devices/$pf"/virtfn*; do
		[[ -e $vf ]] || continue
		read -r start _ <"$vf/resource"
		((start < LAB_VF_BAR_LIMIT)) && continue
		lab_note "$(basename "$(readlink "$vf")"): BAR 0 is at $start, and QEMU $LAB_QEMU_VERSION does not reach VF" \
			"BARs from 4 GiB on: the VF's registers would read as nothing. Give run.sh less --memory, or use a" \
			"QEMU that is neither 10.0.0 to 10.0.5 nor 10.1.0"
		return 1
	done
}

# lab_hugepages N: sets the number of 2 MiB hugepages.
lab_hugepages() {
	local count=$1 file=/sys/kernel/mm/hugepages/hugepages-2048kB/nr_hugepages have
	lab_write "$file" "$count" || return 1
	have=$(cat "$file")
	((have >= count)) || {
		lab_note "only $have of $count hugepages could be had; give run.sh more --memory or --hugepages"
		return 1
	}
}

# ---- kernel messages

# Kernel messages from now on count for lab_expect_kernel_message.
lab_kernel_mark() {
	lab_kernel_mark_text="lab mark $RANDOM$RANDOM"
	printf '<6>%s\n' "$lab_kernel_mark_text" >/dev/kmsg
}

lab_kernel_messages() {
	if [[ -n ${lab_kernel_mark_text:-} ]]; then
		dmesg | sed "1,/$lab_kernel_mark_text/d"
	else
		dmesg
	fi
}

lab_kernel_has() {
	local count
	# grep -q would stop at the first one, upon which what writes to it fails.
	count=$(lab_kernel_messages | grep -cE -- "$1" || true)
	((count > 0))
}

# lab_expect_kernel_message REGEX [SECONDS]: waits for a message since lab_kernel_mark (or the start) that matches the
# extended regular expression REGEX, and keeps the run from failing on such messages.
lab_expect_kernel_message() {
	lab_allow_kernel_message "$1"
	lab_wait_for "${2:-5}" lab_kernel_has "$1" || {
		lab_note "the kernel did not report \"$1\" within ${2:-5} s"
		return 1
	}
}

# lab_allow_kernel_message REGEX: kernel messages that match do not make the run fail.
lab_allow_kernel_message() {
	printf '%s\n' "$1" >>"$LAB_DIR/allowed"
}

# ---- testpmd

# Reads a log into lab_testpmd_text and counts its prompts into lab_testpmd_prompts. By the shell alone: starting a
# process takes long under TCG, and this is done at every poll.
lab_testpmd_read() {
	local rest
	IFS= read -r -d '' lab_testpmd_text <"$1" || true
	rest=${lab_testpmd_text//testpmd> /}
	lab_testpmd_prompts=$(((${#lab_testpmd_text} - ${#rest}) / 9))
}

# lab_testpmd_start NAME ARGS...: starts $TESTPMD ARGS in the background, interactively, and waits for its prompt. NAME
# tells instances apart and is the --file-prefix unless ARGS has one. Its log is kept as out/NAME.log of the run.
lab_testpmd_start() {
	local name=$1 dir=$lab_testpmd_dir/$1
	shift
	[[ -x ${TESTPMD:-} ]] || {
		lab_note "testpmd $name: TESTPMD=\"${TESTPMD:-}\" is no program; run.sh --env TESTPMD=build/.../dpdk-testpmd"
		return 1
	}
	[[ ! -e $dir/pid ]] || lab_process_ended "$(cat "$dir/pid")" || {
		lab_note "testpmd $name: runs already"
		return 1
	}
	rm -rf "$dir"
	mkdir -p "$dir"
	mkfifo "$dir/in"
	: >"$dir/log"
	local -a arguments=("$@")
	local line=" $* "
	[[ $line == *" --file-prefix"* ]] || arguments=("--file-prefix=$name" "${arguments[@]}")
	[[ $line == *" -- "* ]] || arguments+=(--)
	[[ $line == *" -i "* ]] || arguments+=(-i)
	# The fifo is opened for reading too, so that testpmd sees no end of input between two commands. Lines, and not
	# blocks, so that a command's output is there when its prompt is.
	# Started by a shell of its own, which notes the status for whoever stops it.
	(
		LD_LIBRARY_PATH=${DROP_IN:-${LD_LIBRARY_PATH:-}} stdbuf -oL -eL "$TESTPMD" "${arguments[@]}" <>"$dir/in" &
		echo $! >"$dir/pid.new"
		mv "$dir/pid.new" "$dir/pid"
		status=0
		wait $! || status=$?
		echo "$status" >"$dir/status.new"
		mv "$dir/status.new" "$dir/status"
	) >"$dir/log" 2>&1 </dev/null &
	lab_wait_for 10 test -e "$dir/pid" || return 1
	tail -n +1 -s 0.2 -f --pid="$(cat "$dir/pid")" "$dir/log" >"$LAB_OUT/$name.log" 2>/dev/null </dev/null &
	lab_testpmd_wait_prompt "$name" 1 "$lab_testpmd_start_s" "start"
}

# Waits until testpmd NAME has written its COUNTth prompt.
lab_testpmd_wait_prompt() {
	local name=$1 count=$2 limit=$((SECONDS + $3)) what=$4 dir=$lab_testpmd_dir/$1 pid
	read -r pid <"$dir/pid"
	while lab_testpmd_read "$dir/log" && ((lab_testpmd_prompts < count)); do
		if lab_process_ended "$pid"; then
			lab_note "testpmd $name ended at \"$what\"; the end of its log:"
			tail -n 15 "$dir/log" | sed 's/^/  | /' >&2
			return 1
		fi
		if ((SECONDS > limit)); then
			lab_note "testpmd $name did not answer \"$what\" within $3 s; the end of its log:"
			tail -n 15 "$dir/log" | sed 's/^/  | /' >&2
			return 1
		fi
		sleep 0.05
	done
}

# lab_testpmd_cmd NAME COMMAND [SECONDS]: has testpmd NAME carry out COMMAND and prints what it answered.
lab_testpmd_cmd() {
	local name=$1 text=$2 dir=$lab_testpmd_dir/$1 size answer
	[[ -e $dir/pid ]] || {
		lab_note "testpmd $name: not started"
		return 1
	}
	lab_testpmd_read "$dir/log"
	size=${#lab_testpmd_text}
	printf '%s\n' "$text" >"$dir/in"
	lab_testpmd_wait_prompt "$name" $((lab_testpmd_prompts + 1)) "${3:-$lab_testpmd_cmd_s}" "$text" || return 1
	# Without the command's echo and the next prompt.
	answer=${lab_testpmd_text:size}
	answer=${answer//$'\r'/}
	answer=${answer#*$'\n'}
	printf '%s' "${answer%testpmd> }"
}

# lab_testpmd_wait_log NAME REGEX [SECONDS]: waits for a line of the log of testpmd NAME.
lab_testpmd_wait_log() {
	lab_wait_for "${3:-$lab_testpmd_cmd_s}" grep -qE -- "$2" "$lab_testpmd_dir/$1/log" || {
		lab_note "testpmd $1: no \"$2\" in its log within ${3:-$lab_testpmd_cmd_s} s"
		return 1
	}
}

# lab_testpmd_pid NAME: prints its process id.
lab_testpmd_pid() {
	cat "$lab_testpmd_dir/$1/pid"
}

# lab_testpmd_link_is_up NAME: of its first port. testpmd does not wait for a link of whose changes it is told: to be waited for.
lab_testpmd_link_is_up() {
	lab_testpmd_cmd "$1" 'show port info 0' | grep -q 'Link status: up'
}

lab_testpmd_reap() {
	local name=$1 dir=$lab_testpmd_dir/$1 status
	lab_wait_for 5 test -e "$dir/status" || return 1
	status=$(cat "$dir/status")
	cp "$dir/log" "$LAB_OUT/$name.log"
	rm -f "$dir/pid" "$dir/in"
	return "$status"
}

# lab_testpmd_stop NAME [SECONDS]: quits testpmd NAME and returns its status; kills it and returns 1 if it does not end.
lab_testpmd_stop() {
	local name=$1 limit=${2:-30} dir=$lab_testpmd_dir/$1 pid
	[[ -e $dir/pid ]] || return 0
	pid=$(cat "$dir/pid")
	if ! lab_process_ended "$pid"; then
		printf 'quit\n' >"$dir/in"
		if ! lab_wait_for_exit "$pid" "$limit"; then
			lab_note "testpmd $name did not quit within $limit s; killed. The end of its log:"
			tail -n 15 "$dir/log" | sed 's/^/  | /' >&2
			kill -9 "$pid"
			lab_wait_for_exit "$pid" 10 && lab_testpmd_reap "$name"
			return 1
		fi
	fi
	lab_testpmd_reap "$name"
}

# lab_testpmd_kill NAME [SIGNAL]: ends testpmd NAME as a crash would (signal 9 unless given) and waits for that.
lab_testpmd_kill() {
	local name=$1 pid
	pid=$(lab_testpmd_pid "$name") || return 1
	kill "-${2:-9}" "$pid" 2>/dev/null || true
	lab_wait_for_exit "$pid" 15 || {
		lab_note "testpmd $name (process $pid) does not end; it waits in $(cat "/proc/$pid/wchan")"
		return 1
	}
	lab_testpmd_reap "$name" || true
}

# ---- a clean state

# Prints the processes, but this one, that have a VFIO device, group or container open.
lab_vfio_holders() {
	find /proc/[0-9]*/fd -maxdepth 1 \( -lname '/dev/vfio/*' -o -lname 'anon_inode:\[vfio-device\]' \) \
		2>/dev/null | awk -F / -v self="$$" '$3 != self && !seen[$3]++ { print $3 }'
}

lab_vfio_is_free() {
	[[ -z $(lab_vfio_holders) ]]
}

lab_reset_processes() {
	local dir process
	for dir in "$lab_testpmd_dir"/*/; do
		[[ -e $dir/pid ]] || continue
		lab_testpmd_kill "$(basename "$dir")" || return 1
	done
	for process in $(lab_vfio_holders); do
		kill -9 "$process" 2>/dev/null || true
	done
	lab_wait_for 15 lab_vfio_is_free || {
		lab_note "still using VFIO after SIGKILL: $(lab_vfio_holders | paste -sd ' ')"
		return 1
	}
}

# lab_reset: brings the guest back to the state that a test starts from. Kills what uses VFIO, removes VFs, unbinds the
# ports, loads vfio-pci anew, and removes files and hugepages that DPDK processes left.
lab_reset() {
	local pf
	lab_reset_processes || return 1
	for pf in $LAB_PFS; do
		if [[ -e /sys/bus/pci/devices/$pf/sriov_numvfs && -n $(lab_driver "$pf") ]]; then
			lab_vfs "$pf" 0 || return 1
		fi
		lab_unbind "$pf" || return 1
	done
	lab_unload_vfio || return 1
	# shellcheck disable=SC2119 # with the parameters that it has by default
	lab_load_vfio || return 1
	rm -rf /dev/hugepages/* /run/dpdk /tmp/dpdk "${lab_testpmd_dir:?}"
	lab_kernel_mark
}
