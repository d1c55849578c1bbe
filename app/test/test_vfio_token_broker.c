/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rte_vfio_token_sock.h"
#include "test_vfio_token.h"

/* What the broker of the test does with its only client. */
enum broker_act {
	BROKER_REPLY,      /**< take the request, send the reply */
	BROKER_CLOSE,      /**< take the request, close */
	BROKER_CLOSE_RUDE, /**< close with the request unread */
	BROKER_SILENT,     /**< take the request, wait for the client to give up */
};

struct broker {
	enum broker_act act;
	uint8_t reply[64];
	size_t reply_len;
	int listener;
	pthread_t thread;
	uint8_t request[64];
	ssize_t request_len;
};

#define SOCKET "token.sock"

/* A listening socket in the case's directory. */
static int
listener_make(int backlog)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", token_test_path(SOCKET));
	unlink(addr.sun_path);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
			(backlog >= 0 && listen(fd, backlog) != 0)) {
		printf("cannot listen on %s: %s\n", addr.sun_path, strerror(errno));
		return -1;
	}
	return fd;
}

static bool
readable(int fd)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, 10000) == 1;
}

static void *
broker_run(void *arg)
{
	struct broker *broker = arg;
	int fd = readable(broker->listener) ? accept(broker->listener, NULL, NULL) : -1;

	if (fd < 0)
		return NULL;
	if (!readable(fd) || broker->act == BROKER_CLOSE_RUDE)
		goto close_client;
	broker->request_len = recv(fd, broker->request, sizeof(broker->request), 0);
	if (broker->act == BROKER_REPLY)
		send(fd, broker->reply, broker->reply_len, MSG_NOSIGNAL);
	if (broker->act == BROKER_SILENT)
		readable(fd);

close_client:
	close(fd);
	return NULL;
}

/* Ask a broker that acts as told for a VF. */
static int
broker_ask(struct broker *broker, const char *vf, rte_uuid_t token, struct vfio_token_error *err)
{
	struct vfio_token_bdf bdf = token_test_bdf(vf);
	int ret;

	err->text[0] = '\0';
	broker->listener = listener_make(1);
	if (broker->listener < 0 ||
			pthread_create(&broker->thread, NULL, broker_run, broker) != 0)
		return vfio_token_fail(err, -ENOTRECOVERABLE, "no broker");
	ret = vfio_token_broker_ask(token_test_path(SOCKET), &bdf, token, err);
	pthread_join(broker->thread, NULL);
	close(broker->listener);

	return ret;
}

static struct rte_vfio_token_reply
reply_make(uint16_t status, const char *uuid)
{
	struct rte_vfio_token_reply reply = {
		.magic = htole32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = htole16(RTE_VFIO_TOKEN_SOCK_VERSION),
		.status = htole16(status),
	};

	if (uuid != NULL)
		rte_uuid_parse(uuid, reply.token);
	return reply;
}

static void
broker_reply_set(struct broker *broker, const struct rte_vfio_token_reply *reply)
{
	memcpy(broker->reply, reply, sizeof(*reply));
	broker->reply_len = sizeof(*reply);
}

/* Ask a broker and expect its reply to be refused, with no token left. */
static int
broker_refused(struct broker *broker, int expected, const char *words)
{
	struct vfio_token_error err;
	rte_uuid_t token = { 0 };
	int ret = broker_ask(broker, VF0, token, &err);

	if (!rte_uuid_is_null(token)) {
		printf("refused, and yet there is a token\n");
		return -1;
	}
	if (strstr(err.text, token_test_path(SOCKET)) == NULL) {
		printf("the message does not name the socket: %s\n", err.text);
		return -1;
	}
	return token_test_refused(ret, expected, err.text, words);
}

static int
test_broker_ok_gives_token(void)
{
	struct rte_vfio_token_reply reply = reply_make(RTE_VFIO_TOKEN_OK, UUID_A);
	struct broker broker = { .act = BROKER_REPLY };
	struct vfio_token_error err;
	rte_uuid_t token;

	broker_reply_set(&broker, &reply);
	TEST_ASSERT_SUCCESS(broker_ask(&broker, VF0, token, &err), "refused: %s", err.text);
	TEST_ASSERT(token_test_equal(token, UUID_A), "another token");

	return TEST_SUCCESS;
}

