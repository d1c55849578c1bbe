/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <rte_errno.h>

#include "test_sriov.h"

static struct rte_sriov_finding *findings;
static unsigned int nb_findings;

static int
look(const char *pf)
{
	struct rte_sriov_error error;

	free(findings);
	findings = rte_sriov_preflight(pf, &nb_findings, &error);
	if (findings == NULL)
		printf("refused: %s\n", error.text);
	return findings != NULL ? 0 : -1;
}

static void
preflight_teardown(void)
{
	free(findings);
	findings = NULL;
	sriov_test_teardown();
}

#define PREFLIGHT_CASE(fn) TEST_CASE_ST(sriov_test_setup, preflight_teardown, fn)

/* Is there such a finding? @p words of text or remedy. Prints what there is else. */
static bool
found(const char *id, const char *subject, enum rte_sriov_level level, const char *words)
{
	const struct rte_sriov_finding *f;
	bool ret = false;

	for (f = findings; f < findings + nb_findings; f++)
		ret |= strcmp(f->id, id) == 0 && strcmp(f->subject, subject) == 0 &&
				f->level == level && (strstr(f->text, words) != NULL ||
				strstr(f->remedy, words) != NULL);
	for (f = findings; !ret && f < findings + nb_findings; f++)
		if (strcmp(f->id, id) == 0)
			printf("%s: %s: %d: %s; %s\n", f->id, f->subject, f->level, f->text,
					f->remedy);
	return ret;
}

#define OK RTE_SRIOV_LEVEL_OK
#define WARN RTE_SRIOV_LEVEL_WARN
#define FAIL RTE_SRIOV_LEVEL_FAIL

static int
test_preflight_good_host_no_failures(void)
{
	unsigned int i;

	TEST_ASSERT_SUCCESS(sriov_test_vfs(2) ||
			token_test_module("vfio_pci", "disable_idle_d3", "Y\n") ||
			token_test_text("proc/meminfo", "MemTotal: 1 kB\nHugePages_Total:      8\n"
				"HugePages_Free:       3\nHugepagesize:       2048 kB\n"), "host");
	TEST_ASSERT_SUCCESS(look(NULL), "refused");
	for (i = 0; i < nb_findings; i++) {
		TEST_ASSERT(findings[i].level != FAIL, "%s: %s: %s", findings[i].id,
				findings[i].subject, findings[i].text);
		/* Each that is not good says what to do. */
		TEST_ASSERT(findings[i].level == OK || findings[i].remedy[0] != '\0',
				"%s has no remedy", findings[i].id);
	}
	TEST_ASSERT(found("iommu", "host", OK, "the IOMMU is on"), "iommu");
	TEST_ASSERT(found("vfio", "host", OK, "loaded"), "vfio");
	TEST_ASSERT(found("enable_sriov", "host", OK, "on"), "enable_sriov");
	TEST_ASSERT(found("disable_idle_d3", "host", OK, "does not suspend"), "d3");
	TEST_ASSERT(found("kmod", "kernel", WARN, "one token"), "kmod");
	TEST_ASSERT(found("cdev", "kernel", OK, "no VFIO devices"), "cdev");
	TEST_ASSERT(found("hugepages", "host", OK, "3 of 8 hugepages of 2048 KiB"), "hugepages");
	TEST_ASSERT(found("pf", PF, OK, "2 VFs of 7"), "pf");
	TEST_ASSERT(found("driver", PF, OK, "vfio-pci"), "driver");
	TEST_ASSERT(found("group", PF, OK, "group 11"), "group");
	TEST_ASSERT(found("acs", PF, OK, "alone"), "acs");
	TEST_ASSERT(found("vfs", PF, OK, "each VF is alone"), "vfs");
	TEST_ASSERT(found("pf", PF2, OK, "0 VFs of 7"), "second PF");

	return TEST_SUCCESS;
}

static int
test_preflight_one_pf_only(void)
{
	struct rte_sriov_error error;
	unsigned int count;

	TEST_ASSERT_SUCCESS(look(PF2), "refused");
	TEST_ASSERT(found("pf", PF2, OK, "it has 0 VFs"), "not there");
	TEST_ASSERT(!found("pf", PF, OK, "it has"), "another is there");
	TEST_ASSERT(rte_sriov_preflight(PLAIN, &count, &error) == NULL && count == 0, "no PF");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, -rte_errno, -ENODEV, PLAIN, "it is no PF"),
			"error");
	TEST_ASSERT(rte_sriov_preflight(ABSENT, &count, NULL) == NULL && rte_errno == ENODEV,
			"absent");

	return TEST_SUCCESS;
}

