/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include <rte_pmd_i82576.h>
#include <rte_string_fns.h>

#include "sriov_pf.h"

/* Libraries are built before drivers: a program that has not linked the PMD has none of these. */
#pragma weak rte_pmd_i82576_get_vf_info
#pragma weak rte_pmd_i82576_get_vf_stats
#pragma weak rte_pmd_i82576_set_vf_broadcast
#pragma weak rte_pmd_i82576_set_vf_link
#pragma weak rte_pmd_i82576_set_vf_mac_addr
#pragma weak rte_pmd_i82576_set_vf_mac_anti_spoof
#pragma weak rte_pmd_i82576_set_vf_max_frame
#pragma weak rte_pmd_i82576_set_vf_multicast_promisc
#pragma weak rte_pmd_i82576_set_vf_port_vlan
#pragma weak rte_pmd_i82576_set_vf_rate_limit
#pragma weak rte_pmd_i82576_set_vf_trust
#pragma weak rte_pmd_i82576_set_vf_unicast_promisc
#pragma weak rte_pmd_i82576_set_vf_untagged
#pragma weak rte_pmd_i82576_set_vf_vlan_anti_spoof
#pragma weak rte_pmd_i82576_set_vf_vlan_filter
#pragma weak rte_pmd_i82576_set_vf_vlan_strip

/* The PMD's own limit. */
#define MAX_FRAME_BYTES 9728

static bool
i82576_linked(void)
{
	return rte_pmd_i82576_get_vf_info != NULL;
}

