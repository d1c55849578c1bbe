/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <linux/vfio_pci_vf.h>

#include <rte_bitops.h>

#include "test_vfio_pf.h"

#define PF_CASE(fn) TEST_CASE_ST(vfio_pf_test_setup, vfio_pf_test_teardown, fn)

/* Check a call's result and what it logged, which may be nothing. */
#define PF_LOGS(call, expected, words) __extension__({ \
	int call_ret_ = -1; \
	if (token_test_log_start() == 0) { \
		call_ret_ = (call); \
		call_ret_ = token_test_refused(call_ret_, expected, token_test_log_stop(), words); \
	} \
	call_ret_; \
})

/* Rotate to a UUID that is given as text. */
static int
rotate(const char *bdf, const char *uuid)
{
	rte_uuid_t token;

	rte_uuid_parse(uuid, token);
	return rte_vfio_vf_token_rotate(bdf, token);
}

/* Check what rte_vfio_vf_token_get() tells. */
static bool
get_tells(const char *bdf, const char *uuid)
{
	rte_uuid_t token = { 0 };
	int ret = rte_vfio_vf_token_get(bdf, token);

	if (ret == 0 && token_test_equal(token, uuid))
		return true;
	printf("%s: returned %d, or another token\n", bdf, ret);

	return false;
}

/* What sriov_numvfs of the PF has. */
static int
numvfs_in_sysfs(void)
{
	FILE *f = fopen(token_test_path("pci/" PF "/sriov_numvfs"), "r");
	int number = -1;

	if (f == NULL)
		return -1;
	if (fscanf(f, "%d", &number) != 1)
		number = -1;
	fclose(f);

	return number;
}

static int
test_pf_features_told(void)
{
	uint32_t features = UINT32_MAX, i;

	TEST_ASSERT_SUCCESS(rte_vfio_pf_features("01:00.0", &features), "refused");
	TEST_ASSERT_EQUAL(features, ALL_FEATURES, "features %#x", features);
	for (i = 0; i < 3; i++) {
		pf_test_kernel.features = RTE_BIT32(i);
		TEST_ASSERT_SUCCESS(rte_vfio_pf_features(PF, &features), "refused");
		TEST_ASSERT_EQUAL(features, RTE_BIT32(i), "features %#x", features);
	}
	pf_test_kernel.features = 0;
	TEST_ASSERT_SUCCESS(rte_vfio_pf_features(PF, &features), "refused");
	TEST_ASSERT_EQUAL(features, 0, "features %#x", features);

	return TEST_SUCCESS;
}

static int
test_pf_faults_refused(void)
{
	uint32_t features;
	uint16_t number;

	TEST_ASSERT_EQUAL(rte_vfio_pf_features(PF, NULL), -EINVAL, "no place");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_features("x", &features), -EINVAL,
			"not given as a PCI address") ||
			PF_LOGS(rte_vfio_pf_num_vfs_get(NULL, &number, NULL), -EINVAL,
				"not given as a PCI address") ||
			PF_LOGS(rte_vfio_pf_num_vfs_set("x", 1), -EINVAL,
				"not given as a PCI address") ||
			PF_LOGS(rte_vfio_pf_keep_set("x", true), -EINVAL,
				"not given as a PCI address") ||
			PF_LOGS(rte_vfio_pf_reopened("x"), -EINVAL, "not given as a PCI address") ||
			PF_LOGS(rte_vfio_vf_own_token_clear("x"), -EINVAL,
				"not given as a PCI address"), "malformed");
	TEST_ASSERT_EQUAL(rte_vfio_pf_features(VF0, &features), -ENODEV, "a VF");
	TEST_ASSERT_EQUAL(rte_vfio_pf_features(PF2, &features), -ENODEV, "not open");
	TEST_ASSERT_EQUAL(rte_vfio_pf_num_vfs_get(PF2, NULL, NULL), -ENODEV, "not open");
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(PF2), -ENODEV, "not open");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set(PF2, 1), -ENODEV,
			PF2 ": cannot set the number of VFs to 1: No such device (19): this "
			"process does not hold it open as a PF") ||
			PF_LOGS(rte_vfio_pf_keep_set(PF2, true), -ENODEV,
				"does not hold it open as a PF") ||
			PF_LOGS(rte_vfio_vf_own_token_clear(PF), -ENODEV, "it is no VF") ||
			PF_LOGS(rte_vfio_vf_own_token_clear(ABSENT), -ENODEV, "it is no VF"),
			"not open");
	pf_test_kernel.get_error = -EIO;
	TEST_ASSERT_EQUAL(rte_vfio_pf_features(PF, &features), -EIO, "probe");
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(PF), -EIO, "keep");
	TEST_ASSERT_EQUAL(rte_vfio_pf_num_vfs_get(PF, &number, NULL), -EIO, "number");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set(PF, 0), -EIO, "cannot be read"),
			"number");

	return TEST_SUCCESS;
}

