// SPDX-License-Identifier: GPL-2.0
/*
 * Who answers?  A server that tells its name to every TCP connection and UDP
 * datagram, and a client that opens many and counts the names.
 *
 *	who -s NAME [-x] PORT...	serve; -x: close first
 *	who [options] ADDRESS PORT	ask
 *	  -u		UDP flows instead of TCP connections
 *	  -n COUNT	how many (1), -c COUNT at once (64)
 *	  -b ADDRESS	source of the first, -k COUNT conns per source address
 *	  -p PORT	source port of the first one, -P: the same for all
 *	  -r MS		send unanswered UDP requests again (1000; 0: never)
 *	  -w MS		give up on one after this time (8000, times TEST_SLOW)
 *	  -R		end each with a reset, -E: wait for the server to close
 *	  -l		first a line "SOURCE NAME" for each
 *	  -H		hold all open until standard input ends
 *	  -e		while holding, send on each and want the echo
 *
 * The client prints one line for each name and its count, then "failed N",
 * "late N" (a SYN had to be sent again), "slowest MS", with -e also "lost N" and "moved N" (answers of another
 * server), and fails if any of failed, lost, moved is not 0.
 */

#include "net.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/epoll.h>

#define NAMES	64
#define NAMELEN	16
/* A SYN is sent again after a second. */
#define LATE	800

/* ---- the server ---------------------------------------------------------- */

static char server_name[NAMELEN];
static bool server_closes;

/* Answer every waiting datagram, from the address that it was sent to. */
static void serve_udp(int fd)
{
	char data[2048], control[256];
	struct sockaddr_in6 from;
	struct iovec iov = { .iov_base = data, .iov_len = sizeof(data) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	for (;;) {
		msg.msg_name = &from;
		msg.msg_namelen = sizeof(from);
		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		iov.iov_base = data;
		iov.iov_len = sizeof(data);
		if (recvmsg(fd, &msg, MSG_DONTWAIT) < 0)
			return;
		struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);

		if (cmsg && cmsg->cmsg_type == IPV6_PKTINFO) {
			struct in6_pktinfo *info = (void *)CMSG_DATA(cmsg);

			info->ipi6_ifindex = 0;
		}
		iov.iov_base = server_name;
		iov.iov_len = strlen(server_name);
		sendmsg(fd, &msg, 0);
	}
}

static void serve_new(int epoll, int listener)
{
	struct epoll_event event = { .events = EPOLLIN };
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
		if (write(fd, server_name, strlen(server_name)) < 0 ||
		    server_closes) {
			close(fd);
			continue;
		}
		event.data.u64 = fd;
		epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
	}
}

static void serve_echo(int fd)
{
	char data[4096];
	ssize_t got = read(fd, data, sizeof(data));

	if (got <= 0 || write(fd, data, got) != got)
		close(fd);
}

static void serve_listen(int epoll, unsigned int port)
{
	int tcp = sock_server(SOCK_STREAM | SOCK_NONBLOCK, port);
	int udp = sock_server(SOCK_DGRAM, port);
	struct epoll_event event = { .events = EPOLLIN };
	int size = 4 << 20;

	sock_on(udp, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	event.data.u64 = tcp | 1ULL << 32;
	epoll_ctl(epoll, EPOLL_CTL_ADD, tcp, &event);
	event.data.u64 = udp | 2ULL << 32;
	epoll_ctl(epoll, EPOLL_CTL_ADD, udp, &event);
}

static void serve(char **ports)
{
	struct epoll_event events[256];
	int epoll = epoll_create1(0);

	for (; *ports; ports++)
		serve_listen(epoll, number(*ports));
	for (;;) {
		int count = epoll_wait(epoll, events, 256, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)(uint32_t)events[i].data.u64;

			switch (events[i].data.u64 >> 32) {
			case 1:
				serve_new(epoll, fd);
				break;
			case 2:
				serve_udp(fd);
				break;
			default:
				serve_echo(fd);
			}
		}
	}
}

/* ---- the client ---------------------------------------------------------- */

enum { CONN_ASKING, CONN_KNOWN, CONN_FAILED };

struct conn {
	int fd;
	int state;
	int name;		/* index into names, once known */
	int64_t started, asked;
	unsigned int sent, echoed;
	bool named, moved;
};

static struct {
	bool udp, reset, hold, echo, same_port, list, until_end;
	unsigned int count, parallel, per_source, source_port;
	unsigned int resend, patience;
	const char *source;
	union addr to;
} opt = { .count = 1, .parallel = 64, .resend = 1000, .patience = 8000 };

static char names[NAMES][NAMELEN];
static unsigned int name_count[NAMES];
static struct conn *conns;
static unsigned int active, failed, late;
static int64_t slowest;

