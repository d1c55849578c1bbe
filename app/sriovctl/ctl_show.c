/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl_command.h"
#include "ctl_show.h"

/* A consumer, and how it is told. */
static const struct {
	const char *name;
	ctl_show_print *print;
	ctl_show_print *write; /* what holds the token, for --write; NULL: not possible */
	bool proposed;         /* there is a --proposed */
} consumers[] = {
	{ "dpdk", ctl_show_dpdk, ctl_show_dpdk_file, false },
	{ "qemu", ctl_show_qemu, ctl_show_qemu_file, false },
	{ "libvirt", ctl_show_libvirt, ctl_show_libvirt, true },
	{ "cdi", ctl_show_cdi, NULL, false },
	{ "k8s", ctl_show_k8s, NULL, false },
};

#define NR_CONSUMERS (sizeof(consumers) / sizeof(consumers[0]))

void
ctl_show_note(const char *format, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	fputs("note: ", stderr);
	ctl_puts_safe(stderr, text);
	fputc('\n', stderr);
}

/* ---- which VFs ---- */

/* For words that take no punctuation. */
static void
name_make(const char *bdf, char name[CTL_BDF_SIZE])
{
	char *c;

	strcpy(name, bdf);
	for (c = name; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c))
			*c = '_';
}

static int
vf_add(struct ctl_show *show, const json_t *vf)
{
	const char *bdf = ctl_json_text(vf, "vf", "");
	struct ctl_show_vf *item = &show->vfs[show->nr_vfs];

	/* It is printed into configurations: nothing but an address will do. */
	if (!ctl_bdf_parse(bdf, strlen(bdf), &item->address))
		return ctl_fail(&show->ctl->error, CTL_EXIT_PROTOCOL,
				"the daemon's status has a VF without an address");
	item->vf = vf;
	ctl_bdf_format(&item->address, item->bdf);
	name_make(item->bdf, item->name);
	show->nr_vfs++;

	return CTL_EXIT_OK;
}

/* Take the VFs of a PF that are meant. */
static int
pf_take(struct ctl_show *show, const json_t *pf, const char *device)
{
	const json_t *vfs = ctl_json_list(pf, "vfs"), *vf;
	struct ctl_bdf bdf;
	const char *name = ctl_json_text(pf, "pf", "");
	bool whole = strcmp(name, device) == 0;
	int ret = CTL_EXIT_OK;
	size_t i;

	if (!ctl_bdf_parse(name, strlen(name), &bdf))
		return ctl_fail(&show->ctl->error, CTL_EXIT_PROTOCOL,
				"the daemon's status has a PF without an address");
	json_array_foreach(vfs, i, vf) {
		if (ret != CTL_EXIT_OK)
			break;
		if (!whole && strcmp(ctl_json_text(vf, "vf", ""), device) != 0)
			continue;
		if (show->vfs == NULL)
			show->vfs = calloc(json_array_size(vfs), sizeof(*show->vfs));
		if (show->vfs == NULL)
			return ctl_fail(&show->ctl->error, CTL_EXIT_LOCAL, "no memory");
		ret = vf_add(show, vf);
	}
	if (whole || show->nr_vfs > 0) {
		show->pf = pf;
		show->whole_pf = whole;
		ctl_bdf_format(&bdf, show->pf_bdf);
		name_make(show->pf_bdf, show->pf_name);
	}

	return ret;
}

static int
find_vfs(struct ctl_show *show, const json_t *status)
{
	const char *device = ctl_json_text(show->ctl->params, "device", "");
	struct ctl_error *error = &show->ctl->error;
	const json_t *pf;
	size_t i;
	int ret;

	json_array_foreach(ctl_json_list(status, "pfs"), i, pf) {
		ret = pf_take(show, pf, device);
		if (ret != CTL_EXIT_OK)
			return ret;
		if (show->pf != NULL)
			break;
	}
	if (show->nr_vfs > 0 && ctl_json_true(show->pf, "held"))
		return CTL_EXIT_OK;
	if (show->pf != NULL && !ctl_json_true(show->pf, "held")) {
		ctl_fail(error, CTL_EXIT_FAILED, "%s: its PF is not the daemon's", device);
		ctl_remedy(error, "dpdk-sriovctl up %s --vfs N makes it so", show->pf_bdf);
	} else if (show->pf != NULL) {
		ctl_fail(error, CTL_EXIT_FAILED, "%s: the PF has no VFs", device);
		ctl_remedy(error, "dpdk-sriovctl up %s --vfs N makes some", device);
	} else {
		ctl_fail(error, CTL_EXIT_FAILED, "%s: neither a PF of the daemon's nor a VF of one",
				device);
		ctl_remedy(error, "dpdk-sriovctl status lists them");
	}

	return CTL_EXIT_FAILED;
}

/* ---- sockets and tokens ---- */

