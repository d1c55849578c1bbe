/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_string_fns.h>

#include "eal_vfio_pf.h"
#include "eal_vfio_token_table.h"

int
vfio_token_bdf_argument(const char *bdf, struct vfio_token_bdf *out)
{
	if (bdf == NULL || vfio_token_bdf_parse(bdf, strlen(bdf), out) != 0) {
		/* Not shown: with the arguments swapped it is a token. */
		VFIO_TOKEN_LOG(ERR, "VF token: the device is not given as a PCI address: write "
				"DDDD:BB:DD.F, for example 0000:01:00.0");
		return -EINVAL;
	}
	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_vf_token_set, 26.11)
int
rte_vfio_vf_token_set(const char *bdf, const char *source)
{
	struct vfio_token_entry *entry;
	struct vfio_token_bdf device;
	struct vfio_token_error err;
	struct vfio_token_spec spec;
	int ret;

	if (bdf != NULL && vfio_token_bdf_argument(bdf, &device) != 0)
		return -EINVAL;
	if (source == NULL)
		return -EINVAL;
	ret = vfio_token_spec_parse(source, &spec, &err);
	if (ret == 0 && spec.has_bdf)
		ret = vfio_token_fail(&err, -EINVAL, "the source has a BDF= of its own");
	if (ret == 0) {
		spec.has_bdf = bdf != NULL;
		if (bdf != NULL)
			spec.bdf = device;
		ret = vfio_token_entry_make(&spec, 0, &entry, &err);
	}
	if (ret == 0) {
		vfio_token_table_lock();
		ret = vfio_token_table_add(entry, &err);
		vfio_token_table_unlock();
	}
	vfio_token_stack_wipe();
	if (ret != 0)
		VFIO_TOKEN_LOG(ERR, "%s: cannot set the VF token: %s",
				bdf != NULL ? bdf : "default", err.text);

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_vf_token_clear, 26.11)
int
rte_vfio_vf_token_clear(const char *bdf)
{
	struct vfio_token_bdf device;
	int ret;

	if (bdf != NULL && vfio_token_bdf_argument(bdf, &device) != 0)
		return -EINVAL;
	vfio_token_table_lock();
	ret = vfio_token_table_remove(bdf != NULL, &device);
	vfio_token_table_unlock();

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_vf_token_query, 26.11)
int
rte_vfio_vf_token_query(const char *bdf, struct rte_vfio_vf_token_info *info)
{
	struct vfio_token_choice choice;
	struct vfio_token_function fn;
	struct vfio_token_bdf device;
	struct vfio_token_error err;
	int ret;

	if (info == NULL || vfio_token_bdf_argument(bdf, &device) != 0)
		return -EINVAL;
	ret = vfio_token_function_read(vfio_token_paths.pci_devices, &device, &fn);
	if (ret != 0)
		return ret;
	ret = vfio_token_table_choose(&fn, false, &choice, &err);
	if (ret != 0) {
		VFIO_TOKEN_LOG(ERR, "%s: %s", fn.name, err.text);
	} else {
		memset(info, 0, sizeof(*info));
		info->role = fn.role;
		info->source = choice.source;
		rte_strscpy(info->pf, fn.pf_name, sizeof(info->pf));
		if (choice.has_entry_bdf && choice.source != RTE_VFIO_VF_TOKEN_SOURCE_NONE)
			vfio_token_bdf_format(&choice.entry_bdf, info->entry);
	}
	explicit_bzero(&choice, sizeof(choice));
	vfio_token_stack_wipe();

	return ret;
}

/* With the records' lock held: the record of a PF that is open here, or NULL. */
static struct vfio_token_record *
pf_record_get(const struct vfio_token_bdf *pf)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_record *record;

	vfio_token_bdf_format(pf, name);
	record = vfio_token_record_get(name, false);
	if (record == NULL || record->dev_fd < 0 || record->role != RTE_VFIO_VF_TOKEN_ROLE_PF)
		return NULL;

	return record;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_vf_token_get, 26.11)
int
rte_vfio_vf_token_get(const char *bdf, rte_uuid_t token)
{
	const struct vfio_token_record *record;
	struct vfio_token_bdf device;
	int ret = 0;

	if (token == NULL || vfio_token_bdf_argument(bdf, &device) != 0)
		return -EINVAL;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -E_RTE_SECONDARY;
	vfio_token_records_lock();
	record = pf_record_get(&device);
	if (record == NULL)
		ret = -ENODEV;
	else if (!record->has_token)
		ret = -ENOENT;
	else
		rte_uuid_copy(token, record->token);
	vfio_token_records_unlock();
	if (ret == -ENODEV)
		ret = vfio_pf_own_token_get(&device, token);
	vfio_token_stack_wipe();

	return ret;
}

/* Is it the PF itself or one of its VFs? */
static bool
function_of_pf(const struct vfio_token_bdf *bdf, const struct vfio_token_bdf *pf)
{
	struct vfio_token_function fn;

	return vfio_token_function_read(vfio_token_paths.pci_devices, bdf, &fn) == 0 &&
			fn.has_pf && vfio_token_bdf_equal(&fn.pf, pf);
}

