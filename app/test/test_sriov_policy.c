/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>

#include <rte_string_fns.h>

#include "../../drivers/net/i82576/rte_pmd_i82576.h"
#include "test_i82576_pf.h"
#include "test_sriov.h"

#undef TEST_ASSERT_SUCCESS
#define TEST_ASSERT_SUCCESS(val, ...) TEST_ASSERT((val) == 0, __VA_ARGS__)
#undef TEST_ASSERT_EQUAL
#define TEST_ASSERT_EQUAL(a, b, ...) TEST_ASSERT((a) == (b), __VA_ARGS__)

/* All members set, to values that are not those of a new VF. */
static const struct rte_sriov_policy everything = {
	.set = (UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1,
	.mac = {{ 0x02, 0x11, 0x22, 0x33, 0x44, 0x55 }},
	.vlan = 0,
	.nb_vlans = 2,
	.vlans = { 100, 4094 },
	.spoofchk = false,
	.vlan_spoofchk = false,
	.trust = true,
	.max_tx_rate = 500,
	.state = RTE_SRIOV_LINK_ENABLE,
	.broadcast = false,
	.multicast_promisc = true,
	.promisc = true,
	.untagged = false,
	.max_frame = 1600,
	.strip = RTE_SRIOV_STRIP_ON,
};

/* ---- values ---- */

static int
test_policy_names_unique(void)
{
	unsigned int i, j;

	for (i = 0; i < RTE_SRIOV_POLICY_NB; i++) {
		TEST_ASSERT_NOT_NULL(rte_sriov_policy_name(UINT32_C(1) << i), "bit %u", i);
		for (j = 0; j < i; j++)
			TEST_ASSERT(strcmp(rte_sriov_policy_name(UINT32_C(1) << i),
					rte_sriov_policy_name(UINT32_C(1) << j)) != 0, "%u, %u", i,
					j);
	}
	TEST_ASSERT(strcmp(rte_sriov_policy_name(RTE_SRIOV_POLICY_MAX_TX_RATE),
			"max_tx_rate") == 0 &&
			strcmp(rte_sriov_policy_name(RTE_SRIOV_POLICY_STRIP), "strip") == 0,
			"names");
	TEST_ASSERT(rte_sriov_policy_name(0) == NULL && rte_sriov_policy_name(3) == NULL &&
			rte_sriov_policy_name(UINT32_C(1) << RTE_SRIOV_POLICY_NB) == NULL, "none");

	return TEST_SUCCESS;
}

static int
check_fails(const struct rte_sriov_policy *policy, const char *words)
{
	struct rte_sriov_error error;

	return sriov_test_error_is(&error, rte_sriov_policy_check(policy, &error), -EINVAL, "",
			words);
}

static int
test_policy_check_names_bad_member(void)
{
	struct rte_sriov_policy policy = everything;

	TEST_ASSERT_SUCCESS(rte_sriov_policy_check(&policy, NULL), "refused");
	policy.set |= UINT32_C(1) << RTE_SRIOV_POLICY_NB;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "unknown members"), "bits");
	TEST_ASSERT_SUCCESS(check_fails(NULL, "unknown members"), "none");
	policy = everything;
	policy.mac.addr_bytes[0] = 1;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "mac: it is a multicast"), "mac");
	policy = everything;
	policy.vlan = 4095;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "vlan: 4095"), "vlan");
	policy.vlan = 5;
	policy.qos = 8;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "qos: 8"), "qos");
	policy.vlan = 0;
	policy.qos = 1;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "without a VLAN"), "qos");
	policy = everything;
	policy.vlans[1] = 100;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "100 is there twice"), "vlans");
	policy.vlans[1] = 0;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "vlans: 0"), "vlans");
	policy.nb_vlans = RTE_SRIOV_POLICY_VLANS_MAX + 1;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "more than 64"), "vlans");
	policy = everything;
	policy.state = 3;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "state: 3"), "state");
	policy = everything;
	policy.strip = 3;
	TEST_ASSERT_SUCCESS(check_fails(&policy, "strip: 3"), "strip");
	/* What is not set does not count. */
	policy.set = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_policy_check(&policy, NULL), "refused");

	return TEST_SUCCESS;
}

