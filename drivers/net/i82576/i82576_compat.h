/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What differs between the DPDK releases that the drivers are built with. */

#ifndef I82576_COMPAT_H
#define I82576_COMPAT_H

#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <ethdev_driver.h>
#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

/* 25.11 hands out the counters of the queues apart from those of the port. */
#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define i82576_queue_stats eth_queue_stats
#define I82576_STATS_GET_ARGS struct rte_eth_dev *dev, struct rte_eth_stats *stats, \
		struct eth_queue_stats *qstats
#define I82576_STATS_GET_QSTATS qstats
#else
#define i82576_queue_stats rte_eth_stats
#define I82576_STATS_GET_ARGS struct rte_eth_dev *dev, struct rte_eth_stats *stats
#define I82576_STATS_GET_QSTATS stats
#endif

/* 24.11 asks for the number of packet types beside the list, which 22.11 ends with a zero. */
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
#define I82576_PTYPES_GET_ARGS struct rte_eth_dev *dev, size_t *nb_types
#define I82576_PTYPES_SET_NB(nb) (*nb_types = (nb))
#else
#define I82576_PTYPES_GET_ARGS struct rte_eth_dev *dev
#define I82576_PTYPES_SET_NB(nb) ((void)(nb))
#endif

/*
 * Parses the representors that @devargs name. Returns 0, with no representor where none is named,
 * or -errno.
 */
static inline int
i82576_devargs_parse(const char *devargs, struct rte_eth_devargs *parsed)
{
	memset(parsed, 0, sizeof(*parsed));
#if RTE_VERSION >= RTE_VERSION_NUM(24, 11, 0, 0)
	/* Returns how many groups of representors there are. */
	int nb = rte_eth_devargs_parse(devargs, parsed, 1);

	return nb < 0 ? nb : 0;
#else
	return rte_eth_devargs_parse(devargs, parsed);
#endif
}

/* A control thread: one that runs on no lcore. Joined by pthread_join(). */
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
typedef uint32_t i82576_thread_return;
#define I82576_THREAD_DONE 0
#else
typedef void *i82576_thread_return;
#define I82576_THREAD_DONE NULL
#endif

/* Returns 0 or -errno. */
static inline int
i82576_thread_create(pthread_t *thread, const char *name, i82576_thread_return (*function)(void *),
		void *arg)
{
#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
	rte_thread_t id;
	int ret;

	ret = rte_thread_create_internal_control(&id, name, function, arg);
	if (ret == 0)
		*thread = (pthread_t)id.opaque_id;
	return -abs(ret);
#else
	return -abs(rte_ctrl_thread_create(thread, name, NULL, function, arg));
#endif
}

#endif /* I82576_COMPAT_H */
