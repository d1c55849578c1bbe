/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Statistics. The registers of the port count all that passes it, VFs' traffic included; what the
 * port itself has received and sent is counted by its rings.
 */

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "i82576_compat.h"
#include "i82576_pf.h"
#include "i82576_rxtx.h"

struct counter {
	const char *name;
	/* The low half where there are two. */
	uint32_t reg;
	bool is_64;
};

/* 82576 DS 8.18. Errors that make up ierrors come first, then the missed ones. */
#define NB_ERRORS 6
static const struct counter counters[] = {
	{ "rx_crc_errors", I82576_CRCERRS, false },
	{ "rx_align_errors", I82576_ALGNERRC, false },
	{ "rx_errors", I82576_RXERRC, false },
	{ "rx_undersize_errors", I82576_RUC, false },
	{ "rx_oversize_errors", I82576_ROC, false },
	{ "rx_length_errors", I82576_RLEC, false },
	{ "rx_missed_packets", I82576_MPC, false },
	{ "rx_symbol_errors", I82576_SYMERRS, false },
	{ "rx_fragmented_errors", I82576_RFC, false },
	{ "rx_jabber_errors", I82576_RJC, false },
	{ "rx_no_buffers", I82576_RNBC, false },
	{ "rx_xon_packets", I82576_XONRXC, false },
	{ "tx_xon_packets", I82576_XONTXC, false },
	{ "rx_xoff_packets", I82576_XOFFRXC, false },
	{ "tx_xoff_packets", I82576_XOFFTXC, false },
	{ "rx_flow_control_unsupported_packets", I82576_FCRUC, false },
	{ "rx_size_64_packets", I82576_PRC64, false },
	{ "rx_size_65_to_127_packets", I82576_PRC127, false },
	{ "rx_size_128_to_255_packets", I82576_PRC255, false },
	{ "rx_size_256_to_511_packets", I82576_PRC511, false },
	{ "rx_size_512_to_1023_packets", I82576_PRC1023, false },
	{ "rx_size_1024_to_max_packets", I82576_PRC1522, false },
	{ "rx_port_good_packets", I82576_GPRC, false },
	{ "rx_broadcast_packets", I82576_BPRC, false },
	{ "rx_multicast_packets", I82576_MPRC, false },
	{ "tx_port_good_packets", I82576_GPTC, false },
	{ "rx_port_good_bytes", I82576_GORCL, true },
	{ "tx_port_good_bytes", I82576_GOTCL, true },
	{ "rx_total_bytes", I82576_TORL, true },
	{ "tx_total_bytes", I82576_TOTL, true },
	{ "rx_total_packets", I82576_TPR, false },
	{ "tx_total_packets", I82576_TPT, false },
	{ "tx_size_64_packets", I82576_PTC64, false },
	{ "tx_size_65_to_127_packets", I82576_PTC127, false },
	{ "tx_size_128_to_255_packets", I82576_PTC255, false },
	{ "tx_size_256_to_511_packets", I82576_PTC511, false },
	{ "tx_size_512_to_1023_packets", I82576_PTC1023, false },
	{ "tx_size_1024_to_max_packets", I82576_PTC1522, false },
	{ "tx_multicast_packets", I82576_MPTC, false },
	{ "tx_broadcast_packets", I82576_BPTC, false },
	{ "tx_tso_packets", I82576_TSCTC, false },
	{ "tx_single_collision_packets", I82576_SCC, false },
	{ "tx_excessive_collision_packets", I82576_ECOL, false },
	{ "tx_multiple_collision_packets", I82576_MCC, false },
	{ "tx_late_collisions", I82576_LATECOL, false },
	{ "tx_total_collisions", I82576_COLC, false },
	{ "tx_deferred_packets", I82576_DC, false },
	{ "tx_no_carrier_sense_packets", I82576_TNCRS, false },
	{ "tx_host_discarded_packets", I82576_HTDPMC, false },
	{ "rx_management_packets", I82576_MGTPRC, false },
	{ "rx_management_dropped", I82576_MGTPDC, false },
	{ "tx_management_packets", I82576_MGTPTC, false },
	{ "interrupt_assert_count", I82576_IAC, false },
};

static_assert(RTE_DIM(counters) <= I82576_PF_HW_COUNTERS, "no room for all counters");

static const uint32_t vf_regs[I82576_PF_VF_COUNTERS] = {
	[I82576_PF_VF_GPRC] = I82576_PVFGPRC(0),
	[I82576_PF_VF_GPTC] = I82576_PVFGPTC(0),
	[I82576_PF_VF_GORC] = I82576_PVFGORC(0),
	[I82576_PF_VF_GOTC] = I82576_PVFGOTC(0),
	[I82576_PF_VF_MPRC] = I82576_PVFMPRC(0),
	[I82576_PF_VF_GPRLBC] = I82576_PVFGPRLBC(0),
	[I82576_PF_VF_GPTLBC] = I82576_PVFGPTLBC(0),
	[I82576_PF_VF_GORLBC] = I82576_PVFGORLBC(0),
	[I82576_PF_VF_GOTLBC] = I82576_PVFGOTLBC(0),
};