static int
test_policy_merge_and_diff(void)
{
	struct rte_sriov_policy a = { .set = 0 }, b = everything;
	unsigned int i;

	/* Each member by itself is merged, and is what differs. */
	for (i = 0; i < RTE_SRIOV_POLICY_NB; i++) {
		struct rte_sriov_policy one = everything;

		one.set = UINT32_C(1) << i;
		TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&a, &b) & one.set, one.set, "bit %u", i);
		rte_sriov_policy_merge(&a, &one);
		TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&a, &b) & one.set, 0, "bit %u", i);
	}
	TEST_ASSERT(rte_sriov_policy_diff(&a, &b) == 0 && a.set == b.set, "different");
	a.vlans[0] = 4094;
	a.vlans[1] = 100;
	TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&a, &b), 0, "the order of the VLANs");
	a.vlans[1] = 101;
	a.qos = 3;
	a.max_frame++;
	TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&a, &b), RTE_SRIOV_POLICY_VLANS |
			RTE_SRIOV_POLICY_VLAN | RTE_SRIOV_POLICY_MAX_FRAME, "diff");

	return TEST_SUCCESS;
}

/* ---- desired state ---- */

static int
test_policy_set_applied_and_told(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_TRUST |
		RTE_SRIOV_POLICY_MAX_TX_RATE, .trust = true, .max_tx_rate = 100 };
	struct rte_sriov_policy desired, effective;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 1, &policy, &error), "%s",
			error.text);
	TEST_ASSERT(sriov_test_policy.vf[1].trust && sriov_test_policy.vf[1].max_tx_rate == 100 &&
			sriov_test_policy.nb_applied == 2, "not applied");
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_POLICY_APPLIED), 1, "events");
	/* Only what changes, and nothing where nothing does. */
	policy.max_tx_rate = 200;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 1, &policy, &error) ||
			rte_sriov_vf_policy_set(sriov_test_pf, 1, &policy, &error), "refused");
	TEST_ASSERT_EQUAL(sriov_test_policy.nb_applied, 3, "applied %u",
			sriov_test_policy.nb_applied);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 1, &desired, &effective, NULL),
			"get");
	TEST_ASSERT(desired.set == policy.set && desired.max_tx_rate == 200 &&
			effective.max_tx_rate == 200, "not told");

	return TEST_SUCCESS;
}

static int
test_policy_failed_set_changes_nothing(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_TRUST, .trust = true };
	struct rte_sriov_policy desired;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, &error), "refused");
	policy = (struct rte_sriov_policy){ .set = RTE_SRIOV_POLICY_TRUST |
		RTE_SRIOV_POLICY_SPOOFCHK | RTE_SRIOV_POLICY_PROMISC, .promisc = true };
	sriov_test_policy.failing = RTE_SRIOV_POLICY_PROMISC;
	sriov_test_policy.error = -ENOSPC;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(sriov_test_pf, 0,
			&policy, &error), -ENOSPC, VF0, "vf 0: promisc cannot be applied"),
			"error");
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_POLICY_FAILED), 1, "events");
	/* Trust is as it was desired, spoofchk as a new VF has it. */
	TEST_ASSERT(sriov_test_policy.vf[0].trust && sriov_test_policy.vf[0].spoofchk, "in effect");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 0, &desired, NULL, NULL), "get");
	TEST_ASSERT(desired.set == RTE_SRIOV_POLICY_TRUST && desired.trust, "desired");
	sriov_test_policy.failing = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, &error), "refused");
	TEST_ASSERT(!sriov_test_policy.vf[0].trust && !sriov_test_policy.vf[0].spoofchk &&
			sriov_test_policy.vf[0].promisc, "in effect");

	return TEST_SUCCESS;
}

