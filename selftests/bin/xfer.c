// SPDX-License-Identifier: GPL-2.0
/*
 * Bulk transfers with checksums, over TCP and UDP, both families.
 *
 *	xfer -s PORT			serve
 *	xfer [-u] [-b SOURCE] [-n BYTES] ADDRESS PORT
 *
 * The client sends BYTES of generated data, then receives as many of other
 * data.  Both ends checksum what they generate and what arrives; the server's
 * sums come back at the end.  Prints "BYTES MS" of both directions together and
 * fails when any sum differs.
 *
 * UDP: data go in rounds of datagrams (as large offloaded sends); at the end of
 * a round the receiver names the missing ones and these are sent again.
 */

#include "net.h"

#include <netinet/udp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT	103
#endif

#define CHUNK		(128 * 1024)
#define SEED_UP		0x9e3779b97f4a7c15ULL
#define SEED_DOWN	0xc2b2ae3d27d4eb4fULL

static bool use_udp;
static const char *source;	/* address of the client */

/* Generated data: a sequence that no shift, loss or swap leaves intact. */
struct stream {
	uint64_t state;
};

static void stream_fill(struct stream *stream, uint64_t *words, size_t bytes)
{
	uint64_t x = stream->state;

	for (size_t i = 0; i < bytes / 8; i++) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		words[i] = x;
	}
	stream->state = x;
}

static uint64_t sum_add(uint64_t sum, const uint64_t *words, size_t bytes)
{
	for (size_t i = 0; i < bytes / 8; i++)
		sum = (sum << 7 | sum >> 57) * 5 + words[i];
	return sum;
}

/* What opens a transfer, and what ends each direction. */
struct hello {
	uint64_t magic, bytes;
};

struct sums {
	uint64_t received, sent;
};

#define MAGIC	0x6c76732d78666572ULL

/* ---- TCP ----------------------------------------------------------------- */

static void tcp_read(int fd, void *data, size_t size)
{
	while (size) {
		ssize_t got = recv(fd, data, size, 0);

		if (got <= 0)
			errx(1, "connection ended early: %s",
			     got ? strerror(errno) : "closed");
		data = (char *)data + got;
		size -= got;
	}
}

static void tcp_write(int fd, const void *data, size_t size)
{
	while (size) {
		ssize_t done = send(fd, data, size, MSG_NOSIGNAL);

		if (done <= 0)
			err(1, "send");
		data = (const char *)data + done;
		size -= done;
	}
}

/* ---- UDP: rounds of datagrams -------------------------------------------- */

#define PAYLOAD		1200	/* a multiple of 8 that fits a tunnel's MTU */
#define HEADER		16
#define SEGMENT		(PAYLOAD + HEADER)
#define BATCH		40	/* datagrams in one offloaded send */
#define ROUND		(BATCH * 8)
#define ROUND_BYTES	((size_t)ROUND * PAYLOAD)

enum { PKT_DATA = 1, PKT_POLL, PKT_MISSING, PKT_HELLO, PKT_SUMS };

struct header {
	uint32_t kind;
	uint32_t index;		/* of the datagram in its round */
	uint64_t round;
};

struct missing {
	struct header head;
	uint8_t map[ROUND];
};

struct udp {
	int fd;
	uint64_t round;		/* next to send or receive */
	uint8_t data[ROUND_BYTES] __attribute__((aligned(8)));
	uint8_t wire[BATCH * SEGMENT];
	struct missing missing;
};

static bool udp_wait(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN };

	return poll(&pfd, 1, ms) > 0;
}

static void udp_send(struct udp *udp, const void *data, size_t size, int segment)
{
	char control[CMSG_SPACE(sizeof(uint16_t))] = {};
	struct iovec iov = { .iov_base = (void *)data, .iov_len = size };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (segment) {
		struct cmsghdr *cmsg = (void *)control;
		uint16_t value = segment;

		cmsg->cmsg_level = IPPROTO_UDP;
		cmsg->cmsg_type = UDP_SEGMENT;
		cmsg->cmsg_len = CMSG_LEN(sizeof(value));
		memcpy(CMSG_DATA(cmsg), &value, sizeof(value));
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
	}
	if (sendmsg(udp->fd, &msg, 0) < 0 && errno != ECONNREFUSED &&
	    errno != ENOBUFS)
		err(1, "sendmsg");
}

