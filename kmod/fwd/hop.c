// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: next hops
 *
 * A remembered route holds the neighbour that packets go to, and the neighbour table does not forget one that is held. All
 * namespaces share that table, and its size is limited (net.ipv4.neigh.default.gc_thresh3): once it is full of what is held,
 * nobody gets a new neighbour any more. So none is held that comes when the table is three quarters full, and none of a guest's
 * when it is an eighth full. Packets to such next hops go there as the stack's do. Permanent neighbours are not counted.
 */
#include "hop.h"

bool lvs_hops_end __read_mostly;

/**
 * lvs_hop_get - find or make the neighbour that a route leads to, and hold it
 * @ln: namespace
 * @dst: the route
 * @addr: the next hop's address
 * @full: set to the table if there is a neighbour and it must not be held, else to NULL; may be NULL
 *
 * Context: BH off, RCU.
 * Return: the neighbour, for neigh_release(), or NULL.
 */
struct neighbour *lvs_hop_get(const struct lvs_net *ln, struct dst_entry *dst, const union nf_inet_addr *addr,
			      const struct neigh_table **full)
{
	struct neighbour *neigh = dst_neigh_lookup(dst, addr);
	const struct neigh_table *tbl;

	if (full)
		*full = NULL;
	if (!neigh)
		return NULL;
	tbl = neigh->tbl;
	if (lvs_hop_room(ln, tbl) || READ_ONCE(neigh->nud_state) & NUD_PERMANENT)
		return neigh;
	neigh_release(neigh);
	if (full)
		*full = tbl;
	return NULL;
}
