/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Addresses, VLANs, receive modes and frame size: all of them are the PF's to set. What the
 * application wants is kept in config; while no PF answers an operation succeeds with that alone,
 * and the PF is told when it does.
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "i82576_rxtx.h"
#include "i82576_vf.h"

/* An info of SET_MAC that the protocol does not have. */
#define MAC_INFO_UNKNOWN	3

/* Whether the PF can be told something now. */
static bool
is_ready(const struct i82576_vf *vf)
{
	return vf->state == I82576_VF_READY;
}

/*
 * What an operation returns after a request: silence of the PF is no error of the operation, but
 * has the port recover, which tells the PF all of the configuration.
 */
static int
verdict(struct i82576_vf *vf, int ret)
{
	if (!i82576_vf_mbx_is_silence(ret))
		return ret;
	vf->state = I82576_VF_LOST;
	__atomic_store_n(&vf->events_pending, true, __ATOMIC_RELEASE);
	return 0;
}

static int
send_mac(struct i82576_vf *vf, uint8_t info, const struct rte_ether_addr *addr)
{
	uint32_t words[3] = { i82576_mbx_word0(I82576_MBX_SET_MAC, info) };

	memcpy(&words[1], addr, sizeof(*addr));
	return i82576_vf_mbx_request(vf, words, RTE_DIM(words), NULL, 0);
}

int
i82576_vf_mac_primary_send(struct i82576_vf *vf)
{
	const struct rte_ether_addr *addr = &vf->config.macs[0];
	int ret;

	/* Linux igb refuses even the address that its administrator has set. */
	if (rte_is_same_ether_addr(addr, &vf->granted.mac))
		return 0;
	ret = send_mac(vf, I82576_MBX_MAC_PRIMARY, addr);
	if (ret == 0)
		rte_ether_addr_copy(addr, &vf->granted.mac);
	return ret;
}

/*
 * Finds out whether the PF keeps filters for a VF beside its primary address. DPDK's igb PF takes
 * no notice of info: a filter that is added, or a clearing with a zero address, replaces the
 * primary address. So it is asked for what nobody knows, with the address that the VF has: who
 * knows info refuses, and who does not sets what is set already. Returns 0 or why there is no
 * answer.
 */
static int
filters_probe(struct i82576_vf *vf)
{
	int ret;

	if (vf->granted.filters != I82576_VF_FILTERS_UNKNOWN)
		return 0;
	if (rte_is_zero_ether_addr(&vf->granted.mac)) {
		vf->granted.filters = I82576_VF_FILTERS_NONE;
		return 0;
	}
	ret = send_mac(vf, MAC_INFO_UNKNOWN, &vf->granted.mac);
	if (i82576_vf_mbx_is_silence(ret))
		return ret;
	vf->granted.filters = ret == -EPERM ? I82576_VF_FILTERS_LIST : I82576_VF_FILTERS_NONE;
	return 0;
}

/* Has the PF filter for config.macs[@index], too. Returns 0, -ENOTSUP, -EPERM or silence. */
static int
filter_add(struct i82576_vf *vf, uint32_t index)
{
	int ret;

	if (vf->granted.macs & UINT32_C(1) << index)
		return 0;
	ret = filters_probe(vf);
	if (ret != 0)
		return ret;
	if (vf->granted.filters == I82576_VF_FILTERS_NONE)
		return -ENOTSUP;
	ret = send_mac(vf, I82576_MBX_MAC_FILTER_ADD, &vf->config.macs[index]);
	if (ret == 0)
		vf->granted.macs |= UINT32_C(1) << index;
	return ret;
}

/* Adds all filters that are not there. Returns 0, -EPERM if any is refused, or silence. */
int
i82576_vf_mac_filters_send(struct i82576_vf *vf)
{
	int ret, result = 0;
	uint32_t i;

	for (i = 1; i < I82576_VF_MAX_MACS; i++) {
		if (rte_is_zero_ether_addr(&vf->config.macs[i]))
			continue;
		ret = filter_add(vf, i);
		if (ret == -ENOTSUP || ret == -EPERM)
			result = -EPERM;
		else if (ret != 0)
			return ret;
	}
	return result;
}

