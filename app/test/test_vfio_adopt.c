/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Adoption of open descriptors, with a kernel that is a few files: what it is asked, in order. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <linux/pci_regs.h>
#include <linux/vfio.h>

#include "eal_vfio_adopt.h"
#include "eal_vfio_pf.h"
#include "rte_vfio_adopt.h"
#include "test_vfio_token.h"

#define DRIVER "net_test_warm"
#define CONFIG_SIZE 256
#define EXPRESS 0x40

enum file { CONTAINER, GROUP1, DEVICE1, GROUP2, DEVICE2, NB_FILES };

static const char *const file_names[NB_FILES] = {
	"container", "group1", "device1", "group2", "device2",
};

/* What the kernel of a case has, and what it was asked, a letter for each change. */
static struct {
	ino_t inodes[NB_FILES];
	bool iommu_set;
	bool type1;
	bool unmap_all;
	bool group_loose;
	int reset_error;
	int unmap_error;
	char asked[64];
	rte_uuid_t token;
	unsigned int nb_tokens;
} kernel;

static int fds[NB_FILES];
static struct vfio_adopt_kernel saved_kernel;
static struct vfio_pf_kernel saved_pf_kernel;

RTE_INIT(adopt_test_driver)
{
	rte_vfio_adopt_driver_register(DRIVER);
}

static int
file_of(int fd)
{
	struct stat st;
	int i;

	if (fstat(fd, &st) != 0)
		return -1;
	for (i = 0; i < NB_FILES; i++)
		if (st.st_ino == kernel.inodes[i])
			return i;
	errno = ENOTTY;

	return -1;
}

static void
asked(const char *what)
{
	strncat(kernel.asked, what, sizeof(kernel.asked) - strlen(kernel.asked) - 1);
}

static uint16_t
command_get(enum file file)
{
	uint16_t command = 0xffff;

	if (pread(fds[file], &command, sizeof(command), PCI_COMMAND) != sizeof(command))
		return 0xffff;

	return command;
}

