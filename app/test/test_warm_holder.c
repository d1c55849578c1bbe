/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/*
 * Owner of a PF that can be killed: it adopts what it is passed, starts the PF, has its descriptors
 * kept by whoever listens to NOTIFY_SOCKET, and serves its VFs until SIGTERM. In the environment,
 * SRIOV_HOLDER is "BDF,devargs" of the PF. Not for a service: see dpdk-sriov-keeper(8).
 */

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_vfio_adopt.h>

#include "sriov_test.h"

#include "../../drivers/net/i82576/rte_pmd_i82576.h"

#define LISTEN_FDS_START 3
#define DESCRIPTORS	64
#define MBUFS		255
#define DEVICES_MAX	8

static volatile sig_atomic_t is_over;
static volatile bool is_wanted_back;
static char pf_name[32];
static int adopted;

static void
holder_signal(int number __rte_unused)
{
	is_over = 1;
}

/* Time since the system's start, in milliseconds: of more than one process. */
static uint64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The address in a name "pf-0000_01_00.0". */
static bool
pf_of_name(const char *name, char *bdf, size_t size)
{
	char *p;

	if (strncmp(name, "pf-", 3) != 0)
		return false;
	snprintf(bdf, size, "%s", name + 3);
	for (p = bdf; *p != '\0'; p++)
		if (*p == '_')
			*p = ':';
	return true;
}

/* Of one PF: what was passed under the names that it is kept under. */
static int
passed_adopt(char *names, int nb)
{
	struct rte_vfio_adopt_device device = {
		.group_fd = -1,
		.dev_fd = -1,
		.flags = RTE_VFIO_ADOPT_WARM,
	};
	int container_fd = -1, fd;
	char *name, *rest = names;
	static char bdf[32];

	for (fd = LISTEN_FDS_START; fd < LISTEN_FDS_START + nb; fd++) {
		name = strsep(&rest, ":");
		if (name == NULL)
			return -EINVAL;
		if (strcmp(name, "container") == 0)
			container_fd = fd;
		else if (strncmp(name, "group-", 6) == 0)
			device.group_fd = fd;
		else if (pf_of_name(name, bdf, sizeof(bdf)))
			device.dev_fd = fd;
	}
	device.bdf = bdf;
	return rte_vfio_adopt(container_fd, &device, 1);
}

/* Before main(), as it must be done before rte_eal_init(). */
RTE_INIT(holder_adopt)
{
	const char *nb = getenv("LISTEN_FDS"), *pid = getenv("LISTEN_PID");
	const char *names = getenv("LISTEN_FDNAMES");

	if (getenv("SRIOV_HOLDER") == NULL || nb == NULL || pid == NULL || names == NULL ||
			atoi(pid) != getpid())
		return;
	adopted = passed_adopt(strdup(names), atoi(nb));
	printf("holder: adoption: %s\n", adopted == 0 ? "done" : strerror(-adopted));
}

static int
notify(const char *text, int fd)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = { .bytes = { 0 } };
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) };
	struct msghdr header = {
		.msg_name = &address,
		.msg_namelen = sizeof(address),
		.msg_iov = &iov,
		.msg_iovlen = 1,
	};
	const char *path = getenv("NOTIFY_SOCKET");
	int ret, s;

	if (path == NULL)
		return 0;
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (fd >= 0) {
		header.msg_control = control.bytes;
		header.msg_controllen = sizeof(control.bytes);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.align), &fd, sizeof(int));
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ret = s >= 0 && sendmsg(s, &header, MSG_NOSIGNAL) >= 0 ? 0 : -errno;
	if (s >= 0)
		close(s);
	return ret;
}

static int
name_notify(const char *what, const char *name, int fd)
{
	char text[128];

	snprintf(text, sizeof(text), "%s=1\nFDNAME=%s", what, name);
	return notify(text, fd);
}

static void
pf_fd_name(char *name, size_t size)
{
	char *p;

	snprintf(name, size, "pf-%s", pf_name);
	for (p = name; *p != '\0'; p++)
		if (*p == ':')
			*p = '_';
}

static int
descriptors_keep(void)
{
	struct rte_vfio_device_fds fds;
	char name[64];
	int ret;

	ret = rte_vfio_device_fds_get(pf_name, &fds);
	if (ret != 0)
		return ret;
	ret = name_notify("FDSTORE", "container", fds.container_fd);
	snprintf(name, sizeof(name), "group-%d", fds.group);
	if (ret == 0)
		ret = name_notify("FDSTORE", name, fds.group_fd);
	pf_fd_name(name, sizeof(name));
	if (ret == 0)
		ret = name_notify("FDSTORE", name, fds.dev_fd);
	close(fds.container_fd);
	close(fds.group_fd);
	close(fds.dev_fd);
	return ret;
}

