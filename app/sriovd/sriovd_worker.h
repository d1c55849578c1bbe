/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_WORKER_H
#define SRIOVD_WORKER_H

/**
 * @file
 * The worker thread, which manages PFs. Others give it jobs; it gives messages back.
 *
 * One lock protects both queues, and is held for moving entries only. Nobody else touches the
 * manager.
 */

#include <stdbool.h>
#include <stdint.h>

#include "sriovd_control.h"
#include "sriovd_manager.h"

enum sriovd_message_type {
	SRIOVD_MESSAGE_REPLY,     /**< to a client of the control socket */
	SRIOVD_MESSAGE_STARTED,   /**< all PFs were looked after */
	SRIOVD_MESSAGE_SOCKETS,   /**< the wanted sockets of VFs may have changed */
	SRIOVD_MESSAGE_CONFIG,    /**< group and mode of the sockets may have changed */
	SRIOVD_MESSAGE_STOPPED,   /**< the process can end */
	SRIOVD_MESSAGE_HANDOVER,  /**< the process can be replaced: by fds, nb_fds */
	SRIOVD_MESSAGE_RELOADED,
};

/** What the worker tells the main thread. */
struct sriovd_message {
	TAILQ_ENTRY(sriovd_message) next;
	enum sriovd_message_type type;
	uint64_t client;
	char *text;
	bool last;
	gid_t admin_gid;
	gid_t token_gid;
	mode_t token_mode;
	struct sriovd_inherited *fds;
	int nb_fds;
};

/** Of the main thread's: takes the messages. It frees none of their members. */
typedef void (*sriovd_message_fn)(void *ctx, struct sriovd_message *message);

enum sriovd_job_type {
	SRIOVD_JOB_START,
	SRIOVD_JOB_REQUEST,
	SRIOVD_JOB_RELOAD,
	SRIOVD_JOB_GRANT_USED,    /**< a one-time grant was used up: remember that */
	SRIOVD_JOB_STATUS,        /**< for another thread that waits for it */
	SRIOVD_JOB_STOP,
	SRIOVD_JOB_HANDOVER,
};

struct sriovd_worker *sriovd_worker_new(struct sriovd_manager *manager);
/** Start the thread. 0 or negative errno. */
int sriovd_worker_start(struct sriovd_worker *worker);
/** The thread ends when it has done STOP. */
void sriovd_worker_free(struct sriovd_worker *worker);

/** Give it a job. Any thread. 0 or -ENOMEM. */
int sriovd_worker_post(struct sriovd_worker *worker, enum sriovd_job_type type);
/** A request of the control socket; copied. 0 or -ENOMEM. */
int sriovd_worker_post_request(struct sriovd_worker *worker, const struct sriovd_caller *caller,
		const struct sriovd_request *request);
/** Who is told of the progress of the request that is being done. */
uint64_t sriovd_worker_client(const struct sriovd_worker *worker, int64_t *id);

/** Readable when there are messages. */
int sriovd_worker_message_fd(const struct sriovd_worker *worker);
/** Hand all messages to a function. */
void sriovd_worker_messages_take(struct sriovd_worker *worker, sriovd_message_fn fn, void *ctx);
/** Tell the main thread. @p message is copied. Worker thread. */
void sriovd_worker_tell(struct sriovd_worker *worker, const struct sriovd_message *message);

/**
 * The status of one PF, or of all (""): made by the worker, and at most a second old. Any other
 * thread; waits up to @p wait_ms, and then takes what there was before.
 *
 * @return {"pfs":[...]} for json_decref(); NULL: none yet.
 */
json_t *sriovd_worker_status(struct sriovd_worker *worker, uint32_t wait_ms);

#endif /* SRIOVD_WORKER_H */
