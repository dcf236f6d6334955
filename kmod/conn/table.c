// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: conn table
 *
 * One rhashtable per namespace and family holds a node for every direction in which packets of a conn can be told from
 * their tuple alone: the client's (always) and, for NAT, the server's. One lookup therefore finds either direction.
 * Lookup is RCU only. An insert looks the key up and adds it atomically, so one flow never gets two conns. The hash is
 * keyed and covers the whole tuple.
 */
#include <linux/random.h>
#include <linux/rhashtable.h>

#include "../net.h"
#include "conn.h"
#include "hash.h"

hsiphash_key_t lvs_conn_hash_key __read_mostly;

/* Buckets that a table starts with and never falls below. */
#define LVS_CONN_BUCKETS 1024

static u32 key4_hash(const void *data, u32 len, u32 seed)
{
	return lvs_key4_hash(data, seed, &lvs_conn_hash_key);
}

static u32 key6_hash(const void *data, u32 len, u32 seed)
{
	return lvs_key6_hash(data, seed, &lvs_conn_hash_key);
}

/* Return 0 if they are equal. */
static int key4_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	return !lvs_key4_equal(arg->key, &((const struct lvs_node4 *)obj)->key);
}

static int key6_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	return !lvs_key6_equal(arg->key, &((const struct lvs_node6 *)obj)->key);
}

static const struct rhashtable_params conn_params4 = {
	.key_len = sizeof(struct lvs_key4),
	.key_offset = offsetof(struct lvs_node4, key),
	.head_offset = offsetof(struct lvs_node4, head),
	.hashfn = key4_hash,
	.obj_cmpfn = key4_cmp,
	.min_size = LVS_CONN_BUCKETS,
	.nelem_hint = LVS_CONN_BUCKETS * 3 / 4,
	.automatic_shrinking = true,
};

static const struct rhashtable_params conn_params6 = {
	.key_len = sizeof(struct lvs_key6),
	.key_offset = offsetof(struct lvs_node6, key),
	.head_offset = offsetof(struct lvs_node6, head),
	.hashfn = key6_hash,
	.obj_cmpfn = key6_cmp,
	.min_size = LVS_CONN_BUCKETS,
	.nelem_hint = LVS_CONN_BUCKETS * 3 / 4,
	.automatic_shrinking = true,
};

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
	struct lvs_node4 *node4;
	struct lvs_node6 *node6;

	if (af == AF_INET) {
		node4 = rhashtable_lookup(&ln->conns[0], &key->v4, conn_params4);
		if (!node4)
			return NULL;
		*dir = node4->dir;
		return lvs_node4_conn(node4);
	}
	node6 = rhashtable_lookup(&ln->conns[1], &key->v6, conn_params6);
	if (!node6)
		return NULL;
	*dir = node6->dir;
	return lvs_node6_conn(node6);
}

/**
 * lvs_conn_hash - add one direction of a conn to the table, unless its tuple is there
 * @ln: namespace
 * @cp: conn; the key of that direction is filled in
 * @dir: direction
 * @found: set to the conn that has the tuple, on -EEXIST
 *
 * Context: RCU. Never sleeps.
 * Return: 0, -EEXIST, or -EBUSY, -ENOMEM, -E2BIG when the table cannot take it.
 */
int lvs_conn_hash(struct lvs_net *ln, struct lvs_conn *cp, enum lvs_dir dir, struct lvs_conn **found)
{
	if (cp->af == AF_INET) {
		struct lvs_node4 *node = &lvs_conn_node4(cp)[dir], *old;

		node->dir = dir;
		old = rhashtable_lookup_get_insert_fast(&ln->conns[0], &node->head, conn_params4);
		if (IS_ERR_OR_NULL(old))
			return PTR_ERR(old);
		*found = lvs_node4_conn(old);
	} else {
		struct lvs_node6 *node = &lvs_conn_node6(cp)[dir], *old;

		node->dir = dir;
		old = rhashtable_lookup_get_insert_fast(&ln->conns[1], &node->head, conn_params6);
		if (IS_ERR_OR_NULL(old))
			return PTR_ERR(old);
		*found = lvs_node6_conn(old);
	}
	return -EEXIST;
}

/**
 * lvs_conn_unhash - take one direction of a conn out of the table
 * @ln: namespace
 * @cp: conn
 * @dir: a direction that is in the table
 *
 * Packets that found the conn before may use it for another grace period. Context: any.
 */
void lvs_conn_unhash(struct lvs_net *ln, struct lvs_conn *cp, enum lvs_dir dir)
{
	if (cp->af == AF_INET)
		rhashtable_remove_fast(&ln->conns[0], &lvs_conn_node4(cp)[dir].head, conn_params4);
	else
		rhashtable_remove_fast(&ln->conns[1], &lvs_conn_node6(cp)[dir].head, conn_params6);
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
	u32 size = LVS_CONN_BUCKETS;

	if (!lvs_net_active(ln))
		return size;
	rcu_read_lock();
	size = rht_dereference_rcu(ln->conns[0].tbl, &ln->conns[0])->size;
	rcu_read_unlock();
	return size;
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

	err = rhashtable_init(&ln->conns[0], &conn_params4);
	if (err)
		return err;
	err = rhashtable_init(&ln->conns[1], &conn_params6);
	if (err)
		rhashtable_destroy(&ln->conns[0]);
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
	rhashtable_destroy(&ln->conns[0]);
	rhashtable_destroy(&ln->conns[1]);
}

/**
 * lvs_conn_hash_seed - draw the key of the hash; once, before any table is used
 */
void lvs_conn_hash_seed(void)
{
	get_random_bytes(&lvs_conn_hash_key, sizeof(lvs_conn_hash_key));
}
