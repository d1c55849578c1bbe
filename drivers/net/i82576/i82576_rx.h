/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Receiving a descriptor at a time, for the scalar path and for the vector paths' odd ones. */

#ifndef I82576_RX_H
#define I82576_RX_H

#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include "i82576_queue.h"

/* The flags of what the checksum engines said: by IPE, L4E, IPCS and L4I, bits 3 to 0. */
extern const uint16_t i82576_cksum_flags[16];

/*
 * Each kind of flag without a branch: which packets come is not to be foretold. A VLAN tag that
 * VP announces was taken from the packet.
 */
static inline uint64_t
i82576_rx_flags(uint32_t info, uint32_t status)
{
	uint64_t vp = (status & I82576_RXD_VP) / I82576_RXD_VP;
	uint64_t hashed = (info & I82576_RXD_RSS_TYPE_MASK) != 0;

	return i82576_cksum_flags[(status >> 27 & 0xc) | (status >> 5 & 0x3)] |
		vp * (RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED) |
		hashed * RTE_MBUF_F_RX_RSS_HASH;
}

static inline uint32_t
i82576_rx_ptype(uint32_t info)
{
	uint32_t type = info >> I82576_RXD_PKT_TYPE_SHIFT & I82576_RXD_PKT_TYPE_MASK;
	/* All ones, and 0 for a packet that an EtherType filter took. */
	uint32_t parsed = ((info & I82576_RXD_PKT_TYPE_ETQF) / I82576_RXD_PKT_TYPE_ETQF) - 1;

	return i82576_ptype_table[type] & parsed;
}

/* What the last descriptor of a packet says, of which @upper is wb.status, length and vlan. */
static inline void
i82576_rx_fill(struct rte_mbuf *mbuf, const union i82576_rx_desc *desc, uint64_t upper)
{
	uint32_t info = rte_le_to_cpu_32(desc->wb.info);

	mbuf->ol_flags = i82576_rx_flags(info, (uint32_t)upper);
	mbuf->packet_type = i82576_rx_ptype(info);
	mbuf->vlan_tci = upper >> 48;
	mbuf->hash.rss = rte_le_to_cpu_32(desc->wb.rss);
}

/*
 * Takes descriptor @id, with DD, of a packet of several buffers, or of one that should have had
 * one. Returns the packet if this was its last buffer and it may be handed out, else NULL.
 */
struct rte_mbuf *i82576_rx_chain(struct i82576_rxq *rxq, uint16_t id, uint64_t upper);

/*
 * Receives up to @nb packets, none of which leaves the ring's end: a descriptor at a time. Stops
 * at the first that is not done. @bytes grows by their lengths. Returns how many packets.
 */
static inline uint16_t
i82576_rx_each(struct i82576_rxq *rxq, struct rte_mbuf **pkts, uint16_t nb, uint64_t *bytes)
{
	const uint64_t whole = I82576_RXD_DD | I82576_RXD_EOP;
	uint16_t id = rxq->next;
	uint16_t got = 0;

	while (got < nb && id < rxq->nb_desc) {
		const union i82576_rx_desc *desc = &rxq->ring[id];
		uint64_t upper = i82576_rx_upper_half(desc);
		struct rte_mbuf *mbuf;
		uint16_t len;

		if (!(upper & I82576_RXD_DD))
			break;
		if (unlikely((upper & whole) != whole || rxq->chain_first != NULL)) {
			mbuf = i82576_rx_chain(rxq, id++, upper);
			if (mbuf == NULL)
				continue;
			*bytes += mbuf->pkt_len;
			pkts[got++] = mbuf;
			continue;
		}
		mbuf = rxq->mbufs[id++];
		rte_prefetch0(rxq->mbufs[id]);
		len = (uint16_t)(upper >> 32) - rxq->crc_len;
		*i82576_rearm_data(mbuf) = rxq->rearm_data;
		mbuf->pkt_len = len;
		mbuf->data_len = len;
		i82576_rx_fill(mbuf, desc, upper);
		*bytes += len;
		pkts[got++] = mbuf;
	}
	rxq->rearm_nb += id - rxq->next;
	rxq->next = id;
	return got;
}

/* Ends a burst: goes on at the ring's start, counts, and returns buffers to the device in bulk. */
static inline void
i82576_rx_end_burst(struct i82576_rxq *rxq, uint16_t got, uint64_t bytes)
{
	rxq->counts.packets += got;
	rxq->counts.bytes += bytes;
	if (rxq->rearm_nb >= rxq->free_thresh)
		(void)i82576_rx_rearm(rxq, rxq->rearm_nb);
}

#endif /* I82576_RX_H */
