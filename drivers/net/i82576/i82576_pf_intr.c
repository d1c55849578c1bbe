/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Interrupts and alarms of the port. 82576 DS 7.3. */

#include <errno.h>
#include <string.h>

#include <rte_alarm.h>
#include <rte_interrupts.h>

#include "i82576_pf.h"

#define TICK_US			250000
/* So many ticks are a second: registers of bytes wrap after 34 s at 1 Gbit/s. */
#define TICKS_PER_COLLECT	4
#define RETRY_US		10000
/* A VF that does nothing but interrupt costs 5000 interrupts a second. */
#define MISC_INTERVAL_US	200
#define MISC_VECTOR		0
#define LEGACY_CAUSES		(I82576_ICR_LSC | I82576_ICR_VMMB | I82576_ICR_DOUTSYNC)

/*
 * Vectors that VFs leave: VF n has three, from 22 - 3n on (QEMU: igb_msix_notify; 82576 DS 7.3.1).
 */
static unsigned int
vectors_left(const struct i82576_pf *pf)
{
	return RTE_MIN(25 - 3 * RTE_MIN(pf->num_vfs, I82576_MAX_VFS), I82576_PF_VECTORS);
}

void
i82576_pf_intr_mask(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);

	i82576_write(hw, I82576_EIMC, (1u << vectors_left(pf)) - 1);
	i82576_write(hw, I82576_IMC, UINT32_MAX);
	i82576_flush(hw);
}

static void
queue_vector_write(struct i82576_hw *hw, unsigned int queue, unsigned int vector)
{
	uint32_t ivar = i82576_read(hw, I82576_IVAR(queue));

	/* The other bytes may be a VF's. */
	ivar &= ~(UINT32_C(0xff) << I82576_IVAR_RX_SHIFT(queue));
	ivar |= (vector | I82576_IVAR_VALID) << I82576_IVAR_RX_SHIFT(queue);
	i82576_write(hw, I82576_IVAR(queue), ivar);
}

/* Routes the causes and lets them interrupt. */
void
i82576_pf_intr_enable(struct i82576_pf *pf)
{
	struct rte_intr_handle *handle = i82576_pf_dev(pf)->intr_handle;
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;
	int vector;

	if (!pf->msix) {
		i82576_write(hw, I82576_GPIE, 0);
		i82576_write(hw, I82576_IMS, LEGACY_CAUSES);
		i82576_flush(hw);
		return;
	}
	/* QEMU: interrupts of VFs need it too; without NSICR, reading ICR does not clear it. */
	i82576_write(hw, I82576_GPIE, I82576_GPIE_MULTIPLE_MSIX | I82576_GPIE_PBA |
		I82576_GPIE_EIAME | I82576_GPIE_NSICR);
	i82576_write(hw, I82576_IVAR_MISC,
		(MISC_VECTOR | I82576_IVAR_VALID) << I82576_IVAR_MISC_OTHER_SHIFT);
	i82576_write(hw, I82576_EITR(MISC_VECTOR), MISC_INTERVAL_US << I82576_EITR_INTERVAL_SHIFT |
		I82576_EITR_CNT_INGR);
	pf->queue_vectors = 0;
	for (i = 0; i < pf->port.data->nb_rx_queues && handle != NULL && rte_intr_dp_is_en(handle);
			i++) {
		vector = rte_intr_vec_list_index_get(handle, i);
		if (vector < 0)
			continue;
		queue_vector_write(hw, pf->port.queue_reg[i], vector);
		pf->queue_vectors |= UINT32_C(1) << vector;
	}
	/*
	 * QEMU: a bit of EICR that stays set keeps the next interrupt from coming. EIAM is not
	 * written: QEMU takes its complement, which would mask the VFs' vectors.
	 */
	i82576_write(hw, I82576_EIAC, 1u << MISC_VECTOR | pf->queue_vectors);
	i82576_write(hw, I82576_IMS, LEGACY_CAUSES);
	i82576_write(hw, I82576_EIMS, 1u << MISC_VECTOR);
	i82576_flush(hw);
}

