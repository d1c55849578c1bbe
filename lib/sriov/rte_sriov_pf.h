/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_SRIOV_PF_H
#define RTE_SRIOV_PF_H

/**
 * @file
 * The manager of a PF's VFs, for the process that owns the PF.
 *
 * The process opens a PF, and keeps it: with the PMD that knows the device, which then serves the
 * VFs' mailboxes and applies policy, or without one. VFs are made, handed out to users (other
 * processes), taken back and removed. Between two users a VF is reset, its policy is the default
 * again, and the token that the last one knew no longer opens it.
 *
 * A VF is in use as long as a process holds it, whether it was handed out or not. VFs are neither
 * reset, handed out nor removed meanwhile.
 *
 * What concerns a single VF is in rte_sriov_vf.h.
 *
 * All functions need rte_eal_init() and the primary process. They may sleep: not for lcores that
 * poll queues. A PF's handle is for one thread at a time; different PFs may be used by different
 * threads at once. Nothing is called back but from within rte_sriov_pf_poll() and the function that
 * causes an event, in its thread.
 *
 * Every function returns 0 or a negative errno unless said otherwise, and then fills the struct
 * rte_sriov_error that the caller passes; NULL is allowed there. Each may return
 * - -EINVAL: an argument that cannot be;
 * - -ENODEV: the VF does not exist now, or the device is gone;
 * - -ENOMEM: no memory.
 * Nothing is logged that is reported so, except by the EAL and the PMD themselves.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <rte_compat.h>
#include <rte_uuid.h>

#include <rte_sriov.h>
#include <rte_sriov_policy.h>
#include <rte_sriov_vf.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- events ---- */

enum rte_sriov_event_type {
	RTE_SRIOV_EVENT_VF_ADDED,
	RTE_SRIOV_EVENT_VF_REMOVED,
	/** Somebody wants the PF back, for example to unbind it: it should be closed. */
	RTE_SRIOV_EVENT_PF_REQUEST,
	/** The PF was reset; policy is applied again before this. */
	RTE_SRIOV_EVENT_PF_RESET,
	RTE_SRIOV_EVENT_HOLDER_CAME,
	RTE_SRIOV_EVENT_HOLDER_LEFT,
	RTE_SRIOV_EVENT_POLICY_APPLIED,
	RTE_SRIOV_EVENT_POLICY_FAILED,
	/** The token of the PF or of a VF was replaced. */
	RTE_SRIOV_EVENT_TOKEN_ROTATED,
	RTE_SRIOV_EVENT_LINK,
};

/** What happened. All of it is valid during the callback only. */
struct rte_sriov_event {
	enum rte_sriov_event_type type;
	uint16_t vf;                           /**< index, or RTE_SRIOV_VF_NONE */
	char bdf[RTE_SRIOV_BDF_SIZE];          /**< of the VF, or of the PF */
	const struct rte_sriov_holder *holder; /**< HOLDER_*; else NULL */
	const struct rte_sriov_error *error;   /**< POLICY_FAILED; else NULL */
};

/**
 * Is told of events. It must not close the PF.
 *
 * @param ctx
 *   As given in struct rte_sriov_pf_conf.
 */
typedef void (*rte_sriov_event_fn)(struct rte_sriov_pf *pf, const struct rte_sriov_event *event,
		void *ctx);

/* ---- opening and closing ---- */

/** Whether a PMD drives the PF. */
enum rte_sriov_pmd {
	/** The one that takes the device; without one it is held open as with NONE. */
	RTE_SRIOV_PMD_AUTO,
	/** None: it is held open, so that its VFs work that need nothing of it. */
	RTE_SRIOV_PMD_NONE,
};

