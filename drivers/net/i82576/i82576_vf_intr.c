/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Interrupts of a VF, and what is done where they end: a message of the PF, a change of the link, a
 * reset. The same is looked for at intervals, since a PF's reset raises no interrupt, DPDK's igb PF
 * does not tell of its link, and not every kernel driver has interrupts for a VF.
 */

#include <errno.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_interrupts.h>

#include "i82576_vf.h"

/* Queues have fixed vectors (QEMU: what is written to VTIVAR is only added to what it holds). */
#define VTIVAR_RX(queue)	((I82576_VF_VTIVAR_VALID | I82576_VF_VECTOR_QUEUE(queue)) << \
		I82576_VF_VTIVAR_RX_SHIFT(queue))
/* Bits of VTEICR that are no cause while the queues are off. */
#define VTEICR_QUEUES	(I82576_VF_VTEICR_ALL & ~(1u << I82576_VF_VECTOR_MBX))

/*
 * For how many looks a function that answers nowhere is not yet said to be gone: a function level
 * reset of the PF takes VFs away for 0.2 s.
 */
#define GONE_LOOKS	4

static void event_alarm(void *arg);

void
i82576_vf_lock(struct i82576_vf *vf)
{
	pthread_mutex_lock(&vf->lock);
}

/* Deals with what there is, with the lock held. */
static void
events_take(struct i82576_vf *vf)
{
	const uint32_t reset = I82576_VF_V2PMAILBOX_RSTI | I82576_VF_V2PMAILBOX_RSTD;
	uint32_t status;

	if (__atomic_exchange_n(&vf->pci_off, false, __ATOMIC_ACQUIRE) &&
			vf->state == I82576_VF_READY &&
			i82576_vf_pci_look(vf) != I82576_VF_PCI_ON) {
		I82576_LOG(INFO, driver, &vf->port.hw, "the VF was reset with its PF");
		vf->state = I82576_VF_LOST;
		return;
	}
	status = i82576_vf_mbx_status(vf);
	if (status == UINT32_MAX)
		return;
	if (status & reset && vf->state == I82576_VF_READY) {
		I82576_LOG(INFO, driver, &vf->port.hw, "the PF was reset");
		vf->state = I82576_VF_LOST;
	}
	/* Then what lies in the mailbox is of no use. */
	if (vf->state == I82576_VF_READY)
		i82576_vf_mbx_poll(vf);
}

void
i82576_vf_unlock(struct i82576_vf *vf)
{
	bool events = false;

	do {
		if (__atomic_exchange_n(&vf->events_pending, false, __ATOMIC_ACQUIRE)) {
			events_take(vf);
			events = true;
		}
		pthread_mutex_unlock(&vf->lock);
		/* One that came in between is the next holder's, which may be this one. */
	} while (__atomic_load_n(&vf->events_pending, __ATOMIC_ACQUIRE) &&
			pthread_mutex_trylock(&vf->lock) == 0);
	/* What follows from them is the interrupt thread's. */
	if (events && vf->running && vf->port.hw.model == NULL)
		rte_eal_alarm_set(1, event_alarm, i82576_vf_dev(vf));
}

static void
removed(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);

	I82576_LOG(ERR, driver, &vf->port.hw,
			"the device is gone: was the VF removed at its PF? Close the port");
	vf->state = I82576_VF_DEAD;
	i82576_vf_datapath_set(dev, false);
	i82576_vf_link_refresh(vf);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RMV, NULL);
}

void
i82576_vf_service(struct i82576_vf *vf)
{
	if (vf->state == I82576_VF_DEAD)
		return;
	switch (i82576_vf_pci_look(vf)) {
	case I82576_VF_PCI_GONE:
		/* Once. */
		if (vf->gone_looks < GONE_LOOKS && ++vf->gone_looks == GONE_LOOKS)
			removed(vf);
		return;
	case I82576_VF_PCI_OFF:
		__atomic_store_n(&vf->pci_off, true, __ATOMIC_RELEASE);
		break;
	case I82576_VF_PCI_ON:
		break;
	}
	vf->gone_looks = 0;
	__atomic_store_n(&vf->events_pending, true, __ATOMIC_RELEASE);
	if (pthread_mutex_trylock(&vf->lock) != 0)
		return;
	/* Not i82576_vf_unlock(), which would have this called again. */
	do {
		if (__atomic_exchange_n(&vf->events_pending, false, __ATOMIC_ACQUIRE))
			events_take(vf);
		pthread_mutex_unlock(&vf->lock);
	} while (__atomic_load_n(&vf->events_pending, __ATOMIC_ACQUIRE) &&
			pthread_mutex_trylock(&vf->lock) == 0);
	i82576_vf_link_refresh(vf);
	if (vf->running && vf->state != I82576_VF_READY)
		i82576_vf_recovery_begin(vf);
}

