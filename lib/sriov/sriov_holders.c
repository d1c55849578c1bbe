/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_string_fns.h>

#include "sriov_private.h"

struct rte_sriov_holders {
	unsigned int hidden;
	unsigned int count;
	unsigned int room;
	bool no_memory;
	bool have_cdev; /* somebody has a device of /dev/vfio/devices open */
	struct rte_sriov_holder *list; /* in the order of the nodes, then of the processes */
};

/* The owner of /proc/PID is root for a process that may not be dumped, so not by stat(). */
static uid_t
process_euid(const char *pid)
{
	char path[PATH_MAX], text[1024];
	unsigned int real, effective;
	const char *line;
	ssize_t len;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/status", SRIOV_PATHS->proc, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return (uid_t)-1;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	line = strstr(text, "\nUid:");
	if (line == NULL || sscanf(line, "\nUid: %u %u", &real, &effective) != 2)
		return (uid_t)-1;

	return effective;
}

static bool
holder_add(const char *pid, const char *node, void *ctx)
{
	struct rte_sriov_holders *holders = ctx;
	struct rte_sriov_holder *holder, *larger;
	pid_t number = atoi(pid);
	unsigned int i;

	/* Processes come one after the other. */
	for (i = holders->count; i > 0 && holders->list[i - 1].pid == number; i--)
		if (strcmp(holders->list[i - 1].node, node) == 0)
			return true;
	if (holders->count == holders->room) {
		holders->room = holders->room == 0 ? 16 : holders->room * 2;
		larger = realloc(holders->list, holders->room * sizeof(*larger));
		if (larger == NULL) {
			holders->no_memory = true;
			return false;
		}
		holders->list = larger;
	}
	holder = &holders->list[holders->count++];
	memset(holder, 0, sizeof(*holder));
	holder->pid = number;
	holder->uid = process_euid(pid);
	vfio_token_process_name(pid, holder->comm, sizeof(holder->comm));
	rte_strscpy(holder->node, node, sizeof(holder->node));
	if (strncmp(node + strlen(SRIOV_PATHS->dev_vfio), "/devices/", strlen("/devices/")) == 0)
		holders->have_cdev = true;

	return true;
}

static int
holder_compare(const void *a, const void *b)
{
	const struct rte_sriov_holder *x = a, *y = b;
	int ret = strcmp(x->node, y->node);

	return ret != 0 ? ret : (x->pid > y->pid) - (x->pid < y->pid);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_holders_scan, 26.11)
struct rte_sriov_holders *
rte_sriov_holders_scan(struct rte_sriov_error *error)
{
	struct rte_sriov_holders *holders = calloc(1, sizeof(*holders));
	int ret = -ENOMEM;

	if (holders != NULL)
		ret = vfio_token_nodes_scan(holder_add, holders, &holders->hidden);
	if (ret == 0 && holders->no_memory)
		ret = -ENOMEM;
	if (ret != 0) {
		rte_sriov_holders_free(holders);
		rte_errno = -sriov_fail(error, ret, NULL, "mount /proc", "cannot look who has "
				"devices open: %s: %s", SRIOV_PATHS->proc, strerror(-ret));
		return NULL;
	}
	if (holders->count > 1)
		qsort(holders->list, holders->count, sizeof(*holders->list), holder_compare);

	return holders;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_holders_free, 26.11)
void
rte_sriov_holders_free(struct rte_sriov_holders *holders)
{
	if (holders == NULL)
		return;
	free(holders->list);
	free(holders);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_holders_hidden, 26.11)
unsigned int
rte_sriov_holders_hidden(const struct rte_sriov_holders *holders)
{
	return holders->hidden;
}

bool
sriov_holders_have_cdev(const struct rte_sriov_holders *holders)
{
	return holders->have_cdev;
}

/* The first holder of a node, in a time that grows with the logarithm of their number. */
static unsigned int
node_find(const struct rte_sriov_holders *holders, const char *node)
{
	unsigned int low = 0, high = holders->count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (strcmp(holders->list[middle].node, node) < 0)
			low = middle + 1;
		else
			high = middle;
	}

	return low;
}

static bool
node_held_by(const struct rte_sriov_holders *holders, const char *node, pid_t pid)
{
	unsigned int i;

	for (i = node_find(holders, node); i < holders->count &&
			strcmp(holders->list[i].node, node) == 0; i++)
		if (holders->list[i].pid == pid)
			return true;
	return false;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_holders_of, 26.11)
unsigned int
rte_sriov_holders_of(const struct rte_sriov_holders *holders,
		const struct rte_sriov_function *function, struct rte_sriov_holder *found,
		unsigned int max)
{
	const char *const nodes[] = { function->node, function->cdev };
	unsigned int n, i, count = 0;

	for (n = 0; n < RTE_DIM(nodes); n++) {
		if (nodes[n][0] == '\0')
			continue;
		for (i = node_find(holders, nodes[n]); i < holders->count &&
				strcmp(holders->list[i].node, nodes[n]) == 0; i++) {
			/* One that has both is counted once. */
			if (n > 0 && nodes[0][0] != '\0' && node_held_by(holders, nodes[0],
					holders->list[i].pid))
				continue;
			if (count < max)
				found[count] = holders->list[i];
			count++;
		}
	}

	return count;
}

int
sriov_held_check(const struct rte_sriov_function *fn, struct rte_sriov_error *error)
{
	char names[256];
	int ret;

	/* A driver that waits for the device's user has left sysfs; its node has not. */
	if (!fn->on_vfio && fn->node[0] == '\0' && fn->cdev[0] == '\0')
		return 0;
	ret = vfio_pf_function_held(fn->bdf, names, sizeof(names));
	if (ret == 0)
		return 0;
	if (ret > 0)
		return sriov_fail(error, -EBUSY, fn->bdf, "have it closed there first",
				"it is held "
				"by %s", names);
	return sriov_fail(error, ret, fn->bdf, "run as root on the host, with /dev/vfio there",
			"whether somebody has it open cannot be told, as its group cannot be opened: "
			"%s", strerror(-ret));
}
