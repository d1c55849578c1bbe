/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_PEER_H
#define SRIOVD_PEER_H

/**
 * @file
 * Sockets, and who is at their other end. For the main thread; nothing here blocks.
 */

#include "sriovd_grant.h"

/**
 * Make a socket to listen at (AF_UNIX, SOCK_SEQPACKET). One that is left over there is removed.
 *
 * @param path
 *   Up to 107 bytes.
 * @param uid, gid
 *   Its owner; -1: this process's.
 * @return
 *   Descriptor; -EADDRINUSE: somebody listens there; -EEXIST: something else than a socket is
 *   there; or another negative errno.
 */
int sriovd_socket_listen(const char *path, uid_t uid, gid_t gid, mode_t mode);

/** Owner and mode of a socket that exists. 0 or negative errno. */
int sriovd_socket_owner_set(const char *path, uid_t uid, gid_t gid, mode_t mode);

/**
 * Tell who connected: by SO_PEERCRED and SO_PEERGROUPS, at the time of its connect(). Its unit is
 * not looked for.
 *
 * @param[out] peer
 *   For sriovd_peer_clear(). 0 or negative errno.
 */
int sriovd_peer_get(int fd, struct sriovd_peer *peer);

/**
 * Find the systemd unit of a peer.
 *
 * The peer's process is held by SO_PEERPIDFD (Linux 6.5), so that it cannot have ended and its id
 * gone to another process meanwhile. On older kernels its start time is compared before and after,
 * and must lie before the connection was accepted; what remains there is a process id that was used
 * again between connect() and accept().
 *
 * @param accepted_ms
 *   When the connection was accepted (sriovd_now_ms()).
 * @return
 *   - 0 on success, with peer->unit filled.
 *   - -ESRCH: the process that connected has ended.
 *   - -ENOTSUP: built without libsystemd.
 *   - another negative errno: it is in no unit.
 */
int sriovd_peer_unit_get(int fd, struct sriovd_peer *peer, uint64_t accepted_ms);

/** Is the peer in the group? */
bool sriovd_peer_in_group(const struct sriovd_peer *peer, gid_t gid);
/** Frees what it holds, not the struct. */
void sriovd_peer_clear(struct sriovd_peer *peer);

#endif /* SRIOVD_PEER_H */
