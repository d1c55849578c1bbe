/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The VF's end of the mailbox (82576 DS 7.10.2.9): one message at a time, in memory that the VF and
 * the PF share and of which either may have the use (VFU, PFU).
 *
 * The VF does not acknowledge what it reads. No PF waits for that; Linux igb answers with a NACK
 * if it does not know the VF, and DPDK's igb PF answers always with a bare NACK, which would lie on
 * top of the next reply. net_i82576_pf notices, and does not wait for it.
 */

#include <errno.h>
#include <string.h>

#include <rte_common.h>

#include "i82576_vf.h"

/* How long the PF may have the use of the mailbox: Linux igb has it until it replies. */
#define LOCK_TIMEOUT_US		200000u
#define LOCK_INTERVAL_US	1000u
/* How long the PF may take to read a request, and then to reply (as Linux igbvf). */
#define ACK_TIMEOUT_US		1000000u
#define REPLY_TIMEOUT_US	1000000u
#define REPLY_INTERVAL_US	200u
/* Exchanges for one request: a reply may be overwritten by a message of the PF's own. */
#define REQUEST_TRIES		3

/* A NACK of nothing. */
#define BARE_NACK		I82576_MBX_NACK
#define VERDICT			(I82576_MBX_ACK | I82576_MBX_NACK)

/* Reply overwritten: to be asked for again. */
#define OVERWRITTEN		(-EAGAIN)

uint32_t
i82576_vf_mbx_status(struct i82576_vf *vf)
{
	uint32_t value = i82576_read(&vf->port.hw, I82576_VF_V2PMAILBOX);

	if (value == UINT32_MAX)
		return value;
	return value | __atomic_or_fetch(&vf->latched, value & I82576_VF_V2PMAILBOX_R2C,
			__ATOMIC_RELAXED);
}

uint32_t
i82576_vf_mbx_take(struct i82576_vf *vf, uint32_t bits)
{
	return __atomic_fetch_and(&vf->latched, ~bits, __ATOMIC_RELAXED) & bits;
}

/* Gets the use of the mailbox, if need be within @timeout_us. */
static int
mbx_lock(struct i82576_vf *vf, uint32_t timeout_us)
{
	const struct i82576_hw *hw = &vf->port.hw;
	uint32_t waited_us = 0, status;

	for (;;) {
		i82576_write(hw, I82576_VF_V2PMAILBOX, I82576_VF_V2PMAILBOX_VFU);
		status = i82576_vf_mbx_status(vf);
		if (status == UINT32_MAX)
			return -ENODEV;
		if (status & I82576_VF_V2PMAILBOX_VFU)
			return 0;
		if (waited_us >= timeout_us)
			return -EBUSY;
		if (__atomic_load_n(&vf->recovery.cancel, __ATOMIC_RELAXED))
			return -ECANCELED;
		i82576_delay_us(hw, LOCK_INTERVAL_US);
		waited_us += LOCK_INTERVAL_US;
	}
}

static void
mbx_unlock(struct i82576_vf *vf)
{
	i82576_write(&vf->port.hw, I82576_VF_V2PMAILBOX, 0);
}

static void
mbx_read(struct i82576_vf *vf, uint32_t *words, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		words[i] = i82576_read(&vf->port.hw, I82576_VF_VMBMEM(i));
}

/* Deals with a message that is no reply. Returns whether it was one. */
static bool
mbx_unsolicited(struct i82576_vf *vf, uint32_t word0)
{
	if (word0 == BARE_NACK) {
		vf->events.strays++;
		return true;
	}
	if (i82576_mbx_type(word0) != I82576_MBX_PF_CONTROL || word0 & VERDICT)
		return false;
	vf->granted.cts = word0 & I82576_MBX_CTS;
	if (vf->granted.cts) {
		vf->granted.link_policy = i82576_mbx_info(word0) &
			(I82576_MBX_LINK_POLICY_DOWN | I82576_MBX_LINK_POLICY_UP);
	} else if (vf->state == I82576_VF_READY) {
		I82576_LOG(INFO, mbx, &vf->port.hw, "the PF says that it was reset");
		vf->state = I82576_VF_LOST;
	}
	return true;
}

void
i82576_vf_mbx_poll(struct i82576_vf *vf)
{
	uint32_t word0;

	if (!(i82576_vf_mbx_status(vf) & I82576_VF_V2PMAILBOX_PFSTS))
		return;
	/* The PF has the use of it still: the next time, for the message stays latched. */
	if (mbx_lock(vf, 0) != 0)
		return;
	i82576_vf_mbx_take(vf, I82576_VF_V2PMAILBOX_PFSTS);
	mbx_read(vf, &word0, 1);
	mbx_unlock(vf);
	if (!mbx_unsolicited(vf, word0))
		/* The reply to a request that was given up. */
		vf->events.strays++;
}

static int
mbx_post(struct i82576_vf *vf, const uint32_t *words, unsigned int nb)
{
	const struct i82576_hw *hw = &vf->port.hw;
	uint32_t word0;
	unsigned int i;
	int ret;

	ret = mbx_lock(vf, LOCK_TIMEOUT_US);
	if (ret != 0)
		return ret;
	/* What lies there is about to be overwritten. */
	if (i82576_vf_mbx_take(vf, I82576_VF_V2PMAILBOX_PFSTS | I82576_VF_V2PMAILBOX_PFACK) &
			I82576_VF_V2PMAILBOX_PFSTS) {
		mbx_read(vf, &word0, 1);
		if (!mbx_unsolicited(vf, word0))
			vf->events.strays++;
	}
	for (i = 0; i < nb; i++)
		i82576_write(hw, I82576_VF_VMBMEM(i), words[i]);
	/* This lets go of the mailbox, too. */
	i82576_write(hw, I82576_VF_V2PMAILBOX, I82576_VF_V2PMAILBOX_REQ);
	return 0;
}

