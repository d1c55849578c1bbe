/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdlib.h>
#include <string.h>

#include "i82576_sim.h"

/* Time of an autonegotiation (measured: about 500 ms in QEMU). */
#define LINK_UP_US	500000
#define PHY_BMCR	0
#define PHY_BMSR	1
#define BMCR_RESTART	0x0200
#define BMSR_LINK	0x0004
#define BMSR_DONE	0x0020

/* Rings: base and registers of one queue, of the PF's registers. */
#define RX_RING(q)	(0xc000 + 0x40 * (q))
#define TX_RING(q)	(0xe000 + 0x40 * (q))
#define RING_BAL	0x00
#define RING_BAH	0x04
#define RING_LEN	0x08
#define RING_SRRCTL	0x0c
#define RING_HEAD	0x10
#define RING_TAIL	0x18
#define RING_DCTL	0x28
#define RING_ENABLED	0x02000000

/* Descriptors (82576 DS 7.1.5 and 7.2.2). */
#define TX_TYPE(dw)	((dw) >> 20 & 0xf)
#define TX_TYPE_CONTEXT	2
#define TX_EOP		(1u << 24)
#define TX_RS		(1u << 27)
#define TX_DD		1
#define RX_DD		1
#define RX_EOP		2

#define MBX_VF_REQ	0x01
#define MBX_VF_ACK	0x02
#define MBX_VF_VFU	0x04
#define MBX_VF_PFU	0x08
#define MBX_VF_PFSTS	0x10
#define MBX_VF_PFACK	0x20
#define MBX_VF_RSTI	0x40
#define MBX_VF_RSTD	0x80
#define MBX_PF_STS	0x01
#define MBX_PF_ACK	0x02
#define MBX_PF_VFU	0x04
#define MBX_PF_PFU	0x08
#define MBX_PF_RVFU	0x10

#define ICR_LSC		0x00000004
#define ICR_VMMB	0x00000100

static uint32_t *
reg_of(struct i82576_sim *sim, uint32_t reg)
{
	return &sim->regs[reg % SIM_BAR_BYTES / 4];
}

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

/* Tails are where the data path writes them: in the memory of whoever has the queue. */
static uint32_t
ring_tail(struct i82576_sim *sim, bool tx, unsigned int queue)
{
	unsigned int vf = queue % 8;
	uint32_t tail, reg;

	if (vf < sim->pf.model.num_vfs) {
		reg = (tx ? 0x3800 : 0x2800) + 0x100 * (queue / 8) + RING_TAIL;
		memcpy(&tail, sim->vfs[vf].model.bar + reg, sizeof(tail));
	} else {
		reg = (tx ? TX_RING(queue) : RX_RING(queue)) + RING_TAIL;
		memcpy(&tail, sim->pf.model.bar + reg, sizeof(tail));
	}
	return tail;
}

static void
interrupt_pf(struct i82576_sim *sim)
{
	sim->regs[I82576_ICR / 4] |= ICR_VMMB;
	if (sim->interrupt == NULL || sim->interrupting)
		return;
	sim->interrupting = true;
	sim->interrupt(sim->interrupt_arg);
	sim->interrupting = false;
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
		*reg_of(sim, RX_RING(queue) + RING_DCTL) &= ~RING_ENABLED;
		*reg_of(sim, TX_RING(queue) + RING_DCTL) &= ~RING_ENABLED;
		*reg_of(sim, RX_RING(queue) + RING_HEAD) = 0;
		*reg_of(sim, TX_RING(queue) + RING_HEAD) = 0;
	}
	sim->regs[I82576_VFRE / 4] &= ~(1u << vf);
	sim->regs[I82576_VFTE / 4] &= ~(1u << vf);
	sim->regs[I82576_VFLRE / 4] |= 1u << vf;
	sim->vf_resets[vf]++;
	interrupt_pf(sim);
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
	*reg_of(sim, I82576_MDIC) = value | 0x10000000;
}

