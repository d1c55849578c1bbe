// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-added: the number of VFs by the PF's descriptor, and that removing VFs does not hang.
 */

#include <errno.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_check.h"
#include "vfio_device.h"
#include "../include/uapi/linux/vfio_pci_vf.h"

#define FEATURE_NUM VFIO_DEVICE_FEATURE_PCI_NUM_VFS

/* ---- the number of VFs by the PF's descriptor */

static int num_vfs_call(int device, uint32_t operation, unsigned int count)
{
	struct vfio_device_feature_pci_num_vfs num = { .num_vfs = (uint16_t)count };

	return feature_call(device, FEATURE_NUM | operation, &num, sizeof(num));
}

static int num_vfs_set(int device, unsigned int count)
{
	return num_vfs_call(device, FEATURE_SET, count);
}

/* GET's number of VFs, or the most that there can be; or -errno. */
static int num_vfs_get(int device, bool total)
{
	struct vfio_device_feature_pci_num_vfs num = { .num_vfs = 0xa5a5 };
	int ret = feature_call(device, FEATURE_NUM | FEATURE_GET, &num, sizeof(num));

	if (ret)
		return ret;
	return total ? num.total_vfs : num.num_vfs;
}

static int total_vfs(void)
{
	char text[16];

	return file_read(attribute(pf, "sriov_totalvfs"), text, sizeof(text)) ? -1 : atoi(text);
}

static void off_cases(int device)
{
	expect(-ENOTTY, num_vfs_call(device, FEATURE_PROBE, 0), "off: PROBE");
	expect(-ENOTTY, num_vfs_get(device, false), "off: GET");
	expect(-ENOTTY, num_vfs_set(device, 0), "off: SET");
}

static void malformed_cases(int device)
{
	struct vfio_device_feature_pci_num_vfs num = { .num_vfs = 0 };

	expect(-EINVAL, feature_call(device, FEATURE_NUM | FEATURE_SET, &num, sizeof(num) - 1),
			"SET, a byte short");
	expect(-EINVAL, feature_call(device, FEATURE_NUM | FEATURE_GET, &num, sizeof(num) - 1),
			"GET, a byte short");
	expect(-EINVAL, num_vfs_call(device, 0, 0), "neither GET nor SET");
	num.reserved = 1;
	expect(-EINVAL, feature_call(device, FEATURE_NUM | FEATURE_SET, &num, sizeof(num)),
			"SET, reserved");
	expect(-EINVAL, feature_call(device, FEATURE_NUM | FEATURE_GET, &num, sizeof(num)),
			"GET, reserved");
	expect_value(2, numvfs_read(), "all refused: VFs");
}

static void set_cases(int device)
{
	char text[32] = "";

	expect_value(2, num_vfs_get(device, false), "GET, VFs by sysfs");
	expect_value(total_vfs(), num_vfs_get(device, true),
			"GET, total");
	expect(0, num_vfs_set(device, 2), "SET 2 to 2");
	expect(-EBUSY, num_vfs_set(device, 3), "SET 2 to 3");
	expect(-EBUSY, num_vfs_set(device, 1), "SET 2 to 1");
	expect(-ERANGE, num_vfs_set(device, (unsigned int)total_vfs() + 1), "SET above the total");
	expect(0, num_vfs_set(device, 0), "SET 2 to none");
	expect_value(0, num_vfs_get(device, false), "none: GET");
	expect_value(0, numvfs_read(), "none: sysfs");
	expect(0, num_vfs_set(device, 0), "SET none to none");
	expect(-ERANGE, num_vfs_set(device, UINT16_MAX), "SET none to 65535");
	expect(0, num_vfs_set(device, 2), "SET none to 2");
	expect_value(2, num_vfs_get(device, false), "made: GET");
	expect_value(2, numvfs_read(), "made: sysfs");
	file_read(attribute(vf[0], "driver_override"), text, sizeof(text));
	expect_true(!strcmp(text, "vfio-pci"), "made: captured by driver_override");
	expect(0, device_try(vf[0], T1), "made: VF with the PF's token");
}

static void enable_cases(int device)
{
	file_write(PARAMETERS "enable_sriov", "0");
	expect(-ENOENT, num_vfs_set(device, 0), "enable_sriov=0: SET 2 to none");
	expect(0, num_vfs_set(device, 2), "enable_sriov=0: SET 2 to 2");
	numvfs_write(0);
	file_write(PARAMETERS "enable_sriov", "1");
	expect(0, num_vfs_set(device, 0), "enable_sriov=1: SET 2 to none");
	file_write(PARAMETERS "enable_sriov", "0");
	expect(-ENOENT, num_vfs_set(device, 2), "enable_sriov=0: SET none to 2");
	file_write(PARAMETERS "enable_sriov", "1");
	vfs_make();
}

