/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_SRIOV_H
#define RTE_SRIOV_H

/**
 * @file
 * PCI functions with SR-IOV, as the kernel shows them: what there is, who holds it, whether it is
 * fit for use, and binding to drivers.
 *
 * Nothing here needs the EAL: the functions may be called before rte_eal_init(), or without it.
 * They exist on Linux only, keep no state, and may be called from any thread. They read sysfs and
 * /proc, and sleep: not for lcores that poll queues. Reading a PF's number of VFs waits for a
 * writer of its sriov_numvfs.
 *
 * A device address (BDF) that is passed in is "DDDD:BB:DD.F" or "BB:DD.F", in hexadecimal; one
 * that is passed out is "DDDD:BB:DD.F", with a NUL.
 *
 * Every function that can fail returns a negative errno (or NULL), and fills the struct
 * rte_sriov_error that the caller passes; NULL is allowed there. Nothing is logged.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <rte_compat.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a device address as text, with its NUL. */
#define RTE_SRIOV_BDF_SIZE 17
/** Bytes of the name of a driver, with its NUL. */
#define RTE_SRIOV_DRIVER_SIZE 32
/** Bytes of the path of a node in /dev/vfio, with its NUL. */
#define RTE_SRIOV_NODE_SIZE 64

/** A failure: which device, what, why, and what to do about it. Never holds a token. */
struct rte_sriov_error {
	int err;                         /**< positive errno, 0 for none */
	char device[RTE_SRIOV_BDF_SIZE]; /**< the device concerned; "" for none */
	char text[512];                  /**< what failed and why, without the device */
	char remedy[256];                /**< what to do about it; "" when not known */
};

/* ---- functions ---- */

/** What SR-IOV makes of a function. */
enum rte_sriov_type {
	RTE_SRIOV_TYPE_PLAIN, /**< neither a PF nor a VF */
	RTE_SRIOV_TYPE_PF,    /**< can have VFs */
	RTE_SRIOV_TYPE_VF,
};

/** A PCI function. Of the PF's and VF's members, those of the other types are zero. */
struct rte_sriov_function {
	char bdf[RTE_SRIOV_BDF_SIZE];
	enum rte_sriov_type type;
	uint16_t vendor;
	uint16_t device;
	uint32_t class_id;                  /**< base class, subclass, programming interface */
	char driver[RTE_SRIOV_DRIVER_SIZE]; /**< "" when not bound */
	char driver_override[RTE_SRIOV_DRIVER_SIZE]; /**< "" for none */
	bool on_vfio;                       /**< its driver is vfio-pci or another of that family */
	bool can_reset;                     /**< sysfs has a reset for it */
	int group;                          /**< IOMMU group, or -1 for none */
	bool noiommu;                       /**< the group is VFIO's noiommu kind */
	char node[RTE_SRIOV_NODE_SIZE];     /**< "/dev/vfio/N" if it is there, else "" */
	char cdev[RTE_SRIOV_NODE_SIZE];     /**< the same of "/dev/vfio/devices/vfioN" */
	int numa;                           /**< NUMA node, or -1 where not known */

	/* PF */
	uint16_t total_vfs;  /**< the most VFs that it can have */
	uint16_t num_vfs;    /**< VFs that it has */
	uint16_t vf_device;  /**< device ID of its VFs */
	bool vfs_autoprobe;  /**< the kernel looks for a driver for new VFs */

