/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mempool.h>
#include <rte_string_fns.h>

#include <rte_vfio_token.h>

#include "sriov_pf.h"

TAILQ_HEAD(pf_list, rte_sriov_pf);
static struct pf_list pfs = TAILQ_HEAD_INITIALIZER(pfs);
/* Protects pfs: different threads may open different PFs. */
static pthread_mutex_t pfs_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the handle ---- */

static bool
pf_list_add(struct rte_sriov_pf *pf)
{
	struct rte_sriov_pf *other;

	pthread_mutex_lock(&pfs_lock);
	TAILQ_FOREACH(other, &pfs, next)
		if (strcmp(other->bdf, pf->bdf) == 0)
			break;
	if (other == NULL)
		TAILQ_INSERT_TAIL(&pfs, pf, next);
	pthread_mutex_unlock(&pfs_lock);

	return other == NULL;
}

static void
pf_list_remove(struct rte_sriov_pf *pf)
{
	pthread_mutex_lock(&pfs_lock);
	TAILQ_REMOVE(&pfs, pf, next);
	pthread_mutex_unlock(&pfs_lock);
}

static int
pf_fds_make(struct rte_sriov_pf *pf)
{
	struct epoll_event event = { .events = EPOLLIN };

	pf->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	pf->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	pf->request_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (pf->epoll_fd < 0 || pf->wake_fd < 0 || pf->request_fd < 0 ||
			epoll_ctl(pf->epoll_fd, EPOLL_CTL_ADD, pf->wake_fd, &event) != 0 ||
			epoll_ctl(pf->epoll_fd, EPOLL_CTL_ADD, pf->request_fd, &event) != 0)
		return -errno;

	return 0;
}

static void
fd_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void
pf_free(struct rte_sriov_pf *pf)
{
	uint16_t i;

	if (pf->vfs != NULL)
		for (i = 0; i < pf->total_vfs; i++)
			if (pf->vfs[i].asked)
				sriov_write_leave(&pf->vfs[i].ask);
	fd_close(pf->epoll_fd);
	fd_close(pf->wake_fd);
	fd_close(pf->request_fd);
	free(pf->vfs);
	free(pf);
}

static struct rte_sriov_pf *
pf_make(const struct rte_sriov_pf_conf *conf, const struct rte_sriov_function *fn)
{
	struct rte_sriov_pf *pf = calloc(1, sizeof(*pf));

	if (pf == NULL)
		return NULL;
	pf->epoll_fd = -1;
	pf->wake_fd = -1;
	pf->request_fd = -1;
	pf->dev_fd = -1;
	pf->port = SRIOV_PORT_NONE;
	rte_strscpy(pf->bdf, fn->bdf, sizeof(pf->bdf));
	pf->wait_ms = conf->wait_ms != 0 ? conf->wait_ms : SRIOV_WAIT_MS;
	pf->event = conf->event;
	pf->event_ctx = conf->event_ctx;
	pf->total_vfs = fn->total_vfs;
	pf->vfs = calloc(RTE_MAX(fn->total_vfs, 1), sizeof(*pf->vfs));
	if (pf->vfs == NULL || pf_fds_make(pf) != 0) {
		pf_free(pf);
		return NULL;
	}

	return pf;
}

/* ---- opening ---- */

static bool
held_by_us(const struct rte_sriov_function *fn)
{
	struct rte_sriov_holders *holders = rte_sriov_holders_scan(NULL);
	struct rte_sriov_holder found[SRIOV_HOLDERS_MAX];
	unsigned int count, i;

	if (holders == NULL)
		return false;
	count = rte_sriov_holders_of(holders, fn, found, RTE_DIM(found));
	rte_sriov_holders_free(holders);
	for (i = 0; i < RTE_MIN(count, RTE_DIM(found)); i++)
		if (found[i].pid == getpid())
			return true;
	return false;
}

static int
token_set(const struct rte_sriov_pf *pf, const char *token, struct rte_sriov_error *error)
{
	struct rte_vfio_vf_token_info info;
	int ret;

	/* Without one nobody could open a VF: the kernel has a random one, and tells nobody. */
	if (token == NULL && rte_vfio_vf_token_query(pf->bdf, &info) == 0 &&
			info.source == RTE_VFIO_VF_TOKEN_SOURCE_NONE)
		token = "random";
	if (token == NULL)
		return 0;
	ret = rte_vfio_vf_token_set(pf->bdf, token);
	if (ret != 0)
		return sriov_fail(error, ret, pf->bdf, "the log of the EAL says why",
				"the source of its token cannot be used: %s", strerror(-ret));

	return 0;
}