static int
test_policy_refusals(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_STRIP };
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(sriov_test_pf, 0,
			&policy, &error), -ENOTSUP, PF, "strip: the PMD test_pmd"), "member");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error,
			rte_sriov_vf_policy_default_set(sriov_test_pf,
			0, &policy, &error), -ENOTSUP, PF, "strip"), "default");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(sriov_test_pf,
			TOTAL_VFS, &policy, &error), -ENODEV, PF, "no VF 7"), "index");
	policy.set = UINT32_C(1) << 31;
	TEST_ASSERT_EQUAL(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, &error), -EINVAL,
			"bit");
	policy.set = RTE_SRIOV_POLICY_TRUST;
	sriov_test_pf->policy = NULL;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(sriov_test_pf, 0,
			&policy, &error), -ENOTSUP, PF, "through the PMD test_pmd"), "PMD");
	sriov_test_pf->pmd[0] = '\0';
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(sriov_test_pf, 0,
			&policy, &error), -ENOTSUP, PF, "without a PMD"), "no PMD");
	policy.set = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, &error), "nothing");
	rte_strscpy(sriov_test_pf->pmd, "test_pmd", sizeof(sriov_test_pf->pmd));

	return TEST_SUCCESS;
}

static int
test_policy_of_vf_to_come_applied_when_made(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_VLAN, .vlan = 9, .qos = 2 };
	struct rte_sriov_policy effective;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 3, &policy, &error), "refused");
	TEST_ASSERT_EQUAL(sriov_test_policy.nb_applied, 0, "applied");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 3, NULL, &effective, NULL),
			"get");
	TEST_ASSERT_EQUAL(effective.set, 0, "in effect");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error) ||
			rte_sriov_pf_num_vfs_set(sriov_test_pf, 4, 0, 0, &error), "%s", error.text);
	TEST_ASSERT(sriov_test_policy.vf[3].vlan == 9 && sriov_test_policy.vf[3].qos == 2,
			"policy");
	/* Again for the next VF of that index. */
	memset(&sriov_test_policy, 0, sizeof(sriov_test_policy));
	TEST_ASSERT_SUCCESS(sriov_test_vfs(0) || rte_sriov_pf_poll(sriov_test_pf, NULL, NULL) ||
			sriov_test_vfs(4) || rte_sriov_pf_poll(sriov_test_pf, NULL, NULL), "VFs");
	TEST_ASSERT_EQUAL(sriov_test_policy.vf[3].vlan, 9, "policy");

	return TEST_SUCCESS;
}

static int
test_policy_clear_goes_to_default(void)
{
	const struct rte_sriov_policy defaults = { .set = RTE_SRIOV_POLICY_MAX_TX_RATE,
		.max_tx_rate = 10 };
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_SPOOFCHK |
		RTE_SRIOV_POLICY_MAX_TX_RATE, .spoofchk = false, .max_tx_rate = 900 };
	struct rte_sriov_policy desired;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_default_set(sriov_test_pf, 0, &defaults, NULL),
			"set");
	TEST_ASSERT_EQUAL(sriov_test_policy.nb_applied, 0, "applied");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, NULL), "refused");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_clear(sriov_test_pf, 0, NULL), "refused");
	TEST_ASSERT(sriov_test_policy.vf[0].spoofchk &&
			sriov_test_policy.vf[0].max_tx_rate == 10, "in effect");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 0, &desired, NULL, NULL), "get");
	TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&desired, &defaults), 0, "desired");
	/* What was applied once and is the device's own again is not applied any more. */
	sriov_test_policy.nb_applied = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_pf_policy_replay(sriov_test_pf, NULL), "replay");
	TEST_ASSERT_EQUAL(sriov_test_policy.nb_applied, 1, "applied");

	return TEST_SUCCESS;
}

