/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Commands of testpmd for the VFs of a net_i82576_pf port: rte_pmd_i82576.h in words. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmdline.h>
#include <cmdline_parse.h>
#include <cmdline_parse_num.h>
#include <cmdline_parse_string.h>

#include "rte_pmd_i82576.h"
#include "testpmd.h"

static const char *const strip_names[] = { "auto", "on", "off" };
static const char *const link_names[] = { "auto", "up", "down" };

static void
report(const char *what, int ret)
{
	if (ret < 0)
		fprintf(stderr, "i82576 %s: %s (%d)\n", what, strerror(-ret), -ret);
}

/* Index of @text in @names, or @nb. */
static unsigned int
name_index(const char *const *names, unsigned int nb, const char *text)
{
	unsigned int i;

	for (i = 0; i < nb && strcmp(names[i], text) != 0; i++)
		;
	return i;
}

static int
number_parse(const char *text, unsigned long *number)
{
	char *end;

	errno = 0;
	*number = strtoul(text, &end, 0);
	return errno != 0 || end == text || *end != '\0' ? -EINVAL : 0;
}

static int
flag_set(uint16_t port, uint16_t vf, const char *value,
		int (*set)(uint16_t port, uint16_t vf, bool on))
{
	if (strcmp(value, "on") == 0)
		return set(port, vf, true);
	if (strcmp(value, "off") == 0)
		return set(port, vf, false);
	return -EINVAL;
}

static const struct {
	const char *name;
	int (*set)(uint16_t port, uint16_t vf, bool on);
} flags[] = {
	{ "trust", rte_pmd_i82576_set_vf_trust },
	{ "mac_antispoof", rte_pmd_i82576_set_vf_mac_anti_spoof },
	{ "vlan_antispoof", rte_pmd_i82576_set_vf_vlan_anti_spoof },
	{ "broadcast", rte_pmd_i82576_set_vf_broadcast },
	{ "multicast_promisc", rte_pmd_i82576_set_vf_multicast_promisc },
	{ "unicast_promisc", rte_pmd_i82576_set_vf_unicast_promisc },
	{ "untagged", rte_pmd_i82576_set_vf_untagged },
};

static int
number_set(uint16_t port, uint16_t vf, const char *what, const char *value)
{
	unsigned long number;

	if (number_parse(value, &number) != 0 || number > UINT16_MAX)
		return -EINVAL;
	if (strcmp(what, "port_vlan") == 0)
		return rte_pmd_i82576_set_vf_port_vlan(port, vf, number & 0xfff, number >> 13);
	if (strcmp(what, "vlan_insert") == 0)
		return rte_pmd_i82576_set_vf_vlan_insert(port, vf, number);
	if (strcmp(what, "rate") == 0)
		return rte_pmd_i82576_set_vf_rate_limit(port, vf, number);
	return rte_pmd_i82576_set_vf_max_frame(port, vf, number);
}

static int
vf_set(uint16_t port, uint16_t vf, const char *what, const char *value)
{
	struct rte_ether_addr mac;
	unsigned int i;

	for (i = 0; i < RTE_DIM(flags); i++)
		if (strcmp(flags[i].name, what) == 0)
			return flag_set(port, vf, value, flags[i].set);
	if (strcmp(what, "mac") == 0)
		return rte_ether_unformat_addr(value, &mac) != 0 ? -EINVAL :
			rte_pmd_i82576_set_vf_mac_addr(port, vf, &mac);
	if (strcmp(what, "strip") == 0) {
		i = name_index(strip_names, RTE_DIM(strip_names), value);
		return i == RTE_DIM(strip_names) ? -EINVAL :
			rte_pmd_i82576_set_vf_vlan_strip(port, vf, i);
	}
	if (strcmp(what, "link") == 0) {
		i = name_index(link_names, RTE_DIM(link_names), value);
		return i == RTE_DIM(link_names) ? -EINVAL : rte_pmd_i82576_set_vf_link(port, vf, i);
	}
	return number_set(port, vf, what, value);
}