static int
test_own_token_set_for_one_vf(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rotate("01:10.2", UUID_B), "refused");
	TEST_ASSERT(pf_test_kernel.has_own[1] && token_test_equal(pf_test_kernel.own[1], UUID_B),
			"not in force");
	TEST_ASSERT(!pf_test_kernel.has_own[0], "the other VF's was set");
	TEST_ASSERT(get_tells(VF1, UUID_B) && get_tells(PF, UUID_A), "not told");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF0, token), -ENOENT, "it has none");
	/* In this process too: the VF's own, the PF's for the other. */
	TEST_ASSERT_SUCCESS(token_test_chosen(VF1, UUID_B), "not chosen");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "not chosen");
	TEST_ASSERT_SUCCESS(rotate(VF1, UUID_C), "not replaced");
	TEST_ASSERT(get_tells(VF1, UUID_C), "not told");

	return token_test_chosen(VF1, UUID_C);
}

static int
test_own_token_random_is_v4(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(VF0, NULL), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(VF0, token), "not told");
	TEST_ASSERT(token_test_is_v4(token), "not a version 4 UUID");
	TEST_ASSERT_SUCCESS(rte_uuid_compare(token, pf_test_kernel.own[0]), "another one in force");

	return TEST_SUCCESS;
}

static int
test_own_token_missing_feature_explained(void)
{
	rte_uuid_t token;

	pf_test_kernel.features &= ~RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN;
	TEST_ASSERT_SUCCESS(PF_LOGS(rotate(VF0, UUID_B), -ENOTSUP, VF0 ": cannot rotate the VF "
			"token: Operation not supported (95): this vfio-pci has no token for a "
			"single VF (that of kmod/vfio-pci has): all VFs of PF " PF " share"),
			"rotate");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_vf_own_token_clear(VF0), -ENOTSUP,
			VF0 ": cannot clear its own token"), "clear");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF0, token), -ENOENT, "it has none");

	return token_test_chosen(VF0, UUID_A);
}

static int
test_own_token_faults_change_nothing(void)
{
	const rte_uuid_t zero = { 0 };

	TEST_ASSERT_SUCCESS(token_test_vf("0000:02:10.0", "vfio-pci", 30, PF2) ||
			token_test_link("pci/" PF2 "/virtfn0", "../0000:02:10.0"), "no sysfs");
	TEST_ASSERT_SUCCESS(PF_LOGS(rotate("0000:02:10.0", UUID_B), -ENODEV,
			"this process does not hold its PF " PF2 " open"), "PF not open");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_rotate(VF0, zero), -EINVAL, "all-zero");
	TEST_ASSERT_SUCCESS(token_test_vf(VF1, "mlx5_vfio_pci", 21, PF), "no sysfs");
	TEST_ASSERT_SUCCESS(PF_LOGS(rotate(VF1, UUID_B), -ENOTSUP,
			"on driver mlx5_vfio_pci it asks for the token of PF " PF), "variant");
	pf_test_kernel.num_vfs = 0;
	TEST_ASSERT_SUCCESS(PF_LOGS(rotate(VF0, UUID_B), -ERANGE, "the kernel does not take it "
			"for VF 0 of PF " PF), "vanished");
	TEST_ASSERT(!pf_test_kernel.has_own[0] && !pf_test_kernel.has_own[1], "set");

	return token_test_chosen(VF0, UUID_A) || token_test_chosen(VF1, UUID_A);
}

