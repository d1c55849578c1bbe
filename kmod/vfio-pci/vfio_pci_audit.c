// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * Who was refused a device: a line of the log for each time, at a limited rate, and counters that
 * lose none.
 */

#include <linux/device.h>
#include <linux/errno.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/sched.h>

#include "vfio_pci.h"
#include "vfio_pci_audit.h"

struct audit_refusal {
	const char *reason;
	int error;
};

static const struct audit_refusal audit_refusals[VFIO_PCI_REFUSALS] = {
	[VFIO_PCI_NO_TOKEN] = { "VF token required", -EACCES },
	[VFIO_PCI_WRONG_TOKEN] = { "wrong VF token", -EACCES },
	[VFIO_PCI_NOT_APPLICABLE] = {
		"VF token given to a device that takes none: no SR-IOV, or a PF not on vfio-pci",
		-EINVAL,
	},
	[VFIO_PCI_MALFORMED] = { "malformed options after the device's name", -EINVAL },
	[VFIO_PCI_NO_MATCH] = {
		"VF token required, which this kernel takes by the group alone; open it through /dev/vfio/GROUP",
		-EACCES,
	},
};

struct audit_attribute {
	struct device_attribute attribute;
	enum vfio_pci_refusal refusal;
};

static struct vfio_pci_device *audit_device(struct device *dev)
{
	struct vfio_pci_core_device *core = dev_get_drvdata(dev);

	return to_vfio_pci_device(&core->vdev);
}

static ssize_t refused_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	struct audit_attribute *refused = container_of(attribute, struct audit_attribute,
			attribute);

	return sysfs_emit(buf, "%lld\n",
			atomic64_read(&audit_device(dev)->audit.refused[refused->refusal]));
}

static ssize_t opens_show(struct device *dev, struct device_attribute *attribute, char *buf)
{
	return sysfs_emit(buf, "%lld\n", atomic64_read(&audit_device(dev)->audit.opens));
}

#define AUDIT_REFUSED(_name, _refusal)						\
	static struct audit_attribute audit_##_name = {				\
		.attribute = __ATTR(_name, 0444, refused_show, NULL),		\
		.refusal = _refusal,						\
	}

AUDIT_REFUSED(refused_no_token, VFIO_PCI_NO_TOKEN);
AUDIT_REFUSED(refused_wrong_token, VFIO_PCI_WRONG_TOKEN);
AUDIT_REFUSED(refused_not_applicable, VFIO_PCI_NOT_APPLICABLE);
AUDIT_REFUSED(refused_malformed, VFIO_PCI_MALFORMED);
AUDIT_REFUSED(refused_no_match, VFIO_PCI_NO_MATCH);
static DEVICE_ATTR_RO(opens);

static struct attribute *audit_attributes[] = {
	&audit_refused_no_token.attribute.attr,
	&audit_refused_wrong_token.attribute.attr,
	&audit_refused_not_applicable.attribute.attr,
	&audit_refused_malformed.attribute.attr,
	&audit_refused_no_match.attribute.attr,
	&dev_attr_opens.attr,
	NULL
};

static umode_t audit_is_visible(struct kobject *kobj, struct attribute *attribute, int index)
{
	struct pci_dev *pdev = to_pci_dev(kobj_to_dev(kobj));

	return pdev->is_physfn || pdev->is_virtfn ? attribute->mode : 0;
}

static const struct attribute_group audit_group = {
	.name = "vf_token",
	.attrs = audit_attributes,
	.is_visible = audit_is_visible,
};

const struct attribute_group *vfio_pci_audit_groups[] = {
	&audit_group,
	NULL
};

void vfio_pci_audit_init(struct vfio_pci_device *vdev)
{
	ratelimit_default_init(&vdev->audit.ratelimit);
}

int vfio_pci_audit_refuse(struct vfio_pci_device *vdev, enum vfio_pci_refusal refusal)
{
	atomic64_inc(&vdev->audit.refused[refusal]);
	if (__ratelimit(&vdev->audit.ratelimit))
		pci_notice(vdev->core.pdev, "open refused to pid %d (%s): %s\n",
				task_tgid_nr(current), current->comm,
				audit_refusals[refusal].reason);
	return audit_refusals[refusal].error;
}

void vfio_pci_audit_open(struct vfio_pci_device *vdev)
{
	atomic64_inc(&vdev->audit.opens);
}
