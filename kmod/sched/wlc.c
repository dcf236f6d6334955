// SPDX-License-Identifier: GPL-2.0
#include "load.h"

static struct lvs_dest *wlc_pick(const struct lvs_pool *pool,
				 struct lvs_sched_state *state,
				 const struct lvs_sched_key *key)
{
	return lvs_load_least(pool, key, lvs_load_conns, true);
}

/* Weighted least connection. */
const struct lvs_sched_ops lvs_sched_wlc = {
	.name = "wlc",
	.pick = wlc_pick,
};
