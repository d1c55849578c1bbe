/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Sends and receives numbered frames on the first port, as the environment variable TRAFFIC says:
 * "tx=1000,rx=1000,dst=...,size=64,...", see traffic.h. Two processes with it make a test of what
 * is between their ports.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "sriov_test.h"
#include "traffic.h"
#include "traffic_pace.h"

#define PORT	0
#define BURST	32
/* Frames that may follow at once because they are late: a sleep may be one of several ms. */
#define LATE_MAX	16
/* After the last frame: time in which nothing more may come. */
#define QUIET_MS	300
#define LINK_TIMEOUT_MS	15000

struct flow {
	struct traffic_seen seen;
	struct traffic_counts counts;
	struct traffic_pace pace;
	struct rte_mbuf *pending; /* built, and not yet taken by the port */
	uint64_t sent;
	uint64_t due;
	bool failed;
};

struct traffic {
	/* Of the flows; the first also the port's. */
	struct traffic_params params[TRAFFIC_FLOWS_MAX];
	struct flow flows[TRAFFIC_FLOWS_MAX];
	unsigned int nb_flows;
	struct rte_ether_addr mac;
	struct rte_mempool *mp;
	traffic_pace_counts *received; /* NULL: by the rate alone */
};

static uint64_t
now_ns(void)
{
	return rte_rdtsc() * 1E9 / rte_get_tsc_hz();
}

static bool
file_is_there(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0;
}

/* The offloads that the parameters ask for; a port without one of them fails to be configured. */
static void
port_conf_fill(const struct traffic *t, const struct rte_eth_dev_info *info,
		struct rte_eth_conf *conf)
{
	const struct traffic_params *params = &t->params[0];
	unsigned int i;

	memset(conf, 0, sizeof(*conf));
	if (params->strip)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_VLAN_STRIP;
	if (params->mtu > 1500)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_SCATTER;
	if (params->cksum)
		conf->rxmode.offloads |= RTE_ETH_RX_OFFLOAD_CHECKSUM;
	if (params->mtu != 0)
		conf->rxmode.mtu = params->mtu;
	if (params->rss) {
		conf->rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
		conf->rx_adv_conf.rss_conf.rss_hf = info->flow_type_rss_offloads &
				(RTE_ETH_RSS_IP | RTE_ETH_RSS_UDP | RTE_ETH_RSS_TCP);
		conf->rxmode.offloads |= info->rx_offload_capa & RTE_ETH_RX_OFFLOAD_RSS_HASH;
	}
	conf->intr_conf.rxq = params->interrupt;
	for (i = 0; i < t->nb_flows; i++) {
		if (t->params[i].vlan != 0)
			conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
		/* What a VF without an own offload of the filter has to be told in advance. */
		if (t->params[i].rx_vlan != 0)
			conf->rxmode.offloads |= info->rx_offload_capa &
					RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	}
	if (params->size > 1500 || params->tso != 0)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
	if (params->cksum || params->tso != 0)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_UDP_CKSUM |
				RTE_ETH_TX_OFFLOAD_TCP_CKSUM | RTE_ETH_TX_OFFLOAD_IPV4_CKSUM;
	if (params->tso != 0)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_TCP_TSO;
}

/* Returns 0 or -errno, with the step that failed printed. */
static int
step(const char *what, int ret)
{
	if (ret != 0)
		printf("traffic: %s failed: %s (%d)\n", what, rte_strerror(-ret), ret);
	return ret;
}

static int
queues_setup(struct traffic *t)
{
	const uint16_t descriptors = t->params[0].descriptors;
	uint16_t queue;
	int ret;

	for (queue = 0; queue < t->params[0].queues; queue++) {
		ret = step("Rx queue setup", rte_eth_rx_queue_setup(PORT, queue, descriptors,
				rte_eth_dev_socket_id(PORT), NULL, t->mp));
		if (ret != 0)
			return ret;
		ret = step("Tx queue setup", rte_eth_tx_queue_setup(PORT, queue, descriptors,
				rte_eth_dev_socket_id(PORT), NULL));
		if (ret != 0)
			return ret;
	}
	return 0;
}

static int
vlan_join(uint16_t vlan)
{
	/* A port without the filter takes all. */
	if (rte_eth_dev_set_vlan_offload(PORT, rte_eth_dev_get_vlan_offload(PORT) |
			RTE_ETH_VLAN_FILTER_OFFLOAD) != 0)
		return 0;
	return step("VLAN filter", rte_eth_dev_vlan_filter(PORT, vlan, 1));
}