static int
test_broker_request_names_vf(void)
{
	static const uint8_t request[] = { 'V', 'F', 'T', 'K', 1, 0, 0, 0,
		0x78, 0x56, 0x34, 0x12, 0xab, 0xfd, 0, 0 };
	struct rte_vfio_token_reply reply = reply_make(RTE_VFIO_TOKEN_OK, UUID_A);
	struct broker broker = { .act = BROKER_REPLY };
	struct vfio_token_error err;
	rte_uuid_t token;

	broker_reply_set(&broker, &reply);
	TEST_ASSERT_SUCCESS(broker_ask(&broker, "12345678:ab:1f.5", token, &err), "refused: %s",
			err.text);
	TEST_ASSERT_EQUAL(broker.request_len, (ssize_t)sizeof(request), "%zd bytes",
			broker.request_len);
	TEST_ASSERT_BUFFERS_ARE_EQUAL(broker.request, request, sizeof(request), "another request");

	return TEST_SUCCESS;
}

static int
test_broker_status_refused(void)
{
	static const struct {
		uint16_t status;
		int ret;
		const char *words;
	} cases[] = {
		{ RTE_VFIO_TOKEN_BAD_REQUEST, -EPROTO, "status 1" },
		{ RTE_VFIO_TOKEN_BAD_VERSION, -EPROTONOSUPPORT, "speaks version" },
		{ RTE_VFIO_TOKEN_DENIED, -EACCES, "not granted to this process" },
		{ RTE_VFIO_TOKEN_NO_DEVICE, -ENODEV, "not a VF that it serves" },
		{ RTE_VFIO_TOKEN_BUSY, -EBUSY, "try again" },
		{ 6, -EPROTO, "status 6" },
		{ UINT16_MAX, -EPROTO, "status 65535" },
	};
	struct broker broker = { .act = BROKER_REPLY };
	struct rte_vfio_token_reply reply;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		/* A token beside such a status is not one. */
		reply = reply_make(cases[i].status, UUID_A);
		broker_reply_set(&broker, &reply);
		TEST_ASSERT_SUCCESS(broker_refused(&broker, cases[i].ret, cases[i].words),
				"status %u", cases[i].status);
	}

	return TEST_SUCCESS;
}

static int
test_broker_other_version_refused(void)
{
	struct rte_vfio_token_reply reply = reply_make(RTE_VFIO_TOKEN_OK, UUID_A);
	struct broker broker = { .act = BROKER_REPLY };

	reply.version = htole16(2);
	broker_reply_set(&broker, &reply);
	TEST_ASSERT_SUCCESS(broker_refused(&broker, -EPROTONOSUPPORT,
			"speaks version 2, this process version 1"), "status OK");
	reply.status = htole16(RTE_VFIO_TOKEN_BAD_VERSION);
	broker_reply_set(&broker, &reply);

	return broker_refused(
			&broker, -EPROTONOSUPPORT, "speaks version 2, this process version 1");
}

static int
test_broker_reply_of_other_size_refused(void)
{
	static const size_t sizes[] = { 1, 4, 8, 12, 27, 29, 56 };
	struct rte_vfio_token_reply reply = reply_make(RTE_VFIO_TOKEN_OK, UUID_A);
	struct broker broker = { .act = BROKER_REPLY };
	unsigned int i;

	broker_reply_set(&broker, &reply);
	for (i = 0; i < RTE_DIM(sizes); i++) {
		broker.reply_len = sizes[i];
		TEST_ASSERT_SUCCESS(broker_refused(&broker, -EPROTO, "malformed reply"),
				"%zu bytes", sizes[i]);
	}

	return TEST_SUCCESS;
}

static int
test_broker_malformed_reply_refused(void)
{
	const struct rte_vfio_token_reply good = reply_make(RTE_VFIO_TOKEN_OK, UUID_A);
	struct broker broker = { .act = BROKER_REPLY };
	struct rte_vfio_token_reply reply = good;

	reply.magic = htobe32(RTE_VFIO_TOKEN_SOCK_MAGIC);
	broker_reply_set(&broker, &reply);
	TEST_ASSERT_SUCCESS(broker_refused(&broker, -EPROTO, "malformed reply"), "magic");
	reply = good;
	reply.reserved = htole32(1);
	broker_reply_set(&broker, &reply);
	TEST_ASSERT_SUCCESS(broker_refused(&broker, -EPROTO, "malformed reply"), "reserved");
	reply = reply_make(RTE_VFIO_TOKEN_OK, NULL);
	broker_reply_set(&broker, &reply);

	return broker_refused(&broker, -EPROTO, "all-zero token");
}

static int
test_broker_close_without_answer_refused(void)
{
	struct broker polite = { .act = BROKER_CLOSE }, rude = { .act = BROKER_CLOSE_RUDE };

	return broker_refused(&polite, -ECONNRESET, "token broker") ||
			broker_refused(&rude, -ECONNRESET, "token broker");
}

static int
test_broker_silence_times_out(void)
{
	struct broker broker = { .act = BROKER_SILENT };

	return broker_refused(&broker, -ETIMEDOUT, "no answer within 2000 ms");
}

