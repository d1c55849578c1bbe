/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Ports that stand for VFs on the PF's side: what is set on one is policy of its VF, and its
 * statistics are the VF's. The device has no way to send or receive in a VF's stead, so they pass
 * no packets.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_malloc.h>

#include "i82576_compat.h"
#include "i82576_pf.h"

static struct i82576_pf_representor *
representor(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

/* The PF, or NULL if its port was closed. */
static const struct rte_eth_dev *
backer(const struct rte_eth_dev *dev)
{
	const struct rte_eth_dev *pf_dev = &rte_eth_devices[representor(dev)->pf_port_id];

	return pf_dev->dev_ops == &i82576_pf_ops && pf_dev->data != NULL ? pf_dev : NULL;
}

static int
vf_info_get(const struct rte_eth_dev *dev, struct rte_pmd_i82576_vf_info *info)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_get_vf_info(r->pf_port_id, r->vf, info);
}

static int
dev_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	const struct rte_eth_dev *pf_dev = backer(dev);

	if (pf_dev == NULL)
		return -ENODEV;
	info->device = pf_dev->device;
	info->max_mac_addrs = 1;
	info->max_rx_pktlen = I82576_MAX_FRAME_BYTES;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = I82576_PF_MAX_MTU;
	/* They pass nothing, but applications use one number for all of their ports. */
	info->max_rx_queues = I82576_MAX_QUEUES;
	info->max_tx_queues = I82576_MAX_QUEUES;
	info->rx_offload_capa = RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	info->rx_desc_lim.nb_max = I82576_MAX_DESC;
	info->tx_desc_lim.nb_max = I82576_MAX_DESC;
	info->speed_capa = RTE_ETH_LINK_SPEED_1G;
	info->switch_info.name = pf_dev->data->name;
	info->switch_info.domain_id = representor(dev)->domain_id;
	info->switch_info.port_id = representor(dev)->vf;
	return 0;
}

static int
dev_configure(struct rte_eth_dev *dev __rte_unused)
{
	return 0;
}

static int
dev_start(struct rte_eth_dev *dev __rte_unused)
{
	return 0;
}

static int
dev_stop(struct rte_eth_dev *dev)
{
	struct rte_eth_link link;

	memset(&link, 0, sizeof(link));
	rte_eth_linkstatus_set(dev, &link);
	dev->data->dev_started = 0;
	return 0;
}

static int
dev_close(struct rte_eth_dev *dev)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	/* The address is a member of the private data, which ethdev frees. */
	dev->data->mac_addrs = NULL;
	return 0;
}

/* Whether the VF's driver is there and its link is not kept down. */
static int
link_update(struct rte_eth_dev *dev, int wait_to_complete __rte_unused)
{
	const struct rte_eth_dev *pf_dev = backer(dev);
	struct rte_pmd_i82576_vf_info info;
	struct rte_eth_link link;

	memset(&link, 0, sizeof(link));
	if (pf_dev != NULL)
		link = pf_dev->data->dev_link;
	if (vf_info_get(dev, &info) != 0 || !info.active ||
			info.link == RTE_PMD_I82576_VF_LINK_DOWN) {
		link.link_status = RTE_ETH_LINK_DOWN;
		link.link_speed = RTE_ETH_SPEED_NUM_NONE;
	} else if (info.link == RTE_PMD_I82576_VF_LINK_UP) {
		link.link_status = RTE_ETH_LINK_UP;
	}
	return rte_eth_linkstatus_set(dev, &link);
}

static int
set_link_up(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_link(r->pf_port_id, r->vf, RTE_PMD_I82576_VF_LINK_AUTO);
}

static int
set_link_down(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_link(r->pf_port_id, r->vf, RTE_PMD_I82576_VF_LINK_DOWN);
}

static int
promiscuous_enable(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_unicast_promisc(r->pf_port_id, r->vf, true);
}

static int
promiscuous_disable(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_unicast_promisc(r->pf_port_id, r->vf, false);
}

static int
allmulticast_enable(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_multicast_promisc(r->pf_port_id, r->vf, true);
}

static int
allmulticast_disable(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_multicast_promisc(r->pf_port_id, r->vf, false);
}

static int
mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	const struct i82576_pf_representor *r = representor(dev);

	/*
	 * On a start, ethdev sets what the port has: that is no decision of the application unless
	 * it differs from what the VF has.
	 */
	if (rte_is_zero_ether_addr(addr) || rte_is_same_ether_addr(addr, &r->default_addr))
		return 0;
	return rte_pmd_i82576_set_vf_mac_addr(r->pf_port_id, r->vf, addr);
}

static int
vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_vlan_filter(r->pf_port_id, vid, UINT64_C(1) << r->vf,
		on != 0);
}

static int
vlan_offload_set(struct rte_eth_dev *dev, int mask)
{
	const struct i82576_pf_representor *r = representor(dev);
	bool strip = (dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0;

	if ((mask & RTE_ETH_VLAN_STRIP_MASK) == 0)
		return 0;
	return rte_pmd_i82576_set_vf_vlan_strip(r->pf_port_id, r->vf, strip ?
		RTE_PMD_I82576_VF_STRIP_ON : RTE_PMD_I82576_VF_STRIP_OFF);
}

static int
vlan_pvid_set(struct rte_eth_dev *dev, uint16_t vid, int on)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_set_vf_port_vlan(r->pf_port_id, r->vf, on ? vid : 0, 0);
}

static int
mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	const struct i82576_pf_representor *r = representor(dev);
	uint32_t bytes = mtu + I82576_PF_FRAME_OVERHEAD;

	return rte_pmd_i82576_set_vf_max_frame(r->pf_port_id, r->vf,
		RTE_MAX(bytes, (uint32_t)I82576_PF_MIN_VF_FRAME));
}

