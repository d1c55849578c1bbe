/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* VFs: making them, waiting for their holders, removing them. */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include <rte_vfio_token.h>

#include "sriov_pf.h"

/* How often is looked whether a holder has left. */
#define HOLDER_POLL_MS 50

/* What the kernel may take for each VF that it makes, beside the usual wait. */
#define MAKE_MS_PER_VF 1000

int
sriov_vf_name(struct rte_sriov_pf *pf, uint16_t vf, char bdf[RTE_SRIOV_BDF_SIZE],
		struct rte_sriov_error *error)
{
	if (vf >= pf->total_vfs)
		return sriov_fail(error, -ENODEV, pf->bdf, "correct the index", "it has no VF %u: "
				"it can have %u", vf, pf->total_vfs);
	if (vfio_pf_vf_name(pf->bdf, vf, bdf) != 0)
		return sriov_fail(error, -ENODEV, pf->bdf, "make more VFs, or correct the index",
				"it has no VF %u now", vf);

	return 0;
}

/* A VF whose address is known. */
static int
vf_read(struct rte_sriov_pf *pf, uint16_t vf, const char *bdf, struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	struct rte_sriov_function *known = &pf->vfs[vf].fn;
	int ret;

	if (strcmp(known->bdf, bdf) == 0)
		ret = sriov_function_refresh(known, error);
	else
		ret = sriov_function_of_pf(pf->bdf, vf, bdf, pf->vf_like.bdf[0] != '\0' ?
				&pf->vf_like : NULL, known, error);
	if (ret != 0)
		memset(known, 0, sizeof(*known));
	else if (pf->vf_like.bdf[0] == '\0')
		pf->vf_like = *known;
	*fn = *known;

	return ret;
}

int
sriov_vf_get(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	char bdf[RTE_SRIOV_BDF_SIZE];
	int ret;

	memset(fn, 0, sizeof(*fn));
	ret = sriov_vf_name(pf, vf, bdf, error);

	return ret != 0 ? ret : vf_read(pf, vf, bdf, fn, error);
}

static bool
place_changed(const struct rte_sriov_pf *pf, unsigned int vf)
{
	char bdf[RTE_SRIOV_BDF_SIZE];

	if (vf >= pf->total_vfs)
		return false;
	if (vfio_pf_vf_name(pf->bdf, vf, bdf) != 0)
		bdf[0] = '\0';

	return strcmp(bdf, pf->vfs[vf].bdf) != 0;
}

bool
sriov_vfs_changed(const struct rte_sriov_pf *pf)
{
	/* They come and go in the order of their indices, all of them. */
	return place_changed(pf, 0) || place_changed(pf, pf->num_noted) ||
			(pf->num_noted > 1 && place_changed(pf, pf->num_noted - 1));
}

void
sriov_vfs_noted(struct rte_sriov_pf *pf)
{
	uint16_t i;

	pf->num_noted = 0;
	for (i = 0; i < pf->total_vfs; i++)
		if (pf->vfs[i].bdf[0] != '\0')
			pf->num_noted = i + 1;
}

bool
sriov_vf_note(struct rte_sriov_pf *pf, uint16_t vf, bool tell)
{
	struct sriov_vf *place = &pf->vfs[vf];
	char bdf[RTE_SRIOV_BDF_SIZE];

	if (vfio_pf_vf_name(pf->bdf, vf, bdf) != 0)
		bdf[0] = '\0';
	if (strcmp(bdf, place->bdf) == 0)
		return false;
	if (place->bdf[0] != '\0') {
		if (tell)
			sriov_event_tell(pf, RTE_SRIOV_EVENT_VF_REMOVED, vf, NULL, NULL);
		sriov_vf_forget(place);
	}
	rte_strscpy(place->bdf, bdf, sizeof(place->bdf));
	if (bdf[0] != '\0' && tell)
		sriov_event_tell(pf, RTE_SRIOV_EVENT_VF_ADDED, vf, NULL, NULL);

	return bdf[0] != '\0';
}

/* ---- holders ---- */

