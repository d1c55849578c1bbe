/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

/* A line of progress is being rewritten on the terminal. */
static bool progress_open;

/*
 * Bytes of the control characters: C0, DEL, and C1 as UTF-8 has them (c2 80 to c2 9f). Texts of
 * jansson's are valid UTF-8.
 */
void
ctl_puts_safe(FILE *out, const char *text)
{
	const unsigned char *c;

	for (c = (const unsigned char *)text; *c != '\0'; c++) {
		if (c[0] == 0xc2 && c[1] >= 0x80 && c[1] <= 0x9f) {
			fputc('?', out);
			c++;
		} else {
			fputc((*c < 0x20 && *c != '\n') || *c == 0x7f ? '?' : *c, out);
		}
	}
}

void
ctl_printf_safe(FILE *out, const char *format, ...)
{
	char *text = NULL;
	va_list ap;

	va_start(ap, format);
	if (vasprintf(&text, format, ap) >= 0) {
		ctl_puts_safe(out, text);
		ctl_wipe_free(text);
	}
	va_end(ap);
}

void
ctl_wrap(const char *text, int column, int indent, int width)
{
	bool first = true;

	while (*text != '\0') {
		int len = (int)strcspn(text, " ");

		if (!first && column + 1 + len > width) {
			printf("\n%*s", indent, "");
			column = indent;
		} else if (!first) {
			putchar(' ');
			column++;
		}
		ctl_printf_safe(stdout, "%.*s", len, text);
		column += len;
		text += len;
		text += strspn(text, " ");
		first = false;
	}
	putchar('\n');
}

static int
write_stdout(const char *text, size_t size, void *data)
{
	const char *end = text + size;

	(void)data;
	for (; text < end; text++)
		/* The one control character that jansson does not escape. */
		if ((*text == 0x7f ? fputs("\\u007F", stdout) : fputc(*text, stdout)) == EOF)
			return -1;
	return 0;
}

void
ctl_json_print(const json_t *value, bool compact)
{
	size_t flags = JSON_PRESERVE_ORDER | JSON_ENCODE_ANY | JSON_ENSURE_ASCII;

	if (value == NULL)
		return;
	/* An error of the output is found by ctl_output_finish(). */
	json_dump_callback(value, write_stdout, NULL,
			flags | (compact ? JSON_COMPACT : JSON_INDENT(2)));
	fputc('\n', stdout);
}

void
ctl_progress_show(const struct ctl *ctl, const char *text, json_int_t done, json_int_t total)
{
	bool tty = isatty(STDERR_FILENO) == 1;
	char count[48] = "";

	if (!tty && !ctl->verbose)
		return;
	if (total > 0)
		snprintf(count, sizeof(count), " (%lld of %lld)", (long long)done,
				(long long)total);
	fputs(tty ? "\r\033[K" : "", stderr);
	ctl_puts_safe(stderr, text);
	fputs(count, stderr);
	if (tty)
		progress_open = true;
	else
		fputc('\n', stderr);
	fflush(stderr);
}

void
ctl_progress_end(void)
{
	if (progress_open)
		fputs("\r\033[K", stderr);
	progress_open = false;
}

int
ctl_output_finish(struct ctl *ctl)
{
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return CTL_EXIT_OK;
	return ctl_fail(&ctl->error, CTL_EXIT_LOCAL, "cannot write the output: %s",
			strerror(errno));
}
