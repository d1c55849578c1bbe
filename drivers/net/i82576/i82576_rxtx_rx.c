/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>

#include <rte_mempool.h>

#include "i82576_rx.h"

#define IP_BAD		RTE_MBUF_F_RX_IP_CKSUM_BAD
#define IP_GOOD		RTE_MBUF_F_RX_IP_CKSUM_GOOD
#define L4_BAD		RTE_MBUF_F_RX_L4_CKSUM_BAD
#define L4_GOOD		RTE_MBUF_F_RX_L4_CKSUM_GOOD

/* Only what was checked (L4I 1, IPCS 2) is good or bad (L4E 4, IPE 8). */
const uint16_t i82576_cksum_flags[16] = {
	[0x1] = L4_GOOD,
	[0x2] = IP_GOOD,
	[0x3] = IP_GOOD | L4_GOOD,
	[0x5] = L4_BAD,
	[0x6] = IP_GOOD,
	[0x7] = IP_GOOD | L4_BAD,
	[0x9] = L4_GOOD,
	[0xa] = IP_BAD,
	[0xb] = IP_BAD | L4_GOOD,
	[0xd] = L4_BAD,
	[0xe] = IP_BAD,
	[0xf] = IP_BAD | L4_BAD,
};

#define PTYPE(hw, sw) \
	[hw] = RTE_PTYPE_L2_ETHER | (sw)
#define PTYPES_L4(hw, sw) \
	PTYPE(hw, sw), \
	PTYPE((hw) | I82576_RXD_PKT_TCP, (sw) | RTE_PTYPE_L4_TCP), \
	PTYPE((hw) | I82576_RXD_PKT_UDP, (sw) | RTE_PTYPE_L4_UDP), \
	PTYPE((hw) | I82576_RXD_PKT_SCTP, (sw) | RTE_PTYPE_L4_SCTP)
#define PTYPES_INNER_L4(hw, sw) \
	PTYPE(hw, sw), \
	PTYPE((hw) | I82576_RXD_PKT_TCP, (sw) | RTE_PTYPE_INNER_L4_TCP), \
	PTYPE((hw) | I82576_RXD_PKT_UDP, (sw) | RTE_PTYPE_INNER_L4_UDP), \
	PTYPE((hw) | I82576_RXD_PKT_SCTP, (sw) | RTE_PTYPE_INNER_L4_SCTP)
#define TUNNEL(outer, inner) (RTE_PTYPE_TUNNEL_IP | (outer) | (inner))

const uint32_t i82576_ptype_table[I82576_RXD_PKT_TYPE_MASK + 1] __rte_cache_aligned = {
	[0] = RTE_PTYPE_L2_ETHER,
	PTYPES_L4(I82576_RXD_PKT_IPV4, RTE_PTYPE_L3_IPV4),
	PTYPES_L4(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_IPV4_EXT, RTE_PTYPE_L3_IPV4_EXT),
	PTYPES_L4(I82576_RXD_PKT_IPV6, RTE_PTYPE_L3_IPV6),
	PTYPES_L4(I82576_RXD_PKT_IPV6 | I82576_RXD_PKT_IPV6_EXT, RTE_PTYPE_L3_IPV6_EXT),
	PTYPES_INNER_L4(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_IPV6,
			TUNNEL(RTE_PTYPE_L3_IPV4, RTE_PTYPE_INNER_L3_IPV6)),
	PTYPES_INNER_L4(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_IPV6 | I82576_RXD_PKT_IPV6_EXT,
			TUNNEL(RTE_PTYPE_L3_IPV4, RTE_PTYPE_INNER_L3_IPV6_EXT)),
	PTYPES_INNER_L4(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_IPV4_EXT | I82576_RXD_PKT_IPV6,
			TUNNEL(RTE_PTYPE_L3_IPV4_EXT, RTE_PTYPE_INNER_L3_IPV6)),
	PTYPES_INNER_L4(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_IPV4_EXT | I82576_RXD_PKT_IPV6 |
			I82576_RXD_PKT_IPV6_EXT,
			TUNNEL(RTE_PTYPE_L3_IPV4_EXT, RTE_PTYPE_INNER_L3_IPV6_EXT)),
};

