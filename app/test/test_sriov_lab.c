/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The manager on a real vfio-pci. Give dpdk-test no device, and in the environment LAB_SRIOV_PF,
 * a PF without VFs; LAB_SRIOV_FEATURES, what rte_vfio_pf_features() is to tell; and
 * LAB_SRIOV_PMD, the PMD that it is to be opened with, or "" for none. At the end it is on the
 * driver that it was on.
 *
 * Tenants are processes of other users, which open a VF through VFIO as any program would.
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_ethdev.h>
#include <rte_string_fns.h>

#include "sriov_pf.h"
#include "test_sriov.h"

#define NB_VFS 2
#define TENANT_UID 1001
#define STRANGER_UID 1002
/* A process of the lab starts slowly. */
#define TENANT_START_MS 20000
#define KERNEL_MS 20000

/* Step at which a tenant was refused. */
enum tenant_step { STEP_NONE, STEP_NODE, STEP_CONTAINER, STEP_DEVICE };

struct tenant_answer {
	enum tenant_step step;
	int err;
};

struct tenant {
	pid_t pid;
	int stay_fd; /**< it ends when this is closed */
	struct tenant_answer answer;
};

static char pf_bdf[RTE_SRIOV_BDF_SIZE];
static char driver_before[RTE_SRIOV_DRIVER_SIZE];
static const char *pmd;
static uint32_t features;
static struct rte_sriov_pf *pf;
static struct tenant tenants[4];
static unsigned int nb_requests;

/* ---- tenants ---- */

static int
request_watch(int dev_fd, int event_fd)
{
	uint8_t buffer[sizeof(struct vfio_irq_set) + sizeof(int32_t)] __rte_aligned(8);
	struct vfio_irq_set *irqs = (struct vfio_irq_set *)buffer;
	int32_t fd = event_fd;

	memset(irqs, 0, sizeof(*irqs));
	irqs->argsz = sizeof(buffer);
	irqs->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	irqs->index = VFIO_PCI_REQ_IRQ_INDEX;
	irqs->count = 1;
	memcpy(irqs->data, &fd, sizeof(fd));

	return ioctl(dev_fd, VFIO_DEVICE_SET_IRQS, irqs);
}

static struct tenant_answer
tenant_open(const struct rte_sriov_function *vf, const char *uuid, int *dev_fd)
{
	int container = open("/dev/vfio/vfio", O_RDWR), group = open(vf->node, O_RDWR);
	char device[128];

	if (group < 0)
		return (struct tenant_answer){ STEP_NODE, errno };
	if (container < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) != 0 ||
			ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) != 0)
		return (struct tenant_answer){ STEP_CONTAINER, errno };
	snprintf(device, sizeof(device), "%s vf_token=%s", vf->bdf, uuid);
	*dev_fd = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, device);
	if (*dev_fd < 0)
		return (struct tenant_answer){ STEP_DEVICE, errno };

	return (struct tenant_answer){ STEP_NONE, 0 };
}

/* In the child: open the VF, tell how that went, and stay until told, or asked by VFIO, to go. */
static void
tenant_run(const struct rte_sriov_function *vf, uid_t uid, const char *uuid, bool yields,
		int answer_fd, int stay_fd)
{
	struct tenant_answer answer = { STEP_CONTAINER, EPERM };
	int dev_fd = -1, request_fd;
	struct pollfd fds[2];

	/* Nothing of the owner's may be open here, the PF least of all. */
	if (dup2(answer_fd, 3) != 3 || dup2(stay_fd, 4) != 4 ||
			syscall(SYS_close_range, 5U, ~0U, 0) != 0)
		_exit(2);
	request_fd = eventfd(0, 0);
	if (setgid(uid) == 0 && setuid(uid) == 0)
		answer = tenant_open(vf, uuid, &dev_fd);
	if (answer.err == 0 && request_watch(dev_fd, request_fd) != 0)
		answer = (struct tenant_answer){ STEP_DEVICE, errno };
	if (write(3, &answer, sizeof(answer)) != sizeof(answer) || answer.err != 0)
		_exit(1);
	fds[0] = (struct pollfd){ .fd = 4, .events = POLLIN };
	fds[1] = (struct pollfd){ .fd = request_fd, .events = POLLIN };
	poll(fds, yields ? 2 : 1, -1);
	_exit(0);
}

