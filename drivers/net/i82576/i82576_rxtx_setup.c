/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Setting up and releasing queues. */

#include <errno.h>
#include <string.h>

#include <rte_errno.h>
#include <rte_ether.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "i82576_queue.h"

static int
check_nb_desc(const struct i82576_hw *hw, const char *direction, uint16_t queue, uint16_t nb_desc)
{
	if (nb_desc >= I82576_MIN_DESC && nb_desc <= I82576_MAX_DESC &&
			nb_desc % I82576_RING_ALIGN == 0)
		return 0;
	I82576_LOG(ERR, init, hw, "%s queue %u: setup failed: %u descriptors: use %u to %u, "
			"a multiple of %u", direction, queue, nb_desc, I82576_MIN_DESC,
			I82576_MAX_DESC, I82576_RING_ALIGN);
	return -EINVAL;
}

static int
check_thresh(const struct i82576_hw *hw, const char *direction, uint16_t queue,
		const struct rte_eth_thresh *thresh)
{
	if (thresh->pthresh <= I82576_RXDCTL_THRESH_MASK &&
			thresh->hthresh <= I82576_RXDCTL_THRESH_MASK &&
			thresh->wthresh <= I82576_RXDCTL_THRESH_MASK)
		return 0;
	I82576_LOG(ERR, init, hw, "%s queue %u: setup failed: thresholds %u, %u, %u: use up to %u",
			direction, queue, thresh->pthresh, thresh->hthresh, thresh->wthresh,
			I82576_RXDCTL_THRESH_MASK);
	return -EINVAL;
}

/* A ring of @nb_desc descriptors of either direction, zeroed. */
static const struct rte_memzone *
ring_reserve(struct rte_eth_dev *dev, const char *name, uint16_t queue, uint16_t nb_desc,
		unsigned int socket_id)
{
	size_t bytes = nb_desc * sizeof(union i82576_rx_desc);
	const struct rte_memzone *mz;

	mz = rte_eth_dma_zone_reserve(dev, name, queue, bytes, I82576_DESC_RING_ALIGN_BYTES,
			socket_id);
	if (mz == NULL)
		I82576_LOG(ERR, init, i82576_hw(dev), "%s of queue %u: setup failed: "
				"no memory for %u descriptors: %s (%d)", name, queue, nb_desc,
				rte_strerror(rte_errno), rte_errno);
	else
		memset(mz->addr, 0, bytes);
	return mz;
}

static void
rxq_free(struct i82576_rxq *rxq)
{
	rte_memzone_free(rxq->mz);
	rte_free(rxq->mbufs);
	rte_free(rxq);
}

static void
txq_free(struct i82576_txq *txq)
{
	rte_memzone_free(txq->mz);
	rte_free(txq->reports);
	rte_free(txq->mbufs);
	rte_free(txq);
}

static uint64_t
rx_rearm_data(uint16_t port_id)
{
	struct rte_mbuf mbuf = { .nb_segs = 1, .data_off = RTE_PKTMBUF_HEADROOM, .port = port_id };

	rte_mbuf_refcnt_set(&mbuf, 1);
	return *i82576_rearm_data(&mbuf);
}

/* The part of a buffer that the device may fill, or 0 if that is too small. */
static uint16_t
rx_buf_bytes(struct rte_mempool *mp)
{
	uint32_t room = rte_pktmbuf_data_room_size(mp);

	if (room < RTE_PKTMBUF_HEADROOM + I82576_RX_BUF_UNIT_BYTES)
		return 0;
	room = RTE_MIN(room - RTE_PKTMBUF_HEADROOM, (uint32_t)I82576_RX_BUF_MAX_BYTES);
	return RTE_ALIGN_FLOOR(room, I82576_RX_BUF_UNIT_BYTES);
}

