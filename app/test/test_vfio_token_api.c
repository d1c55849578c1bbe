/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "test_vfio_token.h"

static int
api_setup(void)
{
	int ret = token_test_setup();

	return ret != 0 ? ret : token_test_host();
}

#define API_CASE(fn) TEST_CASE_ST(api_setup, token_test_teardown, fn)

/* Check a failure and what it logged, which may be nothing. */
#define API_REFUSED(call, expected, words) __extension__({ \
	int call_ret_ = -1; \
	if (token_test_log_start() == 0) { \
		call_ret_ = (call); \
		call_ret_ = token_test_refused(call_ret_, expected, token_test_log_stop(), words); \
	} \
	call_ret_; \
})

static int
test_api_set_faults_refused(void)
{
	char path[256];

	TEST_ASSERT_SUCCESS(token_test_file("open", 0644, UUID_A, 36), "no file");
	snprintf(path, sizeof(path), "file:%s", token_test_path("open"));

	return API_REFUSED(rte_vfio_vf_token_set(PF, NULL), -EINVAL, "") ||
			API_REFUSED(rte_vfio_vf_token_set("x", UUID_A), -EINVAL,
					"not given as a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_set("", UUID_A), -EINVAL,
					"not given as a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_set(UUID_A, PF), -EINVAL,
					"not given as a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, ""), -EINVAL, PF ": cannot set") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, UUID_BAD), -EINVAL,
					"malformed UUID") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, UUID_NULL), -EINVAL, "all-zero") ||
			API_REFUSED(rte_vfio_vf_token_set(NULL, UUID_NULL), -EINVAL,
					"default: cannot set the VF token: the all-zero") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, VF0 "=" UUID_A), -EINVAL,
					"a BDF= of its own") ||
			API_REFUSED(rte_vfio_vf_token_set(NULL, PF "=" UUID_A), -EINVAL,
					"a BDF= of its own") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, "file:/nonexistent"), -ENOENT,
					"cannot open") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, path), -EACCES, "chmod 600") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, "env:VFIO_TOKEN_TEST_UNSET"), -ENOENT,
					"no environment variable") ||
			API_REFUSED(rte_vfio_vf_token_set(PF, "fd:x"), -EINVAL, "decimal number") ||
			token_test_chosen(PF, NULL) || token_test_chosen(VF0, NULL);
}

static int
test_api_set_failure_keeps_entry(void)
{
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set(PF, UUID_A), "refused");
	TEST_ASSERT_SUCCESS(API_REFUSED(rte_vfio_vf_token_set(PF, UUID_BAD), -EINVAL, PF), "taken");

	return token_test_chosen(PF, UUID_A);
}

static int
test_api_set_absent_device_taken(void)
{
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_set("0000:01:10.4", UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_vf("0000:01:10.4", "vfio-pci", 23, PF), "no sysfs");

	return token_test_chosen("0000:01:10.4", UUID_A);
}

static int
test_api_clear_removes_entry(void)
{
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF0 "=" UUID_B), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_clear("01:10.0"), "not cleared");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "still there");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_clear(VF0), -ENOENT, "cleared again");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_clear(NULL), "not cleared");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_clear(NULL), -ENOENT, "cleared again");
	TEST_ASSERT_SUCCESS(API_REFUSED(rte_vfio_vf_token_clear("x"), -EINVAL, "a PCI address"),
			"malformed");

	return token_test_chosen(VF0, NULL);
}

/* Query a function and compare. */
static int
query_tells(const char *bdf, enum rte_vfio_vf_token_role role,
		enum rte_vfio_vf_token_source source, const char *pf, const char *entry)
{
	struct rte_vfio_vf_token_info info;
	int ret;

	memset(&info, 0xa5, sizeof(info));
	ret = rte_vfio_vf_token_query(bdf, &info);
	if (ret == 0 && info.role == role && info.source == source && strcmp(info.pf, pf) == 0 &&
			strcmp(info.entry, entry) == 0)
		return 0;
	printf("%s: returned %d, role %d, source %d, PF '%.17s', entry '%.17s'\n", bdf, ret,
			info.role, info.source, info.pf, info.entry);

