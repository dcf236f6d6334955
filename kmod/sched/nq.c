// SPDX-License-Identifier: GPL-2.0
#include "load.h"

/* An idle dest is better than any other, whatever its weight. */
static u64 nq_load(const struct lvs_dest *dest)
{
	u64 active = (u32)atomic_read(&dest->active);

	return active ? active + 1 : 0;
}

static struct lvs_dest *nq_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	return lvs_load_least(pool, key, nq_load, true);
}

/* Never queue: the first idle dest, or else the shortest expected delay. */
const struct lvs_sched_ops lvs_sched_nq = {
	.name = "nq",
	.pick = nq_pick,
};
