/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Packets a second from one port to another without loss, among a PF and two of its VFs: with
 * net_i82576 on one PF and DPDK's drivers on another, which take turns of some ms, so that what
 * else the machine does meets both alike. One processor does both ends, and no more is sent than
 * the receiver has room for: a sender that floods takes the emulator's time from the receiver, the
 * more so the faster its driver is. Started by pps.sh.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#define BURST		32
#define NB_DESC		512
#define NB_MBUF		8191
#define MBUF_CACHE	250
/* Packets on their way, at most. */
#define WINDOW		256
#define PACKET_BYTES	60
/* Of experiments on the own link. */
#define ETHER_TYPE	0x88b5
#define LINK_TIMEOUT_MS	15000
/* What has not come by then is lost. */
#define PATIENCE_MS	200
#define TURN_MS		50
#define WARM_UP_TURNS	4

/* Ports of a side, in the order of their PCI addresses. */
enum {
	PF,
	VF0,
	VF1,
	NB_PORTS
};

/* A PF and its VFs. */
struct side {
	const char *label;
	uint16_t ports[NB_PORTS];
};

struct direction {
	const char *name;
	unsigned int from;
	unsigned int to;
	/* What is sent to the address of upstream's PF goes to VF 0. */
	bool broadcast;
};

struct counts {
	uint64_t sent;
	uint64_t received;
	uint64_t lost;
	uint64_t cycles;
};

static struct side sides[2];

static const struct direction directions[] = {
	{ "vf-vf", VF0, VF1, false },
	{ "pf-vf", PF, VF1, false },
	{ "vf-pf", VF1, PF, true },
};

static struct rte_mempool *pool;

static void
die(const char *what, int err)
{
	fprintf(stderr, "pps: %s: %s (%d)\n", what, strerror(err), err);
	exit(1);
}

static void
die_of_port(uint16_t port, const char *what, int err)
{
	char name[RTE_ETH_NAME_MAX_LEN] = "?";

	(void)rte_eth_dev_get_name_by_port(port, name);
	fprintf(stderr, "pps: %s: %s: %s (%d)\n", name, what, strerror(err), err);
	exit(1);
}

/* Each driver as it is by default, and as testpmd has it. */
static void
port_start(uint16_t port)
{
	struct rte_eth_conf conf = { 0 };
	struct rte_eth_link link = { 0 };
	struct rte_eth_dev_info info;
	unsigned int waited;
	int ret;

	ret = rte_eth_dev_info_get(port, &info);
	if (ret != 0)
		die_of_port(port, "device information", -ret);
	conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, NB_DESC, rte_socket_id(), NULL, pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, NB_DESC, rte_socket_id(), NULL);
	if (ret == 0)
		ret = rte_eth_dev_start(port);
	if (ret != 0)
		die_of_port(port, "start", -ret);
	for (waited = 0; waited < LINK_TIMEOUT_MS; waited += 10) {
		if (rte_eth_link_get_nowait(port, &link) == 0 && link.link_status)
			return;
		rte_delay_ms(10);
	}
	die_of_port(port, "no link", ETIMEDOUT);
}

static bool
is_ours(const struct rte_mbuf *m)
{
	return rte_pktmbuf_mtod(m, const struct rte_ether_hdr *)->ether_type ==
		rte_cpu_to_be_16(ETHER_TYPE);
}

static uint16_t
burst_receive(uint16_t port)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t nb, i, ours = 0;

	nb = rte_eth_rx_burst(port, 0, pkts, BURST);
	for (i = 0; i < nb; i++)
		ours += is_ours(pkts[i]);
	rte_pktmbuf_free_bulk(pkts, nb);
	return ours;
}

static uint16_t
burst_send(uint16_t port, const struct rte_ether_hdr *header)
{
	struct rte_mbuf *pkts[BURST];
	uint16_t i, nb;

	if (rte_pktmbuf_alloc_bulk(pool, pkts, BURST) != 0)
		return 0;
	for (i = 0; i < BURST; i++) {
		*rte_pktmbuf_mtod(pkts[i], struct rte_ether_hdr *) = *header;
		pkts[i]->data_len = PACKET_BYTES;
		pkts[i]->pkt_len = PACKET_BYTES;
	}
	nb = rte_eth_tx_burst(port, 0, pkts, BURST);
	rte_pktmbuf_free_bulk(&pkts[nb], BURST - nb);
	return nb;
}

