/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What the environment variable of traffic_autotest may say. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_kvargs.h>

#include "traffic.h"

#define TEXT_MAX	1024

/* What a key's value is, and where it goes. */
enum kind {
	KIND_U16,
	KIND_U32,
	KIND_U64,
	KIND_FLAG,
	KIND_ADDRESS,
	KIND_PATH,
};

static const struct key {
	const char *name;
	enum kind kind;
	size_t offset;
} keys[] = {
#define KEY(name, kind, field) { name, kind, offsetof(struct traffic_params, field) }
	KEY("added_mac", KIND_ADDRESS, added_mac),
	KEY("allmulti", KIND_FLAG, allmulti),
	KEY("cksum", KIND_FLAG, cksum),
	KEY("descriptors", KIND_U16, descriptors),
	KEY("go", KIND_PATH, go),
	KEY("group", KIND_ADDRESS, group),
	KEY("hold", KIND_PATH, hold),
	KEY("interrupt", KIND_FLAG, interrupt),
	KEY("ipv6", KIND_FLAG, ipv6),
	KEY("mac", KIND_ADDRESS, mac),
	KEY("mtu", KIND_U32, mtu),
	KEY("pace", KIND_PATH, pace),
	KEY("pool", KIND_U16, pool),
	KEY("promisc", KIND_FLAG, promisc),
	KEY("queues", KIND_U16, queues),
	KEY("rate", KIND_U32, rate),
	KEY("ready", KIND_PATH, ready),
	KEY("rss", KIND_FLAG, rss),
	KEY("rx", KIND_U64, rx),
	KEY("rx_stream", KIND_U32, rx_stream),
	KEY("rx_vlan", KIND_U16, rx_vlan),
	KEY("size", KIND_U32, size),
	KEY("stop", KIND_PATH, stop),
	KEY("stream", KIND_U32, stream),
	KEY("strip", KIND_FLAG, strip),
	KEY("timeout", KIND_U32, timeout_s),
	KEY("tso", KIND_U16, tso),
	KEY("tx", KIND_U64, tx),
	KEY("vlan", KIND_U16, vlan),
#undef KEY
};

static int
number_set(enum kind kind, const char *value, void *field)
{
	unsigned long long number;
	char *end;

	errno = 0;
	number = strtoull(value, &end, 0);
	if (errno != 0 || end == value || *end != '\0')
		return -EINVAL;
	switch (kind) {
	case KIND_U16:
		*(uint16_t *)field = number;
		return number > UINT16_MAX ? -EINVAL : 0;
	case KIND_U32:
		*(uint32_t *)field = number;
		return number > UINT32_MAX ? -EINVAL : 0;
	case KIND_U64:
		*(uint64_t *)field = number;
		return 0;
	default:
		*(bool *)field = number;
		return number > 1 ? -EINVAL : 0;
	}
}

static int
path_set(const char *value, char *field)
{
	int length = snprintf(field, TRAFFIC_PATH_MAX, "%s", value);

	return length < TRAFFIC_PATH_MAX ? 0 : -ENAMETOOLONG;
}

static int
value_set(const struct key *key, const char *value, struct traffic_params *params)
{
	void *field = RTE_PTR_ADD(params, key->offset);

	switch (key->kind) {
	case KIND_ADDRESS:
		return rte_ether_unformat_addr(value, field);
	case KIND_PATH:
		return path_set(value, field);
	default:
		return number_set(key->kind, value, field);
	}
}

static int
key_parse(const char *name, const char *value, void *opaque)
{
	struct traffic_params *params = opaque;
	unsigned int i;

	if (value == NULL)
		return -EINVAL;
	if (strcmp(name, "dst") == 0) {
		params->dst_file[0] = '\0';
		return value[0] == '@' ? path_set(value + 1, params->dst_file) :
				rte_ether_unformat_addr(value, &params->dst);
	}
	for (i = 0; i < RTE_DIM(keys); i++)
		if (strcmp(name, keys[i].name) == 0)
			return value_set(&keys[i], value, params);
	return -EINVAL;
}

static int
flow_parse(const char *text, struct traffic_params *params)
{
	struct rte_kvargs *list = rte_kvargs_parse(text, NULL);
	int ret;

	if (list == NULL) {
		printf("traffic: \"%s\": not key=value[,key=value...]\n", text);
		return -EINVAL;
	}
	ret = rte_kvargs_process(list, NULL, key_parse, params);
	rte_kvargs_free(list);
	if (ret == 0 && (params->queues == 0 || params->queues > TRAFFIC_QUEUES_MAX ||
			params->rate == 0 || params->descriptors < 64 || params->size < 60 ||
			params->size > TRAFFIC_TSO_MAX_BYTES || params->stream > UINT16_MAX ||
			params->rx_stream > UINT16_MAX ||
			(params->tso == 0 && params->ipv6 && params->size < 78)))
		ret = -ERANGE;
	if (ret != 0)
		printf("traffic: \"%s\": a key is unknown or its value out of range\n", text);
	return ret;
}

int
traffic_params_parse(const char *text, struct traffic_params *flows, unsigned int *nb_flows)
{
	char copy[TEXT_MAX], *rest = copy, *part;
	int ret;

	if (strlen(text) >= sizeof(copy)) {
		printf("traffic: TRAFFIC is too long\n");
		return -ENAMETOOLONG;
	}
	strcpy(copy, text);
	*nb_flows = 0;
	while ((part = strsep(&rest, ";")) != NULL) {
		struct traffic_params *params = &flows[*nb_flows];

		if (*nb_flows == TRAFFIC_FLOWS_MAX) {
			printf("traffic: more than %u flows\n", TRAFFIC_FLOWS_MAX);
			return -E2BIG;
		}
		if (*nb_flows > 0) {
			*params = flows[0];
			memset(&params->group, 0, sizeof(params->group));
		} else {
			*params = (struct traffic_params){
				.size = 64, .rate = 2000, .timeout_s = 60, .queues = 1,
				.stream = 1, .rx_stream = 1, .descriptors = 512,
			};
			memset(&params->dst, 0xff, sizeof(params->dst));
		}
		ret = flow_parse(part, params);
		if (ret != 0)
			return ret;
		(*nb_flows)++;
	}
	return 0;
}
