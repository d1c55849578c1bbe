/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Policy as desired state: kept for each VF's place, and applied whenever there is a VF. */

#include <stdio.h>
#include <string.h>

#include "sriov_pf.h"

const struct sriov_policy_ops *sriov_policy_test;

static const struct sriov_policy_ops *const policy_backends[] = {
	&sriov_policy_i82576,
#ifdef SRIOV_POLICY_IXGBE
	&sriov_policy_ixgbe,
#endif
#ifdef SRIOV_POLICY_I40E
	&sriov_policy_i40e,
#endif
};

void
sriov_policy_choose(struct rte_sriov_pf *pf)
{
	const struct sriov_policy_ops *ops = NULL;
	unsigned int i;

	for (i = 0; i < RTE_DIM(policy_backends); i++)
		if (strcmp(policy_backends[i]->driver, pf->pmd) == 0)
			ops = policy_backends[i];
	if (sriov_policy_test != NULL && strcmp(sriov_policy_test->driver, pf->pmd) == 0)
		ops = sriov_policy_test;
	/* The symbols of a PMD that is a plug-in are not there. */
	if (ops != NULL && ops->linked != NULL && !ops->linked())
		ops = NULL;
	pf->policy = pf->port != SRIOV_PORT_NONE ? ops : NULL;
}

static int
supported_check(const struct rte_sriov_pf *pf, uint32_t members, struct rte_sriov_error *error)
{
	uint32_t missing;

	if (members == 0)
		return 0;
	if (pf->policy == NULL && pf->pmd[0] == '\0')
		return sriov_fail(error, -ENOTSUP, pf->bdf, "open it with a PMD that knows it",
				"no policy can be applied without a PMD");
	if (pf->policy == NULL)
		return sriov_fail(error, -ENOTSUP, pf->bdf, "use net_i82576_pf, net_ixgbe or "
				"net_i40e, linked into the program", "no policy can be applied "
				"through the PMD %s", pf->pmd);
	missing = members & ~pf->policy->members;
	if (missing != 0)
		return sriov_fail(error, -ENOTSUP, pf->bdf, "leave it out", "%s: the PMD %s cannot "
				"apply it", rte_sriov_policy_name(missing & -missing), pf->pmd);

	return 0;
}

/* All that is to hold: what is desired, and the device's own for what no longer is. */
static void
policy_want(const struct rte_sriov_pf *pf, const struct rte_sriov_policy *desired,
		const struct rte_sriov_policy *applied, struct rte_sriov_policy *want)
{
	pf->policy->initial(want);
	want->set &= applied->set;
	rte_sriov_policy_merge(want, desired);
}

/* Apply members one by one. @p applied follows, up to the one that failed. */
static int
members_apply(struct rte_sriov_pf *pf, uint16_t vf, uint32_t members,
		const struct rte_sriov_policy *want, struct rte_sriov_policy *applied,
		struct rte_sriov_error *error)
{
	struct rte_sriov_policy one;
	uint32_t member;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_SRIOV_POLICY_NB; i++) {
		member = UINT32_C(1) << i;
		if ((members & member) == 0)
			continue;
		ret = pf->policy->apply(pf->port, vf, member, want, applied);
		if (ret != 0)
			return sriov_fail(error, ret, pf->vfs[vf].bdf[0] != '\0' ?
					pf->vfs[vf].bdf : pf->bdf, NULL,
					"vf %u: %s cannot be applied by %s: %s", vf,
					rte_sriov_policy_name(member), pf->pmd, strerror(-ret));
		one = *want;
		one.set = member;
		rte_sriov_policy_merge(applied, &one);
	}

	return 0;
}

static bool
vf_exists(const struct rte_sriov_pf *pf, uint16_t vf)
{
	return pf->vfs[vf].bdf[0] != '\0';
}

int
sriov_policy_apply(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	struct sriov_vf *place = &pf->vfs[vf];
	struct rte_sriov_error why = { .err = 0 };
	struct rte_sriov_policy want;
	int ret;

	if (!vf_exists(pf, vf) || (place->desired.set | place->applied.set) == 0 ||
			(pf->policy == NULL && place->desired.set == 0))
		return 0;
	ret = supported_check(pf, place->desired.set, &why);
	if (ret == 0) {
		policy_want(pf, &place->desired, &place->applied, &want);
		ret = members_apply(pf, vf, want.set, &want, &place->applied, &why);
	}
	if (ret != 0) {
		sriov_event_tell(pf, RTE_SRIOV_EVENT_POLICY_FAILED, vf, NULL, &why);
		if (error != NULL)
			*error = why;
		return ret;
	}
	/* What no longer is desired is the device's own now. */
	place->applied.set = place->desired.set;
	sriov_event_tell(pf, RTE_SRIOV_EVENT_POLICY_APPLIED, vf, NULL, NULL);

	return 0;
}

static int
place_check(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	if (vf < pf->total_vfs)
		return 0;
	return sriov_fail(error, -ENODEV, pf->bdf, "correct the index", "it has no VF %u: it can "
			"have %u", vf, pf->total_vfs);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_policy_set, 26.11)
