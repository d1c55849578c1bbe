/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>

#include <rte_string_fns.h>

#include "eal_vfio_token_table.h"

/* Fail, with where the entry stands before the cause. */
static int
choice_fail(const struct vfio_token_choice *choice, int ret, const struct vfio_token_error *why,
		struct vfio_token_error *err)
{
	return vfio_token_fail(err, ret, "%s: %s", choice->origin, why->text);
}

static void
choice_take(struct vfio_token_choice *choice, const rte_uuid_t token)
{
	rte_uuid_copy(choice->token, token);
	choice->has_token = true;
}

/* Take the token for a function from a content: the only one, its own line, or its PF's. */
static int
choice_content(const struct vfio_token_function *fn, const struct vfio_token_content *content,
		struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	const struct vfio_token_content_line *line;

	if (content->single) {
		choice_take(choice, content->lines[0].token);
		return 0;
	}
	line = vfio_token_content_find(content, &fn->bdf);
	if (line == NULL)
		line = vfio_token_content_find(content, &fn->pf);
	if (line == NULL)
		return vfio_token_fail(err, -ENOENT, "%s: it has neither a lone UUID nor a line "
				"for %s or its PF", choice->origin, fn->name);
	choice_take(choice, line->token);

	return 0;
}

/* A file that is one device's: read at each open. */
static int
choice_file(const struct vfio_token_function *fn, const struct vfio_token_entry *entry,
		struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	struct vfio_token_content *content = vfio_token_secret_alloc(VFIO_TOKEN_CONTENT_SIZE);
	struct vfio_token_error why;
	int ret;

	if (content == NULL)
		return vfio_token_fail(err, -ENOMEM, "no memory");
	ret = vfio_token_file_read(entry->arg, content, &why);
	if (ret != 0)
		ret = choice_fail(choice, ret, &why, err);
	else
		ret = choice_content(fn, content, choice, err);
	vfio_token_secret_free(content, VFIO_TOKEN_CONTENT_SIZE);

	return ret;
}

static int
choice_random(const struct vfio_token_function *fn, bool ask, struct vfio_token_choice *choice,
		struct vfio_token_error *err)
{
	bool create = ask && fn->role == RTE_VFIO_VF_TOKEN_ROLE_PF;
	int ret = vfio_token_record_random(&fn->pf, create, choice->token);

	choice->has_token = ret == 0;
	if (ret == 0 || !ask)
		return 0;
	if (ret == -ENOENT)
		return vfio_token_fail(err, -ENOENT, "%s: this process has not opened PF %s with "
				"it: random serves a PF that this process opens, and its VFs after "
				"that; for another process's PF give the token that it was given",
				choice->origin, fn->pf_name);
	return vfio_token_fail(err, ret, "%s: no random token: %s", choice->origin, strerror(-ret));
}

static int
choice_broker(const struct vfio_token_function *fn, const char *path, bool ask,
		struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	struct vfio_token_error why;
	int ret;

	/* A broker serves VFs only: the entry of a PF, or the default, then means its VFs. */
	if (fn->role == RTE_VFIO_VF_TOKEN_ROLE_PF) {
		choice->source = RTE_VFIO_VF_TOKEN_SOURCE_NONE;
		return 0;
	}
	if (!ask)
		return 0;
	ret = vfio_token_broker_ask(path, &fn->bdf, choice->token, &why);
	choice->has_token = ret == 0;

	return ret == 0 ? 0 : choice_fail(choice, ret, &why, err);
}

/* Get the token that a match stands for. */
static int
choice_resolve(const struct vfio_token_function *fn, const struct vfio_token_match *match, bool ask,
		struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	const struct vfio_token_entry *entry = match->entry;

	choice->source = entry->source;
	vfio_token_match_describe(match, choice->origin, sizeof(choice->origin));
	choice->has_entry_bdf = entry->has_bdf || match->line != NULL;
	if (choice->has_entry_bdf)
		choice->entry_bdf = entry->has_bdf ? entry->bdf : match->line->bdf;

	if (match->line != NULL) {
		choice_take(choice, match->line->token);
		return 0;
	}
	switch (entry->source) {
	case RTE_VFIO_VF_TOKEN_SOURCE_FILE:
	case RTE_VFIO_VF_TOKEN_SOURCE_FD:
		if (entry->content == NULL)
			return choice_file(fn, entry, choice, err);
		return choice_content(fn, entry->content, choice, err);
	case RTE_VFIO_VF_TOKEN_SOURCE_RANDOM:
		return choice_random(fn, ask, choice, err);
	case RTE_VFIO_VF_TOKEN_SOURCE_UNIX:
		return choice_broker(fn, entry->arg, ask, choice, err);
	default:
		choice_take(choice, entry->token);
		return 0;
	}
}

