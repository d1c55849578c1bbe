/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdlib.h>
#include <string.h>

#include "ctl_client.h"
#include "ctl_command.h"
#include "ctl_reply.h"

/* One request on a connection. */
#define REQUEST_ID 1
#define PROTOCOL_VERSION 1
/* The daemon closes on a longer one. */
#define REQUEST_MAX_BYTES (64 * 1024)
/* Beyond the time that the daemon itself was given to wait. */
#define MARGIN_S 10

static int
send_request(struct ctl *ctl, struct ctl_client *client, const char *method, json_t *params)
{
	json_t *request = json_pack("{s:i,s:i,s:s,s:o}", "version", PROTOCOL_VERSION,
			"id", REQUEST_ID, "method", method,
			"params", params != NULL ? json_incref(params) : json_object());
	char *text;
	size_t len;
	int ret;

	if (ctl->dry_run)
		json_object_set_new(request, "dry_run", json_true());
	text = json_dumps(request, JSON_COMPACT | JSON_PRESERVE_ORDER);
	json_decref(request);
	if (text == NULL)
		return ctl_fail(&ctl->error, CTL_EXIT_LOCAL, "no memory for the request");
	len = strlen(text);
	if (len > REQUEST_MAX_BYTES)
		ret = ctl_fail(&ctl->error, CTL_EXIT_USAGE, "a request of %zu bytes, more than the "
				"%d that the daemon takes", len, REQUEST_MAX_BYTES);
	else
		ret = ctl_client_send(client, text, len, &ctl->error);
	ctl_wipe_free(text);

	return ret;
}

/* Receive replies up to the last one. */
static int
receive_result(struct ctl *ctl, struct ctl_client *client, json_t **result)
{
	struct ctl_reply reply;
	char *data;
	size_t len;
	int ret;

	for (;;) {
		ret = ctl_client_receive(client, &data, &len, &ctl->error);
		if (ret != CTL_EXIT_OK)
			return ret;
		ret = ctl_reply_parse(data, len, REQUEST_ID, &reply, &ctl->error);
		ctl_wipe_free(data);
		if (ret != CTL_EXIT_OK)
			return ret;
		if (reply.kind == CTL_REPLY_RESULT) {
			*result = reply.body;
			return CTL_EXIT_OK;
		}
		if (reply.kind == CTL_REPLY_ERROR)
			ctl_reply_error(&reply, &ctl->error);
		else
			ctl_progress_show(ctl, ctl_json_text(reply.body, "text", ""),
					ctl_json_number(reply.body, "done", 0),
					ctl_json_number(reply.body, "total", 0));
		json_decref(reply.body);
		if (reply.kind == CTL_REPLY_ERROR)
			return CTL_EXIT_FAILED;
	}
}

int
ctl_ask(struct ctl *ctl, const char *method, json_t *params, json_t **result)
{
	unsigned int timeout_s = ctl->timeout_s != 0 ? ctl->timeout_s : ctl->command->timeout_s;
	struct ctl_client client;
	int ret;

	/* What the daemon itself is to wait for comes before its answer. */
	if (json_object_get(params, "timeout_s") != NULL)
		timeout_s += MARGIN_S;
	ret = ctl_client_open(&client, ctl->socket, timeout_s, &ctl->error);
	if (ret != CTL_EXIT_OK)
		return ret;
	ret = send_request(ctl, &client, method, params);
	if (ret == CTL_EXIT_OK)
		ret = receive_result(ctl, &client, result);
	ctl_progress_end();
	ctl_client_close(&client);

	return ret;
}

static void
print_plan(const json_t *result, const char *key, const char *before, const char *none)
{
	const json_t *list = ctl_json_list(result, key), *item;
	size_t i;

	if (json_array_size(list) == 0)
		puts(none);
	json_array_foreach(list, i, item)
		ctl_printf_safe(stdout, "%s%s\n", before,
				json_is_string(item) ? json_string_value(item) : "?");
}

static void
print_pf(const json_t *pf)
{
	ctl_printf_safe(stdout, "%s: %lld of %lld VFs%s\n", ctl_json_text(pf, "pf", "?"),
			(long long)ctl_json_number(pf, "num_vfs", -1),
			(long long)ctl_json_number(pf, "total_vfs", -1),
			ctl_json_true(pf, "held") ? ", held by the daemon" :
			", not held by the daemon");
}

