/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Warm start of the PF: its port is forgotten as by a process that is killed, at any register that
 * it was about to write, and made again on the same device and state file.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_ethdev.h>
#include <rte_log.h>

#include "test_i82576_pf.h"

#include "../../drivers/net/i82576/i82576_pf_state.h"

#define WARM_CASE(fn) TEST_CASE_ST(warm_setup, warm_teardown, fn)
#define PORT_NAME	"i82576_warm_test"
#define ENABLE		I82576_RXDCTL_ENABLE
/* More than any request, or change of policy, writes. */
#define WRITES_MAX	2000

static const struct rte_ether_addr mac_a = { { 0x02, 0, 0, 0, 0, 0xaa } };
static const struct rte_ether_addr mac_b = { { 0x02, 0, 0, 0, 0, 0xbb } };
static const struct rte_ether_addr mac_c = { { 0x02, 0, 0, 0, 0, 0xcc } };

static char dir[] = "/tmp/i82576-warm-XXXXXX";
static char path[sizeof(dir) + sizeof("/state")];
static char log_text[16384];

static uint32_t
peek(uint32_t reg)
{
	return sim_peek(pf_test_sim, reg);
}

static int
port_create(bool warm)
{
	return i82576_pf_test_create_warm(PORT_NAME, &pf_test_sim->pf.model, path, warm,
		&pf_test_port);
}

static void
port_close(void)
{
	rte_eth_dev_stop(pf_test_port);
	rte_eth_dev_close(pf_test_port);
	pf_test_port = RTE_MAX_ETHPORTS;
}

static void
port_kill(void)
{
	i82576_pf_test_abandon(pf_test_port);
	pf_test_port = RTE_MAX_ETHPORTS;
}

static int
warm_setup(void)
{
	snprintf(dir + strlen(dir) - 6, 7, "XXXXXX");
	TEST_ASSERT_SUCCESS(pf_test_setup(), "no model");
	port_close();
	TEST_ASSERT_NOT_NULL(mkdtemp(dir), "no directory");
	snprintf(path, sizeof(path), "%s/state", dir);
	TEST_ASSERT_SUCCESS(port_create(false), "no port");
	return pf_test_start();
}

static void
warm_teardown(void)
{
	pf_test_teardown();
	unlink(path);
	rmdir(dir);
}

/* Makes the port again; what that logs is in log_text. Returns what it does. */
static int
port_create_logged(bool warm)
{
	FILE *f;
	int ret;

	memset(log_text, 0, sizeof(log_text));
	f = fmemopen(log_text, sizeof(log_text) - 1, "w");
	if (f == NULL)
		return -errno;
	rte_openlog_stream(f);
	ret = port_create(warm);
	rte_openlog_stream(NULL);
	fclose(f);
	return ret;
}

/* Each VF with its driver: an address, a VLAN, larger frames, multicast. */
static int
vfs_begin(void)
{
	static const uint32_t multicast[] = { 0x00020003, 0x0fff0001, 0 };
	struct rte_ether_addr mac = mac_a;
	uint16_t vf;

	for (vf = 0; vf < PF_TEST_VFS; vf++) {
		mac.addr_bytes[4] = vf;
		pf_test_ask2(vf, I82576_MBX_RESET, 0);
		TEST_EQUALS(pf_test_ask_mac(vf, 0, &mac), 0xa0000002u, "vf %u: MAC", vf);
		TEST_EQUALS(pf_test_ask2(vf, 0x00010004, 100 + vf), 0xa0010004u, "vf %u: VLAN", vf);
		TEST_EQUALS(pf_test_ask2(vf, 0x0005, 2000 + vf), 0xa0000005u, "vf %u: LPE", vf);
		TEST_EQUALS(pf_test_ask(vf, multicast, 3, NULL), 0xa0020003u, "vf %u: mc", vf);
		/* As the VF's driver starts its first queues and vectors. */
		sim_poke(pf_test_sim, I82576_RXDCTL(vf), ENABLE);
		sim_poke(pf_test_sim, I82576_TXDCTL(vf), ENABLE);
		sim_poke(pf_test_sim, I82576_EIMS, peek(I82576_EIMS) | 1u << (22 - 3 * vf));
	}
	return 0;
}