static int
test_own_token_clear_restores_pf_token(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rotate(VF0, UUID_B) || rotate(VF1, UUID_C), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_own_token_clear(VF0), "refused");
	TEST_ASSERT(!pf_test_kernel.has_own[0] && pf_test_kernel.has_own[1], "another one cleared");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF0, token), -ENOENT, "still told");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "still chosen");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF1, UUID_C), "the other one dropped");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_own_token_clear(VF0), "refused without one");

	/* An entry that the application has set meanwhile is not the own token. */
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(VF1, UUID_B), "not set");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_own_token_clear(VF1), "refused");

	return token_test_chosen(VF1, UUID_B);
}

/* A VF's own token happens to be the PF's: only the latter is replaced. */
static int
test_own_token_stays_when_pf_rotates(void)
{
	TEST_ASSERT_SUCCESS(rotate(VF0, UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF1 "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(rotate(PF, UUID_B), "refused");
	TEST_ASSERT(token_test_equal(pf_test_kernel.pf_token, UUID_B), "not in force");
	TEST_ASSERT(token_test_equal(pf_test_kernel.own[0], UUID_A), "the own token was changed");

	return token_test_chosen(PF, UUID_B) || token_test_chosen(VF0, UUID_A) ||
			token_test_chosen(VF1, UUID_B);
}

static int
test_own_token_dropped_by_kernel_not_told(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rotate(VF0, UUID_B), "refused");
	pf_test_kernel.has_own[0] = false;
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF0, token), -ENOENT, "told");
	/* Set by another process that has the PF's descriptor. */
	pf_test_kernel.has_own[1] = true;
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF1, token), -ENOENT, "told");

	return TEST_SUCCESS;
}

static int
test_num_vfs_read_by_fd_or_sysfs(void)
{
	uint16_t now = 0, total = 0;

	pf_test_kernel.num_vfs = 3;
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_get(PF, &now, &total), "refused");
	TEST_ASSERT(now == 3 && total == TOTAL_VFS, "%u of %u", now, total);
	pf_test_kernel.features = 0;
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_get(PF, &now, &total), "refused");
	TEST_ASSERT(now == 2 && total == TOTAL_VFS, "%u of %u", now, total);
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_get(PF, NULL, NULL), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("pci/" PF "/sriov_numvfs", "x\n"), "no sysfs");
	TEST_ASSERT_EQUAL(rte_vfio_pf_num_vfs_get(PF, &now, &total), -EIO, "malformed");

	return TEST_SUCCESS;
}

static int
test_num_vfs_set_by_fd_drops_own_tokens(void)
{
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rotate(VF0, UUID_B), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 2), "the same number refused");
	TEST_ASSERT(get_tells(VF0, UUID_B), "dropped by the same number");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set("01:00.0", 0), 0, ""), "refused");
	TEST_ASSERT_EQUAL(pf_test_kernel.num_vfs, 0, "not set");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 2, "sysfs written as well");
	/* The kernel refuses by itself. */
	TEST_ASSERT_EQUAL(pf_test_kernel.nb_nodes, 0, "groups were opened");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 2), "refused");
	TEST_ASSERT_EQUAL(pf_test_kernel.num_vfs, 2, "not set");
	pf_test_kernel.has_own[0] = true;
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF0, token), -ENOENT, "still told");

	return token_test_chosen(VF0, UUID_A);
}

