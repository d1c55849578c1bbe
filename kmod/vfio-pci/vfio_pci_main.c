// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * A vfio-pci that takes the place of the kernel's: the same module, driver and parameter names and
 * the same interface to userspace, on the kernel's own vfio-pci-core.
 */

#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/vfio.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_audit.h"
#include "vfio_pci_feature.h"
#include "vfio_pci_keep.h"
#include "vfio_pci_pass.h"
#include "vfio_pci_pf.h"
#include "vfio_pci_sriov.h"
#include "vfio_pci_token.h"

/* Where the firmware leaves the address of the OpRegion of Intel graphics. */
#define IGD_OPREGION_ADDRESS 0xfc

static char ids[1024] __initdata;
module_param_string(ids, ids, sizeof(ids), 0);
MODULE_PARM_DESC(ids,
	"vendor:device[:subvendor[:subdevice[:class[:class_mask]]]],... to take from the start");

static bool nointxmask;
module_param(nointxmask, bool, 0644);
MODULE_PARM_DESC(nointxmask, "Do not mask INTx by the PCI 2.3 bit, for devices with a broken one");

#ifdef CONFIG_VFIO_PCI_VGA
static bool disable_vga;
module_param(disable_vga, bool, 0444);
MODULE_PARM_DESC(disable_vga, "No access to legacy VGA resources");
#else
static const bool disable_vga = true;
#endif

static bool disable_idle_d3;
module_param(disable_idle_d3, bool, 0644);
MODULE_PARM_DESC(disable_idle_d3, "Do not put unused devices into D3");

bool vfio_pci_enable_sriov;
#ifdef CONFIG_PCI_IOV
module_param_named(enable_sriov, vfio_pci_enable_sriov, bool, 0644);
MODULE_PARM_DESC(enable_sriov,
	"Let sriov_numvfs make VFs; they may need the process that drives their PF to work");
#endif

static bool disable_denylist;
module_param(disable_denylist, bool, 0444);
MODULE_PARM_DESC(disable_denylist, "Take devices by whose errata a user can harm the host");

/* The kernel's vfio-pci does not have these. */
bool vfio_pci_wait_for_vfs;
bool vfio_pci_numvfs_by_fd;
#ifdef CONFIG_PCI_IOV
module_param_named(wait_for_vfs, vfio_pci_wait_for_vfs, bool, 0644);
MODULE_PARM_DESC(wait_for_vfs,
	"Let writing 0 to sriov_numvfs wait for VFs in use, as the kernel's vfio-pci does, not fail");
module_param_named(numvfs_by_fd, vfio_pci_numvfs_by_fd, bool, 0644);
MODULE_PARM_DESC(numvfs_by_fd,
	"Let the user of a PF set the number of its VFs by VFIO_DEVICE_FEATURE, with enable_sriov");
#endif

/* Devices with errata that make them unsafe in the hands of an untrusted user. */
static const struct pci_device_id denylist[] = {
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C3XXX) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C3XXX_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C62X) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_C62X_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_DH895XCC) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_QAT_DH895XCC_VF) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_DSA_SPR0) },
	{ PCI_VDEVICE(INTEL, PCI_DEVICE_ID_INTEL_IAX_SPR0) },
	{}
};

static int check_denylist(struct pci_dev *pdev)
{
	if (!pci_match_id(denylist, pdev))
		return 0;
	if (disable_denylist) {
		pci_warn(pdev, "taken although on the denylist (disable_denylist)\n");
		return 0;
	}
	pci_warn(pdev, "not taken: on the denylist, as its user could harm the host\n");
	return -EINVAL;
}

/*
 * The kernel's vfio-pci gives users of Intel graphics the firmware's OpRegion and the registers of
 * two bridges as regions of their own, and this one does not. Where there is an OpRegion the device
 * is refused, so that a guest does not find its display dead without a reason.
 */
static int check_igd(struct pci_dev *pdev)
{
	u32 opregion;

	if (!IS_ENABLED(CONFIG_VFIO_PCI_IGD) || pdev->vendor != PCI_VENDOR_ID_INTEL ||
			!compat_may_have_opregion(pdev))
		return 0;
	if (pci_read_config_dword(pdev, IGD_OPREGION_ADDRESS, &opregion) || !opregion || !~opregion)
		return 0;
	pci_err(pdev, "not taken: its OpRegion needs the kernel's own vfio-pci\n");
	return -EOPNOTSUPP;
}

static int vfio_pci_init_dev(struct vfio_device *core_vdev)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);
	int ret;

	compat_set_device_params(&vdev->core, nointxmask, disable_vga, disable_idle_d3);
	compat_set_dmabuf_ops(&vdev->core);
	ret = vfio_pci_core_init_dev(core_vdev);
	if (ret)
		return ret;

	vfio_pci_audit_init(vdev);
	vfio_pci_pass_init(&vdev->passes);
	vfio_pci_keep_init(vdev);

	ret = vfio_pci_pf_init(vdev);
	if (ret)
		goto release_core;
	return 0;

release_core:
	vfio_pci_core_release_dev(core_vdev);
	return ret;
}

static void vfio_pci_release_dev(struct vfio_device *core_vdev)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);

	vfio_pci_pf_release(vdev);
	vfio_pci_pass_release(&vdev->passes);
	vfio_pci_core_release_dev(core_vdev);
}

static int vfio_pci_open_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);
	int ret;

	/* First, so that the VF is in use before its PF can look whether it is. */
	ret = vfio_pci_token_admit(vdev);
	if (ret)
		return ret;
	ret = vfio_pci_keep_open(vdev);
	if (ret) {
		vfio_pci_pf_remove_user(vdev);
		return ret;
	}
	vfio_pci_audit_open(vdev);
	return 0;
}

