// SPDX-License-Identifier: GPL-2.0
/*
 * Fuzzes what a user may tell and ask the module: the netlink family "IPVS",
 * socket options, net.ipv4.vs.*, /proc/net/ip_vs* and lvs_drops, and a few packets
 * to what is configured. To be run by root in a network namespace, with the
 * options of fuzz.c. It makes a second namespace of its own.
 *
 * Each input begins with nothing configured, and default settings.
 */
#include "nl_request.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/ip_vs.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <netinet/udp.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define SPACES		2
#define SOCKETS		4	/* two in each namespace */
#define FILES		6
#define OPS_MAX		40	/* of an input */

struct nl_socket {
	int fd;
	bool dumping;		/* a dump may not have been read to its end */
};

static int self_ns[SPACES];
static unsigned int inside;	/* the namespace of this process now */
static struct nl_socket sockets[SOCKETS];
static int files[FILES];
static int raw4, udp6;
static u16 family;
static struct message msg;
static u8 answer[64 << 10];
static pid_t self_pid;
static pid_t holder;		/* a process that stays in the second namespace */
static bool configured[SPACES], timed[SPACES];
static u32 tuned[SPACES];	/* bit N: knobs[N] may not have its default */
static u64 accepted, refused;

/* ---- namespaces ------------------------------------------------------------ */

static void enter(unsigned int space)
{
	if (inside == space)
		return;
	if (setns(self_ns[space], CLONE_NEWNET))
		err(2, "setns");
	inside = space;
}

static int own_ns(void)
{
	int fd = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(2, "/proc/thread-self/ns/net");
	return fd;
}

/* Without an address, a namespace takes none for a server's. */
static void loopback_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &ifr))
		err(2, "lo");
	close(fd);
}

/* The holder's /proc folder leads to its files without a change of namespace. */
static void second_make(void)
{
	if (unshare(CLONE_NEWNET))
		err(2, "unshare");
	self_ns[1] = own_ns();
	inside = 1;
	loopback_up();
	holder = fork();
	if (holder < 0)
		err(2, "fork");
	if (!holder) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
}

static void second_end(void)
{
	enter(0);
	close(self_ns[1]);
	kill(holder, SIGKILL);
	waitpid(holder, NULL, 0);
}

/* ---- netlink --------------------------------------------------------------- */

static void socket_open(unsigned int n)
{
	struct sockaddr_nl addr = { .nl_family = AF_NETLINK };

	enter(n / (SOCKETS / SPACES));
	sockets[n].fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_GENERIC);
	if (sockets[n].fd < 0 || bind(sockets[n].fd, (struct sockaddr *)&addr, sizeof(addr)))
		err(2, "netlink socket");
	sockets[n].dumping = false;
}

static void socket_renew(unsigned int n)
{
	close(sockets[n].fd);
	socket_open(n);
}

static void answers_count(ssize_t size)
{
	const struct nlmsghdr *nlh = (const void *)answer;

	for (; NLMSG_OK(nlh, size); nlh = NLMSG_NEXT(nlh, size)) {
		const struct nlmsgerr *e = NLMSG_DATA(nlh);

		if (nlh->nlmsg_type != NLMSG_ERROR)
			continue;
		if (e->error)
			refused++;
		else
			accepted++;
		if (fuzz_verbose)
			printf("# answer %d\n", e->error);
	}
}

/* Read what there is, or only once and less. */
static void socket_drain(struct nl_socket *sock, size_t room)
{
	ssize_t n;

	do {
		n = recv(sock->fd, answer, room, MSG_DONTWAIT);
		answers_count(n < (ssize_t)room ? n : (ssize_t)room);
	} while (n > 0 && room == sizeof(answer));
	if (n < 0)
		sock->dumping = false;
}

static void message_send(struct nl_socket *sock, struct input *in)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };
	u8 spoil = take(in);
	size_t size = msg.size;

	if (spoil >= 0xf0) {	/* headers that lie, a message that is cut */
		struct nlmsghdr *nlh = (struct nlmsghdr *)msg.data;

		configured[0] = configured[1] = timed[0] = timed[1] = true;
		if (spoil & 1)
			nlh->nlmsg_len += (int8_t)take(in);
		if (spoil & 2)
			size -= take(in) % size;
		if (spoil & 4)
			nlh->nlmsg_flags = take16(in);
		if (spoil & 8 && size > 20)
			msg.data[16 + take(in) % (size - 16)] = take(in);
	}
	fuzz_op();
	if (sendto(sock->fd, msg.data, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    fuzz_verbose)
		printf("# sendto: %s\n", strerror(errno));
	msg.size = 0;
}

