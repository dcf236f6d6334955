// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: conn table
 *
 * One table per namespace and family holds an entry for every direction in which packets of a conn can be told from their
 * tuple alone: the client's (always) and, for NAT, the server's. One lookup therefore finds either direction. The hash
 * is keyed, by each table with a key of its own, and covers the whole tuple.
 *
 * A bucket is a cache line, and has what tells nearly all other conns from the one that is looked for: conn/bucket.c. The
 * table is resized one bucket at a time: bucket n is split off the one whose number is n without its highest bit, and
 * merged into it again. So there is never a second table, and nothing happens all at once: conn/resize.c.
 *
 * Lookup is RCU only. An insert looks the key up and adds it under one lock, so one flow never gets two conns.
 *
 * DOC: locking
 *
 * A bucket is changed under the lock of its stripe, which follows from the lowest bits of the hash alone: it is the same one
 * however many buckets there are, and for both that a split or merge is about. lvs_table::resize_lock comes before it,
 * a conn's lock before both. BH is off.
 */
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/mm.h>

#include "../net.h"
#include "bucket.h"
#include "conn.h"
#include "lookup.h"
#include "table.h"

/* Entries for each bucket, on average, from which on the table grows. */
#define LVS_TABLE_LOAD 5

/* Below so many it may have to shrink: see LVS_TABLE_SPARSE. */
#define LVS_TABLE_LOAD_LOW 1

static struct lvs_stripe *stripe_of(const struct lvs_table *t, u64 hash)
{
	return &t->stripes[hash % LVS_TABLE_SEGMENT];
}

static const void *entry_key(unsigned long entry)
{
	return (const void *)(entry & ~LVS_ENTRY_DIR);
}

static u64 entry_hash(const struct lvs_table *t, unsigned long entry)
{
	return lvs_table_hash(t, entry_key(entry), t->ipv6);
}

/**
 * lvs_table_search - look for a key behind the bucket where it should be
 * @t: table
 * @hash: hash of @key
 * @key: struct lvs_key4 or lvs_key6
 * @first: bucket in which it is not
 * @word: word of @first before it was looked for there
 *
 * The end of lvs_table_find(). It was not to be found if nothing was moved meanwhile that it could have been.
 * Context: RCU. Return: the entry, 0 if there is none.
 */
unsigned long lvs_table_search(const struct lvs_table *t, u64 hash, const void *key, const struct lvs_bucket *first,
			       u64 word)
{
	u8 tag = lvs_hash_tag(hash);
	const struct lvs_bucket *b;
	unsigned long entry;

	for (;;) {
		entry = lvs_bucket_find_more(first, tag, key, t->ipv6);
		if (entry)
			return entry;
		/* pairs with the stores of who moves entries: a new place, the way to it, and only then the old one */
		smp_rmb();
		b = lvs_table_bucket(t, hash);
		if (b == first && READ_ONCE(b->word) == word)
			return 0;
		first = b;
		word = READ_ONCE(b->word);
		entry = lvs_bucket_scan(b, word, tag, LVS_TAGS_ALL, key, t->ipv6);
		if (entry)
			return entry;
	}
}

/**
 * lvs_table_search4 - lvs_table_search() for the fast path
 * @t: IPv4 table
 * @hash: hash of the key
 * @w0: first word of the key
 * @w1: the second
 * @first: as for lvs_table_search()
 * @word: likewise
 *
 * Context: RCU. Return: as lvs_table_search().
 */
unsigned long lvs_table_search4(const struct lvs_table *t, u64 hash, u64 w0, u64 w1, const struct lvs_bucket *first,
				u64 word)
{
	const struct lvs_key4 key = { .words = { w0, w1 } };

	return lvs_table_search(t, hash, &key, first, word);
}

