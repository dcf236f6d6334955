// SPDX-License-Identifier: GPL-2.0
/* The parser's packet, each of its two pieces in memory of exactly its size. */
#include "packet_sample.h"
#include "unit.h"

static u8 *piece(const u8 *bytes, unsigned int len)
{
	u8 *p = malloc(len);

	if (!p && len)
		abort();
	return len ? memcpy(p, bytes, len) : p;
}

enum lvs_parse packet_parse(struct lvs_pkt *pkt, u8 af, const u8 *bytes, unsigned int len,
			    unsigned int headlen)
{
	u8 *head = piece(bytes, headlen), *rest = piece(bytes + headlen, len - headlen);
	struct sk_buff skb = { .data = head, .rest = rest, .len = len, .headlen = headlen };
	enum lvs_parse parse = lvs_pkt_parse(pkt, &skb, af, 2);

	packet_unwrap(pkt, parse);
	CHECK(!memcmp(head, bytes, headlen) && !memcmp(rest, bytes + headlen, len - headlen));
	CHECK(pkt->skb == &skb && pkt->af == af && pkt->hook == 2);
	free(head);
	free(rest);
	return parse;
}
