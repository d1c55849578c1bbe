/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Operations of ethdev on the receive filters: a wish is recorded, and the tables follow. */

#include <errno.h>
#include <string.h>

#include "i82576_pf.h"
#include "i82576_rxtx.h"

int
i82576_pf_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
		uint32_t pool __rte_unused)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct rte_ether_addr old;
	int ret = 0;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (index >= I82576_PF_MAX_MACS)
		return -EINVAL;
	i82576_pf_lock(pf);
	old = pf->macs[index];
	if (!rte_is_same_ether_addr(&old, addr)) {
		pf->macs[index] = *addr;
		ret = i82576_pf_macs_sync(pf);
		if (ret != 0) {
			pf->macs[index] = old;
			I82576_LOG(ERR, driver, i82576_hw(dev), "adding a MAC address failed: VFs "
				"use all that are left of %u", I82576_RAR_ENTRIES);
		}
	}
	i82576_pf_unlock(pf);
	return ret;
}

void
i82576_pf_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY || index >= I82576_PF_MAX_MACS)
		return;
	i82576_pf_lock(pf);
	memset(&pf->macs[index], 0, sizeof(pf->macs[index]));
	i82576_pf_macs_sync(pf);
	i82576_pf_unlock(pf);
}

int
i82576_pf_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	if (!rte_is_valid_assigned_ether_addr(addr))
		return -EINVAL;
	return i82576_pf_mac_addr_add(dev, addr, 0, 0);
}

int
i82576_pf_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb)
{
	struct i82576_pf *pf = i82576_pf(dev);
	uint32_t i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (nb > I82576_PF_MAX_MC)
		return -ENOSPC;
	i82576_pf_lock(pf);
	for (i = 0; i < nb; i++)
		pf->mc_hashes[i] = i82576_pf_mc_hash(&list[i]);
	pf->nb_mc_hashes = nb;
	i82576_pf_rx_mode_sync(pf);
	i82576_pf_unlock(pf);
	return 0;
}

static int
rx_mode_set(struct rte_eth_dev *dev, bool *mode, bool on)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	*mode = on;
	i82576_pf_rx_mode_sync(pf);
	i82576_pf_unlock(pf);
	return 0;
}

int
i82576_pf_promiscuous_enable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, &i82576_pf(dev)->promisc, true);
}

int
i82576_pf_promiscuous_disable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, &i82576_pf(dev)->promisc, false);
}

int
i82576_pf_allmulticast_enable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, &i82576_pf(dev)->allmulti, true);
}

int
i82576_pf_allmulticast_disable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, &i82576_pf(dev)->allmulti, false);
}

int
i82576_pf_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct i82576_pf *pf = i82576_pf(dev);
	uint32_t frame = mtu + I82576_PF_FRAME_OVERHEAD;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (mtu < RTE_ETHER_MIN_MTU || mtu > I82576_PF_MAX_MTU)
		return -EINVAL;
	i82576_pf_lock(pf);
	/* Rings without scatter were set up for buffers that hold a frame. */
	if (pf->running && !dev->data->scattered_rx && i82576_rx_needs_scatter(dev, mtu)) {
		i82576_pf_unlock(pf);
		I82576_LOG(ERR, driver, i82576_hw(dev), "MTU %u: frames would not fit the Rx "
			"buffers: stop the port first, or use the scatter offload", mtu);
		return -EBUSY;
	}
	pf->max_frame = frame;
	i82576_pf_rx_mode_sync(pf);
	i82576_pf_unlock(pf);
	return 0;
}

int
i82576_pf_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on)
{
	struct i82576_pf *pf = i82576_pf(dev);
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (vid > RTE_ETHER_MAX_VLAN_ID)
		return -EINVAL;
	i82576_pf_lock(pf);
	i82576_pf_vlan_set(pf->vlans, vid, on != 0);
	ret = i82576_pf_vlans_sync(pf);
	i82576_pf_unlock(pf);
	return ret;
}

int
i82576_pf_vlan_offload_set(struct rte_eth_dev *dev, int mask __rte_unused)
{
	struct i82576_pf *pf = i82576_pf(dev);
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	/* The offloads of rxmode are the new ones already. */
	i82576_pf_lock(pf);
	i82576_pf_rx_mode_sync(pf);
	i82576_pf_switch_sync(pf);
	ret = i82576_pf_vlans_sync(pf);
	i82576_pf_unlock(pf);
	return ret;
}

int
i82576_pf_vlan_tpid_set(struct rte_eth_dev *dev, enum rte_vlan_type type, uint16_t tpid)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	/* 82576 DS 8.2.7: of two tags, the type of the outer one can be chosen. */
	if (type != RTE_ETH_VLAN_TYPE_OUTER || (dev->data->dev_conf.rxmode.offloads &
			RTE_ETH_RX_OFFLOAD_VLAN_EXTEND) == 0) {
		I82576_LOG(ERR, driver, i82576_hw(dev), "VLAN type 0x%04x: only the outer tag's "
			"can be set, with the VLAN extend offload", tpid);
		return -ENOTSUP;
	}
	i82576_pf_lock(pf);
	pf->outer_tpid = tpid;
	i82576_pf_rx_mode_sync(pf);
	i82576_pf_unlock(pf);
	return 0;
}