static void udp_put(struct udp *udp, unsigned int slot, unsigned int index)
{
	struct header head = {
		.kind = PKT_DATA, .index = index, .round = udp->round,
	};
	uint8_t *at = udp->wire + (size_t)slot * SEGMENT;

	memcpy(at, &head, sizeof(head));
	memcpy(at + HEADER, udp->data + (size_t)index * PAYLOAD, PAYLOAD);
}

/* Send every datagram of the round that the receiver lacks. */
static void udp_send_missing(struct udp *udp)
{
	struct header poll = { .kind = PKT_POLL, .round = udp->round };
	unsigned int filled = 0;

	for (unsigned int i = 0; i < ROUND; i++) {
		if (!udp->missing.map[i])
			continue;
		udp_put(udp, filled++, i);
		if (filled == BATCH) {
			udp_send(udp, udp->wire, sizeof(udp->wire), SEGMENT);
			filled = 0;
		}
	}
	for (unsigned int i = 0; i < filled; i++)
		udp_send(udp, udp->wire + (size_t)i * SEGMENT, SEGMENT, 0);
	udp_send(udp, &poll, sizeof(poll), 0);
}

/* Send one round and see it arrive. */
static void udp_send_round(struct udp *udp)
{
	struct missing answer;
	int tries = 0;

	memset(udp->missing.map, 1, ROUND);
	udp_send_missing(udp);
	for (;;) {
		if (!udp_wait(udp->fd, 500)) {
			struct header poll = {
				.kind = PKT_POLL, .round = udp->round,
			};

			if (++tries > 20)
				errx(1, "round %llu was never acknowledged",
				     (unsigned long long)udp->round);
			udp_send(udp, &poll, sizeof(poll), 0);
			continue;
		}
		if (recv(udp->fd, &answer, sizeof(answer), 0) !=
		    sizeof(answer) || answer.head.kind != PKT_MISSING ||
		    answer.head.round != udp->round)
			continue;
		if (!memchr(answer.map, 1, ROUND))
			break;
		udp->missing = answer;
		udp_send_missing(udp);
	}
	udp->round++;
}

/* Take one datagram of the round that is being received; false: the round is full. */
static bool udp_take(struct udp *udp, uint8_t *packet, ssize_t size)
{
	struct header head;

	if (size < HEADER)
		return true;
	memcpy(&head, packet, sizeof(head));
	if (head.kind == PKT_POLL && head.round < udp->round) {
		struct missing done = {
			.head = { .kind = PKT_MISSING, .round = head.round },
		};

		udp_send(udp, &done, sizeof(done), 0);
		return true;
	}
	if (head.round != udp->round)
		return true;
	if (head.kind == PKT_POLL) {
		udp->missing.head = (struct header){
			.kind = PKT_MISSING, .round = udp->round,
		};
		udp_send(udp, &udp->missing, sizeof(udp->missing), 0);
		return memchr(udp->missing.map, 1, ROUND);
	}
	if (head.kind == PKT_DATA && size == SEGMENT && head.index < ROUND) {
		memcpy(udp->data + (size_t)head.index * PAYLOAD,
		       packet + HEADER, PAYLOAD);
		udp->missing.map[head.index] = 0;
	}
	return true;
}

/* Milliseconds until nothing more is expected. */
static int patience(void)
{
	const char *slow = getenv("TEST_SLOW");

	return 10000 * (slow ? atoi(slow) : 1);
}

static void udp_receive_round(struct udp *udp)
{
	uint8_t packet[2048];

	memset(udp->missing.map, 1, ROUND);
	do {
		if (!udp_wait(udp->fd, patience()))
			errx(1, "nothing received for long in round %llu",
			     (unsigned long long)udp->round);
	} while (udp_take(udp, packet, recv(udp->fd, packet, sizeof(packet), 0)));
	udp->round++;
}

