/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Receive filters. The tables of the device are shared by the PF and its VFs; each function here
 * computes a whole table from what all of them want and writes what differs from before. So there
 * is one way to a state, whether a wish was added, withdrawn or restored after a reset.
 */

#include <errno.h>
#include <string.h>

#include "i82576_pf.h"

static bool
has_offload(const struct i82576_pf *pf, uint64_t offload)
{
	return (pf->port.data->dev_conf.rxmode.offloads & offload) != 0;
}

/* Adds a wish to @wanted, of which there are @nb. Returns their number, more than fit perhaps. */
static unsigned int
mac_want(struct i82576_pf_rar *wanted, unsigned int nb, const struct rte_ether_addr *addr,
		uint16_t pool)
{
	unsigned int i;

	if (rte_is_zero_ether_addr(addr))
		return nb;
	for (i = 0; i < RTE_MIN(nb, (unsigned int)I82576_RAR_ENTRIES); i++) {
		if (rte_is_same_ether_addr(&wanted[i].addr, addr)) {
			wanted[i].pools |= 1u << pool;
			return nb;
		}
	}
	if (nb < I82576_RAR_ENTRIES) {
		wanted[nb].addr = *addr;
		wanted[nb].pools = 1u << pool;
	}
	return nb + 1;
}

/* The PF's default address is first. */
static unsigned int
macs_wanted(const struct i82576_pf *pf, struct i82576_pf_rar *wanted)
{
	unsigned int i, vf, nb = 0;

	memset(wanted, 0, sizeof(*wanted) * I82576_RAR_ENTRIES);
	for (i = 0; i < I82576_PF_MAX_MACS; i++)
		nb = mac_want(wanted, nb, &pf->macs[i], I82576_PF_POOL);
	for (vf = 0; vf < pf->num_vfs; vf++) {
		const struct i82576_pf_vf_live *live = &pf->vfs[vf].live;

		nb = mac_want(wanted, nb, &live->mac, vf);
		for (i = 0; i < live->nb_filters; i++)
			nb = mac_want(wanted, nb, &live->filters[i], vf);
	}
	return nb;
}

/* How many addresses may be added before those that VFs are due are used up; may be negative. */
int
i82576_pf_macs_room(const struct i82576_pf *pf)
{
	struct i82576_pf_rar wanted[I82576_RAR_ENTRIES];
	int room = I82576_RAR_ENTRIES - (int)macs_wanted(pf, wanted);
	unsigned int vf;

	for (vf = 0; vf < pf->total_vfs; vf++)
		if (vf >= pf->num_vfs || rte_is_zero_ether_addr(&pf->vfs[vf].live.mac))
			room--;
	return room;
}

static void
rar_write(struct i82576_pf *pf, unsigned int n, const struct i82576_pf_rar *rar)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const uint8_t *a = rar->addr.addr_bytes;
	uint32_t high = 0;

	if (rar->pools != 0)
		high = I82576_RAH_AV | (uint32_t)rar->pools << I82576_RAH_POOL_SHIFT |
			(uint32_t)a[5] << 8 | a[4];
	/* Invalid while its halves differ in age. */
	i82576_write(hw, I82576_RAH(n), 0);
	i82576_write(hw, I82576_RAL(n), (uint32_t)a[3] << 24 | (uint32_t)a[2] << 16 |
		(uint32_t)a[1] << 8 | a[0]);
	i82576_write(hw, I82576_RAH(n), high);
	pf->rar[n] = *rar;
}

/* Puts what is wanted at slot @n into it, if anything is, and takes it off @wanted. */
static void
rar_keep(struct i82576_pf *pf, unsigned int n, struct i82576_pf_rar *wanted, unsigned int nb)
{
	static const struct i82576_pf_rar none;
	unsigned int i;

	for (i = 0; pf->rar[n].pools != 0 && i < nb; i++) {
		if (wanted[i].pools == 0 ||
				!rte_is_same_ether_addr(&wanted[i].addr, &pf->rar[n].addr))
			continue;
		if (wanted[i].pools != pf->rar[n].pools)
			rar_write(pf, n, &wanted[i]);
		wanted[i].pools = 0;
		return;
	}
	if (pf->rar[n].pools != 0)
		rar_write(pf, n, &none);
}