/* Have the kernel ask the holder of a VF to let it go, by taking the VF from its driver. */
static int
vf_ask(struct sriov_vf *place, const struct rte_sriov_function *fn, struct rte_sriov_error *error)
{
	char path[4096];
	int ret;

	if (place->asked)
		return 0;
	sriov_attr_path(fn->bdf, "driver/unbind", path, sizeof(path));
	ret = sriov_kernel.write_start(&place->ask, path, fn->bdf);
	if (ret != 0)
		return sriov_fail(error, ret, fn->bdf, NULL, "cannot start a process that asks its "
				"holder: %s", strerror(-ret));
	place->asked = true;

	return 0;
}

/* Has the kernel done with a VF that was asked for? Else -ETIMEDOUT, or why it could not. */
static int
vf_ask_end(struct sriov_vf *place, uint32_t wait_ms)
{
	int ret;

	if (!place->asked)
		return 0;
	ret = sriov_kernel.write_wait(&place->ask, wait_ms);
	if (ret != -ETIMEDOUT)
		place->asked = false;

	return ret;
}

/* One look. 0 if nobody holds it. */
static int
vf_free_check(struct rte_sriov_pf *pf, uint16_t vf, uint32_t flags, struct rte_sriov_error *error)
{
	struct sriov_vf *place = &pf->vfs[vf];
	struct rte_sriov_function fn;
	int ret, ask;

	ask = vf_ask_end(place, 0);
	if (ask == -ETIMEDOUT)
		sriov_fail(error, -EBUSY, place->bdf, "have it closed there",
				"its holder has not let "
				"it go");
	else if (ask != 0)
		return sriov_fail(error, ask, place->bdf, sriov_write_remedy(-ask), "its holder "
				"cannot be asked: taking it from its driver: %s", strerror(-ask));
	ret = sriov_vf_get(pf, vf, &fn, error);
	/* While the kernel waits for a holder, its name may be all that is left of it to see. */
	if (ret == 0)
		ret = sriov_held_check(&fn, error);
	if (ask == -ETIMEDOUT)
		return -EBUSY;
	if (ret == -EBUSY && (flags & RTE_SRIOV_FLAG_FORCE) != 0) {
		ask = vf_ask(place, &fn, error);
		if (ask != 0)
			return ask;
	}

	return ret;
}

int
sriov_vf_wait(struct rte_sriov_pf *pf, uint16_t vf, int64_t end_ms, uint32_t flags,
		struct rte_sriov_error *error)
{
	int ret;

	for (;;) {
		ret = vf_free_check(pf, vf, flags, error);
		if (ret != -EBUSY || sriov_now_ms() >= end_ms)
			return ret;
		usleep(HOLDER_POLL_MS * 1000);
	}
}

/* Wait for all VFs together: each one's holder is asked at the start. */
static int
vfs_wait(struct rte_sriov_pf *pf, uint32_t wait_ms, uint32_t flags, struct rte_sriov_error *error)
{
	int64_t end_ms = sriov_now_ms() + wait_ms;
	struct rte_sriov_error first = { .err = 0 }, one;
	unsigned int held;
	size_t len;
	uint16_t i;
	int ret;

	do {
		held = 0;
		for (i = 0; i < pf->total_vfs; i++) {
			if (pf->vfs[i].bdf[0] == '\0')
				continue;
			ret = vf_free_check(pf, i, flags, &one);
			if (ret == -ENODEV)
				continue;
			if (ret != 0 && ret != -EBUSY) {
				if (error != NULL)
					*error = one;
				return ret;
			}
			if (ret != 0 && held++ == 0)
				first = one;
		}
		if (held == 0)
			return 0;
		if (sriov_now_ms() >= end_ms)
			break;
		usleep(HOLDER_POLL_MS * 1000);
	} while (true);

	if (held > 1) {
		len = strlen(first.text);
		snprintf(first.text + len, sizeof(first.text) - len,
				"; %u more of the PF's VFs are held", held - 1);
	}
	if (error != NULL)
		*error = first;

	return -EBUSY;
}

/* ---- the number ---- */