	/* VF */
	char pf[RTE_SRIOV_BDF_SIZE];
	uint16_t vf_index;   /**< from 0, as in virtfnN */
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Read a PCI function, in a time that does not depend on the number of VFs.
 *
 * @param bdf
 *   Its address.
 * @param[out] function
 *   Filled on success.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, or @p function is NULL.
 *   - -ENODEV: no such device.
 *   - another negative errno of reading sysfs.
 */
__rte_experimental
int rte_sriov_function_get(const char *bdf, struct rte_sriov_function *function,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * List the PFs of this machine: all functions that can have VFs, in the order of their addresses.
 *
 * @param[out] pfs
 *   The first @p max of them. NULL is allowed with @p max 0.
 * @param max
 *   Room in @p pfs.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   How many there are, which may be more than @p max; or a negative errno of reading sysfs.
 */
__rte_experimental
int rte_sriov_pf_list(struct rte_sriov_function *pfs, unsigned int max,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * List the VFs of a PF, in the order of their indexes.
 *
 * @param pf
 *   Address of the PF.
 * @param[out] vfs
 *   The first @p max of them. NULL is allowed with @p max 0.
 * @param max
 *   Room in @p vfs.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   How many there are, which may be more than @p max; or
 *   - -EINVAL: malformed address.
 *   - -ENODEV: no such device, or it is no PF.
 *   - another negative errno of reading sysfs.
 */
__rte_experimental
int rte_sriov_vf_list(const char *pf, struct rte_sriov_function *vfs, unsigned int max,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the address of a VF by its index.
 *
 * @param pf
 *   Address of the PF.
 * @param index
 *   From 0.
 * @param[out] bdf
 *   Address of the VF.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address.
 *   - -ENODEV: no such PF, or it has no such VF now.
 */
__rte_experimental
int rte_sriov_vf_bdf(const char *pf, uint16_t index, char bdf[RTE_SRIOV_BDF_SIZE],
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * List the functions of an IOMMU group, in the order of their addresses. Bridges count.
 *
 * @param group
 *   Number of the group.
 * @param[out] bdfs
 *   The first @p max addresses. NULL is allowed with @p max 0.
 * @param max
 *   Room in @p bdfs.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   How many there are, which may be more than @p max; or
 *   - -ENOENT: no such group.
 *   - another negative errno of reading sysfs.
 */
__rte_experimental
int rte_sriov_group_list(int group, char (*bdfs)[RTE_SRIOV_BDF_SIZE], unsigned int max,
		struct rte_sriov_error *error);

/* ---- drivers ---- */

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Bind a function to a driver, or leave it without one.
 *
 * A driver that another PF or VF user has open is not waited for: a function whose VFIO node is
 * held is refused before anything is changed. Each step has @p wait_ms; a step that the kernel
 * blocks for longer is left behind in a process of its own and reported as -ETIMEDOUT.
 *
 * The function's driver_override is set to @p driver for VFIO drivers, and cleared for others.
 *
 * @param bdf
 *   Address of the function.
 * @param driver
 *   Its driver to be, "" for none. Nothing is done if it is on it already.
 * @param wait_ms
 *   Longest wait for each step in milliseconds; 0: 10 seconds.
 * @param[out] previous
 *   The driver that it was on before ("" for none), also on failure. NULL is allowed, and so is
 *   the memory of @p driver.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, or a name that cannot be a driver's.
 *   - -ENODEV: no such device.
 *   - -ENOENT: the driver is not loaded.
 *   - -EBUSY: somebody has it open through VFIO, or it is a PF with VFs that is to leave or to
 *     enter a VFIO driver.
 *   - -EACCES, -EROFS: this process may not write to sysfs.
 *   - -ETIMEDOUT: the kernel has not done it in time.
 *   - -EIO: the driver did not take it; then it is back on its previous one if that took it.
 *   - another negative errno of the write.
 */
__rte_experimental
int rte_sriov_function_bind(const char *bdf, const char *driver, uint32_t wait_ms,
		char previous[RTE_SRIOV_DRIVER_SIZE], struct rte_sriov_error *error);

/* ---- holders ---- */

/** A process that has a node of /dev/vfio open, and so may use a device of its group. */
struct rte_sriov_holder {
	pid_t pid;
	uid_t uid;      /**< its effective user */
	char comm[32];  /**< its name, as in /proc/PID/comm */
	char node[RTE_SRIOV_NODE_SIZE]; /**< what it has open */
};

/** Who had which node of /dev/vfio open at one time. */
struct rte_sriov_holders;

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Look at all processes once, and note who has which node of /dev/vfio open.
 *
 * Processes in PID namespaces that are not below this process's are not seen, nor, without
 * CAP_SYS_PTRACE, the descriptors of other users' processes; see rte_sriov_holders_hidden().
 *
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   What was seen, for the caller to free with rte_sriov_holders_free(); or NULL with rte_errno
 *   set: ENOMEM, or that of reading /proc.
 */
__rte_experimental
struct rte_sriov_holders *rte_sriov_holders_scan(struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Free what rte_sriov_holders_scan() returned. NULL is allowed.
 */
__rte_experimental
void rte_sriov_holders_free(struct rte_sriov_holders *holders);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell how many processes there were whose descriptors could not be read.
 */
__rte_experimental
unsigned int rte_sriov_holders_hidden(const struct rte_sriov_holders *holders);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the holders of a function: those of its group's node and those of its own.
 *
 * @param holders
 *   What was seen.
 * @param function
 *   As of rte_sriov_function_get().
 * @param[out] found
 *   The first @p max holders, one for each process. NULL is allowed with @p max 0.
 * @param max
 *   Room in @p found.
 * @return
 *   How many there are, which may be more than @p max.
 */
__rte_experimental
unsigned int rte_sriov_holders_of(const struct rte_sriov_holders *holders,
		const struct rte_sriov_function *function, struct rte_sriov_holder *found,
		unsigned int max);

/* ---- preflight ---- */

/** How bad a finding is. */
enum rte_sriov_level {
	RTE_SRIOV_LEVEL_OK,
	RTE_SRIOV_LEVEL_WARN, /**< works, with a restriction or a risk */
	RTE_SRIOV_LEVEL_FAIL, /**< PFs and VFs cannot be used so */
};

/** One thing that was looked at. */
struct rte_sriov_finding {
	char id[24];        /**< a stable name of what was looked at, for example "iommu" */
	enum rte_sriov_level level;
	char subject[48];   /**< a device address, "group N", "kernel", or "host" */
	char text[384];     /**< what was found */
	char remedy[256];   /**< what to do about it; "" if there is nothing */
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Look whether this machine, and one PF or all of them, are fit for PFs and VFs in separate
 * userspace processes. Read-only.
 *
 * The ids: "iommu", "vfio", "enable_sriov", "disable_idle_d3", "kmod", "cdev", "memlock",
 * "hugepages", "proc"; and for each PF "pf", "driver", "group", "acs", "numa", "vf_bar", "holders",
 * "vfs". What does not apply is left out.
 *
 * @param pf
 *   Address of the PF to look at, or NULL for all.
 * @param[out] count
 *   How many findings there are.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   The findings, for the caller to free(); or NULL with rte_errno set: EINVAL, ENODEV (no such
 *   device, or no PF), ENOMEM, or that of reading sysfs.
 */
__rte_experimental
struct rte_sriov_finding *rte_sriov_preflight(const char *pf, unsigned int *count,
		struct rte_sriov_error *error);

#ifdef __cplusplus
}
#endif

#endif /* RTE_SRIOV_H */
