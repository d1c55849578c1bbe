/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The sockets of dpdk-sriovd: their loop runs in a thread, the clients are the tests. */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_byteorder.h>

#include "sriov_test.h"
#include "sriovd_control.h"
#include "sriovd_peer.h"
#include "sriovd_token.h"

#define VF "0000:01:10.0"
#define VF_DEVFN 0x80
#define VF2 "0000:01:10.2"
#define VF2_DEVFN 0x82
/* Longest wait for a reply, in milliseconds. */
#define REPLY_MS 5000
/* A reply that is larger than what a socket takes at a time, often. */
#define LARGE_REPLY_BYTES (512 * 1024)

static char dir[64];
static char token_path[108], control_path[108], vf_path[108];
static struct sriovd_loop *loop;
static struct sriovd_vfs *vfs;
static struct sriovd_tokens *tokens;
static struct sriovd_control *control;
static pthread_t thread;
static bool running;

static const unsigned char secret[16] = "0123456789abcdef";

/* ---- the server ---- */

static void
request_answer(void *ctx __rte_unused, const struct sriovd_caller *caller,
		const struct sriovd_request *request)
{
	json_t *result = json_object();
	char *text;

	json_object_set_new(result, "method", json_string(sriovd_method_name(request->method)));
	json_object_set_new(result, "admin", json_boolean(caller->admin));
	if (request->method == SRIOVD_METHOD_STATUS) {
		text = calloc(1, LARGE_REPLY_BYTES + 1);
		if (text != NULL)
			memset(text, 'x', LARGE_REPLY_BYTES);
		json_object_set_new(result, "large", json_string(text));
		free(text);
	}
	if (request->method == SRIOVD_METHOD_UP)
		sriovd_control_reply(control, caller->client,
				sriovd_reply_progress(request->id, "half", 1, 2), false);
	/* "down" is never answered: a request that takes its time. */
	if (request->method == SRIOVD_METHOD_DOWN)
		json_decref(result);
	else
		sriovd_control_reply(control, caller->client,
				sriovd_reply_result(request->id, result), true);
}

static void *
server_run(void *arg __rte_unused)
{
	sriovd_loop_run(loop);
	return NULL;
}

static int
vf_put(const char *bdf, const char *grant, bool once, const char *socket)
{
	struct sriovd_vf_entry entry = { .token_known = true, .owner = { .uid = -1, .gid = -1 } };
	struct sriovd_grant parsed;
	const char *why;
	int ret;

	snprintf(entry.bdf, sizeof(entry.bdf), "%s", bdf);
	snprintf(entry.pf, sizeof(entry.pf), "0000:01:00.0");
	snprintf(entry.socket, sizeof(entry.socket), "%s", socket);
	memcpy(entry.token, secret, sizeof(entry.token));
	if (grant != NULL) {
		TEST_ASSERT_SUCCESS(sriovd_grant_parse(grant, &parsed, &why), "%s", why);
		parsed.once = once;
		TEST_ASSERT_SUCCESS(sriovd_grants_add(&entry.grants, &parsed), "add");
	}
	ret = sriovd_vfs_put(vfs, &entry, false);
	sriovd_grants_free(&entry.grants);

	return ret;
}

static int
server_start(void)
{
	int err;

	snprintf(dir, sizeof(dir), "/tmp/sriovd-test-XXXXXX");
	TEST_ASSERT_NOT_NULL(mkdtemp(dir), "%s", strerror(errno));
	TEST_ASSERT_SUCCESS(chmod(dir, 0755), "chmod");
	snprintf(token_path, sizeof(token_path), "%s/token.sock", dir);
	snprintf(control_path, sizeof(control_path), "%s/control.sock", dir);
	snprintf(vf_path, sizeof(vf_path), "%s/vf.sock", dir);
	loop = sriovd_loop_new();
	vfs = sriovd_vfs_new();
	TEST_ASSERT(loop != NULL && vfs != NULL, "no memory");
	tokens = sriovd_tokens_new(loop, vfs, NULL, NULL);
	TEST_ASSERT_NOT_NULL(tokens, "tokens");
	TEST_ASSERT_SUCCESS(sriovd_tokens_listen(tokens, token_path, "", -1, -1, 0666), "listen");
	TEST_ASSERT_SUCCESS(sriovd_tokens_listen(tokens, vf_path, VF2, -1, -1, 0666), "listen");
	TEST_ASSERT_SUCCESS(sriovd_tokens_serve(tokens), "serve");
	control = sriovd_control_new(loop, control_path, -1, request_answer, NULL, &err);
	TEST_ASSERT_NOT_NULL(control, "control: %d", err);
	TEST_ASSERT_SUCCESS(chmod(control_path, 0666), "chmod");
	TEST_ASSERT_SUCCESS(pthread_create(&thread, NULL, server_run, NULL), "thread");
	running = true;

	return TEST_SUCCESS;
}