	return -1;
}

static int
test_api_query_tells_role_and_source(void)
{
	TEST_ASSERT_SUCCESS(query_tells(PF, RTE_VFIO_VF_TOKEN_ROLE_PF,
			RTE_VFIO_VF_TOKEN_SOURCE_NONE, PF, ""), "empty");
	TEST_ASSERT_SUCCESS(token_test_option("unix:/nonexistent"), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PF "=random"), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(VF1 "=" UUID_A), "refused");

	return query_tells(PF, RTE_VFIO_VF_TOKEN_ROLE_PF, RTE_VFIO_VF_TOKEN_SOURCE_RANDOM, PF,
				PF) ||
			query_tells(VF0, RTE_VFIO_VF_TOKEN_ROLE_VF, RTE_VFIO_VF_TOKEN_SOURCE_RANDOM,
					PF, PF) ||
			query_tells("01:10.2", RTE_VFIO_VF_TOKEN_ROLE_VF,
					RTE_VFIO_VF_TOKEN_SOURCE_UUID, PF, VF1) ||
			query_tells(PF2, RTE_VFIO_VF_TOKEN_ROLE_PF, RTE_VFIO_VF_TOKEN_SOURCE_NONE,
					PF2, "") ||
			query_tells(PLAIN, RTE_VFIO_VF_TOKEN_ROLE_NONE,
					RTE_VFIO_VF_TOKEN_SOURCE_NONE, "", "");
}

static int
test_api_query_faults_refused(void)
{
	struct rte_vfio_vf_token_info info;

	TEST_ASSERT_SUCCESS(token_test_option(PLAIN "=" UUID_A), "refused");

	return API_REFUSED(rte_vfio_vf_token_query(PF, NULL), -EINVAL, "") ||
			API_REFUSED(rte_vfio_vf_token_query(NULL, &info), -EINVAL,
					"a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_query("x", &info), -EINVAL,
					"a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_query(ABSENT, &info), -ENODEV, "") ||
			API_REFUSED(rte_vfio_vf_token_query(PLAIN, &info), -EINVAL,
					PLAIN ": option 1 (a UUID): " PLAIN " takes no VF token");
}

static int
test_api_get_tells_token_of_open_pf(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	rte_uuid_t token;

	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(PF, token), -ENODEV, "not open");
	TEST_ASSERT_SUCCESS(token_test_record(PF, RTE_VFIO_VF_TOKEN_ROLE_PF, fd, UUID_A),
			"no record");
	TEST_ASSERT_SUCCESS(token_test_record(PF2, RTE_VFIO_VF_TOKEN_ROLE_PF, fd, NULL),
			"no record");
	TEST_ASSERT_SUCCESS(token_test_record(VF0, RTE_VFIO_VF_TOKEN_ROLE_VF, fd, NULL),
			"no record");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get("01:00.0", token), "refused");
	TEST_ASSERT(token_test_equal(token, UUID_A), "another token");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(PF2, token), -ENOENT, "opened without");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(VF0, token), -ENODEV, "a VF");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(PF, NULL), -EINVAL, "no place");
	TEST_ASSERT_SUCCESS(
			API_REFUSED(rte_vfio_vf_token_get("x", token), -EINVAL, "a PCI address"),
			"malformed");
	/* Another descriptor's close is not the device's. */
	eal_vfio_token_device_closed(PF, fd + 1);
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(PF, token), "closed");
	eal_vfio_token_device_closed(PF, fd);
	eal_vfio_token_device_closed(PF2, fd);
	eal_vfio_token_device_closed(VF0, fd);
	close(fd);
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(PF, token), -ENODEV, "still open");

	return TEST_SUCCESS;
}

