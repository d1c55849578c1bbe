/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOV_PF_H
#define SRIOV_PF_H

/**
 * @file
 * A PF's manager, between its files. One thread at a time, but for what is said to be otherwise.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include <rte_config.h>

#include "rte_sriov_pf.h"
#include "sriov_private.h"

/** As many holders of one VF as are told apart. */
#define SRIOV_HOLDERS_MAX 8

/** Names no port. */
#define SRIOV_PORT_NONE RTE_MAX_ETHPORTS

/** A VF's place: it keeps its policy while there is no VF. */
struct sriov_vf {
	char bdf[RTE_SRIOV_BDF_SIZE]; /**< "" while there is none */
	/** As it was read last; its bdf is "" before. What cannot change is not read again. */
	struct rte_sriov_function fn;
	bool handed_out;
	bool reclaiming;
	bool has_owner;               /**< it was handed out with its nodes */
	struct rte_sriov_owner owner;
	struct rte_sriov_owner before; /**< of its nodes, after it was taken back */
	uint32_t tokens_rotated;
	/** What was asked for, what it goes back to, and what was applied. */
	struct rte_sriov_policy desired;
	struct rte_sriov_policy defaults;
	struct rte_sriov_policy applied;
	/** Its holder was asked to let go, and the kernel waits for that. */
	bool asked;
	struct sriov_write ask;
	/** Who held it at the last look. */
	unsigned int nb_holders;
	struct rte_sriov_holder holders[SRIOV_HOLDERS_MAX];
};

/** How policy is applied by one PMD. */
struct sriov_policy_ops {
	const char *driver; /**< name of the ethdev driver */
	uint32_t members;   /**< that it can apply, RTE_SRIOV_POLICY_* */
	/** Is the PMD linked? NULL: yes. */
	bool (*linked)(void);
	/**
	 * Apply one member.
	 *
	 * @param want
	 *   Has the member set.
	 * @param was
	 *   What was applied before, as far as it is set.
	 */
	int (*apply)(uint16_t port, uint16_t vf, uint32_t member,
			const struct rte_sriov_policy *want, const struct rte_sriov_policy *was);
	/** What the device has for a new VF. All of its members set. */
	void (*initial)(struct rte_sriov_policy *policy);
	/** What is in effect, as far as the PMD tells. NULL: it tells nothing. */
	int (*get)(uint16_t port, uint16_t vf, struct rte_sriov_policy *effective);
	/** Counters, at most @p max. Their number or a negative errno. NULL: none. */
	int (*counters)(uint16_t port, uint16_t vf, struct rte_sriov_counter *counters,
			unsigned int max);
};

struct rte_sriov_pf {
	TAILQ_ENTRY(rte_sriov_pf) next;
	char bdf[RTE_SRIOV_BDF_SIZE];
	char previous_driver[RTE_SRIOV_DRIVER_SIZE];
	uint32_t wait_ms;
	rte_sriov_event_fn event;
	void *event_ctx;

	/* the open device */
	bool open;
	bool found;      /**< it was open here before, with a PMD */
	int dev_fd;      /**< without PMD; else -1 */
	uint16_t port;   /**< or SRIOV_PORT_NONE */
	char pmd[RTE_SRIOV_DRIVER_SIZE];
	const struct sriov_policy_ops *policy; /**< NULL: none can be applied */
	uint32_t features;
	bool callbacks; /**< are registered */
	void *pool;     /**< mbufs of the port that was started here */
	bool started;   /**< here */

	/* what other threads tell */
	int epoll_fd;   /**< readable when one of these is */
	int wake_fd;
	int request_fd; /**< without PMD: VFIO's request event */
	uint32_t happened; /**< SRIOV_HAPPENED_*, atomic */

	bool requested;
	uint32_t tokens_rotated;
	uint32_t resets;
	uint16_t total_vfs;
	struct sriov_vf *vfs; /**< total_vfs places */
	struct rte_sriov_function vf_like; /**< the first VF that was read; bdf "": none was */
	uint16_t num_noted;   /**< places up to the last VF when all were noted */
};

#define SRIOV_HAPPENED_REQUEST (UINT32_C(1) << 0)
#define SRIOV_HAPPENED_RESET   (UINT32_C(1) << 1)
#define SRIOV_HAPPENED_LINK    (UINT32_C(1) << 2)

