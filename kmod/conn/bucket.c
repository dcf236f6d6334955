// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: buckets of the conn table
 *
 * A bucket is a cache line: seven entries, and a byte of each one's hash, so that other conns' lines are hardly ever touched
 * in search of one. What does not fit goes to further buckets, each of which has its address in a slot of the one before.
 * Only the last of them has room: a hole is filled from its end.
 *
 * Readers go without a lock. An entry stays where it is, with two exceptions: the one whose slot is needed for the address
 * of a further bucket, where it is found under that address; and the one that fills a hole. A reader may have passed by
 * the hole before and see the end after. The first bucket's word is another one then, so who has found nothing looks at
 * it again (see lvs_table_find()).
 *
 * DOC: locking
 *
 * What changes a bucket holds the lock of its stripe. The order of stores is for readers: an entry before its tag, a new
 * place before the old one is given up.
 */
#include <linux/slab.h>

#include "bucket.h"

static struct kmem_cache *lvs_bucket_cache __read_mostly;

static void slot_set(struct lvs_bucket *b, int slot, unsigned long entry, u8 tag)
{
	/* who finds the entry sees the conn's key; who sees the tag sees the entry */
	smp_store_release(&b->slot[slot], entry);
	/* the same */
	smp_store_release(&b->word, lvs_word_with(b->word, slot, tag));
}

/* The slot is not emptied: a reader may know it as that of an entry, from a word that it has read before. */
static void more_clear(struct lvs_bucket *b)
{
	/* who sees that nothing follows sees where it went */
	smp_store_release(&b->slot[LVS_SLOT_MORE], LVS_ENTRY_MORE);
}

static void slot_clear(struct lvs_bucket *b, int slot)
{
	/* what came to another place before is seen there */
	smp_store_release(&b->word, lvs_word_with(b->word, slot, 0));
}

/* Returns -1 if there is none. @all: LVS_TAGS_ALL or LVS_TAGS_MORE */
static int slot_free(const struct lvs_bucket *b, u64 all)
{
	u64 empty = lvs_word_empty(b->word) & all;

	if (lvs_bucket_more(b))
		empty &= ~(0x80ULL << LVS_SLOT_MORE * 8);
	return empty ? lvs_word_slot(empty) : -1;
}

/* Returns -1 if the entry is not here. */
static int slot_of(const struct lvs_bucket *b, u64 all, unsigned long entry, u8 tag)
{
	u64 hits = lvs_word_empty(b->word ^ tag * LVS_TAGS_ONE) & all;

	for (; hits; hits &= hits - 1)
		if (b->slot[lvs_word_slot(hits)] == entry)
			return lvs_word_slot(hits);
	return -1;
}

/* Any slot that is used, or -1. */
static int slot_used(const struct lvs_bucket *b)
{
	u64 used = ~lvs_word_empty(b->word) & LVS_TAGS_MORE;

	return used ? lvs_word_slot(used) : -1;
}

/**
 * lvs_bucket_next - the next entry of a walk
 * @walk: the walk
 *
 * Not to be called again after the end. Context: RCU, or the stripe's lock is held.
 * Return: an entry, 0 at the end.
 */
unsigned long lvs_bucket_next(struct lvs_bucket_walk *walk)
{
	unsigned long entry;
	int slot;

	for (;;) {
		while (walk->left) {
			slot = lvs_word_slot(walk->left);
			walk->left &= walk->left - 1;
			walk->tag = lvs_bucket_tag(walk->word, slot);
			entry = READ_ONCE(walk->b->slot[slot]);
			if (likely(!(entry & LVS_ENTRY_MORE)))
				return entry;
		}
		/* the word before what follows */
		smp_rmb();
		walk->b = lvs_bucket_more(walk->b);
		if (!walk->b)
			return 0;
		walk->word = READ_ONCE(walk->b->word);
		walk->left = ~lvs_word_empty(walk->word) & LVS_TAGS_MORE;
	}
}

/**
 * lvs_bucket_find_more - look for a key behind a bucket
 * @b: bucket in which it is not
 * @tag: tag of the key's hash
 * @key: struct lvs_key4 or lvs_key6
 * @ipv6: which of them
 *
 * Context: RCU, or the stripe's lock is held. Return: the entry, 0 if there is none.
 */
