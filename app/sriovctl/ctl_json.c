/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

const char *
ctl_json_text(const json_t *object, const char *key, const char *missing)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text != NULL ? text : missing;
}

json_int_t
ctl_json_number(const json_t *object, const char *key, json_int_t missing)
{
	const json_t *value = json_object_get(object, key);

	return json_is_integer(value) ? json_integer_value(value) : missing;
}

bool
ctl_json_true(const json_t *object, const char *key)
{
	return json_is_true(json_object_get(object, key));
}

const json_t *
ctl_json_list(const json_t *object, const char *key)
{
	const json_t *value = json_object_get(object, key);

	/* The functions of jansson take NULL for an array of no items. */
	return json_is_array(value) ? value : NULL;
}

void
ctl_wipe_free(void *memory)
{
	if (memory != NULL)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}
