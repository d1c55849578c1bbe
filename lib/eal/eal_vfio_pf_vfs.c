/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "eal_vfio_pf.h"

/* For a VF, and as many of its users as messages name. */
#define HOLDERS_SIZE 384

/* How many VFs a PF has, and how that was learnt. */
struct vf_number {
	uint16_t now;
	uint16_t total;
	bool by_fd;
};

static int
attribute_open(const char *pf_name, const char *attribute, int flags)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", vfio_token_paths.pci_devices, pf_name, attribute);
	fd = open(path, flags | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

static int
attribute_read(const char *pf_name, const char *attribute, uint16_t *value)
{
	int fd = attribute_open(pf_name, attribute, O_RDONLY), ret;
	unsigned long number;
	char text[32], *end;
	ssize_t len;

	if (fd < 0)
		return fd;
	len = read(fd, text, sizeof(text) - 1);
	ret = len < 0 ? -errno : 0;
	close(fd);
	if (ret != 0)
		return ret;
	text[len] = '\0';
	number = strtoul(text, &end, 10);
	if (end == text || number > UINT16_MAX)
		return -EIO;
	*value = number;

	return 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_pf_vf_name)
int
vfio_pf_vf_name(const char *pf_name, uint16_t index, char name[RTE_VFIO_VF_TOKEN_BDF_SIZE])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/virtfn%u", vfio_token_paths.pci_devices, pf_name,
			index);
	return vfio_token_link_base_read(AT_FDCWD, path, name, RTE_VFIO_VF_TOKEN_BDF_SIZE) == 0 ?
			0 : -ENOENT;
}

/* Is it the VF of this index? */
static bool
index_is(const char *pf_name, uint16_t index, const char *vf_name)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];

	return vfio_pf_vf_name(pf_name, index, name) == 0 && strcmp(name, vf_name) == 0;
}

/* Index of a VF from the addresses, as the PCIe specification has it: no search. */
static int
index_compute(uint16_t distance, uint16_t offset, uint16_t stride, uint16_t *index)
{
	distance -= offset;
	if (stride == 0 || distance % stride != 0)
		return -ENOENT;
	*index = distance / stride;

	return 0;
}

/*
 * Offset and stride of a PF that is open here are remembered. They may be others when the number
 * of VFs has changed, so that what follows from them is only where to look first.
 */
static void
stride_remembered(const char *pf_name, uint16_t *offset, uint16_t *stride)
{
	const struct vfio_token_record *record;

	vfio_token_records_lock();
	record = vfio_token_record_get(pf_name, false);
	*offset = record != NULL ? record->vf_offset : 0;
	*stride = record != NULL ? record->vf_stride : 0;
	vfio_token_records_unlock();
}

static int
stride_read(const char *pf_name, uint16_t *offset, uint16_t *stride)
{
	struct vfio_token_record *record;

	if (attribute_read(pf_name, "sriov_offset", offset) != 0 ||
			attribute_read(pf_name, "sriov_stride", stride) != 0)
		return -ENOENT;
	vfio_token_records_lock();
	record = vfio_token_record_get(pf_name, false);
	if (record != NULL) {
		record->vf_offset = *offset;
		record->vf_stride = *stride;
	}
	vfio_token_records_unlock();

	return 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_pf_vf_index)
int
vfio_pf_vf_index(const char *pf_name, const char *vf_name, uint16_t *index)
{
	uint16_t i, distance, offset, stride;
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_bdf pf, vf;

	if (vfio_token_bdf_parse(pf_name, strlen(pf_name), &pf) == 0 &&
			vfio_token_bdf_parse(vf_name, strlen(vf_name), &vf) == 0 &&
			pf.domain == vf.domain) {
		distance = (vf.bus << 8 | vf.devfn) - (pf.bus << 8 | pf.devfn);
		stride_remembered(pf_name, &offset, &stride);
		if ((index_compute(distance, offset, stride, &i) == 0 &&
				index_is(pf_name, i, vf_name)) ||
				(stride_read(pf_name, &offset, &stride) == 0 &&
				index_compute(distance, offset, stride, &i) == 0 &&
				index_is(pf_name, i, vf_name))) {
			*index = i;
			return 0;
		}
	}
	/* A kernel before 4.14 tells neither offset nor stride. */
	for (i = 0; i < UINT16_MAX && vfio_pf_vf_name(pf_name, i, name) == 0; i++) {
		if (strcmp(name, vf_name) != 0)
			continue;
		*index = i;
		return 0;
	}

	return -ENODEV;
}

