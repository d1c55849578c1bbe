/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/vfio.h>
#include <linux/vfio_pci_vf.h>

#include "test_vfio_pf.h"

struct pf_test_kernel pf_test_kernel;

static struct vfio_pf_kernel saved_kernel;
int pf_test_fd = -1;

static int
own_token_feature(uint32_t op, struct vfio_device_feature_pci_vf_own_token *own)
{
	static const uint8_t zero[16];

	if (own->reserved != 0)
		return -EINVAL;
	if (own->vf >= pf_test_kernel.num_vfs)
		return -ERANGE;
	if (op == VFIO_DEVICE_FEATURE_GET) {
		own->flags = pf_test_kernel.has_own[own->vf] ? VFIO_PCI_VF_OWN_TOKEN_PRESENT : 0;
		memset(own->token, 0, sizeof(own->token));
		return 0;
	}
	if ((own->flags & ~VFIO_PCI_VF_OWN_TOKEN_CLEAR) != 0 || (own->flags != 0 &&
			memcmp(own->token, zero, sizeof(zero)) != 0))
		return -EINVAL;
	pf_test_kernel.has_own[own->vf] = own->flags == 0;
	memcpy(pf_test_kernel.own[own->vf], own->token, sizeof(own->token));

	return 0;
}

static int
number_feature(uint32_t op, struct vfio_device_feature_pci_num_vfs *number)
{
	if (number->reserved != 0)
		return -EINVAL;
	if (op == VFIO_DEVICE_FEATURE_GET) {
		number->num_vfs = pf_test_kernel.num_vfs;
		number->total_vfs = TOTAL_VFS;
		return 0;
	}
	pf_test_kernel.nb_number_sets++;
	if (pf_test_kernel.number_error != 0)
		return pf_test_kernel.number_error;
	if (number->num_vfs != pf_test_kernel.num_vfs)
		memset(pf_test_kernel.has_own, 0, sizeof(pf_test_kernel.has_own));
	pf_test_kernel.num_vfs = number->num_vfs;

	return 0;
}

static int
keep_feature(uint32_t op, struct vfio_device_feature_pci_pf_keep *keep)
{
	if (keep->reserved != 0)
		return -EINVAL;
	if (op == VFIO_DEVICE_FEATURE_GET) {
		keep->flags = pf_test_kernel.keep;
		return 0;
	}
	if ((keep->flags & ~VFIO_PCI_PF_KEEP) != 0)
		return -EINVAL;
	pf_test_kernel.keep = keep->flags;

	return 0;
}

/* Size of a feature's data, or 0 if this kernel does not have it. */
static size_t
feature_size(uint32_t id)
{
	switch (id) {
	case VFIO_DEVICE_FEATURE_PCI_VF_TOKEN:
		return sizeof(rte_uuid_t);
	case VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN:
		return (pf_test_kernel.features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0 ?
				sizeof(struct vfio_device_feature_pci_vf_own_token) : 0;
	case VFIO_DEVICE_FEATURE_PCI_NUM_VFS:
		return (pf_test_kernel.features & RTE_VFIO_PF_FEATURE_NUM_VFS) != 0 ?
				sizeof(struct vfio_device_feature_pci_num_vfs) : 0;
	case VFIO_DEVICE_FEATURE_PCI_PF_KEEP:
		return (pf_test_kernel.features & RTE_VFIO_PF_FEATURE_KEEP) != 0 ?
				sizeof(struct vfio_device_feature_pci_pf_keep) : 0;
	default:
		return 0;
	}
}

static int
kernel_feature(int dev_fd, struct vfio_device_feature *feature)
{
	const uint32_t access = VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_SET;
	uint32_t id = feature->flags & VFIO_DEVICE_FEATURE_MASK;
	uint32_t op = feature->flags & access;
	struct stat st;

	if (fstat(dev_fd, &st) != 0)
		return -errno;
	if (st.st_ino != pf_test_kernel.pf_inode || feature_size(id) == 0)
		return -ENOTTY;
	if (pf_test_kernel.get_error != 0 && feature->flags != (id | VFIO_DEVICE_FEATURE_SET))
		return pf_test_kernel.get_error;
	if ((feature->flags & VFIO_DEVICE_FEATURE_PROBE) != 0)
		return 0;
	if (op == 0 || op == access || feature->argsz < sizeof(*feature) + feature_size(id))
		return -EINVAL;

	switch (id) {
	case VFIO_DEVICE_FEATURE_PCI_VF_TOKEN:
		memcpy(pf_test_kernel.pf_token, feature->data, sizeof(pf_test_kernel.pf_token));
		return op == VFIO_DEVICE_FEATURE_SET ? 0 : -EINVAL;
	case VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN:
		return own_token_feature(op, (void *)feature->data);
	case VFIO_DEVICE_FEATURE_PCI_NUM_VFS:
		return number_feature(op, (void *)feature->data);
	default:
		return keep_feature(op, (void *)feature->data);
	}
}

static int
kernel_node_open(const char *path)
{
	int fd;

	pf_test_kernel.nb_nodes++;
	if (access(path, F_OK) != 0)
		return -ENOENT;
	if (pf_test_kernel.node_error != 0)
		return pf_test_kernel.node_error;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

int
vfio_pf_test_setup(void)
{
	struct stat st;
	int ret = token_test_setup();

	if (ret != 0)
		return ret;
	ret = token_test_host() || token_test_link("pci/" PF "/virtfn0", "../" VF0) ||
			token_test_link("pci/" PF "/virtfn1", "../" VF1) ||
			token_test_text("pci/" PF "/sriov_numvfs", "2\n") ||
			token_test_text("vfio/20", "") || token_test_text("vfio/21", "") ||
			token_test_text("device", "");
	if (ret != 0)
		return -1;
	pf_test_fd = open(token_test_path("device"), O_RDWR | O_CLOEXEC);
	if (pf_test_fd < 0 || fstat(pf_test_fd, &st) != 0)
		return -1;
	memset(&pf_test_kernel, 0, sizeof(pf_test_kernel));
	pf_test_kernel.features = ALL_FEATURES;
	pf_test_kernel.pf_inode = st.st_ino;
	pf_test_kernel.num_vfs = NB_VFS;
	saved_kernel = vfio_pf_kernel;
	vfio_pf_kernel = (struct vfio_pf_kernel){
		.feature = kernel_feature,
		.node_open = kernel_node_open,
	};

	return token_test_option(PF "=" UUID_A) ||
			token_test_record(PF, RTE_VFIO_VF_TOKEN_ROLE_PF, pf_test_fd, UUID_A);
}

void
vfio_pf_test_teardown(void)
{
	if (pf_test_fd >= 0) {
		eal_vfio_token_device_closed(PF, pf_test_fd);
		close(pf_test_fd);
		pf_test_fd = -1;
		vfio_pf_kernel = saved_kernel;
	}
	token_test_teardown();
}
