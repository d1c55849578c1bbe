/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The burst functions of net_i82576 beside those of DPDK's net_e1000_igb, on rings in plain memory:
 * registers are memory too, and this program does the device's part between the bursts, where
 * nothing is counted. Started by rxtx.sh, which counts instructions with callgrind: of what the
 * functions named count_* call, and nothing else.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_cpuflags.h>
#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_lcore.h>
#include <rte_malloc.h>
#include <rte_mbuf.h>

#include "base/e1000_api.h"
#include "e1000_ethdev.h"

#include "i82576_queue.h"

#define BURST		32
#define NB_DESC		512
#define NB_MBUF		8191
#define MBUF_CACHE	256
/* So that the rings have been once around: mbufs are freed as often as they are sent. */
#define WARM_UP_BURSTS	(4 * NB_DESC / BURST)
#define MAX_ROUNDS	101

/* A port without a device: its registers are memory. */
struct subject {
	struct rte_eth_dev *dev;
	uint8_t *bar;
	/* The device's. */
	uint16_t rx_head;
	uint16_t tx_head;
	uint32_t template;
};

struct path {
	const char *name;
	struct subject *subject;
	bool is_tx;
	bool offload;
	uint16_t (*count)(void *queue, struct rte_mbuf **pkts, uint16_t nb);
	uint16_t (*burst)(void *queue, struct rte_mbuf **pkts, uint16_t nb);
	double cycles[MAX_ROUNDS];
};

static struct rte_mempool *pool;
static struct subject igb, ours;

/* What comes in: each has a checksum to tell of or a tag taken off, and all but one a hash. */
static const struct {
	uint32_t info;
	uint32_t status;
	uint16_t length;
	uint16_t vlan;
} templates[] = {
#define DONE (I82576_RXD_DD | I82576_RXD_EOP)
#define TYPE(bits) ((bits) << I82576_RXD_PKT_TYPE_SHIFT)
	{ TYPE(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_TCP) | 1,
		DONE | I82576_RXD_IPCS | I82576_RXD_L4I, 64, 0 },
	{ TYPE(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_UDP) | 7,
		DONE | I82576_RXD_IPCS | I82576_RXD_L4I | I82576_RXD_VP, 128, 100 },
	{ TYPE(I82576_RXD_PKT_IPV6 | I82576_RXD_PKT_TCP) | 3,
		DONE | I82576_RXD_L4I, 1514, 0 },
	{ TYPE(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_TCP) | 1,
		DONE | I82576_RXD_IPCS | I82576_RXD_L4I | I82576_RXD_L4E, 60, 0 },
	{ TYPE(0), DONE | I82576_RXD_VP, 60, 0xe001 },
	{ TYPE(I82576_RXD_PKT_IPV6 | I82576_RXD_PKT_UDP) | 8,
		DONE | I82576_RXD_L4I | I82576_RXD_VP, 512, 4000 },
	{ TYPE(I82576_RXD_PKT_IPV4 | I82576_RXD_PKT_SCTP) | 2,
		DONE | I82576_RXD_IPCS | I82576_RXD_L4I, 256, 0 },
};

static void
die(const char *what, int err)
{
	fprintf(stderr, "rxtx: %s: %s (%d)\n", what, strerror(err), err);
	exit(1);
}

static uint32_t
reg_read(const struct subject *subject, uint32_t reg)
{
	return *(volatile uint32_t *)(subject->bar + reg);
}

/* Rings are where the driver has told the device: with IOVA as VA that is an address. */
static void *
ring_of(const struct subject *subject, uint32_t low, uint32_t high)
{
	return (void *)(uintptr_t)((uint64_t)reg_read(subject, high) << 32 |
		reg_read(subject, low));
}

/* The device receives @nb packets. */
static void
device_receive(struct subject *subject, uint16_t nb)
{
	union i82576_rx_desc *ring = ring_of(subject, I82576_RDBAL(0), I82576_RDBAH(0));
	uint16_t i;

	for (i = 0; i < nb; i++) {
		union i82576_rx_desc *desc = &ring[subject->rx_head];
		uint32_t t = subject->template++ % RTE_DIM(templates);

		if (subject->rx_head == reg_read(subject, I82576_RDT(0)))
			die("the driver gave too few descriptors", ENOBUFS);
		desc->wb.info = templates[t].info;
		desc->wb.rss = subject->template * 0x9e3779b1;
		desc->wb.length = templates[t].length;
		desc->wb.vlan = templates[t].vlan;
		__atomic_store_n(&desc->wb.status, templates[t].status, __ATOMIC_RELEASE);
		subject->rx_head = (subject->rx_head + 1) % NB_DESC;
	}
}

