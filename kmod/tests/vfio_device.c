// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio_device.h"

/* Size of the part of BAR 0 that is mapped at once, in bytes. */
#define BAR_MAP_BYTES 0x10000

int feature_call(int device, uint32_t flags, void *data, size_t size)
{
	_Alignas(8) uint8_t buffer[sizeof(struct vfio_device_feature) + 32] = { 0 };
	struct vfio_device_feature *argument = (void *)buffer;
	int ret;

	argument->argsz = (uint32_t)(sizeof(*argument) + size);
	argument->flags = flags;
	memcpy(argument->data, data, size);
	ret = ioctl(device, VFIO_DEVICE_FEATURE, argument) ? -errno : 0;
	memcpy(data, argument->data, size);
	return ret;
}

/* ---- interrupts */

int irq_enable(int device, unsigned int index)
{
	_Alignas(8) uint8_t buffer[sizeof(struct vfio_irq_set) + sizeof(int32_t)];
	struct vfio_irq_set *set = (void *)buffer;
	int fd, ret;

	fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (fd < 0)
		return -errno;
	*set = (struct vfio_irq_set){
		.argsz = sizeof(buffer),
		.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
		.count = 1,
	};
	memcpy(set->data, &fd, sizeof(fd));
	if (ioctl(device, VFIO_DEVICE_SET_IRQS, set)) {
		ret = -errno;
		close(fd);
		return ret;
	}
	return fd;
}

bool irq_wait(int fd, int timeout_ms)
{
	struct pollfd pollfd = { .fd = fd, .events = POLLIN };
	uint64_t count;

	if (poll(&pollfd, 1, timeout_ms) <= 0)
		return false;
	return read(fd, &count, sizeof(count)) == sizeof(count);
}

/* ---- regions */

static int64_t region_offset(int device, unsigned int index)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = index };

	return ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) ? -errno : (int64_t)info.offset;
}

static void region_read(int device, unsigned int index, uint32_t offset, void *value, size_t size)
{
	const int64_t start = region_offset(device, index);

	memset(value, 0xff, size);
	if (start < 0 || pread(device, value, size, start + offset) != (ssize_t)size)
		memset(value, 0xff, size);
}

static void region_write(int device, unsigned int index, uint32_t offset, const void *value,
		size_t size)
{
	const int64_t start = region_offset(device, index);

	if (start < 0 || pwrite(device, value, size, start + offset) != (ssize_t)size)
		fprintf(stderr, "region %u: write at %#x: %s\n", index, offset, strerror(errno));
}

uint32_t bar_read(int device, uint32_t offset)
{
	uint32_t value;

	region_read(device, VFIO_PCI_BAR0_REGION_INDEX, offset, &value, sizeof(value));
	return value;
}

void bar_write(int device, uint32_t offset, uint32_t value)
{
	region_write(device, VFIO_PCI_BAR0_REGION_INDEX, offset, &value, sizeof(value));
}

int bar_ioeventfd(int device, uint32_t offset, uint32_t value, int fd)
{
	const int64_t start = region_offset(device, VFIO_PCI_BAR0_REGION_INDEX);
	struct vfio_device_ioeventfd argument = {
		.argsz = sizeof(argument),
		.flags = VFIO_DEVICE_IOEVENTFD_32,
		.offset = (uint64_t)start + offset,
		.data = value,
		.fd = fd,
	};

	if (start < 0)
		return (int)start;
	return ioctl(device, VFIO_DEVICE_IOEVENTFD, &argument) ? -errno : 0;
}

int dmabuf_get(int device, unsigned int bar)
{
	/* As in <linux/vfio.h> of Linux 6.19: a header, a request for one range, the range. */
	struct {
		struct vfio_device_feature header;
		uint32_t region_index, open_flags, flags, nr_ranges;
		uint64_t offset, length;
	} argument = {
		.header = {
			.argsz = sizeof(argument),
			.flags = 11 | FEATURE_GET,
		},
		.region_index = bar,
		.open_flags = O_CLOEXEC,
		.nr_ranges = 1,
		.length = (uint64_t)sysconf(_SC_PAGESIZE),
	};
	int fd = ioctl(device, VFIO_DEVICE_FEATURE, &argument);

	return fd < 0 ? -errno : fd;
}

uint16_t config_read(int device, uint32_t offset)
{
	uint16_t value;

	region_read(device, VFIO_PCI_CONFIG_REGION_INDEX, offset, &value, sizeof(value));
	return value;
}

void config_write(int device, uint32_t offset, uint16_t value)
{
	region_write(device, VFIO_PCI_CONFIG_REGION_INDEX, offset, &value, sizeof(value));
}

/* ---- sysfs */

uint16_t config_real(const char *device, uint32_t offset)
{
	int fd = open(attribute(device, "config"), O_RDONLY);
	uint16_t value = UINT16_MAX;

	if (fd >= 0 && pread(fd, &value, sizeof(value), offset) != sizeof(value))
		value = UINT16_MAX;
	if (fd >= 0)
		close(fd);
	return value;
}

bool msix_enabled(const char *device)
{
	uint32_t offset = config_real(device, PCI_CAPABILITY_LIST) & 0xfc;
	unsigned int left;
	uint16_t word;

	/* There is room for no more capabilities. */
	for (left = 48; offset && left; left--) {
		word = config_real(device, offset);
		if ((word & 0xff) == PCI_CAP_ID_MSIX)
			return config_real(device, offset + PCI_MSIX_FLAGS) & PCI_MSIX_FLAGS_ENABLE;
		offset = word >> 8 & 0xfc;
	}
	return false;
}

uint32_t bar_real(const char *device, uint32_t offset)
{
	const size_t start = offset / BAR_MAP_BYTES * BAR_MAP_BYTES;
	int fd = open(attribute(device, "resource0"), O_RDWR);
	uint32_t value = UINT32_MAX;
	void *map;

	if (fd < 0)
		return value;
	map = mmap(NULL, BAR_MAP_BYTES, PROT_READ, MAP_SHARED, fd, (off_t)start);
	if (map != MAP_FAILED) {
		value = *(volatile uint32_t *)((char *)map + offset - start);
		munmap(map, BAR_MAP_BYTES);
	}
	close(fd);
	return value;
}

/* ---- processes */

int descriptors_drop(int keep)
{
	if (keep != STDERR_FILENO + 1)
		keep = dup2(keep, STDERR_FILENO + 1);
	close_range(STDERR_FILENO + 2, ~0U, 0);
	return keep;
}

void writer_start(struct writer *writer, const char *path, const char *value)
{
	int fds[2], ret;

	if (pipe(fds))
		fatal("pipe: %s", strerror(errno));
	fflush(stdout);
	writer->pid = fork();
	if (writer->pid < 0)
		fatal("fork: %s", strerror(errno));
	if (writer->pid == 0) {
		fds[1] = descriptors_drop(fds[1]);
		ret = file_write(path, value);
		_exit(write(fds[1], &ret, sizeof(ret)) != sizeof(ret));
	}
	close(fds[1]);
	writer->result = fds[0];
}

int writer_wait(struct writer *writer, int timeout_ms)
{
	struct pollfd pollfd = { .fd = writer->result, .events = POLLIN };
	int ret;

	if (poll(&pollfd, 1, timeout_ms) <= 0)
		return -ETIMEDOUT;
	if (read(writer->result, &ret, sizeof(ret)) != sizeof(ret))
		ret = -EPIPE;
	close(writer->result);
	waitpid(writer->pid, NULL, 0);
	return ret;
}