/* Waits until any of @bits is set. Returns 0 or -errno. */
static int
mbx_wait(struct i82576_vf *vf, uint32_t bits, uint32_t timeout_us)
{
	uint32_t waited_us = 0, status;

	for (;;) {
		status = i82576_vf_mbx_status(vf);
		if (status == UINT32_MAX)
			return -ENODEV;
		if (status & bits)
			return 0;
		if (status & I82576_VF_V2PMAILBOX_RSTI)
			return -ENETRESET;
		if (waited_us >= timeout_us)
			return -ETIMEDOUT;
		if (__atomic_load_n(&vf->recovery.cancel, __ATOMIC_RELAXED))
			return -ECANCELED;
		i82576_delay_us(&vf->port.hw, REPLY_INTERVAL_US);
		waited_us += REPLY_INTERVAL_US;
	}
}

/* Waits for the reply to a request of type @type, past messages that are none. */
static int
mbx_reply(struct i82576_vf *vf, uint16_t type, uint32_t *reply, unsigned int nb)
{
	bool nacked = false;
	int ret;

	for (;;) {
		ret = mbx_wait(vf, I82576_VF_V2PMAILBOX_PFSTS, REPLY_TIMEOUT_US);
		if (ret != 0)
			return ret == -ETIMEDOUT && nacked ? OVERWRITTEN : ret;
		ret = mbx_lock(vf, LOCK_TIMEOUT_US);
		if (ret != 0)
			return ret;
		i82576_vf_mbx_take(vf, I82576_VF_V2PMAILBOX_PFSTS);
		mbx_read(vf, reply, nb);
		mbx_unlock(vf);
		if (i82576_mbx_type(reply[0]) == type && reply[0] & VERDICT)
			return 0;
		nacked = true;
		if (!mbx_unsolicited(vf, reply[0]))
			vf->events.strays++;
	}
}

static int
mbx_exchange(struct i82576_vf *vf, const uint32_t *words, unsigned int nb, uint32_t *reply,
		unsigned int nb_reply)
{
	int ret, try;

	vf->events.requests++;
	for (try = 0; try < REQUEST_TRIES; try++) {
		ret = mbx_post(vf, words, nb);
		if (ret == 0)
			/* A reply may be there without the acknowledgement having been seen. */
			ret = mbx_wait(vf, I82576_VF_V2PMAILBOX_PFACK |
					I82576_VF_V2PMAILBOX_PFSTS, ACK_TIMEOUT_US);
		if (ret == 0)
			ret = mbx_reply(vf, i82576_mbx_type(words[0]), reply, nb_reply);
		if (ret != OVERWRITTEN)
			break;
	}
	if (ret == OVERWRITTEN)
		ret = -ETIMEDOUT;
	if (ret == -ETIMEDOUT)
		vf->events.timeouts++;
	return ret;
}

int
i82576_vf_mbx_request(struct i82576_vf *vf, const uint32_t *words, unsigned int nb,
		uint32_t *reply, unsigned int nb_reply)
{
	uint32_t own_reply[1];
	int ret;

	if (nb_reply == 0) {
		reply = own_reply;
		nb_reply = RTE_DIM(own_reply);
	}
	ret = mbx_exchange(vf, words, nb, reply, nb_reply);
	if (ret != 0) {
		I82576_LOG(INFO, mbx, &vf->port.hw, "request 0x%08x: no reply: %s", words[0],
				strerror(-ret));
		return ret;
	}
	/* Linux igb NACKs without CTS what comes from a VF that has not completed a RESET. */
	if (reply[0] & I82576_MBX_NACK && !(reply[0] & I82576_MBX_CTS)) {
		I82576_LOG(INFO, mbx, &vf->port.hw, "request 0x%08x: the PF does not know this VF",
				words[0]);
		return -ECONNRESET;
	}
	if (reply[0] & I82576_MBX_CTS)
		vf->granted.cts = true;
	if (reply[0] & I82576_MBX_NACK) {
		vf->events.refusals++;
		I82576_LOG(DEBUG, mbx, &vf->port.hw, "request 0x%08x: refused", words[0]);
		return -EPERM;
	}
	I82576_LOG(DEBUG, mbx, &vf->port.hw, "request 0x%08x: granted", words[0]);
	return 0;
}

int
i82576_vf_mbx_reset(struct i82576_vf *vf, struct rte_ether_addr *mac)
{
	const uint32_t word = i82576_mbx_word0(I82576_MBX_RESET, 0);
	uint32_t reply[3];
	int ret;

	ret = mbx_exchange(vf, &word, 1, reply, RTE_DIM(reply));
	if (ret != 0)
		return ret;
	/* Linux igb: a NACK, with a zero address, only says that there is no address yet. */
	memset(mac, 0, sizeof(*mac));
	if (reply[0] & I82576_MBX_ACK)
		memcpy(mac, &reply[1], sizeof(*mac));
	return 0;
}