static void
event_alarm(void *arg)
{
	i82576_vf_service(i82576_vf(arg));
}

static void
intr_handler(void *arg)
{
	struct rte_eth_dev *dev = arg;

	/* EIAC clears the cause. */
	i82576_vf_service(i82576_vf(dev));
	rte_intr_ack(dev->intr_handle);
}

static void
watch_alarm(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct i82576_vf *vf = i82576_vf(dev);

	i82576_vf_service(vf);
	i82576_vf_stats_collect(vf);
	/* Without it nothing is noticed that raises no interrupt; it fails for lack of memory. */
	if (rte_eal_alarm_set(I82576_VF_WATCH_MS * 1000, watch_alarm, dev) != 0)
		I82576_LOG(ERR, driver, &vf->port.hw,
				"watch the PF failed: no alarm: a reset of the PF may go "
				"unnoticed");
}

void
i82576_vf_watch_start(struct i82576_vf *vf)
{
	if (vf->port.hw.model != NULL)
		return;
	if (rte_eal_alarm_set(I82576_VF_WATCH_MS * 1000, watch_alarm, i82576_vf_dev(vf)) != 0)
		I82576_LOG(ERR, driver, &vf->port.hw,
				"watch the PF failed: no alarm: a reset of the PF may go "
				"unnoticed");
}

void
i82576_vf_watch_stop(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);

	if (vf->port.hw.model != NULL)
		return;
	/* Waits for one that runs, unless it is that which calls. */
	rte_eal_alarm_cancel(watch_alarm, dev);
	rte_eal_alarm_cancel(event_alarm, dev);
}

void
i82576_vf_intr_probe(struct i82576_vf *vf)
{
	const struct i82576_hw *hw = &vf->port.hw;

	/*
	 * QEMU: VTIVAR_MISC is a mask of vectors where 82576 DS 8.26.12 has the number of one. What
	 * tells it apart is that VTEICR holds what was written last, where it is to clear that.
	 */
	i82576_write(hw, I82576_VF_VTEICR, VTEICR_QUEUES);
	vf->misc_is_mask = (i82576_read(hw, I82576_VF_VTEICR) & VTEICR_QUEUES) == VTEICR_QUEUES;
}

void
i82576_vf_intr_register(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	int ret;

	if (dev->intr_handle == NULL)
		return;
	ret = rte_intr_callback_register(dev->intr_handle, intr_handler, dev);
	vf->intr_registered = ret == 0;
	if (ret != 0)
		I82576_LOG(NOTICE, init, &vf->port.hw,
				"no interrupts: %s: events are looked for every %u ms (bind to "
				"vfio-pci for interrupts)",
				strerror(-ret), I82576_VF_WATCH_MS);
}

void
i82576_vf_intr_unregister(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);

	if (!vf->intr_registered)
		return;
	vf->intr_registered = false;
	/* In the handler itself, as when an application closes the port at an event: afterwards. */
	if (rte_thread_is_intr())
		rte_intr_callback_unregister_pending(dev->intr_handle, intr_handler, dev, NULL);
	else
		rte_intr_callback_unregister_sync(dev->intr_handle, intr_handler, dev);
}

