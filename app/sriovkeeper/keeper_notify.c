/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "keeper.h"
#include "keeper_log.h"
#include "keeper_message.h"

/* The kernel's SCM_MAX_FD. */
#define FDS_MAX 253
#define REFUSED_LOG_MS 1000

int
keeper_notify_open(struct keeper *keeper)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const int on = 1;
	mode_t mask;
	int ret;

	ret = snprintf(keeper->dir, sizeof(keeper->dir), "%s/" KEEPER_PROGRAM ".XXXXXX",
		keeper->options.runtime_dir);
	if (ret >= (int)(sizeof(address.sun_path) - sizeof("/notify"))) {
		keeper->dir[0] = '\0';
		keeper_log("%s: too long for the path of a socket", keeper->options.runtime_dir);
		return -ENAMETOOLONG;
	}
	if (mkdtemp(keeper->dir) == NULL) {
		ret = -errno;
		keeper_log("%s: no directory for the socket: %s (%d): choose another by "
			"--runtime-dir", keeper->dir, strerror(-ret), -ret);
		keeper->dir[0] = '\0';
		return ret;
	}
	snprintf(keeper->socket_path, sizeof(keeper->socket_path), "%.*s/notify",
		(int)(sizeof(keeper->socket_path) - sizeof("/notify")), keeper->dir);
	memcpy(address.sun_path, keeper->socket_path, sizeof(keeper->socket_path));
	keeper->notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	/* Made 0777 but for the umask. The sender's credentials are the kernel's word. */
	mask = umask(0177);
	if (keeper->notify_fd < 0 ||
			setsockopt(keeper->notify_fd, SOL_SOCKET, SO_PASSCRED, &on,
				sizeof(on)) != 0 ||
			bind(keeper->notify_fd, (struct sockaddr *)&address,
				sizeof(address)) != 0) {
		ret = -errno;
		keeper_log("%s: no socket: %s (%d)", keeper->socket_path, strerror(-ret), -ret);
	} else {
		ret = 0;
	}
	umask(mask);
	return ret;
}

void
keeper_notify_close(struct keeper *keeper)
{
	if (keeper->notify_fd >= 0)
		close(keeper->notify_fd);
	keeper->notify_fd = -1;
	if (keeper->dir[0] == '\0')
		return;
	unlink(keeper->socket_path);
	rmdir(keeper->dir);
	keeper->dir[0] = '\0';
}

/* Logs at most one of those in a while: who floods us is not to fill the disk. */
static void
refuse(struct keeper *keeper, pid_t pid, const char *why)
{
	const int64_t now = keeper_now_ms();

	keeper->nb_refused++;
	if (keeper->refused_logged_ms != 0 && now - keeper->refused_logged_ms < REFUSED_LOG_MS)
		return;
	keeper->refused_logged_ms = now;
	keeper_log("datagram of pid %d refused: %s (%llu so far)", (int)pid, why,
		(unsigned long long)keeper->nb_refused);
}

/* Keeps @nb descriptors, which are ours to close. */
static void
fds_store(struct keeper *keeper, const struct keeper_message *message, int *fds, unsigned int nb)
{
	unsigned int i, nb_lost = 0;

	if (message->fd_name_invalid)
		keeper_log("FDNAME is invalid: 1 to %d printable characters other than ':'; it is "
			"kept as \"%s\"", KEEPER_NAME_MAX, message->fd_name);
	for (i = 0; i < nb; i++) {
		if (keeper_store_add(&keeper->store, fds[i], message->fd_name,
				!message->fd_poll_off) == -ENOSPC)
			nb_lost++;
		fds[i] = -1;
	}
	if (nb_lost > 0)
		keeper_log("%u of \"%s\" are not kept: %u descriptors are, of %u", nb_lost,
			message->fd_name, keeper->store.nb, keeper->store.max);
}

static void
main_pid_take(struct keeper *keeper, pid_t pid)
{
	if (pid == keeper->main_pid)
		return;
	if (!keeper_child_is_ours(pid)) {
		keeper_log("MAINPID=%d: no descendant of pid %d", (int)pid, (int)keeper->main_pid);
		return;
	}
	keeper_log("the main process is pid %d now", (int)pid);
	keeper->main_pid = pid;
}

