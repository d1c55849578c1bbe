/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The PF as an Ethernet device: limits, configuration, start and stop. */

#include <errno.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_interrupts.h>

#include "i82576_pf_state.h"
#include "i82576_rxtx.h"

#define TICK_US			250000
/* A burst that has begun is over; see i82576_pf_rings_restart(). */
#define BURST_GRACE_US		2000
/* 82576 DS 8.12.1: collision threshold and distance for half duplex. */
#define TCTL_CT			(0x0fu << I82576_TCTL_CT_SHIFT)
#define TCTL_COLD		(0x40u << 12)
#define SPEEDS (RTE_ETH_LINK_SPEED_10M_HD | RTE_ETH_LINK_SPEED_10M | \
		RTE_ETH_LINK_SPEED_100M_HD | RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G)

static unsigned int
queues_max(const struct i82576_pf *pf)
{
	return pf->num_vfs > 0 ? I82576_PF_POOL_QUEUES : I82576_MAX_QUEUES;
}

static int
dev_infos_get(struct rte_eth_dev *dev, struct rte_eth_dev_info *info)
{
	struct i82576_pf *pf = i82576_pf(dev);

	/* A port that is stopped does not watch. */
	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		i82576_pf_lock(pf);
		if (!pf->running && !pf->warm)
			pf->num_vfs = i82576_pf_num_vfs_read(pf);
		i82576_pf_unlock(pf);
	}
	i82576_rxtx_dev_info(info);
	info->min_mtu = RTE_ETHER_MIN_MTU;
	info->max_mtu = I82576_PF_MAX_MTU;
	info->max_mac_addrs = I82576_PF_MAX_MACS;
	info->max_rx_queues = queues_max(pf);
	info->max_tx_queues = queues_max(pf);
	info->max_vfs = pf->total_vfs;
	/* VMOLR and CTRL have one bit for all queues of the port. */
	info->rx_queue_offload_capa &= ~RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	info->rx_offload_capa |= RTE_ETH_RX_OFFLOAD_VLAN_FILTER | RTE_ETH_RX_OFFLOAD_VLAN_EXTEND;
	if (pf->num_vfs > 0)
		info->rx_offload_capa &= ~RTE_ETH_RX_OFFLOAD_KEEP_CRC;
	info->reta_size = I82576_PF_RETA_SIZE;
	info->hash_key_size = I82576_PF_RSS_KEY_BYTES;
	info->flow_type_rss_offloads = I82576_PF_RSS_OFFLOADS;
	info->speed_capa = SPEEDS;
	info->dev_capa = RTE_ETH_DEV_CAPA_RUNTIME_RX_QUEUE_SETUP |
		RTE_ETH_DEV_CAPA_RUNTIME_TX_QUEUE_SETUP;
	info->err_handle_mode = RTE_ETH_ERROR_HANDLE_MODE_PROACTIVE;
	return 0;
}

static int
dev_configure(struct rte_eth_dev *dev)
{
	const struct rte_eth_conf *conf = &dev->data->dev_conf;
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if ((conf->rxmode.mq_mode & ~RTE_ETH_MQ_RX_RSS_FLAG) != 0 ||
			conf->txmode.mq_mode != RTE_ETH_MQ_TX_NONE) {
		I82576_LOG(ERR, driver, hw, "configuring failed: queues are chosen by RSS or not "
			"at all: VMDq and DCB are not for the application");
		return -EINVAL;
	}
	if ((conf->link_speeds & ~(uint32_t)(SPEEDS | RTE_ETH_LINK_SPEED_FIXED)) != 0) {
		I82576_LOG(ERR, driver, hw, "configuring failed: link speeds 0x%x: there are 10, "
			"100 and 1000 Mbit/s", conf->link_speeds);
		return -EINVAL;
	}
	if ((conf->rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0)
		dev->data->dev_conf.rxmode.offloads |= RTE_ETH_RX_OFFLOAD_RSS_HASH;
	i82576_pf_lock(pf);
	pf->rss_set = false;
	pf->reta_set = false;
	pf->max_frame = dev->data->mtu + I82576_PF_FRAME_OVERHEAD;
	pf->port.rx_vector_allowed = true;
	pf->port.tx_vector_allowed = true;
	i82576_pf_unlock(pf);
	return 0;
}

/* Writes all that a reset has undone, but the rings. */
static void
hw_configure(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);

	i82576_set_bits(hw, I82576_CTRL_EXT, I82576_CTRL_EXT_DRV_LOAD);
	if (pf->warm) {
		i82576_pf_warm_configure(pf);
	} else {
		i82576_pf_filters_init(pf);
		i82576_pf_rss_start(pf);
		i82576_pf_flow_ctrl_init(pf);
		i82576_pf_sriov_start(pf);
	}
	i82576_write(hw, I82576_TCTL, I82576_TCTL_PSP | I82576_TCTL_RTLC | TCTL_CT | TCTL_COLD |
		I82576_TCTL_EN);
}

