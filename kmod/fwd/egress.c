// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: egress cache of a server
 *
 * A server remembers the route to its address, so that a packet needs no route lookup. The packet that meets a stale
 * route (dst_check(): routing tables, addresses or IPsec policies changed, path MTU learnt) looks it up again.
 *
 * Locking: dest->egress is replaced under dest->egress_lock and read under RCU.
 *
 * Devices: a cached route keeps a reference on its device. lvs_egress_drop_dev() runs after the device has stopped
 * running, and takes the lock; a route is stored under the lock only if its device is running: lvs_hop_keep(). So either the
 * store comes first and the drop finds it, or the drop comes first and the store sees the device stopped.
 */
#include <linux/err.h>
#include <linux/ip_vs.h>
#include <linux/netdevice.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <net/dst.h>
#include <net/ip6_fib.h>
#include <net/ip6_route.h>
#include <net/ipv6.h>
#include <net/neighbour.h>
#include <net/route.h>

#include "../dest/dest.h"
#include "../net.h"
#include "egress.h"
#include "encap.h"
#include "fwd.h"
#include "hop.h"
#include "l3.h"

static void egress_free_rcu(struct rcu_head *rcu)
{
	struct lvs_egress *eg = container_of(rcu, struct lvs_egress, rcu);

	if (eg->neigh)
		neigh_release(eg->neigh);
	dst_release(eg->dst);
	kfree(eg);
}

static void egress_free(struct lvs_egress *eg)
{
	call_rcu(&eg->rcu, egress_free_rcu);
}

/* A direct-routed packet keeps the VIP as its destination: the next hop must come from the route, not from it. */
static u8 route_flags(u8 method)
{
	return method == IP_VS_CONN_F_DROUTE ? FLOWI_FLAG_KNOWN_NH : 0;
}

static u8 tunnel_proto(const struct lvs_dest *dest, const struct lvs_egress *eg)
{
	if (eg->encap)
		return eg->encap->proto;
	return dest->key.svc.af == AF_INET ? IPPROTO_IPIP : IPPROTO_IPV6;
}

/*
 * Tunnels are looked up twice: the first route tells which source address the outer header gets, the second is the one
 * that packets from that address take, which rules and IPsec policies may send elsewhere.
 */
static int resolve4(struct net *net, const struct lvs_dest *dest, struct lvs_egress *eg)
{
	struct flowi4 fl4 = {
		.daddr = dest->key.addr.ip,
		.flowi4_flags = route_flags(eg->method),
	};
	struct rtable *rt;

	rt = ip_route_output_key(net, &fl4);
	if (IS_ERR(rt))
		return PTR_ERR(rt);
	if (eg->method == IP_VS_CONN_F_TUNNEL) {
		struct flowi4 outer = {
			.daddr = dest->key.addr.ip,
			.saddr = fl4.saddr,
			.flowi4_proto = tunnel_proto(dest, eg),
			.fl4_dport = eg->tun.port,
		};

		ip_rt_put(rt);
		rt = ip_route_output_key(net, &outer);
		if (IS_ERR(rt))
			return PTR_ERR(rt);
		eg->saddr.ip = outer.saddr;
	}
	eg->dst = &rt->dst;
	eg->cookie = 0;
	return 0;
}

static int resolve6(struct net *net, const struct lvs_dest *dest, struct lvs_egress *eg)
{
	struct flowi6 fl6 = {
		.daddr = dest->key.addr.in6,
		.flowi6_flags = route_flags(eg->method),
	};
	struct dst_entry *dst;

	if (eg->method == IP_VS_CONN_F_TUNNEL) {
		fl6.flowi6_proto = tunnel_proto(dest, eg);
		fl6.fl6_dport = eg->tun.port;
		dst = ip6_dst_lookup_flow(net, NULL, &fl6, NULL);
		if (IS_ERR(dst))
			return PTR_ERR(dst);
		eg->saddr.in6 = fl6.saddr;
	} else {
		dst = ip6_route_output(net, NULL, &fl6);
		if (dst->error) {
			int err = dst->error;

			dst_release(dst);
			return err;
		}
	}
	eg->dst = dst;
	eg->cookie = rt6_get_cookie(dst_rt6_info(dst));
	return 0;
}

/*
 * The neighbour that the stack would hand packets on this route to. Who holds it keeps the neighbour table from forgetting
 * it (fwd/hop.c); when the table drops it all the same (its device went down, or changed its address), it is marked as dead.
 */
static void egress_resolve_neigh(struct lvs_net *ln, const struct lvs_dest *dest, struct lvs_egress *eg)
{
	union nf_inet_addr hop;

	eg->direct = LVS_EGRESS_INDIRECT;
	if (eg->local || !lvs_l3(eg->af)->direct(eg->dst, &hop))
		return;
	if (!memchr_inv(&hop, 0, sizeof(hop)))
		hop = dest->key.addr;
	eg->neigh = lvs_hop_get(ln, eg->dst, &hop, &eg->full);
	eg->room = LL_RESERVED_SPACE(dst_dev(eg->dst));
	if (eg->neigh)
		eg->direct = eg->method;
	else
		eg->direct = eg->full ? LVS_EGRESS_NO_ROOM : LVS_EGRESS_NO_NEIGH;
}

