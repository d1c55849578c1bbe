/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include <rte_byteorder.h>
#include <rte_ip.h>
#include <rte_tcp.h>
#include <rte_udp.h>

#include "traffic.h"

#define MAGIC	0x76665f74
#define PORT_UDP	9001
#define PORT_TCP	9002
/* Headers at most: Ethernet, a tag, IPv6, TCP. */
#define HEADERS_MAX	(14 + 4 + 40 + 20)

/* At the start of the payload of each UDP frame. */
struct payload {
	rte_be32_t magic;
	rte_be32_t stream;
	rte_be64_t seq;
} __attribute__((packed));

/* The byte at @offset of frame @seq: differs between neighbours of either. */
static uint8_t
pattern(uint64_t seq, uint32_t offset)
{
	return (seq * 31 + offset) ^ (offset >> 8);
}

/* With TSO the payload is one long stream of bytes. */
static uint8_t
pattern_tso(uint64_t offset)
{
	return offset ^ (offset >> 8) ^ (offset >> 16);
}

static uint16_t
ip_build(const struct traffic_params *params, uint8_t *at, uint16_t payload, uint8_t protocol)
{
	struct rte_ipv4_hdr *v4 = (struct rte_ipv4_hdr *)at;
	struct rte_ipv6_hdr *v6 = (struct rte_ipv6_hdr *)at;

	if (params->ipv6) {
		memset(v6, 0, sizeof(*v6));
		v6->vtc_flow = rte_cpu_to_be_32(6u << 28);
		v6->payload_len = rte_cpu_to_be_16(payload);
		v6->proto = protocol;
		v6->hop_limits = 64;
		at[8] = at[24] = 0xfd;
		at[23] = 1;
		at[39] = 2;
		return sizeof(*v6);
	}
	memset(v4, 0, sizeof(*v4));
	v4->version_ihl = 0x45;
	v4->total_length = rte_cpu_to_be_16(sizeof(*v4) + payload);
	v4->time_to_live = 64;
	v4->next_proto_id = protocol;
	v4->src_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 1));
	v4->dst_addr = rte_cpu_to_be_32(RTE_IPV4(10, 0, 0, 2));
	if (!params->cksum && params->tso == 0)
		v4->hdr_checksum = rte_ipv4_cksum(v4);
	return sizeof(*v4);
}

static void
offload_set(struct rte_mbuf *m, const struct traffic_params *params, void *ip, uint8_t l4_len)
{
	m->l2_len = RTE_ETHER_HDR_LEN;
	m->l3_len = params->ipv6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	m->l4_len = l4_len;
	if (params->vlan != 0) {
		m->ol_flags |= RTE_MBUF_F_TX_VLAN;
		m->vlan_tci = params->vlan;
	}
	if (!params->cksum && params->tso == 0)
		return;
	m->ol_flags |= params->ipv6 ? RTE_MBUF_F_TX_IPV6 :
			RTE_MBUF_F_TX_IPV4 | RTE_MBUF_F_TX_IP_CKSUM;
	m->ol_flags |= params->tso != 0 ? RTE_MBUF_F_TX_TCP_SEG | RTE_MBUF_F_TX_TCP_CKSUM :
			RTE_MBUF_F_TX_UDP_CKSUM;
	m->tso_segsz = params->tso;
	if (params->ipv6)
		*(uint16_t *)((uint8_t *)ip + sizeof(struct rte_ipv6_hdr) +
				(params->tso != 0 ? 16 : 6)) = rte_ipv6_phdr_cksum(ip, m->ol_flags);
	else
		*(uint16_t *)((uint8_t *)ip + sizeof(struct rte_ipv4_hdr) +
				(params->tso != 0 ? 16 : 6)) = rte_ipv4_phdr_cksum(ip, m->ol_flags);
}