/* Writes the receive addresses. Returns 0, or -ENOSPC and nothing is changed. */
int
i82576_pf_macs_sync(struct i82576_pf *pf)
{
	struct i82576_pf_rar wanted[I82576_RAR_ENTRIES];
	unsigned int nb = macs_wanted(pf, wanted);
	unsigned int i, n;

	if (nb > I82576_RAR_ENTRIES)
		return -ENOSPC;
	if (!pf->running)
		return 0;
	/* What management firmware and wake-up take for the port's own is entry 0. */
	if (memcmp(&pf->rar[0], &wanted[0], sizeof(wanted[0])) != 0)
		rar_write(pf, 0, &wanted[0]);
	wanted[0].pools = 0;
	/* An address that stays keeps its entry, so that no frame to it is lost. */
	for (n = 1; n < I82576_RAR_ENTRIES; n++)
		rar_keep(pf, n, wanted, nb);
	for (i = 0, n = 1; i < nb; i++) {
		if (wanted[i].pools == 0)
			continue;
		while (pf->rar[n].pools != 0)
			n++;
		rar_write(pf, n, &wanted[i]);
	}
	return 0;
}

static void
mta_add(uint32_t *mta, const uint16_t *hashes, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		mta[hashes[i] >> 5 & (I82576_MTA_ENTRIES - 1)] |= UINT32_C(1) << (hashes[i] & 31);
}

bool
i82576_pf_vf_multicast_promisc(const struct i82576_pf_vf *vf)
{
	return vf->policy.multicast_promisc || vf->live.multicast_promisc ||
		vf->live.multicast_overflow;
}

bool
i82576_pf_vf_unicast_promisc(const struct i82576_pf_vf *vf)
{
	return vf->policy.unicast_promisc || vf->live.unicast_promisc;
}

/*
 * Writes the hash tables. They are one for all pools, which take part with VMOLR.ROMPE and ROPE;
 * QEMU: VMOLR.MPE is ignored, so a pool that wants all multicast has all bits set as well.
 */
void
i82576_pf_multicast_sync(struct i82576_pf *pf)
{
	bool all_multicast = pf->pool_mode && (pf->promisc || pf->allmulti);
	bool all_unicast = pf->pool_mode && pf->promisc;
	uint32_t mta[I82576_MTA_ENTRIES];
	unsigned int i;

	memset(mta, 0, sizeof(mta));
	mta_add(mta, pf->mc_hashes, pf->nb_mc_hashes);
	for (i = 0; i < pf->num_vfs; i++) {
		const struct i82576_pf_vf *vf = &pf->vfs[i];

		mta_add(mta, vf->live.hashes, vf->live.nb_hashes);
		all_multicast = all_multicast || i82576_pf_vf_multicast_promisc(vf);
		all_unicast = all_unicast || i82576_pf_vf_unicast_promisc(vf);
	}
	if (all_multicast)
		memset(mta, 0xff, sizeof(mta));
	if (!pf->running)
		return;
	for (i = 0; i < I82576_MTA_ENTRIES; i++) {
		if (mta[i] != pf->mta[i])
			i82576_write(i82576_pf_hw(pf), I82576_MTA(i), mta[i]);
		pf->mta[i] = mta[i];
	}
	for (i = 0; i < I82576_UTA_ENTRIES && all_unicast != pf->uta_set; i++)
		i82576_write(i82576_pf_hw(pf), I82576_UTA(i), all_unicast ? UINT32_MAX : 0);
	pf->uta_set = all_unicast;
}

/* The pools of VFs that are members of @vid. */
static uint32_t
vlan_vf_pools(const struct i82576_pf *pf, uint16_t vid)
{
	uint32_t pools = 0;
	unsigned int vf;

	for (vf = 0; vf < pf->num_vfs; vf++)
		if ((i82576_pf_vf_vlan_word(&pf->vfs[vf], vid / 32) >> (vid % 32) & 1) != 0)
			pools |= 1u << vf;
	return pools;
}

static void
vlvf_entry(struct i82576_pf *pf, uint32_t *vlvf, uint16_t vid, uint32_t pools)
{
	const bool filter = has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_FILTER);

	/* Without a filter the PF sees the VLANs of its VFs too. */
	if (!filter || i82576_pf_vlan_test(pf->vlans, vid))
		pools |= 1u << I82576_PF_POOL;
	*vlvf = vid | pools << I82576_VLVF_POOLSEL_SHIFT | I82576_VLVF_VI_EN;
}

