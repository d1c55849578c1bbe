/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The PHY, the state of the link, and flow control. */

#include <errno.h>
#include <string.h>

#include "i82576_pf.h"

/* 82576 DS 8.2.4: an MDIO frame takes 64 us at most. */
#define MDIC_TIMEOUT_US		5000
#define MDIC_INTERVAL_US	20
/* What rte_eth_link_get() is known to wait. */
#define LINK_WAIT_US		9000000
#define LINK_INTERVAL_US	100000

/* IEEE 802.3 annex 31B: the address and type of a pause frame. */
#define PAUSE_ADDR_LOW		0x00c28001u
#define PAUSE_ADDR_HIGH		0x00000100u
#define PAUSE_TYPE		0x00008808u
#define PAUSE_TIME		0xffffu
#define WATER_GRANULARITY	16u

#define PHY_SPEEDS (RTE_ETH_LINK_SPEED_10M_HD | RTE_ETH_LINK_SPEED_10M | \
		RTE_ETH_LINK_SPEED_100M_HD | RTE_ETH_LINK_SPEED_100M | RTE_ETH_LINK_SPEED_1G)

static uint32_t
phy_lock_bit(struct i82576_hw *hw)
{
	uint32_t lan = (i82576_read(hw, I82576_STATUS) & I82576_STATUS_LAN_ID_MASK) >>
		I82576_STATUS_LAN_ID_SHIFT;

	/* 82576 DS 8.7.3: a bit for each of the two PHYs. */
	return I82576_SW_FW_SYNC_PHY(lan & 1);
}

/* One access through MDIC. 82576 DS 8.2.4. */
static int
mdic_access(struct i82576_hw *hw, uint32_t command, uint16_t *data)
{
	uint32_t lock = phy_lock_bit(hw);
	uint32_t value;
	int ret;

	ret = i82576_pf_semaphore_acquire(hw, lock);
	if (ret != 0)
		return ret;
	i82576_write(hw, I82576_MDIC, command | I82576_PHY_ADDR << I82576_MDIC_PHY_SHIFT);
	ret = i82576_wait(hw, I82576_MDIC, I82576_MDIC_READY, I82576_MDIC_READY,
		MDIC_TIMEOUT_US, MDIC_INTERVAL_US);
	value = i82576_read(hw, I82576_MDIC);
	i82576_pf_semaphore_release(hw, lock);
	if (ret != 0)
		return ret;
	if ((value & I82576_MDIC_ERROR) != 0)
		return -EIO;
	*data = value & I82576_MDIC_DATA_MASK;
	return 0;
}

static int
phy_read(struct i82576_hw *hw, uint32_t reg, uint16_t *data)
{
	return mdic_access(hw, I82576_MDIC_OP_READ | reg << I82576_MDIC_REG_SHIFT, data);
}

static int
phy_write(struct i82576_hw *hw, uint32_t reg, uint16_t data)
{
	uint16_t unused;

	return mdic_access(hw, I82576_MDIC_OP_WRITE | reg << I82576_MDIC_REG_SHIFT | data,
		&unused);
}

static uint16_t
pause_bits(enum rte_eth_fc_mode mode)
{
	switch (mode) {
	case RTE_ETH_FC_FULL:
	case RTE_ETH_FC_RX_PAUSE:
		/* IEEE 802.3 table 28B-2 has no "receive only": what is sent is held back here. */
		return I82576_PHY_ANAR_PAUSE | I82576_PHY_ANAR_ASM_DIR;
	case RTE_ETH_FC_TX_PAUSE:
		return I82576_PHY_ANAR_ASM_DIR;
	default:
		return 0;
	}
}

/* What is advertised for @speeds of rte_eth_conf.link_speeds. */
static void
advertisement(uint32_t speeds, enum rte_eth_fc_mode fc, uint16_t *anar, uint16_t *gbcr)
{
	speeds &= ~RTE_ETH_LINK_SPEED_FIXED;
	if (speeds == RTE_ETH_LINK_SPEED_AUTONEG)
		speeds = PHY_SPEEDS;
	*anar = I82576_PHY_ANAR_CSMA | pause_bits(fc);
	if ((speeds & RTE_ETH_LINK_SPEED_10M_HD) != 0)
		*anar |= I82576_PHY_ANAR_10_HALF;
	if ((speeds & RTE_ETH_LINK_SPEED_10M) != 0)
		*anar |= I82576_PHY_ANAR_10_FULL;
	if ((speeds & RTE_ETH_LINK_SPEED_100M_HD) != 0)
		*anar |= I82576_PHY_ANAR_100_HALF;
	if ((speeds & RTE_ETH_LINK_SPEED_100M) != 0)
		*anar |= I82576_PHY_ANAR_100_FULL;
	*gbcr = (speeds & RTE_ETH_LINK_SPEED_1G) != 0 ? I82576_PHY_GBCR_1000_FULL : 0;
}

