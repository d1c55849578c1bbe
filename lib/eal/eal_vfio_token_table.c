/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_tailq.h>

#include "eal_vfio_token_private.h"
#include "eal_vfio_token_table.h"

/*
 * Protects the table. Held while a source is read or a broker is asked (bounded by 2 s), so that
 * an entry cannot change below an open; the descriptors of open devices have a lock of their own.
 */
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static struct vfio_token_entries entries = TAILQ_HEAD_INITIALIZER(entries);

/* Options taken since the last reset: the position of the next one is one more. */
static unsigned int nb_options;

struct vfio_token_entries *
vfio_token_table_lock(void)
{
	pthread_mutex_lock(&table_lock);
	return &entries;
}

void
vfio_token_table_unlock(void)
{
	pthread_mutex_unlock(&table_lock);
}

unsigned int
vfio_token_table_option_next(void)
{
	return ++nb_options;
}

void
vfio_token_entry_free(struct vfio_token_entry *entry)
{
	if (entry == NULL)
		return;
	vfio_token_secret_free(entry->content, VFIO_TOKEN_CONTENT_SIZE);
	free(entry->arg);
	vfio_token_secret_free(entry, sizeof(*entry));
}

/* Consume or check the source now, as far as its kind is read before an open. */
static int
entry_load(struct vfio_token_entry *entry, const char *arg, struct vfio_token_error *err)
{
	struct vfio_token_content *content;
	int ret;

	switch (entry->source) {
	case RTE_VFIO_VF_TOKEN_SOURCE_UUID:
		return vfio_token_uuid_parse(arg, entry->token, err);
	case RTE_VFIO_VF_TOKEN_SOURCE_ENV:
		return vfio_token_env_take(arg, entry->token, err);
	case RTE_VFIO_VF_TOKEN_SOURCE_UNIX:
		return vfio_token_broker_path_check(arg, err);
	case RTE_VFIO_VF_TOKEN_SOURCE_FILE:
	case RTE_VFIO_VF_TOKEN_SOURCE_FD:
		break;
	default:
		return 0;
	}

	content = vfio_token_secret_alloc(VFIO_TOKEN_CONTENT_SIZE);
	if (content == NULL)
		return vfio_token_fail(err, -ENOMEM, "no memory");
	ret = entry->source == RTE_VFIO_VF_TOKEN_SOURCE_FILE ?
			vfio_token_file_read(arg, content, err) :
			vfio_token_fd_read(arg, content, err);
	entry->single = content->single;
	if (ret == 0 && entry->source == RTE_VFIO_VF_TOKEN_SOURCE_FD)
		entry->content = content;
	else
		vfio_token_secret_free(content, VFIO_TOKEN_CONTENT_SIZE);

	return ret;
}

int
vfio_token_entry_make(const struct vfio_token_spec *spec, unsigned int position,
		struct vfio_token_entry **out, struct vfio_token_error *err)
{
	struct vfio_token_entry *entry = vfio_token_secret_alloc(sizeof(*entry));
	int ret;

	*out = NULL;
	if (entry == NULL)
		return vfio_token_fail(err, -ENOMEM, "no memory");
	entry->source = spec->source;
	entry->has_bdf = spec->has_bdf;
	entry->bdf = spec->bdf;
	entry->position = position;
	/* A UUID's text is the token: it is not kept. */
	entry->arg = strdup(spec->source == RTE_VFIO_VF_TOKEN_SOURCE_UUID ? "" : spec->arg);
	if (entry->arg == NULL)
		ret = vfio_token_fail(err, -ENOMEM, "no memory");
	else
		ret = entry_load(entry, spec->arg, err);
	if (ret != 0) {
		vfio_token_entry_free(entry);
		return ret;
	}
	*out = entry;

	return 0;
}

bool
vfio_token_entry_is_default(const struct vfio_token_entry *entry)
{
	bool has_content = entry->source == RTE_VFIO_VF_TOKEN_SOURCE_FILE ||
			entry->source == RTE_VFIO_VF_TOKEN_SOURCE_FD;

	return !entry->has_bdf && (!has_content || entry->single);
}

/* Would the two decide for the same devices? Lines of files are compared by the caller. */
static bool
entry_same_place(const struct vfio_token_entry *a, const struct vfio_token_entry *b)
{
	if (a->has_bdf != b->has_bdf)
		return false;
	if (a->has_bdf)
		return vfio_token_bdf_equal(&a->bdf, &b->bdf);
	/* The application has one entry without an address, whether a token or lines. */
	if (a->position == 0 && b->position == 0)
		return true;
	return vfio_token_entry_is_default(a) && vfio_token_entry_is_default(b);
}

static bool
entry_is_plain(const struct vfio_token_entry *entry)
{
	return !entry->has_bdf && entry->source == RTE_VFIO_VF_TOKEN_SOURCE_UUID;
}

int
vfio_token_table_add(struct vfio_token_entry *entry, struct vfio_token_error *err)
{
	struct vfio_token_entry *old, *next;

	RTE_TAILQ_FOREACH_SAFE(old, &entries, next, next) {
		if (!entry_same_place(old, entry))
			continue;
		/* The API replaces, and of plain UUIDs the last one wins as in upstream DPDK. */
		if (entry->position == 0 || (entry_is_plain(old) && entry_is_plain(entry))) {
			TAILQ_REMOVE(&entries, old, next);
			vfio_token_entry_free(old);
			continue;
		}
		if (old->position == 0)
			return vfio_token_fail(err, -EEXIST, "the application has set this entry "
					"already, by rte_vfio_vf_token_set()");
		return vfio_token_fail(err, -EEXIST, "conflicts with option %u: %s has one entry",
				old->position, entry->has_bdf ? "a device" : "the default");
	}
	TAILQ_INSERT_TAIL(&entries, entry, next);

	return 0;
}

