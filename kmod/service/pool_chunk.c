// SPDX-License-Identifier: GPL-2.0
#include <linux/gcd.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "pool_chunk.h"

/**
 * lvs_pool_chunk_bytes() - memory that a chunk takes
 * @n: number of entries
 *
 * Return: bytes.
 */
size_t lvs_pool_chunk_bytes(u32 n)
{
	return sizeof(struct lvs_pool_chunk) +
	       n * (sizeof(struct lvs_pool_entry) + sizeof(u64) + sizeof(u32) +
		    sizeof(u8));
}

/* A chunk with the entries of @a followed by those of @b, not indexed yet. */
static struct lvs_pool_chunk *chunk_join(const struct lvs_pool_entry *a, u32 na,
					 const struct lvs_pool_entry *b, u32 nb,
					 gfp_t gfp)
{
	struct lvs_pool_chunk *chunk;
	u32 n = na + nb;

	chunk = kmalloc(lvs_pool_chunk_bytes(n), gfp);
	if (!chunk)
		return NULL;

	refcount_set(&chunk->refs, 1);
	chunk->n = n;
	chunk->by_weight.n = n;
	chunk->by_weight.end = (u64 *)(chunk->entries + n);
	chunk->by_weight.first = (u32 *)(chunk->by_weight.end + n);
	chunk->nth = (u8 *)(chunk->by_weight.first + n);
	if (na)
		memcpy(chunk->entries, a, na * sizeof(*a));
	if (nb)
		memcpy(chunk->entries + na, b, nb * sizeof(*b));
	return chunk;
}

static struct lvs_pool_chunk *chunk_index(struct lvs_pool_chunk *chunk,
					  u64 oldest_seq)
{
	u32 i;

	chunk->oldest_seq = oldest_seq;
	chunk->n_weighted = 0;
	chunk->unit = 0;
	chunk->top = 0;
	chunk->weight_sum = 0;
	for (i = 0; i < chunk->n; i++) {
		u32 weight = chunk->entries[i].weight;

		if (weight) {
			chunk->nth[chunk->n_weighted++] = i;
			chunk->unit = gcd(chunk->unit, weight);
			chunk->weight_sum += weight;
			if (weight > chunk->entries[chunk->top].weight)
				chunk->top = i;
		}
		chunk->by_weight.end[i] = chunk->weight_sum;
	}
	lvs_guide_build(&chunk->by_weight);
	return chunk;
}

/**
 * lvs_pool_chunk_prepend() - a copy of a chunk with one more dest at its front
 * @old: chunk to copy, or NULL for a chunk with this dest alone
 * @entry: the new entry
 * @seq: its dest's sequence number
 * @gfp: how to allocate
 *
 * Return: the new chunk with one reference, or NULL without memory.
 */
struct lvs_pool_chunk *lvs_pool_chunk_prepend(const struct lvs_pool_chunk *old,
					      const struct lvs_pool_entry *entry,
					      u64 seq, gfp_t gfp)
{
	struct lvs_pool_chunk *chunk;

	chunk = chunk_join(entry, 1, old ? old->entries : NULL,
			   old ? old->n : 0, gfp);
	if (!chunk)
		return NULL;
	return chunk_index(chunk, old ? old->oldest_seq : seq);
}

/**
 * lvs_pool_chunk_remove() - a copy of a chunk with one dest less
 * @old: chunk to copy, of at least two entries
 * @at: index of the entry to leave out
 * @gfp: how to allocate
 *
 * Return: the new chunk with one reference, or NULL without memory.
 */
struct lvs_pool_chunk *lvs_pool_chunk_remove(const struct lvs_pool_chunk *old,
					     u32 at, gfp_t gfp)
{
	struct lvs_pool_chunk *chunk;

	chunk = chunk_join(old->entries, at, old->entries + at + 1,
			   old->n - at - 1, gfp);
	if (!chunk)
		return NULL;
	return chunk_index(chunk, old->oldest_seq);
}

/**
 * lvs_pool_chunk_reweight() - a copy of a chunk with one weight changed
 * @old: chunk to copy
 * @at: index of the entry to change
 * @weight: its new weight
 * @gfp: how to allocate
 *
 * Return: the new chunk with one reference, or NULL without memory.
 */
struct lvs_pool_chunk *lvs_pool_chunk_reweight(const struct lvs_pool_chunk *old,
					       u32 at, u32 weight, gfp_t gfp)
{
	struct lvs_pool_chunk *chunk;

	chunk = chunk_join(old->entries, old->n, NULL, 0, gfp);
	if (!chunk)
		return NULL;
	chunk->entries[at].weight = weight;
	if (weight)
		chunk->entries[at].last_weight = weight;
	return chunk_index(chunk, old->oldest_seq);
}

/**
 * lvs_pool_chunk_merge() - one chunk from two neighbours
 * @newer: the chunk that comes first
 * @older: the chunk after it
 * @gfp: how to allocate
 *
 * Return: the new chunk with one reference, or NULL without memory.
 */
struct lvs_pool_chunk *lvs_pool_chunk_merge(const struct lvs_pool_chunk *newer,
					    const struct lvs_pool_chunk *older,
					    gfp_t gfp)
{
	struct lvs_pool_chunk *chunk;

	chunk = chunk_join(newer->entries, newer->n, older->entries, older->n,
			   gfp);
	if (!chunk)
		return NULL;
	return chunk_index(chunk, older->oldest_seq);
}

/**
 * lvs_pool_chunk_put() - drop a reference on a chunk
 * @chunk: the chunk
 *
 * The last reference is dropped by the last pool that had the chunk, which no
 * packet reads any more, so it is freed at once.
 *
 * Context: any.
 */
void lvs_pool_chunk_put(struct lvs_pool_chunk *chunk)
{
	if (refcount_dec_and_test(&chunk->refs))
		kfree(chunk);
}
