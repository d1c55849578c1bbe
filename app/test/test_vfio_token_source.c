/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "test_vfio_token.h"

static struct vfio_token_content *content;
static struct vfio_token_error err;

static int
source_setup(void)
{
	int ret = token_test_setup();

	content = vfio_token_secret_alloc(VFIO_TOKEN_CONTENT_SIZE);
	return ret == 0 && content == NULL ? -1 : ret;
}

static void
source_teardown(void)
{
	vfio_token_secret_free(content, VFIO_TOKEN_CONTENT_SIZE);
	content = NULL;
	token_test_teardown();
}

#define SOURCE_CASE(fn) TEST_CASE_ST(source_setup, source_teardown, fn)

/* Check that a file is refused with words and its own path in the message. */
static int
file_refused(const char *path, int expected, const char *words)
{
	int ret = vfio_token_file_read(path, content, &err);

	if (strstr(err.text, path) == NULL) {
		printf("the message does not name %s: %s\n", path, err.text);
		return -1;
	}
	return token_test_refused(ret, expected, err.text, words);
}

static int
test_file_private_modes_read(void)
{
	static const mode_t modes[] = { 0600, 0400, 0700, 0500 };
	unsigned int i;

	for (i = 0; i < RTE_DIM(modes); i++) {
		TEST_ASSERT_SUCCESS(token_test_file("token", modes[i], UUID_A "\n", 37), "no file");
		TEST_ASSERT_SUCCESS(vfio_token_file_read(token_test_path("token"), content, &err),
				"mode %04o: %s", modes[i], err.text);
		TEST_ASSERT(content->single && token_test_equal(content->lines[0].token, UUID_A),
				"mode %04o: another token", modes[i]);
	}

	return TEST_SUCCESS;
}

static int
test_file_accessible_to_others_refused(void)
{
	static const mode_t modes[] = { 0644, 0640, 0604, 0620, 0602, 0610, 0601, 0666 };
	unsigned int i;

	for (i = 0; i < RTE_DIM(modes); i++) {
		TEST_ASSERT_SUCCESS(token_test_file("token", modes[i], UUID_A, 36), "no file");
		TEST_ASSERT_SUCCESS(file_refused(token_test_path("token"), -EACCES, "chmod 600"),
				"mode %04o", modes[i]);
	}

	return TEST_SUCCESS;
}

static int
test_file_of_another_owner_refused(void)
{
	if (geteuid() != 0) {
		printf("skipped: giving a file away needs root\n");
		return TEST_SKIPPED;
	}
	TEST_ASSERT_SUCCESS(token_test_text("token", UUID_A), "no file");
	TEST_ASSERT_SUCCESS(chown(token_test_path("token"), NOBODY, NOBODY), "no chown");

	return file_refused(token_test_path("token"), -EACCES, "belongs to uid 65534");
}

static int
test_file_behind_links_read(void)
{
	TEST_ASSERT_SUCCESS(token_test_dir("..data"), "no directory");
	TEST_ASSERT_SUCCESS(token_test_text("..data/token", UUID_A), "no file");
	TEST_ASSERT_SUCCESS(token_test_link("current", "..data"), "no link");
	TEST_ASSERT_SUCCESS(token_test_link("token", "current/token"), "no link");
	TEST_ASSERT_SUCCESS(vfio_token_file_read(token_test_path("token"), content, &err),
			"refused: %s", err.text);
	TEST_ASSERT(token_test_equal(content->lines[0].token, UUID_A), "another token");

	return TEST_SUCCESS;
}

static int
test_file_link_to_open_file_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_file("open", 0644, UUID_A, 36), "no file");
	TEST_ASSERT_SUCCESS(token_test_link("token", "open"), "no link");

	return file_refused(token_test_path("token"), -EACCES, "mode 0644");
}

static int
test_file_missing_refused(void)
{
	TEST_ASSERT_SUCCESS(token_test_link("dangling", "nothing"), "no link");
	TEST_ASSERT_SUCCESS(token_test_link("loop", "loop"), "no link");
	TEST_ASSERT_SUCCESS(file_refused(token_test_path("missing"), -ENOENT, "cannot open"),
			"missing");
	TEST_ASSERT_SUCCESS(file_refused(token_test_path("dangling"), -ENOENT, "cannot open"),
			"dangling");

	return file_refused(token_test_path("loop"), -ELOOP, "cannot open");
}