int
vfio_token_table_remove(bool has_bdf, const struct vfio_token_bdf *bdf)
{
	struct vfio_token_entry *entry, *next;
	int ret = -ENOENT;

	RTE_TAILQ_FOREACH_SAFE(entry, &entries, next, next) {
		if (has_bdf ? !entry->has_bdf || !vfio_token_bdf_equal(&entry->bdf, bdf) :
				entry->has_bdf || (entry->position > 0 &&
				!vfio_token_entry_is_default(entry)))
			continue;
		TAILQ_REMOVE(&entries, entry, next);
		vfio_token_entry_free(entry);
		ret = 0;
	}

	return ret;
}

void
vfio_token_table_options_drop(void)
{
	struct vfio_token_entry *entry, *next;

	nb_options = 0;
	RTE_TAILQ_FOREACH_SAFE(entry, &entries, next, next) {
		if (entry->position == 0)
			continue;
		TAILQ_REMOVE(&entries, entry, next);
		vfio_token_entry_free(entry);
	}
}

static bool
entry_has_lines(const struct vfio_token_entry *entry)
{
	return !entry->has_bdf && (entry->source == RTE_VFIO_VF_TOKEN_SOURCE_FILE ||
			entry->source == RTE_VFIO_VF_TOKEN_SOURCE_FD);
}

void
vfio_token_match_describe(const struct vfio_token_match *match, char *text, size_t size)
{
	static const char * const prefixes[] = {
		[RTE_VFIO_VF_TOKEN_SOURCE_UUID] = "a UUID",
		[RTE_VFIO_VF_TOKEN_SOURCE_FILE] = "file:",
		[RTE_VFIO_VF_TOKEN_SOURCE_FD] = "fd:",
		[RTE_VFIO_VF_TOKEN_SOURCE_ENV] = "env:",
		[RTE_VFIO_VF_TOKEN_SOURCE_UNIX] = "unix:",
		[RTE_VFIO_VF_TOKEN_SOURCE_RANDOM] = "random",
	};
	const struct vfio_token_entry *entry = match->entry;
	char who[32], line[32] = "";

	if (entry->position > 0)
		snprintf(who, sizeof(who), "option %u", entry->position);
	else
		snprintf(who, sizeof(who), "the application's entry");
	if (match->line != NULL)
		snprintf(line, sizeof(line), " line %u", match->line->line);
	snprintf(text, size, "%s (%s%s%s)", who, prefixes[entry->source], entry->arg, line);
}

static int
file_fail(const struct vfio_token_entry *entry, int ret, const struct vfio_token_error *why,
		struct vfio_token_error *err)
{
	const struct vfio_token_match match = { .entry = entry };
	char place[320];

	vfio_token_match_describe(&match, place, sizeof(place));
	return vfio_token_fail(err, ret, "%s: %s", place, why->text);
}

int
vfio_token_table_files_load(struct vfio_token_error *err)
{
	struct vfio_token_error why;
	struct vfio_token_entry *entry;
	int ret;

	TAILQ_FOREACH(entry, &entries, next) {
		if (!entry_has_lines(entry) || entry->source != RTE_VFIO_VF_TOKEN_SOURCE_FILE)
			continue;
		entry->content = vfio_token_secret_alloc(VFIO_TOKEN_CONTENT_SIZE);
		if (entry->content == NULL)
			return vfio_token_fail(err, -ENOMEM, "no memory");
		ret = vfio_token_file_read(entry->arg, entry->content, &why);
		if (ret != 0) {
			entry->content->nb_lines = 0;
			return file_fail(entry, ret, &why, err);
		}
		entry->single = entry->content->single;
	}

	return 0;
}

void
vfio_token_table_files_drop(void)
{
	struct vfio_token_entry *entry;

	TAILQ_FOREACH(entry, &entries, next) {
		if (entry->source != RTE_VFIO_VF_TOKEN_SOURCE_FILE)
			continue;
		vfio_token_secret_free(entry->content, VFIO_TOKEN_CONTENT_SIZE);
		entry->content = NULL;
	}
}

static int
match_conflict(const struct vfio_token_match *a, const struct vfio_token_match *b,
		const struct vfio_token_bdf *bdf, struct vfio_token_error *err)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE], first[320], second[320];

	vfio_token_bdf_format(bdf, name);
	vfio_token_match_describe(a, first, sizeof(first));
	vfio_token_match_describe(b, second, sizeof(second));

	return vfio_token_fail(err, -EEXIST, "conflicting entries for %s: %s and %s: remove one",
			name, first, second);
}

int
vfio_token_table_find(const struct vfio_token_bdf *bdf, struct vfio_token_match *match,
		struct vfio_token_error *err)
{
	const struct vfio_token_entry *entry;

	match->entry = NULL;
	match->line = NULL;
	TAILQ_FOREACH(entry, &entries, next) {
		struct vfio_token_match found = { .entry = entry };

		if (entry->has_bdf && !vfio_token_bdf_equal(&entry->bdf, bdf))
			continue;
		if (!entry->has_bdf) {
			if (!entry_has_lines(entry) || entry->content == NULL)
				continue;
			found.line = vfio_token_content_find(entry->content, bdf);
			if (found.line == NULL)
				continue;
		}
		/* What the application has set for the device itself is newer than any option. */
		if (entry->has_bdf && entry->position == 0) {
			*match = found;
			return 0;
		}
		if (match->entry != NULL)
			return match_conflict(match, &found, bdf, err);
		*match = found;
	}

	return 0;
}
