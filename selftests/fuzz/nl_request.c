// SPDX-License-Identifier: GPL-2.0
/*
 * A request has the attributes that its command wants, each with a value out of a
 * few that mean something, or one at the edge of its type, or any. At most one
 * attribute is spoilt: left out, cut, stretched, doubled, of another type, nested.
 */
#include "nl_request.h"

#include <arpa/inet.h>
#include <linux/ip_vs.h>
#include <netinet/in.h>

/* The kernel's uapi header ends at IPVS_DEST_ATTR_ADDR_FAMILY on the oldest systems. */
enum { DEST_TUN_TYPE = 13, DEST_TUN_PORT = 14, DEST_TUN_FLAGS = 15 };

static struct spoil spoil;

/* ---- attributes ------------------------------------------------------------ */

static void *put_room(struct message *msg, size_t size)
{
	void *at = msg->data + msg->size;

	if (msg->size + NLA_ALIGN(size) > sizeof(msg->data))
		return NULL;
	memset(at, 0, NLA_ALIGN(size));
	msg->size += NLA_ALIGN(size);
	return at;
}

static void put_plain(struct message *msg, u16 type, const void *value, size_t size)
{
	struct nlattr *attr = put_room(msg, NLA_HDRLEN + size);

	if (!attr)
		return;
	attr->nla_type = type;
	attr->nla_len = NLA_HDRLEN + size;
	memcpy((u8 *)attr + NLA_HDRLEN, value, size);
}

static void put_spoilt(struct message *msg, u16 type, const void *value, size_t size)
{
	u8 big[4096];
	size_t at = msg->size;
	struct nlattr *attr = (struct nlattr *)(msg->data + at);

	memset(big, spoil.with, sizeof(big));
	memcpy(big, value, size);
	switch (spoil.how % 14) {
	case 0:	/* left out */
		return;
	case 1:
		put_plain(msg, type, value, size ? spoil.with % size : 0);
		return;
	case 2:
		put_plain(msg, type, big, size + 1 + spoil.with % 32);
		return;
	case 3:
		put_plain(msg, type, big, 64 + spoil.with * 15);
		return;
	case 4:
		put_plain(msg, type | NLA_F_NESTED, value, size);
		return;
	case 5:
		put_plain(msg, type | NLA_F_NET_BYTEORDER, value, size);
		return;
	case 6:	/* given twice: first something else */
		put_plain(msg, type, big + size, size);
		break;
	case 7:
		type = spoil.with;
		break;
	case 8:
		memset(big, spoil.with, size);
		put_plain(msg, type, big, size);
		return;
	case 9:
		big[0] ^= 1 << spoil.with % 8;
		put_plain(msg, type, big, size);
		return;
	case 10:
		big[size ? size - 1 : 0] ^= spoil.with;
		put_plain(msg, type, big, size);
		return;
	case 11: /* bytes that are no attribute */
		put_plain(msg, type, value, size);
		put_room(msg, 1 + spoil.with % 8);
		return;
	default: /* a length that lies */
		put_plain(msg, type, value, size);
		if (msg->size > at)
			attr->nla_len = spoil.how % 14 == 12 ? spoil.with : attr->nla_len + spoil.with;
		return;
	}
	put_plain(msg, type, value, size);
}

static void put(struct message *msg, u16 type, const void *value, size_t size)
{
	if (spoil.on && spoil.at-- == 0) {
		spoil.on = false;
		put_spoilt(msg, type, value, size);
	} else {
		put_plain(msg, type, value, size);
	}
}

static void put_u8(struct message *msg, u16 type, u8 value)
{
	put(msg, type, &value, sizeof(value));
}

static void put_u16(struct message *msg, u16 type, u16 value)
{
	put(msg, type, &value, sizeof(value));
}

static void put_u32(struct message *msg, u16 type, u32 value)
{
	put(msg, type, &value, sizeof(value));
}

static void put_text(struct message *msg, u16 type, const char *value)
{
	put(msg, type, value, strlen(value) + 1);
}

