/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Warm start: taking over a device that its last owner, who died, has left running. Its VFs go on
 * as if nothing had happened, so the device is not reset and nothing of theirs is written but to
 * what it is. The port's own queues are stopped: their memory is gone.
 *
 * Order: the device is no bus master when it is probed, so that it does not write to memory any
 * more (see rte_vfio_adopt.h). The queues are stopped, and then it may be master again. What VFs
 * have asked for in the meantime waits in the device, and is served when the port is started.
 */

#include <errno.h>
#include <string.h>

#include "i82576_pf_state.h"
#include "i82576_rxtx.h"

#define QUEUE_TIMEOUT_US	10000
#define QUEUE_INTERVAL_US	10
/* Messages of a VF that may have been waiting: one is in its mailbox at a time. */
#define SERVICE_ROUNDS		2

/* The address of entry @n of the receive addresses, and its pools. */
static void
rar_read(struct i82576_hw *hw, unsigned int n, struct i82576_pf_rar *rar)
{
	const uint32_t low = i82576_read(hw, I82576_RAL(n)), high = i82576_read(hw, I82576_RAH(n));
	unsigned int i;

	memset(rar, 0, sizeof(*rar));
	if ((high & I82576_RAH_AV) == 0)
		return;
	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++)
		rar->addr.addr_bytes[i] = i < 4 ? low >> (8 * i) : high >> (8 * (i - 4));
	rar->pools = high >> I82576_RAH_POOL_SHIFT & 0xff;
}

/* Whether the registers still hold what a start has written. */
static bool
device_is_running(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const uint32_t mode = i82576_read(hw, I82576_MRQC) & I82576_MRQC_ENABLE_MASK;

	return (i82576_read(hw, I82576_CTRL_EXT) & I82576_CTRL_EXT_DRV_LOAD) != 0 &&
		(i82576_read(hw, I82576_RCTL) & I82576_RCTL_RXEN) != 0 &&
		(i82576_read(hw, I82576_TCTL) & I82576_TCTL_EN) != 0 &&
		(mode == I82576_MRQC_ENABLE_VMDQ || mode == I82576_MRQC_ENABLE_VMDQ_RSS) &&
		(i82576_read(hw, I82576_VT_CTL) & I82576_VT_CTL_DEF_PL_MASK) ==
			I82576_PF_POOL << I82576_VT_CTL_DEF_PL_SHIFT;
}

/*
 * Whether the receive addresses are those of the file. Its writer may have died between the file
 * and the registers of one VF; more differences mean that somebody else had the device since.
 */
static bool
device_is_that_of_file(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int vf, n, differences = 0;
	struct i82576_pf_rar rar;

	for (vf = 0; vf < pf->num_vfs; vf++) {
		const struct i82576_pf_vf *v = &pf->vfs[vf];

		if (!v->live.cts || rte_is_zero_ether_addr(&v->live.mac) || v->mbx.request_pending)
			continue;
		for (n = 0; n < I82576_RAR_ENTRIES; n++) {
			rar_read(hw, n, &rar);
			if ((rar.pools >> vf & 1) != 0 &&
					rte_is_same_ether_addr(&rar.addr, &v->live.mac))
				break;
		}
		if (n == I82576_RAR_ENTRIES)
			differences++;
	}
	return differences <= 1;
}

/* Stops a queue of either direction. Returns 0 or -ETIMEDOUT. */
static int
queue_stop(struct i82576_hw *hw, uint32_t reg)
{
	if ((i82576_read(hw, reg) & I82576_RXDCTL_ENABLE) == 0)
		return 0;
	i82576_clear_bits(hw, reg, I82576_RXDCTL_ENABLE);
	return i82576_wait(hw, reg, I82576_RXDCTL_ENABLE, 0, QUEUE_TIMEOUT_US, QUEUE_INTERVAL_US);
}

