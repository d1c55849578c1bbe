/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What differs between two configurations. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_config.h"
#include "sriovd_policy.h"

static const struct sriovd_config nothing;

__rte_format_printf(5, 6)
static int
change_add(struct sriovd_changes *changes, enum sriovd_change_type type, const char *pf,
		uint16_t vf, const char *fmt, ...)
{
	struct sriovd_change *change;
	va_list ap;

	change = realloc(changes->change, (changes->nb + 1) * sizeof(*change));
	if (change == NULL)
		return -ENOMEM;
	changes->change = change;
	change += changes->nb++;
	change->type = type;
	strlcpy(change->pf, pf, sizeof(change->pf));
	change->vf = vf;
	va_start(ap, fmt);
	vsnprintf(change->text, sizeof(change->text), fmt, ap);
	va_end(ap);

	return 0;
}

/* ---- [daemon] ---- */

static int
daemon_text_diff(const char *key, const char *from, const char *to, struct sriovd_changes *changes)
{
	if (strcmp(from, to) == 0)
		return 0;
	return change_add(changes, SRIOVD_CHANGE_RESTART, "", 0,
			"%s: counts when dpdk-sriovd is restarted", key);
}

static int
daemon_diff(const struct sriovd_config *from, const struct sriovd_config *to,
		struct sriovd_changes *changes)
{
	int ret = 0;

	if (from == &nothing)
		return 0;
	ret |= daemon_text_diff("runtime_dir", from->runtime_dir, to->runtime_dir, changes);
	ret |= daemon_text_diff("state_dir", from->state_dir, to->state_dir, changes);
	ret |= daemon_text_diff("control_socket", from->control_socket, to->control_socket,
			changes);
	ret |= daemon_text_diff("token_socket", from->token_socket, to->token_socket, changes);
	ret |= daemon_text_diff("eal_args", from->eal_args, to->eal_args, changes);
	if (from->memory_mb != to->memory_mb || from->hugepages != to->hugepages)
		ret |= daemon_text_diff("memory_mb, hugepages", "", "-", changes);
	if (from->admin_gid != to->admin_gid)
		ret |= change_add(changes, SRIOVD_CHANGE_DAEMON, "", 0, "admin_group: \"%s\"",
				to->admin_group);
	if (from->token_gid != to->token_gid || from->token_mode != to->token_mode)
		ret |= change_add(changes, SRIOVD_CHANGE_DAEMON, "", 0,
				"the token socket's group and mode, %#o", to->token_mode);
	if (from->restore_on_exit != to->restore_on_exit)
		ret |= change_add(changes, SRIOVD_CHANGE_DAEMON, "", 0, "restore_on_exit: %s",
				to->restore_on_exit ? "yes" : "no");

	return ret == 0 ? 0 : -ENOMEM;
}

/* ---- [vf] ---- */

static bool
grants_equal(const struct sriovd_grants *a, const struct sriovd_grants *b)
{
	unsigned int i;

	if (a->nb != b->nb)
		return false;
	for (i = 0; i < a->nb; i++)
		if (!sriovd_grant_equal(&a->grant[i], &b->grant[i]))
			return false;

	return true;
}

static int
vf_grants_diff(const char *pf, const struct sriovd_vf_conf *from, const struct sriovd_vf_conf *to,
		struct sriovd_changes *changes)
{
	if (grants_equal(&from->grants, &to->grants) && from->owner.uid == to->owner.uid &&
			from->owner.gid == to->owner.gid && from->owner.mode == to->owner.mode)
		return 0;
	if (!sriovd_vf_conf_handed_out(to))
		return change_add(changes, SRIOVD_CHANGE_VF_GRANTS, pf, to->index,
				"VF %u: taken back from its user", to->index);

	return change_add(changes, SRIOVD_CHANGE_VF_GRANTS, pf, to->index,
			"VF %u: granted %u times, its node owned by %d:%d with mode %#o",
			to->index, to->grants.nb, (int)to->owner.uid, (int)to->owner.gid,
			to->owner.mode);
}

static int
vf_diff(const struct sriovd_pf_conf *from_pf, const struct sriovd_pf_conf *to_pf, uint16_t index,
		struct sriovd_changes *changes)
{
	struct sriovd_vf_conf from, to;
	char names[128];
	uint32_t differ;
	int ret;

