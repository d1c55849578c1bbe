/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The link of a VF: its PF's, as long as the PF serves this VF. */

#include <errno.h>
#include <string.h>

#include "i82576_vf.h"

/* Longest wait for a link: an autonegotiation takes a few seconds. */
#define LINK_WAIT_MS		9000u
#define LINK_INTERVAL_MS	100u

static uint32_t
link_speed(uint32_t status)
{
	/* 82576 DS 8.2.2: both bits set are reserved. */
	switch (status & I82576_STATUS_SPEED_MASK) {
	case I82576_STATUS_SPEED_10:
		return RTE_ETH_SPEED_NUM_10M;
	case I82576_STATUS_SPEED_100:
		return RTE_ETH_SPEED_NUM_100M;
	default:
		return RTE_ETH_SPEED_NUM_1G;
	}
}

static void
link_read(const struct i82576_vf *vf, struct rte_eth_link *link)
{
	uint32_t status = i82576_read(&vf->port.hw, I82576_STATUS);
	uint8_t policy = vf->granted.link_policy;

	memset(link, 0, sizeof(*link));
	link->link_autoneg = RTE_ETH_LINK_AUTONEG;
	link->link_duplex = RTE_ETH_LINK_HALF_DUPLEX;
	link->link_status = RTE_ETH_LINK_DOWN;
	if (!vf->running || vf->state != I82576_VF_READY || !vf->granted.cts ||
			status == UINT32_MAX || policy & I82576_MBX_LINK_POLICY_DOWN)
		return;
	if (!(status & I82576_STATUS_LU) && !(policy & I82576_MBX_LINK_POLICY_UP))
		return;
	link->link_status = RTE_ETH_LINK_UP;
	link->link_speed = link_speed(status);
	link->link_duplex = status & I82576_STATUS_FD ?
		RTE_ETH_LINK_FULL_DUPLEX : RTE_ETH_LINK_HALF_DUPLEX;
}

int
i82576_vf_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct i82576_vf *vf = i82576_vf(dev);
	struct rte_eth_link link;
	uint32_t waited_ms;
	int ret;

	link_read(vf, &link);
	for (waited_ms = 0; wait_to_complete && link.link_status == RTE_ETH_LINK_DOWN &&
			vf->running && waited_ms < LINK_WAIT_MS; waited_ms += LINK_INTERVAL_MS) {
		i82576_delay_us(&vf->port.hw, LINK_INTERVAL_MS * 1000);
		link_read(vf, &link);
	}
	/* Negative if it is as it was. */
	ret = rte_eth_linkstatus_set(dev, &link);
	if (ret == 0 && rte_eal_process_type() == RTE_PROC_PRIMARY)
		vf->events.link_changes++;
	return ret;
}

void
i82576_vf_link_refresh(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	struct rte_eth_link link;

	if (i82576_vf_link_update(dev, 0) != 0)
		return;
	rte_eth_linkstatus_get(dev, &link);
	I82576_LOG(INFO, driver, &vf->port.hw, "link %s", link.link_status ? "up" : "down");
	if (dev->data->dev_conf.intr_conf.lsc)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
}
