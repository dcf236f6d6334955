/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SCHED_SCHED_H
#define LVS_SCHED_SCHED_H

#include <linux/atomic.h>
#include <linux/compiler.h>
#include <linux/netfilter.h>
#include <linux/types.h>

#include "../dest/dest.h"
#include "../service/pool.h"

struct lvs_locality;

/**
 * struct lvs_sched_state - what a scheduler remembers from conn to conn
 * @turn: number of turns taken in the pool's regular sequence (rr, wrr)
 * @detour: number of turns taken among the eligible dests only
 * @sparse: the regular sequence meets too few eligible dests just now; read and
 *	written locklessly
 * @locality: which servers the conns to an address go to (lblc, lblcr); NULL for
 *	other schedulers; replaced under the config lock
 *
 * One per service, zeroed when the service is made; it outlives pools and
 * changes of the scheduler, but for @locality.
 */
struct lvs_sched_state {
	atomic64_t turn;
	atomic64_t detour;
	bool sparse;
	struct lvs_locality __rcu *locality;
};

/**
 * struct lvs_sched_key - what a scheduler may know of a new flow
 * @af: address family of the service
 * @svc_flags: the service's IP_VS_SVC_F_*
 * @saddr: the client's address, never masked, also for a persistent service
 * @daddr: the address that the client connects to
 * @sport: the client's port; 0 if the protocol has none
 * @dport: the port that the client connects to; 0 if the protocol has none
 * @avoid: dests that cannot take this flow (their NAT reply tuple is in use);
 *	they are passed over as if they were overloaded
 * @n_avoid: length of @avoid
 */
struct lvs_sched_key {
	u16 af;
	u32 svc_flags;
	const union nf_inet_addr *saddr;
	const union nf_inet_addr *daddr;
	__be16 sport;
	__be16 dport;
	struct lvs_dest *const *avoid;
	unsigned int n_avoid;
};

/**
 * struct lvs_sched_ops - a scheduler
 * @name: the name that clients configure
 * @build: sets &lvs_pool.sched_data and &lvs_pool.sched_bytes of a pool that
 *	nobody else sees yet; may sleep if gfp allows; NULL if there is nothing
 *	to precompute
 * @pick: chooses a dest for a new conn, see lvs_sched_pick()
 */
struct lvs_sched_ops {
	const char *name;
	int (*build)(struct lvs_pool *pool, gfp_t gfp);
	struct lvs_dest *(*pick)(const struct lvs_pool *pool,
				 struct lvs_sched_state *state,
				 const struct lvs_sched_key *key);
};

extern const struct lvs_sched_ops lvs_sched_none;
extern const struct lvs_sched_ops lvs_sched_rr;
extern const struct lvs_sched_ops lvs_sched_wrr;
extern const struct lvs_sched_ops lvs_sched_lc;
extern const struct lvs_sched_ops lvs_sched_wlc;
extern const struct lvs_sched_ops lvs_sched_sed;
extern const struct lvs_sched_ops lvs_sched_nq;
extern const struct lvs_sched_ops lvs_sched_fo;
extern const struct lvs_sched_ops lvs_sched_ovf;
extern const struct lvs_sched_ops lvs_sched_dh;
extern const struct lvs_sched_ops lvs_sched_sh;
extern const struct lvs_sched_ops lvs_sched_mh;
extern const struct lvs_sched_ops lvs_sched_lblc;
extern const struct lvs_sched_ops lvs_sched_lblcr;
extern const struct lvs_sched_ops lvs_sched_twos;

const struct lvs_sched_ops *lvs_sched_find(const char *name);
int lvs_sched_attach(struct lvs_pool *pool, const struct lvs_sched_ops *sched,
		     u16 af, gfp_t gfp);

/**
 * lvs_sched_pick() - choose a dest for a new conn
 * @pool: the service's pool
 * @state: the service's scheduler state
 * @key: the flow
 *
 * rr and wrr take a turn, so call it only for a flow that is already reserved.
 * When the dest turns out not to fit, call it again with the dest added to
 * @key->avoid.
 *
 * Context: RCU read side, BH off. Takes no locks, but for lblc and lblcr.
 * Return: a dest without a reference, valid until rcu_read_unlock(), or NULL
 *	if no dest can take the flow.
 */
static inline struct lvs_dest *lvs_sched_pick(const struct lvs_pool *pool,
					      struct lvs_sched_state *state,
					      const struct lvs_sched_key *key)
{
	return pool->sched ? pool->sched->pick(pool, state, key) : NULL;
}

/**
 * lvs_sched_avoids() - is a dest among those that cannot take the flow
 * @key: the flow
 * @dest: the dest
 *
 * Return: true if @dest is in @key->avoid.
 */
static inline bool lvs_sched_avoids(const struct lvs_sched_key *key,
				    const struct lvs_dest *dest)
{
	unsigned int i;

	for (i = 0; i < key->n_avoid; i++)
		if (key->avoid[i] == dest)
			return true;
	return false;
}

/**
 * lvs_sched_can_use() - can a pool's entry take the flow at this moment
 * @entry: an entry of the pool
 * @key: the flow
 *
 * Both weights count: the snapshot's, by which schedulers divide, and the
 * dest's own, which stops it at once.
 *
 * Return: true if it can.
 */
static inline bool lvs_sched_can_use(const struct lvs_pool_entry *entry,
				     const struct lvs_sched_key *key)
{
	return entry->weight && lvs_dest_eligible(entry->dest) &&
	       !lvs_sched_avoids(key, entry->dest);
}

#endif
