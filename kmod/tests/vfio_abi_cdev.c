// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-abi: devices that are opened by /dev/vfio/devices.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfio_abi.h"
#include "vfio_cases.h"
#include "vfio_cdev.h"
#include "vfio_test.h"

/* Binds a device's node with this argument, in which the iommufd is set unless it is -1. */
static int bind_try(const char *device, struct cdev_bind bind)
{
	struct opened opened;
	int ret;

	ret = cdev_unbound_open(&opened, device);
	if (ret)
		fatal("%s: its node cannot be opened: %s", device, strerror(-ret));
	if (bind.iommufd >= 0)
		bind.iommufd = opened.container;
	ret = cdev_bind(opened.device, bind);
	device_close(&opened);
	return ret;
}

static void argument_cases(const char *device)
{
	struct cdev_bind bind = { .argsz = sizeof(bind) };
	struct opened opened;
	int null, ret;

	report(bind_try(device, bind), "cdev: 24 bytes");
	bind.argsz = CDEV_BIND_OLD_BYTES;
	report(bind_try(device, bind), "cdev: 16 bytes");
	bind.argsz--;
	report(bind_try(device, bind), "cdev: 15 bytes");
	bind.argsz = CDEV_BIND_OLD_BYTES;
	bind.flags = 1U << 1;
	report(bind_try(device, bind), "cdev: unknown flag");
	bind.flags = 1U << 31;
	report(bind_try(device, bind), "cdev: the last flag");
	bind.flags = 0;
	bind.iommufd = -1;
	report(bind_try(device, bind), "cdev: no iommufd");

	ret = cdev_unbound_open(&opened, device);
	report(ret, "cdev: node");
	null = open("/dev/null", O_RDWR);
	bind.iommufd = null;
	report(cdev_bind(opened.device, bind), "cdev: another descriptor for the iommufd");
	close(null);
	bind.iommufd = opened.container;
	report(cdev_bind(opened.device, bind), "cdev: bind after a failure");
	report(cdev_bind(opened.device, bind), "cdev: bind twice");
	report(device_try(device, NULL), "cdev: bound: by the group");
	report(cdev_try(device, NULL), "cdev: bound: by the node again");
	device_close(&opened);

	report(device_open(&opened, device, NULL), "cdev: group");
	report(cdev_try(device, NULL), "cdev: group open: by the node");
	bind.iommufd = 0;
	report(cdev_bind(opened.device, bind), "cdev: bind of a group's descriptor");
	device_close(&opened);
	report(cdev_try(device, NULL), "cdev: closed: by the node");
	report(device_try(device, NULL), "cdev: closed: by the group");
}

/* What needs no token on any kernel, and no module asks for one. */
static void free_cases(void)
{
	report(cdev_try(pf, NULL), "cdev: PF without, VFs unused");
	if (!driver_there("pci-pf-stub"))
		return;
	driver_must(pf, "pci-pf-stub");
	vfs_make();
	driver_must(vf[0], "vfio-pci");
	report(cdev_try(vf[0], NULL), "cdev: PF elsewhere: VF without");
	report(cdev_try(vf[0], T1), "cdev: PF elsewhere: VF with a token");
	numvfs_write(0);
	driver_must(pf, "vfio-pci");
	device_try(pf, T1);
	vfs_make();
}

static void token_argument_cases(const char *device)
{
	struct cdev_bind bind = { .argsz = CDEV_BIND_OLD_BYTES, .flags = CDEV_FLAG_TOKEN };

	report(bind_try(device, bind), "cdev: token, 16 bytes");
	bind.argsz = sizeof(bind);
	report(bind_try(device, bind), "cdev: token, no address");
	bind.token = 16;
	report(bind_try(device, bind), "cdev: token, bad address");
	bind.flags = 0;
	report(bind_try(device, bind), "cdev: no token, an address");
}

