/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_PCI_SRIOV_H
#define VFIO_PCI_SRIOV_H

struct pci_dev;
struct vfio_pci_device;

/* Watches the PCI bus for VFs of PFs on this driver, from before the driver is registered on. */
int vfio_pci_sriov_register(void);
void vfio_pci_sriov_unregister(void);

/* Takes the watch over from the core for a device that was just registered with it. */
void vfio_pci_sriov_init(struct vfio_pci_device *vdev);

/*
 * Makes @nr_virtfn VFs, or removes them (0), which waits until none is in use. The PCI core calls
 * it with the PF's device_lock() held. Returns the number of VFs or -errno.
 */
int vfio_pci_sriov_configure(struct pci_dev *pdev, int nr_virtfn);

#endif /* VFIO_PCI_SRIOV_H */