static void
pf_mailbox(struct i82576_sim *sim, unsigned int vf, uint32_t value)
{
	struct sim_vf *state = &sim->vf[vf];

	if (value & MBX_PF_STS)
		state->latched |= MBX_VF_PFSTS;
	if (value & MBX_PF_ACK)
		state->latched |= MBX_VF_PFACK;
	if (value & MBX_PF_RVFU)
		state->vf_holds = false;
	if (value & MBX_PF_PFU) {
		if (!state->vf_holds)
			state->pf_holds = true;
	} else {
		state->pf_holds = false;
	}
}

static void
vf_mailbox(struct i82576_sim *sim, unsigned int vf, uint32_t value)
{
	struct sim_vf *state = &sim->vf[vf];

	if (value & MBX_VF_VFU) {
		if (!state->pf_holds)
			state->vf_holds = true;
	} else {
		state->vf_holds = false;
	}
	if (sim->pf_deaf)
		return;
	if (value & MBX_VF_REQ)
		sim->regs[I82576_MBVFICR / 4] |= 1u << vf;
	if (value & MBX_VF_ACK)
		sim->regs[I82576_MBVFICR / 4] |= 0x10000u << vf;
	if (value & (MBX_VF_REQ | MBX_VF_ACK))
		interrupt_pf(sim);
}

