/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_LOCAL_ROUTE_H
#define _LVS_LOCAL_ROUTE_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/types.h>

#include "../net.h"
#include "../service/filter.h"

struct dst_entry;
struct lvs_pkt;

/**
 * struct lvs_local_route - the route by which packets to an address of this host come in
 * @addr: the address
 * @dst: route; the object owns a reference
 * @seen: device and epoch, see lvs_seen()
 * @cookie: what dst_check() wants for @dst
 * @rcu: for freeing
 *
 * Immutable. Freed, and @dst released, a grace period after it was taken out of its slot.
 */
struct lvs_local_route {
	union nf_inet_addr addr;
	struct dst_entry *dst;
	u64 seen;
	u32 cookie;
	struct rcu_head rcu;
};

static inline struct lvs_local_route __rcu **lvs_local_route_slot(struct lvs_net *ln, u8 af, const union nf_inet_addr *addr,
								  u64 seen)
{
	return &ln->local_routes[lvs_af_index(af)][(lvs_filter_slot(addr) ^ (u32)seen) % LVS_LOCAL_ROUTES];
}

/**
 * lvs_local_route - the route of packets to an address, if it is known
 * @ln: namespace
 * @af: family
 * @addr: the address
 * @seen: lvs_seen() of the device they come in on, now
 *
 * Context: RCU.
 * Return: it, whose route may be stale; or NULL.
 */
static inline const struct lvs_local_route *lvs_local_route(struct lvs_net *ln, u8 af, const union nf_inet_addr *addr,
							    u64 seen)
{
	const struct lvs_local_route *lr = rcu_dereference(*lvs_local_route_slot(ln, af, addr, seen));

	return lr && lr->seen == seen && !memcmp(&lr->addr, addr, sizeof(*addr)) ? lr : NULL;
}

void lvs_local_route_learn(struct lvs_net *ln, const struct lvs_pkt *pkt, u64 seen);
void lvs_local_routes_drop(struct lvs_net *ln);

#endif
