// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: ways back to clients
 *
 * A reply's route depends on its client, so it cannot be kept with the server as the route of requests is. But routes are
 * shared: all clients behind one gateway, and all on one link, have the same. The conn of a reply that went through
 * the slow path therefore notes which route the stack had chosen, by the id of an object here that holds it. If that
 * becomes stale, or gives its slot to another, the conn's next reply goes through the slow path and brings another one.
 *
 * Conns hold no reference: an id is given once, so a way whose id has not changed is the one that the conn has noted.
 *
 * Devices: as for the routes of servers, see fwd/egress.c.
 */
#include <linux/hash.h>
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/dst.h>
#include <net/ip.h>
#include <net/ip6_fib.h>
#include <net/neighbour.h>

#include "../net.h"
#include "fast.h"
#include "hop.h"
#include "l3.h"
#include "way.h"

/* Slots that are tried for a way before one is taken away from another. */
#define LVS_WAY_PROBES 4

static void way_free_rcu(struct rcu_head *rcu)
{
	struct lvs_way *way = container_of(rcu, struct lvs_way, rcu);

	if (way->neigh)
		neigh_release(way->neigh);
	dst_release(way->dst);
	kfree(way);
}

static struct lvs_way *slot_get(struct lvs_ways *ways, u32 slot)
{
	return rcu_dereference_protected(ways->slots[slot], lockdep_is_held(&ways->lock));
}

static void slot_set(struct lvs_ways *ways, u32 slot, struct lvs_way *way)
{
	struct lvs_way *old = slot_get(ways, slot);

	rcu_assign_pointer(ways->slots[slot], way);
	if (old)
		call_rcu(&old->rcu, way_free_rcu);
}

static bool way_valid(const struct lvs_net *ln, const struct lvs_way *way)
{
	return way->epoch == READ_ONCE(ln->epoch) && dst_check(way->dst, way->cookie) &&
	       !(way->neigh && READ_ONCE(way->neigh->dead));
}

/* Not the route that the packet has, but one as good: IPv6 has a copy for each CPU. */
static bool way_serves(const struct lvs_net *ln, const struct lvs_way *way, const struct sk_buff *skb)
{
	return way && way->iif == skb->dev->ifindex && way_valid(ln, way);
}

static struct lvs_way *way_make(struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	struct dst_entry *dst = skb_dst(pkt->skb);
	struct lvs_way *way = kzalloc(sizeof(*way), GFP_ATOMIC | __GFP_NOWARN);
	union nf_inet_addr gateway;

	if (!way)
		return NULL;
	if (!lvs_l3(pkt->af)->direct(dst, &gateway) || !dst_hold_safe(dst)) {
		kfree(way);
		return NULL;
	}
	way->dst = dst;
	way->room = LL_RESERVED_SPACE(dst_dev(dst));
	if (memchr_inv(&gateway, 0, sizeof(gateway))) {
		way->neigh = lvs_hop_get(ln, dst, &gateway, NULL);
		if (!way->neigh) {
			dst_release(dst);
			kfree(way);
			return NULL;
		}
	}
	way->cookie = pkt->af == AF_INET6 ? rt6_get_cookie(dst_rt6_info(dst)) : 0;
	way->epoch = this_cpu_read(ln->outcomes->epoch);
	way->iif = pkt->skb->dev->ifindex;
	return way;
}

/* Finds the way of a packet or adds it. Returns its id, 0 if there can be none. */
static u32 way_id(struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	struct lvs_ways *ways = ln->ways;
	struct dst_entry *dst = skb_dst(pkt->skb);
	int iif = pkt->skb->dev->ifindex;
	u32 first = hash_ptr(dst, 32) ^ iif, slot = first % LVS_WAYS;
	struct lvs_way *way;
	int i;

	lockdep_assert_held(&ways->lock);
	for (i = 0; i < LVS_WAY_PROBES; i++) {
		way = slot_get(ways, (first + i) % LVS_WAYS);
		if (way && way->dst == dst && way->iif == iif && way_valid(ln, way))
			return way->id;
		if (!way || !way_valid(ln, way))
			slot = (first + i) % LVS_WAYS;
	}
	way = way_make(ln, pkt);
	if (!way)
		return 0;
	if (!way_valid(ln, way) || !lvs_hop_keep(ln, dst)) {
		call_rcu(&way->rcu, way_free_rcu);
		return 0;
	}
	ways->next = (ways->next + 1) % (U32_MAX / LVS_WAYS) ?: 1;
	way->id = ways->next * LVS_WAYS + slot;
	slot_set(ways, slot, way);
	return way->id;
}

