/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What the queues are like, and what they have passed. */

#include <string.h>

#include "i82576_queue.h"

/* Linux igb: descriptors are fetched before the last 8 are used, and written back at once. */
#define DEFAULT_PTHRESH		8
#define DEFAULT_HTHRESH		8
#define DEFAULT_RX_WTHRESH	1
#define DEFAULT_TX_HTHRESH	1

void
i82576_rxtx_dev_info(struct rte_eth_dev_info *info)
{
	const struct rte_eth_desc_lim desc_lim = {
		.nb_max = I82576_MAX_DESC,
		.nb_min = I82576_MIN_DESC,
		.nb_align = I82576_RING_ALIGN,
		.nb_seg_max = I82576_TX_MAX_SEGS,
		.nb_mtu_seg_max = I82576_TX_MAX_SEGS,
	};

	info->min_rx_bufsize = I82576_RX_BUF_UNIT_BYTES;
	info->max_rx_pktlen = I82576_MAX_FRAME_BYTES;
	info->rx_desc_lim = desc_lim;
	info->tx_desc_lim = desc_lim;
	info->rx_queue_offload_capa = I82576_RX_OFFLOADS_QUEUE;
	info->rx_offload_capa = I82576_RX_OFFLOADS_PORT;
	info->tx_queue_offload_capa = 0;
	info->tx_offload_capa = I82576_TX_OFFLOADS_PORT;
	info->default_rxconf = (struct rte_eth_rxconf) {
		.rx_thresh = {
			.pthresh = DEFAULT_PTHRESH,
			.hthresh = DEFAULT_HTHRESH,
			.wthresh = DEFAULT_RX_WTHRESH,
		},
	};
	info->default_txconf = (struct rte_eth_txconf) {
		.tx_thresh = {
			.pthresh = DEFAULT_PTHRESH,
			.hthresh = DEFAULT_TX_HTHRESH,
		},
	};
	info->default_rxportconf.burst_size = I82576_DEFAULT_BURST;
	info->default_txportconf.burst_size = I82576_DEFAULT_BURST;
	info->default_rxportconf.ring_size = 512;
	info->default_txportconf.ring_size = 512;
}

void
i82576_rxq_info_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_rxq_info *info)
{
	const struct i82576_rxq *rxq = dev->data->rx_queues[queue];

	info->mp = rxq->mp;
	info->scattered_rx = dev->data->scattered_rx;
	info->nb_desc = rxq->nb_desc;
	info->rx_buf_size = rxq->buf_bytes;
	info->conf.rx_thresh = rxq->thresh;
	info->conf.rx_free_thresh = rxq->free_thresh;
	info->conf.rx_drop_en = rxq->drop_en;
	info->conf.rx_deferred_start = rxq->deferred_start;
	info->conf.offloads = rxq->offloads;
}

void
i82576_txq_info_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_txq_info *info)
{
	const struct i82576_txq *txq = dev->data->tx_queues[queue];

	info->nb_desc = txq->nb_desc;
	info->conf.tx_thresh = txq->thresh;
	info->conf.tx_free_thresh = txq->free_thresh;
	info->conf.tx_rs_thresh = txq->rs_thresh;
	info->conf.tx_deferred_start = txq->deferred_start;
	info->conf.offloads = txq->offloads;
}

void
i82576_rx_counts(const struct rte_eth_dev *dev, uint16_t queue, struct i82576_queue_counts *counts)
{
	const struct i82576_rxq *rxq = dev->data->rx_queues[queue];

	*counts = rxq != NULL ? rxq->counts : (struct i82576_queue_counts){ 0 };
}

void
i82576_tx_counts(const struct rte_eth_dev *dev, uint16_t queue, struct i82576_queue_counts *counts)
{
	const struct i82576_txq *txq = dev->data->tx_queues[queue];

	*counts = txq != NULL ? txq->counts : (struct i82576_queue_counts){ 0 };
}

void
i82576_counts_reset(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct i82576_rxq *rxq = dev->data->rx_queues[i];

		if (rxq != NULL)
			memset(&rxq->counts, 0, sizeof(rxq->counts));
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct i82576_txq *txq = dev->data->tx_queues[i];

		if (txq != NULL)
			memset(&txq->counts, 0, sizeof(txq->counts));
	}
}
