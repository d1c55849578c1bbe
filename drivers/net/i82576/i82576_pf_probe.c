/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* How a PF becomes a port, and ceases to be one. */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <bus_pci_driver.h>
#include <ethdev_pci.h>
#include <rte_malloc.h>
#include <rte_pci.h>
#include <rte_vfio_adopt.h>

#include "i82576_compat.h"
#include "i82576_pci.h"
#include "i82576_pf_state.h"
#include "i82576_rxtx.h"
#include "i82576_test.h"

/* PCI Express base specification 9.3.3. */
#define SRIOV_CAP_ID		0x10
#define SRIOV_TOTAL_VFS		0x0e

/* Devarg: the file that a warm start needs. */
#define DEVARG_STATE		"state"

/* As a plug-in, on an EAL without them: each start is cold then. */
#pragma weak rte_vfio_adopt_driver_register
#pragma weak rte_vfio_adopt_warm

static const struct rte_pci_id pf_ids[] = {
	{ RTE_PCI_DEVICE(I82576_PCI_VENDOR, I82576_PCI_DEVICE_PF) },
	{ .vendor_id = 0 },
};

/* How many VFs there may be; 0 without SR-IOV. */
static uint16_t
total_vfs_read(struct i82576_pf *pf, struct rte_pci_device *pci)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint16_t total;
	off_t cap;

	if (pci == NULL)
		return RTE_MIN(hw->model->total_vfs, I82576_MAX_VFS);
	cap = rte_pci_find_ext_capability(pci, SRIOV_CAP_ID);
	if (cap <= 0 || rte_pci_read_config(pci, &total, sizeof(total), cap + SRIOV_TOTAL_VFS) !=
			sizeof(total))
		return 0;
	return RTE_MIN(rte_le_to_cpu_16(total), I82576_MAX_VFS);
}

static int
lock_init(struct i82576_pf *pf)
{
	pthread_mutexattr_t attr;
	int ret;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, PTHREAD_MUTEX_RECURSIVE);
	ret = pthread_mutex_init(&pf->lock, &attr);
	pthread_mutexattr_destroy(&attr);
	rte_spinlock_init(&pf->stats_lock);
	return -ret;
}

/* What a process needs for itself: function pointers. */
static void
process_init(struct rte_eth_dev *dev)
{
	dev->dev_ops = &i82576_pf_ops;
	i82576_rxtx_init(dev);
}

/* Resets the device, which reads its address from the EEPROM again. */
static int
cold_init(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	int ret;

	ret = i82576_pf_reset(hw);
	if (ret != 0)
		return ret;
	ret = i82576_pf_mac_addr_read(hw, &pf->eeprom_mac);
	if (ret != 0) {
		I82576_LOG(ERR, init, hw, "probe failed: the EEPROM holds no MAC address");
		return ret;
	}
	pf->macs[0] = pf->eeprom_mac;
	pf->num_vfs = i82576_pf_num_vfs_read(pf);
	return 0;
}

