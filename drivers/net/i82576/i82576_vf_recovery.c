/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * What a VF does when its PF was reset: the rings and all that the PF was told are gone.
 *
 * It is done in a thread that lives as long as that takes, and not in the interrupt thread: the PF
 * may be a port of the same process, which answers in the interrupt thread. Also brought up this
 * way is a port that was started while no PF answered; then nothing has failed, and the application
 * gets a link change alone.
 */

#include <errno.h>
#include <string.h>
#include <time.h>

#include <rte_cycles.h>
#include <rte_lcore.h>
#include <rte_thread.h>

#include "i82576_compat.h"
#include "i82576_rxtx.h"
#include "i82576_vf.h"

/*
 * How long the function may be gone: a function level reset of its PF takes it away for 0.2 s, and
 * the next owner of the PF makes another one.
 */
#define GONE_MS			2000u
/* Between attempts, doubled up to the longest. */
#define BACKOFF_MIN_MS		50u
#define BACKOFF_MAX_MS		2000u
/* How often the thread looks whether it is to end. */
#define CANCEL_INTERVAL_MS	10u
/*
 * How long a burst function that was called before it was replaced may run on. A thread that
 * the system suspends in it for longer must stop at RTE_ETH_EVENT_ERR_RECOVERING.
 */
#define QUIESCE_MS		20u

enum attempt {
	DONE,
	AGAIN,
	CANCELLED,
	GIVEN_UP,
};

static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void
i82576_vf_datapath_set(struct rte_eth_dev *dev, bool on)
{
	struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[dev->data->port_id];

	if (on) {
		i82576_rx_function_set(dev);
		i82576_tx_function_set(dev);
	} else {
		dev->rx_pkt_burst = rte_eth_pkt_burst_dummy;
		dev->tx_pkt_burst = rte_eth_pkt_burst_dummy;
	}
	/* The rings, before who may use them. */
	rte_wmb();
	ops->rx_pkt_burst = dev->rx_pkt_burst;
	ops->tx_pkt_burst = dev->tx_pkt_burst;
	rte_wmb();
}

static bool
is_cancelled(const struct i82576_vf *vf)
{
	return __atomic_load_n(&vf->recovery.cancel, __ATOMIC_ACQUIRE);
}

static void
datapath_off(struct i82576_vf *vf)
{
	if (!vf->datapath_on)
		return;
	i82576_vf_datapath_set(i82576_vf_dev(vf), false);
	i82576_vf_mp_datapath_set(vf, false);
	vf->datapath_on = false;
	i82576_delay_us(&vf->port.hw, QUIESCE_MS * 1000);
}

static void
datapath_on(struct i82576_vf *vf)
{
	i82576_vf_datapath_set(i82576_vf_dev(vf), true);
	i82576_vf_mp_datapath_set(vf, true);
	vf->datapath_on = true;
}

static void
notify(struct i82576_vf *vf, enum rte_eth_event_type event)
{
	rte_eth_dev_callback_process(i82576_vf_dev(vf), event, NULL);
}

/* Makes it safe to touch the rings, and tells the application, once. */
static void
recovery_announce(struct i82576_vf *vf)
{
	struct i82576_vf_recovery *recovery = &vf->recovery;

	recovery->backoff_ms = BACKOFF_MIN_MS;
	recovery->gone_since_ms = 0;
	recovery->deadline_ms = now_ms() + (uint64_t)recovery->timeout_s * 1000;
	i82576_vf_link_refresh(vf);
	if (!vf->queues_started || recovery->announced)
		return;
	recovery->announced = true;
	vf->events.pf_resets++;
	I82576_LOG(NOTICE, driver, &vf->port.hw, "the PF was reset: %s",
			recovery->by_application ? "the port is for the application to reset" :
			"the port recovers");
	datapath_off(vf);
	notify(vf, recovery->by_application ? RTE_ETH_EVENT_INTR_RESET :
			RTE_ETH_EVENT_ERR_RECOVERING);
}

/* All that a start does, on a port that is started; with the lock held. */
static int
port_restore(struct i82576_vf *vf)
{
	struct rte_eth_dev *dev = i82576_vf_dev(vf);
	int ret;

	ret = i82576_vf_reset(vf);
	if (ret == 0)
		ret = i82576_vf_replay(vf);
	if (ret != 0) {
		/* Known to the PF or not: not all of the configuration is. */
		vf->state = I82576_VF_SILENT;
		/* Gone for good or not: that is said when it is given up. */
		if (ret != -ENODEV)
			i82576_vf_silence_log(vf, ret);
		return ret;
	}
	ret = i82576_queues_restart(dev);
	/* Those that cannot be restarted are stopped. */
	vf->queues_started = ret == 0;
	if (ret != 0) {
		i82576_queues_await(dev);
		vf->state = I82576_VF_SILENT;
		I82576_LOG(ERR, driver, &vf->port.hw, "start the queues failed: %s",
				strerror(-ret));
		return ret;
	}
	i82576_vf_intr_program(vf);
	return 0;
}

/* Whether the function, of which an attempt has met nothing, is gone for good. */
static bool
is_gone_for_good(struct i82576_vf *vf)
{
	struct i82576_vf_recovery *recovery = &vf->recovery;

	if (i82576_vf_pci_look(vf) != I82576_VF_PCI_GONE) {
		recovery->gone_since_ms = 0;
		return false;
	}
	if (recovery->gone_since_ms == 0)
		recovery->gone_since_ms = now_ms();
	return now_ms() - recovery->gone_since_ms >= GONE_MS;
}

