// SPDX-License-Identifier: GPL-2.0
#include <linux/hash.h>

#include "hash.h"

static int sh_build(struct lvs_pool *pool, gfp_t gfp)
{
	return lvs_buckets_build(pool, true, gfp);
}

/*
 * Try the other buckets. The first one is twice the hash away from the start:
 * an odd choice, but the one of stock IPVS.
 */
static struct lvs_dest *sh_fallback(const struct lvs_buckets *buckets, u32 hash,
				    const struct lvs_sched_key *key)
{
	u32 mask = (1U << buckets->bits) - 1;
	const struct lvs_pool_entry *entry;
	u32 offset;

	for (offset = 0; offset <= mask; offset++) {
		entry = buckets->entry[(2 * hash + offset) & mask];
		if (lvs_sched_can_use(entry, key))
			return entry->dest;
	}
	return NULL;
}

static struct lvs_dest *sh_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	const struct lvs_buckets *buckets = pool->sched_data;
	const struct lvs_pool_entry *entry;
	u32 hash;

	if (!buckets)
		return NULL;
	hash = hash_32(lvs_hash_client(key), buckets->bits);
	entry = buckets->entry[hash];
	if (lvs_sched_can_use(entry, key))
		return entry->dest;
	if (key->svc_flags & LVS_SCHED_F_FALLBACK)
		return sh_fallback(buckets, hash, key);
	return NULL;
}

/* Source hashing: the same dest for the same client. */
const struct lvs_sched_ops lvs_sched_sh = {
	.name = "sh",
	.build = sh_build,
	.pick = sh_pick,
};
