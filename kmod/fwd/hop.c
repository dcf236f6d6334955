// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: next hops
 *
 * A remembered route holds the neighbour that packets go to, and the neighbour table does not forget one that is held. All
 * namespaces share that table, and its size is limited (net.ipv4.neigh.default.gc_thresh3): once it is full of what is held,
 * nobody gets a new neighbour any more. So three quarters of it may be held, and an eighth is where guests end. Other
 * packets go to their next hops as the stack's do.
 */
#include <linux/err.h>

#include "../guest.h"
#include "hop.h"

/* By lvs_af_index(): neighbours that are held, each as often as it is. */
static atomic_t held[2] = { ATOMIC_INIT(0), ATOMIC_INIT(0) };
/* How many there may be for the host, noted whenever one is held. */
static int room[2] = { INT_MAX, INT_MAX };

/* Routes are remembered no more: the module is about to go. */
bool lvs_hops_end __read_mostly;

static int family_index(const struct neighbour *neigh)
{
	return lvs_af_index(neigh->tbl->family);
}

static int most(const struct lvs_net *ln, int host)
{
	return lvs_net_is_guest(ln) ? host / 6 : host;
}

/**
 * lvs_hop_get - find or make the neighbour that a route leads to, and hold it
 * @ln: namespace
 * @dst: the route
 * @addr: the next hop's address
 *
 * Context: BH off, RCU.
 * Return: the neighbour, for lvs_hop_put(); NULL if the table has no room; ERR_PTR(-ENOSPC) if too many are held.
 */
struct neighbour *lvs_hop_get(const struct lvs_net *ln, struct dst_entry *dst, const union nf_inet_addr *addr)
{
	struct neighbour *neigh = dst_neigh_lookup(dst, addr);
	int i;

	if (!neigh)
		return NULL;
	i = family_index(neigh);
	WRITE_ONCE(room[i], READ_ONCE(neigh->tbl->gc_thresh3) / 4 * 3);
	if (atomic_inc_return(&held[i]) <= most(ln, READ_ONCE(room[i])))
		return neigh;
	lvs_hop_put(neigh);
	return ERR_PTR(-ENOSPC);
}

/**
 * lvs_hop_put - let go of a neighbour
 * @neigh: of lvs_hop_get(), or NULL
 *
 * Context: any.
 */
void lvs_hop_put(struct neighbour *neigh)
{
	if (!neigh)
		return;
	atomic_dec(&held[family_index(neigh)]);
	neigh_release(neigh);
}

/**
 * lvs_hops_full - are as many neighbours held as may be
 * @ln: namespace
 * @af: family
 *
 * Context: any. Return: true if lvs_hop_get() would most likely fail for that reason.
 */
bool lvs_hops_full(const struct lvs_net *ln, u8 af)
{
	int i = lvs_af_index(af);

	return atomic_read(&held[i]) >= most(ln, READ_ONCE(room[i]));
}
