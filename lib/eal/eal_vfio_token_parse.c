/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_string_fns.h>

#include "eal_vfio_token_private.h"

#define UUID_LEN (RTE_UUID_STRLEN - 1)

/* Hexadecimal digits and hyphens from which on a name is taken for a UUID that was mistyped. */
#define UUID_LIKE_LEN 28

/* Longest address: eight digits of domain, then ":BB:DD.F". */
#define BDF_LEN_MAX (RTE_VFIO_VF_TOKEN_BDF_SIZE - 1)

/* Value of a hexadecimal digit. */
static uint32_t
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return (c | 0x20) - 'a' + 10;
}

/* Parse between min and max hexadecimal digits. Returns how many there were, or 0. */
static size_t
hex_parse(const char *text, size_t len, size_t min, size_t max, uint32_t *value)
{
	size_t n;

	*value = 0;
	for (n = 0; n < len && n < max && isxdigit((unsigned char)text[n]); n++)
		*value = *value << 4 | hex_value(text[n]);

	return n >= min ? n : 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_bdf_parse)
int
vfio_token_bdf_parse(const char *text, size_t len, struct vfio_token_bdf *bdf)
{
	uint32_t domain = 0, bus, device, function;
	size_t n;

	/* "BB:DD.F" is seven characters; anything longer starts with a domain. */
	if (len > 7) {
		n = hex_parse(text, len, 4, 8, &domain);
		if (n == 0 || n == len || text[n] != ':')
			return -EINVAL;
		text += n + 1;
		len -= n + 1;
	}
	if (len != 7 || text[2] != ':' || text[5] != '.')
		return -EINVAL;
	if (hex_parse(text, 2, 2, 2, &bus) == 0 || hex_parse(text + 3, 2, 2, 2, &device) == 0 ||
			hex_parse(text + 6, 1, 1, 1, &function) == 0)
		return -EINVAL;
	if (device > 0x1f || function > 7)
		return -EINVAL;

	bdf->domain = domain;
	bdf->bus = (uint8_t)bus;
	bdf->devfn = (uint8_t)(device << 3 | function);

	return 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_bdf_format)
void
vfio_token_bdf_format(const struct vfio_token_bdf *bdf, char text[RTE_VFIO_VF_TOKEN_BDF_SIZE])
{
	snprintf(text, RTE_VFIO_VF_TOKEN_BDF_SIZE, "%04x:%02x:%02x.%x", bdf->domain, bdf->bus,
			bdf->devfn >> 3, bdf->devfn & 7);
}

int
vfio_token_uuid_parse(const char *text, rte_uuid_t token, struct vfio_token_error *err)
{
	if (rte_uuid_parse(text, token) != 0)
		return vfio_token_fail(err, -EINVAL, "malformed UUID: it takes 36 characters, "
				"xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx in hexadecimal");
	if (rte_uuid_is_null(token))
		return vfio_token_fail(err, -EINVAL, "the all-zero UUID is not a token");

	return 0;
}

static const struct {
	const char *prefix;
	enum rte_vfio_vf_token_source source;
} source_prefixes[] = {
	{ "env:", RTE_VFIO_VF_TOKEN_SOURCE_ENV },
	{ "fd:", RTE_VFIO_VF_TOKEN_SOURCE_FD },
	{ "file:", RTE_VFIO_VF_TOKEN_SOURCE_FILE },
	{ "unix:", RTE_VFIO_VF_TOKEN_SOURCE_UNIX },
};

/*
 * Is it, or was it meant to be, a UUID rather than the name of something? Taken for a name it would
 * be shown. A character more, less or wrong does not make it one; a slash does.
 */
static bool
uuid_like(const char *text)
{
	unsigned int count = 0;

	for (; *text != '\0'; text++) {
		if (*text == '/')
			return false;
		count += isxdigit((unsigned char)*text) || *text == '-';
	}

	return count >= UUID_LIKE_LEN;
}

/*
 * Length of a prefix before '=' that was meant as an address, or 0. Only such a one is shown, with
 * a colon and groups of up to four digits: what follows a wrong '=', or all of it, may be the
 * secret.
 */
