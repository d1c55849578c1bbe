/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "keeper_message.h"

bool
keeper_name_is_valid(const char *name)
{
	const size_t length = strlen(name);
	size_t i;

	if (length == 0 || length > KEEPER_NAME_MAX)
		return false;
	for (i = 0; i < length; i++)
		if (name[i] < ' ' || name[i] > '~' || name[i] == ':')
			return false;
	return true;
}

/* A decimal number and nothing else. Returns false if it is none, or above @max. */
static bool
number_parse(const char *text, uint64_t max, uint64_t *number)
{
	uint64_t value = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' || value > (max - (*text - '0')) / 10)
			return false;
		value = value * 10 + (*text - '0');
	}
	*number = value;
	return true;
}

static void
name_take(struct keeper_message *message, const char *value)
{
	message->has_fd_name = true;
	message->fd_name_invalid = !keeper_name_is_valid(value);
	if (!message->fd_name_invalid)
		memcpy(message->fd_name, value, strlen(value) + 1);
}

static void
status_take(struct keeper_message *message, const char *value)
{
	size_t i;

	message->has_status = true;
	for (i = 0; i < KEEPER_STATUS_MAX && value[i] != '\0'; i++)
		message->status[i] = value[i] < ' ' || value[i] > '~' ? '?' : value[i];
	message->status[i] = '\0';
}

static void
assignment_take(struct keeper_message *message, const char *key, const char *value)
{
	const bool one = strcmp(value, "1") == 0;
	uint64_t number;

	if (strcmp(key, "READY") == 0) {
		message->ready = one;
	} else if (strcmp(key, "RELOADING") == 0) {
		message->reloading = one;
	} else if (strcmp(key, "STOPPING") == 0) {
		message->stopping = one;
	} else if (strcmp(key, "WATCHDOG") == 0) {
		message->watchdog = one;
		message->watchdog_trigger = strcmp(value, "trigger") == 0;
	} else if (strcmp(key, "BARRIER") == 0) {
		message->barrier = one;
	} else if (strcmp(key, "FDSTORE") == 0) {
		message->fd_store = one;
	} else if (strcmp(key, "FDSTOREREMOVE") == 0) {
		message->fd_store_remove = one;
	} else if (strcmp(key, "FDPOLL") == 0) {
		message->fd_poll_off = strcmp(value, "0") == 0;
	} else if (strcmp(key, "FDNAME") == 0) {
		name_take(message, value);
	} else if (strcmp(key, "STATUS") == 0) {
		status_take(message, value);
	} else if (strcmp(key, "MAINPID") == 0) {
		if (number_parse(value, INT32_MAX, &number))
			message->main_pid = number;
	} else if (strcmp(key, "WATCHDOG_USEC") == 0) {
		if (number_parse(value, UINT64_MAX, &number))
			message->watchdog_us = number;
	}
}

/* Keys that were seen, so that the first one counts. */
static bool
is_repeated(const char *text, const char *line, const char *key)
{
	const size_t length = strlen(key);
	const char *p;

	for (p = text; p < line; p += strlen(p) + 1)
		if (strncmp(p, key, length) == 0 && p[length] == '=')
			return true;
	return false;
}

int
keeper_message_parse(const char *data, size_t length, struct keeper_message *message)
{
	char text[KEEPER_MESSAGE_MAX + 1], key[16];
	char *line, *next, *equals;

	memset(message, 0, sizeof(*message));
	memcpy(message->fd_name, KEEPER_NAME_DEFAULT, sizeof(KEEPER_NAME_DEFAULT));
	if (length > KEEPER_MESSAGE_MAX)
		return -EMSGSIZE;
	/* One at the end is allowed. */
	if (length > 0 && data[length - 1] == '\0')
		length--;
	if (memchr(data, '\0', length) != NULL)
		return -EBADMSG;
	memcpy(text, data, length);
	text[length] = '\0';
	for (next = text; (next = strchr(next, '\n')) != NULL;)
		*next++ = '\0';
	for (line = text; line <= text + length; line += strlen(line) + 1) {
		equals = strchr(line, '=');
		if (equals == NULL || (size_t)(equals - line) >= sizeof(key))
			continue;
		memcpy(key, line, equals - line);
		key[equals - line] = '\0';
		if (!is_repeated(text, line, key))
			assignment_take(message, key, equals + 1);
	}
	return 0;
}
