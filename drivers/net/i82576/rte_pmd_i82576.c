/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Policy of VFs: it is recorded, and the registers are made to follow. */

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "i82576_pf.h"
#include "rte_pmd_i82576.h"

#if RTE_VERSION >= RTE_VERSION_NUM(25, 7, 0, 0)
#include <eal_export.h>
#else /* version.map is kept by hand */
#define RTE_EXPORT_EXPERIMENTAL_SYMBOL(name, version)
#endif

/* 82576 DS 8.12.13: the factor has 10 bits before the point. */
#define RATE_MIN_MBPS	10
#define RATE_MAX_MBPS	1000

#define MIRROR_TYPES	(RTE_PMD_I82576_MIRROR_POOLS | RTE_PMD_I82576_MIRROR_UPLINK | \
		RTE_PMD_I82576_MIRROR_DOWNLINK | RTE_PMD_I82576_MIRROR_VLANS)

/* Locks the PF of @port for @vf, which is 0 for what is the port's. Returns 0 or -errno. */
static int
pf_acquire(uint16_t port, uint16_t vf, struct i82576_pf **pf)
{
	struct rte_eth_dev *dev;

	if (!rte_eth_dev_is_valid_port(port))
		return -ENODEV;
	dev = &rte_eth_devices[port];
	if (dev->dev_ops != &i82576_pf_ops)
		return -ENODEV;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (vf >= I82576_MAX_VFS)
		return -EINVAL;
	*pf = i82576_pf(dev);
	if ((*pf)->removed)
		return -EIO;
	i82576_pf_lock(*pf);
	return 0;
}

/* Ends a change of policy. */
static void
pf_release(struct i82576_pf *pf)
{
	i82576_pf_state_save(pf);
	i82576_pf_unlock(pf);
}

/* Has the registers of @vf follow its policy. */
static void
vf_sync(struct i82576_pf *pf, uint16_t vf)
{
	i82576_pf_multicast_sync(pf);
	if (vf < pf->num_vfs)
		i82576_pf_pool_sync(pf, vf);
	i82576_pf_switch_sync(pf);
}

static int
vf_flag_set(uint16_t port, uint16_t vf, size_t offset, bool on)
{
	struct i82576_pf *pf;
	int ret;

	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	*(bool *)((char *)&pf->vfs[vf].policy + offset) = on;
	vf_sync(pf, vf);
	pf_release(pf);
	return 0;
}

#define VF_FLAG_SET(port, vf, flag, on) \
	vf_flag_set(port, vf, offsetof(struct i82576_pf_vf_policy, flag), on)

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_get_vf_count, 26.11)
int
rte_pmd_i82576_get_vf_count(uint16_t port)
{
	struct i82576_pf *pf;
	int ret;

	ret = pf_acquire(port, 0, &pf);
	if (ret != 0)
		return ret;
	ret = i82576_pf_num_vfs_read(pf);
	if (pf->running)
		i82576_pf_sriov_watch(pf);
	else if (!pf->warm)
		pf->num_vfs = ret;
	i82576_pf_unlock(pf);
	return ret;
}

static void
info_fill(const struct i82576_pf *pf, uint16_t vf, struct rte_pmd_i82576_vf_info *info)
{
	const struct i82576_pf_vf_policy *policy = &pf->vfs[vf].policy;
	const struct i82576_pf_vf_live *live = &pf->vfs[vf].live;
	unsigned int w;

	memset(info, 0, sizeof(*info));
	info->vf = vf;
	info->present = vf < pf->num_vfs;
	info->active = live->cts;
	info->admin_mac = policy->admin_mac;
	info->trusted = policy->trusted;
	info->mac_anti_spoof = policy->mac_anti_spoof;
	info->vlan_anti_spoof = policy->vlan_anti_spoof;
	info->broadcast = policy->broadcast;
	info->multicast_promisc = policy->multicast_promisc;
	info->unicast_promisc = policy->unicast_promisc;
	info->untagged = policy->untagged;
	info->port_vlan = policy->port_vlan;
	info->port_vlan_pcp = policy->port_vlan_pcp;
	info->vlan_insert = policy->vlan_insert;
	info->strip = policy->strip;
	info->link = policy->link;
	info->rate_mbps = policy->rate_mbps;
	info->max_frame_limit = policy->max_frame;
	info->mac = live->mac;
	info->nb_filters = live->nb_filters;
	memcpy(info->filters, live->filters, sizeof(info->filters));
	info->nb_multicast_hashes = live->nb_hashes;
	info->vf_multicast_promisc = live->multicast_promisc || live->multicast_overflow;
	info->vf_unicast_promisc = live->unicast_promisc;
	info->max_frame = live->max_frame;
	for (w = 0; w < I82576_PF_VLAN_WORDS; w++)
		info->vlans[w] = i82576_pf_vf_vlan_word(&pf->vfs[vf], w);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_get_vf_info, 26.11)
