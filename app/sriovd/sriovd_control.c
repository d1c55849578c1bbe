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

#include "sriovd_control.h"
#include "sriovd_peer.h"

#define ACCEPTS_IN_A_ROW 16
#define SWEEP_MS 1000

struct packet {
	STAILQ_ENTRY(packet) next;
	char *text;
	size_t size;
	bool replaced; /* by an error, as it was too long */
};

struct control_client {
	TAILQ_ENTRY(control_client) next;
	struct sriovd_control *control;
	struct sriovd_source source;
	struct sriovd_caller caller;
	bool busy;                      /* a request is under way */
	uint64_t active_ms;             /* when it last asked, or took what was sent */
	STAILQ_HEAD(, packet) queue;    /* what waits to be sent */
	size_t queued_bytes;
};

struct sriovd_control {
	struct sriovd_loop *loop;
	struct sriovd_source listener;
	struct sriovd_source sweep;
	char path[SRIOVD_SOCKET_SIZE];
	gid_t gid;
	sriovd_request_fn request;
	void *ctx;
	TAILQ_HEAD(, control_client) clients;
	unsigned int nb_clients;
	uint64_t last_client;
	/* One request's packet, with a byte more to see that it is too long. */
	char buffer[SRIOVD_REQUEST_MAX_BYTES + 1];
};

static void
packet_drop(struct control_client *client)
{
	struct packet *packet = STAILQ_FIRST(&client->queue);

	STAILQ_REMOVE_HEAD(&client->queue, next);
	client->queued_bytes -= packet->size;
	/* It may hold a token. */
	explicit_bzero(packet->text, packet->size);
	free(packet->text);
	free(packet);
}

static void
client_close(struct control_client *client)
{
	struct sriovd_control *control = client->control;

	while (!STAILQ_EMPTY(&client->queue))
		packet_drop(client);
	sriovd_loop_remove(control->loop, &client->source);
	close(client->source.fd);
	TAILQ_REMOVE(&control->clients, client, next);
	control->nb_clients--;
	free(client);
}

static void
client_watch(struct control_client *client)
{
	uint32_t events = 0;

	if (!client->busy && STAILQ_EMPTY(&client->queue))
		events |= EPOLLIN;
	if (!STAILQ_EMPTY(&client->queue))
		events |= EPOLLOUT;
	sriovd_loop_change(client->control->loop, &client->source, events);
}

/* ---- replies ---- */

/*
 * A reply that is too long for one packet becomes an error. The socket's buffer, too, is a limit:
 * the host's for a daemon without CAP_NET_ADMIN.
 */
static char *
reply_too_long(const char *text, const char *what, const char *remedy)
{
	struct rte_sriov_error error;
	json_t *json = json_loads(text, 0, NULL);
	int64_t id = json_integer_value(json_object_get(json, "id"));

	json_decref(json);
	sriovd_error_set(&error, EMSGSIZE, NULL, remedy, "the reply has %zu bytes, more than %s",
			strlen(text), what);

	return sriovd_reply_error(id, &error, NULL);
}

/* False: it was such an error already. */
static bool
packet_replace(struct packet *packet)
{
	char *text;

	if (packet->replaced)
		return false;
	text = reply_too_long(packet->text, "the socket's buffer takes", "run dpdk-sriovd with "
			"CAP_NET_ADMIN, raise net.core.wmem_max, or ask for one PF at a time");
	if (text == NULL)
		return false;
	explicit_bzero(packet->text, packet->size);
	free(packet->text);
	packet->text = text;
	packet->size = strlen(text);
	packet->replaced = true;

	return true;
}

/* Send what the socket takes. False: the client has gone. */
static bool
client_flush(struct control_client *client)
{
	struct packet *packet;
	ssize_t sent;

	while ((packet = STAILQ_FIRST(&client->queue)) != NULL) {
		sent = send(client->source.fd, packet->text, packet->size,
				MSG_DONTWAIT | MSG_NOSIGNAL | MSG_EOR);
		if (sent < 0 && (errno == EAGAIN || errno == EINTR || errno == ENOBUFS))
			return true;
		if (sent < 0 && errno == EMSGSIZE) {
			client->queued_bytes -= packet->size;
			if (!packet_replace(packet))
				return false;
			client->queued_bytes += packet->size;
			continue;
		}
		if (sent < 0)
			return false;
		client->active_ms = sriovd_now_ms();
		packet_drop(client);
	}

	return true;
}