static uint32_t
sim_vf_mailbox_read(struct i82576_sim *sim, unsigned int vf)
{
	struct sim_vf *state = &sim->vf[vf];
	uint32_t value = state->latched;

	value |= state->vf_holds ? MBX_VF_VFU : 0;
	value |= state->pf_holds ? MBX_VF_PFU : 0;
	value |= state->in_reset ? MBX_VF_RSTI : 0;
	state->latched = 0;
	return value;
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
	slot = reg_of(sim, reg);
	value = *slot;
	if (is_tail(reg)) {
		memcpy(&value, sim->pf.model.bar + reg, sizeof(value));
	} else if (reg == I82576_ICR) {
		*slot = 0;
	} else if (reg == I82576_SWSM) {
		/* The first to read it has the semaphore. */
		*slot |= 1;
	} else if (reg >= I82576_P2VMAILBOX(0) && reg < I82576_P2VMAILBOX(SIM_VFS)) {
		const struct sim_vf *vf = &sim->vf[(reg - I82576_P2VMAILBOX(0)) / 4];

		value = (vf->vf_holds ? MBX_PF_VFU : 0) | (vf->pf_holds ? MBX_PF_PFU : 0);
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
	unsigned int vf;
	uint32_t *slot;

	if (sim->gone)
		return;
	reg = canonical(reg);
	slot = reg_of(sim, reg);
	sim->writes[reg % SIM_BAR_BYTES / 4]++;
	if (reg >= I82576_P2VMAILBOX(0) && reg < I82576_P2VMAILBOX(SIM_VFS)) {
		pf_mailbox(sim, (reg - I82576_P2VMAILBOX(0)) / 4, value);
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
			for (vf = 0; vf < SIM_VFS; vf++) {
				if (sim->vf[vf].in_reset)
					sim->vf[vf].latched |= MBX_VF_RSTD;
				sim->vf[vf].in_reset = false;
			}
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
		*reg_of(sim, I82576_ICR) |= value;
		break;
	case I82576_IMS:
		*slot |= value;
		break;
	case I82576_IMC:
		*reg_of(sim, I82576_IMS) &= ~value;
		break;
	case I82576_EIMS:
	case I82576_EIAC:
		*slot |= value;
		break;
	case I82576_EIMC:
		*reg_of(sim, I82576_EIMS) &= ~value;
		break;
	default:
		*slot = value;
		break;
	}
}

/* The VF's counters are the PF's registers too (82576 DS 8.26 and 8.27). */
static uint32_t
vf_read(struct i82576_model *model, uint32_t reg)
{
	const struct sim_view *view = (struct sim_view *)model;
	struct i82576_sim *sim = view->sim;
	unsigned int vf = view->vf;
	uint32_t value;

	if (sim->gone)
		return UINT32_MAX;
	link_update(sim);
	if (is_tail(reg)) {
		memcpy(&value, model->bar + reg, sizeof(value));
		return value;
	}
	if (vf_ring(vf, reg) != 0)
		return *reg_of(sim, vf_ring(vf, reg));
	if (reg == I82576_STATUS)
		return sim->regs[I82576_STATUS / 4];
	if (reg == I82576_VF_V2PMAILBOX)
		return sim_vf_mailbox_read(sim, vf);
	if (reg >= I82576_VF_VMBMEM(0) && reg < I82576_VF_VMBMEM(SIM_MBX_WORDS))
		return *reg_of(sim, I82576_VMBMEM(vf) + reg - I82576_VF_VMBMEM(0));
	if (reg >= 0xf00 && reg < 0x1000)
		return *reg_of(sim, 0x10000 + 0x100 * vf + (reg & 0xff));
	return reg == I82576_CTRL ? 0 : sim->vf[vf].private[reg % SIM_VF_BAR_BYTES / 4];
}

static void
vf_write(struct i82576_model *model, uint32_t reg, uint32_t value)
{
	const struct sim_view *view = (struct sim_view *)model;
	struct i82576_sim *sim = view->sim;
	unsigned int vf = view->vf;

	if (sim->gone)
		return;
	if (is_tail(reg))
		memcpy(model->bar + reg, &value, sizeof(value));
	else if (vf_ring(vf, reg) != 0)
		*reg_of(sim, vf_ring(vf, reg)) = value;
	else if (reg == I82576_CTRL && value & I82576_CTRL_RST)
		vf_reset(sim, vf);
	else if (reg == I82576_VF_V2PMAILBOX)
		vf_mailbox(sim, vf, value);
	else if (reg >= I82576_VF_VMBMEM(0) && reg < I82576_VF_VMBMEM(SIM_MBX_WORDS))
		*reg_of(sim, I82576_VMBMEM(vf) + reg - I82576_VF_VMBMEM(0)) = value;
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
	*reg_of(sim, canonical(reg)) = value;
}

static uint8_t *
ring_memory(struct i82576_sim *sim, uint32_t ring)
{
	uint64_t base = *reg_of(sim, ring + RING_BAL) |
			(uint64_t)*reg_of(sim, ring + RING_BAH) << 32;

	return (uint8_t *)(uintptr_t)base;
}

static unsigned int
ring_size(struct i82576_sim *sim, uint32_t ring)
{
	return *reg_of(sim, ring + RING_LEN) / 16;
}

static bool
ring_is_enabled(struct i82576_sim *sim, uint32_t ring)
{
	return *reg_of(sim, ring + RING_DCTL) & RING_ENABLED && ring_size(sim, ring) != 0;
}

/* Takes the descriptor at the head; returns true if it ends a frame. */
static bool
transmit_one(struct i82576_sim *sim, unsigned int queue, struct sim_frame *frame)
{
	const uint32_t ring = TX_RING(queue);
	uint32_t *head = reg_of(sim, ring + RING_HEAD);
	uint32_t desc[4], length;
	uint8_t *memory = ring_memory(sim, ring) + 16 * *head;
	bool end = false;
	uint64_t buffer;

	memcpy(desc, memory, sizeof(desc));
	if (TX_TYPE(desc[2]) == TX_TYPE_CONTEXT) {
		memcpy(sim->context[queue], desc, sizeof(desc));
	} else {
		buffer = desc[0] | (uint64_t)desc[1] << 32;
		length = RTE_MIN(desc[2] & 0xffff, SIM_FRAME_MAX - frame->length);
		memcpy(frame->data + frame->length, (const void *)(uintptr_t)buffer, length);
		frame->length += length;
		if (frame->segments++ == 0) {
			frame->queue = queue;
			frame->cmd_type_len = desc[2];
			frame->olinfo_status = desc[3];
			memcpy(frame->context, sim->context[queue], sizeof(frame->context));
		}
		end = desc[2] & TX_EOP;
	}
	if (desc[2] & TX_RS)
		__atomic_store_n((uint32_t *)(memory + 12), TX_DD, __ATOMIC_RELEASE);
	*head = (*head + 1) % ring_size(sim, ring);
	return end;
}

static void
transmit_queue(struct i82576_sim *sim, unsigned int queue, unsigned int max)
{
	const uint32_t ring = TX_RING(queue);
	static struct sim_frame frame;
	unsigned int nb = 0;

	if (!ring_is_enabled(sim, ring))
		return;
	frame.length = frame.segments = 0;
	while (nb < max && *reg_of(sim, ring + RING_HEAD) != ring_tail(sim, true, queue)) {
		if (!transmit_one(sim, queue, &frame))
			continue;
		if (sim->nb_captured < SIM_CAPTURED_MAX)
			sim->captured[sim->nb_captured++] = frame;
		frame.length = frame.segments = 0;
		nb++;
	}
}

void
sim_transmit(struct i82576_sim *sim, unsigned int max)
{
	unsigned int queue;

	for (queue = 0; queue < SIM_QUEUES; queue++)
		transmit_queue(sim, queue, max);
}

static unsigned int
receive_room(struct i82576_sim *sim, unsigned int queue)
{
	const uint32_t ring = RX_RING(queue);
	unsigned int size = ring_size(sim, ring);

	return (ring_tail(sim, false, queue) + size - *reg_of(sim, ring + RING_HEAD)) % size;
}

bool
sim_receive(struct i82576_sim *sim, unsigned int queue, const void *data, size_t length,
		const struct sim_rx *rx)
{
	const uint32_t ring = RX_RING(queue);
	uint32_t *head = reg_of(sim, ring + RING_HEAD);
	/* In units of 1 KiB, 7 bits. */
	uint32_t room = (*reg_of(sim, ring + RING_SRRCTL) & 0x7f) * 1024;
	uint32_t desc[4], part;
	const uint8_t *from = data;
	uint8_t *memory;
	uint64_t buffer;

	if (!ring_is_enabled(sim, ring) || room == 0 ||
			receive_room(sim, queue) < (length + room - 1) / room) {
		sim->dropped++;
		return false;
	}
	while (length > 0) {
		memory = ring_memory(sim, ring) + 16 * *head;
		memcpy(&buffer, memory, sizeof(buffer));
		part = RTE_MIN(length, room);
		memcpy((void *)(uintptr_t)buffer, from, part);
		from += part;
		length -= part;
		desc[0] = rx->pkt_info;
		desc[1] = rx->rss;
		desc[2] = rx->status_error | RX_DD | (length == 0 ? RX_EOP : 0);
		desc[3] = part | (uint32_t)rx->vlan << 16;
		/* The status last, as the drivers look at it first. */
		memcpy(memory, desc, 8);
		memcpy(memory + 12, &desc[3], 4);
		__atomic_store_n((uint32_t *)(memory + 8), desc[2], __ATOMIC_RELEASE);
		*head = (*head + 1) % ring_size(sim, ring);
	}
	sim->delivered[queue]++;
	return true;
}

void
sim_vf_post(struct i82576_sim *sim, unsigned int vf, const uint32_t *words, unsigned int nb)
{
	unsigned int i;

	vf_mailbox(sim, vf, MBX_VF_VFU);
	for (i = 0; i < nb; i++)
		*reg_of(sim, I82576_VMBMEM(vf) + 4 * i) = words[i];
	vf_mailbox(sim, vf, MBX_VF_REQ);
}

uint32_t
sim_vf_answer(struct i82576_sim *sim, unsigned int vf, uint32_t *words, unsigned int nb)
{
	uint32_t state = sim_vf_mailbox_read(sim, vf);
	unsigned int i;

	for (i = 0; i < nb; i++)
		words[i] = *reg_of(sim, I82576_VMBMEM(vf) + 4 * i);
	if (state & MBX_VF_PFSTS)
		vf_mailbox(sim, vf, MBX_VF_ACK);
	return state;
}
