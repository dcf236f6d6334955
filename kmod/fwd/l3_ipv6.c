// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/icmpv6.h>
#include <linux/ipv6.h>
#include <linux/netfilter_ipv6.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/checksum.h>
#include <net/inet_ecn.h>
#include <net/ip6_checksum.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/udp.h>

#include "l3.h"
#include "xmit.h"

static bool dst_local(const struct dst_entry *dst)
{
	return container_of(dst, struct rt6_info, dst)->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST);
}

static bool from_loopback(const struct sk_buff *skb)
{
	return ipv6_addr_loopback(&ipv6_hdr(skb)->saddr);
}

static bool is_loopback(const union nf_inet_addr *addr)
{
	return ipv6_addr_loopback(&addr->in6);
}

static u8 hop_limit(const struct sk_buff *skb)
{
	return ipv6_hdr(skb)->hop_limit;
}

static void hop_spend(struct sk_buff *skb)
{
	ipv6_hdr(skb)->hop_limit--;
}

/* ICMPv6 takes the namespace from the device, which a packet of a local sender does not have yet. */
static void need_dev(struct net *net, struct sk_buff *skb)
{
	if (!skb->dev)
		skb->dev = net->loopback_dev;
}

static void answer_expired(struct net *net, struct sk_buff *skb)
{
	need_dev(net, skb);
	__IP6_INC_STATS(net, __in6_dev_get_safely(skb->dev), IPSTATS_MIB_INHDRERRORS);
	icmpv6_send(skb, ICMPV6_TIME_EXCEED, ICMPV6_EXC_HOPLIMIT, 0);
}

/* A packet reassembled from fragments leaves in fragments of the size that they had. */
static bool over_mtu(const struct sk_buff *skb, unsigned int mtu)
{
	if (IP6CB(skb)->frag_max_size)
		return IP6CB(skb)->frag_max_size > mtu;
	return lvs_skb_exceeds(skb, mtu);
}

static void answer_too_big(struct net *net, struct sk_buff *skb, unsigned int mtu)
{
	need_dev(net, skb);
	icmpv6_send(skb, ICMPV6_PKT_TOOBIG, 0, mtu);
}

static void inner(const struct sk_buff *skb, struct lvs_outer *outer)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	u8 dsfield = ipv6_get_dsfield(ip6h);

	outer->proto = IPPROTO_IPV6;
	outer->dsfield = INET_ECN_encapsulate(dsfield, dsfield);
	outer->ttl = ip6h->hop_limit;
	outer->df = 0;
}

/* The length is filled in by ip6_local_out(). */
static void push_outer(struct net *net, struct sk_buff *skb, const struct lvs_outer *outer)
{
	struct ipv6hdr *ip6h = skb_push(skb, sizeof(*ip6h));

	skb_reset_network_header(skb);
	memset(IP6CB(skb), 0, sizeof(*IP6CB(skb)));
	ip6_flow_hdr(ip6h, outer->dsfield, 0);
	ip6h->nexthdr = outer->proto;
	ip6h->hop_limit = outer->ttl;
	ip6h->saddr = outer->saddr->in6;
	ip6h->daddr = outer->daddr->in6;
}

static void udp_check(struct sk_buff *skb, const struct lvs_outer *outer, bool none)
{
	udp6_set_csum(none, skb, &outer->saddr->in6, &outer->daddr->in6, skb->len);
}

static int local_out(struct net *net, struct sk_buff *skb)
{
	return ip6_local_out(net, skb->sk, skb);
}

static struct in6_addr *header_addr(struct ipv6hdr *ip6h, enum lvs_side side)
{
	return side == LVS_SRC ? &ip6h->saddr : &ip6h->daddr;
}

static void set_addr(struct sk_buff *skb, enum lvs_side side, const union nf_inet_addr *to, __sum16 *check)
{
	struct in6_addr *addr = header_addr(ipv6_hdr(skb), side);

	if (check)
		inet_proto_csum_replace16(check, skb, addr->s6_addr32, to->ip6, true);
	*addr = to->in6;
}

