/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "test_vfio_token.h"

static int
choose_setup(void)
{
	int ret = token_test_setup();

	return ret != 0 ? ret : token_test_host();
}

#define CHOOSE_CASE(fn) TEST_CASE_ST(choose_setup, token_test_teardown, fn)

static const char *
file_option(const char *prefix, const char *name)
{
	static char value[512];

	snprintf(value, sizeof(value), "%sfile:%s", prefix, token_test_path("%s", name));
	return value;
}

/* A VF whose PF is on a kernel driver, and one whose PF is on none. */
#define IGB_PF "0000:04:00.0"
#define IGB_VF "0000:04:10.0"
#define FREE_PF "0000:05:00.0"
#define FREE_VF "0000:05:10.0"

static int
other_pfs_make(void)
{
	return token_test_pf(IGB_PF, "igb", 30) ||
			token_test_vf(IGB_VF, "vfio-pci", 31, IGB_PF) ||
			token_test_pf(FREE_PF, NULL, 32) ||
			token_test_vf(FREE_VF, "vfio-pci", 33, FREE_PF);
}

static int
test_choose_default_left_out_where_none_applies(void)
{
	TEST_ASSERT_SUCCESS(other_pfs_make(), "no devices");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");

	return token_test_chosen(PLAIN, NULL) || token_test_chosen(IGB_VF, NULL) ||
			token_test_chosen(FREE_VF, NULL) || token_test_chosen(VF0, UUID_A);
}

static int
test_choose_own_entry_where_none_applies_refused(void)
{
	TEST_ASSERT_SUCCESS(other_pfs_make(), "no devices");
	TEST_ASSERT_SUCCESS(token_test_option(PLAIN "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(IGB_VF "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(FREE_PF "=" UUID_A), "refused");

	return token_test_choose_refused(PLAIN, -EINVAL, "it has no SR-IOV") ||
			token_test_choose_refused(PLAIN, -EINVAL, "option 1 (a UUID): ") ||
			token_test_choose_refused(IGB_VF, -EINVAL,
				"its PF " IGB_PF " is on driver igb, not on vfio-pci") ||
			token_test_choose_refused(FREE_VF, -EINVAL,
				"its PF " FREE_PF " is on no driver, not on vfio-pci");
}

static int
test_choose_line_where_none_applies_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("tokens", VF0 " " UUID_B "\n" PLAIN " " UUID_A),
			"no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");

	return token_test_choose_refused(PLAIN, -EINVAL, "tokens line 2): ");
}

static int
test_choose_kernel_without_tokens_takes_none(void)
{
	/* vfio_pci without the parameter that came in the series of the tokens. */
	TEST_ASSERT_SUCCESS(unlink(token_test_path("module/vfio_pci/parameters/enable_sriov")) ||
			rmdir(token_test_path("module/vfio_pci_core")), "no old kernel");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PF2 "=" UUID_B), "refused");

	return token_test_chosen(PF, NULL) || token_test_chosen(VF0, NULL) ||
			token_test_choose_refused(PF2, -EINVAL, "they came with Linux 5.7");
}

static int
test_choose_file_read_at_each_open(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "token")), "refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "first");
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_B), "changed");
	TEST_ASSERT_SUCCESS(token_test_text("token", VF0 " " UUID_C), "no file");

	return token_test_chosen(VF0, UUID_C) || token_test_chosen(VF1, NULL);
}

static int
test_choose_file_gone_bad_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "token")), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF0 "=" UUID_B), "refused");
	TEST_ASSERT_SUCCESS(token_test_file("token", 0644, UUID_A, 36), "no file");
	TEST_ASSERT_SUCCESS(token_test_choose_refused(VF1, -EACCES, "option 1 (file:"), "mode");
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_BAD), "no file");
	TEST_ASSERT_SUCCESS(token_test_choose_refused(VF1, -EINVAL, "malformed UUID"), "malformed");
	TEST_ASSERT_SUCCESS(unlink(token_test_path("token")), "no unlink");
	TEST_ASSERT_SUCCESS(token_test_choose_refused(VF1, -ENOENT, "cannot open"), "missing");

	/* A device that takes no token is not concerned. */
	return token_test_chosen(PLAIN, NULL);
}

