/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "keeper_log.h"
#include "keeper_vfio.h"

#define DEVICE_PREFIX		"pf-"
#define GROUP_PREFIX		"group-"
#define CONTAINER_NAME		"container"

const char *keeper_sysfs_pci = "/sys/bus/pci/devices";

static bool
is_device(int fd)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	return ioctl(fd, VFIO_DEVICE_GET_INFO, &info) == 0 &&
		(info.flags & VFIO_DEVICE_FLAGS_PCI) != 0;
}

static int
request_fd_set(int device_fd, int event_fd)
{
	struct {
		struct vfio_irq_set set;
		int32_t fd;
	} irq = {
		.set = {
			.argsz = sizeof(irq),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_REQ_IRQ_INDEX,
			.count = 1,
		},
		.fd = event_fd,
	};

	return ioctl(device_fd, VFIO_DEVICE_SET_IRQS, &irq) == 0 ? 0 : -errno;
}

void
keeper_vfio_watch(struct keeper_store *store)
{
	struct keeper_fd *entry;
	unsigned int i;
	int ret;

	for (i = 0; i < store->nb; i++) {
		entry = &store->fds[i];
		if (!is_device(entry->fd))
			continue;
		if (entry->request_fd < 0)
			entry->request_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		ret = entry->request_fd >= 0 ? request_fd_set(entry->fd, entry->request_fd) :
			-errno;
		if (ret != 0)
			keeper_log("%s: cannot watch for requests of the kernel: %s (%d): "
				"unbinding the device would wait for the next process",
				entry->name, strerror(-ret), -ret);
	}
}

/* The group of a device by the name under which it is kept, as the name of the group's. */
static bool
group_name(const char *name, char *group, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX], address[32];
	const char *base;
	ssize_t length;
	char *p;

	if (strncmp(name, DEVICE_PREFIX, strlen(DEVICE_PREFIX)) != 0 || strchr(name, '/') != NULL)
		return false;
	snprintf(address, sizeof(address), "%s", name + strlen(DEVICE_PREFIX));
	for (p = address; *p != '\0'; p++)
		if (*p == '_')
			*p = ':';
	snprintf(path, sizeof(path), "%s/%s/iommu_group", keeper_sysfs_pci, address);
	length = readlink(path, target, sizeof(target) - 1);
	if (length <= 0)
		return false;
	target[length] = '\0';
	base = strrchr(target, '/');
	snprintf(group, size, GROUP_PREFIX "%.16s", base != NULL ? base + 1 : target);
	return true;
}

/* Whether another device that is kept is of @group. */
static bool
group_is_wanted(const struct keeper_store *store, const char *group)
{
	char other[KEEPER_NAME_MAX + 1];
	unsigned int i;

	for (i = 0; i < store->nb; i++)
		if (group_name(store->fds[i].name, other, sizeof(other)) &&
				strcmp(group, other) == 0)
			return true;
	return false;
}

static bool
has_group(const struct keeper_store *store)
{
	unsigned int i;

	for (i = 0; i < store->nb; i++)
		if (strncmp(store->fds[i].name, GROUP_PREFIX, strlen(GROUP_PREFIX)) == 0)
			return true;
	return false;
}

void
keeper_vfio_release(struct keeper_store *store, unsigned int index)
{
	char name[KEEPER_NAME_MAX + 1], group[KEEPER_NAME_MAX + 1];
	bool has;

	memcpy(name, store->fds[index].name, sizeof(name));
	/* The device goes first: the kernel does not take a group from under it. */
	has = group_name(name, group, sizeof(group));
	keeper_store_remove_at(store, index);
	if (has) {
		keeper_store_remove(store, name);
		if (!group_is_wanted(store, group))
			keeper_store_remove(store, group);
	}
	if (!has_group(store))
		keeper_store_remove(store, CONTAINER_NAME);
}