static int
default_conflict(const struct vfio_token_entry *a, const struct vfio_token_entry *b,
		struct vfio_token_error *err)
{
	const struct vfio_token_match one = { .entry = a }, other = { .entry = b };
	char first[320], second[320];

	vfio_token_match_describe(&one, first, sizeof(first));
	vfio_token_match_describe(&other, second, sizeof(second));

	return vfio_token_fail(err, -EEXIST, "%s and %s both give a default token: remove one, or "
			"give one a BDF=", first, second);
}

/* The default entry: there is one at most, unless a file has changed since the start. */
static int
default_find(const struct vfio_token_entries *entries, struct vfio_token_match *match,
		struct vfio_token_error *err)
{
	const struct vfio_token_entry *entry;

	match->entry = NULL;
	match->line = NULL;
	TAILQ_FOREACH(entry, entries, next) {
		if (!vfio_token_entry_is_default(entry))
			continue;
		if (match->entry != NULL)
			return default_conflict(match->entry, entry, err);
		match->entry = entry;
	}

	return 0;
}

/* The entry of the function, else of its PF. With role none a PF's entry is looked for as well. */
static int
specific_find(const struct vfio_token_function *fn, struct vfio_token_match *match,
		struct vfio_token_error *err)
{
	int ret = vfio_token_table_find(&fn->bdf, match, err);

	if (ret != 0 || match->entry != NULL || !fn->has_pf)
		return ret;
	return vfio_token_table_find(&fn->pf, match, err);
}

static int
choose_locked(const struct vfio_token_entries *entries, const struct vfio_token_function *fn,
		bool ask, struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	bool none = fn->role == RTE_VFIO_VF_TOKEN_ROLE_NONE;
	struct vfio_token_error why;
	struct vfio_token_match match;
	int ret;

	ret = vfio_token_table_files_load(err);
	/* A file that went bad must not refuse a device that takes no token anyway. */
	if (ret != 0 && !none)
		return ret;
	ret = specific_find(fn, &match, err);
	if (ret != 0)
		return ret;
	if (none) {
		if (match.entry == NULL)
			return 0;
		vfio_token_match_describe(&match, choice->origin, sizeof(choice->origin));
		vfio_token_none_refusal(fn, &why);
		return choice_fail(choice, -EINVAL, &why, err);
	}
	if (match.entry == NULL)
		ret = default_find(entries, &match, err);
	if (ret != 0 || match.entry == NULL)
		return ret;

	return choice_resolve(fn, &match, ask, choice, err);
}

int
vfio_token_table_choose(const struct vfio_token_function *fn, bool ask,
		struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	const struct vfio_token_entries *entries = vfio_token_table_lock();
	int ret;

	memset(choice, 0, sizeof(*choice));
	choice->role = fn->role;
	ret = choose_locked(entries, fn, ask, choice, err);
	vfio_token_table_files_drop();
	vfio_token_table_unlock();
	vfio_token_stack_wipe();

	return ret;
}

void
eal_vfio_token_default_get(rte_uuid_t token)
{
	const struct vfio_token_function nobody = { .role = RTE_VFIO_VF_TOKEN_ROLE_PF };
	const struct vfio_token_entries *entries = vfio_token_table_lock();
	struct vfio_token_choice choice = { .has_token = false };
	struct vfio_token_match match;
	struct vfio_token_error err;

	memset(token, 0, sizeof(rte_uuid_t));
	/* A broker or random has no token of its own to tell; a broken file has none either. */
	if (vfio_token_table_files_load(&err) == 0 && default_find(entries, &match, &err) == 0 &&
			match.entry != NULL &&
			choice_resolve(&nobody, &match, false, &choice, &err) == 0 &&
			choice.has_token)
		rte_uuid_copy(token, choice.token);
	explicit_bzero(&choice, sizeof(choice));
	vfio_token_table_files_drop();
	vfio_token_table_unlock();
}
