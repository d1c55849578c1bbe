/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The PF's end of the mailboxes: what VFs may send, must not send, and how often. */

#include <stdlib.h>
#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_random.h>

#include "test_i82576.h"
#include "test_i82576_pf.h"

#define MBX_CASE(fn) TEST_CASE_ST(pf_test_setup, pf_test_teardown, fn)
#define FLOOD		1000
#define RANDOM_DEFAULT	1000000
#define RANDOM_LOOK	4096

struct message {
	const char *name;
	uint32_t words[3];
};

/* The answer of a VF that has done a RESET: its own words, with flags. */
static uint32_t
answer_of(const struct message *m, uint32_t flag)
{
	return (m->words[0] & 0x00ffffff) | I82576_MBX_CTS | flag;
}

static int
vf_stats(uint16_t vf, struct rte_pmd_i82576_vf_stats *stats)
{
	return rte_pmd_i82576_get_vf_stats(pf_test_port, vf, stats);
}

static int
test_mbx_valid_acknowledged(void)
{
	static const struct message messages[] = {
		{ "MAC", { 0x0002, 0x00000002, 0x0100 } },
		{ "MAC filter", { 0x00020002, 0x00000002, 0x0200 } },
		{ "MAC filters cleared", { 0x00010002, 0x00000002, 0x0100 } },
		{ "MAC filters cleared, zero address", { 0x00010002, 0, 0 } },
		{ "2 multicast hashes", { 0x00020003, 0x0fff0001, 0 } },
		{ "30 multicast hashes", { 0x001e0003, 0x00010001, 0 } },
		{ "multicast overflow", { 0x009e0003, 0x00010001, 0 } },
		{ "no multicast", { 0x0003, 0, 0 } },
		{ "VLAN 5 added", { 0x00010004, 5, 0 } },
		{ "VLAN 4094 added", { 0x00010004, 4094, 0 } },
		{ "VLAN 5 removed", { 0x0004, 5, 0 } },
		{ "VLAN 0 added", { 0x00010004, 0, 0 } },
		{ "frames of 1522", { 0x0005, 1522, 0 } },
		{ "frames of 9728", { 0x0005, 9728, 0 } },
		{ "all multicast", { 0x00020006, 0, 0 } },
		{ "no promiscuous mode", { 0x0006, 0, 0 } },
	};
	struct rte_pmd_i82576_vf_stats stats;
	unsigned int i;
	uint32_t got;

	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_RESET, 0), 0x40000001u, "RESET without address");
	for (i = 0; i < RTE_DIM(messages); i++) {
		got = pf_test_ask(0, messages[i].words, 3, NULL);
		TEST_EQUALS(got, answer_of(&messages[i], I82576_MBX_ACK), "%s: 0x%x",
			messages[i].name, got);
	}
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_RESET, 0), 0x80000001u, "RESET with address");
	TEST_ASSERT_SUCCESS(vf_stats(0, &stats), "");
	TEST_ASSERT(stats.mbx_malformed == 0 && stats.mbx_refused == 0, "counted as refused");
	return 0;
}

static const struct message malformed[] = {
	{ "type 0", { 0, 0, 0 } },
	{ "type 7", { 0x0007, 0, 0 } },
	{ "type of the PF", { 0x0100, 0, 0 } },
	{ "type 0xffff", { 0xffff, 0, 0 } },
	{ "RESET with info", { 0x00010001, 0, 0 } },
	{ "CTS in a request", { 0x20000005, 1518, 0 } },
	{ "unused bits", { 0x01000005, 1518, 0 } },
	{ "MAC zero", { 0x0002, 0, 0 } },
	{ "MAC multicast", { 0x0002, 0x00000001, 0x0100 } },
	{ "MAC broadcast", { 0x0002, 0xffffffff, 0xffff } },
	{ "MAC filter multicast", { 0x00020002, 0x005e0001, 0x0100 } },
	{ "MAC info 3", { 0x00030002, 0x00000002, 0x0100 } },
	{ "MAC info 255", { 0x00ff0002, 0x00000002, 0x0100 } },
	{ "31 multicast hashes", { 0x001f0003, 0, 0 } },
	{ "127 multicast hashes", { 0x007f0003, 0, 0 } },
	{ "overflow and 127 hashes", { 0x00ff0003, 0, 0 } },
	{ "hash of 13 bits", { 0x00010003, 0x1000, 0 } },
	{ "hash of 13 bits, second", { 0x00020003, 0x10000000, 0 } },
	{ "VLAN 4095", { 0x00010004, 4095, 0 } },
	{ "VLAN 4096", { 0x00010004, 4096, 0 } },
	{ "VLAN of 32 bits", { 0x00010004, 0xffffffff, 0 } },
	{ "VLAN info 2", { 0x00020004, 5, 0 } },
	{ "frames of 0", { 0x0005, 0, 0 } },
	{ "frames of 63", { 0x0005, 63, 0 } },
	{ "frames of 65536", { 0x0005, 65536, 0 } },
	{ "frames of 32 bits", { 0x0005, 0xffffffff, 0 } },
	{ "promiscuous info 4", { 0x00040006, 0, 0 } },
};

