/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include "ctl_reply.h"

static int
malformed(struct ctl_error *error, const char *what)
{
	ctl_fail(error, CTL_EXIT_PROTOCOL, "the daemon's reply is not of the control protocol: %s",
			what);
	ctl_remedy(error, "check that the socket is dpdk-sriovd's and that both are of one version");

	return CTL_EXIT_PROTOCOL;
}

static const char *
check_progress(const json_t *body)
{
	if (ctl_json_text(body, "text", NULL) == NULL)
		return "progress without a text";
	if (ctl_json_number(body, "done", 0) < 0 || ctl_json_number(body, "total", 0) < 0)
		return "progress with a negative number";
	return NULL;
}

static const char *
check_error(const json_t *body)
{
	const json_t *holders = json_object_get(body, "holders");
	const json_t *holder;
	size_t i;

	if (ctl_json_text(body, "message", "")[0] == '\0')
		return "an error without a message";
	if (holders != NULL && !json_is_null(holders) && !json_is_array(holders))
		return "an error whose holders are no list";
	json_array_foreach(holders, i, holder)
		if (!json_is_object(holder))
			return "an error with a holder that is no object";
	return NULL;
}

static const char *
take_body(const json_t *packet, json_int_t id, struct ctl_reply *reply)
{
	static const char * const names[] = {
		[CTL_REPLY_PROGRESS] = "progress",
		[CTL_REPLY_RESULT] = "result",
		[CTL_REPLY_ERROR] = "error",
	};
	unsigned int found = 0, i;

	if (!json_is_object(packet))
		return "no JSON object";
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_t *body = json_object_get(packet, names[i]);

		if (body == NULL)
			continue;
		found++;
		reply->kind = (enum ctl_reply_kind)i;
		reply->body = body;
	}
	if (found != 1)
		return "not one of progress, result and error";
	if (!json_is_object(reply->body))
		return "what it tells is no object";
	/* A daemon that could not read the request does not know its id. */
	if (!json_is_integer(json_object_get(packet, "id")) && reply->kind != CTL_REPLY_ERROR)
		return "no id";
	/* Nor is 0 any request's. */
	if (json_is_integer(json_object_get(packet, "id")) &&
			ctl_json_number(packet, "id", 0) != id &&
			!(reply->kind == CTL_REPLY_ERROR && ctl_json_number(packet, "id", 0) == 0))
		return "an answer to another request";
	if (reply->kind == CTL_REPLY_PROGRESS)
		return check_progress(reply->body);

	return reply->kind == CTL_REPLY_ERROR ? check_error(reply->body) : NULL;
}

int
ctl_reply_parse(const char *data, size_t len, json_int_t id, struct ctl_reply *reply,
		struct ctl_error *error)
{
	json_t *packet = json_loadb(data, len, JSON_REJECT_DUPLICATES, NULL);
	const char *wrong;

	reply->body = NULL;
	if (packet == NULL)
		return malformed(error, "no JSON");
	wrong = take_body(packet, id, reply);
	if (wrong == NULL)
		json_incref(reply->body);
	else
		reply->body = NULL;
	json_decref(packet);

	return wrong == NULL ? CTL_EXIT_OK : malformed(error, wrong);
}

/* Cut off, where it must be, between two characters. */
static void
copy(char *to, size_t size, const char *from)
{
	size_t len = strnlen(from, size);

	if (len == size) {
		len = size - 1;
		while (len > 0 && ((unsigned char)from[len] & 0xc0) == 0x80)
			len--;
	}
	memcpy(to, from, len);
	to[len] = '\0';
}

void
ctl_reply_error(const struct ctl_reply *reply, struct ctl_error *error)
{
	const json_t *body = reply->body;
	json_t *holders = json_object_get(body, "holders");

	ctl_error_clear(error);
	error->status = CTL_EXIT_FAILED;
	copy(error->name, sizeof(error->name), ctl_json_text(body, "errno", ""));
	copy(error->device, sizeof(error->device), ctl_json_text(body, "device", ""));
	copy(error->text, sizeof(error->text), ctl_json_text(body, "message", ""));
	copy(error->remedy, sizeof(error->remedy), ctl_json_text(body, "remedy", ""));
	if (json_is_array(holders))
		error->holders = json_incref(holders);
}
