/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The Rx rings of the 82576 drivers against a device that is played in memory, at random: each
 * burst may be of another path, so that what one leaves must be what the others expect.
 */

#include <stdlib.h>
#include <string.h>

#include <rte_cpuflags.h>
#include <rte_ether.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "../../drivers/net/i82576/i82576_queue.h"
#include "sriov_test.h"
#include "test_i82576.h"

#define ROUNDS		1500
#define POOL_MBUFS	16383
#define EXPECT_MAX	8192
#define BUF_BYTES	2048
#define RX_TYPE_ETYPE	0x8000

static struct rte_mempool *pool;
static uint8_t *bar;
static int nb_ports;

static const uint16_t ring_sizes[] = { 32, 40, 512, 4096 };

static uint32_t
rnd(uint32_t max)
{
	return rte_rand_max(max);
}

static uint32_t
bar_read(uint32_t reg)
{
	return *(volatile uint32_t *)(bar + reg);
}

static int
rx_setup(void)
{
	bar = rte_zmalloc(NULL, I82576_BAR0_BYTES, RTE_CACHE_LINE_SIZE);
	pool = rte_pktmbuf_pool_create("i82576_test", POOL_MBUFS, 256, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	rte_srand(test_i82576_seed());
	return bar == NULL || pool == NULL ? -1 : 0;
}

static void
rx_teardown(void)
{
	rte_mempool_free(pool);
	rte_free(bar);
	pool = NULL;
	bar = NULL;
}

/* A port of one Rx queue, whose registers are plain memory. */
static struct rte_eth_dev *
port_create(uint64_t offloads)
{
	struct rte_eth_dev *dev;
	struct i82576_port *port;
	char name[32];

	snprintf(name, sizeof(name), "i82576_rx_%d", nb_ports++);
	dev = rte_eth_dev_allocate(name);
	if (dev == NULL)
		return NULL;
	memset(bar, 0, I82576_BAR0_BYTES);
	port = rte_zmalloc(NULL, sizeof(*port), RTE_CACHE_LINE_SIZE);
	dev->data->dev_private = port;
	dev->data->rx_queues = rte_zmalloc(NULL, sizeof(void *), 0);
	dev->data->nb_rx_queues = 1;
	dev->data->mtu = RTE_ETHER_MTU;
	dev->data->dev_conf.rxmode.offloads = offloads;
	port->hw.bar = bar;
	port->hw.name = dev->data->name;
	port->max_queues = 1;
	port->data = dev->data;
	/* The link is up: a device that is there. */
	*(uint32_t *)(bar + I82576_STATUS) = I82576_STATUS_LU;
	return dev;
}

struct rx_expect {
	uint32_t seq, len, info, status, rss;
	uint16_t vlan, segs;
};

struct rx_test {
	struct rte_eth_dev *dev;
	struct i82576_rxq *rxq;
	uint16_t nb_desc;
	bool crc;
	bool single; /* chains come, but no packet may be one */
	unsigned int chains; /* one frame of so many has several buffers; 0: none */
	uint32_t head, seq;
	uint64_t packets, bytes, dropped;
	struct rx_expect expect[EXPECT_MAX];
	unsigned int first, last;
};

static eth_rx_burst_t
rx_path(void)
{
#ifdef RTE_ARCH_X86
	switch (rnd(3)) {
	case 0:
		return i82576_rx_burst_sse;
	case 1:
		if (rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2))
			return i82576_rx_burst_avx2;
	}
#endif
	return i82576_rx_burst_scalar;
}

/* RSS type and packet type, of those that the datasheet defines (82576 DS 7.1.5). */
static uint32_t
rx_info(void)
{
	static const uint8_t l3[] = { 0x1, 0x3, 0x4, 0xc, 0x5 };
	static const uint8_t l4[] = { 0x0, 0x1, 0x2, 0x4 };

	if (rnd(20) == 0)
		return RX_TYPE_ETYPE | rnd(8) << 4;
	if (rnd(10) == 0)
		return 0;
	return rnd(10) | l3[rnd(RTE_DIM(l3))] << 4 | l4[rnd(RTE_DIM(l4))] << 8;
}

/* The device receives a frame of @e->segs buffers. */
static int
rx_device_put(struct rx_test *t, const struct rx_expect *e, uint32_t last)
{
	unsigned int i;

	for (i = 0; i < e->segs; i++) {
		union i82576_rx_desc *desc = &((union i82576_rx_desc *)t->rxq->ring)[t->head];
		const bool end = i + 1 == e->segs;

		TEST_ASSERT((desc->wb.status & 1) == 0, "descriptor %u is not the device's",
			t->head);
		*(uint32_t *)(uintptr_t)desc->read.pkt_addr = e->seq * 16 + i;
		desc->wb.info = e->info;
		desc->wb.rss = e->rss;
		desc->wb.vlan = e->vlan;
		desc->wb.length = end ? last : BUF_BYTES;
		desc->wb.status = end ? e->status | 3 : 1;
		t->head = (t->head + 1) % t->nb_desc;
	}
	return 0;
}

