// SPDX-License-Identifier: GPL-2.0
#include "highest.h"

static bool ovf_has_room(const struct lvs_pool_entry *entry)
{
	return (u32)atomic_read(&entry->dest->active) <= entry->weight;
}

static struct lvs_dest *ovf_pick(const struct lvs_pool *pool,
				 struct lvs_sched_state *state,
				 const struct lvs_sched_key *key)
{
	return lvs_highest(pool, key, ovf_has_room);
}

/*
 * Overflow: the dest with the highest weight takes conns until its active ones
 * exceed that weight, then the next one.
 */
const struct lvs_sched_ops lvs_sched_ovf = {
	.name = "ovf",
	.pick = ovf_pick,
};
