/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Starting and stopping queues: 82576 DS 4.5.9 (receive), 4.5.10 (transmit initialization). */

#include <errno.h>
#include <string.h>

#include <rte_mbuf.h>

#include "i82576_queue.h"

/* A queue's ENABLE bit follows a write within some descriptors' time. */
#define QUEUE_TIMEOUT_US	10000
#define QUEUE_INTERVAL_US	10
/* A ring of large packets at 10 Mbit/s does not drain in this time, and is cut off. */
#define TX_DRAIN_TIMEOUT_US	10000
#define TX_DRAIN_INTERVAL_US	100

void
i82576_rxq_empty(struct i82576_rxq *rxq)
{
	uint16_t i, id;

	if (rxq->chain_first != NULL)
		rte_pktmbuf_free(rxq->chain_first);
	rxq->chain_first = NULL;
	rxq->chain_last = NULL;
	for (i = rxq->rearm_nb; i < rxq->nb_desc; i++) {
		id = (rxq->rearm_start + i) % rxq->nb_desc;
		rte_pktmbuf_free_seg(rxq->mbufs[id]);
		rxq->mbufs[id] = NULL;
	}
	memset(rxq->ring, 0, rxq->nb_desc * sizeof(rxq->ring[0]));
	rxq->next = 0;
	rxq->rearm_start = 0;
	rxq->rearm_nb = rxq->nb_desc;
}

void
i82576_txq_empty(struct i82576_txq *txq)
{
	uint16_t used = txq->nb_desc - 1 - txq->nb_free;
	uint16_t piece;

	while (used > 0) {
		piece = RTE_MIN(used, (uint16_t)(txq->nb_desc - txq->clean));
		i82576_tx_free(txq, txq->clean, piece);
		txq->clean = (txq->clean + piece) % txq->nb_desc;
		used -= piece;
	}
	memset(txq->ring, 0, txq->nb_desc * sizeof(txq->ring[0]));
	memset(txq->context, 0, sizeof(txq->context));
	txq->tail = 0;
	txq->clean = 0;
	txq->nb_free = txq->nb_desc - 1;
	txq->report_head = 0;
	txq->report_tail = 0;
	txq->unreported = 0;
	txq->nb_contexts = 0;
	txq->context_next = 0;
}

static uint32_t
thresh_bits(const struct rte_eth_thresh *thresh)
{
	return (uint32_t)thresh->pthresh << I82576_RXDCTL_PTHRESH_SHIFT |
		(uint32_t)thresh->hthresh << I82576_RXDCTL_HTHRESH_SHIFT |
		(uint32_t)thresh->wthresh << I82576_RXDCTL_WTHRESH_SHIFT;
}

/* Waits until the queue with the control register @reg is enabled, or no more. */
static int
queue_wait(const struct i82576_hw *hw, uint32_t reg, bool enabled)
{
	return i82576_wait(hw, reg, I82576_RXDCTL_ENABLE, enabled ? I82576_RXDCTL_ENABLE : 0,
			QUEUE_TIMEOUT_US, QUEUE_INTERVAL_US);
}

/*
 * Disables the queue with the control register @reg. A device that is gone does no more DMA, and
 * one that was reset has the queue disabled.
 */
static int
queue_disable(const struct i82576_hw *hw, const char *direction, uint16_t queue, uint32_t reg)
{
	int ret;

	if (i82576_is_gone(hw) || !(i82576_read(hw, reg) & I82576_RXDCTL_ENABLE))
		return 0;
	i82576_clear_bits(hw, reg, I82576_RXDCTL_ENABLE);
	ret = queue_wait(hw, reg, false);
	if (ret != 0 && i82576_is_gone(hw))
		ret = 0;
	if (ret != 0)
		I82576_LOG(ERR, driver, hw, "%s queue %u: stop failed: no answer in %u us: its "
				"mbufs are kept until it is released", direction, queue,
				QUEUE_TIMEOUT_US);
	return ret;
}

