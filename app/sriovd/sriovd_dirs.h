/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_DIRS_H
#define SRIOVD_DIRS_H

/**
 * @file
 * Directories of the daemon and of its sockets.
 */

#include <sys/types.h>

/**
 * Make a directory with all above it, and see that only we can write there. 0 or negative errno
 * with the reason logged.
 */
int sriovd_dir_make(const char *path, mode_t mode);

/**
 * Make the directory of a socket. A directory for the socket alone can be mounted into a container.
 * Below the daemon's own directory, those above it are made, too.
 */
void sriovd_socket_dir_make(const char *runtime_dir, const char *path);

#endif /* SRIOVD_DIRS_H */
