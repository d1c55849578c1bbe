/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef I82576_PORT_H
#define I82576_PORT_H

#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>

#include "i82576_hw.h"

#define I82576_MAX_QUEUES	16
#define I82576_MAX_VFS		8
/* Largest frame, with its CRC (82576 DS 1.3: jumbo frames up to 9.5 KB). */
#define I82576_MAX_FRAME_BYTES	9728
#define I82576_RING_ALIGN	8
#define I82576_MIN_DESC		32
#define I82576_MAX_DESC		4096

/*
 * What the PF and the VF driver have in common: the first member of the private data of both, so
 * that the code of rings and descriptors (i82576_rxtx.h) works on either.
 */
struct i82576_port {
	struct i82576_hw hw;
	struct rte_eth_dev_data *data;
	/*
	 * The hardware's number of each queue of the port: the same without SR-IOV and on a VF, and
	 * those of the PF's own pool with VFs. Both directions use the same.
	 */
	uint8_t queue_reg[I82576_MAX_QUEUES];
	uint8_t max_queues;
	/* Of all queues, so that one may be chosen: no queue needs what they cannot do. */
	bool rx_vector_allowed;
	bool tx_vector_allowed;
};

static inline struct i82576_port *
i82576_port(const struct rte_eth_dev *dev)
{
	return (struct i82576_port *)dev->data->dev_private;
}

static inline struct i82576_hw *
i82576_hw(const struct rte_eth_dev *dev)
{
	return &i82576_port(dev)->hw;
}

#endif /* I82576_PORT_H */
