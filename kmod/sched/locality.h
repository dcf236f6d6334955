/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SCHED_LOCALITY_H
#define LVS_SCHED_LOCALITY_H

#include <linux/list.h>
#include <linux/rcupdate.h>

#include "sched.h"

/* Addresses that a service remembers: a pass of the collector leaves the first number, the second is never exceeded. */
#define LVS_LOCALITY_SIZE 16384
#define LVS_LOCALITY_MAX (LVS_LOCALITY_SIZE * 3 / 2)

/* Servers that one address may have. */
#define LVS_LOCALITY_SET_MAX 64

struct lvs_locality;
struct lvs_net;

/**
 * struct lvs_locals - the servers of one address
 * @node: in its bucket
 * @addr: the address that clients connect to
 * @used: jiffies when it was used last; written locklessly
 * @changed: jiffies when a server was added or left out last
 * @ln: namespace that its memory is accounted to
 * @units: of memory
 * @n: length of @dests
 * @rcu: its references go, and it is freed, after a grace period
 * @dests: the servers; a reference is held on each
 *
 * All but @used is immutable: a change puts another one in its place.
 */
struct lvs_locals {
	struct hlist_node node;
	union nf_inet_addr addr;
	unsigned long used;
	unsigned long changed;
	const struct lvs_net *ln;
	u32 units;
	u32 n;
	struct rcu_head rcu;
	struct lvs_dest *dests[];
};

struct lvs_locality *lvs_locality_alloc(const struct lvs_net *ln, const int *expiration);
void lvs_locality_retire(struct lvs_locality *loc);
void lvs_locality_collect(struct lvs_locality *loc);
unsigned int lvs_locality_count(const struct lvs_locality *loc);

/* for picks: RCU, BH off */
struct lvs_locals *lvs_locality_find(struct lvs_locality *loc, const struct lvs_sched_key *key);
bool lvs_locality_stale(const struct lvs_locality *loc, unsigned long since);
void lvs_locality_set(struct lvs_locality *loc, const struct lvs_sched_key *key, struct lvs_dest *dest);
void lvs_locality_add(struct lvs_locality *loc, const struct lvs_sched_key *key, struct lvs_dest *dest);
void lvs_locality_drop(struct lvs_locality *loc, const struct lvs_sched_key *key, struct lvs_dest *dest);
bool lvs_locality_overloaded(const struct lvs_pool *pool, const struct lvs_dest *dest);

#endif
