// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What vfio_pci_core_close_device() undoes, and what becomes of it in a kept PF:
 *
 *	bus mastering		cleared: the memory that the PF knows is the old owner's no more
 *	MSI, MSI-X, INTx	MSI and MSI-X are writes to memory, so cannot fire, and INTx is
 *				disabled; the handlers stay until the next opener, in whose context
 *				the core can be asked to free them
 *	error and request	the same: nobody has to hear them of a PF that is not open
 *	  eventfds
 *	ioeventfds		would let whoever has the eventfd write to the PF, and cannot be
 *	dma-bufs		told apart later, like buffers of the PF's memory: with them it is
 *				not kept
 *	low power		a PF with VFs is not in it (the core refuses); otherwise not kept
 *	virtual configuration	stays with the real one, which it mirrors; that INTx is disabled in
 *	  space, virq_disabled	it holds for the next opener, as all the PF's registers do
 *	BARs' mappings		stay: the kernel's own, users' have gone with their descriptors
 *	regions			none: those of Intel graphics are not ours
 *	saved state, reset	stay, for the close that is deferred
 *	runtime power		stays: the reference that the enabled function has
 *	vfio's own		IOMMU domain and module reference are given back with each close,
 *				which is why bus mastering must be off
 */

#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/pci.h>
#include <linux/sched.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/wait.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_keep.h"
#include "vfio_pci_pf.h"

/* How soon a reset is tried again that met another user of the PF's device_lock(). */
#define KEEP_RETRY_MS 100

static bool keep_is_kept(const struct vfio_pci_device *vdev)
{
	lockdep_assert_held(&vdev->core.vdev.dev_set->lock);

	return vdev->pf && READ_ONCE(vdev->pf->kept);
}

/* Adds @change to how often each kept PF of the set is open. Returns whether there is one. */
static bool keep_count_set(struct vfio_device_set *set, int change)
{
	struct vfio_device *cur;
	bool found = false;

	list_for_each_entry(cur, &set->device_list, dev_set_list) {
		if (cur->ops != &vfio_pci_ops || !keep_is_kept(to_vfio_pci_device(cur)))
			continue;
		cur->open_count += change;
		found = true;
	}
	return found;
}

/*
 * The core resets the bus after a close if one of its functions needs it and none is open any more:
 * none but the one that is being closed. A kept PF is not open, and must not be reset all the same.
 * A function of the set on another vfio driver does this unseen; such sets are the exception, as
 * functions that can be reset by themselves do not need it.
 */
static void keep_core_close(struct vfio_pci_device *vdev)
{
	struct vfio_device_set *set = vdev->core.vdev.dev_set;

	keep_count_set(set, 1);
	vfio_pci_core_close_device(&vdev->core.vdev);
	keep_count_set(set, -1);
}

/* The close of a PF that was kept and is so no more. */
static void keep_late_close(struct vfio_pci_device *vdev)
{
	struct vfio_device *core_vdev = &vdev->core.vdev;

	/* As in any other close: see keep_core_close(). */
	core_vdev->open_count++;
	keep_core_close(vdev);
	core_vdev->open_count--;
	vdev->keep.reset_due = vdev->core.needs_reset;
}

/* Whether there is nobody any more for whom the PF is kept; then it is for good. */
static bool keep_begin_reset(struct vfio_pci_pf *pf)
{
	bool begin;

	mutex_lock(&pf->lock);
	begin = pf->kept && !pf->users;
	if (begin) {
		WRITE_ONCE(pf->kept, false);
		WRITE_ONCE(pf->resetting, true);
	}
	mutex_unlock(&pf->lock);
	return begin;
}

static void keep_end_reset(struct vfio_pci_pf *pf)
{
	mutex_lock(&pf->lock);
	WRITE_ONCE(pf->resetting, false);
	mutex_unlock(&pf->lock);
	wake_up_all(&pf->reset_done);
}

/*
 * In a task of its own, since the VF that was closed holds the lock of its device set, and the
 * PF's has the same class. It must never wait for the PF's device_lock(): when the PF is unbound,
 * who holds that waits for this.
 */
