/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test_vfio_token.h"

/* The case's directory; "" outside of a case. Short, since unix sockets lie in it. */
static char test_dir[32];

static struct vfio_token_paths saved_paths;

static char *log_text;
static size_t log_size;
static FILE *log_stream, *saved_stream;

const char *
token_test_path(const char *fmt, ...)
{
	static char paths[8][PATH_MAX];
	static unsigned int next;
	char *path = paths[next++ % RTE_DIM(paths)];
	va_list ap;
	int len;

	len = snprintf(path, PATH_MAX, "%s/", test_dir);
	va_start(ap, fmt);
	vsnprintf(path + len, PATH_MAX - len, fmt, ap);
	va_end(ap);

	return path;
}

static int
complain(const char *action, const char *name)
{
	printf("cannot %s %s: %s\n", action, name, strerror(errno));
	return -1;
}

int
token_test_dir(const char *name)
{
	if (mkdir(token_test_path("%s", name), 0700) != 0 && errno != EEXIST)
		return complain("make directory", name);
	return 0;
}

int
token_test_link(const char *name, const char *target)
{
	const char *path = token_test_path("%s", name);

	if ((unlink(path) != 0 && errno != ENOENT) || symlink(target, path) != 0)
		return complain("make link", name);
	return 0;
}

int
token_test_file(const char *name, mode_t mode, const void *data, size_t len)
{
	const char *path = token_test_path("%s", name);
	int fd, ret = 0;

	if (unlink(path) != 0 && errno != ENOENT)
		return complain("remove", name);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
	if (fd < 0)
		return complain("make", name);
	if (write(fd, data, len) != (ssize_t)len || fchmod(fd, mode) != 0)
		ret = complain("write", name);
	close(fd);

	return ret;
}

int
token_test_module(const char *module, const char *param, const char *value)
{
	char name[256];

	snprintf(name, sizeof(name), "module/%s", module);
	if (token_test_dir(name) != 0)
		return -1;
	if (param == NULL)
		return 0;
	snprintf(name, sizeof(name), "module/%s/parameters", module);
	if (token_test_dir(name) != 0)
		return -1;
	snprintf(name, sizeof(name), "module/%s/parameters/%s", module, param);

	return token_test_text(name, value);
}

int
token_test_device(const char *bdf, const char *driver, int group)
{
	char name[256], target[256];
	int ret;

	snprintf(name, sizeof(name), "pci/%s", bdf);
	ret = token_test_dir(name);
	if (driver != NULL) {
		snprintf(name, sizeof(name), "pci/%s/driver", bdf);
		snprintf(target, sizeof(target), "../../drivers/%s", driver);
		ret |= token_test_link(name, target);
	}
	if (group < 0)
		return ret;

	snprintf(name, sizeof(name), "groups/%d", group);
	ret |= token_test_dir(name);
	snprintf(name, sizeof(name), "groups/%d/devices", group);
	ret |= token_test_dir(name);
	snprintf(name, sizeof(name), "groups/%d/devices/%s", group, bdf);
	snprintf(target, sizeof(target), "../../../pci/%s", bdf);
	ret |= token_test_link(name, target);
	snprintf(name, sizeof(name), "pci/%s/iommu_group", bdf);
	snprintf(target, sizeof(target), "../../groups/%d", group);

	return ret != 0 || token_test_link(name, target);
}

int
token_test_pf(const char *bdf, const char *driver, int group)
{
	char name[256];

	snprintf(name, sizeof(name), "pci/%s/sriov_totalvfs", bdf);
	return token_test_device(bdf, driver, group) || token_test_text(name, "7\n");
}

int
token_test_vf(const char *bdf, const char *driver, int group, const char *pf)
{
	char name[256], target[256];

	snprintf(name, sizeof(name), "pci/%s/physfn", bdf);
	snprintf(target, sizeof(target), "../%s", pf);
	return token_test_device(bdf, driver, group) || token_test_link(name, target);
}

