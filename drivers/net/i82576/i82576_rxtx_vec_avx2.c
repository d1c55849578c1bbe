/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Eight received and four sent packets at a time, on processors with AVX2. Two descriptors share a
 * register: the first of a pair has its lower half.
 */

#include <rte_vect.h>

#include "i82576_rx_vec.h"
#include "i82576_tx.h"

#define RX_GROUP 8
#define TX_GROUP 4

#define BROADCAST(m128i) _mm256_broadcastsi128_si256(m128i)

/* What Rx needs of struct i82576_rx_vec, twice, and the packet types by their halves. */
struct rx_wide {
	__m256i shuffle;
	__m256i crc;
	__m256i cksum;
	__m256i hashed;
	__m256i l3;
	__m256i l4;
	__m256i rearm;
};

static __rte_always_inline struct rx_wide
rx_wide_init(const struct i82576_rxq *rxq, const struct i82576_rx_vec *vec)
{
#define L3(type) ((char)(RTE_PTYPE_L2_ETHER | (type)))
#define L4(type) ((char)((type) >> 8))
	const __m128i l3 = _mm_setr_epi8(L3(0), L3(RTE_PTYPE_L3_IPV4), L3(0),
			L3(RTE_PTYPE_L3_IPV4_EXT), L3(RTE_PTYPE_L3_IPV6), L3(0), L3(0), L3(0),
			L3(0), L3(0), L3(0), L3(0), L3(RTE_PTYPE_L3_IPV6_EXT), L3(0), L3(0),
			L3(0));
	const __m128i l4 = _mm_setr_epi8(0, L4(RTE_PTYPE_L4_TCP), L4(RTE_PTYPE_L4_UDP), 0,
			L4(RTE_PTYPE_L4_SCTP), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
#undef L3
#undef L4
	const struct rx_wide wide = {
		.shuffle = BROADCAST(vec->shuffle),
		.crc = BROADCAST(vec->crc),
		.cksum = BROADCAST(vec->cksum),
		.hashed = BROADCAST(vec->hashed),
		.l3 = BROADCAST(l3),
		.l4 = BROADCAST(l4),
		.rearm = BROADCAST(_mm_cvtsi64_si128(rxq->rearm_data)),
	};

	return wide;
}

/* As i82576_rx_vec_flags(). */
static __rte_always_inline __m256i
rx_flags(const struct rx_wide *wide, __m256i info, __m256i status)
{
	const __m256i checked = _mm256_and_si256(_mm256_srli_epi32(status, 5),
			_mm256_set1_epi32(0x3));
	const __m256i errors = _mm256_and_si256(_mm256_srli_epi32(status, 27),
			_mm256_set1_epi32(0xc));
	const __m256i vp = _mm256_and_si256(status, _mm256_set1_epi32(I82576_RXD_VP));
	const __m256i type = _mm256_and_si256(info, _mm256_set1_epi32(I82576_RXD_RSS_TYPE_MASK));
	__m256i flags;

	flags = _mm256_shuffle_epi8(wide->cksum, _mm256_or_si256(checked, errors));
	flags = _mm256_slli_epi32(flags, 1);
	flags = _mm256_or_si256(flags, _mm256_srli_epi32(vp, 3));
	flags = _mm256_or_si256(flags, _mm256_slli_epi32(vp, 3));
	return _mm256_or_si256(flags, _mm256_shuffle_epi8(wide->hashed, type));
}

/*
 * packet_type without a table in memory, of packets that are neither tunnelled nor an EtherType
 * filter's: the types of layer 3 are in the lowest byte, those of layer 4 in the next.
 */
static __rte_always_inline __m256i
rx_types(const struct rx_wide *wide, __m256i info)
{
	const __m256i l3 = _mm256_and_si256(_mm256_srli_epi32(info, 4), _mm256_set1_epi32(0xf));
	const __m256i l4 = _mm256_and_si256(info, _mm256_set1_epi32(0x700));

	/* An index with its highest bit set gives 0. */
	return _mm256_or_si256(
		_mm256_shuffle_epi8(wide->l3, _mm256_or_si256(l3,
				_mm256_set1_epi32((int)0x80808000))),
		_mm256_shuffle_epi8(wide->l4, _mm256_or_si256(l4,
				_mm256_set1_epi32((int)0x80800080))));
}

/* Whether rx_types() cannot tell the types. */
static __rte_always_inline bool
rx_is_odd(const struct i82576_rx_vec *vec, __m256i info)
{
	const __m256i tunnel = _mm256_set1_epi32(I82576_RXD_PKT_IPV4 << I82576_RXD_PKT_TYPE_SHIFT);

	return !_mm256_testz_si256(info, BROADCAST(vec->etqf)) ||
		!_mm256_testz_si256(_mm256_and_si256(info, _mm256_srli_epi32(info, 2)), tunnel);
}

static __rte_always_inline void
rx_store_pair(struct rte_mbuf **mbufs, __m256i fields, __m256i rearm)
{
	struct rte_mbuf *first = mbufs[0];
	struct rte_mbuf *second = mbufs[1];

	i82576_rx_vec_store(first, _mm256_castsi256_si128(rearm),
			_mm256_castsi256_si128(fields));
	i82576_rx_vec_store(second, _mm256_extracti128_si256(rearm, 1),
			_mm256_extracti128_si256(fields, 1));
}

/* rearm_data, and beside it the third dword of each half of @shifted. */
#define REARM(wide, shifted) _mm256_blend_epi32((wide)->rearm, shifted, 0x44)

/*
 * Receives 8 whole packets from @id on, of which @desc has a pair each; in each half of @info and
 * @status are those of a pair's first, or second, descriptors. Sums as i82576_rx_vec_group().
 */
static __rte_always_inline void
rx_group(const struct i82576_rxq *rxq, uint16_t id, struct rte_mbuf **pkts,
		const struct rx_wide *wide, __m256i info, __m256i status, const __m256i *desc,
		__m256i *sum)
{
	const __m256i flags = rx_flags(wide, info, status);
	const __m256i types = rx_types(wide, info);
	struct rte_mbuf **mbufs = &rxq->mbufs[id];
	__m256i fields[RX_GROUP / 2];
	unsigned int i;

	_mm256_storeu_si256((__m256i *)&pkts[0], _mm256_loadu_si256((const __m256i *)&mbufs[0]));
	_mm256_storeu_si256((__m256i *)&pkts[4], _mm256_loadu_si256((const __m256i *)&mbufs[4]));
	for (i = 0; i < RX_GROUP / 2; i++) {
		fields[i] = _mm256_sub_epi16(_mm256_shuffle_epi8(desc[i], wide->shuffle),
				wide->crc);
		*sum = _mm256_add_epi32(*sum, fields[i]);
	}
	/* packet_type is the first dword. */
	fields[0] = _mm256_blend_epi32(fields[0], types, 0x11);
	fields[1] = _mm256_blend_epi32(fields[1], _mm256_srli_si256(types, 4), 0x11);
	fields[2] = _mm256_blend_epi32(fields[2], _mm256_srli_si256(types, 8), 0x11);
	fields[3] = _mm256_blend_epi32(fields[3], _mm256_srli_si256(types, 12), 0x11);
	rx_store_pair(&mbufs[0], fields[0], REARM(wide, _mm256_slli_si256(flags, 8)));
	rx_store_pair(&mbufs[2], fields[1], REARM(wide, _mm256_slli_si256(flags, 4)));
	rx_store_pair(&mbufs[4], fields[2], REARM(wide, flags));
	rx_store_pair(&mbufs[6], fields[3], REARM(wide, _mm256_srli_si256(flags, 4)));
}

/* Receives up to @nb packets that do not leave the ring's end. */
static __rte_always_inline uint16_t
rx_run(struct i82576_rxq *rxq, struct rte_mbuf **pkts, uint16_t nb,
		const struct i82576_rx_vec *vec, const struct rx_wide *wide, uint64_t *bytes)
{
	uint16_t end = RTE_MIN(nb, (uint16_t)(rxq->nb_desc - rxq->next));
	__m256i sum = _mm256_setzero_si256();
	uint16_t got = 0;

	while (got + RX_GROUP <= end && likely(rxq->chain_first == NULL)) {
		const union i82576_rx_desc *ring = &rxq->ring[rxq->next + got];
		__m256i desc[RX_GROUP / 2], info, status;
		unsigned int i;

		if (!i82576_rx_vec_ready(ring) || !i82576_rx_vec_ready(ring + RX_GROUP / 2))
			break;
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		for (i = 0; i < RX_GROUP / 2; i++)
			desc[i] = _mm256_loadu_si256((const __m256i *)&ring[2 * i]);
		info = _mm256_unpacklo_epi64(_mm256_unpacklo_epi32(desc[0], desc[1]),
				_mm256_unpacklo_epi32(desc[2], desc[3]));
		status = _mm256_unpacklo_epi64(_mm256_unpackhi_epi32(desc[0], desc[1]),
				_mm256_unpackhi_epi32(desc[2], desc[3]));
		if (unlikely(rx_is_odd(vec, info)))
			break;
		rx_group(rxq, rxq->next + got, pkts + got, wide, info, status, desc, &sum);
		got += RX_GROUP;
	}
	rxq->next += got;
	rxq->rearm_nb += got;
	*bytes += (uint32_t)_mm256_extract_epi32(sum, 1) +
		(uint32_t)_mm256_extract_epi32(sum, 5);
	if (got < nb)
		got += i82576_rx_vec_run(rxq, pkts + got, nb - got, vec, bytes);
	return got;
}

uint16_t
i82576_rx_burst_avx2(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	struct i82576_rxq *rxq = queue;
	const struct i82576_rx_vec vec = i82576_rx_vec_init(rxq);
	const struct rx_wide wide = rx_wide_init(rxq, &vec);
	uint64_t bytes = 0;
	uint16_t got;

	got = rx_run(rxq, pkts, nb, &vec, &wide, &bytes);
	if (rxq->next == rxq->nb_desc) {
		rxq->next = 0;
		if (got < nb)
			got += rx_run(rxq, pkts + got, nb - got, &vec, &wide, &bytes);
	}
	i82576_rx_end_burst(rxq, got, bytes);
	return got;
}

/* Two parts of mbufs, each of 16 bytes. */
static __rte_always_inline __m256i
tx_load_pair(const void *first, const void *second)
{
	return _mm256_inserti128_si256(
			_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)first)),
			_mm_loadu_si128((const __m128i *)second), 1);
}

