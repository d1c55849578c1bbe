/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Reading the configuration anew, and doing what has changed in it. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_string_fns.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_request.h"

/* The section of a PF, for those who keep a copy of it. */
static void
pf_conf_take(struct manager_pf *pf, const struct sriovd_pf_conf *conf)
{
	uint16_t vfs = pf->conf.vfs;

	pf->conf = *conf;
	pf->conf.vfs = vfs;
	pf->configured = true;
}

/* ---- one change ---- */

static int
pf_token_change(struct manager_pf *pf, struct rte_sriov_error *error)
{
	rte_uuid_t token;
	int ret;

	if (strcmp(pf->conf.token, "random") == 0)
		return rte_sriov_token_rotate(pf->pf, RTE_SRIOV_VF_NONE, NULL, error);
	ret = manager_token_read(pf->conf.token, pf->bdf, token, error);
	if (ret == 0)
		ret = rte_sriov_token_rotate(pf->pf, RTE_SRIOV_VF_NONE, token, error);
	explicit_bzero(token, sizeof(token));

	return ret;
}

static void
pf_vfs_configure(struct manager_pf *pf, uint16_t first)
{
	uint16_t i;

	for (i = first; i < pf->nb_vf; i++)
		if (!pf->vf[i].changed_grants && !pf->vf[i].changed_policy)
			manager_vf_configure(pf, i);
}

static int
pf_change(struct sriovd_manager *manager, const struct sriovd_change *change,
		struct rte_sriov_error *error)
{
	const struct sriovd_pf_conf *conf = sriovd_config_pf(manager->config, change->pf);
	struct manager_pf *pf = manager_pf_find(manager, change->pf);
	int ret;

	switch (change->type) {
	case SRIOVD_CHANGE_PF_REMOVE:
		if (pf == NULL)
			return 0;
		pf->configured = false;
		pf->conf.vf = NULL;
		pf->conf.nb_vf = 0;
		ret = manager_pf_close(pf, RTE_SRIOV_CLOSE_RESTORE, error);
		if (ret != 0)
			return ret;
		TAILQ_REMOVE(&manager->pfs, pf, next);
		manager_pf_free(pf);
		return 0;
	case SRIOVD_CHANGE_PF_ADD:
		if (pf == NULL)
			pf = manager_pf_add(manager, conf, true, error);
		if (pf == NULL)
			return -ENOMEM;
		pf_vfs_configure(pf, 0);
		ret = manager_pf_open(pf, error);
		return ret != 0 ? ret : manager_pf_vfs_set(pf, conf->vfs, error);
	case SRIOVD_CHANGE_PF_VFS:
		if (pf == NULL || pf->pf == NULL)
			return 0;
		/* Those that were not there before may have sections now. */
		pf_vfs_configure(pf, pf->conf.vfs);
		return manager_pf_vfs_set(pf, conf->vfs, error);
	case SRIOVD_CHANGE_PF_TOKEN:
		return pf == NULL || pf->pf == NULL ? 0 : pf_token_change(pf, error);
	default:
		return 0;
	}
}

static int
vf_change(struct sriovd_manager *manager, const struct sriovd_change *change,
		struct rte_sriov_error *error)
{
	struct manager_pf *pf = manager_pf_find(manager, change->pf);
	struct manager_vf *vf;
	struct sriovd_vf_conf conf;

	if (pf == NULL || pf->pf == NULL || change->vf >= pf->nb_vf)
		return 0;
	if (sriovd_config_vf(sriovd_config_pf(manager->config, change->pf), change->vf, &conf) != 0)
		return sriovd_error_set(error, ENOMEM, pf->bdf, NULL, "no memory");
	vf = &pf->vf[change->vf];
	switch (change->type) {
	case SRIOVD_CHANGE_VF_POLICY:
		vf->want.policy = conf.policy;
		vf->changed_policy = false;
		sriovd_vf_conf_clear(&conf);
		return manager_vf_policy_apply(pf, change->vf, error);
	case SRIOVD_CHANGE_VF_GRANTS:
		sriovd_grants_free(&vf->want.grants);
		vf->want.grants = conf.grants;
		vf->want.owner = conf.owner;
		vf->changed_grants = false;
		return manager_vf_grants_apply(pf, change->vf, 0, 0, false, error);
	case SRIOVD_CHANGE_VF_SOCKET:
		strlcpy(vf->want.socket, conf.socket, sizeof(vf->want.socket));
		manager_vf_publish(pf, change->vf, true);
		break;
	default:
		break;
	}
	sriovd_vf_conf_clear(&conf);

