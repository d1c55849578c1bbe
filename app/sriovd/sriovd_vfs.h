/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_VFS_H
#define SRIOVD_VFS_H

/**
 * @file
 * The VFs whose tokens are given out, and to whom.
 *
 * Shared by the worker thread, which manages PFs and writes the table, and the main thread, which
 * answers token requests by it. One lock protects all of it; it is never held over anything that
 * can block. All functions are thread-safe.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_sriov_pf.h>

#include "sriovd_config.h"
#include "sriovd_grant.h"

struct sriovd_vfs;

/** A VF in the table. */
struct sriovd_vf_entry {
	uint32_t domain;
	uint8_t bus;
	uint8_t devfn;
	char bdf[RTE_SRIOV_BDF_SIZE];
	char pf[RTE_SRIOV_BDF_SIZE];
	uint16_t index;
	bool busy;                        /**< being reset or handed over: ask again */
	bool token_known;
	unsigned char token[16];          /**< that opens it */
	struct sriovd_grants grants;
	char socket[SRIOVD_SOCKET_SIZE];  /**< its own; "" for none */
	struct rte_sriov_owner owner;     /**< of its own socket; uid -1: nobody */
	uint64_t asked;                   /**< requests that were answered with a token */
	uint64_t refused;
};

/** NULL: no memory. */
struct sriovd_vfs *sriovd_vfs_new(void);
void sriovd_vfs_free(struct sriovd_vfs *vfs);

/**
 * Add a VF, or replace its entry; the counters stay. @p entry is copied, with its grants.
 *
 * @param keep_grants
 *   Of an entry that is there, keep the grants: one-time ones that were used stay so.
 * @return 0, -EINVAL (its bdf), or -ENOMEM.
 */
int sriovd_vfs_put(struct sriovd_vfs *vfs, const struct sriovd_vf_entry *entry, bool keep_grants);
/** Add a grant to a VF that is there. 0, -ENOENT, -ENOMEM or -ENOSPC. */
int sriovd_vfs_grant_add(struct sriovd_vfs *vfs, const char *bdf,
		const struct sriovd_grant *grant);
/** Remove a grant, whether one-time or not. 0, or -ENOENT: no such VF, no such grant. */
int sriovd_vfs_grant_remove(struct sriovd_vfs *vfs, const char *bdf,
		const struct sriovd_grant *grant);
/** Remove a VF. Its token is wiped. */
void sriovd_vfs_remove(struct sriovd_vfs *vfs, const char *bdf);
/** Remove all VFs of a PF. */
void sriovd_vfs_remove_pf(struct sriovd_vfs *vfs, const char *pf);

/** Say that a VF is being reset or handed over, or is no longer. */
void sriovd_vfs_busy_set(struct sriovd_vfs *vfs, const char *bdf, bool busy);
/** Replace a VF's token. NULL: it is not known. */
void sriovd_vfs_token_set(struct sriovd_vfs *vfs, const char *bdf, const unsigned char *token);

/**
 * Grants of a VF as they are now, one-time ones that were used are gone.
 * 0 with @p grants for sriovd_grants_free(); -ENOENT, -ENOMEM.
 */
int sriovd_vfs_grants_get(struct sriovd_vfs *vfs, const char *bdf, struct sriovd_grants *grants);

/** How often a VF's token was given out and refused. */
void sriovd_vfs_counts_get(struct sriovd_vfs *vfs, const char *bdf, uint64_t *asked,
		uint64_t *refused);

/** The wanted sockets of VFs: path and owner. An array for free(), or NULL: none, no memory. */
struct sriovd_vf_socket {
	char path[SRIOVD_SOCKET_SIZE];
	char bdf[RTE_SRIOV_BDF_SIZE];
	struct rte_sriov_owner owner;
};
struct sriovd_vf_socket *sriovd_vfs_sockets(struct sriovd_vfs *vfs, unsigned int *nb);

/* ---- for token requests ---- */

/** Has the peer's unit to be known to decide? */
bool sriovd_vfs_need_unit(struct sriovd_vfs *vfs, uint32_t domain, uint8_t bus, uint8_t devfn);

/**
 * Decide on a request.
 *
 * @param only
 *   The VF of the socket that the request came by; "" for all.
 * @param[out] token
 *   All zero unless the status is OK. The caller wipes it.
 * @param[out] bdf
 *   Address of the VF, also of one that is not served.
 * @param[out] used
 *   Whether a one-time grant was used up by it.
 * @return enum rte_vfio_token_status.
 */
uint16_t sriovd_vfs_decide(struct sriovd_vfs *vfs, const char *only, uint32_t domain, uint8_t bus,
		uint8_t devfn, const struct sriovd_peer *peer, unsigned char token[16],
		char bdf[RTE_SRIOV_BDF_SIZE], bool *used);

#endif /* SRIOVD_VFS_H */