/* Paths go into configurations of several syntaxes: what could end a word there is refused. */
static bool
path_is_plain(const char *path)
{
	const char *c;

	for (c = path; *c != '\0'; c++)
		if (!isalnum((unsigned char)*c) && strchr("/._-:+@", *c) == NULL)
			return false;
	return path[0] == '/';
}

static bool
same_directory(const char *a, const char *b)
{
	const char *slash_a = strrchr(a, '/'), *slash_b = strrchr(b, '/');

	return slash_a != NULL && slash_b != NULL && slash_a - a == slash_b - b &&
			strncmp(a, b, (size_t)(slash_a - a)) == 0;
}

/* Has the socket of this VF a directory for itself? */
static bool
socket_is_alone(const struct ctl_show *show, const json_t *vf, const char *common)
{
	const char *own = ctl_json_text(vf, "socket", NULL);
	const json_t *pf, *other;
	size_t i, k;

	if (own == NULL || same_directory(own, common) || same_directory(own, show->ctl->socket))
		return false;
	json_array_foreach(ctl_json_list(show->status, "pfs"), i, pf)
		json_array_foreach(ctl_json_list(pf, "vfs"), k, other)
			if (other != vf && same_directory(own, ctl_json_text(other, "socket", "")))
				return false;
	return true;
}

/* Where tokens are asked for: at the VF's own socket, else at the daemon's. */
static int
find_sockets(struct ctl_show *show)
{
	const char *own, *slash = strrchr(show->ctl->socket, '/');
	char common[sizeof(show->vfs[0].socket)];
	json_t *hello = NULL;
	size_t i;
	int ret;

	ret = ctl_ask(show->ctl, "hello", NULL, &hello);
	if (ret != CTL_EXIT_OK)
		return ret;
	/* Beside the control socket, unless the daemon says otherwise. */
	snprintf(common, sizeof(common), "%.*s/token.sock",
			slash != NULL ? (int)(slash - show->ctl->socket) : 0, show->ctl->socket);
	own = ctl_json_text(hello, "token_socket", NULL);
	if (own != NULL)
		snprintf(common, sizeof(common), "%s", own);
	json_decref(hello);
	for (i = 0; i < show->nr_vfs; i++) {
		own = ctl_json_text(show->vfs[i].vf, "socket", common);
		if (strlen(own) >= sizeof(show->vfs[i].socket) || !path_is_plain(own))
			return ctl_fail(&show->ctl->error, CTL_EXIT_FAILED, "%s: the path of its "
					"token socket is not fit for a configuration: relative, "
					"too long, or with blanks or quotes", show->vfs[i].bdf);
		strcpy(show->vfs[i].socket, own);
		show->vfs[i].socket_alone = socket_is_alone(show, show->vfs[i].vf, common);
	}

	return CTL_EXIT_OK;
}

static bool
token_is_uuid(const char *text)
{
	size_t i;

	for (i = 0; i < CTL_TOKEN_SIZE - 1; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;

		if (hyphen ? text[i] != '-' : !isxdigit((unsigned char)text[i]))
			return false;
	}

	return text[i] == '\0';
}

static int
get_token(struct ctl_show *show, struct ctl_show_vf *vf)
{
	json_t *params = json_pack("{s:s}", "device", vf->bdf), *result = NULL;
	const char *token;
	int ret;

	ret = ctl_ask(show->ctl, "token.get", params, &result);
	json_decref(params);
	if (ret != CTL_EXIT_OK)
		return ret;
	token = ctl_json_text(result, "token", "");
	if (token_is_uuid(token))
		strcpy(vf->token, token);
	else
		ret = ctl_fail(&show->ctl->error, CTL_EXIT_PROTOCOL,
				"%s: the daemon's answer has no token", vf->bdf);
	json_decref(result);

	return ret;
}

static int
get_tokens(struct ctl_show *show)
{
	size_t i;
	int ret;

	/* No core dump with a token in it. */
	prctl(PR_SET_DUMPABLE, 0);
	for (i = 0; i < show->nr_vfs; i++) {
		ret = get_token(show, &show->vfs[i]);
		if (ret != CTL_EXIT_OK)
			return ret;
	}

	return CTL_EXIT_OK;
}

/* ---- the file of --write ---- */

/* The absolute path of a file that need not be there. */
static char *
path_absolute(const char *path)
{
	const char *slash = strrchr(path, '/');
	char *directory, *real, *absolute = NULL;

	directory = slash == NULL ? strdup(".") :
			strndup(path, slash == path ? 1 : (size_t)(slash - path));
	if (directory == NULL)
		return NULL;
	real = realpath(directory, NULL);
	free(directory);
	if (real == NULL)
		return NULL;
	if (asprintf(&absolute, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
			slash != NULL ? slash + 1 : path) < 0)
		absolute = NULL;
	free(real);

	return absolute;
}

static int
write_failed(struct ctl_show *show, int err)
{
	return ctl_fail(&show->ctl->error, CTL_EXIT_LOCAL, "%s: cannot be written: %s", show->write,
			strerror(err));
}

