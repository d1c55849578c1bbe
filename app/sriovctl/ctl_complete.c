/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The completion for bash, made from the table: a function that tells the words that can come
 * next, and one that takes them into an interactive bash. Addresses are looked up in sysfs at each
 * use, so that the daemon need not run.
 */

#include <string.h>

#include "ctl_command.h"

/* What stands before the commands' cases. */
static const char script_head[] =
	"# SPDX-License-Identifier: BSD-3-Clause\n"
	"# Completion of dpdk-sriovctl for bash. Made by \"dpdk-sriovctl completion bash\".\n"
	"# shellcheck shell=bash\n"
	"\n"
	"# Addresses of the PCI functions that have a file of this name in sysfs.\n"
	"_dpdk_sriovctl_functions() {\n"
	"\tlocal path\n"
	"\tfor path in /sys/bus/pci/devices/*/\"$1\"; do\n"
	"\t\t[[ -e $path ]] || continue\n"
	"\t\tpath=${path%/*}\n"
	"\t\tprintf '%s\\n' \"${path##*/}\"\n"
	"\tdone\n"
	"}\n"
	"\n"
	"# The words for a kind of value.\n"
	"_dpdk_sriovctl_values() {\n"
	"\tcase $1 in\n"
	"\tpf) _dpdk_sriovctl_functions sriov_totalvfs ;;\n"
	"\tvf) _dpdk_sriovctl_functions physfn ;;\n"
	"\tdevice)\n"
	"\t\t_dpdk_sriovctl_functions sriov_totalvfs\n"
	"\t\t_dpdk_sriovctl_functions physfn\n"
	"\t\t;;\n"
	"\tpath) compgen -f -- \"$2\" ;;\n"
	"\tgrant) printf '%s\\n' uid: gid: user: group: unit: ;;\n"
	"\tsource) printf '%s\\n' random file:/ ;;\n"
	"\t-) ;;\n"
	"\t*) printf '%s\\n' \"$1\" | tr '|' '\\n' ;;\n"
	"\tesac\n"
	"}\n"
	"\n"
	"# Sets kinds (of the arguments), options and keywords (as NAME=KIND) of a command.\n"
	"_dpdk_sriovctl_command() {\n"
	"\tkinds=() options=() keywords=()\n"
	"\tcase $1 in\n";

static const char script_kind_end[] =
	"\tesac\n"
	"}\n"
	"\n"
	"# Prints the kind of NAME's value in a list of NAME=KIND; fails if it is not in there.\n"
	"_dpdk_sriovctl_kind() {\n"
	"\tlocal name=$1 item\n"
	"\tshift\n"
	"\tfor item; do\n"
	"\t\tif [[ ${item%%=*} == \"$name\" ]]; then\n"
	"\t\t\tprintf '%s\\n' \"${item#*=}\"\n"
	"\t\t\treturn 0\n"
	"\t\tfi\n"
	"\tdone\n"
	"\treturn 1\n"
	"}\n"
	"\n";

static const char script_words_head[] =
	"# Prints the words that can follow those given, the last of which is being typed.\n"
	"_dpdk_sriovctl_words() {\n";