/* All of it: there is one PF. */
static void
descriptors_let_go(int group)
{
	char name[64];

	pf_fd_name(name, sizeof(name));
	name_notify("FDSTOREREMOVE", name, -1);
	snprintf(name, sizeof(name), "group-%d", group);
	name_notify("FDSTOREREMOVE", name, -1);
	name_notify("FDSTOREREMOVE", "container", -1);
}

static void
device_event(const char *name, enum rte_dev_event_type type, void *arg __rte_unused)
{
	printf("holder: %s: event %d\n", name, type);
	if (type == RTE_DEV_EVENT_REMOVE)
		is_wanted_back = true;
}

static int
port_start(uint16_t port)
{
	struct rte_eth_conf conf = { .intr_conf = { .lsc = 1 } };
	struct rte_mempool *mp;
	int ret;

	mp = rte_pktmbuf_pool_create("holder", MBUFS, 0, 0, RTE_MBUF_DEFAULT_BUF_SIZE,
			SOCKET_ID_ANY);
	if (mp == NULL)
		return -ENOMEM;
	ret = rte_eth_dev_configure(port, 1, 1, &conf);
	if (ret == 0)
		ret = rte_eth_rx_queue_setup(port, 0, DESCRIPTORS, SOCKET_ID_ANY, NULL, mp);
	if (ret == 0)
		ret = rte_eth_tx_queue_setup(port, 0, DESCRIPTORS, SOCKET_ID_ANY, NULL);
	return ret == 0 ? rte_eth_dev_start(port) : ret;
}

/* Tells how often each VF has begun again: with every RESET message, and every reset of its own. */
static void
vfs_tell(uint16_t port)
{
	struct rte_pmd_i82576_vf_stats stats;
	struct rte_pmd_i82576_vf_info info;
	int vf, nb = rte_pmd_i82576_get_vf_count(port);

	printf("holder: VFs:");
	for (vf = 0; vf < nb; vf++)
		if (rte_pmd_i82576_get_vf_stats(port, vf, &stats) == 0 &&
				rte_pmd_i82576_get_vf_info(port, vf, &info) == 0)
			printf(" %d%s resets %" PRIu64, vf, info.active ? "" : " (inactive)",
				stats.resets);
	printf("\n");
	fflush(stdout);
}

static void
serve(uint16_t port)
{
	struct rte_vfio_device_fds fds;
	struct rte_eth_dev_info info;

	while (!is_over && !is_wanted_back)
		rte_delay_us_sleep(20000);
	vfs_tell(port);
	if (!is_wanted_back || rte_eth_dev_info_get(port, &info) != 0 ||
			rte_vfio_device_fds_get(pf_name, &fds) != 0)
		return;
	/* Whoever keeps the descriptors has to let go of them as well. */
	close(fds.container_fd);
	close(fds.group_fd);
	close(fds.dev_fd);
	descriptors_let_go(fds.group);
	printf("holder: removed: %d\n", rte_dev_remove(info.device));
	fflush(stdout);
}

static int
test_warm_holder(void)
{
	const char *devargs = getenv("SRIOV_HOLDER");
	uint64_t started = now_ms();
	struct sigaction action = { .sa_handler = holder_signal };
	uint16_t port;
	int ret;

	if (devargs == NULL) {
		printf("skipped: needs SRIOV_HOLDER, the PF to own\n");
		return TEST_SKIPPED;
	}
	if (adopted != 0)
		return TEST_FAILED;
	sigaction(SIGTERM, &action, NULL);
	snprintf(pf_name, sizeof(pf_name), "%.*s", (int)strcspn(devargs, ","), devargs);
	ret = rte_dev_probe(devargs);
	printf("holder: %s: probed in %" PRIu64 " ms: %d\n", pf_name, now_ms() - started, ret);
	if (ret == 0)
		ret = rte_eth_dev_get_port_by_name(pf_name, &port);
	if (ret == 0)
		ret = port_start(port);
	if (ret == 0)
		ret = rte_dev_event_callback_register(pf_name, device_event, NULL);
	if (ret == 0)
		ret = descriptors_keep();
	if (ret == 0)
		ret = notify("READY=1\nSTATUS=serving", -1);
	printf("holder: serving after %" PRIu64 " ms: %d\n", now_ms() - started, ret);
	if (ret != 0)
		return TEST_FAILED;
	vfs_tell(port);
	serve(port);
	if (!is_wanted_back) {
		rte_eth_dev_stop(port);
		rte_eth_dev_close(port);
	}
	return TEST_SUCCESS;
}

REGISTER_TEST_COMMAND(warm_holder_autotest, test_warm_holder);