/* Start a tenant, and tell whether it has the VF. */
static struct tenant_answer
tenant_start(struct tenant *tenant, uint16_t index, uid_t uid, const rte_uuid_t token, bool yields)
{
	struct tenant_answer failed = { STEP_CONTAINER, ECHILD };
	struct rte_sriov_function vf;
	int answer[2], stay[2];
	char uuid[RTE_UUID_STRLEN];
	struct pollfd fd;

	rte_uuid_unparse(token, uuid, sizeof(uuid));
	if (sriov_vf_get(pf, index, &vf, NULL) != 0 || pipe2(answer, O_CLOEXEC) != 0 ||
			pipe2(stay, O_CLOEXEC) != 0)
		return failed;
	sriov_mappings_keep_from_children();
	tenant->pid = fork();
	/* Both above those that the child keeps. */
	if (tenant->pid == 0)
		tenant_run(&vf, uid, uuid, yields, fcntl(answer[1], F_DUPFD, 10),
				fcntl(stay[0], F_DUPFD, 10));
	close(answer[1]);
	close(stay[0]);
	tenant->stay_fd = stay[1];
	fd = (struct pollfd){ .fd = answer[0], .events = POLLIN };
	if (poll(&fd, 1, TENANT_START_MS) != 1 ||
			read(answer[0], &tenant->answer, sizeof(tenant->answer)) !=
			sizeof(tenant->answer))
		tenant->answer = failed;
	close(answer[0]);

	return tenant->answer;
}

static void
tenant_end(struct tenant *tenant)
{
	if (tenant->pid <= 0)
		return;
	close(tenant->stay_fd);
	kill(tenant->pid, SIGKILL);
	waitpid(tenant->pid, NULL, 0);
	tenant->pid = 0;
}

static void
lab_case_teardown(void)
{
	unsigned int i;

	for (i = 0; i < RTE_DIM(tenants); i++)
		tenant_end(&tenants[i]);
}

static int
lab_case_setup(void)
{
	if (pf != NULL)
		return 0;
	printf("the PF is not open, since an earlier case has failed\n");
	return -1;
}

#define LAB_CASE(fn) TEST_CASE_ST(lab_case_setup, lab_case_teardown, fn)

static bool
tenant_has_vf(struct tenant *tenant, uint16_t vf, uid_t uid, const rte_uuid_t token, bool yields)
{
	struct tenant_answer answer = tenant_start(tenant, vf, uid, token, yields);

	if (answer.step != STEP_NONE)
		printf("uid %u refused at step %d: %s\n", uid, answer.step, strerror(answer.err));
	return answer.step == STEP_NONE;
}

static bool
tenant_refused(uint16_t vf, uid_t uid, const rte_uuid_t token, enum tenant_step step)
{
	struct tenant tenant = { .pid = 0 };
	struct tenant_answer answer = tenant_start(&tenant, vf, uid, token, false);

	tenant_end(&tenant);
	if (answer.step != step || answer.err != EACCES)
		printf("step %d: %s\n", answer.step, strerror(answer.err));
	return answer.step == step && answer.err == EACCES;
}

/* ---- the PF ---- */

static void
lab_event(struct rte_sriov_pf *of __rte_unused, const struct rte_sriov_event *event,
		void *ctx __rte_unused)
{
	nb_requests += event->type == RTE_SRIOV_EVENT_PF_REQUEST;
}

static int
pf_open(void)
{
	struct rte_sriov_pf_conf conf = {
		.bdf = pf_bdf,
		.token = "random",
		.pmd = pmd[0] != '\0' ? RTE_SRIOV_PMD_AUTO : RTE_SRIOV_PMD_NONE,
		.start_port = true,
		.wait_ms = KERNEL_MS,
		.event = lab_event,
	};
	struct rte_sriov_error error;

	pf = rte_sriov_pf_open(&conf, &error);
	if (pf == NULL)
		printf("%s: %s; %s\n", error.device, error.text, error.remedy);
	return pf != NULL ? 0 : -1;
}

static int
lab_setup(void)
{
	const char *bdf = getenv("LAB_SRIOV_PF"), *bits = getenv("LAB_SRIOV_FEATURES");
	struct rte_sriov_function fn;

	pmd = getenv("LAB_SRIOV_PMD");
	if (bdf == NULL || bits == NULL || pmd == NULL) {
		printf("skipped: LAB_SRIOV_PF, LAB_SRIOV_FEATURES or LAB_SRIOV_PMD is not given\n");
		return TEST_SKIPPED;
	}
	/* The lab keeps what was printed before a crash. */
	setvbuf(stdout, NULL, _IOLBF, 0);
	features = strtoul(bits, NULL, 0);
	rte_strscpy(pf_bdf, bdf, sizeof(pf_bdf));
	if (rte_sriov_function_get(bdf, &fn, NULL) != 0)
		return -1;
	rte_strscpy(driver_before, fn.driver, sizeof(driver_before));
	printf("PF %s on driver '%s'\n", pf_bdf, driver_before);

	return 0;
}

