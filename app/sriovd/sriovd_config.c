/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Reading the configuration: its sections, and the file as a whole. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_cfgfile.h>
#include <rte_pci.h>
#include <rte_string_fns.h>

#include "sriovd_config_lines.h"

/* What a section is about. */
enum section_type {
	SECTION_DAEMON,
	SECTION_PF,
	SECTION_VF,
	SECTION_UNKNOWN,
};

/* The section that is being read. */
struct section {
	enum section_type type;
	struct sriovd_pf_conf *pf;
	struct sriovd_vf_conf *vf;
};

/* ---- sections ---- */

static struct sriovd_pf_conf *
pf_find(struct sriovd_config *config, const char *bdf)
{
	unsigned int i;

	for (i = 0; i < config->nb_pf; i++)
		if (strcmp(config->pf[i].bdf, bdf) == 0)
			return &config->pf[i];

	return NULL;
}

const struct sriovd_pf_conf *
sriovd_config_pf(const struct sriovd_config *config, const char *bdf)
{
	return pf_find((struct sriovd_config *)(uintptr_t)config, bdf);
}

static int
bdf_parse(const struct sriovd_place *place, const char *text, char bdf[RTE_SRIOV_BDF_SIZE])
{
	struct rte_pci_addr addr;

	if (rte_pci_addr_parse(text, &addr) != 0) {
		sriovd_fault_add(place, "\"%s\" is not the address of a PCI function, for example "
				"0000:01:00.0", text);
		return -EINVAL;
	}
	rte_pci_device_name(&addr, bdf, RTE_SRIOV_BDF_SIZE);

	return 0;
}

static struct sriovd_pf_conf *
pf_add(const struct sriovd_place *place, struct sriovd_config *config, const char *text)
{
	struct sriovd_pf_conf *pf;
	char bdf[RTE_SRIOV_BDF_SIZE];

	if (bdf_parse(place, text, bdf) != 0)
		return NULL;
	pf = pf_find(config, bdf);
	if (pf != NULL) {
		sriovd_fault_add(place, "%s has a section in line %u already", bdf, pf->line);
		return NULL;
	}
	if (config->nb_pf >= SRIOVD_CONFIG_MAX_PFS) {
		sriovd_fault_add(place, "more than %d PFs", SRIOVD_CONFIG_MAX_PFS);
		return NULL;
	}
	pf = &config->pf[config->nb_pf++];
	memset(pf, 0, sizeof(*pf));
	strlcpy(pf->bdf, bdf, sizeof(pf->bdf));
	pf->line = place->line;
	strlcpy(pf->driver, "vfio-pci", sizeof(pf->driver));
	strlcpy(pf->token, "random", sizeof(pf->token));

	return pf;
}

static int
vf_index_parse(const struct sriovd_place *place, const char *text, uint16_t *index)
{
	uint64_t number;

	*index = SRIOVD_VF_ALL;
	if (strcmp(text, "*") == 0)
		return 0;
	if (sriovd_value_number(place, text, SRIOVD_CONFIG_MAX_VFS - 1, &number) != 0)
		return -EINVAL;
	*index = number;

	return 0;
}

static struct sriovd_vf_conf *
vf_add(const struct sriovd_place *place, struct sriovd_config *config, const char *pf_text,
		const char *index_text, struct sriovd_pf_conf **in)
{
	struct sriovd_vf_conf *vf;
	char bdf[RTE_SRIOV_BDF_SIZE];
	struct sriovd_pf_conf *pf;
	uint16_t index;

	if (bdf_parse(place, pf_text, bdf) != 0 || vf_index_parse(place, index_text, &index) != 0)
		return NULL;
	pf = pf_find(config, bdf);
	if (pf == NULL) {
		sriovd_fault_add(place, "there is no [pf %s] before it", bdf);
		return NULL;
	}
	vf = sriovd_vf_section(pf, index);
	if (vf != NULL) {
		sriovd_fault_add(place, "this VF has a section in line %u already", vf->line);
		return NULL;
	}
	vf = realloc(pf->vf, (pf->nb_vf + 1) * sizeof(*vf));
	if (vf == NULL) {
		sriovd_fault_add(place, "no memory");
		return NULL;
	}
	pf->vf = vf;
	vf = &pf->vf[pf->nb_vf++];
	memset(vf, 0, sizeof(*vf));
	vf->index = index;
	vf->line = place->line;
	vf->owner.uid = -1;
	vf->owner.gid = -1;
	*in = pf;

	return vf;
}

