/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifdef SRIOVD_SYSTEMD
#include <systemd/sd-login.h>
#endif

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_peer.h"

/* Linux 6.5; older headers lack it. */
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

/* Connections that wait to be accepted. */
#define LISTEN_BACKLOG 1024

/* ---- listening ---- */

static int
address_fill(const char *path, struct sockaddr_un *addr)
{
	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	if (path[0] != '/' || strlcpy(addr->sun_path, path, sizeof(addr->sun_path)) >=
			sizeof(addr->sun_path))
		return -ENAMETOOLONG;

	return 0;
}

/* Remove the socket of a process that has ended, and nothing else. */
static int
left_over_remove(const char *path, const struct sockaddr_un *addr)
{
	struct stat st;
	int fd, ret = 0;

	if (lstat(path, &st) != 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) == 0 || errno == EAGAIN ||
			errno == EPROTOTYPE)
		ret = -EADDRINUSE;
	else if (errno != ECONNREFUSED)
		ret = -errno;
	close(fd);
	if (ret == 0 && unlink(path) != 0 && errno != ENOENT)
		ret = -errno;

	return ret;
}

int
sriovd_socket_owner_set(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	if (lchown(path, uid, gid) != 0 || chmod(path, mode) != 0)
		return -errno;

	return 0;
}

int
sriovd_socket_listen(const char *path, uid_t uid, gid_t gid, mode_t mode)
{
	struct sockaddr_un addr;
	int fd, ret;

	ret = address_fill(path, &addr);
	if (ret == 0)
		ret = left_over_remove(path, &addr);
	if (ret != 0)
		return ret;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Nobody but its owner until owner and mode are set: bind() takes the descriptor's. */
	if (fchmod(fd, 0600) != 0 || bind(fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0) {
		ret = -errno;
		goto close_fd;
	}
	ret = sriovd_socket_owner_set(path, uid, gid, mode);
	if (ret == 0 && listen(fd, LISTEN_BACKLOG) != 0)
		ret = -errno;
	if (ret != 0)
		goto remove;

	return fd;

remove:
	unlink(path);
close_fd:
	close(fd);
	return ret;
}

/* ---- peers ---- */

int
sriovd_peer_get(int fd, struct sriovd_peer *peer)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);
	gid_t groups[64];

	memset(peer, 0, sizeof(*peer));
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return -errno;
	peer->pid = cred.pid;
	peer->uid = cred.uid;
	peer->gid = cred.gid;
	len = sizeof(groups);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) == 0) {
		peer->groups = malloc(len > 0 ? len : 1);
		if (peer->groups != NULL)
			memcpy(peer->groups, groups, len);
	} else if (errno == ERANGE) {
		/* It has more: the length that is needed was returned. */
		peer->groups = malloc(len);
		if (peer->groups != NULL &&
				getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, peer->groups, &len) != 0)
			len = 0;
	} else {
		return 0;
	}
	if (peer->groups == NULL)
		return -ENOMEM;
	peer->nb_groups = len / sizeof(gid_t);

	return 0;
}

bool
sriovd_peer_in_group(const struct sriovd_peer *peer, gid_t gid)
{
	unsigned int i;

	if (peer->gid == gid)
		return true;
	for (i = 0; i < peer->nb_groups; i++)
		if (peer->groups[i] == gid)
			return true;

	return false;
}

void
sriovd_peer_clear(struct sriovd_peer *peer)
{
	free(peer->groups);
	memset(peer, 0, sizeof(*peer));
}

#ifdef SRIOVD_SYSTEMD
/* Time when a process was started, in milliseconds since boot, or 0. */
static uint64_t
start_time_ms(pid_t pid)
{
	const long hz = sysconf(_SC_CLK_TCK);
	char path[32], text[1024], *at;
	unsigned long long ticks;
	unsigned int field;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (len <= 0 || hz <= 0)
		return 0;
	text[len] = '\0';
	/* Its name, in brackets, may hold anything; field 22 is the start time. */
	at = strrchr(text, ')');
	for (field = 2; at != NULL && field < 22; field++)
		at = strchr(at + 1, ' ');
	if (at == NULL || sscanf(at, " %llu", &ticks) != 1)
		return 0;

	return ticks * 1000 / hz;
}

static bool
pidfd_has_ended(int pidfd)
{
	struct pollfd pfd = { .fd = pidfd, .events = POLLIN };

	return poll(&pfd, 1, 0) != 0;
}

int
sriovd_peer_unit_get(int fd, struct sriovd_peer *peer, uint64_t accepted_ms)
{
	socklen_t len = sizeof(int);
	uint64_t start, again;
	char *unit = NULL;
	int pidfd = -1, ret;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &len) != 0)
		pidfd = -1;
	start = start_time_ms(peer->pid);
	ret = sd_pid_get_unit(peer->pid, &unit);
	again = start_time_ms(peer->pid);
	if (start == 0 || start != again || start > accepted_ms)
		ret = -ESRCH;
	/* Alive still, so all that was read was of this process. */
	if (pidfd >= 0) {
		if (pidfd_has_ended(pidfd))
			ret = -ESRCH;
		close(pidfd);
	}
	if (ret >= 0 && strlcpy(peer->unit, unit, sizeof(peer->unit)) >= sizeof(peer->unit)) {
		peer->unit[0] = '\0';
		ret = -ENAMETOOLONG;
	}
	free(unit);

	return ret < 0 ? ret : 0;
}
#else
int
sriovd_peer_unit_get(int fd __rte_unused, struct sriovd_peer *peer __rte_unused,
		uint64_t accepted_ms __rte_unused)
{
	return -ENOTSUP;
}
#endif
