/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The switch inside the device and its pools: which there are, and what each may do. The PF has
 * the last pool, so that VFs 0 to 6 come and go beside it without its queues having to move.
 */

#include <errno.h>
#include <string.h>

#include <bus_pci_driver.h>

#include "i82576_pf.h"
#include "i82576_rxtx.h"

/* 82576 DS 8.14.6: a bit for each of 16 queues. */
#define QDE_ALL			0xffffu
/* MBVFIMR: the mailbox of each VF interrupts. */
#define MBVFIMR_ALL		0xffu
/* WVBR: queues n and n + 8 are VF n's (Linux igb: igb_spoof_check). */
#define WVBR_QUEUES(vf)		(0x101u << (vf))
/* What the PF lets a VF receive until it asks for more: a frame with a tag. */
#define VF_DEFAULT_FRAME	(RTE_ETHER_MAX_LEN + RTE_VLAN_HLEN)

/* NumVFs, or 0 while VF Enable is off. 82576 DS 8.2.2. */
uint16_t
i82576_pf_num_vfs_read(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t status;

	if (hw->model != NULL)
		return RTE_MIN(hw->model->num_vfs, I82576_MAX_VFS);
	status = i82576_read(hw, I82576_STATUS);
	if (status == UINT32_MAX || (status & I82576_STATUS_IOV_MODE) == 0)
		return 0;
	return RTE_MIN((status & I82576_STATUS_NUM_VFS_MASK) >> I82576_STATUS_NUM_VFS_SHIFT,
		(uint32_t)I82576_MAX_VFS);
}

/*
 * VMDq mode is needed with VFs. It is taken without them too by a port of so few queues that it
 * loses nothing: then VFs may appear while it runs. Otherwise there is RSS on up to 16 queues.
 */
void
i82576_pf_mode_choose(struct i82576_pf *pf)
{
	const struct rte_eth_dev_data *data = pf->port.data;
	unsigned int i;

	pf->pool_mode = pf->num_vfs > 0 || (pf->total_vfs > 0 && data->nb_rx_queues <= 1 &&
		data->nb_tx_queues <= I82576_PF_POOL_QUEUES &&
		(data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_KEEP_CRC) == 0);
	pf->no_pool = pf->num_vfs > I82576_PF_POOL;
	for (i = 0; i < I82576_MAX_QUEUES; i++)
		pf->port.queue_reg[i] = !pf->pool_mode ? i :
			I82576_PF_POOL + i % I82576_PF_POOL_QUEUES * I82576_POOLS;
}

void
i82576_pf_policy_init(struct i82576_pf *pf)
{
	unsigned int vf;

	pf->local_switch = true;
	for (vf = 0; vf < I82576_MAX_VFS; vf++) {
		struct i82576_pf_vf_policy *policy = &pf->vfs[vf].policy;

		policy->mac_anti_spoof = true;
		policy->vlan_anti_spoof = true;
		policy->broadcast = true;
		policy->untagged = true;
		policy->max_frame = I82576_MAX_FRAME_BYTES;
		pf->vfs[vf].live.max_frame = VF_DEFAULT_FRAME;
	}
}

static bool
vf_strips(const struct i82576_pf_vf *vf)
{
	unsigned int w;

	if (vf->policy.port_vlan != 0)
		return true;
	if (vf->policy.strip != RTE_PMD_I82576_VF_STRIP_AUTO)
		return vf->policy.strip == RTE_PMD_I82576_VF_STRIP_ON;
	for (w = 0; w < I82576_PF_VLAN_WORDS; w++)
		if ((i82576_pf_vf_vlan_word(vf, w) & ~(w == 0 ? 1u : 0u)) != 0)
			return true;
	return false;
}