static int
test_mbx_malformed_refused(void)
{
	static struct i82576_pf_vf_live before;
	struct rte_pmd_i82576_vf_stats stats;
	unsigned int i;
	uint32_t got;

	pf_test_ask2(1, I82576_MBX_RESET, 0);
	before = pf_test_pf()->vfs[1].live;
	for (i = 0; i < RTE_DIM(malformed); i++) {
		got = pf_test_ask(1, malformed[i].words, 3, NULL);
		TEST_EQUALS(got, answer_of(&malformed[i], I82576_MBX_NACK), "%s: 0x%x",
			malformed[i].name, got);
		TEST_ASSERT(memcmp(&before, &pf_test_pf()->vfs[1].live, sizeof(before)) == 0,
			"%s: changed something", malformed[i].name);
		TEST_ASSERT_SUCCESS(vf_stats(1, &stats), "");
		TEST_EQUALS(stats.mbx_malformed, i + 1, "%s: not counted", malformed[i].name);
	}
	return 0;
}

static int
test_mbx_answers_not_answered(void)
{
	static const uint32_t words[] = { 0x80000001, 0x40000005, 0xe0000100 };
	unsigned int i;

	pf_test_ask2(1, I82576_MBX_RESET, 0);
	for (i = 0; i < RTE_DIM(words); i++)
		TEST_EQUALS(pf_test_ask2(1, words[i], 0), 0, "0x%x was answered", words[i]);
	return 0;
}

static int
test_mbx_refused_by_policy(void)
{
	static const struct message messages[] = {
		{ "promiscuous", { 0x00010006, 0, 0 } },
		{ "frames of 9729", { 0x0005, 9729, 0 } },
		{ "the PF's address", { 0x0002, 0, 0 } },
		{ "another VF's address", { 0x0002, 0x00000002, 0x0700 } },
		{ "another VF's address as filter", { 0x00020002, 0x00000002, 0x0700 } },
	};
	struct rte_pmd_i82576_vf_stats stats;
	struct rte_ether_addr addr;
	struct message m;
	unsigned int i;

	TEST_ASSERT_SUCCESS(rte_eth_macaddr_get(pf_test_port, &addr), "");
	pf_test_ask2(2, I82576_MBX_RESET, 0);
	pf_test_ask2(3, I82576_MBX_RESET, 0);
	TEST_EQUALS(pf_test_ask(3, messages[3].words, 3, NULL), 0xa0000002u, "VF 3's MAC");
	for (i = 0; i < RTE_DIM(messages); i++) {
		m = messages[i];
		if (i == 2)
			memcpy(&m.words[1], &addr, sizeof(addr));
		TEST_EQUALS(pf_test_ask(2, m.words, 3, NULL), answer_of(&m, I82576_MBX_NACK),
			"%s", m.name);
	}
	TEST_ASSERT_SUCCESS(vf_stats(2, &stats), "");
	TEST_ASSERT(stats.mbx_refused == i && stats.mbx_malformed == 0, "counters");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_trust(pf_test_port, 2, true), "trust");
	TEST_EQUALS(pf_test_ask(2, messages[0].words, 1, NULL), 0xa0010006u, "trusted");
	return 0;
}

