/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The advanced descriptors: 82576 DS 7.1.5 (receive) and 7.2.2 (transmit). */

#ifndef I82576_DESC_H
#define I82576_DESC_H

#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_common.h>

/* A descriptor to be received into, and what the device makes of it (write-back format). */
union i82576_rx_desc {
	struct {
		rte_le64_t pkt_addr;
		rte_le64_t hdr_addr;
	} read;
	struct {
		rte_le32_t info;
		rte_le32_t rss;
		rte_le32_t status;
		rte_le16_t length;
		rte_le16_t vlan;
	} wb;
	rte_le64_t half[2];
};

/* wb.info */
#define I82576_RXD_RSS_TYPE_MASK	0x0000000fu
#define I82576_RXD_PKT_TYPE_SHIFT	4
#define I82576_RXD_PKT_TYPE_MASK	0x7fu
/* The packet type is the number of an EtherType filter. */
#define I82576_RXD_PKT_TYPE_ETQF	0x00008000u
/* Bits of the packet type. An IPv6 packet in an IPv4 one has the bits of both. */
#define I82576_RXD_PKT_IPV4		0x01
#define I82576_RXD_PKT_IPV4_EXT		0x02
#define I82576_RXD_PKT_IPV6		0x04
#define I82576_RXD_PKT_IPV6_EXT		0x08
#define I82576_RXD_PKT_TCP		0x10
#define I82576_RXD_PKT_UDP		0x20
#define I82576_RXD_PKT_SCTP		0x40

/* wb.status: of a packet's last descriptor, but DD */
#define I82576_RXD_DD			0x00000001u
#define I82576_RXD_EOP			0x00000002u
#define I82576_RXD_VP			0x00000008u
#define I82576_RXD_L4I			0x00000020u
#define I82576_RXD_IPCS			0x00000040u
#define I82576_RXD_L4E			0x20000000u
#define I82576_RXD_IPE			0x40000000u
#define I82576_RXD_RXE			0x80000000u

/* A descriptor to be sent; what the device makes of it has DD where olinfo_status is. */
union i82576_tx_desc {
	struct {
		rte_le64_t addr;
		rte_le32_t cmd_type_len;
		rte_le32_t olinfo_status;
	} read;
	struct {
		rte_le64_t reserved;
		rte_le32_t nxtseq_seed;
		rte_le32_t status;
	} wb;
	struct {
		rte_le32_t vlan_macip_lens;
		rte_le32_t seqnum_seed;
		rte_le32_t type_tucmd_mlhl;
		rte_le32_t mss_l4len_idx;
	} ctx;
	rte_le64_t half[2];
};

#define I82576_TXD_DD			0x00000001u

/* read.cmd_type_len */
#define I82576_TXD_DTYP_CTXT		0x00200000u
#define I82576_TXD_DTYP_DATA		0x00300000u
#define I82576_TXD_EOP			0x01000000u
#define I82576_TXD_IFCS			0x02000000u
#define I82576_TXD_RS			0x08000000u
#define I82576_TXD_DEXT			0x20000000u
#define I82576_TXD_VLE			0x40000000u
#define I82576_TXD_TSE			0x80000000u
/* A packet's first data descriptor, and the only one of a packet of one buffer. */
#define I82576_TXD_DATA \
	(I82576_TXD_DTYP_DATA | I82576_TXD_DEXT | I82576_TXD_IFCS)
#define I82576_TXD_SINGLE		(I82576_TXD_DATA | I82576_TXD_EOP)

/* read.olinfo_status */
#define I82576_TXD_IDX_SHIFT		4
#define I82576_TXD_IXSM			0x00000100u
#define I82576_TXD_TXSM			0x00000200u
#define I82576_TXD_PAYLEN_SHIFT		14

/* ctx */
#define I82576_TXC_MACLEN_SHIFT		9
#define I82576_TXC_VLAN_SHIFT		16
#define I82576_TXC_IPV4			0x00000400u
#define I82576_TXC_L4T_UDP		0x00000000u
#define I82576_TXC_L4T_TCP		0x00000800u
#define I82576_TXC_L4T_SCTP		0x00001000u
#define I82576_TXC_L4LEN_SHIFT		8
#define I82576_TXC_MSS_SHIFT		16
/* Contexts that a queue of the device keeps. */
#define I82576_TX_CONTEXTS		2

/* Both directions need rings aligned to, and as long as, 128 bytes (82576 DS 8.10, 8.12). */
#define I82576_DESC_RING_ALIGN_BYTES	128

#endif /* I82576_DESC_H */