/* ---- both ---------------------------------------------------------------- */

static uint64_t send_all(int fd, struct udp *udp, uint64_t bytes, uint64_t seed)
{
	static uint64_t chunk[CHUNK / 8];
	size_t size = udp ? ROUND_BYTES : CHUNK;
	uint64_t *words = udp ? (uint64_t *)udp->data : chunk;
	struct stream stream = { .state = seed };
	uint64_t sum = 0;

	for (uint64_t done = 0; done < bytes; done += size) {
		stream_fill(&stream, words, size);
		sum = sum_add(sum, words, size);
		if (udp)
			udp_send_round(udp);
		else
			tcp_write(fd, words, size);
	}
	return sum;
}

static uint64_t receive_all(int fd, struct udp *udp, uint64_t bytes)
{
	static uint64_t chunk[CHUNK / 8];
	size_t size = udp ? ROUND_BYTES : CHUNK;
	uint64_t *words = udp ? (uint64_t *)udp->data : chunk;
	uint64_t sum = 0;

	for (uint64_t done = 0; done < bytes; done += size) {
		if (udp)
			udp_receive_round(udp);
		else
			tcp_read(fd, words, size);
		sum = sum_add(sum, words, size);
	}
	return sum;
}

static struct udp *udp_new(int fd)
{
	struct udp *udp = calloc(1, sizeof(*udp));
	int size = 16 << 20;

	if (!udp)
		err(2, "memory");
	udp->fd = fd;
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	return udp;
}

/* ---- the server ---------------------------------------------------------- */

static void serve_conn(int fd, struct udp *udp, struct hello *hello)
{
	struct sums sums;

	if (hello->magic != MAGIC)
		errx(1, "not a transfer");
	sums.received = receive_all(fd, udp, hello->bytes);
	sums.sent = send_all(fd, udp, hello->bytes, SEED_DOWN);
	if (!udp) {
		tcp_write(fd, &sums, sizeof(sums));
		return;
	}
	/* as a round of its own, so that it cannot get lost */
	memcpy(udp->data, &sums, sizeof(sums));
	udp_send_round(udp);
}

/* Continue in a child that ends with its parent; true there. */
static bool in_child(void)
{
	pid_t pid = fork();

	if (pid < 0)
		err(2, "fork");
	if (!pid)
		prctl(PR_SET_PDEATHSIG, SIGTERM);
	return !pid;
}

static void serve_tcp(unsigned int port)
{
	int listener = sock_server(SOCK_STREAM, port);
	struct hello hello;

	for (;;) {
		int fd = accept(listener, NULL, NULL);

		if (fd >= 0 && in_child()) {
			tcp_read(fd, &hello, sizeof(hello));
			serve_conn(fd, NULL, &hello);
			exit(0);
		}
		close(fd);
	}
}

/* Wait for a hello; fill in who said it and to which of our addresses. */
static void udp_accept(int fd, struct hello *hello, struct sockaddr_in6 *from,
		       struct sockaddr_in6 *to)
{
	char control[256];
	struct iovec iov = { .iov_base = hello, .iov_len = sizeof(*hello) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *cmsg;

