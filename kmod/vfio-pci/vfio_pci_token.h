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
 * Whoever opens the device @vdev presents the token @uuid, or none (NULL). Returns 0, or
 *  -EINVAL	a token where none applies: no SR-IOV, or a VF whose PF is not on vfio-pci
 *  -EACCES	no or a wrong token for a VF, or for a PF while its VFs are in use or it is kept
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
 * The device is about to be opened by the current thread: did vfio_pci_token_check() let it pass,
 * and would it still? A VF counts as open from here on, until vfio_pci_pf_remove_user(). Called
 * under the lock of the device set. Returns 0, -EACCES, or -ENODEV if the VFs are being removed.
 */
int vfio_pci_token_admit(struct vfio_pci_device *vdev);

/*
 * VFIO_DEVICE_FEATURE_PCI_VF_TOKEN: SET and PROBE of a PF's token. Returns 0, -ENOTTY for a
 * function that has none, -EINVAL, -EFAULT, or -EAGAIN if @arg changed all the while: then the
 * token is the old one, and other vfio drivers' VFs need one of those that @arg had.
 */
int vfio_pci_token_feature(struct vfio_device *core_vdev, u32 flags, void __user *arg,
		size_t argsz);

/*
 * Gives the VF of index @vf a token of its own, or takes it away (@uuid is NULL). Returns 0, or
 * -ERANGE if there is no such VF.
 */
int vfio_pci_token_set_own(struct vfio_pci_device *vdev, unsigned int vf, const uuid_t *uuid);

#endif /* VFIO_PCI_TOKEN_H */
