/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What the files of the model share. */

#ifndef I82576_SIM_PRIVATE_H
#define I82576_SIM_PRIVATE_H

#include "i82576_sim.h"

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

static inline uint32_t *
sim_reg(struct i82576_sim *sim, uint32_t reg)
{
	return &sim->regs[reg % SIM_BAR_BYTES / 4];
}

/* The cause of a mailbox, and the driver's handler if the test has one. */
void sim_interrupt_pf(struct i82576_sim *sim);

/* Writes to P2VMAILBOX and V2PMAILBOX of VF @vf, and what a reading of them shows. */
void sim_pf_mailbox_write(struct i82576_sim *sim, unsigned int vf, uint32_t value);
uint32_t sim_pf_mailbox_read(const struct i82576_sim *sim, unsigned int vf);
void sim_vf_mailbox_write(struct i82576_sim *sim, unsigned int vf, uint32_t value);
uint32_t sim_vf_mailbox_read(struct i82576_sim *sim, unsigned int vf);
/* PFRSTD: the PF tells its VFs that its reset is over. */
void sim_vfs_reset_done(struct i82576_sim *sim);

#endif /* I82576_SIM_PRIVATE_H */
