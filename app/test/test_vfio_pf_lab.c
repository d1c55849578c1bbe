/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Against a real vfio-pci: give dpdk-test a PF without VFs, with a token, e.g.
 * -a 0000:01:00.0 --vfio-vf-token=0000:01:00.0=random
 *
 * LAB_VFIO_PF_FEATURES in the environment is what rte_vfio_pf_features() must tell, and so what
 * the other cases expect. At the end the PF has two VFs, with the own tokens UUID_A and UUID_B
 * where there are such, for other processes to open.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_dev.h>

#include "eal_vfio_pf.h"
#include "test_vfio_token.h"

#define NB_VFS 2

static char pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
static char vf_names[NB_VFS][RTE_VFIO_VF_TOKEN_BDF_SIZE];
static uint32_t expected;

static bool
has(uint32_t feature)
{
	return (expected & feature) != 0;
}

/* Make the VFs anew and take down their names. */
static int
vfs_make(void)
{
	uint16_t i;

	if (rte_vfio_pf_num_vfs_set(pf_name, 0) != 0 ||
			rte_vfio_pf_num_vfs_set(pf_name, NB_VFS) != 0)
		return -1;
	for (i = 0; i < NB_VFS; i++)
		if (vfio_pf_vf_name(pf_name, i, vf_names[i]) != 0)
			return -1;

	return 0;
}

static int
lab_setup(void)
{
	const char *features = getenv("LAB_VFIO_PF_FEATURES");
	const struct vfio_token_record *record;

	vfio_token_records_lock();
	for (record = vfio_token_record_first(); record != NULL; record = TAILQ_NEXT(record, next))
		if (record->dev_fd >= 0 && record->role == RTE_VFIO_VF_TOKEN_ROLE_PF)
			snprintf(pf_name, sizeof(pf_name), "%s", record->name);
	vfio_token_records_unlock();
	if (pf_name[0] == '\0' || features == NULL) {
		printf("skipped: no PF that is open through VFIO, or no LAB_VFIO_PF_FEATURES\n");
		return TEST_SKIPPED;
	}
	expected = strtoul(features, NULL, 0);
	printf("PF %s, features %#x expected\n", pf_name, expected);

	return 0;
}

static int
vf_attach(unsigned int index)
{
	return rte_eal_hotplug_add("pci", vf_names[index], "");
}

static int
vf_detach(unsigned int index)
{
	return rte_eal_hotplug_remove("pci", vf_names[index]);
}

/* Open a VF with a token, and close it again if that was possible. */
static int
vf_open_with(unsigned int index, const char *uuid)
{
	int ret = rte_vfio_vf_token_set(vf_names[index], uuid);

	if (ret == 0)
		ret = vf_attach(index);
	if (ret == 0)
		ret = vf_detach(index);
	rte_vfio_vf_token_clear(vf_names[index]);

	return ret;
}

static int
rotate(const char *bdf, const char *uuid)
{
	rte_uuid_t token;

	rte_uuid_parse(uuid, token);
	return rte_vfio_vf_token_rotate(bdf, token);
}

static int
test_lab_features_as_expected(void)
{
	uint32_t features;

	TEST_ASSERT_SUCCESS(rte_vfio_pf_features(pf_name, &features), "refused");
	TEST_ASSERT_EQUAL(features, expected, "features %#x", features);

	return TEST_SUCCESS;
}

static int
test_lab_num_vfs_set_and_read(void)
{
	uint16_t now, total, i;

	TEST_ASSERT_SUCCESS(vfs_make(), "no VFs");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_get(pf_name, &now, &total), "not read");
	TEST_ASSERT(now == NB_VFS && total >= NB_VFS, "%u of %u", now, total);
	for (i = 0; i < NB_VFS; i++) {
		struct rte_vfio_vf_token_info info;

		TEST_ASSERT_SUCCESS(rte_vfio_vf_token_query(vf_names[i], &info), "no query");
		TEST_ASSERT_EQUAL(info.role, RTE_VFIO_VF_TOKEN_ROLE_VF, "not a VF");
	}
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(pf_name, NB_VFS), "the same number");
	TEST_ASSERT_EQUAL(rte_vfio_pf_num_vfs_set(pf_name, NB_VFS + 1), -EBUSY, "another number");
	TEST_ASSERT_EQUAL(rte_vfio_pf_num_vfs_set(pf_name, total + 1), -ERANGE, "too many");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(pf_name, 0), "not removed");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_get(pf_name, &now, NULL), "not read");
	TEST_ASSERT_EQUAL(now, 0, "%u are left", now);

	return TEST_SUCCESS;
}