/* Brings the device of @dev, whose registers are accessible, into the state of a stopped port. */
static int
common_init(struct rte_eth_dev *dev, struct rte_pci_device *pci, const struct i82576_pf_args *args)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	int ret;

	pf->port_id = dev->data->port_id;
	pf->port.data = dev->data;
	pf->port.max_queues = I82576_MAX_QUEUES;
	pf->fc.mode = RTE_ETH_FC_NONE;
	pf->pause_autoneg = true;
	pf->outer_tpid = RTE_ETHER_TYPE_QINQ;
	pf->max_frame = RTE_ETHER_MTU + I82576_PF_FRAME_OVERHEAD;
	ret = lock_init(pf);
	if (ret != 0)
		return ret;
	if (args != NULL && args->state != NULL) {
		ret = i82576_pf_state_open(pf, args->state);
		if (ret != 0)
			goto err_lock;
	}
	pf->warm = args != NULL && args->warm && i82576_pf_warm_probe(pf);
	ret = pf->warm ? 0 : cold_init(pf);
	if (ret != 0)
		goto err_state;
	/* The bus has left it to us: with its queues stopped, or after the reset. */
	if (args != NULL && args->warm && pci != NULL && rte_pci_set_bus_master(pci, true) != 0) {
		I82576_LOG(ERR, init, hw, "probe failed: it cannot be made bus master");
		ret = -EIO;
		goto err_state;
	}
	/* What an application had set before dev_reset() is its own to set again. */
	memset(&pf->macs[1], 0, sizeof(pf->macs) - sizeof(pf->macs[0]));
	memset(pf->vlans, 0, sizeof(pf->vlans));
	pf->nb_mc_hashes = 0;
	pf->total_vfs = total_vfs_read(pf, pci);
	i82576_pf_mode_choose(pf);
	if (!pf->policy_set)
		i82576_pf_policy_init(pf);
	pf->policy_set = true;
	dev->data->mac_addrs = rte_zmalloc("i82576_pf_macs",
		sizeof(*dev->data->mac_addrs) * I82576_PF_MAX_MACS, 0);
	if (dev->data->mac_addrs == NULL) {
		ret = -ENOMEM;
		goto err_state;
	}
	dev->data->mac_addrs[0] = pf->macs[0];
	if (rte_eth_switch_domain_alloc(&pf->domain_id) != 0)
		pf->domain_id = RTE_ETH_DEV_SWITCH_DOMAIN_ID_INVALID;
	I82576_LOG(INFO, init, hw, "PF with %u VFs of %u, MAC address " RTE_ETHER_ADDR_PRT_FMT,
		pf->num_vfs, pf->total_vfs, RTE_ETHER_ADDR_BYTES(&pf->macs[0]));
	return 0;

err_state:
	i82576_pf_state_close(pf);
err_lock:
	pthread_mutex_destroy(&pf->lock);
	return ret;
}

int
i82576_pf_init(struct rte_eth_dev *dev, const struct i82576_pf_args *args)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct rte_pci_device *pci;
	int ret;

	process_init(dev);
	if (rte_eal_process_type() != RTE_PROC_PRIMARY) {
		i82576_rx_function_set(dev);
		i82576_tx_function_set(dev);
		return 0;
	}
	if (pf->port.hw.model != NULL)
		return common_init(dev, NULL, args);
	pci = RTE_ETH_DEV_TO_PCI(dev);
	rte_eth_copy_pci_info(dev, pci);
	dev->data->dev_flags |= RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	pf->port.hw.bar = pci->mem_resource[0].addr;
	/* Of the port and not of the device, which secondary processes have for themselves. */
	pf->port.hw.name = dev->data->name;
	ret = common_init(dev, pci, args);
	if (ret != 0)
		return ret;
	ret = rte_intr_callback_register(pci->intr_handle, i82576_pf_intr_handler, dev);
	if (ret != 0) {
		I82576_LOG(ERR, init, &pf->port.hw, "probe failed: no interrupt callback: %d", ret);
		i82576_pf_state_close(pf);
		pthread_mutex_destroy(&pf->lock);
	}
	return ret;
}

/* Also for dev_reset(): policy, and the device's registers, are left as they are. */
int
i82576_pf_uninit(struct rte_eth_dev *dev)
{
	struct i82576_pf *pf = i82576_pf(dev);

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return 0;
	i82576_pf_dev_stop(dev);
	/* An alarm of a mailbox may have been set since. */
	i82576_pf_alarms_cancel(pf);
	if (pf->port.hw.model == NULL)
		rte_intr_callback_unregister_sync(dev->intr_handle, i82576_pf_intr_handler, dev);
	if (!i82576_is_gone(&pf->port.hw))
		i82576_clear_bits(&pf->port.hw, I82576_CTRL_EXT, I82576_CTRL_EXT_DRV_LOAD);
	pthread_mutex_destroy(&pf->lock);
	rte_eth_switch_domain_free(pf->domain_id);
	rte_free(dev->data->mac_addrs);
	dev->data->mac_addrs = NULL;
	return 0;
}

static int
dev_init(struct rte_eth_dev *dev, void *params)
{
	return i82576_pf_init(dev, params);
}

