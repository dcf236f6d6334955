// SPDX-License-Identifier: GPL-2.0
#include <linux/err.h>
#include <linux/icmp.h>
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/netfilter_ipv4.h>
#include <linux/skbuff.h>
#include <net/checksum.h>
#include <net/icmp.h>
#include <net/inet_ecn.h>
#include <net/ip.h>
#include <net/route.h>
#include <net/udp.h>

#include "l3.h"
#include "xmit.h"

static bool dst_local(const struct dst_entry *dst)
{
	return container_of(dst, struct rtable, dst)->rt_flags & RTCF_LOCAL;
}

static bool from_loopback(const struct sk_buff *skb)
{
	return ipv4_is_loopback(ip_hdr(skb)->saddr);
}

static bool is_loopback(const union nf_inet_addr *addr)
{
	return ipv4_is_loopback(addr->ip);
}

static u8 hop_limit(const struct sk_buff *skb)
{
	return ip_hdr(skb)->ttl;
}

static void hop_spend(struct sk_buff *skb)
{
	struct iphdr *iph = ip_hdr(skb);

	ip_decrease_ttl(iph);
	/* what the receive path has recorded in options is not in the checksum yet */
	if (unlikely(iph->ihl > 5))
		ip_send_check(iph);
}

static void answer_expired(struct net *net, struct sk_buff *skb)
{
	__IP_INC_STATS(net, IPSTATS_MIB_INHDRERRORS);
	icmp_send(skb, ICMP_TIME_EXCEEDED, ICMP_EXC_TTL, 0);
}

/* A packet reassembled from fragments leaves in fragments of the size that they had. */
static bool over_mtu(const struct sk_buff *skb, unsigned int mtu)
{
	if (!(ip_hdr(skb)->frag_off & htons(IP_DF)))
		return false;
	if (IPCB(skb)->frag_max_size)
		return IPCB(skb)->frag_max_size > mtu;
	return lvs_skb_exceeds(skb, mtu);
}

static void answer_too_big(struct net *net, struct sk_buff *skb, unsigned int mtu)
{
	icmp_send(skb, ICMP_DEST_UNREACH, ICMP_FRAG_NEEDED, htonl(mtu));
}

static void inner(const struct sk_buff *skb, struct lvs_outer *outer)
{
	const struct iphdr *iph = ip_hdr(skb);
	u8 dsfield = ipv4_get_dsfield(iph);

	outer->proto = IPPROTO_IPIP;
	outer->dsfield = INET_ECN_encapsulate(dsfield, dsfield);
	outer->ttl = iph->ttl;
	outer->df = iph->frag_off & htons(IP_DF);
}

/* Length and checksum are filled in by ip_local_out(). */
static void push_outer(struct net *net, struct sk_buff *skb, const struct lvs_outer *outer)
{
	struct iphdr *iph = skb_push(skb, sizeof(*iph));

	skb_reset_network_header(skb);
	memset(IPCB(skb), 0, sizeof(*IPCB(skb)));
	iph->version = 4;
	iph->ihl = sizeof(*iph) / 4;
	iph->tos = outer->dsfield;
	iph->frag_off = outer->df;
	iph->ttl = outer->ttl;
	iph->protocol = outer->proto;
	iph->saddr = outer->saddr->ip;
	iph->daddr = outer->daddr->ip;
	ip_select_ident_segs(net, skb, NULL, skb_shinfo(skb)->gso_segs ?: 1);
}

static void udp_check(struct sk_buff *skb, const struct lvs_outer *outer, bool none)
{
	udp_set_csum(none, skb, outer->saddr->ip, outer->daddr->ip, skb->len);
}

static int local_out(struct net *net, struct sk_buff *skb)
{
	return ip_local_out(net, skb->sk, skb);
}

static void set_addr(struct sk_buff *skb, enum lvs_side side, const union nf_inet_addr *to, __sum16 *check)
{
	struct iphdr *iph = ip_hdr(skb);
	__be32 *addr = side == LVS_SRC ? &iph->saddr : &iph->daddr;

	if (check)
		inet_proto_csum_replace4(check, skb, *addr, to->ip, true);
	csum_replace4(&iph->check, *addr, to->ip);
	*addr = to->ip;
}