/* Sends for a turn and goes on until all of it has come; adds to @total. */
static void
take_turn(uint16_t from, uint16_t to, const struct rte_ether_hdr *header, struct counts *total)
{
	const uint64_t khz = rte_get_tsc_hz() / 1000;
	const uint64_t start = rte_rdtsc();
	uint64_t now = start, progress = start;
	struct counts counts = { 0 };
	uint16_t nb;

	while (now - start < TURN_MS * khz || counts.sent > counts.received + counts.lost) {
		if (now - start < TURN_MS * khz &&
				counts.sent + BURST <= counts.received + counts.lost + WINDOW)
			counts.sent += burst_send(from, header);
		nb = burst_receive(to);
		counts.received += nb;
		now = rte_rdtsc();
		if (nb != 0)
			progress = now;
		if (now - progress > PATIENCE_MS * khz) {
			counts.lost = counts.sent - counts.received;
			progress = now;
		}
	}
	total->sent += counts.sent;
	total->received += counts.received;
	total->cycles += now - start;
}

static void
measure(const struct direction *direction, unsigned int turns)
{
	struct rte_ether_hdr headers[RTE_DIM(sides)];
	struct counts total[RTE_DIM(sides)] = { 0 };
	unsigned int turn, i;

	for (i = 0; i < RTE_DIM(sides); i++) {
		headers[i].ether_type = rte_cpu_to_be_16(ETHER_TYPE);
		rte_eth_macaddr_get(sides[i].ports[direction->from], &headers[i].src_addr);
		rte_eth_macaddr_get(sides[i].ports[direction->to], &headers[i].dst_addr);
		if (direction->broadcast)
			memset(&headers[i].dst_addr, 0xff, RTE_ETHER_ADDR_LEN);
	}
	for (turn = 0; turn < turns + WARM_UP_TURNS; turn++) {
		if (turn == WARM_UP_TURNS)
			memset(total, 0, sizeof(total));
		for (i = 0; i < RTE_DIM(sides); i++)
			take_turn(sides[i].ports[direction->from], sides[i].ports[direction->to],
					&headers[i], &total[i]);
	}
	for (i = 0; i < RTE_DIM(sides); i++)
		printf("rate %s %s %.0f %" PRIu64 " %" PRIu64 "\n", sides[i].label, direction->name,
				(double)total[i].received * rte_get_tsc_hz() / total[i].cycles,
				total[i].sent, total[i].received);
	fflush(stdout);
}

static void
side_start(struct side *side, uint16_t first)
{
	struct rte_eth_dev_info info;
	unsigned int i;
	int ret;

	ret = rte_eth_dev_info_get(first, &info);
	if (ret != 0)
		die_of_port(first, "device information", -ret);
	side->label = info.driver_name;
	for (i = 0; i < NB_PORTS; i++) {
		side->ports[i] = first + i;
		port_start(first + i);
	}
}

int
main(int argc, char **argv)
{
	int used = rte_eal_init(argc, argv);
	unsigned int i, seconds;

	if (used < 0)
		die("rte_eal_init", rte_errno);
	if (argc - used != 2)
		die("usage: pps EAL-OPTION... -- SECONDS", EINVAL);
	seconds = strtoul(argv[used + 1], NULL, 10);
	if (seconds == 0)
		die("SECONDS must be 1 or more", EINVAL);
	if (rte_eth_dev_count_avail() != RTE_DIM(sides) * NB_PORTS)
		die("needs two PFs and two VFs of each (-a)", ENODEV);
	pool = rte_pktmbuf_pool_create("bench", NB_MBUF, MBUF_CACHE, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			rte_socket_id());
	if (pool == NULL)
		die("rte_pktmbuf_pool_create", rte_errno);
	for (i = 0; i < RTE_DIM(sides); i++)
		side_start(&sides[i], i * NB_PORTS);
	for (i = 0; i < RTE_DIM(directions); i++)
		measure(&directions[i], seconds * 1000 / TURN_MS);
	for (i = RTE_DIM(sides) * NB_PORTS; i-- > 0; )
		(void)rte_eth_dev_stop(i);
	return 0;
}