	if (sriovd_config_vf(from_pf, index, &from) != 0)
		return -ENOMEM;
	if (sriovd_config_vf(to_pf, index, &to) != 0) {
		sriovd_vf_conf_clear(&from);
		return -ENOMEM;
	}
	/* Policy first: a new user is to find it as it will be. */
	ret = 0;
	differ = rte_sriov_policy_diff(&from.policy, &to.policy);
	sriovd_policy_names(differ, names, sizeof(names));
	if (differ != 0)
		ret |= change_add(changes, SRIOVD_CHANGE_VF_POLICY, to_pf->bdf, index,
				"VF %u: %s", index, names);
	ret |= vf_grants_diff(to_pf->bdf, &from, &to, changes);
	if (strcmp(from.socket, to.socket) != 0)
		ret |= change_add(changes, SRIOVD_CHANGE_VF_SOCKET, to_pf->bdf, index,
				"VF %u: token socket %s", index,
				to.socket[0] != '\0' ? to.socket : "removed");
	sriovd_vf_conf_clear(&from);
	sriovd_vf_conf_clear(&to);

	return ret == 0 ? 0 : -ENOMEM;
}

/* ---- [pf] ---- */

static int
pf_diff(const struct sriovd_pf_conf *from, const struct sriovd_pf_conf *to,
		struct sriovd_changes *changes)
{
	uint16_t i;
	int ret = 0;

	if (strcmp(from->driver, to->driver) != 0 || from->pmd != to->pmd ||
			strcmp(from->devargs, to->devargs) != 0)
		ret |= change_add(changes, SRIOVD_CHANGE_PF_REOPEN, to->bdf, 0,
				"driver, pmd, devargs: count when the PF is opened again "
				"(dpdk-sriovctl down --release, then up)");
	if (from->restore_on_exit != to->restore_on_exit)
		ret |= change_add(changes, SRIOVD_CHANGE_DAEMON, to->bdf, 0, "restore_on_exit: %s",
				to->restore_on_exit ? "yes" : "no");
	if (strcmp(from->token, to->token) != 0)
		ret |= change_add(changes, SRIOVD_CHANGE_PF_TOKEN, to->bdf, 0,
				"a new token from %s", strncmp(to->token, "file:", 5) == 0 ?
				"its file" : "the random generator");
	if (from->vfs != to->vfs)
		ret |= change_add(changes, SRIOVD_CHANGE_PF_VFS, to->bdf, 0, "%u VFs become %u",
				from->vfs, to->vfs);
	/* Those of other VFs come and go with them. */
	for (i = 0; i < RTE_MIN(from->vfs, to->vfs) && ret == 0; i++)
		ret = vf_diff(from, to, i, changes);

	return ret == 0 ? 0 : -ENOMEM;
}

int
sriovd_config_diff(const struct sriovd_config *from, const struct sriovd_config *to,
		struct sriovd_changes *changes)
{
	const struct sriovd_pf_conf *pf, *old;
	unsigned int i;
	int ret;

	memset(changes, 0, sizeof(*changes));
	if (from == NULL)
		from = &nothing;
	ret = daemon_diff(from, to, changes);
	for (i = 0; i < from->nb_pf && ret == 0; i++) {
		pf = &from->pf[i];
		if (sriovd_config_pf(to, pf->bdf) == NULL)
			ret = change_add(changes, SRIOVD_CHANGE_PF_REMOVE, pf->bdf, 0,
					"released: its VFs are removed");
	}
	for (i = 0; i < to->nb_pf && ret == 0; i++) {
		pf = &to->pf[i];
		if (sriovd_config_pf(from, pf->bdf) == NULL)
			ret = change_add(changes, SRIOVD_CHANGE_PF_ADD, pf->bdf, 0,
					"opened, with %u VFs", pf->vfs);
	}
	for (i = 0; i < to->nb_pf && ret == 0; i++) {
		pf = &to->pf[i];
		old = sriovd_config_pf(from, pf->bdf);
		if (old != NULL)
			ret = pf_diff(old, pf, changes);
	}
	if (ret != 0)
		sriovd_changes_free(changes);

	return ret;
}

void
sriovd_changes_free(struct sriovd_changes *changes)
{
	free(changes->change);
	memset(changes, 0, sizeof(*changes));
}
