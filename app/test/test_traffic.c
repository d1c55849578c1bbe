/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Sends and receives numbered frames on the first port, as the environment variable TRAFFIC says:
 * "tx=1000,rx=1000,dst=...,size=64,...", see parameter_parse(). Two processes with it make a test
 * of what is between their ports.
 */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_kvargs.h>
#include <rte_malloc.h>
#include <rte_mempool.h>

#include "sriov_test.h"
#include "traffic.h"

#define PORT	0
#define DESCRIPTORS	512
#define MBUFS	4095
#define BURST	32
/* After the last frame: time in which nothing more may come. */
#define QUIET_MS	300
#define LINK_TIMEOUT_MS	15000
#define QUEUES_MAX	16

struct traffic {
	struct traffic_params params;
	struct traffic_seen seen;
	struct traffic_counts counts;
	struct rte_ether_addr mac;
	struct rte_mempool *mp;
	struct rte_mbuf *pending; /* built, and not yet taken by the port */
	uint64_t sent;
	uint64_t due;
};

static int
parameter_number(const char *key, const char *value, struct traffic_params *params)
{
	unsigned long long number = strtoull(value, NULL, 0);

	if (strcmp(key, "tx") == 0)
		params->tx = number;
	else if (strcmp(key, "rx") == 0)
		params->rx = number;
	else if (strcmp(key, "stream") == 0)
		params->stream = number;
	else if (strcmp(key, "rx_stream") == 0)
		params->rx_stream = number;
	else if (strcmp(key, "size") == 0)
		params->size = number;
	else if (strcmp(key, "rate") == 0)
		params->rate = number;
	else if (strcmp(key, "timeout") == 0)
		params->timeout_s = number;
	else if (strcmp(key, "mtu") == 0)
		params->mtu = number;
	else if (strcmp(key, "vlan") == 0)
		params->vlan = number;
	else if (strcmp(key, "rx_vlan") == 0)
		params->rx_vlan = number;
	else if (strcmp(key, "tso") == 0)
		params->tso = number;
	else if (strcmp(key, "queues") == 0)
		params->queues = number;
	else
		return -EINVAL;
	return 0;
}

static int
parameter_flag(const char *key, const char *value, struct traffic_params *params)
{
	bool on = strcmp(value, "0") != 0;

	if (strcmp(key, "ipv6") == 0)
		params->ipv6 = on;
	else if (strcmp(key, "cksum") == 0)
		params->cksum = on;
	else if (strcmp(key, "promisc") == 0)
		params->promisc = on;
	else if (strcmp(key, "allmulti") == 0)
		params->allmulti = on;
	else if (strcmp(key, "strip") == 0)
		params->strip = on;
	else if (strcmp(key, "rss") == 0)
		params->rss = on;
	else if (strcmp(key, "interrupt") == 0)
		params->interrupt = on;
	else
		return -EINVAL;
	return 0;
}

static int
parameter_parse(const char *key, const char *value, void *opaque)
{
	struct traffic_params *params = opaque;

	if (value == NULL)
		return -EINVAL;
	if (strcmp(key, "dst") == 0 && value[0] == '@') {
		snprintf(params->dst_file, sizeof(params->dst_file), "%s", value + 1);
		return 0;
	}
	if (strcmp(key, "dst") == 0)
		return rte_ether_unformat_addr(value, &params->dst);
	if (strcmp(key, "mac") == 0) {
		params->has_mac = true;
		return rte_ether_unformat_addr(value, &params->mac);
	}
	if (strcmp(key, "group") == 0) {
		params->has_group = true;
		return rte_ether_unformat_addr(value, &params->group);
	}
	if (strcmp(key, "ready") == 0) {
		snprintf(params->ready, sizeof(params->ready), "%s", value);
		return 0;
	}
	if (strcmp(key, "hold") == 0) {
		snprintf(params->hold, sizeof(params->hold), "%s", value);
		return 0;
	}
	if (parameter_number(key, value, params) == 0 || parameter_flag(key, value, params) == 0)
		return 0;
	printf("traffic: %s=%s: no such parameter\n", key, value);
	return -EINVAL;
}