static uint32_t
pf_vmolr(struct i82576_pf *pf)
{
	const struct rte_eth_dev_data *data = pf->port.data;
	uint32_t vmolr = pf->max_frame | I82576_VMOLR_LPE | I82576_VMOLR_AUPE |
		I82576_VMOLR_BAM | I82576_VMOLR_STRCRC;

	if ((data->dev_conf.rxmode.offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0)
		vmolr |= I82576_VMOLR_STRVLAN;
	if (pf->nb_mc_hashes > 0)
		vmolr |= I82576_VMOLR_ROMPE;
	if (pf->allmulti || pf->promisc)
		vmolr |= I82576_VMOLR_ROMPE | I82576_VMOLR_MPE;
	if (pf->promisc)
		vmolr |= I82576_VMOLR_ROPE;
	if (data->nb_rx_queues > 1)
		vmolr |= I82576_VMOLR_RSSE;
	return vmolr;
}

static uint32_t
vf_vmolr(const struct i82576_pf_vf *vf)
{
	uint32_t vmolr = vf->live.max_frame | I82576_VMOLR_LPE | I82576_VMOLR_STRCRC;

	if (vf->policy.untagged && vf->policy.port_vlan == 0)
		vmolr |= I82576_VMOLR_AUPE;
	if (vf->policy.broadcast)
		vmolr |= I82576_VMOLR_BAM;
	if (vf_strips(vf))
		vmolr |= I82576_VMOLR_STRVLAN;
	if (vf->live.nb_hashes > 0)
		vmolr |= I82576_VMOLR_ROMPE;
	if (i82576_pf_vf_multicast_promisc(vf))
		vmolr |= I82576_VMOLR_ROMPE | I82576_VMOLR_MPE;
	if (i82576_pf_vf_unicast_promisc(vf))
		vmolr |= I82576_VMOLR_ROPE;
	return vmolr;
}

static uint32_t
vf_vmvir(const struct i82576_pf_vf_policy *policy)
{
	if (policy->port_vlan != 0)
		return policy->port_vlan | I82576_VMVIR_VLANA_DEFAULT |
			(uint32_t)policy->port_vlan_pcp << I82576_VMVIR_PCP_SHIFT;
	if (policy->vlan_insert != 0)
		return policy->vlan_insert | I82576_VMVIR_VLANA_DEFAULT;
	return 0;
}

/* 82576 DS 8.14.17, 8.14.12. */
void
i82576_pf_pool_sync(struct i82576_pf *pf, uint16_t pool)
{
	uint32_t vmolr = I82576_VMOLR_STRCRC, vmvir = 0;
	struct i82576_hw *hw = i82576_pf_hw(pf);

	if (!pf->running || !pf->pool_mode)
		return;
	if (pool < pf->num_vfs) {
		vmolr = vf_vmolr(&pf->vfs[pool]);
		vmvir = vf_vmvir(&pf->vfs[pool].policy);
	} else if (pool == I82576_PF_POOL) {
		vmolr = pf_vmolr(pf);
	}
	i82576_write(hw, I82576_VMOLR(pool), vmolr);
	i82576_write(hw, I82576_VMVIR(pool), vmvir);
}

/*
 * Tags of frames that go to more than one pool are stripped for all of them or for none. A VF with
 * a port VLAN is not to see any; otherwise all must want it.
 */
static bool
replicas_are_stripped(const struct i82576_pf *pf)
{
	bool all = pf->no_pool || (pf->port.data->dev_conf.rxmode.offloads &
		RTE_ETH_RX_OFFLOAD_VLAN_STRIP) != 0;
	unsigned int vf;

	for (vf = 0; vf < pf->num_vfs; vf++) {
		if (pf->vfs[vf].policy.port_vlan != 0)
			return true;
		if (pf->vfs[vf].live.cts && !vf_strips(&pf->vfs[vf]))
			all = false;
	}
	return all;
}

/* What the switch does with what VFs send. 82576 DS 8.14.10. */
void
i82576_pf_switch_sync(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t dtxswc = 0, rplolr = I82576_RPLOLR_STRCRC;
	unsigned int vf;

	if (!pf->running)
		return;
	if (!pf->pool_mode) {
		i82576_write(hw, I82576_DTXSWC, 0);
		return;
	}
	for (vf = 0; vf < pf->num_vfs; vf++) {
		if (pf->vfs[vf].policy.mac_anti_spoof)
			dtxswc |= I82576_DTXSWC_MAC_SPOOF(vf);
		if (pf->vfs[vf].policy.vlan_anti_spoof)
			dtxswc |= I82576_DTXSWC_VLAN_SPOOF(vf);
	}
	if (pf->local_switch)
		dtxswc |= I82576_DTXSWC_LOOPBACK_EN;
	i82576_write(hw, I82576_DTXSWC, dtxswc);
	if (replicas_are_stripped(pf))
		rplolr |= I82576_RPLOLR_STRVLAN;
	i82576_write(hw, I82576_RPLOLR, rplolr);
	i82576_set_bits(hw, I82576_DTXCTL, I82576_DTXCTL_VLAN_ADDED | I82576_DTXCTL_SPOOF_INT);
}

/* Entries of the pool filter, as VMRVLAN counts them, for the VLANs of @rule. */
static uint32_t
mirror_vlan_entries(const struct i82576_pf *pf, const struct rte_pmd_i82576_mirror_rule *rule)
{
	uint32_t entries = 0;
	unsigned int i, n;

	for (i = 0; i < rule->nb_vlans; i++)
		for (n = 1; n < I82576_VLVF_ENTRIES; n++)
			if ((pf->vlvf[n] & I82576_VLVF_VI_EN) != 0 &&
					(pf->vlvf[n] & I82576_VLVF_VLAN_ID_MASK) == rule->vlans[i])
				entries |= UINT32_C(1) << n;
	return entries;
}

/* 82576 DS 8.14.19 to 8.14.21. */
void
i82576_pf_mirror_sync(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;

	if (!pf->running)
		return;
	for (i = 0; i < RTE_PMD_I82576_MIRROR_RULES; i++) {
		const struct rte_pmd_i82576_mirror_rule *rule = &pf->mirror[i];
		const uint32_t target = rule->target == RTE_PMD_I82576_MIRROR_PF ?
			I82576_PF_POOL : rule->target;
		const uint32_t vlans = mirror_vlan_entries(pf, rule);
		const uint32_t pools = rule->vf_mask | (rule->pf ? 1u << I82576_PF_POOL : 0);
		uint32_t control = 0;

		/* RTE_PMD_I82576_MIRROR_* are VPME, UPME, DPME and VLME. */
		if (rule->types != 0 && pf->pool_mode)
			control = rule->types | target << I82576_VMRCTL_MP_SHIFT;
		/* Off while it changes, so not at all if it does not. */
		if (i82576_read(hw, I82576_VMRCTL(i)) == control &&
				i82576_read(hw, I82576_VMRVLAN(i)) == vlans &&
				i82576_read(hw, I82576_VMRVM(i)) == pools)
			continue;
		i82576_write(hw, I82576_VMRCTL(i), 0);
		i82576_write(hw, I82576_VMRVLAN(i), vlans);
		i82576_write(hw, I82576_VMRVM(i), pools);
		i82576_write(hw, I82576_VMRCTL(i), control);
	}
}

static void
queue_rate_write(struct i82576_hw *hw, unsigned int queue, uint32_t rate_mbps, uint32_t link_mbps)
{
	uint32_t value = 0;

	/* The factor by which the rate is below that of the link: 10.14 bits. */
	if (rate_mbps != 0 && rate_mbps < link_mbps)
		value = I82576_RTTBCNRC_RS_ENA |
			(uint32_t)(((uint64_t)link_mbps << I82576_RTTBCNRC_RF_INT_SHIFT) /
				rate_mbps);
	i82576_write(hw, I82576_RTTDQSEL, queue);
	i82576_write(hw, I82576_RTTBCNRM, I82576_RTTBCNRM_MMW_SIZE);
	i82576_write(hw, I82576_RTTBCNRC, value);
}

/*
 * The device limits queues, not VFs: a VF that uses both of its queues has half the rate on each,
 * and one that uses one has it all on that one.
 */
void
i82576_pf_rate_sync(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t link_mbps = i82576_pf_link_speed(pf);
	uint32_t rate = pf->vfs[vf].policy.rate_mbps;
	uint32_t key;

	if (!pf->running || !pf->pool_mode)
		return;
	if (rate != 0 && (i82576_read(hw, I82576_TXDCTL(vf + I82576_POOLS)) &
			I82576_TXDCTL_ENABLE) != 0)
		rate = RTE_MAX(rate / I82576_PF_POOL_QUEUES, 1u);
	/* Both are at most 1000. */
	key = rate == 0 ? 0 : rate << 16 | link_mbps;
	if (key == pf->vfs[vf].queue_rate_key)
		return;
	queue_rate_write(hw, vf, rate, link_mbps);
	queue_rate_write(hw, vf + I82576_POOLS, rate, link_mbps);
	pf->vfs[vf].queue_rate_key = key;
}

void
i82576_pf_vf_enable(struct i82576_pf *pf, uint16_t vf, bool on)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);

	if (!pf->running)
		return;
	if (on && pf->vfs[vf].policy.link != RTE_PMD_I82576_VF_LINK_DOWN) {
		i82576_set_bits(hw, I82576_VFTE, 1u << vf);
		i82576_set_bits(hw, I82576_VFRE, 1u << vf);
	} else {
		i82576_clear_bits(hw, I82576_VFRE, 1u << vf);
		i82576_clear_bits(hw, I82576_VFTE, 1u << vf);
	}
}

