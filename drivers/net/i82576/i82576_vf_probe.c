/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Where ports of net_i82576_vf come from: the PCI bus, and the autotests' model. */

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <dev_driver.h>
#include <ethdev_pci.h>
#include <rte_kvargs.h>
#include <rte_malloc.h>

#include "i82576_pci.h"
#include "i82576_test.h"
#include "i82576_vf.h"

/* Devargs: who resets the port when its PF was; and how long, in seconds (0: for ever). */
#define DEVARG_RECOVERY		"recovery"
#define DEVARG_RECOVERY_TIMEOUT	"recovery_timeout"
#define RECOVERY_TIMEOUT_S	300u
#define RECOVERY_TIMEOUT_MAX_S	86400u

static const struct rte_pci_id vf_ids[] = {
	{ RTE_PCI_DEVICE(I82576_PCI_VENDOR, I82576_PCI_DEVICE_VF) },
	{ .vendor_id = 0 },
};

static int
upstream_parse(const char *key, const char *value, void *arg)
{
	RTE_SET_USED(key);
	RTE_SET_USED(arg);
	return value != NULL && (strcmp(value, "0") == 0 || strcmp(value, "1") == 0) ? 0 : -EINVAL;
}

static int
recovery_parse(const char *key, const char *value, void *arg)
{
	struct i82576_vf_recovery *recovery = arg;

	RTE_SET_USED(key);
	if (value == NULL)
		return -EINVAL;
	recovery->by_application = strcmp(value, "app") == 0;
	return recovery->by_application || strcmp(value, "auto") == 0 ? 0 : -EINVAL;
}

static int
recovery_timeout_parse(const char *key, const char *value, void *arg)
{
	struct i82576_vf_recovery *recovery = arg;
	unsigned long seconds;
	char *end;

	RTE_SET_USED(key);
	if (value == NULL || *value < '0' || *value > '9')
		return -EINVAL;
	errno = 0;
	seconds = strtoul(value, &end, 10);
	if (errno != 0 || *end != '\0' || seconds > RECOVERY_TIMEOUT_MAX_S)
		return -EINVAL;
	recovery->timeout_s = seconds;
	return 0;
}

static int
devargs_parse(struct i82576_vf *vf, const struct rte_devargs *devargs)
{
	static const char * const keys[] = {
		I82576_DEVARG_UPSTREAM, DEVARG_RECOVERY, DEVARG_RECOVERY_TIMEOUT, NULL,
	};
	struct i82576_vf_recovery *recovery = &vf->recovery;
	struct rte_kvargs *kvlist;
	int ret = 0;

	if (devargs == NULL || devargs->args == NULL || devargs->args[0] == '\0')
		return 0;
	kvlist = rte_kvargs_parse(devargs->args, keys);
	if (kvlist == NULL ||
			rte_kvargs_process(kvlist, I82576_DEVARG_UPSTREAM, upstream_parse,
				NULL) != 0 ||
			rte_kvargs_process(kvlist, DEVARG_RECOVERY, recovery_parse,
				recovery) != 0 ||
			rte_kvargs_process(kvlist, DEVARG_RECOVERY_TIMEOUT,
				recovery_timeout_parse, recovery) != 0) {
		I82576_LOG(ERR, init, &vf->port.hw,
				"probe failed: devargs \"%s\": known are upstream=0|1, "
				"recovery=auto|app and recovery_timeout=0-%u",
				devargs->args, RECOVERY_TIMEOUT_MAX_S);
		ret = -EINVAL;
	}
	rte_kvargs_free(kvlist);
	return ret;
}

static int
vf_pci_init(struct rte_eth_dev *dev)
{
	struct rte_pci_device *pci_dev = RTE_ETH_DEV_TO_PCI(dev);
	struct i82576_vf *vf = i82576_vf(dev);
	int ret;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return i82576_vf_port_init_secondary(dev);
	vf->port.hw.name = dev->data->name;
	vf->port.hw.bar = pci_dev->mem_resource[0].addr;
	vf->recovery.timeout_s = RECOVERY_TIMEOUT_S;
	if (vf->port.hw.bar == NULL || pci_dev->mem_resource[0].len < I82576_VF_BAR0_BYTES) {
		I82576_LOG(ERR, init, &vf->port.hw, "probe failed: no registers in BAR 0");
		return -ENODEV;
	}
	ret = devargs_parse(vf, pci_dev->device.devargs);
	if (ret != 0)
		return ret;
	return i82576_vf_port_init(dev);
}

static int
vf_pci_uninit(struct rte_eth_dev *dev)
{
	return dev->dev_ops->dev_close(dev);
}

static int
vf_pci_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci_dev)
{
	RTE_SET_USED(driver);
	/* Positive: another driver may take it. */
	if (i82576_pci_is_left_to_upstream(pci_dev))
		return 1;
	return rte_eth_dev_pci_generic_probe(pci_dev, sizeof(struct i82576_vf), vf_pci_init);
}

static int
vf_pci_remove(struct rte_pci_device *pci_dev)
{
	return rte_eth_dev_pci_generic_remove(pci_dev, vf_pci_uninit);
}

static struct rte_pci_driver vf_driver = {
	.id_table = vf_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_INTR_LSC | RTE_PCI_DRV_INTR_RMV,
	.probe = vf_pci_probe,
	.remove = vf_pci_remove,
};

I82576_REGISTER_PCI(net_i82576_vf, vf_driver, vf_ids);
RTE_PMD_REGISTER_PARAM_STRING(net_i82576_vf,
	I82576_DEVARG_UPSTREAM "=0|1 "
	DEVARG_RECOVERY "=auto|app "
	DEVARG_RECOVERY_TIMEOUT "=<seconds>");

int
i82576_vf_test_create(const char *name, struct i82576_model *model, uint16_t *port_id)
{
	static const struct rte_driver driver = { .name = "net_i82576_vf" };
	struct rte_device *device;
	struct rte_eth_dev *dev;
	struct i82576_vf *vf;
	int ret;

	/* Of the port's, whose close frees it. */
	device = calloc(1, sizeof(*device));
	if (device == NULL)
		return -ENOMEM;
	device->name = name;
	device->driver = &driver;
	dev = rte_eth_dev_allocate(name);
	if (dev == NULL) {
		ret = -EEXIST;
		goto err_device;
	}
	vf = rte_zmalloc(name, sizeof(*vf), RTE_CACHE_LINE_SIZE);
	if (vf == NULL) {
		ret = -ENOMEM;
		goto err_port;
	}
	dev->data->dev_private = vf;
	dev->device = device;
	vf->port.hw.model = model;
	vf->port.hw.bar = model->bar;
	vf->recovery.timeout_s = RECOVERY_TIMEOUT_S;
	ret = i82576_vf_port_init(dev);
	if (ret != 0)
		goto err_port;
	dev->process_private = device;
	rte_eth_dev_probing_finish(dev);
	*port_id = dev->data->port_id;
	return 0;

err_port:
	rte_eth_dev_release_port(dev);
err_device:
	free(device);
	return ret;
}

void
i82576_vf_test_interrupt(uint16_t port_id)
{
	i82576_vf_service(i82576_vf(&rte_eth_devices[port_id]));
}