struct set_vf_result {
	cmdline_fixed_string_t i82576;
	cmdline_fixed_string_t set;
	cmdline_fixed_string_t vf;
	uint16_t port;
	uint16_t vf_id;
	cmdline_fixed_string_t what;
	cmdline_fixed_string_t value;
};

static void
set_vf_parsed(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct set_vf_result *res = parsed;

	report("set vf", vf_set(res->port, res->vf_id, res->what, res->value));
}

static cmdline_parse_token_string_t set_vf_i82576 =
	TOKEN_STRING_INITIALIZER(struct set_vf_result, i82576, "i82576");
static cmdline_parse_token_string_t set_vf_set =
	TOKEN_STRING_INITIALIZER(struct set_vf_result, set, "set");
static cmdline_parse_token_string_t set_vf_vf =
	TOKEN_STRING_INITIALIZER(struct set_vf_result, vf, "vf");
static cmdline_parse_token_num_t set_vf_port =
	TOKEN_NUM_INITIALIZER(struct set_vf_result, port, RTE_UINT16);
static cmdline_parse_token_num_t set_vf_vf_id =
	TOKEN_NUM_INITIALIZER(struct set_vf_result, vf_id, RTE_UINT16);
static cmdline_parse_token_string_t set_vf_what =
	TOKEN_STRING_INITIALIZER(struct set_vf_result, what,
		"mac#trust#mac_antispoof#vlan_antispoof#broadcast#multicast_promisc#"
		"unicast_promisc#untagged#port_vlan#vlan_insert#strip#link#rate#max_frame");
static cmdline_parse_token_string_t set_vf_value =
	TOKEN_STRING_INITIALIZER(struct set_vf_result, value, NULL);

static cmdline_parse_inst_t set_vf = {
	.f = set_vf_parsed,
	.help_str = "i82576 set vf <port> <vf> mac|trust|... <value>",
	.tokens = {
		(void *)&set_vf_i82576,
		(void *)&set_vf_set,
		(void *)&set_vf_vf,
		(void *)&set_vf_port,
		(void *)&set_vf_vf_id,
		(void *)&set_vf_what,
		(void *)&set_vf_value,
		NULL,
	},
};

static const char *
on_off(bool on)
{
	return on ? "on" : "off";
}

static void
vf_info_print(struct cmdline *cl, const struct rte_pmd_i82576_vf_info *info)
{
	char mac[RTE_ETHER_ADDR_FMT_SIZE], admin[RTE_ETHER_ADDR_FMT_SIZE];
	unsigned int vid;

	rte_ether_format_addr(mac, sizeof(mac), &info->mac);
	rte_ether_format_addr(admin, sizeof(admin), &info->admin_mac);
	cmdline_printf(cl, "vf %u: %s, %s\n", info->vf, info->present ? "present" : "absent",
		info->active ? "active" : "inactive");
	cmdline_printf(cl, "  mac %s (set by the PF: %s), %u more\n", mac, admin,
		info->nb_filters);
	cmdline_printf(cl, "  trust %s, mac_antispoof %s, vlan_antispoof %s\n",
		on_off(info->trusted), on_off(info->mac_anti_spoof),
		on_off(info->vlan_anti_spoof));
	cmdline_printf(cl, "  broadcast %s, untagged %s, multicast_promisc %s (its own %s, %u "
		"hashes), unicast_promisc %s (its own %s)\n", on_off(info->broadcast),
		on_off(info->untagged), on_off(info->multicast_promisc),
		on_off(info->vf_multicast_promisc), info->nb_multicast_hashes,
		on_off(info->unicast_promisc), on_off(info->vf_unicast_promisc));
	cmdline_printf(cl, "  port_vlan %u pcp %u, vlan_insert %u, strip %s, link %s, "
		"rate %u Mbit/s, max_frame %u of %u\n", info->port_vlan, info->port_vlan_pcp,
		info->vlan_insert, strip_names[info->strip], link_names[info->link],
		info->rate_mbps, info->max_frame, info->max_frame_limit);
	cmdline_printf(cl, "  vlans:");
	for (vid = 1; vid < 4096; vid++)
		if ((info->vlans[vid / 32] >> (vid % 32) & 1) != 0)
			cmdline_printf(cl, " %u", vid);
	cmdline_printf(cl, "\n");
}

