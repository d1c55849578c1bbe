/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* A value of --vfio-vf-token, and what telemetry is told of it. */

#include <errno.h>
#include <string.h>

#include "fuzz.h"

static void
bdf_check(const struct vfio_token_bdf *bdf)
{
	char text[RTE_VFIO_VF_TOKEN_BDF_SIZE];
	struct vfio_token_bdf again;

	vfio_token_bdf_format(bdf, text);
	FUZZ_CHECK(vfio_token_bdf_parse(text, strlen(text), &again) == 0);
	FUZZ_CHECK(vfio_token_bdf_equal(bdf, &again));
}

static void
uuid_check(const char *text)
{
	struct vfio_token_error err;
	rte_uuid_t token;

	fuzz_error_clear(&err);
	if (vfio_token_uuid_parse(text, token, &err) == 0)
		FUZZ_CHECK(!rte_uuid_is_null(token));
	else
		fuzz_error_check(&err, (const uint8_t *)text, strlen(text));
}

/* Check what is kept of an argument: all of it, or all before its secret. */
static void
dup_check(char *const argv[], int i, const char *secret)
{
	char *copy = eal_vfio_token_arg_dup(argv, i);
	size_t keep = secret != NULL ? (size_t)(secret - argv[i]) : strlen(argv[i]);

	FUZZ_CHECK(copy != NULL);
	FUZZ_CHECK(strncmp(copy, argv[i], keep) == 0);
	FUZZ_CHECK(strcmp(copy + keep, secret != NULL ? "<redacted>" : "") == 0);
	free(copy);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char option[] = "--vfio-vf-token=";
	char *arg = malloc(sizeof(option) + size);
	char name[] = "--vfio-vf-token";
	struct vfio_token_error err;
	struct vfio_token_spec spec;
	const char *secret = NULL;
	char *value, *argv[2];
	int ret;

	if (arg == NULL)
		return 0;
	memcpy(arg, option, sizeof(option) - 1);
	value = arg + sizeof(option) - 1;
	memcpy(value, data, size);
	value[size] = '\0';
	size = strlen(value);

	fuzz_error_clear(&err);
	ret = vfio_token_spec_parse(value, &spec, &err);
	FUZZ_CHECK(ret == 0 || ret == -EINVAL);
	FUZZ_CHECK((ret == 0) == (spec.source != RTE_VFIO_VF_TOKEN_SOURCE_NONE));
	if (ret != 0)
		fuzz_error_check(&err, data, size);
	if (spec.source != RTE_VFIO_VF_TOKEN_SOURCE_RANDOM)
		FUZZ_CHECK(spec.arg >= value && spec.arg <= value + size);
	if (spec.has_bdf)
		bdf_check(&spec.bdf);
	if (spec.source == RTE_VFIO_VF_TOKEN_SOURCE_UUID)
		uuid_check(spec.arg);

	/* Behind the address, if there is one, all is taken for a secret. */
	if (ret != 0 || spec.source == RTE_VFIO_VF_TOKEN_SOURCE_UUID) {
		secret = spec.has_bdf ? strchr(value, '=') + 1 : value;
		FUZZ_CHECK(spec.arg == secret);
	}
	argv[0] = arg;
	dup_check(argv, 0, secret);
	/* What looks like the option itself is taken for it. */
	if (strncmp(value, "--vfio-v", 8) != 0) {
		argv[0] = name;
		argv[1] = value;
		dup_check(argv, 1, secret);
	}
	free(arg);

	return 0;
}
