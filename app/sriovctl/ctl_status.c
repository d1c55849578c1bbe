/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <langinfo.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "ctl_command.h"
#include "ctl_tree.h"

#define INTERVAL_DEFAULT_S 2

/* A status that was printed. */
struct shown {
	json_t *status;
	struct timespec at;
};

static double
seconds_between(const struct timespec *from, const struct timespec *to)
{
	return (double)(to->tv_sec - from->tv_sec) + (double)(to->tv_nsec - from->tv_nsec) / 1e9;
}

/* Ask, print, and keep what was printed for the next time's rates. */
static int
status_show(struct ctl *ctl, bool watch, struct shown *last)
{
	struct ctl_tree_style style = {
		.unicode = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.verbose = ctl->verbose,
		.previous = last->status,
	};
	struct timespec now;
	json_t *status;
	int ret;

	ret = ctl_ask(ctl, "status", ctl->params, &status);
	if (ret != CTL_EXIT_OK)
		return ret;
	clock_gettime(CLOCK_MONOTONIC, &now);
	style.seconds = last->status != NULL ? seconds_between(&last->at, &now) : 0;
	if (ctl->json)
		ctl_json_print(status, watch);
	else
		ctl_tree_print(status, &style);
	json_decref(last->status);
	last->status = status;
	last->at = now;

	return CTL_EXIT_OK;
}

/* What stands above each print of --watch. */
static void
watch_head(bool first)
{
	time_t now = time(NULL);
	struct tm local;
	char text[32];

	localtime_r(&now, &local);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
	if (isatty(STDOUT_FILENO) == 1)
		fputs("\033[H\033[J", stdout);
	else if (!first)
		putchar('\n');
	puts(text);
}

/* A daemon that is away for a while, as over a restart, does not end the watch. */
static bool
goes_on(int ret)
{
	return ret == CTL_EXIT_UNREACHABLE || ret == CTL_EXIT_TIMEOUT;
}

static int
status_watch(struct ctl *ctl)
{
	json_int_t interval_s = ctl_json_number(ctl->local, "interval", INTERVAL_DEFAULT_S);
	json_int_t count = ctl_json_number(ctl->local, "count", 0), i;
	struct shown last = { 0 };
	int ret = CTL_EXIT_OK;

	for (i = 0; count == 0 || i < count; i++) {
		if (i > 0)
			sleep((unsigned int)interval_s);
		if (!ctl->json)
			watch_head(i == 0);
		if (goes_on(ret)) {
			ctl_error_clear(&ctl->error);
			json_decref(last.status);
			last.status = NULL;
		}
		ret = status_show(ctl, true, &last);
		if (ret != CTL_EXIT_OK && !goes_on(ret))
			break;
		/* The last one is printed by main(). */
		if (ret != CTL_EXIT_OK && (count == 0 || i + 1 < count))
			ctl_error_print(ctl);
		if (ctl_output_finish(ctl) != CTL_EXIT_OK) {
			ret = CTL_EXIT_LOCAL;
			break;
		}
	}
	json_decref(last.status);

	return ret;
}

int
ctl_run_status(struct ctl *ctl)
{
	struct shown last = { 0 };
	int ret;

	if (ctl_json_true(ctl->local, "watch"))
		return status_watch(ctl);
	if (json_object_get(ctl->local, "interval") != NULL ||
			json_object_get(ctl->local, "count") != NULL)
		return ctl_fail(&ctl->error, CTL_EXIT_USAGE, "--interval and --count go with "
				"--watch");
	ret = status_show(ctl, false, &last);
	json_decref(last.status);

	return ret;
}
