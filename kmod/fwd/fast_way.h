/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FAST_WAY_H
#define _LVS_FAST_WAY_H

/*
 * What fwd/xmit.c and the output path of the IP layers do to a packet of an established conn, done at once: hop, address
 * translation or outer header, and off to the next hop's link layer address. First it is found out whether everything is
 * at hand and plain, and all may be given up: the packet is as it was. Then it is counted, changed and sent.
 *
 * Everything found here is valid under RCU; nothing is referenced, locked or looked up in a routing table. What the packet
 * looks like on the wire, its priority, and the counters of the IP layers are those of the slow path.
 */
#include <linux/inetdevice.h>
#include <linux/ip_vs.h>

#include "../compat/ip_stats.h"
#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "../proto/proto.h"
#include "egress.h"
#include "fast_nat.h"
#include "fast_out.h"
#include "fast_tun.h"
#include "way.h"
#include "xmit.h"

/**
 * lvs_fast_request - send a request straight to its server, if all is well
 * @ln: namespace
 * @skb: the packet, with its whole transport header in the linear part; its head may be reallocated
 * @cp: its conn
 * @method: that of the conn, an IP_VS_CONN_F_FWD_MASK value
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @af: a constant
 *
 * Context: softirq, RCU.
 * Return: LVS_FORWARDED, and the packet is gone; LVS_PASSED, and it has not been changed; or a drop reason.
 */
static __always_inline enum lvs_outcome lvs_fast_request(struct lvs_net *ln, struct sk_buff *skb, struct lvs_conn *cp,
							 u8 method, u8 proto, u8 af)
{
	struct lvs_dest *dest = cp->dest;
	const struct lvs_egress *eg = rcu_dereference(dest->egress);
	unsigned int mtu, room;
	struct neighbour *neigh;
	struct dst_entry *dst;
	u8 state;

	if (unlikely(!eg || eg->direct != method))
		return LVS_PASSED;
	dst = eg->dst;
	room = eg->room;
	if (method == IP_VS_CONN_F_TUNNEL) {
		unsigned int grow = af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);

		if (unlikely(eg->af != af || !fast_plain_tunnel(eg, skb)))
			return lvs_fast_tunnel(ln, skb, cp, eg, proto);
		mtu = fast_send_mtu(dst, af);
		/* the slow path knows of what is too narrow */
		if (unlikely(mtu < grow + IPV6_MIN_MTU))
			return LVS_PASSED;
		mtu -= grow;
		room += grow;
	} else {
		mtu = fast_send_mtu(dst, af);
	}
	if (unlikely(!fast_dst_valid(ln->net, dst, eg->cookie, af) || lvs_skb_exceeds(skb, mtu)))
		return LVS_PASSED;
	neigh = eg->neigh;
	state = fast_neigh_state(neigh);
	if (unlikely(!state || !fast_writable(skb, room, proto, af)))
		return LVS_PASSED;

	lvs_stats_in(&dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	fast_hop_spend(skb, af);
	if (method == IP_VS_CONN_F_MASQ)
		fast_nat(skb, proto, LVS_DST, dest->key.addr.ip6, cp->dport, af);
	if (method == IP_VS_CONN_F_TUNNEL) {
		fast_push(ln, skb, dest, eg, af, af);
		fast_outer_finish(ln->net, skb, af);
	}
	skb->ignore_df = 1;
	fast_send(ln->net, skb, dst, neigh, state, af);
	return LVS_FORWARDED;
}

/* Whether the stack would forward what comes in here, and send nothing else along. */
static __always_inline bool fast_forwards(const struct net *net, const struct net_device *in,
					  const struct net_device *out, u8 af)
{
	struct in_device *in_dev;

	if (af == AF_INET6)
		return READ_ONCE(net->ipv6.devconf_all->forwarding) && !READ_ONCE(net->ipv6.devconf_all->proxy_ndp) &&
		       in != out && !fib6_routes_require_src(net);
	in_dev = __in_dev_get_rcu(in);
	return in_dev && IN_DEV_FORWARD(in_dev) && (likely(in != out) || !IN_DEV_TX_REDIRECTS(in_dev));
}

/* Two routes that are one: IPv6 has a copy for each CPU. */
static __always_inline bool fast_same_route(const struct dst_entry *left, const struct dst_entry *right, u8 af)
{
	const struct rt6_info *a, *b;

	if (likely(left == right) || af == AF_INET)
		return left == right;
	a = container_of(left, struct rt6_info, dst);
	b = container_of(right, struct rt6_info, dst);
	return rcu_access_pointer(a->from) == rcu_access_pointer(b->from) && dst_dev(left) == dst_dev(right) &&
	       ipv6_addr_equal(&a->rt6i_gateway, &b->rt6i_gateway);
}

/**
 * lvs_fast_reply - send a reply straight to its client, if all is well
 * @ln: namespace
 * @skb: as for lvs_fast_request()
 * @cp: its conn, with NAT
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @af: a constant
 * @routed: a constant: the stack has chosen the way already, taken the hop and set the priority
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request().
 */
static __always_inline enum lvs_outcome lvs_fast_reply(struct lvs_net *ln, struct sk_buff *skb, struct lvs_conn *cp,
						       u8 proto, u8 af, bool routed)
{
	const struct lvs_way *way = lvs_way_get(ln, cp);
	struct dst_entry *dst;
	struct neighbour *neigh;
	struct net_device *dev;
	u8 state;

	if (unlikely(!way || way->epoch != READ_ONCE(ln->epoch) || way->iif != skb->skb_iif))
		return LVS_PASSED;
	dst = way->dst;
	dev = dst_dev(dst);
	if (unlikely(routed ? !fast_same_route(skb_dst(skb), dst, af) : !fast_forwards(ln->net, skb->dev, dev, af)))
		return LVS_PASSED;
	if (unlikely(!fast_dst_valid(ln->net, dst, way->cookie, af) || lvs_skb_exceeds(skb, fast_forward_mtu(dst, af))))
		return LVS_PASSED;
	neigh = way->neigh ?: fast_neigh(skb, dev, af);
	if (unlikely(!neigh))
		return LVS_PASSED;
	state = fast_neigh_state(neigh);
	if (unlikely(!state || !fast_writable(skb, way->room, proto, af)))
		return LVS_PASSED;

	lvs_stats_out(&cp->dest->stats, skb->len);
	lvs_stats_out(&ln->total, skb->len);
	lvs_conn_touch(cp);
	if (unlikely(cp->control) && proto == IPPROTO_UDP)
		lvs_conn_assure(cp);
	if (!routed)
		fast_hop_spend(skb, af);
	if (!routed && af == AF_INET && READ_ONCE(ln->net->ipv4.sysctl_ip_fwd_update_priority))
		skb->priority = rt_tos2priority(fast_iph(skb)->tos);
	fast_nat_reply(skb, cp, proto, af);
	lvs_ip_count_forwarded(ln->net, skb, dst, af, routed);
	if (routed)
		skb_dst_drop(skb);
	fast_send(ln->net, skb, dst, neigh, state, af);
	return LVS_FORWARDED;
}

#endif