/* Registers that VFs depend on. */
static const struct {
	const char *name;
	uint32_t first;
	unsigned int nb;
} kept[] = {
	{ "RAL and RAH", I82576_RAL(0), 2 * 16 },
	{ "MTA", I82576_MTA(0), I82576_MTA_ENTRIES },
	{ "VFTA", I82576_VFTA(0), I82576_VFTA_ENTRIES },
	{ "VLVF", I82576_VLVF(0), I82576_VLVF_ENTRIES },
	{ "VMOLR", I82576_VMOLR(0), I82576_POOLS },
	{ "VMVIR", I82576_VMVIR(0), I82576_POOLS },
	{ "VMRCTL", I82576_VMRCTL(0), I82576_VMRCTL_RULES },
	{ "VFRE", I82576_VFRE, 1 },
	{ "VFTE", I82576_VFTE, 1 },
	{ "DTXSWC", I82576_DTXSWC, 1 },
	{ "RPLOLR", I82576_RPLOLR, 1 },
	{ "VT_CTL", I82576_VT_CTL, 1 },
	{ "MRQC", I82576_MRQC, 1 },
	{ "RCTL", I82576_RCTL, 1 },
	{ "TCTL", I82576_TCTL, 1 },
	{ "CTRL", I82576_CTRL, 1 },
	{ "CTRL_EXT", I82576_CTRL_EXT, 1 },
	{ "STATUS", I82576_STATUS, 1 },
	{ "GPIE", I82576_GPIE, 1 },
	{ "EIMS", I82576_EIMS, 1 },
	{ "QDE", I82576_QDE, 1 },
};

/* What was written to @pf since was never anything else, not even for a moment. */
static void (*real_write)(struct i82576_model *model, uint32_t reg, uint32_t value);
static uint32_t before[SIM_BAR_BYTES / 4];
static const char *changed;
static long writes_left;
static jmp_buf killed;

static bool
is_kept(uint32_t reg, const char **name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(kept); i++) {
		*name = kept[i].name;
		if (reg >= kept[i].first && reg < kept[i].first + 4 * kept[i].nb)
			return true;
	}
	return false;
}

static void
watching_write(struct i82576_model *model, uint32_t reg, uint32_t value)
{
	const char *name;

	/* The port's own vector comes and goes with it. */
	if (is_kept(reg, &name) && reg != I82576_EIMS && value != before[reg / 4] &&
			changed == NULL) {
		printf("%s (0x%x): 0x%x becomes 0x%x\n", name, reg, before[reg / 4], value);
		changed = name;
	}
	real_write(model, reg, value);
}