static int
test_mbx_before_reset_refused(void)
{
	struct rte_pmd_i82576_vf_stats stats;

	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_SET_LPE, 1518), 0x40000005u, "not refused");
	/* At most every 2 s, as one of Linux. */
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_SET_LPE, 1518), 0, "refused again at once");
	TEST_ASSERT_SUCCESS(vf_stats(0, &stats), "");
	TEST_EQUALS(stats.mbx_early, 2, "counter");
	return 0;
}

static int
test_mbx_vlans_beyond_table_refused(void)
{
	unsigned int vid, nb = 0;

	pf_test_ask2(0, I82576_MBX_RESET, 0);
	for (vid = 1; vid <= 40; vid++)
		if (pf_test_ask2(0, 0x00010004, vid) == 0xa0010004u)
			nb++;
	/* Entry 0 is for VLAN 0. */
	TEST_EQUALS(nb, I82576_VLVF_ENTRIES - 1, "%u VLANs", nb);
	TEST_EQUALS(pf_test_ask2(0, 0x00000004, 1), 0xa0000004u, "remove");
	TEST_EQUALS(pf_test_ask2(0, 0x00010004, 40), 0xa0010004u, "no room after that");
	return 0;
}

static int
test_mbx_flood_does_not_starve_others(void)
{
	static const uint32_t lpe[] = { I82576_MBX_SET_LPE, 1518 };
	struct rte_pmd_i82576_vf_stats stats;
	struct i82576_pf *pf = pf_test_pf();
	uint32_t words[3];
	unsigned int i, answered = 0;

	pf_test_ask2(0, I82576_MBX_RESET, 0);
	pf_test_ask2(1, I82576_MBX_RESET, 0);
	i82576_pf_lock(pf);
	for (i = 0; i < FLOOD; i++) {
		sim_vf_post(pf_test_sim, 0, lpe, 2);
		if (i % 20 == 0)
			sim_vf_post(pf_test_sim, 1, lpe, 2);
		i82576_pf_test_interrupt(pf_test_port);
		if (i % 20 == 0 && (sim_vf_answer(pf_test_sim, 1, words, 3) &
				I82576_VF_V2PMAILBOX_PFSTS) != 0 && words[0] == 0xa0000005u)
			answered++;
	}
	i82576_pf_unlock(pf);
	TEST_EQUALS(answered, FLOOD / 20, "VF 1: %u answers", answered);
	TEST_ASSERT_SUCCESS(vf_stats(0, &stats), "");
	TEST_ASSERT(stats.mbx_throttled > 0 && stats.mbx_requests < FLOOD / 2,
		"VF 0: %"PRIu64" requests served", stats.mbx_requests);
	return 0;
}

static int
test_mbx_held_buffer_taken(void)
{
	static const uint32_t lpe[] = { I82576_MBX_SET_LPE, 1518 };
	struct i82576_pf *pf = pf_test_pf();
	uint32_t words[3];
	unsigned int i;

	pf_test_ask2(0, I82576_MBX_RESET, 0);
	i82576_pf_lock(pf);
	sim_vf_post(pf_test_sim, 0, lpe, 2);
	pf_test_sim->vf[0].vf_holds = true;
	for (i = 0; i < 12; i++)
		i82576_pf_test_interrupt(pf_test_port);
	TEST_ASSERT((sim_vf_answer(pf_test_sim, 0, words, 3) & I82576_VF_V2PMAILBOX_PFSTS) != 0 &&
		words[0] == 0xa0000005u, "not answered");
	i82576_pf_unlock(pf);
	return 0;
}

/* Sends a request as a VF that never acknowledges an answer; with the lock held. */
static void
ask_silently(uint16_t vf, uint32_t word0, uint32_t word1)
{
	const uint32_t words[] = { word0, word1 };

	sim_vf_post(pf_test_sim, vf, words, RTE_DIM(words));
	i82576_pf_test_interrupt(pf_test_port);
}

