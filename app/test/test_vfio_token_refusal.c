/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_vfio_token.h"

static int
refusal_setup(void)
{
	int ret = token_test_setup();

	if (ret != 0)
		return ret;
	return token_test_host() || token_test_dir("proc/12") || token_test_dir("proc/12/fd") ||
			token_test_text("proc/12/comm", "dpdk-sriovd\n") ||
			token_test_link("proc/12/fd/5", token_test_path("vfio/11"));
}

#define REFUSAL_CASE(fn) TEST_CASE_ST(refusal_setup, token_test_teardown, fn)

static struct vfio_token_error why;

/* The cause of a refused VFIO_GROUP_GET_DEVICE_FD. */
static const char *
device_refusal(const char *bdf, int err)
{
	struct vfio_token_bdf device = token_test_bdf(bdf);
	struct vfio_token_choice choice;
	struct vfio_token_function fn;
	struct vfio_token_error ignored;

	vfio_token_function_read(vfio_token_paths.pci_devices, &device, &fn);
	token_test_choose(bdf, &choice, &ignored);
	vfio_token_device_refusal(vfio_token_paths.pci_devices, &fn, &choice, err, &why);

	return why.text;
}

static int
test_refusal_wrong_token_of_vf_named(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	device_refusal(VF0, EACCES);

	return token_test_refused(0, 0, why.text,
				"wrong VF token: option 1 (a UUID) is not the token") ||
			token_test_refused(0, 0, why.text,
					"PF " PF " is held by pid 12 (dpdk-sriovd)") ||
			token_test_refused(0, 0, why.text, "use the token its owner set");
}

static int
test_refusal_missing_token_of_vf_named(void)
{
	device_refusal(VF0, EACCES);

	return token_test_refused(0, 0, why.text, "VF token missing") ||
			token_test_refused(0, 0, why.text,
					"PF " PF " is held by pid 12 (dpdk-sriovd)") ||
			token_test_refused(0, 0, why.text, "--vfio-vf-token=" VF0 "=SOURCE");
}

static int
test_refusal_token_of_pf_named(void)
{
	device_refusal(PF, EACCES);
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, why.text, "VFs of this PF are open") ||
					token_test_refused(0, 0, why.text,
							"--vfio-vf-token=" PF "=SOURCE"),
			"missing");
	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_A), "refused");
	device_refusal(PF, EACCES);

	return token_test_refused(0, 0, why.text, "wrong VF token: VFs of this PF are open, and "
			"option 1 (a UUID) is not the token they were opened with");
}

static int
test_refusal_token_not_taken_explained(void)
{
	struct vfio_token_bdf vf = token_test_bdf(VF0);
	struct vfio_token_choice choice;
	struct vfio_token_function fn;
	struct vfio_token_error err;

	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, device_refusal(VF0, EINVAL),
			"the kernel takes no VF token for it (option 1 (a UUID) was sent)"), "VF");
	/* The PF changes its driver between the choice and the kernel's answer. */
	vfio_token_function_read(vfio_token_paths.pci_devices, &vf, &fn);
	TEST_ASSERT_SUCCESS(token_test_choose(VF0, &choice, &err), "refused");
	TEST_ASSERT_SUCCESS(token_test_link("pci/" PF "/driver", "../../drivers/igb"), "no link");
	vfio_token_device_refusal(vfio_token_paths.pci_devices, &fn, &choice, EINVAL, &why);

	return token_test_refused(
			0, 0, why.text, "its PF " PF " is on driver igb, not on vfio-pci");
}

static int
test_refusal_other_errors_explained(void)
{
	TEST_ASSERT_SUCCESS(token_test_link("proc/12/fd/6", token_test_path("vfio/20")), "no link");

	return token_test_refused(0, 0, device_refusal(VF0, EINVAL), "no IOMMU set up") ||
			token_test_refused(0, 0, device_refusal(VF0, ENODEV),
				"dpdk-devbind.py -b vfio-pci " VF0) ||
			token_test_refused(0, 0, device_refusal(VF0, EBUSY),
				"its group is held by pid 12 (dpdk-sriovd)") ||
			token_test_refused(0, 0, device_refusal(VF0, EIO), "see dmesg");
}

