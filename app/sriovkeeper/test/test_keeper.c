/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Tests of dpdk-sriov-keeper: its parts, and the program with a command that is this program again
 * and does what its arguments say, a list for each of its lives. "test_keeper KEEPER" runs all.
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "../keeper_message.h"
#include "../keeper_store.h"
#include "../keeper_vfio.h"

#define RUN_TIMEOUT_S	15
#define OUTPUT_BYTES	65536
#define FD_START	3

static const char *keeper_path, *self_path;
static char dir[] = "/tmp/keeper-test-XXXXXX";
static char errors[OUTPUT_BYTES], trace[OUTPUT_BYTES];
static unsigned int nb_failed, nb_passed;

/* A check, and what else is to be printed when it fails. */
#define CHECK(cond) CHECKF(cond, "%s", "")
#define CHECKF(cond, fmt, ...) do { \
	if (!(cond)) { \
		printf("%s:%d: not so: %s: " fmt "\n", __FILE__, __LINE__, #cond, __VA_ARGS__); \
		return -1; \
	} \
} while (0)

/* ---- the command ---- */

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
milliseconds_sleep(long ms)
{
	struct timespec t = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 };

	nanosleep(&t, NULL);
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
		milliseconds_sleep(atol(arg));
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
static int
command_main(int argc, char **argv)
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

/* ---- the runs ---- */

static void
file_read(const char *name, char *text)
{
	char path[512];
	size_t length = 0;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
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
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		unlink(path);
	}
}

static pid_t
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
	argv[n++] = dir;
	while (options != NULL && *options != NULL)
		argv[n++] = *options++;
	argv[n++] = "--";
	argv[n++] = self_path;
	argv[n++] = "command";
	argv[n++] = dir;
	while (*lists != NULL && n < sizeof(argv) / sizeof(argv[0]) - 1)
		argv[n++] = *lists++;
	argv[n] = NULL;
	fflush(stdout);
	pid = fork();
	if (pid != 0)
		return pid;
	snprintf(path, sizeof(path), "%s/errors", dir);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	dup2(fd, STDERR_FILENO);
	alarm(RUN_TIMEOUT_S);
	execv(keeper_path, (char **)(uintptr_t)argv);
	_exit(98);
}

/* Waits for the keeper's end. Returns its exit status; above 255: a signal. */
static int
keeper_wait(pid_t pid)
{
	int status;

	if (waitpid(pid, &status, 0) != pid)
		return -1;
	file_read("errors", errors);
	file_read("trace", trace);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
}

#define OPTIONS(...) ((const char *const []){ __VA_ARGS__, NULL })
#define LISTS(...) ((const char *const []){ __VA_ARGS__, NULL })

static int
keeper_run(const char *const *options, const char *const *lists)
{
	return keeper_wait(keeper_spawn(options, lists));
}

/* Waits until the trace holds @text. */
static bool
trace_comes(const char *text)
{
	unsigned int i;

	for (i = 0; i < 1000; i++) {
		file_read("trace", trace);
		if (strstr(trace, text) != NULL)
			return true;
		milliseconds_sleep(10);
	}
	return false;
}

#define TRACE(text) CHECKF(strstr(trace, text) != NULL, "trace: %s\nerrors: %s", trace, errors)
#define SAYS(text) CHECKF(strstr(errors, text) != NULL, "errors: %s", errors)
#define SAYS_NOT(text) CHECKF(strstr(errors, text) == NULL, "errors: %s", errors)

static char file_a[64], file_b[64], file_c[64];

