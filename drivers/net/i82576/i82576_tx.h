/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Sending packets of one buffer without offloads, for the scalar and the vector path. */

#ifndef I82576_TX_H
#define I82576_TX_H

#include <rte_mbuf.h>

#include "i82576_queue.h"

/*
 * Both fields of a descriptor that hold the length, DTALEN and PAYLEN, by one multiplication: the
 * length has 16 bits, so that the two cannot meet.
 */
#define I82576_TXD_LENGTHS	(1ULL | 1ULL << (32 + I82576_TXD_PAYLEN_SHIFT))

static inline uint32_t
i82576_tx_fill(union i82576_tx_desc *desc, const struct rte_mbuf *mbuf)
{
	uint64_t len = mbuf->data_len;

	desc->half[0] = rte_cpu_to_le_64(rte_mbuf_data_iova(mbuf));
	desc->half[1] = rte_cpu_to_le_64(len * I82576_TXD_LENGTHS | I82576_TXD_SINGLE);
	return len;
}

/* Has the device report the descriptor @id, which the tail is not past yet. */
static inline void
i82576_tx_report(struct i82576_txq *txq, uint16_t id)
{
	txq->ring[id].read.cmd_type_len |= rte_cpu_to_le_32(I82576_TXD_RS);
	txq->reports[txq->report_tail++ & txq->report_mask] = id;
	txq->unreported = 0;
}

/* Makes @nb descriptors free, if that many are reported. Returns how many of them may be used. */
static inline uint16_t
i82576_tx_reserve(struct i82576_txq *txq, uint16_t nb)
{
	if (txq->nb_free < txq->free_thresh)
		(void)i82576_tx_clean(txq);
	while (unlikely(txq->nb_free < nb) && i82576_tx_clean(txq) > 0)
		;
	return RTE_MIN(nb, txq->nb_free);
}

/* Fills @nb descriptors from @id on, which do not leave the ring's end; returns their bytes. */
typedef uint64_t (*i82576_tx_fill_run_t)(struct i82576_txq *txq, uint16_t id,
		struct rte_mbuf **pkts, uint16_t nb);

static __rte_always_inline uint16_t
i82576_tx_burst_plain(struct i82576_txq *txq, struct rte_mbuf **pkts, uint16_t nb,
		i82576_tx_fill_run_t fill_run)
{
	uint64_t bytes = 0;
	uint16_t sent = 0;

	nb = i82576_tx_reserve(txq, nb);
	if (unlikely(nb == 0))
		return 0;
	while (sent < nb) {
		/* In pieces that are reported as soon as the user wished. */
		uint16_t run = RTE_MIN(RTE_MIN((uint16_t)(nb - sent), txq->rs_thresh),
				(uint16_t)(txq->nb_desc - txq->tail));

		bytes += fill_run(txq, txq->tail, pkts + sent, run);
		sent += run;
		txq->tail += run;
		txq->unreported += run;
		if (txq->unreported >= txq->rs_thresh)
			i82576_tx_report(txq, txq->tail - 1);
		if (txq->tail == txq->nb_desc)
			txq->tail = 0;
	}
	txq->nb_free -= nb;
	txq->counts.packets += nb;
	txq->counts.bytes += bytes;
	i82576_write_tail(txq->tail_reg, txq->tail);
	return nb;
}

#endif /* I82576_TX_H */
