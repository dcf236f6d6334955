/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_STATS_H
#define _LVS_STATS_H

#include <linux/percpu.h>
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

#define LVS_COUNTS 5	/* members of struct lvs_counts, each a u64 */

/**
 * struct lvs_rates - moving averages per second, as stock shows them
 */
struct lvs_rates {
	u64 cps;
	u64 inpps;
	u64 outpps;
	u64 inbps;
	u64 outbps;
};

/**
 * struct lvs_stats_cell - one CPU's part
 * @sync: guards 64-bit reads on 32-bit machines
 * @window: number of the 2 s window that @base was taken in
 * @counts: live counts
 * @base: counts at the start of @window
 * @ewma: average per second at the start of @window, scaled by 2^10 (@ewma[0..2]) or 2^5 (bytes)
 */
struct lvs_stats_cell {
	struct u64_stats_sync sync;
	u32 window;
	struct lvs_counts counts;
	struct lvs_counts base;
	u64 ewma[LVS_COUNTS];
};

/**
 * struct lvs_stats - counters of one object
 * @cells: per-CPU, written in softirq by packets
 * @zero: what counts as zero for readers; config lock
 */
struct lvs_stats {
	struct lvs_stats_cell __percpu *cells;
	struct lvs_counts zero;
};

int lvs_stats_alloc(struct lvs_stats *s, gfp_t gfp);
void lvs_stats_free(struct lvs_stats *s);
void lvs_stats_in(struct lvs_stats *s, unsigned int bytes);
void lvs_stats_out(struct lvs_stats *s, unsigned int bytes);
void lvs_stats_conn(struct lvs_stats *s);
void lvs_stats_raw(const struct lvs_stats *s, struct lvs_counts *sum);
void lvs_stats_cpu(const struct lvs_stats *s, int cpu, struct lvs_counts *counts);
void lvs_stats_read(const struct lvs_stats *s, struct lvs_counts *counts);
void lvs_stats_rates_add(const struct lvs_stats *s, struct lvs_rates *scaled);
void lvs_rates_scale(struct lvs_rates *rates);
void lvs_stats_zero(struct lvs_stats *s);
void lvs_counts_add(struct lvs_counts *to, const struct lvs_counts *from);
void lvs_counts_sub(struct lvs_counts *to, const struct lvs_counts *from);

#endif
