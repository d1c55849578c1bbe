/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The PF of net_i82576_pf: what it writes for its own start and for the policy of its VFs. */

#include <errno.h>
#include <string.h>

#include <rte_ethdev.h>

#include "test_i82576_pf.h"

#define PF_POOL_BIT	(1u << I82576_PF_POOL)

static const struct rte_ether_addr mac_a = { { 0x02, 0, 0, 0, 0, 0xaa } };
static const struct rte_ether_addr mac_b = { { 0x02, 0, 0, 0, 0, 0xbb } };

#define PF_CASE(fn) TEST_CASE_ST(pf_test_setup, pf_test_teardown, fn)
#define RECOVERY_CASE(fn) TEST_CASE_ST(pf_test_setup, recovery_teardown, fn)

static uint32_t
peek(uint32_t reg)
{
	return sim_peek(pf_test_sim, reg);
}

#define HAS(reg, bits) \
	TEST_ASSERT((peek(reg) & (bits)) == (bits), #reg " 0x%x lacks " #bits, peek(reg))
#define HAS_NOT(reg, bits) \
	TEST_ASSERT((peek(reg) & (bits)) == 0, #reg " 0x%x has " #bits, peek(reg))

static int
vf_begin(uint16_t vf)
{
	uint32_t answer = pf_test_ask2(vf, I82576_MBX_RESET, 0);

	TEST_ASSERT((answer & ~(I82576_MBX_ACK | I82576_MBX_NACK)) == I82576_MBX_RESET,
		"vf %u: RESET answered with 0x%x", vf, answer);
	return 0;
}

static int
test_pf_start_writes_registers(void)
{
	struct rte_ether_addr addr;
	unsigned int vf;

	TEST_ASSERT_SUCCESS(rte_eth_macaddr_get(pf_test_port, &addr), "no address");
	TEST_EQUALS(pf_test_mac_pools(&addr), PF_POOL_BIT, "pools of the PF's address");
	HAS(I82576_RCTL, I82576_RCTL_RXEN);
	HAS(I82576_TCTL, I82576_TCTL_EN);
	/* QEMU: interrupts of VFs need bit 4 of the PF's. */
	HAS(I82576_GPIE, 0x10);
	TEST_EQUALS(peek(I82576_MRQC) & 7, 3, "MRQC 0x%x: not VMDq", peek(I82576_MRQC));
	TEST_EQUALS((peek(I82576_VT_CTL) & I82576_VT_CTL_DEF_PL_MASK) >>
		I82576_VT_CTL_DEF_PL_SHIFT, I82576_PF_POOL, "default pool");
	TEST_EQUALS(peek(I82576_VFRE), PF_POOL_BIT, "a VF receives before its RESET");
	TEST_EQUALS(peek(I82576_VFTE), PF_POOL_BIT, "a VF sends before its RESET");
	TEST_EQUALS(peek(I82576_DTXSWC), 0x80000f0f, "DTXSWC");
	for (vf = 0; vf < PF_TEST_VFS; vf++) {
		TEST_ASSERT(!pf_test_sim->vf[vf].in_reset, "vf %u: still in reset", vf);
		TEST_EQUALS(peek(I82576_VMBMEM(vf)), I82576_MBX_PF_CONTROL,
			"vf %u: not told of the reset", vf);
	}
	return 0;
}

static int
test_pf_vf_mac_policy_fixes_address(void)
{
	uint32_t reply[3];

	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 1, &mac_a), "set");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 1u << 1, "pools");
	TEST_EQUALS(rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 2, &mac_a), -EADDRINUSE,
		"an address for two VFs");
	TEST_EQUALS(pf_test_ask(1, (uint32_t []){ I82576_MBX_RESET }, 1, reply), 0x80000001u,
		"RESET answered with 0x%x", reply[0]);
	TEST_ASSERT(memcmp(&reply[1], mac_a.addr_bytes, RTE_ETHER_ADDR_LEN) == 0, "address");
	TEST_EQUALS(pf_test_ask_mac(1, 0, &mac_b), 0x60000002u, "the VF took another");
	TEST_EQUALS(pf_test_ask_mac(1, 0, &mac_a), 0xa0000002u, "its own refused");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_trust(pf_test_port, 1, true), "trust");
	TEST_EQUALS(pf_test_ask_mac(1, 0, &mac_b), 0xa0000002u, "trusted, and refused");
	TEST_EQUALS(pf_test_mac_pools(&mac_b), 1u << 1, "pools");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 0, "the old one stays");
	return 0;
}

