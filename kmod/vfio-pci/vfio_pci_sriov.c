// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * VFs of a PF that a process drives. No driver of the host may take such a VF by itself: it would
 * trust a PF that any process with the right to open it controls. So each new VF is reserved for
 * this driver, and an administrator who wants another one has to say so.
 */

#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/device.h>
#include <linux/jiffies.h>
#include <linux/kref.h>
#include <linux/notifier.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/workqueue.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_pf.h"
#include "vfio_pci_sriov.h"

/* How long a request waits for PCI's hotplug to be done with whatever it does. */
#define REQUEST_TIMEOUT_MS 5000
/* The PF's device_lock() is taken for moments, to show an attribute, or for what takes long. */
#define REQUEST_LOCK_TRIES 10
#define REQUEST_LOCK_WAIT_MS 10

static void sriov_capture(struct pci_dev *pf, struct pci_dev *vf)
{
	int ret = compat_driver_override(vf, VFIO_PCI_DRIVER_NAME);

	if (ret)
		pci_err(pf, "VF %s not captured: setting its driver_override failed (%d)\n",
			pci_name(vf), ret);
	else
		pci_info(pf, "VF %s captured by its driver_override\n", pci_name(vf));
}

/*
 * Called when a VF appears, under the device_lock() of its PF, which cannot change its driver then;
 * and when a VF was bound, under the device_lock() of the VF. In the second case the PF may be on
 * its way out, and only the pointer to its driver is compared.
 */
static int sriov_notify(struct notifier_block *nb, unsigned long action, void *data)
{
	struct pci_dev *vf = to_pci_dev(data);
	struct device_driver *driver;
	struct pci_dev *pf;

	if (!vf->is_virtfn)
		return NOTIFY_DONE;
	pf = pci_physfn(vf);
	if (READ_ONCE(pf->dev.driver) != &vfio_pci_driver.driver)
		return NOTIFY_DONE;

	if (action == BUS_NOTIFY_ADD_DEVICE) {
		sriov_capture(pf, vf);
	} else if (action == BUS_NOTIFY_BOUND_DRIVER) {
		driver = vf->dev.driver;
		if (driver && driver != &vfio_pci_driver.driver)
			pci_warn(pf, "VF %s bound to driver %s, which trusts the user of this PF\n",
					pci_name(vf), driver->name);
	}
	return NOTIFY_DONE;
}

static struct notifier_block sriov_notifier = {
	.notifier_call = sriov_notify,
};

/* Requests to set the number of VFs. */
static struct workqueue_struct *sriov_queue;

int vfio_pci_sriov_register(void)
{
	int ret;

	sriov_queue = alloc_workqueue("vfio-pci-sriov", WQ_UNBOUND, 0);
	if (!sriov_queue)
		return -ENOMEM;
	ret = bus_register_notifier(&pci_bus_type, &sriov_notifier);
	if (ret)
		destroy_workqueue(sriov_queue);
	return ret;
}

void vfio_pci_sriov_unregister(void)
{
	bus_unregister_notifier(&pci_bus_type, &sriov_notifier);
	destroy_workqueue(sriov_queue);
}

void vfio_pci_sriov_init(struct vfio_pci_device *vdev)
{
	/*
	 * The core watches the bus for each of its PFs, and would report each VF a second time.
	 * That it does not find its notifier when it unregisters the device has no effect. No VF
	 * can appear before: that takes the device_lock(), which is held while the PF is probed.
	 */
	if (vdev->core.pdev->is_physfn)
		bus_unregister_notifier(&pci_bus_type, &vdev->core.nb);
}

static int sriov_add_vfs(struct vfio_pci_device *vdev, int nr_virtfn)
{
	if (nr_virtfn > vdev->pf->total_vfs)
		return -ERANGE;
	vfio_pci_pf_clear_tokens(vdev);
	return vfio_pci_core_sriov_configure(&vdev->core, nr_virtfn);
}

static int sriov_remove_vfs(struct vfio_pci_device *vdev, bool wait)
{
	int ret;

	ret = vfio_pci_pf_begin_removal(vdev, wait);
	if (ret)
		return ret;
	ret = vfio_pci_core_sriov_configure(&vdev->core, 0);
	vfio_pci_pf_clear_tokens(vdev);
	vfio_pci_pf_end_removal(vdev);
	return ret;
}

