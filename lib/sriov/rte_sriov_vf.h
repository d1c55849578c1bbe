/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_SRIOV_VF_H
#define RTE_SRIOV_VF_H

/**
 * @file
 * The single VF of a PF that this process owns. Included by rte_sriov_pf.h, whose rules for
 * threads and errors hold here.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include <rte_compat.h>

#include <rte_sriov.h>
#include <rte_sriov_policy.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A PF that this process owns. */
struct rte_sriov_pf;

/** In place of a VF's index: the PF itself, or, where that is said, all VFs. */
#define RTE_SRIOV_VF_NONE UINT16_MAX

/** Ask those who hold a VF to let it go, through VFIO's request event. */
#define RTE_SRIOV_FLAG_FORCE (UINT32_C(1) << 0)

/* ---- state ---- */

/** What a VF is doing. */
enum rte_sriov_vf_state {
	RTE_SRIOV_VF_FREE,       /**< neither handed out nor held */
	RTE_SRIOV_VF_HANDED_OUT, /**< handed out, and not held at the moment */
	RTE_SRIOV_VF_IN_USE,     /**< held */
	/** Taking it back was begun: its holder has not left, or the reset has failed. */
	RTE_SRIOV_VF_RECLAIMING,
};

/** Who owns the node of a VF in /dev/vfio. */
struct rte_sriov_owner {
	uid_t uid;
	gid_t gid;
	mode_t mode; /**< permission bits, at most 0660 */
};

