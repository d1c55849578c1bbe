/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 *
 * Cases with an expected result, grouped in items. Each case prints a line, "ITEM: CASE: result",
 * and what was expected if it was something else.
 */

#ifndef VFIO_CHECK_H
#define VFIO_CHECK_H

#include <stdbool.h>

/* Status of a process that has ended by check_enough. */
#define CHECK_ENOUGH_STATUS 10

/* If not 0: so many cases that are not as expected end the item, and the process with it. */
extern unsigned int check_enough;

/* Cases from here on belong to the item. */
void item_begin(const char *name);

/* Prints what became of the item. Returns how many of its cases were not as expected. */
int item_end(void);

/* Expects 0 or -errno; a result from 0 on is as good as 0. */
void expect(int want, int got, const char *format, ...) __attribute__((format(printf, 3, 4)));

void expect_true(bool is, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Expects a number; a negative one is -errno. */
void expect_value(long want, long got, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#endif /* VFIO_CHECK_H */