const uint32_t *
i82576_supported_ptypes_get(I82576_PTYPES_GET_ARGS)
{
	static const uint32_t ptypes[] = {
		RTE_PTYPE_L2_ETHER,
		RTE_PTYPE_L3_IPV4,
		RTE_PTYPE_L3_IPV4_EXT,
		RTE_PTYPE_L3_IPV6,
		RTE_PTYPE_L3_IPV6_EXT,
		RTE_PTYPE_L4_TCP,
		RTE_PTYPE_L4_UDP,
		RTE_PTYPE_L4_SCTP,
		RTE_PTYPE_TUNNEL_IP,
		RTE_PTYPE_INNER_L3_IPV6,
		RTE_PTYPE_INNER_L3_IPV6_EXT,
		RTE_PTYPE_INNER_L4_TCP,
		RTE_PTYPE_INNER_L4_UDP,
		RTE_PTYPE_INNER_L4_SCTP,
		RTE_PTYPE_UNKNOWN,
	};

	RTE_SET_USED(dev);
	I82576_PTYPES_SET_NB(RTE_DIM(ptypes) - 1);
	return ptypes;
}

/* Makes @desc one to be received into, and so one without DD. */
static inline void
rx_give(union i82576_rx_desc *desc, struct rte_mbuf *mbuf)
{
	desc->read.pkt_addr = rte_cpu_to_le_64(rte_mbuf_data_iova_default(mbuf));
	desc->read.hdr_addr = 0;
}

/*
 * As rte_mempool_get_bulk(), which takes objects from its cache one by one; here they are copied
 * in one go. Not where the mempool's statistics would miss it.
 */
static inline int
rx_get_mbufs(struct rte_mempool *mp, struct rte_mbuf **mbufs, uint16_t nb)
{
#if !defined(RTE_LIBRTE_MEMPOOL_STATS) && !defined(RTE_LIBRTE_MEMPOOL_DEBUG)
	struct rte_mempool_cache *cache = rte_mempool_default_cache(mp, rte_lcore_id());

	if (likely(cache != NULL && cache->len >= nb)) {
		cache->len -= nb;
		memcpy(mbufs, &cache->objs[cache->len], nb * sizeof(mbufs[0]));
		return 0;
	}
#endif
	return rte_mempool_get_bulk(mp, (void **)mbufs, nb);
}

/* Refills what lies in one piece. */
static int
rx_rearm_piece(struct i82576_rxq *rxq, uint16_t nb)
{
	struct rte_mbuf **mbufs = &rxq->mbufs[rxq->rearm_start];
	union i82576_rx_desc *desc = &rxq->ring[rxq->rearm_start];
	uint16_t i;

	if (unlikely(rx_get_mbufs(rxq->mp, mbufs, nb) != 0)) {
		rxq->counts.nombuf += nb;
		return -ENOMEM;
	}
	for (i = 0; i + 4 <= nb; i += 4) {
		rx_give(&desc[i], mbufs[i]);
		rx_give(&desc[i + 1], mbufs[i + 1]);
		rx_give(&desc[i + 2], mbufs[i + 2]);
		rx_give(&desc[i + 3], mbufs[i + 3]);
	}
	for (; i < nb; i++)
		rx_give(&desc[i], mbufs[i]);
	rxq->rearm_nb -= nb;
	rxq->rearm_start += nb;
	if (rxq->rearm_start == rxq->nb_desc)
		rxq->rearm_start = 0;
	return 0;
}

int
i82576_rx_rearm(struct i82576_rxq *rxq, uint16_t nb)
{
	uint16_t before = rxq->rearm_nb;
	int ret = 0;

	while (nb > 0 && ret == 0) {
		/* No more at a time than mempool caches are made for. */
		uint16_t piece = RTE_MIN(RTE_MIN(nb, (uint16_t)64),
				(uint16_t)(rxq->nb_desc - rxq->rearm_start));

		ret = rx_rearm_piece(rxq, piece);
		nb -= piece;
	}
	if (rxq->rearm_nb != before)
		i82576_write_tail(rxq->tail_reg,
				(rxq->rearm_start == 0 ? rxq->nb_desc : rxq->rearm_start) - 1);
	return ret;
}

