/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include <ethdev_driver.h>
#include <rte_bus_vdev.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_string_fns.h>

#include "test_sriov.h"

#define TEST_PMD "test_pmd"
#define TEST_VDEV "net_null_sriov"

struct rte_sriov_pf *sriov_test_pf;
struct sriov_test_events sriov_test_events;
struct sriov_test_policy sriov_test_policy;

static struct sriov_device_ops saved_device;
static bool device_is_open;
static int open_error;

/* ---- the device ---- */

static int
test_device_open(struct rte_sriov_pf *pf, const struct rte_sriov_pf_conf *conf,
		struct rte_sriov_error *error)
{
	if (open_error != 0)
		return sriov_fail(error, open_error, pf->bdf, NULL, "the test says so");
	if (conf->pmd == RTE_SRIOV_PMD_AUTO) {
		rte_strscpy(pf->pmd, TEST_PMD, sizeof(pf->pmd));
		if (rte_eth_dev_get_port_by_name(TEST_VDEV, &pf->port) != 0)
			return sriov_fail(error, -ENODEV, pf->bdf, NULL, "no " TEST_VDEV);
	}
	device_is_open = true;

	return token_test_record(PF, RTE_VFIO_VF_TOKEN_ROLE_PF, pf_test_fd, UUID_A);
}

static void
test_device_close(struct rte_sriov_pf *pf __rte_unused)
{
	device_is_open = false;
	eal_vfio_token_device_closed(PF, pf_test_fd);
}

static void
test_event(struct rte_sriov_pf *pf, const struct rte_sriov_event *event, void *ctx)
{
	struct sriov_test_events *events = ctx;
	unsigned int i = events->count++;

	if (i >= SRIOV_TEST_EVENTS || strcmp(rte_sriov_pf_bdf(pf), PF) != 0)
		return;
	events->list[i].type = event->type;
	events->list[i].vf = event->vf;
	events->list[i].pid = event->holder != NULL ? event->holder->pid : 0;
	events->list[i].err = event->error != NULL ? event->error->err : 0;
	rte_strscpy(events->list[i].bdf, event->bdf, sizeof(events->list[i].bdf));
}

unsigned int
sriov_test_nb_events(enum rte_sriov_event_type type)
{
	unsigned int i, count = 0;

	for (i = 0; i < RTE_MIN(sriov_test_events.count, (unsigned int)SRIOV_TEST_EVENTS); i++)
		count += sriov_test_events.list[i].type == type;
	return count;
}

/* ---- the backend ---- */

static int
test_policy_apply(uint16_t port __rte_unused, uint16_t vf, uint32_t member,
		const struct rte_sriov_policy *want,
		const struct rte_sriov_policy *was __rte_unused)
{
	struct rte_sriov_policy one = *want;

	if (vf >= TOTAL_VFS || (want->set & member) == 0)
		return -EDOM;
	if ((sriov_test_policy.failing & member) != 0)
		return sriov_test_policy.error;
	one.set = member;
	rte_sriov_policy_merge(&sriov_test_policy.vf[vf], &one);
	sriov_test_policy.nb_applied++;

	return 0;
}

