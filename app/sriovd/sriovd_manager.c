/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* PFs: opening, their VFs, events, closing. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_errno.h>
#include <rte_string_fns.h>
#include <rte_vfio_adopt.h>
#include <rte_vfio_pf.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_request.h"
#include "sriovd_worker.h"

/* The PF that net_i82576_pf drives: it takes a file for what its VFs have set. */
#define PCI_VENDOR_INTEL 0x8086
#define PCI_DEVICE_82576 0x10c9

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

/* ---- events ---- */

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

/* Tell of the VFs that have come and gone. */
static void
pf_ranges_tell(struct manager_pf *pf)
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

static void
event_taken(struct rte_sriov_pf *handle, const struct rte_sriov_event *event, void *ctx)
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

/* ---- descriptors that are kept ---- */

static void
fd_name_pf(const char *bdf, char name[64])
{
	unsigned int i;

	/* systemd allows no colon. */
	snprintf(name, 64, "pf-%s", bdf);
	for (i = 0; name[i] != '\0'; i++)
		if (name[i] == ':')
			name[i] = '_';
}

static void
fds_close(const struct rte_vfio_device_fds *fds)
{
	close(fds->container_fd);
	close(fds->group_fd);
	close(fds->dev_fd);
}

static void
pf_fds_keep(struct manager_pf *pf)
{
	struct rte_vfio_device_fds fds;
	char name[64];
	int ret;

	if (strcmp(sriovd_keeper_name(), "none") == 0)
		return;
	ret = rte_vfio_device_fds_get(pf->bdf, &fds);
	if (ret != 0) {
		SRIOVD_LOG(WARNING, "%s: its descriptors cannot be kept: %s: its VFs do not survive "
				"the end of this process", pf->bdf, strerror(-ret));
		return;
	}
	pf->group = fds.group;
	ret = sriovd_fd_keep("container", fds.container_fd);
	snprintf(name, sizeof(name), "group-%d", fds.group);
	if (ret == 0)
		ret = sriovd_fd_keep(name, fds.group_fd);
	fd_name_pf(pf->bdf, name);
	if (ret == 0)
		ret = sriovd_fd_keep(name, fds.dev_fd);
	if (ret == 0)
		pf->kept = true;
	else
		SRIOVD_LOG(WARNING, "%s: its descriptors are not kept: %s", pf->bdf,
				strerror(-ret));
	fds_close(&fds);
}

static void
pf_fds_release(struct manager_pf *pf)
{
	char name[64];

	if (!pf->kept)
		return;
	fd_name_pf(pf->bdf, name);
	sriovd_fd_release(name);
	snprintf(name, sizeof(name), "group-%d", pf->group);
	sriovd_fd_release(name);
	pf->kept = false;
}

static void
fd_pass(struct sriovd_inherited *pass, int *nb, const char *name, int fd)
{
	int i;

	for (i = 0; i < *nb; i++) {
		if (strcmp(pass[i].name, name) == 0) {
			close(fd);
			return;
		}
	}
	strlcpy(pass[*nb].name, name, sizeof(pass[*nb].name));
	pass[(*nb)++].fd = fd;
}

int
manager_fds_collect(struct sriovd_manager *manager, struct sriovd_inherited **pass)
{
	struct rte_vfio_device_fds fds;
	struct manager_pf *pf;
	char name[64];
	int nb = 0;

	*pass = calloc(3 * SRIOVD_CONFIG_MAX_PFS, sizeof(**pass));
	if (*pass == NULL)
		return -ENOMEM;
	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (pf->pf == NULL || rte_vfio_device_fds_get(pf->bdf, &fds) != 0)
			continue;
		fd_pass(*pass, &nb, "container", fds.container_fd);
		snprintf(name, sizeof(name), "group-%d", fds.group);
		fd_pass(*pass, &nb, name, fds.group_fd);
		fd_name_pf(pf->bdf, name);
		fd_pass(*pass, &nb, name, fds.dev_fd);
	}

	return nb;
}

static bool
pf_was_passed(const struct sriovd_manager *manager, const char *bdf)
{
	char name[64];
	int i;

	fd_name_pf(bdf, name);
	for (i = 0; i < manager->nb_inherited; i++)
		if (strcmp(manager->inherited[i].name, name) == 0)
			return true;

	return false;
}

/* ---- opening ---- */

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
		.event = event_taken,
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
	pf->adopted = pf_was_passed(pf->manager, pf->bdf);
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
	pf_fds_keep(pf);
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
	pf_ranges_tell(pf);
	if (pf->token_changed)
		manager_tokens_publish(pf);

	return ret;
}

static void
pf_vfs_forget(struct manager_pf *pf)
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
	pf_ranges_tell(pf);
	if (ret != 0) {
		manager_vfs_busy_set(pf, false);
		return ret;
	}
	pf_vfs_forget(pf);
	SRIOVD_LOG(NOTICE, "%s: all VFs are removed", pf->bdf);

	return 0;
}

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
		pf_fds_release(pf);
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

/* ---- all of them ---- */

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

/* Is a name one of the descriptors of a PF that is open? */
static bool
fd_name_used(const struct sriovd_manager *manager, const char *name)
{
	const struct manager_pf *pf;
	char used[64];

	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (pf->pf == NULL || !pf->kept)
			continue;
		if (strcmp(name, "container") == 0)
			return true;
		fd_name_pf(pf->bdf, used);
		if (strcmp(name, used) == 0)
			return true;
		snprintf(used, sizeof(used), "group-%d", pf->group);
		if (strcmp(name, used) == 0)
			return true;
	}

	return false;
}

static void
inherited_release(const struct sriovd_manager *manager)
{
	int i;

	for (i = 0; i < manager->nb_inherited; i++)
		if (!fd_name_used(manager, manager->inherited[i].name))
			sriovd_fd_release(manager->inherited[i].name);
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
	inherited_release(manager);
	/* From here on, what is opened is opened anew. */
	manager->nb_inherited = 0;
	manager_state_save(manager);
}

/* Somebody wants it back: a kernel thread waits until nobody has it open any more. */
static void
pf_let_go(struct manager_pf *pf)
{
	struct rte_sriov_error error;
	uint64_t start = sriovd_now_ms();

	sriovd_vfs_remove_pf(pf->manager->vfs, pf->bdf);
	if (manager_pf_close(pf, RTE_SRIOV_CLOSE_KEEP, &error) != 0)
		sriovd_log_error(&error);
	pf_vfs_forget(pf);
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
		pf_ranges_tell(pf);
		if (pf->requested)
			pf_let_go(pf);
	}
	if (manager->dirty)
		manager_state_save(manager);
	rte_sriov_holders_free(holders);
}

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
