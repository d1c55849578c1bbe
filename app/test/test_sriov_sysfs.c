/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <rte_errno.h>

#include "test_sriov.h"

static int
test_function_pf_all_read(void)
{
	struct rte_sriov_error error;
	struct rte_sriov_function fn;

	TEST_ASSERT_SUCCESS(sriov_test_vfs(3), "no VFs");
	TEST_ASSERT_SUCCESS(sriov_test_attr(PF, "driver_override", "vfio-pci\n"), "no override");
	TEST_ASSERT_SUCCESS(rte_sriov_function_get("01:00.0", &fn, &error), "%s", error.text);
	TEST_ASSERT(strcmp(fn.bdf, PF) == 0 && fn.type == RTE_SRIOV_TYPE_PF, "%s", fn.bdf);
	TEST_ASSERT(fn.vendor == 0x8086 && fn.device == 0x10c9 && fn.class_id == 0x020000, "IDs");
	TEST_ASSERT(strcmp(fn.driver, "vfio-pci") == 0 && fn.on_vfio, "driver %s", fn.driver);
	TEST_ASSERT(strcmp(fn.driver_override, "vfio-pci") == 0, "override");
	TEST_ASSERT(fn.group == PF_GROUP && !fn.noiommu && fn.can_reset, "group %d", fn.group);
	TEST_ASSERT(strcmp(fn.node, token_test_path("vfio/%d", PF_GROUP)) == 0, "%s", fn.node);
	TEST_ASSERT(fn.cdev[0] == '\0' && fn.numa == -1, "cdev %s, NUMA %d", fn.cdev, fn.numa);
	TEST_ASSERT(fn.total_vfs == TOTAL_VFS && fn.num_vfs == 3, "%u of %u", fn.num_vfs,
			fn.total_vfs);
	TEST_ASSERT(fn.vf_device == 0x10ca && fn.vfs_autoprobe && fn.pf[0] == '\0', "VFs' device");

	return TEST_SUCCESS;
}

static int
test_function_vf_index_and_pf(void)
{
	struct rte_sriov_function fn;

	TEST_ASSERT_SUCCESS(sriov_test_vfs(6), "no VFs");
	TEST_ASSERT_SUCCESS(rte_sriov_function_get("0000:01:11.2", &fn, NULL), "refused");
	TEST_ASSERT(fn.type == RTE_SRIOV_TYPE_VF && fn.vf_index == 5, "index %u", fn.vf_index);
	TEST_ASSERT(strcmp(fn.pf, PF) == 0 && fn.group == VF_GROUP + 5, "PF %s", fn.pf);
	TEST_ASSERT(fn.total_vfs == 0 && fn.num_vfs == 0, "a PF's members are set");
	/* By a search, where the kernel does not tell how the addresses are made. */
	unlink(token_test_path("pci/%s/sriov_stride", PF));
	TEST_ASSERT_SUCCESS(rte_sriov_function_get("0000:01:11.0", &fn, NULL), "refused");
	TEST_ASSERT(fn.vf_index == 4, "index %u", fn.vf_index);

	return TEST_SUCCESS;
}

static int
test_function_plain_with_cdev(void)
{
	struct rte_sriov_function fn;

	TEST_ASSERT_SUCCESS(token_test_dir("pci/" PLAIN "/vfio-dev") ||
			token_test_dir("pci/" PLAIN "/vfio-dev/vfio3") ||
			token_test_text("pci/" PLAIN "/vfio-dev/vfio3/dev", "511:3\n") ||
			token_test_dir("vfio/devices") || token_test_text("vfio/devices/vfio3", ""),
			"no cdev");
	TEST_ASSERT_SUCCESS(sriov_test_attr(PLAIN, "numa_node", "1\n"), "no NUMA node");
	TEST_ASSERT_SUCCESS(rte_sriov_function_get(PLAIN, &fn, NULL), "refused");
	TEST_ASSERT(fn.type == RTE_SRIOV_TYPE_PLAIN && fn.numa == 1, "type %d", fn.type);
	TEST_ASSERT(strcmp(fn.cdev, token_test_path("vfio/devices/vfio3")) == 0, "%s", fn.cdev);
	TEST_ASSERT(fn.node[0] == '\0', "a node of the group that is not there: %s", fn.node);

	return TEST_SUCCESS;
}