/* Builds the headers. Returns their length. */
static uint16_t
headers_build(uint8_t *at, const struct traffic_params *params, const struct rte_ether_addr *src,
		uint64_t seq, uint32_t payload)
{
	const uint8_t l4_len = params->tso != 0 ? sizeof(struct rte_tcp_hdr) :
			sizeof(struct rte_udp_hdr);
	struct rte_ether_hdr *ether = (struct rte_ether_hdr *)at;
	struct rte_tcp_hdr *tcp;
	struct rte_udp_hdr *udp;
	uint16_t length = sizeof(*ether);

	rte_ether_addr_copy(&params->dst, &ether->dst_addr);
	rte_ether_addr_copy(src, &ether->src_addr);
	ether->ether_type = rte_cpu_to_be_16(params->ipv6 ? RTE_ETHER_TYPE_IPV6 :
			RTE_ETHER_TYPE_IPV4);
	length += ip_build(params, at + length, payload + l4_len,
			params->tso != 0 ? IPPROTO_TCP : IPPROTO_UDP);
	if (params->tso != 0) {
		tcp = (struct rte_tcp_hdr *)(at + length);
		memset(tcp, 0, sizeof(*tcp));
		tcp->src_port = rte_cpu_to_be_16(params->stream);
		tcp->dst_port = rte_cpu_to_be_16(PORT_TCP);
		tcp->sent_seq = rte_cpu_to_be_32(seq * params->size);
		tcp->data_off = sizeof(*tcp) / 4 << 4;
		tcp->tcp_flags = RTE_TCP_ACK_FLAG;
	} else {
		udp = (struct rte_udp_hdr *)(at + length);
		udp->src_port = rte_cpu_to_be_16(params->stream);
		udp->dst_port = rte_cpu_to_be_16(PORT_UDP);
		udp->dgram_len = rte_cpu_to_be_16(sizeof(*udp) + payload);
		udp->dgram_cksum = 0;
	}
	return length + l4_len;
}

static void
payload_build(uint8_t *at, const struct traffic_params *params, uint64_t seq, uint32_t from,
		uint32_t length)
{
	uint32_t i;

	for (i = 0; i < length; i++)
		at[i] = params->tso != 0 ? pattern_tso(seq * params->size + from + i) :
				pattern(seq, from + i);
}

/* Appends the payload, in as many segments as it takes. */
static int
payload_append(struct rte_mbuf *m, const struct traffic_params *params, uint64_t seq,
		uint32_t payload)
{
	struct rte_mbuf *last = m, *next;
	struct payload *first = NULL;
	uint32_t done = 0, part;
	uint8_t *at;

	while (done < payload) {
		part = RTE_MIN(payload - done, (uint32_t)rte_pktmbuf_tailroom(last));
		at = rte_pktmbuf_mtod(last, uint8_t *) + last->data_len;
		payload_build(at, params, seq, done, part);
		if (done == 0)
			first = (struct payload *)at;
		last->data_len += part;
		m->pkt_len += part;
		done += part;
		if (done == payload)
			break;
		next = rte_pktmbuf_alloc(m->pool);
		if (next == NULL)
			return -ENOMEM;
		last->next = next;
		m->nb_segs++;
		last = next;
	}
	if (params->tso == 0) {
		first->magic = rte_cpu_to_be_32(MAGIC);
		first->stream = rte_cpu_to_be_32(params->stream);
		first->seq = rte_cpu_to_be_64(seq);
	}
	return 0;
}

struct rte_mbuf *
traffic_frame_build(struct rte_mempool *mp, const struct traffic_params *params,
		const struct rte_ether_addr *src, uint64_t seq)
{
	struct rte_mbuf *m = rte_pktmbuf_alloc(mp);
	uint8_t l4_len = params->tso != 0 ? sizeof(struct rte_tcp_hdr) : sizeof(struct rte_udp_hdr);
	uint16_t headers;
	uint32_t payload;
	uint8_t *at;

	if (m == NULL)
		return NULL;
	headers = sizeof(struct rte_ether_hdr) + l4_len +
			(params->ipv6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr));
	payload = params->tso != 0 ? params->size : params->size - headers;
	at = rte_pktmbuf_mtod(m, uint8_t *);
	headers_build(at, params, src, seq, payload);
	m->data_len = m->pkt_len = headers;
	offload_set(m, params, at + sizeof(struct rte_ether_hdr), l4_len);
	if (payload_append(m, params, seq, payload) != 0) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	return m;
}

