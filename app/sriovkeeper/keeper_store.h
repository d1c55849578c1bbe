/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The descriptors that are kept, in the order in which they came. */

#ifndef KEEPER_STORE_H
#define KEEPER_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "keeper_message.h"

/* Names go through one environment variable, which has 128 KiB. */
#define KEEPER_NAMES_BYTES	(64 * 1024)
#define KEEPER_FDS_LIMIT	4096

struct keeper_fd {
	int fd;
	bool poll;
	/* Of a VFIO device: fires when the kernel wants it back; -1 otherwise. */
	int request_fd;
	/* When it is let go of, in milliseconds of CLOCK_MONOTONIC; 0: nobody wants it. */
	int64_t release_ms;
	char name[KEEPER_NAME_MAX + 1];
};

struct keeper_store {
	struct keeper_fd *fds;
	unsigned int nb;
	unsigned int max;
};

/* Room for @max descriptors. Returns 0 or -ENOMEM. */
int keeper_store_init(struct keeper_store *store, unsigned int max);
/* Closes all. */
void keeper_store_clear(struct keeper_store *store);

/*
 * Takes over @fd. Returns 0; 1: it was kept already under this name, and the new descriptor is
 * closed; -ENOSPC: no room, and it is closed.
 */
int keeper_store_add(struct keeper_store *store, int fd, const char *name, bool poll);
/* Closes the descriptor at @index; those after it move up. */
void keeper_store_remove_at(struct keeper_store *store, unsigned int index);
/* Closes all of a name. Returns how many. */
unsigned int keeper_store_remove(struct keeper_store *store, const char *name);
bool keeper_store_has(const struct keeper_store *store, const char *name);

#endif /* KEEPER_STORE_H */
