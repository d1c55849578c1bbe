/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The model's rings: frames out of the one, and into the other. */

#include <string.h>

#include "i82576_sim_private.h"

/* Descriptors (82576 DS 7.1.5 and 7.2.2). */
#define TX_TYPE(dw)	((dw) >> 20 & 0xf)
#define TX_TYPE_CONTEXT	2
#define TX_EOP		(1u << 24)
#define TX_RS		(1u << 27)
#define TX_DD		1
#define RX_DD		1
#define RX_EOP		2

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

static uint8_t *
ring_memory(struct i82576_sim *sim, uint32_t ring)
{
	uint64_t base = *sim_reg(sim, ring + RING_BAL) |
			(uint64_t)*sim_reg(sim, ring + RING_BAH) << 32;

	return (uint8_t *)(uintptr_t)base;
}

static unsigned int
ring_size(struct i82576_sim *sim, uint32_t ring)
{
	return *sim_reg(sim, ring + RING_LEN) / 16;
}

static bool
ring_is_enabled(struct i82576_sim *sim, uint32_t ring)
{
	return *sim_reg(sim, ring + RING_DCTL) & RING_ENABLED && ring_size(sim, ring) != 0;
}

/* Takes the descriptor at the head; returns true if it ends a frame. */
static bool
transmit_one(struct i82576_sim *sim, unsigned int queue, struct sim_frame *frame)
{
	const uint32_t ring = TX_RING(queue);
	uint32_t *head = sim_reg(sim, ring + RING_HEAD);
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
	while (nb < max && *sim_reg(sim, ring + RING_HEAD) != ring_tail(sim, true, queue)) {
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

	return (ring_tail(sim, false, queue) + size - *sim_reg(sim, ring + RING_HEAD)) % size;
}

bool
sim_receive(struct i82576_sim *sim, unsigned int queue, const void *data, size_t length,
		const struct sim_rx *rx)
{
	const uint32_t ring = RX_RING(queue);
	uint32_t *head = sim_reg(sim, ring + RING_HEAD);
	/* In units of 1 KiB, 7 bits. */
	uint32_t room = (*sim_reg(sim, ring + RING_SRRCTL) & 0x7f) * 1024;
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
