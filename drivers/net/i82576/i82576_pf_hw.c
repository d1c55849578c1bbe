/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The device as a whole: reset, semaphores, EEPROM, LEDs, register dump. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <dev_driver.h>

#include "i82576_pf.h"

/* 82576 DS 5.2.3.3: pending requests are done within 80 ms, or something is wrong. */
#define MASTER_DISABLE_TIMEOUT_US	80000
#define MASTER_DISABLE_INTERVAL_US	100
/* Frames under way have left the buffers. */
#define QUIESCE_US			10000
/* 82576 DS 4.2.1.5: no access for 1 ms after CTRL.RST. */
#define RESET_US			1000
#define RESET_TIMEOUT_US		10000
#define RESET_INTERVAL_US		500
/* QEMU: EEC.AUTO_RD never shows; so late is not failed. */
#define AUTO_READ_TIMEOUT_US		10000
#define AUTO_READ_INTERVAL_US		1000
#define SEMAPHORE_TIMEOUT_US		20000
#define SEMAPHORE_INTERVAL_US		50
/* Firmware holds the PHY for up to some 100 ms. */
#define SYNC_TRIES			40
#define SYNC_INTERVAL_US		5000
#define EEPROM_TIMEOUT_US		50000
#define EEPROM_INTERVAL_US		5

uint64_t
i82576_pf_now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/*
 * Resets the PF: all registers but those of the packet buffers; its VFs see RSTI. 82576 DS
 * 4.2.1.5.
 */
int
i82576_pf_reset(struct i82576_hw *hw)
{
	if (i82576_is_gone(hw)) {
		I82576_LOG(ERR, init, hw, "reset failed: registers read as all ones: "
			"is the device unplugged or its memory decoding off?");
		return -EIO;
	}
	i82576_set_bits(hw, I82576_CTRL, I82576_CTRL_GIO_MASTER_DISABLE);
	if (i82576_wait(hw, I82576_STATUS, I82576_STATUS_GIO_MASTER_ENABLE, 0,
			MASTER_DISABLE_TIMEOUT_US, MASTER_DISABLE_INTERVAL_US) != 0)
		I82576_LOG(WARNING, init, hw, "reset: PCI requests are pending: resetting anyway");
	i82576_write(hw, I82576_EIMC, UINT32_MAX);
	i82576_write(hw, I82576_IMC, UINT32_MAX);
	i82576_write(hw, I82576_RCTL, 0);
	i82576_write(hw, I82576_TCTL, I82576_TCTL_PSP);
	i82576_flush(hw);
	i82576_delay_us(hw, QUIESCE_US);

	i82576_set_bits(hw, I82576_CTRL, I82576_CTRL_RST);
	i82576_delay_us(hw, RESET_US);
	if (i82576_wait(hw, I82576_CTRL, I82576_CTRL_RST, 0, RESET_TIMEOUT_US,
			RESET_INTERVAL_US) != 0) {
		I82576_LOG(ERR, init, hw, "reset failed: the device does not come out of it");
		return -EIO;
	}
	if (i82576_wait(hw, I82576_EEC, I82576_EEC_AUTO_RD, I82576_EEC_AUTO_RD,
			AUTO_READ_TIMEOUT_US, AUTO_READ_INTERVAL_US) != 0)
		I82576_LOG(DEBUG, init, hw, "reset: the device does not say that it has read its "
			"EEPROM");
	i82576_write(hw, I82576_EIMC, UINT32_MAX);
	i82576_write(hw, I82576_IMC, UINT32_MAX);
	(void)i82576_read(hw, I82576_ICR);
	return 0;
}

/* 82576 DS 4.7.1: SMBI keeps other software out, SWESMBI the firmware. */
static int
hw_semaphore_acquire(struct i82576_hw *hw)
{
	uint32_t waited_us;

	/* Reading sets SMBI: who reads 0 has it. */
	for (waited_us = 0; (i82576_read(hw, I82576_SWSM) & I82576_SWSM_SMBI) != 0;
			waited_us += SEMAPHORE_INTERVAL_US) {
		if (waited_us >= SEMAPHORE_TIMEOUT_US) {
			/* A driver that died with it; software is us alone. */
			I82576_LOG(NOTICE, init, hw, "taking over the software semaphore");
			break;
		}
		i82576_delay_us(hw, SEMAPHORE_INTERVAL_US);
	}
	for (waited_us = 0; waited_us < SEMAPHORE_TIMEOUT_US; waited_us += SEMAPHORE_INTERVAL_US) {
		i82576_set_bits(hw, I82576_SWSM, I82576_SWSM_SWESMBI);
		if ((i82576_read(hw, I82576_SWSM) & I82576_SWSM_SWESMBI) != 0)
			return 0;
		i82576_delay_us(hw, SEMAPHORE_INTERVAL_US);
	}
	i82576_clear_bits(hw, I82576_SWSM, I82576_SWSM_SMBI | I82576_SWSM_SWESMBI);
	return -ETIMEDOUT;
}

