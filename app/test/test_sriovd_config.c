/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sriov_test.h"
#include "sriovd_config.h"
#include "sriovd_policy.h"

#define PF "[pf 0000:01:00.0]\n"

static struct sriovd_config *
config_of(const char *text, struct sriovd_faults *faults)
{
	return sriovd_config_parse(text, strlen(text), faults);
}

static int
test_sriovd_config_full_file_parsed(void)
{
	static const char text[] =
		"# comment\n"
		"[daemon]\n"
		"runtime_dir = /run/x   # where the sockets are\n"
		"memory_mb=128\n"
		"restore_on_exit = yes\n"
		"token_mode = 0666\n"
		"\n"
		"[pf 01:00.0]\n"
		"vfs = 4\n"
		"token = file:/etc/token\n"
		"pmd = none\n"
		"[vf 0000:01:00.0 *]\n"
		"spoofchk = on\n"
		"grant = uid:1001, gid:7\n"
		"socket = /run/x/vf{vf}.sock\n"
		"[vf 0000:01:00.0 2]\n"
		"mac = 02:00:00:00:00:02\n"
		"vlan = 100\n"
		"qos = 3\n"
		"vlans =\n"
		"max_tx_rate = 500\n"
		"state = disable\n"
		"grant = uid:1002\n"
		"once = yes\n"
		"owner = 1002:1003\n"
		"mode = 0600\n";
	struct sriovd_faults faults;
	struct sriovd_config *config = config_of(text, &faults);
	struct sriovd_vf_conf vf;

	TEST_ASSERT_NOT_NULL(config, "refused: %s", faults.fault[0].text);
	TEST_ASSERT_EQUAL(faults.nb, 0, "a fault: %s", faults.fault[0].text);
	TEST_ASSERT_SUCCESS(strcmp(config->control_socket, "/run/x/control.sock"), "socket");
	TEST_ASSERT_EQUAL(config->memory_mb, 128, "memory");
	TEST_ASSERT_EQUAL(config->nb_pf, 1, "PFs");
	TEST_ASSERT_SUCCESS(strcmp(config->pf[0].bdf, "0000:01:00.0"), "address");
	TEST_ASSERT_SUCCESS(strcmp(config->pf[0].token, "file:/etc/token"), "token source");
	TEST_ASSERT_EQUAL(config->pf[0].pmd, RTE_SRIOV_PMD_NONE, "pmd");
	TEST_ASSERT(config->pf[0].restore_on_exit, "[daemon] does not hold for the PF");

	TEST_ASSERT_SUCCESS(sriovd_config_vf(&config->pf[0], 1, &vf), "VF 1");
	TEST_ASSERT_EQUAL(vf.grants.nb, 2, "grants of VF 1");
	TEST_ASSERT_EQUAL(vf.owner.uid, 1001, "owner of VF 1");
	TEST_ASSERT_SUCCESS(strcmp(vf.socket, "/run/x/vf1.sock"), "socket of VF 1");
	TEST_ASSERT_EQUAL(vf.policy.set, RTE_SRIOV_POLICY_SPOOFCHK, "policy of VF 1");
	sriovd_vf_conf_clear(&vf);

	TEST_ASSERT_SUCCESS(sriovd_config_vf(&config->pf[0], 2, &vf), "VF 2");
	TEST_ASSERT_EQUAL(vf.grants.nb, 1, "grants of VF 2");
	TEST_ASSERT(vf.grants.grant[0].once, "once of VF 2");
	TEST_ASSERT_EQUAL(vf.owner.gid, 1003, "owner of VF 2");
	TEST_ASSERT_EQUAL(vf.owner.mode, 0600, "mode of VF 2");
	TEST_ASSERT_EQUAL(vf.policy.vlan, 100, "vlan of VF 2");
	TEST_ASSERT_EQUAL(vf.policy.qos, 3, "qos of VF 2");
	TEST_ASSERT_EQUAL(vf.policy.max_tx_rate, 500, "rate of VF 2");
	TEST_ASSERT_EQUAL(vf.policy.state, RTE_SRIOV_LINK_DISABLE, "state of VF 2");
	TEST_ASSERT((vf.policy.set & RTE_SRIOV_POLICY_VLANS) != 0 && vf.policy.nb_vlans == 0,
			"an empty list of VLANs is none");
	sriovd_vf_conf_clear(&vf);
	sriovd_config_free(config);
	sriovd_faults_free(&faults);

	return TEST_SUCCESS;
}

