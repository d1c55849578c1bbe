/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* All PFs: finding one, bringing them up, looking after them, and the end. */

#include <string.h>

#include <rte_string_fns.h>
#include <rte_vfio_adopt.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_request.h"
#include "sriovd_worker.h"

/* ---- finding ---- */

struct manager_pf *
manager_pf_find(const struct sriovd_manager *manager, const char *bdf)
{
	struct manager_pf *pf;

	TAILQ_FOREACH(pf, &manager->pfs, next)
		if (strcmp(pf->bdf, bdf) == 0)
			return pf;

	return NULL;
}

struct manager_pf *
manager_vf_find(const struct sriovd_manager *manager, const char *bdf, uint16_t *index)
{
	struct rte_sriov_function fn;
	struct manager_pf *pf;

	if (rte_sriov_function_get(bdf, &fn, NULL) != 0 || fn.type != RTE_SRIOV_TYPE_VF)
		return NULL;
	pf = manager_pf_find(manager, fn.pf);
	if (pf == NULL || fn.vf_index >= pf->nb_vf)
		return NULL;
	*index = fn.vf_index;

	return pf;
}

/* ---- the start ---- */

static void
pf_bring_up(struct manager_pf *pf)
{
	struct rte_sriov_error error = { 0 };

	if (manager_pf_open(pf, &error) != 0) {
		sriovd_log_error(&error);
		return;
	}
	if (manager_pf_vfs_set(pf, pf->conf.vfs, &error) != 0) {
		pf->failure = error;
		sriovd_log_error(&error);
	}
}

/* PFs that somebody has brought up by the control socket. */
static void
pfs_of_state_add(struct sriovd_manager *manager)
{
	struct sriovd_pf_conf conf;
	struct rte_sriov_error error;
	struct manager_pf *pf;
	json_t *list, *item;
	const char *bdf;
	size_t i;

	list = json_object_get(manager->state, "pfs");
	json_array_foreach(list, i, item) {
		bdf = json_string_value(json_object_get(item, "pf"));
		if (bdf == NULL || json_is_true(json_object_get(item, "configured")) ||
				manager_pf_find(manager, bdf) != NULL)
			continue;
		memset(&conf, 0, sizeof(conf));
		strlcpy(conf.bdf, bdf, sizeof(conf.bdf));
		strlcpy(conf.driver, "vfio-pci", sizeof(conf.driver));
		strlcpy(conf.token, "random", sizeof(conf.token));
		conf.vfs = json_integer_value(json_object_get(item, "vfs"));
		conf.restore_on_exit = manager->config->restore_on_exit;
		pf = manager_pf_add(manager, &conf, false, &error);
		if (pf != NULL)
			pf_bring_up(pf);
	}
}

void
manager_start(struct sriovd_manager *manager)
{
	struct rte_sriov_error error;
	struct manager_pf *pf;
	unsigned int i;

	for (i = 0; i < manager->config->nb_pf; i++) {
		pf = manager_pf_add(manager, &manager->config->pf[i], true, &error);
		if (pf != NULL)
			pf_bring_up(pf);
	}
	if (manager->same_boot)
		pfs_of_state_add(manager);
	/* What was passed and is wanted no longer is closed, here and by whoever keeps it. */
	rte_vfio_adopt_drop(NULL);
	manager_inherited_release(manager);
	/* From here on, what is opened is opened anew. */
	manager->nb_inherited = 0;
	manager_state_save(manager);
}

/* ---- looking after them ---- */

/* Somebody wants it back: a kernel thread waits until nobody has it open any more. */
static void
pf_let_go(struct manager_pf *pf)
{
	struct rte_sriov_error error;
	uint64_t start = sriovd_now_ms();

	sriovd_vfs_remove_pf(pf->manager->vfs, pf->bdf);
	if (manager_pf_close(pf, RTE_SRIOV_CLOSE_KEEP, &error) != 0)
		sriovd_log_error(&error);
	manager_pf_vfs_forget(pf);
	pf->requested = false;
	sriovd_error_set(&pf->failure, ENODEV, pf->bdf, "dpdk-sriovctl up, or a reload, opens it "
			"again", "it was given back to somebody who unbinds or removes it");
	pf->manager->dirty = true;
	SRIOVD_LOG(WARNING, "%s: let go after %u ms", pf->bdf,
			(unsigned int)(sriovd_now_ms() - start));
}

static bool
vfs_are_there(const struct sriovd_manager *manager)
{
	const struct manager_pf *pf;
	uint16_t i;

	TAILQ_FOREACH(pf, &manager->pfs, next)
		for (i = 0; i < pf->nb_vf; i++)
			if (pf->vf[i].bdf[0] != '\0')
				return true;
	return false;
}

void
manager_poll(struct sriovd_manager *manager, bool look)
{
	struct rte_sriov_holders *holders = NULL;
	struct rte_sriov_error error;
	struct manager_pf *pf;

	/* It takes all of /proc. */
	if (look && vfs_are_there(manager))
		holders = rte_sriov_holders_scan(NULL);
	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (pf->pf == NULL)
			continue;
		error.err = 0;
		/* The same each second is said once. */
		if (rte_sriov_pf_poll(pf->pf, holders, &error) != 0 &&
				strcmp(pf->failure.text, error.text) != 0) {
			sriovd_log_error(&error);
			pf->failure = error;
		}
		manager_pf_ranges_tell(pf);
		if (pf->requested)
			pf_let_go(pf);
	}
	if (manager->dirty)
		manager_state_save(manager);
	rte_sriov_holders_free(holders);
}

/* ---- the end ---- */

void
manager_stop(struct sriovd_manager *manager)
{
	struct rte_sriov_error error;
	struct manager_pf *pf;

	manager_state_save(manager);
	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (pf->pf == NULL)
			continue;
		if (pf->conf.restore_on_exit &&
				manager_pf_close(pf, RTE_SRIOV_CLOSE_RESTORE, &error) == 0) {
			manager_pf_returned(pf);
			continue;
		}
		if (pf->conf.restore_on_exit)
			sriovd_log_error(&error);
		else if (!pf->kept)
			SRIOVD_LOG(NOTICE, "%s: nobody keeps its descriptors: its VFs lose their state, "
					"unless its vfio-pci keeps it", pf->bdf);
		manager_pf_close(pf, RTE_SRIOV_CLOSE_LEAVE, &error);
	}
}
