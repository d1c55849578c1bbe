/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_GRANT_H
#define SRIOVD_GRANT_H

/**
 * @file
 * Grants: who may have the token of a VF.
 *
 * A grant is "uid:N", "gid:N", "user:NAME", "group:NAME" or "unit:NAME.service". Nobody has one
 * implicitly, uid 0 neither: in a container the user 0 may be the tenant.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/** Room for a user's, group's or unit's name, with its NUL. */
#define SRIOVD_NAME_SIZE 128
/** Room for a grant as text, with its NUL. */
#define SRIOVD_GRANT_SIZE (SRIOVD_NAME_SIZE + 8)
/** Most grants of a VF. */
#define SRIOVD_GRANTS_MAX 64

enum sriovd_grant_type {
	SRIOVD_GRANT_UID,
	SRIOVD_GRANT_GID,
	SRIOVD_GRANT_USER,
	SRIOVD_GRANT_GROUP,
	SRIOVD_GRANT_UNIT,
};

struct sriovd_grant {
	enum sriovd_grant_type type;
	uint32_t id;                  /**< user or group, that of the name as well; UNIT: 0 */
	char name[SRIOVD_NAME_SIZE];  /**< USER, GROUP and UNIT */
	bool once;                    /**< one token, and it is gone */
	bool runtime;                 /**< not from the configuration file */
};

/** Grants of a VF. Zero is an empty list. */
struct sriovd_grants {
	struct sriovd_grant *grant;
	unsigned int nb;
};

/** Who asks. */
struct sriovd_peer {
	pid_t pid;
	uid_t uid;
	gid_t gid;
	gid_t *groups;                /**< supplementary ones */
	unsigned int nb_groups;
	char unit[SRIOVD_NAME_SIZE];  /**< its systemd unit; "" when not known or not looked for */
};

/**
 * Parse one grant.
 *
 * @param[out] why
 *   What is wrong with it. Constant.
 * @return
 *   - 0 on success.
 *   - -EINVAL: malformed.
 *   - -ENOENT: no such user or group.
 *   - -ENOTSUP: a unit, and this program was built without libsystemd.
 */
int sriovd_grant_parse(const char *text, struct sriovd_grant *grant, const char **why);
void sriovd_grant_format(const struct sriovd_grant *grant, char text[SRIOVD_GRANT_SIZE]);
/** Do both give the same to the same? That one is from the file does not count. */
bool sriovd_grant_equal(const struct sriovd_grant *a, const struct sriovd_grant *b);
/** Does the grant hold for the peer? */
bool sriovd_grant_match(const struct sriovd_grant *grant, const struct sriovd_peer *peer);

/** Add a copy; one for the same user is replaced. 0, -ENOMEM, or -ENOSPC: too many. */
int sriovd_grants_add(struct sriovd_grants *grants, const struct sriovd_grant *grant);
/** Remove the grant at an index. */
void sriovd_grants_remove(struct sriovd_grants *grants, unsigned int index);
/** Index of the grant to the same user, or -ENOENT. */
int sriovd_grants_find(const struct sriovd_grants *grants, const struct sriovd_grant *grant);
/** Index of the first grant that holds for the peer, lasting ones before one-time ones; -ENOENT. */
int sriovd_grants_match(const struct sriovd_grants *grants, const struct sriovd_peer *peer);
/** Is there a grant to a unit, for which the peer's has to be known? */
bool sriovd_grants_need_unit(const struct sriovd_grants *grants);
/** 0, or -ENOMEM with @p to empty. */
int sriovd_grants_copy(struct sriovd_grants *to, const struct sriovd_grants *from);
/** Frees the list, not the struct; it is empty then. */
void sriovd_grants_free(struct sriovd_grants *grants);

#endif /* SRIOVD_GRANT_H */
