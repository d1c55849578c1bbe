// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/spinlock.h>
#include <linux/string.h>

#include "vfio_pci_pass.h"

static void pass_wipe(struct vfio_pci_pass *pass)
{
	put_pid(pass->thread);
	memzero_explicit(pass, sizeof(*pass));
}

/* Returns the place of the current thread's pass, or NULL. */
static struct vfio_pci_pass *pass_find(struct vfio_pci_passes *passes)
{
	struct pid *thread = task_pid(current);
	unsigned int i;

	lockdep_assert_held(&passes->lock);

	for (i = 0; i < VFIO_PCI_PASSES; i++)
		if (passes->pass[i].thread == thread)
			return &passes->pass[i];
	return NULL;
}

void vfio_pci_pass_init(struct vfio_pci_passes *passes)
{
	spin_lock_init(&passes->lock);
}

void vfio_pci_pass_release(struct vfio_pci_passes *passes)
{
	unsigned int i;

	for (i = 0; i < VFIO_PCI_PASSES; i++)
		pass_wipe(&passes->pass[i]);
}

void vfio_pci_pass_give(struct vfio_pci_passes *passes, const uuid_t *token)
{
	struct vfio_pci_pass *pass;

	spin_lock(&passes->lock);
	pass = pass_find(passes);
	if (pass)
		pass_wipe(pass);
	/* Not in the old place, which may be the next to be overwritten. */
	pass = &passes->pass[passes->next];
	passes->next = (passes->next + 1) % VFIO_PCI_PASSES;
	pass_wipe(pass);
	pass->thread = get_pid(task_pid(current));
	if (token) {
		pass->has_token = true;
		uuid_copy(&pass->token, token);
	}
	spin_unlock(&passes->lock);
}

bool vfio_pci_pass_take(struct vfio_pci_passes *passes, struct vfio_pci_pass *pass)
{
	struct vfio_pci_pass *found;

	spin_lock(&passes->lock);
	found = pass_find(passes);
	if (found) {
		*pass = *found;
		pass->thread = NULL;
		pass_wipe(found);
	}
	spin_unlock(&passes->lock);
	return found;
}
