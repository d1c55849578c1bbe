/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_peer.h"
#include "sriovd_token.h"

/* Connections accepted in a row: others' requests come in between. */
#define ACCEPTS_IN_A_ROW 16
#define SWEEP_MS 250

struct token_listener {
	TAILQ_ENTRY(token_listener) next;
	struct sriovd_tokens *tokens;
	struct sriovd_source source;
	char path[SRIOVD_SOCKET_SIZE];
	char only[RTE_SRIOV_BDF_SIZE];
	bool wanted;
};

struct token_client {
	TAILQ_ENTRY(token_client) next;
	struct sriovd_tokens *tokens;
	struct sriovd_source source;
	struct sriovd_peer peer;
	uint64_t accepted_ms;
	char only[RTE_SRIOV_BDF_SIZE];
};

struct sriovd_tokens {
	struct sriovd_loop *loop;
	struct sriovd_vfs *vfs;
	sriovd_token_fn decided;
	void *ctx;
	TAILQ_HEAD(, token_listener) listeners;
	TAILQ_HEAD(, token_client) clients; /* the oldest first */
	unsigned int nb_clients;
	bool serving;
	struct sriovd_source sweep;         /* its timer runs while there are clients */
	struct sriovd_token_stats stats;
};

static void
client_close(struct token_client *client)
{
	struct sriovd_tokens *tokens = client->tokens;

	sriovd_loop_remove(tokens->loop, &client->source);
	close(client->source.fd);
	sriovd_peer_clear(&client->peer);
	TAILQ_REMOVE(&tokens->clients, client, next);
	free(client);
	if (--tokens->nb_clients == 0)
		sriovd_timer_set(tokens->sweep.fd, 0);
}

/* ---- requests ---- */

static uint16_t
request_decide(struct token_client *client, const struct rte_vfio_token_request *request,
		unsigned char token[16], char bdf[RTE_SRIOV_BDF_SIZE], bool *used)
{
	struct sriovd_vfs *vfs = client->tokens->vfs;

	/* Without its unit, the peer is only denied what is granted to units. */
	if (sriovd_vfs_need_unit(vfs, request->domain, request->bus, request->devfn))
		sriovd_peer_unit_get(client->source.fd, &client->peer, client->accepted_ms);

	return sriovd_vfs_decide(vfs, client->only, request->domain, request->bus, request->devfn,
			&client->peer, token, bdf, used);
}

static void
request_answer(struct token_client *client, const void *packet, size_t size)
{
	struct sriovd_tokens *tokens = client->tokens;
	struct rte_vfio_token_request request;
	struct rte_vfio_token_reply reply;
	char bdf[RTE_SRIOV_BDF_SIZE] = "";
	unsigned char token[16];
	bool used = false;
	uint16_t status;

	status = sriovd_token_request_parse(packet, size, &request);
	if (status == RTE_VFIO_TOKEN_OK)
		status = request_decide(client, &request, token, bdf, &used);
	sriovd_token_reply_make(status, status == RTE_VFIO_TOKEN_OK ? token : NULL, &reply);
	/* A reply fits into any socket's buffer: whoever does not get it has gone. */
	send(client->source.fd, &reply, sizeof(reply), MSG_DONTWAIT | MSG_NOSIGNAL);
	if (status == RTE_VFIO_TOKEN_OK)
		tokens->stats.granted++;
	else
		tokens->stats.refused++;
	if (tokens->decided != NULL)
		tokens->decided(tokens->ctx, bdf, &client->peer, status, used);
	explicit_bzero(&reply, sizeof(reply));
	explicit_bzero(token, sizeof(token));
}

static void
client_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct token_client *client = source->ctx;
	unsigned char packet[sizeof(struct rte_vfio_token_request) + 1];
	ssize_t size;

	/* Without room for control messages, descriptors that are sent along are not taken. */
	size = recv(source->fd, packet, sizeof(packet), MSG_DONTWAIT | MSG_TRUNC);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size > 0)
		request_answer(client, packet, size);
	else
		client->tokens->stats.dropped++;
	client_close(client);
}

