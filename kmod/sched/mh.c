// SPDX-License-Identifier: GPL-2.0
#include <linux/bitops.h>
#include <linux/gcd.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/siphash.h>
#include <linux/slab.h>

#include "hash.h"

/*
 * Maglev hashing ("Maglev: A Fast and Reliable Software Network Load Balancer",
 * NSDI 2016, section 3.4). Table size, keys and the scale of the weights are
 * those of stock IPVS, so that directors of both kinds agree on every client.
 */
#define MH_SIZE 4093		/* prime */
#define MH_WEIGHT_BITS 6

static const hsiphash_key_t mh_key_offset = { { 2654435761UL, 2654435761UL } };
static const hsiphash_key_t mh_key_skip = { { 2654446892UL, 2654446892UL } };

/**
 * struct mh_row - a dest's order of preference over the table
 * @entry: the dest
 * @next: the slot that it would like next
 * @skip: distance to the one after that
 * @turns: number of slots that it takes before others have their turn
 */
struct mh_row {
	const struct lvs_pool_entry *entry;
	u32 next;
	u32 skip;
	u32 turns;
};

static u32 mh_hash(u32 value, const hsiphash_key_t *key)
{
	return hsiphash(&value, sizeof(value), key);
}

/* A dest keeps the slots of its last weight while its weight is 0. */
static u32 mh_unit(const struct lvs_pool *pool, u32 *highest)
{
	struct lvs_pool_iter it;
	u32 unit = 0;

	*highest = 0;
	lvs_pool_for_each(it, pool) {
		unit = gcd(unit, it.entry->last_weight);
		*highest = max(*highest, it.entry->last_weight);
	}
	return unit;
}

/* Dests are hashed as addresses of the service's family, whatever their own. */
static void mh_row_init(struct mh_row *row, const struct lvs_pool_entry *entry,
			u16 af, u32 turns)
{
	u32 value = ntohs(lvs_dest_port(entry->dest)) +
		    lvs_hash_addr(af, lvs_dest_addr(entry->dest));

	row->entry = entry;
	row->next = mh_hash(value, &mh_key_offset) % MH_SIZE;
	row->skip = mh_hash(value, &mh_key_skip) % (MH_SIZE - 1) + 1;
	row->turns = max_t(u32, turns, 1);
}

/* Return: number of rows, one for each dest that ever had a weight. */
static u32 mh_rows(const struct lvs_pool *pool, struct mh_row *rows)
{
	struct lvs_pool_iter it;
	u32 unit, highest, n = 0;
	int shift;

	unit = mh_unit(pool, &highest);
	if (!unit)
		return 0;
	shift = max(fls(highest / unit) - MH_WEIGHT_BITS, 0);
	lvs_pool_for_each(it, pool) {
		u32 weight = it.entry->last_weight;

		if (weight)
			mh_row_init(&rows[n++], it.entry, pool->af,
				    (weight / unit) >> shift);
	}
	return n;
}

/* The dests take turns at claiming the slots that they like best. */
static void mh_claim(const struct lvs_pool_entry **table, struct mh_row *rows,
		     u32 n_rows)
{
	u32 taken, turn, i = 0;

	for (taken = 0; taken < MH_SIZE; i = (i + 1) % n_rows) {
		struct mh_row *row = &rows[i];

		for (turn = 0; turn < row->turns && taken < MH_SIZE; turn++) {
			while (table[row->next])
				row->next = (row->next + row->skip) % MH_SIZE;
			table[row->next] = row->entry;
			taken++;
		}
	}
}

static int mh_build(struct lvs_pool *pool, gfp_t gfp)
{
	const struct lvs_pool_entry **table;
	struct mh_row *rows;
	u32 n_rows;

	if (!pool->n_dests)
		return 0;
	if (pool->n_dests > MH_SIZE)
		return -EINVAL;
	rows = kvmalloc_array(pool->n_dests, sizeof(*rows), gfp);
	if (!rows)
		return -ENOMEM;

	n_rows = mh_rows(pool, rows);
	table = n_rows ? kvcalloc(MH_SIZE, sizeof(*table), gfp) : NULL;
	if (table) {
		mh_claim(table, rows, n_rows);
		pool->sched_data = table;
		pool->sched_bytes = MH_SIZE * sizeof(*table);
	}
	kvfree(rows);
	return n_rows && !table ? -ENOMEM : 0;
}

/* Hash the client again with growing offsets, as stock IPVS does. */
static struct lvs_dest *mh_fallback(const struct lvs_pool_entry *const *table,
				    u32 client, u32 slot,
				    const struct lvs_sched_key *key)
{
	const struct lvs_pool_entry *entry;
	u32 offset;

	for (offset = 0; offset < MH_SIZE; offset++) {
		u32 value = client + (slot + offset) % MH_SIZE;

		entry = table[mh_hash(value, &mh_key_offset) % MH_SIZE];
		if (lvs_sched_can_use(entry, key))
			return entry->dest;
	}
	return NULL;
}

static struct lvs_dest *mh_pick(const struct lvs_pool *pool,
				struct lvs_sched_state *state,
				const struct lvs_sched_key *key)
{
	const struct lvs_pool_entry *const *table = pool->sched_data;
	u32 client, slot;

	if (!table)
		return NULL;
	client = lvs_hash_client(key);
	slot = mh_hash(client, &mh_key_offset) % MH_SIZE;
	if (lvs_sched_can_use(table[slot], key))
		return table[slot]->dest;
	if (key->svc_flags & LVS_SCHED_F_FALLBACK)
		return mh_fallback(table, client, slot, key);
	return NULL;
}

/* Maglev hashing: source hashing that moves few clients when dests change. */
const struct lvs_sched_ops lvs_sched_mh = {
	.name = "mh",
	.build = mh_build,
	.pick = mh_pick,
};
