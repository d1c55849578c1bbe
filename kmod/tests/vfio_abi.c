// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * What a process sees of a vfio-pci: who may open a PF and its VFs with which token, how tokens are
 * set, and how VFs are made. Prints one line for each case, "case: result", and judges nothing: the
 * lines of two modules are to be the same.
 *
 * Usage: vfio-abi PF OTHER, as root; PF has SR-IOV and 2 VFs or more, OTHER has none, and both are
 * without a driver. Needs vfio-pci with enable_sriov=1, and pci-stub, pci-pf-stub and vfio-variant,
 * without which some cases are not run. No process may use the devices meanwhile. They are left
 * without a driver.
 */

#include <errno.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vfio_abi.h"
#include "vfio_cases.h"
#include "vfio_device.h"
#include "vfio_test.h"

/* Without SR-IOV. As the names of the others, no line of results has it. */
static const char *other;

static int feature_set(int device, const char *token)
{
	return feature(device, FEATURE_TOKEN | FEATURE_SET, token, 16);
}

/* ---- cases: a PF's match string */

/* What follows the device's name; "@" stands for a token. */
static void match_case(const char *device, const char *what, const char *suffix)
{
	char string[512], *to = string + snprintf(string, sizeof(string), "%s", device);
	const char *from;
	int ret;

	for (from = suffix; *from; from++)
		to += *from == '@' ? sprintf(to, T1) : sprintf(to, "%c", *from);
	ret = device_try_by(device, string);
	printf("match: %s: \"", what);
	for (from = suffix; *from; from++)
		printf(*from == '\t' ? "\\t" : *from == '\n' ? "\\n" : "%c", *from);
	report(ret, "\"");
}

static void match_name_cases(void)
{
	char text[512];

	snprintf(text, sizeof(text), " %s", pf);
	report(device_try_by(pf, text), "match: blank before the name");
	snprintf(text, sizeof(text), "%.*s", (int)strlen(pf) - 1, pf);
	report(device_try_by(pf, text), "match: a part of the name");
	report(device_try_by(pf, ""), "match: no name");
	report(device_try_by(pf, " vf_token=" T1), "match: a token alone");
	report(device_try_by(pf, other), "match: another group's device");
}

/* A string that fills the page that the kernel copies, and one that does not fit. */
static void match_long_cases(void)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	char *text = malloc(page + 1);

	if (!text)
		fatal("no memory");
	memset(text, ' ', page);
	memcpy(text, pf, strlen(pf));
	text[page - 1] = '\0';
	report(device_try_by(pf, text), "match: a page of blanks");
	text[page - 1] = ' ';
	text[page] = '\0';
	report(device_try_by(pf, text), "match: more than a page");
	free(text);
}

static void match_cases(const char *device, const char *what)
{
	static const char *const suffixes[] = {
		"", " ", "   ", "x", "\t", ",", "\n", "=",
		"\tvf_token=@", ",vf_token=@", "vf_token=@",
		" x", " foo=1", " vf_token", " vf_token=", " vf_token=1", " vf_token= @",
		" vf_token=11111111-aaaa-4bbb-8ccc-0123456789a",
		" vf_token=11111111-aaaa-4bbb-8ccc-0123456789ax",
		" vf_token=11111111-aaaa-4bbb-8ccc-0123456789ag",
		" vf_token=11111111aaaa-4bbb-8ccc-0123456789ab-",
		" vf_token=1111111-1aaaa-4bbb-8ccc-0123456789ab",
		" vf_token=11111111 aaaa 4bbb 8ccc 0123456789ab",
		" vf_token={@}", " vf_token=\"@\"", " VF_TOKEN=@", " vf_token:@", " @",
		" vf_token=@x", " vf_token=@\t", " vf_token=@\n", " vf_token=@,foo",
		" vf_token=@ foo", " foo vf_token=@", " vf_token=@ @",
		" vf_token=@ vf_token=@", " vf_token=@ vf_token=" T2,
		" vf_token=@vf_token=@", " vf_token=1 vf_token=@",
		" vf_token=@", "    vf_token=@", " vf_token=@   ", " vf_token=" T1_UPPER,
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suffixes); i++)
		match_case(device, what, suffixes[i]);
}

/* ---- cases: tokens */

