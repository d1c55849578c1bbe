/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* PFs and VFs as JSON, as the control protocol has them. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_vfio_pf.h>

#include "sriovd_manager.h"
#include "sriovd_policy.h"

#define COUNTERS_MAX 64
#define HOLDERS_MAX 32

static json_t *
text_or_null(const char *text)
{
	return text[0] != '\0' ? json_string(text) : json_null();
}

static json_t *
counters_to_json(const struct rte_sriov_counter *counters, int nb)
{
	json_t *json = json_object();
	int i;

	for (i = 0; i < RTE_MIN(nb, COUNTERS_MAX); i++)
		json_object_set_new(json, counters[i].name, json_integer(counters[i].value));

	return json;
}

/* ---- holders ---- */

static json_t *
holder_to_json(const struct rte_sriov_holder *holder, const char *device)
{
	json_t *comm = json_string(holder->comm);

	return json_pack("{s:i, s:I, s:o, s:s}", "pid", (int)holder->pid, "uid",
			(json_int_t)holder->uid, "comm", comm != NULL ? comm : json_string("?"),
			"device", device);
}

static void
holders_append(json_t *list, const struct rte_sriov_holders *holders,
		const struct rte_sriov_function *fn)
{
	struct rte_sriov_holder found[HOLDERS_MAX];
	unsigned int nb, i;

	if (holders == NULL)
		return;
	nb = rte_sriov_holders_of(holders, fn, found, RTE_DIM(found));
	for (i = 0; i < RTE_MIN(nb, RTE_DIM(found)); i++)
		json_array_append_new(list, holder_to_json(&found[i], fn->bdf));
}

json_t *
manager_holders_to_json(struct manager_pf *pf, int vf)
{
	struct rte_sriov_holders *holders = rte_sriov_holders_scan(NULL);
	struct rte_sriov_vf_info info;
	json_t *list = json_array();
	uint16_t i;

	for (i = 0; i < pf->nb_vf; i++)
		if ((vf < 0 || vf == i) && pf->pf != NULL &&
				rte_sriov_vf_info_get(pf->pf, i, NULL, &info, NULL) == 0)
			holders_append(list, holders, &info.function);
	rte_sriov_holders_free(holders);

	return list;
}

/* ---- VFs ---- */

/* What is there of any VF. */
static json_t *
function_to_vf(const struct rte_sriov_function *fn, const struct rte_sriov_holders *holders,
		const struct rte_sriov_owner *owner)
{
	json_t *json = json_object(), *list = json_array();
	char mode[8];

	snprintf(mode, sizeof(mode), "%04o", (unsigned int)owner->mode);
	json_object_set_new(json, "vf", json_string(fn->bdf));
	json_object_set_new(json, "index", json_integer(fn->vf_index));
	json_object_set_new(json, "pf", json_string(fn->pf));
	json_object_set_new(json, "driver", text_or_null(fn->driver));
	json_object_set_new(json, "group", json_integer(fn->group));
	json_object_set_new(json, "node", text_or_null(fn->node));
	json_object_set_new(json, "cdev", text_or_null(fn->cdev));
	holders_append(list, holders, fn);
	json_object_set_new(json, "holders", list);
	json_object_set_new(json, "owner", json_pack("{s:I, s:I, s:s}", "uid",
			(json_int_t)owner->uid, "gid", (json_int_t)owner->gid, "mode", mode));

	return json;
}

static const char *
state_name(const struct manager_vf *vf, const struct rte_sriov_vf_info *info, bool held)
{
	if (info->state == RTE_SRIOV_VF_RECLAIMING)
		return "resetting";
	if (held)
		return "in_use";

	return vf->handed_out || vf->want.grants.nb > 0 ? "granted" : "free";
}