static int
test_warm_vfs_notice_nothing(void)
{
	struct rte_pmd_i82576_vf_info info[PF_TEST_VFS], again;
	const uint32_t pf_vector = 1;
	uint32_t resets, mbx[PF_TEST_VFS];
	struct rte_eth_link link;
	unsigned int i, n;
	uint16_t vf;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_anti_spoof(pf_test_port, 1, false), "");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_rate_limit(pf_test_port, 2, 100), "");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_mirror_rule(pf_test_port, 0,
		&(struct rte_pmd_i82576_mirror_rule){ .types = RTE_PMD_I82576_MIRROR_POOLS,
			.target = 3, .vf_mask = 1 }), "mirror");
	pf_test_sim->now_us += 1000000;
	rte_eth_link_get_nowait(pf_test_port, &(struct rte_eth_link){ 0 });
	i82576_pf_tick(&rte_eth_devices[pf_test_port]);
	for (vf = 0; vf < PF_TEST_VFS; vf++) {
		TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_info(pf_test_port, vf, &info[vf]), "");
		/* Reads all that it was told of the link. */
		do {
			i82576_pf_test_interrupt(pf_test_port);
		} while ((sim_vf_answer(pf_test_sim, vf, NULL, 0) &
			I82576_VF_V2PMAILBOX_PFSTS) != 0);
		TEST_ASSERT(!pf_test_pf()->vfs[vf].mbx.ping_waiting, "vf %u: not told", vf);
		mbx[vf] = peek(I82576_VMBMEM(vf));
	}
	resets = pf_test_sim->resets;
	port_kill();

	memcpy(before, pf_test_sim->regs, sizeof(before));
	real_write = pf_test_sim->pf.model.write;
	pf_test_sim->pf.model.write = watching_write;
	changed = NULL;
	TEST_ASSERT_SUCCESS(port_create(true), "no port");
	/* The port's queues are stopped, the VFs' are not. */
	TEST_EQUALS(peek(I82576_RXDCTL(I82576_PF_POOL)) & ENABLE, 0, "Rx queue runs");
	TEST_EQUALS(peek(I82576_TXDCTL(I82576_PF_POOL)) & ENABLE, 0, "Tx queue runs");
	TEST_EQUALS(peek(I82576_EIMS), before[I82576_EIMS / 4] & ~pf_vector, "vectors");
	TEST_ASSERT_SUCCESS(pf_test_start(), "not started");
	pf_test_sim->pf.model.write = real_write;
	TEST_ASSERT_NULL(changed, "%s: was something else for a while", changed);
	for (i = 0; i < RTE_DIM(kept); i++)
		for (n = 0; n < kept[i].nb; n++)
			TEST_EQUALS(peek(kept[i].first + 4 * n), before[kept[i].first / 4 + n],
				"%s[%u]: 0x%x, not 0x%x", kept[i].name, n,
				peek(kept[i].first + 4 * n), before[kept[i].first / 4 + n]);
	TEST_EQUALS(pf_test_sim->resets, resets, "reset");
	TEST_ASSERT((peek(I82576_STATUS) & I82576_STATUS_LU) != 0, "no link");
	rte_eth_linkstatus_get(&rte_eth_devices[pf_test_port], &link);
	TEST_EQUALS(link.link_status, RTE_ETH_LINK_UP, "the port does not know of its link");
	TEST_ASSERT((peek(I82576_RXDCTL(I82576_PF_POOL)) & ENABLE) != 0, "no Rx queue");
	for (vf = 0; vf < PF_TEST_VFS; vf++) {
		TEST_ASSERT((peek(I82576_RXDCTL(vf)) & ENABLE) != 0 &&
			(peek(I82576_TXDCTL(vf)) & ENABLE) != 0, "vf %u: queue stopped", vf);
		TEST_EQUALS(pf_test_sim->vf[vf].latched, 0, "vf %u: told 0x%x", vf,
			pf_test_sim->vf[vf].latched);
		TEST_EQUALS(peek(I82576_VMBMEM(vf)), mbx[vf], "vf %u: mailbox", vf);
		TEST_ASSERT(!pf_test_sim->vf[vf].in_reset, "vf %u: in reset", vf);
		TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_info(pf_test_port, vf, &again), "");
		TEST_ASSERT(memcmp(&info[vf], &again, sizeof(again)) == 0, "vf %u: info", vf);
		TEST_EQUALS(pf_test_ask2(vf, 0x0005, 3000), 0xa0000005u, "vf %u: not served", vf);
	}
	return 0;
}

static int
test_warm_meanwhile_is_served(void)
{
	static const uint32_t reset[] = { I82576_MBX_RESET };
	uint32_t set_mac[3] = { I82576_MBX_SET_MAC, 0, 0 }, answer[3], state;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	memcpy(&set_mac[1], mac_b.addr_bytes, RTE_ETHER_ADDR_LEN);
	port_kill();
	/* VF 0 asks, VF 1 is reset, VF 2 is reset and begins again. */
	sim_vf_post(pf_test_sim, 0, set_mac, RTE_DIM(set_mac));
	pf_test_sim->vfs[1].model.write(&pf_test_sim->vfs[1].model, 0, I82576_CTRL_RST);
	pf_test_sim->vfs[2].model.write(&pf_test_sim->vfs[2].model, 0, I82576_CTRL_RST);
	sim_vf_post(pf_test_sim, 2, reset, RTE_DIM(reset));
	TEST_ASSERT_SUCCESS(port_create(true), "no port");
	TEST_ASSERT_SUCCESS(pf_test_start(), "not started");

	state = sim_vf_answer(pf_test_sim, 0, answer, 1);
	TEST_ASSERT((state & I82576_VF_V2PMAILBOX_PFSTS) != 0, "vf 0: no answer");
	TEST_EQUALS(answer[0], 0xa0000002u, "vf 0: 0x%x", answer[0]);
	TEST_EQUALS(pf_test_mac_pools(&mac_b), 1, "vf 0: address");
	TEST_EQUALS(peek(I82576_VFLRE), 0, "resets not taken");
	TEST_EQUALS(peek(I82576_VFRE) & 0xf, 0xd, "VFRE");
	TEST_ASSERT(!pf_test_pf()->vfs[1].live.cts, "vf 1: not reset");
	TEST_EQUALS(pf_test_vlan_pools(101) & 1u << 1, 0, "vf 1: VLAN stays");
	state = sim_vf_answer(pf_test_sim, 2, answer, 3);
	TEST_ASSERT((state & I82576_VF_V2PMAILBOX_PFSTS) != 0, "vf 2: no answer");
	TEST_EQUALS(answer[0] & 0xffff, I82576_MBX_RESET, "vf 2: 0x%x", answer[0]);
	TEST_ASSERT(pf_test_pf()->vfs[2].live.cts && pf_test_pf()->vfs[3].live.cts, "cut off");
	return 0;
}

