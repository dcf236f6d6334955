// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: real servers
 *
 * A removed server with conns stays in the table as a tombstone: not AVAILABLE, in no service. Adding the same server to
 * the same service (by key) again takes it back with its conns and counts. See struct lvs_dest for its lifetime.
 *
 * DOC: locking
 *
 * The table (ln->dests) is added to under the config lock only; the last put takes an object out in any context. Someone
 * who finds an object there must therefore get a reference before using it, or be done with it before RCU is let go.
 * ln->dest_list_lock protects the list of all servers and is the innermost lock but for lvs_dest::egress_lock.
 */
#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <linux/rculist.h>
#include <linux/rhashtable.h>
#include <linux/slab.h>

#include "../fwd/fwd.h"
#include "../net.h"
#include "../service/filter.h"
#include "dest.h"

/* struct lvs_dest says so, where lines are of 64 bytes. */
#define DEST_LINE(member) (offsetof(struct lvs_dest, member) / 64)

static_assert(!IS_ENABLED(CONFIG_64BIT) || (DEST_LINE(state) == DEST_LINE(stats.generation) &&
					    DEST_LINE(state) != DEST_LINE(active)));

static struct kmem_cache *dest_cache;

static int dest_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct lvs_dest *d = obj;

	/* one that is being freed must not hide its successor */
	return !refcount_read(&d->refs) || memcmp(&d->key, arg->key, sizeof(d->key));
}

static const struct rhashtable_params dest_params = {
	.key_len = sizeof(struct lvs_dest_key),
	.key_offset = offsetof(struct lvs_dest, key),
	.head_offset = offsetof(struct lvs_dest, node),
	.obj_cmpfn = dest_cmp,
	.automatic_shrinking = true,
};

static void dest_filter(struct lvs_dest *d, int n)
{
	struct lvs_addr_filter *f = d->ln->filter;

	lvs_filter_add_vip(f, &d->key.svc.addr, d->key.svc.fwmark, n);
	lvs_filter_add_server(f, &d->key.addr, n);
}

/**
 * lvs_dest_alloc - make a server
 * @ln: namespace
 * @key: what it is; not in the table
 *
 * It is in the table but in no service yet. Context: process, config lock.
 * Return: the server with one reference for the
 * caller, or ERR_PTR().
 */
struct lvs_dest *lvs_dest_alloc(struct lvs_net *ln, const struct lvs_dest_key *key)
{
	struct lvs_dest *d;
	int err;

	lockdep_assert_held(&ln->config_lock);
	d = kmem_cache_zalloc(dest_cache, GFP_KERNEL_ACCOUNT);
	if (!d)
		return ERR_PTR(-ENOMEM);
	err = lvs_stats_alloc(&d->stats, GFP_KERNEL_ACCOUNT);
	if (err)
		goto free_dest;

	d->ln = ln;
	d->key = *key;
	spin_lock_init(&d->egress_lock);
	refcount_set(&d->refs, 1);
	INIT_LIST_HEAD(&d->list);

	err = rhashtable_insert_fast(&ln->dests, &d->node, dest_params);
	if (err)
		goto free_stats;
	dest_filter(d, 1);
	spin_lock_bh(&ln->dest_list_lock);
	list_add_rcu(&d->all, &ln->dest_list);
	spin_unlock_bh(&ln->dest_list_lock);
	return d;

free_stats:
	lvs_stats_free(&d->stats);
free_dest:
	kmem_cache_free(dest_cache, d);
	return ERR_PTR(err);
}

/**
 * lvs_dest_lookup - find a server, listed or tombstone
 * @ln: namespace
 * @key: what it is
 *
 * Context: RCU.
 * Return: the server, valid until rcu_read_unlock(), or NULL.
 */
struct lvs_dest *lvs_dest_lookup(struct lvs_net *ln, const struct lvs_dest_key *key)
{
	return rhashtable_lookup(&ln->dests, key, dest_params);
}

/**
 * lvs_dest_find_get - find a server, listed or tombstone
 * @ln: namespace
 * @key: what it is
 *
 * Context: process, config lock.
 * Return: the server with a reference for the caller, or NULL.
 */
struct lvs_dest *lvs_dest_find_get(struct lvs_net *ln, const struct lvs_dest_key *key)
{
	struct lvs_dest *d;

	lockdep_assert_held(&ln->config_lock);
	rcu_read_lock();
	d = rhashtable_lookup(&ln->dests, key, dest_params);
	if (d && !lvs_dest_get(d))
		d = NULL;
	rcu_read_unlock();
	return d;
}

