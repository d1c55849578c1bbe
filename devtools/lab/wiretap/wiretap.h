/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef WIRETAP_H
#define WIRETAP_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include <pcap/pcap.h>

#include "stream.h"
#include "traffic_pace.h"

/* Largest frame: a jumbo frame of the 82576 with two VLAN tags. */
#define WIRETAP_FRAME_MAX 9746

enum wiretap_role {
	WIRETAP_INJECT,
	WIRETAP_CAPTURE,
};

/* A role on an interface, as one argument says. */
struct wiretap_spec {
	enum wiretap_role role;
	/* Name, or if that is empty the descriptor of a TAP. */
	char interface[IF_NAMESIZE];
	int tap_fd;
	/* Capture file to read or write; NULL: capture counts only. */
	const char *path;
	/* Frames until it is done. 0: inject the file once, capture until the time is up. */
	uint64_t count;
	/* Frames a second; 0: as fast as the interface takes them. */
	uint64_t rate;
	/* Capture: only frames of this EtherType, in host order, behind VLAN tags; -1: all. */
	int ethertype;
	/* Capture: promiscuous mode. */
	bool promiscuous;
	/* Numbered frames in place of a file, if its number is not 0; with its address and size. */
	struct wiretap_stream stream;
	/* Inject: @stream's source address is given, and not the interface's. */
	bool has_src;
};

struct wiretap_endpoint {
	struct wiretap_spec spec;
	/* AF_PACKET, or -1. */
	int fd;
	pcap_t *file;
	pcap_dumper_t *dump;
	uint64_t frames, bytes;
	/* Capture: what the kernel had no room for. */
	uint64_t lost;
	/* When it last sent or received a frame. */
	uint64_t active_ns;
	/* Inject: when the next frame is due, and the one that is still to be sent. */
	uint64_t due_ns;
	/* Numbered frames are counted there, and sent by that, unless it is NULL. */
	traffic_pace_counts *received;
	struct traffic_pace pace;
	uint8_t frame[WIRETAP_FRAME_MAX];
	uint32_t length;
	bool done;
};

/*
 * Reads "ROLE:KEY=VALUE[,KEY=VALUE...]", as the program's --help has it. @text is changed, and
 * @spec points into it. Returns 0, or -EINVAL with the reason on standard error.
 */
int wiretap_parse(char *text, struct wiretap_spec *spec);

/* Opens all that it needs, or nothing. Returns 0, or -errno with the step on standard error. */
int wiretap_open(struct wiretap_endpoint *endpoint, const struct wiretap_spec *spec);

/* Writes out what was captured and releases everything. Safe to call twice. Returns 0 or -errno. */
int wiretap_close(struct wiretap_endpoint *endpoint);

/*
 * Sends or takes what is possible at @now_ns without waiting. Returns 0, also if nothing was, or
 * -errno with the reason on standard error.
 */
int wiretap_run(struct wiretap_endpoint *endpoint, uint64_t now_ns);

/* Whether it has all that it is to send or to receive. */
bool wiretap_is_complete(const struct wiretap_endpoint *endpoint);

#endif /* WIRETAP_H */
