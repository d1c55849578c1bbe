/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* dpdk-sriovd: the main thread. It answers both sockets and never blocks. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_log.h>
#include <rte_string_fns.h>

#include "sriovd_adopt.h"
#include "sriovd_control.h"
#include "sriovd_dirs.h"
#include "sriovd_eal.h"
#include "sriovd_log.h"
#include "sriovd_prometheus.h"
#include "sriovd_token.h"
#include "sriovd_worker.h"

#define DEFAULT_CONFIG "/etc/dpdk/sriovd.conf"
/* Refusals that are logged in a second; more are counted only. */
#define REFUSALS_LOGGED 10

RTE_LOG_REGISTER(sriovd_logtype, sriovd, INFO);

struct daemon {
	char **argv;
	uint64_t start_ms;
	struct sriovd_manager manager;
	struct sriovd_loop *loop;
	struct sriovd_control *control;
	struct sriovd_tokens *tokens;
	struct sriovd_worker *worker;
	struct sriovd_source signals;
	struct sriovd_source messages;
	struct sriovd_source watchdog;
	char token_socket[SRIOVD_SOCKET_SIZE];
	char runtime_dir[SRIOVD_PATH_SIZE]; /* the configuration is the worker's */
	bool stopping;
	uint64_t refusals_second;
	unsigned int refusals;
};

/* ---- requests ---- */

static json_t *
hello(const struct daemon *d, const struct sriovd_caller *caller)
{
	return json_pack("{s:s, s:s, s:i, s:i, s:I, s:b, s:s}", "program", "dpdk-sriovd",
			"version", SRIOVD_VERSION, "protocol", SRIOVD_PROTOCOL,
			"pid", (int)getpid(), "uptime_s",
			(json_int_t)((sriovd_now_ms() - d->start_ms) / 1000),
			"admin", caller->admin, "token_socket", d->token_socket);
}

static void
request_taken(void *ctx, const struct sriovd_caller *caller, const struct sriovd_request *request)
{
	struct daemon *d = ctx;

	if (request->method == SRIOVD_METHOD_HELLO) {
		sriovd_control_reply(d->control, caller->client,
				sriovd_reply_result(request->id, hello(d, caller)), true);
		return;
	}
	if (!sriovd_method_is_read_only(request->method) && !request->dry_run)
		SRIOVD_LOG(NOTICE, "%s %s: asked for by uid %u, pid %d",
				sriovd_method_name(request->method), request->device, caller->uid,
				caller->pid);
	if (sriovd_worker_post_request(d->worker, caller, request) != 0)
		sriovd_control_reply(d->control, caller->client, NULL, true);
}

static void
token_decided(void *ctx, const char *bdf, const struct sriovd_peer *peer, uint16_t status,
		bool used)
{
	struct daemon *d = ctx;
	const uint64_t second = sriovd_now_ms() / 1000;

	if (used)
		sriovd_worker_post(d->worker, SRIOVD_JOB_GRANT_USED);
	if (status == RTE_VFIO_TOKEN_OK) {
		SRIOVD_LOG(DEBUG, "%s: token given to pid %d, uid %u", bdf, peer->pid, peer->uid);
		return;
	}
	if (second != d->refusals_second) {
		if (d->refusals > REFUSALS_LOGGED)
			SRIOVD_LOG(NOTICE, "%u more token requests were refused",
					d->refusals - REFUSALS_LOGGED);
		d->refusals_second = second;
		d->refusals = 0;
	}
	if (d->refusals++ < REFUSALS_LOGGED)
		SRIOVD_LOG(NOTICE, "%s: token refused to pid %d, uid %u, gid %u%s%s: %s", bdf,
				peer->pid, peer->uid, peer->gid, peer->unit[0] != '\0' ? ", " : "",
				peer->unit, sriovd_token_status_name(status));
}

/* ---- messages of the worker ---- */

static void
vf_sockets_set(struct daemon *d)
{
	struct sriovd_vf_socket *sockets;
	char path[SRIOVD_SOCKET_SIZE];
	unsigned int nb, i;
	int ret;

	sockets = sriovd_vfs_sockets(d->manager.vfs, &nb);
	if (sockets == NULL)
		return;
	for (i = 0; i < nb; i++)
		sriovd_socket_dir_make(d->runtime_dir, sockets[i].path);
	ret = sriovd_tokens_vf_sockets_set(d->tokens, sockets, nb, path);
	if (ret != 0)
		SRIOVD_LOG(ERR, "%s: cannot listen there: %s", path, strerror(-ret));
	free(sockets);
}

/* The successor finds the descriptors, and the state in its files. */
static void
handover(struct daemon *d, const struct sriovd_message *message)
{
	int ret;

	if (message->nb_fds < 0) {
		SRIOVD_LOG(ERR, "not replaced; going on");
		return;
	}
	SRIOVD_LOG(NOTICE, "replaced by %s, which gets %d descriptors", d->manager.program,
			message->nb_fds);
	ret = sriovd_execute(d->manager.program, d->argv, message->fds, message->nb_fds);
	/* Its check has succeeded a moment ago. Whoever keeps the descriptors starts it again. */
	SRIOVD_LOG(CRIT, "%s: cannot be executed: %s", d->manager.program, strerror(-ret));
	_exit(EXIT_FAILURE);
}

