/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A VF of net_i82576_vf with its PF of net_i82576_pf, on one register model. */

#include <string.h>

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include "../../drivers/net/i82576/i82576_vf.h"
#include "test_i82576_pf.h"

#define VF		1
#define VF_BIT		(1u << VF)
#define NB_DESC		64
#define NB_MBUFS	255
#define LINK_TRIES	100
#define LINK_TRY_US	20000

static const struct rte_ether_addr mac_a = { { 0x02, 0, 0, 0, 0, 0xaa } };
static const struct rte_ether_addr mac_b = { { 0x02, 0, 0, 0, 0, 0xbb } };

static struct rte_mempool *pool;
static uint16_t vf_port = RTE_MAX_ETHPORTS;

static void
interrupt(void *arg __rte_unused)
{
	i82576_pf_test_refill(pf_test_port);
	i82576_pf_test_interrupt(pf_test_port);
}

static int
pf_setup(void)
{
	if (pf_test_setup() != 0)
		return -1;
	pool = rte_pktmbuf_pool_create("i82576_vf_test", NB_MBUFS, 0, 0,
		RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	TEST_ASSERT_NOT_NULL(pool, "no pool");
	pf_test_sim->interrupt = interrupt;
	return 0;
}

static void
vf_teardown(void)
{
	if (vf_port != RTE_MAX_ETHPORTS) {
		rte_eth_dev_stop(vf_port);
		rte_eth_dev_close(vf_port);
	}
	vf_port = RTE_MAX_ETHPORTS;
	if (pf_test_sim != NULL)
		pf_test_sim->interrupt = NULL;
	pf_test_teardown();
	rte_mempool_free(pool);
	pool = NULL;
}

static int
vf_create(void)
{
	static char name[32];
	static int nb;

	snprintf(name, sizeof(name), "i82576_vf_test_%d", nb++);
	return i82576_vf_test_create(name, &pf_test_sim->vfs[VF].model, &vf_port);
}

static int
vf_start(void)
{
	struct rte_eth_conf conf;

	memset(&conf, 0, sizeof(conf));
	conf.rxmode.offloads = RTE_ETH_RX_OFFLOAD_VLAN_FILTER | RTE_ETH_RX_OFFLOAD_SCATTER;
	TEST_ASSERT_SUCCESS(rte_eth_dev_configure(vf_port, 1, 1, &conf), "not configured");
	TEST_ASSERT_SUCCESS(rte_eth_rx_queue_setup(vf_port, 0, NB_DESC, SOCKET_ID_ANY, NULL,
		pool), "no Rx queue");
	TEST_ASSERT_SUCCESS(rte_eth_tx_queue_setup(vf_port, 0, NB_DESC, SOCKET_ID_ANY, NULL),
		"no Tx queue");
	return rte_eth_dev_start(vf_port);
}

static int
vf_setup(void)
{
	if (pf_setup() != 0)
		return -1;
	TEST_ASSERT_SUCCESS(vf_create(), "no port");
	TEST_ASSERT_SUCCESS(vf_start(), "not started");
	return 0;
}

static bool
vf_link_is_up(void)
{
	struct rte_eth_link link;

	memset(&link, 0, sizeof(link));
	rte_eth_link_get(vf_port, &link);
	return link.link_status == RTE_ETH_LINK_UP;
}

static int
test_vf_start_is_served(void)
{
	struct rte_ether_addr addr;

	/* The PF has no address for it (RESET is NACKed): it takes one of its own. */
	TEST_ASSERT_SUCCESS(rte_eth_macaddr_get(vf_port, &addr), "");
	TEST_ASSERT(rte_is_valid_assigned_ether_addr(&addr), "no address");
	TEST_EQUALS(pf_test_mac_pools(&addr), VF_BIT, "its address");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VFRE) & VF_BIT) != 0, "VFRE");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VFTE) & VF_BIT) != 0, "VFTE");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_RXDCTL(VF)) & 0x02000000) != 0, "Rx queue");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_TXDCTL(VF)) & 0x02000000) != 0, "Tx queue");
	TEST_ASSERT(vf_link_is_up(), "link");
	return 0;
}

