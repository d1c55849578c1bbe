/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "test_sriov.h"

struct sriov_test_kernel sriov_test_kernel;

/* As many writes can be waiting for a holder. */
#define PENDING_MAX 8
static struct {
	bool used;
	char bdf[RTE_SRIOV_BDF_SIZE];
	int group;
} pending[PENDING_MAX];

/* Groups that are open. */
static bool held[64];

static struct sriov_kernel saved_kernel;
static int (*features_feature)(int dev_fd, struct vfio_device_feature *feature);

/* ---- the tree ---- */

static int
remove_visit(const char *path, const struct stat *st __rte_unused, int type __rte_unused,
		struct FTW *ftw __rte_unused)
{
	return remove(path);
}

static void
tree_remove(const char *path)
{
	nftw(path, remove_visit, 8, FTW_DEPTH | FTW_PHYS);
}

int
sriov_test_attr(const char *bdf, const char *attr, const char *text)
{
	char name[256];

	snprintf(name, sizeof(name), "pci/%s/%s", bdf, attr);
	return token_test_text(name, text);
}

const char *
sriov_test_attr_get(const char *bdf, const char *attr)
{
	static char text[SRIOV_ATTR_SIZE];
	int dir = sriov_dir_open(bdf);

	if (dir < 0)
		return "";
	sriov_attr_read(dir, attr, text, sizeof(text));
	close(dir);

	return text;
}

const char *
sriov_test_driver(const char *bdf)
{
	static char driver[RTE_SRIOV_DRIVER_SIZE];

	vfio_token_link_base_read(AT_FDCWD, token_test_path("pci/%s/driver", bdf), driver,
			sizeof(driver));
	return driver;
}

static int
node_make(int group)
{
	char name[64];

	snprintf(name, sizeof(name), "vfio/%d", group);
	return token_test_file(name, 0600, "", 0);
}

int
sriov_test_bind(const char *bdf, const char *driver)
{
	const char *before = sriov_test_driver(bdf);
	int group = vfio_token_group_of(vfio_token_paths.pci_devices, bdf);
	char name[256], target[256];

	if (strcmp(before, "vfio-pci") == 0)
		unlink(token_test_path("vfio/%d", group));
	unlink(token_test_path("pci/%s/driver", bdf));
	if (driver == NULL)
		return 0;
	snprintf(name, sizeof(name), "pci/%s/driver", bdf);
	snprintf(target, sizeof(target), "../../drivers/%s", driver);
	if (token_test_link(name, target) != 0)
		return -1;

	return strcmp(driver, "vfio-pci") == 0 ? node_make(group) : 0;
}

static int
function_attrs(const char *bdf, const char *device)
{
	return sriov_test_attr(bdf, "vendor", "0x8086\n") ||
			sriov_test_attr(bdf, "device", device) ||
			sriov_test_attr(bdf, "class", "0x020000\n") ||
			sriov_test_attr(bdf, "numa_node", "-1\n") ||
			sriov_test_attr(bdf, "driver_override", "(null)\n") ||
			sriov_test_attr(bdf, "reset", "");
}

/* As the 82576 has them: each second function from 10.0 on. */
static void
vf_address(unsigned int index, char *bdf)
{
	snprintf(bdf, RTE_SRIOV_BDF_SIZE, "0000:01:%02x.%u", 0x10 + index / 4, index % 4 * 2);
}

static int
vf_make(unsigned int index)
{
	const char *driver = sriov_test_kernel.vf_driver;
	char bdf[RTE_SRIOV_BDF_SIZE], name[256], target[256];

	vf_address(index, bdf);
	snprintf(name, sizeof(name), "pci/%s/virtfn%u", PF, index);
	snprintf(target, sizeof(target), "../%s", bdf);

	return token_test_vf(bdf, NULL, VF_GROUP + index, PF) || token_test_link(name, target) ||
			function_attrs(bdf, "0x10ca\n") ||
			sriov_test_bind(bdf, driver != NULL ? driver : "vfio-pci");
}

static void
vf_remove(unsigned int index)
{
	char bdf[RTE_SRIOV_BDF_SIZE];

	vf_address(index, bdf);
	sriov_test_bind(bdf, NULL);
	unlink(token_test_path("pci/%s/virtfn%u", PF, index));
	tree_remove(token_test_path("pci/%s", bdf));
	tree_remove(token_test_path("groups/%u", VF_GROUP + index));
}

int
sriov_test_vfs(unsigned int count)
{
	char text[16];
	unsigned int i;
	int ret = 0;

	for (i = 0; i < TOTAL_VFS; i++)
		vf_remove(i);
	for (i = 0; i < count; i++)
		ret |= vf_make(i);
	snprintf(text, sizeof(text), "%u\n", count);
	pf_test_kernel.num_vfs = count;
	memset(pf_test_kernel.has_own, 0, sizeof(pf_test_kernel.has_own));

	return ret | sriov_test_attr(PF, "sriov_numvfs", text);
}

/* ---- processes ---- */

