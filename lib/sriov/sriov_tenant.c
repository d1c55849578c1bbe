/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Handing VFs out to users, and taking them back. */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_string_fns.h>
#include <rte_vfio_token.h>

#include "sriov_pf.h"

/* The most that a user can be given. */
#define MODE_MAX 0660

/* What the kernel gives the nodes at first. */
static const struct rte_sriov_owner owner_root = { .uid = 0, .gid = 0, .mode = 0600 };

/* ---- nodes ---- */

int
sriov_owner_get(const struct rte_sriov_function *fn, struct rte_sriov_owner *owner)
{
	const char *node = fn->node[0] != '\0' ? fn->node : fn->cdev;
	struct stat st;

	*owner = owner_root;
	if (node[0] == '\0')
		return -ENOENT;
	if (stat(node, &st) != 0)
		return -errno;
	owner->uid = st.st_uid;
	owner->gid = st.st_gid;
	owner->mode = st.st_mode & 07777;

	return 0;
}

static int
node_owner_set(const char *node, const struct rte_sriov_owner *owner)
{
	/* In this order, nobody has for a moment what he is to have neither before nor after. */
	if (chmod(node, 0) != 0 ||
			fchownat(AT_FDCWD, node, owner->uid, owner->gid,
			AT_SYMLINK_NOFOLLOW) != 0 ||
			chmod(node, owner->mode) != 0)
		return -errno;
	return 0;
}

static int
owner_set(const struct rte_sriov_function *fn, const struct rte_sriov_owner *owner,
		struct rte_sriov_error *error)
{
	const char *const nodes[] = { fn->node, fn->cdev };
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(nodes); i++) {
		if (nodes[i][0] == '\0')
			continue;
		ret = node_owner_set(nodes[i], owner);
		if (ret != 0)
			return sriov_fail(error, ret, fn->bdf, "run as root",
					"%s cannot be given to "
					"uid %u gid %u: %s", nodes[i], owner->uid, owner->gid,
					strerror(-ret));
	}

	return 0;
}

static bool
owner_equal(const struct rte_sriov_owner *a, const struct rte_sriov_owner *b)
{
	return a->uid == b->uid && a->gid == b->gid && a->mode == b->mode;
}

/* ---- tokens ---- */

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_token_get, 26.11)
int
rte_sriov_token_get(struct rte_sriov_pf *pf, uint16_t vf, rte_uuid_t token,
		struct rte_sriov_error *error)
{
	const bool own = (pf->features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0;
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret = -ENODEV;

	if (vf != RTE_SRIOV_VF_NONE) {
		/* Of a VF that was noted, the EAL sees whether it is there. */
		if (own && vf < pf->total_vfs && pf->vfs[vf].bdf[0] != '\0') {
			rte_strscpy(bdf, pf->vfs[vf].bdf, sizeof(bdf));
			ret = rte_vfio_vf_token_get(bdf, token);
		}
		if (ret == -ENODEV) {
			ret = sriov_vf_name(pf, vf, bdf, error);
			if (ret != 0)
				return ret;
			if (!own)
				goto of_pf;
			ret = rte_vfio_vf_token_get(bdf, token);
		}
		/* One that an earlier process has set is not the PF's. */
		if (ret == 0 || ret != -ENOENT)
			goto out;
		if (vfio_pf_vf_own_token_present(pf->bdf, vf))
			return sriov_fail(error, -ENOENT, bdf, "rotate it", "its own token was "
					"set by an earlier process, and only the kernel knows it");
	}
of_pf:
	ret = rte_vfio_vf_token_get(pf->bdf, token);
out:
	if (ret == -ENOENT)
		return sriov_fail(error, ret, pf->bdf, "rotate it", "no token was set, and "
				"only the kernel knows the one in force");
	if (ret != 0)
		return sriov_fail(error, ret, pf->bdf, NULL, "its token cannot be told: %s",
				strerror(-ret));
	return 0;
}

static int
token_set(const char *bdf, const rte_uuid_t token, struct rte_sriov_error *error)
{
	int ret = rte_vfio_vf_token_rotate(bdf, token);

	if (ret != 0)
		return sriov_fail(error, ret, bdf, "the log of the EAL says why",
				"its token cannot be replaced: %s", strerror(-ret));
	return 0;
}

/* Give the PF or a VF a token. */
static int
token_put(struct rte_sriov_pf *pf, uint16_t vf, const rte_uuid_t token,
		struct rte_sriov_error *error)
{
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret;