/* Each fault is found, at its line and key. */
static int
test_sriovd_config_faults_named_by_line_and_key(void)
{
	static const struct {
		const char *text;
		unsigned int line;
		const char *key;
		const char *what;
	} cases[] = {
		{ "[daemon]\nmemory = 1\n", 2, "memory", "no such key" },
		{ "[daemon]\n\n\nmemory_mb = many\n", 4, "memory_mb", "not a number" },
		{ "[daemon]\nmemory_mb = 1\n", 2, "memory_mb", "16 MB" },
		{ "[daemon]\nhugepages = maybe\n", 2, "hugepages", "yes nor no" },
		{ "[daemon]\nruntime_dir = run\n", 2, "runtime_dir", "slash" },
		{ "[daemon]\nadmin_group = no-such-group-here\n",
			2, "admin_group", "no such group" },
		{ "[daemon]\ntoken_mode = 0777\n", 2, "token_mode", "mode" },
		{ "[daemon]\n[daemon]\n", 2, "", "twice" },
		{ "[daemon]\nmemory_mb=64\nmemory_mb=65\n", 3, "memory_mb", "twice" },
		{ "[daemons]\n", 1, "", "no such section" },
		{ "memory_mb = 64\n", 1, "", "before the first section" },
		{ "[daemon]\nmemory_mb\n", 2, "", "neither" },
		{ "[daemon\n", 1, "", "\"]\"" },
		{ "[daemon] memory_mb=64\n", 1, "", "behind" },
		{ "[daemon]\nmemory_mb = \1\n", 2, "", "control character" },
		{ "[pf 1]\n", 1, "", "not the address" },
		{ PF PF, 2, "", "line 1 already" },
		{ PF "vfs = 5000\n", 2, "vfs", "not a number" },
		{ PF "vfs = -1\n", 2, "vfs", "not a number" },
		{ PF "driver = ../x\n", 2, "driver", "not the name" },
		{ PF "token = 6fa4d1b0-11e5-4cf3-8a3b-0f6e2d9c7a01\n",
			2, "token", "neither random" },
		{ PF "token = file:etc\n", 2, "token", "slash" },
		{ PF "pmd = some\n", 2, "pmd", "neither auto" },
		{ PF "mac = 02:00:00:00:00:01\n", 2, "mac", "no such key in [pf]" },
		{ "[vf 0000:01:00.0 0]\n", 1, "", "no [pf 0000:01:00.0]" },
		{ PF "vfs=2\n[vf 0000:01:00.0 2]\n", 3, "", "there is no VF 2" },
		{ PF "vfs=2\n[vf 0000:01:00.0 x]\n", 3, "", "not a number" },
		{ PF "vfs=2\n[vf 01:00.0 0]\n[vf 01:00.0 0]\n", 4, "", "line 3 already" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nmac = 01:00:00:00:00:01\n", 4, "mac", "unicast" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nmac = 02:00:00:00:00\n", 4, "mac", "unicast" },
		{ PF "vfs=2\n[vf 01:00.0 *]\nmac = 02:00:00:00:00:01\n", 4, "mac", "all VFs" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nvlan = 4095\n", 4, "vlan", "1 to 4094" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nvlan = 1\nqos = 8\n", 5, "qos", "0 to 7" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nqos = 3\n", 3, "qos", "without vlan" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nvlans = 1,2,1\n", 4, "vlans", "different" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nstate = up\n", 4, "state", "auto, enable" },
		{ PF "vfs=2\n[vf 01:00.0 0]\ntrust = maybe\n", 4, "trust", "yes or no" },
		{ PF "vfs=2\n[vf 01:00.0 0]\ngrant = 1001\n", 4, "grant", "uid:N" },
		{ PF "vfs=2\n[vf 01:00.0 0]\ngrant = uid:-1\n", 4, "grant", "not a number" },
		{ PF "vfs=2\n[vf 01:00.0 0]\ngrant = uid:4294967295\n",
			4, "grant", "not a number" },
		{ PF "vfs=2\n[vf 01:00.0 0]\ngrant = user:no-such-user-here\n",
			4, "grant", "no such" },
		{ PF "vfs=2\n[vf 01:00.0 0]\ngrant = uid:1,unit:x\n", 4, "grant", "unit" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nowner = root:root\n", 4, "owner", "UID:GID" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nmode = 0666\n", 4, "mode", "octal" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nsocket = vf.sock\n", 4, "socket", "slash" },
		{ PF "vfs=2\n[vf 01:00.0 *]\nsocket = /run/vf.sock\n", 4, "socket", "{vf}" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nsocket = /run/dpdk/sriov/token.sock\n", 3, "socket",
			"another socket" },
		{ PF "vfs=2\n[vf 01:00.0 0]\nmac=02:00:00:00:00:01\n[vf 01:00.0 1]\n"
			"mac=02:00:00:00:00:01\n", 5, "mac", "VF 0" },
	};
	const struct sriovd_fault *fault;
	struct sriovd_faults faults;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_NULL(config_of(cases[i].text, &faults), "case %u was taken", i);
		TEST_ASSERT(faults.nb > 0, "case %u: no fault", i);
		fault = &faults.fault[0];
		TEST_ASSERT(fault->line == cases[i].line && strcmp(fault->key, cases[i].key) == 0 &&
				strstr(fault->text, cases[i].what) != NULL,
				"case %u: line %u, key \"%s\": %s", i, fault->line, fault->key,
				fault->text);
		sriovd_faults_free(&faults);
	}

	return TEST_SUCCESS;
}

/* What rte_cfgfile would cut off without a word. */
static int
test_sriovd_config_too_long_refused(void)
{
	struct sriovd_faults faults;
	char text[2048], value[1024];
	static const unsigned int lengths[] = { 256, 300, 400, 1000 };
	unsigned int i;

	memset(value, 'x', sizeof(value));
	for (i = 0; i < RTE_DIM(lengths); i++) {
		snprintf(text, sizeof(text), "[daemon]\neal_args = %.*s\n", lengths[i], value);
		TEST_ASSERT_NULL(config_of(text, &faults), "a value of %u was taken", lengths[i]);
		TEST_ASSERT_EQUAL(faults.fault[0].line, 2, "line %u", faults.fault[0].line);
		sriovd_faults_free(&faults);
		snprintf(text, sizeof(text), "[daemon]\n%.*s = 1\n", lengths[i], value);
		TEST_ASSERT_NULL(config_of(text, &faults), "a key of %u was taken", lengths[i]);
		sriovd_faults_free(&faults);
	}
	snprintf(text, sizeof(text), "[daemon]\neal_args = %.*s\n", 255, value);
	sriovd_config_free(config_of(text, &faults));
	TEST_ASSERT_EQUAL(faults.nb_errors, 0, "255 characters: %s", faults.fault[0].text);
	sriovd_faults_free(&faults);

	return TEST_SUCCESS;
}

static int
test_sriovd_config_all_faults_listed(void)
{
	struct sriovd_faults faults;
	char text[512];

	TEST_ASSERT_NULL(config_of("[daemon]\nfoo=1\nbar=2\n[pf x]\nvfs=1\n", &faults), "taken");
	TEST_ASSERT_EQUAL(faults.nb_errors, 3, "%u faults", faults.nb_errors);
	sriovd_fault_format(&faults.fault[1], "F", text, sizeof(text));
	TEST_ASSERT_SUCCESS(strcmp(text, "F:3: [daemon] bar: no such key in [daemon]"), "%s", text);
	sriovd_faults_free(&faults);

	return TEST_SUCCESS;
}

/* A token in the wrong place must not be shown. */
static int
test_sriovd_config_token_value_not_repeated(void)
{
	static const char uuid[] = "6fa4d1b0-11e5-4cf3-8a3b-0f6e2d9c7a01";
	struct sriovd_faults faults;
	char text[256];

	snprintf(text, sizeof(text), PF "token = %s\n", uuid);
	TEST_ASSERT_NULL(config_of(text, &faults), "taken");
	TEST_ASSERT_NULL(strstr(faults.fault[0].text, "6fa4d1b0"), "%s", faults.fault[0].text);
	sriovd_faults_free(&faults);

	return TEST_SUCCESS;
}

static int
test_sriovd_config_unreachable_grant_warned(void)
{
	static const char text[] = PF "vfs=1\n[vf 01:00.0 0]\ngrant = uid:1001\n";
	struct sriovd_faults faults;
	struct sriovd_config *config = config_of(text, &faults);

	TEST_ASSERT_NOT_NULL(config, "refused");
	TEST_ASSERT(faults.nb == 1 && faults.fault[0].warning, "no warning");
	sriovd_config_free(config);
	sriovd_faults_free(&faults);

	return TEST_SUCCESS;
}

static int
test_sriovd_config_file_read_or_named(void)
{
	struct sriovd_faults faults;

	TEST_ASSERT_NULL(sriovd_config_load("/nonexistent/x.conf", &faults), "taken");
	TEST_ASSERT(strstr(faults.fault[0].text, "No such file") != NULL, "%s",
			faults.fault[0].text);
	sriovd_faults_free(&faults);
	TEST_ASSERT_NULL(sriovd_config_load("/dev/null", &faults), "taken");
	TEST_ASSERT(strstr(faults.fault[0].text, "regular") != NULL, "%s", faults.fault[0].text);
	sriovd_faults_free(&faults);

	return TEST_SUCCESS;
}

/* ---- differences ---- */

static int
diff_of(const char *a, const char *b, struct sriovd_changes *changes)
{
	struct sriovd_faults faults;
	struct sriovd_config *from = NULL, *to;
	int ret;

	if (a != NULL) {
		from = config_of(a, &faults);
		sriovd_faults_free(&faults);
		TEST_ASSERT_NOT_NULL(from, "refused: %s", a);
	}
	to = config_of(b, &faults);
	sriovd_faults_free(&faults);
	TEST_ASSERT_NOT_NULL(to, "refused: %s", b);
	ret = sriovd_config_diff(from, to, changes);
	sriovd_config_free(from);
	sriovd_config_free(to);

	return ret;
}

#define BASE PF "vfs = 2\n[vf 01:00.0 *]\ngrant = uid:0\n"

static int
test_sriovd_config_diff_names_what_changed_only(void)
{
	static const struct {
		const char *from, *to;
		unsigned int nb;
		enum sriovd_change_type type;
		uint16_t vf;
	} cases[] = {
		{ BASE, BASE, 0, 0, 0 },
		{ BASE, "# other text\n" BASE "once = no\n", 0, 0, 0 },
		{ NULL, BASE, 1, SRIOVD_CHANGE_PF_ADD, 0 },
		{ BASE, "[daemon]\n", 1, SRIOVD_CHANGE_PF_REMOVE, 0 },
		{ BASE, "[daemon]\nmemory_mb = 65\n" BASE, 1, SRIOVD_CHANGE_RESTART, 0 },
		{ BASE, "[daemon]\nadmin_group = 0\n" BASE, 1, SRIOVD_CHANGE_DAEMON, 0 },
		{ BASE, PF "vfs = 3\n[vf 01:00.0 *]\ngrant = uid:0\n", 1, SRIOVD_CHANGE_PF_VFS, 0 },
		{ BASE, PF "vfs = 2\npmd = none\n[vf 01:00.0 *]\ngrant = uid:0\n", 1,
			SRIOVD_CHANGE_PF_REOPEN, 0 },
		{ BASE, PF "vfs = 2\ntoken = file:/t\n[vf 01:00.0 *]\ngrant = uid:0\n", 1,
			SRIOVD_CHANGE_PF_TOKEN, 0 },
		{ BASE, BASE "[vf 01:00.0 1]\nvlan = 7\n", 1, SRIOVD_CHANGE_VF_POLICY, 1 },
		{ BASE, BASE "[vf 01:00.0 1]\ngrant = uid:5\nsocket = /s\n", 2,
			SRIOVD_CHANGE_VF_GRANTS, 1 },
		{ BASE, BASE "[vf 01:00.0 0]\nonce = yes\n", 1, SRIOVD_CHANGE_VF_GRANTS, 0 },
		{ BASE, BASE "[vf 01:00.0 1]\nowner = 7:7\n", 1, SRIOVD_CHANGE_VF_GRANTS, 1 },
		{ BASE, BASE "[vf 01:00.0 1]\nsocket = /s\n", 1, SRIOVD_CHANGE_VF_SOCKET, 1 },
	};
	struct sriovd_changes changes;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_SUCCESS(diff_of(cases[i].from, cases[i].to, &changes), "case %u", i);
		TEST_ASSERT_EQUAL(changes.nb, cases[i].nb, "case %u: %u changes, first %s", i,
				changes.nb, changes.nb > 0 ? changes.change[0].text : "-");
		if (changes.nb > 0)
			TEST_ASSERT(changes.change[0].type == cases[i].type &&
					changes.change[0].vf == cases[i].vf,
					"case %u: type %u, VF %u", i, changes.change[0].type,
					changes.change[0].vf);
		sriovd_changes_free(&changes);
	}

	return TEST_SUCCESS;
}

