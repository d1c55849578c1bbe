/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_METHODS_H
#define SRIOVD_METHODS_H

/**
 * @file
 * Between the files of the control socket's methods. Worker thread.
 */

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include <rte_common.h>

#include "sriovd_manager.h"
#include "sriovd_request.h"

/** How long those who are asked for a VF have in one try; there are more in the request's time. */
#define MANAGER_ASK_MS 200

/** A request that is being done. */
struct manager_call {
	struct sriovd_manager *manager;
	const struct sriovd_request *request;
	uint64_t waited_ms;
	struct manager_pf *pf;   /**< that it is about; NULL: none that is managed */
	uint16_t index;          /**< of its VF */
	json_t *result;
	json_t *holders;
	struct rte_sriov_error *error;
};

/* ---- what they need (sriovd_methods.c) ---- */

/** With dry_run a step is only told. True: it is to be done. */
__rte_format_printf(2, 3)
bool manager_call_step(struct manager_call *call, const char *fmt, ...);
/** Let the result be how the PF is now. 0. */
int manager_call_result_pf(struct manager_call *call);
/** Let the result be how the VF is now. 0, or -ENODEV: it has gone. */
int manager_call_result_vf(struct manager_call *call);
/** A failure for which it matters who holds what, of VF @p vf or (-1) of any. Returns @p ret. */
int manager_call_held(struct manager_call *call, int ret, int vf);
/** Is there time to try again? */
bool manager_call_wait_more(const struct manager_call *call, int ret);
/** The failure that the device is not one of ours. */
int manager_call_not_managed(struct manager_call *call);
/** Find the VF that it is about. */
int manager_call_vf_get(struct manager_call *call);

/* ---- methods: 0, -EINPROGRESS, or negative errno with the error filled ---- */

/* PFs (sriovd_methods_pf.c) */

/** Take a PF over if it is not managed, open it, and make its VFs. */
int manager_do_up(struct manager_call *call);
/** Remove all VFs of a PF, and give it back if that is asked for. */
int manager_do_down(struct manager_call *call);

/* VFs (sriovd_methods_vf.c) */

/** Change the policy of a VF. */
int manager_do_vf_set(struct manager_call *call);
/** Grant a VF to somebody, and hand it out. */
int manager_do_vf_grant(struct manager_call *call);
/** Revoke one grant, or all of them and take the VF back. */
int manager_do_vf_revoke(struct manager_call *call);
/** Reset a VF that nobody holds. */
int manager_do_vf_reset(struct manager_call *call);

#endif /* SRIOVD_METHODS_H */