/* Counters of ours, behind those of the device. */
enum own_counter {
	OWN_RX_NO_DESCRIPTOR,
	OWN_VFS,
	OWN_VF_MBX_REQUESTS,
	OWN_VF_MBX_REFUSED,
	OWN_VF_MBX_MALFORMED,
	OWN_VF_MBX_EARLY,
	OWN_VF_MBX_THROTTLED,
	OWN_VF_SPOOFED,
	OWN_COUNTERS,
};

static const char *const own_names[OWN_COUNTERS] = {
	[OWN_RX_NO_DESCRIPTOR] = "rx_no_descriptor_dropped",
	[OWN_VFS] = "vf_count",
	[OWN_VF_MBX_REQUESTS] = "vf_mbx_requests",
	[OWN_VF_MBX_REFUSED] = "vf_mbx_refused",
	[OWN_VF_MBX_MALFORMED] = "vf_mbx_malformed",
	[OWN_VF_MBX_EARLY] = "vf_mbx_before_reset",
	[OWN_VF_MBX_THROTTLED] = "vf_mbx_throttled",
	[OWN_VF_SPOOFED] = "vf_spoofed",
};

/*
 * What a register has counted since the last call. Reading clears it, as the datasheet has it.
 * QEMU: some of them are not cleared: a second reading tells.
 */
static uint64_t
counter_take(struct i82576_pf *pf, unsigned int i)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const uint32_t first = i82576_read(hw, counters[i].reg);
	uint32_t again, delta;

	if (counters[i].is_64)
		return (uint64_t)i82576_read(hw, counters[i].reg + 4) << 32 | first;
	if (first == 0)
		return 0;
	again = i82576_read(hw, counters[i].reg);
	if (again < first)
		return (uint64_t)first + again;
	delta = again - pf->counters_last[i];
	pf->counters_last[i] = again;
	return delta;
}

/* Packets for which the port's own queues had no descriptor; reading clears RQDPC. */
static uint64_t
no_descriptor_take(struct i82576_pf *pf)
{
	uint64_t dropped = 0;
	unsigned int i;

	for (i = 0; i < pf->port.data->nb_rx_queues; i++)
		dropped += i82576_read(i82576_pf_hw(pf), I82576_RQDPC(pf->port.queue_reg[i]));
	return dropped;
}

void
i82576_pf_stats_collect(struct i82576_pf *pf)
{
	unsigned int i;

	rte_spinlock_lock(&pf->stats_lock);
	if (i82576_pf_is_started(pf)) {
		for (i = 0; i < RTE_DIM(counters); i++)
			pf->counters[i] += counter_take(pf, i);
		pf->rx_no_descriptor += no_descriptor_take(pf);
	}
	rte_spinlock_unlock(&pf->stats_lock);
}

void
i82576_pf_stats_forget(struct i82576_pf *pf)
{
	rte_spinlock_lock(&pf->stats_lock);
	memset(pf->counters, 0, sizeof(pf->counters));
	pf->rx_no_descriptor = 0;
	rte_spinlock_unlock(&pf->stats_lock);
}

/* A reset of the device: what was counted before is kept. */
void
i82576_pf_stats_clear_hw(struct i82576_pf *pf)
{
	rte_spinlock_lock(&pf->stats_lock);
	memset(pf->counters_last, 0, sizeof(pf->counters_last));
	rte_spinlock_unlock(&pf->stats_lock);
}

/* Registers of a VF count on through its resets, and wrap: 82576 DS 8.18.72. */
void
i82576_pf_vf_stats_collect(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	uint64_t *const to[I82576_PF_VF_COUNTERS] = {
		[I82576_PF_VF_GPRC] = &v->stats.rx_packets,
		[I82576_PF_VF_GPTC] = &v->stats.tx_packets,
		[I82576_PF_VF_GORC] = &v->stats.rx_bytes,
		[I82576_PF_VF_GOTC] = &v->stats.tx_bytes,
		[I82576_PF_VF_MPRC] = &v->stats.rx_multicast_packets,
		[I82576_PF_VF_GPRLBC] = &v->stats.rx_loopback_packets,
		[I82576_PF_VF_GPTLBC] = &v->stats.tx_loopback_packets,
		[I82576_PF_VF_GORLBC] = &v->stats.rx_loopback_bytes,
		[I82576_PF_VF_GOTLBC] = &v->stats.tx_loopback_bytes,
	};
	unsigned int i;
	uint32_t now;

	if (!pf->running || !i82576_pf_is_started(pf))
		return;
	for (i = 0; i < I82576_PF_VF_COUNTERS; i++) {
		now = i82576_read(i82576_pf_hw(pf), vf_regs[i] + I82576_PF_VF(vf, 0) -
			I82576_PF_VF(0, 0));
		*to[i] += now - v->last[i];
		v->last[i] = now;
	}
}

