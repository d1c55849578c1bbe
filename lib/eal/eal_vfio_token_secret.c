/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

#include "eal_vfio_token_private.h"

/* Deeper than any call of this layer that handles a token. */
#define STACK_WIPE_BYTES 4096

int
vfio_token_fail(struct vfio_token_error *err, int ret, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
	va_end(ap);

	return ret;
}

void *
vfio_token_secret_alloc(size_t bytes)
{
	void *mem = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		return NULL;
	/* A kernel that cannot leave the pages out of a core dump must not get a secret. */
	if (madvise(mem, bytes, MADV_DONTDUMP) != 0) {
		munmap(mem, bytes);
		return NULL;
	}
	/* Best effort: RLIMIT_MEMLOCK may be spent on hugepages' DMA mappings. */
	(void)mlock(mem, bytes);

	return mem;
}

void
vfio_token_secret_free(void *mem, size_t bytes)
{
	if (mem == NULL)
		return;
	explicit_bzero(mem, bytes);
	munmap(mem, bytes);
}

__rte_noinline void
vfio_token_stack_wipe(void)
{
	char frame[STACK_WIPE_BYTES];

	explicit_bzero(frame, sizeof(frame));
}

int
vfio_token_random(rte_uuid_t token)
{
	if (getrandom(token, sizeof(rte_uuid_t), 0) != (ssize_t)sizeof(rte_uuid_t))
		return -EIO;
	/* RFC 9562 5.4: version 4, variant 10x. */
	token[6] = (token[6] & 0x0f) | 0x40;
	token[8] = (token[8] & 0x3f) | 0x80;

	return 0;
}

/*
 * Read the argument area of this process: fields 48 and 49 of /proc/self/stat, proc(5).
 * The second field, the command, may hold anything, so count from its closing parenthesis.
 */
static int
argv_area(uintptr_t *start, uintptr_t *end)
{
	char stat[2048];
	char *field, *save = NULL;
	ssize_t len;
	int fd, i;

	fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	len = read(fd, stat, sizeof(stat) - 1);
	close(fd);
	if (len <= 0)
		return -EIO;
	stat[len] = '\0';

	field = strrchr(stat, ')');
	if (field == NULL)
		return -EIO;
	*start = 0;
	*end = 0;
	field = strtok_r(field + 1, " ", &save);
	for (i = 3; field != NULL && i <= 49; i++) {
		if (i == 48)
			*start = strtoull(field, NULL, 10);
		else if (i == 49)
			*end = strtoull(field, NULL, 10);
		field = strtok_r(NULL, " ", &save);
	}

	return *end > *start ? 0 : -EIO;
}

int
vfio_token_argv_wipe(char *text, size_t bytes)
{
	uintptr_t start, end;

	if (argv_area(&start, &end) != 0)
		return -EFAULT;
	/* Elsewhere it may be a string literal, or the application's to use again. */
	if ((uintptr_t)text < start || (uintptr_t)text + bytes > end)
		return -EFAULT;
	memset(text, 'x', bytes);

	return 0;
}