static void
section_begin(const struct sriovd_place *place, struct sriovd_config *config, bool *daemon_seen,
		struct section *section)
{
	char name[CFG_NAME_LEN], *at = name, *word[4] = { NULL };
	unsigned int nb = 0;

	memset(section, 0, sizeof(*section));
	section->type = SECTION_UNKNOWN;
	strlcpy(name, place->section, sizeof(name));
	while (nb < RTE_DIM(word) && (word[nb] = strsep(&at, " \t")) != NULL)
		nb += word[nb][0] != '\0';
	if (nb == 1 && strcmp(word[0], "daemon") == 0) {
		section->type = SECTION_DAEMON;
		if (*daemon_seen)
			sriovd_fault_add(place, "the section is there twice");
		*daemon_seen = true;
	} else if (nb == 2 && strcmp(word[0], "pf") == 0) {
		section->pf = pf_add(place, config, word[1]);
		section->type = section->pf != NULL ? SECTION_PF : SECTION_UNKNOWN;
	} else if (nb == 3 && strcmp(word[0], "vf") == 0) {
		section->vf = vf_add(place, config, word[1], word[2], &section->pf);
		section->type = section->vf != NULL ? SECTION_VF : SECTION_UNKNOWN;
	} else {
		sriovd_fault_add(place, "no such section: there are [daemon], [pf BDF] and "
				"[vf BDF INDEX], with * for all VFs");
	}
}

static void
key_take(const struct sriovd_place *place, struct sriovd_config *config, struct section *section,
		const char *value)
{
	switch (section->type) {
	case SECTION_DAEMON:
		sriovd_daemon_key(place, value, config);
		break;
	case SECTION_PF:
		sriovd_pf_key(place, value, section->pf);
		break;
	case SECTION_VF:
		sriovd_vf_key(place, value, section->vf);
		break;
	case SECTION_UNKNOWN:
		break;
	}
}

/* ---- reading ---- */

static bool
key_is_twice(const struct rte_cfgfile_entry *entries, int i)
{
	int j;

	for (j = 0; j < i; j++)
		if (strcmp(entries[j].name, entries[i].name) == 0)
			return true;

	return false;
}

/* Read the sections in their order, which is that of the lines that were noted. */
static void
sections_read(struct rte_cfgfile *file, const struct sriovd_lines *lines,
		struct sriovd_config *config, struct sriovd_faults *faults)
{
	struct sriovd_place place = { .faults = faults };
	struct rte_cfgfile_entry *entries;
	char name[CFG_NAME_LEN];
	bool daemon_seen = false;
	struct section section;
	unsigned int line = 0;
	int nb_sections, nb, i, j;

	nb_sections = rte_cfgfile_num_sections(file, NULL, 0);
	for (i = 0; i < nb_sections && line < lines->nb; i++) {
		nb = rte_cfgfile_section_num_entries_by_index(file, name, i);
		entries = calloc(nb > 0 ? nb : 1, sizeof(*entries));
		if (entries == NULL) {
			sriovd_fault_add(&place, "no memory");
			return;
		}
		nb = rte_cfgfile_section_entries_by_index(file, i, name, entries, nb > 0 ? nb : 1);
		place.line = lines->line[line++].line;
		place.section = name;
		place.key = "";
		section_begin(&place, config, &daemon_seen, &section);
		for (j = 0; j < nb && line < lines->nb && !lines->line[line].section; j++) {
			place.line = lines->line[line++].line;
			place.key = entries[j].name;
			if (key_is_twice(entries, j))
				sriovd_fault_add(&place, "the key is there twice");
			else
				key_take(&place, config, &section, entries[j].value);
		}
		free(entries);
	}
}

/* rte_cfgfile reads files only; a change of the file meanwhile must not count. */
static struct rte_cfgfile *
cfgfile_load(const char *text, size_t size)
{
	const struct rte_cfgfile_parameters params = { .comment_character = '#' };
	struct rte_cfgfile *file = NULL;
	char path[32];
	int fd;

	fd = memfd_create("dpdk-sriovd.conf", MFD_CLOEXEC);
	if (fd < 0)
		return NULL;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	if (write(fd, text, size) == (ssize_t)size)
		file = rte_cfgfile_load_with_params(path, CFG_FLAG_EMPTY_VALUES, &params);
	close(fd);

	return file;
}