static int name_index(const char *name, ssize_t size)
{
	char text[NAMELEN] = "";
	int i;

	memcpy(text, name, size < NAMELEN ? size : NAMELEN - 1);
	text[strcspn(text, "\n")] = 0;
	for (i = 0; i < NAMES && names[i][0]; i++)
		if (!strcmp(names[i], text))
			return i;
	if (i == NAMES)
		errx(2, "too many names");
	memcpy(names[i], text, NAMELEN);
	return i;
}

static void conn_close(struct conn *conn)
{
	struct linger reset = { .l_onoff = 1 };

	if (conn->fd < 0)
		return;
	if (opt.reset)
		setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	close(conn->fd);
	conn->fd = -1;
}

/* "SOURCE NAME" of an answered one. */
static void conn_list(const struct conn *conn)
{
	char text[INET6_ADDRSTRLEN];
	union addr from;
	socklen_t size = sizeof(from);

	if (getsockname(conn->fd, &from.sa, &size))
		return;
	inet_ntop(from.sa.sa_family, from.sa.sa_family == AF_INET ?
		  (void *)&from.in.sin_addr : (void *)&from.in6.sin6_addr,
		  text, sizeof(text));
	printf("%s %s\n", text, names[conn->name]);
}

static void conn_done(struct conn *conn, int state)
{
	int64_t took = now_ms() - conn->started;

	conn->state = state;
	active--;
	if (state == CONN_FAILED) {
		failed++;
		conn_close(conn);
		return;
	}
	late += took > LATE;
	if (took > slowest)
		slowest = took;
	if (opt.list)
		conn_list(conn);
	if (!opt.hold)
		conn_close(conn);
}

static void conn_bind(int fd, unsigned int n)
{
	unsigned int port = opt.source_port;
	union addr from;

	if (port && !opt.same_port)
		port += opt.per_source ? n % opt.per_source : n;
	from = addr_parse(opt.source ? opt.source :
			  opt.to.sa.sa_family == AF_INET ? "0.0.0.0" : "::", port);
	if (opt.per_source)
		addr_add(&from, n / opt.per_source);
	/* two UDP sockets that allow reuse may be given one port: two askers, one flow */
	if (port || !opt.udp)
		sock_on(fd, SOL_SOCKET, SO_REUSEADDR);
	if (!port && !opt.udp)
		sock_on(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT);
	if (bind(fd, &from.sa, addr_size(&from)))
		err(2, "bind conn %u", n);
}

static void conn_ask(struct conn *conn)
{
	conn->asked = now_ms();
	if (opt.udp && send(conn->fd, "?", 1, MSG_NOSIGNAL) < 0 &&
	    errno != ECONNREFUSED && errno != EAGAIN)
		conn_done(conn, CONN_FAILED);
}

/* The conn before on the same port is this host's own until its FIN is acknowledged. */
static int conn_connect(const struct conn *conn)
{
	int err;

	do {
		err = connect(conn->fd, &opt.to.sa, addr_size(&opt.to));
	} while (err && errno == EADDRNOTAVAIL && opt.same_port &&
		 now_ms() - conn->started < opt.patience && !usleep(1000));
	return err && errno != EINPROGRESS ? -1 : 0;
}

static void conn_start(unsigned int n, int epoll)
{
	struct epoll_event event = { .events = EPOLLIN, .data.u32 = n };
	struct conn *conn = &conns[n];

	conn->fd = socket(opt.to.sa.sa_family, SOCK_NONBLOCK |
			  (opt.udp ? SOCK_DGRAM : SOCK_STREAM), 0);
	if (conn->fd < 0)
		err(2, "socket");
	if (opt.source || opt.source_port)
		conn_bind(conn->fd, n);
	conn->started = now_ms();
	active++;
	if (conn_connect(conn)) {
		conn_done(conn, CONN_FAILED);
		return;
	}
	epoll_ctl(epoll, EPOLL_CTL_ADD, conn->fd, &event);
	conn_ask(conn);
}

/* The first answer, or a failure. */
static void conn_answer(struct conn *conn)
{
	char data[NAMELEN];
	ssize_t got = recv(conn->fd, data, sizeof(data), 0);

	if (got < 0 && errno == EAGAIN)
		return;
	if (!got && conn->named) {
		conn_done(conn, CONN_KNOWN);
		return;
	}
	if (got <= 0) {
		conn_done(conn, CONN_FAILED);
		return;
	}
	conn->name = name_index(data, got);
	conn->named = true;
	name_count[conn->name]++;
	if (!opt.until_end)
		conn_done(conn, CONN_KNOWN);
}

/* Late ones: ask again or give up. */
static void conn_late(struct conn *conn)
{
	int64_t now = now_ms();

	if (conn->state != CONN_ASKING || conn->fd < 0)
		return;
	if (now - conn->started > opt.patience)
		conn_done(conn, CONN_FAILED);
	else if (opt.udp && opt.resend && now - conn->asked > opt.resend)
		conn_ask(conn);
}

