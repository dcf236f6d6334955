// SPDX-License-Identifier: GPL-2.0
/*
 * Headers have what they should have, or in part what the input says; checksums
 * are made right at the end, whatever is in the packet.
 */
#include "pkt_build.h"

#include <arpa/inet.h>

#define TCP_HLEN	20
#define UDP_HLEN	8

/* ---- flows ----------------------------------------------------------------- */

struct service {
	u16 vport, rport;
	bool nat, local, tunnel;
};

/* As fuzz.sh configures them. */
static const struct service services[] = {
	{ 1000, 2000, .nat = true },
	{ 1001, 1001, .nat = false },
	{ 1002, 1002, .tunnel = true },
	{ 1003, 1003, .tunnel = true },		/* of the other family */
	{ 1004, 2004, .nat = true, .local = true },
	{ 1005, 1005, .local = true },
	{ 1006, 2006, .nat = true },		/* TCP: persistent, UDP: one packet */
	{ 1007, 1007, .nat = false },			/* persistent */
	{ 1008, 2008, .nat = true },		/* several servers, some full */
	{ 1009, 2009, .nat = true, .tunnel = true },	/* no server */
	{ 1010, 2010, .nat = true },		/* no route to its server */
	{ 2000, 2000, .local = true },		/* no service */
};

static void put16(u8 *at, u16 value)
{
	at[0] = value >> 8;
	at[1] = value;
}

static u16 get16(const u8 *at)
{
	return at[0] << 8 | at[1];
}

static void put32(u8 *at, u32 value)
{
	put16(at, value >> 16);
	put16(at + 2, value);
}

struct flow flow_take(struct input *in)
{
	u8 a = take(in), b = take(in);

	return (struct flow){
		.six = a & 1,
		.proto = a & 2 ? IPPROTO_UDP : IPPROTO_TCP,
		.client = a >> 2 & 3,
		.cport = a >> 4,
		.service = b % ARRAY_SIZE(services),
	};
}

enum host { CLIENT, VIP, SERVER, DIRECTOR, HOSTS };

static void host_address(u8 *to, bool six, enum host host, u8 number)
{
	static const char *const hosts[HOSTS][2] = {
		[CLIENT] = { "203.0.113.5", "2001:db8:cc::5" },
		[VIP] = { "192.0.2.1", "2001:db8:1::1" },
		[SERVER] = { "192.0.2.11", "2001:db8:1::b" },
		[DIRECTOR] = { "192.0.2.2", "2001:db8:1::2" },
	};

	inet_pton(six ? AF_INET6 : AF_INET, hosts[host][six], to);
	to[six ? 15 : 3] += number;
}

/* The ends of a packet. */
struct ends {
	u8 src[16], dst[16];
	u16 sport, dport;
};

static void flow_ends(const struct flow *flow, enum place place, struct ends *ends)
{
	const struct service *svc = &services[flow->service];
	bool translated = svc->nat && (place == TO_SERVER || place == FROM_SERVER);
	enum host server = translated ? (svc->local ? DIRECTOR : SERVER) : VIP;
	bool back = place == FROM_SERVER || place == FROM_VIP;

	host_address(back ? ends->dst : ends->src, flow->six, CLIENT, flow->client);
	host_address(back ? ends->src : ends->dst, flow->six, server, 0);
	ends->sport = 10000 + flow->cport;
	ends->dport = translated ? svc->rport : svc->vport;
	if (back) {
		u16 port = ends->sport;

		ends->sport = ends->dport;
		ends->dport = port;
	}
}

/* ---- checksums ------------------------------------------------------------- */

static u32 sum_add(u32 sum, const u8 *data, size_t size)
{
	for (; size > 1; size -= 2, data += 2)
		sum += get16(data);
	if (size)
		sum += data[0] << 8;
	return (sum & 0xffff) + (sum >> 16);
}

