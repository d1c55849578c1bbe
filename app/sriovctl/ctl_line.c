/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdarg.h>
#include <stdlib.h>

#include "ctl_line.h"

/* Columns at which a line of words goes on in the next. */
#define LINE_COLUMNS 110

void
ctl_line_word(struct ctl_line *line, const char *format, ...)
{
	char *text = NULL;
	va_list ap;
	int len;

	va_start(ap, format);
	len = vasprintf(&text, format, ap);
	va_end(ap);
	if (len < 0)
		return;
	if (line->column > 0 && line->column + len > LINE_COLUMNS) {
		putchar('\n');
		line->column = 0;
	}
	if (line->column == 0) {
		line->column = 3 + line->indent;
		printf("%s%*s", line->prefix, line->indent, "");
	} else {
		fputs("  ", stdout);
		line->column += 2;
	}
	ctl_puts_safe(stdout, text);
	line->column += len;
	free(text);
}

void
ctl_line_end(struct ctl_line *line)
{
	if (line->column > 0)
		putchar('\n');
	line->column = 0;
}

void
ctl_policy_format(const json_t *value, char *text, size_t size)
{
	const json_t *item;
	size_t i, len = 0;

	text[0] = '\0';
	if (json_is_boolean(value))
		snprintf(text, size, "%s", json_is_true(value) ? "on" : "off");
	else if (json_is_integer(value))
		snprintf(text, size, "%lld", (long long)json_integer_value(value));
	else if (json_is_string(value))
		snprintf(text, size, "%s", json_string_value(value));
	else if (json_is_array(value) && json_array_size(value) == 0)
		snprintf(text, size, "none");
	else if (!json_is_array(value))
		snprintf(text, size, "?");
	json_array_foreach(value, i, item) {
		if (len < size)
			len += (size_t)snprintf(text + len, size - len, "%s%lld", i > 0 ? "," : "",
					(long long)json_integer_value(item));
	}
}