static void
message_taken(void *ctx, struct sriovd_message *message)
{
	struct daemon *d = ctx;

	switch (message->type) {
	case SRIOVD_MESSAGE_REPLY:
		sriovd_control_reply(d->control, message->client, message->text, message->last);
		break;
	case SRIOVD_MESSAGE_STARTED:
		sriovd_tokens_serve(d->tokens);
		SRIOVD_LOG(NOTICE, "ready after %u ms",
				(unsigned int)(sriovd_now_ms() - d->start_ms));
		sriovd_notify("READY=1\nSTATUS=Managing PFs and their VFs");
		break;
	case SRIOVD_MESSAGE_SOCKETS:
		vf_sockets_set(d);
		break;
	case SRIOVD_MESSAGE_CONFIG:
		if (sriovd_control_group_set(d->control, message->admin_gid) != 0 ||
				sriovd_tokens_listen(d->tokens, d->token_socket, "", -1,
				message->token_gid, message->token_mode) != 0)
			SRIOVD_LOG(ERR, "the group of a socket cannot be set: %s", strerror(errno));
		break;
	case SRIOVD_MESSAGE_RELOADED:
		sriovd_notify("READY=1");
		break;
	case SRIOVD_MESSAGE_STOPPED:
		sriovd_loop_stop(d->loop);
		break;
	case SRIOVD_MESSAGE_HANDOVER:
		handover(d, message);
		free(message->fds);
		break;
	}
}

static void
messages_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct daemon *d = source->ctx;

	sriovd_worker_messages_take(d->worker, message_taken, d);
}

/* ---- signals and time ---- */

static void
stop(struct daemon *d, int signal)
{
	if (d->stopping)
		return;
	d->stopping = true;
	SRIOVD_LOG(NOTICE, "ending (signal %d)", signal);
	sriovd_notify("STOPPING=1\nSTATUS=Ending");
	sriovd_worker_post(d->worker, SRIOVD_JOB_STOP);
}

static void
signals_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct daemon *d = source->ctx;
	struct signalfd_siginfo info;

	if (read(source->fd, &info, sizeof(info)) != sizeof(info))
		return;
	switch (info.ssi_signo) {
	case SIGHUP:
		SRIOVD_LOG(NOTICE, "reading the configuration again");
		sriovd_worker_post(d->worker, SRIOVD_JOB_RELOAD);
		break;
	case SIGUSR2:
		SRIOVD_LOG(NOTICE, "to be replaced by %s", d->manager.program);
		sriovd_worker_post(d->worker, SRIOVD_JOB_HANDOVER);
		break;
	default:
		stop(d, info.ssi_signo);
	}
}

static void
watchdog_ready(struct sriovd_source *source, uint32_t events __rte_unused)
{
	sriovd_timer_take(source->fd);
	sriovd_notify("WATCHDOG=1");
}

static int
sources_add(struct daemon *d, const sigset_t *signals)
{
	const uint32_t watchdog_ms = sriovd_watchdog_ms();
	int ret;

	d->signals = (struct sriovd_source) {
		.fd = signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK),
		.fn = signals_ready,
		.ctx = d,
	};
	if (d->signals.fd < 0)
		return -errno;
	d->messages = (struct sriovd_source) {
		.fd = sriovd_worker_message_fd(d->worker), .fn = messages_ready, .ctx = d,
	};
	ret = sriovd_loop_add(d->loop, &d->signals, EPOLLIN);
	if (ret == 0)
		ret = sriovd_loop_add(d->loop, &d->messages, EPOLLIN);
	if (ret != 0 || watchdog_ms == 0)
		return ret;
	d->watchdog = (struct sriovd_source) {
		.fd = sriovd_timer_new(RTE_MAX(watchdog_ms / 3, 1U)),
		.fn = watchdog_ready,
		.ctx = d,
	};

	return d->watchdog.fd < 0 ? d->watchdog.fd :
			sriovd_loop_add(d->loop, &d->watchdog, EPOLLIN);
}

/* ---- starting ---- */

static int
check(const char *path)
{
	struct sriovd_config *config;
	struct sriovd_faults faults;
	unsigned int i, vfs = 0;
	char text[768];

	config = sriovd_config_load(path, &faults);
	for (i = 0; i < faults.nb; i++) {
		sriovd_fault_format(&faults.fault[i], path, text, sizeof(text));
		fprintf(stderr, "%s\n", text);
	}
	sriovd_faults_free(&faults);
	if (config == NULL)
		return EXIT_FAILURE;
	for (i = 0; i < config->nb_pf; i++)
		vfs += config->pf[i].vfs;
	printf("%s: %u PFs, %u VFs\n", path, config->nb_pf, vfs);
	sriovd_config_free(config);

	return EXIT_SUCCESS;
}

