/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What the methods of the control socket do, and reloading. Worker thread. */

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>
#include <rte_vfio_pf.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_policy.h"
#include "sriovd_request.h"
#include "sriovd_worker.h"

/* How long those who are asked for a VF have in one try; there are more in the request's time. */
#define ASK_MS 200

/* A request that is being done. */
struct call {
	struct sriovd_manager *manager;
	const struct sriovd_request *request;
	uint64_t waited_ms;
	struct manager_pf *pf;   /* that it is about; NULL: none that is managed */
	uint16_t index;          /* of its VF */
	json_t *result;
	json_t *holders;
	struct rte_sriov_error *error;
};

/* ---- plans ---- */

/* With dry_run a step is only told. True: it is to be done. */
__rte_format_printf(2, 3)
static bool
step(struct call *call, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (!call->request->dry_run)
		return true;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (call->result == NULL)
		call->result = json_pack("{s:[]}", "plan");
	json_array_append_new(json_object_get(call->result, "plan"), json_string(text));

	return false;
}

static int
result_pf(struct call *call)
{
	struct rte_sriov_holders *holders;

	if (call->request->dry_run)
		return 0;
	holders = rte_sriov_holders_scan(NULL);
	call->result = manager_pf_to_json(call->pf, holders);
	rte_sriov_holders_free(holders);

	return 0;
}

static int
result_vf(struct call *call)
{
	struct rte_sriov_holders *holders;

	if (call->request->dry_run)
		return 0;
	holders = rte_sriov_holders_scan(NULL);
	call->result = manager_vf_to_json(call->pf, call->index, holders);
	rte_sriov_holders_free(holders);
	if (call->result == NULL)
		return sriovd_error_set(call->error, ENODEV, call->pf->bdf, NULL,
				"VF %u has gone", call->index);

	return 0;
}

/* A failure for which it matters who holds what. */
static int
held(struct call *call, int ret, int vf)
{
	if (ret == -EBUSY || ret == -ETIMEDOUT)
		call->holders = manager_holders_to_json(call->pf, vf);

	return ret;
}

/* Is there time to try again? */
static bool
wait_more(const struct call *call, int ret)
{
	return ret == -EBUSY && call->waited_ms < call->request->timeout_ms;
}

/* ---- what a request is about ---- */

static int
not_managed(struct call *call)
{
	return sriovd_error_set(call->error, ENODEV, call->request->device,
			"dpdk-sriovctl up takes it over",
			"not a PF that this dpdk-sriovd has open, nor a VF of one");
}

static int
vf_get(struct call *call)
{
	const struct sriovd_request *request = call->request;
	char bdf[RTE_SRIOV_BDF_SIZE];

	if (request->by_index) {
		call->pf = manager_pf_find(call->manager, request->device);
		call->index = request->index;
	} else {
		call->pf = manager_vf_find(call->manager, request->device, &call->index);
	}
	if (call->pf == NULL || call->pf->pf == NULL)
		return not_managed(call);

	return rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
}

/* A PF, or one of its VFs. */
static int
device_get(struct call *call)
{
	call->pf = manager_pf_find(call->manager, call->request->device);
	call->index = RTE_SRIOV_VF_NONE;
	if (call->pf == NULL)
		return vf_get(call);

	return call->pf->pf != NULL ? 0 : not_managed(call);
}

/* ---- PFs ---- */

static int
pf_take_over(struct call *call)
{
	const struct sriovd_request *request = call->request;
	struct sriovd_pf_conf conf = { .vfs = request->vfs };
	struct rte_sriov_function fn;
	int ret;

	ret = rte_sriov_function_get(request->device, &fn, call->error);
	if (ret != 0)
		return ret;
	if (fn.type != RTE_SRIOV_TYPE_PF)
		return sriovd_error_set(call->error, ENODEV, fn.bdf, "give the address of a PF",
				"it is no PF");
	if (!step(call, "%s: open it on vfio-pci, %s%s", fn.bdf,
			fn.driver[0] != '\0' ? "from driver " : "it is without a driver",
			fn.driver))
		return 0;
	strlcpy(conf.bdf, fn.bdf, sizeof(conf.bdf));
	strlcpy(conf.driver, "vfio-pci", sizeof(conf.driver));
	strlcpy(conf.token, request->token[0] != '\0' ? request->token : "random",
			sizeof(conf.token));
	conf.restore_on_exit = call->manager->config->restore_on_exit;
	call->pf = manager_pf_add(call->manager, &conf, false, call->error);

	return call->pf != NULL ? 0 : -ENOMEM;
}

