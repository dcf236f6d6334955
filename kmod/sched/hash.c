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

/**
 * struct fill - how many buckets a dest gets
 * @weighted: by its weight, or one
 * @size: number of buckets
 * @n_dests: number of dests
 * @sum: buckets that all dests together ask for
 */
struct fill {
	bool weighted;
	u32 size;
	u32 n_dests;
	u64 sum;
};

/* A dest of weight 0 has a bucket, too: its clients wait for it. */
static u32 fill_wish(const struct fill *fill, const struct lvs_pool_entry *entry)
{
	return fill->weighted ? max_t(u32, entry->weight, 1) : 1;
}

/*
 * Where all wishes cannot be met, every dest gets one bucket and its part of
 * those that are left over.
 */
static u32 fill_share(const struct fill *fill, const struct lvs_pool_entry *entry)
{
	u32 wish = fill_wish(fill, entry);

	if (fill->size == 1 << BUCKET_BITS)
		return wish;
	if (fill->sum == fill->n_dests || fill->size <= fill->n_dests)
		return 1;
	return 1 + div64_u64((u64)(wish - 1) * (fill->size - fill->n_dests),
			     fill->sum - fill->n_dests);
}

static void fill_buckets(struct lvs_buckets *buckets, const struct fill *fill,
			 const struct lvs_pool *pool)
{
	struct lvs_pool_iter it;
	u32 bucket = 0;

	while (bucket < fill->size) {
		lvs_pool_for_each(it, pool) {
			u32 share = min(fill_share(fill, it.entry),
					fill->size - bucket);

			while (share--)
				buckets->entry[bucket++] = it.entry;
			if (bucket == fill->size)
				return;
		}
	}
}

/**
 * lvs_buckets_build() - fill a table of buckets with a pool's dests
 * @pool: the pool; the table becomes its scheduler's data
 * @weighted: whether a dest gets buckets by its weight, or one at a time
 * @gfp: how to allocate
 *
 * The dests follow each other in the pool's order, over and over.
 *
 * Return: 0 or -ENOMEM.
 */
int lvs_buckets_build(struct lvs_pool *pool, bool weighted, gfp_t gfp)
{
	struct fill fill = { .weighted = weighted, .n_dests = pool->n_dests };
	struct lvs_buckets *buckets;
	struct lvs_pool_iter it;
	size_t bytes;
	u8 bits;

	if (!pool->n_dests)
		return 0;
	lvs_pool_for_each(it, pool)
		fill.sum += fill_wish(&fill, it.entry);
	bits = fill.sum <= 1 << BUCKET_BITS ? BUCKET_BITS : BUCKET_BITS_BIG;
	fill.size = 1U << bits;

	bytes = struct_size(buckets, entry, fill.size);
	buckets = kvmalloc(bytes, gfp);
	if (!buckets)
		return -ENOMEM;
	buckets->bits = bits;
	fill_buckets(buckets, &fill, pool);
	pool->sched_data = buckets;
	pool->sched_bytes = bytes;
	return 0;
}
