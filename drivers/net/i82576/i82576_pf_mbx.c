/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * The PF's end of the mailboxes, in the interrupt thread. Nothing here waits for a VF: what cannot
 * be done at once is left in the device, and an alarm comes back to it. Each VF has a bucket of
 * tokens that messages use up, so that one that floods its mailbox delays itself alone.
 */

#include <errno.h>
#include <string.h>

#include "i82576_pf.h"

/* A driver's initialisation takes some 20 messages and as many acknowledgements. */
#define TOKENS_MAX		128
#define TOKEN_US		1000
/* Linux igb: a VF that has not done a RESET is told so every 2 s at most. */
#define NACK_INTERVAL_US	2000000
/* A VF reads an answer within its own timeout, or never does. */
#define ANSWER_TIMEOUT_US	1000000
/* And one that does not acknowledge what it reads has read it by then. */
#define SILENT_TIMEOUT_US	50000
/* Times that a VF may be found holding the mailbox before it is taken from it. */
#define BUSY_MAX		10

void
i82576_pf_mbx_start(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf_mbx *mbx = &pf->vfs[vf].mbx;

	memset(mbx, 0, sizeof(*mbx));
	mbx->tokens = TOKENS_MAX;
	mbx->refilled_us = i82576_pf_now_us();
}

void
i82576_pf_mbx_refill(struct i82576_pf *pf)
{
	uint16_t vf;

	for (vf = 0; vf < I82576_MAX_VFS; vf++)
		pf->vfs[vf].mbx.tokens = TOKENS_MAX;
}

/* Takes a token of @vf. Returns false if it has none; then its mailbox no longer interrupts. */
static bool
token_take(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf_mbx *mbx = &pf->vfs[vf].mbx;
	uint64_t now = i82576_pf_now_us();
	uint64_t earned = (now - mbx->refilled_us) / TOKEN_US;

	if (earned > 0) {
		mbx->tokens = RTE_MIN(mbx->tokens + earned, (uint64_t)TOKENS_MAX);
		mbx->refilled_us += earned * TOKEN_US;
	}
	if (mbx->tokens > 0) {
		mbx->tokens--;
		if (mbx->waiting) {
			mbx->waiting = false;
			i82576_set_bits(i82576_pf_hw(pf), I82576_MBVFIMR, 1u << vf);
		}
		return true;
	}
	if (!mbx->waiting) {
		mbx->waiting = true;
		pf->vfs[vf].stats.mbx_throttled++;
		i82576_clear_bits(i82576_pf_hw(pf), I82576_MBVFIMR, 1u << vf);
	}
	i82576_pf_retry_arm(pf);
	return false;
}

/* Takes the buffer. Returns false if the VF has it; it is asked for again later. */
static bool
buffer_lock(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf_mbx *mbx = &pf->vfs[vf].mbx;
	struct i82576_hw *hw = i82576_pf_hw(pf);

	i82576_write(hw, I82576_P2VMAILBOX(vf), I82576_P2VMAILBOX_PFU);
	if ((i82576_read(hw, I82576_P2VMAILBOX(vf)) & I82576_P2VMAILBOX_PFU) != 0) {
		mbx->busy = 0;
		return true;
	}
	pf->vfs[vf].stats.mbx_busy++;
	if (++mbx->busy >= BUSY_MAX) {
		/* 82576 DS 8.14.2: takes the buffer from a VF that hangs. */
		I82576_LOG(NOTICE, mbx, hw, "vf %u: holds its mailbox: taking it", vf);
		i82576_write(hw, I82576_P2VMAILBOX(vf), I82576_P2VMAILBOX_RVFU);
		mbx->busy = 0;
	}
	i82576_pf_retry_arm(pf);
	return false;
}

static void
buffer_unlock(struct i82576_pf *pf, uint16_t vf)
{
	i82576_write(i82576_pf_hw(pf), I82576_P2VMAILBOX(vf), 0);
}

