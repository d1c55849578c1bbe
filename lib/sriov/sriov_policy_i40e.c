/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include <rte_ethdev.h>
#include <rte_pmd_i40e.h>
#include <rte_string_fns.h>

#include "sriov_pf.h"

/* Libraries are built before drivers: a program that has not linked the PMD has none of these. */
#pragma weak rte_pmd_i40e_get_vf_stats
#pragma weak rte_pmd_i40e_set_vf_broadcast
#pragma weak rte_pmd_i40e_set_vf_mac_addr
#pragma weak rte_pmd_i40e_set_vf_mac_anti_spoof
#pragma weak rte_pmd_i40e_set_vf_max_bw
#pragma weak rte_pmd_i40e_set_vf_multicast_promisc
#pragma weak rte_pmd_i40e_set_vf_unicast_promisc
#pragma weak rte_pmd_i40e_set_vf_vlan_anti_spoof
#pragma weak rte_pmd_i40e_set_vf_vlan_filter
#pragma weak rte_pmd_i40e_set_vf_vlan_insert
#pragma weak rte_pmd_i40e_set_vf_vlan_stripq

/* The members that the device has, as far as the PMD lets them be set. */
#define MEMBERS (RTE_SRIOV_POLICY_MAC | RTE_SRIOV_POLICY_VLAN | RTE_SRIOV_POLICY_VLANS | \
		RTE_SRIOV_POLICY_SPOOFCHK | RTE_SRIOV_POLICY_VLAN_SPOOFCHK | \
		RTE_SRIOV_POLICY_MAX_TX_RATE | RTE_SRIOV_POLICY_BROADCAST | \
		RTE_SRIOV_POLICY_MULTICAST_PROMISC | RTE_SRIOV_POLICY_PROMISC | \
		RTE_SRIOV_POLICY_STRIP)

static bool
i40e_linked(void)
{
	return rte_pmd_i40e_set_vf_mac_addr != NULL;
}

static void
i40e_initial(struct rte_sriov_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->set = MEMBERS;
	policy->broadcast = true;
	policy->strip = RTE_SRIOV_STRIP_OFF;
}

/* The device inserts the VLAN's tag and takes it off; the filter lets only that VLAN in. */
static int
i40e_vlan_apply(uint16_t port, uint16_t vf, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	const uint64_t mask = UINT64_C(1) << vf;
	int ret = 0;

	if (want->qos != 0)
		return -ENOTSUP;
	if ((was->set & RTE_SRIOV_POLICY_VLAN) != 0 && was->vlan != 0 && was->vlan != want->vlan)
		ret = rte_pmd_i40e_set_vf_vlan_filter(port, was->vlan, mask, 0);
	if (ret == 0 && want->vlan != 0)
		ret = rte_pmd_i40e_set_vf_vlan_filter(port, want->vlan, mask, 1);
	if (ret == 0)
		ret = rte_pmd_i40e_set_vf_vlan_insert(port, vf, want->vlan);
	if (ret == 0)
		ret = rte_pmd_i40e_set_vf_vlan_stripq(port, vf, want->vlan != 0);

	return ret;
}

static int
i40e_vlans_apply(uint16_t port, uint16_t vf, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	const uint64_t mask = UINT64_C(1) << vf;
	int ret = 0;
	uint16_t i;

	if ((was->set & RTE_SRIOV_POLICY_VLANS) != 0)
		for (i = 0; i < was->nb_vlans && ret == 0; i++)
			if (!sriov_vlan_listed(want, was->vlans[i]))
				ret = rte_pmd_i40e_set_vf_vlan_filter(port, was->vlans[i], mask, 0);
	for (i = 0; i < want->nb_vlans && ret == 0; i++)
		ret = rte_pmd_i40e_set_vf_vlan_filter(port, want->vlans[i], mask, 1);

	return ret;
}

static int
i40e_apply(uint16_t port, uint16_t vf, uint32_t member, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	struct rte_ether_addr mac = want->mac;

	switch (member) {
	case RTE_SRIOV_POLICY_MAC:
		/* The PMD takes no zero: the one that the VF has stays. */
		return rte_is_zero_ether_addr(&mac) ? 0 :
				rte_pmd_i40e_set_vf_mac_addr(port, vf, &mac);
	case RTE_SRIOV_POLICY_VLAN:
		return i40e_vlan_apply(port, vf, want, was);
	case RTE_SRIOV_POLICY_VLANS:
		return i40e_vlans_apply(port, vf, want, was);
	case RTE_SRIOV_POLICY_SPOOFCHK:
		return rte_pmd_i40e_set_vf_mac_anti_spoof(port, vf, want->spoofchk);
	case RTE_SRIOV_POLICY_VLAN_SPOOFCHK:
		return rte_pmd_i40e_set_vf_vlan_anti_spoof(port, vf, want->vlan_spoofchk);
	case RTE_SRIOV_POLICY_MAX_TX_RATE:
		return rte_pmd_i40e_set_vf_max_bw(port, vf, want->max_tx_rate);
	case RTE_SRIOV_POLICY_BROADCAST:
		return rte_pmd_i40e_set_vf_broadcast(port, vf, want->broadcast);
	case RTE_SRIOV_POLICY_MULTICAST_PROMISC:
		return rte_pmd_i40e_set_vf_multicast_promisc(port, vf, want->multicast_promisc);
	case RTE_SRIOV_POLICY_PROMISC:
		return rte_pmd_i40e_set_vf_unicast_promisc(port, vf, want->promisc);
	case RTE_SRIOV_POLICY_STRIP:
		return rte_pmd_i40e_set_vf_vlan_stripq(port, vf,
				want->strip == RTE_SRIOV_STRIP_ON ||
				(want->strip == RTE_SRIOV_STRIP_AUTO && want->vlan != 0));
	default:
		return -ENOTSUP;
	}
}

static int
i40e_counters(uint16_t port, uint16_t vf, struct rte_sriov_counter *counters, unsigned int max)
{
	struct rte_eth_stats stats;
	int ret = rte_pmd_i40e_get_vf_stats(port, vf, &stats);
	unsigned int i;

	if (ret != 0)
		return ret;

	const struct rte_sriov_counter known[] = {
		{ "rx_packets", stats.ipackets },
		{ "rx_bytes", stats.ibytes },
		{ "rx_errors", stats.ierrors },
		{ "tx_packets", stats.opackets },
		{ "tx_bytes", stats.obytes },
		{ "tx_errors", stats.oerrors },
	};

	for (i = 0; i < RTE_MIN(max, RTE_DIM(known)); i++)
		counters[i] = known[i];

	return RTE_DIM(known);
}

const struct sriov_policy_ops sriov_policy_i40e = {
	.driver = "net_i40e",
	.members = MEMBERS,
	.linked = i40e_linked,
	.apply = i40e_apply,
	.initial = i40e_initial,
	.counters = i40e_counters,
};
