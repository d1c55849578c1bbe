/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef I82576_PF_H
#define I82576_PF_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include <ethdev_driver.h>
#include <rte_ether.h>
#include <rte_spinlock.h>

#include "i82576_compat.h"
#include "i82576_mbx.h"
#include "i82576_port.h"
#include "rte_pmd_i82576.h"

/* The PF's own: 8 of the 24 receive addresses are kept for the VFs' primary ones. */
#define I82576_PF_MAX_MACS	16
#define I82576_PF_MAX_MC	128
#define I82576_PF_VLAN_WORDS	128
#define I82576_PF_RETA_SIZE	I82576_RETA_ENTRIES
#define I82576_PF_RSS_KEY_BYTES	(I82576_RSSRK_WORDS * 4)
/* Of a pool: VF or pool n has queues n and n + 8. */
#define I82576_PF_POOL_QUEUES	2
/* The PF's pool. It must have no VF (QEMU: DMA of queue q is VF q % 8's): the last one. */
#define I82576_PF_POOL		(I82576_POOLS - 1)
#define I82576_PF_VECTORS	10
/* Device and vendor, as rte_dev_eeprom_info.magic. */
#define I82576_PF_EEPROM_MAGIC	0x10c98086u
#define I82576_PF_EEPROM_ETRACK	0x42
/* Of the register dump: device 82576, layout 1. */
#define I82576_PF_REG_VERSION	0x10c90001u
/* Of a frame, beside its payload: header, two tags, CRC. */
#define I82576_PF_FRAME_OVERHEAD	(RTE_ETHER_HDR_LEN + 2 * RTE_VLAN_HLEN + RTE_ETHER_CRC_LEN)
#define I82576_PF_MAX_MTU	(I82576_MAX_FRAME_BYTES - I82576_PF_FRAME_OVERHEAD)
#define I82576_PF_MIN_VF_FRAME	(RTE_ETHER_MAX_LEN)
#define I82576_PF_RSS_OFFLOADS	(RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | \
		RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_TCP | \
		RTE_ETH_RSS_NONFRAG_IPV6_UDP | RTE_ETH_RSS_IPV6_EX | RTE_ETH_RSS_IPV6_TCP_EX | \
		RTE_ETH_RSS_IPV6_UDP_EX)

/* Statistics registers of a VF, in the order of I82576_PVF*. */
enum i82576_pf_vf_counter {
	I82576_PF_VF_GPRC,
	I82576_PF_VF_GPTC,
	I82576_PF_VF_GORC,
	I82576_PF_VF_GOTC,
	I82576_PF_VF_MPRC,
	I82576_PF_VF_GPRLBC,
	I82576_PF_VF_GPTLBC,
	I82576_PF_VF_GORLBC,
	I82576_PF_VF_GOTLBC,
	I82576_PF_VF_COUNTERS,
};

/* What the application wants of a VF; kept over all resets. */
struct i82576_pf_vf_policy {
	struct rte_ether_addr admin_mac;
	bool trusted;
	bool mac_anti_spoof;
	bool vlan_anti_spoof;
	bool broadcast;
	bool multicast_promisc;
	bool unicast_promisc;
	bool untagged;
	uint8_t port_vlan_pcp;
	uint16_t port_vlan;
	uint16_t vlan_insert;
	uint16_t max_frame;
	uint32_t rate_mbps;
	enum rte_pmd_i82576_vf_strip strip;
	enum rte_pmd_i82576_vf_link link;
	uint32_t vlans[I82576_PF_VLAN_WORDS];
};

/* What the VF's driver has set since its last reset, all of it validated. */
struct i82576_pf_vf_live {
	/* It has completed a RESET: "clear to send". */
	bool cts;
	bool multicast_promisc;
	bool multicast_overflow;
	bool unicast_promisc;
	struct rte_ether_addr mac;
	uint16_t nb_filters;
	uint16_t nb_hashes;
	uint16_t max_frame;
	struct rte_ether_addr filters[RTE_PMD_I82576_VF_MAX_FILTERS];
	uint16_t hashes[I82576_MBX_MULTICAST_MAX];
	uint32_t vlans[I82576_PF_VLAN_WORDS];
};

