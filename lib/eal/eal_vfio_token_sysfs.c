/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "eal_vfio_token_private.h"

/* More names would not help the reader. */
#define NAMES_MAX 4

struct vfio_token_paths vfio_token_paths = {
	.pci_devices = "/sys/bus/pci/devices",
	.module = "/sys/module",
	.iommu_groups = "/sys/kernel/iommu_groups",
	.proc = "/proc",
	.dev_vfio = "/dev/vfio",
};

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_paths_get)
const struct vfio_token_paths *
vfio_token_paths_get(void)
{
	return &vfio_token_paths;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_link_base_read)
int
vfio_token_link_base_read(int dir, const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	const char *base;
	ssize_t len = readlinkat(dir, path, target, sizeof(target) - 1);

	name[0] = '\0';
	if (len < 0)
		return -errno;
	target[len] = '\0';
	base = strrchr(target, '/');
	rte_strscpy(name, base != NULL ? base + 1 : target, size);

	return 0;
}

static bool
attribute_exists(const char *sysfs_base, const char *name, const char *attribute)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/%s", sysfs_base, name, attribute);
	return access(path, F_OK) == 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_driver_is_vfio)
bool
vfio_token_driver_is_vfio(const char *sysfs_base, const char *name, const char *driver)
{
	if (driver[0] == '\0')
		return false;
	/*
	 * vfio-pci and the variant drivers, by their names or, since Linux 6.1, by the directory
	 * that VFIO makes below a device it has registered.
	 */
	return strstr(driver, "vfio") != NULL || attribute_exists(sysfs_base, name, "vfio-dev");
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_module_loaded)
bool
vfio_token_module_loaded(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", vfio_token_paths.module, name);
	return access(path, F_OK) == 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_module_param)
char
vfio_token_module_param(const char *module, const char *param)
{
	char path[PATH_MAX];
	char value = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/parameters/%s", vfio_token_paths.module, module, param);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, &value, 1) != 1)
		value = 0;
	close(fd);

	return value;
}

/*
 * Linux 5.7 brought tokens and the parameter enable_sriov in one series, which distributions took
 * as a whole; 5.15 split the core module off.
 */
static bool
kernel_has_tokens(void)
{
	return vfio_token_module_param("vfio_pci", "enable_sriov") != 0 ||
			vfio_token_module_loaded("vfio_pci_core") ||
			!vfio_token_module_loaded("vfio_pci");
}

static void
role_decide(const char *sysfs_base, struct vfio_token_function *fn, bool is_vf)
{
	fn->role = RTE_VFIO_VF_TOKEN_ROLE_NONE;
	if (!fn->has_pf)
		fn->reason = VFIO_TOKEN_NONE_NO_SRIOV;
	else if (!kernel_has_tokens())
		fn->reason = VFIO_TOKEN_NONE_KERNEL;
	else if (!is_vf)
		fn->role = RTE_VFIO_VF_TOKEN_ROLE_PF;
	else if (vfio_token_driver_is_vfio(sysfs_base, fn->pf_name, fn->pf_driver))
		fn->role = RTE_VFIO_VF_TOKEN_ROLE_VF;
	else
		fn->reason = VFIO_TOKEN_NONE_PF_NOT_VFIO;
}

int
vfio_token_pf_of(const char *sysfs_base, const char *name,
		char pf_name[RTE_VFIO_VF_TOKEN_BDF_SIZE], struct vfio_token_bdf *pf)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/physfn", sysfs_base, name);
	if (vfio_token_link_base_read(AT_FDCWD, path, pf_name, RTE_VFIO_VF_TOKEN_BDF_SIZE) != 0 ||
			vfio_token_bdf_parse(pf_name, strlen(pf_name), pf) != 0)
		return -ENODEV;

	return 0;
}

void
vfio_token_driver_of(const char *sysfs_base, const char *name, char *driver, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s/driver", sysfs_base, name);
	vfio_token_link_base_read(AT_FDCWD, path, driver, size);
}

int
vfio_token_function_read(const char *sysfs_base, const struct vfio_token_bdf *bdf,
		struct vfio_token_function *fn)
{
	char path[PATH_MAX];
	bool is_vf;

	memset(fn, 0, sizeof(*fn));
	fn->bdf = *bdf;
	vfio_token_bdf_format(bdf, fn->name);
	snprintf(path, sizeof(path), "%s/%s", sysfs_base, fn->name);
	if (access(path, F_OK) != 0)
		return errno == ENOENT ? -ENODEV : -errno;