static int
test_lab_open_and_make_vfs(void)
{
	struct rte_sriov_pf_info info;
	struct rte_sriov_error error;
	uint16_t i;

	TEST_ASSERT_SUCCESS(pf_open(), "not opened");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_info_get(pf, &info, &error), "%s", error.text);
	TEST_ASSERT(strcmp(info.function.driver, "vfio-pci") == 0, "driver");
	TEST_ASSERT(strcmp(info.previous_driver, driver_before) == 0, "%s", info.previous_driver);
	TEST_ASSERT(strcmp(info.pmd, pmd) == 0, "PMD '%s'", info.pmd);
	TEST_ASSERT_EQUAL(info.features, features, "features %#x", info.features);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(pf, NB_VFS, 0, 0, &error), "%s", error.text);
	for (i = 0; i < NB_VFS; i++) {
		struct rte_sriov_vf_info vf;
		rte_uuid_t token;

		TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(pf, i, NULL, &vf, &error), "%s",
				error.text);
		TEST_ASSERT(vf.function.on_vfio && vf.function.vf_index == i &&
				vf.function.node[0] != '\0', "VF %u", i);
		TEST_ASSERT_EQUAL(vf.own_token, (features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0,
				"own token of VF %u", i);
		TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, i, token, &error), "%s", error.text);
	}
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(pf, NB_VFS, 0, 0, &error), "as many");
	TEST_ASSERT_EQUAL(rte_sriov_pf_num_vfs_set(pf, NB_VFS + 1, 0, 0, &error), -EBUSY, "more");

	return TEST_SUCCESS;
}

static int
test_lab_preflight_without_failure(void)
{
	struct rte_sriov_finding *findings;
	unsigned int count, i;
	int failures = 0;

	findings = rte_sriov_preflight(pf_bdf, &count, NULL);
	TEST_ASSERT_NOT_NULL(findings, "refused");
	for (i = 0; i < count; i++) {
		printf("%d %s %s: %s\n", findings[i].level, findings[i].id, findings[i].subject,
				findings[i].text);
		failures += findings[i].level == RTE_SRIOV_LEVEL_FAIL;
	}
	free(findings);
	TEST_ASSERT_EQUAL(failures, 0, "%d failures", failures);

	return TEST_SUCCESS;
}

static const struct rte_sriov_owner tenant_owner = { .uid = TENANT_UID, .gid = TENANT_UID,
	.mode = 0600 };

static int
test_lab_hand_out_to_one_user_alone(void)
{
	struct rte_sriov_holders *holders;
	struct rte_sriov_holder holder;
	struct rte_sriov_function vf;
	struct rte_sriov_error error;
	rte_uuid_t token, other;

	TEST_ASSERT_SUCCESS(rte_sriov_vf_hand_out(pf, 0, &tenant_owner, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, token, &error), "%s", error.text);
	memset(other, 0x77, sizeof(other));
	TEST_ASSERT(tenant_refused(0, STRANGER_UID, token, STEP_NODE), "a stranger opens its node");
	TEST_ASSERT(tenant_refused(1, TENANT_UID, token, STEP_NODE), "another VF's node");
	TEST_ASSERT(tenant_refused(0, TENANT_UID, other, STEP_DEVICE), "a wrong token opens it");
	if ((features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0)
		/* Root may open any node. */
		TEST_ASSERT(tenant_refused(1, 0, token, STEP_DEVICE), "the token of another VF");
	TEST_ASSERT(tenant_has_vf(&tenants[0], 0, TENANT_UID, token, false), "refused");

	holders = rte_sriov_holders_scan(&error);
	TEST_ASSERT_NOT_NULL(holders, "%s", error.text);
	TEST_ASSERT_SUCCESS(sriov_vf_get(pf, 0, &vf, NULL), "no VF");
	TEST_ASSERT_EQUAL(rte_sriov_holders_of(holders, &vf, &holder, 1), 1, "holders");
	rte_sriov_holders_free(holders);
	TEST_ASSERT(holder.pid == tenants[0].pid && holder.uid == TENANT_UID, "pid %d uid %u",
			holder.pid, holder.uid);

	return TEST_SUCCESS;
}

/* On the kernel's own vfio-pci, writing 0 would hang this process for good. */
static int
test_lab_held_vf_not_removed_nor_reset(void)
{
	struct rte_sriov_error error;
	rte_uuid_t token;
	char words[64];

	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, token, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[0], 0, TENANT_UID, token, false), "refused");
	snprintf(words, sizeof(words), "held by pid %d (dpdk-test)", tenants[0].pid);
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(pf, 0, 0, 0,
			&error), -EBUSY, pf->vfs[0].bdf, words), "removed");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reset(pf, 0, &error), -EBUSY,
			pf->vfs[0].bdf, words), "reset");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_reclaim(pf, 0, 0, 0, &error),
			-EBUSY, pf->vfs[0].bdf, words), "taken back");
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_close(pf,
			RTE_SRIOV_CLOSE_RESTORE, &error), -EBUSY, pf->vfs[0].bdf, words), "closed");

	return TEST_SUCCESS;
}