static void
test_policy_initial(struct rte_sriov_policy *policy)
{
	memset(policy, 0, sizeof(*policy));
	policy->set = (UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1;
	policy->spoofchk = true;
}

static int
test_policy_get(uint16_t port __rte_unused, uint16_t vf, struct rte_sriov_policy *effective)
{
	*effective = sriov_test_policy.vf[vf];
	return 0;
}

static int
test_policy_counters(uint16_t port __rte_unused, uint16_t vf, struct rte_sriov_counter *counters,
		unsigned int max)
{
	if (max > 0) {
		rte_strscpy(counters[0].name, "rx_packets", sizeof(counters[0].name));
		counters[0].value = 100 + vf;
	}
	return 2;
}

/* All but the strip mode. */
static const struct sriov_policy_ops test_policy_ops = {
	.driver = TEST_PMD,
	.members = ((UINT32_C(1) << RTE_SRIOV_POLICY_NB) - 1) & ~RTE_SRIOV_POLICY_STRIP,
	.apply = test_policy_apply,
	.initial = test_policy_initial,
	.get = test_policy_get,
	.counters = test_policy_counters,
};

/* ---- a case ---- */

struct rte_sriov_pf *
sriov_test_open(bool pmd)
{
	struct rte_sriov_pf_conf conf = {
		.bdf = PF,
		.token = UUID_A,
		.pmd = pmd ? RTE_SRIOV_PMD_AUTO : RTE_SRIOV_PMD_NONE,
		.event = test_event,
		.event_ctx = &sriov_test_events,
		.wait_ms = 1000,
	};
	struct rte_sriov_error error = { .text = "" };

	saved_device = sriov_device;
	sriov_device = (struct sriov_device_ops){
		.open = test_device_open,
		.close = test_device_close,
	};
	sriov_policy_test = &test_policy_ops;
	sriov_test_pf = rte_sriov_pf_open(&conf, &error);
	if (sriov_test_pf == NULL)
		printf("%s: not opened: %s\n", error.device, error.text);

	return sriov_test_pf;
}

int
sriov_test_pf_setup(void)
{
	struct rte_sriov_error error;
	int ret = sriov_test_setup();

	if (ret != 0)
		return ret;
	open_error = 0;
	if (sriov_test_open(true) == NULL)
		return -1;
	ret = rte_sriov_pf_num_vfs_set(sriov_test_pf, 2, 0, 0, &error);
	if (ret != 0)
		printf("no VFs: %s\n", error.text);
	memset(&sriov_test_events, 0, sizeof(sriov_test_events));

	return ret;
}

/* The suites' own: a port to stand for that of the PMD. */
int
sriov_test_port_make(void)
{
	return rte_vdev_init(TEST_VDEV, NULL);
}

void
sriov_test_port_remove(void)
{
	rte_vdev_uninit(TEST_VDEV);
	if (saved_device.open != NULL)
		sriov_device = saved_device;
	sriov_policy_test = NULL;
}

static int
plain_setup(void)
{
	int ret = sriov_test_setup();

	open_error = 0;
	return ret != 0 ? ret : sriov_test_open(false) == NULL;
}

#define PLAIN_CASE(fn) TEST_CASE_ST(plain_setup, sriov_test_teardown, fn)

/* ---- opening and closing ---- */

static int
test_open_binds_and_close_restores(void)
{
	struct rte_sriov_pf_info info;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_bind(PF, DRIVER_BEFORE), "not bound");
	TEST_ASSERT_NOT_NULL(sriov_test_open(true), "not opened");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), "vfio-pci") == 0, "driver");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_info_get(sriov_test_pf, &info, &error), "%s", error.text);
	TEST_ASSERT(strcmp(info.previous_driver, DRIVER_BEFORE) == 0, "%s", info.previous_driver);
	TEST_ASSERT(strcmp(info.pmd, TEST_PMD) == 0 && info.policy == test_policy_ops.members &&
			info.features == pf_test_kernel.features && !info.requested, "info");
	TEST_ASSERT_EQUAL(pf_test_kernel.keep, 1, "it is not kept over its close");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 2, 0, 0, &error), "%s",
			error.text);

	/* Not while a VF is held. */
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1001), "no holder");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_close(sriov_test_pf,
			RTE_SRIOV_CLOSE_RESTORE, &error), -EBUSY, VF0, "pid 4242 (tenant)"),
			"error");
	TEST_ASSERT(device_is_open, "closed nevertheless");
	sriov_test_release(VF_GROUP, HOLDER_PID);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_close(sriov_test_pf, RTE_SRIOV_CLOSE_RESTORE, &error),
			"%s", error.text);
	sriov_test_pf = NULL;
	TEST_ASSERT(!device_is_open, "not closed");
	TEST_ASSERT_EQUAL(pf_test_kernel.keep, 0, "it is kept");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), DRIVER_BEFORE) == 0, "on %s",
			sriov_test_driver(PF));

	return TEST_SUCCESS;
}

static int
test_open_failed_goes_back(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_bind(PF, DRIVER_BEFORE), "not bound");
	open_error = -EACCES;
	TEST_ASSERT(sriov_test_open(true) == NULL && rte_errno == EACCES, "opened");
	TEST_ASSERT(strcmp(sriov_test_driver(PF), DRIVER_BEFORE) == 0, "on %s",
			sriov_test_driver(PF));
	open_error = 0;
	/* Nothing is left of it. */
	TEST_ASSERT_NOT_NULL(sriov_test_open(true), "not opened");

	return TEST_SUCCESS;
}