/* What has to be undone after the input. */
static void request_marks(u8 cmd, unsigned int space)
{
	if (cmd == IPVS_CMD_NEW_SERVICE || cmd >= IPVS_CMD_MAX)
		configured[space] = true;
	if (cmd == IPVS_CMD_SET_CONFIG)
		timed[space] = true;
}

static void op_request(struct input *in)
{
	static const u16 flag_sets[] = {
		NLM_F_ACK, NLM_F_ACK, NLM_F_ACK, NLM_F_DUMP, NLM_F_ACK | NLM_F_ECHO, 0,
		NLM_F_ACK | NLM_F_DUMP, NLM_F_ACK | NLM_F_ATOMIC,
	};
	u8 cmd = take(in), how = take(in);
	unsigned int n = how % SOCKETS;
	u16 flags = NLM_F_REQUEST | PICK(flag_sets, how >> 4);
	size_t begin = msg.size;

	cmd = cmd < 0xf0 ? 1 + cmd % IPVS_CMD_MAX : cmd % 32;
	if (fuzz_verbose)
		printf("# request %u flags %x socket %u\n", cmd, flags, n);
	request_begin(&msg, family, cmd, flags);
	request_put(&msg, in, cmd);
	request_end(&msg, begin);
	request_marks(cmd, n / 2);
	/* several in one datagram */
	if (how & 0x08 && how & 0x04 && msg.size < MESSAGE_MAX - 8192)
		return;
	message_send(&sockets[n], in);
	if (flags & NLM_F_DUMP) {
		sockets[n].dumping = true;
		socket_drain(&sockets[n], how & 0x80 ? sizeof(answer) : 512 + 64U * take(in));
	} else {
		socket_drain(&sockets[n], sizeof(answer));
	}
}

static void op_read(struct input *in)
{
	u8 how = take(in);

	fuzz_op();
	socket_drain(&sockets[how % SOCKETS], how & 0x80 ? sizeof(answer) : 64U * (how >> 2));
}

/* The first services, each with servers: what other operations have something to do with. */
static void op_base(struct input *in)
{
	u8 how = take(in), sched = take(in);
	unsigned int n = how % SOCKETS;

	msg.size = 0;
	configured[n / 2] = true;
	for (u8 service = 0; service < 2 + (how >> 6); service++) {
		size_t begin = msg.size;

		request_begin(&msg, family, IPVS_CMD_NEW_SERVICE, NLM_F_REQUEST);
		request_put_service(&msg, service, sched, how & 0x10 ? sched >> 4 : 0);
		request_end(&msg, begin);
		fuzz_op();
		/* tunnels to servers of the other family */
		for (unsigned int dest = 0; dest < 1U + (how >> 2 & 3); dest++) {
			begin = msg.size;
			request_begin(&msg, family, IPVS_CMD_NEW_DEST, NLM_F_REQUEST);
			request_put_dest(&msg, service, dest, service & 2 ? 2 : dest + how);
			request_end(&msg, begin);
			fuzz_op();
		}
	}
	message_send(&sockets[n], in);
	socket_drain(&sockets[n], sizeof(answer));
}

/* Many servers in a row, for pools of more than one chunk. */
static void op_bulk(struct input *in)
{
	u8 service = take(in), first = take(in), count = take(in), how = take(in);
	unsigned int last = first + 1 + count / 3;
	u64 before = refused;

	for (unsigned int dest = first; dest < last && refused == before; dest++) {
		size_t begin = msg.size;

		request_begin(&msg, family, how & 0x80 ? IPVS_CMD_DEL_DEST : IPVS_CMD_NEW_DEST,
			      NLM_F_REQUEST);
		request_put_dest(&msg, service, dest, how);
		request_end(&msg, begin);
		/* the first one alone: there may be no such service */
		if (dest == first || dest % 16 == 0 || dest + 1 == last) {
			message_send(&sockets[0], in);
			socket_drain(&sockets[0], sizeof(answer));
		} else {
			fuzz_op();
		}
	}
	msg.size = 0;
}