static int
test_refusal_absent_device_explained(void)
{
	vfio_token_absent_refusal(ABSENT, &why);
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, why.text, "no PCI device " ABSENT) ||
			token_test_refused(0, 0, why.text, "create it by the PF's sriov_numvfs"),
			"enable_sriov on");
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "enable_sriov", "N\n"), "no module");
	vfio_token_absent_refusal(ABSENT, &why);
	TEST_ASSERT_SUCCESS(token_test_refused(0, 0, why.text, "enable_sriov is off: echo Y > "),
			"enable_sriov off");
	vfio_token_paths.module = "/nonexistent";
	vfio_token_absent_refusal(ABSENT, &why);

	return token_test_refused(0, 0, why.text, "vfio-pci is not loaded: modprobe vfio-pci");
}

/* What a refusal before the open logs. */
static int
stage_logs(enum eal_vfio_token_stage stage, const char *bdf, int group, int err, const char *words)
{
	char device[64];
	const char *log;

	if (token_test_log_start() != 0)
		return -1;
	eal_vfio_token_refused(stage, vfio_token_paths.pci_devices, bdf, group, err);
	log = token_test_log_stop();
	snprintf(device, sizeof(device), "%s: cannot open through VFIO: ", bdf);

	return token_test_refused(0, 0, log, device) || token_test_refused(0, 0, log, words);
}

static int
test_refused_without_group_explained(void)
{
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_NO_GROUP, PF, -1, 0, "turn the IOMMU on"),
			"loaded");
	vfio_token_paths.module = "/nonexistent";

	return stage_logs(EAL_VFIO_TOKEN_NO_GROUP, PF, -1, 0, "vfio-pci is not loaded");
}

static int
test_refused_without_group_node_explained(void)
{
	TEST_ASSERT_SUCCESS(token_test_device("0000:09:00.0", "igb", 50) ||
			token_test_device("0000:09:00.1", NULL, 50), "no sysfs");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_NO_GROUP_NODE, "0000:09:00.0", 50, ENOENT,
			"0000:09:00.0 is on driver igb, not on vfio-pci: dpdk-devbind.py -b "
			"vfio-pci 0000:09:00.0"), "other driver");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_NO_GROUP_NODE, "0000:09:00.1", 50, ENOENT,
			"0000:09:00.1 is on no driver, not on vfio-pci"), "no driver");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_NO_GROUP_NODE, PF, 11, ENOENT,
			"in a container, pass the node in"), "container");
	vfio_token_paths.module = "/nonexistent";

	return stage_logs(EAL_VFIO_TOKEN_NO_GROUP_NODE, PF, 11, ENOENT, "vfio-pci is not loaded");
}

static int
test_refused_group_open_explained(void)
{
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_GROUP_OPEN, PF, 11, EBUSY,
			"IOMMU group 11 is held by pid 12 (dpdk-sriovd)"), "held");
	TEST_ASSERT_SUCCESS(token_test_file("vfio/11", 0600, "", 0), "no node");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_GROUP_OPEN, PF, 11, EACCES,
			" with mode 0600, as uid "), "not allowed");
	TEST_ASSERT_SUCCESS(token_test_file("vfio/noiommu-20", 0600, "", 0), "no node");

	return stage_logs(EAL_VFIO_TOKEN_GROUP_OPEN, VF0, 20, EPERM, "needs CAP_SYS_RAWIO");
}

