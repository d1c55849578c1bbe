/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio_pci_vf.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "eal_vfio_pf.h"

int
vfio_pf_fd_dup(const char *pf_name)
{
	const struct vfio_token_record *record;
	int fd = -ENODEV;

	vfio_token_records_lock();
	record = vfio_token_record_get(pf_name, false);
	if (record != NULL && record->dev_fd >= 0 && record->role == RTE_VFIO_VF_TOKEN_ROLE_PF) {
		fd = fcntl(record->dev_fd, F_DUPFD_CLOEXEC, 0);
		if (fd < 0)
			fd = -errno;
	}
	vfio_token_records_unlock();

	return fd;
}

int
vfio_pf_argument(const char *pf, char name[RTE_VFIO_VF_TOKEN_BDF_SIZE])
{
	struct vfio_token_bdf bdf;
	int ret = vfio_token_bdf_argument(pf, &bdf);

	if (ret != 0)
		return ret;
	if (rte_eal_process_type() == RTE_PROC_SECONDARY)
		return -E_RTE_SECONDARY;
	vfio_token_bdf_format(&bdf, name);

	return vfio_pf_fd_dup(name);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_pf_features, 26.11)
int
rte_vfio_pf_features(const char *pf, uint32_t *features)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	int fd, ret;

	if (features == NULL)
		return -EINVAL;
	fd = vfio_pf_argument(pf, name);
	if (fd < 0)
		return fd;
	ret = vfio_pf_features_probe(fd, features);
	close(fd);

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_pf_keep_set, 26.11)
int
rte_vfio_pf_keep_set(const char *pf, bool keep)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	int fd, ret;

	fd = vfio_pf_argument(pf, name);
	ret = fd < 0 ? fd : vfio_pf_keep_write(fd, keep ? VFIO_PCI_PF_KEEP : 0);
	if (fd >= 0)
		close(fd);
	if (ret == -ENODEV)
		VFIO_TOKEN_LOG(ERR, "%s: cannot change what its close does: this process does not "
				"hold it open as a PF", pf);
	else if (ret == -ENOTSUP)
		VFIO_TOKEN_LOG(ERR, "%s: cannot be kept over its close: this vfio-pci resets a PF "
				"then (that of kmod/vfio-pci need not)", pf);
	else if (fd >= 0 && ret != 0)
		VFIO_TOKEN_LOG(ERR, "%s: cannot change what its close does: %s (%d)", pf,
				strerror(-ret), -ret);

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_pf_reopened, 26.11)
int
rte_vfio_pf_reopened(const char *pf)
{
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	uint32_t flags = 0;
	int fd, ret;

	fd = vfio_pf_argument(pf, name);
	if (fd < 0)
		return fd;
	ret = vfio_pf_keep_read(fd, &flags);
	close(fd);
	/* A vfio-pci that cannot keep a PF has kept none. */
	if (ret != 0 && ret != -ENOTSUP)
		return ret;

	return (flags & VFIO_PCI_PF_REOPENED) != 0;
}