int
i82576_vf_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr)
{
	struct i82576_vf *vf = i82576_vf(dev);
	struct rte_ether_addr old;
	int ret = 0;

	if (!i82576_vf_is_primary(dev, "set MAC"))
		return -E_RTE_SECONDARY;
	i82576_vf_lock(vf);
	rte_ether_addr_copy(&vf->config.macs[0], &old);
	rte_ether_addr_copy(addr, &vf->config.macs[0]);
	if (is_ready(vf))
		ret = verdict(vf, i82576_vf_mac_primary_send(vf));
	if (ret != 0) {
		rte_ether_addr_copy(&old, &vf->config.macs[0]);
		I82576_LOG(ERR, driver, &vf->port.hw, "set MAC " RTE_ETHER_ADDR_PRT_FMT
				" failed: the PF refuses it: set it at the PF, or have the VF "
				"trusted",
				RTE_ETHER_ADDR_BYTES(addr));
	}
	i82576_vf_unlock(vf);
	return ret;
}

int
i82576_vf_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
		uint32_t pool)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret = 0;

	RTE_SET_USED(pool);
	if (!i82576_vf_is_primary(dev, "add MAC"))
		return -E_RTE_SECONDARY;
	if (index >= I82576_VF_MAX_MACS)
		return -EINVAL;
	if (index == 0)
		return i82576_vf_mac_addr_set(dev, addr);
	i82576_vf_lock(vf);
	/* Also called at a start, for what has been told already. */
	if (!rte_is_same_ether_addr(addr, &vf->config.macs[index])) {
		rte_ether_addr_copy(addr, &vf->config.macs[index]);
		vf->granted.macs &= ~(UINT32_C(1) << index);
	}
	if (is_ready(vf))
		ret = verdict(vf, filter_add(vf, index));
	if (ret != 0) {
		memset(&vf->config.macs[index], 0, sizeof(vf->config.macs[index]));
		I82576_LOG(ERR, driver, &vf->port.hw, "add MAC " RTE_ETHER_ADDR_PRT_FMT
				" failed: %s", RTE_ETHER_ADDR_BYTES(addr), ret == -ENOTSUP ?
				"the PF's driver keeps one address for a VF" :
				"the PF refuses it: it has no more, or the VF is not trusted");
	}
	i82576_vf_unlock(vf);
	return ret;
}

/* The protocol clears all filters at once, so those that stay are added again. */
void
i82576_vf_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret = 0;

	if (!i82576_vf_is_primary(dev, "remove MAC") || index == 0 || index >= I82576_VF_MAX_MACS)
		return;
	i82576_vf_lock(vf);
	memset(&vf->config.macs[index], 0, sizeof(vf->config.macs[index]));
	if (is_ready(vf) && vf->granted.macs & UINT32_C(1) << index) {
		/* Linux igb refuses a clearing without a valid address. */
		ret = send_mac(vf, I82576_MBX_MAC_FILTER_CLEAR, &vf->granted.mac);
		if (ret == 0) {
			vf->granted.macs = 0;
			ret = i82576_vf_mac_filters_send(vf);
		}
		ret = verdict(vf, ret);
	}
	if (ret != 0)
		I82576_LOG(WARNING, driver, &vf->port.hw,
				"remove MAC failed: the PF refuses it: frames to it go on coming");
	i82576_vf_unlock(vf);
}

int
i82576_vf_multicast_send(struct i82576_vf *vf)
{
	const struct i82576_vf_config *config = &vf->config;
	uint32_t words[I82576_MBX_WORDS] = { 0 };
	uint8_t info = config->nb_mc_hashes;
	unsigned int i;

	if (config->mc_overflow)
		info |= I82576_MBX_MULTICAST_OVERFLOW;
	words[0] = i82576_mbx_word0(I82576_MBX_SET_MULTICAST, info);
	/* Two to a word, the first in its low half. */
	for (i = 0; i < config->nb_mc_hashes; i++)
		words[1 + i / 2] |= (uint32_t)config->mc_hashes[i] << i % 2 * 16;
	return i82576_vf_mbx_request(vf, words, RTE_DIM(words), NULL, 0);
}

static uint16_t
mc_hash(const struct rte_ether_addr *addr)
{
	/* 82576 DS 8.11.10: bits 47:36 of the address, which RCTL.MO 0 stands for. */
	return ((uint16_t)addr->addr_bytes[5] << 4 | addr->addr_bytes[4] >> 4) & 0xfff;
}

