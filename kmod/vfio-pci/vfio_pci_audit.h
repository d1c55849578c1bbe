/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef VFIO_PCI_AUDIT_H
#define VFIO_PCI_AUDIT_H

#include <linux/atomic.h>
#include <linux/ratelimit_types.h>
#include <linux/sysfs.h>

struct vfio_pci_device;

/* Why an open was refused. The names of the counters are in vfio_pci_audit.c. */
enum vfio_pci_refusal {
	/* A token is needed, and none was given. */
	VFIO_PCI_NO_TOKEN,
	VFIO_PCI_WRONG_TOKEN,
	/* A token was given where there is none. */
	VFIO_PCI_NOT_APPLICABLE,
	/* What follows the device's name is not one token. */
	VFIO_PCI_MALFORMED,
	/* A token is needed, and the way of opening lacks the step that takes it. */
	VFIO_PCI_NO_MATCH,
	VFIO_PCI_REFUSALS,
};

struct vfio_pci_audit {
	atomic64_t refused[VFIO_PCI_REFUSALS];
	atomic64_t opens;
	/* For each device its own, so that nobody can hide refusals of another device. */
	struct ratelimit_state ratelimit;
};

/* The counters, as the directory vf_token of each PF with SR-IOV and each VF. */
extern const struct attribute_group *vfio_pci_audit_groups[];

void vfio_pci_audit_init(struct vfio_pci_device *vdev);

/*
 * Counts an open that is refused to the current task, and logs it with the task's name, but never
 * the token. Returns what the open is refused with: -EACCES or -EINVAL.
 */
int vfio_pci_audit_refuse(struct vfio_pci_device *vdev, enum vfio_pci_refusal refusal);

/* Counts an open that succeeded. */
void vfio_pci_audit_open(struct vfio_pci_device *vdev);

#endif /* VFIO_PCI_AUDIT_H */
