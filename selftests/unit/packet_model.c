// SPDX-License-Identifier: GPL-2.0
/*
 * What the parser should say of any bytes, found in another way: one cursor that
 * only moves forward over bytes, and knows nothing of the kernel's structs.
 */
#include "packet_sample.h"

struct cursor {
	const u8 *bytes;
	unsigned int len;
	unsigned int at;
};

struct layer {
	enum lvs_parse parse;
	bool fragment;
	bool later;
	u8 proto;
	unsigned int addresses;	/* offset of the source; the destination follows */
};

static bool left(const struct cursor *c, unsigned int n)
{
	return c->at <= c->len && c->len - c->at >= n;
}

static unsigned int be16(const struct cursor *c, unsigned int offset)
{
	return c->bytes[c->at + offset] << 8 | c->bytes[c->at + offset + 1];
}

static struct layer network4(struct cursor *c)
{
	struct layer layer = { .parse = LVS_PARSE_BAD };
	unsigned int size;

	if (!left(c, 20) || c->bytes[c->at] >> 4 != 4)
		return layer;
	size = (c->bytes[c->at] & 15) * 4;
	if (size < 20 || !left(c, size))
		return layer;
	layer.parse = LVS_PARSE_OK;
	layer.later = be16(c, 6) & 0x1fff;
	layer.fragment = layer.later || be16(c, 6) & 0x2000;
	layer.proto = c->bytes[c->at + 9];
	layer.addresses = c->at + 12;
	c->at += size;
	return layer;
}

static struct layer network6(struct cursor *c)
{
	struct layer layer = { .parse = LVS_PARSE_BAD };
	unsigned int headers = 0;

	if (!left(c, 40) || c->bytes[c->at] >> 4 != 6)
		return layer;
	layer.proto = c->bytes[c->at + 6];
	layer.addresses = c->at + 8;
	c->at += 40;
	while (!layer.later && (layer.proto == 0 || layer.proto == 43 || layer.proto == 44 || layer.proto == 60)) {
		unsigned int size = 8;

		if (++headers > 16 || !left(c, layer.proto == 44 ? 8 : 2))
			return layer;
		if (layer.proto == 44) {
			layer.fragment = true;
			layer.later = be16(c, 2) >> 3;
		} else {
			size += c->bytes[c->at + 1] * 8;
		}
		if (!left(c, size))
			return layer;
		layer.proto = c->bytes[c->at];
		c->at += size;
	}
	layer.parse = LVS_PARSE_OK;
	return layer;
}

static struct layer network(struct cursor *c, u8 af)
{
	return af == AF_INET ? network4(c) : network6(c);
}

static bool balanced(const struct layer *layer)
{
	return layer->proto == 6 || layer->proto == 17 || layer->proto == 132;
}

static bool ipsec(const struct layer *layer)
{
	return layer->proto == 50 || layer->proto == 51;
}

static void want_key(struct lvs_pkt *want, const struct cursor *c, const struct layer *layer, bool ports)
{
	const u8 *address = c->bytes + layer->addresses;
	unsigned int size = want->af == AF_INET ? 4 : 16;
	u8 *key = (u8 *)&want->key;

	memcpy(key, address, 2 * size);
	if (ports)
		memcpy(key + 2 * size, c->bytes + c->at, 4);
	key[2 * size + 4] = layer->proto;
	if (!ipsec(layer))
		return;
	want->flags |= LVS_PKT_RELATED;
	memcpy(key + 2 * size, "\x01\xf4\x01\xf4\x11", 5);
}

/* A cookie chunk with an ABORT behind it is an ABORT, too. */
static enum lvs_parse want_sctp(struct lvs_pkt *want, struct cursor c)
{
	unsigned int length;

