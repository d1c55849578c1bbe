/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_pci.h>
#include <rte_string_fns.h>

#include "sriovd_policy.h"
#include "sriovd_request.h"

/* Parameters, as bits. */
#define PARAM_PF      (UINT32_C(1) << 0)
#define PARAM_VF      (UINT32_C(1) << 1)
#define PARAM_DEVICE  (UINT32_C(1) << 2)
#define PARAM_VFS     (UINT32_C(1) << 3)
#define PARAM_TOKEN   (UINT32_C(1) << 4)
#define PARAM_FORCE   (UINT32_C(1) << 5)
#define PARAM_TIMEOUT (UINT32_C(1) << 6)
#define PARAM_RELEASE (UINT32_C(1) << 7)
#define PARAM_POLICY  (UINT32_C(1) << 8)
#define PARAM_GRANT   (UINT32_C(1) << 9)
#define PARAM_ONCE    (UINT32_C(1) << 10)
#define PARAM_OWNER   (UINT32_C(1) << 11)

struct method {
	const char *name;
	uint32_t required;
	uint32_t optional;
	bool is_public;
	bool is_read_only;
};

static const struct method methods[] = {
	[SRIOVD_METHOD_HELLO] = { "hello", 0, 0, true, true },
	[SRIOVD_METHOD_STATUS] = { "status", 0, PARAM_PF, true, true },
	[SRIOVD_METHOD_UP] = { "up", PARAM_PF | PARAM_VFS, PARAM_TOKEN, false, false },
	[SRIOVD_METHOD_DOWN] = { "down", PARAM_PF, PARAM_FORCE | PARAM_TIMEOUT | PARAM_RELEASE,
		false, false },
	[SRIOVD_METHOD_VF_SET] = { "vf.set", PARAM_VF | PARAM_POLICY, 0, false, false },
	[SRIOVD_METHOD_VF_GRANT] = { "vf.grant", PARAM_VF | PARAM_GRANT, PARAM_ONCE | PARAM_OWNER,
		false, false },
	[SRIOVD_METHOD_VF_REVOKE] = { "vf.revoke", PARAM_VF,
		PARAM_GRANT | PARAM_FORCE | PARAM_TIMEOUT, false, false },
	[SRIOVD_METHOD_VF_RESET] = { "vf.reset", PARAM_VF, 0, false, false },
	[SRIOVD_METHOD_TOKEN_ROTATE] = { "token.rotate", PARAM_DEVICE, 0, false, false },
	[SRIOVD_METHOD_TOKEN_GET] = { "token.get", PARAM_DEVICE, 0, false, true },
	[SRIOVD_METHOD_RELOAD] = { "reload", 0, 0, false, false },
};

const char *
sriovd_method_name(enum sriovd_method method)
{
	return methods[method].name;
}

bool
sriovd_method_is_public(enum sriovd_method method)
{
	return methods[method].is_public;
}

bool
sriovd_method_is_read_only(enum sriovd_method method)
{
	return methods[method].is_read_only;
}

int
sriovd_error_set(struct rte_sriov_error *error, int err, const char *device, const char *remedy,
		const char *fmt, ...)
{
	va_list ap;

	error->err = err;
	strlcpy(error->device, device != NULL ? device : "", sizeof(error->device));
	strlcpy(error->remedy, remedy != NULL ? remedy : "", sizeof(error->remedy));
	va_start(ap, fmt);
	vsnprintf(error->text, sizeof(error->text), fmt, ap);
	va_end(ap);

	return -err;
}

/* ---- parameters ---- */

static int
param_bad(struct rte_sriov_error *error, const char *name, const char *what)
{
	return sriovd_error_set(error, EINVAL, NULL, NULL, "params: %s: %s", name, what);
}

static int
bdf_param(const json_t *value, char bdf[RTE_SRIOV_BDF_SIZE])
{
	const char *text = json_string_value(value);
	struct rte_pci_addr addr;

	if (text == NULL || rte_pci_addr_parse(text, &addr) != 0)
		return -EINVAL;
	rte_pci_device_name(&addr, bdf, RTE_SRIOV_BDF_SIZE);

	return 0;
}

