// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>

#include "hash.h"

static int dh_build(struct lvs_pool *pool, gfp_t gfp)
{
	return lvs_buckets_build(pool, false, gfp);
}

static struct lvs_dest *dh_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	const struct lvs_buckets *buckets = pool->sched_data;
	const struct lvs_pool_entry *entry;

	if (!buckets)
		return NULL;
	entry = buckets->entry[hash_32(lvs_hash_addr(key->af, key->daddr),
				       buckets->bits)];
	return lvs_sched_can_use(entry, key) ? entry->dest : NULL;
}

/* Destination hashing: the same dest for the same destination address. */
const struct lvs_sched_ops lvs_sched_dh = {
	.name = "dh",
	.build = dh_build,
	.pick = dh_pick,
};
