/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef FUZZ_H
#define FUZZ_H

/**
 * @file
 * Shared between the fuzzers. devtools/fuzz.sh builds and runs them.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "eal_vfio_token_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** An invariant: stop with its text if it does not hold. */
#define FUZZ_CHECK(cond) do { \
	if (!(cond)) { \
		fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond); \
		abort(); \
	} \
} while (0)

/**
 * Does a message repeat eight characters in a row of the input that could be a token's, hexadecimal
 * digits and hyphens?
 */
bool fuzz_text_shows(const char *text, const uint8_t *data, size_t size);

/** Prepare a message: a function that fails must have filled it. */
void fuzz_error_clear(struct vfio_token_error *err);
/** Check a failure's message: filled, ended, and without secrets of the input. */
void fuzz_error_check(const struct vfio_token_error *err, const uint8_t *data, size_t size);

#endif /* FUZZ_H */
