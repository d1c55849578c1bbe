/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOV_PREFLIGHT_H
#define SRIOV_PREFLIGHT_H

/**
 * @file
 * Between the files that look whether the machine and its PFs are fit for use.
 */

#include "sriov_private.h"

/** What was found so far. */
struct sriov_findings {
	struct rte_sriov_finding *list;
	unsigned int count;
	unsigned int room;
	bool no_memory;
	const struct rte_sriov_holders *holders;
};

/** Note a finding. @p remedy NULL: there is nothing to do. */
__rte_format_printf(6, 7)
void sriov_find(struct sriov_findings *findings, const char *id, enum rte_sriov_level level,
		const char *subject, const char *remedy, const char *fmt, ...);

/** What concerns the whole machine. */
void sriov_preflight_host(struct sriov_findings *findings);
/** What concerns one PF and its VFs. */
void sriov_preflight_pf(struct sriov_findings *findings, const struct rte_sriov_function *pf);

#endif /* SRIOV_PREFLIGHT_H */