static int
parameters_read(const char *text, struct traffic_params *params)
{
	struct rte_kvargs *list = rte_kvargs_parse(text, NULL);
	int ret;

	*params = (struct traffic_params){
		.size = 64, .rate = 2000, .timeout_s = 60, .queues = 1, .stream = 1, .rx_stream = 1,
	};
	memset(&params->dst, 0xff, sizeof(params->dst));
	if (list == NULL) {
		printf("traffic: TRAFFIC=\"%s\": not key=value[,key=value...]\n", text);
		return -EINVAL;
	}
	ret = rte_kvargs_process(list, NULL, parameter_parse, params);
	rte_kvargs_free(list);
	if (ret == 0 && (params->queues == 0 || params->queues > QUEUES_MAX || params->rate == 0 ||
			params->size < 60 || params->size > TRAFFIC_TSO_MAX_BYTES ||
			(params->tso == 0 && params->ipv6 && params->size < 78))) {
		printf("traffic: a parameter is out of range\n");
		ret = -EINVAL;
	}
	return ret;
}

/* The offloads that the parameters ask for; a port without one of them fails to be configured. */
static void
port_conf_fill(const struct traffic_params *params, const struct rte_eth_dev_info *info,
		struct rte_eth_conf *conf)
{
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
	if (params->vlan != 0)
		conf->txmode.offloads |= RTE_ETH_TX_OFFLOAD_VLAN_INSERT;
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
	uint16_t queue;
	int ret;

	for (queue = 0; queue < t->params.queues; queue++) {
		ret = step("Rx queue setup", rte_eth_rx_queue_setup(PORT, queue, DESCRIPTORS,
				rte_eth_dev_socket_id(PORT), NULL, t->mp));
		if (ret != 0)
			return ret;
		ret = step("Tx queue setup", rte_eth_tx_queue_setup(PORT, queue, DESCRIPTORS,
				rte_eth_dev_socket_id(PORT), NULL));
		if (ret != 0)
			return ret;
	}
	return 0;
}

static int
port_filters_set(const struct traffic_params *params)
{
	struct rte_ether_addr group = params->group;
	int ret = 0;

	if (params->promisc)
		ret = step("promiscuous mode", rte_eth_promiscuous_enable(PORT));
	if (ret == 0 && params->allmulti)
		ret = step("allmulticast mode", rte_eth_allmulticast_enable(PORT));
	if (ret == 0 && params->has_group)
		ret = step("multicast list", rte_eth_dev_set_mc_addr_list(PORT, &group, 1));
	if (ret == 0 && params->rx_vlan != 0) {
		/* A port without the filter takes all. */
		ret = rte_eth_dev_set_vlan_offload(PORT, rte_eth_dev_get_vlan_offload(PORT) |
				RTE_ETH_VLAN_FILTER_OFFLOAD);
		if (ret == 0)
			ret = step("VLAN filter",
					rte_eth_dev_vlan_filter(PORT, params->rx_vlan, 1));
		else
			ret = 0;
	}
	return ret;
}

static int
port_start(struct traffic *t)
{
	struct rte_eth_dev_info info;
	struct rte_eth_conf conf;
	int ret;

	ret = step("device information", rte_eth_dev_info_get(PORT, &info));
	if (ret != 0)
		return ret;
	port_conf_fill(&t->params, &info, &conf);
	/* What a VF without an own offload of the filter has to be told in advance. */
	if (t->params.rx_vlan != 0)
		conf.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_VLAN_FILTER;
	ret = step("configuration", rte_eth_dev_configure(PORT, t->params.queues, t->params.queues,
			&conf));
	if (ret == 0)
		ret = queues_setup(t);
	if (ret == 0 && t->params.has_mac)
		ret = step("MAC address", rte_eth_dev_default_mac_addr_set(PORT, &t->params.mac));
	if (ret == 0)
		ret = step("start", rte_eth_dev_start(PORT));
	if (ret == 0)
		ret = port_filters_set(&t->params);
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
	char path[sizeof(t->params.ready) + 4], text[RTE_ETHER_ADDR_FMT_SIZE];
	FILE *file;

	rte_ether_format_addr(text, sizeof(text), &t->mac);
	printf("traffic: ready, address %s\n", text);
	fflush(stdout);
	if (t->params.ready[0] == '\0')
		return;
	/* Whole from the moment it is there. */
	snprintf(path, sizeof(path), "%s.new", t->params.ready);
	file = fopen(path, "w");
	if (file == NULL)
		return;
	fprintf(file, "%s\n", text);
	fclose(file);
	(void)rename(path, t->params.ready);
}