/* Gives each Rx queue a vector, some the same if there are not enough. */
static int
queue_vectors_alloc(struct i82576_pf *pf, struct rte_intr_handle *handle)
{
	unsigned int i, nb, nb_queues = pf->port.data->nb_rx_queues;
	int ret;

	nb = RTE_MIN(nb_queues, vectors_left(pf) - 1);
	if (!rte_intr_cap_multiple(handle) || nb == 0) {
		I82576_LOG(ERR, init, i82576_pf_hw(pf), "Rx interrupts: there are no vectors: bind "
			"the device to vfio-pci");
		return -ENOTSUP;
	}
	ret = rte_intr_efd_enable(handle, nb);
	if (ret != 0)
		return ret;
	ret = rte_intr_vec_list_alloc(handle, "intr_vec", nb_queues);
	if (ret != 0) {
		rte_intr_efd_disable(handle);
		return -ENOMEM;
	}
	for (i = 0; i < nb_queues; i++)
		rte_intr_vec_list_index_set(handle, i, RTE_INTR_VEC_RXTX_OFFSET + i % nb);
	return 0;
}

/* Obtains what interrupts need from the system. Returns 0 or -errno. */
int
i82576_pf_intr_start(struct i82576_pf *pf)
{
	struct rte_intr_handle *handle = i82576_pf_dev(pf)->intr_handle;
	int ret;

	pf->queue_vectors = 0;
	if (pf->port.hw.model != NULL) {
		pf->msix = true;
		return 0;
	}
	pf->msix = rte_intr_type_get(handle) == RTE_INTR_HANDLE_VFIO_MSIX;
	if (pf->port.data->dev_conf.intr_conf.rxq != 0) {
		ret = queue_vectors_alloc(pf, handle);
		if (ret != 0)
			return ret;
	}
	ret = rte_intr_enable(handle);
	if (ret < 0) {
		I82576_LOG(ERR, init, i82576_pf_hw(pf), "interrupts cannot be enabled");
		rte_intr_efd_disable(handle);
		rte_intr_vec_list_free(handle);
		return -EIO;
	}
	return 0;
}

void
i82576_pf_intr_stop(struct i82576_pf *pf)
{
	struct rte_intr_handle *handle = i82576_pf_dev(pf)->intr_handle;
	struct i82576_hw *hw = i82576_pf_hw(pf);

	i82576_write(hw, I82576_EIMC, UINT32_MAX);
	i82576_write(hw, I82576_IMC, UINT32_MAX);
	i82576_flush(hw);
	if (hw->model != NULL)
		return;
	rte_intr_disable(handle);
	rte_intr_efd_disable(handle);
	rte_intr_vec_list_free(handle);
}

/* Compares the link with what was last told. */
static void
link_watch(struct i82576_pf *pf)
{
	uint32_t speed = i82576_pf_link_speed(pf);

	if (speed == pf->link_told)
		return;
	pf->link_told = speed;
	i82576_pf_link_changed(pf);
	i82576_pf_state_save(pf);
}

/*
 * Whether the device is there and as it was started; what a reset by someone else has undone is
 * written again. A function level reset makes all registers read as ones for 0.1 s and more, as
 * they do for ever once the device is gone.
 */
static bool
device_watch(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);

	if (i82576_is_gone(hw)) {
		if (!pf->removed)
			I82576_LOG(WARNING, driver, hw, "the device does not answer: in a reset it "
				"comes back by itself; if it was removed, close the port");
		pf->removed = true;
		return false;
	}
	pf->removed = false;
	/* What does not come out of a reset is tried again once a second. */
	if (!i82576_pf_is_started(pf) &&
			(!pf->recovering || ++pf->ticks % TICKS_PER_COLLECT == 0))
		i82576_pf_recover(pf);
	return pf->running && !pf->recovering;
}

