/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_MANAGER_H
#define SRIOVD_MANAGER_H

/**
 * @file
 * The manager: PFs and VFs as they are to be, and what makes them so.
 *
 * All of this belongs to the worker thread, without a lock: lib/sriov's handles are for one thread,
 * and what it does may sleep. What other threads need of it is in the table of VFs (sriovd_vfs.h),
 * or is asked for by a job (sriovd_worker.h).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <jansson.h>

#include "sriovd_config.h"
#include "sriovd_notify.h"
#include "sriovd_vfs.h"

/** What a VF is to be, and what was done about it. */
struct manager_vf {
	char bdf[RTE_SRIOV_BDF_SIZE];    /**< "" while it is not there */
	/** Configuration, and what was changed by the control socket since. */
	struct sriovd_vf_conf want;
	bool changed_grants;             /**< grants or owner are not the configuration's */
	bool changed_policy;             /**< policy is not the configuration's */
	bool handed_out;
	bool has_owner;                  /**< its nodes were given away */
	struct rte_sriov_owner owner;    /**< whom they were given to */
	struct rte_sriov_owner before;   /**< who had them */
};

/** VFs that have come or gone, to be told together. */
struct manager_vf_range {
	unsigned int nb;
	uint16_t first;
	uint16_t last;
};

/** A PF that is managed. */
struct manager_pf {
	TAILQ_ENTRY(manager_pf) next;
	struct sriovd_manager *manager;
	struct sriovd_pf_conf conf;      /**< its member vf is the configuration's, or NULL */
	bool configured;                 /**< in the file; else by the control socket */
	struct rte_sriov_pf *pf;         /**< NULL: not open; see failure */
	char bdf[RTE_SRIOV_BDF_SIZE];
	char previous_driver[RTE_SRIOV_DRIVER_SIZE];
	bool previous_known;             /**< from an earlier run */
	bool adopted;                    /**< its descriptors were passed to this process */
	bool kept;                       /**< its descriptors are kept by somebody else, too */
	int group;                       /**< IOMMU group that is kept */
	bool requested;                  /**< somebody wants it back */
	bool preparing;                  /**< VFs are prepared, and published afterwards */
	bool token_changed;              /**< the PF's, meanwhile */
	struct manager_vf_range added;
	struct manager_vf_range removed;
	/** Why it is not open, or not as configured; err 0: it is. */
	struct rte_sriov_error failure;
	struct manager_vf *vf;
	uint16_t nb_vf;                  /**< total VFs */
};

struct sriovd_worker;

struct sriovd_manager {
	const char *config_path;
	char program[SRIOVD_PATH_SIZE];
	struct sriovd_config *config;
	struct sriovd_vfs *vfs;
	struct sriovd_worker *worker;
	TAILQ_HEAD(, manager_pf) pfs;
	json_t *state;                   /**< what an earlier run has left; NULL: nothing */
	bool same_boot;                  /**< the state is of this boot */
	json_t *secrets;                 /**< tokens of an earlier run, BDF to UUID; NULL: none */
	struct sriovd_inherited *inherited;
	int nb_inherited;
	bool dirty;                      /**< what is to be remembered has changed */
};

/* ---- all PFs (sriovd_manager.c) ---- */

struct manager_pf *manager_pf_find(const struct sriovd_manager *manager, const char *bdf);
/** The PF of a VF, and its index. NULL: not of a managed PF. */
struct manager_pf *manager_vf_find(const struct sriovd_manager *manager, const char *bdf,
		uint16_t *index);

/** Bring all PFs of the configuration, and those of an earlier run, to what they are to be. */
void manager_start(struct sriovd_manager *manager);
/** Look for events of all PFs. */
void manager_poll(struct sriovd_manager *manager, bool holders);
/** At the end of the process. */
void manager_stop(struct sriovd_manager *manager);

/* ---- one PF (sriovd_manager_pf.c) ---- */

/** Add a PF that is not in the configuration file. NULL with the error filled. */
struct manager_pf *manager_pf_add(struct sriovd_manager *manager,
		const struct sriovd_pf_conf *conf, bool configured, struct rte_sriov_error *error);
void manager_pf_free(struct manager_pf *pf);
/** Open a PF if it is not. */
int manager_pf_open(struct manager_pf *pf, struct rte_sriov_error *error);
/** Make its VFs, and hand out those that are to be. */
int manager_pf_vfs_set(struct manager_pf *pf, uint16_t vfs, struct rte_sriov_error *error);
/** Forget its VFs, which are there no longer. */
void manager_pf_vfs_forget(struct manager_pf *pf);
/** Remove all VFs. As rte_sriov_pf_num_vfs_set(); tokens are refused meanwhile. */
int manager_pf_down(struct manager_pf *pf, uint32_t wait_ms, uint32_t flags,
		struct rte_sriov_error *error);
/** Close it, and forget it unless it is configured. */
int manager_pf_close(struct manager_pf *pf, enum rte_sriov_close how,
		struct rte_sriov_error *error);
/** Log that it is on its previous driver again. */
void manager_pf_returned(const struct manager_pf *pf);

/* ---- its events (sriovd_manager_event.c) ---- */

/** Of a PF that is open, or being opened: takes its events. @p ctx: its struct manager_pf. */
void manager_pf_event(struct rte_sriov_pf *handle, const struct rte_sriov_event *event, void *ctx);
/** Tell of the VFs that have come and gone. */
void manager_pf_ranges_tell(struct manager_pf *pf);

