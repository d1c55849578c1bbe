/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Writes to sysfs that unbind a driver, or change the number of VFs, wait for whoever has the
 * device open, in a sleep that not even SIGKILL ends. So they are done in processes of their own,
 * which can be left behind; a thread that is stuck would keep this process from ending.
 */

#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sriov_private.h"

/* Processes that were left behind and are to be waited for once they have ended. */
#define LEFT_MAX 256
static pid_t left[LEFT_MAX];
/* Protects left. */
static pthread_mutex_t left_lock = PTHREAD_MUTEX_INITIALIZER;

int64_t
sriov_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
left_reap(void)
{
	unsigned int i;

	pthread_mutex_lock(&left_lock);
	for (i = 0; i < LEFT_MAX; i++)
		if (left[i] != 0 && waitpid(left[i], NULL, WNOHANG) != 0)
			left[i] = 0;
	pthread_mutex_unlock(&left_lock);
}

static void
left_add(pid_t pid)
{
	unsigned int i;

	pthread_mutex_lock(&left_lock);
	for (i = 0; i < LEFT_MAX && left[i] != 0; i++)
		;
	/* Without room it stays a zombie until this process ends, and does no harm. */
	if (i < LEFT_MAX)
		left[i] = pid;
	pthread_mutex_unlock(&left_lock);
}

/*
 * A mapping of a device's registers is a reference to the device as a descriptor is: a child that
 * had it would keep a PF open, and wait for itself.
 */
void
sriov_mappings_keep_from_children(void)
{
	unsigned long start, end;
	char line[512];
	FILE *maps;

	maps = fopen("/proc/self/maps", "re");
	if (maps == NULL)
		return;
	while (fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "[vfio-device]") != NULL &&
				sscanf(line, "%lx-%lx", &start, &end) == 2)
			madvise((void *)start, end - start, MADV_DONTFORK);
	fclose(maps);
}

/* Without what is not safe after a fork: other threads' locks may be held for ever here. */
static void
child_write(int result_fd, const char *path, const char *value, size_t len)
{
	int fd, result = 0;

	prctl(PR_SET_NAME, "sriov-write");
	/* It may outlive this process, and must keep nothing of it open. */
	if (dup2(result_fd, 0) != 0)
		_exit(1);
#ifdef SYS_close_range
	if (syscall(SYS_close_range, 1U, ~0U, 0) != 0)
#endif
		for (fd = 1; fd < sysconf(_SC_OPEN_MAX); fd++)
			close(fd);
	fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, value, len) < 0)
		result = -errno;
	if (write(0, &result, sizeof(result)) != sizeof(result))
		_exit(1);
	_exit(0);
}

static int
write_start(struct sriov_write *write, const char *path, const char *value)
{
	size_t len = strlen(value);
	int fds[2];

	left_reap();
	write->fd = -1;
	write->result = 0;
	if (pipe2(fds, O_CLOEXEC) != 0)
		return -errno;
	sriov_mappings_keep_from_children();
	write->pid = fork();
	if (write->pid < 0) {
		int ret = -errno;

		close(fds[0]);
		close(fds[1]);
		return ret;
	}
	if (write->pid == 0)
		child_write(fds[1], path, value, len);
	close(fds[1]);
	write->fd = fds[0];

	return 0;
}

static int
write_wait(struct sriov_write *write, uint32_t wait_ms)
{
	int64_t end = sriov_now_ms() + wait_ms, rest;
	struct pollfd poll_fd = { .fd = write->fd, .events = POLLIN };
	int ret;

	if (write->fd < 0)
		return write->result;
	do {
		rest = end - sriov_now_ms();
		ret = poll(&poll_fd, 1, rest > 0 ? rest : 0);
	} while (ret < 0 && errno == EINTR);
	if (ret == 0)
		return -ETIMEDOUT;
	if (ret < 0)
		return -errno;
	if (read(write->fd, &write->result, sizeof(write->result)) != sizeof(write->result))
		write->result = -ECHILD; /* it was killed */
	close(write->fd);
	write->fd = -1;
	waitpid(write->pid, NULL, 0);

	return write->result;
}

struct sriov_kernel sriov_kernel = {
	.write_start = write_start,
	.write_wait = write_wait,
};

void
sriov_write_leave(struct sriov_write *write)
{
	if (write->fd < 0)
		return;
	close(write->fd);
	write->fd = -1;
	left_add(write->pid);
}

void
sriov_attr_path(const char *name, const char *attr, char *path, size_t size)
{
	const char *devices = SRIOV_PATHS->pci_devices;

	if (name != NULL)
		snprintf(path, size, "%s/%s/%s", devices, name, attr);
	else
		snprintf(path, size, "%s/../%s", devices, attr);
}

const char *
sriov_write_remedy(int err)
{
	switch (err) {
	case EACCES:
	case EPERM:
	case EROFS:
		return "run as root, with /sys writable";
	case ENODEV:
		return "see dmesg for what the kernel's driver says of it";
	default:
		return NULL;
	}
}

int
sriov_attr_write(const char *name, const char *attr, const char *value, uint32_t wait_ms,
		struct rte_sriov_error *error)
{
	uint32_t limit_ms = wait_ms != 0 ? wait_ms : SRIOV_WAIT_MS;
	int shown = strcspn(value, "\n");
	struct sriov_write write;
	char path[PATH_MAX];
	int ret;

	sriov_attr_path(name, attr, path, sizeof(path));
	ret = sriov_kernel.write_start(&write, path, value);
	if (ret != 0)
		return sriov_fail(error, ret, name, NULL, "cannot start a process that writes to "
				"%s: %s", attr, strerror(-ret));
	ret = sriov_kernel.write_wait(&write, limit_ms);
	if (ret == -ETIMEDOUT && write.fd >= 0) {
		sriov_write_leave(&write);
		return sriov_fail(error, ret, name, "find out what holds the device: dmesg, and "
				"the stacks in /proc/*/stack of the processes in state D",
				"the kernel has not taken \"%.*s\" for %s within %u ms; process %d "
				"waits for it further on", shown, value, attr, limit_ms, write.pid);
	}
	if (ret != 0)
		return sriov_fail(error, ret, name, sriov_write_remedy(-ret),
				"writing \"%.*s\" to %s: %s", shown, value, attr, strerror(-ret));

	return 0;
}