/* Bookkeeping of a VF's mailbox. */
struct i82576_pf_vf_mbx {
	/* Messages that may be taken at once; refilled with time. */
	uint32_t tokens;
	uint64_t refilled_us;
	/* When a driver that does not know of a reset was last told. */
	uint64_t nacked_us;
	/* It has no tokens. */
	bool waiting;
	bool ping_waiting;
	/* Something sent at @sent_us has not been acknowledged. */
	bool unread;
	bool silent; /* it does not acknowledge what it reads */
	uint64_t sent_us;
	/* Times in a row that the VF held the mailbox. */
	uint8_t busy;
	/* @request was taken from the device, and perhaps not answered. */
	bool request_pending;
	uint32_t request[I82576_MBX_WORDS];
};

struct i82576_pf_vf {
	struct i82576_pf_vf_policy policy;
	struct i82576_pf_vf_live live;
	struct i82576_pf_vf_mbx mbx;
	struct rte_pmd_i82576_vf_stats stats;
	uint32_t last[I82576_PF_VF_COUNTERS];
	/* What the rate registers of its queues were written for. */
	uint32_t queue_rate_key;
};

/* A receive address: the pools that it is for. */
struct i82576_pf_rar {
	struct rte_ether_addr addr;
	uint8_t pools;
};

#define I82576_PF_HW_COUNTERS 64
/* 2 s: a device may take 1 s until it answers after a reset. PCIe 4.0 6.6.1. */
#define I82576_PF_REMOVED_TICKS 8

/*
 * Private data of a PF, in memory that secondary processes share. What the primary process alone
 * uses is guarded by @lock; the counters by @stats_lock.
 */
struct i82576_pf {
	struct i82576_port port;
	uint16_t port_id;
	/* Control operations, the interrupt thread and alarms. Recursive: callbacks call us. */
	pthread_mutex_t lock;
	/* The device is configured and served. */
	bool running;
	/* The device does not answer: it is gone, or in a reset. As last seen. */
	bool removed;
	/* Ticks in which it did not answer: more than a reset takes, if it is gone. */
	uint8_t removed_ticks;
	/* It was reset by someone else, and the port has not come back yet. */
	bool recovering;
	/* PF_CONTROL and the rest of SR-IOV are on: VMDq mode, queues of the PF's pool alone. */
	bool pool_mode;
	/* The PF's pool belongs to a VF: there is no queue for the port. */
	bool no_pool;
	uint16_t num_vfs;
	uint16_t total_vfs;
	/* Of the switch that the representors are ports of. */
	uint16_t domain_id;
	/* What outlives the process; NULL without the devarg "state". Of the primary process. */
	struct i82576_pf_state *state;
	/* The device was left running, and is to be started without a reset. */
	bool warm;
	struct rte_ether_addr eeprom_mac;

	/* Link. */
	bool link_down; /* dev_set_link_down() */
	bool copper;
	bool pause_autoneg;
	struct rte_eth_fc_conf fc;
	bool led_saved;
	uint32_t ledctl;

	/* Receive filters. */
	bool promisc;
	bool allmulti;
	uint16_t max_frame;
	uint16_t outer_tpid;
	struct rte_ether_addr macs[I82576_PF_MAX_MACS];
	uint16_t nb_mc_hashes;
	uint16_t mc_hashes[I82576_PF_MAX_MC];
	uint32_t vlans[I82576_PF_VLAN_WORDS];
	/* What the registers hold. */
	struct i82576_pf_rar rar[I82576_RAR_ENTRIES];
	uint32_t mta[I82576_MTA_ENTRIES];
	uint32_t vfta[I82576_VFTA_ENTRIES];
	uint32_t vlvf[I82576_VLVF_ENTRIES];
	bool uta_set;
	bool vlvf_full_logged;

	/* RSS. */
	uint64_t rss_hf;
	uint8_t rss_key[I82576_PF_RSS_KEY_BYTES];
	uint8_t reta[I82576_PF_RETA_SIZE];
	bool reta_set;
	bool rss_set;

	/* Interrupts. */
	bool msix;
	uint32_t queue_vectors;
	bool retry_armed;
	/* The speed that was last told, 0: down. */
	uint32_t link_told;
	uint64_t ticks;

	/* SR-IOV. */
	bool policy_set;
	bool local_switch;
	struct i82576_pf_vf vfs[I82576_MAX_VFS];
	struct rte_pmd_i82576_mirror_rule mirror[RTE_PMD_I82576_MIRROR_RULES];

	/* Statistics. */
	rte_spinlock_t stats_lock;
	uint64_t counters[I82576_PF_HW_COUNTERS];
	uint32_t counters_last[I82576_PF_HW_COUNTERS];
	uint64_t rx_no_descriptor;
};