/* With the CRC in its last buffers, of which it may fill the last one alone. */
static void
rx_chain_cut_crc(struct rte_mbuf *first, struct rte_mbuf *before_last, struct rte_mbuf *last,
		uint8_t crc_len)
{
	first->pkt_len -= crc_len;
	if (last->data_len > crc_len || before_last == NULL) {
		last->data_len -= crc_len;
		return;
	}
	before_last->data_len -= crc_len - last->data_len;
	before_last->next = NULL;
	first->nb_segs--;
	rte_pktmbuf_free_seg(last);
}

struct rte_mbuf *
i82576_rx_chain(struct i82576_rxq *rxq, uint16_t id, uint64_t upper)
{
	struct rte_mbuf *mbuf = rxq->mbufs[id];
	struct rte_mbuf *before = rxq->chain_last;
	struct rte_mbuf *first = rxq->chain_first;

	*i82576_rearm_data(mbuf) = rxq->rearm_data;
	mbuf->data_len = (uint16_t)(upper >> 32);
	mbuf->pkt_len = mbuf->data_len;
	if (first == NULL) {
		rxq->chain_first = mbuf;
		first = mbuf;
	} else {
		before->next = mbuf;
		first->nb_segs++;
		first->pkt_len += mbuf->data_len;
	}
	rxq->chain_last = mbuf;
	if (!(upper & I82576_RXD_EOP))
		return NULL;

	rxq->chain_first = NULL;
	rxq->chain_last = NULL;
	/* The application has no use for several buffers, or no frame may have so many. */
	if (rxq->single || first->nb_segs > I82576_RX_MAX_SEGS) {
		rxq->counts.errors++;
		rte_pktmbuf_free(first);
		return NULL;
	}
	if (rxq->crc_len > 0)
		rx_chain_cut_crc(first, before, mbuf, rxq->crc_len);
	i82576_rx_fill(first, &rxq->ring[id], upper);
	return first;
}

uint16_t
i82576_rx_burst_scalar(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	struct i82576_rxq *rxq = queue;
	uint64_t bytes = 0;
	uint16_t got;

	got = i82576_rx_each(rxq, pkts, nb, &bytes);
	if (rxq->next == rxq->nb_desc) {
		rxq->next = 0;
		got += i82576_rx_each(rxq, pkts + got, nb - got, &bytes);
	}
	i82576_rx_end_burst(rxq, got, bytes);
	return got;
}

int
i82576_rx_descriptor_status(void *queue, uint16_t offset)
{
	struct i82576_rxq *rxq = queue;
	uint32_t id = (uint32_t)rxq->next + offset;

	if (offset >= rxq->nb_desc)
		return -EINVAL;
	if (offset >= rxq->nb_desc - rxq->rearm_nb)
		return RTE_ETH_RX_DESC_UNAVAIL;
	if (id >= rxq->nb_desc)
		id -= rxq->nb_desc;
	return i82576_rx_upper_half(&rxq->ring[id]) & I82576_RXD_DD ?
		RTE_ETH_RX_DESC_DONE : RTE_ETH_RX_DESC_AVAIL;
}

#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
int
#else
uint32_t
#endif
i82576_rx_queue_count(void *queue)
{
	struct i82576_rxq *rxq = queue;
	uint16_t end = rxq->nb_desc - rxq->rearm_nb;
	uint16_t low = 0;

	/*
	 * The device fills them in order, so the first that is not done is found by halving: what
	 * is asked for each packet may not take a look at each descriptor.
	 */
	while (low < end) {
		uint16_t middle = (low + end) / 2;

		if (i82576_rx_descriptor_status(rxq, middle) == RTE_ETH_RX_DESC_DONE)
			low = middle + 1;
		else
			end = middle;
	}
	return low;
}