static int
test_preflight_modules_missing(void)
{
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "enable_sriov", "N\n") ||
			token_test_module("vfio_pci", "disable_idle_d3", "N\n") ||
			token_test_module("vfio", "enable_unsafe_noiommu_mode", "Y\n"), "modules");
	rmdir(token_test_path("module/vfio_iommu_type1"));
	TEST_ASSERT_SUCCESS(look(PF), "refused");
	TEST_ASSERT(found("vfio", "host", FAIL, "modprobe vfio_iommu_type1"), "type 1");
	TEST_ASSERT(found("enable_sriov", "host", FAIL, "echo Y >"), "enable_sriov");
	TEST_ASSERT(found("disable_idle_d3", "host", WARN, "suspends"), "d3");
	TEST_ASSERT(found("iommu", "host", WARN, "noiommu"), "noiommu");

	unlink(token_test_path("module/vfio_pci/parameters/enable_sriov"));
	TEST_ASSERT_SUCCESS(look(PF), "refused");
	TEST_ASSERT(found("enable_sriov", "host", FAIL, "Linux 5.7"), "old kernel");

	vfio_token_paths.module = "/nonexistent";
	vfio_token_paths.iommu_groups = "/nonexistent";
	TEST_ASSERT_SUCCESS(look(PF), "refused");
	TEST_ASSERT(found("vfio", "host", FAIL, "vfio-pci is not loaded"), "vfio");
	TEST_ASSERT(found("iommu", "host", FAIL, "intel_iommu=on"), "iommu");
	TEST_ASSERT(!found("enable_sriov", "host", FAIL, ""), "of a module that is not there");

	return TEST_SUCCESS;
}

static int
test_preflight_kernel_abilities(void)
{
	static const char *const versions[] = { "6.5.0\n", "6.6.1-amd64\n", "6.16.3\n",
			"6.17.0\n" };
	static const enum rte_sriov_level levels[] = { WARN, WARN, WARN, OK };
	unsigned int i;

	TEST_ASSERT_SUCCESS(token_test_dir("vfio/devices"), "no cdevs");
	for (i = 0; i < RTE_DIM(versions); i++) {
		TEST_ASSERT_SUCCESS(token_test_text("proc/sys/kernel/osrelease", versions[i]) ||
				look(PF), "refused");
		TEST_ASSERT(found("cdev", "kernel", levels[i], "VF token"), "%s", versions[i]);
	}
	TEST_ASSERT_SUCCESS(token_test_text("proc/sys/kernel/osrelease", "6.12.9\n") ||
			token_test_text("module/vfio_pci/version", "0.1.0\n") ||
			token_test_module("vfio_pci", "numvfs_by_fd", "Y\n") || look(PF),
			"refused");
	TEST_ASSERT(found("kmod", "kernel", OK, "0.1.0: each VF"), "kmod");
	TEST_ASSERT(found("kmod", "kernel", OK, "numvfs_by_fd is on"), "numvfs_by_fd");
	TEST_ASSERT(found("cdev", "kernel", OK, "refuses VFs"), "cdev with kmod");

	return TEST_SUCCESS;
}

static int
test_preflight_pf_faults(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_bind(PF, DRIVER_BEFORE) ||
			token_test_dir("pci/" PF "/net") ||
			token_test_dir("pci/" PF "/net/eth7") ||
			token_test_text("pci/" PF "/net/eth7/operstate", "up\n") ||
			token_test_device("0000:01:00.1", "ahci", PF_GROUP) ||
			sriov_test_attr("0000:01:00.1", "class", "0x010601\n") ||
			token_test_device("0000:00:1c.0", "pcieport", PF_GROUP) ||
			sriov_test_attr("0000:00:1c.0", "class", "0x060400\n"), "host");
	TEST_ASSERT_SUCCESS(look(PF), "refused");
	TEST_ASSERT(found("driver", PF, WARN, "its interface eth7 is up"), "interface");
	TEST_ASSERT(found("acs", PF, FAIL, "with 0000:01:00.1 (ahci):"), "group");

	TEST_ASSERT_SUCCESS(token_test_text("pci/" PF "/net/eth7/operstate", "down\n") ||
			sriov_test_vfs(1) || look(PF), "refused");
	TEST_ASSERT(found("driver", PF, WARN, "with 1 VFs"), "VFs");

	TEST_ASSERT_SUCCESS(sriov_test_vfs(0) || sriov_test_attr(PF, "sriov_totalvfs", "0\n") ||
			token_test_text("vfio/noiommu-11", "") || look(PF), "refused");
	TEST_ASSERT(found("pf", PF, FAIL, "no VFs"), "no VFs");
	TEST_ASSERT(found("group", PF, FAIL, "without IOMMU"), "noiommu");

	unlink(token_test_path("pci/%s/iommu_group", PF));
	TEST_ASSERT_SUCCESS(look(PF), "refused");
	TEST_ASSERT(found("group", PF, FAIL, "in no IOMMU group"), "no group");

	return TEST_SUCCESS;
}

