/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_string_fns.h>

#include "eal_vfio_token_private.h"

#define NAMES_SIZE 256

void
vfio_token_none_refusal(const struct vfio_token_function *fn, struct vfio_token_error *why)
{
	switch (fn->reason) {
	case VFIO_TOKEN_NONE_KERNEL:
		vfio_token_fail(why, 0, "this kernel's vfio-pci knows no VF tokens (they came with "
				"Linux 5.7): remove the entry for %s", fn->name);
		break;
	case VFIO_TOKEN_NONE_PF_NOT_VFIO:
		vfio_token_fail(why, 0, "%s takes no VF token: its PF %s is %s%s, not on vfio-pci: "
				"remove the entry, or have the PF bound to vfio-pci before its VFs "
				"are created", fn->name, fn->pf_name,
				fn->pf_driver[0] != '\0' ? "on driver " : "on no driver",
				fn->pf_driver);
		break;
	default:
		vfio_token_fail(why, 0, "%s takes no VF token: it has no SR-IOV (neither a PF nor "
				"a VF): remove the entry", fn->name);
		break;
	}
}

void
vfio_token_absent_refusal(const char *name, struct vfio_token_error *why)
{
	char sriov = vfio_token_module_param("vfio_pci", "enable_sriov");

	if (!vfio_token_module_loaded("vfio_pci"))
		vfio_token_fail(why, 0, "there is no PCI device %s, and vfio-pci is not loaded: "
				"modprobe vfio-pci enable_sriov=1, bind the PF and write "
				"sriov_numvfs, or correct the address", name);
	else if (sriov == 'N')
		vfio_token_fail(why, 0, "there is no PCI device %s; if it is a VF of a PF on "
				"vfio-pci, enable_sriov is off: echo Y > "
				"/sys/module/vfio_pci/parameters/enable_sriov, then write the PF's "
				"sriov_numvfs", name);
	else
		vfio_token_fail(why, 0, "there is no PCI device %s: correct the address, or, if it "
				"is a VF, create it by the PF's sriov_numvfs", name);
}

void
vfio_token_unbound_refusal(const char *sysfs_base, const struct vfio_token_function *fn,
		struct vfio_token_error *why)
{
	const char *on = fn->driver[0] != '\0' ? "on driver " : "on no driver";

	/* vfio-pci takes no device without an IOMMU group. */
	if (vfio_token_group_of(sysfs_base, fn->name) < 0)
		vfio_token_fail(why, 0, "%s is %s%s, not on vfio-pci, and has no IOMMU group: turn "
				"the IOMMU on (firmware, and intel_iommu=on or amd_iommu=on), then "
				"dpdk-devbind.py -b vfio-pci %s", fn->name, on, fn->driver,
				fn->name);
	else
		vfio_token_fail(why, 0, "%s is %s%s, not on vfio-pci: dpdk-devbind.py -b vfio-pci "
				"%s", fn->name, on, fn->driver, fn->name);
}

/* Who holds the PF of a VF, as a half sentence. */
static void
pf_holder_describe(const char *sysfs_base, const struct vfio_token_function *fn, char *text,
		size_t size)
{
	char names[NAMES_SIZE];
	int group = vfio_token_group_of(sysfs_base, fn->pf_name);

	vfio_token_group_holders(group, names, sizeof(names));
	snprintf(text, size, "PF %s is held by %s", fn->pf_name, names);
}

static void
vf_denied(const char *sysfs_base, const struct vfio_token_function *fn,
		const struct vfio_token_choice *choice, struct vfio_token_error *why)
{
	char holder[NAMES_SIZE + 64];

	pf_holder_describe(sysfs_base, fn, holder, sizeof(holder));
	if (choice->has_token)
		vfio_token_fail(why, 0, "wrong VF token: %s is not the token that is set on "
				"PF %s; %s: use the token its owner set (an owner that set none "
				"left a random one, which nobody knows)",
				choice->origin, fn->pf_name, holder);
	else
		vfio_token_fail(why, 0, "VF token missing: no --vfio-vf-token applies to this VF "
				"of PF %s, which is on vfio-pci; %s: give the token its owner set, "
				"--vfio-vf-token=%s=SOURCE", fn->pf_name, holder, fn->name);
}