static int
container_ioctl(unsigned long request, void *arg)
{
	const struct vfio_iommu_type1_dma_unmap *unmap = arg;

	switch (request) {
	case VFIO_GET_API_VERSION:
		return VFIO_API_VERSION;
	case VFIO_CHECK_EXTENSION:
		if ((uintptr_t)arg == VFIO_TYPE1_IOMMU)
			return kernel.type1;
		return (uintptr_t)arg == VFIO_UNMAP_ALL && kernel.unmap_all;
	case VFIO_IOMMU_GET_INFO:
		errno = EINVAL;
		return kernel.iommu_set ? 0 : -1;
	case VFIO_IOMMU_UNMAP_DMA:
		/* No device may write while its memory goes. */
		if ((command_get(DEVICE1) & PCI_COMMAND_MASTER) != 0)
			asked("?");
		if ((unmap->flags & VFIO_DMA_UNMAP_FLAG_ALL) != 0)
			asked(unmap->iova == 0 && unmap->size == 0 ? "A" : "?");
		else
			asked(unmap->size != UINT64_C(1) << 63 ? "?" : unmap->iova == 0 ? "L" :
					unmap->iova == UINT64_C(1) << 63 ? "H" : "?");
		errno = kernel.unmap_error;
		return kernel.unmap_error != 0 ? -1 : 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

static int
device_ioctl(enum file file, unsigned long request, void *arg)
{
	struct vfio_device_info *info = arg;
	struct vfio_region_info *region = arg;
	const struct vfio_irq_set *set = arg;

	switch (request) {
	case VFIO_DEVICE_GET_INFO:
		info->flags = VFIO_DEVICE_FLAGS_PCI;
		return 0;
	case VFIO_DEVICE_GET_REGION_INFO:
		region->offset = 0;
		return region->index == VFIO_PCI_CONFIG_REGION_INDEX ? 0 : -1;
	case VFIO_DEVICE_SET_IRQS:
		/* After the bus mastering, and without vectors. */
		if ((command_get(file) & PCI_COMMAND_MASTER) != 0 || set->count != 0)
			asked("?");
		if (set->index == VFIO_PCI_MSIX_IRQ_INDEX)
			asked(file == DEVICE1 ? "i" : "j");
		errno = EINVAL;
		return set->index == VFIO_PCI_MSIX_IRQ_INDEX ? 0 : -1;
	case VFIO_DEVICE_RESET:
		asked(file == DEVICE1 ? "R" : "S");
		errno = kernel.reset_error;
		return kernel.reset_error != 0 ? -1 : 0;
	default:
		errno = ENOTTY;
		return -1;
	}
}

static int
kernel_ioctl(int fd, unsigned long request, void *arg)
{
	struct vfio_group_status *status = arg;
	int file = file_of(fd);

	switch (file) {
	case CONTAINER:
		return container_ioctl(request, arg);
	case GROUP1:
	case GROUP2:
		errno = ENOTTY;
		if (request != VFIO_GROUP_GET_STATUS)
			return -1;
		status->flags = kernel.group_loose ? 0 : VFIO_GROUP_FLAGS_CONTAINER_SET;
		return 0;
	case DEVICE1:
	case DEVICE2:
		return device_ioctl(file, request, arg);
	default:
		return -1;
	}
}

static int
kernel_feature(int dev_fd, struct vfio_device_feature *feature)
{
	if (file_of(dev_fd) != DEVICE1 || feature->flags !=
			(VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_PCI_VF_TOKEN))
		return -ENOTTY;
	memcpy(kernel.token, feature->data, sizeof(kernel.token));
	kernel.nb_tokens++;

	return 0;
}

static int
device_make(const char *name)
{
	uint8_t config[CONFIG_SIZE] = { 0 };

	config[PCI_COMMAND] = PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	config[PCI_CAPABILITY_LIST] = EXPRESS;
	config[EXPRESS] = PCI_CAP_ID_EXP;

	return token_test_file(name, 0600, config, sizeof(config));
}

static int
adopt_setup(void)
{
	struct stat st;
	unsigned int i;

	for (i = 0; i < NB_FILES; i++)
		fds[i] = -1;
	if (token_test_setup() != 0 || token_test_host() != 0)
		return -1;
	memset(&kernel, 0, sizeof(kernel));
	kernel.iommu_set = true;
	kernel.type1 = true;
	kernel.unmap_all = true;
	for (i = 0; i < NB_FILES; i++) {
		if ((i == DEVICE1 || i == DEVICE2 ? device_make(file_names[i]) :
				token_test_text(file_names[i], "")) != 0)
			return -1;
		fds[i] = open(token_test_path("%s", file_names[i]), O_RDWR);
		if (fds[i] < 0 || fstat(fds[i], &st) != 0)
			return -1;
		kernel.inodes[i] = st.st_ino;
	}
	saved_kernel = vfio_adopt_kernel;
	saved_pf_kernel = vfio_pf_kernel;
	vfio_adopt_kernel.ioctl = kernel_ioctl;
	vfio_pf_kernel.feature = kernel_feature;
	vfio_adopt_eal_started = false;

	return 0;
}

static void
adopt_teardown(void)
{
	unsigned int i;

	/* As after rte_eal_init() and rte_eal_cleanup(). */
	eal_vfio_adopt_container();
	vfio_adopt_cleanup();
	for (i = 0; i < NB_FILES; i++)
		if (fds[i] >= 0 && file_of(fds[i]) == (int)i)
			close(fds[i]);
	vfio_adopt_kernel = saved_kernel;
	vfio_pf_kernel = saved_pf_kernel;
	token_test_teardown();
}

#define ADOPT_CASE(fn) TEST_CASE_ST(adopt_setup, adopt_teardown, fn)

static struct rte_vfio_adopt_device
device(const char *bdf, enum file group, enum file dev, uint32_t flags)
{
	return (struct rte_vfio_adopt_device){
		.bdf = bdf,
		.group_fd = fds[group],
		.dev_fd = fds[dev],
		.flags = flags,
	};
}

static int
adopt_refused(const struct rte_vfio_adopt_device *devices, unsigned int nb, int expected,
		const char *words)
{
	int ret;

	if (token_test_log_start() != 0)
		return -1;
	ret = rte_vfio_adopt(fds[CONTAINER], devices, nb);
	ret = token_test_refused(ret, expected, token_test_log_stop(), words);
	if (ret == 0 && (file_of(fds[DEVICE1]) != DEVICE1 || eal_vfio_adopt_is_container(
			fds[CONTAINER]) || kernel.asked[0] != '\0')) {
		printf("refused, and yet something has changed\n");
		return -1;
	}

	return ret;
}

static int
test_adopt_bad_arguments_refused(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, 0), bad[2];

	TEST_ASSERT_SUCCESS(adopt_refused(NULL, 1, -EINVAL, "must be 1 to"), "no devices");
	TEST_ASSERT_SUCCESS(adopt_refused(&ok, 0, -EINVAL, "must be 1 to"), "none");
	TEST_ASSERT_SUCCESS(adopt_refused(&ok, 65, -EINVAL, "must be 1 to"), "too many");
	bad[0] = ok;
	bad[0].bdf = NULL;
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -EINVAL, "PCI address"), "no address");
	bad[0].bdf = "pf0";
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -EINVAL, "PCI address"), "malformed");
	bad[0].bdf = ABSENT;
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -ENODEV, ABSENT ": there is no such"), "absent");
	bad[0] = device(PF, GROUP1, DEVICE1, 0x80);
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -EINVAL, "unknown flags 0x80"), "flags");
	bad[0] = device(PF, DEVICE1, DEVICE1, 0);
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -EINVAL, "not that of a VFIO group"), "group");
	bad[0] = device(PF, GROUP1, GROUP1, 0);
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -EINVAL, "not that of a VFIO device"), "device");
	bad[0] = ok;
	bad[0].dev_fd = -1;
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 1, -EBADF, "not that of a VFIO device"), "closed");
	bad[0] = ok;
	bad[1] = ok;
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 2, -EEXIST, "given twice"), "twice");
	bad[1] = device(PF2, GROUP1, DEVICE2, 0);
	TEST_ASSERT_SUCCESS(adopt_refused(bad, 2, -EEXIST, "one descriptor, and of its own"),
			"one descriptor for two groups");
	kernel.group_loose = true;
	TEST_ASSERT_SUCCESS(adopt_refused(&ok, 1, -EINVAL, "in a container"), "loose group");

	return TEST_SUCCESS;
}

