/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include "ctl_command.h"

#define LINE_COLUMNS 79
#define TERM_COLUMNS 26

static const struct {
	enum ctl_exit status;
	const char *text;
} statuses[] = {
	{ CTL_EXIT_OK, "done" },
	{ CTL_EXIT_FAILED, "refused, or failed" },
	{ CTL_EXIT_USAGE, "wrong usage" },
	{ CTL_EXIT_UNREACHABLE, "the daemon cannot be reached" },
	{ CTL_EXIT_FINDINGS, "doctor has found failures" },
	{ CTL_EXIT_TIMEOUT, "no answer in time; what was asked for may still happen" },
	{ CTL_EXIT_PROTOCOL, "an answer that is not of the control protocol" },
	{ CTL_EXIT_LOCAL, "something of this machine: memory, a file, the output" },
};

static void
print_term(const char *term, const char *text)
{
	int column = printf("  %s", term);

	if (column >= TERM_COLUMNS) {
		putchar('\n');
		column = 0;
	}
	printf("%*s", TERM_COLUMNS - column, "");
	ctl_wrap(text, TERM_COLUMNS, TERM_COLUMNS, LINE_COLUMNS);
}

static void
print_param(const struct ctl_param *param)
{
	const char *value = param->choices != NULL ? param->choices : param->value;
	char term[96];

	snprintf(term, sizeof(term), "%s%s%s%s%s", param->alias != NULL ? param->alias : "",
			param->alias != NULL ? ", " : "", param->name,
			param->value != NULL ? " " : "", param->value != NULL ? value : "");
	print_term(term, param->help);
}

static void
print_params(const char *title, const struct ctl_param *list)
{
	const struct ctl_param *param;

	if (list == NULL)
		return;
	printf("\n%s:\n", title);
	CTL_FOREACH_PARAM(param, list)
		print_param(param);
}

static void
print_command(const struct ctl_command *command)
{
	printf("usage: dpdk-sriovctl [OPTION...] ");
	ctl_command_usage(stdout, command);
	fputs("\n\n", stdout);
	ctl_wrap(command->summary, 0, 0, LINE_COLUMNS);
	if (command->help != NULL) {
		putchar('\n');
		ctl_wrap(command->help, 0, 0, LINE_COLUMNS);
	}
	print_params("arguments", command->args);
	print_params("keywords", command->keywords);
	print_params("options", command->options);
	print_params("options of every command", ctl_global_options);
	if (command->timeout_s != 0)
		printf("\nIt waits for the daemon for %u s, unless --timeout says otherwise.\n",
				command->timeout_s);
}

static void
print_overview(void)
{
	const struct ctl_command *command;
	unsigned int i;

	puts("usage: dpdk-sriovctl [OPTION...] COMMAND [ARGUMENT...]\n\n"
			"The command line of dpdk-sriovd, which owns SR-IOV PFs and hands out VFs.\n\n"
			"commands:");
	for (command = ctl_commands; command->name != NULL; command++)
		print_term(command->name, command->summary);
	print_params("options", ctl_global_options);
	puts("\nexit status:");
	for (i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		char term[8];

		snprintf(term, sizeof(term), "%d", statuses[i].status);
		print_term(term, statuses[i].text);
	}
	puts("\n\"dpdk-sriovctl help COMMAND\" explains a command; dpdk-sriovctl(8) has it all.");
}

int
ctl_run_help(struct ctl *ctl)
{
	const char *name = ctl_json_text(ctl->local, "command", NULL);
	const struct ctl_command *command = NULL;

	if (ctl_json_true(ctl->local, "all")) {
		for (command = ctl_commands; command->name != NULL; command++) {
			ctl_command_usage(stdout, command);
			putchar('\n');
		}
		return CTL_EXIT_OK;
	}
	if (name != NULL)
		command = ctl_command_find(name);
	else if (ctl->help)
		command = ctl->command;
	if (name != NULL && command == NULL) {
		ctl_fail(&ctl->error, CTL_EXIT_USAGE, "there is no command '%s'", name);
		ctl_remedy(&ctl->error, "dpdk-sriovctl --help lists them");
		return CTL_EXIT_USAGE;
	}
	if (command != NULL)
		print_command(command);
	else
		print_overview();

	return CTL_EXIT_OK;
}
