/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_LOOKUP_H
#define _LVS_CONN_LOOKUP_H

#include <linux/rhashtable.h>

#include "../net.h"
#include "conn.h"
#include "hash.h"

/*
 * lvs_conn_lookup() for every packet of the fast path: rhashtable_lookup(), but all of it inline, which compilers do not do
 * of themselves. A chain ends with a marker of its bucket: if it is another one's, a node was moved while the chain was
 * walked. What is not in a table may be in the one that replaces it.
 */
#define LVS_CONN_LOOKUP(ht, key_, hash_fn, equal_fn, type)						\
({													\
	const struct bucket_table *_tbl = rht_dereference_rcu((ht)->tbl, ht);				\
	struct rhash_lock_head __rcu *const *_bkt;							\
	struct rhash_head *_he;										\
	type *_node = NULL;										\
	unsigned int _hash;										\
													\
	do {												\
		_hash = rht_bucket_index(_tbl, hash_fn(key_, _tbl->hash_rnd, &lvs_conn_hash_key));	\
		_bkt = rht_bucket(_tbl, _hash);								\
		do {											\
			rht_for_each_rcu_from(_he, rht_ptr_rcu(_bkt), _tbl, _hash) {			\
				_node = container_of(_he, type, head);					\
				if (likely(equal_fn(&_node->key, key_)))				\
					break;								\
			}										\
		} while (unlikely(rht_is_a_nulls(_he) && _he != RHT_NULLS_MARKER(_bkt)));		\
		if (likely(!rht_is_a_nulls(_he)))							\
			break;										\
		_node = NULL;										\
		/* pairs with the barrier of who moves nodes */						\
		smp_rmb();										\
		_tbl = rht_dereference_rcu(_tbl->future_tbl, ht);					\
	} while (unlikely(_tbl));									\
	_node;												\
})

static __always_inline struct lvs_conn *lvs_conn_lookup4(struct lvs_net *ln, const struct lvs_key4 *key,
							 enum lvs_dir *dir)
{
	struct lvs_node4 *node = LVS_CONN_LOOKUP(&ln->conns[0], key, lvs_key4_hash, lvs_key4_equal, struct lvs_node4);

	if (unlikely(!node))
		return NULL;
	*dir = node->dir;
	return lvs_node4_conn(node);
}

static __always_inline struct lvs_conn *lvs_conn_lookup6(struct lvs_net *ln, const struct lvs_key6 *key,
							 enum lvs_dir *dir)
{
	struct lvs_node6 *node = LVS_CONN_LOOKUP(&ln->conns[1], key, lvs_key6_hash, lvs_key6_equal, struct lvs_node6);

	if (unlikely(!node))
		return NULL;
	*dir = node->dir;
	return lvs_node6_conn(node);
}

#endif