static int
test_policy_replay_goes_on_after_failure(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_TRUST, .trust = true };
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 1, &policy, NULL), "refused");
	policy.set = RTE_SRIOV_POLICY_MAC;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, NULL), "refused");
	memset(&sriov_test_policy, 0, sizeof(sriov_test_policy));
	sriov_test_policy.failing = RTE_SRIOV_POLICY_MAC;
	sriov_test_policy.error = -EIO;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_policy_replay(sriov_test_pf,
			&error), -EIO, VF0, "mac"), "error");
	TEST_ASSERT(sriov_test_policy.vf[1].trust, "the other VF's");

	return TEST_SUCCESS;
}

/* ---- net_i82576_pf, on the model of its registers ---- */

/* The PF is in all VLANs, too. */
#define VF_POOLS ((1u << PF_TEST_VFS) - 1)

static int
i82576_setup(void)
{
	struct rte_sriov_error error;
	int ret = sriov_test_pf_setup();

	if (ret != 0)
		return ret;
	ret = rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error) ||
			rte_sriov_pf_num_vfs_set(sriov_test_pf, PF_TEST_VFS, 0, 0, &error) ||
			pf_test_setup();
	if (ret != 0)
		return -1;
	sriov_callbacks_remove(sriov_test_pf);
	sriov_test_pf->port = pf_test_port;
	rte_strscpy(sriov_test_pf->pmd, "net_i82576_pf", sizeof(sriov_test_pf->pmd));
	sriov_policy_choose(sriov_test_pf);

	return sriov_test_pf->policy == &sriov_policy_i82576 ? 0 : -1;
}

static void
i82576_teardown(void)
{
	sriov_test_teardown();
	pf_test_teardown();
}

#define I82576_CASE(fn) TEST_CASE_ST(i82576_setup, i82576_teardown, fn)

static int
test_i82576_all_members_in_effect(void)
{
	struct rte_sriov_policy effective;
	struct rte_sriov_error error;
	uint32_t diff;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 2, &everything, &error), "%s",
			error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 2, NULL, &effective, &error),
			"%s", error.text);
	diff = rte_sriov_policy_diff(&everything, &effective);
	TEST_ASSERT(diff == 0, "first that differs: %s", rte_sriov_policy_name(diff & -diff));
	TEST_ASSERT_EQUAL(pf_test_mac_pools(&everything.mac), 1 << 2, "address's pool");
	TEST_ASSERT_EQUAL(pf_test_vlan_pools(4094) & VF_POOLS, 1 << 2, "VLAN's pool");

	return TEST_SUCCESS;
}

static int
test_i82576_clear_as_new_vf(void)
{
	struct rte_sriov_policy before, after;
	struct rte_pmd_i82576_vf_info info;
	uint32_t diff;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 1, NULL, &before, NULL), "get");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 1, &everything, NULL),
			"refused");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_clear(sriov_test_pf, 1, NULL), "not cleared");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 1, NULL, &after, NULL), "get");
	/* The VF has its address until its driver sets another, but it is its own choice again. */
	TEST_ASSERT_SUCCESS(rte_pmd_i82576_get_vf_info(pf_test_port, 1, &info), "no info");
	TEST_ASSERT(rte_is_zero_ether_addr(&info.admin_mac), "the address is prescribed");
	diff = rte_sriov_policy_diff(&before, &after) & ~RTE_SRIOV_POLICY_MAC;
	TEST_ASSERT(diff == 0, "first that differs: %s", rte_sriov_policy_name(diff & -diff));
	TEST_ASSERT_EQUAL(pf_test_vlan_pools(4094) & VF_POOLS, 0, "a VLAN is left");

	return TEST_SUCCESS;
}