int
sriov_test_hold(int group, pid_t pid, const char *comm, uid_t uid)
{
	char name[64], text[64];
	int ret;

	held[group] = true;
	snprintf(name, sizeof(name), "proc/%d", pid);
	ret = token_test_dir(name);
	snprintf(name, sizeof(name), "proc/%d/fd", pid);
	ret |= token_test_dir(name);
	snprintf(name, sizeof(name), "proc/%d/comm", pid);
	ret |= token_test_text(name, comm);
	snprintf(text, sizeof(text), "Name:\t%s\nUid:\t0\t%u\t0\t0\n", comm, uid);
	snprintf(name, sizeof(name), "proc/%d/status", pid);
	ret |= token_test_text(name, text);
	/* Twice, as a process may have it. */
	snprintf(name, sizeof(name), "proc/%d/fd/%d", pid, group);
	ret |= token_test_link(name, token_test_path("vfio/%d", group));
	snprintf(name, sizeof(name), "proc/%d/fd/%d", pid, group + 100);

	return ret | token_test_link(name, token_test_path("vfio/%d", group));
}

void
sriov_test_release(int group, pid_t pid)
{
	held[group] = false;
	tree_remove(token_test_path("proc/%d", pid));
}

/* ---- the kernel ---- */

static int
group_node_open(const char *path)
{
	const char *base = strrchr(path, '/');
	int group = base != NULL ? atoi(base + 1) : 0, fd;

	if (access(path, F_OK) != 0)
		return -ENOENT;
	if (pf_test_kernel.node_error != 0)
		return pf_test_kernel.node_error;
	if (group > 0 && (unsigned int)group < RTE_DIM(held) && held[group])
		return -EBUSY;
	fd = open("/dev/null", O_RDWR | O_CLOEXEC);

	return fd >= 0 ? fd : -errno;
}

/* A number that is set by descriptor must show in sysfs, too. */
static int
feature_follow(int dev_fd, struct vfio_device_feature *feature)
{
	uint16_t before = pf_test_kernel.num_vfs;
	int ret = features_feature(dev_fd, feature);

	if (pf_test_kernel.num_vfs != before)
		sriov_test_vfs(pf_test_kernel.num_vfs);

	return ret;
}

static bool
ends_with(const char *text, const char *end)
{
	size_t len = strlen(text), len_end = strlen(end);

	return len >= len_end && strcmp(text + len - len_end, end) == 0;
}

static int
number_write(const char *value)
{
	unsigned int number = atoi(value), before = pf_test_kernel.num_vfs, i;

	sriov_test_kernel.nb_number_writes++;
	if (number > TOTAL_VFS)
		return -ERANGE;
	if (number != 0 && before != 0)
		return number == before ? 0 : -EBUSY;
	/* The real one would wait for ever: a case that gets here has failed. */
	for (i = 0; i < before; i++)
		if (held[VF_GROUP + i])
			return -EDEADLK;

	return sriov_test_vfs(number) == 0 ? 0 : -EIO;
}

/* What a write to an attribute does. */
static int
kernel_write(const char *path, const char *value)
{
	char device[PATH_MAX], driver[RTE_SRIOV_DRIVER_SIZE];
	const char *name;

	snprintf(device, sizeof(device), "%s", path);
	if (ends_with(path, "/bind")) {
		*strrchr(device, '/') = '\0';
		name = strrchr(device, '/') + 1;
		snprintf(driver, sizeof(driver), "%s", name);
		if (strcmp(driver, DRIVER_REFUSING) == 0)
			return -ENODEV;
		return sriov_test_bind(value, driver) == 0 ? 0 : -EIO;
	}
	if (ends_with(path, "/driver/unbind"))
		return sriov_test_bind(value, NULL) == 0 ? 0 : -EIO;
	*strrchr(device, '/') = '\0';
	name = strrchr(device, '/') + 1;
	if (ends_with(path, "/sriov_numvfs"))
		return number_write(value);
	if (ends_with(path, "/reset")) {
		sriov_test_kernel.nb_resets++;
		return 0;
	}
	if (ends_with(path, "/driver_override"))
		return sriov_test_attr(name, "driver_override", value) == 0 ? 0 : -EIO;
	printf("a write to %s, which no kernel expects\n", path);

	return -ENOENT;
}

/* The driver of an open VFIO device is not left before it is closed. */
static bool
unbind_waits(struct sriov_write *write, const char *path, const char *bdf)
{
	int group = vfio_token_group_of(vfio_token_paths.pci_devices, bdf);
	unsigned int i;

	if (!ends_with(path, "/driver/unbind") || group < 0 || !held[group])
		return false;
	for (i = 0; i < PENDING_MAX && pending[i].used; i++)
		;
	if (i == PENDING_MAX)
		return false;
	pending[i].used = true;
	pending[i].group = group;
	rte_strscpy(pending[i].bdf, bdf, sizeof(pending[i].bdf));
	write->pid = i;
	write->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	return true;
}

