// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: walks over the conn table
 *
 * For those who look for conns to end: some of them, or all. Buckets are visited under RCU in small runs. What is ended
 * while it is visited stays in memory, with its link to the next, for a grace period.
 *
 * A table that is being resized is two: entries move from the old one to the new. A walk over all waits for that and begins
 * again in the new table, so a conn that is there all the time is visited at least once.
 */
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/random.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>

#include "../conn/bound.h"
#include "../net.h"
#include "walk.h"

/* Buckets visited between two chances to reschedule. */
#define WALK_RUN 64

/* Tables that a walk over all begins again in. */
#define WALK_TABLES 16

/* Under RCU, BH off. Returns true if @visit told to stop. */
static bool buckets_visit(struct lvs_net *ln, unsigned int family, const struct bucket_table *tbl, u32 first, u32 n,
			  lvs_visit_t visit)
{
	struct rhash_head *head;
	struct lvs_conn *cp;
	u32 i;

	for (i = 0; i < n; i++) {
		rht_for_each_rcu(head, tbl, (first + i) & (tbl->size - 1)) {
			cp = lvs_conn_of_request(head, family);
			if (cp && visit(ln, cp))
				return true;
		}
	}
	return false;
}

static struct bucket_table *table_now(struct lvs_net *ln, unsigned int family)
{
	return rht_dereference_rcu(ln->conns[family].tbl, &ln->conns[family]);
}

/**
 * lvs_walk_sample - visit the conns of some buckets, anywhere in the table
 * @ln: namespace, active
 * @af: family
 * @buckets: how many
 * @visit: called for each
 *
 * Context: RCU, BH off; a conn may be locked.
 * Return: true if @visit told to stop.
 */
bool lvs_walk_sample(struct lvs_net *ln, u8 af, u32 buckets, lvs_visit_t visit)
{
	unsigned int family = lvs_af_index(af);
	const struct bucket_table *tbl;

	/* new entries are in the new table as soon as there is one */
	for (tbl = table_now(ln, family); tbl; tbl = rht_dereference_rcu(tbl->future_tbl, &ln->conns[family]))
		if (buckets_visit(ln, family, tbl, get_random_u32(), buckets, visit))
			return true;
	return false;
}

static u32 table_size(struct lvs_net *ln, unsigned int family)
{
	u32 size;

	rcu_read_lock();
	size = table_now(ln, family)->size;
	rcu_read_unlock();
	return size;
}

/**
 * lvs_walk_share - visit the conns of a share of all buckets, anywhere in the tables
 * @ln: namespace, active
 * @shift: a share of 1 / 2^shift
 * @visit: called for each
 *
 * Context: process.
 */
void lvs_walk_share(struct lvs_net *ln, unsigned int shift, lvs_visit_t visit)
{
	unsigned int f;
	u32 left, n;

	for (f = 0; f < 2; f++) {
		for (left = table_size(ln, f) >> shift; left; left -= n) {
			n = min_t(u32, left, WALK_RUN);
			rcu_read_lock();
			local_bh_disable();
			lvs_walk_sample(ln, f ? AF_INET6 : AF_INET, n, visit);
			local_bh_enable();
			rcu_read_unlock();
			cond_resched();
		}
	}
}

/**
 * struct whole_walk - a walk over all of one table
 * @tbl: the table; only compared
 * @next: bucket to visit next
 * @tables: how many tables it has begun
 */
struct whole_walk {
	const struct bucket_table *tbl;
	u32 next;
	int tables;
};

/* Visits the next run. Returns false at the end of the walk. */
static bool whole_run(struct lvs_net *ln, unsigned int family, struct whole_walk *walk, lvs_visit_t visit)
{
	const struct bucket_table *tbl;
	bool more = true, moving = false;
	u32 n;

	rcu_read_lock();
	tbl = table_now(ln, family);
	if (tbl != walk->tbl) {
		*walk = (struct whole_walk){ .tbl = tbl, .tables = walk->tables + 1 };
		more = walk->tables <= WALK_TABLES;
	}
	if (walk->next < tbl->size) {
		n = min_t(u32, tbl->size - walk->next, WALK_RUN);
		local_bh_disable();
		buckets_visit(ln, family, tbl, walk->next, n, visit);
		local_bh_enable();
		walk->next += n;
	} else {
		moving = rcu_access_pointer(tbl->future_tbl);
		more = more && moving;
	}
	rcu_read_unlock();
	if (moving)
		msleep(20);
	return more;
}

/**
 * lvs_walk_all - visit every conn
 * @ln: namespace, active
 * @visit: called for each, some of them more than once; what it returns does not matter
 *
 * Context: process.
 */
void lvs_walk_all(struct lvs_net *ln, lvs_visit_t visit)
{
	unsigned int family;

	for (family = 0; family < 2; family++) {
		struct whole_walk walk = {};

		while (whole_run(ln, family, &walk, visit))
			cond_resched();
	}
}