/* ---- grants ---- */

static int
test_sriovd_grant_root_not_implicit(void)
{
	struct sriovd_peer root = { .pid = 1 };
	struct sriovd_grants grants = { 0 };
	struct sriovd_grant grant;
	const char *why;

	TEST_ASSERT_EQUAL(sriovd_grants_match(&grants, &root), -ENOENT, "no grant at all");
	TEST_ASSERT_SUCCESS(sriovd_grant_parse("uid:1001", &grant, &why), "%s", why);
	TEST_ASSERT_SUCCESS(sriovd_grants_add(&grants, &grant), "add");
	TEST_ASSERT_EQUAL(sriovd_grants_match(&grants, &root), -ENOENT, "another's grant");
	TEST_ASSERT_SUCCESS(sriovd_grant_parse("uid:0", &grant, &why), "%s", why);
	TEST_ASSERT_SUCCESS(sriovd_grants_add(&grants, &grant), "add");
	TEST_ASSERT_EQUAL(sriovd_grants_match(&grants, &root), 1, "its own grant");
	sriovd_grants_free(&grants);

	return TEST_SUCCESS;
}

static int
test_sriovd_grant_each_kind_matches_its_peer_only(void)
{
	gid_t groups[] = { 30, 40 };
	struct sriovd_peer peer = { .pid = 9, .uid = 10, .gid = 20, .groups = groups,
			.nb_groups = 2 };
	static const struct {
		const char *grant;
		bool match;
	} cases[] = {
		{ "uid:10", true }, { "uid:20", false }, { "gid:20", true }, { "gid:40", true },
		{ "gid:10", false }, { "user:root", false }, { "group:root", false },
	};
	struct sriovd_grant grant;
	char text[SRIOVD_GRANT_SIZE];
	const char *why;
	unsigned int i;

	for (i = 0; i < RTE_DIM(cases); i++) {
		TEST_ASSERT_SUCCESS(sriovd_grant_parse(cases[i].grant, &grant, &why), "%s: %s",
				cases[i].grant, why);
		TEST_ASSERT_EQUAL(sriovd_grant_match(&grant, &peer), cases[i].match, "%s",
				cases[i].grant);
		sriovd_grant_format(&grant, text);
		TEST_ASSERT_SUCCESS(strcmp(text, cases[i].grant), "%s became %s", cases[i].grant,
				text);
	}
	/* A unit is that of the peer, or nobody's. */
	memset(&grant, 0, sizeof(grant));
	grant.type = SRIOVD_GRANT_UNIT;
	strcpy(grant.name, "a.service");
	TEST_ASSERT(!sriovd_grant_match(&grant, &peer), "no unit");
	strcpy(peer.unit, "a.service");
	TEST_ASSERT(sriovd_grant_match(&grant, &peer), "its unit");
	strcpy(peer.unit, "b.service");
	TEST_ASSERT(!sriovd_grant_match(&grant, &peer), "another unit");

	return TEST_SUCCESS;
}

