/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Methods of the control socket that are about a VF. */

#include <errno.h>
#include <pwd.h>

#include <rte_vfio_pf.h>

#include "sriovd_log.h"
#include "sriovd_methods.h"
#include "sriovd_policy.h"

int
manager_do_vf_set(struct manager_call *call)
{
	const struct rte_sriov_policy *policy = &call->request->policy;
	struct manager_vf *vf;
	char names[128];
	int ret = manager_call_vf_get(call);

	if (ret != 0)
		return ret;
	sriovd_policy_names(policy->set, names, sizeof(names));
	if (!manager_call_step(call, "VF %u of %s: set %s", call->index, call->pf->bdf, names))
		return rte_sriov_policy_check(policy, call->error);
	ret = rte_sriov_vf_policy_set(call->pf->pf, call->index, policy, call->error);
	if (ret != 0)
		return ret;
	vf = &call->pf->vf[call->index];
	rte_sriov_policy_merge(&vf->want.policy, policy);
	vf->changed_policy = true;
	call->manager->dirty = true;

	return manager_call_result_vf(call);
}

/* ---- grants ---- */

/* To whom the nodes of a VF go that is granted without an owner. */
static void
owner_choose(struct manager_vf *vf, const struct sriovd_request *request,
		const struct sriovd_grant *grant)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (request->has_owner) {
		vf->want.owner = request->owner;
	} else if (vf->handed_out || grant->type == SRIOVD_GRANT_UNIT ||
			sriovd_vf_conf_has_owner(&vf->want)) {
		return;
	} else if (grant->type == SRIOVD_GRANT_GID || grant->type == SRIOVD_GRANT_GROUP) {
		vf->want.owner = (struct rte_sriov_owner) { 0, grant->id, 0660 };
	} else {
		vf->want.owner = (struct rte_sriov_owner) { grant->id, 0, 0600 };
		if (getpwuid_r(grant->id, &pw, buf, sizeof(buf), &found) == 0 && found != NULL)
			vf->want.owner.gid = found->pw_gid;
	}
}

static int
grant_parse(struct manager_call *call, struct sriovd_grant *grant)
{
	const char *why;
	int ret = sriovd_grant_parse(call->request->grant, grant, &why);

	if (ret != 0)
		return sriovd_error_set(call->error, -ret, NULL, NULL, "grant: \"%.64s\": %s",
				call->request->grant, why);
	grant->once = call->request->once;
	grant->runtime = true;

	return 0;
}

int
manager_do_vf_grant(struct manager_call *call)
{
	struct rte_sriov_owner before;
	struct sriovd_grant grant;
	char bdf[RTE_SRIOV_BDF_SIZE];
	struct manager_vf *vf;
	int ret = manager_call_vf_get(call);

	if (ret == 0)
		ret = grant_parse(call, &grant);
	if (ret == 0)
		ret = rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
	if (ret != 0)
		return ret;
	vf = &call->pf->vf[call->index];
	if (!vf->handed_out)
		manager_call_step(call, "%s: reset it, give it a fresh token, and hand out its nodes",
				bdf);
	if (!manager_call_step(call, "%s: grant it to %s%s", bdf, call->request->grant,
			grant.once ? ", for one token" : ""))
		return 0;
	manager_vf_grants_take(call->pf, call->index);
	before = vf->want.owner;
	owner_choose(vf, call->request, &grant);
	ret = sriovd_grants_add(&vf->want.grants, &grant);
	if (ret != 0)
		return sriovd_error_set(call->error, -ret, bdf, "revoke some", "no more grants");
	/* Handed out first: the grant counts when the VF is ready for it. */
	ret = manager_vf_grants_apply(call->pf, call->index, 0, 0, true, call->error);
	if (ret == 0)
		ret = sriovd_vfs_grant_add(call->manager->vfs, bdf, &grant);
	if (ret != 0) {
		sriovd_grants_remove(&vf->want.grants,
				sriovd_grants_find(&vf->want.grants, &grant));
		vf->want.owner = before;
		return manager_call_held(call, ret, call->index);
	}
	vf->changed_grants = true;
	call->manager->dirty = true;
	SRIOVD_LOG(NOTICE, "%s: granted to %s", bdf, call->request->grant);

	return manager_call_result_vf(call);
}

