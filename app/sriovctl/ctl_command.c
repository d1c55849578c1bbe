/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include "ctl_command.h"

static const struct ctl_param args_pf[] = {
	{ .name = "PF", .kind = CTL_KIND_PF, .key = "pf",
		.help = "address of a PF, as 0000:01:00.0 or 01:00.0" },
	{ .name = NULL },
};

static const struct ctl_param args_pf_optional[] = {
	{ .name = "PF", .kind = CTL_KIND_PF, .key = "pf", .flags = CTL_OPTIONAL,
		.help = "only this PF" },
	{ .name = NULL },
};

#define VF_HELP "a VF: its address, or that of its PF and its index as 0000:01:00.0/3"

static const struct ctl_param args_vf[] = {
	{ .name = "VF", .kind = CTL_KIND_VF, .key = "vf", .help = VF_HELP },
	{ .name = NULL },
};

#define GRANT_HELP "who may have it: uid:N, gid:N, user:NAME, group:NAME or unit:NAME.service"

static const struct ctl_param args_vf_grant[] = {
	{ .name = "VF", .kind = CTL_KIND_VF, .key = "vf", .help = VF_HELP },
	{ .name = "GRANT", .kind = CTL_KIND_GRANT, .key = "grant", .help = GRANT_HELP },
	{ .name = NULL },
};

static const struct ctl_param args_vf_revoke[] = {
	{ .name = "VF", .kind = CTL_KIND_VF, .key = "vf", .help = VF_HELP },
	{ .name = "GRANT", .kind = CTL_KIND_GRANT, .key = "grant", .flags = CTL_OPTIONAL,
		.help = "the grant to take away; without one all, and the VF is reclaimed" },
	{ .name = NULL },
};

static const struct ctl_param args_device[] = {
	{ .name = "DEVICE", .kind = CTL_KIND_DEVICE, .key = "device",
		.help = "a PF, or a VF as its address or PF/INDEX" },
	{ .name = NULL },
};

static const struct ctl_param args_shell[] = {
	{ .name = "SHELL", .kind = CTL_KIND_CHOICE, .choices = "bash|zsh", .key = "shell",
		.flags = CTL_LOCAL, .help = "the shell that is to read it" },
	{ .name = NULL },
};

static const struct ctl_param args_help[] = {
	{ .name = "COMMAND", .kind = CTL_KIND_COMMAND, .key = "command",
		.flags = CTL_LOCAL | CTL_OPTIONAL, .help = "the command to explain" },
	{ .name = NULL },
};

static const struct ctl_param options_help[] = {
	{ .name = "--all", .kind = CTL_KIND_FLAG, .key = "all", .flags = CTL_LOCAL,
		.help = "one line for each command, with its arguments" },
	{ .name = NULL },
};

static const struct ctl_param options_up[] = {
	{ .name = "--vfs", .value = "N", .kind = CTL_KIND_NUMBER, .max = 65535, .key = "vfs",
		.flags = CTL_REQUIRED, .help = "how many VFs it is to have" },
	{ .name = "--token", .value = "SOURCE", .kind = CTL_KIND_SOURCE, .key = "token",
		.help = "its VF token: random, or file:PATH as the daemon sees it" },
	{ .name = NULL },
};

static const struct ctl_param options_down[] = {
	{ .name = "--force", .kind = CTL_KIND_FLAG, .key = "force",
		.help = "ask the holders of VFs to let go, and wait for them up to the timeout" },
	{ .name = "--release", .kind = CTL_KIND_FLAG, .key = "release",
		.help = "also close the PF and give it back its previous driver" },
	{ .name = NULL },
};

static const struct ctl_param options_revoke[] = {
	{ .name = "--force", .kind = CTL_KIND_FLAG, .key = "force",
		.help = "ask the holders to let go, and wait for them up to the timeout" },
	{ .name = NULL },
};