/* Ask a socket at which no broker answers. */
static int
socket_refused(const char *path, int expected, const char *words)
{
	struct vfio_token_bdf bdf = token_test_bdf(VF0);
	struct vfio_token_error err;
	rte_uuid_t token = { 0 };
	int ret = vfio_token_broker_ask(path, &bdf, token, &err);

	return token_test_refused(ret, expected, err.text, words);
}

static int
test_broker_absent_refused(void)
{
	int fd;

	TEST_ASSERT_SUCCESS(socket_refused(token_test_path("missing"), -ENOENT,
			"cannot connect: No such file"), "missing");
	TEST_ASSERT_SUCCESS(token_test_text("file", ""), "no file");
	TEST_ASSERT_SUCCESS(socket_refused(token_test_path("file"), -ECONNREFUSED,
			"cannot connect"), "not a socket");
	fd = listener_make(-1);
	TEST_ASSERT_SUCCESS(socket_refused(token_test_path(SOCKET), -ECONNREFUSED,
			"is dpdk-sriovd running"), "not listening");
	close(fd);

	return socket_refused(token_test_path(SOCKET), -ECONNREFUSED, "is dpdk-sriovd running");
}

static int
test_broker_stream_socket_refused(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), ret;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", token_test_path("stream"));
	TEST_ASSERT(bind(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 && listen(fd, 1) == 0,
			"no socket");
	ret = socket_refused(addr.sun_path, -EPROTOTYPE, "cannot connect");
	close(fd);

	return ret;
}

static int
test_broker_full_backlog_times_out(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int clients[8], fd = listener_make(0), ret;
	unsigned int nb_clients = 0;

	TEST_ASSERT(fd >= 0, "no listener");
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", token_test_path(SOCKET));
	do {
		clients[nb_clients] =
				socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
		ret = connect(clients[nb_clients++], (struct sockaddr *)&addr, sizeof(addr));
	} while (ret == 0 && nb_clients < RTE_DIM(clients));
	TEST_ASSERT(ret != 0 && errno == EAGAIN, "the backlog does not fill");
	ret = socket_refused(addr.sun_path, -ETIMEDOUT, "no answer within 2000 ms");
	while (nb_clients > 0)
		close(clients[--nb_clients]);
	close(fd);

	return ret;
}

static int
test_broker_long_path_refused(void)
{
	struct vfio_token_error err;
	char path[200];

	memset(path, 'x', sizeof(path));
	path[107] = '\0';
	TEST_ASSERT_SUCCESS(vfio_token_broker_path_check(path, &err), "107 bytes: %s", err.text);
	path[107] = 'x';
	path[108] = '\0';

	return token_test_refused(vfio_token_broker_path_check(path, &err), -EINVAL, err.text,
			"at most 107 bytes");
}

static int
test_broker_of_another_user_refused(void)
{
	int fd, ready[2], ret;
	pid_t pid;
	char byte;

	if (geteuid() != 0) {
		printf("skipped: a broker of another user needs root\n");
		return TEST_SKIPPED;
	}
	fd = listener_make(-1);
	TEST_ASSERT(fd >= 0 && pipe2(ready, O_CLOEXEC) == 0, "no socket");
	pid = fork();
	TEST_ASSERT(pid >= 0, "no child");
	if (pid == 0) {
		/* The peer's credentials are those at the time of listen(). */
		if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || listen(fd, 1) != 0 ||
				write(ready[1], "", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	close(ready[1]);
	ret = read(ready[0], &byte, 1) == 1 ? 0 : -1;
	close(ready[0]);
	if (ret == 0)
		ret = socket_refused(token_test_path(SOCKET), -EPERM, "runs as uid 65534");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(fd);

	return ret;
}

struct unit_test_suite token_test_broker_suite = {
	.suite_name = "VF token: broker",
	.unit_test_cases = {
		TOKEN_CASE(test_broker_ok_gives_token),
		TOKEN_CASE(test_broker_request_names_vf),
		TOKEN_CASE(test_broker_status_refused),
		TOKEN_CASE(test_broker_other_version_refused),
		TOKEN_CASE(test_broker_reply_of_other_size_refused),
		TOKEN_CASE(test_broker_malformed_reply_refused),
		TOKEN_CASE(test_broker_close_without_answer_refused),
		TOKEN_CASE(test_broker_silence_times_out),
		TOKEN_CASE(test_broker_absent_refused),
		TOKEN_CASE(test_broker_stream_socket_refused),
		TOKEN_CASE(test_broker_full_backlog_times_out),
		TOKEN_CASE(test_broker_long_path_refused),
		TOKEN_CASE(test_broker_of_another_user_refused),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_broker(void)
{
	return unit_test_suite_runner(&token_test_broker_suite);
}

REGISTER_FAST_TEST(vfio_token_broker_autotest, true, true, test_vfio_token_broker);
