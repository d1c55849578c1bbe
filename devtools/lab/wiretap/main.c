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
#include <unistd.h>

#include "wiretap.h"

#define ENDPOINTS_MAX	16
#define TIMEOUT_S	60
#define POLL_MS		1
/* With --stop: time after the last frame in which nothing more may come. */
#define QUIET_NS	UINT64_C(300000000)

enum status {
	STATUS_DONE,
	STATUS_INCOMPLETE,
	STATUS_USAGE,
	STATUS_SETUP,
};

struct options {
	uint64_t timeout_ns;
	/* Files whose appearance begins and ends it, or NULL. */
	const char *go, *stop;
	/* File of traffic_pace.h, or NULL. */
	const char *pace;
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
	fputs("Usage: wiretap [--timeout SECONDS] [--go FILE] [--stop FILE] [--pace FILE]\n"
		"               ENDPOINT...\n"
		"\n"
		"ENDPOINT is ROLE:KEY=VALUE[,KEY=VALUE...], ROLE inject or capture:\n"
		"  if=NAME         the interface\n"
		"  tapfd=N         the TAP behind an inherited descriptor, instead of a name\n"
		"  file=PATH       pcap file to inject, or to write what is captured to\n"
		"  count=N         frames until it is done (inject: the file again and again;\n"
		"                  without: the file once, or capture until the time is up)\n"
		"  rate=N          inject N frames a second\n"
		"  ethertype=N     capture only these, behind VLAN tags\n"
		"  promisc=0       capture without promiscuous mode\n"
		"  stream=N        numbered frames, as traffic_autotest of dpdk-test has them: to\n"
		"                  send in place of a file, or to capture, each once and intact\n"
		"  vlan=N          their 802.1Q tag (none unless given)\n"
		"  dst=MAC, src=MAC, size=BYTES\n"
		"                  of those that are sent (broadcast, the interface's address, 60)\n"
		"\n"
		"Says \"ready\" when all endpoints are open, \"all sent\" when nothing is left to\n"
		"inject, ends when all are done or after the timeout (default 60), and prints a\n"
		"line for each. Injects from when the file of --go is there. With --stop it goes\n"
		"on until that file is there and no frame has come for 0.3 s. With --pace streams\n"
		"are counted in that file, and sent only a window ahead of their receiver's\n"
		"count in it. Exit status: 0 all done, 1 not all, 2 wrong arguments, 3 an\n"
		"endpoint could not be set up.\n", stream);
}

static uint64_t
now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * UINT64_C(1000000000) + now.tv_nsec;
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static bool
all_done(const struct wiretap_endpoint *endpoints, unsigned int nb, bool injected_only)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (!endpoints[i].done && (!injected_only ||
				endpoints[i].spec.role == WIRETAP_INJECT))
			return false;
	return true;
}

static bool
is_quiet(const struct wiretap_endpoint *endpoints, unsigned int nb, uint64_t now)
{
	unsigned int i;

	for (i = 0; i < nb; i++)
		if (now - endpoints[i].active_ns < QUIET_NS)
			return false;
	return true;
}

/* Capture without a count goes on until the time is up, or a signal comes. */
static bool
is_finished(const struct wiretap_endpoint *endpoints, unsigned int nb,
		const struct options *options)
{
	if (options->stop != NULL)
		return is_there(options->stop) && is_quiet(endpoints, nb, now_ns());
	return all_done(endpoints, nb, false);
}