	vfio_token_driver_of(sysfs_base, fn->name, fn->driver, sizeof(fn->driver));
	is_vf = vfio_token_pf_of(sysfs_base, fn->name, fn->pf_name, &fn->pf) == 0;
	if (is_vf) {
		fn->has_pf = true;
		vfio_token_driver_of(sysfs_base, fn->pf_name, fn->pf_driver, sizeof(fn->pf_driver));
	} else if (attribute_exists(sysfs_base, fn->name, "sriov_totalvfs")) {
		fn->has_pf = true;
		fn->pf = fn->bdf;
		rte_strscpy(fn->pf_name, fn->name, sizeof(fn->pf_name));
		rte_strscpy(fn->pf_driver, fn->driver, sizeof(fn->pf_driver));
	}
	role_decide(sysfs_base, fn, is_vf);

	return 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_group_of)
int
vfio_token_group_of(const char *sysfs_base, const char *name)
{
	char path[PATH_MAX], group[32];

	snprintf(path, sizeof(path), "%s/%s/iommu_group", sysfs_base, name);
	if (vfio_token_link_base_read(AT_FDCWD, path, group, sizeof(group)) != 0 ||
			!isdigit((unsigned char)group[0]))
		return -ENOENT;
	return atoi(group);
}

/* Append "name (what)" to a list; false once the list is long enough. */
static bool
names_append(char *text, size_t size, unsigned int *count, const char *name, const char *what)
{
	size_t len = strlen(text);

	if (*count == NAMES_MAX) {
		snprintf(text + len, size - len, " and more");
		return false;
	}
	snprintf(text + len, size - len, "%s%s (%s)", *count > 0 ? ", " : "", name, what);
	(*count)++;

	return true;
}

/* Drivers that leave a group viable, as Linux's vfio_dev_viable() and the IOMMU core have it. */
static bool
driver_is_harmless(const char *driver)
{
	return driver[0] == '\0' || strstr(driver, "vfio") != NULL ||
			strcmp(driver, "pci-stub") == 0 || strcmp(driver, "pcieport") == 0;
}

void
vfio_token_group_offenders(int group, char *text, size_t size)
{
	char path[PATH_MAX], link[NAME_MAX + sizeof("/driver")], driver[32];
	const struct dirent *entry;
	unsigned int count = 0;
	DIR *dir;

	text[0] = '\0';
	snprintf(path, sizeof(path), "%s/%d/devices", vfio_token_paths.iommu_groups, group);
	dir = opendir(path);
	if (dir == NULL)
		return;
	while ((entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(link, sizeof(link), "%s/driver", entry->d_name);
		vfio_token_link_base_read(dirfd(dir), link, driver, sizeof(driver));
		if (!driver_is_harmless(driver) &&
				!names_append(text, size, &count, entry->d_name, driver))
			break;
	}
	closedir(dir);
}

/*
 * The path of a node that a descriptor was opened by, as we have it, or false for another file.
 * What was opened in a mount namespace that is gone, as that of a service which systemd has started
 * anew, is shown from its file system's own root: "/vfio/12".
 */
static bool
node_of(const char *target, char *node, size_t size)
{
	const char *dev = vfio_token_paths.dev_vfio;
	const char *base = strrchr(dev, '/');
	size_t len = strlen(dev);

	if (strncmp(target, dev, len) == 0 && target[len] == '/')
		return rte_strscpy(node, target, size) > 0;
	len = base != NULL ? strlen(base) : 0;
	if (len == 0 || strncmp(target, base, len) != 0 || target[len] != '/')
		return false;
	return (size_t)snprintf(node, size, "%s%s", dev, &target[len]) < size;
}

/*
 * Visit the nodes of one process. Negative when /proc does not show them; @p go_on is cleared on
 * request.
 */
static int
process_scan(const char *pid, bool (*visit)(const char *pid, const char *node, void *ctx),
		void *ctx, bool *go_on)
{
	char path[PATH_MAX], target[PATH_MAX], node[PATH_MAX];
	const struct dirent *entry;
	int ret = 0;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "%s/%s/fd", vfio_token_paths.proc, pid);
	dir = opendir(path);
	if (dir == NULL)
		return errno == EACCES || errno == EPERM ? -EACCES : 0;
	while (*go_on && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.')
			continue;
		len = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (len < 0) {
			/* Another's descriptors may be listed and yet not be read. */
			if (errno == EACCES || errno == EPERM)
				ret = -EACCES;
			continue;
		}
		target[len] = '\0';
		if (node_of(target, node, sizeof(node)))
			*go_on = visit(pid, node, ctx);
	}
	closedir(dir);

	return ret;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_nodes_scan)