static int sriov_configure(struct pci_dev *pdev, int nr_virtfn, bool wait)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(&pdev->dev);
	struct vfio_pci_device *vdev = to_vfio_pci_device(&core->vdev);

	if (!READ_ONCE(vfio_pci_enable_sriov))
		return -ENOENT;
	return nr_virtfn ? sriov_add_vfs(vdev, nr_virtfn) : sriov_remove_vfs(vdev, wait);
}

int vfio_pci_sriov_configure(struct pci_dev *pdev, int nr_virtfn)
{
	return sriov_configure(pdev, nr_virtfn, READ_ONCE(vfio_pci_wait_for_vfs));
}

enum sriov_request_state {
	REQUEST_WAITS,
	/* It is being carried out, and the one who asks waits for the end. */
	REQUEST_RUNS,
	/* He does not, and holds the PF no more. */
	REQUEST_GIVEN_UP,
};

/*
 * A request to set the number of VFs. PCI's rescan and remove lock is taken before the PF's
 * device_lock(), and neither may be waited for by who has the PF open: whoever holds one of them
 * may be unbinding the PF, and wait for this user to close it. The first cannot be tried, so it is
 * taken by another task, which the user does not have to wait for.
 */
struct sriov_request {
	struct work_struct work;
	struct kref kref;
	atomic_t state;
	struct completion done;
	struct pci_dev *pdev;
	u16 num_vfs;
	int ret;
};

static void request_release(struct kref *kref)
{
	struct sriov_request *request = container_of(kref, struct sriov_request, kref);

	pci_dev_put(request->pdev);
	kfree(request);
}

/* What the kernel does for sriov_numvfs. The PF's device_lock() is held. */
static int request_set_numvfs(struct pci_dev *pdev, u16 num_vfs)
{
	int now = pci_num_vf(pdev);
	int ret;

	device_lock_assert(&pdev->dev);

	if (num_vfs == now)
		return 0;
	if (num_vfs && now) {
		pci_warn(pdev, "%d VFs cannot become %u: remove them first\n", now, num_vfs);
		return -EBUSY;
	}
	ret = sriov_configure(pdev, num_vfs, false);
	return min(ret, 0);
}

static int request_run(struct sriov_request *request)
{
	struct device *dev = &request->pdev->dev;
	unsigned int try;
	int ret;

	for (try = 0; !device_trylock(dev); try++) {
		if (try == REQUEST_LOCK_TRIES)
			return -EAGAIN;
		msleep(REQUEST_LOCK_WAIT_MS);
	}
	ret = request_set_numvfs(request->pdev, request->num_vfs);
	device_unlock(dev);
	return ret;
}

static void request_work(struct work_struct *work)
{
	struct sriov_request *request = container_of(work, struct sriov_request, work);

	compat_lock_rescan_remove();
	if (atomic_cmpxchg(&request->state, REQUEST_WAITS, REQUEST_RUNS) == REQUEST_WAITS)
		request->ret = request_run(request);
	compat_unlock_rescan_remove();
	complete_all(&request->done);
	kref_put(&request->kref, request_release);
}

int vfio_pci_sriov_request(struct vfio_pci_device *vdev, u16 num_vfs)
{
	struct pci_dev *pdev = vdev->core.pdev;
	struct sriov_request *request;
	int ret;

	if (num_vfs > pci_sriov_get_totalvfs(pdev))
		return -ERANGE;

	request = kzalloc(sizeof(*request), GFP_KERNEL);
	if (!request)
		return -ENOMEM;
	INIT_WORK(&request->work, request_work);
	kref_init(&request->kref);
	init_completion(&request->done);
	request->pdev = pci_dev_get(pdev);
	request->num_vfs = num_vfs;

	/* The worker's. */
	kref_get(&request->kref);
	queue_work(sriov_queue, &request->work);

	if (!wait_for_completion_timeout(&request->done, msecs_to_jiffies(REQUEST_TIMEOUT_MS)) &&
			atomic_cmpxchg(&request->state, REQUEST_WAITS, REQUEST_GIVEN_UP) ==
			REQUEST_WAITS) {
		ret = -EAGAIN;
	} else {
		wait_for_completion(&request->done);
		ret = request->ret;
	}
	kref_put(&request->kref, request_release);
	return ret;
}