/* The lines of a descriptor, which was read once, hold tokens as entries do. */
static void
lines_follow(struct vfio_token_content *content, const struct vfio_token_bdf *pf,
		const rte_uuid_t old, const rte_uuid_t token)
{
	unsigned int i;

	for (i = 0; i < content->nb_lines; i++)
		if (rte_uuid_compare(content->lines[i].token, old) == 0 &&
				!content->single && function_of_pf(&content->lines[i].bdf, pf))
			rte_uuid_copy(content->lines[i].token, token);
}

/* With the table's lock held: let what holds the old token for the PF's VFs follow a rotation. */
static void
vf_entries_follow(struct vfio_token_entries *entries, const struct vfio_token_bdf *pf,
		const rte_uuid_t old, const rte_uuid_t token)
{
	struct vfio_token_entry *entry;

	TAILQ_FOREACH(entry, entries, next) {
		if (entry->content != NULL)
			lines_follow(entry->content, pf, old, token);
		if (!entry->has_bdf || (entry->source != RTE_VFIO_VF_TOKEN_SOURCE_UUID &&
				entry->source != RTE_VFIO_VF_TOKEN_SOURCE_ENV) ||
				rte_uuid_compare(entry->token, old) != 0 ||
				vfio_pf_own_token_is(entry))
			continue;
		if (function_of_pf(&entry->bdf, pf))
			rte_uuid_copy(entry->token, token);
	}
}

/*
 * Set the kernel's token of a PF and ours, the table locked throughout, so that no open of this
 * process falls between the two. Takes over @p entry on success.
 */
static int
pf_rotate_locked(struct vfio_token_entries *entries, struct vfio_token_entry *entry,
		struct vfio_token_error *why)
{
	struct vfio_token_record *record;
	rte_uuid_t old = { 0 };
	int ret = -ENODEV;

	vfio_token_records_lock();
	record = pf_record_get(&entry->bdf);
	if (record != NULL)
		ret = vfio_pf_token_set(record->dev_fd, entry->token);
	if (ret == 0) {
		if (record->has_token)
			rte_uuid_copy(old, record->token);
		rte_uuid_copy(record->token, entry->token);
		record->has_token = true;
		if (record->has_random)
			rte_uuid_copy(record->random, entry->token);
		record->source = RTE_VFIO_VF_TOKEN_SOURCE_UUID;
		rte_strscpy(record->origin, "rte_vfio_vf_token_rotate()", sizeof(record->origin));
	}
	vfio_token_records_unlock();
	if (record == NULL)
		return vfio_token_fail(why, ret, "this process does not hold it open as a PF");
	if (ret != 0)
		return vfio_token_fail(why, ret, "the kernel does not take it");
	if (!rte_uuid_is_null(old))
		vf_entries_follow(entries, &entry->bdf, old, entry->token);
	explicit_bzero(old, sizeof(old));

	/* An entry of the application's replaces, and so cannot fail. */
	return vfio_token_table_add(entry, why);
}

/* Is it a VF, as sysfs tells now? */
static bool
function_is_vf(const struct vfio_token_bdf *bdf)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE], pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_bdf pf;

	vfio_token_bdf_format(bdf, name);
	return vfio_token_pf_of(vfio_token_paths.pci_devices, name, pf_name, &pf) == 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_vf_token_rotate, 26.11)
int
rte_vfio_vf_token_rotate(const char *bdf, const rte_uuid_t token)
{
	struct vfio_token_spec spec = { .has_bdf = true,
		.source = RTE_VFIO_VF_TOKEN_SOURCE_RANDOM, .arg = "" };
	struct vfio_token_entries *entries;
	struct vfio_token_entry *entry;
	struct vfio_token_error why;
	int ret;

	if (vfio_token_bdf_argument(bdf, &spec.bdf) != 0 ||
			(token != NULL && rte_uuid_is_null(token)))
		return -EINVAL;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -E_RTE_SECONDARY;
	ret = vfio_token_entry_make(&spec, 0, &entry, &why);
	if (ret != 0)
		return ret;
	entry->source = RTE_VFIO_VF_TOKEN_SOURCE_UUID;
	if (token != NULL)
		rte_uuid_copy(entry->token, token);
	else
		ret = vfio_token_random(entry->token);
	if (ret != 0) {
		vfio_token_fail(&why, ret, "no random token");
	} else {
		entries = vfio_token_table_lock();
		ret = function_is_vf(&spec.bdf) ? vfio_pf_own_token_rotate(entry, &why) :
				pf_rotate_locked(entries, entry, &why);
		vfio_token_table_unlock();
	}
	if (ret != 0) {
		vfio_token_entry_free(entry);
		VFIO_TOKEN_LOG(ERR, "%s: cannot rotate the VF token: %s (%d): %s", bdf,
				strerror(-ret), -ret, why.text);
	}
	vfio_token_stack_wipe();

	return ret;
}
