/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Datagrams of sd_notify(3), as far as the keeper understands them. */

#ifndef KEEPER_MESSAGE_H
#define KEEPER_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* As of systemd. */
#define KEEPER_MESSAGE_MAX	4096
#define KEEPER_NAME_MAX		255
#define KEEPER_NAME_DEFAULT	"stored"
#define KEEPER_STATUS_MAX	120

struct keeper_message {
	bool ready;
	bool reloading;
	bool stopping;
	bool watchdog;
	bool watchdog_trigger;
	bool barrier;
	bool fd_store;
	bool fd_store_remove;
	/* Do not drop the descriptors when they hang up or fail. */
	bool fd_poll_off;
	/* A name was given, and it is invalid; fd_name is the default one. */
	bool fd_name_invalid;
	bool has_fd_name;
	bool has_status;
	char fd_name[KEEPER_NAME_MAX + 1];
	/* Cut off, and without control characters. */
	char status[KEEPER_STATUS_MAX + 1];
	/* 0: not given, or invalid. */
	pid_t main_pid;
	/* 0: not given, or invalid. */
	uint64_t watchdog_us;
};

/*
 * Parses @length bytes of @data. What is unknown is left out; of a key that is there twice, the
 * first one counts. Returns 0; -EMSGSIZE: too long; -EBADMSG: a NUL byte within.
 */
int keeper_message_parse(const char *data, size_t length, struct keeper_message *message);

/* Whether systemd would take @name: 1 to 255 printable characters, none of which is a colon. */
bool keeper_name_is_valid(const char *name);

#endif /* KEEPER_MESSAGE_H */
