/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <netinet/ether.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "wiretap.h"

static int
refuse(const char *what, const char *value, const char *why)
{
	fprintf(stderr, "wiretap: %s \"%s\": %s\n", what, value, why);
	return -EINVAL;
}

static int
parse_number(const char *key, const char *text, uint64_t max, uint64_t *number)
{
	char *end;

	errno = 0;
	*number = strtoull(text, &end, 0);
	if (errno != 0 || end == text || *end != '\0' || *text == '-' || *number > max)
		return refuse(key, text, "not a number that it takes");
	return 0;
}

static int
parse_address(const char *key, const char *text, uint8_t *address)
{
	const struct ether_addr *parsed = ether_aton(text);

	if (parsed == NULL)
		return refuse(key, text, "not a MAC address");
	memcpy(address, parsed, ETHER_ADDR_LEN);
	return 0;
}

static int
parse_stream_key(const char *key, const char *value, struct wiretap_spec *spec)
{
	struct wiretap_stream *stream = &spec->stream;
	uint64_t number = 0;
	int ret;

	if (strcmp(key, "stream") == 0) {
		ret = parse_number(key, value, UINT16_MAX, &number);
		stream->number = number;
	} else if (strcmp(key, "vlan") == 0) {
		ret = parse_number(key, value, 4094, &number);
		stream->vlan = number;
	} else if (strcmp(key, "size") == 0) {
		ret = parse_number(key, value, WIRETAP_FRAME_MAX - 8, &number);
		stream->size = number;
		if (ret == 0 && number < WIRETAP_STREAM_FRAME_MIN)
			ret = refuse(key, value, "less than 60 bytes");
	} else if (strcmp(key, "dst") == 0) {
		ret = parse_address(key, value, stream->dst);
	} else if (strcmp(key, "src") == 0) {
		ret = parse_address(key, value, stream->src);
		spec->has_src = true;
	} else {
		ret = refuse("key", key, "unknown; see --help");
	}
	return ret;
}

static int
parse_key(const char *key, char *value, struct wiretap_spec *spec)
{
	uint64_t number = 0;
	int ret = 0;

	if (strcmp(key, "if") == 0) {
		if (*value == '\0' || strlen(value) >= sizeof(spec->interface))
			return refuse(key, value, "not the name of an interface");
		strcpy(spec->interface, value);
	} else if (strcmp(key, "tapfd") == 0) {
		ret = parse_number(key, value, INT_MAX, &number);
		spec->tap_fd = number;
	} else if (strcmp(key, "file") == 0) {
		spec->path = value;
	} else if (strcmp(key, "count") == 0) {
		ret = parse_number(key, value, UINT64_MAX, &spec->count);
	} else if (strcmp(key, "rate") == 0) {
		ret = parse_number(key, value, 1000000000, &spec->rate);
	} else if (strcmp(key, "ethertype") == 0) {
		ret = parse_number(key, value, 0xffff, &number);
		spec->ethertype = number;
	} else if (strcmp(key, "promisc") == 0) {
		ret = parse_number(key, value, 1, &number);
		spec->promiscuous = number;
	} else {
		ret = parse_stream_key(key, value, spec);
	}
	return ret;
}

static int
check(const struct wiretap_spec *spec, const char *role)
{
	if ((spec->interface[0] == '\0') == (spec->tap_fd < 0))
		return refuse("endpoint", role, "give one of if=NAME and tapfd=N");
	if (spec->role == WIRETAP_INJECT && (spec->path == NULL) == (spec->stream.number == 0))
		return refuse("endpoint", role,
				"give one of file=PATH and stream=N, the frames to inject");
	if (spec->stream.number != 0 && spec->count == 0)
		return refuse("endpoint", role, "give count=N, how many frames the stream has");
	if (spec->role == WIRETAP_INJECT && spec->ethertype >= 0)
		return refuse("endpoint", role, "ethertype is for what is captured");
	if (spec->role == WIRETAP_CAPTURE && spec->rate != 0)
		return refuse("endpoint", role, "rate is for what is injected");
	return 0;
}

int
wiretap_parse(char *text, struct wiretap_spec *spec)
{
	char *role = strsep(&text, ":"), *word, *key;
	int ret;

	*spec = (struct wiretap_spec){
		.tap_fd = -1, .ethertype = -1, .promiscuous = true,
		.stream.size = WIRETAP_STREAM_FRAME_MIN,
	};
	memset(spec->stream.dst, 0xff, sizeof(spec->stream.dst));
	if (strcmp(role, "inject") == 0)
		spec->role = WIRETAP_INJECT;
	else if (strcmp(role, "capture") == 0)
		spec->role = WIRETAP_CAPTURE;
	else
		return refuse("role", role, "neither inject nor capture");
	if (text == NULL)
		return refuse("endpoint", role, "give one of if=NAME and tapfd=N");
	while ((word = strsep(&text, ",")) != NULL) {
		key = strsep(&word, "=");
		if (word == NULL)
			return refuse("key", key, "has no value");
		ret = parse_key(key, word, spec);
		if (ret != 0)
			return ret;
	}
	return check(spec, role);
}
