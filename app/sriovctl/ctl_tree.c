/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <string.h>

#include "ctl_line.h"
#include "ctl_tree.h"

/* Fewer free VFs than this are shown each by itself. */
#define FOLD_MIN 3

/* Beginnings of lines. */
struct branches {
	const char *vf, *vf_last;     /* the line of a VF */
	const char *more, *more_last; /* further lines of a VF */
	const char *pf_more;          /* further lines of a PF with VFs */
};

static const struct branches branches_unicode = {
	.vf = "├─ ", .vf_last = "└─ ", .more = "│  ", .more_last = "   ", .pf_more = "│  ",
};

static const struct branches branches_ascii = {
	.vf = "|- ", .vf_last = "`- ", .more = "|  ", .more_last = "   ", .pf_more = "|  ",
};

/* What the last line counts. */
struct totals {
	unsigned int pfs, vfs, in_use, granted, free, resetting, problems;
};

struct tree {
	const struct ctl_tree_style *style;
	bool managed; /* the PF at hand is the daemon's */
	const struct branches *branches;
	struct totals totals;
};

static void
problem(struct tree *tree, const char *prefix, const char *text)
{
	printf("%s  ! ", prefix);
	ctl_puts_safe(stdout, text);
	putchar('\n');
	tree->totals.problems++;
}

/* ---- policy ---- */

static void
print_policy(const json_t *vf, struct ctl_line *line)
{
	json_t *policy = json_object_get(vf, "policy");
	const char *key;
	json_t *value;
	char text[256];

	json_object_foreach(policy, key, value) {
		if (json_is_null(value))
			continue;
		ctl_policy_format(value, text, sizeof(text));
		ctl_line_word(line, "%s %s", key, text);
	}
	ctl_line_end(line);
}

/* What is wanted and known not to be in force. */
static void
check_policy(struct tree *tree, const json_t *vf, const char *prefix)
{
	json_t *policy = json_object_get(vf, "policy"), *value;
	const json_t *effective = json_object_get(vf, "effective"), *now;
	char wanted[256], has[256], text[600];
	const char *key;

	if (!json_is_object(effective))
		return;
	json_object_foreach(policy, key, value) {
		now = json_object_get(effective, key);
		if (now == NULL || json_is_null(now) || json_is_null(value) ||
				json_equal(value, now))
			continue;
		ctl_policy_format(value, wanted, sizeof(wanted));
		ctl_policy_format(now, has, sizeof(has));
		snprintf(text, sizeof(text), "not in force: %s %s; it is %s", key, wanted, has);
		problem(tree, prefix, text);
	}
}

/* ---- counters ---- */

static double
rate(const struct ctl_tree_style *style, const json_t *before, const char *key, json_int_t now)
{
	const json_t *was = json_object_get(before, key);

	if (style->previous == NULL || style->seconds <= 0 || !json_is_integer(was) ||
			json_integer_value(was) > now)
		return 0;
	return (double)(now - json_integer_value(was)) / style->seconds;
}

static void
print_counters(const struct tree *tree, const json_t *object, const json_t *before,
		struct ctl_line *line)
{
	json_t *counters = json_object_get(object, "counters"), *value;
	const json_t *was = json_object_get(before, "counters");
	const char *key;

	json_object_foreach(counters, key, value) {
		json_int_t now = json_integer_value(value);
		double per_second = rate(tree->style, was, key, now);

		if (now == 0 && !tree->style->verbose)
			continue;
		if (per_second > 0)
			ctl_line_word(line, "%s %lld (+%.0f/s)", key, (long long)now, per_second);
		else
			ctl_line_word(line, "%s %lld", key, (long long)now);
	}
	ctl_line_end(line);
}

/* Other than of resets, which each VF has had once. */
static bool
has_counts(const json_t *object)
{
	json_t *counters = json_object_get(object, "counters"), *value;
	const char *key;

	json_object_foreach(counters, key, value)
		if (json_integer_value(value) != 0 && strcmp(key, "resets") != 0)
			return true;
	return false;
}

/* The item of an earlier status with the same name. */
static const json_t *
find_before(const json_t *list, const char *key, const char *name)
{
	const json_t *item;
	size_t i;

	json_array_foreach(list, i, item)
		if (strcmp(ctl_json_text(item, key, ""), name) == 0)
			return item;
	return NULL;
}

/* ---- VFs ---- */

/* Nothing to tell but that it is there. */
static bool
vf_is_plain(const json_t *vf)
{
	return strcmp(ctl_json_text(vf, "state", ""), "free") == 0 &&
			json_array_size(ctl_json_list(vf, "holders")) == 0 &&
			json_array_size(ctl_json_list(vf, "grants")) == 0 &&
			strcmp(ctl_json_text(vf, "driver", ""), "vfio-pci") == 0 && !has_counts(vf);
}

