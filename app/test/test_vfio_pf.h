/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef TEST_VFIO_PF_H
#define TEST_VFIO_PF_H

/**
 * @file
 * A kernel for the autotests of the owner's side of a PF: its features answer as those of
 * kmod/vfio-pci, as far as a case has them, and VFIO groups open as the case wants.
 */

#include "eal_vfio_pf.h"
#include "test_vfio_token.h"

#define NB_VFS 2
#define TOTAL_VFS 7
#define ALL_FEATURES (RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN | RTE_VFIO_PF_FEATURE_NUM_VFS | \
		RTE_VFIO_PF_FEATURE_KEEP)

/** What the kernel of a case has, and what it was asked to do. */
struct pf_test_kernel {
	uint32_t features;
	/** The PF's node, so that another device's descriptor is noticed. */
	ino_t pf_inode;
	rte_uuid_t pf_token;
	bool has_own[TOTAL_VFS];
	rte_uuid_t own[TOTAL_VFS];
	uint16_t num_vfs;
	uint32_t keep;
	/** Errors of SET of the number, of any GET or PROBE, and of the open of a group's node. */
	int number_error;
	int get_error;
	int node_error;
	unsigned int nb_number_sets;
	unsigned int nb_nodes;
};

extern struct pf_test_kernel pf_test_kernel;

/** The descriptor of PF, as the layer has it. */
extern int pf_test_fd;

/** PF is open here with token A and has VF0 and VF1, each in its group; all features are there. */
int vfio_pf_test_setup(void);
void vfio_pf_test_teardown(void);

#endif /* TEST_VFIO_PF_H */