/* After the arrays that this function uses. */
static const char script_words[] =
	"\tlocal word command='' first='' kind=''\n"
	"\tlocal -a kinds=() options=() keywords=()\n"
	"\tlocal nr_args=0 in_keyword=''\n"
	"\tlocal typed=${*: -1}\n"
	"\twhile (($# > 1)); do\n"
	"\t\tword=$1\n"
	"\t\tshift\n"
	"\t\tif [[ $word == -* ]]; then\n"
	"\t\t\tif [[ $word != *=* ]] && kind=$(_dpdk_sriovctl_kind \"$word\" \"${options[@]}\" "
	"\"${globals[@]}\") &&\n"
	"\t\t\t\t[[ $kind != flag ]]; then\n"
	"\t\t\t\tif (($# == 1)); then\n"
	"\t\t\t\t\t_dpdk_sriovctl_values \"$kind\" \"$typed\"\n"
	"\t\t\t\t\treturn\n"
	"\t\t\t\tfi\n"
	"\t\t\t\tshift\n"
	"\t\t\tfi\n"
	"\t\telif [[ -z $command ]]; then\n"
	"\t\t\tif [[ \" ${doubles[*]} \" == *\" $word \"* && -z $first ]]; then\n"
	"\t\t\t\tfirst=$word\n"
	"\t\t\telse\n"
	"\t\t\t\tcommand=${first:+$first }$word\n"
	"\t\t\t\t_dpdk_sriovctl_command \"$command\"\n"
	"\t\t\tfi\n"
	"\t\telif ((nr_args < ${#kinds[@]})); then\n"
	"\t\t\t((++nr_args))\n"
	"\t\telif [[ -n $in_keyword ]]; then\n"
	"\t\t\tin_keyword=''\n"
	"\t\telse\n"
	"\t\t\tin_keyword=$word\n"
	"\t\tfi\n"
	"\tdone\n"
	"\tif [[ $typed == -* ]]; then\n"
	"\t\tprintf '%s\\n' \"${options[@]%%=*}\" \"${globals[@]%%=*}\"\n"
	"\telif [[ -z $command ]]; then\n"
	"\t\t_dpdk_sriovctl_commands \"$first\"\n"
	"\telif ((nr_args < ${#kinds[@]})); then\n"
	"\t\t_dpdk_sriovctl_values \"${kinds[nr_args]}\" \"$typed\"\n"
	"\telif [[ -n $in_keyword ]]; then\n"
	"\t\tkind=$(_dpdk_sriovctl_kind \"$in_keyword\" \"${keywords[@]}\") || return 0\n"
	"\t\t_dpdk_sriovctl_values \"$kind\" \"$typed\"\n"
	"\telif ((${#keywords[@]})); then\n"
	"\t\tprintf '%s\\n' \"${keywords[@]%%=*}\"\n"
	"\tfi\n"
	"}\n"
	"\n"
	"# Addresses have colons, at which bash breaks words: they are put together again, and what is\n"
	"# before the last colon is taken off the results.\n"
	"_dpdk_sriovctl() {\n"
	"\tlocal line=${COMP_LINE:0:COMP_POINT} typed i\n"
	"\tlocal -a words\n"
	"\tIFS=' ' read -ra words <<<\"$line\"\n"
	"\t[[ $line != *[[:space:]] ]] || words+=('')\n"
	"\ttyped=${words[${#words[@]} - 1]}\n"
	"\tmapfile -t COMPREPLY < <(compgen -W \"$(_dpdk_sriovctl_words \"${words[@]:1}\")\" -- "
	"\"$typed\")\n"
	"\tif [[ $typed == *:* && $COMP_WORDBREAKS == *:* && -z ${ZSH_VERSION:-} ]]; then\n"
	"\t\tfor i in \"${!COMPREPLY[@]}\"; do\n"
	"\t\t\tCOMPREPLY[i]=${COMPREPLY[i]#\"${typed%:*}:\"}\n"
	"\t\tdone\n"
	"\tfi\n"
	"}\n"
	"\n"
	"complete -F _dpdk_sriovctl dpdk-sriovctl\n";

/* zsh takes the words from the functions for bash, which bash runs. */
static const char script_zsh[] =
	"#compdef dpdk-sriovctl\n"
	"# Completion of dpdk-sriovctl for zsh. Made by \"dpdk-sriovctl completion zsh\".\n"
	"\n"
	"_dpdk_sriovctl() {\n"
	"\tlocal -a found\n"
	"\tfound=(${(f)\"$(bash -c 'eval \"$(\"$0\" completion bash)\"; '\\\n"
	"'_dpdk_sriovctl_words \"$@\"' \\\n"
	"\t\t\"${words[1]}\" \"${(@)words[2,CURRENT]}\")\"})\n"
	"\tcompadd -a found\n"
	"}\n"
	"\n"
	"[[ ${funcstack[1]} != _dpdk_sriovctl ]] || _dpdk_sriovctl \"$@\"\n"
	"(( ! $+functions[compdef] )) || compdef _dpdk_sriovctl dpdk-sriovctl\n";

