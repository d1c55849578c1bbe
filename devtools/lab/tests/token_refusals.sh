# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# Every refusal names the device, the cause and the way out, and the kernel is asked once.

setup() {
	lab_two_pfs
	eal setup1 -a "$PF1" --vfio-vf-token="$PF1=$T1"
}

test_vf_wrong_token_refused_once() {
	eal_hold owner -a "$PF1" --vfio-vf-token="$PF1=$T1"
	eal_strace vf -a "$VF1" --vfio-vf-token="$T2"
	expect_refused "$VF1" "Permission denied.*wrong VF token: option 1 \(a UUID\).*PF $PF1 is held by pid $(eal_pid owner) "
	expect_device_ioctls 1
	expect_no_log "$T2"
	eal_release owner
}

test_vf_no_token_refused_once() {
	eal_strace vf -a "$VF1"
	expect_refused "$VF1" "VF token missing.*--vfio-vf-token=$VF1=SOURCE"
	expect_device_ioctls 1
}

test_pf_vf_open_wrong_or_no_token_refused() {
	eal_hold tenant -a "$VF1" --vfio-vf-token="$T1"
	eal_strace wrong -a "$PF1" --vfio-vf-token="$T2"
	expect_refused "$PF1" 'wrong VF token: VFs of this PF are open'
	expect_device_ioctls 1
	eal_strace none -a "$PF1"
	expect_refused "$PF1" 'VF token missing: VFs of this PF are open'
	expect_device_ioctls 1
	eal right -a "$PF1" --vfio-vf-token="$T1"
	expect_opened "$PF1"
	eal_release tenant
}

test_group_busy_names_holder() {
	eal_hold tenant -a "$VF1" --vfio-vf-token="$T1"
	eal_strace second -a "$VF1" --vfio-vf-token="$T1"
	expect_refused "$VF1" "Device or resource busy.*IOMMU group .* is held by pid $(eal_pid tenant) \((lt-)?dpdk-test\)"
	expect_device_ioctls 0
	eal_release tenant
}

# An ordinary user may open the node, and cannot look into the holder's descriptors: the message says so.
test_group_busy_unprivileged_says_hidden() {
	local node
	node=/dev/vfio/$(basename "$(readlink "/sys/bus/pci/devices/$VF1/iommu_group")")
	chmod 666 "$node" /dev/vfio/vfio
	eal_hold tenant -a "$VF1" --vfio-vf-token="$T1"
	eal_unprivileged nobody -a "$VF1" --vfio-vf-token="$T1"
	expect_refused "$VF1" 'a process that /proc hides from uid 65534'
	eal_release tenant
	chmod 600 "$node"
	eal_unprivileged nobody -a "$VF1" --vfio-vf-token="$T1"
	expect_refused "$VF1" "cannot open $node, owned by uid 0 gid 0 with mode 0600, as uid 65534"
}

# Two 82540EM behind one conventional bridge share a group.
test_group_not_viable_names_device() {
	local card other
	{ read -r card && read -r other; } < <(lab_cards 8086:100e) || lab_skip "no group of two cards in this guest"
	lab_bind "$card" vfio-pci
	modprobe e1000
	lab_bind "$other" e1000
	eal_strace viable -a "$card" --vfio-vf-token="$T1"
	expect_refused "$card" "is not viable.*$other \(e1000\)"
	expect_device_ioctls 0
}

test_absent_device_names_enable_sriov() {
	lab_vfs "$PF1" 0
	must_fail eal absent -a "$VF1" --vfio-vf-token="$VF1=$T1"
	expect_init_refused 1 "there is no PCI device $VF1: correct the address"
	echo N >/sys/module/vfio_pci/parameters/enable_sriov
	must_fail eal absent -a "$VF1" --vfio-vf-token="$VF1=$T1"
	expect_init_refused 1 "there is no PCI device $VF1.*enable_sriov is off: echo Y"
	echo Y >/sys/module/vfio_pci/parameters/enable_sriov
	lab_vfs "$PF1" 2
}