/**
 * lvs_dest_get - take a reference
 * @d: server found under RCU
 *
 * Context: any.
 * Return: false if it is being freed.
 */
bool lvs_dest_get(struct lvs_dest *d)
{
	return refcount_inc_not_zero(&d->refs);
}

static void dest_free_work(struct work_struct *work)
{
	struct lvs_dest *d = container_of(to_rcu_work(work), struct lvs_dest, rwork);

	WARN_ON_ONCE(atomic_read(&d->active) || atomic_read(&d->inactive) || atomic_read(&d->persist));
	lvs_egress_drop(d);
	lvs_stats_free(&d->stats);
	kmem_cache_free(dest_cache, d);
}

/**
 * lvs_dest_put - drop a reference
 * @d: server
 *
 * The last one takes the server out of the table and frees it after a grace period. Context: any.
 */
void lvs_dest_put(struct lvs_dest *d)
{
	struct lvs_net *ln = d->ln;

	if (!refcount_dec_and_test(&d->refs))
		return;
	rhashtable_remove_fast(&ln->dests, &d->node, dest_params);
	spin_lock_bh(&ln->dest_list_lock);
	list_del_rcu(&d->all);
	spin_unlock_bh(&ln->dest_list_lock);
	dest_filter(d, -1);
	INIT_RCU_WORK(&d->rwork, dest_free_work);
	queue_rcu_work(lvs_wq, &d->rwork);
}

static bool dest_overload(const struct lvs_dest *d, bool now)
{
	u32 upper = READ_ONCE(d->u_threshold);
	u32 lower = READ_ONCE(d->l_threshold);
	u32 conns = lvs_dest_conns(d);

	if (!upper)
		return false;
	if (conns >= upper)
		return true;
	/* between the two it stays as it is */
	return now && conns >= (lower ?: upper - (upper >> 2));
}

/**
 * lvs_dest_check_overload - a server's conns or thresholds have changed
 * @d: server
 *
 * Context: any. Whoever changes the counts calls this afterwards, so of several at once the last to write the bit has seen
 * all changes: it looks again after it wrote.
 */
void lvs_dest_check_overload(struct lvs_dest *d)
{
	bool is, should;

	if (!READ_ONCE(d->u_threshold) && !test_bit(LVS_DEST_OVERLOAD, &d->state))
		return;
	for (;;) {
		is = test_bit(LVS_DEST_OVERLOAD, &d->state);
		should = dest_overload(d, is);
		if (is == should)
			return;
		if (should)
			set_bit(LVS_DEST_OVERLOAD, &d->state);
		else
			clear_bit(LVS_DEST_OVERLOAD, &d->state);
		/* written before the counts are read again: see above */
		smp_mb__after_atomic();
	}
}

/**
 * lvs_dests_drop_egress - forget cached routes
 * @ln: namespace
 * @dev: only those through this device; NULL: all
 *
 * Context: process.
 */
void lvs_dests_drop_egress(struct lvs_net *ln, const struct net_device *dev)
{
	struct lvs_dest *d;

	spin_lock_bh(&ln->dest_list_lock);
	list_for_each_entry(d, &ln->dest_list, all) {
		if (dev)
			lvs_egress_drop_dev(d, dev);
		else
			lvs_egress_drop(d);
	}
	spin_unlock_bh(&ln->dest_list_lock);
}

/**
 * lvs_dest_table_init - make the table of servers
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_dest_table_init(struct lvs_net *ln)
{
	return rhashtable_init(&ln->dests, &dest_params);
}

/**
 * lvs_dest_table_exit - free the table of servers
 * @ln: namespace; every server has been freed
 */
void lvs_dest_table_exit(struct lvs_net *ln)
{
	WARN_ON_ONCE(!list_empty(&ln->dest_list));
	rhashtable_destroy(&ln->dests);
}

/**
 * lvs_dest_cache_init - make what servers are allocated from
 *
 * Context: process, before there is any namespace.
 * Return: 0 or -ENOMEM.
 */
int lvs_dest_cache_init(void)
{
	dest_cache = kmem_cache_create("lvs_dest", sizeof(struct lvs_dest), 0, SLAB_HWCACHE_ALIGN, NULL);
	return dest_cache ? 0 : -ENOMEM;
}

/**
 * lvs_dest_cache_exit - undo lvs_dest_cache_init(); all servers have been freed
 */
void lvs_dest_cache_exit(void)
{
	kmem_cache_destroy(dest_cache);
}
