/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Consumers that bring a VF into a container: CDI, and the SR-IOV device plugin of Kubernetes. */

#include <stdlib.h>
#include <string.h>

#include "ctl_show.h"

/* The oldest version of the specification that has all that is used here. */
#define CDI_VERSION "0.6.0"
#define CDI_KIND "dpdk-sriov/vf"

/* A vfio-pci node: for its owner, whom a container's runtime would not know. */
static void
node_add(json_t *nodes, const char *path, const json_t *owner)
{
	json_t *node = json_pack("{s:s,s:s,s:s}", "path", path, "type", "c", "permissions", "rw");
	json_int_t uid = ctl_json_number(owner, "uid", 0), gid = ctl_json_number(owner, "gid", 0);
	const char *mode = ctl_json_text(owner, "mode", NULL);

	if (uid != 0 || gid != 0) {
		json_object_set_new(node, "uid", json_integer(uid));
		json_object_set_new(node, "gid", json_integer(gid));
		if (mode != NULL)
			json_object_set_new(node, "fileMode", json_integer(strtol(mode, NULL, 8)));
	}
	json_array_append_new(nodes, node);
}

/* What the container's program is told: the source of the EAL's option. */
static json_t *
env_make(const struct ctl_show_vf *vf, bool secret)
{
	json_t *env = json_array();
	char text[384];

	snprintf(text, sizeof(text), "DPDK_SRIOV_VF_%s=%s%s", vf->name, secret ? "" : "unix:",
			secret ? vf->token : vf->socket);
	json_array_append_new(env, json_string(text));
	explicit_bzero(text, sizeof(text));

	return env;
}

/*
 * The socket's directory where nothing else is in there: a daemon that is started again makes a new
 * socket, which a container that has the old one mounted would not see. Read-only: connecting needs
 * no more.
 */
static json_t *
mounts_make(const struct ctl_show_vf *vf)
{
	char path[sizeof(vf->socket)];

	strcpy(path, vf->socket);
	if (vf->socket_alone)
		*strrchr(path, '/') = '\0';

	return json_pack("[{s:s,s:s,s:[sssss]}]", "hostPath", path, "containerPath", path,
			"options", "bind", "ro", "nosuid", "nodev", "noexec");
}

static json_t *
cdi_device(const struct ctl_show_vf *vf, bool secret)
{
	const json_t *owner = json_object_get(vf->vf, "owner");
	const char *node = ctl_json_text(vf->vf, "node", NULL);
	const char *cdev = ctl_json_text(vf->vf, "cdev", NULL);
	json_t *nodes = json_array(), *edits;

	if (node != NULL)
		node_add(nodes, node, owner);
	if (cdev != NULL)
		node_add(nodes, cdev, owner);
	edits = json_pack("{s:o,s:o}", "env", env_make(vf, secret), "deviceNodes", nodes);
	if (!secret)
		json_object_set_new(edits, "mounts", mounts_make(vf));

	return json_pack("{s:s,s:o}", "name", vf->name, "containerEdits", edits);
}

static void
print_object(json_t *object, FILE *out)
{
	/* An error of the output is found by ctl_output_finish(). */
	json_dumpf(object, out, JSON_PRESERVE_ORDER | JSON_INDENT(2));
	fputc('\n', out);
	json_decref(object);
}

void
ctl_show_cdi(const struct ctl_show *show, FILE *out, bool secret)
{
	json_t *devices = json_array();
	bool shared = false, stale = false;
	size_t i;

	for (i = 0; i < show->nr_vfs; i++) {
		json_array_append_new(devices, cdi_device(&show->vfs[i], secret));
		shared |= ctl_json_text(show->vfs[i].vf, "socket", NULL) == NULL;
		stale |= !show->vfs[i].socket_alone;
	}
	print_object(json_pack("{s:s,s:s,s:o,s:{s:[{s:s,s:s,s:s}]}}", "cdiVersion", CDI_VERSION,
			"kind", CDI_KIND, "devices", devices, "containerEdits", "deviceNodes",
			"path", "/dev/vfio/vfio", "type", "c", "permissions", "rw"), out);
	if (shared && !secret)
		ctl_show_note("a VF without a socket of its own gets the daemon's, which serves all "
				"VFs by the client's uid: set socket= in its section of sriovd.conf");
	if (stale && !secret)
		ctl_show_note("a socket that is mounted by itself is lost to the container when the "
				"daemon makes it anew: give each VF's a directory of its own");
}

void
ctl_show_k8s(const struct ctl_show *show, FILE *out, bool secret)
{
	json_t *info = json_object(), *addresses = json_array(), *selector;
	char name[64], source[300];
	size_t i;

	for (i = 0; i < show->nr_vfs; i++) {
		const struct ctl_show_vf *vf = &show->vfs[i];

		snprintf(source, sizeof(source), "%s%s", secret ? "" : "unix:",
				secret ? vf->token : vf->socket);
		json_object_set_new(info, vf->bdf, json_pack("{s:s}", "vf-token", source));
		json_array_append_new(addresses, json_string(vf->bdf));
	}
	explicit_bzero(source, sizeof(source));
	selector = json_pack("{s:[s],s:[s]}", "vendors", ctl_json_text(show->pf, "vendor", ""),
			"drivers", "vfio-pci");
	/* By their PF: its VFs keep that whatever else is numbered anew. */
	if (show->whole_pf)
		json_object_set_new(selector, "rootDevices", json_pack("[s]", show->pf_bdf));
	else
		json_object_set_new(selector, "pciAddresses", json_incref(addresses));
	json_decref(addresses);
	/* The plugin takes no hyphens here. */
	snprintf(name, sizeof(name), "%s_%s", show->whole_pf ? "pf" : "vf",
			show->whole_pf ? show->pf_name : show->vfs[0].name);
	print_object(json_pack("{s:[{s:s,s:s,s:[o],s:o}]}", "resourceList", "resourceName", name,
			"deviceType", "netDevice", "selectors", selector,
			"additionalInfo", info), out);
}
