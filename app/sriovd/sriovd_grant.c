/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_grant.h"

static const char *const grant_prefix[] = {
	[SRIOVD_GRANT_UID] = "uid:",
	[SRIOVD_GRANT_GID] = "gid:",
	[SRIOVD_GRANT_USER] = "user:",
	[SRIOVD_GRANT_GROUP] = "group:",
	[SRIOVD_GRANT_UNIT] = "unit:",
};

static int
id_parse(const char *text, uint32_t *id)
{
	unsigned long long value;
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	value = strtoull(text, &end, 10);
	/* -1 is nobody's: it means "leave as it is" to chown(). */
	if (errno != 0 || *end != '\0' || value >= UINT32_MAX)
		return -EINVAL;
	*id = value;

	return 0;
}

static int
user_lookup(const char *name, uint32_t *id)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (getpwnam_r(name, &pw, buf, sizeof(buf), &found) != 0 || found == NULL)
		return -ENOENT;
	*id = found->pw_uid;

	return 0;
}

static int
group_lookup(const char *name, uint32_t *id)
{
	struct group gr, *found = NULL;
	/* With the names of its members. */
	size_t size = 256 * 1024;
	char *buf = malloc(size);
	int ret = -ENOENT;

	if (buf == NULL)
		return -ENOMEM;
	if (getgrnam_r(name, &gr, buf, size, &found) == 0 && found != NULL) {
		*id = found->gr_gid;
		ret = 0;
	}
	free(buf);

	return ret;
}

static bool
unit_valid(const char *name)
{
	static const char *const suffix[] = { ".service", ".scope", ".slice" };
	size_t len = strlen(name), n;
	unsigned int i;

	if (strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-_.\\@") !=
			len)
		return false;
	for (i = 0; i < RTE_DIM(suffix); i++) {
		n = strlen(suffix[i]);
		if (len > n && strcmp(name + len - n, suffix[i]) == 0)
			return true;
	}

	return false;
}

static int
name_parse(const char *text, struct sriovd_grant *grant, const char **why)
{
	if (text[0] == '\0' || strlcpy(grant->name, text, sizeof(grant->name)) >=
			sizeof(grant->name)) {
		*why = "the name is empty or too long";
		return -EINVAL;
	}
	switch (grant->type) {
	case SRIOVD_GRANT_USER:
		*why = "no such user";
		return user_lookup(text, &grant->id);
	case SRIOVD_GRANT_GROUP:
		*why = "no such group";
		return group_lookup(text, &grant->id);
	default:
		break;
	}
	if (!unit_valid(text)) {
		*why = "not the name of a systemd unit, NAME.service, NAME.scope or NAME.slice";
		return -EINVAL;
	}
#ifndef SRIOVD_SYSTEMD
	*why = "this program was built without libsystemd, which tells the unit of a process";
	return -ENOTSUP;
#else
	return 0;
#endif
}

int
sriovd_grant_parse(const char *text, struct sriovd_grant *grant, const char **why)
{
	unsigned int type;
	size_t len;

	memset(grant, 0, sizeof(*grant));
	for (type = 0; type < RTE_DIM(grant_prefix); type++) {
		len = strlen(grant_prefix[type]);
		if (strncmp(text, grant_prefix[type], len) != 0)
			continue;
		grant->type = type;
		if (type != SRIOVD_GRANT_UID && type != SRIOVD_GRANT_GID)
			return name_parse(text + len, grant, why);
		*why = "not a number of a user or group";
		return id_parse(text + len, &grant->id);
	}
	*why = "not uid:N, gid:N, user:NAME, group:NAME or unit:NAME.service";

	return -EINVAL;
}

void
sriovd_grant_format(const struct sriovd_grant *grant, char text[SRIOVD_GRANT_SIZE])
{
	const char *prefix = grant_prefix[grant->type];

	if (grant->name[0] == '\0')
		snprintf(text, SRIOVD_GRANT_SIZE, "%s%u", prefix, grant->id);
	else
		snprintf(text, SRIOVD_GRANT_SIZE, "%s%s", prefix, grant->name);
}

static bool
same_user(const struct sriovd_grant *a, const struct sriovd_grant *b)
{
	return a->type == b->type && a->id == b->id && strcmp(a->name, b->name) == 0;
}

bool
sriovd_grant_equal(const struct sriovd_grant *a, const struct sriovd_grant *b)
{
	return same_user(a, b) && a->once == b->once;
}

bool
sriovd_grant_match(const struct sriovd_grant *grant, const struct sriovd_peer *peer)
{
	unsigned int i;

	switch (grant->type) {
	case SRIOVD_GRANT_UID:
	case SRIOVD_GRANT_USER:
		return peer->uid == grant->id;
	case SRIOVD_GRANT_GID:
	case SRIOVD_GRANT_GROUP:
		if (peer->gid == grant->id)
			return true;
		for (i = 0; i < peer->nb_groups; i++)
			if (peer->groups[i] == grant->id)
				return true;
		return false;
	case SRIOVD_GRANT_UNIT:
		return peer->unit[0] != '\0' && strcmp(peer->unit, grant->name) == 0;
	}

	return false;
}

int
sriovd_grants_find(const struct sriovd_grants *grants, const struct sriovd_grant *grant)
{
	unsigned int i;

	for (i = 0; i < grants->nb; i++)
		if (same_user(&grants->grant[i], grant))
			return i;

	return -ENOENT;
}

int
sriovd_grants_add(struct sriovd_grants *grants, const struct sriovd_grant *grant)
{
	int i = sriovd_grants_find(grants, grant);
	struct sriovd_grant *more;

	if (i >= 0) {
		grants->grant[i] = *grant;
		return 0;
	}
	if (grants->nb >= SRIOVD_GRANTS_MAX)
		return -ENOSPC;
	more = realloc(grants->grant, (grants->nb + 1) * sizeof(*more));
	if (more == NULL)
		return -ENOMEM;
	more[grants->nb++] = *grant;
	grants->grant = more;

	return 0;
}

void
sriovd_grants_remove(struct sriovd_grants *grants, unsigned int index)
{
	if (index >= grants->nb)
		return;
	memmove(&grants->grant[index], &grants->grant[index + 1],
			(grants->nb - index - 1) * sizeof(grants->grant[0]));
	grants->nb--;
}

int
sriovd_grants_match(const struct sriovd_grants *grants, const struct sriovd_peer *peer)
{
	int found = -ENOENT;
	unsigned int i;

	for (i = 0; i < grants->nb; i++) {
		if (!sriovd_grant_match(&grants->grant[i], peer))
			continue;
		if (!grants->grant[i].once)
			return i;
		if (found < 0)
			found = i;
	}

	return found;
}

bool
sriovd_grants_need_unit(const struct sriovd_grants *grants)
{
	unsigned int i;

	for (i = 0; i < grants->nb; i++)
		if (grants->grant[i].type == SRIOVD_GRANT_UNIT)
			return true;

	return false;
}

int
sriovd_grants_copy(struct sriovd_grants *to, const struct sriovd_grants *from)
{
	memset(to, 0, sizeof(*to));
	if (from->nb == 0)
		return 0;
	to->grant = malloc(from->nb * sizeof(to->grant[0]));
	if (to->grant == NULL)
		return -ENOMEM;
	memcpy(to->grant, from->grant, from->nb * sizeof(to->grant[0]));
	to->nb = from->nb;

	return 0;
}

void
sriovd_grants_free(struct sriovd_grants *grants)
{
	free(grants->grant);
	memset(grants, 0, sizeof(*grants));
}
