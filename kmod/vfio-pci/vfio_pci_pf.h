/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What a PF knows of its VFs and of their users.
 */

#ifndef VFIO_PCI_PF_H
#define VFIO_PCI_PF_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/uuid.h>
#include <linux/wait.h>

struct vfio_pci_device;

/* A VF, as its PF sees it. */
struct vfio_pci_vf {
	/* The VF if it is bound to this driver, else NULL. */
	struct vfio_pci_device *vdev;
	/* It is being unbound. */
	bool leaving;
	bool open;
	/* It has a token of its own, which opens it in place of the PF's. */
	bool has_token;
	uuid_t token;
};

struct vfio_pci_pf {
	/* Protects what follows. Taken inside all of vfio's locks; inside it only the core's. */
	struct mutex lock;
	/* The PF's token. */
	uuid_t token;
	/* VFs on this driver that are open. */
	unsigned int users;
	/* The VFs are being removed: none of them can be opened any more. */
	bool removing;
	/*
	 * The PF is closed, and was left enabled for its VFs: see vfio_pci_keep.h. Changed under
	 * the lock of its device set as well, so that who holds that may just read it.
	 */
	bool kept;
	/* The reset of a kept PF is under way: VFs that are being opened wait for its end. */
	bool resetting;
	wait_queue_head_t reset_done;
	/* The most VFs that there can be; constant. */
	unsigned int total_vfs;
	struct vfio_pci_vf vfs[];
};

/* Sets vdev->pf of a PF with SR-IOV; nothing for other functions. Returns 0 or -ENOMEM. */
int vfio_pci_pf_init(struct vfio_pci_device *vdev);

/* Undoes vfio_pci_pf_init(), also if that failed or was not called. */
void vfio_pci_pf_release(struct vfio_pci_device *vdev);

/*
 * The PF of a VF if it is on this driver, else NULL. It stays for as long as the VF is bound: the
 * core sets the pointer when the VF is, and the PF removes its VFs before it goes.
 */
struct vfio_pci_device *vfio_pci_pf_of(const struct vfio_pci_device *vdev);

/* The VF @vdev as its PF, vfio_pci_pf_of(), knows it. */
struct vfio_pci_vf *vfio_pci_pf_vf(struct vfio_pci_device *vdev);

/* Of a VF: after it was registered; before it is unregistered; and thereafter. Others: nothing. */
void vfio_pci_pf_vf_bound(struct vfio_pci_device *vdev);
void vfio_pci_pf_vf_leaving(struct vfio_pci_device *vdev);
void vfio_pci_pf_vf_unbound(struct vfio_pci_device *vdev);

/*
 * The VF @vdev is about to be opened, and counts as open from here on. pf->lock is held, and may be
 * released for the time that the PF's reset takes. Returns 0, or -ENODEV if the VFs are going.
 */
int vfio_pci_pf_add_user(struct vfio_pci_device *vdev);

/* A VF is closed, or was not opened after all. Other functions: nothing. */
void vfio_pci_pf_remove_user(struct vfio_pci_device *vdev);

/*
 * Before the VFs of @vdev are removed: no VF can be opened from here on. Unless @wait, they have to
 * be unused: otherwise -EBUSY, after those that are in use were named in the log. What is still not
 * noticed is whoever opens /dev/vfio/devices of a VF, without more, after this.
 */
int vfio_pci_pf_begin_removal(struct vfio_pci_device *vdev, bool wait);
void vfio_pci_pf_end_removal(struct vfio_pci_device *vdev);

/* Forgets the VFs' own tokens. */
void vfio_pci_pf_clear_tokens(struct vfio_pci_device *vdev);

#endif /* VFIO_PCI_PF_H */