static int
test_pf_vf_anti_spoof_and_switch(void)
{
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_anti_spoof(pf_test_port, 2, false), "MAC");
	TEST_EQUALS(peek(I82576_DTXSWC), 0x80000f0b, "DTXSWC");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_vlan_anti_spoof(pf_test_port, 0, false), "VLAN");
	TEST_EQUALS(peek(I82576_DTXSWC), 0x80000e0b, "DTXSWC");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_local_switch(pf_test_port, false), "switch");
	TEST_EQUALS(peek(I82576_DTXSWC), 0x00000e0b, "DTXSWC");
	return 0;
}

static int
test_pf_vf_vlan_policy(void)
{
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 100, 5), "set");
	TEST_EQUALS(peek(I82576_VMVIR(1)), 0x40000000u | 5u << 13 | 100, "VMVIR");
	HAS(I82576_VMOLR(1), I82576_VMOLR_STRVLAN);
	HAS_NOT(I82576_VMOLR(1), I82576_VMOLR_AUPE);
	TEST_ASSERT((pf_test_vlan_pools(100) & 1u << 1) != 0, "not in VLVF");
	TEST_EQUALS(rte_pmd_i82576_set_vf_vlan_insert(pf_test_port, 1, 7), -EBUSY, "insert");
	TEST_ASSERT_SUCCESS(vf_begin(1), "begin");
	TEST_EQUALS(pf_test_ask2(1, 0x00010004, 200), 0x60010004u, "a VLAN of its own");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 0, 0), "end");
	TEST_EQUALS(peek(I82576_VMVIR(1)), 0, "VMVIR");
	HAS(I82576_VMOLR(1), I82576_VMOLR_AUPE);
	TEST_EQUALS(pf_test_vlan_pools(100) & 1u << 1, 0, "still in VLVF");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_vlan_insert(pf_test_port, 2, 7), "insert");
	TEST_EQUALS(peek(I82576_VMVIR(2)), 0x40000007u, "VMVIR");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_vlan_filter(pf_test_port, 9, 0x9, true), "add");
	TEST_EQUALS(pf_test_vlan_pools(9) & 0xf, 0x9, "VLVF");
	HAS(I82576_VMOLR(0), I82576_VMOLR_STRVLAN);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_vlan_strip(pf_test_port, 0,
		RTE_PMD_I82576_VF_STRIP_OFF), "strip off");
	HAS_NOT(I82576_VMOLR(0), I82576_VMOLR_STRVLAN);
	TEST_EQUALS(rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 4095, 0), -EINVAL, "");
	TEST_EQUALS(rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 5, 8), -EINVAL, "PCP");
	TEST_EQUALS(rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 8, 5, 0), -EINVAL, "VF");
	return 0;
}

static int
test_pf_vf_receive_modes(void)
{
	HAS(I82576_VMOLR(3), I82576_VMOLR_BAM | I82576_VMOLR_AUPE);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_broadcast(pf_test_port, 3, false), "");
	HAS_NOT(I82576_VMOLR(3), I82576_VMOLR_BAM);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_untagged(pf_test_port, 3, false), "");
	HAS_NOT(I82576_VMOLR(3), I82576_VMOLR_AUPE);
	HAS_NOT(I82576_VMOLR(3), I82576_VMOLR_MPE | I82576_VMOLR_ROMPE | I82576_VMOLR_ROPE);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_multicast_promisc(pf_test_port, 3, true), "");
	HAS(I82576_VMOLR(3), I82576_VMOLR_MPE | I82576_VMOLR_ROMPE);
	TEST_EQUALS(peek(I82576_MTA(5)), UINT32_MAX, "MTA");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_unicast_promisc(pf_test_port, 3, true), "");
	HAS(I82576_VMOLR(3), I82576_VMOLR_ROPE);
	TEST_EQUALS(peek(I82576_UTA(5)), UINT32_MAX, "UTA");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_unicast_promisc(pf_test_port, 3, false), "");
	TEST_EQUALS(peek(I82576_UTA(5)), 0, "UTA");
	return 0;
}