static void op_socket(struct input *in)
{
	fuzz_op();
	socket_renew(take(in) % SOCKETS);
}

/* ---- settings -------------------------------------------------------------- */

static const struct {
	const char *name, *usual;
} knobs[] = {
	{ "conn_reuse_mode", "1" }, { "expire_nodest_conn", "0" },
	{ "expire_quiescent_template", "0" }, { "pmtu_disc", "1" }, { "sloppy_tcp", "0" },
	{ "snat_reroute", "1" }, { "conn_max", "1073741824" }, { "backup_only", "0" },
	{ "cache_bypass", "0" }, { "conntrack", "0" }, { "drop_entry", "0" },
	{ "drop_packet", "0" }, { "ignore_tunneled", "0" }, { "nat_icmp_send", "0" },
	{ "run_estimation", "1" }, { "schedule_icmp", "0" }, { "secure_tcp", "0" },
	{ "sloppy_sctp", "0" }, { "amemthresh", "1024" }, { "am_droprate", "10" },
	{ "sync_threshold", "3 50" }, { "sync_ports", "1" }, { "est_cpulist", "0" },
	{ "sync_qlen_max", "1000" }, { "sync_refresh_period", "0" }, { "conn_lfactor", "-4" },
};

static int knob_open(unsigned int knob, int flags)
{
	char path[96];

	snprintf(path, sizeof(path), "/proc/sys/net/ipv4/vs/%s", PICK(knobs, knob).name);
	return open(path, flags | O_CLOEXEC);
}

static void knob_write(unsigned int knob, const char *text, size_t size, off_t at)
{
	int fd = knob_open(knob, O_WRONLY);

	if (fd < 0)
		return;
	if (pwrite(fd, text, size, at) < 0 && fuzz_verbose)
		printf("# %s: %s\n", PICK(knobs, knob).name, strerror(errno));
	close(fd);
}

/* The text of a setting; returns its length, which may reach over a zero. */
static size_t knob_text(struct input *in, char *text, size_t room)
{
	static const char *const texts[] = {
		"0", "1", "0\n", "2", "-1", "3", "100", "2147483647", "2147483648", "-2147483648",
		"1073741824", "1073741825", "4294967296", "18446744073709551616", "0x1", "01", "1 2",
		" 1", "", "\n", "1 ", "-", "--1", "1\t0", "abc", "1abc", "+1", "\0" "1",
	};
	u8 how = take(in), with = take(in);
	size_t size = 1 + take(in) * 40;

	if (how < 0xc0) {
		const char *from = PICK(texts, with);

		size = strlen(from) + (how & 1);
		memcpy(text, from, size);
		return size;
	}
	if (size > room)
		size = room;
	memset(text, with, size);
	text[0] = how & 1 ? '1' : text[0];
	if (how & 2)
		text[size - 1] = '\n';
	return size;
}

static void op_knob(struct input *in)
{
	char text[9000];
	u8 knob = take(in), how = take(in);
	unsigned int space = (how & 7) == 7;
	size_t size;
	int fd;

	fuzz_op();
	enter(space);
	if (how & 0x80) {
		size = 1 + (how >> 1 & 15) * take(in);
		fd = knob_open(knob, O_RDONLY);
		if (fd >= 0 && pread(fd, text, size, how & 0x40 ? take(in) & 7 : 0) >= 0)
			close(fd);
		else if (fd >= 0)
			close(fd);
		return;
	}
	size = knob_text(in, text, sizeof(text));
	tuned[space] |= 1U << knob % ARRAY_SIZE(knobs);
	knob_write(knob, text, size, how >= 0x70 ? take(in) & 3 : 0);
}

/*
 * A socket option of IPVS with the length that it must have: services and servers of a few
 * addresses and ports, so that requests meet what is there.
 */
