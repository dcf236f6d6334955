// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: forwarding without the stack
 *
 * What fwd/xmit.c and the output path of the IP layers do to a packet of an established conn, done at once: hop, address
 * translation or outer header, and off to the next hop's link layer address. First it finds out whether everything is at
 * hand and plain, and may be given up at any point: the packet is as it was. Then it counts, changes and sends the packet.
 *
 * Everything found here is valid under RCU; nothing is referenced, locked or looked up in a routing table. What the packet
 * looks like on the wire, its priority, and the counters of the IP layers are those of the slow path.
 */
#include <linux/inetdevice.h>
#include <linux/ip.h>
#include <linux/ip_vs.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/arp.h>
#include <net/checksum.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "../proto/proto.h"
#include "egress.h"
#include "encap.h"
#include "fast.h"
#include "l3.h"
#include "methods.h"
#include "way.h"
#include "xmit.h"

/* ---- is everything at hand? ------------------------------------------------------------------------------------ */

static __always_inline struct neighbour *next_hop(u8 af, struct net_device *dev, const union nf_inet_addr *addr)
{
	return af == AF_INET ? __ipv4_neigh_lookup_noref(dev, (__force u32)addr->ip) :
			       __ipv6_neigh_lookup_noref(dev, &addr->in6);
}

/*
 * With a valid address the packet is not kept waiting. Whether the address has to be asked for again is neigh_output()'s
 * business, as on the slow path.
 */
static __always_inline bool hop_known(const struct neighbour *neigh)
{
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID;
}

/* dst_mtu() of a route that struct lvs_egress calls direct. */
static __always_inline unsigned int send_mtu(const struct dst_entry *dst, u8 af)
{
	unsigned int mtu;

	if (af == AF_INET6)
		return ip6_dst_mtu_maybe_forward(dst, false);
	if (unlikely(container_of(dst, struct rtable, dst)->rt_pmtu))
		return dst_mtu(dst);
	mtu = dst_metric_raw(dst, RTAX_MTU);
	return mtu ?: READ_ONCE(dst_dev(dst)->mtu);
}

/* What the stack lets through when it forwards, which is not what it sends itself. */
static __always_inline unsigned int forward_mtu(const struct dst_entry *dst, u8 af)
{
	return af == AF_INET ? ip_dst_mtu_maybe_forward(dst, true) : ip6_dst_mtu_maybe_forward(dst, true);
}

/* @len: bytes that will be changed, all in the linear part; @grow: bytes that will be put in front of them */
static __always_inline bool writable(struct sk_buff *skb, unsigned int len, struct dst_entry *dst, unsigned int grow)
{
	unsigned int room = LL_RESERVED_SPACE(dst_dev(dst)) + grow;

	if (likely(!skb_cloned(skb) && skb_headroom(skb) >= room))
		return true;
	return !skb_ensure_writable(skb, len) && !skb_cow_head(skb, room);
}

static __always_inline unsigned int nat_len(const struct lvs_pkt *pkt)
{
	return pkt->l4off + (pkt->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr));
}

/**
 * lvs_fast_replies_off - may replies be routed by more than their destination, or be refused
 * @ln: namespace
 * @af: family of the replies
 *
 * Context: any.
 * Return: why, or NULL if not.
 */
const char *lvs_fast_replies_off(const struct lvs_net *ln, u8 af)
{
	if (lvs_l3_filters(ln->net) || lvs_l3(af)->route_matters(ln->net))
		return "routing rules, source routes or IPsec policies";
	if (af == AF_INET && READ_ONCE(ln->tos_routes))
		return "routes by type of service";
	return NULL;
}

