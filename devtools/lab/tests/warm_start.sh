# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# A PF's owner that is killed again and again under dpdk-sriov-keeper, while two of its VFs send each other numbered
# frames and a third one's tenant changes its filters. On the kernel's vfio-pci, and on that of LAB_VFIO_MODULE.

# shellcheck source=devtools/lab/kmod.sh
. devtools/lab/kmod.sh

# How often the owner is killed, and frames a second each way.
warm_kills=${WARM_KILLS:-5}
warm_rate=${WARM_RATE:-1000}
# Seconds of a kill and what is tested after it, at most: frames are sent for all of that time.
warm_cycle_s=6
# Control is to be back within this time, which a busy machine may not keep: it fails only with WARM_CHECK=1.
warm_back_ms=2000
warm_dir=/run/warm
warm_release_s=3

warm_keeper=${LAB_DPDK_TEST%/subprojects/*}/app/sriovkeeper/dpdk-sriov-keeper

# warm_holder_start: the PF's owner, under the keeper. While $warm_dir/stay-dead is there, it ends at once.
warm_holder_start() {
	mkdir -p "$warm_dir"
	# From memory, as a service's program is; this machine's files come through 9p each time.
	cp "$LAB_DPDK_TEST" "$warm_dir/dpdk-test"
	cat >"$warm_dir/holder" <<-EOT
		#!/bin/sh
		[ ! -e $warm_dir/stay-dead ] || exit 1
		exec "$warm_dir/dpdk-test" --no-huge -m 16 --no-shconf --no-telemetry -l 0 -a 0000:00:00.0 \\
			--vfio-vf-token=$PF1=file:$warm_dir/token </dev/null
	EOT
	chmod 755 "$warm_dir/holder"
	token_file "$warm_dir/token" "$T1"
	SRIOV_HOLDER=$PF1,state=$warm_dir/state DPDK_TEST=warm_holder_autotest \
		"$warm_keeper" --release "$warm_release_s" --restart-max 1 -- "$warm_dir/holder" \
		>"$LAB_OUT/holder.log" 2>&1 </dev/null &
	echo $! >"$warm_dir/keeper.pid"
	# Before its owner, which it would start again.
	trap 'kill -9 "$(cat "$warm_dir/keeper.pid" 2>/dev/null)" 2>/dev/null || true' EXIT
	warm_wait_ready 0
}

# warm_count REGEX: lines of the owner's and the keeper's log that match.
warm_count() {
	grep -cE -- "$1" "$LAB_OUT/holder.log" || true
}

warm_has_count() {
	(($(warm_count "$1") >= $2))
}

# warm_wait_ready PID: waits until an owner other than the process PID is ready.
warm_wait_ready() {
	lab_wait_for 60 warm_other_is_ready "$1" || {
		tail -n 20 "$LAB_OUT/holder.log"
		lab_die "no owner is ready after pid $1"
	}
}

warm_other_is_ready() {
	local pid
	pid=$(warm_holder_pid)
	[[ -n $pid && $pid != "$1" ]] && warm_has_count ": pid $pid is ready after" 1
}

# Whether another process than PID was started.
warm_other_is_started() {
	local pid
	pid=$(warm_holder_pid)
	[[ -n $pid && $pid != "$1" ]]
}

warm_holder_pid() {
	sed -n 's/.*: started, pid \([0-9]*\),.*/\1/p' "$LAB_OUT/holder.log" | tail -n 1
}

# The keeper, its owner, and what they hold end.
warm_holder_stop() {
	local pid
	[[ -e $warm_dir/keeper.pid ]] || return 0
	pid=$(cat "$warm_dir/keeper.pid")
	kill "$pid" 2>/dev/null || true
	lab_wait_for 20 lab_process_ended "$pid" || lab_die "the keeper does not end"
	rm -f "$warm_dir/keeper.pid"
}

