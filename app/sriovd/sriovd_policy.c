/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_policy.h"

enum value_type {
	VALUE_BOOL,
	VALUE_NUMBER,
	VALUE_MAC,
	VALUE_LIST,
	VALUE_NAME,
};

/* A key. Several may make one member: vlan and qos. */
struct policy_key {
	const char *name;
	uint32_t member;
	enum value_type type;
	size_t offset;      /* BOOL, NUMBER and NAME: in struct rte_sriov_policy */
	size_t size;        /* NUMBER: its bytes */
	uint32_t max;       /* NUMBER */
	const char *names[4]; /* NAME: in the order of the enum's values */
	const char *why;
};

#define KEY_BOOL(key, bit) \
	{ .name = #key, .member = RTE_SRIOV_POLICY_ ## bit, .type = VALUE_BOOL, \
		.offset = offsetof(struct rte_sriov_policy, key), .why = "not yes or no" }
#define KEY_NUMBER(key, bit, most, text) \
	{ .name = #key, .member = RTE_SRIOV_POLICY_ ## bit, .type = VALUE_NUMBER, \
		.offset = offsetof(struct rte_sriov_policy, key), \
		.size = sizeof(((struct rte_sriov_policy *)0)->key), .max = most, .why = text }

static const struct policy_key policy_keys[] = {
	{ .name = "mac", .member = RTE_SRIOV_POLICY_MAC, .type = VALUE_MAC,
		.why = "not a unicast MAC address, or 00:00:00:00:00:00 for the VF's own choice" },
	KEY_NUMBER(vlan, VLAN, 4094, "not a VLAN, 1 to 4094, or 0 for none"),
	KEY_NUMBER(qos, VLAN, 7, "not a priority, 0 to 7"),
	{ .name = "vlans", .member = RTE_SRIOV_POLICY_VLANS, .type = VALUE_LIST,
		.why = "not a list of up to 64 different VLANs, 1 to 4094" },
	KEY_BOOL(spoofchk, SPOOFCHK),
	KEY_BOOL(vlan_spoofchk, VLAN_SPOOFCHK),
	KEY_BOOL(trust, TRUST),
	KEY_NUMBER(max_tx_rate, MAX_TX_RATE, UINT32_MAX,
			"not a number of Mbit/s, or 0 for no limit"),
	{ .name = "state", .member = RTE_SRIOV_POLICY_STATE, .type = VALUE_NAME,
		.offset = offsetof(struct rte_sriov_policy, state),
		.names = { "auto", "enable", "disable" }, .why = "not auto, enable or disable" },
	KEY_BOOL(broadcast, BROADCAST),
	KEY_BOOL(multicast_promisc, MULTICAST_PROMISC),
	KEY_BOOL(promisc, PROMISC),
	KEY_BOOL(untagged, UNTAGGED),
	KEY_NUMBER(max_frame, MAX_FRAME, UINT16_MAX,
			"not a number of bytes, or 0 for the device's own limit"),
	{ .name = "strip", .member = RTE_SRIOV_POLICY_STRIP, .type = VALUE_NAME,
		.offset = offsetof(struct rte_sriov_policy, strip),
		.names = { "auto", "on", "off" }, .why = "not auto, on or off" },
};

static const struct policy_key *
key_find(const char *name)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(policy_keys); i++)
		if (strcmp(policy_keys[i].name, name) == 0)
			return &policy_keys[i];

	return NULL;
}

/* ---- values ---- */

static int
number_put(struct rte_sriov_policy *policy, const struct policy_key *key, uint64_t value)
{
	uint8_t *at = RTE_PTR_ADD(policy, key->offset);

	if (value > key->max)
		return -EINVAL;
	switch (key->size) {
	case 1:
		*at = value;
		break;
	case 2:
		*(uint16_t *)at = value;
		break;
	default:
		*(uint32_t *)at = value;
	}

	return 0;
}

static uint32_t
number_get(const struct rte_sriov_policy *policy, const struct policy_key *key)
{
	const uint8_t *at = RTE_PTR_ADD(policy, key->offset);

	switch (key->size) {
	case 1:
		return *at;
	case 2:
		return *(const uint16_t *)at;
	default:
		return *(const uint32_t *)at;
	}
}