static void
pf_denied(const struct vfio_token_function *fn, const struct vfio_token_choice *choice,
		struct vfio_token_error *why)
{
	if (choice->has_token)
		vfio_token_fail(why, 0, "wrong VF token: VFs of this PF are open, and %s is not "
				"the token they were opened with: give that one, or close the VFs "
				"first",
				choice->origin);
	else
		vfio_token_fail(why, 0, "VF token missing: VFs of this PF are open, and no "
				"--vfio-vf-token applies to it: give the token they were opened "
				"with, --vfio-vf-token=%s=SOURCE, or close the VFs first",
				fn->name);
}

/* The kernel refused a token as such: sysfs may have changed since it was read. */
static void
token_rejected(const char *sysfs_base, const struct vfio_token_function *fn,
		const struct vfio_token_choice *choice, struct vfio_token_error *why)
{
	struct vfio_token_function now;

	if (vfio_token_function_read(sysfs_base, &fn->bdf, &now) == 0 &&
			now.role == RTE_VFIO_VF_TOKEN_ROLE_NONE) {
		vfio_token_none_refusal(&now, why);
		return;
	}
	vfio_token_fail(why, 0, "the kernel takes no VF token for it (%s was sent): its PF may "
			"have just left vfio-pci; see dmesg", choice->origin);
}

void
vfio_token_device_refusal(const char *sysfs_base, const struct vfio_token_function *fn,
		const struct vfio_token_choice *choice, int err, struct vfio_token_error *why)
{
	char names[NAMES_SIZE];

	switch (err) {
	case EACCES:
		if (!fn->has_pf)
			vfio_token_fail(why, 0, "it takes no VF token, so this is not about one: a "
					"security module may forbid the open; see dmesg");
		else if (fn->role == RTE_VFIO_VF_TOKEN_ROLE_PF)
			pf_denied(fn, choice, why);
		else
			vf_denied(sysfs_base, fn, choice, why);
		break;
	case EINVAL:
		if (choice->has_token)
			token_rejected(sysfs_base, fn, choice, why);
		else
			vfio_token_fail(why, 0, "the group has no IOMMU set up in its container, "
					"or the device cannot be enabled: see dmesg");
		break;
	case ENODEV:
		vfio_token_fail(why, 0, "it is not a device of its VFIO group: it was unbound from "
				"its VFIO driver meanwhile, or its PF is going away: bind it "
				"again, dpdk-devbind.py -b vfio-pci %s", fn->name);
		break;
	case EBUSY:
		vfio_token_group_holders(vfio_token_group_of(sysfs_base, fn->name), names,
				sizeof(names));
		vfio_token_fail(why, 0, "the device is in use; its group is held by %s", names);
		break;
	default:
		vfio_token_fail(why, 0, "see dmesg for what the kernel's driver says of it");
		break;
	}
}

/* "owned by uid 0 gid 0 with mode 0600" */
static void
node_describe(const char *node, char *text, size_t size)
{
	struct stat st;

	if (stat(node, &st) != 0)
		snprintf(text, size, "not readable: %s", strerror(errno));
	else
		snprintf(text, size, "owned by uid %u gid %u with mode %04o", st.st_uid, st.st_gid,
				(unsigned int)(st.st_mode & 07777));
}

static void
group_open_refusal(int group, int err, struct vfio_token_error *why)
{
	char node[PATH_MAX], noiommu[PATH_MAX], text[NAMES_SIZE];

	snprintf(node, sizeof(node), "%s/%d", vfio_token_paths.dev_vfio, group);
	snprintf(noiommu, sizeof(noiommu), "%s/noiommu-%d", vfio_token_paths.dev_vfio, group);
	if (err == EBUSY) {
		vfio_token_group_holders(group, text, sizeof(text));
		vfio_token_fail(why, 0, "IOMMU group %d is held by %s; one process at a time can "
				"hold a group: stop that one (as root, on the host: fuser -v %s)",
				group, text, node);
	} else if (err == EREMOTEIO) {
		vfio_token_fail(why, 0, "the primary process could not open IOMMU group %d: its "
				"log says why", group);
	} else if (err == ENOSPC) {
		vfio_token_fail(why, 0, "this process has as many VFIO groups as DPDK was built "
				"for: build it with a larger RTE_MAX_VFIO_GROUPS");
	} else if (access(node, F_OK) != 0 && access(noiommu, F_OK) == 0) {
		vfio_token_fail(why, 0, "IOMMU group %d is without IOMMU (noiommu), and %s needs "
				"CAP_SYS_RAWIO: run as root, or turn the IOMMU on", group, noiommu);
	} else {
		node_describe(node, text, sizeof(text));
		vfio_token_fail(why, 0, "cannot open %s, %s, as uid %u: chown it to this user, or "
				"run as its owner", node, text, geteuid());
	}
}

