/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What the layer knows of this process's devices, and tells of them. */

#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <rte_eal.h>

#include "test_vfio_token.h"

int
token_test_record(const char *bdf, enum rte_vfio_vf_token_role role, int dev_fd, const char *uuid)
{
	struct vfio_token_record *record;

	vfio_token_records_lock();
	record = vfio_token_record_get(bdf, true);
	if (record != NULL) {
		record->dev_fd = dev_fd;
		record->role = role;
		record->has_token = uuid != NULL;
		if (uuid != NULL)
			rte_uuid_parse(uuid, record->token);
	}
	vfio_token_records_unlock();

	return record != NULL ? 0 : -1;
}

int
token_test_device_fd(const char *name)
{
	const struct vfio_token_record *record;
	int fd = -1;

	vfio_token_records_lock();
	record = vfio_token_record_get(name, false);
	if (record != NULL)
		fd = record->dev_fd;
	vfio_token_records_unlock();

	return fd;
}

int
token_test_cause_is(const char *name, int err, const char *words)
{
	const struct vfio_token_record *record;
	char cause[sizeof(record->cause)] = "";
	int found = 0;

	vfio_token_records_lock();
	record = vfio_token_record_get(name, false);
	if (record != NULL) {
		found = record->err;
		memcpy(cause, record->cause, sizeof(cause));
	}
	vfio_token_records_unlock();

	return token_test_refused(found, err, cause, words);
}

ssize_t
token_test_telemetry(const char *command, char *answer, size_t size)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	struct pollfd pfd = { .fd = fd, .events = POLLIN };
	ssize_t len = -1;

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/dpdk_telemetry.v2",
			rte_eal_get_runtime_dir());
	/* The first packet is a greeting. */
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) == 0 &&
			poll(&pfd, 1, 10000) == 1 && recv(fd, answer, size, 0) > 0 &&
			send(fd, command, strlen(command), MSG_NOSIGNAL) > 0 &&
			poll(&pfd, 1, 10000) == 1)
		len = recv(fd, answer, size - 1, 0);
	close(fd);
	answer[len > 0 ? len : 0] = '\0';

	return len;
}
