/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_sriov.h"

static int
bind_setup(void)
{
	int ret = sriov_test_setup();

	return ret != 0 ? ret : sriov_test_bind(PF, DRIVER_BEFORE);
}

#define BIND_CASE(fn) TEST_CASE_ST(bind_setup, sriov_test_teardown, fn)

static int
test_bind_to_vfio_and_back(void)
{
	char previous[RTE_SRIOV_DRIVER_SIZE];
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_function_bind(PF, "vfio-pci", 0, previous, &error), "%s",
			error.text);
	TEST_ASSERT(strcmp(previous, DRIVER_BEFORE) == 0, "previous %s", previous);
	TEST_ASSERT(strcmp(sriov_test_driver(PF), "vfio-pci") == 0, "not bound");
	TEST_ASSERT(strcmp(sriov_test_attr_get(PF, "driver_override"), "vfio-pci") == 0,
			"override");
	TEST_ASSERT_SUCCESS(rte_sriov_function_bind(PF, previous, 0, previous, &error), "%s",
			error.text);
	TEST_ASSERT(strcmp(previous, "vfio-pci") == 0, "previous %s", previous);
	TEST_ASSERT(strcmp(sriov_test_driver(PF), DRIVER_BEFORE) == 0, "not bound back");
	TEST_ASSERT(sriov_test_attr_get(PF, "driver_override")[0] == '\0', "override stays");

	return TEST_SUCCESS;
}

static int
test_bind_to_none_and_same(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_function_bind(PF, "", 0, NULL, &error), "%s", error.text);
	TEST_ASSERT(sriov_test_driver(PF)[0] == '\0', "bound to %s", sriov_test_driver(PF));
	/* Nothing is written then. */
	sriov_test_kernel.failing = "";
	sriov_test_kernel.error = -EIO;
	TEST_ASSERT_SUCCESS(rte_sriov_function_bind(PF, "", 0, NULL, &error), "%s", error.text);

	return TEST_SUCCESS;
}

static int
test_bind_driver_refuses_goes_back(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, DRIVER_REFUSING,
			0, NULL, &error), -EIO, PF, "did not take it"), "error");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), DRIVER_BEFORE) == 0, "on %s",
			sriov_test_driver(PF));

	return TEST_SUCCESS;
}

static int
test_bind_bad_names_refused(void)
{
	static const char *const bad[] = { "../vfio-pci", "a/b", ".", "..", "a\nb",
		"a-name-that-is-longer-than-any-of-a-driver" };
	struct rte_sriov_error error;
	unsigned int i;

	for (i = 0; i < RTE_DIM(bad); i++)
		TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, bad[i],
				0, NULL, &error), -EINVAL, PF, "name of a driver"), "%s", bad[i]);
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, NULL, 0, NULL,
			&error), -EINVAL, PF, "name of a driver"), "none");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, "absent", 0,
			NULL, &error), -ENOENT, PF, "modprobe absent"), "not loaded");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), DRIVER_BEFORE) == 0, "unbound");

	return TEST_SUCCESS;
}

static int
test_bind_held_refused_and_named(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_bind(PF, "vfio-pci") ||
			sriov_test_hold(PF_GROUP, HOLDER_PID, "owner\n", 0), "no holder");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, DRIVER_BEFORE,
			0, NULL, &error), -EBUSY, PF, "pid 4242 (owner)"), "error");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), "vfio-pci") == 0, "unbound");

	return TEST_SUCCESS;
}

static int
test_bind_pf_with_vfs_refused(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_vfs(2), "no VFs");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, "vfio-pci", 0,
			NULL, &error), -EBUSY, PF, "it has 2 VFs"), "error");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), DRIVER_BEFORE) == 0, "unbound");

	return TEST_SUCCESS;
}

static int
test_bind_no_permission_tells_remedy(void)
{
	struct rte_sriov_error error;

	sriov_test_kernel.failing = "driver/unbind";
	sriov_test_kernel.error = -EACCES;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, "vfio-pci", 0,
			NULL, &error), -EACCES, PF, "run as root"), "error");

	return TEST_SUCCESS;
}

static int
test_bind_blocked_by_kernel_times_out(void)
{
	struct rte_sriov_error error;

	sriov_test_kernel.blocking = "driver/unbind";
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_function_bind(PF, "vfio-pci", 5,
			NULL, &error), -ETIMEDOUT, PF, "within 5 ms"), "error");

	return TEST_SUCCESS;
}

/* ---- the process that writes ---- */

static int
write_setup(void)
{
	return token_test_setup();
}

#define WRITE_CASE(fn) TEST_CASE_ST(write_setup, token_test_teardown, fn)