static int
test_open_refusals(void)
{
	struct rte_sriov_pf_conf conf = { .bdf = VF0, .token = UUID_A };
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_vfs(1), "no VFs");
	TEST_ASSERT(rte_sriov_pf_open(&conf, &error) == NULL, "a VF");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, -rte_errno, -ENODEV, VF0, "no PF"), "VF");
	conf.bdf = ABSENT;
	TEST_ASSERT(rte_sriov_pf_open(&conf, &error) == NULL && rte_errno == ENODEV, "absent");
	TEST_ASSERT(rte_sriov_pf_open(NULL, &error) == NULL && rte_errno == EINVAL, "none");

	TEST_ASSERT_NOT_NULL(sriov_test_open(true), "not opened");
	conf.bdf = PF;
	TEST_ASSERT(rte_sriov_pf_open(&conf, &error) == NULL, "twice");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, -rte_errno, -EEXIST, PF, "open already"),
			"twice");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_close(sriov_test_pf, RTE_SRIOV_CLOSE_KEEP, NULL), "close");
	sriov_test_pf = NULL;

	conf.token = "file:/nonexistent";
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	TEST_ASSERT(rte_sriov_pf_open(&conf, &error) == NULL, "a token that is not there");
	token_test_log_stop();
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, -rte_errno, -ENOENT, PF, "of its token"),
			"token");
	conf.token = UUID_A;
	TEST_ASSERT_SUCCESS(sriov_test_hold(PF_GROUP, HOLDER_PID, "other\n", 0), "no holder");
	TEST_ASSERT(rte_sriov_pf_open(&conf, &error) == NULL, "held by another");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, -rte_errno, -EBUSY, PF,
			"pid 4242 (other)"), "held");

	return TEST_SUCCESS;
}

/* As after adoption: this process holds it, and so does who has kept it. */
static int
test_open_held_by_this_process_taken(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_hold(PF_GROUP, 1, "systemd\n", 0) ||
			sriov_test_hold(PF_GROUP, getpid(), "dpdk-test\n", 0), "no holder");
	TEST_ASSERT_NOT_NULL(sriov_test_open(true), "refused");

	return TEST_SUCCESS;
}

static int
test_open_finds_vfs_and_leaves_them(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_vfs(2), "no VFs");
	TEST_ASSERT_NOT_NULL(sriov_test_open(true), "refused");
	TEST_ASSERT(!pf_test_kernel.has_own[0], "a token was replaced");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, NULL), "not polled");
	TEST_ASSERT_EQUAL(sriov_test_events.count, 0, "%u events", sriov_test_events.count);
	TEST_ASSERT(!pf_test_kernel.has_own[0] && sriov_test_kernel.nb_resets == 0, "touched");

	return TEST_SUCCESS;
}

static int
test_close_leave_keeps_device_open(void)
{
	TEST_ASSERT_NOT_NULL(sriov_test_open(true), "refused");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_close(sriov_test_pf, RTE_SRIOV_CLOSE_LEAVE, NULL),
			"close");
	sriov_test_pf = NULL;
	TEST_ASSERT(device_is_open, "closed");
	test_device_close(NULL);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_close(NULL, RTE_SRIOV_CLOSE_KEEP, NULL), "NULL");

	return TEST_SUCCESS;
}

/* ---- the number of VFs ---- */

static int
test_vfs_made_with_tokens_and_removed(void)
{
	struct rte_sriov_error error;
	rte_uuid_t token, first;

	TEST_ASSERT_EQUAL(pf_test_kernel.num_vfs, 2, "VFs");
	TEST_ASSERT(pf_test_kernel.has_own[0] && pf_test_kernel.has_own[1], "no own tokens");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, first, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 1, token, &error), "%s", error.text);
	TEST_ASSERT(token_test_is_v4(token) && rte_uuid_compare(first, token) != 0, "the same");
	TEST_ASSERT(memcmp(pf_test_kernel.own[1], token, sizeof(token)) == 0, "not the kernel's");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 2, 0, 0, &error), "as many");

	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error), "%s",
			error.text);
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_VF_REMOVED), 2, "events");
	TEST_ASSERT(strcmp(sriov_test_events.list[0].bdf, VF0) == 0, "event's VF");
	TEST_ASSERT_EQUAL(rte_sriov_token_get(sriov_test_pf, 0, token, &error), -ENODEV, "token");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 1, 0, 0, &error), "%s",
			error.text);
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_VF_ADDED), 1, "events");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, token, &error), "%s", error.text);
	TEST_ASSERT(rte_uuid_compare(first, token) != 0, "the token of the VF before");

	return TEST_SUCCESS;
}

