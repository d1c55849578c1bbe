/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_ADOPT_H
#define SRIOVD_ADOPT_H

/**
 * @file
 * PFs that were left open by the process before: taking them over, and leaving them to the next.
 */

#include "sriovd_manager.h"

/**
 * Give the descriptors that were passed to this process to the EAL, before rte_eal_init(). What
 * cannot be used is closed, and let go by whoever keeps it.
 */
void sriovd_adopt(struct sriovd_manager *manager);

/**
 * Ask the program that is to replace this one whether it can: it checks the configuration.
 * May take up to 10 s. 0 or negative errno with the reason logged.
 */
int sriovd_successor_check(const char *program, const char *config);

#endif /* SRIOVD_ADOPT_H */