static void
flags_count(const struct rte_mbuf *m, struct traffic_counts *counts)
{
	uint64_t l4 = m->ol_flags & RTE_MBUF_F_RX_L4_CKSUM_MASK;
	uint64_t ip = m->ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;

	if (l4 == RTE_MBUF_F_RX_L4_CKSUM_BAD || ip == RTE_MBUF_F_RX_IP_CKSUM_BAD)
		counts->cksum_bad++;
	else if (l4 == RTE_MBUF_F_RX_L4_CKSUM_GOOD)
		counts->cksum_good++;
	else
		counts->cksum_unknown++;
	if (m->ol_flags & RTE_MBUF_F_RX_RSS_HASH)
		counts->rss_hashed++;
}

/* Whether the tag is as expected, in the frame or, stripped, beside it. Skips it in *@length. */
static bool
vlan_check(const struct rte_mbuf *m, const uint8_t *frame, uint16_t expected, uint32_t *length)
{
	const struct rte_ether_hdr *ether = (const struct rte_ether_hdr *)frame;
	const struct rte_vlan_hdr *vlan = (const struct rte_vlan_hdr *)(ether + 1);
	uint16_t id = 0;

	*length = sizeof(*ether);
	if (m->ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED)
		id = m->vlan_tci & 0xfff;
	if (ether->ether_type == rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN)) {
		id = rte_be_to_cpu_16(vlan->vlan_tci) & 0xfff;
		*length += sizeof(*vlan);
	}
	return id == expected;
}

/* All bytes of the datagram and the checksums that a device made. */
static bool
l4_is_intact(const uint8_t *ip, const struct traffic_params *params, bool tcp)
{
	const struct rte_ipv4_hdr *v4 = (const struct rte_ipv4_hdr *)ip;
	const struct rte_ipv6_hdr *v6 = (const struct rte_ipv6_hdr *)ip;
	const struct rte_udp_hdr *udp;

	if (params->ipv6) {
		udp = (const struct rte_udp_hdr *)(v6 + 1);
		if (!tcp && udp->dgram_cksum == 0)
			return !params->cksum;
		return rte_ipv6_udptcp_cksum_verify(v6, udp) == 0;
	}
	if (rte_raw_cksum(v4, sizeof(*v4)) != 0xffff)
		return false;
	udp = (const struct rte_udp_hdr *)(v4 + 1);
	if (!tcp && udp->dgram_cksum == 0)
		return !params->cksum;
	return rte_ipv4_udptcp_cksum_verify(v4, udp) == 0;
}

static bool
seen_mark(struct traffic_seen *seen, uint64_t seq)
{
	uint64_t bit = UINT64_C(1) << (seq % 64);

	if (seq >= seen->nb || seen->bits[seq / 64] & bit)
		return false;
	seen->bits[seq / 64] |= bit;
	return true;
}

static void
udp_check(const uint8_t *at, uint32_t length, const struct traffic_params *params,
		struct traffic_seen *seen, struct traffic_counts *counts)
{
	const struct payload *first = (const struct payload *)at;
	uint64_t seq = rte_be_to_cpu_64(first->seq);
	uint32_t i;

	if (rte_be_to_cpu_32(first->magic) != MAGIC ||
			rte_be_to_cpu_32(first->stream) != params->rx_stream) {
		counts->foreign++;
		return;
	}
	for (i = sizeof(*first); i < length; i++)
		if (at[i] != pattern(seq, i)) {
			counts->corrupt++;
			return;
		}
	if (seen_mark(seen, seq))
		counts->frames++;
	else
		counts->duplicate++;
}

static void
tcp_check(const struct rte_tcp_hdr *tcp, uint32_t length, const struct traffic_params *params,
		struct traffic_seen *seen, struct traffic_counts *counts)
{
	const uint8_t *at = (const uint8_t *)(tcp + 1);
	uint64_t offset = rte_be_to_cpu_32(tcp->sent_seq);
	uint32_t i;