/* Whether the stack would forward what comes in here, and send nothing else along. */
static __always_inline bool forwards(const struct net *net, const struct sk_buff *skb, const struct net_device *out_dev,
				     u8 af)
{
	struct in_device *in_dev;

	if (af == AF_INET6)
		return READ_ONCE(net->ipv6.devconf_all->forwarding) && !READ_ONCE(net->ipv6.devconf_all->proxy_ndp) &&
		       skb->dev != out_dev;
	in_dev = __in_dev_get_rcu(skb->dev);
	return in_dev && IN_DEV_FORWARD(in_dev) && (skb->dev != out_dev || !IN_DEV_TX_REDIRECTS(in_dev));
}

/* ---- change and send ------------------------------------------------------------------------------------------- */

static __always_inline void hop_spend(struct sk_buff *skb, u8 af)
{
	if (af == AF_INET)
		ip_decrease_ttl(ip_hdr(skb));
	else
		ipv6_hdr(skb)->hop_limit--;
}

/* What the checksum of a packet gains when @from becomes @to. */
static __always_inline __wsum addr_diff(const __be32 *from, const __be32 *to, u8 af)
{
	__wsum diff = csum_add((__force __wsum)~from[0], (__force __wsum)to[0]);
	int i;

	for (i = 1; af == AF_INET6 && i < 4; i++) {
		diff = csum_add(diff, (__force __wsum)~from[i]);
		diff = csum_add(diff, (__force __wsum)to[i]);
	}
	return diff;
}

static __always_inline __be32 *header_addr(const struct sk_buff *skb, enum lvs_side side, u8 af)
{
	if (af == AF_INET)
		return side == LVS_SRC ? &ip_hdr(skb)->saddr : &ip_hdr(skb)->daddr;
	return side == LVS_SRC ? ipv6_hdr(skb)->saddr.s6_addr32 : ipv6_hdr(skb)->daddr.s6_addr32;
}

/* lvs_nat_rewrite() for a packet whose header is writable and whose transport header is all there. */
static __always_inline void nat(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr, __be16 port,
				u8 af)
{
	struct sk_buff *skb = pkt->skb;
	u8 *l4 = skb->data + pkt->l4off;
	__be16 *field = (__be16 *)l4 + (side == LVS_DST);
	__be32 *from = header_addr(skb, side, af);
	__sum16 *check;
	__wsum diff;

	if (unlikely(skb->ip_summed == CHECKSUM_PARTIAL)) {
		/* cannot fail: nothing has to be made writable */
		lvs_nat_rewrite(pkt, side, addr, port);
		return;
	}
	check = pkt->proto == IPPROTO_TCP ? &((struct tcphdr *)l4)->check : &((struct udphdr *)l4)->check;
	diff = addr_diff(from, addr->ip6, af);
	if (af == AF_INET) {
		csum_replace_by_diff(&ip_hdr(skb)->check, diff);
		*from = addr->ip;
	} else {
		memcpy(from, &addr->in6, sizeof(addr->in6));
	}
	if (pkt->proto == IPPROTO_TCP || *check) {
		diff = csum_add(diff, (__force __wsum)(~(__force u32)*field & 0xffff));
		diff = csum_add(diff, (__force __wsum)port);
		csum_replace_by_diff(check, diff);
		if (pkt->proto == IPPROTO_UDP && !*check)
			*check = CSUM_MANGLED_0;
	}
	*field = port;
}

static __always_inline void send(struct net *net, struct sk_buff *skb, struct dst_entry *dst, struct neighbour *neigh,
				 u8 af)
{
	skb->ipvs_property = 1;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	skb_clear_tstamp(skb);
	nf_reset_ct(skb);
	/* devices may want to know; whoever queues the packet makes the reference its own */
	skb_dst_set_noref(skb, dst);
	skb->dev = dst_dev(dst);
	if (af == AF_INET)
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
	else
		IP6_UPD_PO_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUT, skb->len);
	skb->protocol = af == AF_INET ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	neigh_output(neigh, skb, false);
}

/* ---- tunnels --------------------------------------------------------------------------------------------------- */

