/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "sriov_private.h"

/* More of a kind than any machine has: a bound for what is read. */
#define NAMES_MAX 65536

int
sriov_bdf_argument(const char *bdf, char name[RTE_SRIOV_BDF_SIZE], struct rte_sriov_error *error)
{
	struct vfio_token_bdf parsed;

	RTE_BUILD_BUG_ON(RTE_SRIOV_BDF_SIZE != RTE_VFIO_VF_TOKEN_BDF_SIZE);
	if (bdf == NULL || vfio_token_bdf_parse(bdf, strlen(bdf), &parsed) != 0) {
		/* Not shown: with the arguments swapped it may be a token. */
		name[0] = '\0';
		return sriov_fail(error, -EINVAL, NULL, "write DDDD:BB:DD.F, for example "
				"0000:01:00.0", "the device is not given as a PCI address");
	}
	vfio_token_bdf_format(&parsed, name);

	return 0;
}

int
sriov_dir_open(const char *name)
{
	char path[PATH_MAX];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", SRIOV_PATHS->pci_devices, name);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

int
sriov_attr_read(int dir, const char *attr, char *text, size_t size)
{
	int fd = openat(dir, attr, O_RDONLY | O_CLOEXEC), ret = 0;
	ssize_t len;

	text[0] = '\0';
	if (fd < 0)
		return -errno;
	len = read(fd, text, size - 1);
	if (len < 0)
		ret = -errno;
	close(fd);
	text[len > 0 ? len : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';

	return ret;
}

int
sriov_attr_number(int dir, const char *attr, unsigned long max, unsigned long *value)
{
	char text[SRIOV_ATTR_SIZE], *end;
	int ret = sriov_attr_read(dir, attr, text, sizeof(text));

	*value = 0;
	if (ret != 0)
		return ret;
	errno = 0;
	*value = strtoul(text, &end, 0);
	if (end == text || *end != '\0' || errno != 0 || *value > max) {
		*value = 0;
		return -EIO;
	}

	return 0;
}

static int
names_compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

int
sriov_names_list(const char *path, bool (*filter)(const char *path, const char *name),
		char (**names)[RTE_SRIOV_BDF_SIZE])
{
	char (*list)[RTE_SRIOV_BDF_SIZE] = NULL, (*larger)[RTE_SRIOV_BDF_SIZE];
	const struct dirent *entry;
	unsigned int count = 0;
	DIR *dir = opendir(path);

	*names = NULL;
	if (dir == NULL)
		return -errno;
	while (count < NAMES_MAX && (entry = readdir(dir)) != NULL) {
		if (entry->d_name[0] == '.' || strlen(entry->d_name) >= sizeof(*list) ||
				(filter != NULL && !filter(path, entry->d_name)))
			continue;
		if ((count & (count - 1)) == 0) {
			larger = realloc(list, sizeof(*list) * (count == 0 ? 1 : count * 2));
			if (larger == NULL) {
				free(list);
				closedir(dir);
				return -ENOMEM;
			}
			list = larger;
		}
		rte_strscpy(list[count++], entry->d_name, sizeof(*list));
	}
	closedir(dir);
	if (count > 1)
		qsort(list, count, sizeof(*list), names_compare);
	*names = list;

	return count;
}

/* ---- one function ---- */

static int
pf_read(int dir, struct rte_sriov_function *fn)
{
	char text[SRIOV_ATTR_SIZE];
	unsigned long value;
	int ret;

	ret = sriov_attr_number(dir, "sriov_totalvfs", UINT16_MAX, &value);
	if (ret != 0)
		return ret;
	fn->total_vfs = value;
	ret = sriov_attr_number(dir, "sriov_numvfs", UINT16_MAX, &value);
	if (ret != 0)
		return ret;
	fn->num_vfs = value;
	/* Hexadecimal, without saying so. */
	sriov_attr_read(dir, "sriov_vf_device", text, sizeof(text));
	fn->vf_device = strtoul(text, NULL, 16);
	fn->vfs_autoprobe = sriov_attr_number(dir, "sriov_drivers_autoprobe", 1, &value) != 0 ||
			value != 0;

	return 0;
}

static void
group_read(int dir, struct rte_sriov_function *fn)
{
	char group[32];

	fn->group = -1;
	fn->noiommu = false;
	fn->node[0] = '\0';
	if (vfio_token_link_base_read(dir, "iommu_group", group, sizeof(group)) != 0 ||
			!isdigit((unsigned char)group[0]))
		return;
	fn->group = atoi(group);
	snprintf(fn->node, sizeof(fn->node), "%s/%d", SRIOV_PATHS->dev_vfio, fn->group);
	if (access(fn->node, F_OK) == 0)
		return;
	snprintf(fn->node, sizeof(fn->node), "%s/noiommu-%d", SRIOV_PATHS->dev_vfio, fn->group);
	fn->noiommu = access(fn->node, F_OK) == 0;
	if (!fn->noiommu)
		fn->node[0] = '\0';
}

static void
cdev_read(int dir, struct rte_sriov_function *fn)
{
	char dev[NAME_MAX + sizeof("/dev")], path[PATH_MAX];
	const struct dirent *entry;
	DIR *vfio_dev;
	int fd;

	fn->cdev[0] = '\0';
	/* Without cdevs in the kernel, there is nothing to look for. */
	snprintf(path, sizeof(path), "%s/devices", SRIOV_PATHS->dev_vfio);
	if (access(path, F_OK) != 0)
		return;
	fd = openat(dir, "vfio-dev", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return;
	vfio_dev = fdopendir(fd);
	if (vfio_dev == NULL) {
		close(fd);
		return;
	}
	while (fn->cdev[0] == '\0' && (entry = readdir(vfio_dev)) != NULL) {
		/* Without cdevs in the kernel, the directory has no device number. */
		snprintf(dev, sizeof(dev), "%s/dev", entry->d_name);
		if (entry->d_name[0] == '.' || faccessat(dirfd(vfio_dev), dev, F_OK, 0) != 0)
			continue;
		snprintf(fn->cdev, sizeof(fn->cdev), "%s/devices/%.32s",
				SRIOV_PATHS->dev_vfio, entry->d_name);
		if (access(fn->cdev, F_OK) != 0)
			fn->cdev[0] = '\0';
	}
	closedir(vfio_dev);
}

/* What it is. */
static void
ids_read(int dir, struct rte_sriov_function *fn)
{
	unsigned long value;

	sriov_attr_number(dir, "vendor", UINT16_MAX, &value);
	fn->vendor = value;
	sriov_attr_number(dir, "device", UINT16_MAX, &value);
	fn->device = value;
	sriov_attr_number(dir, "class", 0xffffff, &value);
	fn->class_id = value;
}

/* What else stays as it is while the function is there. */
static void
constants_read(int dir, struct rte_sriov_function *fn)
{
	unsigned long value;

	fn->can_reset = faccessat(dir, "reset", F_OK, 0) == 0;
	/* It reads -1 where there are no nodes. */
	fn->numa = sriov_attr_number(dir, "numa_node", INT_MAX, &value) == 0 ? (int)value : -1;
}

/* Its driver, and what comes and goes with that. */
static void
driver_read(int dir, bool again, struct rte_sriov_function *fn)
{
	char text[SRIOV_ATTR_SIZE], driver[RTE_SRIOV_DRIVER_SIZE];

	vfio_token_link_base_read(dir, "driver", driver, sizeof(driver));
	if (!again || strcmp(driver, fn->driver) != 0) {
		sriov_attr_read(dir, "driver_override", text, sizeof(text));
		rte_strscpy(fn->driver_override, strcmp(text, "(null)") != 0 ? text : "",
				sizeof(fn->driver_override));
	}
	rte_strscpy(fn->driver, driver, sizeof(fn->driver));
	fn->on_vfio = vfio_token_driver_is_vfio(SRIOV_PATHS->pci_devices, fn->bdf, fn->driver);
	group_read(dir, fn);
	cdev_read(dir, fn);
}

static int
function_read(int dir, struct rte_sriov_function *fn)
{
	ids_read(dir, fn);
	constants_read(dir, fn);
	driver_read(dir, false, fn);

	if (vfio_token_link_base_read(dir, "physfn", fn->pf, sizeof(fn->pf)) == 0) {
		fn->type = RTE_SRIOV_TYPE_VF;
		/* Fails if it is being removed just now. */
		vfio_pf_vf_index(fn->pf, fn->bdf, &fn->vf_index);
	} else if (faccessat(dir, "sriov_totalvfs", F_OK, 0) == 0) {
		fn->type = RTE_SRIOV_TYPE_PF;
		return pf_read(dir, fn);
	}

	return 0;
}

static int
function_open(const char *name, struct rte_sriov_error *error)
{
	int dir = sriov_dir_open(name);

	if (dir == -ENOENT)
		return sriov_fail(error, -ENODEV, name, "correct the address; a VF is there "
				"only after its PF's VFs were made", "there is no such PCI device");
	if (dir < 0)
		return sriov_fail(error, dir, name, NULL, "cannot read it in sysfs: %s",
				strerror(-dir));

	return dir;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_function_get, 26.11)
int
rte_sriov_function_get(const char *bdf, struct rte_sriov_function *function,
		struct rte_sriov_error *error)
{
	int ret, dir;

	if (function == NULL)
		return sriov_fail(error, -EINVAL, NULL, NULL, "no room for the function is given");
	memset(function, 0, sizeof(*function));
	ret = sriov_bdf_argument(bdf, function->bdf, error);
	if (ret != 0)
		return ret;
	dir = function_open(function->bdf, error);
	if (dir < 0)
		return dir;
	ret = function_read(dir, function);
	close(dir);
	if (ret != 0)
		return sriov_fail(error, ret, function->bdf, NULL,
				"cannot read its SR-IOV attributes in sysfs: %s", strerror(-ret));

	return 0;
}

int
sriov_function_of_pf(const char *pf, uint16_t index, const char *bdf,
		const struct rte_sriov_function *other, struct rte_sriov_function *fn,
		struct rte_sriov_error *error)
{
	int dir = function_open(bdf, error);

	if (dir < 0)
		return dir;
	memset(fn, 0, sizeof(*fn));
	rte_strscpy(fn->bdf, bdf, sizeof(fn->bdf));
	rte_strscpy(fn->pf, pf, sizeof(fn->pf));
	fn->type = RTE_SRIOV_TYPE_VF;
	fn->vf_index = index;
	if (other != NULL) {
		fn->vendor = other->vendor;
		fn->device = other->device;
		fn->class_id = other->class_id;
	} else {
		ids_read(dir, fn);
	}
	constants_read(dir, fn);
	driver_read(dir, false, fn);
	close(dir);

	return 0;
}

int
sriov_function_refresh(struct rte_sriov_function *fn, struct rte_sriov_error *error)
{
	int dir = function_open(fn->bdf, error);

	if (dir < 0)
		return dir;
	driver_read(dir, true, fn);
	close(dir);

	return 0;
}

/* ---- lists ---- */

static bool
name_is_pf(const char *path, const char *name)
{
	char attr[PATH_MAX];

	snprintf(attr, sizeof(attr), "%s/%s/sriov_totalvfs", path, name);
	return access(attr, F_OK) == 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_pf_list, 26.11)
int
rte_sriov_pf_list(struct rte_sriov_function *pfs, unsigned int max, struct rte_sriov_error *error)
{
	char (*names)[RTE_SRIOV_BDF_SIZE];
	int count, ret = 0, i, found = 0;
	struct rte_sriov_function pf;

	count = sriov_names_list(SRIOV_PATHS->pci_devices, name_is_pf, &names);
	if (count < 0)
		return sriov_fail(error, count, NULL, "mount sysfs", "cannot list the PCI devices "
				"in %s: %s", SRIOV_PATHS->pci_devices, strerror(-count));
	for (i = 0; i < count && ret == 0; i++) {
		ret = rte_sriov_function_get(names[i], &pf, error);
		if (ret == -ENODEV) /* gone meanwhile */
			ret = 0;
		else if (ret == 0 && (unsigned int)found++ < max)
			pfs[found - 1] = pf;
	}
	free(names);

	return ret != 0 ? ret : found;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_list, 26.11)
int
rte_sriov_vf_list(const char *pf, struct rte_sriov_function *vfs, unsigned int max,
		struct rte_sriov_error *error)
{
	char name[RTE_SRIOV_BDF_SIZE], vf[RTE_SRIOV_BDF_SIZE];
	unsigned int index;
	int ret;

	ret = sriov_bdf_argument(pf, name, error);
	if (ret != 0)
		return ret;
	if (!name_is_pf(SRIOV_PATHS->pci_devices, name))
		return sriov_fail(error, -ENODEV, name, "list the PFs",
				"it is no PF, or not there");
	for (index = 0; index < UINT16_MAX && vfio_pf_vf_name(name, index, vf) == 0; index++) {
		if (index >= max)
			continue;
		ret = sriov_function_of_pf(name, index, vf, index > 0 ? &vfs[0] : NULL, &vfs[index],
				error);
		if (ret != 0)
			return ret;
	}

	return index;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_vf_bdf, 26.11)
int
rte_sriov_vf_bdf(const char *pf, uint16_t index, char bdf[RTE_SRIOV_BDF_SIZE],
		struct rte_sriov_error *error)
{
	char name[RTE_SRIOV_BDF_SIZE];
	int ret = sriov_bdf_argument(pf, name, error);

	bdf[0] = '\0';
	if (ret != 0)
		return ret;
	if (vfio_pf_vf_name(name, index, bdf) != 0)
		return sriov_fail(error, -ENODEV, name, "make more VFs, or correct the index", "it "
				"has no VF %u", index);

	return 0;
}

int
sriov_group_names(int group, char (**names)[RTE_SRIOV_BDF_SIZE])
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%d/devices", SRIOV_PATHS->iommu_groups, group);
	return sriov_names_list(path, NULL, names);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_group_list, 26.11)
int
rte_sriov_group_list(int group, char (*bdfs)[RTE_SRIOV_BDF_SIZE], unsigned int max,
		struct rte_sriov_error *error)
{
	char (*names)[RTE_SRIOV_BDF_SIZE];
	int count = sriov_group_names(group, &names);

	if (count < 0)
		return sriov_fail(error, count, NULL, NULL, "cannot list IOMMU group %d: %s", group,
				strerror(-count));
	if (count > 0 && max > 0)
		memcpy(bdfs, names, sizeof(*names) * RTE_MIN((unsigned int)count, max));
	free(names);

	return count;
}
