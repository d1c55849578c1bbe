/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "test_vfio_token.h"

static int
option_setup(void)
{
	int ret = token_test_setup();

	return ret != 0 ? ret : token_test_host();
}

#define OPTION_CASE(fn) TEST_CASE_ST(option_setup, token_test_teardown, fn)

static int
test_option_copy_left_and_warned_of(void)
{
	static const char * const values[] = { UUID_A, PF "=" UUID_A };
	char arg[64];
	unsigned int i;
	const char *log;

	for (i = 0; i < RTE_DIM(values); i++) {
		snprintf(arg, sizeof(arg), "%s", values[i]);
		TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
		TEST_ASSERT_SUCCESS(eal_vfio_token_option_parse(arg), "refused");
		log = token_test_log_stop();
		TEST_ASSERT_SUCCESS(strcmp(arg, values[i]), "value %u was changed", i);
		TEST_ASSERT_SUCCESS(token_test_refused(0, 0, log, "in a copy of the arguments"),
				"value %u", i);
	}

	return TEST_SUCCESS;
}

static int
test_option_without_secret_not_warned_of(void)
{
	char arg[] = "unix:/run/x.sock";
	const char *log;

	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	TEST_ASSERT_SUCCESS(eal_vfio_token_option_parse(arg), "refused");
	log = token_test_log_stop();
	TEST_ASSERT_SUCCESS(strcmp(log, ""), "logged: %s", log);

	return TEST_SUCCESS;
}

static int
test_option_refusals_name_position_only(void)
{
	static const struct {
		const char *value;
		int ret;
		const char *words;
	} cases[] = {
		{ UUID_BAD, -EINVAL, "option 1: malformed UUID" },
		{ VF0 "=" UUID_BAD, -EINVAL, "option 2: malformed UUID" },
		{ UUID_A "0", -EINVAL, "option 3: not [BDF=]SOURCE" },
		{ "0000:01:20.0=" UUID_A, -EINVAL,
				"option 4: '0000:01:20.0' is not a PCI address" },
		{ "5ec7e7aa=1f2e-4d3c-8b4a-a1b2c3d4e5f6", -EINVAL, "option 5: " },
		{ "env:" UUID_A, -EINVAL, "option 6: a UUID after 'env:'" },
		{ "env:VFIO_TOKEN_TEST_UNSET", -ENOENT,
				"option 7: no environment variable VFIO_TOKEN_TEST_UNSET" },
		{ "fd:" UUID_A, -EINVAL, "option 8: " },
		{ "fd:77x", -EINVAL, "option 9: fd:N takes a decimal number" },
		{ "file:/nonexistent/x", -ENOENT, "option 10: cannot open /nonexistent/x" },
		{ "", -EINVAL, "option 11: not [BDF=]SOURCE" },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++)
		TEST_ASSERT_SUCCESS(token_test_option_refused(cases[i].value, cases[i].ret,
				cases[i].words), "case %u", i);

	return token_test_chosen(VF0, NULL);
}

static int
test_option_long_socket_path_refused(void)
{
	char value[256];

	snprintf(value, sizeof(value), "unix:/%0*d", 120, 0);
	return token_test_option_refused(value, -EINVAL, "at most 107 bytes");
}

static int
check_logs(int pci_enabled, int expected, const char *words)
{
	int ret;

	if (token_test_log_start() != 0)
		return -1;
	ret = eal_vfio_token_options_check(pci_enabled);

	return token_test_refused(ret, expected, token_test_log_stop(), words);
}

static int
test_check_good_entries_pass(void)
{
	const char *log;

	TEST_ASSERT_SUCCESS(eal_vfio_token_options_check(1), "an empty table was refused");
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PF "=random"), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF0 "=unix:/run/x"), "refused");
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	TEST_ASSERT_SUCCESS(eal_vfio_token_options_check(1), "refused");
	log = token_test_log_stop();
	TEST_ASSERT_SUCCESS(strcmp(log, ""), "logged: %s", log);

	return TEST_SUCCESS;
}

/* An entry that its device cannot use is refused, unless devices are not looked for. */
static int
entry_check_refused(const char *value, int expected, const char *words)
{
	eal_vfio_token_options_reset();
	if (token_test_option(UUID_C) != 0 || token_test_option(value) != 0)
		return -1;
	if (eal_vfio_token_options_check(0) != 0) {
		printf("%.12s: refused with --no-pci\n", value);
		return -1;
	}
	return check_logs(1, expected, words) || check_logs(1, expected, "option 2");
}

