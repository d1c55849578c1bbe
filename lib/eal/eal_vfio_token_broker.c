/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <endian.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "eal_vfio_token_private.h"
#include "rte_vfio_token_sock.h"

/* How long to wait before connecting again to a broker whose queue of clients is full. */
#define CONNECT_RETRY_MS 10

int
vfio_token_broker_path_check(const char *path, struct vfio_token_error *err)
{
	struct sockaddr_un addr;

	if (strlen(path) >= sizeof(addr.sun_path))
		return vfio_token_fail(err, -EINVAL, "unix:PATH takes at most %zu bytes",
				sizeof(addr.sun_path) - 1);
	return 0;
}

static int
timed_out(const char *path, struct vfio_token_error *err)
{
	return vfio_token_fail(err, -ETIMEDOUT, "token broker %s: no answer within %u ms: is "
			"dpdk-sriovd alive?", path, RTE_VFIO_TOKEN_SOCK_TIMEOUT_MS);
}

/* Connect before the deadline. Returns the descriptor or a negative errno. */
static int
broker_connect(const char *path, int64_t deadline, struct vfio_token_error *err)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, ret;

	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return vfio_token_fail(err, -errno, "cannot make a socket: %s", strerror(errno));
	rte_strscpy(addr.sun_path, path, sizeof(addr.sun_path));
	/* EAGAIN: the backlog is full; a unix socket gives no event for its end. */
	while (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		ret = -errno;
		if ((ret == -EAGAIN || ret == -EINTR) && vfio_token_now_ms() < deadline) {
			poll(NULL, 0, CONNECT_RETRY_MS);
			continue;
		}
		close(fd);
		if (ret == -EAGAIN)
			return timed_out(path, err);
		return vfio_token_fail(err, ret, "token broker %s: cannot connect: %s: "
				"is dpdk-sriovd running, and may this process use its socket?",
				path, strerror(-ret));
	}

	return fd;
}

/* The broker must be root's or ours: anybody else could hand out a token of his own. */
static int
broker_trust_check(int fd, const char *path, struct vfio_token_error *err)
{
	struct ucred cred;
	socklen_t len = sizeof(cred);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
		return vfio_token_fail(err, -errno, "token broker %s: no credentials: %s", path,
				strerror(errno));
	if (cred.uid != 0 && cred.uid != geteuid())
		return vfio_token_fail(err, -EPERM, "token broker %s runs as uid %u; only uid 0 or "
				"the uid of this process, %u, is trusted", path, cred.uid,
				geteuid());
	return 0;
}

static int
reply_wait(int fd, const char *path, int64_t deadline, struct vfio_token_error *err)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	int64_t left;
	int ret;

	do {
		left = deadline - vfio_token_now_ms();
		ret = poll(&pfd, 1, left > 0 ? (int)left : 0);
	} while (ret < 0 && errno == EINTR);
	if (ret < 0)
		return vfio_token_fail(err, -errno, "token broker %s: %s", path, strerror(errno));
	if (ret == 0)
		return timed_out(path, err);
	return 0;
}

static int
reply_status_fail(uint16_t status, uint16_t version, const char *path,
		struct vfio_token_error *err)
{
	switch (status) {
	case RTE_VFIO_TOKEN_DENIED:
		return vfio_token_fail(err, -EACCES, "token broker %s: this VF is not granted to "
				"this process (uid %u): dpdk-sriovctl vf grant", path, geteuid());
	case RTE_VFIO_TOKEN_NO_DEVICE:
		return vfio_token_fail(err, -ENODEV, "token broker %s: not a VF that it serves: "
				"see dpdk-sriovctl status", path);
	case RTE_VFIO_TOKEN_BUSY:
		return vfio_token_fail(err, -EBUSY, "token broker %s: the VF is being reset or "
				"handed over: try again", path);
	case RTE_VFIO_TOKEN_BAD_VERSION:
		return vfio_token_fail(err, -EPROTONOSUPPORT, "token broker %s speaks version %u, "
				"this process version %u", path, version,
				RTE_VFIO_TOKEN_SOCK_VERSION);
	default:
		return vfio_token_fail(err, -EPROTO, "token broker %s: status %u", path, status);
	}
}

/* Check a reply, and take its token. */
static int
reply_parse(const struct rte_vfio_token_reply *reply, ssize_t len, const char *path,
		rte_uuid_t token, struct vfio_token_error *err)
{
	uint16_t status = le16toh(reply->status);
	uint16_t version = le16toh(reply->version);

	if (len == 0)
		return vfio_token_fail(err, -ECONNRESET, "token broker %s closed the connection "
				"without an answer", path);
	if (len != sizeof(*reply) || le32toh(reply->magic) != RTE_VFIO_TOKEN_SOCK_MAGIC ||
			reply->reserved != 0)
		return vfio_token_fail(err, -EPROTO, "token broker %s: malformed reply of %zd "
				"bytes: is it a token broker?", path, len);
	if (status != RTE_VFIO_TOKEN_OK)
		return reply_status_fail(status, version, path, err);
	if (version != RTE_VFIO_TOKEN_SOCK_VERSION)
		return reply_status_fail(RTE_VFIO_TOKEN_BAD_VERSION, version, path, err);
	if (rte_uuid_is_null(reply->token))
		return vfio_token_fail(err, -EPROTO, "token broker %s: an all-zero token", path);
	rte_uuid_copy(token, reply->token);

	return 0;
}

static int
broker_exchange(int fd, const char *path, const struct vfio_token_bdf *vf, int64_t deadline,
		rte_uuid_t token, struct vfio_token_error *err)
{
	struct rte_vfio_token_request request = {
		.magic = htole32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = htole16(RTE_VFIO_TOKEN_SOCK_VERSION),
		.domain = htole32(vf->domain),
		.bus = vf->bus,
		.devfn = vf->devfn,
	};
	struct {
		struct rte_vfio_token_reply reply;
		uint8_t more; /* to see that a reply is too long */
	} buffer;
	ssize_t len;
	int ret;

	/* Fits any socket buffer, so it cannot block; SEQPACKET keeps it whole. */
	if (send(fd, &request, sizeof(request), MSG_NOSIGNAL) != sizeof(request))
		return vfio_token_fail(err, -errno, "token broker %s: cannot send: %s", path,
				strerror(errno));
	ret = reply_wait(fd, path, deadline, err);
	if (ret != 0)
		return ret;
	len = recv(fd, &buffer, sizeof(buffer), 0);
	if (len < 0)
		return vfio_token_fail(err, -errno, "token broker %s: cannot receive: %s", path,
				strerror(errno));
	ret = reply_parse(&buffer.reply, len, path, token, err);
	explicit_bzero(&buffer, sizeof(buffer));

	return ret;
}

int
vfio_token_broker_ask(const char *path, const struct vfio_token_bdf *vf, rte_uuid_t token,
		struct vfio_token_error *err)
{
	int64_t deadline = vfio_token_now_ms() + RTE_VFIO_TOKEN_SOCK_TIMEOUT_MS;
	int fd, ret;

	fd = broker_connect(path, deadline, err);
	if (fd < 0)
		return fd;
	ret = broker_trust_check(fd, path, err);
	if (ret == 0)
		ret = broker_exchange(fd, path, vf, deadline, token, err);
	close(fd);

	return ret;
}
