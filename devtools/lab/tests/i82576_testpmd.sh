# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# dpdk-testpmd's commands on both PMDs, and DPDK's own autotests of ports.

# What testpmd says when a command fails.
smoke_errors='[Ff]ailed|[Bb]ad argument|[Ii]nvalid|[Cc]annot|not supported|Not supported|[Cc]ommand not found'

setup() {
	lab_reset
	lab_bind "$PF1" vfio-pci
	lab_vfs "$PF1" 2
}

# smoke_start NAME PCI [OPTION...]
smoke_start() {
	lab_testpmd_start "$1" -m 64 --no-huge -l 0,1 -a "$2" --vfio-vf-token="$T1" -- --total-num-mbufs=2048 "${@:3}"
}

# smoke_die "NAME: WHAT": with what testpmd has said besides.
smoke_die() {
	grep -E '^(EAL|[0-9a-f]{4}:)|[Ll]ink|[Ee]vent' "$lab_testpmd_dir/${1%%:*}/log" | head -n 40
	lab_die "$1"
}

# smoke NAME COMMAND [REGEX]: the command succeeds, and its answer has what matches.
smoke() {
	local answer
	answer=$(lab_testpmd_cmd "$1" "$2")
	printf '%s> %s\n%s\n' "$1" "$2" "$answer"
	! grep -E "$smoke_errors" <<<"$answer" || smoke_die "$1: $2: failed"
	[[ -z ${3:-} ]] || grep -qE "$3" <<<"$answer" || smoke_die "$1: $2: no \"$3\" in the answer"
}

# smoke_common NAME DRIVER: what holds for any port.
smoke_common() {
	local name=$1
	smoke "$name" 'show port info 0' "Driver name: $2"
	lab_wait_for 20 lab_testpmd_link_is_up "$name" || smoke_die "$name: the link does not come up"
	smoke "$name" 'show port stats 0' 'RX-packets'
	smoke "$name" 'show port xstats 0' 'rx_good_packets'
	smoke "$name" 'clear port stats 0'
	smoke "$name" 'clear port xstats 0'
	smoke "$name" 'show port 0 ptypes'
	smoke "$name" 'show port 0 rx_offload capabilities' 'Per Port'
	smoke "$name" 'show port 0 tx_offload capabilities' 'Per Port'
	smoke "$name" 'show rxq info 0 0' 'Number of RXDs'
	smoke "$name" 'show txq info 0 0' 'Number of TXDs'
	smoke "$name" 'set allmulti 0 on'
	smoke "$name" 'set allmulti 0 off'
	smoke "$name" 'mac_addr add 0 02:00:00:00:00:77'
	smoke "$name" 'show port 0 macs' '02:00:00:00:00:77'
	smoke "$name" 'mac_addr remove 0 02:00:00:00:00:77'
	smoke "$name" 'mcast_addr add 0 01:00:5e:00:00:09'
	smoke "$name" 'mcast_addr remove 0 01:00:5e:00:00:09'
	smoke "$name" 'vlan set filter on 0'
	smoke "$name" 'rx_vlan add 100 0'
	smoke "$name" 'rx_vlan rm 100 0'
	smoke "$name" 'port stop 0'
	smoke "$name" 'port config mtu 0 2000'
	smoke "$name" 'port start 0'
	smoke "$name" 'show port info 0' 'MTU: 2000'
	smoke "$name" 'start'
	smoke "$name" 'stop'
	smoke "$name" 'port stop 0'
	smoke "$name" 'port reset 0'
	smoke "$name" 'port start 0'
	smoke "$name" 'show port info 0' "Driver name: $2"
}

test_testpmd_pf_commands() {
	smoke_start pf "$PF1"
	smoke_common pf net_i82576_pf
	smoke pf 'set promisc 0 on'
	smoke pf 'set promisc 0 off'
	smoke pf 'i82576 set vf 0 0 trust on'
	smoke pf 'i82576 vf_info 0 0'
	smoke pf 'i82576 vf_stats 0 0'
	smoke pf 'port stop 0'
	smoke pf 'port close 0'
	lab_testpmd_stop pf
}

test_testpmd_vf_commands() {
	smoke_start pf "$PF1"
	smoke_start vf "$(lab_vf "$PF1" 0)"
	smoke_common vf net_i82576_vf
	smoke vf 'port stop 0'
	smoke vf 'port close 0'
	lab_testpmd_stop vf
	lab_testpmd_stop pf
}

# received NAME: packets that the port of testpmd NAME has received.
received() {
	lab_testpmd_cmd "$1" 'show port stats 0' | sed -n 's/.*RX-packets: *\([0-9]*\).*/\1/p'
}

receives() {
	local before
	before=$(received "$1")
	sleep 1
	(($(received "$1") > before))
}

# As an operator may do, or the kernel after an error: the processes that have the PF and its VFs know nothing of it.
test_testpmd_pf_reset_by_sysfs_recovers() {
	local mac name
	# VF 1 before the PF: it forwards once that is started.
	smoke_start pf "$PF1" --disable-device-start
	smoke_start vf1 "$(lab_vf "$PF1" 1)"
	smoke vf1 'show rxq info 0 0' 'queue state: started'
	smoke vf1 'set fwd rxonly'
	smoke vf1 'start'
	smoke pf 'port start 0'
	smoke_start vf0 "$(lab_vf "$PF1" 0)"
	for name in vf0 vf1; do
		lab_wait_for 20 lab_testpmd_link_is_up "$name" || smoke_die "$name: the link does not come up"
	done
	mac=$(lab_testpmd_cmd vf1 'show port info 0' | sed -n 's/^MAC address: *//p')
	smoke pf "i82576 set vf 0 1 mac $mac"
	smoke vf0 "set eth-peer 0 $mac"
	smoke vf0 'set fwd txonly'
	smoke vf0 'set burst 1'
	smoke vf0 'start'
	lab_wait_for 10 receives vf1 || smoke_die "vf1: receives nothing"
	lab_write "/sys/bus/pci/devices/$PF1/reset" 1
	lab_testpmd_wait_log pf 'the PF was reset, not by this process'
	for name in pf vf0 vf1; do
		lab_testpmd_wait_log "$name" 'error recovery successful event'
	done
	lab_wait_for 20 receives vf1 || smoke_die "vf1: receives nothing after the reset"
	smoke pf 'i82576 vf_info 0 1' "set by the PF: $mac"
	for name in vf1 vf0 pf; do
		lab_testpmd_stop "$name"
	done
}

# ethdev_autotest NAME: one of DPDK's, on the PF and one of its VFs.
ethdev_autotest() {
	local log=$LAB_OUT/$1.log
	DPDK_TEST=$1 timeout 120 "$LAB_DPDK_TEST" -m 128 --no-huge --no-telemetry -l 0,1 --log-level=bus.pci:info \
		--vfio-vf-token="$T1" -a "$PF1" -a "$(lab_vf "$PF1" 0)" >"$log" 2>&1 </dev/null || true
	tail -n 40 "$log"
	grep -q '^Test OK' "$log" || lab_die "$1 failed"
	grep -q 'net_i82576_vf' "$log" || lab_die "$1: ran without the VF"
}

test_ethdev_link_status_autotest() {
	ethdev_autotest ethdev_link_status
}

# Since DPDK 24.03.
test_ethdev_api_autotest() {
	grep -qa ethdev_api_queue_status "$LAB_DPDK_TEST" || lab_skip "this DPDK has no ethdev_api"
	ethdev_autotest ethdev_api
}