int
rte_sriov_vf_policy_set(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_policy *policy, struct rte_sriov_error *error)
{
	struct rte_sriov_policy desired, want, before;
	struct rte_sriov_error why = { .err = 0 };
	struct sriov_vf *place;
	uint32_t changed;
	int ret;

	ret = place_check(pf, vf, error);
	if (ret == 0)
		ret = rte_sriov_policy_check(policy, error);
	if (ret == 0)
		ret = supported_check(pf, policy->set, error);
	if (ret != 0 || policy->set == 0)
		return ret;
	place = &pf->vfs[vf];
	desired = place->desired;
	rte_sriov_policy_merge(&desired, policy);
	if (!vf_exists(pf, vf)) {
		place->desired = desired;
		return 0;
	}
	/* Also what was desired and could not be applied before. */
	before = place->applied;
	changed = rte_sriov_policy_diff(&before, &desired);
	policy_want(pf, &desired, &before, &want);
	ret = members_apply(pf, vf, changed & want.set, &want, &place->applied, &why);
	if (ret != 0) {
		/* Back to what was applied before; of others, to what the device has by itself. */
		policy_want(pf, &before, &place->applied, &want);
		members_apply(pf, vf, rte_sriov_policy_diff(&place->applied, &before) & want.set,
				&want, &place->applied, NULL);
		place->applied.set = before.set;
		sriov_event_tell(pf, RTE_SRIOV_EVENT_POLICY_FAILED, vf, NULL, &why);
		if (error != NULL)
			*error = why;
		return ret;
	}
	place->desired = desired;
	if (changed != 0)
		sriov_event_tell(pf, RTE_SRIOV_EVENT_POLICY_APPLIED, vf, NULL, NULL);

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_policy_default_set, 26.11)
int
rte_sriov_vf_policy_default_set(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_policy *policy, struct rte_sriov_error *error)
{
	uint16_t i;
	int ret;

	ret = vf != RTE_SRIOV_VF_NONE ? place_check(pf, vf, error) : 0;
	if (ret == 0)
		ret = rte_sriov_policy_check(policy, error);
	if (ret == 0)
		ret = supported_check(pf, policy->set, error);
	if (ret != 0)
		return ret;
	for (i = 0; i < pf->total_vfs; i++)
		if (vf == RTE_SRIOV_VF_NONE || vf == i)
			pf->vfs[i].defaults = *policy;

	return 0;
}

/*
 * An earlier process may have applied what this one knows nothing of: as far as the PMD tells what
 * is in effect, take what a new VF does not have for applied, so that it is undone.
 */
static void
applied_complete(struct rte_sriov_pf *pf, uint16_t vf)
{
	struct rte_sriov_policy effective = { .set = 0 }, initial;

	if (!vf_exists(pf, vf) || pf->policy == NULL || pf->policy->get == NULL ||
			pf->policy->get(pf->port, vf, &effective) != 0)
		return;
	pf->policy->initial(&initial);
	effective.set &= rte_sriov_policy_diff(&effective, &initial) & pf->policy->members;
	rte_sriov_policy_merge(&pf->vfs[vf].applied, &effective);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_policy_clear, 26.11)
int
rte_sriov_vf_policy_clear(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	int ret = place_check(pf, vf, error);

	if (ret != 0)
		return ret;
	pf->vfs[vf].desired = pf->vfs[vf].defaults;
	applied_complete(pf, vf);

	return sriov_policy_apply(pf, vf, error);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_policy_get, 26.11)
int
rte_sriov_vf_policy_get(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_policy *desired,
		struct rte_sriov_policy *effective, struct rte_sriov_error *error)
{
	int ret = place_check(pf, vf, error);

	if (ret != 0)
		return ret;
	if (desired != NULL)
		*desired = pf->vfs[vf].desired;
	if (effective == NULL)
		return 0;
	memset(effective, 0, sizeof(*effective));
	if (pf->policy == NULL || pf->policy->get == NULL || !vf_exists(pf, vf))
		return 0;
	ret = pf->policy->get(pf->port, vf, effective);
	if (ret != 0)
		return sriov_fail(error, ret, pf->vfs[vf].bdf, NULL,
				"vf %u: what is in effect is not "
				"told by %s: %s", vf, pf->pmd, strerror(-ret));

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_policy_replay, 26.11)
int
rte_sriov_pf_policy_replay(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	struct rte_sriov_error one;
	int first = 0, ret;
	uint16_t i;

	for (i = 0; i < pf->total_vfs; i++) {
		ret = sriov_policy_apply(pf, i, &one);
		if (ret != 0 && first == 0) {
			first = ret;
			if (error != NULL)
				*error = one;
		}
	}

	return first;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_counters_get, 26.11)
int
rte_sriov_vf_counters_get(struct rte_sriov_pf *pf, uint16_t vf,
		struct rte_sriov_counter *counters, unsigned int max,
		struct rte_sriov_error *error)
{
	int ret = place_check(pf, vf, error);

	if (ret != 0)
		return ret;
	if (!vf_exists(pf, vf))
		return sriov_fail(error, -ENODEV, pf->bdf, "make more VFs, or correct the index",
				"it has no VF %u now", vf);
	if (pf->policy == NULL || pf->policy->counters == NULL)
		return 0;
	ret = pf->policy->counters(pf->port, vf, counters, max);
	if (ret < 0)
		return sriov_fail(error, ret, pf->vfs[vf].bdf, NULL, "vf %u: its counters are not "
				"told by %s: %s", vf, pf->pmd, strerror(-ret));

	return ret;
}
