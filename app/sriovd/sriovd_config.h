/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_CONFIG_H
#define SRIOVD_CONFIG_H

/**
 * @file
 * The configuration file: reading, validation, and what differs between two of them.
 *
 * The file's sections and keys are taken apart by rte_cfgfile, which knows no line numbers and
 * passes over what it cannot make sense of; so the file is looked through before, for faults and
 * for the line of each key.
 *
 * Pure functions: they need no EAL, touch no device and keep no state. Names of users and groups
 * are looked up, which may ask servers and so may sleep.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <rte_sriov_pf.h>

#include "sriovd_grant.h"

/** Longest configuration file, in bytes. */
#define SRIOVD_CONFIG_MAX_BYTES (1024 * 1024)
/** Most PFs, and most VFs of one. */
#define SRIOVD_CONFIG_MAX_PFS 64
#define SRIOVD_CONFIG_MAX_VFS 1024
/** Room for a path of a file, with its NUL. */
#define SRIOVD_PATH_SIZE 256
/** Room for a path of a socket, with its NUL: sun_path's. */
#define SRIOVD_SOCKET_SIZE 108

/** Index of the section that stands for all VFs of a PF. */
#define SRIOVD_VF_ALL UINT16_MAX

/* ---- faults ---- */

/** One thing that is wrong with the file. */
struct sriovd_fault {
	unsigned int line;  /**< from 1; 0: the file as a whole */
	bool warning;       /**< the file can be used nevertheless */
	char section[64];   /**< "" for none */
	char key[64];       /**< "" for none */
	char text[256];
};

/** What is wrong with a file, in the order of its lines. Zero is an empty list. */
struct sriovd_faults {
	struct sriovd_fault *fault;
	unsigned int nb;
	unsigned int nb_errors; /**< of these, no warnings */
};

/** Frees the list, not the struct; it is empty then. */
void sriovd_faults_free(struct sriovd_faults *faults);
/** "FILE:LINE: [SECTION] KEY: TEXT" into @p text. */
void sriovd_fault_format(const struct sriovd_fault *fault, const char *file, char *text,
		size_t size);

/* ---- the configuration ---- */

/** Members of struct sriovd_vf_conf that a section has set, beside those of its policy. */
#define SRIOVD_VF_GRANT  (UINT32_C(1) << 0)
#define SRIOVD_VF_ONCE   (UINT32_C(1) << 1)
#define SRIOVD_VF_OWNER  (UINT32_C(1) << 2)
#define SRIOVD_VF_MODE   (UINT32_C(1) << 3)
#define SRIOVD_VF_SOCKET (UINT32_C(1) << 4)

/** A section [vf PF INDEX], or all that holds for one VF (sriovd_config_vf()). */
struct sriovd_vf_conf {
	uint16_t index;                   /**< or SRIOVD_VF_ALL */
	unsigned int line;
	uint32_t set;                     /**< SRIOVD_VF_* */
	struct rte_sriov_policy policy;
	struct sriovd_grants grants;
	bool once;                        /**< each grant is used up by one token */
	struct rte_sriov_owner owner;     /**< uid or gid -1: none was given */
	char socket[SRIOVD_SOCKET_SIZE];  /**< its own token socket; "" for none */
};

/** A section [pf BDF] and those of its VFs. */
struct sriovd_pf_conf {
	char bdf[RTE_SRIOV_BDF_SIZE];
	unsigned int line;
	uint16_t vfs;
	char driver[RTE_SRIOV_DRIVER_SIZE];
	char token[SRIOVD_PATH_SIZE];     /**< "random" or "file:PATH" */
	enum rte_sriov_pmd pmd;
	char devargs[SRIOVD_PATH_SIZE];   /**< for the PMD; "" for none */
	bool restore_on_exit;
	bool restore_on_exit_set;
	struct sriovd_vf_conf *vf;        /**< in the order of the file */
	unsigned int nb_vf;
};

