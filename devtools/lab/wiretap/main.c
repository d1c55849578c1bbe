/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

/* Injects and captures Ethernet frames on interfaces of the kernel: the wire's end of a test. */

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "wiretap.h"

#define ENDPOINTS_MAX	16
#define TIMEOUT_S	60
#define POLL_MS		1

enum status {
	STATUS_DONE,
	STATUS_INCOMPLETE,
	STATUS_USAGE,
	STATUS_SETUP,
};

static volatile sig_atomic_t stopped;

static void
on_signal(int signum)
{
	(void)signum;
	stopped = 1;
}

static void
usage(FILE *stream)
{
	fputs("Usage: wiretap [--timeout SECONDS] ENDPOINT...\n"
		"\n"
		"ENDPOINT is ROLE:KEY=VALUE[,KEY=VALUE...], ROLE inject or capture:\n"
		"  if=NAME         the interface\n"
		"  tapfd=N         the TAP behind an inherited descriptor, instead of a name\n"
		"  file=PATH       pcap file to inject, or to write what is captured to\n"
		"  count=N         frames until it is done (inject: the file again and again;\n"
		"                  without: the file once, or capture until the time is up)\n"
		"  rate=N          inject N frames a second\n"
		"  ethertype=N     capture only these, behind VLAN tags\n"
		"\n"
		"Says \"ready\" when all endpoints are open, ends when all are done or after the\n"
		"timeout (default 60), and prints a line for each. Exit status: 0 all done, 1 not\n"
		"all, 2 wrong arguments, 3 an endpoint could not be set up.\n", stream);
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

/* Capture without a count goes on until the time is up, or a signal comes. */
static bool
is_finished(const struct wiretap_endpoint *endpoints, unsigned int nb)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (!endpoints[i].done)
			return false;
	return true;
}

static int
run(struct wiretap_endpoint *endpoints, unsigned int nb, uint64_t timeout_ns)
{
	const uint64_t end = now_ns() + timeout_ns;
	struct pollfd fds[ENDPOINTS_MAX];
	unsigned int i;
	uint64_t now;
	int ret;

	while (!stopped && !is_finished(endpoints, nb) && (now = now_ns()) < end) {
		for (i = 0; i < nb; i++) {
			ret = wiretap_run(&endpoints[i], now);
			if (ret != 0)
				return ret;
			fds[i] = (struct pollfd){
				.fd = endpoints[i].spec.role == WIRETAP_CAPTURE &&
						!endpoints[i].done ? endpoints[i].fd : -1,
				.events = POLLIN,
			};
		}
		(void)poll(fds, nb, POLL_MS);
	}
	return 0;
}

static bool
report(const struct wiretap_endpoint *endpoint)
{
	const struct wiretap_spec *spec = &endpoint->spec;
	const bool capture = spec->role == WIRETAP_CAPTURE;

	printf("%s %s: %" PRIu64 " frames, %" PRIu64 " bytes", capture ? "capture" : "inject",
			spec->interface, endpoint->frames, endpoint->bytes);
	if (capture)
		printf(", %" PRIu64 " lost", endpoint->lost);
	if (spec->count != 0)
		printf(", of %" PRIu64, spec->count);
	putchar('\n');
	return endpoint->done || (capture && spec->count == 0);
}

static int
set_up(struct wiretap_endpoint *endpoints, int argc, char **argv)
{
	struct wiretap_spec specs[ENDPOINTS_MAX];
	int i;

	for (i = 0; i < argc; i++)
		if (wiretap_parse(argv[i], &specs[i]) != 0)
			return STATUS_USAGE;
	for (i = 0; i < argc; i++)
		if (wiretap_open(&endpoints[i], &specs[i]) != 0)
			break;
	if (i == argc)
		return STATUS_DONE;
	while (i-- > 0)
		wiretap_close(&endpoints[i]);
	return STATUS_SETUP;
}

/* Returns the number of options, or a negative value. */
static int
parse_options(int argc, char **argv, uint64_t *timeout_ns)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' },
		{ 0 },
	};
	unsigned long seconds = TIMEOUT_S;
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'h') {
			usage(stdout);
			exit(STATUS_DONE);
		}
		if (c != 't')
			return -EINVAL;
		seconds = strtoul(optarg, &end, 10);
		if (end == optarg || *end != '\0' || seconds == 0 || seconds > 86400) {
			fprintf(stderr, "wiretap: --timeout %s: 1 to 86400 seconds\n", optarg);
			return -EINVAL;
		}
	}
	*timeout_ns = seconds * UINT64_C(1000000000);
	return optind;
}

int
main(int argc, char **argv)
{
	static struct wiretap_endpoint endpoints[ENDPOINTS_MAX];
	const struct sigaction action = { .sa_handler = on_signal };
	int first, nb, i, ret, status = STATUS_DONE;
	uint64_t timeout_ns = 0;

	first = parse_options(argc, argv, &timeout_ns);
	nb = argc - first;
	if (first < 0 || nb < 1 || nb > ENDPOINTS_MAX) {
		usage(stderr);
		return STATUS_USAGE;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	ret = set_up(endpoints, nb, argv + first);
	if (ret != STATUS_DONE)
		return ret;
	puts("ready");
	fflush(stdout);

	if (run(endpoints, nb, timeout_ns) != 0)
		status = STATUS_INCOMPLETE;
	for (i = 0; i < nb; i++) {
		if (wiretap_close(&endpoints[i]) != 0 || !report(&endpoints[i]))
			status = STATUS_INCOMPLETE;
	}
	return status;
}