static void token_cases(void)
{
	struct opened opened;

	report(device_try(vf[0], NULL), "random token: VF without");
	report(device_try(vf[0], T1), "random token: VF with one");
	report(device_try(vf[0], NIL), "random token: VF with nil");

	report(device_try(pf, T1), "PF with a token");
	report(device_try(vf[0], T1), "PF closed: VF with its token");
	report(device_try(vf[1], T1), "PF closed: the other VF with its token");
	report(device_try(vf[0], T1_UPPER), "PF closed: VF with its token in capitals");
	report(device_try(vf[0], NULL), "PF closed: VF without");
	report(device_try(vf[0], WRONG), "PF closed: VF with a wrong one");
	report(device_try(vf[0], WRONG), "PF closed: VF with a wrong one again");
	report(device_try(vf[0], T1), "PF closed: VF with the right one after wrong ones");
	report(device_try(vf[0], NIL), "PF closed: VF with nil");

	report(device_try(pf, T2), "PF with another token, VFs unused");
	report(device_try(vf[0], T1), "token replaced: VF with the old one");
	report(device_try(vf[0], T2), "token replaced: VF with the new one");
	report(device_try(pf, NULL), "PF without a token, VFs unused");
	report(device_try(vf[0], T2), "PF opened without: VF with the token before");
	report(device_try(pf, NIL), "PF with nil");
	report(device_try(vf[0], NIL), "PF has nil: VF with it");
	report(device_try(vf[0], NULL), "PF has nil: VF without");

	device_try(pf, T1);
	report(device_match_only(pf, T3), "PF: right at match, no IOMMU");
	report(device_try(vf[0], T1), "PF open failed after match: VF with the old one");
	report(device_try(vf[0], T3), "PF open failed after match: VF with the new one");
	match_case(pf, "malformed, with a token", " vf_token=@ foo");
	report(device_try(vf[0], T1), "PF match malformed: VF with the token in it");
	report(device_try(vf[0], T3), "PF match malformed: VF with the token before");
	report(device_match_only(vf[0], T3), "VF: right at match, no IOMMU");
	report(device_match_only(vf[0], WRONG), "VF: wrong at match, no IOMMU");
	report(device_try(pf, T1), "VF open failed after match: PF with a new token");

	device_must(&opened, pf, T2);
	report(device_try(vf[0], T1), "PF open: VF with a wrong one");
	report(device_try(vf[0], NULL), "PF open: VF without");
	report(device_try(vf[0], T2), "PF open: VF with its token");
	report(device_try(pf, T2), "PF open: its group again");
	device_close(&opened);
}

static void users_cases(void)
{
	struct opened first, second, pf_opened;
	char string[256];
	int fd;

	device_try(pf, T1);
	device_must(&first, vf[0], T1);
	report(device_try(pf, NULL), "VF open: PF without");
	report(device_try(pf, T2), "VF open: PF with another");
	report(device_match_only(pf, T2), "VF open: PF with another, no IOMMU");
	report(device_try(vf[1], T2), "VF open: other VF with the refused one");
	report(device_try(pf, T1), "VF open: PF with its token");
	report(device_try(pf, T1_UPPER), "VF open: PF with its token in capitals");
	report(device_try(vf[1], T1), "VF open: other VF with the token");
	match_case(pf, "VF open", " vf_token=@ foo");
	match_case(pf, "VF open", " vf_token=1");
	match_case(pf, "VF open", "x");
	match_case(pf, "VF open", " vf_token=@  ");

	/* One user for each device, however many descriptors. */
	snprintf(string, sizeof(string), "%s vf_token=" T1, vf[0]);
	fd = group_get(first.group, string);
	report(fd < 0 ? fd : 0, "VF open: second descriptor with the token");
	snprintf(string, sizeof(string), "%s vf_token=" WRONG, vf[0]);
	report(group_get(first.group, string), "VF open: third descriptor with a wrong one");
	report(group_get(first.group, vf[0]), "VF open: third descriptor without");
	close(first.device);
	first.device = fd;
	report(device_try(pf, T2), "one of two descriptors closed: PF with another");
	device_close(&first);
	report(device_try(pf, T2), "both descriptors closed: PF with another");
	report(device_try(vf[0], T2), "both descriptors closed: VF with the new one");

	device_must(&first, vf[0], T2);
	device_must(&second, vf[1], T2);
	device_close(&first);
	report(device_try(pf, T1), "one of two VFs closed: PF with another");
	device_must(&pf_opened, pf, T2);
	device_close(&second);
	report(device_try(vf[0], T2), "VFs closed, PF open: VF with the token");
	device_close(&pf_opened);
	report(device_try(pf, T1), "both VFs closed: PF with another");
}

