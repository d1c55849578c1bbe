/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * What outlives the process: state_dir/state.json, which survives a loss of power, and the tokens
 * in runtime_dir/secrets, which is in memory and is to be gone with it.
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_common.h>
#include <rte_pci.h>
#include <rte_string_fns.h>

#include "sriovd_log.h"
#include "sriovd_manager.h"
#include "sriovd_policy.h"
#include "sriovd_request.h"

#define STATE_NAME "state.json"
#define SECRETS_NAME "secrets"
#define STATE_VERSION 1
#define FILE_MAX_BYTES (16 * 1024 * 1024)
#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

/* ---- files ---- */

static int
write_all(int fd, const char *text, size_t size)
{
	ssize_t ret;

	while (size > 0) {
		ret = write(fd, text, size);
		if (ret < 0 && errno == EINTR)
			continue;
		if (ret < 0)
			return -errno;
		text += ret;
		size -= ret;
	}

	return 0;
}

int
sriovd_file_replace(const char *dir, const char *name, const char *text, size_t size)
{
	char temp[64];
	int dir_fd, fd, ret;

	snprintf(temp, sizeof(temp), ".%s.new", name);
	dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir_fd < 0)
		return -errno;
	unlinkat(dir_fd, temp, 0);
	fd = openat(dir_fd, temp, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0) {
		ret = -errno;
		goto close_dir;
	}
	ret = write_all(fd, text, size);
	if (ret == 0 && (fchmod(fd, 0600) != 0 || fsync(fd) != 0))
		ret = -errno;
	close(fd);
	if (ret == 0 && renameat(dir_fd, temp, dir_fd, name) != 0)
		ret = -errno;
	/* The new name, too. */
	if (ret == 0 && fsync(dir_fd) != 0)
		ret = -errno;
	if (ret != 0)
		unlinkat(dir_fd, temp, 0);
close_dir:
	close(dir_fd);
	return ret;
}

/* A file of ours that others cannot write to. NULL: none, or unfit. */
static json_t *
json_read(const char *dir, const char *name)
{
	char path[SRIOVD_PATH_SIZE + 32];
	json_error_t where;
	json_t *json = NULL;
	struct stat st;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		if (errno != ENOENT)
			SRIOVD_LOG(ERR, "%s: cannot be read: %s", path, strerror(errno));
		return NULL;
	}
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX_BYTES ||
			st.st_uid != geteuid() || (st.st_mode & 077) != 0)
		SRIOVD_LOG(ERR, "%s: passed over: not a file of this user's that nobody else may "
				"read (mode 0600)", path);
	else
		json = json_loadfd(fd, JSON_REJECT_DUPLICATES, &where);
	close(fd);
	if (json != NULL && !json_is_object(json)) {
		json_decref(json);
		json = NULL;
	}

	return json;
}

