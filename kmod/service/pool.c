// SPDX-License-Identifier: GPL-2.0
#include <linux/atomic.h>
#include <linux/err.h>
#include <linux/gcd.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/slab.h>

#include "../dest/dest.h"
#include "pool_chunk.h"

/*
 * At most 64 MB of pools may wait for a grace period. Half of it is where
 * lvs_pool_throttle() begins to wait, so that what other namespaces retire in
 * the meantime has room, too.
 */
#define POOL_PENDING_MAX (32UL << 20)

/* Neighbours are merged when together they fill no more than this. */
#define POOL_MERGE_MAX (LVS_POOL_CHUNK_MAX * 3 / 4)

static atomic_long_t pool_pending = ATOMIC_LONG_INIT(0);

static size_t pool_bytes(u32 n_chunks)
{
	return sizeof(struct lvs_pool) +
	       n_chunks * (sizeof(struct lvs_pool_chunk *) +
			   2 * (sizeof(u64) + sizeof(u32)));
}

static struct lvs_pool *pool_alloc(u32 n_chunks, gfp_t gfp)
{
	struct lvs_pool *pool = kvzalloc(pool_bytes(n_chunks), gfp);

	if (!pool)
		return NULL;
	pool->n_chunks = n_chunks;
	pool->by_weight.n = n_chunks;
	pool->by_weight.end = (u64 *)(pool->chunks + n_chunks);
	pool->by_count.n = n_chunks;
	pool->by_count.end = pool->by_weight.end + n_chunks;
	pool->by_weight.first = (u32 *)(pool->by_count.end + n_chunks);
	pool->by_count.first = pool->by_weight.first + n_chunks;
	return pool;
}

/* Sum up the chunks. Touches one cache line of each, no entries. */
static void pool_index(struct lvs_pool *pool)
{
	u64 weight_sum = 0;
	u32 i;

	for (i = 0; i < pool->n_chunks; i++) {
		const struct lvs_pool_chunk *chunk = pool->chunks[i];

		pool->n_dests += chunk->n;
		pool->n_weighted += chunk->n_weighted;
		pool->unit = gcd(pool->unit, chunk->unit);
		weight_sum += chunk->weight_sum;
		pool->by_weight.end[i] = weight_sum;
		pool->by_count.end[i] = pool->n_weighted;
	}
	lvs_guide_build(&pool->by_weight);
	lvs_guide_build(&pool->by_count);
}

static void pool_share(struct lvs_pool *pool, u32 to, const struct lvs_pool *old,
		       u32 from, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		pool->chunks[to + i] = old->chunks[from + i];
		refcount_inc(&pool->chunks[to + i]->refs);
	}
}

/*
 * A pool like @old in which the @n_out chunks from @at on are replaced by
 * @chunk (or by nothing, if that is NULL). The new pool owns @chunk, which is
 * given back if there is no memory.
 */
static struct lvs_pool *pool_replace(const struct lvs_pool *old, u32 at,
				     u32 n_out, struct lvs_pool_chunk *chunk,
				     gfp_t gfp)
{
	u32 n_in = chunk ? 1 : 0;
	struct lvs_pool *pool;

	pool = pool_alloc(old->n_chunks - n_out + n_in, gfp);
	if (!pool) {
		if (chunk)
			lvs_pool_chunk_put(chunk);
		return ERR_PTR(-ENOMEM);
	}
	pool->next_seq = old->next_seq;
	pool_share(pool, 0, old, 0, at);
	if (chunk)
		pool->chunks[at] = chunk;
	pool_share(pool, at + n_in, old, at + n_out, old->n_chunks - at - n_out);
	pool_index(pool);
	return pool;
}

static void pool_free(struct lvs_pool *pool)
{
	u32 i;

	for (i = 0; i < pool->n_chunks; i++)
		lvs_pool_chunk_put(pool->chunks[i]);
	kvfree(pool->sched_data);
	kvfree(pool);
}

static bool chunk_find(const struct lvs_pool_chunk *chunk,
		       const struct lvs_dest *dest, u32 *at)
{
	u32 i;

	for (i = 0; i < chunk->n; i++) {
		if (chunk->entries[i].dest == dest) {
			*at = i;
			return true;
		}
	}
	return false;
}

/* The first chunk that reaches down to @seq. */
static u32 pool_chunk_of(const struct lvs_pool *pool, u64 seq)
{
	u32 low = 0, high = pool->n_chunks;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (pool->chunks[mid]->oldest_seq <= seq)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}

static bool pool_find(const struct lvs_pool *pool, const struct lvs_dest *dest,
		      u32 *chunk, u32 *at)
{
	*chunk = pool_chunk_of(pool, dest->seq);
	if (*chunk < pool->n_chunks && chunk_find(pool->chunks[*chunk], dest, at))
		return true;

	/*
	 * An add that was prepared and given up may have renumbered a dest
	 * which this pool still lists by its former number.
	 */
	for (*chunk = 0; *chunk < pool->n_chunks; (*chunk)++)
		if (chunk_find(pool->chunks[*chunk], dest, at))
			return true;
	return false;
}