/* What the IP layer fills in on the way out of this host. */
static __always_inline void outer_finish(struct net *net, struct sk_buff *skb, struct dst_entry *dst, u8 af)
{
	unsigned int len = skb->len;

	if (af == AF_INET) {
		iph_set_totlen(ip_hdr(skb), len);
		ip_send_check(ip_hdr(skb));
#ifdef LVS_HAVE_OUTREQUESTS
		IP_INC_STATS(net, IPSTATS_MIB_OUTREQUESTS);
#endif
		return;
	}
	len -= sizeof(struct ipv6hdr);
	ipv6_hdr(skb)->payload_len = htons(len > IPV6_MAXPLEN ? 0 : len);
	IP6CB(skb)->nhoff = offsetof(struct ipv6hdr, nexthdr);
#ifdef LVS_HAVE_OUTREQUESTS
	IP6_INC_STATS(net, ip6_dst_idev(dst), IPSTATS_MIB_OUTREQUESTS);
#endif
}

/* @outer: family of the outer header */
static __always_inline enum lvs_outcome tunnel(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
					       const struct lvs_egress *eg, u8 outer)
{
	struct dst_entry *dst = eg->dst;
	struct sk_buff *skb = pkt->skb;
	unsigned int grow = (outer == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) + lvs_encap_len(eg, skb);
	struct neighbour *neigh;
	unsigned int mtu;

	if (unlikely(!dst_check(dst, eg->cookie)))
		return LVS_PASSED;
	mtu = send_mtu(dst, outer);
	/* the slow path knows of what is too narrow */
	if (unlikely(mtu < grow + IPV6_MIN_MTU || lvs_skb_exceeds(skb, mtu - grow)))
		return LVS_PASSED;
	neigh = next_hop(outer, dst_dev(dst), &eg->next_hop);
	if (unlikely(!hop_known(neigh) || !writable(skb, pkt->l4off, dst, grow)))
		return LVS_PASSED;

	lvs_stats_in(&cp->dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	hop_spend(skb, pkt->af);
	if (unlikely(!lvs_tun_push(ln, pkt, cp->dest, eg)))
		return LVS_DROP_NO_MEMORY;
	outer_finish(ln->net, skb, dst, outer);
	skb->ignore_df = 1;
	send(ln->net, skb, dst, neigh, outer);
	return LVS_FORWARDED;
}

static noinline __flatten enum lvs_outcome tunnel4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
						   const struct lvs_egress *eg)
{
	return tunnel(ln, pkt, cp, eg, AF_INET);
}

static noinline __flatten enum lvs_outcome tunnel6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
						   const struct lvs_egress *eg)
{
	return tunnel(ln, pkt, cp, eg, AF_INET6);
}

/* ---- both directions ------------------------------------------------------------------------------------------- */

static __always_inline enum lvs_outcome fast_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
						     u8 af)
{
	struct lvs_dest *dest = cp->dest;
	const struct lvs_egress *eg = rcu_dereference(dest->egress);
	u8 method = lvs_conn_fwd(cp);
	struct sk_buff *skb = pkt->skb;
	struct neighbour *neigh;
	struct dst_entry *dst;

	if (unlikely(!eg || !eg->direct || eg->method != method))
		return LVS_PASSED;
	if (method == IP_VS_CONN_F_TUNNEL)
		return eg->af == AF_INET ? tunnel4(ln, pkt, cp, eg) : tunnel6(ln, pkt, cp, eg);

	dst = eg->dst;
	if (unlikely(!dst_check(dst, eg->cookie) || lvs_skb_exceeds(skb, send_mtu(dst, af))))
		return LVS_PASSED;
	neigh = next_hop(af, dst_dev(dst), &eg->next_hop);
	if (unlikely(!hop_known(neigh) || !writable(skb, nat_len(pkt), dst, 0)))
		return LVS_PASSED;

	lvs_stats_in(&dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	hop_spend(skb, af);
	if (method == IP_VS_CONN_F_MASQ)
		nat(pkt, LVS_DST, &dest->key.addr, cp->dport, af);
	skb->ignore_df = 1;
	send(ln->net, skb, dst, neigh, af);
	return LVS_FORWARDED;
}

/**
 * lvs_fast_request4 - send an IPv4 request straight to its server, if all is well
 * @ln: namespace
 * @pkt: the packet, with its whole transport header in the linear part; its head may be reallocated
 * @cp: its conn
 *
 * Context: softirq, RCU.
 * Return: LVS_FORWARDED, and the packet is gone; LVS_PASSED, and it has not been changed; or a drop reason.
 */
enum lvs_outcome __flatten lvs_fast_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return fast_request(ln, pkt, cp, AF_INET);
}

