/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Statistics and registers of a VF. */

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "i82576_rxtx.h"
#include "i82576_vf.h"

/* Of the dump: device 82576 VF, layout 1. */
#define REG_VERSION	0x10ca0001u

/* 82576 DS 8.26: 32 bits each, not cleared by reading. */
static const uint32_t counter_reg[I82576_VF_COUNTERS] = {
	[I82576_VF_RX_PACKETS] = I82576_VF_GPRC,
	[I82576_VF_TX_PACKETS] = I82576_VF_GPTC,
	[I82576_VF_RX_BYTES] = I82576_VF_GORC,
	[I82576_VF_TX_BYTES] = I82576_VF_GOTC,
	[I82576_VF_RX_MULTICAST] = I82576_VF_MPRC,
	[I82576_VF_RX_LOOPBACK_PACKETS] = I82576_VF_GPRLBC,
	[I82576_VF_TX_LOOPBACK_PACKETS] = I82576_VF_GPTLBC,
	[I82576_VF_RX_LOOPBACK_BYTES] = I82576_VF_GORLBC,
	[I82576_VF_TX_LOOPBACK_BYTES] = I82576_VF_GOTLBC,
};

struct named_counter {
	const char *name;
	size_t offset;
};

#define TOTAL(counter)	(offsetof(struct i82576_vf, totals) + (counter) * sizeof(uint64_t))
#define EVENT(event)	offsetof(struct i82576_vf, events.event)

static const struct named_counter xstats_names[] = {
	{ "rx_multicast_packets", TOTAL(I82576_VF_RX_MULTICAST) },
	{ "rx_loopback_packets", TOTAL(I82576_VF_RX_LOOPBACK_PACKETS) },
	{ "rx_loopback_bytes", TOTAL(I82576_VF_RX_LOOPBACK_BYTES) },
	{ "tx_loopback_packets", TOTAL(I82576_VF_TX_LOOPBACK_PACKETS) },
	{ "tx_loopback_bytes", TOTAL(I82576_VF_TX_LOOPBACK_BYTES) },
	{ "rx_no_descriptor_packets", offsetof(struct i82576_vf, rx_no_descriptor) },
	{ "mbx_requests", EVENT(requests) },
	{ "mbx_refusals", EVENT(refusals) },
	{ "mbx_timeouts", EVENT(timeouts) },
	{ "mbx_strays", EVENT(strays) },
	{ "pf_resets", EVENT(pf_resets) },
	{ "recoveries", EVENT(recoveries) },
	{ "link_changes", EVENT(link_changes) },
};

/* Without V2PMAILBOX, which a read changes. */
static const uint32_t dump_regs[] = {
	I82576_VF_VTCTRL,
	I82576_VF_STATUS,
	I82576_VF_VTEIMS,
	I82576_VF_VTEIAC,
	I82576_VF_VTEIAM,
	I82576_VF_VTEITR(0),
	I82576_VF_VTEITR(1),
	I82576_VF_VTEITR(2),
	I82576_VF_VTIVAR,
	I82576_VF_VTIVAR_MISC,
	I82576_RDBAL(0),
	I82576_RDBAH(0),
	I82576_RDLEN(0),
	I82576_SRRCTL(0),
	I82576_RDH(0),
	I82576_RDT(0),
	I82576_RXDCTL(0),
	I82576_RDBAL(1),
	I82576_RDBAH(1),
	I82576_RDLEN(1),
	I82576_SRRCTL(1),
	I82576_RDH(1),
	I82576_RDT(1),
	I82576_RXDCTL(1),
	I82576_TDBAL(0),
	I82576_TDBAH(0),
	I82576_TDLEN(0),
	I82576_TDH(0),
	I82576_TDT(0),
	I82576_TXDCTL(0),
	I82576_TDBAL(1),
	I82576_TDBAH(1),
	I82576_TDLEN(1),
	I82576_TDH(1),
	I82576_TDT(1),
	I82576_TXDCTL(1),
	I82576_VF_GPRC,
	I82576_VF_GPTC,
	I82576_VF_GORC,
	I82576_VF_GOTC,
	I82576_VF_MPRC,
	I82576_VF_GPRLBC,
	I82576_VF_GPTLBC,
	I82576_VF_GORLBC,
	I82576_VF_GOTLBC,
};

/*
 * How far a counter has come. It goes back to zero with a reset of the PF (QEMU), and it wraps; by
 * more than half its range no link gets between two looks (at 1 Gbit/s, 62.5 MB).
 */
static uint32_t
counter_delta(uint32_t last, uint32_t now)
{
	uint32_t delta = now - last;

	return delta > INT32_MAX ? now : delta;
}

static void
collect_locked(struct i82576_vf *vf)
{
	const struct i82576_hw *hw = &vf->port.hw;
	uint32_t now[I82576_VF_COUNTERS], dropped = 0;
	unsigned int i;

	for (i = 0; i < I82576_VF_COUNTERS; i++)
		now[i] = i82576_read(hw, counter_reg[i]);
	/* 82576 DS 8.10.15: cleared by reading. */
	for (i = 0; i < I82576_VF_QUEUES; i++)
		dropped += i82576_read(hw, I82576_RQDPC(i));
	/* Switched off meanwhile by a reset of the PF. */
	if (i82576_is_gone(hw))
		return;
	for (i = 0; i < I82576_VF_COUNTERS; i++) {
		vf->totals[i] += counter_delta(vf->last[i], now[i]);
		vf->last[i] = now[i];
	}
	vf->rx_no_descriptor += dropped;
}