static int
run(struct wiretap_endpoint *endpoints, unsigned int nb, const struct options *options)
{
	const uint64_t end = now_ns() + options->timeout_ns;
	bool go = options->go == NULL, sent = false;
	struct pollfd fds[ENDPOINTS_MAX];
	unsigned int i;
	uint64_t now;
	int ret;

	while (!stopped && !is_finished(endpoints, nb, options) && (now = now_ns()) < end) {
		go = go || is_there(options->go);
		if (!sent && all_done(endpoints, nb, true)) {
			sent = true;
			puts("all sent");
			fflush(stdout);
		}
		for (i = 0; i < nb; i++) {
			if (!go && endpoints[i].spec.role == WIRETAP_INJECT)
				ret = 0;
			else
				ret = wiretap_run(&endpoints[i], now);
			if (ret != 0)
				return ret;
			fds[i] = (struct pollfd){
				.fd = endpoints[i].spec.role == WIRETAP_CAPTURE &&
						(!endpoints[i].done || options->stop != NULL) ?
						endpoints[i].fd : -1,
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
	const struct wiretap_stream *stream = &spec->stream;

	if (stream->number != 0 && capture)
		printf("stream %u: received %" PRIu64 " of %" PRIu64 ", duplicate %" PRIu64
				", corrupt %" PRIu64 ", wrong VLAN %" PRIu64 "\n", stream->number,
				endpoint->frames, spec->count, stream->duplicate, stream->corrupt,
				stream->vlan_wrong);
	else if (stream->number != 0)
		printf("stream %u: sent %" PRIu64 " of %" PRIu64 "\n", stream->number,
				endpoint->frames, spec->count);
	printf("%s %s: %" PRIu64 " frames, %" PRIu64 " bytes", capture ? "capture" : "inject",
			spec->interface, endpoint->frames, endpoint->bytes);
	if (capture)
		printf(", %" PRIu64 " lost", endpoint->lost);
	if (spec->count != 0)
		printf(", of %" PRIu64, spec->count);
	putchar('\n');
	return wiretap_is_complete(endpoint);
}

static int
set_up(struct wiretap_endpoint *endpoints, int argc, char **argv, const struct options *options)
{
	struct wiretap_spec specs[ENDPOINTS_MAX];
	traffic_pace_counts *received = NULL;
	int i;

	if (options->pace != NULL) {
		received = traffic_pace_map(options->pace);
		if (received == NULL) {
			fprintf(stderr, "wiretap: --pace %s: %s\n", options->pace, strerror(errno));
			return STATUS_SETUP;
		}
	}

	for (i = 0; i < argc; i++)
		if (wiretap_parse(argv[i], &specs[i]) != 0)
			return STATUS_USAGE;
	for (i = 0; i < argc; i++) {
		if (wiretap_open(&endpoints[i], &specs[i]) != 0)
			break;
		if (specs[i].stream.number != 0)
			endpoints[i].received = received;
	}
	if (i == argc)
		return STATUS_DONE;
	while (i-- > 0)
		wiretap_close(&endpoints[i]);
	return STATUS_SETUP;
}

/* Returns the number of options, or a negative value. */
static int
parse_options(int argc, char **argv, struct options *parsed)
{
	static const struct option options[] = {
		{ "timeout", required_argument, NULL, 't' },
		{ "go", required_argument, NULL, 'g' },
		{ "stop", required_argument, NULL, 's' },
		{ "pace", required_argument, NULL, 'p' },
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
		if (c == 'g')
			parsed->go = optarg;
		else if (c == 's')
			parsed->stop = optarg;
		else if (c == 'p')
			parsed->pace = optarg;
		else if (c != 't')
			return -EINVAL;
		if (c != 't')
			continue;
		seconds = strtoul(optarg, &end, 10);
		if (end == optarg || *end != '\0' || seconds == 0 || seconds > 86400) {
			fprintf(stderr, "wiretap: --timeout %s: 1 to 86400 seconds\n", optarg);
			return -EINVAL;
		}
	}
	parsed->timeout_ns = seconds * UINT64_C(1000000000);
	return optind;
}

int
main(int argc, char **argv)
{
	static struct wiretap_endpoint endpoints[ENDPOINTS_MAX];
	const struct sigaction action = { .sa_handler = on_signal };
	int first, nb, i, ret, status = STATUS_DONE;
	struct options options = { 0 };

	first = parse_options(argc, argv, &options);
	nb = argc - first;
	if (first < 0 || nb < 1 || nb > ENDPOINTS_MAX) {
		usage(stderr);
		return STATUS_USAGE;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	ret = set_up(endpoints, nb, argv + first, &options);
	if (ret != STATUS_DONE)
		return ret;
	puts("ready");
	fflush(stdout);

	if (run(endpoints, nb, &options) != 0)
		status = STATUS_INCOMPLETE;
	for (i = 0; i < nb; i++) {
		if (wiretap_close(&endpoints[i]) != 0 || !report(&endpoints[i]))
			status = STATUS_INCOMPLETE;
	}
	return status;
}