static void
server_stop(void)
{
	if (running) {
		sriovd_loop_stop(loop);
		pthread_join(thread, NULL);
		running = false;
	}
	sriovd_control_free(control, false);
	sriovd_tokens_free(tokens, false);
	sriovd_vfs_free(vfs);
	sriovd_loop_free(loop);
	control = NULL;
	tokens = NULL;
	vfs = NULL;
	loop = NULL;
	rmdir(dir);
}

/* ---- clients ---- */

static int
client_connect(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", path);
	if (fd >= 0 && connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0) {
		close(fd);
		fd = -1;
	}

	return fd;
}

/* Bytes of the next packet, 0 at the end, -1 if none comes in time. */
static ssize_t
client_receive(int fd, void *buf, size_t size, int timeout_ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	if (poll(&pfd, 1, timeout_ms) != 1)
		return -1;

	return recv(fd, buf, size, 0);
}

/* Status of the reply; -1: none. */
static int
token_ask(const char *path, const void *packet, size_t size, struct rte_vfio_token_reply *reply)
{
	int fd = client_connect(path), status = -1;

	if (fd < 0)
		return -1;
	if (send(fd, packet, size, MSG_NOSIGNAL) == (ssize_t)size &&
			client_receive(fd, reply, sizeof(*reply), REPLY_MS) == sizeof(*reply))
		status = rte_le_to_cpu_16(reply->status);
	close(fd);

	return status;
}

static int
token_ask_vf(const char *path, uint8_t devfn, struct rte_vfio_token_reply *reply)
{
	struct rte_vfio_token_request request = {
		.magic = rte_cpu_to_le_32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = rte_cpu_to_le_16(RTE_VFIO_TOKEN_SOCK_VERSION),
		.bus = 1,
		.devfn = devfn,
	};

	return token_ask(path, &request, sizeof(request), reply);
}

/* The reply as JSON, for json_decref(); NULL: none. */
static json_t *
control_receive(int fd)
{
	char *buf = malloc(2 * SRIOVD_REPLY_MAX_BYTES);
	json_t *json = NULL;
	ssize_t size;

	if (buf == NULL)
		return NULL;
	size = client_receive(fd, buf, 2 * SRIOVD_REPLY_MAX_BYTES, REPLY_MS);
	if (size > 0)
		json = json_loadb(buf, size, 0, NULL);
	free(buf);

	return json;
}

static json_t *
control_ask(int fd, const char *request)
{
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
		return NULL;

	return control_receive(fd);
}

static const char *
reply_text(const json_t *reply, const char *member, const char *name)
{
	const char *text = json_string_value(json_object_get(json_object_get(reply, member), name));

	return text != NULL ? text : "";
}

/* ---- token sockets ---- */

static int
test_sriovd_token_granted_user_only(void)
{
	struct rte_vfio_token_reply reply;

	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_NO_DEVICE,
			"a VF that is not there");
	TEST_ASSERT_SUCCESS(vf_put(VF, NULL, false, ""), "put");
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_DENIED,
			"granted without a grant");
	TEST_ASSERT(reply.token[0] == 0, "a token in a refusal");
	TEST_ASSERT_SUCCESS(vf_put(VF, "uid:12345", false, ""), "put");
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_DENIED,
			"another's grant");
	TEST_ASSERT_SUCCESS(vf_put(VF, getuid() == 0 ? "uid:0" : "gid:12345", false, ""), "put");
	if (getuid() == 0) {
		TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_OK,
				"refused");
		TEST_ASSERT_SUCCESS(memcmp(reply.token, secret, sizeof(secret)), "another token");
	}
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, 0, &reply), RTE_VFIO_TOKEN_NO_DEVICE, "a PF");

	return TEST_SUCCESS;
}

