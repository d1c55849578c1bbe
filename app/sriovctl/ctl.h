/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#ifndef CTL_H
#define CTL_H

/**
 * @file
 * dpdk-sriovctl: the command line of dpdk-sriovd. One run is one command: the arguments are read
 * along the table of ctl_command.c, sent to the daemon as one request of the control protocol
 * (doc/guides/control_socket.rst), and its replies are printed. There is one thread, and no EAL.
 */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

/** Where the daemon listens unless told otherwise. */
#define CTL_SOCKET_DEFAULT "/run/dpdk/sriov/control.sock"

/** Exit statuses. They are listed in ctl_help.c, and in the man page. */
enum ctl_exit {
	CTL_EXIT_OK = 0,
	CTL_EXIT_FAILED = 1,      /**< the daemon refused or failed, or there is no such device */
	CTL_EXIT_USAGE = 2,
	CTL_EXIT_UNREACHABLE = 3, /**< no daemon, or it may not be talked to */
	CTL_EXIT_FINDINGS = 4,    /**< doctor has found failures */
	CTL_EXIT_TIMEOUT = 5,     /**< no answer in time; what was asked for may still happen */
	CTL_EXIT_PROTOCOL = 6,    /**< an answer that is not of the protocol */
	CTL_EXIT_LOCAL = 7,       /**< something of this machine: memory, a file, the output */
};

/** A failure, for ctl_error_print(). */
struct ctl_error {
	enum ctl_exit status;
	char name[16];     /**< of the errno, for example "EBUSY"; "" for none */
	char device[40];   /**< "" for none */
	char text[1024];
	char remedy[512];  /**< "" when not known */
	json_t *holders;   /**< owned; an array of the protocol's HOLDER, or NULL */
};

struct ctl_command;

/** A run. */
struct ctl {
	const struct ctl_command *command;
	json_t *params;         /**< what goes to the daemon */
	json_t *local;          /**< what this program needs itself */
	const char *socket;
	unsigned int timeout_s; /**< 0: the command's own */
	bool dry_run;
	bool json;
	bool verbose;
	bool help;              /**< print the command's help and nothing else */
	struct ctl_error error;
};

/* ---- ctl_error.c ---- */

/**
 * Fill an error, without a device. The status is also what is returned.
 */
int ctl_fail(struct ctl_error *error, enum ctl_exit status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/** Add what to do about it. */
void ctl_remedy(struct ctl_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/** Print an error to stderr and, with --json, as an object to stdout. */
void ctl_error_print(const struct ctl *ctl);
/** Free what an error holds, and empty it. */
void ctl_error_clear(struct ctl_error *error);

/* ---- ctl_output.c ---- */

/** Print text of the daemon's: a control character, which could steer a terminal, becomes '?'. */
void ctl_puts_safe(FILE *out, const char *text);
/** Format, then ctl_puts_safe(). */
void ctl_printf_safe(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
/**
 * Print text in lines of up to @p width columns to stdout, all but the first indented.
 *
 * @param column
 *   Where the first line starts, after what is printed already.
 */
void ctl_wrap(const char *text, int column, int indent, int width);
/** Print a JSON value to stdout, on several lines or (compact) on one. */
void ctl_json_print(const json_t *value, bool compact);
/** Show how far the daemon is: on a terminal, or with --verbose. */
void ctl_progress_show(const struct ctl *ctl, const char *text, json_int_t done, json_int_t total);
/** End the line of ctl_progress_show(), before other output. */
void ctl_progress_end(void);
/** Flush stdout: what was not written is an error. */
int ctl_output_finish(struct ctl *ctl);

/* ---- ctl_json.c ---- */

/** A string of an object, or @p missing. */
const char *ctl_json_text(const json_t *object, const char *key, const char *missing);
/** An integer of an object, or @p missing. */
json_int_t ctl_json_number(const json_t *object, const char *key, json_int_t missing);
/** Is a boolean of an object there and true? */
bool ctl_json_true(const json_t *object, const char *key);
/** An array of an object; NULL, which jansson takes for an empty one, for anything else. */
const json_t *ctl_json_list(const json_t *object, const char *key);
/** Free memory after overwriting it, since what the daemon tells may be a token. */
void ctl_wipe_free(void *memory);

/* ---- ctl_bdf.c ---- */

/** "DDDDDDDD:BB:DD.F" and its NUL. */
#define CTL_BDF_SIZE 17

/** Parts of a PCI address. */
struct ctl_bdf {
	uint32_t domain;
	unsigned int bus, device, function;
};

/**
 * Parse "DDDD:BB:DD.F" or "BB:DD.F".
 *
 * @return
 *   Whether all of @p len bytes are an address.
 */
bool ctl_bdf_parse(const char *text, size_t len, struct ctl_bdf *bdf);
/** Write an address as the kernel does. */
void ctl_bdf_format(const struct ctl_bdf *bdf, char text[CTL_BDF_SIZE]);

/* ---- ctl_parse.c ---- */

/** Read the arguments into a run; on failure its error is filled. */
int ctl_parse(struct ctl *ctl, int argc, char **argv);

/* ---- ctl_request.c ---- */

/**
 * Ask the daemon, and wait for its last reply.
 *
 * @param method
 *   Of the protocol.
 * @param params
 *   Borrowed; NULL for none.
 * @param[out] result
 *   The result, for the caller to json_decref().
 * @return
 *   CTL_EXIT_OK, or another status with the run's error filled.
 */
int ctl_ask(struct ctl *ctl, const char *method, json_t *params, json_t **result);
/** Run a command that is one request. */
int ctl_run_request(struct ctl *ctl);
/** Replace PF/INDEX under @p key of the parameters by the VF's address. */
int ctl_resolve(struct ctl *ctl, const char *key);
/** Run a command that is one request, and whose timeout the daemon is told. */
int ctl_run_patient(struct ctl *ctl);

/* ---- other commands ---- */

int ctl_run_doctor(struct ctl *ctl);
int ctl_run_status(struct ctl *ctl);
int ctl_run_show(struct ctl *ctl);
int ctl_run_completion(struct ctl *ctl);
int ctl_run_help(struct ctl *ctl);
int ctl_run_hello(struct ctl *ctl);
int ctl_run_rotate(struct ctl *ctl);

#endif /* CTL_H */