void
i82576_vf_stats_collect(struct i82576_vf *vf)
{
	rte_spinlock_lock(&vf->stats_lock);
	if (!i82576_is_gone(&vf->port.hw))
		collect_locked(vf);
	rte_spinlock_unlock(&vf->stats_lock);
}

static void
totals_clear(struct i82576_vf *vf)
{
	rte_spinlock_lock(&vf->stats_lock);
	if (!i82576_is_gone(&vf->port.hw))
		collect_locked(vf);
	memset(vf->totals, 0, sizeof(vf->totals));
	vf->rx_no_descriptor = 0;
	rte_spinlock_unlock(&vf->stats_lock);
}

void
i82576_vf_stats_init(struct i82576_vf *vf)
{
	rte_spinlock_init(&vf->stats_lock);
	/* The registers hold what came before this port. */
	totals_clear(vf);
}

/* Octets without the CRC, which the registers count. */
static uint64_t
bytes_without_crc(uint64_t bytes, uint64_t packets)
{
	return bytes - RTE_MIN(bytes, packets * RTE_ETHER_CRC_LEN);
}

static void
queue_stats_get(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		struct i82576_queue_stats *qstats)
{
	struct i82576_queue_counts counts;
	uint16_t i;

	for (i = 0; i < RTE_MIN(dev->data->nb_rx_queues, RTE_ETHDEV_QUEUE_STAT_CNTRS); i++) {
		i82576_rx_counts(dev, i, &counts);
		stats->ierrors += counts.errors;
		stats->rx_nombuf += counts.nombuf;
		if (qstats == NULL)
			continue;
		qstats->q_ipackets[i] = counts.packets;
		qstats->q_ibytes[i] = counts.bytes;
		qstats->q_errors[i] = counts.errors;
	}
	for (i = 0; i < RTE_MIN(dev->data->nb_tx_queues, RTE_ETHDEV_QUEUE_STAT_CNTRS); i++) {
		i82576_tx_counts(dev, i, &counts);
		stats->oerrors += counts.errors;
		if (qstats == NULL)
			continue;
		qstats->q_opackets[i] = counts.packets;
		qstats->q_obytes[i] = counts.bytes;
	}
}

int
i82576_vf_stats_get(I82576_STATS_GET_ARGS)
{
	struct i82576_vf *vf = i82576_vf(dev);
	const uint64_t *totals = vf->totals;

	i82576_vf_stats_collect(vf);
	stats->ipackets = totals[I82576_VF_RX_PACKETS];
	stats->opackets = totals[I82576_VF_TX_PACKETS];
	stats->ibytes = bytes_without_crc(totals[I82576_VF_RX_BYTES], stats->ipackets);
	stats->obytes = bytes_without_crc(totals[I82576_VF_TX_BYTES], stats->opackets);
	stats->imissed = vf->rx_no_descriptor;
	queue_stats_get(dev, stats, I82576_STATS_GET_QSTATS);
	return 0;
}

int
i82576_vf_stats_reset(struct rte_eth_dev *dev)
{
	struct i82576_vf *vf = i82576_vf(dev);

	totals_clear(vf);
	memset(&vf->events, 0, sizeof(vf->events));
	i82576_counts_reset(dev);
	return 0;
}

int
i82576_vf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	struct i82576_vf *vf = i82576_vf(dev);
	unsigned int i;

	if (n < RTE_DIM(xstats_names) || xstats == NULL)
		return RTE_DIM(xstats_names);
	i82576_vf_stats_collect(vf);
	for (i = 0; i < RTE_DIM(xstats_names); i++) {
		xstats[i].id = i;
		memcpy(&xstats[i].value, (const uint8_t *)vf + xstats_names[i].offset,
				sizeof(xstats[i].value));
	}
	return RTE_DIM(xstats_names);
}

int
i82576_vf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
		unsigned int n)
{
	unsigned int i;

	RTE_SET_USED(dev);
	if (names == NULL)
		return RTE_DIM(xstats_names);
	for (i = 0; i < RTE_MIN(n, RTE_DIM(xstats_names)); i++)
		strlcpy(names[i].name, xstats_names[i].name, sizeof(names[i].name));
	return RTE_DIM(xstats_names);
}

int
i82576_vf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	const struct i82576_hw *hw = i82576_hw(dev);
	uint32_t *values = info->data;
	unsigned int i;

	if (values == NULL) {
		info->length = RTE_DIM(dump_regs);
		info->width = sizeof(uint32_t);
		return 0;
	}
	/* All of them, or nothing. */
	if (info->offset != 0 || (info->length != 0 && info->length != RTE_DIM(dump_regs)))
		return -ENOTSUP;
	info->length = RTE_DIM(dump_regs);
	info->width = sizeof(uint32_t);
	info->version = REG_VERSION;
	for (i = 0; i < RTE_DIM(dump_regs); i++)
		values[i] = i82576_read(hw, dump_regs[i]);
	return 0;
}
