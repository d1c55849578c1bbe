/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* net_i82576_vf: the port's life, from what probing has found to its close. */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_malloc.h>

#include "i82576_compat.h"
#include "i82576_rxtx.h"
#include "i82576_vf.h"

/* Where the PF has RSS for its VFs; its key and hash types are the PF's (82576 DS 7.1.1.7.1). */
#define RSS_OFFLOADS	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | \
		RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP | \
		RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_EX | RTE_ETH_RSS_IPV6_TCP_EX | \
		RTE_ETH_RSS_IPV6_UDP_EX)

bool
i82576_vf_is_primary(const struct rte_eth_dev *dev, const char *action)
{
	if (rte_eal_process_type() == RTE_PROC_PRIMARY)
		return true;
	I82576_LOG(ERR, driver, i82576_hw(dev), "%s failed: it is for the primary process", action);
	return false;
}

static int
vf_dev_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	i82576_rxtx_dev_info(info);
	/* The CRC is the PF's to strip. */
	info->rx_offload_capa &= ~RTE_ETH_RX_OFFLOAD_KEEP_CRC;
	info->rx_queue_offload_capa &= ~RTE_ETH_RX_OFFLOAD_KEEP_CRC;
	info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	info->max_rx_queues = I82576_VF_QUEUES;
	info->max_tx_queues = I82576_VF_QUEUES;
	info->max_mac_addrs = I82576_VF_MAX_MACS;
	info->max_rx_pktlen = I82576_MAX_FRAME_BYTES;
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = I82576_VF_MAX_MTU;
	info->flow_type_rss_offloads = RSS_OFFLOADS;
	info->speed_capa = RTE_ETH_LINK_SPEED_10M | RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G;
	info->err_handle_mode = i82576_vf(dev)->recovery.by_application ?
		RTE_ETH_ERROR_HANDLE_MODE_PASSIVE : RTE_ETH_ERROR_HANDLE_MODE_PROACTIVE;
	return 0;
}

static int
vf_dev_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	const struct i82576_hw *hw = i82576_hw(dev);

	if (!i82576_vf_is_primary(dev, "configure"))
		return -E_RTE_SECONDARY;
	if (conf->rxmode.mq_mode != RTE_ETH_MQ_RX_NONE &&
			conf->rxmode.mq_mode != RTE_ETH_MQ_RX_RSS) {
		I82576_LOG(ERR, init, hw, "configure failed: Rx mode 0x%x: a VF has RSS or none",
				conf->rxmode.mq_mode);
		return -EINVAL;
	}
	if (conf->txmode.mq_mode != RTE_ETH_MQ_TX_NONE) {
		I82576_LOG(ERR, init, hw, "configure failed: Tx mode 0x%x: a VF has none",
				conf->txmode.mq_mode);
		return -EINVAL;
	}
	if (conf->rx_adv_conf.rss_conf.rss_key != NULL)
		I82576_LOG(NOTICE, init, hw, "the RSS key is the PF's: that of the VF is not used");
	return 0;
}

/*
 * With the lock held. Without a PF that answers, the queues wait for one: started, as far as the
 * application sees, which may look at their state but once.
 */
static int
port_start(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	int ret;

	ret = i82576_vf_reset(vf);
	if (ret == 0)
		ret = i82576_vf_replay(vf);
	if (ret != 0) {
		vf->state = I82576_VF_SILENT;
		i82576_vf_silence_log(vf, ret);
		if (ret == -ENODEV)
			return ret;
		dev->rx_pkt_burst = rte_eth_pkt_burst_dummy;
		dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
		i82576_queues_await(dev);
		return 0;
	}
	i82576_rx_function_set(dev);
	i82576_tx_function_set(dev);
	ret = i82576_queues_start(dev);
	if (ret != 0) {
		I82576_LOG(ERR, init, &vf->port.hw, "start the queues failed: %s",
				ret == -ENOMEM ? "too few mbufs in the pool" : strerror(-ret));
		return ret;
	}
	vf->queues_started = true;
	vf->datapath_on = true;
	i82576_vf_intr_program(vf);
	return 0;
}

