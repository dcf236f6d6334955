/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_HOP_H
#define _LVS_HOP_H

#include <linux/netdevice.h>
#include <net/dst.h>
#include <net/neighbour.h>

#include "../guest.h"

/* Routes are remembered no more: the module is about to go. */
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

/**
 * lvs_hop_room - does the table of neighbours have room for those that are held
 * @ln: namespace
 * @tbl: the table
 *
 * Context: any. Return: false if so many are there that none of @ln's may be held.
 */
static inline bool lvs_hop_room(const struct lvs_net *ln, const struct neigh_table *tbl)
{
	int most = READ_ONCE(tbl->gc_thresh3);

	return atomic_read(&tbl->gc_entries) <= (lvs_net_is_guest(ln) ? most / 8 : most - most / 4);
}

struct neighbour *lvs_hop_get(const struct lvs_net *ln, struct dst_entry *dst, const union nf_inet_addr *addr,
			      const struct neigh_table **full);

#endif
