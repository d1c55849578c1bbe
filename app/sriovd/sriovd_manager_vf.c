/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* VFs: policy, users and tokens. */

#include <errno.h>
#include <string.h>

#include <rte_string_fns.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_request.h"

/* The configuration's for a VF, for sriovd_vf_conf_clear(). */
static int
vf_conf_get(const struct manager_pf *pf, uint16_t index, struct sriovd_vf_conf *conf)
{
	const struct sriovd_pf_conf *configured = NULL;
	struct sriovd_pf_conf none = { 0 };

	if (pf->manager->config != NULL)
		configured = sriovd_config_pf(pf->manager->config, pf->bdf);

	return sriovd_config_vf(configured != NULL ? configured : &none, index, conf);
}

int
manager_vf_configure(struct manager_pf *pf, uint16_t index)
{
	struct sriovd_vf_conf conf;

	if (vf_conf_get(pf, index, &conf) != 0)
		return -ENOMEM;
	sriovd_vf_conf_clear(&pf->vf[index].want);
	pf->vf[index].want = conf;
	pf->vf[index].changed_grants = false;
	pf->vf[index].changed_policy = false;

	return 0;
}

/* ---- policy ---- */

int
manager_vf_policy_apply(struct manager_pf *pf, uint16_t index, struct rte_sriov_error *error)
{
	const struct manager_vf *vf = &pf->vf[index];
	struct rte_sriov_policy desired;
	struct sriovd_vf_conf conf;
	int ret;

	if (vf_conf_get(pf, index, &conf) != 0)
		return sriovd_error_set(error, ENOMEM, pf->bdf, NULL, "no memory");
	ret = rte_sriov_vf_policy_get(pf->pf, index, &desired, NULL, error);
	/* Without a PMD there is no policy; that is a failure only where one is wanted. */
	if (conf.policy.set == 0 && vf->want.policy.set == 0 && (ret != 0 || desired.set == 0))
		ret = 0;
	else if (ret == 0 || ret == -ENOTSUP) {
		ret = rte_sriov_vf_policy_default_set(pf->pf, index, &conf.policy, error);
		if (ret == 0)
			ret = rte_sriov_vf_policy_clear(pf->pf, index, error);
		if (ret == 0 && vf->changed_policy)
			ret = rte_sriov_vf_policy_set(pf->pf, index, &vf->want.policy, error);
	}
	sriovd_vf_conf_clear(&conf);

	return ret;
}

/* ---- users ---- */

static bool
owner_is(const struct manager_vf *vf)
{
	if (!sriovd_vf_conf_has_owner(&vf->want))
		return !vf->has_owner;

	return vf->has_owner && vf->owner.uid == vf->want.owner.uid &&
			vf->owner.gid == vf->want.owner.gid &&
			vf->owner.mode == vf->want.owner.mode;
}

static int
vf_hand_out(struct manager_pf *pf, uint16_t index, struct rte_sriov_error *error)
{
	struct manager_vf *vf = &pf->vf[index];
	const bool has_owner = sriovd_vf_conf_has_owner(&vf->want);
	struct rte_sriov_vf_info info;
	int ret;

	ret = rte_sriov_vf_hand_out(pf->pf, index, has_owner ? &vf->want.owner : NULL, error);
	if (ret != 0)
		return ret;
	vf->handed_out = true;
	vf->has_owner = has_owner;
	vf->owner = vf->want.owner;
	if (rte_sriov_vf_info_get(pf->pf, index, NULL, &info, NULL) == 0)
		vf->before = info.owner_before;

	return 0;
}

int
manager_vf_grants_apply(struct manager_pf *pf, uint16_t index, uint32_t wait_ms, uint32_t flags,
		bool keep_grants, struct rte_sriov_error *error)
{
	struct manager_vf *vf = &pf->vf[index];
	bool wanted = sriovd_vf_conf_handed_out(&vf->want);
	int ret = 0;

	if (vf->bdf[0] == '\0')
		return 0; /* it will be prepared when it is there */
	if (vf->handed_out && (!wanted || !owner_is(vf))) {
		sriovd_vfs_busy_set(pf->manager->vfs, vf->bdf, true);
		ret = rte_sriov_vf_reclaim(pf->pf, index, wait_ms, flags, error);
		if (ret == 0)
			vf->handed_out = false;
	}
	if (ret == 0 && wanted && !vf->handed_out) {
		sriovd_vfs_busy_set(pf->manager->vfs, vf->bdf, true);
		ret = vf_hand_out(pf, index, error);
	}
	/* With its new grants in any case; it is busy no longer. */
	manager_vf_publish(pf, index, keep_grants);
	pf->manager->dirty = true;

	return ret;
}

/* ---- the table ---- */

void
manager_vf_grants_take(struct manager_pf *pf, uint16_t index)
{
	const char *bdf = pf->vf[index].bdf;
	struct sriovd_grants grants;

	if (bdf[0] == '\0' || sriovd_vfs_grants_get(pf->manager->vfs, bdf, &grants) != 0)
		return;
	if (grants.nb != pf->vf[index].want.grants.nb) {
		pf->vf[index].changed_grants = true;
		sriovd_grants_free(&pf->vf[index].want.grants);
		pf->vf[index].want.grants = grants;
	} else {
		sriovd_grants_free(&grants);
	}
}

void
manager_vf_publish(struct manager_pf *pf, uint16_t index, bool keep_grants)
{
	const struct manager_vf *vf = &pf->vf[index];
	struct sriovd_vf_entry entry = { .index = index };

	if (vf->bdf[0] == '\0')
		return;
	strlcpy(entry.bdf, vf->bdf, sizeof(entry.bdf));
	strlcpy(entry.pf, pf->bdf, sizeof(entry.pf));
	strlcpy(entry.socket, vf->want.socket, sizeof(entry.socket));
	entry.grants = vf->want.grants;
	entry.owner = vf->want.owner;
	entry.token_known = rte_sriov_token_get(pf->pf, index, entry.token, NULL) == 0;
	if (sriovd_vfs_put(pf->manager->vfs, &entry, keep_grants) != 0)
		SRIOVD_LOG(ERR, "%s: no memory for its grants", entry.bdf);
	explicit_bzero(entry.token, sizeof(entry.token));
}

void
manager_vf_token_publish(struct manager_pf *pf, uint16_t index)
{
	const char *bdf = pf->vf[index].bdf;
	unsigned char token[16];

	if (bdf[0] == '\0')
		return;
	sriovd_vfs_token_set(pf->manager->vfs, bdf,
			rte_sriov_token_get(pf->pf, index, token, NULL) == 0 ? token : NULL);
	explicit_bzero(token, sizeof(token));
	pf->manager->dirty = true;
}

void
manager_tokens_publish(struct manager_pf *pf)
{
	uint16_t i;

	for (i = 0; i < pf->nb_vf; i++)
		manager_vf_token_publish(pf, i);
	pf->manager->dirty = true;
}

void
manager_vfs_busy_set(struct manager_pf *pf, bool busy)
{
	uint16_t i;

	for (i = 0; i < pf->nb_vf; i++)
		if (pf->vf[i].bdf[0] != '\0')
			sriovd_vfs_busy_set(pf->manager->vfs, pf->vf[i].bdf, busy);
}
