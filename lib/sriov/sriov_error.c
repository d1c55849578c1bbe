/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdio.h>
#include <string.h>

#include <rte_string_fns.h>

#include "sriov_private.h"

int
sriov_fail(struct rte_sriov_error *error, int err, const char *device, const char *remedy,
		const char *fmt, ...)
{
	char text[sizeof(error->text)];
	va_list ap;

	if (error == NULL)
		return err;
	/* An argument may be the text of the same error. */
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	error->err = -err;
	rte_strscpy(error->text, text, sizeof(error->text));
	if (device != error->device)
		rte_strscpy(error->device, device != NULL ? device : "", sizeof(error->device));
	if (remedy != error->remedy)
		rte_strscpy(error->remedy, remedy != NULL ? remedy : "", sizeof(error->remedy));

	return err;
}

void
sriov_remedy(struct rte_sriov_error *error, const char *fmt, ...)
{
	va_list ap;

	if (error == NULL)
		return;
	va_start(ap, fmt);
	vsnprintf(error->remedy, sizeof(error->remedy), fmt, ap);
	va_end(ap);
}
