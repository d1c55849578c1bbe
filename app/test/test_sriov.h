/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef TEST_SRIOV_H
#define TEST_SRIOV_H

/**
 * @file
 * A host for the autotests of librte_sriov, in the case's directory: a PF that can have seven VFs,
 * drivers, IOMMU groups, VFIO nodes and processes. What is written to its sysfs is done to it, as
 * the kernel would, and the features of vfio-pci answer as of test_vfio_pf.h.
 */

#include "sriov_pf.h"
#include "test_vfio_pf.h"

/** Group of the PF, and of its first VF. */
#define PF_GROUP 11
#define VF_GROUP 20

/** A driver that takes no device, and the one that the PF was on before. */
#define DRIVER_REFUSING "refuses"
#define DRIVER_BEFORE "igb"

/** A process that holds something. */
#define HOLDER_PID 4242

/** What the kernel of a case was asked to do, and what it is to do. */
struct sriov_test_kernel {
	unsigned int nb_resets;
	unsigned int nb_number_writes; /**< to sriov_numvfs */
	/** An attribute, as the end of its path, whose writes fail, or block for ever. */
	const char *failing;
	int error;
	const char *blocking;
	/** New VFs are bound to this; NULL: vfio-pci. */
	const char *vf_driver;
};

extern struct sriov_test_kernel sriov_test_kernel;

/** PF on vfio-pci, closed, without VFs; all features but the number of VFs by descriptor. */
int sriov_test_setup(void);
void sriov_test_teardown(void);

#define SRIOV_CASE(fn) TEST_CASE_ST(sriov_test_setup, sriov_test_teardown, fn)

/** Make VFs as somebody else would. */
int sriov_test_vfs(unsigned int count);
/** Bind as somebody else would; NULL: to none. */
int sriov_test_bind(const char *bdf, const char *driver);
/** A process opens the node of a group, or ends. */
int sriov_test_hold(int group, pid_t pid, const char *comm, uid_t uid);
void sriov_test_release(int group, pid_t pid);
/** Set an attribute of a function. */
int sriov_test_attr(const char *bdf, const char *attr, const char *text);
/** Text of an attribute. */
const char *sriov_test_attr_get(const char *bdf, const char *attr);
/** The driver of a function, "" for none. */
const char *sriov_test_driver(const char *bdf);

/** Check an error that was filled: errno, device, and words of text or remedy. 0 or -1, printed. */
int sriov_test_error_is(const struct rte_sriov_error *error, int ret, int expected,
		const char *device, const char *words);

/* ---- a PF that is open ---- */

/** What the case's PF was told, newest last. */
#define SRIOV_TEST_EVENTS 64
struct sriov_test_events {
	unsigned int count;
	struct {
		enum rte_sriov_event_type type;
		uint16_t vf;
		char bdf[RTE_SRIOV_BDF_SIZE];
		pid_t pid;
		int err;
	} list[SRIOV_TEST_EVENTS];
};

extern struct sriov_test_events sriov_test_events;
/** How many events of a type there were. */
unsigned int sriov_test_nb_events(enum rte_sriov_event_type type);

/** The backend of tests: what it was asked to apply. */
struct sriov_test_policy {
	struct rte_sriov_policy vf[TOTAL_VFS]; /**< in effect */
	unsigned int nb_applied;
	uint32_t failing; /**< members that fail */
	int error;
};

extern struct sriov_test_policy sriov_test_policy;

/** Open the PF, with the test's PMD or without. NULL with the error printed. */
struct rte_sriov_pf *sriov_test_open(bool pmd);
extern struct rte_sriov_pf *sriov_test_pf;

/** Setup and teardown of a suite that opens the PF: a port to stand for that of the test's PMD. */
int sriov_test_port_make(void);
void sriov_test_port_remove(void);

/** sriov_test_setup(), and the PF is open with the test's PMD and has two VFs. */
int sriov_test_pf_setup(void);

#define SRIOV_PF_CASE(fn) TEST_CASE_ST(sriov_test_pf_setup, sriov_test_teardown, fn)

extern struct unit_test_suite sriov_test_sysfs_suite;
extern struct unit_test_suite sriov_test_bind_suite;
extern struct unit_test_suite sriov_test_preflight_suite;
extern struct unit_test_suite sriov_test_pf_suite;
extern struct unit_test_suite sriov_test_tenant_suite;
extern struct unit_test_suite sriov_test_policy_suite;

#endif /* TEST_SRIOV_H */