/* On the kernel's own vfio-pci, writing 0 here would hang this process for good. */
static int
test_lab_num_vfs_zero_while_vf_open_refused(void)
{
	TEST_ASSERT_SUCCESS(vfs_make(), "no VFs");
	TEST_ASSERT_SUCCESS(vf_attach(1), "not opened");
	TEST_ASSERT_EQUAL(rte_vfio_pf_num_vfs_set(pf_name, 0), -EBUSY, "not refused");
	TEST_ASSERT_SUCCESS(vf_detach(1), "not closed");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(pf_name, 0), "refused");

	return TEST_SUCCESS;
}

static int
test_lab_own_token_missing_refused(void)
{
	if (has(RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN)) {
		printf("skipped: this vfio-pci has tokens for VFs\n");
		return TEST_SKIPPED;
	}
	TEST_ASSERT_SUCCESS(vfs_make(), "no VFs");
	TEST_ASSERT_EQUAL(rotate(vf_names[0], UUID_A), -ENOTSUP, "taken");
	TEST_ASSERT_EQUAL(rte_vfio_vf_own_token_clear(vf_names[0]), -ENOTSUP, "cleared");
	/* The PF's goes on. */
	TEST_ASSERT_SUCCESS(vf_attach(0), "not opened");
	TEST_ASSERT_SUCCESS(vf_detach(0), "not closed");

	return TEST_SUCCESS;
}

static int
own_token_setup(void)
{
	if (!has(RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN)) {
		printf("skipped: this vfio-pci has no token for a single VF\n");
		return TEST_SKIPPED;
	}
	return vfs_make() || rotate(pf_name, UUID_C) || rotate(vf_names[0], UUID_A) ||
			rotate(vf_names[1], UUID_B);
}

#define OWN_TOKEN_CASE(fn) TEST_CASE_ST(own_token_setup, NULL, fn)

static int
test_lab_own_token_opens_its_vf_alone(void)
{
	/* By the entries that the rotations have left. */
	TEST_ASSERT(vf_attach(0) == 0 && vf_attach(1) == 0, "refused");
	TEST_ASSERT(vf_detach(0) == 0 && vf_detach(1) == 0, "not closed");

	TEST_ASSERT(vf_open_with(0, UUID_B) != 0, "opened with another VF's token");
	TEST_ASSERT_SUCCESS(token_test_cause_is(vf_names[0], EACCES, "wrong VF token"), "cause");
	TEST_ASSERT(vf_open_with(1, UUID_A) != 0, "opened with another VF's token");
	TEST_ASSERT(vf_open_with(0, UUID_C) != 0, "opened with the PF's token");
	TEST_ASSERT_SUCCESS(vf_open_with(0, UUID_A), "refused with its own");
	TEST_ASSERT_SUCCESS(vf_open_with(1, UUID_B), "refused with its own");

	return TEST_SUCCESS;
}

static int
test_lab_own_token_cleared_pf_token_opens(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(vf_names[0], token), "not told");
	TEST_ASSERT(token_test_equal(token, UUID_A), "another one is told");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_own_token_clear(vf_names[0]), "not cleared");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(vf_names[0], token), -ENOENT, "still told");
	TEST_ASSERT(vf_open_with(0, UUID_A) != 0, "opened with what was cleared");
	TEST_ASSERT_SUCCESS(vf_open_with(0, UUID_C), "refused with the PF's");
	TEST_ASSERT(vf_open_with(1, UUID_C) != 0, "the other VF's was cleared as well");

	return TEST_SUCCESS;
}

