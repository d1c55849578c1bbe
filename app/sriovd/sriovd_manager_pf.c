/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* PFs: opening, their VFs, closing. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_string_fns.h>
#include <rte_vfio_pf.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_request.h"

/* The PF that net_i82576_pf drives: it takes a file for what its VFs have set. */
#define PCI_VENDOR_INTEL 0x8086
#define PCI_DEVICE_82576 0x10c9

void
manager_pf_free(struct manager_pf *pf)
{
	uint16_t i;

	for (i = 0; i < pf->nb_vf; i++)
		sriovd_vf_conf_clear(&pf->vf[i].want);
	free(pf->vf);
	free(pf);
}

struct manager_pf *
manager_pf_add(struct sriovd_manager *manager, const struct sriovd_pf_conf *conf, bool configured,
		struct rte_sriov_error *error)
{
	struct manager_pf *pf = calloc(1, sizeof(*pf));

	if (pf == NULL) {
		sriovd_error_set(error, ENOMEM, conf->bdf, NULL, "no memory");
		return NULL;
	}
	pf->manager = manager;
	pf->conf = *conf;
	pf->configured = configured;
	strlcpy(pf->bdf, conf->bdf, sizeof(pf->bdf));
	TAILQ_INSERT_TAIL(&manager->pfs, pf, next);

	return pf;
}

/* ---- opening ---- */

/* Room for as many VFs as it can have. */
static int
pf_vfs_alloc(struct manager_pf *pf, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	uint16_t i;
	int ret;

	if (pf->vf != NULL)
		return 0;
	ret = rte_sriov_function_get(pf->bdf, &fn, error);
	if (ret != 0)
		return ret;
	if (fn.type != RTE_SRIOV_TYPE_PF)
		return sriovd_error_set(error, ENODEV, pf->bdf, "give the address of a PF",
				"it is no PF");
	pf->vf = calloc(RTE_MAX(fn.total_vfs, 1), sizeof(*pf->vf));
	if (pf->vf == NULL)
		return sriovd_error_set(error, ENOMEM, pf->bdf, NULL, "no memory");
	pf->nb_vf = fn.total_vfs;
	for (i = 0; i < pf->nb_vf; i++) {
		pf->vf[i].want.index = i;
		if (manager_vf_configure(pf, i) != 0)
			return sriovd_error_set(error, ENOMEM, pf->bdf, NULL, "no memory");
		manager_state_vf_take(pf, i);
	}

	return 0;
}

static void
pf_devargs(const struct manager_pf *pf, char *devargs, size_t size)
{
	struct rte_sriov_function fn;

	strlcpy(devargs, pf->conf.devargs, size);
	if (pf->conf.pmd != RTE_SRIOV_PMD_AUTO || strstr(devargs, "state=") != NULL ||
			rte_sriov_function_get(pf->bdf, &fn, NULL) != 0 ||
			fn.vendor != PCI_VENDOR_INTEL || fn.device != PCI_DEVICE_82576)
		return;
	snprintf(devargs, size, "%s%sstate=%s/%s.state", pf->conf.devargs,
			pf->conf.devargs[0] != '\0' ? "," : "", pf->manager->config->runtime_dir,
			pf->bdf);
}

/* Somebody may have made the VFs anew since: then their nodes are not as they were left. */
static void
vf_resume(struct manager_pf *pf, uint16_t index)
{
	struct manager_vf *vf = &pf->vf[index];
	struct rte_sriov_error error;
	struct rte_sriov_vf_info info;

	if (!vf->handed_out)
		return;
	if (rte_sriov_vf_info_get(pf->pf, index, NULL, &info, NULL) != 0 || (vf->has_owner &&
			(info.owner.uid != vf->owner.uid || info.owner.gid != vf->owner.gid ||
			info.owner.mode != vf->owner.mode))) {
		vf->handed_out = false;
		return;
	}
	if (rte_sriov_vf_hand_out_resume(pf->pf, index, vf->has_owner ? &vf->owner : NULL,
			&vf->before, &error) != 0)
		sriovd_log_error(&error);
}

/* The EAL of this process does not know a token of the last one: it is set again, or a new one. */
static int
pf_token_resume(struct manager_pf *pf, uint16_t vf, const char *secret,
		struct rte_sriov_error *error)
{
	rte_uuid_t token;
	int ret;

	if (secret == NULL || rte_uuid_parse(secret, token) != 0 || rte_uuid_is_null(token))
		return rte_sriov_token_rotate(pf->pf, vf, NULL, error);
	ret = rte_sriov_token_resume(pf->pf, vf, token, error);
	explicit_bzero(token, sizeof(token));

	return ret;
}

