/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_POLICY_H
#define SRIOVD_POLICY_H

/**
 * @file
 * A VF's policy as text (configuration file) and as JSON (control socket, state file).
 */

#include <stddef.h>

#include <jansson.h>

#include <rte_sriov_policy.h>

/**
 * Set a member of a policy from "key" and its value as the configuration file has them.
 *
 * @param[out] why
 *   What is wrong with the value. Constant.
 * @return
 *   - 0 on success.
 *   - -ENOENT: no member has this name.
 *   - -EINVAL: the value cannot be.
 */
int sriovd_policy_set(struct rte_sriov_policy *policy, const char *key, const char *value,
		const char **why);

/**
 * Fill a policy from a JSON object.
 *
 * @param[out] text
 *   On failure, which key and what is wrong with it.
 * @return 0 or -EINVAL.
 */
int sriovd_policy_from_json(const json_t *json, struct rte_sriov_policy *policy, char *text,
		size_t size);

/** The members that are set. NULL: no memory. */
json_t *sriovd_policy_to_json(const struct rte_sriov_policy *policy);

/** "a, b" of the names of members, into @p text. */
void sriovd_policy_names(uint32_t members, char *text, size_t size);

#endif /* SRIOVD_POLICY_H */
