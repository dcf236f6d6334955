// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: size of the conn table
 *
 * Who inserts an entry where it is crowded splits one bucket, whichever is next: so the table grows as fast as conns come,
 * however busy the CPUs are, and none of them has to wait for more than that. The buckets are there already: a worker makes
 * them ahead of need, in process context. Should it come late, buckets get fuller for a while. The worker merges buckets
 * when entries have become few.
 *
 * A split copies what is to move to the new bucket, then tells readers that there is one more, and only then takes it
 * out of the old one. Merging is the same the other way round. Readers that have found nothing look whether it is still
 * the right bucket: see lvs_table_search().
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "../net.h"
#include "../test/latch.h"
#include "bucket.h"
#include "lookup.h"
#include "table.h"

/* Entries for each bucket below which a table is shrunk, and up to which. */
#define LVS_TABLE_SPARSE 1
#define LVS_TABLE_SHRUNK 2

/* Buckets merged between two chances to reschedule. */
#define LVS_TABLE_BATCH 64

/* Segments in the first array. */
#define LVS_TABLE_ARRAY 32

/* Buckets that shall be there for a table of @n: split and yet to be. */
static u32 room_wanted(u32 n)
{
	return roundup(n + n / 32 + LVS_TABLE_SEGMENT / 2, LVS_TABLE_SEGMENT);
}

static bool room_short(const struct lvs_table *t)
{
	return t->room < t->n + t->n / 64 + LVS_TABLE_SEGMENT / 4;
}

static struct lvs_stripe *stripe_of_bucket(const struct lvs_table *t, u32 i)
{
	return &t->stripes[i % LVS_TABLE_SEGMENT];
}

static bool moves(const struct lvs_table *t, u32 n, unsigned long entry)
{
	u64 hash = lvs_table_hash(t, (const void *)(entry & ~LVS_ENTRY_DIR), t->ipv6);

	return ((u32)hash & t->mask) == n;
}

/* Splits a bucket without further ones; nobody knows @to yet. */
static void split_line(struct lvs_table *t, u32 n, struct lvs_bucket *from, struct lvs_bucket *to)
{
	u64 left = ~lvs_word_empty(from->word) & LVS_TAGS_ALL, stays = from->word, word = to->word;
	int slot, next = 0;

	for (; left; left &= left - 1) {
		slot = lvs_word_slot(left);
		if (!moves(t, n, from->slot[slot]))
			continue;
		WRITE_ONCE(to->slot[next], from->slot[slot]);
		word = lvs_word_with(word, next++, lvs_bucket_tag(from->word, slot));
		stays = lvs_word_with(stays, slot, 0);
	}
	/* the entries before their tags */
	smp_store_release(&to->word, word);
	lvs_latch(split);
	/* pairs with lvs_table_bucket() */
	smp_store_release(&t->n, n + 1);
	lvs_latch(split_known);
	/* pairs with lvs_table_search(): the new bucket before the old one is emptied */
	smp_store_release(&from->word, stays);
}

/* Copies to bucket @n what belongs there. On failure nothing has changed. */
static int split_copy(struct lvs_table *t, u32 n, struct lvs_bucket *from, struct lvs_bucket *to)
{
	struct lvs_bucket_walk walk = lvs_bucket_walk_begin(from);
	unsigned long entry;
	int err;

	while ((entry = lvs_bucket_next(&walk))) {
		if (!moves(t, n, entry))
			continue;
		err = lvs_bucket_add(to, entry, walk.tag);
		if (err) {
			lvs_bucket_clear(to);
			return err;
		}
	}
	return 0;
}

/* The highest bit of numbers of buckets is not needed any more, or not yet. */
static void mask_fit(struct lvs_table *t)
{
	if (t->n != (t->mask >> 1) + 1)
		return;
	/* pairs with lvs_table_mask(): what was copied to the lower half */
	smp_store_release(&t->mask, t->mask >> 1);
}

/* Splits any bucket. */
static void split_chain(struct lvs_table *t, u32 n, struct lvs_bucket *from, struct lvs_bucket *to)
{
	struct lvs_bucket_walk walk;
	unsigned long entry;

	if (split_copy(t, n, from, to))
		return;
	lvs_latch(split);
	/* pairs with lvs_table_bucket() */
	smp_store_release(&t->n, n + 1);
	lvs_latch(split_known);
	walk = lvs_bucket_walk_begin(to);
	while ((entry = lvs_bucket_next(&walk)))
		lvs_bucket_del(from, entry, walk.tag);
}

