// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What kmod/vfio-pci has beyond the kernel's vfio-pci, item by item. Prints one line for each case,
 * and at the end for each item whether the module has it. Fails if it lacks one, or with --lacks,
 * for the kernel's module, if it has one. With --lacks=COUNT an item ends when so many of its cases
 * have shown that it is lacking.
 *
 * Usage: vfio-added [--lacks[=COUNT]] PF OTHER [ITEM...], as root; PF has SR-IOV and 2 VFs or more,
 * OTHER has none, and both are without a driver. Needs vfio-pci with enable_sriov=1
 * disable_idle_d3=1. Some cases need pci-pf-stub, vfio-variant or an 82576 and are not run without.
 * No process may use the devices meanwhile. They are left without a driver.
 */

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_check.h"
#include "vfio_device.h"
#include "../include/uapi/linux/vfio_pci_vf.h"

static struct {
	const char *name;
	int (*run)(void);
	/* Cases that were not as expected, or -1 if there were none to run. */
	int wrong;
} items[] = {
	{ "own-token", own_token_item, -1 },
	{ "numvfs", numvfs_item, -1 },
	{ "no-hang", no_hang_item, -1 },
	{ "audit", audit_item, -1 },
	{ "keep", keep_item, -1 },
	{ "bypass", bypass_item, -1 },
	{ "cdev-token", cdev_token_item, -1 },
};

const char *other;
bool lacks;

void pf_open(struct opened *opened)
{
	device_must(opened, pf, T1);
}

int own_token_set(int device, unsigned int index, const char *token, unsigned int flags)
{
	struct vfio_device_feature_pci_vf_own_token own = {
		.vf = (uint16_t)index,
		.flags = (uint16_t)flags,
	};

	if (token)
		token_parse(token, own.token);
	return feature_call(device, VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN | FEATURE_SET, &own,
			sizeof(own));
}

int keep_get(int device)
{
	struct vfio_device_feature_pci_pf_keep keep = { .flags = 0 };
	int ret = feature_call(device, VFIO_DEVICE_FEATURE_PCI_PF_KEEP | FEATURE_GET, &keep,
			sizeof(keep));

	return ret ? ret : (int)keep.flags;
}

int keep_set(int device, uint32_t flags)
{
	struct vfio_device_feature_pci_pf_keep keep = { .flags = flags };

	return feature_call(device, VFIO_DEVICE_FEATURE_PCI_PF_KEEP | FEATURE_SET, &keep,
			sizeof(keep));
}

int numvfs_write_bounded(const char *count, struct opened *opened)
{
	struct writer writer;
	int ret;

	writer_start(&writer, attribute(pf, "sriov_numvfs"), count);
	ret = writer_wait(&writer, lacks ? LACKING_TIMEOUT_MS : RETURN_TIMEOUT_MS);
	if (ret == -ETIMEDOUT) {
		device_close(opened);
		if (writer_wait(&writer, RETURN_TIMEOUT_MS) == -ETIMEDOUT)
			fatal("sriov_numvfs: blocked although no VF is open");
	}
	return ret;
}

long counter(const char *device, const char *name)
{
	char file[64], text[32];
	int ret;

	snprintf(file, sizeof(file), "vf_token/%s", name);
	ret = file_read(attribute(device, file), text, sizeof(text));
	return ret ? ret : atol(text);
}

static bool is_item(const char *name)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++)
		if (!strcmp(name, items[i].name))
			return true;
	return false;
}

static bool is_chosen(const char *name, int count, char *names[])
{
	int i;

	for (i = 0; i < count; i++)
		if (!strcmp(name, names[i]))
			return true;
	return count == 0;
}

/*
 * Runs an item in a process of its own, with which all that it has open goes, however it ends, and
 * so do its children. Returns what the item does, or 1 if it ended early.
 */
static int item_run(int (*run)(void))
{
	int fds[2], ret = 1, status;
	ssize_t length;
	pid_t pid;

	fflush(stdout);
	if (pipe(fds))
		fatal("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		fatal("fork: %s", strerror(errno));
	if (pid == 0) {
		setpgid(0, 0);
		ret = run();
		fflush(stdout);
		_exit(write(fds[1], &ret, sizeof(ret)) != sizeof(ret));
	}
	close(fds[1]);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
		fatal("an item was killed");
	kill(-pid, SIGKILL);
	if (WEXITSTATUS(status) != CHECK_ENOUGH_STATUS) {
		length = WEXITSTATUS(status) ? -1 : read(fds[0], &ret, sizeof(ret));
		if (length != sizeof(ret))
			fatal("an item could not go on");
	}
	close(fds[0]);
	return ret;
}

/* The PF on vfio-pci with two VFs and the token T1, whatever the item before has left. */
static void item_prepare(void)
{
	file_write(PARAMETERS "enable_sriov", "1");
	driver_must(other, NULL);
	driver_must(pf, "vfio-pci");
	vfs_make();
	device_try(pf, T1);
}

/* Prints what became of the items. Returns whether that is as it should be. */
static bool summary(void)
{
	bool right = true;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(items); i++) {
		if (items[i].wrong < 0)
			continue;
		printf("item %s: %s\n", items[i].name, items[i].wrong ? "lacking" : "there");
		right &= lacks == (items[i].wrong > 0);
	}
	return right;
}

int main(int argc, char *argv[])
{
	unsigned int i;
	int first;

	lacks = argc > 1 && !strncmp(argv[1], "--lacks", strlen("--lacks"));
	first = lacks ? 2 : 1;
	if (argc < first + 2)
		fatal("usage: vfio-added [--lacks[=COUNT]] PF OTHER [ITEM...]");
	if (lacks && argv[1][strlen("--lacks")] == '=')
		check_enough = (unsigned int)atoi(argv[1] + strlen("--lacks="));
	pf = argv[first];
	other = argv[first + 1];
	for (i = (unsigned int)first + 2; i < (unsigned int)argc; i++)
		if (!is_item(argv[i]))
			fatal("%s: no such item", argv[i]);

	for (i = 0; i < ARRAY_SIZE(items); i++) {
		if (!is_chosen(items[i].name, argc - first - 2, argv + first + 2))
			continue;
		item_prepare();
		items[i].wrong = item_run(items[i].run);
		driver_must(pf, NULL);
	}
	return summary() ? 0 : 1;
}