int
vfio_pf_vf_find(const struct vfio_token_bdf *bdf, struct vfio_pf_vf *vf)
{
	vfio_token_bdf_format(bdf, vf->name);
	if (vfio_token_pf_of(vfio_token_paths.pci_devices, vf->name, vf->pf_name, &vf->pf) != 0)
		return -ENODEV;

	return vfio_pf_vf_index(vf->pf_name, vf->name, &vf->index);
}

/* Open a group's node, and close it at once: a group is open once only, by cdev as well. */
static int
group_try(int group, char *node, size_t size)
{
	int fd;

	snprintf(node, size, "%s/%d", vfio_token_paths.dev_vfio, group);
	fd = vfio_pf_kernel.node_open(node);
	if (fd == -ENOENT) {
		snprintf(node, size, "%s/noiommu-%d", vfio_token_paths.dev_vfio, group);
		fd = vfio_pf_kernel.node_open(node);
	}
	if (fd < 0)
		return fd;
	close(fd);

	return 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_pf_function_held)
int
vfio_pf_function_held(const char *name, char *holders, size_t size)
{
	const char *sysfs_base = vfio_token_paths.pci_devices;
	int group = vfio_token_group_of(sysfs_base, name);
	char node[PATH_MAX];
	int ret;

	ret = group < 0 ? group : group_try(group, node, sizeof(node));
	/* ENODEV: the node is there, but the driver has just gone. */
	if (ret == 0 || ret == -ENODEV)
		return vfio_token_cdev_holders(sysfs_base, name, holders, size);
	if (ret != -EBUSY)
		return ret;
	vfio_token_group_holders(group, holders, size);

	return 1;
}

/* Is a VF on a VFIO driver open, or may it be? */
static bool
vf_is_held(const char *vf, char *text, size_t size)
{
	char names[HOLDERS_SIZE - 64];
	int ret = vfio_pf_function_held(vf, names, sizeof(names));

	if (ret > 0)
		snprintf(text, size, "VF %s is held by %s", vf, names);
	else if (ret < 0)
		snprintf(text, size, "whether VF %s is open cannot be told, as its group cannot be "
				"opened: %s", vf, strerror(-ret));

	return ret != 0;
}

bool
vfio_pf_vf_is_held(const char *pf_name, char *text, size_t size)
{
	char vf[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_function fn;
	struct vfio_token_bdf bdf;
	uint16_t i;

	for (i = 0; i < UINT16_MAX && vfio_pf_vf_name(pf_name, i, vf) == 0; i++)
		if (vfio_token_bdf_parse(vf, strlen(vf), &bdf) == 0 &&
				vfio_token_function_read(vfio_token_paths.pci_devices, &bdf,
					&fn) == 0 &&
				vfio_token_driver_is_vfio(vfio_token_paths.pci_devices, vf,
					fn.driver) && vf_is_held(vf, text, size))
			return true;

	return false;
}

static int
attribute_write(const char *pf_name, const char *attribute, uint16_t value)
{
	int fd = attribute_open(pf_name, attribute, O_WRONLY), ret = 0;
	char text[32];

	if (fd < 0)
		return fd;
	snprintf(text, sizeof(text), "%u", value);
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);

	return ret;
}

static int
number_read(int fd, const char *pf_name, struct vf_number *number)
{
	int ret = vfio_pf_num_vfs_read(fd, &number->now, &number->total);

	number->by_fd = ret == 0;
	if (ret != -ENOTSUP)
		return ret;
	VFIO_TOKEN_LOG(DEBUG, "%s: number of VFs read from sysfs, as this vfio-pci does not tell "
			"it by the descriptor", pf_name);
	ret = attribute_read(pf_name, "sriov_numvfs", &number->now);

	return ret != 0 ? ret : attribute_read(pf_name, "sriov_totalvfs", &number->total);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_pf_num_vfs_get, 26.11)