/* ---- its descriptors (sriovd_manager_fds.c) ---- */

/** Have them kept over the end of this process. */
void manager_pf_fds_keep(struct manager_pf *pf);
/** Have them let go. */
void manager_pf_fds_release(struct manager_pf *pf);
/** Descriptors for a successor. Number or negative errno; @p pass for free(). */
int manager_fds_collect(struct sriovd_manager *manager, struct sriovd_inherited **pass);
/** Were those of a PF passed to this process? */
bool manager_pf_was_passed(const struct sriovd_manager *manager, const char *bdf);
/** Have those let go that were passed to this process and are of no open PF. */
void manager_inherited_release(const struct sriovd_manager *manager);

/* ---- VFs (sriovd_manager_vf.c) ---- */

/** Let what is wanted of a VF be the configuration's. 0 or -ENOMEM. */
int manager_vf_configure(struct manager_pf *pf, uint16_t index);
/** Apply what is wanted of its policy: default and changes. */
int manager_vf_policy_apply(struct manager_pf *pf, uint16_t index, struct rte_sriov_error *error);
/** Hand out or take back, as is wanted. */
int manager_vf_grants_apply(struct manager_pf *pf, uint16_t index, uint32_t wait_ms,
		uint32_t flags, bool keep_grants, struct rte_sriov_error *error);
/** Put a VF into the table, with its token. @p keep_grants: as of sriovd_vfs_put(). */
void manager_vf_publish(struct manager_pf *pf, uint16_t index, bool keep_grants);
/** Write its token into the table. */
void manager_vf_token_publish(struct manager_pf *pf, uint16_t index);
/** Write the tokens of all VFs into the table. */
void manager_tokens_publish(struct manager_pf *pf);
/** Mark all VFs of a PF in the table. */
void manager_vfs_busy_set(struct manager_pf *pf, bool busy);
/** Take over from the table which one-time grants were used up. */
void manager_vf_grants_take(struct manager_pf *pf, uint16_t index);

/* ---- state (sriovd_state.c) ---- */

/** Read what an earlier run has left. */
void manager_state_load(struct sriovd_manager *manager);
/** Write it, and the secrets: atomically, and so that it survives a loss of power. */
void manager_state_save(struct sriovd_manager *manager);
/** What an earlier run has left of a PF, or NULL. */
json_t *manager_state_pf(const struct sriovd_manager *manager, const char *bdf);
/** Take over what it has left of a VF. */
void manager_state_vf_take(struct manager_pf *pf, uint16_t index);
/** The token of an earlier run of this boot, as text; NULL: none. */
const char *manager_secret(const struct sriovd_manager *manager, const char *bdf);
json_t *manager_grants_to_json(const struct sriovd_grants *grants);
/** Read the token of a PF from "file:PATH", as the EAL does. 0 or negative errno. */
int manager_token_read(const char *source, const char *bdf, rte_uuid_t token,
		struct rte_sriov_error *error);
/** Replace a file by one of this content: written, synced, renamed, synced. 0 or -errno. */
int sriovd_file_replace(const char *dir, const char *name, const char *text, size_t size);

/* ---- what it tells (sriovd_status.c) ---- */

/** PF as of the control protocol. @p holders: NULL allowed. */
json_t *manager_pf_to_json(struct manager_pf *pf, const struct rte_sriov_holders *holders);
json_t *manager_vf_to_json(struct manager_pf *pf, uint16_t index,
		const struct rte_sriov_holders *holders);
/** {"pfs":[...]} of one PF, or of all ("" ), also those that are not managed. */
json_t *manager_status(struct sriovd_manager *manager, const char *bdf);
/** Holders of a PF's VFs. */
json_t *manager_holders_to_json(struct manager_pf *pf, int vf);

/* ---- control methods (sriovd_methods.c) ---- */

struct sriovd_caller;
struct sriovd_request;

/** Say how far a request is. */
void manager_progress(struct manager_pf *pf, unsigned int done, unsigned int total,
		const char *fmt, ...);
/**
 * Do what a request asks for.
 *
 * @param waited_ms
 *   How long it has waited already.
 * @param[out] result
 *   On success.
 * @param[out] holders
 *   On failure, who holds what; may be NULL.
 * @return 0; -EINPROGRESS: call it again in a moment; or negative errno with the error filled.
 */
int manager_request(struct sriovd_manager *manager, const struct sriovd_request *request,
		uint64_t waited_ms, json_t **result, json_t **holders,
		struct rte_sriov_error *error);

/* ---- reloading (sriovd_reload.c) ---- */

/**
 * Reads the manager's configuration file; logs all that is wrong with it.
 *
 * @param[out] config
 *   On success; the caller frees it with sriovd_config_free().
 * @param[out] error
 *   On failure, the first fault, as that of a configuration that is not taken over.
 * @return 0, or -EINVAL.
 */
int manager_config_load(struct sriovd_manager *manager, struct sriovd_config **config,
		struct rte_sriov_error *error);

/** Read the configuration anew. @p changes: a list of texts. */
int manager_reload(struct sriovd_manager *manager, bool dry_run, json_t **changes,
		struct rte_sriov_error *error);

#endif /* SRIOVD_MANAGER_H */
