/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What the vector paths for Rx of x86 have in common: the meaning of descriptors, 4 at a time. */

#ifndef I82576_RX_VEC_H
#define I82576_RX_VEC_H

#include <stddef.h>

#include <rte_vect.h>

#include "i82576_rx.h"

/* Packets at a time. */
#define I82576_RX_VEC_GROUP 4

/* What rearm_data and ol_flags, and what packet_type up to hash.rss are written with at once. */
static_assert(offsetof(struct rte_mbuf, ol_flags) == offsetof(struct rte_mbuf, rearm_data) + 8,
		"ol_flags does not follow rearm_data");
static_assert(offsetof(struct rte_mbuf, rearm_data) % 16 == 0, "rearm_data is not aligned");
static_assert(offsetof(struct rte_mbuf, packet_type) % 16 == 0, "packet_type is not aligned");
static_assert(offsetof(struct rte_mbuf, pkt_len) == offsetof(struct rte_mbuf, packet_type) + 4 &&
		offsetof(struct rte_mbuf, data_len) == offsetof(struct rte_mbuf, packet_type) + 8 &&
		offsetof(struct rte_mbuf, vlan_tci) ==
		offsetof(struct rte_mbuf, packet_type) + 10 &&
		offsetof(struct rte_mbuf, hash) == offsetof(struct rte_mbuf, packet_type) + 12,
		"the fields of a received packet are not where they were");

struct i82576_rx_vec {
	/* From a descriptor to packet_type (none), pkt_len, data_len, vlan_tci, hash.rss. */
	__m128i shuffle;
	/* Of both lengths. */
	__m128i crc;
	/* By checksum results as in i82576_cksum_flags, halved to fit a byte: no flag is bit 0. */
	__m128i cksum;
	/* By RSS type. */
	__m128i hashed;
	__m128i etqf;
};

static __rte_always_inline struct i82576_rx_vec
i82576_rx_vec_init(const struct i82576_rxq *rxq)
{
	const struct i82576_rx_vec vec = {
		.shuffle = _mm_setr_epi8(-1, -1, -1, -1, 12, 13, -1, -1,
				12, 13, 14, 15, 4, 5, 6, 7),
		.crc = _mm_setr_epi16(0, 0, rxq->crc_len, 0, rxq->crc_len, 0, 0, 0),
#define HALF(flags) ((char)((flags) >> 1))
		.cksum = _mm_setr_epi8(0,
				HALF(RTE_MBUF_F_RX_L4_CKSUM_GOOD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_GOOD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_GOOD),
				0,
				HALF(RTE_MBUF_F_RX_L4_CKSUM_BAD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_GOOD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_GOOD | RTE_MBUF_F_RX_L4_CKSUM_BAD),
				0,
				HALF(RTE_MBUF_F_RX_L4_CKSUM_GOOD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_BAD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_GOOD),
				0,
				HALF(RTE_MBUF_F_RX_L4_CKSUM_BAD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_BAD),
				HALF(RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD)),
#undef HALF
#define HASH RTE_MBUF_F_RX_RSS_HASH
		.hashed = _mm_setr_epi8(0, HASH, HASH, HASH, HASH, HASH, HASH, HASH,
				HASH, HASH, HASH, HASH, HASH, HASH, HASH, HASH),
#undef HASH
		.etqf = _mm_set1_epi32(I82576_RXD_PKT_TYPE_ETQF),
	};

	return vec;
}

/*
 * Whether the next 4 descriptors are all done, and each a whole packet. All are asked, and before
 * any other part of them is read: that the device writes them in order, or 16 bytes at once, is
 * not taken for granted. An acquire fence must follow.
 */
static __rte_always_inline bool
i82576_rx_vec_ready(const union i82576_rx_desc *desc)
{
	const uint32_t whole = I82576_RXD_DD | I82576_RXD_EOP;

	return (__atomic_load_n(&desc[0].wb.status, __ATOMIC_RELAXED) &
		__atomic_load_n(&desc[1].wb.status, __ATOMIC_RELAXED) &
		__atomic_load_n(&desc[2].wb.status, __ATOMIC_RELAXED) &
		__atomic_load_n(&desc[3].wb.status, __ATOMIC_RELAXED) & whole) == whole;
}

/* The ol_flags of 4 packets, which have no flag beyond 32 bits; see i82576_rx_flags(). */
static __rte_always_inline __m128i
i82576_rx_vec_flags(const struct i82576_rx_vec *vec, __m128i info, __m128i status)
{
	const __m128i checked = _mm_and_si128(_mm_srli_epi32(status, 5), _mm_set1_epi32(0x3));
	const __m128i errors = _mm_and_si128(_mm_srli_epi32(status, 27), _mm_set1_epi32(0xc));
	const __m128i vp = _mm_and_si128(status, _mm_set1_epi32(I82576_RXD_VP));
	const __m128i type = _mm_and_si128(info, _mm_set1_epi32(I82576_RXD_RSS_TYPE_MASK));
	__m128i flags;

	RTE_BUILD_BUG_ON(I82576_RXD_VP >> 3 != RTE_MBUF_F_RX_VLAN ||
			I82576_RXD_VP << 3 != RTE_MBUF_F_RX_VLAN_STRIPPED);
	flags = _mm_shuffle_epi8(vec->cksum, _mm_or_si128(checked, errors));
	flags = _mm_slli_epi32(flags, 1);
	flags = _mm_or_si128(flags, _mm_srli_epi32(vp, 3));
	flags = _mm_or_si128(flags, _mm_slli_epi32(vp, 3));
	return _mm_or_si128(flags, _mm_shuffle_epi8(vec->hashed, type));
}

