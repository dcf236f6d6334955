/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SCHED_HIGHEST_H
#define LVS_SCHED_HIGHEST_H

#include "sched.h"

/**
 * lvs_highest() - the dest with the highest weight
 * @pool: the pool
 * @key: the flow
 * @has_room: whether a dest with this entry takes one more conn
 *
 * The first one in the pool's order wins a tie. Chunks that have none higher are passed over, and a chunk is walked only
 * if its own highest cannot take the flow.
 *
 * Context: RCU read side; any context.
 * Return: the dest, or NULL if none can take the flow.
 */
static __always_inline struct lvs_dest *
lvs_highest(const struct lvs_pool *pool, const struct lvs_sched_key *key,
	    bool (*has_room)(const struct lvs_pool_entry *entry))
{
	const struct lvs_pool_entry *best = NULL, *entry;
	u32 highest = 0, i;

	for (i = 0; i < pool->n_chunks; i++) {
		const struct lvs_pool_chunk *chunk = pool->chunks[i];
		const struct lvs_pool_entry *top = &chunk->entries[chunk->top];
		const struct lvs_pool_entry *end = chunk->entries + chunk->n;

		if (top->weight <= highest)
			continue;
		if (has_room(top) && lvs_sched_can_use(top, key)) {
			best = top;
			highest = top->weight;
			continue;
		}
		for (entry = chunk->entries; entry < end; entry++) {
			if (entry->weight <= highest || !has_room(entry) || !lvs_sched_can_use(entry, key))
				continue;
			best = entry;
			highest = entry->weight;
		}
	}
	return best ? best->dest : NULL;
}

#endif
