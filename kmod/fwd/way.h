/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_WAY_H
#define _LVS_WAY_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/types.h>

#include "../conn/conn.h"
#include "../net.h"

struct dst_entry;
struct neighbour;
struct net_device;

#define LVS_WAYS 256

/**
 * struct lvs_way - a cached way back to clients, shared by the conns whose replies take it
 * @dst: route; the object owns a reference
 * @neigh: gateway; the object owns a reference; NULL: the next hop is the client
 * @room: headroom that the device wants
 * @cookie: what dst_check() wants for @dst
 * @epoch: struct lvs_net::epoch when the route was looked up
 * @iif: index of the device that the replies came in on
 * @id: name by which conns know it; never 0
 * @rcu: for freeing
 *
 * Immutable. Freed, and @dst released, a grace period after it was taken out of its slot.
 */
struct lvs_way {
	struct dst_entry *dst;
	struct neighbour *neigh;
	u16 room;
	u32 cookie;
	u32 epoch;
	int iif;
	u32 id;
	struct rcu_head rcu;
};

/**
 * struct lvs_ways - ways of a namespace
 * @lock: protects changes; any context
 * @next: upper part of the next way's id
 * @slots: ways by id modulo LVS_WAYS; read under RCU
 */
struct lvs_ways {
	spinlock_t lock;
	u32 next;
	struct lvs_way __rcu *slots[LVS_WAYS];
};

/**
 * lvs_way_get - the way of a conn's replies
 * @ln: namespace
 * @cp: the conn
 *
 * Context: RCU.
 * Return: the way, which may be stale, valid until rcu_read_unlock(); NULL if there is none any more.
 */
static inline const struct lvs_way *lvs_way_get(const struct lvs_net *ln, const struct lvs_conn *cp)
{
	u32 id = READ_ONCE(cp->way);
	const struct lvs_way *way = rcu_dereference(ln->ways->slots[id % LVS_WAYS]);

	return way && way->id == id ? way : NULL;
}

bool lvs_way_known(const struct lvs_net *ln, const struct lvs_pkt *pkt, const struct lvs_conn *cp);
void lvs_way_learn(struct lvs_net *ln, const struct lvs_pkt *pkt, struct lvs_conn *cp);
int lvs_ways_init(struct lvs_net *ln);
void lvs_ways_exit(struct lvs_net *ln);
void lvs_ways_drop(struct lvs_net *ln, const struct net_device *dev);

#endif
