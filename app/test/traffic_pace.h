/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Keeps a sender within a window of what its receiver has, whatever the machine does to either: in
 * a guest without processors of its own, a rate alone lets a ring overflow now and then, which is
 * no driver's fault. The receiver counts in a file that both map. What is lost stays lost, and is
 * seen by its number; the sender goes on after a while. Also for programs without DPDK.
 */

#ifndef TRAFFIC_PACE_H
#define TRAFFIC_PACE_H

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

/* Frames of one stream on their way: four streams fit in the smallest ring of a peer, 256. */
#define TRAFFIC_PACE_WINDOW	48
/*
 * How long the first frame of a full window may take before the window is written off: longer than
 * a receiver may stand still on a machine that is busy with other things.
 */
#define TRAFFIC_PACE_PATIENCE_NS	UINT64_C(2000000000)
#define TRAFFIC_PACE_STREAMS	(UINT16_MAX + 1)

/* The frames of each stream that have been received. */
typedef _Atomic uint64_t traffic_pace_counts;

/* A sender's side. Zero at first. */
struct traffic_pace {
	uint64_t received; /* when last looked at */
	uint64_t written_off;
	uint64_t since_ns; /* when @received last changed, or the window was written off */
	unsigned int written_off_times; /* since a frame was last received */
};

/* Maps the file at @path, made if need be. NULL with errno set if it cannot. Never unmapped. */
static inline traffic_pace_counts *
traffic_pace_map(const char *path)
{
	const size_t size = TRAFFIC_PACE_STREAMS * sizeof(traffic_pace_counts);
	void *counts = MAP_FAILED;
	int fd, error;

	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return NULL;
	if (ftruncate(fd, size) == 0)
		counts = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	error = errno;
	close(fd);
	errno = error;
	return counts == MAP_FAILED ? NULL : counts;
}

static inline void
traffic_pace_receive(traffic_pace_counts *counts, uint16_t stream)
{
	atomic_fetch_add_explicit(&counts[stream], 1, memory_order_relaxed);
}

/* Whether the next frame of @stream, of which @sent have been, may be sent at @now_ns. */
static inline bool
traffic_pace_may_send(struct traffic_pace *pace, traffic_pace_counts *counts, uint16_t stream,
		uint64_t sent, uint64_t now_ns)
{
	uint64_t received = atomic_load_explicit(&counts[stream], memory_order_relaxed);

	if (received != pace->received || pace->since_ns == 0) {
		pace->received = received;
		pace->since_ns = now_ns;
		pace->written_off_times = 0;
	}
	/* Below zero if what was written off has come after all. */
	if ((int64_t)(sent - received - pace->written_off) < TRAFFIC_PACE_WINDOW)
		return true;
	/* Of a stream that does not get through, each window is waited for half as long. */
	if (now_ns - pace->since_ns < TRAFFIC_PACE_PATIENCE_NS >>
			(pace->written_off_times < 32 ? pace->written_off_times : 32))
		return false;
	pace->written_off = sent - received;
	pace->written_off_times++;
	pace->since_ns = now_ns;
	return true;
}

#endif /* TRAFFIC_PACE_H */
