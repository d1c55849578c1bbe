/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef TEST_I82576_H
#define TEST_I82576_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* Of what is tried at random; printed, so that a failure can be had again. */
static inline uint64_t
test_i82576_seed(void)
{
	const char *text = getenv("DPDK_SRIOV_TEST_SEED");
	uint64_t seed = text == NULL ? 82576 : strtoull(text, NULL, 0);

	printf("seed %llu (DPDK_SRIOV_TEST_SEED)\n", (unsigned long long)seed);
	return seed;
}

#endif /* TEST_I82576_H */