static int
test_file_irregular_refused(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s", token_test_path("socket"));
	TEST_ASSERT_SUCCESS(bind(fd, (struct sockaddr *)&addr, sizeof(addr)), "no socket");
	close(fd);
	/* Without a writer, a blocking open of a FIFO would not return. */
	TEST_ASSERT_SUCCESS(mkfifo(token_test_path("fifo"), 0600), "no FIFO");
	TEST_ASSERT_SUCCESS(file_refused(token_test_path("fifo"), -EINVAL, "is a FIFO"), "FIFO");
	TEST_ASSERT_SUCCESS(file_refused(token_test_path("pci"), -EINVAL, "is a directory"),
			"directory");
	TEST_ASSERT_SUCCESS(file_refused(token_test_path("socket"), -ENXIO, "cannot open"),
			"socket");

	return file_refused("/dev/null", -EINVAL, "is a device node");
}

/* A text of comment lines, and then a UUID. */
static char *
text_make(size_t len)
{
	char *text = malloc(len);
	size_t i;

	if (text == NULL)
		return NULL;
	for (i = 0; i < len; i++)
		text[i] = i % 1024 == 1023 ? '\n' : '#';
	memcpy(text + len - 37, "\n" UUID_A, 37);

	return text;
}

static int
test_file_beyond_limits_refused(void)
{
	static char lines[10000];
	size_t len = VFIO_TOKEN_CONTENT_BYTES_MAX;
	char *text = text_make(len + 1);
	int ret;

	TEST_ASSERT_NOT_NULL(text, "no memory");
	ret = token_test_file("big", 0600, text, len + 1);
	free(text);
	text = text_make(len);
	TEST_ASSERT_NOT_NULL(text, "no memory");
	ret |= token_test_file("fits", 0600, text, len);
	free(text);
	TEST_ASSERT_SUCCESS(ret, "no file");
	TEST_ASSERT_SUCCESS(vfio_token_file_read(token_test_path("fits"), content, &err),
			"refused: %s", err.text);
	TEST_ASSERT(token_test_equal(content->lines[0].token, UUID_A), "another token");
	memset(lines, '\n', sizeof(lines));
	TEST_ASSERT_SUCCESS(token_test_file("lines", 0600, lines, sizeof(lines)), "no file");

	return file_refused(token_test_path("big"), -E2BIG, "larger than 524288 bytes") ||
			file_refused(token_test_path("lines"), -E2BIG, "more than 4096 lines");
}

static int
test_file_content_faults_named(void)
{
	static const struct {
		const char *text;
		size_t len;
		int ret;
		const char *words;
	} cases[] = {
		{ "", 0, -EINVAL, "no token in it" },
		{ UUID_A "\0", 37, -EINVAL, "line 1: a NUL byte" },
		{ UUID_A "\n" UUID_B, 73, -EINVAL, "line 2: a UUID without an address" },
		{ "\r\n" UUID_BAD "\r\n", 40, -EINVAL, "line 2: malformed UUID" },
		{ UUID_NULL "\n", 37, -EINVAL, "line 1: the all-zero UUID" },
		{ PF " " UUID_A "\n" PF " " UUID_B, 99, -EEXIST, "line 2: this address" },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_SUCCESS(token_test_file("token", 0600, cases[i].text, cases[i].len),
				"no file");
		TEST_ASSERT_SUCCESS(file_refused(token_test_path("token"), cases[i].ret,
				cases[i].words), "case %u", i);
	}

	return TEST_SUCCESS;
}

static int
fd_read(int fd)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", fd);
	return vfio_token_fd_read(number, content, &err);
}

static bool
fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

/* A pipe that holds a text; its write end if asked for, else closed. */
static int
pipe_make(const char *text, int *writer)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) != 0)
		return -1;
	if (write(fds[1], text, strlen(text)) != (ssize_t)strlen(text))
		printf("cannot write to a pipe\n");
	if (writer != NULL)
		*writer = fds[1];
	else
		close(fds[1]);

	return fds[0];
}

static int
test_fd_pipe_read_and_closed(void)
{
	int fd = pipe_make(UUID_A "\n", NULL);

	TEST_ASSERT_SUCCESS(fd_read(fd), "refused: %s", err.text);
	TEST_ASSERT(content->single && token_test_equal(content->lines[0].token, UUID_A),
			"another token");
	TEST_ASSERT(!fd_is_open(fd), "still open");

	return token_test_refused(fd_read(fd), -EBADF, err.text, "is closed once read");
}

static int
test_fd_memfd_of_lines_read(void)
{
	static const char text[] = PF " " UUID_A "\n" PF2 " " UUID_B "\n";
	int fd = memfd_create("token", MFD_CLOEXEC);

	TEST_ASSERT(fd >= 0 && write(fd, text, sizeof(text) - 1) == sizeof(text) - 1 &&
			lseek(fd, 0, SEEK_SET) == 0, "no memfd");
	TEST_ASSERT_SUCCESS(fd_read(fd), "refused: %s", err.text);
	TEST_ASSERT_EQUAL(content->nb_lines, 2, "%u lines", content->nb_lines);
	TEST_ASSERT(!fd_is_open(fd), "still open");

	return TEST_SUCCESS;
}

