/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The device of a PF: opening it with or without a PMD, its port, and what it tells by itself. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <linux/vfio.h>

#include <rte_dev.h>
#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_string_fns.h>
#include <rte_vfio.h>

#include "sriov_pf.h"

/* One queue each way: nobody polls them, and what comes is dropped. */
#define PORT_DESCRIPTORS 64
#define PORT_MBUFS 255

/* A callback that is running in another thread cannot be removed: this many tries, 1 ms apart. */
#define CALLBACK_TRIES 2000

/* ---- opening ---- */

static int
open_refused(const struct rte_sriov_pf *pf, int ret, struct rte_sriov_error *error)
{
	char cause[sizeof(error->text)];
	int err = vfio_token_refusal_get(pf->bdf, cause, sizeof(cause));

	if (cause[0] != '\0')
		return sriov_fail(error, -err, pf->bdf, NULL, "cannot open it through VFIO: %s: %s",
				strerror(err), cause);
	return sriov_fail(error, ret, pf->bdf, "see the log of the EAL and of the PMD",
			"cannot open it: %s", strerror(-ret));
}

/* VFIO tells by an eventfd that somebody wants the device back. */
static int
request_watch(struct rte_sriov_pf *pf)
{
	uint8_t buffer[sizeof(struct vfio_irq_set) + sizeof(int32_t)] __rte_aligned(8);
	struct vfio_irq_set *irqs = (struct vfio_irq_set *)buffer;
	int32_t fd = pf->request_fd;

	memset(irqs, 0, sizeof(*irqs));
	irqs->argsz = sizeof(buffer);
	irqs->flags = VFIO_IRQ_SET_DATA_EVENTFD | VFIO_IRQ_SET_ACTION_TRIGGER;
	irqs->index = VFIO_PCI_REQ_IRQ_INDEX;
	irqs->count = 1;
	memcpy(irqs->data, &fd, sizeof(fd));

	return ioctl(pf->dev_fd, VFIO_DEVICE_SET_IRQS, irqs) == 0 ? 0 : -errno;
}

static int
plain_open(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	int ret;

	ret = rte_vfio_setup_device(SRIOV_PATHS->pci_devices, pf->bdf, &pf->dev_fd, &info);
	if (ret != 0) {
		pf->dev_fd = -1;
		return open_refused(pf, -ENODEV, error);
	}
	ret = request_watch(pf);
	if (ret != 0) {
		rte_vfio_release_device(SRIOV_PATHS->pci_devices, pf->bdf, pf->dev_fd);
		pf->dev_fd = -1;
		return sriov_fail(error, ret, pf->bdf, "see dmesg", "VFIO does not take an event "
				"for requests: %s", strerror(-ret));
	}

	return 0;
}

/* The port that a PMD has made of the device, if any. */
static void
port_find(struct rte_sriov_pf *pf)
{
	struct rte_eth_dev_info info;

	if (rte_eth_dev_get_port_by_name(pf->bdf, &pf->port) != 0) {
		pf->port = SRIOV_PORT_NONE;
		return;
	}
	if (rte_eth_dev_info_get(pf->port, &info) == 0 && info.driver_name != NULL)
		rte_strscpy(pf->pmd, info.driver_name, sizeof(pf->pmd));
}

static int
device_open(struct rte_sriov_pf *pf, const struct rte_sriov_pf_conf *conf,
		struct rte_sriov_error *error)
{
	const char *args = conf->devargs != NULL ? conf->devargs : "";
	size_t size = sizeof(pf->bdf) + 1 + strlen(args);
	char *devargs;
	int ret;

	/* By the application, or at the start by -a. */
	port_find(pf);
	pf->found = pf->port != SRIOV_PORT_NONE;
	if (pf->found)
		return 0;
	if (conf->pmd == RTE_SRIOV_PMD_NONE)
		return plain_open(pf, error);
	devargs = malloc(size);
	if (devargs == NULL)
		return sriov_fail(error, -ENOMEM, pf->bdf, NULL, "no memory");
	snprintf(devargs, size, "%s%s%s", pf->bdf, args[0] != '\0' ? "," : "", args);
	ret = rte_dev_probe(devargs);
	free(devargs);
	if (ret == -ENOTSUP) /* no PMD takes it */
		return plain_open(pf, error);
	if (ret != 0)
		return open_refused(pf, ret, error);
	port_find(pf);
	if (pf->port == SRIOV_PORT_NONE)
		rte_strscpy(pf->pmd, "other", sizeof(pf->pmd));

	return 0;
}

static void
device_close(struct rte_sriov_pf *pf)
{
	if (pf->dev_fd >= 0)
		rte_vfio_release_device(SRIOV_PATHS->pci_devices, pf->bdf, pf->dev_fd);
	else
		rte_eal_hotplug_remove("pci", pf->bdf);
	pf->dev_fd = -1;
	pf->port = SRIOV_PORT_NONE;
}

struct sriov_device_ops sriov_device = {
	.open = device_open,
	.close = device_close,
};

/* ---- the port ---- */

