/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Four packets at a time, with what each x86-64 processor of DPDK's baseline has: SSE4.2. */

#include <rte_vect.h>

#include "i82576_rx_vec.h"
#include "i82576_tx.h"

/* Packets at a time. */
#define GROUP 4

uint16_t
i82576_rx_burst_sse(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	struct i82576_rxq *rxq = queue;
	const struct i82576_rx_vec vec = i82576_rx_vec_init(rxq);
	uint64_t bytes = 0;
	uint16_t got;

	got = i82576_rx_vec_run(rxq, pkts, nb, &vec, &bytes);
	if (rxq->next == rxq->nb_desc) {
		rxq->next = 0;
		if (got < nb)
			got += i82576_rx_vec_run(rxq, pkts + got, nb - got, &vec, &bytes);
	}
	i82576_rx_end_burst(rxq, got, bytes);
	return got;
}

static __rte_always_inline uint64_t
tx_fill_run(struct i82576_txq *txq, uint16_t id, struct rte_mbuf **pkts, uint16_t nb)
{
	union i82576_tx_desc *desc = &txq->ring[id];
	struct rte_mbuf **mbufs = &txq->mbufs[id];
	uint64_t bytes = 0;
	uint16_t i = 0;

	for (; i + GROUP <= nb; i += GROUP) {
		_mm_storeu_si128((__m128i *)&mbufs[i],
				_mm_loadu_si128((const __m128i *)&pkts[i]));
		_mm_storeu_si128((__m128i *)&mbufs[i + 2],
				_mm_loadu_si128((const __m128i *)&pkts[i + 2]));
		bytes += i82576_tx_fill(&desc[i], pkts[i]);
		bytes += i82576_tx_fill(&desc[i + 1], pkts[i + 1]);
		bytes += i82576_tx_fill(&desc[i + 2], pkts[i + 2]);
		bytes += i82576_tx_fill(&desc[i + 3], pkts[i + 3]);
	}
	for (; i < nb; i++) {
		mbufs[i] = pkts[i];
		bytes += i82576_tx_fill(&desc[i], pkts[i]);
	}
	return bytes;
}

uint16_t
i82576_tx_burst_sse(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	return i82576_tx_burst_plain(queue, pkts, nb, tx_fill_run);
}