int
token_test_host(void)
{
	return token_test_module("vfio", NULL, NULL) ||
			token_test_module("vfio_iommu_type1", NULL, NULL) ||
			token_test_module("vfio_pci", "enable_sriov", "Y\n") ||
			token_test_module("vfio_pci_core", NULL, NULL) ||
			token_test_pf(PF, "vfio-pci", 11) ||
			token_test_vf(VF0, "vfio-pci", 20, PF) ||
			token_test_vf(VF1, "vfio-pci", 21, PF) ||
			token_test_pf(PF2, "vfio-pci", 12) ||
			token_test_device(PLAIN, "vfio-pci", 13);
}

static bool
table_is_empty(void)
{
	bool empty = TAILQ_EMPTY(vfio_token_table_lock());

	vfio_token_table_unlock();
	return empty;
}

int
token_test_setup(void)
{
	static const char template[] = "/tmp/dpdk-token-XXXXXX";
	static char pci[PATH_MAX], module[PATH_MAX], groups[PATH_MAX], proc[PATH_MAX],
			vfio[PATH_MAX];

	saved_paths = vfio_token_paths;
	if (!table_is_empty()) {
		printf("skipped: a case would drop this process's --vfio-vf-token options\n");
		return TEST_SKIPPED;
	}
	snprintf(test_dir, sizeof(test_dir), "%s", template);
	if (mkdtemp(test_dir) == NULL) {
		test_dir[0] = '\0';
		return complain("make", template);
	}
	snprintf(pci, sizeof(pci), "%s/pci", test_dir);
	snprintf(module, sizeof(module), "%s/module", test_dir);
	snprintf(groups, sizeof(groups), "%s/groups", test_dir);
	snprintf(proc, sizeof(proc), "%s/proc", test_dir);
	snprintf(vfio, sizeof(vfio), "%s/vfio", test_dir);
	vfio_token_paths = (struct vfio_token_paths){
		.pci_devices = pci,
		.module = module,
		.iommu_groups = groups,
		.proc = proc,
		.dev_vfio = vfio,
	};

	return token_test_dir("pci") || token_test_dir("module") || token_test_dir("groups") ||
			token_test_dir("proc") || token_test_dir("vfio");
}

static int
remove_visit(const char *path, const struct stat *st __rte_unused, int type __rte_unused,
		struct FTW *ftw __rte_unused)
{
	return remove(path);
}

void
token_test_teardown(void)
{
	if (log_stream != NULL)
		token_test_log_stop();
	free(log_text);
	log_text = NULL;
	vfio_token_paths = saved_paths;
	/* Without a directory the setup has stopped before anything was set. */
	if (test_dir[0] == '\0')
		return;
	eal_vfio_token_options_reset();
	while (!table_is_empty()) {
		struct vfio_token_entries *entries = vfio_token_table_lock();
		struct vfio_token_entry *entry = TAILQ_FIRST(entries);

		TAILQ_REMOVE(entries, entry, next);
		vfio_token_entry_free(entry);
		vfio_token_table_unlock();
	}
	if (nftw(test_dir, remove_visit, 8, FTW_DEPTH | FTW_PHYS) != 0)
		complain("remove", test_dir);
	test_dir[0] = '\0';
}

int
token_test_log_start(void)
{
	free(log_text);
	log_text = NULL;
	log_stream = open_memstream(&log_text, &log_size);
	if (log_stream == NULL)
		return complain("open", "a stream for the log");
	saved_stream = rte_log_get_stream();
	rte_openlog_stream(log_stream);

	return 0;
}

const char *
token_test_log_stop(void)
{
	rte_openlog_stream(saved_stream);
	fclose(log_stream);
	log_stream = NULL;

	return log_text;
}

bool
token_test_shows(const char *text, const char *secret)
{
	char piece[9] = "";
	size_t i;

	for (i = 0; i + 8 <= strlen(secret); i++) {
		memcpy(piece, secret + i, 8);
		if (strcasestr(text, piece) != NULL)
			return true;
	}

	return false;
}

int
token_test_refused(int ret, int expected, const char *text, const char *words)
{
	if (ret != expected)
		printf("returned %d, not %d: %s\n", ret, expected, text);
	else if (strstr(text, words) == NULL)
		printf("the message lacks '%s': %s\n", words, text);
	else if (token_test_shows(text, UUID_A) || token_test_shows(text, UUID_B) ||
			token_test_shows(text, UUID_C))
		printf("the message shows a token: %s\n", text);
	else
		return 0;

	return -1;
}

