/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_sriov.h"

static const struct rte_sriov_owner tenant = { .uid = 1001, .gid = 1002, .mode = 0660 };
static const struct rte_sriov_owner stranger = { .uid = 1003, .gid = 1003, .mode = 0600 };

/* Nodes can be given away by root only. */
static int
tenant_setup(void)
{
	if (geteuid() != 0) {
		printf("skipped: needs to be root, to give nodes away\n");
		return TEST_SKIPPED;
	}
	return sriov_test_pf_setup();
}

#define TENANT_CASE(fn) TEST_CASE_ST(tenant_setup, sriov_test_teardown, fn)

static bool
node_is(int group, const struct rte_sriov_owner *owner)
{
	struct stat st;

	if (stat(token_test_path("vfio/%d", group), &st) != 0)
		return false;
	if (st.st_uid == owner->uid && st.st_gid == owner->gid &&
			(st.st_mode & 07777) == owner->mode)
		return true;
	printf("group %d: uid %u gid %u mode %o\n", group, st.st_uid, st.st_gid,
			st.st_mode & 07777);

	return false;
}

static const struct rte_sriov_owner root = { .uid = 0, .gid = 0, .mode = 0600 };

static int
hand_out(uint16_t vf, const struct rte_sriov_owner *owner)
{
	struct rte_sriov_error error;
	int ret = rte_sriov_vf_hand_out(sriov_test_pf, vf, owner, &error);

	if (ret != 0)
		printf("not handed out: %s; %s\n", error.text, error.remedy);
	return ret;
}

static bool
state_is(uint16_t vf, enum rte_sriov_vf_state state)
{
	struct rte_sriov_vf_info info;

	if (rte_sriov_vf_info_get(sriov_test_pf, vf, NULL, &info, NULL) != 0)
		return false;
	return info.state == state;
}

static int
test_hand_out_resets_then_gives_node(void)
{
	struct rte_sriov_vf_info info;
	rte_uuid_t before, after;

	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, before, NULL), "no token");
	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, 1, "resets");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, after, NULL), "no token");
	TEST_ASSERT(rte_uuid_compare(before, after) != 0, "the token stays");
	TEST_ASSERT(node_is(VF_GROUP, &tenant) && node_is(VF_GROUP + 1, &root), "nodes");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(sriov_test_pf, 0, NULL, &info, NULL), "info");
	TEST_ASSERT(info.state == RTE_SRIOV_VF_HANDED_OUT && info.owner.uid == tenant.uid &&
			info.owner_before.uid == 0, "info");

	/* Again to the same one: as it is, whether he has it open or not. */
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1001), "no holder");
	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, 1, "reset again");

	return TEST_SUCCESS;
}

static int
test_hand_out_failed_step_gives_nothing(void)
{
	struct rte_sriov_error error;

	sriov_test_kernel.failing = "/reset";
	sriov_test_kernel.error = -ENOTTY;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_hand_out(sriov_test_pf, 0,
			&tenant, &error), -ENOTTY, VF0, "reset"), "error");
	TEST_ASSERT(node_is(VF_GROUP, &root) && state_is(0, RTE_SRIOV_VF_FREE), "given");

	return TEST_SUCCESS;
}

static int
test_hand_out_held_refused(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "someone\n", 0), "no holder");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_hand_out(sriov_test_pf, 0,
			&tenant, &error), -EBUSY, VF0, "pid 4242 (someone)"), "error");
	TEST_ASSERT(node_is(VF_GROUP, &root) && sriov_test_kernel.nb_resets == 0, "done");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reset(sriov_test_pf, 0,
			&error),
			-EBUSY, VF0, "someone"), "reset");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, 0, "reset");

	return TEST_SUCCESS;
}

static int
test_hand_out_to_another_refused(void)
{
	struct rte_sriov_owner bad = tenant;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_hand_out(sriov_test_pf, 0,
			&stranger, &error), -EBUSY, VF0, "uid 1001"), "error");
	TEST_ASSERT(node_is(VF_GROUP, &tenant), "taken away");
	bad.mode = 0666;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_hand_out(sriov_test_pf, 1,
			&bad,
			&error), -EINVAL, VF1, "mode 0666"), "mode");
	TEST_ASSERT_EQUAL(rte_sriov_vf_hand_out(sriov_test_pf, 2, &tenant, &error), -ENODEV,
			"absent");
	TEST_ASSERT_EQUAL(rte_sriov_vf_hand_out(sriov_test_pf, 60000, &tenant, &error), -ENODEV,
			"out of range");

	return TEST_SUCCESS;
}

