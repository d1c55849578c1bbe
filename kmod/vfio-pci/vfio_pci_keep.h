/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * A PF that is closed while its VFs are in use and stays enabled, with all its state, until the
 * next opener takes it over: VFIO_DEVICE_FEATURE_PCI_PF_KEEP.
 */

#ifndef VFIO_PCI_KEEP_H
#define VFIO_PCI_KEEP_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct vfio_pci_device;

/* Changed under the lock of the device set, except as said. */
struct vfio_pci_keep {
	/* Keep the PF at its close. Set by its user, at any time that it is open. */
	bool wanted;
	/* It was kept for who has it open now. */
	bool reopened;
	/*
	 * The new opener has not touched it yet: had he died before he could ask for it to be kept,
	 * or had the open failed after all, it is as if he had not come. Cleared at any time.
	 */
	bool untouched;
	/* It was closed for good without its reset, which comes when it is unbound. */
	bool reset_due;
	struct delayed_work reset;
};

/* Of PFs with SR-IOV. vfio_pci_keep_finish() is to be called after the device was unregistered. */
void vfio_pci_keep_init(struct vfio_pci_device *vdev);
void vfio_pci_keep_finish(struct vfio_pci_device *vdev);

/*
 * Opens a kept PF, or enables any other function, for the current task. Called under the lock of
 * the device set. Returns 0 or -errno.
 */
int vfio_pci_keep_open(struct vfio_pci_device *vdev);

/* Keeps the PF, or disables the function. Called under the lock of the device set. */
void vfio_pci_keep_close(struct vfio_pci_device *vdev);

/* The last of a kept PF's VFs was closed. pf->lock is held. */
void vfio_pci_keep_schedule_reset(struct vfio_pci_device *vdev);

/*
 * Before an ioctl of the device set's functions, @cmd. Returns 0, or -EBUSY for one that resets
 * them all while one of them is kept.
 */
int vfio_pci_keep_check_ioctl(struct vfio_pci_device *vdev, unsigned int cmd);

#endif /* VFIO_PCI_KEEP_H */
