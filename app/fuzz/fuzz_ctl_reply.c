/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A reply of the daemon to dpdk-sriovctl: parsed, and printed as an error or a tree. */

#include <string.h>

#include "ctl_reply.h"
#include "ctl_tree.h"
#include "fuzz.h"

/* What is printed goes nowhere, and costs no system call for each line. */
static void
output_discard(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	FUZZ_CHECK(freopen("/dev/null", "w", stdout) != NULL);
}

static void
check_error(const struct ctl_error *error)
{
	FUZZ_CHECK(error->text[0] != '\0');
	FUZZ_CHECK(memchr(error->text, '\0', sizeof(error->text)) != NULL);
	FUZZ_CHECK(memchr(error->name, '\0', sizeof(error->name)) != NULL);
	FUZZ_CHECK(memchr(error->device, '\0', sizeof(error->device)) != NULL);
	FUZZ_CHECK(memchr(error->remedy, '\0', sizeof(error->remedy)) != NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ctl ctl = { .json = true };
	struct ctl_tree_style style = {
		.unicode = size % 2 == 0,
		.verbose = size % 3 == 0,
		.seconds = 1,
	};
	struct ctl_reply reply;
	int ret;

	output_discard();
	ret = ctl_reply_parse((const char *)data, size, 1, &reply, &ctl.error);
	if (ret != CTL_EXIT_OK) {
		FUZZ_CHECK(ret == CTL_EXIT_PROTOCOL && ctl.error.status == CTL_EXIT_PROTOCOL);
		FUZZ_CHECK(reply.body == NULL);
		check_error(&ctl.error);
		FUZZ_CHECK(!fuzz_text_shows(ctl.error.text, data, size));
		ctl_error_clear(&ctl.error);
		return 0;
	}
	FUZZ_CHECK(ctl.error.status == CTL_EXIT_OK && json_is_object(reply.body));
	if (reply.kind == CTL_REPLY_ERROR) {
		ctl_reply_error(&reply, &ctl.error);
		check_error(&ctl.error);
		ctl_error_print(&ctl);
		ctl_error_clear(&ctl.error);
	} else {
		/* Beside itself: no rate, but all of the way there. */
		style.previous = size % 5 == 0 ? reply.body : NULL;
		ctl_tree_print(reply.body, &style);
	}
	json_decref(reply.body);

	return 0;
}
