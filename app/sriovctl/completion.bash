# SPDX-License-Identifier: BSD-3-Clause
# Completion of dpdk-sriovctl for bash. Made by "dpdk-sriovctl completion bash".
# shellcheck shell=bash

# Addresses of the PCI functions that have a file of this name in sysfs.
_dpdk_sriovctl_functions() {
	local path
	for path in /sys/bus/pci/devices/*/"$1"; do
		[[ -e $path ]] || continue
		path=${path%/*}
		printf '%s\n' "${path##*/}"
	done
}

# The words for a kind of value.
_dpdk_sriovctl_values() {
	case $1 in
	pf) _dpdk_sriovctl_functions sriov_totalvfs ;;
	vf) _dpdk_sriovctl_functions physfn ;;
	device)
		_dpdk_sriovctl_functions sriov_totalvfs
		_dpdk_sriovctl_functions physfn
		;;
	path) compgen -f -- "$2" ;;
	grant) printf '%s\n' uid: gid: user: group: unit: ;;
	source) printf '%s\n' random file:/ ;;
	-) ;;
	*) printf '%s\n' "$1" | tr '|' '\n' ;;
	esac
}

# Sets kinds (of the arguments), options and keywords (as NAME=KIND) of a command.
_dpdk_sriovctl_command() {
	kinds=() options=() keywords=()
	case $1 in
	'doctor')
		kinds=('pf')
		;;
	'up')
		kinds=('pf')
		options=('--vfs=-' '--token=source')
		;;
	'down')
		kinds=('pf')
		options=('--force=flag' '--release=flag')
		;;
	'status')
		kinds=('pf')
		options=('--watch=flag' '--interval=-' '--count=-')
		;;
	'vf set')
		kinds=('vf')
		keywords=('mac=-' 'vlan=-' 'qos=-' 'spoofchk=on|off' 'trust=on|off' 'max_tx_rate=-' 'state=auto|enable|disable' 'vlans=-' 'vlan_spoofchk=on|off' 'broadcast=on|off' 'multicast_promisc=on|off' 'promisc=on|off' 'untagged=on|off' 'max_frame=-' 'strip=auto|on|off')
		;;
	'vf grant')
		kinds=('vf' 'grant')
		options=('--once=flag' '--owner=-')
		;;
	'vf revoke')
		kinds=('vf' 'grant')
		options=('--force=flag')
		;;
	'vf reset')
		kinds=('vf')
		;;
	'token rotate')
		kinds=('device')
		;;
	'show')
		kinds=('device')
		options=('--for=dpdk|qemu|libvirt|cdi|k8s' '--reveal=flag' '--write=path' '--proposed=flag')
		;;
	'completion')
		kinds=('bash|zsh')
		;;
	'help')
		kinds=('-')
		options=('--all=flag')
		;;
	esac
}

# Prints the kind of NAME's value in a list of NAME=KIND; fails if it is not in there.
_dpdk_sriovctl_kind() {
	local name=$1 item
	shift
	for item; do
		if [[ ${item%%=*} == "$name" ]]; then
			printf '%s\n' "${item#*=}"
			return 0
		fi
	done
	return 1
}

# Prints the words that a command can begin with, or go on with after its first.
_dpdk_sriovctl_commands() {
	case $1 in
	vf) printf '%s\n' set grant revoke reset ;;
	token) printf '%s\n' rotate ;;
	*) printf '%s\n' doctor up down status vf token show reload hello completion help ;;
	esac
}

# Prints the words that can follow those given, the last of which is being typed.
_dpdk_sriovctl_words() {
	local -a doubles=( vf token ) globals=( '--socket=path' '-s=path' '--timeout=-' '-t=-' '--dry-run=flag' '-n=flag' '--json=flag' '-j=flag' '--verbose=flag' '-v=flag' '--help=flag' '-h=flag' '--version=flag' '-V=flag' )
	local word command='' first='' kind=''
	local -a kinds=() options=() keywords=()
	local nr_args=0 in_keyword=''
	local typed=${*: -1}
	while (($# > 1)); do
		word=$1
		shift
		if [[ $word == -* ]]; then
			if [[ $word != *=* ]] && kind=$(_dpdk_sriovctl_kind "$word" "${options[@]}" "${globals[@]}") &&
				[[ $kind != flag ]]; then
				if (($# == 1)); then
					_dpdk_sriovctl_values "$kind" "$typed"
					return
				fi
				shift
			fi
		elif [[ -z $command ]]; then
			if [[ " ${doubles[*]} " == *" $word "* && -z $first ]]; then
				first=$word
			else
				command=${first:+$first }$word
				_dpdk_sriovctl_command "$command"
			fi
		elif ((nr_args < ${#kinds[@]})); then
			((++nr_args))
		elif [[ -n $in_keyword ]]; then
			in_keyword=''
		else
			in_keyword=$word
		fi
	done
	if [[ $typed == -* ]]; then
		printf '%s\n' "${options[@]%%=*}" "${globals[@]%%=*}"
	elif [[ -z $command ]]; then
		_dpdk_sriovctl_commands "$first"
	elif ((nr_args < ${#kinds[@]})); then
		_dpdk_sriovctl_values "${kinds[nr_args]}" "$typed"
	elif [[ -n $in_keyword ]]; then
		kind=$(_dpdk_sriovctl_kind "$in_keyword" "${keywords[@]}") || return 0
		_dpdk_sriovctl_values "$kind" "$typed"
	elif ((${#keywords[@]})); then
		printf '%s\n' "${keywords[@]%%=*}"
	fi
}

# Addresses have colons, at which bash breaks words: they are put together again, and what is
# before the last colon is taken off the results.
_dpdk_sriovctl() {
	local line=${COMP_LINE:0:COMP_POINT} typed i
	local -a words
	IFS=' ' read -ra words <<<"$line"
	[[ $line != *[[:space:]] ]] || words+=('')
	typed=${words[${#words[@]} - 1]}
	mapfile -t COMPREPLY < <(compgen -W "$(_dpdk_sriovctl_words "${words[@]:1}")" -- "$typed")
	if [[ $typed == *:* && $COMP_WORDBREAKS == *:* && -z ${ZSH_VERSION:-} ]]; then
		for i in "${!COMPREPLY[@]}"; do
			COMPREPLY[i]=${COMPREPLY[i]#"${typed%:*}:"}
		done
	fi
}

complete -F _dpdk_sriovctl dpdk-sriovctl