/* Fills 2 descriptors; sums their lengths in the third dword of each half. */
static __rte_always_inline void
tx_fill_pair(union i82576_tx_desc *desc, struct rte_mbuf *const *pkts, __m256i *sum)
{
	/* DTALEN is data_len; PAYLEN is the same, for these have one buffer. */
	const __m256i shuffle = BROADCAST(_mm_setr_epi8(-1, -1, -1, -1, -1, -1, -1, -1,
			8, 9, -1, -1, 8, 9, -1, -1));
	const __m256i shift = BROADCAST(_mm_setr_epi32(0, 0, 0, I82576_TXD_PAYLEN_SHIFT));
	const __m256i options = BROADCAST(_mm_setr_epi32(0, 0, I82576_TXD_SINGLE, 0));
	const __m256i offset = _mm256_set1_epi64x(UINT16_MAX);
	const __m256i addr = tx_load_pair(&pkts[0]->buf_iova, &pkts[1]->buf_iova);
	const __m256i lengths = _mm256_shuffle_epi8(tx_load_pair(&pkts[0]->packet_type,
				&pkts[1]->packet_type), shuffle);
	const __m256i upper = _mm256_or_si256(_mm256_sllv_epi32(lengths, shift), options);
	const __m256i lower = _mm256_add_epi64(addr,
			_mm256_and_si256(_mm256_srli_si256(addr, 8), offset));

	*sum = _mm256_add_epi32(*sum, lengths);
	_mm256_storeu_si256((__m256i *)desc, _mm256_blend_epi32(lower, upper, 0xcc));
}