/* VFs that were there before: what an earlier run has done counts further on. */
static void
pf_vfs_resume(struct manager_pf *pf, uint16_t nb, uint32_t features)
{
	struct rte_sriov_error error;
	struct manager_vf *vf;
	uint16_t i;

	/* Of those that are there no longer, nothing counts. */
	for (i = nb; i < pf->nb_vf; i++)
		pf->vf[i].handed_out = false;
	for (i = 0; i < nb && i < pf->nb_vf; i++) {
		vf = &pf->vf[i];
		if (rte_sriov_vf_bdf(pf->bdf, i, vf->bdf, NULL) != 0)
			continue;
		vf_resume(pf, i);
		if ((features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0 &&
				pf_token_resume(pf, i, manager_secret(pf->manager, vf->bdf),
					&error) != 0)
			sriovd_log_error(&error);
	}
}

static void
pf_previous_get(struct manager_pf *pf, struct rte_sriov_pf_conf *conf)
{
	const char *previous;

	previous = json_string_value(json_object_get(manager_state_pf(pf->manager, pf->bdf),
			"previous_driver"));
	/* After a boot it is on what the system gives it. */
	if (previous == NULL || !pf->manager->same_boot)
		return;
	strlcpy(pf->previous_driver, previous, sizeof(pf->previous_driver));
	conf->previous_driver = pf->previous_driver;
}

int
manager_pf_open(struct manager_pf *pf, struct rte_sriov_error *error)
{
	struct rte_sriov_pf_conf conf = {
		.bdf = pf->bdf,
		.driver = pf->conf.driver,
		.token = pf->conf.token,
		.pmd = pf->conf.pmd,
		.start_port = true,
		.event = manager_pf_event,
		.event_ctx = pf,
	};
	char devargs[3 * SRIOVD_PATH_SIZE];
	struct rte_sriov_pf_info info;
	const char *secret;
	int ret;

	if (pf->pf != NULL)
		return 0;
	ret = pf_vfs_alloc(pf, error);
	if (ret != 0)
		goto fail;
	pf_devargs(pf, devargs, sizeof(devargs));
	conf.devargs = devargs;
	pf_previous_get(pf, &conf);
	pf->adopted = manager_pf_was_passed(pf->manager, pf->bdf);
	/* VFs that are open keep it: a new one would be refused. */
	secret = manager_secret(pf->manager, pf->bdf);
	if (pf->adopted)
		conf.token = NULL;
	else if (secret != NULL && strcmp(pf->conf.token, "random") == 0)
		conf.token = secret;
	pf->requested = false;
	pf->pf = rte_sriov_pf_open(&conf, error);
	if (pf->pf == NULL) {
		ret = rte_errno > 0 ? -rte_errno : -EIO;
		goto fail;
	}
	ret = rte_sriov_pf_info_get(pf->pf, &info, error);
	if (ret != 0)
		goto fail;
	strlcpy(pf->previous_driver, info.previous_driver, sizeof(pf->previous_driver));
	pf->failure.err = 0;
	SRIOVD_LOG(NOTICE, "%s: %s%s%s, %u of %u VFs, was %s%s", pf->bdf,
			pf->adopted ? "adopted" : "opened", info.pmd[0] != '\0' ? " with " : "",
			info.pmd, info.function.num_vfs, info.function.total_vfs,
			info.previous_driver[0] != '\0' ? "on driver " : "without a driver",
			info.previous_driver);
	/* The last owner may have ended between replacing and noting it: what is known counts. */
	if (pf->adopted && pf_token_resume(pf, RTE_SRIOV_VF_NONE, secret, error) != 0)
		sriovd_log_error(error);
	manager_pf_fds_keep(pf);
	pf_vfs_resume(pf, info.function.num_vfs, info.features);

	return 0;

fail:
	pf->failure = *error;
	return ret;
}

/* ---- VFs ---- */

static int
pf_num_vfs(struct manager_pf *pf, uint16_t *num, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	int ret = rte_sriov_function_get(pf->bdf, &fn, error);

	if (ret == 0)
		*num = fn.num_vfs;

	return ret;
}

/* Policy, users and tokens of all VFs; goes on after a failure, and returns the first. */
static int
pf_vfs_prepare(struct manager_pf *pf, uint16_t vfs, struct rte_sriov_error *error)
{
	struct rte_sriov_error one;
	int ret, first = 0;
	uint16_t i;

	for (i = 0; i < vfs; i++) {
		ret = manager_vf_grants_apply(pf, i, 0, 0, false, &one);
		if (ret != 0) {
			sriovd_log_error(&one);
			if (first == 0) {
				first = ret;
				*error = one;
			}
		}
		if (i % 16 == 15)
			manager_progress(pf, i + 1, vfs, "%s: VF %u is ready", pf->bdf, i);
	}

	return first;
}

static int
pf_vfs_make(struct manager_pf *pf, uint16_t vfs, uint16_t num, struct rte_sriov_error *error)
{
	struct rte_sriov_error one;
	int ret, first = 0;
	uint16_t i;

	/* Before they are there: then they have it from their first moment. */
	for (i = 0; i < vfs; i++) {
		ret = manager_vf_policy_apply(pf, i, &one);
		if (ret != 0) {
			sriovd_log_error(&one);
			if (first == 0) {
				first = ret;
				*error = one;
			}
		}
	}
	if (num != vfs && vfs > 0) {
		manager_progress(pf, 0, vfs, "%s: making %u VFs", pf->bdf, vfs);
		ret = rte_sriov_pf_num_vfs_set(pf->pf, vfs, 0, 0, error);
		if (ret != 0)
			return ret;
		SRIOVD_LOG(NOTICE, "%s: made %u VFs", pf->bdf, vfs);
	}
	pf->conf.vfs = vfs;
	ret = pf_vfs_prepare(pf, vfs, first == 0 ? error : &one);

	return first != 0 ? first : ret;
}

int
manager_pf_vfs_set(struct manager_pf *pf, uint16_t vfs, struct rte_sriov_error *error)
{
	uint16_t num;
	int ret;

	if (vfs > pf->nb_vf)
		return sriovd_error_set(error, ERANGE, pf->bdf, "ask for fewer",
				"it can have %u VFs, not %u", pf->nb_vf, vfs);
	ret = pf_num_vfs(pf, &num, error);
	if (ret == 0 && num != vfs && num != 0)
		ret = manager_pf_down(pf, 0, 0, error);
	if (ret != 0)
		return ret;
	pf->preparing = true;
	pf->token_changed = false;
	ret = pf_vfs_make(pf, vfs, num, error);
	pf->preparing = false;
	manager_pf_ranges_tell(pf);
	if (pf->token_changed)
		manager_tokens_publish(pf);

	return ret;
}

void
manager_pf_vfs_forget(struct manager_pf *pf)
{
	uint16_t i;

	sriovd_vfs_remove_pf(pf->manager->vfs, pf->bdf);
	for (i = 0; i < pf->nb_vf; i++) {
		pf->vf[i].handed_out = false;
		pf->vf[i].bdf[0] = '\0';
	}
}

int
manager_pf_down(struct manager_pf *pf, uint32_t wait_ms, uint32_t flags,
		struct rte_sriov_error *error)
{
	int ret;

	/* Nobody is to come while those who are there are waited for. */
	manager_vfs_busy_set(pf, true);
	ret = rte_sriov_pf_num_vfs_set(pf->pf, 0, wait_ms, flags, error);
	manager_pf_ranges_tell(pf);
	if (ret != 0) {
		manager_vfs_busy_set(pf, false);
		return ret;
	}
	manager_pf_vfs_forget(pf);
	SRIOVD_LOG(NOTICE, "%s: all VFs are removed", pf->bdf);

	return 0;
}

/* ---- closing ---- */

int
manager_pf_close(struct manager_pf *pf, enum rte_sriov_close how, struct rte_sriov_error *error)
{
	uint16_t i;
	int ret;

	if (pf->pf == NULL)
		return 0;
	if (how == RTE_SRIOV_CLOSE_RESTORE) {
		ret = manager_pf_down(pf, 0, 0, error);
		if (ret != 0)
			return ret;
	}
	sriovd_vfs_remove_pf(pf->manager->vfs, pf->bdf);
	for (i = 0; i < pf->nb_vf; i++)
		pf->vf[i].bdf[0] = '\0';
	/* Whoever else keeps it open would have the kernel wait. */
	if (how != RTE_SRIOV_CLOSE_LEAVE)
		manager_pf_fds_release(pf);
	ret = rte_sriov_pf_close(pf->pf, how, error);
	if (ret != 0 && how == RTE_SRIOV_CLOSE_RESTORE) {
		rte_sriov_pf_close(pf->pf, RTE_SRIOV_CLOSE_KEEP, NULL);
		pf->pf = NULL;
		return ret;
	}
	pf->pf = NULL;

	return ret;
}

void
manager_pf_returned(const struct manager_pf *pf)
{
	if (pf->previous_driver[0] != '\0')
		SRIOVD_LOG(NOTICE, "%s: given back to driver %s", pf->bdf, pf->previous_driver);
	else
		SRIOVD_LOG(NOTICE, "%s: given back, without a driver", pf->bdf);
}
