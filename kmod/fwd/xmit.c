// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what all forwarding methods share
 *
 * A method calls lvs_xmit_route(); for a server on this host it ends with lvs_xmit_deliver() or lvs_xmit_redirect().
 * For another host it goes on with lvs_xmit_admit(), changes the packet, lvs_xmit_hop() and lvs_xmit_send(). Until
 * lvs_xmit_send() the skb belongs to the hook, and no header pointer is kept over any of these.
 */
#include <linux/err.h>
#include <linux/ip.h>
#include <linux/ip_vs.h>
#include <linux/netdevice.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <net/dst.h>

#include "../dest/dest.h"
#include "../net.h"
#include "egress.h"
#include "l3.h"
#include "xmit.h"

/* Connection tracking would see half of the flow only; it is kept away from both directions, unless that is wanted. */
static void untrack(const struct lvs_pkt *pkt)
{
	struct sk_buff *skb = pkt->skb;

	if (unlikely(pkt->flags & LVS_PKT_TRACKED))
		return;
	nf_reset_ct(skb);
	skb_set_nfct(skb, IP_CT_UNTRACKED);
}

/* A socket found by early demux belongs to the tuple as it came in. A local sender's own socket stays. */
static void orphan(const struct lvs_pkt *pkt)
{
	if (pkt->hook != NF_INET_LOCAL_OUT)
		skb_orphan(pkt->skb);
}

/*
 * A packet for another host (routed there by the director, or by its own sender) is not delivered here untranslated,
 * and nothing from outside reaches a loopback address.
 */
static bool local_refused(const struct lvs_pkt *pkt, const struct lvs_dest *dest, u8 method)
{
	const struct sk_buff *skb = pkt->skb;

	if (!lvs_l3(pkt->af)->dst_local(skb_dst(skb)) &&
	    (method != IP_VS_CONN_F_MASQ || pkt->hook != NF_INET_LOCAL_OUT))
		return true;
	return method == IP_VS_CONN_F_MASQ && lvs_l3(dest->key.af)->is_loopback(&dest->key.addr) &&
	       pkt->hook != NF_INET_LOCAL_OUT && !(skb->dev->flags & IFF_LOOPBACK);
}

static enum lvs_outcome no_route(struct sk_buff *skb)
{
	/* the route's own error handling takes the namespace from the device */
	if (!skb->dev)
		skb->dev = skb_dst_dev(skb);
	dst_link_failure(skb);
	return LVS_DROP_NO_ROUTE;
}

/**
 * lvs_xmit_route - find the way to a server
 * @ln: namespace
 * @pkt: packet; when there is no route, its sender is told
 * @dest: the server
 * @method: forwarding method of the conn, an IP_VS_CONN_F_FWD_MASK value
 * @egress: set to the way unless the packet has to be dropped; valid under RCU
 *
 * Context: softirq or BH off, RCU.
 * Return: LVS_FORWARDED: the server is another host; LVS_DELIVERED: it is this host; otherwise a drop reason.
 */
enum lvs_outcome lvs_xmit_route(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_dest *dest, u8 method,
				const struct lvs_egress **egress)
{
	const struct lvs_egress *eg = lvs_egress_get(ln, dest, method);

	pkt->flags |= LVS_PKT_ROUTED;
	/* the routing code's word for no memory is -ENOBUFS; that is no reason to tell the sender that there is no way */
	if (eg == ERR_PTR(-ENOMEM) || eg == ERR_PTR(-ENOBUFS))
		return LVS_DROP_NO_MEMORY;
	if (IS_ERR(eg))
		return no_route(pkt->skb);
	*egress = eg;
	if (unlikely(eg->local))
		return local_refused(pkt, dest, method) ? LVS_DROP_ROUTE_BOUNDARY : LVS_DELIVERED;
	if (unlikely(lvs_l3(pkt->af)->from_loopback(pkt->skb)))
		return LVS_DROP_ROUTE_BOUNDARY;
	return LVS_FORWARDED;
}

/**
 * lvs_xmit_route_away - find the way of a packet to another host than a server
 * @ln: namespace
 * @pkt: packet; when there is no route, its sender is told
 * @to: the host
 * @eg: its @dst is set; the caller owns a reference
 *
 * Context: softirq or BH off, RCU.
 * Return: LVS_FORWARDED, or a drop reason.
 */
enum lvs_outcome lvs_xmit_route_away(struct lvs_net *ln, struct lvs_pkt *pkt, const union nf_inet_addr *to,
				     struct lvs_egress *eg)
{
	const struct lvs_l3_ops *l3 = lvs_l3(pkt->af);