static int
rx_device(struct rx_test *t)
{
	unsigned int room, nb = rnd(t->nb_desc);
	struct rx_expect e;
	uint32_t last;

	while (nb > 0) {
		e.segs = t->chains != 0 && rnd(t->chains) == 0 ? 2 + rnd(3) : 1;
		room = (bar_read(I82576_RDT(0)) + t->nb_desc - t->head) % t->nb_desc;
		if (room < e.segs)
			break;
		e.seq = t->seq++;
		e.info = rx_info();
		e.rss = rte_rand();
		e.vlan = rte_rand();
		e.status = rte_rand() & 0x60000078;
		last = e.segs > 1 && rnd(3) == 0 ? 1 + rnd(8) : 60 + rnd(1400);
		e.len = (e.segs - 1) * BUF_BYTES + last - (t->crc ? RTE_ETHER_CRC_LEN : 0);
		if (rx_device_put(t, &e, last) != 0)
			return -1;
		nb -= RTE_MIN(nb, e.segs);
		if (e.segs > 1 && t->single) {
			t->dropped++;
			continue;
		}
		t->expect[t->last] = e;
		t->last = (t->last + 1) % EXPECT_MAX;
		TEST_ASSERT(t->last != t->first, "more frames than the ring has");
	}
	return 0;
}

static uint64_t
rx_flags(const struct rx_expect *e)
{
	uint64_t flags = 0;

	if (e->status & 0x08)
		flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
	if (e->info & 0xf)
		flags |= RTE_MBUF_F_RX_RSS_HASH;
	if (e->status & 0x40)
		flags |= e->status & 0x40000000 ? RTE_MBUF_F_RX_IP_CKSUM_BAD :
			RTE_MBUF_F_RX_IP_CKSUM_GOOD;
	if (e->status & 0x20)
		flags |= e->status & 0x20000000 ? RTE_MBUF_F_RX_L4_CKSUM_BAD :
			RTE_MBUF_F_RX_L4_CKSUM_GOOD;
	return flags;
}

static int
rx_check(struct rx_test *t, struct rte_mbuf *mbuf)
{
	const struct rx_expect *e = &t->expect[t->first];
	const struct rte_mbuf *seg;
	uint32_t type, sum = 0;
	unsigned int nb = 0;

	TEST_ASSERT(t->first != t->last, "a packet that did not come");
	t->first = (t->first + 1) % EXPECT_MAX;
	type = e->info & RX_TYPE_ETYPE ? 0 : i82576_ptype_table[e->info >> 4 & 0x7f];
	TEST_ASSERT_EQUAL(mbuf->pkt_len, e->len, "frame %u: length", e->seq);
	TEST_ASSERT_EQUAL(mbuf->port, t->dev->data->port_id, "frame %u: port", e->seq);
	TEST_ASSERT_EQUAL(mbuf->hash.rss, e->rss, "frame %u: hash", e->seq);
	TEST_ASSERT_EQUAL(mbuf->vlan_tci, e->vlan, "frame %u: VLAN", e->seq);
	TEST_ASSERT_EQUAL(rte_mbuf_refcnt_read(mbuf), 1, "frame %u: references", e->seq);
	TEST_ASSERT_EQUAL(mbuf->ol_flags, rx_flags(e), "frame %u: flags", e->seq);
	TEST_ASSERT_EQUAL(mbuf->packet_type, type, "frame %u: type 0x%x of info 0x%x", e->seq,
		mbuf->packet_type, e->info);
	for (seg = mbuf; seg != NULL; seg = seg->next) {
		TEST_ASSERT_EQUAL(*rte_pktmbuf_mtod(seg, uint32_t *), e->seq * 16 + nb,
			"frame %u: data of segment %u", e->seq, nb);
		sum += seg->data_len;
		nb++;
	}
	TEST_ASSERT(sum == e->len && nb == mbuf->nb_segs && nb <= e->segs, "frame %u: segments",
		e->seq);
	t->packets++;
	t->bytes += mbuf->pkt_len;
	return 0;
}

static int
rx_round(struct rx_test *t)
{
	struct rte_mbuf *pkts[EXPECT_MAX];
	struct i82576_queue_counts counts;
	unsigned int i, nb;

	if (rx_device(t) != 0)
		return -1;
	if (rnd(4) == 0)
		TEST_ASSERT_EQUAL((uint32_t)i82576_rx_queue_count(t->rxq),
			(t->head + t->nb_desc - t->rxq->next % t->nb_desc) % t->nb_desc, "count");
	nb = rx_path()(t->rxq, pkts, 1 + rnd(rnd(2) ? 64 : t->nb_desc));
	for (i = 0; i < nb; i++) {
		if (rx_check(t, pkts[i]) != 0)
			return -1;
		rte_pktmbuf_free(pkts[i]);
	}
	i82576_rx_counts(t->dev, 0, &counts);
	TEST_ASSERT(counts.packets == t->packets && counts.bytes == t->bytes &&
		counts.errors <= t->dropped && counts.nombuf == 0, "counters");
	return 0;
}

