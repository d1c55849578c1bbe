/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Tests of dpdk-sriov-keeper, the program. */

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test_keeper.h"

#define TRACE(text) CHECKF(strstr(keeper_trace, text) != NULL, "trace: %s\nerrors: %s", \
	keeper_trace, keeper_errors)
#define SAYS(text) CHECKF(strstr(keeper_errors, text) != NULL, "errors: %s", keeper_errors)
#define SAYS_NOT(text) CHECKF(strstr(keeper_errors, text) == NULL, "errors: %s", keeper_errors)

static int
test_fds_stored_come_back_in_order(void)
{
	char store_a[128], store_b[128], store_c[128];

	snprintf(store_a, sizeof(store_a), "store one %s/a", keeper_test_dir);
	snprintf(store_b, sizeof(store_b), "store two %s/b", keeper_test_dir);
	snprintf(store_c, sizeof(store_c), "store one %s/c", keeper_test_dir);
	/* The last datagram was not taken yet when the process dies. */
	CHECKF(keeper_run(NULL, LISTS("fds", store_a, store_b, store_c, "send READY=1", "die", "/",
		"fds", "send FDSTOREREMOVE=1|FDNAME=one", "die", "/", "fds", "exit 0")) == 0,
		"%s", keeper_errors);
	TRACE("life 0: none\n");
	TRACE("life 1: 3 one:two:one: a b c\n");
	TRACE("life 2: 1 two: b\n");
	SAYS("was ended by signal 9");
	return 0;
}

static int
test_same_file_kept_once(void)
{
	char store[128];

	snprintf(store, sizeof(store), "store x %s/a", keeper_test_dir);
	CHECKF(keeper_run(NULL, LISTS("send READY=1", store, "die", "/",
		/* As a process does that stores again what it has adopted. */
		"fds", "again", "die", "/", "fds", "exit 0")) == 0, "%s", keeper_errors);
	TRACE("life 2: 1 x: a\n");
	CHECKF(keeper_run(NULL, LISTS(store, "store y /dev/null", "store y /dev/null", "die", "/",
		"fds", "exit 0")) == 0, "%s", keeper_errors);
	/* Two opens are two files. */
	TRACE("life 1: 3 x:y:y: a null null\n");
	return 0;
}

static int
test_malformed_refused(void)
{
	CHECKF(keeper_run(NULL, LISTS("nul", "big", "empty", "send =", "send READY", "send =1|=",
		"send FDSTOREREMOVE=1", "send FDNAME=x", "send MAINPID=1", "send MAINPID=-5",
		"send MAINPID=99999999999999999999", "send WATCHDOG_USEC=x", "send FDSTORE=1",
		"sleep 100", "fds", "exit 0")) == 0, "%s", keeper_errors);
	SAYS("refused: a NUL byte in it");
	SAYS("MAINPID=1: no descendant");
	SAYS_NOT("is ready");
	CHECKF(keeper_run(NULL, LISTS("big", "sleep 50", "exit 0")) == 0, "%s", keeper_errors);
	SAYS("refused: too long");
	SAYS_NOT("is ready");
	return 0;
}

static int
test_foreign_sender_refused(void)
{
	CHECKF(keeper_run(NULL, LISTS("socket", "as-process READY=1", "sleep 50", "exit 0")) == 0,
		"%s", keeper_errors);
	TRACE("socket 600 dir 700\n");
	SAYS("refused: not the main process");
	SAYS_NOT("is ready");
	if (geteuid() != 0)
		return 0;
	CHECKF(keeper_run(NULL, LISTS("as-user READY=1", "sleep 50", "exit 0")) == 0,
		"%s", keeper_errors);
	SAYS("refused: another user");
	SAYS_NOT("is ready");
	return 0;
}

