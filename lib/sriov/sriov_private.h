/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOV_PRIVATE_H
#define SRIOV_PRIVATE_H

/**
 * @file
 * Between the files of this library. Addresses, names of drivers and the like are read as the
 * VF-token layer of the EAL does.
 */

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_common.h>

#include <eal_vfio_pf.h>

#include "rte_sriov.h"

/* ---- errors (sriov_error.c) ---- */

/**
 * Fill an error, so that a failure is one statement.
 *
 * @param error
 *   NULL is allowed.
 * @param err
 *   Negative errno.
 * @param device
 *   NULL for none.
 * @param remedy
 *   NULL for none. Constant.
 * @return @p err.
 */
__rte_format_printf(5, 6)
int sriov_fail(struct rte_sriov_error *error, int err, const char *device, const char *remedy,
		const char *fmt, ...);
/** Write a remedy that is not constant, over that of @p error. */
__rte_format_printf(2, 3)
void sriov_remedy(struct rte_sriov_error *error, const char *fmt, ...);

/* ---- sysfs (sriov_sysfs.c) ---- */

/** Where the kernel shows things. */
#define SRIOV_PATHS (vfio_token_paths_get())
/** Room for the text of an attribute. */
#define SRIOV_ATTR_SIZE 64

/** Parse an address into the form that sysfs has. 0, or -EINVAL with @p error filled. */
int sriov_bdf_argument(const char *bdf, char name[RTE_SRIOV_BDF_SIZE],
		struct rte_sriov_error *error);
/** A function of sysfs. Descriptor of its directory, or a negative errno. */
int sriov_dir_open(const char *name);
/** Text of an attribute without the line's end. 0, or a negative errno with an empty text. */
int sriov_attr_read(int dir, const char *attr, char *text, size_t size);
/** Number of an attribute, decimal or 0x. -EIO: it is none, or above @p max. */
int sriov_attr_number(int dir, const char *attr, unsigned long max, unsigned long *value);
/** The names of a directory that pass the filter, sorted; free() it. Number or negative errno. */
int sriov_names_list(const char *path, bool (*filter)(const char *path, const char *name),
		char (**names)[RTE_SRIOV_BDF_SIZE]);

#endif /* SRIOV_PRIVATE_H */
