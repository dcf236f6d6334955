// SPDX-License-Identifier: GPL-2.0
#include "highest.h"

static bool fo_has_room(const struct lvs_pool_entry *entry)
{
	return true;
}

static struct lvs_dest *fo_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	return lvs_highest(pool, key, fo_has_room);
}

/* Failover: the dest with the highest weight takes everything. */
const struct lvs_sched_ops lvs_sched_fo = {
	.name = "fo",
	.pick = fo_pick,
};