static int
number_explain(struct rte_sriov_pf *pf, int ret, uint16_t num_vfs, struct rte_sriov_error *error)
{
	switch (-ret) {
	case 0:
		return 0;
	case ENOENT:
		return sriov_fail(error, ret, pf->bdf, "echo Y > "
				"/sys/module/vfio_pci/parameters/enable_sriov",
				"vfio-pci makes VFs "
				"only with its parameter enable_sriov");
	case EBUSY:
		return sriov_fail(error, ret, pf->bdf, "dmesg names it; have it closed",
				"its number of VFs cannot become %u: a VF is in use", num_vfs);
	case EAGAIN:
		return sriov_fail(error, ret, pf->bdf, "try again", "another task is binding or "
				"resetting it, or is changing its VFs");
	default:
		return sriov_fail(error, ret, pf->bdf, sriov_write_remedy(-ret) != NULL ?
				sriov_write_remedy(-ret) : "see dmesg",
				"its number of VFs cannot become %u: %s", num_vfs, strerror(-ret));
	}
}

static int
number_write(struct rte_sriov_pf *pf, uint16_t num_vfs, struct rte_sriov_error *error)
{
	int64_t end_ms = sriov_now_ms() + pf->wait_ms;
	struct rte_sriov_error why = { .err = 0 };
	char text[16];
	int ret;

	/* The kernel refuses by itself there, and does not wait for a VF's user. */
	if (pf->open && (pf->features & RTE_VFIO_PF_FEATURE_NUM_VFS) != 0) {
		while ((ret = rte_vfio_pf_num_vfs_set(pf->bdf, num_vfs)) == -EAGAIN &&
				sriov_now_ms() < end_ms)
			usleep(HOLDER_POLL_MS * 1000);
		return number_explain(pf, ret, num_vfs, error);
	}
	snprintf(text, sizeof(text), "%u", num_vfs);
	ret = sriov_attr_write(pf->bdf, "sriov_numvfs", text,
			pf->wait_ms + num_vfs * MAKE_MS_PER_VF, &why);
	if (ret == 0)
		vfio_pf_own_tokens_forget(pf->bdf);
	if (ret != -ETIMEDOUT)
		return number_explain(pf, ret, num_vfs, error);
	if (error != NULL)
		*error = why;

	return ret;
}

static int
number_check(struct rte_sriov_pf *pf, const struct rte_sriov_function *fn, uint16_t num_vfs,
		uint32_t flags, struct rte_sriov_error *error)
{
	if ((flags & ~RTE_SRIOV_FLAG_FORCE) != 0)
		return sriov_fail(error, -EINVAL, pf->bdf, NULL, "unknown flags %#x", flags);
	if (num_vfs > fn->total_vfs)
		return sriov_fail(error, -ERANGE, pf->bdf, "ask for fewer",
				"it can have %u VFs, not %u", fn->total_vfs, num_vfs);
	if (num_vfs != 0 && fn->num_vfs != 0 && num_vfs != fn->num_vfs)
		return sriov_fail(error, -EBUSY, pf->bdf, "remove its VFs first",
				"it has %u VFs, whose number cannot be changed", fn->num_vfs);
	if (num_vfs != 0 && !fn->on_vfio)
		return sriov_fail(error, -ENODEV, pf->bdf, "bind it to vfio-pci first",
				"it is on %s%s, so that no vfio-pci would make its VFs",
				fn->driver[0] != '\0' ? "driver " : "no driver", fn->driver);

	return 0;
}

static int
vfs_prepare(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	struct rte_sriov_error one;
	int first = 0, ret;
	uint16_t i;

	for (i = 0; i < pf->total_vfs; i++) {
		if (!sriov_vf_note(pf, i, true))
			continue;
		ret = sriov_vf_prepare(pf, i, &one);
		if (ret != 0 && first == 0) {
			first = ret;
			if (error != NULL)
				*error = one;
		}
	}
	sriov_vfs_noted(pf);

	return first;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_num_vfs_set, 26.11)
int
rte_sriov_pf_num_vfs_set(struct rte_sriov_pf *pf, uint16_t num_vfs, uint32_t wait_ms,
		uint32_t flags, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	uint16_t i;
	int ret;

	ret = rte_sriov_function_get(pf->bdf, &fn, error);
	if (ret == 0)
		ret = number_check(pf, &fn, num_vfs, flags, error);
	if (ret != 0 || fn.num_vfs == num_vfs)
		return ret;
	if (num_vfs == 0) {
		/* Others may have made some. */
		for (i = 0; i < pf->total_vfs; i++)
			sriov_vf_note(pf, i, true);
		ret = vfs_wait(pf, wait_ms, flags, error);
		/* A holder has left; the kernel needs a moment to be done with its VF. */
		for (i = 0; i < pf->total_vfs && ret == 0; i++)
			if (vf_ask_end(&pf->vfs[i], pf->wait_ms) == -ETIMEDOUT)
				ret = sriov_fail(error, -ETIMEDOUT, pf->vfs[i].bdf, "see dmesg",
						"the kernel has not taken it from its driver within "
						"%u ms", pf->wait_ms);
	}
	if (ret == 0)
		ret = number_write(pf, num_vfs, error);
	if (ret != 0)
		return ret;

	return vfs_prepare(pf, error);
}