/**
 * lvs_fast_request6 - send an IPv6 request straight to its server, if all is well
 * @ln: namespace
 * @pkt: as for lvs_fast_request4()
 * @cp: likewise
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request4().
 */
enum lvs_outcome __flatten lvs_fast_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return fast_request(ln, pkt, cp, AF_INET6);
}

static __always_inline void count_forwarded(struct net *net, const struct sk_buff *skb, struct dst_entry *dst, u8 af)
{
	if (af == AF_INET) {
		__IP_INC_STATS(net, IPSTATS_MIB_OUTFORWDATAGRAMS);
#ifndef LVS_HAVE_OUTREQUESTS
		__IP_ADD_STATS(net, IPSTATS_MIB_OUTOCTETS, skb->len);
#endif
	} else {
		struct inet6_dev *idev = ip6_dst_idev(dst);

		__IP6_INC_STATS(net, idev, IPSTATS_MIB_OUTFORWDATAGRAMS);
#ifndef LVS_HAVE_OUTREQUESTS
		__IP6_ADD_STATS(net, idev, IPSTATS_MIB_OUTOCTETS, skb->len);
#endif
	}
}

/* Two routes that are one: IPv6 has a copy for each CPU. */
static __always_inline bool same_route(const struct dst_entry *left, const struct dst_entry *right, u8 af)
{
	const struct rt6_info *a, *b;

	if (likely(left == right) || af == AF_INET)
		return left == right;
	a = container_of(left, struct rt6_info, dst);
	b = container_of(right, struct rt6_info, dst);
	return rcu_access_pointer(a->from) == rcu_access_pointer(b->from) && dst_dev(left) == dst_dev(right) &&
	       ipv6_addr_equal(&a->rt6i_gateway, &b->rt6i_gateway);
}

/* @routed: the stack has chosen the way already, taken the hop and set the priority. */
static __always_inline enum lvs_outcome fast_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp, u8 af,
						   bool routed)
{
	const struct lvs_way *way = lvs_way_get(ln, cp);
	union nf_inet_addr client, vaddr;
	struct sk_buff *skb = pkt->skb;
	struct neighbour *neigh;
	struct net_device *dev;
	struct dst_entry *dst;

	if (unlikely(!way || way->epoch != READ_ONCE(ln->epoch) || way->iif != skb->dev->ifindex))
		return LVS_PASSED;
	if (unlikely(lvs_fast_replies_off(ln, af)))
		return LVS_PASSED;
	dst = way->dst;
	dev = dst_dev(dst);
	if (unlikely(routed ? !same_route(skb_dst(skb), dst, af) : !forwards(ln->net, skb, dev, af)))
		return LVS_PASSED;
	if (unlikely(!dst_check(dst, way->cookie) || lvs_skb_exceeds(skb, forward_mtu(dst, af))))
		return LVS_PASSED;
	client = lvs_key_dst(&pkt->key, af);
	neigh = next_hop(af, dev, way->has_gateway ? &way->gateway : &client);
	if (unlikely(!hop_known(neigh) || !writable(skb, nat_len(pkt), dst, 0)))
		return LVS_PASSED;

	lvs_stats_out(&cp->dest->stats, skb->len);
	lvs_stats_out(&ln->total, skb->len);
	lvs_conn_touch(cp);
	if (unlikely(cp->control) && pkt->proto == IPPROTO_UDP)
		lvs_conn_assure(cp);
	if (!routed)
		hop_spend(skb, af);
	if (!routed && af == AF_INET && READ_ONCE(ln->net->ipv4.sysctl_ip_fwd_update_priority))
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	vaddr = lvs_conn_vaddr(cp);
	nat(pkt, LVS_SRC, &vaddr, lvs_conn_vport(cp), af);
	count_forwarded(ln->net, skb, dst, af);
	if (routed)
		skb_dst_drop(skb);
	send(ln->net, skb, dst, neigh, af);
	return LVS_FORWARDED;
}

