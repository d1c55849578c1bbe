/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sriov_preflight.h"

/* More names would not help the reader. */
#define NAMES_MAX 4

/* Red Hat's subsystem vendor, which QEMU's devices have. */
#define VENDOR_QEMU 0x1af4
/* Lines of sysfs's resource of a PF: its own BARs, the ROM, and then those of its VFs. */
#define RESOURCE_VF_FIRST 7
#define RESOURCE_VF_LAST 12
#define QEMU_VF_BAR_LIMIT (1ULL << 32)

#define PCI_CLASS_BRIDGE 0x06

/* A list of names, cut off where it would be too long for the reader. */
struct names {
	char text[192];
	unsigned int count;
};

static void
names_add(struct names *names, const char *name, const char *what)
{
	size_t len = strlen(names->text);

	if (names->count < NAMES_MAX)
		snprintf(names->text + len, sizeof(names->text) - len, "%s%s%s%s%s",
				names->count > 0 ? ", " : "", name, what[0] != '\0' ? " (" : "",
				what, what[0] != '\0' ? ")" : "");
	else if (names->count == NAMES_MAX)
		snprintf(names->text + len, sizeof(names->text) - len, " and more");
	names->count++;
}

static void
sriov_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	if (pf->total_vfs == 0)
		sriov_find(findings, "pf", RTE_SRIOV_LEVEL_FAIL, pf->bdf, "give it VFs in its own "
				"configuration or in the firmware", "it can have no VFs");
	else
		sriov_find(findings, "pf", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL, "it has %u VFs of %u "
				"that it can have", pf->num_vfs, pf->total_vfs);
}

/* The network interfaces of a function that are up. */
static void
interfaces_up(const char *bdf, struct names *names)
{
	char path[PATH_MAX], state[SRIOV_ATTR_SIZE], attr[NAME_MAX + sizeof("/operstate")];
	const struct dirent *entry;
	DIR *dir;

	sriov_attr_path(bdf, "net", path, sizeof(path));
	dir = opendir(path);
	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		snprintf(attr, sizeof(attr), "%s/operstate", entry->d_name);
		if (entry->d_name[0] != '.' &&
				sriov_attr_read(dirfd(dir), attr, state, sizeof(state)) == 0 &&
				strcmp(state, "up") == 0)
			names_add(names, entry->d_name, "");
	}
	if (dir != NULL)
		closedir(dir);
}

static void
driver_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	struct names up = { .count = 0 };

	if (pf->on_vfio) {
		sriov_find(findings, "driver", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL, "it is on driver "
				"%s", pf->driver);
		return;
	}
	interfaces_up(pf->bdf, &up);
	if (up.count > 0)
		sriov_find(findings, "driver", RTE_SRIOV_LEVEL_WARN, pf->bdf,
				"be sure that nothing "
				"needs that network, before it is bound to vfio-pci",
				"it is on driver %s, and its interface %s is up", pf->driver,
				up.text);
	else if (pf->num_vfs > 0)
		sriov_find(findings, "driver", RTE_SRIOV_LEVEL_WARN, pf->bdf, "remove its VFs "
				"before it is bound to vfio-pci: echo 0 > its sriov_numvfs",
				"it is on driver %s with %u VFs", pf->driver, pf->num_vfs);
	else
		sriov_find(findings, "driver", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL, "it is on %s%s, "
				"and can be bound to vfio-pci",
				pf->driver[0] != '\0' ? "driver " : "no driver", pf->driver);
}

/* The functions of a group that keep one of it from being used alone. Bridges do not. */
static void
group_others(const struct rte_sriov_function *fn, struct names *names)
{
	char (*members)[RTE_SRIOV_BDF_SIZE];
	struct rte_sriov_function other;
	int count, i;

	count = sriov_group_names(fn->group, &members);
	for (i = 0; i < count; i++)
		if (strcmp(members[i], fn->bdf) != 0 &&
				rte_sriov_function_get(members[i], &other, NULL) == 0 &&
				other.class_id >> 16 != PCI_CLASS_BRIDGE)
			names_add(names, members[i], other.driver);
	if (count >= 0)
		free(members);
}

static void
group_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	struct names others = { .count = 0 };

	if (pf->group < 0) {
		sriov_find(findings, "group", RTE_SRIOV_LEVEL_FAIL, pf->bdf, "turn the IOMMU on",
				"it is in no IOMMU group: vfio-pci does not take it");
		return;
	}
	if (pf->noiommu) {
		sriov_find(findings, "group", RTE_SRIOV_LEVEL_FAIL, pf->bdf, "turn the IOMMU on",
				"its group %d is without IOMMU: a user of it or of its VFs reaches "
				"all memory", pf->group);
		return;
	}
	sriov_find(findings, "group", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL, "it is in IOMMU group %d",
			pf->group);
	group_others(pf, &others);
	if (others.count > 0)
		sriov_find(findings, "acs", RTE_SRIOV_LEVEL_FAIL, pf->bdf,
				"put it into a slot whose "
				"port has ACS, or turn ACS on in the firmware",
				"it shares IOMMU group %d with %s: only one process can use them",
				pf->group, others.text);
	else
		sriov_find(findings, "acs", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL, "it is alone in its "
				"IOMMU group, bridges aside");
}