/* The kind of a value as the script names it. */
static const char *
kind_name(const struct ctl_param *param)
{
	switch (param->kind) {
	case CTL_KIND_FLAG:
		return "flag";
	case CTL_KIND_PF:
		return "pf";
	case CTL_KIND_VF:
		return "vf";
	case CTL_KIND_DEVICE:
		return "device";
	case CTL_KIND_BOOL:
		return "on|off";
	case CTL_KIND_CHOICE:
		return param->choices;
	case CTL_KIND_GRANT:
		return "grant";
	case CTL_KIND_SOURCE:
		return "source";
	case CTL_KIND_PATH:
		return "path";
	case CTL_KIND_NUMBER:
	case CTL_KIND_MAC:
	case CTL_KIND_VLANS:
	case CTL_KIND_OWNER:
	case CTL_KIND_COMMAND:
		break;
	}
	return "-";
}

/* Is it the first command of two words that begins with this word? */
static bool
is_first_double(const struct ctl_command *command, size_t *len)
{
	const struct ctl_command *before;
	const char *space = strchr(command->name, ' ');

	if (space == NULL)
		return false;
	*len = (size_t)(space - command->name);
	for (before = ctl_commands; before != command; before++)
		if (strncmp(before->name, command->name, *len + 1) == 0)
			return false;
	return true;
}

static void
print_list(const char *name, const struct ctl_param *list, bool with_name)
{
	const struct ctl_param *param;

	if (list == NULL)
		return;
	printf("\t\t%s=(", name);
	CTL_FOREACH_PARAM(param, list) {
		if (with_name)
			printf("%s'%s=%s'", param == list ? "" : " ", param->name,
					kind_name(param));
		else
			printf("%s'%s'", param == list ? "" : " ", kind_name(param));
	}
	puts(")");
}

static void
print_cases(void)
{
	const struct ctl_command *command;

	for (command = ctl_commands; command->name != NULL; command++) {
		if (command->args == NULL && command->options == NULL)
			continue;
		printf("\t'%s')\n", command->name);
		print_list("kinds", command->args, false);
		print_list("options", command->options, true);
		print_list("keywords", command->keywords, true);
		puts("\t\t;;");
	}
}

/* Words at the place of a command; after a first word of two, the second ones. */
static void
print_first_words(void)
{
	const struct ctl_command *command, *other;
	size_t len;

	puts("# Prints the words that a command can begin with, or go on with after its first.\n"
			"_dpdk_sriovctl_commands() {\n"
			"\tcase $1 in");
	for (command = ctl_commands; command->name != NULL; command++) {
		if (!is_first_double(command, &len))
			continue;
		printf("\t%.*s) printf '%%s\\n'", (int)len, command->name);
		for (other = command; other->name != NULL; other++)
			if (strncmp(other->name, command->name, len + 1) == 0)
				printf(" %s", other->name + len + 1);
		puts(" ;;");
	}
	fputs("\t*) printf '%s\\n'", stdout);
	for (command = ctl_commands; command->name != NULL; command++)
		if (strchr(command->name, ' ') == NULL)
			printf(" %s", command->name);
		else if (is_first_double(command, &len))
			printf(" %.*s", (int)len, command->name);
	puts(" ;;\n\tesac\n}\n");
}

static void
print_arrays(void)
{
	const struct ctl_command *command;
	const struct ctl_param *param;
	size_t len;

	fputs("\tlocal -a doubles=(", stdout);
	for (command = ctl_commands; command->name != NULL; command++)
		if (is_first_double(command, &len))
			printf(" %.*s", (int)len, command->name);
	fputs(" ) globals=(", stdout);
	CTL_FOREACH_PARAM(param, ctl_global_options) {
		printf(" '%s=%s'", param->name, kind_name(param));
		if (param->alias != NULL)
			printf(" '%s=%s'", param->alias, kind_name(param));
	}
	puts(" )");
}

int
ctl_run_completion(struct ctl *ctl)
{
	if (strcmp(ctl_json_text(ctl->local, "shell", ""), "zsh") == 0) {
		fputs(script_zsh, stdout);
		return CTL_EXIT_OK;
	}
	fputs(script_head, stdout);
	print_cases();
	fputs(script_kind_end, stdout);
	print_first_words();
	fputs(script_words_head, stdout);
	print_arrays();
	fputs(script_words, stdout);

	return CTL_EXIT_OK;
}