static void
descriptors_raise(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

static int
sockets_open(struct daemon *d, const struct sriovd_config *config)
{
	int ret;

	d->control = sriovd_control_new(d->loop, config->control_socket, config->admin_gid,
			request_taken, d, &ret);
	if (d->control == NULL) {
		SRIOVD_LOG(ERR, "%s: cannot listen there: %s%s", config->control_socket,
				strerror(-ret), ret == -EADDRINUSE ?
				": another dpdk-sriovd is running" : "");
		return ret;
	}
	d->tokens = sriovd_tokens_new(d->loop, d->manager.vfs, token_decided, d);
	if (d->tokens == NULL)
		return -ENOMEM;
	strlcpy(d->token_socket, config->token_socket, sizeof(d->token_socket));
	ret = sriovd_tokens_listen(d->tokens, config->token_socket, "", -1, config->token_gid,
			config->token_mode);
	if (ret != 0)
		SRIOVD_LOG(ERR, "%s: cannot listen there: %s", config->token_socket,
				strerror(-ret));

	return ret;
}

static int
config_take(struct daemon *d)
{
	struct rte_sriov_error error;
	ssize_t len;

	len = readlink("/proc/self/exe", d->manager.program, sizeof(d->manager.program) - 1);
	d->manager.program[len > 0 ? len : 0] = '\0';

	return manager_config_load(&d->manager, &d->manager.config, &error);
}

static int
daemon_start(struct daemon *d, const sigset_t *signals)
{
	struct sriovd_config *config;
	int ret;

	ret = config_take(d);
	if (ret != 0)
		return ret;
	config = d->manager.config;
	strlcpy(d->runtime_dir, config->runtime_dir, sizeof(d->runtime_dir));
	ret = sriovd_dir_make(config->runtime_dir, 0755);
	if (ret == 0)
		ret = sriovd_dir_make(config->state_dir, 0700);
	if (ret != 0)
		return ret;
	d->loop = sriovd_loop_new();
	d->manager.vfs = sriovd_vfs_new();
	d->worker = sriovd_worker_new(&d->manager);
	if (d->loop == NULL || d->manager.vfs == NULL || d->worker == NULL)
		return -ENOMEM;
	/* Before anything is touched: another one may be running. */
	ret = sockets_open(d, config);
	if (ret != 0)
		return ret;
	manager_state_load(&d->manager);
	sriovd_adopt(&d->manager);
	ret = sriovd_eal_start(config);
	if (ret == 0)
		ret = sources_add(d, signals);
	if (ret == 0)
		ret = sriovd_worker_start(d->worker);
	if (ret != 0)
		return ret;
	sriovd_telemetry_register(d->worker);

	return sriovd_worker_post(d->worker, SRIOVD_JOB_START);
}

static void
daemon_end(struct daemon *d)
{
	struct manager_pf *pf;

	sriovd_telemetry_stop();
	sriovd_tokens_free(d->tokens, false);
	sriovd_control_free(d->control, false);
	sriovd_worker_free(d->worker);
	while ((pf = TAILQ_FIRST(&d->manager.pfs)) != NULL) {
		TAILQ_REMOVE(&d->manager.pfs, pf, next);
		manager_pf_free(pf);
	}
	sriovd_vfs_free(d->manager.vfs);
	sriovd_loop_free(d->loop);
	json_decref(d->manager.state);
	json_decref(d->manager.secrets);
	sriovd_config_free(d->manager.config);
	free(d->manager.inherited);
}

static void
usage(FILE *file)
{
	fputs("usage: dpdk-sriovd [--config FILE] [--check]\n\n"
		"  --config FILE  the configuration (default: " DEFAULT_CONFIG ")\n"
		"  --check        check it, name what is wrong by line and key, and end\n"
		"  --version      print the version\n"
		"  --help         print this\n", file);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' }, { "check", no_argument, NULL, 'k' },
		{ "version", no_argument, NULL, 'V' }, { "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	struct daemon d = { .argv = argv, .start_ms = sriovd_now_ms() };
	bool only_check = false;
	sigset_t signals;
	int opt, ret;

	d.manager.config_path = DEFAULT_CONFIG;
	TAILQ_INIT(&d.manager.pfs);
	while ((opt = getopt_long(argc, argv, "c:hV", options, NULL)) != -1) {
		switch (opt) {
		case 'c':
			d.manager.config_path = optarg;
			break;
		case 'k':
			only_check = true;
			break;
		case 'V':
			puts("dpdk-sriovd " SRIOVD_VERSION);
			return EXIT_SUCCESS;
		case 'h':
			usage(stdout);
			return EXIT_SUCCESS;
		default:
			usage(stderr);
			return 2;
		}
	}
	if (optind != argc) {
		usage(stderr);
		return 2;
	}
	if (only_check)
		return check(d.manager.config_path);

	umask(077);
	/* JSON's hashes, before there are threads. */
	json_object_seed(0);
	descriptors_raise();
	/* Before there are threads, which inherit it. */
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGUSR2);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);

	ret = daemon_start(&d, &signals);
	if (ret == 0)
		ret = sriovd_loop_run(d.loop);
	if (ret != 0)
		SRIOVD_LOG(ERR, "ended: %s", strerror(-ret));
	daemon_end(&d);

	return ret == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
