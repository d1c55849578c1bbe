/* SPDX-License-Identifier: BSD-3-Clause
 * Copyright(c) 2026 The dpdk-sriov authors
 */

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "wiretap.h"

/* Room for what arrives while another endpoint is served. */
#define SOCKET_BUFFER_BYTES	(64 << 20)
/* With a rate: frames that may follow at once because they are late. */
#define FRAMES_LATE_MAX		16
/* Frames at most in one turn, so that no endpoint keeps another waiting. */
#define FRAMES_A_TURN		256
#define NS_A_SECOND		1000000000ull

/* Prints the failed step with the interface and the cause, and returns -errno. */
static int
failed(const struct wiretap_endpoint *endpoint, const char *step)
{
	int ret = errno != 0 ? -errno : -EIO;

	fprintf(stderr, "wiretap: %s: %s: %s\n", endpoint->spec.interface, step, strerror(-ret));
	return ret;
}

static int
failed_file(const struct wiretap_endpoint *endpoint, const char *cause)
{
	fprintf(stderr, "wiretap: %s: file %s: %s\n", endpoint->spec.interface,
			endpoint->spec.path, cause);
	return -EIO;
}

/* The name of a TAP, which may have been moved or renamed since it was made. */
static int
resolve_tap(struct wiretap_endpoint *endpoint)
{
	struct ifreq request = { 0 };

	if (ioctl(endpoint->spec.tap_fd, TUNGETIFF, &request) != 0) {
		snprintf(endpoint->spec.interface, sizeof(endpoint->spec.interface), "tapfd=%d",
				endpoint->spec.tap_fd);
		return failed(endpoint, "no TAP behind this descriptor");
	}
	memcpy(endpoint->spec.interface, request.ifr_name, sizeof(request.ifr_name));
	return 0;
}

static int
open_socket(struct wiretap_endpoint *endpoint)
{
	const int on = 1, bytes = SOCKET_BUFFER_BYTES;
	const bool capture = endpoint->spec.role == WIRETAP_CAPTURE;
	struct packet_mreq promiscuous = { .mr_type = PACKET_MR_PROMISC };
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		/* One that only sends gets no frames that it would have to throw away. */
		.sll_protocol = capture ? htons(ETH_P_ALL) : 0,
	};

	endpoint->fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (endpoint->fd < 0)
		return failed(endpoint, "packet socket (needs CAP_NET_RAW)");
	address.sll_ifindex = if_nametoindex(endpoint->spec.interface);
	if (address.sll_ifindex == 0)
		return failed(endpoint, "no such interface in this network namespace");
	if (capture) {
		/* Before the first frame. Without CAP_NET_ADMIN less room is no error. */
		(void)setsockopt(endpoint->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes));
		if (setsockopt(endpoint->fd, SOL_PACKET, PACKET_AUXDATA, &on, sizeof(on)) != 0)
			return failed(endpoint, "PACKET_AUXDATA, for VLAN tags");
		promiscuous.mr_ifindex = address.sll_ifindex;
		if (endpoint->spec.promiscuous && setsockopt(endpoint->fd, SOL_PACKET,
				PACKET_ADD_MEMBERSHIP, &promiscuous, sizeof(promiscuous)) != 0)
			return failed(endpoint, "promiscuous mode");
	}
	if (bind(endpoint->fd, (struct sockaddr *)&address, sizeof(address)) != 0)
		return failed(endpoint, "bind");
	return 0;
}

/* Memory for a stream that is received, and the address from which one is sent. */
static int
open_stream(struct wiretap_endpoint *endpoint)
{
	struct wiretap_stream *stream = &endpoint->spec.stream;
	struct ifreq request = { 0 };

	if (endpoint->spec.role == WIRETAP_CAPTURE) {
		stream->nb = endpoint->spec.count;
		stream->seen = calloc(stream->nb / 64 + 1, sizeof(*stream->seen));
		return stream->seen == NULL ? failed(endpoint, "memory for a stream") : 0;
	}
	if (endpoint->spec.has_src)
		return 0;
	memcpy(request.ifr_name, endpoint->spec.interface, sizeof(request.ifr_name));
	if (ioctl(endpoint->fd, SIOCGIFHWADDR, &request) != 0)
		return failed(endpoint, "no address of the interface");
	memcpy(stream->src, request.ifr_hwaddr.sa_data, sizeof(stream->src));
	return 0;
}

