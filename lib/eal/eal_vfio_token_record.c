/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include <rte_string_fns.h>
#include <rte_tailq.h>

#include "eal_vfio_token_private.h"

/*
 * Protects the records. Held for memory accesses and for VFIO_DEVICE_FEATURE, which does not wait,
 * but never over other I/O: the multi-process thread takes it while another thread may be in the
 * middle of an open. Taken inside the table's lock, never around it.
 */
static pthread_mutex_t records_lock = PTHREAD_MUTEX_INITIALIZER;

static TAILQ_HEAD(, vfio_token_record) records = TAILQ_HEAD_INITIALIZER(records);

void
vfio_token_records_lock(void)
{
	pthread_mutex_lock(&records_lock);
}

void
vfio_token_records_unlock(void)
{
	pthread_mutex_unlock(&records_lock);
}

struct vfio_token_record *
vfio_token_record_first(void)
{
	return TAILQ_FIRST(&records);
}

struct vfio_token_record *
vfio_token_record_get(const char *name, bool create)
{
	struct vfio_token_record *record;

	TAILQ_FOREACH(record, &records, next)
		if (strcmp(record->name, name) == 0)
			return record;
	if (!create || strlen(name) >= sizeof(record->name))
		return NULL;
	record = vfio_token_secret_alloc(sizeof(*record));
	if (record == NULL)
		return NULL;
	rte_strscpy(record->name, name, sizeof(record->name));
	record->dev_fd = -1;
	TAILQ_INSERT_TAIL(&records, record, next);

	return record;
}

void
vfio_token_records_clear(void)
{
	struct vfio_token_record *record, *next;

	RTE_TAILQ_FOREACH_SAFE(record, &records, next, next) {
		if (record->dev_fd >= 0)
			continue;
		TAILQ_REMOVE(&records, record, next);
		vfio_token_secret_free(record, sizeof(*record));
	}
}

void
vfio_token_refusal_report(const char *dev_addr, const struct vfio_token_choice *choice, int err,
		const struct vfio_token_error *why)
{
	struct vfio_token_record *record;

	VFIO_TOKEN_LOG(ERR, "%s: cannot open through VFIO: %s (%d): %s", dev_addr, strerror(err),
			err, why->text);

	vfio_token_records_lock();
	record = vfio_token_record_get(dev_addr, true);
	if (record != NULL) {
		record->err = err;
		if (choice != NULL)
			record->role = choice->role;
		record->source = choice != NULL ? choice->source : RTE_VFIO_VF_TOKEN_SOURCE_NONE;
		rte_strscpy(record->origin, choice != NULL ? choice->origin : "",
				sizeof(record->origin));
		rte_strscpy(record->cause, why->text, sizeof(record->cause));
	}
	vfio_token_records_unlock();
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_refusal_get)
int
vfio_token_refusal_get(const char *dev_addr, char *cause, size_t size)
{
	const struct vfio_token_record *record;
	int err = 0;

	cause[0] = '\0';
	vfio_token_records_lock();
	record = vfio_token_record_get(dev_addr, false);
	if (record != NULL) {
		err = record->err;
		rte_strscpy(cause, record->cause, size);
	}
	vfio_token_records_unlock();

	return err;
}

int
vfio_token_record_random(const struct vfio_token_bdf *pf, bool create, rte_uuid_t token)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_record *record;
	int ret = 0;

	vfio_token_bdf_format(pf, name);
	vfio_token_records_lock();
	record = vfio_token_record_get(name, create);
	if (record == NULL) {
		ret = create ? -ENOMEM : -ENOENT;
	} else if (!create && (!record->has_random || record->err != 0)) {
		/* Not made, or made for an open of the PF that was then refused. */
		ret = -ENOENT;
	} else {
		if (!record->has_random)
			ret = vfio_token_random(record->random);
		record->has_random = ret == 0;
		rte_uuid_copy(token, record->random);
	}
	vfio_token_records_unlock();

	return ret;
}
