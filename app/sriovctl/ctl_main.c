/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <locale.h>
#include <stdlib.h>

#include "ctl_command.h"

static int
run(struct ctl *ctl, int argc, char **argv)
{
	int ret = ctl_parse(ctl, argc, argv);

	if (ret != CTL_EXIT_OK)
		return ret;
	if (ctl_json_true(ctl->local, "version"))
		printf("dpdk-sriovctl %s\n", CTL_VERSION);
	else if (ctl->help)
		ret = ctl_run_help(ctl);
	else
		ret = ctl->command->run(ctl);

	return ret != CTL_EXIT_OK ? ret : ctl_output_finish(ctl);
}

int
main(int argc, char **argv)
{
	struct ctl ctl = { 0 };
	int ret;

	/* For the characters of trees. Numbers are printed the same in each locale. */
	setlocale(LC_CTYPE, "");
	json_set_alloc_funcs(malloc, ctl_wipe_free);
	ctl.params = json_object();
	ctl.local = json_object();
	ret = run(&ctl, argc, argv);
	/* Findings are no error of the run's: they are its output. */
	if (ctl.error.status != CTL_EXIT_OK) {
		fflush(stdout);
		ctl_error_print(&ctl);
		ret = (int)ctl.error.status;
	}
	ctl_error_clear(&ctl.error);
	json_decref(ctl.params);
	json_decref(ctl.local);

	return ret;
}
