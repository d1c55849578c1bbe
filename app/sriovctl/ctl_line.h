/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_LINE_H
#define CTL_LINE_H

/**
 * @file
 * Lines of words, for trees.
 */

#include <stddef.h>

#include "ctl.h"

/** A line that is put together from words, and broken where it gets too long. */
struct ctl_line {
	const char *prefix;
	int indent;
	int column; /**< 0: nothing is printed yet */
};

/** Print a word, after two blanks or at the beginning of a line. */
void ctl_line_word(struct ctl_line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** End the line, if there is one. */
void ctl_line_end(struct ctl_line *line);
/** Write a value of a policy as "vf set" takes it. */
void ctl_policy_format(const json_t *value, char *text, size_t size);

#endif /* CTL_LINE_H */