static int
test_function_without_group(void)
{
	struct rte_sriov_function fn;

	TEST_ASSERT_SUCCESS(token_test_device("0000:04:00.0", NULL, -1), "no device");
	TEST_ASSERT_SUCCESS(rte_sriov_function_get("0000:04:00.0", &fn, NULL), "refused");
	TEST_ASSERT(fn.group == -1 && fn.driver[0] == '\0' && !fn.on_vfio && !fn.can_reset &&
			fn.node[0] == '\0', "group %d", fn.group);

	return TEST_SUCCESS;
}

static int
test_function_refusals_named(void)
{
	struct rte_sriov_error error;
	struct rte_sriov_function fn;

	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_get("01:00", &fn,
			&error),
			-EINVAL, "", "not given as a PCI address"), "malformed");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_get(NULL, &fn, &error),
			-EINVAL, "", "DDDD:BB:DD.F"), "none");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_get(UUID_A, &fn, &error),
			-EINVAL, "", "not given"), "a token in its place");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_get(ABSENT, &fn, &error),
			-ENODEV, ABSENT, "no such PCI device"), "absent");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_get(PF, NULL, &error),
			-EINVAL, "", "no room"), "no room");
	TEST_ASSERT_SUCCESS(sriov_test_attr(PF, "sriov_numvfs", "many\n"), "not written");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_get(PF, &fn, &error),
			-EIO, PF, "SR-IOV attributes"), "no number");
	TEST_ASSERT_EQUAL(rte_sriov_function_get("x", &fn, NULL), -EINVAL, "without an error");

	return TEST_SUCCESS;
}

static int
test_lists_sorted_and_counted(void)
{
	struct rte_sriov_function list[TOTAL_VFS];
	char bdfs[2][RTE_SRIOV_BDF_SIZE];
	struct rte_sriov_error error;
	char bdf[RTE_SRIOV_BDF_SIZE];

	TEST_ASSERT_SUCCESS(sriov_test_vfs(5), "no VFs");
	TEST_ASSERT_EQUAL(rte_sriov_pf_list(NULL, 0, &error), 2, "number of PFs");
	TEST_ASSERT_EQUAL(rte_sriov_pf_list(list, 1, &error), 2, "number of PFs");
	TEST_ASSERT(strcmp(list[0].bdf, PF) == 0, "first PF %s", list[0].bdf);
	TEST_ASSERT_EQUAL(rte_sriov_vf_list(PF, list, 2, &error), 5, "number of VFs");
	TEST_ASSERT(strcmp(list[1].bdf, VF1) == 0 && list[1].vf_index == 1, "%s", list[1].bdf);
	TEST_ASSERT_EQUAL(rte_sriov_vf_list(PF2, list, 2, &error), 0, "VFs of the other PF");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_list(VF0, list, 2, &error),
			-ENODEV, VF0, "no PF"), "VFs of a VF");

	TEST_ASSERT_SUCCESS(rte_sriov_vf_bdf(PF, 4, bdf, &error), "%s", error.text);
	TEST_ASSERT(strcmp(bdf, "0000:01:11.0") == 0, "%s", bdf);
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_bdf(PF, 5, bdf, &error),
			-ENODEV, PF, "no VF 5"), "absent VF");

	TEST_ASSERT_SUCCESS(token_test_device("0000:00:1c.0", "pcieport", PF_GROUP), "no bridge");
	TEST_ASSERT_EQUAL(rte_sriov_group_list(PF_GROUP, bdfs, 1, &error), 2, "members");
	TEST_ASSERT(strcmp(bdfs[0], "0000:00:1c.0") == 0, "first %s", bdfs[0]);
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_group_list(99, bdfs, 1, &error),
			-ENOENT, "", "group 99"), "absent group");

	return TEST_SUCCESS;
}

static int
test_holders_found_in_one_pass(void)
{
	struct rte_sriov_holders *holders;
	struct rte_sriov_function vf, pf;
	struct rte_sriov_holder found[2];

	TEST_ASSERT_SUCCESS(sriov_test_vfs(2), "no VFs");
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "dpdk-testpmd\n", 1001) ||
			sriov_test_hold(VF_GROUP + 1, 77, "qemu\n", 1002), "no processes");
	TEST_ASSERT_SUCCESS(token_test_dir("proc/self") || token_test_dir("proc/50"), "no others");
	TEST_ASSERT_SUCCESS(rte_sriov_function_get(VF0, &vf, NULL), "no VF");
	TEST_ASSERT_SUCCESS(rte_sriov_function_get(PF, &pf, NULL), "no PF");
	holders = rte_sriov_holders_scan(NULL);
	TEST_ASSERT_NOT_NULL(holders, "not scanned");
	TEST_ASSERT_EQUAL(rte_sriov_holders_hidden(holders), 0, "hidden");
	TEST_ASSERT_EQUAL(rte_sriov_holders_of(holders, &vf, found, 2), 1, "holders of VF 0");
	TEST_ASSERT(found[0].pid == HOLDER_PID && found[0].uid == 1001 &&
			strcmp(found[0].comm, "dpdk-testpmd") == 0 &&
			strcmp(found[0].node, vf.node) == 0, "pid %d uid %u %s", found[0].pid,
			found[0].uid, found[0].comm);
	TEST_ASSERT_EQUAL(rte_sriov_holders_of(holders, &pf, NULL, 0), 0, "holders of the PF");
	rte_sriov_holders_free(holders);
	rte_sriov_holders_free(NULL);

	return TEST_SUCCESS;
}