static int
test_fds_stored_come_back_in_order(void)
{
	char store_a[128], store_b[128], store_c[128];

	snprintf(store_a, sizeof(store_a), "store one %s", file_a);
	snprintf(store_b, sizeof(store_b), "store two %s", file_b);
	snprintf(store_c, sizeof(store_c), "store one %s", file_c);
	/* The last datagram was not taken yet when the process dies. */
	CHECKF(keeper_run(NULL, LISTS("fds", store_a, store_b, store_c, "send READY=1", "die", "/",
		"fds", "send FDSTOREREMOVE=1|FDNAME=one", "die", "/", "fds", "exit 0")) == 0,
		"%s", errors);
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

	snprintf(store, sizeof(store), "store x %s", file_a);
	CHECKF(keeper_run(NULL, LISTS("send READY=1", store, "die", "/",
		/* As a process does that stores again what it has adopted. */
		"fds", "again", "die", "/", "fds", "exit 0")) == 0, "%s", errors);
	TRACE("life 2: 1 x: a\n");
	CHECKF(keeper_run(NULL, LISTS(store, "store y /dev/null", "store y /dev/null", "die", "/",
		"fds", "exit 0")) == 0, "%s", errors);
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
		"sleep 100", "fds", "exit 0")) == 0, "%s", errors);
	SAYS("refused: a NUL byte in it");
	SAYS("MAINPID=1: no descendant");
	SAYS_NOT("is ready");
	CHECKF(keeper_run(NULL, LISTS("big", "sleep 50", "exit 0")) == 0, "%s", errors);
	SAYS("refused: too long");
	SAYS_NOT("is ready");
	return 0;
}

static int
test_foreign_sender_refused(void)
{
	CHECKF(keeper_run(NULL, LISTS("socket", "as-process READY=1", "sleep 50", "exit 0")) == 0,
		"%s", errors);
	TRACE("socket 600 dir 700\n");
	SAYS("refused: not the main process");
	SAYS_NOT("is ready");
	if (geteuid() != 0)
		return 0;
	CHECKF(keeper_run(NULL, LISTS("as-user READY=1", "sleep 50", "exit 0")) == 0, "%s", errors);
	SAYS("refused: another user");
	SAYS_NOT("is ready");
	return 0;
}

static int
test_too_many_fds_refused(void)
{
	CHECKF(keeper_run(OPTIONS("--max-fds", "5"), LISTS("many 253", "many 253", "die", "/",
		"fds", "exit 0")) == 0, "%s", errors);
	TRACE("life 1: 5 many:many:many:many:many: null");
	SAYS("248 of \"many\" are not kept: 5 descriptors are, of 5");
	return 0;
}

static int
test_bad_names_replaced(void)
{
	CHECKF(keeper_run(NULL, LISTS("store a:b /dev/null", "store  /dev/null", "die", "/", "fds",
		"exit 0")) == 0, "%s", errors);
	TRACE("life 1: 2 stored:stored: null null\n");
	SAYS("FDNAME is invalid");
	return 0;
}

static int
test_hung_up_dropped(void)
{
	CHECKF(keeper_run(NULL, LISTS("hung-up FDSTORE=1|FDNAME=gone",
		"hung-up FDSTORE=1|FDNAME=kept|FDPOLL=0", "sleep 100", "die", "/", "fds",
		"exit 0")) == 0, "%s", errors);
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
		"%s", errors);
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

	CHECKF(trace_comes("waiting\n"), "%s", trace);
	kill(pid, SIGHUP);
	CHECKF(trace_comes("signal 1\nwaiting\n"), "%s", trace);
	kill(pid, SIGUSR2);
	CHECKF(trace_comes("signal 12\nwaiting\n"), "%s", trace);
	kill(pid, SIGTERM);
	CHECKF(keeper_wait(pid) == 0, "%s", errors);
	TRACE("signal 15\n");
	return 0;
}

static int
test_stop_is_bounded(void)
{
	pid_t pid = keeper_spawn(OPTIONS("--stop-timeout", "0.2"), LISTS("ignore 15", "socket",
		"sleep 20000"));
	int status;

	CHECKF(trace_comes("socket"), "%s", trace);
	kill(pid, SIGTERM);
	status = keeper_wait(pid);
	CHECKF(status == 128 + SIGKILL, "status %d: %s", status, errors);
	SAYS("does not end: killing it");
	CHECKF(access(dir, F_OK) == 0 && rmdir(dir) != 0, "%s", "no directory");
	return 0;
}