static int
port_filters_set(const struct traffic *t)
{
	struct rte_ether_addr groups[TRAFFIC_FLOWS_MAX];
	const struct traffic_params *params = t->params;
	struct rte_ether_addr mac = params->added_mac;
	unsigned int i, nb_groups = 0;
	int ret = 0;

	if (!rte_is_zero_ether_addr(&mac))
		ret = step("added MAC address", rte_eth_dev_mac_addr_add(PORT, &mac, params->pool));
	if (ret == 0 && params->promisc)
		ret = step("promiscuous mode", rte_eth_promiscuous_enable(PORT));
	if (ret == 0 && params->allmulti)
		ret = step("allmulticast mode", rte_eth_allmulticast_enable(PORT));
	for (i = 0; i < t->nb_flows; i++) {
		if (ret == 0 && params[i].rx_vlan != 0)
			ret = vlan_join(params[i].rx_vlan);
		if (!rte_is_zero_ether_addr(&params[i].group))
			rte_ether_addr_copy(&params[i].group, &groups[nb_groups++]);
	}
	if (ret == 0 && nb_groups != 0)
		ret = step("multicast list", rte_eth_dev_set_mc_addr_list(PORT, groups, nb_groups));
	return ret;
}

static int
port_start(struct traffic *t)
{
	const struct traffic_params *params = &t->params[0];
	struct rte_ether_addr mac = params->mac;
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int ret;

	ret = step("device information", rte_eth_dev_info_get(PORT, &info));
	if (ret != 0)
		return ret;
	printf("traffic: driver %s\n", info.driver_name);
	port_conf_fill(t, &info, &conf);
	ret = step("configuration", rte_eth_dev_configure(PORT, params->queues, params->queues,
			&conf));
	if (ret == 0)
		ret = queues_setup(t);
	if (ret == 0 && !rte_is_zero_ether_addr(&mac))
		ret = step("MAC address", rte_eth_dev_default_mac_addr_set(PORT, &mac));
	if (ret == 0)
		ret = step("start", rte_eth_dev_start(PORT));
	if (ret == 0)
		ret = port_filters_set(t);
	return ret;
}

static int
link_wait(void)
{
	struct rte_eth_link link = { 0 };
	unsigned int waited;

	for (waited = 0; waited < LINK_TIMEOUT_MS; waited += 10) {
		if (rte_eth_link_get_nowait(PORT, &link) == 0 && link.link_status)
			return 0;
		rte_delay_ms(10);
	}
	printf("traffic: no link after %u ms\n", LINK_TIMEOUT_MS);
	return -ETIMEDOUT;
}

static void
ready_tell(const struct traffic *t)
{
	char path[TRAFFIC_PATH_MAX + 4], text[RTE_ETHER_ADDR_FMT_SIZE];
	const char *ready = t->params[0].ready;
	FILE *file;

	rte_ether_format_addr(text, sizeof(text), &t->mac);
	printf("traffic: ready, address %s\n", text);
	fflush(stdout);
	if (ready[0] == '\0')
		return;
	/* Whole from the moment it is there. */
	snprintf(path, sizeof(path), "%s.new", ready);
	file = fopen(path, "w");
	if (file == NULL)
		return;
	fprintf(file, "%s\n", text);
	fclose(file);
	(void)rename(path, ready);
}

/* Whether it is to begin, and knows the address, of which the peer has written a file. */
static bool
may_send(struct traffic_params *params)
{
	char text[64];
	FILE *file;

	if (params->go[0] != '\0') {
		if (!file_is_there(params->go))
			return false;
		params->go[0] = '\0';
	}
	if (params->dst_file[0] == '\0')
		return true;
	file = fopen(params->dst_file, "r");
	if (file == NULL)
		return false;
	if (fgets(text, sizeof(text), file) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		if (rte_ether_unformat_addr(text, &params->dst) == 0)
			params->dst_file[0] = '\0';
	}
	fclose(file);
	return params->dst_file[0] == '\0';
}

/* Has the next frame in @flow->pending. Returns false without mbufs, or if the flow has failed. */
static bool
frame_prepare(struct traffic *t, struct traffic_params *params, struct flow *flow)
{
	if (flow->pending != NULL)
		return true;
	flow->pending = traffic_frame_build(t->mp, params, &t->mac, flow->sent);
	if (flow->pending == NULL)
		return false;
	if (rte_eth_tx_prepare(PORT, 0, &flow->pending, 1) == 1)
		return true;
	printf("traffic: frame %" PRIu64 " not prepared: %s\n", flow->sent,
			rte_strerror(rte_errno));
	rte_pktmbuf_free(flow->pending);
	flow->pending = NULL;
	flow->failed = true;
	return false;
}