static void
print_vf(const json_t *vf)
{
	ctl_printf_safe(stdout, "%s: VF %lld of %s, %s\n", ctl_json_text(vf, "vf", "?"),
			(long long)ctl_json_number(vf, "index", -1), ctl_json_text(vf, "pf", "?"),
			ctl_json_text(vf, "state", "?"));
}

/* In a sentence: status shows everything. */
static void
print_result(const struct ctl *ctl, const json_t *result)
{
	if (ctl->json)
		ctl_json_print(result, false);
	else if (ctl->dry_run)
		print_plan(result, "plan", "would: ", "nothing to do");
	else if (json_object_get(result, "changes") != NULL)
		print_plan(result, "changes", "", "nothing has changed");
	else if (json_object_get(result, "vf") != NULL)
		print_vf(result);
	else if (json_object_get(result, "pf") != NULL)
		print_pf(result);
	else
		puts("done");
}

int
ctl_run_request(struct ctl *ctl)
{
	json_t *result;
	int ret = ctl_ask(ctl, ctl->command->method, ctl->params, &result);

	if (ret != CTL_EXIT_OK)
		return ret;
	print_result(ctl, result);
	json_decref(result);

	return CTL_EXIT_OK;
}

int
ctl_run_patient(struct ctl *ctl)
{
	unsigned int timeout_s = ctl->timeout_s != 0 ? ctl->timeout_s : ctl->command->timeout_s;

	json_object_set_new(ctl->params, "timeout_s", json_integer(timeout_s));
	return ctl_run_request(ctl);
}

/* The address of VF number index of a PF in a status. */
static const char *
vf_address(const json_t *status, const char *pf, json_int_t index)
{
	const json_t *pf_item, *vf;
	size_t i, k;

	json_array_foreach(ctl_json_list(status, "pfs"), i, pf_item) {
		if (strcmp(ctl_json_text(pf_item, "pf", ""), pf) != 0)
			continue;
		json_array_foreach(ctl_json_list(pf_item, "vfs"), k, vf)
			if (ctl_json_number(vf, "index", -1) == index)
				return ctl_json_text(vf, "vf", NULL);
	}

	return NULL;
}

int
ctl_resolve(struct ctl *ctl, const char *key)
{
	const char *name = ctl_json_text(ctl->params, key, ""), *slash = strchr(name, '/');
	json_t *params, *status = NULL;
	const char *vf;
	char pf[CTL_BDF_SIZE];
	bool dry_run = ctl->dry_run;
	int ret;

	if (slash == NULL)
		return CTL_EXIT_OK;
	snprintf(pf, sizeof(pf), "%.*s", (int)(slash - name), name);
	params = json_pack("{s:s}", "pf", pf);
	ctl->dry_run = false;
	ret = ctl_ask(ctl, "status", params, &status);
	ctl->dry_run = dry_run;
	json_decref(params);
	if (ret != CTL_EXIT_OK)
		return ret;
	vf = vf_address(status, pf, atoll(slash + 1));
	if (vf != NULL) {
		json_object_set_new(ctl->params, key, json_string(vf));
	} else {
		ret = ctl_fail(&ctl->error, CTL_EXIT_FAILED, "%s: no such VF", name);
		ctl_remedy(&ctl->error, "dpdk-sriovctl status %s lists them", pf);
	}
	json_decref(status);

	return ret;
}

int
ctl_run_rotate(struct ctl *ctl)
{
	int ret = ctl_resolve(ctl, "device");

	return ret != CTL_EXIT_OK ? ret : ctl_run_request(ctl);
}

int
ctl_run_hello(struct ctl *ctl)
{
	json_t *result;
	int ret = ctl_ask(ctl, "hello", NULL, &result);

	if (ret != CTL_EXIT_OK)
		return ret;
	if (ctl->json)
		ctl_json_print(result, false);
	else
		ctl_printf_safe(stdout, "%s %s, protocol %lld, pid %lld, up for %lld s; you may %s\n",
				ctl_json_text(result, "program", "?"),
				ctl_json_text(result, "version", "?"),
				(long long)ctl_json_number(result, "protocol", -1),
				(long long)ctl_json_number(result, "pid", -1),
				(long long)ctl_json_number(result, "uptime_s", -1),
				ctl_json_true(result, "admin") ? "change things" : "look only");
	json_decref(result);

	return CTL_EXIT_OK;
}