/* The groups' hashes, each once: what the PF filters by. */
static void
mc_hashes_set(struct i82576_vf_config *config, const struct rte_ether_addr *list, uint32_t nb)
{
	uint32_t i, j;
	uint16_t hash;

	config->nb_mc_hashes = 0;
	config->mc_overflow = false;
	for (i = 0; i < nb; i++) {
		hash = mc_hash(&list[i]);
		for (j = 0; j < config->nb_mc_hashes; j++) {
			if (config->mc_hashes[j] == hash)
				break;
		}
		if (j < config->nb_mc_hashes)
			continue;
		if (j == I82576_MBX_MULTICAST_MAX) {
			config->mc_overflow = true;
			return;
		}
		config->mc_hashes[config->nb_mc_hashes++] = hash;
	}
}

int
i82576_vf_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret = 0;

	if (!i82576_vf_is_primary(dev, "set multicast groups"))
		return -E_RTE_SECONDARY;
	i82576_vf_lock(vf);
	mc_hashes_set(&vf->config, list, nb);
	if (vf->config.mc_overflow)
		I82576_LOG(INFO, driver, &vf->port.hw,
				"%u multicast groups are more than a VF can name: the PF is asked "
				"for all of them",
				nb);
	if (is_ready(vf))
		ret = verdict(vf, i82576_vf_multicast_send(vf));
	if (ret != 0)
		I82576_LOG(ERR, driver, &vf->port.hw,
				"set multicast groups failed: the PF refuses it");
	i82576_vf_unlock(vf);
	return ret;
}

int
i82576_vf_promisc_send(struct i82576_vf *vf, bool promisc, bool allmulti)
{
	const uint8_t before = vf->granted.promisc;
	uint8_t info = 0;
	uint32_t word;
	int ret;

	if (promisc)
		info = I82576_MBX_PROMISC_UNICAST | I82576_MBX_PROMISC_MULTICAST;
	if (allmulti)
		info |= I82576_MBX_PROMISC_MULTICAST;
	/* Not every PF knows the message, and none is in another mode without it. */
	if (info == before)
		return 0;
	word = i82576_mbx_word0(I82576_MBX_SET_PROMISC, info);
	ret = i82576_vf_mbx_request(vf, &word, 1, NULL, 0);
	if (ret == 0)
		vf->granted.promisc = info;
	if (ret != -EPERM)
		return ret;
	/* Linux igb refuses unicast but grants the multicast of the same request. */
	word = i82576_mbx_word0(I82576_MBX_SET_PROMISC, before);
	ret = i82576_vf_mbx_request(vf, &word, 1, NULL, 0);
	return i82576_vf_mbx_is_silence(ret) ? ret : -EPERM;
}

static int
rx_mode_set(struct rte_eth_dev *dev, bool promisc, bool allmulti, const char *action)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret = 0;

	if (!i82576_vf_is_primary(dev, action))
		return -E_RTE_SECONDARY;
	i82576_vf_lock(vf);
	if (is_ready(vf))
		ret = verdict(vf, i82576_vf_promisc_send(vf, promisc, allmulti));
	if (ret == 0) {
		vf->config.promisc = promisc;
		vf->config.allmulti = allmulti;
	} else {
		I82576_LOG(NOTICE, driver, &vf->port.hw,
				"%s failed: the PF refuses it: only its owner can allow this VF "
				"more", action);
		ret = -ENOTSUP;
	}
	i82576_vf_unlock(vf);
	return ret;
}

int
i82576_vf_promiscuous_enable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, true, i82576_vf(dev)->config.allmulti,
			"enable promiscuous mode");
}

int
i82576_vf_promiscuous_disable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, false, i82576_vf(dev)->config.allmulti,
			"disable promiscuous mode");
}

int
i82576_vf_allmulticast_enable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, i82576_vf(dev)->config.promisc, true, "enable allmulticast mode");
}

int
i82576_vf_allmulticast_disable(struct rte_eth_dev *dev)
{
	return rx_mode_set(dev, i82576_vf(dev)->config.promisc, false,
			"disable allmulticast mode");
}

