/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>

#include "sriovd_prometheus.h"

struct output {
	char *text;
	size_t size;
	size_t len;
};

/* A whole line, or nothing. */
__rte_format_printf(2, 3)
static void
line(struct output *out, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(out->text + out->len, out->size - out->len, fmt, ap);
	va_end(ap);
	if (len < 0 || (size_t)len >= out->size - out->len) {
		out->text[out->len] = '\0';
		/* Nothing shorter behind it either: metrics are not to have holes. */
		out->size = out->len + 1;
		return;
	}
	out->len += len;
}

static const char *
text_of(const json_t *json, const char *key)
{
	const char *text = json_string_value(json_object_get(json, key));

	return text != NULL ? text : "";
}

static void
counters(struct output *out, const json_t *json, const char *prefix, const char *labels)
{
	const char *name;
	json_t *value;

	json_object_foreach(json_object_get(json, "counters"), name, value)
		line(out, "dpdk_sriov_%s_%s_total{%s} %lld\n", prefix, name, labels,
				(long long)json_integer_value(value));
}

void
sriovd_prometheus_pf(const json_t *pf, char *text, size_t size)
{
	struct output out = { .text = text, .size = size };
	const json_t *link = json_object_get(pf, "link");
	char labels[64];

	text[0] = '\0';
	snprintf(labels, sizeof(labels), "pf=\"%s\"", text_of(pf, "pf"));
	line(&out, "dpdk_sriov_pf_held{%s} %d\n", labels,
			json_is_true(json_object_get(pf, "held")));
	line(&out, "dpdk_sriov_pf_vfs{%s} %lld\n", labels,
			(long long)json_integer_value(json_object_get(pf, "num_vfs")));
	line(&out, "dpdk_sriov_pf_vfs_max{%s} %lld\n", labels,
			(long long)json_integer_value(json_object_get(pf, "total_vfs")));
	if (link != NULL)
		line(&out, "dpdk_sriov_pf_link_up{%s} %d\n", labels,
				json_is_true(json_object_get(link, "up")));
	line(&out, "dpdk_sriov_pf_resets_total{%s} %lld\n", labels,
			(long long)json_integer_value(json_object_get(pf, "resets")));
	line(&out, "dpdk_sriov_pf_tokens_rotated_total{%s} %lld\n", labels,
			(long long)json_integer_value(json_object_get(json_object_get(pf, "token"),
			"rotated")));
	counters(&out, pf, "pf", labels);
}

void
sriovd_prometheus_vf(const json_t *vf, char *text, size_t size)
{
	struct output out = { .text = text, .size = size };
	const json_t *tokens = json_object_get(vf, "tokens");
	char labels[96];

	text[0] = '\0';
	snprintf(labels, sizeof(labels), "pf=\"%s\",vf=\"%s\",index=\"%lld\"", text_of(vf, "pf"),
			text_of(vf, "vf"),
			(long long)json_integer_value(json_object_get(vf, "index")));
	line(&out, "dpdk_sriov_vf_in_use{%s} %d\n", labels,
			strcmp(text_of(vf, "state"), "in_use") == 0);
	line(&out, "dpdk_sriov_vf_holders{%s} %zu\n", labels,
			json_array_size(json_object_get(vf, "holders")));
	line(&out, "dpdk_sriov_vf_grants{%s} %zu\n", labels,
			json_array_size(json_object_get(vf, "grants")));
	line(&out, "dpdk_sriov_vf_tokens_given_total{%s} %lld\n", labels,
			(long long)json_integer_value(json_object_get(tokens, "given")));
	line(&out, "dpdk_sriov_vf_tokens_refused_total{%s} %lld\n", labels,
			(long long)json_integer_value(json_object_get(tokens, "refused")));
	counters(&out, vf, "vf", labels);
}
