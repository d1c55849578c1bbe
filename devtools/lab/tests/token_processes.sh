# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# Secondary processes, hotplug and rotation, on a real vfio-pci.

setup() {
	lab_two_pfs
}

# primary ARGS...: a testpmd that shares its devices. The lcores of both processes differ, as those share the caches that
# mempools have for each lcore; the guest may have two processors only.
primary() {
	lab_testpmd_start owner -m 128 --lcores 0@0,1@1 "$@" -- --num-procs=2 --proc-id=0 --total-num-mbufs=4096
}

# secondary ARGS...: a testpmd on the primary's devices, to the end of its initialisation.
secondary() {
	eal_trace=$LAB_OUT/secondary.strace
	eal_run secondary strace -f --seccomp-bpf -e trace=ioctl -o "$eal_trace" "$TESTPMD" --proc-type=secondary \
		--file-prefix=owner --lcores 2@0,3@1 --no-telemetry --log-level=lib.eal:debug "$@" -- -i --num-procs=2 --proc-id=1
}

# The secondary has no token at all, and asks the kernel for no device.
test_secondary_opens_by_primary_descriptor() {
	primary -a "$PF1" -a "$VF1" --vfio-vf-token="$PF1=random"
	secondary -a "$PF1" -a "$VF1"
	expect_log "Probe PCI driver: .*$PF1"
	expect_log "Probe PCI driver: .*$VF1"
	expect_device_ioctls 0
	lab_testpmd_cmd owner 'show port info 1' | grep -q 'MAC address'
	lab_testpmd_stop owner
}

# DPDK's PCI bus lets a secondary have only what the primary has probed: the kernel is not asked.
test_secondary_device_not_of_primary_not_opened() {
	eal first -a "$PF1" --vfio-vf-token="$PF1=$T1"
	primary -a "$PF2" --vfio-vf-token="$PF2=$T2"
	secondary -a "$PF2" -a "$VF1" --vfio-vf-token="$VF1=$T1"
	expect_log "Probe PCI driver: .*$PF2"
	expect_log "$VF1 cannot find TAILQ entry"
	expect_device_ioctls 0
	lab_testpmd_stop owner
}

# Attach and detach by testpmd, through the table that the options filled.
test_hotplug_uses_table() {
	token_file /tmp/token "$T1"
	eal first -a "$PF1" --vfio-vf-token="$PF1=$T1"
	lab_testpmd_start plug -m 128 -l 0,1 -a 0000:ff:1f.7 --vfio-vf-token="$PF1=file:/tmp/token" \
		--log-level=lib.eal:debug -- --total-num-mbufs=4096
	eal_log=$lab_testpmd_dir/plug/log
	lab_testpmd_cmd plug "port attach $VF1"
	expect_opened "$VF1" 'option 1 \(file:/tmp/token\)'
	lab_testpmd_cmd plug 'port stop 0'
	lab_testpmd_cmd plug 'port detach 0'
	token_file /tmp/token "$T2"
	lab_testpmd_cmd plug "port attach $VF1B" || true
	expect_refused "$VF1B" 'wrong VF token'
	token_file /tmp/token "$T1"
	lab_testpmd_cmd plug "port attach $VF1B"
	expect_opened "$VF1B"
	lab_testpmd_stop plug
}

# The API on the live devices: rotation with an open VF, wrong and right tokens, hotplug of both.
test_rotation_and_api() {
	[[ -z ${DROP_IN:-} ]] || lab_skip "the distribution's dpdk-test has no such autotest"
	eal_log=$LAB_OUT/api.log
	printf '%s\n' vfio_token_lab_autotest quit |
		(eal_program timeout 120 "$LAB_DPDK_TEST" "${eal_options[@]}" -a "$PF1" -a "$VF1" --vfio-vf-token=random) \
			>"$eal_log" 2>&1 || true
	cat "$eal_log"
	expect_log 'Test OK'
}
