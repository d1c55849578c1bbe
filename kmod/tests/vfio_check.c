// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#define _GNU_SOURCE

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "vfio_check.h"

unsigned int check_enough;

static const char *item;
static unsigned int cases, wrong;

void item_begin(const char *name)
{
	item = name;
	cases = 0;
	wrong = 0;
}

int item_end(void)
{
	printf("%s: %u cases, %u not as expected\n", item, cases, wrong);
	fflush(stdout);
	return (int)wrong;
}

static void print_case(bool right, const char *format, va_list args)
{
	cases++;
	wrong += !right;
	printf("%s: ", item);
	vprintf(format, args);
}

static void end_case(void)
{
	fflush(stdout);
	if (!check_enough || wrong < check_enough)
		return;
	item_end();
	_exit(CHECK_ENOUGH_STATUS);
}

static const char *result_name(int result)
{
	return result < 0 ? strerrorname_np(-result) : "ok";
}

void expect(int want, int got, const char *format, ...)
{
	const bool right = want < 0 ? got == want : got >= 0;
	va_list args;

	va_start(args, format);
	print_case(right, format, args);
	va_end(args);
	printf(": %s", result_name(got));
	printf(right ? "\n" : ", EXPECTED %s\n", result_name(want));
	end_case();
}

void expect_true(bool is, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_case(is, format, args);
	va_end(args);
	printf(is ? ": yes\n" : ": no, EXPECTED yes\n");
	end_case();
}

void expect_value(long want, long got, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	print_case(want == got, format, args);
	va_end(args);
	if (got < 0)
		printf(": %s", result_name((int)got));
	else
		printf(": %#lx", got);
	printf(want == got ? "\n" : ", EXPECTED %#lx\n", want);
	end_case();
}