/* ---- connections ---- */

static bool
user_has_too_many(const struct sriovd_tokens *tokens, uid_t uid)
{
	const struct token_client *client;
	unsigned int count = 0;

	if (tokens->nb_clients < SRIOVD_TOKEN_CLIENTS_OF_USER)
		return false;
	TAILQ_FOREACH(client, &tokens->clients, next)
		count += client->peer.uid == uid;

	return count >= SRIOVD_TOKEN_CLIENTS_OF_USER;
}

static void
client_new(struct token_listener *listener, int fd)
{
	struct sriovd_tokens *tokens = listener->tokens;
	struct token_client *client = calloc(1, sizeof(*client));

	tokens->stats.accepted++;
	if (client == NULL)
		goto drop;
	client->tokens = tokens;
	client->accepted_ms = sriovd_now_ms();
	strlcpy(client->only, listener->only, sizeof(client->only));
	client->source = (struct sriovd_source) { .fd = fd, .fn = client_ready, .ctx = client };
	if (sriovd_peer_get(fd, &client->peer) != 0 ||
			tokens->nb_clients >= SRIOVD_TOKEN_CLIENTS_MAX ||
			user_has_too_many(tokens, client->peer.uid) ||
			sriovd_loop_add(tokens->loop, &client->source, EPOLLIN) != 0)
		goto drop;
	TAILQ_INSERT_TAIL(&tokens->clients, client, next);
	if (tokens->nb_clients++ == 0)
		sriovd_timer_set(tokens->sweep.fd, SWEEP_MS);
	/* Most have sent their request already. */
	client_ready(&client->source, EPOLLIN);
	return;

drop:
	if (client != NULL)
		sriovd_peer_clear(&client->peer);
	free(client);
	close(fd);
	tokens->stats.dropped++;
}

static void
listener_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct token_listener *listener = source->ctx;
	unsigned int i;
	int fd;

	for (i = 0; i < ACCEPTS_IN_A_ROW; i++) {
		fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		client_new(listener, fd);
	}
}

/* Close those who have not asked in time. */
static void
sweep_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct sriovd_tokens *tokens = source->ctx;
	const uint64_t now = sriovd_now_ms();
	struct token_client *client;

	sriovd_timer_take(source->fd);
	while ((client = TAILQ_FIRST(&tokens->clients)) != NULL) {
		if (now < client->accepted_ms + SRIOVD_TOKEN_WAIT_MS)
			break;
		tokens->stats.dropped++;
		client_close(client);
	}
}

/* ---- sockets ---- */

static struct token_listener *
listener_find(const struct sriovd_tokens *tokens, const char *path)
{
	struct token_listener *listener;

	TAILQ_FOREACH(listener, &tokens->listeners, next)
		if (strcmp(listener->path, path) == 0)
			return listener;

	return NULL;
}

static void
listener_close(struct token_listener *listener, bool leave)
{
	struct sriovd_tokens *tokens = listener->tokens;

	sriovd_loop_remove(tokens->loop, &listener->source);
	close(listener->source.fd);
	if (!leave)
		unlink(listener->path);
	TAILQ_REMOVE(&tokens->listeners, listener, next);
	free(listener);
}

int
sriovd_tokens_listen(struct sriovd_tokens *tokens, const char *path, const char *only, uid_t uid,
		gid_t gid, mode_t mode)
{
	struct token_listener *listener = listener_find(tokens, path);
	int ret;

	if (listener != NULL && strcmp(listener->only, only) != 0)
		return -EEXIST;
	if (listener != NULL) {
		listener->wanted = true;
		return sriovd_socket_owner_set(path, uid, gid, mode);
	}
	listener = calloc(1, sizeof(*listener));
	if (listener == NULL)
		return -ENOMEM;
	ret = sriovd_socket_listen(path, uid, gid, mode);
	if (ret < 0) {
		free(listener);
		return ret;
	}
	listener->tokens = tokens;
	listener->wanted = true;
	strlcpy(listener->path, path, sizeof(listener->path));
	strlcpy(listener->only, only, sizeof(listener->only));
	listener->source = (struct sriovd_source) {
		.fd = ret, .fn = listener_ready, .ctx = listener,
	};
	TAILQ_INSERT_TAIL(&tokens->listeners, listener, next);
	ret = sriovd_loop_add(tokens->loop, &listener->source, tokens->serving ? EPOLLIN : 0);
	if (ret != 0)
		listener_close(listener, false);

	return ret;
}