static enum attempt
recovery_attempt(struct i82576_vf *vf)
{
	struct i82576_vf_recovery *recovery = &vf->recovery;
	enum attempt result;
	int ret;

	i82576_vf_lock(vf);
	/* An event's callback may have stopped the port, or started it again. */
	if (is_cancelled(vf) || !vf->running || vf->state == I82576_VF_READY)
		ret = -ECANCELED;
	else
		ret = port_restore(vf);
	i82576_vf_unlock(vf);
	if (ret == 0)
		result = DONE;
	else if (ret == -ECANCELED)
		result = CANCELLED;
	else if (is_gone_for_good(vf))
		result = GIVEN_UP;
	else if (recovery->announced && recovery->timeout_s != 0 && vf->port.hw.model == NULL &&
			now_ms() >= recovery->deadline_ms)
		result = GIVEN_UP;
	else
		result = AGAIN;
	return result;
}

static void
recovery_done(struct i82576_vf *vf)
{
	datapath_on(vf);
	i82576_vf_link_refresh(vf);
	if (!vf->recovery.announced) {
		I82576_LOG(NOTICE, driver, &vf->port.hw, "the PF answers: the port is up");
		return;
	}
	vf->recovery.announced = false;
	vf->events.recoveries++;
	I82576_LOG(NOTICE, driver, &vf->port.hw, "recovered");
	notify(vf, RTE_ETH_EVENT_RECOVERY_SUCCESS);
}

static void
recovery_give_up(struct i82576_vf *vf)
{
	vf->state = I82576_VF_DEAD;
	I82576_LOG(ERR, driver, &vf->port.hw,
			"recover failed: %s",
			vf->recovery.gone_since_ms != 0 ?
			"the device is gone: was the VF removed at its PF? Close the port" :
			"no answer of the PF: see that it is driven, then stop and start the port");
	if (!vf->recovery.announced)
		return;
	vf->recovery.announced = false;
	notify(vf, RTE_ETH_EVENT_RECOVERY_FAILED);
}

static void
backoff(struct i82576_vf *vf)
{
	struct i82576_vf_recovery *recovery = &vf->recovery;
	uint32_t waited_ms;

	for (waited_ms = 0; waited_ms < recovery->backoff_ms && !is_cancelled(vf);
			waited_ms += CANCEL_INTERVAL_MS)
		rte_delay_us_sleep(CANCEL_INTERVAL_MS * 1000);
	recovery->backoff_ms = RTE_MIN(recovery->backoff_ms * 2, BACKOFF_MAX_MS);
}

/* Returns AGAIN if there is more to do. */
static enum attempt
recovery_step(struct i82576_vf *vf)
{
	enum attempt result = recovery_attempt(vf);

	if (result == DONE)
		recovery_done(vf);
	else if (result == GIVEN_UP)
		recovery_give_up(vf);
	return result;
}

static i82576_thread_return
recovery_thread(void *arg)
{
	struct i82576_vf *vf = arg;

	recovery_announce(vf);
	if (!vf->recovery.by_application || !vf->queues_started) {
		while (!is_cancelled(vf) && recovery_step(vf) == AGAIN)
			backoff(vf);
	}
	__atomic_store_n(&vf->recovery.active, false, __ATOMIC_RELEASE);
	return I82576_THREAD_DONE;
}

/* Lets go of a thread that has ended, or is about to. */
static void
thread_join(struct i82576_vf_recovery *recovery)
{
	if (!recovery->joinable)
		return;
	recovery->joinable = false;
	pthread_join(recovery->thread, NULL);
}

static bool
is_own_thread(const struct i82576_vf_recovery *recovery)
{
	return recovery->joinable && pthread_equal(recovery->thread, pthread_self());
}

void
i82576_vf_recovery_begin(struct i82576_vf *vf)
{
	struct i82576_vf_recovery *recovery = &vf->recovery;
	int ret = 0;

	/* The application was told, and does it. */
	if (recovery->by_application && recovery->announced)
		return;
	if (vf->port.hw.model != NULL) {
		recovery_announce(vf);
		if (!recovery->by_application || !vf->queues_started)
			recovery_step(vf);
		return;
	}
	/* Until then rte_eth_dev_start() may install the burst functions that it found. */
	if (!i82576_vf_dev(vf)->data->dev_started)
		return;
	if (pthread_mutex_trylock(&recovery->lock) != 0)
		return;
	/* Not behind the back of i82576_vf_recovery_end(). */
	if (!__atomic_load_n(&recovery->active, __ATOMIC_ACQUIRE) && !is_cancelled(vf) &&
			vf->running) {
		thread_join(recovery);
		__atomic_store_n(&recovery->active, true, __ATOMIC_RELEASE);
		ret = i82576_thread_create(&recovery->thread, "i82576-vf", recovery_thread, vf);
		recovery->joinable = ret == 0;
		if (ret != 0)
			__atomic_store_n(&recovery->active, false, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&recovery->lock);
	/* Tried again at the next look. */
	if (ret != 0)
		I82576_LOG(ERR, driver, &vf->port.hw, "recover failed: no thread: %s",
				strerror(-ret));
}

void
i82576_vf_recovery_end(struct i82576_vf *vf)
{
	struct i82576_vf_recovery *recovery = &vf->recovery;

	__atomic_store_n(&recovery->cancel, true, __ATOMIC_RELEASE);
	pthread_mutex_lock(&recovery->lock);
	if (!is_own_thread(recovery))
		thread_join(recovery);
	recovery->announced = false;
	__atomic_store_n(&recovery->cancel, false, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&recovery->lock);
}
