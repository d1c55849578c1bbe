/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifdef SRIOVD_SYSTEMD
#include <systemd/sd-daemon.h>
#endif

#include <rte_common.h>
#include <rte_string_fns.h>

#include "sriovd_notify.h"

/* SD_LISTEN_FDS_START; those passed lie in a row from here. */
#define PASSED_FIRST 3
/* Longest wait for the service manager to have let go of descriptors. */
#define BARRIER_US (5 * 1000 * 1000)

#ifdef SRIOVD_SYSTEMD
const char *
sriovd_keeper_name(void)
{
	if (getenv("NOTIFY_SOCKET") == NULL)
		return "none";
	/* systemd sets it for all services. */
	return getenv("INVOCATION_ID") != NULL ? "systemd" : "keeper";
}

void
sriovd_notify(const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	sd_notify(0, text);
}

uint32_t
sriovd_watchdog_ms(void)
{
	uint64_t period_us = 0;

	if (sd_watchdog_enabled(0, &period_us) <= 0)
		return 0;

	return period_us / 1000;
}

int
sriovd_fd_keep(const char *name, int fd)
{
	char text[128];
	int ret;

	/* VFIO's descriptors are for ever; systemd need not look. */
	snprintf(text, sizeof(text), "FDSTORE=1\nFDNAME=%s\nFDPOLL=0", name);
	ret = sd_pid_notify_with_fds(0, 0, text, &fd, 1);

	return ret > 0 ? 0 : ret < 0 ? ret : -ENOTCONN;
}

void
sriovd_fd_release(const char *name)
{
	char text[128];

	snprintf(text, sizeof(text), "FDSTOREREMOVE=1\nFDNAME=%s", name);
	if (sd_notify(0, text) > 0)
		sd_notify_barrier(0, BARRIER_US);
}

int
sriovd_inherited_get(struct sriovd_inherited **inherited)
{
	char **names = NULL;
	int nb, i;

	*inherited = NULL;
	nb = sd_listen_fds_with_names(1, &names);
	if (nb <= 0)
		return nb;
	*inherited = calloc(nb, sizeof(**inherited));
	for (i = 0; i < nb; i++) {
		if (*inherited != NULL) {
			strlcpy((*inherited)[i].name, names[i], sizeof((*inherited)[i].name));
			(*inherited)[i].fd = PASSED_FIRST + i;
		}
		free(names[i]);
	}
	free(names);

	return *inherited != NULL ? nb : -ENOMEM;
}
#else
const char *
sriovd_keeper_name(void)
{
	return "none";
}

void
sriovd_notify(const char *fmt __rte_unused, ...)
{
}

uint32_t
sriovd_watchdog_ms(void)
{
	return 0;
}

int
sriovd_fd_keep(const char *name __rte_unused, int fd __rte_unused)
{
	return -ENOTCONN;
}

void
sriovd_fd_release(const char *name __rte_unused)
{
}

int
sriovd_inherited_get(struct sriovd_inherited **inherited)
{
	*inherited = NULL;

	return 0;
}
#endif

/* LISTEN_FDS, LISTEN_PID and LISTEN_FDNAMES, as of sd_listen_fds(3). */
static int
environment_set(const struct sriovd_inherited *pass, unsigned int nb)
{
	char number[16], *names;
	size_t size = nb * sizeof(pass[0].name) + 1;
	unsigned int i;
	int ret;

	names = calloc(1, size);
	if (names == NULL)
		return -ENOMEM;
	for (i = 0; i < nb; i++) {
		if (i > 0)
			strlcat(names, ":", size);
		strlcat(names, pass[i].name, size);
	}
	snprintf(number, sizeof(number), "%u", nb);
	ret = setenv("LISTEN_FDS", number, 1);
	ret |= setenv("LISTEN_FDNAMES", names, 1);
	snprintf(number, sizeof(number), "%d", getpid());
	ret |= setenv("LISTEN_PID", number, 1);
	free(names);

	return ret == 0 ? 0 : -ENOMEM;
}

int
sriovd_execute(const char *path, char *const argv[], const struct sriovd_inherited *pass,
		unsigned int nb)
{
	unsigned int i;
	int *high, ret;

	high = calloc(nb + 1, sizeof(*high));
	if (high == NULL)
		return -ENOMEM;
	ret = environment_set(pass, nb);
	/* Out of the way first, so that none is overwritten. */
	for (i = 0; i < nb && ret == 0; i++) {
		high[i] = fcntl(pass[i].fd, F_DUPFD_CLOEXEC, PASSED_FIRST + nb);
		if (high[i] < 0)
			ret = -errno;
	}
	if (ret != 0) {
		free(high);
		return ret;
	}
	/* 4 is CLOSE_RANGE_CLOEXEC (Linux 5.11), which older headers lack. */
	if (syscall(SYS_close_range, PASSED_FIRST, ~0U, 4) != 0)
		for (i = PASSED_FIRST; i < (unsigned int)sysconf(_SC_OPEN_MAX); i++)
			fcntl(i, F_SETFD, FD_CLOEXEC);
	for (i = 0; i < nb; i++)
		dup2(high[i], PASSED_FIRST + i);
	free(high);
	execv(path, argv);

	return -errno;
}