# warm_vf_start NAME INDEX PARAMETERS: a tenant that sends and receives, see i82576_traffic.sh.
warm_vf_start() {
	local name=$1 index=$2 parameters=$3
	(
		export DPDK_TEST=traffic_autotest TRAFFIC="ready=$warm_dir/$name,rate=$warm_rate,$parameters"
		exec "$LAB_DPDK_TEST" -m 64 --no-huge --no-telemetry -l 0 --file-prefix "$name" --log-level="pmd.net.i82576.*:info" \
			--vfio-vf-token="$T1" -a "$(lab_vf "$PF1" "$index")"
	) >"$LAB_OUT/$name.log" 2>&1 </dev/null &
	echo $! >"$warm_dir/$name.pid"
}

# The third VF's tenant changes its address and a VLAN: both need the PF's answer.
warm_mailbox_answers() {
	local n=$1 answer
	answer=$(lab_testpmd_cmd tenant "mac_addr set 0 02:00:00:00:$(printf '%02x:%02x' $((n / 256)) $((n % 256)))")
	[[ -z $answer ]] || lab_die "kill $n: no new address: $answer"
	answer=$(lab_testpmd_cmd tenant "rx_vlan add $((100 + n)) 0")
	[[ -z $answer ]] || lab_die "kill $n: no VLAN: $answer"
	lab_testpmd_cmd tenant 'show port info 0' | grep -qi "MAC address: 02:00:00:00:$(printf '%02x:%02x' $((n / 256)) $((n % 256)))" ||
		lab_die "kill $n: the address is another"
}

# What each VF's resets were at the first start, and the last one.
warm_resets_unchanged() {
	local active=$1 first last
	first=$(grep -a '^holder: VFs:' "$LAB_OUT/holder.log" | sed -n "${active}p")
	last=$(grep -a '^holder: VFs:' "$LAB_OUT/holder.log" | tail -n 1)
	printf '  first %s\n  last  %s\n' "$first" "$last"
	[[ $first == "$last" && $first == *' 0 resets'*' 1 resets'*' 2 resets'* ]] || lab_die "VFs have begun again"
}

