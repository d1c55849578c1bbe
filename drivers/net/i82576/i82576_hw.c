/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>

#include <rte_common.h>
#include <rte_cycles.h>

#include "i82576_hw.h"

RTE_LOG_REGISTER(i82576_logtype_init, pmd.net.i82576.init, NOTICE)
RTE_LOG_REGISTER(i82576_logtype_driver, pmd.net.i82576.driver, NOTICE)
RTE_LOG_REGISTER(i82576_logtype_mbx, pmd.net.i82576.mbx, NOTICE)

void
i82576_delay_us(const struct i82576_hw *hw, uint32_t us)
{
	if (hw->model != NULL)
		hw->model->delay_us(hw->model, us);
	else
		rte_delay_us_sleep(us);
}

int
i82576_wait(const struct i82576_hw *hw, uint32_t reg, uint32_t mask, uint32_t value,
		uint32_t timeout_us, uint32_t interval_us)
{
	uint32_t waited_us = 0;

	while ((i82576_read(hw, reg) & mask) != value) {
		if (waited_us >= timeout_us)
			return -ETIMEDOUT;
		i82576_delay_us(hw, interval_us);
		waited_us += RTE_MAX(interval_us, 1u);
	}
	return 0;
}