static int
representors_create(struct rte_pci_device *pci, const struct rte_eth_devargs *devargs)
{
	struct rte_eth_dev *pf_dev = rte_eth_dev_allocated(pci->device.name);
	struct i82576_pf_representor params;
	char name[RTE_ETH_NAME_MAX_LEN];
	unsigned int i;
	int ret;

	if (devargs->nb_representor_ports == 0 || pf_dev == NULL)
		return 0;
	if (devargs->type != RTE_ETH_REPRESENTOR_VF) {
		I82576_LOG(ERR, init, i82576_hw(pf_dev), "representors are of VFs: "
			"representor=vf[0-6]");
		return -ENOTSUP;
	}
	memset(&params, 0, sizeof(params));
	params.pf_port_id = pf_dev->data->port_id;
	params.domain_id = i82576_pf(pf_dev)->domain_id;
	for (i = 0; i < devargs->nb_representor_ports; i++) {
		params.vf = devargs->representor_ports[i];
		if (params.vf >= i82576_pf(pf_dev)->total_vfs) {
			I82576_LOG(ERR, init, i82576_hw(pf_dev), "no VF %u to represent: there are "
				"%u at most", params.vf, i82576_pf(pf_dev)->total_vfs);
			return -EINVAL;
		}
		snprintf(name, sizeof(name), "net_%s_representor_%u", pci->device.name, params.vf);
		if (rte_eth_dev_allocated(name) != NULL)
			continue;
		ret = rte_eth_dev_create(&pci->device, name,
			sizeof(struct i82576_pf_representor), NULL, NULL,
			i82576_pf_representor_init, &params);
		if (ret != 0) {
			I82576_LOG(ERR, init, i82576_hw(pf_dev), "representor of vf %u failed: %s "
				"(%d)", params.vf, strerror(-ret), -ret);
			return ret;
		}
	}
	return 0;
}

static int
pci_probe(struct rte_pci_driver *driver, struct rte_pci_device *pci)
{
	struct i82576_pf_args args = { .state = NULL };
	struct rte_kvargs *kvlist = NULL;
	struct rte_eth_devargs devargs;
	int ret;

	memset(&devargs, 0, sizeof(devargs));
	/* Positive: not for us, ask the next driver. */
	if (i82576_pci_is_left_to_upstream(pci))
		return 1;
	if (pci->device.devargs != NULL && pci->device.devargs->args != NULL) {
		ret = i82576_devargs_parse(pci->device.devargs->args, &devargs);
		if (ret != 0)
			return ret;
	}
	/* A second probe is for more representors. */
	if (rte_eth_dev_allocated(pci->device.name) == NULL) {
		if (pci->device.devargs != NULL && pci->device.devargs->args != NULL)
			kvlist = rte_kvargs_parse(pci->device.devargs->args, NULL);
		args.state = kvlist != NULL ? rte_kvargs_get(kvlist, DEVARG_STATE) : NULL;
		args.warm = rte_vfio_adopt_warm != NULL &&
			rte_vfio_adopt_warm(pci->name, driver->driver.name) != 0;
		ret = rte_eth_dev_create(&pci->device, pci->device.name, sizeof(struct i82576_pf),
			eth_dev_pci_specific_init, pci, dev_init, &args);
		rte_kvargs_free(kvlist);
		if (ret != 0)
			return ret;
	}
	return representors_create(pci, &devargs);
}

static int
pci_remove(struct rte_pci_device *pci)
{
	struct rte_eth_dev *dev = rte_eth_dev_allocated(pci->device.name);
	uint16_t port_id;

	if (dev == NULL)
		return 0;
	/* Representors go first: they use the PF's data. */
	RTE_ETH_FOREACH_DEV_OF(port_id, &pci->device)
		if (port_id != dev->data->port_id)
			rte_eth_dev_close(port_id);
	return rte_eth_dev_destroy(dev, i82576_pf_dev_close);
}

static struct rte_pci_driver pf_driver = {
	.id_table = pf_ids,
	.drv_flags = RTE_PCI_DRV_NEED_MAPPING | RTE_PCI_DRV_INTR_LSC | RTE_PCI_DRV_INTR_RMV |
		RTE_PCI_DRV_PROBE_AGAIN,
	.probe = pci_probe,
	.remove = pci_remove,
};

RTE_INIT(i82576_pf_warm_register)
{
	if (rte_vfio_adopt_driver_register != NULL)
		rte_vfio_adopt_driver_register("net_i82576_pf");
}