/* An event descriptor for each Rx queue. */
static int
queue_fds_start(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	struct rte_intr_handle *handle = dev->intr_handle;
	uint16_t queue, nb = dev->data->nb_rx_queues;

	if (!vf->intr_registered || !rte_intr_cap_multiple(handle)) {
		I82576_LOG(ERR, init, &vf->port.hw,
				"start failed: no Rx interrupts: its kernel driver has one vector "
				"at most: bind to vfio-pci");
		return -ENOTSUP;
	}
	if (rte_intr_efd_enable(handle, nb) != 0) {
		I82576_LOG(ERR, init, &vf->port.hw,
				"start failed: no Rx interrupts: no event descriptors to be had");
		return -EMFILE;
	}
	if (rte_intr_vec_list_alloc(handle, "i82576_vf", nb) != 0) {
		rte_intr_efd_disable(handle);
		return -ENOMEM;
	}
	for (queue = 0; queue < nb; queue++)
		rte_intr_vec_list_index_set(handle, queue, I82576_VF_VECTOR_QUEUE(queue));
	return 0;
}

int
i82576_vf_intr_start(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	int ret;

	vf->queue_vectors = 0;
	if (dev->data->dev_conf.intr_conf.rxq) {
		ret = queue_fds_start(vf);
		if (ret != 0)
			return ret;
	}
	if (!vf->intr_registered)
		return 0;
	ret = rte_intr_enable(dev->intr_handle);
	vf->intr_enabled = ret == 0;
	if (ret == 0)
		return 0;
	if (dev->data->dev_conf.intr_conf.rxq) {
		I82576_LOG(ERR, init, &vf->port.hw,
				"start failed: no Rx interrupts: the kernel does not enable them");
		i82576_vf_intr_stop(vf);
		return -EIO;
	}
	I82576_LOG(NOTICE, init, &vf->port.hw,
			"no interrupts: the kernel does not enable them: events are looked for "
			"every %u ms",
			I82576_VF_WATCH_MS);
	return 0;
}

void
i82576_vf_intr_stop(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);

	i82576_write(&vf->port.hw, I82576_VF_VTEIMC, I82576_VF_VTEICR_ALL);
	i82576_flush(&vf->port.hw);
	if (vf->intr_enabled)
		rte_intr_disable(dev->intr_handle);
	vf->intr_enabled = false;
	if (dev->intr_handle == NULL)
		return;
	rte_intr_efd_disable(dev->intr_handle);
	rte_intr_vec_list_free(dev->intr_handle);
}

void
i82576_vf_intr_program(struct i82576_vf *vf)
{
	const struct i82576_hw *hw = &vf->port.hw;
	uint32_t misc = I82576_VF_VECTOR_MBX;
	unsigned int vector;

	if (vf->misc_is_mask)
		misc = 1u << I82576_VF_VECTOR_MBX;
	for (vector = 0; vector < I82576_VF_VECTORS; vector++)
		i82576_write(hw, I82576_VF_VTEITR(vector), 0);
	i82576_write(hw, I82576_VF_VTIVAR, VTIVAR_RX(0) | VTIVAR_RX(1));
	i82576_write(hw, I82576_VF_VTIVAR_MISC, I82576_VF_VTIVAR_VALID | misc);
	/* A cause that is not cleared blocks the next interrupt. */
	i82576_write(hw, I82576_VF_VTEIAC, I82576_VF_VTEICR_ALL);
	i82576_write(hw, I82576_VF_VTEIAM, 0);
	i82576_write(hw, I82576_VF_VTEICR, I82576_VF_VTEICR_ALL);
	i82576_write(hw, I82576_VF_VTEIMS, 1u << I82576_VF_VECTOR_MBX |
			__atomic_load_n(&vf->queue_vectors, __ATOMIC_RELAXED));
	i82576_flush(hw);
}

int
i82576_vf_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_vf *vf = i82576_vf(dev);
	uint32_t bit = 1u << I82576_VF_VECTOR_QUEUE(queue);

	__atomic_or_fetch(&vf->queue_vectors, bit, __ATOMIC_RELAXED);
	i82576_write(&vf->port.hw, I82576_VF_VTEIMS, bit);
	i82576_flush(&vf->port.hw);
	return 0;
}

int
i82576_vf_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue)
{
	struct i82576_vf *vf = i82576_vf(dev);
	uint32_t bit = 1u << I82576_VF_VECTOR_QUEUE(queue);

	__atomic_and_fetch(&vf->queue_vectors, ~bit, __ATOMIC_RELAXED);
	i82576_write(&vf->port.hw, I82576_VF_VTEIMC, bit);
	i82576_flush(&vf->port.hw);
	return 0;
}
