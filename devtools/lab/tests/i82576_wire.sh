# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh, guest.sh and i82576_traffic.sh
#
# Frames between a VF of net_i82576_pf and the wire, whose other end is the second port on the kernel's igb. What a VF has
# sent is captured there, and the same frames are injected there for the VF to receive: so one content is checked twice.

# shellcheck source-path=SCRIPTDIR source=i82576_traffic.sh
. "${BASH_SOURCE[0]%/*}/i82576_traffic.sh"

wiretap=/tmp/wiretap
wire_pcap=/tmp/wire.pcap
# The address that the frames go to.
wire_peer=02:00:00:00:00:aa

setup() {
	gcc -O2 -Wall -Wextra -I app/test -o "$wiretap" devtools/lab/wiretap/*.c -lpcap
}

# Prints the interface of the second port, which is up, after a wait for its link.
wire_interface() {
	local interface
	modprobe igb
	lab_bind "$PF2" igb >&2
	interface=$(ls "/sys/bus/pci/devices/$PF2/net")
	ip link set "$interface" up mtu 9000
	lab_wait_for 20 grep -q 1 "/sys/class/net/$interface/carrier" || lab_die "$interface has no link"
	printf '%s\n' "$interface"
}

# wire_tap NAME ENDPOINT...: starts the tester in the background and waits until it is ready.
wire_tap() {
	local name=$1
	shift
	printf '+ wiretap %s\n' "$*"
	"$wiretap" --timeout 60 "$@" >"$LAB_OUT/$name.log" 2>&1 &
	wire_pid=$!
	lab_wait_for 10 grep -q ready "$LAB_OUT/$name.log" || lab_die "wiretap: $(cat "$LAB_OUT/$name.log")"
}

# wire_end NAME: waits for the tester, which must have seen all that it waited for.
wire_end() {
	local status=0
	wait "$wire_pid" || status=$?
	sed 's/^/  /' "$LAB_OUT/$1.log"
	((status == 0)) || lab_die "wiretap: status $status"
}

# vf_and_wire PARAMETERS: frames from a VF to the wire, and these from the wire to the VF.
vf_and_wire() {
	local n=$traffic_frames interface
	traffic_begin 1
	interface=$(wire_interface)
	traffic_pf "$1"
	wire_tap capture "capture:if=$interface,file=$wire_pcap,count=$n,ethertype=0x0800"
	traffic_start vf0 "$(lab_vf "$PF1" 0)" "tx=$n,stream=1,dst=$wire_peer,$1"
	traffic_end vf0
	wire_end capture
	rm -f "$traffic_dir/vf0"
	traffic_start vf0 "$(lab_vf "$PF1" 0)" "rx=$n,rx_stream=1,mac=$wire_peer,$1"
	traffic_wait_ready vf0
	wire_tap inject "inject:if=$interface,file=$wire_pcap,count=$n,rate=$traffic_rate"
	wire_end inject
	traffic_end vf0
	traffic_pf_end
}

test_wire_vf_64_bytes_exact() {
	vf_and_wire size=64
}

test_wire_vf_vlan_cksum_exact() {
	vf_and_wire size=1000,vlan=100,rx_vlan=100,cksum=1,strip=1
}

test_wire_vf_9000_bytes_exact() {
	traffic_frames=200
	traffic_rate=200
	vf_and_wire size=9014,mtu=9000
}

# Each step of setting up that fails is named, and nothing stays behind.
test_wiretap_refuses_bad_endpoints() {
	local endpoint
	for endpoint in capture:if=nosuch inject:if=lo capture:if=lo,count=x peek:if=lo capture:tapfd=0 capture inject:if=lo,file=/etc/passwd; do
		! "$wiretap" "$endpoint" </dev/null >"$LAB_OUT/wiretap.log" 2>&1 || lab_die "$endpoint was taken"
		grep -q '^wiretap: ' "$LAB_OUT/wiretap.log" || lab_die "$endpoint: no reason: $(cat "$LAB_OUT/wiretap.log")"
	done
}