static bool
send_some(struct traffic *t, struct traffic_params *params, struct flow *flow)
{
	uint64_t now = rte_rdtsc(), gap = rte_get_tsc_hz() / params->rate;
	bool any = false;

	if (flow->sent == params->tx || flow->failed || !may_send(params))
		return false;
	while (flow->sent < params->tx && now >= flow->due) {
		if (t->received != NULL && !traffic_pace_may_send(&flow->pace, t->received,
				params->stream, flow->sent, now_ns()))
			break;
		if (!frame_prepare(t, params, flow) || rte_eth_tx_burst(PORT,
				flow->sent % t->params[0].queues, &flow->pending, 1) == 0)
			break;
		flow->pending = NULL;
		flow->sent++;
		flow->due = RTE_MAX(flow->due + gap, now - LATE_MAX * gap);
		any = true;
	}
	return any;
}

/* The flow that a frame is counted in: that of its stream, or the first. */
static unsigned int
flow_find(const struct traffic *t, const struct rte_mbuf *m)
{
	uint32_t stream = traffic_frame_stream(m);
	unsigned int i;

	for (i = 0; i < t->nb_flows; i++)
		if (t->params[i].rx_stream == stream && t->params[i].rx != 0)
			return i;
	return 0;
}

static bool
receive_some(struct traffic *t)
{
	struct rte_mbuf *burst[BURST];
	struct flow *flow;
	uint16_t queue, nb, i;
	uint64_t before;
	unsigned int n;
	bool any = false;

	for (queue = 0; queue < t->params[0].queues; queue++) {
		nb = rte_eth_rx_burst(PORT, queue, burst, BURST);
		for (i = 0; i < nb; i++) {
			n = flow_find(t, burst[i]);
			flow = &t->flows[n];
			before = flow->counts.frames;
			traffic_frame_check(burst[i], &t->params[n], &flow->seen, &flow->counts);
			if (t->received != NULL && flow->counts.frames != before)
				traffic_pace_receive(t->received, t->params[n].rx_stream);
		}
		rte_pktmbuf_free_bulk(burst, nb);
		any |= nb != 0;
	}
	return any;
}

static void
interrupt_wait(void)
{
	struct rte_epoll_event event;

	if (rte_eth_dev_rx_intr_enable(PORT, 0) == 0) {
		(void)rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 10);
		(void)rte_eth_dev_rx_intr_disable(PORT, 0);
	}
}

static bool
all_is_sent(const struct traffic *t)
{
	unsigned int i;

	for (i = 0; i < t->nb_flows; i++)
		if (t->flows[i].sent != t->params[i].tx && !t->flows[i].failed)
			return false;
	return true;
}

static bool
may_end(const struct traffic *t)
{
	const struct traffic_params *params = &t->params[0];
	unsigned int i;

	if (params->stop[0] != '\0')
		return file_is_there(params->stop);
	for (i = 0; i < t->nb_flows; i++)
		if (!traffic_is_complete(&t->params[i], &t->flows[i].counts))
			return false;
	return all_is_sent(t) && (params->hold[0] == '\0' || file_is_there(params->hold));
}

/* Until all is sent and received, then as long as more comes; or until the time is up. */
static void
run(struct traffic *t)
{
	const uint64_t hz = rte_get_tsc_hz();
	const uint64_t end = rte_rdtsc() + t->params[0].timeout_s * hz;
	uint64_t quiet_from = rte_rdtsc();
	bool active, sent = false;
	unsigned int i;

	for (i = 0; i < t->nb_flows; i++)
		t->flows[i].due = rte_rdtsc();
	while (rte_rdtsc() < end) {
		active = receive_some(t);
		for (i = 0; i < t->nb_flows; i++)
			active |= send_some(t, &t->params[i], &t->flows[i]);
		if (active) {
			quiet_from = rte_rdtsc();
			continue;
		}
		if (!sent && all_is_sent(t)) {
			sent = true;
			printf("traffic: all sent\n");
			fflush(stdout);
		}
		if (t->params[0].interrupt)
			interrupt_wait();
		else
			rte_delay_us_sleep(100);
		if (rte_rdtsc() - quiet_from > QUIET_MS * hz / 1000 && may_end(t))
			break;
	}
}

static void
flow_report(const struct traffic_params *params, const struct flow *flow)
{
	const struct traffic_counts *c = &flow->counts;

	if (params->tx != 0)
		printf("traffic: stream %u: sent %" PRIu64 " of %" PRIu64 "\n", params->stream,
				flow->sent, params->tx);
	if (params->rx == 0)
		return;
	printf("traffic: stream %u: received %" PRIu64 " of %" PRIu64 ", duplicate %" PRIu64
			", corrupt %" PRIu64 ", wrong VLAN %" PRIu64 "\n", params->rx_stream,
			c->frames, params->rx, c->duplicate, c->corrupt, c->vlan_wrong);
	printf("traffic: stream %u: checksums good %" PRIu64 ", unknown %" PRIu64 ", bad %" PRIu64
			"; hashed %" PRIu64 "; %" PRIu64 " bytes of payload\n", params->rx_stream,
			c->cksum_good, c->cksum_unknown, c->cksum_bad, c->rss_hashed, c->bytes);
}