static inline struct i82576_pf *
i82576_pf(const struct rte_eth_dev *dev)
{
	return dev->data->dev_private;
}

static inline struct rte_eth_dev *
i82576_pf_dev(const struct i82576_pf *pf)
{
	return &rte_eth_devices[pf->port_id];
}

static inline struct i82576_hw *
i82576_pf_hw(struct i82576_pf *pf)
{
	return &pf->port.hw;
}

/*
 * Whether the device answers and was not reset since the port was started: DRV_LOAD goes with a
 * reset. 82576 DS 8.2.3.
 */
static inline bool
i82576_pf_is_started(struct i82576_pf *pf)
{
	uint32_t ctrl_ext = i82576_read(i82576_pf_hw(pf), I82576_CTRL_EXT);

	return ctrl_ext != UINT32_MAX && (ctrl_ext & I82576_CTRL_EXT_DRV_LOAD) != 0;
}

static inline void
i82576_pf_lock(struct i82576_pf *pf)
{
	pthread_mutex_lock(&pf->lock);
}

static inline void
i82576_pf_unlock(struct i82576_pf *pf)
{
	pthread_mutex_unlock(&pf->lock);
}

static inline bool
i82576_pf_vlan_test(const uint32_t *vlans, uint16_t vid)
{
	return (vlans[vid / 32] >> (vid % 32) & 1) != 0;
}

static inline void
i82576_pf_vlan_set(uint32_t *vlans, uint16_t vid, bool on)
{
	if (on)
		vlans[vid / 32] |= UINT32_C(1) << (vid % 32);
	else
		vlans[vid / 32] &= ~(UINT32_C(1) << (vid % 32));
}

/* i82576_pf_hw.c */
int i82576_pf_reset(struct i82576_hw *hw);
int i82576_pf_semaphore_acquire(struct i82576_hw *hw, uint32_t mask);
void i82576_pf_semaphore_release(struct i82576_hw *hw, uint32_t mask);
int i82576_pf_eeprom_read(struct i82576_hw *hw, uint16_t word, uint16_t count, uint16_t *data);
int i82576_pf_mac_addr_read(struct i82576_hw *hw, struct rte_ether_addr *addr);
int i82576_pf_fw_version_get(struct rte_eth_dev *dev, char *version, size_t size);
int i82576_pf_get_eeprom_length(struct rte_eth_dev *dev);
int i82576_pf_get_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *info);
int i82576_pf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info);
int i82576_pf_led_on(struct rte_eth_dev *dev);
int i82576_pf_led_off(struct rte_eth_dev *dev);
/* A clock that never goes back, in microseconds. */
uint64_t i82576_pf_now_us(void);

/* i82576_pf_link.c */
int i82576_pf_link_start(struct i82576_pf *pf);
void i82576_pf_link_changed(struct i82576_pf *pf);
int i82576_pf_link_update(struct rte_eth_dev *dev, int wait_to_complete);
int i82576_pf_set_link_up(struct rte_eth_dev *dev);
int i82576_pf_set_link_down(struct rte_eth_dev *dev);
int i82576_pf_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf);
int i82576_pf_flow_ctrl_set(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf);
void i82576_pf_flow_ctrl_init(struct i82576_pf *pf);
/* Mbit/s, or 0 without a link. */
uint32_t i82576_pf_link_speed(struct i82576_pf *pf);

/* i82576_pf_filter.c: the receive filters, made anew from what the PF and its VFs want. */
int i82576_pf_macs_sync(struct i82576_pf *pf);
int i82576_pf_macs_room(const struct i82576_pf *pf);
bool i82576_pf_vf_multicast_promisc(const struct i82576_pf_vf *vf);
bool i82576_pf_vf_unicast_promisc(const struct i82576_pf_vf *vf);
void i82576_pf_multicast_sync(struct i82576_pf *pf);
int i82576_pf_vlans_sync(struct i82576_pf *pf);
void i82576_pf_rx_mode_sync(struct i82576_pf *pf);
void i82576_pf_filters_init(struct i82576_pf *pf);
int i82576_pf_mac_addr_add(struct rte_eth_dev *dev, struct rte_ether_addr *addr, uint32_t index,
		uint32_t pool);