static int
name_put(struct rte_sriov_policy *policy, const struct policy_key *key, const char *name)
{
	unsigned int i;

	for (i = 0; key->names[i] != NULL; i++) {
		if (strcmp(key->names[i], name) != 0)
			continue;
		if (key->member == RTE_SRIOV_POLICY_STATE)
			policy->state = i;
		else
			policy->strip = i;
		return 0;
	}

	return -EINVAL;
}

static int
mac_put(struct rte_sriov_policy *policy, const char *text)
{
	struct rte_ether_addr mac;
	unsigned int i;
	char *end;

	for (i = 0; i < RTE_ETHER_ADDR_LEN; i++) {
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]))
			return -EINVAL;
		mac.addr_bytes[i] = strtoul(text, &end, 16);
		if (end != text + 2 || *end != (i + 1 < RTE_ETHER_ADDR_LEN ? ':' : '\0'))
			return -EINVAL;
		text += 3;
	}
	if (rte_is_multicast_ether_addr(&mac))
		return -EINVAL;
	policy->mac = mac;

	return 0;
}

static int
vlan_add(struct rte_sriov_policy *policy, uint64_t vlan)
{
	unsigned int i;

	if (vlan < 1 || vlan > 4094 || policy->nb_vlans >= RTE_SRIOV_POLICY_VLANS_MAX)
		return -EINVAL;
	for (i = 0; i < policy->nb_vlans; i++)
		if (policy->vlans[i] == vlan)
			return -EINVAL;
	policy->vlans[policy->nb_vlans++] = vlan;

	return 0;
}

static int
number_parse(const char *text, uint64_t *value)
{
	char *end;

	if (!isdigit((unsigned char)text[0]))
		return -EINVAL;
	errno = 0;
	*value = strtoull(text, &end, 10);

	return errno != 0 || *end != '\0' ? -EINVAL : 0;
}

static int
list_put(struct rte_sriov_policy *policy, const char *text)
{
	char buf[RTE_SRIOV_POLICY_VLANS_MAX * 8], *at = buf, *word;
	uint64_t vlan;

	policy->nb_vlans = 0;
	if (strlcpy(buf, text, sizeof(buf)) >= sizeof(buf))
		return -EINVAL;
	if (buf[0] == '\0')
		return 0;
	while ((word = strsep(&at, ",")) != NULL) {
		word += strspn(word, " \t");
		word[strcspn(word, " \t")] = '\0';
		if (number_parse(word, &vlan) != 0 || vlan_add(policy, vlan) != 0)
			return -EINVAL;
	}

	return 0;
}

static int
bool_put(struct rte_sriov_policy *policy, const struct policy_key *key, const char *text)
{
	static const char *const yes[] = { "yes", "on", "true", "1" };
	static const char *const no[] = { "no", "off", "false", "0" };
	bool *at = RTE_PTR_ADD(policy, key->offset);
	unsigned int i;

	for (i = 0; i < RTE_DIM(yes); i++) {
		if (strcmp(text, yes[i]) != 0 && strcmp(text, no[i]) != 0)
			continue;
		*at = strcmp(text, yes[i]) == 0;
		return 0;
	}

	return -EINVAL;
}

int
sriovd_policy_set(struct rte_sriov_policy *policy, const char *name, const char *value,
		const char **why)
{
	const struct policy_key *key = key_find(name);
	uint64_t number;
	int ret = 0;

	*why = "no such key";
	if (key == NULL)
		return -ENOENT;
	*why = key->why;
	switch (key->type) {
	case VALUE_BOOL:
		ret = bool_put(policy, key, value);
		break;
	case VALUE_NUMBER:
		ret = number_parse(value, &number);
		if (ret == 0)
			ret = number_put(policy, key, number);
		break;
	case VALUE_MAC:
		ret = mac_put(policy, value);
		break;
	case VALUE_LIST:
		ret = list_put(policy, value);
		break;
	case VALUE_NAME:
		ret = name_put(policy, key, value);
		break;
	}
	if (ret == 0)
		policy->set |= key->member;

	return ret;
}

