/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "test_vfio_token.h"

static int
test_bdf_valid_parsed(void)
{
	static const struct {
		const char *text;
		struct vfio_token_bdf bdf;
	} cases[] = {
		{ "0000:00:00.0", { 0, 0, 0 } },
		{ "0000:01:10.2", { 0, 1, 0x82 } },
		{ "01:10.2", { 0, 1, 0x82 } },
		{ "ff:1f.7", { 0, 0xff, 0xff } },
		{ "aBcD:Ef:1F.7", { 0xabcd, 0xef, 0xff } },
		{ "10000:02:00.1", { 0x10000, 2, 1 } },
		{ "ffffffff:ff:1f.7", { UINT32_MAX, 0xff, 0xff } },
	};
	struct vfio_token_bdf bdf;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_SUCCESS(
				vfio_token_bdf_parse(cases[i].text, strlen(cases[i].text), &bdf),
				"'%s' was refused", cases[i].text);
		TEST_ASSERT(vfio_token_bdf_equal(&bdf, &cases[i].bdf), "'%s' is another address",
				cases[i].text);
	}

	return TEST_SUCCESS;
}

static int
test_bdf_malformed_refused(void)
{
	static const char * const texts[] = {
		"", "0", ":", "01:10", "01:10.", "1:10.0", "01:1.0", "01:10.8", "01:20.0",
		"01:10.00", "01-10.0", "01:10:0", "0g:10.0", "01:1g.0", "01:10.g", "+1:10.0",
		" 1:10.0", "01: 1.0", ":01:10.0", "0:01:10.0", "000:01:10.0", "0000:1:10.0",
		"0000:01:20.0", "0000:01:10.8", "0000:01:10", "0000:01:10.", "0000:01:10.0 ",
		" 0000:01:10.0", "0000:01:10.00", "0000.01:10.0", "000g:01:10.0", "-001:01:10.0",
		"0x00:01:10.0", "000000000:01:10.0", "0000:0000:01:10.0", "0000:01:10.0=",
		"0000:01:10.*", "random",
	};
	struct vfio_token_bdf bdf = { .domain = 42 };
	unsigned int i;

	for (i = 0; i < RTE_DIM(texts); i++)
		TEST_ASSERT_EQUAL(vfio_token_bdf_parse(texts[i], strlen(texts[i]), &bdf), -EINVAL,
				"'%s' was taken", texts[i]);
	TEST_ASSERT_EQUAL(bdf.domain, 42, "a refused address was stored");

	return TEST_SUCCESS;
}

static int
test_bdf_length_bounds_text(void)
{
	static const char text[] = "0000:01:10.2=file:/x";
	struct vfio_token_bdf bdf;
	size_t len;

	for (len = 0; len < sizeof(text); len++)
		TEST_ASSERT_EQUAL(vfio_token_bdf_parse(text, len, &bdf), len == 12 ? 0 : -EINVAL,
				"wrong result for %zu characters", len);

	return TEST_SUCCESS;
}

static int
test_bdf_formatted_parses_again(void)
{
	static const struct vfio_token_bdf bdfs[] = {
		{ 0, 0, 0 }, { 0, 1, 0x82 }, { 0xffff, 0xff, 0xff }, { UINT32_MAX, 0xff, 0xff },
	};
	char text[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_bdf bdf;
	unsigned int i;

	for (i = 0; i < RTE_DIM(bdfs); i++) {
		vfio_token_bdf_format(&bdfs[i], text);
		TEST_ASSERT_SUCCESS(vfio_token_bdf_parse(text, strlen(text), &bdf),
				"'%s' was refused", text);
		TEST_ASSERT(vfio_token_bdf_equal(&bdf, &bdfs[i]), "'%s' is another address", text);
	}
	vfio_token_bdf_format(&bdfs[1], text);
	TEST_ASSERT_SUCCESS(strcmp(text, "0000:01:10.2"), "formatted as '%s'", text);

	return TEST_SUCCESS;
}

static int
test_uuid_valid_parsed(void)
{
	static const uint8_t bytes[] = { 0x5e, 0xc7, 0xe7, 0xaa, 0x1f, 0x2e, 0x4d, 0x3c,
		0x8b, 0x4a, 0xa1, 0xb2, 0xc3, 0xd4, 0xe5, 0xf6 };
	struct vfio_token_error err;
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(vfio_token_uuid_parse(UUID_A, token, &err), "refused: %s", err.text);
	TEST_ASSERT_BUFFERS_ARE_EQUAL(token, bytes, sizeof(bytes), "not in the text's order");
	memset(token, 0, sizeof(token));
	TEST_ASSERT_SUCCESS(vfio_token_uuid_parse("5EC7E7AA-1F2E-4D3C-8B4A-A1B2C3D4E5F6", token,
			&err), "upper case refused: %s", err.text);
	TEST_ASSERT_BUFFERS_ARE_EQUAL(token, bytes, sizeof(bytes), "upper case is another");

	return TEST_SUCCESS;
}

static int
test_uuid_malformed_refused(void)
{
	static const char * const texts[] = {
		"", "x", UUID_BAD, UUID_A "0", UUID_A " ", UUID_A "\n", " " UUID_A, "{" UUID_A "}",
		"5ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f", "5ec7e7aa1f2e4d3c8b4aa1b2c3d4e5f6",
		"5ec7e7aa-1f2e-4d3c-8b4aa1b2c3d4e5f60", "5ec7e7aa_1f2e_4d3c_8b4a_a1b2c3d4e5f6",
		"5ec7e7a-a1f2e-4d3c-8b4a-a1b2c3d4e5f6", "+ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f6",
		" ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f6", "0xc7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f6",
	};
	struct vfio_token_error err;
	rte_uuid_t token;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(texts); i++) {
		ret = vfio_token_uuid_parse(texts[i], token, &err);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, -EINVAL, err.text, "malformed UUID"),
				"text %u", i);
	}

	return TEST_SUCCESS;
}