static void
boot_id_get(char *text, size_t size)
{
	FILE *file = fopen(BOOT_ID_PATH, "re");

	text[0] = '\0';
	if (file == NULL)
		return;
	if (fgets(text, size, file) == NULL)
		text[0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	fclose(file);
}

/* ---- what is written ---- */

json_t *
manager_grants_to_json(const struct sriovd_grants *grants)
{
	char text[SRIOVD_GRANT_SIZE];
	json_t *list = json_array();
	unsigned int i;

	for (i = 0; i < grants->nb; i++) {
		sriovd_grant_format(&grants->grant[i], text);
		json_array_append_new(list, json_pack("{s:s, s:b}", "grant", text, "once",
				grants->grant[i].once));
	}

	return list;
}

static json_t *
owner_to_json(const struct rte_sriov_owner *owner)
{
	return json_pack("{s:I, s:I, s:i}", "uid", (json_int_t)owner->uid, "gid",
			(json_int_t)owner->gid, "mode", (int)owner->mode);
}

static void
owner_from_json(const json_t *json, struct rte_sriov_owner *owner)
{
	owner->uid = json_integer_value(json_object_get(json, "uid"));
	owner->gid = json_integer_value(json_object_get(json, "gid"));
	owner->mode = json_integer_value(json_object_get(json, "mode")) & 0660;
}

/* The configuration that changes were made on: if it is another one, it counts, not they. */
static json_t *
base_to_json(const struct manager_pf *pf, uint16_t index)
{
	const struct sriovd_pf_conf *configured = sriovd_config_pf(pf->manager->config, pf->bdf);
	struct sriovd_pf_conf none = { 0 };
	struct sriovd_vf_conf conf;
	json_t *json;

	if (sriovd_config_vf(configured != NULL ? configured : &none, index, &conf) != 0)
		return NULL;
	json = json_pack("{s:o, s:o, s:o}", "grants", manager_grants_to_json(&conf.grants),
			"owner", owner_to_json(&conf.owner), "policy",
			sriovd_policy_to_json(&conf.policy));
	sriovd_vf_conf_clear(&conf);

	return json;
}

static json_t *
vf_to_json(struct manager_pf *pf, uint16_t index)
{
	const struct manager_vf *vf = &pf->vf[index];
	json_t *json = json_object();

	json_object_set_new(json, "index", json_integer(index));
	json_object_set_new(json, "handed_out", json_boolean(vf->handed_out));
	if (vf->handed_out && vf->has_owner) {
		json_object_set_new(json, "owner", owner_to_json(&vf->owner));
		json_object_set_new(json, "owner_before", owner_to_json(&vf->before));
	}
	if (!vf->changed_grants && !vf->changed_policy)
		return json;
	json_object_set_new(json, "base", base_to_json(pf, index));
	if (vf->changed_grants) {
		json_object_set_new(json, "grants", manager_grants_to_json(&vf->want.grants));
		json_object_set_new(json, "want_owner", owner_to_json(&vf->want.owner));
	}
	if (vf->changed_policy)
		json_object_set_new(json, "policy", sriovd_policy_to_json(&vf->want.policy));

	return json;
}

static json_t *
pf_to_json(struct manager_pf *pf)
{
	json_t *json = json_object(), *vfs = json_array();
	uint16_t i;

	json_object_set_new(json, "pf", json_string(pf->bdf));
	json_object_set_new(json, "configured", json_boolean(pf->configured));
	json_object_set_new(json, "previous_driver", json_string(pf->previous_driver));
	json_object_set_new(json, "vfs", json_integer(pf->conf.vfs));
	for (i = 0; i < pf->nb_vf; i++) {
		const struct manager_vf *vf = &pf->vf[i];

		manager_vf_grants_take(pf, i);
		if (vf->handed_out || vf->changed_grants || vf->changed_policy)
			json_array_append_new(vfs, vf_to_json(pf, i));
	}
	json_object_set_new(json, "vf", vfs);

	return json;
}

static void
secret_add(json_t *secrets, const char *bdf, const rte_uuid_t token)
{
	char text[RTE_UUID_STRLEN];

	rte_uuid_unparse(token, text, sizeof(text));
	json_object_set_new(secrets, bdf, json_string(text));
	explicit_bzero(text, sizeof(text));
}

static void
secrets_add_pf(json_t *secrets, struct manager_pf *pf)
{
	rte_uuid_t token = { 0 }, of_pf = { 0 };
	uint16_t i;

	if (rte_sriov_token_get(pf->pf, RTE_SRIOV_VF_NONE, of_pf, NULL) == 0)
		secret_add(secrets, pf->bdf, of_pf);
	/* A VF's that is not the PF's is its own. */
	for (i = 0; i < pf->nb_vf; i++)
		if (pf->vf[i].bdf[0] != '\0' &&
				rte_sriov_token_get(pf->pf, i, token, NULL) == 0 &&
				rte_uuid_compare(token, of_pf) != 0)
			secret_add(secrets, pf->vf[i].bdf, token);
	explicit_bzero(token, sizeof(token));
	explicit_bzero(of_pf, sizeof(of_pf));
}

static void
json_write(const char *dir, const char *name, json_t *json)
{
	char *text = json_dumps(json, JSON_INDENT(1));
	int ret = -ENOMEM;

	if (text != NULL) {
		ret = sriovd_file_replace(dir, name, text, strlen(text));
		explicit_bzero(text, strlen(text));
		free(text);
	}
	if (ret != 0)
		SRIOVD_LOG(ERR, "%s/%s: cannot be written: %s: changes are forgotten when "
				"dpdk-sriovd ends", dir, name, strerror(-ret));
	json_decref(json);
}

void
manager_state_save(struct sriovd_manager *manager)
{
	json_t *pfs = json_array(), *secrets = json_object();
	struct manager_pf *pf;
	char boot_id[64];

	manager->dirty = false;
	boot_id_get(boot_id, sizeof(boot_id));
	TAILQ_FOREACH(pf, &manager->pfs, next) {
		json_array_append_new(pfs, pf_to_json(pf));
		if (pf->pf != NULL)
			secrets_add_pf(secrets, pf);
	}
	json_write(manager->config->runtime_dir, SECRETS_NAME, secrets);
	json_write(manager->config->state_dir, STATE_NAME, json_pack("{s:i, s:s, s:o}", "version",
			STATE_VERSION, "boot_id", boot_id, "pfs", pfs));
}

/* ---- what is read ---- */

void
manager_state_load(struct sriovd_manager *manager)
{
	json_t *state = json_read(manager->config->state_dir, STATE_NAME);
	const char *id;
	char boot_id[64];

	if (state != NULL && json_integer_value(json_object_get(state, "version")) !=
			STATE_VERSION) {
		SRIOVD_LOG(WARNING, "%s/%s: passed over: of another version",
				manager->config->state_dir, STATE_NAME);
		json_decref(state);
		state = NULL;
	}
	boot_id_get(boot_id, sizeof(boot_id));
	id = json_string_value(json_object_get(state, "boot_id"));
	manager->state = state;
	manager->same_boot = id != NULL && boot_id[0] != '\0' && strcmp(id, boot_id) == 0;
	if (manager->same_boot)
		manager->secrets = json_read(manager->config->runtime_dir, SECRETS_NAME);
}

json_t *
manager_state_pf(const struct sriovd_manager *manager, const char *bdf)
{
	json_t *item;
	const char *name;
	size_t i;

	json_array_foreach(json_object_get(manager->state, "pfs"), i, item) {
		name = json_string_value(json_object_get(item, "pf"));
		if (name != NULL && strcmp(name, bdf) == 0)
			return item;
	}

	return NULL;
}

const char *
manager_secret(const struct sriovd_manager *manager, const char *bdf)
{
	return json_string_value(json_object_get(manager->secrets, bdf));
}

static int
grants_from_json(const json_t *json, struct sriovd_grants *grants)
{
	struct sriovd_grant grant;
	const char *text, *why;
	json_t *item;
	size_t i;

	memset(grants, 0, sizeof(*grants));
	json_array_foreach(json, i, item) {
		text = json_string_value(json_object_get(item, "grant"));
		if (text == NULL || sriovd_grant_parse(text, &grant, &why) != 0)
			continue; /* the user is no more */
		grant.once = json_is_true(json_object_get(item, "once"));
		grant.runtime = true;
		if (sriovd_grants_add(grants, &grant) != 0) {
			sriovd_grants_free(grants);
			return -ENOMEM;
		}
	}

	return 0;
}

static json_t *
state_vf(struct manager_pf *pf, uint16_t index)
{
	json_t *item;
	size_t i;

	json_array_foreach(json_object_get(manager_state_pf(pf->manager, pf->bdf), "vf"), i, item)
		if (json_integer_value(json_object_get(item, "index")) == index)
			return item;

	return NULL;
}

static bool
member_equal(const json_t *a, const json_t *b, const char *name)
{
	return json_equal(json_object_get(a, name), json_object_get(b, name)) == 1;
}

static void
changes_take(struct manager_pf *pf, uint16_t index, const json_t *json)
{
	json_t *base = base_to_json(pf, index), *was = json_object_get(json, "base"), *item;
	struct manager_vf *vf = &pf->vf[index];
	struct rte_sriov_policy policy;
	struct sriovd_grants grants;
	char text[128];

	item = json_object_get(json, "grants");
	if (item != NULL && member_equal(base, was, "grants") && member_equal(base, was, "owner") &&
			grants_from_json(item, &grants) == 0) {
		sriovd_grants_free(&vf->want.grants);
		vf->want.grants = grants;
		owner_from_json(json_object_get(json, "want_owner"), &vf->want.owner);
		vf->changed_grants = true;
	}
	item = json_object_get(json, "policy");
	if (item != NULL && member_equal(base, was, "policy") &&
			sriovd_policy_from_json(item, &policy, text, sizeof(text)) == 0) {
		vf->want.policy = policy;
		vf->changed_policy = true;
	}
	json_decref(base);
}

void
manager_state_vf_take(struct manager_pf *pf, uint16_t index)
{
	struct manager_vf *vf = &pf->vf[index];
	json_t *json = state_vf(pf, index), *owner;

	if (json == NULL)
		return;
	changes_take(pf, index, json);
	/* Of another boot, its nodes are not those any more. */
	if (!pf->manager->same_boot || !json_is_true(json_object_get(json, "handed_out")))
		return;
	owner = json_object_get(json, "owner");
	vf->handed_out = true;
	vf->has_owner = owner != NULL;
	if (owner != NULL) {
		owner_from_json(owner, &vf->owner);
		owner_from_json(json_object_get(json, "owner_before"), &vf->before);
	}
}

/* ---- token files ---- */

/* A line of the file, "UUID" or "BDF UUID": is it for this PF? */
static bool
token_line_parse(char *line, const char *bdf, rte_uuid_t token)
{
	struct rte_pci_addr addr;
	char name[RTE_SRIOV_BDF_SIZE], *word[3] = { NULL };
	unsigned int nb = 0;

	line[strcspn(line, "#\n\r")] = '\0';
	while (nb < RTE_DIM(word) && (word[nb] = strsep(&line, " \t")) != NULL)
		nb += word[nb][0] != '\0';
	if (nb == 1)
		return rte_uuid_parse(word[0], token) == 0;
	if (nb != 2 || rte_pci_addr_parse(word[0], &addr) != 0)
		return false;
	rte_pci_device_name(&addr, name, sizeof(name));

	return strcmp(name, bdf) == 0 && rte_uuid_parse(word[1], token) == 0;
}

int
manager_token_read(const char *source, const char *bdf, rte_uuid_t token,
		struct rte_sriov_error *error)
{
	const char *path = source + strlen("file:");
	char line[256];
	bool found = false;
	struct stat st;
	FILE *file;
	int fd;

	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) != 0) {
		if (fd >= 0)
			close(fd);
		return sriovd_error_set(error, ENOENT, bdf, NULL, "%s: cannot be read: %s", path,
				strerror(errno));
	}
	if (!S_ISREG(st.st_mode) || (st.st_uid != 0 && st.st_uid != geteuid()) ||
			(st.st_mode & 077) != 0) {
		close(fd);
		return sriovd_error_set(error, EACCES, bdf, "chmod 600 it",
				"%s: not a file of root's that nobody else can read", path);
	}
	file = fdopen(fd, "r");
	while (file != NULL && !found && fgets(line, sizeof(line), file) != NULL)
		found = token_line_parse(line, bdf, token);
	explicit_bzero(line, sizeof(line));
	if (file != NULL)
		fclose(file);
	if (!found || rte_uuid_is_null(token))
		return sriovd_error_set(error, EINVAL, bdf, "put a UUID into it",
				"%s: no token for it there", path);

	return 0;
}