int
rte_vfio_pf_num_vfs_get(const char *pf, uint16_t *num_vfs, uint16_t *total_vfs)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vf_number number;
	int fd, ret;

	fd = vfio_pf_argument(pf, name);
	if (fd < 0)
		return fd;
	ret = number_read(fd, name, &number);
	close(fd);
	if (ret != 0)
		return ret;
	if (num_vfs != NULL)
		*num_vfs = number.now;
	if (total_vfs != NULL)
		*total_vfs = number.total;

	return 0;
}

static void
refusal_explain(int err, const char *pf_name, const struct vf_number *number, uint16_t num_vfs,
		struct vfio_token_error *why)
{
	char holders[HOLDERS_SIZE];

	switch (err) {
	case EBUSY:
		if (num_vfs != 0)
			vfio_token_fail(why, 0, "it has %u VFs, whose number cannot be changed: "
					"remove them first", number->now);
		else if (vfio_pf_vf_is_held(pf_name, holders, sizeof(holders)))
			vfio_token_fail(why, 0, "%s: have it closed first", holders);
		else
			vfio_token_fail(why, 0, "a VF is in use: dmesg names it");
		break;
	case ENOENT:
		vfio_token_fail(why, 0, "vfio-pci makes VFs only with enable_sriov: echo Y > "
				"/sys/module/vfio_pci/parameters/enable_sriov");
		break;
	case ERANGE:
		vfio_token_fail(why, 0, "it can have %u VFs at most", number->total);
		break;
	case EAGAIN:
		vfio_token_fail(why, 0, "another task is binding, unbinding or resetting it, or is "
				"changing its VFs: try again");
		break;
	case EACCES:
	case EPERM:
	case EROFS:
		vfio_token_fail(why, 0, "this process may not write to sriov_numvfs in sysfs: run "
				"as root with /sys writable, or load kmod/vfio-pci with "
				"numvfs_by_fd=1");
		break;
	default:
		vfio_token_fail(why, 0, "see dmesg for what the kernel's driver says of it");
		break;
	}
}

static int
number_write(int fd, const char *pf_name, uint16_t num_vfs, struct vfio_token_error *why)
{
	char holders[HOLDERS_SIZE];
	struct vf_number number;
	int ret = number_read(fd, pf_name, &number);

	if (ret != 0)
		return vfio_token_fail(why, ret, "the number that it has cannot be read");
	/* By the descriptor the kernel refuses, and does not wait. */
	if (num_vfs == 0 && number.now != 0 && !number.by_fd &&
			vfio_pf_vf_is_held(pf_name, holders, sizeof(holders)))
		return vfio_token_fail(why, -EBUSY, "%s: have it closed first", holders);
	if (number.by_fd)
		ret = vfio_pf_num_vfs_write(fd, num_vfs);
	else
		ret = attribute_write(pf_name, "sriov_numvfs", num_vfs);
	if (ret != 0) {
		refusal_explain(-ret, pf_name, &number, num_vfs, why);
		return ret;
	}
	VFIO_TOKEN_LOG(INFO, "%s: number of VFs changed from %u to %u through %s", pf_name,
			number.now, num_vfs, number.by_fd ? "the PF's descriptor" :
			"sysfs, as this vfio-pci does not do it by the descriptor");

	return number.now != num_vfs;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_pf_num_vfs_set, 26.11)
int
rte_vfio_pf_num_vfs_set(const char *pf, uint16_t num_vfs)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_error why;
	int fd, ret;

	fd = vfio_pf_argument(pf, name);
	if (fd >= 0) {
		ret = number_write(fd, name, num_vfs, &why);
		close(fd);
	} else {
		ret = fd;
		if (ret != -ENODEV)
			return ret;
		vfio_token_fail(&why, 0, "this process does not hold it open as a PF");
	}
	if (ret < 0) {
		VFIO_TOKEN_LOG(ERR, "%s: cannot set the number of VFs to %u: %s (%d): %s", pf,
				num_vfs, strerror(-ret), -ret, why.text);
		return ret;
	}
	if (ret > 0)
		vfio_pf_own_tokens_forget(name);

	return 0;
}