/*
 * Has the PHY negotiate, if it has not yet or for something else. One speed alone is negotiated
 * too: 1000BASE-T needs it, and partners do as they are told.
 */
static int
phy_start(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint16_t anar, gbcr, old_anar, old_gbcr, bmsr, bmcr;
	int ret;

	advertisement(pf->port.data->dev_conf.link_speeds, pf->fc.mode, &anar, &gbcr);
	if ((ret = phy_read(hw, I82576_PHY_ANAR, &old_anar)) != 0 ||
			(ret = phy_read(hw, I82576_PHY_GBCR, &old_gbcr)) != 0 ||
			(ret = phy_read(hw, I82576_PHY_BMSR, &bmsr)) != 0 ||
			(ret = phy_read(hw, I82576_PHY_BMCR, &bmcr)) != 0)
		return ret;
	old_gbcr &= I82576_PHY_GBCR_1000_FULL | I82576_PHY_GBCR_1000_HALF;
	/* A link that is up as wanted is left up: a restart takes it down for seconds. */
	if (anar == old_anar && gbcr == old_gbcr &&
			(bmsr & I82576_PHY_BMSR_AN_COMPLETE) != 0 &&
			(bmcr & I82576_PHY_BMCR_POWER_DOWN) == 0)
		return 0;
	if ((ret = phy_write(hw, I82576_PHY_ANAR, anar)) != 0 ||
			(ret = phy_write(hw, I82576_PHY_GBCR, gbcr)) != 0)
		return ret;
	/* QEMU: only a restart brings STATUS.LU, some 500 ms later. */
	return phy_write(hw, I82576_PHY_BMCR,
		I82576_PHY_BMCR_AN_ENABLE | I82576_PHY_BMCR_RESTART_AN);
}

/* Starts the link, without waiting for it. */
int
i82576_pf_link_start(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t ctrl = i82576_read(hw, I82576_CTRL);
	uint16_t bmcr;
	int ret;

	ctrl &= ~(I82576_CTRL_FRCSPD | I82576_CTRL_FRCDPLX | I82576_CTRL_SLU |
		I82576_CTRL_GIO_MASTER_DISABLE);
	if (!pf->link_down)
		ctrl |= I82576_CTRL_SLU;
	i82576_write(hw, I82576_CTRL, ctrl);
	pf->copper = (i82576_read(hw, I82576_CTRL_EXT) & I82576_CTRL_EXT_LINK_MODE_MASK) ==
		I82576_CTRL_EXT_LINK_MODE_COPPER;
	if (!pf->copper) {
		I82576_LOG(NOTICE, init, hw, "no copper PHY: the link is as the device makes it");
		return 0;
	}
	if (pf->link_down) {
		ret = phy_read(hw, I82576_PHY_BMCR, &bmcr);
		if (ret == 0)
			ret = phy_write(hw, I82576_PHY_BMCR, bmcr | I82576_PHY_BMCR_POWER_DOWN);
	} else {
		ret = phy_start(pf);
	}
	if (ret != 0)
		I82576_LOG(ERR, init, hw, "link set-up failed: the PHY does not answer: %s (%d)",
			strerror(-ret), -ret);
	return ret;
}

uint32_t
i82576_pf_link_speed(struct i82576_pf *pf)
{
	uint32_t status = i82576_read(i82576_pf_hw(pf), I82576_STATUS);

	if (status == UINT32_MAX || (status & I82576_STATUS_LU) == 0 || pf->link_down)
		return 0;
	switch (status & I82576_STATUS_SPEED_MASK) {
	case I82576_STATUS_SPEED_10:
		return RTE_ETH_SPEED_NUM_10M;
	case I82576_STATUS_SPEED_100:
		return RTE_ETH_SPEED_NUM_100M;
	default:
		return RTE_ETH_SPEED_NUM_1G;
	}
}

