/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * How many tokens a second a token broker hands out, beside the least that any server of the same
 * socket type does: accept, receive a request, send a reply of the same size, close. The two are
 * asked in turn, in batches, by one client with one connection for each request, as the EAL makes
 * them.
 *
 * Usage: token_socket SOCKET BDF [BATCHES [REQUESTS]]
 *
 * Prints a line for each, the median of the batches in requests per second, and the ratio: the
 * median of the ratios batch by batch, so that a machine that slows down slows both.
 */

#define _GNU_SOURCE
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rte_vfio_token_sock.h"

#define BATCHES_MAX 1000

static void
fail(const char *what)
{
	fprintf(stderr, "token_socket: %s: %s (%d)\n", what, strerror(errno), errno);
	exit(1);
}

static double
now_s(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec + now.tv_nsec / 1e9;
}

static struct sockaddr_un
address(const char *path)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };

	if (strlen(path) >= sizeof(addr.sun_path)) {
		errno = ENAMETOOLONG;
		fail(path);
	}
	strcpy(addr.sun_path, path);
	return addr;
}

/* The bare server: any request gets a reply of the protocol's size. */
static void
echo_serve(int listener)
{
	struct rte_vfio_token_request request;
	struct rte_vfio_token_reply reply = {
		.magic = htole32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = htole16(RTE_VFIO_TOKEN_SOCK_VERSION),
	};

	for (;;) {
		int client = accept4(listener, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0)
			_exit(1);
		if (recv(client, &request, sizeof(request), 0) == sizeof(request))
			send(client, &reply, sizeof(reply), MSG_NOSIGNAL);
		close(client);
	}
}

/* Starts the bare server as a process that ends with this one. */
static pid_t
echo_start(const char *path)
{
	struct sockaddr_un addr = address(path);
	int listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	pid_t pid;

	unlink(path);
	if (listener < 0 || bind(listener, (struct sockaddr *)&addr, sizeof(addr)) != 0 ||
			listen(listener, 128) != 0)
		fail(path);
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (pid == 0)
		echo_serve(listener);
	close(listener);
	return pid;
}

/* One request, as lib/eal makes it. */
static void
ask(const char *path, const struct rte_vfio_token_request *request)
{
	struct timeval timeout = { .tv_sec = RTE_VFIO_TOKEN_SOCK_TIMEOUT_MS / 1000 };
	struct sockaddr_un addr = address(path);
	struct rte_vfio_token_reply reply;
	ssize_t len;
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) != 0 ||
			connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0)
		fail(path);
	if (send(fd, request, sizeof(*request), MSG_NOSIGNAL) != sizeof(*request))
		fail("send");
	len = recv(fd, &reply, sizeof(reply), 0);
	if (len != sizeof(reply))
		fail("recv");
	if (le16toh(reply.status) != RTE_VFIO_TOKEN_OK) {
		fprintf(stderr, "token_socket: %s: the broker answers with status %u: "
				"grant the VF to uid %u\n", path, le16toh(reply.status), getuid());
		exit(1);
	}
	close(fd);
}

/* Requests per second of one batch. */
static double
batch(const char *path, const struct rte_vfio_token_request *request, unsigned int requests)
{
	double start = now_s();
	unsigned int i;

	for (i = 0; i < requests; i++)
		ask(path, request);
	return requests / (now_s() - start);
}

static int
compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, unsigned int count)
{
	qsort(values, count, sizeof(values[0]), compare);
	return values[count / 2];
}

int
main(int argc, char *argv[])
{
	static double broker[BATCHES_MAX], echo[BATCHES_MAX], ratio[BATCHES_MAX];
	struct rte_vfio_token_request request = {
		.magic = htole32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = htole16(RTE_VFIO_TOKEN_SOCK_VERSION),
	};
	unsigned int domain, bus, device, function, batches, requests, i;
	char echo_path[64];
	pid_t server;

	batches = argc > 3 ? atoi(argv[3]) : 21;
	requests = argc > 4 ? atoi(argv[4]) : 500;
	if (argc < 3 || argc > 5 || batches == 0 || batches > BATCHES_MAX || requests == 0 ||
			sscanf(argv[2], "%x:%x:%x.%u", &domain, &bus, &device, &function) != 4) {
		fprintf(stderr, "usage: token_socket SOCKET DDDD:BB:DD.F [BATCHES [REQUESTS]]\n");
		return 2;
	}
	request.domain = htole32(domain);
	request.bus = bus;
	request.devfn = device << 3 | function;

	snprintf(echo_path, sizeof(echo_path), "/tmp/token_socket-%d", getpid());
	server = echo_start(echo_path);
	batch(argv[1], &request, requests);
	batch(echo_path, &request, requests);
	for (i = 0; i < batches; i++) {
		broker[i] = batch(argv[1], &request, requests);
		echo[i] = batch(echo_path, &request, requests);
		ratio[i] = broker[i] / echo[i];
	}
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	unlink(echo_path);

	printf("broker: %.0f requests/s\n", median(broker, batches));
	printf("bare SEQPACKET echo: %.0f requests/s\n", median(echo, batches));
	printf("ratio: %.2f (median of %u batches of %u)\n", median(ratio, batches), batches,
			requests);
	return 0;
}
