// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/slab.h>

#include "hash.h"

/*
 * 256 buckets are what stock IPVS has, so with them a client has the same dest
 * there and here. Where they leave some dest without its share, there is
 * nothing worth agreeing on, and the table is bigger.
 */
#define BUCKET_BITS 8
#define BUCKET_BITS_BIG 12

/* A dest of weight 0 has a bucket, too: its clients wait for it. */
static u32 bucket_wish(const struct lvs_pool_entry *entry, bool weighted)
{
	return weighted ? max_t(u32, entry->weight, 1) : 1;
}

/* Each dest gets what it wishes for, over and over until the table is full. */
static void fill_cyclic(struct lvs_buckets *buckets, const struct lvs_pool *pool,
			bool weighted)
{
	u32 size = 1U << buckets->bits, bucket = 0;
	struct lvs_pool_iter it;

	while (bucket < size) {
		lvs_pool_for_each(it, pool) {
			u32 n = min(bucket_wish(it.entry, weighted), size - bucket);

			while (n--)
				buckets->entry[bucket++] = it.entry;
		}
	}
}

/*
 * Each dest gets its part of the table. If all wishes together exceed the table,
 * it gets one bucket first and its part of the rest; dests after the last
 * bucket get nothing.
 */
static void fill_parts(struct lvs_buckets *buckets, const struct lvs_pool *pool,
		       bool weighted, u64 sum)
{
	u32 size = 1U << buckets->bits, bucket = 0;
	u32 first = sum > size ? 1 : 0;
	u32 spare = size - min(size, first * pool->n_dests);
	u64 rest = sum - (u64)first * pool->n_dests;
	u64 before = 0, sure = 0;
	struct lvs_pool_iter it;

	lvs_pool_for_each(it, pool) {
		u64 end;

		sure += first;
		before += bucket_wish(it.entry, weighted) - first;
		end = sure + (rest ? div64_u64(before * spare, rest) : 0);
		while (bucket < size && bucket < end)
			buckets->entry[bucket++] = it.entry;
	}
}

/**
 * lvs_buckets_build() - fill a table of buckets with a pool's dests
 * @pool: the pool; the table becomes its scheduler's data
 * @weighted: whether a dest gets buckets by its weight, or one at a time
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM.
 */
int lvs_buckets_build(struct lvs_pool *pool, bool weighted, gfp_t gfp)
{
	struct lvs_buckets *buckets;
	struct lvs_pool_iter it;
	size_t bytes;
	u64 sum = 0;
	bool fits;
	u8 bits;

	if (!pool->n_dests)
		return 0;
	lvs_pool_for_each(it, pool)
		sum += bucket_wish(it.entry, weighted);
	fits = sum <= 1 << BUCKET_BITS;
	bits = fits ? BUCKET_BITS : BUCKET_BITS_BIG;

	bytes = struct_size(buckets, entry, 1U << bits);
	buckets = kvmalloc(bytes, gfp);
	if (!buckets)
		return -ENOMEM;
	buckets->bits = bits;
	if (fits)
		fill_cyclic(buckets, pool, weighted);
	else
		fill_parts(buckets, pool, weighted, sum);
	pool->sched_data = buckets;
	pool->sched_bytes = bytes;
	return 0;
}
