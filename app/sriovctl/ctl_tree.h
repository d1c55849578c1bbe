/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_TREE_H
#define CTL_TREE_H

/**
 * @file
 * The tree that "status" prints, made from the daemon's answer alone.
 */

#include "ctl.h"

/** How to print it. */
struct ctl_tree_style {
	bool unicode;           /**< lines of box-drawing characters, else ASCII */
	bool verbose;           /**< each VF by itself, with its node, owner and socket */
	const json_t *previous; /**< an earlier status, for rates; NULL for none */
	double seconds;         /**< since then */
};

/** Print a status to stdout. */
void ctl_tree_print(const json_t *status, const struct ctl_tree_style *style);

#endif /* CTL_TREE_H */