/* ---- JSON ---- */

static int
json_list_put(struct rte_sriov_policy *policy, const json_t *value)
{
	json_int_t vlan;
	size_t i;

	if (!json_is_array(value))
		return -EINVAL;
	policy->nb_vlans = 0;
	for (i = 0; i < json_array_size(value); i++) {
		vlan = json_integer_value(json_array_get(value, i));
		if (vlan < 0 || vlan_add(policy, vlan) != 0)
			return -EINVAL;
	}

	return 0;
}

static int
json_put(struct rte_sriov_policy *policy, const struct policy_key *key, const json_t *value)
{
	const char *text = json_string_value(value);

	switch (key->type) {
	case VALUE_BOOL:
		if (!json_is_boolean(value))
			return -EINVAL;
		*(bool *)RTE_PTR_ADD(policy, key->offset) = json_is_true(value);
		return 0;
	case VALUE_NUMBER:
		if (!json_is_integer(value) || json_integer_value(value) < 0)
			return -EINVAL;
		return number_put(policy, key, json_integer_value(value));
	case VALUE_MAC:
		return text == NULL ? -EINVAL : mac_put(policy, text);
	case VALUE_LIST:
		return json_list_put(policy, value);
	case VALUE_NAME:
		return text == NULL ? -EINVAL : name_put(policy, key, text);
	}

	return -EINVAL;
}

int
sriovd_policy_from_json(const json_t *json, struct rte_sriov_policy *policy, char *text,
		size_t size)
{
	const struct policy_key *key;
	const char *name;
	json_t *value;

	memset(policy, 0, sizeof(*policy));
	if (!json_is_object(json)) {
		snprintf(text, size, "policy: not an object");
		return -EINVAL;
	}
	json_object_foreach((json_t *)(uintptr_t)json, name, value) {
		key = key_find(name);
		if (key == NULL || json_put(policy, key, value) != 0) {
			snprintf(text, size, "policy: %.32s: %s", name,
					key == NULL ? "no such key" : key->why);
			return -EINVAL;
		}
		policy->set |= key->member;
	}
	if (policy->qos != 0 && policy->vlan == 0) {
		snprintf(text, size, "policy: qos: without vlan there is no priority");
		return -EINVAL;
	}

	return 0;
}

static json_t *
list_to_json(const struct rte_sriov_policy *policy)
{
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < policy->nb_vlans; i++)
		json_array_append_new(list, json_integer(policy->vlans[i]));

	return list;
}

static json_t *
member_to_json(const struct rte_sriov_policy *policy, const struct policy_key *key)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE];

	switch (key->type) {
	case VALUE_BOOL:
		return json_boolean(*(const bool *)RTE_PTR_ADD(policy, key->offset));
	case VALUE_NUMBER:
		return json_integer(number_get(policy, key));
	case VALUE_MAC:
		snprintf(mac, sizeof(mac), "%02x:%02x:%02x:%02x:%02x:%02x",
				RTE_ETHER_ADDR_BYTES(&policy->mac));
		return json_string(mac);
	case VALUE_LIST:
		return list_to_json(policy);
	case VALUE_NAME:
		return json_string(key->names[key->member == RTE_SRIOV_POLICY_STATE ?
				(unsigned int)policy->state : (unsigned int)policy->strip]);
	}

	return NULL;
}

json_t *
sriovd_policy_to_json(const struct rte_sriov_policy *policy)
{
	json_t *json = json_object();
	unsigned int i;

	for (i = 0; i < RTE_DIM(policy_keys); i++)
		if ((policy->set & policy_keys[i].member) != 0)
			json_object_set_new(json, policy_keys[i].name,
					member_to_json(policy, &policy_keys[i]));

	return json;
}

void
sriovd_policy_names(uint32_t members, char *text, size_t size)
{
	unsigned int i;

	text[0] = '\0';
	for (i = 0; i < RTE_SRIOV_POLICY_NB; i++) {
		if ((members & (UINT32_C(1) << i)) == 0)
			continue;
		if (text[0] != '\0')
			strlcat(text, ", ", size);
		strlcat(text, rte_sriov_policy_name(UINT32_C(1) << i), size);
	}
}