static void busy_cases(int device)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct opened opened;
	int kmsg;

	device_must(&opened, vf[0], T1);
	expect(-ENOTTY, num_vfs_call(opened.device, FEATURE_PROBE, 0),
			"PROBE by a VF's descriptor");
	kmsg = kmsg_open();
	expect(-EBUSY, num_vfs_set(device, 0), "VF open: SET 2 to none");
	expect_value(1, kmsg_count(kmsg, pf, vf[0]), "VF open: messages with its name");
	expect_value(2, numvfs_read(), "VF open: sysfs");
	expect(0, ioctl(opened.device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0,
			"VF open: it goes on");
	expect(0, device_try(vf[1], T1), "VF open: the other opens");
	device_close(&opened);
}

/* The PF is being unbound from when it asks for its descriptor until that is closed. */
static void unbind_cases(struct opened *opened)
{
	struct writer writer;
	int request;

	numvfs_write(0);
	request = irq_enable(opened->device, VFIO_PCI_REQ_IRQ_INDEX);
	if (request < 0)
		fatal("%s: no request interrupt: %s", pf, strerror(-request));
	writer_start(&writer, attribute(pf, "driver/unbind"), pf);
	expect_true(irq_wait(request, RETURN_TIMEOUT_MS), "unbind asks for the PF");
	expect(-EAGAIN, num_vfs_set(opened->device, 2), "during unbind: SET none to 2");
	expect(0, num_vfs_get(opened->device, false), "during unbind: GET");
	expect(-ETIMEDOUT, writer_wait(&writer, 0), "unbind waits for the PF");
	close(request);
	device_close(opened);
	expect(0, writer_wait(&writer, RETURN_TIMEOUT_MS), "unbind returns when the PF is closed");
	driver_must(pf, "vfio-pci");
}

int numvfs_item(void)
{
	struct opened opened;

	item_begin("numvfs");
	pf_open(&opened);
	file_write(PARAMETERS "numvfs_by_fd", "0");
	off_cases(opened.device);
	file_write(PARAMETERS "numvfs_by_fd", "1");
	expect(0, num_vfs_call(opened.device, FEATURE_PROBE, 0), "on: PROBE");
	malformed_cases(opened.device);
	set_cases(opened.device);
	enable_cases(opened.device);
	busy_cases(opened.device);
	unbind_cases(&opened);
	file_write(PARAMETERS "numvfs_by_fd", "0");
	return item_end();
}

/* ---- removing VFs in use */

static void refused_cases(const char *what)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct opened opened;
	int kmsg, ret;

	device_must(&opened, vf[0], T1);
	kmsg = kmsg_open();
	ret = numvfs_write_bounded("0", &opened);
	expect(-EBUSY, ret, "%s: sriov_numvfs=0", what);
	expect_value(1, kmsg_count(kmsg, pf, vf[0]), "%s: messages with its name",
			what);
	if (ret == -ETIMEDOUT) {
		vfs_make();
		return;
	}
	expect(0, ioctl(opened.device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0, "%s: it goes on",
			what);
	expect_value(2, numvfs_read(), "%s: VFs", what);
	expect(0, device_try(vf[1], T1), "%s: the other opens", what);
	device_close(&opened);
	expect(0, device_try(vf[0], T1), "%s: closed, it opens again", what);
}

/* A VF that the PF's driver does not know to be open. */
static void variant_cases(void)
{
	struct opened opened;

	if (!driver_there("vfio-variant"))
		return;
	driver_must(vf[0], "vfio-variant");
	device_must(&opened, vf[0], T1);
	expect(-EBUSY, numvfs_write_bounded("0", &opened),
			"VF open on another vfio driver: sriov_numvfs=0");
	device_close(&opened);
	vfs_make();
}

/* Who asked for it gets the kernel's wait, which no new VF's user prolongs. */
static void wait_cases(void)
{
	struct opened opened;
	struct writer writer;
	int request;

	file_write(PARAMETERS "wait_for_vfs", "1");
	device_must(&opened, vf[0], T1);
	request = irq_enable(opened.device, VFIO_PCI_REQ_IRQ_INDEX);
	if (request < 0)
		fatal("%s: no request interrupt: %s", vf[0], strerror(-request));
	writer_start(&writer, attribute(pf, "sriov_numvfs"), "0");
	expect_true(irq_wait(request, RETURN_TIMEOUT_MS), "wait_for_vfs: the VF is asked for");
	expect(-ENODEV, device_try(vf[1], T1), "wait_for_vfs: the other VF does not open");
	expect(-ETIMEDOUT, writer_wait(&writer, BLOCKED_AFTER_MS), "wait_for_vfs: waits");
	close(request);
	device_close(&opened);
	expect(0, writer_wait(&writer, RETURN_TIMEOUT_MS), "wait_for_vfs: VF closed");
	expect_value(0, numvfs_read(), "wait_for_vfs: VFs");
	file_write(PARAMETERS "wait_for_vfs", "0");
	vfs_make();
	expect(0, device_try(vf[1], T1), "VFs made anew: VF opens");
}

int no_hang_item(void)
{
	struct opened opened;

	item_begin("no-hang");
	refused_cases("VF open");
	pf_open(&opened);
	refused_cases("VF and PF open");
	device_close(&opened);
	variant_cases();
	wait_cases();
	return item_end();
}