static void
group_node_refusal(const char *sysfs_base, const char *dev_addr, int group,
		struct vfio_token_error *why)
{
	struct vfio_token_function fn = { .driver = "" };
	struct vfio_token_bdf bdf;

	if (vfio_token_bdf_parse(dev_addr, strlen(dev_addr), &bdf) == 0 &&
			vfio_token_function_read(sysfs_base, &bdf, &fn) == 0 &&
			!vfio_token_driver_is_vfio(sysfs_base, fn.name, fn.driver))
		vfio_token_unbound_refusal(sysfs_base, &fn, why);
	else if (!vfio_token_module_loaded("vfio_pci"))
		vfio_token_fail(why, 0, "vfio-pci is not loaded: modprobe vfio-pci");
	else
		vfio_token_fail(why, 0, "%s/%d does not exist: in a container, pass the node in",
				vfio_token_paths.dev_vfio, group);
}

static void
no_group_refusal(struct vfio_token_error *why)
{
	if (!vfio_token_module_loaded("vfio_pci") && !vfio_token_module_loaded("vfio"))
		vfio_token_fail(why, 0, "no IOMMU group, and vfio-pci is not loaded: modprobe "
				"vfio-pci, and turn the IOMMU on");
	else
		vfio_token_fail(why, 0, "no IOMMU group: turn the IOMMU on (firmware, and "
				"intel_iommu=on or amd_iommu=on); without one, noiommu mode gives "
				"no isolation: "
				"/sys/module/vfio/parameters/enable_unsafe_noiommu_mode");
}

static void
container_refusal(int group, int err, struct vfio_token_error *why)
{
	char noiommu[PATH_MAX];

	snprintf(noiommu, sizeof(noiommu), "%s/noiommu-%d", vfio_token_paths.dev_vfio, group);
	if (access(noiommu, F_OK) == 0)
		vfio_token_fail(why, 0, "IOMMU group %d is without IOMMU (noiommu) and cannot "
				"share a container with groups that have one: bind either kind "
				"only, and note that noiommu needs CAP_SYS_RAWIO", group);
	else if (err == EPERM)
		vfio_token_fail(why, 0, "the IOMMU does not take the group; dmesg says which: no "
				"interrupt remapping (turn it on, or, if tenants are trusted, set "
				"vfio_iommu_type1 allow_unsafe_interrupts), or memory of the "
				"device that the firmware reserves (RMRR: see the firmware's "
				"settings)");
	else if (!vfio_token_module_loaded("vfio_iommu_type1"))
		vfio_token_fail(why, 0, "no IOMMU backend: modprobe vfio_iommu_type1");
	else
		vfio_token_fail(why, 0, "IOMMU group %d cannot join this process's VFIO container: "
				"see dmesg", group);
}

void
eal_vfio_token_refused(enum eal_vfio_token_stage stage, const char *sysfs_base,
		const char *dev_addr, int group_num, int err)
{
	struct vfio_token_error why;
	char names[NAMES_SIZE];

	switch (stage) {
	case EAL_VFIO_TOKEN_NO_GROUP:
		no_group_refusal(&why);
		break;
	case EAL_VFIO_TOKEN_NO_GROUP_NODE:
		group_node_refusal(sysfs_base, dev_addr, group_num, &why);
		break;
	case EAL_VFIO_TOKEN_GROUP_OPEN:
		group_open_refusal(group_num, err, &why);
		break;
	case EAL_VFIO_TOKEN_GROUP_VIABLE:
		vfio_token_group_offenders(group_num, names, sizeof(names));
		vfio_token_fail(&why, 0, "IOMMU group %d is not viable: of it, %s must be bound to "
				"vfio-pci or to no driver: dpdk-devbind.py -b vfio-pci", group_num,
				names[0] != '\0' ? names : "a device that sysfs does not show");
		break;
	default:
		container_refusal(group_num, err, &why);
		break;
	}
	vfio_token_refusal_report(dev_addr, NULL, err != 0 ? err : ENODEV, &why);
}
