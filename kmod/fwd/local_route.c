// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: routes by which requests come in
 *
 * Requests that must pass other people's hooks on their way in need not be routed each: all to one address have the same route,
 * which the first of them has been given by the stack. It is noted at LOCAL_IN, and given to those that follow at
 * PRE_ROUTING (hook/early.c), as long as what struct lvs_net::epoch stands for has not changed.
 *
 * Only routes that use the loopback device are kept, which goes last. A route that was replaced keeps its memory only.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/dst.h>
#include <net/ip6_fib.h>

#include "../packet.h"
#include "l3.h"
#include "local_route.h"

static void free_rcu(struct rcu_head *rcu)
{
	struct lvs_local_route *lr = container_of(rcu, struct lvs_local_route, rcu);

	dst_release(lr->dst);
	kfree(lr);
}

static void slot_set(struct lvs_local_route __rcu **slot, struct lvs_local_route *lr)
{
	struct lvs_local_route *old = unrcu_pointer(xchg(slot, RCU_INITIALIZER(lr)));

	if (old)
		call_rcu(&old->rcu, free_rcu);
}

/**
 * lvs_local_route_learn - note the route of a request
 * @ln: namespace
 * @pkt: the request, at LOCAL_IN
 * @seen: lvs_seen() of the device that it came in on, before it was routed
 *
 * Context: softirq or BH off, RCU.
 */
void lvs_local_route_learn(struct lvs_net *ln, const struct lvs_pkt *pkt, u64 seen)
{
	union nf_inet_addr addr = lvs_key_dst(&pkt->key, pkt->af);
	const struct lvs_local_route *known = lvs_local_route(ln, pkt->af, &addr, seen);
	struct dst_entry *dst = skb_dst(pkt->skb);
	struct lvs_local_route *lr;

	if (known && dst_check(known->dst, known->cookie))
		return;
	if (!lvs_l3(pkt->af)->route_in(dst))
		return;
	lr = kzalloc(sizeof(*lr), GFP_ATOMIC | __GFP_NOWARN);
	if (!lr)
		return;
	if (!dst_hold_safe(dst)) {
		kfree(lr);
		return;
	}
	lr->addr = addr;
	lr->dst = dst;
	lr->seen = seen;
	lr->cookie = pkt->af == AF_INET6 ? rt6_get_cookie(dst_rt6_info(dst)) : 0;
	slot_set(lvs_local_route_slot(ln, pkt->af, &addr, seen), lr);
}

/**
 * lvs_local_routes_drop - forget them
 * @ln: namespace
 *
 * Context: any. They are released a grace period later: module exit needs rcu_barrier().
 */
void lvs_local_routes_drop(struct lvs_net *ln)
{
	unsigned int f, i;

	for (f = 0; f < ARRAY_SIZE(ln->local_routes); f++)
		for (i = 0; i < ARRAY_SIZE(ln->local_routes[f]); i++)
			slot_set(&ln->local_routes[f][i], NULL);
}
