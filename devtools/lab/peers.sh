# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of suite.sh and guest.sh
#
# A PF and its VFs, each on any driver that knows them, that send each other numbered frames. An end is a dpdk-test with
# traffic_autotest (net_i82576, or DPDK's own net_e1000_igb), or the tester devtools/lab/wiretap on the netdev of a
# kernel driver (igb, igbvf). Both build and check the same frames. To be sourced by a test file.
#
# Kinds: i82576, dpdk, linux.

# Longest time of one end, in seconds; frames a second of each flow.
peers_timeout_s=${PEERS_TIMEOUT_S:-150}
peers_rate=${PEERS_RATE:-1000}
peers_dir=/run/peers
# igbvf waits for its PF by spinning in the kernel, in which it is not preempted: what it runs on, its interrupts and its
# workers' too, is processor 0, and a PF's process has another. Else they wait for each other until igbvf gives up.
peers_pf_processor=1
peers_wiretap=/tmp/wiretap

peers_build_wiretap() {
	[[ -x $peers_wiretap ]] || gcc -O2 -Wall -Wextra -I app/test -o "$peers_wiretap" devtools/lab/wiretap/*.c -lpcap
}

# peers_begin PF-KIND VF-KIND N: the PF with N VFs, all on their drivers.
peers_begin() {
	local pf_kind=$1 vf_kind=$2 count=$3 i
	rm -rf "$peers_dir"
	mkdir -p "$peers_dir"
	peers_build_wiretap
	printf 1 >/proc/irq/default_smp_affinity
	printf 1 >/sys/devices/virtual/workqueue/cpumask
	# The kernel's own frames are not wanted, nor the groups that its workers, on any processor, would join.
	printf 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6
	printf 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6
	lab_reset
	if [[ $pf_kind == linux ]]; then
		modprobe igb
		lab_bind "$PF1" igb
		lab_write "/sys/bus/pci/devices/$PF1/sriov_drivers_autoprobe" 0
	else
		lab_bind "$PF1" vfio-pci
	fi
	lab_vfs "$PF1" "$count"
	[[ $vf_kind != linux ]] || modprobe igbvf
	for ((i = 0; i < count; i++)); do
		[[ $vf_kind == linux ]] || lab_bind "$(lab_vf "$PF1" "$i")" vfio-pci
	done
}

# peers_netdev PCI: prints the name of its interface.
peers_netdev() {
	ls "/sys/bus/pci/devices/$1/net"
}

# peers_netdev_up PCI MAC VLAN GROUP: a kernel's port, with address (unless ""), VLAN and multicast group, and its link.
peers_netdev_up() {
	local pci=$1 mac=$2 vlan=$3 group=$4 interface
	interface=$(peers_netdev "$pci")
	[[ -z $mac ]] || ip link set "$interface" address "$mac"
	ip link set "$interface" up
	if ! lab_wait_for 20 grep -q 1 "/sys/class/net/$interface/carrier"; then
		printf '%s: no link\n' "$interface"
		return 1
	fi
	modprobe 8021q
	ip link add link "$interface" name "$interface.$vlan" type vlan id "$vlan"
	ip link set "$interface.$vlan" up
	ip maddr add "$group" dev "$interface"
	printf 'link up, address %s\n' "$(cat "/sys/class/net/$interface/address")"
}

# peers_start NAME KIND PCI MAC VLAN GROUP FLOW...: starts an end. MAC is its own or "", with "+" before it one that a
# dpdk PF adds to its own, for its pool. GROUP is what it joins. Each FLOW is "tx STREAM COUNT DST [VLAN]" or
# "rx STREAM COUNT [VLAN]". Its address is in $peers_dir/NAME when it is ready.
peers_start() {
	local name=$1 kind=$2
	shift
	rm -f "$peers_dir/$name" "$peers_dir/$name.pid"
	printf '+ %s: %s\n' "$name" "$*"
	if [[ $kind == linux ]]; then
		peers_start_linux "$name" "${@:2}"
	else
		peers_start_dpdk "$name" "$@"
	fi
}

peers_start_linux() {
	local name=$1 pci=$2 mac=$3 vlan=$4 group=$5 interface flow dst log=$LAB_OUT/$1.log
	local -a endpoints=() word
	shift 5
	(
		taskset -pc 0 "$BASHPID" >/dev/null
		lab_bind "$pci" "$([[ $name == pf* ]] && echo igb || echo igbvf)"
		peers_netdev_up "$pci" "$mac" "$vlan" "$group"
	) >"$log" 2>&1 || return 0
	interface=$(peers_netdev "$pci")
	for flow; do
		read -ra word <<<"$flow"
		if [[ ${word[0]} == rx ]]; then
			endpoints+=("capture:if=$interface,promisc=0,stream=${word[1]},count=${word[2]},vlan=${word[3]:-0}")
			continue
		fi
		dst=${word[3]}
		[[ $dst != @* ]] || dst=$(cat "${dst#@}")
		endpoints+=("inject:if=$interface,stream=${word[1]},count=${word[2]},dst=$dst,vlan=${word[4]:-0},rate=$peers_rate")
	done
	printf '+ wiretap %s\n' "${endpoints[*]}"
	"$peers_wiretap" --timeout "$peers_timeout_s" --go "$peers_dir/go" --stop "$peers_dir/stop" \
		--pace "$peers_dir/pace" "${endpoints[@]}" >>"$log" 2>&1 </dev/null &
	printf '%s\n' $! >"$peers_dir/$name.pid"
	lab_wait_for 10 grep -q '^ready' "$log" || return 0
	cat "/sys/class/net/$interface/address" >"$peers_dir/$name"
}

peers_start_dpdk() {
	local name=$1 kind=$2 pci=$3 mac=$4 vlan=$5 group=$6 flow parameters processor=0
	local -a word flows=()
	shift 6
	parameters="timeout=$peers_timeout_s,rate=$peers_rate,descriptors=1024,ready=$peers_dir/$name,go=$peers_dir/go"
	parameters+=",stop=$peers_dir/stop,pace=$peers_dir/pace,group=$group,rx_stream=1"
	if [[ $mac == +* ]]; then
		parameters+=",added_mac=${mac#+},pool=$(cat "/sys/bus/pci/devices/$pci/sriov_numvfs")"
	elif [[ -n $mac ]]; then
		parameters+=",mac=$mac"
	fi
	for flow; do
		read -ra word <<<"$flow"
		if [[ ${word[0]} == rx ]]; then
			flows+=("rx=${word[2]},rx_stream=${word[1]},rx_vlan=${word[3]:-0}")
		else
			flows+=("tx=${word[2]},stream=${word[1]},dst=${word[3]},vlan=${word[4]:-0}")
		fi
	done
	[[ $kind == i82576 ]] || pci+=,upstream=1
	[[ $name != pf ]] || processor=$peers_pf_processor
	(
		export DPDK_TEST=traffic_autotest
		TRAFFIC="$parameters;$(IFS=';' && echo "${flows[*]}")"
		export TRAFFIC
		taskset -pc "$processor" "$BASHPID" >/dev/null
		eal_program timeout $((peers_timeout_s + 30)) "$LAB_DPDK_TEST" -m 64 --no-huge --no-telemetry \
			--lcores "0@$processor" --file-prefix "$name" --vfio-vf-token="$T1" -a "$pci"
	) >"$LAB_OUT/$name.log" 2>&1 </dev/null &
	printf '%s\n' $! >"$peers_dir/$name.pid"
}

peers_is_ready_or_dead() {
	[[ -e $peers_dir/$1 ]] || [[ ! -e $peers_dir/$1.pid ]] || lab_process_ended "$(cat "$peers_dir/$1.pid")"
}

# peers_ready NAME: waits for an end; whether it is ready, with its link up.
peers_ready() {
	lab_wait_for 60 peers_is_ready_or_dead "$1" || true
	[[ -e $peers_dir/$1 ]] || {
		sed -n 's/^traffic: /  '"$1"': /p; /no link/p' "$LAB_OUT/$1.log"
		return 1
	}
}

peers_all_sent() {
	local name
	for name; do
		grep -q 'all sent' "$LAB_OUT/$name.log" || return 1
	done
}

# peers_exchange NAME...: lets the ends send, and ends them when all is sent, or the time is up.
peers_exchange() {
	local name
	touch "$peers_dir/go"
	lab_wait_for "$peers_timeout_s" peers_all_sent "$@" || true
	touch "$peers_dir/stop"
	for name; do
		wait "$(cat "$peers_dir/$name.pid")" || true
		sed -nE "s/^(traffic: )?(stream|port)/  $name: \2/p" "$LAB_OUT/$name.log"
	done
}

# peers_count NAME STREAM sent|received: prints how many frames.
peers_count() {
	local count
	count=$(sed -nE "s/^(traffic: )?stream $2: $3 ([0-9]+) of .*/\2/p" "$LAB_OUT/$1.log" | tail -n 1)
	printf '%s\n' "${count:-0}"
}

# peers_wrong NAME STREAM: prints how many frames of a stream came twice, corrupt, or with the wrong tag.
peers_wrong() {
	sed -nE "s/^(traffic: )?stream $2: received .*duplicate ([0-9]+), corrupt ([0-9]+), wrong VLAN ([0-9]+).*/\2 \3 \4/p" \
		"$LAB_OUT/$1.log" | awk '{ sum += $1 + $2 + $3 } END { print sum + 0 }'
}
