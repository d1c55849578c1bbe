/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What dpdk-sriovd does with PFs and VFs, on the host made of files of test_sriov.h. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "sriovd_log.h"
#include "sriovd_request.h"
#include "sriovd_worker.h"
#include "test_sriov.h"

/* As in dpdk-sriovd's main(). */
int sriovd_logtype;

static char work_dir[64], conf_path[96];
static struct sriovd_manager manager;

/* ---- a daemon without its main thread ---- */

static int
conf_write(const char *sections)
{
	FILE *file = fopen(conf_path, "w");

	TEST_ASSERT_NOT_NULL(file, "%s", conf_path);
	fprintf(file, "[daemon]\nruntime_dir = %s\nstate_dir = %s\ntoken_mode = 0666\n%s", work_dir,
			work_dir, sections);
	fclose(file);

	return TEST_SUCCESS;
}

static int
daemon_begin(void)
{
	struct sriovd_faults faults;

	memset(&manager, 0, sizeof(manager));
	TAILQ_INIT(&manager.pfs);
	manager.config_path = conf_path;
	manager.config = sriovd_config_load(conf_path, &faults);
	sriovd_faults_free(&faults);
	manager.vfs = sriovd_vfs_new();
	TEST_ASSERT(manager.config != NULL && manager.vfs != NULL, "no configuration");
	TEST_ASSERT_NOT_NULL(sriovd_worker_new(&manager), "no worker");
	manager_state_load(&manager);
	manager_start(&manager);

	return TEST_SUCCESS;
}

/* @p killed: without a chance to do anything. */
static void
daemon_end(bool killed)
{
	struct manager_pf *pf;

	if (manager.config == NULL)
		return;
	if (!killed)
		manager_stop(&manager);
	while ((pf = TAILQ_FIRST(&manager.pfs)) != NULL) {
		if (pf->pf != NULL)
			rte_sriov_pf_close(pf->pf, RTE_SRIOV_CLOSE_KEEP, NULL);
		TAILQ_REMOVE(&manager.pfs, pf, next);
		manager_pf_free(pf);
	}
	sriovd_worker_free(manager.worker);
	sriovd_vfs_free(manager.vfs);
	sriovd_config_free(manager.config);
	json_decref(manager.state);
	json_decref(manager.secrets);
	memset(&manager, 0, sizeof(manager));
}

static int
case_setup(void)
{
	int ret;

	if (geteuid() != 0) {
		printf("skipped: needs to be root, to give nodes away\n");
		return TEST_SKIPPED;
	}
	snprintf(work_dir, sizeof(work_dir), "/tmp/sriovd-manager-XXXXXX");
	if (mkdtemp(work_dir) == NULL)
		return -1;
	snprintf(conf_path, sizeof(conf_path), "%s/conf", work_dir);
	rte_log_set_level(sriovd_logtype, RTE_LOG_EMERG);
	/* Its PMD and backend are in place then; the PF is the daemon's to open. */
	ret = sriov_test_pf_setup();
	if (ret == 0)
		ret = rte_sriov_pf_num_vfs_set(sriov_test_pf, 0, 0, 0, NULL);
	rte_sriov_pf_close(sriov_test_pf, RTE_SRIOV_CLOSE_KEEP, NULL);
	sriov_test_pf = NULL;

	return ret;
}

