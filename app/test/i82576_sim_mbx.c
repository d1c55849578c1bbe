/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The model's mailboxes (82576 DS 7.10.2.9). */

#include "i82576_sim_private.h"

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

#define ICR_VMMB	0x00000100

void
sim_interrupt_pf(struct i82576_sim *sim)
{
	sim->regs[I82576_ICR / 4] |= ICR_VMMB;
	if (sim->interrupt == NULL || sim->interrupting)
		return;
	sim->interrupting = true;
	sim->interrupt(sim->interrupt_arg);
	sim->interrupting = false;
}

void
sim_pf_mailbox_write(struct i82576_sim *sim, unsigned int vf, uint32_t value)
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

void
sim_vf_mailbox_write(struct i82576_sim *sim, unsigned int vf, uint32_t value)
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
		sim_interrupt_pf(sim);
}

uint32_t
sim_pf_mailbox_read(const struct i82576_sim *sim, unsigned int vf)
{
	const struct sim_vf *state = &sim->vf[vf];

	return (state->vf_holds ? MBX_PF_VFU : 0) | (state->pf_holds ? MBX_PF_PFU : 0);
}

void
sim_vfs_reset_done(struct i82576_sim *sim)
{
	unsigned int vf;

	for (vf = 0; vf < SIM_VFS; vf++) {
		if (sim->vf[vf].in_reset)
			sim->vf[vf].latched |= MBX_VF_RSTD;
		sim->vf[vf].in_reset = false;
	}
}

uint32_t
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

void
sim_vf_post(struct i82576_sim *sim, unsigned int vf, const uint32_t *words, unsigned int nb)
{
	unsigned int i;

	sim_vf_mailbox_write(sim, vf, MBX_VF_VFU);
	for (i = 0; i < nb; i++)
		*sim_reg(sim, I82576_VMBMEM(vf) + 4 * i) = words[i];
	sim_vf_mailbox_write(sim, vf, MBX_VF_REQ);
}

uint32_t
sim_vf_answer(struct i82576_sim *sim, unsigned int vf, uint32_t *words, unsigned int nb)
{
	uint32_t state = sim_vf_mailbox_read(sim, vf);
	unsigned int i;

	for (i = 0; i < nb; i++)
		words[i] = *sim_reg(sim, I82576_VMBMEM(vf) + 4 * i);
	if (state & MBX_VF_PFSTS)
		sim_vf_mailbox_write(sim, vf, MBX_VF_ACK);
	return state;
}
