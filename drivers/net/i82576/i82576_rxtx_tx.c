/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>

#include <rte_errno.h>
#include <rte_ether.h>
#include <rte_mempool.h>
#include <rte_net.h>

#include "i82576_tx.h"

#define TX_OFFLOADS (RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_L4_MASK | \
		RTE_MBUF_F_TX_TCP_SEG)
/* Flags that ask for nothing by themselves. */
#define TX_HINTS (RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_OUTER_IPV4 | \
		RTE_MBUF_F_TX_OUTER_IPV6)
#define TX_UNSUPPORTED (RTE_MBUF_F_TX_OFFLOAD_MASK & ~(TX_OFFLOADS | TX_HINTS))

/* In a context's key beside flags: neither is a flag of TX_OFFLOADS. */
#define KEY_VALID	1ULL
#define KEY_VLAN_SHIFT	8

#define L2_L3_BITS	(RTE_MBUF_L2_LEN_BITS + RTE_MBUF_L3_LEN_BITS)
#define TSO_BITS	(L2_L3_BITS + RTE_MBUF_L4_LEN_BITS + RTE_MBUF_TSO_SEGSZ_BITS)

/* rte_pktmbuf_free_seg() on all, by pool in bulk. */
static void
tx_free_each(struct i82576_txq *txq, struct rte_mbuf **mbufs, uint16_t nb)
{
	struct rte_mbuf *freed[64];
	uint16_t nb_freed = 0;
	uint16_t i;

	for (i = 0; i < nb; i++) {
		struct rte_mbuf *mbuf = mbufs[i];

		if (mbuf == NULL) {
			txq->nb_contexts--;
			continue;
		}
		mbuf = rte_pktmbuf_prefree_seg(mbuf);
		if (mbuf == NULL)
			continue;
		if (nb_freed == RTE_DIM(freed) ||
				(nb_freed > 0 && mbuf->pool != freed[0]->pool)) {
			rte_mempool_put_bulk(freed[0]->pool, (void **)freed, nb_freed);
			nb_freed = 0;
		}
		freed[nb_freed++] = mbuf;
	}
	if (nb_freed > 0)
		rte_mempool_put_bulk(freed[0]->pool, (void **)freed, nb_freed);
}

/*
 * Whether all are what rte_pktmbuf_prefree_seg() would return as they are: of one pool, neither
 * shared nor attached, and unchained. That is most often so, and found without a branch for each.
 */
static inline bool
tx_is_plain(struct rte_mbuf **mbufs, uint16_t nb)
{
	/* rearm_data's fields that count, each 1. */
	const union {
		struct {
			uint16_t data_off;
			uint16_t refcnt;
			uint16_t nb_segs;
			uint16_t port;
		};
		uint64_t word;
	} one = { .refcnt = 1, .nb_segs = 1 }, mask = {
		.refcnt = UINT16_MAX, .nb_segs = UINT16_MAX,
	};
	const struct rte_mempool *pool = mbufs[0]->pool;
	uint64_t counts = 0, flags = 0;
	uintptr_t links = 0;
	uint16_t i;

	for (i = 0; i < nb; i++) {
		struct rte_mbuf *mbuf = mbufs[i];

		counts |= *i82576_rearm_data(mbuf) ^ one.word;
		flags |= mbuf->ol_flags;
		links |= (uintptr_t)mbuf->next | ((uintptr_t)mbuf->pool ^ (uintptr_t)pool);
	}
	return ((counts & mask.word) | links |
		(flags & (RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL))) == 0;
}

void
i82576_tx_free(struct i82576_txq *txq, uint16_t first, uint16_t nb)
{
	struct rte_mbuf **mbufs = &txq->mbufs[first];

	if (txq->nb_contexts == 0 && (txq->fast_free || tx_is_plain(mbufs, nb)))
		rte_mempool_put_bulk(mbufs[0]->pool, (void **)mbufs, nb);
	else
		tx_free_each(txq, mbufs, nb);
}