static int
test_holders_group_and_cdev_counted_once(void)
{
	struct rte_sriov_function fn = { .bdf = PLAIN };
	struct rte_sriov_holders *holders;
	struct rte_sriov_holder found;

	snprintf(fn.node, sizeof(fn.node), "%s", token_test_path("vfio/13"));
	snprintf(fn.cdev, sizeof(fn.cdev), "%s", token_test_path("vfio/devices/vfio3"));
	TEST_ASSERT_SUCCESS(sriov_test_hold(13, 80, "both\n", 0) ||
			token_test_link("proc/80/fd/9", fn.cdev) || token_test_dir("proc/81") ||
			token_test_dir("proc/81/fd") || token_test_link("proc/81/fd/3", fn.cdev),
			"no processes");
	holders = rte_sriov_holders_scan(NULL);
	TEST_ASSERT_NOT_NULL(holders, "not scanned");
	TEST_ASSERT_EQUAL(rte_sriov_holders_of(holders, &fn, &found, 1), 2, "holders");
	TEST_ASSERT_EQUAL(found.pid, 80, "pid %d", found.pid);
	rte_sriov_holders_free(holders);

	return TEST_SUCCESS;
}

/* A mailbox full of processes costs no more than one pass; the answer is found by its node. */
static int
test_holders_many_all_found(void)
{
	enum { NB = 40 };
	struct rte_sriov_function fn = { .bdf = PLAIN };
	struct rte_sriov_holders *holders;
	int i;

	for (i = 0; i < NB; i++)
		TEST_ASSERT_SUCCESS(sriov_test_hold(i + 1, 100 + NB - i, "x\n", 5), "no process");
	holders = rte_sriov_holders_scan(NULL);
	TEST_ASSERT_NOT_NULL(holders, "not scanned");
	for (i = 0; i < NB; i++) {
		struct rte_sriov_holder found;

		snprintf(fn.node, sizeof(fn.node), "%s", token_test_path("vfio/%d", i + 1));
		TEST_ASSERT(rte_sriov_holders_of(holders, &fn, &found, 1) == 1 &&
				found.pid == 100 + NB - i, "holder of group %d", i + 1);
	}
	rte_sriov_holders_free(holders);

	return TEST_SUCCESS;
}

static int
test_holders_without_proc_refused(void)
{
	struct rte_sriov_error error;

	vfio_token_paths.proc = "/nonexistent";
	TEST_ASSERT(rte_sriov_holders_scan(&error) == NULL, "scanned");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, -rte_errno, -ENOENT, "", "mount /proc"),
			"error");

	return TEST_SUCCESS;
}

struct unit_test_suite sriov_test_sysfs_suite = {
	.suite_name = "librte_sriov: functions and holders",
	.unit_test_cases = {
		SRIOV_CASE(test_function_pf_all_read),
		SRIOV_CASE(test_function_vf_index_and_pf),
		SRIOV_CASE(test_function_plain_with_cdev),
		SRIOV_CASE(test_function_without_group),
		SRIOV_CASE(test_function_refusals_named),
		SRIOV_CASE(test_lists_sorted_and_counted),
		SRIOV_CASE(test_holders_found_in_one_pass),
		SRIOV_CASE(test_holders_group_and_cdev_counted_once),
		SRIOV_CASE(test_holders_many_all_found),
		SRIOV_CASE(test_holders_without_proc_refused),
		TEST_CASES_END()
	},
};

static int
test_sriov_sysfs(void)
{
	return unit_test_suite_runner(&sriov_test_sysfs_suite);
}

REGISTER_FAST_TEST(sriov_sysfs_autotest, true, true, test_sriov_sysfs);