static int
open_file(struct wiretap_endpoint *endpoint)
{
	char error[PCAP_ERRBUF_SIZE] = "";

	if (endpoint->spec.path == NULL)
		return 0;
	if (endpoint->spec.role == WIRETAP_INJECT) {
		endpoint->file = pcap_open_offline(endpoint->spec.path, error);
		if (endpoint->file == NULL)
			return failed_file(endpoint, error);
		if (pcap_datalink(endpoint->file) != DLT_EN10MB)
			return failed_file(endpoint, "does not hold Ethernet frames");
		return 0;
	}
	endpoint->file = pcap_open_dead(DLT_EN10MB, WIRETAP_FRAME_MAX);
	if (endpoint->file == NULL)
		return failed_file(endpoint, "out of memory");
	endpoint->dump = pcap_dump_open(endpoint->file, endpoint->spec.path);
	if (endpoint->dump == NULL)
		return failed_file(endpoint, pcap_geterr(endpoint->file));
	return 0;
}

/* The next frame of the file, from its start again at its end. Returns 1, 0 for none, -errno. */
static int
next_frame(struct wiretap_endpoint *endpoint, bool again)
{
	struct pcap_pkthdr *header;
	const u_char *data;
	int ret = pcap_next_ex(endpoint->file, &header, &data);

	if (ret == PCAP_ERROR_BREAK) {
		if (!again)
			return 0;
		pcap_close(endpoint->file);
		endpoint->file = NULL;
		ret = open_file(endpoint);
		return ret != 0 ? ret : next_frame(endpoint, false);
	}
	if (ret != 1)
		return failed_file(endpoint, pcap_geterr(endpoint->file));
	if (header->caplen != header->len || header->len < ETH_HLEN ||
			header->len > WIRETAP_FRAME_MAX)
		return failed_file(endpoint, "has a frame that is cut off, too short or too long");
	memcpy(endpoint->frame, data, header->len);
	endpoint->length = header->len;
	return 1;
}

/* The next frame to send, from the file or built. Returns 1, 0 for none, -errno. */
static int
next_to_send(struct wiretap_endpoint *endpoint)
{
	const struct wiretap_stream *stream = &endpoint->spec.stream;

	if (endpoint->length != 0)
		return 1;
	if (stream->number == 0)
		return next_frame(endpoint, endpoint->spec.count != 0);
	endpoint->length = wiretap_stream_build(stream, endpoint->frames, endpoint->frame);
	return 1;
}

static int
inject(struct wiretap_endpoint *endpoint, uint64_t now_ns)
{
	const struct wiretap_spec *spec = &endpoint->spec;
	uint64_t late_ns;
	unsigned int turn;
	int ret;

	if (endpoint->due_ns == 0)
		endpoint->due_ns = now_ns;
	for (turn = 0; turn < FRAMES_A_TURN; turn++) {
		if (spec->rate != 0 && now_ns < endpoint->due_ns)
			return 0;
		if (endpoint->received != NULL && !traffic_pace_may_send(&endpoint->pace,
				endpoint->received, spec->stream.number, endpoint->frames, now_ns))
			return 0;
		ret = next_to_send(endpoint);
		if (ret < 0)
			return ret;
		if (ret == 0) {
			if (spec->count != 0 || endpoint->frames == 0)
				return failed_file(endpoint, "holds no frame");
			endpoint->done = true;
			return 0;
		}
		if (send(endpoint->fd, endpoint->frame, endpoint->length, 0) < 0) {
			/* The interface's queue is full: later. */
			if (errno == EAGAIN || errno == ENOBUFS || errno == EINTR)
				return 0;
			return failed(endpoint, "send");
		}
		endpoint->frames++;
		endpoint->bytes += endpoint->length;
		endpoint->length = 0;
		endpoint->active_ns = now_ns;
		if (spec->rate != 0) {
			endpoint->due_ns += NS_A_SECOND / spec->rate;
			late_ns = FRAMES_LATE_MAX * (NS_A_SECOND / spec->rate);
			if (endpoint->due_ns + late_ns < now_ns)
				endpoint->due_ns = now_ns - late_ns;
		}
		if (endpoint->frames == spec->count) {
			endpoint->done = true;
			return 0;
		}
	}
	return 0;
}

