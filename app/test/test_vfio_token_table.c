/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "test_vfio_token.h"

#define OTHER_VF "0000:02:10.0"

static int
table_setup(void)
{
	int ret = token_test_setup();

	if (ret != 0)
		return ret;
	return token_test_host() || token_test_vf(OTHER_VF, "vfio-pci", 22, PF2);
}

#define TABLE_CASE(fn) TEST_CASE_ST(table_setup, token_test_teardown, fn)

/* "PREFIX" and the path of a file; good until the next call. */
static const char *
file_option(const char *prefix, const char *name)
{
	static char value[512];

	snprintf(value, sizeof(value), "%sfile:%s", prefix, token_test_path("%s", name));
	return value;
}

/* Take a descriptor that holds a text as an option. */
static int
fd_option(const char *prefix, const char *text)
{
	char value[64];
	int fds[2];

	if (pipe(fds) != 0 || write(fds[1], text, strlen(text)) != (ssize_t)strlen(text))
		return -1;
	close(fds[1]);
	snprintf(value, sizeof(value), "%sfd:%d", prefix, fds[0]);

	return token_test_option(value);
}

static int
test_table_empty_gives_no_token(void)
{
	return token_test_chosen(PF, NULL) || token_test_chosen(VF0, NULL) ||
			token_test_chosen(PLAIN, NULL);
}

static int
test_table_default_serves_pf_and_vf(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	return token_test_chosen(PF, UUID_A) || token_test_chosen(VF0, UUID_A) ||
			token_test_chosen(OTHER_VF, UUID_A);
}

static int
test_table_vf_beats_pf_beats_default(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_B), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF1 "=" UUID_C), "refused");
	return token_test_chosen(PF, UUID_B) || token_test_chosen(VF0, UUID_B) ||
			token_test_chosen(VF1, UUID_C) || token_test_chosen(PF2, UUID_A) ||
			token_test_chosen(OTHER_VF, UUID_A);
}

static int
test_table_lines_take_part_in_precedence(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("tokens", PF " " UUID_B "\n" VF1 " " UUID_C "\n"),
			"no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "a default beside lines was refused");
	return token_test_chosen(PF, UUID_B) || token_test_chosen(VF0, UUID_B) ||
			token_test_chosen(VF1, UUID_C) || token_test_chosen(PF2, UUID_A);
}

static int
test_table_descriptor_lines_take_part(void)
{
	TEST_ASSERT_SUCCESS(fd_option("", PF " " UUID_B "\n01:10.2 " UUID_C "\n"), "refused");
	return token_test_chosen(PF, UUID_B) || token_test_chosen(VF0, UUID_B) ||
			token_test_chosen(VF1, UUID_C) || token_test_chosen(PF2, NULL);
}

static int
test_table_line_of_vf_beats_entry_of_pf(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("tokens", VF1 " " UUID_C "\n"), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_B), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");
	return token_test_chosen(VF0, UUID_B) || token_test_chosen(VF1, UUID_C);
}

static int
test_table_each_source_serves_as_default(void)
{
	static char variable[] = "VFIO_TOKEN_TEST=" UUID_A;

	TEST_ASSERT_SUCCESS(fd_option("", UUID_A), "fd refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "fd");
	eal_vfio_token_options_reset();
	memcpy(variable, "VFIO_TOKEN_TEST=" UUID_A, sizeof(variable));
	TEST_ASSERT_SUCCESS(putenv(variable), "no variable");
	TEST_ASSERT_SUCCESS(token_test_option("env:VFIO_TOKEN_TEST"), "env refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "env");
	eal_vfio_token_options_reset();
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "token")), "file refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "file");
	eal_vfio_token_options_reset();

	return token_test_chosen(VF0, NULL);
}

static int
test_table_last_plain_uuid_wins(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_C), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_B), "refused");
	return token_test_chosen(PF, UUID_B);
}

/* Take the all-zero UUID, with its warning. */
static int
null_option(unsigned int position)
{
	char arg[] = UUID_NULL, words[64];
	const char *log;

	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	TEST_ASSERT_SUCCESS(eal_vfio_token_option_parse(arg), "refused");
	log = token_test_log_stop();
	snprintf(words, sizeof(words), "option %u: the all-zero UUID means no token", position);
	TEST_ASSERT_NOT_NULL(strstr(log, words), "logged: %s", log);

	return TEST_SUCCESS;
}

