/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The Tx rings of the 82576 drivers against a device that is played in memory, at random: each
 * burst may be of another path. What the device reads is compared with what was sent.
 */

#include <string.h>

#include <rte_cpuflags.h>
#include <rte_ether.h>
#include <rte_malloc.h>
#include <rte_random.h>

#include "../../drivers/net/i82576/i82576_queue.h"
#include "sriov_test.h"
#include "test_i82576.h"

#define ROUNDS		1500
#define POOL_MBUFS	32767
#define EXPECT_MAX	8192
#define SEGS_MAX	12
#define BURST_MAX	200
#define OFFLOADS_ALL	(RTE_ETH_TX_OFFLOAD_MULTI_SEGS | RTE_ETH_TX_OFFLOAD_VLAN_INSERT | \
		RTE_ETH_TX_OFFLOAD_TCP_TSO | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | \
		RTE_ETH_TX_OFFLOAD_TCP_CKSUM)

struct tx_expect {
	uint64_t addr[SEGS_MAX];
	uint16_t len[SEGS_MAX];
	uint16_t segs, vlan, mss;
	uint8_t l2, l3, l4;
	uint32_t pkt_len;
	uint64_t flags;
};

struct tx_test {
	struct rte_eth_dev *dev;
	struct i82576_txq *txq;
	uint16_t nb_desc;
	uint64_t offloads;
	uint64_t packets, bytes, seen;
	uint32_t head, first_cmd, first_olinfo;
	unsigned int seg, first, last;
	struct { uint32_t vlan_macip, tucmd, mss; bool valid; } context[2];
	struct tx_expect expect[EXPECT_MAX];
};

static struct rte_mempool *pool;
static uint8_t *bar;
static struct tx_test tx;

static uint32_t
rnd(uint32_t max)
{
	return rte_rand_max(max);
}

static int
tx_setup(void)
{
	bar = rte_zmalloc(NULL, I82576_BAR0_BYTES, RTE_CACHE_LINE_SIZE);
	pool = rte_pktmbuf_pool_create("i82576_test", POOL_MBUFS, 256, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	rte_srand(test_i82576_seed());
	return bar == NULL || pool == NULL ? -1 : 0;
}

static void
tx_teardown(void)
{
	rte_mempool_free(pool);
	rte_free(bar);
	pool = NULL;
	bar = NULL;
}

/* A port of one Tx queue, whose registers are plain memory. */
static struct rte_eth_dev *
port_create(uint64_t offloads)
{
	struct rte_eth_dev *dev;
	struct i82576_port *port;
	static int nb_ports;
	char name[32];

	snprintf(name, sizeof(name), "i82576_tx_%d", nb_ports++);
	dev = rte_eth_dev_allocate(name);
	if (dev == NULL)
		return NULL;
	memset(bar, 0, I82576_BAR0_BYTES);
	port = rte_zmalloc(NULL, sizeof(*port), RTE_CACHE_LINE_SIZE);
	dev->data->dev_private = port;
	dev->data->tx_queues = rte_zmalloc(NULL, sizeof(void *), 0);
	dev->data->nb_tx_queues = 1;
	dev->data->mtu = RTE_ETHER_MTU;
	dev->data->dev_conf.txmode.offloads = offloads;
	port->hw.bar = bar;
	port->hw.name = dev->data->name;
	port->max_queues = 1;
	port->data = dev->data;
	*(uint32_t *)(bar + I82576_STATUS) = I82576_STATUS_LU;
	return dev;
}

static eth_tx_burst_t
tx_path(void)
{
	if ((tx.offloads & ~(uint64_t)RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE) != 0 || rnd(4) == 0)
		return i82576_tx_burst_offload;
#ifdef RTE_ARCH_X86
	if (rnd(3) == 0)
		return i82576_tx_burst_sse;
	if (rnd(2) == 0 && rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2))
		return i82576_tx_burst_avx2;
#endif
	return i82576_tx_burst_simple;
}

