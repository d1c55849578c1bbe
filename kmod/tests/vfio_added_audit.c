// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * vfio-added: refused opens are counted and logged, and no token is shown.
 */

#define _GNU_SOURCE

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vfio_added.h"
#include "vfio_cases.h"
#include "vfio_check.h"
#include "vfio_device.h"

/* Refusals in a row, of which the log is to show a few, and the longest that it is silent then. */
#define MANY_REFUSALS 60
#define LOG_INTERVAL_S 6

/* The name of the process that is refused. */
#define COMMAND "audited one"

static const char *const counters[] = {
	"opens", "refused_malformed", "refused_no_match", "refused_no_token",
	"refused_not_applicable", "refused_wrong_token",
};

/* Has another process try to open a device; the log's line of it is to have the reason. */
static void logged_case(const char *device, const char *string, const char *reason)
{
	char line[256];
	int kmsg = kmsg_open(), status;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_NAME, COMMAND);
		_exit(device_try_by(device, string) ? 0 : 1);
	}
	waitpid(pid, &status, 0);
	expect_value(0, status, "%s: refused to another process", reason);
	snprintf(line, sizeof(line), "pid %d (" COMMAND "): %s", pid, reason);
	expect_value(1, kmsg_count(kmsg, line, device),
			"%s: lines of the log with device, process and reason", reason);
}

static void logged_cases(void)
{
	char string[128];

	logged_case(vf[0], vf[0], "VF token required");
	snprintf(string, sizeof(string), "%s vf_token=" WRONG, vf[0]);
	logged_case(vf[0], string, "wrong VF token");
	snprintf(string, sizeof(string), "%s vf_token=" T1 " x", vf[0]);
	logged_case(vf[0], string, "malformed options");
}

/* Counts what the opens of @device by @string change; nothing else but @name may change. */
static void counted_case(const char *device, const char *string, const char *name)
{
	long before[ARRAY_SIZE(counters)];
	unsigned int i;
	bool others = true;

	for (i = 0; i < ARRAY_SIZE(counters); i++)
		before[i] = counter(device, counters[i]);
	device_try_by(device, string);
	device_try_by(device, string);
	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		if (!strcmp(counters[i], name))
			expect_value(2, counter(device, name) - before[i],
					"%s: counted", name);
		else
			others &= counter(device, counters[i]) == before[i];
	}
	expect_true(others, "%s: counted there alone", name);
}

static void counted_cases(void)
{
	struct opened opened;
	char string[128];

	counted_case(vf[0], vf[0], "refused_no_token");
	snprintf(string, sizeof(string), "%s vf_token=" WRONG, vf[0]);
	counted_case(vf[0], string, "refused_wrong_token");
	snprintf(string, sizeof(string), "%s vf_token=" T1 ",", vf[0]);
	counted_case(vf[0], string, "refused_malformed");
	snprintf(string, sizeof(string), "%s vf_token=" T1, vf[0]);
	counted_case(vf[0], string, "opens");

	device_must(&opened, vf[0], T1);
	counted_case(pf, pf, "refused_no_token");
	snprintf(string, sizeof(string), "%s vf_token=" WRONG, pf);
	counted_case(pf, string, "refused_wrong_token");
	snprintf(string, sizeof(string), "%s vf_token=" T1, pf);
	counted_case(pf, string, "opens");
	device_close(&opened);
}

/* The counters of a VF whose PF has no tokens. */
static void not_applicable_cases(void)
{
	char string[128];

	if (!driver_there("pci-pf-stub"))
		return;
	driver_must(pf, "pci-pf-stub");
	vfs_make();
	driver_must(vf[0], "vfio-pci");
	snprintf(string, sizeof(string), "%s vf_token=" T1, vf[0]);
	counted_case(vf[0], string, "refused_not_applicable");
	numvfs_write(0);
	driver_must(pf, "vfio-pci");
	device_try(pf, T1);
	vfs_make();
}

static void rate_cases(void)
{
	long before = counter(vf[1], "refused_no_token");
	unsigned int i;
	int kmsg, lines;

	kmsg = kmsg_open();
	for (i = 0; i < MANY_REFUSALS; i++)
		device_try(vf[1], NULL);
	lines = kmsg_count(kmsg, "open refused", vf[1]);
	expect_value(MANY_REFUSALS, counter(vf[1], "refused_no_token") - before,
			"many: counted");
	expect_true(lines > 0 && lines < MANY_REFUSALS, "many: the log has some of them");
	kmsg = kmsg_open();
	device_try(vf[0], NULL);
	expect_value(1, kmsg_count(kmsg, "open refused", vf[0]),
			"many: another device's refusal is logged all the same");
}

static void attribute_cases(void)
{
	char file[64];
	struct stat stat_of;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(counters); i++) {
		snprintf(file, sizeof(file), "vf_token/%s", counters[i]);
		expect_true(!stat(attribute(pf, file), &stat_of) &&
				(stat_of.st_mode & 07777) == 0444, "%s: PF's, mode 0444",
				counters[i]);
		expect_true(!stat(attribute(vf[0], file), &stat_of) &&
				(stat_of.st_mode & 07777) == 0444, "%s: VF's, mode 0444",
				counters[i]);
	}
	driver_must(other, "vfio-pci");
	expect(-ENOENT, stat(attribute(other, "vf_token/opens"), &stat_of) ? -errno : 0,
			"no counters without SR-IOV");
	driver_must(other, NULL);
}

int audit_item(void)
{
	int kmsg = kmsg_open();

	item_begin("audit");
	attribute_cases();
	logged_cases();
	counted_cases();
	not_applicable_cases();
	/* So that the lines of what was refused before do not count. */
	sleep(LOG_INTERVAL_S);
	rate_cases();
	expect_value(0, kmsg_count(kmsg, TOKEN_TAIL, ""), "lines with a token");
	return item_end();
}
