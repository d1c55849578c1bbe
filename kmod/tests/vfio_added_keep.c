// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-added: a PF is closed and opened again without loss for its VFs. Two VFs of an 82576 send
 * each other frames meanwhile.
 */

#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio_82576.h"
#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_check.h"
#include "vfio_device.h"
#include "../include/uapi/linux/vfio_pci_vf.h"

#define SCRATCH_VALUE 0x12345678
/* How long the reset of a PF may take to come. */
#define RESET_TIMEOUT_MS 8000

/* A PF that two VFs depend on. */
static struct opened owner;
static struct port ports[2];

static void owner_open(void)
{
	pf_open(&owner);
	pf_setup(owner.device);
	bar_write(owner.device, I82576_SCRATCH, SCRATCH_VALUE);
}

static void ports_open(void)
{
	unsigned int i;

	for (i = 0; i < 2; i++)
		port_open(&ports[i], vf[i], i, T1);
}

static void all_open(void)
{
	owner_open();
	ports_open();
	pf_vfs_enable(owner.device);
}

static void ports_close(void)
{
	port_close(&ports[0]);
	port_close(&ports[1]);
}

static bool is_master(const char *device)
{
	return config_real(device, PCI_COMMAND) & PCI_COMMAND_MASTER;
}

/* Frames in both directions. */
static void frame_cases(const char *when)
{
	expect(0, frame_pass(&ports[0], &ports[1]), "%s: a frame from VF to VF", when);
	expect(0, frame_pass(&ports[1], &ports[0]), "%s: a frame back", when);
}

/* What the users of the VFs have is all there. */
static void vf_cases(const char *when)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	const int device = ports[0].opened.device;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		expect_true(is_master(vf[i]), "%s: VF %u: bus mastering", when, i);
		expect_true(msix_enabled(vf[i]), "%s: VF %u: MSI-X", when, i);
		expect_true(bar_read(ports[i].opened.device, I82576_STATUS) != UINT32_MAX,
				"%s: VF %u: registers", when, i);
	}
	expect(0, ioctl(device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0, "%s: VF 0: an ioctl",
			when);
	frame_cases(when);
}

/* A register of the PF, which nobody has open, until it is as a reset leaves it. */
static bool pf_was_reset(void)
{
	unsigned int waited;

	for (waited = 0; bar_real(pf, I82576_SCRATCH); waited += 100) {
		if (waited >= RESET_TIMEOUT_MS)
			return false;
		usleep(100000);
	}
	return true;
}

static void feature_cases(void)
{
	struct vfio_device_feature_pci_pf_keep keep = { .flags = VFIO_PCI_PF_KEEP };
	const uint32_t id = VFIO_DEVICE_FEATURE_PCI_PF_KEEP;

	expect(0, feature_call(owner.device, id | FEATURE_PROBE, &keep, sizeof(keep)), "PROBE");
	expect(-ENOTTY, feature_call(ports[0].opened.device, id | FEATURE_PROBE, &keep,
			sizeof(keep)), "PROBE by a VF's descriptor");
	expect(-EINVAL, feature_call(owner.device, id | FEATURE_SET, &keep, sizeof(keep) - 1),
			"SET, a byte short");
	expect(-EINVAL, feature_call(owner.device, id, &keep, sizeof(keep)), "neither GET nor SET");
	keep.reserved = 1;
	expect(-EINVAL, feature_call(owner.device, id | FEATURE_SET, &keep, sizeof(keep)),
			"SET, reserved");
	expect(-EINVAL, feature_call(owner.device, id | FEATURE_GET, &keep, sizeof(keep)),
			"GET, reserved");
	expect(-EINVAL, keep_set(owner.device, VFIO_PCI_PF_REOPENED), "SET, flag of GET");
	expect(-EINVAL, keep_set(owner.device, 1u << 31), "SET, unknown flag");
	expect_value(0, keep_get(owner.device), "GET before");
	expect(0, keep_set(owner.device, VFIO_PCI_PF_KEEP), "SET");
	expect_value(VFIO_PCI_PF_KEEP, keep_get(owner.device), "GET");
	expect(0, keep_set(owner.device, 0), "SET of nothing");
	expect_value(0, keep_get(owner.device), "GET thereafter");
}

/* The PF is kept; only who knows its token opens it. */
static void refused_cases(void)
{
	expect(-EACCES, device_try(pf, NULL), "kept: PF without");
	expect(-EACCES, device_try(pf, WRONG), "kept: PF with a wrong one");
	expect(-EINVAL, device_match_only(pf, T1), "kept: PF right at match, no IOMMU");
}

