/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_VFIO_PF_H
#define RTE_VFIO_PF_H

/**
 * @file
 * What the owner of a PF does with its VFs through VFIO.
 *
 * The owner is the process that holds the PF open through the EAL. The vfio-pci of kmod/vfio-pci
 * has features that the kernel's own vfio-pci lacks; rte_vfio_pf_features() tells which are there.
 * Nothing is asked for by itself: without calls to these functions a PF behaves the same on both.
 *
 * A token for one VF is set by rte_vfio_vf_token_rotate() with the address of the VF.
 *
 * A device address is "DDDD:BB:DD.F" or "BB:DD.F", in hexadecimal.
 *
 * All functions may be called from any thread, in the primary process, after the PF was opened
 * (probed). They exist on Linux only. They may sleep: not for lcores that poll queues.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_compat.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A VF can have a token of its own, by rte_vfio_vf_token_rotate() with the VF's address. */
#define RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN (UINT32_C(1) << 0)
/** The number of VFs is set through the PF's descriptor: no right to write to sysfs is needed. */
#define RTE_VFIO_PF_FEATURE_NUM_VFS (UINT32_C(1) << 1)
/** The PF can be closed and opened again without loss for VFs that are open. */
#define RTE_VFIO_PF_FEATURE_KEEP (UINT32_C(1) << 2)

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell what the vfio-pci under a PF has beyond the kernel's own.
 *
 * @param pf
 *   Address of a PF that this process holds open.
 * @param[out] features
 *   RTE_VFIO_PF_FEATURE_* bits; 0 on the kernel's own vfio-pci.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, or @p features is NULL.
 *   - -ENODEV: this process does not hold the device open as a PF.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno of the ioctl.
 */
__rte_experimental
int rte_vfio_pf_features(const char *pf, uint32_t *features);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Remove a VF's own token, which rte_vfio_vf_token_rotate() has set: the PF's token opens the VF
 * again.
 *
 * A VF that is open goes on. If the VF's entry in this process's table is the own token, it is
 * removed as well. It is no error if the VF has no token of its own.
 *
 * @param vf
 *   Address of a VF whose PF this process holds open.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address.
 *   - -ENODEV: no such VF, or this process does not hold its PF open.
 *   - -ENOTSUP: RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN is not there.
 *   - -ERANGE: the VF has vanished meanwhile.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno of the ioctl.
 */
__rte_experimental
int rte_vfio_vf_own_token_clear(const char *vf);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Get the number of VFs that a PF has, and the most that it can have.
 *
 * Through the descriptor with RTE_VFIO_PF_FEATURE_NUM_VFS, else from sysfs. Reading sysfs waits
 * for a writer of sriov_numvfs.
 *
 * @param pf
 *   Address of a PF that this process holds open.
 * @param[out] num_vfs
 *   Number of VFs now. NULL is allowed.
 * @param[out] total_vfs
 *   The most that the PF can have. NULL is allowed.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address.
 *   - -ENODEV: this process does not hold the device open as a PF.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno of the ioctl, or of reading sysfs.
 */
__rte_experimental
int rte_vfio_pf_num_vfs_get(const char *pf, uint16_t *num_vfs, uint16_t *total_vfs);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Make VFs, or remove all of them.
 *
 * Through the descriptor with RTE_VFIO_PF_FEATURE_NUM_VFS, else through sysfs, which takes the
 * right to write to the PF's sriov_numvfs. New VFs are bound to vfio-pci by the kernel. The own
 * tokens of all VFs are gone when their number has changed; the token of the PF stays.
 *
 * VFs are not removed while one is open: the kernel's own vfio-pci would wait for its user, for as
 * long as that takes, in this thread, which not even SIGKILL could end. So before 0 is written to
 * sysfs, each VF on a VFIO driver is looked at: its group is opened and closed at once, which the
 * kernel refuses while somebody has it open. A VF whose group may not be opened counts as open.
 * What remains is a VF that is opened between the look and the write; keep users away meanwhile.
 * With kmod/vfio-pci the kernel side itself refuses, and nothing remains.
 *
 * @param pf
 *   Address of a PF that this process holds open.
 * @param num_vfs
 *   How many VFs there are to be. A number other than 0 can be set only if there are none, or as
 *   many already.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address.
 *   - -ENODEV: this process does not hold the device open as a PF.
 *   - -EBUSY: a VF is open or may be; or there are VFs already, in another number.
 *   - -ERANGE: more than the PF can have.
 *   - -ENOENT: vfio-pci's parameter enable_sriov is off.
 *   - -EAGAIN: another task is binding, unbinding or resetting the PF, or changing its VFs.
 *   - -EACCES, -EROFS: this process may not write to sysfs.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno with which the kernel could not make the VFs.
 *   The reason is logged.
 */
__rte_experimental
int rte_vfio_pf_num_vfs_set(const char *pf, uint16_t num_vfs);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Ask that a PF stay enabled when this process closes it, or ends, while VFs of it are open.
 *
 * VFs that are open then go on, instead of losing their state to the reset of the PF. The PF itself
 * cannot write to memory until it is opened again, which takes its token. It is asked for on each
 * open anew.
 *
 * The EAL's PCI bus resets each device that it probes, a PF that was kept as well. So VFs are
 * spared as long as the PF stays closed, and lose their state when it is probed again.
 *
 * @param pf
 *   Address of a PF that this process holds open.
 * @param keep
 *   False: reset it at the close, as usual.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address.
 *   - -ENODEV: this process does not hold the device open as a PF.
 *   - -ENOTSUP: RTE_VFIO_PF_FEATURE_KEEP is not there.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno of the ioctl.
 */
__rte_experimental
int rte_vfio_pf_keep_set(const char *pf, bool keep);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell whether a PF had been kept for the open by which this process holds it.
 *
 * @param pf
 *   Address of a PF that this process holds open.
 * @return
 *   - 1: it had been kept, see rte_vfio_pf_keep_set().
 *   - 0: it had not; without RTE_VFIO_PF_FEATURE_KEEP always.
 *   - -EINVAL: malformed address.
 *   - -ENODEV: this process does not hold the device open as a PF.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - another negative errno of the ioctl.
 */
__rte_experimental
int rte_vfio_pf_reopened(const char *pf);

#ifdef __cplusplus
}
#endif

#endif /* RTE_VFIO_PF_H */
