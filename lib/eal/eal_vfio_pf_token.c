/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio_pci_vf.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "eal_vfio_pf.h"
#include "eal_vfio_token_table.h"

/* A VF, and its PF's descriptor, to be closed. */
struct own_place {
	struct vfio_pf_vf vf;
	int pf_fd;
};

/* Find a VF whose PF is open here. 0 or -ENODEV. */
static int
place_find(const struct vfio_token_bdf *vf, struct own_place *place, struct vfio_token_error *why)
{
	place->pf_fd = -1;
	if (vfio_pf_vf_find(vf, &place->vf) != 0)
		return vfio_token_fail(why, -ENODEV, "it is no VF of a PF now");
	place->pf_fd = vfio_pf_fd_dup(place->vf.pf_name);
	if (place->pf_fd < 0)
		return vfio_token_fail(why, place->pf_fd, "this process does not hold its PF %s "
				"open", place->vf.pf_name);

	return 0;
}

static void
kernel_refusal(int err, const struct own_place *place, struct vfio_token_error *why)
{
	if (err == ENOTSUP)
		vfio_token_fail(why, 0, "this vfio-pci has no token for a single VF (that of "
				"kmod/vfio-pci has): all VFs of PF %s share its token",
				place->vf.pf_name);
	else
		vfio_token_fail(why, 0, "the kernel does not take it for VF %u of PF %s",
				place->vf.index, place->vf.pf_name);
}

/* On another driver of the VFIO family a token of its own would protect nothing. */
static int
driver_check(const struct vfio_pf_vf *vf, struct vfio_token_error *why)
{
	char driver[32];

	vfio_token_driver_of(vfio_token_paths.pci_devices, vf->name, driver, sizeof(driver));
	if (strcmp(driver, "vfio-pci") == 0 ||
			!vfio_token_driver_is_vfio(vfio_token_paths.pci_devices, vf->name, driver))
		return 0;
	return vfio_token_fail(why, -ENOTSUP, "on driver %s it asks for the token of PF %s: bind "
			"it to vfio-pci, or rotate that one", driver, vf->pf_name);
}

/* Set the kernel's token and remember it, so that it can be told to the VF's user. */
static int
own_token_set(const struct own_place *place, const rte_uuid_t token)
{
	struct vfio_token_record *record;
	uint16_t flags;
	int ret;

	/* First, so that what cannot be done leaves no record. */
	ret = vfio_pf_own_token_flags(place->pf_fd, place->vf.index, &flags);
	if (ret != 0)
		return ret;
	vfio_token_records_lock();
	record = vfio_token_record_get(place->vf.name, true);
	ret = record == NULL ? -ENOMEM :
			vfio_pf_own_token_set(place->pf_fd, place->vf.index, token);
	if (ret == 0) {
		if (record->dev_fd < 0)
			record->role = RTE_VFIO_VF_TOKEN_ROLE_VF;
		record->has_own = true;
		record->own_pf = place->vf.pf;
		rte_uuid_copy(record->own, token);
	}
	vfio_token_records_unlock();

	return ret;
}

int
vfio_pf_own_token_rotate(struct vfio_token_entry *entry, struct vfio_token_error *why)
{
	struct own_place place;
	int ret;

	ret = place_find(&entry->bdf, &place, why);
	if (ret == 0)
		ret = driver_check(&place.vf, why);
	if (ret == 0) {
		ret = own_token_set(&place, entry->token);
		if (ret != 0)
			kernel_refusal(-ret, &place, why);
	}
	if (place.pf_fd >= 0)
		close(place.pf_fd);
	/* An entry of the application's replaces, and so cannot fail. */
	return ret != 0 ? ret : vfio_token_table_add(entry, why);
}

int
vfio_pf_own_token_get(const struct vfio_token_bdf *vf, rte_uuid_t token)
{
	const struct vfio_token_record *record;
	struct vfio_token_error why;
	struct own_place place;
	uint16_t flags = 0;
	int ret;

	ret = place_find(vf, &place, &why);
	if (ret != 0)
		return ret;
	/* Somebody else may have changed the number of VFs, which drops it. */
	ret = vfio_pf_own_token_flags(place.pf_fd, place.vf.index, &flags);
	close(place.pf_fd);
	if (ret == -ENOTSUP || (ret == 0 && (flags & VFIO_PCI_VF_OWN_TOKEN_PRESENT) == 0))
		return -ENOENT;
	if (ret != 0)
		return ret;
	vfio_token_records_lock();
	record = vfio_token_record_get(place.vf.name, false);
	if (record != NULL && record->has_own)
		rte_uuid_copy(token, record->own);
	else
		ret = -ENOENT;
	vfio_token_records_unlock();

	return ret;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_pf_vf_own_token_present)