static const struct ctl_param options_status[] = {
	{ .name = "--watch", .kind = CTL_KIND_FLAG, .key = "watch", .flags = CTL_LOCAL,
		.help = "print it again and again, with rates, until interrupted" },
	{ .name = "--interval", .value = "S", .kind = CTL_KIND_NUMBER, .min = 1, .max = 86400,
		.key = "interval", .flags = CTL_LOCAL, .help = "seconds between two prints (2)" },
	{ .name = "--count", .value = "N", .kind = CTL_KIND_NUMBER, .min = 1, .max = UINT32_MAX,
		.key = "count", .flags = CTL_LOCAL, .help = "end after so many prints" },
	{ .name = NULL },
};

static const struct ctl_param options_grant[] = {
	{ .name = "--once", .kind = CTL_KIND_FLAG, .key = "once",
		.help = "good for one token request" },
	{ .name = "--owner", .value = "UID:GID", .kind = CTL_KIND_OWNER, .key = "owner",
		.help = "who gets the VF's node in /dev/vfio" },
	{ .name = NULL },
};

static const struct ctl_param options_show[] = {
	{ .name = "--for", .value = "CONSUMER", .kind = CTL_KIND_CHOICE,
		.choices = "dpdk|qemu|libvirt|cdi|k8s", .key = "for",
		.flags = CTL_LOCAL | CTL_REQUIRED,
		.help = "who is to use the VF" },
	{ .name = "--reveal", .kind = CTL_KIND_FLAG, .key = "reveal", .flags = CTL_LOCAL,
		.help = "print the token itself; without, only where it is" },
	{ .name = "--write", .value = "FILE", .kind = CTL_KIND_PATH, .key = "write",
		.flags = CTL_LOCAL,
		.help = "dpdk, qemu, libvirt: write what holds the token to FILE, mode 0600" },
	{ .name = "--proposed", .kind = CTL_KIND_FLAG, .key = "proposed", .flags = CTL_LOCAL,
		.help = "libvirt: the <vf-token> element, which is proposed and in no release" },
	{ .name = NULL },
};

/* The words of "ip link set DEV vf N", then those of this tree. */
static const struct ctl_param keywords_policy[] = {
	{ .name = "mac", .value = "ADDRESS", .kind = CTL_KIND_MAC, .key = "mac",
		.help = "MAC address; 00:00:00:00:00:00: the VF's own choice" },
	{ .name = "vlan", .value = "ID", .kind = CTL_KIND_NUMBER, .max = 4094, .key = "vlan",
		.help = "VLAN that the VF is in without knowing; 0: none" },
	{ .name = "qos", .value = "N", .kind = CTL_KIND_NUMBER, .max = 7, .key = "qos",
		.after = "vlan", .help = "priority of that VLAN's tag, after vlan" },
	{ .name = "spoofchk", .value = "on|off", .kind = CTL_KIND_BOOL, .key = "spoofchk",
		.help = "drop what it sends with another's MAC address" },
	{ .name = "trust", .value = "on|off", .kind = CTL_KIND_BOOL, .key = "trust",
		.help = "let it change its own MAC address and promiscuous mode" },
	{ .name = "max_tx_rate", .alias = "rate", .value = "MBITS", .kind = CTL_KIND_NUMBER,
		.max = UINT32_MAX, .key = "max_tx_rate", .help = "limit in Mbit/s; 0: none" },
	{ .name = "state", .value = "auto|enable|disable", .kind = CTL_KIND_CHOICE,
		.choices = "auto|enable|disable", .key = "state",
		.help = "link that the VF sees: the PF's, always up, always down" },
	{ .name = "vlans", .value = "ID[,ID...]", .kind = CTL_KIND_VLANS, .key = "vlans",
		.help = "VLANs that it may use with tags of its own; none: an empty list" },
	{ .name = "vlan_spoofchk", .value = "on|off", .kind = CTL_KIND_BOOL,
		.key = "vlan_spoofchk", .help = "drop what it sends with another VLAN's tag" },
	{ .name = "broadcast", .value = "on|off", .kind = CTL_KIND_BOOL, .key = "broadcast",
		.help = "receive broadcasts" },
	{ .name = "multicast_promisc", .value = "on|off", .kind = CTL_KIND_BOOL,
		.key = "multicast_promisc", .help = "receive all multicasts" },
	{ .name = "promisc", .value = "on|off", .kind = CTL_KIND_BOOL, .key = "promisc",
		.help = "receive what no other function has the MAC address of" },
	{ .name = "untagged", .value = "on|off", .kind = CTL_KIND_BOOL, .key = "untagged",
		.help = "receive frames without a VLAN tag" },
	{ .name = "max_frame", .value = "BYTES", .kind = CTL_KIND_NUMBER, .max = 65535,
		.key = "max_frame",
		.help = "longest frame that it may receive; 0: the device's limit" },
	{ .name = "strip", .value = "auto|on|off", .kind = CTL_KIND_CHOICE,
		.choices = "auto|on|off", .key = "strip",
		.help = "take VLAN tags off what it receives" },
	{ .name = NULL },
};