void i82576_pf_mac_addr_remove(struct rte_eth_dev *dev, uint32_t index);
int i82576_pf_mac_addr_set(struct rte_eth_dev *dev, struct rte_ether_addr *addr);
int i82576_pf_set_mc_addr_list(struct rte_eth_dev *dev, struct rte_ether_addr *list, uint32_t nb);
int i82576_pf_promiscuous_enable(struct rte_eth_dev *dev);
int i82576_pf_promiscuous_disable(struct rte_eth_dev *dev);
int i82576_pf_allmulticast_enable(struct rte_eth_dev *dev);
int i82576_pf_allmulticast_disable(struct rte_eth_dev *dev);
int i82576_pf_mtu_set(struct rte_eth_dev *dev, uint16_t mtu);
int i82576_pf_vlan_filter_set(struct rte_eth_dev *dev, uint16_t vid, int on);
int i82576_pf_vlan_offload_set(struct rte_eth_dev *dev, int mask);
int i82576_pf_vlan_tpid_set(struct rte_eth_dev *dev, enum rte_vlan_type type, uint16_t tpid);
static inline uint16_t
i82576_pf_mc_hash(const struct rte_ether_addr *addr)
{
	/* 82576 DS 8.11.10: bits 47:36 of the address, for RCTL.MO 0. */
	return (addr->addr_bytes[4] >> 4 | (uint16_t)addr->addr_bytes[5] << 4) & 0xfff;
}

