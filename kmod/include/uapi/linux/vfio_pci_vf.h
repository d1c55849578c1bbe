/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What kmod/vfio-pci has beyond the kernel's vfio-pci: features of a PF's device descriptor, for
 * the ioctl VFIO_DEVICE_FEATURE of <linux/vfio.h>. PROBE tells whether a feature is there; the
 * kernel's own module answers ENOTTY to all of them, and so does this one for a function that is
 * not a PF with SR-IOV. All integers are in the host's byte order; what is reserved is zero, and
 * is refused with EINVAL where it is not.
 */

#ifndef _UAPI_LINUX_VFIO_PCI_VF_H
#define _UAPI_LINUX_VFIO_PCI_VF_H

#include <linux/types.h>

/*
 * A token for one VF (GET and SET).
 *
 * While it has a token of its own, a VF opens with this token alone: the PF's, which opens all
 * other VFs, is refused. A token that is set while the VF is open holds for later opens. All of
 * them are cleared when the number of VFs changes. It concerns VFs on vfio-pci: on another vfio
 * driver a VF asks for the PF's token.
 *
 * SET takes @vf, @flags and @token. GET takes @vf and returns @flags; it never returns a token.
 *
 * Errors: ERANGE if there is no VF @vf now; EINVAL for unknown flags or, with CLEAR, a token that
 * is not zero.
 */
#define VFIO_DEVICE_FEATURE_PCI_VF_OWN_TOKEN	0xff00

struct vfio_device_feature_pci_vf_own_token {
	/* Index of the VF, from 0, as in the PF's virtfnN links. */
	__u16 vf;
	__u16 flags;
/* SET: the VF's own token is removed, and the PF's token opens it again. */
#define VFIO_PCI_VF_OWN_TOKEN_CLEAR	(1 << 0)
/* GET: the VF has a token of its own. */
#define VFIO_PCI_VF_OWN_TOKEN_PRESENT	(1 << 1)
/* GET: the VF is on vfio-pci and open. */
#define VFIO_PCI_VF_OPEN		(1 << 2)
	__u32 reserved;
	/* 16 bytes in the order in which a UUID is written. Zero in what GET returns. */
	__u8 token[16];
};

/*
 * The number of VFs (GET and SET), as the PF's sriov_numvfs. There only while the module's
 * parameter numvfs_by_fd is set: otherwise ENOTTY.
 *
 * SET takes @num_vfs. It makes that many VFs, or removes all (0). It never waits for a VF in use,
 * whatever the parameter wait_for_vfs says, and seconds at most for changes of the PCI bus.
 *
 * Errors of SET: ENOENT without the parameter enable_sriov; ERANGE above @total_vfs; EBUSY from one
 * number other than 0 to another, or if a VF is in use (the kernel's log names it); EAGAIN if the
 * PF is being bound, unbound, reset or given VFs by another task at this moment; or what making
 * VFs failed with.
 */
#define VFIO_DEVICE_FEATURE_PCI_NUM_VFS		0xff01

struct vfio_device_feature_pci_num_vfs {
	__u16 num_vfs;
	/* Of GET: the most that the PF can have. */
	__u16 total_vfs;
	__u32 reserved;
};

/*
 * Reopening a PF without loss for its VFs (GET and SET). It is asked for on each open descriptor
 * anew, and forgotten at its last close.
 *
 * If a PF is closed with KEEP while VFs on vfio-pci are in use, it stays enabled, with its state,
 * but cannot write to memory: its bus mastering is cleared and its interrupts are off. The next
 * opener has to present the PF's token. It finds REOPENED until it closes the descriptor, its
 * interrupts disabled, and the PF's registers as they were left: it stops what the PF still has in
 * its queues, whose addresses mean nothing any more, before it sets bus mastering. The reset of
 * the PF comes when the last VF is closed before that, or when the PF is unbound.
 *
 * A PF in low power, with ioeventfds or with its memory shared as dma-bufs is not kept, and the
 * kernel's log says so. If an opener goes before it used the PF (for anything but
 * VFIO_DEVICE_FEATURE, or SET of this one), the PF is kept as before.
 *
 * Errors of SET: EINVAL for unknown flags.
 */
#define VFIO_DEVICE_FEATURE_PCI_PF_KEEP		0xff02

struct vfio_device_feature_pci_pf_keep {
	__u32 flags;
/* GET and SET: keep the PF at its last close. */
#define VFIO_PCI_PF_KEEP		(1 << 0)
/* GET: it was kept for this opener. */
#define VFIO_PCI_PF_REOPENED		(1 << 1)
	__u32 reserved;
};

#endif /* _UAPI_LINUX_VFIO_PCI_VF_H */