	if (tcp->src_port != rte_cpu_to_be_16(params->rx_stream)) {
		counts->foreign++;
		return;
	}
	for (i = 0; i < length; i++)
		if (at[i] != pattern_tso(offset + i)) {
			counts->corrupt++;
			return;
		}
	/* Segments start at multiples of the peer's; bytes are what must not come twice. */
	if (!seen_mark(seen, offset)) {
		counts->duplicate++;
		return;
	}
	counts->frames++;
	counts->bytes += length;
}

/* It is the source port of the UDP or TCP header; headers lie in the first segment. */
uint32_t
traffic_frame_stream(const struct rte_mbuf *m)
{
	const uint8_t *at = rte_pktmbuf_mtod(m, const uint8_t *);
	uint32_t length = sizeof(struct rte_ether_hdr);
	uint16_t type = rte_be_to_cpu_16(((const struct rte_ether_hdr *)at)->ether_type), port;

	if (type == RTE_ETHER_TYPE_VLAN) {
		type = rte_be_to_cpu_16(((const struct rte_vlan_hdr *)(at + length))->eth_proto);
		length += sizeof(struct rte_vlan_hdr);
	}
	if (type == RTE_ETHER_TYPE_IPV4)
		length += sizeof(struct rte_ipv4_hdr);
	else if (type == RTE_ETHER_TYPE_IPV6)
		length += sizeof(struct rte_ipv6_hdr);
	else
		return 0;
	if (rte_pktmbuf_data_len(m) < length + sizeof(port))
		return 0;
	memcpy(&port, at + length, sizeof(port));
	return rte_be_to_cpu_16(port);
}

void
traffic_frame_check(struct rte_mbuf *m, const struct traffic_params *params,
		struct traffic_seen *seen, struct traffic_counts *counts)
{
	static uint8_t copy[16384];
	const uint8_t *frame, *ip, *l4;
	uint32_t l2, l3, l4_len;
	uint8_t protocol;
	bool tcp, vlan_ok;

	if (rte_pktmbuf_pkt_len(m) > sizeof(copy) || rte_pktmbuf_pkt_len(m) < 42) {
		counts->foreign++;
		return;
	}
	frame = rte_pktmbuf_read(m, 0, rte_pktmbuf_pkt_len(m), copy);
	vlan_ok = vlan_check(m, frame, params->rx_vlan, &l2);
	ip = frame + l2;
	if ((ip[0] >> 4 != 4 && ip[0] >> 4 != 6) || (ip[0] >> 4 == 6) != params->ipv6) {
		counts->foreign++;
		return;
	}
	protocol = params->ipv6 ? ip[6] : ip[9];
	l3 = params->ipv6 ? sizeof(struct rte_ipv6_hdr) : sizeof(struct rte_ipv4_hdr);
	l4 = ip + l3;
	l4_len = params->ipv6 ?
			rte_be_to_cpu_16(((const struct rte_ipv6_hdr *)ip)->payload_len) :
			rte_be_to_cpu_16(((const struct rte_ipv4_hdr *)ip)->total_length) - l3;
	tcp = protocol == IPPROTO_TCP;
	if (l2 + l3 + l4_len > rte_pktmbuf_pkt_len(m) || (!tcp && protocol != IPPROTO_UDP) ||
			l4_len < (tcp ? sizeof(struct rte_tcp_hdr) :
					sizeof(struct rte_udp_hdr) + sizeof(struct payload))) {
		counts->foreign++;
		return;
	}
	if (!vlan_ok) {
		counts->vlan_wrong++;
		return;
	}
	if (!l4_is_intact(ip, params, tcp)) {
		counts->corrupt++;
		return;
	}
	flags_count(m, counts);
	if (tcp)
		tcp_check((const struct rte_tcp_hdr *)l4, l4_len - sizeof(struct rte_tcp_hdr),
				params, seen, counts);
	else
		udp_check(l4 + sizeof(struct rte_udp_hdr), l4_len - sizeof(struct rte_udp_hdr),
				params, seen, counts);
}

bool
traffic_is_complete(const struct traffic_params *params, const struct traffic_counts *counts)
{
	if (params->tso != 0)
		return counts->bytes >= params->rx * params->size;
	return counts->frames >= params->rx;
}
