/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Spreading of received packets over queues. 82576 DS 7.1.1.7. */

#include <errno.h>
#include <string.h>

#include "i82576_pf.h"

/* The key that Microsoft's specification of RSS verifies hashes with. */
static const uint8_t default_key[I82576_PF_RSS_KEY_BYTES] = {
	0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2, 0x41, 0x67,
	0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0, 0xd0, 0xca, 0x2b, 0xcb,
	0xae, 0x7b, 0x30, 0xb4, 0x77, 0xcb, 0x2d, 0xa3, 0x80, 0x30,
	0xf2, 0x0c, 0x6a, 0x42, 0xb7, 0x3b, 0xbe, 0xac, 0x01, 0xfa,
};

static const struct {
	uint64_t rss_hf;
	uint32_t mrqc;
} hash_types[] = {
	{ RTE_ETH_RSS_IPV4, I82576_MRQC_RSS_IPV4 },
	{ RTE_ETH_RSS_NONFRAG_IPV4_TCP, I82576_MRQC_RSS_TCP_IPV4 },
	{ RTE_ETH_RSS_NONFRAG_IPV4_UDP, I82576_MRQC_RSS_UDP_IPV4 },
	{ RTE_ETH_RSS_IPV6, I82576_MRQC_RSS_IPV6 },
	{ RTE_ETH_RSS_NONFRAG_IPV6_TCP, I82576_MRQC_RSS_TCP_IPV6 },
	{ RTE_ETH_RSS_NONFRAG_IPV6_UDP, I82576_MRQC_RSS_UDP_IPV6 },
	{ RTE_ETH_RSS_IPV6_EX, I82576_MRQC_RSS_IPV6_EX },
	{ RTE_ETH_RSS_IPV6_TCP_EX, I82576_MRQC_RSS_TCP_IPV6_EX },
	{ RTE_ETH_RSS_IPV6_UDP_EX, I82576_MRQC_RSS_UDP_IPV6_EX },
};

static bool
rss_is_on(const struct i82576_pf *pf)
{
	return (pf->port.data->dev_conf.rxmode.mq_mode & RTE_ETH_MQ_RX_RSS_FLAG) != 0 &&
		pf->rss_hf != 0;
}

static void
key_write(struct i82576_pf *pf)
{
	unsigned int i;

	for (i = 0; i < I82576_RSSRK_WORDS; i++) {
		const uint8_t *k = &pf->rss_key[i * 4];

		i82576_write(i82576_pf_hw(pf), I82576_RSSRK(i), (uint32_t)k[3] << 24 |
			(uint32_t)k[2] << 16 | (uint32_t)k[1] << 8 | k[0]);
	}
}

static void
reta_write(struct i82576_pf *pf)
{
	unsigned int i;

	for (i = 0; i < I82576_PF_RETA_SIZE; i += 4)
		i82576_write(i82576_pf_hw(pf), I82576_RETA(i / 4),
			(uint32_t)pf->reta[i + 3] << 24 | (uint32_t)pf->reta[i + 2] << 16 |
			(uint32_t)pf->reta[i + 1] << 8 | pf->reta[i]);
}

/* MRQC says how queues are chosen, and what is hashed. */
static void
mrqc_write(struct i82576_pf *pf)
{
	const bool on = rss_is_on(pf);
	uint32_t mrqc = 0;
	unsigned int i;

	for (i = 0; on && i < RTE_DIM(hash_types); i++)
		if ((pf->rss_hf & hash_types[i].rss_hf) != 0)
			mrqc |= hash_types[i].mrqc;
	if (pf->pool_mode)
		mrqc |= on && pf->port.data->nb_rx_queues > 1 ? I82576_MRQC_ENABLE_VMDQ_RSS :
			I82576_MRQC_ENABLE_VMDQ;
	else if (on)
		mrqc |= I82576_MRQC_ENABLE_RSS;
	i82576_write(i82576_pf_hw(pf), I82576_MRQC, mrqc);
}

/* The hash is in descriptors in place of a raw checksum, which is of no use here. */
static void
rxcsum_write(struct i82576_pf *pf)
{
	uint64_t offloads = pf->port.data->dev_conf.rxmode.offloads;
	uint32_t rxcsum = I82576_RXCSUM_PCSD;

	/* Of the whole device: a VF without a PF's offload could not have its own. */
	if ((offloads & RTE_ETH_RX_OFFLOAD_IPV4_CKSUM) != 0 || pf->pool_mode)
		rxcsum |= I82576_RXCSUM_IPOFLD;
	if ((offloads & (RTE_ETH_RX_OFFLOAD_UDP_CKSUM | RTE_ETH_RX_OFFLOAD_TCP_CKSUM)) != 0 ||
			pf->pool_mode)
		rxcsum |= I82576_RXCSUM_TUOFLD;
	if ((offloads & RTE_ETH_RX_OFFLOAD_SCTP_CKSUM) != 0 || pf->pool_mode)
		rxcsum |= I82576_RXCSUM_CRCOFL;
	i82576_write(i82576_pf_hw(pf), I82576_RXCSUM, rxcsum);
}

