/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <rte_errno.h>
#include <rte_string_fns.h>

#include "sriov_preflight.h"

/* Less than this, and not even a small DPDK program can map its memory for VFIO. */
#define MEMLOCK_MIN_BYTES (64ULL << 20)

/* CAP_IPC_LOCK of linux/capability.h: no limit holds. */
#define IPC_LOCK_BIT 14

#define KERNEL_VERSION_NUMBER(major, minor) ((major) * 1000 + (minor))

void
sriov_find(struct sriov_findings *findings, const char *id, enum rte_sriov_level level,
		const char *subject, const char *remedy, const char *fmt, ...)
{
	struct rte_sriov_finding *finding, *larger;
	va_list ap;

	if (findings->count == findings->room) {
		findings->room = findings->room == 0 ? 32 : findings->room * 2;
		larger = realloc(findings->list, findings->room * sizeof(*larger));
		if (larger == NULL) {
			findings->no_memory = true;
			findings->room = findings->count;
			return;
		}
		findings->list = larger;
	}
	finding = &findings->list[findings->count++];
	memset(finding, 0, sizeof(*finding));
	rte_strscpy(finding->id, id, sizeof(finding->id));
	finding->level = level;
	rte_strscpy(finding->subject, subject, sizeof(finding->subject));
	rte_strscpy(finding->remedy, remedy != NULL ? remedy : "", sizeof(finding->remedy));
	va_start(ap, fmt);
	vsnprintf(finding->text, sizeof(finding->text), fmt, ap);
	va_end(ap);
}

/* A file of /proc, or of a module, as text. Its length, 0 where it cannot be read. */
static size_t
text_read(const char *base, const char *name, char *text, size_t size)
{
	char path[PATH_MAX];
	ssize_t len = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s", base, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, text, size - 1);
		close(fd);
	}
	text[len > 0 ? len : 0] = '\0';

	return len > 0 ? len : 0;
}

/* As major * 1000 + minor; 0 where it is not known. */
static unsigned int
kernel_version(char *text, size_t size)
{
	unsigned int major, minor;

	text_read(SRIOV_PATHS->proc, "sys/kernel/osrelease", text, size);
	text[strcspn(text, "\n")] = '\0';
	if (sscanf(text, "%u.%u", &major, &minor) != 2)
		return 0;

	return KERNEL_VERSION_NUMBER(major, minor);
}

/* ---- the IOMMU and the modules ---- */

static void
iommu_look(struct sriov_findings *findings)
{
	char (*groups)[RTE_SRIOV_BDF_SIZE];
	int count = sriov_names_list(SRIOV_PATHS->iommu_groups, NULL, &groups);

	free(groups);
	if (count > 0 && vfio_token_module_param("vfio", "enable_unsafe_noiommu_mode") == 'Y')
		sriov_find(findings, "iommu", RTE_SRIOV_LEVEL_WARN, "host", "echo N > "
				"/sys/module/vfio/parameters/enable_unsafe_noiommu_mode",
				"there are %d IOMMU groups, but VFIO's noiommu mode is allowed: a "
				"device in it reaches all memory", count);
	else if (count > 0)
		sriov_find(findings, "iommu", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"the IOMMU is on: %d groups", count);
	else
		sriov_find(findings, "iommu", RTE_SRIOV_LEVEL_FAIL, "host", "turn VT-d or AMD-Vi "
				"on in the firmware, and boot with intel_iommu=on or amd_iommu=on",
				"there are no IOMMU groups: the IOMMU is off");
}

static void
vfio_look(struct sriov_findings *findings)
{
	const char *load = "modprobe vfio-pci enable_sriov=1 disable_idle_d3=1";
	char sriov = vfio_token_module_param("vfio_pci", "enable_sriov");

	if (!vfio_token_module_loaded("vfio_pci")) {
		sriov_find(findings, "vfio", RTE_SRIOV_LEVEL_FAIL, "host", load,
				"vfio-pci is not loaded");
		return;
	}
	if (!vfio_token_module_loaded("vfio_iommu_type1") && !vfio_token_module_loaded("iommufd"))
		sriov_find(findings, "vfio", RTE_SRIOV_LEVEL_FAIL, "host", "modprobe "
				"vfio_iommu_type1", "vfio-pci is loaded, but VFIO has no IOMMU "
				"backend");
	else
		sriov_find(findings, "vfio", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"vfio-pci and an IOMMU backend are loaded");
	if (sriov == 0)
		sriov_find(findings, "enable_sriov", RTE_SRIOV_LEVEL_FAIL, "host", "use Linux 5.7 "
				"or later", "this kernel's vfio-pci makes no VFs and knows no VF "
				"tokens");
	else if (sriov == 'N')
		sriov_find(findings, "enable_sriov", RTE_SRIOV_LEVEL_FAIL, "host", "echo Y > "
				"/sys/module/vfio_pci/parameters/enable_sriov, and for later boots "
				"options vfio-pci enable_sriov=1 in /etc/modprobe.d",
				"vfio-pci makes no VFs: enable_sriov is off");
	else
		sriov_find(findings, "enable_sriov", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"vfio-pci makes VFs: enable_sriov is on");
	if (vfio_token_module_param("vfio_pci", "disable_idle_d3") == 'N')
		sriov_find(findings, "disable_idle_d3", RTE_SRIOV_LEVEL_WARN, "host", "options "
				"vfio-pci disable_idle_d3=1 in /etc/modprobe.d, and load vfio-pci "
				"anew", "vfio-pci suspends unused devices: a VF that suspends "
				"while its PF is reset may not wake up");
	else if (sriov != 0)
		sriov_find(findings, "disable_idle_d3", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"vfio-pci does not suspend unused devices");
}