static int
write_start(struct sriov_write *write, const char *path, const char *value)
{
	write->fd = -1;
	write->pid = -1;
	if (sriov_test_kernel.failing != NULL && ends_with(path, sriov_test_kernel.failing)) {
		write->result = sriov_test_kernel.error;
		return 0;
	}
	if (sriov_test_kernel.blocking != NULL && ends_with(path, sriov_test_kernel.blocking)) {
		write->pid = PENDING_MAX;
		write->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		return 0;
	}
	if (!unbind_waits(write, path, value))
		write->result = kernel_write(path, value);

	return 0;
}

static int
write_wait(struct sriov_write *write, uint32_t wait_ms __rte_unused)
{
	if (write->fd < 0)
		return write->result;
	if (write->pid == PENDING_MAX || held[pending[write->pid].group])
		return -ETIMEDOUT;
	pending[write->pid].used = false;
	close(write->fd);
	write->fd = -1;
	write->result = sriov_test_bind(pending[write->pid].bdf, NULL) == 0 ? 0 : -EIO;

	return write->result;
}

/* ---- a case ---- */

static int
host_make(void)
{
	return token_test_dir("drivers") || token_test_dir("drivers/vfio-pci") ||
			token_test_dir("drivers/" DRIVER_BEFORE) ||
			token_test_dir("drivers/" DRIVER_REFUSING) ||
			function_attrs(PF, "0x10c9\n") ||
			sriov_test_attr(PF, "sriov_offset", "128\n") ||
			sriov_test_attr(PF, "sriov_stride", "2\n") ||
			sriov_test_attr(PF, "sriov_vf_device", "10ca\n") ||
			sriov_test_attr(PF, "sriov_drivers_autoprobe", "1\n") ||
			sriov_test_bind(PF, "vfio-pci") || function_attrs(PLAIN, "0x10d3\n") ||
			sriov_test_attr(PF2, "sriov_numvfs", "0\n") ||
			token_test_dir("proc/sys") || token_test_dir("proc/sys/kernel") ||
			token_test_text("proc/sys/kernel/osrelease", "6.12.107-amd64\n") ||
			sriov_test_vfs(0);
}

int
sriov_test_setup(void)
{
	int ret = vfio_pf_test_setup();

	if (ret != 0)
		return ret;
	eal_vfio_token_device_closed(PF, pf_test_fd);
	memset(&sriov_test_kernel, 0, sizeof(sriov_test_kernel));
	memset(pending, 0, sizeof(pending));
	memset(held, 0, sizeof(held));
	memset(&sriov_test_events, 0, sizeof(sriov_test_events));
	memset(&sriov_test_policy, 0, sizeof(sriov_test_policy));
	saved_kernel = sriov_kernel;
	sriov_kernel = (struct sriov_kernel){
		.write_start = write_start,
		.write_wait = write_wait,
	};
	features_feature = vfio_pf_kernel.feature;
	vfio_pf_kernel.feature = feature_follow;
	vfio_pf_kernel.node_open = group_node_open;
	pf_test_kernel.features = RTE_VFIO_PF_FEATURE_VF_OWN_TOKEN | RTE_VFIO_PF_FEATURE_KEEP;

	return host_make();
}

void
sriov_test_teardown(void)
{
	if (sriov_test_pf != NULL)
		rte_sriov_pf_close(sriov_test_pf, RTE_SRIOV_CLOSE_KEEP, NULL);
	sriov_test_pf = NULL;
	if (saved_kernel.write_start != NULL)
		sriov_kernel = saved_kernel;
	vfio_pf_test_teardown();
}

int
sriov_test_error_is(const struct rte_sriov_error *error, int ret, int expected,
		const char *device, const char *words)
{
	if (ret != expected || error->err != -expected)
		printf("returned %d (error %d), not %d: %s\n", ret, error->err, expected,
				error->text);
	else if (strcmp(error->device, device) != 0)
		printf("of device '%s', not '%s'\n", error->device, device);
	else if (strstr(error->text, words) == NULL && strstr(error->remedy, words) == NULL)
		printf("'%s' is neither in '%s' nor in '%s'\n", words, error->text, error->remedy);
	else if (token_test_shows(error->text, UUID_A) || token_test_shows(error->text, UUID_B))
		printf("it shows a token: %s\n", error->text);
	else
		return 0;

	return -1;
}

/* ---- commands ---- */

static struct unit_test_suite end_suite = {
	.suite_name = NULL,
	.unit_test_cases = { TEST_CASES_END() },
};

static struct unit_test_suite *suites[] = {
	&sriov_test_sysfs_suite,
	&sriov_test_bind_suite,
	&sriov_test_preflight_suite,
	&sriov_test_pf_suite,
	&sriov_test_tenant_suite,
	&sriov_test_policy_suite,
	&end_suite,
};

static struct unit_test_suite sriov_test_suite = {
	.suite_name = "librte_sriov",
	.unit_test_suites = suites,
	.unit_test_cases = { TEST_CASES_END() },
};

/* All of the suites, which have commands of their own as well. */
static int
test_sriov(void)
{
	return unit_test_suite_runner(&sriov_test_suite);
}

REGISTER_TEST_COMMAND(sriov_autotest, test_sriov);
