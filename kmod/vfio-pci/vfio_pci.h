/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * Locks, outermost first:
 *
 *	PCI's rescan and remove lock	hotplug; making and removing VFs
 *	device_lock() of a PF		bind, unbind and the number of VFs
 *	device_lock() of a VF		bind and unbind
 *	vfio: the group's, device set's	match; open and close
 *	vfio_pci_pf.lock		see vfio_pci_pf.h
 *	core: vf_token->lock		the core's copy of the PF's token, its count of users
 *	vfio_pci_passes.lock		see vfio_pci_pass.h
 *
 * A VF's path takes none of the PF's but vfio_pci_pf.lock, which is held for moments and never
 * across an access to user memory. A device set's lock may be held when device_lock() is tried, and
 * never when it is waited for. The kernel's sriov_numvfs takes the first two in the other order.
 */

#ifndef VFIO_PCI_H
#define VFIO_PCI_H

#include <linux/container_of.h>
#include <linux/pci.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "vfio_pci_audit.h"
#include "vfio_pci_keep.h"
#include "vfio_pci_pass.h"

#define VFIO_PCI_DRIVER_NAME "vfio-pci"

struct vfio_pci_pf;

/* A function bound to this driver. Its drvdata is &core, as the core demands. */
struct vfio_pci_device {
	struct vfio_pci_core_device core;
	/* Of a PF with SR-IOV, else NULL. Set before the device is registered, and constant. */
	struct vfio_pci_pf *pf;
	struct vfio_pci_audit audit;
	struct vfio_pci_passes passes;
	/* Of a PF with SR-IOV, else unused. */
	struct vfio_pci_keep keep;
};

static inline struct vfio_pci_device *to_vfio_pci_device(struct vfio_device *core_vdev)
{
	return container_of(core_vdev, struct vfio_pci_device, core.vdev);
}

extern const struct vfio_device_ops vfio_pci_ops;
extern struct pci_driver vfio_pci_driver;

#endif /* VFIO_PCI_H */
