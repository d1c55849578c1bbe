/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_NOTIFY_H
#define SRIOVD_NOTIFY_H

/**
 * @file
 * The service manager, systemd or dpdk-sriov-keeper: notifications, and the descriptors that it
 * keeps. Any thread. Without libsystemd, or without a service manager, nothing happens.
 */

#include <stdbool.h>
#include <stdint.h>

/** Who keeps descriptors over this process's end: "systemd", "keeper" or "none". */
const char *sriovd_keeper_name(void);

/** Send "READY=1\nSTATUS=..." and the like. */
__attribute__((format(printf, 1, 2)))
void sriovd_notify(const char *fmt, ...);

/** Period of the watchdog in milliseconds; 0: there is none. */
uint32_t sriovd_watchdog_ms(void);

/** Have a descriptor kept under a name. 0 or negative errno; -ENOTCONN: by nobody. */
int sriovd_fd_keep(const char *name, int fd);
/** Have descriptors of a name let go, and wait until it is done. */
void sriovd_fd_release(const char *name);

/** A descriptor that was passed to this process. */
struct sriovd_inherited {
	char name[64];
	int fd;
};

/**
 * The descriptors that were passed, close-on-exec from now on. To be called once, before threads
 * are started; the environment is cleared of them.
 *
 * @param[out] inherited
 *   For free().
 * @return their number, or negative errno.
 */
int sriovd_inherited_get(struct sriovd_inherited **inherited);

/**
 * Execute a program in place of this process, with descriptors passed to it as
 * sriovd_inherited_get() expects them. All others are closed.
 *
 * @return negative errno if it could not; descriptors are in disorder then.
 */
int sriovd_execute(const char *path, char *const argv[], const struct sriovd_inherited *pass,
		unsigned int nb);

#endif /* SRIOVD_NOTIFY_H */
