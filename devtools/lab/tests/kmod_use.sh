# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# The vfio-pci of kmod/vfio-pci in use: by dpdk-devbind.py and dpdk-testpmd as they are, and put in the place of the
# kernel's by kmod/swap.sh. Needs LAB_VFIO_MODULE, the path of the module, as kmod/build.sh prints it.

# One direction's traffic: rounds of bursts, each awaited, since the sender is not paced and a ring has 512 descriptors.
use_rounds=2
use_bursts=14
use_packets=$((use_rounds * use_bursts * 32))
# Longest wait for one round to arrive, in seconds.
use_round_s=30

setup() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || return 0
	rm -rf /run/vfio-pci-swap
	lab_two_pfs
}

need_module() {
	[[ -n ${LAB_VFIO_MODULE:-} ]] || lab_skip "LAB_VFIO_MODULE, the module of kmod/build.sh, is not given"
}

# The script of the DPDK whose programs are tested, or the distribution's.
use_devbind() {
	local script=
	if [[ $TESTPMD =~ /(dpdk-[0-9.]+)/app/ ]]; then
		script=subprojects/${BASH_REMATCH[1]}/usertools/dpdk-devbind.py
	fi
	[[ -x $script ]] || script=$(command -v dpdk-devbind.py) || lab_die "no dpdk-devbind.py for $TESTPMD"
	"$script" "$@"
}

# loaded WHICH: the module that is loaded is the "kernel"'s own, or "ours".
expect_loaded() {
	local which=kernel
	[[ ! -e /sys/module/vfio_pci/version ]] || which=ours
	[[ $which == "$1" ]] || lab_die "the module loaded is that of: $which"
}

expect_driver() {
	local driver
	driver=$(lab_driver "$1")
	[[ $driver == "$2" ]] || lab_die "$1: on driver \"$driver\", not on \"$2\""
}

# ---- DPDK's programs

start_testpmd() {
	local name=$1 pci=$2 token=$3
	lab_testpmd_start "$name" -m 128 -l 0,1 -a "$pci" --log-level=lib.eal:debug --vfio-vf-token="$token" -- \
		--total-num-mbufs=8192
	# shellcheck disable=SC2034 # for expect_opened and the like
	eal_log=$lab_testpmd_dir/$name/log
}

mac_of() {
	lab_testpmd_cmd "$1" 'show port info 0' | sed -n 's/^MAC address: *//p'
}

counter() {
	lab_testpmd_cmd "$1" 'show port stats 0' | sed -n "s/.*$2: *\([0-9]*\).*/\1/p"
}

received() {
	(($(counter "$1" RX-packets) >= $2))
}

# send FROM TO: each round must have arrived before the next.
send() {
	local from=$1 to=$2 round expected
	lab_testpmd_cmd "$to" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$to" start >/dev/null
	lab_testpmd_cmd "$from" 'set fwd rxonly' >/dev/null
	lab_testpmd_cmd "$from" "set eth-peer 0 $(mac_of "$to")" >/dev/null
	for ((round = 1; round <= use_rounds; round++)); do
		expected=$((round * use_bursts * 32))
		lab_testpmd_cmd "$from" "start tx_first $use_bursts" >/dev/null
		lab_wait_for "$use_round_s" received "$to" "$expected" ||
			lab_die "$to has received $(counter "$to" RX-packets) of $expected packets from $from"
		lab_testpmd_cmd "$from" stop >/dev/null
	done
	lab_testpmd_cmd "$to" stop >/dev/null
}

test_devbind_testpmd_traffic() {
	need_module
	lab_vfs "$PF1" 0
	lab_unbind "$PF1"
	expect_loaded ours
	use_devbind --bind=vfio-pci "$PF1"
	expect_driver "$PF1" vfio-pci
	lab_write "/sys/bus/pci/devices/$PF1/sriov_numvfs" 2
	expect_driver "$VF1" vfio-pci
	expect_driver "$VF1B" vfio-pci
	use_devbind --status-dev net | tee /tmp/devbind
	grep -E "^$VF1 .*drv=vfio-pci" /tmp/devbind

	start_testpmd owner "$PF1" "$T1"
	expect_opened "$PF1" 'option 1'
	lab_testpmd_cmd owner start >/dev/null
	start_testpmd tenant_a "$VF1" "$T1"
	expect_opened "$VF1" 'option 1'
	start_testpmd tenant_b "$VF1B" "$T1"
	expect_opened "$VF1B" 'option 1'
	send tenant_a tenant_b
	send tenant_b tenant_a
	printf 'sent %s %s, received %s %s\n' "$(counter tenant_a TX-packets)" "$(counter tenant_b TX-packets)" \
		"$(counter tenant_b RX-packets)" "$(counter tenant_a RX-packets)"
	[[ $(counter tenant_a TX-packets) == "$use_packets" && $(counter tenant_b RX-packets) == "$use_packets" ]]
	[[ $(counter tenant_b TX-packets) == "$use_packets" && $(counter tenant_a RX-packets) == "$use_packets" ]]

	lab_testpmd_stop tenant_b
	start_testpmd stranger "$VF1B" "$T2"
	expect_refused "$VF1B" 'wrong VF token: option 1'
	expect_no_log "$VF1B: opened"
	lab_testpmd_stop stranger
	lab_testpmd_stop tenant_a
	lab_testpmd_stop owner

	lab_vfs "$PF1" 0
	use_devbind --unbind "$PF1"
	expect_driver "$PF1" ""
	lab_two_pfs
}