static bool
vf_alike(const json_t *a, const json_t *b)
{
	json_t *none = json_null();
	const json_t *policy_a = json_object_get(a, "policy");
	const json_t *policy_b = json_object_get(b, "policy");
	const json_t *effective_a = json_object_get(a, "effective");
	const json_t *effective_b = json_object_get(b, "effective");

	return json_equal(policy_a != NULL ? policy_a : none, policy_b != NULL ? policy_b : none) &&
			json_equal(effective_a != NULL ? effective_a : none,
					effective_b != NULL ? effective_b : none);
}

/* How many VFs from this one on can share a line. */
static size_t
fold_count(const struct tree *tree, const json_t *vfs, size_t from)
{
	const json_t *first = json_array_get(vfs, from), *vf;
	size_t nr = 0;

	if (tree->style->verbose || !vf_is_plain(first))
		return 1;
	while (from + nr < json_array_size(vfs)) {
		vf = json_array_get(vfs, from + nr);
		if (!vf_is_plain(vf) || !vf_alike(first, vf))
			break;
		nr++;
	}

	return nr >= FOLD_MIN ? nr : 1;
}

static void
count_vf(struct tree *tree, const json_t *vf)
{
	const char *state = ctl_json_text(vf, "state", "?");

	tree->totals.vfs++;
	if (strcmp(state, "in_use") == 0)
		tree->totals.in_use++;
	else if (strcmp(state, "granted") == 0)
		tree->totals.granted++;
	else if (strcmp(state, "free") == 0)
		tree->totals.free++;
	else if (strcmp(state, "resetting") == 0)
		tree->totals.resetting++;
}

static void
group_format(const json_t *object, char *text, size_t size)
{
	json_int_t group = ctl_json_number(object, "group", -1);

	if (group >= 0)
		snprintf(text, size, "group %lld", (long long)group);
	else
		snprintf(text, size, "no group");
}

static void
print_folded(struct tree *tree, const json_t *vfs, size_t from, size_t nr, bool last)
{
	const json_t *first = json_array_get(vfs, from);
	const json_t *end = json_array_get(vfs, from + nr - 1);
	struct ctl_line line = { .prefix = last ? tree->branches->more_last : tree->branches->more,
		.indent = 4 };
	size_t i;

	for (i = 0; i < nr; i++)
		count_vf(tree, json_array_get(vfs, from + i));
	ctl_printf_safe(stdout, "%s%lld-%lld  %s to %s  %zu VFs  free\n",
			last ? tree->branches->vf_last : tree->branches->vf,
			(long long)ctl_json_number(first, "index", -1),
			(long long)ctl_json_number(end, "index", -1),
			ctl_json_text(first, "vf", "?"), ctl_json_text(end, "vf", "?"), nr);
	print_policy(first, &line);
	check_policy(tree, first, line.prefix);
}

static void
print_grants(const struct tree *tree, const json_t *vf, struct ctl_line *line)
{
	const json_t *owner = json_object_get(vf, "owner"), *grant;
	const char *socket = ctl_json_text(vf, "socket", NULL);
	const json_t *tokens = json_object_get(vf, "tokens");
	json_int_t uid = ctl_json_number(owner, "uid", 0);
	size_t i;

	json_array_foreach(ctl_json_list(vf, "grants"), i, grant)
		ctl_line_word(line, "granted %s%s", ctl_json_text(grant, "grant", "?"),
				ctl_json_true(grant, "once") ? " (once)" : "");
	if (owner != NULL && (uid != 0 || tree->style->verbose))
		ctl_line_word(line, "node %lld:%lld %s", (long long)uid,
				(long long)ctl_json_number(owner, "gid", 0),
				ctl_json_text(owner, "mode", "?"));
	if (ctl_json_number(tokens, "refused", 0) > 0 || (tree->style->verbose && tokens != NULL))
		ctl_line_word(line, "tokens %lld given, %lld refused",
				(long long)ctl_json_number(tokens, "given", 0),
				(long long)ctl_json_number(tokens, "refused", 0));
	if (tree->style->verbose) {
		ctl_line_word(line, "%s", ctl_json_text(vf, "node", "no node"));
		if (ctl_json_text(vf, "cdev", NULL) != NULL)
			ctl_line_word(line, "%s", ctl_json_text(vf, "cdev", ""));
		ctl_line_word(line, "%s", ctl_json_true(vf, "own_token") ? "own token" :
				"the PF's token");
		if (socket != NULL)
			ctl_line_word(line, "socket %s", socket);
	}
	ctl_line_end(line);
}

