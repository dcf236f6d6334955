// SPDX-License-Identifier: GPL-2.0
#include "turn.h"

static int wrr_build(struct lvs_pool *pool, gfp_t gfp)
{
	return lvs_turn_build(pool, true, gfp);
}

/* Weighted round robin: as many turns for each dest as it has weight. */
const struct lvs_sched_ops lvs_sched_wrr = {
	.name = "wrr",
	.build = wrr_build,
	.pick = lvs_turn_pick,
};