static void token_cases(void)
{
	struct cdev_bind bind = { .argsz = sizeof(bind), .flags = CDEV_FLAG_TOKEN, .iommufd = -1 };
	struct opened opened;

	report(cdev_try(vf[0], NULL), "cdev: VF without");
	report(cdev_try(vf[0], WRONG), "cdev: VF with a wrong one");
	report(cdev_try(vf[0], NIL), "cdev: VF with nil");
	report(cdev_try(vf[0], T1), "cdev: VF with its token");
	report(cdev_try(vf[1], T1), "cdev: other VF with its token");
	report(bind_try(vf[0], bind), "cdev: VF, token at no address, no iommufd");

	report(cdev_try(pf, T2), "cdev: PF with another, VFs unused");
	report(cdev_try(vf[0], T1), "cdev: token replaced: VF with the old one");
	report(cdev_try(vf[0], T2), "cdev: token replaced: VF with the new one");
	report(device_try(vf[0], T2), "cdev: token replaced: VF with the new one by its group");
	report(device_try(pf, T1), "cdev: PF with another by its group");
	report(cdev_try(vf[0], T1), "cdev: replaced by the group: VF with the new one");
	report(cdev_try(pf, NULL), "cdev: PF without, VFs unused");
	report(cdev_try(vf[0], T1), "cdev: PF opened without: VF with the token before");

	report(cdev_open(&opened, vf[0], T1), "cdev: VF");
	report(cdev_try(pf, NULL), "cdev: VF open: PF without");
	report(cdev_try(pf, T2), "cdev: VF open: PF with another");
	report(device_try(pf, T2), "cdev: VF open: PF with another by its group");
	report(cdev_try(vf[1], T2), "cdev: VF open: other VF with the refused one");
	report(cdev_try(pf, T1), "cdev: VF open: PF with its token");
	device_close(&opened);
	report(cdev_try(pf, T2), "cdev: VF closed: PF with another");

	report(cdev_open(&opened, pf, T1), "cdev: PF");
	report(feature(opened.device, FEATURE_TOKEN | FEATURE_SET, T3, 16), "cdev: PF open: SET");
	report(cdev_try(vf[0], T1), "cdev: SET done: VF with the old one");
	report(cdev_try(vf[0], T3), "cdev: SET done: VF with the new one");
	device_close(&opened);
	device_try(pf, T1);
}

/* The token is taken over although what follows its check fails. */
static void failed_cases(void)
{
	struct opened opened;
	struct cdev_bind bind = {
		.argsz = sizeof(bind),
		.flags = CDEV_FLAG_TOKEN,
	};
	uint8_t bytes[16];

	token_parse(T2, bytes);
	bind.token = (uintptr_t)bytes;
	if (cdev_unbound_open(&opened, pf))
		fatal("%s: its node cannot be opened", pf);
	bind.iommufd = open("/dev/null", O_RDWR);
	report(cdev_bind(opened.device, bind), "cdev: PF with another, no iommufd");
	close(bind.iommufd);
	device_close(&opened);
	report(cdev_try(vf[0], T1), "cdev: PF bind failed: VF with the old one");
	report(cdev_try(vf[0], T2), "cdev: PF bind failed: VF with the new one");
	device_try(pf, T1);
}

static void variant_cases(void)
{
	if (!driver_there("vfio-variant"))
		return;
	driver_must(vf[0], "vfio-variant");
	report(cdev_try(vf[0], NULL), "cdev: variant: VF without");
	report(cdev_try(vf[0], WRONG), "cdev: variant: VF with a wrong one");
	report(cdev_try(vf[0], T1), "cdev: variant: VF with the token");
	report(cdev_try(pf, T2), "cdev: variant: PF with another");
	report(cdev_try(vf[0], T1), "cdev: variant: VF with the old one");
	report(cdev_try(vf[0], T2), "cdev: variant: VF with the new one");
	driver_must(vf[0], "vfio-pci");
	device_try(pf, T1);
}

void cdev_cases(const char *other)
{
	if (!cdev_there(pf))
		return;
	device_try(pf, T1);
	driver_must(other, "vfio-pci");
	argument_cases(other);
	report(cdev_try(other, T1), "cdev: no SR-IOV: with a token");
	free_cases();
	if (cdev_takes_tokens(pf)) {
		token_argument_cases(other);
		token_cases();
		failed_cases();
		variant_cases();
	} else {
		printf("not run: this kernel takes no tokens for /dev/vfio/devices\n");
	}
	driver_must(other, NULL);
}
