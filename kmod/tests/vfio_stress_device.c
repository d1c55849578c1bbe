// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * A worker's devices: opened by group or cdev, used, and closed.
 */

#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "../include/uapi/linux/vfio_pci_vf.h"
#include "vfio_stress.h"

/* Of <linux/vfio.h> since Linux 6.6 and 6.17. */
#define DEVICE_BIND_IOMMUFD _IO(VFIO_TYPE, VFIO_BASE + 18)
#define DEVICE_BIND_FLAG_TOKEN (1 << 0)
struct device_bind_iommufd {
	uint32_t argsz;
	uint32_t flags;
	int32_t iommufd;
	uint32_t out_devid;
	uint64_t token_uuid_ptr;
};

/* Where vfio-pci has the regions of a device in its file. */
#define REGION(index) ((off_t)(index) << 40)
#define E1000_STATUS 8
#define PCI_COMMAND 4
#define PCI_COMMAND_MASTER 0x4

/* The tokens that PFs get. */
static const char *const tokens[] = {
	"11111111-aaaa-4bbb-8ccc-0123456789ab",
	"22222222-aaaa-4bbb-8ccc-0123456789ab",
};

struct held held[HELD_MAX];
unsigned int held_count;
int vfs_lock = -1;

/* A lock of a file belongs to all processes that have got it by fork(). */
void vfs_lock_open(void)
{
	if (options.kernel)
		vfs_lock = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
}

const char *name_of(unsigned int pf, int vf)
{
	return vf < 0 ? pfs[pf] : vfs[pf][vf];
}

void held_drop(unsigned int index)
{
	struct held *device = &held[index];
	unsigned int i;
	bool has_vf = false;

	begin(CLOSE, name_of(device->pf, device->vf));
	device_close(&device->opened);
	close(device->irq);
	close(device->request);
	held[index] = held[--held_count];
	for (i = 0; i < held_count; i++)
		has_vf |= held[i].vf >= 0;
	if (vfs_lock >= 0 && !has_vf)
		flock(vfs_lock, LOCK_UN);
	end(CLOSE, 0, NULL);
}

void held_serve(int64_t limit_ms)
{
	int64_t now = now_ms();
	unsigned int i = held_count;
	uint64_t value;

	while (i--) {
		if (read(held[i].request, &value, sizeof(value)) == sizeof(value)) {
			count_request();
			held_drop(i);
		} else if (now - held[i].since_ms > limit_ms) {
			held_drop(i);
		}
	}
}

bool held_vf_of(unsigned int pf)
{
	unsigned int i;

	for (i = 0; i < held_count; i++)
		if (held[i].pf == pf && held[i].vf >= 0)
			return true;
	return false;
}

static int irq_set(int device, unsigned int index, int fd)
{
	union {
		struct vfio_irq_set header;
		char bytes[sizeof(struct vfio_irq_set) + sizeof(fd)];
	} set = {
		.header = {
			.argsz = sizeof(set),
			.flags = VFIO_IRQ_SET_ACTION_TRIGGER |
				(fd < 0 ? VFIO_IRQ_SET_DATA_NONE : VFIO_IRQ_SET_DATA_EVENTFD),
			.index = index,
			.count = fd < 0 ? 0 : 1,
		},
	};

	memcpy(set.header.data, &fd, sizeof(fd));
	return ioctl(device, VFIO_DEVICE_SET_IRQS, &set) ? -errno : 0;
}

/* ---- opening */

static void token_bytes(const char *token, uint8_t bytes[16])
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		token += *token == '-';
		if (sscanf(token, "%2hhx", &bytes[i]) != 1)
			fatal("%s: not a token", token);
		token += 2;
	}
}