/* The tag that the kernel has taken out of the frame, or NULL. */
static const struct tpacket_auxdata *
stripped_tag(struct msghdr *message)
{
	const struct tpacket_auxdata *data;
	struct cmsghdr *control;

	for (control = CMSG_FIRSTHDR(message); control != NULL;
			control = CMSG_NXTHDR(message, control)) {
		if (control->cmsg_level != SOL_PACKET || control->cmsg_type != PACKET_AUXDATA)
			continue;
		data = (const struct tpacket_auxdata *)CMSG_DATA(control);
		return data->tp_status & TP_STATUS_VLAN_VALID ? data : NULL;
	}
	return NULL;
}

/* The frame as it was on the wire. Returns its length. */
static uint32_t
restore_tag(uint8_t *frame, uint32_t length, const struct tpacket_auxdata *data)
{
	uint16_t tag[2] = {
		htons(data->tp_status & TP_STATUS_VLAN_TPID_VALID ? data->tp_vlan_tpid :
				ETH_P_8021Q),
		htons(data->tp_vlan_tci),
	};

	memmove(frame + 2 * ETH_ALEN + sizeof(tag), frame + 2 * ETH_ALEN, length - 2 * ETH_ALEN);
	memcpy(frame + 2 * ETH_ALEN, tag, sizeof(tag));
	return length + sizeof(tag);
}

static int
ethertype_of(const uint8_t *frame, uint32_t length)
{
	uint32_t at = 2 * ETH_ALEN;
	uint16_t type;

	for (; at + sizeof(type) <= length; at += 4) {
		memcpy(&type, frame + at, sizeof(type));
		type = ntohs(type);
		if (type != ETH_P_8021Q && type != ETH_P_8021AD)
			return type;
	}
	return -1;
}

static int
keep(struct wiretap_endpoint *endpoint, const uint8_t *frame, uint32_t length)
{
	struct pcap_pkthdr header = { .caplen = length, .len = length };

	endpoint->frames++;
	endpoint->bytes += length;
	if (endpoint->dump == NULL)
		return 0;
	gettimeofday(&header.ts, NULL);
	pcap_dump((u_char *)endpoint->dump, &header, frame);
	return ferror(pcap_dump_file(endpoint->dump)) ? failed_file(endpoint, "write failed") : 0;
}

/* Counts a frame that came in, if it is one to be captured. */
static int
take(struct wiretap_endpoint *endpoint, const uint8_t *frame, uint32_t length, uint64_t now_ns)
{
	const struct wiretap_spec *spec = &endpoint->spec;
	enum wiretap_verdict verdict = WIRETAP_GOOD;

	if (spec->ethertype >= 0 && ethertype_of(frame, length) != spec->ethertype)
		return 0;
	if (spec->stream.number != 0)
		verdict = wiretap_stream_check(&endpoint->spec.stream, frame, length);
	if (verdict != WIRETAP_FOREIGN)
		endpoint->active_ns = now_ns;
	if (verdict != WIRETAP_GOOD)
		return 0;
	if (endpoint->received != NULL)
		traffic_pace_receive(endpoint->received, spec->stream.number);
	return keep(endpoint, frame, length);
}

/* Of a stream all is taken, so that what comes twice is seen. */
static bool
is_finished(const struct wiretap_endpoint *endpoint)
{
	return endpoint->done && endpoint->spec.stream.number == 0;
}

