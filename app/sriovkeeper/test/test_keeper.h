/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Between the files of dpdk-sriov-keeper's tests. */

#ifndef TEST_KEEPER_H
#define TEST_KEEPER_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/* Longest time of one run, in seconds. */
#define KEEPER_RUN_TIMEOUT_S	15

/* A check, and what else is to be printed when it fails. */
#define CHECK(cond) CHECKF(cond, "%s", "")
#define CHECKF(cond, fmt, ...) do { \
	if (!(cond)) { \
		printf("%s:%d: not so: %s: " fmt "\n", __FILE__, __LINE__, #cond, __VA_ARGS__); \
		return -1; \
	} \
} while (0)

/* Returns 0, or -1 after a check that has failed. */
struct keeper_test {
	const char *name;
	int (*run)(void);
};

/* Each ends with one without a name. */
extern const struct keeper_test keeper_parts_tests[];
extern const struct keeper_test keeper_program_tests[];

/* ---- the command (test_keeper_command.c) ---- */

/* Does the list of this life: those before are in the trace. The last one is for all after it. */
int keeper_test_command(int argc, char **argv);

/* ---- the runs (test_keeper_run.c) ---- */

/* The keeper, and a directory for the time of the tests. */
extern const char *keeper_path;
extern char keeper_test_dir[];
/* What the last run has left: the keeper's log, and what the command has noted. */
extern char keeper_errors[], keeper_trace[];

#define OPTIONS(...) ((const char *const []){ __VA_ARGS__, NULL })
#define LISTS(...) ((const char *const []){ __VA_ARGS__, NULL })

/* Make the directory, and find the programs. Returns 0 or -errno. */
int keeper_test_begin(const char *keeper);
/* Remove the directory. */
void keeper_test_end(void);
/* Start the keeper with the command. Returns its process number. */
pid_t keeper_spawn(const char *const *options, const char *const *lists);
/* Wait for the keeper's end. Returns its exit status; above 255: a signal. */
int keeper_wait(pid_t pid);
/* Both of them. */
int keeper_run(const char *const *options, const char *const *lists);
/* Wait until the trace holds @text. */
bool keeper_trace_comes(const char *text);
/* Sleep for a number of milliseconds. */
void keeper_test_sleep_ms(long ms);

#endif /* TEST_KEEPER_H */