/* Whether the address to send to is known; reads it once the peer has written it. */
static bool
dst_is_known(struct traffic *t)
{
	char text[64];
	FILE *file;

	if (t->params.dst_file[0] == '\0')
		return true;
	file = fopen(t->params.dst_file, "r");
	if (file == NULL)
		return false;
	if (fgets(text, sizeof(text), file) != NULL) {
		text[strcspn(text, "\n")] = '\0';
		if (rte_ether_unformat_addr(text, &t->params.dst) == 0)
			t->params.dst_file[0] = '\0';
	}
	fclose(file);
	return t->params.dst_file[0] == '\0';
}

static bool
send_some(struct traffic *t)
{
	uint64_t now = rte_rdtsc(), gap = rte_get_tsc_hz() / t->params.rate;
	bool any = false;

	if (t->sent < t->params.tx && !dst_is_known(t))
		return false;

	while (t->sent < t->params.tx && now >= t->due) {
		if (t->pending == NULL) {
			t->pending = traffic_frame_build(t->mp, &t->params, &t->mac, t->sent);
			if (t->pending != NULL &&
					rte_eth_tx_prepare(PORT, 0, &t->pending, 1) != 1) {
				printf("traffic: frame %" PRIu64 " not prepared: %s\n", t->sent,
						rte_strerror(rte_errno));
				rte_pktmbuf_free(t->pending);
				t->pending = NULL;
				t->params.tx = t->sent;
			}
		}
		if (t->pending == NULL || rte_eth_tx_burst(PORT, t->sent % t->params.queues,
				&t->pending, 1) == 0)
			break;
		t->pending = NULL;
		t->sent++;
		t->due = RTE_MAX(t->due + gap, now - gap);
		any = true;
	}
	return any;
}

static bool
receive_some(struct traffic *t)
{
	struct rte_mbuf *burst[BURST];
	uint16_t queue, nb, i;
	bool any = false;

	for (queue = 0; queue < t->params.queues; queue++) {
		nb = rte_eth_rx_burst(PORT, queue, burst, BURST);
		for (i = 0; i < nb; i++)
			traffic_frame_check(burst[i], &t->params, &t->seen, &t->counts);
		rte_pktmbuf_free_bulk(burst, nb);
		any |= nb != 0;
	}
	return any;
}

static void
interrupt_wait(struct traffic *t)
{
	struct rte_epoll_event event;

	if (rte_eth_dev_rx_intr_enable(PORT, 0) == 0) {
		(void)rte_epoll_wait(RTE_EPOLL_PER_THREAD, &event, 1, 10);
		(void)rte_eth_dev_rx_intr_disable(PORT, 0);
	}
	RTE_SET_USED(t);
}

/* Until all is sent and received, then as long as more comes; or until the time is up. */
static void
run(struct traffic *t)
{
	const uint64_t hz = rte_get_tsc_hz();
	const uint64_t end = rte_rdtsc() + t->params.timeout_s * hz;
	uint64_t quiet_from = rte_rdtsc();
	struct stat st;
	bool active;

	t->due = rte_rdtsc();
	while (rte_rdtsc() < end) {
		active = send_some(t);
		active |= receive_some(t);
		if (active) {
			quiet_from = rte_rdtsc();
			continue;
		}
		if (t->params.interrupt)
			interrupt_wait(t);
		else
			rte_delay_us_sleep(100);
		if (t->sent == t->params.tx && traffic_is_complete(&t->params, &t->counts) &&
				rte_rdtsc() - quiet_from > QUIET_MS * hz / 1000 &&
				(t->params.hold[0] == '\0' || stat(t->params.hold, &st) == 0))
			break;
	}
}

