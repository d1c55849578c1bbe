/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_COMMAND_H
#define CTL_COMMAND_H

/**
 * @file
 * The table of commands. Arguments are parsed along it, and help, completion and the synopsis of
 * the man page are made from it or checked against it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "ctl.h"

/** What a value is: how it is checked, sent and completed. */
enum ctl_kind {
	CTL_KIND_FLAG,    /**< no value: true */
	CTL_KIND_PF,      /**< address of a PF */
	CTL_KIND_VF,      /**< address of a VF, or PF/INDEX */
	CTL_KIND_DEVICE,  /**< either */
	CTL_KIND_NUMBER,
	CTL_KIND_BOOL,    /**< "on" or "off" */
	CTL_KIND_CHOICE,
	CTL_KIND_MAC,
	CTL_KIND_VLANS,   /**< VLAN IDs with commas */
	CTL_KIND_GRANT,   /**< "uid:1001" and so on */
	CTL_KIND_OWNER,   /**< "UID:GID" */
	CTL_KIND_SOURCE,  /**< where a token comes from, without a token in it */
	CTL_KIND_PATH,
	CTL_KIND_COMMAND, /**< words of a command, all that follow */
};

/** The daemon does not get to see it. */
#define CTL_LOCAL (UINT32_C(1) << 0)
/** An argument that may be left out. */
#define CTL_OPTIONAL (UINT32_C(1) << 1)
/** An option that may not. */
#define CTL_REQUIRED (UINT32_C(1) << 2)

/** An argument ("PF"), an option ("--vfs") or a keyword ("vlan"). */
struct ctl_param {
	const char *name;
	const char *alias;   /**< another name, or NULL */
	const char *value;   /**< name of the value; NULL for arguments and flags */
	enum ctl_kind kind;
	const char *choices; /**< "a|b|c", or NULL */
	uint32_t min, max;   /**< of a number */
	const char *key;     /**< in the request, or of the run's own values */
	const char *after;   /**< key of a keyword that this one needs, or NULL */
	uint32_t flags;
	const char *help;
};

/** It changes something: --dry-run is possible. */
#define CTL_CHANGES (UINT32_C(1) << 0)
/** It does not talk to the daemon. */
#define CTL_NO_DAEMON (UINT32_C(1) << 1)
/** It has no JSON to print. */
#define CTL_NO_JSON (UINT32_C(1) << 2)

/** A command. */
struct ctl_command {
	const char *name;                 /**< one or two words */
	const char *method;               /**< of the protocol, or NULL */
	const struct ctl_param *args;     /**< up to one without a name; NULL for none */
	const struct ctl_param *options;  /**< likewise */
	const struct ctl_param *keywords; /**< likewise; at least one must be given */
	uint32_t flags;
	unsigned int timeout_s;           /**< how long to wait for the daemon */
	int (*run)(struct ctl *ctl);
	const char *summary;
	const char *help;                 /**< more to know, or NULL */
};

/** All commands, up to one without a name. */
extern const struct ctl_command ctl_commands[];
/** Options that each command has. */
extern const struct ctl_param ctl_global_options[];

/** For each param of a list that may be NULL. */
#define CTL_FOREACH_PARAM(param, list) \
	for (param = list; param != NULL && param->name != NULL; param++)

/** Find the command with this name. NULL for none. */
const struct ctl_command *ctl_command_find(const char *name);
/** Is it the name, or the alias, of a param? */
bool ctl_param_is(const struct ctl_param *param, const char *name, size_t len);
/** Print a command with its arguments, as in "up PF --vfs N [--token SOURCE]". */
void ctl_command_usage(FILE *out, const struct ctl_command *command);

/* ---- ctl_value.c ---- */

/**
 * Check a value and put it where its param says.
 *
 * @param into
 *   Object that gets the value.
 * @return
 *   CTL_EXIT_OK, or CTL_EXIT_USAGE with the error filled.
 */
int ctl_value_store(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error);
/** Is it one of the words in "a|b|c"? */
bool ctl_choice_has(const char *choices, const char *word);

#endif /* CTL_COMMAND_H */
