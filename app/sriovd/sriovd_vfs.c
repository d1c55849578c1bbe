/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_pci.h>
#include <rte_string_fns.h>
#include <rte_vfio_token_sock.h>

#include "sriovd_vfs.h"

struct sriovd_vfs {
	pthread_mutex_t lock;             /* protects all below */
	struct sriovd_vf_entry **entry;   /* sorted by address */
	unsigned int nb;
};

/* ---- finding; all with the lock held ---- */

static int
address_compare(const struct sriovd_vf_entry *entry, uint32_t domain, uint8_t bus, uint8_t devfn)
{
	if (entry->domain != domain)
		return entry->domain < domain ? -1 : 1;
	if (entry->bus != bus)
		return entry->bus < bus ? -1 : 1;

	return (int)entry->devfn - devfn;
}

/* Index of the entry, or where it belongs with *found false. */
static unsigned int
position(const struct sriovd_vfs *vfs, uint32_t domain, uint8_t bus, uint8_t devfn, bool *found)
{
	unsigned int low = 0, high = vfs->nb, mid;
	int order;

	*found = false;
	while (low < high) {
		mid = low + (high - low) / 2;
		order = address_compare(vfs->entry[mid], domain, bus, devfn);
		if (order == 0) {
			*found = true;
			return mid;
		}
		if (order < 0)
			low = mid + 1;
		else
			high = mid;
	}

	return low;
}

static struct sriovd_vf_entry *
find_address(const struct sriovd_vfs *vfs, uint32_t domain, uint8_t bus, uint8_t devfn)
{
	bool found;
	unsigned int at = position(vfs, domain, bus, devfn, &found);

	return found ? vfs->entry[at] : NULL;
}

static int
address_parse(const char *bdf, uint32_t *domain, uint8_t *bus, uint8_t *devfn)
{
	struct rte_pci_addr addr;

	if (rte_pci_addr_parse(bdf, &addr) != 0 || addr.devid > 0x1f || addr.function > 7)
		return -EINVAL;
	*domain = addr.domain;
	*bus = addr.bus;
	*devfn = addr.devid << 3 | addr.function;

	return 0;
}

static struct sriovd_vf_entry *
find(const struct sriovd_vfs *vfs, const char *bdf)
{
	uint8_t bus, devfn;
	uint32_t domain;

	if (address_parse(bdf, &domain, &bus, &devfn) != 0)
		return NULL;

	return find_address(vfs, domain, bus, devfn);
}

static void
entry_free(struct sriovd_vf_entry *entry)
{
	sriovd_grants_free(&entry->grants);
	explicit_bzero(entry->token, sizeof(entry->token));
	free(entry);
}

/* ---- the table ---- */

struct sriovd_vfs *
sriovd_vfs_new(void)
{
	struct sriovd_vfs *vfs = calloc(1, sizeof(*vfs));

	if (vfs != NULL)
		pthread_mutex_init(&vfs->lock, NULL);

	return vfs;
}

void
sriovd_vfs_free(struct sriovd_vfs *vfs)
{
	unsigned int i;

	if (vfs == NULL)
		return;
	for (i = 0; i < vfs->nb; i++)
		entry_free(vfs->entry[i]);
	free(vfs->entry);
	pthread_mutex_destroy(&vfs->lock);
	free(vfs);
}