static int
test_table_plain_all_zero_is_no_token(void)
{
	TEST_ASSERT_SUCCESS(null_option(1), "first");
	TEST_ASSERT_SUCCESS(token_test_chosen(PF, NULL), "alone");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(PF, UUID_A), "before a UUID");
	TEST_ASSERT_SUCCESS(null_option(3), "third");
	TEST_ASSERT_SUCCESS(token_test_chosen(PF, NULL), "after a UUID");
	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_B), "refused");
	TEST_ASSERT_SUCCESS(null_option(5), "fifth");

	return token_test_chosen(VF0, UUID_B) || token_test_chosen(PF2, NULL);
}

static int
test_table_all_zero_elsewhere_refused(void)
{
	static char variable[] = "VFIO_TOKEN_TEST=" UUID_NULL;

	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_NULL), "no file");
	memcpy(variable, "VFIO_TOKEN_TEST=" UUID_NULL, sizeof(variable));
	TEST_ASSERT_SUCCESS(putenv(variable), "no variable");

	return token_test_option_refused(VF0 "=" UUID_NULL, -EINVAL, "all-zero") ||
			token_test_option_refused(file_option("", "token"), -EINVAL, "all-zero") ||
			token_test_option_refused(
					file_option(VF0 "=", "token"), -EINVAL, "all-zero") ||
			token_test_option_refused("env:VFIO_TOKEN_TEST", -EINVAL, "all-zero") ||
			token_test_chosen(VF0, NULL);
}

static int
test_table_second_entry_of_device_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_C), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF0 "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_B), "no file");

	return token_test_option_refused(VF0 "=" UUID_B, -EEXIST,
				"option 3: conflicts with option 2: a device has one entry") ||
			token_test_option_refused("01:10.0=" UUID_A, -EEXIST,
					"option 4: conflicts with option 2") ||
			token_test_option_refused(
					VF0 "=random", -EEXIST, "conflicts with option 2") ||
			token_test_option_refused(file_option(VF0 "=", "token"), -EEXIST,
					"conflicts with option 2") ||
			token_test_chosen(VF0, UUID_A);
}

static int
test_table_second_default_refused(void)
{
	static char variable[] = "VFIO_TOKEN_TEST=" UUID_B;

	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_B), "no file");
	TEST_ASSERT_SUCCESS(putenv(variable), "no variable");

	return token_test_option_refused("random", -EEXIST,
				"option 2: conflicts with option 1: the default has one entry") ||
			token_test_option_refused(
					"unix:/run/x", -EEXIST, "conflicts with option 1") ||
			token_test_option_refused(file_option("", "token"), -EEXIST,
					"conflicts with option 1") ||
			token_test_option_refused("env:VFIO_TOKEN_TEST", -EEXIST,
					"conflicts with option 1") ||
			token_test_chosen(VF0, UUID_A);
}

static int
test_table_plain_uuid_after_other_default_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_option("random"), "refused");
	return token_test_option_refused(UUID_A, -EEXIST, "option 2: conflicts with option 1");
}

/* Check that entries which options brought conflict, with both places named. */
static int
check_refused(const char *first, const char *second)
{
	const char *log;
	int ret;

	if (token_test_log_start() != 0)
		return -1;
	ret = eal_vfio_token_options_check(1);
	log = token_test_log_stop();

	return token_test_refused(ret, -EEXIST, log, first) ||
			token_test_refused(ret, -EEXIST, log, second);
}

static int
test_table_option_and_line_conflict(void)
{
	TEST_ASSERT_SUCCESS(
			token_test_text("tokens", PF2 " " UUID_A "\n" VF0 " " UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_option("01:10.0=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");

	return check_refused("conflicting entries for " VF0 ": option 1 (a UUID)",
				"tokens line 2)") ||
			token_test_choose_refused(VF0, -EEXIST, "conflicting entries for " VF0) ||
			token_test_chosen(PF2, UUID_A);
}

static int
test_table_lines_of_two_files_conflict(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("one", PF " " UUID_A "\n" VF0 " " UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_text("two", VF1 " " UUID_A "\n01:10.0 " UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "one")), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "two")), "refused");

	return check_refused("/one line 2)", "/two line 2)") ||
			token_test_choose_refused(VF0, -EEXIST, "conflicting entries for " VF0) ||
			token_test_chosen(VF1, UUID_A);
}

