/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Keeps the descriptors of a service while it is restarted, where there is no systemd. It speaks
 * that one's protocol to its child: sd_notify(3), sd_pid_notify_with_fds(3), sd_listen_fds(3).
 */

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "keeper.h"
#include "keeper_log.h"
#include "keeper_vfio.h"

/* Datagrams at a time, so that signals and deadlines are not starved. */
#define DATAGRAMS_MAX 64
/* All that the queue of a dead process can hold (net.unix.max_dgram_qlen may be up to this). */
#define DATAGRAMS_LAST 65536
/* A process that lives shorter than this has died quickly. */
#define QUICK_DEATH_MS 1000
#define RESTART_MIN_MS 100

int64_t
keeper_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
usage(FILE *f)
{
	fprintf(f,
		"usage: " KEEPER_PROGRAM " [OPTION...] -- COMMAND [ARGUMENT...]\n\n"
		"Runs COMMAND, restarts it when it dies, and keeps the descriptors that it stores\n"
		"(FDSTORE=1 of sd_notify(3)), which the next one gets by sd_listen_fds(3).\n\n"
		"  --release SECONDS        let go of a device that the kernel wants back if nobody has\n"
		"                           taken it over by then (5)\n"
		"  --restart-max SECONDS    longest pause before a restart (10); the first is at once\n"
		"  --start-timeout SECONDS  kill what is not ready by then (90; 0: wait for ever)\n"
		"  --stop-timeout SECONDS   kill what does not end on SIGTERM by then (10)\n"
		"  --watchdog SECONDS       kill what does not say WATCHDOG=1 so often (0: do not)\n"
		"  --max-fds N              descriptors to keep at most (512)\n"
		"  --runtime-dir DIR        where to make the directory of the socket (/run)\n"
		"  -h, --help               this text\n\n"
		"SIGTERM and SIGINT stop COMMAND and then the keeper; SIGHUP, SIGUSR1 and SIGUSR2 are\n"
		"passed on. The exit status is that of COMMAND, or 128 and the number of its signal.\n");
}

enum keeper_option {
	OPTION_RELEASE = 256,
	OPTION_RESTART_MAX,
	OPTION_START_TIMEOUT,
	OPTION_STOP_TIMEOUT,
	OPTION_WATCHDOG,
	OPTION_MAX_FDS,
	OPTION_RUNTIME_DIR,
};

static const struct option long_options[] = {
	{ "release", required_argument, NULL, OPTION_RELEASE },
	{ "restart-max", required_argument, NULL, OPTION_RESTART_MAX },
	{ "start-timeout", required_argument, NULL, OPTION_START_TIMEOUT },
	{ "stop-timeout", required_argument, NULL, OPTION_STOP_TIMEOUT },
	{ "watchdog", required_argument, NULL, OPTION_WATCHDOG },
	{ "max-fds", required_argument, NULL, OPTION_MAX_FDS },
	{ "runtime-dir", required_argument, NULL, OPTION_RUNTIME_DIR },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

/* A time in seconds, with decimals, as milliseconds. Returns false if it is none. */
static bool
seconds_parse(const char *text, int64_t *ms)
{
	char *end;
	double seconds;

	errno = 0;
	seconds = strtod(text, &end);
	if (end == text || *end != '\0' || errno != 0 || !(seconds >= 0 && seconds <= 86400))
		return false;
	*ms = seconds * 1000;
	return true;
}

static bool
count_parse(const char *text, unsigned int *count)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (end == text || *end != '\0' || errno != 0 || value < 1 || value > KEEPER_FDS_LIMIT)
		return false;
	*count = value;
	return true;
}

/* Returns 0; 1: done, with status 0; -EINVAL with a message. */
static int
options_parse(struct keeper_options *options, int argc, char **argv)
{
	bool ok = true;
	int option;

	while (ok && (option = getopt_long(argc, argv, "+h", long_options, NULL)) != -1) {
		switch (option) {
		case OPTION_RELEASE:
			ok = seconds_parse(optarg, &options->release_ms);
			break;
		case OPTION_RESTART_MAX:
			ok = seconds_parse(optarg, &options->restart_max_ms);
			break;
		case OPTION_START_TIMEOUT:
			ok = seconds_parse(optarg, &options->start_timeout_ms);
			break;
		case OPTION_STOP_TIMEOUT:
			ok = seconds_parse(optarg, &options->stop_timeout_ms);
			break;
		case OPTION_WATCHDOG:
			ok = seconds_parse(optarg, &options->watchdog_ms);
			break;
		case OPTION_MAX_FDS:
			ok = count_parse(optarg, &options->max_fds);
			break;
		case OPTION_RUNTIME_DIR:
			options->runtime_dir = optarg;
			break;
		case 'h':
			usage(stdout);
			return 1;
		default:
			usage(stderr);
			return -EINVAL;
		}
	}
	if (!ok) {
		keeper_log("%s: not a valid number", optarg);
		return -EINVAL;
	}
	if (optind == argc) {
		keeper_log("there is no command to run; see --help");
		return -EINVAL;
	}
	options->command = &argv[optind];
	return 0;
}