/* Replaces the file as a whole: nobody reads half of it, or gets it with another's mode. */
static int
write_file(struct ctl_show *show, ctl_show_print *print)
{
	char temporary[PATH_MAX];
	FILE *out;
	int fd, err = 0;

	if (snprintf(temporary, sizeof(temporary), "%s.XXXXXX", show->write) >=
			(int)sizeof(temporary))
		return write_failed(show, ENAMETOOLONG);
	fd = mkstemp(temporary); /* mode 0600 */
	if (fd < 0)
		return write_failed(show, errno);
	out = fdopen(fd, "w");
	if (out == NULL) {
		err = errno;
		close(fd);
	} else {
		print(show, out, true);
		if (fflush(out) != 0 || ferror(out) != 0 || fsync(fd) != 0)
			err = errno;
		if (fclose(out) != 0 && err == 0)
			err = errno;
	}
	if (err == 0 && rename(temporary, show->write) != 0)
		err = errno;
	if (err != 0) {
		unlink(temporary);
		return write_failed(show, err);
	}

	return CTL_EXIT_OK;
}

/* ---- the command ---- */

static int
check_options(struct ctl_show *show, size_t consumer)
{
	struct ctl_error *error = &show->ctl->error;
	const char *path = ctl_json_text(show->ctl->local, "write", NULL);

	if (show->proposed && !consumers[consumer].proposed)
		return ctl_fail(error, CTL_EXIT_USAGE, "--proposed is for libvirt");
	if (path == NULL)
		return CTL_EXIT_OK;
	if (consumers[consumer].write == NULL)
		return ctl_fail(error, CTL_EXIT_USAGE, "--write: %s is told a socket, so there is no "
				"token to write", consumers[consumer].name);
	if (show->reveal)
		return ctl_fail(error, CTL_EXIT_USAGE, "--write and --reveal: one of them");
	show->write = path_absolute(path);
	if (show->write == NULL)
		return ctl_fail(error, CTL_EXIT_LOCAL, "%s: its directory: %s", path,
				strerror(errno));
	if (!path_is_plain(show->write))
		return ctl_fail(error, CTL_EXIT_USAGE, "--write: the path has characters that are "
				"not fit for a configuration");

	return CTL_EXIT_OK;
}

static void
note_ungranted(const struct ctl_show *show)
{
	const char *first = NULL;
	size_t i, nr = 0;

	for (i = 0; i < show->nr_vfs; i++) {
		if (json_array_size(ctl_json_list(show->vfs[i].vf, "grants")) > 0)
			continue;
		first = first != NULL ? first : show->vfs[i].bdf;
		nr++;
	}
	if (nr == 1)
		ctl_show_note("%s is granted to nobody, so the token socket will refuse: "
				"dpdk-sriovctl vf grant %s uid:N", first, first);
	else if (nr > 1)
		ctl_show_note("%zu VFs are granted to nobody, so the token socket will refuse: "
				"dpdk-sriovctl vf grant VF uid:N, for example for %s", nr, first);
}

static int
show_run(struct ctl_show *show, size_t consumer, json_t **status)
{
	json_t *params = json_object();
	int ret;

	ret = check_options(show, consumer);
	if (ret == CTL_EXIT_OK)
		ret = ctl_resolve(show->ctl, "device");
	if (ret == CTL_EXIT_OK)
		ret = ctl_ask(show->ctl, "status", params, status);
	json_decref(params);
	if (ret == CTL_EXIT_OK) {
		show->status = *status;
		ret = find_vfs(show, *status);
	}
	if (ret == CTL_EXIT_OK)
		ret = find_sockets(show);
	if (ret == CTL_EXIT_OK && (show->reveal || show->write != NULL))
		ret = get_tokens(show);
	if (ret == CTL_EXIT_OK && show->write != NULL)
		ret = write_file(show, consumers[consumer].write);
	if (ret != CTL_EXIT_OK)
		return ret;
	consumers[consumer].print(show, stdout, show->reveal);
	if (!show->reveal && show->write == NULL && strcmp(consumers[consumer].name, "qemu") != 0 &&
			strcmp(consumers[consumer].name, "libvirt") != 0)
		note_ungranted(show);

	return CTL_EXIT_OK;
}

int
ctl_run_show(struct ctl *ctl)
{
	const char *name = ctl_json_text(ctl->local, "for", "");
	struct ctl_show show = {
		.ctl = ctl,
		.reveal = ctl_json_true(ctl->local, "reveal"),
		.proposed = ctl_json_true(ctl->local, "proposed"),
	};
	json_t *status = NULL;
	size_t i;
	int ret;

	for (i = 0; i + 1 < NR_CONSUMERS && strcmp(consumers[i].name, name) != 0; i++)
		;
	ret = show_run(&show, i, &status);
	ctl_wipe_free(show.vfs);
	free(show.write);
	json_decref(status);

	return ret;
}
