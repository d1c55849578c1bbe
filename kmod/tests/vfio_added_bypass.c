// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-added: kernels 6.6 to 6.16 take no token when a device is bound by /dev/vfio/devices.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_cdev.h"
#include "vfio_check.h"
#include "vfio_device.h"
#include "../include/uapi/linux/vfio_pci_vf.h"

/* By the group, with an iommufd in the place of a container. */
static int group_iommufd_try(const char *device, const char *token)
{
	struct opened opened;
	char path[64], string[128];
	int ret;

	snprintf(path, sizeof(path), "/dev/vfio/%s", link_name(device, "iommu_group"));
	snprintf(string, sizeof(string), token ? "%s vf_token=%s" : "%s", device, token);
	opened.device = -1;
	opened.group = open(path, O_RDWR);
	opened.container = open("/dev/iommu", O_RDWR);
	if (ioctl(opened.group, VFIO_GROUP_SET_CONTAINER, &opened.container)) {
		ret = -errno;
	} else {
		opened.device = group_get(opened.group, string);
		ret = opened.device < 0 ? opened.device : 0;
	}
	device_close(&opened);
	return ret;
}

/* Presents a token to the group, which leaves the device closed. */
static void pass_get(const char *device, const char *token)
{
	expect(-EINVAL, device_match_only(device, token), "match alone");
}

/* ---- cases */

static void vf_cases(void)
{
	const long before = counter(vf[0], "refused_no_match");
	int kmsg = kmsg_open();

	expect(-EACCES, cdev_try(vf[0], NULL), "VF");
	expect_value(1, counter(vf[0], "refused_no_match") - before, "VF: refused_no_match");
	expect_value(1, kmsg_count(kmsg, "open refused", vf[0]), "VF: lines of the log");
	expect(-EACCES, cdev_try(vf[1], NULL), "other VF");

	pass_get(vf[0], T1);
	expect(-EACCES, cdev_try(vf[1], NULL), "VF matched: the other");
	expect(0, cdev_try(vf[0], NULL), "VF matched");
	expect(-EACCES, cdev_try(vf[0], NULL), "VF matched, a second time");

	expect(-EACCES, device_match_only(vf[0], WRONG), "match with a wrong token");
	expect(-EACCES, cdev_try(vf[0], NULL), "VF, wrong at match");
	expect(0, device_try(vf[0], T1), "VF by its group");
	expect(-EACCES, cdev_try(vf[0], NULL), "VF, open by its group before");
}

/* In another process: device_try() or device_match_only(), which is @try. */
static int process_try(int (*try)(const char *, const char *), const char *device,
		const char *token)
{
	int status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		_exit(-try(device, token));
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		return -ECHILD;
	return -WEXITSTATUS(status);
}

/* What a process has passed, no other has. */
static void process_cases(void)
{
	expect(-EINVAL, process_try(device_match_only, vf[0], T1), "another process: match alone");
	expect(-EACCES, cdev_try(vf[0], NULL), "another process matched: VF");
}

/* The token of the match has to be that of the open. */
static void stale_cases(void)
{
	struct opened opened;

	pass_get(vf[0], T1);
	device_try(pf, T2);
	expect(-EACCES, cdev_try(vf[0], NULL), "VF matched, PF's token replaced");
	device_try(pf, T1);

	pf_open(&opened);
	pass_get(vf[0], T1);
	expect(0, own_token_set(opened.device, 0, T3, 0), "SET of the VF's own token");
	expect(-EACCES, cdev_try(vf[0], NULL), "VF matched by the PF's token");
	pass_get(vf[0], T3);
	expect(0, cdev_try(vf[0], NULL), "VF matched by its own token");
	own_token_set(opened.device, 0, NULL, VFIO_PCI_VF_OWN_TOKEN_CLEAR);
	device_close(&opened);
}

