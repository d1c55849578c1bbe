/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What the files of vfio-stress share; see vfio_stress.c. A process that holds a device must not
 * wait for a bind, an unbind or another write to sysfs: each may have to wait for that device to be
 * closed. So each worker has an agent, a process that writes for it, and closes its devices when
 * the kernel asks for them while the agent is at work.
 */

#ifndef VFIO_STRESS_H
#define VFIO_STRESS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "vfio_test.h"

#define PFS_MAX 4
#define VFS 3
/* Devices that a worker has at a time. */
#define HELD_MAX 3

/* How long a device is held at most; and when its worker waits for the agent, from then on. */
#define HOLD_MS 3000
#define HOLD_WAITING_MS 1000

/* A VF's own token. */
#define OWN_TOKEN "33333333-aaaa-4bbb-8ccc-0123456789ab"
/* One that nobody ever sets. */
#define WRONG_TOKEN "99999999-aaaa-4bbb-8ccc-0123456789ab"

enum operation {
	OPEN_PF_GROUP, OPEN_PF_CDEV, OPEN_VF_GROUP, OPEN_VF_CDEV, CDEV_HOLD, CLOSE, USE, IRQ,
	TOKEN_SET, TOKEN_OPEN, OWN_TOKEN_SET, OWN_TOKEN_GET, NUM_VFS_GET, NUM_VFS_SET, KEEP_SET,
	KEEP_GET, RESET, NUMVFS_WRITE, NUMVFS_READ, COUNTERS_READ, VF_UNBIND, VF_BIND, PF_UNBIND,
	PF_BIND, PF_RESET, VF_RESET, KILL, OPERATIONS
};

struct stress_operation {
	const char *name;
	/* How often, relative to the others. */
	unsigned int weight;
	/* The errors that are no fault. */
	int allowed[8];
};

extern const struct stress_operation operations[OPERATIONS];

struct stress_options {
	unsigned int count;
	unsigned int seed;
	int64_t limit_ms;
	/* The module is the kernel's own. */
	bool kernel;
	/* There are cdevs, by which devices can be opened. */
	bool cdev;
};

extern struct stress_options options;

/* The PFs, and the names that their VFs have whenever they are there. */
extern const char *pfs[PFS_MAX];
extern unsigned int pf_count;
extern char vfs[PFS_MAX][VFS][32];

/* What a process is doing, for the watchdog. */
struct slot {
	_Atomic pid_t pid;
	bool is_agent;
	_Atomic int operation;
	/* When it began; 0 between operations. */
	_Atomic int64_t since_ms;
	char device[32];
};

/* Of this process: its slot, and its end of the socket between worker and agent. */
extern struct slot *self;
extern int peer;

int64_t now_ms(void);

/* A random number below @count. */
unsigned int choose(unsigned int count);

/* Of all workers together: takes the next operation, or returns false if there is none left. */
bool operation_take(void);

/* The kernel asked for a device that this worker holds. */
void count_request(void);

/* Around each operation. end() checks and counts the result and returns @ret. */
void begin(enum operation operation, const char *device);
/* @wrong says why success would be an error, or is NULL. */
int end(enum operation operation, int ret, const char *wrong);

/* Reports what must not be. */
void unexpected(enum operation operation, const char *device, const char *what);

/* What worker and agent do; both end the process. */
void worker_main(void) __attribute__((noreturn));
void agent_main(void) __attribute__((noreturn));

/* ---- vfio_stress_device.c: a worker's devices */

struct held {
	struct opened opened;
	/* Written by the kernel when it wants the device back. */
	int request;
	/* Written by the device's first interrupt, if that is on. */
	int irq;
	bool irq_on;
	unsigned int pf;
	/* Index of the VF, or -1. */
	int vf;
	/* Opened by cdev, but not bound to an iommufd: not usable. */
	bool unbound;
	int64_t since_ms;
};

extern struct held held[HELD_MAX];
extern unsigned int held_count;

/* With -k, locked by who holds a VF, so that VFs in use are not removed; else -1. */
extern int vfs_lock;
void vfs_lock_open(void);

/* The PCI function of a PF, with @vf -1, or of its VF. */
const char *name_of(unsigned int pf, int vf);

/* Closes one. */
void held_drop(unsigned int index);

/* Closes what the kernel wants back and what was held for longer than @limit_ms. */
void held_serve(int64_t limit_ms);

/* Whether this process has a VF of the PF. */
bool held_vf_of(unsigned int pf);

/* Each carries out an operation, some several; all need room for a device, the last a device. */
void open_operation(enum operation operation);
void cdev_hold_operation(void);
void token_open_operation(void);
void device_operation(enum operation operation);

#endif /* VFIO_STRESS_H */
