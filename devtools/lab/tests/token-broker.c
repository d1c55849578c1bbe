/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * A small broker for the lab tests of unix:PATH: answers for the VFs of a file of lines "BDF UUID",
 * refuses others, and checks its clients' packets. One client at a time.
 *
 * Usage: token-broker SOCKET FILE
 */

#include <endian.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "rte_vfio_token_sock.h"

static int
uuid_parse(const char *text, uint8_t token[16])
{
	unsigned int i, byte;

	for (i = 0; i < 16; i++) {
		if (*text == '-')
			text++;
		if (sscanf(text, "%2x", &byte) != 1)
			return -1;
		token[i] = (uint8_t)byte;
		text += 2;
	}
	return 0;
}

/* Look the function up in the file. */
static uint16_t
grant_find(const char *path, const struct rte_vfio_token_request *request, uint8_t token[16])
{
	unsigned int domain, bus, device, function;
	uint16_t status = RTE_VFIO_TOKEN_DENIED;
	char uuid[37], line[128];
	FILE *file = fopen(path, "r");

	while (file != NULL && status != RTE_VFIO_TOKEN_OK &&
			fgets(line, sizeof(line), file) != NULL) {
		if (sscanf(line, "%x:%x:%x.%x %36s", &domain, &bus, &device, &function, uuid) != 5)
			continue;
		if (domain == le32toh(request->domain) && bus == request->bus &&
				(device << 3 | function) == request->devfn &&
				uuid_parse(uuid, token) == 0)
			status = RTE_VFIO_TOKEN_OK;
	}
	if (file != NULL)
		fclose(file);
	return status;
}

static void
client_serve(int client, const char *path)
{
	struct rte_vfio_token_reply reply = {
		.magic = htole32(RTE_VFIO_TOKEN_SOCK_MAGIC),
		.version = htole16(RTE_VFIO_TOKEN_SOCK_VERSION),
	};
	struct rte_vfio_token_request request;
	uint16_t status;

	if (recv(client, &request, sizeof(request), MSG_TRUNC) != sizeof(request) ||
			le32toh(request.magic) != RTE_VFIO_TOKEN_SOCK_MAGIC ||
			request.reserved != 0 || request.reserved2 != 0)
		status = RTE_VFIO_TOKEN_BAD_REQUEST;
	else if (le16toh(request.version) != RTE_VFIO_TOKEN_SOCK_VERSION)
		status = RTE_VFIO_TOKEN_BAD_VERSION;
	else
		status = grant_find(path, &request, reply.token);
	reply.status = htole16(status);
	if (send(client, &reply, sizeof(reply), MSG_NOSIGNAL) != sizeof(reply))
		perror("token-broker: send");
}

int
main(int argc, char **argv)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd, client;

	if (argc != 3 || strlen(argv[1]) >= sizeof(addr.sun_path)) {
		fprintf(stderr, "usage: token-broker SOCKET FILE\n");
		return 2;
	}
	strncpy(addr.sun_path, argv[1], sizeof(addr.sun_path) - 1);
	unlink(argv[1]);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 || listen(fd, 8) != 0) {
		perror("token-broker");
		return 1;
	}
	while ((client = accept(fd, NULL, NULL)) >= 0) {
		client_serve(client, argv[2]);
		close(client);
	}
	perror("token-broker: accept");
	return 1;
}
