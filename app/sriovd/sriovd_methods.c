/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * What the methods of the control socket do: what all of them need, and those that are not about
 * one PF or VF alone. Worker thread.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "sriovd_log.h"
#include "sriovd_methods.h"
#include "sriovd_worker.h"

/* ---- progress, plans and results ---- */

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

bool
manager_call_step(struct manager_call *call, const char *fmt, ...)
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

int
manager_call_result_pf(struct manager_call *call)
{
	struct rte_sriov_holders *holders;

	if (call->request->dry_run)
		return 0;
	holders = rte_sriov_holders_scan(NULL);
	call->result = manager_pf_to_json(call->pf, holders);
	rte_sriov_holders_free(holders);

	return 0;
}

int
manager_call_result_vf(struct manager_call *call)
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

int
manager_call_held(struct manager_call *call, int ret, int vf)
{
	if (ret == -EBUSY || ret == -ETIMEDOUT)
		call->holders = manager_holders_to_json(call->pf, vf);

	return ret;
}

bool
manager_call_wait_more(const struct manager_call *call, int ret)
{
	return ret == -EBUSY && call->waited_ms < call->request->timeout_ms;
}

/* ---- what a request is about ---- */

int
manager_call_not_managed(struct manager_call *call)
{
	return sriovd_error_set(call->error, ENODEV, call->request->device,
			"dpdk-sriovctl up takes it over",
			"not a PF that this dpdk-sriovd has open, nor a VF of one");
}

int
manager_call_vf_get(struct manager_call *call)
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
		return manager_call_not_managed(call);

	return rte_sriov_vf_bdf(call->pf->bdf, call->index, bdf, call->error);
}

/* A PF, or one of its VFs. */
static int
device_get(struct manager_call *call)
{
	call->pf = manager_pf_find(call->manager, call->request->device);
	call->index = RTE_SRIOV_VF_NONE;
	if (call->pf == NULL)
		return manager_call_vf_get(call);

	return call->pf->pf != NULL ? 0 : manager_call_not_managed(call);
}

/* ---- tokens ---- */

static int
do_token_rotate(struct manager_call *call)
{
	int ret = device_get(call);

	if (ret != 0 || !manager_call_step(call, "%s: replace its token", call->request->device))
		return ret;
	ret = rte_sriov_token_rotate(call->pf->pf, call->index, NULL, call->error);
	if (ret == 0)
		call->result = json_object();

	return ret;
}

static int
do_token_get(struct manager_call *call)
{
	char text[RTE_UUID_STRLEN];
	rte_uuid_t token;
	int ret = device_get(call);

	if (ret != 0 || !manager_call_step(call, "%s: tell its token", call->request->device))
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

/* ---- all of them ---- */

static int
do_reload(struct manager_call *call)
{
	json_t *list = NULL;
	int ret = manager_reload(call->manager, call->request->dry_run, &list, call->error);

	if (ret == 0)
		call->result = json_pack("{s:o}", call->request->dry_run ? "plan" : "changes",
				list);

	return ret;
}

static int
do_status(struct manager_call *call)
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
	static int (*const methods[])(struct manager_call *) = {
		[SRIOVD_METHOD_STATUS] = do_status,
		[SRIOVD_METHOD_UP] = manager_do_up,
		[SRIOVD_METHOD_DOWN] = manager_do_down,
		[SRIOVD_METHOD_VF_SET] = manager_do_vf_set,
		[SRIOVD_METHOD_VF_GRANT] = manager_do_vf_grant,
		[SRIOVD_METHOD_VF_REVOKE] = manager_do_vf_revoke,
		[SRIOVD_METHOD_VF_RESET] = manager_do_vf_reset,
		[SRIOVD_METHOD_TOKEN_ROTATE] = do_token_rotate,
		[SRIOVD_METHOD_TOKEN_GET] = do_token_get,
		[SRIOVD_METHOD_RELOAD] = do_reload,
	};
	struct manager_call call = {
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
