/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* The configuration file of dpdk-sriovd. */

#include <string.h>

#include "fuzz.h"
#include "sriovd_config.h"

static void
vfs_check(const struct sriovd_config *config)
{
	const struct sriovd_pf_conf *pf;
	struct sriovd_vf_conf vf;
	unsigned int i;
	uint16_t index;

	for (i = 0; i < config->nb_pf; i++) {
		pf = &config->pf[i];
		FUZZ_CHECK(sriovd_config_pf(config, pf->bdf) == pf);
		FUZZ_CHECK(pf->vfs <= SRIOVD_CONFIG_MAX_VFS);
		for (index = 0; index < pf->vfs && index < 8; index++) {
			FUZZ_CHECK(sriovd_config_vf(pf, index, &vf) == 0);
			FUZZ_CHECK(rte_sriov_policy_check(&vf.policy, NULL) == 0);
			FUZZ_CHECK((vf.owner.mode & ~0660) == 0);
			FUZZ_CHECK(vf.socket[0] == '\0' || vf.socket[0] == '/');
			sriovd_vf_conf_clear(&vf);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sriovd_changes changes;
	struct sriovd_faults faults;
	struct sriovd_config *config;
	char text[768];
	unsigned int i;

	config = sriovd_config_parse((const char *)data, size, &faults);
	FUZZ_CHECK((config == NULL) == (faults.nb_errors > 0));
	for (i = 0; i < faults.nb; i++) {
		FUZZ_CHECK(faults.fault[i].text[0] != '\0');
		sriovd_fault_format(&faults.fault[i], "F", text, sizeof(text));
		FUZZ_CHECK(strncmp(text, "F:", 2) == 0);
	}
	sriovd_faults_free(&faults);
	if (config == NULL)
		return 0;
	vfs_check(config);
	FUZZ_CHECK(sriovd_config_diff(config, config, &changes) == 0);
	FUZZ_CHECK(changes.nb == 0);
	FUZZ_CHECK(sriovd_config_diff(NULL, config, &changes) == 0);
	FUZZ_CHECK(changes.nb == config->nb_pf);
	sriovd_changes_free(&changes);
	sriovd_config_free(config);

	return 0;
}
