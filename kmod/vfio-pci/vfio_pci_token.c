// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * VF tokens: a secret that the user of a PF and the users of its VFs share. The PF's driver, a
 * process, can reset and misdirect the VFs; that their users know its token says that they accept
 * this process, and that the next one which opens the PF is a successor whom they would accept.
 */

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_audit.h"
#include "vfio_pci_pass.h"
#include "vfio_pci_pf.h"
#include "vfio_pci_token.h"

#define TOKEN_OPTION "vf_token="

/* How often a token is set anew if the caller's buffer or another caller changes it under way. */
#define TOKEN_SET_TRIES 8

/* Whether @uuid, which may be NULL, is the token. It takes as long as for any other @uuid. */
static bool token_equal(const uuid_t *token, const uuid_t *uuid)
{
	u8 difference = 0;
	unsigned int i;

	if (!uuid)
		return false;
	for (i = 0; i < UUID_SIZE; i++) {
		difference |= token->b[i] ^ uuid->b[i];
		OPTIMIZER_HIDE_VAR(difference);
	}
	return !difference;
}

static enum vfio_pci_refusal token_refusal(const uuid_t *uuid)
{
	return uuid ? VFIO_PCI_WRONG_TOKEN : VFIO_PCI_NO_TOKEN;
}

/* pf->lock of the VF's PF is held. */
static bool token_opens_vf(struct vfio_pci_device *vdev, const uuid_t *uuid)
{
	struct vfio_pci_pf *pf = vfio_pci_pf_of(vdev)->pf;
	struct vfio_pci_vf *vf = vfio_pci_pf_vf(vdev);

	lockdep_assert_held(&pf->lock);

	return token_equal(vf->has_token ? &vf->token : &pf->token, uuid);
}

static int token_check_vf(struct vfio_pci_device *vdev, const uuid_t *uuid)
{
	struct vfio_pci_device *pf_vdev = vfio_pci_pf_of(vdev);
	bool opens;

	if (!pf_vdev) {
		/* Another vfio driver's PF keeps its token in the core. */
		if (vdev->core.sriov_pf_core_dev) {
			if (compat_core_check_token(&vdev->core, uuid))
				return vfio_pci_audit_refuse(vdev, token_refusal(uuid));
			return 0;
		}
		return uuid ? vfio_pci_audit_refuse(vdev, VFIO_PCI_NOT_APPLICABLE) : 0;
	}

	mutex_lock(&pf_vdev->pf->lock);
	opens = token_opens_vf(vdev, uuid);
	mutex_unlock(&pf_vdev->pf->lock);

	return opens ? 0 : vfio_pci_audit_refuse(vdev, token_refusal(uuid));
}

/*
 * Asks the core, which counts the VFs on other vfio drivers as well and keeps the PF's token for
 * them, and takes the token over if the core does. pf->lock is held.
 */
static int token_replace(struct vfio_pci_device *vdev, const uuid_t *uuid)
{
	int ret;

	lockdep_assert_held(&vdev->pf->lock);

	ret = compat_core_check_token(&vdev->core, uuid);
	if (!ret && uuid)
		uuid_copy(&vdev->pf->token, uuid);
	return ret;
}

static int token_check_pf(struct vfio_pci_device *vdev, const uuid_t *uuid)
{
	struct vfio_pci_pf *pf = vdev->pf;
	int ret;

	mutex_lock(&pf->lock);
	if ((pf->users || pf->kept) && !token_equal(&pf->token, uuid))
		ret = -EACCES;
	else
		ret = token_replace(vdev, uuid);
	mutex_unlock(&pf->lock);

	return ret == -EACCES ? vfio_pci_audit_refuse(vdev, token_refusal(uuid)) : ret;
}

int vfio_pci_token_check(struct vfio_device *core_vdev, const uuid_t *uuid)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);
	int ret;

	if (vdev->core.pdev->is_virtfn)
		ret = token_check_vf(vdev, uuid);
	else if (vdev->pf)
		ret = token_check_pf(vdev, uuid);
	else
		return uuid ? vfio_pci_audit_refuse(vdev, VFIO_PCI_NOT_APPLICABLE) : 0;
	if (!ret)
		vfio_pci_pass_give(&vdev->passes, uuid);
	return ret;
}

/*
 * Parses the options after a device's name: words separated by blanks, of which there may be one,
 * a token. Returns 1 if there is, 0 if not, or -EINVAL.
 */
static int token_parse(const char *options, uuid_t *uuid)
{
	const size_t prefix = strlen(TOKEN_OPTION);
	bool found = false;
	size_t length;

	for (options += strspn(options, " "); *options; options += strspn(options, " ")) {
		length = strcspn(options, " ");
		if (found || length != prefix + UUID_STRING_LEN ||
				strncmp(options, TOKEN_OPTION, prefix) ||
				uuid_parse(options + prefix, uuid))
			return -EINVAL;
		found = true;
		options += length;
	}
	return found;
}

