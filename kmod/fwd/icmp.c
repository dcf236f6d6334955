// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: NAT of ICMP errors
 *
 * The header that an ICMP error quotes is not trusted: its lengths are looked at again after every copy, and nothing of
 * the packet is believed before its checksum is right, because a new one is computed afterwards.
 */
#include <linux/icmp.h>
#include <linux/icmpv6.h>
#include <linux/skbuff.h>

#include "methods.h"

/* Type, code and checksum have the same place in both protocols. */
static void set_check(struct sk_buff *skb, unsigned int off, __sum16 check)
{
	((struct icmphdr *)(skb->data + off))->checksum = check;
}

/* The ports that the quoted transport header begins with. */
static void set_inner_port(struct sk_buff *skb, unsigned int l4off, enum lvs_side side, __be16 port)
{
	((__be16 *)(skb->data + l4off))[side == LVS_DST] = port;
}

static enum lvs_side opposite(enum lvs_side side)
{
	return side == LVS_SRC ? LVS_DST : LVS_SRC;
}

/**
 * lvs_icmp_rewrite - translate an ICMP error
 * @pkt: packet with LVS_PKT_ICMP_ERR; its head may be reallocated
 * @side: LVS_DST on the way to a server, LVS_SRC on the way to a client
 * @addr: new address on that side of the ICMP error, and on the other side of the quoted packet
 * @port: new port of the quoted packet, network byte order
 *
 * Context: softirq or BH off.
 * Return: LVS_FORWARDED, or a drop reason.
 */
enum lvs_outcome lvs_icmp_rewrite(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr, __be16 port)
{
	unsigned int len = pkt->inner_l4off + 2 * sizeof(port);
	const struct lvs_l3_ops *l3 = lvs_l3(pkt->af);
	struct sk_buff *skb = pkt->skb;

	if (skb->len < len)
		return LVS_DROP_MALFORMED;
	if (skb->ip_summed != CHECKSUM_PARTIAL && l3->icmp_check(skb, pkt->l4off))
		return LVS_DROP_BAD_CHECKSUM;
	if (unlikely(skb_ensure_writable(skb, len)))
		return LVS_DROP_NO_MEMORY;
	if (!l3->icmp_inner(skb, pkt->inner_off, pkt->inner_l4off, opposite(side), addr))
		return LVS_DROP_MALFORMED;
	if (likely(!(pkt->flags & LVS_PKT_RELATED)))
		set_inner_port(skb, pkt->inner_l4off, opposite(side), port);

	l3->set_addr(skb, side, addr, NULL);
	set_check(skb, pkt->l4off, 0);
	set_check(skb, pkt->l4off, l3->icmp_check(skb, pkt->l4off));
	skb->ip_summed = CHECKSUM_NONE;
	return LVS_FORWARDED;
}
