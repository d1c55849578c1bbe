# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh, guest.sh and i82576_traffic.sh
#
# Frames for a long time between two VFs, and between the PF and a third, paced and counted exactly, with all VFs
# sending at once. SOAK_S is how long, in seconds.

# shellcheck source-path=SCRIPTDIR source=i82576_traffic.sh
. "${BASH_SOURCE[0]%/*}/i82576_traffic.sh"

soak_s=${SOAK_S:-10}
soak_rate=500
traffic_timeout_s=$((soak_s * 2 + 60))

# The counters of a port that say that something went wrong.
soak_has_no_errors() {
	local name
	for name; do
		grep -q 'traffic: port: .*missed 0, errors 0/0' "$LAB_OUT/$name.log" ||
			lab_die "$name: $(grep 'traffic: port:' "$LAB_OUT/$name.log")"
	done
}

test_soak_vfs_and_pf_exact() {
	local n=$((soak_s * soak_rate)) common
	traffic_begin 3
	common="size=128,rate=$soak_rate,hold=$traffic_dir/all,descriptors=1024,go=$traffic_dir/go"
	traffic_pf "tx=$n,rx=$n,rx_stream=3,dst=@$traffic_dir/vf2,size=128,rate=$soak_rate,descriptors=1024,go=$traffic_dir/go"
	traffic_start vf0 "$(lab_vf "$PF1" 0)" "tx=$n,rx=$n,stream=1,rx_stream=2,dst=@$traffic_dir/vf1,$common"
	traffic_start vf1 "$(lab_vf "$PF1" 1)" "tx=$n,rx=$n,stream=2,rx_stream=1,dst=@$traffic_dir/vf0,$common"
	traffic_start vf2 "$(lab_vf "$PF1" 2)" "tx=$n,rx=$n,stream=3,rx_stream=100,dst=@$traffic_dir/pf,$common"
	traffic_wait_ready vf0 vf1 vf2
	touch "$traffic_dir/go" "$traffic_dir/all"
	traffic_end vf0 vf1 vf2
	traffic_pf_end
	soak_has_no_errors pf vf0 vf1 vf2
	printf '| %s s: %s frames each way between VF 0 and VF 1, and between the PF and VF 2\n' "$soak_s" "$n"
}
