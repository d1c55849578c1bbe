/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef I82576_RXTX_H
#define I82576_RXTX_H

#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>

#include "i82576_compat.h"
#include "i82576_port.h"

/* What rings can do, for dev_info: of a port, and of one queue. */
#define I82576_RX_OFFLOADS_QUEUE (RTE_ETH_RX_OFFLOAD_VLAN_STRIP)
#define I82576_RX_OFFLOADS_PORT (I82576_RX_OFFLOADS_QUEUE | \
		RTE_ETH_RX_OFFLOAD_IPV4_CKSUM | RTE_ETH_RX_OFFLOAD_UDP_CKSUM | \
		RTE_ETH_RX_OFFLOAD_TCP_CKSUM | RTE_ETH_RX_OFFLOAD_SCTP_CKSUM | \
		RTE_ETH_RX_OFFLOAD_KEEP_CRC | RTE_ETH_RX_OFFLOAD_SCATTER | \
		RTE_ETH_RX_OFFLOAD_RSS_HASH)
#define I82576_TX_OFFLOADS_PORT (RTE_ETH_TX_OFFLOAD_VLAN_INSERT | \
		RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_UDP_CKSUM | \
		RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_SCTP_CKSUM | \
		RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_MULTI_SEGS | \
		RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE)

/* Rx buffers are of at least 1 KiB, in units of that (82576 DS 8.10: SRRCTL.BSIZEPACKET). */
#define I82576_RX_BUF_UNIT_BYTES	1024
#define I82576_RX_BUF_MAX_BYTES		(16 * I82576_RX_BUF_UNIT_BYTES)
#define I82576_RX_MAX_SEGS		(I82576_MAX_FRAME_BYTES / I82576_RX_BUF_UNIT_BYTES + 1)
/* QEMU: packets of more buffers are dropped. */
#define I82576_TX_MAX_SEGS		64
/* 82576 DS 7.2.4: what TSO is limited to. */
#define I82576_TSO_MAX_HEADER_BYTES	512
#define I82576_TSO_MAX_MSS		9216

/* Operations of ethdev for both drivers; see ethdev_driver.h. */
int i82576_rx_queue_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_rxconf *conf, struct rte_mempool *mp);
int i82576_tx_queue_setup(struct rte_eth_dev *dev, uint16_t queue, uint16_t nb_desc,
		unsigned int socket_id, const struct rte_eth_txconf *conf);
void i82576_rx_queue_release(struct rte_eth_dev *dev, uint16_t queue);
void i82576_tx_queue_release(struct rte_eth_dev *dev, uint16_t queue);
int i82576_rx_queue_start(struct rte_eth_dev *dev, uint16_t queue);
int i82576_rx_queue_stop(struct rte_eth_dev *dev, uint16_t queue);
int i82576_tx_queue_start(struct rte_eth_dev *dev, uint16_t queue);
int i82576_tx_queue_stop(struct rte_eth_dev *dev, uint16_t queue);
void i82576_rxq_info_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_rxq_info *info);
void i82576_txq_info_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_txq_info *info);
int i82576_tx_done_cleanup(void *txq, uint32_t free_count);
int i82576_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue,
		struct rte_eth_burst_mode *mode);
int i82576_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue,
		struct rte_eth_burst_mode *mode);
const uint32_t *i82576_supported_ptypes_get(I82576_PTYPES_GET_ARGS);

/*
 * Fills in of @info what the rings determine: offloads, limits of descriptors, default
 * configurations, smallest Rx buffer. A VF clears KEEP_CRC, which is its PF's to decide.
 */
void i82576_rxtx_dev_info(struct rte_eth_dev_info *info);

/*
 * Sets dev->rx_queue_count, descriptor status, tx_pkt_prepare: what does not depend on the
 * offloads.
 */
void i82576_rxtx_init(struct rte_eth_dev *dev);

/*
 * Chooses the burst functions by the offloads; in each process, and before the start. In the
 * primary process, that for Rx also decides dev->data->scattered_rx.
 */
void i82576_rx_function_set(struct rte_eth_dev *dev);
void i82576_tx_function_set(struct rte_eth_dev *dev);

/* Whether packets of @mtu bytes need more than one Rx buffer of a queue that is set up. */
bool i82576_rx_needs_scatter(const struct rte_eth_dev *dev, uint16_t mtu);

/*
 * Fills the rings, writes all ring registers and enables the queues that are not deferred. What is
 * the port's (RCTL, TCTL, RXCSUM, MRQC, RLPML) is not touched. Returns 0, -ENOMEM or -ETIMEDOUT;
 * then all queues are stopped.
 */
int i82576_queues_start(struct rte_eth_dev *dev);

/*
 * Disables all queues, with a bounded wait, and frees the mbufs in them. A device that is gone or
 * was reset has none enabled, which is no error.
 */
void i82576_queues_stop(struct rte_eth_dev *dev);

/*
 * Restarts the rings from an empty state after a reset of the device lost their registers: those
 * that ran, on the hardware's queues that queue_reg[] names now. No burst function may run. Returns
 * what i82576_queues_start() does.
 */
int i82576_queues_restart(struct rte_eth_dev *dev);

/*
 * Has the queues that a start would start wait for i82576_queues_restart(), for the device cannot
 * be had yet: they count as started, and can be stopped. No burst function may run until then.
 */
void i82576_queues_await(struct rte_eth_dev *dev);

/* Packets and bytes a queue has passed, as software counted them; for per-queue statistics. */
struct i82576_queue_counts {
	uint64_t packets;
	uint64_t bytes;
	uint64_t errors;
	/* Rx: no mbuf to refill the ring with. */
	uint64_t nombuf;
};

void i82576_rx_counts(const struct rte_eth_dev *dev, uint16_t queue,
		struct i82576_queue_counts *counts);
void i82576_tx_counts(const struct rte_eth_dev *dev, uint16_t queue,
		struct i82576_queue_counts *counts);
void i82576_counts_reset(struct rte_eth_dev *dev);

#endif /* I82576_RXTX_H */
