/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef EAL_VFIO_TOKEN_PRIVATE_H
#define EAL_VFIO_TOKEN_PRIVATE_H

/**
 * @file
 * Shared between the files of the VF-token layer.
 *
 * Secrets: token bytes live in memory of vfio_token_secret_alloc() or, for the length of a call,
 * on the stack, and are wiped there. Functions that fill a struct vfio_token_error put addresses,
 * paths, positions and causes into it, never a part of a token or of what should have been one.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include <rte_common.h>
#include <rte_log.h>
#include <rte_uuid.h>
#include <rte_version.h>

#include "eal_vfio_token.h"
#include "rte_vfio_token.h"

#if RTE_VERSION >= RTE_VERSION_NUM(25, 7, 0, 0)
#include <eal_export.h>
#else /* the version map is kept by hand */
#define RTE_EXPORT_EXPERIMENTAL_SYMBOL(name, version)
#define RTE_EXPORT_INTERNAL_SYMBOL(name)
#endif

#define VFIO_TOKEN_LOG(level, ...) \
	RTE_LOG(level, EAL, RTE_FMT(RTE_FMT_HEAD(__VA_ARGS__ ,) "\n", RTE_FMT_TAIL(__VA_ARGS__ ,)))

/** Limits of the content of a file or a descriptor. */
#define VFIO_TOKEN_CONTENT_BYTES_MAX (512 * 1024)
#define VFIO_TOKEN_CONTENT_LINES_MAX 4096

/** Longest wait for the content of a descriptor. */
#define VFIO_TOKEN_FD_TIMEOUT_MS 2000

/** Cause and remedy of a failure, without its position or device. */
struct vfio_token_error {
	char text[768];
};

/** Fill @p err and return @p ret, so that a failure is one statement. */
__rte_format_printf(3, 4)
int vfio_token_fail(struct vfio_token_error *err, int ret, const char *fmt, ...);

/* ---- secret memory (eal_vfio_token_secret.c) ---- */

/** Zeroed pages that core dumps leave out and that swap avoids if it may. NULL: no memory. */
void *vfio_token_secret_alloc(size_t bytes);
/** Wipe and release; NULL is allowed. @p bytes as allocated. */
void vfio_token_secret_free(void *mem, size_t bytes);
/** Wipe what calls that have returned may have left below on this thread's stack. */
void vfio_token_stack_wipe(void);
/** A fresh version-4 UUID from the kernel's random source. 0 or a negative errno. */
int vfio_token_random(rte_uuid_t token);

/**
 * Overwrite @p bytes of @p text if they lie in the argument area of the process.
 *
 * @return 0, or -EFAULT if they lie elsewhere and were left as they are.
 */
int vfio_token_argv_wipe(char *text, size_t bytes);

/* ---- addresses, options, content (eal_vfio_token_parse.c) ---- */

struct vfio_token_bdf {
	uint32_t domain;
	uint8_t bus;
	uint8_t devfn;
};

/** Parse @p len characters as "DDDD:BB:DD.F" or "BB:DD.F". 0 or -EINVAL. */
__rte_internal
int vfio_token_bdf_parse(const char *text, size_t len, struct vfio_token_bdf *bdf);
__rte_internal
void vfio_token_bdf_format(const struct vfio_token_bdf *bdf,
		char text[RTE_VFIO_VF_TOKEN_BDF_SIZE]);

static inline bool
vfio_token_bdf_equal(const struct vfio_token_bdf *a, const struct vfio_token_bdf *b)
{
	return a->domain == b->domain && a->bus == b->bus && a->devfn == b->devfn;
}

/** A value of the option, taken apart. @c arg points into the value that was parsed. */
struct vfio_token_spec {
	bool has_bdf;
	struct vfio_token_bdf bdf;
	enum rte_vfio_vf_token_source source;
	const char *arg; /**< PATH, N, NAME, the UUID's text, or "" for random */
};

/** Take [BDF=]SOURCE apart. 0, or -EINVAL with @p err filled; then @c arg may still be secret. */
int vfio_token_spec_parse(const char *value, struct vfio_token_spec *spec,
		struct vfio_token_error *err);

/** What a file or a descriptor holds: one token, or one for each of several devices. */
struct vfio_token_content {
	bool single; /**< the only line has no address */
	unsigned int nb_lines;
	struct vfio_token_content_line {
		struct vfio_token_bdf bdf;
		unsigned int line; /**< from 1, in the text */
		rte_uuid_t token;
	} lines[];
};

/** Bytes to allocate for any content. */
#define VFIO_TOKEN_CONTENT_SIZE (sizeof(struct vfio_token_content) + \
	VFIO_TOKEN_CONTENT_LINES_MAX * sizeof(struct vfio_token_content_line))

/**
 * Parse one UUID, or lines "BDF UUID"; '#' starts a comment.
 *
 * @param content
 *   VFIO_TOKEN_CONTENT_SIZE bytes of secret memory.
 * @return 0; -EINVAL, -EEXIST (an address twice) or -E2BIG with @p err naming the line.
 */