static void *
write_late(void *arg)
{
	int writer = *(int *)arg;

	usleep(50 * 1000);
	if (write(writer, UUID_A + 20, 16) != 16)
		printf("cannot write to the pipe\n");
	close(writer);

	return NULL;
}

static int
test_fd_content_in_parts_read(void)
{
	pthread_t thread;
	int writer = -1, ret;
	int fd = pipe_make("5ec7e7aa-1f2e-4d3c-8", &writer);

	TEST_ASSERT_SUCCESS(pthread_create(&thread, NULL, write_late, &writer), "no thread");
	ret = fd_read(fd);
	pthread_join(thread, NULL);
	TEST_ASSERT_SUCCESS(ret, "refused: %s", err.text);
	TEST_ASSERT(token_test_equal(content->lines[0].token, UUID_A), "another token");

	return TEST_SUCCESS;
}

static int
test_fd_without_end_times_out(void)
{
	int writer = -1;
	int fd = pipe_make(UUID_A "\n", &writer);
	int ret = fd_read(fd);

	close(writer);
	TEST_ASSERT(!fd_is_open(fd), "still open");

	return token_test_refused(ret, -ETIMEDOUT, err.text, "within 2000 ms");
}

static int
test_fd_malformed_number_refused(void)
{
	static const char * const numbers[] = { "-1", "+3", " 3", "3 ", "3x", "0x3", "x", "3.0",
		"99999999999", "9999999999999999999999", UUID_A };
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(numbers); i++) {
		ret = vfio_token_fd_read(numbers[i], content, &err);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, -EINVAL, err.text, "decimal number"),
				"'%s'", numbers[i]);
	}

	return token_test_refused(vfio_token_fd_read("2147483647", content, &err), -EBADF, err.text,
			"fd:2147483647");
}

static int
test_fd_unreadable_refused(void)
{
	int fds[2], fd, ret;

	fd = open(token_test_path("pci"), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	ret = fd_read(fd);
	close(fd);
	TEST_ASSERT_SUCCESS(token_test_refused(ret, -EISDIR, err.text, "is a directory"),
			"directory");
	TEST_ASSERT_SUCCESS(pipe2(fds, O_CLOEXEC), "no pipe");
	close(fds[0]);
	ret = fd_read(fds[1]);
	TEST_ASSERT_SUCCESS(token_test_refused(ret, -EBADF, err.text, "cannot read"), "write end");
	TEST_ASSERT(!fd_is_open(fds[1]), "still open");

	return TEST_SUCCESS;
}

static int
test_fd_content_faults_named(void)
{
	static const struct {
		const char *text;
		int ret;
		const char *words;
	} cases[] = {
		{ "", -EINVAL, "no token in it" },
		{ UUID_BAD, -EINVAL, "line 1: malformed UUID" },
		{ UUID_NULL, -EINVAL, "line 1: the all-zero UUID" },
		{ PF " " UUID_A "\n" UUID_B, -EINVAL, "line 2: a UUID without an address" },
	};
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		int fd = pipe_make(cases[i].text, NULL);

		TEST_ASSERT_SUCCESS(token_test_refused(fd_read(fd), cases[i].ret, err.text,
				cases[i].words), "case %u", i);
		TEST_ASSERT(!fd_is_open(fd), "case %u: still open", i);
	}

	return TEST_SUCCESS;
}

static int
test_fd_size_limited(void)
{
	char *text = text_make(VFIO_TOKEN_CONTENT_BYTES_MAX + 1);
	int fd = memfd_create("token", MFD_CLOEXEC);
	ssize_t written;

	TEST_ASSERT_NOT_NULL(text, "no memory");
	written = write(fd, text, VFIO_TOKEN_CONTENT_BYTES_MAX + 1);
	free(text);
	TEST_ASSERT(written == VFIO_TOKEN_CONTENT_BYTES_MAX + 1 && lseek(fd, 0, SEEK_SET) == 0,
			"no memfd");

	return token_test_refused(fd_read(fd), -E2BIG, err.text, "larger than 524288 bytes");
}

#define ENV_NAME "VFIO_TOKEN_TEST"