static int
test_adopt_bad_container_refused(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, 0);

	kernel.iommu_set = false;
	TEST_ASSERT_SUCCESS(adopt_refused(&ok, 1, -EINVAL, "not that of a VFIO container"),
			"no IOMMU");
	kernel.type1 = false;
	TEST_ASSERT_SUCCESS(adopt_refused(&ok, 1, -ENOTSUP, "IOMMU of type 1"), "another type");
	TEST_ASSERT_EQUAL(rte_vfio_adopt(-1, &ok, 1), -EBADF, "closed");
	TEST_ASSERT_EQUAL(rte_vfio_adopt(fds[GROUP1], &ok, 1), -EINVAL, "a group");

	return TEST_SUCCESS;
}

static int
test_adopt_late_or_again_refused(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, 0);

	vfio_adopt_eal_started = true;
	TEST_ASSERT_SUCCESS(adopt_refused(&ok, 1, -EBUSY, "before rte_eal_init()"), "late");
	vfio_adopt_eal_started = false;
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(rte_vfio_adopt(fds[CONTAINER], &ok, 1), -EBUSY, "again");

	return TEST_SUCCESS;
}

static int
group_of(const char *bdf)
{
	return vfio_token_group_of(vfio_token_paths.pci_devices, bdf);
}

static int
test_adopt_devices_stopped_before_unmap(void)
{
	struct rte_vfio_adopt_device both[2] = {
		device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM),
		device(PF2, GROUP2, DEVICE2, 0),
	};

	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], both, 2), "refused");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_container(), fds[CONTAINER], "not the container");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_group(group_of(PF)), fds[GROUP1], "not the group");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_group(group_of(PF)), -1, "given twice");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_group(1234), -1, "of another group");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_empty(fds[CONTAINER]), 1, "not emptied");
	/* The one that is not to start warm is reset as well. */
	TEST_ASSERT_SUCCESS(strcmp(kernel.asked, "iSjA"), "asked: %s", kernel.asked);
	TEST_ASSERT_EQUAL(command_get(DEVICE1), PCI_COMMAND_MEMORY, "bus master");
	TEST_ASSERT_EQUAL(command_get(DEVICE2), PCI_COMMAND_MEMORY, "bus master");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_empty(fds[GROUP2]), 0, "another container");
	/* All groups have left: as a new one. */
	kernel.iommu_set = false;
	TEST_ASSERT_EQUAL(eal_vfio_adopt_empty(fds[CONTAINER]), 0, "no IOMMU");

	return TEST_SUCCESS;
}