/* The device has sent all that it was given; returns how many packets, and their bytes. */
static uint16_t
device_send(struct subject *subject, uint64_t *bytes)
{
	union i82576_tx_desc *ring = ring_of(subject, I82576_TDBAL(0), I82576_TDBAH(0));
	uint16_t nb = 0;

	while (subject->tx_head != reg_read(subject, I82576_TDT(0))) {
		union i82576_tx_desc *desc = &ring[subject->tx_head];
		uint32_t cmd = desc->read.cmd_type_len;

		if ((cmd & I82576_TXD_DTYP_DATA) == I82576_TXD_DTYP_DATA) {
			*bytes += (uint16_t)cmd;
			nb += (cmd & I82576_TXD_EOP) != 0;
		}
		if (cmd & I82576_TXD_RS)
			desc->wb.status = I82576_TXD_DD;
		subject->tx_head = (subject->tx_head + 1) % NB_DESC;
	}
	return nb;
}

/* A burst whose instructions are counted; each by its name. */
#define COUNT(name, function) \
static __attribute__((noinline, noclone)) uint16_t \
count_ ## name(void *queue, struct rte_mbuf **pkts, uint16_t nb) \
{ \
	uint16_t done = function(queue, pkts, nb); \
\
	__asm__ volatile("" : : : "memory"); \
	return done; \
}

COUNT(rx_igb, eth_igb_recv_pkts)
COUNT(rx_scalar, i82576_rx_burst_scalar)
COUNT(rx_sse, i82576_rx_burst_sse)
COUNT(rx_avx2, i82576_rx_burst_avx2)
COUNT(tx_offload_igb, eth_igb_xmit_pkts)
COUNT(tx_offload_scalar, i82576_tx_burst_offload)
COUNT(tx_plain_igb, eth_igb_xmit_pkts)
COUNT(tx_plain_scalar, i82576_tx_burst_simple)
COUNT(tx_plain_sse, i82576_tx_burst_sse)
COUNT(tx_plain_avx2, i82576_tx_burst_avx2)

