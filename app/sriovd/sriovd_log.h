/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_LOG_H
#define SRIOVD_LOG_H

#include <rte_log.h>

#include <rte_sriov.h>

extern int sriovd_logtype;

/** One line: SRIOVD_LOG(ERR, "%s: ...", bdf). */
#define SRIOVD_LOG(level, fmt, ...) \
	rte_log(RTE_LOG_ ## level, sriovd_logtype, "SRIOVD: " fmt "\n", ## __VA_ARGS__)

/** "DEVICE: TEXT: do REMEDY", as an error. */
static inline void
sriovd_log_error(const struct rte_sriov_error *error)
{
	SRIOVD_LOG(ERR, "%s%s%s%s%s", error->device, error->device[0] != '\0' ? ": " : "",
			error->text, error->remedy[0] != '\0' ? ": " : "", error->remedy);
}

#endif /* SRIOVD_LOG_H */
