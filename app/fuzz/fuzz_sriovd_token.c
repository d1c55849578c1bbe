/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A request on the token socket of dpdk-sriovd. */

#include <string.h>

#include "fuzz.h"
#include "sriovd_token.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned char token[16] = "0123456789abcdef", none[16];
	struct rte_vfio_token_request request;
	struct rte_vfio_token_reply reply;
	uint16_t status;

	status = sriovd_token_request_parse(data, size, &request);
	FUZZ_CHECK(status == RTE_VFIO_TOKEN_OK || status == RTE_VFIO_TOKEN_BAD_REQUEST ||
			status == RTE_VFIO_TOKEN_BAD_VERSION);
	FUZZ_CHECK(size == sizeof(request) || status == RTE_VFIO_TOKEN_BAD_REQUEST);
	if (status == RTE_VFIO_TOKEN_OK)
		FUZZ_CHECK(request.magic == RTE_VFIO_TOKEN_SOCK_MAGIC && request.reserved == 0 &&
				request.reserved2 == 0);
	sriovd_token_reply_make(status, token, &reply);
	FUZZ_CHECK(memcmp(reply.token, status == RTE_VFIO_TOKEN_OK ? token : none,
			sizeof(reply.token)) == 0);
	FUZZ_CHECK(strcmp(sriovd_token_status_name(status), "unknown") != 0);

	return 0;
}
