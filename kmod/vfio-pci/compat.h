/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What differs between the kernels that this builds for, 6.1 to 7.2. The HAVE_ macros come from
 * compat.mk, which looks for the interface in the kernel's headers.
 */

#ifndef VFIO_PCI_COMPAT_H
#define VFIO_PCI_COMPAT_H

#include <linux/device.h>
#include <linux/kernel.h>
#include <linux/pci.h>
#include <linux/pci_ids.h>
#include <linux/string.h>
#include <linux/uuid.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

/* Not every kernel names the devices that are on the denylist. */
#ifndef PCI_DEVICE_ID_INTEL_DSA_SPR0
#define PCI_DEVICE_ID_INTEL_DSA_SPR0	0x0b25
#endif
#ifndef PCI_DEVICE_ID_INTEL_IAX_SPR0
#define PCI_DEVICE_ID_INTEL_IAX_SPR0	0x0cfe
#endif

/* The override moved from the PCI device to the device, and stable branches followed. */
static inline int compat_driver_override(struct pci_dev *pdev, const char *driver)
{
#ifdef HAVE_DEVICE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, driver);
#else
	return driver_set_override(&pdev->dev, &pdev->driver_override, driver, strlen(driver));
#endif
}

/*
 * The core's own answer to a token, or to none (@uuid is NULL): 0 or -errno. Of a PF without VFs in
 * use, the core takes the token over. Before 6.17 it takes a token only from a match string.
 */
static inline int compat_core_check_token(struct vfio_pci_core_device *core, const uuid_t *uuid)
{
#ifdef HAVE_OPS_MATCH_TOKEN_UUID
	return vfio_pci_core_match_token_uuid(&core->vdev, uuid);
#else
	/* A domain has at most 8 digits: "xxxxxxxx:xx:xx.x vf_token=UUID". */
	char text[sizeof("01234567:89:ab.c vf_token=") + UUID_STRING_LEN];
	int ret;

	if (uuid)
		snprintf(text, sizeof(text), "%s vf_token=%pUb", pci_name(core->pdev), uuid);
	else
		strscpy(text, pci_name(core->pdev), sizeof(text));
	ret = vfio_pci_core_match(&core->vdev, text);
	memzero_explicit(text, sizeof(text));
	if (ret < 0)
		return ret;
	return WARN_ON_ONCE(!ret) ? -ENODEV : 0;
#endif
}

/* Parameters of the core, for all devices; newer cores have them for each device. */
static inline void compat_set_params(bool nointxmask, bool disable_vga, bool disable_idle_d3)
{
#ifdef HAVE_CORE_SET_PARAMS
	vfio_pci_core_set_params(nointxmask, disable_vga, disable_idle_d3);
#endif
}

static inline void compat_set_device_params(struct vfio_pci_core_device *core, bool nointxmask,
		bool disable_vga, bool disable_idle_d3)
{
#ifndef HAVE_CORE_SET_PARAMS
	core->nointxmask = nointxmask;
	core->disable_vga = disable_vga;
	core->disable_idle_d3 = disable_idle_d3;
#endif
}

/* Newer cores share a device's memory as dma-bufs, if its driver says where that lies. */
static inline void compat_set_dmabuf_ops(struct vfio_pci_core_device *core)
{
#ifdef HAVE_CORE_DMABUF_OPS
	static const struct vfio_pci_device_ops ops = {
		.get_dmabuf_phys = vfio_pci_core_get_dmabuf_phys,
	};

	core->pci_ops = &ops;
#endif
}

/* Whether other drivers have been given the device's memory. */
static inline bool compat_has_dmabufs(struct vfio_pci_core_device *core)
{
	bool found = false;

#ifdef HAVE_CORE_DMABUFS
	down_read(&core->memory_lock);
	found = !list_empty(&core->dmabufs);
	up_read(&core->memory_lock);
#endif
	return found;
}

/* Whether the kernel's vfio-pci looks for an OpRegion in an Intel device of this class. */
static inline bool compat_may_have_opregion(struct pci_dev *pdev)
{
#ifdef HAVE_OPREGION_OF_ANY_DISPLAY
	return pdev->class >> 16 == PCI_BASE_CLASS_DISPLAY;
#else
	return pdev->class >> 8 == PCI_CLASS_DISPLAY_VGA;
#endif
}

/*
 * Making and removing VFs takes PCI's rescan and remove lock. Whose task that is has changed twice:
 * nobody's, that of the functions that add and remove VFs, and now that of their callers. The
 * headers do not show it, and locking twice is a deadlock, so the lock is taken on the kernels that
 * are known to want it from the caller. On others it is as it was there: PCI's hotplug and the
 * number of VFs are not to be changed at the same time.
 */
static inline void compat_lock_rescan_remove(void)
{
#ifdef HAVE_SRIOV_CALLER_LOCKS
	pci_lock_rescan_remove();
#endif
}

static inline void compat_unlock_rescan_remove(void)
{
#ifdef HAVE_SRIOV_CALLER_LOCKS
	pci_unlock_rescan_remove();
#endif
}

/* Operations that the core itself carries out; 6.1 has none of them. */
#ifdef HAVE_OPS_IOMMUFD
#define COMPAT_OPS_IOMMUFD				\
	.bind_iommufd	= vfio_iommufd_physical_bind,	\
	.unbind_iommufd	= vfio_iommufd_physical_unbind,	\
	.attach_ioas	= vfio_iommufd_physical_attach_ioas,
#else
#define COMPAT_OPS_IOMMUFD
#endif

#ifdef HAVE_OPS_DETACH_IOAS
#define COMPAT_OPS_DETACH_IOAS				\
	.detach_ioas	= vfio_iommufd_physical_detach_ioas,
#else
#define COMPAT_OPS_DETACH_IOAS
#endif

#ifdef HAVE_OPS_PASID
#define COMPAT_OPS_PASID						\
	.pasid_attach_ioas = vfio_iommufd_physical_pasid_attach_ioas,	\
	.pasid_detach_ioas = vfio_iommufd_physical_pasid_detach_ioas,
#else
#define COMPAT_OPS_PASID
#endif

#ifdef HAVE_OPS_REGION_INFO_CAPS
#define COMPAT_OPS_REGION_INFO				\
	.get_region_info_caps = vfio_pci_ioctl_get_region_info,
#else
#define COMPAT_OPS_REGION_INFO
#endif

#ifdef HAVE_OPS_MATCH_TOKEN_UUID
#define COMPAT_OPS_MATCH_TOKEN_UUID	.match_token_uuid = vfio_pci_token_check,
#else
#define COMPAT_OPS_MATCH_TOKEN_UUID
#endif

#endif /* VFIO_PCI_COMPAT_H */
