// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: forwarding without the stack
 *
 * What fwd/xmit.c and the output path of the IP layers do to a packet of an established conn, done at once: hop, address
 * translation or outer header, and off to the next hop's link layer address. In two steps. The first one finds out
 * whether everything is at hand and plain, and may be given up at any point: the packet is as it was. The second changes
 * and sends the packet.
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

#include "../dest/dest.h"
#include "../net.h"
#include "egress.h"
#include "encap.h"
#include "fast.h"
#include "methods.h"
#include "way.h"
#include "xmit.h"

/* ---- is everything at hand? ------------------------------------------------------------------------------------ */

static struct neighbour *next_hop(u8 af, struct net_device *dev, const union nf_inet_addr *addr)
{
	return af == AF_INET ? __ipv4_neigh_lookup_noref(dev, (__force u32)addr->ip) :
			       __ipv6_neigh_lookup_noref(dev, &addr->in6);
}

/*
 * With a valid address the packet is not kept waiting. Whether the address has to be asked for again is neigh_output()'s
 * business, as on the slow path.
 */
static bool hop_known(const struct neighbour *neigh)
{
	return neigh && READ_ONCE(neigh->nud_state) & NUD_VALID;
}

/* What the stack lets through when it forwards, which is not what it sends itself. */
static unsigned int forward_mtu(const struct dst_entry *dst, u8 af)
{
	return af == AF_INET ? ip_dst_mtu_maybe_forward(dst, true) : ip6_dst_mtu_maybe_forward(dst, true);
}

/* @len: bytes that will be changed; @grow: bytes that will be put in front of them */
static bool writable(struct sk_buff *skb, unsigned int len, struct dst_entry *dst, unsigned int grow)
{
	unsigned int room = LL_RESERVED_SPACE(dst_dev(dst)) + grow;

	if (likely(!skb_cloned(skb) && skb_headlen(skb) >= len && skb_headroom(skb) >= room))
		return true;
	return !skb_ensure_writable(skb, len) && !skb_cow_head(skb, room);
}

static unsigned int nat_len(const struct lvs_pkt *pkt)
{
	return pkt->l4off + (pkt->proto == IPPROTO_TCP ? sizeof(struct tcphdr) : sizeof(struct udphdr));
}

/* What a tunnel adds; 0 if the path is too narrow for it. */
static unsigned int tunnel_len(const struct lvs_egress *eg, const struct sk_buff *skb)
{
	unsigned int len = lvs_l3(eg->af)->hlen + lvs_encap_len(eg, skb);

	return dst_mtu(eg->dst) < len + IPV6_MIN_MTU ? 0 : len;
}

/**
 * lvs_fast_request_ready - can a request go straight to its server
 * @ln: namespace
 * @pkt: packet that may be changed if so; its head may be reallocated
 * @cp: its conn
 * @out: filled in
 *
 * Context: softirq, RCU.
 * Return: false if it must go through the slow path, and then it has not been changed.
 */
bool lvs_fast_request_ready(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp,
			    struct lvs_fast_out *out)
{
	const struct lvs_egress *eg = rcu_dereference(cp->dest->egress);
	u8 method = lvs_conn_fwd(cp), af = pkt->af;
	unsigned int grow = 0;

	if (unlikely(!eg || !eg->direct || eg->method != method))
		return false;
	if (method == IP_VS_CONN_F_TUNNEL) {
		af = eg->af;
		grow = tunnel_len(eg, pkt->skb);
		/* the slow path knows of what is too narrow */
		if (unlikely(!grow))
			return false;
	}
	if (unlikely(!dst_check(eg->dst, eg->cookie) || lvs_skb_exceeds(pkt->skb, dst_mtu(eg->dst) - grow)))
		return false;

	out->eg = eg;
	out->dst = eg->dst;
	out->neigh = next_hop(af, dst_dev(eg->dst), &eg->next_hop);
	return likely(hop_known(out->neigh)) &&
	       writable(pkt->skb, method == IP_VS_CONN_F_MASQ ? nat_len(pkt) : pkt->l4off, eg->dst, grow);
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
	if (unlikely(lvs_l3_filters(ln->net) || lvs_l3(af)->route_matters(ln->net)))
		return "routing rules, source routes or IPsec policies";
	if (unlikely(af == AF_INET && READ_ONCE(ln->tos_routes)))
		return "routes by type of service";
	return NULL;
}