/* What the interrupt other than that of a queue is for. */
void
i82576_pf_intr_service(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t causes;

	if (!pf->running)
		return;
	causes = i82576_read(hw, I82576_ICR);
	if (!device_watch(pf))
		return;
	i82576_pf_sriov_watch(pf);
	if ((causes & I82576_ICR_LSC) != 0)
		link_watch(pf);
	if ((causes & I82576_ICR_DOUTSYNC) != 0)
		i82576_pf_spoof_check(pf);
	/* Not by its cause alone: one that came before this reading has none left. */
	i82576_pf_mbx_service(pf);
	if (pf->msix)
		i82576_write(hw, I82576_EIMS, 1u << MISC_VECTOR);
	else
		i82576_write(hw, I82576_IMS, LEGACY_CAUSES);
}

void
i82576_pf_intr_handler(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct i82576_pf *pf = i82576_pf(dev);

	i82576_pf_lock(pf);
	i82576_pf_intr_service(pf);
	i82576_pf_unlock(pf);
	rte_intr_ack(dev->intr_handle);
}

static void
watch(struct i82576_pf *pf)
{
	uint16_t vf;

	i82576_pf_sriov_watch(pf);
	link_watch(pf);
	i82576_pf_mbx_service(pf);
	if (++pf->ticks % TICKS_PER_COLLECT != 0)
		return;
	i82576_pf_stats_collect(pf);
	i82576_pf_spoof_check(pf);
	for (vf = 0; vf < pf->num_vfs; vf++) {
		i82576_pf_vf_stats_collect(pf, vf);
		i82576_pf_rate_sync(pf, vf);
	}
	/* Counters: to continue near where they were. */
	i82576_pf_state_save(pf);
}

/*
 * What has no interrupt: VFs that come or go, resets, counters that wrap, rates that depend on the
 * VF.
 */
void
i82576_pf_tick(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct i82576_pf *pf = i82576_pf(dev);

	i82576_pf_lock(pf);
	if (pf->running) {
		if (device_watch(pf))
			watch(pf);
		if (!pf->removed)
			pf->removed_ticks = 0;
		else if (pf->removed_ticks < I82576_PF_REMOVED_TICKS)
			pf->removed_ticks++;
		if (pf->running && rte_eal_alarm_set(TICK_US, i82576_pf_tick, dev) != 0)
			I82576_LOG(ERR, driver, i82576_pf_hw(pf), "no memory for an alarm: VFs "
				"that come or go are no longer noticed");
	}
	i82576_pf_unlock(pf);
}

static void
retry(void *arg)
{
	struct rte_eth_dev *dev = arg;
	struct i82576_pf *pf = i82576_pf(dev);

	i82576_pf_lock(pf);
	pf->retry_armed = false;
	if (pf->running && device_watch(pf))
		i82576_pf_mbx_service(pf);
	i82576_pf_unlock(pf);
}

void
i82576_pf_retry_arm(struct i82576_pf *pf)
{
	if (pf->retry_armed)
		return;
	/* If it fails, the next tick does it. */
	pf->retry_armed = rte_eal_alarm_set(RETRY_US, retry, i82576_pf_dev(pf)) == 0;
}

/* Waits for one that runs: must not be called with the lock. */
void
i82576_pf_alarms_cancel(struct i82576_pf *pf)
{
	struct rte_eth_dev *dev = i82576_pf_dev(pf);

	rte_eal_alarm_cancel(i82576_pf_tick, dev);
	rte_eal_alarm_cancel(retry, dev);
	pf->retry_armed = false;
}

int
i82576_pf_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue)
{
	int vector = rte_intr_vec_list_index_get(dev->intr_handle, queue);

	if (vector < 0)
		return -ENOTSUP;
	i82576_write(i82576_hw(dev), I82576_EIMS, UINT32_C(1) << vector);
	rte_intr_ack(dev->intr_handle);
	return 0;
}

int
i82576_pf_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue)
{
	int vector = rte_intr_vec_list_index_get(dev->intr_handle, queue);

	if (vector < 0)
		return -ENOTSUP;
	i82576_write(i82576_hw(dev), I82576_EIMC, UINT32_C(1) << vector);
	return 0;
}
