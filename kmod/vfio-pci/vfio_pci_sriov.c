// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * VFs of a PF that a process drives. No driver of the host may take such a VF by itself: it would
 * trust a PF that any process with the right to open it controls. So each new VF is reserved for
 * this driver, and an administrator who wants another one has to say so.
 */

#include <linux/device.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_sriov.h"

static void sriov_capture(struct pci_dev *pf, struct pci_dev *vf)
{
	int ret = compat_driver_override(vf, VFIO_PCI_DRIVER_NAME);

	if (ret)
		pci_err(pf, "VF %s not captured: setting its driver_override failed (%d)\n",
			pci_name(vf), ret);
	else
		pci_info(pf, "VF %s captured by its driver_override\n", pci_name(vf));
}

/*
 * Called when a VF appears, under the device_lock() of its PF, which cannot change its driver then;
 * and when a VF was bound, under the device_lock() of the VF. In the second case the PF may be on
 * its way out, and only the pointer to its driver is compared.
 */
static int sriov_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pci_dev *vf = to_pci_dev(data);
	struct device_driver *driver;
	struct pci_dev *pf;

	if (!vf->is_virtfn)
		return NOTIFY_DONE;
	pf = pci_physfn(vf);
	if (READ_ONCE(pf->dev.driver) != &vfio_pci_driver.driver)
		return NOTIFY_DONE;

	if (action == BUS_NOTIFY_ADD_DEVICE) {
		sriov_capture(pf, vf);
	} else if (action == BUS_NOTIFY_BOUND_DRIVER) {
		driver = vf->dev.driver;
		if (driver && driver != &vfio_pci_driver.driver)
			pci_warn(pf, "VF %s bound to driver %s, which trusts the user of this PF\n",
					pci_name(vf), driver->name);
	}
	return NOTIFY_DONE;
}

static struct notifier_block sriov_notifier = {
	.notifier_call = sriov_notify,
};

int vfio_pci_sriov_register(void)
{
	return bus_register_notifier(&pci_bus_type, &sriov_notifier);
}

void vfio_pci_sriov_unregister(void)
{
	bus_unregister_notifier(&pci_bus_type, &sriov_notifier);
}

void vfio_pci_sriov_init(struct vfio_pci_device *vdev)
{
	/*
	 * The core watches the bus for each of its PFs, and would report each VF a second time.
	 * That it does not find its notifier when it unregisters the device has no effect. No VF
	 * can appear before: that takes the device_lock(), which is held while the PF is probed.
	 */
	if (vdev->core.pdev->is_physfn)
		bus_unregister_notifier(&pci_bus_type, &vdev->core.nb);
}

int vfio_pci_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	return vfio_pci_core_sriov_configure(dev_get_drvdata(&pdev->dev), nr_virtfn);
}