int
sriovd_vfs_put(struct sriovd_vfs *vfs, const struct sriovd_vf_entry *from, bool keep_grants)
{
	struct sriovd_vf_entry *entry, *old, **more;
	unsigned int at;
	int ret = 0;
	bool found;

	entry = malloc(sizeof(*entry));
	if (entry == NULL)
		return -ENOMEM;
	*entry = *from;
	memset(&entry->grants, 0, sizeof(entry->grants));
	if (address_parse(from->bdf, &entry->domain, &entry->bus, &entry->devfn) != 0) {
		entry_free(entry);
		return -EINVAL;
	}
	if (sriovd_grants_copy(&entry->grants, &from->grants) != 0) {
		entry_free(entry);
		return -ENOMEM;
	}
	pthread_mutex_lock(&vfs->lock);
	at = position(vfs, entry->domain, entry->bus, entry->devfn, &found);
	if (found) {
		old = vfs->entry[at];
		entry->asked = old->asked;
		entry->refused = old->refused;
		if (keep_grants) {
			struct sriovd_grants grants = entry->grants;

			entry->grants = old->grants;
			old->grants = grants;
		}
		vfs->entry[at] = entry;
		entry = old;
	} else {
		more = realloc(vfs->entry, (vfs->nb + 1) * sizeof(*more));
		if (more != NULL) {
			memmove(&more[at + 1], &more[at], (vfs->nb - at) * sizeof(*more));
			more[at] = entry;
			vfs->entry = more;
			vfs->nb++;
			entry = NULL;
		} else {
			ret = -ENOMEM;
		}
	}
	pthread_mutex_unlock(&vfs->lock);
	if (entry != NULL)
		entry_free(entry);

	return ret;
}

int
sriovd_vfs_grant_add(struct sriovd_vfs *vfs, const char *bdf, const struct sriovd_grant *grant)
{
	struct sriovd_vf_entry *entry;
	int ret = -ENOENT;

	pthread_mutex_lock(&vfs->lock);
	entry = find(vfs, bdf);
	if (entry != NULL)
		ret = sriovd_grants_add(&entry->grants, grant);
	pthread_mutex_unlock(&vfs->lock);

	return ret;
}

int
sriovd_vfs_grant_remove(struct sriovd_vfs *vfs, const char *bdf, const struct sriovd_grant *grant)
{
	struct sriovd_vf_entry *entry;
	int at = -ENOENT;

	pthread_mutex_lock(&vfs->lock);
	entry = find(vfs, bdf);
	if (entry != NULL)
		at = sriovd_grants_find(&entry->grants, grant);
	if (at >= 0)
		sriovd_grants_remove(&entry->grants, at);
	pthread_mutex_unlock(&vfs->lock);

	return at >= 0 ? 0 : at;
}

static void
remove_at(struct sriovd_vfs *vfs, unsigned int at)
{
	entry_free(vfs->entry[at]);
	memmove(&vfs->entry[at], &vfs->entry[at + 1], (vfs->nb - at - 1) * sizeof(vfs->entry[0]));
	vfs->nb--;
}

void
sriovd_vfs_remove(struct sriovd_vfs *vfs, const char *bdf)
{
	uint8_t bus, devfn;
	uint32_t domain;
	unsigned int at;
	bool found;

	if (address_parse(bdf, &domain, &bus, &devfn) != 0)
		return;
	pthread_mutex_lock(&vfs->lock);
	at = position(vfs, domain, bus, devfn, &found);
	if (found)
		remove_at(vfs, at);
	pthread_mutex_unlock(&vfs->lock);
}

void
sriovd_vfs_remove_pf(struct sriovd_vfs *vfs, const char *pf)
{
	unsigned int i;

	pthread_mutex_lock(&vfs->lock);
	for (i = vfs->nb; i > 0; i--)
		if (strcmp(vfs->entry[i - 1]->pf, pf) == 0)
			remove_at(vfs, i - 1);
	pthread_mutex_unlock(&vfs->lock);
}

void
sriovd_vfs_busy_set(struct sriovd_vfs *vfs, const char *bdf, bool busy)
{
	struct sriovd_vf_entry *entry;

	pthread_mutex_lock(&vfs->lock);
	entry = find(vfs, bdf);
	if (entry != NULL)
		entry->busy = busy;
	pthread_mutex_unlock(&vfs->lock);
}

void
sriovd_vfs_token_set(struct sriovd_vfs *vfs, const char *bdf, const unsigned char *token)
{
	struct sriovd_vf_entry *entry;

	pthread_mutex_lock(&vfs->lock);
	entry = find(vfs, bdf);
	if (entry != NULL) {
		entry->token_known = token != NULL;
		if (token != NULL)
			memcpy(entry->token, token, sizeof(entry->token));
		else
			explicit_bzero(entry->token, sizeof(entry->token));
	}
	pthread_mutex_unlock(&vfs->lock);
}