static int
test_adopt_old_kernel_unmaps_halves(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM);

	kernel.unmap_all = false;
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_empty(fds[CONTAINER]), 1, "not emptied");
	TEST_ASSERT_SUCCESS(strcmp(kernel.asked, "iLH"), "asked: %s", kernel.asked);

	return TEST_SUCCESS;
}

static int
test_adopt_device_not_stopped_keeps_mappings(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM);
	uint16_t pending = PCI_EXP_DEVSTA_TRPND;
	int ret;

	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(pwrite(fds[DEVICE1], &pending, sizeof(pending),
			EXPRESS + PCI_EXP_DEVSTA), (ssize_t)sizeof(pending), "no model");
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	ret = eal_vfio_adopt_empty(fds[CONTAINER]);
	TEST_ASSERT_SUCCESS(token_test_refused(ret < 0 ? -errno : ret, -ETIMEDOUT,
			token_test_log_stop(), PF ": adopted: cannot be stopped"), "stopped");
	TEST_ASSERT_SUCCESS(strcmp(kernel.asked, ""), "asked: %s", kernel.asked);

	return TEST_SUCCESS;
}

static int
test_adopt_unmap_refused_reported(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM);
	int ret;

	kernel.unmap_error = EPERM;
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	ret = eal_vfio_adopt_empty(fds[CONTAINER]);

	return token_test_refused(ret < 0 ? -errno : ret, -EPERM, token_test_log_stop(),
			"cannot drop the mappings");
}

/* Open as rte_vfio_setup_device() does. */
static int
adopted_open(const char *bdf)
{
	return eal_vfio_token_device_open(fds[CONTAINER], fds[GROUP1],
			vfio_token_paths.pci_devices, bdf);
}

static int
test_adopt_token_in_force_told(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM);
	rte_uuid_t token;

	/* The table says random, which must not mean a new one. */
	TEST_ASSERT_SUCCESS(token_test_option("random"), "refused");
	rte_uuid_parse(UUID_A, token);
	ok.token = token;
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(adopted_open(PF), fds[DEVICE1], "not the adopted one");
	memset(token, 0, sizeof(token));
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(PF, token), "not told");
	TEST_ASSERT(token_test_equal(token, UUID_A), "another one");
	TEST_ASSERT_EQUAL(kernel.nb_tokens, 0, "set anew");
	TEST_ASSERT_SUCCESS(token_test_chosen(VF0, UUID_A), "not for its VFs");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_rotate(PF, NULL), "not rotated");
	TEST_ASSERT_EQUAL(kernel.nb_tokens, 1, "not set");
	eal_vfio_token_device_closed(PF, fds[DEVICE1]);

	return TEST_SUCCESS;
}