static int
test_too_many_fds_refused(void)
{
	CHECKF(keeper_run(OPTIONS("--max-fds", "5"), LISTS("many 253", "many 253", "die", "/",
		"fds", "exit 0")) == 0, "%s", keeper_errors);
	TRACE("life 1: 5 many:many:many:many:many: null");
	SAYS("248 of \"many\" are not kept: 5 descriptors are, of 5");
	return 0;
}

static int
test_bad_names_replaced(void)
{
	CHECKF(keeper_run(NULL, LISTS("store a:b /dev/null", "store  /dev/null", "die", "/", "fds",
		"exit 0")) == 0, "%s", keeper_errors);
	TRACE("life 1: 2 stored:stored: null null\n");
	SAYS("FDNAME is invalid");
	return 0;
}

static int
test_hung_up_dropped(void)
{
	CHECKF(keeper_run(NULL, LISTS("hung-up FDSTORE=1|FDNAME=gone",
		"hung-up FDSTORE=1|FDNAME=kept|FDPOLL=0", "sleep 100", "die", "/", "fds",
		"exit 0")) == 0, "%s", keeper_errors);
	TRACE("life 1: 1 kept:");
	SAYS("gone: has hung up");
	return 0;
}

static int
test_crash_loop_slows_down(void)
{
	struct timespec begin, end;
	double seconds;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	CHECKF(keeper_run(OPTIONS("--restart-max", "0.3"), LISTS("store x /dev/null", "die", "/",
		"die", "/", "die", "/", "exit 3", "/", "die", "/", "fds", "exit 0")) == 0,
		"%s", keeper_errors);
	clock_gettime(CLOCK_MONOTONIC, &end);
	seconds = end.tv_sec - begin.tv_sec + (end.tv_nsec - begin.tv_nsec) / 1e9;
	/* At once, 0.1, 0.2, 0.3 and 0.3 s. */
	CHECKF(seconds > 0.85 && seconds < 10, "%g s", seconds);
	TRACE("life 5: 1 x:");
	SAYS("has ended with status 3");
	return 0;
}

static int
test_signals_passed_on(void)
{
	pid_t pid = keeper_spawn(NULL, LISTS("send READY=1", "signal 1", "signal 12", "signal 15",
		"exit 0"));

	CHECKF(keeper_trace_comes("waiting\n"), "%s", keeper_trace);
	kill(pid, SIGHUP);
	CHECKF(keeper_trace_comes("signal 1\nwaiting\n"), "%s", keeper_trace);
	kill(pid, SIGUSR2);
	CHECKF(keeper_trace_comes("signal 12\nwaiting\n"), "%s", keeper_trace);
	kill(pid, SIGTERM);
	CHECKF(keeper_wait(pid) == 0, "%s", keeper_errors);
	TRACE("signal 15\n");
	return 0;
}

static int
test_stop_is_bounded(void)
{
	pid_t pid = keeper_spawn(OPTIONS("--stop-timeout", "0.2"), LISTS("ignore 15", "socket",
		"sleep 20000"));
	int status;

	CHECKF(keeper_trace_comes("socket"), "%s", keeper_trace);
	kill(pid, SIGTERM);
	status = keeper_wait(pid);
	CHECKF(status == 128 + SIGKILL, "status %d: %s", status, keeper_errors);
	SAYS("does not end: killing it");
	CHECKF(access(keeper_test_dir, F_OK) == 0 && rmdir(keeper_test_dir) != 0, "%s",
		"no directory");
	return 0;
}

static int
test_start_timeout_restarts(void)
{
	CHECKF(keeper_run(OPTIONS("--start-timeout", "0.2"), LISTS("sleep 20000", "/",
		"send READY=1", "sleep 400", "exit 0")) == 0, "%s", keeper_errors);
	SAYS("not ready in time");
	SAYS("is ready");
	return 0;
}