/* The nest gets its length, and is spoilt as a whole now and then. */
static void nest_end(struct message *msg, size_t begin, u16 type)
{
	struct nlattr *attr = (struct nlattr *)(msg->data + begin);
	size_t size = msg->size - begin;

	if (size < NLA_HDRLEN)
		return;
	attr->nla_type = type;
	attr->nla_len = size;
	if (!spoil.on || spoil.at-- != 0)
		return;
	spoil.on = false;
	switch (spoil.how % 6) {
	case 0:
		msg->size = begin;
		break;
	case 1:
		attr->nla_type |= NLA_F_NESTED;
		break;
	case 2:
		attr->nla_len = spoil.with;
		break;
	case 3:	/* ends in the middle of an attribute */
		attr->nla_len -= spoil.with % size;
		msg->size = begin + NLA_ALIGN(attr->nla_len);
		break;
	case 4:
		attr->nla_type = spoil.with;
		break;
	default: /* a nest in the nest */
		if (put_room(msg, NLA_HDRLEN)) {
			memmove(msg->data + begin + NLA_HDRLEN, msg->data + begin, size);
			attr->nla_len = size + NLA_HDRLEN;
		}
	}
}

/* ---- values ---------------------------------------------------------------- */

static u32 edge32(struct input *in)
{
	static const u32 edges[] = {
		0, 1, 2, 7, 15, 16, 255, 256, 65535, 65536, 0x7ffffffe, 0x7fffffff, 0x80000000,
		0xfffffffe, 0xffffffff, 2147483, 2147484, 8589934, 17179869,
	};
	u8 choice = take(in);

	return choice < 0xe0 ? PICK(edges, choice) : take32(in);
}

/* Mostly one of @usual, otherwise a value at an edge, or any. */
static u32 value32(struct input *in, const u32 *usual, size_t n)
{
	u8 choice = take(in);

	return choice < 0xe8 ? usual[choice % n] : edge32(in);
}

#define VALUE32(in, usual...) ({					\
	static const u32 _usual[] = { usual };				\
									\
	value32(in, _usual, ARRAY_SIZE(_usual));			\
})

static void address4(u8 *to, u32 host)
{
	u32 raw = htonl(host);

	memset(to, 0, 16);
	memcpy(to, &raw, 4);
}

static void address6(u8 *to, const char *text)
{
	inet_pton(AF_INET6, text, to);
}

/* ---- nests ----------------------------------------------------------------- */

struct service_key {
	u16 af, proto;
	u32 mark;
	const char *addr6;
	u32 addr4;
	u16 port;
};

static const struct service_key services[] = {
	{ AF_INET, IPPROTO_UDP, .addr4 = 0xc0000201, .port = 53 },
	{ AF_INET, IPPROTO_TCP, .addr4 = 0xc0000201, .port = 80 },
	{ AF_INET6, IPPROTO_TCP, .addr6 = "2001:db8::1", .port = 80 },
	{ AF_INET6, IPPROTO_UDP, .addr6 = "2001:db8::1", .port = 53 },
	{ AF_INET, .mark = 1 },
	{ AF_INET6, .mark = 1 },
	{ AF_INET, IPPROTO_TCP, .addr4 = 0xc0000201 },
	{ AF_INET6, IPPROTO_UDP, .addr6 = "2001:db8::1" },
	{ AF_INET, IPPROTO_SCTP, .addr4 = 0xc0000201, .port = 80 },
	{ AF_INET, IPPROTO_TCP, .addr4 = 0xc0000201, .port = 21 },
	{ AF_INET, IPPROTO_TCP, .addr4 = 0xc0000202, .port = 80 },
	{ AF_INET, IPPROTO_UDP, .addr4 = 0x0a0000fe, .port = 0 },
	{ AF_INET, IPPROTO_UDP, .addr4 = 0, .port = 53 },
	{ AF_INET, IPPROTO_TCP, .addr4 = 0xe0000001, .port = 80 },
	{ AF_INET6, IPPROTO_TCP, .addr6 = "::", .port = 80 },
	{ AF_INET6, IPPROTO_TCP, .addr6 = "::ffff:192.0.2.1", .port = 80 },
};

/* Returns the service's family. */
static u16 put_service_key(struct message *msg, u8 number, u16 port)
{
	/* few at first, so that one input meets the same again */
	const struct service_key *key = &PICK(services, number < 0xa0 ? number % 4 : number);
	u8 addr[16];

	put_u16(msg, IPVS_SVC_ATTR_AF, key->af);
	if (key->mark) {
		put_u32(msg, IPVS_SVC_ATTR_FWMARK, key->mark);
		return key->af;
	}
	put_u16(msg, IPVS_SVC_ATTR_PROTOCOL, key->proto);
	if (key->addr6)
		address6(addr, key->addr6);
	else
		address4(addr, key->addr4);
	put(msg, IPVS_SVC_ATTR_ADDR, addr, sizeof(addr));
	put_u16(msg, IPVS_SVC_ATTR_PORT, htons(key->port + port));
	return key->af;
}