static int
test_api_rotate_faults_change_nothing(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC), ret;
	const rte_uuid_t zero = { 0 };
	rte_uuid_t token, now;

	rte_uuid_parse(UUID_B, token);
	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_record(PF, RTE_VFIO_VF_TOKEN_ROLE_PF, fd, UUID_A) ||
			token_test_record(VF0, RTE_VFIO_VF_TOKEN_ROLE_VF, fd, NULL), "no record");
	ret = API_REFUSED(rte_vfio_vf_token_rotate(PF, zero), -EINVAL, "") ||
			API_REFUSED(rte_vfio_vf_token_rotate("x", token), -EINVAL,
					"a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_rotate(NULL, token), -EINVAL,
					"a PCI address") ||
			API_REFUSED(rte_vfio_vf_token_rotate(PF2, token), -ENODEV,
					"does not hold it open as a PF") ||
			/* Its PF has no link to it. */
			API_REFUSED(rte_vfio_vf_token_rotate(VF0, NULL), -ENODEV,
					"it is no VF of a PF now") ||
			API_REFUSED(rte_vfio_vf_token_rotate(ABSENT, NULL), -ENODEV, ABSENT) ||
			/* The descriptor is not VFIO's. */
			API_REFUSED(rte_vfio_vf_token_rotate(PF, token), -ENOTTY,
					"cannot rotate") ||
			rte_vfio_vf_token_get(PF, now) || token_test_chosen(PF, UUID_A) ||
			token_test_chosen(VF0, UUID_A);
	eal_vfio_token_device_closed(PF, fd);
	eal_vfio_token_device_closed(VF0, fd);
	close(fd);
	TEST_ASSERT_SUCCESS(ret, "changed");
	TEST_ASSERT(token_test_equal(now, UUID_A), "another token is told");

	return TEST_SUCCESS;
}

static char reply[32 * 1024];

/* Ask for a device, and look for words in the answer. */
static int
telemetry_shows(const char *bdf, const char *words)
{
	char command[64];

	snprintf(command, sizeof(command), "/eal/vfio_vf_tokens,%s", bdf);
	token_test_telemetry(command, reply, sizeof(reply));

	return token_test_refused(0, 0, reply, words);
}

static int
test_telemetry_tells_refusal_without_token(void)
{
	int fd, ret;

	if (token_test_telemetry("/", reply, sizeof(reply)) < 0) {
		printf("skipped: telemetry does not answer in this process\n");
		return TEST_SKIPPED;
	}
	TEST_ASSERT_SUCCESS(token_test_option(UUID_A), "refused");
	TEST_ASSERT_SUCCESS(token_test_option(PLAIN "=" UUID_B), "refused");
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	eal_vfio_token_device_open(-1, fd, vfio_token_paths.pci_devices, VF0);
	eal_vfio_token_device_open(-1, fd, vfio_token_paths.pci_devices, PLAIN);
	token_test_log_stop();
	close(fd);
	TEST_ASSERT_SUCCESS(token_test_record(PF, RTE_VFIO_VF_TOKEN_ROLE_PF, 0, UUID_C),
			"no record");
	TEST_ASSERT(token_test_telemetry("/eal/vfio_vf_tokens", reply, sizeof(reply)) > 0,
			"no answer");
	ret = strcmp(reply, "{\"/eal/vfio_vf_tokens\":[\"" VF0 "\",\"" PLAIN "\",\"" PF "\"]}");
	if (ret != 0)
		printf("the devices are %s\n", reply);
	ret = ret != 0 || telemetry_shows(VF0, "\"state\":\"refused\"") ||
			telemetry_shows(VF0, "\"role\":\"vf\",\"source\":\"uuid\","
				"\"entry\":\"option 1 (a UUID)\"") ||
			telemetry_shows(PLAIN, PLAIN " takes no VF token") ||
			telemetry_shows(PF, "\"state\":\"open\"") ||
			telemetry_shows(ABSENT, ":null}");
	eal_vfio_token_device_closed(PF, 0);

	return ret;
}