static int
rxq_check(const struct i82576_hw *hw, uint16_t queue, uint16_t nb_desc,
		const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	int ret = check_nb_desc(hw, "Rx", queue, nb_desc);

	if (ret == 0)
		ret = check_thresh(hw, "Rx", queue, &conf->rx_thresh);
	if (ret != 0)
		return ret;
	if (mp == NULL || rx_buf_bytes(mp) == 0) {
		I82576_LOG(ERR, init, hw, "Rx queue %u: setup failed: buffers are too small: use a "
				"mempool whose mbufs have %u bytes of data room or more", queue,
				RTE_PKTMBUF_HEADROOM + I82576_RX_BUF_UNIT_BYTES);
		return -EINVAL;
	}
	if (conf->rx_free_thresh >= nb_desc) {
		I82576_LOG(ERR, init, hw, "Rx queue %u: setup failed: rx_free_thresh %u: use less "
				"than the %u descriptors", queue, conf->rx_free_thresh, nb_desc);
		return -EINVAL;
	}
	return 0;
}

int
i82576_rx_queue_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf, struct rte_mempool *mp)
{
	struct i82576_hw *hw = i82576_hw(dev);
	struct i82576_rxq *rxq;
	int ret;

	ret = rxq_check(hw, queue, nb_desc, conf, mp);
	if (ret != 0)
		return ret;
	i82576_rx_queue_release(dev, queue);

	rxq = rte_zmalloc_socket("i82576 Rx queue", sizeof(*rxq), RTE_CACHE_LINE_SIZE, socket_id);
	if (rxq == NULL)
		return -ENOMEM;
	rxq->mbufs = rte_zmalloc_socket("i82576 Rx mbufs", (nb_desc + 1) * sizeof(rxq->mbufs[0]),
			RTE_CACHE_LINE_SIZE, socket_id);
	if (rxq->mbufs == NULL)
		goto free_queue;
	rxq->mz = ring_reserve(dev, "Rx ring", queue, nb_desc, socket_id);
	if (rxq->mz == NULL)
		goto free_queue;

	rxq->ring = rxq->mz->addr;
	rxq->ring_iova = rxq->mz->iova;
	rxq->mp = mp;
	rxq->nb_desc = nb_desc;
	rxq->rearm_nb = nb_desc;
	rxq->free_thresh = conf->rx_free_thresh != 0 ? conf->rx_free_thresh :
		RTE_MIN(I82576_DEFAULT_RX_FREE_THRESH, nb_desc / 4);
	rxq->offloads = conf->offloads | dev->data->dev_conf.rxmode.offloads;
	rxq->crc_len = rxq->offloads & RTE_ETH_RX_OFFLOAD_KEEP_CRC ? RTE_ETHER_CRC_LEN : 0;
	rxq->buf_bytes = rx_buf_bytes(mp);
	rxq->rearm_data = rx_rearm_data(dev->data->port_id);
	rxq->thresh = conf->rx_thresh;
	rxq->drop_en = conf->rx_drop_en;
	rxq->deferred_start = conf->rx_deferred_start;
	rxq->port_id = dev->data->port_id;
	rxq->queue_id = queue;
	dev->data->rx_queues[queue] = rxq;
	return 0;

free_queue:
	rxq_free(rxq);
	return -ENOMEM;
}

void
i82576_rx_queue_release(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_rxq *rxq = dev->data->rx_queues[queue];

	if (rxq == NULL)
		return;
	i82576_rxq_empty(rxq);
	rxq_free(rxq);
	dev->data->rx_queues[queue] = NULL;
}

