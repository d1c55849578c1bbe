/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/vfio.h>

#include <rte_eal.h>
#include <rte_string_fns.h>

#include "eal_vfio_adopt.h"
#include "eal_vfio_token_private.h"

/* "BDF vf_token=UUID", the grammar of VFIO_GROUP_GET_DEVICE_FD since Linux 5.7. */
#define DEVICE_STRING_SIZE (64 + sizeof(" vf_token=") + RTE_UUID_STRLEN)

/* Where a device is opened: descriptors of the caller's. */
struct open_place {
	int container_fd;
	int group_fd;
	const char *sysfs_base;
};

/* Ask the kernel for the device, exactly once. Returns the descriptor or a negative errno. */
static int
group_device_fd(int group_fd, const char *dev_addr, const struct vfio_token_choice *choice)
{
	char device[DEVICE_STRING_SIZE], uuid[RTE_UUID_STRLEN];
	int fd;

	if (choice->has_token) {
		rte_uuid_unparse(choice->token, uuid, sizeof(uuid));
		snprintf(device, sizeof(device), "%s vf_token=%s", dev_addr, uuid);
	} else {
		snprintf(device, sizeof(device), "%s", dev_addr);
	}
	fd = ioctl(group_fd, VFIO_GROUP_GET_DEVICE_FD, device);
	if (fd < 0)
		fd = -errno;
	explicit_bzero(device, sizeof(device));
	explicit_bzero(uuid, sizeof(uuid));

	return fd;
}

static void
device_opened(const struct open_place *place, const char *dev_addr, int fd, bool from_primary,
		enum rte_vfio_vf_token_role role, const struct vfio_token_choice *choice)
{
	struct vfio_token_record *record;

	vfio_token_records_lock();
	record = vfio_token_record_get(dev_addr, true);
	if (record != NULL) {
		record->dev_fd = fd;
		record->group_fd = place->group_fd;
		record->container_fd = place->container_fd;
		record->from_primary = from_primary;
		record->role = role;
		record->err = 0;
		record->cause[0] = '\0';
		record->source = choice->source;
		rte_strscpy(record->origin, choice->origin, sizeof(record->origin));
		record->has_token = choice->has_token && role == RTE_VFIO_VF_TOKEN_ROLE_PF;
		if (record->has_token)
			rte_uuid_copy(record->token, choice->token);
		/* An entry "random" of the table means this token from now on. */
		if (record->has_token && choice->adopted) {
			record->has_random = true;
			rte_uuid_copy(record->random, choice->token);
		}
	}
	vfio_token_records_unlock();

	if (record == NULL)
		VFIO_TOKEN_LOG(WARNING, "%s: no memory to record the open: secondary processes and "
				"token rotation will not find it", dev_addr);
	else if (!from_primary && rte_eal_process_type() == RTE_PROC_PRIMARY &&
			vfio_token_mp_serve() != 0)
		VFIO_TOKEN_LOG(WARNING, "%s: secondary processes cannot ask for its descriptor",
				dev_addr);
}

/* A device of another bus: VF tokens are a matter of vfio-pci. */
static int
other_device_open(const struct open_place *place, const char *dev_addr)
{
	static const struct vfio_token_choice none;
	struct vfio_token_error why;
	int fd = group_device_fd(place->group_fd, dev_addr, &none);

	if (fd >= 0) {
		device_opened(place, dev_addr, fd, false, RTE_VFIO_VF_TOKEN_ROLE_NONE, &none);
		return fd;
	}
	vfio_token_fail(&why, 0, "see dmesg for what the kernel's driver says of it");
	vfio_token_refusal_report(dev_addr, NULL, -fd, &why);

	return fd;
}

/* A device that is there. */
static int
function_open(const struct open_place *place, const char *dev_addr,
		const struct vfio_token_function *fn, struct vfio_token_choice *choice,
		struct vfio_token_error *why)
{
	int fd = vfio_adopt_device_take(fn, choice, why);

	if (fd >= 0)
		VFIO_TOKEN_LOG(INFO, "%s: adopted, open since before this process", dev_addr);
	if (fd != -ENOENT)
		return fd;
	fd = vfio_token_table_choose(fn, true, choice, why);
	if (fd != 0)
		return fd;
	fd = group_device_fd(place->group_fd, dev_addr, choice);
	if (fd < 0)
		vfio_token_device_refusal(place->sysfs_base, fn, choice, -fd, why);
	else
		VFIO_TOKEN_LOG(DEBUG, "%s: opened through VFIO %s%s", dev_addr,
				choice->has_token ? "with the VF token of " : "without a VF token",
				choice->has_token ? choice->origin : "");

	return fd;
}

static int
pci_device_open(const struct open_place *place, const char *dev_addr,
		const struct vfio_token_bdf *bdf)
{
	struct vfio_token_choice choice = { .has_token = false };
	struct vfio_token_function fn;
	struct vfio_token_error why;
	int fd;

	fd = vfio_token_function_read(place->sysfs_base, bdf, &fn);
	if (fd == -ENODEV)
		vfio_token_absent_refusal(fn.name, &why);
	else if (fd != 0)
		vfio_token_fail(&why, 0, "cannot read %s/%s: %s", place->sysfs_base, fn.name,
				strerror(-fd));
	else
		fd = function_open(place, dev_addr, &fn, &choice, &why);
	if (fd >= 0)
		device_opened(place, dev_addr, fd, false, fn.role, &choice);
	else
		vfio_token_refusal_report(dev_addr, &choice, -fd, &why);
	explicit_bzero(&choice, sizeof(choice));
	vfio_token_stack_wipe();

	return fd;
}

int
eal_vfio_token_device_open(int container_fd, int group_fd, const char *sysfs_base,
		const char *dev_addr)
{
	const struct open_place place = {
		.container_fd = container_fd,
		.group_fd = group_fd,
		.sysfs_base = sysfs_base,
	};
	static const struct vfio_token_choice none;
	struct vfio_token_bdf bdf;
	int fd;

	/* The primary's own descriptor, so that no token needs to leave it. */
	if (rte_eal_process_type() == RTE_PROC_SECONDARY) {
		fd = vfio_token_mp_device_fd(dev_addr);
		if (fd >= 0) {
			device_opened(&place, dev_addr, fd, true, RTE_VFIO_VF_TOKEN_ROLE_NONE,
					&none);
			return fd;
		}
		VFIO_TOKEN_LOG(DEBUG, "%s: the primary process does not share it (%s); opening it "
				"here", dev_addr, strerror(-fd));
	}
	if (vfio_token_bdf_parse(dev_addr, strlen(dev_addr), &bdf) != 0)
		return other_device_open(&place, dev_addr);

	return pci_device_open(&place, dev_addr, &bdf);
}

void
eal_vfio_token_device_closed(const char *dev_addr, int dev_fd)
{
	struct vfio_token_record *record;

	vfio_adopt_device_closed(dev_addr, dev_fd);
	vfio_token_records_lock();
	record = vfio_token_record_get(dev_addr, false);
	if (record != NULL && record->dev_fd == dev_fd) {
		record->dev_fd = -1;
		record->has_token = false;
		explicit_bzero(record->token, sizeof(record->token));
	}
	vfio_token_records_unlock();
}