/* As an earlier process has left it. */
static int
test_i82576_clear_undoes_what_others_set(void)
{
	struct rte_sriov_policy effective;

	TEST_ASSERT(rte_pmd_i82576_set_vf_trust(pf_test_port, 1, true) == 0 &&
			rte_pmd_i82576_set_vf_mac_anti_spoof(pf_test_port, 1, false) == 0 &&
			rte_pmd_i82576_set_vf_vlan_filter(pf_test_port, 77, 1 << 1, true) == 0,
			"not set");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_clear(sriov_test_pf, 1, NULL), "not cleared");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 1, NULL, &effective, NULL),
			"get");
	TEST_ASSERT(!effective.trust && effective.spoofchk && effective.nb_vlans == 0 &&
			(pf_test_vlan_pools(77) & VF_POOLS) == 0, "still in effect");

	return TEST_SUCCESS;
}

static int
test_i82576_vlan_list_replaced(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_VLANS, .nb_vlans = 2,
		.vlans = { 5, 6 } };

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, NULL), "refused");
	policy.vlans[0] = 7;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, NULL), "refused");
	TEST_ASSERT((pf_test_vlan_pools(5) & VF_POOLS) == 0 &&
			(pf_test_vlan_pools(6) & VF_POOLS) == 1 &&
			(pf_test_vlan_pools(7) & VF_POOLS) == 1, "VLANs");

	return TEST_SUCCESS;
}

static int
test_i82576_refused_value_named_and_undone(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_TRUST |
		RTE_SRIOV_POLICY_MAX_TX_RATE, .trust = true, .max_tx_rate = 20000 };
	struct rte_sriov_policy effective;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(sriov_test_pf, 0,
			&policy, &error), -EINVAL, VF0, "max_tx_rate cannot be applied by "
			"net_i82576_pf"), "error");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 0, NULL, &effective, NULL),
			"get");
	TEST_ASSERT(!effective.trust && effective.max_tx_rate == 0, "it holds");

	return TEST_SUCCESS;
}

static int
test_i82576_counters_named(void)
{
	struct rte_sriov_counter counters[32];
	struct rte_sriov_error error;
	int count, i, found = -1;

	pf_test_ask2(1, i82576_mbx_word0(I82576_MBX_RESET, 0), 0);
	count = rte_sriov_vf_counters_get(sriov_test_pf, 1, counters, RTE_DIM(counters), &error);
	TEST_ASSERT(count > 10, "%d: %s", count, error.text);
	for (i = 0; i < count; i++)
		if (strcmp(counters[i].name, "mbx_requests") == 0)
			found = counters[i].value;
	TEST_ASSERT_EQUAL(found, 1, "mailbox requests %d", found);

	return TEST_SUCCESS;
}

struct unit_test_suite sriov_test_policy_suite = {
	.suite_name = "librte_sriov: policy",
	.setup = sriov_test_port_make,
	.teardown = sriov_test_port_remove,
	.unit_test_cases = {
		TEST_CASE(test_policy_names_unique),
		TEST_CASE(test_policy_check_names_bad_member),
		TEST_CASE(test_policy_merge_and_diff),
		SRIOV_PF_CASE(test_policy_set_applied_and_told),
		SRIOV_PF_CASE(test_policy_failed_set_changes_nothing),
		SRIOV_PF_CASE(test_policy_refusals),
		SRIOV_PF_CASE(test_policy_of_vf_to_come_applied_when_made),
		SRIOV_PF_CASE(test_policy_clear_goes_to_default),
		SRIOV_PF_CASE(test_policy_replay_goes_on_after_failure),
		I82576_CASE(test_i82576_all_members_in_effect),
		I82576_CASE(test_i82576_clear_as_new_vf),
		I82576_CASE(test_i82576_clear_undoes_what_others_set),
		I82576_CASE(test_i82576_vlan_list_replaced),
		I82576_CASE(test_i82576_refused_value_named_and_undone),
		I82576_CASE(test_i82576_counters_named),
		TEST_CASES_END()
	},
};

static int
test_sriov_policy(void)
{
	return unit_test_suite_runner(&sriov_test_policy_suite);
}

REGISTER_FAST_TEST(sriov_policy_autotest, true, true, test_sriov_policy);
