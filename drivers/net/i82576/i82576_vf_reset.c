/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Resetting a VF, and telling its PF the configuration. */

#include <errno.h>
#include <string.h>

#include "i82576_vf.h"

/* After the reset the VF's registers are not to be touched for that long (as Linux igbvf). */
#define RESET_US		1000u
/* How long the PF may be in reset still. */
#define PF_RESET_TIMEOUT_US	100000u
#define PF_RESET_INTERVAL_US	1000u

static int
pf_reset_wait(struct i82576_vf *vf)
{
	uint32_t waited_us = 0, status;

	for (;;) {
		status = i82576_vf_mbx_status(vf);
		if (status == UINT32_MAX)
			return -ENODEV;
		if (!(status & I82576_VF_V2PMAILBOX_RSTI))
			return 0;
		if (waited_us >= PF_RESET_TIMEOUT_US)
			return -ENETRESET;
		if (__atomic_load_n(&vf->recovery.cancel, __ATOMIC_RELAXED))
			return -ECANCELED;
		i82576_delay_us(&vf->port.hw, PF_RESET_INTERVAL_US);
		waited_us += PF_RESET_INTERVAL_US;
	}
}

int
i82576_vf_reset(struct i82576_vf *vf)
{
	const struct i82576_hw *hw = &vf->port.hw;
	struct rte_ether_addr mac;
	int ret;

	memset(&vf->granted, 0, sizeof(vf->granted));
	vf->state = I82576_VF_SILENT;
	ret = i82576_vf_pci_restore(vf);
	if (ret != 0)
		return ret;
	/* 82576 DS 8.26.1: queues and interrupts of the VF. */
	i82576_write(hw, I82576_VF_VTCTRL, I82576_VF_VTCTRL_RST);
	i82576_flush(hw);
	i82576_delay_us(hw, RESET_US);
	/* QEMU: the mask survives. */
	i82576_write(hw, I82576_VF_VTEIMC, I82576_VF_VTEICR_ALL);
	ret = pf_reset_wait(vf);
	if (ret != 0)
		return ret;
	/* Of the past: what is latched from here on is new. */
	i82576_vf_mbx_take(vf, I82576_VF_V2PMAILBOX_RSTD);
	ret = i82576_vf_mbx_reset(vf, &mac);
	if (ret != 0)
		return ret;
	if (rte_is_valid_assigned_ether_addr(&mac))
		rte_ether_addr_copy(&mac, &vf->granted.mac);
	vf->state = I82576_VF_READY;
	vf->silence_logged = false;
	return 0;
}

/*
 * Has the PF use the primary address. Where it insists on another (Linux igb: one that was set by
 * the administrator), that becomes the port's.
 */
static int
replay_primary(struct i82576_vf *vf)
{
	struct rte_ether_addr *mac = &vf->config.macs[0];
	int ret;

	ret = i82576_vf_mac_primary_send(vf);
	if (ret != -EPERM)
		return ret;
	if (rte_is_zero_ether_addr(&vf->granted.mac)) {
		I82576_LOG(ERR, driver, &vf->port.hw, "set MAC " RTE_ETHER_ADDR_PRT_FMT
				" failed: the PF refuses it: give the VF an address at its PF",
				RTE_ETHER_ADDR_BYTES(mac));
		return 0;
	}
	I82576_LOG(WARNING, driver, &vf->port.hw, "set MAC " RTE_ETHER_ADDR_PRT_FMT
			" failed: the PF's owner has set " RTE_ETHER_ADDR_PRT_FMT ", which is used",
			RTE_ETHER_ADDR_BYTES(mac), RTE_ETHER_ADDR_BYTES(&vf->granted.mac));
	rte_ether_addr_copy(&vf->granted.mac, mac);
	rte_ether_addr_copy(&vf->granted.mac, &vf->port.data->mac_addrs[0]);
	return 0;
}