/* The PF's own messages must not wait a second for an acknowledgement that never comes. */
static int
test_mbx_silent_vf_told_soon(void)
{
	struct i82576_pf *pf = pf_test_pf();
	uint32_t at_once, later;

	i82576_pf_lock(pf);
	ask_silently(0, I82576_MBX_RESET, 0);
	ask_silently(0, I82576_MBX_SET_LPE, 1522);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_ping_vf(pf_test_port, 0), "ping");
	at_once = sim_peek(pf_test_sim, I82576_VMBMEM(0)) & 0xffff;
	rte_delay_ms(60);
	i82576_pf_test_interrupt(pf_test_port);
	later = sim_peek(pf_test_sim, I82576_VMBMEM(0)) & 0xffff;
	i82576_pf_unlock(pf);
	i82576_pf_alarms_cancel(pf);
	TEST_EQUALS(at_once, I82576_MBX_SET_LPE, "the answer was overwritten at once");
	TEST_EQUALS(later, I82576_MBX_PF_CONTROL, "not told after 60 ms");
	return 0;
}

static int
event(uint16_t port __rte_unused, enum rte_eth_event_type type __rte_unused, void *arg,
		void *data)
{
	struct rte_pmd_i82576_mb_event_param *param = data;

	if (param->msg_type != I82576_MBX_RESET)
		param->retval = *(const uint16_t *)arg;
	return 0;
}

static int
test_mbx_application_decides(void)
{
	static const uint32_t want[] = { 0xa0000005u, 0x60000005u, 0xa0000005u };
	static const uint16_t frame[] = { 1522, 1522, 3000 };
	uint16_t decision;
	int ret = 0;

	TEST_ASSERT_SUCCESS(rte_eth_dev_callback_register(pf_test_port, RTE_ETH_EVENT_VF_MBOX,
		event, &decision), "register");
	pf_test_ask2(0, I82576_MBX_RESET, 0);
	for (decision = 0; decision < RTE_DIM(want); decision++) {
		ret |= pf_test_ask2(0, I82576_MBX_SET_LPE, 3000) != want[decision];
		ret |= pf_test_pf()->vfs[0].live.max_frame != frame[decision];
	}
	rte_eth_dev_callback_unregister(pf_test_port, RTE_ETH_EVENT_VF_MBOX, event, &decision);
	TEST_ASSERT_SUCCESS(ret, "the application's answer was not followed");
	return 0;
}

/* What no message of a VF may bring about. */
static int
pf_state_check(const struct i82576_pf *before)
{
	const struct i82576_pf *pf = pf_test_pf();
	unsigned int i, n, nb_own = 0;

	for (i = 0; i < I82576_MAX_VFS; i++) {
		const struct i82576_pf_vf_live *live = &pf->vfs[i].live;

		TEST_ASSERT(memcmp(&pf->vfs[i].policy, &before->vfs[i].policy,
			sizeof(pf->vfs[i].policy)) == 0, "vf %u: policy changed", i);
		TEST_ASSERT(live->nb_filters <= RTE_PMD_I82576_VF_MAX_FILTERS &&
			live->nb_hashes <= I82576_MBX_MULTICAST_MAX &&
			live->max_frame <= I82576_MAX_FRAME_BYTES && !live->unicast_promisc &&
			!i82576_pf_vlan_test(live->vlans, 4095), "vf %u: out of bounds", i);
		TEST_ASSERT(i < PF_TEST_VFS || !live->cts, "vf %u does not exist", i);
	}
	TEST_ASSERT(memcmp(pf->macs, before->macs, sizeof(pf->macs)) == 0, "MACs");
	TEST_ASSERT(memcmp(pf->vlans, before->vlans, sizeof(pf->vlans)) == 0, "VLANs");
	TEST_ASSERT(memcmp(pf->mirror, before->mirror, sizeof(pf->mirror)) == 0, "mirror rules");
	TEST_ASSERT(memcmp(&pf->rar[0], &before->rar[0], sizeof(pf->rar[0])) == 0, "RAR 0");
	for (n = 0; n < I82576_RAR_ENTRIES; n++) {
		TEST_ASSERT((pf->rar[n].addr.addr_bytes[0] & 1) == 0, "multicast RAR");
		nb_own += (pf->rar[n].pools >> I82576_PF_POOL & 1) != 0;
		TEST_ASSERT((pf->rar[n].pools & ~0x8fu) == 0, "RAR of no pool");
	}
	TEST_EQUALS(nb_own, 1, "addresses of the PF");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VFRE) & 0xf0) == 1u << I82576_PF_POOL, "VFRE");
	TEST_EQUALS(sim_peek(pf_test_sim, I82576_DTXSWC), 0x80000f0fu, "DTXSWC");
	return 0;
}