static int
test_sriovd_grant_lasting_before_once(void)
{
	struct sriovd_peer peer = { .uid = 10, .gid = 20 };
	struct sriovd_grants grants = { 0 };
	struct sriovd_grant grant;
	const char *why;

	TEST_ASSERT_SUCCESS(sriovd_grant_parse("uid:10", &grant, &why), "%s", why);
	grant.once = true;
	TEST_ASSERT_SUCCESS(sriovd_grants_add(&grants, &grant), "add");
	TEST_ASSERT_EQUAL(sriovd_grants_match(&grants, &peer), 0, "the one-time grant");
	TEST_ASSERT_SUCCESS(sriovd_grant_parse("gid:20", &grant, &why), "%s", why);
	TEST_ASSERT_SUCCESS(sriovd_grants_add(&grants, &grant), "add");
	TEST_ASSERT_EQUAL(sriovd_grants_match(&grants, &peer), 1, "the lasting grant first");
	/* The same user again replaces. */
	TEST_ASSERT_SUCCESS(sriovd_grants_add(&grants, &grant), "add");
	TEST_ASSERT_EQUAL(grants.nb, 2, "%u grants", grants.nb);
	sriovd_grants_remove(&grants, 1);
	sriovd_grants_remove(&grants, 0);
	TEST_ASSERT_EQUAL(sriovd_grants_match(&grants, &peer), -ENOENT, "none left");
	sriovd_grants_free(&grants);

	return TEST_SUCCESS;
}

