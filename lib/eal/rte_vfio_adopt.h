/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_VFIO_ADOPT_H
#define RTE_VFIO_ADOPT_H

/**
 * @file
 * Devices that outlive the process that opened them.
 *
 * VFIO resets a device when it is opened first and closed last, and the reset of a PF ends the work
 * of all its VFs. So its descriptors are kept open elsewhere: in systemd's file descriptor store,
 * by dpdk-sriov-keeper, or over an execve(). The next process is given them, hands them to the EAL
 * by rte_vfio_adopt() before rte_eal_init(), and probes the device as any other:
 *
 * 1. The EAL takes the container as its default one, with the IOMMU that is set.
 * 2. At the first probe it has all adopted devices stop: it clears their bus mastering and
 *    interrupts. VFs have both for themselves and go on.
 * 3. It drops all mappings of the container, which are of memory that is gone, and maps its own.
 * 4. With RTE_VFIO_ADOPT_WARM and a PMD that can start warm, the PCI bus neither resets the device
 *    nor lets it be bus master: the PMD does that when it has stopped its queues. Otherwise the
 *    device is reset as at any probe, and its VFs have to begin again.
 *
 * Only descriptors of the group path (/dev/vfio/N) of a type 1 IOMMU (x86, Arm) can be adopted, and
 * only since Linux 6.0 does type 1 drop what another process has mapped.
 *
 * They exist on Linux only. Not for lcores that poll queues: they may sleep.
 */

#include <stdint.h>

#include <rte_compat.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Let the device start without reset if its PMD can: its last owner did not stop it. */
#define RTE_VFIO_ADOPT_WARM (UINT32_C(1) << 0)

/** A device whose descriptors are given to the EAL. */
struct rte_vfio_adopt_device {
	/** Its address, "DDDD:BB:DD.F" or "BB:DD.F", in hexadecimal. */
	const char *bdf;
	/** Of its IOMMU group, which is in the container. Devices of one group share it. */
	int group_fd;
	/** Of the device itself. */
	int dev_fd;
	/** RTE_VFIO_ADOPT_* */
	uint32_t flags;
	/**
	 * The 16 bytes of the VF token that is in force on a PF; copied, the caller wipes its own.
	 * NULL: the EAL sets the token that its table has for the PF anew, if it has one.
	 */
	const unsigned char *token;
};

/** Duplicates of the descriptors of an open device, to be kept elsewhere; the caller's to close. */
struct rte_vfio_device_fds {
	int container_fd;
	int group_fd;
	int dev_fd;
	/** Number of the IOMMU group. */
	int group;
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Hand open descriptors to the EAL. To be called once, by one thread, before rte_eal_init().
 *
 * On success all descriptors are the EAL's and will not be inherited over an execve(). It closes a
 * device as if it had opened it: when the device is removed. One that is not probed stays open
 * until rte_vfio_adopt_drop() or rte_eal_cleanup(). On failure nothing has changed and all are the
 * caller's.
 *
 * @param container_fd
 *   The container (/dev/vfio/vfio) that the groups are in.
 * @param devices
 *   The devices. What it points to is copied.
 * @param nb_devices
 *   Number of devices, from 1.
 * @return
 *   - 0 on success.
 *   - -EINVAL: no device, a malformed address, an unknown flag, a descriptor that is not what it is
 *     said to be, or a group that is in no container.
 *   - -EBADF: a descriptor that is not open.
 *   - -EEXIST: an address twice, or two descriptors for one group.
 *   - -ENODEV: no such device, or it is in no IOMMU group.
 *   - -ENOTSUP: the container's IOMMU is not of type 1.
 *   - -EBUSY: rte_eal_init() was called, or devices were adopted before.
 *   - -ENOMEM: no memory.
 *   The reason is logged.
 */
__rte_experimental
int rte_vfio_adopt(int container_fd, const struct rte_vfio_adopt_device *devices,
		unsigned int nb_devices);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Close what was adopted and has not been probed. Any thread.
 *
 * @param bdf
 *   Address of the device, or NULL for all.
 * @return
 *   - 0 on success; with NULL also if there is none.
 *   - -EINVAL: malformed address.
 *   - -ENOENT: the device was not adopted, or it has been probed: remove it instead.
 */
__rte_experimental
int rte_vfio_adopt_drop(const char *bdf);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Declare that a PCI driver can start an adopted device warm. For drivers, in a constructor: it is
 * not thread-safe.
 *
 * Such a driver asks rte_vfio_adopt_warm() when it probes a device. If the answer is 1, it calls
 * rte_pci_set_bus_master() itself: after it has stopped what the device does for the port, or has
 * reset the device.
 *
 * @param driver
 *   Name of the driver, as in struct rte_driver; not copied.
 * @return
 *   - 0 on success.
 *   - -EINVAL: no name.
 *   - -ENOSPC: too many drivers (8).
 */
__rte_experimental
int rte_vfio_adopt_driver_register(const char *driver);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Decide how an adopted device starts. For the PCI bus, which calls it in the primary process
 * before it would let the device be bus master: an adopted device that does not start warm is reset
 * here, so that it does not write to where its last owner had memory.
 *
 * @param bdf
 *   Address of the device, which is open.
 * @param driver
 *   Name of its driver.
 * @return
 *   - 1: warm. The device must not be reset; the driver lets it be bus master.
 *   - 0: as usual; also for a device that was not adopted, and a malformed address.
 *   - a negative errno of the reset: the device must not be used.
 */
__rte_experimental
int rte_vfio_adopt_start(const char *bdf, const char *driver);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell whether a device is to start warm: it was adopted with RTE_VFIO_ADOPT_WARM, is open since,
 * and its driver can. Any thread of the primary process.
 *
 * @param bdf
 *   Address of the device.
 * @param driver
 *   Name of its driver.
 * @return
 *   1 or 0; 0 also for a malformed address.
 */
__rte_experimental
int rte_vfio_adopt_warm(const char *bdf, const char *driver);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Duplicate the descriptors of a device that is open through VFIO, so that they can be kept by
 * somebody else and adopted later. As long as a duplicate is open, the device is: whoever keeps
 * them must let go when the device is to be removed, or the kernel waits. Any thread of the primary
 * process.
 *
 * @param bdf
 *   Address of a device that this process holds open.
 * @param[out] fds
 *   Filled on success, close-on-exec. All are the caller's to close.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed address, or @p fds is NULL.
 *   - -ENODEV: this process does not hold the device open.
 *   - -E_RTE_SECONDARY: not in a secondary process.
 *   - -EMFILE: too many open files.
 */
__rte_experimental
int rte_vfio_device_fds_get(const char *bdf, struct rte_vfio_device_fds *fds);

#ifdef __cplusplus
}
#endif

#endif /* RTE_VFIO_ADOPT_H */
