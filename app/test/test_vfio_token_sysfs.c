/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_vfio_token.h"

static int
function_read(const char *bdf, struct vfio_token_function *fn)
{
	struct vfio_token_bdf device = token_test_bdf(bdf);

	return vfio_token_function_read(vfio_token_paths.pci_devices, &device, fn);
}

static int
test_function_pf_has_pf_role(void)
{
	struct vfio_token_function fn;

	TEST_ASSERT_SUCCESS(token_test_host(), "no sysfs");
	TEST_ASSERT_SUCCESS(function_read(PF, &fn), "not read");
	TEST_ASSERT_EQUAL(fn.role, RTE_VFIO_VF_TOKEN_ROLE_PF, "role %d", fn.role);
	TEST_ASSERT(fn.has_pf && strcmp(fn.name, PF) == 0 && strcmp(fn.pf_name, PF) == 0,
			"names %s, PF %s", fn.name, fn.pf_name);
	TEST_ASSERT_SUCCESS(strcmp(fn.driver, "vfio-pci"), "driver %s", fn.driver);

	return TEST_SUCCESS;
}

static int
test_function_vf_of_vfio_pf_has_vf_role(void)
{
	struct vfio_token_bdf pf = token_test_bdf(PF);
	struct vfio_token_function fn;

	TEST_ASSERT_SUCCESS(token_test_host(), "no sysfs");
	TEST_ASSERT_SUCCESS(function_read(VF1, &fn), "not read");
	TEST_ASSERT_EQUAL(fn.role, RTE_VFIO_VF_TOKEN_ROLE_VF, "role %d", fn.role);
	TEST_ASSERT(fn.has_pf && vfio_token_bdf_equal(&fn.pf, &pf), "PF %s", fn.pf_name);
	TEST_ASSERT_SUCCESS(strcmp(fn.pf_driver, "vfio-pci"), "PF's driver %s", fn.pf_driver);

	return TEST_SUCCESS;
}

static int
test_function_vf_role_needs_vfio_pf(void)
{
	static const struct {
		const char *driver;
		enum rte_vfio_vf_token_role role;
	} cases[] = {
		{ "vfio-pci", RTE_VFIO_VF_TOKEN_ROLE_VF },
		{ "mlx5_vfio_pci", RTE_VFIO_VF_TOKEN_ROLE_VF },
		{ "nvgrace-gpu-vfio-pci", RTE_VFIO_VF_TOKEN_ROLE_VF },
		{ "xe-vfio-pci", RTE_VFIO_VF_TOKEN_ROLE_VF },
		{ "igb", RTE_VFIO_VF_TOKEN_ROLE_NONE },
		{ "igb_uio", RTE_VFIO_VF_TOKEN_ROLE_NONE },
		{ "pci-stub", RTE_VFIO_VF_TOKEN_ROLE_NONE },
		{ NULL, RTE_VFIO_VF_TOKEN_ROLE_NONE },
	};
	struct vfio_token_function fn;
	char pf[32], vf[32];
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		snprintf(pf, sizeof(pf), "0000:%02x:00.0", i + 1);
		snprintf(vf, sizeof(vf), "0000:%02x:10.0", i + 1);
		TEST_ASSERT_SUCCESS(token_test_pf(pf, cases[i].driver, -1) ||
				token_test_vf(vf, "vfio-pci", -1, pf), "no sysfs");
		TEST_ASSERT_SUCCESS(function_read(vf, &fn), "not read");
		TEST_ASSERT_EQUAL(fn.role, cases[i].role, "case %u: role %d", i, fn.role);
		TEST_ASSERT(fn.role != RTE_VFIO_VF_TOKEN_ROLE_NONE ||
				fn.reason == VFIO_TOKEN_NONE_PF_NOT_VFIO, "case %u: reason %d", i,
				fn.reason);
		TEST_ASSERT(fn.has_pf && strcmp(fn.pf_name, pf) == 0, "case %u: PF %s", i,
				fn.pf_name);
	}

	return TEST_SUCCESS;
}

