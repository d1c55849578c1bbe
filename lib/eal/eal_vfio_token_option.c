/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eal_vfio_token_table.h"

#define OPTION "--vfio-vf-token"
#define OPTION_LEN (sizeof(OPTION) - 1)

/* getopt_long() accepts an option's unambiguous start: this one's is "--vfio-v". */
#define OPTION_ABBREVIATION_MIN 8

#define REDACTED "<redacted>"

/* The all-zero UUID as upstream DPDK has it: no token. Earlier plain UUIDs no longer count. */
static bool
option_is_null_token(const struct vfio_token_spec *spec)
{
	rte_uuid_t token;
	bool null = !spec->has_bdf && spec->source == RTE_VFIO_VF_TOKEN_SOURCE_UUID &&
			rte_uuid_parse(spec->arg, token) == 0 && rte_uuid_is_null(token);

	explicit_bzero(token, sizeof(token));
	return null;
}

static void
plain_default_drop(struct vfio_token_entries *entries)
{
	struct vfio_token_entry *entry;

	TAILQ_FOREACH(entry, entries, next)
		if (entry->position > 0 && !entry->has_bdf &&
				entry->source == RTE_VFIO_VF_TOKEN_SOURCE_UUID)
			break;
	if (entry == NULL)
		return;
	TAILQ_REMOVE(entries, entry, next);
	vfio_token_entry_free(entry);
}

static int
option_take(const struct vfio_token_spec *spec, unsigned int position,
		struct vfio_token_error *err)
{
	struct vfio_token_entries *entries;
	struct vfio_token_entry *entry;
	int ret;

	if (option_is_null_token(spec)) {
		VFIO_TOKEN_LOG(WARNING, OPTION " option %u: the all-zero UUID means no token",
				position);
		entries = vfio_token_table_lock();
		plain_default_drop(entries);
		vfio_token_table_unlock();
		return 0;
	}
	ret = vfio_token_entry_make(spec, position, &entry, err);
	if (ret != 0)
		return ret;
	vfio_token_table_lock();
	ret = vfio_token_table_add(entry, err);
	vfio_token_table_unlock();
	if (ret != 0)
		vfio_token_entry_free(entry);

	return ret;
}

/* Overwrite what is, or should have been, a UUID in the argument. */
static void
option_wipe(char *arg, const struct vfio_token_spec *spec, unsigned int position)
{
	char *secret;

	if (spec->source != RTE_VFIO_VF_TOKEN_SOURCE_NONE &&
			spec->source != RTE_VFIO_VF_TOKEN_SOURCE_UUID)
		return;
	secret = arg + (spec->arg - arg);
	if (vfio_token_argv_wipe(secret, strlen(secret)) != 0)
		VFIO_TOKEN_LOG(WARNING, OPTION " option %u: the token was given in a copy of the "
				"arguments and is left there; /proc/%d/cmdline may show it: "
				"prefer file:, fd: or unix:", position, (int)getpid());
}

int
eal_vfio_token_option_parse(char *arg)
{
	unsigned int position = vfio_token_table_option_next();
	struct vfio_token_error err;
	struct vfio_token_spec spec;
	int ret;

	ret = vfio_token_spec_parse(arg, &spec, &err);
	if (ret == 0)
		ret = option_take(&spec, position, &err);
	option_wipe(arg, &spec, position);
	vfio_token_stack_wipe();
	if (ret != 0)
		VFIO_TOKEN_LOG(ERR, OPTION " option %u: %s", position, err.text);

	return ret;
}

void
eal_vfio_token_options_reset(void)
{
	vfio_adopt_cleanup();
	vfio_token_table_lock();
	vfio_token_table_options_drop();
	vfio_token_table_unlock();
	vfio_token_records_lock();
	vfio_token_records_clear();
	vfio_token_records_unlock();
}