/* ---- the whole ---- */

static void
path_default(char *path, size_t size, const char *dir, const char *name,
		const struct sriovd_place *place)
{
	if (path[0] != '\0')
		return;
	if ((size_t)snprintf(path, size, "%s/%s", dir, name) >= size)
		sriovd_fault_add(place, "runtime_dir is too long for a socket in it");
}

static struct sriovd_config *
config_new(void)
{
	struct sriovd_config *config = calloc(1, sizeof(*config));

	if (config == NULL)
		return NULL;
	config->pf = calloc(SRIOVD_CONFIG_MAX_PFS, sizeof(*config->pf));
	if (config->pf == NULL) {
		free(config);
		return NULL;
	}
	strlcpy(config->runtime_dir, "/run/dpdk/sriov", sizeof(config->runtime_dir));
	strlcpy(config->state_dir, "/var/lib/dpdk-sriov", sizeof(config->state_dir));
	config->admin_gid = -1;
	config->token_gid = -1;
	config->token_mode = 0660;
	config->memory_mb = 64;

	return config;
}

struct sriovd_config *
sriovd_config_parse(const char *text, size_t size, struct sriovd_faults *faults)
{
	struct sriovd_place place = { .faults = faults, .section = "", .key = "" };
	struct sriovd_config *config = config_new();
	struct sriovd_lines lines = { 0 };
	struct rte_cfgfile *file;

	memset(faults, 0, sizeof(*faults));
	if (config == NULL || sriovd_lines_scan(text, size, &lines, faults) == -ENOMEM) {
		sriovd_fault_add(&place, "no memory");
		goto out;
	}
	if (faults->nb_errors > 0)
		goto out;
	file = cfgfile_load(text, size);
	if (file == NULL) {
		sriovd_fault_add(&place, "rte_cfgfile does not take it");
		goto out;
	}
	sections_read(file, &lines, config, faults);
	rte_cfgfile_close(file);
	path_default(config->control_socket, sizeof(config->control_socket), config->runtime_dir,
			"control.sock", &place);
	path_default(config->token_socket, sizeof(config->token_socket), config->runtime_dir,
			"token.sock", &place);
	sriovd_config_check(config, faults);

out:
	free(lines.line);
	if (faults->nb_errors > 0) {
		sriovd_config_free(config);
		return NULL;
	}

	return config;
}

static int
file_read(int fd, char **text, size_t *size)
{
	struct stat st;
	ssize_t got;
	size_t len = 0;

	if (fstat(fd, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_size > SRIOVD_CONFIG_MAX_BYTES)
		return -EFBIG;
	*text = malloc(st.st_size + 1);
	if (*text == NULL)
		return -ENOMEM;
	while (len < (size_t)st.st_size) {
		got = read(fd, *text + len, st.st_size - len);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			got = errno;
			free(*text);
			return -got;
		}
		if (got == 0)
			break;
		len += got;
	}
	*size = len;

	return 0;
}

struct sriovd_config *
sriovd_config_load(const char *path, struct sriovd_faults *faults)
{
	struct sriovd_place place = { .faults = faults, .section = "", .key = "" };
	struct sriovd_config *config = NULL;
	char *text = NULL;
	size_t size = 0;
	int fd, ret;

	memset(faults, 0, sizeof(*faults));
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ret = fd < 0 ? -errno : file_read(fd, &text, &size);
	if (fd >= 0)
		close(fd);
	if (ret != 0) {
		sriovd_fault_add(&place, "cannot be read: %s", ret == -EINVAL ?
				"not a regular file" : strerror(-ret));
		return NULL;
	}
	config = sriovd_config_parse(text, size, faults);
	free(text);

	return config;
}

void
sriovd_config_free(struct sriovd_config *config)
{
	unsigned int i, j;

	if (config == NULL)
		return;
	for (i = 0; i < config->nb_pf; i++) {
		for (j = 0; j < config->pf[i].nb_vf; j++)
			sriovd_grants_free(&config->pf[i].vf[j].grants);
		free(config->pf[i].vf);
	}
	free(config->pf);
	free(config);
}
