/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * What VFs may ask for. Each message is checked for what a driver may send before it is looked at
 * for what it asks; one that is refused changes nothing.
 */

#include <errno.h>
#include <string.h>

#include "i82576_pf.h"

struct request {
	uint16_t type;
	/* Whether the words are such as a driver may send: 0, or -EBADMSG. */
	int (*check)(const uint32_t *msg);
	/* Does it. Returns 0, or -errno: refused, and nothing is changed. */
	int (*apply)(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg);
};

static void
address_get(const uint32_t *msg, struct rte_ether_addr *addr)
{
	unsigned int i;

	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		addr->addr_bytes[i] = msg[1 + i / 4] >> (8 * (i % 4));
}

/* Whether another pool has @addr: a VF must not draw the frames of others to itself. */
bool
i82576_pf_mac_is_taken(const struct i82576_pf *pf, uint16_t vf, const struct rte_ether_addr *addr)
{
	unsigned int other, i;

	for (i = 0; i < I82576_PF_MAX_MACS; i++)
		if (rte_is_same_ether_addr(&pf->macs[i], addr))
			return true;
	for (other = 0; other < I82576_MAX_VFS; other++) {
		const struct i82576_pf_vf *v = &pf->vfs[other];

		if (other == vf)
			continue;
		if (rte_is_same_ether_addr(&v->policy.admin_mac, addr) ||
				rte_is_same_ether_addr(&v->live.mac, addr))
			return true;
		for (i = 0; i < v->live.nb_filters; i++)
			if (rte_is_same_ether_addr(&v->live.filters[i], addr))
				return true;
	}
	return false;
}

static int
set_mac_check(const uint32_t *msg)
{
	struct rte_ether_addr addr;

	address_get(msg, &addr);
	switch (i82576_mbx_info(msg[0])) {
	case I82576_MBX_MAC_PRIMARY:
	case I82576_MBX_MAC_FILTER_ADD:
		return rte_is_valid_assigned_ether_addr(&addr) ? 0 : -EBADMSG;
	case I82576_MBX_MAC_FILTER_CLEAR:
		/* Its address means nothing; DPDK's VF sends zeros. */
		return 0;
	default:
		return -EBADMSG;
	}
}

static int
filter_add(struct i82576_pf *pf, uint16_t vf, const struct rte_ether_addr *addr)
{
	struct i82576_pf_vf_live *live = &pf->vfs[vf].live;
	unsigned int i;

	for (i = 0; i < live->nb_filters; i++)
		if (rte_is_same_ether_addr(&live->filters[i], addr))
			return 0;
	if (live->nb_filters == RTE_PMD_I82576_VF_MAX_FILTERS || i82576_pf_macs_room(pf) <= 0)
		return -ENOSPC;
	live->filters[live->nb_filters++] = *addr;
	return i82576_pf_macs_sync(pf);
}

static int
set_mac_apply(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	const bool fixed = !rte_is_zero_ether_addr(&v->policy.admin_mac) && !v->policy.trusted;
	struct rte_ether_addr addr;

	if (i82576_mbx_info(msg[0]) == I82576_MBX_MAC_FILTER_CLEAR) {
		v->live.nb_filters = 0;
		return i82576_pf_macs_sync(pf);
	}
	address_get(msg, &addr);
	if (rte_is_same_ether_addr(&addr, &v->live.mac))
		return 0;
	if (fixed)
		return -EPERM;
	if (i82576_pf_mac_is_taken(pf, vf, &addr))
		return -EADDRINUSE;
	if (i82576_mbx_info(msg[0]) == I82576_MBX_MAC_FILTER_ADD)
		return filter_add(pf, vf, &addr);
	/* There is always room for one of each VF. */
	v->live.mac = addr;
	return i82576_pf_macs_sync(pf);
}

static unsigned int
multicast_count(const uint32_t *msg)
{
	return i82576_mbx_info(msg[0]) & ~I82576_MBX_MULTICAST_OVERFLOW;
}

static uint16_t
multicast_hash(const uint32_t *msg, unsigned int i)
{
	return msg[1 + i / 2] >> (16 * (i % 2));
}

static int
set_multicast_check(const uint32_t *msg)
{
	unsigned int i, nb = multicast_count(msg);

	if (nb > I82576_MBX_MULTICAST_MAX)
		return -EBADMSG;
	for (i = 0; i < nb; i++)
		if (multicast_hash(msg, i) > 0xfff)
			return -EBADMSG;
	return 0;
}