static int
pf_open(struct call *call)
{
	int ret;

	if (call->pf->pf != NULL)
		return 0;
	manager_progress(call->pf, 0, 1, "%s: opening it", call->pf->bdf);
	ret = manager_pf_open(call->pf, call->error);
	if (ret != 0 && !call->pf->configured) {
		TAILQ_REMOVE(&call->manager->pfs, call->pf, next);
		manager_pf_free(call->pf);
		call->pf = NULL;
	}

	return ret;
}

static int
do_up(struct call *call)
{
	const struct sriovd_request *request = call->request;
	struct rte_sriov_function fn;
	int ret = 0;

	call->pf = manager_pf_find(call->manager, request->device);
	if (call->pf == NULL)
		ret = pf_take_over(call);
	else if (call->pf->pf == NULL)
		step(call, "%s: open it", request->device);
	if (ret == 0)
		ret = rte_sriov_function_get(request->device, &fn, call->error);
	if (ret != 0)
		return ret;
	if (request->vfs > fn.total_vfs)
		return sriovd_error_set(call->error, ERANGE, fn.bdf, "ask for fewer",
				"it can have %u VFs, not %u", fn.total_vfs, request->vfs);
	if (fn.num_vfs != request->vfs && fn.num_vfs != 0)
		step(call, "%s: remove its %u VFs, unless one is held", fn.bdf, fn.num_vfs);
	if (fn.num_vfs != request->vfs)
		step(call, "%s: make %u VFs on vfio-pci", fn.bdf, request->vfs);
	if (request->dry_run) {
		step(call, "%s: hand out those with a user, and apply their policy", fn.bdf);
		return 0;
	}
	ret = pf_open(call);
	if (ret != 0)
		return ret;
	call->manager->dirty = true;
	ret = manager_pf_vfs_set(call->pf, request->vfs, call->error);

	return ret != 0 ? held(call, ret, -1) : result_pf(call);
}

static int
do_down(struct call *call)
{
	const struct sriovd_request *request = call->request;
	uint32_t flags = request->force ? RTE_SRIOV_FLAG_FORCE : 0;
	int ret;

	call->pf = manager_pf_find(call->manager, request->device);
	if (call->pf == NULL || call->pf->pf == NULL)
		return not_managed(call);
	step(call, "%s: remove its VFs%s", call->pf->bdf, request->force ?
			", asking those who hold one to let it go" : ", unless one is held");
	if (request->release)
		step(call, "%s: close it, and %s%s", call->pf->bdf,
				call->pf->previous_driver[0] != '\0' ? "bind it to driver " :
				"leave it without a driver", call->pf->previous_driver);
	if (request->dry_run)
		return 0;
	ret = manager_pf_down(call->pf, request->force ? ASK_MS : 0, flags, call->error);
	if (wait_more(call, ret)) {
		manager_progress(call->pf, call->waited_ms / 1000, request->timeout_ms / 1000,
				"%s: waiting for those who hold a VF", call->pf->bdf);
		return -EINPROGRESS;
	}
	if (ret != 0)
		return held(call, ret, -1);
	call->pf->conf.vfs = 0;
	call->manager->dirty = true;
	if (request->release) {
		ret = manager_pf_close(call->pf, RTE_SRIOV_CLOSE_RESTORE, call->error);
		if (ret != 0)
			return ret;
		manager_pf_returned(call->pf);
	}
	result_pf(call);
	if (request->release && !call->pf->configured) {
		TAILQ_REMOVE(&call->manager->pfs, call->pf, next);
		manager_pf_free(call->pf);
	}

	return 0;
}

/* ---- VFs ---- */

