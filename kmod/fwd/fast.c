// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: forwarding without the stack
 *
 * What it is and what holds for it is told in fwd/fast_way.h. Here are tunnels, and what the others need now and then.
 */
#include <linux/ip.h>
#include <linux/ip_vs.h>
#include <linux/ipv6.h>
#include <linux/skbuff.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <net/ip.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>

#include "../conn/conn.h"
#include "../dest/dest.h"
#include "../net.h"
#include "../proto/proto.h"
#include "egress.h"
#include "encap.h"
#include "fast.h"
#include "fast_out.h"
#include "fast_tun.h"
#include "fast_way.h"
#include "l3.h"
#include "methods.h"
#include "xmit.h"

/**
 * lvs_fast_replies_off - may packets be routed by more than their destination, or be refused
 * @ln: namespace
 * @af: family of the packets
 *
 * Asked about replies, and about requests that are to be let in without having been routed. Context: any.
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

/**
 * lvs_fast_forward_mtu - the longest packet that the stack would forward
 * @dst: the route
 * @af: its family
 *
 * Context: RCU.
 * Return: bytes.
 */
unsigned int lvs_fast_forward_mtu(const struct dst_entry *dst, u8 af)
{
	return af == AF_INET ? ip_dst_mtu_maybe_forward(dst, true) : ip6_dst_mtu_maybe_forward(dst, true);
}

static unsigned int l4off(u8 af)
{
	return af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr);
}

/**
 * lvs_fast_make_writable - make a packet's headers its own, with room in front
 * @skb: packet; its headers are in the linear part
 * @room: bytes that will be put in front
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @af: its family
 *
 * Context: softirq.
 * Return: false if there is no memory for it.
 */
bool lvs_fast_make_writable(struct sk_buff *skb, unsigned int room, u8 proto, u8 af)
{
	unsigned int len = l4off(af) + (proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr));

	return !skb_ensure_writable(skb, len) && !skb_cow_head(skb, room);
}

/**
 * lvs_fast_nat_partial - translate one side of a packet whose checksum is still to be filled in
 * @skb: packet, writable
 * @af: its family
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 * @side: which side
 * @addr: new address: 4 bytes, or 16
 * @port: new port
 *
 * Context: softirq. Cannot fail: nothing has to be made writable.
 */
void lvs_fast_nat_partial(struct sk_buff *skb, u8 af, u8 proto, enum lvs_side side, const __be32 *addr, __be16 port)
{
	struct lvs_pkt pkt = { .skb = skb, .af = af, .proto = proto, .l4off = l4off(af) };
	union nf_inet_addr to = {};

	memcpy(&to, addr, af == AF_INET ? sizeof(to.ip) : sizeof(to.in6));
	lvs_nat_rewrite(&pkt, side, &to, port);
}

/* ---- tunnels --------------------------------------------------------------------------------------------------- */

static noinline bool push_other(struct lvs_net *ln, struct sk_buff *skb, const struct lvs_dest *dest,
				const struct lvs_egress *eg, u8 proto, u8 af)
{
	struct lvs_pkt pkt = { .skb = skb, .af = af, .proto = proto, .l4off = l4off(af) };

	return lvs_tun_push(ln, &pkt, dest, eg);
}

/* @inner: family of the packet; @af: of the outer header */
static __always_inline enum lvs_outcome tunnel(struct lvs_net *ln, struct sk_buff *skb, struct lvs_conn *cp,
					       const struct lvs_egress *eg, u8 proto, u8 inner, u8 af)
{
	unsigned int grow = (af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr)) + lvs_encap_len(eg, skb);
	struct neighbour *neigh = eg->neigh;
	struct dst_entry *dst = eg->dst;
	unsigned int mtu;
	u8 state;

	if (unlikely(!fast_dst_valid(ln->net, dst, eg->cookie, af)))
		return LVS_PASSED;
	mtu = fast_send_mtu(dst, af);
	/* the slow path knows of what is too narrow */
	if (unlikely(mtu < grow + IPV6_MIN_MTU || lvs_skb_exceeds(skb, mtu - grow)))
		return LVS_PASSED;
	state = fast_neigh_state(neigh);
	if (unlikely(!state || !fast_writable(skb, eg->room + grow, proto, inner)))
		return LVS_PASSED;

	lvs_stats_in(&cp->dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	fast_hop_spend(skb, inner);
	if (fast_plain_tunnel(eg, skb))
		fast_push(ln, skb, cp->dest, eg, inner, af);
	else if (!push_other(ln, skb, cp->dest, eg, proto, inner))
		return LVS_DROP_NO_MEMORY;
	fast_outer_finish(ln->net, skb, af);
	skb->ignore_df = 1;
	skb->protocol = af == AF_INET ? htons(ETH_P_IP) : htons(ETH_P_IPV6);
	fast_send(ln->net, skb, dst, neigh, state, af);
	return LVS_FORWARDED;
}

