// SPDX-License-Identifier: GPL-2.0
#include "turn.h"

static int rr_build(struct lvs_pool *pool, gfp_t gfp)
{
	return lvs_turn_build(pool, false, gfp);
}

/* Round robin: one turn for each dest that has a weight, in the pool's order. */
const struct lvs_sched_ops lvs_sched_rr = {
	.name = "rr",
	.build = rr_build,
	.pick = lvs_turn_pick,
};
