// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: counters in /proc
 *
 * All of ip_vs_stats and ip_vs_stats_percpu is hexadecimal.
 */
#include <linux/proc_fs.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "../drop.h"
#include "../hook/defense.h"
#include "../hook/fast.h"
#include "../net.h"
#include "proc.h"

#define COUNTS "%8llX %8llX %8llX %16llX %16llX\n"

static struct lvs_net *single_net(struct seq_file *seq)
{
	return lvs_net(seq_file_single_net(seq));
}

/* Totals since zeroed; the lock keeps a reader from seeing half of a zeroing. */
static void total_read(struct lvs_net *ln, struct lvs_counts *counts, struct lvs_rates *rates)
{
	mutex_lock(&ln->config_lock);
	lvs_stats_read(&ln->total, counts);
	lvs_net_rates(ln, &ln->total, rates);
	mutex_unlock(&ln->config_lock);
}

static void counts_show(struct seq_file *seq, const struct lvs_counts *counts)
{
	seq_printf(seq, COUNTS, counts->conns, counts->inpkts, counts->outpkts, counts->inbytes, counts->outbytes);
}

static void rates_show(struct seq_file *seq, const struct lvs_rates *rates)
{
	seq_printf(seq, COUNTS, rates->cps, rates->inpps, rates->outpps, rates->inbps, rates->outbps);
}

static int stats_show(struct seq_file *seq, void *v)
{
	struct lvs_counts counts;
	struct lvs_rates rates;

	total_read(single_net(seq), &counts, &rates);
	seq_puts(seq, "   Total Incoming Outgoing         Incoming         Outgoing\n");
	seq_puts(seq, "   Conns  Packets  Packets            Bytes            Bytes\n");
	counts_show(seq, &counts);
	seq_puts(seq, "\n Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n");
	rates_show(seq, &rates);
	return 0;
}

static int stats_percpu_show(struct seq_file *seq, void *v)
{
	struct lvs_net *ln = single_net(seq);
	struct lvs_counts counts;
	struct lvs_rates rates;
	int cpu;

	seq_puts(seq, "       Total Incoming Outgoing         Incoming         Outgoing\n");
	seq_puts(seq, "CPU    Conns  Packets  Packets            Bytes            Bytes\n");
	for_each_possible_cpu(cpu) {
		lvs_stats_cpu(&ln->total, cpu, &counts);
		seq_printf(seq, "%3X ", cpu);
		counts_show(seq, &counts);
	}
	total_read(ln, &counts, &rates);
	seq_puts(seq, "  ~ ");
	counts_show(seq, &counts);
	seq_puts(seq, "\n     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n    ");
	rates_show(seq, &rates);
	return 0;
}

static void drops_line(struct seq_file *seq, const char *name, u64 count)
{
	seq_printf(seq, "%-28s %llu\n", name, count);
}

static int drops_show(struct seq_file *seq, void *v)
{
	struct lvs_outcomes sum;
	int i;

	lvs_outcomes_sum(single_net(seq)->outcomes, &sum);
	drops_line(seq, "packets_in", sum.in);
	drops_line(seq, lvs_outcome_name(LVS_FORWARDED), sum.by[LVS_FORWARDED]);
	drops_line(seq, lvs_outcome_name(LVS_ANSWERED), sum.by[LVS_ANSWERED]);
	drops_line(seq, lvs_outcome_name(LVS_PASSED), sum.by[LVS_PASSED]);
	for (i = LVS_DROP_FIRST; i < LVS_OUTCOME_MAX; i++)
		drops_line(seq, lvs_outcome_name(i), sum.by[i]);
	return 0;
}

static int fast_show(struct seq_file *seq, void *v)
{
	lvs_fast_show(single_net(seq), seq);
	return 0;
}

static int defense_show(struct seq_file *seq, void *v)
{
	lvs_defense_show(single_net(seq), seq);
	return 0;
}

static int single_create(struct lvs_net *ln, const char *name, int (*show)(struct seq_file *seq, void *v))
{
	return proc_create_net_single(name, 0444, ln->net->proc_net, show, NULL) ? 0 : -ENOMEM;
}

/**
 * lvs_proc_stats_create - make ip_vs_stats
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_stats_create(struct lvs_net *ln)
{
	return single_create(ln, "ip_vs_stats", stats_show);
}

/**
 * lvs_proc_stats_percpu_create - make ip_vs_stats_percpu
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_stats_percpu_create(struct lvs_net *ln)
{
	return single_create(ln, "ip_vs_stats_percpu", stats_percpu_show);
}

/**
 * lvs_proc_drops_create - make lvs_drops
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_drops_create(struct lvs_net *ln)
{
	return single_create(ln, "lvs_drops", drops_show);
}

/**
 * lvs_proc_fast_create - make lvs_fast_path
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_fast_create(struct lvs_net *ln)
{
	return single_create(ln, "lvs_fast_path", fast_show);
}

/**
 * lvs_proc_defense_create - make lvs_defense
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_defense_create(struct lvs_net *ln)
{
	return single_create(ln, "lvs_defense", defense_show);
}