static int
test_telemetry_tells_whole_cause(void)
{
	struct vfio_token_error why;
	unsigned int i;
	size_t len = 0;

	if (token_test_telemetry("/", reply, sizeof(reply)) < 0) {
		printf("skipped: telemetry does not answer in this process\n");
		return TEST_SKIPPED;
	}
	for (i = 0; i < 90; i++)
		len += snprintf(why.text + len, sizeof(why.text) - len, "word%u ", i);
	why.text[len - 1] = '\0';
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	vfio_token_refusal_report(VF0, NULL, EACCES, &why);
	memset(why.text, 'x', sizeof(why.text) - 1);
	why.text[sizeof(why.text) - 1] = '\0';
	vfio_token_refusal_report(VF1, NULL, EACCES, &why);
	token_test_log_stop();

	return telemetry_shows(VF0, "\"cause\":[\"word0 word1 ") ||
			telemetry_shows(VF0, "word89\"]") ||
			telemetry_shows(VF0, "\"errno\":13") ||
			telemetry_shows(VF1, "xxx\",\"xxx");
}

/* Find the flags of the mapping that holds an address. */
static int
mapping_flags(const void *mem, char *flags, size_t size)
{
	uintptr_t start, end;
	bool inside = false;
	char line[512];
	FILE *f = fopen("/proc/self/smaps", "r");

	flags[0] = '\0';
	while (f != NULL && fgets(line, sizeof(line), f) != NULL) {
		if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " ", &start, &end) == 2)
			inside = (uintptr_t)mem >= start && (uintptr_t)mem < end;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, size, "%s", line);
	}
	if (f != NULL)
		fclose(f);

	return flags[0] != '\0' ? 0 : -1;
}

static int
test_secret_memory_left_out_of_dumps(void)
{
	char flags[256];
	uint8_t *mem = vfio_token_secret_alloc(5000);
	int ret;

	TEST_ASSERT_NOT_NULL(mem, "no memory");
	TEST_ASSERT(mem[0] == 0 && mem[4999] == 0, "not zeroed");
	ret = mapping_flags(mem, flags, sizeof(flags));
	vfio_token_secret_free(mem, 5000);
	vfio_token_secret_free(NULL, 5000);
	if (ret != 0) {
		printf("skipped: /proc/self/smaps has no VmFlags\n");
		return TEST_SKIPPED;
	}
	TEST_ASSERT_NOT_NULL(strstr(flags, " dd"), "flags %s", flags);

	return TEST_SUCCESS;
}

static int
test_random_token_is_v4(void)
{
	rte_uuid_t tokens[64];
	unsigned int i;

	for (i = 0; i < RTE_DIM(tokens); i++) {
		TEST_ASSERT_SUCCESS(vfio_token_random(tokens[i]), "no random bytes");
		TEST_ASSERT(token_test_is_v4(tokens[i]), "not a version 4 UUID");
		TEST_ASSERT(i == 0 || rte_uuid_compare(tokens[i], tokens[i - 1]) != 0, "repeated");
	}

	return TEST_SUCCESS;
}

struct unit_test_suite token_test_api_suite = {
	.suite_name = "VF token: API, telemetry, secret memory",
	.unit_test_cases = {
		API_CASE(test_api_set_faults_refused),
		API_CASE(test_api_set_failure_keeps_entry),
		API_CASE(test_api_set_absent_device_taken),
		API_CASE(test_api_clear_removes_entry),
		API_CASE(test_api_query_tells_role_and_source),
		API_CASE(test_api_query_faults_refused),
		API_CASE(test_api_get_tells_token_of_open_pf),
		API_CASE(test_api_rotate_faults_change_nothing),
		API_CASE(test_telemetry_tells_refusal_without_token),
		API_CASE(test_telemetry_tells_whole_cause),
		TEST_CASE(test_secret_memory_left_out_of_dumps),
		TEST_CASE(test_random_token_is_v4),
		TEST_CASES_END()
	},
};

static int
test_vfio_token_api(void)
{
	return unit_test_suite_runner(&token_test_api_suite);
}

REGISTER_FAST_TEST(vfio_token_api_autotest, true, true, test_vfio_token_api);