static __rte_always_inline uint64_t
tx_fill_run(struct i82576_txq *txq, uint16_t id, struct rte_mbuf **pkts, uint16_t nb)
{
	union i82576_tx_desc *desc = &txq->ring[id];
	struct rte_mbuf **mbufs = &txq->mbufs[id];
	__m256i sum = _mm256_setzero_si256();
	uint64_t bytes;
	uint16_t i = 0;

	/* data_off is the first of rearm_data, which follows the address. */
	RTE_BUILD_BUG_ON(offsetof(struct rte_mbuf, rearm_data) !=
			offsetof(struct rte_mbuf, buf_iova) + 8);
	for (; i + TX_GROUP <= nb; i += TX_GROUP) {
		_mm256_storeu_si256((__m256i *)&mbufs[i],
				_mm256_loadu_si256((const __m256i *)&pkts[i]));
		tx_fill_pair(&desc[i], &pkts[i], &sum);
		tx_fill_pair(&desc[i + 2], &pkts[i + 2], &sum);
	}
	bytes = (uint32_t)_mm256_extract_epi32(sum, 2) + (uint32_t)_mm256_extract_epi32(sum, 6);
	for (; i < nb; i++) {
		mbufs[i] = pkts[i];
		bytes += i82576_tx_fill(&desc[i], pkts[i]);
	}
	return bytes;
}

uint16_t
i82576_tx_burst_avx2(void *queue, struct rte_mbuf **pkts, uint16_t nb)
{
	return i82576_tx_burst_plain(queue, pkts, nb, tx_fill_run);
}