/* Sends @nb words; the buffer is ours before, and the VF's after. */
static void
message_send(struct i82576_pf *pf, uint16_t vf, const uint32_t *words, unsigned int nb)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;

	for (i = 0; i < nb; i++)
		i82576_write(hw, I82576_VMBMEM(vf) + i * 4, words[i]);
	i82576_write(hw, I82576_P2VMAILBOX(vf), I82576_P2VMAILBOX_STS);
	pf->vfs[vf].mbx.unread = true;
	pf->vfs[vf].mbx.sent_us = i82576_pf_now_us();
}

static uint32_t
link_word(const struct i82576_pf_vf *vf)
{
	uint8_t info = 0;

	if (!vf->live.cts)
		return I82576_MBX_PF_CONTROL;
	if (vf->policy.link == RTE_PMD_I82576_VF_LINK_UP)
		info = I82576_MBX_LINK_POLICY_UP;
	else if (vf->policy.link == RTE_PMD_I82576_VF_LINK_DOWN)
		info = I82576_MBX_LINK_POLICY_DOWN;
	return i82576_mbx_word0(I82576_MBX_PF_CONTROL, info) | I82576_MBX_CTS;
}

/*
 * Must not overwrite what the VF asks for, nor what it has not read: a VF that misses an answer
 * takes its PF for dead.
 */
int
i82576_pf_mbx_ping(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf_mbx *mbx = &pf->vfs[vf].mbx;
	uint64_t timeout_us = mbx->silent ? SILENT_TIMEOUT_US : ANSWER_TIMEOUT_US;
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const bool waited = mbx->ping_waiting;
	uint32_t word;

	if (!pf->running || vf >= pf->num_vfs)
		return -EAGAIN;
	mbx->ping_waiting = true;
	if ((mbx->unread && i82576_pf_now_us() - mbx->sent_us < timeout_us) ||
			(i82576_read(hw, I82576_MBVFICR) & I82576_MBVFICR_VFREQ(vf)) != 0) {
		i82576_pf_retry_arm(pf);
		return -EAGAIN;
	}
	if (!buffer_lock(pf, vf))
		return -EAGAIN;
	if ((i82576_read(hw, I82576_MBVFICR) & I82576_MBVFICR_VFREQ(vf)) != 0) {
		buffer_unlock(pf, vf);
		i82576_pf_retry_arm(pf);
		return -EAGAIN;
	}
	word = link_word(&pf->vfs[vf]);
	message_send(pf, vf, &word, 1);
	mbx->ping_waiting = false;
	/* Not to be sent again by a successor. */
	if (waited)
		i82576_pf_state_save(pf);
	return 0;
}

/* Has the registers of @vf's pool follow what is left of its wishes. */
static void
vf_begin_again(struct i82576_pf *pf, uint16_t vf, bool keep_mac)
{
	pf->vfs[vf].stats.resets++;
	i82576_pf_vf_live_reset(pf, vf, keep_mac);
	i82576_pf_vf_enable(pf, vf, false);
	i82576_pf_macs_sync(pf);
	i82576_pf_vlans_sync(pf);
	i82576_pf_multicast_sync(pf);
	i82576_pf_pool_sync(pf, vf);
	i82576_pf_switch_sync(pf);
}

/*
 * The answer has the address, or NACK and none: then the VF takes one of its own. It has no CTS,
 * for which igbvf and DPDK's igb compare the whole word.
 */
static void
reset_request(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	const uint8_t *a = v->live.mac.addr_bytes;
	uint32_t answer[3] = { I82576_MBX_RESET, 0, 0 };

	if (i82576_pf_mbx_application_ask(pf, vf, msg) != RTE_PMD_I82576_MB_EVENT_PROCEED) {
		v->stats.mbx_refused++;
		buffer_unlock(pf, vf);
		return;
	}
	vf_begin_again(pf, vf, true);
	v->live.cts = true;
	i82576_pf_vf_enable(pf, vf, true);
	if (rte_is_zero_ether_addr(&v->live.mac)) {
		answer[0] |= I82576_MBX_NACK;
	} else {
		answer[0] |= I82576_MBX_ACK;
		answer[1] = (uint32_t)a[3] << 24 | (uint32_t)a[2] << 16 | (uint32_t)a[1] << 8 |
			a[0];
		answer[2] = (uint32_t)a[5] << 8 | a[4];
	}
	message_send(pf, vf, answer, RTE_DIM(answer));
	I82576_LOG(DEBUG, mbx, i82576_pf_hw(pf), "vf %u: reset, MAC address "
		RTE_ETHER_ADDR_PRT_FMT, vf, RTE_ETHER_ADDR_BYTES(&v->live.mac));
	if (v->policy.link != RTE_PMD_I82576_VF_LINK_AUTO) {
		v->mbx.ping_waiting = true;
		i82576_pf_retry_arm(pf);
	}
}

