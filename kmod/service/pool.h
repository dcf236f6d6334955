/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SERVICE_POOL_H
#define LVS_SERVICE_POOL_H

#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "guide.h"

/**
 * DOC: pools
 *
 * A pool is an immutable snapshot of a service's dests. The service publishes
 * it with rcu_assign_pointer(); a packet reads it once and sees that
 * configuration only, never a mix of two.
 *
 * Preparing an edit:
 *
 *	new = lvs_pool_add(old, dest, weight, gfp);	(or _remove, _reweight)
 *	err = lvs_sched_attach(new, sched, af, gfp);	(sched/sched.h)
 *
 * What is not published is given back with lvs_pool_discard(). Committing:
 *
 *	rcu_assign_pointer(svc->pool, new);
 *	lvs_pool_retire(old, new);
 *	lvs_pool_throttle();				(where it may sleep)
 *
 * The dests stand in the order in which stock IPVS walks them: the newest
 * first. They lie in chunks that successive snapshots share, so that an edit
 * copies one chunk and the short array over them, whatever the pool's size.
 *
 * A pool holds no reference on its dests. The service keeps a reference on
 * every dest of its published pool and drops it no sooner than one grace period
 * after the first pool without that dest was published. No pool, published or
 * not, is read for its dests after that: a retired one is only taken apart.
 *
 * All edits of one service are serialized by the caller.
 */

#define LVS_POOL_CHUNK_MAX 128

struct lvs_dest;
struct lvs_sched_ops;

/**
 * struct lvs_pool_entry - one dest of a pool
 * @dest: the dest
 * @weight: its weight in this snapshot, at most 2^31 - 1; 0 = takes no new
 *	conns, but stays listed
 * @last_weight: @weight, or if that is 0 the last weight that was not
 */
struct lvs_pool_entry {
	struct lvs_dest *dest;
	u32 weight;
	u32 last_weight;
};

/**
 * struct lvs_pool_chunk - up to LVS_POOL_CHUNK_MAX neighbours of a pool
 * @refs: number of pools that share the chunk
 * @n: number of entries, never 0
 * @n_weighted: how many of them have a weight above 0
 * @unit: greatest common divisor of the weights; 0 if all are 0
 * @top: index of the entry with the highest weight, of several the first
 * @weight_sum: sum of the weights
 * @oldest_seq: no dest in here has a lower &lvs_dest.seq
 * @by_weight: finds an entry by a position below @weight_sum
 * @nth: @nth[i] is the index of the i-th entry that has a weight
 * @entries: the entries, newest first
 *
 * Immutable once made, but for @refs.
 */
struct lvs_pool_chunk {
	refcount_t refs;
	u32 n;
	u32 n_weighted;
	u32 unit;
	u32 top;
	u64 weight_sum;
	u64 oldest_seq;
	struct lvs_guide by_weight;
	u8 *nth;
	struct lvs_pool_entry entries[];
};

/**
 * struct lvs_pool - immutable snapshot of a service's dests
 * @sched: scheduler, NULL until lvs_sched_attach()
 * @sched_data: what @sched precomputed; freed with the pool by kvfree()
 * @sched_bytes: size of @sched_data
 * @af: address family of the service, set by lvs_sched_attach()
 * @n_dests: number of dests
 * @n_weighted: how many of them have a weight above 0
 * @n_chunks: length of @chunks
 * @unit: greatest common divisor of all weights; 0 if all are 0
 * @next_seq: the &lvs_dest.seq that the next dest added will get
 * @by_weight: finds a chunk by a position below the sum of all weights
 * @by_count: finds a chunk by a position below @n_weighted
 * @retired_bytes: memory that waits for the grace period with this pool
 * @rcu: for lvs_pool_retire()
 * @chunks: the chunks, newest first
 */
struct lvs_pool {
	const struct lvs_sched_ops *sched;
	void *sched_data;
	size_t sched_bytes;
	u16 af;
	u32 n_dests;
	u32 n_weighted;
	u32 n_chunks;
	u32 unit;
	u64 next_seq;
	struct lvs_guide by_weight;
	struct lvs_guide by_count;
	size_t retired_bytes;
	struct rcu_head rcu;
	struct lvs_pool_chunk *chunks[];
};

struct lvs_pool *lvs_pool_alloc(gfp_t gfp);
struct lvs_pool *lvs_pool_clone(const struct lvs_pool *old, gfp_t gfp);
struct lvs_pool *lvs_pool_add(const struct lvs_pool *old, struct lvs_dest *dest,
			      u32 weight, gfp_t gfp);
struct lvs_pool *lvs_pool_remove(const struct lvs_pool *old,
				 const struct lvs_dest *dest, gfp_t gfp);
struct lvs_pool *lvs_pool_reweight(const struct lvs_pool *old,
				   const struct lvs_dest *dest, u32 weight,
				   gfp_t gfp);
const struct lvs_pool_entry *lvs_pool_lookup(const struct lvs_pool *pool,
					     const struct lvs_dest *dest);

void lvs_pool_discard(struct lvs_pool *pool);
void lvs_pool_retire(struct lvs_pool *old, const struct lvs_pool *new);
size_t lvs_pool_pending_bytes(void);
void lvs_pool_throttle(void);

const struct lvs_pool_entry *lvs_pool_at_weight(const struct lvs_pool *pool,
						u64 pos);
const struct lvs_pool_entry *lvs_pool_at_count(const struct lvs_pool *pool,
					       u64 pos);

/**
 * struct lvs_pool_iter - a walk over a pool
 * @entry: the current entry, NULL after the last one
 * @end: end of the current chunk
 * @next: index of the next chunk
 */
struct lvs_pool_iter {
	const struct lvs_pool_entry *entry;
	const struct lvs_pool_entry *end;
	u32 next;
};

static inline void lvs_pool_iter_chunk(struct lvs_pool_iter *it,
				       const struct lvs_pool *pool)
{
	const struct lvs_pool_chunk *chunk;

	if (it->next == pool->n_chunks) {
		it->entry = NULL;
		it->end = NULL;
		return;
	}
	chunk = pool->chunks[it->next++];
	it->entry = chunk->entries;
	it->end = chunk->entries + chunk->n;
}

static inline void lvs_pool_iter_start(struct lvs_pool_iter *it,
				       const struct lvs_pool *pool)
{
	it->next = 0;
	lvs_pool_iter_chunk(it, pool);
}

static inline void lvs_pool_iter_step(struct lvs_pool_iter *it,
				      const struct lvs_pool *pool)
{
	if (++it->entry == it->end)
		lvs_pool_iter_chunk(it, pool);
}

/**
 * lvs_pool_for_each() - walk all entries of a pool, the newest dest first
 * @it: a struct lvs_pool_iter; @it.entry is the current entry
 * @pool: the pool
 */
#define lvs_pool_for_each(it, pool)					\
	for (lvs_pool_iter_start(&(it), (pool)); (it).entry;		\
	     lvs_pool_iter_step(&(it), (pool)))

#endif