/* A third is nearly valid, a third valid but for its type, the rest is anything. */
static void
random_message(uint32_t *words)
{
	unsigned int i;

	for (i = 0; i < I82576_MBX_WORDS; i++)
		words[i] = rte_rand() & (rte_rand_max(2) ? 0x0fff0fff : UINT32_MAX);
	switch (rte_rand_max(3)) {
	case 0:
		words[0] = rte_rand_max(8) | rte_rand_max(32) << 16;
		words[1] = rte_rand_max(2) ? rte_rand_max(4200) : words[1];
		break;
	case 1:
		words[0] &= 0x00ff0007;
		break;
	}
}

static int
test_mbx_random_leaves_pf_intact(void)
{
	const char *text = getenv("DPDK_SRIOV_TEST_MESSAGES");
	unsigned long i, nb = text == NULL ? RANDOM_DEFAULT : strtoul(text, NULL, 0);
	uint64_t served = 0, begin = rte_get_timer_cycles();
	static struct i82576_pf before;
	struct rte_pmd_i82576_vf_stats stats;
	uint32_t words[I82576_MBX_WORDS];
	uint16_t vf;

	rte_srand(test_i82576_seed());
	for (vf = 0; vf < PF_TEST_VFS; vf++)
		pf_test_ask2(vf, I82576_MBX_RESET, 0);
	before = *pf_test_pf();
	for (i = 0; i < nb; i++) {
		random_message(words);
		/* One in eight of a VF that does not exist. */
		vf = rte_rand_max(8) == 0 ? 4 + rte_rand_max(4) : rte_rand_max(PF_TEST_VFS);
		pf_test_ask(vf, words, I82576_MBX_WORDS, NULL);
		if (i % RANDOM_LOOK == 0 && pf_state_check(&before) != 0)
			return -1;
	}
	for (vf = 0; vf < PF_TEST_VFS; vf++) {
		TEST_ASSERT_SUCCESS(vf_stats(vf, &stats), "");
		served += stats.mbx_requests;
	}
	printf("%lu messages, %"PRIu64" served, %.1f s\n", nb, served,
		(double)(rte_get_timer_cycles() - begin) / rte_get_timer_hz());
	TEST_ASSERT(served > nb / 2, "only %"PRIu64" were served", served);
	TEST_ASSERT_SUCCESS(pf_state_check(&before), "state");
	/* Still at work. */
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_RESET, 0) & 0x3fffffff, I82576_MBX_RESET, "RESET");
	TEST_EQUALS(pf_test_ask2(0, I82576_MBX_SET_LPE, 1522), 0xa0000005u, "LPE");
	return 0;
}

static struct unit_test_suite i82576_mbx_suite = {
	.suite_name = "82576 PF: mailboxes",
	.unit_test_cases = {
		MBX_CASE(test_mbx_valid_acknowledged),
		MBX_CASE(test_mbx_malformed_refused),
		MBX_CASE(test_mbx_answers_not_answered),
		MBX_CASE(test_mbx_refused_by_policy),
		MBX_CASE(test_mbx_before_reset_refused),
		MBX_CASE(test_mbx_vlans_beyond_table_refused),
		MBX_CASE(test_mbx_flood_does_not_starve_others),
		MBX_CASE(test_mbx_held_buffer_taken),
		MBX_CASE(test_mbx_silent_vf_told_soon),
		MBX_CASE(test_mbx_application_decides),
		MBX_CASE(test_mbx_random_leaves_pf_intact),
		TEST_CASES_END()
	},
};

static int
test_i82576_mbx(void)
{
	return unit_test_suite_runner(&i82576_mbx_suite);
}

REGISTER_FAST_TEST(i82576_mbx_autotest, true, true, test_i82576_mbx);