int vfio_token_content_parse(const char *text, size_t len, struct vfio_token_content *content,
		struct vfio_token_error *err);

/** The line for a device, or NULL. */
const struct vfio_token_content_line *vfio_token_content_find(
		const struct vfio_token_content *content, const struct vfio_token_bdf *bdf);

/** Parse a UUID that ends where the string ends. 0 or -EINVAL. All zero is -EINVAL too. */
int vfio_token_uuid_parse(const char *text, rte_uuid_t token, struct vfio_token_error *err);

/* ---- sources (eal_vfio_token_source.c, eal_vfio_token_broker.c) ---- */

/** CLOCK_MONOTONIC in milliseconds, for deadlines. */
int64_t vfio_token_now_ms(void);

/** Read and parse a file, checked as design demands. Content as of vfio_token_content_parse(). */
int vfio_token_file_read(const char *path, struct vfio_token_content *content,
		struct vfio_token_error *err);
/** Read an inherited descriptor to its end, once; closes it unless it is 0, 1 or 2. */
int vfio_token_fd_read(const char *number, struct vfio_token_content *content,
		struct vfio_token_error *err);
/** Take the token out of an environment variable: overwritten in place, then unset. */
int vfio_token_env_take(const char *name, rte_uuid_t token, struct vfio_token_error *err);
/** Ask the broker at @p path for the token of a VF; waits RTE_VFIO_TOKEN_SOCK_TIMEOUT_MS. */
int vfio_token_broker_ask(const char *path, const struct vfio_token_bdf *vf, rte_uuid_t token,
		struct vfio_token_error *err);
/** Check a path for a unix socket address. */
int vfio_token_broker_path_check(const char *path, struct vfio_token_error *err);

/* ---- sysfs (eal_vfio_token_sysfs.c) ---- */

/** Why a function takes no token. */
enum vfio_token_none_reason {
	VFIO_TOKEN_NONE_NO_SRIOV,    /**< neither a PF with SR-IOV nor a VF */
	VFIO_TOKEN_NONE_PF_NOT_VFIO, /**< a VF whose PF is not on a VFIO driver */
	VFIO_TOKEN_NONE_KERNEL,      /**< this kernel's vfio-pci knows no tokens */
};

/** What sysfs tells of a PCI function. */
struct vfio_token_function {
	struct vfio_token_bdf bdf;
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	enum rte_vfio_vf_token_role role;
	enum vfio_token_none_reason reason; /**< with role none */
	bool has_pf;                        /**< a VF, or a PF itself */
	struct vfio_token_bdf pf;
	char pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	char driver[32];    /**< "" when not bound */
	char pf_driver[32]; /**< "" when not bound */
};

/** The directories that are looked at. */
struct vfio_token_paths {
	const char *pci_devices;
	const char *module;
	const char *iommu_groups;
	const char *proc;
	const char *dev_vfio;
};

/** Where the kernel shows things. Tests, and nothing else, point it elsewhere. */
extern struct vfio_token_paths vfio_token_paths;
/** The same for other libraries. */
__rte_internal
const struct vfio_token_paths *vfio_token_paths_get(void);

/** Read a function. 0, -ENODEV (no such device) or another negative errno. */
int vfio_token_function_read(const char *sysfs_base, const struct vfio_token_bdf *bdf,
		struct vfio_token_function *fn);
/** The PF of a VF. 0, or -ENODEV for what is no VF now. */
int vfio_token_pf_of(const char *sysfs_base, const char *name,
		char pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE], struct vfio_token_bdf *pf);
/** The driver of a function, "" for none. */
void vfio_token_driver_of(const char *sysfs_base, const char *name, char *driver, size_t size);
/** A driver of the VFIO family, under which the kernel checks tokens. */
__rte_internal
bool vfio_token_driver_is_vfio(const char *sysfs_base, const char *name, const char *driver);
/** Last component of a link's target. 0, or a negative errno with an empty name. */
__rte_internal
int vfio_token_link_base_read(int dir, const char *path, char *name, size_t size);
/** The IOMMU group of a function, or -ENOENT. */
__rte_internal
int vfio_token_group_of(const char *sysfs_base, const char *name);
__rte_internal
bool vfio_token_module_loaded(const char *name);
/** First character of a module parameter, or 0 where there is none. */
__rte_internal
char vfio_token_module_param(const char *module, const char *param);

/**
 * Look at all processes once: @p visit is told each node of /dev/vfio that one has open, until it
 * returns false.
 *
 * @param hidden
 *   Processes whose descriptors cannot be read.
 * @return 0, or a negative errno of reading /proc.
 */
__rte_internal
int vfio_token_nodes_scan(bool (*visit)(const char *pid, const char *node, void *ctx), void *ctx,
		unsigned int *hidden);
/** Name of a process, "" if it has ended. */
__rte_internal
void vfio_token_process_name(const char *pid, char *name, size_t size);
/** Name up to four holders of a VFIO group: "pid 12 (dpdk-testpmd)", or why none is known. */
void vfio_token_group_holders(int group, char *text, size_t size);
/** Name those that have a function's cdev open. False if /proc shows none and hides nobody. */
bool vfio_token_cdev_holders(const char *sysfs_base, const char *name, char *text, size_t size);
/** Name up to four devices that make a group not viable: "0000:01:00.1 (igb)". */
void vfio_token_group_offenders(int group, char *text, size_t size);

