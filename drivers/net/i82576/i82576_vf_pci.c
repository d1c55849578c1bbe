/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The PCI function of a VF. A function level reset of its PF (vfio-pci resets a PF at its first
 * open and its last close) drops the VFs and makes them again, with the COMMAND register zero and
 * MSI-X disabled: a VF then neither decodes its registers nor does DMA, no interrupt tells of it,
 * and vfio-pci believes all to be as it was.
 */

#include <errno.h>

#include <rte_interrupts.h>

#include "i82576_pci.h"
#include "i82576_vf.h"

/* 22.11 has no name for it. */
#define COMMAND_MEMORY		0x2
#define COMMAND_ON		(COMMAND_MEMORY | RTE_PCI_COMMAND_MASTER)
/* What one that does not answer reads as. */
#define COMMAND_GONE		UINT16_MAX

static uint16_t
command_read(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	uint16_t command;

	if (vf->port.hw.model != NULL)
		return vf->port.hw.model->pci_command;
	if (rte_pci_read_config(RTE_ETH_DEV_TO_PCI(dev), &command, sizeof(command),
			RTE_PCI_COMMAND) != (int)sizeof(command))
		return COMMAND_GONE;
	return rte_le_to_cpu_16(command);
}

static int
command_write(struct i82576_vf *vf, uint16_t command)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);

	if (vf->port.hw.model != NULL) {
		vf->port.hw.model->pci_command = command;
		return 0;
	}
	command = rte_cpu_to_le_16(command);
	return rte_pci_write_config(RTE_ETH_DEV_TO_PCI(dev), &command, sizeof(command),
			RTE_PCI_COMMAND) == (int)sizeof(command) ? 0 : -EIO;
}

enum i82576_vf_pci
i82576_vf_pci_look(struct i82576_vf *vf)
{
	uint16_t command = command_read(vf);

	if (command == COMMAND_GONE)
		return I82576_VF_PCI_GONE;
	/*
	 * The VF of a real device has no bit for its memory, and vfio-pci shows one that is what it
	 * was last written: the other bit tells, and the registers themselves.
	 */
	if (!(command & RTE_PCI_COMMAND_MASTER) || i82576_is_gone(&vf->port.hw))
		return I82576_VF_PCI_OFF;
	return I82576_VF_PCI_ON;
}

/* Has the kernel set MSI-X up anew, which it believes to be enabled. */
static int
msix_restore(struct i82576_vf *vf)
{
	struct rte_intr_handle *handle = i82576_vf_dev(vf)->intr_handle;

	if (!vf->intr_enabled)
		return 0;
	rte_intr_disable(handle);
	return rte_intr_enable(handle) == 0 ? 0 : -EIO;
}

int
i82576_vf_pci_restore(struct i82576_vf *vf)
{
	const struct i82576_hw *hw = &vf->port.hw;
	uint16_t command = command_read(vf);
	int ret;

	if (command == COMMAND_GONE)
		return -ENODEV;
	if (!(command & RTE_PCI_COMMAND_MASTER) || i82576_is_gone(hw)) {
		vf->msix_lost = true;
		/* MEM too, whatever it reads as. */
		ret = command_write(vf, command | COMMAND_ON);
		if (ret != 0)
			return ret;
		I82576_LOG(INFO, driver, hw, "the VF was reset with its PF: enabled again");
	}
	if (i82576_is_gone(hw))
		return -EIO;
	if (!vf->msix_lost)
		return 0;
	ret = msix_restore(vf);
	vf->msix_lost = ret != 0;
	return ret;
}
