// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: first packets on the fast path, and routes of others
 *
 * The first packet of a conn to a service of an address, if it is plain, is scheduled at PRE_ROUTING, and sent straight to the
 * server. That its destination is this host's is known from packets to that service which input routing has agreed to
 * before; what routing would say of its source is found out here, as far as that is simple. Everything else is
 * left to the slow path: nothing has been done then. Rules that are on the way of requests are never passed over: not with
 * net.ipv4.vs.fast_path = 2 either.
 *
 * A conn that has been started may still have to be left to the slow path for lack of a way to its server. It finds it there as
 * if by a packet before.
 *
 * What the fast path leaves alone is given the route that others to the same address have had, so that the stack does not have
 * to look for it, nor for a socket: the same is known then. It passes all hooks that there are.
 */
#include <linux/inetdevice.h>
#include <net/ip_fib.h>

#include "../fwd/fast.h"
#include "../fwd/local_route.h"
#include "../net.h"
#include "../packet.h"
#include "clean.h"
#include "fast.h"
#include "hook.h"
#include "plain.h"

/*
 * What fib_validate_source() asks the routing table with rp_filter, or where ranges of addresses are local: the source is
 * somebody else's, and the way back to it is by the same device, or with rp_filter=2 by any.
 */
static bool source_routed4(const struct lvs_net *ln, const struct in_device *in_dev, __be32 addr, int rp_filter)
{
	struct flowi4 fl4 = { .flowi4_iif = LOOPBACK_IFINDEX, .daddr = addr };
	struct fib_result res;

	if (fib_lookup(ln->net, &fl4, &res, 0) || res.type != RTN_UNICAST)
		return false;
	return fib_info_nh_uses_dev(res.fi, in_dev->dev) || (rp_filter != 1 && rcu_access_pointer(in_dev->ifa_list));
}

/*
 * Whether IPv4 input routing would have nothing against the packet's source, where routes depend on destinations only:
 * lvs_fast_replies_off().
 */
static bool source_plain4(const struct lvs_net *ln, const struct sk_buff *skb)
{
	union nf_inet_addr addr = { .ip = fast_iph(skb)->saddr };
	struct in_device *in_dev = __in_dev_get_rcu(skb->dev);
	int rp_filter;

	if (!in_dev || ipv4_is_multicast(addr.ip) || ipv4_is_lbcast(addr.ip) || ipv4_is_zeronet(addr.ip) ||
	    ipv4_is_loopback(addr.ip))
		return false;
#ifdef CONFIG_IP_ROUTE_CLASSID
	if (fib_num_tclassid_users(ln->net))
		return false;
#endif
	if (lvs_filter_local(ln->filter, &addr))
		return false;
	rp_filter = IN_DEV_RPFILTER(in_dev);
	if (likely(!rp_filter && !READ_ONCE(ln->local_ranges)))
		return true;
	return source_routed4(ln, in_dev, addr.ip, rp_filter);
}

/* The stack has seen to the source of an IPv6 packet already. */
static __always_inline bool source_plain(const struct lvs_net *ln, const struct sk_buff *skb, u8 af)
{
	/* of a server or a VIP: it may be something else than a request */
	if (lvs_plain_vip(ln, skb, LVS_SRC, af) || lvs_plain_server(ln, skb, af))
		return false;
	return af == AF_INET6 || source_plain4(ln, skb);
}

