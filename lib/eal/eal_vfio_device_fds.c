/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "eal_vfio_pf.h"
#include "rte_vfio_adopt.h"

static void
duplicate_close(int fd)
{
	if (fd >= 0)
		close(fd);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_device_fds_get, 26.11)
int
rte_vfio_device_fds_get(const char *bdf, struct rte_vfio_device_fds *fds)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	const struct vfio_token_record *record;
	struct vfio_token_bdf parsed;
	int ret = -ENODEV;

	if (fds == NULL || vfio_token_bdf_argument(bdf, &parsed) != 0)
		return -EINVAL;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -E_RTE_SECONDARY;
	vfio_token_bdf_format(&parsed, name);
	*fds = (struct rte_vfio_device_fds) { .container_fd = -1, .group_fd = -1, .dev_fd = -1 };
	fds->group = vfio_token_group_of(vfio_token_paths.pci_devices, name);
	vfio_token_records_lock();
	record = vfio_token_record_get(name, false);
	if (record != NULL && record->dev_fd >= 0 && fds->group >= 0) {
		fds->container_fd = fcntl(record->container_fd, F_DUPFD_CLOEXEC, 0);
		fds->group_fd = fcntl(record->group_fd, F_DUPFD_CLOEXEC, 0);
		fds->dev_fd = fcntl(record->dev_fd, F_DUPFD_CLOEXEC, 0);
		ret = fds->container_fd >= 0 && fds->group_fd >= 0 && fds->dev_fd >= 0 ? 0 : -errno;
	}
	vfio_token_records_unlock();
	if (ret != 0) {
		duplicate_close(fds->container_fd);
		duplicate_close(fds->group_fd);
		duplicate_close(fds->dev_fd);
	}

	return ret;
}
