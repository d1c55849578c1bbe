// SPDX-License-Identifier: GPL-2.0-only
/*
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vfio_cases.h"
#include "vfio_test.h"

const char *pf;
char vf[2][32];

int numvfs_write(int count)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", count);
	return file_write(attribute(pf, "sriov_numvfs"), text);
}

int numvfs_read(void)
{
	char text[16];

	return file_read(attribute(pf, "sriov_numvfs"), text, sizeof(text)) ? -1 : atoi(text);
}

void vfs_make(void)
{
	unsigned int i;
	char name[16];
	int ret;

	ret = numvfs_write(0);
	if (!ret)
		ret = numvfs_write(2);
	if (ret)
		fatal("%s: sriov_numvfs: %s", pf, strerror(-ret));
	for (i = 0; i < 2; i++) {
		snprintf(name, sizeof(name), "virtfn%u", i);
		snprintf(vf[i], sizeof(vf[i]), "%s", link_name(pf, name));
	}
}

bool driver_there(const char *driver)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s", driver);
	if (!access(path, F_OK))
		return true;
	printf("not run: no driver %s\n", driver);
	return false;
}
