/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_log.h>
#include <rte_string_fns.h>

#include "sriovd_eal.h"
#include "sriovd_log.h"

#define EAL_ARGS_MAX 64

/* "0@(...)" of the processors that this process may use: one lcore, which is not bound to one. */
static void
lcores_format(char *text, size_t size)
{
	cpu_set_t set;
	int cpu, len;
	char *at;

	len = snprintf(text, size, "0@(0");
	if (sched_getaffinity(0, sizeof(set), &set) == 0) {
		at = text + snprintf(text, size, "0@(");
		for (cpu = 0; cpu < CPU_SETSIZE && at < text + size - 8; cpu++)
			if (CPU_ISSET(cpu, &set))
				at += snprintf(at, text + size - at, "%s%d",
						at[-1] == '(' ? "" : ",", cpu);
		len = at - text;
	}
	snprintf(text + len, size - len, ")");
}

int
sriovd_eal_start(const struct sriovd_config *config)
{
	char memory[16], lcores[4096], extra[SRIOVD_PATH_SIZE], *at = extra, *word;
	char *argv[EAL_ARGS_MAX + 1];
	int argc = 0;

	snprintf(memory, sizeof(memory), "%u", config->memory_mb);
	lcores_format(lcores, sizeof(lcores));
	strlcpy(extra, config->eal_args, sizeof(extra));
#define ARG(text) (argv[argc++] = (char *)(uintptr_t)(text))
	ARG("dpdk-sriovd");
	ARG("--file-prefix=sriovd");
	ARG("--lcores");
	ARG(lcores);
	/* Nothing is probed at the start: PFs are, one by one. */
	ARG("-a");
	ARG("0000:00:00.0");
	ARG("-m");
	ARG(memory);
	/* There are no secondary processes. */
	ARG("--no-shconf");
	if (!config->hugepages)
		ARG("--no-huge");
	while ((word = strsep(&at, " \t")) != NULL && argc < EAL_ARGS_MAX)
		if (word[0] != '\0')
			ARG(word);
#undef ARG
	argv[argc] = NULL;
	rte_openlog_stream(stderr);
	if (rte_eal_init(argc, argv) < 0) {
		SRIOVD_LOG(ERR, "the EAL does not start: %s", rte_strerror(rte_errno));
		return -EIO;
	}

	return 0;
}
