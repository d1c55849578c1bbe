// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_cdev.h"

/* As in <linux/vfio.h> and <linux/iommufd.h> of kernels that have them. */
#define BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#define ATTACH_IOMMUFD_PT _IO(VFIO_TYPE, VFIO_BASE + 19)
#define IOAS_ALLOC _IO(';', 0x81)

struct attach_iommufd_pt {
	uint32_t argsz;
	uint32_t flags;
	uint32_t pt_id;
};

struct ioas_alloc {
	uint32_t size;
	uint32_t flags;
	uint32_t out_ioas_id;
};

bool cdev_there(const char *device)
{
	if (!access(attribute(device, "vfio-dev"), F_OK) && !access("/dev/iommu", F_OK))
		return true;
	printf("not run: no /dev/vfio/devices\n");
	return false;
}

int cdev_node_open(const char *device)
{
	DIR *dir = opendir(attribute(device, "vfio-dev"));
	struct dirent *entry;
	char path[300] = "";
	int fd;

	if (!dir)
		return -ENOENT;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "vfio", 4))
			snprintf(path, sizeof(path), "/dev/vfio/devices/%s", entry->d_name);
	closedir(dir);
	fd = open(path, O_RDWR);
	return fd < 0 ? -errno : fd;
}

int cdev_unbound_open(struct opened *opened, const char *device)
{
	int ret;

	opened->group = -1;
	opened->container = open("/dev/iommu", O_RDWR);
	ret = opened->container < 0 ? -errno : 0;
	opened->device = cdev_node_open(device);
	if (opened->device < 0)
		ret = opened->device;
	if (ret)
		device_close(opened);
	return ret;
}

int cdev_bind(int device, struct cdev_bind bind)
{
	return ioctl(device, BIND_IOMMUFD, &bind) ? -errno : 0;
}

/* Gives a bound device an address space of its own. */
static int cdev_attach(const struct opened *opened)
{
	struct ioas_alloc alloc = { .size = sizeof(alloc) };
	struct attach_iommufd_pt attach = { .argsz = sizeof(attach) };

	if (ioctl(opened->container, IOAS_ALLOC, &alloc))
		return -errno;
	attach.pt_id = alloc.out_ioas_id;
	return ioctl(opened->device, ATTACH_IOMMUFD_PT, &attach) ? -errno : 0;
}

int cdev_open(struct opened *opened, const char *device, const char *token)
{
	struct cdev_bind bind = { .argsz = CDEV_BIND_OLD_BYTES };
	uint8_t bytes[16];
	int ret;

	ret = cdev_unbound_open(opened, device);
	if (ret)
		return ret;
	bind.iommufd = opened->container;
	if (token) {
		token_parse(token, bytes);
		bind.argsz = sizeof(bind);
		bind.flags = CDEV_FLAG_TOKEN;
		bind.token = (uintptr_t)bytes;
	}
	ret = cdev_bind(opened->device, bind);
	if (!ret)
		ret = cdev_attach(opened);
	if (ret)
		device_close(opened);
	return ret;
}

int cdev_try(const char *device, const char *token)
{
	struct opened opened;
	int ret = cdev_open(&opened, device, token);

	device_close(&opened);
	return ret;
}

bool cdev_takes_tokens(const char *device)
{
	struct cdev_bind bind = { .argsz = sizeof(bind), .flags = CDEV_FLAG_TOKEN };
	struct opened opened;
	int ret;

	if (cdev_unbound_open(&opened, device))
		return false;
	bind.iommufd = opened.container;
	/* Nothing is mapped there: a kernel that does not look there refuses the flag. */
	bind.token = 16;
	ret = cdev_bind(opened.device, bind);
	device_close(&opened);
	return ret == -EFAULT;
}