static int
test_choose_file_of_device_gives_its_line(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("lines", VF1 " " UUID_A "\n" PF " " UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_text("other", PF2 " " UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_text("single", UUID_C), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option(VF1 "=", "lines")), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option(VF0 "=", "lines")), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option(PF "=", "other")), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option(PF2 "=", "single")), "refused");

	return token_test_chosen(VF1, UUID_A) || token_test_chosen(VF0, UUID_B) ||
			token_test_chosen(PF2, UUID_C) ||
			token_test_choose_refused(
					PF, -ENOENT, "neither a lone UUID nor a line for " PF);
}

static int
test_choose_broker_not_asked_for_pf(void)
{
	struct vfio_token_choice choice;
	struct vfio_token_error err;

	TEST_ASSERT_SUCCESS(token_test_option("unix:/nonexistent/token.sock"), "refused");
	TEST_ASSERT_SUCCESS(token_test_choose(PF, &choice, &err), "refused: %s", err.text);
	TEST_ASSERT(!choice.has_token && choice.source == RTE_VFIO_VF_TOKEN_SOURCE_NONE,
			"source %d", choice.source);

	return token_test_choose_refused(VF0, -ENOENT,
			"option 1 (unix:/nonexistent/token.sock): token broker");
}

static int
test_choose_random_is_v4_and_kept(void)
{
	struct vfio_token_choice pf, again, vf, other;
	struct vfio_token_error err;

	TEST_ASSERT_SUCCESS(token_test_option("random"), "refused");
	TEST_ASSERT_SUCCESS(token_test_choose(PF, &pf, &err), "refused: %s", err.text);
	TEST_ASSERT(pf.has_token && token_test_is_v4(pf.token), "not a version 4 UUID");
	TEST_ASSERT_SUCCESS(token_test_choose(PF, &again, &err), "refused: %s", err.text);
	TEST_ASSERT_SUCCESS(rte_uuid_compare(pf.token, again.token), "another at the second open");
	TEST_ASSERT_SUCCESS(token_test_choose(VF0, &vf, &err), "refused: %s", err.text);
	TEST_ASSERT_SUCCESS(rte_uuid_compare(pf.token, vf.token), "the VF has another");
	TEST_ASSERT_SUCCESS(token_test_choose(PF2, &other, &err), "refused: %s", err.text);
	TEST_ASSERT(rte_uuid_compare(pf.token, other.token) != 0, "both PFs have the same");

	return TEST_SUCCESS;
}

static int
test_choose_random_vf_before_pf_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_option("random"), "refused");
	return token_test_choose_refused(VF0, -ENOENT,
			"option 1 (random): this process has not opened PF " PF);
}

static int
test_choose_random_query_makes_none(void)
{
	struct rte_vfio_vf_token_info info;

	TEST_ASSERT_SUCCESS(token_test_option(PF "=random"), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_query(PF, &info), "no query");
	TEST_ASSERT_EQUAL(info.source, RTE_VFIO_VF_TOKEN_SOURCE_RANDOM, "source %d", info.source);

	return token_test_choose_refused(VF0, -ENOENT, "has not opened PF " PF);
}

static int
test_choose_failure_leaves_no_token(void)
{
	struct vfio_token_choice choice;
	struct vfio_token_error err;
	const rte_uuid_t zero = { 0 };

	TEST_ASSERT_SUCCESS(
			token_test_text("lines", VF0 " " UUID_A "\n" VF1 " " UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "lines")), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("lines", VF0 " " UUID_A "\n" VF1 " " UUID_BAD),
			"no file");
	TEST_ASSERT_EQUAL(token_test_choose(VF0, &choice, &err), -EINVAL, "taken");
	TEST_ASSERT_BUFFERS_ARE_EQUAL(choice.token, zero, sizeof(zero), "a token is left");

	return TEST_SUCCESS;
}