static int
test_vfs_number_by_descriptor(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error), "removed");
	sriov_test_pf->features |= RTE_VFIO_PF_FEATURE_NUM_VFS;
	pf_test_kernel.features |= RTE_VFIO_PF_FEATURE_NUM_VFS;
	sriov_test_kernel.nb_number_writes = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 3, 0, 0, &error), "%s",
			error.text);
	TEST_ASSERT(pf_test_kernel.num_vfs == 3 && pf_test_kernel.has_own[2], "VFs");
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	pf_test_kernel.number_error = -EBUSY;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 0,
			0, 0, &error), -EBUSY, PF, "a VF is in use"), "the kernel's refusal");
	pf_test_kernel.number_error = 0;
	token_test_log_stop();
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error), "removed");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_number_writes, 0, "through sysfs");

	return TEST_SUCCESS;
}

static int
test_vfs_bad_numbers_refused(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 8,
			0, 0, &error), -ERANGE, PF, "7 VFs, not 8"), "too many");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 3,
			0, 0, &error), -EBUSY, PF, "it has 2 VFs"), "another number");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 0,
			0, 6, &error), -EINVAL, PF, "unknown flags"), "flags");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error), "removed");
	sriov_test_kernel.failing = "/sriov_numvfs";
	sriov_test_kernel.error = -ENOENT;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 1,
			0, 0, &error), -ENOENT, PF, "enable_sriov"), "parameter");
	sriov_test_kernel.error = -EROFS;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 1,
			0, 0, &error), -EROFS, PF, "run as root"), "permission");
	sriov_test_kernel.failing = NULL;
	sriov_test_kernel.blocking = "/sriov_numvfs";
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 1,
			0, 0, &error), -ETIMEDOUT, PF, "waits for it further on"), "blocked");

	return TEST_SUCCESS;
}

/* What would hang the writer for good. */
static int
test_vfs_held_never_removed(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, 50, "one\n", 1) ||
			sriov_test_hold(VF_GROUP + 1, 51, "two\n", 1), "no holders");
	sriov_test_kernel.nb_number_writes = 0;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 0,
			0, 0, &error), -EBUSY, VF0, "pid 50 (one)"), "error");
	TEST_ASSERT(strstr(error.text, "1 more of the PF's VFs") != NULL, "%s", error.text);
	/* What cannot be looked at may be held. */
	sriov_test_release(VF_GROUP, 50);
	sriov_test_release(VF_GROUP + 1, 51);
	pf_test_kernel.node_error = -EACCES;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 0,
			0, 0, &error), -EACCES, VF0, "cannot be told"), "error");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_number_writes, 0, "written");
	TEST_ASSERT_EQUAL(pf_test_kernel.num_vfs, 2, "removed");

	return TEST_SUCCESS;
}

static int
test_vfs_force_asks_and_reports(void)
{
	struct rte_sriov_error error;
	struct rte_sriov_function fn;
	int64_t start = sriov_now_ms();

	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP + 1, HOLDER_PID, "tenant\n", 1), "no holder");
	sriov_test_kernel.nb_number_writes = 0;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 0,
			120, RTE_SRIOV_FLAG_FORCE, &error), -EBUSY, VF1, "pid 4242 (tenant)"),
			"error");
	TEST_ASSERT(sriov_now_ms() - start >= 120 && sriov_now_ms() - start < 10000, "waited");
	TEST_ASSERT(sriov_test_pf->vfs[1].asked && !sriov_test_pf->vfs[0].asked, "asked");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_number_writes, 0, "written");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_capture(sriov_test_pf, 1,
			&error), -EBUSY, VF1, "asked to let it go"), "captured");

	/* It lets go: the kernel takes the VF from its driver. */
	sriov_test_release(VF_GROUP + 1, HOLDER_PID);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_capture(sriov_test_pf, 1, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_function_get(VF1, &fn, NULL), "gone");
	TEST_ASSERT(fn.on_vfio, "not captured");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error), "%s",
			error.text);

	return TEST_SUCCESS;
}

static int
test_vfs_force_not_permitted_reported(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1), "no holder");
	sriov_test_kernel.failing = "/unbind";
	sriov_test_kernel.error = -EACCES;
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(sriov_test_pf, 0,
			60000, RTE_SRIOV_FLAG_FORCE, &error), -EACCES, VF0, "cannot be asked"),
			"error");

	return TEST_SUCCESS;
}