static void
hw_semaphore_release(struct i82576_hw *hw)
{
	i82576_clear_bits(hw, I82576_SWSM, I82576_SWSM_SMBI | I82576_SWSM_SWESMBI);
}

/* Takes what firmware uses too: @mask of I82576_SW_FW_SYNC_*. Returns 0 or -EBUSY. */
int
i82576_pf_semaphore_acquire(struct i82576_hw *hw, uint32_t mask)
{
	const uint32_t taken = mask | mask << I82576_SW_FW_SYNC_FW_SHIFT;
	unsigned int i;
	uint32_t sync;

	for (i = 0; i < SYNC_TRIES; i++) {
		if (hw_semaphore_acquire(hw) == 0) {
			sync = i82576_read(hw, I82576_SW_FW_SYNC);
			if ((sync & taken) == 0) {
				i82576_write(hw, I82576_SW_FW_SYNC, sync | mask);
				hw_semaphore_release(hw);
				return 0;
			}
			hw_semaphore_release(hw);
		}
		i82576_delay_us(hw, SYNC_INTERVAL_US);
	}
	return -EBUSY;
}

void
i82576_pf_semaphore_release(struct i82576_hw *hw, uint32_t mask)
{
	/* Done without the semaphore too: bits of others might get lost, but ours would stay. */
	int ret = hw_semaphore_acquire(hw);

	i82576_clear_bits(hw, I82576_SW_FW_SYNC, mask);
	if (ret == 0)
		hw_semaphore_release(hw);
}

/* Reads @count 16-bit words from @word on. 82576 DS 8.4.2. */
int
i82576_pf_eeprom_read(struct i82576_hw *hw, uint16_t word, uint16_t count, uint16_t *data)
{
	unsigned int i;
	int ret;

	ret = i82576_pf_semaphore_acquire(hw, I82576_SW_FW_SYNC_EEP);
	if (ret != 0)
		return ret;
	for (i = 0; i < count && ret == 0; i++) {
		i82576_write(hw, I82576_EERD,
			(uint32_t)(word + i) << I82576_EERD_ADDR_SHIFT | I82576_EERD_START);
		ret = i82576_wait(hw, I82576_EERD, I82576_EERD_DONE, I82576_EERD_DONE,
			EEPROM_TIMEOUT_US, EEPROM_INTERVAL_US);
		data[i] = i82576_read(hw, I82576_EERD) >> I82576_EERD_DATA_SHIFT;
	}
	i82576_pf_semaphore_release(hw, I82576_SW_FW_SYNC_EEP);
	return ret;
}

/* The address that a reset has loaded from the EEPROM. */
int
i82576_pf_mac_addr_read(struct i82576_hw *hw, struct rte_ether_addr *addr)
{
	uint32_t low = i82576_read(hw, I82576_RAL(0));
	uint32_t high = i82576_read(hw, I82576_RAH(0));
	unsigned int i;

	for (i = 0; i < 4; i++)
		addr->addr_bytes[i] = low >> (8 * i);
	for (i = 0; i < 2; i++)
		addr->addr_bytes[4 + i] = high >> (8 * i);
	return rte_is_valid_assigned_ether_addr(addr) ? 0 : -EINVAL;
}

static uint16_t
eeprom_words(struct i82576_hw *hw)
{
	uint32_t exponent = (i82576_read(hw, I82576_EEC) & I82576_EEC_EE_SIZE_MASK) >>
		I82576_EEC_EE_SIZE_SHIFT;

	/* 82576 DS 8.4.1: 2^(6 + EE_SIZE) words; EERD addresses 2^14. */
	return UINT16_C(1) << RTE_MIN(exponent + 6, 14u);
}

int
i82576_pf_get_eeprom_length(struct rte_eth_dev *dev)
{
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	return eeprom_words(i82576_hw(dev)) * 2;
}

int
i82576_pf_get_eeprom(struct rte_eth_dev *dev, struct rte_dev_eeprom_info *info)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	const uint32_t bytes = eeprom_words(hw) * 2;
	uint32_t first, last, i;
	uint16_t word;
	int ret = 0;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	if (info->data == NULL || info->length == 0 || info->offset >= bytes ||
			info->length > bytes - info->offset)
		return -EINVAL;
	info->magic = I82576_PF_EEPROM_MAGIC;
	first = info->offset / 2;
	last = (info->offset + info->length - 1) / 2;
	i82576_pf_lock(pf);
	for (i = first; i <= last && ret == 0; i++) {
		uint8_t *to = info->data;
		uint32_t byte = i * 2;

		ret = i82576_pf_eeprom_read(hw, i, 1, &word);
		if (byte >= info->offset)
			to[byte - info->offset] = word;
		if (byte + 1 >= info->offset && byte + 1 < info->offset + info->length)
			to[byte + 1 - info->offset] = word >> 8;
	}
	i82576_pf_unlock(pf);
	return ret;
}