/* Makes one bucket more. There is room for it. */
static void split(struct lvs_table *t)
{
	u32 n = t->n;
	struct lvs_stripe *stripe = stripe_of_bucket(t, n);
	struct lvs_bucket *from, *to = lvs_table_bucket_at(t, n);

	lockdep_assert_held(&t->resize_lock);
	if (n > t->mask)
		WRITE_ONCE(t->mask, t->mask * 2 + 1);
	from = lvs_table_bucket_at(t, n & (t->mask >> 1));
	spin_lock(&stripe->lock);
	if (likely(!lvs_bucket_more(from)))
		split_line(t, n, from, to);
	else
		split_chain(t, n, from, to);
	spin_unlock(&stripe->lock);
	mask_fit(t);
}

/* Copies all of a bucket to another. On failure nothing has changed. */
static int merge_copy(struct lvs_bucket *from, struct lvs_bucket *to)
{
	struct lvs_bucket_walk walk = lvs_bucket_walk_begin(from), back = walk;
	unsigned long entry, failed;

	while ((entry = lvs_bucket_next(&walk)))
		if (lvs_bucket_add(to, entry, walk.tag))
			break;
	if (!entry)
		return 0;
	failed = entry;
	while ((entry = lvs_bucket_next(&back)) != failed)
		lvs_bucket_del(to, entry, back.tag);
	return -ENOMEM;
}

/* Makes one bucket less, of more than LVS_TABLE_SEGMENT. */
static int merge(struct lvs_table *t)
{
	u32 n = t->n - 1, half = t->mask >> 1;
	struct lvs_stripe *stripe = stripe_of_bucket(t, n);
	struct lvs_bucket *from = lvs_table_bucket_at(t, n);
	int err;

	lockdep_assert_held(&t->resize_lock);
	spin_lock(&stripe->lock);
	err = merge_copy(from, lvs_table_bucket_at(t, n & half));
	if (!err) {
		lvs_latch(merge);
		/* pairs with lvs_table_bucket(); and what was copied is to be seen by who sees this */
		smp_store_release(&t->n, n);
		lvs_latch(merge_known);
		lvs_bucket_clear(from);
	}
	spin_unlock(&stripe->lock);
	mask_fit(t);
	return err;
}

/**
 * lvs_table_grow - an entry has come to where it is crowded
 * @t: table
 *
 * Context: BH off. No stripe is locked.
 */
void lvs_table_grow(struct lvs_table *t)
{
	/* another CPU is at it */
	if (!spin_trylock(&t->resize_lock))
		return;
	if (t->n < t->room)
		split(t);
	if (unlikely(room_short(t)) && !READ_ONCE(t->urgent) && !READ_ONCE(t->stopped)) {
		WRITE_ONCE(t->urgent, true);
		mod_delayed_work(lvs_wq, &t->work, 0);
	}
	spin_unlock(&t->resize_lock);
}

/**
 * lvs_table_shrink_later - an entry has left where there are few
 * @t: table
 *
 * Context: any.
 */
void lvs_table_shrink_later(struct lvs_table *t)
{
	if (!delayed_work_pending(&t->work) && !READ_ONCE(t->stopped))
		queue_delayed_work(lvs_wq, &t->work, HZ);
}

static u32 entries_count(const struct lvs_table *t)
{
	u32 sum = 0;
	int i;

	for (i = 0; i < LVS_TABLE_SEGMENT; i++)
		sum += READ_ONCE(t->stripes[i].entries);
	return sum;
}

/* Merges up to a batch of buckets. Returns whether there is more to do. */
static bool shrink_some(struct lvs_table *t, u32 below)
{
	bool more = true;
	int i;

	for (i = 0; i < LVS_TABLE_BATCH && more; i++) {
		spin_lock_bh(&t->resize_lock);
		more = t->n > LVS_TABLE_SEGMENT && t->n > below && !merge(t);
		spin_unlock_bh(&t->resize_lock);
	}
	return more;
}

static void shrink(struct lvs_table *t)
{
	if (entries_count(t) >= READ_ONCE(t->n) * LVS_TABLE_SPARSE)
		return;
	while (shrink_some(t, entries_count(t) / LVS_TABLE_SHRUNK))
		cond_resched();
}

