/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/kcmp.h>

#include "keeper_store.h"

int
keeper_store_init(struct keeper_store *store, unsigned int max)
{
	store->nb = 0;
	store->max = max;
	store->fds = calloc(max, sizeof(*store->fds));
	return store->fds != NULL ? 0 : -ENOMEM;
}

void
keeper_store_clear(struct keeper_store *store)
{
	while (store->nb > 0)
		keeper_store_remove_at(store, store->nb - 1);
	free(store->fds);
	store->fds = NULL;
}

/* Whether both are of one open file, not of one name in the file system alone. */
static bool
is_same_file(int a, int b)
{
	const pid_t self = getpid();
	struct stat st_a, st_b;
	long ret = syscall(SYS_kcmp, self, self, KCMP_FILE, a, b);

	if (ret >= 0)
		return ret == 0;
	/* A kernel without it: the name was the same as well. */
	return fstat(a, &st_a) == 0 && fstat(b, &st_b) == 0 && st_a.st_dev == st_b.st_dev &&
		st_a.st_ino == st_b.st_ino && st_a.st_rdev == st_b.st_rdev;
}

int
keeper_store_add(struct keeper_store *store, int fd, const char *name, bool poll)
{
	size_t bytes = strlen(name) + 1;
	struct keeper_fd *entry;
	unsigned int i;

	for (i = 0; i < store->nb; i++) {
		entry = &store->fds[i];
		bytes += strlen(entry->name) + 1;
		if (strcmp(entry->name, name) == 0 && is_same_file(entry->fd, fd)) {
			close(fd);
			return 1;
		}
	}
	if (store->nb == store->max || bytes > KEEPER_NAMES_BYTES) {
		close(fd);
		return -ENOSPC;
	}
	entry = &store->fds[store->nb++];
	memset(entry, 0, sizeof(*entry));
	entry->fd = fd;
	entry->poll = poll;
	entry->request_fd = -1;
	memcpy(entry->name, name, strlen(name) + 1);
	return 0;
}

void
keeper_store_remove_at(struct keeper_store *store, unsigned int index)
{
	struct keeper_fd *entry = &store->fds[index];

	close(entry->fd);
	if (entry->request_fd >= 0)
		close(entry->request_fd);
	store->nb--;
	memmove(entry, entry + 1, (store->nb - index) * sizeof(*entry));
}

unsigned int
keeper_store_remove(struct keeper_store *store, const char *name)
{
	unsigned int i = 0, removed = 0;

	while (i < store->nb) {
		if (strcmp(store->fds[i].name, name) == 0) {
			keeper_store_remove_at(store, i);
			removed++;
		} else {
			i++;
		}
	}
	return removed;
}

bool
keeper_store_has(const struct keeper_store *store, const char *name)
{
	unsigned int i;

	for (i = 0; i < store->nb; i++)
		if (strcmp(store->fds[i].name, name) == 0)
			return true;
	return false;
}
