/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_REQUEST_H
#define SRIOVD_REQUEST_H

/**
 * @file
 * Requests and replies of the control socket, as text. Pure functions.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#include <rte_sriov_pf.h>

#include "sriovd_config.h"

/** Version of the protocol. */
#define SRIOVD_PROTOCOL 1
/** Longest request, in bytes. */
#define SRIOVD_REQUEST_MAX_BYTES (64 * 1024)
/** Longest reply, in bytes: 1 MiB, as its error says. */
#define SRIOVD_REPLY_MAX_BYTES (1024 * 1024)
/** Longest time that a request may wait for the holders of VFs, in seconds. */
#define SRIOVD_TIMEOUT_MAX_S 3600

enum sriovd_method {
	SRIOVD_METHOD_HELLO,
	SRIOVD_METHOD_STATUS,
	SRIOVD_METHOD_UP,
	SRIOVD_METHOD_DOWN,
	SRIOVD_METHOD_VF_SET,
	SRIOVD_METHOD_VF_GRANT,
	SRIOVD_METHOD_VF_REVOKE,
	SRIOVD_METHOD_VF_RESET,
	SRIOVD_METHOD_TOKEN_ROTATE,
	SRIOVD_METHOD_TOKEN_GET,
	SRIOVD_METHOD_RELOAD,
};

/** A request. Of its parameters, what the method does not take is zero. */
struct sriovd_request {
	int64_t id;
	enum sriovd_method method;
	bool dry_run;
	/** PF or VF: the parameter "pf", "vf" or "device"; "" for none. */
	char device[RTE_SRIOV_BDF_SIZE];
	/** A VF by its index: device is its PF. */
	bool by_index;
	uint16_t index;
	uint16_t vfs;
	char token[SRIOVD_PATH_SIZE];       /**< source; "" for none */
	bool force;
	bool release;
	uint32_t timeout_ms;
	struct rte_sriov_policy policy;
	/** Not parsed yet, as names may ask servers; "" for none. */
	char grant[SRIOVD_GRANT_SIZE];
	bool once;
	bool has_owner;
	struct rte_sriov_owner owner;
};

/**
 * Parse a packet.
 *
 * @param[out] request
 *   The member id is filled on failure, too, as far as it could be read; otherwise 0.
 * @param[out] error
 *   What is wrong, with err EINVAL, EPROTONOSUPPORT (version) or ENOSYS (method).
 * @return 0 or negative errno.
 */
int sriovd_request_parse(const char *text, size_t size, struct sriovd_request *request,
		struct rte_sriov_error *error);

/** Name of a method, for example "vf.set". */
const char *sriovd_method_name(enum sriovd_method method);
/** May those who are no administrators call it? */
bool sriovd_method_is_public(enum sriovd_method method);
/** Does it change nothing? */
bool sriovd_method_is_read_only(enum sriovd_method method);

/* ---- replies: text for free(), or NULL: no memory ---- */

/** @p result is taken. */
char *sriovd_reply_result(int64_t id, json_t *result);
/** @p holders is taken; NULL: none. */
char *sriovd_reply_error(int64_t id, const struct rte_sriov_error *error, json_t *holders);
char *sriovd_reply_progress(int64_t id, const char *text, unsigned int done, unsigned int total);

/** Fill an error. Returns -@p err. */
__rte_format_printf(5, 6)
int sriovd_error_set(struct rte_sriov_error *error, int err, const char *device,
		const char *remedy, const char *fmt, ...);

#endif /* SRIOVD_REQUEST_H */
