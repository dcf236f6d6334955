/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_POOLS_H
#define UNIT_POOLS_H

#include "unit.h"
#include "dest/dest.h"
#include "sched/sched.h"

#define UNIT_DESTS 20000
#define UNIT_MEMORY (1 << 20)

extern int unit_memory;
extern struct lvs_dest unit_dest[UNIT_DESTS];

void unit_dests_reset(void);
void unit_overload(struct lvs_dest *dest, bool on);
struct lvs_pool *unit_pool(const u32 *weights, unsigned int n);
void unit_attach(struct lvs_pool *pool, const char *sched);
struct lvs_pool *unit_edit(struct lvs_pool *old, struct lvs_pool *new,
			   const char *sched);

/* As a packet does. */
static inline struct lvs_dest *unit_pick(const struct lvs_pool *pool, struct lvs_sched_state *state,
					 const struct lvs_sched_key *key)
{
	struct lvs_dest *dest;

	rcu_read_lock();
	dest = lvs_sched_pick(pool, state, key);
	rcu_read_unlock();
	return dest;
}

#endif
