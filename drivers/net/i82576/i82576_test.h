/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* For the autotests: ports of both drivers on a model of the device, without PCI. */

#ifndef I82576_TEST_H
#define I82576_TEST_H

#include <stdbool.h>
#include <stdint.h>

struct i82576_model;

/*
 * Makes a port @name on @model, which must live until rte_eth_dev_close() on it. Registers are
 * polled and no interrupt is ever requested from the system: i82576_pf_test_interrupt() and
 * i82576_vf_test_interrupt() are the device's.
 * Returns 0 with @port_id, or what probing a device returns.
 */
int i82576_pf_test_create(const char *name, struct i82576_model *model, uint16_t *port_id);

/*
 * The same with the state file @state, or NULL; with @warm as if the device had been adopted from a
 * process that was killed.
 */
int i82576_pf_test_create_warm(const char *name, struct i82576_model *model, const char *state,
		bool warm, uint16_t *port_id);

/* Forgets a port as its process being killed does: the device, and the state file, are left. */
void i82576_pf_test_abandon(uint16_t port_id);

int i82576_vf_test_create(const char *name, struct i82576_model *model, uint16_t *port_id);

/* Runs what the device's interrupt other than that of a queue would. */
void i82576_pf_test_interrupt(uint16_t port_id);

void i82576_vf_test_interrupt(uint16_t port_id);

/* Lets VFs send again that have used up what they may send at once (see i82576_pf_mbx.c). */
void i82576_pf_test_refill(uint16_t port_id);

#endif /* I82576_TEST_H */
