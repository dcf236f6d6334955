// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: outcomes
 *
 * A hook counts every packet that it looks at, and ends it in exactly one outcome. Both are counted per CPU, so that
 * "packets in" is the sum of all outcomes whenever no packet is under way.
 */
#include <linux/netfilter.h>
#include <linux/percpu.h>
#include <linux/string.h>

#include "drop.h"
#include "net.h"
#include "packet.h"

#define CREATE_TRACE_POINTS
#include "trace.h"

static const char * const outcome_names[LVS_OUTCOME_MAX] = {
	[LVS_FORWARDED] = "forwarded",
	[LVS_ANSWERED] = "answered",
	[LVS_PASSED] = "passed",
	[LVS_DELIVERED] = "delivered",
	[LVS_TRANSLATED] = "translated",
#define LVS_DROP_NAME(sym, name) \
	[LVS_DROP_##sym] = #name,
	LVS_DROP_REASONS(LVS_DROP_NAME)
#undef LVS_DROP_NAME
};

/**
 * lvs_outcome_name - name of an outcome, as /proc/net/lvs_drops shows it
 * @outcome: outcome
 *
 * Return: the name.
 */
const char *lvs_outcome_name(enum lvs_outcome outcome)
{
	return outcome < LVS_OUTCOME_MAX ? outcome_names[outcome] : "unknown";
}

/**
 * lvs_outcomes_sum - counts over all CPUs
 * @cells: the CPUs' counts
 * @sum: filled in
 *
 * The sums of @sum->in, of LVS_FORWARDED and of LVS_PASSED include what has counters of its own.
 * Context: any. Exact while no packet is under way. On a 32-bit machine a count that passes a multiple of 2^32 while it
 * is read may show too small by 2^32 that once.
 */
void lvs_outcomes_sum(const struct lvs_outcomes __percpu *cells, struct lvs_outcomes *sum)
{
	int cpu, i;

	memset(sum, 0, sizeof(*sum));
	for_each_possible_cpu(cpu) {
		const struct lvs_outcomes *cell = per_cpu_ptr(cells, cpu);
		u64 fast = READ_ONCE(cell->fast), steady = READ_ONCE(cell->steady), foreign = READ_ONCE(cell->foreign);

		sum->fast += fast;
		sum->steady += steady;
		sum->foreign += foreign;
		sum->in += READ_ONCE(cell->in) + fast + steady + foreign;
		sum->by[LVS_FORWARDED] += fast + steady;
		sum->by[LVS_PASSED] += foreign;
		for (i = 0; i < LVS_OUTCOME_MAX; i++)
			sum->by[i] += READ_ONCE(cell->by[i]);
	}
}

/*
 * What fails on its way is as if lost on the wire: a sender on this host hears of it by ICMP, as any other does, and not by
 * an error of its system call.
 */
static unsigned int drop(const struct lvs_pkt *pkt)
{
	if (pkt->hook != NF_INET_LOCAL_OUT || !(pkt->flags & LVS_PKT_ROUTED))
		return NF_DROP;
	kfree_skb(pkt->skb);
	return NF_STOLEN;
}

/**
 * lvs_outcome_verdict - count and trace the end of a packet
 * @ln: namespace
 * @pkt: the packet; of an skb that is gone (LVS_FORWARDED) nothing is read, and one that is dropped may be gone afterwards
 * @outcome: how it ended
 *
 * Context: any.
 * Return: what a netfilter hook returns for it.
 */
unsigned int lvs_outcome_verdict(struct lvs_net *ln, const struct lvs_pkt *pkt, enum lvs_outcome outcome)
{
	switch (outcome) {
	case LVS_FORWARDED:
		this_cpu_inc(ln->outcomes->by[LVS_FORWARDED]);
		return NF_STOLEN;
	case LVS_DELIVERED:
	case LVS_TRANSLATED:
		this_cpu_inc(ln->outcomes->by[LVS_FORWARDED]);
		return NF_ACCEPT;
	case LVS_PASSED:
		this_cpu_inc(ln->outcomes->by[LVS_PASSED]);
		return NF_ACCEPT;
	case LVS_ANSWERED:
		this_cpu_inc(ln->outcomes->by[LVS_ANSWERED]);
		return drop(pkt);
	default:
		this_cpu_inc(ln->outcomes->by[outcome]);
		trace_lvs_drop(ln->net, pkt, outcome);
		return drop(pkt);
	}
}