static int
test_check_useless_entry_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_pf("0000:04:00.0", "igb", 30) ||
			token_test_vf("0000:04:10.0", "vfio-pci", 31, "0000:04:00.0") ||
			token_test_pf("0000:05:00.0", NULL, 32) ||
			token_test_vf("0000:01:10.4", "igbvf", 33, PF) ||
			token_test_pf("0000:06:00.0", NULL, -1), "no sysfs");

	return entry_check_refused(ABSENT "=" UUID_A, -ENODEV, "there is no PCI device " ABSENT) ||
			entry_check_refused(PLAIN "=" UUID_A, -EINVAL, "it has no SR-IOV") ||
			entry_check_refused("0000:04:10.0=" UUID_A, -EINVAL,
					"its PF 0000:04:00.0 is on driver igb, not on vfio-pci") ||
			entry_check_refused("0000:04:00.0=" UUID_A, -ENODEV,
					"0000:04:00.0 is on driver igb, not on vfio-pci: ") ||
			entry_check_refused("0000:05:00.0=random", -ENODEV,
					"0000:05:00.0 is on no driver, not on vfio-pci") ||
			entry_check_refused("0000:06:00.0=" UUID_A, -ENODEV,
					"has no IOMMU group: turn the IOMMU on") ||
			entry_check_refused("0000:01:10.4=" UUID_A, -ENODEV,
					"0000:01:10.4 is on driver igbvf") ||
			entry_check_refused(VF0 "=random", -EINVAL,
					"random is for a PF, and " VF0
					" is a VF: give it to its PF " PF);
}

static int
test_check_absent_device_names_enable_sriov(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(ABSENT "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(check_logs(1, -ENODEV, "create it by the PF's sriov_numvfs"), "on");
	TEST_ASSERT_SUCCESS(token_test_module("vfio_pci", "enable_sriov", "N\n"), "no module");
	TEST_ASSERT_SUCCESS(check_logs(1, -ENODEV, "enable_sriov is off"), "off");
	vfio_token_paths.module = "/nonexistent";

	return check_logs(1, -ENODEV, "vfio-pci is not loaded");
}

static int
test_check_file_gone_bad_refused(void)
{
	char value[512];

	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_A), "no file");
	snprintf(value, sizeof(value), "file:%s", token_test_path("token"));
	TEST_ASSERT_SUCCESS(token_test_option(value), "refused");
	TEST_ASSERT_SUCCESS(token_test_file("token", 0644, UUID_A, 36), "no file");

	return check_logs(0, -EACCES, "option 1");
}

static int
test_check_vfio_not_loaded_warned_of(void)
{
	vfio_token_paths.module = "/nonexistent";
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");

	return check_logs(1, 0, "VFIO is not loaded");
}

static int
test_arg_dup_redacts_tokens(void)
{
	static const struct {
		const char *arg; /* after "--vfio-vf-token" if it does not start with '-' */
		const char *dup;
	} cases[] = {
		{ "--vfio-vf-token=" UUID_A, "--vfio-vf-token=<redacted>" },
		{ "--vfio-vf-token=" VF0 "=" UUID_A, "--vfio-vf-token=" VF0 "=<redacted>" },
		{ "--vfio-vf-token=01:10.0=" UUID_A, "--vfio-vf-token=01:10.0=<redacted>" },
		{ "--vfio-v=" UUID_A, "--vfio-v=<redacted>" },
		{ "--vfio-vf-to=" PF "=" UUID_A, "--vfio-vf-to=" PF "=<redacted>" },
		{ "--vfio-vf-token=" UUID_A "0", "--vfio-vf-token=<redacted>" },
		{ "--vfio-vf-token=" UUID_BAD, "--vfio-vf-token=<redacted>" },
		{ "--vfio-vf-token=0000:01:20.0=" UUID_A, "--vfio-vf-token=<redacted>" },
		{ "--vfio-vf-token=env:" UUID_A, "--vfio-vf-token=<redacted>" },
		{ "--vfio-vf-token=", "--vfio-vf-token=<redacted>" },
		{ "--vfio-vf-token=file:/run/x=y", "--vfio-vf-token=file:/run/x=y" },
		{ "--vfio-vf-token=" PF "=unix:/run/x", "--vfio-vf-token=" PF "=unix:/run/x" },
		{ "--vfio-vf-token=env:NAME", "--vfio-vf-token=env:NAME" },
		{ "--vfio-vf-token=fd:3", "--vfio-vf-token=fd:3" },
		{ "--vfio-vf-token=random", "--vfio-vf-token=random" },
		{ UUID_A, "<redacted>" },
		{ VF0 "=" UUID_A, VF0 "=<redacted>" },
		{ UUID_A "0", "<redacted>" },
		{ "file:/run/x", "file:/run/x" },
		{ "random", "random" },
		{ "--vfio-intr=msix", "--vfio-intr=msix" },
		{ "--vfio-vf-token", "--vfio-vf-token" },
	};
	char option[] = "--vfio-vf-token", arg[128], other[] = "-l";
	char *argv[] = { option, arg, NULL };
	unsigned int i;
	char *dup;
	bool same;

	for (i = 0; i < RTE_DIM(cases); i++) {
		snprintf(arg, sizeof(arg), "%s", cases[i].arg);
		argv[0] = cases[i].arg[0] == '-' ? other : option;
		dup = eal_vfio_token_arg_dup(argv, 1);
		TEST_ASSERT_NOT_NULL(dup, "no memory");
		same = strcmp(dup, cases[i].dup) == 0;
		free(dup);
		TEST_ASSERT(same, "case %u differs from %s", i, cases[i].dup);
		TEST_ASSERT_SUCCESS(strcmp(arg, cases[i].arg), "case %u: argv was changed", i);
	}

	return TEST_SUCCESS;
}