static void
vf_stats_print(struct cmdline *cl, uint16_t vf, const struct rte_pmd_i82576_vf_stats *stats)
{
	cmdline_printf(cl, "vf %u: rx_packets %" PRIu64 " rx_bytes %" PRIu64
		" rx_multicast %" PRIu64 " tx_packets %" PRIu64 " tx_bytes %" PRIu64
		" spoofed %" PRIu64 "\n", vf, stats->rx_packets, stats->rx_bytes,
		stats->rx_multicast_packets, stats->tx_packets, stats->tx_bytes, stats->spoofed);
	cmdline_printf(cl, "  mailbox: requests %" PRIu64 " refused %" PRIu64
		" malformed %" PRIu64 " early %" PRIu64 " throttled %" PRIu64 " busy %" PRIu64
		" resets %" PRIu64 "\n", stats->mbx_requests, stats->mbx_refused,
		stats->mbx_malformed, stats->mbx_early, stats->mbx_throttled, stats->mbx_busy,
		stats->resets);
}

struct do_vf_result {
	cmdline_fixed_string_t i82576;
	cmdline_fixed_string_t verb;
	uint16_t port;
	uint16_t vf_id;
};

static void
do_vf_parsed(void *parsed, struct cmdline *cl, void *data __rte_unused)
{
	struct do_vf_result *res = parsed;
	struct rte_pmd_i82576_vf_stats stats;
	struct rte_pmd_i82576_vf_info info;
	int ret;

	if (strcmp(res->verb, "vf_info") == 0) {
		ret = rte_pmd_i82576_get_vf_info(res->port, res->vf_id, &info);
		if (ret == 0)
			vf_info_print(cl, &info);
	} else if (strcmp(res->verb, "vf_stats") == 0) {
		ret = rte_pmd_i82576_get_vf_stats(res->port, res->vf_id, &stats);
		if (ret == 0)
			vf_stats_print(cl, res->vf_id, &stats);
	} else if (strcmp(res->verb, "vf_stats_reset") == 0) {
		ret = rte_pmd_i82576_reset_vf_stats(res->port, res->vf_id);
	} else {
		ret = rte_pmd_i82576_ping_vf(res->port, res->vf_id);
	}
	report(res->verb, ret);
}

static cmdline_parse_token_string_t do_vf_i82576 =
	TOKEN_STRING_INITIALIZER(struct do_vf_result, i82576, "i82576");
static cmdline_parse_token_string_t do_vf_verb =
	TOKEN_STRING_INITIALIZER(struct do_vf_result, verb,
		"vf_info#vf_stats#vf_stats_reset#vf_ping");
static cmdline_parse_token_num_t do_vf_port =
	TOKEN_NUM_INITIALIZER(struct do_vf_result, port, RTE_UINT16);
static cmdline_parse_token_num_t do_vf_vf_id =
	TOKEN_NUM_INITIALIZER(struct do_vf_result, vf_id, RTE_UINT16);

static cmdline_parse_inst_t do_vf = {
	.f = do_vf_parsed,
	.help_str = "i82576 vf_info|vf_stats|vf_stats_reset|vf_ping <port> <vf>",
	.tokens = {
		(void *)&do_vf_i82576,
		(void *)&do_vf_verb,
		(void *)&do_vf_port,
		(void *)&do_vf_vf_id,
		NULL,
	},
};

struct set_vlan_result {
	cmdline_fixed_string_t i82576;
	cmdline_fixed_string_t set;
	cmdline_fixed_string_t vf_vlan;
	uint16_t port;
	uint16_t vlan;
	uint64_t vf_mask;
	cmdline_fixed_string_t on_off;
};

static void
set_vlan_parsed(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct set_vlan_result *res = parsed;

	report("set vf_vlan", rte_pmd_i82576_set_vf_vlan_filter(res->port, res->vlan, res->vf_mask,
		strcmp(res->on_off, "on") == 0));
}