/* Places @vid in a free entry, or where it is. Returns false if there is no room. */
static bool
vlvf_place(struct i82576_pf *pf, uint32_t *wanted, uint16_t vid, uint32_t pools)
{
	unsigned int i, slot = 0;

	for (i = 1; i < I82576_VLVF_ENTRIES; i++) {
		const uint32_t old = pf->vlvf[i];

		if (wanted[i] != 0)
			continue;
		if ((old & I82576_VLVF_VI_EN) != 0 && (old & I82576_VLVF_VLAN_ID_MASK) == vid) {
			slot = i;
			break;
		}
		if (slot == 0 && ((old & I82576_VLVF_VI_EN) == 0 || !pf->running))
			slot = i;
	}
	/* No entry that is unused: one whose VLAN is on its way out will do. */
	for (i = 1; slot == 0 && i < I82576_VLVF_ENTRIES; i++) {
		const uint16_t vid_old = pf->vlvf[i] & I82576_VLVF_VLAN_ID_MASK;

		if (wanted[i] == 0 && vlan_vf_pools(pf, vid_old) == 0 &&
				!i82576_pf_vlan_test(pf->vlans, vid_old))
			slot = i;
	}
	for (i = 1; slot == 0 && i < I82576_VLVF_ENTRIES; i++)
		if (wanted[i] == 0)
			slot = i;
	if (slot == 0)
		return false;
	vlvf_entry(pf, &wanted[slot], vid, pools);
	return true;
}

/* Computes the pool filter. Returns 0, or -ENOSPC: the VFs have more VLANs than it has room for. */
static int
vlvf_wanted(struct i82576_pf *pf, uint32_t *wanted)
{
	const bool filter = has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_FILTER);
	uint32_t word, pools = 0;
	unsigned int w, bit, vf;
	bool full = false;

	memset(wanted, 0, sizeof(*wanted) * I82576_VLVF_ENTRIES);
	if (!pf->pool_mode)
		return 0;
	/* Entry 0 is for tags that carry a priority alone: those without a port VLAN take them. */
	for (vf = 0; vf < pf->num_vfs; vf++)
		if (pf->vfs[vf].policy.port_vlan == 0)
			pools |= 1u << vf;
	wanted[0] = (pools | 1u << I82576_PF_POOL) << I82576_VLVF_POOLSEL_SHIFT |
		I82576_VLVF_VI_EN;
	for (w = 0; w < I82576_PF_VLAN_WORDS; w++) {
		for (word = 0, vf = 0; vf < pf->num_vfs; vf++)
			word |= i82576_pf_vf_vlan_word(&pf->vfs[vf], w);
		for (bit = w == 0 ? 1 : 0; bit < 32 && word >> bit != 0; bit++) {
			if ((word >> bit & 1) != 0 && !vlvf_place(pf, wanted, w * 32 + bit,
					vlan_vf_pools(pf, w * 32 + bit)))
				return -ENOSPC;
		}
	}
	for (w = 0; filter && w < I82576_PF_VLAN_WORDS; w++)
		for (bit = w == 0 ? 1 : 0, word = pf->vlans[w]; bit < 32; bit++)
			if ((word >> bit & 1) != 0 && vlan_vf_pools(pf, w * 32 + bit) == 0 &&
					!vlvf_place(pf, wanted, w * 32 + bit, 0))
				full = true;
	/* The PF is the default pool: unicast from the wire still comes. */
	if (full && !pf->vlvf_full_logged)
		I82576_LOG(WARNING, driver, i82576_pf_hw(pf), "the VLANs of VFs and PF are more "
			"than the %u that the device can tell apart: of some, the PF gets unicast "
			"from the wire alone", I82576_VLVF_ENTRIES - 1);
	pf->vlvf_full_logged = full;
	return 0;
}

/* Writes the VLAN filters. Returns 0, or -ENOSPC and nothing is changed. */
int
i82576_pf_vlans_sync(struct i82576_pf *pf)
{
	const bool all = !has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_FILTER);
	uint32_t vlvf[I82576_VLVF_ENTRIES], vfta[I82576_VFTA_ENTRIES];
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;
	int ret;

	ret = vlvf_wanted(pf, vlvf);
	if (ret != 0 || !pf->running)
		return ret;
	memcpy(vfta, pf->vlans, sizeof(vfta));
	vfta[0] |= 1;
	for (i = 0; i < I82576_VLVF_ENTRIES; i++)
		if ((vlvf[i] & I82576_VLVF_VI_EN) != 0)
			i82576_pf_vlan_set(vfta, vlvf[i] & I82576_VLVF_VLAN_ID_MASK, true);
	if (all)
		memset(vfta, 0xff, sizeof(vfta));
	for (i = 0; i < I82576_VFTA_ENTRIES; i++)
		if (vfta[i] != pf->vfta[i])
			i82576_write(hw, I82576_VFTA(i), vfta[i]);
	for (i = 0; i < I82576_VLVF_ENTRIES; i++)
		if (vlvf[i] != pf->vlvf[i])
			i82576_write(hw, I82576_VLVF(i), vlvf[i]);
	memcpy(pf->vfta, vfta, sizeof(vfta));
	memcpy(pf->vlvf, vlvf, sizeof(vlvf));
	i82576_pf_mirror_sync(pf);
	return 0;
}