# warm_run MODULE
warm_run() {
	local module=$1 frames=$((warm_kills * warm_cycle_s * warm_rate + 3 * warm_rate)) n name pid ms slowest=0
	local hold=$warm_dir/done
	rm -rf "$warm_dir"
	mkdir -p "$warm_dir"
	if [[ $module == ours ]]; then
		lab_reset
	else
		LAB_VFIO_MODULE='' lab_reset
	fi
	lab_bind "$PF1" vfio-pci
	lab_vfs "$PF1" 4
	warm_holder_start
	lab_testpmd_start tenant -m 64 --no-huge -l 0,1 --no-telemetry -a "$(lab_vf "$PF1" 2)" --vfio-vf-token="$T1" -- \
		--total-num-mbufs=2048
	warm_vf_start vf0 0 "tx=$frames,rx=$frames,stream=1,rx_stream=2,dst=@$warm_dir/vf1,hold=$hold,timeout=$((frames / warm_rate + 60))"
	warm_vf_start vf1 1 "tx=$frames,rx=$frames,stream=2,rx_stream=1,dst=@$warm_dir/vf0,hold=$hold,timeout=$((frames / warm_rate + 60))"
	for name in vf0 vf1; do
		lab_wait_for 60 test -e "$warm_dir/$name" || lab_die "$name is not ready"
	done
	lab_testpmd_cmd tenant 'vlan set filter on 0'
	warm_mailbox_answers 0
	# All VFs have begun: what the second owner finds must stay the same.
	for ((n = 1; n <= warm_kills; n++)); do
		sleep "0.$((RANDOM % 9))"
		pid=$(warm_holder_pid)
		kill -9 "$pid"
		if ((n % 4 == 0)); then
			# Again while the next one is starting.
			lab_wait_for 10 warm_other_is_started "$pid"
			sleep "0.0$((RANDOM % 9))"
			pid=$(warm_holder_pid)
			kill -9 "$pid"
		fi
		warm_wait_ready "$pid"
		ms=$(sed -n 's/.*is ready after \([0-9]*\) ms.*/\1/p' "$LAB_OUT/holder.log" | tail -n 1)
		((ms <= slowest)) || slowest=$ms
		warm_mailbox_answers "$n"
		for name in vf0 vf1; do
			! lab_process_ended "$(cat "$warm_dir/$name.pid")" || lab_die "$name has ended before kill $n"
		done
	done
	touch "$hold"
	for name in vf0 vf1; do
		wait "$(cat "$warm_dir/$name.pid")" || true
		sed -n 's/^traffic: /  '"$name"': /p' "$LAB_OUT/$name.log" | head -n 2
		grep -q '^Test OK' "$LAB_OUT/$name.log" || lab_die "$name: not exact: $(tail -n 5 "$LAB_OUT/$name.log")"
		! grep -iE 'recover|was reset|link is down' "$LAB_OUT/$name.log" || lab_die "$name: its PF was reset"
	done
	printf '  %s times killed; ready again within %s ms\n' "$warm_kills" "$slowest"
	sed -nE 's/.*is ready after ([0-9]+ ms).*/  of the last: \1,/p; s/^holder: .*(probed in [0-9]+ ms|serving after [0-9]+ ms).*/  \1 of main()/p' \
		"$LAB_OUT/holder.log" | tail -n 3
	(($(warm_count 'warm start: 4 VFs go on') >= warm_kills)) || lab_die "not each start was a warm one"
	(($(warm_count 'no warm start') == 0)) || lab_die "a start was cold"
	warm_resets_unchanged 2
	# The token has stayed: the fourth VF opens with it, and with no other.
	eal right -a "$(lab_vf "$PF1" 3)" --vfio-vf-token="$T1"
	expect_opened "$(lab_vf "$PF1" 3)"
	eal wrong -a "$(lab_vf "$PF1" 3)" --vfio-vf-token="$T2"
	expect_refused "$(lab_vf "$PF1" 3)" 'wrong VF token'
	lab_testpmd_stop tenant
	warm_unbind_while_dead
	if [[ ${WARM_CHECK:-0} == 1 ]] && ((slowest > warm_back_ms)); then
		lab_die "control was back after $slowest ms, more than $warm_back_ms"
	fi
}

# Nobody comes back: the keeper lets go of the PF, so that it can be unbound.
warm_unbind_while_dead() {
	local start=$SECONDS
	touch "$warm_dir/stay-dead"
	kill -9 "$(warm_holder_pid)"
	lab_wait_for 10 warm_has_count 'has ended with status 1' 1
	timeout 60 bash -c "echo $PF1 >/sys/bus/pci/drivers/vfio-pci/unbind" || lab_die "the PF cannot be unbound"
	printf '  unbound after %d s\n' $((SECONDS - start))
	# The kernel asks every 10 s.
	((SECONDS - start <= 10 + warm_release_s + 5)) || lab_die "too late"
	warm_has_count 'letting go' 1 || lab_die "the keeper does not say so"
	warm_holder_stop
}


test_warm_start_on_kernel_module() {
	warm_run kernel
}

test_warm_start_on_our_module() {
	kmod_need_module
	warm_run ours
}

# Alive, the owner itself gives the PF back.
test_warm_owner_gives_pf_back() {
	local start
	rm -rf "$warm_dir"
	lab_reset
	lab_bind "$PF1" vfio-pci
	warm_holder_start
	start=$SECONDS
	timeout 60 bash -c "echo $PF1 >/sys/bus/pci/drivers/vfio-pci/unbind" || lab_die "the PF cannot be unbound"
	printf '  unbound after %d s\n' $((SECONDS - start))
	warm_has_count 'holder: removed: 0' 1 || lab_die "not removed by its owner"
	((SECONDS - start <= 10)) || lab_die "too late"
	warm_holder_stop
}