uint16_t
i82576_tx_clean(struct i82576_txq *txq)
{
	uint16_t first = txq->clean;
	uint16_t last, nb;

	if (txq->report_head == txq->report_tail)
		return 0;
	last = txq->reports[txq->report_head & txq->report_mask];
	if (!i82576_tx_is_done(&txq->ring[last]))
		return 0;
	txq->report_head++;

	if (last < first) {
		nb = txq->nb_desc - first;
		i82576_tx_free(txq, first, nb);
		first = 0;
	} else {
		nb = 0;
	}
	i82576_tx_free(txq, first, last - first + 1);
	nb += last - first + 1;
	txq->clean = last + 1 == txq->nb_desc ? 0 : last + 1;
	txq->nb_free += nb;
	return nb;
}

static uint64_t
tx_fill_run(struct i82576_txq *txq, uint16_t id, struct rte_mbuf **pkts, uint16_t nb)
{
	union i82576_tx_desc *desc = &txq->ring[id];
	struct rte_mbuf **mbufs = &txq->mbufs[id];
	uint64_t bytes = 0;
	uint16_t i;

	for (i = 0; i < nb; i++) {
		mbufs[i] = pkts[i];
		bytes += i82576_tx_fill(&desc[i], pkts[i]);
	}
	return bytes;
}

uint16_t
i82576_tx_burst_simple(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	return i82576_tx_burst_plain(queue, pkts, nb, tx_fill_run);
}

static inline uint16_t
tx_next(const struct i82576_txq *txq, uint16_t id)
{
	return likely(id + 1 < txq->nb_desc) ? id + 1 : 0;
}

/* What of a packet with offloads a context holds: flags and VLAN tag, and lengths. */
static inline struct i82576_tx_context
tx_context_of(const struct rte_mbuf *mbuf, uint64_t offloads)
{
	struct i82576_tx_context context;

	context.key[0] = offloads | (mbuf->ol_flags & RTE_MBUF_F_TX_IPV4) | KEY_VALID;
	if (offloads & RTE_MBUF_F_TX_VLAN)
		context.key[0] |= (uint64_t)mbuf->vlan_tci << KEY_VLAN_SHIFT;
	if (offloads & RTE_MBUF_F_TX_TCP_SEG)
		context.key[1] = mbuf->tx_offload & RTE_LEN2MASK(TSO_BITS, uint64_t);
	else if (offloads & ~RTE_MBUF_F_TX_VLAN)
		context.key[1] = mbuf->tx_offload & RTE_LEN2MASK(L2_L3_BITS, uint64_t);
	else
		context.key[1] = RTE_ETHER_HDR_LEN;
	return context;
}

/* Which of the device's contexts is @context, or I82576_TX_CONTEXTS. */
static inline uint8_t
tx_context_find(const struct i82576_txq *txq, const struct i82576_tx_context *context)
{
	uint8_t i;

	for (i = 0; i < I82576_TX_CONTEXTS; i++) {
		if (txq->context[i].key[0] == context->key[0] &&
				txq->context[i].key[1] == context->key[1])
			break;
	}
	return i;
}

