/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What happens to a PF and its VFs: noticing it, acting on it, and telling it. */

#include <string.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "sriov_pf.h"

void
sriov_event_tell(struct rte_sriov_pf *pf, enum rte_sriov_event_type type, uint16_t vf,
		const struct rte_sriov_holder *holder, const struct rte_sriov_error *error)
{
	struct rte_sriov_event event = { .type = type, .vf = vf, .holder = holder, .error = error };

	if (pf->event == NULL)
		return;
	rte_strscpy(event.bdf, vf != RTE_SRIOV_VF_NONE ? pf->vfs[vf].bdf : pf->bdf,
			sizeof(event.bdf));
	pf->event(pf, &event, pf->event_ctx);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_event_fd, 26.11)
int
rte_sriov_pf_event_fd(const struct rte_sriov_pf *pf)
{
	return pf->epoll_fd;
}

/* Keep the first failure. */
static void
failure_note(int *first, int ret, struct rte_sriov_error *error, const struct rte_sriov_error *one)
{
	if (ret == 0 || *first != 0)
		return;
	*first = ret;
	if (error != NULL)
		*error = *one;
}

/* What other threads and VFIO have told. */
static int
happened_handle(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	uint32_t happened;
	uint64_t count;
	int ret = 0;

	if (read(pf->wake_fd, &count, sizeof(count)) < 0)
		count = 0;
	happened = __atomic_exchange_n(&pf->happened, 0, __ATOMIC_ACQUIRE);
	if (read(pf->request_fd, &count, sizeof(count)) == sizeof(count))
		happened |= SRIOV_HAPPENED_REQUEST;
	if ((happened & SRIOV_HAPPENED_RESET) != 0) {
		pf->resets++;
		ret = rte_sriov_pf_policy_replay(pf, error);
		sriov_event_tell(pf, RTE_SRIOV_EVENT_PF_RESET, RTE_SRIOV_VF_NONE, NULL, NULL);
	}
	if ((happened & SRIOV_HAPPENED_LINK) != 0)
		sriov_event_tell(pf, RTE_SRIOV_EVENT_LINK, RTE_SRIOV_VF_NONE, NULL, NULL);
	if ((happened & SRIOV_HAPPENED_REQUEST) != 0) {
		pf->requested = true;
		sriov_event_tell(pf, RTE_SRIOV_EVENT_PF_REQUEST, RTE_SRIOV_VF_NONE, NULL, NULL);
	}

	return ret;
}

static bool
holder_listed(const struct rte_sriov_holder *list, unsigned int count, pid_t pid)
{
	unsigned int i;

	for (i = 0; i < count; i++)
		if (list[i].pid == pid)
			return true;
	return false;
}

static unsigned int
holders_now(const struct rte_sriov_holders *holders, const struct rte_sriov_function *fn,
		struct rte_sriov_holder now[SRIOV_HOLDERS_MAX])
{
	unsigned int count = rte_sriov_holders_of(holders, fn, now, SRIOV_HOLDERS_MAX);

	return RTE_MIN(count, (unsigned int)SRIOV_HOLDERS_MAX);
}

/*
 * Are the holders those of the last look, by the nodes that the VF had then? The node of its group
 * stays while it is there; its cdev may be another after it was on another driver.
 */
static bool
holders_same(const struct sriov_vf *place, const struct rte_sriov_holders *holders)
{
	struct rte_sriov_holder now[SRIOV_HOLDERS_MAX];
	unsigned int count, i;

	if (strcmp(place->fn.bdf, place->bdf) != 0 || place->fn.node[0] == '\0' ||
			sriov_holders_have_cdev(holders))
		return false;
	count = holders_now(holders, &place->fn, now);
	for (i = 0; i < count; i++)
		if (!holder_listed(place->holders, place->nb_holders, now[i].pid))
			return false;
	return count == place->nb_holders;
}

static void
holders_compare(struct rte_sriov_pf *pf, uint16_t vf, const struct rte_sriov_holders *holders)
{
	struct rte_sriov_holder now[SRIOV_HOLDERS_MAX];
	struct sriov_vf *place = &pf->vfs[vf];
	struct rte_sriov_function fn;
	unsigned int count, i;

	if (holders_same(place, holders) || sriov_vf_get(pf, vf, &fn, NULL) != 0)
		return;
	count = holders_now(holders, &fn, now);
	for (i = 0; i < place->nb_holders; i++)
		if (!holder_listed(now, count, place->holders[i].pid))
			sriov_event_tell(pf, RTE_SRIOV_EVENT_HOLDER_LEFT, vf, &place->holders[i],
					NULL);
	for (i = 0; i < count; i++)
		if (!holder_listed(place->holders, place->nb_holders, now[i].pid))
			sriov_event_tell(pf, RTE_SRIOV_EVENT_HOLDER_CAME, vf, &now[i], NULL);
	memcpy(place->holders, now, count * sizeof(now[0]));
	place->nb_holders = count;
}

static int
vf_poll(struct rte_sriov_pf *pf, uint16_t vf, bool changed,
		const struct rte_sriov_holders *holders, struct rte_sriov_error *error)
{
	struct sriov_vf *place = &pf->vfs[vf];
	int ret = 0;

	if (changed && sriov_vf_note(pf, vf, true))
		ret = sriov_vf_prepare(pf, vf, error);
	if (place->bdf[0] == '\0')
		return 0;
	if (holders != NULL)
		holders_compare(pf, vf, holders);
	if (ret == 0 && place->reclaiming) {
		ret = sriov_vf_wait(pf, vf, 0, 0, error);
		if (ret == 0)
			ret = sriov_vf_reclaim_finish(pf, vf, error);
		/* It is still held: nothing to report. */
		if (ret == -EBUSY)
			ret = 0;
	}

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_poll, 26.11)
int
rte_sriov_pf_poll(struct rte_sriov_pf *pf, const struct rte_sriov_holders *holders,
		struct rte_sriov_error *error)
{
	struct rte_sriov_error one;
	bool changed;
	uint16_t i;
	int first = 0;

	failure_note(&first, happened_handle(pf, &one), error, &one);
	changed = sriov_vfs_changed(pf);
	for (i = 0; i < pf->total_vfs; i++)
		failure_note(&first, vf_poll(pf, i, changed, holders, &one), error, &one);
	if (changed)
		sriov_vfs_noted(pf);

	return first;
}