static int
rx_run(uint16_t nb_desc, uint16_t free_thresh, bool crc, unsigned int chains, bool single)
{
	const struct rte_eth_rxconf conf = { .rx_free_thresh = free_thresh };
	static struct rx_test t;
	unsigned int i, before = rte_mempool_avail_count(pool);

	memset(&t, 0, sizeof(t));
	t.nb_desc = nb_desc;
	t.crc = crc;
	t.chains = chains;
	t.single = single;
	t.dev = port_create((crc ? RTE_ETH_RX_OFFLOAD_KEEP_CRC : 0) |
		(chains != 0 && !single ? RTE_ETH_RX_OFFLOAD_SCATTER : 0));
	TEST_ASSERT_NOT_NULL(t.dev, "no port");
	TEST_ASSERT_SUCCESS(i82576_rx_queue_setup(t.dev, 0, nb_desc, SOCKET_ID_ANY, &conf, pool),
		"queue of %u not set up", nb_desc);
	i82576_rx_function_set(t.dev);
	TEST_ASSERT_SUCCESS(i82576_queues_start(t.dev), "not started");
	t.rxq = t.dev->data->rx_queues[0];
	for (i = 0; i < ROUNDS; i++)
		TEST_ASSERT_SUCCESS(rx_round(&t), "%u descriptors, round %u", nb_desc, i);
	TEST_ASSERT(t.packets > ROUNDS, "only %"PRIu64" packets", t.packets);
	i82576_queues_stop(t.dev);
	i82576_rx_queue_release(t.dev, 0);
	TEST_ASSERT_EQUAL(rte_mempool_avail_count(pool), before, "mbufs lost");
	return rte_eth_dev_release_port(t.dev);
}

static int
test_rx_paths_mixed_deliver_all(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ring_sizes); i++)
		if (rx_run(ring_sizes[i], 0, false, 0, false) ||
				rx_run(ring_sizes[i], 1, true, 0, false))
			return -1;
	return 0;
}

static int
test_rx_chains_mixed_deliver_all(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ring_sizes); i++)
		if (rx_run(ring_sizes[i], ring_sizes[i] - 1, false, 8, false) ||
				rx_run(ring_sizes[i], 0, true, 3, false))
			return -1;
	return 0;
}

static int
test_rx_chains_not_allowed_dropped(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ring_sizes); i++)
		if (rx_run(ring_sizes[i], 0, false, 5, true))
			return -1;
	return 0;
}

/* With the default thresholds, as many writes of the tail as bursts would cost an emulator dear. */
static int
test_rx_default_thresh_tail_once_in_two_bursts(void)
{
	const struct rte_eth_rxconf conf = { 0 };
	const struct rx_expect e = { .len = 60, .segs = 1 };
	struct rte_mbuf *pkts[I82576_DEFAULT_BURST];
	unsigned int burst, i;
	static struct rx_test t;
	uint32_t before;

	memset(&t, 0, sizeof(t));
	t.nb_desc = 512;
	t.dev = port_create(0);
	TEST_ASSERT_NOT_NULL(t.dev, "no port");
	TEST_ASSERT_SUCCESS(i82576_rx_queue_setup(t.dev, 0, t.nb_desc, SOCKET_ID_ANY, &conf, pool),
		"queue not set up");
	i82576_rx_function_set(t.dev);
	TEST_ASSERT_SUCCESS(i82576_queues_start(t.dev), "not started");
	t.rxq = t.dev->data->rx_queues[0];
	for (burst = 0; burst < 64; burst++) {
		before = bar_read(I82576_RDT(0));
		for (i = 0; i < RTE_DIM(pkts); i++)
			TEST_ASSERT_SUCCESS(rx_device_put(&t, &e, e.len), "burst %u", burst);
		TEST_ASSERT_EQUAL(rx_path()(t.rxq, pkts, RTE_DIM(pkts)), RTE_DIM(pkts),
			"burst %u: packets", burst);
		rte_pktmbuf_free_bulk(pkts, RTE_DIM(pkts));
		TEST_ASSERT_EQUAL((bar_read(I82576_RDT(0)) + t.nb_desc - before) % t.nb_desc,
			(burst % 2) * 2 * RTE_DIM(pkts), "burst %u: tail", burst);
	}
	i82576_queues_stop(t.dev);
	i82576_rx_queue_release(t.dev, 0);
	return rte_eth_dev_release_port(t.dev);
}

static struct unit_test_suite i82576_rx_suite = {
	.suite_name = "82576: Rx rings",
	.unit_test_cases = {
		TEST_CASE_ST(rx_setup, rx_teardown, test_rx_paths_mixed_deliver_all),
		TEST_CASE_ST(rx_setup, rx_teardown, test_rx_chains_mixed_deliver_all),
		TEST_CASE_ST(rx_setup, rx_teardown, test_rx_chains_not_allowed_dropped),
		TEST_CASE_ST(rx_setup, rx_teardown,
			test_rx_default_thresh_tail_once_in_two_bursts),
		TEST_CASES_END()
	},
};

static int
test_i82576_rx(void)
{
	return unit_test_suite_runner(&i82576_rx_suite);
}

REGISTER_FAST_TEST(i82576_rx_autotest, true, true, test_i82576_rx);
