/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_sriov.h>

#include "ctl_command.h"

/* Of "remedy: ". */
#define REMEDY_INDENT 8
#define LINE_COLUMNS 100

static const char * const levels[] = {
	[RTE_SRIOV_LEVEL_OK] = "ok",
	[RTE_SRIOV_LEVEL_WARN] = "warn",
	[RTE_SRIOV_LEVEL_FAIL] = "fail",
};

struct counts {
	unsigned int ok, warn, fail;
};

static void
count(struct counts *counts, const struct rte_sriov_finding *finding)
{
	if (finding->level == RTE_SRIOV_LEVEL_OK)
		counts->ok++;
	else if (finding->level == RTE_SRIOV_LEVEL_WARN)
		counts->warn++;
	else
		counts->fail++;
}

static int
width_of(const struct rte_sriov_finding *findings, unsigned int nr, bool of_subject)
{
	size_t width = 0, len;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		len = strlen(of_subject ? findings[i].subject : findings[i].id);
		width = len > width ? len : width;
	}

	return (int)width;
}

static void
print_table(const struct rte_sriov_finding *findings, unsigned int nr)
{
	int subject = width_of(findings, nr, true), id = width_of(findings, nr, false);
	int indent = 4 + 2 + subject + 2 + id + 2;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		printf("%-4s  %-*s  %-*s  ", levels[findings[i].level], subject,
				findings[i].subject, id, findings[i].id);
		ctl_wrap(findings[i].text, indent, indent, LINE_COLUMNS);
		if (findings[i].remedy[0] == '\0' || findings[i].level == RTE_SRIOV_LEVEL_OK)
			continue;
		printf("%*sremedy: ", indent, "");
		ctl_wrap(findings[i].remedy, indent + REMEDY_INDENT, indent + REMEDY_INDENT,
				LINE_COLUMNS);
	}
}

static void
print_summary(const struct counts *counts)
{
	printf("%u ok, %u warning%s, %u failure%s\n", counts->ok, counts->warn,
			counts->warn == 1 ? "" : "s", counts->fail, counts->fail == 1 ? "" : "s");
	if (geteuid() != 0)
		puts("Not run as root: what other users' processes hold and what only root may "
				"read was not seen.");
}

static void
print_json(const struct rte_sriov_finding *findings, unsigned int nr, const struct counts *counts)
{
	json_t *list = json_array(), *object;
	unsigned int i;

	for (i = 0; i < nr; i++)
		json_array_append_new(list, json_pack("{s:s,s:s,s:s,s:s,s:s?}",
				"id", findings[i].id, "level", levels[findings[i].level],
				"subject", findings[i].subject, "text", findings[i].text,
				"remedy", findings[i].remedy[0] != '\0' ? findings[i].remedy :
				NULL));
	object = json_pack("{s:o,s:i,s:i,s:i,s:b}", "findings", list, "ok", (int)counts->ok,
			"warn", (int)counts->warn, "fail", (int)counts->fail,
			"root", geteuid() == 0);
	ctl_json_print(object, false);
	json_decref(object);
}

int
ctl_run_doctor(struct ctl *ctl)
{
	struct rte_sriov_finding *findings;
	struct rte_sriov_error error;
	struct counts counts = { 0 };
	unsigned int nr = 0, i;

	memset(&error, 0, sizeof(error));
	findings = rte_sriov_preflight(ctl_json_text(ctl->params, "pf", NULL), &nr, &error);
	if (findings == NULL) {
		/* Not there, or no PF: what was asked for is not possible. */
		ctl_fail(&ctl->error, error.err == ENODEV ? CTL_EXIT_FAILED : CTL_EXIT_LOCAL, "%s",
				error.text);
		snprintf(ctl->error.device, sizeof(ctl->error.device), "%s", error.device);
		ctl_remedy(&ctl->error, "%s", error.remedy);
		return (int)ctl->error.status;
	}
	for (i = 0; i < nr; i++)
		count(&counts, &findings[i]);
	if (ctl->json) {
		print_json(findings, nr, &counts);
	} else {
		print_table(findings, nr);
		print_summary(&counts);
	}
	free(findings);

	return counts.fail > 0 ? CTL_EXIT_FINDINGS : CTL_EXIT_OK;
}