int
i82576_pf_link_update(struct rte_eth_dev *dev, int wait_to_complete)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	struct rte_eth_link link;
	uint32_t waited_us;

	memset(&link, 0, sizeof(link));
	link.link_autoneg = (dev->data->dev_conf.link_speeds & RTE_ETH_LINK_SPEED_FIXED) == 0;
	/* Not dev_started, which is not set yet when a warm start finds a link that is up. */
	if (pf->running && !pf->removed) {
		link.link_speed = i82576_pf_link_speed(pf);
		for (waited_us = 0; link.link_speed == 0 && wait_to_complete && !pf->link_down &&
				waited_us < LINK_WAIT_US; waited_us += LINK_INTERVAL_US) {
			i82576_delay_us(hw, LINK_INTERVAL_US);
			link.link_speed = i82576_pf_link_speed(pf);
		}
	}
	if (link.link_speed != 0) {
		link.link_status = RTE_ETH_LINK_UP;
		link.link_duplex = (i82576_read(hw, I82576_STATUS) & I82576_STATUS_FD) != 0 ?
			RTE_ETH_LINK_FULL_DUPLEX : RTE_ETH_LINK_HALF_DUPLEX;
	}
	return rte_eth_linkstatus_set(dev, &link);
}

/* What both ends can do, in either direction. IEEE 802.3 table 28B-3. */
static enum rte_eth_fc_mode
flow_ctrl_negotiated(struct i82576_pf *pf)
{
	const uint16_t both = I82576_PHY_ANAR_PAUSE | I82576_PHY_ANAR_ASM_DIR;
	uint16_t ours, theirs;

	if (!pf->pause_autoneg || !pf->copper)
		return pf->fc.mode;
	if (phy_read(i82576_pf_hw(pf), I82576_PHY_ANAR, &ours) != 0 ||
			phy_read(i82576_pf_hw(pf), I82576_PHY_ANLPAR, &theirs) != 0)
		return RTE_ETH_FC_NONE;
	if ((ours & theirs & I82576_PHY_ANAR_PAUSE) != 0)
		return pf->fc.mode;
	if ((ours & both) == I82576_PHY_ANAR_ASM_DIR && (theirs & both) == both)
		return RTE_ETH_FC_TX_PAUSE;
	if ((ours & both) == both && (theirs & both) == I82576_PHY_ANAR_ASM_DIR)
		return RTE_ETH_FC_RX_PAUSE;
	return RTE_ETH_FC_NONE;
}

/* The direction bits, which are software's to set. 82576 DS 3.5.5.4. */
static void
flow_ctrl_apply(struct i82576_pf *pf)
{
	enum rte_eth_fc_mode mode = flow_ctrl_negotiated(pf);
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t ctrl = i82576_read(hw, I82576_CTRL) & ~(I82576_CTRL_RFCE | I82576_CTRL_TFCE);

	if (mode == RTE_ETH_FC_RX_PAUSE || mode == RTE_ETH_FC_FULL)
		ctrl |= I82576_CTRL_RFCE;
	if (mode == RTE_ETH_FC_TX_PAUSE || mode == RTE_ETH_FC_FULL)
		ctrl |= I82576_CTRL_TFCE;
	i82576_write(hw, I82576_CTRL, ctrl);
}

/* The link has gone up or down, or may have. */
void
i82576_pf_link_changed(struct i82576_pf *pf)
{
	struct rte_eth_dev *dev = i82576_pf_dev(pf);
	uint16_t vf;

	/* Told or not before: an application may have asked in the meantime. */
	i82576_pf_link_update(dev, 0);
	if (dev->data->dev_link.link_status == RTE_ETH_LINK_UP)
		flow_ctrl_apply(pf);
	for (vf = 0; vf < pf->num_vfs; vf++) {
		i82576_pf_rate_sync(pf, vf);
		i82576_pf_mbx_ping(pf, vf);
	}
	if (dev->data->dev_conf.intr_conf.lsc != 0)
		rte_eth_dev_callback_process(dev, RTE_ETH_EVENT_INTR_LSC, NULL);
	i82576_pf_representors_link_changed(pf);
}

