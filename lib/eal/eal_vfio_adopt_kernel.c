/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include <rte_common.h>

#include "eal_vfio_adopt.h"

/* Of headers before Linux 5.12. */
#ifndef VFIO_UNMAP_ALL
#define VFIO_UNMAP_ALL 9
#endif
#ifndef VFIO_DMA_UNMAP_FLAG_ALL
#define VFIO_DMA_UNMAP_FLAG_ALL (1 << 1)
#endif

/* PCI Express base specification 7.5.3.5: requests under way are answered or time out in 50 ms. */
#define PENDING_TIMEOUT_MS 100

static int
kernel_ioctl(int fd, unsigned long request, void *arg)
{
	return ioctl(fd, request, arg);
}

struct vfio_adopt_kernel vfio_adopt_kernel = {
	.ioctl = kernel_ioctl,
};

/* Not 0 for what succeeded, but what the kernel returned. */
static int
call(int fd, unsigned long request, void *arg)
{
	int ret = vfio_adopt_kernel.ioctl(fd, request, arg);

	return ret >= 0 ? ret : -errno;
}

/* What is no descriptor of VFIO fails with ENOTTY and others; only a closed one stands out. */
static int
kind_error(int ret)
{
	return ret == -EBADF ? -EBADF : -EINVAL;
}

bool
vfio_adopt_iommu_is_set(int container_fd)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };

	return call(container_fd, VFIO_IOMMU_GET_INFO, &info) == 0;
}

int
vfio_adopt_container_check(int container_fd)
{
	int ret = call(container_fd, VFIO_GET_API_VERSION, NULL);

	if (ret != VFIO_API_VERSION)
		return kind_error(ret);
	/* Once an IOMMU is set, it is asked, and others answer 0. */
	if (call(container_fd, VFIO_CHECK_EXTENSION, (void *)(uintptr_t)VFIO_TYPE1_IOMMU) != 1)
		return -ENOTSUP;

	return vfio_adopt_iommu_is_set(container_fd) ? 0 : -EINVAL;
}

int
vfio_adopt_group_check(int group_fd)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int ret = call(group_fd, VFIO_GROUP_GET_STATUS, &status);

	if (ret != 0)
		return kind_error(ret);

	return (status.flags & VFIO_GROUP_FLAGS_CONTAINER_SET) != 0 ? 0 : -EINVAL;
}

int
vfio_adopt_device_check(int dev_fd)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int ret = call(dev_fd, VFIO_DEVICE_GET_INFO, &info);

	if (ret != 0)
		return kind_error(ret);

	return (info.flags & VFIO_DEVICE_FLAGS_PCI) != 0 ? 0 : -EINVAL;
}

/* Access to configuration space. */
static int
config_access(int dev_fd, bool write, uint64_t offset, void *data, size_t size)
{
	ssize_t ret = write ? pwrite(dev_fd, data, size, offset) :
			pread(dev_fd, data, size, offset);

	if (ret == (ssize_t)size)
		return 0;

	return ret < 0 ? -errno : -EIO;
}

/* Find the PCI Express capability. Its offset, 0 without one, or a negative errno. */
static int
express_find(int dev_fd, uint64_t config)
{
	uint8_t pos, header[2];
	unsigned int i;
	int ret;

	ret = config_access(dev_fd, false, config + PCI_CAPABILITY_LIST, &pos, sizeof(pos));
	/* More than there is room for is a loop. */
	for (i = 0; ret == 0 && pos >= PCI_STD_HEADER_SIZEOF && i < 48; i++) {
		pos &= ~3;
		ret = config_access(dev_fd, false, config + pos, header, sizeof(header));
		if (ret == 0 && header[0] == PCI_CAP_ID_EXP)
			return pos;
		pos = header[1];
	}

	return ret;
}

/* Wait until requests of the device that memory has still to answer are done. */
static int
pending_wait(int dev_fd, uint64_t config)
{
	const struct timespec ms = { .tv_nsec = 1000000 };
	int waited_ms, express = express_find(dev_fd, config);
	uint16_t status = 0;
	int ret;

	if (express <= 0)
		return express;
	for (waited_ms = 0; waited_ms < PENDING_TIMEOUT_MS; waited_ms++) {
		ret = config_access(dev_fd, false, config + express + PCI_EXP_DEVSTA, &status,
				sizeof(status));
		if (ret != 0 || (status & PCI_EXP_DEVSTA_TRPND) == 0)
			return ret;
		nanosleep(&ms, NULL);
	}

	return -ETIMEDOUT;
}

static int
bus_master_clear(int dev_fd)
{
	struct vfio_region_info region = {
		.argsz = sizeof(region),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t command;
	int ret;

	ret = call(dev_fd, VFIO_DEVICE_GET_REGION_INFO, &region);
	if (ret != 0)
		return ret;
	ret = config_access(dev_fd, false, region.offset + PCI_COMMAND, &command, sizeof(command));
	if (ret != 0 || (command & PCI_COMMAND_MASTER) == 0)
		return ret;
	command &= ~PCI_COMMAND_MASTER;
	ret = config_access(dev_fd, true, region.offset + PCI_COMMAND, &command, sizeof(command));

	return ret != 0 ? ret : pending_wait(dev_fd, region.offset);
}

int
vfio_adopt_device_stop(int dev_fd)
{
	/* The last one holds its eventfds; the number of vectors can be chosen only from none. */
	static const uint32_t indexes[] = { VFIO_PCI_MSIX_IRQ_INDEX, VFIO_PCI_MSI_IRQ_INDEX,
		VFIO_PCI_INTX_IRQ_INDEX };
	struct vfio_irq_set set = {
		.argsz = sizeof(set),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
	};
	unsigned int i;
	int ret;

	/* First: an interrupt is a request too. */
	ret = bus_master_clear(dev_fd);
	/* An index that is not in use, or not there, refuses. */
	for (i = 0; i < RTE_DIM(indexes) && ret == 0; i++) {
		set.index = indexes[i];
		(void)call(dev_fd, VFIO_DEVICE_SET_IRQS, &set);
	}

	return ret;
}

int
vfio_adopt_device_reset(int dev_fd)
{
	int ret = call(dev_fd, VFIO_DEVICE_RESET, NULL);

	/* A device that cannot be reset says so by EINVAL, and is taken as it is. */
	return ret == -EINVAL ? 0 : ret;
}

int
vfio_adopt_unmap_all(int container_fd)
{
	const uint64_t half = UINT64_C(1) << 63;
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap) };
	int ret;

	if (call(container_fd, VFIO_CHECK_EXTENSION, (void *)(uintptr_t)VFIO_UNMAP_ALL) == 1) {
		unmap.flags = VFIO_DMA_UNMAP_FLAG_ALL;
		return call(container_fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
	}
	/* Before Linux 5.12: a size of 64 bits has no room for all of it. */
	unmap.size = half;
	ret = call(container_fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
	if (ret == 0) {
		unmap.iova = half;
		unmap.size = half;
		ret = call(container_fd, VFIO_IOMMU_UNMAP_DMA, &unmap);
	}

	return ret;
}