static const char *const scheds[] = {
	"rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "ovf", "dh", "sh", "mh", "lblc", "lblcr",
	"twos", "", "two", "none", "RR", "rr ", "0123456789abcde", "0123456789abcdefg",
};

static void put_service_rest(struct message *msg, struct input *in, u16 af)
{
	struct ip_vs_flags flags;
	u8 extra;

	put_text(msg, IPVS_SVC_ATTR_SCHED_NAME, PICK(scheds, take(in)));
	flags.flags = VALUE32(in, 0, IP_VS_SVC_F_PERSISTENT, IP_VS_SVC_F_ONEPACKET, 0,
			      IP_VS_SVC_F_SCHED1, IP_VS_SVC_F_SCHED2, IP_VS_SVC_F_SCHED3);
	flags.mask = VALUE32(in, ~0U, ~0U, 0, IP_VS_SVC_F_PERSISTENT);
	put(msg, IPVS_SVC_ATTR_FLAGS, &flags, sizeof(flags));
	put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, VALUE32(in, 0, 300, 1, 360));
	if (af == AF_INET6)
		put_u32(msg, IPVS_SVC_ATTR_NETMASK, VALUE32(in, 128, 128, 64, 1, 0, 129));
	else
		put_u32(msg, IPVS_SVC_ATTR_NETMASK, VALUE32(in, ~0U, ~0U, 0xffffff, 0, 0xffffff00));
	extra = take(in);
	if (extra >= 0xe0)
		put_text(msg, IPVS_SVC_ATTR_PE_NAME, extra & 1 ? "sip" : "");
	if (extra >= 0xf0)
		put_u32(msg, extra & 3 ? IPVS_SVC_ATTR_STATS : extra, take32(in));
}

static void put_service(struct message *msg, struct input *in, u8 number, bool full)
{
	size_t begin = msg->size;
	u8 port = take(in);
	u16 af;

	if (!put_room(msg, NLA_HDRLEN))
		return;
	af = put_service_key(msg, number, port < 0xe0 ? 0 : port & 7);
	if (full)
		put_service_rest(msg, in, af);
	nest_end(msg, begin, IPVS_CMD_ATTR_SERVICE);
}

static void put_dest_key(struct message *msg, u8 choice, u8 number)
{
	static const u32 special[] = {
		0x7f000001, 0xc0000201, 0, 0xe0000001, 0xffffffff, 0x0a0000fe, 0xc0000202,
	};
	static const char *const special6[] = {
		"::1", "2001:db8::1", "::", "ff02::1", "fe80::1", "::ffff:10.0.0.1", "fd00::ff",
	};
	u8 addr[16];

	if (choice & 1) {
		address6(addr, "fd00::100");
		addr[15] = number;
	} else {
		address4(addr, 0x0a000100 + number);
	}
	if (choice >= 0xd0) {
		if (choice & 1)
			address6(addr, PICK(special6, number));
		else
			address4(addr, PICK(special, number));
	}
	put(msg, IPVS_DEST_ATTR_ADDR, addr, sizeof(addr));
}

static void put_dest_extra(struct message *msg, struct input *in)
{
	u8 extra = take(in);

	if (extra < 0xc0)
		return;
	if (extra & 1)
		put_u8(msg, DEST_TUN_TYPE, take(in) & 3);
	if (extra & 2)
		put_u16(msg, DEST_TUN_PORT, take16(in));
	if (extra & 4)
		put_u16(msg, DEST_TUN_FLAGS, take(in) & 7);
	if (extra & 8)
		put_u32(msg, IPVS_DEST_ATTR_ACTIVE_CONNS + (extra >> 4) % 4, take32(in));
}

