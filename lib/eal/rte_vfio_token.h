/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_VFIO_TOKEN_H
#define RTE_VFIO_TOKEN_H

/**
 * @file
 * VF tokens of the EAL's VFIO code.
 *
 * vfio-pci opens a VF only for someone who knows the VF token, a UUID, that the owner of its PF
 * has set. The EAL keeps a table of where the token of each function comes from. The table is
 * filled by the option `--vfio-vf-token=[BDF=]SOURCE` and by the functions of this file, and is
 * consulted once each time a device is opened through VFIO, hotplug included.
 *
 * An entry for a VF beats the entry for its PF, which beats the default entry (no BDF).
 *
 * A device address (BDF) is "DDDD:BB:DD.F" or "BB:DD.F", in hexadecimal.
 *
 * All functions may be called from any thread, before or after rte_eal_init(). They exist on Linux
 * only. vfio-pci has VF tokens since Linux 5.7; before that no function takes one.
 */

#include <stddef.h>

#include <rte_compat.h>
#include <rte_uuid.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a device address as text, with its NUL: "DDDDDDDD:BB:DD.F" at most. */
#define RTE_VFIO_VF_TOKEN_BDF_SIZE 17

/** How a VF token concerns a PCI function, as sysfs tells now. */
enum rte_vfio_vf_token_role {
	/** Takes no token: no SR-IOV, or a VF whose PF is not on a VFIO driver. */
	RTE_VFIO_VF_TOKEN_ROLE_NONE,
	/** A PF with SR-IOV: opening it with a token sets the token. */
	RTE_VFIO_VF_TOKEN_ROLE_PF,
	/** A VF whose PF is on a VFIO driver: opening it needs the PF's token. */
	RTE_VFIO_VF_TOKEN_ROLE_VF,
};

/** Where the entry that applies to a function takes the token from. */
enum rte_vfio_vf_token_source {
	RTE_VFIO_VF_TOKEN_SOURCE_NONE,   /**< no entry applies */
	RTE_VFIO_VF_TOKEN_SOURCE_UUID,   /**< a UUID given as such */
	RTE_VFIO_VF_TOKEN_SOURCE_FILE,   /**< file:PATH, read at each open */
	RTE_VFIO_VF_TOKEN_SOURCE_FD,     /**< fd:N, read once */
	RTE_VFIO_VF_TOKEN_SOURCE_ENV,    /**< env:NAME, read once */
	RTE_VFIO_VF_TOKEN_SOURCE_UNIX,   /**< unix:PATH, asked of a broker at each open of a VF */
	RTE_VFIO_VF_TOKEN_SOURCE_RANDOM, /**< random: made by this process for a PF it opens */
};