static int
text_param(const json_t *value, char *text, size_t size)
{
	const char *from = json_string_value(value);

	if (from == NULL || from[0] == '\0' || strlen(from) != json_string_length(value))
		return -EINVAL;

	return strlcpy(text, from, size) < size ? 0 : -EINVAL;
}

static int
number_param(const json_t *value, json_int_t max, json_int_t *number)
{
	*number = json_integer_value(value);

	return json_is_integer(value) && *number >= 0 && *number <= max ? 0 : -EINVAL;
}

static int
bool_param(const json_t *value, bool *flag)
{
	*flag = json_is_true(value);

	return json_is_boolean(value) ? 0 : -EINVAL;
}

/* "UID:GID", or the object that a reply has: {"uid":..,"gid":..}. */
static int
owner_param(const json_t *value, struct sriovd_request *request)
{
	const char *text = json_string_value(value);
	unsigned int uid, gid;
	char end;

	if (text == NULL || strspn(text, "0123456789:") != strlen(text) || strlen(text) > 21 ||
			sscanf(text, "%u:%u%c", &uid, &gid, &end) != 2 || uid == UINT32_MAX ||
			gid == UINT32_MAX)
		return -EINVAL;
	request->has_owner = true;
	request->owner.uid = uid;
	request->owner.gid = gid;
	request->owner.mode = 0660;

	return 0;
}

/* A VF is a BDF; an index of the PF that "pf" names; or an object of both. */
static int
vf_param(const json_t *params, const json_t *value, struct sriovd_request *request)
{
	const json_t *pf = json_object_get(params, "pf"), *index = value;
	json_int_t number;

	if (json_is_string(value))
		return pf == NULL ? bdf_param(value, request->device) : -EINVAL;
	if (json_is_object(value)) {
		if (pf != NULL || json_object_size(value) != 2)
			return -EINVAL;
		pf = json_object_get(value, "pf");
		index = json_object_get(value, "vf");
	}
	if (number_param(index, SRIOVD_CONFIG_MAX_VFS - 1, &number) != 0 ||
			bdf_param(pf, request->device) != 0)
		return -EINVAL;
	request->by_index = true;
	request->index = number;

	return 0;
}

static int
token_param(const json_t *value, struct sriovd_request *request)
{
	if (text_param(value, request->token, sizeof(request->token)) != 0)
		return -EINVAL;
	if (strcmp(request->token, "random") == 0 || strncmp(request->token, "file:/", 6) == 0)
		return 0;
	explicit_bzero(request->token, sizeof(request->token));

	return -EINVAL;
}

/* 0 with the parameter's bit; -ENOENT: there is none of that name. */
static int
param_parse(const json_t *params, const char *name, const json_t *value,
		struct sriovd_request *request, uint32_t *bit, struct rte_sriov_error *error)
{
	json_int_t number = 0;

	if (strcmp(name, "pf") == 0) {
		*bit = PARAM_PF;
		/* Beside "vf" it is part of that. */
		if (json_object_get(params, "vf") != NULL)
			return 0;
		return bdf_param(value, request->device);
	}
	if (strcmp(name, "vf") == 0) {
		*bit = PARAM_VF;
		return vf_param(params, value, request);
	}
	if (strcmp(name, "device") == 0) {
		*bit = PARAM_DEVICE;
		return bdf_param(value, request->device);
	}
	if (strcmp(name, "vfs") == 0) {
		*bit = PARAM_VFS;
		if (number_param(value, SRIOVD_CONFIG_MAX_VFS, &number) != 0)
			return -EINVAL;
		request->vfs = number;
		return 0;
	}
	if (strcmp(name, "token") == 0) {
		*bit = PARAM_TOKEN;
		return token_param(value, request);
	}
	if (strcmp(name, "force") == 0) {
		*bit = PARAM_FORCE;
		return bool_param(value, &request->force);
	}
	if (strcmp(name, "timeout_s") == 0) {
		*bit = PARAM_TIMEOUT;
		if (number_param(value, SRIOVD_TIMEOUT_MAX_S, &number) != 0)
			return -EINVAL;
		request->timeout_ms = number * 1000;
		return 0;
	}
	if (strcmp(name, "release") == 0) {
		*bit = PARAM_RELEASE;
		return bool_param(value, &request->release);
	}
	if (strcmp(name, "policy") == 0) {
		*bit = PARAM_POLICY;
		return sriovd_policy_from_json(value, &request->policy, error->text,
				sizeof(error->text));
	}
	if (strcmp(name, "grant") == 0) {
		*bit = PARAM_GRANT;
		return text_param(value, request->grant, sizeof(request->grant));
	}
	if (strcmp(name, "once") == 0) {
		*bit = PARAM_ONCE;
		return bool_param(value, &request->once);
	}
	if (strcmp(name, "owner") == 0) {
		*bit = PARAM_OWNER;
		return owner_param(value, request);
	}

