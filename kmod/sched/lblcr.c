// SPDX-License-Identifier: GPL-2.0
#include "load.h"
#include "locality.h"

/* Of the servers of an address, the one with the least load that can take the flow; or the one with the most load. */
static struct lvs_dest *set_pick(const struct lvs_locals *locals, const struct lvs_sched_key *key, bool most)
{
	struct lvs_dest *best = NULL;
	u64 load, best_load = 0;
	u32 weight, best_weight = 0;
	u32 i;

	for (i = 0; i < locals->n; i++) {
		struct lvs_dest *dest = locals->dests[i];

		weight = max(READ_ONCE(dest->weight), 0);
		if (!weight || (!most && (!lvs_dest_eligible(dest) || lvs_sched_avoids(key, dest))))
			continue;
		load = lvs_load_conns(dest);
		if (best && !(most ? lvs_load_lower(best_load, best_weight, load, weight) :
				     lvs_load_lower(load, weight, best_load, best_weight)))
			continue;
		best = dest;
		best_load = load;
		best_weight = weight;
	}
	return best;
}

static struct lvs_dest *lblcr_pick(const struct lvs_pool *pool, struct lvs_sched_state *state,
				   const struct lvs_sched_key *key)
{
	struct lvs_locality *loc = rcu_dereference(state->locality);
	const struct lvs_locals *locals = loc ? lvs_locality_find(loc, key) : NULL;
	struct lvs_dest *dest;

	if (locals) {
		dest = set_pick(locals, key, false);
		/* a set that has not grown for so long is larger than it need be */
		if (locals->n > 1 && lvs_locality_stale(loc, locals->changed)) {
			struct lvs_dest *most = set_pick(locals, key, true);

			if (most)
				lvs_locality_drop(loc, key, most);
		}
		if (dest && !lvs_locality_overloaded(pool, dest))
			return dest;
	}
	dest = lvs_load_least(pool, key, lvs_load_conns, true);
	if (dest && loc && !key->n_avoid)
		lvs_locality_add(loc, key, dest);
	return dest;
}

/* Locality-based least connection with replication: an address gets a further server when those it has are too busy. */
const struct lvs_sched_ops lvs_sched_lblcr = {
	.name = "lblcr",
	.pick = lblcr_pick,
};