static u16 sum_fold(u32 sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static u16 pseudo_sum(const struct packet *pkt)
{
	size_t size = pkt->size - pkt->l4off;
	u32 sum = pkt->proto + (size & 0xffff) + (size >> 16);

	if (pkt->six)
		return sum_fold(sum_add(sum, pkt->data + 8, 32));
	return sum_fold(sum_add(sum, pkt->data + 12, 8));
}

/* Where the transport checksum is; 0 if there is none. */
static size_t check_offset(const struct packet *pkt)
{
	switch (pkt->proto) {
	case IPPROTO_TCP:
		return pkt->l4off + 16;
	case IPPROTO_UDP:
		return pkt->l4off + 6;
	case IPPROTO_ICMP:
	case IPPROTO_ICMPV6:
		return pkt->l4off + 2;
	default:
		return 0;
	}
}

/**
 * packet_checksums - make the checksums right
 * @pkt: packet, wholly written
 * @partial: leave TCP and UDP what a device with checksum offload completes
 */
void packet_checksums(struct packet *pkt, bool partial)
{
	size_t at = check_offset(pkt), hlen = (pkt->data[0] & 15) * 4;
	u32 sum;

	if (at && at + 2 <= pkt->size) {
		put16(pkt->data + at, 0);
		sum = pkt->proto == IPPROTO_ICMP ? 0 : pseudo_sum(pkt);
		if (!partial || pkt->proto == IPPROTO_ICMP || pkt->proto == IPPROTO_ICMPV6)
			sum = ~sum_fold(sum_add(sum, pkt->data + pkt->l4off,
						pkt->size - pkt->l4off)) & 0xffff;
		if (!sum && pkt->proto == IPPROTO_UDP)
			sum = 0xffff;
		put16(pkt->data + at, sum);
	}
	if (!pkt->six && hlen >= 20 && hlen <= pkt->size) {
		put16(pkt->data + 10, 0);
		put16(pkt->data + 10, ~sum_fold(sum_add(0, pkt->data, hlen)));
	}
}

/* ---- what is in the packet -------------------------------------------------- */

static size_t payload_take(struct input *in)
{
	static const u16 sizes[] = {
		0, 1, 4, 8, 12, 16, 32, 100, 512, 1212, 1232, 1280, 1440, 1452, 1460, 1472, 1480,
		1500, 1600, 4000, 9000,
	};
	u8 how = take(in);

	if (how < 0x80)
		return how & 31;
	return how < 0xc0 ? PICK(sizes, how) : take16(in) % 1600;
}

static void fill(struct packet *pkt, size_t size)
{
	if (size > PACKET_MAX - pkt->size)
		size = PACKET_MAX - pkt->size;
	for (size_t i = 0; i < size; i++)
		pkt->data[pkt->size + i] = 'a' + i % 23;
	pkt->size += size;
}

static u8 *grow(struct packet *pkt, size_t size)
{
	u8 *at = pkt->data + pkt->size;

	memset(at, 0, size);
	pkt->size += size;
	return at;
}

static void put_tcp(struct packet *pkt, struct input *in, const struct ends *ends)
{
	static const u8 flag_sets[] = {
		0x02, 0x10, 0x12, 0x18, 0x11, 0x14, 0x04, 0x01, 0x00, 0x3f, 0xff, 0x29,
	};
	u8 flags = take(in), shape = take(in);
	size_t options = shape < 0xc0 ? 0 : (shape & 15) * 4;
	u8 *th = grow(pkt, TCP_HLEN);

	put16(th, ends->sport);
	put16(th + 2, ends->dport);
	put32(th + 4, 0x1000 + take(in));
	put32(th + 8, 0x2000);
	th[12] = (5 + options / 4) << 4;
	th[13] = PICK(flag_sets, flags);
	put16(th + 14, 8192);
	if (options > 40)
		th[12] = shape << 4;	/* a header that lies about its length */
	else
		memset(grow(pkt, options), shape & 0x10 ? 1 : take(in), options);
	fill(pkt, payload_take(in));
}

static void put_udp(struct packet *pkt, struct input *in, const struct ends *ends, size_t payload)
{
	u8 shape = take(in);
	u8 *uh = grow(pkt, UDP_HLEN);

	put16(uh, ends->sport);
	put16(uh + 2, ends->dport);
	put16(uh + 4, UDP_HLEN + payload);
	if (shape >= 0xe0)
		put16(uh + 4, take16(in));
}

static void put_icmp_error(struct packet *pkt, struct input *in, const struct flow *flow,
			   enum place place, unsigned int depth)
{
	static const u8 types4[][2] = {
		{ 3, 3 }, { 3, 4 }, { 3, 1 }, { 11, 0 }, { 4, 0 }, { 12, 0 }, { 5, 1 }, { 3, 13 },
	};
	static const u8 types6[][2] = {
		{ 1, 4 }, { 2, 0 }, { 3, 0 }, { 4, 0 }, { 1, 0 }, { 4, 1 }, { 127, 0 }, { 137, 0 },
	};
	static const u16 mtus[] = { 1280, 1400, 576, 68, 0, 1500, 65535, 1279 };
	static const enum place quotes[] = {
		/* a client complains of what it got, a server of what it got */
		[TO_VIP] = FROM_VIP, [FROM_SERVER] = TO_SERVER, [TO_SERVER] = TO_SERVER,
		[FROM_VIP] = FROM_VIP,
	};
	u8 how = take(in), cut = take(in);
	struct packet *quoted;
	enum content content = TRANSPORT;
	u8 *icmp = grow(pkt, 8);

	memcpy(icmp, flow->six ? PICK(types6, how) : PICK(types4, how), 2);
	put32(icmp + 4, PICK(mtus, how >> 3));
	if (services[flow->service].tunnel && how >= 0xc0)
		content = IPIP;
	else if (how >= 0xf0)
		content = cut % CONTENTS;
	quoted = malloc(sizeof(*quoted));
	if (!quoted)
		err(2, "malloc");
	packet_build(quoted, in, flow, how >= 0xe0 ? how & 3 : quotes[place], content, depth + 1);
	packet_checksums(quoted, false);
	if (quoted->size > 1232)
		quoted->size = 1232;
	if (cut < 0x60 && quoted->size > quoted->l4off + 8)
		quoted->size = quoted->l4off + 8;
	else if (cut >= 0xe0)
		quoted->size = take(in) % (quoted->size + 1);
	memcpy(grow(pkt, quoted->size), quoted->data, quoted->size);
	free(quoted);
}

/* A packet in the packet; @header bytes in between. */
static void put_inner(struct packet *pkt, struct input *in, const struct flow *flow,
		      enum place place, unsigned int depth)
{
	struct packet *inner = malloc(sizeof(*inner));
	size_t room = PACKET_MAX - pkt->size;

	if (!inner)
		err(2, "malloc");
	packet_build(inner, in, flow, place, TRANSPORT, depth + 1);
	packet_checksums(inner, false);
	if (inner->size > room)
		inner->size = room;
	memcpy(grow(pkt, inner->size), inner->data, inner->size);
	free(inner);
}

static void put_sctp(struct packet *pkt, struct input *in, const struct ends *ends)
{
	u8 *sh = grow(pkt, 12);

	put16(sh, ends->sport);
	put16(sh + 2, ends->dport);
	put32(sh + 4, take32(in));
	fill(pkt, payload_take(in));
}

static void put_content(struct packet *pkt, struct input *in, const struct flow *flow,
			enum place place, enum content content, unsigned int depth)
{
	struct ends ends;
	u8 *at;

	flow_ends(flow, place, &ends);
	pkt->proto = flow->proto;
	switch (content) {
	case SCTP:
		pkt->proto = IPPROTO_SCTP;
		put_sctp(pkt, in, &ends);
		break;
	case ECHO:
		pkt->proto = flow->six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		at = grow(pkt, 8);
		at[0] = flow->six ? 128 + (take(in) & 1) : PICK("\x08\x00\x0d\x11", take(in));
		fill(pkt, payload_take(in));
		break;
	case ICMP_ERROR:
		pkt->proto = flow->six ? IPPROTO_ICMPV6 : IPPROTO_ICMP;
		put_icmp_error(pkt, in, flow, place, depth);
		break;
	case IPIP:
		pkt->proto = flow->six ? IPPROTO_IPV6 : IPPROTO_IPIP;
		put_inner(pkt, in, flow, take(in) & 3, depth);
		break;
	case GRE:
		pkt->proto = IPPROTO_GRE;
		at = grow(pkt, 4);
		put16(at + 2, flow->six ? 0x86dd : 0x0800);
		put_inner(pkt, in, flow, take(in) & 3, depth);
		break;
	case GUE:
		pkt->proto = IPPROTO_UDP;
		ends.dport = 6080;
		put_udp(pkt, in, &ends, 0);
		at = grow(pkt, 4);
		at[1] = flow->six ? IPPROTO_IPV6 : IPPROTO_IPIP;
		put_inner(pkt, in, flow, take(in) & 3, depth);
		put16(pkt->data + pkt->l4off + 4, pkt->size - pkt->l4off);
		break;
	default:
		if (pkt->proto == IPPROTO_TCP) {
			put_tcp(pkt, in, &ends);
		} else {
			size_t payload = payload_take(in);

			put_udp(pkt, in, &ends, payload);
			fill(pkt, payload);
		}
	}
}

/* ---- the network header ------------------------------------------------------ */

/* Options of IPv4: their bytes, in steps of 4. */
static size_t options4(struct packet *pkt, struct input *in, u8 shape)
{
	size_t size = shape < 0xc8 ? 0 : 4 + (take(in) % 10) * 4;
	static const u8 kinds[] = { 1, 0, 7, 68, 131, 137, 148, 130, 255 };
	u8 *at = grow(pkt, size);

	if (!size)
		return 0;
	memset(at, shape & 1 ? 1 : 0, size);
	at[0] = PICK(kinds, take(in));
	at[1] = shape & 2 ? size : take(in);
	at[2] = shape & 4 ? 4 : take(in);
	return size;
}

/* Extension headers of IPv6. Returns where the last next-header field is. */
static size_t extensions6(struct packet *pkt, struct input *in, u8 shape)
{
	static const u8 kinds[] = { 0, 60, 43, 44, 51, 60, 43, 135, 139, 59, 50 };
	unsigned int n = shape < 0xc8 ? 0 : 1 + shape % 4;
	size_t field = 6;

	if (shape == 0xff)
		n = 20;
	while (n--) {
		u8 kind = PICK(kinds, take(in)), with = take(in);
		size_t units = with >= 0xf0 ? 4 : 0, at = pkt->size;
		u8 *header = grow(pkt, 8 + units * 8);

		pkt->data[field] = kind;
		header[1] = kind == 44 ? 0 : with >= 0xe0 ? with : kind == 51 ? units * 2 : units;
		header[2] = kind == 43 ? with & 7 : kind == 44 ? 0 : 1;
		header[3] = kind == 44 && with & 1 ? with & 0xf9 : 4;
		if (kind == 43)
			header[3] = with >> 3 & 1;
		if (kind == 44)
			put32(header + 4, with);
		field = at;
	}
	return field;
}

static void finish4(struct packet *pkt, const struct ends *ends, struct input *in, size_t options)
{
	u8 shape = take(in), *ip = pkt->data;

	ip[0] = 0x45 + options / 4;
	put16(ip + 2, pkt->size);
	put16(ip + 4, 0x1234);
	put16(ip + 6, shape & 1 ? 0x4000 : 0);
	ip[8] = 64;
	ip[9] = pkt->proto;
	memcpy(ip + 12, ends->src, 4);
	memcpy(ip + 16, ends->dst, 4);
	if (shape < 0xd0)
		return;
	switch (shape >> 1 & 7) {
	case 0:
		ip[8] = shape >> 4 & 1;
		break;
	case 1:	/* a fragment of nothing */
		put16(ip + 6, take16(in));
		break;
	case 2:
		put16(ip + 2, take16(in));
		break;
	case 3:
		ip[0] = take(in);
		break;
	case 4:
		ip[9] = take(in);
		break;
	case 5:
		memcpy(ip + 12, ip + 16, 4);
		break;
	case 6:
		put32(ip + 12, take32(in));
		break;
	default:
		ip[1] = take(in);
	}
}

static void finish6(struct packet *pkt, const struct ends *ends, struct input *in, size_t field)
{
	u8 shape = take(in), *ip = pkt->data;

	ip[0] = 0x60;
	put16(ip + 4, pkt->size - 40);
	ip[7] = 64;
	pkt->data[field] = pkt->proto;
	memcpy(ip + 8, ends->src, 16);
	memcpy(ip + 24, ends->dst, 16);
	if (shape < 0xd0)
		return;
	switch (shape >> 1 & 7) {
	case 0:
		ip[7] = shape >> 4 & 1;
		break;
	case 1:
		put16(ip + 4, take16(in));
		break;
	case 2:
		ip[0] = take(in);
		break;
	case 3:
		pkt->data[field] = take(in);
		break;
	case 4:
		memcpy(ip + 8, ip + 24, 16);
		break;
	case 5:
		ip[8 + take(in) % 16] = take(in);
		break;
	case 6:
		memset(ip + 8, take(in) & 1 ? 0 : 0xff, 16);
		break;
	default:
		put32(ip, 0x60000000 | (take32(in) & 0x0fffffff));
	}
}

/**
 * packet_build - build a packet; its checksums are still to be made
 * @pkt: result
 * @in: the choices
 * @flow: whose packet, or about whose
 * @place: which of its packets
 * @content: what is in it
 * @depth: how many packets it is within
 */
void packet_build(struct packet *pkt, struct input *in, const struct flow *flow, enum place place,
		  enum content content, unsigned int depth)
{
	u8 shape = take(in);
	struct ends ends;
	size_t extra;

	flow_ends(flow, place, &ends);
	pkt->six = flow->six;
	pkt->size = 0;
	grow(pkt, flow->six ? 40 : 20);
	extra = flow->six ? extensions6(pkt, in, shape) : options4(pkt, in, shape);
	pkt->l4off = pkt->size;
	put_content(pkt, in, flow, place, depth < 3 ? content : TRANSPORT, depth);
	if (flow->six)
		finish6(pkt, &ends, in, extra);
	else
		finish4(pkt, &ends, in, extra);
}

/**
 * packet_fragment - cut a piece out of a packet
 * @pkt: the packet, without extension headers
 * @from: first byte behind the network header, a multiple of 8
 * @room: longest piece, a multiple of 8
 * @to: gets the fragment
 *
 * Return: length of the fragment, 0 if the packet ends before.
 */
size_t packet_fragment(const struct packet *pkt, size_t from, size_t room, u8 *to)
{
	size_t hlen = pkt->l4off, rest = pkt->size - hlen, size;
	bool more;

	if (from >= rest)
		return 0;
	more = rest - from > room;
	size = more ? room : rest - from;
	memcpy(to, pkt->data, hlen);
	if (pkt->six) {
		u8 *fh = to + hlen;

		memset(fh, 0, 8);
		fh[0] = to[6];
		put16(fh + 2, from | more);
		put32(fh + 4, 0x5678);
		to[6] = IPPROTO_FRAGMENT;
		hlen += 8;
		put16(to + 4, size + hlen - 40);
	} else {
		put16(to + 2, size + hlen);
		put16(to + 6, from / 8 | (more ? 0x2000 : 0));
		put16(to + 10, 0);
		put16(to + 10, ~sum_fold(sum_add(0, to, hlen)));
	}
	memcpy(to + hlen, pkt->data + pkt->l4off + from, size);
	return hlen + size;
}
