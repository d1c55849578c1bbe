/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_REPLY_H
#define CTL_REPLY_H

/**
 * @file
 * Replies of the control protocol: one JSON object a packet. The parser does no input or output.
 */

#include <stddef.h>

#include "ctl.h"

/** What a packet is. */
enum ctl_reply_kind {
	CTL_REPLY_PROGRESS,
	CTL_REPLY_RESULT,
	CTL_REPLY_ERROR,
};

/** A reply. */
struct ctl_reply {
	enum ctl_reply_kind kind;
	json_t *body; /**< the object under "progress", "result" or "error"; owned */
};

/**
 * Parse a packet.
 *
 * @param data
 *   The packet; it need not end with a NUL.
 * @param id
 *   The request's.
 * @param[out] reply
 *   On success; its body is the caller's to json_decref().
 * @param[out] error
 *   On failure: CTL_EXIT_PROTOCOL, and what is wrong. It repeats nothing of the packet, which may
 *   hold a token.
 * @return
 *   CTL_EXIT_OK or CTL_EXIT_PROTOCOL.
 */
int ctl_reply_parse(const char *data, size_t len, json_int_t id, struct ctl_reply *reply,
		struct ctl_error *error);

/** Take the members of a reply's error over into the run's: status CTL_EXIT_FAILED. */
void ctl_reply_error(const struct ctl_reply *reply, struct ctl_error *error);

#endif /* CTL_REPLY_H */
