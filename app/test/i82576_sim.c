/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdlib.h>
#include <string.h>

#include "i82576_sim_private.h"

/* Time of an autonegotiation (measured: about 500 ms in QEMU). */
#define LINK_UP_US	500000
#define PHY_BMCR	0
#define PHY_BMSR	1
#define BMCR_RESTART	0x0200
#define BMSR_LINK	0x0004
#define BMSR_DONE	0x0020

#define ICR_LSC		0x00000004

/* Of a VF's COMMAND register. */
#define PCI_MEM		0x2
#define PCI_MASTER	0x4

/* Rings have two addresses for their first four queues (82576 DS 8.10.1); one is kept. */
static uint32_t
canonical(uint32_t reg)
{
	if (reg >= 0x2800 && reg < 0x2c00)
		return RX_RING((reg - 0x2800) / 0x100) + (reg & 0x3f);
	if (reg >= 0x3800 && reg < 0x3c00)
		return TX_RING((reg - 0x3800) / 0x100) + (reg & 0x3f);
	return reg;
}

/* The PF's register behind a ring register of a VF, or 0. VF n has the queues n and n + 8. */
static uint32_t
vf_ring(unsigned int vf, uint32_t reg)
{
	if (reg >= 0x2800 && reg < 0x2a00)
		return RX_RING(vf + 8 * ((reg - 0x2800) / 0x100)) + (reg & 0x3f);
	if (reg >= 0x3800 && reg < 0x3a00)
		return TX_RING(vf + 8 * ((reg - 0x3800) / 0x100)) + (reg & 0x3f);
	return 0;
}

static bool
is_tail(uint32_t reg)
{
	reg = canonical(reg);
	return reg >= RX_RING(0) && reg < TX_RING(SIM_QUEUES) && (reg & 0x3f) == RING_TAIL;
}

static void
link_update(struct i82576_sim *sim)
{
	bool up = sim->regs[I82576_STATUS / 4] & I82576_STATUS_LU;

	if (sim->link_at_us != 0 && sim->now_us >= sim->link_at_us && sim->cable && !up) {
		sim->link_at_us = 0;
		sim->regs[I82576_STATUS / 4] |= I82576_STATUS_LU;
		sim->phy[PHY_BMSR] |= BMSR_LINK | BMSR_DONE;
		sim->regs[I82576_ICR / 4] |= ICR_LSC;
	} else if (!sim->cable && up) {
		sim->regs[I82576_STATUS / 4] &= ~I82576_STATUS_LU;
		sim->phy[PHY_BMSR] &= ~(BMSR_LINK | BMSR_DONE);
		sim->regs[I82576_ICR / 4] |= ICR_LSC;
	}
}

static void
pf_reset(struct i82576_sim *sim)
{
	uint32_t ral = sim->regs[I82576_RAL(0) / 4], rah = sim->regs[I82576_RAH(0) / 4];
	unsigned int i;

	memset(sim->regs, 0, sizeof(sim->regs));
	memset(sim->pf.model.bar, 0, SIM_BAR_BYTES);
	/* From the EEPROM, which keeps what it has. */
	if (sim->resets == 0) {
		ral = 0x00000052;
		rah = 0x80000201;
	}
	sim->regs[I82576_RAL(0) / 4] = ral;
	sim->regs[I82576_RAH(0) / 4] = (rah & 0xffff) | 0x80000000;
	/* 1000 Mbit/s, full duplex, reset and EEPROM read done, may be master. */
	sim->regs[I82576_STATUS / 4] = 0x00280081;
	sim->regs[I82576_EEC / 4] = 0x00000300;
	sim->regs[I82576_VFRE / 4] = 0xff;
	sim->regs[I82576_VFTE / 4] = 0xff;
	memset(sim->phy, 0, sizeof(sim->phy));
	sim->phy[PHY_BMSR] = 0x7949;
	sim->phy[2] = 0x02a8;
	sim->phy[3] = 0x0391;
	sim->link_at_us = 0;
	for (i = 0; i < SIM_VFS; i++) {
		sim->vf[i].in_reset = true;
		sim->vf[i].vf_holds = sim->vf[i].pf_holds = false;
	}
	sim->resets++;
}

static void
vf_reset(struct i82576_sim *sim, unsigned int vf)
{
	unsigned int queue;

	for (queue = vf; queue < SIM_QUEUES; queue += 8) {
		*sim_reg(sim, RX_RING(queue) + RING_DCTL) &= ~RING_ENABLED;
		*sim_reg(sim, TX_RING(queue) + RING_DCTL) &= ~RING_ENABLED;
		*sim_reg(sim, RX_RING(queue) + RING_HEAD) = 0;
		*sim_reg(sim, TX_RING(queue) + RING_HEAD) = 0;
	}
	sim->regs[I82576_VFRE / 4] &= ~(1u << vf);
	sim->regs[I82576_VFTE / 4] &= ~(1u << vf);
	sim->regs[I82576_VFLRE / 4] |= 1u << vf;
	sim->vf_resets[vf]++;
	sim_interrupt_pf(sim);
}