static void
case_teardown(void)
{
	static const char *const names[] = { "conf", "state.json", "secrets" };
	char path[128];
	unsigned int i;

	daemon_end(true);
	for (i = 0; i < RTE_DIM(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", work_dir, names[i]);
		unlink(path);
	}
	rmdir(work_dir);
	sriov_test_teardown();
}

/* Do a request, given as its method and params. 0 or negative errno. */
static int
request(const char *method, const char *params, bool dry_run, json_t **result,
		struct rte_sriov_error *error)
{
	struct sriovd_request parsed;
	json_t *holders = NULL;
	char text[512];
	int ret;

	*result = NULL;
	snprintf(text, sizeof(text), "{\"version\":1,\"id\":1,\"method\":\"%s\",\"params\":%s,"
			"\"dry_run\":%s}", method, params, dry_run ? "true" : "false");
	ret = sriovd_request_parse(text, strlen(text), &parsed, error);
	if (ret == 0)
		ret = manager_request(&manager, &parsed, 0, result, &holders, error);
	if (ret == -EBUSY && json_array_size(holders) == 0)
		printf("holders are not named\n");
	json_decref(holders);

	return ret;
}

static int
done(const char *method, const char *params)
{
	struct rte_sriov_error error;
	json_t *result;
	int ret = request(method, params, false, &result, &error);

	if (ret != 0)
		printf("%s: %s\n", method, error.text);
	json_decref(result);

	return ret;
}

/* Status that a user of this id gets for a VF. */
static uint16_t
decide(uint32_t uid, uint8_t devfn)
{
	struct sriovd_peer peer = { .uid = uid, .gid = uid };
	char bdf[RTE_SRIOV_BDF_SIZE];
	unsigned char token[16];
	bool used;

	return sriovd_vfs_decide(manager.vfs, "", 0, 1, devfn, &peer, token, bdf, &used);
}

static bool
node_owned(int group, uid_t uid)
{
	struct stat st;

	return stat(token_test_path("vfio/%d", group), &st) == 0 && st.st_uid == uid;
}

/* ---- cases ---- */

#define TWO_VFS "[pf " PF "]\nvfs = 2\n[vf " PF " *]\nspoofchk = on\n" \
	"[vf " PF " 0]\nvlan = 7\ngrant = uid:1001\n"

static int
test_manager_start_makes_what_is_configured(void)
{
	json_t *status, *pf;

	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	TEST_ASSERT_SUCCESS(strcmp(sriov_test_attr_get(PF, "sriov_numvfs"), "2"), "VFs");
	TEST_ASSERT_EQUAL(sriov_test_policy.vf[0].vlan, 7, "policy");
	TEST_ASSERT(node_owned(VF_GROUP, 1001) && node_owned(VF_GROUP + 1, 0), "nodes");
	TEST_ASSERT_EQUAL(decide(1001, 0x80), 0, "the user is refused");
	TEST_ASSERT(decide(1002, 0x80) != 0 && decide(0, 0x80) != 0, "others are not");
	TEST_ASSERT(decide(1001, 0x82) != 0, "nor for another VF");
	status = manager_status(&manager, PF);
	pf = json_array_get(json_object_get(status, "pfs"), 0);
	TEST_ASSERT_EQUAL(json_integer_value(json_object_get(pf, "num_vfs")), 2, "status");
	TEST_ASSERT_EQUAL(json_array_size(json_object_get(pf, "vfs")), 2, "status's VFs");
	json_decref(status);

	return TEST_SUCCESS;
}

static int
test_manager_down_refused_while_held(void)
{
	struct rte_sriov_error error;
	unsigned int writes;
	json_t *result;

	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	writes = sriov_test_kernel.nb_number_writes;
	TEST_ASSERT_SUCCESS(sriov_test_hold(VF_GROUP, HOLDER_PID, "tenant\n", 1001), "no holder");
	TEST_ASSERT_EQUAL(request("down", "{\"pf\":\"" PF "\"}", false, &result, &error), -EBUSY,
			"removed");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_number_writes, writes, "it was tried");
	TEST_ASSERT_EQUAL(decide(1001, 0x80), 0, "its user is shut out");
	/* With time to wait, it is tried again. */
	TEST_ASSERT_EQUAL(request("down", "{\"pf\":\"" PF "\",\"timeout_s\":5}", false, &result,
			&error), -EINPROGRESS, "given up");
	sriov_test_release(VF_GROUP, HOLDER_PID);
	TEST_ASSERT_SUCCESS(done("down", "{\"pf\":\"" PF "\"}"), "down");
	TEST_ASSERT_SUCCESS(strcmp(sriov_test_attr_get(PF, "sriov_numvfs"), "0"), "VFs");
	TEST_ASSERT(decide(1001, 0x80) != 0, "a token of a VF that has gone");

	return TEST_SUCCESS;
}