static void process_cases(void)
{
	pid_t pid = process_start(pf, T2);

	report(pid, "process opens the PF");
	report(device_try(vf[0], T2), "PF process lives: VF with its token");
	process_kill(pid);
	printf("PF process killed: VFs: %d\n", numvfs_read());
	report(device_try(vf[0], T2), "PF process killed: VF with its token");
	report(device_try(vf[0], NULL), "PF process killed: VF without");

	pid = process_start(vf[0], T2);
	report(pid, "process opens a VF");
	report(device_try(vf[0], T2), "VF process lives: the VF again");
	report(device_try(pf, T3), "VF process lives: PF with another");
	process_kill(pid);
	report(device_try(pf, T3), "VF process killed: PF with another");
	report(device_try(vf[0], T3), "VF process killed: VF with the new one");

	pid = process_start(vf[0], WRONG);
	report(pid, "process opens a VF with a wrong one");
	report(device_try(pf, T1), "process refused: PF with another");
}

/* ---- cases: VFIO_DEVICE_FEATURE */

static void feature_flag_cases(int device, const char *what)
{
	static const struct {
		uint32_t flags;
		const char *name;
	} operations[] = {
		{ 0, "no operation" },
		{ FEATURE_PROBE, "PROBE" },
		{ FEATURE_GET, "GET" },
		{ FEATURE_SET, "SET" },
		{ FEATURE_GET | FEATURE_SET, "GET|SET" },
		{ FEATURE_PROBE | FEATURE_GET, "PROBE|GET" },
		{ FEATURE_PROBE | FEATURE_SET, "PROBE|SET" },
		{ FEATURE_PROBE | FEATURE_GET | FEATURE_SET, "PROBE|GET|SET" },
		{ FEATURE_SET | 1 << 24, "SET and an unknown flag" },
	};
	static const size_t sizes[] = { 0, 8, 15, 16, 17, 32 };
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(operations); i++)
		for (j = 0; j < ARRAY_SIZE(sizes); j++)
			report(feature(device, FEATURE_TOKEN | operations[i].flags, T1, sizes[j]),
					"feature: %s: %s, %zu bytes", what, operations[i].name,
					sizes[j]);
}

/*
 * Features that the token's is not, but for those of <linux/vfio_pci_vf.h>, which only one of the
 * modules has.
 */
static void feature_other_cases(int device, const char *what)
{
	static const uint32_t ids[] = {
		1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x7777, 0xfeff, 0xff03, 0xffff
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ids); i++) {
		report(feature(device, ids[i] | FEATURE_PROBE, T1, 16),
				"feature: %s: PROBE of %#x", what, ids[i]);
		report(feature(device, ids[i] | FEATURE_PROBE | FEATURE_SET, T1, 16),
				"feature: %s: PROBE|SET of %#x", what, ids[i]);
	}
}

/* The header ends a page, and the token is not there. */
static void feature_fault_case(int device)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct vfio_device_feature header = {
		.argsz = sizeof(header) + 16,
		.flags = FEATURE_TOKEN | FEATURE_SET,
	};
	char *map = mmap(NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	void *argument = map + page - sizeof(header);

	if (map == MAP_FAILED || mprotect(map + page, page, PROT_NONE))
		fatal("mmap: %s", strerror(errno));
	memcpy(argument, &header, sizeof(header));
	report(ioctl(device, VFIO_DEVICE_FEATURE, argument) ? -errno : 0,
			"feature: PF: token at a bad address");
	munmap(map, 2 * page);
}