/* Whether the stack would forward what comes in here, and send nothing else along. */
static bool forwards(const struct net *net, const struct sk_buff *skb, const struct net_device *out_dev, u8 af)
{
	struct in_device *in_dev;

	if (af == AF_INET6)
		return READ_ONCE(net->ipv6.devconf_all->forwarding) && !READ_ONCE(net->ipv6.devconf_all->proxy_ndp) &&
		       skb->dev != out_dev;
	in_dev = __in_dev_get_rcu(skb->dev);
	return in_dev && IN_DEV_FORWARD(in_dev) && (skb->dev != out_dev || !IN_DEV_TX_REDIRECTS(in_dev));
}

/**
 * lvs_fast_reply_ready - can a reply go straight to its client
 * @ln: namespace
 * @pkt: packet that may be changed if so; its head may be reallocated
 * @cp: its conn, with NAT
 * @out: filled in
 *
 * Context: softirq, RCU.
 * Return: false if it must go through the slow path, and then it has not been changed.
 */
bool lvs_fast_reply_ready(struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp,
			  struct lvs_fast_out *out)
{
	const struct lvs_way *way = lvs_way_get(ln, cp);
	struct sk_buff *skb = pkt->skb;
	union nf_inet_addr client;
	struct net_device *dev;

	if (unlikely(!way || way->epoch != READ_ONCE(ln->epoch) || way->iif != skb->dev->ifindex))
		return false;
	if (unlikely(lvs_fast_replies_off(ln, pkt->af)))
		return false;
	dev = dst_dev(way->dst);
	if (unlikely(!forwards(ln->net, skb, dev, pkt->af)))
		return false;
	if (unlikely(!dst_check(way->dst, way->cookie) || lvs_skb_exceeds(skb, forward_mtu(way->dst, pkt->af))))
		return false;

	out->eg = NULL;
	out->dst = way->dst;
	client = lvs_key_dst(&pkt->key, pkt->af);
	out->neigh = next_hop(pkt->af, dev, way->has_gateway ? &way->gateway : &client);
	return likely(hop_known(out->neigh)) && writable(skb, nat_len(pkt), way->dst, 0);
}

/* ---- change and send ------------------------------------------------------------------------------------------- */

static void hop_spend(struct sk_buff *skb, u8 af)
{
	if (af == AF_INET)
		ip_decrease_ttl(ip_hdr(skb));
	else
		ipv6_hdr(skb)->hop_limit--;
}

/* Replaces an address of the network header; @check: the transport checksum, or NULL. */
static void set_addr(struct sk_buff *skb, u8 af, enum lvs_side side, const union nf_inet_addr *to, __sum16 *check)
{
	__be32 *addr;
	__wsum diff;

	if (af == AF_INET6) {
		lvs_l3_ipv6.set_addr(skb, side, to, check);
		return;
	}
	addr = side == LVS_SRC ? &ip_hdr(skb)->saddr : &ip_hdr(skb)->daddr;
	diff = csum_add((__force __wsum)~*addr, (__force __wsum)to->ip);
	csum_replace_by_diff(&ip_hdr(skb)->check, diff);
	if (check)
		csum_replace_by_diff(check, diff);
	*addr = to->ip;
}

/* lvs_nat_rewrite() for a packet whose header is writable and whose transport header is all there. */
static void nat(struct lvs_pkt *pkt, enum lvs_side side, const union nf_inet_addr *addr, __be16 port)
{
	struct sk_buff *skb = pkt->skb;
	u8 *l4 = skb->data + pkt->l4off;
	__be16 *field = (__be16 *)l4 + (side == LVS_DST);
	__sum16 *check;

	if (unlikely(skb->ip_summed == CHECKSUM_PARTIAL)) {
		/* cannot fail: nothing has to be made writable */
		lvs_nat_rewrite(pkt, side, addr, port);
		return;
	}
	check = pkt->proto == IPPROTO_TCP ? &((struct tcphdr *)l4)->check : &((struct udphdr *)l4)->check;
	if (pkt->proto == IPPROTO_UDP && !*check)
		check = NULL;
	if (skb->ip_summed == CHECKSUM_COMPLETE)
		skb->ip_summed = CHECKSUM_NONE;

	if (check)
		csum_replace2(check, *field, port);
	*field = port;
	set_addr(skb, pkt->af, side, addr, check);
	if (check && !*check && pkt->proto == IPPROTO_UDP)
		*check = CSUM_MANGLED_0;
}

