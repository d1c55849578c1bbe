/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_PCI_TOKEN_H
#define VFIO_PCI_TOKEN_H

#include <linux/types.h>
#include <linux/uuid.h>

struct vfio_device;
struct vfio_pci_device;

/*
 * Gives a PF with SR-IOV a random token; nothing for other functions. To be called before the
 * device is registered. Returns 0 or -ENOMEM.
 */
int vfio_pci_token_init(struct vfio_pci_device *vdev);

/* Undoes vfio_pci_token_init(), also if that failed or was not called. */
void vfio_pci_token_release(struct vfio_pci_device *vdev);

/*
 * Whoever opens the device @vdev presents the token @uuid, or none (NULL). Returns 0, or
 *  -EINVAL	a token where none applies: no SR-IOV, or a VF whose PF is not on vfio-pci
 *  -EACCES	no or a wrong token for a VF, or for a PF while its VFs are in use
 * With none of its VFs in use, a PF takes the token over.
 */
int vfio_pci_token_check(struct vfio_device *core_vdev, const uuid_t *uuid);

/*
 * vfio_device_ops.match: "BDF" or "BDF vf_token=UUID". Returns 0 if @buf is another device's name,
 * 1 if it is this one's and the token is right, -EINVAL if it is malformed, or what
 * vfio_pci_token_check() returns.
 */
int vfio_pci_token_match(struct vfio_device *core_vdev, char *buf);

/*
 * VFIO_DEVICE_FEATURE_PCI_VF_TOKEN: SET and PROBE of a PF's token. Returns 0, -ENOTTY for a
 * function that has none, -EINVAL, -EFAULT, or -EAGAIN if @arg changed all the while: then the
 * token is the old one, and other vfio drivers' VFs need one of those that @arg had.
 */
int vfio_pci_token_feature(struct vfio_device *core_vdev, u32 flags, void __user *arg,
		size_t argsz);

/* A VF counts as a user of its PF's token from its first open to its last close. */
void vfio_pci_token_get_user(struct vfio_pci_device *vdev);
void vfio_pci_token_put_user(struct vfio_pci_device *vdev);

#endif /* VFIO_PCI_TOKEN_H */
