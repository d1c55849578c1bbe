/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "eal_vfio_adopt.h"
#include "eal_vfio_pf.h"
#include "rte_vfio_adopt.h"

/* As many groups as the EAL has room for. */
#define DEVICES_MAX 64
#define DRIVERS_MAX 8

struct adopted {
	struct vfio_token_bdf bdf;
	char name[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	uint32_t flags;
	int group;
	/** -1 once the EAL has it. Of several devices in a group, the first one has it. */
	int group_fd;
	/** -1 once the EAL has it. */
	int dev_fd;
	/** While the EAL has it open; else -1. */
	int open_fd;
	bool has_token;
	rte_uuid_t token;
};

/*
 * Protects what was adopted. Held for short ioctls; the records' lock, and the table's, may be
 * taken with it held, never the other way round but in vfio_adopt_device_closed(), which is called
 * with neither.
 */
static pthread_mutex_t adopt_lock = PTHREAD_MUTEX_INITIALIZER;

static struct {
	struct adopted *devices; /**< secret memory */
	unsigned int nb_devices;
	int container_fd;
	bool in_use; /**< the EAL has the container */
} adopt = { .container_fd = -1 };

bool vfio_adopt_eal_started;

/* Filled by constructors. */
static const char *drivers[DRIVERS_MAX];
static unsigned int nb_drivers;

static struct adopted *
adopted_find(const struct vfio_token_bdf *bdf)
{
	unsigned int i;

	for (i = 0; i < adopt.nb_devices; i++)
		if (vfio_token_bdf_equal(&adopt.devices[i].bdf, bdf))
			return &adopt.devices[i];

	return NULL;
}

static struct adopted *
adopted_find_name(const char *name)
{
	struct vfio_token_bdf bdf;

	if (name == NULL || vfio_token_bdf_parse(name, strlen(name), &bdf) != 0)
		return NULL;

	return adopted_find(&bdf);
}

static void
fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Is anything of a group left here, so that its descriptor must stay? */
static bool
group_is_wanted(int group)
{
	unsigned int i;

	for (i = 0; i < adopt.nb_devices; i++)
		if (adopt.devices[i].group == group && adopt.devices[i].dev_fd >= 0)
			return true;

	return false;
}

static void
adopted_close(struct adopted *device)
{
	unsigned int i;

	fd_close(&device->dev_fd);
	device->has_token = false;
	explicit_bzero(device->token, sizeof(device->token));
	for (i = 0; i < adopt.nb_devices && !group_is_wanted(device->group); i++)
		if (adopt.devices[i].group == device->group)
			fd_close(&adopt.devices[i].group_fd);
}

/* ---- taking over ---- */

/* Check one device against those before it, and fill its place. */
static int
device_fill(struct adopted *devices, unsigned int i, const struct rte_vfio_adopt_device *from,
		struct vfio_token_error *why)
{
	struct adopted *device = &devices[i];
	unsigned int n;
	int ret;

	if (from->bdf == NULL || vfio_token_bdf_parse(from->bdf, strlen(from->bdf),
			&device->bdf) != 0)
		return vfio_token_fail(why, -EINVAL, "device %u is not given as a PCI address: "
				"write DDDD:BB:DD.F, for example 0000:01:00.0", i);
	vfio_token_bdf_format(&device->bdf, device->name);
	if ((from->flags & ~RTE_VFIO_ADOPT_WARM) != 0)
		return vfio_token_fail(why, -EINVAL, "%s: unknown flags %#x", device->name,
				from->flags);
	device->group = vfio_token_group_of(vfio_token_paths.pci_devices, device->name);
	if (device->group < 0)
		return vfio_token_fail(why, -ENODEV, "%s: there is no such device, or it is in no "
				"IOMMU group", device->name);
	ret = vfio_adopt_group_check(from->group_fd);
	if (ret != 0)
		return vfio_token_fail(why, ret, "%s: descriptor %d is not that of a VFIO group "
				"that is in a container", device->name, from->group_fd);
	ret = vfio_adopt_device_check(from->dev_fd);
	if (ret != 0)
		return vfio_token_fail(why, ret, "%s: descriptor %d is not that of a VFIO device "
				"on PCI", device->name, from->dev_fd);
	device->flags = from->flags;
	device->group_fd = from->group_fd;
	device->dev_fd = from->dev_fd;
	device->open_fd = -1;
	for (n = 0; n < i; n++) {
		if (vfio_token_bdf_equal(&devices[n].bdf, &device->bdf) ||
				devices[n].dev_fd == device->dev_fd)
			return vfio_token_fail(why, -EEXIST, "%s: given twice, or under two "
					"addresses", device->name);
		if ((devices[n].group == device->group) != (devices[n].group_fd ==
				from->group_fd) && devices[n].group_fd >= 0)
			return vfio_token_fail(why, -EEXIST, "%s: IOMMU group %d must have one "
					"descriptor, and of its own", device->name, device->group);
		if (devices[n].group == device->group)
			device->group_fd = -1;
	}
	device->has_token = from->token != NULL;
	if (device->has_token)
		memcpy(device->token, from->token, sizeof(device->token));

