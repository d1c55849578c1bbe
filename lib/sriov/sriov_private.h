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
#include <sys/types.h>

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

/**
 * Read a VF of which the PF and the index are known. As rte_sriov_function_get().
 *
 * @param other
 *   Another VF of the PF: all have the same vendor, device and class. NULL: they are read.
 */
int sriov_function_of_pf(const char *pf, uint16_t index, const char *bdf,
		const struct rte_sriov_function *other, struct rte_sriov_function *fn,
		struct rte_sriov_error *error);
/** Read again what may have changed: the driver, with another one the override, and the nodes. */
int sriov_function_refresh(struct rte_sriov_function *fn, struct rte_sriov_error *error);

/** The names of a group's functions; free() it. Number or negative errno. */
int sriov_group_names(int group, char (**names)[RTE_SRIOV_BDF_SIZE]);

/* ---- who has a function open (sriov_holders.c) ---- */

/** Has somebody any cdev open? */
bool sriov_holders_have_cdev(const struct rte_sriov_holders *holders);
/**
 * Tell whether somebody has a function open through VFIO, by asking the kernel.
 *
 * @return 0 if not; -EBUSY with the holders named, or another negative errno for which it cannot be
 *   told.
 */
int sriov_held_check(const struct rte_sriov_function *fn, struct rte_sriov_error *error);

/**
 * Bind a function that was read already, as rte_sriov_function_bind() does.
 *
 * @param fn
 *   As it is before.
 */
int sriov_function_bind(const struct rte_sriov_function *fn, const char *driver, uint32_t wait_ms,
		struct rte_sriov_error *error);

/* ---- writing to sysfs (sriov_kernel.c) ---- */

/** A write that the kernel may block for as long as it likes, in a process of its own. */
struct sriov_write {
	pid_t pid;
	int fd; /**< tells the result; -1: none is outstanding */
	int result;
};

/** How sysfs is written to. */
struct sriov_kernel {
	/** Begin a write. 0 or a negative errno. */
	int (*write_start)(struct sriov_write *write, const char *path, const char *value);
	/**
	 * Wait for a write that was begun.
	 *
	 * @return its result: 0 or a negative errno; or -ETIMEDOUT, then it can be waited for again
	 *   or left behind by sriov_write_leave().
	 */
	int (*write_wait)(struct sriov_write *write, uint32_t wait_ms);
};

/** Tests, and nothing else, put something else in its place. */
extern struct sriov_kernel sriov_kernel;

/** Before a fork: the child gets no mapping of a VFIO device. */
void sriov_mappings_keep_from_children(void);
/** Longest wait for the kernel unless told otherwise. */
#define SRIOV_WAIT_MS 10000

/** Let go of a write; one that is not finished goes on by itself. Wait for it no longer. */
void sriov_write_leave(struct sriov_write *write);
/**
 * Write to an attribute of a function, or, with @p name NULL, of the PCI bus.
 *
 * @param attr
 *   Relative to the function's directory, or the bus's.
 * @return 0, or a negative errno with @p error filled: -ETIMEDOUT if it goes on by itself.
 */
int sriov_attr_write(const char *name, const char *attr, const char *value, uint32_t wait_ms,
		struct rte_sriov_error *error);
/** The path of such an attribute. */
void sriov_attr_path(const char *name, const char *attr, char *path, size_t size);
/** What to do about an errno of a write to sysfs, or NULL. */
const char *sriov_write_remedy(int err);

/** CLOCK_MONOTONIC in milliseconds. */
int64_t sriov_now_ms(void);

#endif /* SRIOV_PRIVATE_H */