/* Leftover interrupts are gone, and new ones come. */
static void interrupt_cases(void)
{
	int irq;

	expect_true(!msix_enabled(pf), "reopened: MSI-X is disabled");
	expect_true(!is_master(pf), "reopened: no bus mastering yet");
	config_write(owner.device, PCI_COMMAND,
			config_read(owner.device, PCI_COMMAND) | PCI_COMMAND_MASTER);
	expect_true(is_master(pf), "reopened: bus mastering is set by its user");
	irq = irq_enable(owner.device, VFIO_PCI_MSIX_IRQ_INDEX);
	expect(0, irq, "reopened: MSI-X is enabled anew");
	pf_interrupt_setup(owner.device);
	pf_interrupt_send(owner.device);
	expect_true(irq >= 0 && irq_wait(irq, 3000), "reopened: an interrupt");
	if (irq >= 0)
		close(irq);
}

/* Closed with its interrupts on, and opened again. */
static void keep_cases(void)
{
	int irq = irq_enable(owner.device, VFIO_PCI_MSIX_IRQ_INDEX);
	int request = irq_enable(owner.device, VFIO_PCI_REQ_IRQ_INDEX);

	frame_cases("before");
	pf_interrupt_setup(owner.device);
	pf_interrupt_send(owner.device);
	expect_true(irq >= 0 && irq_wait(irq, 3000), "before: an interrupt");
	expect(0, keep_set(owner.device, VFIO_PCI_PF_KEEP), "SET");
	device_close(&owner);

	expect_true(!is_master(pf), "kept: the PF has no bus mastering");
	vf_cases("kept");
	refused_cases();
	vf_cases("kept, opens refused");

	expect(0, device_open(&owner, pf, T1), "kept: PF with its token");
	expect_value(VFIO_PCI_PF_REOPENED, keep_get(owner.device), "reopened: GET");
	expect_value(SCRATCH_VALUE, bar_read(owner.device, I82576_SCRATCH),
			"reopened: a register as it was left");
	expect_true(!irq_wait(irq, 0) && !irq_wait(request, 0),
			"reopened: old eventfds are silent");
	interrupt_cases();
	vf_cases("reopened");
	close(irq);
	close(request);
}

static void again_cases(void)
{
	expect(0, keep_set(owner.device, VFIO_PCI_PF_KEEP), "second: SET");
	expect_value(VFIO_PCI_PF_KEEP | VFIO_PCI_PF_REOPENED, keep_get(owner.device),
			"second: GET");
	device_close(&owner);
	vf_cases("second: kept");
	expect(0, device_open(&owner, pf, T1), "second: PF with its token");
	expect_value(VFIO_PCI_PF_REOPENED, keep_get(owner.device), "second: GET");
	expect_value(SCRATCH_VALUE, bar_read(owner.device, I82576_SCRATCH),
			"second: a register as it was left");
	vf_cases("second: reopened");
}

/* Has a process open the PF and ask for KEEP, until it is killed. Returns its id, or -errno. */
static pid_t owner_start(void)
{
	int fds[2], ret = -EPIPE;
	pid_t pid;

	if (pipe(fds))
		return -errno;
	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		fds[1] = descriptors_drop(fds[1]);
		ret = device_open(&owner, pf, T1);
		if (!ret)
			ret = keep_set(owner.device, VFIO_PCI_PF_KEEP);
		if (write(fds[1], &ret, sizeof(ret)) == sizeof(ret))
			pause();
		_exit(0);
	}
	close(fds[1]);
	if (read(fds[0], &ret, sizeof(ret)) != sizeof(ret))
		ret = -EPIPE;
	close(fds[0]);
	expect(0, ret, "a process opens the PF and asks for KEEP");
	return pid;
}

static void killed_cases(void)
{
	pid_t pid;

	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	device_close(&owner);
	pid = owner_start();
	vf_cases("process lives");
	process_kill(pid);
	vf_cases("process killed");
	expect(-EACCES, device_try(pf, NULL), "process killed: PF without");
	expect(0, device_open(&owner, pf, T1), "process killed: PF with its token");
	expect_value(VFIO_PCI_PF_REOPENED, keep_get(owner.device),
			"process killed: GET");
	expect_value(SCRATCH_VALUE, bar_read(owner.device, I82576_SCRATCH),
			"process killed: a register as it was left");
	vf_cases("process killed, reopened");
}

