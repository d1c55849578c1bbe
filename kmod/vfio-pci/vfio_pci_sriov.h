/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_PCI_SRIOV_H
#define VFIO_PCI_SRIOV_H

#include <linux/types.h>

struct pci_dev;
struct vfio_pci_device;

/* The module's parameters, see vfio_pci_main.c. They may change at any time. */
extern bool vfio_pci_enable_sriov;
extern bool vfio_pci_wait_for_vfs;
extern bool vfio_pci_numvfs_by_fd;

/* Watches the PCI bus for VFs of PFs on this driver, from before the driver is registered on. */
int vfio_pci_sriov_register(void);
void vfio_pci_sriov_unregister(void);

/* Takes the watch over from the core for a device that was just registered with it. */
void vfio_pci_sriov_init(struct vfio_pci_device *vdev);

/*
 * pci_driver.sriov_configure: makes @nr_virtfn VFs, or removes them (0). Called with the PF's
 * device_lock() held. Returns the number of VFs, or
 *  -ENOENT	without the parameter enable_sriov
 *  -ERANGE	more VFs than the PF can have
 *  -EBUSY	a VF that is to be removed is in use; with the parameter wait_for_vfs it is
 *		waited for
 * or what making VFs failed with.
 */
int vfio_pci_sriov_configure(struct pci_dev *pdev, int nr_virtfn);

/*
 * The same as writing @num_vfs to the PF's sriov_numvfs, for its user, who has it open. It does not
 * wait for VFs. Returns 0, -EBUSY also for going from one number other than 0 to another, -EAGAIN
 * if the PF or the bus is busy, or another error of vfio_pci_sriov_configure().
 */
int vfio_pci_sriov_request(struct vfio_pci_device *vdev, u16 num_vfs);

#endif /* VFIO_PCI_SRIOV_H */