static int
test_vfs_on_another_driver_captured(void)
{
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error), "removed");
	sriov_test_kernel.vf_driver = DRIVER_BEFORE;
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 2, 0, 0, &error), "%s",
			error.text);
	TEST_ASSERT(strcmp(sriov_test_driver(VF0), "vfio-pci") == 0 &&
			strcmp(sriov_test_driver(VF1), "vfio-pci") == 0, "not captured");

	return TEST_SUCCESS;
}

/* ---- tokens ---- */

/* One that an earlier process has set is known then, and nobody takes it for a new one. */
static int
test_token_resumed_is_not_counted(void)
{
	struct rte_sriov_pf_info info;
	struct rte_sriov_error error;
	struct rte_sriov_vf_info vf;
	rte_uuid_t token, uuid_b;

	rte_uuid_parse(UUID_B, uuid_b);
	TEST_ASSERT_SUCCESS(rte_sriov_token_resume(sriov_test_pf, 1, uuid_b, &error), "%s",
			error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_resume(sriov_test_pf, RTE_SRIOV_VF_NONE, uuid_b,
			&error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 1, token, &error), "not told");
	TEST_ASSERT(token_test_equal(token, UUID_B), "the VF's");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, RTE_SRIOV_VF_NONE, token, &error),
			"not told");
	TEST_ASSERT(token_test_equal(token, UUID_B), "the PF's");
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_TOKEN_ROTATED), 0, "events");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_info_get(sriov_test_pf, &info, NULL), "info");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(sriov_test_pf, 1, NULL, &vf, NULL), "info");
	TEST_ASSERT(info.tokens_rotated == 0 && vf.tokens_rotated == 1, "counted");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_token_resume(sriov_test_pf, 1,
			NULL, &error), -EINVAL, PF, "no token"), "none");

	return TEST_SUCCESS;
}

static int
test_tokens_own_and_of_pf(void)
{
	struct rte_sriov_pf_info info;
	struct rte_sriov_vf_info vf;
	struct rte_sriov_error error;
	rte_uuid_t token, uuid_b;

	rte_uuid_parse(UUID_B, uuid_b);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, RTE_SRIOV_VF_NONE, token, &error),
			"%s", error.text);
	TEST_ASSERT(token_test_equal(token, UUID_A), "not the one it was opened with");
	TEST_ASSERT_SUCCESS(rte_sriov_token_rotate(sriov_test_pf, 1, uuid_b, &error), "%s",
			error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 1, token, &error), "not told");
	TEST_ASSERT(token_test_equal(token, UUID_B), "another");
	TEST_ASSERT_SUCCESS(rte_sriov_token_rotate(sriov_test_pf, RTE_SRIOV_VF_NONE, NULL, &error),
			"%s", error.text);
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_TOKEN_ROTATED), 2, "events");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_info_get(sriov_test_pf, &info, NULL), "info");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(sriov_test_pf, 1, NULL, &vf, NULL), "info");
	TEST_ASSERT(info.tokens_rotated == 1 && vf.tokens_rotated == 2 && vf.own_token, "counts");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 1, token, &error), "not told");
	TEST_ASSERT(token_test_equal(token, UUID_B), "the VF's has followed the PF's");

	memset(token, 0, sizeof(token));
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_token_rotate(sriov_test_pf, 1,
			token, &error), -EINVAL, PF, "all zero"), "zero");
	TEST_ASSERT_EQUAL(rte_sriov_token_rotate(sriov_test_pf, 5, NULL, &error), -ENODEV,
			"absent");

	return TEST_SUCCESS;
}

static int
test_tokens_without_feature_are_the_pfs(void)
{
	struct rte_sriov_error error;
	rte_uuid_t token;

	pf_test_kernel.features = 0;
	sriov_test_pf->features = 0;
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, &error) ||
			rte_sriov_pf_num_vfs_set(sriov_test_pf, 2, 0, 0, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(sriov_test_pf, 0, token, &error), "%s", error.text);
	TEST_ASSERT(token_test_equal(token, UUID_A), "another than the PF's");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_token_rotate(sriov_test_pf, 0,
			NULL, &error), -ENOTSUP, VF0, "one token for all VFs"), "error");

	return TEST_SUCCESS;
}

