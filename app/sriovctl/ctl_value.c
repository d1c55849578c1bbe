/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ctl_command.h"

#define VLAN_MAX 4094
#define UUID_LEN 36

/* A refusal that names the param and what it takes. */
static int
refuse(const struct ctl_param *param, struct ctl_error *error, const char *text, const char *what)
{
	return ctl_fail(error, CTL_EXIT_USAGE, "%s: '%s' is not %s", param->name, text, what);
}

static int
put(json_t *into, const struct ctl_param *param, json_t *value, struct ctl_error *error)
{
	if (json_object_set_new(into, param->key, value) == 0)
		return CTL_EXIT_OK;
	return ctl_fail(error, CTL_EXIT_USAGE, "%s: the value is not UTF-8 text", param->name);
}

/* Digits only, so that no sign, blank or prefix slips in. */
static bool
number_parse(const char *text, size_t len, unsigned long max, unsigned long *value)
{
	char digits[16] = "";

	if (len == 0 || len >= sizeof(digits) || strspn(text, "0123456789") < len)
		return false;
	memcpy(digits, text, len);
	errno = 0;
	*value = strtoul(digits, NULL, 10);

	return errno == 0 && *value <= max;
}

static int
store_number(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	char what[64];
	unsigned long value;

	if (number_parse(text, strlen(text), param->max, &value) && value >= param->min)
		return put(into, param, json_integer((json_int_t)value), error);
	snprintf(what, sizeof(what), "a number from %u to %u", param->min, param->max);
	return refuse(param, error, text, what);
}

bool
ctl_choice_has(const char *choices, const char *word)
{
	size_t len = strlen(word);
	const char *at;

	if (len == 0 || strchr(word, '|') != NULL)
		return false;
	for (at = choices; at != NULL; at = strchr(at, '|')) {
		at += *at == '|';
		if (strncmp(at, word, len) == 0 && (at[len] == '|' || at[len] == '\0'))
			return true;
	}

	return false;
}

static int
store_choice(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	char what[96];

	if (ctl_choice_has(param->choices, text))
		return put(into, param, json_string(text), error);
	snprintf(what, sizeof(what), "one of %s", param->choices);
	return refuse(param, error, text, what);
}

static int
store_bool(const struct ctl_param *param, const char *text, json_t *into, struct ctl_error *error)
{
	if (!ctl_choice_has("on|off", text))
		return refuse(param, error, text, "on or off");
	return put(into, param, json_boolean(strcmp(text, "on") == 0), error);
}

static int
store_mac(const struct ctl_param *param, const char *text, json_t *into, struct ctl_error *error)
{
	char mac[18] = "";
	unsigned int i, octet;

	for (i = 0; i < 17 && text[i] != '\0'; i++) {
		if (i % 3 == 2 ? text[i] != ':' : !isxdigit((unsigned char)text[i]))
			break;
		mac[i] = (char)tolower((unsigned char)text[i]);
	}
	if (i != 17 || text[i] != '\0')
		return refuse(param, error, text, "a MAC address as 02:00:00:00:00:01");
	octet = (unsigned int)strtoul(mac, NULL, 16);
	if (octet & 1)
		return refuse(param, error, text, "the MAC address of one port, but a group's");

	return put(into, param, json_string(mac), error);
}

static int
store_vlans(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	json_t *list = json_array();
	const char *at = text;
	unsigned long id;

	while (strcmp(text, "none") != 0) {
		size_t len = strcspn(at, ",");

		if (!number_parse(at, len, VLAN_MAX, &id) || id == 0) {
			json_decref(list);
			return refuse(param, error, text,
					"a list of VLAN IDs from 1 to 4094, or none");
		}
		json_array_append_new(list, json_integer((json_int_t)id));
		at += len;
		if (*at == '\0')
			break;
		at++;
	}

	return put(into, param, list, error);
}

