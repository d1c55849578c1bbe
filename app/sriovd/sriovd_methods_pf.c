/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Methods of the control socket that are about a PF. */

#include <errno.h>
#include <string.h>

#include <rte_string_fns.h>

#include "sriovd_methods.h"

static int
pf_take_over(struct manager_call *call)
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
	if (!manager_call_step(call, "%s: open it on vfio-pci, %s%s", fn.bdf,
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
pf_open(struct manager_call *call)
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

int
manager_do_up(struct manager_call *call)
{
	const struct sriovd_request *request = call->request;
	struct rte_sriov_function fn;
	int ret = 0;

	call->pf = manager_pf_find(call->manager, request->device);
	if (call->pf == NULL)
		ret = pf_take_over(call);
	else if (call->pf->pf == NULL)
		manager_call_step(call, "%s: open it", request->device);
	if (ret == 0)
		ret = rte_sriov_function_get(request->device, &fn, call->error);
	if (ret != 0)
		return ret;
	if (request->vfs > fn.total_vfs)
		return sriovd_error_set(call->error, ERANGE, fn.bdf, "ask for fewer",
				"it can have %u VFs, not %u", fn.total_vfs, request->vfs);
	if (fn.num_vfs != request->vfs && fn.num_vfs != 0)
		manager_call_step(call, "%s: remove its %u VFs, unless one is held", fn.bdf,
				fn.num_vfs);
	if (fn.num_vfs != request->vfs)
		manager_call_step(call, "%s: make %u VFs on vfio-pci", fn.bdf, request->vfs);
	if (request->dry_run) {
		manager_call_step(call, "%s: hand out those with a user, and apply their policy",
				fn.bdf);
		return 0;
	}
	ret = pf_open(call);
	if (ret != 0)
		return ret;
	call->manager->dirty = true;
	ret = manager_pf_vfs_set(call->pf, request->vfs, call->error);

	return ret != 0 ? manager_call_held(call, ret, -1) : manager_call_result_pf(call);
}

int
manager_do_down(struct manager_call *call)
{
	const struct sriovd_request *request = call->request;
	uint32_t flags = request->force ? RTE_SRIOV_FLAG_FORCE : 0;
	int ret;

	call->pf = manager_pf_find(call->manager, request->device);
	if (call->pf == NULL || call->pf->pf == NULL)
		return manager_call_not_managed(call);
	manager_call_step(call, "%s: remove its VFs%s", call->pf->bdf, request->force ?
			", asking those who hold one to let it go" : ", unless one is held");
	if (request->release)
		manager_call_step(call, "%s: close it, and %s%s", call->pf->bdf,
				call->pf->previous_driver[0] != '\0' ? "bind it to driver " :
				"leave it without a driver", call->pf->previous_driver);
	if (request->dry_run)
		return 0;
	ret = manager_pf_down(call->pf, request->force ? MANAGER_ASK_MS : 0, flags, call->error);
	if (manager_call_wait_more(call, ret)) {
		manager_progress(call->pf, call->waited_ms / 1000, request->timeout_ms / 1000,
				"%s: waiting for those who hold a VF", call->pf->bdf);
		return -EINPROGRESS;
	}
	if (ret != 0)
		return manager_call_held(call, ret, -1);
	call->pf->conf.vfs = 0;
	call->manager->dirty = true;
	if (request->release) {
		ret = manager_pf_close(call->pf, RTE_SRIOV_CLOSE_RESTORE, call->error);
		if (ret != 0)
			return ret;
		manager_pf_returned(call->pf);
	}
	manager_call_result_pf(call);
	if (request->release && !call->pf->configured) {
		TAILQ_REMOVE(&call->manager->pfs, call->pf, next);
		manager_pf_free(call->pf);
	}

	return 0;
}