	pkt->flags |= LVS_PKT_ROUTED;
	eg->dst = l3->route_out(ln->net, to);
	if (eg->dst == ERR_PTR(-ENOMEM) || eg->dst == ERR_PTR(-ENOBUFS))
		return LVS_DROP_NO_MEMORY;
	if (IS_ERR(eg->dst))
		return no_route(pkt->skb);
	if (!l3->dst_local(eg->dst) && !l3->from_loopback(pkt->skb))
		return LVS_FORWARDED;
	dst_release(eg->dst);
	return LVS_DROP_ROUTE_BOUNDARY;
}

/* Whoever forwarded the packet to the FORWARD hook has taken the hop already. */
static bool hop_due(const struct lvs_pkt *pkt)
{
	return pkt->hook != NF_INET_FORWARD;
}

/* ICMP errors are never answered by ICMP errors; IPv4 ones are fragmented instead. */
static enum lvs_outcome too_big(struct lvs_net *ln, struct lvs_pkt *pkt, unsigned int mtu)
{
	if (pkt->flags & LVS_PKT_ICMP_ERR)
		return pkt->af == AF_INET ? LVS_FORWARDED : LVS_DROP_TOO_BIG;
	if (pkt->flags & LVS_PKT_LATER_FRAG)
		return LVS_DROP_TOO_BIG;
	lvs_l3(pkt->af)->answer_too_big(ln->net, pkt->skb, mtu);
	return LVS_ANSWERED;
}

static enum lvs_outcome expired(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	if (pkt->flags & (LVS_PKT_ICMP_ERR | LVS_PKT_LATER_FRAG))
		return LVS_DROP_HOP_LIMIT;
	lvs_l3(pkt->af)->answer_expired(ln->net, pkt->skb);
	return LVS_ANSWERED;
}

/**
 * lvs_xmit_admit - may a packet travel on to another host
 * @ln: namespace
 * @pkt: packet, not yet changed; its sender is told when it may not
 * @mtu: longest packet that fits, bytes; UINT_MAX if whatever is longer gets fragmented
 *
 * Context: softirq or BH off, RCU.
 * Return: LVS_FORWARDED: yes; otherwise LVS_ANSWERED or a drop reason.
 */
enum lvs_outcome lvs_xmit_admit(struct lvs_net *ln, struct lvs_pkt *pkt, unsigned int mtu)
{
	const struct lvs_l3_ops *l3 = lvs_l3(pkt->af);

	if (unlikely(hop_due(pkt) && l3->hop_limit(pkt->skb) <= 1))
		return expired(ln, pkt);
	if (unlikely(mtu != UINT_MAX && l3->over_mtu(pkt->skb, mtu)))
		return too_big(ln, pkt, mtu);
	return LVS_FORWARDED;
}

/**
 * lvs_xmit_hop - take one hop off a packet that travels on
 * @pkt: packet; its head may be reallocated
 *
 * Context: softirq or BH off.
 * Return: LVS_FORWARDED, or a drop reason.
 */
enum lvs_outcome lvs_xmit_hop(struct lvs_pkt *pkt)
{
	const struct lvs_l3_ops *l3 = lvs_l3(pkt->af);

	if (!hop_due(pkt))
		return LVS_FORWARDED;
	if (unlikely(skb_ensure_writable(pkt->skb, l3->hlen)))
		return LVS_DROP_NO_MEMORY;
	l3->hop_spend(pkt->skb);
	return LVS_FORWARDED;
}

/**
 * lvs_xmit_prepare - turn a packet that came in into one that goes out
 * @pkt: packet, wholly changed
 * @eg: the way to its server, not local
 *
 * Lets the IP layer fragment what is too long and was admitted.
 * Context: softirq or BH off, RCU until the packet is sent.
 */
void lvs_xmit_prepare(struct lvs_pkt *pkt, const struct lvs_egress *eg)
{
	struct sk_buff *skb = pkt->skb;

	skb->ipvs_property = 1;
	skb->ignore_df = 1;
	orphan(pkt);
	skb_forward_csum(skb);
	if (pkt->hook != NF_INET_LOCAL_OUT)
		skb_clear_tstamp(skb);
	skb_dst_drop(skb);
	skb_dst_set_noref(skb, eg->dst);
}