static void
report(const struct traffic *t)
{
	const struct traffic_counts *c = &t->counts;
	struct rte_eth_stats stats = { 0 };

	printf("traffic: sent %" PRIu64 " of %" PRIu64 "\n", t->sent, t->params.tx);
	printf("traffic: received %" PRIu64 " of %" PRIu64 ", %" PRIu64 " bytes of payload, "
			"duplicate %" PRIu64 ", corrupt %" PRIu64 ", wrong VLAN %" PRIu64
			", others %" PRIu64 "\n", c->frames, t->params.rx, c->bytes, c->duplicate,
			c->corrupt, c->vlan_wrong, c->foreign);
	printf("traffic: checksums good %" PRIu64 ", unknown %" PRIu64 ", bad %" PRIu64 "; hashed %"
			PRIu64 "\n", c->cksum_good, c->cksum_unknown, c->cksum_bad, c->rss_hashed);
	if (rte_eth_stats_get(PORT, &stats) == 0)
		printf("traffic: port: rx %" PRIu64 " packets %" PRIu64 " bytes, tx %" PRIu64
				" packets %" PRIu64 " bytes, missed %" PRIu64 ", errors %" PRIu64
				"/%" PRIu64 "\n", stats.ipackets, stats.ibytes, stats.opackets,
				stats.obytes, stats.imissed, stats.ierrors, stats.oerrors);
}

static bool
is_exact(const struct traffic *t)
{
	const struct traffic_counts *c = &t->counts;
	bool received = t->params.tso != 0 ? c->bytes == t->params.rx * t->params.size :
			c->frames == t->params.rx;

	return t->sent == t->params.tx && received && c->duplicate == 0 && c->corrupt == 0 &&
			c->vlan_wrong == 0 && c->cksum_bad == 0;
}

static int
traffic_prepare(struct traffic *t)
{
	uint64_t bits = t->params.rx * (t->params.tso != 0 ? t->params.size : 1);

	t->seen.nb = bits;
	t->seen.bits = calloc(bits / 64 + 1, sizeof(uint64_t));
	t->mp = rte_pktmbuf_pool_create("traffic", MBUFS, 128, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	if (t->seen.bits == NULL || t->mp == NULL)
		return step("memory", -ENOMEM);
	return 0;
}

static int
test_traffic(void)
{
	const char *text = getenv("TRAFFIC");
	struct traffic t = { 0 };
	int ret;

	if (text == NULL || !rte_eth_dev_is_valid_port(PORT)) {
		printf("skipped: needs a port, and TRAFFIC with what to send and to receive\n");
		return TEST_SKIPPED;
	}
	if (parameters_read(text, &t.params) != 0)
		return TEST_FAILED;
	ret = traffic_prepare(&t);
	if (ret == 0)
		ret = port_start(&t);
	if (ret == 0)
		ret = link_wait();
	if (ret == 0)
		ret = rte_eth_macaddr_get(PORT, &t.mac);
	if (ret == 0 && t.params.interrupt)
		ret = step("Rx interrupt", rte_eth_dev_rx_intr_ctl_q(PORT, 0, RTE_EPOLL_PER_THREAD,
				RTE_INTR_EVENT_ADD, NULL));
	if (ret == 0) {
		ready_tell(&t);
		run(&t);
		report(&t);
		ret = is_exact(&t) ? 0 : -EIO;
	}
	rte_pktmbuf_free(t.pending);
	(void)rte_eth_dev_stop(PORT);
	(void)rte_eth_dev_close(PORT);
	rte_mempool_free(t.mp);
	free(t.seen.bits);
	return ret == 0 ? TEST_SUCCESS : TEST_FAILED;
}

REGISTER_TEST_COMMAND(traffic_autotest, test_traffic);