static void put_dest(struct message *msg, struct input *in, bool full)
{
	u8 choice = take(in), number = take(in);
	size_t begin = msg->size;

	if (!put_room(msg, NLA_HDRLEN))
		return;
	put_dest_key(msg, choice, number);
	put_u16(msg, IPVS_DEST_ATTR_PORT, htons(VALUE32(in, 80, 80, 0, 53)));
	if (full) {
		put_u32(msg, IPVS_DEST_ATTR_FWD_METHOD, VALUE32(in, 0, 3, 2, 1, 4, 5, 0x100));
		put_u32(msg, IPVS_DEST_ATTR_WEIGHT, VALUE32(in, 1, 1, 2, 0, 100, 3, 65535));
		put_u32(msg, IPVS_DEST_ATTR_U_THRESH, VALUE32(in, 0, 0, 0, 1, 10));
		put_u32(msg, IPVS_DEST_ATTR_L_THRESH, VALUE32(in, 0, 0, 0, 1, 5));
	}
	if (choice & 3)
		put_u16(msg, IPVS_DEST_ATTR_ADDR_FAMILY, choice < 0xf8 ? (choice & 1 ? AF_INET6 : AF_INET) :
			choice);
	if (full)
		put_dest_extra(msg, in);
	nest_end(msg, begin, IPVS_CMD_ATTR_DEST);
}

static void put_daemon(struct message *msg, struct input *in)
{
	size_t begin = msg->size;
	u8 extra = take(in), group[16];

	if (!put_room(msg, NLA_HDRLEN))
		return;
	put_u32(msg, IPVS_DAEMON_ATTR_STATE, VALUE32(in, 1, 2, 3, 0));
	put_text(msg, IPVS_DAEMON_ATTR_MCAST_IFN, extra & 1 ? "dummy0" : "lo");
	put_u32(msg, IPVS_DAEMON_ATTR_SYNC_ID, VALUE32(in, 0, 1, 255, 256));
	if (extra & 2)
		put_u16(msg, IPVS_DAEMON_ATTR_SYNC_MAXLEN, take16(in));
	if (extra & 4)
		put_u32(msg, IPVS_DAEMON_ATTR_MCAST_GROUP, htonl(extra & 8 ? 0xe0000051 : take32(in)));
	address6(group, extra & 16 ? "ff05::1" : "2001:db8::1");
	if (extra & 32)
		put(msg, IPVS_DAEMON_ATTR_MCAST_GROUP6, group, sizeof(group));
	if (extra & 64)
		put_u16(msg, IPVS_DAEMON_ATTR_MCAST_PORT, take16(in));
	if (extra & 128)
		put_u8(msg, IPVS_DAEMON_ATTR_MCAST_TTL, take(in));
	nest_end(msg, begin, IPVS_CMD_ATTR_DAEMON);
}

static void put_config(struct message *msg, struct input *in)
{
	u8 which = take(in);

	if (!(which & 1))
		put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP, VALUE32(in, 900, 1, 0));
	if (!(which & 2))
		put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, VALUE32(in, 120, 1, 0));
	if (!(which & 4))
		put_u32(msg, IPVS_CMD_ATTR_TIMEOUT_UDP, VALUE32(in, 300, 1, 0));
}

/* ---- requests -------------------------------------------------------------- */

/**
 * request_begin - append the headers of a request
 * @msg: gets them
 * @family: id of the family
 * @cmd: command
 * @flags: NLM_F_*
 */
void request_begin(struct message *msg, u16 family, u8 cmd, u16 flags)
{
	struct nlmsghdr *nlh = put_room(msg, NLMSG_HDRLEN + GENL_HDRLEN);
	struct genlmsghdr *genl;

	if (!nlh)
		return;
	nlh->nlmsg_type = family;
	nlh->nlmsg_flags = flags;
	nlh->nlmsg_seq = 1;
	genl = (struct genlmsghdr *)((u8 *)nlh + NLMSG_HDRLEN);
	genl->cmd = cmd;
	genl->version = 1;
}

/**
 * request_end - write the length of a request
 * @msg: has it as its last
 * @begin: where it begins
 */
void request_end(struct message *msg, size_t begin)
{
	struct nlmsghdr *nlh = (struct nlmsghdr *)(msg->data + begin);

	if (msg->size - begin >= NLMSG_HDRLEN)
		nlh->nlmsg_len = msg->size - begin;
}

