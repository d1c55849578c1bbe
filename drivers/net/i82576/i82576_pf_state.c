/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_atomic.h>
#include <rte_string_fns.h>

#include "i82576_pf_state.h"

#define BOOT_ID_PATH "/proc/sys/kernel/random/boot_id"

static void
boot_id_read(char *id, size_t size)
{
	int fd = open(BOOT_ID_PATH, O_RDONLY | O_CLOEXEC);
	ssize_t got = fd >= 0 ? read(fd, id, size - 1) : 0;

	if (fd >= 0)
		close(fd);
	memset(id + RTE_MAX(got, 0), 0, size - RTE_MAX(got, 0));
	id[strcspn(id, "\n")] = '\0';
}

/* Notices a slot that was written in part. Fletcher's sum, of words. */
static uint64_t
body_sum(const struct i82576_pf_state_body *body, uint64_t sequence)
{
	const uint8_t *bytes = (const uint8_t *)body;
	uint64_t low = sequence, high = 0, word;
	size_t i;

	for (i = 0; i < sizeof(*body); i += sizeof(word)) {
		word = 0;
		memcpy(&word, bytes + i, RTE_MIN(sizeof(word), sizeof(*body) - i));
		low += word;
		high += low;
	}
	return low ^ (high << 1 | high >> 63);
}

static int
fail(struct i82576_pf *pf, const char *path, int err, const char *remedy)
{
	I82576_LOG(ERR, init, i82576_pf_hw(pf), "state file %s cannot be used: %s (%d): %s", path,
		strerror(err), err, remedy);
	return -err;
}

/* Whether the file is fit to be trusted. Returns NULL, or what is wrong. */
static const char *
file_check(int fd)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return "it must be a regular file";
	if (st.st_uid != geteuid() && st.st_uid != 0)
		return "it must belong to the user that the process runs as, or to root";
	if ((st.st_mode & 077) != 0)
		return "nobody else may have rights to it: chmod 600";
	return NULL;
}

/* Gives the file its size. Returns 0 or a positive errno. */
static int
file_resize(int fd, size_t bytes)
{
	struct stat st;
	int ret;

	if (fstat(fd, &st) != 0)
		return errno;
	if (st.st_size != 0 && (size_t)st.st_size != bytes && ftruncate(fd, 0) != 0)
		return errno;
	/* With all its pages: one that is missing later would be a SIGBUS. */
	do {
		ret = posix_fallocate(fd, 0, bytes);
	} while (ret == EINTR);
	return ret;
}

int
i82576_pf_state_open(struct i82576_pf *pf, const char *path)
{
	struct i82576_pf_state *state;
	const char *wrong;
	void *map;
	int ret;

	state = calloc(1, sizeof(*state));
	if (state == NULL)
		return -ENOMEM;
	boot_id_read(state->boot_id, sizeof(state->boot_id));
	state->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (state->fd < 0) {
		ret = fail(pf, path, errno, "its directory must exist, on a tmpfs such as /run");
		goto err_state;
	}
	wrong = file_check(state->fd);
	if (wrong != NULL) {
		ret = fail(pf, path, EPERM, wrong);
		goto err_fd;
	}
	if (flock(state->fd, LOCK_EX | LOCK_NB) != 0) {
		ret = fail(pf, path, EBUSY, "another process uses it: each PF needs its own");
		goto err_fd;
	}
	ret = file_resize(state->fd, sizeof(*state->file));
	if (ret != 0) {
		ret = fail(pf, path, ret, "there must be room for it");
		goto err_fd;
	}
	map = mmap(NULL, sizeof(*state->file), PROT_READ | PROT_WRITE, MAP_SHARED, state->fd, 0);
	if (map == MAP_FAILED) {
		ret = fail(pf, path, errno, "it cannot be mapped");
		goto err_fd;
	}
	state->file = map;
	pf->state = state;
	return 0;

err_fd:
	close(state->fd);
err_state:
	free(state);
	return ret;
}

void
i82576_pf_state_close(struct i82576_pf *pf)
{
	if (pf->state == NULL)
		return;
	munmap(pf->state->file, sizeof(*pf->state->file));
	close(pf->state->fd);
	free(pf->state);
	pf->state = NULL;
}

static void
body_fill(const struct i82576_pf *pf, struct i82576_pf_state_body *body)
{
	unsigned int i;

	/* One that was left running, and is not started yet, can be left again. */
	body->running = (pf->running || pf->warm) && pf->pool_mode;
	body->local_switch = pf->local_switch;
	body->uta_set = pf->uta_set;
	rte_strscpy(body->device, pf->port.data->name, sizeof(body->device));
	rte_strscpy(body->boot_id, pf->state->boot_id, sizeof(body->boot_id));
	body->eeprom_mac = pf->eeprom_mac;
	body->num_vfs = pf->num_vfs;
	body->link_told = pf->link_told;
	memcpy(body->mirror, pf->mirror, sizeof(body->mirror));
	for (i = 0; i < I82576_MAX_VFS; i++) {
		const struct i82576_pf_vf *vf = &pf->vfs[i];
		struct i82576_pf_state_vf *to = &body->vfs[i];

		to->policy = vf->policy;
		to->live = vf->live;
		to->stats = vf->stats;
		memcpy(to->last, vf->last, sizeof(to->last));
		to->ping_waiting = vf->mbx.ping_waiting;
		to->request_pending = vf->mbx.request_pending;
		memcpy(to->request, vf->mbx.request, sizeof(to->request));
	}
}