/* Gives the group its container. A group whose device is removed meanwhile leaves it: ENODEV. */
static int container_set(const struct opened *opened, bool iommufd)
{
	if (ioctl(opened->group, VFIO_GROUP_SET_CONTAINER, &opened->container))
		return -errno;
	if (!iommufd && ioctl(opened->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return errno == EINVAL ? -ENODEV : -errno;
	return 0;
}

/* With an iommufd as the container, or a container of type 1. */
static int open_by_group(struct opened *opened, const char *device, const char *token, bool iommufd)
{
	char text[256];
	int ret;

	*opened = (struct opened){ -1, -1, -1 };
	snprintf(text, sizeof(text), "/dev/vfio/%s", link_name(device, "iommu_group"));
	opened->container = open(iommufd ? "/dev/iommu" : "/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	opened->group = open(text, O_RDWR | O_CLOEXEC);
	if (opened->container < 0 || opened->group < 0)
		ret = -errno;
	else
		ret = container_set(opened, iommufd);
	if (!ret) {
		snprintf(text, sizeof(text), token ? "%s vf_token=%s" : "%s", device, token);
		ret = group_get(opened->group, text);
		opened->device = ret;
	}
	if (ret < 0)
		device_close(opened);
	return ret < 0 ? ret : 0;
}

static int cdev_open(const char *device)
{
	char path[PATH_MAX];
	struct dirent *entry;
	int fd = -1, ret = -ENOENT;
	DIR *dir = opendir(attribute(device, "vfio-dev"));

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "/dev/vfio/devices/%s", entry->d_name);
		fd = open(path, O_RDWR | O_CLOEXEC);
		ret = fd < 0 ? -errno : fd;
	}
	closedir(dir);
	return ret;
}

static int cdev_bind(struct opened *opened, const char *token)
{
	uint8_t bytes[16];
	struct device_bind_iommufd bind = { .argsz = sizeof(bind) };

	opened->container = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	bind.iommufd = opened->container;
	if (token) {
		token_bytes(token, bytes);
		bind.flags = DEVICE_BIND_FLAG_TOKEN;
		bind.token_uuid_ptr = (uintptr_t)bytes;
	}
	return ioctl(opened->device, DEVICE_BIND_IOMMUFD, &bind) ? -errno : 0;
}

static int open_by_cdev(struct opened *opened, const char *device, const char *token)
{
	int ret;

	*opened = (struct opened){ -1, -1, -1 };
	ret = cdev_open(device);
	if (ret < 0)
		return ret;
	opened->device = ret;
	ret = cdev_bind(opened, token);
	if (ret)
		device_close(opened);
	return ret;
}

static void held_add(const struct opened *opened, unsigned int pf, int vf, bool unbound)
{
	struct held *device = &held[held_count++];

	*device = (struct held){
		.opened = *opened,
		.request = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.irq = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
		.pf = pf,
		.vf = vf,
		.unbound = unbound,
		.since_ms = now_ms(),
	};
	if (!unbound)
		irq_set(opened->device, VFIO_PCI_REQ_IRQ_INDEX, device->request);
}

/* A token that a PF gets or has got; the first one mostly, so that opens succeed. */
static const char *token_of_pf(void)
{
	return tokens[choose(4) ? 0 : 1];
}

/* A token to open with. For a PF, which takes over what it is given, never the wrong one. */
static const char *token_choose(bool vf)
{
	switch (choose(10)) {
	case 0:
		return NULL;
	case 1:
		return vf ? WRONG_TOKEN : token_of_pf();
	case 2:
		return vf ? OWN_TOKEN : token_of_pf();
	default:
		return token_of_pf();
	}
}

/* Why a VF may not have been opened with what it was, or NULL. */
static const char *open_is_wrong(enum operation operation, const char *token)
{
	if (token && !strcmp(token, WRONG_TOKEN))
		return "opened with a wrong token";
	/* By cdev, a kernel without a check of tokens opens it. */
	if (!token && !(options.kernel && operation == OPEN_VF_CDEV))
		return "opened without a token";
	return NULL;
}

static int open_function(enum operation operation, unsigned int pf, int vf, const char *token)
{
	const char *device = name_of(pf, vf);
	struct opened opened;
	int ret;

	/* While VFs are being removed: as if the VF had gone already. */
	if (vfs_lock >= 0 && vf >= 0 && flock(vfs_lock, LOCK_SH | LOCK_NB))
		return end(operation, -ENODEV, NULL);
	if (operation == OPEN_PF_CDEV || operation == OPEN_VF_CDEV)
		ret = open_by_cdev(&opened, device, token);
	else
		ret = open_by_group(&opened, device, token, options.cdev && choose(2));
	if (!ret)
		held_add(&opened, pf, vf, false);
	else if (vfs_lock >= 0 && !held_count)
		flock(vfs_lock, LOCK_UN);
	return end(operation, ret, vf >= 0 ? open_is_wrong(operation, token) : NULL);
}

void open_operation(enum operation operation)
{
	const bool is_vf = operation == OPEN_VF_GROUP || operation == OPEN_VF_CDEV;
	const bool is_cdev = operation == OPEN_PF_CDEV || operation == OPEN_VF_CDEV;
	const unsigned int pf = choose(pf_count);
	const int vf = is_vf ? (int)choose(VFS) : -1;
	/* Kernels of which the cdev takes no token answer EINVAL to one. */
	const char *token = is_cdev && choose(3) ? NULL : token_choose(is_vf);

	if (held_count == HELD_MAX)
		held_drop(choose(held_count));
	begin(operation, name_of(pf, vf));
	open_function(operation, pf, vf, token);
}

void cdev_hold_operation(void)
{
	const unsigned int pf = choose(pf_count);
	const int vf = choose(2) ? (int)choose(VFS) : -1;
	struct opened opened = { -1, -1, -1 };
	int ret = 0;

	if (held_count == HELD_MAX)
		held_drop(choose(held_count));
	begin(CDEV_HOLD, name_of(pf, vf));
	if (vfs_lock >= 0 && flock(vfs_lock, LOCK_SH | LOCK_NB))
		ret = -ENODEV;
	if (!ret)
		ret = cdev_open(name_of(pf, vf));
	if (ret >= 0) {
		opened.device = ret;
		held_add(&opened, pf, vf, true);
	}
	end(CDEV_HOLD, ret, NULL);
}

/* ---- on a device that is held */

static int feature_call(int device, uint32_t flags, void *data, size_t size)
{
	union {
		struct vfio_device_feature header;
		char bytes[sizeof(struct vfio_device_feature) + 32];
	} argument = {
		.header = {
			.argsz = (uint32_t)(sizeof(argument.header) + size),
			.flags = flags,
		},
	};
	int ret;

	memcpy(argument.header.data, data, size);
	ret = ioctl(device, VFIO_DEVICE_FEATURE, &argument) ? -errno : 0;
	memcpy(data, argument.header.data, size);
	return ret;
}

static int own_token(int device, uint32_t flags, uint16_t vf, uint16_t vf_flags)
{
	struct vfio_device_feature_pci_vf_own_token own = { .vf = vf, .flags = vf_flags };
	unsigned int i;
	int ret;

	if (flags == FEATURE_SET && !vf_flags)
		token_bytes(OWN_TOKEN, own.token);
	ret = feature_call(device, VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN | flags, &own, sizeof(own));
	for (i = 0; flags == FEATURE_GET && i < sizeof(own.token); i++)
		if (own.token[i])
			unexpected(OWN_TOKEN_GET, self->device, "a token was returned");
	return ret;
}

/* Switches the first vector on or off. */
static int msix_switch(struct held *on)
{
	int ret = irq_set(on->opened.device, VFIO_PCI_MSIX_IRQ_INDEX, on->irq_on ? -1 : on->irq);

	on->irq_on ^= !ret;
	return ret;
}

/* Registers of the PF or VF, its command register, and now and then bus mastering. */
static int device_use(int device)
{
	uint32_t status;
	uint16_t command;

	if (pread(device, &command, sizeof(command), REGION(VFIO_PCI_CONFIG_REGION_INDEX) +
			PCI_COMMAND) != sizeof(command))
		return -errno;
	command ^= choose(4) ? 0 : PCI_COMMAND_MASTER;
	if (pwrite(device, &command, sizeof(command), REGION(VFIO_PCI_CONFIG_REGION_INDEX) +
			PCI_COMMAND) != sizeof(command))
		return -errno;
	if (pread(device, &status, sizeof(status), REGION(VFIO_PCI_BAR0_REGION_INDEX) +
			E1000_STATUS) != sizeof(status))
		return -errno;
	return 0;
}

static int num_vfs_set(const struct held *on)
{
	struct vfio_device_feature_pci_num_vfs num_vfs = { .num_vfs = (uint16_t)choose(VFS + 1) };
	int ret = feature_call(on->opened.device, VFIO_DEVICE_FEATURE_PCI_NUM_VFS | FEATURE_SET,
			&num_vfs, sizeof(num_vfs));

	if (!ret && !num_vfs.num_vfs && held_vf_of(on->pf))
		unexpected(NUM_VFS_SET, self->device, "no VFs, and this process has one open");
	return ret;
}

static int device_operate(enum operation operation, struct held *on)
{
	struct vfio_device_feature_pci_num_vfs num_vfs = { 0 };
	struct vfio_device_feature_pci_pf_keep keep = {
		.flags = choose(4) ? VFIO_PCI_PF_KEEP : 0,
	};
	const int device = on->opened.device;
	const uint16_t vf = (uint16_t)choose(VFS + 1);

	switch (operation) {
	case USE:
		return device_use(device);
	case IRQ:
		return msix_switch(on);
	case TOKEN_SET:
		return feature(device, FEATURE_TOKEN | FEATURE_SET,
				token_of_pf(), 16);
	case OWN_TOKEN_SET:
		return own_token(device, FEATURE_SET, vf,
				choose(2) ? VFIO_PCI_VF_OWN_TOKEN_CLEAR : 0);
	case OWN_TOKEN_GET:
		return own_token(device, FEATURE_GET, vf, 0);
	case NUM_VFS_GET:
		return feature_call(device, VFIO_DEVICE_FEATURE_PCI_NUM_VFS | FEATURE_GET,
				&num_vfs, sizeof(num_vfs));
	case NUM_VFS_SET:
		return num_vfs_set(on);
	case KEEP_SET:
		return feature_call(device, VFIO_DEVICE_FEATURE_PCI_PF_KEEP | FEATURE_SET, &keep,
				sizeof(keep));
	case KEEP_GET:
		return feature_call(device, VFIO_DEVICE_FEATURE_PCI_PF_KEEP | FEATURE_GET, &keep,
				sizeof(keep));
	default:
		return ioctl(device, VFIO_DEVICE_RESET) ? -errno : 0;
	}
}

/* ENOTTY is right for a VF, and for the kernel's module where the feature is ours. */
static bool may_be_enotty(enum operation operation, const struct held *on)
{
	return on->vf >= 0 || (options.kernel && operation != TOKEN_SET);
}

/* Any device, but mostly a PF for a feature that only PFs have. */
static struct held *held_choose(enum operation operation)
{
	unsigned int i;

	for (i = 0; i < held_count; i++)
		if (held[i].vf < 0 && operation >= TOKEN_SET && operation <= KEEP_GET && choose(8))
			return &held[i];
	return &held[choose(held_count)];
}

void device_operation(enum operation operation)
{
	struct held *on = held_choose(operation);
	const char *name = name_of(on->pf, on->vf);
	int ret;

	if (on->unbound)
		return;
	begin(operation, name);
	ret = end(operation, device_operate(operation, on), NULL);
	if (ret == -ENOTTY && !may_be_enotty(operation, on))
		unexpected(operation, name, "ENOTTY of a PF");
}

/*
 * Nobody else can change the token of a PF that is held, so that its VFs must open with it, but for
 * those that have their own.
 */
void token_open_operation(void)
{
	const char *token = token_of_pf();
	const int vf = (int)choose(VFS);
	unsigned int i;
	int ret;

	for (i = 0; i < held_count; i++)
		if (held[i].vf < 0 && !held[i].unbound)
			break;
	if (i == held_count || held_count == HELD_MAX)
		return;
	begin(TOKEN_OPEN, vfs[held[i].pf][vf]);
	ret = feature(held[i].opened.device, FEATURE_TOKEN | FEATURE_SET, token, 16);
	if (!ret && !options.kernel) {
		ret = own_token(held[i].opened.device, FEATURE_SET, (uint16_t)vf,
				VFIO_PCI_VF_OWN_TOKEN_CLEAR);
		/* There is no such VF at the moment; there may be one in the next. */
		ret = ret == -ERANGE ? 0 : ret;
	}
	if (ret)
		end(TOKEN_OPEN, ret, NULL);
	else
		open_function(TOKEN_OPEN, held[i].pf, vf, token);
}