static void op_sockopt_whole(struct input *in, u8 how)
{
	static const struct { int name; socklen_t size; } set[] = {
		{ IP_VS_SO_SET_ADD, 44 }, { IP_VS_SO_SET_EDIT, 44 }, { IP_VS_SO_SET_DEL, 44 },
		{ IP_VS_SO_SET_ZERO, 44 }, { IP_VS_SO_SET_ADDDEST, 68 }, { IP_VS_SO_SET_EDITDEST, 68 },
		{ IP_VS_SO_SET_DELDEST, 68 }, { IP_VS_SO_SET_TIMEOUT, 12 }, { IP_VS_SO_SET_STARTDAEMON, 24 },
		{ IP_VS_SO_SET_STOPDAEMON, 24 }, { IP_VS_SO_SET_FLUSH, 0 },
	}, get[] = {
		{ IP_VS_SO_GET_VERSION, 64 }, { IP_VS_SO_GET_INFO, 12 }, { IP_VS_SO_GET_SERVICES, 8 },
		{ IP_VS_SO_GET_SERVICE, 104 }, { IP_VS_SO_GET_DESTS, 24 }, { IP_VS_SO_GET_TIMEOUT, 12 },
		{ IP_VS_SO_GET_DAEMON, 48 },
	};
	static const char *const scheds[] = { "rr", "wlc", "mh", "none", "nosuch" };
	u8 which = take(in), a = take(in), b = take(in);
	struct {
		struct ip_vs_service_user svc;
		struct ip_vs_dest_user dest;
		u8 room[1024];
	} arg = {
		.svc = {
			.protocol = a & 1 ? IPPROTO_UDP : IPPROTO_TCP, .addr = htonl(0xc0000201),
			.port = htons(80 + (a >> 1 & 3)), .fwmark = a & 0x40 ? a & 7 : 0, .flags = a >> 5,
			.timeout = b, .netmask = ~0U,
		},
		.dest = {
			.addr = htonl(0x0a000001 + (b & 7)), .port = htons(80), .conn_flags = b >> 3,
			.weight = (signed char)b,
		},
	};
	socklen_t size;

	strncpy(arg.svc.sched_name, PICK(scheds, a >> 3), sizeof(arg.svc.sched_name) - 1);
	if (how & 1) {
		setsockopt(raw4, IPPROTO_IP, PICK(set, which).name, &arg, PICK(set, which).size);
		return;
	}
	size = PICK(get, which).size;
	if (PICK(get, which).name == IP_VS_SO_GET_SERVICES) {
		*(u32 *)&arg = b & 7;
		size += (b & 7) * 104;
	} else if (PICK(get, which).name == IP_VS_SO_GET_DESTS) {
		((u32 *)&arg)[4] = b & 7;
		size += (b & 7) * 96;
	}
	getsockopt(raw4, IPPROTO_IP, PICK(get, which).name, &arg, &size);
}

static void op_sockopt(struct input *in)
{
	u8 how = take(in), value[256];
	int name = how & 0x80 ? IP_VS_SO_SET_NONE + how % 32 : 1000 + take16(in) % 512;
	socklen_t size;

	fuzz_op();
	if (how & 0x10) {
		op_sockopt_whole(in, how);
		return;
	}
	size = take(in);
	memset(value, take(in), sizeof(value));
	if (how & 0x40)
		setsockopt(how & 0x20 ? udp6 : raw4, how & 0x20 ? IPPROTO_IPV6 : IPPROTO_IP, name,
			   value, size);
	else
		getsockopt(how & 0x20 ? udp6 : raw4, how & 0x20 ? IPPROTO_IPV6 : IPPROTO_IP, name,
			   value, &size);
}

/* ---- files ----------------------------------------------------------------- */

static void file_open(unsigned int n, u8 which, unsigned int space)
{
	static const char *const names[] = {
		"ip_vs", "ip_vs_conn", "ip_vs_stats", "ip_vs_stats_percpu", "lvs_drops",
		"ip_vs_app", "ip_vs_conn_sync", "ip_vs_status", "lvs_defense",
	};
	char path[64];

	if (files[n] >= 0)
		close(files[n]);
	enter(0);
	snprintf(path, sizeof(path), "/proc/%d/net/%s", space ? holder : self_pid,
		 PICK(names, which));
	files[n] = open(path, O_RDONLY | O_CLOEXEC);
}

static void op_file(struct input *in)
{
	static const off_t offsets[] = {
		0, 1, 79, 80, 81, 4095, 4096, 4097, 1 << 20, 0x7fffffff, 0x7fffffffffffff00,
	};
	u8 how = take(in), which = take(in), size = take(in);
	unsigned int n = which % FILES;

	fuzz_op();
	if (files[n] < 0 || how < 0x40)
		file_open(n, which / FILES, how & 1);
	if (files[n] < 0)
		return;
	if (how & 0x10)
		lseek(files[n], PICK(offsets, take(in)), how & 0x08 ? SEEK_CUR : SEEK_SET);
	if (how & 0x20) {
		if (pread(files[n], answer, 1 + size * 16, PICK(offsets, take(in))) < 0)
			return;
	} else if (read(files[n], answer, size < 0xc0 ? 1 + size : (size - 0xbf) * 64) < 0) {
		return;
	}
	if (how >= 0xe0) {
		close(files[n]);
		files[n] = -1;
	}
}

