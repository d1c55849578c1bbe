/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The content of a token file or descriptor. */

#include <errno.h>
#include <string.h>

#include "fuzz.h"

static void
content_check(const struct vfio_token_content *content)
{
	const struct vfio_token_content_line *line;
	unsigned int i;

	FUZZ_CHECK(content->nb_lines >= 1);
	FUZZ_CHECK(content->nb_lines <= VFIO_TOKEN_CONTENT_LINES_MAX);
	FUZZ_CHECK(!content->single || content->nb_lines == 1);
	for (i = 0; i < content->nb_lines; i++) {
		line = &content->lines[i];
		FUZZ_CHECK(!rte_uuid_is_null(line->token));
		FUZZ_CHECK(line->line >= 1 && line->line <= VFIO_TOKEN_CONTENT_LINES_MAX);
		FUZZ_CHECK(i == 0 || line->line > line[-1].line);
		/* Found by its address, and so no address is there twice. */
		FUZZ_CHECK(vfio_token_content_find(content, &line->bdf) ==
				(content->single ? NULL : line));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct vfio_token_content *content;
	struct vfio_token_error err;
	char *text;
	int ret;

	if (content == NULL)
		content = vfio_token_secret_alloc(VFIO_TOKEN_CONTENT_SIZE);
	/* Of exactly that size, so that a byte too far is seen. */
	text = malloc(size);
	if (content == NULL || (text == NULL && size > 0))
		return 0;
	if (size > 0)
		memcpy(text, data, size);
	fuzz_error_clear(&err);
	ret = vfio_token_content_parse(text, size, content, &err);
	free(text);
	FUZZ_CHECK(ret == 0 || ret == -EINVAL || ret == -EEXIST || ret == -E2BIG);
	if (ret == 0)
		content_check(content);
	else
		fuzz_error_check(&err, data, size);

	return 0;
}