/**
 * lvs_pool_alloc() - make a pool without dests
 * @gfp: how to allocate
 *
 * Return: the pool or ERR_PTR(-ENOMEM).
 */
struct lvs_pool *lvs_pool_alloc(gfp_t gfp)
{
	struct lvs_pool *pool = pool_alloc(0, gfp);

	return pool ?: ERR_PTR(-ENOMEM);
}

/**
 * lvs_pool_clone() - make a pool with the same dests, for another scheduler
 * @old: pool to copy
 * @gfp: how to allocate
 *
 * Context: edits of the service serialized by the caller.
 * Return: a pool without scheduler, or ERR_PTR(-ENOMEM).
 */
struct lvs_pool *lvs_pool_clone(const struct lvs_pool *old, gfp_t gfp)
{
	return pool_replace(old, 0, 0, NULL, gfp);
}

/**
 * lvs_pool_add() - make a pool with one more dest
 * @old: pool to start from
 * @dest: dest to add, not in @old; gets its &lvs_dest.seq here
 * @weight: its weight, at most 2^31 - 1
 * @gfp: how to allocate
 *
 * The new dest comes first. Its last weight is @weight, also if it has been
 * removed from the service before.
 *
 * Context: edits of the service serialized by the caller.
 * Return: a pool without scheduler, or ERR_PTR(-ENOMEM).
 */
struct lvs_pool *lvs_pool_add(const struct lvs_pool *old, struct lvs_dest *dest,
			      u32 weight, gfp_t gfp)
{
	struct lvs_pool_entry entry = {
		.dest = dest,
		.weight = weight,
		.last_weight = weight,
	};
	const struct lvs_pool_chunk *first = NULL;
	struct lvs_pool_chunk *chunk;
	struct lvs_pool *pool;

	if (old->n_chunks && old->chunks[0]->n < LVS_POOL_CHUNK_MAX)
		first = old->chunks[0];
	chunk = lvs_pool_chunk_prepend(first, &entry, old->next_seq, gfp);
	if (!chunk)
		return ERR_PTR(-ENOMEM);
	pool = pool_replace(old, 0, first ? 1 : 0, chunk, gfp);
	if (IS_ERR(pool))
		return pool;
	WRITE_ONCE(dest->seq, pool->next_seq++);
	return pool;
}

/* A neighbour of chunk @at that has room for @n more entries; or @at itself. */
static u32 pool_merge_partner(const struct lvs_pool *pool, u32 at, u32 n)
{
	if (at + 1 < pool->n_chunks && pool->chunks[at + 1]->n + n <= POOL_MERGE_MAX)
		return at + 1;
	if (at && pool->chunks[at - 1]->n + n <= POOL_MERGE_MAX)
		return at - 1;
	return at;
}

/**
 * lvs_pool_remove() - make a pool with one dest less
 * @old: pool to start from
 * @dest: dest to leave out
 * @gfp: how to allocate
 *
 * Context: edits of the service serialized by the caller.
 * Return: a pool without scheduler, ERR_PTR(-ENOENT) if @dest is not in @old,
 *	or ERR_PTR(-ENOMEM).
 */
struct lvs_pool *lvs_pool_remove(const struct lvs_pool *old,
				 const struct lvs_dest *dest, gfp_t gfp)
{
	struct lvs_pool_chunk *rest, *merged;
	u32 chunk, partner, at;

	if (!pool_find(old, dest, &chunk, &at))
		return ERR_PTR(-ENOENT);
	if (old->chunks[chunk]->n == 1)
		return pool_replace(old, chunk, 1, NULL, gfp);

	rest = lvs_pool_chunk_remove(old->chunks[chunk], at, gfp);
	if (!rest)
		return ERR_PTR(-ENOMEM);
	partner = pool_merge_partner(old, chunk, rest->n);
	if (partner == chunk)
		return pool_replace(old, chunk, 1, rest, gfp);

	if (partner > chunk)
		merged = lvs_pool_chunk_merge(rest, old->chunks[partner], gfp);
	else
		merged = lvs_pool_chunk_merge(old->chunks[partner], rest, gfp);
	lvs_pool_chunk_put(rest);
	if (!merged)
		return ERR_PTR(-ENOMEM);
	return pool_replace(old, min(chunk, partner), 2, merged, gfp);
}

/**
 * lvs_pool_reweight() - make a pool in which one dest has another weight
 * @old: pool to start from
 * @dest: dest whose weight changes; it keeps its place
 * @weight: its new weight, at most 2^31 - 1
 * @gfp: how to allocate
 *
 * Context: edits of the service serialized by the caller.
 * Return: a pool without scheduler, ERR_PTR(-ENOENT) if @dest is not in @old,
 *	or ERR_PTR(-ENOMEM).
 */
