// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-added: a token for one VF.
 */

#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_check.h"
#include "vfio_device.h"
#include "../include/uapi/linux/vfio_pci_vf.h"

#define FEATURE_OWN VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN

static const struct vfio_device_feature_pci_vf_own_token own_token_zero;

static int own_token_call(int device, uint32_t operation,
		struct vfio_device_feature_pci_vf_own_token own)
{
	return feature_call(device, FEATURE_OWN | operation, &own, sizeof(own));
}

/* GET's flags, or -errno; -EBADMSG if it shows more than these. */
static int own_token_get(int device, unsigned int index, uint8_t fill)
{
	struct vfio_device_feature_pci_vf_own_token own = { .vf = (uint16_t)index };
	int ret;

	memset(own.token, fill, sizeof(own.token));
	ret = feature_call(device, FEATURE_OWN | FEATURE_GET, &own, sizeof(own));
	if (ret)
		return ret;
	if (own.vf != index || own.reserved ||
			memcmp(own.token, own_token_zero.token, sizeof(own.token)))
		return -EBADMSG;
	return own.flags;
}

static void probe_cases(int device)
{
	struct opened vf_opened, other_opened;

	expect(0, own_token_call(device, FEATURE_PROBE, own_token_zero), "PROBE");
	expect(0, own_token_call(device, FEATURE_PROBE | FEATURE_GET | FEATURE_SET,
			own_token_zero), "PROBE of GET and SET");
	device_must(&vf_opened, vf[0], T1);
	expect(-ENOTTY, own_token_call(vf_opened.device, FEATURE_PROBE, own_token_zero),
			"PROBE by a VF's descriptor");
	expect(-ENOTTY, own_token_set(vf_opened.device, 0, T2, 0), "SET by a VF's descriptor");
	device_close(&vf_opened);
	driver_must(other, "vfio-pci");
	device_must(&other_opened, other, NULL);
	expect(-ENOTTY, own_token_call(other_opened.device, FEATURE_PROBE, own_token_zero),
			"PROBE without SR-IOV");
	device_close(&other_opened);
	driver_must(other, NULL);
}

/* What is refused, after which VF 0 opens with the PF's token as before. */
static void malformed_cases(int device)
{
	struct vfio_device_feature_pci_vf_own_token own = { .vf = 0 };

	token_parse(T2, own.token);
	expect(-EINVAL, feature_call(device, FEATURE_OWN | FEATURE_SET, &own, sizeof(own) - 1),
			"SET, a byte short");
	expect(-EINVAL, feature_call(device, FEATURE_OWN | FEATURE_SET, &own, 0), "SET of nothing");
	expect(-EINVAL, feature_call(device, FEATURE_OWN | FEATURE_GET, &own, sizeof(own) - 1),
			"GET, a byte short");
	expect(-EINVAL, own_token_call(device, 0, own), "neither GET nor SET");
	expect(-EINVAL, own_token_call(device, FEATURE_GET | FEATURE_SET, own), "GET and SET");
	own.reserved = 1;
	expect(-EINVAL, own_token_call(device, FEATURE_SET, own), "SET, reserved");
	expect(-EINVAL, own_token_call(device, FEATURE_GET, own), "GET, reserved");
	own.reserved = 0;
	own.flags = 1 << 3;
	expect(-EINVAL, own_token_call(device, FEATURE_SET, own), "SET, unknown flag");
	own.flags = VFIO_PCI_VF_OWN_TOKEN_PRESENT;
	expect(-EINVAL, own_token_call(device, FEATURE_SET, own), "SET, flag of GET");
	own.flags = VFIO_PCI_VF_OWN_TOKEN_CLEAR;
	expect(-EINVAL, own_token_call(device, FEATURE_SET, own), "SET, CLEAR with a token");
	own.flags = 0;
	own.vf = 2;
	expect(-ERANGE, own_token_call(device, FEATURE_SET, own), "SET, no such VF");
	own.vf = UINT16_MAX;
	expect(-ERANGE, own_token_call(device, FEATURE_SET, own), "SET, the last index");
	own = own_token_zero;
	own.vf = 2;
	expect(-ERANGE, own_token_call(device, FEATURE_GET, own), "GET, no such VF");
	expect(0, device_try(vf[0], T1), "all refused: VF with the PF's");
	expect(-EACCES, device_try(vf[0], T2), "all refused: VF with the one in them");
}

static void set_cases(int device)
{
	expect_value(0, own_token_get(device, 0, 0), "GET before");
	expect(0, own_token_set(device, 0, T2, 0), "SET");
	expect_value(VFIO_PCI_VF_OWN_TOKEN_PRESENT, own_token_get(device, 0, 0),
			"GET, without the token");
	expect_value(VFIO_PCI_VF_OWN_TOKEN_PRESENT, own_token_get(device, 0, 0xa5),
			"GET overwrites the token's place");
	expect_value(0, own_token_get(device, 1, 0), "GET of the other VF");

	expect(0, device_try(vf[0], T2), "set: VF with its own");
	expect(-EACCES, device_try(vf[0], T1), "set: VF with the PF's");
	expect(-EACCES, device_try(vf[0], NULL), "set: VF without");
	expect(-EACCES, device_try(vf[0], NIL), "set: VF with nil");
	expect(0, device_try(vf[1], T1), "set: other VF with the PF's");
	expect(-EACCES, device_try(vf[1], T2), "set: other VF with the first one's");

	expect(0, own_token_set(device, 1, T3, 0), "SET of the other VF");
	expect(0, device_try(vf[1], T3), "both set: other VF with its own");
	expect(-EACCES, device_try(vf[1], T2), "both set: other VF with the first one's");
	expect(-EACCES, device_try(vf[0], T3), "both set: VF with the other's");
	expect(0, own_token_set(device, 1, NULL, VFIO_PCI_VF_OWN_TOKEN_CLEAR), "CLEAR the other");
	expect(0, device_try(vf[1], T1), "one cleared: other VF with the PF's");
	expect(-EACCES, device_try(vf[1], T3), "one cleared: other VF with its former");
	expect(0, device_try(vf[0], T2), "one cleared: VF with its own");
}