static int
test_num_vfs_set_by_sysfs(void)
{
	pf_test_kernel.features = RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN;
	TEST_ASSERT_SUCCESS(rotate(VF0, UUID_B), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 0), "refused");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 0, "not written");
	TEST_ASSERT_EQUAL(pf_test_kernel.nb_nodes, 2, "%u groups were looked at",
			pf_test_kernel.nb_nodes);
	TEST_ASSERT_EQUAL(pf_test_kernel.nb_number_sets, 0, "the descriptor was used");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "own token kept");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 3), "refused");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 3, "not written");
	TEST_ASSERT_EQUAL(pf_test_kernel.nb_nodes, 2, "groups were looked at in vain");

	return TEST_SUCCESS;
}

static int
test_num_vfs_zero_while_vf_held_refused(void)
{
	pf_test_kernel.features = 0;
	pf_test_kernel.node_error = -EBUSY;
	TEST_ASSERT_SUCCESS(token_test_dir("proc/12") || token_test_dir("proc/12/fd") ||
			token_test_text("proc/12/comm", "tenant\n") ||
			token_test_link("proc/12/fd/5", token_test_path("vfio/20")), "no /proc");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set(PF, 0), -EBUSY,
			PF ": cannot set the number of VFs to 0: Device or resource busy (16): VF "
			VF0 " is held by pid 12 (tenant): have it closed first"), "held");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 2, "written");

	return TEST_SUCCESS;
}

static int
test_num_vfs_zero_unknown_holder_refused(void)
{
	pf_test_kernel.features = 0;
	pf_test_kernel.node_error = -EACCES;
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set(PF, 0), -EBUSY, "whether VF " VF0 " is "
			"open cannot be told, as its group cannot be opened: Permission denied"),
			"not allowed");
	TEST_ASSERT_SUCCESS(unlink(token_test_path("vfio/20")), "no unlink");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set(PF, 0), -EBUSY, "cannot be told"),
			"no node");
	/* Without an IOMMU the node has another name. */
	pf_test_kernel.node_error = 0;
	TEST_ASSERT_SUCCESS(token_test_text("vfio/noiommu-20", ""), "no node");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 2, "written");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 0), "refused");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 0, "not written");

	return TEST_SUCCESS;
}

/* A cdev that is open and not bound leaves its group free, and yet makes the kernel wait. */
static int
test_num_vfs_zero_while_cdev_open_refused(void)
{
	pf_test_kernel.features = 0;
	TEST_ASSERT_SUCCESS(token_test_dir("pci/" VF1 "/vfio-dev") ||
			token_test_dir("pci/" VF1 "/vfio-dev/vfio3") ||
			token_test_dir("proc/13") || token_test_dir("proc/13/fd") ||
			token_test_text("proc/13/comm", "qemu\n") ||
			token_test_link("proc/13/fd/7", token_test_path("vfio/devices/vfio3")),
			"no sysfs");
	/* A kernel without cdevs: it is some other file of that name. */
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 0), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("pci/" PF "/sriov_numvfs", "2\n") ||
			token_test_text("pci/" VF1 "/vfio-dev/vfio3/dev", "510:3\n"), "no sysfs");
	TEST_ASSERT_SUCCESS(PF_LOGS(rte_vfio_pf_num_vfs_set(PF, 0), -EBUSY,
			"VF " VF1 " is held by pid 13 (qemu)"), "held");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 2, "written");

	return TEST_SUCCESS;
}

static int
test_num_vfs_zero_other_drivers_not_looked_at(void)
{
	pf_test_kernel.features = 0;
	pf_test_kernel.node_error = -EBUSY;
	TEST_ASSERT_SUCCESS(token_test_vf(VF0, "igbvf", 20, PF) ||
			unlink(token_test_path("pci/" VF1 "/driver")), "no sysfs");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_num_vfs_set(PF, 0), "refused");
	TEST_ASSERT_EQUAL(numvfs_in_sysfs(), 0, "not written");
	TEST_ASSERT_EQUAL(pf_test_kernel.nb_nodes, 0, "groups were opened");

	return TEST_SUCCESS;
}

