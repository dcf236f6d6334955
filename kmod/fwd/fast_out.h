/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_FAST_OUT_H
#define _LVS_FAST_OUT_H

/*
 * What forwarding without the stack is made of, for fwd/fast.h. All of it is inline: each part is a few instructions, fewer
 * than a call takes.
 */
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/addrconf.h>
#include <net/arp.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/ipv6.h>
#include <net/ndisc.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "../compat/ip_stats.h"
#include "../packet.h"
#include "fast.h"
#include "l3.h"

/* The network header: at the hooks of the IP layers it is what the data begin with. */
static __always_inline struct iphdr *fast_iph(const struct sk_buff *skb)
{
	return (struct iphdr *)skb->data;
}

static __always_inline struct ipv6hdr *fast_ip6h(const struct sk_buff *skb)
{
	return (struct ipv6hdr *)skb->data;
}

/* ---- is everything at hand? ------------------------------------------------------------------------------------ */

/*
 * dst_check(). What makes most routes valid is looked at here; what it says of the others is asked for. An IPv4 route is
 * never valid in another way.
 */
static __always_inline bool fast_dst_valid(const struct net *net, struct dst_entry *dst, u32 cookie, u8 af)
{
	const struct rt6_info *rt6 = container_of(dst, struct rt6_info, dst);
	const struct fib6_info *from;
	const struct fib6_node *fn;

	if (af == AF_INET)
		return READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
		       container_of(dst, struct rtable, dst)->rt_genid == rt_genid_ipv4(net);
	from = rcu_dereference(rt6->from);
	if (likely(from && !rt6->sernum && READ_ONCE(dst->obsolete) == DST_OBSOLETE_FORCE_CHK &&
		   !((READ_ONCE(rt6->rt6i_flags) | READ_ONCE(from->fib6_flags)) & RTF_EXPIRES))) {
		fn = rcu_dereference(from->fib6_node);
		if (likely(fn && (u32)READ_ONCE(fn->fn_sernum) == cookie))
			return true;
	}
	return dst_check(dst, cookie);
}

/* What a device carries of IPv6. */
static __always_inline unsigned int fast_mtu6(const struct net_device *dev)
{
	const struct inet6_dev *idev = rcu_dereference(dev->ip6_ptr);

	return idev ? READ_ONCE(idev->cnf.mtu6) : IPV6_MIN_MTU;
}

/* dst_mtu() of a route that struct lvs_egress calls direct. */
static __always_inline unsigned int fast_send_mtu(const struct dst_entry *dst, u8 af)
{
	unsigned int mtu;

	if (af == AF_INET && unlikely(container_of(dst, struct rtable, dst)->rt_pmtu))
		return dst_mtu(dst);
	mtu = dst_metric_raw(dst, RTAX_MTU);
	if (mtu)
		return mtu;
	return af == AF_INET ? READ_ONCE(dst_dev(dst)->mtu) : fast_mtu6(dst_dev(dst));
}

/* What the stack lets through when it forwards, which is not what it sends itself. */
static __always_inline unsigned int fast_forward_mtu(const struct dst_entry *dst, u8 af)
{
	if (af == AF_INET && likely(!container_of(dst, struct rtable, dst)->rt_pmtu))
		return dst_metric_raw(dst, RTAX_MTU) ?: READ_ONCE(dst_dev(dst)->mtu);
	if (af == AF_INET6 && likely(!dst_metric_locked(dst, RTAX_MTU)))
		return fast_mtu6(dst_dev(dst));
	return lvs_fast_forward_mtu(dst, af);
}

/* The host that a packet goes to, if it is on the link. */
static __always_inline struct neighbour *fast_neigh(const struct sk_buff *skb, struct net_device *dev, u8 af)
{
	return af == AF_INET ? __ipv4_neigh_lookup_noref(dev, (__force u32)fast_iph(skb)->daddr) :
			       __ipv6_neigh_lookup_noref(dev, &fast_ip6h(skb)->daddr);
}

/*
 * The state of a neighbour; 0 if it is dead, or has no valid address, so that a packet would be kept waiting. Whether the
 * address has to be asked for again is neigh_output()'s business, as on the slow path.
 */
static __always_inline u8 fast_neigh_state(const struct neighbour *neigh)
{
	return likely(!READ_ONCE(neigh->dead)) ? READ_ONCE(neigh->nud_state) & NUD_VALID : 0;
}

/* The headers, all in the linear part, may be changed, and @room bytes are free in front of them. */
static __always_inline bool fast_writable(struct sk_buff *skb, unsigned int room, u8 proto, u8 af)
{
	return likely(!skb_cloned(skb) && skb_headroom(skb) >= room) || lvs_fast_make_writable(skb, room, proto, af);
}

/* ---- change and send ------------------------------------------------------------------------------------------- */

static __always_inline void fast_hop_spend(struct sk_buff *skb, u8 af)
{
	if (af == AF_INET)
		ip_decrease_ttl(fast_iph(skb));
	else
		fast_ip6h(skb)->hop_limit--;
}

/* neigh_output(). @state is the neighbour's; there is room for a link layer header of usual length. */
static __always_inline void fast_neigh_output(struct neighbour *neigh, u8 state, struct sk_buff *skb)
{
	const struct hh_cache *hh = &neigh->hh;
	unsigned int seq, len;

	if (likely(state & NUD_CONNECTED)) {
		seq = read_seqbegin(&hh->hh_lock);
		len = READ_ONCE(hh->hh_len);
		memcpy(skb->data - HH_DATA_MOD, hh->hh_data, HH_DATA_MOD);
		if (likely(len - 1 < HH_DATA_MOD && !read_seqretry(&hh->hh_lock, seq))) {
			__skb_push(skb, len);
			dev_queue_xmit(skb);
			return;
		}
	}
	neigh_output(neigh, skb, false);
}

/* Off to the next hop. */
static __always_inline void fast_send(struct net *net, struct sk_buff *skb, struct dst_entry *dst,
				      struct neighbour *neigh, u8 state, u8 af)
{
	skb->ipvs_property = 1;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;
	skb_clear_tstamp(skb);
	if (unlikely(skb_get_nfct(skb)))
		nf_reset_ct(skb);
	/* devices may want to know; whoever queues the packet makes the reference its own */
	skb->slow_gro = 1;
	skb->_skb_refdst = (unsigned long)dst | SKB_DST_NOREF;
	skb->dev = dst_dev(dst);
	lvs_ip_count_out(net, skb, dst, af);
	fast_neigh_output(neigh, state, skb);
}

#endif