	return -ENOENT;
}

static int
params_parse(const json_t *params, struct sriovd_request *request, struct rte_sriov_error *error)
{
	const struct method *method = &methods[request->method];
	uint32_t seen = 0, bit, allowed = method->required | method->optional;
	const char *name;
	json_t *value;
	int ret;

	if ((allowed & PARAM_VF) != 0)
		allowed |= PARAM_PF;
	if (params != NULL && !json_is_object(params))
		return param_bad(error, "", "not an object");
	json_object_foreach((json_t *)(uintptr_t)params, name, value) {
		/* As if it were not there: scripts fill in null for what is not given. */
		if (json_is_null(value))
			continue;
		error->text[0] = '\0';
		bit = 0;
		ret = param_parse(params, name, value, request, &bit, error);
		if (ret == -ENOENT || (ret == 0 && (allowed & bit) == 0)) {
			char shown[33];

			snprintf(shown, sizeof(shown), "%.32s", name);
			return param_bad(error, shown, "the method does not take it");
		}
		if (ret != 0 && error->text[0] != '\0') {
			error->err = EINVAL;
			return -EINVAL;
		}
		if (ret != 0)
			return param_bad(error, name, "not a value that it can have");
		seen |= bit;
	}
	if ((method->required & ~seen) != 0)
		return sriovd_error_set(error, EINVAL, NULL, NULL, "params: %s needs %s%s%s%s%s%s",
				method->name,
				(method->required & ~seen & PARAM_PF) != 0 ? "pf " : "",
				(method->required & ~seen & PARAM_VF) != 0 ? "vf " : "",
				(method->required & ~seen & PARAM_DEVICE) != 0 ? "device " : "",
				(method->required & ~seen & PARAM_VFS) != 0 ? "vfs " : "",
				(method->required & ~seen & PARAM_POLICY) != 0 ? "policy " : "",
				(method->required & ~seen & PARAM_GRANT) != 0 ? "grant " : "");

	return 0;
}

/* ---- requests ---- */

static int
method_parse(const json_t *json, struct sriovd_request *request, struct rte_sriov_error *error)
{
	const char *name = json_string_value(json_object_get(json, "method"));
	unsigned int i;

	if (name == NULL)
		return sriovd_error_set(error, EINVAL, NULL, NULL, "method: not there, or no text");
	for (i = 0; i < RTE_DIM(methods); i++) {
		if (strcmp(methods[i].name, name) == 0) {
			request->method = i;
			return 0;
		}
	}

	return sriovd_error_set(error, ENOSYS, NULL, NULL, "method: \"%.32s\" is unknown", name);
}

