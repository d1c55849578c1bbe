// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <linux/pci.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_vf.h>

#include "vfio_pci.h"
#include "vfio_pci_feature.h"
#include "vfio_pci_pf.h"
#include "vfio_pci_sriov.h"
#include "vfio_pci_token.h"

#define FEATURE_GET_SET (VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET)

static int own_token_get(struct vfio_pci_device *vdev,
		struct vfio_device_feature_pci_vf_own_token *own)
{
	struct vfio_pci_pf *pf = vdev->pf;
	struct vfio_pci_vf *vf;
	int ret = -ERANGE;

	own->flags = 0;
	memset(own->token, 0, sizeof(own->token));

	mutex_lock(&pf->lock);
	if (own->vf < pf->total_vfs && own->vf < pci_num_vf(vdev->core.pdev)) {
		vf = &pf->vfs[own->vf];
		if (vf->has_token)
			own->flags |= VFIO_PCI_VF_OWN_TOKEN_PRESENT;
		if (vf->open)
			own->flags |= VFIO_PCI_VF_OPEN;
		ret = 0;
	}
	mutex_unlock(&pf->lock);
	return ret;
}

static int own_token_set(struct vfio_pci_device *vdev,
		const struct vfio_device_feature_pci_vf_own_token *own)
{
	uuid_t uuid;
	int ret;

	if (own->flags & ~VFIO_PCI_VF_OWN_TOKEN_CLEAR)
		return -EINVAL;
	if (own->flags & VFIO_PCI_VF_OWN_TOKEN_CLEAR) {
		if (memchr_inv(own->token, 0, sizeof(own->token)))
			return -EINVAL;
		return vfio_pci_token_set_own(vdev, own->vf, NULL);
	}

	static_assert(sizeof(own->token) == sizeof(uuid));
	import_uuid(&uuid, own->token);
	ret = vfio_pci_token_set_own(vdev, own->vf, &uuid);
	memzero_explicit(&uuid, sizeof(uuid));
	return ret;
}

static int feature_own_token(struct vfio_pci_device *vdev, u32 flags, void __user *arg,
		size_t argsz)
{
	struct vfio_device_feature_pci_vf_own_token own;
	int ret;

	ret = vfio_check_feature(flags, argsz, FEATURE_GET_SET, sizeof(own));
	if (ret != 1)
		return ret;

	if (copy_from_user(&own, arg, sizeof(own))) {
		ret = -EFAULT;
	} else if (own.reserved) {
		ret = -EINVAL;
	} else if (flags & VFIO_DEVICE_FEATURE_SET) {
		ret = own_token_set(vdev, &own);
	} else {
		ret = own_token_get(vdev, &own);
		if (!ret && copy_to_user(arg, &own, sizeof(own)))
			ret = -EFAULT;
	}
	memzero_explicit(&own, sizeof(own));
	return ret;
}

static int feature_num_vfs(struct vfio_pci_device *vdev, u32 flags, void __user *arg, size_t argsz)
{
	struct vfio_device_feature_pci_num_vfs num;
	struct pci_dev *pdev = vdev->core.pdev;
	int ret;

	if (!READ_ONCE(vfio_pci_numvfs_by_fd))
		return -ENOTTY;

	ret = vfio_check_feature(flags, argsz, FEATURE_GET_SET, sizeof(num));
	if (ret != 1)
		return ret;

	if (copy_from_user(&num, arg, sizeof(num)))
		return -EFAULT;
	if (num.reserved)
		return -EINVAL;
	if (flags & VFIO_DEVICE_FEATURE_SET)
		return vfio_pci_sriov_request(vdev, num.num_vfs);

	num.num_vfs = pci_num_vf(pdev);
	num.total_vfs = pci_sriov_get_totalvfs(pdev);
	return copy_to_user(arg, &num, sizeof(num)) ? -EFAULT : 0;
}

static int feature_pf_keep(struct vfio_pci_device *vdev, u32 flags, void __user *arg, size_t argsz)
{
	struct vfio_device_feature_pci_pf_keep keep;
	int ret;

	/* There the core ties an open PF to the virtual machine that has it. */
	if (IS_ENABLED(CONFIG_VFIO_PCI_ZDEV_KVM))
		return -ENOTTY;

	ret = vfio_check_feature(flags, argsz, FEATURE_GET_SET, sizeof(keep));
	if (ret != 1)
		return ret;

	if (copy_from_user(&keep, arg, sizeof(keep)))
		return -EFAULT;
	if (keep.reserved)
		return -EINVAL;
	if (flags & VFIO_DEVICE_FEATURE_SET) {
		if (keep.flags & ~VFIO_PCI_PF_KEEP)
			return -EINVAL;
		WRITE_ONCE(vdev->keep.wanted, keep.flags & VFIO_PCI_PF_KEEP);
		WRITE_ONCE(vdev->keep.untouched, false);
		return 0;
	}

	keep.flags = READ_ONCE(vdev->keep.wanted) ? VFIO_PCI_PF_KEEP : 0;
	if (READ_ONCE(vdev->keep.reopened))
		keep.flags |= VFIO_PCI_PF_REOPENED;
	return copy_to_user(arg, &keep, sizeof(keep)) ? -EFAULT : 0;
}

static int feature_of_pf(struct vfio_pci_device *vdev, u32 flags, void __user *arg, size_t argsz)
{
	if (!vdev->pf)
		return -ENOTTY;

	switch (flags & VFIO_DEVICE_FEATURE_MASK) {
	case VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN:
		return feature_own_token(vdev, flags, arg, argsz);
	case VFIO_DEVICE_FEATURE_PCI_NUM_VFS:
		return feature_num_vfs(vdev, flags, arg, argsz);
	default:
		return feature_pf_keep(vdev, flags, arg, argsz);
	}
}

int vfio_pci_feature(struct vfio_device *core_vdev, u32 flags, void __user *arg, size_t argsz)
{
	switch (flags & VFIO_DEVICE_FEATURE_MASK) {
	case VFIO_DEVICE_FEATURE_PCI_VF_TOKEN:
		return vfio_pci_token_feature(core_vdev, flags, arg, argsz);
	case VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN:
	case VFIO_DEVICE_FEATURE_PCI_NUM_VFS:
	case VFIO_DEVICE_FEATURE_PCI_PF_KEEP:
		return feature_of_pf(to_vfio_pci_device(core_vdev), flags, arg, argsz);
	default:
		return vfio_pci_core_ioctl_feature(core_vdev, flags, arg, argsz);
	}
}
