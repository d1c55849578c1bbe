/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What programs share that test a PF and two VFs of it: their names, tokens, the number of VFs.
 */

#ifndef VFIO_CASES_H
#define VFIO_CASES_H

#include <stdbool.h>

#define PARAMETERS "/sys/module/vfio_pci/parameters/"

#define T1 "11111111-aaaa-4bbb-8ccc-0123456789ab"
#define T1_UPPER "11111111-AAAA-4BBB-8CCC-0123456789AB"
#define T2 "22222222-aaaa-4bbb-8ccc-0123456789ab"
#define T3 "33333333-aaaa-4bbb-8ccc-0123456789ab"
#define WRONG "99999999-aaaa-4bbb-8ccc-0123456789ab"
#define NIL "00000000-0000-0000-0000-000000000000"
/* What all of the tokens have but the last. */
#define TOKEN_TAIL "-aaaa-4bbb-8ccc-0123456789ab"

/* Names of the functions. They differ between machines, so no line of results has them. */
extern const char *pf;
extern char vf[2][32];

/* Writes sriov_numvfs. Returns 0 or -errno. */
int numvfs_write(int count);

/* Reads sriov_numvfs, which waits for who writes it; -1 if it cannot. */
int numvfs_read(void);

/* Makes two VFs anew, and sets their names. Cannot fail. */
void vfs_make(void);

/* Whether a driver is loaded; else prints that cases are missing. */
bool driver_there(const char *driver);

#endif /* VFIO_CASES_H */