/* The pause before the next start, after @deaths quick ones in a row. */
static int64_t
restart_pause_ms(const struct keeper *keeper)
{
	int64_t pause = RESTART_MIN_MS;
	unsigned int i;

	if (keeper->quick_deaths <= 1)
		return 0;
	for (i = 2; i < keeper->quick_deaths && pause < keeper->options.restart_max_ms; i++)
		pause *= 2;
	return pause < keeper->options.restart_max_ms ? pause : keeper->options.restart_max_ms;
}

/* The main process has died with the wait status @status. */
static void
child_died(struct keeper *keeper, int status)
{
	const int64_t now = keeper_now_ms();
	const pid_t pid = keeper->main_pid;

	/* What it has sent before. */
	keeper_notify_receive(keeper, DATAGRAMS_LAST);
	if (keeper->main_pid != pid) {
		/* With it, whom it has made its successor. */
		return;
	}
	keeper->state = KEEPER_NO_CHILD;
	keeper->main_pid = 0;
	keeper->start_deadline_ms = 0;
	keeper->watchdog_deadline_ms = 0;
	keeper->kill_deadline_ms = 0;
	if (WIFEXITED(status)) {
		keeper->exit_status = WEXITSTATUS(status);
		keeper_log("pid %d has ended with status %d", (int)pid, keeper->exit_status);
	} else {
		keeper->exit_status = 128 + WTERMSIG(status);
		keeper_log("pid %d was ended by signal %d (%s)", (int)pid, WTERMSIG(status),
			strsignal(WTERMSIG(status)));
	}
	if (keeper->stopping || keeper->exit_status == 0) {
		keeper->done = true;
		return;
	}
	keeper_vfio_watch(&keeper->store);
	keeper->quick_deaths = now - keeper->started_ms < QUICK_DEATH_MS ?
		keeper->quick_deaths + 1 : 0;
	keeper->restart_at_ms = now + restart_pause_ms(keeper);
}

static void
children_reap(struct keeper *keeper)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == keeper->main_pid)
			child_died(keeper, status);
}

static void
child_start(struct keeper *keeper)
{
	keeper->restart_at_ms = 0;
	if (keeper_child_start(keeper) == 0)
		return;
	/* As one that has died at once. */
	keeper->quick_deaths++;
	keeper->restart_at_ms = keeper_now_ms() + RESTART_MIN_MS + restart_pause_ms(keeper);
}

static void
stop(struct keeper *keeper)
{
	keeper->stopping = true;
	if (keeper->main_pid == 0) {
		keeper->done = true;
		return;
	}
	kill(keeper->main_pid, SIGTERM);
	if (keeper->kill_deadline_ms == 0)
		keeper->kill_deadline_ms = keeper_now_ms() + keeper->options.stop_timeout_ms;
}

static void
signals_take(struct keeper *keeper)
{
	struct signalfd_siginfo info;

	while (read(keeper->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			children_reap(keeper);
			break;
		case SIGTERM:
		case SIGINT:
			stop(keeper);
			break;
		default:
			if (keeper->main_pid != 0)
				kill(keeper->main_pid, info.ssi_signo);
			break;
		}
	}
}

static bool
is_due(int64_t *deadline_ms, int64_t now)
{
	if (*deadline_ms == 0 || now < *deadline_ms)
		return false;
	*deadline_ms = 0;
	return true;
}

static void
deadlines_take(struct keeper *keeper)
{
	const int64_t now = keeper_now_ms();
	unsigned int i;

	if (is_due(&keeper->watchdog_deadline_ms, now)) {
		keeper_log("pid %d: the watchdog has run out", (int)keeper->main_pid);
		kill(keeper->main_pid, SIGABRT);
		keeper->kill_deadline_ms = now + keeper->options.stop_timeout_ms;
	}
	if (is_due(&keeper->start_deadline_ms, now)) {
		keeper_log("pid %d: not ready in time", (int)keeper->main_pid);
		kill(keeper->main_pid, SIGKILL);
	}
	if (is_due(&keeper->kill_deadline_ms, now) && keeper->main_pid != 0) {
		keeper_log("pid %d: does not end: killing it", (int)keeper->main_pid);
		kill(keeper->main_pid, SIGKILL);
	}
	for (i = 0; i < keeper->store.nb;) {
		if (!is_due(&keeper->store.fds[i].release_ms, now)) {
			i++;
			continue;
		}
		keeper_log("%s: the kernel wants it back, and nobody serves it: letting go",
			keeper->store.fds[i].name);
		/* Others of the store may go with it. */
		keeper_vfio_release(&keeper->store, i);
		i = 0;
	}
	if (is_due(&keeper->restart_at_ms, now))
		child_start(keeper);
}

static void
timeout_lower(int64_t *timeout_ms, int64_t deadline_ms, int64_t now)
{
	int64_t left = deadline_ms > now ? deadline_ms - now : 0;

	if (deadline_ms != 0 && (*timeout_ms < 0 || left < *timeout_ms))
		*timeout_ms = left;
}

