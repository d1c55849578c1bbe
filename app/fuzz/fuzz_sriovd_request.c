/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A request on the control socket of dpdk-sriovd, and the reply to a bad one. */

#include <string.h>

#include "fuzz.h"
#include "sriovd_request.h"

/* What a reply shows must be JSON, whatever the request was. */
static void
reply_check(char *text)
{
	json_t *json;

	FUZZ_CHECK(text != NULL);
	json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_CHECK(json_is_object(json));
	json_decref(json);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sriovd_request request;
	struct rte_sriov_error error;
	int ret;

	ret = sriovd_request_parse((const char *)data, size, &request, &error);
	if (ret != 0) {
		FUZZ_CHECK(error.err == -ret && error.text[0] != '\0');
		reply_check(sriovd_reply_error(request.id, &error, NULL));
		return 0;
	}
	FUZZ_CHECK(sriovd_method_name(request.method) != NULL);
	FUZZ_CHECK(request.vfs <= SRIOVD_CONFIG_MAX_VFS);
	FUZZ_CHECK(request.timeout_ms <= SRIOVD_TIMEOUT_MAX_S * 1000);
	FUZZ_CHECK(rte_sriov_policy_check(&request.policy, NULL) == 0);
	FUZZ_CHECK(memchr(request.device, '\0', sizeof(request.device)) != NULL);
	FUZZ_CHECK(memchr(request.grant, '\0', sizeof(request.grant)) != NULL);
	FUZZ_CHECK(memchr(request.token, '\0', sizeof(request.token)) != NULL);
	reply_check(sriovd_reply_result(request.id, json_object()));

	return 0;
}
