/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SCHED_TURN_H
#define LVS_SCHED_TURN_H

#include "sched.h"

/**
 * struct lvs_turn - a periodic order of positions, computed without state
 * @period: number of positions
 * @step: distance from one position to the next, coprime to @period
 * @inverse: floor(@step * 2^64 / @period)
 * @unit: weight that one position stands for
 * @halves: alternate between the halves of @period instead
 * @weighted: whether a dest owns positions by its weight, or one
 *
 * Turn n has the position n * @step mod @period. Any @period turns in a row
 * have every position once, so every dest gets exactly its share of them.
 */
struct lvs_turn {
	u64 period;
	u64 step;
	u64 inverse;
	u32 unit;
	bool halves;
	bool weighted;
};

void lvs_turn_init(struct lvs_turn *turn, u64 period, bool spread);
u64 lvs_turn_position(const struct lvs_turn *turn, u64 n);
int lvs_turn_build(struct lvs_pool *pool, bool weighted, gfp_t gfp);
struct lvs_dest *lvs_turn_pick(const struct lvs_pool *pool,
			       struct lvs_sched_state *state,
			       const struct lvs_sched_key *key);

#endif
