/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdarg.h>
#include <string.h>

#include "ctl.h"

int
ctl_fail(struct ctl_error *error, enum ctl_exit status, const char *format, ...)
{
	va_list ap;

	ctl_error_clear(error);
	error->status = status;
	va_start(ap, format);
	vsnprintf(error->text, sizeof(error->text), format, ap);
	va_end(ap);

	return status;
}

void
ctl_remedy(struct ctl_error *error, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(error->remedy, sizeof(error->remedy), format, ap);
	va_end(ap);
}

void
ctl_error_clear(struct ctl_error *error)
{
	json_decref(error->holders);
	memset(error, 0, sizeof(*error));
}

static void
print_text(const struct ctl_error *error)
{
	const json_t *holder;
	const char *device;
	size_t i;

	fputs("dpdk-sriovctl: ", stderr);
	/* Many messages begin with their device. */
	if (error->device[0] != '\0' &&
			strncmp(error->text, error->device, strlen(error->device)) != 0)
		ctl_printf_safe(stderr, "%s: ", error->device);
	ctl_puts_safe(stderr, error->text);
	if (error->name[0] != '\0')
		ctl_printf_safe(stderr, " (%s)", error->name);
	fputc('\n', stderr);
	json_array_foreach(error->holders, i, holder) {
		device = ctl_json_text(holder, "device", "");
		ctl_printf_safe(stderr, "  held by: pid %lld (%s, uid %lld)%s%s\n",
				(long long)ctl_json_number(holder, "pid", -1),
				ctl_json_text(holder, "comm", "?"),
				(long long)ctl_json_number(holder, "uid", -1),
				device[0] != '\0' ? " on " : "", device);
	}
	if (error->remedy[0] != '\0') {
		fputs("  remedy: ", stderr);
		ctl_puts_safe(stderr, error->remedy);
		fputc('\n', stderr);
	}
}

/* The same members as an error of the protocol, whoever found it. */
static void
print_json(const struct ctl_error *error)
{
	json_t *object;

	/* A text cut off within a character is not UTF-8, and is left out. */
	object = json_pack("{s:{s:s*,s:s*,s:s*,s:s*,s:i,s:O*}}", "error",
			"errno", error->name[0] != '\0' ? error->name : NULL,
			"device", error->device[0] != '\0' ? error->device : NULL,
			"message", error->text,
			"remedy", error->remedy[0] != '\0' ? error->remedy : NULL,
			"exit_status", (int)error->status,
			"holders", error->holders);
	ctl_json_print(object, false);
	json_decref(object);
}

void
ctl_error_print(const struct ctl *ctl)
{
	print_text(&ctl->error);
	if (ctl->json)
		print_json(&ctl->error);
}