static int
test_manager_changes_survive_restart(void)
{
	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	TEST_ASSERT_SUCCESS(done("vf.set", "{\"vf\":\"" VF1 "\",\"policy\":{\"vlan\":9}}"), "set");
	TEST_ASSERT_SUCCESS(done("vf.grant", "{\"vf\":\"" VF1 "\",\"grant\":\"uid:1005\","
			"\"once\":true}"), "grant");
	TEST_ASSERT(node_owned(VF_GROUP + 1, 1005), "node");
	manager_state_save(&manager);
	daemon_end(true);
	memset(&sriov_test_policy.vf, 0, sizeof(sriov_test_policy.vf));
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin again");
	TEST_ASSERT_EQUAL(sriov_test_policy.vf[1].vlan, 9, "policy");
	TEST_ASSERT_EQUAL(sriov_test_policy.vf[0].vlan, 7, "configured policy");
	TEST_ASSERT_EQUAL(decide(1005, 0x82), 0, "grant");
	TEST_ASSERT(decide(1005, 0x82) != 0, "it was for one token");
	/* That it was used is remembered, too. */
	manager_state_save(&manager);
	daemon_end(true);
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin once more");
	TEST_ASSERT(decide(1005, 0x82) != 0, "it was for one token, over restarts");
	TEST_ASSERT_EQUAL(decide(1001, 0x80), 0, "the other one");

	return TEST_SUCCESS;
}

static int
test_manager_reload_touches_what_changed_only(void)
{
	struct rte_sriov_error error;
	unsigned int applied, resets;
	json_t *list = NULL;

	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	applied = sriov_test_policy.nb_applied;
	resets = sriov_test_kernel.nb_resets;
	TEST_ASSERT_SUCCESS(manager_reload(&manager, false, &list, &error), "%s", error.text);
	TEST_ASSERT_EQUAL(json_array_size(list), 0, "changes");
	json_decref(list);
	TEST_ASSERT_EQUAL(sriov_test_policy.nb_applied, applied, "policy was touched");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, resets, "a VF was reset");
	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS "[vf " PF " 1]\ngrant = uid:1002\n"), "conf");
	TEST_ASSERT_SUCCESS(manager_reload(&manager, true, &list, &error), "%s", error.text);
	json_decref(list);
	TEST_ASSERT(decide(1002, 0x82) != 0, "a dry run has changed it");
	TEST_ASSERT_SUCCESS(manager_reload(&manager, false, &list, &error), "%s", error.text);
	json_decref(list);
	TEST_ASSERT_EQUAL(decide(1002, 0x82), 0, "the new user");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, resets + 1, "only the VF's own reset");
	/* A faulty one changes nothing. */
	TEST_ASSERT_SUCCESS(conf_write("[pf x]\n"), "conf");
	TEST_ASSERT_EQUAL(manager_reload(&manager, false, &list, &error), -EINVAL, "taken");
	TEST_ASSERT_EQUAL(decide(1002, 0x82), 0, "the user");

	return TEST_SUCCESS;
}

static int
test_manager_revoke_takes_back(void)
{
	rte_uuid_t before, after;
	struct manager_pf *pf;

	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	pf = manager_pf_find(&manager, PF);
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf->pf, 0, before, NULL), "token");
	TEST_ASSERT_SUCCESS(done("vf.set", "{\"vf\":\"" VF0 "\",\"policy\":{\"trust\":true}}"),
			"set");
	TEST_ASSERT_SUCCESS(done("vf.revoke", "{\"vf\":\"" VF0 "\"}"), "revoke");
	TEST_ASSERT(decide(1001, 0x80) != 0, "it is granted further on");
	TEST_ASSERT(node_owned(VF_GROUP, 0), "its node");
	TEST_ASSERT_SUCCESS(rte_sriov_token_get(pf->pf, 0, after, NULL), "token");
	TEST_ASSERT(rte_uuid_compare(before, after) != 0, "its token stays");
	TEST_ASSERT(!sriov_test_policy.vf[0].trust, "its policy stays");

	return TEST_SUCCESS;
}

