/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/**
 * @file
 * Control of the VFs of an Intel 82576 by the process that owns its PF with net_i82576_pf.
 *
 * What is set here is desired state: it may be set before a VF exists and before the port is
 * started, holds for the VF index until it is set otherwise, and is applied again after every
 * reset of the PF or of the VF.
 *
 * Unless said otherwise, functions return 0 or
 * - -ENODEV: no such port, or it has no 82576 PF driven by net_i82576_pf;
 * - -EINVAL: no such VF (0 to 7) or a value out of range;
 * - -ENOTSUP: called in a secondary process;
 * - -EIO: the device was removed, or is being reset.
 *
 * They may be called from any thread of the primary process, and from the callback of
 * RTE_ETH_EVENT_VF_MBOX.
 */

#ifndef RTE_PMD_I82576_H
#define RTE_PMD_I82576_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_compat.h>
#include <rte_ether.h>

#ifdef __cplusplus
extern "C" {
#endif

/** VFs that policy can be set for; Linux makes 7 at most. */
#define RTE_PMD_I82576_MAX_VFS 8
/** Mirror rules of the device. */
#define RTE_PMD_I82576_MIRROR_RULES 4
/** Unicast addresses of a VF beside its primary one. */
#define RTE_PMD_I82576_VF_MAX_FILTERS 15
/** Words of a mailbox message. */
#define RTE_PMD_I82576_MBX_WORDS 16

/** What a VF is told of the link. */
enum rte_pmd_i82576_vf_link {
	RTE_PMD_I82576_VF_LINK_AUTO, /**< that of the port */
	RTE_PMD_I82576_VF_LINK_UP,   /**< up; known to net_i82576_vf only */
	RTE_PMD_I82576_VF_LINK_DOWN, /**< down, and the VF neither receives nor sends */
};

/** When tags are stripped from the frames a VF receives. */
enum rte_pmd_i82576_vf_strip {
	/** While the VF has a VLAN: what Linux's PF driver does. */
	RTE_PMD_I82576_VF_STRIP_AUTO,
	RTE_PMD_I82576_VF_STRIP_ON,
	RTE_PMD_I82576_VF_STRIP_OFF,
};

/** Answer of an application to RTE_ETH_EVENT_VF_MBOX. */
enum rte_pmd_i82576_mb_event_rsp {
	RTE_PMD_I82576_MB_EVENT_NOOP_ACK,  /**< do nothing, tell the VF that it was done */
	RTE_PMD_I82576_MB_EVENT_NOOP_NACK, /**< do nothing, tell the VF so */
	RTE_PMD_I82576_MB_EVENT_PROCEED,   /**< do what the VF asks for, if policy allows */
};

/**
 * Data of RTE_ETH_EVENT_VF_MBOX: a VF asks for something that is well-formed. The callback runs in
 * the interrupt thread and sets @c retval, which is PROCEED before.
 */
struct rte_pmd_i82576_mb_event_param {
	uint16_t vfid;
	/** Of the message: 1 reset, 2 MAC, 3 multicast, 4 VLAN, 5 frame size, 6 promiscuous. */
	uint16_t msg_type;
	/** enum rte_pmd_i82576_mb_event_rsp. */
	uint16_t retval;
	/** The message: RTE_PMD_I82576_MBX_WORDS words, the device's endianness undone. */
	const uint32_t *msg;
};

/** What a VF has passed, and what it has asked for. */
struct rte_pmd_i82576_vf_stats {
	uint64_t rx_packets;
	uint64_t rx_bytes; /**< with frame check sequences */
	uint64_t rx_multicast_packets;
	uint64_t tx_packets;
	uint64_t tx_bytes; /**< with frame check sequences */
	/** Of these, what did not leave the device. */
	uint64_t rx_loopback_packets;
	uint64_t rx_loopback_bytes;
	uint64_t tx_loopback_packets;
	uint64_t tx_loopback_bytes;
	/** Times that the device saw it send from another's address or VLAN. */
	uint64_t spoofed;
	uint64_t mbx_requests;  /**< messages taken from its mailbox */
	uint64_t mbx_refused;   /**< well-formed, and refused by policy or for lack of room */
	uint64_t mbx_malformed; /**< unknown or invalid */
	uint64_t mbx_early;     /**< sent before a RESET */
	uint64_t mbx_throttled; /**< times that it had to wait for having sent too many */
	uint64_t mbx_busy;      /**< times that it held its mailbox when it was needed */
	uint64_t resets;        /**< RESET messages and function-level resets */
};

/** State of a VF: policy, and what the VF has set within it. */
struct rte_pmd_i82576_vf_info {
	uint16_t vf;
	/** The VF exists. */
	bool present;
	/** Its driver has completed a RESET. */
	bool active;
	/* Policy. */
	struct rte_ether_addr admin_mac; /**< zero: the VF may choose */
	bool trusted;
	bool mac_anti_spoof;
	bool vlan_anti_spoof;
	bool broadcast;
	bool multicast_promisc;
	bool unicast_promisc;
	bool untagged;
	uint16_t port_vlan; /**< 0: none */
	uint8_t port_vlan_pcp;
	uint16_t vlan_insert; /**< 0: none */
	enum rte_pmd_i82576_vf_strip strip;
	enum rte_pmd_i82576_vf_link link;
	uint32_t rate_mbps; /**< 0: no limit */
	uint16_t max_frame_limit;
	/* What the VF uses. */
	struct rte_ether_addr mac; /**< zero: none */
	uint16_t nb_filters;
	struct rte_ether_addr filters[RTE_PMD_I82576_VF_MAX_FILTERS];
	uint16_t nb_multicast_hashes;
	bool vf_multicast_promisc;
	bool vf_unicast_promisc;
	uint16_t max_frame;
	/** A bit for each VLAN in use: the VF's own, and those that were set for it. */
	uint32_t vlans[128];
};

/** Which frames a mirror rule copies; they may be combined. */
#define RTE_PMD_I82576_MIRROR_POOLS	0x1 /**< those that the pools of pool_mask receive */
#define RTE_PMD_I82576_MIRROR_UPLINK	0x2 /**< all received from the wire */
#define RTE_PMD_I82576_MIRROR_DOWNLINK	0x4 /**< all sent to the wire */
#define RTE_PMD_I82576_MIRROR_VLANS	0x8 /**< those of the VLANs */

/** The PF in a pool_mask, and as the target of a rule. */
#define RTE_PMD_I82576_MIRROR_PF	0xff

struct rte_pmd_i82576_mirror_rule {
	/** RTE_PMD_I82576_MIRROR_*; 0: no rule. */
	uint8_t types;
	/** VF that gets the copies, or RTE_PMD_I82576_MIRROR_PF. */
	uint8_t target;
	/** A bit for each VF. */
	uint8_t vf_mask;
	/** The PF's pool is one of the sources. */
	bool pf;
	/** VLANs, each one in use by a VF: others have no entry in the device's table. */
	uint16_t nb_vlans;
	uint16_t vlans[32];
};

/**
 * @warning
 * @b EXPERIMENTAL: these functions may change without prior notice.
 *
 * How many VFs there are. Returns 0 to 8 or -errno.
 */
__rte_experimental
int rte_pmd_i82576_get_vf_count(uint16_t port);

/** State and policy of @p vf into @p info, which is the caller's. */
__rte_experimental
int rte_pmd_i82576_get_vf_info(uint16_t port, uint16_t vf, struct rte_pmd_i82576_vf_info *info);

/** Counters of @p vf since they were last reset, into @p stats, which is the caller's. */
__rte_experimental
int rte_pmd_i82576_get_vf_stats(uint16_t port, uint16_t vf, struct rte_pmd_i82576_vf_stats *stats);

__rte_experimental
int rte_pmd_i82576_reset_vf_stats(uint16_t port, uint16_t vf);

/** Sends the VF the state of its link. Returns -EAGAIN if there is no VF driver to hear it. */
__rte_experimental
int rte_pmd_i82576_ping_vf(uint16_t port, uint16_t vf);

/**
 * Sets the address of @p vf; all zeros leaves the choice to the VF again. A VF that has another
 * one is reset, so that its driver takes the new one.
 */
__rte_experimental
int rte_pmd_i82576_set_vf_mac_addr(uint16_t port, uint16_t vf, const struct rte_ether_addr *mac);

/** Whether @p vf may override its address, add others and ask for promiscuous modes. */
__rte_experimental
int rte_pmd_i82576_set_vf_trust(uint16_t port, uint16_t vf, bool on);

/** Whether frames from addresses that are not the VF's are dropped; on by default. */
__rte_experimental
int rte_pmd_i82576_set_vf_mac_anti_spoof(uint16_t port, uint16_t vf, bool on);

/** Whether frames of VLANs that are not the VF's are dropped; on by default. */
__rte_experimental
int rte_pmd_i82576_set_vf_vlan_anti_spoof(uint16_t port, uint16_t vf, bool on);

/** Puts the VFs of @p vf_mask into @p vlan (1 to 4095), or out of it. -ENOSPC: no room for it. */
__rte_experimental
int rte_pmd_i82576_set_vf_vlan_filter(uint16_t port, uint16_t vlan, uint64_t vf_mask, bool on);

/**
 * Puts @p vf into one VLAN that it neither sees nor can leave: its frames are tagged, and only
 * frames of that VLAN reach it, without their tag. Its own VLANs are dropped. @p vlan 0 ends it.
 * -ENOSPC: no room for the VLAN.
 */
__rte_experimental
int rte_pmd_i82576_set_vf_port_vlan(uint16_t port, uint16_t vf, uint16_t vlan, uint8_t pcp);

/**
 * Tags each frame of @p vf with @p vlan (1 to 4095), or 0: none. With VLAN anti-spoofing, the VF
 * has to be in that VLAN too. -EBUSY: it has a port VLAN.
 */
__rte_experimental
int rte_pmd_i82576_set_vf_vlan_insert(uint16_t port, uint16_t vf, uint16_t vlan);

__rte_experimental
int rte_pmd_i82576_set_vf_vlan_strip(uint16_t port, uint16_t vf,
		enum rte_pmd_i82576_vf_strip strip);

/** Whether @p vf receives broadcast frames; on by default. */
__rte_experimental
int rte_pmd_i82576_set_vf_broadcast(uint16_t port, uint16_t vf, bool on);

/** Whether @p vf receives all multicast frames, whatever it asks for itself. */
__rte_experimental
int rte_pmd_i82576_set_vf_multicast_promisc(uint16_t port, uint16_t vf, bool on);

/** Whether @p vf receives unicast frames that have no other receiver in the device. */
__rte_experimental
int rte_pmd_i82576_set_vf_unicast_promisc(uint16_t port, uint16_t vf, bool on);

/** Whether @p vf receives untagged frames; on by default, and never with a port VLAN. */
__rte_experimental
int rte_pmd_i82576_set_vf_untagged(uint16_t port, uint16_t vf, bool on);

__rte_experimental
int rte_pmd_i82576_set_vf_link(uint16_t port, uint16_t vf, enum rte_pmd_i82576_vf_link link);

/** Limits what @p vf sends to @p mbps, 10 to 1000, or 0: no limit. */
__rte_experimental
int rte_pmd_i82576_set_vf_rate_limit(uint16_t port, uint16_t vf, uint32_t mbps);

/** The largest frame with its CRC, 1518 to 9728, that @p vf may ask to receive. */
__rte_experimental
int rte_pmd_i82576_set_vf_max_frame(uint16_t port, uint16_t vf, uint16_t bytes);

/** Whether frames between VFs, and between VFs and the PF, stay in the device; on by default. */
__rte_experimental
int rte_pmd_i82576_set_local_switch(uint16_t port, bool on);

/**
 * Sets mirror rule @p rule (0 to 3), or removes it with no types. -ENOENT: a VLAN that is not in
 * use by a VF.
 */
__rte_experimental
int rte_pmd_i82576_set_mirror_rule(uint16_t port, uint8_t rule,
		const struct rte_pmd_i82576_mirror_rule *conf);

#ifdef __cplusplus
}
#endif

#endif /* RTE_PMD_I82576_H */
