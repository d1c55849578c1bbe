// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-added: what this module adds, where the kernel takes tokens by /dev/vfio/devices.
 */

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>

#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_cdev.h"
#include "vfio_check.h"
#include "vfio_device.h"
#include "../include/uapi/linux/vfio_pci_vf.h"

static void own_token_cases(void)
{
	struct opened opened, vf_opened;

	expect(0, cdev_open(&opened, pf, T1), "PF");
	expect(0, own_token_set(opened.device, 0, T3, 0), "SET of a VF's own token");
	expect(-EACCES, cdev_try(vf[0], NULL), "VF with its own: without");
	expect(-EACCES, cdev_try(vf[0], T1), "VF with its own: the PF's");
	expect(-EACCES, device_try(vf[0], T1), "VF with its own: the PF's by its group");
	expect(0, device_try(vf[0], T3), "VF with its own: by its group");
	expect(0, cdev_try(vf[1], T1), "other VF: the PF's");
	expect(-EACCES, cdev_try(vf[1], T3), "other VF: the first one's");
	expect(0, cdev_open(&vf_opened, vf[0], T3), "VF with its own");
	expect(-EBUSY, numvfs_write_bounded("0", &vf_opened), "VF open: sriov_numvfs=0");
	device_close(&vf_opened);
	own_token_set(opened.device, 0, NULL, VFIO_PCI_VF_OWN_TOKEN_CLEAR);
	device_close(&opened);
	/* Where it is lacking, they are gone. */
	vfs_make();
	device_try(pf, T1);
	expect(0, cdev_try(vf[0], T1), "cleared: VF with the PF's");
}

static void keep_cases(void)
{
	struct opened vf_opened, opened;

	expect(0, cdev_open(&vf_opened, vf[0], T1), "VF");
	expect(0, cdev_open(&opened, pf, T1), "VF open: PF");
	expect(0, keep_set(opened.device, VFIO_PCI_PF_KEEP), "VF open: PF: SET of KEEP");
	device_close(&opened);
	expect(-EACCES, cdev_try(pf, NULL), "kept: PF without");
	expect(-EACCES, cdev_try(pf, T2), "kept: PF with another");
	expect(0, cdev_open(&opened, pf, T1), "kept: PF with its token");
	expect_value(VFIO_PCI_PF_REOPENED, keep_get(opened.device), "kept: PF: GET");
	device_close(&opened);
	device_close(&vf_opened);
}

static void audit_cases(void)
{
	const long without = counter(vf[0], "refused_no_token");
	const long wrong = counter(vf[0], "refused_wrong_token");
	const long not_matched = counter(vf[0], "refused_no_match");
	int kmsg = kmsg_open();

	expect(-EACCES, cdev_try(vf[0], NULL), "VF without");
	expect_value(1, counter(vf[0], "refused_no_token") - without, "VF without: counter");
	expect(-EACCES, cdev_try(vf[0], WRONG), "VF with a wrong one");
	expect_value(1, counter(vf[0], "refused_wrong_token") - wrong,
			"VF with a wrong one: counter");
	expect_value(0, counter(vf[0], "refused_no_match") - not_matched, "VF: refused_no_match");
	expect_value(2, kmsg_count(kmsg, "open refused", vf[0]), "VF: lines of the log");
}

int cdev_token_item(void)
{
	if (!cdev_there(pf))
		return -1;
	if (!cdev_takes_tokens(pf)) {
		printf("not run: this kernel takes no tokens for /dev/vfio/devices\n");
		return -1;
	}
	item_begin("cdev-token");
	own_token_cases();
	keep_cases();
	audit_cases();
	return item_end();
}