static void feature_cases(void)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct opened pf_opened, vf_opened;

	device_must(&pf_opened, pf, T1);
	feature_flag_cases(pf_opened.device, "PF");
	feature_other_cases(pf_opened.device, "PF");

	report(feature_set(pf_opened.device, T2), "feature: SET, VFs unused");
	report(device_try(vf[0], T1), "feature: SET done: VF with the old one");
	report(device_try(vf[0], T2), "feature: SET done: VF with the new one");
	report(feature(pf_opened.device, FEATURE_SET, T3, 15), "feature: SET short");
	report(feature(pf_opened.device, FEATURE_SET | FEATURE_PROBE, T3, 16),
			"feature: PROBE of SET");
	feature_fault_case(pf_opened.device);
	report(device_try(vf[0], T3), "feature: SET failed: VF with the new one");
	report(device_try(vf[0], T2), "feature: SET failed: VF with the old one");
	device_close(&pf_opened);
	report(device_try(vf[0], T2), "feature: PF closed: VF with the token that was set");
	report(device_try(vf[0], T1), "feature: PF closed: VF with the token of the open");

	device_must(&vf_opened, vf[0], T2);
	feature_flag_cases(vf_opened.device, "VF");
	feature_other_cases(vf_opened.device, "VF");
	device_must(&pf_opened, pf, T2);
	report(feature_set(pf_opened.device, T3), "feature: SET, VF open");
	report(ioctl(vf_opened.device, VFIO_DEVICE_GET_INFO, &info) ? -errno : 0,
			"feature: SET, VF open: the VF goes on");
	report(device_try(vf[1], T2), "feature: SET, VF open: other VF with the old one");
	report(device_try(vf[1], T3), "feature: SET, VF open: other VF with the new one");
	device_close(&pf_opened);
	report(device_try(pf, T2), "feature: SET, VF open: PF with the old one");
	report(device_try(pf, NULL), "feature: SET, VF open: PF without");
	report(device_try(pf, T3), "feature: SET, VF open: PF with the new one");
	device_close(&vf_opened);
	report(device_try(vf[0], T3), "feature: VF reopened with the new one");
}

/* ---- cases: what the device shows */

static int dmabuf_try(int device, unsigned int bar)
{
	int fd = dmabuf_get(device, bar);

	if (fd >= 0)
		close(fd);
	return fd;
}

static void device_info_cases(const char *device, const char *what)
{
	struct vfio_device_info info = { .argsz = sizeof(info) };
	struct opened opened;
	unsigned int i;
	int ret;

	device_must(&opened, device, T1);
	if (ioctl(opened.device, VFIO_DEVICE_GET_INFO, &info))
		fatal("VFIO_DEVICE_GET_INFO: %s", strerror(errno));
	printf("info: %s: flags %#x, %u regions, %u interrupts\n", what, info.flags,
			info.num_regions, info.num_irqs);
	for (i = 0; i <= info.num_regions; i++) {
		struct vfio_region_info region = { .argsz = sizeof(region), .index = i };

		ret = ioctl(opened.device, VFIO_DEVICE_GET_REGION_INFO, &region) ? -errno : 0;
		report(ret, "info: %s: region %u: flags %#x, %#llx bytes at %#llx, argsz %u", what,
				i, region.flags, (unsigned long long)region.size,
				(unsigned long long)region.offset, region.argsz);
	}
	for (i = 0; i <= info.num_irqs; i++) {
		struct vfio_irq_info irq = { .argsz = sizeof(irq), .index = i };

		ret = ioctl(opened.device, VFIO_DEVICE_GET_IRQ_INFO, &irq) ? -errno : 0;
		report(ret, "info: %s: interrupt %u: flags %#x, %u", what, i, irq.flags, irq.count);
	}
	for (i = 0; i <= VFIO_PCI_ROM_REGION_INDEX; i++)
		report(dmabuf_try(opened.device, i), "info: %s: region %u as dma-buf", what, i);
	report(ioctl(opened.device, VFIO_DEVICE_RESET) ? -errno : 0, "info: %s: reset", what);
	report(ioctl(opened.device, _IO(VFIO_TYPE, VFIO_BASE + 99)) ? -errno : 0,
			"info: %s: unknown ioctl", what);
	device_close(&opened);
}

/* ---- cases: the number of VFs */

static void numvfs_case(int count, const char *what)
{
	int ret = numvfs_write(count);

	report(ret, "numvfs: %s", what);
	printf("numvfs: %s: now %d\n", what, numvfs_read());
}

static void numvfs_cases(void)
{
	struct opened opened;
	char text[16];
	int total;

	if (file_read(attribute(pf, "sriov_totalvfs"), text, sizeof(text)))
		fatal("%s: no sriov_totalvfs", pf);
	total = atoi(text);

	numvfs_case(0, "none to none");
	numvfs_case(2, "none to 2");
	numvfs_case(2, "2 to 2");
	numvfs_case(3, "2 to 3");
	numvfs_case(1, "2 to 1");
	numvfs_case(total + 1, "above the total");
	report(file_write(attribute(pf, "sriov_numvfs"), "-1"), "numvfs: negative");
	report(file_write(attribute(pf, "sriov_numvfs"), "two"), "numvfs: no number");
	file_write(PARAMETERS "enable_sriov", "0");
	numvfs_case(2, "enable_sriov=0: 2 to 2");
	numvfs_case(0, "enable_sriov=0: 2 to none");
	file_write(PARAMETERS "enable_sriov", "1");
	numvfs_case(0, "2 to none");
	file_write(PARAMETERS "enable_sriov", "0");
	numvfs_case(1, "enable_sriov=0: none to 1");
	numvfs_case(0, "enable_sriov=0: none to none");
	file_write(PARAMETERS "enable_sriov", "1");
	numvfs_case(total + 1, "none to above the total");
	numvfs_case(total, "none to the total");
	numvfs_case(0, "the total to none");

	device_must(&opened, pf, T1);
	numvfs_case(2, "PF open: none to 2");
	vfs_make();
	report(device_try(vf[0], T1), "numvfs: PF open: VF with its token");
	numvfs_case(0, "PF open: 2 to none");
	device_close(&opened);
	vfs_make();
	report(device_try(vf[0], T1), "numvfs: VFs made anew: VF with the token before");
}