json_t *
manager_vf_to_json(struct manager_pf *pf, uint16_t index, const struct rte_sriov_holders *holders)
{
	struct rte_sriov_counter counters[COUNTERS_MAX];
	struct rte_sriov_policy desired, effective;
	struct manager_vf *vf = &pf->vf[index];
	struct rte_sriov_vf_info info;
	uint64_t asked, refused;
	json_t *json;
	int nb;

	if (rte_sriov_vf_info_get(pf->pf, index, holders, &info, NULL) != 0)
		return NULL;
	manager_vf_grants_take(pf, index);
	json = function_to_vf(&info.function, holders, &info.owner);
	json_object_set_new(json, "grants", manager_grants_to_json(&vf->want.grants));
	json_object_set_new(json, "state", json_string(state_name(vf, &info,
			json_array_size(json_object_get(json, "holders")) > 0)));
	json_object_set_new(json, "own_token", json_boolean(info.own_token));
	json_object_set_new(json, "socket", text_or_null(vf->want.socket));
	if (rte_sriov_vf_policy_get(pf->pf, index, &desired, &effective, NULL) != 0) {
		memset(&desired, 0, sizeof(desired));
		memset(&effective, 0, sizeof(effective));
	}
	json_object_set_new(json, "policy", sriovd_policy_to_json(&desired));
	json_object_set_new(json, "effective", effective.set != 0 ?
			sriovd_policy_to_json(&effective) : json_null());
	nb = rte_sriov_vf_counters_get(pf->pf, index, counters, RTE_DIM(counters), NULL);
	json_object_set_new(json, "counters", counters_to_json(counters, nb));
	sriovd_vfs_counts_get(pf->manager->vfs, info.function.bdf, &asked, &refused);
	json_object_set_new(json, "tokens", json_pack("{s:I, s:I, s:i}", "given",
			(json_int_t)asked, "refused", (json_int_t)refused, "rotated",
			(int)info.tokens_rotated));

	return json;
}

/* ---- PFs ---- */

static json_t *
function_to_pf(const struct rte_sriov_function *fn)
{
	json_t *json = json_object();
	char id[8];

	json_object_set_new(json, "pf", json_string(fn->bdf));
	snprintf(id, sizeof(id), "%04x", fn->vendor);
	json_object_set_new(json, "vendor", json_string(id));
	snprintf(id, sizeof(id), "%04x", fn->device);
	json_object_set_new(json, "device", json_string(id));
	json_object_set_new(json, "driver", text_or_null(fn->driver));
	json_object_set_new(json, "group", json_integer(fn->group));
	json_object_set_new(json, "numa", json_integer(fn->numa));
	json_object_set_new(json, "total_vfs", json_integer(fn->total_vfs));
	json_object_set_new(json, "num_vfs", json_integer(fn->num_vfs));
	json_object_set_new(json, "held", json_false());
	json_object_set_new(json, "kept", json_string("none"));
	json_object_set_new(json, "adopted", json_false());
	json_object_set_new(json, "pmd", json_null());

	return json;
}