/** What rte_vfio_vf_token_query() tells of a function. Never a token. */
struct rte_vfio_vf_token_info {
	enum rte_vfio_vf_token_role role;     /**< how a token concerns the function */
	enum rte_vfio_vf_token_source source; /**< the source that would be asked at an open */
	/** BDF of the function's PF; its own for a PF; "" without SR-IOV. */
	char pf[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	/** BDF of the entry that applies; "" for the default or none. */
	char entry[RTE_VFIO_VF_TOKEN_BDF_SIZE];
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Set the token, or its source, for a device or the default.
 *
 * Replaces an entry for the same device, whether it came from the command line or from this
 * function. It changes what the next open uses; a device that is open goes on undisturbed (see
 * rte_vfio_vf_token_rotate() for a PF that is open). The source is checked now: a file is read,
 * a descriptor or an environment variable is consumed.
 *
 * @param bdf
 *   Address of a PF or a VF, or NULL for the default entry. The device need not exist yet.
 * @param source
 *   A SOURCE as of the option: a UUID, "file:PATH", "fd:N", "env:NAME", "unix:PATH" or "random".
 *   The string is copied; one that holds a UUID is the caller's to wipe.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, source or content; the reason is logged.
 *   - -EACCES: a file that is not ours or root's, or that others can read.
 *   - -EEXIST: an address is twice in the content.
 *   - -E2BIG: the content has more than 4096 lines or 512 KiB.
 *   - -ETIMEDOUT: no end of the content within 2 s on a descriptor.
 *   - -ENOENT: no such file, or no such environment variable.
 *   - -ENOMEM: no memory.
 *   - another negative errno of the read that failed.
 */
__rte_experimental
int rte_vfio_vf_token_set(const char *bdf, const char *source);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Remove the entry of a device, or the default, and wipe what it held.
 *
 * @param bdf
 *   Address as given to the option or to rte_vfio_vf_token_set(), or NULL for the default entry.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address.
 *   - -ENOENT: no such entry.
 */
__rte_experimental
int rte_vfio_vf_token_clear(const char *bdf);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell whether a function takes a token, and which entry would provide it.
 *
 * Reads sysfs and, for a file, its content; asks no broker and opens no device. The kernel's
 * answer at the open is final.
 *
 * @param bdf
 *   Address of the function.
 * @param[out] info
 *   Filled on success.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, @p info is NULL, or an entry names the function although it takes
 *     no token; the reason is logged.
 *   - -ENODEV: no such device.
 *   - -EEXIST: two entries name the function.
 *   - another negative errno of a source file that cannot be used.
 */
__rte_experimental
int rte_vfio_vf_token_query(const char *bdf, struct rte_vfio_vf_token_info *info);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Get a token that this process has set as the owner of a PF, to tell it to VF users.
 *
 * For a PF, the token in force. For a VF, its own token (see rte_vfio_vf_token_rotate()), without
 * which the VF takes the PF's.
 *
 * @param bdf
 *   Address of a PF that this process holds open, or of a VF of it.
 * @param[out] token
 *   The 16 bytes of the UUID. The caller wipes it after use.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, or @p token is NULL.
 *   - -ENODEV: this process does not hold the device open as a PF, nor the PF of a VF.
 *   - -ENOENT: a PF that was opened without a token, so that only the kernel knows the token; or a
 *     VF that has no token of its own, or one that somebody else has set.
 *   - -E_RTE_SECONDARY: not in a secondary process; tokens do not leave the primary.
 *   - another negative errno of the ioctl.
 */
__rte_experimental
int rte_vfio_vf_token_get(const char *bdf, rte_uuid_t token);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Replace the token of a PF that this process holds open, or give a VF of it a token of its own.
 *
 * Devices that are open go on; the new token counts for later opens. On success the entry of the
 * device in this process's table becomes the new token. On failure nothing changes.
 *
 * PF: later opens of the PF and of its VFs need the new token (VFIO_DEVICE_FEATURE_PCI_VF_TOKEN).
 * An entry for one of its VFs that holds the old token itself (a UUID, env:, a line of fd:)
 * follows.
 *
 * VF: later opens of this VF need the new token, and the PF's opens it no longer. So who was told
 * the token of one VF cannot open another. It takes the vfio-pci of kmod/vfio-pci, see
 * RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN in rte_vfio_pf.h. It holds until it is replaced, until
 * rte_vfio_vf_own_token_clear(), until the number of VFs changes, or until the PF is unbound. When
 * somebody else than rte_vfio_pf_num_vfs_set() changes the number of VFs, the entry in the table
 * stays behind, for the caller to clear.
 *
 * @param bdf
 *   Address of the PF or of the VF.
 * @param token
 *   The new token, not all zero; or NULL for a fresh random one (version 4).
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, or an all-zero token.
 *   - -ENODEV: this process does not hold the device open as a PF, nor the PF of a VF.
 *   - -ENOTSUP: of a VF: the vfio-pci that is loaded has one token for all VFs of a PF, or the VF
 *     is on another driver of the VFIO family, which asks for the PF's token.
 *   - -ERANGE: the VF has vanished meanwhile.
 *   - -ENOMEM: no memory.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno of the ioctl (-ENOTTY before Linux 5.7).
 *   The reason is logged.
 */
__rte_experimental
int rte_vfio_vf_token_rotate(const char *bdf, const rte_uuid_t token);

#ifdef __cplusplus
}
#endif

#endif /* RTE_VFIO_TOKEN_H */
