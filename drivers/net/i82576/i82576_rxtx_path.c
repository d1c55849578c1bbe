/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Which burst functions a port uses: by what it must do, and by what the processor can. */

#include <errno.h>
#include <stdio.h>

#include <rte_cpuflags.h>
#include <rte_ether.h>
#include <rte_vect.h>

#include "i82576_queue.h"

static const struct i82576_rx_path rx_scalar = { "Scalar", i82576_rx_burst_scalar };
static const struct i82576_tx_path tx_offload = { "Scalar", i82576_tx_burst_offload };
static const struct i82576_tx_path tx_simple = { "Scalar Simple", i82576_tx_burst_simple };
#ifdef RTE_ARCH_X86
static const struct i82576_rx_path rx_sse = { "Vector SSE", i82576_rx_burst_sse };
static const struct i82576_tx_path tx_sse = { "Vector SSE", i82576_tx_burst_sse };
#endif
#ifdef I82576_AVX2
static const struct i82576_rx_path rx_avx2 = { "Vector AVX2", i82576_rx_burst_avx2 };
static const struct i82576_tx_path tx_avx2 = { "Vector AVX2", i82576_tx_burst_avx2 };
#endif

#ifdef I82576_AVX2
static bool
has_avx2(void)
{
	return rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_256 &&
		rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) == 1;
}
#endif

#ifdef RTE_ARCH_X86
static bool
has_sse(void)
{
	return rte_vect_get_max_simd_bitwidth() >= RTE_VECT_SIMD_128;
}
#endif

static const struct i82576_rx_path *
rx_path(const struct i82576_port *port)
{
	const struct i82576_rx_path *path = &rx_scalar;

	if (!port->rx_vector_allowed)
		return path;
#ifdef RTE_ARCH_X86
	if (has_sse())
		path = &rx_sse;
#endif
#ifdef I82576_AVX2
	if (has_avx2())
		path = &rx_avx2;
#endif
	return path;
}

static const struct i82576_tx_path *
tx_path(const struct i82576_port *port)
{
	const struct i82576_tx_path *path = &tx_simple;

	if (!port->tx_vector_allowed)
		return &tx_offload;
#ifdef RTE_ARCH_X86
	if (has_sse())
		path = &tx_sse;
#endif
#ifdef I82576_AVX2
	if (has_avx2())
		path = &tx_avx2;
#endif
	return path;
}

bool
i82576_rx_needs_scatter(const struct rte_eth_dev *dev, uint16_t mtu)
{
	/* With tags of 802.1ad and 802.1Q. */
	uint32_t frame = (uint32_t)mtu + RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN +
		2 * RTE_VLAN_HLEN;
	uint16_t i;

	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		const struct i82576_rxq *rxq = dev->data->rx_queues[i];

		if (rxq != NULL && frame > rxq->buf_bytes)
			return true;
	}
	return false;
}

void
i82576_rx_function_set(struct rte_eth_dev *dev)
{
	struct i82576_port *port = i82576_port(dev);
	const struct i82576_rx_path *path;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		/* A vector path hands what it cannot do to the scalar one, by the descriptor. */
		port->rx_vector_allowed = true;
		dev->data->scattered_rx =
			(dev->data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_SCATTER) ||
			i82576_rx_needs_scatter(dev, dev->data->mtu);
	}
	path = rx_path(port);
	dev->rx_pkt_burst = path->burst;
	I82576_LOG(INFO, init, &port->hw, "Rx path: %s%s", path->name,
			dev->data->scattered_rx ? ", packets may have several buffers" : "");
}

void
i82576_tx_function_set(struct rte_eth_dev *dev)
{
	struct i82576_port *port = i82576_port(dev);
	const struct i82576_tx_path *path;
	uint16_t i;

	if (rte_eal_process_type() == RTE_PROC_PRIMARY) {
		port->tx_vector_allowed = true;
		for (i = 0; i < dev->data->nb_tx_queues; i++) {
			const struct i82576_txq *txq = dev->data->tx_queues[i];

			if (txq != NULL && (txq->offloads & ~RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE))
				port->tx_vector_allowed = false;
		}
	}
	path = tx_path(port);
	dev->tx_pkt_burst = path->burst;
	dev->tx_pkt_prepare = i82576_tx_prepare;
	I82576_LOG(INFO, init, &port->hw, "Tx path: %s", path->name);
}

void
i82576_rxtx_init(struct rte_eth_dev *dev)
{
	dev->rx_queue_count = i82576_rx_queue_count;
	dev->rx_descriptor_status = i82576_rx_descriptor_status;
	dev->tx_descriptor_status = i82576_tx_descriptor_status;
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
	dev->tx_queue_count = i82576_tx_queue_count;
#endif
	dev->tx_pkt_prepare = i82576_tx_prepare;
}

int
i82576_rx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode)
{
	RTE_SET_USED(queue);
	snprintf(mode->info, sizeof(mode->info), "%s", rx_path(i82576_port(dev))->name);
	return 0;
}

int
i82576_tx_burst_mode_get(struct rte_eth_dev *dev, uint16_t queue, struct rte_eth_burst_mode *mode)
{
	RTE_SET_USED(queue);
	snprintf(mode->info, sizeof(mode->info), "%s", tx_path(i82576_port(dev))->name);
	return 0;
}