/* The PHY's registers by MDIC: at once, and ready. */
static void
mdic(struct i82576_sim *sim, uint32_t value)
{
	unsigned int reg = value >> 16 & 0x1f;

	if (value & 0x08000000) {
		link_update(sim);
		value = (value & 0xffff0000) | sim->phy[reg];
	} else if (value & 0x04000000) {
		sim->phy[reg] = value & 0xffff;
		if (reg == PHY_BMCR && value & BMCR_RESTART) {
			sim->phy[PHY_BMCR] &= ~BMCR_RESTART;
			sim->regs[I82576_STATUS / 4] &= ~I82576_STATUS_LU;
			sim->phy[PHY_BMSR] &= ~(BMSR_LINK | BMSR_DONE);
			sim->link_at_us = sim->now_us + LINK_UP_US;
		}
	}
	*sim_reg(sim, I82576_MDIC) = value | 0x10000000;
}

static uint32_t
pf_read(struct i82576_model *model, uint32_t reg)
{
	struct i82576_sim *sim = ((struct sim_view *)model)->sim;
	uint32_t *slot, value;

	if (sim->gone)
		return UINT32_MAX;
	link_update(sim);
	reg = canonical(reg);
	slot = sim_reg(sim, reg);
	value = *slot;
	if (is_tail(reg)) {
		memcpy(&value, sim->pf.model.bar + reg, sizeof(value));
	} else if (reg == I82576_ICR) {
		*slot = 0;
	} else if (reg == I82576_SWSM) {
		/* The first to read it has the semaphore. */
		*slot |= 1;
	} else if (reg >= I82576_P2VMAILBOX(0) && reg < I82576_P2VMAILBOX(SIM_VFS)) {
		value = sim_pf_mailbox_read(sim, (reg - I82576_P2VMAILBOX(0)) / 4);
	} else if (reg >= 0x4000 && reg < 0x4200) {
		/* Statistics: cleared by reading (82576 DS 8.19). */
		*slot = 0;
	}
	return value;
}

static void
pf_write(struct i82576_model *model, uint32_t reg, uint32_t value)
{
	struct i82576_sim *sim = ((struct sim_view *)model)->sim;
	uint32_t *slot;

	if (sim->gone)
		return;
	reg = canonical(reg);
	slot = sim_reg(sim, reg);
	sim->writes[reg % SIM_BAR_BYTES / 4]++;
	if (reg >= I82576_P2VMAILBOX(0) && reg < I82576_P2VMAILBOX(SIM_VFS)) {
		sim_pf_mailbox_write(sim, (reg - I82576_P2VMAILBOX(0)) / 4, value);
		return;
	}
	if (reg >= 0x10000 && reg < 0x10000 + 0x100 * SIM_VFS && (reg & 0xff) == 0) {
		/* VTCTRL, of which only the reset can be written. */
		if (value & I82576_CTRL_RST)
			vf_reset(sim, (reg - 0x10000) / 0x100);
		return;
	}
	if (is_tail(reg))
		memcpy(sim->pf.model.bar + reg, &value, sizeof(value));

	switch (reg) {
	case I82576_CTRL:
		if (value & I82576_CTRL_RST) {
			pf_reset(sim);
			break;
		}
		*slot = value;
		if (value & 0x4) /* no more requests as a master */
			sim->regs[I82576_STATUS / 4] &= ~(1u << 19);
		else
			sim->regs[I82576_STATUS / 4] |= 1u << 19;
		break;
	case I82576_CTRL_EXT:
		*slot = value & ~I82576_CTRL_EXT_PFRSTD;
		if (value & I82576_CTRL_EXT_PFRSTD)
			sim_vfs_reset_done(sim);
		break;
	case I82576_STATUS:
		break;
	case I82576_MDIC:
		mdic(sim, value);
		break;
	case I82576_EERD:
		/* A word of an EEPROM in which each word is its address; done at once. */
		*slot = value & 1 ? (value >> 2 & 0x3fff) << 16 | 2 : value;
		break;
	case I82576_MBVFICR:
	case I82576_VFLRE:
	case I82576_EICR:
		*slot &= ~value;
		break;
	case I82576_ICS:
		*sim_reg(sim, I82576_ICR) |= value;
		break;
	case I82576_IMS:
		*slot |= value;
		break;
	case I82576_IMC:
		*sim_reg(sim, I82576_IMS) &= ~value;
		break;
	case I82576_EIMS:
	case I82576_EIAC:
		*slot |= value;
		break;
	case I82576_EIMC:
		*sim_reg(sim, I82576_EIMS) &= ~value;
		break;
	default:
		*slot = value;
		break;
	}
}

static bool
vf_decodes(const struct i82576_model *model)
{
	return model->pci_command != UINT16_MAX && model->pci_command & PCI_MEM;
}