/* Sets the thresholds of @txq by @conf, or says what is wrong with them. */
static int
txq_set_thresh(const struct i82576_hw *hw, struct i82576_txq *txq,
		const struct rte_eth_txconf *conf)
{
	uint16_t most = txq->nb_desc / 2;

	txq->rs_thresh = conf->tx_rs_thresh != 0 ? conf->tx_rs_thresh :
		RTE_MIN(I82576_DEFAULT_RS_THRESH, txq->nb_desc / 4);
	/* A device that writes back in groups writes each descriptor back. */
	if (conf->tx_rs_thresh == 0 && conf->tx_thresh.wthresh > 0)
		txq->rs_thresh = 1;
	txq->free_thresh = conf->tx_free_thresh != 0 ? conf->tx_free_thresh :
		RTE_MIN(I82576_DEFAULT_TX_FREE_THRESH, txq->nb_desc / 4);
	if (txq->rs_thresh > most || txq->free_thresh >= txq->nb_desc - 1) {
		I82576_LOG(ERR, init, hw, "Tx queue %u: setup failed: tx_rs_thresh %u, "
				"tx_free_thresh %u: use up to %u, up to %u", txq->queue_id,
				txq->rs_thresh, txq->free_thresh, most, txq->nb_desc - 2);
		return -EINVAL;
	}
	if (txq->rs_thresh > 1 && conf->tx_thresh.wthresh > 0) {
		I82576_LOG(ERR, init, hw, "Tx queue %u: setup failed: tx_rs_thresh %u with "
				"wthresh %u: use 1 with a wthresh, or a wthresh of 0",
				txq->queue_id, txq->rs_thresh, conf->tx_thresh.wthresh);
		return -EINVAL;
	}
	/* What is sent but not reported never comes back by itself, nor may a context fill up. */
	txq->max_segs = RTE_MIN(I82576_TX_MAX_SEGS, txq->nb_desc - txq->rs_thresh - 2);
	txq->thresh = conf->tx_thresh;
	return 0;
}

int
i82576_tx_queue_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_txconf *conf)
{
	struct i82576_hw *hw = i82576_hw(dev);
	uint32_t reports = rte_align32pow2(nb_desc);
	struct i82576_txq *txq;
	int ret;

	ret = check_nb_desc(hw, "Tx", queue, nb_desc);
	if (ret == 0)
		ret = check_thresh(hw, "Tx", queue, &conf->tx_thresh);
	if (ret != 0)
		return ret;
	i82576_tx_queue_release(dev, queue);

	txq = rte_zmalloc_socket("i82576 Tx queue", sizeof(*txq), RTE_CACHE_LINE_SIZE, socket_id);
	if (txq == NULL)
		return -ENOMEM;
	txq->queue_id = queue;
	txq->port_id = dev->data->port_id;
	txq->nb_desc = nb_desc;
	ret = txq_set_thresh(hw, txq, conf);
	if (ret != 0)
		goto free_queue;
	ret = -ENOMEM;
	txq->mbufs = rte_zmalloc_socket("i82576 Tx mbufs", nb_desc * sizeof(txq->mbufs[0]),
			RTE_CACHE_LINE_SIZE, socket_id);
	txq->reports = rte_zmalloc_socket("i82576 Tx reports", reports * sizeof(txq->reports[0]),
			RTE_CACHE_LINE_SIZE, socket_id);
	if (txq->mbufs == NULL || txq->reports == NULL)
		goto free_queue;
	txq->mz = ring_reserve(dev, "Tx ring", queue, nb_desc, socket_id);
	if (txq->mz == NULL)
		goto free_queue;

	txq->ring = txq->mz->addr;
	txq->ring_iova = txq->mz->iova;
	txq->nb_free = nb_desc - 1;
	txq->report_mask = reports - 1;
	txq->offloads = conf->offloads | dev->data->dev_conf.txmode.offloads;
	txq->fast_free = (txq->offloads & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0 &&
		(txq->offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) == 0;
	txq->deferred_start = conf->tx_deferred_start;
	dev->data->tx_queues[queue] = txq;
	return 0;

free_queue:
	txq_free(txq);
	return ret;
}

void
i82576_tx_queue_release(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_txq *txq = dev->data->tx_queues[queue];

	if (txq == NULL)
		return;
	i82576_txq_empty(txq);
	txq_free(txq);
	dev->data->tx_queues[queue] = NULL;
}