static int
driver_bind(struct rte_sriov_pf *pf, const struct rte_sriov_pf_conf *conf,
		const struct rte_sriov_function *fn, struct rte_sriov_error *error)
{
	const char *driver = conf->driver != NULL ? conf->driver : "vfio-pci";

	rte_strscpy(pf->previous_driver, conf->previous_driver != NULL ? conf->previous_driver :
			fn->driver, sizeof(pf->previous_driver));
	if (driver[0] == '\0')
		return 0;
	return rte_sriov_function_bind(pf->bdf, driver, pf->wait_ms, NULL, error);
}

static int
pf_device_open(struct rte_sriov_pf *pf, const struct rte_sriov_pf_conf *conf,
		struct rte_sriov_error *error)
{
	int ret = sriov_device.open(pf, conf, error);

	if (ret != 0)
		return ret;
	pf->open = true;
	ret = rte_vfio_pf_features(pf->bdf, &pf->features);
	if (ret != 0)
		return sriov_fail(error, ret, pf->bdf, NULL,
				"what its vfio-pci can do is not told: %s", strerror(-ret));
	/* So that VFs survive the end of this process, whatever ends it. */
	if ((pf->features & RTE_VFIO_PF_FEATURE_KEEP) != 0)
		ret = rte_vfio_pf_keep_set(pf->bdf, true);
	if (ret != 0)
		return sriov_fail(error, ret, pf->bdf, NULL, "it cannot be kept over its close: %s",
				strerror(-ret));
	sriov_policy_choose(pf);
	ret = sriov_callbacks_add(pf, error);
	if (ret == 0 && conf->start_port)
		ret = sriov_port_start(pf, error);

	return ret;
}

static void
pf_device_close(struct rte_sriov_pf *pf, bool leave)
{
	if (!pf->open)
		return;
	sriov_callbacks_remove(pf);
	sriov_port_stop(pf);
	if (!leave)
		sriov_device.close(pf);
	rte_mempool_free(pf->pool);
	pf->pool = NULL;
	pf->policy = NULL;
	pf->open = false;
}

static int
pf_open_steps(struct rte_sriov_pf *pf, const struct rte_sriov_pf_conf *conf,
		const struct rte_sriov_function *fn, struct rte_sriov_error *error)
{
	uint16_t i;
	int ret;

	/* An adopted one is held by this process, and maybe by who kept it. */
	ret = sriov_held_check(fn, error);
	if (ret != 0 && (ret != -EBUSY || !held_by_us(fn)))
		return ret;
	ret = driver_bind(pf, conf, fn, error);
	if (ret != 0)
		return ret;
	ret = token_set(pf, conf->token, error);
	if (ret == 0)
		ret = pf_device_open(pf, conf, error);
	if (ret != 0) {
		pf_device_close(pf, pf->found);
		/* The first failure is what is told. */
		rte_sriov_function_bind(pf->bdf, fn->driver, pf->wait_ms, NULL, NULL);
		return ret;
	}
	for (i = 0; i < pf->total_vfs; i++)
		sriov_vf_note(pf, i, false);
	sriov_vfs_noted(pf);

	return 0;
}

static int
conf_check(const struct rte_sriov_pf_conf *conf, struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	int ret;

	if (conf == NULL)
		return sriov_fail(error, -EINVAL, NULL, NULL, "no configuration is given");
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return sriov_fail(error, -E_RTE_SECONDARY, NULL, "open it in the primary process",
				"a secondary process cannot own a PF");
	ret = rte_sriov_function_get(conf->bdf, fn, error);
	if (ret != 0)
		return ret;
	if (fn->type != RTE_SRIOV_TYPE_PF)
		return sriov_fail(error, -ENODEV, fn->bdf, "give the address of a PF",
				"it is no PF");

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_open, 26.11)
struct rte_sriov_pf *
rte_sriov_pf_open(const struct rte_sriov_pf_conf *conf, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	struct rte_sriov_pf *pf;
	int ret;

	ret = conf_check(conf, &fn, error);
	if (ret != 0) {
		rte_errno = -ret;
		return NULL;
	}
	pf = pf_make(conf, &fn);
	if (pf == NULL) {
		rte_errno = -sriov_fail(error, -ENOMEM, fn.bdf, NULL, "no memory or descriptors");
		return NULL;
	}
	if (!pf_list_add(pf)) {
		pf_free(pf);
		rte_errno = -sriov_fail(error, -EEXIST, fn.bdf, NULL, "it is open already");
		return NULL;
	}
	ret = pf_open_steps(pf, conf, &fn, error);
	if (ret != 0) {
		pf_list_remove(pf);
		pf_free(pf);
		rte_errno = -ret;
		return NULL;
	}

	return pf;
}

