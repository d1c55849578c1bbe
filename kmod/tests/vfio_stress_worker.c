// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * A worker, which carries out random operations, and its agent, which writes to sysfs for it.
 */

#define _GNU_SOURCE

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "vfio_stress.h"

/* ---- agents */

struct request {
	enum operation operation;
	char device[32];
	char value[8];
};

/* Reads every attribute of the directory. */
static int counters_read(const char *device)
{
	char path[PATH_MAX], value[64];
	struct dirent *entry;
	int ret = 0;
	DIR *dir = opendir(attribute(device, "vf_token"));

	if (!dir)
		return -errno;
	while (!ret && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "vf_token/%s", entry->d_name);
		ret = file_read(attribute(device, path), value, sizeof(value));
	}
	closedir(dir);
	return ret;
}

/* With -k, VFs are removed only while nobody has one. */
static int numvfs_write(const struct request *request)
{
	const bool locked = options.kernel && !strcmp(request->value, "0");
	int ret;

	if (locked && flock(vfs_lock, LOCK_EX | LOCK_NB))
		return -EBUSY;
	ret = file_write(attribute(request->device, "sriov_numvfs"), request->value);
	if (locked)
		flock(vfs_lock, LOCK_UN);
	return ret;
}

static int agent_run(const struct request *request)
{
	const char *device = request->device;
	char value[32];

	switch (request->operation) {
	case NUMVFS_WRITE:
		return numvfs_write(request);
	case NUMVFS_READ:
		return file_read(attribute(device, "sriov_numvfs"), value, sizeof(value));
	case COUNTERS_READ:
		return counters_read(device);
	case VF_UNBIND:
	case PF_UNBIND:
		return file_write("/sys/bus/pci/drivers/vfio-pci/unbind", device);
	case VF_BIND:
	case PF_BIND:
		return file_write("/sys/bus/pci/drivers/vfio-pci/bind", device);
	default:
		return file_write(attribute(device, "reset"), "1");
	}
}

void agent_main(void)
{
	struct request request;
	int ret;

	vfs_lock_open();
	while (read(peer, &request, sizeof(request)) == sizeof(request)) {
		begin(request.operation, request.device);
		ret = end(request.operation, agent_run(&request), NULL);
		if (write(peer, &ret, sizeof(ret)) != sizeof(ret))
			break;
	}
	_exit(0);
}

/* ---- workers */

/* Has the agent do something, and goes on serving the kernel's requests meanwhile. */
static int agent_call(enum operation operation, const char *device, const char *value)
{
	struct request request = { .operation = operation };
	struct pollfd fd = { .fd = peer, .events = POLLIN };
	int ret;

	snprintf(request.device, sizeof(request.device), "%s", device);
	snprintf(request.value, sizeof(request.value), "%s", value);
	if (write(peer, &request, sizeof(request)) != sizeof(request))
		fatal("an agent has ended");
	/* See pf_reset_operation(). */
	while (poll(&fd, 1, 20) == 0)
		held_serve(operation == PF_RESET ? INT64_MAX : HOLD_WAITING_MS);
	if (read(peer, &ret, sizeof(ret)) != sizeof(ret))
		fatal("an agent has ended");
	return ret;
}

/* Mostly makes VFs if there are none, and tries to remove them or to change their number if not. */
static void numvfs_operation(unsigned int pf)
{
	const bool none = !strcmp(link_name(pfs[pf], "virtfn0"), "none");
	const char *count = (const char *[]){ "0", "0", "1", "2", "3", "3", "3" }
			[none ? 2 + choose(5) : choose(5)];
	int ret;

	ret = agent_call(NUMVFS_WRITE, pfs[pf], count);
	/* If it still has the VF, it had it all the time. */
	if (!ret && !strcmp(count, "0") && held_vf_of(pf))
		unexpected(NUMVFS_WRITE, pfs[pf], "VFs were removed although a process has one");
}

/*
 * Of a PF that this process has open, so that nobody opens or closes it meanwhile: the core saves
 * and restores the PF's state at both without the lock that the reset holds, and between them VF
 * Enable can be lost for good. That is the kernel's own fault, whatever the module.
 */
static void pf_reset_operation(void)
{
	unsigned int i;

	for (i = 0; i < held_count; i++) {
		if (held[i].vf < 0 && !held[i].unbound) {
			agent_call(PF_RESET, pfs[held[i].pf], "");
			return;
		}
	}
}

static void agent_operation(enum operation operation)
{
	const unsigned int pf = choose(pf_count);
	const bool is_vf = operation == VF_UNBIND || operation == VF_BIND ||
		operation == VF_RESET || (operation == COUNTERS_READ && choose(2));

	if (operation == NUMVFS_WRITE)
		numvfs_operation(pf);
	else if (operation == PF_RESET)
		pf_reset_operation();
	else
		agent_call(operation, name_of(pf, is_vf ? (int)choose(VFS) : -1), "");
}

static enum operation operation_choose(void)
{
	unsigned int sum = 0, i;

	for (i = 0; i < OPERATIONS; i++)
		sum += operations[i].weight;
	sum = choose(sum);
	for (i = 0; sum >= operations[i].weight; i++)
		sum -= operations[i].weight;
	return (enum operation)i;
}

/* What hangs on the kernel's module, as it waits for who holds the devices; or is not there. */
static bool is_left_out(enum operation operation)
{
	if (operation == OPEN_PF_CDEV || operation == OPEN_VF_CDEV || operation == CDEV_HOLD)
		return !options.cdev;
	return options.kernel && operation == COUNTERS_READ;
}

static bool needs_device(enum operation operation)
{
	return operation >= CLOSE && operation <= RESET;
}

static void operate(enum operation operation)
{
	if (operation <= OPEN_VF_CDEV)
		open_operation(operation);
	else if (operation == CDEV_HOLD)
		cdev_hold_operation();
	else if (operation == CLOSE)
		held_drop(choose(held_count));
	else if (operation == TOKEN_OPEN)
		token_open_operation();
	else if (operation <= RESET)
		device_operation(operation);
	else
		agent_operation(operation);
}

void worker_main(void)
{
	enum operation operation;

	vfs_lock_open();
	while (operation_take()) {
		do {
			operation = operation_choose();
		} while (is_left_out(operation) || (needs_device(operation) && !held_count));
		operate(operation);
		held_serve(HOLD_MS);
	}
	while (held_count)
		held_drop(held_count - 1);
	_exit(0);
}