static size_t
address_like_length(const char *value)
{
	size_t digits, len = 0;
	bool colon = false;

	while (len <= BDF_LEN_MAX) {
		digits = strspn(value + len, "0123456789abcdefABCDEF");
		len += digits;
		if (digits > 4)
			return 0;
		if (value[len] != ':' && value[len] != '.')
			break;
		colon = colon || value[len] == ':';
		len++;
	}

	return colon && value[len] == '=' ? len : 0;
}

static int
spec_fail(const char *value, struct vfio_token_error *err)
{
	size_t len = address_like_length(value);

	if (len > 0)
		return vfio_token_fail(err, -EINVAL,
				"'%.*s' is not a PCI address: write DDDD:BB:DD.F, "
				"for example 0000:01:00.0", (int)len, value);

	return vfio_token_fail(err, -EINVAL, "not [BDF=]SOURCE (value not shown): SOURCE is a UUID "
			"of 36 characters, file:PATH, fd:N, env:NAME, unix:PATH or random");
}

int
vfio_token_spec_parse(const char *value, struct vfio_token_spec *spec,
		struct vfio_token_error *err)
{
	const char *equals = strchr(value, '=');
	const char *source = value;
	size_t i, len;

	memset(spec, 0, sizeof(*spec));
	if (equals != NULL &&
			vfio_token_bdf_parse(value, equals - value, &spec->bdf) == 0) {
		spec->has_bdf = true;
		source = equals + 1;
	}
	spec->arg = source;

	for (i = 0; i < RTE_DIM(source_prefixes); i++) {
		len = strlen(source_prefixes[i].prefix);
		if (strncmp(source, source_prefixes[i].prefix, len) != 0)
			continue;
		if (source[len] == '\0')
			return vfio_token_fail(err, -EINVAL, "nothing after '%s'",
					source_prefixes[i].prefix);
		if (uuid_like(source + len))
			return vfio_token_fail(err, -EINVAL, "a UUID after '%s': a token is given "
					"without it; for a path of such a name write ./NAME",
					source_prefixes[i].prefix);
		spec->source = source_prefixes[i].source;
		spec->arg = source + len;
		return 0;
	}
	if (strcmp(source, "random") == 0) {
		spec->source = RTE_VFIO_VF_TOKEN_SOURCE_RANDOM;
		spec->arg = "";
		return 0;
	}
	/* Told from its shape; vfio_token_uuid_parse() says more. */
	if (strlen(source) != UUID_LEN || strchr(source, '-') == NULL)
		return spec_fail(source, err);
	spec->source = RTE_VFIO_VF_TOKEN_SOURCE_UUID;

	return 0;
}

/* One line of a content, without its end. */
struct content_cursor {
	const char *text;
	size_t len;
	unsigned int line;
};

/* Take the next field of a line, up to white space or a comment. Returns its length. */
static size_t
field_next(struct content_cursor *cur, const char **field)
{
	size_t n = 0;

	while (cur->len > 0 && isspace((unsigned char)*cur->text)) {
		cur->text++;
		cur->len--;
	}
	if (cur->len > 0 && *cur->text == '#')
		cur->len = 0;
	*field = cur->text;
	while (n < cur->len && !isspace((unsigned char)cur->text[n]))
		n++;
	cur->text += n;
	cur->len -= n;

	return n;
}

static int
content_uuid_parse(const char *field, size_t len, unsigned int line, rte_uuid_t token,
		struct vfio_token_error *err)
{
	char text[RTE_UUID_STRLEN] = "";
	struct vfio_token_error why;
	int ret;

	if (len == UUID_LEN)
		memcpy(text, field, UUID_LEN);
	ret = vfio_token_uuid_parse(text, token, &why);
	explicit_bzero(text, sizeof(text));
	if (ret != 0)
		return vfio_token_fail(err, ret, "line %u: %s", line, why.text);

	return 0;
}

/* Parse "UUID" or "BDF UUID" into the next line of the content; nothing for a blank line. */
static int
content_line_parse(struct content_cursor *cur, struct vfio_token_content *content,
		struct vfio_token_error *err)
{
	struct vfio_token_content_line *out = &content->lines[content->nb_lines];
	const char *first, *second, *third;
	size_t first_len = field_next(cur, &first);
	size_t second_len = field_next(cur, &second);

