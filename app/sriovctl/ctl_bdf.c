/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <string.h>

#include "ctl.h"

/* Takes between min and max hexadecimal digits, all that follow. */
static bool
hex_take(const char **text, const char *end, int min, int max, uint32_t *value)
{
	int digits = 0;

	*value = 0;
	for (; *text < end && isxdigit((unsigned char)**text); (*text)++) {
		char c = tolower((unsigned char)**text);

		if (++digits > max)
			return false;
		*value <<= 4;
		*value |= (uint32_t)(isdigit((unsigned char)c) ? c - '0' : c - 'a' + 10);
	}

	return digits >= min;
}

static bool
char_take(const char **text, const char *end, char c)
{
	if (*text == end || **text != c)
		return false;
	(*text)++;
	return true;
}

bool
ctl_bdf_parse(const char *text, size_t len, struct ctl_bdf *bdf)
{
	const char *end = text + len, *colon = memchr(text, ':', len);
	uint32_t domain = 0, bus, device, function;

	/* A second colon: the first part is the domain. */
	if (colon != NULL && memchr(colon + 1, ':', (size_t)(end - colon - 1)) != NULL &&
			!(hex_take(&text, end, 4, 8, &domain) && char_take(&text, end, ':')))
		return false;
	if (!hex_take(&text, end, 2, 2, &bus) || !char_take(&text, end, ':') ||
			!hex_take(&text, end, 2, 2, &device) || !char_take(&text, end, '.') ||
			!hex_take(&text, end, 1, 1, &function) || text != end)
		return false;
	if (device > 0x1f || function > 7)
		return false;
	bdf->domain = domain;
	bdf->bus = bus;
	bdf->device = device;
	bdf->function = function;

	return true;
}

void
ctl_bdf_format(const struct ctl_bdf *bdf, char text[CTL_BDF_SIZE])
{
	snprintf(text, CTL_BDF_SIZE, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus & 0xff,
			bdf->device & 0x1f, bdf->function & 7);
}