/* ---- closing ---- */

static int
pf_restore(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	int ret;

	ret = rte_sriov_function_get(pf->bdf, &fn, error);
	if (ret == 0 && fn.num_vfs > 0)
		ret = rte_sriov_pf_num_vfs_set(pf, 0, 0, 0, error);
	if (ret != 0)
		return ret;
	if (pf->open && (pf->features & RTE_VFIO_PF_FEATURE_KEEP) != 0)
		rte_vfio_pf_keep_set(pf->bdf, false);
	pf_device_close(pf, false);

	return rte_sriov_function_bind(pf->bdf, pf->previous_driver, pf->wait_ms, NULL, error);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_close, 26.11)
int
rte_sriov_pf_close(struct rte_sriov_pf *pf, enum rte_sriov_close how,
		struct rte_sriov_error *error)
{
	int ret;

	if (pf == NULL)
		return 0;
	switch (how) {
	case RTE_SRIOV_CLOSE_RESTORE:
		ret = pf_restore(pf, error);
		if (ret != 0)
			return ret;
		break;
	case RTE_SRIOV_CLOSE_KEEP:
		pf_device_close(pf, false);
		break;
	case RTE_SRIOV_CLOSE_LEAVE:
		sriov_callbacks_remove(pf);
		break;
	default:
		return sriov_fail(error, -EINVAL, pf->bdf, NULL, "unknown way to close it");
	}
	pf_list_remove(pf);
	pf_free(pf);

	return 0;
}

/* ---- state ---- */

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_bdf, 26.11)
const char *
rte_sriov_pf_bdf(const struct rte_sriov_pf *pf)
{
	return pf->bdf;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_info_get, 26.11)
int
rte_sriov_pf_info_get(struct rte_sriov_pf *pf, struct rte_sriov_pf_info *info,
		struct rte_sriov_error *error)
{
	struct rte_eth_link link;
	int ret;

	memset(info, 0, sizeof(*info));
	ret = rte_sriov_function_get(pf->bdf, &info->function, error);
	if (ret != 0)
		return ret;
	rte_strscpy(info->previous_driver, pf->previous_driver, sizeof(info->previous_driver));
	rte_strscpy(info->pmd, pf->pmd, sizeof(info->pmd));
	info->port = pf->port;
	info->features = pf->features;
	info->policy = pf->policy != NULL ? pf->policy->members : 0;
	info->reopened = pf->open && rte_vfio_pf_reopened(pf->bdf) == 1;
	info->requested = pf->requested;
	info->tokens_rotated = pf->tokens_rotated;
	info->resets = pf->resets;
	if (pf->port != SRIOV_PORT_NONE && rte_eth_link_get_nowait(pf->port, &link) == 0) {
		info->link_up = link.link_status == RTE_ETH_LINK_UP;
		info->link_speed_mbps = link.link_speed != RTE_ETH_SPEED_NUM_UNKNOWN ?
				link.link_speed : 0;
	}

	return 0;
}

static void
counter_add(struct rte_sriov_counter *counters, unsigned int max, unsigned int *count,
		const char *name, uint64_t value)
{
	if (*count < max) {
		rte_strscpy(counters[*count].name, name, sizeof(counters[*count].name));
		counters[*count].value = value;
	}
	(*count)++;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_counters_get, 26.11)
int
rte_sriov_pf_counters_get(struct rte_sriov_pf *pf, struct rte_sriov_counter *counters,
		unsigned int max, struct rte_sriov_error *error)
{
	struct rte_eth_stats stats;
	unsigned int count = 0;
	int ret;

	if (pf->port == SRIOV_PORT_NONE)
		return 0;
	ret = rte_eth_stats_get(pf->port, &stats);
	if (ret != 0)
		return sriov_fail(error, ret, pf->bdf, NULL, "the counters of port %u cannot be "
				"read: %s", pf->port, strerror(-ret));
	counter_add(counters, max, &count, "rx_packets", stats.ipackets);
	counter_add(counters, max, &count, "rx_bytes", stats.ibytes);
	counter_add(counters, max, &count, "rx_missed", stats.imissed);
	counter_add(counters, max, &count, "rx_errors", stats.ierrors);
	counter_add(counters, max, &count, "tx_packets", stats.opackets);
	counter_add(counters, max, &count, "tx_bytes", stats.obytes);
	counter_add(counters, max, &count, "tx_errors", stats.oerrors);

	return count;
}