static int
test_function_variant_driver_known_by_vfio_dev(void)
{
	struct vfio_token_function fn;

	TEST_ASSERT_SUCCESS(token_test_pf(PF, "acme_live_migration", -1) ||
			token_test_vf(VF0, "vfio-pci", -1, PF), "no sysfs");
	TEST_ASSERT_SUCCESS(function_read(VF0, &fn), "not read");
	TEST_ASSERT_EQUAL(fn.role, RTE_VFIO_VF_TOKEN_ROLE_NONE, "role %d", fn.role);
	TEST_ASSERT_SUCCESS(token_test_dir("pci/" PF "/vfio-dev"), "no directory");
	TEST_ASSERT_SUCCESS(function_read(VF0, &fn), "not read");
	TEST_ASSERT_EQUAL(fn.role, RTE_VFIO_VF_TOKEN_ROLE_VF, "role %d", fn.role);

	return TEST_SUCCESS;
}

static int
test_function_without_sriov_has_no_role(void)
{
	struct vfio_token_function fn;

	TEST_ASSERT_SUCCESS(token_test_device(PLAIN, NULL, -1), "no sysfs");
	TEST_ASSERT_SUCCESS(function_read(PLAIN, &fn), "not read");
	TEST_ASSERT(fn.role == RTE_VFIO_VF_TOKEN_ROLE_NONE && fn.reason == VFIO_TOKEN_NONE_NO_SRIOV,
			"role %d, reason %d", fn.role, fn.reason);
	TEST_ASSERT(!fn.has_pf && fn.pf_name[0] == '\0' && fn.driver[0] == '\0',
			"PF '%s', driver '%s'", fn.pf_name, fn.driver);

	return TEST_SUCCESS;
}

static int
test_function_absent_not_read(void)
{
	struct vfio_token_function fn;

	TEST_ASSERT_EQUAL(function_read(ABSENT, &fn), -ENODEV, "read");
	TEST_ASSERT_SUCCESS(strcmp(fn.name, ABSENT), "name %s", fn.name);

	return TEST_SUCCESS;
}

static int
test_function_kernel_without_tokens_has_no_role(void)
{
	struct vfio_token_function fn;

	TEST_ASSERT_SUCCESS(token_test_pf(PF, "vfio-pci", -1), "no sysfs");
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "disable_idle_d3", "N\n"), "no module");
	TEST_ASSERT_SUCCESS(function_read(PF, &fn), "not read");
	TEST_ASSERT(fn.role == RTE_VFIO_VF_TOKEN_ROLE_NONE && fn.reason == VFIO_TOKEN_NONE_KERNEL,
			"role %d, reason %d", fn.role, fn.reason);
	/* Linux 5.15 and later: the core is a module of its own. */
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci_core", NULL, NULL), "no module");
	TEST_ASSERT_SUCCESS(function_read(PF, &fn), "not read");
	TEST_ASSERT_EQUAL(fn.role, RTE_VFIO_VF_TOKEN_ROLE_PF, "role %d", fn.role);

	return TEST_SUCCESS;
}

static int
test_function_kernel_with_enable_sriov_has_role(void)
{
	struct vfio_token_function fn;

	TEST_ASSERT_SUCCESS(token_test_pf(PF, "vfio-pci", -1), "no sysfs");
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "enable_sriov", "N\n"), "no module");
	TEST_ASSERT_SUCCESS(function_read(PF, &fn), "not read");
	TEST_ASSERT_EQUAL(fn.role, RTE_VFIO_VF_TOKEN_ROLE_PF, "role %d", fn.role);

	return TEST_SUCCESS;
}

static int
test_module_and_parameter_read(void)
{
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "enable_sriov", "Y\n"), "no module");
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "empty", ""), "no module");
	TEST_ASSERT(vfio_token_module_loaded("vfio_pci"), "not loaded");
	TEST_ASSERT(!vfio_token_module_loaded("vfio"), "loaded");
	TEST_ASSERT_EQUAL(vfio_token_module_param("vfio_pci", "enable_sriov"), 'Y', "not Y");
	TEST_ASSERT_EQUAL(vfio_token_module_param("vfio_pci", "empty"), 0, "not empty");
	TEST_ASSERT_EQUAL(vfio_token_module_param("vfio_pci", "missing"), 0, "not missing");
	TEST_ASSERT_EQUAL(vfio_token_module_param("vfio", "enable_sriov"), 0, "not missing");

	return TEST_SUCCESS;
}