static void segments_free_rcu(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct lvs_segments, rcu));
}

/* Only the worker changes the array. */
static struct lvs_segments *segments_of(struct lvs_table *t)
{
	return rcu_dereference_protected(t->segments, true);
}

static struct lvs_segments *segments_alloc(u32 n)
{
	struct lvs_segments *s = kvzalloc(struct_size(s, at, n), GFP_KERNEL | __GFP_NOWARN);

	if (s)
		s->n = n;
	return s;
}

/* Sees to it that the array has a place for segment @i. */
static struct lvs_segments *segments_with(struct lvs_table *t, u32 i)
{
	struct lvs_segments *old = segments_of(t), *s;

	if (i < old->n)
		return old;
	s = segments_alloc(old->n * 2);
	if (!s)
		return NULL;
	memcpy(s->at, old->at, old->n * sizeof(old->at[0]));
	rcu_assign_pointer(t->segments, s);
	call_rcu(&old->rcu, segments_free_rcu);
	return s;
}

/* Makes segments until there is room enough. */
static int room_make(struct lvs_table *t)
{
	struct lvs_segments *s;
	u32 i;

	while (READ_ONCE(t->room) < room_wanted(READ_ONCE(t->n))) {
		i = t->room / LVS_TABLE_SEGMENT;
		s = segments_with(t, i);
		if (!s)
			return -ENOMEM;
		s->at[i] = kvcalloc(LVS_TABLE_SEGMENT, sizeof(*s->at[i]), GFP_KERNEL | __GFP_NOWARN);
		if (!s->at[i])
			return -ENOMEM;
		spin_lock_bh(&t->resize_lock);
		t->room += LVS_TABLE_SEGMENT;
		spin_unlock_bh(&t->resize_lock);
		cond_resched();
	}
	return 0;
}

/* Frees segments that will not be needed soon. */
static void room_free(struct lvs_table *t)
{
	struct lvs_segments *s = segments_of(t);
	u32 had = t->room, i;

	spin_lock_bh(&t->resize_lock);
	if (room_wanted(t->n) + LVS_TABLE_SEGMENT < t->room)
		t->room = room_wanted(t->n);
	spin_unlock_bh(&t->resize_lock);
	if (t->room == had)
		return;
	/* whoever took a bucket of them for his has left it */
	synchronize_rcu();
	for (i = t->room / LVS_TABLE_SEGMENT; i < had / LVS_TABLE_SEGMENT; i++) {
		kvfree(s->at[i]);
		s->at[i] = NULL;
	}
}

static void resize_work(struct work_struct *work)
{
	struct lvs_table *t = container_of(to_delayed_work(work), struct lvs_table, work);

	WRITE_ONCE(t->urgent, false);
	shrink(t);
	if (room_make(t) && !READ_ONCE(t->stopped))
		queue_delayed_work(lvs_wq, &t->work, HZ);
	room_free(t);
}

/**
 * lvs_table_resize_init - make the first buckets
 * @t: table
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int lvs_table_resize_init(struct lvs_table *t)
{
	struct lvs_segments *s = segments_alloc(LVS_TABLE_ARRAY);

	if (!s)
		return -ENOMEM;
	s->at[0] = kvcalloc(LVS_TABLE_SEGMENT, sizeof(*s->at[0]), GFP_KERNEL_ACCOUNT);
	if (!s->at[0]) {
		kvfree(s);
		return -ENOMEM;
	}
	spin_lock_init(&t->resize_lock);
	INIT_DELAYED_WORK(&t->work, resize_work);
	t->n = LVS_TABLE_SEGMENT;
	t->mask = LVS_TABLE_SEGMENT - 1;
	t->room = LVS_TABLE_SEGMENT;
	rcu_assign_pointer(t->segments, s);
	return 0;
}

/**
 * lvs_table_resize_exit - free the buckets
 * @t: table; it is empty, and a grace period has passed since
 *
 * Context: process.
 */
void lvs_table_resize_exit(struct lvs_table *t)
{
	struct lvs_segments *s = segments_of(t);
	u32 i;

	WRITE_ONCE(t->stopped, true);
	cancel_delayed_work_sync(&t->work);
	for (i = 0; i < s->n; i++)
		kvfree(s->at[i]);
	kvfree(s);
}