int
i82576_rx_queue_start(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_port *port = i82576_port(dev);
	struct i82576_rxq *rxq = dev->data->rx_queues[queue];
	const struct i82576_hw *hw = &port->hw;
	uint8_t reg = port->queue_reg[queue];
	int ret;

	if (rxq == NULL) {
		I82576_LOG(ERR, driver, hw, "Rx queue %u: start failed: it is not set up: call "
				"rte_eth_rx_queue_setup() first", queue);
		return -EINVAL;
	}
	if (dev->data->rx_queue_state[queue] == RTE_ETH_QUEUE_STATE_STARTED)
		return 0;
	i82576_rxq_empty(rxq);
	rxq->reg = reg;
	rxq->tail_reg = hw->bar + I82576_RDT(reg);
	rxq->single = !dev->data->scattered_rx;

	i82576_write(hw, I82576_RDBAL(reg), (uint32_t)rxq->ring_iova);
	i82576_write(hw, I82576_RDBAH(reg), (uint32_t)((uint64_t)rxq->ring_iova >> 32));
	i82576_write(hw, I82576_RDLEN(reg), rxq->nb_desc * sizeof(rxq->ring[0]));
	i82576_write(hw, I82576_SRRCTL(reg), I82576_SRRCTL_DESCTYPE_ADV_ONEBUF |
			rxq->buf_bytes >> I82576_SRRCTL_BSIZEPACKET_SHIFT |
			(rxq->drop_en ? I82576_SRRCTL_DROP_EN : 0));
	i82576_write(hw, I82576_RDH(reg), 0);
	i82576_write(hw, I82576_RDT(reg), 0);
	i82576_write(hw, I82576_RXDCTL(reg), thresh_bits(&rxq->thresh) | I82576_RXDCTL_ENABLE);
	/* 82576 DS 4.5.9: a tail written earlier is lost. */
	ret = queue_wait(hw, I82576_RXDCTL(reg), true);
	if (ret != 0) {
		I82576_LOG(ERR, driver, hw, "Rx queue %u: start failed: no answer in %u us",
				queue, QUEUE_TIMEOUT_US);
		i82576_clear_bits(hw, I82576_RXDCTL(reg), I82576_RXDCTL_ENABLE);
		return ret;
	}
	ret = i82576_rx_rearm(rxq, rxq->nb_desc);
	if (ret != 0) {
		I82576_LOG(ERR, driver, hw, "Rx queue %u: start failed: mempool %s has no %u "
				"mbufs: make it larger", queue, rxq->mp->name, rxq->nb_desc);
		if (queue_disable(hw, "Rx", queue, I82576_RXDCTL(reg)) == 0)
			i82576_rxq_empty(rxq);
		return ret;
	}
	dev->data->rx_queue_state[queue] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

int
i82576_rx_queue_stop(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_rxq *rxq = dev->data->rx_queues[queue];
	int ret;

	if (dev->data->rx_queue_state[queue] != RTE_ETH_QUEUE_STATE_STARTED)
		return 0;
	ret = queue_disable(i82576_hw(dev), "Rx", queue, I82576_RXDCTL(rxq->reg));
	if (ret != 0)
		return ret;
	i82576_rxq_empty(rxq);
	dev->data->rx_queue_state[queue] = RTE_ETH_QUEUE_STATE_STOPPED;
	return 0;
}

int
i82576_tx_queue_start(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_port *port = i82576_port(dev);
	struct i82576_txq *txq = dev->data->tx_queues[queue];
	const struct i82576_hw *hw = &port->hw;
	uint8_t reg = port->queue_reg[queue];
	int ret;

	if (txq == NULL) {
		I82576_LOG(ERR, driver, hw, "Tx queue %u: start failed: it is not set up: call "
				"rte_eth_tx_queue_setup() first", queue);
		return -EINVAL;
	}
	if (dev->data->tx_queue_state[queue] == RTE_ETH_QUEUE_STATE_STARTED)
		return 0;
	i82576_txq_empty(txq);
	txq->reg = reg;
	txq->tail_reg = hw->bar + I82576_TDT(reg);

	i82576_write(hw, I82576_TDBAL(reg), (uint32_t)txq->ring_iova);
	i82576_write(hw, I82576_TDBAH(reg), (uint32_t)((uint64_t)txq->ring_iova >> 32));
	i82576_write(hw, I82576_TDLEN(reg), txq->nb_desc * sizeof(txq->ring[0]));
	/* What is done is read from the descriptors. */
	i82576_write(hw, I82576_TDWBAL(reg), 0);
	i82576_write(hw, I82576_TDWBAH(reg), 0);
	i82576_write(hw, I82576_TDH(reg), 0);
	i82576_write(hw, I82576_TDT(reg), 0);
	i82576_write(hw, I82576_TXDCTL(reg), thresh_bits(&txq->thresh) | I82576_TXDCTL_ENABLE);
	ret = queue_wait(hw, I82576_TXDCTL(reg), true);
	if (ret != 0) {
		I82576_LOG(ERR, driver, hw, "Tx queue %u: start failed: no answer in %u us",
				queue, QUEUE_TIMEOUT_US);
		i82576_clear_bits(hw, I82576_TXDCTL(reg), I82576_TXDCTL_ENABLE);
		return ret;
	}
	dev->data->tx_queue_state[queue] = RTE_ETH_QUEUE_STATE_STARTED;
	return 0;
}

int
i82576_tx_queue_stop(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_txq *txq = dev->data->tx_queues[queue];
	const struct i82576_hw *hw = i82576_hw(dev);
	int ret;

	if (dev->data->tx_queue_state[queue] != RTE_ETH_QUEUE_STATE_STARTED)
		return 0;
	/* What the application has handed over goes out, unless there is nowhere to go. */
	if (!i82576_is_gone(hw) && (i82576_read(hw, I82576_STATUS) & I82576_STATUS_LU) &&
			(i82576_read(hw, I82576_TXDCTL(txq->reg)) & I82576_TXDCTL_ENABLE))
		(void)i82576_wait(hw, I82576_TDH(txq->reg), UINT16_MAX, txq->tail,
				TX_DRAIN_TIMEOUT_US, TX_DRAIN_INTERVAL_US);
	ret = queue_disable(hw, "Tx", queue, I82576_TXDCTL(txq->reg));
	if (ret != 0)
		return ret;
	i82576_txq_empty(txq);
	dev->data->tx_queue_state[queue] = RTE_ETH_QUEUE_STATE_STOPPED;
	return 0;
}

void
i82576_queues_stop(struct rte_eth_dev *dev)
{
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++)
		(void)i82576_tx_queue_stop(dev, i);
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		(void)i82576_rx_queue_stop(dev, i);
}