/* ---- revoking them ---- */

/* Its user keeps what he has open; he cannot open it again. */
static int
token_replace(struct manager_call *call)
{
	struct rte_sriov_pf_info info;
	int ret = rte_sriov_pf_info_get(call->pf->pf, &info, call->error);

	if (ret != 0)
		return ret;

	return rte_sriov_token_rotate(call->pf->pf, (info.features &
			RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0 ? call->index : RTE_SRIOV_VF_NONE,
			NULL, call->error);
}

static int
revoke_one(struct manager_call *call, const char *bdf)
{
	struct manager_vf *vf = &call->pf->vf[call->index];
	struct sriovd_grant grant;
	int ret, at;

	ret = grant_parse(call, &grant);
	if (ret != 0)
		return ret;
	at = sriovd_grants_find(&vf->want.grants, &grant);
	if (at < 0)
		return sriovd_error_set(call->error, ENOENT, bdf, "dpdk-sriovctl status lists them",
				"there is no grant to %s", call->request->grant);
	if (!manager_call_step(call, "%s: revoke the grant to %s, and replace the token", bdf,
			call->request->grant))
		return 0;
	sriovd_vfs_grant_remove(call->manager->vfs, bdf, &grant);
	sriovd_grants_remove(&vf->want.grants, at);
	vf->changed_grants = true;
	call->manager->dirty = true;
	SRIOVD_LOG(NOTICE, "%s: the grant to %s is revoked", bdf, call->request->grant);

	return token_replace(call);
}

static int
revoke_all(struct manager_call *call, const char *bdf)
{
	const struct sriovd_request *request = call->request;
	struct manager_vf *vf = &call->pf->vf[call->index];
	int ret;

	if (!manager_call_step(call,
			"%s: revoke all grants, reset it, replace the token, and take back its nodes",
			bdf))
		return 0;
	sriovd_grants_free(&vf->want.grants);
	vf->want.owner = (struct rte_sriov_owner) { -1, -1, 0660 };
	vf->changed_grants = true;
	/* Whoever holds it has to leave: but nobody is to come from now on. */
	vf->handed_out = true;
	ret = manager_vf_grants_apply(call->pf, call->index, request->force ? MANAGER_ASK_MS : 0,
			request->force ? RTE_SRIOV_FLAG_FORCE : 0, false, call->error);
	if (manager_call_wait_more(call, ret)) {
		manager_progress(call->pf, call->waited_ms / 1000, request->timeout_ms / 1000,
				"%s: waiting for those who hold it", bdf);
		return -EINPROGRESS;
	}
	if (ret != 0)
		return manager_call_held(call, ret, call->index);
	vf->want.policy.set = 0;
	vf->changed_policy = false;
	SRIOVD_LOG(NOTICE, "%s: taken back", bdf);

	return 0;
}

int
manager_do_vf_revoke(struct manager_call *call)
{
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret = manager_call_vf_get(call);

	if (ret == 0)
		ret = rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
	if (ret != 0)
		return ret;
	manager_vf_grants_take(call->pf, call->index);
	ret = call->request->grant[0] != '\0' ? revoke_one(call, bdf) : revoke_all(call, bdf);

	return ret != 0 ? ret : manager_call_result_vf(call);
}

/* ---- reset ---- */

int
manager_do_vf_reset(struct manager_call *call)
{
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret = manager_call_vf_get(call);

	if (ret == 0)
		ret = rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
	if (ret != 0 || !manager_call_step(call, "%s: reset it, unless it is held", bdf))
		return ret;
	sriovd_vfs_busy_set(call->manager->vfs, bdf, true);
	ret = rte_sriov_vf_reset(call->pf->pf, call->index, call->error);
	sriovd_vfs_busy_set(call->manager->vfs, bdf, false);

	return ret != 0 ? manager_call_held(call, ret, call->index) : manager_call_result_vf(call);
}