static int
test_table_line_of_file_and_descriptor_conflict(void)
{
	TEST_ASSERT_SUCCESS(fd_option("", PF " " UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("two", PF " " UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "two")), "refused");

	return check_refused("conflicting entries for " PF ": option 1 (fd:", "/two line 1)");
}

static int
test_table_default_of_two_files_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("one", UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_text("two", UUID_B), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "one")), "refused");

	return token_test_option_refused(
				file_option("", "two"), -EEXIST, "conflicts with option 1") ||
			token_test_chosen(PF, UUID_A);
}

static int
test_table_file_that_became_default_conflicts(void)
{
	TEST_ASSERT_SUCCESS(token_test_text("tokens", PF " " UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_B), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("tokens", UUID_A), "no file");

	return token_test_choose_refused(PF, -EEXIST, "both give a default token");
}

static int
test_table_application_entry_replaces(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF0 "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_text("tokens", VF1 " " UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_option(file_option("", "tokens")), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(VF0, UUID_B), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set("01:10.2", UUID_B), "refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_B) || token_test_chosen(VF1, UUID_B) ||
			token_test_chosen(PF, UUID_A), "of a device");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(NULL, UUID_B), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(VF0, UUID_C), "refused");

	return token_test_chosen(VF0, UUID_C) || token_test_chosen(PF, UUID_B);
}

static int
test_table_application_entry_outlives_reset(void)
{
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(PF, UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PF2 "=" UUID_B), "refused");
	eal_vfio_token_options_reset();
	TEST_ASSERT_SUCCESS(token_test_chosen(PF, UUID_A) || token_test_chosen(PF2, NULL), "reset");

	return token_test_option_refused(PF "=" UUID_B, -EEXIST,
			"option 1: the application has set this entry already");
}

static int
test_table_application_lines_replaced_and_cleared(void)
{
	TEST_ASSERT_SUCCESS(
			token_test_text("tokens", VF0 " " UUID_A "\n" VF1 " " UUID_B), "no file");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(NULL, file_option("", "tokens")), "refused");
	TEST_ASSERT_SUCCESS(
			rte_vfio_vf_token_set(NULL, file_option("", "tokens")), "refused again");
	TEST_ASSERT_SUCCESS(
			token_test_chosen(VF0, UUID_A) || token_test_chosen(VF1, UUID_B), "set");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(NULL, UUID_C), "refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_C), "the lines were not replaced");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(NULL, file_option("", "tokens")), "refused");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A) || token_test_chosen(PF2, NULL),
			"the lines did not replace");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_clear(NULL), "not cleared");

	return token_test_chosen(VF0, NULL);
}

struct unit_test_suite token_test_table_suite = {
	.suite_name = "VF token: entries, precedence, conflicts",
	.unit_test_cases = {
		TABLE_CASE(test_table_empty_gives_no_token),
		TABLE_CASE(test_table_default_serves_pf_and_vf),
		TABLE_CASE(test_table_vf_beats_pf_beats_default),
		TABLE_CASE(test_table_lines_take_part_in_precedence),
		TABLE_CASE(test_table_descriptor_lines_take_part),
		TABLE_CASE(test_table_line_of_vf_beats_entry_of_pf),
		TABLE_CASE(test_table_each_source_serves_as_default),
		TABLE_CASE(test_table_last_plain_uuid_wins),
		TABLE_CASE(test_table_plain_all_zero_is_no_token),
		TABLE_CASE(test_table_all_zero_elsewhere_refused),
		TABLE_CASE(test_table_second_entry_of_device_refused),
		TABLE_CASE(test_table_second_default_refused),
		TABLE_CASE(test_table_plain_uuid_after_other_default_refused),
		TABLE_CASE(test_table_option_and_line_conflict),
		TABLE_CASE(test_table_lines_of_two_files_conflict),
		TABLE_CASE(test_table_line_of_file_and_descriptor_conflict),
		TABLE_CASE(test_table_default_of_two_files_refused),
		TABLE_CASE(test_table_file_that_became_default_conflicts),
		TABLE_CASE(test_table_application_entry_replaces),
		TABLE_CASE(test_table_application_entry_outlives_reset),
		TABLE_CASE(test_table_application_lines_replaced_and_cleared),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_table(void)
{
	return unit_test_suite_runner(&token_test_table_suite);
}

REGISTER_FAST_TEST(vfio_token_table_autotest, true, true, test_vfio_token_table);
