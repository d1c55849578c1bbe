// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * Random operations on PFs and their VFs by several processes at once: opening and closing, tokens,
 * the number of VFs, bind and unbind, reset, and the kill of a process at any moment. What each of
 * them may return is in a table; what it never may, such as an open with a wrong token, is checked
 * beside. Prints a line for each operation, and exits with 1 after an error that is not in the
 * table or an operation that has not come back in time.
 *
 * Usage: vfio-stress [OPTION...] PF..., as root; each PF has SR-IOV. Needs vfio-pci with
 * enable_sriov=1 disable_idle_d3=1, and numvfs_by_fd=1 if it has that. No other process may use the
 * devices meanwhile. They are left without a driver.
 *
 *	-n COUNT	operations, 1000 unless given
 *	-s SEED		of the random numbers; printed. What each process does follows from it, but
 *			not how the processes meet
 *	-t SECONDS	that one operation may take, 40 unless given
 *	-k		the module is the kernel's own: without what it lacks, and without the
 *			removal of VFs in use, in which it waits for their users
 */

#define _GNU_SOURCE

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "vfio_stress.h"

#define WORKERS 4
/* Workers and agents, and agents left over from killed workers. */
#define SLOTS 64
#define ERRORS 134
/* How many operations lie between two kills of a worker, on average. */
#define KILL_INTERVAL 40

/*
 * What an operation may fail with, in whatever state the others have left the device. A device that
 * is not there or not bound is ENOENT, ENODEV or ENXIO, by how far its removal has got; EBUSY is
 * somebody else's group or device; EAGAIN a device_lock() that somebody else has.
 */
const struct stress_operation operations[OPERATIONS] = {
	[OPEN_PF_GROUP] = { "open PF by group", 12,
		{ ENOENT, ENODEV, ENXIO, EBUSY, EACCES, EAGAIN } },
	[OPEN_PF_CDEV] = { "open PF by cdev", 8,
		{ ENOENT, ENODEV, ENXIO, EBUSY, EACCES, EAGAIN, EINVAL } },
	[OPEN_VF_GROUP] = { "open VF by group", 30,
		{ ENOENT, ENODEV, ENXIO, EBUSY, EACCES, EAGAIN } },
	[OPEN_VF_CDEV] = { "open VF by cdev", 18,
		{ ENOENT, ENODEV, ENXIO, EBUSY, EACCES, EAGAIN, EINVAL } },
	[CDEV_HOLD] = { "open cdev, no bind", 4, { ENOENT, ENODEV, ENXIO } },
	[CLOSE] = { "close", 10, { 0 } },
	/* EIO: the device's memory space is disabled. */
	[USE] = { "read registers", 10, { EIO } },
	/* ENOMEM: the VF's registers cannot be seen, for its PF is being reset. */
	[IRQ] = { "MSI-X on and off", 12, { ENOMEM } },
	[TOKEN_SET] = { "feature: token", 12, { ENOTTY } },
	[TOKEN_OPEN] = { "token, open VF with it", 12, { ENOENT, ENODEV, ENXIO, EBUSY, EAGAIN } },
	[OWN_TOKEN_SET] = { "feature: VF's own token", 12, { ENOTTY, ERANGE } },
	[OWN_TOKEN_GET] = { "feature: get VF's own", 3, { ENOTTY, ERANGE } },
	[NUM_VFS_GET] = { "feature: get VFs", 3, { ENOTTY } },
	[NUM_VFS_SET] = { "feature: VFs", 12, { ENOTTY, EBUSY, EAGAIN } },
	[KEEP_SET] = { "feature: keep PF", 16, { ENOTTY } },
	[KEEP_GET] = { "feature: get keep", 3, { ENOTTY } },
	[RESET] = { "VFIO_DEVICE_RESET", 8, { EAGAIN } },
	[NUMVFS_WRITE] = { "write sriov_numvfs", 12, { EBUSY, ENOENT } },
	[NUMVFS_READ] = { "read sriov_numvfs", 3, { 0 } },
	/* Of the module's own attributes: not there while the function is unbound. */
	[COUNTERS_READ] = { "read counters", 2, { ENOENT, ENODEV } },
	[VF_UNBIND] = { "unbind VF", 3, { ENOENT, ENODEV } },
	[VF_BIND] = { "bind VF", 8, { ENOENT, ENODEV, EBUSY } },
	[PF_UNBIND] = { "unbind PF", 1, { ENOENT, ENODEV } },
	[PF_BIND] = { "bind PF", 6, { ENODEV, EBUSY } },
	[PF_RESET] = { "reset PF by sysfs", 6, { 0 } },
	[VF_RESET] = { "reset VF by sysfs", 3, { ENOENT, ENODEV } },
	[KILL] = { "kill a worker", 0, { 0 } },
};

/* Shared by all processes. */
static struct {
	atomic_uint started;
	atomic_uint unexpected;
	atomic_uint requests;
	atomic_uint counts[OPERATIONS][ERRORS];
	struct slot slots[SLOTS];
} *shared;