	if (first_len == 0)
		return 0;
	if (field_next(cur, &third) != 0)
		return vfio_token_fail(err, -EINVAL, "line %u: more than 'BDF UUID'", cur->line);
	if (content->single || (second_len == 0 && content->nb_lines > 0))
		return vfio_token_fail(err, -EINVAL,
				"line %u: a UUID without an address must be the only entry; "
				"for several devices write lines 'BDF UUID'", cur->line);
	if (second_len == 0) {
		content->single = true;
		second = first;
		second_len = first_len;
	} else if (vfio_token_bdf_parse(first, first_len, &out->bdf) != 0) {
		return vfio_token_fail(err, -EINVAL,
				"line %u: the first field is not a PCI address: "
				"write DDDD:BB:DD.F, for example 0000:01:10.0", cur->line);
	}
	out->line = cur->line;
	content->nb_lines++;

	return content_uuid_parse(second, second_len, cur->line, out->token, err);
}

/* What is sorted to find an address twice: no token, since qsort() copies on the heap. */
struct content_key {
	uint64_t bdf;
	unsigned int line;
};

static int
content_key_compare(const void *a, const void *b)
{
	const struct content_key *x = a, *y = b;

	if (x->bdf != y->bdf)
		return x->bdf < y->bdf ? -1 : 1;
	return x->line < y->line ? -1 : x->line > y->line;
}

static int
content_unique_check(const struct vfio_token_content *content, struct vfio_token_error *err)
{
	struct content_key *keys;
	unsigned int i;
	int ret = 0;

	if (content->nb_lines < 2)
		return 0;
	keys = calloc(content->nb_lines, sizeof(*keys));
	if (keys == NULL)
		return vfio_token_fail(err, -ENOMEM, "no memory");
	for (i = 0; i < content->nb_lines; i++) {
		const struct vfio_token_content_line *line = &content->lines[i];

		keys[i].bdf = (uint64_t)line->bdf.domain << 16 | line->bdf.bus << 8 |
				line->bdf.devfn;
		keys[i].line = line->line;
	}
	qsort(keys, content->nb_lines, sizeof(*keys), content_key_compare);
	for (i = 1; i < content->nb_lines && ret == 0; i++)
		if (keys[i].bdf == keys[i - 1].bdf)
			ret = vfio_token_fail(err, -EEXIST,
					"line %u: this address is in line %u already",
					keys[i].line, keys[i - 1].line);
	free(keys);

	return ret;
}

int
vfio_token_content_parse(const char *text, size_t len, struct vfio_token_content *content,
		struct vfio_token_error *err)
{
	struct content_cursor cur = { .line = 0 };
	size_t pos = 0;
	int ret;

	content->single = false;
	content->nb_lines = 0;
	while (pos < len) {
		const char *end = memchr(text + pos, '\n', len - pos);

		cur.text = text + pos;
		cur.len = end != NULL ? (size_t)(end - cur.text) : len - pos;
		cur.line++;
		pos += cur.len + 1;
		if (cur.line > VFIO_TOKEN_CONTENT_LINES_MAX)
			return vfio_token_fail(err, -E2BIG, "line %u: more than %u lines",
					cur.line, VFIO_TOKEN_CONTENT_LINES_MAX);
		if (memchr(cur.text, '\0', cur.len) != NULL)
			return vfio_token_fail(err, -EINVAL,
					"line %u: a NUL byte; the content must be text", cur.line);
		ret = content_line_parse(&cur, content, err);
		if (ret != 0)
			return ret;
	}
	if (content->nb_lines == 0)
		return vfio_token_fail(err, -EINVAL, "no token in it: it takes one UUID, or lines "
				"'BDF UUID'");

	return content_unique_check(content, err);
}

const struct vfio_token_content_line *
vfio_token_content_find(const struct vfio_token_content *content,
		const struct vfio_token_bdf *bdf)
{
	unsigned int i;

	if (content->single)
		return NULL;
	for (i = 0; i < content->nb_lines; i++)
		if (vfio_token_bdf_equal(&content->lines[i].bdf, bdf))
			return &content->lines[i];

	return NULL;
}