static char *
own_grant(char *text, size_t size)
{
	snprintf(text, size, "uid:%u", getuid());
	return text;
}

static int
test_sriovd_token_once_used_up(void)
{
	struct rte_vfio_token_reply reply;
	char grant[32];

	TEST_ASSERT_SUCCESS(vf_put(VF, own_grant(grant, sizeof(grant)), true, ""), "put");
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_OK, "refused");
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_DENIED,
			"granted twice");

	return TEST_SUCCESS;
}

static int
test_sriovd_token_busy_vf_keeps_grant(void)
{
	struct rte_vfio_token_reply reply;
	char grant[32];

	TEST_ASSERT_SUCCESS(vf_put(VF, own_grant(grant, sizeof(grant)), true, ""), "put");
	sriovd_vfs_busy_set(vfs, VF, true);
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_BUSY, "busy");
	sriovd_vfs_busy_set(vfs, VF, false);
	sriovd_vfs_token_set(vfs, VF, NULL);
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_BUSY,
			"no token");
	sriovd_vfs_token_set(vfs, VF, secret);
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_OK, "refused");

	return TEST_SUCCESS;
}

static int
test_sriovd_token_vf_socket_serves_its_vf_only(void)
{
	struct rte_vfio_token_reply reply;
	char grant[32];

	TEST_ASSERT_SUCCESS(vf_put(VF, own_grant(grant, sizeof(grant)), false, ""), "put");
	TEST_ASSERT_SUCCESS(vf_put(VF2, grant, false, vf_path), "put");
	TEST_ASSERT_EQUAL(token_ask_vf(vf_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_NO_DEVICE,
			"another VF");
	TEST_ASSERT_EQUAL(token_ask_vf(vf_path, VF2_DEVFN, &reply), RTE_VFIO_TOKEN_OK, "its VF");

	return TEST_SUCCESS;
}

static int
test_sriovd_token_malformed_refused(void)
{
	struct rte_vfio_token_request good = {
		.magic = rte_cpu_to_le_32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = rte_cpu_to_le_16(RTE_VFIO_TOKEN_SOCK_VERSION),
	}, bad;
	struct rte_vfio_token_reply reply;
	char large[4096] = "";

	bad = good;
	bad.magic++;
	TEST_ASSERT_EQUAL(token_ask(token_path, &bad, sizeof(bad), &reply),
			RTE_VFIO_TOKEN_BAD_REQUEST, "magic");
	bad = good;
	bad.version++;
	TEST_ASSERT_EQUAL(token_ask(token_path, &bad, sizeof(bad), &reply),
			RTE_VFIO_TOKEN_BAD_VERSION, "version");
	bad = good;
	bad.reserved = 1;
	TEST_ASSERT_EQUAL(token_ask(token_path, &bad, sizeof(bad), &reply),
			RTE_VFIO_TOKEN_BAD_REQUEST, "reserved");
	bad = good;
	bad.reserved2 = 1;
	TEST_ASSERT_EQUAL(token_ask(token_path, &bad, sizeof(bad), &reply),
			RTE_VFIO_TOKEN_BAD_REQUEST, "reserved2");
	TEST_ASSERT_EQUAL(token_ask(token_path, &good, sizeof(good) - 1, &reply),
			RTE_VFIO_TOKEN_BAD_REQUEST, "short");
	memcpy(large, &good, sizeof(good));
	TEST_ASSERT_EQUAL(token_ask(token_path, large, sizeof(good) + 1, &reply),
			RTE_VFIO_TOKEN_BAD_REQUEST, "long");
	TEST_ASSERT_EQUAL(token_ask(token_path, large, sizeof(large), &reply),
			RTE_VFIO_TOKEN_BAD_REQUEST, "much too long");

	return TEST_SUCCESS;
}

static int
test_sriovd_token_silent_clients_do_not_stall_others(void)
{
	struct rte_vfio_token_reply reply;
	int fds[SRIOVD_TOKEN_CLIENTS_OF_USER - 2];
	char grant[32], byte;
	unsigned int i;
	uint64_t start;

	TEST_ASSERT_SUCCESS(vf_put(VF, own_grant(grant, sizeof(grant)), false, ""), "put");
	for (i = 0; i < RTE_DIM(fds); i++)
		fds[i] = client_connect(token_path);
	start = sriovd_now_ms();
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_OK, "stalled");
	TEST_ASSERT(sriovd_now_ms() - start < SRIOVD_TOKEN_WAIT_MS, "it took %u ms",
			(unsigned int)(sriovd_now_ms() - start));
	/* They are closed after their time. */
	for (i = 0; i < RTE_DIM(fds); i++) {
		TEST_ASSERT_EQUAL(client_receive(fds[i], &byte, 1, 4 * SRIOVD_TOKEN_WAIT_MS), 0,
				"client %u was not closed", i);
		close(fds[i]);
	}

	return TEST_SUCCESS;
}