	do {
		msg.msg_name = from;
		msg.msg_namelen = sizeof(*from);
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
	} while (recvmsg(fd, &msg, 0) != sizeof(*hello) ||
		 hello->magic != MAGIC);
	cmsg = CMSG_FIRSTHDR(&msg);
	if (!cmsg)
		errx(2, "no destination address with a datagram");
	to->sin6_addr = ((struct in6_pktinfo *)CMSG_DATA(cmsg))->ipi6_addr;
}

/*
 * A transfer has a socket of its own, connected to whoever said hello, from
 * the address that he used as ours.
 */
static void serve_udp(unsigned int port)
{
	struct sockaddr_in6 from, to = {
		.sin6_family = AF_INET6, .sin6_port = htons(port),
	};
	struct header ready = { .kind = PKT_HELLO };
	int fd = sock_server(SOCK_DGRAM, port);
	struct hello hello;
	struct udp *udp;

	sock_on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	for (;;) {
		udp_accept(fd, &hello, &from, &to);
		if (!in_child())
			continue;
		close(fd);
		fd = socket(AF_INET6, SOCK_DGRAM, 0);
		sock_on(fd, SOL_SOCKET, SO_REUSEADDR);
		if (bind(fd, (struct sockaddr *)&to, sizeof(to)) ||
		    connect(fd, (struct sockaddr *)&from, sizeof(from)))
			err(2, "bind or connect");
		udp = udp_new(fd);
		udp_send(udp, &ready, sizeof(ready), 0);
		serve_conn(fd, udp, &hello);
		exit(0);
	}
}

static void serve(unsigned int port)
{
	signal(SIGCHLD, SIG_IGN);
	if (in_child())
		serve_udp(port);
	serve_tcp(port);
}

/* ---- the client ---------------------------------------------------------- */

/* Say hello until the server is ready. */
static void udp_open(struct udp *udp, const struct hello *hello)
{
	struct header ready;

	for (int tries = 0; tries < 20; tries++) {
		udp_send(udp, hello, sizeof(*hello), 0);
		while (udp_wait(udp->fd, 500)) {
			if (recv(udp->fd, &ready, sizeof(ready), 0) ==
			    sizeof(ready) && ready.kind == PKT_HELLO)
				return;
		}
	}
	errx(1, "the server never answered");
}

static int transfer(const union addr *to, uint64_t bytes)
{
	size_t unit = use_udp ? ROUND_BYTES : CHUNK;
	struct hello hello = {
		.magic = MAGIC, .bytes = (bytes + unit - 1) / unit * unit,
	};
	int fd = socket(to->sa.sa_family, use_udp ? SOCK_DGRAM : SOCK_STREAM, 0);
	struct udp *udp = use_udp ? udp_new(fd) : NULL;
	struct sums mine, theirs;
	int64_t start = now_ms();
	union addr from;

	if (source) {
		from = addr_parse(source, 0);
		if (bind(fd, &from.sa, addr_size(&from)))
			err(1, "bind");
	}
	if (connect(fd, &to->sa, addr_size(to)))
		err(1, "connect");
	if (udp)
		udp_open(udp, &hello);
	else
		tcp_write(fd, &hello, sizeof(hello));
	mine.sent = send_all(fd, udp, hello.bytes, SEED_UP);
	mine.received = receive_all(fd, udp, hello.bytes);
	if (udp) {
		udp_receive_round(udp);
		memcpy(&theirs, udp->data, sizeof(theirs));
	} else {
		tcp_read(fd, &theirs, sizeof(theirs));
	}
	if (mine.sent != theirs.received || mine.received != theirs.sent)
		errx(1, "checksums differ: sent %llx, arrived as %llx; received %llx, sent as %llx",
		     (unsigned long long)mine.sent,
		     (unsigned long long)theirs.received,
		     (unsigned long long)mine.received,
		     (unsigned long long)theirs.sent);
	printf("%llu %lld\n", 2ULL * hello.bytes, (long long)(now_ms() - start));
	return 0;
}

int main(int argc, char **argv)
{
	uint64_t bytes = 100 << 20;
	bool server = false;
	union addr to;
	int letter;

	signal(SIGPIPE, SIG_IGN);
	while ((letter = getopt(argc, argv, "sub:n:")) != -1) {
		switch (letter) {
		case 's': server = true; break;
		case 'u': use_udp = true; break;
		case 'b': source = optarg; break;
		case 'n': bytes = number(optarg); break;
		default:
			errx(2, "see the head of xfer.c");
		}
	}
	if (server && argc - optind == 1)
		serve(number(argv[optind]));
	if (argc - optind != 2)
		errx(2, "an address and a port are needed");
	to = addr_parse(argv[optind], number(argv[optind + 1]));
	return transfer(&to, bytes);
}