/* The reset that was put off comes with the last VF's close. */
static void last_cases(void)
{
	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	device_close(&owner);
	port_close(&ports[0]);
	expect_true(msix_enabled(vf[1]) && is_master(vf[1]), "one VF closed: the other goes on");
	expect(-EACCES, device_try(pf, NULL), "one VF closed: PF without");
	expect(-EACCES, device_try(vf[0], WRONG), "one VF closed: it with a wrong token");
	expect(0, device_try(vf[0], T1), "one VF closed: it with its token");
	port_close(&ports[1]);
	expect_true(pf_was_reset(), "last VF closed: the PF is reset");
	expect(0, device_open(&owner, pf, NULL), "last VF closed: PF without");
	expect_value(0, keep_get(owner.device), "last VF closed: GET");
	expect_value(0, bar_read(owner.device, I82576_SCRATCH), "last VF closed: the register");
	device_close(&owner);
	expect(0, device_try(vf[0], T1), "last VF closed: VF with the token");
}

static void unbind_cases(void)
{
	struct writer writer;
	int request;

	all_open();
	frame_cases("before unbind");
	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	device_close(&owner);
	request = irq_enable(ports[0].opened.device, VFIO_PCI_REQ_IRQ_INDEX);
	writer_start(&writer, attribute(pf, "driver/unbind"), pf);
	expect_true(irq_wait(request, RETURN_TIMEOUT_MS),
			"unbind while kept: the VF is asked for");
	expect(-ETIMEDOUT, writer_wait(&writer, BLOCKED_AFTER_MS),
			"unbind while kept: waits for it");
	expect_true(is_master(vf[1]), "unbind while kept: the VF goes on");
	close(request);
	ports_close();
	expect(0, writer_wait(&writer, RETURN_TIMEOUT_MS), "unbind while kept: VFs closed");
	expect_true(pf_was_reset(), "unbound while kept: the PF is reset");
	driver_must(pf, "vfio-pci");
	device_try(pf, T1);
	vfs_make();
	expect(0, device_try(vf[0], T1), "bound anew: VF with the token");
}

/* Who does not ask for it has what the kernel's module does. */
static void plain_cases(void)
{
	all_open();
	device_close(&owner);
	expect_true(!is_master(vf[0]), "not asked for: the VF is lost");
	expect_value(0, bar_real(pf, I82576_SCRATCH), "not asked for: the PF is reset");
	ports_close();

	/* Asked for and taken back. */
	all_open();
	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	keep_set(owner.device, 0);
	device_close(&owner);
	expect_true(!is_master(vf[0]), "taken back: the VF is lost");
	ports_close();

	/* Asked for without need. */
	owner_open();
	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	device_close(&owner);
	expect_value(0, bar_real(pf, I82576_SCRATCH), "no VF open: the PF is reset");
	expect(0, device_open(&owner, pf, NULL), "no VF open: PF without");
	expect_value(0, keep_get(owner.device), "no VF open: GET");
	device_close(&owner);
}

/* It is asked for on each open descriptor anew. */
static void anew_cases(void)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };

	all_open();
	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	device_close(&owner);
	device_must(&owner, pf, T1);
	ioctl(owner.device, VFIO_DEVICE_GET_INFO, &info);
	device_close(&owner);
	expect_true(!is_master(vf[0]), "reopened and not asked for anew: the VF is lost");
	ports_close();
}

/* Closes the PF with KEEP, which does not hold as others have access to it; the log says so. */
static void obstacle_case(const char *what)
{
	int kmsg = kmsg_open();

	keep_set(owner.device, VFIO_PCI_PF_KEEP);
	device_close(&owner);
	expect_true(!is_master(vf[0]), "%s: the VF is lost", what);
	expect_value(1, kmsg_count(kmsg, "not kept", what), "%s: lines of the log", what);
	expect(-EACCES, device_try(pf, NULL), "%s: PF without", what);
	ports_close();
	expect_value(0, bar_real(pf, I82576_SCRATCH), "%s: the PF is reset", what);
}

static void obstacle_cases(void)
{
	int fd = eventfd(0, EFD_CLOEXEC);

	all_open();
	expect(0, bar_ioeventfd(owner.device, I82576_SCRATCH, SCRATCH_VALUE, fd), "an ioeventfd");
	obstacle_case("ioeventfds");
	close(fd);

	all_open();
	fd = dmabuf_get(owner.device, 0);
	if (fd < 0) {
		printf("not run: no dma-bufs\n");
		device_close(&owner);
		ports_close();
		return;
	}
	obstacle_case("dma-bufs");
	close(fd);
}

int keep_item(void)
{
	if (!is_82576(pf))
		return -1;
	item_begin("keep");
	all_open();
	feature_cases();
	keep_cases();
	if (!lacks) {
		again_cases();
		killed_cases();
	}
	last_cases();
	unbind_cases();
	plain_cases();
	if (!lacks) {
		anew_cases();
		obstacle_cases();
	}
	return item_end();
}
