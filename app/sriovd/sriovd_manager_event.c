/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* PFs: what lib/sriov tells of them. */

#include <rte_string_fns.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"

static void
event_log(const struct rte_sriov_event *event)
{
	switch (event->type) {
	case RTE_SRIOV_EVENT_PF_REQUEST:
		SRIOVD_LOG(WARNING, "%s: somebody wants the PF back (unbinds or removes it)",
				event->bdf);
		break;
	case RTE_SRIOV_EVENT_PF_RESET:
		SRIOVD_LOG(NOTICE, "%s: the PF was reset; the policy of its VFs was applied again",
				event->bdf);
		break;
	case RTE_SRIOV_EVENT_HOLDER_CAME:
		SRIOVD_LOG(INFO, "%s: opened by pid %d (%s), uid %u", event->bdf,
				event->holder->pid, event->holder->comm, event->holder->uid);
		break;
	case RTE_SRIOV_EVENT_HOLDER_LEFT:
		SRIOVD_LOG(INFO, "%s: closed by pid %d (%s)", event->bdf, event->holder->pid,
				event->holder->comm);
		break;
	case RTE_SRIOV_EVENT_POLICY_FAILED:
		sriovd_log_error(event->error);
		break;
	case RTE_SRIOV_EVENT_LINK:
		SRIOVD_LOG(INFO, "%s: the link has changed", event->bdf);
		break;
	default:
		break;
	}
}

static void
range_add(struct manager_vf_range *range, uint16_t vf)
{
	if (range->nb++ == 0)
		range->first = vf;
	range->last = vf;
}

static void
range_tell(const struct manager_pf *pf, struct manager_vf_range *range, const char *one,
		const char *many)
{
	/* They come and go all at once. */
	if (range->nb == 1)
		SRIOVD_LOG(INFO, "%s: VF %u %s", pf->bdf, range->first, one);
	else if (range->nb > 1)
		SRIOVD_LOG(INFO, "%s: VFs %u to %u %s", pf->bdf, range->first, range->last, many);
	range->nb = 0;
}

void
manager_pf_ranges_tell(struct manager_pf *pf)
{
	range_tell(pf, &pf->removed, "has gone", "have gone");
	range_tell(pf, &pf->added, "is there", "are there");
}

static void
token_replaced(struct manager_pf *pf, const struct rte_sriov_event *event)
{
	/* All are published when all are ready, and those of new VFs are nothing to tell. */
	if (!pf->preparing || event->vf == RTE_SRIOV_VF_NONE)
		SRIOVD_LOG(INFO, "%s: the token was replaced", event->bdf);
	pf->manager->dirty = true;
	if (pf->preparing)
		pf->token_changed = pf->token_changed || event->vf == RTE_SRIOV_VF_NONE;
	else if (event->vf == RTE_SRIOV_VF_NONE)
		manager_tokens_publish(pf);
	else
		manager_vf_token_publish(pf, event->vf);
}

static void
vf_removed(struct manager_pf *pf, const struct rte_sriov_event *event)
{
	sriovd_vfs_remove(pf->manager->vfs, event->bdf);
	if (event->vf >= pf->nb_vf)
		return;
	pf->vf[event->vf].handed_out = false;
	pf->vf[event->vf].bdf[0] = '\0';
	range_add(&pf->removed, event->vf);
}

static void
vf_added(struct manager_pf *pf, const struct rte_sriov_event *event)
{
	if (event->vf >= pf->nb_vf)
		return;
	strlcpy(pf->vf[event->vf].bdf, event->bdf, sizeof(pf->vf[event->vf].bdf));
	range_add(&pf->added, event->vf);
}

void
manager_pf_event(struct rte_sriov_pf *handle, const struct rte_sriov_event *event, void *ctx)
{
	struct manager_pf *pf = ctx;

	event_log(event);
	/* While it is being opened, all is published afterwards. */
	if (pf->pf != handle)
		return;
	switch (event->type) {
	case RTE_SRIOV_EVENT_PF_REQUEST:
		pf->requested = true;
		break;
	case RTE_SRIOV_EVENT_TOKEN_ROTATED:
		token_replaced(pf, event);
		break;
	case RTE_SRIOV_EVENT_VF_ADDED:
		vf_added(pf, event);
		break;
	case RTE_SRIOV_EVENT_VF_REMOVED:
		vf_removed(pf, event);
		break;
	default:
		break;
	}
}