	return 0;
}

static int
change_do(struct sriovd_manager *manager, const struct sriovd_change *change,
		struct rte_sriov_error *error)
{
	if (change->type >= SRIOVD_CHANGE_VF_GRANTS)
		return vf_change(manager, change, error);

	return pf_change(manager, change, error);
}

static void
change_note(json_t *list, const struct sriovd_change *change, int ret,
		const struct rte_sriov_error *error)
{
	char text[1024];

	snprintf(text, sizeof(text), "%s%s%s%s%s", change->pf, change->pf[0] != '\0' ? ": " : "",
			change->text, ret != 0 ? ": failed: " : "", ret != 0 ? error->text : "");
	json_array_append_new(list, json_string(text));
}

/* ---- all of them ---- */

/* PFs that could not be opened before, or were let go. */
static void
pfs_try_again(struct sriovd_manager *manager, bool dry_run, json_t *list)
{
	struct sriovd_change change = { .text = "opened again" };
	struct rte_sriov_error error;
	struct manager_pf *pf;
	int ret = 0;

	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (!pf->configured || pf->pf != NULL)
			continue;
		strlcpy(change.pf, pf->bdf, sizeof(change.pf));
		if (!dry_run) {
			ret = manager_pf_open(pf, &error);
			if (ret == 0)
				ret = manager_pf_vfs_set(pf, sriovd_config_pf(manager->config,
						pf->bdf)->vfs, &error);
		}
		change_note(list, &change, ret, &error);
	}
}

int
manager_config_load(struct sriovd_manager *manager, struct sriovd_config **config,
		struct rte_sriov_error *error)
{
	struct sriovd_faults faults;
	bool first = true;
	char text[768];
	unsigned int i;

	*config = sriovd_config_load(manager->config_path, &faults);
	sriovd_error_set(error, EINVAL, NULL, "dpdk-sriovd --check names all of them",
			"the configuration is refused, nothing has changed");
	for (i = 0; i < faults.nb; i++) {
		sriovd_fault_format(&faults.fault[i], manager->config_path, text, sizeof(text));
		if (faults.fault[i].warning)
			SRIOVD_LOG(WARNING, "%s", text);
		else
			SRIOVD_LOG(ERR, "%s", text);
		if (!faults.fault[i].warning && first)
			snprintf(error->text, sizeof(error->text), "nothing has changed: %.480s",
					text);
		first = first && faults.fault[i].warning;
	}
	sriovd_faults_free(&faults);

	return *config != NULL ? 0 : -EINVAL;
}

int
manager_reload(struct sriovd_manager *manager, bool dry_run, json_t **list,
		struct rte_sriov_error *error)
{
	struct sriovd_config *config, *old = manager->config;
	struct sriovd_changes changes;
	struct rte_sriov_error one = { 0 };
	const struct sriovd_pf_conf *conf;
	struct manager_pf *pf;
	unsigned int i;
	int ret;

	*list = NULL;
	ret = manager_config_load(manager, &config, error);
	if (ret != 0)
		return ret;
	if (sriovd_config_diff(old, config, &changes) != 0) {
		sriovd_config_free(config);
		return sriovd_error_set(error, ENOMEM, NULL, NULL, "no memory");
	}
	*list = json_array();
	if (!dry_run) {
		/* What counts at start only stays as it was. */
		strlcpy(config->runtime_dir, old->runtime_dir, sizeof(config->runtime_dir));
		strlcpy(config->state_dir, old->state_dir, sizeof(config->state_dir));
		manager->config = config;
		TAILQ_FOREACH(pf, &manager->pfs, next) {
			conf = sriovd_config_pf(config, pf->bdf);
			if (conf != NULL)
				pf_conf_take(pf, conf);
		}
	}
	for (i = 0; i < changes.nb; i++) {
		ret = dry_run ? 0 : change_do(manager, &changes.change[i], &one);
		change_note(*list, &changes.change[i], ret, &one);
	}
	pfs_try_again(manager, dry_run, *list);
	sriovd_changes_free(&changes);
	sriovd_config_free(dry_run ? config : old);
	if (!dry_run)
		manager->dirty = true;

	return 0;
}