static int
queues_check(struct i82576_pf *pf)
{
	const struct rte_eth_dev_data *data = pf->port.data;
	struct i82576_hw *hw = i82576_pf_hw(pf);

	if (pf->no_pool) {
		I82576_LOG(ERR, driver, hw, "start failed: %u VFs use all queues: write at most %u "
			"to sriov_numvfs", pf->num_vfs, I82576_PF_POOL);
		return -EBUSY;
	}
	if (pf->pool_mode && (data->nb_rx_queues > I82576_PF_POOL_QUEUES ||
			data->nb_tx_queues > I82576_PF_POOL_QUEUES)) {
		I82576_LOG(ERR, driver, hw, "start failed: %u Rx and %u Tx queues: there are %u of "
			"each beside VFs: configure fewer", data->nb_rx_queues, data->nb_tx_queues,
			I82576_PF_POOL_QUEUES);
		return -EINVAL;
	}
	return 0;
}

static int
start_locked(struct rte_eth_dev *dev)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	int ret;

	if (!pf->warm) {
		ret = i82576_pf_reset(hw);
		if (ret != 0)
			return ret;
		i82576_pf_stats_clear_hw(pf);
		pf->num_vfs = i82576_pf_num_vfs_read(pf);
		pf->link_told = 0;
	}
	i82576_pf_mode_choose(pf);
	ret = queues_check(pf);
	if (ret != 0)
		return ret;
	pf->removed = false;
	pf->removed_ticks = 0;
	pf->recovering = false;
	pf->ticks = 0;
	pf->running = true;
	hw_configure(pf);
	i82576_rx_function_set(dev);
	i82576_tx_function_set(dev);
	ret = i82576_queues_start(dev);
	if (ret != 0)
		goto err_running;
	i82576_set_bits(hw, I82576_RCTL, I82576_RCTL_RXEN);
	ret = i82576_pf_intr_start(pf);
	if (ret != 0)
		goto err_queues;
	i82576_pf_intr_enable(pf);
	/* A PHY that does not answer is a link that is down. */
	i82576_pf_link_start(pf);
	i82576_pf_link_update(dev, 0);
	rte_eal_alarm_set(TICK_US, i82576_pf_tick, dev);
	if (pf->warm)
		i82576_pf_warm_resume(pf);
	pf->warm = false;
	i82576_pf_state_save(pf);
	I82576_LOG(INFO, driver, hw, "started with %u VFs of %u, %s", pf->num_vfs, pf->total_vfs,
		pf->pool_mode ? "queues of its own pool" : "all queues");
	return 0;

err_queues:
	if (!pf->warm)
		i82576_clear_bits(hw, I82576_RCTL, I82576_RCTL_RXEN);
	i82576_queues_stop(dev);
err_running:
	pf->running = false;
	return ret;
}

static int
dev_start(struct rte_eth_dev *dev)
{
	struct i82576_pf *pf = i82576_pf(dev);
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	ret = start_locked(dev);
	i82576_pf_unlock(pf);
	return ret;
}

int
i82576_pf_dev_stop(struct rte_eth_dev *dev)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	struct rte_eth_link link;
	bool was_running;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	was_running = pf->running;
	if (was_running) {
		if (!i82576_is_gone(hw)) {
			i82576_pf_sriov_stop(pf);
			i82576_pf_stats_collect(pf);
			i82576_clear_bits(hw, I82576_RCTL, I82576_RCTL_RXEN);
		}
		pf->running = false;
		i82576_pf_state_save(pf);
		i82576_pf_intr_stop(pf);
		i82576_queues_stop(dev);
		i82576_clear_bits(hw, I82576_TCTL, I82576_TCTL_EN);
	}
	i82576_pf_unlock(pf);
	if (was_running)
		i82576_pf_alarms_cancel(pf);
	memset(&link, 0, sizeof(link));
	rte_eth_linkstatus_set(dev, &link);
	dev->data->dev_started = 0;
	dev->data->scattered_rx = 0;
	return 0;
}

