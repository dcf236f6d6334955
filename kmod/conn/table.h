/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_TABLE_H
#define _LVS_CONN_TABLE_H

#include <linux/rcupdate.h>
#include <linux/siphash.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>

struct lvs_bucket;
struct lvs_net;

/**
 * struct lvs_segments - where the buckets are
 * @rcu: for freeing it when a longer one takes its place
 * @n: length of @at
 * @at: LVS_TABLE_SEGMENT buckets each
 */
struct lvs_segments {
	struct rcu_head rcu;
	u32 n;
	struct lvs_bucket *at[];
};

/* Buckets of a segment; stripes; buckets that a table begins with and never falls below: one number, see table.c. */
#define LVS_TABLE_SEGMENT 512

/**
 * struct lvs_stripe - what protects a share of the buckets
 * @lock: protects the buckets whose number is, modulo LVS_TABLE_SEGMENT, that of the stripe
 * @entries: in these buckets
 */
struct lvs_stripe {
	spinlock_t lock;
	u32 entries;
};

/**
 * struct lvs_table - a conn table, of one family
 * @segments: the buckets; replaced by the worker, read under RCU
 * @secret: key of the hash
 * @n: buckets; under @resize_lock, read locklessly
 * @mask: the power of 2 that is not less than @n, minus 1; as @n
 * @room: buckets in segments; under @resize_lock
 * @urgent: the worker has been told to come at once; written under @resize_lock, and by the worker when it comes
 * @ipv6: which family's
 * @stopped: the worker is not queued any more
 * @stripes: by the lowest bits of hashes
 * @resize_lock: protects @n, @mask, @room; BH off; a stripe's lock is taken inside
 * @work: makes segments, shrinks the table
 */
struct lvs_table {
	struct lvs_segments __rcu *segments;
	siphash_key_t secret;
	u32 n;
	u32 mask;
	u32 room;
	bool urgent;
	bool ipv6;
	bool stopped;
	struct lvs_stripe *stripes;
	spinlock_t resize_lock;
	struct delayed_work work;
};

/**
 * struct lvs_table_pos - a place in a table, whatever becomes of the table
 * @next: all entries whose hashes are before it, in a certain order, have been passed
 * @end: all have
 *
 * All zero is the beginning.
 */
struct lvs_table_pos {
	u64 next;
	bool end;
};

int lvs_table_init(struct lvs_table *t, bool ipv6);
void lvs_table_exit(struct lvs_table *t);
int lvs_table_add(struct lvs_table *t, unsigned long entry, unsigned long *found);
void lvs_table_del(struct lvs_table *t, unsigned long entry);
unsigned long lvs_table_search(const struct lvs_table *t, u64 hash, const void *key, const struct lvs_bucket *first,
			       u64 word);
unsigned long lvs_table_search4(const struct lvs_table *t, u64 hash, u64 w0, u64 w1, const struct lvs_bucket *first,
				u64 word);
unsigned long lvs_table_search6(const struct lvs_table *t, u64 hash, u64 w0, u64 w1, u64 w2, u64 w3, u64 w4,
				const struct lvs_bucket *first, u64 word);

int lvs_conn_table_init(struct lvs_net *ln);
void lvs_conn_table_exit(struct lvs_net *ln);
u32 lvs_conn_table_size(struct lvs_net *ln);

/* conn/resize.c */
void lvs_table_grow(struct lvs_table *t);
void lvs_table_shrink_later(struct lvs_table *t);
int lvs_table_resize_init(struct lvs_table *t);
void lvs_table_resize_exit(struct lvs_table *t);

/* conn/order.c */
unsigned long lvs_table_next(const struct lvs_table *t, struct lvs_table_pos *pos);

#endif
