// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: servers by destination address
 *
 * What lblc and lblcr remember: which servers the conns to an address go to. It belongs to the service (struct
 * lvs_sched_state), not to a pool: it outlives edits of the servers, and goes with the service or when its scheduler is
 * changed. Readers are under RCU; changes are under @lock. An entry is immutable, a change puts a copy in its place. The
 * hash is keyed, entries that nobody uses are collected by a work, there is a hard limit, and memory is accounted for
 * (conn/limit.c), so strangers who choose the addresses can neither make chains long nor take more memory.
 */
#include <linux/atomic.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/siphash.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "../conn/limit.h"
#include "locality.h"

#define BUCKETS 4096

/* How often the collector runs, and after which time of rest an entry may go when there are too many. */
#define COLLECT_INTERVAL (60 * HZ)
#define REST (6 * 60 * HZ)

/* Uses within this time are one, so that a busy address is not written by each conn. */
#define USED_STEP (HZ / 4)

/**
 * struct lvs_locality - the addresses of one service
 * @ln: the service's namespace
 * @expiration: the namespace's knob: jiffies after which an unused address is forgotten
 * @key: of the hash; immutable
 * @lock: every change; BH off
 * @dead: it has been retired: nothing is added any more; under @lock
 * @count: entries; under @lock, read locklessly
 * @work: the collector
 * @rcu: freed after a grace period
 * @buckets: struct lvs_locals
 */
struct lvs_locality {
	const struct lvs_net *ln;
	const int *expiration;
	siphash_key_t key;
	spinlock_t lock;
	bool dead;
	unsigned int count;
	struct delayed_work work;
	struct rcu_head rcu;
	struct hlist_head buckets[BUCKETS];
};

/* An IPv4 address is followed by zeros: see locals_like(). */
static union nf_inet_addr wanted(const struct lvs_sched_key *key)
{
	union nf_inet_addr addr = {};

	if (key->af == AF_INET)
		addr.ip = key->daddr->ip;
	else
		addr = *key->daddr;
	return addr;
}

static struct hlist_head *bucket_of(struct lvs_locality *loc, const union nf_inet_addr *addr)
{
	return &loc->buckets[siphash(addr, sizeof(*addr), &loc->key) % BUCKETS];
}

static struct lvs_locals *bucket_find(struct hlist_head *bucket, const union nf_inet_addr *addr)
{
	struct lvs_locals *locals;

	hlist_for_each_entry_rcu(locals, bucket, node)
		if (!memcmp(&locals->addr, addr, sizeof(*addr)))
			return locals;
	return NULL;
}

/**
 * lvs_locality_stale - has something been left alone for the time of expiration
 * @loc: a service's addresses
 * @since: jiffies when it was used, or changed
 *
 * Return: true if so.
 */
bool lvs_locality_stale(const struct lvs_locality *loc, unsigned long since)
{
	return time_after(jiffies, since + READ_ONCE(*loc->expiration));
}

/**
 * lvs_locality_find - the servers of a flow's destination address
 * @loc: the service's addresses
 * @key: the flow
 *
 * Context: RCU.
 * Return: the servers, valid until rcu_read_unlock(), or NULL if there are none, or none that still hold.
 */
struct lvs_locals *lvs_locality_find(struct lvs_locality *loc, const struct lvs_sched_key *key)
{
	union nf_inet_addr addr = wanted(key);
	struct lvs_locals *locals = bucket_find(bucket_of(loc, &addr), &addr);

	if (!locals || lvs_locality_stale(loc, READ_ONCE(locals->used)))
		return NULL;
	if (time_after(jiffies, READ_ONCE(locals->used) + USED_STEP))
		WRITE_ONCE(locals->used, jiffies);
	return locals;
}

/* The part that is left when a dest cannot be had is not that of any address, so callers look at n. */
static struct lvs_locals *locals_alloc(struct lvs_locality *loc, const union nf_inet_addr *addr, unsigned int n)
{
	struct lvs_locals *locals;
	size_t size = struct_size(locals, dests, n);
	int units = DIV_ROUND_UP(size, LVS_MEMORY_UNIT);

	if (!lvs_memory_get(loc->ln, units))
		return NULL;
	locals = kzalloc(size, GFP_ATOMIC | __GFP_NOWARN);
	if (!locals) {
		lvs_memory_put(loc->ln, units);
		return NULL;
	}
	locals->ln = loc->ln;
	locals->units = units;
	locals->addr = *addr;
	locals->used = jiffies;
	locals->changed = jiffies;
	return locals;
}

static void locals_take(struct lvs_locals *locals, struct lvs_dest *dest)
{
	/* one that is being freed is in no pool: it is not missed */
	if (lvs_dest_get(dest))
		locals->dests[locals->n++] = dest;
}

