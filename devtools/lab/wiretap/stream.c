/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <arpa/inet.h>
#include <endian.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <string.h>

#include "stream.h"

#define MAGIC		0x76665f74
#define PORT_UDP	9001

struct tag {
	uint16_t tci;
	uint16_t type;
} __attribute__((packed));

/* At the start of the payload. */
struct numbers {
	uint32_t magic;
	uint32_t stream;
	uint64_t seq;
} __attribute__((packed));

/* Behind the Ethernet header or the tag. */
struct datagram {
	struct iphdr ip;
	struct udphdr udp;
	struct numbers numbers;
} __attribute__((packed));

/* The byte at @offset of the payload of frame @seq: differs between neighbours of either. */
static uint8_t
pattern(uint64_t seq, uint32_t offset)
{
	return (seq * 31 + offset) ^ (offset >> 8);
}

static uint16_t
ip_checksum(const void *header)
{
	const uint8_t *at = header;
	uint32_t sum = 0;
	unsigned int i;

	for (i = 0; i < sizeof(struct iphdr); i += 2)
		sum += at[i] << 8 | at[i + 1];
	sum = (sum & 0xffff) + (sum >> 16);
	sum += sum >> 16;
	return htons(~sum);
}

uint32_t
wiretap_stream_build(const struct wiretap_stream *stream, uint64_t seq, uint8_t *frame)
{
	const uint32_t payload = stream->size - sizeof(struct ethhdr) - sizeof(struct iphdr) -
			sizeof(struct udphdr);
	struct datagram datagram = {
		.ip = {
			.version = 4,
			.ihl = sizeof(struct iphdr) / 4,
			.tot_len = htons(stream->size - sizeof(struct ethhdr)),
			.ttl = 64,
			.protocol = IPPROTO_UDP,
			.saddr = htonl(0x0a000001),
			.daddr = htonl(0x0a000002),
		},
		.udp = {
			.source = htons(stream->number),
			.dest = htons(PORT_UDP),
			.len = htons(sizeof(struct udphdr) + payload),
		},
		.numbers = { htonl(MAGIC), htonl(stream->number), htobe64(seq) },
	};
	struct ethhdr ether = { .h_proto = htons(ETH_P_IP) };
	struct tag tag = { htons(stream->vlan), htons(ETH_P_IP) };
	uint8_t *at = frame + sizeof(ether);
	uint32_t i;

	memcpy(ether.h_dest, stream->dst, ETH_ALEN);
	memcpy(ether.h_source, stream->src, ETH_ALEN);
	if (stream->vlan != 0) {
		ether.h_proto = htons(ETH_P_8021Q);
		memcpy(at, &tag, sizeof(tag));
		at += sizeof(tag);
	}
	memcpy(frame, &ether, sizeof(ether));
	datagram.ip.check = ip_checksum(&datagram.ip);
	memcpy(at, &datagram, sizeof(datagram));
	at += sizeof(datagram);
	for (i = sizeof(struct numbers); i < payload; i++)
		*at++ = pattern(seq, i);
	return at - frame;
}

static bool
payload_is_intact(const uint8_t *payload, uint32_t length, uint64_t seq)
{
	uint32_t i;

	for (i = sizeof(struct numbers); i < length; i++)
		if (payload[i] != pattern(seq, i))
			return false;
	return true;
}

static bool
mark(struct wiretap_stream *stream, uint64_t seq)
{
	const uint64_t bit = UINT64_C(1) << (seq % 64);

	if (seq >= stream->nb || stream->seen[seq / 64] & bit)
		return false;
	stream->seen[seq / 64] |= bit;
	return true;
}

enum wiretap_verdict
wiretap_stream_check(struct wiretap_stream *stream, const uint8_t *frame, uint32_t length)
{
	const struct ethhdr *ether = (const struct ethhdr *)frame;
	uint16_t vlan = 0, type = ntohs(ether->h_proto);
	uint32_t at = sizeof(*ether), l4_length;
	struct datagram datagram;
	struct tag tag;
	uint64_t seq;

	if (type == ETH_P_8021Q && length >= at + sizeof(tag)) {
		memcpy(&tag, frame + at, sizeof(tag));
		at += sizeof(tag);
		vlan = ntohs(tag.tci) & 0xfff;
		type = ntohs(tag.type);
	}
	if (type != ETH_P_IP || length < at + sizeof(datagram))
		return WIRETAP_FOREIGN;
	memcpy(&datagram, frame + at, sizeof(datagram));
	if (datagram.ip.protocol != IPPROTO_UDP || datagram.udp.source != htons(stream->number) ||
			datagram.udp.dest != htons(PORT_UDP) ||
			datagram.numbers.magic != htonl(MAGIC))
		return WIRETAP_FOREIGN;
	if (vlan != stream->vlan) {
		stream->vlan_wrong++;
		return WIRETAP_WRONG;
	}
	seq = be64toh(datagram.numbers.seq);
	l4_length = ntohs(datagram.udp.len);
	if (ip_checksum(&datagram.ip) != 0 || l4_length < sizeof(struct udphdr) +
			sizeof(struct numbers) || at + sizeof(struct iphdr) + l4_length > length ||
			!payload_is_intact(frame + at + sizeof(struct iphdr) +
				sizeof(struct udphdr), l4_length - sizeof(struct udphdr), seq)) {
		stream->corrupt++;
		return WIRETAP_WRONG;
	}
	if (mark(stream, seq))
		return WIRETAP_GOOD;
	stream->duplicate++;
	return WIRETAP_WRONG;
}