struct stress_options options = { .count = 1000, .limit_ms = 40000 };
const char *pfs[PFS_MAX];
unsigned int pf_count;
char vfs[PFS_MAX][VFS][32];
struct slot *self;
int peer = -1;
static unsigned int random_state;

int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

unsigned int choose(unsigned int count)
{
	return (unsigned int)rand_r(&random_state) / 7 % count;
}

/* ---- results */

void begin(enum operation operation, const char *device)
{
	snprintf(self->device, sizeof(self->device), "%s", device);
	self->operation = operation;
	self->since_ms = now_ms();
}

void unexpected(enum operation operation, const char *device, const char *what)
{
	shared->unexpected++;
	fprintf(stderr, "vfio-stress: %s: %s: not expected: %s (process %d, operation %u)\n",
		device, operations[operation].name, what, getpid(), shared->started);
}

static bool is_allowed(enum operation operation, int error)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(operations[operation].allowed); i++)
		if (operations[operation].allowed[i] == error)
			return true;
	return false;
}

int end(enum operation operation, int ret, const char *wrong)
{
	int error = ret < 0 ? -ret : 0;

	self->since_ms = 0;
	shared->counts[operation][error < ERRORS ? error : ERRORS - 1]++;
	if (error && !is_allowed(operation, error))
		unexpected(operation, self->device, strerrorname_np(error));
	else if (!error && wrong)
		unexpected(operation, self->device, wrong);
	return ret;
}

bool operation_take(void)
{
	return shared->started++ < options.count;
}

void count_request(void)
{
	shared->requests++;
}

/* ---- the parent */

static struct slot *slot_take(bool is_agent)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		if (!shared->slots[i].pid) {
			shared->slots[i].since_ms = 0;
			shared->slots[i].is_agent = is_agent;
			return &shared->slots[i];
		}
	}
	fatal("more than %u processes wait for the kernel", SLOTS);
}

/* Starts a process on one end of the pair, and closes the other end in it. */
static struct slot *process_fork(void (*run)(void), bool is_agent, unsigned int seed, int end_fd,
		int other_fd)
{
	struct slot *slot = slot_take(is_agent);
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid < 0)
		fatal("fork: %s", strerror(errno));
	if (pid == 0) {
		close(other_fd);
		self = slot;
		peer = end_fd;
		random_state = seed;
		run();
	}
	slot->pid = pid;
	return slot;
}

/* Starts a worker with an agent. */
static struct slot *worker_start(unsigned int seed)
{
	struct slot *slot;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair))
		fatal("socketpair: %s", strerror(errno));
	process_fork(agent_main, true, seed, pair[1], pair[0]);
	slot = process_fork(worker_main, false, seed, pair[0], pair[1]);
	close(pair[0]);
	close(pair[1]);
	return slot;
}

static void processes_show(void)
{
	char path[64], text[128], command[96];
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		const struct slot *slot = &shared->slots[i];

		if (!slot->pid)
			continue;
		snprintf(path, sizeof(path), "/proc/%d/wchan", slot->pid);
		if (file_read(path, text, sizeof(text)))
			text[0] = '\0';
		fprintf(stderr, "vfio-stress: process %d, %s: %s %s for %lld ms, in %s\n",
			slot->pid,
			slot->is_agent ? "an agent" : "a worker", slot->since_ms ?
			operations[slot->operation].name : "last", slot->device, slot->since_ms ?
			(long long)(now_ms() - slot->since_ms) : 0, text);
		snprintf(command, sizeof(command), "cat /proc/%d/stack >&2", slot->pid);
		if (slot->since_ms && system(command))
			fprintf(stderr, "vfio-stress: no stack\n");
	}
}

/* Ends the program if an operation takes too long. Its process stays behind. */
static void watch(void)
{
	unsigned int i;

	for (i = 0; i < SLOTS; i++) {
		const struct slot *slot = &shared->slots[i];
		const int64_t since_ms = slot->since_ms;

		if (!slot->pid || !since_ms || now_ms() - since_ms < options.limit_ms)
			continue;
		processes_show();
		fprintf(stderr, "vfio-stress: %s: %s: has hung for %lld s\n", slot->device,
			operations[slot->operation].name, (long long)options.limit_ms / 1000);
		exit(1);
	}
}

/*
 * Collects the processes that have ended. Returns how many workers ran out of operations, and
 * starts those anew that were killed.
 */
static unsigned int reap(struct slot *workers[], unsigned int *seed)
{
	unsigned int i, done = 0;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		for (i = 0; i < SLOTS; i++)
			if (shared->slots[i].pid == pid)
				shared->slots[i].pid = 0;
		if (WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status) != SIGKILL) {
			shared->unexpected++;
			fprintf(stderr, "vfio-stress: process %d ended with status %#x\n", pid,
				status);
		}
		for (i = 0; i < WORKERS; i++) {
			if (!workers[i] || workers[i]->pid)
				continue;
			workers[i] = WIFSIGNALED(status) ? worker_start((*seed)++) : NULL;
			done += !workers[i];
		}
	}
	return done;
}

