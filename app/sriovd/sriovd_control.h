/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_CONTROL_H
#define SRIOVD_CONTROL_H

/**
 * @file
 * The control socket: clients, their requests and replies. For the main thread; nothing here
 * blocks.
 *
 * A client has one request under way at a time: until it is answered, no other is read from it.
 * What waits to be sent to it is bounded; whoever does not read is closed. Those who are no
 * administrators cannot take all connections.
 */

#include <stdint.h>

#include "sriovd_loop.h"
#include "sriovd_request.h"

/** Connections at a time: in all, of those who are no administrators, and of one of these. */
#define SRIOVD_CONTROL_CLIENTS_MAX 128
#define SRIOVD_CONTROL_CLIENTS_PUBLIC 64
#define SRIOVD_CONTROL_CLIENTS_OF_USER 8
/** Most that waits to be sent to a client, in bytes, and for how long, in milliseconds. */
#define SRIOVD_CONTROL_QUEUE_MAX_BYTES (4 * SRIOVD_REPLY_MAX_BYTES)
#define SRIOVD_CONTROL_STALL_MS 10000
/** How long a client may ask nothing, in milliseconds. */
#define SRIOVD_CONTROL_IDLE_MS 600000

struct sriovd_control;

/** Who asks. */
struct sriovd_caller {
	uint64_t client;  /**< for sriovd_control_reply() */
	bool admin;
	uid_t uid;
	pid_t pid;
};

/**
 * Is given a request, which is valid during the call. It is answered by sriovd_control_reply(),
 * now or later.
 */
typedef void (*sriovd_request_fn)(void *ctx, const struct sriovd_caller *caller,
		const struct sriovd_request *request);

/**
 * @param gid
 *   Whose members are administrators, beside uid 0 and this process's; -1: nobody.
 * @param[out] err
 *   Negative errno on failure, as of sriovd_socket_listen().
 */
struct sriovd_control *sriovd_control_new(struct sriovd_loop *loop, const char *path, gid_t gid,
		sriovd_request_fn request, void *ctx, int *err);
/** As sriovd_tokens_free(). Clients are closed. */
void sriovd_control_free(struct sriovd_control *control, bool leave);
/** Who is an administrator from now on, and may connect. */
int sriovd_control_group_set(struct sriovd_control *control, gid_t gid);

/**
 * Send a packet to a client, which may have gone.
 *
 * @param text
 *   Is taken, for free(). NULL: no memory; the client is closed.
 * @param last
 *   It ends the request.
 */
void sriovd_control_reply(struct sriovd_control *control, uint64_t client, char *text, bool last);

/** How many clients there are. */
unsigned int sriovd_control_nb_clients(const struct sriovd_control *control);

#endif /* SRIOVD_CONTROL_H */