static int
vf_dev_start(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret;

	if (!i82576_vf_is_primary(dev, "start"))
		return -E_RTE_SECONDARY;
	ret = i82576_vf_intr_start(vf);
	if (ret != 0)
		return ret;
	vf->gone_looks = 0;
	i82576_vf_lock(vf);
	ret = port_start(vf);
	vf->running = ret == 0;
	i82576_vf_unlock(vf);
	if (ret != 0) {
		i82576_vf_intr_stop(vf);
		return ret;
	}
	i82576_vf_link_update(dev, 0);
	i82576_vf_watch_start(vf);
	return 0;
}

static int
vf_dev_stop(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);

	if (!i82576_vf_is_primary(dev, "stop"))
		return -E_RTE_SECONDARY;
	if (!vf->running)
		return 0;
	/* First, for a recovery that is under way looks at it. */
	vf->running = false;
	i82576_vf_watch_stop(vf);
	i82576_vf_recovery_end(vf);
	/* One that the recovery has set. */
	i82576_vf_watch_stop(vf);
	i82576_vf_lock(vf);
	i82576_queues_stop(dev);
	vf->queues_started = false;
	vf->datapath_on = false;
	i82576_vf_unlock(vf);
	i82576_vf_stats_collect(vf);
	i82576_vf_intr_stop(vf);
	i82576_vf_link_update(dev, 0);
	dev->data->dev_started = 0;
	return 0;
}

static void
queues_release(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		i82576_rx_queue_release(dev, i);
		dev->data->rx_queues[i] = NULL;
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		i82576_tx_queue_release(dev, i);
		dev->data->tx_queues[i] = NULL;
	}
}

static int
vf_dev_close(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		i82576_vf_mp_secondary_fini(vf);
		return 0;
	}
	vf_dev_stop(dev);
	/* No DMA into memory that is about to be freed. */
	i82576_write(&vf->port.hw, I82576_VF_VTCTRL, I82576_VF_VTCTRL_RST);
	i82576_flush(&vf->port.hw);
	i82576_vf_intr_unregister(vf);
	queues_release(dev);
	pthread_mutex_destroy(&vf->recovery.lock);
	pthread_mutex_destroy(&vf->lock);
	/* Of a port without PCI; NULL else. */
	free(dev->process_private);
	dev->process_private = NULL;
	return 0;
}

/* The address that the PF gives, or one of our own, until the application sets another. */
static void
mac_choose(struct i82576_vf *vf)
{
	struct rte_ether_addr *mac = &vf->config.macs[0];

	if (!rte_is_zero_ether_addr(&vf->granted.mac)) {
		rte_ether_addr_copy(&vf->granted.mac, mac);
	} else {
		rte_eth_random_addr(mac->addr_bytes);
		I82576_LOG(INFO, init, &vf->port.hw, "the PF gives no MAC: random "
				RTE_ETHER_ADDR_PRT_FMT, RTE_ETHER_ADDR_BYTES(mac));
	}
	rte_ether_addr_copy(mac, &vf->port.data->mac_addrs[0]);
}

/* Brings the device and what the PF knows of it into the state after probing. */
static int
device_init(struct i82576_vf *vf)
{
	int ret;

	i82576_vf_lock(vf);
	memset(&vf->config, 0, sizeof(vf->config));
	ret = i82576_vf_reset(vf);
	if (ret != 0)
		i82576_vf_silence_log(vf, ret);
	/* Nothing can be found out of its registers. */
	if (ret == -EIO)
		ret = -ENODEV;
	if (ret != -ENODEV) {
		mac_choose(vf);
		i82576_vf_intr_probe(vf);
	}
	i82576_vf_unlock(vf);
	return ret == -ENODEV ? ret : 0;
}

static int
vf_dev_reset(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);
	unsigned int i;

	if (!i82576_vf_is_primary(dev, "reset"))
		return -E_RTE_SECONDARY;
	vf_dev_stop(dev);
	for (i = 1; i < I82576_VF_MAX_MACS; i++)
		memset(&dev->data->mac_addrs[i], 0, sizeof(dev->data->mac_addrs[i]));
	return device_init(vf);
}

