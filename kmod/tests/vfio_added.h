/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * The items of vfio-added: what kmod/vfio-pci has beyond the kernel's vfio-pci. Each finds the PF
 * on vfio-pci and closed, and leaves it so. On a module that lacks the item some of its cases are
 * not as expected, and none ends the program.
 */

#ifndef VFIO_ADDED_H
#define VFIO_ADDED_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio_test.h"

/* Longest time of what has to come back, and time after which what should wait does so. */
#define RETURN_TIMEOUT_MS 10000
#define LACKING_TIMEOUT_MS 3000
#define BLOCKED_AFTER_MS 1500

/* A function without SR-IOV. */
extern const char *other;

/* The module is to lack the items: what takes long is left out once that has shown. */
extern bool lacks;

/* Opens the PF as the cases that follow expect it: with the token T1, which also the VFs have. */
void pf_open(struct opened *opened);

/* SET of VF @index's own token, or with @flags. */
int own_token_set(int device, unsigned int index, const char *token, unsigned int flags);

/* GET and SET of the feature PCI_PF_KEEP. GET returns the flags. */
int keep_get(int device);
int keep_set(int device, uint32_t flags);

/* Writes to sriov_numvfs; if it is blocked, closes @opened, which lets it end. */
int numvfs_write_bounded(const char *count, struct opened *opened);

/* A counter of a function's directory vf_token, or -errno. */
long counter(const char *device, const char *name);

/* Each returns how many cases were not as expected, or -1 if there are none to run here. */
int own_token_item(void);
int numvfs_item(void);
int no_hang_item(void);
int audit_item(void);
int keep_item(void);
int bypass_item(void);
int cdev_token_item(void);

#endif /* VFIO_ADDED_H */
