/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef I82576_HW_H
#define I82576_HW_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_branch_prediction.h>
#include <rte_byteorder.h>
#include <rte_io.h>
#include <rte_log.h>

#include "i82576_regs.h"

/* Registers that are not a device's: the model of the autotests. Offsets are those of BAR 0. */
struct i82576_model {
	uint32_t (*read)(struct i82576_model *model, uint32_t reg);
	void (*write)(struct i82576_model *model, uint32_t reg, uint32_t value);
	/* Time passes: what takes the device a while goes on. */
	void (*delay_us)(struct i82576_model *model, uint32_t us);
	/*
	 * Memory as large as BAR 0: the tails of the rings, which the data path writes without
	 * looking for a model. All else goes through the functions.
	 */
	uint8_t *bar;
	/* NumVFs and TotalVFs of the PF's SR-IOV capability. */
	uint16_t num_vfs;
	uint16_t total_vfs;
	/* COMMAND of a VF's configuration space; all ones if that does not answer. */
	uint16_t pci_command;
};

/*
 * Access to one function. In memory that secondary processes share, in which BAR 0 is mapped at
 * the same address; a model belongs to one process.
 */
struct i82576_hw {
	/* BAR 0, or the model's. */
	uint8_t *bar;
	struct i82576_model *model;
	/* The device's name, which begins each line of the log. */
	const char *name;
	bool is_vf;
};

extern int i82576_logtype_init;
extern int i82576_logtype_driver;
extern int i82576_logtype_mbx;

/* I82576_LOG(ERR, init, hw, "action failed: cause: what to do"): without the device and newline. */
#define I82576_LOG(level, type, hw, fmt, ...) \
	rte_log(RTE_LOG_ ## level, i82576_logtype_ ## type, "%s: " fmt "\n", (hw)->name, \
		## __VA_ARGS__)

static inline uint32_t
i82576_read(const struct i82576_hw *hw, uint32_t reg)
{
	if (unlikely(hw->model != NULL))
		return hw->model->read(hw->model, reg);
	return rte_le_to_cpu_32(rte_read32(hw->bar + reg));
}

static inline void
i82576_write(const struct i82576_hw *hw, uint32_t reg, uint32_t value)
{
	if (unlikely(hw->model != NULL))
		hw->model->write(hw->model, reg, value);
	else
		rte_write32(rte_cpu_to_le_32(value), hw->bar + reg);
}

/* Has the writes up to here reach the device: reads wait for them. */
static inline void
i82576_flush(const struct i82576_hw *hw)
{
	(void)i82576_read(hw, I82576_STATUS);
}

static inline void
i82576_set_bits(const struct i82576_hw *hw, uint32_t reg, uint32_t bits)
{
	i82576_write(hw, reg, i82576_read(hw, reg) | bits);
}

static inline void
i82576_clear_bits(const struct i82576_hw *hw, uint32_t reg, uint32_t bits)
{
	i82576_write(hw, reg, i82576_read(hw, reg) & ~bits);
}

/* Waits; with a model, no time passes but the model's. */
void i82576_delay_us(const struct i82576_hw *hw, uint32_t us);

/*
 * Waits until the bits @mask of @reg are @value, at most @timeout_us, reading every @interval_us.
 * Returns 0 or -ETIMEDOUT.
 */
int i82576_wait(const struct i82576_hw *hw, uint32_t reg, uint32_t mask, uint32_t value,
		uint32_t timeout_us, uint32_t interval_us);

/* A device that is gone (unplugged, in reset, without memory decoding) reads as all ones. */
static inline bool
i82576_is_gone(const struct i82576_hw *hw)
{
	return i82576_read(hw, I82576_STATUS) == UINT32_MAX;
}

#endif /* I82576_HW_H */
