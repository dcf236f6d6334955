/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_SERVICE_H
#define _LVS_SERVICE_H

#include <linux/ip_vs.h>
#include <linux/list.h>
#include <linux/rhashtable-types.h>

#include "../dest/dest.h"
#include "../pe/pe.h"
#include "../sched/sched.h"
#include "../net.h"
#include "pool.h"

struct lvs_pkt;

/* Devices that a service remembers. A power of two. */
#define LVS_SERVICE_DEVICES 4

/* A service here may own FTP's data conns, too, which come to ports of their own, or from the second one. */
#define LVS_FTP_PORT 21
#define LVS_FTP_DATA_PORT 20

/**
 * struct lvs_service_conf - what a packet needs to know of a service; an immutable snapshot
 * @pool: its servers, its scheduler and that one's table over them; owned by the snapshot
 * @pe: its persistence engine, or NULL
 * @flags: IP_VS_SVC_F_*, as user space set them, with IP_VS_SVC_F_HASHED
 * @timeout: persistence timeout, seconds
 * @netmask: persistence granularity: IPv4 mask in network byte order, or IPv6 prefix length in host byte order
 * @n_nat: how many of its servers are forwarded to by NAT: whether conns need a tuple for replies
 * @rcu: freed after a grace period
 */
struct lvs_service_conf {
	struct lvs_pool *pool;
	const struct lvs_pe_ops *pe;
	u32 flags;
	u32 timeout;
	u32 netmask;
	u32 n_nat;
	struct rcu_head rcu;
};

/**
 * struct lvs_service - one virtual service
 *
 * Published by its hash table entry together with @live, found by packets under RCU only, freed a grace period after it
 * was unhashed. Conns do not point to it.
 */
struct lvs_service {
	/** @ln: its namespace; immutable */
	struct lvs_net *ln;
	/** @key: immutable */
	struct lvs_svc_key key;
	/** @user_proto: immutable; see lvs_service_user_proto() */
	u8 user_proto;
	/** @live: false while an edit that adds it is only prepared */
	bool live;
	/** @n_dests: length of @dests; config lock */
	unsigned int n_dests;
	/** @conf: replaced under the config lock */
	struct lvs_service_conf __rcu *conf;
	/** @seen: where packets to its address come in, as input routing has agreed: lvs_seen(), by device; any packet */
	u64 seen[LVS_SERVICE_DEVICES];
	/** @state: whose turn it is; any context */
	struct lvs_sched_state state;

	/* config lock; listings read the counts locklessly */
	/** @id: in ln->service_ids */
	unsigned long id;
	/** @dests: struct lvs_dest::list, newest first */
	struct list_head dests;
	/** @pe_list: in ln->pe_services since it has a persistence engine, or had one; config lock, read under RCU */
	struct list_head pe_list;
	/** @removed: counted by servers that have been removed */
	struct lvs_counts removed;
	/** @node: in ln->services */
	struct rhash_head node;
	/** @rwork: for freeing */
	struct rcu_work rwork;
};

/* Whether packets to the service's address are this host's, if they come in on this device. */
static inline bool lvs_service_seen(const struct lvs_service *svc, u64 seen)
{
	return READ_ONCE(svc->seen[seen % LVS_SERVICE_DEVICES]) == seen;
}

static inline void lvs_service_note_seen(struct lvs_service *svc, u64 seen)
{
	if (!lvs_service_seen(svc, seen))
		WRITE_ONCE(svc->seen[seen % LVS_SERVICE_DEVICES], seen);
}

static inline bool lvs_svc_is_ftp(const struct lvs_svc_key *key)
{
	return !key->fwmark && key->proto == IPPROTO_TCP && key->port == htons(LVS_FTP_PORT);
}

/* The snapshot, for who holds the config lock. */
static inline struct lvs_service_conf *lvs_service_conf(const struct lvs_service *svc)
{
	return rcu_dereference_protected(svc->conf, lockdep_is_held(&svc->ln->config_lock));
}

/* The protocol as socket options show it, which is one also for a firewall mark. */
static inline u8 lvs_service_user_proto(const struct lvs_service *svc)
{
	return svc->key.proto ?: svc->user_proto ?: IPPROTO_TCP;
}

struct lvs_service *lvs_service_find(struct lvs_net *ln, const struct lvs_svc_key *key);
struct lvs_service *lvs_service_match(struct lvs_net *ln, const struct lvs_pkt *pkt);
void lvs_service_counts(const struct lvs_service *svc, struct lvs_counts *counts);
void lvs_service_rates(const struct lvs_service *svc, struct lvs_rates *rates);
void lvs_service_zero(struct lvs_service *svc);

struct lvs_service *lvs_service_alloc(struct lvs_net *ln, const struct lvs_svc_key *key);
int lvs_service_hash(struct lvs_service *svc);
void lvs_service_unhash(struct lvs_service *svc);
void lvs_service_free(struct lvs_service *svc);
void lvs_service_retire(struct lvs_service *svc);

int lvs_service_table_init(struct lvs_net *ln);
void lvs_service_table_exit(struct lvs_net *ln);

#endif
