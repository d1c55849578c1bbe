/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_ABI_H
#define VFIO_ABI_H

/*
 * Opens by devices' own nodes, of @pf, its VFs and @other, which is without a driver and has no
 * SR-IOV. The PF is on vfio-pci with two VFs, and is so afterwards. Where the kernel takes no token
 * on this way, what needs one is left out: there the modules differ.
 */
void cdev_cases(const char *other);

#endif /* VFIO_ABI_H */
