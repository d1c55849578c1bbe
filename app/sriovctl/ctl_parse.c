/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include "ctl_command.h"

#define NAME_SIZE 32

/* Words that differ in more than so many letters are no misspelling. */
#define TYPOS_MAX 2

/* The state of reading the arguments. */
struct parser {
	struct ctl *ctl;
	char **argv;
	int argc, next;
	bool options_end;               /* "--" was there */
	const char *first;              /* first word of a command of two */
	const struct ctl_param *arg;    /* next argument of the command; NULL before the command */
	const struct ctl_param *keyword; /* waits for its value */
	json_t *policy;                 /* borrowed: what keywords go to */
};

static unsigned int
min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int least = a < b ? a : b;

	return least < c ? least : c;
}

/* How many letters are to be changed, put in or left out. */
static unsigned int
distance(const char *a, const char *b)
{
	unsigned int row[NAME_SIZE + 1], i, j, corner, above;
	size_t len = strlen(b);

	if (len > NAME_SIZE)
		return UINT32_MAX;
	for (j = 0; j <= len; j++)
		row[j] = j;
	for (i = 0; a[i] != '\0'; i++) {
		corner = row[0];
		row[0] = i + 1;
		for (j = 0; j < len; j++) {
			above = row[j + 1];
			row[j + 1] = min3(above + 1, row[j] + 1, corner + (a[i] != b[j]));
			corner = above;
		}
	}

	return row[len];
}

static void
nearer(const char *name, const char *word, const char **best, unsigned int *least)
{
	unsigned int d = distance(word, name);

	if (d < *least) {
		*least = d;
		*best = name;
	}
}

static const char *
nearest_param(const char *word, const struct ctl_param *list, const char *best,
		unsigned int *least)
{
	const struct ctl_param *param;

	CTL_FOREACH_PARAM(param, list)
		nearer(param->name, word, &best, least);
	return best;
}

static void
suggest(struct ctl_error *error, const char *best, const char *more)
{
	if (best != NULL)
		ctl_remedy(error, "did you mean %s?", best);
	else
		ctl_remedy(error, "see dpdk-sriovctl %s", more);
}

static int
unknown_command(struct parser *p, const char *name)
{
	unsigned int least = TYPOS_MAX + 1;
	const struct ctl_command *command;
	const char *best = NULL;

	for (command = ctl_commands; command->name != NULL; command++)
		nearer(command->name, name, &best, &least);
	ctl_fail(&p->ctl->error, CTL_EXIT_USAGE, "there is no command '%s'", name);
	suggest(&p->ctl->error, best, "--help");

	return CTL_EXIT_USAGE;
}

/* A word where a command is expected, or the second one of its name. */
static int
take_command(struct parser *p, const char *word)
{
	const struct ctl_command *command;
	char name[NAME_SIZE];
	size_t len;

	snprintf(name, sizeof(name), "%s%s%s", p->first != NULL ? p->first : "",
			p->first != NULL ? " " : "", word);
	p->ctl->command = ctl_command_find(name);
	if (p->ctl->command != NULL) {
		p->arg = p->ctl->command->args;
		return CTL_EXIT_OK;
	}
	len = strlen(word);
	for (command = ctl_commands; p->first == NULL && command->name != NULL; command++) {
		if (strncmp(command->name, word, len) == 0 && command->name[len] == ' ') {
			p->first = word;
			return CTL_EXIT_OK;
		}
	}

	return unknown_command(p, name);
}

static const struct ctl_param *
find_option(const struct parser *p, const char *name, size_t len)
{
	const struct ctl_param *param;

	CTL_FOREACH_PARAM(param, ctl_global_options)
		if (ctl_param_is(param, name, len))
			return param;
	if (p->ctl->command == NULL)
		return NULL;
	CTL_FOREACH_PARAM(param, p->ctl->command->options)
		if (ctl_param_is(param, name, len))
			return param;
	return NULL;
}