/* What the IP layer fills in on the way out of this host. */
static void outer_finish(struct net *net, struct sk_buff *skb, u8 af)
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
	IP6_INC_STATS(net, ip6_dst_idev(skb_dst(skb)), IPSTATS_MIB_OUTREQUESTS);
#endif
}

static void count_forwarded(struct net *net, const struct sk_buff *skb, struct dst_entry *dst, u8 af)
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

static void send(struct net *net, struct sk_buff *skb, const struct lvs_fast_out *out, u8 af)
{
	skb->ipvs_property = 1;
	skb_forward_csum(skb);
	skb_clear_tstamp(skb);
	nf_reset_ct(skb);
	/* devices may want to know; whoever queues the packet makes the reference its own */
	skb_dst_set_noref(skb, out->dst);
	skb->dev = dst_dev(out->dst);
	if (af == AF_INET) {
		IP_UPD_PO_STATS(net, IPSTATS_MIB_OUT, skb->len);
		skb->protocol = htons(ETH_P_IP);
	} else {
		IP6_UPD_PO_STATS(net, ip6_dst_idev(out->dst), IPSTATS_MIB_OUT, skb->len);
		skb->protocol = htons(ETH_P_IPV6);
	}
	neigh_output(out->neigh, skb, false);
}

/**
 * lvs_fast_request - send a request to its server
 * @ln: namespace
 * @pkt: the packet; lvs_fast_request_ready() has said yes
 * @cp: its conn
 * @out: what that has found
 *
 * Context: softirq, RCU.
 * Return: LVS_FORWARDED, and the packet is gone; or a drop reason.
 */
enum lvs_outcome lvs_fast_request(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp,
				  const struct lvs_fast_out *out)
{
	const struct lvs_dest *dest = cp->dest;
	struct sk_buff *skb = pkt->skb;
	u8 af = pkt->af;

	hop_spend(skb, af);
	switch (out->eg->method) {
	case IP_VS_CONN_F_MASQ:
		nat(pkt, LVS_DST, &dest->key.addr, cp->dport);
		break;
	case IP_VS_CONN_F_TUNNEL:
		af = dest->key.af;
		if (unlikely(!lvs_tun_push(ln, pkt, dest, out->eg)))
			return LVS_DROP_NO_MEMORY;
		skb_dst_set_noref(skb, out->dst);
		outer_finish(ln->net, skb, af);
		break;
	}
	skb->ignore_df = 1;
	send(ln->net, skb, out, af);
	return LVS_FORWARDED;
}

/**
 * lvs_fast_reply - send a reply to its client
 * @ln: namespace
 * @pkt: the packet; lvs_fast_reply_ready() has said yes
 * @cp: its conn
 * @out: what that has found
 *
 * Context: softirq, RCU.
 * Return: LVS_FORWARDED, and the packet is gone.
 */
enum lvs_outcome lvs_fast_reply(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp,
				const struct lvs_fast_out *out)
{
	union nf_inet_addr vaddr = lvs_conn_vaddr(cp);
	struct sk_buff *skb = pkt->skb;

	hop_spend(skb, pkt->af);
	if (pkt->af == AF_INET && READ_ONCE(ln->net->ipv4.sysctl_ip_fwd_update_priority))
		skb->priority = rt_tos2priority(ip_hdr(skb)->tos);
	nat(pkt, LVS_SRC, &vaddr, lvs_conn_vport(cp));
	count_forwarded(ln->net, skb, out->dst, pkt->af);
	send(ln->net, skb, out, pkt->af);
	return LVS_FORWARDED;
}