static int
test_uuid_all_zero_refused(void)
{
	struct vfio_token_error err;
	rte_uuid_t token;
	int ret = vfio_token_uuid_parse(UUID_NULL, token, &err);

	return token_test_refused(ret, -EINVAL, err.text, "all-zero");
}

static int
test_spec_valid_parsed(void)
{
	static const struct {
		const char *value;
		const char *bdf; /* NULL: none */
		enum rte_vfio_vf_token_source source;
		const char *arg;
	} cases[] = {
		{ UUID_A, NULL, RTE_VFIO_VF_TOKEN_SOURCE_UUID, UUID_A },
		{ VF0 "=" UUID_A, VF0, RTE_VFIO_VF_TOKEN_SOURCE_UUID, UUID_A },
		{ "01:10.0=" UUID_A, VF0, RTE_VFIO_VF_TOKEN_SOURCE_UUID, UUID_A },
		{ "file:/run/token", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE, "/run/token" },
		{ "file:relative", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE, "relative" },
		{ "file:/a=b", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE, "/a=b" },
		{ "file:" VF0 "=x", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE, VF0 "=x" },
		{ "file:random", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE, "random" },
		{ "file:env:X", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE, "env:X" },
		{ VF0 "=file:/a=b", VF0, RTE_VFIO_VF_TOKEN_SOURCE_FILE, "/a=b" },
		{ "file:/pods/" UUID_A "/token", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FILE,
			"/pods/" UUID_A "/token" },
		{ "fd:3", NULL, RTE_VFIO_VF_TOKEN_SOURCE_FD, "3" },
		{ PF "=fd:3", PF, RTE_VFIO_VF_TOKEN_SOURCE_FD, "3" },
		{ "env:TOKEN", NULL, RTE_VFIO_VF_TOKEN_SOURCE_ENV, "TOKEN" },
		{ VF1 "=env:TOKEN", VF1, RTE_VFIO_VF_TOKEN_SOURCE_ENV, "TOKEN" },
		{ "unix:/run/x.sock", NULL, RTE_VFIO_VF_TOKEN_SOURCE_UNIX, "/run/x.sock" },
		{ VF0 "=unix:/run/x", VF0, RTE_VFIO_VF_TOKEN_SOURCE_UNIX, "/run/x" },
		{ "random", NULL, RTE_VFIO_VF_TOKEN_SOURCE_RANDOM, "" },
		{ PF "=random", PF, RTE_VFIO_VF_TOKEN_SOURCE_RANDOM, "" },
	};
	struct vfio_token_error err;
	struct vfio_token_spec spec;
	struct vfio_token_bdf bdf;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_SUCCESS(vfio_token_spec_parse(cases[i].value, &spec, &err),
				"case %u refused: %s", i, err.text);
		TEST_ASSERT_EQUAL(spec.source, cases[i].source, "case %u: source %d", i,
				spec.source);
		TEST_ASSERT_SUCCESS(strcmp(spec.arg, cases[i].arg), "case %u: argument '%s'", i,
				spec.arg);
		TEST_ASSERT_EQUAL(spec.has_bdf, cases[i].bdf != NULL, "case %u: has_bdf", i);
		if (cases[i].bdf == NULL)
			continue;
		bdf = token_test_bdf(cases[i].bdf);
		TEST_ASSERT(vfio_token_bdf_equal(&spec.bdf, &bdf), "case %u: address", i);
	}

	return TEST_SUCCESS;
}