void
i82576_pf_vf_stats_rebase(struct i82576_pf *pf)
{
	unsigned int vf, i;

	for (vf = 0; vf < I82576_MAX_VFS; vf++)
		for (i = 0; i < I82576_PF_VF_COUNTERS; i++)
			pf->vfs[vf].last[i] = i82576_read(i82576_pf_hw(pf), vf_regs[i] +
				I82576_PF_VF(vf, 0) - I82576_PF_VF(0, 0));
}

static int
stats_fill(struct rte_eth_dev *dev, struct rte_eth_stats *stats,
		struct i82576_queue_stats *qstats)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_queue_counts counts;
	unsigned int i;

	if (dev->data->dev_started)
		i82576_pf_stats_collect(pf);
	for (i = 0; i < dev->data->nb_rx_queues; i++) {
		if (dev->data->rx_queues[i] == NULL)
			continue;
		i82576_rx_counts(dev, i, &counts);
		stats->ipackets += counts.packets;
		stats->ibytes += counts.bytes;
		stats->ierrors += counts.errors;
		stats->rx_nombuf += counts.nombuf;
		if (qstats != NULL && i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			qstats->q_ipackets[i] = counts.packets;
			qstats->q_ibytes[i] = counts.bytes;
			qstats->q_errors[i] = counts.errors;
		}
	}
	for (i = 0; i < dev->data->nb_tx_queues; i++) {
		if (dev->data->tx_queues[i] == NULL)
			continue;
		i82576_tx_counts(dev, i, &counts);
		stats->opackets += counts.packets;
		stats->obytes += counts.bytes;
		stats->oerrors += counts.errors;
		if (qstats != NULL && i < RTE_ETHDEV_QUEUE_STAT_CNTRS) {
			qstats->q_opackets[i] = counts.packets;
			qstats->q_obytes[i] = counts.bytes;
		}
	}
	rte_spinlock_lock(&pf->stats_lock);
	for (i = 0; i < NB_ERRORS; i++)
		stats->ierrors += pf->counters[i];
	stats->imissed = pf->counters[NB_ERRORS] + pf->rx_no_descriptor;
	rte_spinlock_unlock(&pf->stats_lock);
	return 0;
}

int
i82576_pf_stats_get(I82576_STATS_GET_ARGS)
{
	return stats_fill(dev, stats, I82576_STATS_GET_QSTATS);
}

int
i82576_pf_stats_reset(struct rte_eth_dev *dev)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (dev->data->dev_started)
		i82576_pf_stats_collect(pf);
	i82576_pf_stats_forget(pf);
	i82576_counts_reset(dev);
	return 0;
}

static uint64_t
own_counter_get(const struct i82576_pf *pf, enum own_counter which)
{
	uint64_t sum = 0;
	unsigned int vf;

	if (which == OWN_RX_NO_DESCRIPTOR)
		return pf->rx_no_descriptor;
	if (which == OWN_VFS)
		return pf->num_vfs;
	for (vf = 0; vf < I82576_MAX_VFS; vf++) {
		const struct rte_pmd_i82576_vf_stats *s = &pf->vfs[vf].stats;

		switch (which) {
		case OWN_VF_MBX_REQUESTS:
			sum += s->mbx_requests;
			break;
		case OWN_VF_MBX_REFUSED:
			sum += s->mbx_refused;
			break;
		case OWN_VF_MBX_MALFORMED:
			sum += s->mbx_malformed;
			break;
		case OWN_VF_MBX_EARLY:
			sum += s->mbx_early;
			break;
		case OWN_VF_MBX_THROTTLED:
			sum += s->mbx_throttled;
			break;
		default:
			sum += s->spoofed;
			break;
		}
	}
	return sum;
}

int
i82576_pf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n)
{
	const unsigned int nb = RTE_DIM(counters) + OWN_COUNTERS;
	struct i82576_pf *pf = i82576_pf(dev);
	unsigned int i;

	if (xstats == NULL || n < nb)
		return nb;
	if (dev->data->dev_started)
		i82576_pf_stats_collect(pf);
	rte_spinlock_lock(&pf->stats_lock);
	for (i = 0; i < nb; i++) {
		xstats[i].id = i;
		xstats[i].value = i < RTE_DIM(counters) ? pf->counters[i] :
			own_counter_get(pf, i - RTE_DIM(counters));
	}
	rte_spinlock_unlock(&pf->stats_lock);
	return nb;
}

int
i82576_pf_xstats_get_names(struct rte_eth_dev *dev __rte_unused, struct rte_eth_xstat_name *names,
		unsigned int n)
{
	const unsigned int nb = RTE_DIM(counters) + OWN_COUNTERS;
	unsigned int i;

	for (i = 0; names != NULL && i < RTE_MIN(n, nb); i++)
		snprintf(names[i].name, sizeof(names[i].name), "%s", i < RTE_DIM(counters) ?
			counters[i].name : own_names[i - RTE_DIM(counters)]);
	return nb;
}