static int
test_pf_vf_max_frame(void)
{
	TEST_ASSERT_SUCCESS(vf_begin(0), "begin");
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_SET_LPE, 9000), 0xa0000005u, "LPE");
	TEST_EQUALS(peek(I82576_VMOLR(0)) & I82576_VMOLR_RLPML_MASK, 9000, "RLPML");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_max_frame(pf_test_port, 0, 2000), "limit");
	TEST_ASSERT((peek(I82576_VMOLR(0)) & I82576_VMOLR_RLPML_MASK) <= 2000, "RLPML");
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_SET_LPE, 2001), 0x60000005u, "above it");
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_SET_LPE, 2000), 0xa0000005u, "the limit");
	TEST_EQUALS(rte_pmd_i82576_set_vf_max_frame(pf_test_port, 0, 1517), -EINVAL, "");
	TEST_EQUALS(rte_pmd_i82576_set_vf_max_frame(pf_test_port, 0, 9729), -EINVAL, "");
	return 0;
}

static int
test_pf_vf_link_down_cuts_off(void)
{
	TEST_ASSERT_SUCCESS(vf_begin(2), "begin");
	HAS(I82576_VFRE, 1u << 2);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_link(pf_test_port, 2,
		RTE_PMD_I82576_VF_LINK_DOWN), "down");
	HAS_NOT(I82576_VFRE, 1u << 2);
	HAS_NOT(I82576_VFTE, 1u << 2);
	i82576_pf_test_interrupt(pf_test_port);
	TEST_EQUALS(peek(I82576_VMBMEM(2)), 0x20010100u, "not told");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_link(pf_test_port, 2,
		RTE_PMD_I82576_VF_LINK_AUTO), "auto");
	HAS(I82576_VFTE, 1u << 2);
	HAS(I82576_VFRE, 1u << 2);
	return 0;
}

static int
test_pf_vf_rate_limit(void)
{
	const uint32_t before = pf_test_sim->writes[I82576_RTTBCNRC / 4];

	/* The registers are of the speed: a link. */
	sim_poke(pf_test_sim, I82576_STATUS, peek(I82576_STATUS) | I82576_STATUS_LU);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_rate_limit(pf_test_port, 1, 100), "set");
	TEST_EQUALS(peek(I82576_RTTBCNRC), I82576_RTTBCNRC_RS_ENA |
		10u << I82576_RTTBCNRC_RF_INT_SHIFT, "a tenth");
	TEST_EQUALS(peek(I82576_RTTDQSEL), 9, "the VF's second queue");
	TEST_ASSERT(pf_test_sim->writes[I82576_RTTBCNRC / 4] >= before + 2, "both queues");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_rate_limit(pf_test_port, 1, 0), "end");
	TEST_EQUALS(peek(I82576_RTTBCNRC), 0, "still limited");
	TEST_EQUALS(rte_pmd_i82576_set_vf_rate_limit(pf_test_port, 1, 9), -EINVAL, "9");
	TEST_EQUALS(rte_pmd_i82576_set_vf_rate_limit(pf_test_port, 1, 1001), -EINVAL, "");
	return 0;
}

static int
test_pf_mirror_rule(void)
{
	struct rte_pmd_i82576_mirror_rule rule = {
		.types = RTE_PMD_I82576_MIRROR_POOLS | RTE_PMD_I82576_MIRROR_VLANS,
		.target = RTE_PMD_I82576_MIRROR_PF,
		.vf_mask = 0x5,
		.nb_vlans = 1,
		.vlans = { 33 },
	};

	TEST_EQUALS(rte_pmd_i82576_set_mirror_rule(pf_test_port, 1, &rule), -ENOENT, "VLAN");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_vlan_filter(pf_test_port, 33, 0x1, true), "");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_mirror_rule(pf_test_port, 1, &rule), "set");
	TEST_EQUALS(peek(I82576_VMRCTL(1)), 0x9u | (uint32_t)I82576_PF_POOL << 8, "VMRCTL");
	TEST_EQUALS(peek(I82576_VMRVM(1)), 0x5, "VMRVM");
	TEST_ASSERT(peek(I82576_VMRVLAN(1)) != 0, "VMRVLAN");
	memset(&rule, 0, sizeof(rule));
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_mirror_rule(pf_test_port, 1, &rule), "end");
	TEST_EQUALS(peek(I82576_VMRCTL(1)), 0, "VMRCTL");
	TEST_EQUALS(rte_pmd_i82576_set_mirror_rule(pf_test_port, 4, &rule), -EINVAL, "");
	return 0;
}