static int
test_vf_takes_address_of_policy(void)
{
	struct rte_ether_addr addr, other = mac_b;

	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_mac_addr(pf_test_port, VF, &mac_a), "");
	TEST_ASSERT_SUCCESS(vf_create(), "no port");
	TEST_ASSERT_SUCCESS(rte_eth_macaddr_get(vf_port, &addr), "");
	TEST_ASSERT(rte_is_same_ether_addr(&addr, &mac_a), "not the PF's");
	TEST_ASSERT_SUCCESS(vf_start(), "not started");
	TEST_ASSERT(rte_eth_dev_default_mac_addr_set(vf_port, &other) < 0, "took another");
	TEST_ASSERT_SUCCESS(rte_eth_macaddr_get(vf_port, &addr), "");
	TEST_ASSERT(rte_is_same_ether_addr(&addr, &mac_a), "changed all the same");
	return 0;
}

static int
test_vf_configures_through_pf(void)
{
	struct rte_ether_addr a = mac_a, b = mac_b, group = { { 1, 0, 0x5e, 0, 0, 1 } };

	TEST_ASSERT_SUCCESS(rte_eth_dev_default_mac_addr_set(vf_port, &a), "MAC");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), VF_BIT, "MAC");
	TEST_ASSERT_SUCCESS(rte_eth_dev_mac_addr_add(vf_port, &b, 0), "second MAC");
	TEST_EQUALS(pf_test_mac_pools(&mac_b), VF_BIT, "second MAC");
	TEST_ASSERT_SUCCESS(rte_eth_dev_mac_addr_remove(vf_port, &b), "");
	TEST_EQUALS(pf_test_mac_pools(&mac_b), 0, "second MAC stays");
	TEST_EQUALS(pf_test_mac_pools(&mac_a), VF_BIT, "first MAC went with it");
	TEST_ASSERT_SUCCESS(rte_eth_dev_vlan_filter(vf_port, 77, 1), "VLAN");
	TEST_ASSERT((pf_test_vlan_pools(77) & VF_BIT) != 0, "VLAN");
	TEST_ASSERT_SUCCESS(rte_eth_dev_vlan_filter(vf_port, 77, 0), "VLAN");
	TEST_EQUALS(pf_test_vlan_pools(77) & VF_BIT, 0, "VLAN stays");
	TEST_ASSERT_SUCCESS(rte_eth_dev_set_mtu(vf_port, 3000), "MTU");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VMOLR(VF)) & I82576_VMOLR_RLPML_MASK) >= 3018,
		"RLPML");
	TEST_ASSERT_SUCCESS(rte_eth_dev_set_mc_addr_list(vf_port, &group, 1), "multicast");
	/* Hash of bits 47:36: 0x010. */
	TEST_EQUALS(sim_peek(pf_test_sim, I82576_MTA(0)), 1u << 0x10, "MTA");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VMOLR(VF)) & I82576_VMOLR_ROMPE) != 0, "ROMPE");
	return 0;
}

static int
test_vf_promiscuous_needs_trust(void)
{
	TEST_ASSERT(rte_eth_promiscuous_enable(vf_port) < 0, "granted");
	TEST_ASSERT_SUCCESS(rte_eth_promiscuous_get(vf_port), "on all the same");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_trust(pf_test_port, VF, true), "");
	TEST_ASSERT_SUCCESS(rte_eth_promiscuous_enable(vf_port), "refused");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VMOLR(VF)) & I82576_VMOLR_ROPE) != 0, "ROPE");
	TEST_ASSERT_SUCCESS(rte_eth_promiscuous_disable(vf_port), "off");
	TEST_EQUALS(sim_peek(pf_test_sim, I82576_VMOLR(VF)) & I82576_VMOLR_ROPE, 0, "ROPE");
	return 0;
}

static int
test_vf_link_policy(void)
{
	unsigned int i;

	TEST_ASSERT(vf_link_is_up(), "link");
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_set_vf_link(pf_test_port, VF,
		RTE_PMD_I82576_VF_LINK_DOWN), "");
	/* The PF gives a VF that does not acknowledge an answer 1 s to read it. */
	for (i = 0; i < LINK_TRIES && vf_link_is_up(); i++) {
		rte_delay_us_sleep(LINK_TRY_US);
		i82576_pf_test_interrupt(pf_test_port);
		i82576_vf_test_interrupt(vf_port);
	}
	TEST_ASSERT(!vf_link_is_up(), "up against the policy");
	return 0;
}

