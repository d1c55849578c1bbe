#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Puts this tree's vfio-pci.ko in the place of the running kernel's, or the kernel's back. See usage below and
# doc/guides/vfio_pci.rst. Needs nothing else of this tree: the copy that DKMS makes works as well.

set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd)
module=/sys/module/vfio_pci
driver=/sys/bus/pci/drivers/vfio-pci
devices=/sys/bus/pci/devices
modules=/lib/modules/$(uname -r)
# What is to be bound again, in this order; kept until that is done, in case the run is interrupted:
#   1 function BDF OVERRIDE OWNER:GROUP MODE    a function that is on vfio-pci, and no VF
#   2 vfs BDF NUMBER                            the VFs of a PF on vfio-pci
#   3 vf BDF OVERRIDE OWNER:GROUP MODE          a VF that is on vfio-pci
#   4 idle BDF OVERRIDE                         a VF without a driver, of a PF on vfio-pci
# "-" is none.
state_dir=/run/vfio-pci-swap
state=$state_dir/state
# How long the kernel may take to bind or unbind a device or to make its VFs, in seconds.
write_timeout_s=30

command=
target_file=
dry_run=false
given=()

usage() {
	cat <<-'USAGE'
	Usage: swap.sh status
	       swap.sh ours|kernel [--dry-run] [--module FILE] [PARAMETER=VALUE...]

	Replaces the running vfio-pci by the one of this tree (ours) or by the kernel's own (kernel). The devices that are
	on vfio-pci are on it again afterwards, with their driver_override, VFs and the owners of their device nodes, and
	the module has the parameters that the running one has. Refuses, and names the processes, while one of the devices
	is open. What goes: VF tokens, and all that was set in the PFs.

	  status           what is loaded, which files there are, the devices and who has them open
	  --module FILE    the module to load; otherwise for ours, the one that is installed (updates/), or else
	                   vfio-pci/vfio-pci.ko beside this script; for kernel, the one below kernel/
	  --dry-run        say what would be done
	  PARAMETER=VALUE  a parameter of the module that is to have another value

	Exit status: 0 done, or loaded already; 1 refused or failed, the message says which; 2 wrong usage.
	USAGE
}

note() {
	printf 'vfio-pci-swap: %s\n' "$*" >&2
}

die() {
	note "error: $*"
	exit 1
}

usage_error() {
	note "$*; see --help"
	exit 2
}

# ---- modules

# Prints what is loaded: none, builtin, kernel or ours. The kernel's own has no version.
loaded() {
	if [[ ! -d $module ]]; then
		echo none
	elif [[ ! -e $module/initstate ]]; then
		echo builtin
	elif [[ -e $module/version && $(<"$module/taint") == *O* ]]; then
		echo ours
	else
		echo kernel
	fi
}

loaded_text() {
	case $1 in
	none) echo "none" ;;
	builtin) echo "the kernel's own, built in" ;;
	kernel) echo "the kernel's own" ;;
	ours) echo "ours, version $(<"$module/version")" ;;
	esac
}

# Prints the file of a module (ours or kernel), or nothing.
module_file() {
	local file
	if [[ $1 == kernel ]]; then
		find "$modules/kernel" -name 'vfio-pci.ko*' -print -quit 2>/dev/null
		return
	fi
	file=$(find "$modules/updates" "$modules/extra" -name 'vfio-pci.ko*' -print -quit 2>/dev/null || true)
	[[ -n $file || ! -e $here/vfio-pci/vfio-pci.ko ]] || file=$here/vfio-pci/vfio-pci.ko
	printf '%s' "$file"
}

# Whether the kernel insists on signed modules.
signature_required() {
	[[ $(cat /sys/module/module/parameters/sig_enforce 2>/dev/null) == Y ]] ||
		grep -qE '\[(integrity|confidentiality)\]' /sys/kernel/security/lockdown 2>/dev/null
}

# Sets target_file, and ends the script if it cannot be loaded into this kernel.
find_target() {
	local version
	[[ -n $target_file ]] || target_file=$(module_file "$command")
	if [[ -z $target_file ]]; then
		[[ $command == ours ]] || die "$modules/kernel has no vfio-pci.ko"
		die "no vfio-pci.ko of this tree for $(uname -r): make -C ${here}/vfio-pci, or name it by --module"
	fi
	target_file=$(realpath "$target_file")
	version=$(modinfo -F vermagic "$target_file") || die "$target_file: not a kernel module"
	[[ ${version%% *} == "$(uname -r)" ]] ||
		die "$target_file: built for Linux ${version%% *}, and this is $(uname -r): build it anew"
	[[ $(modinfo -F name "$target_file") == vfio_pci ]] || die "$target_file: not a vfio-pci.ko"
	if signature_required && [[ -z $(modinfo -F signer "$target_file") ]]; then
		die "$target_file: not signed, and this kernel takes signed modules only (secure boot): sign it with a key" \
			"that the firmware knows (mokutil --import)"
	fi
}