/* i82576_pf_rss.c */
void i82576_pf_rss_start(struct i82576_pf *pf);
int i82576_pf_rss_hash_update(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int i82576_pf_rss_hash_conf_get(struct rte_eth_dev *dev, struct rte_eth_rss_conf *conf);
int i82576_pf_reta_update(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
		uint16_t size);
int i82576_pf_reta_query(struct rte_eth_dev *dev, struct rte_eth_rss_reta_entry64 *reta,
		uint16_t size);

/* i82576_pf_stats.c */
void i82576_pf_stats_clear_hw(struct i82576_pf *pf);
void i82576_pf_stats_collect(struct i82576_pf *pf);
void i82576_pf_vf_stats_collect(struct i82576_pf *pf, uint16_t vf);
/* Registers of a VF that may have been set to zero: the next values count from there. */
void i82576_pf_vf_stats_rebase(struct i82576_pf *pf);
/* Starts the port's counters, not its VFs', at zero. */
void i82576_pf_stats_forget(struct i82576_pf *pf);
int i82576_pf_stats_get(I82576_STATS_GET_ARGS);
int i82576_pf_stats_reset(struct rte_eth_dev *dev);
int i82576_pf_xstats_get(struct rte_eth_dev *dev, struct rte_eth_xstat *xstats, unsigned int n);
int i82576_pf_xstats_get_names(struct rte_eth_dev *dev, struct rte_eth_xstat_name *names,
		unsigned int n);

/* i82576_pf_intr.c */
int i82576_pf_intr_start(struct i82576_pf *pf);
void i82576_pf_intr_stop(struct i82576_pf *pf);
void i82576_pf_intr_enable(struct i82576_pf *pf);
/* Masks what is the port's; VFs' vectors are left as they are. */
void i82576_pf_intr_mask(struct i82576_pf *pf);
void i82576_pf_intr_handler(void *dev);
/* With the lock. */
void i82576_pf_intr_service(struct i82576_pf *pf);
void i82576_pf_tick(void *dev);
/* Has the mailboxes served again in a while. */
void i82576_pf_retry_arm(struct i82576_pf *pf);
void i82576_pf_alarms_cancel(struct i82576_pf *pf);
int i82576_pf_rx_queue_intr_enable(struct rte_eth_dev *dev, uint16_t queue);
int i82576_pf_rx_queue_intr_disable(struct rte_eth_dev *dev, uint16_t queue);

/* i82576_pf_sriov.c */
uint16_t i82576_pf_num_vfs_read(struct i82576_pf *pf);
void i82576_pf_mode_choose(struct i82576_pf *pf);
void i82576_pf_sriov_start(struct i82576_pf *pf);
void i82576_pf_sriov_stop(struct i82576_pf *pf);
/* The same as i82576_pf_sriov_start() for a device whose VFs go on. */
void i82576_pf_sriov_resume(struct i82576_pf *pf);
/* Looks whether VFs have come or gone. */
void i82576_pf_sriov_watch(struct i82576_pf *pf);
/* Writes the registers of a pool from policy and the VF's wishes. */
void i82576_pf_pool_sync(struct i82576_pf *pf, uint16_t pool);
void i82576_pf_switch_sync(struct i82576_pf *pf);
void i82576_pf_mirror_sync(struct i82576_pf *pf);
void i82576_pf_rate_sync(struct i82576_pf *pf, uint16_t vf);
/* Whether @vf's queues may run. */
void i82576_pf_vf_enable(struct i82576_pf *pf, uint16_t vf, bool on);
void i82576_pf_vf_live_reset(struct i82576_pf *pf, uint16_t vf, bool keep_mac);
void i82576_pf_policy_init(struct i82576_pf *pf);
void i82576_pf_spoof_check(struct i82576_pf *pf);

/* The VLANs of @vf: the word @w of the union of its own and those set for it. */
static inline uint32_t
i82576_pf_vf_vlan_word(const struct i82576_pf_vf *vf, unsigned int w)
{
	uint16_t port_vlan = vf->policy.port_vlan;

	if (port_vlan != 0)
		return port_vlan / 32 == w ? UINT32_C(1) << (port_vlan % 32) : 0;
	return vf->policy.vlans[w] | vf->live.vlans[w];
}

/* i82576_pf_mbx.c */
void i82576_pf_mbx_service(struct i82576_pf *pf);
/* All VFs may send again at once. */
void i82576_pf_mbx_refill(struct i82576_pf *pf);
/* Tells @vf of its link, or without CTS of a reset. Returns 0, or -EAGAIN: it is done later. */
int i82576_pf_mbx_ping(struct i82576_pf *pf, uint16_t vf);
void i82576_pf_mbx_start(struct i82576_pf *pf, uint16_t vf);
/* Ends what another process has begun. */
void i82576_pf_mbx_resume(struct i82576_pf *pf);

/* i82576_pf_mbx_request.c */
#define I82576_PF_MBX_REQUEST_BITS (I82576_MBX_INFO_MASK | I82576_MBX_TYPE_MASK)
enum rte_pmd_i82576_mb_event_rsp i82576_pf_mbx_application_ask(struct i82576_pf *pf, uint16_t vf,
		const uint32_t *msg);
bool i82576_pf_mac_is_taken(const struct i82576_pf *pf, uint16_t vf,
		const struct rte_ether_addr *addr);
/* Returns 0; -EBADMSG: unknown or malformed; other -errno: refused. */
int i82576_pf_mbx_request_do(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg);

/* i82576_pf_ethdev.c */
extern const struct eth_dev_ops i82576_pf_ops;
int i82576_pf_dev_stop(struct rte_eth_dev *dev);
int i82576_pf_dev_close(struct rte_eth_dev *dev);
/* Restarts the rings on the queues that the mode now gives the port. */
void i82576_pf_rings_restart(struct i82576_pf *pf);
/* After a reset by someone else. On return @recovering says whether it has to be called again. */
void i82576_pf_recover(struct i82576_pf *pf);

/* i82576_pf_state.c: writes what a successor needs, if it is to be kept. */
void i82576_pf_state_save(struct i82576_pf *pf);

/* i82576_pf_warm.c */
/* Stops the port's part of a device that was left running. Returns false: it has to be reset. */
bool i82576_pf_warm_probe(struct i82576_pf *pf);
/* Writes what a start writes, but nothing that VFs would notice. */
void i82576_pf_warm_configure(struct i82576_pf *pf);
/* With interrupts: does what VFs have asked for in the meantime. */
void i82576_pf_warm_resume(struct i82576_pf *pf);

/* i82576_pf_probe.c */
/* How a device is found; NULL for dev_reset(). */
struct i82576_pf_args {
	/* Path of the state file, or NULL. */
	const char *state;
	/* Its last owner has left it running. */
	bool warm;
};
int i82576_pf_init(struct rte_eth_dev *dev, const struct i82576_pf_args *args);
int i82576_pf_uninit(struct rte_eth_dev *dev);
void i82576_pf_test_device_free(struct rte_eth_dev *dev);

/* i82576_pf_representor.c */
int i82576_pf_representor_init(struct rte_eth_dev *dev, void *init_params);
int i82576_pf_representor_info_get(struct rte_eth_dev *dev, struct rte_eth_representor_info *info);
void i82576_pf_representors_link_changed(struct i82576_pf *pf);

/* Private data of a representor; to make one, the first three. */
struct i82576_pf_representor {
	uint16_t pf_port_id;
	uint16_t vf;
	uint16_t domain_id;
	struct rte_ether_addr addr;
	/* Which it began with. */
	struct rte_ether_addr default_addr;
};

#endif /* I82576_PF_H */
