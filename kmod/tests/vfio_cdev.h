/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * Devices by their own nodes, /dev/vfio/devices/vfioN, bound to an iommufd. Functions return 0 or
 * -errno unless said otherwise.
 */

#ifndef VFIO_CDEV_H
#define VFIO_CDEV_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio_test.h"

#define CDEV_FLAG_TOKEN (1U << 0)

/* VFIO_DEVICE_BIND_IOMMUFD's argument, as in <linux/vfio.h> of Linux 6.17. */
struct cdev_bind {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
	/* The address of 16 bytes. */
	uint64_t token;
};

/* Size of the argument before there was a token. */
#define CDEV_BIND_OLD_BYTES 16

/* Whether the kernel has nodes of devices, of which one is @device's; else prints that. */
bool cdev_there(const char *device);

/*
 * Whether the kernel takes a token when a device is bound by its node, as from 6.17 on. @device is
 * on vfio-pci, is not open, and is left so.
 */
bool cdev_takes_tokens(const char *device);

/* Opens the node of a device, and does not bind it. Returns the descriptor. */
int cdev_node_open(const char *device);

/* Opens the node and an iommufd. */
int cdev_unbound_open(struct opened *opened, const char *device);

int cdev_bind(int device, struct cdev_bind bind);

/* Opens a device and attaches it to an address space; with a token, or without (NULL). */
int cdev_open(struct opened *opened, const char *device, const char *token);

/* Opens and closes a device. */
int cdev_try(const char *device, const char *token);

#endif /* VFIO_CDEV_H */