int
i82576_pf_fw_version_get(struct rte_eth_dev *dev, char *version, size_t size)
{
	struct i82576_pf *pf = i82576_pf(dev);
	uint16_t word, etrack[2];
	int ret, length;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	ret = i82576_pf_eeprom_read(&pf->port.hw, I82576_EEPROM_VERSION, 1, &word);
	if (ret == 0)
		ret = i82576_pf_eeprom_read(&pf->port.hw, I82576_PF_EEPROM_ETRACK, 2, etrack);
	i82576_pf_unlock(pf);
	if (ret != 0)
		return ret;
	/* Linux igb: igb_get_fw_version */
	length = snprintf(version, size, "%u.%u, 0x%04x%04x", word >> 12, word >> 4 & 0xff,
		etrack[1], etrack[0]);
	if (length < 0)
		return -EINVAL;
	return size < (size_t)length + 1 ? length + 1 : 0;
}

static int
led_set(struct rte_eth_dev *dev, bool on)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	uint32_t value;
	unsigned int i;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	if (!pf->led_saved) {
		pf->ledctl = i82576_read(hw, I82576_LEDCTL);
		pf->led_saved = true;
	}
	value = pf->ledctl;
	for (i = 0; on && i < I82576_LEDCTL_LEDS; i++) {
		value &= ~(I82576_LEDCTL_LED_MASK << I82576_LEDCTL_LED_SHIFT(i));
		value |= I82576_LEDCTL_MODE_ON << I82576_LEDCTL_LED_SHIFT(i);
	}
	i82576_write(hw, I82576_LEDCTL, value);
	i82576_pf_unlock(pf);
	return 0;
}

int
i82576_pf_led_on(struct rte_eth_dev *dev)
{
	return led_set(dev, true);
}

/* Back to what shows the link and the traffic. */
int
i82576_pf_led_off(struct rte_eth_dev *dev)
{
	return led_set(dev, false);
}

/* Ranges of registers to dump; none that reading changes. */
static const struct {
	uint32_t first;
	uint32_t count;
} dumped[] = {
	{ I82576_CTRL, 1 }, { I82576_STATUS, 1 }, { I82576_CTRL_EXT, 1 }, { I82576_MDIC, 1 },
	{ I82576_VET, 1 }, { I82576_RCTL, 1 }, { I82576_FCTTV, 1 }, { I82576_TCTL, 2 },
	{ I82576_P2VMAILBOX(0), 8 }, { I82576_MBVFICR, 5 }, { I82576_LEDCTL, 1 },
	{ I82576_GPIE, 1 }, { I82576_EIMS, 1 }, { I82576_EIAC, 2 }, { I82576_EITR(0), 25 },
	{ I82576_IVAR(0), 8 }, { I82576_IVAR_MISC, 1 }, { I82576_FCRTL0, 1 }, { I82576_FCRTH0, 1 },
	{ I82576_RXPBS, 2 }, { I82576_FCRTV, 1 }, { I82576_TXPBS, 1 }, { I82576_DTXSWC, 1 },
	{ I82576_DTXCTL, 1 }, { I82576_VMVIR(0), 8 }, { I82576_RXCSUM, 3 }, { I82576_MTA(0), 128 },
	{ I82576_RAL(0), 32 }, { I82576_RAL(16), 16 }, { I82576_VFTA(0), 128 },
	{ I82576_MRQC, 2 }, { I82576_VMOLR(0), 8 }, { I82576_RPLOLR, 1 }, { I82576_RETA(0), 32 },
	{ I82576_RSSRK(0), 10 }, { I82576_ETQF(0), 8 }, { I82576_VLVF(0), 32 },
	{ I82576_VMRCTL(0), 4 }, { I82576_VMRVLAN(0), 4 }, { I82576_VMRVM(0), 4 },
};

/* Registers of a queue, from its first one. */
#define DUMPED_QUEUE_REGS 11

int
i82576_pf_get_reg(struct rte_eth_dev *dev, struct rte_dev_reg_info *info)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	uint32_t *to = info->data;
	uint32_t length = 2 * I82576_MAX_QUEUES * DUMPED_QUEUE_REGS;
	unsigned int i, j;

	for (i = 0; i < RTE_DIM(dumped); i++)
		length += dumped[i].count;
	if (to == NULL) {
		info->length = length;
		info->width = sizeof(uint32_t);
		return 0;
	}
	if (info->length != 0 && info->length != length)
		return -ENOTSUP;
	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	info->version = (uint32_t)I82576_PF_REG_VERSION;
	i82576_pf_lock(pf);
	for (i = 0; i < RTE_DIM(dumped); i++)
		for (j = 0; j < dumped[i].count; j++)
			*to++ = i82576_read(hw, dumped[i].first + j * 4);
	for (i = 0; i < I82576_MAX_QUEUES; i++)
		for (j = 0; j < DUMPED_QUEUE_REGS; j++)
			*to++ = i82576_read(hw, I82576_RXQ(i, j * 4));
	for (i = 0; i < I82576_MAX_QUEUES; i++)
		for (j = 0; j < DUMPED_QUEUE_REGS; j++)
			*to++ = i82576_read(hw, I82576_TXQ(i, j * 4));
	i82576_pf_unlock(pf);
	return 0;
}
