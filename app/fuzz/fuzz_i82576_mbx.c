/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Runs i82576_mbx_autotest, whose last case has VFs send random messages and demands that the PF's
 * state is intact after them, in a program in which the driver, the model of the device and the
 * test are built with sanitizers; the rest of DPDK is as it was built. Arguments are the EAL's.
 * DPDK_SRIOV_TEST_MESSAGES is the number of messages, DPDK_SRIOV_TEST_SEED the seed.
 */

#include <stdio.h>

#include <rte_eal.h>

#include "sriov_test.h"

static struct test_command *commands;

int last_test_result;

/* Called for each REGISTER_FAST_TEST(), before main(). */
void
add_test_command(struct test_command *command)
{
	command->next.tqe_next = commands;
	commands = command;
}

static int
case_run(const struct unit_test_case *test)
{
	int ret = test->setup != NULL ? test->setup() : 0;

	if (ret == 0)
		ret = test->testcase();
	if (test->teardown != NULL)
		test->teardown();
	printf("%s: %s\n", test->name, ret == 0 ? "passed" : "failed");
	return ret;
}

/* What dpdk-test's own does with a suite of plain cases. */
int
unit_test_suite_runner(struct unit_test_suite *suite)
{
	const struct unit_test_case *test;
	int failed = 0;

	for (test = suite->unit_test_cases; test->testcase != NULL; test++)
		failed |= case_run(test) != 0;
	return failed;
}

int
main(int argc, char **argv)
{
	const struct test_command *command;
	int failed = 0, nb = 0;

	if (rte_eal_init(argc, argv) < 0)
		return 2;
	for (command = commands; command != NULL; command = command->next.tqe_next, nb++)
		failed |= command->callback() != 0;
	(void)rte_eal_cleanup();
	if (nb == 0)
		fprintf(stderr, "no test\n");
	return failed || nb == 0;
}