int
i82576_queues_start(struct rte_eth_dev *dev)
{
	uint16_t i;
	int ret = 0;

	/* Those that could not be stopped, and that a reset has stopped since. */
	i82576_queues_stop(dev);
	for (i = 0; i < dev->data->nb_tx_queues && ret == 0; i++) {
		const struct i82576_txq *txq = dev->data->tx_queues[i];

		if (txq == NULL || !txq->deferred_start)
			ret = i82576_tx_queue_start(dev, i);
	}
	for (i = 0; i < dev->data->nb_rx_queues && ret == 0; i++) {
		const struct i82576_rxq *rxq = dev->data->rx_queues[i];

		if (rxq == NULL || !rxq->deferred_start)
			ret = i82576_rx_queue_start(dev, i);
	}
	if (ret != 0)
		i82576_queues_stop(dev);
	return ret;
}

void
i82576_queues_await(struct rte_eth_dev *dev)
{
	struct i82576_port *port = i82576_port(dev);
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		struct i82576_txq *txq = dev->data->tx_queues[i];

		if (txq == NULL || txq->deferred_start)
			continue;
		txq->reg = port->queue_reg[i];
		dev->data->tx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
	}
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		struct i82576_rxq *rxq = dev->data->rx_queues[i];

		if (rxq == NULL || rxq->deferred_start)
			continue;
		rxq->reg = port->queue_reg[i];
		dev->data->rx_queue_state[i] = RTE_ETH_QUEUE_STATE_STARTED;
	}
}

int
i82576_queues_restart(struct rte_eth_dev *dev)
{
	bool rx[I82576_MAX_QUEUES], tx[I82576_MAX_QUEUES];
	int ret = 0;
	uint16_t i;

	for (i = 0; i < dev->data->nb_tx_queues; i++)
		tx[i] = dev->data->tx_queue_state[i] == RTE_ETH_QUEUE_STATE_STARTED;
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		rx[i] = dev->data->rx_queue_state[i] == RTE_ETH_QUEUE_STATE_STARTED;
	i82576_queues_stop(dev);
	for (i = 0; i < dev->data->nb_tx_queues && ret == 0; i++) {
		if (tx[i])
			ret = i82576_tx_queue_start(dev, i);
	}
	for (i = 0; i < dev->data->nb_rx_queues && ret == 0; i++) {
		if (rx[i])
			ret = i82576_rx_queue_start(dev, i);
	}
	if (ret != 0)
		i82576_queues_stop(dev);
	return ret;
}
