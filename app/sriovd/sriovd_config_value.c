/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The keys of the configuration file. */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_config_lines.h"
#include "sriovd_policy.h"

/* The most memory that can sensibly be given without hugepages. */
#define MEMORY_MB_MAX 65536
#define MODE_MAX 0660

int
sriovd_value_bool(const struct sriovd_place *place, const char *text, bool *value)
{
	if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) {
		sriovd_fault_add(place, "\"%s\" is neither yes nor no", text);
		return -EINVAL;
	}
	*value = text[0] == 'y';

	return 0;
}

int
sriovd_value_number(const struct sriovd_place *place, const char *text, uint64_t max,
		uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (!isdigit((unsigned char)text[0]) || *end != '\0' || errno != 0 || *value > max) {
		sriovd_fault_add(place, "\"%s\" is not a number from 0 to %llu", text,
				(unsigned long long)max);
		return -EINVAL;
	}

	return 0;
}

int
sriovd_value_path(const struct sriovd_place *place, const char *text, char *value, size_t size)
{
	if (text[0] != '/') {
		sriovd_fault_add(place, "\"%s\" is not a path that starts with a slash", text);
		return -EINVAL;
	}
	if (strlcpy(value, text, size) >= size) {
		sriovd_fault_add(place, "a path of more than %zu characters", size - 1);
		value[0] = '\0';
		return -EINVAL;
	}

	return 0;
}

static int
value_mode(const struct sriovd_place *place, const char *text, mode_t max, mode_t *value)
{
	unsigned long mode;
	char *end;

	mode = strtoul(text, &end, 8);
	if (text[0] != '0' || strlen(text) > 5 || *end != '\0' ||
			(mode & ~(unsigned long)max) != 0) {
		sriovd_fault_add(place, "\"%s\" is not an octal mode within %#o", text, max);
		return -EINVAL;
	}
	*value = mode;

	return 0;
}

/* A group's name or number; "" is none. */
static void
value_group(const struct sriovd_place *place, const char *text, gid_t *gid)
{
	struct sriovd_grant group;
	char name[SRIOVD_GRANT_SIZE];
	const char *why;

	*gid = -1;
	if (text[0] == '\0')
		return;
	snprintf(name, sizeof(name), "%s%s", isdigit((unsigned char)text[0]) ? "gid:" : "group:",
			text);
	if (sriovd_grant_parse(name, &group, &why) != 0)
		sriovd_fault_add(place, "\"%s\": %s", text, why);
	else
		*gid = group.id;
}

/* ---- [daemon] ---- */

static void
value_memory(const struct sriovd_place *place, const char *value, struct sriovd_config *config)
{
	uint64_t number;

	if (sriovd_value_number(place, value, MEMORY_MB_MAX, &number) != 0)
		return;
	if (number < 16)
		sriovd_fault_add(place, "\"%s\": the EAL does not start with less than 16 MB",
				value);
	else
		config->memory_mb = number;
}

static void
value_text(const struct sriovd_place *place, const char *value, char *text, size_t size)
{
	if (strlcpy(text, value, size) >= size)
		sriovd_fault_add(place, "more than %zu characters", size - 1);
}

void
sriovd_daemon_key(const struct sriovd_place *place, const char *value,
		struct sriovd_config *config)
{
	const char *key = place->key;

	if (strcmp(key, "runtime_dir") == 0) {
		sriovd_value_path(place, value, config->runtime_dir, sizeof(config->runtime_dir));
	} else if (strcmp(key, "state_dir") == 0) {
		sriovd_value_path(place, value, config->state_dir, sizeof(config->state_dir));
	} else if (strcmp(key, "control_socket") == 0) {
		sriovd_value_path(place, value, config->control_socket,
				sizeof(config->control_socket));
	} else if (strcmp(key, "token_socket") == 0) {
		sriovd_value_path(place, value, config->token_socket, sizeof(config->token_socket));
	} else if (strcmp(key, "admin_group") == 0) {
		value_text(place, value, config->admin_group, sizeof(config->admin_group));
		value_group(place, value, &config->admin_gid);
	} else if (strcmp(key, "token_group") == 0) {
		value_group(place, value, &config->token_gid);
	} else if (strcmp(key, "token_mode") == 0) {
		value_mode(place, value, 0666, &config->token_mode);
	} else if (strcmp(key, "memory_mb") == 0) {
		value_memory(place, value, config);
	} else if (strcmp(key, "hugepages") == 0) {
		sriovd_value_bool(place, value, &config->hugepages);
	} else if (strcmp(key, "restore_on_exit") == 0) {
		sriovd_value_bool(place, value, &config->restore_on_exit);
	} else if (strcmp(key, "eal_args") == 0) {
		value_text(place, value, config->eal_args, sizeof(config->eal_args));
	} else {
		sriovd_fault_add(place, "no such key in [daemon]");
	}
}

/* ---- [pf] ---- */

static void
value_driver(const struct sriovd_place *place, const char *value, struct sriovd_pf_conf *pf)
{
	if (value[0] == '\0' || strchr(value, '/') != NULL || value[0] == '.')
		sriovd_fault_add(place, "\"%s\" is not the name of a driver", value);
	else
		value_text(place, value, pf->driver, sizeof(pf->driver));
}