static int
unknown_option(struct parser *p, const char *word, size_t len)
{
	const struct ctl_command *command = p->ctl->command;
	unsigned int least = TYPOS_MAX + 1;
	const char *best;
	char name[NAME_SIZE];

	snprintf(name, sizeof(name), "%.*s", (int)(len < NAME_SIZE ? len : NAME_SIZE - 1), word);
	best = nearest_param(name, ctl_global_options, NULL, &least);
	if (command != NULL)
		best = nearest_param(name, command->options, best, &least);
	ctl_fail(&p->ctl->error, CTL_EXIT_USAGE, "%s%sthere is no option '%s'%s",
			command != NULL ? command->name : "", command != NULL ? ": " : "", name,
			command != NULL ? "" : " before the command");
	suggest(&p->ctl->error, best, command != NULL ? "help COMMAND" : "--help");

	return CTL_EXIT_USAGE;
}

static int
take_option(struct parser *p, const char *word)
{
	const char *equals = strchr(word, '='), *value = NULL;
	size_t len = equals != NULL ? (size_t)(equals - word) : strlen(word);
	const struct ctl_param *option = find_option(p, word, len);
	struct ctl_error *error = &p->ctl->error;
	json_t *into;

	if (option == NULL)
		return unknown_option(p, word, len);
	if (option->kind == CTL_KIND_FLAG) {
		if (equals != NULL)
			return ctl_fail(error, CTL_EXIT_USAGE, "%s takes no value", option->name);
	} else if (equals != NULL) {
		value = equals + 1;
	} else if (p->next < p->argc) {
		value = p->argv[p->next++];
	} else {
		return ctl_fail(error, CTL_EXIT_USAGE, "%s needs a value: %s", option->name,
				option->value);
	}
	into = option->flags & CTL_LOCAL ? p->ctl->local : p->ctl->params;
	if (json_object_get(into, option->key) != NULL && option->kind != CTL_KIND_FLAG)
		return ctl_fail(error, CTL_EXIT_USAGE, "%s is there twice", option->name);

	return ctl_value_store(option, value, into, error);
}

static int
unknown_keyword(struct parser *p, const char *word)
{
	const struct ctl_command *command = p->ctl->command;
	unsigned int least = TYPOS_MAX + 1;
	const char *best = nearest_param(word, command->keywords, NULL, &least);

	if (command->keywords == NULL) {
		ctl_fail(&p->ctl->error, CTL_EXIT_USAGE, "%s: '%s' is one argument too many",
				command->name, word);
		ctl_remedy(&p->ctl->error, "see dpdk-sriovctl help %s", command->name);
		return CTL_EXIT_USAGE;
	}
	ctl_fail(&p->ctl->error, CTL_EXIT_USAGE, "%s: there is no keyword '%s'",
			command->name, word);
	if (best != NULL)
		ctl_remedy(&p->ctl->error, "did you mean %s?", best);
	else
		ctl_remedy(&p->ctl->error, "see dpdk-sriovctl help %s", command->name);

	return CTL_EXIT_USAGE;
}

static int
take_keyword(struct parser *p, const char *word)
{
	struct ctl_error *error = &p->ctl->error;
	const struct ctl_param *param;
	size_t len = strlen(word);

	CTL_FOREACH_PARAM(param, p->ctl->command->keywords)
		if (ctl_param_is(param, word, len))
			break;
	if (param == NULL || param->name == NULL)
		return unknown_keyword(p, word);
	if (p->policy == NULL) {
		p->policy = json_object();
		json_object_set_new(p->ctl->params, "policy", p->policy);
	}
	if (json_object_get(p->policy, param->key) != NULL)
		return ctl_fail(error, CTL_EXIT_USAGE, "%s is there twice", param->name);
	if (param->after != NULL && json_object_get(p->policy, param->after) == NULL)
		return ctl_fail(error, CTL_EXIT_USAGE, "%s comes after %s", param->name,
				param->after);
	p->keyword = param;

	return CTL_EXIT_OK;
}

/* The words of a command, as one value. */
static int
take_command_words(struct parser *p, const char *word)
{
	const char *before = ctl_json_text(p->ctl->local, p->arg->key, NULL);
	char name[NAME_SIZE * 2];

	snprintf(name, sizeof(name), "%s%s%s", before != NULL ? before : "",
			before != NULL ? " " : "", word);
	return ctl_value_store(p->arg, name, p->ctl->local, &p->ctl->error);
}

