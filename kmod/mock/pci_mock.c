// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * For tests: a PCI domain with one function, whose configuration space is this module's memory. So
 * a driver can be shown the identity of hardware that neither the machine nor an emulator has. The
 * function has no BARs, no capabilities and no IOMMU.
 */

#include <linux/module.h>
#include <linux/moduleparam.h>
#include <linux/numa.h>
#include <linux/pci.h>
#include <linux/string.h>

static unsigned short domain = 1;
module_param(domain, ushort, 0444);
MODULE_PARM_DESC(domain, "PCI domain of the function, which is DOMAIN:00:00.0");

static unsigned short vendor = PCI_VENDOR_ID_INTEL;
module_param(vendor, ushort, 0444);
MODULE_PARM_DESC(vendor, "Vendor id");

static unsigned short device;
module_param(device, ushort, 0444);
MODULE_PARM_DESC(device, "Device id");

static unsigned int class = PCI_CLASS_OTHERS << 8;
module_param(class, uint, 0444);
MODULE_PARM_DESC(class, "Class, 24 bits");

static unsigned int word_fc;
module_param(word_fc, uint, 0444);
MODULE_PARM_DESC(word_fc, "The 32 bits at 0xfc of the configuration space");

/* By 32 bits, as the bus has it. */
static u32 config_space[PCI_CFG_SPACE_SIZE / sizeof(u32)];
static struct pci_sysdata sysdata = { .node = NUMA_NO_NODE };
static struct resource bus_numbers = { .name = "pci_mock", .flags = IORESOURCE_BUS };
static struct pci_bus *root;

static void __iomem *mock_map_bus(struct pci_bus *bus, unsigned int devfn, int where)
{
	if (bus->number || devfn || where >= PCI_CFG_SPACE_SIZE)
		return NULL;
	/* Memory, where the kernel's accessors expect a mapped device: the same on x86. */
	return (void __iomem *)config_space + where;
}

/* Of all registers, the command register alone keeps what is written. */
static int mock_write(struct pci_bus *bus, unsigned int devfn, int where, int size, u32 value)
{
	if (where != PCI_COMMAND || size != 2)
		return PCIBIOS_SUCCESSFUL;
	return pci_generic_config_write(bus, devfn, where, size, value);
}

static struct pci_ops mock_ops = {
	.map_bus	= mock_map_bus,
	.read		= pci_generic_config_read,
	.write		= mock_write,
};

static int __init mock_init(void)
{
	LIST_HEAD(resources);

	config_space[PCI_VENDOR_ID / 4] = vendor | (u32)device << 16;
	config_space[PCI_CLASS_REVISION / 4] = class << 8;
	config_space[0xfc / 4] = word_fc;
	sysdata.domain = domain;
	pci_add_resource(&resources, &bus_numbers);

	pci_lock_rescan_remove();
	root = pci_scan_root_bus(NULL, 0, &mock_ops, &sysdata, &resources);
	if (root)
		pci_bus_add_devices(root);
	pci_unlock_rescan_remove();
	if (!root) {
		pci_free_resource_list(&resources);
		return -ENOMEM;
	}
	return 0;
}
module_init(mock_init);

static void __exit mock_exit(void)
{
	pci_lock_rescan_remove();
	pci_stop_root_bus(root);
	pci_remove_root_bus(root);
	pci_unlock_rescan_remove();
}
module_exit(mock_exit);

MODULE_LICENSE("GPL");
MODULE_AUTHOR("The dpdk-sriov authors");
MODULE_DESCRIPTION("A PCI function of any identity, for tests");