/* ---- policy as JSON ---- */

static int
test_sriovd_policy_json_round_trip(void)
{
	static const char text[] = "{\"mac\":\"02:00:00:00:00:09\",\"vlan\":5,\"qos\":2,"
		"\"vlans\":[7,8],\"spoofchk\":true,\"max_tx_rate\":100,\"state\":\"enable\","
		"\"max_frame\":9000,\"strip\":\"off\"}";
	struct rte_sriov_policy policy, again;
	char why[256];
	json_t *json;

	json = json_loads(text, 0, NULL);
	TEST_ASSERT_SUCCESS(sriovd_policy_from_json(json, &policy, why, sizeof(why)), "%s", why);
	json_decref(json);
	json = sriovd_policy_to_json(&policy);
	TEST_ASSERT_SUCCESS(sriovd_policy_from_json(json, &again, why, sizeof(why)), "%s", why);
	json_decref(json);
	TEST_ASSERT_EQUAL(rte_sriov_policy_diff(&policy, &again), 0, "not the same");
	TEST_ASSERT(policy.vlan == 5 && policy.nb_vlans == 2 && policy.max_frame == 9000,
			"not what was given");

	return TEST_SUCCESS;
}

static int
test_sriovd_policy_json_malformed_refused(void)
{
	static const char *const texts[] = {
		"[]", "{\"foo\":1}", "{\"mac\":1}", "{\"mac\":\"x\"}", "{\"vlan\":-1}",
		"{\"vlan\":4095}", "{\"vlan\":\"5\"}", "{\"qos\":1}", "{\"vlans\":5}",
		"{\"vlans\":[0]}", "{\"vlans\":[\"1\"]}", "{\"vlans\":[1,1]}", "{\"trust\":1}",
		"{\"state\":\"up\"}", "{\"strip\":true}", "{\"max_frame\":65536}",
		"{\"max_tx_rate\":4294967296}", "{\"vlan\":1.0}",
	};
	struct rte_sriov_policy policy;
	char why[256];
	unsigned int i;
	json_t *json;

	for (i = 0; i < RTE_DIM(texts); i++) {
		json = json_loads(texts[i], 0, NULL);
		TEST_ASSERT_NOT_NULL(json, "%s", texts[i]);
		TEST_ASSERT_EQUAL(sriovd_policy_from_json(json, &policy, why, sizeof(why)), -EINVAL,
				"%s was taken", texts[i]);
		json_decref(json);
	}

	return TEST_SUCCESS;
}

