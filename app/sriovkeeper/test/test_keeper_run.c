/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Runs of the keeper with the command, and what they leave. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "test_keeper.h"

#define OUTPUT_BYTES	65536

const char *keeper_path;
char keeper_test_dir[] = "/tmp/keeper-test-XXXXXX";
char keeper_errors[OUTPUT_BYTES], keeper_trace[OUTPUT_BYTES];
static const char *self_path;

void
keeper_test_sleep_ms(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
}

static void
file_read(const char *name, char *text)
{
	char path[512];
	size_t length = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", keeper_test_dir, name);
	f = fopen(path, "r");
	if (f != NULL) {
		length = fread(text, 1, OUTPUT_BYTES - 1, f);
		fclose(f);
	}
	text[length] = '\0';
}

static void
files_remove(void)
{
	static const char *const names[] = { "trace", "lives", "errors", "a", "b", "c" };
	char path[512];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", keeper_test_dir, names[i]);
		unlink(path);
	}
}

pid_t
keeper_spawn(const char *const *options, const char *const *lists)
{
	const char *argv[128];
	char path[512];
	unsigned int n = 0;
	pid_t pid;
	int fd;

	files_remove();
	argv[n++] = keeper_path;
	argv[n++] = "--runtime-dir";
	argv[n++] = keeper_test_dir;
	while (options != NULL && *options != NULL)
		argv[n++] = *options++;
	argv[n++] = "--";
	argv[n++] = self_path;
	argv[n++] = "command";
	argv[n++] = keeper_test_dir;
	while (*lists != NULL && n < sizeof(argv) / sizeof(argv[0]) - 1)
		argv[n++] = *lists++;
	argv[n] = NULL;
	fflush(stdout);
	pid = fork();
	if (pid != 0)
		return pid;
	snprintf(path, sizeof(path), "%s/errors", keeper_test_dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDERR_FILENO);
	alarm(KEEPER_RUN_TIMEOUT_S);
	execv(keeper_path, (char **)(uintptr_t)argv);
	_exit(98);
}

int
keeper_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	file_read("errors", keeper_errors);
	file_read("trace", keeper_trace);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

int
keeper_run(const char *const *options, const char *const *lists)
{
	return keeper_wait(keeper_spawn(options, lists));
}

bool
keeper_trace_comes(const char *text)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		file_read("trace", keeper_trace);
		if (strstr(keeper_trace, text) != NULL)
			return true;
		keeper_test_sleep_ms(10);
	}
	return false;
}

int
keeper_test_begin(const char *keeper)
{
	keeper_path = realpath(keeper, NULL);
	self_path = realpath("/proc/self/exe", NULL);
	if (keeper_path == NULL || self_path == NULL || mkdtemp(keeper_test_dir) == NULL)
		return -errno;
	return 0;
}

void
keeper_test_end(void)
{
	files_remove();
	rmdir(keeper_test_dir);
}
