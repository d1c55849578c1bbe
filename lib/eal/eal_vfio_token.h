/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef EAL_VFIO_TOKEN_H
#define EAL_VFIO_TOKEN_H

/**
 * @file
 * What the EAL's own files call in the VF-token layer. Each call is one line of a hook.
 */

#include <rte_uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifdef RTE_EXEC_ENV_LINUX

#include "eal_vfio_adopt.h"

/** Stages of rte_vfio_setup_device() at which an open can be refused. */
enum eal_vfio_token_stage {
	EAL_VFIO_TOKEN_NO_GROUP,      /**< no iommu_group link in sysfs */
	EAL_VFIO_TOKEN_NO_GROUP_NODE, /**< neither /dev/vfio/N nor /dev/vfio/noiommu-N */
	EAL_VFIO_TOKEN_GROUP_OPEN,    /**< open() of the group node */
	EAL_VFIO_TOKEN_GROUP_VIABLE,  /**< the group is not viable */
	EAL_VFIO_TOKEN_CONTAINER,     /**< VFIO_GROUP_SET_CONTAINER or VFIO_SET_IOMMU */
};

/**
 * Forget the entries of an earlier rte_eal_init(), and what it knew of open devices.
 * Entries set through the API stay. Called at the start of rte_eal_init() and at cleanup.
 */
void eal_vfio_token_options_reset(void);

/**
 * Take one value of --vfio-vf-token.
 *
 * A UUID is overwritten in @p arg where it lies in the argument area of the process.
 *
 * @return 0, or a negative errno with the option's position and the cause logged.
 */
int eal_vfio_token_option_parse(char *arg);

/**
 * Check the entries against each other and against sysfs, once all options were taken.
 *
 * @param pci_enabled
 *   Zero with --no-pci: the devices are then not looked for.
 * @return 0, or a negative errno with the option's position and the cause logged.
 */
int eal_vfio_token_options_check(int pci_enabled);

/**
 * Duplicate argv[i] for telemetry, without the UUID if it is a value of --vfio-vf-token.
 *
 * @return as of strdup().
 */
char *eal_vfio_token_arg_dup(char *const argv[], int i);

/** Body of rte_eal_vfio_get_vf_token(): the default token, or null. */
void eal_vfio_token_default_get(rte_uuid_t token);

/**
 * Open a device of a VFIO group: VFIO_GROUP_GET_DEVICE_FD, once, with the token that applies.
 *
 * In a secondary process the descriptor comes from the primary if it holds the device open. That of
 * an adopted device is taken as it is, see eal_vfio_adopt.h.
 *
 * @param sysfs_base
 *   The bus's sysfs directory, as given to rte_vfio_setup_device(). Only PCI takes tokens.
 * @return the device descriptor, or a negative errno with the cause logged.
 */
int eal_vfio_token_device_open(int container_fd, int group_fd, const char *sysfs_base,
		const char *dev_addr);

/** The device descriptor is about to be closed by rte_vfio_release_device(). */
void eal_vfio_token_device_closed(const char *dev_addr, int dev_fd);

/**
 * An open was refused before VFIO_GROUP_GET_DEVICE_FD: log device, cause and remedy.
 *
 * @param err
 *   Positive errno of the step that failed, or 0.
 */
void eal_vfio_token_refused(enum eal_vfio_token_stage stage, const char *sysfs_base,
		const char *dev_addr, int group_num, int err);

#else /* !RTE_EXEC_ENV_LINUX */

#include <string.h>

static inline char *
eal_vfio_token_arg_dup(char *const argv[], int i)
{
	return strdup(argv[i]);
}

#endif /* RTE_EXEC_ENV_LINUX */

#ifdef __cplusplus
}
#endif

#endif /* EAL_VFIO_TOKEN_H */
