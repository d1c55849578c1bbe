/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Requests of the kernel for devices that are kept. Who unbinds a device from vfio-pci waits until
 * its last descriptor is closed; the kernel tells it to one eventfd, every 10 s. While there is no
 * process that works with the device, that eventfd is the keeper's.
 */

#ifndef KEEPER_VFIO_H
#define KEEPER_VFIO_H

#include "keeper_store.h"

/* Has the kernel tell us what it wants back, of all devices in the store. */
void keeper_vfio_watch(struct keeper_store *store);

/*
 * Lets go of the device at @index: its descriptors, and those of its group and container if nothing
 * else that is kept needs them. Names: "pf-" and the address, with '_' for ':'; "group-" and the
 * number; "container".
 */
void keeper_vfio_release(struct keeper_store *store, unsigned int index);

/* Where sysfs is. Tests, and nothing else, point it elsewhere. */
extern const char *keeper_sysfs_pci;

#endif /* KEEPER_VFIO_H */
