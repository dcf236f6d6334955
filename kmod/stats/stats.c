// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: statistics
 *
 * Counts are per CPU and only ever grow; a reader sums them, and zeroing remembers what the sum was.
 *
 * Rates are the moving averages that IPVS users know: every 2 s, avg += (rate of these 2 s - avg) / 4. No timer visits
 * the objects. The first packet that a CPU counts in a new window rolls its cell: it folds the window that ended into
 * the average, and lets the average decay over windows without packets. A reader does the same on a copy, so that an
 * idle object's rates fall as they should. The average is linear, so the sum over CPUs is the average of the sum.
 *
 * DOC: locking
 *
 * A cell is written by its own CPU only. Counts are single words on 64-bit machines, and guarded by u64_stats_sync on
 * others. What a roll changes must be seen together: lvs_stats_cell::roll is a sequence count that is written once per
 * window, so readers hardly ever retry and packets do not pay for it. Zeroing cannot write other CPUs' averages; it
 * steps lvs_stats::generation, by which readers know that a cell's average is void, and its CPU starts it afresh.
 */
#include <linux/cpumask.h>
#include <linux/preempt.h>
#include <linux/string.h>

#include "stats.h"

/* 2^10 (2^5 for bytes) times events per second, from the events of 2 s */
static const u8 window_shift[LVS_COUNTS] = { 9, 9, 9, 4, 4 };
/* what a shown rate is scaled by */
static const u8 rate_shift[LVS_COUNTS] = { 10, 10, 10, 5, 5 };

static_assert(sizeof(struct lvs_counts) == LVS_COUNTS * sizeof(u64));
static_assert(sizeof(struct lvs_rates) == LVS_COUNTS * sizeof(u64));

/**
 * lvs_stats_alloc - make the counters of an object
 * @s: counters
 * @gfp: how to allocate
 *
 * Context: as @gfp says. Return: 0 or -ENOMEM.
 */
int lvs_stats_alloc(struct lvs_stats *s, gfp_t gfp)
{
	unsigned long now = jiffies;
	int cpu;

	memset(s, 0, sizeof(*s));
	s->cells = alloc_percpu_gfp(struct lvs_stats_cell, gfp);
	if (!s->cells)
		return -ENOMEM;
	for_each_possible_cpu(cpu) {
		struct lvs_stats_cell *cell = per_cpu_ptr(s->cells, cpu);

		u64_stats_init(&cell->sync);
		seqcount_init(&cell->roll);
		cell->start = now;
	}
	return 0;
}

/**
 * lvs_stats_free - free the counters of an object
 * @s: counters, which no packet can reach any more; NULL cells are fine
 *
 * Context: any.
 */
void lvs_stats_free(struct lvs_stats *s)
{
	free_percpu(s->cells);
	s->cells = NULL;
}

/* Fold the events of the window that ended into the averages, then let @windows - 1 empty windows pass. */
static void rates_advance(u64 *ewma, const u64 *count, const u64 *base, unsigned long windows)
{
	unsigned long left;
	int i;

	if (!windows)
		return;
	for (i = 0; i < LVS_COUNTS; i++) {
		s64 avg = ewma[i];
		s64 rate = (count[i] - base[i]) << window_shift[i];

		avg += (rate - avg) >> 2;
		/* rounds down, so it ends at 0 after a few dozen steps however long the object was idle */
		for (left = windows - 1; left && avg; left--)
			avg += -avg >> 2;
		ewma[i] = avg;
	}
}

/**
 * lvs_stats_roll - begin a new window, or begin anew after the counters were zeroed
 * @s: counters
 * @cell: this CPU's cell of @s
 *
 * Context: softirq, or process with BH off.
 */
void lvs_stats_roll(struct lvs_stats *s, struct lvs_stats_cell *cell)
{
	u32 generation = READ_ONCE(s->generation);
	unsigned long windows = 0;

	if (time_after(jiffies, cell->start))
		windows = (jiffies - cell->start) / LVS_STATS_WINDOW;

	/* a reader that interrupted us would wait for ever */
	preempt_disable_nested();
	write_seqcount_begin(&cell->roll);
	if (cell->generation == generation) {
		rates_advance((u64 *)&cell->ewma, (u64 *)&cell->counts, (u64 *)&cell->base, windows);
	} else {
		memset(&cell->ewma, 0, sizeof(cell->ewma));
		cell->generation = generation;
	}
	cell->base = cell->counts;
	cell->start += windows * LVS_STATS_WINDOW;
	write_seqcount_end(&cell->roll);
	preempt_enable_nested();
}

static void cell_counts(const struct lvs_stats_cell *cell, struct lvs_counts *counts)
{
	unsigned int seq;

	do {
		seq = u64_stats_fetch_begin(&cell->sync);
		counts->conns = READ_ONCE(cell->counts.conns);
		counts->inpkts = READ_ONCE(cell->counts.inpkts);
		counts->outpkts = READ_ONCE(cell->counts.outpkts);
		counts->inbytes = READ_ONCE(cell->counts.inbytes);
		counts->outbytes = READ_ONCE(cell->counts.outbytes);
	} while (u64_stats_fetch_retry(&cell->sync, seq));
}

