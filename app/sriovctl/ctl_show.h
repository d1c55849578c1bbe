/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_SHOW_H
#define CTL_SHOW_H

/**
 * @file
 * "show": the configuration of a VF's user. There is a function for each consumer.
 */

#include <stddef.h>

#include "ctl.h"

/** A UUID and its NUL. */
#define CTL_TOKEN_SIZE 37

/** A VF to be used. */
struct ctl_show_vf {
	const json_t *vf;          /**< of the status */
	struct ctl_bdf address;
	char bdf[CTL_BDF_SIZE];
	char name[CTL_BDF_SIZE];   /**< the address with '_' for its punctuation */
	char socket[256];          /**< where its token is to be asked for */
	bool socket_alone;         /**< nothing else is in the directory of that socket */
	char token[CTL_TOKEN_SIZE]; /**< "" unless it was asked for */
};

/** What to show. */
struct ctl_show {
	struct ctl *ctl;
	const json_t *status;
	const json_t *pf;
	char pf_bdf[CTL_BDF_SIZE];
	char pf_name[CTL_BDF_SIZE]; /**< as the name of a VF */
	bool whole_pf;      /**< a PF was named: all its VFs */
	struct ctl_show_vf *vfs;
	size_t nr_vfs;
	bool reveal;
	bool proposed;
	char *write;        /**< absolute path for what holds the token, or NULL */
};

/** How a consumer is told. Each prints to a stream, and prints tokens only if @p secret. */
typedef void ctl_show_print(const struct ctl_show *show, FILE *out, bool secret);

ctl_show_print ctl_show_dpdk;
ctl_show_print ctl_show_dpdk_file;
ctl_show_print ctl_show_qemu;
ctl_show_print ctl_show_qemu_file;
ctl_show_print ctl_show_libvirt;
ctl_show_print ctl_show_cdi;
ctl_show_print ctl_show_k8s;

/** Tell the reader something beside the configuration: to stderr. */
void ctl_show_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* CTL_SHOW_H */
