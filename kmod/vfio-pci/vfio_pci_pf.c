// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <linux/pci.h>
#include <linux/refcount.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/wait.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_pf.h"

int vfio_pci_pf_init(struct vfio_pci_device *vdev)
{
	struct pci_dev *pdev = vdev->core.pdev;
	struct vfio_pci_pf *pf;
	int total_vfs;

	if (!pdev->is_physfn)
		return 0;

	total_vfs = pci_sriov_get_totalvfs(pdev);
	pf = kvzalloc(struct_size(pf, vfs, total_vfs), GFP_KERNEL);
	if (!pf)
		return -ENOMEM;
	mutex_init(&pf->lock);
	init_waitqueue_head(&pf->reset_done);
	pf->total_vfs = total_vfs;
	/* The core draws another one for its copy. Nobody knows either: no matter. */
	uuid_gen(&pf->token);
	vdev->pf = pf;
	return 0;
}

void vfio_pci_pf_release(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vdev->pf;

	if (!pf)
		return;
	WARN_ON(pf->users || pf->kept);
	vdev->pf = NULL;
	mutex_destroy(&pf->lock);
	memzero_explicit(pf, struct_size(pf, vfs, pf->total_vfs));
	kvfree(pf);
}

struct vfio_pci_device *vfio_pci_pf_of(const struct vfio_pci_device *vdev)
{
	struct vfio_pci_core_device *pf = vdev->core.sriov_pf_core_dev;

	if (!pf || pf->vdev.ops != &vfio_pci_ops)
		return NULL;
	return to_vfio_pci_device(&pf->vdev);
}

struct vfio_pci_vf *vfio_pci_pf_vf(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vfio_pci_pf_of(vdev)->pf;
	int index = pci_iov_vf_id(vdev->core.pdev);

	/* The number of VFs is checked when they are made. */
	if (WARN_ON(index < 0 || index >= pf->total_vfs))
		index = 0;
	return &pf->vfs[index];
}

void vfio_pci_pf_vf_bound(struct vfio_pci_device *vdev)
{
	struct vfio_pci_device *pf_vdev = vfio_pci_pf_of(vdev);

	if (!pf_vdev)
		return;
	mutex_lock(&pf_vdev->pf->lock);
	vfio_pci_pf_vf(vdev)->vdev = vdev;
	mutex_unlock(&pf_vdev->pf->lock);
}

void vfio_pci_pf_vf_leaving(struct vfio_pci_device *vdev)
{
	struct vfio_pci_device *pf_vdev = vfio_pci_pf_of(vdev);

	if (!pf_vdev)
		return;
	mutex_lock(&pf_vdev->pf->lock);
	vfio_pci_pf_vf(vdev)->leaving = true;
	mutex_unlock(&pf_vdev->pf->lock);
}

void vfio_pci_pf_vf_unbound(struct vfio_pci_device *vdev)
{
	struct vfio_pci_device *pf_vdev = vfio_pci_pf_of(vdev);
	struct vfio_pci_vf *vf;

	if (!pf_vdev)
		return;
	vf = vfio_pci_pf_vf(vdev);
	mutex_lock(&pf_vdev->pf->lock);
	vf->vdev = NULL;
	vf->leaving = false;
	mutex_unlock(&pf_vdev->pf->lock);
}

int vfio_pci_pf_add_user(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vfio_pci_pf_of(vdev)->pf;
	struct vfio_pci_vf *vf = vfio_pci_pf_vf(vdev);

	lockdep_assert_held(&pf->lock);

	/* A reset of the PF resets its VFs. It takes about a second, and waits for no VF. */
	while (pf->resetting) {
		mutex_unlock(&pf->lock);
		wait_event(pf->reset_done, !READ_ONCE(pf->resetting));
		mutex_lock(&pf->lock);
	}
	if (pf->removing)
		return -ENODEV;
	vf->vdev = vdev;
	vf->open = true;
	pf->users++;
	return 0;
}

void vfio_pci_pf_remove_user(struct vfio_pci_device *vdev)
{
	struct vfio_pci_device *pf_vdev = vfio_pci_pf_of(vdev);
	struct vfio_pci_pf *pf;

	if (!pf_vdev)
		return;
	pf = pf_vdev->pf;
	mutex_lock(&pf->lock);
	vfio_pci_pf_vf(vdev)->open = false;
	if (!WARN_ON(!pf->users) && !--pf->users && pf->kept)
		vfio_pci_keep_schedule_reset(pf_vdev);
	mutex_unlock(&pf->lock);
}

/*
 * Names the VFs on this driver that cannot be removed at once. Each descriptor of a device is a
 * reference, and so is its being registered. One of /dev/vfio/devices is, even before the device is
 * opened by it.
 */
static bool pf_report_users(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vdev->pf;
	struct pci_dev *pdev = vdev->core.pdev;
	struct vfio_device *core_vdev;
	struct vfio_pci_vf *vf;
	bool found = false;
	unsigned int i;

	for (i = 0; i < pf->total_vfs; i++) {
		vf = &pf->vfs[i];
		if (!vf->vdev)
			continue;
		core_vdev = &vf->vdev->core.vdev;
		if (vf->open)
			pci_warn(pdev, "VFs not removed: VF %s is open, and has to be closed first\n",
					pci_name(vf->vdev->core.pdev));
		else if (refcount_read(&core_vdev->refcount) > (vf->leaving ? 0 : 1))
			pci_warn(pdev,
				"VFs not removed: VF %s is held by a descriptor of /dev/vfio/devices/%s\n",
				pci_name(vf->vdev->core.pdev), dev_name(&core_vdev->device));
		else
			continue;
		found = true;
	}
	return found;
}

int vfio_pci_pf_begin_removal(struct vfio_pci_device *vdev, bool wait)
{
	struct vfio_pci_pf *pf = vdev->pf;
	int ret = 0;

	mutex_lock(&pf->lock);
	if (!wait) {
		if (pf_report_users(vdev)) {
			ret = -EBUSY;
		} else if (compat_core_check_token(&vdev->core, NULL) == -EACCES) {
			/* The core counts the VFs on all vfio drivers, and ours have no users. */
			pci_warn(vdev->core.pdev,
				"VFs not removed: one on another vfio driver is open, and has to be closed first\n");
			ret = -EBUSY;
		}
	}
	if (!ret)
		pf->removing = true;
	mutex_unlock(&pf->lock);
	return ret;
}

void vfio_pci_pf_end_removal(struct vfio_pci_device *vdev)
{
	mutex_lock(&vdev->pf->lock);
	vdev->pf->removing = false;
	mutex_unlock(&vdev->pf->lock);
}

void vfio_pci_pf_clear_tokens(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vdev->pf;
	unsigned int i;

	mutex_lock(&pf->lock);
	for (i = 0; i < pf->total_vfs; i++) {
		pf->vfs[i].has_token = false;
		memzero_explicit(&pf->vfs[i].token, sizeof(pf->vfs[i].token));
	}
	mutex_unlock(&pf->lock);
}
