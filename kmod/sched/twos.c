// SPDX-License-Identifier: GPL-2.0
#include <linux/math64.h>
#include <linux/random.h>

#include "load.h"

/* Draws that may meet servers which cannot take the flow, before those that can are counted. */
#define TWOS_DRAWS 8

/* A position below @sum, each as likely as any other. */
static u64 draw(u64 sum)
{
	return mul_u64_u64_shr(get_random_u64(), sum, 64);
}

static const struct lvs_pool_entry *draw_among_usable(const struct lvs_pool *pool, const struct lvs_sched_key *key)
{
	const struct lvs_pool_entry *entry = NULL;
	struct lvs_pool_iter it;
	u64 sum = 0, at;

	lvs_pool_for_each(it, pool)
		if (lvs_sched_can_use(it.entry, key))
			sum += it.entry->weight;
	if (!sum)
		return NULL;
	at = draw(sum);
	lvs_pool_for_each(it, pool) {
		if (!lvs_sched_can_use(it.entry, key))
			continue;
		entry = it.entry;
		if (at < entry->weight)
			break;
		at -= entry->weight;
	}
	return entry;
}

/* A server that can take the flow, as likely as its weight says. */
static const struct lvs_pool_entry *draw_entry(const struct lvs_pool *pool, const struct lvs_sched_key *key)
{
	u64 sum = pool->n_chunks ? pool->by_weight.end[pool->n_chunks - 1] : 0;
	int i;

	if (!sum)
		return NULL;
	for (i = 0; i < TWOS_DRAWS; i++) {
		const struct lvs_pool_entry *entry = lvs_pool_at_weight(pool, draw(sum));

		if (lvs_sched_can_use(entry, key))
			return entry;
	}
	return draw_among_usable(pool, key);
}

static struct lvs_dest *twos_pick(const struct lvs_pool *pool, struct lvs_sched_state *state,
				  const struct lvs_sched_key *key)
{
	const struct lvs_pool_entry *one = draw_entry(pool, key), *two;

	two = one ? draw_entry(pool, key) : NULL;
	if (!two)
		return one ? one->dest : NULL;
	if (lvs_load_lower(lvs_load_conns(two->dest), two->weight, lvs_load_conns(one->dest), one->weight))
		one = two;
	return one->dest;
}

/* Power of two choices: the less loaded of two servers drawn by weight. */
const struct lvs_sched_ops lvs_sched_twos = {
	.name = "twos",
	.pick = twos_pick,
};
