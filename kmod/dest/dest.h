/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_DEST_H
#define _LVS_DEST_H

#include <linux/atomic.h>
#include <linux/ip_vs.h>
#include <linux/list.h>
#include <linux/netfilter.h>
#include <linux/refcount.h>
#include <linux/rhashtable-types.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "../stats/stats.h"

struct net_device;
struct lvs_net;
struct lvs_service;
struct lvs_egress;

/**
 * struct lvs_svc_key - what identifies a virtual service
 * @addr: VIP; all zero for a firewall-mark service
 * @fwmark: the mark; 0 for an address service
 * @port: virtual port, network byte order; 0 for a firewall-mark or any-port service
 * @af: AF_INET or AF_INET6
 * @proto: IPPROTO_TCP, IPPROTO_UDP or IPPROTO_SCTP; 0 for a firewall-mark service
 *
 * Has no padding: keys are hashed and compared as bytes.
 */
struct lvs_svc_key {
	union nf_inet_addr addr;
	u32 fwmark;
	__be16 port;
	u8 af;
	u8 proto;
};

/**
 * struct lvs_dest_key - what identifies a real server
 * @svc: the service that it serves
 * @addr: its own address
 * @port: its port, network byte order; 0: that of the packet
 * @af: AF_INET or AF_INET6, of @addr
 *
 * The service is named by its key, not by pointer, so that a removed server which still has conns is found again when
 * the same service is created anew. Has no padding.
 */
struct lvs_dest_key {
	struct lvs_svc_key svc;
	union nf_inet_addr addr;
	__be16 port;
	u16 af;
};

/**
 * struct lvs_tunnel - which kind of tunnel leads to a server
 * @type: IP_VS_CONN_F_TUNNEL_TYPE_*
 * @flags: IP_VS_TUNNEL_ENCAP_FLAG_*
 * @port: GUE: UDP port, network byte order
 *
 * Also kept without a tunnel, for listings. Has no padding.
 */
struct lvs_tunnel {
	u16 type;
	u16 flags;
	__be16 port;
};

/* bits of struct lvs_dest::state */
enum {
	LVS_DEST_AVAILABLE,	/* listed in a service; cleared when removed */
	LVS_DEST_NOBODY,	/* stands for none: conns that go to their own destination */
	LVS_DEST_OVERLOAD,	/* upper threshold reached, lower not yet fallen below */
};

/**
 * struct lvs_dest - one real server of one service
 *
 * Lifetime: one reference belongs to the service that lists it (dropped a grace period after the pool that lists it was
 * replaced), one to every conn and template bound to it (dropped in their RCU callback). The last put unhashes it and
 * frees it after a grace period, so RCU readers of a pool or of a conn may use it without a reference.
 */
struct lvs_dest {
	/* immutable after lvs_dest_alloc() */
	/** @ln: its namespace */
	struct lvs_net *ln;
	/** @key: what it is */
	struct lvs_dest_key key;
	/** @seq: order of addition to the service; written under the config lock */
	u64 seq;

	/* what packets of established conns read, in one cache line together with the address of the counters */
	/** @state: LVS_DEST_* bits; bit operations only, packets change them too */
	unsigned long state;
	/** @weight: 0: quiesced; written under the config lock, as all up to @tun, and read locklessly */
	int weight;
	/** @last_weight: the last weight that was not 0 */
	int last_weight;
	/** @conn_flags: IP_VS_CONN_F_* that its conns start with: method, NOOUTPUT, INACTIVE */
	u16 conn_flags;
	/** @tun: its tunnel; written under the config lock and @egress_lock, read under either */
	struct lvs_tunnel tun;
	/** @egress: cached way to it: replaced under @egress_lock, read under RCU */
	struct lvs_egress __rcu *egress;
	/** @stats: what it has counted */
	struct lvs_stats stats;

	/* what changes with each conn: not in that line */
	/** @active: conns in an active state; any context, as all up to @refs */
	atomic_t active;
	/** @inactive: all other conns, without templates */
	atomic_t inactive;
	/** @persist: templates */
	atomic_t persist;
	/** @refs: see above */
	refcount_t refs;
	/** @egress_lock: see @egress */
	spinlock_t egress_lock;
	/** @u_threshold: conns at which it is overloaded; 0: none; written under the config lock, read locklessly */
	u32 u_threshold;
	/** @l_threshold: conns below which it is no longer overloaded; 0: three quarters of the upper one; likewise */
	u32 l_threshold;

	/** @svc: config lock; NULL while removed */
	struct lvs_service *svc;
	/** @svc_id: config lock: id of the service that listed it last */
	unsigned long svc_id;
	/** @list: in svc->dests, config lock */
	struct list_head list;
	/** @all: in ln->dest_list, @ln->dest_list_lock */
	struct list_head all;
	/** @node: in ln->dests */
	struct rhash_head node;
	/** @rwork: for freeing */
	struct rcu_work rwork;
};

/* The scheduler's view of a server's address. */
static inline const union nf_inet_addr *lvs_dest_addr(const struct lvs_dest *d)
{
	return &d->key.addr;
}

static inline __be16 lvs_dest_port(const struct lvs_dest *d)
{
	return d->key.port;
}

static inline u16 lvs_dest_af(const struct lvs_dest *d)
{
	return d->key.af;
}

static inline u32 lvs_dest_fwd_method(const struct lvs_dest *d)
{
	return READ_ONCE(d->conn_flags) & IP_VS_CONN_F_FWD_MASK;
}

/**
 * lvs_dest_eligible - may this server take a new conn now
 * @d: the server
 *
 * Context: any, under RCU.
 * Return: true if it is listed, not overloaded and has a weight.
 */
static inline bool lvs_dest_eligible(const struct lvs_dest *d)
{
	unsigned long state = READ_ONCE(d->state);

	return (state & (BIT(LVS_DEST_AVAILABLE) | BIT(LVS_DEST_OVERLOAD))) == BIT(LVS_DEST_AVAILABLE) &&
	       READ_ONCE(d->weight) > 0;
}

/* Has it been removed? */
static inline bool lvs_dest_gone(const struct lvs_dest *d)
{
	return !(READ_ONCE(d->state) & (BIT(LVS_DEST_AVAILABLE) | BIT(LVS_DEST_NOBODY)));
}

/* Total of the conns that thresholds and lc-type schedulers look at. */
static inline int lvs_dest_conns(const struct lvs_dest *d)
{
	return atomic_read(&d->active) + atomic_read(&d->inactive);
}

struct lvs_dest *lvs_dest_alloc(struct lvs_net *ln, const struct lvs_dest_key *key);
struct lvs_dest *lvs_dest_lookup(struct lvs_net *ln, const struct lvs_dest_key *key);
struct lvs_dest *lvs_dest_find_get(struct lvs_net *ln, const struct lvs_dest_key *key);
bool lvs_dest_get(struct lvs_dest *d);
void lvs_dest_put(struct lvs_dest *d);
void lvs_dest_check_overload(struct lvs_dest *d);
void lvs_dests_drop_egress(struct lvs_net *ln, const struct net_device *dev);
int lvs_dest_table_init(struct lvs_net *ln);
void lvs_dest_table_exit(struct lvs_net *ln);
int lvs_dest_cache_init(void);
void lvs_dest_cache_exit(void);

#endif
