/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_BUCKET_H
#define _LVS_CONN_BUCKET_H

#include <linux/bitops.h>
#include <linux/cache.h>
#include <linux/rcupdate.h>

#include "hash.h"

/*
 * An entry of the table is the address of a conn's key, with its direction in the lowest bit. Keys are aligned to 8 bytes;
 * the second bit tells the address of a further bucket from an entry.
 */
#define LVS_ENTRY_DIR	1UL
#define LVS_ENTRY_MORE	2UL

#define LVS_BUCKET_SLOTS 7
/* slots of a further bucket: the others are its rcu_head */
#define LVS_MORE_SLOTS	5
/* the slot that has the address of a further bucket once there is one */
#define LVS_SLOT_MORE	4

/**
 * struct lvs_bucket - a cache line of entries
 * @word: byte i is the tag of slot i, 0 if the slot is empty; the last byte is stepped when an entry is moved from a further
 *	  bucket to one before it
 * @slot: entries; what is in an empty slot means nothing
 * @rcu: of a further bucket, after it has been taken out
 *
 * Written under the lock of the stripe, read under RCU.
 */
struct lvs_bucket {
	u64 word;
	union {
		unsigned long slot[LVS_BUCKET_SLOTS];
		struct {
			unsigned long more_slot[LVS_MORE_SLOTS];
			struct rcu_head rcu;
		};
	};
};

#define LVS_TAGS_ONE	0x0101010101010101ULL
/* the highest bits of the tags of a bucket, of a further one */
#define LVS_TAGS_ALL	0x0080808080808080ULL
#define LVS_TAGS_MORE	0x0000008080808080ULL

/* The part of a hash that a bucket keeps: not the one that chooses the bucket. Never 0; nor 1, see lvs_bucket_scan(). */
static __always_inline u8 lvs_hash_tag(u64 hash)
{
	u8 tag = hash >> 56;

	return tag < 2 ? tag + 2 : tag;
}

/* The slot of the lowest of these bits. */
static __always_inline int lvs_word_slot(u64 bits)
{
	return __ffs64(bits) >> 3;
}

static __always_inline bool lvs_entry_is(unsigned long entry, const void *key, bool ipv6)
{
	const void *at = (const void *)(entry & ~LVS_ENTRY_DIR);

	return ipv6 ? lvs_key6_equal(at, key) : lvs_key4_equal(at, key);
}

/**
 * lvs_bucket_scan - look for a key in one bucket
 * @b: bucket
 * @word: its word, read before
 * @tag: tag of the key's hash
 * @all: LVS_TAGS_ALL or LVS_TAGS_MORE
 * @key: struct lvs_key4 or lvs_key6
 * @ipv6: which of them
 *
 * Whatever has been done to the bucket since its word was read: an entry whose tag was in it is of a conn that lives until
 * rcu_read_unlock(), and what may be in its slot by now is such an entry or LVS_ENTRY_MORE, with an address or without.
 * Return: the entry, 0 if it is not here.
 */
static __always_inline unsigned long lvs_bucket_scan(const struct lvs_bucket *b, u64 word, u8 tag, u64 all,
						     const void *key, bool ipv6)
{
	u64 other = word ^ tag * LVS_TAGS_ONE;
	/*
	 * The highest bit of each byte that is 0. Behind such a one it may be set in a byte that is 1, too, which only costs
	 * time: that slot's tag is another one by its lowest bit, and as no tag is 1 the slot is not empty.
	 */
	u64 hits = (other - LVS_TAGS_ONE) & ~other & all;
	unsigned long entry;

	for (; hits; hits &= hits - 1) {
		entry = READ_ONCE(b->slot[lvs_word_slot(hits)]);
		if (unlikely(entry & LVS_ENTRY_MORE))
			continue;
		if (likely(lvs_entry_is(entry, key, ipv6)))
			return entry;
	}
	return 0;
}

/* The bucket that follows, NULL if there is none. */
static inline struct lvs_bucket *lvs_bucket_more(const struct lvs_bucket *b)
{
	unsigned long more = READ_ONCE(b->slot[LVS_SLOT_MORE]);

	return more & LVS_ENTRY_MORE ? (struct lvs_bucket *)(more & ~LVS_ENTRY_MORE) : NULL;
}

static inline u8 lvs_bucket_tag(u64 word, int slot)
{
	return word >> slot * 8;
}

/* The highest bit of each byte of a word that is 0. */
static __always_inline u64 lvs_word_empty(u64 word)
{
	const u64 low = ~(LVS_TAGS_ONE << 7);

	return ~(((word & low) + low) | word | low);
}

static __always_inline u64 lvs_word_with(u64 word, int slot, u8 tag)
{
	return (word & ~(0xffULL << slot * 8)) | (u64)tag << slot * 8;
}

/**
 * struct lvs_bucket_walk - a walk over the entries of a bucket and those that follow it
 * @b: where it is
 * @word: word of @b
 * @left: the highest bit of each tag that is to be visited
 * @tag: tag of the entry visited last
 */
struct lvs_bucket_walk {
	const struct lvs_bucket *b;
	u64 word;
	u64 left;
	u8 tag;
};

static inline struct lvs_bucket_walk lvs_bucket_walk_begin(const struct lvs_bucket *first)
{
	u64 word = READ_ONCE(first->word);

	return (struct lvs_bucket_walk){ .b = first, .word = word, .left = ~lvs_word_empty(word) & LVS_TAGS_ALL };
}

unsigned long lvs_bucket_next(struct lvs_bucket_walk *walk);
unsigned long lvs_bucket_find_more(const struct lvs_bucket *b, u8 tag, const void *key, bool ipv6);
int lvs_bucket_add(struct lvs_bucket *b, unsigned long entry, u8 tag);
void lvs_bucket_del(struct lvs_bucket *first, unsigned long entry, u8 tag);
void lvs_bucket_clear(struct lvs_bucket *first);
int lvs_bucket_cache_init(void);
void lvs_bucket_cache_exit(void);

#endif
