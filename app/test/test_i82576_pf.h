/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A PF of net_i82576_pf on the register model, started, for the autotests of PF and VF. */

#ifndef TEST_I82576_PF_H
#define TEST_I82576_PF_H

#include <stdbool.h>
#include <stdint.h>

#include "i82576_sim.h"
#include "sriov_test.h"

#include "../../drivers/net/i82576/i82576_mbx.h"
#include "../../drivers/net/i82576/i82576_pf.h"
#include "../../drivers/net/i82576/i82576_test.h"

#define PF_TEST_VFS	4

/* TEST_ASSERT_EQUAL() takes its arguments without parentheses. */
#define TEST_EQUALS(a, b, ...) TEST_ASSERT_EQUAL((a), (b), __VA_ARGS__)

extern struct i82576_sim *pf_test_sim;
extern uint16_t pf_test_port;

/* A port of one queue each way, started, beside PF_TEST_VFS VFs; its alarms do not run. */
int pf_test_setup(void);
void pf_test_teardown(void);

struct i82576_pf *pf_test_pf(void);

/* Configures and starts the port, as after a reset. */
int pf_test_start(void);

/*
 * Sends @words as VF @vf and has the PF serve them. Returns the first word of the answer, with
 * all three in @reply if not NULL; 0: no answer.
 */
uint32_t pf_test_ask(uint16_t vf, const uint32_t *words, unsigned int nb, uint32_t *reply);

/* The same with words 0 and 1. */
uint32_t pf_test_ask2(uint16_t vf, uint32_t word0, uint32_t word1);

/* Words 1 and 2 of a message with @addr. */
uint32_t pf_test_ask_mac(uint16_t vf, uint8_t info, const struct rte_ether_addr *addr);

/* The pools of the valid receive address @addr; 0: there is none. */
uint32_t pf_test_mac_pools(const struct rte_ether_addr *addr);

/* The pools of the entry of @vlan; 0: there is none. */
uint32_t pf_test_vlan_pools(uint16_t vlan);

#endif /* TEST_I82576_PF_H */