/* Have the kernel refuse a number, and check the explanation. */
static int
number_refused(uint16_t num_vfs, int error, const char *words)
{
	pf_test_kernel.number_error = error;
	return PF_LOGS(rte_vfio_pf_num_vfs_set(PF, num_vfs), error, words);
}

static int
test_num_vfs_refusals_explained(void)
{
	TEST_ASSERT_SUCCESS(rotate(VF0, UUID_B), "refused");
	TEST_ASSERT_SUCCESS(number_refused(3, -EBUSY, "it has 2 VFs, whose number cannot be "
			"changed: remove them first") ||
			number_refused(0, -EBUSY, "a VF is in use: dmesg names it") ||
			number_refused(8, -ERANGE, "it can have 7 VFs at most") ||
			number_refused(1, -ENOENT, "enable_sriov: echo Y") ||
			number_refused(1, -EAGAIN, "try again") ||
			number_refused(1, -ENOMEM, "see dmesg"), "explanations");
	pf_test_kernel.node_error = -EBUSY;
	TEST_ASSERT_SUCCESS(number_refused(0, -EBUSY, "VF " VF0 " is held by no process that /proc "
			"shows"), "held");

	return get_tells(VF0, UUID_B) ? TEST_SUCCESS : TEST_FAILED;
}

/* A file of sysfs that nobody may write to, root included. */
static int
test_num_vfs_sysfs_not_writable_explained(void)
{
	int ret;

	if (access("/sys/class/net/lo/ifindex", R_OK) != 0) {
		printf("skipped: no sysfs with a loopback interface\n");
		return TEST_SKIPPED;
	}
	pf_test_kernel.features = 0;
	TEST_ASSERT_SUCCESS(token_test_link("pci/" PF "/sriov_numvfs", "/sys/class/net/lo/ifindex"),
			"no link");
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	ret = rte_vfio_pf_num_vfs_set(PF, 2);
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, token_test_log_stop(),
			"may not write to sriov_numvfs in sysfs"), "another explanation");
	TEST_ASSERT(ret == -EACCES || ret == -EROFS, "returned %d", ret);

	return TEST_SUCCESS;
}

static int
test_keep_set_and_told(void)
{
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(PF), 0, "kept before");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_keep_set(PF, true), "refused");
	TEST_ASSERT_EQUAL(pf_test_kernel.keep, VFIO_PCI_PF_KEEP, "not set");
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(PF), 0, "to be kept is not kept");
	TEST_ASSERT_SUCCESS(rte_vfio_pf_keep_set(PF, false), "refused");
	TEST_ASSERT_EQUAL(pf_test_kernel.keep, 0, "not reset");
	pf_test_kernel.keep = VFIO_PCI_PF_REOPENED;
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(PF), 1, "not told");

	pf_test_kernel.features = 0;
	TEST_ASSERT_EQUAL(rte_vfio_pf_reopened(PF), 0, "told by a kernel that cannot");

	return PF_LOGS(rte_vfio_pf_keep_set(PF, true), -ENOTSUP, PF ": cannot be kept over its "
			"close: this vfio-pci resets a PF then");
}

static char reply[32 * 1024];