/**
 * lvs_fast_tunnel - send a request to its server in another packet, if all is well
 * @ln: namespace
 * @skb: as for lvs_fast_request(), which does what is plainest itself
 * @cp: its conn
 * @eg: the way to the server
 * @proto: IPPROTO_TCP or IPPROTO_UDP
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request().
 */
enum lvs_outcome lvs_fast_tunnel(struct lvs_net *ln, struct sk_buff *skb, struct lvs_conn *cp,
				 const struct lvs_egress *eg, u8 proto)
{
	if (cp->af == AF_INET)
		return eg->af == AF_INET ? tunnel(ln, skb, cp, eg, proto, AF_INET, AF_INET) :
					   tunnel(ln, skb, cp, eg, proto, AF_INET, AF_INET6);
	return eg->af == AF_INET ? tunnel(ln, skb, cp, eg, proto, AF_INET6, AF_INET) :
				   tunnel(ln, skb, cp, eg, proto, AF_INET6, AF_INET6);
}

/* ---- for packets that have come further ------------------------------------------------------------------------ */

/**
 * lvs_fast_request4 - send an IPv4 request straight to its server, if all is well
 * @ln: namespace
 * @pkt: the packet, without a route, with its whole transport header in the linear part; its head may be reallocated
 * @cp: its conn
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request().
 */
enum lvs_outcome lvs_fast_request4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return lvs_fast_request(ln, pkt->skb, cp, lvs_conn_fwd(cp), pkt->proto, AF_INET);
}

/**
 * lvs_fast_request6 - send an IPv6 request straight to its server, if all is well
 * @ln: namespace
 * @pkt: as for lvs_fast_request4()
 * @cp: its conn
 *
 * Context: softirq, RCU.
 * Return: as lvs_fast_request().
 */
enum lvs_outcome lvs_fast_request6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return lvs_fast_request(ln, pkt->skb, cp, lvs_conn_fwd(cp), pkt->proto, AF_INET6);
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
enum lvs_outcome lvs_fast_forward4(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return lvs_fast_reply(ln, pkt->skb, cp, pkt->proto, AF_INET, true);
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
enum lvs_outcome lvs_fast_forward6(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	return lvs_fast_reply(ln, pkt->skb, cp, pkt->proto, AF_INET6, true);
}

/* ---- by way of the stack --------------------------------------------------------------------------------------- */

static unsigned int nat_len(const struct lvs_pkt *pkt)
{
	return pkt->l4off + (pkt->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr));
}

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
	fast_hop_spend(skb, pkt->af);
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

	if (unlikely(!lvs_egress_valid(eg, method) || eg->local || eg->direct == LVS_EGRESS_NO_ROOM))
		return LVS_PASSED;
	if (method == IP_VS_CONN_F_TUNNEL)
		return steady_tunnel(ln, pkt, cp, eg);
	dst = eg->dst;
	if (unlikely(lvs_skb_exceeds(skb, eg->direct == method ? fast_send_mtu(dst, af) : dst_mtu(dst)) ||
		     skb_ensure_writable(skb, nat_len(pkt))))
		return LVS_PASSED;

	lvs_stats_in(&dest->stats, skb->len);
	lvs_stats_in(&ln->total, skb->len);
	lvs_conn_touch(cp);
	fast_hop_spend(skb, af);
	if (method == IP_VS_CONN_F_MASQ)
		fast_nat(skb, pkt->proto, LVS_DST, dest->key.addr.ip6, cp->dport, af);
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
	fast_nat_reply(skb, cp, pkt->proto, af);
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
