/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_POOLS_H
#define UNIT_POOLS_H

#include "unit.h"
#include "dest/dest.h"
#include "sched/sched.h"

#define UNIT_DESTS 20000
extern struct lvs_dest unit_dest[UNIT_DESTS];

void unit_dests_reset(void);
void unit_overload(struct lvs_dest *dest, bool on);
struct lvs_pool *unit_pool(const u32 *weights, unsigned int n);
void unit_attach(struct lvs_pool *pool, const char *sched);
struct lvs_pool *unit_edit(struct lvs_pool *old, struct lvs_pool *new,
			   const char *sched);

#endif