int
sriovd_vfs_grants_get(struct sriovd_vfs *vfs, const char *bdf, struct sriovd_grants *grants)
{
	const struct sriovd_vf_entry *entry;
	int ret = -ENOENT;

	memset(grants, 0, sizeof(*grants));
	pthread_mutex_lock(&vfs->lock);
	entry = find(vfs, bdf);
	if (entry != NULL)
		ret = sriovd_grants_copy(grants, &entry->grants);
	pthread_mutex_unlock(&vfs->lock);

	return ret;
}

void
sriovd_vfs_counts_get(struct sriovd_vfs *vfs, const char *bdf, uint64_t *asked, uint64_t *refused)
{
	const struct sriovd_vf_entry *entry;

	pthread_mutex_lock(&vfs->lock);
	entry = find(vfs, bdf);
	*asked = entry != NULL ? entry->asked : 0;
	*refused = entry != NULL ? entry->refused : 0;
	pthread_mutex_unlock(&vfs->lock);
}

struct sriovd_vf_socket *
sriovd_vfs_sockets(struct sriovd_vfs *vfs, unsigned int *nb)
{
	struct sriovd_vf_socket *sockets;
	const struct sriovd_vf_entry *entry;
	unsigned int i;

	*nb = 0;
	pthread_mutex_lock(&vfs->lock);
	sockets = calloc(vfs->nb + 1, sizeof(*sockets));
	for (i = 0; i < vfs->nb && sockets != NULL; i++) {
		entry = vfs->entry[i];
		if (entry->socket[0] == '\0')
			continue;
		strlcpy(sockets[*nb].path, entry->socket, sizeof(sockets[*nb].path));
		strlcpy(sockets[*nb].bdf, entry->bdf, sizeof(sockets[*nb].bdf));
		sockets[*nb].owner = entry->owner;
		(*nb)++;
	}
	pthread_mutex_unlock(&vfs->lock);

	return sockets;
}

/* ---- token requests ---- */

bool
sriovd_vfs_need_unit(struct sriovd_vfs *vfs, uint32_t domain, uint8_t bus, uint8_t devfn)
{
	const struct sriovd_vf_entry *entry;
	bool need;

	pthread_mutex_lock(&vfs->lock);
	entry = find_address(vfs, domain, bus, devfn);
	need = entry != NULL && sriovd_grants_need_unit(&entry->grants);
	pthread_mutex_unlock(&vfs->lock);

	return need;
}

static uint16_t
decide(struct sriovd_vf_entry *entry, const char *only, const struct sriovd_peer *peer,
		unsigned char token[16], bool *used)
{
	int grant;

	if (only[0] != '\0' && strcmp(only, entry->bdf) != 0)
		return RTE_VFIO_TOKEN_NO_DEVICE;
	grant = sriovd_grants_match(&entry->grants, peer);
	if (grant < 0) {
		entry->refused++;
		return RTE_VFIO_TOKEN_DENIED;
	}
	/* Only those who may have it learn what is being done to it. */
	if (entry->busy || !entry->token_known)
		return RTE_VFIO_TOKEN_BUSY;
	memcpy(token, entry->token, sizeof(entry->token));
	*used = entry->grants.grant[grant].once;
	if (*used)
		sriovd_grants_remove(&entry->grants, grant);
	entry->asked++;

	return RTE_VFIO_TOKEN_OK;
}

uint16_t
sriovd_vfs_decide(struct sriovd_vfs *vfs, const char *only, uint32_t domain, uint8_t bus,
		uint8_t devfn, const struct sriovd_peer *peer, unsigned char token[16],
		char bdf[RTE_SRIOV_BDF_SIZE], bool *used)
{
	uint16_t status = RTE_VFIO_TOKEN_NO_DEVICE;
	struct sriovd_vf_entry *entry;

	memset(token, 0, 16);
	*used = false;
	snprintf(bdf, RTE_SRIOV_BDF_SIZE, "%04x:%02x:%02x.%u", domain, bus, devfn >> 3, devfn & 7);
	pthread_mutex_lock(&vfs->lock);
	entry = find_address(vfs, domain, bus, devfn);
	if (entry != NULL)
		status = decide(entry, only, peer, token, used);
	pthread_mutex_unlock(&vfs->lock);

	return status;
}
