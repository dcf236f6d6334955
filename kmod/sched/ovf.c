// SPDX-License-Identifier: GPL-2.0
#include "sched.h"

static struct lvs_dest *ovf_pick(const struct lvs_pool *pool,
				 struct lvs_sched_state *state,
				 const struct lvs_sched_key *key)
{
	struct lvs_dest *dest = NULL;
	struct lvs_pool_iter it;
	u32 highest = 0;

	lvs_pool_for_each(it, pool) {
		if (it.entry->weight <= highest ||
		    (u32)atomic_read(&it.entry->dest->active) > it.entry->weight ||
		    !lvs_sched_can_use(it.entry, key))
			continue;
		highest = it.entry->weight;
		dest = it.entry->dest;
	}
	return dest;
}

/*
 * Overflow: the dest with the highest weight takes conns until its active ones
 * exceed that weight, then the next one.
 */
const struct lvs_sched_ops lvs_sched_ovf = {
	.name = "ovf",
	.pick = ovf_pick,
};