/* The same for a PF, whose VFs on other drivers the core alone knows. */
static void stale_pf_cases(void)
{
	struct opened opened;

	if (!driver_there("vfio-variant"))
		return;
	driver_must(vf[0], "vfio-variant");
	pass_get(pf, T1);
	expect(0, process_try(device_try, pf, T2), "PF matched: another process replaces its token");
	device_must(&opened, vf[0], T2);
	expect(-EACCES, cdev_try(pf, NULL), "PF matched, token replaced, VF on another driver open");
	device_close(&opened);
	pass_get(pf, T1);
	expect(0, process_try(device_try, pf, T2), "PF matched: another process replaces it again");
	expect(0, cdev_try(pf, NULL), "PF matched, token replaced, VFs unused");
	driver_must(vf[0], "vfio-pci");
	device_try(pf, T1);
}

static void pf_cases(void)
{
	struct opened vf_opened, opened;

	expect(0, cdev_try(pf, NULL), "PF, VFs unused");
	device_must(&vf_opened, vf[0], T1);
	expect(-EACCES, cdev_try(pf, NULL), "VF open: PF");
	pass_get(pf, T1);
	expect(0, cdev_open(&opened, pf, NULL), "VF open: PF matched");
	expect(0, keep_set(opened.device, VFIO_PCI_PF_KEEP), "VF open: PF: SET of KEEP");
	device_close(&opened);
	expect(-EACCES, cdev_try(pf, NULL), "kept: PF");
	expect(-EACCES, device_match_only(pf, T2), "kept: PF, wrong at match");
	expect(-EACCES, cdev_try(pf, NULL), "kept: PF, wrong at match before");
	pass_get(pf, T1);
	expect(0, cdev_open(&opened, pf, NULL), "kept: PF matched");
	expect_value(VFIO_PCI_PF_REOPENED, keep_get(opened.device), "kept: PF matched: GET");
	device_close(&opened);
	device_close(&vf_opened);
}

static void group_cases(void)
{
	expect(0, group_iommufd_try(vf[0], T1), "iommufd as container: VF with its token");
	expect(-EACCES, group_iommufd_try(vf[0], WRONG), "iommufd as container: VF with a wrong one");
	expect(-EACCES, group_iommufd_try(vf[0], NULL), "iommufd as container: VF without");
	expect(0, group_iommufd_try(pf, T1), "iommufd as container: PF with its token");
}

/* Devices without a token are open to whoever may open the node. */
static void free_cases(void)
{
	driver_must(other, "vfio-pci");
	expect(0, cdev_try(other, NULL), "no SR-IOV");
	driver_must(other, NULL);
	if (!driver_there("pci-pf-stub"))
		return;
	driver_must(pf, "pci-pf-stub");
	vfs_make();
	driver_must(vf[0], "vfio-pci");
	expect(0, cdev_try(vf[0], NULL), "VF of a PF elsewhere");
	numvfs_write(0);
	driver_must(pf, "vfio-pci");
	device_try(pf, T1);
	vfs_make();
}

/* A node that is open and not bound keeps a VF from being removed as well. */
static void node_cases(void)
{
	struct opened opened = { -1, -1, cdev_node_open(vf[0]) };

	expect(0, opened.device, "VF's node");
	expect(-EBUSY, numvfs_write_bounded("0", &opened), "VF's node open: sriov_numvfs=0");
	device_close(&opened);
	vfs_make();
}

/* Whether the kernel has the nodes, and does not take tokens by them. */
static bool is_bypass_there(void)
{
	if (!cdev_there(pf))
		return false;
	if (!cdev_takes_tokens(pf))
		return true;
	printf("not run: this kernel checks tokens for /dev/vfio/devices\n");
	return false;
}

int bypass_item(void)
{
	if (!is_bypass_there())
		return -1;
	item_begin("bypass");
	vf_cases();
	process_cases();
	stale_cases();
	stale_pf_cases();
	pf_cases();
	group_cases();
	free_cases();
	node_cases();
	return item_end();
}