bool
vfio_pf_vf_own_token_present(const char *pf_name, uint16_t vf)
{
	uint16_t flags = 0;
	int fd = vfio_pf_fd_dup(pf_name), ret;

	if (fd < 0)
		return false;
	ret = vfio_pf_own_token_flags(fd, vf, &flags);
	close(fd);

	return ret == 0 && (flags & VFIO_PCI_VF_OWN_TOKEN_PRESENT) != 0;
}

bool
vfio_pf_own_token_is(const struct vfio_token_entry *entry)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	const struct vfio_token_record *record;
	bool own;

	vfio_token_bdf_format(&entry->bdf, name);
	vfio_token_records_lock();
	record = vfio_token_record_get(name, false);
	own = record != NULL && record->has_own && rte_uuid_compare(record->own, entry->token) == 0;
	vfio_token_records_unlock();

	return own;
}

/* With both locks held: forget an own token, and the entry that it became. */
static void
own_token_forget(struct vfio_token_entries *entries, struct vfio_token_record *record)
{
	struct vfio_token_entry *entry;
	struct vfio_token_bdf vf;
	bool found = false;

	if (vfio_token_bdf_parse(record->name, strlen(record->name), &vf) == 0)
		TAILQ_FOREACH(entry, entries, next)
			if (entry->has_bdf && vfio_token_bdf_equal(&entry->bdf, &vf) &&
					entry->source == RTE_VFIO_VF_TOKEN_SOURCE_UUID &&
					rte_uuid_compare(entry->token, record->own) == 0)
				found = true;
	if (found)
		vfio_token_table_remove(true, &vf);
	record->has_own = false;
	explicit_bzero(record->own, sizeof(record->own));
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_pf_own_tokens_forget)
void
vfio_pf_own_tokens_forget(const char *pf_name)
{
	struct vfio_token_entries *entries = vfio_token_table_lock();
	struct vfio_token_record *record;
	struct vfio_token_bdf pf;

	vfio_token_records_lock();
	if (vfio_token_bdf_parse(pf_name, strlen(pf_name), &pf) == 0)
		for (record = vfio_token_record_first(); record != NULL;
				record = TAILQ_NEXT(record, next))
			if (record->has_own && vfio_token_bdf_equal(&record->own_pf, &pf))
				own_token_forget(entries, record);
	vfio_token_records_unlock();
	vfio_token_table_unlock();
}

static int
own_token_clear(const struct vfio_token_bdf *vf, struct vfio_token_error *why)
{
	struct vfio_token_entries *entries;
	struct vfio_token_record *record;
	struct own_place place;
	int ret;

	ret = place_find(vf, &place, why);
	if (ret != 0)
		return ret;
	/* Throughout, so that no open of this process falls between the kernel's state and ours. */
	entries = vfio_token_table_lock();
	ret = vfio_pf_own_token_set(place.pf_fd, place.vf.index, NULL);
	if (ret == 0) {
		vfio_token_records_lock();
		record = vfio_token_record_get(place.vf.name, false);
		if (record != NULL && record->has_own)
			own_token_forget(entries, record);
		vfio_token_records_unlock();
	} else {
		kernel_refusal(-ret, &place, why);
	}
	vfio_token_table_unlock();
	close(place.pf_fd);

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_vf_own_token_clear, 26.11)
int
rte_vfio_vf_own_token_clear(const char *vf)
{
	struct vfio_token_error why;
	struct vfio_token_bdf bdf;
	int ret = vfio_token_bdf_argument(vf, &bdf);

	if (ret != 0)
		return ret;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -E_RTE_SECONDARY;
	ret = own_token_clear(&bdf, &why);
	if (ret != 0)
		VFIO_TOKEN_LOG(ERR, "%s: cannot clear its own token: %s (%d): %s", vf,
				strerror(-ret), -ret, why.text);

	return ret;
}