int
i82576_pf_dev_close(struct rte_eth_dev *dev)
{
	unsigned int i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	i82576_pf_dev_stop(dev);
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		i82576_rx_queue_release(dev, i);
		dev->data->rx_queues[i] = NULL;
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		i82576_tx_queue_release(dev, i);
		dev->data->tx_queues[i] = NULL;
	}
	dev->data->nb_rx_queues = 0;
	dev->data->nb_tx_queues = 0;
	i82576_pf_uninit(dev);
	i82576_pf_state_close(i82576_pf(dev));
	if (i82576_hw(dev)->model != NULL)
		i82576_pf_test_device_free(dev);
	return 0;
}

static int
dev_reset(struct rte_eth_dev *dev)
{
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	ret = i82576_pf_uninit(dev);
	return ret != 0 ? ret : i82576_pf_init(dev, NULL);
}

/* Not in a reset, for ethdev never takes back what it was told here. */
static int
is_removed(struct rte_eth_dev *dev)
{
	const struct i82576_pf *pf = i82576_pf(dev);

	return i82576_is_gone(i82576_hw(dev)) &&
		(!pf->running || pf->removed_ticks >= I82576_PF_REMOVED_TICKS);
}

static uint16_t
burst_none(void *queue __rte_unused, struct rte_mbuf **pkts __rte_unused,
		uint16_t nb __rte_unused)
{
	return 0;
}

static void
bursts_off(struct rte_eth_dev *dev)
{
	struct rte_eth_fp_ops *fp = &rte_eth_fp_ops[dev->data->port_id];

	dev->rx_pkt_burst = burst_none;
	dev->tx_pkt_burst = burst_none;
	fp->rx_pkt_burst = burst_none;
	fp->tx_pkt_burst = burst_none;
	rte_mb();
	i82576_delay_us(i82576_hw(dev), BURST_GRACE_US);
}

static void
bursts_on(struct rte_eth_dev *dev)
{
	struct rte_eth_fp_ops *fp = &rte_eth_fp_ops[dev->data->port_id];

	i82576_rx_function_set(dev);
	i82576_tx_function_set(dev);
	rte_mb();
	fp->rx_pkt_burst = dev->rx_pkt_burst;
	fp->tx_pkt_burst = dev->tx_pkt_burst;
}

/* Starts the queues in those of the device that the mode gives the port. Returns 0 or -errno. */
static int
rings_start_again(struct i82576_pf *pf)
{
	struct rte_eth_dev *dev = i82576_pf_dev(pf);
	int ret = queues_check(pf);

	if (ret == 0)
		ret = i82576_queues_restart(dev);
	else
		i82576_queues_stop(dev);
	i82576_set_bits(i82576_pf_hw(pf), I82576_RCTL, I82576_RCTL_RXEN);
	i82576_pf_intr_enable(pf);
	return ret;
}

/* Returns false if the application has stopped the port for it. */
static bool
recovery_begin(struct i82576_pf *pf)
{
	struct rte_eth_dev *dev = i82576_pf_dev(pf);

	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_ERR_RECOVERING, NULL);
	if (!pf->running)
		return false;
	bursts_off(dev);
	return true;
}

/* The end of what recovery_begin() began: with queues, or without if @ret is not 0. */
static void
recovery_end(struct i82576_pf *pf, int ret)
{
	struct rte_eth_dev *dev = i82576_pf_dev(pf);

	if (ret == 0) {
		bursts_on(dev);
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_RECOVERY_SUCCESS, NULL);
		return;
	}
	I82576_LOG(ERR, driver, i82576_pf_hw(pf), "the port has no queues any more, its VFs are "
		"served: stop it, configure it anew and start it");
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_RECOVERY_FAILED, NULL);
}

/*
 * The port changes its queues because VFs take those that it has. Applications that use more than
 * there are left, or secondary processes, have to stop and configure the port anew.
 */
void
i82576_pf_rings_restart(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);

	I82576_LOG(NOTICE, driver, hw, "moving to other queues for %u VFs", pf->num_vfs);
	if (!recovery_begin(pf))
		return;
	i82576_clear_bits(hw, I82576_RCTL, I82576_RCTL_RXEN);
	i82576_pf_mode_choose(pf);
	i82576_pf_filters_init(pf);
	i82576_pf_rss_start(pf);
	i82576_pf_sriov_start(pf);
	recovery_end(pf, rings_start_again(pf));
}

/*
 * Someone else has reset the device while the port runs, such as through sysfs. Writes all of it
 * anew; VFs begin again under their policy. If the device does not come out of the reset, the port
 * is left recovering, for another try.
 */