void
i82576_pf_state_save(struct i82576_pf *pf)
{
	struct i82576_pf_state *state = pf->state;
	struct i82576_pf_state_slot *slot;

	if (state == NULL)
		return;
	body_fill(pf, &state->body);
	if (state->sequence == 0) {
		memset(state->file, 0, sizeof(*state->file));
		memcpy(state->file->magic, I82576_PF_STATE_MAGIC, sizeof(state->file->magic));
		state->file->version = I82576_PF_STATE_VERSION;
		state->file->bytes = sizeof(*state->file);
	}
	state->sequence++;
	slot = &state->file->slots[state->sequence % RTE_DIM(state->file->slots)];
	/* A process may be killed between any two stores; that of the sequence is the last one. */
	*(volatile uint64_t *)&slot->sequence = 0;
	rte_smp_wmb();
	memcpy(&slot->body, &state->body, sizeof(slot->body));
	slot->sum = body_sum(&slot->body, state->sequence);
	rte_smp_wmb();
	*(volatile uint64_t *)&slot->sequence = state->sequence;
}

/* Numbers that are used as an index or written to a register. */
static bool
vf_is_sane(const struct i82576_pf_state_vf *vf)
{
	const struct i82576_pf_vf_policy *policy = &vf->policy;
	const struct i82576_pf_vf_live *live = &vf->live;
	unsigned int i;

	for (i = 0; i < RTE_MIN(live->nb_hashes, RTE_DIM(live->hashes)); i++)
		if (live->hashes[i] > 0xfff)
			return false;
	return live->nb_filters <= RTE_DIM(live->filters) &&
		live->nb_hashes <= RTE_DIM(live->hashes) &&
		live->max_frame <= I82576_MAX_FRAME_BYTES &&
		policy->max_frame <= I82576_MAX_FRAME_BYTES &&
		policy->port_vlan < RTE_ETHER_MAX_VLAN_ID && policy->port_vlan_pcp <= 7 &&
		policy->vlan_insert <= RTE_ETHER_MAX_VLAN_ID && policy->rate_mbps <= 1000 &&
		(unsigned int)policy->strip <= RTE_PMD_I82576_VF_STRIP_OFF &&
		(unsigned int)policy->link <= RTE_PMD_I82576_VF_LINK_DOWN;
}

static bool
body_is_sane(const struct i82576_pf_state_body *body)
{
	unsigned int i;

	if (body->num_vfs > I82576_MAX_VFS || !rte_is_valid_assigned_ether_addr(&body->eeprom_mac))
		return false;
	for (i = 0; i < I82576_MAX_VFS; i++)
		if (!vf_is_sane(&body->vfs[i]))
			return false;
	for (i = 0; i < RTE_PMD_I82576_MIRROR_RULES; i++) {
		const struct rte_pmd_i82576_mirror_rule *rule = &body->mirror[i];

		if (rule->types > 0xf || rule->nb_vlans > RTE_DIM(rule->vlans) ||
				(rule->target != RTE_PMD_I82576_MIRROR_PF &&
					rule->target >= I82576_MAX_VFS))
			return false;
	}
	return true;
}

/* The newer slot that is whole, or NULL. */
static const struct i82576_pf_state_slot *
slot_find(const struct i82576_pf_state_file *file)
{
	const struct i82576_pf_state_slot *slot, *found = NULL;
	unsigned int i;

	for (i = 0; i < RTE_DIM(file->slots); i++) {
		slot = &file->slots[i];
		if (slot->sequence != 0 && slot->sum == body_sum(&slot->body, slot->sequence) &&
				(found == NULL || slot->sequence > found->sequence))
			found = slot;
	}
	return found;
}

static void
body_take(struct i82576_pf *pf, const struct i82576_pf_state_body *body)
{
	unsigned int i;

	pf->local_switch = body->local_switch;
	pf->uta_set = body->uta_set;
	pf->eeprom_mac = body->eeprom_mac;
	pf->num_vfs = body->num_vfs;
	pf->link_told = body->link_told;
	memcpy(pf->mirror, body->mirror, sizeof(pf->mirror));
	for (i = 0; i < I82576_MAX_VFS; i++) {
		const struct i82576_pf_state_vf *from = &body->vfs[i];
		struct i82576_pf_vf *vf = &pf->vfs[i];

		vf->policy = from->policy;
		vf->live = from->live;
		vf->stats = from->stats;
		memcpy(vf->last, from->last, sizeof(vf->last));
		i82576_pf_mbx_start(pf, i);
		vf->mbx.ping_waiting = from->ping_waiting;
		vf->mbx.request_pending = from->request_pending;
		memcpy(vf->mbx.request, from->request, sizeof(vf->mbx.request));
	}
	pf->policy_set = true;
}

const char *
i82576_pf_state_load(struct i82576_pf *pf)
{
	const struct i82576_pf_state_file *file = pf->state->file;
	static const char zero[sizeof(file->magic)];
	const struct i82576_pf_state_slot *slot;

	if (memcmp(file->magic, zero, sizeof(zero)) == 0)
		return "it is empty";
	if (memcmp(file->magic, I82576_PF_STATE_MAGIC, sizeof(file->magic)) != 0)
		return "it is no state of an 82576";
	if (file->version != I82576_PF_STATE_VERSION || file->bytes != sizeof(*file))
		return "it is of another version of the driver";
	slot = slot_find(file);
	if (slot == NULL || !body_is_sane(&slot->body))
		return "it is damaged";
	if (strncmp(slot->body.device, pf->port.data->name, sizeof(slot->body.device)) != 0)
		return "it is of another device";
	if (strncmp(slot->body.boot_id, pf->state->boot_id, sizeof(slot->body.boot_id)) != 0)
		return "it is from before the last boot";
	if (!slot->body.running || slot->body.num_vfs == 0)
		return "the device was stopped, or had no VFs";
	body_take(pf, &slot->body);
	pf->state->sequence = slot->sequence;
	return NULL;
}