static void
value_token(const struct sriovd_place *place, const char *value, struct sriovd_pf_conf *pf)
{
	/* Never the value itself: somebody may have put a token there. */
	if (strcmp(value, "random") != 0 && strncmp(value, "file:/", 6) != 0)
		sriovd_fault_add(place, "neither random nor file:PATH with a path that starts with "
				"a slash");
	else
		value_text(place, value, pf->token, sizeof(pf->token));
}

void
sriovd_pf_key(const struct sriovd_place *place, const char *value, struct sriovd_pf_conf *pf)
{
	const char *key = place->key;
	uint64_t number;

	if (strcmp(key, "vfs") == 0) {
		if (sriovd_value_number(place, value, SRIOVD_CONFIG_MAX_VFS, &number) == 0)
			pf->vfs = number;
	} else if (strcmp(key, "driver") == 0) {
		value_driver(place, value, pf);
	} else if (strcmp(key, "token") == 0) {
		value_token(place, value, pf);
	} else if (strcmp(key, "pmd") == 0) {
		if (strcmp(value, "auto") != 0 && strcmp(value, "none") != 0)
			sriovd_fault_add(place, "\"%s\" is neither auto nor none", value);
		pf->pmd = strcmp(value, "none") == 0 ? RTE_SRIOV_PMD_NONE : RTE_SRIOV_PMD_AUTO;
	} else if (strcmp(key, "devargs") == 0) {
		value_text(place, value, pf->devargs, sizeof(pf->devargs));
	} else if (strcmp(key, "restore_on_exit") == 0) {
		pf->restore_on_exit_set =
			sriovd_value_bool(place, value, &pf->restore_on_exit) == 0;
	} else {
		sriovd_fault_add(place, "no such key in [pf]");
	}
}

/* ---- [vf] ---- */

static void
value_grants(const struct sriovd_place *place, const char *value, struct sriovd_vf_conf *vf)
{
	char buf[SRIOVD_PATH_SIZE], *at = buf, *word;
	struct sriovd_grant grant;
	const char *why;
	int ret;

	vf->set |= SRIOVD_VF_GRANT;
	strlcpy(buf, value, sizeof(buf));
	if (buf[0] == '\0')
		return;
	while ((word = strsep(&at, ",")) != NULL) {
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (sriovd_grant_parse(word, &grant, &why) != 0) {
			sriovd_fault_add(place, "\"%s\": %s", word, why);
			continue;
		}
		ret = sriovd_grants_add(&vf->grants, &grant);
		if (ret != 0)
			sriovd_fault_add(place, "\"%s\": %s", word, ret == -ENOSPC ?
					"too many grants" : "no memory");
	}
}

static void
value_owner(const struct sriovd_place *place, const char *value, struct sriovd_vf_conf *vf)
{
	unsigned long long uid, gid;
	char *end, *last;

	errno = 0;
	uid = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)value[0]) || *end != ':' || !isdigit((unsigned char)end[1])) {
		sriovd_fault_add(place, "\"%s\" is not UID:GID in numbers", value);
		return;
	}
	gid = strtoull(end + 1, &last, 10);
	if (errno != 0 || *last != '\0' || uid >= UINT32_MAX || gid >= UINT32_MAX) {
		sriovd_fault_add(place, "\"%s\" is not UID:GID in numbers", value);
		return;
	}
	vf->owner.uid = uid;
	vf->owner.gid = gid;
	vf->set |= SRIOVD_VF_OWNER;
}

static void
value_socket(const struct sriovd_place *place, const char *value, struct sriovd_vf_conf *vf)
{
	const bool all = vf->index == SRIOVD_VF_ALL;

	vf->set |= SRIOVD_VF_SOCKET;
	if (value[0] == '\0')
		return;
	/* Room for the index. */
	if (sriovd_value_path(place, value, vf->socket, sizeof(vf->socket) - 4) != 0)
		return;
	if (all && strstr(value, "{vf}") == NULL)
		sriovd_fault_add(place, "the path of all VFs' sockets is without {vf}, which stands "
				"for the VF's index");
}

void
sriovd_vf_key(const struct sriovd_place *place, const char *value, struct sriovd_vf_conf *vf)
{
	const char *key = place->key, *why;
	int ret;

	if (strcmp(key, "grant") == 0) {
		value_grants(place, value, vf);
	} else if (strcmp(key, "once") == 0) {
		if (sriovd_value_bool(place, value, &vf->once) == 0)
			vf->set |= SRIOVD_VF_ONCE;
	} else if (strcmp(key, "owner") == 0) {
		value_owner(place, value, vf);
	} else if (strcmp(key, "mode") == 0) {
		if (value_mode(place, value, MODE_MAX, &vf->owner.mode) == 0)
			vf->set |= SRIOVD_VF_MODE;
	} else if (strcmp(key, "socket") == 0) {
		value_socket(place, value, vf);
	} else {
		ret = sriovd_policy_set(&vf->policy, key, value, &why);
		if (ret == -ENOENT)
			sriovd_fault_add(place, "no such key in [vf]");
		else if (ret != 0)
			sriovd_fault_add(place, "\"%s\": %s", value, why);
		else if (vf->index == SRIOVD_VF_ALL && strcmp(key, "mac") == 0 &&
				!rte_is_zero_ether_addr(&vf->policy.mac))
			sriovd_fault_add(place, "the same address for all VFs");
	}
}
