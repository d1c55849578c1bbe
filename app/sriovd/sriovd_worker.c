/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "sriovd_adopt.h"
#include "sriovd_log.h"
#include "sriovd_worker.h"

/* How often all PFs are looked at, without any event. */
#define POLL_MS 1000
/* Between two tries of a request that waits for something. */
#define RETRY_MS 250
/* How old a status may be that is told again. */
#define STATUS_AGE_MS 1000

struct job {
	TAILQ_ENTRY(job) next;
	enum sriovd_job_type type;
	uint64_t not_before_ms;
	uint64_t began_ms;        /* 0: not yet */
	struct sriovd_caller caller;
	struct sriovd_request request;
};

TAILQ_HEAD(job_queue, job);

struct sriovd_worker {
	struct sriovd_manager *manager;
	pthread_t thread;
	bool started;
	bool stopped;             /* the thread's own */
	int job_fd;               /* eventfd: there are jobs */
	int message_fd;           /* eventfd: there are messages */
	const struct job *current;

	pthread_mutex_t lock;     /* protects all below */
	pthread_cond_t status_made;
	struct job_queue jobs;
	TAILQ_HEAD(, sriovd_message) messages;
	json_t *status;
	uint64_t status_ms;
	bool status_wanted;
};

static void
fd_notify(int fd)
{
	const uint64_t one = 1;

	if (write(fd, &one, sizeof(one)) < 0)
		return; /* it is notified already */
}

/* ---- jobs ---- */

static int
job_put(struct sriovd_worker *worker, struct job *job)
{
	pthread_mutex_lock(&worker->lock);
	TAILQ_INSERT_TAIL(&worker->jobs, job, next);
	pthread_mutex_unlock(&worker->lock);
	fd_notify(worker->job_fd);

	return 0;
}

int
sriovd_worker_post(struct sriovd_worker *worker, enum sriovd_job_type type)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return -ENOMEM;
	job->type = type;

	return job_put(worker, job);
}

int
sriovd_worker_post_request(struct sriovd_worker *worker, const struct sriovd_caller *caller,
		const struct sriovd_request *request)
{
	struct job *job = calloc(1, sizeof(*job));

	if (job == NULL)
		return -ENOMEM;
	job->type = SRIOVD_JOB_REQUEST;
	job->caller = *caller;
	job->request = *request;

	return job_put(worker, job);
}

/* The next that is due; *wait_ms: how long until another is. */
static struct job *
job_take(struct sriovd_worker *worker, uint64_t now, int *wait_ms)
{
	struct job *job, *found = NULL;

	pthread_mutex_lock(&worker->lock);
	TAILQ_FOREACH(job, &worker->jobs, next) {
		if (job->not_before_ms <= now) {
			found = job;
			TAILQ_REMOVE(&worker->jobs, job, next);
			break;
		}
		*wait_ms = RTE_MIN(*wait_ms, (int)(job->not_before_ms - now));
	}
	pthread_mutex_unlock(&worker->lock);

	return found;
}

uint64_t
sriovd_worker_client(const struct sriovd_worker *worker, int64_t *id)
{
	const struct job *job = worker->current;

	if (job == NULL || job->type != SRIOVD_JOB_REQUEST)
		return 0;
	*id = job->request.id;

	return job->caller.client;
}

/* ---- messages ---- */

void
sriovd_worker_tell(struct sriovd_worker *worker, const struct sriovd_message *message)
{
	struct sriovd_message *copy = malloc(sizeof(*copy));

	if (copy == NULL)
		return;
	*copy = *message;
	pthread_mutex_lock(&worker->lock);
	TAILQ_INSERT_TAIL(&worker->messages, copy, next);
	pthread_mutex_unlock(&worker->lock);
	fd_notify(worker->message_fd);
}

int
sriovd_worker_message_fd(const struct sriovd_worker *worker)
{
	return worker->message_fd;
}

void
sriovd_worker_messages_take(struct sriovd_worker *worker, sriovd_message_fn fn, void *ctx)
{
	struct sriovd_message *message;

	sriovd_timer_take(worker->message_fd);
	for (;;) {
		pthread_mutex_lock(&worker->lock);
		message = TAILQ_FIRST(&worker->messages);
		if (message != NULL)
			TAILQ_REMOVE(&worker->messages, message, next);
		pthread_mutex_unlock(&worker->lock);
		if (message == NULL)
			return;
		fn(ctx, message);
		free(message);
	}
}

static void
tell_type(struct sriovd_worker *worker, enum sriovd_message_type type)
{
	const struct sriovd_message message = { .type = type };

	sriovd_worker_tell(worker, &message);
}