void
i82576_pf_recover(struct i82576_pf *pf)
{
	struct rte_eth_dev *dev = i82576_pf_dev(pf);
	struct i82576_hw *hw = i82576_pf_hw(pf);
	int ret;

	if (!pf->recovering) {
		I82576_LOG(NOTICE, driver, hw, "the PF was reset, not by this process: the port "
			"recovers, and its VFs begin again");
		pf->recovering = true;
		if (!recovery_begin(pf))
			return;
	}
	if (i82576_pf_reset(hw) != 0)
		return;
	i82576_pf_stats_clear_hw(pf);
	pf->num_vfs = i82576_pf_num_vfs_read(pf);
	pf->link_told = 0;
	i82576_pf_mode_choose(pf);
	hw_configure(pf);
	ret = rings_start_again(pf);
	/* Who waits for an interrupt of a queue waits on; one too many does no harm. */
	i82576_write(hw, I82576_EIMS, pf->queue_vectors);
	i82576_pf_link_start(pf);
	i82576_pf_link_update(dev, 0);
	i82576_pf_state_save(pf);
	pf->recovering = false;
	recovery_end(pf, ret);
}

const struct eth_dev_ops i82576_pf_ops = {
	.dev_configure = dev_configure,
	.dev_start = dev_start,
	.dev_stop = i82576_pf_dev_stop,
	.dev_set_link_up = i82576_pf_set_link_up,
	.dev_set_link_down = i82576_pf_set_link_down,
	.dev_close = i82576_pf_dev_close,
	.dev_reset = dev_reset,
	.link_update = i82576_pf_link_update,
	.is_removed = is_removed,
	.promiscuous_enable = i82576_pf_promiscuous_enable,
	.promiscuous_disable = i82576_pf_promiscuous_disable,
	.allmulticast_enable = i82576_pf_allmulticast_enable,
	.allmulticast_disable = i82576_pf_allmulticast_disable,
	.mac_addr_remove = i82576_pf_mac_addr_remove,
	.mac_addr_add = i82576_pf_mac_addr_add,
	.mac_addr_set = i82576_pf_mac_addr_set,
	.set_mc_addr_list = i82576_pf_set_mc_addr_list,
	.mtu_set = i82576_pf_mtu_set,
	.stats_get = i82576_pf_stats_get,
	.stats_reset = i82576_pf_stats_reset,
	.xstats_get = i82576_pf_xstats_get,
	.xstats_reset = i82576_pf_stats_reset,
	.xstats_get_names = i82576_pf_xstats_get_names,
	.dev_infos_get = dev_infos_get,
	.rxq_info_get = i82576_rxq_info_get,
	.txq_info_get = i82576_txq_info_get,
	.rx_burst_mode_get = i82576_rx_burst_mode_get,
	.tx_burst_mode_get = i82576_tx_burst_mode_get,
	.fw_version_get = i82576_pf_fw_version_get,
	.dev_supported_ptypes_get = i82576_supported_ptypes_get,
	.vlan_filter_set = i82576_pf_vlan_filter_set,
	.vlan_tpid_set = i82576_pf_vlan_tpid_set,
	.vlan_offload_set = i82576_pf_vlan_offload_set,
	.rx_queue_start = i82576_rx_queue_start,
	.rx_queue_stop = i82576_rx_queue_stop,
	.tx_queue_start = i82576_tx_queue_start,
	.tx_queue_stop = i82576_tx_queue_stop,
	.rx_queue_setup = i82576_rx_queue_setup,
	.rx_queue_release = i82576_rx_queue_release,
	.rx_queue_intr_enable = i82576_pf_rx_queue_intr_enable,
	.rx_queue_intr_disable = i82576_pf_rx_queue_intr_disable,
	.tx_queue_setup = i82576_tx_queue_setup,
	.tx_queue_release = i82576_tx_queue_release,
	.tx_done_cleanup = i82576_tx_done_cleanup,
	.dev_led_on = i82576_pf_led_on,
	.dev_led_off = i82576_pf_led_off,
	.flow_ctrl_get = i82576_pf_flow_ctrl_get,
	.flow_ctrl_set = i82576_pf_flow_ctrl_set,
	.rss_hash_update = i82576_pf_rss_hash_update,
	.rss_hash_conf_get = i82576_pf_rss_hash_conf_get,
	.reta_update = i82576_pf_reta_update,
	.reta_query = i82576_pf_reta_query,
	.get_reg = i82576_pf_get_reg,
	.get_eeprom_length = i82576_pf_get_eeprom_length,
	.get_eeprom = i82576_pf_get_eeprom,
	.representor_info_get = i82576_pf_representor_info_get,
};
