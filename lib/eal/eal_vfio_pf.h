/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef EAL_VFIO_PF_H
#define EAL_VFIO_PF_H

/**
 * @file
 * The owner's side of a PF, for the files of this directory.
 */

#include <stdbool.h>
#include <stdint.h>

#include "eal_vfio_token_private.h"
#include "rte_vfio_pf.h"

struct vfio_device_feature;

/** How the kernel is asked. */
struct vfio_pf_kernel {
	/** The ioctl VFIO_DEVICE_FEATURE. 0 or a negative errno. */
	int (*feature)(int dev_fd, struct vfio_device_feature *feature);
	/** Open a node of /dev/vfio. Its descriptor or a negative errno. */
	int (*node_open)(const char *path);
};

/** Tests, and nothing else, put something else in its place. */
extern struct vfio_pf_kernel vfio_pf_kernel;

/* ---- features of a PF's descriptor (eal_vfio_pf_feature.c). 0 or a negative errno. ---- */

/** What is there, as of rte_vfio_pf_features(). */
int vfio_pf_features_probe(int dev_fd, uint32_t *features);
/** The token of the PF and all VFs that have none of their own. */
int vfio_pf_token_set(int dev_fd, const rte_uuid_t token);

/* Of these, -ENOTSUP: the feature is not there. */

/** A VF's own token; NULL removes it. */
int vfio_pf_own_token_set(int dev_fd, uint16_t vf, const rte_uuid_t token);
/** VFIO_PCI_VF_OWN_TOKEN_PRESENT and VFIO_PCI_VF_OPEN. */
int vfio_pf_own_token_flags(int dev_fd, uint16_t vf, uint16_t *flags);
int vfio_pf_num_vfs_read(int dev_fd, uint16_t *num_vfs, uint16_t *total_vfs);
int vfio_pf_num_vfs_write(int dev_fd, uint16_t num_vfs);
int vfio_pf_keep_read(int dev_fd, uint32_t *flags);
int vfio_pf_keep_write(int dev_fd, uint32_t flags);

/* ---- VFs in sysfs (eal_vfio_pf_vfs.c) ---- */

/** Address of a PF's VF by its index, from 0. 0, or -ENOENT if there is none. */
__rte_internal
int vfio_pf_vf_name(const char *pf_name, uint16_t index, char name[RTE_VFIO_VF_TOKEN_BDF_SIZE]);
/** Index of a VF. 0, or -ENODEV if it is no VF of the PF now. */
__rte_internal
int vfio_pf_vf_index(const char *pf_name, const char *vf_name, uint16_t *index);
/** A VF of a PF. */
struct vfio_pf_vf {
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	char pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_bdf pf;
	uint16_t index;
};
/** The PF of a VF, and its index. 0, or -ENODEV for what is no VF now. */
int vfio_pf_vf_find(const struct vfio_token_bdf *bdf, struct vfio_pf_vf *vf);
/**
 * Tell whether somebody has a function open through VFIO. Its group's node is opened and closed at
 * once, which the kernel refuses while somebody has it open.
 *
 * @param holders
 *   Names the users.
 * @return 1 if so, 0 if not, or the negative errno for which it cannot be told.
 */
__rte_internal
int vfio_pf_function_held(const char *name, char *holders, size_t size);
/**
 * Find VFs of a PF that somebody has open or may have open.
 *
 * @param text
 *   Names the first one and its users.
 */
bool vfio_pf_vf_is_held(const char *pf_name, char *text, size_t size);

/* ---- a PF that is open here (eal_vfio_pf.c) ---- */

/**
 * Duplicate the descriptor of a PF, so that neither a lock needs to be held over an ioctl that
 * takes long, nor a close in another thread can put a stranger's descriptor in its place.
 *
 * @return a descriptor to close, or -ENODEV if this process does not hold it open as a PF.
 */
int vfio_pf_fd_dup(const char *pf_name);
/** The same for the argument of a public function. -EINVAL and -E_RTE_SECONDARY as well. */
int vfio_pf_argument(const char *pf, char name[RTE_VFIO_VF_TOKEN_BDF_SIZE]);

/* ---- arguments (eal_vfio_token_api.c) ---- */

/** Parse the address that a public function was given. 0, or -EINVAL with a message logged. */
int vfio_token_bdf_argument(const char *bdf, struct vfio_token_bdf *out);

/* ---- own tokens that were set here (eal_vfio_pf_token.c) ---- */

struct vfio_token_entry;
struct vfio_token_entries;

/**
 * With the table's lock held: set a VF's own token, in the kernel and here.
 *
 * @param entry
 *   Of the VF, with the token. Taken over on success.
 * @return 0, -ENODEV, -ENOTSUP or another negative errno with @p why filled.
 */
int vfio_pf_own_token_rotate(struct vfio_token_entry *entry, struct vfio_token_error *why);
/** Body of rte_vfio_vf_token_get() for a VF. */
int vfio_pf_own_token_get(const struct vfio_token_bdf *vf, rte_uuid_t token);
/** Does the kernel have an own token of a VF, whoever has set it? */
__rte_internal
bool vfio_pf_vf_own_token_present(const char *pf_name, uint16_t vf);
/** With the table's lock held: is it a VF's own token? Then it does not follow its PF's. */
bool vfio_pf_own_token_is(const struct vfio_token_entry *entry);
/** The number of VFs has changed, and the kernel has dropped their tokens. */
__rte_internal
void vfio_pf_own_tokens_forget(const char *pf_name);

#endif /* EAL_VFIO_PF_H */