test_vfio_pci_missing_names_modprobe() {
	lab_vfs "$PF1" 0
	lab_vfs "$PF2" 0
	lab_unbind "$PF1"
	lab_unbind "$PF2"
	must_fail eal unbound -a "$PF1" --vfio-vf-token="$PF1=$T1"
	expect_init_refused 1 "$PF1 is on no driver, not on vfio-pci: dpdk-devbind.py -b vfio-pci"
	lab_unload_vfio
	must_fail eal unloaded -a "$VF1" --vfio-vf-token="$VF1=$T1"
	expect_init_refused 1 'vfio-pci is not loaded: modprobe vfio-pci'
	lab_load_vfio
	setup
}

# What the kernel would refuse as a string (ENODEV or EINVAL by its table) is refused before it is asked.
test_malformed_option_refused_at_start() {
	local option
	# All other forms are in the autotests.
	for option in "$VF1	=$T1" "$T1 " "$T1 vf_token=$T1" "${T1%?}" "0000:01:10.8=$T1" "$VF1=$VF1=$T1" "fd:999"; do
		must_fail eal malformed -a "$VF1" --vfio-vf-token="$option"
		expect_init_refused 1 ''
		expect_no_log "${T1%%-*}"
	done
}

# The option's name itself is mistyped: what follows must not be shown either.
test_mistyped_name_refused_without_value() {
	local argument
	for argument in "--vfio-vf-tokn=$T1" "--vfio=$T1" "--vfio-vf-token:$T1"; do
		must_fail eal mistyped -a "$VF1" "$argument"
		expect_log "(option|argument):? ${argument%%[=:]*}"
		expect_no_log "${T1%%-*}"
	done
}

test_bad_file_refused_at_start() {
	token_file /tmp/good "$T1"
	token_file /tmp/line7 "" "" "" "" "" "" "$VF1 ${T1%?}"
	token_file /tmp/long "$(seq -f '# %g' 10000)"
	token_file /tmp/twice "$VF1 $T1" "01:10.0 $T2"
	install -m 644 /tmp/good /tmp/open
	install -m 600 -o 65534 /tmp/good /tmp/stranger
	mkdir -p /tmp/directory
	mkfifo -m 600 /tmp/fifo
	local -A causes=(
		[/tmp/line7]='/tmp/line7: line 7: malformed UUID'
		[/tmp/long]='line 4097: more than 4096 lines'
		[/tmp/twice]='line 2: this address is in line 1 already'
		[/tmp/open]='/tmp/open has mode 0644.*chmod 600'
		[/tmp/stranger]='/tmp/stranger belongs to uid 65534'
		[/tmp/directory]='/tmp/directory is a directory'
		[/tmp/fifo]='/tmp/fifo is a FIFO'
	)
	local file
	for file in "${!causes[@]}"; do
		must_fail eal bad -a "$VF1" --vfio-vf-token="$T2" --vfio-vf-token="$VF1=file:$file"
		expect_init_refused 2 "${causes[$file]}"
		expect_no_log "${T1%%-*}"
	done
}

test_conflicting_entries_refused_at_start() {
	token_file /tmp/one "$VF1 $T1"
	token_file /tmp/two "$VF1 $T2"
	must_fail eal twice -a "$VF1" --vfio-vf-token="$VF1=$T1" --vfio-vf-token="01:10.0=$T2"
	expect_init_refused 2 'conflicts with option 1'
	must_fail eal files -a "$VF1" --vfio-vf-token="file:/tmp/one" --vfio-vf-token="file:/tmp/two"
	expect_log "conflicting entries for $VF1: option 1 \(file:/tmp/one line 1\) and option 2 \(file:/tmp/two line 1\)"
	must_fail eal defaults -a "$VF1" --vfio-vf-token="$T1" --vfio-vf-token=random
	expect_init_refused 2 'conflicts with option 1'
}
