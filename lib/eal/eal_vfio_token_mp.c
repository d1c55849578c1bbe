/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_string_fns.h>

#include "eal_vfio_token_private.h"

/* Name of the multi-process action. */
#define MP_ACTION "eal_vfio_device"

/* As the EAL's other VFIO requests to the primary. */
#define MP_TIMEOUT_S 5

/* Request: name of a device. Reply: result, with the device's descriptor if it is 0. */
struct mp_param {
	char name[64];
	int32_t result; /**< 0 or a negative errno */
};

/*
 * Duplicate a device's descriptor below the lock, so that a close in another thread cannot put a
 * stranger's descriptor in its place before it is sent. Returns it, or a negative errno.
 */
static int
device_fd_dup(const char *name)
{
	const struct vfio_token_record *record;
	int fd = -ENODEV;

	vfio_token_records_lock();
	record = vfio_token_record_get(name, false);
	if (record != NULL && record->dev_fd >= 0) {
		fd = fcntl(record->dev_fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			fd = -errno;
	}
	vfio_token_records_unlock();

	return fd;
}

static int
mp_primary(const struct rte_mp_msg *msg, const void *peer)
{
	const struct mp_param *request = (const struct mp_param *)msg->param;
	struct rte_mp_msg reply;
	struct mp_param *param = (struct mp_param *)reply.param;
	int fd, ret;

	memset(&reply, 0, sizeof(reply));
	rte_strscpy(reply.name, MP_ACTION, sizeof(reply.name));
	reply.len_param = sizeof(*param);

	if (msg->len_param != sizeof(*request) ||
			strnlen(request->name, sizeof(request->name)) == sizeof(request->name)) {
		VFIO_TOKEN_LOG(ERR, "malformed request of a secondary process for a VFIO device");
		fd = -EINVAL;
	} else {
		fd = device_fd_dup(request->name);
	}
	param->result = fd < 0 ? fd : 0;
	if (fd >= 0) {
		reply.num_fds = 1;
		reply.fds[0] = fd;
	}
	ret = rte_mp_reply(&reply, peer);
	if (fd >= 0)
		close(fd);

	return ret;
}

int
vfio_token_mp_serve(void)
{
	if (rte_mp_action_register(MP_ACTION, mp_primary) == 0 || rte_errno == EEXIST)
		return 0;
	/* Without shared configuration there are no secondaries. */
	return rte_errno == ENOTSUP ? 0 : -rte_errno;
}

int
vfio_token_mp_device_fd(const char *dev_addr)
{
	struct timespec timeout = { .tv_sec = MP_TIMEOUT_S };
	struct rte_mp_reply reply = { .nb_received = 0 };
	struct rte_mp_msg request;
	struct mp_param *param = (struct mp_param *)request.param;
	int fd = -ENODEV;

	memset(&request, 0, sizeof(request));
	rte_strscpy(request.name, MP_ACTION, sizeof(request.name));
	request.len_param = sizeof(*param);
	if (rte_strscpy(param->name, dev_addr, sizeof(param->name)) < 0)
		return -ENAMETOOLONG;

	if (rte_mp_request_sync(&request, &reply, &timeout) != 0)
		return -rte_errno;
	if (reply.nb_received == 1) {
		const struct rte_mp_msg *msg = &reply.msgs[0];

		param = (struct mp_param *)(uintptr_t)msg->param;
		if (msg->len_param == sizeof(*param) && param->result < 0)
			fd = param->result;
		else if (msg->num_fds == 1)
			fd = msg->fds[0];
	}
	free(reply.msgs);

	return fd;
}