int
vfio_token_nodes_scan(bool (*visit)(const char *pid, const char *node, void *ctx), void *ctx,
		unsigned int *hidden)
{
	const struct dirent *entry;
	bool go_on = true;
	DIR *dir;

	*hidden = 0;
	dir = opendir(vfio_token_paths.proc);
	if (dir == NULL)
		return -errno;
	while (go_on && (entry = readdir(dir)) != NULL)
		if (isdigit((unsigned char)entry->d_name[0]) &&
				process_scan(entry->d_name, visit, ctx, &go_on) < 0)
			(*hidden)++;
	closedir(dir);

	return 0;
}

RTE_EXPORT_INTERNAL_SYMBOL(vfio_token_process_name)
void
vfio_token_process_name(const char *pid, char *name, size_t size)
{
	char path[PATH_MAX];
	ssize_t len = 0;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/comm", vfio_token_paths.proc, pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		len = read(fd, name, size - 1);
		close(fd);
	}
	name[len > 0 ? len : 0] = '\0';
	name[strcspn(name, "\n")] = '\0';
}

/* The names of those that have one of two nodes open, as they are found. */
struct holder_names {
	const char *node;
	const char *other;
	char *text;
	size_t size;
	unsigned int count;
	char last_pid[16]; /* that was named: it may have the node open twice */
};

static bool
holder_name(const char *pid, const char *node, void *ctx)
{
	struct holder_names *names = ctx;
	char name[32], what[32];

	if ((strcmp(node, names->node) != 0 && strcmp(node, names->other) != 0) ||
			strcmp(pid, names->last_pid) == 0)
		return true;
	rte_strscpy(names->last_pid, pid, sizeof(names->last_pid));
	snprintf(what, sizeof(what), "pid %.16s", pid);
	vfio_token_process_name(pid, name, sizeof(name));

	return names_append(names->text, names->size, &names->count, what, name);
}

/*
 * Name the processes that have one of two nodes open. Their number; or, if there is none, -EACCES
 * where /proc may hide one.
 */
static int
nodes_holders(const char *node, const char *other, char *text, size_t size)
{
	struct holder_names names = { .node = node, .other = other, .text = text, .size = size };
	unsigned int hidden;
	int ret;

	text[0] = '\0';
	ret = vfio_token_nodes_scan(holder_name, &names, &hidden);
	if (names.count > 0)
		return names.count;
	if (ret == 0 && hidden == 0) {
		snprintf(text, size, "no process that /proc shows (one that is ending, or of "
				"another PID namespace)");
		return 0;
	}
	snprintf(text, size, "a process that /proc hides from uid %u (the descriptors of %u cannot "
			"be read)", geteuid(), hidden);

	return -EACCES;
}

void
vfio_token_group_holders(int group, char *text, size_t size)
{
	char node[PATH_MAX], noiommu_node[PATH_MAX];

	snprintf(node, sizeof(node), "%s/%d", vfio_token_paths.dev_vfio, group);
	snprintf(noiommu_node, sizeof(noiommu_node), "%s/noiommu-%d", vfio_token_paths.dev_vfio,
			group);
	nodes_holders(node, noiommu_node, text, size);
}

bool
vfio_token_cdev_holders(const char *sysfs_base, const char *name, char *text, size_t size)
{
	char path[PATH_MAX], node[PATH_MAX], dev[NAME_MAX + sizeof("/dev")];
	const struct dirent *entry;
	bool held = false;
	DIR *dir;

	text[0] = '\0';
	snprintf(path, sizeof(path), "%s/%s/vfio-dev", sysfs_base, name);
	dir = opendir(path);
	while (dir != NULL && !held && (entry = readdir(dir)) != NULL) {
		/* Without cdevs in the kernel, the directory has no device number. */
		snprintf(dev, sizeof(dev), "%s/dev", entry->d_name);
		if (entry->d_name[0] == '.' || faccessat(dirfd(dir), dev, F_OK, 0) != 0)
			continue;
		snprintf(node, sizeof(node), "%s/devices/%s", vfio_token_paths.dev_vfio,
				entry->d_name);
		held = nodes_holders(node, node, text, size) != 0;
	}
	if (dir != NULL)
		closedir(dir);

	return held;
}
