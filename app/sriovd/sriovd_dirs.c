/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "sriovd_config.h"
#include "sriovd_dirs.h"
#include "sriovd_log.h"

int
sriovd_dir_make(const char *path, mode_t mode)
{
	char part[SRIOVD_PATH_SIZE];
	struct stat st;
	char *slash;

	strlcpy(part, path, sizeof(part));
	for (slash = strchr(part + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(part, 0755) == 0)
			chmod(part, 0755);
		*slash = '/';
	}
	if (mkdir(path, mode) == 0)
		chmod(path, mode);
	if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
		SRIOVD_LOG(ERR, "%s: cannot be made: %s", path, strerror(errno));
		return -EIO;
	}
	if (st.st_uid != geteuid() || (st.st_mode & 022) != 0) {
		SRIOVD_LOG(ERR, "%s: others can write there: chown it to uid %u and chmod go-w it",
				path, geteuid());
		return -EPERM;
	}

	return 0;
}

void
sriovd_socket_dir_make(const char *runtime_dir, const char *path)
{
	size_t len = strlen(runtime_dir);
	char dir[SRIOVD_SOCKET_SIZE];
	char *slash, *last;

	strlcpy(dir, path, sizeof(dir));
	last = strrchr(dir, '/');
	slash = strncmp(dir, runtime_dir, len) == 0 && dir[len] == '/' ?
			strchr(dir + len + 1, '/') : last;
	for (; slash != NULL && slash != dir; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(dir, 0755) == 0)
			chmod(dir, 0755);
		*slash = '/';
	}
}