static struct control_client *
client_find(const struct sriovd_control *control, uint64_t id)
{
	struct control_client *client;

	TAILQ_FOREACH(client, &control->clients, next)
		if (client->caller.client == id)
			return client;

	return NULL;
}

/* Give one who asked for too much something that can be sent. */
static char *
reply_bounded(char *text)
{
	char *error;

	if (text == NULL || strlen(text) <= SRIOVD_REPLY_MAX_BYTES)
		return text;
	error = reply_too_long(text, "1 MiB",
			"ask for one PF at a time");
	free(text);

	return error;
}

void
sriovd_control_reply(struct sriovd_control *control, uint64_t id, char *text, bool last)
{
	struct control_client *client = client_find(control, id);
	struct packet *packet;

	if (client == NULL) {
		free(text);
		return;
	}
	text = reply_bounded(text);
	packet = calloc(1, sizeof(*packet));
	if (text == NULL || packet == NULL)
		goto close;
	packet->text = text;
	packet->size = strlen(text);
	STAILQ_INSERT_TAIL(&client->queue, packet, next);
	client->queued_bytes += packet->size;
	if (last)
		client->busy = false;
	if (client->queued_bytes > SRIOVD_CONTROL_QUEUE_MAX_BYTES || !client_flush(client)) {
		client_close(client);
		return;
	}
	client_watch(client);
	return;

close:
	free(text);
	free(packet);
	client_close(client);
}

/* ---- requests ---- */

static void
request_refuse(struct control_client *client, int64_t id, const struct rte_sriov_error *error)
{
	sriovd_control_reply(client->control, client->caller.client,
			sriovd_reply_error(id, error, NULL), true);
}

static void
request_take(struct control_client *client, const char *text, size_t size)
{
	struct sriovd_control *control = client->control;
	struct sriovd_request request;
	struct rte_sriov_error error;

	client->busy = true;
	client->active_ms = sriovd_now_ms();
	if (sriovd_request_parse(text, size, &request, &error) != 0) {
		request_refuse(client, request.id, &error);
		return;
	}
	if (!client->caller.admin && !sriovd_method_is_public(request.method)) {
		sriovd_error_set(&error, EACCES, NULL, "ask as root, or as a member of the admin_group "
				"of its configuration", "%s: only for administrators",
				sriovd_method_name(request.method));
		request_refuse(client, request.id, &error);
		return;
	}
	client_watch(client);
	control->request(control->ctx, &client->caller, &request);
}

static void
client_ready(struct sriovd_source *source, uint32_t events)
{
	struct control_client *client = source->ctx;
	struct sriovd_control *control = client->control;
	ssize_t size;

	/* Whoever has closed its end takes no reply: what it has asked for goes on. */
	if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
		client_close(client);
		return;
	}
	if ((events & EPOLLOUT) != 0) {
		if (!client_flush(client))
			client_close(client);
		else
			client_watch(client);
		return;
	}
	size = recv(source->fd, control->buffer, sizeof(control->buffer), MSG_DONTWAIT | MSG_TRUNC);
	if (size < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (size <= 0)
		client_close(client);
	else
		request_take(client, control->buffer, size);
}

/* ---- connections ---- */

static bool
there_is_room(const struct sriovd_control *control, bool admin, uid_t uid)
{
	unsigned int of_public = 0, of_user = 0;
	const struct control_client *client;

	if (control->nb_clients >= SRIOVD_CONTROL_CLIENTS_MAX)
		return false;
	if (admin)
		return true;
	TAILQ_FOREACH(client, &control->clients, next) {
		of_public += !client->caller.admin;
		of_user += client->caller.uid == uid;
	}

	return of_public < SRIOVD_CONTROL_CLIENTS_PUBLIC &&
			of_user < SRIOVD_CONTROL_CLIENTS_OF_USER;
}