static cmdline_parse_token_string_t set_vlan_i82576 =
	TOKEN_STRING_INITIALIZER(struct set_vlan_result, i82576, "i82576");
static cmdline_parse_token_string_t set_vlan_set =
	TOKEN_STRING_INITIALIZER(struct set_vlan_result, set, "set");
static cmdline_parse_token_string_t set_vlan_vf_vlan =
	TOKEN_STRING_INITIALIZER(struct set_vlan_result, vf_vlan, "vf_vlan");
static cmdline_parse_token_num_t set_vlan_port =
	TOKEN_NUM_INITIALIZER(struct set_vlan_result, port, RTE_UINT16);
static cmdline_parse_token_num_t set_vlan_vlan =
	TOKEN_NUM_INITIALIZER(struct set_vlan_result, vlan, RTE_UINT16);
static cmdline_parse_token_num_t set_vlan_vf_mask =
	TOKEN_NUM_INITIALIZER(struct set_vlan_result, vf_mask, RTE_UINT64);
static cmdline_parse_token_string_t set_vlan_on_off =
	TOKEN_STRING_INITIALIZER(struct set_vlan_result, on_off, "on#off");

static cmdline_parse_inst_t set_vlan = {
	.f = set_vlan_parsed,
	.help_str = "i82576 set vf_vlan <port> <vlan> <vf_mask> on|off",
	.tokens = {
		(void *)&set_vlan_i82576,
		(void *)&set_vlan_set,
		(void *)&set_vlan_vf_vlan,
		(void *)&set_vlan_port,
		(void *)&set_vlan_vlan,
		(void *)&set_vlan_vf_mask,
		(void *)&set_vlan_on_off,
		NULL,
	},
};

struct set_switch_result {
	cmdline_fixed_string_t i82576;
	cmdline_fixed_string_t set;
	cmdline_fixed_string_t local_switch;
	uint16_t port;
	cmdline_fixed_string_t on_off;
};

static void
set_switch_parsed(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct set_switch_result *res = parsed;

	report("set local_switch", rte_pmd_i82576_set_local_switch(res->port,
		strcmp(res->on_off, "on") == 0));
}

static cmdline_parse_token_string_t set_switch_i82576 =
	TOKEN_STRING_INITIALIZER(struct set_switch_result, i82576, "i82576");
static cmdline_parse_token_string_t set_switch_set =
	TOKEN_STRING_INITIALIZER(struct set_switch_result, set, "set");
static cmdline_parse_token_string_t set_switch_local_switch =
	TOKEN_STRING_INITIALIZER(struct set_switch_result, local_switch, "local_switch");
static cmdline_parse_token_num_t set_switch_port =
	TOKEN_NUM_INITIALIZER(struct set_switch_result, port, RTE_UINT16);
static cmdline_parse_token_string_t set_switch_on_off =
	TOKEN_STRING_INITIALIZER(struct set_switch_result, on_off, "on#off");

static cmdline_parse_inst_t set_switch = {
	.f = set_switch_parsed,
	.help_str = "i82576 set local_switch <port> on|off",
	.tokens = {
		(void *)&set_switch_i82576,
		(void *)&set_switch_set,
		(void *)&set_switch_local_switch,
		(void *)&set_switch_port,
		(void *)&set_switch_on_off,
		NULL,
	},
};

struct set_mirror_result {
	cmdline_fixed_string_t i82576;
	cmdline_fixed_string_t set;
	cmdline_fixed_string_t mirror;
	uint16_t port;
	uint8_t rule;
	cmdline_fixed_string_t type;
	uint8_t sources;
	uint8_t target;
};