/* An application, like testpmd, looks at it after the start and forwards accordingly. */
static int
queues_are(uint8_t state)
{
	struct rte_eth_rxq_info rx;
	struct rte_eth_txq_info tx;

	TEST_ASSERT_SUCCESS(rte_eth_rx_queue_info_get(vf_port, 0, &rx), "Rx queue");
	TEST_ASSERT_SUCCESS(rte_eth_tx_queue_info_get(vf_port, 0, &tx), "Tx queue");
	TEST_EQUALS(rx.queue_state, state, "Rx queue: state %u", rx.queue_state);
	TEST_EQUALS(tx.queue_state, state, "Tx queue: state %u", tx.queue_state);
	return 0;
}

static int
test_vf_without_pf_has_no_link(void)
{
	unsigned int i;

	pf_test_sim->pf_deaf = true;
	TEST_ASSERT_SUCCESS(vf_create(), "no port without a PF's driver");
	TEST_ASSERT_SUCCESS(vf_start(), "not started");
	TEST_ASSERT(!vf_link_is_up(), "link");
	TEST_ASSERT_SUCCESS(queues_are(RTE_ETH_QUEUE_STATE_STARTED), "started");
	TEST_ASSERT_SUCCESS(rte_eth_dev_stop(vf_port), "not stopped");
	TEST_ASSERT_SUCCESS(queues_are(RTE_ETH_QUEUE_STATE_STOPPED), "stopped");
	TEST_ASSERT_SUCCESS(rte_eth_dev_start(vf_port), "not started again");
	TEST_ASSERT_SUCCESS(queues_are(RTE_ETH_QUEUE_STATE_STARTED), "started again");
	pf_test_sim->pf_deaf = false;
	for (i = 0; i < 10 && !vf_link_is_up(); i++) {
		i82576_vf_recovery_begin(i82576_vf(&rte_eth_devices[vf_port]));
		i82576_vf_test_interrupt(vf_port);
	}
	TEST_ASSERT(vf_link_is_up(), "no link with the PF there");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VFRE) & VF_BIT) != 0, "VFRE");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_RXDCTL(VF)) & 0x02000000) != 0, "Rx queue");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_TXDCTL(VF)) & 0x02000000) != 0, "Tx queue");
	TEST_ASSERT_SUCCESS(queues_are(RTE_ETH_QUEUE_STATE_STARTED), "with the PF");
	return 0;
}

static int
test_vf_recovers_from_pf_reset(void)
{
	struct rte_ether_addr a = mac_a, b = mac_b;
	unsigned int i;

	TEST_ASSERT_SUCCESS(rte_eth_dev_default_mac_addr_set(vf_port, &a), "MAC");
	TEST_ASSERT_SUCCESS(rte_eth_dev_mac_addr_add(vf_port, &b, 0), "second MAC");
	TEST_ASSERT_SUCCESS(rte_eth_dev_vlan_filter(vf_port, 77, 1), "VLAN");
	TEST_ASSERT_SUCCESS(rte_eth_dev_set_mtu(vf_port, 3000), "MTU");
	TEST_ASSERT_SUCCESS(rte_eth_dev_reset(pf_test_port), "reset");
	TEST_ASSERT_SUCCESS(pf_test_start(), "start");
	TEST_EQUALS(sim_peek(pf_test_sim, I82576_VFRE) & VF_BIT, 0, "receives at once");
	for (i = 0; i < 10 && (sim_peek(pf_test_sim, I82576_VFRE) & VF_BIT) == 0; i++)
		i82576_vf_test_interrupt(vf_port);
	TEST_EQUALS(pf_test_mac_pools(&mac_a), VF_BIT, "MAC");
	TEST_EQUALS(pf_test_mac_pools(&mac_b), VF_BIT, "second MAC");
	TEST_ASSERT((pf_test_vlan_pools(77) & VF_BIT) != 0, "VLAN");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VMOLR(VF)) & I82576_VMOLR_RLPML_MASK) >= 3018,
		"RLPML");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_RXDCTL(VF)) & 0x02000000) != 0, "Rx queue");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_TXDCTL(VF)) & 0x02000000) != 0, "Tx queue");
	TEST_ASSERT(vf_link_is_up(), "link");
	return 0;
}