/* ---- cases: drivers */

/* Each event is reported once, with the names of both devices. */
static void capture_cases(void)
{
	char text[64];
	unsigned int i;
	int kmsg;

	numvfs_write(0);
	kmsg = kmsg_open();
	vfs_make();
	printf("capture: messages with PF and VF: %d\n", kmsg_count(kmsg, pf, vf[0]));
	for (i = 0; i < 2; i++) {
		file_read(attribute(vf[i], "driver_override"), text, sizeof(text));
		printf("capture: VF %u: driver_override %s, driver %s\n", i, text,
				link_name(vf[i], "driver"));
	}
	numvfs_write(0);
	file_write(attribute(pf, "sriov_drivers_autoprobe"), "0");
	vfs_make();
	file_read(attribute(vf[0], "driver_override"), text, sizeof(text));
	printf("capture: no autoprobe: driver_override %s, driver %s\n", text,
			link_name(vf[0], "driver"));
	file_write(attribute(pf, "sriov_drivers_autoprobe"), "1");
	vfs_make();
}

static void capture_elsewhere_cases(void)
{
	int kmsg;

	if (!driver_there("pci-stub"))
		return;
	kmsg = kmsg_open();
	report(driver_set(vf[0], "pci-stub"), "capture: VF to another driver");
	printf("capture: VF to another driver: messages with PF and VF: %d\n",
			kmsg_count(kmsg, pf, vf[0]));
	report(device_try(vf[0], T1), "capture: VF on another driver");
	kmsg = kmsg_open();
	report(driver_set(vf[0], "vfio-pci"), "capture: VF back");
	printf("capture: VF back: messages with PF and VF: %d\n", kmsg_count(kmsg, pf, vf[0]));
	report(device_try(vf[0], T1), "capture: VF back, with the token");
	report(device_try(vf[0], NULL), "capture: VF back, without");
	report(driver_set(vf[0], NULL), "capture: VF to no driver");
	numvfs_case(0, "a VF without driver: to none");
	vfs_make();
	report(device_try(vf[0], T1), "capture: made anew, with the token");
}

/* A PF on another driver, which leaves its VFs when it is unbound. */
static void bind_elsewhere_cases(void)
{
	struct opened opened;
	int ret;

	if (!driver_there("pci-pf-stub"))
		return;
	driver_must(pf, "pci-pf-stub");
	vfs_make();
	printf("bind: VF of a PF elsewhere: driver %s\n", link_name(vf[0], "driver"));
	driver_must(vf[0], "vfio-pci");
	report(device_try(vf[0], T1), "bind: PF elsewhere: VF with a token");
	report(device_try(vf[0], NIL), "bind: PF elsewhere: VF with nil");
	match_case(vf[0], "PF elsewhere", " foo");
	match_case(vf[0], "PF elsewhere", " ");
	ret = device_open(&opened, vf[0], NULL);
	report(ret, "bind: PF elsewhere: VF without");
	if (!ret)
		feature_flag_cases(opened.device, "VF, PF elsewhere");
	device_close(&opened);

	driver_must(pf, NULL);
	printf("bind: VFs left: %d\n", numvfs_read());
	report(driver_set(pf, "vfio-pci"), "bind: PF that has VFs");
	report(device_try(vf[0], NULL), "bind: PF refused: VF without");
	driver_must(pf, "pci-pf-stub");
	numvfs_write(0);
	driver_must(pf, NULL);
}

