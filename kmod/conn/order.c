// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: order of the conn table
 *
 * Entries are listed in the order of their hashes, read from the lowest bit on. A bucket has those that begin with certain
 * bits: they follow each other in this order, and when a bucket is split each part has one half of them. So a place in
 * that order stays what it is while the table grows and shrinks, and while entries come and go: what is in the table all
 * the time is listed exactly once. Nothing but the place is kept, for as long as the reader wants.
 */
#include "../net.h"
#include "bucket.h"
#include "lookup.h"
#include "table.h"

/* Buckets that are looked at in one go. */
#define LVS_ORDER_RUN 64

static u32 reverse(u32 x)
{
	x = (x & 0x55555555) << 1 | (x >> 1 & 0x55555555);
	x = (x & 0x33333333) << 2 | (x >> 2 & 0x33333333);
	x = (x & 0x0f0f0f0f) << 4 | (x >> 4 & 0x0f0f0f0f);
	x = (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
	return x << 16 | x >> 16;
}

static u64 order(u64 hash)
{
	return (u64)reverse(hash) << 32 | hash >> 32;
}

/**
 * struct span - a bucket and the part of the order that is in it
 * @i: number of the bucket
 * @bits: how many bits they begin with are its number's
 */
struct span {
	u32 i;
	u32 bits;
};

static struct span span_of(const struct lvs_table *t, u64 place)
{
	/* pairs with who makes a bucket */
	u32 n = smp_load_acquire(&t->n);
	u32 mask = lvs_table_mask(t), half = mask >> 1;
	u32 low = reverse(place >> 32);

	/* half of them have been split, but for those that are yet to be */
	if ((low & half) + half + 1 < n)
		return (struct span){ low & mask, fls(mask) };
	return (struct span){ low & half, fls(half) };
}

/**
 * lvs_table_next - the next entry
 * @t: table
 * @pos: place in the order; moved behind what is returned
 *
 * Two entries with the same 64 bits of hash count as one, which no table will ever see.
 * Context: RCU. Return: an entry; 0 at the end, or when it is time to let others run: see @pos->end.
 */
unsigned long lvs_table_next(const struct lvs_table *t, struct lvs_table_pos *pos)
{
	int run = LVS_ORDER_RUN;

	while (!pos->end && run--) {
		struct span span = span_of(t, pos->next), again;
		u64 last = pos->next | (~0ULL >> span.bits), best = 0;
		const struct lvs_bucket *b = lvs_table_bucket_at(t, span.i);
		struct lvs_bucket_walk walk = lvs_bucket_walk_begin(b);
		unsigned long entry, found = 0;
		u64 word = walk.word, place;

		while ((entry = lvs_bucket_next(&walk))) {
			place = order(lvs_table_hash(t, (const void *)(entry & ~LVS_ENTRY_DIR), t->ipv6));
			if (place < pos->next || place > last || (found && place > best))
				continue;
			best = place;
			found = entry;
		}
		/* as in lvs_table_search(): has anything been moved that may have been missed? */
		smp_rmb();
		again = span_of(t, pos->next);
		if (again.i != span.i || again.bits != span.bits || READ_ONCE(b->word) != word)
			continue;
		if (!found)
			best = last;
		pos->next = best + 1;
		pos->end = best == ~0ULL;
		if (found)
			return found;
	}
	return 0;
}