static int
port_configure(struct rte_sriov_pf *pf, const struct rte_eth_dev_info *info)
{
	struct rte_eth_conf conf = { .rxmode.mtu = 0 };
	struct rte_eth_rxconf rx = info->default_rxconf;
	uint16_t nb_rx = PORT_DESCRIPTORS, nb_tx = PORT_DESCRIPTORS;
	char name[RTE_MEMZONE_NAMESIZE];
	int ret;

	conf.intr_conf.lsc = (*info->dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
	ret = rte_eth_dev_configure(pf->port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_dev_adjust_nb_rx_tx_desc(pf->port, &nb_rx, &nb_tx);
	if (ret != 0)
		return ret;
	if (pf->pool == NULL) {
		snprintf(name, sizeof(name), "sriov %s", pf->bdf);
		pf->pool = rte_pktmbuf_pool_create(name, PORT_MBUFS, 0, 0,
				RTE_MBUF_DEFAULT_BUF_SIZE, SOCKET_ID_ANY);
	}
	if (pf->pool == NULL)
		return -rte_errno;
	/* A full queue that nobody polls would otherwise hold up what is for the VFs. */
	rx.rx_drop_en = 1;
	ret = rte_eth_rx_queue_setup(pf->port, 0, nb_rx, SOCKET_ID_ANY, &rx, pf->pool);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(pf->port, 0, nb_tx, SOCKET_ID_ANY, NULL);

	return ret;
}

int
sriov_port_start(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	struct rte_eth_dev_info info;
	int ret;

	if (pf->port == SRIOV_PORT_NONE)
		return 0;
	ret = rte_eth_dev_info_get(pf->port, &info);
	if (ret == 0)
		ret = port_configure(pf, &info);
	/* It cannot be configured while it is started. */
	if (ret == -EBUSY)
		return 0;
	if (ret == 0)
		ret = rte_eth_dev_start(pf->port);
	if (ret != 0)
		return sriov_fail(error, ret, pf->bdf, "see the log of the PMD; it may need more "
				"memory", "port %u cannot be started: %s", pf->port,
				strerror(-ret));
	pf->started = true;

	return 0;
}

void
sriov_port_stop(struct rte_sriov_pf *pf)
{
	if (pf->started)
		rte_eth_dev_stop(pf->port);
	pf->started = false;
}

/* ---- what happens in other threads ---- */

void
sriov_happened(struct rte_sriov_pf *pf, uint32_t what)
{
	const uint64_t one = 1;

	__atomic_fetch_or(&pf->happened, what, __ATOMIC_RELEASE);
	/* It is full only if it is readable already. */
	if (write(pf->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static void
device_event(const char *name __rte_unused, enum rte_dev_event_type type, void *ctx)
{
	if (type == RTE_DEV_EVENT_REMOVE)
		sriov_happened(ctx, SRIOV_HAPPENED_REQUEST);
}

static int
port_event(uint16_t port __rte_unused, enum rte_eth_event_type type, void *ctx,
		void *param __rte_unused)
{
	sriov_happened(ctx, type == RTE_ETH_EVENT_INTR_LSC ? SRIOV_HAPPENED_LINK :
			SRIOV_HAPPENED_RESET);
	return 0;
}

static const enum rte_eth_event_type port_events[] = {
	RTE_ETH_EVENT_INTR_LSC,
	RTE_ETH_EVENT_INTR_RESET,
	RTE_ETH_EVENT_RECOVERY_SUCCESS,
};

int
sriov_callbacks_add(struct rte_sriov_pf *pf, struct rte_sriov_error *error)
{
	unsigned int i;
	int ret = 0;

	if (pf->pmd[0] == '\0')
		return 0;
	pf->callbacks = true;
	ret = rte_dev_event_callback_register(pf->bdf, device_event, pf);
	if (pf->port != SRIOV_PORT_NONE)
		for (i = 0; i < RTE_DIM(port_events) && ret == 0; i++)
			ret = rte_eth_dev_callback_register(pf->port, port_events[i], port_event,
					pf);
	if (ret != 0) {
		sriov_callbacks_remove(pf);
		return sriov_fail(error, ret, pf->bdf, NULL, "cannot be told of its events: %s",
				strerror(-ret));
	}

	return 0;
}

void
sriov_callbacks_remove(struct rte_sriov_pf *pf)
{
	unsigned int i, tries;

	if (!pf->callbacks)
		return;
	pf->callbacks = false;
	for (tries = 0; tries < CALLBACK_TRIES && rte_dev_event_callback_unregister(pf->bdf,
			device_event, pf) == -EAGAIN; tries++)
		usleep(1000);
	if (pf->port == SRIOV_PORT_NONE || !rte_eth_dev_is_valid_port(pf->port))
		return;
	for (i = 0; i < RTE_DIM(port_events); i++)
		for (tries = 0; tries < CALLBACK_TRIES && rte_eth_dev_callback_unregister(pf->port,
				port_events[i], port_event, pf) == -EAGAIN; tries++)
			usleep(1000);
}
