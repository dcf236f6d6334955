// SPDX-License-Identifier: GPL-2.0
#include "sched.h"

static struct lvs_dest *fo_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	struct lvs_dest *dest = NULL;
	struct lvs_pool_iter it;
	u32 highest = 0;

	lvs_pool_for_each(it, pool) {
		if (it.entry->weight <= highest ||
		    !lvs_sched_can_use(it.entry, key))
			continue;
		highest = it.entry->weight;
		dest = it.entry->dest;
	}
	return dest;
}

/* Failover: the dest with the highest weight takes everything. */
const struct lvs_sched_ops lvs_sched_fo = {
	.name = "fo",
	.pick = fo_pick,
};
