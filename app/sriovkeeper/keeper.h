/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef KEEPER_H
#define KEEPER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "keeper_store.h"

struct keeper_options {
	const char *runtime_dir;
	unsigned int max_fds;
	/* Times in milliseconds; 0: none. */
	int64_t watchdog_ms;
	int64_t start_timeout_ms;
	int64_t stop_timeout_ms;
	int64_t restart_max_ms;
	int64_t release_ms;
	char **command;
};

enum keeper_state {
	KEEPER_NO_CHILD,
	KEEPER_STARTING,
	KEEPER_READY,
};

struct keeper {
	struct keeper_options options;
	struct keeper_store store;
	enum keeper_state state;
	/* The process that the socket listens to, and all others do not. */
	pid_t main_pid;
	int64_t started_ms;
	/* Deadlines, in milliseconds of CLOCK_MONOTONIC; 0: none. */
	int64_t start_deadline_ms;
	int64_t watchdog_deadline_ms;
	int64_t kill_deadline_ms;
	int64_t restart_at_ms;
	int64_t watchdog_ms; /* as the child has it */
	unsigned int quick_deaths;
	/* We are to end: the next death of the child is the last. */
	bool stopping;
	bool done;
	int exit_status;
	int signal_fd;
	int notify_fd;
	uint64_t nb_refused;
	int64_t refused_logged_ms;
	char dir[108];
	char socket_path[108];
};

int64_t keeper_now_ms(void);

/* keeper_notify.c */

/* Makes the socket, in a directory of its own. Returns 0 or -errno with a message. */
int keeper_notify_open(struct keeper *keeper);
void keeper_notify_close(struct keeper *keeper);
/* Takes what has come, up to @max datagrams. Returns whether there may be more. */
bool keeper_notify_receive(struct keeper *keeper, unsigned int max);

/* keeper_child.c */

/* Starts the command with what is kept. Returns 0 or -errno with a message. */
int keeper_child_start(struct keeper *keeper);
/* Whether @pid is a descendant of ours. */
bool keeper_child_is_ours(pid_t pid);

#endif /* KEEPER_H */