static struct unit_test_suite sriovd_config_suite = {
	.suite_name = "dpdk-sriovd: configuration",
	.unit_test_cases = {
		TEST_CASE(test_sriovd_config_full_file_parsed),
		TEST_CASE(test_sriovd_config_faults_named_by_line_and_key),
		TEST_CASE(test_sriovd_config_too_long_refused),
		TEST_CASE(test_sriovd_config_all_faults_listed),
		TEST_CASE(test_sriovd_config_token_value_not_repeated),
		TEST_CASE(test_sriovd_config_unreachable_grant_warned),
		TEST_CASE(test_sriovd_config_file_read_or_named),
		TEST_CASE(test_sriovd_config_diff_names_what_changed_only),
		TEST_CASE(test_sriovd_grant_root_not_implicit),
		TEST_CASE(test_sriovd_grant_each_kind_matches_its_peer_only),
		TEST_CASE(test_sriovd_grant_lasting_before_once),
		TEST_CASE(test_sriovd_policy_json_round_trip),
		TEST_CASE(test_sriovd_policy_json_malformed_refused),
		TEST_CASES_END()
	},
};

static int
test_sriovd_config(void)
{
	return unit_test_suite_runner(&sriovd_config_suite);
}

REGISTER_FAST_TEST(sriovd_config_autotest, true, true, test_sriovd_config);