static int
test_warm_vfs_gone_meanwhile(void)
{
	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	port_kill();
	pf_test_sim->pf.model.num_vfs = 1;
	TEST_ASSERT_SUCCESS(port_create(true), "no port");
	TEST_ASSERT_SUCCESS(pf_test_start(), "not started");
	TEST_EQUALS(rte_pmd_i82576_get_vf_count(pf_test_port), 1, "VFs");
	TEST_ASSERT(pf_test_pf()->vfs[0].live.cts, "vf 0: cut off");
	TEST_ASSERT(!pf_test_pf()->vfs[2].live.cts, "vf 2: still there");
	TEST_EQUALS(peek(I82576_VFRE) & 0xf, 1, "VFRE");
	TEST_EQUALS(pf_test_vlan_pools(102) & 1u << 2, 0, "vf 2: VLAN stays");
	return 0;
}

static int
test_warm_counters_go_on(void)
{
	struct rte_pmd_i82576_vf_stats stats;

	sim_poke(pf_test_sim, I82576_PVFGPRC(1), UINT32_MAX);
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_stats(pf_test_port, 1, &stats), "");
	TEST_EQUALS(stats.rx_packets, UINT32_MAX, "before");
	i82576_pf_state_save(pf_test_pf());
	port_kill();
	sim_poke(pf_test_sim, I82576_PVFGPRC(1), 9);
	TEST_ASSERT_SUCCESS(port_create(true), "no port");
	TEST_ASSERT_SUCCESS(pf_test_start(), "not started");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_stats(pf_test_port, 1, &stats), "");
	TEST_EQUALS(stats.rx_packets, (uint64_t)UINT32_MAX + 10, "after");
	return 0;
}

/* ---- killed at any register ---- */

static void
killing_write(struct i82576_model *model, uint32_t reg, uint32_t value)
{
	if (writes_left-- == 0)
		longjmp(killed, 1);
	real_write(model, reg, value);
}

/*
 * Runs @act, and kills the port before its write number @n, from 0. Returns whether there was such
 * a write.
 */
static bool
kill_at(void (*act)(void), long n)
{
	real_write = pf_test_sim->pf.model.write;
	writes_left = n;
	if (setjmp(killed) == 0) {
		pf_test_sim->pf.model.write = killing_write;
		act();
	}
	pf_test_sim->pf.model.write = real_write;
	port_kill();
	return writes_left < 0;
}

static void
act_serve(void)
{
	i82576_pf_test_interrupt(pf_test_port);
}

static int
restart(void)
{
	const uint32_t resets = pf_test_sim->resets;

	TEST_ASSERT_SUCCESS(port_create(true), "no port");
	TEST_ASSERT_SUCCESS(pf_test_start(), "not started");
	TEST_EQUALS(pf_test_sim->resets, resets, "reset");
	return 0;
}

static int
mailbox_is_free(uint16_t vf)
{
	TEST_ASSERT(!pf_test_sim->vf[vf].pf_holds, "vf %u: mailbox is held", vf);
	TEST_EQUALS(peek(I82576_MBVFICR) & 1u << vf, 0, "vf %u: request left", vf);
	return 0;
}

