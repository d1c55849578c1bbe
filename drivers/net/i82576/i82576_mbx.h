/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The mailbox protocol of the 82576 between a PF and its VFs, as Linux igb and igbvf and DPDK's
 * e1000 drivers speak it: up to 16 words of 32 bits, of which the first says what it is.
 */

#ifndef I82576_MBX_H
#define I82576_MBX_H

#include <stdint.h>

#define I82576_MBX_WORDS		16

/* Word 0. A reply repeats the request's first word, with flags. */
#define I82576_MBX_ACK			0x80000000u
#define I82576_MBX_NACK			0x40000000u
/* The PF is there and has reset the VF: "clear to send". */
#define I82576_MBX_CTS			0x20000000u
#define I82576_MBX_INFO_SHIFT		16
#define I82576_MBX_INFO_MASK		0x00ff0000u
#define I82576_MBX_TYPE_MASK		0x0000ffffu

/* Requests of a VF. */
/* 1 word; the reply has 3: the VF's MAC address, or NACK and zeros. It has no CTS. */
#define I82576_MBX_RESET		0x0001
/* Words 1 and 2: the address. Info says what for. */
#define I82576_MBX_SET_MAC		0x0002
#define I82576_MBX_MAC_PRIMARY		0
#define I82576_MBX_MAC_FILTER_CLEAR	1
#define I82576_MBX_MAC_FILTER_ADD	2
/* Info: how many 16-bit hashes follow, or the overflow flag. */
#define I82576_MBX_SET_MULTICAST	0x0003
#define I82576_MBX_MULTICAST_MAX	30
#define I82576_MBX_MULTICAST_OVERFLOW	0x80
/* Word 1: VLAN ID. Info 1: add, 0: remove. */
#define I82576_MBX_SET_VLAN		0x0004
#define I82576_MBX_VLAN_ADD		1
/* Word 1: largest frame in bytes. */
#define I82576_MBX_SET_LPE		0x0005
/* Info: which kinds. */
#define I82576_MBX_SET_PROMISC		0x0006
#define I82576_MBX_PROMISC_UNICAST	0x01
#define I82576_MBX_PROMISC_MULTICAST	0x02

/* What a PF sends by itself: with CTS a change of the link, without it was reset. */
#define I82576_MBX_PF_CONTROL		0x0100
/* Info of one with CTS: the link that the PF's owner has decided on; none: the link is the PF's. */
#define I82576_MBX_LINK_POLICY_DOWN	0x01
#define I82576_MBX_LINK_POLICY_UP	0x02

static inline uint32_t
i82576_mbx_word0(uint16_t type, uint8_t info)
{
	return (uint32_t)info << I82576_MBX_INFO_SHIFT | type;
}

static inline uint16_t
i82576_mbx_type(uint32_t word0)
{
	return word0 & I82576_MBX_TYPE_MASK;
}

static inline uint8_t
i82576_mbx_info(uint32_t word0)
{
	return (word0 & I82576_MBX_INFO_MASK) >> I82576_MBX_INFO_SHIFT;
}

#endif /* I82576_MBX_H */