static void
request_answer(struct i82576_pf *pf, uint16_t vf, const uint32_t *msg)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t word = (msg[0] & I82576_PF_MBX_REQUEST_BITS) | I82576_MBX_CTS;
	int ret;

	ret = i82576_pf_mbx_request_do(pf, vf, msg);
	if (ret == -EBADMSG)
		v->stats.mbx_malformed++;
	else if (ret != 0)
		v->stats.mbx_refused++;
	if (ret != 0)
		I82576_LOG(DEBUG, mbx, hw, "vf %u: request 0x%08x 0x%08x refused: %s (%d)", vf,
			msg[0], msg[1], strerror(-ret), -ret);
	word |= ret == 0 ? I82576_MBX_ACK : I82576_MBX_NACK;
	message_send(pf, vf, &word, 1);
}

/* Whether a VF that has not done a RESET is to be told now. */
static bool
nack_is_due(struct i82576_pf_vf *v)
{
	uint64_t now = i82576_pf_now_us();

	if (now - v->mbx.nacked_us < NACK_INTERVAL_US)
		return false;
	v->mbx.nacked_us = now;
	return true;
}

/* Does what mbx.request says, and answers. The buffer is ours. */
static void
request_do(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t msg[I82576_MBX_WORDS], word;

	memcpy(msg, v->mbx.request, sizeof(msg));
	i82576_write(hw, I82576_P2VMAILBOX(vf), I82576_P2VMAILBOX_ACK | I82576_P2VMAILBOX_PFU);
	/* net_i82576_vf asks again without having acknowledged the last answer. */
	if (v->mbx.unread)
		v->mbx.silent = true;
	I82576_LOG(DEBUG, mbx, hw, "vf %u: request 0x%08x 0x%08x", vf, msg[0], msg[1]);
	if ((msg[0] & (I82576_MBX_ACK | I82576_MBX_NACK)) != 0) {
		/* An answer of ours that the VF gives back: as Linux igb, none to that. */
		v->stats.mbx_malformed++;
		buffer_unlock(pf, vf);
	} else if (msg[0] == I82576_MBX_RESET) {
		reset_request(pf, vf, msg);
	} else if (!v->live.cts) {
		v->stats.mbx_early++;
		word = (msg[0] & I82576_PF_MBX_REQUEST_BITS) | I82576_MBX_NACK;
		if (nack_is_due(v))
			message_send(pf, vf, &word, 1);
		else
			buffer_unlock(pf, vf);
	} else {
		request_answer(pf, vf, msg);
	}
	v->mbx.request_pending = false;
	i82576_pf_state_save(pf);
}

/* Takes one message of @vf. */
static void
request_take(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;

	if (!token_take(pf, vf) || !buffer_lock(pf, vf))
		return;
	/* Read once: a VF that does not keep to the lock may go on writing. */
	for (i = 0; i < I82576_MBX_WORDS; i++)
		v->mbx.request[i] = i82576_read(hw, I82576_VMBMEM(vf) + i * 4);
	/* From here on until the answer, nobody else knows of it. */
	v->mbx.request_pending = true;
	i82576_pf_state_save(pf);
	i82576_write(hw, I82576_MBVFICR, I82576_MBVFICR_VFREQ(vf));
	v->stats.mbx_requests++;
	request_do(pf, vf);
}

/*
 * A process that dies may have taken a request and not answered it, for which the VF would wait in
 * vain; done twice, a request has the same result. It may also hold a buffer. A VF that has gone
 * on, to a new request or by a reset, is not to get an answer that it does not wait for.
 */