static void
check_vf(struct tree *tree, const json_t *vf, const char *prefix)
{
	const char *driver = ctl_json_text(vf, "driver", NULL);
	char text[128];

	/* Those of a PF that is somebody else's are, too. */
	if (!tree->managed)
		return;
	if (driver == NULL || strcmp(driver, "vfio-pci") != 0) {
		snprintf(text, sizeof(text), "%s%s: not captured by the daemon",
				driver != NULL ? "on " : "without a driver",
				driver != NULL ? driver : "");
		problem(tree, prefix, text);
	}
	if (json_array_size(ctl_json_list(vf, "holders")) > 0 &&
			json_array_size(ctl_json_list(vf, "grants")) == 0)
		problem(tree, prefix, "held without a grant");
	check_policy(tree, vf, prefix);
}

static void
print_vf(struct tree *tree, const json_t *vf, const json_t *before, bool last)
{
	const char *prefix = last ? tree->branches->more_last : tree->branches->more;
	struct ctl_line line = { .prefix = prefix, .indent = 4 };
	const char *state = ctl_json_text(vf, "state", NULL);
	const json_t *holder;
	char group[32];
	size_t i;

	count_vf(tree, vf);
	group_format(vf, group, sizeof(group));
	ctl_printf_safe(stdout, "%s%-3lld %s  %s  %s%s%s",
			last ? tree->branches->vf_last : tree->branches->vf,
			(long long)ctl_json_number(vf, "index", -1), ctl_json_text(vf, "vf", "?"),
			ctl_json_text(vf, "driver", "no driver"), group,
			state != NULL ? "  " : "", state != NULL ? state : "");
	json_array_foreach(ctl_json_list(vf, "holders"), i, holder)
		ctl_printf_safe(stdout, "%s pid %lld %s (uid %lld)", i == 0 ? "  by" : ",",
				(long long)ctl_json_number(holder, "pid", -1),
				ctl_json_text(holder, "comm", "?"),
				(long long)ctl_json_number(holder, "uid", -1));
	putchar('\n');
	check_vf(tree, vf, prefix);
	print_grants(tree, vf, &line);
	print_policy(vf, &line);
	print_counters(tree, vf, before, &line);
}

static void
print_vfs(struct tree *tree, const json_t *pf, const json_t *before)
{
	const json_t *vfs = ctl_json_list(pf, "vfs"), *vf;
	size_t nr = json_array_size(vfs), i, count;

	for (i = 0; i < nr; i += count) {
		vf = json_array_get(vfs, i);
		count = fold_count(tree, vfs, i);
		if (count > 1)
			print_folded(tree, vfs, i, count, i + count == nr);
		else
			print_vf(tree, vf, find_before(ctl_json_list(before, "vfs"), "vf",
					ctl_json_text(vf, "vf", "")), i + 1 == nr);
	}
}

/* ---- PFs ---- */

/* Only a PMD tells. */
static bool
link_is_known(const json_t *pf)
{
	return json_is_object(json_object_get(pf, "link")) &&
			ctl_json_text(pf, "pmd", NULL) != NULL;
}

static void
print_pf_line(const json_t *pf)
{
	const json_t *link = json_object_get(pf, "link");
	json_int_t speed = ctl_json_number(link, "speed_mbps", 0);
	char group[32];

	group_format(pf, group, sizeof(group));
	ctl_printf_safe(stdout, "%s  %s  %s  %s:%s  %lld of %lld VFs",
			ctl_json_text(pf, "pf", "?"), ctl_json_text(pf, "driver", "no driver"),
			group, ctl_json_text(pf, "vendor", "?"), ctl_json_text(pf, "device", "?"),
			(long long)ctl_json_number(pf, "num_vfs", -1),
			(long long)ctl_json_number(pf, "total_vfs", -1));
	if (link_is_known(pf) && ctl_json_true(link, "up"))
		ctl_printf_safe(stdout, "  link up %lld Mbit/s", (long long)speed);
	else if (link_is_known(pf))
		fputs("  link down", stdout);
	putchar('\n');
}