static int
test_sriovd_token_10000_connections_dropped(void)
{
	struct rte_vfio_token_reply reply;
	unsigned int i, failed = 0;
	char grant[32];
	int fd;

	TEST_ASSERT_SUCCESS(vf_put(VF, own_grant(grant, sizeof(grant)), false, ""), "put");
	for (i = 0; i < 10000; i++) {
		fd = client_connect(token_path);
		if (fd < 0)
			failed++;
		else
			close(fd);
	}
	TEST_ASSERT_EQUAL(failed, 0, "%u connections failed", failed);
	TEST_ASSERT_EQUAL(token_ask_vf(token_path, VF_DEVFN, &reply), RTE_VFIO_TOKEN_OK, "refused");

	return TEST_SUCCESS;
}

static int
test_sriovd_socket_of_running_server_not_taken(void)
{
	TEST_ASSERT_EQUAL(sriovd_socket_listen(token_path, -1, -1, 0600), -EADDRINUSE, "taken");
	TEST_ASSERT_EQUAL(sriovd_socket_listen("/dev/null", -1, -1, 0600), -EEXIST,
			"something else was taken");

	return TEST_SUCCESS;
}

/* ---- control socket ---- */

static int
test_sriovd_control_request_answered(void)
{
	int fd = client_connect(control_path);
	json_t *reply;

	TEST_ASSERT(fd >= 0, "connect");
	reply = control_ask(fd, "{\"version\":1,\"id\":7,\"method\":\"hello\"}");
	TEST_ASSERT_EQUAL(json_integer_value(json_object_get(reply, "id")), 7, "id");
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "result", "method"), "hello"), "method");
	json_decref(reply);
	/* One with progress. */
	reply = control_ask(fd, "{\"version\":1,\"id\":8,\"method\":\"up\",\"params\":"
			"{\"pf\":\"01:00.0\",\"vfs\":2}}");
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "progress", "text"), "half"), "progress");
	json_decref(reply);
	reply = control_receive(fd);
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "result", "method"), "up"), "method");
	json_decref(reply);
	close(fd);

	return TEST_SUCCESS;
}