# Whether the module to be loaded is loaded.
is_loaded() {
	[[ $1 == "$command" ]] || return 1
	[[ $command == kernel ]] || [[ $(<"$module/srcversion") == "$(modinfo -F srcversion "$target_file")" ]]
}

# Prints the names of the parameters that a module file has, in one line.
parameter_names() {
	modinfo -p "$1" | sed 's/:.*//' | paste -sd ' '
}

# Prints the configured parameters, of modprobe.d and the kernel's command line.
configured_parameters() {
	modprobe -c | awk '$1 == "options" && ($2 == "vfio_pci" || $2 == "vfio-pci") { for (i = 3; i <= NF; i++) print $i }'
}

# Sets wanted to the parameters of before and those given, and checks the latter; the later beat the earlier. The ids
# that the running module was loaded with cannot be read from it.
find_parameters() {
	local names file parameter
	names=$(parameter_names "$target_file")
	mapfile -t wanted < <(configured_parameters)
	for file in "$module"/parameters/*; do
		[[ -r $file ]] || continue
		wanted+=("${file##*/}=$(<"$file")")
	done
	for parameter in ${given[@]+"${given[@]}"}; do
		[[ " $names " == *" ${parameter%%=*} "* ]] ||
			die "$parameter: $target_file has no such parameter; it has: $names"
		wanted+=("$parameter")
	done
}

# Sets parameters to those of wanted that a module file has.
choose_parameters() {
	local names parameter
	names=$(parameter_names "$1")
	parameters=()
	for parameter in ${wanted[@]+"${wanted[@]}"}; do
		if [[ " $names " == *" ${parameter%%=*} "* ]]; then
			parameters+=("$parameter")
		elif [[ $parameter != *=@(|N|0) ]]; then
			note "$parameter: the module to be loaded has no such parameter"
		fi
	done
}

# ---- devices

driver_of() {
	local link
	link=$(readlink "$devices/$1/driver") || return 0
	printf '%s' "${link##*/}"
}

override_of() {
	local override
	override=$(<"$devices/$1/driver_override")
	[[ $override != "(null)" && -n $override ]] || override=-
	printf '%s' "$override"
}

# Prints the names of the functions on vfio-pci, PFs before VFs.
bound_devices() {
	local path
	for path in "$driver"/*:*:*.*; do
		[[ -e $path/physfn || ! -e $path ]] || printf '%s\n' "${path##*/}"
	done
	for path in "$driver"/*:*:*.*; do
		[[ ! -e $path/physfn ]] || printf '%s\n' "${path##*/}"
	done
}

# Prints the names of the VFs of a PF.
vfs_of() {
	local link
	for link in "$devices/$1"/virtfn*; do
		[[ -e $link ]] || continue
		link=$(readlink "$link")
		printf '%s\n' "${link##*/}"
	done
}

pf_of() {
	local link
	link=$(readlink "$devices/$1/physfn") || return 0
	printf '%s' "${link##*/}"
}

# Prints "MAJOR:MINOR NODE" of a function's nodes below /dev/vfio: its group's, and its own where the kernel has those.
nodes_of() {
	local group path
	group=$(readlink "$devices/$1/iommu_group") || group=none
	group=${group##*/}
	for path in "/sys/class/vfio/$group" "/sys/class/vfio/noiommu-$group"; do
		[[ ! -e $path/dev ]] || printf '%s /dev/vfio/%s\n' "$(<"$path/dev")" "${path##*/}"
	done
	for path in "$devices/$1"/vfio-dev/*; do
		[[ ! -e $path/dev ]] || printf '%s /dev/vfio/devices/%s\n' "$(<"$path/dev")" "${path##*/}"
	done
}

# Prints "MAJOR:MINOR PATH" of all open descriptors that are devices, by number, because containers have other names.
open_nodes() {
	{ find /proc/[0-9]*/fd -mindepth 1 -maxdepth 1 -lname '/*' -print0 2>/dev/null || true; } |
		{ xargs -0r stat -L -c '%Hr:%Lr %n' 2>/dev/null || true; } | grep -v '^0:0 '
}