/* Attributes that have nothing to do with each other, nested at random. */
static void put_noise(struct message *msg, struct input *in, int depth)
{
	int n = 1 + take(in) % 5;

	while (n--) {
		size_t begin = msg->size;
		u8 choice = take(in);
		u64 value = take32(in);

		if (depth < 4 && choice & 0x80 && put_room(msg, NLA_HDRLEN)) {
			put_noise(msg, in, depth + 1);
			nest_end(msg, begin, (choice & 0x0f) | (choice & 0x40 ? NLA_F_NESTED : 0));
		} else {
			put_plain(msg, choice & 0x1f, &value, choice >> 5);
		}
	}
}

/**
 * request_put - append the attributes of a command
 * @msg: gets them
 * @in: the choices
 * @cmd: the command
 */
void request_put(struct message *msg, struct input *in, u8 cmd)
{
	u8 how = take(in), service = take(in);

	spoil.on = how >= 0xc0 && how < 0xf4;
	if (spoil.on) {
		spoil.at = take(in) % 16;
		spoil.how = take(in);
		spoil.with = take(in);
	}
	if (how >= 0xf4) {
		put_noise(msg, in, 0);
		return;
	}
	switch (cmd) {
	case IPVS_CMD_NEW_SERVICE:
	case IPVS_CMD_SET_SERVICE:
		put_service(msg, in, service, true);
		break;
	case IPVS_CMD_NEW_DEST:
	case IPVS_CMD_SET_DEST:
	case IPVS_CMD_DEL_DEST:
		put_service(msg, in, service, false);
		put_dest(msg, in, cmd != IPVS_CMD_DEL_DEST);
		break;
	case IPVS_CMD_NEW_DAEMON:
	case IPVS_CMD_DEL_DAEMON:
		put_daemon(msg, in);
		break;
	case IPVS_CMD_SET_CONFIG:
		put_config(msg, in);
		break;
	case IPVS_CMD_ZERO:
		if (service & 1)
			break;
		/* fall through */
	default:
		put_service(msg, in, service, false);
	}
	spoil.on = false;
}

/**
 * request_put_dest - append the attributes of NEW_DEST, as they should be
 * @msg: gets them
 * @service: number of the service
 * @dest: number of the server
 * @how: bits for its method and weight
 */
void request_put_dest(struct message *msg, u8 service, unsigned int dest, u8 how)
{
	static const u32 methods[] = { 0, 3, 2, 1 };
	size_t begin = msg->size;
	u8 addr[16];

	put_room(msg, NLA_HDRLEN);
	put_service_key(msg, service, 0);
	nest_end(msg, begin, IPVS_CMD_ATTR_SERVICE);
	begin = msg->size;
	put_room(msg, NLA_HDRLEN);
	address4(addr, 0x0a000100 + dest);
	put(msg, IPVS_DEST_ATTR_ADDR, addr, sizeof(addr));
	put_u16(msg, IPVS_DEST_ATTR_PORT, htons(80));
	put_u16(msg, IPVS_DEST_ATTR_ADDR_FAMILY, AF_INET);
	put_u32(msg, IPVS_DEST_ATTR_FWD_METHOD, PICK(methods, how));
	put_u32(msg, IPVS_DEST_ATTR_WEIGHT, how & 4 ? dest : 1U + (how >> 3));
	put_u32(msg, IPVS_DEST_ATTR_U_THRESH, 0);
	put_u32(msg, IPVS_DEST_ATTR_L_THRESH, 0);
	nest_end(msg, begin, IPVS_CMD_ATTR_DEST);
}

/**
 * request_put_service - append the attributes of NEW_SERVICE, as they should be
 * @msg: gets them
 * @service: number of the service
 * @sched: number of the scheduler
 * @flags: bits of IP_VS_SVC_F_*
 */
void request_put_service(struct message *msg, u8 service, u8 sched, u32 flags)
{
	struct ip_vs_flags both = { .flags = flags, .mask = ~0U };
	size_t begin = msg->size;
	u16 af;

	put_room(msg, NLA_HDRLEN);
	af = put_service_key(msg, service, 0);
	put_text(msg, IPVS_SVC_ATTR_SCHED_NAME, scheds[sched % 11]);
	put(msg, IPVS_SVC_ATTR_FLAGS, &both, sizeof(both));
	put_u32(msg, IPVS_SVC_ATTR_TIMEOUT, 300);
	put_u32(msg, IPVS_SVC_ATTR_NETMASK, af == AF_INET6 ? 128 : ~0U);
	nest_end(msg, begin, IPVS_CMD_ATTR_SERVICE);
}
