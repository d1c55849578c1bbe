/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Against a real vfio-pci: give dpdk-test a PF with SR-IOV and, for most cases, a VF of it, e.g.
 * -a 0000:01:00.0 -a 0000:01:10.0 --vfio-vf-token=random
 */

#include <errno.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_dev.h>

#include "test_vfio_token.h"

/* The devices of this process that the cases work on; "" when there is none. */
static char pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE], vf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE];

/* Copy the name of the first open device of a role; of a VF only one of that PF. */
static void
device_find(enum rte_vfio_vf_token_role role, const char *pf, char name[RTE_VFIO_VF_TOKEN_BDF_SIZE])
{
	const struct vfio_token_record *record;
	struct rte_vfio_vf_token_info info;
	char names[32][RTE_VFIO_VF_TOKEN_BDF_SIZE];
	unsigned int nb_names = 0, i;

	name[0] = '\0';
	vfio_token_records_lock();
	for (record = vfio_token_record_first(); record != NULL && nb_names < RTE_DIM(names);
			record = TAILQ_NEXT(record, next))
		if (record->dev_fd >= 0 && record->role == role)
			snprintf(names[nb_names++], sizeof(names[0]), "%s", record->name);
	vfio_token_records_unlock();

	for (i = 0; i < nb_names; i++) {
		if (rte_vfio_vf_token_query(names[i], &info) != 0 || info.role != role)
			continue;
		if (pf == NULL || strcmp(info.pf, pf) == 0) {
			snprintf(name, RTE_VFIO_VF_TOKEN_BDF_SIZE, "%s", names[i]);
			return;
		}
	}
}

static int
lab_setup(void)
{
	device_find(RTE_VFIO_VF_TOKEN_ROLE_PF, NULL, pf_name);
	if (pf_name[0] == '\0') {
		printf("skipped: this process holds no PF with SR-IOV through VFIO\n");
		return TEST_SKIPPED;
	}
	device_find(RTE_VFIO_VF_TOKEN_ROLE_VF, pf_name, vf_name);
	printf("PF %s, VF %s\n", pf_name, vf_name[0] != '\0' ? vf_name : "none");

	return 0;
}

static int
vf_setup(void)
{
	if (vf_name[0] != '\0')
		return 0;
	printf("skipped: this process holds no VF of PF %s\n", pf_name);

	return TEST_SKIPPED;
}

#define VF_CASE(fn) TEST_CASE_ST(vf_setup, NULL, fn)

/* Read the vendor ID, as a sign that a device answers. 0 or -1. */
static int
device_answers(const char *name)
{
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t vendor = UINT16_MAX;
	int fd = token_test_device_fd(name);

	if (ioctl(fd, VFIO_DEVICE_GET_REGION_INFO, &region) == 0 &&
			pread(fd, &vendor, sizeof(vendor), region.offset) == sizeof(vendor) &&
			vendor != UINT16_MAX)
		return 0;
	printf("%s: no answer: descriptor %d, vendor %#x: %s\n", name, fd, vendor, strerror(errno));

	return -1;
}

static int
device_attach(const char *name)
{
	return rte_eal_hotplug_add("pci", name, "");
}

static int
device_detach(const char *name)
{
	int ret = rte_eal_hotplug_remove("pci", name);

	if (ret != 0)
		printf("%s: cannot be detached: %d\n", name, ret);
	else if (token_test_device_fd(name) >= 0)
		printf("%s: detached, and still recorded as open\n", name);
	else
		return 0;

	return -1;
}

static int
test_lab_get_tells_token_of_pf(void)
{
	struct rte_vfio_vf_token_info info;
	rte_uuid_t token = { 0 };

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_query(pf_name, &info), "no query");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, token), "no token");
	TEST_ASSERT(!rte_uuid_is_null(token), "an all-zero token");
	TEST_ASSERT(info.source != RTE_VFIO_VF_TOKEN_SOURCE_RANDOM || token_test_is_v4(token),
			"not a version 4 UUID");
	explicit_bzero(token, sizeof(token));

	return TEST_SUCCESS;
}

static int
test_lab_rotate_faults_change_nothing(void)
{
	const rte_uuid_t zero = { 0 };
	rte_uuid_t before, after;

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, before), "no token");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_rotate(pf_name, zero), -EINVAL, "all-zero taken");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_rotate(ABSENT, NULL), -ENODEV, "absent PF");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, after), "no token");
	TEST_ASSERT_SUCCESS(rte_uuid_compare(before, after), "changed");

	return TEST_SUCCESS;
}