static void
i82576_initial(struct rte_sriov_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->set = (UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1;
	policy->spoofchk = true;
	policy->vlan_spoofchk = true;
	policy->broadcast = true;
	policy->untagged = true;
}

static int
i82576_vlans_apply(uint16_t port, uint16_t vf, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	const uint64_t mask = UINT64_C(1) << vf;
	int ret = 0;
	uint16_t i;

	if ((was->set & RTE_SRIOV_POLICY_VLANS) != 0)
		for (i = 0; i < was->nb_vlans && ret == 0; i++)
			if (!sriov_vlan_listed(want, was->vlans[i]))
				ret = rte_pmd_i82576_set_vf_vlan_filter(port, was->vlans[i], mask,
						false);
	for (i = 0; i < want->nb_vlans && ret == 0; i++)
		ret = rte_pmd_i82576_set_vf_vlan_filter(port, want->vlans[i], mask, true);

	return ret;
}

static int
i82576_apply(uint16_t port, uint16_t vf, uint32_t member, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	static const enum rte_pmd_i82576_vf_link links[] = {
		[RTE_SRIOV_LINK_AUTO] = RTE_PMD_I82576_VF_LINK_AUTO,
		[RTE_SRIOV_LINK_ENABLE] = RTE_PMD_I82576_VF_LINK_UP,
		[RTE_SRIOV_LINK_DISABLE] = RTE_PMD_I82576_VF_LINK_DOWN,
	};
	static const enum rte_pmd_i82576_vf_strip strips[] = {
		[RTE_SRIOV_STRIP_AUTO] = RTE_PMD_I82576_VF_STRIP_AUTO,
		[RTE_SRIOV_STRIP_ON] = RTE_PMD_I82576_VF_STRIP_ON,
		[RTE_SRIOV_STRIP_OFF] = RTE_PMD_I82576_VF_STRIP_OFF,
	};

	switch (member) {
	case RTE_SRIOV_POLICY_MAC:
		return rte_pmd_i82576_set_vf_mac_addr(port, vf, &want->mac);
	case RTE_SRIOV_POLICY_VLAN:
		return rte_pmd_i82576_set_vf_port_vlan(port, vf, want->vlan, want->qos);
	case RTE_SRIOV_POLICY_VLANS:
		return i82576_vlans_apply(port, vf, want, was);
	case RTE_SRIOV_POLICY_SPOOFCHK:
		return rte_pmd_i82576_set_vf_mac_anti_spoof(port, vf, want->spoofchk);
	case RTE_SRIOV_POLICY_VLAN_SPOOFCHK:
		return rte_pmd_i82576_set_vf_vlan_anti_spoof(port, vf, want->vlan_spoofchk);
	case RTE_SRIOV_POLICY_TRUST:
		return rte_pmd_i82576_set_vf_trust(port, vf, want->trust);
	case RTE_SRIOV_POLICY_MAX_TX_RATE:
		return rte_pmd_i82576_set_vf_rate_limit(port, vf, want->max_tx_rate);
	case RTE_SRIOV_POLICY_STATE:
		return rte_pmd_i82576_set_vf_link(port, vf, links[want->state]);
	case RTE_SRIOV_POLICY_BROADCAST:
		return rte_pmd_i82576_set_vf_broadcast(port, vf, want->broadcast);
	case RTE_SRIOV_POLICY_MULTICAST_PROMISC:
		return rte_pmd_i82576_set_vf_multicast_promisc(port, vf, want->multicast_promisc);
	case RTE_SRIOV_POLICY_PROMISC:
		return rte_pmd_i82576_set_vf_unicast_promisc(port, vf, want->promisc);
	case RTE_SRIOV_POLICY_UNTAGGED:
		return rte_pmd_i82576_set_vf_untagged(port, vf, want->untagged);
	case RTE_SRIOV_POLICY_MAX_FRAME:
		return rte_pmd_i82576_set_vf_max_frame(port, vf, want->max_frame != 0 ?
				want->max_frame : MAX_FRAME_BYTES);
	case RTE_SRIOV_POLICY_STRIP:
		return rte_pmd_i82576_set_vf_vlan_strip(port, vf, strips[want->strip]);
	default:
		return -ENOTSUP;
	}
}

static int
i82576_get(uint16_t port, uint16_t vf, struct rte_sriov_policy *effective)
{
	struct rte_pmd_i82576_vf_info info;
	uint16_t vlan;
	int ret;

	ret = rte_pmd_i82576_get_vf_info(port, vf, &info);
	if (ret != 0)
		return ret;
	effective->set = (UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1;
	/* The one that the VF has chosen, unless it was given one. */
	effective->mac = rte_is_zero_ether_addr(&info.admin_mac) ? info.mac : info.admin_mac;
	effective->vlan = info.port_vlan;
	effective->qos = info.port_vlan_pcp;
	for (vlan = 1; vlan < RTE_DIM(info.vlans) * 32 &&
			effective->nb_vlans < RTE_SRIOV_POLICY_VLANS_MAX; vlan++)
		if ((info.vlans[vlan / 32] & (UINT32_C(1) << vlan % 32)) != 0)
			effective->vlans[effective->nb_vlans++] = vlan;
	effective->spoofchk = info.mac_anti_spoof;
	effective->vlan_spoofchk = info.vlan_anti_spoof;
	effective->trust = info.trusted;
	effective->max_tx_rate = info.rate_mbps;
	effective->state = info.link == RTE_PMD_I82576_VF_LINK_AUTO ? RTE_SRIOV_LINK_AUTO :
			info.link == RTE_PMD_I82576_VF_LINK_UP ? RTE_SRIOV_LINK_ENABLE :
			RTE_SRIOV_LINK_DISABLE;
	effective->broadcast = info.broadcast;
	effective->multicast_promisc = info.multicast_promisc;
	effective->promisc = info.unicast_promisc;
	effective->untagged = info.untagged;
	effective->max_frame = info.max_frame_limit;
	effective->strip = info.strip == RTE_PMD_I82576_VF_STRIP_AUTO ? RTE_SRIOV_STRIP_AUTO :
			info.strip == RTE_PMD_I82576_VF_STRIP_ON ? RTE_SRIOV_STRIP_ON :
			RTE_SRIOV_STRIP_OFF;

	return 0;
}

static int
i82576_counters(uint16_t port, uint16_t vf, struct rte_sriov_counter *counters, unsigned int max)
{
	static const struct {
		const char *name;
		size_t offset;
	} known[] = {
#define COUNTER(member) { #member, offsetof(struct rte_pmd_i82576_vf_stats, member) }
		COUNTER(rx_packets),
		COUNTER(rx_bytes),
		COUNTER(rx_multicast_packets),
		COUNTER(tx_packets),
		COUNTER(tx_bytes),
		COUNTER(rx_loopback_packets),
		COUNTER(rx_loopback_bytes),
		COUNTER(tx_loopback_packets),
		COUNTER(tx_loopback_bytes),
		COUNTER(spoofed),
		COUNTER(mbx_requests),
		COUNTER(mbx_refused),
		COUNTER(mbx_malformed),
		COUNTER(mbx_early),
		COUNTER(mbx_throttled),
		COUNTER(mbx_busy),
		COUNTER(resets),
#undef COUNTER
	};
	struct rte_pmd_i82576_vf_stats stats;
	unsigned int i;
	int ret;

	ret = rte_pmd_i82576_get_vf_stats(port, vf, &stats);
	if (ret != 0)
		return ret;
	for (i = 0; i < RTE_MIN(max, RTE_DIM(known)); i++) {
		rte_strscpy(counters[i].name, known[i].name, sizeof(counters[i].name));
		memcpy(&counters[i].value, (const char *)&stats + known[i].offset,
				sizeof(counters[i].value));
	}

	return RTE_DIM(known);
}

const struct sriov_policy_ops sriov_policy_i82576 = {
	.driver = "net_i82576_pf",
	.members = (UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1,
	.linked = i82576_linked,
	.apply = i82576_apply,
	.initial = i82576_initial,
	.get = i82576_get,
	.counters = i82576_counters,
};
