/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Numbered frames whose content can be checked, for exact counts between processes. */

#ifndef TRAFFIC_H
#define TRAFFIC_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_ether.h>
#include <rte_mbuf.h>

/* Longest payload that one send makes segments of. */
#define TRAFFIC_TSO_MAX_BYTES	60000

#define TRAFFIC_FLOWS_MAX	10
#define TRAFFIC_QUEUES_MAX	16
#define TRAFFIC_PATH_MAX	128

/*
 * One flow of what a process sends and waits for on its first port. What concerns the port is taken
 * from the first flow; VLANs and groups to join from each.
 */
struct traffic_params {
	uint64_t tx; /* frames to send */
	uint64_t rx; /* frames to wait for */
	uint32_t stream; /* number of the stream that is sent, 16 bits */
	uint32_t rx_stream; /* and of the one that is waited for */
	uint32_t size; /* bytes of a frame without CRC and tag; with TSO, of the payload */
	uint32_t rate; /* frames a second */
	uint32_t timeout_s;
	uint32_t mtu;
	uint16_t descriptors; /* of each ring */
	uint16_t vlan; /* ID that is inserted into what is sent, 0: none */
	uint16_t rx_vlan; /* ID that frames must have had, 0: none */
	uint16_t tso; /* bytes of a segment, 0: UDP frames instead */
	uint16_t queues;
	bool ipv6;
	bool cksum; /* checksums by the device, else none at all */
	bool promisc;
	bool allmulti;
	bool strip;
	bool rss;
	bool interrupt; /* wait for each burst by the Rx interrupt */
	struct rte_ether_addr dst;
	char dst_file[TRAFFIC_PATH_MAX]; /* where it will be: the peer's @ready; "": it is known */
	struct rte_ether_addr mac; /* the port's, instead of its own; zero: its own */
	struct rte_ether_addr added_mac; /* one more of the port, for @pool; zero: none */
	uint16_t pool;
	struct rte_ether_addr group; /* multicast group to join; zero: none */
	char ready[TRAFFIC_PATH_MAX]; /* file that is made when the port is up, with its address */
	char go[TRAFFIC_PATH_MAX]; /* send from when this file is there */
	char pace[TRAFFIC_PATH_MAX]; /* file of traffic_pace.h; "": by @rate alone */
	char hold[TRAFFIC_PATH_MAX]; /* stay until this file is there */
	char stop[TRAFFIC_PATH_MAX]; /* stay until this file is there, and end then in any case */
};

/*
 * Reads "key=value,...[;key=value,...]...": the keys are the fields above, "dst" an address or
 * "@FILE"; each further flow has the first one's values for what it does not name, but no group.
 * @flows has room for TRAFFIC_FLOWS_MAX. Returns 0, or -errno with the reason printed.
 */
int traffic_params_parse(const char *text, struct traffic_params *flows, unsigned int *nb_flows);

/* What came: of the stream, and besides. */
struct traffic_counts {
	uint64_t frames;
	uint64_t bytes; /* of TSO payload */
	uint64_t duplicate;
	uint64_t corrupt;
	uint64_t foreign;
	uint64_t vlan_wrong;
	/* The device's verdict on a checksum: good, none, bad. */
	uint64_t cksum_good, cksum_unknown, cksum_bad;
	uint64_t rss_hashed;
};

/* One bit for each number of the stream: whether it came. */
struct traffic_seen {
	uint64_t *bits;
	uint64_t nb;
};

/* Builds frame number @seq of the stream into an empty mbuf chain from @mp. NULL without mbufs. */
struct rte_mbuf *traffic_frame_build(struct rte_mempool *mp, const struct traffic_params *params,
		const struct rte_ether_addr *src, uint64_t seq);

/* The stream of a frame that came in, 0 if it is of none. */
uint32_t traffic_frame_stream(const struct rte_mbuf *m);

/* Counts a frame that came in. */
void traffic_frame_check(struct rte_mbuf *m, const struct traffic_params *params,
		struct traffic_seen *seen, struct traffic_counts *counts);

/* Whether all of the stream came: @rx frames, or with TSO the bytes of as many. */
bool traffic_is_complete(const struct traffic_params *params, const struct traffic_counts *counts);

#endif /* TRAFFIC_H */