static int
set_multicast_apply(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	struct i82576_pf_vf_live *live = &pf->vfs[vf].live;
	unsigned int i, nb = multicast_count(msg);

	for (i = 0; i < nb; i++)
		live->hashes[i] = multicast_hash(msg, i);
	live->nb_hashes = nb;
	/* More addresses than a message takes: all, as Linux igb does. */
	live->multicast_overflow = (i82576_mbx_info(msg[0]) & I82576_MBX_MULTICAST_OVERFLOW) != 0;
	i82576_pf_multicast_sync(pf);
	i82576_pf_pool_sync(pf, vf);
	return 0;
}

static int
set_vlan_check(const uint32_t *msg)
{
	if (i82576_mbx_info(msg[0]) > I82576_MBX_VLAN_ADD)
		return -EBADMSG;
	/* 4095 is reserved: IEEE 802.1Q 9.6. */
	return msg[1] < RTE_ETHER_MAX_VLAN_ID ? 0 : -EBADMSG;
}

static int
set_vlan_apply(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	const bool add = i82576_mbx_info(msg[0]) == I82576_MBX_VLAN_ADD;
	struct i82576_pf_vf *v = &pf->vfs[vf];
	const uint16_t vid = msg[1];
	int ret;

	if (v->policy.port_vlan != 0)
		return -EPERM;
	/* Tags with a priority alone are let through to all. */
	if (vid == 0)
		return 0;
	i82576_pf_vlan_set(v->live.vlans, vid, add);
	ret = i82576_pf_vlans_sync(pf);
	if (ret != 0) {
		i82576_pf_vlan_set(v->live.vlans, vid, false);
		return ret;
	}
	i82576_pf_pool_sync(pf, vf);
	i82576_pf_switch_sync(pf);
	return 0;
}

static int
set_lpe_check(const uint32_t *msg)
{
	return msg[1] >= RTE_ETHER_MIN_LEN && msg[1] <= UINT16_MAX ? 0 : -EBADMSG;
}

static int
set_lpe_apply(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	if (msg[1] > pf->vfs[vf].policy.max_frame)
		return -EPERM;
	pf->vfs[vf].live.max_frame = msg[1];
	i82576_pf_pool_sync(pf, vf);
	return 0;
}

static int
set_promisc_check(const uint32_t *msg)
{
	return (i82576_mbx_info(msg[0]) & ~(I82576_MBX_PROMISC_UNICAST |
		I82576_MBX_PROMISC_MULTICAST)) == 0 ? 0 : -EBADMSG;
}

static int
set_promisc_apply(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	const uint8_t info = i82576_mbx_info(msg[0]);
	const bool unicast = (info & I82576_MBX_PROMISC_UNICAST) != 0;

	if (unicast && !v->policy.trusted && !v->policy.unicast_promisc)
		return -EPERM;
	v->live.unicast_promisc = unicast;
	v->live.multicast_promisc = (info & I82576_MBX_PROMISC_MULTICAST) != 0;
	i82576_pf_multicast_sync(pf);
	i82576_pf_pool_sync(pf, vf);
	return 0;
}

static const struct request requests[] = {
	{ I82576_MBX_SET_MAC, set_mac_check, set_mac_apply },
	{ I82576_MBX_SET_MULTICAST, set_multicast_check, set_multicast_apply },
	{ I82576_MBX_SET_VLAN, set_vlan_check, set_vlan_apply },
	{ I82576_MBX_SET_LPE, set_lpe_check, set_lpe_apply },
	{ I82576_MBX_SET_PROMISC, set_promisc_check, set_promisc_apply },
};

/* What the application says to a request. */
enum rte_pmd_i82576_mb_event_rsp
i82576_pf_mbx_application_ask(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	struct rte_pmd_i82576_mb_event_param param = {
		.vfid = vf,
		.msg_type = i82576_mbx_type(msg[0]),
		.retval = RTE_PMD_I82576_MB_EVENT_PROCEED,
		.msg = msg,
	};

	rte_eth_dev_callback_process(i82576_pf_dev(pf), RTE_ETH_EVENT_VF_MBOX, &param);
	return param.retval;
}

/* Has one message done that is not a RESET. Returns 0, or -errno: refused. */
int
i82576_pf_mbx_request_do(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	const uint16_t type = i82576_mbx_type(msg[0]);
	const struct request *request = NULL;
	unsigned int i;

	for (i = 0; i < RTE_DIM(requests); i++)
		if (requests[i].type == type)
			request = &requests[i];
	if (request == NULL || (msg[0] & ~I82576_PF_MBX_REQUEST_BITS) != 0 ||
			request->check(msg) != 0)
		return -EBADMSG;
	switch (i82576_pf_mbx_application_ask(pf, vf, msg)) {
	case RTE_PMD_I82576_MB_EVENT_NOOP_ACK:
		return 0;
	case RTE_PMD_I82576_MB_EVENT_PROCEED:
		return request->apply(pf, vf, msg);
	default:
		return -EACCES;
	}
}
