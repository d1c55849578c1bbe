/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef WIRETAP_STREAM_H
#define WIRETAP_STREAM_H

#include <net/ethernet.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Numbered frames, the same that traffic_autotest of dpdk-test sends and checks: UDP over IPv4, the
 * stream as source port and, with the number of the frame, in the payload, of which each byte
 * follows from that number and its place.
 */

#define WIRETAP_STREAM_FRAME_MIN 60

struct wiretap_stream {
	uint16_t number;
	/* 802.1Q ID that frames have, 0: no tag. */
	uint16_t vlan;
	/* Sent frames. */
	uint8_t dst[ETHER_ADDR_LEN], src[ETHER_ADDR_LEN];
	uint32_t size;
	/* Received ones: one bit for each number below @nb, and what was wrong. */
	uint64_t *seen;
	uint64_t nb;
	uint64_t duplicate, corrupt, vlan_wrong;
};

enum wiretap_verdict {
	WIRETAP_FOREIGN, /* not of the stream */
	WIRETAP_GOOD, /* and for the first time */
	WIRETAP_WRONG, /* counted in the stream */
};

/* Writes frame @seq with @stream's size, and its tag beyond that. Returns its length in bytes. */
uint32_t wiretap_stream_build(const struct wiretap_stream *stream, uint64_t seq, uint8_t *frame);

/* Looks at a frame that came in. */
enum wiretap_verdict wiretap_stream_check(struct wiretap_stream *stream, const uint8_t *frame,
		uint32_t length);

#endif /* WIRETAP_STREAM_H */
