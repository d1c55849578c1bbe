/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

#include <rte_debug.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_per_lcore.h>

#include "fuzz.h"

/* Characters of a token's text that make it recognisable. */
#define PIECE_LEN 8

static bool
is_secret(const uint8_t *piece)
{
	unsigned int i;

	for (i = 0; i < PIECE_LEN; i++)
		if (!isxdigit(piece[i]) && piece[i] != '-')
			return false;
	return true;
}

bool
fuzz_text_shows(const char *text, const uint8_t *data, size_t size)
{
	char piece[PIECE_LEN + 1] = "";
	size_t i;

	for (i = 0; i + PIECE_LEN <= size; i++) {
		if (!is_secret(data + i))
			continue;
		memcpy(piece, data + i, PIECE_LEN);
		if (strstr(text, piece) != NULL)
			return true;
	}

	return false;
}

void
fuzz_error_clear(struct vfio_token_error *err)
{
	memset(err->text, 0, sizeof(err->text));
}

void
fuzz_error_check(const struct vfio_token_error *err, const uint8_t *data, size_t size)
{
	FUZZ_CHECK(err->text[0] != '\0');
	FUZZ_CHECK(memchr(err->text, '\0', sizeof(err->text)) != NULL);
	FUZZ_CHECK(!fuzz_text_shows(err->text, data, size));
}

/*
 * What the layer needs of the rest of the EAL. The fuzzers link the layer without that rest, so
 * that all of what they link is instrumented.
 */
RTE_DEFINE_PER_LCORE(int, _rte_errno);

void
__rte_panic(const char *funcname, const char *format __rte_unused, ...)
{
	fprintf(stderr, "%s: panic\n", funcname);
	abort();
}

int
rte_log_register_type_and_pick_level(const char *name __rte_unused, uint32_t level __rte_unused)
{
	return 0;
}

int
rte_log(uint32_t level __rte_unused, uint32_t logtype __rte_unused, const char *format, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);

	return 0;
}

/* Of devices, of which there are none here. */
void
vfio_adopt_cleanup(void)
{
}