/**
 * lvs_fast_reply4 - send an IPv4 reply straight to its client, if all is well
 * @ln: namespace
 * @pkt: as for lvs_fast_request4()
 * @cp: its conn, with NAT
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request4().
 */
enum lvs_outcome __flatten lvs_fast_reply4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return fast_reply(ln, pkt, cp, AF_INET, false);
}

/**
 * lvs_fast_reply6 - send an IPv6 reply straight to its client, if all is well
 * @ln: namespace
 * @pkt: as for lvs_fast_request4()
 * @cp: its conn, with NAT
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request4().
 */
enum lvs_outcome __flatten lvs_fast_reply6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return fast_reply(ln, pkt, cp, AF_INET6, false);
}

/**
 * lvs_fast_forward4 - send an IPv4 reply that the stack has routed straight to its client, if all is well
 * @ln: namespace
 * @pkt: at FORWARD, otherwise as for lvs_fast_request4()
 * @cp: its conn, with NAT
 *
 * Context: softirq, RCU.
 * Return: LVS_FORWARDED, and the packet is gone; LVS_PASSED, and it has not been changed.
 */
enum lvs_outcome __flatten lvs_fast_forward4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return fast_reply(ln, pkt, cp, AF_INET, true);
}

/**
 * lvs_fast_forward6 - send an IPv6 reply that the stack has routed straight to its client, if all is well
 * @ln: namespace
 * @pkt: as for lvs_fast_forward4()
 * @cp: its conn, with NAT
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_forward4().
 */
enum lvs_outcome __flatten lvs_fast_forward6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return fast_reply(ln, pkt, cp, AF_INET6, true);
}

/* ---- by way of the stack --------------------------------------------------------------------------------------- */