/* ---- what the kernel can do ---- */

/* kmod/vfio-pci tells a version of its own. */
static bool
kmod_loaded(char *version, size_t size)
{
	text_read(SRIOV_PATHS->module, "vfio_pci/version", version, size);
	version[strcspn(version, "\n")] = '\0';

	return version[0] != '\0';
}

static void
kmod_look(struct sriov_findings *findings)
{
	char version[32];

	if (!vfio_token_module_loaded("vfio_pci"))
		return;
	if (kmod_loaded(version, sizeof(version)))
		sriov_find(findings, "kmod", RTE_SRIOV_LEVEL_OK, "kernel", NULL, "vfio-pci is that "
				"of kmod/vfio-pci, %s: each VF can have a token of its own; "
				"numvfs_by_fd is %s", version,
				vfio_token_module_param("vfio_pci", "numvfs_by_fd") == 'Y' ? "on" :
				"off");
	else
		sriov_find(findings, "kmod", RTE_SRIOV_LEVEL_WARN, "kernel", "install "
				"kmod/vfio-pci if tenants do not trust each other",
				"vfio-pci is the kernel's own: all VFs of a PF have one token, and "
				"only the owner of a VF's node keeps other tenants from it");
}

static void
cdev_look(struct sriov_findings *findings)
{
	char release[64], version[32], path[PATH_MAX];
	unsigned int kernel = kernel_version(release, sizeof(release));

	snprintf(path, sizeof(path), "%s/devices", SRIOV_PATHS->dev_vfio);
	if (access(path, F_OK) != 0)
		sriov_find(findings, "cdev", RTE_SRIOV_LEVEL_OK, "kernel", NULL,
				"Linux %s has no VFIO devices beside groups (cdev)", release);
	else if (kernel >= KERNEL_VERSION_NUMBER(6, 17))
		sriov_find(findings, "cdev", RTE_SRIOV_LEVEL_OK, "kernel", NULL,
				"Linux %s asks for the VF token at the open of %s/*, too", release,
				path);
	else if (kmod_loaded(version, sizeof(version)))
		sriov_find(findings, "cdev", RTE_SRIOV_LEVEL_OK, "kernel", NULL,
				"Linux %s asks for no VF token at the open of %s/*; kmod/vfio-pci "
				"refuses VFs there", release, path);
	else
		sriov_find(findings, "cdev", RTE_SRIOV_LEVEL_WARN, "kernel", "give none of these "
				"nodes away, use Linux 6.17 or later, or install kmod/vfio-pci",
				"Linux %s asks for no VF token at the open of %s/*: whoever may open "
				"a node opens the VF", release, path);
}

/* ---- the process's limits, and memory ---- */

static bool
capable_of_ipc_lock(void)
{
	char text[4096], *line;

	text_read(SRIOV_PATHS->proc, "self/status", text, sizeof(text));
	line = strstr(text, "\nCapEff:");

	return line != NULL && (strtoull(line + sizeof("\nCapEff:"), NULL, 16) &
			(1ULL << IPC_LOCK_BIT)) != 0;
}

static void
memlock_look(struct sriov_findings *findings)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return;
	if (limit.rlim_cur == RLIM_INFINITY || capable_of_ipc_lock())
		sriov_find(findings, "memlock", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"this user may lock any amount of memory for devices");
	else if (limit.rlim_cur >= MEMLOCK_MIN_BYTES)
		sriov_find(findings, "memlock", RTE_SRIOV_LEVEL_OK, "host", NULL, "this user may "
				"lock %llu MiB of memory for devices",
				(unsigned long long)limit.rlim_cur >> 20);
	else
		sriov_find(findings, "memlock", RTE_SRIOV_LEVEL_WARN, "host",
				"raise it: memlock in "
				"/etc/security/limits.d, LimitMEMLOCK= of a systemd unit, ulimit -l",
				"this user may lock %llu KiB of memory, and a program that uses "
				"VFIO needs all of its memory locked",
				(unsigned long long)limit.rlim_cur >> 10);
}

