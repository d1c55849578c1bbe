#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The part of devtools/quickstart.sh that runs in the guest: dpdk-sriovd owns the PF with net_i82576_pf and makes two VFs,
# which two unprivileged users open with net_i82576_vf by the tokens that its socket gives them. Traffic goes from VF to
# VF, also while the daemon is killed and started again; a user without a grant, and a wrong token, are refused.

set -euo pipefail

# shellcheck source=devtools/lab/guest.sh
. "$(dirname "${BASH_SOURCE[0]}")/guest.sh"

pf=0000:01:00.0
conf=/run/sriovd.conf
socket=/run/dpdk/sriov/token.sock
programs=/run/programs
# The two tenants, and somebody else.
declare -A uids=([tenant_a]=1001 [tenant_b]=1002 [stranger]=1003)
# One direction's traffic: rounds of bursts, each awaited, since the sender is not paced and a ring has 512 descriptors.
rounds=4
bursts=14
burst_packets=32
packets=$((rounds * bursts * burst_packets))
# Longest wait for one round to arrive, and for the daemon, in seconds.
round_s=30
daemon_s=60

say() {
	printf '\n== %s\n' "$*"
}

show() {
	printf '$ %s\n' "$*"
	"$@"
}

ctl() {
	printf '$ dpdk-sriovctl %s\n' "$*"
	"$SRIOVCTL" "$@"
}

bind() {
	say "Bind the PF to vfio-pci"
	lab_load_vfio
	chmod 666 /dev/vfio/vfio
	show "$LAB_DPDK/usertools/dpdk-devbind.py" --bind=vfio-pci "$pf"
}

daemon_ready() {
	(($(grep -c 'SRIOVD: ready after' /run/sriovd.log) >= $1))
}

wait_for_daemon() {
	lab_wait_for "$daemon_s" daemon_ready "$1" || {
		cat /run/sriovd.log
		lab_die "dpdk-sriovd is not ready"
	}
}

start_daemon() {
	say "dpdk-sriovd owns the PF, makes two VFs and grants one to each of two users"
	cat >"$conf" <<-CONF
	[daemon]
	token_mode = 0666

	[pf $pf]
	vfs = 2

	[vf $pf 0]
	grant = uid:${uids[tenant_a]}

	[vf $pf 1]
	grant = uid:${uids[tenant_b]}
	CONF
	cat "$conf"
	printf '\n$ dpdk-sriov-keeper -- dpdk-sriovd --config %s\n' "$conf"
	"$SRIOV_KEEPER" -- "$SRIOVD" --config "$conf" >/run/sriovd.log 2>&1 </dev/null &
	keeper=$!
	trap 'cp /run/sriovd.log "$LAB_OUT/sriovd.log"' EXIT
	wait_for_daemon 1
	lab_check_vf_bars "$pf"
	vf_a=$(lab_vf "$pf" 0)
	vf_b=$(lab_vf "$pf" 1)
	ctl status
}

# start NAME CORES VF TOKEN: a testpmd of that user on one VF.
start() {
	local name=$1 cores=$2 vf=$3 token=$4 uid=${uids[$1]} TESTPMD=/run/testpmd-$1
	printf '$ dpdk-testpmd -a %s --vfio-vf-token=%s    # %s, uid %s\n' "$vf" "$token" "$name" "$uid"
	install -d -o "$uid" -g "$uid" "/run/user-$uid"
	# The build may lie where only root can look.
	printf '#!/bin/bash\nulimit -l unlimited\nexec setpriv %s env XDG_RUNTIME_DIR=%s %s/dpdk-testpmd "$@"\n' \
		"--reuid=$uid --regid=$uid --clear-groups --bounding-set=-all --inh-caps=-all" "/run/user-$uid" \
		"$programs" >"$TESTPMD"
	chmod 755 "$TESTPMD"
	lab_testpmd_start "$name" --no-huge -m 64 --no-telemetry -l "0,$cores" -a "$vf" --log-level=lib.eal:debug \
		--vfio-vf-token="$token" -- --total-num-mbufs=4096
}

start_tenants() {
	say "The two tenants, each a process of its own user, who asks for the token of his VF"
	install -D -m 755 -t "$programs" "$TESTPMD"
	start tenant_a 2 "$vf_a" "unix:$socket"
	grep -F "$vf_a: opened through VFIO" "$lab_testpmd_dir/tenant_a/log"
	start tenant_b 3 "$vf_b" "unix:$socket"
	grep -F "$vf_b: opened through VFIO" "$lab_testpmd_dir/tenant_b/log"
}