static int
test_hand_out_shared_group_refused(void)
{
	struct rte_sriov_error error;

	/* A bridge can be in it. */
	TEST_ASSERT_SUCCESS(token_test_device("0000:00:1c.0", "pcieport", VF_GROUP) ||
			sriov_test_attr("0000:00:1c.0", "class", "0x060400\n") ||
			hand_out(0, &tenant), "refused with a bridge");
	TEST_ASSERT_SUCCESS(token_test_device("0000:05:00.0", NULL, VF_GROUP + 1) ||
			sriov_test_attr("0000:05:00.0", "class", "0x010802\n"), "no device");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_hand_out(sriov_test_pf, 1,
			&tenant, &error), -EXDEV, VF1, "holds 0000:05:00.0 too"), "error");

	return TEST_SUCCESS;
}

static int
test_hand_out_without_owner_leaves_nodes(void)
{
	TEST_ASSERT_SUCCESS(hand_out(1, NULL), "refused");
	TEST_ASSERT(node_is(VF_GROUP + 1, &root) && state_is(1, RTE_SRIOV_VF_HANDED_OUT), "node");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reclaim(sriov_test_pf, 1, 0, 0, NULL), "not taken back");
	TEST_ASSERT(node_is(VF_GROUP + 1, &root) && state_is(1, RTE_SRIOV_VF_FREE), "node");

	return TEST_SUCCESS;
}

static int
test_reclaim_leaves_nothing_of_tenant(void)
{
	const struct rte_sriov_policy wide = { .set = RTE_SRIOV_POLICY_TRUST |
		RTE_SRIOV_POLICY_SPOOFCHK, .trust = true };
	const struct rte_sriov_policy defaults = { .set = RTE_SRIOV_POLICY_VLAN, .vlan = 7 };
	struct rte_sriov_policy desired;
	rte_uuid_t token, other, old;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_default_set(sriov_test_pf, RTE_SRIOV_VF_NONE,
			&defaults, NULL), "default");
	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &wide, NULL), "policy");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, old, NULL) ||
			rte_sriov_token_get(sriov_test_pf, 1, other, NULL), "no tokens");
	sriov_test_kernel.nb_resets = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reclaim(sriov_test_pf, 0, 0, 0, NULL), "not taken back");
	TEST_ASSERT(node_is(VF_GROUP, &root) && state_is(0, RTE_SRIOV_VF_FREE), "node");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, 1, "resets");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, token, NULL), "no token");
	TEST_ASSERT(rte_uuid_compare(old, token) != 0, "the tenant's token opens it");
	/* The others are not disturbed. */
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 1, token, NULL), "no token");
	TEST_ASSERT(rte_uuid_compare(other, token) == 0, "another VF's token was replaced");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(sriov_test_pf, 0, &desired, NULL, NULL), "get");
	TEST_ASSERT(desired.set == RTE_SRIOV_POLICY_VLAN && desired.vlan == 7, "desired");
	TEST_ASSERT(sriov_test_policy.vf[0].vlan == 7 && !sriov_test_policy.vf[0].trust &&
			sriov_test_policy.vf[0].spoofchk, "in effect");
	TEST_ASSERT_SUCCESS(hand_out(0, &stranger), "refused");
	TEST_ASSERT(node_is(VF_GROUP, &stranger), "node");

	return TEST_SUCCESS;
}

/* On the kernel's own vfio-pci, all VFs' token is the PF's. */
static int
test_reclaim_without_own_tokens_rotates_pfs(void)
{
	rte_uuid_t token;

	pf_test_kernel.features = 0;
	sriov_test_pf->features = 0;
	TEST_ASSERT_SUCCESS(sriov_test_vfs(2), "VFs");
	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_EQUAL(sriov_test_pf->tokens_rotated, 0, "rotated at handing out");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reclaim(sriov_test_pf, 0, 0, 0, NULL), "not taken back");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, token, NULL), "no token");
	TEST_ASSERT(!token_test_equal(token, UUID_A), "the tenant's token opens it");
	TEST_ASSERT(memcmp(pf_test_kernel.pf_token, token, sizeof(token)) == 0, "not the kernel's");

	return TEST_SUCCESS;
}

static int
test_reclaim_held_refused_unchanged(void)
{
	struct rte_sriov_error error;
	rte_uuid_t before, after;

	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, before, NULL), "no token");
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1001), "no holder");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reclaim(sriov_test_pf, 0, 0, 0,
			&error), -EBUSY, VF0, "pid 4242 (tenant)"), "error");
	TEST_ASSERT(node_is(VF_GROUP, &tenant) && state_is(0, RTE_SRIOV_VF_HANDED_OUT), "changed");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, after, NULL), "no token");
	TEST_ASSERT(rte_uuid_compare(before, after) == 0, "token replaced");

	return TEST_SUCCESS;
}

