/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOP_H
#define _LVS_HOP_H

#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/neighbour.h>

#include "../net.h"

/* A route with a next hop that was got by lvs_hop_get(), or none: what ways and servers remember. */
extern bool lvs_hops_end;

/**
 * lvs_hop_keep - may a route be remembered
 * @ln: namespace
 * @dst: the route
 *
 * Under the lock that who forgets the routes of a device takes: see fwd/egress.c. Context: any.
 * Return: false if its device is not running, or nobody would be told any more when it goes.
 */
static inline bool lvs_hop_keep(const struct lvs_net *ln, const struct dst_entry *dst)
{
	return netif_running(dst_dev(dst)) && !READ_ONCE(ln->dying) && !READ_ONCE(lvs_hops_end);
}

struct neighbour *lvs_hop_get(const struct lvs_net *ln, struct dst_entry *dst, const union nf_inet_addr *addr);
void lvs_hop_put(struct neighbour *neigh);
bool lvs_hops_full(const struct lvs_net *ln, u8 af);

#endif
