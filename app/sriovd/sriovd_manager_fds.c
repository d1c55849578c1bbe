/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* PFs: their descriptors that outlive this process, kept by somebody else or passed on. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_string_fns.h>
#include <rte_vfio_adopt.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"

static void
fd_name_pf(const char *bdf, char name[64])
{
	unsigned int i;

	/* systemd allows no colon. */
	snprintf(name, 64, "pf-%s", bdf);
	for (i = 0; name[i] != '\0'; i++)
		if (name[i] == ':')
			name[i] = '_';
}

/* ---- kept by somebody else ---- */

static void
fds_close(const struct rte_vfio_device_fds *fds)
{
	close(fds->container_fd);
	close(fds->group_fd);
	close(fds->dev_fd);
}

void
manager_pf_fds_keep(struct manager_pf *pf)
{
	struct rte_vfio_device_fds fds;
	char name[64];
	int ret;

	if (strcmp(sriovd_keeper_name(), "none") == 0)
		return;
	ret = rte_vfio_device_fds_get(pf->bdf, &fds);
	if (ret != 0) {
		SRIOVD_LOG(WARNING, "%s: its descriptors cannot be kept: %s: its VFs do not survive "
				"the end of this process", pf->bdf, strerror(-ret));
		return;
	}
	pf->group = fds.group;
	ret = sriovd_fd_keep("container", fds.container_fd);
	snprintf(name, sizeof(name), "group-%d", fds.group);
	if (ret == 0)
		ret = sriovd_fd_keep(name, fds.group_fd);
	fd_name_pf(pf->bdf, name);
	if (ret == 0)
		ret = sriovd_fd_keep(name, fds.dev_fd);
	if (ret == 0)
		pf->kept = true;
	else
		SRIOVD_LOG(WARNING, "%s: its descriptors are not kept: %s", pf->bdf,
				strerror(-ret));
	fds_close(&fds);
}

void
manager_pf_fds_release(struct manager_pf *pf)
{
	char name[64];

	if (!pf->kept)
		return;
	fd_name_pf(pf->bdf, name);
	sriovd_fd_release(name);
	snprintf(name, sizeof(name), "group-%d", pf->group);
	sriovd_fd_release(name);
	pf->kept = false;
}

/* ---- passed on ---- */

static void
fd_pass(struct sriovd_inherited *pass, int *nb, const char *name, int fd)
{
	int i;

	for (i = 0; i < *nb; i++) {
		if (strcmp(pass[i].name, name) == 0) {
			close(fd);
			return;
		}
	}
	strlcpy(pass[*nb].name, name, sizeof(pass[*nb].name));
	pass[(*nb)++].fd = fd;
}

int
manager_fds_collect(struct sriovd_manager *manager, struct sriovd_inherited **pass)
{
	struct rte_vfio_device_fds fds;
	struct manager_pf *pf;
	char name[64];
	int nb = 0;

	*pass = calloc(3 * SRIOVD_CONFIG_MAX_PFS, sizeof(**pass));
	if (*pass == NULL)
		return -ENOMEM;
	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (pf->pf == NULL || rte_vfio_device_fds_get(pf->bdf, &fds) != 0)
			continue;
		fd_pass(*pass, &nb, "container", fds.container_fd);
		snprintf(name, sizeof(name), "group-%d", fds.group);
		fd_pass(*pass, &nb, name, fds.group_fd);
		fd_name_pf(pf->bdf, name);
		fd_pass(*pass, &nb, name, fds.dev_fd);
	}

	return nb;
}

bool
manager_pf_was_passed(const struct sriovd_manager *manager, const char *bdf)
{
	char name[64];
	int i;

	fd_name_pf(bdf, name);
	for (i = 0; i < manager->nb_inherited; i++)
		if (strcmp(manager->inherited[i].name, name) == 0)
			return true;

	return false;
}

/* Is a name one of the descriptors of a PF that is open? */
static bool
fd_name_used(const struct sriovd_manager *manager, const char *name)
{
	const struct manager_pf *pf;
	char used[64];

	TAILQ_FOREACH(pf, &manager->pfs, next) {
		if (pf->pf == NULL || !pf->kept)
			continue;
		if (strcmp(name, "container") == 0)
			return true;
		fd_name_pf(pf->bdf, used);
		if (strcmp(name, used) == 0)
			return true;
		snprintf(used, sizeof(used), "group-%d", pf->group);
		if (strcmp(name, used) == 0)
			return true;
	}

	return false;
}

void
manager_inherited_release(const struct sriovd_manager *manager)
{
	int i;

	for (i = 0; i < manager->nb_inherited; i++)
		if (!fd_name_used(manager, manager->inherited[i].name))
			sriovd_fd_release(manager->inherited[i].name);
}
