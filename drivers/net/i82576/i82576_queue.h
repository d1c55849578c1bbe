/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The queues, in memory that processes share, and what the burst functions have in common. */

#ifndef I82576_QUEUE_H
#define I82576_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <ethdev_driver.h>
#include <rte_io.h>
#include <rte_memzone.h>
#include <rte_version.h>

#include "i82576_desc.h"
#include "i82576_rxtx.h"

/*
 * Where the user leaves the thresholds to us; rings of few descriptors have less. The tail of an
 * Rx ring is written once in two bursts: what the write of a register costs, most of all under a
 * hypervisor that emulates it, is more than what the buffers held back could be good for.
 */
#define I82576_DEFAULT_BURST		32
#define I82576_DEFAULT_RX_FREE_THRESH	(2 * I82576_DEFAULT_BURST)
#define I82576_DEFAULT_TX_FREE_THRESH	32
#define I82576_DEFAULT_RS_THRESH	32

/*
 * Invariants of a started Rx queue: descriptors and mbufs from rearm_start on, rearm_nb of them,
 * are consumed; all others have an mbuf. next is rearm_start + rearm_nb. RDT is the descriptor
 * ahead of rearm_start, which is in the read format and so has no DD: where reading stops even
 * if the device has filled all it was given.
 */
struct i82576_rxq {
	union i82576_rx_desc *ring;
	/* One more than descriptors: the last is read ahead. */
	struct rte_mbuf **mbufs;
	struct rte_mempool *mp;
	/* RDT, or the model's. */
	void *tail_reg;
	/* rearm_data of a received mbuf. */
	uint64_t rearm_data;
	uint16_t nb_desc;
	uint16_t next;
	uint16_t rearm_start;
	uint16_t rearm_nb;
	uint16_t free_thresh;
	uint8_t crc_len;
	/* No packet may have several buffers. */
	bool single;
	/* A packet whose last descriptor is still to come. */
	struct rte_mbuf *chain_first;
	struct rte_mbuf *chain_last;
	struct i82576_queue_counts counts;

	const struct rte_memzone *mz;
	rte_iova_t ring_iova;
	uint64_t offloads;
	struct rte_eth_thresh thresh;
	uint16_t buf_bytes;
	uint16_t port_id;
	uint16_t queue_id;
	/* The hardware's number; as of the last start. */
	uint8_t reg;
	bool drop_en;
	bool deferred_start;
} __rte_cache_aligned;

/* What a context descriptor was made of; none: key[0] is 0. */
struct i82576_tx_context {
	uint64_t key[2];
};

/*
 * Invariants of a started Tx queue: nb_free descriptors from tail on are free, and one more is
 * never used, for the device takes TDT equal to TDH for an empty ring. The others are the
 * device's from clean on; their mbufs are in mbufs[], NULL for a context descriptor. Which
 * descriptors report is in reports[], oldest first, so that a cleaner looks at those alone.
 */
struct i82576_txq {
	union i82576_tx_desc *ring;
	struct rte_mbuf **mbufs;
	/* Descriptors with RS; a ring of power-of-2 size whose indexes run freely. */
	uint16_t *reports;
	/* TDT, or the model's. */
	void *tail_reg;
	uint16_t nb_desc;
	uint16_t tail;
	uint16_t nb_free;
	uint16_t clean;
	uint16_t report_head;
	uint16_t report_tail;
	uint16_t report_mask;
	/* Descriptors after the last one with RS. */
	uint16_t unreported;
	uint16_t rs_thresh;
	uint16_t free_thresh;
	uint16_t max_segs;
	/* Descriptors in the ring that set a context, and have no mbuf. */
	uint16_t nb_contexts;
	/* All mbufs are of one pool, not shared and not chained: the user says so. */
	bool fast_free;
	uint8_t context_next;
	struct i82576_tx_context context[I82576_TX_CONTEXTS];
	struct i82576_queue_counts counts;

	const struct rte_memzone *mz;
	rte_iova_t ring_iova;
	uint64_t offloads;
	struct rte_eth_thresh thresh;
	uint16_t port_id;
	uint16_t queue_id;
	uint8_t reg;
	bool deferred_start;
} __rte_cache_aligned;

extern const uint32_t i82576_ptype_table[I82576_RXD_PKT_TYPE_MASK + 1];

/* Frees the mbufs of @nb descriptors from @first on, which do not leave the ring's end. */
void i82576_tx_free(struct i82576_txq *txq, uint16_t first, uint16_t nb);

/*
 * Frees all mbufs of a queue that the device has no more, and makes it as it was after its setup;
 * the counters stay.
 */
void i82576_rxq_empty(struct i82576_rxq *rxq);
void i82576_txq_empty(struct i82576_txq *txq);

/* A burst function, and what rx_burst_mode_get and tx_burst_mode_get call it. */
struct i82576_rx_path {
	const char *name;
	eth_rx_burst_t burst;
};

struct i82576_tx_path {
	const char *name;
	eth_tx_burst_t burst;
};

uint16_t i82576_rx_burst_scalar(void *rxq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_rx_burst_sse(void *rxq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_rx_burst_avx2(void *rxq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_tx_burst_offload(void *txq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_tx_burst_simple(void *txq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_tx_burst_sse(void *txq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_tx_burst_avx2(void *txq, struct rte_mbuf **pkts, uint16_t nb);
uint16_t i82576_tx_prepare(void *txq, struct rte_mbuf **pkts, uint16_t nb);
int i82576_rx_descriptor_status(void *rxq, uint16_t offset);
int i82576_tx_descriptor_status(void *txq, uint16_t offset);
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
int i82576_rx_queue_count(void *rxq);
#else
uint32_t i82576_rx_queue_count(void *rxq);
#endif
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
int i82576_tx_queue_count(void *txq);
#endif

/* Fills @nb consumed descriptors and tells the device. 0, or -ENOMEM with nombuf counted. */
int i82576_rx_rearm(struct i82576_rxq *rxq, uint16_t nb);

/*
 * Takes back descriptors that the device has reported, of one report. Returns how many are free
 * more; 0: the device has reported none.
 */
uint16_t i82576_tx_clean(struct i82576_txq *txq);

/* A word that several fields of a structure lie in. */
typedef uint64_t __rte_may_alias i82576_word;

/* data_off, refcnt, nb_segs and port of @mbuf in one word: a marker in older releases of DPDK. */
static inline i82576_word *
i82576_rearm_data(struct rte_mbuf *mbuf)
{
	return RTE_PTR_ADD(mbuf, offsetof(struct rte_mbuf, rearm_data));
}

/* Writes a tail register after the descriptors; it is the device's even in an autotest. */
static inline void
i82576_write_tail(void *reg, uint16_t tail)
{
	rte_write32(rte_cpu_to_le_32(tail), reg);
}

/* wb.status with what was written before it: the other half of the descriptor may be read now. */
static inline uint64_t
i82576_rx_upper_half(const union i82576_rx_desc *desc)
{
	return rte_le_to_cpu_64(__atomic_load_n(&desc->half[1], __ATOMIC_ACQUIRE));
}

static inline bool
i82576_tx_is_done(const union i82576_tx_desc *desc)
{
	return rte_le_to_cpu_32(__atomic_load_n(&desc->wb.status, __ATOMIC_ACQUIRE)) &
		I82576_TXD_DD;
}

#endif /* I82576_QUEUE_H */
