// SPDX-License-Identifier: GPL-2.0
#include "load.h"

static u64 sed_load(const struct lvs_dest *dest)
{
	return (u64)(u32)atomic_read(&dest->active) + 1;
}

static struct lvs_dest *sed_pick(const struct lvs_pool *pool,
				 struct lvs_sched_state *state,
				 const struct lvs_sched_key *key)
{
	return lvs_load_least(pool, key, sed_load, true);
}

/* Shortest expected delay: where the new conn will share with the fewest. */
const struct lvs_sched_ops lvs_sched_sed = {
	.name = "sed",
	.pick = sed_pick,
};
