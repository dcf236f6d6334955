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
 * @proto: IPPROTO_TCP or IPPROTO_UDP; 0 for a firewall-mark service
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
 * struct lvs_dest_key - what identifies a real server: the service it serves and its own address
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

/* bits of struct lvs_dest::state */
enum {
	LVS_DEST_AVAILABLE,	/* listed in a service; cleared when removed */
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
	struct lvs_net *ln;
	struct lvs_dest_key key;
	u64 seq;			/* order of addition to the service; written under the config lock */

	/* written under the config lock, read locklessly */
	unsigned long state;		/* bit operations only: also set and cleared by packets */
	int weight;			/* 0: quiesced */
	int last_weight;		/* the last weight that was not 0 */
	u16 conn_flags;			/* IP_VS_CONN_F_* that its conns start with: method, NOOUTPUT, INACTIVE */
	u32 u_threshold;		/* conns; 0: none */
	u32 l_threshold;

	/* any context */
	atomic_t active;
	atomic_t inactive;
	atomic_t persist;

	/* egress cache: replaced under @egress_lock, read under RCU */
	spinlock_t egress_lock;
	struct lvs_egress __rcu *egress;

	struct lvs_stats stats;

	refcount_t refs;
	struct lvs_service *svc;	/* config lock; NULL while removed */
	unsigned long svc_id;		/* config lock: id of the service that listed it last */
	struct list_head list;		/* in svc->dests, config lock */
	struct list_head all;		/* in ln->dest_list, @ln->dest_list_lock */
	struct rhash_head node;		/* in ln->dests */
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
 * Context: any, under RCU. Return: true if it is listed, not overloaded and has a weight.
 */
static inline bool lvs_dest_eligible(const struct lvs_dest *d)
{
	unsigned long state = READ_ONCE(d->state);

	return (state & (BIT(LVS_DEST_AVAILABLE) | BIT(LVS_DEST_OVERLOAD))) == BIT(LVS_DEST_AVAILABLE) &&
	       READ_ONCE(d->weight) > 0;
}

/* Total of the conns that thresholds and lc-type schedulers look at. */
static inline int lvs_dest_conns(const struct lvs_dest *d)
{
	return atomic_read(&d->active) + atomic_read(&d->inactive);
}

struct lvs_dest *lvs_dest_alloc(struct lvs_net *ln, const struct lvs_dest_key *key);
struct lvs_dest *lvs_dest_find_get(struct lvs_net *ln, const struct lvs_dest_key *key);
bool lvs_dest_get(struct lvs_dest *d);
void lvs_dest_put(struct lvs_dest *d);
void lvs_dest_check_overload(struct lvs_dest *d);
void lvs_dests_drop_egress(struct lvs_net *ln, const struct net_device *dev);

int lvs_dest_table_init(struct lvs_net *ln);
void lvs_dest_table_exit(struct lvs_net *ln);

#endif
