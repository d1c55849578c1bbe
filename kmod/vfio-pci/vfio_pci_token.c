// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * VF tokens: a secret that the user of a PF and the users of its VFs share. The PF's driver, a
 * process, can reset and misdirect the VFs; that their users know its token says that they accept
 * this process, and that the next one which opens the PF is a successor whom they would accept.
 */

#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "compat.h"
#include "vfio_pci.h"
#include "vfio_pci_token.h"

#define TOKEN_OPTION "vf_token="

/* How often a token is set anew if the caller's buffer or another caller changes it under way. */
#define TOKEN_SET_TRIES 8

struct vfio_pci_token {
	/* Protects uuid and users. Taken inside all of vfio's locks; inside it only the core's. */
	struct mutex lock;
	uuid_t uuid;
	/* VFs on this driver that are open. */
	unsigned int users;
};

int vfio_pci_token_init(struct vfio_pci_device *vdev)
{
	struct vfio_pci_token *token;

	if (!vdev->core.pdev->is_physfn)
		return 0;

	token = kzalloc(sizeof(*token), GFP_KERNEL);
	if (!token)
		return -ENOMEM;
	mutex_init(&token->lock);
	/* The core draws another one for its copy. Nobody knows either: no matter. */
	uuid_gen(&token->uuid);
	vdev->token = token;
	return 0;
}

void vfio_pci_token_release(struct vfio_pci_device *vdev)
{
	struct vfio_pci_token *token = vdev->token;

	if (!token)
		return;
	WARN_ON(token->users);
	vdev->token = NULL;
	mutex_destroy(&token->lock);
	kfree_sensitive(token);
}

/*
 * The PF of a VF if it is on this driver, else NULL. It stays for as long as the VF is bound: the
 * core sets the pointer when the VF is, and the PF removes its VFs before it goes.
 */
static struct vfio_pci_device *token_pf(struct vfio_pci_device *vf)
{
	struct vfio_pci_core_device *pf = vf->core.sriov_pf_core_dev;

	if (!pf || pf->vdev.ops != &vfio_pci_ops)
		return NULL;
	return to_vfio_pci_device(&pf->vdev);
}

static int token_refuse(struct vfio_pci_device *vdev, const uuid_t *uuid)
{
	if (uuid)
		pci_info_ratelimited(vdev->core.pdev, "open refused: wrong VF token\n");
	else
		pci_info_ratelimited(vdev->core.pdev, "open refused: VF token required\n");
	return -EACCES;
}

static int token_check_vf(struct vfio_pci_device *vf, const uuid_t *uuid)
{
	struct vfio_pci_device *pf = token_pf(vf);
	bool equal;

	if (!pf) {
		/* Another vfio driver's PF keeps its token in the core. */
		if (vf->core.sriov_pf_core_dev)
			return compat_core_check_token(&vf->core, uuid);
		if (!uuid)
			return 0;
		pci_info_ratelimited(vf->core.pdev,
				"open refused: VF token given, and the PF is not on vfio-pci\n");
		return -EINVAL;
	}

	if (!uuid)
		return token_refuse(vf, uuid);

	mutex_lock(&pf->token->lock);
	equal = uuid_equal(&pf->token->uuid, uuid);
	mutex_unlock(&pf->token->lock);

	return equal ? 0 : token_refuse(vf, uuid);
}

/*
 * Asks the core, which counts the VFs on other vfio drivers as well and keeps the PF's token for
 * them, and takes the token over if the core does. token->lock is held.
 */
static int token_replace(struct vfio_pci_device *pf, const uuid_t *uuid)
{
	int ret;

	lockdep_assert_held(&pf->token->lock);

	ret = compat_core_check_token(&pf->core, uuid);
	if (!ret && uuid)
		uuid_copy(&pf->token->uuid, uuid);
	return ret;
}

static int token_check_pf(struct vfio_pci_device *pf, const uuid_t *uuid)
{
	struct vfio_pci_token *token = pf->token;
	int ret;

	mutex_lock(&token->lock);
	if (token->users && !(uuid && uuid_equal(&token->uuid, uuid)))
		ret = token_refuse(pf, uuid);
	else
		ret = token_replace(pf, uuid);
	mutex_unlock(&token->lock);
	return ret;
}

int vfio_pci_token_check(struct vfio_device *core_vdev, const uuid_t *uuid)
{
	struct vfio_pci_device *vdev = to_vfio_pci_device(core_vdev);

	if (vdev->core.pdev->is_virtfn)
		return token_check_vf(vdev, uuid);
	if (vdev->token)
		return token_check_pf(vdev, uuid);
	if (!uuid)
		return 0;
	pci_info_ratelimited(vdev->core.pdev,
			"open refused: VF token given, and this device has no SR-IOV\n");
	return -EINVAL;
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
	const char *name = pci_name(to_vfio_pci_device(core_vdev)->core.pdev);
	const size_t length = strlen(name);
	uuid_t uuid;
	int ret;

	if (strncmp(buf, name, length) || (buf[length] && buf[length] != ' '))
		return 0;

	ret = token_parse(buf + length, &uuid);
	if (ret >= 0)
		ret = vfio_pci_token_check(core_vdev, ret ? &uuid : NULL);
	memzero_explicit(&uuid, sizeof(uuid));
	return ret ?: 1;
}

/*
 * The core reads the token from user memory by itself, and its copy must be the same as ours, which
 * was read before: the buffer may have changed, or another caller may have set another token.
 */
static int token_set(struct vfio_pci_device *pf, const uuid_t *uuid, u32 flags, void __user *arg,
		size_t argsz)
{
	unsigned int try;
	int ret;

	for (try = 0; try < TOKEN_SET_TRIES; try++) {
		/* Not under token->lock: user memory can make this wait without a bound. */
		ret = vfio_pci_core_ioctl_feature(&pf->core.vdev, flags, arg, argsz);
		if (ret)
			return ret;

		mutex_lock(&pf->token->lock);
		ret = token_replace(pf, uuid);
		mutex_unlock(&pf->token->lock);
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

	if (!vdev->token)
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

void vfio_pci_token_get_user(struct vfio_pci_device *vdev)
{
	struct vfio_pci_device *pf = token_pf(vdev);

	if (!pf)
		return;
	mutex_lock(&pf->token->lock);
	pf->token->users++;
	mutex_unlock(&pf->token->lock);
}

void vfio_pci_token_put_user(struct vfio_pci_device *vdev)
{
	struct vfio_pci_device *pf = token_pf(vdev);

	if (!pf)
		return;
	mutex_lock(&pf->token->lock);
	if (!WARN_ON(!pf->token->users))
		pf->token->users--;
	mutex_unlock(&pf->token->lock);
}
