/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What can be done with an open device, and what sysfs shows of one. Functions return 0 or -errno
 * unless said otherwise; those that read a register return all ones if that cannot be read.
 */

#ifndef VFIO_DEVICE_H
#define VFIO_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio_test.h"

/* VFIO_DEVICE_FEATURE with @size bytes of @data, at most 32, which GET changes. */
int feature_call(int device, uint32_t flags, void *data, size_t size);

/* Has the interrupt signal an eventfd, which is returned. */
int irq_enable(int device, unsigned int index);

/* Whether the eventfd was signalled, or is so within @timeout_ms. */
bool irq_wait(int fd, int timeout_ms);

/* A register of BAR 0, through the open device. */
uint32_t bar_read(int device, uint32_t offset);
void bar_write(int device, uint32_t offset, uint32_t value);

/* Has the eventfd @fd write @value to a register of BAR 0. */
int bar_ioeventfd(int device, uint32_t offset, uint32_t value, int fd);

/* Has the first page of a BAR shared as a dma-buf. Returns its descriptor. */
int dmabuf_get(int device, unsigned int bar);

/* A word of the configuration space, through the open device. */
uint16_t config_read(int device, uint32_t offset);
void config_write(int device, uint32_t offset, uint16_t value);

/* The same words of any function, as its registers have them, through sysfs. */
uint16_t config_real(const char *device, uint32_t offset);

/* Whether the function's MSI-X is enabled. */
bool msix_enabled(const char *device);

/* A register of BAR 0 of a function that nobody has open, through sysfs. */
uint32_t bar_real(const char *device, uint32_t offset);

/*
 * Closes what a child has from its parent, but for one descriptor, which is returned anew: with a
 * device of its own the child would keep it open.
 */
int descriptors_drop(int keep);

/* A process that writes to a file, as the kernel may not let it come back. */
struct writer {
	pid_t pid;
	int result;
};

void writer_start(struct writer *writer, const char *path, const char *value);

/* What came of it, or -ETIMEDOUT if it has not come back within @timeout_ms; then it goes on. */
int writer_wait(struct writer *writer, int timeout_ms);

#endif /* VFIO_DEVICE_H */
