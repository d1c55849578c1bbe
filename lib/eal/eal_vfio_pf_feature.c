/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>
#include <linux/vfio_pci_vf.h>

#include "eal_vfio_pf.h"

/* Room for the data of any feature that is used here. */
#define FEATURE_DATA_SIZE 32

static int
feature_ioctl(int dev_fd, struct vfio_device_feature *feature)
{
	return ioctl(dev_fd, VFIO_DEVICE_FEATURE, feature) == 0 ? 0 : -errno;
}

static int
node_open(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

struct vfio_pf_kernel vfio_pf_kernel = {
	.feature = feature_ioctl,
	.node_open = node_open,
};

/*
 * One ioctl. @p op is VFIO_DEVICE_FEATURE_GET or _SET, or _PROBE with what is asked for. The data
 * may hold a token, so no copy of it is left behind.
 */
static int
feature_call(int dev_fd, uint32_t op, uint16_t id, void *data, size_t size)
{
	uint8_t buffer[sizeof(struct vfio_device_feature) + FEATURE_DATA_SIZE]
			__rte_aligned(sizeof(uint64_t));
	struct vfio_device_feature *feature = (struct vfio_device_feature *)buffer;
	int ret;

	if (size > FEATURE_DATA_SIZE)
		return -E2BIG;
	feature->argsz = sizeof(*feature) + size;
	feature->flags = op | id;
	memcpy(feature->data, data, size);
	ret = vfio_pf_kernel.feature(dev_fd, feature);
	if (ret == 0 && (op & VFIO_DEVICE_FEATURE_GET) != 0)
		memcpy(data, feature->data, size);
	explicit_bzero(buffer, sizeof(buffer));

	return ret;
}

/* ENOTTY is what a vfio-pci answers that does not know the feature. */
static int
added_call(int dev_fd, uint32_t op, uint16_t id, void *data, size_t size)
{
	int ret = feature_call(dev_fd, op, id, data, size);

	return ret == -ENOTTY ? -ENOTSUP : ret;
}

int
vfio_pf_features_probe(int dev_fd, uint32_t *features)
{
	static const struct {
		uint16_t id;
		uint16_t size;
		uint32_t bit;
	} known[] = {
		{ VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN,
			sizeof(struct vfio_device_feature_pci_vf_own_token),
			RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN },
		{ VFIO_DEVICE_FEATURE_PCI_NUM_VFS, sizeof(struct vfio_device_feature_pci_num_vfs),
			RTE_VFIO_PF_FEATURE_NUM_VFS },
		{ VFIO_DEVICE_FEATURE_PCI_PF_KEEP, sizeof(struct vfio_device_feature_pci_pf_keep),
			RTE_VFIO_PF_FEATURE_KEEP },
	};
	uint8_t data[FEATURE_DATA_SIZE] = { 0 };
	unsigned int i;
	int ret;

	*features = 0;
	for (i = 0; i < RTE_DIM(known); i++) {
		ret = added_call(dev_fd, VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET |
				VFIO_DEVICE_FEATURE_SET, known[i].id, data, known[i].size);
		if (ret == 0)
			*features |= known[i].bit;
		else if (ret != -ENOTSUP)
			return ret;
	}

	return 0;
}

int
vfio_pf_token_set(int dev_fd, const rte_uuid_t token)
{
	rte_uuid_t data;
	int ret;

	rte_uuid_copy(data, token);
	ret = feature_call(dev_fd, VFIO_DEVICE_FEATURE_SET, VFIO_DEVICE_FEATURE_PCI_VF_TOKEN,
			data, sizeof(data));
	explicit_bzero(data, sizeof(data));

	return ret;
}

int
vfio_pf_own_token_set(int dev_fd, uint16_t vf, const rte_uuid_t token)
{
	struct vfio_device_feature_pci_vf_own_token own = { .vf = vf };
	int ret;

	if (token != NULL)
		memcpy(own.token, token, sizeof(own.token));
	else
		own.flags = VFIO_PCI_VF_OWN_TOKEN_CLEAR;
	ret = added_call(dev_fd, VFIO_DEVICE_FEATURE_SET, VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN,
			&own, sizeof(own));
	explicit_bzero(&own, sizeof(own));

	return ret;
}

int
vfio_pf_own_token_flags(int dev_fd, uint16_t vf, uint16_t *flags)
{
	struct vfio_device_feature_pci_vf_own_token own = { .vf = vf };
	int ret = added_call(dev_fd, VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN,
			&own, sizeof(own));

	if (ret == 0)
		*flags = own.flags;

	return ret;
}

int
vfio_pf_num_vfs_read(int dev_fd, uint16_t *num_vfs, uint16_t *total_vfs)
{
	struct vfio_device_feature_pci_num_vfs number = { .num_vfs = 0 };
	int ret = added_call(dev_fd, VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_PCI_NUM_VFS,
			&number, sizeof(number));

	if (ret == 0) {
		*num_vfs = number.num_vfs;
		*total_vfs = number.total_vfs;
	}

	return ret;
}

int
vfio_pf_num_vfs_write(int dev_fd, uint16_t num_vfs)
{
	struct vfio_device_feature_pci_num_vfs number = { .num_vfs = num_vfs };

	return added_call(dev_fd, VFIO_DEVICE_FEATURE_SET, VFIO_DEVICE_FEATURE_PCI_NUM_VFS,
			&number, sizeof(number));
}

int
vfio_pf_keep_read(int dev_fd, uint32_t *flags)
{
	struct vfio_device_feature_pci_pf_keep keep = { .flags = 0 };
	int ret = added_call(dev_fd, VFIO_DEVICE_FEATURE_GET, VFIO_DEVICE_FEATURE_PCI_PF_KEEP,
			&keep, sizeof(keep));

	if (ret == 0)
		*flags = keep.flags;

	return ret;
}

int
vfio_pf_keep_write(int dev_fd, uint32_t flags)
{
	struct vfio_device_feature_pci_pf_keep keep = { .flags = flags };

	return added_call(dev_fd, VFIO_DEVICE_FEATURE_SET, VFIO_DEVICE_FEATURE_PCI_PF_KEEP,
			&keep, sizeof(keep));
}
