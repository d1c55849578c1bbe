/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_SRIOV_POLICY_H
#define RTE_SRIOV_POLICY_H

/**
 * @file
 * What the owner of a PF allows and prescribes to a VF.
 *
 * The names are those of "ip link set vf" where that has one. Which members a device knows depends
 * on it and on its PMD: see struct rte_sriov_pf_info.
 */

#include <stdbool.h>
#include <stdint.h>

#include <rte_compat.h>
#include <rte_ether.h>

#include <rte_sriov.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Members of struct rte_sriov_policy, as bits. */
#define RTE_SRIOV_POLICY_MAC               (UINT32_C(1) << 0)
#define RTE_SRIOV_POLICY_VLAN              (UINT32_C(1) << 1) /**< vlan and qos */
#define RTE_SRIOV_POLICY_VLANS             (UINT32_C(1) << 2) /**< vlans and nb_vlans */
#define RTE_SRIOV_POLICY_SPOOFCHK          (UINT32_C(1) << 3)
#define RTE_SRIOV_POLICY_VLAN_SPOOFCHK     (UINT32_C(1) << 4)
#define RTE_SRIOV_POLICY_TRUST             (UINT32_C(1) << 5)
#define RTE_SRIOV_POLICY_MAX_TX_RATE       (UINT32_C(1) << 6)
#define RTE_SRIOV_POLICY_STATE             (UINT32_C(1) << 7)
#define RTE_SRIOV_POLICY_BROADCAST         (UINT32_C(1) << 8)
#define RTE_SRIOV_POLICY_MULTICAST_PROMISC (UINT32_C(1) << 9)
#define RTE_SRIOV_POLICY_PROMISC           (UINT32_C(1) << 10)
#define RTE_SRIOV_POLICY_UNTAGGED          (UINT32_C(1) << 11)
#define RTE_SRIOV_POLICY_MAX_FRAME         (UINT32_C(1) << 12)
#define RTE_SRIOV_POLICY_STRIP             (UINT32_C(1) << 13)
/** How many there are. */
#define RTE_SRIOV_POLICY_NB 14

/** The most VLANs of a VF's list. */
#define RTE_SRIOV_POLICY_VLANS_MAX 64

/** What a VF is told of the link. */
enum rte_sriov_link {
	RTE_SRIOV_LINK_AUTO,    /**< that of the port */
	RTE_SRIOV_LINK_ENABLE,  /**< up, whatever that of the port is */
	RTE_SRIOV_LINK_DISABLE, /**< down, and the VF neither receives nor sends */
};

/** When tags are stripped from the frames that a VF receives. */
enum rte_sriov_strip {
	RTE_SRIOV_STRIP_AUTO, /**< as the PMD chooses */
	RTE_SRIOV_STRIP_ON,
	RTE_SRIOV_STRIP_OFF,
};

/** Policy of a VF. A member counts only if its bit is in @c set. */
struct rte_sriov_policy {
	uint32_t set; /**< RTE_SRIOV_POLICY_* */
	/** The VF's address; zero: it may choose. */
	struct rte_ether_addr mac;
	/** The VLAN that it is in without seeing a tag, 1 to 4094; 0: none. */
	uint16_t vlan;
	/** Priority of its frames in that VLAN, 0 to 7. */
	uint8_t qos;
	/** VLANs that it may use with tags, each 1 to 4094, none twice. */
	uint16_t nb_vlans;
	uint16_t vlans[RTE_SRIOV_POLICY_VLANS_MAX];
	/** Frames from addresses that are not its own are dropped. */
	bool spoofchk;
	/** Frames of VLANs that are not its own are dropped. */
	bool vlan_spoofchk;
	/** It may override its address and ask for promiscuous modes. */
	bool trust;
	/** The most that it may send in Mbit/s; 0: no limit. */
	uint32_t max_tx_rate;
	enum rte_sriov_link state;
	/** It receives broadcast frames. */
	bool broadcast;
	/** It receives all multicast frames. */
	bool multicast_promisc;
	/** It receives unicast frames that have no other receiver. */
	bool promisc;
	/** It receives untagged frames. */
	bool untagged;
	/** The largest frame in bytes with its CRC that it may ask to receive; 0: the device's. */
	uint16_t max_frame;
	enum rte_sriov_strip strip;
};

/** A counter of a PF or VF. */
struct rte_sriov_counter {
	char name[32]; /**< for example "rx_packets" */
	uint64_t value;
};

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell the name of a member of the policy, as the configuration file and the control socket have
 * it, for example "max_tx_rate".
 *
 * @param member
 *   One RTE_SRIOV_POLICY_* bit.
 * @return
 *   Its name, which is constant; NULL if it is not one bit or unknown.
 */
__rte_experimental
const char *rte_sriov_policy_name(uint32_t member);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Check the values of a policy, whatever the device.
 *
 * @param policy
 *   The policy.
 * @param[out] error
 *   Names the first member that cannot be. NULL is allowed.
 * @return
 *   - 0: it can be.
 *   - -EINVAL: an unknown bit, a VLAN out of range or twice, a multicast address, a priority above
 *     7 or without a VLAN, or an unknown link state or strip mode.
 */
__rte_experimental
int rte_sriov_policy_check(const struct rte_sriov_policy *policy, struct rte_sriov_error *error);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Let the members that @p from sets replace those of @p into.
 */
__rte_experimental
void rte_sriov_policy_merge(struct rte_sriov_policy *into, const struct rte_sriov_policy *from);

/**
 * @warning
 * @b EXPERIMENTAL: this API may change, or be removed, without prior notice.
 *
 * Tell which members two policies differ in: set in only one of them, or set to other values.
 *
 * @return
 *   RTE_SRIOV_POLICY_* bits.
 */
__rte_experimental
uint32_t rte_sriov_policy_diff(const struct rte_sriov_policy *a, const struct rte_sriov_policy *b);

#ifdef __cplusplus
}
#endif

#endif /* RTE_SRIOV_POLICY_H */