int
sriovd_tokens_serve(struct sriovd_tokens *tokens)
{
	struct token_listener *listener;
	int ret = 0;

	tokens->serving = true;
	TAILQ_FOREACH(listener, &tokens->listeners, next)
		if (ret == 0)
			ret = sriovd_loop_change(tokens->loop, &listener->source, EPOLLIN);

	return ret;
}

int
sriovd_tokens_vf_sockets_set(struct sriovd_tokens *tokens, const struct sriovd_vf_socket *sockets,
		unsigned int nb, char path[SRIOVD_SOCKET_SIZE])
{
	struct token_listener *listener, *next;
	unsigned int i;
	int ret = 0, err;

	TAILQ_FOREACH(listener, &tokens->listeners, next)
		listener->wanted = listener->only[0] == '\0';
	/* A path may have gone over to another VF: those that are closed come first. */
	for (i = 0; i < nb; i++) {
		listener = listener_find(tokens, sockets[i].path);
		if (listener != NULL && strcmp(listener->only, sockets[i].bdf) == 0)
			listener->wanted = true;
	}
	for (listener = TAILQ_FIRST(&tokens->listeners); listener != NULL; listener = next) {
		next = TAILQ_NEXT(listener, next);
		if (!listener->wanted)
			listener_close(listener, false);
	}
	for (i = 0; i < nb; i++) {
		err = sriovd_tokens_listen(tokens, sockets[i].path, sockets[i].bdf,
				sockets[i].owner.uid, sockets[i].owner.gid, 0660);
		if (err != 0 && ret == 0) {
			ret = err;
			strlcpy(path, sockets[i].path, SRIOVD_SOCKET_SIZE);
		}
	}

	return ret;
}

struct sriovd_tokens *
sriovd_tokens_new(struct sriovd_loop *loop, struct sriovd_vfs *vfs, sriovd_token_fn decided,
		void *ctx)
{
	struct sriovd_tokens *tokens = calloc(1, sizeof(*tokens));
	int fd;

	if (tokens == NULL)
		return NULL;
	tokens->loop = loop;
	tokens->vfs = vfs;
	tokens->decided = decided;
	tokens->ctx = ctx;
	TAILQ_INIT(&tokens->listeners);
	TAILQ_INIT(&tokens->clients);
	fd = sriovd_timer_new(0);
	tokens->sweep = (struct sriovd_source) { .fd = fd, .fn = sweep_ready, .ctx = tokens };
	if (fd < 0 || sriovd_loop_add(loop, &tokens->sweep, EPOLLIN) != 0) {
		if (fd >= 0)
			close(fd);
		free(tokens);
		return NULL;
	}

	return tokens;
}

void
sriovd_tokens_free(struct sriovd_tokens *tokens, bool leave)
{
	if (tokens == NULL)
		return;
	while (!TAILQ_EMPTY(&tokens->clients))
		client_close(TAILQ_FIRST(&tokens->clients));
	while (!TAILQ_EMPTY(&tokens->listeners))
		listener_close(TAILQ_FIRST(&tokens->listeners), leave);
	sriovd_loop_remove(tokens->loop, &tokens->sweep);
	close(tokens->sweep.fd);
	free(tokens);
}

void
sriovd_tokens_stats_get(const struct sriovd_tokens *tokens, struct sriovd_token_stats *stats)
{
	*stats = tokens->stats;
}