/* VF 0 has its own token T2, the PF T1; then VF 0 gets T3 while it is open. */
static void open_cases(int device)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct opened opened;
	char string[128];

	expect(0, device_open(&opened, vf[0], T2), "VF opens with its own");
	expect_value(VFIO_PCI_VF_OWN_TOKEN_PRESENT | VFIO_PCI_VF_OPEN,
			own_token_get(device, 0, 0), "VF open: GET");
	expect(0, own_token_set(device, 0, T3, 0), "VF open: SET");
	expect(0, ioctl(opened.device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0,
			"VF open: it goes on");
	snprintf(string, sizeof(string), "%s vf_token=" T2, vf[0]);
	expect(-EACCES, group_get(opened.group, string), "VF open: second descriptor, its former");
	expect(0, feature(device, FEATURE_TOKEN | FEATURE_SET, T2, 16), "VF open: SET of the PF's");
	device_close(&opened);
	expect(-EACCES, device_try(vf[0], T2), "VF closed: with the PF's new one");
	expect(0, device_try(vf[0], T3), "VF closed: with its own new one");
	expect(0, feature(device, FEATURE_TOKEN | FEATURE_SET, T1, 16), "SET of the PF's back");
}

/* The PF's token is what opens the PF. Both tokens stay when it is closed. */
static void pf_cases(void)
{
	struct opened opened;

	expect(-EACCES, device_try(vf[0], T1), "PF closed: VF with the PF's");
	expect(0, device_open(&opened, vf[0], T3), "PF closed: VF with its own");
	expect(-EACCES, device_try(pf, T3), "VF open: PF with the VF's own");
	expect(0, device_try(pf, T1), "VF open: PF with its token");
	device_close(&opened);
	driver_must(vf[0], NULL);
	driver_must(vf[0], "vfio-pci");
	expect(0, device_try(vf[0], T3), "VF bound anew: with its own");
	expect(-EACCES, device_try(vf[0], T1), "VF bound anew: with the PF's");
}

static void variant_cases(void)
{
	if (!driver_there("vfio-variant"))
		return;
	driver_must(vf[0], "vfio-variant");
	expect(0, device_try(vf[0], T1), "VF on another vfio driver: with the PF's");
	driver_must(vf[0], "vfio-pci");
	expect(0, device_try(vf[0], T3), "VF back: with its own");
}

/* VF 0 has its own token T3. */
static void forgotten_cases(void)
{
	struct opened opened;

	pf_open(&opened);
	expect(0, own_token_set(opened.device, 0, NULL, VFIO_PCI_VF_OWN_TOKEN_CLEAR), "CLEAR");
	expect(0, own_token_set(opened.device, 0, NULL, VFIO_PCI_VF_OWN_TOKEN_CLEAR),
			"CLEAR twice");
	expect_value(0, own_token_get(opened.device, 0, 0), "cleared: GET");
	expect(0, device_try(vf[0], T1), "cleared: VF with the PF's");
	expect(-EACCES, device_try(vf[0], T3), "cleared: VF with its former");

	expect(0, own_token_set(opened.device, 0, T2, 0), "SET again");
	numvfs_write(0);
	expect(-ERANGE, own_token_set(opened.device, 0, T2, 0), "no VFs: SET");
	expect(-ERANGE, own_token_call(opened.device, FEATURE_GET, own_token_zero), "no VFs: GET");
	vfs_make();
	expect_value(0, own_token_get(opened.device, 0, 0), "VFs made anew: GET");
	expect(0, device_try(vf[0], T1), "VFs made anew: VF with the PF's");
	expect(-EACCES, device_try(vf[0], T2), "VFs made anew: VF with its former");
	expect(0, own_token_set(opened.device, 0, T2, 0), "SET before the PF is unbound");
	device_close(&opened);

	driver_must(pf, NULL);
	driver_must(pf, "vfio-pci");
	device_try(pf, T1);
	vfs_make();
	expect(0, device_try(vf[0], T1), "PF bound anew: VF with the PF's");
	expect(-EACCES, device_try(vf[0], T2), "PF bound anew: VF with its former");
}

int own_token_item(void)
{
	struct opened opened;

	item_begin("own-token");
	pf_open(&opened);
	probe_cases(opened.device);
	malformed_cases(opened.device);
	set_cases(opened.device);
	open_cases(opened.device);
	device_close(&opened);
	pf_cases();
	variant_cases();
	forgotten_cases();
	return item_end();
}
