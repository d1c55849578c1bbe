/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_cfgfile.h>
#include <rte_string_fns.h>

#include "sriovd_config_lines.h"

/* Longest line that rte_cfgfile reads. */
#define LINE_MAX_BYTES (CFG_NAME_LEN + CFG_VALUE_LEN)
/* Who makes more mistakes than that sees the others next time. */
#define FAULTS_MAX 200

/* ---- faults ---- */

static void
fault_add(const struct sriovd_place *place, bool warning, const char *fmt, va_list ap)
{
	struct sriovd_faults *faults = place->faults;
	struct sriovd_fault *fault;

	if (!warning)
		faults->nb_errors++;
	if (faults->nb >= FAULTS_MAX)
		return;
	fault = realloc(faults->fault, (faults->nb + 1) * sizeof(*fault));
	if (fault == NULL)
		return;
	faults->fault = fault;
	fault += faults->nb++;
	fault->line = place->line;
	fault->warning = warning;
	strlcpy(fault->section, place->section, sizeof(fault->section));
	strlcpy(fault->key, place->key, sizeof(fault->key));
	vsnprintf(fault->text, sizeof(fault->text), fmt, ap);
}

void
sriovd_fault_add(const struct sriovd_place *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_add(place, false, fmt, ap);
	va_end(ap);
}

void
sriovd_warning_add(const struct sriovd_place *place, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fault_add(place, true, fmt, ap);
	va_end(ap);
}

void
sriovd_faults_free(struct sriovd_faults *faults)
{
	free(faults->fault);
	memset(faults, 0, sizeof(*faults));
}

void
sriovd_fault_format(const struct sriovd_fault *fault, const char *file, char *text, size_t size)
{
	char where[160] = "";
	char number[16] = "";

	if (fault->line != 0)
		snprintf(number, sizeof(number), "%u:", fault->line);
	if (fault->section[0] != '\0')
		snprintf(where, sizeof(where), "[%s] %s%s", fault->section, fault->key,
				fault->key[0] != '\0' ? ": " : "");
	snprintf(text, size, "%s:%s %s%s%s", file, number, fault->warning ? "warning: " : "", where,
			fault->text);
}

/* ---- lines ---- */

static int
line_note(struct sriovd_lines *lines, unsigned int number, bool section)
{
	struct sriovd_line *line;

	if (lines->nb % 64 == 0) {
		line = realloc(lines->line, (lines->nb + 64) * sizeof(*line));
		if (line == NULL)
			return -ENOMEM;
		lines->line = line;
	}
	line = &lines->line[lines->nb++];
	line->line = number;
	line->section = section;

	return 0;
}

/* Cut off a comment and the blanks around: as rte_cfgfile does. */
static char *
line_strip(char *text)
{
	char *comment = strchr(text, '#');
	size_t len;

	/* "\#" is none; rte_cfgfile looks at the first one of a line only. */
	if (comment != NULL && (comment == text || comment[-1] != '\\'))
		*comment = '\0';
	text += strspn(text, " \t\r\v\f");
	len = strlen(text);
	while (len > 0 && isspace((unsigned char)text[len - 1]))
		text[--len] = '\0';

	return text;
}

static int
section_scan(const struct sriovd_place *place, const char *text, struct sriovd_lines *lines)
{
	const char *end = strchr(text, ']');

	if (end == NULL || end[1] != '\0') {
		sriovd_fault_add(place, end == NULL ? "a section without its \"]\"" :
				"something stands behind the section's \"]\"");
		return -EINVAL;
	}
	if (end - text - 1 >= CFG_NAME_LEN) {
		sriovd_fault_add(place, "the section's name has more than %d characters",
				CFG_NAME_LEN - 1);
		return -EINVAL;
	}

	return line_note(lines, place->line, true);
}

static int
key_scan(const struct sriovd_place *place, char *text, struct sriovd_lines *lines)
{
	char *value = strchr(text, '=');

	if (value == NULL) {
		sriovd_fault_add(place, "neither [SECTION] nor KEY = VALUE");
		return -EINVAL;
	}
	*value++ = '\0';
	value += strspn(value, " \t");
	text = line_strip(text);
	if (text[0] == '\0' || strlen(text) >= CFG_NAME_LEN) {
		sriovd_fault_add(place, "a key of no or more than %d characters", CFG_NAME_LEN - 1);
		return -EINVAL;
	}
	if (strlen(value) >= CFG_VALUE_LEN) {
		sriovd_fault_add(place, "%s: the value has more than %d characters", text,
				CFG_VALUE_LEN - 1);
		return -EINVAL;
	}
	if (lines->nb == 0) {
		sriovd_fault_add(place, "%s: a key before the first section", text);
		return -EINVAL;
	}

	return line_note(lines, place->line, false);
}

static int
line_scan(const struct sriovd_place *place, const char *start, size_t len,
		struct sriovd_lines *lines)
{
	char buf[LINE_MAX_BYTES + 1], *text;
	size_t i;

	if (len > LINE_MAX_BYTES) {
		sriovd_fault_add(place, "a line of more than %d bytes", LINE_MAX_BYTES);
		return -EINVAL;
	}
	for (i = 0; i < len; i++) {
		if ((unsigned char)start[i] < ' ' && start[i] != '\t' && start[i] != '\r') {
			sriovd_fault_add(place, "a control character, 0x%02x", start[i]);
			return -EINVAL;
		}
	}
	memcpy(buf, start, len);
	buf[len] = '\0';
	text = line_strip(buf);
	if (text[0] == '\0')
		return 0;

	return text[0] == '[' ? section_scan(place, text, lines) : key_scan(place, text, lines);
}

int
sriovd_lines_scan(const char *text, size_t size, struct sriovd_lines *lines,
		struct sriovd_faults *faults)
{
	struct sriovd_place place = { .faults = faults, .section = "", .key = "" };
	const char *end;
	int ret = 0, err;
	size_t len;

	while (size > 0) {
		place.line++;
		end = memchr(text, '\n', size);
		len = end != NULL ? (size_t)(end - text) : size;
		err = line_scan(&place, text, len, lines);
		if (err != 0)
			ret = err;
		if (err == -ENOMEM)
			return err;
		len += end != NULL;
		text += len;
		size -= len;
	}

	return ret;
}