static int
test_env_value_taken_and_wiped(void)
{
	/* The environment holds these very bytes. */
	static char variable[] = ENV_NAME "=" UUID_A;
	const char *value = variable + sizeof(ENV_NAME);
	rte_uuid_t token;
	size_t i;

	memcpy(variable, ENV_NAME "=" UUID_A, sizeof(variable));
	TEST_ASSERT_SUCCESS(putenv(variable), "no variable");
	TEST_ASSERT_SUCCESS(vfio_token_env_take(ENV_NAME, token, &err), "refused: %s", err.text);
	TEST_ASSERT(token_test_equal(token, UUID_A), "another token");
	TEST_ASSERT_NULL(getenv(ENV_NAME), "still set");
	for (i = 0; i < strlen(UUID_A); i++)
		TEST_ASSERT_EQUAL(value[i], '\0', "character %zu is still there", i);

	return token_test_refused(vfio_token_env_take(ENV_NAME, token, &err), -ENOENT, err.text,
			"no environment variable " ENV_NAME);
}

static int
test_env_malformed_wiped_and_refused(void)
{
	static const struct {
		const char *value;
		const char *words;
	} cases[] = {
		{ "", "malformed UUID" },
		{ UUID_BAD, "malformed UUID" },
		{ UUID_A "\n", "malformed UUID" },
		{ PF " " UUID_A, "malformed UUID" },
		{ UUID_NULL, "all-zero" },
	};
	char variable[128];
	rte_uuid_t token;
	unsigned int i;
	int ret;

	for (i = 0; i < RTE_DIM(cases); i++) {
		snprintf(variable, sizeof(variable), ENV_NAME "=%s", cases[i].value);
		TEST_ASSERT_SUCCESS(putenv(variable), "no variable");
		ret = vfio_token_env_take(ENV_NAME, token, &err);
		/* It must not stay in the environment after this function. */
		unsetenv(ENV_NAME);
		TEST_ASSERT_SUCCESS(token_test_refused(ret, -EINVAL, err.text, cases[i].words),
				"case %u", i);
		TEST_ASSERT_NOT_NULL(strstr(err.text, ENV_NAME), "case %u: %s", i, err.text);
		TEST_ASSERT_EQUAL(variable[sizeof(ENV_NAME)], '\0', "case %u: not wiped", i);
	}

	return TEST_SUCCESS;
}

/* getenv() finds the first of two; the second is in /proc/PID/environ no less. */
static int
test_env_variable_twice_both_wiped(void)
{
	char first[] = ENV_NAME "=" UUID_A, second[] = ENV_NAME "=" UUID_B;
	char *variables[] = { first, second, NULL };
	char **saved = environ;
	rte_uuid_t token;
	int ret;

	environ = variables;
	ret = vfio_token_env_take(ENV_NAME, token, &err);
	environ = saved;
	TEST_ASSERT_SUCCESS(ret, "refused: %s", err.text);
	TEST_ASSERT(token_test_equal(token, UUID_A), "another token");
	TEST_ASSERT_EQUAL(first[sizeof(ENV_NAME)], '\0', "the first is not wiped");
	TEST_ASSERT_EQUAL(second[sizeof(ENV_NAME)], '\0', "the second is not wiped");

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_source_suite = {
	.suite_name = "VF token: files, descriptors, environment",
	.unit_test_cases = {
		SOURCE_CASE(test_file_private_modes_read),
		SOURCE_CASE(test_file_accessible_to_others_refused),
		SOURCE_CASE(test_file_of_another_owner_refused),
		SOURCE_CASE(test_file_behind_links_read),
		SOURCE_CASE(test_file_link_to_open_file_refused),
		SOURCE_CASE(test_file_missing_refused),
		SOURCE_CASE(test_file_irregular_refused),
		SOURCE_CASE(test_file_beyond_limits_refused),
		SOURCE_CASE(test_file_content_faults_named),
		SOURCE_CASE(test_fd_pipe_read_and_closed),
		SOURCE_CASE(test_fd_memfd_of_lines_read),
		SOURCE_CASE(test_fd_content_in_parts_read),
		SOURCE_CASE(test_fd_without_end_times_out),
		SOURCE_CASE(test_fd_malformed_number_refused),
		SOURCE_CASE(test_fd_unreadable_refused),
		SOURCE_CASE(test_fd_content_faults_named),
		SOURCE_CASE(test_fd_size_limited),
		SOURCE_CASE(test_env_value_taken_and_wiped),
		SOURCE_CASE(test_env_malformed_wiped_and_refused),
		SOURCE_CASE(test_env_variable_twice_both_wiped),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_source(void)
{
	return unit_test_suite_runner(&token_test_source_suite);
}

REGISTER_FAST_TEST(vfio_token_source_autotest, true, true, test_vfio_token_source);
