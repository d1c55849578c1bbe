/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* What holds for a configuration as a whole. */

#include <stdio.h>
#include <string.h>

#include "sriovd_config_lines.h"

static void
vf_check(const struct sriovd_place *at, const struct sriovd_config *config,
		const struct sriovd_pf_conf *pf, const struct sriovd_vf_conf *vf)
{
	struct sriovd_place place = *at;
	struct sriovd_vf_conf other, whole;
	uint16_t i;

	place.line = vf->line;
	if (vf->index == SRIOVD_VF_ALL)
		return;
	if (vf->index >= pf->vfs) {
		place.key = "";
		sriovd_fault_add(&place, "[pf %s] has vfs = %u: there is no VF %u", pf->bdf,
				pf->vfs, vf->index);
		return;
	}
	if (sriovd_config_vf(pf, vf->index, &whole) != 0)
		return;
	if ((whole.policy.set & RTE_SRIOV_POLICY_VLAN) != 0 && whole.policy.qos != 0 &&
			whole.policy.vlan == 0) {
		place.key = "qos";
		sriovd_fault_add(&place, "without vlan there is no priority");
	}
	for (i = 0; i < vf->index; i++) {
		if (sriovd_config_vf(pf, i, &other) != 0)
			break;
		if ((other.policy.set & whole.policy.set & RTE_SRIOV_POLICY_MAC) != 0 &&
				!rte_is_zero_ether_addr(&whole.policy.mac) &&
				rte_is_same_ether_addr(&other.policy.mac, &whole.policy.mac)) {
			place.key = "mac";
			sriovd_fault_add(&place, "the address of VF %u as well", i);
		}
		if (whole.socket[0] != '\0' && strcmp(other.socket, whole.socket) == 0) {
			place.key = "socket";
			sriovd_fault_add(&place, "the socket of VF %u as well", i);
		}
		sriovd_vf_conf_clear(&other);
	}
	place.key = "socket";
	if (whole.socket[0] != '\0' && (strcmp(whole.socket, config->token_socket) == 0 ||
			strcmp(whole.socket, config->control_socket) == 0))
		sriovd_fault_add(&place, "it is the path of another socket");
	sriovd_vf_conf_clear(&whole);
}

/* Those who were given grants and could not even connect. */
static bool
grant_cannot_connect(const struct sriovd_config *config, const struct sriovd_vf_conf *vf)
{
	unsigned int i;

	if ((config->token_mode & 0002) != 0 || config->token_gid != (gid_t)-1 ||
			vf->socket[0] != '\0')
		return false;
	for (i = 0; i < vf->grants.nb; i++)
		if (vf->grants.grant[i].id != 0 ||
				vf->grants.grant[i].type == SRIOVD_GRANT_UNIT)
			return true;

	return false;
}

void
sriovd_config_check(struct sriovd_config *config, struct sriovd_faults *faults)
{
	struct sriovd_place place = { .faults = faults, .section = "", .key = "" };
	const struct sriovd_pf_conf *pf;
	char section[64];
	unsigned int i, j;

	if (strcmp(config->token_socket, config->control_socket) == 0)
		sriovd_fault_add(&place, "[daemon] token_socket and control_socket are the same path");
	if (config->nb_pf == 0)
		sriovd_warning_add(&place, "no [pf BDF]: nothing is managed until dpdk-sriovctl asks");
	for (i = 0; i < config->nb_pf; i++) {
		pf = &config->pf[i];
		if (!pf->restore_on_exit_set)
			config->pf[i].restore_on_exit = config->restore_on_exit;
		for (j = 0; j < pf->nb_vf; j++) {
			if (pf->vf[j].index == SRIOVD_VF_ALL)
				snprintf(section, sizeof(section), "vf %s *", pf->bdf);
			else
				snprintf(section, sizeof(section), "vf %s %u", pf->bdf,
						pf->vf[j].index);
			place.section = section;
			place.line = pf->vf[j].line;
			vf_check(&place, config, pf, &pf->vf[j]);
			place.key = "grant";
			if (grant_cannot_connect(config, &pf->vf[j]))
				sriovd_warning_add(&place, "others than root cannot connect to the "
						"token socket: set token_group or token_mode = 0666 in "
						"[daemon]");
			place.key = "";
		}
	}
}