static void ask_all(int epoll)
{
	struct epoll_event events[256];
	unsigned int started = 0, first = 0;
	int64_t looked = now_ms();

	while (started < opt.count || active) {
		while (started < opt.count && active < opt.parallel)
			conn_start(started++, epoll);
		int count = epoll_wait(epoll, events, 256, 50);

		for (int i = 0; i < count; i++) {
			struct conn *conn = &conns[events[i].data.u32];

			if (conn->state == CONN_ASKING)
				conn_answer(conn);
		}
		if (now_ms() - looked < 50)
			continue;
		looked = now_ms();
		while (first < started && conns[first].state != CONN_ASKING)
			first++;
		for (unsigned int n = first; n < started; n++)
			conn_late(&conns[n]);
	}
}

/* ---- holding ------------------------------------------------------------- */

/* Read what has come back on one held conn. */
static void held_read(struct conn *conn)
{
	char data[NAMELEN];
	ssize_t got;

	while ((got = recv(conn->fd, data, sizeof(data), MSG_DONTWAIT)) > 0) {
		if (!opt.udp) {
			conn->echoed += got;
			continue;
		}
		conn->echoed++;
		if (name_index(data, got) != conn->name)
			conn->moved = true;
	}
}

static void held_send(void)
{
	for (unsigned int n = 0; n < opt.count; n++) {
		struct conn *conn = &conns[n];

		if (conn->fd < 0)
			continue;
		held_read(conn);
		if (conn->sent == conn->echoed &&
		    send(conn->fd, "x", 1, MSG_NOSIGNAL) == 1)
			conn->sent++;
	}
}

/* Wait for the last echoes; count what never came. */
static unsigned int held_lost(unsigned int *moved)
{
	int64_t end = now_ms() + opt.patience;
	unsigned int lost;

	do {
		lost = 0;
		*moved = 0;
		for (unsigned int n = 0; n < opt.count; n++) {
			struct conn *conn = &conns[n];

			if (conn->state != CONN_KNOWN)
				continue;
			held_read(conn);
			lost += conn->echoed < conn->sent;
			*moved += conn->moved;
		}
		if (lost)
			poll(NULL, 0, 20);
	} while (lost && now_ms() < end);
	return lost;
}

static int hold(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	unsigned int lost, moved;
	char data[64];

	fflush(stdout);
	for (;;) {
		if (poll(&input, 1, opt.echo ? 100 : -1) > 0 &&
		    read(0, data, sizeof(data)) <= 0)
			break;
		if (opt.echo)
			held_send();
	}
	if (!opt.echo)
		return 0;
	lost = held_lost(&moved);
	printf("lost %u\nmoved %u\n", lost, moved);
	return lost || moved;
}

static int ask(void)
{
	int epoll = epoll_create1(0), status;

	conns = calloc(opt.count, sizeof(*conns));
	if (!conns)
		err(2, "memory");
	for (unsigned int n = 0; n < opt.count; n++)
		conns[n].fd = -1;
	ask_all(epoll);
	for (int i = 0; i < NAMES && names[i][0]; i++)
		printf("%s %u\n", names[i], name_count[i]);
	printf("failed %u\nlate %u\nslowest %lld\n", failed, late, (long long)slowest);
	status = failed ? 1 : 0;
	if (opt.hold && hold())
		status = 1;
	for (unsigned int n = 0; n < opt.count; n++)
		conn_close(&conns[n]);
	return status;
}

static void option(int letter)
{
	switch (letter) {
	case 's':
		snprintf(server_name, sizeof(server_name), "%s", optarg);
		break;
	case 'x': server_closes = true; break;
	case 'u': opt.udp = true; break;
	case 'n': opt.count = number(optarg); break;
	case 'c': opt.parallel = number(optarg); break;
	case 'b': opt.source = optarg; break;
	case 'k': opt.per_source = number(optarg); break;
	case 'p': opt.source_port = number(optarg); break;
	case 'P': opt.same_port = true; break;
	case 'r': opt.resend = number(optarg); break;
	case 'w': opt.patience = number(optarg); break;
	case 'R': opt.reset = true; break;
	case 'E': opt.until_end = true; break;
	case 'l': opt.list = true; break;
	case 'H': opt.hold = true; break;
	case 'e': opt.echo = true; break;
	default:
		errx(2, "see the head of who.c");
	}
}

int main(int argc, char **argv)
{
	const char *slow = getenv("TEST_SLOW");
	int letter;

	if (slow)
		opt.patience *= number(slow);
	signal(SIGPIPE, SIG_IGN);
	while ((letter = getopt(argc, argv, "s:xun:c:b:k:p:Pr:w:RElHe")) != -1)
		option(letter);
	if (server_name[0])
		serve(argv + optind);
	if (argc - optind != 2)
		errx(2, "an address and a port are needed");
	opt.to = addr_parse(argv[optind], number(argv[optind + 1]));
	return ask();
}