mac_of() {
	lab_testpmd_cmd "$1" 'show port info 0' | sed -n 's/^MAC address: *//p'
}

# counter NAME RX-packets|TX-packets
counter() {
	lab_testpmd_cmd "$1" 'show port stats 0' | sed -n "s/.*$2: *\([0-9]*\).*/\1/p"
}

received() {
	(($(counter "$1" RX-packets) >= $2))
}

# send FROM TO: sends the packets in rounds; each must have arrived before the next.
send() {
	local from=$1 to=$2 round expected
	lab_testpmd_cmd "$to" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$to" start >/dev/null
	lab_testpmd_cmd "$from" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$from" "set eth-peer 0 $(mac_of "$to")" >/dev/null
	for ((round = 1; round <= rounds; round++)); do
		expected=$((round * bursts * burst_packets))
		lab_testpmd_cmd "$from" "start tx_first $bursts" >/dev/null
		lab_wait_for "$round_s" received "$to" "$expected" ||
			lab_die "$to has received $(counter "$to" RX-packets) of $expected packets from $from after" \
				"$round_s s"
		lab_testpmd_cmd "$from" stop >/dev/null
	done
	lab_testpmd_cmd "$to" stop >/dev/null
	printf '%s -> %s: %s packets\n' "$from" "$to" "$packets"
}

traffic() {
	say "$packets packets from VF to VF, each way; in between the daemon is killed"
	send tenant_a tenant_b
	printf '$ kill -9 %s    # dpdk-sriovd\n' "$(pgrep -P "$keeper")"
	kill -9 "$(pgrep -P "$keeper")"
	send tenant_b tenant_a
	sent_a=$(counter tenant_a TX-packets) received_a=$(counter tenant_a RX-packets)
	sent_b=$(counter tenant_b TX-packets) received_b=$(counter tenant_b RX-packets)
	wait_for_daemon 2
	grep -F 'warm start' /run/sriovd.log || lab_die "the second dpdk-sriovd has begun anew: see sriovd.log"
	ctl status
}

# refused NAME VF CAUSE TOKEN: that user's testpmd comes up without the VF, for that cause.
refused() {
	local name=$1 vf=$2 cause=$3 token=$4
	start "$name" 3 "$vf" "$token"
	if grep -qF "$vf: opened" "$lab_testpmd_dir/$name/log"; then
		lab_die "$name has opened $vf"
	fi
	refusal=$(grep -F "$vf: cannot open through VFIO" "$lab_testpmd_dir/$name/log") ||
		lab_die "no refusal in the log of $name: $(tail -n 5 "$lab_testpmd_dir/$name/log")"
	printf '%s\n' "$refusal"
	grep -qE "$cause" <<<"$refusal" || lab_die "the refusal does not name the cause: $cause"
	lab_testpmd_stop "$name"
}

strangers() {
	say "A user without a grant, and one with a wrong token"
	lab_testpmd_stop tenant_b
	refused stranger "$vf_b" 'denied|not grant|Permission denied' "unix:$socket"
	(umask 077 && cat /proc/sys/kernel/random/uuid >/run/wrong.token)
	chown "${uids[tenant_b]}" /run/wrong.token
	refused tenant_b "$vf_b" 'wrong VF token' file:/run/wrong.token
}

stop_daemon() {
	say "The VFs are taken back and removed"
	lab_testpmd_stop tenant_a
	ctl down "$pf"
	kill "$keeper"
	wait "$keeper" || lab_die "dpdk-sriovd ended with status $?: see sriovd.log"
}

row() {
	printf '| %-9s | %-12s | %-8s | %7s | %9s |\n' "$@"
}

table() {
	say "Result ($(uname -r))"
	row process device token sent received
	row --------- ------------ -------- ------- ---------
	row sriovd "$pf" set - -
	row tenant_a "$vf_a" right "$sent_a" "$received_a"
	row tenant_b "$vf_b" right "$sent_b" "$received_b"
	row stranger "$vf_b" none refused refused
	row tenant_b "$vf_b" wrong refused refused
	[[ $sent_a == "$packets" && $sent_b == "$packets" ]] || lab_die "not $packets packets sent each way"
	[[ $received_a == "$packets" && $received_b == "$packets" ]] || lab_die "packets lost or too many"
}

bind
start_daemon
start_tenants
traffic
strangers
stop_daemon
table