/* ---- a VF that is new, or on another driver ---- */

int
sriov_vf_capture(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	bool asked = pf->vfs[vf].asked;
	int ret = 0;

	if (vf_ask_end(&pf->vfs[vf], 0) == -ETIMEDOUT)
		return sriov_fail(error, -EBUSY, fn->bdf, "have it closed there", "its holder was "
				"asked to let it go, and has not");
	/* It may have been taken from its driver meanwhile. */
	if (asked)
		ret = sriov_vf_get(pf, vf, fn, error);
	if (ret != 0)
		return ret;
	if (strcmp(fn->driver, "vfio-pci") == 0)
		return 0;
	ret = sriov_function_bind(fn, "vfio-pci", pf->wait_ms, error);
	/* On vfio-pci it has its nodes. */
	return ret != 0 ? ret : sriov_vf_get(pf, vf, fn, error);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_capture, 26.11)
int
rte_sriov_vf_capture(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	int ret = sriov_vf_get(pf, vf, &fn, error);

	return ret != 0 ? ret : sriov_vf_capture(pf, vf, &fn, error);
}

int
sriov_vf_prepare(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	int ret;

	/* It was noted a moment ago. */
	ret = vf_read(pf, vf, pf->vfs[vf].bdf, &fn, error);
	if (ret == 0)
		ret = sriov_vf_capture(pf, vf, &fn, error);
	if (ret == 0 && pf->open && (pf->features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0)
		ret = sriov_vf_token_rotate(pf, vf, &fn, NULL, error);
	if (ret == 0)
		ret = sriov_policy_apply(pf, vf, error);

	return ret;
}

int
sriov_vf_reset(struct rte_sriov_pf *pf, uint16_t vf, const struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	int ret = sriov_held_check(fn, error);

	if (ret == 0 && fn->can_reset)
		ret = sriov_attr_write(fn->bdf, "reset", "1", pf->wait_ms, error);

	return ret == 0 ? sriov_policy_apply(pf, vf, error) : ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_reset, 26.11)
int
rte_sriov_vf_reset(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error)
{
	struct rte_sriov_function fn;
	int ret = sriov_vf_get(pf, vf, &fn, error);

	return ret != 0 ? ret : sriov_vf_reset(pf, vf, &fn, error);
}

/* ---- state ---- */

static unsigned int
vf_holders_count(const struct rte_sriov_holders *holders, const struct rte_sriov_function *fn)
{
	return holders != NULL ? rte_sriov_holders_of(holders, fn, NULL, 0) : 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_info_get, 26.11)
int
rte_sriov_vf_info_get(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_holders *holders, struct rte_sriov_vf_info *info,
		struct rte_sriov_error *error)
{
	const struct sriov_vf *place;
	int ret;

	memset(info, 0, sizeof(*info));
	ret = sriov_vf_get(pf, vf, &info->function, error);
	if (ret != 0)
		return ret;
	place = &pf->vfs[vf];
	info->nb_holders = vf_holders_count(holders, &info->function);
	if (place->reclaiming)
		info->state = RTE_SRIOV_VF_RECLAIMING;
	else if (info->nb_holders > 0)
		info->state = RTE_SRIOV_VF_IN_USE;
	else if (place->handed_out)
		info->state = RTE_SRIOV_VF_HANDED_OUT;
	sriov_owner_get(&info->function, &info->owner);
	info->owner_before = place->has_owner ? place->before : info->owner;
	info->own_token = pf->open && (pf->features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0 &&
			vfio_pf_vf_own_token_present(pf->bdf, vf);
	info->tokens_rotated = place->tokens_rotated;

	return 0;
}