/* Tokens end with the bind. */
static void bind_cases(void)
{
	report(driver_set(pf, NULL), "bind: PF with VFs to no driver");
	printf("bind: PF with VFs to no driver: VFs: %d\n", numvfs_read());
	numvfs_case(1, "PF without driver");
	report(driver_set(pf, "vfio-pci"), "bind: PF");
	report(device_try(pf, T1), "bind: PF with a token");
	vfs_make();
	report(device_try(vf[0], T1), "bind: VF with the token");
	driver_must(pf, NULL);
	driver_must(pf, "vfio-pci");
	vfs_make();
	report(device_try(vf[0], T1), "bind: PF bound anew: VF with the token before");
	report(device_try(vf[0], NULL), "bind: PF bound anew: VF without");

	/* A VF bound anew. */
	device_try(pf, T2);
	driver_must(vf[0], NULL);
	driver_must(vf[0], "vfio-pci");
	report(device_try(vf[0], T2), "bind: VF bound anew, with the token");
	report(device_try(vf[0], T1), "bind: VF bound anew, with a wrong one");
}

/* VFs on another driver of vfio-pci-core have the PF's token and count as its users as well. */
static void variant_cases(void)
{
	struct opened pf_opened, vf_opened;

	if (!driver_there("vfio-variant"))
		return;
	driver_must(pf, "vfio-pci");
	vfs_make();
	driver_must(vf[0], "vfio-variant");
	report(device_try(vf[0], NULL), "variant: random token: VF without");
	report(device_try(vf[0], T1), "variant: random token: VF with one");
	report(device_try(pf, T1), "variant: PF with a token");
	report(device_try(vf[0], T1), "variant: VF with the token");
	report(device_try(vf[0], T2), "variant: VF with a wrong one");
	report(device_match_only(pf, T2), "variant: PF at match, no IOMMU");
	report(device_try(vf[0], T1), "variant: VF with the old one");
	report(device_try(vf[0], T2), "variant: VF with the new one");

	device_must(&pf_opened, pf, T2);
	report(feature_set(pf_opened.device, T3), "variant: SET");
	report(device_try(vf[0], T2), "variant: SET done: VF with the old one");
	device_must(&vf_opened, vf[0], T3);
	report(feature_set(pf_opened.device, T1), "variant: SET, VF open");
	report(device_try(vf[1], T3), "variant: SET, VF open: other VF with the old one");
	report(device_try(vf[1], T1), "variant: SET, VF open: other VF with the new one");
	device_close(&pf_opened);

	report(device_try(pf, NULL), "variant: VF open: PF without");
	report(device_try(pf, T2), "variant: VF open: PF with another");
	report(device_try(vf[1], T2), "variant: VF open: other VF with the refused one");
	report(device_try(vf[1], T1), "variant: VF open: other VF with the token");
	report(device_try(pf, T1), "variant: VF open: PF with its token");
	device_close(&vf_opened);
	report(device_try(vf[0], T1), "variant: VF with the token again");
	report(device_try(pf, T2), "variant: VF closed: PF with another");
	report(device_try(vf[0], T2), "variant: VF closed: VF with the new one");
	report(device_try(vf[1], T2), "variant: VF closed: other VF with the new one");
	driver_must(pf, NULL);
}

static void other_cases(void)
{
	struct opened opened;
	int ret;

	report(driver_set(other, "vfio-pci"), "no SR-IOV: bind");
	match_cases(other, "no SR-IOV");
	report(device_try(other, NIL), "no SR-IOV: with nil");
	ret = device_open(&opened, other, NULL);
	report(ret, "no SR-IOV: without");
	if (!ret) {
		feature_flag_cases(opened.device, "no SR-IOV");
		feature_other_cases(opened.device, "no SR-IOV");
	}
	device_close(&opened);
	report(driver_set(other, NULL), "no SR-IOV: unbind");
}

int main(int argc, char **argv)
{
	if (argc != 3)
		fatal("usage: vfio-abi PF OTHER");
	pf = argv[1];
	other = argv[2];

	driver_must(pf, "vfio-pci");
	match_cases(pf, "PF");
	match_name_cases();
	match_long_cases();
	driver_must(pf, NULL);
	driver_must(pf, "vfio-pci");
	vfs_make();
	token_cases();
	users_cases();
	process_cases();
	feature_cases();
	device_try(pf, T1);
	match_cases(vf[0], "VF");
	device_info_cases(pf, "PF");
	device_info_cases(vf[0], "VF");
	numvfs_cases();
	capture_cases();
	capture_elsewhere_cases();
	bind_cases();
	cdev_cases(other);
	driver_must(pf, NULL);
	bind_elsewhere_cases();
	variant_cases();
	other_cases();

	driver_must(pf, NULL);
	return 0;
}