I82576_REGISTER_PCI(net_i82576_pf, pf_driver, pf_ids);
RTE_PMD_REGISTER_PARAM_STRING(net_i82576_pf,
	I82576_DEVARG_UPSTREAM "=<0|1> "
	DEVARG_STATE "=<path> "
	"representor=vf[0-6]");

/* Gives a port on a model what the bus would: a device, and an interrupt that never comes. */
static int
test_device_create(struct rte_eth_dev *dev)
{
	static const struct rte_driver driver = { .name = "net_i82576_pf" };
	struct rte_device *device = calloc(1, sizeof(*device));

	if (device == NULL)
		return -ENOMEM;
	dev->intr_handle = rte_intr_instance_alloc(RTE_INTR_INSTANCE_F_PRIVATE);
	if (dev->intr_handle == NULL) {
		free(device);
		return -ENOMEM;
	}
	device->name = dev->data->name;
	device->driver = &driver;
	dev->device = device;
	dev->data->dev_flags |= RTE_ETH_DEV_INTR_LSC | RTE_ETH_DEV_AUTOFILL_QUEUE_XSTATS;
	return 0;
}

void
i82576_pf_test_device_free(struct rte_eth_dev *dev)
{
	rte_intr_instance_free(dev->intr_handle);
	dev->intr_handle = NULL;
	free(dev->device);
	dev->device = NULL;
}

int
i82576_pf_test_create(const char *name, struct i82576_model *model, uint16_t *port_id)
{
	return i82576_pf_test_create_warm(name, model, NULL, false, port_id);
}

int
i82576_pf_test_create_warm(const char *name, struct i82576_model *model, const char *state,
		bool warm, uint16_t *port_id)
{
	const struct i82576_pf_args args = { .state = state, .warm = warm };
	struct rte_eth_dev *dev = rte_eth_dev_allocate(name);
	struct i82576_pf *pf;
	int ret;

	if (dev == NULL)
		return -EEXIST;
	pf = rte_zmalloc(name, sizeof(*pf), RTE_CACHE_LINE_SIZE);
	if (pf == NULL) {
		ret = -ENOMEM;
		goto err_port;
	}
	dev->data->dev_private = pf;
	ret = test_device_create(dev);
	if (ret != 0)
		goto err_port;
	pf->port.hw.model = model;
	pf->port.hw.bar = model->bar;
	pf->port.hw.name = dev->data->name;
	ret = i82576_pf_init(dev, &args);
	if (ret != 0)
		goto err_device;
	rte_eth_dev_probing_finish(dev);
	*port_id = dev->data->port_id;
	return 0;

err_device:
	i82576_pf_test_device_free(dev);
err_port:
	rte_eth_dev_release_port(dev);
	return ret;
}

void
i82576_pf_test_abandon(uint16_t port_id)
{
	struct rte_eth_dev *dev = &rte_eth_devices[port_id];
	struct i82576_pf *pf = i82576_pf(dev);
	uint16_t i;

	/* Nothing is written to the device from here on. */
	pf->running = false;
	i82576_pf_alarms_cancel(pf);
	i82576_pf_state_close(pf);
	pf->port.hw.model = NULL;
	for (i = 0; i < dev->data->nb_rx_queues; i++)
		i82576_rx_queue_release(dev, i);
	for (i = 0; i < dev->data->nb_tx_queues; i++)
		i82576_tx_queue_release(dev, i);
	rte_eth_switch_domain_free(pf->domain_id);
	i82576_pf_test_device_free(dev);
	rte_eth_dev_release_port(dev);
}

void
i82576_pf_test_interrupt(uint16_t port_id)
{
	struct i82576_pf *pf = i82576_pf(&rte_eth_devices[port_id]);

	i82576_pf_lock(pf);
	i82576_pf_intr_service(pf);
	i82576_pf_unlock(pf);
}

void
i82576_pf_test_refill(uint16_t port_id)
{
	struct i82576_pf *pf = i82576_pf(&rte_eth_devices[port_id]);

	i82576_pf_lock(pf);
	i82576_pf_mbx_refill(pf);
	i82576_pf_unlock(pf);
}
