/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef EAL_VFIO_TOKEN_TABLE_H
#define EAL_VFIO_TOKEN_TABLE_H

/**
 * @file
 * The table of entries, for the files that fill it and that choose from it.
 */

#include "eal_vfio_token_private.h"

/** An entry: where the token of a device, or of all others, comes from. In secret memory. */
struct vfio_token_entry {
	TAILQ_ENTRY(vfio_token_entry) next;
	unsigned int position; /**< of the option, from 1; 0: set by the application */
	bool has_bdf;          /**< false: the default, or a file or descriptor of lines */
	struct vfio_token_bdf bdf;
	enum rte_vfio_vf_token_source source;
	bool single; /**< file, descriptor: one UUID at the last read, not lines */
	char *arg;   /**< PATH, N or NAME; "" for a UUID or random. No secret */
	rte_uuid_t token; /**< UUID, env */
	/** fd: what was read; file: only while a choice is made; else NULL. */
	struct vfio_token_content *content;
};

TAILQ_HEAD(vfio_token_entries, vfio_token_entry);

struct vfio_token_entries *vfio_token_table_lock(void);
void vfio_token_table_unlock(void);

/** Position of the option that is being taken. */
unsigned int vfio_token_table_option_next(void);

/** Make an entry and load its source. 0 or a negative errno with @p err filled. */
int vfio_token_entry_make(const struct vfio_token_spec *spec, unsigned int position,
		struct vfio_token_entry **out, struct vfio_token_error *err);
void vfio_token_entry_free(struct vfio_token_entry *entry);

/* The following need the lock. */

/** An entry of the default, and not lines for several devices. */
bool vfio_token_entry_is_default(const struct vfio_token_entry *entry);
/** Insert; the table owns it on success. One of position 0 replaces, and cannot fail. */
int vfio_token_table_add(struct vfio_token_entry *entry, struct vfio_token_error *err);
/** Remove the entry of a device, or the default and the application's lines. 0 or -ENOENT. */
int vfio_token_table_remove(bool has_bdf, const struct vfio_token_bdf *bdf);
/** Remove what options brought. */
void vfio_token_table_options_drop(void);

/** Read the files of lines into their entries. 0, or the first failure. */
int vfio_token_table_files_load(struct vfio_token_error *err);
/** Wipe what vfio_token_table_files_load() read. */
void vfio_token_table_files_drop(void);

/** Where a choice was found: an entry, and a line of its content or NULL. */
struct vfio_token_match {
	const struct vfio_token_entry *entry;
	const struct vfio_token_content_line *line;
};

/**
 * Find what names a device, in entries and in the lines of loaded files.
 *
 * @return 0 (entry NULL when nothing does), or -EEXIST with both places in @p err.
 */
int vfio_token_table_find(const struct vfio_token_bdf *bdf, struct vfio_token_match *match,
		struct vfio_token_error *err);
/** Describe a place for messages: "option 2 (file:/run/x line 3)". */
void vfio_token_match_describe(const struct vfio_token_match *match, char *text, size_t size);

#endif /* EAL_VFIO_TOKEN_TABLE_H */
