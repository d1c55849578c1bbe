/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef RTE_VFIO_TOKEN_SOCK_H
#define RTE_VFIO_TOKEN_SOCK_H

/**
 * @file
 * The token socket: how a process that opens a VF asks a broker for its VF token.
 *
 * The socket is AF_UNIX, SOCK_SEQPACKET. The client connects, sends one struct
 * rte_vfio_token_request, receives one struct rte_vfio_token_reply and closes. Each struct is one
 * packet of exactly its size; a packet of another size is an error, and descriptors that are sent
 * along are not taken. All integers are little endian. Reserved fields are zero and are checked to
 * be zero.
 *
 * The broker knows the client by SO_PEERCRED and decides by its grants. The client trusts a broker
 * that runs as uid 0 or as the client's own effective uid, again by SO_PEERCRED.
 *
 * The broker answers for VFs only, never for a PF: whoever can open the PF can set the token.
 *
 * This header needs no library and compiles as C and C++, so a broker need not be a DPDK program.
 */

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** First field of both packets: the bytes "VFTK". */
#define RTE_VFIO_TOKEN_SOCK_MAGIC UINT32_C(0x4b544656)

/** Version of the packets. A broker answers an unknown one with RTE_VFIO_TOKEN_BAD_VERSION. */
#define RTE_VFIO_TOKEN_SOCK_VERSION 1

/** How long the client waits for the connection and the reply, in milliseconds. */
#define RTE_VFIO_TOKEN_SOCK_TIMEOUT_MS 2000

/** Request: the token of a VF. 16 bytes. */
struct rte_vfio_token_request {
	uint32_t magic;    /**< RTE_VFIO_TOKEN_SOCK_MAGIC */
	uint16_t version;  /**< RTE_VFIO_TOKEN_SOCK_VERSION */
	uint16_t reserved; /**< 0 */
	uint32_t domain;   /**< PCI domain (segment) of the VF */
	uint8_t bus;       /**< PCI bus of the VF */
	uint8_t devfn;     /**< device << 3 | function of the VF */
	uint16_t reserved2; /**< 0 */
};

/** Reply. 28 bytes. */
struct rte_vfio_token_reply {
	uint32_t magic;    /**< RTE_VFIO_TOKEN_SOCK_MAGIC */
	uint16_t version;  /**< RTE_VFIO_TOKEN_SOCK_VERSION; the broker's own with BAD_VERSION */
	uint16_t status;   /**< enum rte_vfio_token_status */
	uint32_t reserved; /**< 0 */
	uint8_t token[16]; /**< the UUID in text order; all zero unless the status is OK */
};

/** Status of a reply. */
enum rte_vfio_token_status {
	RTE_VFIO_TOKEN_OK = 0,          /**< the token follows */
	RTE_VFIO_TOKEN_BAD_REQUEST = 1, /**< malformed request */
	RTE_VFIO_TOKEN_BAD_VERSION = 2, /**< the broker does not speak this version */
	RTE_VFIO_TOKEN_DENIED = 3,      /**< the VF is not granted to this client */
	RTE_VFIO_TOKEN_NO_DEVICE = 4,   /**< not a VF that this broker serves */
	RTE_VFIO_TOKEN_BUSY = 5,        /**< the VF is being reset or handed over; ask again */
};

#ifdef __cplusplus
}
#endif

#endif /* RTE_VFIO_TOKEN_SOCK_H */