static void
set_mirror_parsed(void *parsed, struct cmdline *cl __rte_unused, void *data __rte_unused)
{
	struct set_mirror_result *res = parsed;
	struct rte_pmd_i82576_mirror_rule rule;

	memset(&rule, 0, sizeof(rule));
	rule.target = res->target;
	if (strcmp(res->type, "pools") == 0) {
		rule.types = RTE_PMD_I82576_MIRROR_POOLS;
		rule.vf_mask = res->sources;
	} else if (strcmp(res->type, "uplink") == 0) {
		rule.types = RTE_PMD_I82576_MIRROR_UPLINK;
	} else if (strcmp(res->type, "downlink") == 0) {
		rule.types = RTE_PMD_I82576_MIRROR_DOWNLINK;
	}
	report("set mirror", rte_pmd_i82576_set_mirror_rule(res->port, res->rule, &rule));
}

static cmdline_parse_token_string_t set_mirror_i82576 =
	TOKEN_STRING_INITIALIZER(struct set_mirror_result, i82576, "i82576");
static cmdline_parse_token_string_t set_mirror_set =
	TOKEN_STRING_INITIALIZER(struct set_mirror_result, set, "set");
static cmdline_parse_token_string_t set_mirror_mirror =
	TOKEN_STRING_INITIALIZER(struct set_mirror_result, mirror, "mirror");
static cmdline_parse_token_num_t set_mirror_port =
	TOKEN_NUM_INITIALIZER(struct set_mirror_result, port, RTE_UINT16);
static cmdline_parse_token_num_t set_mirror_rule =
	TOKEN_NUM_INITIALIZER(struct set_mirror_result, rule, RTE_UINT8);
static cmdline_parse_token_string_t set_mirror_type =
	TOKEN_STRING_INITIALIZER(struct set_mirror_result, type, "pools#uplink#downlink#off");
static cmdline_parse_token_num_t set_mirror_sources =
	TOKEN_NUM_INITIALIZER(struct set_mirror_result, sources, RTE_UINT8);
static cmdline_parse_token_num_t set_mirror_target =
	TOKEN_NUM_INITIALIZER(struct set_mirror_result, target, RTE_UINT8);

static cmdline_parse_inst_t set_mirror = {
	.f = set_mirror_parsed,
	.help_str = "i82576 set mirror <port> <rule> pools|uplink|downlink|off <vf_mask> <target>",
	.tokens = {
		(void *)&set_mirror_i82576,
		(void *)&set_mirror_set,
		(void *)&set_mirror_mirror,
		(void *)&set_mirror_port,
		(void *)&set_mirror_rule,
		(void *)&set_mirror_type,
		(void *)&set_mirror_sources,
		(void *)&set_mirror_target,
		NULL,
	},
};

static struct testpmd_driver_commands i82576_commands = {
	.commands = {
	{
		&set_vf,
		"i82576 set vf (port_id) (vf_id) (what) (value)\n"
		"    Set policy of a VF: mac XX:XX:XX:XX:XX:XX; trust, mac_antispoof,"
		" vlan_antispoof, broadcast,\n"
		"    multicast_promisc, unicast_promisc or untagged on|off; port_vlan (VLAN, or TCI"
		" with priority,\n"
		"    0: none); vlan_insert (VLAN, 0: none); strip auto|on|off; link auto|up|down;\n"
		"    rate (Mbit/s, 0: no limit); max_frame (bytes)\n",
	},
	{
		&do_vf,
		"i82576 vf_info|vf_stats|vf_stats_reset|vf_ping (port_id) (vf_id)\n"
		"    Show the state or the statistics of a VF, reset these, or tell it of its"
		" link\n",
	},
	{
		&set_vlan,
		"i82576 set vf_vlan (port_id) (vlan_id) (vf_mask) on|off\n"
		"    Put VFs into a VLAN, or out of it\n",
	},
	{
		&set_switch,
		"i82576 set local_switch (port_id) on|off\n"
		"    Switch frames between VFs inside the device, or not\n",
	},
	{
		&set_mirror,
		"i82576 set mirror (port_id) (rule 0-3) pools|uplink|downlink|off (vf_mask)"
		" (target)\n"
		"    Copy frames to the VF (target), or to the PF (255)\n",
	},
	{ NULL, NULL },
	},
};
TESTPMD_ADD_DRIVER_COMMANDS(i82576_commands)