/* The PF's token would not open it. */
static int
test_token_of_earlier_process_not_told(void)
{
	struct rte_sriov_error error;
	rte_uuid_t token;

	vfio_token_records_lock();
	vfio_token_record_get(VF0, true)->has_own = false;
	vfio_token_records_unlock();
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_token_get(sriov_test_pf, 0, token,
			&error), -ENOENT, VF0, "earlier process"), "error");
	TEST_ASSERT_SUCCESS(rte_sriov_token_rotate(sriov_test_pf, 0, NULL, &error) ||
			rte_sriov_token_get(sriov_test_pf, 0, token, &error), "%s", error.text);

	return TEST_SUCCESS;
}

/* ---- events ---- */

static bool
readable(void)
{
	struct pollfd fd = { .fd = rte_sriov_pf_event_fd(sriov_test_pf), .events = POLLIN };

	return poll(&fd, 1, 0) == 1;
}

static int
test_events_of_pmd_told_and_policy_replayed(void)
{
	const struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_TRUST, .trust = true };
	struct rte_eth_dev *dev = &rte_eth_devices[sriov_test_pf->port];
	struct rte_sriov_pf_info info;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(sriov_test_pf, 0, &policy, NULL), "policy");
	TEST_ASSERT(!readable(), "readable although nothing has happened");
	memset(&sriov_test_policy, 0, sizeof(sriov_test_policy));
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_RESET, NULL);
	rte_dev_event_callback_process(PF, RTE_DEV_EVENT_REMOVE);
	rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	TEST_ASSERT(readable(), "not readable");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, NULL), "not polled");
	TEST_ASSERT(sriov_test_policy.vf[0].trust, "policy is lost");
	TEST_ASSERT(sriov_test_nb_events(RTE_SRIOV_EVENT_PF_RESET) == 1 &&
			sriov_test_nb_events(RTE_SRIOV_EVENT_PF_REQUEST) == 1 &&
			sriov_test_nb_events(RTE_SRIOV_EVENT_LINK) == 1, "events");
	TEST_ASSERT(!readable(), "still readable");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_info_get(sriov_test_pf, &info, NULL), "info");
	TEST_ASSERT(info.requested && info.resets == 1, "info");

	return TEST_SUCCESS;
}

static int
test_events_request_without_pmd(void)
{
	const uint64_t one = 1;

	/* As VFIO does. */
	TEST_ASSERT_EQUAL(write(sriov_test_pf->request_fd, &one, sizeof(one)), 8, "not written");
	TEST_ASSERT(readable(), "not readable");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, NULL), "not polled");
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_PF_REQUEST), 1, "not told");
	TEST_ASSERT(!readable(), "still readable");

	return TEST_SUCCESS;
}

static int
holders_poll(void)
{
	struct rte_sriov_holders *holders = rte_sriov_holders_scan(NULL);
	int ret = rte_sriov_pf_poll(sriov_test_pf, holders, NULL);

	rte_sriov_holders_free(holders);
	return ret;
}

static int
test_events_holders_came_and_left(void)
{
	struct rte_sriov_holders *holders;
	struct rte_sriov_vf_info info;

	TEST_ASSERT_SUCCESS(holders_poll(), "not polled");
	TEST_ASSERT_EQUAL(sriov_test_events.count, 0, "events");
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP + 1, HOLDER_PID, "tenant\n", 7), "no holder");
	TEST_ASSERT_SUCCESS(holders_poll() || holders_poll(), "not polled");
	TEST_ASSERT_EQUAL(sriov_test_events.count, 1, "events");
	TEST_ASSERT(sriov_test_events.list[0].type == RTE_SRIOV_EVENT_HOLDER_CAME &&
			sriov_test_events.list[0].vf == 1 &&
			sriov_test_events.list[0].pid == HOLDER_PID, "event");
	holders = rte_sriov_holders_scan(NULL);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(sriov_test_pf, 1, holders, &info, NULL), "info");
	TEST_ASSERT(info.state == RTE_SRIOV_VF_IN_USE && info.nb_holders == 1, "state");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(sriov_test_pf, 0, holders, &info, NULL), "info");
	TEST_ASSERT(info.state == RTE_SRIOV_VF_FREE && info.nb_holders == 0, "state");
	rte_sriov_holders_free(holders);
	sriov_test_release(VF_GROUP + 1, HOLDER_PID);
	TEST_ASSERT_SUCCESS(holders_poll(), "not polled");
	TEST_ASSERT(sriov_test_events.count == 2 &&
			sriov_test_events.list[1].type == RTE_SRIOV_EVENT_HOLDER_LEFT, "event");

	return TEST_SUCCESS;
}