static int
test_warm_killed_in_request_answers(void)
{
	static const uint32_t vlan[] = { 0x00010004, 300 };
	bool was_killed = true;
	uint32_t state, word;
	long n;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	for (n = 0; n < WRITES_MAX && was_killed; n++) {
		TEST_EQUALS(pf_test_ask2(1, 0x0004, 300), 0xa0000004u, "%ld: not removed", n);
		sim_vf_post(pf_test_sim, 1, vlan, RTE_DIM(vlan));
		was_killed = kill_at(act_serve, n);
		TEST_ASSERT_SUCCESS(restart(), "write %ld", n);
		state = sim_vf_answer(pf_test_sim, 1, &word, 1);
		TEST_ASSERT((state & I82576_VF_V2PMAILBOX_PFSTS) != 0, "write %ld: no answer", n);
		TEST_EQUALS(word, 0xa0010004u, "write %ld: 0x%x", n, word);
		TEST_ASSERT((pf_test_vlan_pools(300) & 1u << 1) != 0, "write %ld: no VLAN", n);
		TEST_ASSERT_SUCCESS(mailbox_is_free(1), "write %ld", n);
		TEST_EQUALS(peek(I82576_VFRE) & 0xf, 0xf, "write %ld: VFRE", n);
	}
	TEST_ASSERT(n > 5 && n < WRITES_MAX, "%ld writes", n);
	printf("killed at each of %ld writes of a request\n", n - 1);
	return 0;
}

static int
test_warm_killed_in_reset_answers(void)
{
	static const uint32_t reset[] = { I82576_MBX_RESET };
	bool was_killed = true;
	uint32_t state, answer[3];
	long n;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	for (n = 0; n < WRITES_MAX && was_killed; n++) {
		TEST_ASSERT_SUCCESS(vfs_begin(), "%ld", n);
		sim_vf_post(pf_test_sim, 3, reset, RTE_DIM(reset));
		was_killed = kill_at(act_serve, n);
		TEST_ASSERT_SUCCESS(restart(), "write %ld", n);
		state = sim_vf_answer(pf_test_sim, 3, answer, 3);
		TEST_ASSERT((state & I82576_VF_V2PMAILBOX_PFSTS) != 0, "write %ld: no answer", n);
		TEST_EQUALS(answer[0], 0x80000001u, "write %ld: 0x%x", n, answer[0]);
		TEST_ASSERT_SUCCESS(mailbox_is_free(3), "write %ld", n);
		TEST_EQUALS(peek(I82576_VFRE) & 0xf, 0xf, "write %ld: VFRE", n);
		TEST_EQUALS(peek(I82576_VFTE) & 0xf, 0xf, "write %ld: VFTE", n);
	}
	TEST_ASSERT(n > 5 && n < WRITES_MAX, "%ld writes", n);
	return 0;
}

static int
test_warm_killed_in_flr_forgets(void)
{
	bool was_killed = true;
	long n;

	for (n = 0; n < WRITES_MAX && was_killed; n++) {
		TEST_ASSERT_SUCCESS(vfs_begin(), "%ld", n);
		pf_test_sim->vfs[2].model.write(&pf_test_sim->vfs[2].model, 0, I82576_CTRL_RST);
		was_killed = kill_at(act_serve, n);
		TEST_ASSERT_SUCCESS(restart(), "write %ld", n);
		TEST_ASSERT(!pf_test_pf()->vfs[2].live.cts, "write %ld: not reset", n);
		TEST_EQUALS(pf_test_vlan_pools(102) & 1u << 2, 0, "write %ld: VLAN stays", n);
		TEST_EQUALS(peek(I82576_VFRE) & 0xf, 0xb, "write %ld: VFRE", n);
		TEST_ASSERT_SUCCESS(mailbox_is_free(2), "write %ld", n);
	}
	TEST_ASSERT(n > 5 && n < WRITES_MAX, "%ld writes", n);
	return 0;
}

static void
act_policy(void)
{
	rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 1, &mac_c);
	rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 77, 3);
	rte_pmd_i82576_set_vf_link(pf_test_port, 1, RTE_PMD_I82576_VF_LINK_DOWN);
}

static void
act_policy_back(void)
{
	static const struct rte_ether_addr none;

	rte_pmd_i82576_set_vf_mac_addr(pf_test_port, 1, &none);
	rte_pmd_i82576_set_vf_port_vlan(pf_test_port, 1, 0, 0);
	rte_pmd_i82576_set_vf_link(pf_test_port, 1, RTE_PMD_I82576_VF_LINK_AUTO);
}