/* ---- packets --------------------------------------------------------------- */

static void packet4(struct input *in, u8 how)
{
	static const u32 vips[] = { 0xc0000201, 0xc0000201, 0xc0000202, 0x0a0000fe };
	static const u16 ports[] = { 80, 53, 21, 20, 8080 };
	u8 packet[80] = {};
	struct iphdr *ip = (struct iphdr *)packet;
	struct tcphdr *tcp = (struct tcphdr *)(ip + 1);
	struct sockaddr_in to = { .sin_family = AF_INET };
	u32 mark = how & 0x10;
	size_t size = sizeof(*ip) + sizeof(*tcp);

	to.sin_addr.s_addr = htonl(PICK(vips, take(in)));
	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = how & 0x20 ? 1 : 64;
	ip->protocol = how & 2 ? IPPROTO_UDP : IPPROTO_TCP;
	ip->saddr = htonl(0xc0000202 - (how & 1));
	ip->daddr = to.sin_addr.s_addr;
	ip->tot_len = htons(size);
	tcp->source = htons(1000 + take(in) % 64);
	tcp->dest = htons(PICK(ports, take(in)));
	if (how & 2)
		((struct udphdr *)tcp)->len = htons(sizeof(*tcp));
	else
		packet[sizeof(*ip) + 13] = take(in);
	tcp->doff = how & 2 ? tcp->doff : 5;
	setsockopt(raw4, SOL_SOCKET, SO_MARK, &(u32){ !!mark }, sizeof(mark));
	if (sendto(raw4, packet, size, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 &&
	    fuzz_verbose)
		printf("# packet: %s\n", strerror(errno));
}

static void packet6(struct input *in, u8 how)
{
	static const u16 ports[] = { 53, 80, 8080 };
	struct sockaddr_in6 to = { .sin6_family = AF_INET6 };
	u32 mark = how & 0x10;

	inet_pton(AF_INET6, "2001:db8::1", &to.sin6_addr);
	to.sin6_port = htons(PICK(ports, take(in)));
	setsockopt(udp6, SOL_SOCKET, SO_MARK, &(u32){ !!mark }, sizeof(mark));
	if (sendto(udp6, "x", 1, MSG_DONTWAIT, (struct sockaddr *)&to, sizeof(to)) < 0 && fuzz_verbose)
		printf("# packet: %s\n", strerror(errno));
}

static void op_packet(struct input *in)
{
	u8 how = take(in);

	for (int n = how >= 0xe0 ? 8 : 1; n > 0; n--) {
		fuzz_op();
		if (how & 8)
			packet6(in, how);
		else
			packet4(in, how);
	}
}

/* The second namespace ends, sometimes with a socket or file that lives longer. */
static void op_namespace(struct input *in)
{
	/* seldom: it takes a hundred times as long as a request */
	if (take(in) != 0x5a)
		return;
	fuzz_op();
	for (unsigned int n = SOCKETS / SPACES; n < SOCKETS; n++)
		close(sockets[n].fd);
	second_end();
	second_make();
	for (unsigned int n = SOCKETS / SPACES; n < SOCKETS; n++)
		socket_open(n);
}

/* ---- an input -------------------------------------------------------------- */

static void plain_request(unsigned int sock, u8 cmd)
{
	struct sockaddr_nl to = { .nl_family = AF_NETLINK };

	msg.size = 0;
	request_begin(&msg, family, cmd, NLM_F_REQUEST);
	if (cmd == IPVS_CMD_SET_CONFIG) {
		static const u32 timeouts[] = { 900, 120, 300 };

		for (u16 i = 0; i < ARRAY_SIZE(timeouts); i++) {
			struct nlattr attr = {
				.nla_len = 8, .nla_type = IPVS_CMD_ATTR_TIMEOUT_TCP + i,
			};

			memcpy(msg.data + msg.size, &attr, sizeof(attr));
			memcpy(msg.data + msg.size + 4, &timeouts[i], 4);
			msg.size += 8;
		}
	}
	request_end(&msg, 0);
	if (sendto(sockets[sock].fd, msg.data, msg.size, 0, (struct sockaddr *)&to, sizeof(to)) < 0)
		err(2, "request to begin with");
	msg.size = 0;
}

/* As before the first input. */
static void state_reset(void)
{
	for (unsigned int space = 0; space < SPACES; space++) {
		if (configured[space])
			plain_request(space * SOCKETS / SPACES, IPVS_CMD_FLUSH);
		if (timed[space])
			plain_request(space * SOCKETS / SPACES, IPVS_CMD_SET_CONFIG);
		configured[space] = timed[space] = false;
		if (!tuned[space])
			continue;
		enter(space);
		for (unsigned int i = 0; i < ARRAY_SIZE(knobs); i++)
			if (tuned[space] & 1U << i)
				knob_write(i, knobs[i].usual, strlen(knobs[i].usual), 0);
		tuned[space] = 0;
	}
	for (unsigned int n = 0; n < SOCKETS; n++)
		if (sockets[n].dumping)
			socket_renew(n);
	for (unsigned int n = 0; n < FILES; n++) {
		if (files[n] >= 0)
			close(files[n]);
		files[n] = -1;
	}
	msg.size = 0;
}

static void run(struct input *in)
{
	static void (*const ops[16])(struct input *in) = {
		op_request, op_request, op_request, op_request, op_request, op_request, op_request,
		op_request, op_packet, op_bulk, op_read, op_knob, op_file, op_file, op_sockopt,
		op_base,
	};

	for (int n = 0; n < OPS_MAX && !input_ended(in); n++) {
		u8 op = take(in);

		if (op == 0xee)
			op_namespace(in);
		else if (op == 0xed)
			op_socket(in);
		else
			PICK(ops, op)(in);
	}
	state_reset();
}

/* ---- beginning and end ----------------------------------------------------- */

/* The id of the family, by asking the controller. */
static u16 family_find(int fd)
{
	static const char name[] = IPVS_GENL_NAME;
	struct nlattr attr = { .nla_type = CTRL_ATTR_FAMILY_NAME, .nla_len = 4 + sizeof(name) };
	ssize_t size;

	request_begin(&msg, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, NLM_F_REQUEST);
	memcpy(msg.data + msg.size, &attr, 4);
	memcpy(msg.data + msg.size + 4, name, sizeof(name));
	msg.size += NLA_ALIGN(attr.nla_len);
	request_end(&msg, 0);
	if (send(fd, msg.data, msg.size, 0) < 0)
		err(2, "asking for the family");
	msg.size = 0;
	size = recv(fd, answer, sizeof(answer), 0);
	for (ssize_t at = NLMSG_HDRLEN + GENL_HDRLEN; at + NLA_HDRLEN < size;) {
		memcpy(&attr, answer + at, NLA_HDRLEN);
		if (attr.nla_type == CTRL_ATTR_FAMILY_ID)
			return *(u16 *)(answer + at + NLA_HDRLEN);
		if (attr.nla_len < NLA_HDRLEN)
			break;
		at += NLA_ALIGN(attr.nla_len);
	}
	errx(2, "there is no family %s", name);
}

static void setup(void)
{
	self_pid = getpid();
	self_ns[0] = own_ns();
	second_make();
	for (unsigned int n = 0; n < SOCKETS; n++)
		socket_open(n);
	family = family_find(sockets[0].fd);
	memset(files, -1, sizeof(files));
	enter(0);
	raw4 = socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, IPPROTO_RAW);
	udp6 = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (raw4 < 0 || udp6 < 0)
		err(2, "socket");
	for (unsigned int space = 0; space < SPACES; space++) {
		configured[space] = timed[space] = true;
		tuned[space] = ~0U;
	}
	state_reset();
}

static void report(void)
{
	printf("# nlfuzz: %llu requests accepted, %llu refused\n", (unsigned long long)accepted,
	       (unsigned long long)refused);
}

static const struct fuzz_target nlfuzz = {
	.name = "nlfuzz",
	.options = "",
	.setup = setup,
	.run = run,
	.report = report,
};

int main(int argc, char **argv)
{
	return fuzz_main(argc, argv, &nlfuzz);
}