	if (!left(&c, 16))
		return LVS_PARSE_BAD;
	c.at += 12;
	want->chunk = c.bytes[c.at];
	if (want->chunk == 10 || want->chunk == 11) {
		length = be16(&c, 2);
		if (length < 4)
			return LVS_PARSE_OK;
		c.at += (length + 3) & ~3u;
		if (!left(&c, 4))
			return LVS_PARSE_OK;
	}
	if (c.bytes[c.at] == 6)
		want->flags |= LVS_PKT_SCTP_ABORT;
	return LVS_PARSE_OK;
}

static u32 tcp_flags(u8 flags)
{
	return (flags & 1 ? LVS_PKT_TCP_FIN : 0) | (flags & 2 ? LVS_PKT_TCP_SYN : 0) |
	       (flags & 4 ? LVS_PKT_TCP_RST : 0) | (flags & 16 ? LVS_PKT_TCP_ACK : 0);
}

static enum lvs_parse want_icmp(struct lvs_pkt *want, struct cursor *c)
{
	struct layer inner;
	unsigned int type;

	if (!left(c, 8))
		return LVS_PARSE_BAD;
	type = c->bytes[c->at];
	if (want->af == AF_INET ? type != 3 && type != 4 && type != 11 : type >= 128)
		return LVS_PARSE_FOREIGN;
	c->at += 8;
	want->inner_off = c->at;
	inner = network(c, want->af);
	if (inner.parse != LVS_PARSE_OK)
		return LVS_PARSE_BAD;
	if (inner.later || !(balanced(&inner) || ipsec(&inner)))
		return LVS_PARSE_FOREIGN;
	if (!left(c, 8))
		return LVS_PARSE_BAD;
	want->flags |= LVS_PKT_ICMP_ERR;
	want->inner_l4off = c->at;
	want_key(want, c, &inner, true);
	return LVS_PARSE_OK;
}

static enum lvs_parse want_transport(struct lvs_pkt *want, struct cursor *c, const struct layer *outer)
{
	if (!balanced(outer))
		return want_icmp(want, c);
	if (!left(c, outer->proto == 6 ? 20 : 8))
		return LVS_PARSE_BAD;
	if (outer->proto == 132 && want_sctp(want, *c) != LVS_PARSE_OK)
		return LVS_PARSE_BAD;
	if (outer->proto == 6) {
		if (c->bytes[c->at + 12] < 0x50)
			return LVS_PARSE_BAD;
		want->flags |= tcp_flags(c->bytes[c->at + 13]);
	}
	want_key(want, c, outer, true);
	return LVS_PARSE_OK;
}

static enum lvs_parse want_packet(struct lvs_pkt *want, struct cursor *c)
{
	struct layer outer = network(c, want->af);

	if (outer.parse != LVS_PARSE_OK)
		return LVS_PARSE_BAD;
	want->proto = outer.proto;
	want->l4off = c->at;
	if (ipsec(&outer)) {
		want_key(want, c, &outer, false);
		return LVS_PARSE_OK;
	}
	if (!balanced(&outer) && outer.proto != (want->af == AF_INET ? 1 : 58))
		return LVS_PARSE_FOREIGN;
	if (outer.fragment)
		want->flags |= LVS_PKT_FRAG;
	if (!outer.later)
		return want_transport(want, c, &outer);
	want->flags |= LVS_PKT_LATER_FRAG;
	want_key(want, c, &outer, false);
	return LVS_PARSE_OK;
}

bool packet_model_agrees(const struct lvs_pkt *pkt, enum lvs_parse parse, u8 af, const u8 *bytes,
			 unsigned int len)
{
	struct cursor c = { .bytes = bytes, .len = len };
	struct lvs_pkt want;
	enum lvs_parse want_parse;

	memset(&want, 0, sizeof(want));
	want.af = af;
	want_parse = want_packet(&want, &c);
	if (parse != want_parse || pkt->flags != want.flags)
		return false;
	if (parse != LVS_PARSE_OK)
		return true;
	return pkt->proto == want.proto && pkt->chunk == want.chunk && pkt->l4off == want.l4off && pkt->inner_off == want.inner_off &&
	       pkt->inner_l4off == want.inner_l4off && !memcmp(&pkt->key, &want.key, sizeof(want.key));
}