static int
test_warm_killed_in_policy_replayed(void)
{
	bool was_killed = true;
	uint32_t word;
	long n;

	for (n = 0; n < WRITES_MAX && was_killed; n++) {
		TEST_ASSERT_SUCCESS(vfs_begin(), "%ld", n);
		was_killed = kill_at(act_policy, n);
		TEST_ASSERT_SUCCESS(restart(), "write %ld", n);
		/* As the owner of the policy does. */
		act_policy();
		TEST_EQUALS(pf_test_mac_pools(&mac_c), 1u << 1, "write %ld: address", n);
		TEST_EQUALS(peek(I82576_VMVIR(1)), 0x40000000u | 3u << 13 | 77, "write %ld", n);
		TEST_EQUALS(peek(I82576_VFRE) & 0xf, 0xd, "write %ld: VFRE", n);
		/* The VF was told that its address is another, or will be. */
		word = peek(I82576_VMBMEM(1));
		TEST_ASSERT(word == I82576_MBX_PF_CONTROL || pf_test_pf()->vfs[1].mbx.ping_waiting,
			"write %ld: VF not told: 0x%x", n, word);
		act_policy_back();
	}
	TEST_ASSERT(n > 5 && n < WRITES_MAX, "%ld writes", n);
	return 0;
}

/* ---- what is no good ---- */

/* Restarts cold, for the reason @why. */
static int
expect_cold(const char *why)
{
	const uint32_t resets = pf_test_sim->resets;

	TEST_ASSERT_SUCCESS(port_create_logged(true), "no port: %s", log_text);
	TEST_ASSERT_NOT_NULL(strstr(log_text, "no warm start: "), "log: %s", log_text);
	TEST_ASSERT_NOT_NULL(strstr(log_text, why), "not \"%s\": %s", why, log_text);
	TEST_ASSERT(pf_test_sim->resets > resets, "%s: not reset", why);
	TEST_ASSERT(pf_test_sim->vf[0].in_reset, "%s: VFs not in reset", why);
	TEST_ASSERT_SUCCESS(pf_test_start(), "not started");
	TEST_ASSERT(!pf_test_pf()->vfs[0].live.cts && !pf_test_sim->vf[0].in_reset, "VF goes on");
	return vfs_begin();
}

static int
file_poke(off_t offset, uint8_t mask)
{
	int fd = open(path, O_RDWR);
	uint8_t byte;
	bool ok;

	ok = fd >= 0 && pread(fd, &byte, 1, offset) == 1;
	byte ^= mask;
	ok = ok && pwrite(fd, &byte, 1, offset) == 1;
	if (fd >= 0)
		close(fd);
	return ok ? 0 : -1;
}

#define FILE_OFFSET(field) offsetof(struct i82576_pf_state_file, field)

static int
test_warm_bad_file_starts_cold(void)
{
	unsigned int vf;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	port_kill();
	TEST_ASSERT_SUCCESS(truncate(path, 0), "truncate");
	TEST_ASSERT_SUCCESS(expect_cold("it is empty"), "empty");
	port_kill();
	TEST_ASSERT_SUCCESS(truncate(path, 100), "truncate");
	TEST_ASSERT_SUCCESS(expect_cold("it is empty"), "short");
	port_kill();
	TEST_ASSERT_SUCCESS(file_poke(0, 1), "poke");
	TEST_ASSERT_SUCCESS(expect_cold("it is no state of an 82576"), "magic");
	port_kill();
	TEST_ASSERT_SUCCESS(file_poke(FILE_OFFSET(version), 2), "poke");
	TEST_ASSERT_SUCCESS(expect_cold("of another version of the driver"), "version");
	port_kill();
	TEST_ASSERT_SUCCESS(file_poke(FILE_OFFSET(slots[0].body.vfs[3].live.vlans), 1) ||
		file_poke(FILE_OFFSET(slots[1].body.num_vfs), 4), "poke");
	TEST_ASSERT_SUCCESS(expect_cold("it is damaged"), "both slots");
	port_kill();
	/* Somebody has reset the device. */
	pf_test_sim->pf.model.write(&pf_test_sim->pf.model, I82576_CTRL, I82576_CTRL_RST);
	TEST_ASSERT_SUCCESS(expect_cold("the device was reset, or stopped"), "reset");
	port_kill();
	/* Somebody else has had the device. */
	for (vf = 1; vf < 3; vf++)
		sim_poke(pf_test_sim, I82576_RAL(1 + vf), 0x11223302);
	TEST_ASSERT_SUCCESS(expect_cold("other addresses"), "foreign");
	rte_eth_dev_stop(pf_test_port);
	port_kill();
	TEST_ASSERT_SUCCESS(expect_cold("the device was stopped"), "stopped");
	return 0;
}