static int
test_arg_dup_keeps_other_arguments(void)
{
	static char args[][64] = { "dpdk-test", "--vfio-vf-token=" UUID_A, "-a", VF0,
		"--vfio-vf-token", UUID_A, UUID_B, "--vfio-intr", "msix", "--vfio", UUID_C,
		"--vfio-vf-tokens", UUID_A, "--vfio-v", UUID_B, "-n", "4" };
	static const bool redacted[] = { false, true, false, false, false, true, false, false,
		false, false, false, false, false, false, true, false, false };
	char *argv[RTE_DIM(args)];
	unsigned int i;
	bool same;
	char *dup;

	for (i = 0; i < RTE_DIM(args); i++)
		argv[i] = args[i];
	for (i = 0; i < RTE_DIM(args); i++) {
		dup = eal_vfio_token_arg_dup(argv, (int)i);
		TEST_ASSERT_NOT_NULL(dup, "no memory");
		same = strcmp(dup, args[i]) == 0;
		free(dup);
		TEST_ASSERT_EQUAL(same, !redacted[i], "argument %u", i);
	}

	return TEST_SUCCESS;
}

static int
test_argv_wipe_elsewhere_left(void)
{
	static char text[] = UUID_A;
	char copy[] = UUID_A;
	char *heap = strdup(UUID_A);
	int ret;

	TEST_ASSERT_NOT_NULL(heap, "no memory");
	ret = vfio_token_argv_wipe(heap, strlen(heap)) == -EFAULT && strcmp(heap, UUID_A) == 0;
	free(heap);
	TEST_ASSERT(ret, "the heap was wiped");
	TEST_ASSERT_EQUAL(vfio_token_argv_wipe(copy, strlen(copy)), -EFAULT, "the stack was wiped");
	TEST_ASSERT_SUCCESS(strcmp(copy, UUID_A), "the stack was changed");
	TEST_ASSERT_EQUAL(vfio_token_argv_wipe(text, strlen(text)), -EFAULT, "the data was wiped");
	TEST_ASSERT_SUCCESS(strcmp(text, UUID_A), "the data was changed");

	return TEST_SUCCESS;
}

static int
test_argv_wipe_shows_in_cmdline(void)
{
	char *name = (char *)(uintptr_t)prgname;
	size_t len = strlen(name);
	char saved[256], cmdline[256] = "";
	int fd, ret;

	/* The name of the program is the one argument that the EAL leaves in its place. */
	TEST_ASSERT(len > 0 && len < sizeof(saved), "a name of %zu bytes", len);
	memcpy(saved, name, len);
	ret = vfio_token_argv_wipe(name, len);
	fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, cmdline, sizeof(cmdline) - 1) <= 0)
		printf("cannot read /proc/self/cmdline\n");
	close(fd);
	if (ret == 0)
		memcpy(name, saved, len);
	TEST_ASSERT_SUCCESS(ret, "not in the argument area");
	TEST_ASSERT_EQUAL(strspn(cmdline, "x"), len, "the command line shows %.16s", cmdline);
	/* A text that ends behind the area is not an argument. */
	TEST_ASSERT_EQUAL(vfio_token_argv_wipe(name, 16 * 1024 * 1024), -EFAULT, "beyond the end");

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_option_suite = {
	.suite_name = "VF token: option and arguments",
	.unit_test_cases = {
		OPTION_CASE(test_option_copy_left_and_warned_of),
		OPTION_CASE(test_option_without_secret_not_warned_of),
		OPTION_CASE(test_option_refusals_name_position_only),
		OPTION_CASE(test_option_long_socket_path_refused),
		OPTION_CASE(test_check_good_entries_pass),
		OPTION_CASE(test_check_useless_entry_refused),
		OPTION_CASE(test_check_absent_device_names_enable_sriov),
		OPTION_CASE(test_check_file_gone_bad_refused),
		OPTION_CASE(test_check_vfio_not_loaded_warned_of),
		OPTION_CASE(test_arg_dup_redacts_tokens),
		OPTION_CASE(test_arg_dup_keeps_other_arguments),
		OPTION_CASE(test_argv_wipe_elsewhere_left),
		OPTION_CASE(test_argv_wipe_shows_in_cmdline),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_option(void)
{
	return unit_test_suite_runner(&token_test_option_suite);
}

REGISTER_FAST_TEST(vfio_token_option_autotest, true, true, test_vfio_token_option);
