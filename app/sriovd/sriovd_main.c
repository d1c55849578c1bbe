/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sriovd_config.h"

static int
check(const char *path)
{
	struct sriovd_config *config;
	struct sriovd_faults faults;
	char text[768];
	unsigned int i;

	config = sriovd_config_load(path, &faults);
	for (i = 0; i < faults.nb; i++) {
		sriovd_fault_format(&faults.fault[i], path, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	sriovd_faults_free(&faults);
	if (config == NULL)
		return EXIT_FAILURE;
	printf("%s: %u PFs, no fault\n", path, config->nb_pf);
	sriovd_config_free(config);

	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "--config") == 0 && strcmp(argv[3], "--check") == 0)
		return check(argv[2]);
	fprintf(stderr, "usage: dpdk-sriovd --config FILE --check\n");

	return 2;
}