static void vfio_pci_close_device(struct vfio_device *core_vdev)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);

	vfio_pci_keep_close(vdev);
	vfio_pci_pf_remove_user(vdev);
}

static long vfio_pci_ioctl(struct vfio_device *core_vdev, unsigned int cmd, unsigned long arg)
{
	int ret = vfio_pci_keep_check_ioctl(to_vfio_pci_device(core_vdev), cmd);

	return ret ?: vfio_pci_core_ioctl(core_vdev, cmd, arg);
}

/* DPDK compares this name with the driver's. */
const struct vfio_device_ops vfio_pci_ops = {
	.name		= VFIO_PCI_DRIVER_NAME,
	.init		= vfio_pci_init_dev,
	.release	= vfio_pci_release_dev,
	.open_device	= vfio_pci_open_device,
	.close_device	= vfio_pci_close_device,
	.ioctl		= vfio_pci_ioctl,
	.device_feature	= vfio_pci_feature,
	.read		= vfio_pci_core_read,
	.write		= vfio_pci_core_write,
	.mmap		= vfio_pci_core_mmap,
	.request	= vfio_pci_core_request,
	.match		= vfio_pci_token_match,
	COMPAT_OPS_IOMMUFD
	COMPAT_OPS_DETACH_IOAS
	COMPAT_OPS_PASID
	COMPAT_OPS_REGION_INFO
	COMPAT_OPS_MATCH_TOKEN_UUID
};

static int vfio_pci_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct vfio_pci_device *vdev;
	int ret;

	ret = check_denylist(pdev);
	if (ret)
		return ret;
	ret = check_igd(pdev);
	if (ret)
		return ret;

	vdev = vfio_alloc_device(vfio_pci_device, core.vdev, &pdev->dev, &vfio_pci_ops);
	if (IS_ERR(vdev))
		return PTR_ERR(vdev);

	dev_set_drvdata(&pdev->dev, &vdev->core);
	ret = vfio_pci_core_register_device(&vdev->core);
	if (ret)
		goto put_device;
	vfio_pci_sriov_init(vdev);
	vfio_pci_pf_vf_bound(vdev);
	return 0;

put_device:
	dev_set_drvdata(&pdev->dev, NULL);
	vfio_put_device(&vdev->core.vdev);
	return ret;
}

/* Waits until the device and its VFs are closed, after asking their users for it. */
static void vfio_pci_remove(struct pci_dev *pdev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);
	struct vfio_pci_device *vdev = to_vfio_pci_device(&core->vdev);

	if (vdev->pf)
		vfio_pci_pf_begin_removal(vdev, true);
	vfio_pci_pf_vf_leaving(vdev);
	vfio_pci_core_unregister_device(core);
	vfio_pci_pf_vf_unbound(vdev);
	vfio_pci_keep_finish(vdev);
	vfio_put_device(&core->vdev);
}

static const struct pci_device_id vfio_pci_table[] = {
	/* Every device, but only one that asks for this driver by its driver_override. */
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_ANY_ID, PCI_ANY_ID) },
	{}
};
MODULE_DEVICE_TABLE(pci, vfio_pci_table);

struct pci_driver vfio_pci_driver = {
	.name			= VFIO_PCI_DRIVER_NAME,
	.id_table		= vfio_pci_table,
	.probe			= vfio_pci_probe,
	.remove			= vfio_pci_remove,
	.sriov_configure	= vfio_pci_sriov_configure,
	.dev_groups		= vfio_pci_audit_groups,
	.err_handler		= &vfio_pci_core_err_handlers,
	.driver_managed_dma	= true,
};

/* One entry of the parameter ids. A bad one is reported and left out. */
static void __init add_id(const char *entry)
{
	unsigned int vendor, device, subvendor = PCI_ANY_ID, subdevice = PCI_ANY_ID;
	unsigned int class = 0, class_mask = 0;
	int ret;

	if (sscanf(entry, "%x:%x:%x:%x:%x:%x", &vendor, &device, &subvendor, &subdevice, &class,
			&class_mask) < 2) {
		pr_warn("ids: \"%s\" is not vendor:device[:...]\n", entry);
		return;
	}
	ret = pci_add_dynid(&vfio_pci_driver, vendor, device, subvendor, subdevice, class,
			class_mask, 0);
	if (ret)
		pr_warn("ids: %s cannot be added (%d)\n", entry, ret);
	else
		pr_info("ids: devices %04x:%04x[%04x:%04x] of class %#08x/%08x are taken\n", vendor,
			device, subvendor, subdevice, class, class_mask);
}

static void __init add_ids(void)
{
	char *rest = ids, *entry;

	while ((entry = strsep(&rest, ",")))
		if (*entry)
			add_id(entry);
}

static int __init vfio_pci_module_init(void)
{
	int ret;

	compat_set_params(nointxmask, disable_vga, disable_idle_d3);

	ret = vfio_pci_sriov_register();
	if (ret)
		return ret;
	ret = pci_register_driver(&vfio_pci_driver);
	if (ret)
		goto unregister_sriov;
	add_ids();
	if (disable_denylist)
		pr_warn("the denylist of devices is not in force\n");
	return 0;

unregister_sriov:
	vfio_pci_sriov_unregister();
	return ret;
}
module_init(vfio_pci_module_init);

static void __exit vfio_pci_module_exit(void)
{
	pci_unregister_driver(&vfio_pci_driver);
	vfio_pci_sriov_unregister();
}
module_exit(vfio_pci_module_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The dpdk-sriov authors");
MODULE_DESCRIPTION("vfio-pci with VF tokens and SR-IOV, on the kernel's vfio-pci-core");
MODULE_VERSION("0.1.0");
