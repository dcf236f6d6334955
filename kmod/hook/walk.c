// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: walks over the conn table
 *
 * For those who look for conns to end: some of them, or all. Buckets are visited under RCU in small runs. What is ended
 * while it is visited stays in memory for a grace period.
 *
 * A walk over all goes by the order of the table, which resizing does not change: a conn that is there all the time is
 * visited once.
 */
#include <linux/bottom_half.h>
#include <linux/random.h>
#include <linux/sched.h>

#include "../conn/bound.h"
#include "../conn/bucket.h"
#include "../conn/lookup.h"
#include "../net.h"
#include "walk.h"

/* Buckets or conns visited between two chances to reschedule. */
#define WALK_RUN 64

/* Under RCU, BH off. Adds to @n the conns visited. Returns true if @visit told to stop. */
static bool bucket_visit(struct lvs_net *ln, const struct lvs_table *t, u32 i, u32 *n, lvs_visit_t visit)
{
	const struct lvs_bucket *b = lvs_table_bucket_at(t, i);
	struct lvs_bucket_walk walk = lvs_bucket_walk_begin(b);
	unsigned long entry;
	struct lvs_conn *cp;

	while ((entry = lvs_bucket_next(&walk))) {
		cp = lvs_conn_of_request(entry, t->ipv6);
		if (!cp)
			continue;
		(*n)++;
		if (visit(ln, cp))
			return true;
	}
	return false;
}

static u32 table_size(const struct lvs_table *t)
{
	/* pairs with who makes a bucket */
	return smp_load_acquire(&t->n);
}

/**
 * lvs_walk_sample - visit the conns of some buckets, anywhere in the table
 * @ln: namespace, active
 * @af: family
 * @buckets: how many at most
 * @conns: no other bucket is begun after so many
 * @visit: called for each
 *
 * Context: RCU, BH off; a conn may be locked.
 * Return: true if @visit told to stop.
 */
bool lvs_walk_sample(struct lvs_net *ln, u8 af, u32 buckets, u32 conns, lvs_visit_t visit)
{
	const struct lvs_table *t = &ln->conns[lvs_af_index(af)];
	u32 n = table_size(t), first = get_random_u32() % n, met = 0, i;

	for (i = 0; i < buckets && met < conns; i++)
		if (bucket_visit(ln, t, (first + i) % n, &met, visit))
			return true;
	return false;
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
		for (left = table_size(&ln->conns[f]) >> shift; left; left -= n) {
			n = min_t(u32, left, WALK_RUN);
			rcu_read_lock();
			local_bh_disable();
			lvs_walk_sample(ln, f ? AF_INET6 : AF_INET, n, U32_MAX, visit);
			local_bh_enable();
			rcu_read_unlock();
			cond_resched();
		}
	}
}

/* Visits the next run. */
static void some_visit(struct lvs_net *ln, const struct lvs_table *t, struct lvs_table_pos *pos, lvs_visit_t visit)
{
	unsigned long entry;
	struct lvs_conn *cp;
	int i;

	rcu_read_lock();
	local_bh_disable();
	for (i = 0; i < WALK_RUN; i++) {
		entry = lvs_table_next(t, pos);
		if (!entry)
			break;
		cp = lvs_conn_of_request(entry, t->ipv6);
		if (cp)
			visit(ln, cp);
	}
	local_bh_enable();
	rcu_read_unlock();
}

/**
 * lvs_walk_all - visit every conn
 * @ln: namespace, active
 * @visit: called for each; what it returns does not matter
 *
 * Context: process.
 */
void lvs_walk_all(struct lvs_net *ln, lvs_visit_t visit)
{
	unsigned int family;

	for (family = 0; family < 2; family++) {
		struct lvs_table_pos pos = {};

		while (!pos.end) {
			some_visit(ln, &ln->conns[family], &pos, visit);
			cond_resched();
		}
	}
}