/* What a job may have changed beside its result. */
static void
tell_changes(struct sriovd_worker *worker)
{
	const struct sriovd_config *config = worker->manager->config;
	const struct sriovd_message message = {
		.type = SRIOVD_MESSAGE_CONFIG,
		.admin_gid = config->admin_gid,
		.token_gid = config->token_gid,
		.token_mode = config->token_mode,
	};

	sriovd_worker_tell(worker, &message);
	tell_type(worker, SRIOVD_MESSAGE_SOCKETS);
}

/* ---- doing jobs ---- */

/* True: it is to be done again later. */
static bool
request_do(struct sriovd_worker *worker, struct job *job)
{
	json_t *result = NULL, *holders = NULL;
	struct sriovd_message message = {
		.type = SRIOVD_MESSAGE_REPLY, .client = job->caller.client, .last = true,
	};
	struct rte_sriov_error error = { 0 };
	int ret;

	if (job->began_ms == 0)
		job->began_ms = sriovd_now_ms();
	ret = manager_request(worker->manager, &job->request, sriovd_now_ms() - job->began_ms,
			&result, &holders, &error);
	if (ret == -EINPROGRESS) {
		job->not_before_ms = sriovd_now_ms() + RETRY_MS;
		return true;
	}
	if (ret == 0) {
		message.text = sriovd_reply_result(job->request.id, result);
	} else {
		if (error.err == 0)
			error.err = -ret;
		message.text = sriovd_reply_error(job->request.id, &error, holders);
	}
	/* What was promised is remembered. */
	if (worker->manager->dirty)
		manager_state_save(worker->manager);
	if (!sriovd_method_is_read_only(job->request.method))
		tell_changes(worker);
	sriovd_worker_tell(worker, &message);

	return false;
}

static void
reload_do(struct sriovd_worker *worker)
{
	struct rte_sriov_error error = { 0 };
	json_t *changes = NULL, *text;
	size_t i;

	if (manager_reload(worker->manager, false, &changes, &error) != 0)
		sriovd_log_error(&error);
	json_array_foreach(changes, i, text)
		SRIOVD_LOG(NOTICE, "%s", json_string_value(text));
	if (changes != NULL && json_array_size(changes) == 0)
		SRIOVD_LOG(NOTICE, "the configuration has not changed");
	json_decref(changes);
	tell_changes(worker);
	tell_type(worker, SRIOVD_MESSAGE_RELOADED);
}

static void
status_do(struct sriovd_worker *worker)
{
	json_t *status = manager_status(worker->manager, ""), *old;

	pthread_mutex_lock(&worker->lock);
	old = worker->status;
	worker->status = status;
	worker->status_ms = sriovd_now_ms();
	worker->status_wanted = false;
	pthread_cond_broadcast(&worker->status_made);
	pthread_mutex_unlock(&worker->lock);
	json_decref(old);
}

static void
handover_do(struct sriovd_worker *worker)
{
	struct sriovd_message message = { .type = SRIOVD_MESSAGE_HANDOVER };

	manager_state_save(worker->manager);
	message.nb_fds = sriovd_successor_check(worker->manager->program,
			worker->manager->config_path);
	if (message.nb_fds == 0)
		message.nb_fds = manager_fds_collect(worker->manager, &message.fds);
	/* It touches nothing from here on: the process is replaced. */
	worker->stopped = message.nb_fds >= 0;
	sriovd_worker_tell(worker, &message);
}

static void
job_do(struct sriovd_worker *worker, struct job *job)
{
	bool again = false;

	worker->current = job;
	switch (job->type) {
	case SRIOVD_JOB_START:
		manager_start(worker->manager);
		tell_changes(worker);
		tell_type(worker, SRIOVD_MESSAGE_STARTED);
		break;
	case SRIOVD_JOB_REQUEST:
		again = request_do(worker, job);
		break;
	case SRIOVD_JOB_RELOAD:
		reload_do(worker);
		break;
	case SRIOVD_JOB_GRANT_USED:
		manager_state_save(worker->manager);
		break;
	case SRIOVD_JOB_STATUS:
		status_do(worker);
		break;
	case SRIOVD_JOB_STOP:
		manager_stop(worker->manager);
		worker->stopped = true;
		tell_type(worker, SRIOVD_MESSAGE_STOPPED);
		break;
	case SRIOVD_JOB_HANDOVER:
		handover_do(worker);
		break;
	}
	worker->current = NULL;
	if (again)
		job_put(worker, job);
	else
		free(job);
}