static void keep_reset(struct work_struct *work)
{
	struct vfio_pci_device *vdev = container_of(to_delayed_work(work), struct vfio_pci_device,
			keep.reset);
	struct vfio_device_set *set = vdev->core.vdev.dev_set;
	struct device *dev = &vdev->core.pdev->dev;

	mutex_lock(&set->lock);
	/* The core leaves the reset out without this lock. It may still lose it: see reset_due. */
	if (keep_is_kept(vdev) && !device_trylock(dev)) {
		schedule_delayed_work(&vdev->keep.reset, msecs_to_jiffies(KEEP_RETRY_MS));
		goto unlock;
	}
	if (!keep_is_kept(vdev))
		goto unlock;
	device_unlock(dev);
	if (keep_begin_reset(vdev->pf)) {
		pci_info(vdev->core.pdev, "kept PF closed: the last of its VFs was\n");
		keep_late_close(vdev);
		keep_end_reset(vdev->pf);
	}
unlock:
	mutex_unlock(&set->lock);
}

void vfio_pci_keep_init(struct vfio_pci_device *vdev)
{
	INIT_DELAYED_WORK(&vdev->keep.reset, keep_reset);
}

void vfio_pci_keep_finish(struct vfio_pci_device *vdev)
{
	struct pci_dev *pdev = vdev->core.pdev;

	if (!vdev->pf)
		return;
	/* There are no VFs any more, and nobody can open the PF. */
	cancel_delayed_work_sync(&vdev->keep.reset);
	mutex_lock(&vdev->core.vdev.dev_set->lock);
	if (keep_begin_reset(vdev->pf)) {
		pci_info(pdev, "kept PF closed: it is being unbound\n");
		keep_late_close(vdev);
		keep_end_reset(vdev->pf);
	}
	mutex_unlock(&vdev->core.vdev.dev_set->lock);

	/* The core could not, as the caller holds the device_lock(). */
	if (vdev->keep.reset_due && vdev->core.needs_reset && vdev->core.reset_works)
		pci_reset_function_locked(pdev);
}

void vfio_pci_keep_schedule_reset(struct vfio_pci_device *vdev)
{
	schedule_delayed_work(&vdev->keep.reset, 0);
}

/* Has the core disable the interrupt @index. @set is a place in user memory for its argument. */
static int keep_disable_irq(struct vfio_pci_device *vdev, struct vfio_irq_set __user *set,
		unsigned int index)
{
	const struct vfio_irq_set disable = {
		.argsz = sizeof(disable),
		.flags = VFIO_IRQ_SET_DATA_NONE | VFIO_IRQ_SET_ACTION_TRIGGER,
		.index = index,
	};

	if (copy_to_user(set, &disable, sizeof(disable)))
		return -EFAULT;
	return vfio_pci_core_ioctl(&vdev->core.vdev, VFIO_DEVICE_SET_IRQS, (unsigned long)set);
}

/* The same for an eventfd that need not have been set, and that not every device has. */
static int keep_disable_eventfd(struct vfio_pci_device *vdev, struct vfio_irq_set __user *set,
		unsigned int index)
{
	int ret = keep_disable_irq(vdev, set, index);

	return ret == -EINVAL || ret == -ENOTTY ? 0 : ret;
}

/*
 * Of the core's functions that free an interrupt, the only one for others to call, short of those
 * that disable the device, is the user's. It takes its argument from user memory, of which the
 * opener gets a page for this moment. That another of his threads may write to it gives him
 * nothing: he could call the same after the open. At the close there may be no user memory left.
 */
static int keep_disable_irqs(struct vfio_pci_device *vdev)
{
	struct vfio_irq_set __user *set;
	unsigned long address;
	int ret = 0;

	address = vm_mmap(NULL, 0, PAGE_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			0);
	if (IS_ERR_VALUE(address))
		return (int)address;
	set = (struct vfio_irq_set __user *)address;

	if (vdev->core.irq_type < VFIO_PCI_NUM_IRQS)
		ret = keep_disable_irq(vdev, set, vdev->core.irq_type);
	if (!ret && vdev->core.irq_type < VFIO_PCI_NUM_IRQS)
		ret = -EIO;
	if (!ret)
		ret = keep_disable_eventfd(vdev, set, VFIO_PCI_ERR_IRQ_INDEX);
	if (!ret)
		ret = keep_disable_eventfd(vdev, set, VFIO_PCI_REQ_IRQ_INDEX);

	vm_munmap(address, PAGE_SIZE);
	return ret;
}

