/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_STATS_H
#define _LVS_STATS_H

#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/percpu.h>
#include <linux/seqlock.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>

/**
 * struct lvs_counts - monotonic counts of a server, service or namespace
 * @conns: conns created
 * @inpkts: packets from clients
 * @outpkts: packets from servers
 * @inbytes: bytes from clients (network header included)
 * @outbytes: bytes from servers
 */
struct lvs_counts {
	u64 conns;
	u64 inpkts;
	u64 outpkts;
	u64 inbytes;
	u64 outbytes;
};

#define LVS_COUNTS 5	/* members of struct lvs_counts and of struct lvs_rates, each a u64 */

/**
 * struct lvs_rates - moving averages per second; members in the order of struct lvs_counts
 * @cps: conns created
 * @inpps: packets from clients
 * @outpps: packets from servers
 * @inbps: bytes from clients
 * @outbps: bytes from servers
 */
struct lvs_rates {
	u64 cps;
	u64 inpps;
	u64 outpps;
	u64 inbps;
	u64 outbps;
};

#define LVS_STATS_WINDOW (2 * HZ)	/* jiffies */

/**
 * struct lvs_stats_cell - one CPU's part
 * @counts: live counts
 * @sync: guards reads of @counts on 32-bit machines
 * @generation: that of struct lvs_stats when @base was taken; any other one means that the rates were zeroed since
 * @start: jiffies at which the current window began
 * @roll: guards what follows and @start, @generation against readers on other CPUs; written once per window
 * @base: counts at @start
 * @ewma: average per second at @start, scaled by 2^10, or by 2^5 for bytes
 *
 * Written by its own CPU only, in softirq or with BH off; read anywhere.
 */
struct lvs_stats_cell {
	struct lvs_counts counts;
	struct u64_stats_sync sync;
	u32 generation;
	unsigned long start;
	seqcount_t roll;
	struct lvs_counts base;
	struct lvs_rates ewma;
};

/**
 * struct lvs_stats - counters of one object
 * @cells: one per CPU
 * @generation: number of times that the counters were zeroed; config lock, read locklessly
 * @zero: what readers see as zero; config lock
 */
struct lvs_stats {
	struct lvs_stats_cell __percpu *cells;
	u32 generation;
	struct lvs_counts zero;
};

int lvs_stats_alloc(struct lvs_stats *s, gfp_t gfp);
void lvs_stats_free(struct lvs_stats *s);
void lvs_stats_roll(struct lvs_stats *s, struct lvs_stats_cell *cell);
void lvs_stats_raw(const struct lvs_stats *s, struct lvs_counts *sum);
void lvs_stats_cpu(const struct lvs_stats *s, int cpu, struct lvs_counts *counts);
void lvs_stats_read(const struct lvs_stats *s, struct lvs_counts *counts);
void lvs_stats_rates_add(const struct lvs_stats *s, struct lvs_rates *scaled);
void lvs_stats_rates(const struct lvs_stats *s, struct lvs_rates *rates);
void lvs_rates_scale(struct lvs_rates *rates);
void lvs_stats_zero(struct lvs_stats *s);
void lvs_counts_add(struct lvs_counts *to, const struct lvs_counts *from);
void lvs_counts_sub(struct lvs_counts *to, const struct lvs_counts *from);

/* This CPU's cell in its current window, open for an update of @counts. */
static inline struct lvs_stats_cell *lvs_stats_begin(struct lvs_stats *s)
{
	struct lvs_stats_cell *cell = this_cpu_ptr(s->cells);

	/* were @start ahead of us, rolling would do no harm */
	if (unlikely(jiffies - cell->start >= LVS_STATS_WINDOW || cell->generation != READ_ONCE(s->generation)))
		lvs_stats_roll(s, cell);
	u64_stats_update_begin(&cell->sync);
	return cell;
}

static inline void lvs_stats_end(struct lvs_stats_cell *cell)
{
	u64_stats_update_end(&cell->sync);
}

static inline void lvs_stats_bump(u64 *count, u64 by)
{
	/*
	 * Readers on other CPUs must not see half of it. Compilers do not split words; and an access that they must not
	 * merge with another would take three instructions here instead of one.
	 */
	*count += by;
}

/**
 * lvs_stats_in - count a packet from a client
 * @s: counters
 * @bytes: its length, network header included
 *
 * Context: softirq, or process with BH off.
 */
static inline void lvs_stats_in(struct lvs_stats *s, unsigned int bytes)
{
	struct lvs_stats_cell *cell = lvs_stats_begin(s);

	lvs_stats_bump(&cell->counts.inpkts, 1);
	lvs_stats_bump(&cell->counts.inbytes, bytes);
	lvs_stats_end(cell);
}

/**
 * lvs_stats_out - count a packet from a server
 * @s: counters
 * @bytes: its length, network header included
 *
 * Context: softirq, or process with BH off.
 */
static inline void lvs_stats_out(struct lvs_stats *s, unsigned int bytes)
{
	struct lvs_stats_cell *cell = lvs_stats_begin(s);

	lvs_stats_bump(&cell->counts.outpkts, 1);
	lvs_stats_bump(&cell->counts.outbytes, bytes);
	lvs_stats_end(cell);
}

/**
 * lvs_stats_conn - count a new conn
 * @s: counters
 *
 * Context: softirq, or process with BH off.
 */
static inline void lvs_stats_conn(struct lvs_stats *s)
{
	struct lvs_stats_cell *cell = lvs_stats_begin(s);

	lvs_stats_bump(&cell->counts.conns, 1);
	lvs_stats_end(cell);
}

#endif
