/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SCHED_LOAD_H
#define LVS_SCHED_LOAD_H

#include <linux/math64.h>

#include "sched.h"

/**
 * lvs_load_conns() - a dest's load by its conns
 * @dest: the dest
 *
 * Return: conns, of which an active one counts 257 times.
 */
static inline u64 lvs_load_conns(const struct lvs_dest *dest)
{
	u32 active = atomic_read(&dest->active);

	return (u64)active * 257 + (u32)atomic_read(&dest->inactive);
}

/**
 * lvs_load_lower() - is one load per weight lower than another
 * @load_a: a load, at most 2^42
 * @weight_a: its dest's weight
 * @load_b: the other load, at most 2^42
 * @weight_b: its dest's weight, not 0
 *
 * Multiplies crosswise; the products may need more than 64 bits.
 *
 * Return: true if load_a / weight_a < load_b / weight_b; false if weight_a is 0.
 */
static inline bool lvs_load_lower(u64 load_a, u32 weight_a, u64 load_b,
				  u32 weight_b)
{
	u64 high_a, high_b;

	if (likely(!((load_a | load_b) >> 32)))
		return load_a * weight_b < load_b * weight_a;
	high_a = mul_u64_u32_shr(load_a, weight_b, 32);
	high_b = mul_u64_u32_shr(load_b, weight_a, 32);
	if (high_a != high_b)
		return high_a < high_b;
	return (u32)(load_a * weight_b) < (u32)(load_b * weight_a);
}

/* Above every load. */
#define LVS_LOAD_MOST BIT_ULL(42)

/*
 * What is not less loaded than the least so far is not looked at any closer: with many dests that is all that most of them
 * cost. A dest whose weight in the pool is 0 has never the least load per weight.
 */
static __always_inline struct lvs_dest *load_scan(const struct lvs_pool *pool, const struct lvs_sched_key *key,
						  u64 (*load)(const struct lvs_dest *dest), bool weighted)
{
	u64 least_load = LVS_LOAD_MOST;
	struct lvs_dest *least = NULL;
	struct lvs_pool_iter it;
	u32 least_weight = 1;

	lvs_pool_for_each(it, pool) {
		u64 this_load = load(it.entry->dest);

		if (weighted ? !lvs_load_lower(this_load, it.entry->weight, least_load, least_weight) :
			       this_load >= least_load)
			continue;
		if (!lvs_sched_can_use(it.entry, key))
			continue;
		least = it.entry->dest;
		if (!this_load)
			break;
		least_load = this_load;
		least_weight = it.entry->weight;
	}
	return least;
}

/* Whether all dests that have a weight have the same. */
static inline bool load_even(const struct lvs_pool *pool)
{
	return (u64)pool->unit * pool->n_weighted == lvs_guide_total(&pool->by_weight);
}

/**
 * lvs_load_least() - the dest with the least load
 * @pool: the pool
 * @key: the flow
 * @load: measures a dest's load, below %LVS_LOAD_MOST
 * @weighted: whether loads are divided by the weights
 *
 * The first one in the pool's order wins a tie, and the first one without a load wins at once.
 *
 * Return: the dest, or NULL if none can take the flow.
 */
static __always_inline struct lvs_dest *
lvs_load_least(const struct lvs_pool *pool, const struct lvs_sched_key *key,
	       u64 (*load)(const struct lvs_dest *dest), bool weighted)
{
	if (weighted && !load_even(pool))
		return load_scan(pool, key, load, true);
	return load_scan(pool, key, load, false);
}

#endif