process_text() {
	printf 'pid %s (%s)' "$1" "$(cat "/proc/$1/comm" 2>/dev/null || echo gone)"
}

# Prints a line "DEVICE: NODE is open in pid N (NAME)" for each process that has one of the devices named open.
holders() {
	local device number node line pid
	local -A named=()
	for device; do
		while read -r number node; do
			named[$number]+="${named[$number]:+, }$device: $node"
		done < <(nodes_of "$device")
	done
	((${#named[@]})) || return 0
	while read -r number line; do
		[[ -n ${named[$number]:-} ]] || continue
		pid=${line#/proc/}
		printf '%s is open in %s\n' "${named[$number]}" "$(process_text "${pid%%/*}")"
	done < <(open_nodes) | sort -u
}

# Prints the processes that have a device's descriptor, of whatever VFIO driver.
device_descriptor_holders() {
	local pid
	{ find /proc/[0-9]*/fd -maxdepth 1 -lname 'anon_inode:\[vfio-device\]' 2>/dev/null || true; } |
		cut -d / -f 3 | sort -un | while read -r pid; do process_text "$pid"; echo; done
}

# Ends the script if a device is in use, or something else keeps the module from being unloaded.
check_unused() {
	local text count user
	local -a bound
	mapfile -t bound < <(bound_devices)
	text=$(holders ${bound[@]+"${bound[@]}"})
	if [[ -n $text ]]; then
		printf '%s\n' "$text" | sed 's/^/  /' >&2
		die "devices are in use; nothing was changed. Have these processes close them, and try again"
	fi
	# Each open device counts. Its descriptor can be passed on, or be mapped only, without the group's.
	count=$(<"$module/refcnt")
	if ((count)); then
		device_descriptor_holders | sed 's/^/  a VFIO device is open in /' >&2
		die "vfio-pci has $count users, but no process has a group or device node open: a descriptor was passed on," \
			"or is only mapped. Nothing was changed"
	fi
	user=$(ls -A "$module/holders" 2>/dev/null || true)
	[[ -z $user ]] || die "vfio-pci is used by other modules: $user"
}

# Ends the script if a PF to be unbound has VFs which another driver has: they would go with it.
check_vfs() {
	local device vf owner
	while read -r device; do
		while read -r vf; do
			owner=$(driver_of "$vf")
			[[ -z $owner || $owner == vfio-pci ]] ||
				die "$device has the VF $vf, which is on driver $owner and would be removed: unbind it first"
		done < <(vfs_of "$device")
	done < <(bound_devices)
}

node_access() {
	local node
	node=$(nodes_of "$1" | head -n 1)
	stat -c '%u:%g %a' "${node#* }" 2>/dev/null || echo - -
}

# Prints the state, see above.
record() {
	local device vf
	while read -r device; do
		if [[ -e $devices/$device/physfn ]]; then
			printf '3 vf %s %s %s\n' "$device" "$(override_of "$device")" "$(node_access "$device")"
			continue
		fi
		printf '1 function %s %s %s\n' "$device" "$(override_of "$device")" "$(node_access "$device")"
		[[ -e $devices/$device/sriov_numvfs ]] || continue
		printf '2 vfs %s %s\n' "$device" "$(<"$devices/$device/sriov_numvfs")"
		while read -r vf; do
			[[ -n $(driver_of "$vf") ]] || printf '4 idle %s %s\n' "$vf" "$(override_of "$vf")"
		done < <(vfs_of "$device")
	done < <(bound_devices)
}

# Makes the state of this run. What an interrupted run has left counts for more than what is found now.
make_state() {
	local before=/dev/null
	mkdir -p "$state_dir"
	if [[ -s $state ]]; then
		before=$state
		note "a run was interrupted, and $state tells what it has yet to bind; that is done now too"
	fi
	record | awk '{ key = ($2 == "vfs") SUBSEP $3 } NR != FNR && (key in seen) { next } { seen[key] = 1; print }' \
		"$before" - | sort -n -s -k 1,1 >"$state.new"
}

# ---- changes

# Whether a process ends within this many seconds. One that ended is a zombie until it is waited for.
ends_within() {
	local pid=$1 ticks=$(($2 * 10)) line
	while ((ticks-- > 0)); do
		{ read -r line <"/proc/$pid/stat"; } 2>/dev/null || return 0
		line=${line##*) }
		[[ ${line%% *} != [ZX] ]] || return 0
		sleep 0.1
	done
	return 1
}

# write FILE VALUE: by a process of its own, as one that the kernel has wait cannot be killed.
write() {
	local file=$1 value=$2 writer
	(printf '%s' "$value" >"$file") 2>/dev/null &
	writer=$!
	if ! ends_within "$writer" "$write_timeout_s"; then
		note "$file: the kernel has been waiting for $write_timeout_s s with the write of \"$value\""
		return 2
	fi
	wait "$writer" || {
		note "$file: the kernel refused \"$value\""
		return 1
	}
}

unbind_all() {
	local device
	local -a bound
	mapfile -t bound < <(bound_devices)
	# VFs first: a PF that is unbound removes its own.
	for device in $(printf '%s\n' ${bound[@]+"${bound[@]}"} | tac); do
		write "$driver/unbind" "$device" && continue
		holders "$device" | sed 's/^/  /' >&2
		die "$device: not unbound: it was opened meanwhile. The kernel goes on once it is closed; then run this" \
			"again: what is not bound yet will be"
	done
}

# load FILE: with the parameters chosen.
load() {
	local errors
	modprobe vfio-pci-core || return 1
	modprobe -q vfio_iommu_type1 || true
	errors=$(insmod "$1" ${parameters[@]+"${parameters[@]}"} 2>&1) || {
		note "$1: not loaded: $errors; $(dmesg 2>/dev/null | tail -n 1)"
		return 1
	}
}

# Gives a function back its node's owner and mode, for its node is a new one.
restore_access() {
	local device=$1 owner=$2 mode=$3 node
	[[ $owner != - ]] || return 0
	while read -r _ node; do
		if ! { chown "$owner" "$node" && chmod "$mode" "$node"; }; then
			note "$device: $node: owner $owner and mode $mode not restored"
			return 1
		fi
	done < <(nodes_of "$device")
}

restore_device() {
	local device=$1 override=$2 owner=$3 mode=$4 has
	if [[ ! -e $devices/$device ]]; then
		note "$device: not there any more"
		return 1
	fi
	has=$(driver_of "$device")
	if [[ -n $has && $has != vfio-pci ]]; then
		note "$device: not bound: driver $has has it now"
		return 1
	fi
	if [[ -z $has ]]; then
		write "$devices/$device/driver_override" vfio-pci || return 1
		write /sys/bus/pci/drivers_probe "$device" || true
	fi
	if [[ $(driver_of "$device") != vfio-pci ]]; then
		note "$device: vfio-pci did not take it: $(dmesg 2>/dev/null | grep -F "$device" | tail -n 1)"
		return 1
	fi
	restore_override "$device" "$override" && restore_access "$device" "$owner" "$mode"
}

restore_override() {
	local value=$2
	[[ $value != - ]] || value=$'\n'
	[[ $(override_of "$1") == "$2" ]] || write "$devices/$1/driver_override" "$value"
}

# Makes VFs, whether or not the module allows it at the moment.
restore_vfs() {
	local pf=$1 count=$2 allowed=$module/parameters/enable_sriov before status=0
	[[ $(<"$devices/$pf/sriov_numvfs") != "$count" ]] || return 0
	before=$(<"$allowed")
	echo Y >"$allowed"
	write "$devices/$pf/sriov_numvfs" "$count" || status=$?
	echo "$before" >"$allowed"
	((status == 0)) || note "$pf: $count VFs not made"
	return "$status"
}

# A VF of a PF on vfio-pci that had no driver.
restore_idle() {
	local vf=$1 override=$2
	[[ -z $(driver_of "$vf") ]] || write "$devices/$vf/driver/unbind" "$vf" || return 1
	restore_override "$vf" "$override"
}

# Brings back what the state tells. Goes on after a failure, and then returns 1.
restore() {
	local kind device a b c status=0
	while read -r _ kind device a b c; do
		# So that udev is done with a new node before that gets its owner.
		! type udevadm >/dev/null 2>&1 || udevadm settle --timeout 10 || true
		case $kind in
		function | vf) restore_device "$device" "$a" "$b" "$c" || status=1 ;;
		vfs) restore_vfs "$device" "$a" || status=1 ;;
		idle) restore_idle "$device" "$a" || status=1 ;;
		esac
	done <"$state"
	return "$status"
}

print_plan() {
	local kind device a
	while read -r _ kind device a _; do
		case $kind in
		function | vf)
			printf 'unbind, and bind again: %s%s\n' "$device" "$([[ $a == - ]] || printf ', driver_override %s' "$a")"
			;;
		vfs) ((a == 0)) || printf 'remove, and make again: %s VFs of %s\n' "$a" "$device" ;;
		idle) printf 'leave without a driver: %s\n' "$device" ;;
		esac
	done <"$state.new"
	printf 'load: %s%s\n' "$target_file" "${parameters[*]+ ${parameters[*]}}"
}