static const struct eth_dev_ops vf_ops = {
	.dev_configure = vf_dev_configure,
	.dev_start = vf_dev_start,
	.dev_stop = vf_dev_stop,
	.dev_close = vf_dev_close,
	.dev_reset = vf_dev_reset,
	.dev_infos_get = vf_dev_infos_get,
	.dev_supported_ptypes_get = i82576_supported_ptypes_get,
	.link_update = i82576_vf_link_update,
	.promiscuous_enable = i82576_vf_promiscuous_enable,
	.promiscuous_disable = i82576_vf_promiscuous_disable,
	.allmulticast_enable = i82576_vf_allmulticast_enable,
	.allmulticast_disable = i82576_vf_allmulticast_disable,
	.mac_addr_set = i82576_vf_mac_addr_set,
	.mac_addr_add = i82576_vf_mac_addr_add,
	.mac_addr_remove = i82576_vf_mac_addr_remove,
	.set_mc_addr_list = i82576_vf_set_mc_addr_list,
	.mtu_set = i82576_vf_mtu_set,
	.vlan_filter_set = i82576_vf_vlan_filter_set,
	.vlan_offload_set = i82576_vf_vlan_offload_set,
	.stats_get = i82576_vf_stats_get,
	.stats_reset = i82576_vf_stats_reset,
	.xstats_get = i82576_vf_xstats_get,
	.xstats_get_names = i82576_vf_xstats_get_names,
	.xstats_reset = i82576_vf_stats_reset,
	.get_reg = i82576_vf_get_reg,
	.rx_queue_setup = i82576_rx_queue_setup,
	.rx_queue_release = i82576_rx_queue_release,
	.rx_queue_start = i82576_rx_queue_start,
	.rx_queue_stop = i82576_rx_queue_stop,
	.rx_queue_intr_enable = i82576_vf_rx_queue_intr_enable,
	.rx_queue_intr_disable = i82576_vf_rx_queue_intr_disable,
	.rxq_info_get = i82576_rxq_info_get,
	.rx_burst_mode_get = i82576_rx_burst_mode_get,
	.tx_queue_setup = i82576_tx_queue_setup,
	.tx_queue_release = i82576_tx_queue_release,
	.tx_queue_start = i82576_tx_queue_start,
	.tx_queue_stop = i82576_tx_queue_stop,
	.tx_done_cleanup = i82576_tx_done_cleanup,
	.txq_info_get = i82576_txq_info_get,
	.tx_burst_mode_get = i82576_tx_burst_mode_get,
};

static void
burst_functions_init(struct rte_eth_dev *dev)
{
	dev->dev_ops = &vf_ops;
	i82576_rxtx_init(dev);
	dev->rx_pkt_burst = rte_eth_pkt_burst_dummy;
	dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
}

int
i82576_vf_port_init_secondary(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret;

	burst_functions_init(dev);
	ret = i82576_vf_mp_secondary_init(vf);
	if (ret != 0)
		return ret;
	/* Else the primary process says when. */
	if (vf->datapath_on) {
		i82576_rx_function_set(dev);
		i82576_tx_function_set(dev);
	}
	return 0;
}

int
i82576_vf_port_init(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);
	unsigned int i;
	int ret;

	vf->port_id = dev->data->port_id;
	vf->port.data = dev->data;
	vf->port.hw.name = dev->data->name;
	vf->port.hw.is_vf = true;
	vf->port.max_queues = I82576_VF_QUEUES;
	for (i = 0; i < I82576_VF_QUEUES; i++)
		vf->port.queue_reg[i] = i;
	dev->data->dev_flags |= RTE_ETH_DEV_INTR_LSC | RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	/* Freed with the port. */
	dev->data->mac_addrs = rte_zmalloc("i82576_vf",
			I82576_VF_MAX_MACS * RTE_ETHER_ADDR_LEN, 0);
	if (dev->data->mac_addrs == NULL)
		return -ENOMEM;
	pthread_mutex_init(&vf->lock, NULL);
	pthread_mutex_init(&vf->recovery.lock, NULL);
	burst_functions_init(dev);
	ret = device_init(vf);
	if (ret != 0)
		goto err_device;
	i82576_vf_stats_init(vf);
	i82576_vf_intr_register(vf);
	return 0;

err_device:
	pthread_mutex_destroy(&vf->recovery.lock);
	pthread_mutex_destroy(&vf->lock);
	dev->dev_ops = NULL;
	return ret;
}