	if (token != NULL && rte_uuid_is_null(token))
		return sriov_fail(error, -EINVAL, pf->bdf, "give another, or none for a random one",
				"the token is all zero");
	if (vf == RTE_SRIOV_VF_NONE)
		return token_set(pf->bdf, token, error);
	ret = sriov_vf_name(pf, vf, bdf, error);
	if (ret != 0)
		return ret;
	if ((pf->features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) == 0)
		return sriov_fail(error, -ENOTSUP, bdf, "use kmod/vfio-pci, or rotate that of the "
				"PF", "this vfio-pci has one token for all VFs of a PF");

	return token_set(bdf, token, error);
}

static int
token_rotated(struct rte_sriov_pf *pf, uint16_t vf)
{
	if (vf != RTE_SRIOV_VF_NONE)
		pf->vfs[vf].tokens_rotated++;
	else
		pf->tokens_rotated++;
	sriov_event_tell(pf, RTE_SRIOV_EVENT_TOKEN_ROTATED, vf, NULL, NULL);

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_token_rotate, 26.11)
int
rte_sriov_token_rotate(struct rte_sriov_pf *pf, uint16_t vf, const rte_uuid_t token,
		struct rte_sriov_error *error)
{
	int ret = token_put(pf, vf, token, error);

	return ret != 0 ? ret : token_rotated(pf, vf);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_token_resume, 26.11)
int
rte_sriov_token_resume(struct rte_sriov_pf *pf, uint16_t vf, const rte_uuid_t token,
		struct rte_sriov_error *error)
{
	if (token == NULL)
		return sriov_fail(error, -EINVAL, pf->bdf, NULL, "no token is given");
	return token_put(pf, vf, token, error);
}

int
sriov_vf_token_rotate(struct rte_sriov_pf *pf, uint16_t vf, const struct rte_sriov_function *fn,
		const rte_uuid_t token, struct rte_sriov_error *error)
{
	int ret = token_set(fn->bdf, token, error);

	return ret != 0 ? ret : token_rotated(pf, vf);
}

/* Replace what the last user knows. */
static int
token_replace(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	bool own = (pf->features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0;

	return rte_sriov_token_rotate(pf, own ? vf : RTE_SRIOV_VF_NONE, NULL, error);
}

/* ---- handing out ---- */

#define PCI_CLASS_BRIDGE 0x06

/* A user of a group's node reaches all functions of the group. */
static int
group_check(const struct rte_sriov_function *fn, struct rte_sriov_error *error)
{
	char (*members)[RTE_SRIOV_BDF_SIZE];
	struct rte_sriov_function other;
	int count, i, ret = 0;

	if (fn->node[0] == '\0')
		return fn->cdev[0] != '\0' ? 0 : sriov_fail(error, -ENOENT, fn->bdf, "see that "
				"/dev/vfio is there, and that it is on vfio-pci",
				"it has no node in /dev/vfio");
	count = sriov_group_names(fn->group, &members);
	for (i = 0; i < count && ret == 0; i++)
		if (strcmp(members[i], fn->bdf) != 0 &&
				rte_sriov_function_get(members[i], &other, NULL) == 0 &&
				other.class_id >> 16 != PCI_CLASS_BRIDGE)
			ret = sriov_fail(error, -EXDEV, fn->bdf, "turn ACS on in the firmware, or "
					"use another slot", "its IOMMU group %d holds %s too, "
					"which its user could reach", fn->group, other.bdf);
	if (count >= 0)
		free(members);

	return ret;
}

static int
hand_out_check(const struct sriov_vf *place, const char *bdf, const struct rte_sriov_owner *owner,
		bool *done, struct rte_sriov_error *error)
{
	*done = false;
	if (owner != NULL && (owner->mode & ~MODE_MAX) != 0)
		return sriov_fail(error, -EINVAL, bdf, "give at most 0660",
				"mode %04o gives its "
				"node to everybody, or makes no sense for one",
				(unsigned int)owner->mode);
	if (place->reclaiming)
		return sriov_fail(error, -EBUSY, bdf, "take it back wholly first",
				"it was not taken back wholly from its last user");
	if (!place->handed_out)
		return 0;
	if (place->has_owner == (owner != NULL) &&
			(owner == NULL || owner_equal(owner, &place->owner))) {
		*done = true;
		return 0;
	}

	return sriov_fail(error, -EBUSY, bdf, "take it back first", "it is handed out to uid %u "
			"gid %u", place->owner.uid, place->owner.gid);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_hand_out, 26.11)
int
rte_sriov_vf_hand_out(struct rte_sriov_pf *pf, uint16_t vf, const struct rte_sriov_owner *owner,
		struct rte_sriov_error *error)
{
	struct rte_sriov_owner before;
	struct rte_sriov_function fn;
	struct sriov_vf *place;
	bool done;
	int ret;

	ret = sriov_vf_get(pf, vf, &fn, error);
	if (ret != 0)
		return ret;
	place = &pf->vfs[vf];
	ret = hand_out_check(place, fn.bdf, owner, &done, error);
	if (ret != 0 || done)
		return ret;
	ret = sriov_vf_capture(pf, vf, &fn, error);
	if (ret == 0)
		ret = group_check(&fn, error);
	/* Applies policy, too. */
	if (ret == 0)
		ret = sriov_vf_reset(pf, vf, &fn, error);
	if (ret == 0 && (pf->features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0)
		ret = sriov_vf_token_rotate(pf, vf, &fn, NULL, error);
	if (ret != 0)
		return ret;
	sriov_owner_get(&fn, &before);
	if (owner != NULL) {
		ret = owner_set(&fn, owner, error);
		if (ret != 0) {
			owner_set(&fn, &before, NULL);
			return ret;
		}
		place->owner = *owner;
		place->before = before;
	}
	place->has_owner = owner != NULL;
	place->handed_out = true;

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_hand_out_resume, 26.11)
int
rte_sriov_vf_hand_out_resume(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_owner *owner, const struct rte_sriov_owner *before,
		struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	struct sriov_vf *place;
	int ret;

	ret = sriov_vf_get(pf, vf, &fn, error);
	if (ret != 0)
		return ret;
	place = &pf->vfs[vf];
	place->handed_out = true;
	place->has_owner = owner != NULL;
	place->before = before != NULL ? *before : owner_root;
	if (owner != NULL)
		place->owner = *owner;

	return 0;
}

/* ---- taking back ---- */

void
sriov_vf_forget(struct sriov_vf *vf)
{
	if (vf->asked)
		sriov_write_leave(&vf->ask);
	vf->asked = false;
	vf->handed_out = false;
	vf->reclaiming = false;
	vf->has_owner = false;
	vf->nb_holders = 0;
	memset(&vf->fn, 0, sizeof(vf->fn));
	vf->tokens_rotated = 0;
	/* A new VF has what the device gives to new ones. */
	memset(&vf->applied, 0, sizeof(vf->applied));
}

int
sriov_vf_reclaim_finish(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	struct sriov_vf *place = &pf->vfs[vf];
	struct rte_sriov_function fn;
	int ret;

	ret = sriov_vf_get(pf, vf, &fn, error);
	if (ret == 0)
		ret = sriov_vf_capture(pf, vf, &fn, error);
	if (ret == 0 && fn.can_reset)
		ret = sriov_attr_write(fn.bdf, "reset", "1", pf->wait_ms, error);
	if (ret == 0)
		ret = rte_sriov_vf_policy_clear(pf, vf, error);
	if (ret != 0)
		return ret;
	place->handed_out = false;
	place->has_owner = false;
	place->reclaiming = false;

	return 0;
}

/* Keep the last user from opening it again: neither node nor token is his. */
static int
access_end(struct rte_sriov_pf *pf, uint16_t vf, const struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	struct sriov_vf *place = &pf->vfs[vf];
	int ret = 0;

	if (place->has_owner)
		ret = owner_set(fn, &place->before, error);
	/* Without a driver nobody can open it; it gets its token when it is captured. */
	return ret != 0 || !fn->on_vfio ? ret : token_replace(pf, vf, error);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_reclaim, 26.11)
int
rte_sriov_vf_reclaim(struct rte_sriov_pf *pf, uint16_t vf, uint32_t wait_ms, uint32_t flags,
		struct rte_sriov_error *error)
{
	int64_t end_ms = sriov_now_ms() + wait_ms;
	struct rte_sriov_function fn;
	bool on_vfio;
	int ret;

	if ((flags & ~RTE_SRIOV_FLAG_FORCE) != 0)
		return sriov_fail(error, -EINVAL, pf->bdf, NULL, "unknown flags %#x", flags);
	ret = sriov_vf_get(pf, vf, &fn, error);
	if (ret == 0 && wait_ms == 0 && flags == 0 && !pf->vfs[vf].reclaiming)
		ret = sriov_held_check(&fn, error);
	if (ret != 0)
		return ret;
	on_vfio = fn.on_vfio;
	pf->vfs[vf].reclaiming = true;
	ret = access_end(pf, vf, &fn, error);
	if (ret == 0)
		ret = sriov_vf_wait(pf, vf, end_ms, flags, error);
	if (ret == 0)
		ret = sriov_vf_reclaim_finish(pf, vf, error);
	/* It was on no driver: only now is there a token to be replaced. */
	if (ret == 0 && !on_vfio)
		ret = token_replace(pf, vf, error);

	return ret;
}
