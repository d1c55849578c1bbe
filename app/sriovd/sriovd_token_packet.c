/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The packets of the token socket. */

#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "sriovd_token.h"

uint16_t
sriovd_token_request_parse(const void *packet, size_t size, struct rte_vfio_token_request *request)
{
	struct rte_vfio_token_request raw;

	if (size != sizeof(raw))
		return RTE_VFIO_TOKEN_BAD_REQUEST;
	memcpy(&raw, packet, sizeof(raw));
	if (raw.magic != rte_cpu_to_le_32(RTE_VFIO_TOKEN_SOCK_MAGIC))
		return RTE_VFIO_TOKEN_BAD_REQUEST;
	/* Before the reserved fields: another version may have a use for them. */
	if (raw.version != rte_cpu_to_le_16(RTE_VFIO_TOKEN_SOCK_VERSION))
		return RTE_VFIO_TOKEN_BAD_VERSION;
	if (raw.reserved != 0 || raw.reserved2 != 0)
		return RTE_VFIO_TOKEN_BAD_REQUEST;
	*request = raw;
	request->magic = RTE_VFIO_TOKEN_SOCK_MAGIC;
	request->version = RTE_VFIO_TOKEN_SOCK_VERSION;
	request->domain = rte_le_to_cpu_32(raw.domain);

	return RTE_VFIO_TOKEN_OK;
}

void
sriovd_token_reply_make(uint16_t status, const unsigned char *token,
		struct rte_vfio_token_reply *reply)
{
	memset(reply, 0, sizeof(*reply));
	reply->magic = rte_cpu_to_le_32(RTE_VFIO_TOKEN_SOCK_MAGIC);
	reply->version = rte_cpu_to_le_16(RTE_VFIO_TOKEN_SOCK_VERSION);
	reply->status = rte_cpu_to_le_16(status);
	if (status == RTE_VFIO_TOKEN_OK && token != NULL)
		memcpy(reply->token, token, sizeof(reply->token));
}

const char *
sriovd_token_status_name(uint16_t status)
{
	static const char *const names[] = {
		[RTE_VFIO_TOKEN_OK] = "granted",
		[RTE_VFIO_TOKEN_BAD_REQUEST] = "malformed request",
		[RTE_VFIO_TOKEN_BAD_VERSION] = "unknown version",
		[RTE_VFIO_TOKEN_DENIED] = "denied",
		[RTE_VFIO_TOKEN_NO_DEVICE] = "no such VF here",
		[RTE_VFIO_TOKEN_BUSY] = "being handed over",
	};

	return status < RTE_DIM(names) ? names[status] : "unknown";
}