/**
 * lvs_table_search6 - lvs_table_search() for the fast path
 * @t: IPv6 table
 * @hash: hash of the key
 * @w0: first word of the key
 * @w1: the second
 * @w2: the third
 * @w3: the fourth
 * @w4: the fifth
 * @first: as for lvs_table_search()
 * @word: likewise
 *
 * Context: RCU. Return: as lvs_table_search().
 */
unsigned long lvs_table_search6(const struct lvs_table *t, u64 hash, u64 w0, u64 w1, u64 w2, u64 w3, u64 w4,
				const struct lvs_bucket *first, u64 word)
{
	const struct lvs_key6 key = { .words = { w0, w1, w2, w3, w4 } };

	return lvs_table_search(t, hash, &key, first, word);
}

/**
 * lvs_table_add - add an entry, unless its key is there
 * @t: table
 * @entry: what to add
 * @found: set to the entry that has the key, on -EEXIST
 *
 * Context: RCU, BH off. Never sleeps.
 * Return: 0, -EEXIST or -ENOMEM.
 */
int lvs_table_add(struct lvs_table *t, unsigned long entry, unsigned long *found)
{
	const void *key = entry_key(entry);
	u64 hash = lvs_table_hash(t, key, t->ipv6);
	struct lvs_stripe *stripe = stripe_of(t, hash);
	u8 tag = lvs_hash_tag(hash);
	struct lvs_bucket *b;
	bool crowded;
	int err;

	spin_lock(&stripe->lock);
	b = lvs_table_bucket(t, hash);
	*found = lvs_bucket_scan(b, b->word, tag, LVS_TAGS_ALL, key, t->ipv6) ?: lvs_bucket_find_more(b, tag, key, t->ipv6);
	if (unlikely(*found)) {
		spin_unlock(&stripe->lock);
		return -EEXIST;
	}
	err = lvs_bucket_add(b, entry, tag);
	WRITE_ONCE(stripe->entries, stripe->entries + !err);
	crowded = (u64)stripe->entries * LVS_TABLE_SEGMENT > (u64)READ_ONCE(t->n) * LVS_TABLE_LOAD;
	spin_unlock(&stripe->lock);
	if (crowded)
		lvs_table_grow(t);
	return err;
}

/**
 * lvs_table_del - take an entry out
 * @t: table
 * @entry: an entry that is in the table
 *
 * Who found it before may use it for another grace period. Context: BH off.
 */
void lvs_table_del(struct lvs_table *t, unsigned long entry)
{
	u64 hash = entry_hash(t, entry);
	struct lvs_stripe *stripe = stripe_of(t, hash);
	bool sparse;

	spin_lock(&stripe->lock);
	lvs_bucket_del(lvs_table_bucket(t, hash), entry, lvs_hash_tag(hash));
	WRITE_ONCE(stripe->entries, stripe->entries - 1);
	sparse = (u64)stripe->entries * LVS_TABLE_SEGMENT < (u64)READ_ONCE(t->n) * LVS_TABLE_LOAD_LOW;
	spin_unlock(&stripe->lock);
	if (sparse && READ_ONCE(t->n) > LVS_TABLE_SEGMENT)
		lvs_table_shrink_later(t);
}

/**
 * lvs_table_init - make a table
 * @t: table
 * @ipv6: for keys of IPv6
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int lvs_table_init(struct lvs_table *t, bool ipv6)
{
	int err, i;

	memset(t, 0, sizeof(*t));
	t->ipv6 = ipv6;
	get_random_bytes(&t->secret, sizeof(t->secret));
	t->stripes = kvcalloc(LVS_TABLE_SEGMENT, sizeof(*t->stripes), GFP_KERNEL_ACCOUNT);
	if (!t->stripes)
		return -ENOMEM;
	for (i = 0; i < LVS_TABLE_SEGMENT; i++)
		spin_lock_init(&t->stripes[i].lock);
	err = lvs_table_resize_init(t);
	if (err)
		kvfree(t->stripes);
	return err;
}

/**
 * lvs_table_exit - free a table
 * @t: table; it is empty, and a grace period has passed since
 *
 * Context: process.
 */