/* Wait for a job, an event of a PF, or the time to look. */
static void
worker_wait(struct sriovd_worker *worker, int wait_ms)
{
	struct pollfd fds[1 + SRIOVD_CONFIG_MAX_PFS];
	const struct manager_pf *pf;
	unsigned int nb = 1;

	fds[0] = (struct pollfd) { .fd = worker->job_fd, .events = POLLIN };
	TAILQ_FOREACH(pf, &worker->manager->pfs, next)
		if (pf->pf != NULL && nb < RTE_DIM(fds))
			fds[nb++] = (struct pollfd) {
				.fd = rte_sriov_pf_event_fd(pf->pf), .events = POLLIN,
			};
	if (poll(fds, nb, wait_ms) <= 0)
		return;
	if (fds[0].revents != 0)
		sriovd_timer_take(worker->job_fd);
	while (--nb > 0)
		if (fds[nb].revents != 0) {
			manager_poll(worker->manager, false);
			return;
		}
}

static void *
worker_run(void *arg)
{
	struct sriovd_worker *worker = arg;
	uint64_t next_poll = 0, now;
	struct job *job;
	int wait_ms;

	while (!worker->stopped) {
		now = sriovd_now_ms();
		wait_ms = POLL_MS;
		job = job_take(worker, now, &wait_ms);
		if (job != NULL) {
			job_do(worker, job);
			continue;
		}
		if (now >= next_poll) {
			manager_poll(worker->manager, true);
			next_poll = sriovd_now_ms() + POLL_MS;
		}
		worker_wait(worker, RTE_MIN(wait_ms, (int)(next_poll - now)));
	}

	return NULL;
}

/* ---- for telemetry ---- */

json_t *
sriovd_worker_status(struct sriovd_worker *worker, uint32_t wait_ms)
{
	struct timespec until;
	bool post = false;
	json_t *status;

	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += wait_ms / 1000;
	until.tv_nsec += (long)(wait_ms % 1000) * 1000000;
	if (until.tv_nsec >= 1000000000) {
		until.tv_sec++;
		until.tv_nsec -= 1000000000;
	}
	pthread_mutex_lock(&worker->lock);
	if (worker->status == NULL || sriovd_now_ms() - worker->status_ms > STATUS_AGE_MS) {
		post = !worker->status_wanted;
		worker->status_wanted = true;
	}
	pthread_mutex_unlock(&worker->lock);
	if (post)
		sriovd_worker_post(worker, SRIOVD_JOB_STATUS);
	pthread_mutex_lock(&worker->lock);
	while (worker->status_wanted)
		if (pthread_cond_timedwait(&worker->status_made, &worker->lock, &until) != 0)
			break;
	/* A copy: reference counts may not be thread-safe. */
	status = json_deep_copy(worker->status);
	pthread_mutex_unlock(&worker->lock);

	return status;
}

/* ---- the thread ---- */

struct sriovd_worker *
sriovd_worker_new(struct sriovd_manager *manager)
{
	struct sriovd_worker *worker = calloc(1, sizeof(*worker));

	if (worker == NULL)
		return NULL;
	worker->manager = manager;
	manager->worker = worker;
	pthread_mutex_init(&worker->lock, NULL);
	pthread_cond_init(&worker->status_made, NULL);
	TAILQ_INIT(&worker->jobs);
	TAILQ_INIT(&worker->messages);
	worker->job_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	worker->message_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (worker->job_fd < 0 || worker->message_fd < 0) {
		sriovd_worker_free(worker);
		return NULL;
	}

	return worker;
}

int
sriovd_worker_start(struct sriovd_worker *worker)
{
	sigset_t all, before;
	int ret;

	/* Signals are for the main thread. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&worker->thread, NULL, worker_run, worker);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	worker->started = ret == 0;
	if (ret == 0)
		pthread_setname_np(worker->thread, "sriovd-worker");

	return -ret;
}

static void
message_drop(void *ctx __rte_unused, struct sriovd_message *message)
{
	free(message->text);
	free(message->fds);
}

void
sriovd_worker_free(struct sriovd_worker *worker)
{
	struct job *job;

	if (worker == NULL)
		return;
	if (worker->started)
		pthread_join(worker->thread, NULL);
	while ((job = TAILQ_FIRST(&worker->jobs)) != NULL) {
		TAILQ_REMOVE(&worker->jobs, job, next);
		free(job);
	}
	sriovd_worker_messages_take(worker, message_drop, NULL);
	if (worker->job_fd >= 0)
		close(worker->job_fd);
	if (worker->message_fd >= 0)
		close(worker->message_fd);
	json_decref(worker->status);
	pthread_cond_destroy(&worker->status_made);
	pthread_mutex_destroy(&worker->lock);
	free(worker);
}
