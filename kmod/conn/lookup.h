/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_LOOKUP_H
#define _LVS_CONN_LOOKUP_H

#include "../net.h"
#include "../test/latch.h"
#include "bucket.h"
#include "conn.h"
#include "table.h"

/* lvs_conn_lookup() for every packet of the fast path: inline, but for what is seldom. */

static __always_inline u64 lvs_table_hash(const struct lvs_table *t, const void *key, bool ipv6)
{
	return ipv6 ? lvs_key6_hash(key, &t->secret) : lvs_key4_hash(key, &t->secret);
}

static __always_inline struct lvs_bucket *lvs_table_bucket_at(const struct lvs_table *t, u32 i)
{
	return &rcu_dereference_raw(t->segments)->at[i / LVS_TABLE_SEGMENT][i % LVS_TABLE_SEGMENT];
}

/* Read after the number of buckets. */
static __always_inline u32 lvs_table_mask(const struct lvs_table *t)
{
	/* pairs with mask_fit(): where a smaller one leads to, all is that was in the buckets that went */
	return smp_load_acquire(&t->mask);
}

/* The bucket of a hash. Those that have not been split yet have the hashes of two. */
static __always_inline struct lvs_bucket *lvs_table_bucket(const struct lvs_table *t, u64 hash)
{
	/* pairs with who makes a bucket: what it consists of is seen */
	u32 n = smp_load_acquire(&t->n);
	u32 mask = lvs_table_mask(t);
	u32 i = (u32)hash & mask;

	if (i >= n)
		i &= mask >> 1;
	return lvs_table_bucket_at(t, i);
}

/* Under RCU. Returns an entry, 0 if there is none. */
static __always_inline unsigned long lvs_table_find(const struct lvs_table *t, u64 hash, const void *key, bool ipv6)
{
	const struct lvs_bucket *first = lvs_table_bucket(t, hash);
	const struct lvs_key4 *k4 = key;
	const struct lvs_key6 *k6 = key;
	unsigned long entry;
	u64 word;

	/* only where the bucket is another one after the table has grown from its first size, or shrunk to it */
	if (hash & LVS_TABLE_SEGMENT)
		lvs_latch(lookup);
	word = READ_ONCE(first->word);
	entry = lvs_bucket_scan(first, word, lvs_hash_tag(hash), LVS_TAGS_ALL, key, ipv6);
	if (likely(entry))
		return entry;
	/* word by word: a key whose address is given away would be in memory for every packet */
	if (ipv6)
		return lvs_table_search6(t, hash, k6->words[0], k6->words[1], k6->words[2], k6->words[3], k6->words[4],
					 first, word);
	return lvs_table_search4(t, hash, k4->words[0], k4->words[1], first, word);
}

/* The conn that an entry belongs to. */
static __always_inline struct lvs_conn *lvs_entry_conn(unsigned long entry, bool ipv6, enum lvs_dir *dir)
{
	*dir = entry & LVS_ENTRY_DIR;
	if (ipv6)
		return (struct lvs_conn *)((const struct lvs_key6 *)(entry & ~LVS_ENTRY_DIR) - *dir) - 1;
	return (struct lvs_conn *)((const struct lvs_key4 *)(entry & ~LVS_ENTRY_DIR) - *dir) - 1;
}

static __always_inline struct lvs_conn *lvs_conn_lookup4(struct lvs_net *ln, const struct lvs_key4 *key,
							 enum lvs_dir *dir)
{
	const struct lvs_table *t = &ln->conns[0];
	unsigned long entry = lvs_table_find(t, lvs_table_hash(t, key, false), key, false);

	return likely(entry) ? lvs_entry_conn(entry, false, dir) : NULL;
}

static __always_inline struct lvs_conn *lvs_conn_lookup6(struct lvs_net *ln, const struct lvs_key6 *key,
							 enum lvs_dir *dir)
{
	const struct lvs_table *t = &ln->conns[1];
	unsigned long entry = lvs_table_find(t, lvs_table_hash(t, key, true), key, true);

	return likely(entry) ? lvs_entry_conn(entry, true, dir) : NULL;
}

#endif