static void locals_free_rcu(struct rcu_head *rcu)
{
	struct lvs_locals *locals = container_of(rcu, struct lvs_locals, rcu);
	u32 i;

	for (i = 0; i < locals->n; i++)
		lvs_dest_put(locals->dests[i]);
	lvs_memory_put(locals->ln, locals->units);
	kfree(locals);
}

static void locals_remove(struct lvs_locality *loc, struct lvs_locals *locals)
{
	hlist_del_rcu(&locals->node);
	loc->count--;
	call_rcu(&locals->rcu, locals_free_rcu);
}

/* Puts @new in the place of @old, which may be NULL, unless there was no memory for @new; which may be refused. */
static void locals_replace(struct lvs_locality *loc, struct lvs_locals *old, struct lvs_locals *new)
{
	if (!new)
		return;
	if (old)
		locals_remove(loc, old);
	if (loc->dead || loc->count >= LVS_LOCALITY_MAX || !new->n) {
		call_rcu(&new->rcu, locals_free_rcu);
		return;
	}
	hlist_add_head_rcu(&new->node, bucket_of(loc, &new->addr));
	loc->count++;
}

/* A copy of @old (NULL: of nothing) with @more and without @less, either of which may be NULL. */
static struct lvs_locals *locals_copy(struct lvs_locality *loc, const struct lvs_locals *old,
				      const union nf_inet_addr *addr, struct lvs_dest *more, const struct lvs_dest *less)
{
	struct lvs_locals *new = locals_alloc(loc, addr, (old ? old->n : 0) + 1);
	u32 i;

	if (!new)
		return NULL;
	if (more)
		locals_take(new, more);
	for (i = 0; old && i < old->n; i++)
		if (old->dests[i] != less && old->dests[i] != more)
			locals_take(new, old->dests[i]);
	return new;
}

/**
 * lvs_locality_set - from now on an address has this server
 * @loc: the service's addresses
 * @key: a flow to the address
 * @dest: the server
 *
 * Context: RCU, BH off. Without memory nothing changes; if there are too many addresses, nothing is remembered.
 */
void lvs_locality_set(struct lvs_locality *loc, const struct lvs_sched_key *key, struct lvs_dest *dest)
{
	union nf_inet_addr addr = wanted(key);
	struct lvs_locals *old;

	spin_lock(&loc->lock);
	old = bucket_find(bucket_of(loc, &addr), &addr);
	if (old && old->n == 1 && old->dests[0] == dest)
		WRITE_ONCE(old->used, jiffies);
	else
		locals_replace(loc, old, locals_copy(loc, NULL, &addr, dest, NULL));
	spin_unlock(&loc->lock);
}

static bool locals_have(const struct lvs_locals *locals, const struct lvs_dest *dest)
{
	u32 i;

	for (i = 0; i < locals->n; i++)
		if (locals->dests[i] == dest)
			return true;
	return false;
}

/**
 * lvs_locality_add - from now on an address has this server, too
 * @loc: the service's addresses
 * @key: a flow to the address
 * @dest: the server
 *
 * A set that is full gives up the server that it had longest. Context: RCU, BH off.
 */
void lvs_locality_add(struct lvs_locality *loc, const struct lvs_sched_key *key, struct lvs_dest *dest)
{
	union nf_inet_addr addr = wanted(key);
	struct lvs_locals *old;

	spin_lock(&loc->lock);
	old = bucket_find(bucket_of(loc, &addr), &addr);
	if (old && lvs_locality_stale(loc, READ_ONCE(old->used))) {
		locals_remove(loc, old);
		old = NULL;
	}
	if (old && locals_have(old, dest)) {
		WRITE_ONCE(old->used, jiffies);
	} else {
		const struct lvs_dest *less = old && old->n >= LVS_LOCALITY_SET_MAX ? old->dests[old->n - 1] : NULL;

		locals_replace(loc, old, locals_copy(loc, old, &addr, dest, less));
	}
	spin_unlock(&loc->lock);
}

/**
 * lvs_locality_drop - an address does not have this server any more
 * @loc: the service's addresses
 * @key: a flow to the address
 * @dest: the server; not the last one
 *
 * Context: RCU, BH off.
 */
void lvs_locality_drop(struct lvs_locality *loc, const struct lvs_sched_key *key, struct lvs_dest *dest)
{
	union nf_inet_addr addr = wanted(key);
	struct lvs_locals *old;

	spin_lock(&loc->lock);
	old = bucket_find(bucket_of(loc, &addr), &addr);
	if (old && old->n > 1 && locals_have(old, dest))
		locals_replace(loc, old, locals_copy(loc, old, &addr, NULL, dest));
	spin_unlock(&loc->lock);
}