struct lvs_pool *lvs_pool_reweight(const struct lvs_pool *old,
				   const struct lvs_dest *dest, u32 weight,
				   gfp_t gfp)
{
	struct lvs_pool_chunk *changed;
	u32 chunk, at;

	if (!pool_find(old, dest, &chunk, &at))
		return ERR_PTR(-ENOENT);
	changed = lvs_pool_chunk_reweight(old->chunks[chunk], at, weight, gfp);
	if (!changed)
		return ERR_PTR(-ENOMEM);
	return pool_replace(old, chunk, 1, changed, gfp);
}

/**
 * lvs_pool_lookup() - find a dest's entry
 * @pool: pool to search
 * @dest: dest to find
 *
 * Context: edits of the service serialized by the caller.
 * Return: the entry, which lives as long as @pool, or NULL.
 */
const struct lvs_pool_entry *lvs_pool_lookup(const struct lvs_pool *pool,
					     const struct lvs_dest *dest)
{
	u32 chunk, at;

	if (!pool_find(pool, dest, &chunk, &at))
		return NULL;
	return &pool->chunks[chunk]->entries[at];
}

/**
 * lvs_pool_discard() - free a pool that was never published
 * @pool: the pool; NULL does nothing
 *
 * Context: process.
 */
void lvs_pool_discard(struct lvs_pool *pool)
{
	if (pool)
		pool_free(pool);
}

static void pool_free_rcu(struct rcu_head *rcu)
{
	struct lvs_pool *pool = container_of(rcu, struct lvs_pool, rcu);
	size_t bytes = pool->retired_bytes;

	pool_free(pool);
	atomic_long_sub(bytes, &pool_pending);
}

/*
 * Memory that goes with @old once @new has taken its place. Chunks between the
 * first and the last that differ count in full: after several edits at once
 * that may be too much, never too little.
 */
static size_t pool_retired_bytes(const struct lvs_pool *old,
				 const struct lvs_pool *new)
{
	u32 n_new = new ? new->n_chunks : 0;
	u32 begin = 0, end = old->n_chunks;
	size_t bytes;

	while (begin < end && begin < n_new &&
	       old->chunks[begin] == new->chunks[begin])
		begin++;
	while (end > begin && n_new > begin &&
	       old->chunks[end - 1] == new->chunks[n_new - 1]) {
		end--;
		n_new--;
	}

	bytes = pool_bytes(old->n_chunks) + old->sched_bytes;
	for (; begin < end; begin++)
		bytes += lvs_pool_chunk_bytes(old->chunks[begin]->n);
	return bytes;
}

/**
 * lvs_pool_retire() - free a pool once no packet reads it any more
 * @old: pool that has just been unpublished; NULL does nothing
 * @new: pool that was published in its place, or NULL if the service is gone
 *
 * Packets that fetched @old before may read it, its chunks and its scheduler's
 * table until they leave their RCU read side; all of it is freed after that.
 *
 * Context: process; follow with lvs_pool_throttle().
 */
void lvs_pool_retire(struct lvs_pool *old, const struct lvs_pool *new)
{
	if (!old)
		return;
	old->retired_bytes = pool_retired_bytes(old, new);
	atomic_long_add(old->retired_bytes, &pool_pending);
	call_rcu(&old->rcu, pool_free_rcu);
}

/**
 * lvs_pool_pending_bytes() - memory of retired pools that is not free yet
 *
 * Context: any.
 * Return: bytes, of all namespaces.
 */
size_t lvs_pool_pending_bytes(void)
{
	return atomic_long_read(&pool_pending);
}

/**
 * lvs_pool_throttle() - keep the memory of retired pools within its bound
 *
 * Edits can come faster than grace periods pass. This waits for the retired
 * pools to be freed when they have grown too big.
 *
 * Context: process, may sleep, outside of RCU read sides; mutexes may be held.
 */
void lvs_pool_throttle(void)
{
	if (lvs_pool_pending_bytes() > POOL_PENDING_MAX)
		rcu_barrier();
}

/**
 * lvs_pool_at_weight() - the entry at a position, each as wide as its weight
 * @pool: the pool
 * @pos: position below the sum of all weights
 *
 * Context: any; constant time.
 * Return: the entry; its weight is not 0.
 */
const struct lvs_pool_entry *lvs_pool_at_weight(const struct lvs_pool *pool,
						u64 pos)
{
	u32 i = lvs_guide_find(&pool->by_weight, pos);
	const struct lvs_pool_chunk *chunk = pool->chunks[i];

	if (i)
		pos -= pool->by_weight.end[i - 1];
	return &chunk->entries[lvs_guide_find(&chunk->by_weight, pos)];
}

/**
 * lvs_pool_at_count() - the entry at a position among those with a weight
 * @pool: the pool
 * @pos: position below &lvs_pool.n_weighted
 *
 * Context: any; constant time.
 * Return: the entry; its weight is not 0.
 */
const struct lvs_pool_entry *lvs_pool_at_count(const struct lvs_pool *pool,
					       u64 pos)
{
	u32 i = lvs_guide_find(&pool->by_count, pos);
	const struct lvs_pool_chunk *chunk = pool->chunks[i];

	if (i)
		pos -= pool->by_count.end[i - 1];
	return &chunk->entries[chunk->nth[pos]];
}