static int
test_preflight_vf_faults(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_vfs(3) || sriov_test_bind(VF1, "igbvf") ||
			/* VF 2 in the group of VF 0 */
			token_test_vf("0000:01:10.4", NULL, VF_GROUP, PF), "host");
	unlink(token_test_path("pci/%s/reset", VF0));
	TEST_ASSERT_SUCCESS(sriov_test_hold(PF_GROUP, 5, "owner\n", 3) || look(PF), "refused");
	TEST_ASSERT(found("acs", PF, FAIL, VF0 " (0000:01:10.4"), "shared group");
	TEST_ASSERT(found("vfs", PF, WARN, "not on vfio-pci: " VF1 " (igbvf)"), "elsewhere");
	TEST_ASSERT(found("vfs", PF, WARN, "no reset of their own: " VF0), "no reset");
	TEST_ASSERT(!found("vfs", PF, OK, ""), "good and not good");
	TEST_ASSERT(found("holders", PF, OK, "pid 5 (owner) of uid 3"), "holder of the PF");

	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, 6, "tenant\n", 4) || look(PF), "refused");
	TEST_ASSERT(found("holders", PF, OK, VF0 " (pid 6 tenant)"), "holder of a VF");

	return TEST_SUCCESS;
}

static int
test_preflight_qemu_vf_bars(void)
{
	static const char high[] =
		"0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n"
		"0x0 0x0 0x0\n0x0000000800000000 0x000000080001ffff 0x14220c\n";
	static const char low[] =
		"0x0000000800000000 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n0x0 0x0 0x0\n"
		"0x0 0x0 0x0\n0x0 0x0 0x0\n0x00000000fe000000 0x0 0x14220c\n";

	TEST_ASSERT_SUCCESS(sriov_test_attr(PF, "subsystem_vendor", "0x1af4\n") ||
			sriov_test_attr(PF, "resource", high) || look(PF), "refused");
	TEST_ASSERT(found("vf_bar", PF, WARN, "0x800000000"), "not told");
	TEST_ASSERT_SUCCESS(sriov_test_attr(PF, "resource", low) || look(PF), "refused");
	TEST_ASSERT(!found("vf_bar", PF, WARN, ""), "told of the PF's own");
	TEST_ASSERT_SUCCESS(sriov_test_attr(PF, "resource", high) ||
			sriov_test_attr(PF, "subsystem_vendor", "0x8086\n") || look(PF), "refused");
	TEST_ASSERT(!found("vf_bar", PF, WARN, ""), "told of a real one");

	return TEST_SUCCESS;
}

struct unit_test_suite sriov_test_preflight_suite = {
	.suite_name = "librte_sriov: preflight",
	.unit_test_cases = {
		PREFLIGHT_CASE(test_preflight_good_host_no_failures),
		PREFLIGHT_CASE(test_preflight_one_pf_only),
		PREFLIGHT_CASE(test_preflight_modules_missing),
		PREFLIGHT_CASE(test_preflight_kernel_abilities),
		PREFLIGHT_CASE(test_preflight_pf_faults),
		PREFLIGHT_CASE(test_preflight_vf_faults),
		PREFLIGHT_CASE(test_preflight_qemu_vf_bars),
		TEST_CASES_END()
	},
};

static int
test_sriov_preflight(void)
{
	return unit_test_suite_runner(&sriov_test_preflight_suite);
}

REGISTER_FAST_TEST(sriov_preflight_autotest, true, true, test_sriov_preflight);