static int
test_group_of_function_read(void)
{
	const char *base = vfio_token_paths.pci_devices;

	TEST_ASSERT_SUCCESS(token_test_device(PF, NULL, 117) || token_test_device(PF2, NULL, -1) ||
					token_test_device(PLAIN, NULL, -1) ||
					token_test_link("pci/" PLAIN "/iommu_group",
							"../../groups/odd"),
			"no sysfs");
	TEST_ASSERT_EQUAL(vfio_token_group_of(base, PF), 117, "another group");
	TEST_ASSERT(vfio_token_group_of(base, PF2) < 0, "a group");
	TEST_ASSERT(vfio_token_group_of(base, PLAIN) < 0, "a group");
	TEST_ASSERT(vfio_token_group_of(base, ABSENT) < 0, "a group");

	return TEST_SUCCESS;
}

static int
test_offenders_named(void)
{
	static const char * const drivers[] = { "vfio-pci", "mlx5_vfio_pci", "pci-stub", "pcieport",
		NULL, "igb" };
	char bdf[32], text[256];
	unsigned int i;

	for (i = 0; i < RTE_DIM(drivers); i++) {
		snprintf(bdf, sizeof(bdf), "0000:01:00.%u", i);
		TEST_ASSERT_SUCCESS(token_test_device(bdf, drivers[i], 7), "no sysfs");
	}
	vfio_token_group_offenders(7, text, sizeof(text));
	TEST_ASSERT_SUCCESS(strcmp(text, "0000:01:00.5 (igb)"), "offenders '%s'", text);
	vfio_token_group_offenders(8, text, sizeof(text));
	TEST_ASSERT_SUCCESS(strcmp(text, ""), "offenders of a missing group '%s'", text);

	return TEST_SUCCESS;
}

static unsigned int
occurrences(const char *text, const char *word)
{
	unsigned int n = 0;

	while ((text = strstr(text, word)) != NULL) {
		n++;
		text++;
	}
	return n;
}

static int
test_offenders_beyond_four_summed_up(void)
{
	char bdf[32], text[256], little[24];
	unsigned int i;

	for (i = 0; i < 7; i++) {
		snprintf(bdf, sizeof(bdf), "0000:01:00.%u", i);
		TEST_ASSERT_SUCCESS(token_test_device(bdf, "igb", 7), "no sysfs");
	}
	vfio_token_group_offenders(7, text, sizeof(text));
	TEST_ASSERT_EQUAL(occurrences(text, "(igb)"), 4, "offenders '%s'", text);
	TEST_ASSERT_NOT_NULL(strstr(text, " and more"), "offenders '%s'", text);
	/* Too little room cuts the text, and nothing else. */
	vfio_token_group_offenders(7, little, sizeof(little));
	TEST_ASSERT(strlen(little) < sizeof(little), "not ended");

	return TEST_SUCCESS;
}

/* A process with an open file, in the /proc of the case. */
static int
process_make(unsigned int pid, const char *comm, const char *file)
{
	char name[64];
	int ret;

	snprintf(name, sizeof(name), "proc/%u", pid);
	ret = token_test_dir(name);
	snprintf(name, sizeof(name), "proc/%u/fd", pid);
	ret |= token_test_dir(name);
	snprintf(name, sizeof(name), "proc/%u/comm", pid);
	ret |= token_test_text(name, comm);
	snprintf(name, sizeof(name), "proc/%u/fd/0", pid);
	ret |= token_test_link(name, "/dev/null");
	snprintf(name, sizeof(name), "proc/%u/fd/17", pid);

	return ret != 0 || token_test_link(name, file);
}

