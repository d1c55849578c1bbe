/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Tests of dpdk-sriov-keeper: its parts, and the program with a command that is this program again.
 * "test_keeper KEEPER" runs all.
 */

#include <stdio.h>
#include <string.h>

#include "test_keeper.h"

static unsigned int nb_failed, nb_passed;

static void
tests_run(const struct keeper_test *test)
{
	for (; test->name != NULL; test++) {
		if (test->run() == 0) {
			printf("PASS %s\n", test->name);
			nb_passed++;
		} else {
			printf("FAIL %s\n", test->name);
			nb_failed++;
		}
	}
}

int
main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "command") == 0)
		return keeper_test_command(argc, argv);
	if (argc != 2) {
		fprintf(stderr, "usage: %s PATH-OF-THE-KEEPER\n", argv[0]);
		return 2;
	}
	if (keeper_test_begin(argv[1]) != 0) {
		perror(argv[1]);
		return 2;
	}
	tests_run(keeper_parts_tests);
	tests_run(keeper_program_tests);
	keeper_test_end();
	printf("%u passed, %u failed\n", nb_passed, nb_failed);
	return nb_failed == 0 ? 0 : 1;
}
