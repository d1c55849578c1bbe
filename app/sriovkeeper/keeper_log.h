/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef KEEPER_LOG_H
#define KEEPER_LOG_H

#include <stdio.h>

#define KEEPER_PROGRAM "dpdk-sriov-keeper"

/* One line, without its newline. */
#define keeper_log(fmt, ...) fprintf(stderr, KEEPER_PROGRAM ": " fmt "\n", ## __VA_ARGS__)

#endif /* KEEPER_LOG_H */