static int
test_spec_malformed_refused(void)
{
	static const struct {
		const char *value;
		const char *words;
	} cases[] = {
		{ "", "not [BDF=]SOURCE" },
		{ "x", "not [BDF=]SOURCE" },
		{ "random ", "not [BDF=]SOURCE" },
		{ "Random", "not [BDF=]SOURCE" },
		{ "FILE:/x", "not [BDF=]SOURCE" },
		{ "fil:/x", "not [BDF=]SOURCE" },
		{ "file:", "nothing after 'file:'" },
		{ "fd:", "nothing after 'fd:'" },
		{ "env:", "nothing after 'env:'" },
		{ "unix:", "nothing after 'unix:'" },
		{ PF "=unix:", "nothing after 'unix:'" },
		{ PF "=", "not [BDF=]SOURCE" },
		{ PF, "not [BDF=]SOURCE" },
		{ "0000:01:20.0=" UUID_A, "'0000:01:20.0' is not a PCI address" },
		{ "1:10.0=" UUID_A, "'1:10.0' is not a PCI address" },
		{ "eth0=" UUID_A, "not [BDF=]SOURCE" },
		{ "=" UUID_A, "not [BDF=]SOURCE" },
		{ PF "==" UUID_A, "not [BDF=]SOURCE" },
		{ PF "= " UUID_A, "not [BDF=]SOURCE" },
		{ PF " =" UUID_A, "not [BDF=]SOURCE" },
		{ " " UUID_A, "not [BDF=]SOURCE" },
		{ UUID_A " ", "not [BDF=]SOURCE" },
		{ UUID_A "0", "not [BDF=]SOURCE" },
		{ UUID_A "," UUID_B, "not [BDF=]SOURCE" },
		{ UUID_A "=" VF0, "not [BDF=]SOURCE" },
		{ "5ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f", "not [BDF=]SOURCE" },
		{ "5ec7e7aa1f2e4d3c8b4aa1b2c3d4e5f6", "not [BDF=]SOURCE" },
		{ "5ec7e7aa=1f2e-4d3c-8b4a-a1b2c3d4e5f", "not [BDF=]SOURCE" },
		{ VF0 "=5ec7e7aa=1f2e-4d3c-8b4a-a1b2c3d4e5f", "not [BDF=]SOURCE" },
		{ "5ec7e7aa1f2e4d3c=8b4aa1b2c3d4e5f6", "not [BDF=]SOURCE" },
		{ "env:" UUID_A, "a UUID after 'env:'" },
		{ VF0 "=fd:" UUID_A, "a UUID after 'fd:'" },
		{ "file:" UUID_A, "a UUID after 'file:'" },
		{ "unix:" UUID_A, "a UUID after 'unix:'" },
		/* Mistyped, it must not become a name that messages show. */
		{ "file:" UUID_BAD, "a UUID after 'file:'" },
		{ "unix:" UUID_A "0", "a UUID after 'unix:'" },
		{ "env:5ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f", "a UUID after 'env:'" },
		{ "fd:5ec7e7aa1f2e4d3c8b4aa1b2c3d4e5f6", "a UUID after 'fd:'" },
		{ "file: " UUID_A, "a UUID after 'file:'" },
	};
	struct vfio_token_error err;
	struct vfio_token_spec spec;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(cases); i++) {
		ret = vfio_token_spec_parse(cases[i].value, &spec, &err);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, -EINVAL, err.text, cases[i].words),
				"case %u", i);
		TEST_ASSERT_EQUAL(spec.source, RTE_VFIO_VF_TOKEN_SOURCE_NONE,
				"case %u: refused with a source", i);
	}

	return TEST_SUCCESS;
}

static struct vfio_token_content *content;

static int
content_setup(void)
{
	content = vfio_token_secret_alloc(VFIO_TOKEN_CONTENT_SIZE);
	return content != NULL ? 0 : -1;
}

static void
content_teardown(void)
{
	vfio_token_secret_free(content, VFIO_TOKEN_CONTENT_SIZE);
	content = NULL;
}

#define CONTENT_CASE(fn) TEST_CASE_ST(content_setup, content_teardown, fn)

