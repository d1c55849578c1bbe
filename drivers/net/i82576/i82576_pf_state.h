/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * What a PF's driver knows and the device cannot tell, in a file that outlives the process: policy
 * and wishes of the VFs. The file is mapped, so that what is written is there even if the process
 * is killed at the next instruction; it belongs on a tmpfs. There are two slots, of which the older
 * one is written: one of them is always whole.
 */

#ifndef I82576_PF_STATE_H
#define I82576_PF_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "i82576_pf.h"

/* To be counted up when a structure below changes, also by way of those that it contains. */
#define I82576_PF_STATE_VERSION	1
#define I82576_PF_STATE_MAGIC	"i82576pf"

struct i82576_pf_state_vf {
	struct i82576_pf_vf_policy policy;
	struct i82576_pf_vf_live live;
	struct rte_pmd_i82576_vf_stats stats;
	uint32_t last[I82576_PF_VF_COUNTERS];
	bool ping_waiting;
	/* A request that was taken from the device, and perhaps not answered. */
	bool request_pending;
	uint32_t request[I82576_MBX_WORDS];
};

struct i82576_pf_state_body {
	/* The PF was served when this was written, and is if nothing stopped it since. */
	bool running;
	bool local_switch;
	bool uta_set;
	char device[RTE_ETH_NAME_MAX_LEN];
	/* Of the system's start: no device keeps anything over the next one. */
	char boot_id[40];
	struct rte_ether_addr eeprom_mac;
	uint16_t num_vfs;
	uint32_t link_told;
	struct rte_pmd_i82576_mirror_rule mirror[RTE_PMD_I82576_MIRROR_RULES];
	struct i82576_pf_state_vf vfs[I82576_MAX_VFS];
};

struct i82576_pf_state_slot {
	/* 0: being written. The larger of two is newer. */
	uint64_t sequence;
	uint64_t sum;
	struct i82576_pf_state_body body;
};

struct i82576_pf_state_file {
	char magic[8];
	uint32_t version;
	uint32_t bytes;
	struct i82576_pf_state_slot slots[2];
};

/* A file that is open. */
struct i82576_pf_state {
	int fd;
	struct i82576_pf_state_file *file;
	uint64_t sequence;
	char boot_id[40];
	/* What is to be written, so that padding is always the same. */
	struct i82576_pf_state_body body;
};

/*
 * Opens or makes the file @path, alone: no other process may have it. What it holds is left.
 * Returns 0 with pf->state, or -errno with a message.
 */
int i82576_pf_state_open(struct i82576_pf *pf, const char *path);
void i82576_pf_state_close(struct i82576_pf *pf);

/*
 * Takes over what the file holds of this device as it was left. Returns NULL, or why there is
 * nothing of use in it; then nothing is changed.
 */
const char *i82576_pf_state_load(struct i82576_pf *pf);

#endif /* I82576_PF_STATE_H */