int
i82576_vf_vlan_send(struct i82576_vf *vf, uint16_t vid, bool on)
{
	const uint32_t words[2] = {
		i82576_mbx_word0(I82576_MBX_SET_VLAN, on ? I82576_MBX_VLAN_ADD : 0), vid,
	};

	return i82576_vf_mbx_request(vf, words, RTE_DIM(words), NULL, 0);
}

int
i82576_vf_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on)
{
	struct i82576_vf *vf = i82576_vf(dev);
	uint32_t *word, bit = UINT32_C(1) << vid % 32;
	int ret = 0;

	if (!i82576_vf_is_primary(dev, "set VLAN"))
		return -E_RTE_SECONDARY;
	if (vid > RTE_ETHER_MAX_VLAN_ID)
		return -EINVAL;
	word = &vf->config.vlans[vid / 32];
	i82576_vf_lock(vf);
	if (is_ready(vf) && !!on != !!(*word & bit))
		ret = verdict(vf, i82576_vf_vlan_send(vf, vid, on != 0));
	if (ret != 0)
		I82576_LOG(ERR, driver, &vf->port.hw,
				"%s VLAN %u failed: the PF refuses it: it has a port VLAN for this "
				"VF, or no more room",
				on ? "add" : "remove", vid);
	else if (on)
		*word |= bit;
	else
		*word &= ~bit;
	i82576_vf_unlock(vf);
	return ret;
}

/*
 * A VF has no say in it: the PF gives it frames of the VLANs that it has asked for alone, and PFs
 * remove the tag of these (Linux igb, net_i82576_pf). The mbuf says what was done.
 */
int
i82576_vf_vlan_offload_set(struct rte_eth_dev *dev, int mask)
{
	const uint64_t offloads = dev->data->dev_conf.rxmode.offloads;

	if (!i82576_vf_is_primary(dev, "set VLAN offload"))
		return -E_RTE_SECONDARY;
	if (mask & RTE_ETH_VLAN_STRIP_MASK && !(offloads & RTE_ETH_RX_OFFLOAD_VLAN_STRIP)) {
		I82576_LOG(NOTICE, driver, i82576_hw(dev),
				"disable VLAN strip failed: a VF cannot: it is set at the PF");
		return -ENOTSUP;
	}
	if (mask & RTE_ETH_VLAN_FILTER_MASK && !(offloads & RTE_ETH_RX_OFFLOAD_VLAN_FILTER)) {
		I82576_LOG(NOTICE, driver, i82576_hw(dev),
				"disable VLAN filter failed: a VF cannot: the PF filters always");
		return -ENOTSUP;
	}
	return 0;
}

int
i82576_vf_max_frame_send(struct i82576_vf *vf, uint16_t mtu)
{
	const uint32_t words[2] = {
		i82576_mbx_word0(I82576_MBX_SET_LPE, 0), (uint32_t)mtu + I82576_VF_FRAME_OVERHEAD,
	};
	int ret;

	ret = i82576_vf_mbx_request(vf, words, RTE_DIM(words), NULL, 0);
	if (ret == 0)
		vf->granted.max_frame = words[1];
	return ret;
}

int
i82576_vf_mtu_set(struct rte_eth_dev *dev, uint16_t mtu)
{
	struct i82576_vf *vf = i82576_vf(dev);
	int ret = 0;

	if (!i82576_vf_is_primary(dev, "set MTU"))
		return -E_RTE_SECONDARY;
	/* The burst function was chosen for packets of one buffer. */
	if (dev->data->dev_started && !dev->data->scattered_rx &&
			i82576_rx_needs_scatter(dev, mtu)) {
		I82576_LOG(ERR, driver, &vf->port.hw,
				"set MTU %u failed: its frames need several buffers: stop the port "
				"first",
				mtu);
		return -EBUSY;
	}
	i82576_vf_lock(vf);
	if (is_ready(vf) && vf->granted.max_frame != mtu + I82576_VF_FRAME_OVERHEAD)
		ret = verdict(vf, i82576_vf_max_frame_send(vf, mtu));
	if (ret != 0) {
		I82576_LOG(ERR, driver, &vf->port.hw,
				"set MTU %u failed: the PF refuses it: its own may be "
				"smaller", mtu);
		ret = -EINVAL;
	}
	i82576_vf_unlock(vf);
	return ret;
}