/* rte_eal_vfio_get_vf_token(): compare with a UUID, or NULL for the all-zero one. */
static int
default_is(const char *uuid)
{
	rte_uuid_t token;

	memset(token, 0xa5, sizeof(token));
	eal_vfio_token_default_get(token);
	if (token_test_equal(token, uuid != NULL ? uuid : UUID_NULL))
		return 0;
	printf("the default token is %s\n", uuid != NULL ? "missing or another" : "not null");

	return -1;
}

static int
test_default_get_tells_single_tokens(void)
{
	static char variable[] = "VFIO_TOKEN_TEST=" UUID_A;

	TEST_ASSERT_SUCCESS(default_is(NULL), "empty table");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(default_is(UUID_A), "UUID");
	eal_vfio_token_options_reset();
	TEST_ASSERT_SUCCESS(default_is(NULL), "reset");
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "token")), "refused");
	TEST_ASSERT_SUCCESS(default_is(UUID_B), "file");
	TEST_ASSERT_SUCCESS(token_test_file("token", 0644, UUID_B, 36), "no file");
	TEST_ASSERT_SUCCESS(default_is(NULL), "file gone bad");
	eal_vfio_token_options_reset();
	memcpy(variable, "VFIO_TOKEN_TEST=" UUID_A, sizeof(variable));
	TEST_ASSERT_SUCCESS(putenv(variable), "no variable");
	TEST_ASSERT_SUCCESS(token_test_option("env:VFIO_TOKEN_TEST"), "refused");

	return default_is(UUID_A);
}

static int
test_default_get_null_without_single_token(void)
{
	TEST_ASSERT_SUCCESS(token_test_option("random"), "refused");
	TEST_ASSERT_SUCCESS(default_is(NULL), "random");
	eal_vfio_token_options_reset();
	TEST_ASSERT_SUCCESS(token_test_option("unix:/nonexistent"), "refused");
	TEST_ASSERT_SUCCESS(default_is(NULL), "unix");
	eal_vfio_token_options_reset();
	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(default_is(NULL), "an entry of a device");
	TEST_ASSERT_SUCCESS(token_test_text("tokens", VF0 " " UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");
	TEST_ASSERT_SUCCESS(default_is(NULL), "a file of lines");

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_choose_suite = {
	.suite_name = "VF token: choice for a device",
	.unit_test_cases = {
		CHOOSE_CASE(test_choose_default_left_out_where_none_applies),
		CHOOSE_CASE(test_choose_own_entry_where_none_applies_refused),
		CHOOSE_CASE(test_choose_line_where_none_applies_refused),
		CHOOSE_CASE(test_choose_kernel_without_tokens_takes_none),
		CHOOSE_CASE(test_choose_file_read_at_each_open),
		CHOOSE_CASE(test_choose_file_gone_bad_refused),
		CHOOSE_CASE(test_choose_file_of_device_gives_its_line),
		CHOOSE_CASE(test_choose_broker_not_asked_for_pf),
		CHOOSE_CASE(test_choose_random_is_v4_and_kept),
		CHOOSE_CASE(test_choose_random_vf_before_pf_refused),
		CHOOSE_CASE(test_choose_random_query_makes_none),
		CHOOSE_CASE(test_choose_failure_leaves_no_token),
		CHOOSE_CASE(test_default_get_tells_single_tokens),
		CHOOSE_CASE(test_default_get_null_without_single_token),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_choose(void)
{
	return unit_test_suite_runner(&token_test_choose_suite);
}

REGISTER_FAST_TEST(vfio_token_choose_autotest, true, true, test_vfio_token_choose);
