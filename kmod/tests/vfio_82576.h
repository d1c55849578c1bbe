/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * The least of a driver for the 82576's PF and VFs that sends frames from one VF to another inside
 * the device. Register names are the datasheet's.
 */

#ifndef VFIO_82576_H
#define VFIO_82576_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio_test.h"

/* STATUS, of the PF and of a VF. */
#define I82576_STATUS 0x0008
/* The lower half of the receive address 10, which nothing here uses: a register to write to. */
#define I82576_SCRATCH 0x5450

/* A VF with one queue in each direction. */
struct port {
	struct opened opened;
	unsigned int index;
	/* The eventfd of its first interrupt. */
	int irq;
	/* What it does DMA with. */
	uint8_t *memory;
	unsigned int received, sent;
};

/* Whether the PF is an 82576; else prints that cases are missing. */
bool is_82576(const char *device);

/* Sets a PF that was just opened up for frames between VFs; waits for its link, or ends. */
void pf_setup(int device);

/* Lets the VFs send and receive; the reset of a VF, as when it is opened, takes that from it. */
void pf_vfs_enable(int device);

/* Has the PF send interrupts by vector 0. */
void pf_interrupt_setup(int device);

/* Makes it send one. It needs bus mastering. */
void pf_interrupt_send(int device);

/* Opens a VF and starts its queues, with MSI-X enabled; or ends. */
void port_open(struct port *port, const char *device, unsigned int index, const char *token);

void port_close(struct port *port);

/* Sends a frame from one VF to another. Returns 0, -ETIMEDOUT or -EBADMSG. */
int frame_pass(struct port *from, struct port *to);

#endif /* VFIO_82576_H */