/* From the side of the switch: what the VF receives has been sent to it. */
static int
stats_fill(struct rte_eth_dev *dev, struct rte_eth_stats *stats)
{
	const struct i82576_pf_representor *r = representor(dev);
	struct rte_pmd_i82576_vf_stats vf;
	int ret;

	ret = rte_pmd_i82576_get_vf_stats(r->pf_port_id, r->vf, &vf);
	if (ret != 0)
		return ret;
	stats->ipackets = vf.tx_packets;
	stats->ibytes = vf.tx_bytes;
	stats->opackets = vf.rx_packets;
	stats->obytes = vf.rx_bytes;
	stats->ierrors = vf.spoofed;
	return 0;
}

static int
stats_get(I82576_STATS_GET_ARGS)
{
	(void)I82576_STATS_GET_QSTATS;
	return stats_fill(dev, stats);
}

static int
stats_reset(struct rte_eth_dev *dev)
{
	const struct i82576_pf_representor *r = representor(dev);

	return rte_pmd_i82576_reset_vf_stats(r->pf_port_id, r->vf);
}

static int
rx_queue_setup(struct rte_eth_dev *dev __rte_unused, uint16_t queue __rte_unused,
		uint16_t nb_desc __rte_unused, unsigned int socket __rte_unused,
		const struct rte_eth_rxconf *conf __rte_unused, struct rte_mempool *mp __rte_unused)
{
	return 0;
}

static int
tx_queue_setup(struct rte_eth_dev *dev __rte_unused, uint16_t queue __rte_unused,
		uint16_t nb_desc __rte_unused, unsigned int socket __rte_unused,
		const struct rte_eth_txconf *conf __rte_unused)
{
	return 0;
}

static uint16_t
burst_none(void *queue __rte_unused, struct rte_mbuf **pkts __rte_unused,
		uint16_t nb __rte_unused)
{
	return 0;
}

static const struct eth_dev_ops representor_ops = {
	.dev_configure = dev_configure,
	.dev_start = dev_start,
	.dev_stop = dev_stop,
	.dev_close = dev_close,
	.dev_set_link_up = set_link_up,
	.dev_set_link_down = set_link_down,
	.link_update = link_update,
	.promiscuous_enable = promiscuous_enable,
	.promiscuous_disable = promiscuous_disable,
	.allmulticast_enable = allmulticast_enable,
	.allmulticast_disable = allmulticast_disable,
	.mac_addr_set = mac_addr_set,
	.mtu_set = mtu_set,
	.vlan_filter_set = vlan_filter_set,
	.vlan_offload_set = vlan_offload_set,
	.vlan_pvid_set = vlan_pvid_set,
	.stats_get = stats_get,
	.stats_reset = stats_reset,
	.dev_infos_get = dev_infos_get,
	.rx_queue_setup = rx_queue_setup,
	.tx_queue_setup = tx_queue_setup,
	.representor_info_get = i82576_pf_representor_info_get,
};

int
i82576_pf_representor_init(struct rte_eth_dev *dev, void *init_params)
{
	struct i82576_pf_representor *r = representor(dev);
	struct rte_pmd_i82576_vf_info info;
	struct rte_eth_dev *pf_dev;
	int ret;

	dev->dev_ops = &representor_ops;
	dev->rx_pkt_burst = burst_none;
	dev->tx_pkt_burst = burst_none;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	*r = *(struct i82576_pf_representor *)init_params;
	ret = vf_info_get(dev, &info);
	if (ret != 0)
		return ret;
	pf_dev = &rte_eth_devices[r->pf_port_id];
	r->default_addr = info.mac;
	/* A port has an address; the VF's is its driver's choice until one is set here. */
	if (rte_is_zero_ether_addr(&r->default_addr))
		rte_eth_random_addr(r->default_addr.addr_bytes);
	r->addr = r->default_addr;
	dev->data->mac_addrs = &r->addr;
	dev->data->dev_flags |= RTE_ETH_DEV_REPRESENTOR;
	dev->data->representor_id = r->vf;
	dev->data->backer_port_id = r->pf_port_id;
	dev->data->numa_node = pf_dev->data->numa_node;
	return 0;
}

int
i82576_pf_representor_info_get(struct rte_eth_dev *dev, struct rte_eth_representor_info *info)
{
	const struct rte_eth_dev *pf_dev = dev;

	if (dev->dev_ops == &representor_ops)
		pf_dev = backer(dev);
	if (pf_dev == NULL)
		return -ENODEV;
	if (info == NULL)
		return 1;
	info->controller = 0;
	info->pf = 0;
	info->nb_ranges = 0;
	if (info->nb_ranges_alloc > 0) {
		info->ranges[0].type = RTE_ETH_REPRESENTOR_VF;
		info->ranges[0].controller = 0;
		info->ranges[0].pf = 0;
		info->ranges[0].vf = 0;
		info->ranges[0].id_base = 0;
		info->ranges[0].id_end = RTE_MAX(i82576_pf(pf_dev)->total_vfs, 1) - 1;
		snprintf(info->ranges[0].name, sizeof(info->ranges[0].name), "vf");
		info->nb_ranges = 1;
	}
	return 1;
}

void
i82576_pf_representors_link_changed(struct i82576_pf *pf)
{
	uint16_t port_id;

	RTE_ETH_FOREACH_DEV(port_id) {
		struct rte_eth_dev *dev = &rte_eth_devices[port_id];

		if (dev->dev_ops != &representor_ops ||
				representor(dev)->pf_port_id != pf->port_id ||
				!dev->data->dev_started)
			continue;
		if (link_update(dev, 0) == 0 && dev->data->dev_conf.intr_conf.lsc != 0)
			rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	}
}
