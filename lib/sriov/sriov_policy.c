/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include "sriov_pf.h"

#define POLICY_ALL ((UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1)
#define VLAN_MAX 4094
#define QOS_MAX 7

/* By the bit's number. */
static const char *const policy_names[RTE_SRIOV_POLICY_NB] = {
	"mac", "vlan", "vlans", "spoofchk", "vlan_spoofchk", "trust", "max_tx_rate", "state",
	"broadcast", "multicast_promisc", "promisc", "untagged", "max_frame", "strip",
};

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_policy_name, 26.11)
const char *
rte_sriov_policy_name(uint32_t member)
{
	if (!rte_is_power_of_2(member) || (member & POLICY_ALL) == 0)
		return NULL;
	return policy_names[rte_bsf32(member)];
}

static int
vlans_check(const struct rte_sriov_policy *policy, struct rte_sriov_error *error)
{
	uint16_t i, j;

	if (policy->nb_vlans > RTE_SRIOV_POLICY_VLANS_MAX)
		return sriov_fail(error, -EINVAL, NULL, "list fewer, or set vlan",
				"vlans: %u, more than %u", policy->nb_vlans,
				RTE_SRIOV_POLICY_VLANS_MAX);
	for (i = 0; i < policy->nb_vlans; i++) {
		if (policy->vlans[i] == 0 || policy->vlans[i] > VLAN_MAX)
			return sriov_fail(error, -EINVAL, NULL, "list VLANs from 1 to 4094",
					"vlans: %u is no VLAN", policy->vlans[i]);
		for (j = 0; j < i; j++)
			if (policy->vlans[i] == policy->vlans[j])
				return sriov_fail(error, -EINVAL, NULL, "list each VLAN once",
						"vlans: %u is there twice", policy->vlans[i]);
	}

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_policy_check, 26.11)
int
rte_sriov_policy_check(const struct rte_sriov_policy *policy, struct rte_sriov_error *error)
{
	if (policy == NULL || (policy->set & ~POLICY_ALL) != 0)
		return sriov_fail(error, -EINVAL, NULL, NULL, "the policy has unknown members");
	if ((policy->set & RTE_SRIOV_POLICY_MAC) != 0 &&
			rte_is_multicast_ether_addr(&policy->mac))
		return sriov_fail(error, -EINVAL, NULL, "give a unicast address, or zero to leave "
				"the choice to the VF", "mac: it is a multicast address");
	if ((policy->set & RTE_SRIOV_POLICY_VLAN) != 0) {
		if (policy->vlan > VLAN_MAX)
			return sriov_fail(error, -EINVAL, NULL, "give 1 to 4094, or 0 for none",
					"vlan: %u is no VLAN", policy->vlan);
		if (policy->qos > QOS_MAX)
			return sriov_fail(error, -EINVAL, NULL, "give 0 to 7",
					"qos: %u is no priority", policy->qos);
		if (policy->qos != 0 && policy->vlan == 0)
			return sriov_fail(error, -EINVAL, NULL, "set vlan as well",
					"qos: without a VLAN there is no priority");
	}
	if ((policy->set & RTE_SRIOV_POLICY_STATE) != 0 &&
			policy->state > RTE_SRIOV_LINK_DISABLE)
		return sriov_fail(error, -EINVAL, NULL, "give auto, enable or disable",
				"state: %u is none", policy->state);
	if ((policy->set & RTE_SRIOV_POLICY_STRIP) != 0 && policy->strip > RTE_SRIOV_STRIP_OFF)
		return sriov_fail(error, -EINVAL, NULL, "give auto, on or off",
				"strip: %u is none", policy->strip);

	return (policy->set & RTE_SRIOV_POLICY_VLANS) != 0 ? vlans_check(policy, error) : 0;
}

static void
vlans_copy(struct rte_sriov_policy *into, const struct rte_sriov_policy *from)
{
	into->nb_vlans = from->nb_vlans;
	memcpy(into->vlans, from->vlans, sizeof(into->vlans));
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_policy_merge, 26.11)
void
rte_sriov_policy_merge(struct rte_sriov_policy *into, const struct rte_sriov_policy *from)
{
	const uint32_t set = from->set;

#define MERGE(bit, member) do { \
		if ((set & RTE_SRIOV_POLICY_ ## bit) != 0) \
			into->member = from->member; \
	} while (0)
	MERGE(MAC, mac);
	MERGE(VLAN, vlan);
	MERGE(VLAN, qos);
	MERGE(SPOOFCHK, spoofchk);
	MERGE(VLAN_SPOOFCHK, vlan_spoofchk);
	MERGE(TRUST, trust);
	MERGE(MAX_TX_RATE, max_tx_rate);
	MERGE(STATE, state);
	MERGE(BROADCAST, broadcast);
	MERGE(MULTICAST_PROMISC, multicast_promisc);
	MERGE(PROMISC, promisc);
	MERGE(UNTAGGED, untagged);
	MERGE(MAX_FRAME, max_frame);
	MERGE(STRIP, strip);
#undef MERGE
	if ((set & RTE_SRIOV_POLICY_VLANS) != 0)
		vlans_copy(into, from);
	into->set |= set;
}

bool
sriov_vlan_listed(const struct rte_sriov_policy *policy, uint16_t vlan)
{
	uint16_t i;

	for (i = 0; i < policy->nb_vlans; i++)
		if (policy->vlans[i] == vlan)
			return true;
	return false;
}

/* As sets: the order says nothing. */
static bool
vlans_equal(const struct rte_sriov_policy *a, const struct rte_sriov_policy *b)
{
	uint16_t i;

	if (a->nb_vlans != b->nb_vlans)
		return false;
	for (i = 0; i < a->nb_vlans; i++)
		if (!sriov_vlan_listed(b, a->vlans[i]))
			return false;
	return true;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_policy_diff, 26.11)
uint32_t
rte_sriov_policy_diff(const struct rte_sriov_policy *a, const struct rte_sriov_policy *b)
{
	const uint32_t both = a->set & b->set;
	uint32_t diff = a->set ^ b->set;

#define DIFF(bit, differ) do { \
		if ((both & RTE_SRIOV_POLICY_ ## bit) != 0 && (differ)) \
			diff |= RTE_SRIOV_POLICY_ ## bit; \
	} while (0)
	DIFF(MAC, !rte_is_same_ether_addr(&a->mac, &b->mac));
	DIFF(VLAN, a->vlan != b->vlan || a->qos != b->qos);
	DIFF(VLANS, !vlans_equal(a, b));
	DIFF(SPOOFCHK, a->spoofchk != b->spoofchk);
	DIFF(VLAN_SPOOFCHK, a->vlan_spoofchk != b->vlan_spoofchk);
	DIFF(TRUST, a->trust != b->trust);
	DIFF(MAX_TX_RATE, a->max_tx_rate != b->max_tx_rate);
	DIFF(STATE, a->state != b->state);
	DIFF(BROADCAST, a->broadcast != b->broadcast);
	DIFF(MULTICAST_PROMISC, a->multicast_promisc != b->multicast_promisc);
	DIFF(PROMISC, a->promisc != b->promisc);
	DIFF(UNTAGGED, a->untagged != b->untagged);
	DIFF(MAX_FRAME, a->max_frame != b->max_frame);
	DIFF(STRIP, a->strip != b->strip);
#undef DIFF

	return diff;
}