int
token_test_option(const char *value)
{
	char arg[PATH_MAX + 64];
	int ret;

	snprintf(arg, sizeof(arg), "%s", value);
	if (token_test_log_start() != 0)
		return -1;
	ret = eal_vfio_token_option_parse(arg);
	token_test_log_stop();
	if (ret != 0)
		printf("%s", log_text);

	return ret;
}

int
token_test_option_refused(const char *value, int expected, const char *words)
{
	char arg[PATH_MAX + 64];
	int ret;

	snprintf(arg, sizeof(arg), "%s", value);
	if (token_test_log_start() != 0)
		return -1;
	ret = eal_vfio_token_option_parse(arg);

	return token_test_refused(ret, expected, token_test_log_stop(), words);
}

struct vfio_token_bdf
token_test_bdf(const char *text)
{
	struct vfio_token_bdf bdf = { .domain = UINT32_MAX };

	vfio_token_bdf_parse(text, strlen(text), &bdf);
	return bdf;
}

int
token_test_choose(const char *bdf, struct vfio_token_choice *choice, struct vfio_token_error *err)
{
	struct vfio_token_bdf device = token_test_bdf(bdf);
	struct vfio_token_function fn;
	int ret;

	memset(choice, 0, sizeof(*choice));
	err->text[0] = '\0';
	ret = vfio_token_function_read(vfio_token_paths.pci_devices, &device, &fn);
	if (ret != 0)
		return vfio_token_fail(err, ret, "%s is not in the sysfs of the test", bdf);

	return vfio_token_table_choose(&fn, true, choice, err);
}

int
token_test_chosen(const char *bdf, const char *uuid)
{
	struct vfio_token_choice choice;
	struct vfio_token_error err;
	int ret = token_test_choose(bdf, &choice, &err);

	if (ret != 0)
		printf("%s: refused with %d: %s\n", bdf, ret, err.text);
	else if (token_test_shows(choice.origin, UUID_A) || token_test_shows(choice.origin, UUID_B))
		printf("%s: the origin shows a token: %s\n", bdf, choice.origin);
	else if (choice.has_token != (uuid != NULL))
		printf("%s: %s token from '%s'\n", bdf, choice.has_token ? "a" : "no",
				choice.origin);
	else if (uuid != NULL && !token_test_equal(choice.token, uuid))
		printf("%s: another token than expected, from '%s'\n", bdf, choice.origin);
	else
		return 0;

	return -1;
}

int
token_test_choose_refused(const char *bdf, int expected, const char *words)
{
	struct vfio_token_choice choice;
	struct vfio_token_error err;
	int ret = token_test_choose(bdf, &choice, &err);

	if (choice.has_token) {
		printf("%s: refused, and yet there is a token\n", bdf);
		return -1;
	}
	return token_test_refused(ret, expected, err.text, words);
}

bool
token_test_equal(const rte_uuid_t token, const char *uuid)
{
	char text[RTE_UUID_STRLEN];

	rte_uuid_unparse(token, text, sizeof(text));
	return strcasecmp(text, uuid) == 0;
}

bool
token_test_is_v4(const rte_uuid_t token)
{
	return (token[6] & 0xf0) == 0x40 && (token[8] & 0xc0) == 0x80;
}

/* The runner ends at a suite without a name. */
static struct unit_test_suite end_suite = {
	.suite_name = NULL,
	.unit_test_cases = { TEST_CASES_END() },
};

static struct unit_test_suite *suites[] = {
	&token_test_parse_suite,
	&token_test_table_suite,
	&token_test_choose_suite,
	&token_test_source_suite,
	&token_test_broker_suite,
	&token_test_sysfs_suite,
	&token_test_refusal_suite,
	&token_test_option_suite,
	&token_test_api_suite,
	&token_test_pf_suite,
	&end_suite,
};

static struct unit_test_suite token_test_suite = {
	.suite_name = "VF-token layer",
	.unit_test_suites = suites,
	.unit_test_cases = { TEST_CASES_END() },
};

/* All of the suites, which have commands of their own as well. */
static int
test_vfio_token(void)
{
	return unit_test_suite_runner(&token_test_suite);
}

REGISTER_TEST_COMMAND(vfio_token_autotest, test_vfio_token);