/**
 * lvs_locality_overloaded - should an address leave its server
 * @pool: the service's pool
 * @dest: the server
 *
 * Context: RCU.
 * Return: true if the server has more active conns than its weight, and another one less than half of its own.
 */
bool lvs_locality_overloaded(const struct lvs_pool *pool, const struct lvs_dest *dest)
{
	struct lvs_pool_iter it;

	if ((s64)atomic_read(&dest->active) <= READ_ONCE(dest->weight))
		return false;
	lvs_pool_for_each(it, pool)
		if ((s64)atomic_read(&it.entry->dest->active) * 2 < it.entry->weight)
			return true;
	return false;
}

/* One bucket. Entries rest for less than @idle are kept; at most @goal of the others go. */
static unsigned int collect_bucket(struct lvs_locality *loc, struct hlist_head *bucket, unsigned long idle,
				   unsigned int goal)
{
	struct lvs_locals *locals;
	struct hlist_node *next;
	unsigned int n = 0;

	spin_lock_bh(&loc->lock);
	hlist_for_each_entry_safe(locals, next, bucket, node) {
		if (lvs_locality_stale(loc, READ_ONCE(locals->used)) ||
		    (n < goal && time_after(jiffies, READ_ONCE(locals->used) + idle))) {
			locals_remove(loc, locals);
			n++;
		}
	}
	spin_unlock_bh(&loc->lock);
	return n;
}

/**
 * lvs_locality_collect - forget what has expired, and more if there is too much
 * @loc: a service's addresses
 *
 * Context: process.
 */
void lvs_locality_collect(struct lvs_locality *loc)
{
	unsigned int have = lvs_locality_count(loc), goal = 0, i;

	if (have > LVS_LOCALITY_SIZE)
		goal = min((have - LVS_LOCALITY_SIZE) * 4 / 3, LVS_LOCALITY_SIZE / 2U);
	for (i = 0; i < BUCKETS; i++) {
		if (hlist_empty(&loc->buckets[i]))
			continue;
		goal -= min(goal, collect_bucket(loc, &loc->buckets[i], REST, goal));
		cond_resched();
	}
}

static void collect_work(struct work_struct *work)
{
	struct lvs_locality *loc = container_of(to_delayed_work(work), struct lvs_locality, work);

	lvs_locality_collect(loc);
	queue_delayed_work(system_long_wq, &loc->work, COLLECT_INTERVAL);
}

/**
 * lvs_locality_count - how many addresses are remembered
 * @loc: a service's addresses
 *
 * Return: their number.
 */
unsigned int lvs_locality_count(const struct lvs_locality *loc)
{
	return READ_ONCE(loc->count);
}

/**
 * lvs_locality_alloc - make an empty memory of addresses
 * @ln: namespace, which outlives it by a grace period
 * @expiration: jiffies after which an unused address is forgotten; read as long as this lives
 *
 * Context: process.
 * Return: the memory, or NULL. To be ended by lvs_locality_retire().
 */
struct lvs_locality *lvs_locality_alloc(const struct lvs_net *ln, const int *expiration)
{
	struct lvs_locality *loc = kvzalloc(sizeof(*loc), GFP_KERNEL_ACCOUNT);

	if (!loc)
		return NULL;
	loc->ln = ln;
	loc->expiration = expiration;
	get_random_bytes(&loc->key, sizeof(loc->key));
	spin_lock_init(&loc->lock);
	INIT_DELAYED_WORK(&loc->work, collect_work);
	queue_delayed_work(system_long_wq, &loc->work, COLLECT_INTERVAL);
	return loc;
}

static void locality_free_rcu(struct rcu_head *rcu)
{
	kvfree(container_of(rcu, struct lvs_locality, rcu));
}

/**
 * lvs_locality_retire - forget all addresses, and free the memory of them after a grace period
 * @loc: memory that no new reader finds, or NULL
 *
 * Context: process.
 */
void lvs_locality_retire(struct lvs_locality *loc)
{
	struct lvs_locals *locals;
	struct hlist_node *next;
	unsigned int i;

	if (!loc)
		return;
	cancel_delayed_work_sync(&loc->work);
	for (i = 0; i < BUCKETS; i++) {
		spin_lock_bh(&loc->lock);
		loc->dead = true;
		hlist_for_each_entry_safe(locals, next, &loc->buckets[i], node)
			locals_remove(loc, locals);
		spin_unlock_bh(&loc->lock);
	}
	call_rcu(&loc->rcu, locality_free_rcu);
}