static int
test_pf_vflr_clears_live_keeps_policy(void)
{
	struct i82576_model *model = &pf_test_sim->vfs[1].model;
	struct rte_pmd_i82576_vf_info info;

	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_vlan_insert(pf_test_port, 1, 7), "insert");
	TEST_ASSERT_SUCCESS(vf_begin(1), "begin");
	TEST_EQUALS(pf_test_ask_mac(1, 0, &mac_a), 0xa0000002u, "MAC");
	TEST_EQUALS(pf_test_ask2(1, 0x00010004, 50), 0xa0010004u, "VLAN");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 1u << 1, "pools");
	TEST_ASSERT((pf_test_vlan_pools(50) & 1u << 1) != 0, "VLAN");
	model->write(model, I82576_VF_VTCTRL, I82576_VF_VTCTRL_RST);
	HAS(I82576_VFLRE, 1u << 1);
	i82576_pf_test_interrupt(pf_test_port);
	HAS_NOT(I82576_VFLRE, 1u << 1);
	HAS_NOT(I82576_VFRE, 1u << 1);
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 0, "its address stays");
	TEST_EQUALS(pf_test_vlan_pools(50) & 1u << 1, 0, "its VLAN stays");
	TEST_EQUALS(peek(I82576_VMVIR(1)), 0x40000007u, "policy lost");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_info(pf_test_port, 1, &info), "info");
	TEST_ASSERT(!info.active && info.vlan_insert == 7, "info");
	return 0;
}

static int
test_pf_reset_replays_policy(void)
{
	uint32_t words[1], resets = pf_test_sim->resets;

	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 1, &mac_a), "MAC");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 100, 5), "VLAN");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_anti_spoof(pf_test_port, 0, false), "");
	TEST_ASSERT_SUCCESS(vf_begin(1), "begin");
	TEST_ASSERT_SUCCESS(rte_eth_dev_reset(pf_test_port), "reset");
	TEST_ASSERT_SUCCESS(pf_test_start(), "start");
	TEST_ASSERT(pf_test_sim->resets > resets, "the device was not reset");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 1u << 1, "MAC");
	TEST_EQUALS(peek(I82576_VMVIR(1)), 0x40000000u | 5u << 13 | 100, "VMVIR");
	TEST_EQUALS(peek(I82576_DTXSWC), 0x80000f0e, "DTXSWC");
	TEST_ASSERT((pf_test_vlan_pools(100) & 1u << 1) != 0, "VLVF");
	HAS_NOT(I82576_VFRE, 1u << 1);
	TEST_ASSERT((sim_vf_answer(pf_test_sim, 1, words, 1) & I82576_VF_V2PMAILBOX_PFSTS) != 0 &&
		words[0] == I82576_MBX_PF_CONTROL, "the VF was not told");
	TEST_EQUALS(pf_test_ask2(1, I82576_MBX_RESET, 0), 0x80000001u, "RESET");
	return 0;
}

struct recovery {
	unsigned int began;
	unsigned int succeeded;
	unsigned int failed;
};

static int
recovery_event(uint16_t port __rte_unused, enum rte_eth_event_type type, void *arg,
		void *ret_param __rte_unused)
{
	struct recovery *seen = arg;

	seen->began += type == RTE_ETH_EVENT_ERR_RECOVERING;
	seen->succeeded += type == RTE_ETH_EVENT_RECOVERY_SUCCESS;
	seen->failed += type == RTE_ETH_EVENT_RECOVERY_FAILED;
	return 0;
}

static const enum rte_eth_event_type recovery_types[] = { RTE_ETH_EVENT_ERR_RECOVERING,
	RTE_ETH_EVENT_RECOVERY_SUCCESS, RTE_ETH_EVENT_RECOVERY_FAILED };

static void
recovery_listen(struct recovery *seen)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(recovery_types); i++)
		rte_eth_dev_callback_register(pf_test_port, recovery_types[i], recovery_event,
			seen);
}

static int
stop_event(uint16_t port, enum rte_eth_event_type type __rte_unused, void *arg __rte_unused,
		void *ret_param __rte_unused)
{
	return rte_eth_dev_stop(port);
}

/* A callback outlives its port: the next of that number would have it. */
static void
recovery_teardown(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(recovery_types); i++)
		rte_eth_dev_callback_unregister(pf_test_port, recovery_types[i], recovery_event,
			(void *)-1);
	rte_eth_dev_callback_unregister(pf_test_port, RTE_ETH_EVENT_ERR_RECOVERING, stop_event,
		(void *)-1);
	pf_test_teardown();
}