static int
test_lab_rotate_to_random_read_back(void)
{
	rte_uuid_t before, after;

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, before), "no token");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(pf_name, NULL), "not rotated");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, after), "no token");
	TEST_ASSERT(rte_uuid_compare(before, after) != 0, "not changed");
	TEST_ASSERT(token_test_is_v4(after), "not a version 4 UUID");

	return TEST_SUCCESS;
}

static int
test_lab_rotate_leaves_open_vf_usable(void)
{
	rte_uuid_t token;

	rte_uuid_parse(UUID_A, token);
	TEST_ASSERT_SUCCESS(device_answers(vf_name), "before");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(pf_name, token), "not rotated");
	TEST_ASSERT_SUCCESS(device_answers(vf_name), "after");
	TEST_ASSERT_SUCCESS(device_answers(pf_name), "the PF");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, token), "no token");
	TEST_ASSERT(token_test_equal(token, UUID_A), "another token");

	return TEST_SUCCESS;
}

/* The VF out, and in again with the token that the rotation left to its PF's entry. */
static int
test_lab_vf_opens_with_rotated_token(void)
{
	TEST_ASSERT_SUCCESS(device_detach(vf_name), "not detached");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(pf_name, NULL), "not rotated");
	TEST_ASSERT_SUCCESS(device_attach(vf_name), "refused");

	return device_answers(vf_name);
}

static int
test_lab_wrong_token_of_vf_refused(void)
{
	char text[RTE_UUID_STRLEN];
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(device_detach(vf_name), "not detached");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(vf_name, UUID_B), "not set");
	TEST_ASSERT(device_attach(vf_name) != 0, "opened with a wrong token");
	TEST_ASSERT_SUCCESS(token_test_cause_is(vf_name, EACCES, "wrong VF token"),
			"another cause");

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, token), "no token");
	rte_uuid_unparse(token, text, sizeof(text));
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(vf_name, text), "not set");
	TEST_ASSERT_SUCCESS(device_attach(vf_name), "refused with the right token");
	TEST_ASSERT_SUCCESS(device_answers(vf_name), "open");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_clear(vf_name), "not cleared");

	return TEST_SUCCESS;
}

/* An entry of the VF that is the old token itself follows a rotation. */
static int
test_lab_entry_of_vf_follows_rotation(void)
{
	rte_uuid_t token;

	rte_uuid_parse(UUID_A, token);
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(pf_name, token), "not rotated");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(vf_name, UUID_A), "not set");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(pf_name, NULL), "not rotated");
	TEST_ASSERT_SUCCESS(device_detach(vf_name), "not detached");
	TEST_ASSERT_SUCCESS(device_attach(vf_name), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_clear(vf_name), "not cleared");

	return device_answers(vf_name);
}

/* The PF out and in again, with its VF out meanwhile: its last close and first open reset both. */
static int
test_lab_pf_reopens_with_same_token(void)
{
	rte_uuid_t before, after;

	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, before), "no token");
	TEST_ASSERT(vf_name[0] == '\0' || device_detach(vf_name) == 0, "not detached");
	TEST_ASSERT_SUCCESS(device_detach(pf_name), "not detached");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(pf_name, after), -ENODEV, "still open");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_rotate(pf_name, NULL), -ENODEV, "rotated, not open");
	TEST_ASSERT_SUCCESS(device_attach(pf_name), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(pf_name, after), "no token");
	TEST_ASSERT_SUCCESS(rte_uuid_compare(before, after), "another token");
	TEST_ASSERT(vf_name[0] == '\0' || device_attach(vf_name) == 0, "the VF was refused");

	return device_answers(pf_name);
}

static struct unit_test_suite lab_suite = {
	.suite_name = "VF token: real devices",
	.setup = lab_setup,
	.unit_test_cases = {
		TEST_CASE(test_lab_get_tells_token_of_pf),
		TEST_CASE(test_lab_rotate_faults_change_nothing),
		TEST_CASE(test_lab_rotate_to_random_read_back),
		VF_CASE(test_lab_rotate_leaves_open_vf_usable),
		VF_CASE(test_lab_vf_opens_with_rotated_token),
		VF_CASE(test_lab_wrong_token_of_vf_refused),
		VF_CASE(test_lab_entry_of_vf_follows_rotation),
		TEST_CASE(test_lab_pf_reopens_with_same_token),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_lab(void)
{
	return unit_test_suite_runner(&lab_suite);
}

REGISTER_TEST_COMMAND(vfio_token_lab_autotest, test_vfio_token_lab);
