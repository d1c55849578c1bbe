/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef I82576_PCI_H
#define I82576_PCI_H

#include <bus_pci_driver.h>
#include <rte_common.h>
#include <rte_devargs.h>
#include <rte_kvargs.h>
#include <rte_version.h>

#define I82576_PCI_VENDOR	0x8086
#define I82576_PCI_DEVICE_PF	0x10c9
#define I82576_PCI_DEVICE_VF	0x10ca

/* Devarg: 1 leaves the device to the driver of it that comes next, which is DPDK's own. */
#define I82576_DEVARG_UPSTREAM	"upstream"

#if RTE_VERSION >= RTE_VERSION_NUM(25, 11, 0, 0)
#define I82576_PMD_EXPORT_NAME(nm) RTE_PMD_EXPORT_NAME(nm)
#else
#define I82576_PMD_EXPORT_NAME(nm) RTE_PMD_EXPORT_NAME(nm, __COUNTER__)
#endif

/*
 * RTE_PMD_REGISTER_PCI() at an earlier priority: the PCI bus offers a device to drivers in the
 * order in which they were registered, and DPDK's e1000 drivers, which know this device as well,
 * are registered last.
 */
#define I82576_REGISTER_PCI(nm, pci_drv, table) \
RTE_INIT_PRIO(pciinitfn_ ## nm, CLASS) \
{ \
	(pci_drv).driver.name = RTE_STR(nm); \
	rte_pci_register(&(pci_drv)); \
} \
I82576_PMD_EXPORT_NAME(nm); \
RTE_PMD_REGISTER_PCI_TABLE(nm, table); \
RTE_PMD_REGISTER_KMOD_DEP(nm, "* igb_uio | uio_pci_generic | vfio-pci")

/* Whether the devargs of @dev leave it to DPDK's own driver. */
static inline bool
i82576_pci_is_left_to_upstream(const struct rte_pci_device *dev)
{
	struct rte_kvargs *kvlist;
	const char *value;
	bool left;

	if (dev->device.devargs == NULL)
		return false;
	kvlist = rte_kvargs_parse(dev->device.devargs->args, NULL);
	if (kvlist == NULL)
		return false;
	value = rte_kvargs_get(kvlist, I82576_DEVARG_UPSTREAM);
	left = value != NULL && value[0] == '1' && value[1] == '\0';
	rte_kvargs_free(kvlist);
	return left;
}

#endif /* I82576_PCI_H */
