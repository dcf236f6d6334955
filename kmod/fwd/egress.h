/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_EGRESS_H
#define _LVS_EGRESS_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/types.h>
#include <net/dst.h>
#include <net/neighbour.h>

#include "../dest/dest.h"

struct lvs_encap_ops;
struct lvs_net;

/* struct lvs_egress::direct, beside IP_VS_CONN_F_FWD_MASK values */
#define LVS_EGRESS_INDIRECT	0xff	/* there is more to do than to hand packets on */
#define LVS_EGRESS_NO_NEIGH	0xfe	/* there was no room for a neighbour: good for one packet */
#define LVS_EGRESS_NO_ROOM	0xfd	/* there was none to hold it: as INDIRECT, until there is */

/**
 * struct lvs_egress - the cached way to a server
 * @dst: route to the server's address; the object owns a reference
 * @neigh: @direct: whose link layer address packets go to; the object owns a reference; NULL: not known here
 * @full: LVS_EGRESS_NO_ROOM: the table of neighbours, which lives as long as the kernel
 * @saddr: IP_VS_CONN_F_TUNNEL: source address of the outer header
 * @encap: IP_VS_CONN_F_TUNNEL: what goes behind the outer header; NULL: nothing
 * @tun: IP_VS_CONN_F_TUNNEL: parameters of @encap
 * @cookie: what dst_check() wants for @dst
 * @method: IP_VS_CONN_F_FWD_MASK value that the route was looked up for
 * @af: family of the server's address
 * @local: the server is this host
 * @direct: @method if packets can be handed straight to @neigh, else LVS_EGRESS_*
 * @room: @direct: headroom that the device wants
 * @rcu: for freeing
 *
 * Immutable once published. Freed, and @dst released, a grace period after it was replaced: who got it under RCU may
 * use @dst without a reference until rcu_read_unlock().
 */
struct lvs_egress {
	struct dst_entry *dst;
	struct neighbour *neigh;
	const struct neigh_table *full;
	union nf_inet_addr saddr;
	const struct lvs_encap_ops *encap;
	struct lvs_tunnel tun;
	u32 cookie;
	u8 method;
	u8 af;
	u8 direct;
	bool local;
	u16 room;
	struct rcu_head rcu;
};

/**
 * lvs_egress_valid - can packets be sent this way
 * @eg: the way to a server, or NULL
 * @method: forwarding method of the conn
 *
 * Context: RCU.
 * Return: false if there is none, or it has to be looked up again.
 */
static inline bool lvs_egress_valid(const struct lvs_egress *eg, u8 method)
{
	if (!eg || eg->method != method || !dst_check(eg->dst, eg->cookie) || eg->direct == LVS_EGRESS_NO_NEIGH)
		return false;
	return !eg->neigh || !READ_ONCE(eg->neigh->dead);
}

const struct lvs_egress *lvs_egress_get(struct lvs_net *ln, struct lvs_dest *dest, u8 method);

#endif