static int
test_refused_group_not_viable_explained(void)
{
	TEST_ASSERT_SUCCESS(token_test_device("0000:01:00.1", "igb", 11), "no sysfs");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_GROUP_VIABLE, PF, 11, 0,
			"IOMMU group 11 is not viable: of it, 0000:01:00.1 (igb) must be bound"),
			"offender");

	return stage_logs(EAL_VFIO_TOKEN_GROUP_VIABLE, PF2, 12, 0,
			"a device that sysfs does not show");
}

static int
test_refused_container_explained(void)
{
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_CONTAINER, PF, 11, EINVAL, "see dmesg"),
			"other");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_CONTAINER, PF, 11, EPERM,
			"no interrupt remapping"), "interrupts");
	TEST_ASSERT_SUCCESS(rmdir(token_test_path("module/vfio_iommu_type1")), "no rmdir");
	TEST_ASSERT_SUCCESS(stage_logs(EAL_VFIO_TOKEN_CONTAINER, PF, 11, ENODEV,
			"modprobe vfio_iommu_type1"), "backend");
	TEST_ASSERT_SUCCESS(token_test_file("vfio/noiommu-11", 0600, "", 0), "no node");

	return stage_logs(EAL_VFIO_TOKEN_CONTAINER, PF, 11, EPERM,
			"is without IOMMU (noiommu) and cannot share");
}

/* Open a device of a group whose descriptor is none, so that the kernel refuses with ENOTTY. */
static int
device_open_refused(const char *bdf, int expected, const char *words)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), ret;

	if (fd < 0 || token_test_log_start() != 0)
		return -1;
	ret = eal_vfio_token_device_open(-1, fd, vfio_token_paths.pci_devices, bdf);
	close(fd);

	return token_test_refused(ret, expected, token_test_log_stop(), words);
}

static int
test_device_open_refusal_logged_once(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PLAIN "=" UUID_B), "refused");

	return device_open_refused(VF0, -ENOTTY, VF0 ": cannot open through VFIO: ") ||
			device_open_refused(PF, -ENOTTY, "see dmesg") ||
			device_open_refused(ABSENT, -ENODEV, "there is no PCI device " ABSENT) ||
			device_open_refused(PLAIN, -EINVAL, "option 2 (a UUID): " PLAIN
				" takes no VF token") ||
			device_open_refused("8086:vmd-0", -ENOTTY,
				"8086:vmd-0: cannot open through VFIO: ");
}

static int
test_device_open_bad_source_not_opened(void)
{
	TEST_ASSERT_SUCCESS(token_test_option("unix:/nonexistent/token.sock"), "refused");

	return device_open_refused(VF0, -ENOENT, "option 1 (unix:/nonexistent/token.sock): token "
			"broker /nonexistent/token.sock: cannot connect");
}

struct unit_test_suite token_test_refusal_suite = {
	.suite_name = "VF token: refusals",
	.unit_test_cases = {
		REFUSAL_CASE(test_refusal_wrong_token_of_vf_named),
		REFUSAL_CASE(test_refusal_missing_token_of_vf_named),
		REFUSAL_CASE(test_refusal_token_of_pf_named),
		REFUSAL_CASE(test_refusal_token_not_taken_explained),
		REFUSAL_CASE(test_refusal_other_errors_explained),
		REFUSAL_CASE(test_refusal_absent_device_explained),
		REFUSAL_CASE(test_refused_without_group_explained),
		REFUSAL_CASE(test_refused_without_group_node_explained),
		REFUSAL_CASE(test_refused_group_open_explained),
		REFUSAL_CASE(test_refused_group_not_viable_explained),
		REFUSAL_CASE(test_refused_container_explained),
		REFUSAL_CASE(test_device_open_refusal_logged_once),
		REFUSAL_CASE(test_device_open_bad_source_not_opened),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_refusal(void)
{
	return unit_test_suite_runner(&token_test_refusal_suite);
}

REGISTER_FAST_TEST(vfio_token_refusal_autotest, true, true, test_vfio_token_refusal);