static bool icmp_inner(struct sk_buff *skb, unsigned int off, unsigned int l4off, enum lvs_side side,
		       const union nf_inet_addr *to)
{
	struct iphdr *iph = (struct iphdr *)(skb->data + off);
	__be32 *addr = side == LVS_SRC ? &iph->saddr : &iph->daddr;

	if (iph->version != 4 || iph->ihl < 5 || off + iph->ihl * 4 != l4off)
		return false;
	csum_replace4(&iph->check, *addr, to->ip);
	*addr = to->ip;
	return true;
}

static __sum16 icmp_check(const struct sk_buff *skb, unsigned int off)
{
	return csum_fold(skb_checksum(skb, off, skb->len - off, 0));
}

#ifdef CONFIG_IP_MULTIPLE_TABLES
static bool has_rules(const struct net *net)
{
	return net->ipv4.fib_has_custom_rules;
}
#else
static bool has_rules(const struct net *net)
{
	return false;
}
#endif

static bool route_matters(const struct net *net)
{
	return has_rules(net) || lvs_l3_has_xfrm_policies(net);
}

static bool direct(const struct dst_entry *dst, union nf_inet_addr *gateway)
{
	const struct rtable *rt = container_of(dst, struct rtable, dst);

	/* a gateway of the other family has another header in front */
	if (rt->rt_type != RTN_UNICAST || rt->rt_gw_family == AF_INET6 || dst->output != ip_output)
		return false;
	*gateway = (union nf_inet_addr){};
	if (rt->rt_gw_family == AF_INET)
		gateway->ip = rt->rt_gw4;
	return lvs_l3_plain_route(dst);
}

static bool route_in(const struct dst_entry *dst)
{
#ifdef CONFIG_IP_ROUTE_CLASSID
	if (dst->tclassid)
		return false;
#endif
	return container_of(dst, struct rtable, dst)->rt_type == RTN_LOCAL && lvs_l3_plain_route_in(dst);
}

static void learn_mtu(struct net *net, struct sk_buff *skb, unsigned int mtu)
{
	ipv4_update_pmtu(skb, net, mtu, 0, 0);
}

static void answer(struct net *net, struct sk_buff *skb, u8 type, u8 code, u32 info)
{
	icmp_send(skb, type, code, htonl(info));
}

static struct dst_entry *route_out(struct net *net, const union nf_inet_addr *to)
{
	struct flowi4 fl4 = { .daddr = to->ip };
	struct rtable *rt = ip_route_output_key(net, &fl4);

	return IS_ERR(rt) ? ERR_CAST(rt) : &rt->dst;
}

/* Not as input: the device that the server's packets come in by need not be one for the client's. */
static bool route_back(struct net *net, struct sk_buff *skb)
{
	union nf_inet_addr vip = { .ip = ip_hdr(skb)->daddr }, loopback = { .ip = htonl(INADDR_LOOPBACK) };
	struct dst_entry *dst = route_out(net, &vip);

	/* only packets with a mark may be let in to the address of theirs; any local route will do */
	if (!IS_ERR(dst) && !dst_local(dst)) {
		dst_release(dst);
		dst = route_out(net, &loopback);
	}
	if (IS_ERR(dst))
		return false;
	skb_dst_drop(skb);
	skb_dst_set(skb, dst);
	return true;
}

static bool unicast(struct net *net, const union nf_inet_addr *addr)
{
	return inet_addr_type(net, addr->ip) == RTN_UNICAST;
}

static int reroute(struct net *net, struct sk_buff *skb)
{
	return ip_route_me_harder(net, skb->sk, skb, RTN_LOCAL);
}

const struct lvs_l3_ops lvs_l3_ipv4 = {
	.hlen = sizeof(struct iphdr),
	.min_mtu = IPV4_MIN_MTU,
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