/* The VF as a function level reset of the PF leaves it. */
static void
vf_function_reset(void)
{
	unsigned int i;

	pf_test_sim->vfs[VF].model.pci_command = 0;
	for (i = 0; i < sizeof(pf_test_sim->vf[VF].private) / sizeof(uint32_t); i++)
		pf_test_sim->vf[VF].private[i] = 0;
	sim_poke(pf_test_sim, I82576_RXDCTL(VF), 0);
	sim_poke(pf_test_sim, I82576_TXDCTL(VF), 0);
}

static int
event_count(uint16_t port_id, enum rte_eth_event_type type, void *arg, void *ret_param)
{
	RTE_SET_USED(port_id);
	RTE_SET_USED(type);
	RTE_SET_USED(ret_param);
	(*(unsigned int *)arg)++;
	return 0;
}

static int
test_vf_function_off_recovers(void)
{
	const struct i82576_vf *vf = i82576_vf(&rte_eth_devices[vf_port]);
	struct i82576_model *model = &pf_test_sim->vfs[VF].model;
	unsigned int recovering = 0, recovered = 0;
	struct rte_ether_addr a = mac_a;
	unsigned int i;

	TEST_ASSERT_SUCCESS(rte_eth_dev_default_mac_addr_set(vf_port, &a), "MAC");
	TEST_ASSERT_SUCCESS(rte_eth_dev_vlan_filter(vf_port, 77, 1), "VLAN");
	rte_eth_dev_callback_register(vf_port, RTE_ETH_EVENT_ERR_RECOVERING, event_count,
		&recovering);
	rte_eth_dev_callback_register(vf_port, RTE_ETH_EVENT_RECOVERY_SUCCESS, event_count,
		&recovered);
	/* The PF's owner dies; for a while nobody answers. */
	pf_test_sim->pf_deaf = true;
	vf_function_reset();
	TEST_EQUALS(model->read(model, I82576_STATUS), UINT32_MAX, "the model decodes");
	i82576_vf_test_interrupt(vf_port);
	TEST_EQUALS(model->pci_command & 0x6, 0x6, "COMMAND 0x%x", model->pci_command);
	TEST_EQUALS(recovering, 1, "the application was not told");
	TEST_EQUALS(recovered, 0, "recovered without a PF");
	TEST_ASSERT(!vf_link_is_up(), "link without a PF");
	/* Another one opens the PF, which resets it again: now there is nothing at all. */
	model->pci_command = UINT16_MAX;
	for (i = 0; i < 2; i++)
		i82576_vf_test_interrupt(vf_port);
	TEST_ASSERT(vf->state != I82576_VF_DEAD, "given up at once");
	vf_function_reset();
	TEST_ASSERT_SUCCESS(rte_eth_dev_reset(pf_test_port), "reset");
	TEST_ASSERT_SUCCESS(pf_test_start(), "start");
	pf_test_sim->pf_deaf = false;
	for (i = 0; i < 10 && recovered == 0; i++)
		i82576_vf_test_interrupt(vf_port);
	rte_eth_dev_callback_unregister(vf_port, RTE_ETH_EVENT_ERR_RECOVERING, event_count,
		&recovering);
	rte_eth_dev_callback_unregister(vf_port, RTE_ETH_EVENT_RECOVERY_SUCCESS, event_count,
		&recovered);
	TEST_EQUALS(recovered, 1, "not recovered");
	TEST_EQUALS(recovering, 1, "the application was told %u times", recovering);
	TEST_EQUALS(model->pci_command & 0x6, 0x6, "COMMAND 0x%x", model->pci_command);
	TEST_EQUALS(pf_test_mac_pools(&mac_a), VF_BIT, "MAC");
	TEST_ASSERT((pf_test_vlan_pools(77) & VF_BIT) != 0, "VLAN");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_VFRE) & VF_BIT) != 0, "VFRE");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_RXDCTL(VF)) & 0x02000000) != 0, "Rx queue");
	TEST_ASSERT((sim_peek(pf_test_sim, I82576_TXDCTL(VF)) & 0x02000000) != 0, "Tx queue");
	TEST_ASSERT(vf_link_is_up(), "link");
	return 0;
}

