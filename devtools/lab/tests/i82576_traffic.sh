# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# Frames between net_i82576_pf and net_i82576_vf, counted exactly and checked by content at a steady rate. Each end is a
# dpdk-test with traffic_autotest.

# Frames of a case, and how many a second.
traffic_frames=${TRAFFIC_FRAMES:-1000}
traffic_rate=${TRAFFIC_RATE:-1000}
# Longest time of one end, in seconds.
traffic_timeout_s=60
traffic_dir=/run/traffic

# traffic_begin N: a PF with N VFs, and no end yet.
traffic_begin() {
	rm -rf "$traffic_dir"
	mkdir -p "$traffic_dir"
	lab_reset
	lab_bind "$PF1" vfio-pci
	(($1 == 0)) || lab_vfs "$PF1" "$1"
}

# traffic_start NAME DEVICE PARAMETERS: starts an end in the background; it is ready when $traffic_dir/NAME is there.
traffic_start() {
	local name=$1 device=$2 parameters=$3
	printf '+ %s: %s: %s\n' "$name" "$device" "$parameters"
	(
		export DPDK_TEST=traffic_autotest
		export TRAFFIC="timeout=$traffic_timeout_s,rate=$traffic_rate,pace=$traffic_dir/pace,ready=$traffic_dir/$name,$parameters"
		eal_program timeout $((traffic_timeout_s + 30)) "$LAB_DPDK_TEST" -m 64 --no-huge --no-telemetry -l 0 \
			--file-prefix "$name" --vfio-vf-token="$T1" -a "$device"
	) >"$LAB_OUT/$name.log" 2>&1 </dev/null &
	printf '%s\n' $! >"$traffic_dir/$name.pid"
}

# traffic_wait_ready NAME...
traffic_wait_ready() {
	local name
	for name; do
		if ! lab_wait_for "$traffic_timeout_s" traffic_is_ready_or_dead "$name" || [[ ! -e $traffic_dir/$name ]]; then
			tail -n 20 "$LAB_OUT/$name.log" >&2
			lab_die "$name is not ready"
		fi
	done
}

traffic_is_ready_or_dead() {
	[[ -e $traffic_dir/$1 ]] || lab_process_ended "$(cat "$traffic_dir/$1.pid")"
}

# traffic_end NAME...: waits for the ends and demands that each counted exactly what it was to send and to receive.
traffic_end() {
	local name status=0
	for name; do
		wait "$(cat "$traffic_dir/$name.pid")" || true
		sed -n 's/^traffic: /  '"$name"': /p' "$LAB_OUT/$name.log"
		if ! grep -q '^Test OK' "$LAB_OUT/$name.log"; then
			tail -n 15 "$LAB_OUT/$name.log" >&2
			status=1
		fi
	done
	((status == 0)) || lab_die "not exact: $*"
}

# traffic_pf [PARAMETERS]: the PF's end, which stays until traffic_pf_end.
traffic_pf() {
	traffic_start pf "$PF1" "hold=$traffic_dir/stop,stream=100${1:+,$1}"
	traffic_wait_ready pf
}

traffic_pf_end() {
	touch "$traffic_dir/stop"
	traffic_end pf
}

# pf_and_vf PARAMETERS [PARAMETERS]: frames both ways between the PF and its first VF; the second are for the PF alone.
pf_and_vf() {
	local n=$traffic_frames
	traffic_begin 1
	traffic_pf "tx=$n,rx=$n,rx_stream=1,dst=@$traffic_dir/vf0,$1${2:+,$2}"
	traffic_start vf0 "$(lab_vf "$PF1" 0)" "tx=$n,rx=$n,stream=1,rx_stream=100,dst=@$traffic_dir/pf,$1"
	traffic_end vf0
	traffic_pf_end
}

# vf_and_vf PARAMETERS: frames both ways between two VFs, while the PF's process only serves their mailboxes.
vf_and_vf() {
	local n=$traffic_frames
	traffic_begin 2
	traffic_pf
	traffic_start vf0 "$(lab_vf "$PF1" 0)" "tx=$n,rx=$n,stream=1,rx_stream=2,dst=@$traffic_dir/vf1,hold=$traffic_dir/vf1,$1"
	traffic_start vf1 "$(lab_vf "$PF1" 1)" "tx=$n,rx=$n,stream=2,rx_stream=1,dst=@$traffic_dir/vf0,hold=$traffic_dir/vf0,$1"
	traffic_end vf0 vf1
	traffic_pf_end
}

test_pf_and_vf_64_bytes_exact() {
	pf_and_vf size=64
}

test_pf_and_vf_1518_bytes_cksum_exact() {
	pf_and_vf size=1514,cksum=1
}

test_pf_and_vf_9000_bytes_exact() {
	pf_and_vf size=9014,mtu=9000,rate=200
}

test_pf_and_vf_ipv6_cksum_exact() {
	pf_and_vf size=600,ipv6=1,cksum=1
}

test_pf_and_vf_tso_by_content() {
	traffic_frames=50
	pf_and_vf size=20000,tso=1400,rate=50
}

test_pf_and_vf_tso_ipv6_by_content() {
	traffic_frames=50
	pf_and_vf size=20000,tso=1400,rate=50,ipv6=1
}

test_pf_and_vf_vlan_exact() {
	pf_and_vf size=200,vlan=100,rx_vlan=100,strip=1
}

test_pf_and_vf_rx_interrupt_exact() {
	pf_and_vf size=64,interrupt=1,rate=200
}

test_vf_and_vf_64_bytes_exact() {
	vf_and_vf size=64
}

test_vf_and_vf_vlan_exact() {
	vf_and_vf size=300,vlan=200,rx_vlan=200,strip=1
}

# A group that one VF joined reaches this VF.
test_vf_to_vf_multicast_exact() {
	local n=$traffic_frames
	traffic_begin 2
	traffic_pf
	traffic_start vf1 "$(lab_vf "$PF1" 1)" "rx=$n,rx_stream=1,group=01:00:5e:01:02:03"
	traffic_wait_ready vf1
	traffic_start vf0 "$(lab_vf "$PF1" 0)" "tx=$n,stream=1,dst=01:00:5e:01:02:03"
	traffic_end vf0 vf1
	traffic_pf_end
}

# Each of seven VFs sends to the next, and the last to the first.
test_seven_vfs_exact() {
	local n=$((traffic_frames / 2)) i
	local -a names=()
	traffic_begin 7
	traffic_pf
	for i in {0..6}; do
		traffic_start "vf$i" "$(lab_vf "$PF1" "$i")" \
			"tx=$n,rx=$n,stream=$((i + 1)),rx_stream=$(((i + 6) % 7 + 1)),dst=@$traffic_dir/vf$(((i + 1) % 7)),rate=300,hold=$traffic_dir/all"
		names+=("vf$i")
	done
	traffic_wait_ready "${names[@]}"
	touch "$traffic_dir/all"
	traffic_end "${names[@]}"
	traffic_pf_end
}

test_pf_without_vfs_rss_starts() {
	traffic_begin 0
	traffic_start pf "$PF1" "queues=4,rss=1,tx=10,dst=02:00:00:00:00:01"
	traffic_end pf
}