int
rte_pmd_i82576_get_vf_info(uint16_t port, uint16_t vf, struct rte_pmd_i82576_vf_info *info)
{
	struct i82576_pf *pf;
	int ret;

	if (info == NULL)
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	info_fill(pf, vf, info);
	i82576_pf_unlock(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_get_vf_stats, 26.11)
int
rte_pmd_i82576_get_vf_stats(uint16_t port, uint16_t vf, struct rte_pmd_i82576_vf_stats *stats)
{
	struct i82576_pf *pf;
	int ret;

	if (stats == NULL)
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	if (vf < pf->num_vfs)
		i82576_pf_vf_stats_collect(pf, vf);
	*stats = pf->vfs[vf].stats;
	i82576_pf_unlock(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_reset_vf_stats, 26.11)
int
rte_pmd_i82576_reset_vf_stats(uint16_t port, uint16_t vf)
{
	struct i82576_pf *pf;
	int ret;

	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	if (vf < pf->num_vfs)
		i82576_pf_vf_stats_collect(pf, vf);
	memset(&pf->vfs[vf].stats, 0, sizeof(pf->vfs[vf].stats));
	pf_release(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_ping_vf, 26.11)
int
rte_pmd_i82576_ping_vf(uint16_t port, uint16_t vf)
{
	struct i82576_pf *pf;
	int ret;

	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	/* One that is put off is sent. */
	if (pf->running && pf->vfs[vf].live.cts)
		i82576_pf_mbx_ping(pf, vf);
	else
		ret = -EAGAIN;
	i82576_pf_unlock(pf);
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_mac_addr, 26.11)
int
rte_pmd_i82576_set_vf_mac_addr(uint16_t port, uint16_t vf, const struct rte_ether_addr *mac)
{
	struct i82576_pf *pf;
	struct i82576_pf_vf *v;
	int ret;

	if (mac == NULL || (!rte_is_zero_ether_addr(mac) && !rte_is_valid_assigned_ether_addr(mac)))
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	v = &pf->vfs[vf];
	if (!rte_is_zero_ether_addr(mac) && i82576_pf_mac_is_taken(pf, vf, mac)) {
		I82576_LOG(ERR, driver, i82576_pf_hw(pf), "vf %u: set MAC failed: another function "
			"has " RTE_ETHER_ADDR_PRT_FMT, vf, RTE_ETHER_ADDR_BYTES(mac));
		ret = -EADDRINUSE;
		goto out;
	}
	v->policy.admin_mac = *mac;
	if (!rte_is_zero_ether_addr(mac) && !rte_is_same_ether_addr(mac, &v->live.mac)) {
		const bool active = v->live.cts;

		v->live.mac = *mac;
		i82576_pf_macs_sync(pf);
		if (active) {
			/* A driver learns of its address from a RESET alone. */
			v->live.cts = false;
			i82576_pf_vf_enable(pf, vf, false);
			i82576_pf_mbx_ping(pf, vf);
		}
	}
out:
	pf_release(pf);
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_trust, 26.11)
int
rte_pmd_i82576_set_vf_trust(uint16_t port, uint16_t vf, bool on)
{
	struct i82576_pf *pf;
	int ret;

	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	pf->vfs[vf].policy.trusted = on;
	/* What only a trusted VF may have. */
	if (!on)
		pf->vfs[vf].live.unicast_promisc = false;
	vf_sync(pf, vf);
	pf_release(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_mac_anti_spoof, 26.11)
int
rte_pmd_i82576_set_vf_mac_anti_spoof(uint16_t port, uint16_t vf, bool on)
{
	return VF_FLAG_SET(port, vf, mac_anti_spoof, on);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_vlan_anti_spoof, 26.11)
int
rte_pmd_i82576_set_vf_vlan_anti_spoof(uint16_t port, uint16_t vf, bool on)
{
	return VF_FLAG_SET(port, vf, vlan_anti_spoof, on);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_broadcast, 26.11)
int
rte_pmd_i82576_set_vf_broadcast(uint16_t port, uint16_t vf, bool on)
{
	return VF_FLAG_SET(port, vf, broadcast, on);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_multicast_promisc, 26.11)
int
rte_pmd_i82576_set_vf_multicast_promisc(uint16_t port, uint16_t vf, bool on)
{
	return VF_FLAG_SET(port, vf, multicast_promisc, on);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_unicast_promisc, 26.11)
int
rte_pmd_i82576_set_vf_unicast_promisc(uint16_t port, uint16_t vf, bool on)
{
	return VF_FLAG_SET(port, vf, unicast_promisc, on);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_untagged, 26.11)
int
rte_pmd_i82576_set_vf_untagged(uint16_t port, uint16_t vf, bool on)
{
	return VF_FLAG_SET(port, vf, untagged, on);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_vlan_filter, 26.11)
int
rte_pmd_i82576_set_vf_vlan_filter(uint16_t port, uint16_t vlan, uint64_t vf_mask, bool on)
{
	uint32_t saved[I82576_MAX_VFS];
	struct i82576_pf *pf;
	unsigned int vf;
	int ret;

	if (vlan == 0 || vlan > RTE_ETHER_MAX_VLAN_ID || vf_mask == 0 ||
			vf_mask >> I82576_MAX_VFS != 0)
		return -EINVAL;
	ret = pf_acquire(port, 0, &pf);
	if (ret != 0)
		return ret;
	for (vf = 0; vf < I82576_MAX_VFS; vf++) {
		saved[vf] = pf->vfs[vf].policy.vlans[vlan / 32];
		if ((vf_mask >> vf & 1) != 0)
			i82576_pf_vlan_set(pf->vfs[vf].policy.vlans, vlan, on);
	}
	ret = i82576_pf_vlans_sync(pf);
	for (vf = 0; vf < I82576_MAX_VFS; vf++) {
		if (ret != 0)
			pf->vfs[vf].policy.vlans[vlan / 32] = saved[vf];
		else if ((vf_mask >> vf & 1) != 0)
			vf_sync(pf, vf);
	}
	pf_release(pf);
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_port_vlan, 26.11)
int
rte_pmd_i82576_set_vf_port_vlan(uint16_t port, uint16_t vf, uint16_t vlan, uint8_t pcp)
{
	struct i82576_pf_vf_policy *policy;
	struct i82576_pf *pf;
	uint16_t old;
	int ret;

	if (vlan >= RTE_ETHER_MAX_VLAN_ID || pcp > 7 || (vlan == 0 && pcp != 0))
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	policy = &pf->vfs[vf].policy;
	old = policy->port_vlan;
	policy->port_vlan = vlan;
	ret = i82576_pf_vlans_sync(pf);
	if (ret != 0) {
		policy->port_vlan = old;
	} else {
		policy->port_vlan_pcp = pcp;
		/* Not to come back when the port VLAN ends: its driver will ask again. */
		if (vlan != 0)
			memset(pf->vfs[vf].live.vlans, 0, sizeof(pf->vfs[vf].live.vlans));
		vf_sync(pf, vf);
	}
	pf_release(pf);
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_vlan_insert, 26.11)
int
rte_pmd_i82576_set_vf_vlan_insert(uint16_t port, uint16_t vf, uint16_t vlan)
{
	struct i82576_pf *pf;
	int ret;

	if (vlan > RTE_ETHER_MAX_VLAN_ID)
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	if (pf->vfs[vf].policy.port_vlan != 0)
		ret = -EBUSY;
	else
		pf->vfs[vf].policy.vlan_insert = vlan;
	vf_sync(pf, vf);
	pf_release(pf);
	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_vlan_strip, 26.11)
int
rte_pmd_i82576_set_vf_vlan_strip(uint16_t port, uint16_t vf, enum rte_pmd_i82576_vf_strip strip)
{
	struct i82576_pf *pf;
	int ret;

	if (strip > RTE_PMD_I82576_VF_STRIP_OFF)
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	pf->vfs[vf].policy.strip = strip;
	vf_sync(pf, vf);
	pf_release(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_link, 26.11)
int
rte_pmd_i82576_set_vf_link(uint16_t port, uint16_t vf, enum rte_pmd_i82576_vf_link link)
{
	struct i82576_pf *pf;
	int ret;

	if (link > RTE_PMD_I82576_VF_LINK_DOWN)
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	pf->vfs[vf].policy.link = link;
	if (vf < pf->num_vfs) {
		i82576_pf_vf_enable(pf, vf, pf->vfs[vf].live.cts);
		i82576_pf_mbx_ping(pf, vf);
	}
	pf_release(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_rate_limit, 26.11)
int
rte_pmd_i82576_set_vf_rate_limit(uint16_t port, uint16_t vf, uint32_t mbps)
{
	struct i82576_pf *pf;
	int ret;

	if (mbps != 0 && (mbps < RATE_MIN_MBPS || mbps > RATE_MAX_MBPS))
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	pf->vfs[vf].policy.rate_mbps = mbps;
	if (vf < pf->num_vfs)
		i82576_pf_rate_sync(pf, vf);
	pf_release(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_vf_max_frame, 26.11)
int
rte_pmd_i82576_set_vf_max_frame(uint16_t port, uint16_t vf, uint16_t bytes)
{
	struct i82576_pf *pf;
	int ret;

	if (bytes < I82576_PF_MIN_VF_FRAME || bytes > I82576_MAX_FRAME_BYTES)
		return -EINVAL;
	ret = pf_acquire(port, vf, &pf);
	if (ret != 0)
		return ret;
	pf->vfs[vf].policy.max_frame = bytes;
	pf->vfs[vf].live.max_frame = RTE_MIN(pf->vfs[vf].live.max_frame, bytes);
	vf_sync(pf, vf);
	pf_release(pf);
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_local_switch, 26.11)
int
rte_pmd_i82576_set_local_switch(uint16_t port, bool on)
{
	struct i82576_pf *pf;
	int ret;

	ret = pf_acquire(port, 0, &pf);
	if (ret != 0)
		return ret;
	pf->local_switch = on;
	i82576_pf_switch_sync(pf);
	pf_release(pf);
	return 0;
}

/* Whether a VF has @vlan: only then is there an entry that a rule can name. */
static bool
vlan_has_entry(const struct i82576_pf *pf, uint16_t vlan)
{
	unsigned int vf;

	for (vf = 0; vf < pf->num_vfs; vf++)
		if ((i82576_pf_vf_vlan_word(&pf->vfs[vf], vlan / 32) >> (vlan % 32) & 1) != 0)
			return true;
	return false;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_pmd_i82576_set_mirror_rule, 26.11)
int
rte_pmd_i82576_set_mirror_rule(uint16_t port, uint8_t rule,
		const struct rte_pmd_i82576_mirror_rule *conf)
{
	struct i82576_pf *pf;
	unsigned int i;
	int ret;

	if (rule >= RTE_PMD_I82576_MIRROR_RULES || conf == NULL ||
			(conf->types & ~MIRROR_TYPES) != 0 ||
			(conf->types != 0 && conf->target != RTE_PMD_I82576_MIRROR_PF &&
				conf->target >= I82576_MAX_VFS) ||
			conf->nb_vlans > RTE_DIM(conf->vlans))
		return -EINVAL;
	ret = pf_acquire(port, 0, &pf);
	if (ret != 0)
		return ret;
	for (i = 0; i < conf->nb_vlans && ret == 0; i++) {
		if (conf->vlans[i] == 0 || conf->vlans[i] > RTE_ETHER_MAX_VLAN_ID)
			ret = -EINVAL;
		else if (!vlan_has_entry(pf, conf->vlans[i]))
			ret = -ENOENT;
	}
	if (ret == 0) {
		pf->mirror[rule] = *conf;
		i82576_pf_mirror_sync(pf);
	}
	pf_release(pf);
	return ret;
}