/* The VF's counters are the PF's registers too (82576 DS 8.26 and 8.27). */
static uint32_t
vf_read(struct i82576_model *model, uint32_t reg)
{
	const struct sim_view *view = (struct sim_view *)model;
	struct i82576_sim *sim = view->sim;
	unsigned int vf = view->vf;
	uint32_t value;

	if (sim->gone || !vf_decodes(model))
		return UINT32_MAX;
	link_update(sim);
	if (is_tail(reg)) {
		memcpy(&value, model->bar + reg, sizeof(value));
		return value;
	}
	if (vf_ring(vf, reg) != 0)
		return *sim_reg(sim, vf_ring(vf, reg));
	if (reg == I82576_STATUS)
		return sim->regs[I82576_STATUS / 4];
	if (reg == I82576_VF_V2PMAILBOX)
		return sim_vf_mailbox_read(sim, vf);
	if (reg >= I82576_VF_VMBMEM(0) && reg < I82576_VF_VMBMEM(SIM_MBX_WORDS))
		return *sim_reg(sim, I82576_VMBMEM(vf) + reg - I82576_VF_VMBMEM(0));
	if (reg >= 0xf00 && reg < 0x1000)
		return *sim_reg(sim, 0x10000 + 0x100 * vf + (reg & 0xff));
	return reg == I82576_CTRL ? 0 : sim->vf[vf].private[reg % SIM_VF_BAR_BYTES / 4];
}

static void
vf_write(struct i82576_model *model, uint32_t reg, uint32_t value)
{
	const struct sim_view *view = (struct sim_view *)model;
	struct i82576_sim *sim = view->sim;
	unsigned int vf = view->vf;

	if (sim->gone || !vf_decodes(model))
		return;
	if (is_tail(reg))
		memcpy(model->bar + reg, &value, sizeof(value));
	else if (vf_ring(vf, reg) != 0)
		*sim_reg(sim, vf_ring(vf, reg)) = value;
	else if (reg == I82576_CTRL && value & I82576_CTRL_RST)
		vf_reset(sim, vf);
	else if (reg == I82576_VF_V2PMAILBOX)
		sim_vf_mailbox_write(sim, vf, value);
	else if (reg >= I82576_VF_VMBMEM(0) && reg < I82576_VF_VMBMEM(SIM_MBX_WORDS))
		*sim_reg(sim, I82576_VMBMEM(vf) + reg - I82576_VF_VMBMEM(0)) = value;
	else
		sim->vf[vf].private[reg % SIM_VF_BAR_BYTES / 4] = value;
}

static void
sim_delay(struct i82576_model *model, uint32_t us)
{
	struct i82576_sim *sim = ((struct sim_view *)model)->sim;

	sim->now_us += us;
	link_update(sim);
}

struct i82576_sim *
sim_create(uint16_t num_vfs)
{
	struct i82576_sim *sim = calloc(1, sizeof(*sim));
	unsigned int vf;

	if (sim == NULL)
		return NULL;
	sim->captured = calloc(SIM_CAPTURED_MAX, sizeof(*sim->captured));
	sim->pf.model.bar = calloc(1, SIM_BAR_BYTES);
	if (sim->captured == NULL || sim->pf.model.bar == NULL)
		goto fail;
	for (vf = 0; vf < SIM_VFS; vf++) {
		sim->vfs[vf].model.read = vf_read;
		sim->vfs[vf].model.write = vf_write;
		sim->vfs[vf].model.delay_us = sim_delay;
		sim->vfs[vf].model.pci_command = PCI_MEM | PCI_MASTER;
		sim->vfs[vf].model.bar = calloc(1, SIM_VF_BAR_BYTES);
		sim->vfs[vf].sim = sim;
		sim->vfs[vf].vf = vf;
		if (sim->vfs[vf].model.bar == NULL)
			goto fail;
	}
	sim->pf.model.read = pf_read;
	sim->pf.model.write = pf_write;
	sim->pf.model.delay_us = sim_delay;
	sim->pf.model.num_vfs = num_vfs;
	sim->pf.model.total_vfs = SIM_VFS;
	sim->pf.sim = sim;
	sim->pf.vf = -1;
	sim->cable = true;
	pf_reset(sim);
	return sim;

fail:
	sim_free(sim);
	return NULL;
}

void
sim_free(struct i82576_sim *sim)
{
	unsigned int vf;

	if (sim == NULL)
		return;
	for (vf = 0; vf < SIM_VFS; vf++)
		free(sim->vfs[vf].model.bar);
	free(sim->pf.model.bar);
	free(sim->captured);
	free(sim);
}

uint32_t
sim_peek(const struct i82576_sim *sim, uint32_t reg)
{
	return sim->regs[canonical(reg) % SIM_BAR_BYTES / 4];
}

void
sim_poke(struct i82576_sim *sim, uint32_t reg, uint32_t value)
{
	*sim_reg(sim, canonical(reg)) = value;
}