static int
capture(struct wiretap_endpoint *endpoint, uint64_t now_ns)
{
	/* One more tag than a frame has, for restore_tag(). */
	static uint8_t frame[WIRETAP_FRAME_MAX + 4];
	union {
		struct cmsghdr header;
		char bytes[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} control;
	const struct tpacket_auxdata *tag;
	struct iovec buffer = { frame, WIRETAP_FRAME_MAX };
	struct sockaddr_ll from;
	unsigned int turn;
	ssize_t length;
	int ret;

	for (turn = 0; turn < FRAMES_A_TURN && !is_finished(endpoint); turn++) {
		struct msghdr message = {
			.msg_name = &from, .msg_namelen = sizeof(from),
			.msg_iov = &buffer, .msg_iovlen = 1,
			.msg_control = &control, .msg_controllen = sizeof(control),
		};

		length = recvmsg(endpoint->fd, &message, MSG_TRUNC);
		if (length < 0)
			return errno == EAGAIN || errno == EINTR ? 0 : failed(endpoint, "receive");
		/* What the host itself sends is not from the wire. */
		if (from.sll_pkttype == PACKET_OUTGOING || length < ETH_HLEN)
			continue;
		if (message.msg_flags & MSG_TRUNC) {
			errno = EMSGSIZE;
			return failed(endpoint, "a frame is too long (is GRO or LRO on?)");
		}
		tag = stripped_tag(&message);
		if (tag != NULL)
			length = restore_tag(frame, length, tag);
		ret = take(endpoint, frame, length, now_ns);
		if (ret != 0)
			return ret;
		endpoint->done = endpoint->frames == endpoint->spec.count;
	}
	return 0;
}

int
wiretap_run(struct wiretap_endpoint *endpoint, uint64_t now_ns)
{
	if (is_finished(endpoint) || (endpoint->done && endpoint->spec.role == WIRETAP_INJECT))
		return 0;
	return endpoint->spec.role == WIRETAP_INJECT ? inject(endpoint, now_ns) :
			capture(endpoint, now_ns);
}

bool
wiretap_is_complete(const struct wiretap_endpoint *endpoint)
{
	const struct wiretap_stream *stream = &endpoint->spec.stream;

	return (endpoint->done || (endpoint->spec.role == WIRETAP_CAPTURE &&
				endpoint->spec.count == 0)) && stream->duplicate == 0 &&
			stream->corrupt == 0 && stream->vlan_wrong == 0;
}

int
wiretap_open(struct wiretap_endpoint *endpoint, const struct wiretap_spec *spec)
{
	int ret = 0;

	*endpoint = (struct wiretap_endpoint){ .spec = *spec, .fd = -1 };
	if (spec->tap_fd >= 0)
		ret = resolve_tap(endpoint);
	if (ret == 0)
		ret = open_file(endpoint);
	if (ret == 0)
		ret = open_socket(endpoint);
	if (ret == 0 && spec->stream.number != 0)
		ret = open_stream(endpoint);
	if (ret != 0)
		wiretap_close(endpoint);
	return ret;
}

/* The kernel's count of frames for which the socket had no room. */
static void
count_lost(struct wiretap_endpoint *endpoint)
{
	struct tpacket_stats stats;
	socklen_t size = sizeof(stats);

	if (endpoint->spec.role == WIRETAP_CAPTURE && endpoint->fd >= 0 &&
			getsockopt(endpoint->fd, SOL_PACKET, PACKET_STATISTICS, &stats, &size) == 0)
		endpoint->lost += stats.tp_drops;
}

int
wiretap_close(struct wiretap_endpoint *endpoint)
{
	int ret = 0;

	count_lost(endpoint);
	if (endpoint->dump != NULL) {
		if (pcap_dump_flush(endpoint->dump) != 0)
			ret = failed_file(endpoint, "write failed");
		pcap_dump_close(endpoint->dump);
		endpoint->dump = NULL;
	}
	if (endpoint->file != NULL) {
		pcap_close(endpoint->file);
		endpoint->file = NULL;
	}
	free(endpoint->spec.stream.seen);
	endpoint->spec.stream.seen = NULL;
	endpoint->spec.stream.nb = 0;
	if (endpoint->fd >= 0) {
		/* Closing it ends promiscuous mode too. */
		close(endpoint->fd);
		endpoint->fd = -1;
	}
	return ret;
}
