/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "sriov_private.h"

static bool
driver_name_valid(const char *driver)
{
	const char *c;

	if (strlen(driver) >= RTE_SRIOV_DRIVER_SIZE || driver[0] == '.')
		return false;
	for (c = driver; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("_-. ", *c) == NULL)
			return false;
	return true;
}

static int
driver_check(const char *name, const char *driver, struct rte_sriov_error *error)
{
	char attr[sizeof("drivers/") + RTE_SRIOV_DRIVER_SIZE], path[PATH_MAX];

	if (driver == NULL || !driver_name_valid(driver))
		return sriov_fail(error, -EINVAL, name, "give the name of a driver as in "
				"/sys/bus/pci/drivers", "this cannot be the name of a driver");
	if (driver[0] == '\0')
		return 0;
	snprintf(attr, sizeof(attr), "drivers/%s", driver);
	sriov_attr_path(NULL, attr, path, sizeof(path));
	if (access(path, F_OK) == 0)
		return 0;
	sriov_fail(error, -ENOENT, name, NULL, "driver %s is not loaded", driver);
	if (strcmp(driver, "vfio-pci") == 0)
		sriov_remedy(error, "modprobe vfio-pci enable_sriov=1 disable_idle_d3=1");
	else
		sriov_remedy(error, "modprobe %s", driver);

	return -ENOENT;
}

static bool
driver_is_vfio_by_name(const char *driver)
{
	return strstr(driver, "vfio") != NULL;
}

/* May the function leave its driver for another? */
static int
leave_check(const struct rte_sriov_function *fn, const char *driver,
		struct rte_sriov_error *error)
{
	int ret = fn->on_vfio ? sriov_held_check(fn, error) : 0;

	if (ret != 0)
		return ret;
	if (fn->num_vfs > 0 && (fn->on_vfio || driver_is_vfio_by_name(driver)))
		return sriov_fail(error, -EBUSY, fn->bdf, "remove its VFs first", "it has %u VFs, "
				"and a PF with VFs neither enters nor leaves vfio-pci",
				fn->num_vfs);

	return 0;
}

static int
driver_enter(const char *name, const char *driver, const char *override, uint32_t wait_ms,
		struct rte_sriov_error *error)
{
	char attr[sizeof("drivers/") + RTE_SRIOV_DRIVER_SIZE + sizeof("/bind")];
	char now[RTE_SRIOV_DRIVER_SIZE];
	char path[PATH_MAX];
	int ret;

	ret = sriov_attr_write(name, "driver_override", override, wait_ms, error);
	if (ret != 0 || driver[0] == '\0')
		return ret;
	snprintf(attr, sizeof(attr), "drivers/%s/bind", driver);
	ret = sriov_attr_write(NULL, attr, name, wait_ms, error);
	if (ret != 0 && ret != -ETIMEDOUT)
		return sriov_fail(error, -EIO, name, "see dmesg for what the driver says of it",
				"driver %s did not take it: %s", driver, strerror(-ret));
	if (ret != 0)
		return sriov_fail(error, ret, name, error != NULL ? error->remedy : NULL, "%s",
				error != NULL ? error->text : "");
	sriov_attr_path(name, "driver", path, sizeof(path));
	vfio_token_link_base_read(AT_FDCWD, path, now, sizeof(now));
	if (strcmp(now, driver) != 0)
		return sriov_fail(error, -EIO, name, "see dmesg for what the driver says of it",
				"driver %s did not take it", driver);

	return 0;
}

/* Back to where it was. The first failure is what is reported. */
static void
driver_return(const struct rte_sriov_function *fn, uint32_t wait_ms, struct rte_sriov_error *error)
{
	struct rte_sriov_error second;
	size_t len;

	if (driver_enter(fn->bdf, fn->driver, fn->driver_override[0] != '\0' ?
			fn->driver_override : "\n", wait_ms, &second) == 0 || error == NULL)
		return;
	len = strlen(error->text);
	snprintf(error->text + len, sizeof(error->text) - len, "; and it is not back on %s: %s",
			fn->driver[0] != '\0' ? fn->driver : "no driver", second.text);
}

/* To a driver that was checked. */
static int
driver_change(const struct rte_sriov_function *fn, const char *driver, uint32_t wait_ms,
		struct rte_sriov_error *error)
{
	int ret;

	if (strcmp(fn->driver, driver) == 0)
		return 0;
	ret = leave_check(fn, driver, error);
	if (ret == 0 && fn->driver[0] != '\0')
		ret = sriov_attr_write(fn->bdf, "driver/unbind", fn->bdf, wait_ms, error);
	if (ret != 0)
		return ret;
	ret = driver_enter(fn->bdf, driver, driver_is_vfio_by_name(driver) ? driver : "\n", wait_ms,
			error);
	/* While the kernel is at it, nothing else can be done with it. */
	if (ret != 0 && ret != -ETIMEDOUT)
		driver_return(fn, wait_ms, error);

	return ret;
}

int
sriov_function_bind(const struct rte_sriov_function *fn, const char *driver, uint32_t wait_ms,
		struct rte_sriov_error *error)
{
	int ret;

	if (strcmp(fn->driver, driver) == 0)
		return 0;
	ret = driver_check(fn->bdf, driver, error);

	return ret != 0 ? ret : driver_change(fn, driver, wait_ms, error);
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_sriov_function_bind, 26.11)
int
rte_sriov_function_bind(const char *bdf, const char *driver, uint32_t wait_ms,
		char previous[RTE_SRIOV_DRIVER_SIZE], struct rte_sriov_error *error)
{
	char wanted[RTE_SRIOV_DRIVER_SIZE] = "";
	struct rte_sriov_function fn;
	int ret;

	ret = rte_sriov_function_get(bdf, &fn, error);
	if (ret == 0)
		ret = driver_check(fn.bdf, driver, error);
	/* Both may be the same memory. */
	if (ret == 0)
		rte_strscpy(wanted, driver, sizeof(wanted));
	if (previous != NULL)
		rte_strscpy(previous, fn.driver, RTE_SRIOV_DRIVER_SIZE);

	return ret != 0 ? ret : driver_change(&fn, wanted, wait_ms, error);
}