static int
test_start_timeout_restarts(void)
{
	CHECKF(keeper_run(OPTIONS("--start-timeout", "0.2"), LISTS("sleep 20000", "/",
		"send READY=1", "sleep 400", "exit 0")) == 0, "%s", errors);
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
		"exit 0")) == 0, "%s", errors);
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
		"die", "/", "fds", "exit 0")) == 0, "%s", errors);
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

	CHECKF(trace_comes("waiting"), "%s", trace);
	milliseconds_sleep(300);
	kill(pid, SIGTERM);
	CHECKF(keeper_wait(pid) == 0, "%s", errors);
	SAYS("is ready");
	SAYS("refused: not the main process");
	/* A second at most is logged of it. */
	CHECKF(strlen(errors) < 2000, "%zu bytes", strlen(errors));
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
			alarm(RUN_TIMEOUT_S);
			execv(keeper_path, (char **)(uintptr_t)argv);
			_exit(98);
		}
		waitpid(pid, &status, 0);
		CHECKF(WIFEXITED(status) && WEXITSTATUS(status) == cases[i].status, "case %zu: %#x",
			i, status);
	}
	return 0;
}

/* ---- the parts ---- */

static int
parse(const char *text, struct keeper_message *message)
{
	return keeper_message_parse(text, strlen(text), message);
}

static int
test_message_fields(void)
{
	char big[KEEPER_MESSAGE_MAX + 1];
	struct keeper_message m;

	CHECK(parse("READY=1\nSTATUS=up\tand\nMAINPID=12\nX_OTHER=1\n", &m) == 0);
	CHECK(m.ready && m.has_status && strcmp(m.status, "up?and") == 0 && m.main_pid == 12);
	CHECK(parse("FDSTORE=1\nFDNAME=pf-0000_01_00.0\nFDNAME=other", &m) == 0);
	CHECK(m.fd_store && strcmp(m.fd_name, "pf-0000_01_00.0") == 0 && !m.fd_name_invalid);
	CHECK(parse("FDSTORE=1", &m) == 0 && strcmp(m.fd_name, "stored") == 0 && !m.has_fd_name);
	CHECK(parse("FDNAME=a:b", &m) == 0 && m.fd_name_invalid);
	CHECK(strcmp(m.fd_name, "stored") == 0);
	CHECK(parse("FDNAME=\x7f", &m) == 0 && m.fd_name_invalid);
	CHECKF(parse("READY=0\nREADY=1", &m) == 0 && !m.ready, "%s", "the first one counts");
	CHECK(parse("READY=1 \nSTOPPING=\nRELOADING", &m) == 0);
	CHECK(!m.ready && !m.stopping && !m.reloading);
	CHECK(parse("WATCHDOG=trigger", &m) == 0 && m.watchdog_trigger && !m.watchdog);
	CHECK(parse("WATCHDOG_USEC=18446744073709551615", &m) == 0);
	CHECK(m.watchdog_us == UINT64_MAX);
	CHECK(parse("WATCHDOG_USEC=18446744073709551616", &m) == 0 && m.watchdog_us == 0);
	CHECK(parse("MAINPID=2147483648", &m) == 0 && m.main_pid == 0);
	CHECK(parse("", &m) == 0 && parse("\n\n\n", &m) == 0 && parse("=", &m) == 0);
	CHECKF(keeper_message_parse("READY=1\0", 8, &m) == 0 && m.ready, "%s", "a NUL at the end");
	CHECK(keeper_message_parse("READY=1\0X", 9, &m) == -EBADMSG && !m.ready);
	memset(big, 'a', sizeof(big));
	CHECK(keeper_message_parse(big, sizeof(big), &m) == -EMSGSIZE);
	CHECK(keeper_message_parse(big, sizeof(big) - 1, &m) == 0);
	memcpy(big, "FDNAME=", 7);
	CHECK(keeper_message_parse(big, 7 + KEEPER_NAME_MAX, &m) == 0 && !m.fd_name_invalid);
	CHECK(keeper_message_parse(big, 8 + KEEPER_NAME_MAX, &m) == 0 && m.fd_name_invalid);
	return 0;
}

