/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef SRIOVD_PROMETHEUS_H
#define SRIOVD_PROMETHEUS_H

/**
 * @file
 * Status as text for Prometheus, and telemetry.
 */

#include <stddef.h>

#include <jansson.h>

struct sriovd_worker;

/** Metrics of a PF, without those of its VFs, as JSON has them. Cut off at whole lines. */
void sriovd_prometheus_pf(const json_t *pf, char *text, size_t size);
/** Metrics of a VF. */
void sriovd_prometheus_vf(const json_t *vf, char *text, size_t size);

/** Register the telemetry commands, which ask this worker. */
void sriovd_telemetry_register(struct sriovd_worker *worker);
/** They answer nothing from now on. */
void sriovd_telemetry_stop(void);

#endif /* SRIOVD_PROMETHEUS_H */