/* Stops all queues that are no VF's: VF or pool n has n and n + 8. */
static int
queues_stop(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const uint16_t num_vfs = i82576_pf_num_vfs_read(pf);
	unsigned int queue;
	int ret = 0;

	for (queue = 0; queue < I82576_MAX_QUEUES && ret == 0; queue++) {
		if (queue % I82576_POOLS < num_vfs)
			continue;
		ret = queue_stop(hw, I82576_TXDCTL(queue));
		if (ret == 0)
			ret = queue_stop(hw, I82576_RXDCTL(queue));
	}
	return ret;
}

/* What the last owner held when it died is ours: software is us alone. 82576 DS 8.7.3. */
static void
semaphores_take_back(struct i82576_hw *hw)
{
	const uint32_t software = (1u << I82576_SW_FW_SYNC_FW_SHIFT) - 1;

	i82576_clear_bits(hw, I82576_SW_FW_SYNC, software);
	i82576_clear_bits(hw, I82576_SWSM, I82576_SWSM_SMBI | I82576_SWSM_SWESMBI);
}

bool
i82576_pf_warm_probe(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const char *why;

	if (pf->state == NULL)
		why = "there is no state file";
	else if (i82576_is_gone(hw))
		why = "the device does not answer";
	else
		why = i82576_pf_state_load(pf);
	if (why == NULL && !device_is_running(pf))
		why = "the device was reset, or stopped, since it was written";
	if (why == NULL && !device_is_that_of_file(pf))
		why = "the device has other addresses than it says";
	if (why == NULL) {
		semaphores_take_back(hw);
		i82576_pf_intr_mask(pf);
		if (queues_stop(pf) != 0)
			why = "a queue of the port does not stop";
	}
	if (why != NULL) {
		I82576_LOG(WARNING, init, hw, "no warm start: state file: %s: the device is reset, "
			"and its VFs have to begin again", why);
		if (pf->policy_set) {
			memset(pf->vfs, 0, sizeof(pf->vfs));
			memset(pf->mirror, 0, sizeof(pf->mirror));
			pf->policy_set = false;
		}
		if (pf->state != NULL)
			pf->state->sequence = 0;
		return false;
	}
	pf->macs[0] = pf->eeprom_mac;
	I82576_LOG(NOTICE, init, hw, "warm start: %u VFs go on", pf->num_vfs);
	return true;
}

/* The tables as the device has them: what stays is then not written. */
static void
tables_read(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;

	for (i = 0; i < I82576_RAR_ENTRIES; i++)
		rar_read(hw, i, &pf->rar[i]);
	for (i = 0; i < I82576_MTA_ENTRIES; i++)
		pf->mta[i] = i82576_read(hw, I82576_MTA(i));
	for (i = 0; i < I82576_VFTA_ENTRIES; i++)
		pf->vfta[i] = i82576_read(hw, I82576_VFTA(i));
	for (i = 0; i < I82576_VLVF_ENTRIES; i++)
		pf->vlvf[i] = i82576_read(hw, I82576_VLVF(i));
}

void
i82576_pf_warm_configure(struct i82576_pf *pf)
{
	tables_read(pf);
	i82576_pf_rss_start(pf);
	i82576_pf_flow_ctrl_init(pf);
	i82576_pf_sriov_resume(pf);
}

void
i82576_pf_warm_resume(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int round;
	uint16_t vf;

	/* What registers of the port count from here on is ours. */
	i82576_pf_stats_collect(pf);
	i82576_pf_stats_forget(pf);
	i82576_pf_sriov_watch(pf);
	i82576_pf_mbx_resume(pf);
	for (round = 0; round < SERVICE_ROUNDS; round++)
		i82576_pf_mbx_service(pf);
	/* The last owner may have died between the file and these, or policy be another now. */
	for (vf = 0; vf < pf->num_vfs; vf++) {
		const bool on = (i82576_read(hw, I82576_VFRE) >> vf & 1) != 0;

		if ((i82576_read(hw, I82576_VFLRE) >> vf & 1) != 0)
			continue;
		i82576_pf_vf_enable(pf, vf, pf->vfs[vf].live.cts);
		if (on && !pf->vfs[vf].live.cts)
			i82576_pf_mbx_ping(pf, vf);
	}
}
