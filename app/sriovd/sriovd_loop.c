/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include <rte_common.h>

#include "sriovd_loop.h"

struct sriovd_loop {
	int epoll_fd;
	int stop_fd;
	bool stopped;
	struct sriovd_source stop;
};

static void
stop_taken(struct sriovd_source *source, uint32_t events __rte_unused)
{
	struct sriovd_loop *loop = source->ctx;

	sriovd_timer_take(source->fd);
	loop->stopped = true;
}

struct sriovd_loop *
sriovd_loop_new(void)
{
	struct sriovd_loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL)
		return NULL;
	loop->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	loop->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	loop->stop = (struct sriovd_source) { .fd = loop->stop_fd, .fn = stop_taken, .ctx = loop };
	if (loop->epoll_fd < 0 || loop->stop_fd < 0 ||
			sriovd_loop_add(loop, &loop->stop, EPOLLIN) != 0) {
		sriovd_loop_free(loop);
		return NULL;
	}

	return loop;
}

void
sriovd_loop_free(struct sriovd_loop *loop)
{
	if (loop == NULL)
		return;
	if (loop->stop_fd >= 0)
		close(loop->stop_fd);
	if (loop->epoll_fd >= 0)
		close(loop->epoll_fd);
	free(loop);
}

int
sriovd_loop_add(struct sriovd_loop *loop, struct sriovd_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_ADD, source->fd, &event) == 0 ? 0 : -errno;
}

int
sriovd_loop_change(struct sriovd_loop *loop, struct sriovd_source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	return epoll_ctl(loop->epoll_fd, EPOLL_CTL_MOD, source->fd, &event) == 0 ? 0 : -errno;
}

void
sriovd_loop_remove(struct sriovd_loop *loop, struct sriovd_source *source)
{
	epoll_ctl(loop->epoll_fd, EPOLL_CTL_DEL, source->fd, NULL);
}

int
sriovd_loop_once(struct sriovd_loop *loop, int timeout_ms)
{
	struct sriovd_source *source;
	struct epoll_event event;
	int ret;

	ret = epoll_wait(loop->epoll_fd, &event, 1, timeout_ms);
	if (ret < 0)
		return errno == EINTR ? 0 : -errno;
	if (ret == 1) {
		source = event.data.ptr;
		source->fn(source, event.events);
	}

	return 0;
}

int
sriovd_loop_run(struct sriovd_loop *loop)
{
	int ret = 0;

	loop->stopped = false;
	while (!loop->stopped && ret == 0)
		ret = sriovd_loop_once(loop, -1);

	return ret;
}

void
sriovd_loop_stop(struct sriovd_loop *loop)
{
	const uint64_t one = 1;

	if (write(loop->stop_fd, &one, sizeof(one)) < 0)
		return; /* its counter is full: it is signalled */
}

uint64_t
sriovd_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_BOOTTIME, &ts);

	return (uint64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int
sriovd_timer_new(uint32_t period_ms)
{
	int fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);

	if (fd < 0)
		return -errno;
	sriovd_timer_set(fd, period_ms);

	return fd;
}

void
sriovd_timer_set(int fd, uint32_t period_ms)
{
	struct itimerspec spec = {
		.it_interval = { period_ms / 1000, (long)(period_ms % 1000) * 1000000 },
		.it_value = { period_ms / 1000, (long)(period_ms % 1000) * 1000000 },
	};

	timerfd_settime(fd, 0, &spec, NULL);
}

void
sriovd_timer_take(int fd)
{
	uint64_t count;

	if (read(fd, &count, sizeof(count)) < 0)
		return; /* taken already */
}