/* Sets the device's context that was set longest ago; returns which. 82576 DS 7.2.2.2. */
static uint8_t
tx_context_set(struct i82576_txq *txq, const struct rte_mbuf *mbuf,
		const struct i82576_tx_context *context)
{
	union i82576_tx_desc *desc = &txq->ring[txq->tail];
	uint64_t flags = context->key[0];
	uint8_t which = txq->context_next;
	uint32_t vlan = (uint16_t)(context->key[0] >> KEY_VLAN_SHIFT);
	uint32_t l2_len = context->key[1] & RTE_LEN2MASK(RTE_MBUF_L2_LEN_BITS, uint64_t);
	uint32_t l3_len = context->key[1] >> RTE_MBUF_L2_LEN_BITS &
		RTE_LEN2MASK(RTE_MBUF_L3_LEN_BITS, uint64_t);
	uint32_t type = I82576_TXD_DTYP_CTXT | I82576_TXD_DEXT;
	uint32_t last = which << I82576_TXD_IDX_SHIFT;

	if (flags & (RTE_MBUF_F_TX_IP_CKSUM | RTE_MBUF_F_TX_IPV4))
		type |= I82576_TXC_IPV4;
	if (flags & RTE_MBUF_F_TX_TCP_SEG) {
		type |= I82576_TXC_L4T_TCP;
		last |= (uint32_t)mbuf->tso_segsz << I82576_TXC_MSS_SHIFT |
			mbuf->l4_len << I82576_TXC_L4LEN_SHIFT;
	} else if ((flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_TCP_CKSUM) {
		type |= I82576_TXC_L4T_TCP;
	} else if ((flags & RTE_MBUF_F_TX_L4_MASK) == RTE_MBUF_F_TX_SCTP_CKSUM) {
		type |= I82576_TXC_L4T_SCTP;
	}
	desc->ctx.vlan_macip_lens = rte_cpu_to_le_32(vlan << I82576_TXC_VLAN_SHIFT |
			l2_len << I82576_TXC_MACLEN_SHIFT | l3_len);
	desc->ctx.seqnum_seed = 0;
	desc->ctx.type_tucmd_mlhl = rte_cpu_to_le_32(type);
	desc->ctx.mss_l4len_idx = rte_cpu_to_le_32(last);
	txq->context[which] = *context;
	txq->context_next = (which + 1) % I82576_TX_CONTEXTS;
	txq->mbufs[txq->tail] = NULL;
	txq->nb_contexts++;
	txq->tail = tx_next(txq, txq->tail);
	txq->nb_free--;
	txq->unreported++;
	return which;
}

/* cmd_type_len, and in the upper half olinfo_status, of a packet with @offloads. */
static inline uint64_t
tx_options(const struct rte_mbuf *mbuf, uint64_t offloads, uint8_t context)
{
	uint32_t paylen = mbuf->pkt_len;
	uint32_t cmd = I82576_TXD_DATA;
	uint32_t olinfo = context << I82576_TXD_IDX_SHIFT;

	if (offloads & RTE_MBUF_F_TX_VLAN)
		cmd |= I82576_TXD_VLE;
	if (offloads & RTE_MBUF_F_TX_IP_CKSUM)
		olinfo |= I82576_TXD_IXSM;
	if (offloads & (RTE_MBUF_F_TX_L4_MASK | RTE_MBUF_F_TX_TCP_SEG))
		olinfo |= I82576_TXD_TXSM;
	if (offloads & RTE_MBUF_F_TX_TCP_SEG) {
		cmd |= I82576_TXD_TSE;
		if (mbuf->ol_flags & RTE_MBUF_F_TX_IPV4)
			olinfo |= I82576_TXD_IXSM;
		paylen -= mbuf->l2_len + mbuf->l3_len + mbuf->l4_len;
	}
	olinfo |= paylen << I82576_TXD_PAYLEN_SHIFT;
	return (uint64_t)olinfo << 32 | cmd;
}

/* Sends a packet of @nb buffers, which that many descriptors are free for. */
static void
tx_packet(struct i82576_txq *txq, struct rte_mbuf *mbuf, uint64_t options, uint16_t nb)
{
	uint16_t id = txq->tail;
	uint16_t last = id;

	txq->counts.bytes += mbuf->pkt_len;
	do {
		union i82576_tx_desc *desc = &txq->ring[id];

		txq->mbufs[id] = mbuf;
		desc->half[0] = rte_cpu_to_le_64(rte_mbuf_data_iova(mbuf));
		desc->half[1] = rte_cpu_to_le_64(options | mbuf->data_len);
		last = id;
		id = tx_next(txq, id);
		mbuf = mbuf->next;
	} while (mbuf != NULL);
	txq->ring[last].read.cmd_type_len |= rte_cpu_to_le_32(I82576_TXD_EOP);
	txq->tail = id;
	txq->nb_free -= nb;
	txq->unreported += nb;
	if (txq->unreported >= txq->rs_thresh)
		i82576_tx_report(txq, last);
}

uint16_t
i82576_tx_burst_offload(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	struct i82576_txq *txq = queue;
	uint16_t sent;

	if (txq->nb_free < txq->free_thresh)
		(void)i82576_tx_clean(txq);
	for (sent = 0; sent < nb; sent++) {
		struct rte_mbuf *mbuf = pkts[sent];
		uint64_t offloads = mbuf->ol_flags & TX_OFFLOADS;
		uint16_t nb_segs = mbuf->nb_segs;
		struct i82576_tx_context context;
		uint8_t which = 0;

		if (unlikely(nb_segs > txq->max_segs)) {
			/* The ring never has that much room; only tx_prepare can refuse it. */
			rte_pktmbuf_free(mbuf);
			txq->counts.errors++;
			continue;
		}
		/* With one for a context. */
		while (unlikely(txq->nb_free <= nb_segs)) {
			if (i82576_tx_clean(txq) == 0)
				goto full;
		}
		if (offloads != 0) {
			context = tx_context_of(mbuf, offloads);
			which = tx_context_find(txq, &context);
			if (which == I82576_TX_CONTEXTS)
				which = tx_context_set(txq, mbuf, &context);
		}
		txq->counts.packets++;
		tx_packet(txq, mbuf, tx_options(mbuf, offloads, which), nb_segs);
	}
full:
	i82576_write_tail(txq->tail_reg, txq->tail);
	return sent;
}

/* 0, or the positive errno that keeps @mbuf from being sent. */
static int
tx_prepare_one(const struct i82576_txq *txq, struct rte_mbuf *mbuf)
{
	uint64_t flags = mbuf->ol_flags;

	if (flags & TX_UNSUPPORTED)
		return ENOTSUP;
	if (mbuf->nb_segs > txq->max_segs || mbuf->pkt_len == 0)
		return EINVAL;
	if (flags & RTE_MBUF_F_TX_TCP_SEG) {
		uint32_t header = mbuf->l2_len + mbuf->l3_len + mbuf->l4_len;

		if (mbuf->tso_segsz == 0 || mbuf->tso_segsz > I82576_TSO_MAX_MSS ||
				header > I82576_TSO_MAX_HEADER_BYTES || header >= mbuf->pkt_len)
			return EINVAL;
	} else if (mbuf->pkt_len > I82576_MAX_FRAME_BYTES - RTE_ETHER_CRC_LEN) {
		return EINVAL;
	}
#ifdef RTE_ETHDEV_DEBUG_TX
	if (rte_validate_tx_offload(mbuf) != 0)
		return EINVAL;
#endif
	return -rte_net_intel_cksum_prepare(mbuf);
}

uint16_t
i82576_tx_prepare(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	uint16_t i;

	for (i = 0; i < nb; i++) {
		int err = tx_prepare_one(queue, pkts[i]);

		if (err != 0) {
			rte_errno = err;
			break;
		}
	}
	return i;
}

int
i82576_tx_done_cleanup(void *queue, uint32_t free_count)
{
	struct i82576_txq *txq = queue;
	uint32_t done = 0;

	/* As many as one report covers at a time; 0 asks for all. */
	while (free_count == 0 || done < free_count) {
		uint16_t nb = i82576_tx_clean(txq);

		if (nb == 0)
			break;
		done += nb;
	}
	return done;
}

int
i82576_tx_descriptor_status(void *queue, uint16_t offset)
{
	const struct i82576_txq *txq = queue;
	uint16_t used = txq->nb_desc - 1 - txq->nb_free;
	uint16_t report, behind;

	if (offset >= txq->nb_desc)
		return -EINVAL;
	/* Descriptors from the tail on are those sent longest ago, after the free ones. */
	if (offset < txq->nb_desc - used)
		return RTE_ETH_TX_DESC_DONE;
	behind = offset - (txq->nb_desc - used);
	for (report = txq->report_head; report != txq->report_tail; report++) {
		uint16_t id = txq->reports[report & txq->report_mask];
		uint16_t covers = (id >= txq->clean ? id : id + txq->nb_desc) - txq->clean;

		if (covers >= behind)
			return i82576_tx_is_done(&txq->ring[id]) ?
				RTE_ETH_TX_DESC_DONE : RTE_ETH_TX_DESC_FULL;
	}
	return RTE_ETH_TX_DESC_FULL;
}

#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
int
i82576_tx_queue_count(void *queue)
{
	const struct i82576_txq *txq = queue;

	return txq->nb_desc - 1 - txq->nb_free;
}
#endif