static unsigned long
meminfo_get(const char *text, const char *name)
{
	const char *line = strstr(text, name);

	return line != NULL ? strtoul(line + strlen(name), NULL, 10) : 0;
}

static void
hugepages_look(struct sriov_findings *findings)
{
	unsigned long total, unused, size_kib;
	char text[4096];

	text_read(SRIOV_PATHS->proc, "meminfo", text, sizeof(text));
	total = meminfo_get(text, "\nHugePages_Total:");
	unused = meminfo_get(text, "\nHugePages_Free:");
	size_kib = meminfo_get(text, "\nHugepagesize:");
	if (unused > 0)
		sriov_find(findings, "hugepages", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"%lu of %lu hugepages of %lu KiB are unused", unused, total,
				size_kib);
	else
		sriov_find(findings, "hugepages", RTE_SRIOV_LEVEL_WARN, "host", "dpdk-hugepages.py "
				"--setup 1G", "%s hugepages of %lu KiB: DPDK programs need "
				"--no-huge, "
				"and are slower", total == 0 ? "there are no" : "no unused",
				size_kib);
}

static void
proc_look(struct sriov_findings *findings)
{
	unsigned int hidden = rte_sriov_holders_hidden(findings->holders);

	if (hidden == 0)
		sriov_find(findings, "proc", RTE_SRIOV_LEVEL_OK, "host", NULL,
				"all processes' descriptors can be seen");
	else
		sriov_find(findings, "proc", RTE_SRIOV_LEVEL_WARN, "host", "run as root",
				"the descriptors of %u processes cannot be seen: who holds a device "
				"may not be known", hidden);
}

void
sriov_preflight_host(struct sriov_findings *findings)
{
	iommu_look(findings);
	vfio_look(findings);
	kmod_look(findings);
	cdev_look(findings);
	memlock_look(findings);
	hugepages_look(findings);
	proc_look(findings);
}

static int
pfs_look(struct sriov_findings *findings, struct rte_sriov_error *error)
{
	struct rte_sriov_function *pfs = NULL;
	int count, i;

	count = rte_sriov_pf_list(NULL, 0, error);
	if (count > 0) {
		pfs = calloc(count, sizeof(*pfs));
		if (pfs == NULL)
			return sriov_fail(error, -ENOMEM, NULL, NULL, "no memory");
		count = RTE_MIN(rte_sriov_pf_list(pfs, count, error), count);
	}
	if (count == 0)
		sriov_find(findings, "pf", RTE_SRIOV_LEVEL_FAIL, "host", "turn SR-IOV on in the "
				"firmware, or install a device that has it",
				"there is no PCI function with SR-IOV");
	for (i = 0; i < count; i++)
		sriov_preflight_pf(findings, &pfs[i]);
	free(pfs);

	return RTE_MIN(count, 0);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_preflight, 26.11)
struct rte_sriov_finding *
rte_sriov_preflight(const char *pf, unsigned int *count, struct rte_sriov_error *error)
{
	struct sriov_findings findings = { .list = NULL };
	struct rte_sriov_holders *holders = NULL;
	struct rte_sriov_function fn;
	int ret;

	*count = 0;
	ret = pf != NULL ? rte_sriov_function_get(pf, &fn, error) : 0;
	if (ret == 0 && pf != NULL && fn.type != RTE_SRIOV_TYPE_PF)
		ret = sriov_fail(error, -ENODEV, fn.bdf, "give the address of a PF", "it is no PF");
	if (ret == 0) {
		holders = rte_sriov_holders_scan(error);
		findings.holders = holders;
		ret = holders != NULL ? 0 : -rte_errno;
	}
	if (ret == 0) {
		sriov_preflight_host(&findings);
		if (pf != NULL)
			sriov_preflight_pf(&findings, &fn);
		else
			ret = pfs_look(&findings, error);
	}
	rte_sriov_holders_free(holders);
	if (ret == 0 && findings.no_memory)
		ret = sriov_fail(error, -ENOMEM, NULL, NULL, "no memory");
	if (ret != 0) {
		free(findings.list);
		rte_errno = -ret;
		return NULL;
	}
	*count = findings.count;

	return findings.list;
}
