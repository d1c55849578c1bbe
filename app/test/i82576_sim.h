/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * A model of the 82576's registers, mailboxes and rings for the autotests: what the PF and the VF
 * drivers write can be looked at, and what the device would do happens when the test says so. It
 * keeps the registers' side effects that the drivers depend on, and knows nothing of the wire.
 */

#ifndef I82576_SIM_H
#define I82576_SIM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../drivers/net/i82576/i82576_hw.h"

#define SIM_VFS		8
#define SIM_QUEUES	16
#define SIM_BAR_BYTES	0x20000
#define SIM_VF_BAR_BYTES	0x4000
#define SIM_MBX_WORDS	16
#define SIM_FRAME_MAX	9728
#define SIM_CAPTURED_MAX	256

struct i82576_sim;

/* What one function sees: the PF, or a VF. */
struct sim_view {
	struct i82576_model model;
	struct i82576_sim *sim;
	int vf; /* -1: the PF */
};

/* A frame that left a Tx ring, as its descriptors said. */
struct sim_frame {
	uint8_t data[SIM_FRAME_MAX];
	uint32_t length;
	uint16_t queue;
	uint16_t segments;
	/* Of the first data descriptor. */
	uint32_t cmd_type_len;
	uint32_t olinfo_status;
	/* Of the last context descriptor of the queue. */
	uint32_t context[4];
};

struct sim_vf {
	/* What V2PMAILBOX shows until it is read. */
	uint32_t latched;
	bool vf_holds, pf_holds;
	bool in_reset; /* RSTI */
	uint32_t private[SIM_VF_BAR_BYTES / 4];
};

struct i82576_sim {
	struct sim_view pf;
	struct sim_view vfs[SIM_VFS];
	uint32_t regs[SIM_BAR_BYTES / 4];
	uint32_t writes[SIM_BAR_BYTES / 4]; /* how often the PF wrote each */
	struct sim_vf vf[SIM_VFS];
	uint16_t phy[32];
	uint64_t now_us;
	uint64_t link_at_us; /* 0: no autonegotiation under way */
	/* The cable is in. */
	bool cable;
	/* Nothing answers, of any function: every register reads as all ones. */
	bool gone;
	/* No mailbox request of a VF reaches the PF, as if there were no driver. */
	bool pf_deaf;
	/*
	 * Called when the PF would get an interrupt for a mailbox or a VF's reset, if set: the PF's
	 * driver may run within the register access of a VF's, as a thread of its own would.
	 */
	void (*interrupt)(void *arg);
	void *interrupt_arg;
	bool interrupting;
	uint32_t resets; /* of the PF */
	uint32_t vf_resets[SIM_VFS];
	uint32_t context[SIM_QUEUES][4];
	struct sim_frame *captured;
	unsigned int nb_captured;
	uint64_t delivered[SIM_QUEUES]; /* frames into each Rx ring */
	uint64_t dropped; /* no descriptor */
};

/* A device with a cable and the number @num_vfs of VFs; NULL without memory. */
struct i82576_sim *sim_create(uint16_t num_vfs);
void sim_free(struct i82576_sim *sim);

/* What @reg holds, without side effects; and a write that no driver did. */
uint32_t sim_peek(const struct i82576_sim *sim, uint32_t reg);
void sim_poke(struct i82576_sim *sim, uint32_t reg, uint32_t value);

/* The device works: takes what is in the Tx rings, at most @max frames a queue, into captured[]. */
void sim_transmit(struct i82576_sim *sim, unsigned int max);

/* What the parts of a write-back descriptor say of a received frame. */
struct sim_rx {
	uint32_t pkt_info; /* RSS type and packet type */
	uint32_t rss;
	uint32_t status_error; /* beside DD and EOP */
	uint16_t vlan;
};

/* Puts a frame into the Rx ring of hardware queue @queue. Returns false if there is no room. */
bool sim_receive(struct i82576_sim *sim, unsigned int queue, const void *data, size_t length,
		const struct sim_rx *rx);

/* A VF of the test's own: writes a message and asks the PF for it, or takes the PF's answer. */
void sim_vf_post(struct i82576_sim *sim, unsigned int vf, const uint32_t *words, unsigned int nb);
uint32_t sim_vf_answer(struct i82576_sim *sim, unsigned int vf, uint32_t *words, unsigned int nb);

#endif /* I82576_SIM_H */