static int
test_watchdog_restarts(void)
{
	CHECKF(keeper_run(OPTIONS("--watchdog", "0.4"), LISTS("env WATCHDOG_USEC", "send READY=1",
		"sleep 200", "send WATCHDOG=1", "sleep 300", "env FDSTORE", "send WATCHDOG=1",
		"sleep 20000", "/", "send READY=1", "send WATCHDOG=trigger", "sleep 20000", "/",
		"exit 0")) == 0, "%s", keeper_errors);
	TRACE("WATCHDOG_USEC=400000\n");
	/* It lived for longer than one period. */
	TRACE("FDSTORE=512\n");
	SAYS("the watchdog has run out");
	SAYS("signal 6");
	return 0;
}

static int
test_main_pid_moves(void)
{
	CHECKF(keeper_run(NULL, LISTS("store x /dev/null", "move", "send READY=1", "sleep 100",
		"die", "/", "fds", "exit 0")) == 0, "%s", keeper_errors);
	SAYS("the main process is pid");
	SAYS("is ready");
	SAYS_NOT("status 7");
	TRACE("life 1: 1 x: null\n");
	return 0;
}

static int
test_flood_does_not_starve(void)
{
	pid_t pid = keeper_spawn(NULL, LISTS("flood", "send READY=1", "signal 15", "exit 0"));

	CHECKF(keeper_trace_comes("waiting"), "%s", keeper_trace);
	keeper_test_sleep_ms(300);
	kill(pid, SIGTERM);
	CHECKF(keeper_wait(pid) == 0, "%s", keeper_errors);
	SAYS("is ready");
	SAYS("refused: not the main process");
	/* A second at most is logged of it. */
	CHECKF(strlen(keeper_errors) < 2000, "%zu bytes", strlen(keeper_errors));
	return 0;
}

static int
test_usage_errors(void)
{
	static const struct {
		const char *args[5];
		int status;
	} cases[] = {
		{ { "--help" }, 0 },
		{ { NULL }, 2 },
		{ { "--max-fds", "0", "--", "true" }, 2 },
		{ { "--release", "x", "--", "true" }, 2 },
		{ { "--release", "-1", "--", "true" }, 2 },
		{ { "--unknown", "--", "true" }, 2 },
		{ { "--runtime-dir", "/nonexistent", "--", "true" }, 127 },
		{ { "--", "/nonexistent/command" }, 127 },
		{ { "--", "true" }, 0 },
	};
	size_t i, n;
	int status;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *argv[8] = { keeper_path };
		pid_t pid;

		for (n = 0; n < 5 && cases[i].args[n] != NULL; n++)
			argv[n + 1] = cases[i].args[n];
		fflush(stdout);
		pid = fork();
		if (pid == 0) {
			int null = open("/dev/null", O_WRONLY);

			dup2(null, STDERR_FILENO);
			dup2(null, STDOUT_FILENO);
			alarm(KEEPER_RUN_TIMEOUT_S);
			execv(keeper_path, (char **)(uintptr_t)argv);
			_exit(98);
		}
		waitpid(pid, &status, 0);
		CHECKF(WIFEXITED(status) && WEXITSTATUS(status) == cases[i].status, "case %zu: %#x",
			i, status);
	}
	return 0;
}

#define TEST(fn) { #fn, fn }

const struct keeper_test keeper_program_tests[] = {
	TEST(test_fds_stored_come_back_in_order),
	TEST(test_same_file_kept_once),
	TEST(test_malformed_refused),
	TEST(test_foreign_sender_refused),
	TEST(test_too_many_fds_refused),
	TEST(test_bad_names_replaced),
	TEST(test_hung_up_dropped),
	TEST(test_crash_loop_slows_down),
	TEST(test_signals_passed_on),
	TEST(test_stop_is_bounded),
	TEST(test_start_timeout_restarts),
	TEST(test_watchdog_restarts),
	TEST(test_main_pid_moves),
	TEST(test_flood_does_not_starve),
	TEST(test_usage_errors),
	{ NULL, NULL },
};