static int
test_manager_dry_run_changes_nothing(void)
{
	static const struct {
		const char *method, *params;
	} cases[] = {
		{ "up", "{\"pf\":\"" PF "\",\"vfs\":5}" },
		{ "down", "{\"pf\":\"" PF "\",\"release\":true}" },
		{ "vf.set", "{\"vf\":\"" VF0 "\",\"policy\":{\"vlan\":8}}" },
		{ "vf.grant", "{\"vf\":\"" VF1 "\",\"grant\":\"uid:1005\"}" },
		{ "vf.revoke", "{\"vf\":\"" VF0 "\"}" },
		{ "vf.reset", "{\"vf\":\"" VF1 "\"}" },
		{ "token.rotate", "{\"device\":\"" PF "\"}" },
	};
	struct rte_sriov_error error;
	unsigned int i, resets;
	json_t *result;

	TEST_ASSERT_SUCCESS(conf_write(TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	resets = sriov_test_kernel.nb_resets;
	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_SUCCESS(request(cases[i].method, cases[i].params, true, &result,
				&error), "%s: %s", cases[i].method, error.text);
		TEST_ASSERT(json_array_size(json_object_get(result, "plan")) > 0, "%s: no plan",
				cases[i].method);
		json_decref(result);
	}
	TEST_ASSERT_SUCCESS(sriov_test_bind(PF2, NULL), "unbind");
	TEST_ASSERT_SUCCESS(request("up", "{\"pf\":\"" PF2 "\",\"vfs\":0}", true, &result, &error),
			"%s", error.text);
	TEST_ASSERT_NOT_NULL(strstr(json_string_value(json_array_get(json_object_get(result,
			"plan"), 0)), "without a driver"), "a plan without its driver");
	json_decref(result);
	TEST_ASSERT_SUCCESS(strcmp(sriov_test_attr_get(PF, "sriov_numvfs"), "2"), "VFs");
	TEST_ASSERT_EQUAL(sriov_test_kernel.nb_resets, resets, "resets");
	TEST_ASSERT_EQUAL(sriov_test_policy.vf[0].vlan, 7, "policy");
	TEST_ASSERT(decide(1001, 0x80) == 0 && decide(1005, 0x82) != 0, "grants");

	return TEST_SUCCESS;
}

static int
test_manager_stop_restores_if_configured(void)
{
	TEST_ASSERT_SUCCESS(sriov_test_bind(PF, DRIVER_BEFORE), "not bound");
	TEST_ASSERT_SUCCESS(conf_write("restore_on_exit = yes\n" TWO_VFS), "conf");
	TEST_ASSERT_SUCCESS(daemon_begin(), "begin");
	TEST_ASSERT_SUCCESS(strcmp(sriov_test_driver(PF), "vfio-pci"), "driver");
	daemon_end(false);
	TEST_ASSERT_SUCCESS(strcmp(sriov_test_driver(PF), DRIVER_BEFORE), "on \"%s\"",
			sriov_test_driver(PF));
	TEST_ASSERT_SUCCESS(strcmp(sriov_test_attr_get(PF, "sriov_numvfs"), "0"), "VFs");

	return TEST_SUCCESS;
}

#define MANAGER_CASE(test) TEST_CASE_ST(case_setup, case_teardown, test)

static struct unit_test_suite sriovd_manager_suite = {
	.suite_name = "dpdk-sriovd: PFs and VFs",
	.setup = sriov_test_port_make,
	.teardown = sriov_test_port_remove,
	.unit_test_cases = {
		MANAGER_CASE(test_manager_start_makes_what_is_configured),
		MANAGER_CASE(test_manager_down_refused_while_held),
		MANAGER_CASE(test_manager_changes_survive_restart),
		MANAGER_CASE(test_manager_reload_touches_what_changed_only),
		MANAGER_CASE(test_manager_revoke_takes_back),
		MANAGER_CASE(test_manager_dry_run_changes_nothing),
		MANAGER_CASE(test_manager_stop_restores_if_configured),
		TEST_CASES_END()
	},
};

static int
test_sriovd_manager(void)
{
	return unit_test_suite_runner(&sriovd_manager_suite);
}

REGISTER_FAST_TEST(sriovd_manager_autotest, true, true, test_sriovd_manager);
