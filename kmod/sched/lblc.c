// SPDX-License-Identifier: GPL-2.0
#include "load.h"
#include "locality.h"

static struct lvs_dest *lblc_pick(const struct lvs_pool *pool, struct lvs_sched_state *state,
				  const struct lvs_sched_key *key)
{
	struct lvs_locality *loc = rcu_dereference(state->locality);
	const struct lvs_locals *locals = loc ? lvs_locality_find(loc, key) : NULL;
	struct lvs_dest *dest;

	if (locals) {
		dest = locals->dests[0];
		if (lvs_dest_eligible(dest) && !lvs_sched_avoids(key, dest) && !lvs_locality_overloaded(pool, dest))
			return dest;
	}
	dest = lvs_load_least(pool, key, lvs_load_conns, true);
	/* a server that one flow cannot use is no reason to move them all */
	if (dest && loc && !key->n_avoid)
		lvs_locality_set(loc, key, dest);
	return dest;
}

/* Locality-based least connection: an address keeps its server until that has too much to do. */
const struct lvs_sched_ops lvs_sched_lblc = {
	.name = "lblc",
	.pick = lblc_pick,
};