static void kill_one(struct slot *workers[])
{
	struct slot *worker = workers[choose(WORKERS)];

	if (!worker || !worker->pid)
		return;
	shared->counts[KILL][0]++;
	kill(worker->pid, SIGKILL);
}

static void run(void)
{
	struct slot *workers[WORKERS];
	unsigned int next_kill = KILL_INTERVAL, seed = options.seed, left = WORKERS, i;

	for (i = 0; i < WORKERS; i++)
		workers[i] = worker_start(seed++);
	while (left) {
		usleep(10000);
		left -= reap(workers, &seed);
		watch();
		if (shared->started >= next_kill && shared->started < options.count) {
			kill_one(workers);
			next_kill = shared->started + 1 + choose(2 * KILL_INTERVAL);
		}
	}
	/* Agents may still be at work for a worker that was killed. */
	for (i = 0; i < SLOTS; i++) {
		while (shared->slots[i].pid) {
			usleep(10000);
			reap(workers, &seed);
			watch();
		}
	}
}

/* Binds the PFs and finds out the names of their VFs. */
static void prepare(void)
{
	char name[16];
	unsigned int pf, vf;
	int ret;

	for (pf = 0; pf < pf_count; pf++) {
		driver_must(pfs[pf], "vfio-pci");
		ret = file_write(attribute(pfs[pf], "sriov_numvfs"), "3");
		if (ret)
			fatal("%s: sriov_numvfs: %s", pfs[pf], strerror(-ret));
		for (vf = 0; vf < VFS; vf++) {
			snprintf(name, sizeof(name), "virtfn%u", vf);
			snprintf(vfs[pf][vf], sizeof(vfs[pf][vf]), "%s", link_name(pfs[pf], name));
		}
	}
	options.cdev = !access("/dev/iommu", R_OK | W_OK) &&
		!access(attribute(pfs[0], "vfio-dev"), F_OK);
}

/* Nobody uses the devices any more: each step has to succeed. In an agent, for the watchdog. */
static void clean_main(void)
{
	unsigned int pf;
	int ret;

	for (pf = 0; pf < pf_count; pf++) {
		begin(PF_UNBIND, pfs[pf]);
		ret = driver_set(pfs[pf], NULL);
		self->since_ms = 0;
		if (ret || strcmp(link_name(pfs[pf], "virtfn0"), "none"))
			fatal("%s: cannot be unbound in the end: %s", pfs[pf], strerror(-ret));
	}
	_exit(0);
}

static void clean(void)
{
	struct slot *none[WORKERS] = { NULL };
	struct slot *slot = process_fork(clean_main, true, 0, -1, -1);
	unsigned int seed = 0;

	while (slot->pid) {
		usleep(10000);
		reap(none, &seed);
		watch();
	}
}

static void summary(int64_t started_ms)
{
	unsigned int i, error, sum;

	for (i = 0; i < OPERATIONS; i++) {
		sum = 0;
		for (error = 0; error < ERRORS; error++)
			sum += shared->counts[i][error];
		printf("%-24s %4u: ok %u", operations[i].name, sum, shared->counts[i][0]);
		for (error = 1; error < ERRORS; error++)
			if (shared->counts[i][error])
				printf(", %s %u", strerrorname_np((int)error),
					shared->counts[i][error]);
		printf("\n");
	}
	printf("seed %u: %u operations in %lld s, %u devices asked for, %u unexpected results\n",
		options.seed, options.count, (long long)(now_ms() - started_ms) / 1000,
		shared->requests, shared->unexpected);
}

static void parse(int argc, char *argv[])
{
	int option;

	options.seed = (unsigned int)time(NULL);
	while ((option = getopt(argc, argv, "n:s:t:k")) != -1) {
		switch (option) {
		case 'n':
			options.count = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 's':
			options.seed = (unsigned int)strtoul(optarg, NULL, 10);
			break;
		case 't':
			options.limit_ms = strtol(optarg, NULL, 10) * 1000;
			break;
		case 'k':
			options.kernel = true;
			break;
		default:
			fatal("see the head of vfio_stress.c for its options");
		}
	}
	for (; optind < argc && pf_count < PFS_MAX; optind++)
		pfs[pf_count++] = argv[optind];
	if (!pf_count || optind < argc)
		fatal("from 1 to %u PFs are to be given", PFS_MAX);
}

int main(int argc, char *argv[])
{
	const int64_t started_ms = now_ms();

	parse(argc, argv);
	random_state = options.seed;
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
			0);
	if (shared == MAP_FAILED)
		fatal("mmap: %s", strerror(errno));
	prepare();
	printf("seed %u, %u operations, %s module, %s\n", options.seed, options.count,
		options.kernel ? "the kernel's" : "this tree's",
		options.cdev ? "group and cdev" : "group only: this kernel has no cdev");
	run();
	clean();
	summary(started_ms);
	return shared->unexpected != 0;
}
