/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Consumers that take the token itself or a file with it: the EAL, QEMU and libvirt. */

#include "ctl_show.h"

void
ctl_show_dpdk(const struct ctl_show *show, FILE *out, bool secret)
{
	size_t i;

	for (i = 0; i < show->nr_vfs; i++) {
		const struct ctl_show_vf *vf = &show->vfs[i];

		fprintf(out, "-a %s --vfio-vf-token=%s=", vf->bdf, vf->bdf);
		if (secret)
			fprintf(out, "%s\n", vf->token);
		else if (show->write != NULL)
			fprintf(out, "file:%s\n", show->write);
		else
			fprintf(out, "unix:%s\n", vf->socket);
	}
	if (secret)
		ctl_show_note("other users can read a token that is on a command line");
}

/* The content of a file: of the EAL's option. */
void
ctl_show_dpdk_file(const struct ctl_show *show, FILE *out, bool secret)
{
	size_t i;

	for (i = 0; secret && i < show->nr_vfs; i++)
		fprintf(out, "%s %s\n", show->vfs[i].bdf, show->vfs[i].token);
}

void
ctl_show_qemu(const struct ctl_show *show, FILE *out, bool secret)
{
	const char *name = show->whole_pf ? show->pf_bdf : show->vfs[0].bdf;
	size_t i;

	for (i = 0; secret && i < show->nr_vfs; i++)
		fprintf(out, "-device vfio-pci,host=%s,vf-token=%s\n", show->vfs[i].bdf,
				show->vfs[i].token);
	if (secret) {
		ctl_show_note("other users can read a token that is on a command line");
	} else if (show->write != NULL) {
		fprintf(out, "-readconfig %s\n", show->write);
	} else {
		fprintf(out, "-readconfig /run/qemu-vf-%s.cfg\n", name);
		ctl_show_note("the file with the token is made by dpdk-sriovctl show %s --for qemu "
				"--write /run/qemu-vf-%s.cfg", name, name);
	}
}

/* The content of a file: of QEMU's -readconfig. */
void
ctl_show_qemu_file(const struct ctl_show *show, FILE *out, bool secret)
{
	size_t i;

	for (i = 0; secret && i < show->nr_vfs; i++)
		fprintf(out, "[device \"vf_%s\"]\n  driver = \"vfio-pci\"\n  host = \"%s\"\n"
				"  vf-token = \"%s\"\n", show->vfs[i].name, show->vfs[i].bdf,
				show->vfs[i].token);
}

static void
print_hostdev(const struct ctl_show *show, const struct ctl_show_vf *vf, FILE *out,
		const char *token)
{
	fprintf(out, "    <hostdev mode='subsystem' type='pci' managed='no'>\n"
			"      <driver name='vfio'/>\n"
			"      <source>\n"
			"        <address domain='0x%04x' bus='0x%02x' slot='0x%02x' "
			"function='0x%x'/>\n", vf->address.domain, vf->address.bus,
			vf->address.device, vf->address.function);
	if (show->proposed)
		fprintf(out, "        <vf-token uuid='%s'/>\n", token);
	fprintf(out, "      </source>\n      <alias name='ua-vf_%s'/>\n    </hostdev>\n", vf->name);
}

void
ctl_show_libvirt(const struct ctl_show *show, FILE *out, bool secret)
{
	/* No UUID: libvirt and QEMU refuse it, so that a VF is not tried with a wrong token. */
	static const char missing[] = "TOKEN";
	const struct ctl_show_vf *vf;
	size_t i;

	fprintf(out, "<domain type='kvm'%s>\n  <devices>\n", show->proposed ? "" :
			" xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'");
	for (i = 0; i < show->nr_vfs; i++)
		print_hostdev(show, &show->vfs[i], out, secret ? show->vfs[i].token : missing);
	fprintf(out, "  </devices>\n");
	for (i = 0; !show->proposed && i < show->nr_vfs; i++) {
		vf = &show->vfs[i];
		fprintf(out, "%s    <qemu:device alias='ua-vf_%s'>\n"
				"      <qemu:frontend>\n"
				"        <qemu:property name='vf-token' type='string' value='%s'/>\n"
				"      </qemu:frontend>\n"
				"    </qemu:device>\n%s", i == 0 ? "  <qemu:override>\n" : "",
				vf->name, secret ? vf->token : missing,
				i + 1 == show->nr_vfs ? "  </qemu:override>\n" : "");
	}
	fprintf(out, "</domain>\n");
	if (out != stdout)
		return;
	if (show->write != NULL)
		ctl_show_note("%s has the token where TOKEN stands here; merge it into the domain's "
				"XML and remove it", show->write);
	else if (!secret)
		ctl_show_note("TOKEN stands for the token; with --write FILE a file has it, with "
				"--reveal it is printed");
	if (show->proposed)
		ctl_show_note("no release of libvirt takes <vf-token>");
}