/* The packet types of 4 packets, which no EtherType filter took, for i82576_ptype_table. */
static __rte_always_inline __m128i
i82576_rx_vec_types(__m128i info)
{
	return _mm_and_si128(_mm_srli_epi32(info, I82576_RXD_PKT_TYPE_SHIFT),
			_mm_set1_epi32(I82576_RXD_PKT_TYPE_MASK));
}

/* One after the other, so that the processor has the line but once. */
static __rte_always_inline void
i82576_rx_vec_store(struct rte_mbuf *mbuf, __m128i rearm, __m128i fields)
{
	_mm_store_si128((__m128i *)i82576_rearm_data(mbuf), rearm);
	_mm_store_si128((__m128i *)(uintptr_t)&mbuf->packet_type, fields);
}

/* packet_type, which the shuffled descriptor has none of. */
#define I82576_RX_VEC_TYPE(fields, types, lane) \
	_mm_insert_epi32(fields, i82576_ptype_table[(uint32_t)_mm_extract_epi32(types, lane)], 0)

/*
 * Receives the 4 whole packets from @id on. Adds their lengths to the second dword of @sum.
 */
static __rte_always_inline void
i82576_rx_vec_group(const struct i82576_rxq *rxq, uint16_t id, struct rte_mbuf **pkts,
		const struct i82576_rx_vec *vec, __m128i info, __m128i status,
		const __m128i *desc, __m128i *sum)
{
	const __m128i rearm = _mm_cvtsi64_si128(rxq->rearm_data);
	const __m128i flags = i82576_rx_vec_flags(vec, info, status);
	const __m128i types = i82576_rx_vec_types(info);
	struct rte_mbuf **mbufs = &rxq->mbufs[id];
	struct rte_mbuf *mbuf[I82576_RX_VEC_GROUP];
	__m128i fields[I82576_RX_VEC_GROUP];
	unsigned int i;

	for (i = 0; i < I82576_RX_VEC_GROUP; i++) {
		mbuf[i] = mbufs[i];
		fields[i] = _mm_sub_epi16(_mm_shuffle_epi8(desc[i], vec->shuffle), vec->crc);
	}
	_mm_storeu_si128((__m128i *)&pkts[0], _mm_loadu_si128((const __m128i *)&mbufs[0]));
	_mm_storeu_si128((__m128i *)&pkts[2], _mm_loadu_si128((const __m128i *)&mbufs[2]));
	fields[0] = I82576_RX_VEC_TYPE(fields[0], types, 0);
	fields[1] = I82576_RX_VEC_TYPE(fields[1], types, 1);
	fields[2] = I82576_RX_VEC_TYPE(fields[2], types, 2);
	fields[3] = I82576_RX_VEC_TYPE(fields[3], types, 3);
	/* The flags' dword beside rearm_data's two. */
	i82576_rx_vec_store(mbuf[0], _mm_blend_epi16(rearm, _mm_slli_si128(flags, 8), 0x30),
			fields[0]);
	i82576_rx_vec_store(mbuf[1], _mm_blend_epi16(rearm, _mm_slli_si128(flags, 4), 0x30),
			fields[1]);
	i82576_rx_vec_store(mbuf[2], _mm_blend_epi16(rearm, flags, 0x30), fields[2]);
	i82576_rx_vec_store(mbuf[3], _mm_blend_epi16(rearm, _mm_srli_si128(flags, 4), 0x30),
			fields[3]);
	for (i = 0; i < I82576_RX_VEC_GROUP; i++)
		*sum = _mm_add_epi32(*sum, fields[i]);
}

/* Receives up to @nb packets that do not leave the ring's end. */
static __rte_always_inline uint16_t
i82576_rx_vec_run(struct i82576_rxq *rxq, struct rte_mbuf **pkts, uint16_t nb,
		const struct i82576_rx_vec *vec, uint64_t *bytes)
{
	uint16_t end = RTE_MIN(nb, (uint16_t)(rxq->nb_desc - rxq->next));
	__m128i sum = _mm_setzero_si128();
	uint16_t got = 0;

	if (unlikely(rxq->chain_first != NULL))
		return i82576_rx_each(rxq, pkts, nb, bytes);
	while (got + I82576_RX_VEC_GROUP <= end) {
		const union i82576_rx_desc *ring = &rxq->ring[rxq->next + got];
		__m128i desc[I82576_RX_VEC_GROUP], info, status, low, high;
		unsigned int i;

		if (!i82576_rx_vec_ready(ring))
			break;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		for (i = 0; i < I82576_RX_VEC_GROUP; i++)
			desc[i] = _mm_load_si128((const __m128i *)&ring[i]);
		low = _mm_unpacklo_epi32(desc[0], desc[1]);
		high = _mm_unpacklo_epi32(desc[2], desc[3]);
		info = _mm_unpacklo_epi64(low, high);
		low = _mm_unpackhi_epi32(desc[0], desc[1]);
		high = _mm_unpackhi_epi32(desc[2], desc[3]);
		status = _mm_unpacklo_epi64(low, high);
		if (unlikely(!_mm_testz_si128(info, vec->etqf)))
			break;
		i82576_rx_vec_group(rxq, rxq->next + got, pkts + got, vec, info, status, desc,
				&sum);
		got += I82576_RX_VEC_GROUP;
	}
	rxq->next += got;
	rxq->rearm_nb += got;
	*bytes += (uint32_t)_mm_extract_epi32(sum, 1);
	if (got < nb)
		got += i82576_rx_each(rxq, pkts + got, nb - got, bytes);
	return got;
}

#endif /* I82576_RX_VEC_H */