const struct ctl_param ctl_global_options[] = {
	{ .name = "--socket", .alias = "-s", .value = "PATH", .kind = CTL_KIND_PATH,
		.key = "socket", .flags = CTL_LOCAL,
		.help = "the daemon's control socket (" CTL_SOCKET_DEFAULT ")" },
	{ .name = "--timeout", .alias = "-t", .value = "S", .kind = CTL_KIND_NUMBER, .min = 1,
		.max = 3600, .key = "timeout", .flags = CTL_LOCAL,
		.help = "seconds to wait for the daemon" },
	{ .name = "--dry-run", .alias = "-n", .kind = CTL_KIND_FLAG, .key = "dry-run",
		.flags = CTL_LOCAL, .help = "only tell what would be done" },
	{ .name = "--json", .alias = "-j", .kind = CTL_KIND_FLAG, .key = "json",
		.flags = CTL_LOCAL, .help = "print JSON, errors included" },
	{ .name = "--verbose", .alias = "-v", .kind = CTL_KIND_FLAG, .key = "verbose",
		.flags = CTL_LOCAL,
		.help = "progress even without a terminal; status: every detail" },
	{ .name = "--help", .alias = "-h", .kind = CTL_KIND_FLAG, .key = "help",
		.flags = CTL_LOCAL, .help = "explain the command" },
	{ .name = "--version", .alias = "-V", .kind = CTL_KIND_FLAG, .key = "version",
		.flags = CTL_LOCAL, .help = "print the version of this program" },
	{ .name = NULL },
};