#define RX(name, subject, function) \
	{ #name, subject, false, true, count_ ## name, function, { 0 } }
#define TX(name, subject, offload, function) \
	{ #name, subject, true, offload, count_ ## name, function, { 0 } }

static struct path paths[] = {
	RX(rx_igb, &igb, eth_igb_recv_pkts),
	RX(rx_scalar, &ours, i82576_rx_burst_scalar),
	RX(rx_sse, &ours, i82576_rx_burst_sse),
	RX(rx_avx2, &ours, i82576_rx_burst_avx2),
	TX(tx_offload_igb, &igb, true, eth_igb_xmit_pkts),
	TX(tx_offload_scalar, &ours, true, i82576_tx_burst_offload),
	TX(tx_plain_igb, &igb, false, eth_igb_xmit_pkts),
	TX(tx_plain_scalar, &ours, false, i82576_tx_burst_simple),
	TX(tx_plain_sse, &ours, false, i82576_tx_burst_sse),
	TX(tx_plain_avx2, &ours, false, i82576_tx_burst_avx2),
};

static void
subject_create(struct subject *subject, const char *name, size_t private_bytes)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocate(name);
	struct rte_eth_dev_data *data;

	if (dev == NULL)
		die("rte_eth_dev_allocate", ENOMEM);
	data = dev->data;
	data->dev_private = rte_zmalloc(NULL, private_bytes, RTE_CACHE_LINE_SIZE);
	data->rx_queues = rte_zmalloc(NULL, sizeof(void *), 0);
	data->tx_queues = rte_zmalloc(NULL, sizeof(void *), 0);
	data->nb_rx_queues = 1;
	data->nb_tx_queues = 1;
	data->mtu = RTE_ETHER_MTU;
	data->dev_conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_CHECKSUM |
		RTE_ETH_RX_OFFLOAD_VLAN_STRIP | RTE_ETH_RX_OFFLOAD_RSS_HASH;
	data->dev_conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_VLAN_INSERT |
		RTE_ETH_TX_OFFLOAD_IPV4_CKSUM | RTE_ETH_TX_OFFLOAD_TCP_CKSUM |
		RTE_ETH_TX_OFFLOAD_UDP_CKSUM;
	subject->bar = rte_zmalloc(NULL, I82576_BAR0_BYTES, RTE_CACHE_LINE_SIZE);
	if (data->dev_private == NULL || data->rx_queues == NULL || data->tx_queues == NULL ||
			subject->bar == NULL)
		die("rte_zmalloc", ENOMEM);
	subject->dev = dev;
}

/* The thresholds are each driver's own defaults. */
static void
igb_start(void)
{
	const struct rte_eth_rxconf rx = { .rx_thresh = { 8, 8, 1 }, .rx_free_thresh = 32 };
	const struct rte_eth_txconf tx = { .tx_thresh = { 8, 1, 16 } };
	struct rte_eth_dev *dev;
	struct e1000_hw *hw;

	subject_create(&igb, "bench_igb", sizeof(struct e1000_adapter));
	dev = igb.dev;
	hw = E1000_DEV_PRIVATE_TO_HW(dev->data->dev_private);
	hw->hw_addr = igb.bar;
	hw->mac.type = e1000_82576;
	if (eth_igb_rx_queue_setup(dev, 0, NB_DESC, rte_socket_id(), &rx, pool) != 0 ||
			eth_igb_tx_queue_setup(dev, 0, NB_DESC, rte_socket_id(), &tx) != 0)
		die("net_e1000_igb: queue setup", EINVAL);
	if (eth_igb_rx_init(dev) != 0)
		die("net_e1000_igb: eth_igb_rx_init", ENOMEM);
	eth_igb_tx_init(dev);
}

static void
ours_start(void)
{
	struct rte_eth_dev_info info = { 0 };
	struct i82576_port *port;
	struct rte_eth_dev *dev;
	int ret;

	subject_create(&ours, "bench_i82576", sizeof(struct i82576_port));
	dev = ours.dev;
	port = i82576_port(dev);
	port->hw.bar = ours.bar;
	port->hw.name = dev->data->name;
	port->data = dev->data;
	port->max_queues = 1;
	i82576_rxtx_dev_info(&info);
	if (i82576_rx_queue_setup(dev, 0, NB_DESC, rte_socket_id(), &info.default_rxconf,
				pool) != 0 ||
			i82576_tx_queue_setup(dev, 0, NB_DESC, rte_socket_id(),
				&info.default_txconf) != 0)
		die("net_i82576: queue setup", EINVAL);
	i82576_rx_function_set(dev);
	i82576_tx_function_set(dev);
	ret = i82576_queues_start(dev);
	if (ret != 0)
		die("net_i82576: i82576_queues_start", -ret);
}

static bool
path_runs_here(const struct path *path)
{
	return strstr(path->name, "avx2") == NULL ||
		rte_cpu_get_flag_enabled(RTE_CPUFLAG_AVX2) == 1;
}

/* Two flows that both of the device's contexts suffice for. */
static void
prepare_tx(const struct path *path, struct rte_mbuf **pkts)
{
	unsigned int i;

	if (rte_pktmbuf_alloc_bulk(pool, pkts, BURST) != 0)
		die("rte_pktmbuf_alloc_bulk", ENOMEM);
	for (i = 0; i < BURST; i++) {
		pkts[i]->data_len = 60 + i;
		pkts[i]->pkt_len = 60 + i;
		if (!path->offload)
			continue;
		pkts[i]->l2_len = RTE_ETHER_HDR_LEN;
		pkts[i]->l3_len = 20;
		pkts[i]->vlan_tci = 100;
		pkts[i]->ol_flags = RTE_MBUF_F_TX_VLAN | RTE_MBUF_F_TX_IPV4 |
			RTE_MBUF_F_TX_IP_CKSUM |
			(i / 4 % 2 ? RTE_MBUF_F_TX_UDP_CKSUM : RTE_MBUF_F_TX_TCP_CKSUM);
	}
}

/* One burst of @path, by @burst; returns its cycles. */
static uint64_t
run_burst(struct path *path, uint16_t (*burst)(void *, struct rte_mbuf **, uint16_t))
{
	struct rte_eth_dev_data *data = path->subject->dev->data;
	struct rte_mbuf *pkts[BURST];
	uint64_t start, cycles, bytes = 0;
	uint16_t nb;

	if (path->is_tx)
		prepare_tx(path, pkts);
	else
		device_receive(path->subject, BURST);
	start = rte_rdtsc_precise();
	nb = burst(path->is_tx ? data->tx_queues[0] : data->rx_queues[0], pkts, BURST);
	cycles = rte_rdtsc_precise() - start;
	if (nb != BURST)
		die(path->name, EAGAIN);
	if (!path->is_tx)
		rte_pktmbuf_free_bulk(pkts, BURST);
	else if (device_send(path->subject, &bytes) != BURST || bytes != BURST * (119 + BURST) / 2)
		die(path->name, EBADMSG);
	return cycles;
}

/* All paths must make the same of the same packets; what upstream leaves out is not compared. */
static void
check_rx(const struct path *path, const struct path *reference)
{
	const uint64_t same = RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED |
		RTE_MBUF_F_RX_RSS_HASH | RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_BAD;
	struct rte_mbuf *a[BURST], *b[BURST];
	unsigned int i;

	path->subject->template = 0;
	reference->subject->template = 0;
	device_receive(path->subject, BURST);
	device_receive(reference->subject, BURST);
	if (path->burst(path->subject->dev->data->rx_queues[0], a, BURST) != BURST ||
			reference->burst(reference->subject->dev->data->rx_queues[0], b,
				BURST) != BURST)
		die(path->name, EAGAIN);
	for (i = 0; i < BURST; i++) {
		if (a[i]->pkt_len != b[i]->pkt_len || a[i]->data_len != b[i]->data_len ||
				a[i]->hash.rss != b[i]->hash.rss ||
				a[i]->vlan_tci != b[i]->vlan_tci ||
				(a[i]->ol_flags & same) != (b[i]->ol_flags & same) ||
				(b[i]->packet_type != 0 &&
					a[i]->packet_type != b[i]->packet_type) ||
				a[i]->data_off != b[i]->data_off || a[i]->nb_segs != 1 ||
				rte_mbuf_refcnt_read(a[i]) != 1)
			die(path->name, EBADMSG);
	}
	rte_pktmbuf_free_bulk(a, BURST);
	rte_pktmbuf_free_bulk(b, BURST);
}

static int
compare_doubles(const void *a, const void *b)
{
	return *(const double *)a < *(const double *)b ? -1 : 1;
}

/* Paths take turns, so that what else the machine does meets all alike. */
static void
run(unsigned int rounds, unsigned int bursts)
{
	unsigned int round, i, k;

	for (i = 0; i < RTE_DIM(paths); i++) {
		if (!path_runs_here(&paths[i]))
			continue;
		if (!paths[i].is_tx && paths[i].subject == &ours)
			check_rx(&paths[i], &paths[0]);
	}
	for (round = 0; round < rounds; round++) {
		for (i = 0; i < RTE_DIM(paths); i++) {
			struct path *path = &paths[i];
			uint64_t cycles = 0;

			if (!path_runs_here(path))
				continue;
			for (k = 0; k < WARM_UP_BURSTS; k++)
				run_burst(path, path->burst);
			for (k = 0; k < bursts; k++)
				cycles += run_burst(path, path->count);
			path->cycles[round] = (double)cycles / bursts / BURST;
		}
	}
	for (i = 0; i < RTE_DIM(paths); i++) {
		if (!path_runs_here(&paths[i]))
			continue;
		qsort(paths[i].cycles, rounds, sizeof(double), compare_doubles);
		printf("%s %u %.1f\n", paths[i].name, rounds * bursts * BURST,
				paths[i].cycles[rounds / 2]);
	}
}

int
main(int argc, char **argv)
{
	unsigned int rounds, bursts;
	int used = rte_eal_init(argc, argv);

	if (used < 0)
		die("rte_eal_init", rte_errno);
	if (argc - used != 3)
		die("usage: rxtx EAL-OPTION... -- ROUNDS BURSTS", EINVAL);
	rounds = strtoul(argv[used + 1], NULL, 10);
	bursts = strtoul(argv[used + 2], NULL, 10);
	if (rounds == 0 || rounds > MAX_ROUNDS || bursts == 0)
		die("ROUNDS must be 1 to 101, BURSTS 1 or more", EINVAL);
	pool = rte_pktmbuf_pool_create("bench", NB_MBUF, MBUF_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			rte_socket_id());
	if (pool == NULL)
		die("rte_pktmbuf_pool_create", rte_errno);
	igb_start();
	ours_start();
	run(rounds, bursts);
	return 0;
}
