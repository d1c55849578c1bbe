/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_LOOP_H
#define SRIOVD_LOOP_H

/**
 * @file
 * The main thread's event loop: epoll, level-triggered, one event at a time, so that a source may
 * be removed and freed by any handler. A handler must not block. All functions are for the main
 * thread, but for sriovd_loop_stop().
 */

#include <stdbool.h>
#include <stdint.h>

struct sriovd_loop;
struct sriovd_source;

/** Is called with EPOLL* events. */
typedef void (*sriovd_source_fn)(struct sriovd_source *source, uint32_t events);

/** A descriptor to be watched; the caller's, who keeps it until it is removed. */
struct sriovd_source {
	int fd;
	sriovd_source_fn fn;
	void *ctx;
};

/** NULL with errno set: no memory or descriptors. */
struct sriovd_loop *sriovd_loop_new(void);
void sriovd_loop_free(struct sriovd_loop *loop);

/** Watch for EPOLL* events. 0 or negative errno. */
int sriovd_loop_add(struct sriovd_loop *loop, struct sriovd_source *source, uint32_t events);
/** Watch for others from now on. */
int sriovd_loop_change(struct sriovd_loop *loop, struct sriovd_source *source, uint32_t events);
/** Watch no longer. The descriptor is the caller's to close. */
void sriovd_loop_remove(struct sriovd_loop *loop, struct sriovd_source *source);

/** Handle one event, or none within @p timeout_ms. 0 or negative errno. */
int sriovd_loop_once(struct sriovd_loop *loop, int timeout_ms);
/** Handle events until sriovd_loop_stop(). */
int sriovd_loop_run(struct sriovd_loop *loop);
/** From any thread. */
void sriovd_loop_stop(struct sriovd_loop *loop);

/** CLOCK_BOOTTIME in milliseconds. */
uint64_t sriovd_now_ms(void);

/** A timer that becomes readable each @p period_ms; 0: not any more. Descriptor or -errno. */
int sriovd_timer_new(uint32_t period_ms);
void sriovd_timer_set(int fd, uint32_t period_ms);
/** Take the expirations, or the notifications of an eventfd. */
void sriovd_timer_take(int fd);

#endif /* SRIOVD_LOOP_H */
