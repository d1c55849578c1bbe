/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Secondary processes call burst functions of their own on the rings: before the primary one
 * restarts these it has them replaced, and says when the rings are good again.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_string_fns.h>

#include "i82576_vf.h"

#define MP_NAME			"net_i82576_vf"
#define MP_TIMEOUT_S		2

/* Ports of this process, a secondary one, that rely on the handler. */
static unsigned int mp_users;

struct datapath_msg {
	uint16_t port_id;
	uint8_t on;
};

static int
mp_handle(const struct rte_mp_msg *msg, const void *peer)
{
	struct rte_mp_msg reply = { .len_param = sizeof(struct datapath_msg) };
	struct datapath_msg param;
	struct rte_eth_dev *dev;

	if (msg->len_param != (int)sizeof(param))
		return -EINVAL;
	memcpy(&param, msg->param, sizeof(param));
	if (!rte_eth_dev_is_valid_port(param.port_id))
		return -ENODEV;
	dev = &rte_eth_devices[param.port_id];
	/* The port may be another driver's by now. */
	if (dev->device == NULL || dev->device->driver == NULL ||
			strcmp(dev->device->driver->name, "net_i82576_vf") != 0)
		return -ENODEV;
	i82576_vf_datapath_set(dev, param.on != 0);
	strlcpy(reply.name, MP_NAME, sizeof(reply.name));
	memcpy(reply.param, &param, sizeof(param));
	return rte_mp_reply(&reply, peer);
}

int
i82576_vf_mp_secondary_init(struct i82576_vf *vf)
{
	/* ENOTSUP: without shared files, where there is no secondary process either. */
	if (mp_users == 0 && rte_mp_action_register(MP_NAME, mp_handle) != 0 &&
			rte_errno != ENOTSUP && rte_errno != EEXIST)
		return -rte_errno;
	mp_users++;
	__atomic_add_fetch(&vf->nb_secondaries, 1, __ATOMIC_RELAXED);
	return 0;
}

void
i82576_vf_mp_secondary_fini(struct i82576_vf *vf)
{
	__atomic_sub_fetch(&vf->nb_secondaries, 1, __ATOMIC_RELAXED);
	if (--mp_users == 0)
		rte_mp_action_unregister(MP_NAME);
}

void
i82576_vf_mp_datapath_set(struct i82576_vf *vf, bool on)
{
	const struct timespec timeout = { .tv_sec = MP_TIMEOUT_S };
	struct datapath_msg param = { .port_id = vf->port_id, .on = on };
	struct rte_mp_msg msg = { .len_param = sizeof(param) };
	struct rte_mp_reply reply = { 0 };

	if (__atomic_load_n(&vf->nb_secondaries, __ATOMIC_RELAXED) == 0)
		return;
	strlcpy(msg.name, MP_NAME, sizeof(msg.name));
	memcpy(msg.param, &param, sizeof(param));
	if (rte_mp_request_sync(&msg, &reply, &timeout) != 0 ||
			reply.nb_sent != reply.nb_received)
		I82576_LOG(WARNING, driver, &vf->port.hw,
				"%s the data path of secondary processes failed: %d of %d "
				"answered: those that do not must stop sending and receiving while "
				"the port recovers",
				on ? "start" : "stop", reply.nb_received, reply.nb_sent);
	free(reply.msgs);
}