static __always_inline enum lvs_outcome steady_tunnel(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
						      const struct lvs_egress *eg)
{
	const struct lvs_l3_ops *outer = lvs_l3(eg->af);
	struct dst_entry *dst = eg->dst;
	struct sk_buff *skb = pkt->skb;
	unsigned int grow = outer->hlen + lvs_encap_len(eg, skb), mtu = dst_mtu(dst);

	if (unlikely(mtu < grow + IPV6_MIN_MTU || lvs_skb_exceeds(skb, mtu - grow)))
		return LVS_PASSED;
	if (unlikely(skb_ensure_writable(skb, pkt->l4off) ||
		     skb_cow_head(skb, LL_RESERVED_SPACE(dst_dev(dst)) + dst->header_len + grow)))
		return LVS_PASSED;

	lvs_stats_in(&cp->dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	hop_spend(skb, pkt->af);
	if (unlikely(!lvs_tun_push(ln, pkt, cp->dest, eg)))
		return LVS_DROP_NO_MEMORY;
	lvs_xmit_prepare(pkt, eg);
	nf_reset_ct(skb);
	outer->local_out(ln->net, skb);
	return LVS_FORWARDED;
}

static __always_inline enum lvs_outcome steady_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
						       u8 af)
{
	struct lvs_dest *dest = cp->dest;
	const struct lvs_egress *eg = rcu_dereference(dest->egress);
	u8 method = lvs_conn_fwd(cp);
	struct sk_buff *skb = pkt->skb;
	struct dst_entry *dst;

	if (unlikely(!eg || eg->local || eg->method != method || !dst_check(eg->dst, eg->cookie)))
		return LVS_PASSED;
	if (method == IP_VS_CONN_F_TUNNEL)
		return steady_tunnel(ln, pkt, cp, eg);
	dst = eg->dst;
	if (unlikely(lvs_skb_exceeds(skb, eg->direct ? send_mtu(dst, af) : dst_mtu(dst)) ||
		     skb_ensure_writable(skb, nat_len(pkt))))
		return LVS_PASSED;

	lvs_stats_in(&dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	hop_spend(skb, af);
	if (method == IP_VS_CONN_F_MASQ)
		nat(pkt, LVS_DST, &dest->key.addr, cp->dport, af);
	return lvs_xmit_send(ln, pkt, eg);
}

/**
 * lvs_steady_request4 - let the stack send an IPv4 request to its server, if nothing about it is out of the ordinary
 * @ln: namespace
 * @pkt: at LOCAL_IN, otherwise as for lvs_fast_request4()
 * @cp: its conn, not tracked
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request4().
 */
enum lvs_outcome lvs_steady_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return steady_request(ln, pkt, cp, AF_INET);
}

/**
 * lvs_steady_request6 - let the stack send an IPv6 request to its server, if nothing about it is out of the ordinary
 * @ln: namespace
 * @pkt: as for lvs_steady_request4()
 * @cp: likewise
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request4().
 */
enum lvs_outcome lvs_steady_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return steady_request(ln, pkt, cp, AF_INET6);
}

static __always_inline enum lvs_outcome steady_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp,
						     u8 af)
{
	union nf_inet_addr vaddr;
	struct sk_buff *skb = pkt->skb;

	if (unlikely(lvs_conn_fwd(cp) != IP_VS_CONN_F_MASQ || cp->tracked || lvs_fast_replies_off(ln, af)))
		return LVS_PASSED;
	/* it would learn the way back */
	if (READ_ONCE(ln->knobs.fast_path) && !lvs_way_known(ln, pkt, cp))
		return LVS_PASSED;
	if (unlikely(skb_ensure_writable(skb, nat_len(pkt))))
		return LVS_PASSED;

	lvs_stats_out(&cp->dest->stats, skb->len);
	lvs_stats_out(&ln->total, skb->len);
	lvs_conn_touch(cp);
	if (unlikely(cp->control) && pkt->proto == IPPROTO_UDP)
		lvs_conn_assure(cp);
	skb_forward_csum(skb);
	vaddr = lvs_conn_vaddr(cp);
	nat(pkt, LVS_SRC, &vaddr, lvs_conn_vport(cp), af);
	return lvs_xmit_leave(pkt);
}

/**
 * lvs_steady_reply4 - translate an IPv4 reply that the stack forwards, if nothing about it is out of the ordinary
 * @ln: namespace
 * @pkt: at FORWARD, otherwise as for lvs_fast_request4()
 * @cp: its conn
 *
 * Context: softirq, RCU.
 * Return: LVS_TRANSLATED; LVS_PASSED, and the packet has not been changed; or a drop reason.
 */
enum lvs_outcome lvs_steady_reply4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return steady_reply(ln, pkt, cp, AF_INET);
}

/**
 * lvs_steady_reply6 - translate an IPv6 reply that the stack forwards, if nothing about it is out of the ordinary
 * @ln: namespace
 * @pkt: as for lvs_steady_reply4()
 * @cp: its conn
 *
 * Context: softirq, RCU.
 * Return: as lvs_steady_reply4().
 */
enum lvs_outcome lvs_steady_reply6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return steady_reply(ln, pkt, cp, AF_INET6);
}
