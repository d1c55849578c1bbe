/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_string_fns.h>
#include <rte_uuid.h>
#include <rte_vfio_adopt.h>

#include "sriovd_adopt.h"
#include "sriovd_log.h"

#define CHECK_MS 10000

extern char **environ;

static struct sriovd_inherited *
inherited_find(const struct sriovd_manager *manager, const char *name)
{
	int i;

	for (i = 0; i < manager->nb_inherited; i++)
		if (manager->inherited[i].fd >= 0 && strcmp(manager->inherited[i].name, name) == 0)
			return &manager->inherited[i];

	return NULL;
}

/* The address in "pf-0000_01_00.0". False: another name. */
static bool
name_parse(const char *name, char bdf[RTE_SRIOV_BDF_SIZE])
{
	unsigned int i;

	if (strncmp(name, "pf-", 3) != 0 || strlcpy(bdf, name + 3, RTE_SRIOV_BDF_SIZE) >=
			RTE_SRIOV_BDF_SIZE)
		return false;
	for (i = 0; bdf[i] != '\0'; i++)
		if (bdf[i] == '_')
			bdf[i] = ':';

	return true;
}

/* Descriptors that are of no use would keep a PF from ever being unbound. */
static void
inherited_close(struct sriovd_manager *manager)
{
	int i;

	for (i = 0; i < manager->nb_inherited; i++) {
		if (manager->inherited[i].fd >= 0)
			close(manager->inherited[i].fd);
		sriovd_fd_release(manager->inherited[i].name);
	}
	manager->nb_inherited = 0;
}

static unsigned int
devices_fill(struct sriovd_manager *manager, struct rte_vfio_adopt_device *devices,
		char (*bdfs)[RTE_SRIOV_BDF_SIZE], rte_uuid_t *tokens)
{
	const struct sriovd_inherited *group;
	struct rte_sriov_function fn;
	unsigned int nb = 0;
	const char *secret;
	char name[64];
	int i;

	for (i = 0; i < manager->nb_inherited && nb < SRIOVD_CONFIG_MAX_PFS; i++) {
		if (!name_parse(manager->inherited[i].name, bdfs[nb]))
			continue;
		if (rte_sriov_function_get(bdfs[nb], &fn, NULL) != 0)
			continue;
		snprintf(name, sizeof(name), "group-%d", fn.group);
		group = inherited_find(manager, name);
		if (group == NULL)
			continue;
		secret = manager_secret(manager, bdfs[nb]);
		devices[nb] = (struct rte_vfio_adopt_device) {
			.bdf = bdfs[nb],
			.group_fd = group->fd,
			.dev_fd = manager->inherited[i].fd,
			.flags = RTE_VFIO_ADOPT_WARM,
		};
		if (secret != NULL && rte_uuid_parse(secret, tokens[nb]) == 0)
			devices[nb].token = tokens[nb];
		nb++;
	}

	return nb;
}

void
sriovd_adopt(struct sriovd_manager *manager)
{
	struct rte_vfio_adopt_device devices[SRIOVD_CONFIG_MAX_PFS];
	char bdfs[SRIOVD_CONFIG_MAX_PFS][RTE_SRIOV_BDF_SIZE];
	rte_uuid_t tokens[SRIOVD_CONFIG_MAX_PFS];
	const struct sriovd_inherited *container;
	unsigned int nb;
	int ret;

	manager->nb_inherited = sriovd_inherited_get(&manager->inherited);
	if (manager->nb_inherited <= 0) {
		manager->nb_inherited = 0;
		return;
	}
	container = inherited_find(manager, "container");
	nb = devices_fill(manager, devices, bdfs, tokens);
	if (container == NULL || nb == 0) {
		SRIOVD_LOG(WARNING, "%d descriptors were passed, and no PF can be made of them",
				manager->nb_inherited);
		inherited_close(manager);
		return;
	}
	ret = rte_vfio_adopt(container->fd, devices, nb);
	explicit_bzero(tokens, sizeof(tokens));
	if (ret != 0) {
		SRIOVD_LOG(ERR, "the descriptors of %u PFs cannot be taken over: %s: they are opened "
				"anew, and their VFs lose their state", nb, strerror(-ret));
		inherited_close(manager);
		return;
	}
	SRIOVD_LOG(NOTICE, "took over the descriptors of %u PFs", nb);
}

int
sriovd_successor_check(const char *program, const char *config)
{
	char *const argv[] = {
		(char *)(uintptr_t)program, (char *)(uintptr_t)"--config",
		(char *)(uintptr_t)config, (char *)(uintptr_t)"--check", NULL,
	};
	int status = 0, ret, waited;
	pid_t pid;

	ret = posix_spawn(&pid, program, NULL, NULL, argv, environ);
	if (ret != 0) {
		SRIOVD_LOG(ERR, "%s: cannot be executed: %s", program, strerror(ret));
		return -ret;
	}
	for (waited = 0; waited < CHECK_MS; waited += 20) {
		if (waitpid(pid, &status, WNOHANG) == pid) {
			if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
				return 0;
			SRIOVD_LOG(ERR, "%s --check: failed; not replaced by it", program);
			return -EINVAL;
		}
		usleep(20000);
	}
	kill(pid, SIGKILL);
	waitpid(pid, &status, 0);
	SRIOVD_LOG(ERR, "%s --check: no result in %d s; not replaced by it", program,
			CHECK_MS / 1000);

	return -ETIMEDOUT;
}