static uint32_t
rctl_value(struct i82576_pf *pf)
{
	uint32_t rctl = I82576_RCTL_BAM | I82576_RCTL_LPE;

	/* With VFs, VMOLR has it; QEMU: RCTL.SECRC is all pools'. */
	if (pf->pool_mode || !has_offload(pf, RTE_ETH_RX_OFFLOAD_KEEP_CRC))
		rctl |= I82576_RCTL_SECRC;
	/* VFs must not see VLANs that are not theirs, whatever the PF wants. */
	if (pf->pool_mode || has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_FILTER))
		rctl |= I82576_RCTL_VFE;
	if (!pf->pool_mode && pf->promisc)
		rctl |= I82576_RCTL_UPE | I82576_RCTL_MPE;
	if (!pf->pool_mode && pf->allmulti)
		rctl |= I82576_RCTL_MPE;
	/* A promiscuous port without filter of its own takes every tag. */
	if (!pf->pool_mode && pf->promisc && !has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_FILTER))
		rctl &= ~I82576_RCTL_VFE;
	return rctl;
}

/*
 * Writes what is the port's as a whole, and the PF's pool. Frames from the wire for which there is
 * no pool go to the PF if it is promiscuous, or has no VLAN filter: then VLANs that no VF has are
 * not in the pool filter.
 */
void
i82576_pf_rx_mode_sync(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t ctrl, ctrl_ext, vt_ctl = 0;

	if (!pf->running)
		return;
	if (pf->pool_mode) {
		vt_ctl = I82576_VT_CTL_REPLICATION_EN |
			I82576_PF_POOL << I82576_VT_CTL_DEF_PL_SHIFT;
		if (pf->no_pool || (!pf->promisc &&
				has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_FILTER)))
			vt_ctl |= I82576_VT_CTL_DIS_DEF_POOL;
	}
	i82576_write(hw, I82576_VT_CTL, vt_ctl);
	i82576_write(hw, I82576_RLPML, pf->pool_mode ? I82576_MAX_FRAME_BYTES : pf->max_frame);
	i82576_write(hw, I82576_RCTL, rctl_value(pf) |
		(i82576_read(hw, I82576_RCTL) & I82576_RCTL_RXEN));

	ctrl = i82576_read(hw, I82576_CTRL) & ~I82576_CTRL_VME;
	if (!pf->pool_mode && has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_STRIP))
		ctrl |= I82576_CTRL_VME;
	i82576_write(hw, I82576_CTRL, ctrl);
	ctrl_ext = i82576_read(hw, I82576_CTRL_EXT) & ~I82576_CTRL_EXT_EXT_VLAN;
	if (has_offload(pf, RTE_ETH_RX_OFFLOAD_VLAN_EXTEND))
		ctrl_ext |= I82576_CTRL_EXT_EXT_VLAN;
	i82576_write(hw, I82576_CTRL_EXT, ctrl_ext & ~I82576_CTRL_EXT_PFRSTD);
	i82576_write(hw, I82576_VET, RTE_ETHER_TYPE_VLAN |
		(uint32_t)pf->outer_tpid << I82576_VET_VET_EXT_SHIFT);
	i82576_pf_multicast_sync(pf);
	if (pf->pool_mode && !pf->no_pool)
		i82576_pf_pool_sync(pf, I82576_PF_POOL);
}

/* After a reset: the tables are not cleared by it in full (82576 DS 4.2.1), and not known. */
void
i82576_pf_filters_init(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;

	for (i = 0; i < I82576_RAR_ENTRIES; i++) {
		i82576_write(hw, I82576_RAH(i), 0);
		i82576_write(hw, I82576_RAL(i), 0);
	}
	for (i = 0; i < I82576_MTA_ENTRIES; i++)
		i82576_write(hw, I82576_MTA(i), 0);
	for (i = 0; i < I82576_UTA_ENTRIES; i++)
		i82576_write(hw, I82576_UTA(i), 0);
	for (i = 0; i < I82576_VFTA_ENTRIES; i++)
		i82576_write(hw, I82576_VFTA(i), 0);
	for (i = 0; i < I82576_VLVF_ENTRIES; i++)
		i82576_write(hw, I82576_VLVF(i), 0);
	memset(pf->rar, 0, sizeof(pf->rar));
	memset(pf->mta, 0, sizeof(pf->mta));
	memset(pf->vfta, 0, sizeof(pf->vfta));
	memset(pf->vlvf, 0, sizeof(pf->vlvf));
	pf->uta_set = false;
	i82576_pf_macs_sync(pf);
	i82576_pf_vlans_sync(pf);
	i82576_pf_rx_mode_sync(pf);
}