static int
test_adopt_token_of_table_set(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM);
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(token_test_option(PF "=" UUID_B), "refused");
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(adopted_open(PF), fds[DEVICE1], "not the adopted one");
	TEST_ASSERT(kernel.nb_tokens == 1 && token_test_equal(kernel.token, UUID_B), "not set");
	TEST_ASSERT_SUCCESS(rte_vfio_vf_token_get(PF, token), "not told");
	TEST_ASSERT(token_test_equal(token, UUID_B), "another one");
	eal_vfio_token_device_closed(PF, fds[DEVICE1]);

	return TEST_SUCCESS;
}

static int
test_adopt_token_unknown_kept(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, 0);
	rte_uuid_t token;

	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(adopted_open(PF), fds[DEVICE1], "not the adopted one");
	TEST_ASSERT_EQUAL(kernel.nb_tokens, 0, "set");
	TEST_ASSERT_EQUAL(rte_vfio_vf_token_get(PF, token), -ENOENT, "known");
	eal_vfio_token_device_closed(PF, fds[DEVICE1]);

	return TEST_SUCCESS;
}

static int
test_adopt_warm_needs_flag_and_driver(void)
{
	struct rte_vfio_adopt_device both[2] = {
		device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM),
		device(PF2, GROUP2, DEVICE2, 0),
	};
	int ret;

	TEST_ASSERT_EQUAL(rte_vfio_adopt_driver_register(NULL), -EINVAL, "no name");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_start(PF, DRIVER), 0, "not adopted");
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], both, 2), "refused");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_warm(PF, DRIVER), 0, "not open");
	TEST_ASSERT_EQUAL(adopted_open(PF), fds[DEVICE1], "not the adopted one");
	TEST_ASSERT_EQUAL(adopted_open(PF2), fds[DEVICE2], "not the adopted one");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_warm("01:00.0", DRIVER), 1, "not warm");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_start(PF, DRIVER), 1, "not warm");
	TEST_ASSERT_SUCCESS(strcmp(kernel.asked, ""), "asked: %s", kernel.asked);
	TEST_ASSERT_EQUAL(rte_vfio_adopt_warm(PF, "net_other"), 0, "warm");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_warm("x", DRIVER), 0, "malformed");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_warm(NULL, DRIVER), 0, "no address");
	TEST_ASSERT_SUCCESS(token_test_log_start(), "no log");
	ret = rte_vfio_adopt_start(PF, "net_other");
	TEST_ASSERT_SUCCESS(token_test_refused(ret, 0, token_test_log_stop(), PF ": adopted: "
			"driver net_other cannot start it warm"), "warm");
	TEST_ASSERT_SUCCESS(rte_vfio_adopt_start(PF2, DRIVER), "warm");
	TEST_ASSERT_SUCCESS(strcmp(kernel.asked, "RS"), "asked: %s", kernel.asked);
	kernel.reset_error = EIO;
	TEST_ASSERT_EQUAL(rte_vfio_adopt_start(PF2, DRIVER), -EIO, "not reset");
	/* No device needs to be able to. */
	kernel.reset_error = EINVAL;
	TEST_ASSERT_SUCCESS(rte_vfio_adopt_start(PF2, DRIVER), "refused");
	eal_vfio_token_device_closed(PF, fds[DEVICE1]);
	TEST_ASSERT_EQUAL(rte_vfio_adopt_warm(PF, DRIVER), 0, "closed");
	eal_vfio_token_device_closed(PF2, fds[DEVICE2]);

	return TEST_SUCCESS;
}