/* Can any reply on the route that this one has go straight to the next hop? */
static bool way_possible(const struct lvs_pkt *pkt)
{
	union nf_inet_addr gateway;

	return lvs_l3(pkt->af)->direct(skb_dst(pkt->skb), &gateway);
}

/**
 * lvs_way_known - is there nothing to learn from a reply
 * @ln: namespace
 * @pkt: a reply at the FORWARD hook
 * @cp: its conn
 *
 * Context: softirq or BH off, RCU.
 * Return: true if its conn has noted a way that is still good, or will never note one.
 */
bool lvs_way_known(const struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp)
{
	return !READ_ONCE(ln->watch) || way_serves(ln, lvs_way_get(ln, cp), pkt->skb) || !way_possible(pkt);
}

/**
 * lvs_way_learn - note the way of a reply for those that follow
 * @ln: namespace
 * @pkt: a translated reply at the FORWARD hook, with its route
 * @cp: its conn
 *
 * Context: softirq or BH off, RCU; takes the lock of the ways if the conn has none yet, or one that is stale.
 */
void lvs_way_learn(struct lvs_net *ln, const struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct sk_buff *skb = pkt->skb;

	if (!READ_ONCE(ln->knobs.fast_path) || !READ_ONCE(ln->watch) || way_serves(ln, lvs_way_get(ln, cp), skb))
		return;
	/* no other reply comes for it */
	if (READ_ONCE(cp->flags) & IP_VS_CONN_F_ONE_PACKET)
		return;
	/* a redirect was sent along, and the next reply may deserve one, too */
	if (pkt->af == AF_INET && IPCB(skb)->flags & IPSKB_DOREDIRECT)
		return;
	/*
	 * From now on this need not be asked for each reply. Rules and routes by type of service step the epoch. IPsec
	 * policies make the routes of their family stale when they come, and the new route is met by their count.
	 */
	if (lvs_fast_replies_off(ln, pkt->af) || !way_possible(pkt))
		return;
	spin_lock_bh(&ln->ways->lock);
	WRITE_ONCE(cp->way, way_id(ln, pkt));
	spin_unlock_bh(&ln->ways->lock);
}

/**
 * lvs_ways_drop - forget ways
 * @ln: namespace; may have no ways yet
 * @dev: those that use this device, which is not running any more; NULL: all
 *
 * Context: any. Routes are released a grace period later: module exit needs rcu_barrier().
 */
void lvs_ways_drop(struct lvs_net *ln, const struct net_device *dev)
{
	struct lvs_ways *ways = ln->ways;
	u32 slot;

	if (!ways)
		return;
	spin_lock_bh(&ways->lock);
	for (slot = 0; slot < LVS_WAYS; slot++) {
		struct lvs_way *way = slot_get(ways, slot);

		if (way && (!dev || dst_dev(way->dst) == dev))
			slot_set(ways, slot, NULL);
	}
	spin_unlock_bh(&ways->lock);
}

/**
 * lvs_ways_init - make the ways of a namespace
 * @ln: namespace
 *
 * Context: process, config lock.
 * Return: 0 or -ENOMEM.
 */
int lvs_ways_init(struct lvs_net *ln)
{
	ln->ways = kzalloc(sizeof(*ln->ways), GFP_KERNEL_ACCOUNT);
	if (!ln->ways)
		return -ENOMEM;
	spin_lock_init(&ln->ways->lock);
	return 0;
}

/**
 * lvs_ways_exit - free the ways of a namespace
 * @ln: namespace; they have been dropped, and no packet can use them any more
 *
 * Context: process.
 */
void lvs_ways_exit(struct lvs_net *ln)
{
	kfree(ln->ways);
	ln->ways = NULL;
}
