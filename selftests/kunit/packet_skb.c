// SPDX-License-Identifier: GPL-2.0
#include "packet_sample.h"
#include "unit.h"

/* A packet whose first @headlen bytes lie in the skb's head and the others in a page. */
static struct sk_buff *skb_of(const u8 *bytes, unsigned int len, unsigned int headlen)
{
	struct sk_buff *skb = alloc_skb(headlen, GFP_KERNEL);
	struct page *page = NULL;

	BUG_ON(!skb);
	skb_put_data(skb, bytes, headlen);
	if (len > headlen) {
		page = alloc_page(GFP_KERNEL);
		BUG_ON(!page);
		/* at its end, so that whatever is behind belongs to another */
		memcpy(page_address(page) + PAGE_SIZE - (len - headlen), bytes + headlen, len - headlen);
		skb_add_rx_frag(skb, 0, page, PAGE_SIZE - (len - headlen), len - headlen, PAGE_SIZE);
	}
	return skb;
}

enum lvs_parse packet_parse(struct lvs_pkt *pkt, u8 af, const u8 *bytes, unsigned int len,
			    unsigned int headlen)
{
	struct sk_buff *skb = skb_of(bytes, len, headlen);
	enum lvs_parse parse = lvs_pkt_parse(pkt, skb, af, 2);
	u8 *now = kmalloc(len + 1, GFP_KERNEL);

	packet_unwrap(pkt, parse);
	BUG_ON(!now || skb_copy_bits(skb, 0, now, len));
	CHECK(!memcmp(now, bytes, len));
	CHECK(pkt->skb == skb && pkt->af == af && pkt->hook == 2);
	kfree(now);
	kfree_skb(skb);
	return parse;
}