static int
link_down_set(struct rte_eth_dev *dev, bool down)
{
	struct i82576_pf *pf = i82576_pf(dev);
	int ret = 0;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	pf->link_down = down;
	if (pf->running) {
		ret = i82576_pf_link_start(pf);
		pf->link_told = i82576_pf_link_speed(pf);
		i82576_pf_link_changed(pf);
	}
	i82576_pf_unlock(pf);
	return ret;
}

int
i82576_pf_set_link_up(struct rte_eth_dev *dev)
{
	return link_down_set(dev, false);
}

int
i82576_pf_set_link_down(struct rte_eth_dev *dev)
{
	return link_down_set(dev, true);
}

/* The water marks for frames of 9.5 KB: 82576 DS 3.5.5.3. */
void
i82576_pf_flow_ctrl_init(struct i82576_pf *pf)
{
	struct i82576_hw *hw = i82576_pf_hw(pf);
	uint32_t bytes = (i82576_read(hw, I82576_RXPBS) & I82576_RXPBS_SIZE_MASK) << 10;

	if (pf->fc.high_water == 0) {
		pf->fc.high_water = bytes > 2 * I82576_MAX_FRAME_BYTES ?
			(bytes - 2 * I82576_MAX_FRAME_BYTES) & ~(WATER_GRANULARITY - 1) :
			2 * WATER_GRANULARITY;
		pf->fc.low_water = pf->fc.high_water - WATER_GRANULARITY;
		pf->fc.pause_time = PAUSE_TIME;
		pf->fc.send_xon = 1;
	}
	i82576_write(hw, I82576_FCAL, PAUSE_ADDR_LOW);
	i82576_write(hw, I82576_FCAH, PAUSE_ADDR_HIGH);
	i82576_write(hw, I82576_FCT, PAUSE_TYPE);
	i82576_write(hw, I82576_FCTTV, pf->fc.pause_time);
	i82576_write(hw, I82576_FCRTV, pf->fc.pause_time / 2);
	i82576_write(hw, I82576_FCRTL0, pf->fc.low_water |
		(pf->fc.send_xon ? I82576_FCRTL0_XONE : 0));
	i82576_write(hw, I82576_FCRTH0, pf->fc.high_water);
	flow_ctrl_apply(pf);
}

int
i82576_pf_flow_ctrl_get(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf)
{
	struct i82576_pf *pf = i82576_pf(dev);
	uint32_t ctrl;
	bool rx, tx;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	i82576_pf_lock(pf);
	*conf = pf->fc;
	conf->autoneg = pf->pause_autoneg;
	ctrl = i82576_read(i82576_pf_hw(pf), I82576_CTRL);
	i82576_pf_unlock(pf);
	rx = (ctrl & I82576_CTRL_RFCE) != 0;
	tx = (ctrl & I82576_CTRL_TFCE) != 0;
	conf->mode = rx && tx ? RTE_ETH_FC_FULL : rx ? RTE_ETH_FC_RX_PAUSE :
		tx ? RTE_ETH_FC_TX_PAUSE : RTE_ETH_FC_NONE;
	return 0;
}

int
i82576_pf_flow_ctrl_set(struct rte_eth_dev *dev, struct rte_eth_fc_conf *conf)
{
	struct i82576_pf *pf = i82576_pf(dev);
	struct i82576_hw *hw = i82576_hw(dev);
	uint32_t bytes;
	int ret = 0;

	if (rte_eal_process_type() != RTE_PROC_PRIMARY)
		return -ENOTSUP;
	bytes = (i82576_read(hw, I82576_RXPBS) & I82576_RXPBS_SIZE_MASK) << 10;
	if (conf->high_water < conf->low_water || conf->high_water > bytes ||
			conf->high_water < WATER_GRANULARITY) {
		I82576_LOG(ERR, driver, hw, "flow control: water marks %u and %u: must be %u to %u "
			"bytes, the low one below", conf->low_water, conf->high_water,
			WATER_GRANULARITY, bytes);
		return -EINVAL;
	}
	i82576_pf_lock(pf);
	pf->fc = *conf;
	pf->fc.high_water &= ~(WATER_GRANULARITY - 1);
	pf->fc.low_water &= ~(WATER_GRANULARITY - 1);
	pf->pause_autoneg = conf->autoneg != 0;
	if (pf->running) {
		i82576_pf_flow_ctrl_init(pf);
		ret = i82576_pf_link_start(pf);
	}
	i82576_pf_unlock(pf);
	return ret;
}