static int
test_write_done_and_told(void)
{
	struct sriov_write write;
	char text[8] = "";
	int fd;

	TEST_ASSERT_SUCCESS(token_test_text("attr", "....."), "no file");
	TEST_ASSERT_SUCCESS(sriov_kernel.write_start(&write, token_test_path("attr"), "12345"),
			"not started");
	TEST_ASSERT_SUCCESS(sriov_kernel.write_wait(&write, 10000), "not written");
	TEST_ASSERT_EQUAL(write.fd, -1, "descriptor left");
	fd = open(token_test_path("attr"), O_RDONLY);
	TEST_ASSERT(fd >= 0 && read(fd, text, sizeof(text) - 1) == 5, "not read");
	close(fd);
	TEST_ASSERT(strcmp(text, "12345") == 0, "'%s'", text);

	TEST_ASSERT_SUCCESS(sriov_kernel.write_start(&write, token_test_path("absent"), "1"),
			"not started");
	TEST_ASSERT_EQUAL(sriov_kernel.write_wait(&write, 10000), -ENOENT, "no such file");

	return TEST_SUCCESS;
}

/* Opening a fifo for writing blocks until there is a reader. */
static int
test_write_blocked_is_left_behind(void)
{
	struct sriov_write write;
	char text[2] = "";
	int64_t start;
	int fd, i;

	TEST_ASSERT_SUCCESS(mkfifo(token_test_path("fifo"), 0600), "no fifo");
	start = sriov_now_ms();
	TEST_ASSERT_SUCCESS(sriov_kernel.write_start(&write, token_test_path("fifo"), "1"),
			"not started");
	TEST_ASSERT_EQUAL(sriov_kernel.write_wait(&write, 50), -ETIMEDOUT, "not blocked");
	TEST_ASSERT(sriov_now_ms() - start < 5000, "waited for %d ms",
			(int)(sriov_now_ms() - start));
	sriov_write_leave(&write);
	TEST_ASSERT_SUCCESS(kill(write.pid, 0), "it does not go on");
	/* It ends by itself once it can write, although nobody listens to it any more. */
	fd = open(token_test_path("fifo"), O_RDONLY);
	TEST_ASSERT(fd >= 0 && read(fd, text, 1) == 1 && text[0] == '1', "not written");
	close(fd);
	for (i = 0; i < 1000 && kill(write.pid, 0) == 0; i++) {
		/* Another write waits for those that have ended. */
		TEST_ASSERT_SUCCESS(token_test_text("attr", ""), "no file");
		sriov_attr_write(NULL, "attr", "1", 0, NULL);
		usleep(1000);
	}
	TEST_ASSERT(kill(write.pid, 0) != 0, "process %d is left", write.pid);

	return TEST_SUCCESS;
}

/* It must not keep the PF open that it was started beside. */
static int
test_write_process_keeps_nothing_open(void)
{
	struct sriov_write write;
	char path[64];
	int open_fd = -1, fd, i;

	TEST_ASSERT_SUCCESS(mkfifo(token_test_path("fifo"), 0600), "no fifo");
	fd = open("/dev/null", O_RDONLY);
	TEST_ASSERT_SUCCESS(sriov_kernel.write_start(&write, token_test_path("fifo"), "1"),
			"not started");
	snprintf(path, sizeof(path), "/proc/%d/fd/%d", write.pid, fd);
	/* The child needs a moment to close what it got. */
	for (i = 0; i < 2000; i++) {
		open_fd = access(path, F_OK);
		if (open_fd != 0)
			break;
		usleep(1000);
	}
	close(fd);
	kill(write.pid, SIGKILL);
	TEST_ASSERT_EQUAL(sriov_kernel.write_wait(&write, 10000), -ECHILD, "not killed");
	TEST_ASSERT(open_fd != 0, "%s is open", path);

	return TEST_SUCCESS;
}

struct unit_test_suite sriov_test_bind_suite = {
	.suite_name = "librte_sriov: drivers, and writing to sysfs",
	.unit_test_cases = {
		BIND_CASE(test_bind_to_vfio_and_back),
		BIND_CASE(test_bind_to_none_and_same),
		BIND_CASE(test_bind_driver_refuses_goes_back),
		BIND_CASE(test_bind_bad_names_refused),
		BIND_CASE(test_bind_held_refused_and_named),
		BIND_CASE(test_bind_pf_with_vfs_refused),
		BIND_CASE(test_bind_no_permission_tells_remedy),
		BIND_CASE(test_bind_blocked_by_kernel_times_out),
		WRITE_CASE(test_write_done_and_told),
		WRITE_CASE(test_write_blocked_is_left_behind),
		WRITE_CASE(test_write_process_keeps_nothing_open),
		TEST_CASES_END()
	},
};

static int
test_sriov_bind(void)
{
	return unit_test_suite_runner(&sriov_test_bind_suite);
}

REGISTER_FAST_TEST(sriov_bind_autotest, true, true, test_sriov_bind);