static int
test_adopt_drop_closes_what_is_not_open(void)
{
	struct rte_vfio_adopt_device both[2] = {
		device(PF, GROUP1, DEVICE1, RTE_VFIO_ADOPT_WARM),
		device(PF2, GROUP2, DEVICE2, RTE_VFIO_ADOPT_WARM),
	};

	TEST_ASSERT_SUCCESS(rte_vfio_adopt_drop(NULL), "nothing");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_drop(PF), -ENOENT, "not adopted");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_drop("x"), -EINVAL, "malformed");
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], both, 2), "refused");
	TEST_ASSERT((fcntl(fds[DEVICE1], F_GETFD) & FD_CLOEXEC) != 0, "inherited");
	TEST_ASSERT_SUCCESS(rte_vfio_adopt_drop(PF2), "refused");
	TEST_ASSERT(file_of(fds[DEVICE2]) < 0 && file_of(fds[GROUP2]) < 0, "not closed");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_drop(PF2), -ENOENT, "again");
	TEST_ASSERT_EQUAL(eal_vfio_adopt_group(group_of(PF)), fds[GROUP1], "not the group");
	TEST_ASSERT_EQUAL(adopted_open(PF), fds[DEVICE1], "not the adopted one");
	TEST_ASSERT_EQUAL(rte_vfio_adopt_drop(PF), -ENOENT, "it is open");
	TEST_ASSERT_EQUAL(file_of(fds[DEVICE1]), DEVICE1, "closed");
	eal_vfio_token_device_closed(PF, fds[DEVICE1]);

	return TEST_SUCCESS;
}

static int
test_device_fds_are_duplicates(void)
{
	struct rte_vfio_adopt_device ok = device(PF, GROUP1, DEVICE1, 0);
	struct rte_vfio_device_fds got;

	TEST_ASSERT_EQUAL(rte_vfio_device_fds_get(PF, NULL), -EINVAL, "no place");
	TEST_ASSERT_EQUAL(rte_vfio_device_fds_get("x", &got), -EINVAL, "malformed");
	TEST_ASSERT_EQUAL(rte_vfio_device_fds_get(PF, &got), -ENODEV, "not open");
	TEST_ASSERT_SUCCESS(rte_vfio_adopt(fds[CONTAINER], &ok, 1), "refused");
	TEST_ASSERT_EQUAL(rte_vfio_device_fds_get(PF, &got), -ENODEV, "not open");
	TEST_ASSERT_EQUAL(adopted_open(PF), fds[DEVICE1], "not the adopted one");
	TEST_ASSERT_SUCCESS(rte_vfio_device_fds_get("01:00.0", &got), "refused");
	TEST_ASSERT(file_of(got.container_fd) == CONTAINER && file_of(got.group_fd) == GROUP1 &&
			file_of(got.dev_fd) == DEVICE1, "others");
	TEST_ASSERT(got.dev_fd != fds[DEVICE1] && (fcntl(got.dev_fd, F_GETFD) & FD_CLOEXEC) != 0,
			"not a duplicate");
	TEST_ASSERT_EQUAL(got.group, group_of(PF), "group %d", got.group);
	close(got.container_fd);
	close(got.group_fd);
	close(got.dev_fd);
	eal_vfio_token_device_closed(PF, fds[DEVICE1]);

	return TEST_SUCCESS;
}

static struct unit_test_suite adopt_suite = {
	.suite_name = "adoption of open VFIO devices",
	.unit_test_cases = {
		ADOPT_CASE(test_adopt_bad_arguments_refused),
		ADOPT_CASE(test_adopt_bad_container_refused),
		ADOPT_CASE(test_adopt_late_or_again_refused),
		ADOPT_CASE(test_adopt_devices_stopped_before_unmap),
		ADOPT_CASE(test_adopt_old_kernel_unmaps_halves),
		ADOPT_CASE(test_adopt_device_not_stopped_keeps_mappings),
		ADOPT_CASE(test_adopt_unmap_refused_reported),
		ADOPT_CASE(test_adopt_token_in_force_told),
		ADOPT_CASE(test_adopt_token_of_table_set),
		ADOPT_CASE(test_adopt_token_unknown_kept),
		ADOPT_CASE(test_adopt_warm_needs_flag_and_driver),
		ADOPT_CASE(test_adopt_drop_closes_what_is_not_open),
		ADOPT_CASE(test_device_fds_are_duplicates),
		TEST_CASES_END(),
	},
};

static int
test_vfio_adopt(void)
{
	return unit_test_suite_runner(&adopt_suite);
}

REGISTER_FAST_TEST(vfio_adopt_autotest, true, true, test_vfio_adopt);