static int
null_open(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int
test_store_same_and_full(void)
{
	struct keeper_store store;
	int fd = null_open(), copy = dup(fd);

	CHECK(keeper_store_init(&store, 3) == 0);
	CHECK(keeper_store_add(&store, fd, "x", true) == 0);
	CHECKF(keeper_store_add(&store, copy, "x", true) == 1, "%s", "a duplicate");
	CHECKF(fcntl(copy, F_GETFD) < 0, "%s", "not closed");
	CHECKF(keeper_store_add(&store, dup(fd), "y", true) == 0, "%s", "another name");
	CHECKF(keeper_store_add(&store, null_open(), "x", true) == 0, "%s", "another open");
	CHECK(keeper_store_add(&store, null_open(), "z", true) == -ENOSPC);
	CHECK(keeper_store_remove(&store, "x") == 2 && store.nb == 1);
	CHECK(keeper_store_has(&store, "y") && !keeper_store_has(&store, "x"));
	keeper_store_clear(&store);
	return 0;
}

static int
group_link(const char *device, const char *group)
{
	char path[512], target[512];

	snprintf(path, sizeof(path), "%s/%s", dir, device);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/iommu_group", dir, device);
	snprintf(target, sizeof(target), "../../groups/%s", group);
	return symlink(target, path);
}

static void
group_unlink(const char *device)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/iommu_group", dir, device);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%s", dir, device);
	rmdir(path);
}

static unsigned int
index_of(const struct keeper_store *store, const char *name)
{
	unsigned int i;

	for (i = 0; i < store->nb; i++)
		if (strcmp(store->fds[i].name, name) == 0)
			break;
	return i;
}

/* Two devices in group 12, one in group 13. */
static int
test_release_takes_group_and_container_last(void)
{
	static const char *const names[] = { "container", "group-12", "pf-0000_01_00.0",
		"pf-0000_01_00.1", "group-13", "pf-0000_02_00.0", "state" };
	struct keeper_store store;
	size_t i;

	keeper_sysfs_pci = dir;
	CHECKF(group_link("0000:01:00.0", "12") == 0 && group_link("0000:01:00.1", "12") == 0 &&
		group_link("0000:02:00.0", "13") == 0, "%s", "sysfs");
	CHECK(keeper_store_init(&store, 16) == 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(keeper_store_add(&store, null_open(), names[i], true) == 0);
	keeper_vfio_release(&store, index_of(&store, "pf-0000_01_00.0"));
	CHECKF(store.nb == 6 && keeper_store_has(&store, "group-12"), "%u", store.nb);
	keeper_vfio_release(&store, index_of(&store, "pf-0000_01_00.1"));
	CHECKF(store.nb == 4 && !keeper_store_has(&store, "group-12"), "%u", store.nb);
	CHECK(keeper_store_has(&store, "container") && keeper_store_has(&store, "group-13"));
	keeper_vfio_release(&store, index_of(&store, "pf-0000_02_00.0"));
	CHECKF(store.nb == 1 && keeper_store_has(&store, "state"), "%u", store.nb);
	/* A name of no known form: that one alone. */
	keeper_vfio_release(&store, 0);
	CHECK(store.nb == 0);
	keeper_store_clear(&store);
	group_unlink("0000:01:00.0");
	group_unlink("0000:01:00.1");
	group_unlink("0000:02:00.0");
	return 0;
}

#define TEST(fn) { #fn, fn }

static const struct {
	const char *name;
	int (*run)(void);
} tests[] = {
	TEST(test_message_fields),
	TEST(test_store_same_and_full),
	TEST(test_release_takes_group_and_container_last),
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
};

int
main(int argc, char **argv)
{
	size_t i;

	if (argc > 3 && strcmp(argv[1], "command") == 0)
		return command_main(argc, argv);
	if (argc != 2) {
		fprintf(stderr, "usage: %s PATH-OF-THE-KEEPER\n", argv[0]);
		return 2;
	}
	keeper_path = realpath(argv[1], NULL);
	self_path = realpath("/proc/self/exe", NULL);
	if (keeper_path == NULL || self_path == NULL || mkdtemp(dir) == NULL) {
		perror(argv[1]);
		return 2;
	}
	snprintf(file_a, sizeof(file_a), "%s/a", dir);
	snprintf(file_b, sizeof(file_b), "%s/b", dir);
	snprintf(file_c, sizeof(file_c), "%s/c", dir);
	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (tests[i].run() == 0) {
			printf("PASS %s\n", tests[i].name);
			nb_passed++;
		} else {
			printf("FAIL %s\n", tests[i].name);
			nb_failed++;
		}
	}
	files_remove();
	rmdir(dir);
	printf("%u passed, %u failed\n", nb_passed, nb_failed);
	return nb_failed == 0 ? 0 : 1;
}