/* Forgets what the driver of @vf has set; with @keep_mac, not its address. */
void
i82576_pf_vf_live_reset(struct i82576_pf *pf, uint16_t vf, bool keep_mac)
{
	struct i82576_pf_vf_live *live = &pf->vfs[vf].live;
	struct rte_ether_addr mac = live->mac;

	memset(live, 0, sizeof(*live));
	live->max_frame = RTE_MIN(VF_DEFAULT_FRAME, pf->vfs[vf].policy.max_frame);
	if (!rte_is_zero_ether_addr(&pf->vfs[vf].policy.admin_mac))
		live->mac = pf->vfs[vf].policy.admin_mac;
	else if (keep_mac)
		live->mac = mac;
}

static void
pools_sync(struct i82576_pf *pf)
{
	unsigned int pool;

	i82576_pf_macs_sync(pf);
	i82576_pf_vlans_sync(pf);
	i82576_pf_rx_mode_sync(pf);
	for (pool = 0; pool < I82576_POOLS; pool++)
		i82576_pf_pool_sync(pf, pool);
	i82576_pf_switch_sync(pf);
	i82576_pf_mirror_sync(pf);
}

/* After the device was reset, or its mode was changed: VFs have to begin again. */
void
i82576_pf_sriov_start(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint16_t vf;

	if (!pf->pool_mode) {
		pools_sync(pf);
		return;
	}
	i82576_write(hw, I82576_VFTE, pf->no_pool ? 0 : 1u << I82576_PF_POOL);
	i82576_write(hw, I82576_VFRE, pf->no_pool ? 0 : 1u << I82576_PF_POOL);
	/* A VF that does not take its frames must not hold up those of the others. */
	i82576_write(hw, I82576_QDE, QDE_ALL);
	for (vf = 0; vf < I82576_MAX_VFS; vf++) {
		i82576_pf_vf_live_reset(pf, vf, vf < pf->num_vfs);
		i82576_pf_mbx_start(pf, vf);
		pf->vfs[vf].queue_rate_key = 0;
	}
	pools_sync(pf);
	for (vf = 0; vf < pf->num_vfs; vf++)
		i82576_pf_rate_sync(pf, vf);
	i82576_pf_vf_stats_rebase(pf);
	/* What came before the reset is void. */
	i82576_write(hw, I82576_VFLRE, UINT32_MAX);
	i82576_write(hw, I82576_MBVFIMR, MBVFIMR_ALL);
	i82576_set_bits(hw, I82576_CTRL_EXT, I82576_CTRL_EXT_PFRSTD);
	i82576_flush(hw);
	i82576_clear_bits(hw, I82576_CTRL_EXT, I82576_CTRL_EXT_PFRSTD);
	for (vf = 0; vf < pf->num_vfs; vf++)
		i82576_pf_mbx_ping(pf, vf);
}

