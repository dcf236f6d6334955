/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_L3_H
#define _LVS_L3_H

#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/socket.h>
#include <linux/types.h>
#include <linux/xfrm.h>
#include <net/dst.h>
#include <net/net_namespace.h>

struct sk_buff;

/* Which address of a network header. */
enum lvs_side {
	LVS_SRC,
	LVS_DST,
};

/**
 * struct lvs_outer - what the outer header of a tunnel takes from the inner one
 * @saddr: source address
 * @daddr: destination address
 * @proto: IPPROTO_IPIP or IPPROTO_IPV6, or what the kind of tunnel makes of it
 * @dsfield: DS field with ECN
 * @ttl: hop limit
 * @df: IPv4: IP_DF or 0, network byte order
 */
struct lvs_outer {
	const union nf_inet_addr *saddr;
	const union nf_inet_addr *daddr;
	u8 proto;
	u8 dsfield;
	u8 ttl;
	__be16 df;
};

/**
 * struct lvs_l3_ops - what differs between the address families when a packet is forwarded
 * @hlen: length of a network header without options
 * @min_mtu: least MTU of a path
 * @dst_local: does this route lead to this host
 * @from_loopback: has the packet a loopback source address
 * @is_loopback: is this a loopback address
 * @hop_limit: remaining hops of the packet
 * @hop_spend: take one hop; the header is writable
 * @answer_expired: send an ICMP error: no hops left
 * @over_mtu: is the packet too big for @mtu and may not be fragmented
 * @answer_too_big: send an ICMP error: use @mtu
 * @inner: fill in proto, dsfield, ttl and df of an outer header for this packet
 * @push_outer: put an outer header in front of the packet; headroom is there
 * @udp_check: fill in, or let the offloads fill in, the checksum of a UDP packet that will get this outer header; with
 *             @none, say that there is none
 * @local_out: send a packet with a new outer header
 * @set_addr: rewrite one address of the packet's header at skb->data, with header checksum and, unless NULL, the
 *            transport checksum at @check; writable
 * @icmp_inner: rewrite one address of the network header that an ICMP error quotes at @off. False if the header is not
 *              what the parser saw: it ended at @l4off. Writable up to @l4off
 * @icmp_check: what to store as the checksum of the ICMP packet at @off while the field itself is zero; zero if the
 *              field is filled in and right
 * @route_matters: may a route lookup for the packet's new source give another result than the one the packet has
 * @direct: may packets on this route, to another host, be handed straight to the next hop's link layer: nothing else is to
 *          be done on the way out. @gateway is set to the next hop, all zero if it is the packet's destination
 * @route_in: is this a route to an address of this host that all packets to that address share
 * @learn_mtu: note the MTU of the path of the packet at skb->data, of this family, which an ICMP error quotes
 * @answer: send an ICMP error; @info: the word behind its checksum, host byte order
 * @route_back: give a packet, which came in inside one of the other family, a route to this host, as far as ICMP errors about
 *              it need it. False if there is none
 * @route_out: look up the route of this host to an address; an ERR_PTR() if there is none
 * @unicast: is this the address of one host, which is not this one
 * @reroute: look up the route for the packet's new source, as for a packet of this host
 */
struct lvs_l3_ops {
	u8 hlen;
	u16 min_mtu;
	bool (*dst_local)(const struct dst_entry *dst);
	bool (*from_loopback)(const struct sk_buff *skb);
	bool (*is_loopback)(const union nf_inet_addr *addr);
	u8 (*hop_limit)(const struct sk_buff *skb);
	void (*hop_spend)(struct sk_buff *skb);
	void (*answer_expired)(struct net *net, struct sk_buff *skb);
	bool (*over_mtu)(const struct sk_buff *skb, unsigned int mtu);
	void (*answer_too_big)(struct net *net, struct sk_buff *skb, unsigned int mtu);
	void (*inner)(const struct sk_buff *skb, struct lvs_outer *outer);
	void (*push_outer)(struct net *net, struct sk_buff *skb, const struct lvs_outer *outer);
	void (*udp_check)(struct sk_buff *skb, const struct lvs_outer *outer, bool none);
	int (*local_out)(struct net *net, struct sk_buff *skb);
	void (*set_addr)(struct sk_buff *skb, enum lvs_side side, const union nf_inet_addr *to, __sum16 *check);
	bool (*icmp_inner)(struct sk_buff *skb, unsigned int off, unsigned int l4off, enum lvs_side side,
			   const union nf_inet_addr *to);
	__sum16 (*icmp_check)(const struct sk_buff *skb, unsigned int off);
	bool (*route_matters)(const struct net *net);
	bool (*direct)(const struct dst_entry *dst, union nf_inet_addr *gateway);
	bool (*route_in)(const struct dst_entry *dst);
	void (*learn_mtu)(struct net *net, struct sk_buff *skb, unsigned int mtu);
	void (*answer)(struct net *net, struct sk_buff *skb, u8 type, u8 code, u32 info);
	bool (*route_back)(struct net *net, struct sk_buff *skb);
	struct dst_entry *(*route_out)(struct net *net, const union nf_inet_addr *to);
	bool (*unicast)(struct net *net, const union nf_inet_addr *addr);
	int (*reroute)(struct net *net, struct sk_buff *skb);
};

extern const struct lvs_l3_ops lvs_l3_ipv4;
extern const struct lvs_l3_ops lvs_l3_ipv6;

static inline const struct lvs_l3_ops *lvs_l3(u8 af)
{
	return af == AF_INET ? &lvs_l3_ipv4 : &lvs_l3_ipv6;
}

#ifdef CONFIG_XFRM
static inline bool lvs_l3_has_xfrm_policies(const struct net *net)
{
	return READ_ONCE(net->xfrm.policy_count[XFRM_POLICY_OUT]);
}

/* Whether IPsec may have a say about packets that are forwarded. */
static inline bool lvs_l3_filters(const struct net *net)
{
	return READ_ONCE(net->xfrm.policy_count[XFRM_POLICY_FWD]) ||
	       READ_ONCE(net->xfrm.policy_default[XFRM_POLICY_FWD]) == XFRM_USERPOLICY_BLOCK ||
	       READ_ONCE(net->xfrm.policy_default[XFRM_POLICY_OUT]) == XFRM_USERPOLICY_BLOCK;
}
#else
static inline bool lvs_l3_has_xfrm_policies(const struct net *net)
{
	return false;
}

static inline bool lvs_l3_filters(const struct net *net)
{
	return false;
}
#endif

/* A route that leads out of this host through a plain device, whatever the family. */
static inline bool lvs_l3_plain_route(const struct dst_entry *dst)
{
	const struct net_device *dev = dst_dev(dst);

	return !dst->error && !dst->lwtstate && !dst_xfrm(dst) && !dst->header_len && !netif_is_l3_slave(dev) &&
	       !netif_is_l3_master(dev) && !(dev->flags & IFF_LOOPBACK);
}

/* A route into this host, whatever the family. */
static inline bool lvs_l3_plain_route_in(const struct dst_entry *dst)
{
	return !dst->error && !dst->lwtstate && !dst_xfrm(dst) && dst_dev(dst)->flags & IFF_LOOPBACK;
}

static inline u8 lvs_l3_pf(u8 af)
{
	return af == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

#endif
