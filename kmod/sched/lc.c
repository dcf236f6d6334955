// SPDX-License-Identifier: GPL-2.0
#include "load.h"

static struct lvs_dest *lc_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	return lvs_load_least(pool, key, lvs_load_conns, false);
}

/* Least connection. */
const struct lvs_sched_ops lvs_sched_lc = {
	.name = "lc",
	.pick = lc_pick,
};