static void
ready_take(struct keeper *keeper)
{
	unsigned int i;

	if (keeper->state == KEEPER_READY)
		return;
	keeper_log("pid %d is ready after %lld ms", (int)keeper->main_pid,
		(long long)(keeper_now_ms() - keeper->started_ms));
	keeper->state = KEEPER_READY;
	keeper->start_deadline_ms = 0;
	/* It serves the requests itself now; the kernel repeats them. */
	for (i = 0; i < keeper->store.nb; i++)
		keeper->store.fds[i].release_ms = 0;
}

static void
message_take(struct keeper *keeper, const struct keeper_message *message, int *fds,
		unsigned int nb)
{
	const int64_t now = keeper_now_ms();

	if (message->main_pid != 0)
		main_pid_take(keeper, message->main_pid);
	if (message->fd_store_remove && message->has_fd_name && !message->fd_name_invalid)
		keeper_store_remove(&keeper->store, message->fd_name);
	else if (message->fd_store)
		fds_store(keeper, message, fds, nb);
	if (message->has_status)
		keeper_log("pid %d: %s", (int)keeper->main_pid, message->status);
	if (message->ready)
		ready_take(keeper);
	if (message->stopping)
		keeper_log("pid %d is stopping", (int)keeper->main_pid);
	/* Only of one that is to be watched at all. */
	if (message->watchdog_us != 0 && keeper->options.watchdog_ms != 0)
		keeper->watchdog_ms = message->watchdog_us / 1000 + 1;
	if (keeper->watchdog_ms != 0 && (message->watchdog || message->ready))
		keeper->watchdog_deadline_ms = now + keeper->watchdog_ms;
	if (message->watchdog_trigger && keeper->options.watchdog_ms != 0)
		keeper->watchdog_deadline_ms = now;
}

struct ancillary {
	struct ucred credentials;
	bool has_credentials;
	int fds[FDS_MAX];
	unsigned int nb;
};

static void
ancillary_take(struct msghdr *header, struct ancillary *ancillary)
{
	struct cmsghdr *c;
	size_t bytes;

	for (c = CMSG_FIRSTHDR(header); c != NULL; c = CMSG_NXTHDR(header, c)) {
		if (c->cmsg_level != SOL_SOCKET)
			continue;
		bytes = c->cmsg_len - CMSG_LEN(0);
		if (c->cmsg_type == SCM_RIGHTS && ancillary->nb == 0) {
			ancillary->nb = bytes / sizeof(int);
			memcpy(ancillary->fds, CMSG_DATA(c), ancillary->nb * sizeof(int));
		} else if (c->cmsg_type == SCM_CREDENTIALS && bytes == sizeof(struct ucred)) {
			memcpy(&ancillary->credentials, CMSG_DATA(c), sizeof(struct ucred));
			ancillary->has_credentials = true;
		}
	}
}

/* What is wrong with a datagram, or NULL. */
static const char *
datagram_check(const struct keeper *keeper, const struct msghdr *header,
		const struct ancillary *ancillary)
{
	if (!ancillary->has_credentials || ancillary->credentials.uid != geteuid())
		return "another user";
	if (keeper->state == KEEPER_NO_CHILD || ancillary->credentials.pid != keeper->main_pid)
		return "not the main process";
	if ((header->msg_flags & MSG_TRUNC) != 0)
		return "too long";
	if ((header->msg_flags & MSG_CTRUNC) != 0)
		return "too many descriptors, or no room for them";
	return NULL;
}

static bool
datagram_receive(struct keeper *keeper)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(FDS_MAX * sizeof(int))];
		struct cmsghdr align;
	} control;
	char data[KEEPER_MESSAGE_MAX];
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr header = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct ancillary ancillary = { .has_credentials = false };
	struct keeper_message message;
	const char *why;
	unsigned int i;
	ssize_t length;

	length = recvmsg(keeper->notify_fd, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (length < 0)
		return errno == EINTR;
	ancillary_take(&header, &ancillary);
	why = datagram_check(keeper, &header, &ancillary);
	if (why == NULL && keeper_message_parse(data, length, &message) != 0)
		why = "a NUL byte in it";
	if (why != NULL)
		refuse(keeper, ancillary.credentials.pid, why);
	else
		message_take(keeper, &message, ancillary.fds, ancillary.nb);
	/* Also that of a barrier, whose sender waits for it. */
	for (i = 0; i < ancillary.nb; i++)
		if (ancillary.fds[i] >= 0)
			close(ancillary.fds[i]);
	return true;
}

bool
keeper_notify_receive(struct keeper *keeper, unsigned int max)
{
	unsigned int i;

	for (i = 0; i < max; i++)
		if (!datagram_receive(keeper))
			return false;
	return true;
}
