/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ctl_client.h"

/* The largest reply; a status takes some 500 bytes for each VF. */
#define REPLY_MAX_BYTES (2 * 1024 * 1024)
/* Between two attempts while the daemon's queue of connections is full. */
#define RETRY_MS 20

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int
left_ms(const struct ctl_client *client)
{
	int64_t left = client->deadline_ms - now_ms();

	return left > 0 ? (int)left : 0;
}

static int
timed_out(const struct ctl_client *client, struct ctl_error *error, const char *what)
{
	ctl_fail(error, CTL_EXIT_TIMEOUT, "%s: %s within %u s", client->path, what,
			client->timeout_s);
	ctl_remedy(error, "what was asked for may still happen, see dpdk-sriovctl status; wait "
			"longer with --timeout; the daemon's log tells what it is doing");
	return CTL_EXIT_TIMEOUT;
}

static int
unreachable(const struct ctl_client *client, struct ctl_error *error, int err)
{
	ctl_fail(error, CTL_EXIT_UNREACHABLE, "cannot reach the daemon at %s: %s", client->path,
			strerror(err));
	if (err == ENOENT || err == ECONNREFUSED)
		ctl_remedy(error, "start it (systemctl start dpdk-sriovd), or name its control "
				"socket with --socket");
	else if (err == EACCES || err == EPERM)
		ctl_remedy(error, "run this as root or as a member of the daemon's admin_group");
	else if (err == EPROTOTYPE || err == ENOTSOCK)
		ctl_remedy(error, "that is another program's socket: name the daemon's control "
				"socket with --socket");

	return CTL_EXIT_UNREACHABLE;
}

static int
closed(const struct ctl_client *client, struct ctl_error *error)
{
	ctl_fail(error, CTL_EXIT_UNREACHABLE, "%s: the daemon closed the connection without an "
			"answer", client->path);
	ctl_remedy(error, "it was stopped, or died: see its log, and dpdk-sriovctl status for what "
			"was done");
	return CTL_EXIT_UNREACHABLE;
}

int
ctl_client_open(struct ctl_client *client, const char *path, unsigned int timeout_s,
		struct ctl_error *error)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	client->path = path;
	client->timeout_s = timeout_s;
	client->deadline_ms = now_ms() + (int64_t)timeout_s * 1000;
	client->fd = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return ctl_fail(error, CTL_EXIT_USAGE, "%s: longer than the %zu bytes that a "
				"socket's path can have", path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	client->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		return ctl_fail(error, CTL_EXIT_LOCAL, "cannot make a socket: %s", strerror(errno));
	/* Connecting does not wait here: a full queue gives EAGAIN. */
	while (connect(client->fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		int err = errno;

		if (err == EINTR || (err == EAGAIN && left_ms(client) > 0)) {
			poll(NULL, 0, RETRY_MS);
			continue;
		}
		ctl_client_close(client);
		return err == EAGAIN ? timed_out(client, error, "the daemon took no connection") :
				unreachable(client, error, err);
	}

	return CTL_EXIT_OK;
}

/* Wait until the socket is ready. 0, or a status with the error filled. */
static int
wait_for(struct ctl_client *client, short events, const char *what, struct ctl_error *error)
{
	struct pollfd pfd = { .fd = client->fd, .events = events };
	int ret;

	do {
		ret = poll(&pfd, 1, left_ms(client));
	} while (ret < 0 && errno == EINTR);
	if (ret > 0)
		return CTL_EXIT_OK;
	if (ret == 0)
		return timed_out(client, error, what);
	return ctl_fail(error, CTL_EXIT_LOCAL, "cannot wait for the daemon: %s", strerror(errno));
}

int
ctl_client_send(struct ctl_client *client, const char *data, size_t len, struct ctl_error *error)
{
	for (;;) {
		int ret = wait_for(client, POLLOUT, "the daemon took no request", error);

		if (ret != CTL_EXIT_OK)
			return ret;
		if (send(client->fd, data, len, MSG_NOSIGNAL) >= 0)
			return CTL_EXIT_OK;
		if (errno == EPIPE || errno == ECONNRESET)
			return closed(client, error);
		if (errno != EAGAIN && errno != EINTR)
			return ctl_fail(error, CTL_EXIT_LOCAL, "%s: cannot send: %s", client->path,
					strerror(errno));
	}
}

int
ctl_client_receive(struct ctl_client *client, char **data, size_t *len, struct ctl_error *error)
{
	ssize_t size, got;
	int ret;

	do {
		ret = wait_for(client, POLLIN, "no answer of the daemon", error);
		if (ret != CTL_EXIT_OK)
			return ret;
		/* The size of the packet that waits, which stays. */
		size = recv(client->fd, NULL, 0, MSG_PEEK | MSG_TRUNC);
	} while (size < 0 && (errno == EAGAIN || errno == EINTR));
	if (size == 0 || (size < 0 && (errno == ECONNRESET || errno == EPIPE)))
		return closed(client, error);
	if (size < 0)
		return ctl_fail(error, CTL_EXIT_LOCAL, "%s: cannot receive: %s", client->path,
				strerror(errno));
	if (size > REPLY_MAX_BYTES)
		return ctl_fail(error, CTL_EXIT_PROTOCOL, "%s: a reply of %zd bytes, more than %d",
				client->path, size, REPLY_MAX_BYTES);
	*data = malloc((size_t)size);
	if (*data == NULL)
		return ctl_fail(error, CTL_EXIT_LOCAL, "no memory for a reply of %zd bytes", size);
	/* One process reads here: what was seen is what is got. */
	got = recv(client->fd, *data, (size_t)size, 0);
	if (got != size) {
		ctl_wipe_free(*data);
		return got == 0 ? closed(client, error) : ctl_fail(error, CTL_EXIT_LOCAL,
				"%s: cannot receive: %s", client->path,
				got < 0 ? strerror(errno) : "cut off");
	}
	*len = (size_t)size;

	return CTL_EXIT_OK;
}

void
ctl_client_close(struct ctl_client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
}
