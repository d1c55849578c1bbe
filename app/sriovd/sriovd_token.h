/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_TOKEN_H
#define SRIOVD_TOKEN_H

/**
 * @file
 * The token sockets (rte_vfio_token_sock.h). For the main thread; nothing here blocks.
 *
 * A client has SRIOVD_TOKEN_WAIT_MS to send its request. One user may have so many connections at a
 * time that others are not kept out; further ones are closed at once.
 */

#include <stddef.h>
#include <stdint.h>

#include <rte_vfio_token_sock.h>

#include "sriovd_loop.h"
#include "sriovd_vfs.h"

/** How long a client may take to send its request, in milliseconds. */
#define SRIOVD_TOKEN_WAIT_MS 1000
/** Connections at a time, in all and of one user. */
#define SRIOVD_TOKEN_CLIENTS_MAX 1024
#define SRIOVD_TOKEN_CLIENTS_OF_USER 64

/** Is told of each decision. @p used: it used up a one-time grant. */
typedef void (*sriovd_token_fn)(void *ctx, const char *bdf, const struct sriovd_peer *peer,
		uint16_t status, bool used);

struct sriovd_tokens;

/** What was asked and given. */
struct sriovd_token_stats {
	uint64_t accepted;
	uint64_t granted;
	uint64_t refused;    /**< with any status but OK */
	uint64_t dropped;    /**< closed without a reply: no request in time, or too many */
};

/**
 * @param decided
 *   Is told of each decision. NULL: nobody.
 * @return NULL with errno set.
 */
struct sriovd_tokens *sriovd_tokens_new(struct sriovd_loop *loop, struct sriovd_vfs *vfs,
		sriovd_token_fn decided, void *ctx);
/** Closes and removes all sockets, unless @p leave: those of a successor are at the same paths. */
void sriovd_tokens_free(struct sriovd_tokens *tokens, bool leave);

/**
 * Begin to answer. Until then those who connect wait: after a restart of the daemon, a VF that it
 * has not found again yet is not one that does not exist.
 */
int sriovd_tokens_serve(struct sriovd_tokens *tokens);

/**
 * Listen at a path.
 *
 * @param only
 *   Address of the VF that this socket is for; "" for all.
 * @return 0, -EEXIST: at this path for another VF; or another negative errno, as of
 *   sriovd_socket_listen().
 */
int sriovd_tokens_listen(struct sriovd_tokens *tokens, const char *path, const char *only,
		uid_t uid, gid_t gid, mode_t mode);
/** Listen at the paths of those VFs, and at those of no others. Returns the first error. */
int sriovd_tokens_vf_sockets_set(struct sriovd_tokens *tokens,
		const struct sriovd_vf_socket *sockets, unsigned int nb,
		char path[SRIOVD_SOCKET_SIZE]);

void sriovd_tokens_stats_get(const struct sriovd_tokens *tokens, struct sriovd_token_stats *stats);

/**
 * Check a request.
 *
 * @param[out] request
 *   In host byte order, filled on success.
 * @return RTE_VFIO_TOKEN_OK, BAD_REQUEST or BAD_VERSION.
 */
uint16_t sriovd_token_request_parse(const void *packet, size_t size,
		struct rte_vfio_token_request *request);
/** Make a reply. @p token: NULL unless the status is OK. */
void sriovd_token_reply_make(uint16_t status, const unsigned char *token,
		struct rte_vfio_token_reply *reply);
/** "granted", "denied", ... */
const char *sriovd_token_status_name(uint16_t status);

#endif /* SRIOVD_TOKEN_H */
