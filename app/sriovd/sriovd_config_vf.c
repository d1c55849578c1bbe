/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* All that holds for one VF. */

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

#include <rte_string_fns.h>

#include "sriovd_config_lines.h"

struct sriovd_vf_conf *
sriovd_vf_section(const struct sriovd_pf_conf *pf, uint16_t index)
{
	unsigned int i;

	for (i = 0; i < pf->nb_vf; i++)
		if (pf->vf[i].index == index)
			return &pf->vf[i];

	return NULL;
}

static int
vf_conf_merge(struct sriovd_vf_conf *vf, const struct sriovd_vf_conf *from)
{
	int ret = 0;

	rte_sriov_policy_merge(&vf->policy, &from->policy);
	if ((from->set & SRIOVD_VF_GRANT) != 0) {
		sriovd_grants_free(&vf->grants);
		ret = sriovd_grants_copy(&vf->grants, &from->grants);
	}
	if ((from->set & SRIOVD_VF_ONCE) != 0)
		vf->once = from->once;
	if ((from->set & SRIOVD_VF_OWNER) != 0) {
		vf->owner.uid = from->owner.uid;
		vf->owner.gid = from->owner.gid;
	}
	if ((from->set & SRIOVD_VF_MODE) != 0)
		vf->owner.mode = from->owner.mode;
	if ((from->set & SRIOVD_VF_SOCKET) != 0)
		strlcpy(vf->socket, from->socket, sizeof(vf->socket));
	vf->set |= from->set;

	return ret;
}

/* "{vf}" in the path of a socket stands for the VF's index. */
static void
socket_expand(char socket[SRIOVD_SOCKET_SIZE], uint16_t index)
{
	char path[SRIOVD_SOCKET_SIZE], *at = strstr(socket, "{vf}");

	if (at == NULL)
		return;
	snprintf(path, sizeof(path), "%.*s%u%s", (int)(at - socket), socket, index, at + 4);
	strlcpy(socket, path, SRIOVD_SOCKET_SIZE);
}

/* The user's own group, or group 0 for one who has no entry. */
static gid_t
primary_gid(uid_t uid)
{
	struct passwd pw, *found = NULL;
	char buf[4096];

	if (getpwuid_r(uid, &pw, buf, sizeof(buf), &found) != 0 || found == NULL)
		return 0;

	return found->pw_gid;
}

/* Without "owner", the node goes to the first user or group that a grant names. */
static void
owner_derive(struct sriovd_vf_conf *vf)
{
	const struct sriovd_grant *grant;
	unsigned int i;

	if ((vf->set & SRIOVD_VF_OWNER) != 0)
		return;
	for (i = 0; i < vf->grants.nb; i++) {
		grant = &vf->grants.grant[i];
		if (grant->type == SRIOVD_GRANT_UNIT)
			continue;
		if (grant->type == SRIOVD_GRANT_UID || grant->type == SRIOVD_GRANT_USER) {
			vf->owner.uid = grant->id;
			vf->owner.gid = primary_gid(grant->id);
			if ((vf->set & SRIOVD_VF_MODE) == 0)
				vf->owner.mode = 0600;
		} else {
			vf->owner.uid = 0;
			vf->owner.gid = grant->id;
		}
		return;
	}
}

int
sriovd_config_vf(const struct sriovd_pf_conf *pf, uint16_t index, struct sriovd_vf_conf *vf)
{
	const struct sriovd_vf_conf *all = sriovd_vf_section(pf, SRIOVD_VF_ALL);
	const struct sriovd_vf_conf *own = sriovd_vf_section(pf, index);
	unsigned int i;

	memset(vf, 0, sizeof(*vf));
	vf->index = index;
	vf->owner.uid = -1;
	vf->owner.gid = -1;
	vf->owner.mode = 0660;
	if ((all != NULL && vf_conf_merge(vf, all) != 0) ||
			(own != NULL && vf_conf_merge(vf, own) != 0)) {
		sriovd_vf_conf_clear(vf);
		return -ENOMEM;
	}
	for (i = 0; i < vf->grants.nb; i++)
		vf->grants.grant[i].once = vf->once;
	socket_expand(vf->socket, index);
	owner_derive(vf);

	return 0;
}

void
sriovd_vf_conf_clear(struct sriovd_vf_conf *vf)
{
	sriovd_grants_free(&vf->grants);
}

bool
sriovd_vf_conf_has_owner(const struct sriovd_vf_conf *vf)
{
	return vf->owner.uid != (uid_t)-1;
}

bool
sriovd_vf_conf_handed_out(const struct sriovd_vf_conf *vf)
{
	return vf->grants.nb > 0 || sriovd_vf_conf_has_owner(vf);
}
