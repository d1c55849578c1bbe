/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_CLIENT_H
#define CTL_CLIENT_H

/**
 * @file
 * The connection to the daemon: SOCK_SEQPACKET, one packet a message. Each function ends at the
 * client's deadline.
 */

#include <stddef.h>

#include "ctl.h"

/** A connection. */
struct ctl_client {
	int fd;
	const char *path;
	int64_t deadline_ms; /**< of CLOCK_MONOTONIC */
	unsigned int timeout_s;
};

/** Connect. On failure the error is filled: CTL_EXIT_UNREACHABLE or _TIMEOUT. */
int ctl_client_open(struct ctl_client *client, const char *path, unsigned int timeout_s,
		struct ctl_error *error);
/** Send one packet. */
int ctl_client_send(struct ctl_client *client, const char *data, size_t len,
		struct ctl_error *error);
/**
 * Receive one packet.
 *
 * @param[out] data
 *   For the caller to ctl_wipe_free().
 */
int ctl_client_receive(struct ctl_client *client, char **data, size_t *len,
		struct ctl_error *error);
/** Close it. */
void ctl_client_close(struct ctl_client *client);

#endif /* CTL_CLIENT_H */