static __always_inline unsigned int early(struct lvs_net *ln, struct sk_buff *skb, u8 proto, u8 af)
{
	struct lvs_pkt pkt = {
		.skb = skb,
		.af = af,
		.hook = NF_INET_PRE_ROUTING,
		.proto = proto,
		.flags = proto == IPPROTO_TCP ? LVS_PKT_TCP_SYN : 0,
		.l4off = af == AF_INET ? sizeof(struct iphdr) : sizeof(struct ipv6hdr),
	};
	struct lvs_conn *cp = NULL;
	enum lvs_outcome outcome;

	lvs_plain_l3(&pkt.key, skb, af);
	if (!lvs_plain_ports(&pkt.key, skb, proto, af, TCP_FLAG_SYN))
		return NF_ACCEPT;
	/* conns that connection tracking follows, or that wait for a client, and routes that depend on more */
	if (!READ_ONCE(ln->watch) || rcu_access_pointer(ln->ct) || atomic_read(&ln->n_no_cport[lvs_af_index(af)]) ||
	    lvs_fast_replies_off(ln, af) || !source_plain(ln, skb, af))
		return NF_ACCEPT;

	outcome = lvs_schedule_early(ln, &pkt, &cp);
	if (cp) {
		lvs_proto(proto)->track(ln, cp, &pkt, LVS_DIR_REQUEST);
		/* connection tracking is to see it, after all; or a tunnel to a server of the other family */
		if (unlikely(cp->tracked || (cp->dest->key.af != af && !lvs_outer_clean(ln, cp->dest->key.af))))
			return NF_ACCEPT;
		outcome = af == AF_INET ? lvs_fast_request4(ln, &pkt, cp) : lvs_fast_request6(ln, &pkt, cp);
	}
	if (likely(outcome == LVS_FORWARDED)) {
		this_cpu_inc(ln->outcomes->fast);
		return NF_STOLEN;
	}
	if (outcome == LVS_PASSED)
		return NF_ACCEPT;
	this_cpu_inc(ln->outcomes->in);
	return lvs_outcome_verdict(ln, &pkt, outcome);
}

/**
 * lvs_early4 - start a conn with an IPv4 packet before it is routed, if all is plain
 * @ln: namespace
 * @skb: packet to a VIP, plain; the lists of hooks on its way are clean
 * @proto: IPPROTO_UDP, and no conn has the packet's tuple; or IPPROTO_TCP
 *
 * Context: softirq, RCU.
 * Return: NF_STOLEN if it was forwarded, NF_ACCEPT if it is left to the slow path, NF_DROP if there must be no conn.
 */
unsigned int lvs_early4(struct lvs_net *ln, struct sk_buff *skb, u8 proto)
{
	return early(ln, skb, proto, AF_INET);
}

/**
 * lvs_early6 - start a conn with an IPv6 packet before it is routed, if all is plain
 * @ln: namespace
 * @skb: as for lvs_early4()
 * @proto: likewise
 *
 * Context: softirq, RCU.
 * Return: as lvs_early4().
 */
unsigned int lvs_early6(struct lvs_net *ln, struct sk_buff *skb, u8 proto)
{
	return early(ln, skb, proto, AF_INET6);
}

static __always_inline void early_route(struct lvs_net *ln, struct sk_buff *skb, u8 af)
{
	const struct lvs_local_route *lr;
	union nf_inet_addr addr = {};
	union lvs_key key;
	u8 proto = lvs_plain_l3(&key, skb, af);

	if ((proto != IPPROTO_TCP && proto != IPPROTO_UDP) || skb->_skb_refdst || !lvs_skb_plain(skb, af))
		return;
	if (af == AF_INET)
		addr.ip = fast_iph(skb)->daddr;
	else
		addr.in6 = fast_ip6h(skb)->daddr;
	lr = lvs_local_route(ln, af, &addr, lvs_seen(READ_ONCE(ln->epoch), skb->skb_iif));
	if (!lr || !fast_dst_valid(ln->net, lr->dst, lr->cookie, af))
		return;
	if (lvs_fast_replies_off(ln, af) || (af == AF_INET && !source_plain4(ln, skb)))
		return;
	if (unlikely(!lvs_pre_routing_tame(ln, af)))
		lvs_clean_ask(ln);
	else
		skb_dst_set_noref(skb, lr->dst);
}

/**
 * lvs_early_route4 - route an IPv4 packet to this host, if that is known and plain
 * @ln: namespace
 * @skb: packet to a VIP, at PRE_ROUTING
 *
 * Context: softirq, RCU.
 */
void lvs_early_route4(struct lvs_net *ln, struct sk_buff *skb)
{
	early_route(ln, skb, AF_INET);
}

/**
 * lvs_early_route6 - route an IPv6 packet to this host, if that is known and plain
 * @ln: namespace
 * @skb: as for lvs_early_route4()
 *
 * Context: softirq, RCU.
 */
void lvs_early_route6(struct lvs_net *ln, struct sk_buff *skb)
{
	early_route(ln, skb, AF_INET6);
}