static int
test_telemetry_tells_features_and_own_tokens(void)
{
	if (token_test_telemetry("/", reply, sizeof(reply)) < 0) {
		printf("skipped: telemetry does not answer in this process\n");
		return TEST_SKIPPED;
	}
	TEST_ASSERT_SUCCESS(rotate(VF1, UUID_B), "refused");
	token_test_telemetry("/eal/vfio_vf_tokens," PF, reply, sizeof(reply));
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, reply, "\"features\":[\"vf-own-token\","
			"\"num-vfs\",\"keep\"],\"own_tokens\":[\"" VF1 "\"]"), "all features");
	pf_test_kernel.features = RTE_VFIO_PF_FEATURE_KEEP;
	token_test_telemetry("/eal/vfio_vf_tokens," PF, reply, sizeof(reply));
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, reply, "\"features\":[\"keep\"]}"), "one");
	pf_test_kernel.features = 0;
	token_test_telemetry("/eal/vfio_vf_tokens," PF, reply, sizeof(reply));
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, reply, "\"features\":[]}"), "none");
	/* A VF has no features to tell. */
	token_test_telemetry("/eal/vfio_vf_tokens," VF1, reply, sizeof(reply));
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, reply, "\"role\":\"vf\""), "a VF");
	TEST_ASSERT_NULL(strstr(reply, "features"), "a VF: %s", reply);

	return TEST_SUCCESS;
}

/* The calls work on copies of the PF's descriptor, and close them. */
static int
test_pf_descriptor_copies_closed(void)
{
	int before = open("/dev/null", O_RDONLY | O_CLOEXEC), after;
	uint32_t features;
	rte_uuid_t token;

	close(before);
	rte_vfio_pf_features(PF, &features);
	rte_vfio_pf_num_vfs_set(PF, 2);
	rte_vfio_pf_num_vfs_get(PF, NULL, NULL);
	rte_vfio_pf_keep_set(PF, false);
	rte_vfio_pf_reopened(PF);
	rotate(VF0, UUID_B);
	rte_vfio_vf_token_get(VF0, token);
	rte_vfio_vf_own_token_clear(VF0);
	pf_test_kernel.features = 0;
	pf_test_kernel.node_error = 0;
	rte_vfio_pf_num_vfs_set(PF, 0);
	PF_LOGS(rte_vfio_vf_own_token_clear(VF0), -ENOTSUP, "");
	after = open("/dev/null", O_RDONLY | O_CLOEXEC);
	close(after);
	TEST_ASSERT_EQUAL(before, after, "descriptors left open");
	TEST_ASSERT(fcntl(pf_test_fd, F_GETFD) >= 0, "the PF's own was closed");

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_pf_suite = {
	.suite_name = "VF token: the owner's side of a PF",
	.unit_test_cases = {
		PF_CASE(test_pf_features_told),
		PF_CASE(test_pf_faults_refused),
		PF_CASE(test_own_token_set_for_one_vf),
		PF_CASE(test_own_token_random_is_v4),
		PF_CASE(test_own_token_missing_feature_explained),
		PF_CASE(test_own_token_faults_change_nothing),
		PF_CASE(test_own_token_clear_restores_pf_token),
		PF_CASE(test_own_token_stays_when_pf_rotates),
		PF_CASE(test_own_token_dropped_by_kernel_not_told),
		PF_CASE(test_num_vfs_read_by_fd_or_sysfs),
		PF_CASE(test_num_vfs_set_by_fd_drops_own_tokens),
		PF_CASE(test_num_vfs_set_by_sysfs),
		PF_CASE(test_num_vfs_zero_while_vf_held_refused),
		PF_CASE(test_num_vfs_zero_unknown_holder_refused),
		PF_CASE(test_num_vfs_zero_while_cdev_open_refused),
		PF_CASE(test_num_vfs_zero_other_drivers_not_looked_at),
		PF_CASE(test_num_vfs_refusals_explained),
		PF_CASE(test_num_vfs_sysfs_not_writable_explained),
		PF_CASE(test_keep_set_and_told),
		PF_CASE(test_telemetry_tells_features_and_own_tokens),
		PF_CASE(test_pf_descriptor_copies_closed),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_pf(void)
{
	return unit_test_suite_runner(&token_test_pf_suite);
}

REGISTER_FAST_TEST(vfio_token_pf_autotest, true, true, test_vfio_token_pf);
