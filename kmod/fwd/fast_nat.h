/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FAST_NAT_H
#define _LVS_FAST_NAT_H

/* lvs_nat_rewrite() for fwd/fast_way.h: headers are writable and all there. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/checksum.h>
#include <net/ipv6.h>

#include "../conn/conn.h"
#include "fast.h"
#include "fast_out.h"

/* What the checksum of a packet gains when @from becomes @to. */
static __always_inline __wsum fast_addr_diff(const __be32 *from, const __be32 *to, u8 af)
{
	__wsum diff = csum_add((__force __wsum)~from[0], (__force __wsum)to[0]);
	int i;

	for (i = 1; af == AF_INET6 && i < 4; i++) {
		diff = csum_add(diff, (__force __wsum)~from[i]);
		diff = csum_add(diff, (__force __wsum)to[i]);
	}
	return diff;
}

static __always_inline __be32 *fast_header_addr(const struct sk_buff *skb, enum lvs_side side, u8 af)
{
	if (af == AF_INET)
		return side == LVS_SRC ? &fast_iph(skb)->saddr : &fast_iph(skb)->daddr;
	return side == LVS_SRC ? fast_ip6h(skb)->saddr.s6_addr32 : fast_ip6h(skb)->daddr.s6_addr32;
}

/* @addr: the new address on that side, of 4 bytes or 16 */
static __always_inline void fast_nat(struct sk_buff *skb, u8 proto, enum lvs_side side, const __be32 *addr, __be16 port,
				     u8 af)
{
	u8 *l4 = skb->data + (af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr));
	__be16 *field = (__be16 *)l4 + (side == LVS_DST);
	__be32 *from = fast_header_addr(skb, side, af);
	__sum16 *check;
	__wsum diff;

	if (unlikely(skb->ip_summed == CHECKSUM_PARTIAL)) {
		lvs_fast_nat_partial(skb, af, proto, side, addr, port);
		return;
	}
	check = proto == IPPROTO_TCP ? &((struct tcphdr *)l4)->check : &((struct udphdr *)l4)->check;
	diff = fast_addr_diff(from, addr, af);
	if (af == AF_INET) {
		csum_replace_by_diff(&fast_iph(skb)->check, diff);
		*from = *addr;
	} else {
		memcpy(from, addr, sizeof(struct in6_addr));
	}
	if (proto == IPPROTO_TCP || *check) {
		diff = csum_add(diff, (__force __wsum)(~(__force u32)*field & 0xffff));
		diff = csum_add(diff, (__force __wsum)port);
		csum_replace_by_diff(check, diff);
		if (proto == IPPROTO_UDP && !*check)
			*check = CSUM_MANGLED_0;
	}
	*field = port;
}

/* Replies come from where requests went. */
static __always_inline void fast_nat_reply(struct sk_buff *skb, struct lvs_conn *cp, u8 proto, u8 af)
{
	const struct lvs_key4 *key4 = lvs_conn_keys4(cp);
	const struct lvs_key6 *key6 = lvs_conn_keys6(cp);

	if (af == AF_INET)
		fast_nat(skb, proto, LVS_SRC, &key4->dst, key4->dport, af);
	else
		fast_nat(skb, proto, LVS_SRC, key6->dst.s6_addr32, key6->dport, af);
}

#endif
