// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#define _GNU_SOURCE

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio_test.h"

static const struct opened closed = { -1, -1, -1 };

void report(int ret, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	if (ret < 0)
		printf(": %s\n", strerrorname_np(-ret));
	else
		printf(": ok\n");
	fflush(stdout);
}

void fatal(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, format, args);
	fprintf(stderr, "\n");
	va_end(args);
	exit(1);
}

/* ---- sysfs */

int file_write(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int file_read(const char *path, char *value, size_t size)
{
	int fd = open(path, O_RDONLY);
	ssize_t length;

	if (fd < 0)
		return -errno;
	length = read(fd, value, size - 1);
	if (length < 0)
		length = -errno;
	close(fd);
	value[length > 0 ? length : 0] = '\0';
	value[strcspn(value, "\n")] = '\0';
	return length < 0 ? (int)length : 0;
}

const char *attribute(const char *device, const char *name)
{
	static char path[PATH_MAX];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/%s", device, name);
	return path;
}

const char *link_name(const char *device, const char *name)
{
	static char target[PATH_MAX];
	ssize_t length = readlink(attribute(device, name), target, sizeof(target) - 1);

	if (length < 0)
		return "none";
	target[length] = '\0';
	return strrchr(target, '/') + 1;
}

int driver_set(const char *device, const char *driver)
{
	char path[PATH_MAX];
	int ret;

	if (strcmp(link_name(device, "driver"), "none")) {
		ret = file_write(attribute(device, "driver/unbind"), device);
		if (ret)
			return ret;
	}
	ret = file_write(attribute(device, "driver_override"), driver ? driver : "\n");
	if (ret || !driver)
		return ret;
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", driver);
	return file_write(path, device);
}

void driver_must(const char *device, const char *driver)
{
	int ret = driver_set(device, driver);

	if (ret)
		fatal("%s: driver %s: %s", device, driver ? driver : "none", strerror(-ret));
}

/* ---- vfio */

void device_close(struct opened *opened)
{
	if (opened->device >= 0)
		close(opened->device);
	if (opened->group >= 0)
		close(opened->group);
	if (opened->container >= 0)
		close(opened->container);
	*opened = closed;
}

/* Opens the group of a device and gives it a container. */
static int group_open(struct opened *opened, const char *device)
{
	char path[PATH_MAX];

	*opened = closed;
	snprintf(path, sizeof(path), "/dev/vfio/%s", link_name(device, "iommu_group"));
	opened->container = open("/dev/vfio/vfio", O_RDWR);
	if (opened->container < 0)
		return -errno;
	opened->group = open(path, O_RDWR);
	if (opened->group < 0 ||
			ioctl(opened->group, VFIO_GROUP_SET_CONTAINER, &opened->container) ||
			ioctl(opened->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU)) {
		int ret = -errno;

		device_close(opened);
		return ret;
	}
	return 0;
}

int group_get(int group, const char *string)
{
	int fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, string);

	return fd < 0 ? -errno : fd;
}

int device_open_by(struct opened *opened, const char *device, const char *string)
{
	int ret = group_open(opened, device);

	if (ret)
		return ret;
	ret = group_get(opened->group, string);
	if (ret < 0) {
		device_close(opened);
		return ret;
	}
	opened->device = ret;
	return 0;
}

int device_try_by(const char *device, const char *string)
{
	struct opened opened;
	int ret = device_open_by(&opened, device, string);

	device_close(&opened);
	return ret;
}

int device_open(struct opened *opened, const char *device, const char *token)
{
	char string[256];

	snprintf(string, sizeof(string), token ? "%s vf_token=%s" : "%s", device, token);
	return device_open_by(opened, device, string);
}

int device_try(const char *device, const char *token)
{
	struct opened opened;
	int ret = device_open(&opened, device, token);

	device_close(&opened);
	return ret;
}

void device_must(struct opened *opened, const char *device, const char *token)
{
	int ret = device_open(opened, device, token);

	if (ret)
		fatal("%s: cannot be opened: %s", device, strerror(-ret));
}

int device_match_only(const char *device, const char *token)
{
	char path[PATH_MAX], string[256];
	int group, ret;

	snprintf(path, sizeof(path), "/dev/vfio/%s", link_name(device, "iommu_group"));
	snprintf(string, sizeof(string), "%s vf_token=%s", device, token);
	group = open(path, O_RDWR);
	if (group < 0)
		return -errno;
	ret = group_get(group, string);
	if (ret >= 0)
		close(ret);
	close(group);
	return ret;
}

pid_t process_start(const char *device, const char *token)
{
	struct opened opened;
	int fds[2], ret = -EPIPE;
	pid_t pid;

	if (pipe(fds))
		return -errno;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		ret = device_open(&opened, device, token);
		if (write(fds[1], &ret, sizeof(ret)) == sizeof(ret) && !ret)
			pause();
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -EPIPE;
	close(fds[0]);
	if (ret)
		waitpid(pid, NULL, 0);
	return ret ? ret : pid;
}

void process_kill(pid_t pid)
{
	if (pid > 0) {
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

static int hex_digit(char c)
{
	return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

void token_parse(const char *token, uint8_t bytes[16])
{
	unsigned int i;

	for (i = 0; i < 16; i++) {
		token += *token == '-';
		bytes[i] = (uint8_t)(hex_digit(token[0]) << 4 | hex_digit(token[1]));
		token += 2;
	}
}

int feature(int device, uint32_t flags, const char *token, size_t size)
{
	_Alignas(8) uint8_t buffer[sizeof(struct vfio_device_feature) + 32] = { 0 };
	struct vfio_device_feature *argument = (void *)buffer;

	argument->argsz = (uint32_t)(sizeof(*argument) + size);
	argument->flags = flags;
	token_parse(token, argument->data);
	return ioctl(device, VFIO_DEVICE_FEATURE, argument) ? -errno : 0;
}

int kmsg_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	if (fd < 0 || lseek(fd, 0, SEEK_END) < 0)
		fatal("/dev/kmsg: %s", strerror(errno));
	return fd;
}

int kmsg_count(int fd, const char *first, const char *second)
{
	char record[8192];
	ssize_t length;
	int count = 0;

	while ((length = read(fd, record, sizeof(record) - 1)) >= 0 || errno == EPIPE) {
		if (length < 0)
			continue;
		record[length] = '\0';
		count += strstr(record, first) && strstr(record, second);
	}
	close(fd);
	return count;
}