unsigned long lvs_bucket_find_more(const struct lvs_bucket *b, u8 tag, const void *key, bool ipv6)
{
	unsigned long entry;

	for (;;) {
		/* what is in a bucket before what follows it */
		smp_rmb();
		b = lvs_bucket_more(b);
		if (!b)
			return 0;
		entry = lvs_bucket_scan(b, READ_ONCE(b->word), tag, LVS_TAGS_MORE, key, ipv6);
		if (entry)
			return entry;
	}
}

/**
 * lvs_bucket_add - add an entry
 * @b: first bucket; the entry is not there yet
 * @entry: what to add
 * @tag: tag of its hash
 *
 * Context: BH off, stripe locked.
 * Return: 0 or -ENOMEM.
 */
int lvs_bucket_add(struct lvs_bucket *b, unsigned long entry, u8 tag)
{
	int slot = slot_free(b, LVS_TAGS_ALL);
	struct lvs_bucket *more;

	while (slot < 0 && (more = lvs_bucket_more(b))) {
		b = more;
		slot = slot_free(b, LVS_TAGS_MORE);
	}
	if (slot >= 0) {
		slot_set(b, slot, entry, tag);
		return 0;
	}
	more = kmem_cache_zalloc(lvs_bucket_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!more)
		return -ENOMEM;
	slot_set(more, 0, b->slot[LVS_SLOT_MORE], lvs_bucket_tag(b->word, LVS_SLOT_MORE));
	slot_set(more, 1, entry, tag);
	/* what is in the further bucket, before the way to it; and that before the entry's old place is given up */
	smp_store_release(&b->slot[LVS_SLOT_MORE], (unsigned long)more | LVS_ENTRY_MORE);
	slot_clear(b, LVS_SLOT_MORE);
	return 0;
}

static void more_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(lvs_bucket_cache, container_of(rcu, struct lvs_bucket, rcu));
}

/* Takes the last bucket out if it is empty. @before: the one that has its address. */
static void last_drop(struct lvs_bucket *before, struct lvs_bucket *last)
{
	if (!before || slot_used(last) >= 0)
		return;
	more_clear(before);
	call_rcu(&last->rcu, more_free_rcu);
}

/**
 * lvs_bucket_del - take an entry out
 * @first: first bucket
 * @entry: an entry that is there
 * @tag: its tag
 *
 * Context: BH off, stripe locked.
 */
void lvs_bucket_del(struct lvs_bucket *first, unsigned long entry, u8 tag)
{
	struct lvs_bucket *b = first, *last, *before = NULL, *more;
	int slot = slot_of(b, LVS_TAGS_ALL, entry, tag), filler;

	while (slot < 0) {
		before = b;
		b = lvs_bucket_more(b);
		if (WARN_ON_ONCE(!b))
			return;
		slot = slot_of(b, LVS_TAGS_MORE, entry, tag);
	}
	for (last = b; (more = lvs_bucket_more(last)); last = more)
		before = last;
	if (last == b) {
		slot_clear(b, slot);
	} else {
		filler = slot_used(last);
		slot_set(b, slot, last->slot[filler], lvs_bucket_tag(last->word, filler));
		/* pairs with lvs_table_search(): the filler's new place first */
		smp_store_release(&first->word, first->word + (1ULL << 56));
		slot_clear(last, filler);
	}
	last_drop(before, last);
}

/**
 * lvs_bucket_clear - take all entries out
 * @first: first bucket
 *
 * Context: BH off, stripe locked.
 */
void lvs_bucket_clear(struct lvs_bucket *first)
{
	struct lvs_bucket *b = lvs_bucket_more(first), *more;

	/* what came to another place before is seen there */
	smp_store_release(&first->word, first->word & 0xffULL << 56);
	more_clear(first);
	for (; b; b = more) {
		more = lvs_bucket_more(b);
		call_rcu(&b->rcu, more_free_rcu);
	}
}

/**
 * lvs_bucket_cache_init - make the slab cache of further buckets
 *
 * Context: module init.
 * Return: 0 or -ENOMEM.
 */
int lvs_bucket_cache_init(void)
{
	lvs_bucket_cache = kmem_cache_create("lvs_bucket", sizeof(struct lvs_bucket), sizeof(struct lvs_bucket), 0, NULL);
	return lvs_bucket_cache ? 0 : -ENOMEM;
}

/**
 * lvs_bucket_cache_exit - free the slab cache; every table has been freed, and its RCU callbacks have run
 */
void lvs_bucket_cache_exit(void)
{
	kmem_cache_destroy(lvs_bucket_cache);
	lvs_bucket_cache = NULL;
}