static int
do_vf_set(struct call *call)
{
	const struct rte_sriov_policy *policy = &call->request->policy;
	struct manager_vf *vf;
	char names[128];
	int ret = vf_get(call);

	if (ret != 0)
		return ret;
	sriovd_policy_names(policy->set, names, sizeof(names));
	if (!step(call, "VF %u of %s: set %s", call->index, call->pf->bdf, names))
		return rte_sriov_policy_check(policy, call->error);
	ret = rte_sriov_vf_policy_set(call->pf->pf, call->index, policy, call->error);
	if (ret != 0)
		return ret;
	vf = &call->pf->vf[call->index];
	rte_sriov_policy_merge(&vf->want.policy, policy);
	vf->changed_policy = true;
	call->manager->dirty = true;

	return result_vf(call);
}

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
grant_parse(struct call *call, struct sriovd_grant *grant)
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

static int
do_vf_grant(struct call *call)
{
	struct rte_sriov_owner before;
	struct sriovd_grant grant;
	char bdf[RTE_SRIOV_BDF_SIZE];
	struct manager_vf *vf;
	int ret = vf_get(call);

	if (ret == 0)
		ret = grant_parse(call, &grant);
	if (ret == 0)
		ret = rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
	if (ret != 0)
		return ret;
	vf = &call->pf->vf[call->index];
	if (!vf->handed_out)
		step(call, "%s: reset it, give it a fresh token, and hand out its nodes", bdf);
	if (!step(call, "%s: grant it to %s%s", bdf, call->request->grant,
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
		return held(call, ret, call->index);
	}
	vf->changed_grants = true;
	call->manager->dirty = true;
	SRIOVD_LOG(NOTICE, "%s: granted to %s", bdf, call->request->grant);

	return result_vf(call);
}

/* Its user keeps what he has open; he cannot open it again. */
static int
token_replace(struct call *call)
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
revoke_one(struct call *call, const char *bdf)
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
	if (!step(call, "%s: revoke the grant to %s, and replace the token", bdf,
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
revoke_all(struct call *call, const char *bdf)
{
	const struct sriovd_request *request = call->request;
	struct manager_vf *vf = &call->pf->vf[call->index];
	int ret;

	if (!step(call, "%s: revoke all grants, reset it, replace the token, and take back its nodes",
			bdf))
		return 0;
	sriovd_grants_free(&vf->want.grants);
	vf->want.owner = (struct rte_sriov_owner) { -1, -1, 0660 };
	vf->changed_grants = true;
	/* Whoever holds it has to leave: but nobody is to come from now on. */
	vf->handed_out = true;
	ret = manager_vf_grants_apply(call->pf, call->index, request->force ? ASK_MS : 0,
			request->force ? RTE_SRIOV_FLAG_FORCE : 0, false, call->error);
	if (wait_more(call, ret)) {
		manager_progress(call->pf, call->waited_ms / 1000, request->timeout_ms / 1000,
				"%s: waiting for those who hold it", bdf);
		return -EINPROGRESS;
	}
	if (ret != 0)
		return held(call, ret, call->index);
	vf->want.policy.set = 0;
	vf->changed_policy = false;
	SRIOVD_LOG(NOTICE, "%s: taken back", bdf);

	return 0;
}

static int
do_vf_revoke(struct call *call)
{
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret = vf_get(call);

	if (ret == 0)
		ret = rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
	if (ret != 0)
		return ret;
	manager_vf_grants_take(call->pf, call->index);
	ret = call->request->grant[0] != '\0' ? revoke_one(call, bdf) : revoke_all(call, bdf);

	return ret != 0 ? ret : result_vf(call);
}

static int
do_vf_reset(struct call *call)
{
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret = vf_get(call);

	if (ret == 0)
		ret = rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
	if (ret != 0 || !step(call, "%s: reset it, unless it is held", bdf))
		return ret;
	sriovd_vfs_busy_set(call->manager->vfs, bdf, true);
	ret = rte_sriov_vf_reset(call->pf->pf, call->index, call->error);
	sriovd_vfs_busy_set(call->manager->vfs, bdf, false);

	return ret != 0 ? held(call, ret, call->index) : result_vf(call);
}

/* ---- tokens ---- */

static int
do_token_rotate(struct call *call)
{
	int ret = device_get(call);

	if (ret != 0 || !step(call, "%s: replace its token", call->request->device))
		return ret;
	ret = rte_sriov_token_rotate(call->pf->pf, call->index, NULL, call->error);
	if (ret == 0)
		call->result = json_object();

	return ret;
}

static int
do_token_get(struct call *call)
{
	char text[RTE_UUID_STRLEN];
	rte_uuid_t token;
	int ret = device_get(call);

	if (ret != 0 || !step(call, "%s: tell its token", call->request->device))
		return ret;
	ret = rte_sriov_token_get(call->pf->pf, call->index, token, call->error);
	if (ret != 0)
		return ret;
	rte_uuid_unparse(token, text, sizeof(text));
	call->result = json_pack("{s:s}", "token", text);
	explicit_bzero(token, sizeof(token));
	explicit_bzero(text, sizeof(text));
	SRIOVD_LOG(NOTICE, "%s: its token was told by the control socket", call->request->device);

	return 0;
}

/* ---- reloading ---- */

/* The section of a PF, for those who keep a copy of it. */
static void
pf_conf_take(struct manager_pf *pf, const struct sriovd_pf_conf *conf)
{
	uint16_t vfs = pf->conf.vfs;

	pf->conf = *conf;
	pf->conf.vfs = vfs;
	pf->configured = true;
}

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

static int
config_load(struct sriovd_manager *manager, struct sriovd_config **config,
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
	ret = config_load(manager, &config, error);
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

static int
do_reload(struct call *call)
{
	json_t *list = NULL;
	int ret = manager_reload(call->manager, call->request->dry_run, &list, call->error);

	if (ret == 0)
		call->result = json_pack("{s:o}", call->request->dry_run ? "plan" : "changes",
				list);

	return ret;
}

/* ---- all of them ---- */

void
manager_progress(struct manager_pf *pf, unsigned int done, unsigned int total, const char *fmt, ...)
{
	struct sriovd_message message = { .type = SRIOVD_MESSAGE_REPLY };
	int64_t id = 0;
	char text[256];
	va_list ap;

	message.client = sriovd_worker_client(pf->manager->worker, &id);
	if (message.client == 0)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	message.text = sriovd_reply_progress(id, text, done, total);
	if (message.text != NULL)
		sriovd_worker_tell(pf->manager->worker, &message);
}

static int
do_status(struct call *call)
{
	call->result = manager_status(call->manager, call->request->device);
	if (call->request->device[0] != '\0' &&
			json_array_size(json_object_get(call->result, "pfs")) == 0)
		return sriovd_error_set(call->error, ENODEV, call->request->device, NULL,
				"there is no such PF");

	return 0;
}

int
manager_request(struct sriovd_manager *manager, const struct sriovd_request *request,
		uint64_t waited_ms, json_t **result, json_t **holders,
		struct rte_sriov_error *error)
{
	static int (*const methods[])(struct call *) = {
		[SRIOVD_METHOD_STATUS] = do_status,
		[SRIOVD_METHOD_UP] = do_up,
		[SRIOVD_METHOD_DOWN] = do_down,
		[SRIOVD_METHOD_VF_SET] = do_vf_set,
		[SRIOVD_METHOD_VF_GRANT] = do_vf_grant,
		[SRIOVD_METHOD_VF_REVOKE] = do_vf_revoke,
		[SRIOVD_METHOD_VF_RESET] = do_vf_reset,
		[SRIOVD_METHOD_TOKEN_ROTATE] = do_token_rotate,
		[SRIOVD_METHOD_TOKEN_GET] = do_token_get,
		[SRIOVD_METHOD_RELOAD] = do_reload,
	};
	struct call call = {
		.manager = manager, .request = request, .waited_ms = waited_ms, .error = error,
	};
	int ret;

	if (request->method >= RTE_DIM(methods) || methods[request->method] == NULL)
		return sriovd_error_set(error, ENOSYS, NULL, NULL, "%s: not known here",
				sriovd_method_name(request->method));
	ret = methods[request->method](&call);
	*holders = call.holders;
	if (ret != 0) {
		json_decref(call.result);
		return ret;
	}
	if (call.result == NULL)
		call.result = request->dry_run ? json_pack("{s:[]}", "plan") : json_object();
	*result = call.result;

	return 0;
}