static int
test_content_lone_uuid_is_single(void)
{
	static const char * const texts[] = {
		UUID_A, UUID_A "\n", UUID_A "\r\n", "\n\n" UUID_A "\n\n", "\t " UUID_A " \t\n",
		"# a comment\n" UUID_A, UUID_A " # a comment", UUID_A "\n# a comment",
		"#" UUID_B "\n" UUID_A "\n", "  # x\r\n\r\n" UUID_A "\r\n",
	};
	struct vfio_token_bdf bdf = token_test_bdf(PF);
	struct vfio_token_error err;
	unsigned int i;

	for (i = 0; i < RTE_DIM(texts); i++) {
		TEST_ASSERT_SUCCESS(vfio_token_content_parse(texts[i], strlen(texts[i]), content,
				&err), "text %u refused: %s", i, err.text);
		TEST_ASSERT(content->single && content->nb_lines == 1, "text %u: not single", i);
		TEST_ASSERT(token_test_equal(content->lines[0].token, UUID_A), "text %u: token", i);
		TEST_ASSERT_NULL(vfio_token_content_find(content, &bdf), "text %u: found", i);
	}

	return TEST_SUCCESS;
}

static int
test_content_lines_found_by_address(void)
{
	static const char text[] = "# tokens\n" PF " " UUID_A "\n\n\t01:10.0\t" UUID_B " # VF\r\n"
			"10000:01:10.0   " UUID_C;
	static const struct {
		const char *bdf;
		const char *uuid;
		unsigned int line;
	} cases[] = {
		{ PF, UUID_A, 2 }, { VF0, UUID_B, 4 }, { "10000:01:10.0", UUID_C, 5 },
	};
	const struct vfio_token_content_line *line;
	struct vfio_token_error err;
	struct vfio_token_bdf bdf;
	unsigned int i;

	TEST_ASSERT_SUCCESS(vfio_token_content_parse(text, strlen(text), content, &err),
			"refused: %s", err.text);
	TEST_ASSERT(!content->single && content->nb_lines == 3, "%u lines", content->nb_lines);
	for (i = 0; i < RTE_DIM(cases); i++) {
		bdf = token_test_bdf(cases[i].bdf);
		line = vfio_token_content_find(content, &bdf);
		TEST_ASSERT_NOT_NULL(line, "%s not found", cases[i].bdf);
		TEST_ASSERT_EQUAL(line->line, cases[i].line, "%s: line %u", cases[i].bdf,
				line->line);
		TEST_ASSERT(token_test_equal(line->token, cases[i].uuid), "%s: another token",
				cases[i].bdf);
	}
	bdf = token_test_bdf(VF1);
	TEST_ASSERT_NULL(vfio_token_content_find(content, &bdf), "found what is not there");

	return TEST_SUCCESS;
}

static int
test_content_malformed_refused(void)
{
	static const struct {
		const char *text;
		int ret;
		const char *words;
	} cases[] = {
		{ "", -EINVAL, "no token in it" },
		{ "\n", -EINVAL, "no token in it" },
		{ " \t\r\n\f\v", -EINVAL, "no token in it" },
		{ "# " UUID_A "\n#\n", -EINVAL, "no token in it" },
		{ "\n" UUID_BAD "\n", -EINVAL, "line 2: malformed UUID" },
		{ UUID_A "0", -EINVAL, "line 1: malformed UUID" },
		{ UUID_NULL, -EINVAL, "line 1: the all-zero UUID" },
		{ PF " " UUID_A "\n" VF0 " " UUID_NULL, -EINVAL, "line 2: the all-zero UUID" },
		{ PF " " UUID_BAD, -EINVAL, "line 1: malformed UUID" },
		{ PF, -EINVAL, "line 1: malformed UUID" },
		{ PF "=" UUID_A, -EINVAL, "line 1: malformed UUID" },
		{ "0000:01:20.0 " UUID_A, -EINVAL, "line 1: the first field is not a PCI address" },
		{ UUID_A " " PF, -EINVAL, "line 1: the first field is not a PCI address" },
		{ UUID_A " " UUID_B, -EINVAL, "line 1: the first field is not a PCI address" },
		{ PF " " UUID_A " " UUID_B, -EINVAL, "line 1: more than 'BDF UUID'" },
		{ UUID_A "\n" UUID_B, -EINVAL, "line 2: a UUID without an address" },
		{ UUID_A "\n" PF " " UUID_B, -EINVAL, "line 2: a UUID without an address" },
		{ PF " " UUID_B "\n\n" UUID_A, -EINVAL, "line 3: a UUID without an address" },
		{ PF " " UUID_A "\n" PF " " UUID_A, -EEXIST, "line 2: this address is in line 1" },
		{ VF0 " " UUID_A "\n\n" PF " " UUID_B "\n01:10.0 " UUID_C, -EEXIST,
			"line 4: this address is in line 1" },
		{ "\xef\xbb\xbf" UUID_A, -EINVAL, "line 1: malformed UUID" },
	};
	struct vfio_token_error err;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(cases); i++) {
		ret = vfio_token_content_parse(cases[i].text, strlen(cases[i].text), content, &err);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, cases[i].ret, err.text, cases[i].words),
				"case %u", i);
	}

	return TEST_SUCCESS;
}