/* As by a function level reset: nothing answers, and then all is as it was at power-on. */
static int
reset_by_others(void)
{
	struct i82576_model *model = &pf_test_sim->pf.model;
	struct rte_pmd_i82576_vf_info info;

	pf_test_sim->gone = true;
	i82576_pf_test_interrupt(pf_test_port);
	TEST_EQUALS(rte_pmd_i82576_get_vf_info(pf_test_port, 1, &info), -EIO, "in the reset");
	pf_test_sim->gone = false;
	model->write(model, I82576_CTRL, I82576_CTRL_RST);
	HAS_NOT(I82576_CTRL_EXT, I82576_CTRL_EXT_DRV_LOAD);
	return 0;
}

static int
test_pf_reset_by_others_recovers(void)
{
	static const uint8_t frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	const struct sim_rx rx = { 0 };
	struct recovery seen = { 0 };
	struct rte_mbuf *mbuf;
	uint32_t words[1];

	recovery_listen(&seen);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 1, &mac_a), "MAC");
	TEST_ASSERT_SUCCESS(vf_begin(1), "begin");
	TEST_ASSERT_SUCCESS(reset_by_others(), "reset");
	TEST_EQUALS(seen.began, 0, "while nothing answers");
	i82576_pf_test_interrupt(pf_test_port);
	TEST_ASSERT(seen.began == 1 && seen.succeeded == 1 && seen.failed == 0, "events");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 1u << 1, "the policy is not applied");
	HAS(I82576_RCTL, I82576_RCTL_RXEN);
	HAS(I82576_TCTL, I82576_TCTL_EN);
	HAS_NOT(I82576_VFRE, 1u << 1);
	TEST_ASSERT((sim_vf_answer(pf_test_sim, 1, words, 1) & I82576_VF_V2PMAILBOX_PFSTS) != 0 &&
		words[0] == I82576_MBX_PF_CONTROL, "the VF was not told");
	TEST_EQUALS(pf_test_ask2(1, I82576_MBX_RESET, 0), 0x80000001u, "RESET");
	TEST_ASSERT(sim_receive(pf_test_sim, I82576_PF_POOL, frame, sizeof(frame), &rx),
		"the port's ring has no room");
	TEST_EQUALS(rte_eth_rx_burst(pf_test_port, 0, &mbuf, 1), 1, "the port does not receive");
	rte_pktmbuf_free(mbuf);
	i82576_pf_test_interrupt(pf_test_port);
	TEST_EQUALS(seen.began, 1, "recovers for ever");
	return 0;
}

static int
test_pf_reset_by_others_callback_may_stop(void)
{
	struct recovery seen = { 0 };

	recovery_listen(&seen);
	rte_eth_dev_callback_register(pf_test_port, RTE_ETH_EVENT_ERR_RECOVERING, stop_event, NULL);
	TEST_ASSERT_SUCCESS(reset_by_others(), "reset");
	i82576_pf_test_interrupt(pf_test_port);
	TEST_ASSERT(seen.began == 1 && seen.succeeded == 0 && seen.failed == 0, "events");
	HAS_NOT(I82576_RCTL, I82576_RCTL_RXEN);
	HAS_NOT(I82576_CTRL_EXT, I82576_CTRL_EXT_DRV_LOAD);
	TEST_ASSERT_SUCCESS(pf_test_start(), "start");
	HAS(I82576_RCTL, I82576_RCTL_RXEN);
	i82576_pf_test_interrupt(pf_test_port);
	TEST_EQUALS(seen.began, 1, "recovers although it was started anew");
	return 0;
}

static int
test_pf_reset_by_others_keeps_counters(void)
{
	struct rte_pmd_i82576_vf_stats stats;

	sim_poke(pf_test_sim, I82576_PVFGPRC(1), 1000);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_stats(pf_test_port, 1, &stats), "statistics");
	TEST_EQUALS(stats.rx_packets, 1000, "before: %"PRIu64, stats.rx_packets);
	TEST_ASSERT_SUCCESS(reset_by_others(), "reset");
	/* Not noticed yet, but by whom asks. */
	pf_test_pf()->removed = false;
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_stats(pf_test_port, 1, &stats), "statistics");
	TEST_EQUALS(stats.rx_packets, 1000, "at the reset: %"PRIu64, stats.rx_packets);
	i82576_pf_test_interrupt(pf_test_port);
	sim_poke(pf_test_sim, I82576_PVFGPRC(1), 5);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_stats(pf_test_port, 1, &stats), "statistics");
	TEST_EQUALS(stats.rx_packets, 1005, "after: %"PRIu64, stats.rx_packets);
	return 0;
}