static int
replay_vlans(struct i82576_vf *vf)
{
	unsigned int vid;
	int ret;

	for (vid = 0; vid <= RTE_ETHER_MAX_VLAN_ID; vid++) {
		if (!(vf->config.vlans[vid / 32] & UINT32_C(1) << vid % 32))
			continue;
		ret = i82576_vf_vlan_send(vf, vid, true);
		if (i82576_vf_mbx_is_silence(ret))
			return ret;
		if (ret != 0)
			I82576_LOG(WARNING, driver, &vf->port.hw,
					"add VLAN %u again failed: the PF refuses it: its frames "
					"will not come",
					vid);
	}
	return 0;
}

/* A mode that is refused is off from then on, so that the other one can be had. */
static int
replay_rx_modes(struct i82576_vf *vf)
{
	struct i82576_vf_config *config = &vf->config;
	int ret;

	ret = i82576_vf_promisc_send(vf, config->promisc, config->allmulti);
	if (ret == -EPERM && config->promisc) {
		I82576_LOG(NOTICE, driver, &vf->port.hw,
				"enable promiscuous mode failed: the PF refuses it: it is off");
		config->promisc = false;
		vf->port.data->promiscuous = 0;
		ret = i82576_vf_promisc_send(vf, false, config->allmulti);
	}
	if (ret == -EPERM) {
		I82576_LOG(NOTICE, driver, &vf->port.hw,
				"enable allmulticast mode failed: the PF refuses it: it is off");
		config->allmulti = false;
		vf->port.data->all_multicast = 0;
		ret = 0;
	}
	return ret;
}

static void
replay_log(struct i82576_vf *vf, const char *what, int ret)
{
	if (ret != 0)
		I82576_LOG(WARNING, driver, &vf->port.hw, "%s again failed: the PF refuses it",
				what);
}

int
i82576_vf_replay(struct i82576_vf *vf)
{
	struct i82576_vf_config *config = &vf->config;
	int ret;

	ret = replay_primary(vf);
	if (ret != 0)
		return ret;
	/* Always sent: of all replies that of RESET alone says nothing about the link. */
	ret = i82576_vf_max_frame_send(vf, vf->port.data->mtu);
	if (i82576_vf_mbx_is_silence(ret))
		return ret;
	replay_log(vf, "set MTU", ret);
	ret = i82576_vf_mac_filters_send(vf);
	if (i82576_vf_mbx_is_silence(ret))
		return ret;
	replay_log(vf, "add MAC addresses", ret);
	ret = replay_vlans(vf);
	if (ret != 0)
		return ret;
	if (config->nb_mc_hashes != 0) {
		ret = i82576_vf_multicast_send(vf);
		if (i82576_vf_mbx_is_silence(ret))
			return ret;
		replay_log(vf, "set multicast groups", ret);
	}
	return replay_rx_modes(vf);
}

void
i82576_vf_silence_log(struct i82576_vf *vf, int error)
{
	const struct i82576_hw *hw = &vf->port.hw;

	if (vf->silence_logged || error == -ECANCELED)
		return;
	vf->silence_logged = true;
	switch (error) {
	case -ENETRESET:
		I82576_LOG(WARNING, init, hw,
				"no link: the PF is in reset: has it a driver? Its port must be "
				"started");
		break;
	case -ETIMEDOUT:
		I82576_LOG(WARNING, init, hw,
				"no link: the PF does not answer: is the port of its driver "
				"started?");
		break;
	case -EBUSY:
		I82576_LOG(WARNING, init, hw,
				"no link: the PF holds the mailbox: has the process that drove it "
				"ended?");
		break;
	case -ENODEV:
		I82576_LOG(ERR, init, hw,
				"no link: the device is gone: was the VF removed at its PF?");
		break;
	case -EIO:
		I82576_LOG(WARNING, init, hw,
				"no link: the VF's registers do not answer: has the PF been reset, "
				"or is it in a power saving state?");
		break;
	default:
		I82576_LOG(WARNING, init, hw, "no link: the PF does not know this VF");
		break;
	}
}