static int
test_content_nul_byte_refused(void)
{
	static const struct {
		const char *text;
		size_t len;
		const char *words;
	} cases[] = {
		{ UUID_A "\0", 37, "line 1: a NUL byte" },
		{ UUID_A "\n\0", 38, "line 2: a NUL byte" },
		{ "#\0\n" UUID_A, 39, "line 1: a NUL byte" },
		{ "\0" UUID_A, 37, "line 1: a NUL byte" },
	};
	struct vfio_token_error err;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(cases); i++) {
		ret = vfio_token_content_parse(cases[i].text, cases[i].len, content, &err);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, -EINVAL, err.text, cases[i].words),
				"case %u", i);
	}

	return TEST_SUCCESS;
}

/* Lines of distinct addresses. */
static char *
lines_make(unsigned int nb_lines, size_t *len)
{
	char *text = malloc(nb_lines * 64 + 1);
	unsigned int i;

	*len = 0;
	for (i = 0; text != NULL && i < nb_lines; i++)
		*len += sprintf(text + *len, "%04x:%02x:%02x.%x " UUID_A "\n", i >> 16,
				i >> 8 & 0xff, i >> 3 & 0x1f, i & 7);

	return text;
}

static int
test_content_lines_up_to_limit_taken(void)
{
	struct vfio_token_error err;
	size_t len;
	char *text = lines_make(VFIO_TOKEN_CONTENT_LINES_MAX, &len);
	int ret;

	TEST_ASSERT_NOT_NULL(text, "no memory");
	ret = vfio_token_content_parse(text, len, content, &err);
	free(text);
	TEST_ASSERT_SUCCESS(ret, "refused: %s", err.text);
	TEST_ASSERT_EQUAL(content->nb_lines, VFIO_TOKEN_CONTENT_LINES_MAX, "%u lines",
			content->nb_lines);

	return TEST_SUCCESS;
}

static int
test_content_lines_beyond_limit_refused(void)
{
	static const unsigned int counts[] = { VFIO_TOKEN_CONTENT_LINES_MAX + 1, 10000 };
	struct vfio_token_error err;
	unsigned int i;
	char *text;
	size_t len;
	int ret;

	for (i = 0; i < RTE_DIM(counts); i++) {
		text = lines_make(counts[i], &len);
		TEST_ASSERT_NOT_NULL(text, "no memory");
		ret = vfio_token_content_parse(text, len, content, &err);
		/* Blank lines count as well: the limit bounds the work. */
		if (ret == -E2BIG && i == 0) {
			memset(text, '\n', len);
			ret = vfio_token_content_parse(text, len, content, &err);
		}
		free(text);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, -E2BIG, err.text,
				"line 4097: more than 4096 lines"), "%u lines", counts[i]);
	}

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_parse_suite = {
	.suite_name = "VF token: addresses, option values, contents",
	.unit_test_cases = {
		TEST_CASE(test_bdf_valid_parsed),
		TEST_CASE(test_bdf_malformed_refused),
		TEST_CASE(test_bdf_length_bounds_text),
		TEST_CASE(test_bdf_formatted_parses_again),
		TEST_CASE(test_uuid_valid_parsed),
		TEST_CASE(test_uuid_malformed_refused),
		TEST_CASE(test_uuid_all_zero_refused),
		TEST_CASE(test_spec_valid_parsed),
		TEST_CASE(test_spec_malformed_refused),
		CONTENT_CASE(test_content_lone_uuid_is_single),
		CONTENT_CASE(test_content_lines_found_by_address),
		CONTENT_CASE(test_content_malformed_refused),
		CONTENT_CASE(test_content_nul_byte_refused),
		CONTENT_CASE(test_content_lines_up_to_limit_taken),
		CONTENT_CASE(test_content_lines_beyond_limit_refused),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_parse(void)
{
	return unit_test_suite_runner(&token_test_parse_suite);
}

REGISTER_FAST_TEST(vfio_token_parse_autotest, true, true, test_vfio_token_parse);
