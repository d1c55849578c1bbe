/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_PCI_FEATURE_H
#define VFIO_PCI_FEATURE_H

#include <linux/types.h>

struct vfio_device;

/* vfio_device_ops.device_feature: those of <linux/vfio_pci_vf.h>, the token's, the core's. */
int vfio_pci_feature(struct vfio_device *core_vdev, u32 flags, void __user *arg, size_t argsz);

#endif /* VFIO_PCI_FEATURE_H */