/* The registers answer, but the VF may not do DMA. */
static int
test_vf_without_bus_master_recovers(void)
{
	struct i82576_model *model = &pf_test_sim->vfs[VF].model;

	model->pci_command = 0x2;
	i82576_vf_test_interrupt(vf_port);
	TEST_EQUALS(model->pci_command & 0x6, 0x6, "COMMAND 0x%x", model->pci_command);
	TEST_EQUALS(i82576_vf(&rte_eth_devices[vf_port])->events.recoveries, 1, "no recovery");
	TEST_ASSERT(vf_link_is_up(), "link");
	return 0;
}

/* Nobody looks at a port that is stopped. */
static int
test_vf_function_off_starts(void)
{
	struct i82576_model *model = &pf_test_sim->vfs[VF].model;

	TEST_ASSERT_SUCCESS(rte_eth_dev_stop(vf_port), "stop");
	vf_function_reset();
	TEST_ASSERT_SUCCESS(rte_eth_dev_start(vf_port), "start");
	TEST_EQUALS(model->pci_command & 0x6, 0x6, "COMMAND 0x%x", model->pci_command);
	TEST_ASSERT(vf_link_is_up(), "link");
	return 0;
}

static int
test_vf_removed_is_dead(void)
{
	const struct i82576_vf *vf = i82576_vf(&rte_eth_devices[vf_port]);
	unsigned int removed = 0, i;

	rte_eth_dev_callback_register(vf_port, RTE_ETH_EVENT_INTR_RMV, event_count, &removed);
	pf_test_sim->vfs[VF].model.pci_command = UINT16_MAX;
	for (i = 0; i < 10; i++)
		i82576_vf_test_interrupt(vf_port);
	rte_eth_dev_callback_unregister(vf_port, RTE_ETH_EVENT_INTR_RMV, event_count, &removed);
	TEST_EQUALS(removed, 1, "told %u times", removed);
	TEST_EQUALS(vf->state, I82576_VF_DEAD, "state %d", vf->state);
	TEST_EQUALS(pf_test_sim->vfs[VF].model.pci_command, UINT16_MAX, "written");
	TEST_ASSERT(!vf_link_is_up(), "link");
	return 0;
}

static int
test_vf_statistics_wrap(void)
{
	struct rte_eth_stats stats;

	sim_poke(pf_test_sim, I82576_PVFGPRC(VF), 0xfffffff0);
	sim_poke(pf_test_sim, I82576_PVFGOTC(VF), 0xffffff00);
	TEST_ASSERT_SUCCESS(rte_eth_stats_reset(vf_port), "reset");
	sim_poke(pf_test_sim, I82576_PVFGPRC(VF), 0x10);
	sim_poke(pf_test_sim, I82576_PVFGOTC(VF), 0x100);
	TEST_ASSERT_SUCCESS(rte_eth_stats_get(vf_port, &stats), "get");
	TEST_EQUALS(stats.ipackets, 0x20, "%"PRIu64" packets", stats.ipackets);
	/* Without frame check sequences, of which there were none: no packet was sent. */
	TEST_EQUALS(stats.obytes, 0x200, "%"PRIu64" bytes", stats.obytes);
	return 0;
}

static struct unit_test_suite i82576_vf_suite = {
	.suite_name = "82576 VF with its PF",
	.unit_test_cases = {
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_start_is_served),
		TEST_CASE_ST(pf_setup, vf_teardown, test_vf_takes_address_of_policy),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_configures_through_pf),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_promiscuous_needs_trust),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_link_policy),
		TEST_CASE_ST(pf_setup, vf_teardown, test_vf_without_pf_has_no_link),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_recovers_from_pf_reset),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_function_off_recovers),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_without_bus_master_recovers),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_function_off_starts),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_removed_is_dead),
		TEST_CASE_ST(vf_setup, vf_teardown, test_vf_statistics_wrap),
		TEST_CASES_END()
	},
};

static int
test_i82576_vf(void)
{
	return unit_test_suite_runner(&i82576_vf_suite);
}

REGISTER_FAST_TEST(i82576_vf_autotest, true, true, test_i82576_vf);