static int
test_warm_other_device_starts_cold(void)
{
	const uint32_t resets = pf_test_sim->resets;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	port_kill();
	TEST_ASSERT_SUCCESS(i82576_pf_test_create_warm("i82576_other", &pf_test_sim->pf.model,
		path, true, &pf_test_port), "no port");
	TEST_ASSERT(pf_test_sim->resets > resets, "not reset");
	port_close();
	TEST_ASSERT_SUCCESS(i82576_pf_test_create_warm("i82576_other", &pf_test_sim->pf.model,
		NULL, true, &pf_test_port), "no port without a file");
	return 0;
}

static int
test_warm_one_slot_suffices(void)
{
	uint64_t first, second;
	off_t newer;
	int fd;

	TEST_ASSERT_SUCCESS(vfs_begin(), "");
	port_kill();
	fd = open(path, O_RDONLY);
	TEST_ASSERT(fd >= 0 && pread(fd, &first, sizeof(first), FILE_OFFSET(slots[0].sequence)) ==
		sizeof(first) && pread(fd, &second, sizeof(second),
			FILE_OFFSET(slots[1].sequence)) == sizeof(second), "no file");
	close(fd);
	TEST_ASSERT(first != 0 && second != 0 && first != second, "slots");
	newer = first > second ? FILE_OFFSET(slots[0].body) : FILE_OFFSET(slots[1].body);
	TEST_ASSERT_SUCCESS(file_poke(newer + 1000, 0x10), "poke");
	TEST_ASSERT_SUCCESS(restart(), "");
	TEST_ASSERT(pf_test_pf()->vfs[3].live.cts, "VF lost");
	return 0;
}

static int
test_state_file_refused(void)
{
	char link[sizeof(path) + 4];
	uint16_t other;

	/* In use by this very port. */
	TEST_EQUALS(i82576_pf_test_create_warm("i82576_other", &pf_test_sim->pf.model, path, false,
		&other), -EBUSY, "used twice");
	port_close();
	TEST_ASSERT_SUCCESS(chmod(path, 0640), "chmod");
	TEST_EQUALS(port_create_logged(false), -EPERM, "mode: %s", log_text);
	TEST_ASSERT_NOT_NULL(strstr(log_text, "chmod 600"), "log: %s", log_text);
	TEST_ASSERT_SUCCESS(chmod(path, 0600), "chmod");
	snprintf(link, sizeof(link), "%s.ln", path);
	TEST_ASSERT_SUCCESS(symlink(path, link), "symlink");
	TEST_EQUALS(i82576_pf_test_create_warm("i82576_other", &pf_test_sim->pf.model, link, false,
		&other), -ELOOP, "link");
	unlink(link);
	TEST_EQUALS(i82576_pf_test_create_warm("i82576_other", &pf_test_sim->pf.model, dir, false,
		&other), -EISDIR, "directory");
	TEST_EQUALS(i82576_pf_test_create_warm("i82576_other", &pf_test_sim->pf.model,
		"/nonexistent/state", false, &other), -ENOENT, "no directory");
	TEST_ASSERT_SUCCESS(port_create(false), "refused");
	return 0;
}

static struct unit_test_suite warm_suite = {
	.suite_name = "i82576 PF: warm start",
	.unit_test_cases = {
		WARM_CASE(test_warm_vfs_notice_nothing),
		WARM_CASE(test_warm_meanwhile_is_served),
		WARM_CASE(test_warm_vfs_gone_meanwhile),
		WARM_CASE(test_warm_counters_go_on),
		WARM_CASE(test_warm_killed_in_request_answers),
		WARM_CASE(test_warm_killed_in_reset_answers),
		WARM_CASE(test_warm_killed_in_flr_forgets),
		WARM_CASE(test_warm_killed_in_policy_replayed),
		WARM_CASE(test_warm_bad_file_starts_cold),
		WARM_CASE(test_warm_other_device_starts_cold),
		WARM_CASE(test_warm_one_slot_suffices),
		WARM_CASE(test_state_file_refused),
		TEST_CASES_END(),
	},
};

static int
test_i82576_warm(void)
{
	return unit_test_suite_runner(&warm_suite);
}

REGISTER_FAST_TEST(i82576_warm_autotest, true, true, test_i82576_warm);
