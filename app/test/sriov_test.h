/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOV_TEST_H
#define SRIOV_TEST_H

/**
 * @file
 * What the autotests of this directory need beside DPDK's test.h, whichever LTS it is of.
 */

#include "test.h"

/*
 * DPDK 22.11 lists its tests in a meson.build. meson.build here reads these lines of the sources
 * instead, as later releases do, so each must stand on one line.
 */
#ifndef REGISTER_FAST_TEST
#define REGISTER_FAST_TEST(cmd, no_huge, ASan, func) REGISTER_TEST_COMMAND(cmd, func)
#endif

#endif /* SRIOV_TEST_H */
