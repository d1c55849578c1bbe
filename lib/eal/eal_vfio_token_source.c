/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "eal_vfio_token_private.h"

/* One byte more than allowed, to see that there is more. */
#define TEXT_BYTES (VFIO_TOKEN_CONTENT_BYTES_MAX + 1)

static const char *
file_type_name(mode_t mode)
{
	if (S_ISDIR(mode))
		return "a directory";
	if (S_ISFIFO(mode))
		return "a FIFO";
	if (S_ISSOCK(mode))
		return "a socket";
	if (S_ISCHR(mode) || S_ISBLK(mode))
		return "a device node";
	return "not a regular file";
}

/* The checks that keep a token file ours: they look at what was opened, not at the path. */
static int
file_check(int fd, const char *path, struct vfio_token_error *err)
{
	struct stat st;

	if (fstat(fd, &st) != 0)
		return vfio_token_fail(err, -errno, "%s: cannot stat: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return vfio_token_fail(err, -EINVAL, "%s is %s; it must be a regular file "
				"(for a pipe or a socket use fd:N or unix:PATH)",
				path, file_type_name(st.st_mode));
	if (st.st_uid != 0 && st.st_uid != geteuid())
		return vfio_token_fail(err, -EACCES, "%s belongs to uid %u; it must belong to "
				"uid 0 or to the uid of this process, %u: chown it",
				path, st.st_uid, geteuid());
	if ((st.st_mode & 077) != 0)
		return vfio_token_fail(err, -EACCES, "%s has mode %04o, so that others than its "
				"owner may use it: chmod 600 %s", path,
				(unsigned int)(st.st_mode & 07777), path);
	if (st.st_size > VFIO_TOKEN_CONTENT_BYTES_MAX)
		return vfio_token_fail(err, -E2BIG, "%s is larger than %u bytes", path,
				VFIO_TOKEN_CONTENT_BYTES_MAX);

	return 0;
}

int64_t
vfio_token_now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/*
 * Read to the end. Waits up to VFIO_TOKEN_FD_TIMEOUT_MS in all for a pipe or a socket; poll()
 * reports a regular file as ready. Returns the length or a negative errno.
 */
static ssize_t
read_to_end(int fd, char *text, size_t size)
{
	int64_t deadline = vfio_token_now_ms() + VFIO_TOKEN_FD_TIMEOUT_MS;
	size_t len = 0;

	while (len < size) {
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - vfio_token_now_ms();
		ssize_t n;
		int ret = poll(&pfd, 1, left > 0 ? (int)left : 0);

		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0)
			return -errno;
		if (ret == 0)
			return -ETIMEDOUT;
		n = read(fd, text + len, size - len);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		len += n;
	}

	return len;
}

/* Read an open descriptor and parse what it holds; @p name is for messages. */
static int
content_read(int fd, const char *name, struct vfio_token_content *content,
		struct vfio_token_error *err)
{
	struct vfio_token_error why;
	char *text = vfio_token_secret_alloc(TEXT_BYTES);
	ssize_t len;
	int ret;

	if (text == NULL)
		return vfio_token_fail(err, -ENOMEM, "no memory");
	len = read_to_end(fd, text, TEXT_BYTES);
	if (len == -ETIMEDOUT)
		ret = vfio_token_fail(err, -ETIMEDOUT, "%s: no end of the content within %u ms: "
				"the writer must close it", name, VFIO_TOKEN_FD_TIMEOUT_MS);
	else if (len < 0)
		ret = vfio_token_fail(err, (int)len, "%s: cannot read: %s", name,
				strerror((int)-len));
	else if (len > VFIO_TOKEN_CONTENT_BYTES_MAX)
		ret = vfio_token_fail(err, -E2BIG, "%s is larger than %u bytes", name,
				VFIO_TOKEN_CONTENT_BYTES_MAX);
	else {
		ret = vfio_token_content_parse(text, len, content, &why);
		if (ret != 0)
			ret = vfio_token_fail(err, ret, "%s: %s", name, why.text);
	}
	vfio_token_secret_free(text, TEXT_BYTES);

	return ret;
}

int
vfio_token_file_read(const char *path, struct vfio_token_content *content,
		struct vfio_token_error *err)
{
	/* Non-blocking, so that a FIFO in the path's place cannot hold us before the check. */
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	int ret;

	if (fd < 0)
		return vfio_token_fail(err, -errno, "cannot open %s: %s", path, strerror(errno));
	ret = file_check(fd, path, err);
	if (ret == 0)
		ret = content_read(fd, path, content, err);
	close(fd);

	return ret;
}

int
vfio_token_fd_read(const char *number, struct vfio_token_content *content,
		struct vfio_token_error *err)
{
	char name[32];
	struct stat st;
	char *end;
	long fd;
	int ret;

	errno = 0;
	fd = strtol(number, &end, 10);
	if (*number < '0' || *number > '9' || *end != '\0' || errno != 0 || fd > INT32_MAX)
		return vfio_token_fail(err, -EINVAL, "fd:N takes a decimal number");
	snprintf(name, sizeof(name), "fd:%ld", fd);
	if (fstat((int)fd, &st) != 0)
		return vfio_token_fail(err, -errno, "%s: %s; it must be open in this process, and "
				"is closed once read", name, strerror(errno));
	if (S_ISDIR(st.st_mode))
		return vfio_token_fail(err, -EISDIR, "%s is a directory", name);
	ret = content_read((int)fd, name, content, err);
	if (fd > STDERR_FILENO)
		close((int)fd);

	return ret;
}

/* Overwrite each value of a variable in place: /proc/PID/environ shows these very bytes. */
static void
env_wipe(const char *name)
{
	size_t len = strlen(name);
	char **variable;

	for (variable = environ; variable != NULL && *variable != NULL; variable++)
		if (strncmp(*variable, name, len) == 0 && (*variable)[len] == '=')
			explicit_bzero(*variable + len + 1, strlen(*variable + len + 1));
}

int
vfio_token_env_take(const char *name, rte_uuid_t token, struct vfio_token_error *err)
{
	struct vfio_token_error why;
	char *value = getenv(name);
	int ret;

	if (value == NULL)
		return vfio_token_fail(err, -ENOENT, "no environment variable %s (one is read "
				"once and then unset)", name);
	ret = vfio_token_uuid_parse(value, token, &why);
	if (ret != 0)
		vfio_token_fail(err, ret, "environment variable %s: %s", name, why.text);
	env_wipe(name);
	unsetenv(name);

	return ret;
}