void
i82576_pf_mbx_resume(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint16_t vf;

	for (vf = 0; vf < pf->num_vfs; vf++) {
		struct i82576_pf_vf_mbx *mbx = &pf->vfs[vf].mbx;
		const bool gone_on =
			(i82576_read(hw, I82576_MBVFICR) & I82576_MBVFICR_VFREQ(vf)) != 0 ||
			(i82576_read(hw, I82576_VFLRE) >> vf & 1) != 0;

		if (mbx->request_pending && !gone_on && buffer_lock(pf, vf)) {
			request_do(pf, vf);
			continue;
		}
		mbx->request_pending = false;
		buffer_unlock(pf, vf);
	}
}

/* The VF has read what we sent. One that has missed a reset of the PF learns of it here. */
static void
ack_take(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_pf_vf *v = &pf->vfs[vf];
	struct i82576_hw *hw = i82576_pf_hw(pf);
	const uint32_t word = I82576_MBX_NACK;

	if (!token_take(pf, vf))
		return;
	i82576_write(hw, I82576_MBVFICR, I82576_MBVFICR_VFACK(vf));
	v->mbx.unread = false;
	v->mbx.silent = false;
	if (v->live.cts || (i82576_read(hw, I82576_MBVFICR) & I82576_MBVFICR_VFREQ(vf)) != 0 ||
			!nack_is_due(v) || !buffer_lock(pf, vf))
		return;
	message_send(pf, vf, &word, 1);
}

/* A function-level reset of @vf, or one by its driver: nothing of before is left to the next. */
static void
flr_take(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	unsigned int i;

	if (!token_take(pf, vf))
		return;
	I82576_LOG(DEBUG, mbx, hw, "vf %u: function-level reset", vf);
	vf_begin_again(pf, vf, false);
	/* In this order, so that a successor does not miss it. */
	i82576_pf_state_save(pf);
	i82576_write(hw, I82576_VFLRE, 1u << vf);
	pf->vfs[vf].mbx.unread = false;
	if (!buffer_lock(pf, vf))
		return;
	if ((i82576_read(hw, I82576_MBVFICR) & I82576_MBVFICR_VFREQ(vf)) == 0)
		for (i = 0; i < I82576_MBX_WORDS; i++)
			i82576_write(hw, I82576_VMBMEM(vf) + i * 4, 0);
	buffer_unlock(pf, vf);
}

/* Serves what has come of @vf. */
static void
vf_service(struct i82576_pf *pf, uint16_t vf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t cause;

	if ((i82576_read(hw, I82576_VFLRE) >> vf & 1) != 0)
		flr_take(pf, vf);
	cause = i82576_read(hw, I82576_MBVFICR);
	if ((cause & I82576_MBVFICR_VFACK(vf)) != 0)
		ack_take(pf, vf);
	if ((cause & I82576_MBVFICR_VFREQ(vf)) != 0)
		request_take(pf, vf);
	if (pf->vfs[vf].mbx.ping_waiting)
		i82576_pf_mbx_ping(pf, vf);
}

/* Each VF in turn, one message each: a second one interrupts again. */
void
i82576_pf_mbx_service(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t flr, cause, absent;
	uint16_t vf;

	if (!pf->running || !pf->pool_mode)
		return;
	flr = i82576_read(hw, I82576_VFLRE);
	cause = i82576_read(hw, I82576_MBVFICR);
	/* Bits of VFs that are gone would stay for ever. */
	absent = ~((1u << pf->num_vfs) - 1) & 0xff;
	if ((flr & absent) != 0)
		i82576_write(hw, I82576_VFLRE, flr & absent);
	if ((cause & (absent | absent << 16)) != 0)
		i82576_write(hw, I82576_MBVFICR, cause & (absent | absent << 16));
	for (vf = 0; vf < pf->num_vfs; vf++)
		if (((flr | cause | cause >> 16) >> vf & 1) != 0 || pf->vfs[vf].mbx.ping_waiting)
			vf_service(pf, vf);
}
