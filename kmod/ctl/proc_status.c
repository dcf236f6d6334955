// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: /proc/net/ip_vs_status
 *
 * ip_vs_status tells how full the tables are, for who administers the namespace. IPVS has one table of conns, here there is
 * one for each family: the file shows their sum. It ends with the threads that estimate rates, and there is none.
 */
#include <linux/log2.h>
#include <linux/proc_fs.h>
#include <linux/rhashtable.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "../conn/bucket.h"
#include "../conn/lookup.h"
#include "../net.h"
#include "proc.h"

/* Chains of this length and longer are counted together. */
#define CHAIN_MAX 7

/* Buckets that are counted between two chances to reschedule. */
#define COUNT_RUN 256

/* How often counting begins anew because a table has been replaced. */
#define COUNT_TRIES 4

/**
 * struct fill - how full tables are
 * @buckets: of all of them
 * @by_length: how many buckets have so long a chain
 */
struct fill {
	u32 buckets;
	u32 by_length[CHAIN_MAX + 1];
};

static u32 bucket_length(const struct lvs_table *t, u32 i)
{
	const struct lvs_bucket *b = lvs_table_bucket_at(t, i);
	struct lvs_bucket_walk walk = lvs_bucket_walk_begin(b);
	u32 n = 0;

	while (lvs_bucket_next(&walk))
		n++;
	return min_t(u32, n, CHAIN_MAX);
}

/* Counts a conn table. What is resized meanwhile may be counted twice or not at all. */
static void conns_add(const struct lvs_table *t, struct fill *fill)
{
	u32 i = 0, n, end;

	do {
		rcu_read_lock();
		/* pairs with who makes a bucket */
		n = smp_load_acquire(&t->n);
		for (end = i + COUNT_RUN; i < n && i < end; i++)
			fill->by_length[bucket_length(t, i)]++;
		rcu_read_unlock();
		cond_resched();
	} while (i < n);
	fill->buckets += n;
}

static u32 chain_length(const struct bucket_table *tbl, u32 bucket)
{
	struct rhash_head *head;
	u32 n = 0;

	rht_for_each_rcu(head, tbl, bucket)
		n++;
	return min_t(u32, n, CHAIN_MAX);
}

/* Counts a table, from its beginning to its end or until it is replaced. Returns whether it was not. */
static bool table_count(struct rhashtable *ht, struct fill *fill)
{
	const struct bucket_table *tbl, *first = NULL;
	u32 i, next = 0, size = 1;

	while (next < size) {
		rcu_read_lock();
		tbl = rht_dereference_rcu(ht->tbl, ht);
		if (first && tbl != first) {
			rcu_read_unlock();
			return false;
		}
		first = tbl;
		size = tbl->size;
		for (i = next; i < size && i < next + COUNT_RUN; i++)
			fill->by_length[chain_length(tbl, i)]++;
		next = i;
		rcu_read_unlock();
		cond_resched();
	}
	fill->buckets += size;
	return true;
}

static void table_add(struct rhashtable *ht, struct fill *fill)
{
	struct fill with = *fill;
	int tries;

	for (tries = 0; tries < COUNT_TRIES; tries++) {
		with = *fill;
		if (table_count(ht, &with))
			break;
	}
	*fill = with;
}

static void fill_show(struct seq_file *seq, const char *what, const struct fill *fill, int lfactor)
{
	u32 empty = fill->by_length[0], used = 0;
	int i;

	seq_printf(seq, "%s buckets:\t%u (%d bits, lfactor %d)\n", what, fill->buckets,
		   fill->buckets ? ilog2(fill->buckets) : 0, fill->buckets ? lfactor : 0);
	for (i = 1; i <= CHAIN_MAX; i++)
		used += fill->by_length[i];
	if (!used)
		return;
	seq_printf(seq, "%s buckets empty:\t%u (%llu%%)\n", what, empty, div_u64(empty * 100ULL, empty + used));
	for (i = 1; i <= CHAIN_MAX; i++)
		if (fill->by_length[i])
			seq_printf(seq, "%s buckets len-%d:\t%u (%llu%%)\n", what, i, fill->by_length[i],
				   div_u64(fill->by_length[i] * 100ULL, used));
}

static int status_show(struct seq_file *seq, void *v)
{
	struct lvs_net *ln = lvs_net(seq_file_single_net(seq));
	u32 services = READ_ONCE(ln->n_services[0]) + READ_ONCE(ln->n_services[1]);
	struct fill conns = {}, svcs = {};

	if (lvs_net_active(ln)) {
		conns_add(&ln->conns[0], &conns);
		conns_add(&ln->conns[1], &conns);
		if (services)
			table_add(&ln->services, &svcs);
	}
	seq_printf(seq, "Conns:\t%d\n", atomic_read(&ln->conn_count));
	fill_show(seq, "Conn", &conns, READ_ONCE(ln->knobs.conn_lfactor));
	seq_printf(seq, "Services:\t%u\n", services);
	fill_show(seq, "Service", &svcs, READ_ONCE(ln->knobs.svc_lfactor));
	seq_puts(seq, "Stats thread slots:\t1 (max 0)\n");
	seq_puts(seq, "Stats chain max len:\t0\n");
	seq_puts(seq, "Stats thread ests:\t0\n");
	return 0;
}

/**
 * lvs_proc_status_create - make ip_vs_status
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_status_create(struct lvs_net *ln)
{
	if (!proc_create_net_single("ip_vs_status", 0440, ln->net->proc_net, status_show, NULL))
		return -ENOMEM;
	return 0;
}