static int
test_lab_own_token_of_open_vf_replaced(void)
{
	TEST_ASSERT_SUCCESS(vf_attach(0), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(vf_names[0], NULL), "not replaced");
	TEST_ASSERT_SUCCESS(vf_detach(0), "not closed");
	TEST_ASSERT_SUCCESS(vf_attach(0), "refused with the new one");
	TEST_ASSERT_SUCCESS(vf_detach(0), "not closed");
	TEST_ASSERT(vf_open_with(0, UUID_A) != 0, "opened with the old one");

	return TEST_SUCCESS;
}

static int
test_lab_own_token_gone_with_number_of_vfs(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(vfs_make(), "no VFs");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(vf_names[0], token), -ENOENT, "still told");
	TEST_ASSERT(vf_open_with(0, UUID_A) != 0, "opened with what has gone");
	/* The entry has gone, too, so that the PF's applies. */
	TEST_ASSERT_SUCCESS(vf_attach(0), "refused with the PF's");
	TEST_ASSERT_SUCCESS(vf_detach(0), "not closed");

	return TEST_SUCCESS;
}

/* The PF out and in again while a VF is open. The bus resets the PF then, so the VF is let go. */
static int
test_lab_keep_tells_reopened(void)
{
	int ret = has(RTE_VFIO_PF_FEATURE_KEEP) ? 0 : -ENOTSUP;

	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(pf_name), 0, "kept at the first open");
	TEST_ASSERT_SUCCESS(vfs_make(), "no VFs");
	TEST_ASSERT_SUCCESS(rotate(pf_name, UUID_C), "not rotated");
	TEST_ASSERT_EQUAL(rte_vfio_pf_keep_set(pf_name, true), ret, "keep");
	TEST_ASSERT_SUCCESS(vf_attach(0), "refused");
	TEST_ASSERT_SUCCESS(rte_eal_hotplug_remove("pci", pf_name), "not closed");
	TEST_ASSERT_SUCCESS(rte_eal_hotplug_add("pci", pf_name, ""), "not opened again");
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(pf_name), ret == 0, "reopened");
	TEST_ASSERT_SUCCESS(vf_detach(0), "not closed");

	/* Asked for anew on each open: not kept this time. */
	TEST_ASSERT_SUCCESS(vf_attach(0), "refused");
	TEST_ASSERT_SUCCESS(rte_eal_hotplug_remove("pci", pf_name), "not closed");
	TEST_ASSERT_SUCCESS(rte_eal_hotplug_add("pci", pf_name, ""), "not opened again");
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(pf_name), 0, "kept unasked");
	TEST_ASSERT_SUCCESS(vf_detach(0), "not closed");

	return TEST_SUCCESS;
}

/* For processes that come after the suite. */
static int
test_lab_vfs_left_for_tenants(void)
{
	TEST_ASSERT_SUCCESS(vfs_make(), "no VFs");
	TEST_ASSERT_SUCCESS(rotate(pf_name, UUID_C), "not rotated");
	if (has(RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN))
		TEST_ASSERT(rotate(vf_names[0], UUID_A) == 0 && rotate(vf_names[1], UUID_B) == 0,
				"no own tokens");

	return TEST_SUCCESS;
}

static struct unit_test_suite lab_suite = {
	.suite_name = "The owner's side of a PF: real devices",
	.setup = lab_setup,
	.unit_test_cases = {
		TEST_CASE(test_lab_features_as_expected),
		TEST_CASE(test_lab_num_vfs_set_and_read),
		TEST_CASE(test_lab_num_vfs_zero_while_vf_open_refused),
		TEST_CASE(test_lab_own_token_missing_refused),
		OWN_TOKEN_CASE(test_lab_own_token_opens_its_vf_alone),
		OWN_TOKEN_CASE(test_lab_own_token_cleared_pf_token_opens),
		OWN_TOKEN_CASE(test_lab_own_token_of_open_vf_replaced),
		OWN_TOKEN_CASE(test_lab_own_token_gone_with_number_of_vfs),
		TEST_CASE(test_lab_keep_tells_reopened),
		TEST_CASE(test_lab_vfs_left_for_tenants),
		TEST_CASES_END()
	},
};

static int
test_vfio_pf_lab(void)
{
	return unit_test_suite_runner(&lab_suite);
}

REGISTER_TEST_COMMAND(vfio_pf_lab_autotest, test_vfio_pf_lab);
