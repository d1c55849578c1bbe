/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A datagram to dpdk-sriov-keeper. */

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../sriovkeeper/keeper_message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_CHECK(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
		abort(); \
	} \
} while (0)

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* Of the exact size, so that a byte read too many is noticed. */
	char *copy = malloc(size > 0 ? size : 1);
	struct keeper_message message;
	size_t i;
	int ret;

	if (copy == NULL)
		return 0;
	memcpy(copy, data, size);
	memset(&message, 0xa5, sizeof(message));
	ret = keeper_message_parse(copy, size, &message);
	free(copy);
	FUZZ_CHECK(ret <= 0);
	FUZZ_CHECK((ret == 0) == (size <= KEEPER_MESSAGE_MAX &&
		(size == 0 || memchr(data, '\0', size - 1) == NULL)));
	FUZZ_CHECK(keeper_name_is_valid(message.fd_name));
	FUZZ_CHECK(memchr(message.status, '\0', sizeof(message.status)) != NULL);
	for (i = 0; message.status[i] != '\0'; i++)
		FUZZ_CHECK(message.status[i] >= ' ' && message.status[i] <= '~');
	FUZZ_CHECK(message.main_pid >= 0);
	FUZZ_CHECK(ret == 0 || (!message.ready && !message.fd_store && !message.fd_store_remove));

	return 0;
}