static int
test_sriovd_control_malformed_refused(void)
{
	static const struct {
		const char *text, *name, *message;
	} cases[] = {
		{ "{", "EINVAL", "not JSON" },
		{ "[]", "EINVAL", "not an object" },
		{ "{}", "EINVAL", "id:" },
		{ "{\"id\":1}", "EPROTONOSUPPORT", "version" },
		{ "{\"id\":1,\"version\":2,\"method\":\"hello\"}", "EPROTONOSUPPORT", "version" },
		{ "{\"id\":1,\"version\":1}", "EINVAL", "method" },
		{ "{\"id\":1,\"version\":1,\"method\":\"x\"}", "ENOSYS", "unknown" },
		{ "{\"id\":1,\"version\":1,\"method\":\"hello\",\"x\":1}", "EINVAL", "member" },
		{ "{\"id\":1,\"id\":2,\"version\":1,\"method\":\"hello\"}", "EINVAL", "not JSON" },
		{ "{\"id\":1,\"version\":1,\"method\":\"hello\",\"dry_run\":1}", "EINVAL",
			"dry_run" },
		{ "{\"id\":1,\"version\":1,\"method\":\"hello\",\"params\":[]}", "EINVAL",
			"not an object" },
		{ "{\"id\":1,\"version\":1,\"method\":\"hello\",\"params\":{\"pf\":\"01:00.0\"}}",
			"EINVAL", "does not take" },
		{ "{\"id\":1,\"version\":1,\"method\":\"up\",\"params\":{\"pf\":\"01:00.0\"}}",
			"EINVAL", "needs vfs" },
		{ "{\"id\":1,\"version\":1,\"method\":\"up\",\"params\":{\"pf\":\"x\",\"vfs\":1}}",
			"EINVAL", "pf" },
		{ "{\"id\":1,\"version\":1,\"method\":\"up\",\"params\":{\"pf\":\"01:00.0\","
			"\"vfs\":-1}}", "EINVAL", "vfs" },
		{ "{\"id\":1,\"version\":1,\"method\":\"vf.set\",\"params\":{\"vf\":\"01:10.0\","
			"\"policy\":{\"vlan\":5000}}}", "EINVAL", "vlan" },
		{ "{\"id\":1,\"version\":1,\"method\":\"vf.reset\",\"params\":{\"vf\":{\"pf\":1}}}",
			"EINVAL", "vf" },
		{ "{\"id\":1,\"version\":1,\"method\":\"vf.grant\",\"params\":{\"vf\":\"01:10.0\","
			"\"grant\":\"uid:1\",\"owner\":\"root\"}}", "EINVAL", "owner" },
		{ "{\"id\":1,\"version\":1,\"method\":\"up\",\"params\":{\"pf\":\"01:00.0\","
			"\"vfs\":1,\"token\":\"6fa4d1b0-11e5-4cf3-8a3b-0f6e2d9c7a01\"}}",
			"EINVAL", "token" },
	};
	int fd = client_connect(control_path);
	const char *text;
	json_t *reply;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		reply = control_ask(fd, cases[i].text);
		TEST_ASSERT_NOT_NULL(reply, "case %u: no reply", i);
		text = reply_text(reply, "error", "message");
		TEST_ASSERT(strcmp(reply_text(reply, "error", "errno"), cases[i].name) == 0 &&
				strstr(text, cases[i].message) != NULL,
				"case %u: %s: %s", i, reply_text(reply, "error", "errno"),
				reply_text(reply, "error", "message"));
		TEST_ASSERT_NULL(strstr(reply_text(reply, "error", "message"), "6fa4d1b0"),
				"case %u repeats a token", i);
		json_decref(reply);
	}
	close(fd);

	return TEST_SUCCESS;
}

static int
test_sriovd_control_oversized_refused(void)
{
	int fd = client_connect(control_path), size = 4 * SRIOVD_REQUEST_MAX_BYTES;
	char *text = malloc(SRIOVD_REQUEST_MAX_BYTES + 2);
	json_t *reply;

	TEST_ASSERT_NOT_NULL(text, "no memory");
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	memset(text, ' ', SRIOVD_REQUEST_MAX_BYTES + 1);
	text[SRIOVD_REQUEST_MAX_BYTES + 1] = '\0';
	reply = control_ask(fd, text);
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "error", "errno"), "EMSGSIZE"), "%s",
			reply_text(reply, "error", "message"));
	json_decref(reply);
	/* At the limit it is looked at. */
	text[SRIOVD_REQUEST_MAX_BYTES] = '\0';
	memcpy(text, "{\"version\":1,\"id\":7,\"method\":\"hello\"}",
			strlen("{\"version\":1,\"id\":7,\"method\":\"hello\"}"));
	reply = control_ask(fd, text);
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "result", "method"), "hello"), "at the limit");
	json_decref(reply);
	free(text);
	close(fd);

	return TEST_SUCCESS;
}