int vfio_pci_token_match(struct vfio_device *core_vdev, char *buf)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);
	const char *name = pci_name(vdev->core.pdev);
	const size_t length = strlen(name);
	uuid_t uuid;
	int ret;

	if (strncmp(buf, name, length) || (buf[length] && buf[length] != ' '))
		return 0;

	ret = token_parse(buf + length, &uuid);
	if (ret >= 0)
		ret = vfio_pci_token_check(core_vdev, ret ? &uuid : NULL);
	else
		ret = vfio_pci_audit_refuse(vdev, VFIO_PCI_MALFORMED);
	memzero_explicit(&uuid, sizeof(uuid));
	return ret ?: 1;
}

/* @pass is NULL if there is none; @uuid is the token in it, NULL if there is none. */
static int token_admit_vf(struct vfio_pci_device *vdev, const struct vfio_pci_pass *pass,
		const uuid_t *uuid)
{
	struct vfio_pci_device *pf_vdev = vfio_pci_pf_of(vdev);
	bool opens;
	int ret;

	if (!vdev->core.sriov_pf_core_dev)
		return 0;
	if (!pass)
		return vfio_pci_audit_refuse(vdev, VFIO_PCI_NO_MATCH);
	if (!pf_vdev)
		return token_check_vf(vdev, uuid);

	mutex_lock(&pf_vdev->pf->lock);
	ret = vfio_pci_pf_add_user(vdev);
	opens = token_opens_vf(vdev, uuid);
	mutex_unlock(&pf_vdev->pf->lock);

	if (ret)
		return ret;
	if (opens)
		return 0;
	vfio_pci_pf_remove_user(vdev);
	return vfio_pci_audit_refuse(vdev, token_refusal(uuid));
}

static int token_admit_pf(struct vfio_pci_device *vdev, const struct vfio_pci_pass *pass,
		const uuid_t *uuid)
{
	struct vfio_pci_pf *pf = vdev->pf;
	bool opens;

	mutex_lock(&pf->lock);
	opens = token_equal(&pf->token, uuid);
	/* With no VF in use, anybody opens. The core counts those on other vfio drivers. */
	if (!opens && !pf->users && !pf->kept)
		opens = !compat_core_check_token(&vdev->core, NULL);
	mutex_unlock(&pf->lock);

	if (opens)
		return 0;
	return vfio_pci_audit_refuse(vdev, pass ? token_refusal(uuid) : VFIO_PCI_NO_MATCH);
}

int vfio_pci_token_admit(struct vfio_pci_device *vdev)
{
	struct vfio_pci_pass pass, *found;
	const uuid_t *uuid;
	int ret = 0;

	found = vfio_pci_pass_take(&vdev->passes, &pass) ? &pass : NULL;
	uuid = found && pass.has_token ? &pass.token : NULL;
	if (vdev->core.pdev->is_virtfn)
		ret = token_admit_vf(vdev, found, uuid);
	else if (vdev->pf)
		ret = token_admit_pf(vdev, found, uuid);
	memzero_explicit(&pass, sizeof(pass));
	return ret;
}

/*
 * The core reads the token from user memory by itself, and its copy must be the same as ours, which
 * was read before: the buffer may have changed, or another caller may have set another token.
 */
static int token_set(struct vfio_pci_device *vdev, const uuid_t *uuid, u32 flags, void __user *arg,
		size_t argsz)
{
	unsigned int try;
	int ret;

	for (try = 0; try < TOKEN_SET_TRIES; try++) {
		/* Not under pf->lock: user memory can make this wait without a bound. */
		ret = vfio_pci_core_ioctl_feature(&vdev->core.vdev, flags, arg, argsz);
		if (ret)
			return ret;

		mutex_lock(&vdev->pf->lock);
		ret = token_replace(vdev, uuid);
		mutex_unlock(&vdev->pf->lock);
		if (ret != -EACCES)
			return ret;
	}
	return -EAGAIN;
}

int vfio_pci_token_feature(struct vfio_device *core_vdev, u32 flags, void __user *arg,
		size_t argsz)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);
	uuid_t uuid;
	int ret;

	if (!vdev->pf)
		return -ENOTTY;

	/* No GET: the token may be the previous user's. */
	ret = vfio_check_feature(flags, argsz, VFIO_DEVICE_FEATURE_SET, sizeof(uuid));
	if (ret != 1)
		return ret;

	if (copy_from_user(&uuid, arg, sizeof(uuid)))
		return -EFAULT;
	ret = token_set(vdev, &uuid, flags, arg, argsz);
	memzero_explicit(&uuid, sizeof(uuid));
	return ret;
}

int vfio_pci_token_set_own(struct vfio_pci_device *vdev, unsigned int vf, const uuid_t *uuid)
{
	struct vfio_pci_pf *pf = vdev->pf;
	int ret = 0;

	mutex_lock(&pf->lock);
	if (pf->removing || vf >= pf->total_vfs || vf >= pci_num_vf(vdev->core.pdev)) {
		ret = -ERANGE;
	} else {
		pf->vfs[vf].has_token = uuid;
		uuid_copy(&pf->vfs[vf].token, uuid ?: &uuid_null);
	}
	mutex_unlock(&pf->lock);
	return ret;
}
