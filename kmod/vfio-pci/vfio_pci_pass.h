/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_PCI_PASS_H
#define VFIO_PCI_PASS_H

#include <linux/spinlock_types.h>
#include <linux/types.h>
#include <linux/uuid.h>

struct pid;

/*
 * A device is opened in one call of one thread, in which vfio first has the token checked and then
 * has the device opened. Except that kernels 6.6 to 6.16 leave the check out if it is opened
 * through /dev/vfio/devices. So the check leaves a pass behind, and what needs a token opens for
 * the thread that has one. The token may have changed since: it is in the pass, to be looked at
 * once more.
 */
struct vfio_pci_pass {
	/* The thread; NULL in an unused place. */
	struct pid *thread;
	bool has_token;
	uuid_t token;
};

/*
 * A pass is left over where the device was open already. The oldest one is then overwritten, so
 * the number is how many threads can be between check and opening of one device without loss.
 */
#define VFIO_PCI_PASSES 16

struct vfio_pci_passes {
	/* Protects what follows. The innermost lock. */
	spinlock_t lock;
	struct vfio_pci_pass pass[VFIO_PCI_PASSES];
	/* The place that is written next. */
	unsigned int next;
};

void vfio_pci_pass_init(struct vfio_pci_passes *passes);
void vfio_pci_pass_release(struct vfio_pci_passes *passes);

/* Gives the current thread a pass, in place of one that it may have. @token may be NULL. */
void vfio_pci_pass_give(struct vfio_pci_passes *passes, const uuid_t *token);

/*
 * Takes the current thread's pass from it. Returns whether there was one; then @pass, of which
 * @pass->thread is unset, holds a secret that the caller wipes.
 */
bool vfio_pci_pass_take(struct vfio_pci_passes *passes, struct vfio_pci_pass *pass);

#endif /* VFIO_PCI_PASS_H */