static int
frame_parse(const json_t *json, struct sriovd_request *request, struct rte_sriov_error *error)
{
	static const char *const known[] = { "version", "id", "method", "params", "dry_run" };
	const json_t *version, *dry_run, *id;
	const char *name;
	json_t *value;
	unsigned int i;

	id = json_object_get(json, "id");
	if (!json_is_integer(id))
		return sriovd_error_set(error, EINVAL, NULL, NULL, "id: not there, or no integer");
	request->id = json_integer_value(id);
	version = json_object_get(json, "version");
	if (!json_is_integer(version) || json_integer_value(version) != SRIOVD_PROTOCOL)
		return sriovd_error_set(error, EPROTONOSUPPORT, NULL,
				"use the dpdk-sriovctl of the same version",
				"version: this dpdk-sriovd speaks version %d", SRIOVD_PROTOCOL);
	json_object_foreach((json_t *)(uintptr_t)json, name, value) {
		for (i = 0; i < RTE_DIM(known) && strcmp(known[i], name) != 0; i++)
			;
		if (i == RTE_DIM(known))
			return sriovd_error_set(error, EINVAL, NULL, NULL,
					"%.32s: no such member of a request", name);
	}
	dry_run = json_object_get(json, "dry_run");
	if (dry_run != NULL && !json_is_boolean(dry_run))
		return sriovd_error_set(error, EINVAL, NULL, NULL, "dry_run: not true or false");
	request->dry_run = json_is_true(dry_run);

	return method_parse(json, request, error);
}

int
sriovd_request_parse(const char *text, size_t size, struct sriovd_request *request,
		struct rte_sriov_error *error)
{
	json_error_t where;
	json_t *json;
	int ret;

	memset(request, 0, sizeof(*request));
	memset(error, 0, sizeof(*error));
	if (size > SRIOVD_REQUEST_MAX_BYTES)
		return sriovd_error_set(error, EMSGSIZE, NULL, NULL,
				"a request of more than %d bytes", SRIOVD_REQUEST_MAX_BYTES);
	json = json_loadb(text, size, JSON_REJECT_DUPLICATES, &where);
	if (json == NULL)
		/* Not the parser's text, which repeats the input. */
		return sriovd_error_set(error, EINVAL, NULL, NULL,
				"not JSON: line %d, column %d", where.line, where.column);
	if (!json_is_object(json))
		ret = sriovd_error_set(error, EINVAL, NULL, NULL, "not an object");
	else
		ret = frame_parse(json, request, error);
	if (ret == 0)
		ret = params_parse(json_object_get(json, "params"), request, error);
	json_decref(json);

	return ret;
}

/* ---- replies ---- */

static char *
reply_dump(json_t *reply)
{
	char *text = json_dumps(reply, JSON_COMPACT);

	json_decref(reply);

	return text;
}

char *
sriovd_reply_result(int64_t id, json_t *result)
{
	json_t *reply = json_pack("{s:I, s:o}", "id", (json_int_t)id, "result", result);

	if (reply == NULL)
		return NULL;

	return reply_dump(reply);
}

/* A message may repeat a piece of a request that ends in the middle of a character. */
static json_t *
text_to_json(const char *text)
{
	char ascii[sizeof(((struct rte_sriov_error *)0)->text)];
	json_t *json = json_string(text);
	unsigned int i;

	if (json != NULL)
		return json;
	strlcpy(ascii, text, sizeof(ascii));
	for (i = 0; ascii[i] != '\0'; i++)
		if ((ascii[i] & 0x80) != 0)
			ascii[i] = '?';

	return json_string(ascii);
}

char *
sriovd_reply_error(int64_t id, const struct rte_sriov_error *error, json_t *holders)
{
	const char *name = strerrorname_np(error->err);
	json_t *body, *reply;

	body = json_object();
	json_object_set_new(body, "errno", json_string(name != NULL ? name : "EIO"));
	if (error->device[0] != '\0')
		json_object_set_new(body, "device", json_string(error->device));
	json_object_set_new(body, "message", text_to_json(error->text));
	if (error->remedy[0] != '\0')
		json_object_set_new(body, "remedy", text_to_json(error->remedy));
	if (holders != NULL)
		json_object_set_new(body, "holders", holders);
	reply = json_pack("{s:I, s:o}", "id", (json_int_t)id, "error", body);

	return reply != NULL ? reply_dump(reply) : NULL;
}

char *
sriovd_reply_progress(int64_t id, const char *text, unsigned int done, unsigned int total)
{
	json_t *reply = json_pack("{s:I, s:{s:s, s:i, s:i}}", "id", (json_int_t)id, "progress",
			"text", text, "done", (int)done, "total", (int)total);

	return reply != NULL ? reply_dump(reply) : NULL;
}
