/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_CONFIG_LINES_H
#define SRIOVD_CONFIG_LINES_H

/**
 * @file
 * Between the files that read the configuration: faults, the lines of sections and keys, checks.
 */

#include <rte_common.h>

#include "sriovd_config.h"

/** The lines of a file's sections and keys, in their order. */
struct sriovd_lines {
	struct sriovd_line {
		unsigned int line;
		bool section;  /**< a section's; else that of a key in the section before */
	} *line;
	unsigned int nb;
};

/** Where what is parsed stands, and where faults go to. */
struct sriovd_place {
	struct sriovd_faults *faults;
	unsigned int line;
	const char *section; /**< "" for none */
	const char *key;     /**< "" for none */
};

/** Note what is wrong at a place. */
__rte_format_printf(2, 3)
void sriovd_fault_add(const struct sriovd_place *place, const char *fmt, ...);
/** Note what the file can be used in spite of. */
__rte_format_printf(2, 3)
void sriovd_warning_add(const struct sriovd_place *place, const char *fmt, ...);

/**
 * Find the lines of a file, and what rte_cfgfile would pass over or cut off.
 *
 * @param[out] lines
 *   The caller frees its member line, after a failure as well.
 * @return 0, -EINVAL with a fault, or -ENOMEM.
 */
int sriovd_lines_scan(const char *text, size_t size, struct sriovd_lines *lines,
		struct sriovd_faults *faults);

/** Parse "yes" or "no". 0, or -EINVAL with a fault. */
int sriovd_value_bool(const struct sriovd_place *place, const char *text, bool *value);
/** Parse a number up to @p max. 0, or -EINVAL with a fault. */
int sriovd_value_number(const struct sriovd_place *place, const char *text, uint64_t max,
		uint64_t *value);
/** Parse a path that starts with a slash. 0, or -EINVAL with a fault. */
int sriovd_value_path(const struct sriovd_place *place, const char *text, char *value,
		size_t size);

/** Parse a key of [daemon], of [pf] or of [vf]. What is wrong is noted as a fault. */
void sriovd_daemon_key(const struct sriovd_place *place, const char *value,
		struct sriovd_config *config);
void sriovd_pf_key(const struct sriovd_place *place, const char *value, struct sriovd_pf_conf *pf);
void sriovd_vf_key(const struct sriovd_place *place, const char *value, struct sriovd_vf_conf *vf);

/** The section [vf PF INDEX], also that of SRIOVD_VF_ALL; NULL: there is none. */
struct sriovd_vf_conf *sriovd_vf_section(const struct sriovd_pf_conf *pf, uint16_t index);
/** Does all of it go together? What does not is noted as a fault; defaults of [pf] are filled. */
void sriovd_config_check(struct sriovd_config *config, struct sriovd_faults *faults);

#endif /* SRIOVD_CONFIG_LINES_H */