void
i82576_pf_sriov_resume(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint16_t vf;

	i82576_write(hw, I82576_QDE, QDE_ALL);
	pools_sync(pf);
	for (vf = 0; vf < pf->num_vfs; vf++) {
		pf->vfs[vf].queue_rate_key = 0;
		i82576_pf_rate_sync(pf, vf);
	}
	i82576_set_bits(hw, I82576_VFTE, pf->no_pool ? 0 : 1u << I82576_PF_POOL);
	i82576_set_bits(hw, I82576_VFRE, pf->no_pool ? 0 : 1u << I82576_PF_POOL);
	i82576_write(hw, I82576_MBVFIMR, MBVFIMR_ALL);
}

/* The port stops: VFs are told, and cut off. */
void
i82576_pf_sriov_stop(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint16_t vf;

	if (!pf->pool_mode)
		return;
	for (vf = 0; vf < pf->num_vfs; vf++) {
		i82576_pf_vf_stats_collect(pf, vf);
		i82576_pf_vf_live_reset(pf, vf, true);
		i82576_pf_mbx_ping(pf, vf);
	}
	i82576_write(hw, I82576_VFRE, 0);
	i82576_write(hw, I82576_VFTE, 0);
}

void
i82576_pf_sriov_watch(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const uint16_t old = pf->num_vfs;
	uint16_t now, vf;

	now = i82576_pf_num_vfs_read(pf);
	if (now == old)
		return;
	I82576_LOG(INFO, driver, hw, "%u VFs instead of %u", now, old);
	for (vf = RTE_MIN(old, now); vf < RTE_MAX(old, now); vf++) {
		if (vf < old)
			i82576_pf_vf_stats_collect(pf, vf);
		i82576_pf_vf_live_reset(pf, vf, false);
		i82576_pf_mbx_start(pf, vf);
		i82576_pf_vf_enable(pf, vf, false);
	}
	pf->num_vfs = now;
	i82576_pf_state_save(pf);
	if ((now > 0 && !pf->pool_mode) || (now > I82576_PF_POOL) != pf->no_pool) {
		i82576_pf_rings_restart(pf);
		return;
	}
	pools_sync(pf);
	for (vf = old; vf < now; vf++)
		i82576_pf_rate_sync(pf, vf);
}

/* 82576 DS 8.14.11: which queues have sent from what is not theirs; reading clears it. */
void
i82576_pf_spoof_check(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t wvbr;
	uint16_t vf;

	if (!pf->pool_mode || pf->num_vfs == 0)
		return;
	wvbr = i82576_read(hw, I82576_WVBR);
	for (vf = 0; wvbr != 0 && vf < pf->num_vfs; vf++) {
		if ((wvbr & WVBR_QUEUES(vf)) == 0)
			continue;
		if (pf->vfs[vf].stats.spoofed++ == 0)
			I82576_LOG(WARNING, driver, hw, "vf %u: sends from a MAC address or VLAN "
				"that is not its own: such frames are dropped and counted", vf);
	}
}
