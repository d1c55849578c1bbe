/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What programs that test a vfio-pci share: lines of results, sysfs, opening devices. Functions
 * return 0 or -errno unless said otherwise.
 */

#ifndef VFIO_TEST_H
#define VFIO_TEST_H

#include <linux/vfio.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

#define FEATURE_TOKEN VFIO_DEVICE_FEATURE_PCI_VF_TOKEN
#define FEATURE_PROBE VFIO_DEVICE_FEATURE_PROBE
#define FEATURE_GET VFIO_DEVICE_FEATURE_GET
#define FEATURE_SET VFIO_DEVICE_FEATURE_SET

/* A device, open with a container of its own; -1 for what is not open. */
struct opened {
	int container;
	int group;
	int device;
};

/* Prints "CASE: ok", or the name of the error if @ret is negative. */
void report(int ret, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Ends the program: the test itself cannot go on. */
void fatal(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* ---- sysfs */

int file_write(const char *path, const char *value);

/* Reads the first line. */
int file_read(const char *path, char *value, size_t size);

/* The path of an attribute of a PCI function, until the next call. */
const char *attribute(const char *device, const char *name);

/* The last part of what a link of a PCI function leads to, or "none", until the next call. */
const char *link_name(const char *device, const char *name);

/* Binds to a driver, whatever the driver was, or to none (NULL). */
int driver_set(const char *device, const char *driver);

/* As driver_set(), but cannot fail. */
void driver_must(const char *device, const char *driver);

/* ---- vfio, with a group and a container for each device */

/* Has a group give a device by the string. Returns the descriptor. */
int group_get(int group, const char *string);

int device_open_by(struct opened *opened, const char *device, const char *string);

/* With a token, or without (NULL). */
int device_open(struct opened *opened, const char *device, const char *token);

/* As device_open(), but cannot fail. */
void device_must(struct opened *opened, const char *device, const char *token);

void device_close(struct opened *opened);

/* Opens and closes a device. */
int device_try_by(const char *device, const char *string);
int device_try(const char *device, const char *token);

/* Presents a token to a group without a container: the match succeeds and the open fails. */
int device_match_only(const char *device, const char *token);

/* Has a process open a device and hold it until it is killed. Returns its id. */
pid_t process_start(const char *device, const char *token);
void process_kill(pid_t pid);

/* The 16 bytes of a token. */
void token_parse(const char *token, uint8_t bytes[16]);

/* VFIO_DEVICE_FEATURE with @size bytes of the token, at most 32. */
int feature(int device, uint32_t flags, const char *token, size_t size);

/* ---- the kernel's log */

/* Returns a descriptor for kmsg_count(), which closes it. */
int kmsg_open(void);

/* How many messages since kmsg_open() name both. */
int kmsg_count(int fd, const char *first, const char *second);

#endif /* VFIO_TEST_H */