static int
test_lab_reclaim_ends_access(void)
{
	struct rte_sriov_vf_info info;
	struct rte_sriov_error error;
	rte_uuid_t old, token;

	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, old, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[0], 0, TENANT_UID, old, false), "refused");
	TEST_ASSERT_EQUAL(rte_sriov_vf_reclaim(pf, 0, 200, 0, &error), -EBUSY, "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(pf, 0, NULL, &info, &error), "%s", error.text);
	TEST_ASSERT(info.state == RTE_SRIOV_VF_RECLAIMING && info.owner.uid == 0, "state");
	tenant_end(&tenants[0]);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(pf, NULL, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_info_get(pf, 0, NULL, &info, &error), "%s", error.text);
	TEST_ASSERT_EQUAL(info.state, RTE_SRIOV_VF_FREE, "state %d", info.state);
	TEST_ASSERT(tenant_refused(0, TENANT_UID, old, STEP_NODE), "the tenant opens its node");
	TEST_ASSERT(tenant_refused(0, 0, old, STEP_DEVICE), "the old token opens it");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_hand_out(pf, 0, &tenant_owner, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, token, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[1], 0, TENANT_UID, token, false), "refused");

	return TEST_SUCCESS;
}

static int
test_lab_token_rotated_under_tenant(void)
{
	struct rte_sriov_error error;
	rte_uuid_t old, token;

	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, old, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[0], 0, TENANT_UID, old, false), "refused");
	TEST_ASSERT_SUCCESS(rte_sriov_token_rotate(pf, (features &
			RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0 ? 0 : RTE_SRIOV_VF_NONE, NULL,
			&error),
			"%s", error.text);
	/* It goes on: the process is there, and VFIO has not asked it to go. */
	TEST_ASSERT_EQUAL(waitpid(tenants[0].pid, NULL, WNOHANG), 0, "the tenant has ended");
	tenant_end(&tenants[0]);
	TEST_ASSERT(tenant_refused(0, TENANT_UID, old, STEP_DEVICE), "the old token opens it");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, token, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[1], 0, TENANT_UID, token, false), "refused");

	return TEST_SUCCESS;
}

static int
test_lab_policy_in_effect(void)
{
	struct rte_sriov_policy policy = { .set = RTE_SRIOV_POLICY_MAC | RTE_SRIOV_POLICY_TRUST,
		.mac = {{ 0x02, 1, 2, 3, 4, 5 }}, .trust = true };
	struct rte_sriov_policy effective;
	struct rte_sriov_error error;

	if (pmd[0] == '\0') {
		TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_vf_policy_set(pf, 1,
				&policy,
				&error), -ENOTSUP, pf_bdf, "without a PMD"), "taken");
		return TEST_SUCCESS;
	}
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_set(pf, 1, &policy, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_reset(pf, 1, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(pf, 1, NULL, &effective, &error), "%s",
			error.text);
	effective.set &= policy.set;
	TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&policy, &effective), 0, "not in effect");
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_clear(pf, 1, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_vf_policy_get(pf, 1, NULL, &effective, &error), "%s",
			error.text);
	TEST_ASSERT(!effective.trust, "still in effect");

	return TEST_SUCCESS;
}