const struct ctl_command ctl_commands[] = {
	{
		.name = "doctor",
		.args = args_pf_optional,
		.flags = CTL_NO_DAEMON,
		.run = ctl_run_doctor,
		.summary = "check whether this machine can run PFs and VFs apart",
		.help = "Looks at the IOMMU and its groups, drivers, module parameters, limits, "
			"hugepages and what the kernel can do. Changes nothing, and needs neither "
			"the daemon nor root; what it may not see, it says.",
	}, {
		.name = "up",
		.method = "up",
		.args = args_pf,
		.options = options_up,
		.flags = CTL_CHANGES,
		.timeout_s = 300,
		.run = ctl_run_request,
		.summary = "open a PF and give it VFs",
		.help = "Binds the PF to its configured driver, opens it with its token, makes "
			"the VFs and captures them. A PF that is up already keeps what need not "
			"change.",
	}, {
		.name = "down",
		.method = "down",
		.args = args_pf,
		.options = options_down,
		.flags = CTL_CHANGES,
		.timeout_s = 60,
		.run = ctl_run_patient,
		.summary = "remove the VFs of a PF",
		.help = "Refused while a process holds one of the VFs, with the holders named.",
	}, {
		.name = "status",
		.method = "status",
		.args = args_pf_optional,
		.options = options_status,
		.timeout_s = 10,
		.run = ctl_run_status,
		.summary = "show PFs, VFs, holders, grants, policy and counters",
		.help = "What needs attention is marked with '!' and counted in the last line. "
			"Free VFs that are alike share a line, unless --verbose.",
	}, {
		.name = "vf set",
		.method = "vf.set",
		.args = args_vf,
		.keywords = keywords_policy,
		.flags = CTL_CHANGES,
		.timeout_s = 20,
		.run = ctl_run_request,
		.summary = "set the policy of a VF",
		.help = "The words are those of \"ip link set DEV vf N\", and a few more. What is "
			"not named stays as it is. The daemon applies it again after any reset.",
	}, {
		.name = "vf grant",
		.method = "vf.grant",
		.args = args_vf_grant,
		.options = options_grant,
		.flags = CTL_CHANGES,
		.timeout_s = 30,
		.run = ctl_run_request,
		.summary = "let somebody have the token of a VF",
		.help = "Who asks the token socket is told the VF's token if a grant names him. "
			"uid 0 is never granted unless named.",
	}, {
		.name = "vf revoke",
		.method = "vf.revoke",
		.args = args_vf_revoke,
		.options = options_revoke,
		.flags = CTL_CHANGES,
		.timeout_s = 60,
		.run = ctl_run_patient,
		.summary = "take a grant, or all of them and the VF, back",
		.help = "Without GRANT the VF is reclaimed: reset, its policy back to the "
			"configured one, its token replaced. Refused while it is held.",
	}, {
		.name = "vf reset",
		.method = "vf.reset",
		.args = args_vf,
		.flags = CTL_CHANGES,
		.timeout_s = 30,
		.run = ctl_run_request,
		.summary = "reset a VF that nobody holds",
	}, {
		.name = "token rotate",
		.method = "token.rotate",
		.args = args_device,
		.flags = CTL_CHANGES,
		.timeout_s = 20,
		.run = ctl_run_rotate,
		.summary = "replace the token of a PF or VF",
		.help = "VFs that are open go on undisturbed; the next open needs the new token, "
			"which the token socket hands out.",
	}, {
		.name = "show",
		.args = args_device,
		.options = options_show,
		.flags = CTL_NO_JSON,
		.timeout_s = 10,
		.run = ctl_run_show,
		.summary = "print what a VF's user has to be configured with",
		.help = "For a PF: of all its VFs. What is printed says where the token is, and "
			"contains it only with --reveal, which is for administrators.",
	}, {
		.name = "reload",
		.method = "reload",
		.flags = CTL_CHANGES,
		.timeout_s = 300,
		.run = ctl_run_request,
		.summary = "have the daemon read its configuration again",
		.help = "Only what has changed is applied; the changes are printed.",
	}, {
		.name = "hello",
		.method = "hello",
		.timeout_s = 10,
		.run = ctl_run_hello,
		.summary = "ask whether the daemon is there, and who it takes you for",
	}, {
		.name = "completion",
		.args = args_shell,
		.flags = CTL_NO_DAEMON | CTL_NO_JSON,
		.run = ctl_run_completion,
		.summary = "print the completion of this program for a shell",
	}, {
		.name = "help",
		.args = args_help,
		.options = options_help,
		.flags = CTL_NO_DAEMON | CTL_NO_JSON,
		.run = ctl_run_help,
		.summary = "explain a command",
	}, {
		.name = NULL,
	},
};

const struct ctl_command *
ctl_command_find(const char *name)
{
	const struct ctl_command *command;

	for (command = ctl_commands; command->name != NULL; command++)
		if (strcmp(command->name, name) == 0)
			return command;
	return NULL;
}

bool
ctl_param_is(const struct ctl_param *param, const char *name, size_t len)
{
	if (strlen(param->name) == len && strncmp(param->name, name, len) == 0)
		return true;
	return param->alias != NULL && strlen(param->alias) == len &&
			strncmp(param->alias, name, len) == 0;
}

void
ctl_command_usage(FILE *out, const struct ctl_command *command)
{
	const struct ctl_param *param;
	const char *open, *close;

	fputs(command->name, out);
	CTL_FOREACH_PARAM(param, command->args) {
		open = param->flags & CTL_OPTIONAL ? "[" : "";
		close = param->flags & CTL_OPTIONAL ? "]" : "";
		fprintf(out, " %s%s%s", open,
				param->choices != NULL ? param->choices : param->name, close);
	}
	CTL_FOREACH_PARAM(param, command->options) {
		open = param->flags & CTL_REQUIRED ? "" : "[";
		close = param->flags & CTL_REQUIRED ? "" : "]";
		fprintf(out, " %s%s", open, param->name);
		if (param->value != NULL)
			fprintf(out, " %s", param->choices != NULL ? param->choices :
					param->value);
		fputs(close, out);
	}
	if (command->keywords != NULL)
		fputs(" KEYWORD VALUE...", out);
}
