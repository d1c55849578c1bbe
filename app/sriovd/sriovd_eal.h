/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_EAL_H
#define SRIOVD_EAL_H

/**
 * @file
 * The EAL as the daemon needs it.
 */

#include "sriovd_config.h"

/** Start it: one lcore, and no device probed. 0 or negative errno with the reason logged. */
int sriovd_eal_start(const struct sriovd_config *config);

#endif /* SRIOVD_EAL_H */
