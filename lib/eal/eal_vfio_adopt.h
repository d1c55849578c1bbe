/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef EAL_VFIO_ADOPT_H
#define EAL_VFIO_ADOPT_H

/**
 * @file
 * Adoption of open descriptors, inside the EAL.
 */

#include <stdbool.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What the EAL's own files call. Each call is one line of a hook. ---- */

/** The container that was adopted, for the default one; or -1. From now on it is in use. */
int eal_vfio_adopt_container(void);

/** The descriptor of an adopted group, which becomes the caller's; or -1. */
int eal_vfio_adopt_group(int group);

/** Is it the adopted container? */
bool eal_vfio_adopt_is_container(int container_fd);

/**
 * Before the EAL's memory is mapped in a container, and its IOMMU set: if it was adopted and its
 * IOMMU is set, stop all adopted devices and drop all mappings.
 *
 * @return 1 if so, 0 if it is as a new one, a negative errno, which is in errno too, with the cause
 *   logged.
 */
int eal_vfio_adopt_empty(int container_fd);

/* ---- Inside the VF-token layer. ---- */

struct vfio_token_choice;
struct vfio_token_error;
struct vfio_token_function;

/** How the kernel is asked. Tests, and nothing else, put something else in its place. */
struct vfio_adopt_kernel {
	/** As ioctl(): -1 and errno on failure. */
	int (*ioctl)(int fd, unsigned long request, void *arg);
};

extern struct vfio_adopt_kernel vfio_adopt_kernel;

/** It is too late to adopt. Tests, and nothing else, clear it. */
extern bool vfio_adopt_eal_started;

/**
 * Take the descriptor of an adopted device, in place of opening it.
 *
 * @param[out] choice
 *   The token that is in force. Wipe after use.
 * @return the descriptor; -ENOENT: it was not adopted; another negative errno with @p why filled.
 */
int vfio_adopt_device_take(const struct vfio_token_function *fn, struct vfio_token_choice *choice,
		struct vfio_token_error *why);
/** A device is about to be closed. */
void vfio_adopt_device_closed(const char *name, int dev_fd);
/** At the EAL's cleanup: close what is left, and forget. */
void vfio_adopt_cleanup(void);

/* ---- The kernel's side (eal_vfio_adopt_kernel.c). 0 or a negative errno. ---- */

/** Check that a container has a type 1 IOMMU set. -EBADF, -EINVAL or -ENOTSUP. */
int vfio_adopt_container_check(int container_fd);
/** Check that a group is in a container. */
int vfio_adopt_group_check(int group_fd);
int vfio_adopt_device_check(int dev_fd);
/** Has the device send neither interrupts nor any other request to memory. */
int vfio_adopt_device_stop(int dev_fd);
int vfio_adopt_device_reset(int dev_fd);
/** Is an IOMMU set? It no longer is when the last group has left. */
bool vfio_adopt_iommu_is_set(int container_fd);
int vfio_adopt_unmap_all(int container_fd);

#ifdef __cplusplus
}
#endif

#endif /* EAL_VFIO_ADOPT_H */
