/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FAST_TUN_H
#define _LVS_FAST_TUN_H

/* lvs_tun_push() for fwd/fast_way.h and fwd/fast.c: headers are writable, and there is room. */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "../compat/ip_stats.h"
#include "../dest/dest.h"
#include "../net.h"
#include "egress.h"
#include "l3.h"

/* Nothing behind the outer header, and nothing left to offloads. */
static __always_inline bool fast_plain_tunnel(const struct lvs_egress *eg, const struct sk_buff *skb)
{
	return likely(!eg->encap && !skb_is_gso(skb) && skb->ip_summed != CHECKSUM_PARTIAL);
}

/* What the IP layer fills in on the way out of this host. That of IPv6 counts its own packets before, where they are made. */
static __always_inline void fast_outer_finish(struct net *net, struct sk_buff *skb, u8 af)
{
	unsigned int len = skb->len;

	if (af == AF_INET) {
		iph_set_totlen(ip_hdr(skb), len);
		ip_hdr(skb)->check = 0;
		ip_hdr(skb)->check = ip_fast_csum(ip_hdr(skb), sizeof(struct iphdr) / 4);
		lvs_ip_count_made4(net);
		return;
	}
	len -= sizeof(struct ipv6hdr);
	ipv6_hdr(skb)->payload_len = htons(len > IPV6_MAXPLEN ? 0 : len);
	IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
}

static __always_inline void fast_push_ipv4(struct net *net, struct sk_buff *skb, const struct lvs_outer *outer)
{
	struct iphdr *iph = __skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	*(__be16 *)iph = htons(0x4500 | outer->dsfield);
	iph->frag_off = outer->df;
	iph->ttl = outer->ttl;
	iph->protocol = outer->proto;
	iph->saddr = outer->saddr->ip;
	iph->daddr = outer->daddr->ip;
	/* as ip_select_ident() does, which takes a call to find out */
	iph->id = 0;
	if (unlikely(!outer->df))
		ip_select_ident(net, skb, NULL);
}

static __always_inline void fast_push_ipv6(struct sk_buff *skb, const struct lvs_outer *outer)
{
	struct ipv6hdr *ip6h = __skb_push(skb, sizeof(*ip6h));

	skb_reset_network_header(skb);
	ip6_flow_hdr(ip6h, outer->dsfield, 0);
	ip6h->nexthdr = outer->proto;
	ip6h->hop_limit = outer->ttl;
	ip6h->saddr = outer->saddr->in6;
	ip6h->daddr = outer->daddr->in6;
}

/* For what fast_plain_tunnel() says yes to. */
static __always_inline void fast_push(struct lvs_net *ln, struct sk_buff *skb, const struct lvs_dest *dest,
				      const struct lvs_egress *eg, u8 inner_af, u8 af)
{
	struct lvs_outer outer = { .saddr = &eg->saddr, .daddr = &dest->key.addr };

	if (inner_af == AF_INET) {
		outer.proto = IPPROTO_IPIP;
		outer.dsfield = ip_hdr(skb)->tos;
		outer.ttl = ip_hdr(skb)->ttl;
		if (READ_ONCE(ln->knobs.pmtu_disc))
			outer.df = ip_hdr(skb)->frag_off & htons(IP_DF);
	} else {
		outer.proto = IPPROTO_IPV6;
		outer.dsfield = ipv6_get_dsfield(ipv6_hdr(skb));
		outer.ttl = ipv6_hdr(skb)->hop_limit;
	}
	outer.dsfield = INET_ECN_encapsulate(outer.dsfield, outer.dsfield);
	skb->ip_summed = CHECKSUM_NONE;
	skb->transport_header = skb->network_header;
	if (af == AF_INET)
		fast_push_ipv4(ln->net, skb, &outer);
	else
		fast_push_ipv6(skb, &outer);
}

#endif