/* ---- the table (eal_vfio_token_table.c) ---- */

/** The token for an open, and where it came from. Wipe after use. */
struct vfio_token_choice {
	enum rte_vfio_vf_token_role role;     /**< of the function that was chosen for */
	enum rte_vfio_vf_token_source source; /**< NONE: open without a token */
	bool has_token;
	bool adopted; /**< of a device that was open already */
	rte_uuid_t token;
	bool has_entry_bdf; /**< a BDF-specific entry or line */
	struct vfio_token_bdf entry_bdf;
	char origin[320]; /**< for messages: "option 2, file:/run/x line 3" */
};

/**
 * Choose the token for a function.
 *
 * @param ask
 *   False: name the source only, without asking a broker or making a random token.
 * @return 0, with source NONE where no entry applies; or a negative errno with @p err filled.
 */
int vfio_token_table_choose(const struct vfio_token_function *fn, bool ask,
		struct vfio_token_choice *choice, struct vfio_token_error *err);

/* ---- open devices (eal_vfio_token_record.c) ---- */

/** What this process knows of a device it opened or failed to open. */
struct vfio_token_record {
	TAILQ_ENTRY(vfio_token_record) next;
	char name[64]; /**< as given to rte_vfio_setup_device() */
	enum rte_vfio_vf_token_role role;
	int dev_fd;           /**< -1 when not open; not ours to close */
	int group_fd;         /**< of an open device; not ours to close */
	int container_fd;     /**< of an open device; not ours to close */
	bool from_primary;    /**< the descriptor came from the primary process */
	int err;              /**< positive errno of the last refusal, 0 if it opened */
	enum rte_vfio_vf_token_source source;
	char origin[320];     /**< of the token, as in struct vfio_token_choice */
	char cause[768];      /**< of the last refusal, "" if it opened */
	bool has_token;       /**< a PF that was opened or rotated with a token of ours */
	rte_uuid_t token;
	bool has_random;      /**< a token was made for this PF; kept over close and reopen */
	rte_uuid_t random;
	bool has_own;         /**< a VF whose own token was set here */
	rte_uuid_t own;
	struct vfio_token_bdf own_pf;
	uint16_t vf_offset;   /**< of a PF that is open: where its VFs were last, 0: not known */
	uint16_t vf_stride;
};

void vfio_token_records_lock(void);
void vfio_token_records_unlock(void);
/** With the lock held: the record of a device; made if @p create. NULL if absent or no memory. */
struct vfio_token_record *vfio_token_record_get(const char *name, bool create);
/** With the lock held: the first record, then by TAILQ_NEXT. */
struct vfio_token_record *vfio_token_record_first(void);
/** With the lock held: wipe and free the records of devices that are not open. */
void vfio_token_records_clear(void);

/**
 * Log that an open was refused, and record it for telemetry.
 *
 * @param choice
 *   The token that was chosen, or NULL before that.
 * @param err
 *   Positive errno.
 */
void vfio_token_refusal_report(const char *dev_addr, const struct vfio_token_choice *choice,
		int err, const struct vfio_token_error *why);

/**
 * Tell why the last open of a device was refused.
 *
 * @param[out] cause
 *   "" if it was not.
 * @return its positive errno, or 0.
 */
__rte_internal
int vfio_token_refusal_get(const char *dev_addr, char *cause, size_t size);

/** The random token of a PF: existing, or new if @p create. 0, -ENOENT, or a negative errno. */
int vfio_token_record_random(const struct vfio_token_bdf *pf, bool create, rte_uuid_t token);

/* ---- multi-process (eal_vfio_token_mp.c) ---- */

/** In the primary: serve descriptors of open devices to secondaries. 0 or a negative errno. */
int vfio_token_mp_serve(void);
/** In a secondary: the primary's descriptor; -ENODEV if the primary does not hold it open. */
int vfio_token_mp_device_fd(const char *dev_addr);

/* ---- refusals (eal_vfio_token_refusal.c) ---- */

/** Cause and remedy of a failed VFIO_GROUP_GET_DEVICE_FD, from errno and a second look at sysfs. */
void vfio_token_device_refusal(const char *sysfs_base, const struct vfio_token_function *fn,
		const struct vfio_token_choice *choice, int err, struct vfio_token_error *why);
/** Why a function takes no token, for an entry that gives it one. */
void vfio_token_none_refusal(const struct vfio_token_function *fn, struct vfio_token_error *why);
/** Cause and remedy for a device that is not on a VFIO driver. */
void vfio_token_unbound_refusal(const char *sysfs_base, const struct vfio_token_function *fn,
		struct vfio_token_error *why);
/** Cause and remedy for an address that sysfs does not know. */
void vfio_token_absent_refusal(const char *name, struct vfio_token_error *why);

#endif /* EAL_VFIO_TOKEN_PRIVATE_H */