/* A new route, not yet published. Returns an ERR_PTR() when there is none. */
static struct lvs_egress *egress_resolve(struct lvs_net *ln, const struct lvs_dest *dest, u8 method)
{
	const struct lvs_l3_ops *l3 = lvs_l3(dest->key.af);
	struct lvs_egress *eg = kzalloc(sizeof(*eg), GFP_ATOMIC);
	int err;

	if (!eg)
		return ERR_PTR(-ENOMEM);
	eg->method = method;
	eg->af = dest->key.af;
	if (method == IP_VS_CONN_F_TUNNEL) {
		eg->encap = lvs_encap_find(dest->tun.type);
		eg->tun = dest->tun;
	}
	err = dest->key.af == AF_INET ? resolve4(ln->net, dest, eg) : resolve6(ln->net, dest, eg);
	if (err) {
		kfree(eg);
		return ERR_PTR(err);
	}
	eg->local = l3->dst_local(eg->dst);
	egress_resolve_neigh(ln, dest, eg);
	return eg;
}

/* Publishes @eg, which may be NULL, in place of what is there. */
static void egress_store(struct lvs_dest *dest, struct lvs_egress *eg)
{
	struct lvs_egress *old;

	lockdep_assert_held(&dest->egress_lock);
	old = rcu_dereference_protected(dest->egress, lockdep_is_held(&dest->egress_lock));
	rcu_assign_pointer(dest->egress, eg);
	if (old)
		egress_free(old);
}

/* Valid, and there is no better one now. */
static bool egress_good(const struct lvs_net *ln, const struct lvs_egress *eg, u8 method)
{
	return lvs_egress_valid(eg, method) &&
	       (likely(eg->direct != LVS_EGRESS_NO_ROOM) || !lvs_hop_room(ln, eg->full));
}

static const struct lvs_egress *egress_renew(struct lvs_net *ln, struct lvs_dest *dest, u8 method)
{
	struct lvs_egress *eg;

	spin_lock_bh(&dest->egress_lock);
	eg = rcu_dereference_protected(dest->egress, lockdep_is_held(&dest->egress_lock));
	if (egress_good(ln, eg, method))	/* another CPU was faster */
		goto unlock;

	eg = egress_resolve(ln, dest, method);
	if (IS_ERR(eg)) {
		egress_store(dest, NULL);
	} else if (lvs_hop_keep(ln, eg->dst)) {
		egress_store(dest, eg);
	} else {
		egress_store(dest, NULL);
		egress_free(eg);	/* good for this packet only */
	}
unlock:
	spin_unlock_bh(&dest->egress_lock);
	return eg;
}

/**
 * lvs_egress_get - the way to a server
 * @ln: namespace
 * @dest: the server
 * @method: forwarding method of the conn, an IP_VS_CONN_F_FWD_MASK value; the server's own may have been edited
 *
 * Context: softirq or BH off, RCU; takes dest->egress_lock when the route has to be looked up.
 * Return: the egress, valid until rcu_read_unlock(); ERR_PTR(-ENOMEM), or another ERR_PTR() when there is no route.
 */
const struct lvs_egress *lvs_egress_get(struct lvs_net *ln, struct lvs_dest *dest, u8 method)
{
	const struct lvs_egress *eg = rcu_dereference(dest->egress);

	if (likely(egress_good(ln, eg, method)))
		return eg;
	return egress_renew(ln, dest, method);
}

/**
 * lvs_egress_drop - forget the way to a server
 * @dest: the server
 *
 * To be called when the server is freed and when its namespace ends, after the last packet.
 * Context: any; takes dest->egress_lock. The route is released a grace period later: module exit needs rcu_barrier().
 */
void lvs_egress_drop(struct lvs_dest *dest)
{
	spin_lock_bh(&dest->egress_lock);
	egress_store(dest, NULL);
	spin_unlock_bh(&dest->egress_lock);
}

/**
 * lvs_egress_set_tunnel - set the kind of tunnel that leads to a server
 * @dest: the server; the way to it is forgotten if this is another kind
 * @tun: the tunnel
 *
 * Context: process, config lock; takes dest->egress_lock.
 */
void lvs_egress_set_tunnel(struct lvs_dest *dest, const struct lvs_tunnel *tun)
{
	if (!memcmp(&dest->tun, tun, sizeof(*tun)))
		return;
	spin_lock_bh(&dest->egress_lock);
	dest->tun = *tun;
	egress_store(dest, NULL);
	spin_unlock_bh(&dest->egress_lock);
}

/**
 * lvs_egress_drop_dev - forget the way to a server if it uses a device
 * @dest: the server
 * @dev: a device that is not running any more
 *
 * Context: any; takes dest->egress_lock.
 */
void lvs_egress_drop_dev(struct lvs_dest *dest, const struct net_device *dev)
{
	const struct lvs_egress *eg;

	spin_lock_bh(&dest->egress_lock);
	eg = rcu_dereference_protected(dest->egress, lockdep_is_held(&dest->egress_lock));
	if (eg && dst_dev(eg->dst) == dev)
		egress_store(dest, NULL);
	spin_unlock_bh(&dest->egress_lock);
}