static void
print_pf_details(const json_t *pf, struct ctl_line *line)
{
	const char *pmd = ctl_json_text(pf, "pmd", NULL);
	const char *kept = ctl_json_text(pf, "kept", "none");
	const char *was = ctl_json_text(pf, "previous_driver", NULL);
	const json_t *token = json_object_get(pf, "token"), *feature;
	json_int_t resets = ctl_json_number(pf, "resets", 0);
	size_t i;

	if (pmd != NULL)
		ctl_line_word(line, "PMD %s", pmd);
	else
		ctl_line_word(line, "no PMD");
	if (strcmp(kept, "none") == 0)
		ctl_line_word(line, "not kept over a restart");
	else
		ctl_line_word(line, "kept by %s", kept);
	if (ctl_json_true(pf, "adopted"))
		ctl_line_word(line, "adopted");
	if (json_is_object(token))
		ctl_line_word(line, "token %s, rotated %lld times",
				ctl_json_text(token, "source", "?"),
				(long long)ctl_json_number(token, "rotated", 0));
	if (resets > 0)
		ctl_line_word(line, "reset %lld times", (long long)resets);
	if (ctl_json_number(pf, "numa", -1) >= 0)
		ctl_line_word(line, "NUMA node %lld", (long long)ctl_json_number(pf, "numa", -1));
	if (was != NULL && was[0] != '\0')
		ctl_line_word(line, "was on %s", was);
	json_array_foreach(ctl_json_list(pf, "features"), i, feature)
		if (json_is_string(feature))
			ctl_line_word(line, "+%s", json_string_value(feature));
	ctl_line_end(line);
}

static void
check_pf(struct tree *tree, const json_t *pf, const char *prefix)
{
	const json_t *link = json_object_get(pf, "link");
	char text[128];

	const char *failure = ctl_json_text(pf, "failure", NULL);

	if (failure != NULL)
		problem(tree, prefix, failure);
	if (!tree->managed)
		return;
	if (!ctl_json_true(pf, "held") && failure == NULL)
		problem(tree, prefix, "not held by the daemon: its token and VFs are not guarded");
	if (link_is_known(pf) && !ctl_json_true(link, "up"))
		problem(tree, prefix, "the link is down");
	if ((json_int_t)json_array_size(ctl_json_list(pf, "vfs")) !=
			ctl_json_number(pf, "num_vfs", 0)) {
		snprintf(text, sizeof(text), "the daemon knows %zu of its %lld VFs",
				json_array_size(ctl_json_list(pf, "vfs")),
				(long long)ctl_json_number(pf, "num_vfs", 0));
		problem(tree, prefix, text);
	}
}

static void
print_pf(struct tree *tree, const json_t *pf)
{
	const json_t *before = find_before(ctl_json_list(tree->style->previous, "pfs"), "pf",
			ctl_json_text(pf, "pf", ""));
	struct ctl_line line = { .indent = 0 };

	line.prefix = json_array_size(ctl_json_list(pf, "vfs")) > 0 ? tree->branches->pf_more :
			tree->branches->more_last;
	tree->totals.pfs++;
	/* It lists those that it does not own as well, of which it knows no token. */
	tree->managed = ctl_json_true(pf, "held") || json_object_get(pf, "token") != NULL ||
			json_object_get(pf, "failure") != NULL;
	print_pf_line(pf);
	check_pf(tree, pf, line.prefix);
	if (tree->managed) {
		print_pf_details(pf, &line);
	} else {
		ctl_line_word(&line, "not the daemon's");
		ctl_line_end(&line);
	}
	print_counters(tree, pf, before, &line);
	print_vfs(tree, pf, before);
}

static void
print_totals(const struct totals *totals)
{
	printf("%u PF%s, %u VF%s", totals->pfs, totals->pfs == 1 ? "" : "s", totals->vfs,
			totals->vfs == 1 ? "" : "s");
	if (totals->vfs > 0)
		printf(": %u in use, %u granted, %u free", totals->in_use, totals->granted,
				totals->free);
	if (totals->resetting > 0)
		printf(", %u resetting", totals->resetting);
	if (totals->problems > 0)
		printf("; %u problem%s, marked !", totals->problems,
				totals->problems == 1 ? "" : "s");
	putchar('\n');
}

void
ctl_tree_print(const json_t *status, const struct ctl_tree_style *style)
{
	struct tree tree = { .style = style };
	const json_t *pfs = ctl_json_list(status, "pfs"), *pf;
	size_t i;

	tree.branches = style->unicode ? &branches_unicode : &branches_ascii;
	json_array_foreach(pfs, i, pf) {
		if (i > 0)
			putchar('\n');
		print_pf(&tree, pf);
	}
	if (json_array_size(pfs) == 0) {
		puts("The daemon has no PF. dpdk-sriovctl doctor shows those of this machine;\n"
				"dpdk-sriovctl up PF --vfs N gives it one.");
		return;
	}
	print_totals(&tree.totals);
}