static void
report(const struct traffic *t)
{
	struct rte_eth_stats stats = { 0 };
	unsigned int i;

	for (i = 0; i < t->nb_flows; i++)
		flow_report(&t->params[i], &t->flows[i]);
	if (rte_eth_stats_get(PORT, &stats) == 0)
		printf("traffic: port: rx %" PRIu64 " packets %" PRIu64 " bytes, tx %" PRIu64
				" packets %" PRIu64 " bytes, missed %" PRIu64 ", errors %" PRIu64
				"/%" PRIu64 ", others %" PRIu64 "\n", stats.ipackets,
				stats.ibytes, stats.opackets, stats.obytes, stats.imissed,
				stats.ierrors, stats.oerrors, t->flows[0].counts.foreign);
}

static bool
is_exact(const struct traffic *t)
{
	unsigned int i;

	for (i = 0; i < t->nb_flows; i++) {
		const struct traffic_params *params = &t->params[i];
		const struct flow *flow = &t->flows[i];
		const struct traffic_counts *c = &flow->counts;

		if (flow->sent != params->tx || c->duplicate != 0 || c->corrupt != 0 ||
				c->vlan_wrong != 0 || c->cksum_bad != 0 ||
				(params->tso != 0 ? c->bytes != params->rx * params->size :
					c->frames != params->rx))
			return false;
	}
	return true;
}

static int
traffic_prepare(struct traffic *t)
{
	const struct traffic_params *params = &t->params[0];
	unsigned int i, nb_mbufs;
	uint64_t bits;

	for (i = 0; i < t->nb_flows; i++) {
		bits = t->params[i].rx * (t->params[i].tso != 0 ? t->params[i].size : 1);
		t->flows[i].seen.nb = bits;
		t->flows[i].seen.bits = calloc(bits / 64 + 1, sizeof(uint64_t));
		if (t->flows[i].seen.bits == NULL)
			return step("memory", -ENOMEM);
	}
	if (params->pace[0] != '\0') {
		t->received = traffic_pace_map(params->pace);
		if (t->received == NULL)
			return step(params->pace, -errno);
	}
	/* As many in the rings, and as many again in the pool and on their way. */
	nb_mbufs = RTE_MAX(4095, 4 * params->queues * params->descriptors - 1);
	t->mp = rte_pktmbuf_pool_create("traffic", nb_mbufs, 128, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	return t->mp == NULL ? step("memory", -ENOMEM) : 0;
}

static void
traffic_free(struct traffic *t)
{
	unsigned int i;

	for (i = 0; i < t->nb_flows; i++) {
		rte_pktmbuf_free(t->flows[i].pending);
		free(t->flows[i].seen.bits);
	}
	(void)rte_eth_dev_stop(PORT);
	(void)rte_eth_dev_close(PORT);
	rte_mempool_free(t->mp);
}

static int
test_traffic(void)
{
	const char *text = getenv("TRAFFIC");
	static struct traffic t;
	int ret;

	if (text == NULL || !rte_eth_dev_is_valid_port(PORT)) {
		printf("skipped: needs a port, and TRAFFIC with what to send and to receive\n");
		return TEST_SKIPPED;
	}
	memset(&t, 0, sizeof(t));
	if (traffic_params_parse(text, t.params, &t.nb_flows) != 0)
		return TEST_FAILED;
	ret = traffic_prepare(&t);
	if (ret == 0)
		ret = port_start(&t);
	if (ret == 0)
		ret = link_wait();
	if (ret == 0)
		ret = rte_eth_macaddr_get(PORT, &t.mac);
	if (ret == 0 && t.params[0].interrupt)
		ret = step("Rx interrupt", rte_eth_dev_rx_intr_ctl_q(PORT, 0, RTE_EPOLL_PER_THREAD,
				RTE_INTR_EVENT_ADD, NULL));
	if (ret == 0) {
		ready_tell(&t);
		run(&t);
		report(&t);
		ret = is_exact(&t) ? 0 : -EIO;
	}
	traffic_free(&t);
	return ret == 0 ? TEST_SUCCESS : TEST_FAILED;
}

REGISTER_TEST_COMMAND(traffic_autotest, test_traffic);