static int
poll_timeout(const struct keeper *keeper)
{
	const int64_t now = keeper_now_ms();
	int64_t timeout_ms = -1;
	unsigned int i;

	timeout_lower(&timeout_ms, keeper->start_deadline_ms, now);
	timeout_lower(&timeout_ms, keeper->watchdog_deadline_ms, now);
	timeout_lower(&timeout_ms, keeper->kill_deadline_ms, now);
	timeout_lower(&timeout_ms, keeper->restart_at_ms, now);
	for (i = 0; i < keeper->store.nb; i++)
		timeout_lower(&timeout_ms, keeper->store.fds[i].release_ms, now);
	/* Deadlines are a day at most. */
	return timeout_ms;
}

/* Of the descriptors that are kept: requests, and which have failed. From the last one on. */
static void
store_take(struct keeper *keeper, const struct pollfd *polls)
{
	unsigned int i = keeper->store.nb;
	struct keeper_fd *entry;
	uint64_t count;

	while (i-- > 0) {
		entry = &keeper->store.fds[i];
		if ((polls[2 * i + 1].revents & POLLIN) != 0 &&
				read(entry->request_fd, &count, sizeof(count)) > 0 &&
				entry->release_ms == 0) {
			keeper_log("%s: the kernel wants it back", entry->name);
			entry->release_ms = keeper_now_ms() + keeper->options.release_ms;
		}
		if (entry->poll && (polls[2 * i].revents & (POLLHUP | POLLERR)) != 0) {
			keeper_log("%s: has hung up, and is kept no more", entry->name);
			keeper_store_remove_at(&keeper->store, i);
		}
	}
}

/* One round. @polls has room for two and two for each descriptor. */
static int
round_run(struct keeper *keeper, struct pollfd *polls)
{
	const unsigned int nb = keeper->store.nb;
	unsigned int i;

	polls[0] = (struct pollfd){ .fd = keeper->signal_fd, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = keeper->notify_fd, .events = POLLIN };
	for (i = 0; i < nb; i++) {
		const struct keeper_fd *entry = &keeper->store.fds[i];

		polls[2 + 2 * i] = (struct pollfd){ .fd = entry->poll ? entry->fd : -1 };
		polls[3 + 2 * i] = (struct pollfd){ .fd = entry->request_fd, .events = POLLIN };
	}
	if (poll(polls, 2 + 2 * nb, poll_timeout(keeper)) < 0)
		return errno == EINTR ? 0 : -errno;
	store_take(keeper, &polls[2]);
	if (polls[1].revents != 0)
		keeper_notify_receive(keeper, DATAGRAMS_MAX);
	if (polls[0].revents != 0)
		signals_take(keeper);
	if (!keeper->done)
		deadlines_take(keeper);
	return 0;
}

static int
signals_open(struct keeper *keeper)
{
	static const int signals[] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2 };
	sigset_t set;
	size_t i;

	sigemptyset(&set);
	for (i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		sigaddset(&set, signals[i]);
	signal(SIGPIPE, SIG_IGN);
	if (sigprocmask(SIG_SETMASK, &set, NULL) != 0)
		return -errno;
	keeper->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return keeper->signal_fd >= 0 ? 0 : -errno;
}

static int
run(struct keeper *keeper)
{
	struct pollfd *polls;
	int ret;

	/* What is kept can write to memory: not for another process of the same user to take. */
	prctl(PR_SET_DUMPABLE, 0);
	/* A main process that is no child of ours is to become one when its parent dies. */
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	polls = calloc(2 + 2 * (size_t)keeper->options.max_fds, sizeof(*polls));
	ret = polls != NULL ? keeper_store_init(&keeper->store, keeper->options.max_fds) : -ENOMEM;
	if (ret == 0)
		ret = signals_open(keeper);
	if (ret == 0)
		ret = keeper_notify_open(keeper);
	/* A command that is not there is a mistake of the caller's. */
	if (ret == 0)
		ret = keeper_child_start(keeper);
	while (ret == 0 && !keeper->done)
		ret = round_run(keeper, polls);
	keeper_notify_close(keeper);
	keeper_store_clear(&keeper->store);
	free(polls);
	return ret;
}

int
main(int argc, char **argv)
{
	struct keeper keeper = {
		.options = {
			.runtime_dir = "/run",
			.max_fds = 512,
			.start_timeout_ms = 90000,
			.stop_timeout_ms = 10000,
			.restart_max_ms = 10000,
			.release_ms = 5000,
		},
		.signal_fd = -1,
		.notify_fd = -1,
	};
	int ret;

	ret = options_parse(&keeper.options, argc, argv);
	if (ret != 0)
		return ret > 0 ? EXIT_SUCCESS : 2;
	ret = run(&keeper);
	if (ret != 0)
		return ret == -ENOENT ? 127 : 1;
	return keeper.exit_status;
}