void lvs_table_exit(struct lvs_table *t)
{
	lvs_table_resize_exit(t);
	kvfree(t->stripes);
}

/* ---- conns ------------------------------------------------------------------------------------------------------ */

static struct lvs_table *table_of(struct lvs_net *ln, u8 af)
{
	return &ln->conns[lvs_af_index(af)];
}

static unsigned long conn_entry(struct lvs_conn *cp, enum lvs_dir dir)
{
	return (cp->af == AF_INET ? (unsigned long)&lvs_conn_keys4(cp)[dir] : (unsigned long)&lvs_conn_keys6(cp)[dir]) | dir;
}

/**
 * lvs_conn_lookup - find the conn that a tuple belongs to
 * @ln: namespace
 * @af: family
 * @key: tuple as the packet has it
 * @dir: set to the direction of the packet when a conn is found
 *
 * Context: any, RCU. Takes no lock and no reference and writes nothing.
 * Return: the conn, valid until rcu_read_unlock(), in any stage of its life (see lvs_conn_usable()); or NULL.
 */
struct lvs_conn *lvs_conn_lookup(struct lvs_net *ln, u8 af, const union lvs_key *key, enum lvs_dir *dir)
{
	return af == AF_INET ? lvs_conn_lookup4(ln, &key->v4, dir) : lvs_conn_lookup6(ln, &key->v6, dir);
}

/**
 * lvs_conn_hash - add one direction of a conn to the table, unless its tuple is there
 * @ln: namespace
 * @cp: conn; the key of that direction is filled in
 * @dir: direction
 * @found: set to the conn that has the tuple, on -EEXIST
 *
 * Context: RCU, BH off. Never sleeps.
 * Return: 0, -EEXIST or -ENOMEM.
 */
int lvs_conn_hash(struct lvs_net *ln, struct lvs_conn *cp, enum lvs_dir dir, struct lvs_conn **found)
{
	enum lvs_dir its_dir;
	unsigned long entry;
	int err = lvs_table_add(table_of(ln, cp->af), conn_entry(cp, dir), &entry);

	if (err == -EEXIST)
		*found = lvs_entry_conn(entry, cp->af == AF_INET6, &its_dir);
	return err;
}

/**
 * lvs_conn_unhash - take one direction of a conn out of the table
 * @ln: namespace
 * @cp: conn
 * @dir: a direction that is in the table
 *
 * Packets that found the conn before may use it for another grace period. Context: BH off.
 */
void lvs_conn_unhash(struct lvs_net *ln, struct lvs_conn *cp, enum lvs_dir dir)
{
	lvs_table_del(table_of(ln, cp->af), conn_entry(cp, dir));
}

/**
 * lvs_conn_table_size - buckets of the IPv4 conn table
 * @ln: namespace
 *
 * What listings show as the table's size. Context: any.
 * Return: number of buckets now, or what a table starts with while the namespace has none.
 */
u32 lvs_conn_table_size(struct lvs_net *ln)
{
	return lvs_net_active(ln) ? READ_ONCE(ln->conns[0].n) : LVS_TABLE_SEGMENT;
}

/**
 * lvs_conn_table_init - make the conn tables of a namespace
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_conn_table_init(struct lvs_net *ln)
{
	int err;

	err = lvs_table_init(&ln->conns[0], false);
	if (err)
		return err;
	err = lvs_table_init(&ln->conns[1], true);
	if (err)
		lvs_table_exit(&ln->conns[0]);
	return err;
}

/**
 * lvs_conn_table_exit - free the conn tables
 * @ln: namespace; no conn is hashed, and a grace period has passed since the last was
 *
 * Context: process.
 */
void lvs_conn_table_exit(struct lvs_net *ln)
{
	lvs_table_exit(&ln->conns[0]);
	lvs_table_exit(&ln->conns[1]);
}