/* What is wrong with the VFs that there are. */
struct vfs_faults {
	struct names shared;
	struct names elsewhere;
	struct names no_reset;
	struct names held;
};

static void
vf_look(const struct rte_sriov_function *vf, const struct sriov_findings *findings,
		struct vfs_faults *faults)
{
	struct names others = { .count = 0 };
	struct rte_sriov_holder holder;
	char text[64];

	if (vf->group >= 0)
		group_others(vf, &others);
	if (others.count > 0)
		names_add(&faults->shared, vf->bdf, others.count == 1 ? others.text : "");
	if (!vf->on_vfio)
		names_add(&faults->elsewhere, vf->bdf, vf->driver[0] != '\0' ? vf->driver :
				"no driver");
	if (!vf->can_reset)
		names_add(&faults->no_reset, vf->bdf, "");
	if (rte_sriov_holders_of(findings->holders, vf, &holder, 1) > 0) {
		snprintf(text, sizeof(text), "pid %d %s", holder.pid, holder.comm);
		names_add(&faults->held, vf->bdf, text);
	}
}

static void
vfs_report(struct sriov_findings *findings, const struct rte_sriov_function *pf,
		const struct vfs_faults *faults)
{
	if (faults->shared.count > 0)
		sriov_find(findings, "acs", RTE_SRIOV_LEVEL_FAIL, pf->bdf, "turn ACS on in the "
				"firmware, or use another slot", "VFs share their IOMMU group with "
				"others, and cannot be given to different users: %s",
				faults->shared.text);
	if (faults->no_reset.count > 0)
		sriov_find(findings, "vfs", RTE_SRIOV_LEVEL_WARN, pf->bdf, "give them to users who "
				"trust each other", "VFs have no reset of their own: %s",
				faults->no_reset.text);
	if (faults->elsewhere.count > 0 && pf->on_vfio)
		sriov_find(findings, "vfs", RTE_SRIOV_LEVEL_WARN, pf->bdf, "bind them to vfio-pci",
				"VFs are not on vfio-pci: %s", faults->elsewhere.text);
	if (pf->num_vfs > 0 && faults->shared.count + faults->no_reset.count == 0)
		sriov_find(findings, "vfs", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL,
				"each VF is alone in its IOMMU group and can be reset");
	if (faults->held.count > 0)
		sriov_find(findings, "holders", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL,
				"%u of its VFs are in use: %s", faults->held.count,
				faults->held.text);
}

static void
vfs_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	struct vfs_faults faults = { .shared.count = 0 };
	char name[RTE_SRIOV_BDF_SIZE];
	struct rte_sriov_function vf;
	uint16_t i;

	for (i = 0; i < pf->num_vfs && vfio_pf_vf_name(pf->bdf, i, name) == 0; i++)
		if (rte_sriov_function_get(name, &vf, NULL) == 0)
			vf_look(&vf, findings, &faults);
	vfs_report(findings, pf, &faults);
}

static void
holders_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	struct rte_sriov_holder holder;

	if (rte_sriov_holders_of(findings->holders, pf, &holder, 1) > 0)
		sriov_find(findings, "holders", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL, "it is held by "
				"pid %d (%s) of uid %u", holder.pid, holder.comm, holder.uid);
}

static void
numa_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	if (pf->numa >= 0)
		sriov_find(findings, "numa", RTE_SRIOV_LEVEL_OK, pf->bdf, NULL,
				"it is on NUMA node "
				"%d", pf->numa);
}

/* QEMU 10.0.0 to 10.0.5 and 10.1.0 do not reach VF BARs from 4 GiB on; the guest cannot tell. */
static void
vf_bar_look(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	char text[4096], *line = text;
	unsigned long long start = 0;
	unsigned long vendor;
	int dir, fd, i;
	ssize_t len;

	dir = sriov_dir_open(pf->bdf);
	if (dir < 0)
		return;
	fd = -1;
	if (sriov_attr_number(dir, "subsystem_vendor", UINT16_MAX, &vendor) == 0 &&
			vendor == VENDOR_QEMU)
		fd = openat(dir, "resource", O_RDONLY | O_CLOEXEC);
	close(dir);
	if (fd < 0)
		return;
	len = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	for (i = 0; i <= RESOURCE_VF_LAST && line != NULL && start < QEMU_VF_BAR_LIMIT; i++) {
		if (i >= RESOURCE_VF_FIRST)
			start = strtoull(line, NULL, 16);
		line = strchr(line, '\n');
		line = line != NULL ? line + 1 : NULL;
	}
	if (start >= QEMU_VF_BAR_LIMIT)
		sriov_find(findings, "vf_bar", RTE_SRIOV_LEVEL_WARN, pf->bdf,
				"use another QEMU, or "
				"give the machine less memory, so that the BARs lie below 4 GiB",
				"it is emulated by QEMU and has VF BARs at %#llx: QEMU 10.0.0 to "
				"10.0.5 and 10.1.0 do not reach these, and the VFs' registers read "
				"as nothing", start);
}

void
sriov_preflight_pf(struct sriov_findings *findings, const struct rte_sriov_function *pf)
{
	sriov_look(findings, pf);
	driver_look(findings, pf);
	group_look(findings, pf);
	numa_look(findings, pf);
	vf_bar_look(findings, pf);
	holders_look(findings, pf);
	vfs_look(findings, pf);
}