static int
take_word(struct parser *p, const char *word)
{
	struct ctl *ctl = p->ctl;
	const struct ctl_param *param;
	int ret;

	if (ctl->command == NULL)
		return take_command(p, word);
	if (p->arg != NULL && p->arg->name != NULL) {
		if (p->arg->kind == CTL_KIND_COMMAND)
			return take_command_words(p, word);
		param = p->arg++;
		return ctl_value_store(param, word,
				param->flags & CTL_LOCAL ? ctl->local : ctl->params, &ctl->error);
	}
	if (p->keyword == NULL)
		return take_keyword(p, word);
	ret = ctl_value_store(p->keyword, word, p->policy, &ctl->error);
	p->keyword = NULL;

	return ret;
}

/* What is still missing once all arguments are read. */
static int
check_complete(struct parser *p)
{
	const struct ctl_command *command = p->ctl->command;
	struct ctl_error *error = &p->ctl->error;
	const struct ctl_param *param;

	if (command == NULL && p->first != NULL) {
		ctl_fail(error, CTL_EXIT_USAGE, "'%s' is half a command", p->first);
		ctl_remedy(error, "see dpdk-sriovctl --help");
		return CTL_EXIT_USAGE;
	}
	if (command == NULL) {
		ctl_fail(error, CTL_EXIT_USAGE, "no command is given");
		ctl_remedy(error, "see dpdk-sriovctl --help");
		return CTL_EXIT_USAGE;
	}
	if (p->keyword != NULL)
		return ctl_fail(error, CTL_EXIT_USAGE, "%s needs a value: %s", p->keyword->name,
				p->keyword->value);
	if (p->arg != NULL && p->arg->name != NULL && !(p->arg->flags & CTL_OPTIONAL))
		ctl_fail(error, CTL_EXIT_USAGE, "%s: %s is missing", command->name, p->arg->name);
	else if (command->keywords != NULL && p->policy == NULL)
		ctl_fail(error, CTL_EXIT_USAGE, "%s: nothing to set is named", command->name);
	CTL_FOREACH_PARAM(param, command->options)
		if (error->status == 0 && param->flags & CTL_REQUIRED && json_object_get(
				param->flags & CTL_LOCAL ? p->ctl->local : p->ctl->params,
				param->key) == NULL)
			ctl_fail(error, CTL_EXIT_USAGE, "%s: %s %s is missing", command->name,
					param->name, param->value);
	if (error->status != 0)
		ctl_remedy(error, "see dpdk-sriovctl help %s", command->name);

	return (int)error->status;
}

static int
check_flags(struct ctl *ctl)
{
	const struct ctl_command *command = ctl->command;

	if (ctl->dry_run && !(command->flags & CTL_CHANGES))
		return ctl_fail(&ctl->error, CTL_EXIT_USAGE, "%s: it changes nothing, so there is "
				"no --dry-run", command->name);
	if (ctl->json && command->flags & CTL_NO_JSON)
		return ctl_fail(&ctl->error, CTL_EXIT_USAGE, "%s: it has no --json",
				command->name);
	return CTL_EXIT_OK;
}

static void
take_globals(struct ctl *ctl)
{
	ctl->socket = ctl_json_text(ctl->local, "socket", CTL_SOCKET_DEFAULT);
	ctl->timeout_s = (unsigned int)ctl_json_number(ctl->local, "timeout", 0);
	ctl->dry_run = ctl_json_true(ctl->local, "dry-run");
	ctl->json = ctl_json_true(ctl->local, "json");
	ctl->verbose = ctl_json_true(ctl->local, "verbose");
	ctl->help = ctl_json_true(ctl->local, "help");
}

int
ctl_parse(struct ctl *ctl, int argc, char **argv)
{
	struct parser p = { .ctl = ctl, .argv = argv, .argc = argc, .next = 1 };
	int ret = CTL_EXIT_OK;

	while (ret == CTL_EXIT_OK && p.next < argc) {
		const char *word = argv[p.next++];

		if (!p.options_end && strcmp(word, "--") == 0)
			p.options_end = true;
		else if (!p.options_end && word[0] == '-' && word[1] != '\0')
			ret = take_option(&p, word);
		else
			ret = take_word(&p, word);
	}
	take_globals(ctl);
	if (ret != CTL_EXIT_OK)
		return ret;
	/* Help and the version need no complete command. */
	if (ctl->help || ctl_json_true(ctl->local, "version"))
		return CTL_EXIT_OK;
	ret = check_complete(&p);

	return ret != CTL_EXIT_OK ? ret : check_flags(ctl);
}