static int
test_lab_force_asks_stubborn_and_yielding(void)
{
	struct rte_sriov_error error;
	rte_uuid_t token;
	char words[64];

	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 0, token, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[0], 0, TENANT_UID, token, false), "refused");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf, 1, token, &error), "%s", error.text);
	TEST_ASSERT(tenant_has_vf(&tenants[1], 1, 0, token, true), "refused");
	snprintf(words, sizeof(words), "held by pid %d (dpdk-test)", tenants[0].pid);
	TEST_ASSERT_SUCCESS(sriov_test_error_is(&error, rte_sriov_pf_num_vfs_set(pf, 0, 1500,
			RTE_SRIOV_FLAG_FORCE, &error), -EBUSY, pf->vfs[0].bdf, words), "removed");
	/* One has gone when it was asked to. */
	TEST_ASSERT_EQUAL(waitpid(tenants[1].pid, NULL, WNOHANG), tenants[1].pid, "it stays");
	close(tenants[1].stay_fd);
	tenants[1].pid = 0;
	tenant_end(&tenants[0]);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(pf, 0, KERNEL_MS, 0, &error), "%s",
			error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(pf, NB_VFS, 0, 0, &error), "%s", error.text);

	return TEST_SUCCESS;
}

/* Somebody unbinds the PF: its owner is told, and lets it go. */
static int
test_lab_request_for_pf_told(void)
{
	struct pollfd fd = { .fd = rte_sriov_pf_event_fd(pf), .events = POLLIN };
	int64_t end = sriov_now_ms() + KERNEL_MS;
	struct rte_sriov_error error;
	struct sriov_write write;
	char path[256];

	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(pf, 0, 0, 0, &error), "%s", error.text);
	sriov_attr_path(pf_bdf, "driver/unbind", path, sizeof(path));
	TEST_ASSERT_SUCCESS(sriov_kernel.write_start(&write, path, pf_bdf), "not started");
	while (nb_requests == 0 && sriov_now_ms() < end) {
		poll(&fd, 1, 1000);
		TEST_ASSERT_SUCCESS(rte_sriov_pf_poll(pf, NULL, &error), "%s", error.text);
	}
	TEST_ASSERT(nb_requests > 0, "not told");
	TEST_ASSERT_EQUAL(sriov_kernel.write_wait(&write, 0), -ETIMEDOUT,
			"it does not wait for us");
	TEST_ASSERT_SUCCESS(rte_sriov_pf_close(pf, RTE_SRIOV_CLOSE_KEEP, &error), "%s", error.text);
	pf = NULL;
	TEST_ASSERT_SUCCESS(sriov_kernel.write_wait(&write, KERNEL_MS), "not unbound");
	/* And again, for the rest. */
	TEST_ASSERT_SUCCESS(rte_sriov_function_bind(pf_bdf, driver_before, KERNEL_MS, NULL, &error),
			"%s", error.text);
	TEST_ASSERT_SUCCESS(pf_open(), "not opened");

	return TEST_SUCCESS;
}

static int
test_lab_close_restores_driver(void)
{
	struct rte_sriov_function fn;
	struct rte_sriov_error error;

	TEST_ASSERT_SUCCESS(rte_sriov_pf_num_vfs_set(pf, NB_VFS, 0, 0, &error), "%s", error.text);
	TEST_ASSERT_SUCCESS(rte_sriov_pf_close(pf, RTE_SRIOV_CLOSE_RESTORE, &error), "%s; %s",
			error.text, error.remedy);
	pf = NULL;
	TEST_ASSERT_SUCCESS(rte_sriov_function_get(pf_bdf, &fn, &error), "%s", error.text);
	TEST_ASSERT(strcmp(fn.driver, driver_before) == 0 && fn.num_vfs == 0, "on %s with %u VFs",
			fn.driver, fn.num_vfs);
	TEST_ASSERT(fn.driver_override[0] == '\0', "override %s", fn.driver_override);

	return TEST_SUCCESS;
}

static struct unit_test_suite lab_suite = {
	.suite_name = "librte_sriov: real devices",
	.setup = lab_setup,
	.unit_test_cases = {
		TEST_CASE(test_lab_open_and_make_vfs),
		LAB_CASE(test_lab_preflight_without_failure),
		LAB_CASE(test_lab_hand_out_to_one_user_alone),
		LAB_CASE(test_lab_held_vf_not_removed_nor_reset),
		LAB_CASE(test_lab_reclaim_ends_access),
		LAB_CASE(test_lab_token_rotated_under_tenant),
		LAB_CASE(test_lab_policy_in_effect),
		LAB_CASE(test_lab_force_asks_stubborn_and_yielding),
		LAB_CASE(test_lab_request_for_pf_told),
		LAB_CASE(test_lab_close_restores_driver),
		TEST_CASES_END()
	},
};

static int
test_sriov_lab(void)
{
	return unit_test_suite_runner(&lab_suite);
}

REGISTER_TEST_COMMAND(sriov_lab_autotest, test_sriov_lab);
