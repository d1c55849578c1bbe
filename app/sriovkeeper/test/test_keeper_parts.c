/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Tests of the keeper's parts. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../keeper_message.h"
#include "../keeper_store.h"
#include "../keeper_vfio.h"
#include "test_keeper.h"

static int
parse(const char *text, struct keeper_message *message)
{
	return keeper_message_parse(text, strlen(text), message);
}

static int
test_message_fields(void)
{
	char big[KEEPER_MESSAGE_MAX + 1];
	struct keeper_message m;

	CHECK(parse("READY=1\nSTATUS=up\tand\nMAINPID=12\nX_OTHER=1\n", &m) == 0);
	CHECK(m.ready && m.has_status && strcmp(m.status, "up?and") == 0 && m.main_pid == 12);
	CHECK(parse("FDSTORE=1\nFDNAME=pf-0000_01_00.0\nFDNAME=other", &m) == 0);
	CHECK(m.fd_store && strcmp(m.fd_name, "pf-0000_01_00.0") == 0 && !m.fd_name_invalid);
	CHECK(parse("FDSTORE=1", &m) == 0 && strcmp(m.fd_name, "stored") == 0 && !m.has_fd_name);
	CHECK(parse("FDNAME=a:b", &m) == 0 && m.fd_name_invalid);
	CHECK(strcmp(m.fd_name, "stored") == 0);
	CHECK(parse("FDNAME=\x7f", &m) == 0 && m.fd_name_invalid);
	CHECKF(parse("READY=0\nREADY=1", &m) == 0 && !m.ready, "%s", "the first one counts");
	CHECK(parse("READY=1 \nSTOPPING=\nRELOADING", &m) == 0);
	CHECK(!m.ready && !m.stopping && !m.reloading);
	CHECK(parse("WATCHDOG=trigger", &m) == 0 && m.watchdog_trigger && !m.watchdog);
	CHECK(parse("WATCHDOG_USEC=18446744073709551615", &m) == 0);
	CHECK(m.watchdog_us == UINT64_MAX);
	CHECK(parse("WATCHDOG_USEC=18446744073709551616", &m) == 0 && m.watchdog_us == 0);
	CHECK(parse("MAINPID=2147483648", &m) == 0 && m.main_pid == 0);
	CHECK(parse("", &m) == 0 && parse("\n\n\n", &m) == 0 && parse("=", &m) == 0);
	CHECKF(keeper_message_parse("READY=1\0", 8, &m) == 0 && m.ready, "%s", "a NUL at the end");
	CHECK(keeper_message_parse("READY=1\0X", 9, &m) == -EBADMSG && !m.ready);
	memset(big, 'a', sizeof(big));
	CHECK(keeper_message_parse(big, sizeof(big), &m) == -EMSGSIZE);
	CHECK(keeper_message_parse(big, sizeof(big) - 1, &m) == 0);
	memcpy(big, "FDNAME=", 7);
	CHECK(keeper_message_parse(big, 7 + KEEPER_NAME_MAX, &m) == 0 && !m.fd_name_invalid);
	CHECK(keeper_message_parse(big, 8 + KEEPER_NAME_MAX, &m) == 0 && m.fd_name_invalid);
	return 0;
}

static int
null_open(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int
test_store_same_and_full(void)
{
	struct keeper_store store;
	int fd = null_open(), copy = dup(fd);

	CHECK(keeper_store_init(&store, 3) == 0);
	CHECK(keeper_store_add(&store, fd, "x", true) == 0);
	CHECKF(keeper_store_add(&store, copy, "x", true) == 1, "%s", "a duplicate");
	CHECKF(fcntl(copy, F_GETFD) < 0, "%s", "not closed");
	CHECKF(keeper_store_add(&store, dup(fd), "y", true) == 0, "%s", "another name");
	CHECKF(keeper_store_add(&store, null_open(), "x", true) == 0, "%s", "another open");
	CHECK(keeper_store_add(&store, null_open(), "z", true) == -ENOSPC);
	CHECK(keeper_store_remove(&store, "x") == 2 && store.nb == 1);
	CHECK(keeper_store_has(&store, "y") && !keeper_store_has(&store, "x"));
	keeper_store_clear(&store);
	return 0;
}

static int
group_link(const char *device, const char *group)
{
	char path[512], target[512];

	snprintf(path, sizeof(path), "%s/%s", keeper_test_dir, device);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/%s/iommu_group", keeper_test_dir, device);
	snprintf(target, sizeof(target), "../../groups/%s", group);
	return symlink(target, path);
}

static void
group_unlink(const char *device)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/iommu_group", keeper_test_dir, device);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%s", keeper_test_dir, device);
	rmdir(path);
}

static unsigned int
index_of(const struct keeper_store *store, const char *name)
{
	unsigned int i;

	for (i = 0; i < store->nb; i++)
		if (strcmp(store->fds[i].name, name) == 0)
			break;
	return i;
}

/* Two devices in group 12, one in group 13. */
static int
test_release_takes_group_and_container_last(void)
{
	static const char *const names[] = { "container", "group-12", "pf-0000_01_00.0",
		"pf-0000_01_00.1", "group-13", "pf-0000_02_00.0", "state" };
	struct keeper_store store;
	size_t i;

	keeper_sysfs_pci = keeper_test_dir;
	CHECKF(group_link("0000:01:00.0", "12") == 0 && group_link("0000:01:00.1", "12") == 0 &&
		group_link("0000:02:00.0", "13") == 0, "%s", "sysfs");
	CHECK(keeper_store_init(&store, 16) == 0);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		CHECK(keeper_store_add(&store, null_open(), names[i], true) == 0);
	keeper_vfio_release(&store, index_of(&store, "pf-0000_01_00.0"));
	CHECKF(store.nb == 6 && keeper_store_has(&store, "group-12"), "%u", store.nb);
	keeper_vfio_release(&store, index_of(&store, "pf-0000_01_00.1"));
	CHECKF(store.nb == 4 && !keeper_store_has(&store, "group-12"), "%u", store.nb);
	CHECK(keeper_store_has(&store, "container") && keeper_store_has(&store, "group-13"));
	keeper_vfio_release(&store, index_of(&store, "pf-0000_02_00.0"));
	CHECKF(store.nb == 1 && keeper_store_has(&store, "state"), "%u", store.nb);
	/* A name of no known form: that one alone. */
	keeper_vfio_release(&store, 0);
	CHECK(store.nb == 0);
	keeper_store_clear(&store);
	group_unlink("0000:01:00.0");
	group_unlink("0000:01:00.1");
	group_unlink("0000:02:00.0");
	return 0;
}

#define TEST(fn) { #fn, fn }

const struct keeper_test keeper_parts_tests[] = {
	TEST(test_message_fields),
	TEST(test_store_same_and_full),
	TEST(test_release_takes_group_and_container_last),
	{ NULL, NULL },
};