static int
store_grant(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	const char *name = strchr(text, ':');
	size_t kind = name != NULL ? (size_t)(name - text) : 0;
	bool by_id, by_name;
	unsigned long id;

	by_id = kind == 3 && (strncmp(text, "uid", 3) == 0 || strncmp(text, "gid", 3) == 0);
	by_name = (kind == 4 && (strncmp(text, "user", 4) == 0 || strncmp(text, "unit", 4) == 0)) ||
			(kind == 5 && strncmp(text, "group", 5) == 0);
	if (name == NULL || !(by_id || by_name) ||
			(by_id && !number_parse(name + 1, strlen(name + 1), UINT32_MAX - 1, &id)) ||
			(by_name && name[1] == '\0'))
		return refuse(param, error, text,
				"uid:N, gid:N, user:NAME, group:NAME or unit:NAME.service");

	return put(into, param, json_string(text), error);
}

static int
store_owner(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	const char *colon = strchr(text, ':');
	unsigned long id;

	if (colon == NULL ||
			!number_parse(text, (size_t)(colon - text), UINT32_MAX - 1, &id) ||
			!number_parse(colon + 1, strlen(colon + 1), UINT32_MAX - 1, &id))
		return refuse(param, error, text, "UID:GID, two numbers");

	return put(into, param, json_string(text), error);
}

static int
store_source(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	if (strcmp(text, "random") == 0 || (strncmp(text, "file:/", 6) == 0 && text[6] != '\0'))
		return put(into, param, json_string(text), error);
	/* Not repeated: it may be a token. */
	ctl_fail(error, CTL_EXIT_USAGE, "%s: the value is neither random nor file:PATH with an "
			"absolute path", param->name);
	if (strlen(text) == UUID_LEN)
		ctl_remedy(error, "put the token into a file that only root can read: what is on a "
				"command line, anybody can read");
	return CTL_EXIT_USAGE;
}

static int
store_address(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	const char *slash = strchr(text, '/');
	char address[CTL_BDF_SIZE + 8];
	unsigned long index = 0;
	struct ctl_bdf bdf;

	if (!ctl_bdf_parse(text, slash != NULL ? (size_t)(slash - text) : strlen(text), &bdf))
		return refuse(param, error, text, "a PCI address as 0000:01:00.0");
	ctl_bdf_format(&bdf, address);
	if (slash == NULL)
		return put(into, param, json_string(address), error);
	if (param->kind == CTL_KIND_PF)
		return refuse(param, error, text, "a PF: it names a VF");
	if (!number_parse(slash + 1, strlen(slash + 1), UINT16_MAX, &index))
		return refuse(param, error, text, "a VF: what follows the / is no index");
	if (param->kind == CTL_KIND_VF) {
		json_object_set_new(into, "pf", json_string(address));
		return put(into, param, json_integer((json_int_t)index), error);
	}
	/* The protocol has no index here: ctl_resolve() replaces it. */
	snprintf(address + strlen(address), 8, "/%lu", index);
	return put(into, param, json_string(address), error);
}

int
ctl_value_store(const struct ctl_param *param, const char *text, json_t *into,
		struct ctl_error *error)
{
	switch (param->kind) {
	case CTL_KIND_FLAG:
		return put(into, param, json_true(), error);
	case CTL_KIND_PF:
	case CTL_KIND_VF:
	case CTL_KIND_DEVICE:
		return store_address(param, text, into, error);
	case CTL_KIND_NUMBER:
		return store_number(param, text, into, error);
	case CTL_KIND_BOOL:
		return store_bool(param, text, into, error);
	case CTL_KIND_CHOICE:
		return store_choice(param, text, into, error);
	case CTL_KIND_MAC:
		return store_mac(param, text, into, error);
	case CTL_KIND_VLANS:
		return store_vlans(param, text, into, error);
	case CTL_KIND_GRANT:
		return store_grant(param, text, into, error);
	case CTL_KIND_OWNER:
		return store_owner(param, text, into, error);
	case CTL_KIND_SOURCE:
		return store_source(param, text, into, error);
	case CTL_KIND_PATH:
		if (text[0] == '\0')
			return refuse(param, error, text, "a path");
		/* fallthrough */
	case CTL_KIND_COMMAND:
		break;
	}

	return put(into, param, json_string(text), error);
}
