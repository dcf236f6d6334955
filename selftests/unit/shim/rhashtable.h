/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A hash table with the face of the kernel's, of fixed size. Taking out what is
 * not in, or putting in what is, aborts.
 */
#ifndef UNIT_SHIM_RHASHTABLE_H
#define UNIT_SHIM_RHASHTABLE_H

struct rhash_head {
	struct rhash_head *next;
};

struct rhashtable_compare_arg {
	const void *key;
};

struct rhashtable_params {
	u16 nelem_hint;
	u16 key_len;
	u16 key_offset;
	u16 head_offset;
	unsigned int max_size;
	u16 min_size;
	bool automatic_shrinking;
	u32 (*hashfn)(const void *data, u32 len, u32 seed);
	int (*obj_cmpfn)(struct rhashtable_compare_arg *arg, const void *obj);
};

struct bucket_table {
	unsigned int size;
	struct rhash_head *bucket[1024];
};

struct rhashtable {
	struct bucket_table *tbl;
	struct rhashtable_params p;
	unsigned int count;
	u32 seed;
};

int rhashtable_init(struct rhashtable *ht, const struct rhashtable_params *params);
void rhashtable_destroy(struct rhashtable *ht);
void *rhashtable_lookup(struct rhashtable *ht, const void *key, const struct rhashtable_params p);
void *rhashtable_lookup_get_insert_fast(struct rhashtable *ht, struct rhash_head *obj,
					const struct rhashtable_params p);
int rhashtable_insert_fast(struct rhashtable *ht, struct rhash_head *obj,
			   const struct rhashtable_params p);
int rhashtable_remove_fast(struct rhashtable *ht, struct rhash_head *obj,
			   const struct rhashtable_params p);

#define rht_dereference_rcu(p, ht) (p)

#endif
