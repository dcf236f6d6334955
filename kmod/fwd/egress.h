/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_EGRESS_H
#define _LVS_EGRESS_H

#include <linux/netfilter.h>
#include <linux/rcupdate.h>
#include <linux/types.h>

#include "../dest/dest.h"

struct dst_entry;
struct lvs_encap_ops;
struct lvs_net;

/**
 * struct lvs_egress - the cached way to a server
 * @dst: route to the server's address; the object owns a reference
 * @next_hop: @direct: whose link layer address packets go to
 * @saddr: IP_VS_CONN_F_TUNNEL: source address of the outer header
 * @encap: IP_VS_CONN_F_TUNNEL: what goes behind the outer header; NULL: nothing
 * @tun: IP_VS_CONN_F_TUNNEL: parameters of @encap
 * @cookie: what dst_check() wants for @dst
 * @method: IP_VS_CONN_F_FWD_MASK value that the route was looked up for
 * @af: family of the server's address
 * @local: the server is this host
 * @direct: packets can be handed straight to @next_hop
 * @rcu: for freeing
 *
 * Immutable once published. Freed, and @dst released, a grace period after it was replaced: who got it under RCU may
 * use @dst without a reference until rcu_read_unlock().
 */
struct lvs_egress {
	struct dst_entry *dst;
	union nf_inet_addr next_hop;
	union nf_inet_addr saddr;
	const struct lvs_encap_ops *encap;
	struct lvs_tunnel tun;
	u32 cookie;
	u8 method;
	u8 af;
	bool local;
	bool direct;
	struct rcu_head rcu;
};

const struct lvs_egress *lvs_egress_get(struct lvs_net *ln, struct lvs_dest *dest, u8 method);

#endif