swap() {
	local now back=
	local -a wanted parameters
	now=$(loaded)
	[[ $now != builtin ]] || die "vfio-pci is built into this kernel and cannot be replaced"
	find_target
	if is_loaded "$now"; then
		if [[ -s $state ]]; then
			note "loaded already: $(loaded_text "$now")"
			finish
			return
		fi
		((${#given[@]} == 0)) ||
			die "loaded already: $(loaded_text "$now"); what can be set while it runs is in $module/parameters"
		note "loaded already: $(loaded_text "$now")"
		return
	fi
	find_parameters
	choose_parameters "$target_file"
	if [[ $now != none ]]; then
		check_unused
		check_vfs
		back=$(module_file "$now")
	fi
	make_state
	if $dry_run; then
		print_plan
		rm -f "$state.new"
		return
	fi
	mv "$state.new" "$state"
	if [[ $now != none ]]; then
		unbind_all
		rmmod vfio_pci || die "vfio-pci: not unloaded, see above; run this again: what is not bound yet will be"
	fi
	if ! load "$target_file"; then
		[[ -n $back ]] || die "no vfio-pci is loaded now, and the file of the one before is not known"
		note "loading the one before: $back"
		choose_parameters "$back"
		if ! { load "$back" && restore; }; then
			die "nor can the one before be brought back in full: see above. $state tells what was bound"
		fi
		rm -f "$state"
		die "not swapped; the module that was there before is loaded again"
	fi
	finish
}

# Binds what is to be bound, and tells the result.
finish() {
	restore || die "$(loaded_text "$(loaded)") is loaded, but not all is as before: see above; $state tells what was"
	note "loaded: $(loaded_text "$(loaded)");" \
		"bound: $(awk '$2 == "function" || $2 == "vf" { print $3 }' "$state" | paste -sd ' ')"
	! grep -q ' vfs ' "$state" || note "the PFs have new random VF tokens: their owners have to set theirs again"
	rm -f "$state"
}

status() {
	local kind file name device count
	kind=$(loaded)
	printf 'loaded: %s\n' "$(loaded_text "$kind")"
	for file in kernel ours; do
		name=$(module_file "$file")
		printf 'file of %s: %s\n' "$file" "${name:-none for $(uname -r)}"
	done
	[[ $kind != none ]] || return 0
	for name in "$module"/parameters/*; do
		[[ ! -r $name ]] || printf 'parameter: %s=%s\n' "${name##*/}" "$(<"$name")"
	done
	while read -r device; do
		count=0
		[[ ! -e $devices/$device/sriov_numvfs ]] || count=$(<"$devices/$device/sriov_numvfs")
		name=$(pf_of "$device")
		printf 'device: %s%s%s\n' "$device" "${name:+, VF of $name}" "$( ((count == 0)) || printf ', %s VFs' "$count")"
		holders "$device" | sed 's/^/  /'
	done < <(bound_devices)
	[[ ! -s $state ]] || printf 'interrupted: %s tells what is not bound yet; swap to finish\n' "$state"
}

parse_arguments() {
	while (($#)); do
		case $1 in
		status | ours | kernel)
			[[ -z $command ]] || usage_error "$command and $1"
			command=$1
			;;
		--dry-run) dry_run=true ;;
		--module)
			(($# > 1)) || usage_error "$1: value missing"
			target_file=$2
			shift
			;;
		-h | --help)
			usage
			exit 0
			;;
		[a-z]*=*) given+=("$1") ;;
		*) usage_error "$1: neither a command nor an option" ;;
		esac
		shift
	done
	[[ -n $command ]] || usage_error "status, ours or kernel?"
}

main() {
	parse_arguments "$@"
	((EUID == 0)) || die "must be run as root"
	if [[ $command == status ]]; then
		status
		return
	fi
	mkdir -p "$state_dir"
	exec 9>"$state_dir/lock"
	flock -n 9 || die "another swap is under way"
	swap
}

main "$@"