/* One CPU's averages as they would be had it rolled just now. */
static void cell_rates(const struct lvs_stats_cell *cell, u32 generation, struct lvs_rates *ewma)
{
	struct lvs_counts counts, base;
	unsigned long start, now;
	unsigned int seq;
	bool valid;

	do {
		seq = read_seqcount_begin(&cell->roll);
		valid = cell->generation == generation;
		start = cell->start;
		base = cell->base;
		*ewma = cell->ewma;
		cell_counts(cell, &counts);
	} while (read_seqcount_retry(&cell->roll, seq));

	now = jiffies;
	if (!valid)
		memset(ewma, 0, sizeof(*ewma));
	else if (time_after(now, start))
		rates_advance((u64 *)ewma, (u64 *)&counts, (u64 *)&base, (now - start) / LVS_STATS_WINDOW);
}

/**
 * lvs_stats_cpu - what one CPU has counted since the object was made
 * @s: counters
 * @cpu: a possible CPU
 * @counts: filled in
 *
 * Zeroing does not touch it. Context: any but hardirq.
 */
void lvs_stats_cpu(const struct lvs_stats *s, int cpu, struct lvs_counts *counts)
{
	cell_counts(per_cpu_ptr(s->cells, cpu), counts);
}

/**
 * lvs_stats_raw - what has been counted since the object was made
 * @s: counters
 * @sum: filled in
 *
 * Context: any but hardirq.
 */
void lvs_stats_raw(const struct lvs_stats *s, struct lvs_counts *sum)
{
	struct lvs_counts counts;
	int cpu;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		cell_counts(per_cpu_ptr(s->cells, cpu), &counts);
		lvs_counts_add(sum, &counts);
	}
}

/**
 * lvs_stats_read - what has been counted since the counters were zeroed
 * @s: counters
 * @counts: filled in
 *
 * Context: process, config lock; without it, a reader may see half of a concurrent zeroing.
 */
void lvs_stats_read(const struct lvs_stats *s, struct lvs_counts *counts)
{
	lvs_stats_raw(s, counts);
	lvs_counts_sub(counts, &s->zero);
}

/**
 * lvs_stats_rates_add - add an object's scaled averages to a sum
 * @s: counters
 * @scaled: the sum; see lvs_rates_scale()
 *
 * Context: any but hardirq.
 */
void lvs_stats_rates_add(const struct lvs_stats *s, struct lvs_rates *scaled)
{
	u32 generation = READ_ONCE(s->generation);
	struct lvs_rates ewma;
	int cpu;

	for_each_possible_cpu(cpu) {
		cell_rates(per_cpu_ptr(s->cells, cpu), generation, &ewma);
		scaled->cps += ewma.cps;
		scaled->inpps += ewma.inpps;
		scaled->outpps += ewma.outpps;
		scaled->inbps += ewma.inbps;
		scaled->outbps += ewma.outbps;
	}
}

/**
 * lvs_rates_scale - turn scaled averages into events per second, rounded as IPVS does
 * @rates: in and out
 */
void lvs_rates_scale(struct lvs_rates *rates)
{
	u64 *rate = (u64 *)rates;
	int i;

	for (i = 0; i < LVS_COUNTS; i++)
		rate[i] = (rate[i] + (1 << (rate_shift[i] - 1)) - 1) >> rate_shift[i];
}

/**
 * lvs_stats_rates - an object's averages per second
 * @s: counters
 * @rates: filled in
 *
 * Context: any but hardirq.
 */
void lvs_stats_rates(const struct lvs_stats *s, struct lvs_rates *rates)
{
	memset(rates, 0, sizeof(*rates));
	lvs_stats_rates_add(s, rates);
	lvs_rates_scale(rates);
}

/**
 * lvs_stats_zero - make readers see zero
 * @s: counters
 *
 * Context: process, config lock.
 */
void lvs_stats_zero(struct lvs_stats *s)
{
	lvs_stats_raw(s, &s->zero);
	WRITE_ONCE(s->generation, s->generation + 1);
}

/**
 * lvs_counts_add - add counts to a sum
 * @to: the sum
 * @from: what to add
 */
void lvs_counts_add(struct lvs_counts *to, const struct lvs_counts *from)
{
	to->conns += from->conns;
	to->inpkts += from->inpkts;
	to->outpkts += from->outpkts;
	to->inbytes += from->inbytes;
	to->outbytes += from->outbytes;
}

/**
 * lvs_counts_sub - take counts from a sum
 * @to: the sum
 * @from: what to take from it
 */
void lvs_counts_sub(struct lvs_counts *to, const struct lvs_counts *from)
{
	to->conns -= from->conns;
	to->inpkts -= from->inpkts;
	to->outpkts -= from->outpkts;
	to->inbytes -= from->inbytes;
	to->outbytes -= from->outbytes;
}