static int
test_reclaim_waits_ends_access_and_is_finished_later(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1001), "no holder");
	sriov_test_kernel.nb_resets = 0;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reclaim(sriov_test_pf, 0, 60,
			0,
			&error), -EBUSY, VF0, "pid 4242 (tenant)"), "error");
	TEST_ASSERT(node_is(VF_GROUP, &root) && state_is(0, RTE_SRIOV_VF_RECLAIMING), "access");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, 0, "reset under its user");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_hand_out(sriov_test_pf, 0,
			&stranger, &error), -EBUSY, VF0, "not taken back wholly"), "handed out");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, &error), "%s", error.text);
	TEST_ASSERT(state_is(0, RTE_SRIOV_VF_RECLAIMING), "state");

	sriov_test_release(VF_GROUP, HOLDER_PID);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, &error), "%s", error.text);
	TEST_ASSERT(state_is(0, RTE_SRIOV_VF_FREE) && sriov_test_kernel.nb_resets == 1, "state");
	TEST_ASSERT_SUCCESS(hand_out(0, &stranger), "refused");

	return TEST_SUCCESS;
}

static int
test_reclaim_force_asks_and_captures(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(hand_out(1, &tenant), "refused");
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP + 1, HOLDER_PID, "tenant\n", 1001), "hold");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reclaim(sriov_test_pf, 1, 60,
			RTE_SRIOV_FLAG_FORCE, &error), -EBUSY, VF1, "pid 4242 (tenant)"), "error");
	TEST_ASSERT(sriov_test_pf->vfs[1].asked, "not asked");
	sriov_test_release(VF_GROUP + 1, HOLDER_PID);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reclaim(sriov_test_pf, 1, 0, 0, &error), "%s", error.text);
	TEST_ASSERT(strcmp(sriov_test_driver(VF1), "vfio-pci") == 0, "not captured");
	TEST_ASSERT(state_is(1, RTE_SRIOV_VF_FREE) && node_is(VF_GROUP + 1, &root), "state");

	return TEST_SUCCESS;
}

static int
test_reclaim_failed_reset_not_free(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused");
	sriov_test_kernel.failing = "/reset";
	sriov_test_kernel.error = -ENOTTY;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reclaim(sriov_test_pf, 0, 0, 0,
			&error), -ENOTTY, VF0, "reset"), "error");
	TEST_ASSERT(node_is(VF_GROUP, &root) && state_is(0, RTE_SRIOV_VF_RECLAIMING), "state");
	TEST_ASSERT_EQUAL(rte_sriov_vf_hand_out(sriov_test_pf, 0, &stranger, NULL), -EBUSY,
			"given");
	sriov_test_kernel.failing = NULL;
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reclaim(sriov_test_pf, 0, 0, 0, &error), "%s", error.text);
	TEST_ASSERT(state_is(0, RTE_SRIOV_VF_FREE), "state");

	return TEST_SUCCESS;
}

static int
test_resume_touches_nothing(void)
{
	const struct rte_sriov_owner before = { .uid = 5, .gid = 6, .mode = 0640 };

	TEST_ASSERT_SUCCESS(chown(token_test_path("vfio/%d", VF_GROUP), tenant.uid, tenant.gid) ||
			chmod(token_test_path("vfio/%d", VF_GROUP), tenant.mode), "no owner");
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1001), "no holder");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_hand_out_resume(sriov_test_pf, 0, &tenant, &before, NULL),
			"refused");
	TEST_ASSERT(state_is(0, RTE_SRIOV_VF_HANDED_OUT) && sriov_test_kernel.nb_resets == 0 &&
			node_is(VF_GROUP, &tenant), "touched");
	TEST_ASSERT_SUCCESS(hand_out(0, &tenant), "refused to the same");
	sriov_test_release(VF_GROUP, HOLDER_PID);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reclaim(sriov_test_pf, 0, 0, 0, NULL), "not taken back");
	TEST_ASSERT(node_is(VF_GROUP, &before), "not as it was before");

	return TEST_SUCCESS;
}

struct unit_test_suite sriov_test_tenant_suite = {
	.suite_name = "librte_sriov: handing out and taking back",
	.setup = sriov_test_port_make,
	.teardown = sriov_test_port_remove,
	.unit_test_cases = {
		TENANT_CASE(test_hand_out_resets_then_gives_node),
		TENANT_CASE(test_hand_out_failed_step_gives_nothing),
		TENANT_CASE(test_hand_out_held_refused),
		TENANT_CASE(test_hand_out_to_another_refused),
		TENANT_CASE(test_hand_out_shared_group_refused),
		TENANT_CASE(test_hand_out_without_owner_leaves_nodes),
		TENANT_CASE(test_reclaim_leaves_nothing_of_tenant),
		TENANT_CASE(test_reclaim_without_own_tokens_rotates_pfs),
		TENANT_CASE(test_reclaim_held_refused_unchanged),
		TENANT_CASE(test_reclaim_waits_ends_access_and_is_finished_later),
		TENANT_CASE(test_reclaim_force_asks_and_captures),
		TENANT_CASE(test_reclaim_failed_reset_not_free),
		TENANT_CASE(test_resume_touches_nothing),
		TEST_CASES_END()
	},
};

static int
test_sriov_tenant(void)
{
	return unit_test_suite_runner(&sriov_test_tenant_suite);
}

REGISTER_FAST_TEST(sriov_tenant_autotest, true, true, test_sriov_tenant);
