/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Telemetry: /sriov/list, /sriov/pf,BDF, /sriov/vf,BDF and /sriov/prometheus,BDF. */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rte_common.h>
#include <rte_telemetry.h>

#include "sriovd_prometheus.h"
#include "sriovd_worker.h"

/* How long telemetry's thread waits for the worker. */
#define STATUS_WAIT_MS 2000

/* Set before the commands are registered; a handler finds NULL after the end. */
static struct sriovd_worker *telemetry_worker;

void
sriovd_telemetry_stop(void)
{
	__atomic_store_n(&telemetry_worker, NULL, __ATOMIC_RELEASE);
}

/* For json_decref(); NULL: none. */
static json_t *
status_get(void)
{
	struct sriovd_worker *worker = __atomic_load_n(&telemetry_worker, __ATOMIC_ACQUIRE);

	return worker != NULL ? sriovd_worker_status(worker, STATUS_WAIT_MS) : NULL;
}

static json_t *
pf_find(const json_t *status, const char *bdf)
{
	const char *name;
	json_t *pf;
	size_t i;

	json_array_foreach(json_object_get(status, "pfs"), i, pf) {
		name = json_string_value(json_object_get(pf, "pf"));
		if (name != NULL && strcmp(name, bdf) == 0)
			return pf;
	}

	return NULL;
}

static json_t *
vf_find(const json_t *status, const char *bdf)
{
	const char *name;
	json_t *pf, *vf;
	size_t i, k;

	json_array_foreach(json_object_get(status, "pfs"), i, pf)
		json_array_foreach(json_object_get(pf, "vfs"), k, vf) {
			name = json_string_value(json_object_get(vf, "vf"));
			if (name != NULL && strcmp(name, bdf) == 0)
				return vf;
		}

	return NULL;
}

static struct rte_tel_data *
data_list(const json_t *json)
{
	struct rte_tel_data *data = rte_tel_data_alloc();
	const char *text;
	json_t *value;
	char buf[64];
	size_t i;

	if (data == NULL)
		return NULL;
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	json_array_foreach(json, i, value) {
		if (json_is_object(value)) {
			/* Grants and holders. */
			text = json_string_value(json_object_get(value, "grant"));
			snprintf(buf, sizeof(buf), "pid %lld", (long long)json_integer_value(
					json_object_get(value, "pid")));
			rte_tel_data_add_array_string(data, text != NULL ? text : buf);
		} else if (json_is_integer(value)) {
			snprintf(buf, sizeof(buf), "%lld", (long long)json_integer_value(value));
			rte_tel_data_add_array_string(data, buf);
		} else if (json_is_string(value)) {
			rte_tel_data_add_array_string(data, json_string_value(value));
		}
	}

	return data;
}

static void
data_fill_dict(struct rte_tel_data *data, const json_t *json, unsigned int depth)
{
	struct rte_tel_data *inner;
	const char *name;
	json_t *value;

	rte_tel_data_start_dict(data);
	json_object_foreach((json_t *)(uintptr_t)json, name, value) {
		/* VFs have a command of their own. */
		if (strcmp(name, "vfs") == 0)
			continue;
		if (json_is_string(value)) {
			rte_tel_data_add_dict_string(data, name, json_string_value(value));
		} else if (json_is_integer(value)) {
			rte_tel_data_add_dict_int(data, name, json_integer_value(value));
		} else if (json_is_boolean(value)) {
			rte_tel_data_add_dict_string(data, name,
					json_is_true(value) ? "yes" : "no");
		} else if (json_is_array(value)) {
			inner = data_list(value);
			if (inner != NULL)
				rte_tel_data_add_dict_container(data, name, inner, 0);
		} else if (json_is_object(value) && depth > 0) {
			inner = rte_tel_data_alloc();
			if (inner == NULL)
				continue;
			data_fill_dict(inner, value, depth - 1);
			rte_tel_data_add_dict_container(data, name, inner, 0);
		}
	}
}

static int
handle_list(const char *cmd __rte_unused, const char *params __rte_unused,
		struct rte_tel_data *data)
{
	json_t *status = status_get(), *pf, *vf;
	size_t i, k;

	if (status == NULL)
		return -EAGAIN;
	rte_tel_data_start_array(data, RTE_TEL_STRING_VAL);
	json_array_foreach(json_object_get(status, "pfs"), i, pf) {
		rte_tel_data_add_array_string(data,
				json_string_value(json_object_get(pf, "pf")));
		json_array_foreach(json_object_get(pf, "vfs"), k, vf)
			rte_tel_data_add_array_string(data,
					json_string_value(json_object_get(vf, "vf")));
	}
	json_decref(status);

	return 0;
}

static int
handle_one(const char *params, struct rte_tel_data *data,
		json_t *(*find)(const json_t *status, const char *bdf))
{
	json_t *status, *found;

	if (params == NULL || params[0] == '\0')
		return -EINVAL;
	status = status_get();
	found = find(status, params);
	if (found != NULL)
		data_fill_dict(data, found, 1);
	json_decref(status);

	return found != NULL ? 0 : -ENODEV;
}

static int
handle_pf(const char *cmd __rte_unused, const char *params, struct rte_tel_data *data)
{
	return handle_one(params, data, pf_find);
}

static int
handle_vf(const char *cmd __rte_unused, const char *params, struct rte_tel_data *data)
{
	return handle_one(params, data, vf_find);
}

static int
handle_prometheus(const char *cmd __rte_unused, const char *params, struct rte_tel_data *data)
{
	char text[RTE_TEL_MAX_SINGLE_STRING_LEN];
	json_t *status, *pf, *vf;

	if (params == NULL || params[0] == '\0')
		return -EINVAL;
	status = status_get();
	pf = pf_find(status, params);
	vf = pf == NULL ? vf_find(status, params) : NULL;
	if (pf != NULL)
		sriovd_prometheus_pf(pf, text, sizeof(text));
	else if (vf != NULL)
		sriovd_prometheus_vf(vf, text, sizeof(text));
	json_decref(status);
	if (pf == NULL && vf == NULL)
		return -ENODEV;

	return rte_tel_data_string(data, text);
}

void
sriovd_telemetry_register(struct sriovd_worker *worker)
{
	__atomic_store_n(&telemetry_worker, worker, __ATOMIC_RELEASE);
	rte_telemetry_register_cmd("/sriov/list", handle_list,
			"Returns the addresses of all PFs and their VFs. No parameters");
	rte_telemetry_register_cmd("/sriov/pf", handle_pf,
			"Returns the state of a PF. Parameters: address of the PF");
	rte_telemetry_register_cmd("/sriov/vf", handle_vf,
			"Returns the state of a VF. Parameters: address of the VF");
	rte_telemetry_register_cmd("/sriov/prometheus", handle_prometheus,
			"Returns metrics as text for Prometheus. Parameters: address of a PF or VF");
}