/** How a PF's device is opened. Tests, and nothing else, put something else in its place. */
struct sriov_device_ops {
	/** Open with or without PMD, as of the configuration: fills dev_fd or port, and pmd. */
	int (*open)(struct rte_sriov_pf *pf, const struct rte_sriov_pf_conf *conf,
			struct rte_sriov_error *error);
	void (*close)(struct rte_sriov_pf *pf);
};

extern struct sriov_device_ops sriov_device;
/** The backend of tests. NULL: none. */
extern const struct sriov_policy_ops *sriov_policy_test;

/** Tell an event of the PF, or with @p vf of a VF. */
void sriov_event_tell(struct rte_sriov_pf *pf, enum rte_sriov_event_type type, uint16_t vf,
		const struct rte_sriov_holder *holder, const struct rte_sriov_error *error);

/** Start a port with one queue each way, unless it is started. */
int sriov_port_start(struct rte_sriov_pf *pf, struct rte_sriov_error *error);
void sriov_port_stop(struct rte_sriov_pf *pf);
/** Have the EAL and the port tell what happens. Undone by sriov_callbacks_remove(). */
int sriov_callbacks_add(struct rte_sriov_pf *pf, struct rte_sriov_error *error);
void sriov_callbacks_remove(struct rte_sriov_pf *pf);
/** Note what happened, from any thread. */
void sriov_happened(struct rte_sriov_pf *pf, uint32_t what);

/* ---- VFs (sriov_vfs.c) ---- */

/** The address of a VF that is there. 0, or -ENODEV. */
int sriov_vf_name(struct rte_sriov_pf *pf, uint16_t vf, char bdf[RTE_SRIOV_BDF_SIZE],
		struct rte_sriov_error *error);
/** The VF as sysfs has it. 0, or -ENODEV and the like. */
int sriov_vf_get(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_function *fn,
		struct rte_sriov_error *error);
/** Bind a VF to vfio-pci unless it is on it. @p fn: the VF as it is, and follows. */
int sriov_vf_capture(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_function *fn,
		struct rte_sriov_error *error);
/** Body of rte_sriov_vf_reset(), for a VF that was read already. */
int sriov_vf_reset(struct rte_sriov_pf *pf, uint16_t vf, const struct rte_sriov_function *fn,
		struct rte_sriov_error *error);
/** Bring a VF that is new to its state: captured, with its token and policy. */
int sriov_vf_prepare(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error);
/**
 * Are there other VFs than those that were noted? Never waits: while somebody unbinds the PF, the
 * kernel keeps whoever reads sriov_numvfs until this process has let the PF go.
 */
bool sriov_vfs_changed(const struct rte_sriov_pf *pf);
/** All VFs were noted. */
void sriov_vfs_noted(struct rte_sriov_pf *pf);
/** Note that there is a VF, or no longer; tell it. True if it is new. */
bool sriov_vf_note(struct rte_sriov_pf *pf, uint16_t vf, bool tell);
/**
 * Wait until nobody holds a VF.
 *
 * @param end_ms
 *   CLOCK_MONOTONIC.
 * @return 0, or -EBUSY with the holders named, or another negative errno.
 */
int sriov_vf_wait(struct rte_sriov_pf *pf, uint16_t vf, int64_t end_ms, uint32_t flags,
		struct rte_sriov_error *error);

/* ---- handing out (sriov_tenant.c) ---- */

/** Body of rte_sriov_token_rotate() for a VF that was read already. */
int sriov_vf_token_rotate(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_function *fn, const rte_uuid_t token,
		struct rte_sriov_error *error);

/** Go on with taking a VF back that nobody holds any more. */
int sriov_vf_reclaim_finish(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error);
/** A VF has gone, and what was handed out with it. */
void sriov_vf_forget(struct sriov_vf *vf);
/** Who owns the nodes of a function. 0 or a negative errno. */
int sriov_owner_get(const struct rte_sriov_function *fn, struct rte_sriov_owner *owner);

/* ---- policy (sriov_pf_policy.c) ---- */

/** Choose how policy is applied to the port. */
void sriov_policy_choose(struct rte_sriov_pf *pf);
/** Apply all that is desired of a VF; tells it. */
int sriov_policy_apply(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error);

/** Is a VLAN in the list? */
bool sriov_vlan_listed(const struct rte_sriov_policy *policy, uint16_t vlan);

extern const struct sriov_policy_ops sriov_policy_i82576;
extern const struct sriov_policy_ops sriov_policy_ixgbe;
extern const struct sriov_policy_ops sriov_policy_i40e;

#endif /* SRIOV_PF_H */