static void
client_new(struct sriovd_control *control, int fd)
{
	const int size = SRIOVD_REPLY_MAX_BYTES;
	struct control_client *client;
	struct sriovd_peer peer;
	bool admin;

	if (sriovd_peer_get(fd, &peer) != 0)
		goto close_fd;
	admin = peer.uid == 0 || peer.uid == geteuid() ||
			(control->gid != (gid_t)-1 && sriovd_peer_in_group(&peer, control->gid));
	client = there_is_room(control, admin, peer.uid) ? calloc(1, sizeof(*client)) : NULL;
	if (client == NULL)
		goto clear_peer;
	STAILQ_INIT(&client->queue);
	client->control = control;
	client->active_ms = sriovd_now_ms();
	client->caller = (struct sriovd_caller) {
		.client = ++control->last_client, .admin = admin, .uid = peer.uid, .pid = peer.pid,
	};
	client->source = (struct sriovd_source) { .fd = fd, .fn = client_ready, .ctx = client };
	/* Beyond the host's limit where allowed: a packet must fit as a whole. */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size)) != 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	if (sriovd_loop_add(control->loop, &client->source, EPOLLIN) != 0)
		goto free_client;
	TAILQ_INSERT_TAIL(&control->clients, client, next);
	control->nb_clients++;
	sriovd_peer_clear(&peer);
	return;

free_client:
	free(client);
clear_peer:
	sriovd_peer_clear(&peer);
close_fd:
	close(fd);
}

static void
listener_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	unsigned int i;
	int fd;

	for (i = 0; i < ACCEPTS_IN_A_ROW; i++) {
		fd = accept4(source->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0)
			return;
		client_new(source->ctx, fd);
	}
}

static void
sweep_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct sriovd_control *control = source->ctx;
	struct control_client *client, *next;
	const uint64_t now = sriovd_now_ms();
	uint64_t limit;

	sriovd_timer_take(source->fd);
	for (client = TAILQ_FIRST(&control->clients); client != NULL; client = next) {
		next = TAILQ_NEXT(client, next);
		limit = STAILQ_EMPTY(&client->queue) ? SRIOVD_CONTROL_IDLE_MS :
				SRIOVD_CONTROL_STALL_MS;
		if ((!client->busy || !STAILQ_EMPTY(&client->queue)) &&
				now >= client->active_ms + limit)
			client_close(client);
	}
}

int
sriovd_control_group_set(struct sriovd_control *control, gid_t gid)
{
	control->gid = gid;

	return sriovd_socket_owner_set(control->path, -1, gid != (gid_t)-1 ? gid : getegid(), 0660);
}

unsigned int
sriovd_control_nb_clients(const struct sriovd_control *control)
{
	return control->nb_clients;
}

struct sriovd_control *
sriovd_control_new(struct sriovd_loop *loop, const char *path, gid_t gid, sriovd_request_fn request,
		void *ctx, int *err)
{
	struct sriovd_control *control = calloc(1, sizeof(*control));
	int fd, timer;

	*err = -ENOMEM;
	if (control == NULL)
		return NULL;
	fd = sriovd_socket_listen(path, -1, gid, 0660);
	if (fd < 0) {
		*err = fd;
		goto free_control;
	}
	timer = sriovd_timer_new(SWEEP_MS);
	if (timer < 0) {
		*err = timer;
		goto close_fd;
	}
	control->loop = loop;
	control->gid = gid;
	control->request = request;
	control->ctx = ctx;
	strlcpy(control->path, path, sizeof(control->path));
	TAILQ_INIT(&control->clients);
	control->listener = (struct sriovd_source) {
		.fd = fd, .fn = listener_ready, .ctx = control,
	};
	control->sweep = (struct sriovd_source) { .fd = timer, .fn = sweep_ready, .ctx = control };
	*err = sriovd_loop_add(loop, &control->listener, EPOLLIN);
	if (*err == 0)
		*err = sriovd_loop_add(loop, &control->sweep, EPOLLIN);
	if (*err != 0)
		goto close_timer;

	return control;

close_timer:
	close(timer);
close_fd:
	close(fd);
	unlink(path);
free_control:
	free(control);
	return NULL;
}

void
sriovd_control_free(struct sriovd_control *control, bool leave)
{
	if (control == NULL)
		return;
	while (!TAILQ_EMPTY(&control->clients))
		client_close(TAILQ_FIRST(&control->clients));
	sriovd_loop_remove(control->loop, &control->sweep);
	sriovd_loop_remove(control->loop, &control->listener);
	close(control->sweep.fd);
	close(control->listener.fd);
	if (!leave)
		unlink(control->path);
	explicit_bzero(control->buffer, sizeof(control->buffer));
	free(control);
}