static void
offloads_ask(struct rte_mbuf *m)
{
	const unsigned int flow = rnd(4);

	m->l2_len = RTE_ETHER_HDR_LEN;
	m->l3_len = flow & 1 ? 40 : 20;
	m->vlan_tci = flow * 3 + 1;
	if (flow < 2)
		m->ol_flags |= RTE_MBUF_F_TX_VLAN;
	if (flow & 1)
		m->ol_flags |= RTE_MBUF_F_TX_IPV6 | RTE_MBUF_F_TX_UDP_CKSUM;
	else
		m->ol_flags |= RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM |
			(rnd(2) ? RTE_MBUF_F_TX_TCP_CKSUM : RTE_MBUF_F_TX_SCTP_CKSUM);
	if (m->pkt_len > 200 && rnd(10) == 0) {
		m->ol_flags &= ~RTE_MBUF_F_TX_L4_MASK;
		m->ol_flags |= RTE_MBUF_F_TX_TCP_SEG;
		m->l4_len = 20;
		m->tso_segsz = 1000;
	}
	if (rnd(10) == 0)
		m->ol_flags = RTE_MBUF_F_TX_VLAN;
}

static struct rte_mbuf *
packet_make(void)
{
	struct rte_mbuf *seg, *tail, *m = rte_pktmbuf_alloc(pool);
	unsigned int i, nb = 1;

	if (m == NULL)
		return NULL;
	if ((tx.offloads & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0 && rnd(3) == 0)
		nb = 1 + rnd(RTE_MIN(tx.txq->max_segs, SEGS_MAX));
	m->data_len = m->pkt_len = 60 + rnd(1000);
	m->data_off += rnd(16);
	for (tail = m, i = 1; i < nb; i++, tail = seg) {
		seg = rte_pktmbuf_alloc(pool);
		if (seg == NULL)
			break;
		seg->data_len = 1 + rnd(500);
		tail->next = seg;
		m->nb_segs++;
		m->pkt_len += seg->data_len;
	}
	if ((tx.offloads & RTE_ETH_TX_OFFLOAD_TCP_TSO) != 0 && rnd(4) != 0)
		offloads_ask(m);
	return m;
}

static int
tx_send(void)
{
	unsigned int i, sent, nb = 1 + rnd(rnd(2) ? 32 : BURST_MAX);
	struct rte_mbuf *pkts[BURST_MAX + 1], *seg;
	struct tx_expect copies[BURST_MAX + 1];

	for (i = 0; i < nb; i++) {
		struct tx_expect *e = &copies[i];

		pkts[i] = packet_make();
		if (pkts[i] == NULL)
			break;
		/* A path may free what it is given. */
		e->segs = 0;
		for (seg = pkts[i]; seg != NULL; seg = seg->next) {
			e->addr[e->segs] = rte_mbuf_data_iova(seg);
			e->len[e->segs++] = seg->data_len;
		}
		e->flags = pkts[i]->ol_flags;
		e->vlan = pkts[i]->vlan_tci;
		e->pkt_len = pkts[i]->pkt_len;
		e->l2 = pkts[i]->l2_len;
		e->l3 = pkts[i]->l3_len;
		e->l4 = pkts[i]->l4_len;
		e->mss = pkts[i]->tso_segsz;
	}
	nb = i;
	sent = tx_path()(tx.txq, pkts, nb);
	for (i = 0; i < sent; i++) {
		tx.expect[tx.last] = copies[i];
		tx.last = (tx.last + 1) % EXPECT_MAX;
		TEST_ASSERT(tx.last != tx.first, "more packets than the ring has");
		tx.packets++;
		tx.bytes += copies[i].pkt_len;
	}
	for (; i < nb; i++)
		rte_pktmbuf_free(pkts[i]);
	return 0;
}

/* The last descriptor of a packet was read. */
static int
packet_check(const struct tx_expect *e)
{
	const bool tso = (e->flags & RTE_MBUF_F_TX_TCP_SEG) != 0;
	const uint64_t l4 = e->flags & RTE_MBUF_F_TX_L4_MASK;
	const unsigned int n = tx.first_olinfo >> 4 & 7;
	uint32_t want = 0;

	TEST_ASSERT((tx.first_cmd & I82576_TXD_IFCS) != 0 && n < 2, "CRC, context");
	TEST_ASSERT(tx.first_olinfo >> 14 == e->pkt_len - (tso ? e->l2 + e->l3 + e->l4 : 0),
		"payload length");
	TEST_ASSERT(!!(tx.first_cmd & I82576_TXD_VLE) == !!(e->flags & RTE_MBUF_F_TX_VLAN), "VLE");
	TEST_ASSERT(!!(tx.first_cmd & I82576_TXD_TSE) == tso, "TSE");
	TEST_ASSERT(!!(tx.first_olinfo & 0x100) == (!!(e->flags & RTE_MBUF_F_TX_IP_CKSUM) ||
		(tso && (e->flags & RTE_MBUF_F_TX_IPV4))), "IXSM");
	TEST_ASSERT(!!(tx.first_olinfo & 0x200) == (l4 != 0 || tso), "TXSM");
	if ((e->flags & RTE_MBUF_F_TX_VLAN) != 0)
		TEST_ASSERT(tx.context[n].valid &&
			tx.context[n].vlan_macip >> 16 == e->vlan, "TCI");
	if ((e->flags & RTE_MBUF_F_TX_IP_CKSUM) == 0 && l4 == 0 && !tso)
		return 0;
	TEST_ASSERT(tx.context[n].valid && (tx.context[n].vlan_macip & 0x1ff) == e->l3 &&
		(tx.context[n].vlan_macip >> 9 & 0x7f) == e->l2, "header lengths");
	TEST_ASSERT(!!(tx.context[n].tucmd & 0x400) == !!(e->flags & RTE_MBUF_F_TX_IPV4), "IPV4");
	if (tso || l4 == RTE_MBUF_F_TX_TCP_CKSUM)
		want = 0x800;
	else if (l4 == RTE_MBUF_F_TX_SCTP_CKSUM)
		want = 0x1000;
	TEST_ASSERT((tx.context[n].tucmd & 0x1800) == want, "L4T");
	TEST_ASSERT(!tso || (tx.context[n].mss >> 16 == e->mss &&
		(tx.context[n].mss >> 8 & 0xff) == e->l4), "MSS");
	return 0;
}

/* The device takes a descriptor. */
static int
tx_device_take(void)
{
	union i82576_tx_desc *desc = &tx.txq->ring[tx.head];
	const uint32_t cmd = desc->read.cmd_type_len;
	const struct tx_expect *e = &tx.expect[tx.first];
	unsigned int n;

	TEST_ASSERT((cmd & I82576_TXD_DEXT) != 0, "not an advanced descriptor");
	if ((cmd & 0x300000) == I82576_TXD_DTYP_CTXT) {
		n = desc->ctx.mss_l4len_idx >> 4 & 7;
		TEST_ASSERT(n < 2 && tx.seg == 0, "context %u, segment %u", n, tx.seg);
		tx.context[n].vlan_macip = desc->ctx.vlan_macip_lens;
		tx.context[n].tucmd = desc->ctx.type_tucmd_mlhl;
		tx.context[n].mss = desc->ctx.mss_l4len_idx;
		tx.context[n].valid = true;
	} else {
		TEST_ASSERT(tx.first != tx.last, "a packet that was not sent");
		if (tx.seg == 0) {
			tx.first_cmd = cmd;
			tx.first_olinfo = desc->read.olinfo_status;
		}
		TEST_ASSERT(desc->read.addr == e->addr[tx.seg] &&
			(cmd & 0xffff) == e->len[tx.seg], "segment %u", tx.seg);
		tx.seg++;
		TEST_ASSERT(!!(cmd & I82576_TXD_EOP) == (tx.seg == e->segs), "end of packet");
		if (tx.seg == e->segs) {
			if (packet_check(e) != 0)
				return -1;
			tx.first = (tx.first + 1) % EXPECT_MAX;
			tx.seg = 0;
			tx.seen++;
		}
	}
	if ((cmd & I82576_TXD_RS) != 0)
		desc->wb.status = I82576_TXD_DD;
	tx.head = (tx.head + 1) % tx.nb_desc;
	return 0;
}

static int
tx_round(void)
{
	unsigned int work = rnd(3) ? tx.nb_desc : rnd(tx.nb_desc);
	struct i82576_queue_counts counts;
	uint32_t tail;

	if (tx_send() != 0)
		return -1;
	tail = *(volatile uint32_t *)(bar + I82576_TDT(0));
	TEST_ASSERT(tail == tx.txq->tail, "tail");
	for (; work > 0 && tx.head != tail; work--)
		if (tx_device_take() != 0)
			return -1;
	if (rnd(16) == 0)
		i82576_tx_done_cleanup(tx.txq, rnd(3) ? 0 : rnd(50));
	i82576_tx_counts(tx.dev, 0, &counts);
	TEST_ASSERT(counts.packets == tx.packets && counts.bytes == tx.bytes &&
		counts.errors == 0, "counters");
	return 0;
}

static int
tx_run(uint16_t nb_desc, uint16_t rs_thresh, uint16_t free_thresh, uint64_t offloads)
{
	const struct rte_eth_txconf conf = {
		.tx_rs_thresh = rs_thresh,
		.tx_free_thresh = free_thresh,
	};
	unsigned int i, before = rte_mempool_avail_count(pool);

	memset(&tx, 0, sizeof(tx));
	tx.nb_desc = nb_desc;
	tx.offloads = offloads;
	tx.dev = port_create(offloads);
	TEST_ASSERT_NOT_NULL(tx.dev, "no port");
	TEST_ASSERT_SUCCESS(i82576_tx_queue_setup(tx.dev, 0, nb_desc, SOCKET_ID_ANY, &conf),
		"queue of %u not set up", nb_desc);
	i82576_tx_function_set(tx.dev);
	TEST_ASSERT_SUCCESS(i82576_queues_start(tx.dev), "not started");
	tx.txq = tx.dev->data->tx_queues[0];
	for (i = 0; i < ROUNDS; i++)
		TEST_ASSERT_SUCCESS(tx_round(), "%u descriptors, round %u", nb_desc, i);
	TEST_ASSERT(tx.seen > ROUNDS, "only %"PRIu64" packets", tx.seen);
	*(uint32_t *)(bar + I82576_TDH(0)) = tx.txq->tail;
	i82576_queues_stop(tx.dev);
	i82576_tx_queue_release(tx.dev, 0);
	TEST_ASSERT(rte_mempool_avail_count(pool) == before, "mbufs lost");
	return rte_eth_dev_release_port(tx.dev);
}

static const uint16_t ring_sizes[] = { 32, 40, 512, 4096 };

static int
test_tx_paths_mixed_send_all(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(ring_sizes); i++)
		if (tx_run(ring_sizes[i], 0, 0, 0) || tx_run(ring_sizes[i], 1, 1, 0) ||
				tx_run(ring_sizes[i], 16, 20, RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE))
			return -1;
	return 0;
}

static int
test_tx_offloads_as_asked(void)
{
	const uint64_t single = OFFLOADS_ALL & ~(uint64_t)RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	unsigned int i;

	for (i = 0; i < RTE_DIM(ring_sizes); i++)
		if (tx_run(ring_sizes[i], 0, 0, OFFLOADS_ALL) ||
				tx_run(ring_sizes[i], 1, 1, OFFLOADS_ALL) ||
				tx_run(ring_sizes[i], ring_sizes[i] / 2, 5, single) ||
				tx_run(ring_sizes[i], 0, 0,
					single | RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE))
			return -1;
	return 0;
}

static struct unit_test_suite i82576_tx_suite = {
	.suite_name = "82576: Tx rings",
	.unit_test_cases = {
		TEST_CASE_ST(tx_setup, tx_teardown, test_tx_paths_mixed_send_all),
		TEST_CASE_ST(tx_setup, tx_teardown, test_tx_offloads_as_asked),
		TEST_CASES_END()
	},
};

static int
test_i82576_tx(void)
{
	return unit_test_suite_runner(&i82576_tx_suite);
}

REGISTER_FAST_TEST(i82576_tx_autotest, true, true, test_i82576_tx);