/** State of a VF. */
struct rte_sriov_vf_info {
	/** As sysfs has it; the override as it was when the driver changed last. */
	struct rte_sriov_function function;
	/** IN_USE is told only where holders were given. */
	enum rte_sriov_vf_state state;
	/** Who owns its node now; of the group's node where there is one, else of its own. */
	struct rte_sriov_owner owner;
	/** Who is to own it after it was taken back. */
	struct rte_sriov_owner owner_before;
	bool own_token;    /**< it has a token that is not the PF's */
	unsigned int nb_holders;
	uint32_t tokens_rotated; /**< times that its own token was replaced */
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the state of a VF, in a time that does not depend on the number of VFs.
 *
 * @param vf
 *   Its index.
 * @param holders
 *   Who holds what. NULL: it is not told whether the VF is in use.
 */
__rte_experimental
int rte_sriov_vf_info_get(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_holders *holders, struct rte_sriov_vf_info *info,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the counters of a VF, as the PMD counts them.
 *
 * @param[out] counters
 *   The first @p max. NULL is allowed with @p max 0.
 * @return
 *   How many there are, which may be more than @p max and 0 without a PMD that counts; or a
 *   negative errno.
 */
__rte_experimental
int rte_sriov_vf_counters_get(struct rte_sriov_pf *pf, uint16_t vf,
		struct rte_sriov_counter *counters, unsigned int max,
		struct rte_sriov_error *error);

/* ---- handing out and taking back ---- */

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Bind a VF to vfio-pci, if it is on another driver or on none.
 *
 * @return
 *   As rte_sriov_function_bind().
 */
__rte_experimental
int rte_sriov_vf_capture(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Reset a VF that nobody holds.
 *
 * @return
 *   - 0 on success; also for a VF that the kernel cannot reset alone: vfio-pci resets what it can
 *     at each open.
 *   - -EBUSY: it is held; the holders are named.
 *   - -ETIMEDOUT: the kernel has not done it in time.
 *   - another negative errno of the write to sysfs.
 */
__rte_experimental
int rte_sriov_vf_reset(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Hand a VF out: bind it to vfio-pci, reset it, apply its policy, give it a fresh token where
 * vfio-pci has one for each VF, and give its nodes in /dev/vfio to the user. In this order, so that
 * the user can open it only when all else is done.
 *
 * A VF that was handed out to the same owner already is left as it is; to another one, it must be
 * taken back first.
 *
 * @param owner
 *   Whose nodes they are to be. NULL: they stay as they are, for users that may open them anyway.
 * @return
 *   - 0 on success.
 *   - -EBUSY: it is held, or handed out to another owner, or not taken back wholly.
 *   - -EXDEV: its IOMMU group holds other functions, which the user could reach.
 *   - -ENOENT: it has no node in /dev/vfio.
 *   - another negative errno of one of the steps; what was done is undone.
 */
__rte_experimental
int rte_sriov_vf_hand_out(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_owner *owner, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Note that a VF was handed out by an earlier process, without touching it.
 *
 * @param owner
 *   Whom it was handed out to; NULL: its nodes were left as they are.
 * @param before
 *   Who is to own the nodes afterwards; NULL: root alone.
 */
__rte_experimental
int rte_sriov_vf_hand_out_resume(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_owner *owner, const struct rte_sriov_owner *before,
		struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Take a VF back: restore the ownership of its nodes, replace the token that its user knows (its
 * own, or that of the PF where vfio-pci has no other), wait until it is held no longer, reset it,
 * and apply its default policy.
 *
 * Works on a VF that was not handed out as well, and again after a failure.
 *
 * @param wait_ms
 *   How long to wait for its holders to leave. 0: if it is held, refuse at once and change nothing.
 * @param flags
 *   RTE_SRIOV_FLAG_FORCE: ask the holders as rte_sriov_pf_num_vfs_set() does; 0.
 * @return
 *   - 0 on success.
 *   - -EBUSY: it is held; the holders are named. After a wait, nobody can open it any more, and it
 *     is RTE_SRIOV_VF_RECLAIMING until a later call succeeds.
 *   - another negative errno of one of the steps; it is RTE_SRIOV_VF_RECLAIMING.
 */
__rte_experimental
int rte_sriov_vf_reclaim(struct rte_sriov_pf *pf, uint16_t vf, uint32_t wait_ms, uint32_t flags,
		struct rte_sriov_error *error);

/* ---- policy ---- */

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Change members of the desired policy of a VF, and apply them.
 *
 * The VF need not exist: then they are applied when it does. On failure nothing has changed: what
 * was applied is set back.
 *
 * @param vf
 *   Index, below the most VFs that the PF can have.
 * @param policy
 *   Its members that are set. The others stay as they are.
 * @return
 *   - 0 on success.
 *   - -EINVAL: as of rte_sriov_policy_check(), or a value that the device does not take.
 *   - -ENOTSUP: without a PMD, or a member that it cannot apply.
 *   - another negative errno of the PMD.
 */
__rte_experimental
int rte_sriov_vf_policy_set(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_policy *policy, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Set the default policy of a VF: what it goes back to when it is taken back or cleared. Its
 * desired policy, and so what is applied now, stays.
 *
 * @param vf
 *   Index, or RTE_SRIOV_VF_NONE for all VFs.
 * @param policy
 *   Replaces the whole default. A member that is not set: as the device has it for a new VF.
 * @return
 *   As rte_sriov_vf_policy_set().
 */
__rte_experimental
int rte_sriov_vf_policy_default_set(struct rte_sriov_pf *pf, uint16_t vf,
		const struct rte_sriov_policy *policy, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Let the desired policy of a VF be its default, and apply that. Members that were set and are not
 * in the default become what the device has for a new VF; also those that an earlier process has
 * set, where the PMD tells what is in effect.
 */
__rte_experimental
int rte_sriov_vf_policy_clear(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the policy of a VF.
 *
 * @param[out] desired
 *   What was set. NULL is allowed.
 * @param[out] effective
 *   What the device does, as far as the PMD tells; no member is set without a PMD or while the VF
 *   does not exist. NULL is allowed.
 */
__rte_experimental
int rte_sriov_vf_policy_get(struct rte_sriov_pf *pf, uint16_t vf, struct rte_sriov_policy *desired,
		struct rte_sriov_policy *effective, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Apply the desired policy of all VFs again. Goes on after a failure, and returns the first.
 */
__rte_experimental
int rte_sriov_pf_policy_replay(struct rte_sriov_pf *pf, struct rte_sriov_error *error);

#ifdef __cplusplus
}
#endif

#endif /* RTE_SRIOV_VF_H */