static int
test_pf_silence_is_removal_after_a_while(void)
{
	struct rte_eth_dev *dev = &rte_eth_devices[pf_test_port];
	unsigned int ticks;

	pf_test_sim->gone = true;
	for (ticks = 0; ticks < I82576_PF_REMOVED_TICKS; ticks++) {
		TEST_ASSERT(!dev->dev_ops->is_removed(dev), "removed after %u ticks", ticks);
		i82576_pf_tick(dev);
		i82576_pf_alarms_cancel(pf_test_pf());
	}
	TEST_ASSERT(dev->dev_ops->is_removed(dev), "not removed");
	pf_test_sim->gone = false;
	i82576_pf_tick(dev);
	i82576_pf_alarms_cancel(pf_test_pf());
	TEST_ASSERT(!dev->dev_ops->is_removed(dev), "it is back");
	pf_test_sim->gone = true;
	TEST_ASSERT(!dev->dev_ops->is_removed(dev), "does not begin again");
	pf_test_sim->gone = false;
	return 0;
}

static int
test_pf_num_vfs_change_while_running(void)
{
	TEST_ASSERT_SUCCESS(vf_begin(3), "begin");
	TEST_EQUALS(pf_test_ask_mac(3, 0, &mac_a), 0xa0000002u, "MAC");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 5, &mac_b), "MAC");
	TEST_EQUALS(pf_test_mac_pools(&mac_b), 0, "of a VF that does not exist");
	pf_test_sim->pf.model.num_vfs = 6;
	i82576_pf_test_interrupt(pf_test_port);
	TEST_EQUALS(rte_pmd_i82576_get_vf_count(pf_test_port), 6, "count");
	TEST_EQUALS(pf_test_mac_pools(&mac_b), 1u << 5, "its policy is not applied");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 1u << 3, "another VF was touched");
	TEST_EQUALS(pf_test_ask2(5, I82576_MBX_RESET, 0), 0x80000001u, "RESET");
	HAS(I82576_VFRE, 1u << 5 | 1u << 3);
	pf_test_sim->pf.model.num_vfs = 2;
	i82576_pf_test_interrupt(pf_test_port);
	TEST_EQUALS(rte_pmd_i82576_get_vf_count(pf_test_port), 2, "count");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), 0, "an address of one that is gone");
	HAS_NOT(I82576_VFRE, 1u << 5 | 1u << 3);
	TEST_EQUALS(pf_test_ask2(5, I82576_MBX_RESET, 0), 0, "one that is gone is answered");
	return 0;
}

static struct unit_test_suite i82576_pf_suite = {
	.suite_name = "82576 PF: registers and policy of VFs",
	.unit_test_cases = {
		PF_CASE(test_pf_start_writes_registers),
		PF_CASE(test_pf_vf_mac_policy_fixes_address),
		PF_CASE(test_pf_vf_anti_spoof_and_switch),
		PF_CASE(test_pf_vf_vlan_policy),
		PF_CASE(test_pf_vf_receive_modes),
		PF_CASE(test_pf_vf_max_frame),
		PF_CASE(test_pf_vf_link_down_cuts_off),
		PF_CASE(test_pf_vf_rate_limit),
		PF_CASE(test_pf_mirror_rule),
		PF_CASE(test_pf_vflr_clears_live_keeps_policy),
		PF_CASE(test_pf_reset_replays_policy),
		RECOVERY_CASE(test_pf_reset_by_others_recovers),
		RECOVERY_CASE(test_pf_reset_by_others_callback_may_stop),
		RECOVERY_CASE(test_pf_reset_by_others_keeps_counters),
		PF_CASE(test_pf_silence_is_removal_after_a_while),
		PF_CASE(test_pf_num_vfs_change_while_running),
		TEST_CASES_END()
	},
};

static int
test_i82576_pf(void)
{
	return unit_test_suite_runner(&i82576_pf_suite);
}

REGISTER_FAST_TEST(i82576_pf_autotest, true, true, test_i82576_pf);