/* Exit status of a child of user 65534 that asks for a method: 1 as admin, 0 not; 2 refused. */
static int
ask_unprivileged(const char *method)
{
	char request[128];
	int status = -1;
	json_t *reply;
	pid_t pid;

	pid = fork();
	if (pid == 0) {
		int fd, code = 9;

		if (setgid(65534) != 0 || setuid(65534) != 0)
			_exit(8);
		fd = client_connect(control_path);
		snprintf(request, sizeof(request), "{\"version\":1,\"id\":1,\"method\":\"%s\","
				"\"params\":{\"device\":\"01:00.0\"}}", method);
		if (strcmp(method, "hello") == 0)
			snprintf(request, sizeof(request),
					"{\"version\":1,\"id\":1,\"method\":\"hello\"}");
		reply = control_ask(fd, request);
		if (json_object_get(reply, "result") != NULL)
			code = json_is_true(json_object_get(json_object_get(reply, "result"),
					"admin"));
		else if (strcmp(reply_text(reply, "error", "errno"), "EACCES") == 0)
			code = 2;
		_exit(code);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -1;

	return WEXITSTATUS(status);
}

static int
test_sriovd_control_others_may_look_only(void)
{
	if (getuid() != 0)
		return TEST_SKIPPED;
	TEST_ASSERT_EQUAL(ask_unprivileged("hello"), 0, "hello");
	TEST_ASSERT_EQUAL(ask_unprivileged("token.get"), 2, "token.get");
	TEST_ASSERT_EQUAL(ask_unprivileged("token.rotate"), 2, "token.rotate");

	return TEST_SUCCESS;
}

/* One reads nothing of what it asks for, another's request is never done. */
static int
test_sriovd_control_slow_clients_do_not_stall_others(void)
{
	static const char down[] = "{\"version\":1,\"id\":1,\"method\":\"down\",\"params\":"
			"{\"pf\":\"01:00.0\"}}";
	int slow = client_connect(control_path), waiting = client_connect(control_path), fd;
	unsigned int i;
	uint64_t start;
	json_t *reply;

	for (i = 0; i < 64; i++)
		send(slow, "{\"version\":1,\"id\":1,\"method\":\"status\"}", 38,
				MSG_DONTWAIT | MSG_NOSIGNAL);
	send(waiting, down, strlen(down), MSG_NOSIGNAL);
	start = sriovd_now_ms();
	for (i = 0; i < 20; i++) {
		fd = client_connect(control_path);
		reply = control_ask(fd, "{\"version\":1,\"id\":1,\"method\":\"hello\"}");
		TEST_ASSERT_NOT_NULL(reply, "no reply");
		json_decref(reply);
		close(fd);
	}
	TEST_ASSERT(sriovd_now_ms() - start < REPLY_MS, "it took %u ms",
			(unsigned int)(sriovd_now_ms() - start));
	/* The slow one gets what it is owed when it reads. */
	reply = control_receive(slow);
	TEST_ASSERT_EQUAL(json_string_length(json_object_get(json_object_get(reply, "result"),
			"large")), LARGE_REPLY_BYTES, "the large reply");
	json_decref(reply);
	close(slow);
	close(waiting);

	return TEST_SUCCESS;
}

/* The server's end of the only connection. */
static int
server_end(void)
{
	struct sockaddr_un addr;
	socklen_t len;
	int fd, on;

	for (fd = 3; fd < 1024; fd++) {
		memset(&addr, 0, sizeof(addr));
		len = sizeof(addr);
		if (getsockname(fd, (struct sockaddr *)&addr, &len) != 0 ||
				addr.sun_family != AF_UNIX ||
				strcmp(addr.sun_path, control_path) != 0)
			continue;
		len = sizeof(on);
		if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &on, &len) == 0 && on == 0)
			return fd;
	}

	return -1;
}