static json_t *
features_to_json(uint32_t features)
{
	json_t *list = json_array();

	if ((features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0)
		json_array_append_new(list, json_string("vf_own_token"));
	if ((features & RTE_VFIO_PF_FEATURE_NUM_VFS) != 0)
		json_array_append_new(list, json_string("num_vfs"));
	if ((features & RTE_VFIO_PF_FEATURE_KEEP) != 0)
		json_array_append_new(list, json_string("keep"));

	return list;
}

static void
pf_fill(json_t *json, struct manager_pf *pf, const struct rte_sriov_pf_info *info)
{
	struct rte_sriov_counter counters[COUNTERS_MAX];
	int nb;

	json_object_set_new(json, "held", json_true());
	json_object_set_new(json, "previous_driver", text_or_null(info->previous_driver));
	json_object_set_new(json, "pmd", text_or_null(info->pmd));
	json_object_set_new(json, "kept", json_string(pf->kept ? sriovd_keeper_name() : "none"));
	json_object_set_new(json, "adopted", json_boolean(pf->adopted));
	json_object_set_new(json, "features", features_to_json(info->features));
	json_object_set_new(json, "link", json_pack("{s:b, s:i}", "up", info->link_up,
			"speed_mbps", (int)info->link_speed_mbps));
	json_object_set_new(json, "token", json_pack("{s:s, s:i}", "source",
			pf->conf.token[0] != '\0' ? pf->conf.token : "random", "rotated",
			(int)info->tokens_rotated));
	json_object_set_new(json, "resets", json_integer(info->resets));
	nb = rte_sriov_pf_counters_get(pf->pf, counters, RTE_DIM(counters), NULL);
	json_object_set_new(json, "counters", counters_to_json(counters, nb));
}

json_t *
manager_pf_to_json(struct manager_pf *pf, const struct rte_sriov_holders *holders)
{
	struct rte_sriov_pf_info info;
	json_t *json, *vfs = json_array(), *vf;
	uint16_t i;

	if (pf->pf == NULL || rte_sriov_pf_info_get(pf->pf, &info, NULL) != 0) {
		if (rte_sriov_function_get(pf->bdf, &info.function, NULL) != 0) {
			memset(&info.function, 0, sizeof(info.function));
			snprintf(info.function.bdf, sizeof(info.function.bdf), "%s", pf->bdf);
		}
		json = function_to_pf(&info.function);
	} else {
		json = function_to_pf(&info.function);
		pf_fill(json, pf, &info);
		for (i = 0; i < info.function.num_vfs && i < pf->nb_vf; i++) {
			vf = manager_vf_to_json(pf, i, holders);
			if (vf != NULL)
				json_array_append_new(vfs, vf);
		}
	}
	json_object_set_new(json, "vfs", vfs);
	if (pf->failure.err != 0)
		json_object_set_new(json, "failure", json_string(pf->failure.text));

	return json;
}

/* A PF that somebody else has, or nobody. */
static json_t *
other_to_json(const struct rte_sriov_function *fn, const struct rte_sriov_holders *holders)
{
	const struct rte_sriov_owner unknown = { .mode = 0600 };
	json_t *json = function_to_pf(fn), *vfs = json_array();
	struct rte_sriov_function *list;
	int nb, i;

	list = calloc(fn->num_vfs + 1, sizeof(*list));
	nb = list != NULL ? rte_sriov_vf_list(fn->bdf, list, fn->num_vfs, NULL) : 0;
	for (i = 0; i < RTE_MIN(nb, fn->num_vfs); i++)
		json_array_append_new(vfs, function_to_vf(&list[i], holders, &unknown));
	free(list);
	json_object_set_new(json, "vfs", vfs);

	return json;
}

json_t *
manager_status(struct sriovd_manager *manager, const char *bdf)
{
	struct rte_sriov_holders *holders = rte_sriov_holders_scan(NULL);
	struct rte_sriov_function list[SRIOVD_CONFIG_MAX_PFS];
	json_t *pfs = json_array();
	struct manager_pf *pf;
	int nb, i;

	TAILQ_FOREACH(pf, &manager->pfs, next)
		if (bdf[0] == '\0' || strcmp(bdf, pf->bdf) == 0)
			json_array_append_new(pfs, manager_pf_to_json(pf, holders));
	/* One alone is not looked for among all devices. */
	if (bdf[0] == '\0')
		nb = rte_sriov_pf_list(list, RTE_DIM(list), NULL);
	else
		nb = json_array_size(pfs) == 0 && rte_sriov_function_get(bdf, list, NULL) == 0 &&
				list[0].type == RTE_SRIOV_TYPE_PF;
	for (i = 0; i < RTE_MIN(nb, (int)RTE_DIM(list)); i++)
		if (manager_pf_find(manager, list[i].bdf) == NULL)
			json_array_append_new(pfs, other_to_json(&list[i], holders));
	rte_sriov_holders_free(holders);

	return json_pack("{s:o}", "pfs", pfs);
}