/* An entry that names a device must be able to serve it. */
static int
entry_device_check(const struct vfio_token_entry *entry, struct vfio_token_error *err)
{
	struct vfio_token_function fn;
	int ret;

	ret = vfio_token_function_read(vfio_token_paths.pci_devices, &entry->bdf, &fn);
	if (ret == -ENODEV) {
		vfio_token_absent_refusal(fn.name, err);
		return ret;
	}
	if (ret != 0)
		return vfio_token_fail(err, ret, "cannot read %s/%s: %s",
				vfio_token_paths.pci_devices, fn.name, strerror(-ret));
	if (fn.role == RTE_VFIO_VF_TOKEN_ROLE_NONE) {
		vfio_token_none_refusal(&fn, err);
		return -EINVAL;
	}
	if (!vfio_token_driver_is_vfio(vfio_token_paths.pci_devices, fn.name, fn.driver)) {
		vfio_token_unbound_refusal(vfio_token_paths.pci_devices, &fn, err);
		return -ENODEV;
	}
	if (entry->source == RTE_VFIO_VF_TOKEN_SOURCE_RANDOM &&
			fn.role == RTE_VFIO_VF_TOKEN_ROLE_VF)
		return vfio_token_fail(err, -EINVAL, "random is for a PF, and %s is a VF: "
				"give it to its PF %s", fn.name, fn.pf_name);

	return 0;
}

/* No line of a file or a descriptor may name what another entry names as well. */
static int
entry_lines_check(const struct vfio_token_entry *entry, struct vfio_token_error *err)
{
	struct vfio_token_match match;
	unsigned int i;
	int ret;

	if (entry->has_bdf || entry->content == NULL || entry->content->single)
		return 0;
	for (i = 0; i < entry->content->nb_lines; i++) {
		ret = vfio_token_table_find(&entry->content->lines[i].bdf, &match, err);
		if (ret != 0)
			return ret;
	}

	return 0;
}

static int
entries_check(const struct vfio_token_entries *entries, bool pci_enabled)
{
	const struct vfio_token_entry *entry;
	struct vfio_token_error err;
	char place[320];
	int ret;

	ret = vfio_token_table_files_load(&err);
	if (ret != 0) {
		VFIO_TOKEN_LOG(ERR, OPTION ": %s", err.text);
		return ret;
	}
	TAILQ_FOREACH(entry, entries, next) {
		ret = entry_lines_check(entry, &err);
		if (ret == 0 && entry->has_bdf && entry->position > 0 && pci_enabled)
			ret = entry_device_check(entry, &err);
		if (ret != 0) {
			vfio_token_match_describe(&(struct vfio_token_match){ .entry = entry },
					place, sizeof(place));
			VFIO_TOKEN_LOG(ERR, OPTION " %s: %s", place, err.text);
			return ret;
		}
	}

	return 0;
}

int
eal_vfio_token_options_check(int pci_enabled)
{
	const struct vfio_token_entries *entries = vfio_token_table_lock();
	int ret = 0;

	if (!TAILQ_EMPTY(entries)) {
		ret = entries_check(entries, pci_enabled != 0);
		vfio_token_table_files_drop();
		if (ret == 0 && pci_enabled && !vfio_token_module_loaded("vfio"))
			VFIO_TOKEN_LOG(WARNING, OPTION ": VFIO is not loaded, so that no device "
					"can use a token: modprobe vfio-pci");
	}
	vfio_token_table_unlock();
	vfio_token_stack_wipe();

	return ret;
}

/* Is it the option's name, alone or before '=', possibly shortened? */
static bool
arg_is_option(const char *arg)
{
	size_t len = strcspn(arg, "=");

	return len >= OPTION_ABBREVIATION_MIN && len <= OPTION_LEN &&
			strncmp(arg, OPTION, len) == 0;
}

char *
eal_vfio_token_arg_dup(char *const argv[], int i)
{
	const char *value = NULL;
	struct vfio_token_error err;
	struct vfio_token_spec spec;
	char *copy;
	size_t keep;

	if (arg_is_option(argv[i]) && strchr(argv[i], '=') != NULL)
		value = strchr(argv[i], '=') + 1;
	else if (i > 0 && arg_is_option(argv[i - 1]) && strchr(argv[i - 1], '=') == NULL)
		value = argv[i];
	if (value == NULL)
		return strdup(argv[i]);

	vfio_token_spec_parse(value, &spec, &err);
	if (spec.source != RTE_VFIO_VF_TOKEN_SOURCE_NONE &&
			spec.source != RTE_VFIO_VF_TOKEN_SOURCE_UUID)
		return strdup(argv[i]);

	keep = spec.arg - argv[i];
	copy = malloc(keep + sizeof(REDACTED));
	if (copy == NULL)
		return NULL;
	memcpy(copy, argv[i], keep);
	memcpy(copy + keep, REDACTED, sizeof(REDACTED));

	return copy;
}
