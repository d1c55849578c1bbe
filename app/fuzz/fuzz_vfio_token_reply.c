/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A broker's reply. */

/* For its static functions: a socket for each input would take most of the time. */
#include "eal_vfio_token_broker.c"

#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct {
		struct rte_vfio_token_reply reply;
		uint8_t more;
	} buffer;
	rte_uuid_t token = { 0 };
	struct vfio_token_error err;
	int ret;

	/* As recv() leaves it: cut off at the buffer's size. */
	size = RTE_MIN(size, sizeof(buffer));
	memset(&buffer, 0xa5, sizeof(buffer));
	memcpy(&buffer, data, size);
	fuzz_error_clear(&err);
	ret = reply_parse(&buffer.reply, size, "/run/token.sock", token, &err);
	FUZZ_CHECK(ret <= 0);
	if (ret != 0) {
		FUZZ_CHECK(rte_uuid_is_null(token));
		fuzz_error_check(&err, data, size);
		return 0;
	}
	FUZZ_CHECK(size == sizeof(buffer.reply));
	FUZZ_CHECK(buffer.reply.status == 0 && buffer.reply.reserved == 0);
	FUZZ_CHECK(!rte_uuid_is_null(token));
	FUZZ_CHECK(rte_uuid_compare(token, buffer.reply.token) == 0);

	return 0;
}
