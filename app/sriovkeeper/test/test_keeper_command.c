/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The command that the keeper runs in these tests: this program again. It does what its arguments
 * say, a list for each of its lives.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../keeper_message.h"
#include "test_keeper.h"

#define FD_START	3

static int notify_fd = -1;
static char trace_path[256];

static void
die(const char *what)
{
	fprintf(stderr, "command: %s: %s\n", what, strerror(errno));
	_exit(99);
}

static void
trace_write(const char *fmt, ...)
{
	char line[8192];
	va_list args;
	int fd, n;

	va_start(args, fmt);
	n = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	fd = open(trace_path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || write(fd, line, n) != n)
		die("trace");
	close(fd);
}

static void
notify_connect(void)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");

	if (path == NULL)
		die("no NOTIFY_SOCKET");
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	notify_fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (notify_fd < 0 || connect(notify_fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		die("connect");
}

static void
notify_send(const char *data, size_t length, const int *fds, unsigned int nb)
{
	union {
		char bytes[CMSG_SPACE(253 * sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = length };
	struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (nb > 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = CMSG_SPACE(nb * sizeof(int));
		memset(&control, 0, sizeof(control));
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(nb * sizeof(int));
		memcpy(CMSG_DATA(&control.align), fds, nb * sizeof(int));
	}
	if (sendmsg(notify_fd, &header, MSG_NOSIGNAL) < 0)
		die("sendmsg");
}

/* "|" stands for the end of a line. */
static void
text_send(const char *text, const int *fds, unsigned int nb)
{
	char *copy = strdup(text), *p;

	while ((p = strchr(copy, '|')) != NULL)
		*p = '\n';
	notify_send(copy, strlen(copy), fds, nb);
	free(copy);
}

static void
store_files(const char *name, const char *path, unsigned int nb)
{
	char text[512];
	int fds[253];
	unsigned int i;

	for (i = 0; i < nb; i++) {
		fds[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		if (fds[i] < 0)
			die(path);
	}
	snprintf(text, sizeof(text), "FDSTORE=1|FDNAME=%s", name);
	text_send(text, fds, nb);
	for (i = 0; i < nb; i++)
		close(fds[i]);
}

/* One end of a pipe of which the other is closed. */
static void
store_hung_up(const char *text)
{
	int fds[2];

	if (pipe(fds) != 0)
		die("pipe");
	close(fds[1]);
	text_send(text, &fds[0], 1);
	close(fds[0]);
}

/* The descriptors that were passed: names and what they are of. */
static void
trace_fds(int life)
{
	const char *pid = getenv("LISTEN_PID"), *nb = getenv("LISTEN_FDS");
	const char *names = getenv("LISTEN_FDNAMES");
	char line[4096] = "", link[64], target[256];
	int i, count;

	if (nb == NULL) {
		trace_write("life %d: none\n", life);
		return;
	}
	if (pid == NULL || atoi(pid) != getpid() || names == NULL)
		die("LISTEN_PID or LISTEN_FDNAMES");
	count = atoi(nb);
	for (i = 0; i < count && i < 8; i++) {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", FD_START + i);
		memset(target, 0, sizeof(target));
		if (readlink(link, target, sizeof(target) - 1) <= 0)
			die(link);
		snprintf(line + strlen(line), sizeof(line) - strlen(line), " %s",
			strrchr(target, '/') != NULL ? strrchr(target, '/') + 1 : target);
	}
	/* Nothing else is inherited; our own socket comes next. */
	if (notify_fd != FD_START + count)
		die("one descriptor too many");
	trace_write("life %d: %d %s:%s\n", life, count, names, line);
}

static void
trace_socket(void)
{
	struct stat socket_st, dir_st;
	char path[256];

	snprintf(path, sizeof(path), "%s", getenv("NOTIFY_SOCKET"));
	if (stat(path, &socket_st) != 0)
		die(path);
	*strrchr(path, '/') = '\0';
	if (stat(path, &dir_st) != 0)
		die(path);
	trace_write("socket %o dir %o\n", socket_st.st_mode & 07777, dir_st.st_mode & 07777);
}

/* Somebody else: another process, or another user. */
static void
send_as_other(const char *text, bool user)
{
	pid_t pid = fork();

	if (pid == 0 && !user) {
		text_send(text, NULL, 0);
		_exit(0);
	}
	if (pid == 0) {
		/* Not even with the right process number would it do. */
		if (setresgid(65534, 65534, 65534) != 0 || setresuid(65534, 65534, 65534) != 0)
			die("setresuid");
		text_send(text, NULL, 0);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

/* Somebody else sends for as long as the command lives. */
static void
flood_start(void)
{
	const pid_t parent = getpid();

	if (fork() != 0)
		return;
	while (getppid() == parent)
		if (send(notify_fd, "READY=1", 7, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
			usleep(100);
	_exit(0);
}

static void
signal_wait(int number)
{
	sigset_t set;
	int got;

	sigemptyset(&set);
	sigaddset(&set, number);
	sigprocmask(SIG_BLOCK, &set, NULL);
	trace_write("waiting\n");
	if (sigwait(&set, &got) != 0)
		die("sigwait");
	trace_write("signal %d\n", got);
}

/* The successor goes on with the list; the first process ends. */
static void
main_pid_move(void)
{
	char text[64];
	int pipe_fds[2];
	char byte;
	pid_t pid;

	if (pipe(pipe_fds) != 0)
		die("pipe");
	pid = fork();
	if (pid > 0) {
		snprintf(text, sizeof(text), "MAINPID=%d", (int)pid);
		text_send(text, NULL, 0);
		_exit(7);
	}
	close(pipe_fds[1]);
	/* Until its parent has ended. */
	if (read(pipe_fds[0], &byte, 1) < 0)
		die("read");
}

static void
word_do(int life, char *word)
{
	char *arg = strchr(word, ' '), *second, big[KEEPER_MESSAGE_MAX + 2];

	if (arg != NULL)
		*arg++ = '\0';
	if (strcmp(word, "store") == 0) {
		second = strchr(arg, ' ');
		*second++ = '\0';
		store_files(arg, second, 1);
	} else if (strcmp(word, "many") == 0) {
		store_files("many", "/dev/null", atoi(arg));
	} else if (strcmp(word, "send") == 0) {
		text_send(arg, NULL, 0);
	} else if (strcmp(word, "again") == 0) {
		text_send("FDSTORE=1|FDNAME=x", (const int []){ FD_START }, 1);
	} else if (strcmp(word, "hung-up") == 0) {
		store_hung_up(arg);
	} else if (strcmp(word, "as-process") == 0) {
		send_as_other(arg, false);
	} else if (strcmp(word, "as-user") == 0) {
		send_as_other(arg, true);
	} else if (strcmp(word, "nul") == 0) {
		notify_send("READY=1\nSTATUS=a\0b\n", 19, NULL, 0);
	} else if (strcmp(word, "big") == 0) {
		memset(big, 'x', sizeof(big));
		memcpy(big, "READY=1\n", 8);
		notify_send(big, sizeof(big), NULL, 0);
	} else if (strcmp(word, "empty") == 0) {
		notify_send("", 0, NULL, 0);
	} else if (strcmp(word, "fds") == 0) {
		trace_fds(life);
	} else if (strcmp(word, "socket") == 0) {
		trace_socket();
	} else if (strcmp(word, "env") == 0) {
		trace_write("%s=%s\n", arg, getenv(arg) != NULL ? getenv(arg) : "");
	} else if (strcmp(word, "signal") == 0) {
		signal_wait(atoi(arg));
	} else if (strcmp(word, "ignore") == 0) {
		signal(atoi(arg), SIG_IGN);
	} else if (strcmp(word, "flood") == 0) {
		flood_start();
	} else if (strcmp(word, "move") == 0) {
		main_pid_move();
	} else if (strcmp(word, "sleep") == 0) {
		keeper_test_sleep_ms(atol(arg));
	} else if (strcmp(word, "die") == 0) {
		kill(getpid(), SIGKILL);
	} else if (strcmp(word, "exit") == 0) {
		_exit(atoi(arg));
	} else {
		errno = EINVAL;
		die(word);
	}
}

/* Does the list of this life: those before are in the trace. The last one is for all after it. */
int
keeper_test_command(int argc, char **argv)
{
	struct stat st;
	int life, i, first = 3, list = 0;
	char path[512];
	FILE *f;

	snprintf(trace_path, sizeof(trace_path), "%s/trace", argv[2]);
	snprintf(path, sizeof(path), "%s/lives", argv[2]);
	f = fopen(path, "a");
	if (f == NULL || fputc('.', f) == EOF || fclose(f) != 0 || stat(path, &st) != 0)
		die(path);
	life = st.st_size - 1;
	for (i = 3; i < argc && list < life; i++)
		if (strcmp(argv[i], "/") == 0) {
			list++;
			first = i + 1;
		}
	notify_connect();
	for (i = first; i < argc && strcmp(argv[i], "/") != 0; i++)
		word_do(life, argv[i]);
	return 0;
}