static void
conf_take(struct i82576_pf *pf, const struct rte_eth_rss_conf *conf)
{
	if (conf->rss_key != NULL)
		memcpy(pf->rss_key, conf->rss_key, sizeof(pf->rss_key));
	pf->rss_hf = conf->rss_hf & I82576_PF_RSS_OFFLOADS;
}

void
i82576_pf_rss_start(struct i82576_pf *pf)
{
	const struct rte_eth_conf *conf = &pf->port.data->dev_conf;
	unsigned int i, nb = pf->port.data->nb_rx_queues;

	if (!pf->rss_set) {
		memcpy(pf->rss_key, default_key, sizeof(pf->rss_key));
		conf_take(pf, &conf->rx_adv_conf.rss_conf);
		pf->rss_set = true;
	}
	if (!pf->reta_set)
		for (i = 0; i < I82576_PF_RETA_SIZE; i++)
			pf->reta[i] = i % RTE_MAX(nb, 1u);
	key_write(pf);
	reta_write(pf);
	rxcsum_write(pf);
	mrqc_write(pf);
}

int
i82576_pf_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (conf->rss_key != NULL && conf->rss_key_len != 0 &&
			conf->rss_key_len != I82576_PF_RSS_KEY_BYTES)
		return -EINVAL;
	if ((conf->rss_hf & ~I82576_PF_RSS_OFFLOADS) != 0)
		return -EINVAL;
	i82576_pf_lock(pf);
	/* 82576 DS 7.1.1.7: whether there is RSS is decided before the start. */
	if (pf->running && rss_is_on(pf) != (conf->rss_hf != 0)) {
		i82576_pf_unlock(pf);
		return -EINVAL;
	}
	conf_take(pf, conf);
	if (pf->running) {
		key_write(pf);
		mrqc_write(pf);
	}
	i82576_pf_unlock(pf);
	return 0;
}

int
i82576_pf_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	if (conf->rss_key != NULL && conf->rss_key_len >= sizeof(pf->rss_key))
		memcpy(conf->rss_key, pf->rss_key, sizeof(pf->rss_key));
	conf->rss_key_len = sizeof(pf->rss_key);
	conf->rss_hf = rss_is_on(pf) ? pf->rss_hf : 0;
	i82576_pf_unlock(pf);
	return 0;
}

int
i82576_pf_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
		uint16_t size)
{
	struct i82576_pf *pf = i82576_pf(dev);
	uint16_t i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (size != I82576_PF_RETA_SIZE) {
		I82576_LOG(ERR, driver, i82576_hw(dev), "RSS table of %u entries: it has %u", size,
			I82576_PF_RETA_SIZE);
		return -EINVAL;
	}
	for (i = 0; i < size; i++)
		if ((reta[i / RTE_ETH_RETA_GROUP_SIZE].mask >> (i % RTE_ETH_RETA_GROUP_SIZE) & 1) &&
				reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i %
					RTE_ETH_RETA_GROUP_SIZE] >= dev->data->nb_rx_queues)
			return -EINVAL;
	i82576_pf_lock(pf);
	for (i = 0; i < size; i++)
		if (reta[i / RTE_ETH_RETA_GROUP_SIZE].mask >> (i % RTE_ETH_RETA_GROUP_SIZE) & 1)
			pf->reta[i] = reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i %
				RTE_ETH_RETA_GROUP_SIZE];
	pf->reta_set = true;
	if (pf->running)
		reta_write(pf);
	i82576_pf_unlock(pf);
	return 0;
}

int
i82576_pf_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
		uint16_t size)
{
	struct i82576_pf *pf = i82576_pf(dev);
	uint16_t i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (size != I82576_PF_RETA_SIZE)
		return -EINVAL;
	i82576_pf_lock(pf);
	for (i = 0; i < size; i++)
		if (reta[i / RTE_ETH_RETA_GROUP_SIZE].mask >> (i % RTE_ETH_RETA_GROUP_SIZE) & 1)
			reta[i / RTE_ETH_RETA_GROUP_SIZE].reta[i % RTE_ETH_RETA_GROUP_SIZE] =
				pf->reta[i];
	i82576_pf_unlock(pf);
	return 0;
}