/** A configuration. */
struct sriovd_config {
	char runtime_dir[SRIOVD_PATH_SIZE];
	char state_dir[SRIOVD_PATH_SIZE];
	char control_socket[SRIOVD_SOCKET_SIZE];
	char token_socket[SRIOVD_SOCKET_SIZE];
	char admin_group[SRIOVD_NAME_SIZE]; /**< "" for none */
	gid_t admin_gid;                    /**< -1 for none */
	gid_t token_gid;                    /**< group of the token sockets; -1 for none */
	mode_t token_mode;                  /**< of the token socket */
	uint32_t memory_mb;
	bool hugepages;
	bool restore_on_exit;
	char eal_args[SRIOVD_PATH_SIZE];
	struct sriovd_pf_conf *pf;          /**< in the order of the file */
	unsigned int nb_pf;
};

/**
 * Read a configuration file.
 *
 * @param path
 *   The file.
 * @param[out] faults
 *   All that is wrong with it; the caller frees it with sriovd_faults_free(), also on success
 *   (warnings).
 * @return
 *   The configuration, for sriovd_config_free(); or NULL with a fault that is no warning.
 */
struct sriovd_config *sriovd_config_load(const char *path, struct sriovd_faults *faults);

/** As sriovd_config_load(), of text in memory, which need not end with a NUL. */
struct sriovd_config *sriovd_config_parse(const char *text, size_t size,
		struct sriovd_faults *faults);

/** NULL is allowed. */
void sriovd_config_free(struct sriovd_config *config);

/** The section of a PF, or NULL. */
const struct sriovd_pf_conf *sriovd_config_pf(const struct sriovd_config *config, const char *bdf);

/**
 * All that holds for one VF: its own section over that of all VFs.
 *
 * @param[out] vf
 *   For sriovd_vf_conf_clear(). Its owner is complete: what no section gives follows from the
 *   grants. 0, or -ENOMEM with nothing to clear.
 */
int sriovd_config_vf(const struct sriovd_pf_conf *pf, uint16_t index, struct sriovd_vf_conf *vf);
void sriovd_vf_conf_clear(struct sriovd_vf_conf *vf);

/** Does the VF have a user: are its nodes to be handed out? */
bool sriovd_vf_conf_handed_out(const struct sriovd_vf_conf *vf);
/** Does its owner name one: are its nodes to be given to somebody? */
bool sriovd_vf_conf_has_owner(const struct sriovd_vf_conf *vf);

/* ---- what differs ---- */

enum sriovd_change_type {
	SRIOVD_CHANGE_RESTART,    /**< a key that counts at start only */
	SRIOVD_CHANGE_DAEMON,     /**< admin_group, restore_on_exit, ...: just taken over */
	SRIOVD_CHANGE_PF_REMOVE,
	SRIOVD_CHANGE_PF_ADD,
	SRIOVD_CHANGE_PF_REOPEN,  /**< driver, pmd or devargs: counts when it is opened again */
	SRIOVD_CHANGE_PF_TOKEN,   /**< token source */
	SRIOVD_CHANGE_PF_VFS,     /**< number of VFs */
	SRIOVD_CHANGE_VF_GRANTS,  /**< grants, once, owner or mode */
	SRIOVD_CHANGE_VF_POLICY,
	SRIOVD_CHANGE_VF_SOCKET,
};

struct sriovd_change {
	enum sriovd_change_type type;
	char pf[RTE_SRIOV_BDF_SIZE]; /**< "" for [daemon] */
	uint16_t vf;                 /**< index; 0 where it is none of a VF's */
	char text[256];              /**< for the operator */
};

struct sriovd_changes {
	struct sriovd_change *change;
	unsigned int nb;
};

/**
 * Tell what differs between two configurations, in the order in which it is to be done: PFs that
 * leave first, then those that come, then what changes of others.
 *
 * @param from
 *   NULL: nothing is configured.
 * @param[out] changes
 *   For sriovd_changes_free().
 * @return 0, or -ENOMEM with nothing to free.
 */
int sriovd_config_diff(const struct sriovd_config *from, const struct sriovd_config *to,
		struct sriovd_changes *changes);
void sriovd_changes_free(struct sriovd_changes *changes);

#endif /* SRIOVD_CONFIG_H */
