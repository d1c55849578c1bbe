# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash disable=SC2154 # variables of eal.sh and guest.sh
#
# net_i82576 as a plug-in: the shared object alone, loaded with -d into the distribution's own dpdk-testpmd, on the
# distribution's own libraries.
#
# Settings: I82576_PLUGIN, the shared object.

# Not below a directory that anyone may write to: the EAL refuses such plug-ins.
plugin_dir=/opt/i82576-plugin

setup() {
	[[ -n ${I82576_PLUGIN:-} && -e ${I82576_PLUGIN:-} ]] || return 0
	# Away from the libraries of its build, which it would find beside it.
	install -D -t "$plugin_dir" "$I82576_PLUGIN"
	lab_reset
	lab_bind "$PF1" vfio-pci
	lab_vfs "$PF1" 2
}

plugin_need() {
	[[ -d $plugin_dir ]] || lab_skip "I82576_PLUGIN, the driver's shared object, is not given"
	[[ -x /usr/bin/dpdk-testpmd ]] || lab_skip "the distribution's dpdk-testpmd is not installed (package dpdk-dev)"
	# shellcheck disable=SC2034 # for lab_testpmd_start
	TESTPMD=/usr/bin/dpdk-testpmd DROP_IN=
}

# plugin_start NAME PCI[,ARGS] OPTION...: testpmd on one function.
plugin_start() {
	local name=$1 pci=$2
	shift 2
	lab_testpmd_start "$name" -m 64 --no-huge -l 0,1 -a "$pci" --vfio-vf-token="$T1" "$@" -- \
		--total-num-mbufs=2048
}

# plugin_driver NAME: prints the driver of its port.
plugin_driver() {
	lab_testpmd_cmd "$1" 'show port info 0' | sed -n 's/^Driver name: *//p'
}

# plugin_expect NAME DRIVER
plugin_expect() {
	local driver
	driver=$(plugin_driver "$1")
	printf '%s: %s\n' "$1" "$driver"
	[[ $driver == "$2" ]] || lab_die "$1: driver $driver, not $2"
}

test_plugin_takes_devices_over_upstream() {
	local -a plugin
	plugin_need
	plugin=(-d "$plugin_dir/$(basename "$I82576_PLUGIN")")
	plugin_start pf "$PF1" "${plugin[@]}"
	plugin_expect pf net_i82576_pf
	plugin_start vf "$(lab_vf "$PF1" 0)" "${plugin[@]}"
	plugin_expect vf net_i82576_vf
	lab_wait_for 20 lab_testpmd_link_is_up vf || lab_die "the VF has no link"
	lab_testpmd_stop vf
	lab_testpmd_stop pf
}

test_plugin_leaves_devices_to_upstream() {
	local -a plugin
	plugin_need
	plugin=(-d "$plugin_dir/$(basename "$I82576_PLUGIN")")
	plugin_start pf "$PF1,upstream=1" "${plugin[@]}"
	plugin_expect pf net_e1000_igb
	plugin_start vf "$(lab_vf "$PF1" 0),upstream=1" "${plugin[@]}"
	plugin_expect vf net_e1000_igb_vf
	lab_testpmd_stop vf
	lab_testpmd_stop pf
}

test_plugin_not_given_upstream_takes_device() {
	plugin_need
	plugin_start pf "$PF1"
	plugin_expect pf net_e1000_igb
	lab_testpmd_stop pf
}

# The same choice where both are linked: the programs of this build.
test_linked_takes_devices_and_leaves_them() {
	plugin_start pf "$PF1"
	plugin_expect pf net_i82576_pf
	plugin_start vf "$(lab_vf "$PF1" 0),upstream=1"
	plugin_expect vf net_e1000_igb_vf
	lab_testpmd_stop vf
	plugin_start vf2 "$(lab_vf "$PF1" 1)"
	plugin_expect vf2 net_i82576_vf
	lab_testpmd_stop vf2
	lab_testpmd_stop pf
	plugin_start pf2 "$PF1,upstream=1"
	plugin_expect pf2 net_e1000_igb
	lab_testpmd_stop pf2
}