/* Nobody but us has a hook at LOCAL_OUT, and ours lets go of what has been through it. */
static bool alone(const struct lvs_net *ln, u8 af)
{
	const struct nf_hook_entries *list = af == AF_INET ? rcu_dereference(ln->net->nf.hooks_ipv4[NF_INET_LOCAL_OUT]) :
							     rcu_dereference(ln->net->nf.hooks_ipv6[NF_INET_LOCAL_OUT]);

	return !list || (list->num_hook_entries == 1 && list->hooks[0].priv == ln);
}

/**
 * lvs_xmit_send - hand a packet to the output path
 * @ln: namespace
 * @pkt: packet, wholly changed; gone afterwards
 * @eg: the way to its server, not local
 *
 * Context: softirq or BH off, RCU.
 * Return: LVS_FORWARDED.
 */
enum lvs_outcome lvs_xmit_send(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_egress *eg)
{
	struct sk_buff *skb = pkt->skb;

	lvs_xmit_prepare(pkt, eg);
	untrack(pkt);
	if (likely(alone(ln, pkt->af)))
		dst_output(ln->net, NULL, skb);
	else
		NF_HOOK(lvs_l3_pf(pkt->af), NF_INET_LOCAL_OUT, ln->net, NULL, skb, NULL, skb_dst_dev(skb), dst_output);
	return LVS_FORWARDED;
}

/**
 * lvs_xmit_deliver - leave an unchanged packet to this host
 * @pkt: packet
 *
 * Context: softirq or BH off.
 * Return: LVS_DELIVERED.
 */
enum lvs_outcome lvs_xmit_deliver(struct lvs_pkt *pkt)
{
	pkt->skb->ipvs_property = 1;
	untrack(pkt);
	return LVS_DELIVERED;
}

/**
 * lvs_xmit_redirect - leave a packet that got another destination to this host
 * @pkt: packet, wholly changed
 * @eg: the way to its server, local
 *
 * Context: softirq or BH off, RCU.
 * Return: LVS_DELIVERED, or a drop reason.
 */
enum lvs_outcome lvs_xmit_redirect(struct lvs_pkt *pkt, const struct lvs_egress *eg)
{
	struct sk_buff *skb = pkt->skb;

	orphan(pkt);
	/* A local sender's packet that was on its way out turns back here. It leaves RCU with its route. */
	if (pkt->hook == NF_INET_LOCAL_OUT && !lvs_l3(pkt->af)->dst_local(skb_dst(skb))) {
		if (!dst_hold_safe(eg->dst))
			return LVS_DROP_NO_ROUTE;
		skb_dst_drop(skb);
		skb_dst_set(skb, eg->dst);
	}
	return lvs_xmit_deliver(pkt);
}

static bool has_options(const struct lvs_pkt *pkt)
{
	return pkt->af == AF_INET && pkt->l4off > sizeof(struct iphdr);
}

/*
 * The way back was chosen for the server's address. From the VIP it may be another one: always for what this host
 * sends, otherwise only if routes may depend on more than the destination. And an option may want an address recorded,
 * which is that of the route.
 */
static int reroute(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	const struct lvs_l3_ops *l3 = lvs_l3(pkt->af);

	if (pkt->hook == NF_INET_LOCAL_IN || !READ_ONCE(ln->knobs.snat_reroute) || l3->dst_local(skb_dst(pkt->skb)))
		return 0;
	if (pkt->hook != NF_INET_LOCAL_OUT && !has_options(pkt) && !l3->route_matters(ln->net))
		return 0;
	return l3->reroute(ln->net, pkt->skb);
}

/**
 * lvs_xmit_leave - leave a reply that got the VIP as its source to the stack
 * @pkt: packet, wholly changed
 *
 * Context: softirq or BH off.
 * Return: LVS_TRANSLATED.
 */
enum lvs_outcome lvs_xmit_leave(struct lvs_pkt *pkt)
{
	pkt->skb->ipvs_property = 1;
	untrack(pkt);
	return LVS_TRANSLATED;
}

/**
 * lvs_xmit_translated - let a reply that got the VIP as its source go on
 * @ln: namespace
 * @pkt: packet, wholly changed; its head may be reallocated
 *
 * Context: softirq or BH off, RCU.
 * Return: LVS_TRANSLATED, or a drop reason.
 */
enum lvs_outcome lvs_xmit_translated(struct lvs_net *ln, struct lvs_pkt *pkt)
{
	pkt->flags |= LVS_PKT_ROUTED;
	if (unlikely(reroute(ln, pkt)))
		return LVS_DROP_NO_ROUTE;
	if (pkt->hook == NF_INET_LOCAL_IN)
		orphan(pkt);
	return lvs_xmit_leave(pkt);
}
