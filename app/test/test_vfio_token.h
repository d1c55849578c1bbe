/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef TEST_VFIO_TOKEN_H
#define TEST_VFIO_TOKEN_H

/**
 * @file
 * Shared between the autotests of the VF-token layer.
 *
 * Each case has a directory of its own, in which token_test_setup() lays out what
 * vfio_token_paths then points to: an empty sysfs, /proc and /dev/vfio. Names that the functions
 * here take are relative to it.
 */

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/types.h>

#include "eal_vfio_token_table.h"
#include "sriov_test.h"

/* DPDK's do not put their arguments into parentheses, which a || b needs. */
#undef TEST_ASSERT_SUCCESS
#define TEST_ASSERT_SUCCESS(val, ...) TEST_ASSERT((val) == 0, __VA_ARGS__)
#undef TEST_ASSERT_EQUAL
#define TEST_ASSERT_EQUAL(a, b, ...) TEST_ASSERT((a) == (b), __VA_ARGS__)

/* Tokens. No eight characters of them occur in any message or path. */
#define UUID_A "5ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5f6"
#define UUID_B "b16b00b5-9a8b-4c7d-a6e5-f4d3c2b1a098"
#define UUID_C "c0de57a7-0c1d-4e2f-9b3a-5c6d7e8f9a0b"
#define UUID_NULL "00000000-0000-0000-0000-000000000000"
/* The shape of a UUID, with a letter too far. */
#define UUID_BAD "5ec7e7aa-1f2e-4d3c-8b4a-a1b2c3d4e5fx"

/* The devices of most cases: a PF with two VFs, a second PF, and a function without SR-IOV. */
#define PF "0000:01:00.0"
#define VF0 "0000:01:10.0"
#define VF1 "0000:01:10.2"
#define PF2 "0000:02:00.0"
#define PLAIN "0000:03:00.0"
#define ABSENT "0000:7f:1f.7"

#define NOBODY 65534

/** Setup and teardown of each case. */
int token_test_setup(void);
void token_test_teardown(void);

#define TOKEN_CASE(fn) TEST_CASE_ST(token_test_setup, token_test_teardown, fn)

/** The path of a name below the case's directory; good for some eight more calls. */
__rte_format_printf(1, 2)
const char *token_test_path(const char *fmt, ...);

/** Make a file of that mode (not subject to the umask). 0, or -1 with the cause printed. */
int token_test_file(const char *name, mode_t mode, const void *data, size_t len);
static inline int
token_test_text(const char *name, const char *text)
{
	return token_test_file(name, 0600, text, strlen(text));
}
int token_test_dir(const char *name);
int token_test_link(const char *name, const char *target);

/** Make a function in the sysfs of the case. @p driver NULL: unbound. */
int token_test_device(const char *bdf, const char *driver, int group);
int token_test_pf(const char *bdf, const char *driver, int group);
int token_test_vf(const char *bdf, const char *driver, int group, const char *pf);
/** Make a module, and a parameter of it unless NULL. */
int token_test_module(const char *module, const char *param, const char *value);
/** PF, VF0, VF1, PF2 (all on vfio-pci) and PLAIN, and the modules of a recent kernel. */
int token_test_host(void);

/** Divert the log. */
int token_test_log_start(void);
/** Stop that; what was logged, until the next start. */
const char *token_test_log_stop(void);

/** Does a text hold eight characters in a row of a secret? */
bool token_test_shows(const char *text, const char *secret);

/**
 * Check a refusal: the errno, the words in the text, and that no UUID of this file is in it.
 * 0, or -1 with the difference printed.
 */
int token_test_refused(int ret, int expected, const char *text, const char *words);

/** Take an option's value, without its messages on the console. */
int token_test_option(const char *value);
/** token_test_option(), then check the refusal and what was logged. */
int token_test_option_refused(const char *value, int expected, const char *words);

/** Choose the token of a function in the case's sysfs. */
int token_test_choose(const char *bdf, struct vfio_token_choice *choice,
		struct vfio_token_error *err);
/** Choose, and compare with a UUID; NULL: expect that no token applies. 0 or -1, printed. */
int token_test_chosen(const char *bdf, const char *uuid);
int token_test_choose_refused(const char *bdf, int expected, const char *words);

/** Does a token have the bytes of a UUID's text? */
bool token_test_equal(const rte_uuid_t token, const char *uuid);
/** Version 4, variant 10x. */
bool token_test_is_v4(const rte_uuid_t token);

struct vfio_token_bdf token_test_bdf(const char *text);

/** Make a record as of an open device. @p uuid is the token of a PF, or NULL. */
int token_test_record(const char *bdf, enum rte_vfio_vf_token_role role, int dev_fd,
		const char *uuid);
/** The descriptor of a device that is open in this process, or -1. */
int token_test_device_fd(const char *name);
/** Check the cause that is recorded of the last open of a device. */
int token_test_cause_is(const char *name, int err, const char *words);

/** Ask this process's telemetry. The answer's length, or -1. */
ssize_t token_test_telemetry(const char *command, char *answer, size_t size);

extern struct unit_test_suite token_test_parse_suite;
extern struct unit_test_suite token_test_table_suite;
extern struct unit_test_suite token_test_choose_suite;
extern struct unit_test_suite token_test_source_suite;
extern struct unit_test_suite token_test_broker_suite;
extern struct unit_test_suite token_test_sysfs_suite;
extern struct unit_test_suite token_test_refusal_suite;
extern struct unit_test_suite token_test_option_suite;
extern struct unit_test_suite token_test_api_suite;
extern struct unit_test_suite token_test_pf_suite;

#endif /* TEST_VFIO_TOKEN_H */
