/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio_pci_vf.h>

#include <rte_bitops.h>
#include <rte_telemetry.h>

#include "eal_vfio_pf.h"

static const char *
role_name(enum rte_vfio_vf_token_role role)
{
	switch (role) {
	case RTE_VFIO_VF_TOKEN_ROLE_PF:
		return "pf";
	case RTE_VFIO_VF_TOKEN_ROLE_VF:
		return "vf";
	default:
		return "none";
	}
}

static const char *
source_name(enum rte_vfio_vf_token_source source)
{
	static const char * const names[] = {
		[RTE_VFIO_VF_TOKEN_SOURCE_NONE] = "none",
		[RTE_VFIO_VF_TOKEN_SOURCE_UUID] = "uuid",
		[RTE_VFIO_VF_TOKEN_SOURCE_FILE] = "file",
		[RTE_VFIO_VF_TOKEN_SOURCE_FD] = "fd",
		[RTE_VFIO_VF_TOKEN_SOURCE_ENV] = "env",
		[RTE_VFIO_VF_TOKEN_SOURCE_UNIX] = "unix",
		[RTE_VFIO_VF_TOKEN_SOURCE_RANDOM] = "random",
	};

	return names[source];
}

static const char *
state_name(const struct vfio_token_record *record)
{
	if (record->dev_fd >= 0)
		return record->from_primary ? "open-from-primary" : "open";
	return record->err != 0 ? "refused" : "closed";
}

/*
 * Add a text of any length as an array of lines, since telemetry cuts strings off at
 * RTE_TEL_MAX_STRING_LEN.
 */
static int
lines_add(struct rte_tel_data *dict, const char *name, const char *text)
{
	struct rte_tel_data *lines = rte_tel_data_alloc();
	char line[RTE_TEL_MAX_STRING_LEN];
	size_t len;

	if (lines == NULL)
		return -ENOMEM;
	rte_tel_data_start_array(lines, RTE_TEL_STRING_VAL);
	while (*text != '\0') {
		len = strlen(text);
		if (len >= sizeof(line)) {
			/* At the last space that fits, if there is one. */
			for (len = sizeof(line) - 1; len > 0 && text[len] != ' '; len--)
				;
			if (len == 0)
				len = sizeof(line) - 1;
		}
		memcpy(line, text, len);
		line[len] = '\0';
		rte_tel_data_add_array_string(lines, line);
		text += len;
		text += *text == ' ';
	}

	return rte_tel_data_add_dict_container(dict, name, lines, 0);
}

static int
names_list(struct rte_tel_data *list)
{
	const struct vfio_token_record *record;
	int ret = 0;

	rte_tel_data_start_array(list, RTE_TEL_STRING_VAL);
	vfio_token_records_lock();
	for (record = vfio_token_record_first(); record != NULL && ret == 0;
			record = TAILQ_NEXT(record, next))
		ret = rte_tel_data_add_array_string(list, record->name);
	vfio_token_records_unlock();

	return ret == -ENOSPC ? 0 : ret;
}

static int
features_add(struct rte_tel_data *dict, uint32_t features)
{
	static const char * const names[] = { "vf-own-token", "num-vfs", "keep" };
	struct rte_tel_data *list = rte_tel_data_alloc();
	unsigned int i;

	if (list == NULL)
		return -ENOMEM;
	rte_tel_data_start_array(list, RTE_TEL_STRING_VAL);
	/* In the order of RTE_VFIO_PF_FEATURE_*. */
	for (i = 0; i < RTE_DIM(names); i++)
		if ((features & RTE_BIT32(i)) != 0)
			rte_tel_data_add_array_string(list, names[i]);

	return rte_tel_data_add_dict_container(dict, "features", list, 0);
}

/* The VFs that have a token of their own, whoever set it. */
static int
own_tokens_add(struct rte_tel_data *dict, int pf_fd, const char *pf_name)
{
	struct rte_tel_data *list = rte_tel_data_alloc();
	char vf[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	uint16_t i, flags;

	if (list == NULL)
		return -ENOMEM;
	rte_tel_data_start_array(list, RTE_TEL_STRING_VAL);
	for (i = 0; i < UINT16_MAX && vfio_pf_vf_name(pf_name, i, vf) == 0; i++)
		if (vfio_pf_own_token_flags(pf_fd, i, &flags) == 0 &&
				(flags & VFIO_PCI_VF_OWN_TOKEN_PRESENT) != 0)
			rte_tel_data_add_array_string(list, vf);

	return rte_tel_data_add_dict_container(dict, "own_tokens", list, 0);
}

/* What concerns a PF that is open here only. */
static int
pf_describe(const char *name, struct rte_tel_data *dict)
{
	int fd = vfio_pf_fd_dup(name), ret;
	uint32_t features;

	if (fd < 0)
		return 0;
	/* Asked at a bad moment, such as an unbind: the rest is told all the same. */
	ret = vfio_pf_features_probe(fd, &features);
	if (ret != 0) {
		close(fd);
		return 0;
	}
	ret = features_add(dict, features);
	if (ret == 0 && (features & RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN) != 0)
		ret = own_tokens_add(dict, fd, name);
	close(fd);

	return ret;
}

static int
record_describe(const char *name, struct rte_tel_data *dict)
{
	const struct vfio_token_record *record;
	int ret = -ENODEV;

	rte_tel_data_start_dict(dict);
	vfio_token_records_lock();
	record = vfio_token_record_get(name, false);
	if (record != NULL) {
		rte_tel_data_add_dict_string(dict, "device", record->name);
		rte_tel_data_add_dict_string(dict, "role", role_name(record->role));
		rte_tel_data_add_dict_string(dict, "source", source_name(record->source));
		rte_tel_data_add_dict_string(dict, "entry", record->origin);
		rte_tel_data_add_dict_string(dict, "state", state_name(record));
		rte_tel_data_add_dict_int(dict, "errno", record->err);
		ret = lines_add(dict, "cause", record->cause);
	}
	vfio_token_records_unlock();

	return ret != 0 ? ret : pf_describe(name, dict);
}

/*
 * The names of the devices, or one of them in detail: DPDK 22.11 has no arrays of objects. Never a
 * token.
 */
static int
handle_vf_tokens(const char *cmd __rte_unused, const char *params, struct rte_tel_data *data)
{
	if (params == NULL || *params == '\0')
		return names_list(data);
	return record_describe(params, data);
}

RTE_INIT(vfio_token_telemetry_init)
{
	rte_telemetry_register_cmd("/eal/vfio_vf_tokens", handle_vf_tokens,
			"Returns the devices opened or refused through VFIO; "
			"with a device as parameter, its VF token's source and state");
}