static int keep_reopen(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vdev->pf;
	int ret;

	ret = keep_disable_irqs(vdev);
	if (ret) {
		pci_err(vdev->core.pdev,
			"kept PF not opened: its interrupts cannot be disabled (%d); it stays kept\n",
			ret);
		return ret;
	}

	mutex_lock(&pf->lock);
	WRITE_ONCE(pf->kept, false);
	mutex_unlock(&pf->lock);
	vdev->keep.reopened = true;
	WRITE_ONCE(vdev->keep.untouched, true);
	pci_info(vdev->core.pdev, "kept PF taken over by pid %d (%s)\n", task_tgid_nr(current),
			current->comm);
	return 0;
}

int vfio_pci_keep_open(struct vfio_pci_device *vdev)
{
	int ret;

	if (keep_is_kept(vdev))
		return keep_reopen(vdev);

	ret = vfio_pci_core_enable(&vdev->core);
	if (ret)
		return ret;
	vfio_pci_core_finish_enable(&vdev->core);
	vdev->keep.reset_due = false;
	return 0;
}

/* Returns why the PF cannot be kept, or NULL. */
static const char *keep_obstacle(struct vfio_pci_device *vdev)
{
	if (vdev->core.ioeventfds_nr)
		return "it has ioeventfds";
	if (compat_has_dmabufs(&vdev->core))
		return "its memory is shared as dma-bufs";
	if (vdev->core.pm_runtime_engaged || vdev->core.pdev->current_state != PCI_D0)
		return "it is in a state of low power";
	return NULL;
}

/* Keeps the PF if that was asked for and VFs are in use. Returns whether it did. */
static bool keep_keep(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pf *pf = vdev->pf;
	const char *obstacle;

	if (!vdev->keep.wanted && !vdev->keep.untouched)
		return false;
	obstacle = keep_obstacle(vdev);

	mutex_lock(&pf->lock);
	if (pf->users && !obstacle)
		WRITE_ONCE(pf->kept, true);
	else if (!pf->users)
		obstacle = NULL;
	mutex_unlock(&pf->lock);
	if (obstacle)
		pci_warn(vdev->core.pdev, "closed with VFs in use, and not kept: %s\n", obstacle);
	if (!pf->kept)
		return false;

	pci_clear_master(vdev->core.pdev);
	if (vdev->core.irq_type == VFIO_PCI_INTX_IRQ_INDEX && vdev->core.pci_2_3)
		pci_intx(vdev->core.pdev, 0);
	pci_info(vdev->core.pdev, "closed with VFs in use: kept enabled, without bus mastering\n");
	return true;
}

void vfio_pci_keep_close(struct vfio_pci_device *vdev)
{
	bool kept = vdev->pf && keep_keep(vdev);

	vdev->keep.wanted = false;
	vdev->keep.reopened = false;
	vdev->keep.untouched = false;
	if (!kept)
		keep_core_close(vdev);
}

int vfio_pci_keep_check_ioctl(struct vfio_pci_device *vdev, unsigned int cmd)
{
	struct vfio_device_set *set = vdev->core.vdev.dev_set;
	bool kept;

	WRITE_ONCE(vdev->keep.untouched, false);
	if (cmd != VFIO_DEVICE_PCI_HOT_RESET)
		return 0;

	/*
	 * A PF that is kept from now on is not noticed. Whoever has all functions of the set, as
	 * the core demands, has it open himself until then.
	 */
	mutex_lock(&set->lock);
	kept = keep_count_set(set, 0);
	mutex_unlock(&set->lock);
	if (!kept)
		return 0;
	dev_warn_ratelimited(&vdev->core.pdev->dev,
		"reset of the bus refused to pid %d (%s): a PF on it is kept for its VFs\n",
		task_tgid_nr(current), current->comm);
	return -EBUSY;
}
