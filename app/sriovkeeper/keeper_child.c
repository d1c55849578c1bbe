/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "keeper.h"
#include "keeper_log.h"

/* The first descriptor that is passed, as sd_listen_fds(3) has it. */
#define LISTEN_FDS_START 3
/* More generations than this are a loop. */
#define ANCESTORS_MAX 64

/* The parent of @pid, or 0. */
static pid_t
parent_of(pid_t pid)
{
	char path[64], text[512];
	const char *p;
	int fd, parent;
	ssize_t length;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	length = read(fd, text, sizeof(text) - 1);
	close(fd);
	if (length <= 0)
		return 0;
	text[length] = '\0';
	/* The name, in parentheses, may hold anything. */
	p = strrchr(text, ')');
	if (p == NULL || sscanf(p + 1, " %*c %d", &parent) != 1)
		return 0;
	return parent;
}

bool
keeper_child_is_ours(pid_t pid)
{
	unsigned int i;

	for (i = 0; i < ANCESTORS_MAX && pid > 1; i++) {
		pid = parent_of(pid);
		if (pid == getpid())
			return true;
	}
	return false;
}

static int
number_set(const char *name, uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return setenv(name, text, 1) == 0 ? 0 : -errno;
}

static int
names_set(const struct keeper_store *store)
{
	char *names, *p;
	unsigned int i;
	int ret;

	names = malloc(KEEPER_NAMES_BYTES + 1);
	if (names == NULL)
		return -ENOMEM;
	p = names;
	for (i = 0; i < store->nb; i++)
		p += sprintf(p, "%s%s", i > 0 ? ":" : "", store->fds[i].name);
	ret = setenv("LISTEN_FDNAMES", names, 1) == 0 ? 0 : -errno;
	free(names);
	return ret;
}

static int
environment_set(const struct keeper *keeper)
{
	int ret = 0;

	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDNAMES");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
	if (setenv("NOTIFY_SOCKET", keeper->socket_path, 1) != 0 ||
			setenv("SRIOV_KEEPER", "1", 1) != 0)
		return -errno;
	ret = number_set("FDSTORE", keeper->store.max);
	if (ret == 0 && keeper->options.watchdog_ms != 0) {
		ret = number_set("WATCHDOG_USEC", keeper->options.watchdog_ms * 1000);
		if (ret == 0)
			ret = number_set("WATCHDOG_PID", getpid());
	}
	if (ret == 0 && keeper->store.nb > 0) {
		ret = number_set("LISTEN_FDS", keeper->store.nb);
		if (ret == 0)
			ret = number_set("LISTEN_PID", getpid());
		if (ret == 0)
			ret = names_set(&keeper->store);
	}
	return ret;
}

/* Puts what is kept at 3 and after, to be inherited. */
static int
descriptors_set(const struct keeper_store *store)
{
	const int first_free = LISTEN_FDS_START + store->nb;
	int *copies;
	unsigned int i;

	if (store->nb == 0)
		return 0;
	copies = calloc(store->nb, sizeof(*copies));
	if (copies == NULL)
		return -ENOMEM;
	/* Out of the way first: one may be where another belongs. */
	for (i = 0; i < store->nb; i++) {
		copies[i] = fcntl(store->fds[i].fd, F_DUPFD_CLOEXEC, first_free);
		if (copies[i] < 0)
			return -errno;
	}
	for (i = 0; i < store->nb; i++)
		if (dup2(copies[i], LISTEN_FDS_START + i) < 0)
			return -errno;
	free(copies);
	return 0;
}

/* In the child, up to its end. */
static void
child_run(const struct keeper *keeper, int error_fd)
{
	sigset_t none;
	int ret, fd;

	/* Where it cannot be overwritten. */
	fd = fcntl(error_fd, F_DUPFD_CLOEXEC, LISTEN_FDS_START + keeper->store.nb);
	ret = fd >= 0 ? environment_set(keeper) : -errno;
	if (ret == 0)
		ret = descriptors_set(&keeper->store);
	if (ret == 0) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		execvp(keeper->options.command[0], keeper->options.command);
		ret = -errno;
	}
	if (write(fd, &ret, sizeof(ret)) != sizeof(ret))
		_exit(126);
	_exit(127);
}

int
keeper_child_start(struct keeper *keeper)
{
	int pipe_fds[2], ret = 0;
	pid_t pid;

	if (pipe2(pipe_fds, O_CLOEXEC) != 0)
		return -errno;
	pid = fork();
	if (pid == 0)
		child_run(keeper, pipe_fds[1]);
	if (pid < 0)
		ret = -errno;
	close(pipe_fds[1]);
	/* Closed by the execve(), or what became of it. */
	if (pid > 0 && read(pipe_fds[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = 0;
	close(pipe_fds[0]);
	if (ret != 0) {
		keeper_log("%s: cannot be started: %s (%d)", keeper->options.command[0],
			strerror(-ret), -ret);
		return ret;
	}
	keeper->main_pid = pid;
	keeper->state = KEEPER_STARTING;
	keeper->started_ms = keeper_now_ms();
	keeper->start_deadline_ms = keeper->options.start_timeout_ms == 0 ? 0 :
		keeper->started_ms + keeper->options.start_timeout_ms;
	keeper->watchdog_ms = keeper->options.watchdog_ms;
	keeper->watchdog_deadline_ms = 0;
	keeper->kill_deadline_ms = 0;
	keeper->restart_at_ms = 0;
	keeper_log("%s: started, pid %d, with %u descriptors", keeper->options.command[0], (int)pid,
		keeper->store.nb);
	return 0;
}