static int
test_sriovd_control_reply_beyond_buffer_told(void)
{
	const int small = 16384;
	int fd = client_connect(control_path);
	json_t *reply;

	json_decref(control_ask(fd, "{\"version\":1,\"id\":1,\"method\":\"hello\"}"));
	TEST_ASSERT_SUCCESS(setsockopt(server_end(), SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)),
			"buffer");
	reply = control_ask(fd, "{\"version\":1,\"id\":5,\"method\":\"status\"}");
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "error", "errno"), "EMSGSIZE"), "%s",
			reply_text(reply, "error", "message"));
	TEST_ASSERT_EQUAL(json_integer_value(json_object_get(reply, "id")), 5, "id");
	TEST_ASSERT_NOT_NULL(strstr(reply_text(reply, "error", "message"), "the socket's buffer"),
			"%s", reply_text(reply, "error", "message"));
	TEST_ASSERT_NOT_NULL(strstr(reply_text(reply, "error", "remedy"), "net.core.wmem_max"),
			"%s", reply_text(reply, "error", "remedy"));
	json_decref(reply);
	/* The connection goes on. */
	reply = control_ask(fd, "{\"version\":1,\"id\":6,\"method\":\"hello\"}");
	TEST_ASSERT_SUCCESS(strcmp(reply_text(reply, "result", "method"), "hello"), "closed");
	json_decref(reply);
	close(fd);

	return TEST_SUCCESS;
}

static int
test_sriovd_control_too_many_clients_closed(void)
{
	int fds[SRIOVD_CONTROL_CLIENTS_MAX + 8];
	unsigned int i, open = 0;
	json_t *reply;

	for (i = 0; i < RTE_DIM(fds); i++)
		fds[i] = client_connect(control_path);
	for (i = 0; i < RTE_DIM(fds); i++) {
		reply = control_ask(fds[i], "{\"version\":1,\"id\":1,\"method\":\"hello\"}");
		open += reply != NULL;
		json_decref(reply);
	}
	for (i = 0; i < RTE_DIM(fds); i++)
		close(fds[i]);
	TEST_ASSERT(open > 0 && open <= SRIOVD_CONTROL_CLIENTS_MAX, "%u open", open);
	/* And their places are free again. */
	for (i = 0; i < 100; i++) {
		fds[0] = client_connect(control_path);
		reply = control_ask(fds[0], "{\"version\":1,\"id\":1,\"method\":\"hello\"}");
		close(fds[0]);
		if (reply != NULL)
			break;
		usleep(20000);
	}
	TEST_ASSERT_NOT_NULL(reply, "no place is free");
	json_decref(reply);

	return TEST_SUCCESS;
}

#define SOCKET_CASE(test) TEST_CASE_ST(server_start, server_stop, test)

static struct unit_test_suite sriovd_sockets_suite = {
	.suite_name = "dpdk-sriovd: token and control sockets",
	.unit_test_cases = {
		SOCKET_CASE(test_sriovd_token_granted_user_only),
		SOCKET_CASE(test_sriovd_token_once_used_up),
		SOCKET_CASE(test_sriovd_token_busy_vf_keeps_grant),
		SOCKET_CASE(test_sriovd_token_vf_socket_serves_its_vf_only),
		SOCKET_CASE(test_sriovd_token_malformed_refused),
		SOCKET_CASE(test_sriovd_token_silent_clients_do_not_stall_others),
		SOCKET_CASE(test_sriovd_token_10000_connections_dropped),
		SOCKET_CASE(test_sriovd_socket_of_running_server_not_taken),
		SOCKET_CASE(test_sriovd_control_request_answered),
		SOCKET_CASE(test_sriovd_control_malformed_refused),
		SOCKET_CASE(test_sriovd_control_oversized_refused),
		SOCKET_CASE(test_sriovd_control_others_may_look_only),
		SOCKET_CASE(test_sriovd_control_slow_clients_do_not_stall_others),
		SOCKET_CASE(test_sriovd_control_reply_beyond_buffer_told),
		SOCKET_CASE(test_sriovd_control_too_many_clients_closed),
		TEST_CASES_END()
	},
};

static int
test_sriovd_sockets(void)
{
	return unit_test_suite_runner(&sriovd_sockets_suite);
}

REGISTER_FAST_TEST(sriovd_sockets_autotest, true, true, test_sriovd_sockets);