	return 0;
}

static void
cloexec_set(int fd)
{
	if (fd >= 0)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* With the lock held. */
static int
devices_adopt(int container_fd, const struct rte_vfio_adopt_device *from, unsigned int nb,
		struct vfio_token_error *why)
{
	struct adopted *devices;
	unsigned int i;
	int ret;

	if (vfio_adopt_eal_started || adopt.container_fd >= 0)
		return vfio_token_fail(why, -EBUSY, "it is done once, before rte_eal_init()");
	if (from == NULL || nb == 0 || nb > DEVICES_MAX)
		return vfio_token_fail(why, -EINVAL, "there must be 1 to %u devices",
				DEVICES_MAX);
	ret = vfio_adopt_container_check(container_fd);
	if (ret != 0)
		return vfio_token_fail(why, ret, "descriptor %d is not that of a VFIO container "
				"with an IOMMU of type 1", container_fd);
	devices = vfio_token_secret_alloc(nb * sizeof(*devices));
	if (devices == NULL)
		return vfio_token_fail(why, -ENOMEM, "no memory");
	for (i = 0; i < nb && ret == 0; i++)
		ret = device_fill(devices, i, &from[i], why);
	if (ret != 0) {
		vfio_token_secret_free(devices, nb * sizeof(*devices));
		return ret;
	}
	for (i = 0; i < nb; i++) {
		cloexec_set(devices[i].group_fd);
		cloexec_set(devices[i].dev_fd);
	}
	cloexec_set(container_fd);
	adopt.devices = devices;
	adopt.nb_devices = nb;
	adopt.container_fd = container_fd;

	return 0;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_adopt, 26.11)
int
rte_vfio_adopt(int container_fd, const struct rte_vfio_adopt_device *devices,
		unsigned int nb_devices)
{
	struct vfio_token_error why;
	int ret;

	pthread_mutex_lock(&adopt_lock);
	ret = devices_adopt(container_fd, devices, nb_devices, &why);
	pthread_mutex_unlock(&adopt_lock);
	if (ret != 0)
		VFIO_TOKEN_LOG(ERR, "cannot adopt open VFIO devices: %s (%d): %s", strerror(-ret),
				-ret, why.text);

	return ret;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_adopt_drop, 26.11)
int
rte_vfio_adopt_drop(const char *bdf)
{
	struct adopted *device;
	struct vfio_token_bdf parsed;
	unsigned int i;
	int ret = 0;

	if (bdf != NULL && vfio_token_bdf_argument(bdf, &parsed) != 0)
		return -EINVAL;
	pthread_mutex_lock(&adopt_lock);
	if (bdf != NULL) {
		device = adopted_find(&parsed);
		if (device != NULL && device->dev_fd >= 0)
			adopted_close(device);
		else
			ret = -ENOENT;
	} else {
		for (i = 0; i < adopt.nb_devices; i++)
			adopted_close(&adopt.devices[i]);
	}
	pthread_mutex_unlock(&adopt_lock);

	return ret;
}

/* ---- hooks ---- */

int
eal_vfio_adopt_container(void)
{
	int fd;

	pthread_mutex_lock(&adopt_lock);
	vfio_adopt_eal_started = true;
	adopt.in_use = adopt.container_fd >= 0;
	fd = adopt.container_fd;
	pthread_mutex_unlock(&adopt_lock);

	return fd;
}

int
eal_vfio_adopt_group(int group)
{
	unsigned int i;
	int fd = -1;

	pthread_mutex_lock(&adopt_lock);
	for (i = 0; i < adopt.nb_devices && fd < 0; i++) {
		if (adopt.devices[i].group != group)
			continue;
		fd = adopt.devices[i].group_fd;
		adopt.devices[i].group_fd = -1;
	}
	pthread_mutex_unlock(&adopt_lock);

	return fd;
}

bool
eal_vfio_adopt_is_container(int container_fd)
{
	bool is;

	pthread_mutex_lock(&adopt_lock);
	is = container_fd >= 0 && container_fd == adopt.container_fd;
	pthread_mutex_unlock(&adopt_lock);

	return is;
}

/* With the lock held: stop the devices that are still to be probed. */
static int
devices_stop(void)
{
	struct adopted *device;
	unsigned int i;
	int ret;

	for (i = 0; i < adopt.nb_devices; i++) {
		device = &adopt.devices[i];
		if (device->dev_fd < 0)
			continue;
		/* One that is to be reset anyway need not be trusted to keep still. */
		if ((device->flags & RTE_VFIO_ADOPT_WARM) == 0) {
			ret = vfio_adopt_device_reset(device->dev_fd);
			if (ret != 0)
				VFIO_TOKEN_LOG(WARNING, "%s: adopted: its reset failed: %s (%d)",
						device->name, strerror(-ret), -ret);
		}
		ret = vfio_adopt_device_stop(device->dev_fd);
		if (ret != 0) {
			VFIO_TOKEN_LOG(ERR, "%s: adopted: cannot be stopped: %s (%d): it could "
					"write to memory that is no longer its own: let go of its "
					"descriptors and open it anew", device->name,
					strerror(-ret), -ret);
			return ret;
		}
	}

	return 0;
}

int
eal_vfio_adopt_empty(int container_fd)
{
	int ret = 0;

	if (!eal_vfio_adopt_is_container(container_fd) || !vfio_adopt_iommu_is_set(container_fd))
		return 0;
	pthread_mutex_lock(&adopt_lock);
	ret = devices_stop();
	pthread_mutex_unlock(&adopt_lock);
	if (ret == 0) {
		ret = vfio_adopt_unmap_all(container_fd);
		if (ret != 0)
			VFIO_TOKEN_LOG(ERR, "adopted container: cannot drop the mappings of its "
					"last owner: %s (%d)", strerror(-ret), -ret);
	}
	if (ret != 0) {
		errno = -ret;
		return ret;
	}
	VFIO_TOKEN_LOG(DEBUG, "adopted container: devices stopped, old mappings dropped");

	return 1;
}

/*
 * The token that is in force: what the caller of rte_vfio_adopt() knows, or else, so that it is
 * known, the one of the table, which is set. A PF of which neither knows one keeps its token.
 */
static int
token_settle(const struct adopted *device, const struct vfio_token_function *fn,
		struct vfio_token_choice *choice, struct vfio_token_error *why)
{
	int ret;

	if (fn->role != RTE_VFIO_VF_TOKEN_ROLE_PF)
		return 0;
	if (device->has_token) {
		choice->role = fn->role;
		choice->source = RTE_VFIO_VF_TOKEN_SOURCE_UUID;
		choice->has_token = true;
		choice->adopted = true;
		rte_uuid_copy(choice->token, device->token);
		rte_strscpy(choice->origin, "its adoption", sizeof(choice->origin));
		return 0;
	}
	ret = vfio_token_table_choose(fn, true, choice, why);
	if (ret == 0 && choice->has_token) {
		ret = vfio_pf_token_set(device->dev_fd, choice->token);
		if (ret != 0)
			vfio_token_fail(why, 0, "it is open already, and the kernel does not take "
					"the token of %s", choice->origin);
	}

	return ret;
}

int
vfio_adopt_device_take(const struct vfio_token_function *fn, struct vfio_token_choice *choice,
		struct vfio_token_error *why)
{
	struct adopted *device;
	int ret = -ENOENT;

	pthread_mutex_lock(&adopt_lock);
	device = adopted_find(&fn->bdf);
	if (device != NULL && device->dev_fd >= 0) {
		ret = token_settle(device, fn, choice, why);
		if (ret == 0) {
			ret = device->dev_fd;
			device->open_fd = ret;
			device->dev_fd = -1;
			device->has_token = false;
			explicit_bzero(device->token, sizeof(device->token));
		}
	}
	pthread_mutex_unlock(&adopt_lock);

	return ret;
}

void
vfio_adopt_device_closed(const char *name, int dev_fd)
{
	struct adopted *device;

	pthread_mutex_lock(&adopt_lock);
	device = adopted_find_name(name);
	if (device != NULL && device->open_fd == dev_fd)
		device->open_fd = -1;
	pthread_mutex_unlock(&adopt_lock);
}

void
vfio_adopt_cleanup(void)
{
	unsigned int i;

	pthread_mutex_lock(&adopt_lock);
	/* Also called at the start of rte_eal_init(), to which it is all given. */
	if (adopt.in_use) {
		for (i = 0; i < adopt.nb_devices; i++)
			adopted_close(&adopt.devices[i]);
		vfio_token_secret_free(adopt.devices, adopt.nb_devices * sizeof(*adopt.devices));
		adopt.devices = NULL;
		adopt.nb_devices = 0;
		fd_close(&adopt.container_fd);
		adopt.in_use = false;
	}
	pthread_mutex_unlock(&adopt_lock);
}

/* ---- warm start ---- */

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_adopt_driver_register, 26.11)
int
rte_vfio_adopt_driver_register(const char *driver)
{
	if (driver == NULL)
		return -EINVAL;
	if (nb_drivers == DRIVERS_MAX)
		return -ENOSPC;
	drivers[nb_drivers++] = driver;

	return 0;
}

static bool
driver_can(const char *driver)
{
	unsigned int i;

	for (i = 0; i < nb_drivers; i++)
		if (driver != NULL && strcmp(drivers[i], driver) == 0)
			return true;

	return false;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_adopt_warm, 26.11)
int
rte_vfio_adopt_warm(const char *bdf, const char *driver)
{
	const struct adopted *device;
	bool warm;

	pthread_mutex_lock(&adopt_lock);
	device = adopted_find_name(bdf);
	warm = device != NULL && device->open_fd >= 0 &&
			(device->flags & RTE_VFIO_ADOPT_WARM) != 0 && driver_can(driver);
	pthread_mutex_unlock(&adopt_lock);

	return warm;
}

RTE_EXPORT_EXPERIMENTAL_SYMBOL(rte_vfio_adopt_start, 26.11)
int
rte_vfio_adopt_start(const char *bdf, const char *driver)
{
	const struct adopted *device;
	int ret = 0;

	if (rte_vfio_adopt_warm(bdf, driver) != 0)
		return 1;
	pthread_mutex_lock(&adopt_lock);
	device = adopted_find_name(bdf);
	if (device != NULL && device->open_fd >= 0) {
		if ((device->flags & RTE_VFIO_ADOPT_WARM) != 0)
			VFIO_TOKEN_LOG(NOTICE, "%s: adopted: driver %s cannot start it warm: it is "
					"reset, and its VFs have to begin again", device->name,
					driver != NULL ? driver : "?");
		ret = vfio_adopt_device_reset(device->open_fd);
		if (ret != 0)
			VFIO_TOKEN_LOG(ERR, "%s: adopted: reset failed: %s (%d)", device->name,
					strerror(-ret), -ret);
	}
	pthread_mutex_unlock(&adopt_lock);

	return ret;
}