static int
test_holders_named(void)
{
	char text[256];

	TEST_ASSERT_SUCCESS(process_make(12, "dpdk-testpmd\n", token_test_path("vfio/7")) ||
			process_make(13, "other\n", token_test_path("vfio/77")) ||
			process_make(14, "noiommu\n", token_test_path("vfio/noiommu-8")) ||
			token_test_dir("proc/self") || token_test_dir("proc/15"), "no /proc");
	vfio_token_group_holders(7, text, sizeof(text));
	TEST_ASSERT_SUCCESS(strcmp(text, "pid 12 (dpdk-testpmd)"), "holders '%s'", text);
	vfio_token_group_holders(8, text, sizeof(text));
	TEST_ASSERT_SUCCESS(strcmp(text, "pid 14 (noiommu)"), "holders '%s'", text);
	/* Opened in a mount namespace that is gone. */
	TEST_ASSERT_SUCCESS(process_make(16, "service\n", "/vfio/9"), "no /proc");
	vfio_token_group_holders(9, text, sizeof(text));
	TEST_ASSERT_SUCCESS(strcmp(text, "pid 16 (service)"), "holders '%s'", text);

	return TEST_SUCCESS;
}

static int
test_holders_beyond_four_summed_up(void)
{
	char text[256];
	unsigned int i;

	for (i = 0; i < 6; i++)
		TEST_ASSERT_SUCCESS(process_make(100 + i, "p\n", token_test_path("vfio/7")),
				"no /proc");
	vfio_token_group_holders(7, text, sizeof(text));
	TEST_ASSERT_EQUAL(occurrences(text, "(p)"), 4, "holders '%s'", text);
	TEST_ASSERT_NOT_NULL(strstr(text, " and more"), "holders '%s'", text);

	return TEST_SUCCESS;
}

static int
test_holders_unknown_said(void)
{
	char text[256];

	TEST_ASSERT_SUCCESS(process_make(12, "other\n", "/dev/null"), "no /proc");
	vfio_token_group_holders(7, text, sizeof(text));
	TEST_ASSERT_NOT_NULL(strstr(text, "no process that /proc shows"), "'%s'", text);
	vfio_token_paths.proc = "/nonexistent";
	vfio_token_group_holders(7, text, sizeof(text));
	TEST_ASSERT_NOT_NULL(strstr(text, "a process that /proc hides from uid"), "'%s'", text);

	return TEST_SUCCESS;
}

static int
test_holders_hidden_said(void)
{
	char text[256];

	if (geteuid() == 0) {
		printf("skipped: from root nothing is hidden\n");
		return TEST_SKIPPED;
	}
	TEST_ASSERT_SUCCESS(token_test_dir("proc/12") || token_test_dir("proc/12/fd"), "no /proc");
	TEST_ASSERT_SUCCESS(chmod(token_test_path("proc/12/fd"), 0), "no chmod");
	vfio_token_group_holders(7, text, sizeof(text));
	chmod(token_test_path("proc/12/fd"), 0700);
	TEST_ASSERT_NOT_NULL(strstr(text, "a process that /proc hides from uid"), "'%s'", text);

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_sysfs_suite = {
	.suite_name = "VF token: sysfs and /proc",
	.unit_test_cases = {
		TOKEN_CASE(test_function_pf_has_pf_role),
		TOKEN_CASE(test_function_vf_of_vfio_pf_has_vf_role),
		TOKEN_CASE(test_function_vf_role_needs_vfio_pf),
		TOKEN_CASE(test_function_variant_driver_known_by_vfio_dev),
		TOKEN_CASE(test_function_without_sriov_has_no_role),
		TOKEN_CASE(test_function_absent_not_read),
		TOKEN_CASE(test_function_kernel_without_tokens_has_no_role),
		TOKEN_CASE(test_function_kernel_with_enable_sriov_has_role),
		TOKEN_CASE(test_module_and_parameter_read),
		TOKEN_CASE(test_group_of_function_read),
		TOKEN_CASE(test_offenders_named),
		TOKEN_CASE(test_offenders_beyond_four_summed_up),
		TOKEN_CASE(test_holders_named),
		TOKEN_CASE(test_holders_beyond_four_summed_up),
		TOKEN_CASE(test_holders_unknown_said),
		TOKEN_CASE(test_holders_hidden_said),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_sysfs(void)
{
	return unit_test_suite_runner(&token_test_sysfs_suite);
}

REGISTER_FAST_TEST(vfio_token_sysfs_autotest, true, true, test_vfio_token_sysfs);