static bool icmp_inner(struct sk_buff *skb, unsigned int off, unsigned int l4off, enum lvs_side side,
		       const union nf_inet_addr *to)
{
	struct ipv6hdr *ip6h = (struct ipv6hdr *)(skb->data + off);

	if (ip6h->version != 6 || off + sizeof(*ip6h) > l4off)
		return false;
	*header_addr(ip6h, side) = to->in6;
	return true;
}

static __sum16 icmp_check(const struct sk_buff *skb, unsigned int off)
{
	const struct ipv6hdr *ip6h = ipv6_hdr(skb);
	unsigned int len = skb->len - off;

	return csum_ipv6_magic(&ip6h->saddr, &ip6h->daddr, len, IPPROTO_ICMPV6, skb_checksum(skb, off, len, 0));
}

#ifdef CONFIG_IPV6_MULTIPLE_TABLES
static bool has_rules(const struct net *net)
{
	return net->ipv6.fib6_has_custom_rules;
}
#else
static bool has_rules(const struct net *net)
{
	return false;
}
#endif

static bool route_matters(const struct net *net)
{
	return has_rules(net) || fib6_routes_require_src(net) || lvs_l3_has_xfrm_policies(net);
}

static bool direct(const struct dst_entry *dst, union nf_inet_addr *gateway)
{
	const struct rt6_info *rt = container_of(dst, struct rt6_info, dst);

	if (rt->rt6i_flags & (RTF_LOCAL | RTF_ANYCAST | RTF_REJECT) || dst->output != ip6_output)
		return false;
	*gateway = (union nf_inet_addr){};
	if (rt->rt6i_flags & RTF_GATEWAY)
		gateway->in6 = rt->rt6i_gateway;
	else if (rt->rt6i_flags & RTF_CACHE)
		gateway->in6 = rt->rt6i_dst.addr;
	return lvs_l3_plain_route(dst);
}

static bool route_in(const struct dst_entry *dst)
{
	return dst_local(dst) && lvs_l3_plain_route_in(dst);
}

static void learn_mtu(struct net *net, struct sk_buff *skb, unsigned int mtu)
{
	ip6_update_pmtu(skb, net, htonl(mtu), 0, 0, sock_net_uid(net, NULL));
}

static void answer(struct net *net, struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	icmpv6_send(skb, type, code, info);
}

/* ICMPv6 does without. */
static bool route_back(struct net *net, struct sk_buff *skb)
{
	skb_dst_drop(skb);
	return true;
}

static struct dst_entry *route_out(struct net *net, const union nf_inet_addr *to)
{
	struct flowi6 fl6 = { .daddr = to->in6 };
	struct dst_entry *dst = ip6_route_output(net, NULL, &fl6);
	int err = dst->error;

	if (!err)
		return dst;
	dst_release(dst);
	return ERR_PTR(err);
}

/* Whether it is this host's, a route tells. */
static bool unicast(struct net *net, const union nf_inet_addr *addr)
{
	return ipv6_addr_type(&addr->in6) & IPV6_ADDR_UNICAST;
}

static int reroute(struct net *net, struct sk_buff *skb)
{
	return ip6_route_me_harder(net, skb->sk, skb);
}

const struct lvs_l3_ops lvs_l3_ipv6 = {
	.hlen = sizeof(struct ipv6hdr),
	.min_mtu = IPV6_MIN_MTU,
	.dst_local = dst_local,
	.from_loopback = from_loopback,
	.is_loopback = is_loopback,
	.hop_limit = hop_limit,
	.hop_spend = hop_spend,
	.answer_expired = answer_expired,
	.over_mtu = over_mtu,
	.answer_too_big = answer_too_big,
	.inner = inner,
	.push_outer = push_outer,
	.udp_check = udp_check,
	.local_out = local_out,
	.set_addr = set_addr,
	.icmp_inner = icmp_inner,
	.icmp_check = icmp_check,
	.route_matters = route_matters,
	.direct = direct,
	.route_in = route_in,
	.learn_mtu = learn_mtu,
	.answer = answer,
	.route_back = route_back,
	.route_out = route_out,
	.unicast = unicast,
	.reroute = reroute,
};