# ---- kmod/swap.sh

swap() {
	kmod/swap.sh "$@"
}

# What a swap must bring back: drivers, overrides, VFs, nodes' owners and parameters.
swap_snapshot() {
	local device group name
	for device in "$PF1" "$PF2" /sys/bus/pci/devices/"$PF1"/virtfn* /sys/bus/pci/devices/"$PF2"/virtfn*; do
		device=$(basename "$(readlink -f "/sys/bus/pci/devices/${device#/sys/bus/pci/devices/}")")
		printf '%s driver=%s override=%s' "$device" "$(lab_driver "$device")" \
			"$(cat "/sys/bus/pci/devices/$device/driver_override")"
		group=$(basename "$(readlink -f "/sys/bus/pci/devices/$device/iommu_group")")
		if [[ -e /dev/vfio/$group ]]; then
			printf ' %s' "$(stat -c '%u:%g %a' "/dev/vfio/$group")"
		fi
		printf '\n'
	done
	# Those that both modules have.
	for name in nointxmask disable_idle_d3 enable_sriov disable_denylist; do
		printf '%s=%s\n' "$name" "$(cat "/sys/module/vfio_pci/parameters/$name")"
	done
}

node_of() {
	printf '/dev/vfio/%s' "$(basename "$(readlink -f "/sys/bus/pci/devices/$1/iommu_group")")"
}

# One device that the module took by another way than its override, one VF without a driver, a node of a tenant's.
swap_make_special() {
	lab_write "/sys/bus/pci/devices/$PF2/driver_override" $'\n'
	lab_unbind "$VF1B"
	chown 1234:1234 "$(node_of "$VF1")"
	chmod 640 "$(node_of "$VF1")"
	echo Y >/sys/module/vfio_pci/parameters/nointxmask
}

swap_end_special() {
	chown 0:0 "$(node_of "$VF1")"
	chmod 600 "$(node_of "$VF1")"
	lab_bind "$VF1B" vfio-pci
	lab_write "/sys/bus/pci/devices/$PF2/driver_override" vfio-pci
	echo N >/sys/module/vfio_pci/parameters/nointxmask
}

test_swap_to_kernel_and_back_as_before() {
	need_module
	swap_make_special
	swap_snapshot | tee /tmp/before
	expect_loaded ours
	swap kernel
	expect_loaded kernel
	swap_snapshot | diff -u /tmp/before -
	swap ours --module "$LAB_VFIO_MODULE"
	expect_loaded ours
	swap_snapshot | diff -u /tmp/before -
	[[ ! -e /run/vfio-pci-swap/state ]]
	swap_end_special
	# Of use, too, and not only bound.
	eal owner -a "$PF1" -a "$VF1" --vfio-vf-token="$T1"
	expect_opened "$PF1"
	expect_opened "$VF1"
}

test_swap_loaded_already_or_dry_run_nothing() {
	need_module
	swap_make_special
	swap_snapshot | tee /tmp/before
	swap ours --module "$LAB_VFIO_MODULE"
	swap kernel --dry-run | tee /tmp/plan
	grep -qE "^load: /.*/vfio-pci.ko.* nointxmask=Y" /tmp/plan
	grep -qF "2 VFs of $PF1" /tmp/plan
	grep -qF "leave without a driver: $VF1B" /tmp/plan
	expect_loaded ours
	swap_snapshot | diff -u /tmp/before -
	swap_end_special
}

# VFs that were made before enable_sriov was turned off.
test_swap_enable_sriov_off_as_before() {
	need_module
	swap_snapshot | sed 's/^enable_sriov=.*/enable_sriov=N/' >/tmp/before
	echo N >/sys/module/vfio_pci/parameters/enable_sriov
	swap kernel
	swap_snapshot >/tmp/after
	echo Y >/sys/module/vfio_pci/parameters/enable_sriov
	swap ours --module "$LAB_VFIO_MODULE"
	diff -u /tmp/before /tmp/after
}

test_swap_device_open_refused() {
	need_module
	swap_snapshot >/tmp/before
	eal_hold tenant -a "$PF1" -a "$VF1" --vfio-vf-token=random
	must_fail swap kernel 2>/tmp/refusal
	cat /tmp/refusal
	grep -qE "$VF1: /dev/vfio/[0-9]+ is open in pid $(eal_pid tenant) \(dpdk-test\)" /tmp/refusal
	swap status | tee /tmp/status
	grep -qE "$PF1: /dev/vfio/[0-9]+ is open in pid $(eal_pid tenant)" /tmp/status
	expect_loaded ours
	swap_snapshot | diff -u /tmp/before -
	eal_release tenant
	swap kernel
	expect_loaded kernel
	swap ours --module "$LAB_VFIO_MODULE"
	expect_loaded ours
	swap_snapshot | diff -u /tmp/before -
}

# A device whose group is closed is open no less.
test_swap_descriptor_alone_refused() {
	local holder
	need_module
	mkfifo /tmp/go
	python3 - "$(node_of "$PF1")" "$PF1" >/tmp/held 2>&1 <<-'PY' &
	import fcntl, os, sys

	VFIO = ord(';') << 8
	group, name = os.open(sys.argv[1], os.O_RDWR), sys.argv[2].encode() + b'\0'
	container = os.open('/dev/vfio/vfio', os.O_RDWR)
	fcntl.ioctl(group, VFIO | 104, container.to_bytes(4, 'little'))  # VFIO_GROUP_SET_CONTAINER
	fcntl.ioctl(container, VFIO | 102, 1)  # VFIO_SET_IOMMU
	device = fcntl.ioctl(group, VFIO | 106, name)  # VFIO_GROUP_GET_DEVICE_FD
	os.close(group)
	os.close(container)
	print('held', flush=True)
	open('/tmp/go').read()
	PY
	holder=$!
	lab_wait_for 30 grep -q held /tmp/held || lab_die "$(cat /tmp/held)"
	must_fail swap kernel 2>/tmp/refusal
	cat /tmp/refusal
	grep -q "a VFIO device is open in pid $holder (python3" /tmp/refusal
	grep -q 'vfio-pci has 1 users' /tmp/refusal
	expect_loaded ours
	echo >/tmp/go
	lab_wait_for_exit "$holder" 20
	rm /tmp/go
}

# An unbind would wait for whoever has opened the device's own node, even if he has not bound it.
test_swap_device_node_open_refused() {
	local node
	need_module
	[[ -d /dev/vfio/devices ]] || lab_skip "this kernel has no /dev/vfio/devices"
	node=/dev/vfio/devices/$(basename "/sys/bus/pci/devices/$VF1/vfio-dev"/vfio*)
	exec 8<>"$node"
	must_fail swap kernel 2>/tmp/refusal
	cat /tmp/refusal
	grep -qF "$VF1: $node is open in pid $BASHPID" /tmp/refusal
	exec 8>&-
	expect_loaded ours
	swap kernel
	swap ours --module "$LAB_VFIO_MODULE"
}

# A run that ended half-way: what was bound before is bound by the next.
test_swap_interrupted_made_up_for() {
	need_module
	swap_snapshot >/tmp/before
	mkdir -p /run/vfio-pci-swap
	printf '%s\n' "1 function $PF1 vfio-pci 0:0 600" "2 vfs $PF1 2" "3 vf $VF1 vfio-pci 0:0 600" \
		"3 vf $VF1B vfio-pci 0:0 600" >/run/vfio-pci-swap/state
	lab_vfs "$PF1" 0
	lab_unbind "$PF1"
	swap ours --module "$LAB_VFIO_MODULE"
	swap_snapshot | diff -u /tmp/before -

	# The same when nothing is loaded any more.
	lab_vfs "$PF1" 0
	lab_unbind "$PF1"
	printf '%s\n' "1 function $PF1 vfio-pci 0:0 600" "2 vfs $PF1 2" >/run/vfio-pci-swap/state
	lab_vfs "$PF2" 0
	lab_unbind "$PF2"
	lab_unload_vfio
	swap ours --module "$LAB_VFIO_MODULE" enable_sriov=1 disable_idle_d3=1
	expect_driver "$VF1B" vfio-pci
	lab_two_pfs
	swap_snapshot | diff -u /tmp/before -
}

# What cannot be loaded is refused before anything is unbound; where only loading it tells, what was there is back.
test_swap_bad_module_as_before() {
	local name
	need_module
	swap_snapshot >/tmp/before
	must_fail swap ours --module /etc/passwd
	must_fail swap ours --module "${LAB_VFIO_MODULE%/*}/../tests/vfio_variant.ko"
	must_fail swap kernel numvfs=1
	install -D "$LAB_VFIO_MODULE" "/lib/modules/$(uname -r)/updates/vfio-pci.ko"
	cp "$LAB_VFIO_MODULE" /tmp/bad.ko
	# Another source version, and a symbol that no kernel has.
	name=$(modinfo -F srcversion "$LAB_VFIO_MODULE")
	sed -i "s/srcversion=$name/srcversion=${name//[0-9]/A}/; s/vfio_pci_core_enable\x00/vfio_pci_core_enabXX\x00/" /tmp/bad.ko
	must_fail swap ours --module /tmp/bad.ko 2>/tmp/refusal
	cat /tmp/refusal
	grep -q 'the module that was there before is loaded again' /tmp/refusal
	expect_loaded ours
	swap_snapshot | diff -u /tmp/before -
	rm "/lib/modules/$(uname -r)/updates/vfio-pci.ko"
}

# ---- hardware that is refused, as a module shows it whose PCI function has any identity

MOCK=0001:00:00.0

# mock PARAMETER=VALUE...: has that function, and vfio-pci try to take it; what the kernel says of it is in /tmp/mock.
mock() {
	[[ ! -d /sys/module/pci_mock ]] || rmmod pci_mock
	insmod "${LAB_VFIO_MODULE%/*/*}/mock/pci_mock.ko" "$@"
	lab_kernel_mark
	lab_write "/sys/bus/pci/devices/$MOCK/driver_override" vfio-pci
	lab_write /sys/bus/pci/drivers_probe "$MOCK" || true
	lab_kernel_messages | grep -F "$MOCK" | tee /tmp/mock
}

mock_reload() {
	[[ ! -d /sys/module/pci_mock ]] || rmmod pci_mock
	lab_reset
	lab_unload_vfio
	lab_load_vfio "$@"
}

# expect_mock_refused ERRNO [TEXT]
expect_mock_refused() {
	grep -q "failed with error -$1" /tmp/mock
	[[ -z ${2:-} ]] || grep -qF "$2" /tmp/mock
}

# Past our checks, the function fails for want of an IOMMU group.
expect_mock_not_refused() {
	expect_mock_refused 22
	must_fail grep 'not taken' /tmp/mock
}

mock_end() {
	rmmod pci_mock
	lab_reset
	lab_two_pfs
}

# Accelerators, which the kernel's module refuses with the same error, and a neighbour of theirs.
test_denylist_refused_unless_disabled() {
	local id
	need_module
	LAB_VFIO_MODULE='' mock_reload
	for id in 0x19e2 0x37c8 0x0b25; do
		mock device=$id
		expect_mock_refused 22 'denylist'
	done
	mock_reload
	for id in 0x19e2 0x37c8 0x0b25; do
		mock device=$id
		expect_mock_refused 22 'not taken: on the denylist'
	done
	mock device=0x19e1
	expect_mock_not_refused
	mock_reload disable_denylist=1
	mock device=0x19e2
	grep -q 'taken although on the denylist' /tmp/mock
	expect_mock_not_refused
	mock_end
}

# Intel graphics with an OpRegion; not those without, or another vendor's.
test_igd_opregion_refused() {
	need_module
	grep -q '^CONFIG_VFIO_PCI_IGD=y' "${LAB_VFIO_MODULE%/*/*}/headers/.config" ||
		lab_skip "this kernel's own vfio-pci has no regions of Intel graphics"
	mock_reload
	mock device=0x1912 class=0x030000 word_fc=0x7bee0018
	expect_mock_refused 95 "not taken: its OpRegion needs the kernel's own vfio-pci"
	mock device=0x1912 class=0x030000 word_fc=0
	expect_mock_not_refused
	# Newer kernels have such regions for each kind of display.
	mock device=0x1912 class=0x038000 word_fc=0x7bee0018
	if printf '%s\n' 6.15 "$(uname -r)" | sort -CV; then
		expect_mock_refused 95 "not taken: its OpRegion needs the kernel's own vfio-pci"
	else
		expect_mock_not_refused
	fi
	mock vendor=0x1af4 device=0x1912 class=0x030000 word_fc=0x7bee0018
	expect_mock_not_refused
	mock_end
}
