/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include <rte_ethdev.h>

#include "test_i82576_pf.h"

#define NB_DESC		64
#define NB_MBUFS	255

struct i82576_sim *pf_test_sim;
uint16_t pf_test_port = RTE_MAX_ETHPORTS;

static struct rte_mempool *pool;

struct i82576_pf *
pf_test_pf(void)
{
	return i82576_pf(&rte_eth_devices[pf_test_port]);
}

int
pf_test_start(void)
{
	struct rte_eth_conf conf;

	memset(&conf, 0, sizeof(conf));
	TEST_ASSERT_SUCCESS(rte_eth_dev_configure(pf_test_port, 1, 1, &conf), "not configured");
	TEST_ASSERT_SUCCESS(rte_eth_rx_queue_setup(pf_test_port, 0, NB_DESC, SOCKET_ID_ANY, NULL,
		pool), "no Rx queue");
	TEST_ASSERT_SUCCESS(rte_eth_tx_queue_setup(pf_test_port, 0, NB_DESC, SOCKET_ID_ANY, NULL),
		"no Tx queue");
	TEST_ASSERT_SUCCESS(rte_eth_dev_start(pf_test_port), "not started");
	/* The test is the device, and the clock. */
	i82576_pf_alarms_cancel(pf_test_pf());
	return 0;
}

int
pf_test_setup(void)
{
	static char name[32];
	static int nb;

	pf_test_sim = sim_create(PF_TEST_VFS);
	TEST_ASSERT_NOT_NULL(pf_test_sim, "no model");
	pool = rte_pktmbuf_pool_create("i82576_pf_test", NB_MBUFS, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	TEST_ASSERT_NOT_NULL(pool, "no pool");
	snprintf(name, sizeof(name), "i82576_pf_test_%d", nb++);
	TEST_ASSERT_SUCCESS(i82576_pf_test_create(name, &pf_test_sim->pf.model, &pf_test_port),
		"no port");
	return pf_test_start();
}

void
pf_test_teardown(void)
{
	if (pf_test_port != RTE_MAX_ETHPORTS) {
		rte_eth_dev_stop(pf_test_port);
		rte_eth_dev_close(pf_test_port);
	}
	pf_test_port = RTE_MAX_ETHPORTS;
	rte_mempool_free(pool);
	pool = NULL;
	sim_free(pf_test_sim);
	pf_test_sim = NULL;
}

uint32_t
pf_test_ask(uint16_t vf, const uint32_t *words, unsigned int nb, uint32_t *reply)
{
	struct i82576_pf *pf = pf_test_pf();
	uint32_t state, answer[3];

	/* An alarm must not run within. */
	i82576_pf_lock(pf);
	sim_vf_post(pf_test_sim, vf, words, nb);
	i82576_pf_test_refill(pf_test_port);
	i82576_pf_test_interrupt(pf_test_port);
	state = sim_vf_answer(pf_test_sim, vf, answer, RTE_DIM(answer));
	i82576_pf_unlock(pf);
	if ((state & I82576_VF_V2PMAILBOX_PFSTS) == 0)
		memset(answer, 0, sizeof(answer));
	if (reply != NULL)
		memcpy(reply, answer, sizeof(answer));
	return answer[0];
}

uint32_t
pf_test_ask2(uint16_t vf, uint32_t word0, uint32_t word1)
{
	const uint32_t words[] = { word0, word1, 0 };

	return pf_test_ask(vf, words, RTE_DIM(words), NULL);
}

uint32_t
pf_test_ask_mac(uint16_t vf, uint8_t info, const struct rte_ether_addr *addr)
{
	uint32_t words[3] = { i82576_mbx_word0(I82576_MBX_SET_MAC, info), 0, 0 };

	memcpy(&words[1], addr->addr_bytes, RTE_ETHER_ADDR_LEN);
	return pf_test_ask(vf, words, RTE_DIM(words), NULL);
}

uint32_t
pf_test_mac_pools(const struct rte_ether_addr *addr)
{
	uint32_t low, high, found;
	unsigned int n;

	for (n = 0; n < I82576_RAR_ENTRIES; n++) {
		low = sim_peek(pf_test_sim, I82576_RAL(n));
		high = sim_peek(pf_test_sim, I82576_RAH(n));
		found = high & 0xffff;
		if ((high & I82576_RAH_AV) != 0 && memcmp(&low, addr->addr_bytes, 4) == 0 &&
				memcmp(&found, &addr->addr_bytes[4], 2) == 0)
			return high >> I82576_RAH_POOL_SHIFT & 0xff;
	}
	return 0;
}

uint32_t
pf_test_vlan_pools(uint16_t vlan)
{
	unsigned int n;
	uint32_t vlvf;

	for (n = 0; n < I82576_VLVF_ENTRIES; n++) {
		vlvf = sim_peek(pf_test_sim, I82576_VLVF(n));
		if ((vlvf & I82576_VLVF_VI_EN) != 0 && (vlvf & I82576_VLVF_VLAN_ID_MASK) == vlan)
			return (vlvf & I82576_VLVF_POOLSEL_MASK) >> I82576_VLVF_POOLSEL_SHIFT;
	}
	return 0;
}