/** How to open a PF. Strings are copied. Zero is the default of each member but bdf. */
struct rte_sriov_pf_conf {
	const char *bdf;
	/** Driver that it is bound to if it is not yet. NULL: "vfio-pci"; "": leave it. */
	const char *driver;
	/**
	 * Source of its token, as of rte_vfio_vf_token_set(), for example "random". NULL: as the
	 * EAL's table has it, for a PF that was adopted with its token or is open here already.
	 */
	const char *token;
	enum rte_sriov_pmd pmd;
	/** Device arguments for the PMD, "key=value,...". NULL: none. */
	const char *devargs;
	/**
	 * The driver that an earlier process has recorded as the previous one, "" for none.
	 * NULL: the one that it is found on.
	 */
	const char *previous_driver;
	/**
	 * With a PMD: if the port is not started, configure it with one queue in each direction
	 * and start it. PMDs serve mailboxes only then.
	 */
	bool start_port;
	/** Longest wait for each thing that the kernel does, in milliseconds; 0: 10 seconds. */
	uint32_t wait_ms;
	/** Is told of events. NULL: nobody. */
	rte_sriov_event_fn event;
	void *event_ctx;
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Bind a PF, set where its token comes from, and open it.
 *
 * A PF that this process has open already (given to the EAL by -a, or adopted) is taken as it is.
 * VFs that exist are found; those that nobody holds are not touched.
 *
 * @param conf
 *   How; the caller's.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   The PF, for rte_sriov_pf_close(); or NULL with rte_errno set:
 *   - EINVAL: malformed address or token source.
 *   - ENODEV: no such device, or it is no PF.
 *   - EEXIST: this process has opened it by this function already.
 *   - EBUSY: it is held by another process, which is named.
 *   - EACCES: VFs are open, and were opened with another token.
 *   - E_RTE_SECONDARY: not in a secondary process.
 *   - another of rte_sriov_function_bind(), of the EAL or of the PMD.
 *   After a failure it is on the driver that it was on, if that takes it.
 */
__rte_experimental
struct rte_sriov_pf *rte_sriov_pf_open(const struct rte_sriov_pf_conf *conf,
		struct rte_sriov_error *error);

/** What becomes of a PF that is closed. */
enum rte_sriov_close {
	/** It stays on its driver, and its VFs stay. They lose their state if it is closed. */
	RTE_SRIOV_CLOSE_KEEP,
	/** Its VFs are removed, and it is bound to its previous driver again. */
	RTE_SRIOV_CLOSE_RESTORE,
	/**
	 * The handle is freed and nothing else: the EAL has the PF open further on, for a
	 * successor that adopts its descriptors, or for the application that had opened it.
	 */
	RTE_SRIOV_CLOSE_LEAVE,
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Close a PF.
 *
 * @param pf
 *   The PF, which is freed on success. NULL is allowed.
 * @param how
 *   What becomes of it.
 * @param[out] error
 *   Filled on failure. NULL is allowed.
 * @return
 *   - 0 on success.
 *   - -EBUSY: RESTORE, and a VF is held; nothing has changed.
 *   - another negative errno of rte_sriov_pf_num_vfs_set() or rte_sriov_function_bind().
 *   After a failure of RESTORE the handle is still valid, although the PF itself may be closed;
 *   KEEP and LEAVE then still free it.
 */
__rte_experimental
int rte_sriov_pf_close(struct rte_sriov_pf *pf, enum rte_sriov_close how,
		struct rte_sriov_error *error);

/* ---- state ---- */

/** State of a PF. */
struct rte_sriov_pf_info {
	struct rte_sriov_function function;
	/** The driver that RTE_SRIOV_CLOSE_RESTORE goes back to, "" for none. */
	char previous_driver[RTE_SRIOV_DRIVER_SIZE];
	char pmd[RTE_SRIOV_DRIVER_SIZE]; /**< "" without one */
	uint16_t port;             /**< of ethdev; RTE_MAX_ETHPORTS without one */
	uint32_t features;         /**< RTE_VFIO_PF_FEATURE_* */
	uint32_t policy;           /**< RTE_SRIOV_POLICY_* that can be applied */
	bool reopened;             /**< as of rte_vfio_pf_reopened() */
	bool requested;            /**< as RTE_SRIOV_EVENT_PF_REQUEST has told */
	bool link_up;
	uint32_t link_speed_mbps;  /**< 0 where not known */
	uint32_t tokens_rotated;   /**< times that the PF's token was replaced */
	uint32_t resets;           /**< that were noticed */
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the state of a PF.
 */
__rte_experimental
int rte_sriov_pf_info_get(struct rte_sriov_pf *pf, struct rte_sriov_pf_info *info,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell a PF's address, which is valid as long as the handle.
 */
__rte_experimental
const char *rte_sriov_pf_bdf(const struct rte_sriov_pf *pf);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the counters of a PF: those of its port; none without a PMD.
 *
 * @param[out] counters
 *   The first @p max. NULL is allowed with @p max 0.
 * @return
 *   How many there are, which may be more than @p max; or a negative errno.
 */
__rte_experimental
int rte_sriov_pf_counters_get(struct rte_sriov_pf *pf, struct rte_sriov_counter *counters,
		unsigned int max, struct rte_sriov_error *error);

/* ---- the number of VFs ---- */

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Make VFs, or remove all of them.
 *
 * New VFs are bound to vfio-pci, get a token of their own where vfio-pci has that, and their
 * desired policy is applied. If one of these fails, the VFs are there nevertheless, and the error
 * names the first one.
 *
 * VFs are not removed while one is held: the holders are named. With RTE_SRIOV_FLAG_FORCE they are
 * asked to let go, each VF by taking it from its driver in a process of its own; a DPDK program
 * gets RTE_DEV_EVENT_REMOVE, QEMU unplugs the device. Holders that do not let go within @p wait_ms
 * are named; they are asked further on by the kernel, and once they let go, the VF is without a
 * driver: call this again then, or rte_sriov_vf_capture() to have it back.
 *
 * @param num_vfs
 *   How many there are to be. Another number than 0 only if there are none, or as many already.
 * @param wait_ms
 *   How long holders have to let go; without force, how long to wait for them to leave by
 *   themselves. 0: refuse at once. Does not count the kernel's own time, which is bounded by the
 *   wait_ms of struct rte_sriov_pf_conf.
 * @param flags
 *   RTE_SRIOV_FLAG_FORCE or 0.
 * @return
 *   - 0 on success.
 *   - -EBUSY: a VF is held, or there are VFs in another number.
 *   - -ERANGE: more than the PF can have.
 *   - -ENOENT: vfio-pci's parameter enable_sriov is off.
 *   - -EACCES, -EROFS: this process may not write to sysfs.
 *   - -ETIMEDOUT: the kernel has not done it in time; the write goes on in a process of its own.
 *   - another negative errno with which the kernel could not make the VFs.
 */
__rte_experimental
int rte_sriov_pf_num_vfs_set(struct rte_sriov_pf *pf, uint16_t num_vfs, uint32_t wait_ms,
		uint32_t flags, struct rte_sriov_error *error);

/* ---- tokens ---- */

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the token that opens the PF, or a VF: its own, or that of the PF.
 *
 * @param vf
 *   Index, or RTE_SRIOV_VF_NONE for the PF.
 * @param[out] token
 *   The caller wipes it after use.
 * @return
 *   - 0 on success.
 *   - -ENOENT: only the kernel knows it: no token was set, or by an earlier process. Rotate it.
 *   - another negative errno of rte_vfio_vf_token_get().
 */
__rte_experimental
int rte_sriov_token_get(struct rte_sriov_pf *pf, uint16_t vf, rte_uuid_t token,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Replace the token of the PF, or give a VF one of its own. Devices that are open go on.
 *
 * @param vf
 *   Index, or RTE_SRIOV_VF_NONE for the PF.
 * @param token
 *   The new one; NULL: a random one.
 * @return
 *   - 0 on success.
 *   - -ENOTSUP: of a VF, where vfio-pci has one token for all VFs of a PF.
 *   - another negative errno of rte_vfio_vf_token_rotate().
 */
__rte_experimental
int rte_sriov_token_rotate(struct rte_sriov_pf *pf, uint16_t vf, const rte_uuid_t token,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Set the token that an earlier process has set, so that this one knows it. It is not counted as
 * replaced, and no event tells of it.
 *
 * @param vf
 *   Index, or RTE_SRIOV_VF_NONE for the PF.
 * @param token
 *   Not all zero.
 * @return
 *   - 0 on success.
 *   - -EINVAL: no token.
 *   - another negative errno of rte_sriov_token_rotate().
 */
__rte_experimental
int rte_sriov_token_resume(struct rte_sriov_pf *pf, uint16_t vf, const rte_uuid_t token,
		struct rte_sriov_error *error);

/* ---- what happens ---- */

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the descriptor that is readable when rte_sriov_pf_poll() has something to do at once: a
 * request for the PF, a reset, a change of the link. For poll() and the like; it stays the
 * library's.
 *
 * @return
 *   The descriptor; never negative.
 */
__rte_experimental
int rte_sriov_pf_event_fd(const struct rte_sriov_pf *pf);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Look for what has happened, act on it, and tell it through the callback: when the descriptor of
 * rte_sriov_pf_event_fd() is readable, and from time to time, for example each second.
 *
 * After a reset of the PF policy is applied again. New VFs that others have made are captured and
 * prepared as those of rte_sriov_pf_num_vfs_set(). VFs whose taking back waits for their holders
 * are taken back once these have left.
 *
 * @param holders
 *   Who holds what, to notice who came and left. NULL: that is not looked at.
 * @return
 *   - 0 on success.
 *   - a negative errno of the first thing that could not be done; all others were.
 */
__rte_experimental
int rte_sriov_pf_poll(struct rte_sriov_pf *pf, const struct rte_sriov_holders *holders,
		struct rte_sriov_error *error);

#ifdef __cplusplus
}
#endif

#endif /* RTE_SRIOV_PF_H */