static int
test_events_vfs_of_others_prepared(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_vfs(0), "not removed");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, NULL), "not polled");
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_VF_REMOVED), 2, "events");
	sriov_test_kernel.vf_driver = DRIVER_BEFORE;
	TEST_ASSERT_SUCCESS(sriov_test_vfs(3), "not made");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(sriov_test_pf, NULL, NULL), "not polled");
	TEST_ASSERT_EQUAL(sriov_test_nb_events(RTE_SRIOV_EVENT_VF_ADDED), 3, "events");
	TEST_ASSERT(strcmp(sriov_test_driver(VF1), "vfio-pci") == 0, "not captured");
	TEST_ASSERT(pf_test_kernel.has_own[2], "no token");

	return TEST_SUCCESS;
}

static int
test_port_started_and_counted(void)
{
	struct rte_sriov_counter counters[16];
	struct rte_sriov_pf_info info;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(sriov_port_start(sriov_test_pf, &error), "%s", error.text);
	TEST_ASSERT(rte_eth_devices[sriov_test_pf->port].data->dev_started, "not started");
	/* One that is started is left as it is. */
	TEST_ASSERT_SUCCESS(sriov_port_start(sriov_test_pf, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_info_get(sriov_test_pf, &info, &error), "info");
	TEST_ASSERT(info.port == sriov_test_pf->port, "port %u", info.port);
	TEST_ASSERT(rte_sriov_pf_counters_get(sriov_test_pf, counters, 16, &error) >= 4,
			"counters");
	TEST_ASSERT(strcmp(counters[0].name, "rx_packets") == 0, "%s", counters[0].name);
	TEST_ASSERT_EQUAL(rte_sriov_vf_counters_get(sriov_test_pf, 1, counters, 1, &error), 2,
			"VF");
	TEST_ASSERT(counters[0].value == 101, "value");
	TEST_ASSERT_EQUAL(rte_sriov_vf_counters_get(sriov_test_pf, 4, counters, 1, &error), -ENODEV,
			"absent");
	sriov_port_stop(sriov_test_pf);
	TEST_ASSERT(!rte_eth_devices[sriov_test_pf->port].data->dev_started, "not stopped");

	return TEST_SUCCESS;
}

struct unit_test_suite sriov_test_pf_suite = {
	.suite_name = "librte_sriov: PFs and their VFs",
	.setup = sriov_test_port_make,
	.teardown = sriov_test_port_remove,
	.unit_test_cases = {
		SRIOV_CASE(test_open_binds_and_close_restores),
		SRIOV_CASE(test_open_failed_goes_back),
		SRIOV_CASE(test_open_refusals),
		SRIOV_CASE(test_open_held_by_this_process_taken),
		SRIOV_CASE(test_open_finds_vfs_and_leaves_them),
		SRIOV_CASE(test_close_leave_keeps_device_open),
		SRIOV_PF_CASE(test_vfs_made_with_tokens_and_removed),
		SRIOV_PF_CASE(test_vfs_number_by_descriptor),
		SRIOV_PF_CASE(test_vfs_bad_numbers_refused),
		SRIOV_PF_CASE(test_vfs_held_never_removed),
		SRIOV_PF_CASE(test_vfs_force_asks_and_reports),
		SRIOV_PF_CASE(test_vfs_force_not_permitted_reported),
		SRIOV_PF_CASE(test_vfs_on_another_driver_captured),
		SRIOV_PF_CASE(test_token_resumed_is_not_counted),
		SRIOV_PF_CASE(test_tokens_own_and_of_pf),
		SRIOV_PF_CASE(test_tokens_without_feature_are_the_pfs),
		SRIOV_PF_CASE(test_token_of_earlier_process_not_told),
		SRIOV_PF_CASE(test_events_of_pmd_told_and_policy_replayed),
		PLAIN_CASE(test_events_request_without_pmd),
		SRIOV_PF_CASE(test_events_holders_came_and_left),
		SRIOV_PF_CASE(test_events_vfs_of_others_prepared),
		SRIOV_PF_CASE(test_port_started_and_counted),
		TEST_CASES_END()
	},
};

static int
test_sriov_pf(void)
{
	return unit_test_suite_runner(&sriov_test_pf_suite);
}

REGISTER_FAST_TEST(sriov_pf_autotest, true, true, test_sriov_pf);
