/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include <rte_ethdev.h>
#include <rte_pmd_ixgbe.h>

#include "sriov_pf.h"

/* Libraries are built before drivers: a program that has not linked the PMD has none of these. */
#pragma weak rte_pmd_ixgbe_set_vf_mac_addr
#pragma weak rte_pmd_ixgbe_set_vf_mac_anti_spoof
#pragma weak rte_pmd_ixgbe_set_vf_rate_limit
#pragma weak rte_pmd_ixgbe_set_vf_rx
#pragma weak rte_pmd_ixgbe_set_vf_rxmode
#pragma weak rte_pmd_ixgbe_set_vf_tx
#pragma weak rte_pmd_ixgbe_set_vf_vlan_anti_spoof
#pragma weak rte_pmd_ixgbe_set_vf_vlan_filter
#pragma weak rte_pmd_ixgbe_set_vf_vlan_insert
#pragma weak rte_pmd_ixgbe_set_vf_vlan_stripq

/* The members that the device has, as far as the PMD lets them be set. */
#define MEMBERS (RTE_SRIOV_POLICY_MAC | RTE_SRIOV_POLICY_VLAN | RTE_SRIOV_POLICY_VLANS | \
		RTE_SRIOV_POLICY_SPOOFCHK | RTE_SRIOV_POLICY_VLAN_SPOOFCHK | \
		RTE_SRIOV_POLICY_MAX_TX_RATE | RTE_SRIOV_POLICY_STATE | \
		RTE_SRIOV_POLICY_BROADCAST | RTE_SRIOV_POLICY_MULTICAST_PROMISC | \
		RTE_SRIOV_POLICY_UNTAGGED | RTE_SRIOV_POLICY_STRIP)

/* All Tx queues of a VF: it has as many as the device has for each pool. */
#define ALL_QUEUES UINT64_C(0xf)

static bool
ixgbe_linked(void)
{
	return rte_pmd_ixgbe_set_vf_mac_addr != NULL;
}

static void
ixgbe_initial(struct rte_sriov_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->set = MEMBERS;
	policy->spoofchk = true;
	policy->broadcast = true;
	policy->untagged = true;
	policy->strip = RTE_SRIOV_STRIP_OFF;
}

/* There is no port VLAN: tag what the VF sends, let only that VLAN in, and take its tag off. */
static int
ixgbe_vlan_apply(uint16_t port, uint16_t vf, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	const uint64_t mask = UINT64_C(1) << vf;
	int ret = 0;

	if (want->qos != 0)
		return -ENOTSUP;
	if ((was->set & RTE_SRIOV_POLICY_VLAN) != 0 && was->vlan != 0 && was->vlan != want->vlan)
		ret = rte_pmd_ixgbe_set_vf_vlan_filter(port, was->vlan, mask, 0);
	if (ret == 0 && want->vlan != 0)
		ret = rte_pmd_ixgbe_set_vf_vlan_filter(port, want->vlan, mask, 1);
	if (ret == 0)
		ret = rte_pmd_ixgbe_set_vf_vlan_insert(port, vf, want->vlan);
	if (ret == 0)
		ret = rte_pmd_ixgbe_set_vf_vlan_stripq(port, vf, want->vlan != 0);

	return ret;
}

static int
ixgbe_vlans_apply(uint16_t port, uint16_t vf, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	const uint64_t mask = UINT64_C(1) << vf;
	int ret = 0;
	uint16_t i;

	if ((was->set & RTE_SRIOV_POLICY_VLANS) != 0)
		for (i = 0; i < was->nb_vlans && ret == 0; i++)
			if (!sriov_vlan_listed(want, was->vlans[i]))
				ret = rte_pmd_ixgbe_set_vf_vlan_filter(port, was->vlans[i], mask,
						0);
	for (i = 0; i < want->nb_vlans && ret == 0; i++)
		ret = rte_pmd_ixgbe_set_vf_vlan_filter(port, want->vlans[i], mask, 1);

	return ret;
}

static int
ixgbe_state_apply(uint16_t port, uint16_t vf, enum rte_sriov_link state)
{
	uint8_t on = state != RTE_SRIOV_LINK_DISABLE;
	int ret;

	/* A VF follows the link of the port. */
	if (state == RTE_SRIOV_LINK_ENABLE)
		return -ENOTSUP;
	ret = rte_pmd_ixgbe_set_vf_rx(port, vf, on);

	return ret != 0 ? ret : rte_pmd_ixgbe_set_vf_tx(port, vf, on);
}

static int
ixgbe_apply(uint16_t port, uint16_t vf, uint32_t member, const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was)
{
	struct rte_ether_addr mac = want->mac;

	switch (member) {
	case RTE_SRIOV_POLICY_MAC:
		/* The PMD takes no zero: the one that the VF has stays. */
		return rte_is_zero_ether_addr(&mac) ? 0 :
				rte_pmd_ixgbe_set_vf_mac_addr(port, vf, &mac);
	case RTE_SRIOV_POLICY_VLAN:
		return ixgbe_vlan_apply(port, vf, want, was);
	case RTE_SRIOV_POLICY_VLANS:
		return ixgbe_vlans_apply(port, vf, want, was);
	case RTE_SRIOV_POLICY_SPOOFCHK:
		return rte_pmd_ixgbe_set_vf_mac_anti_spoof(port, vf, want->spoofchk);
	case RTE_SRIOV_POLICY_VLAN_SPOOFCHK:
		return rte_pmd_ixgbe_set_vf_vlan_anti_spoof(port, vf, want->vlan_spoofchk);
	case RTE_SRIOV_POLICY_MAX_TX_RATE:
		return rte_pmd_ixgbe_set_vf_rate_limit(port, vf, want->max_tx_rate, ALL_QUEUES);
	case RTE_SRIOV_POLICY_STATE:
		return ixgbe_state_apply(port, vf, want->state);
	case RTE_SRIOV_POLICY_BROADCAST:
		return rte_pmd_ixgbe_set_vf_rxmode(port, vf, RTE_ETH_VMDQ_ACCEPT_BROADCAST,
				want->broadcast);
	case RTE_SRIOV_POLICY_MULTICAST_PROMISC:
		return rte_pmd_ixgbe_set_vf_rxmode(port, vf, RTE_ETH_VMDQ_ACCEPT_MULTICAST,
				want->multicast_promisc);
	case RTE_SRIOV_POLICY_UNTAGGED:
		return rte_pmd_ixgbe_set_vf_rxmode(port, vf, RTE_ETH_VMDQ_ACCEPT_UNTAG,
				want->untagged);
	case RTE_SRIOV_POLICY_STRIP:
		return rte_pmd_ixgbe_set_vf_vlan_stripq(port, vf,
				want->strip == RTE_SRIOV_STRIP_ON ||
				(want->strip == RTE_SRIOV_STRIP_AUTO && want->vlan != 0));
	default:
		return -ENOTSUP;
	}
}

const struct sriov_policy_ops sriov_policy_ixgbe = {
	.driver = "net_ixgbe",
	.members = MEMBERS,
	.linked = ixgbe_linked,
	.apply = ixgbe_apply,
	.initial = ixgbe_initial,
};
