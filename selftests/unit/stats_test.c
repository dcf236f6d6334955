// SPDX-License-Identifier: GPL-2.0
/*
 * Counts and rates against a model that does what the code avoids: it keeps one
 * average for all CPUs and visits it at the end of every window.
 */
#include "sim.h"

#define ONE (1 << 20)

static struct lvs_stats stats;
static u64 total[LVS_COUNTS], zero[LVS_COUNTS], in_window[LVS_COUNTS];
static s64 average[LVS_COUNTS];	/* in units of 1/ONE */
static unsigned long window_end;

static void model_begin(void)
{
	memset(total, 0, sizeof(total));
	memset(zero, 0, sizeof(zero));
	memset(in_window, 0, sizeof(in_window));
	memset(average, 0, sizeof(average));
	window_end = jiffies + 2 * HZ;
}

/* Each window of 2 s moves the average by a quarter of the way to that window's rate. */
static void model_time(void)
{
	int i;

	while (!time_after(window_end, jiffies)) {
		for (i = 0; i < LVS_COUNTS; i++) {
			average[i] += ((s64)(in_window[i] * (ONE / 2)) - average[i]) / 4;
			in_window[i] = 0;
		}
		window_end += 2 * HZ;
	}
}

static void model_count(int what, u64 n)
{
	model_time();
	total[what] += n;
	in_window[what] += n;
}

/* A size as packets have, or as large GSO packets have. */
static unsigned int any_size(void)
{
	return unit_below(unit_below(8) ? 1500 : 65536);
}

static void traffic(void)
{
	unsigned int bytes = any_size();

	unit_cpu = unit_below(UNIT_CPUS);
	switch (unit_below(5)) {
	case 0:
		lvs_stats_conn(&stats);
		model_count(0, 1);
		break;
	case 1:
	case 2:
		lvs_stats_in(&stats, bytes);
		model_count(1, 1);
		model_count(3, bytes);
		break;
	default:
		lvs_stats_out(&stats, bytes);
		model_count(2, 1);
		model_count(4, bytes);
	}
}

/* Each CPU's steps round down by less than 1 in 2^10 (2^5 for bytes); over time, by less than 4 of these. */
static void check_rates(void)
{
	static const s64 unit[LVS_COUNTS] = { 1024, 1024, 1024, 32, 32 };
	struct lvs_rates scaled = {}, rates;
	const u64 *have = (u64 *)&scaled, *shown = (u64 *)&rates;
	int i;

	lvs_stats_rates_add(&stats, &scaled);
	lvs_stats_rates(&stats, &rates);
	model_time();
	for (i = 0; i < LVS_COUNTS; i++) {
		s64 off = average[i] * unit[i] - (s64)(have[i] * ONE);
		s64 above = shown[i] * unit[i] - have[i];

		CHECK(off > -ONE / 100 && off < 4 * UNIT_CPUS * ONE + ONE / 100);
		/* the nearest whole number; exactly a half goes down */
		CHECK(above < unit[i] / 2 && -above <= unit[i] / 2);
	}
}

static void check_counts(void)
{
	struct lvs_counts raw, counts;
	int i;

	lvs_stats_raw(&stats, &raw);
	lvs_stats_read(&stats, &counts);
	for (i = 0; i < LVS_COUNTS; i++) {
		CHECK_EQ(((u64 *)&raw)[i], total[i]);
		CHECK_EQ(((u64 *)&counts)[i], total[i] - zero[i]);
	}
}

static void zero_all(void)
{
	model_time();
	lvs_stats_zero(&stats);
	memcpy(zero, total, sizeof(zero));
	memset(in_window, 0, sizeof(in_window));
	memset(average, 0, sizeof(average));
}

static unsigned long any_pause(void)
{
	switch (unit_below(6)) {
	case 0:
		return unit_below(20 * HZ);
	case 1:
		return window_end - jiffies;	/* to the very edge of the window */
	case 2:
		return window_end - jiffies - 1;
	default:
		return unit_below(HZ);
	}
}

UNIT_TEST(stats_follow_the_model)
{
	int round, i;

	for (round = 0; round < UNIT_MANY(50); round++) {
		if (lvs_stats_alloc(&stats, GFP_KERNEL))
			abort();
		model_begin();
		for (i = 0; i < 400; i++) {
			int packets = unit_below(unit_below(4) ? 10 : 300);

			while (packets--)
				traffic();
			unit_jiffies += any_pause();
			if (!unit_below(40))
				zero_all();
			if (unit_below(2))
				check_rates();
			check_counts();
		}
		lvs_stats_free(&stats);
	}
}

/* 1000 packets a second come to be shown as 1000, and as nothing when they have long stopped. */
UNIT_TEST(stats_steady_rate_is_shown)
{
	struct lvs_rates rates;
	int second, i;

	if (lvs_stats_alloc(&stats, GFP_KERNEL))
		abort();
	for (second = 0; second < 60; second++) {
		for (i = 0; i < 1000; i++) {
			unit_cpu = i % UNIT_CPUS;
			lvs_stats_in(&stats, 100);
		}
		unit_jiffies += HZ;
	}
	lvs_stats_rates(&stats, &rates);
	CHECK_EQ(rates.inpps, 1000);
	CHECK(rates.inbps >= 99980 && rates.inbps <= 100000);
	CHECK_EQ(rates.outpps, 0);

	unit_jiffies += 10 * HZ;
	lvs_stats_rates(&stats, &rates);
	/* (3/4)^5 of it */
	CHECK(rates.inpps >= 236 && rates.inpps <= 238);
	unit_jiffies += 24ul * 3600 * 365 * HZ;
	lvs_stats_rates(&stats, &rates);
	CHECK_EQ(rates.inpps, 0);
	CHECK_EQ(rates.inbps, 0);
	lvs_stats_free(&stats);
}

/* A zeroed object that is idle shows nothing, also on the CPUs that have not looked at it since. */
UNIT_TEST(stats_zero_is_for_all_cpus)
{
	struct lvs_counts counts, want = {}, cpu_counts;
	struct lvs_rates rates;
	int i;

	if (lvs_stats_alloc(&stats, GFP_KERNEL))
		abort();
	for (i = 0; i < 3000; i++) {
		unit_cpu = i % UNIT_CPUS;
		lvs_stats_out(&stats, 1000);
		unit_jiffies += !(i % 4);
	}
	unit_jiffies += 3 * HZ;
	lvs_stats_rates(&stats, &rates);
	CHECK(rates.outpps > 0);
	lvs_stats_zero(&stats);
	lvs_stats_read(&stats, &counts);
	CHECK(!memcmp(&counts, &want, sizeof(want)));
	lvs_stats_rates(&stats, &rates);
	CHECK_EQ(rates.outpps, 0);

	unit_cpu = 1;
	lvs_stats_out(&stats, 7);
	lvs_stats_read(&stats, &counts);
	CHECK_EQ(counts.outpkts, 1);
	CHECK_EQ(counts.outbytes, 7);
	/* what one CPU has counted is not zeroed */
	lvs_stats_cpu(&stats, 1, &cpu_counts);
	CHECK_EQ(cpu_counts.outpkts, 3000 / UNIT_CPUS + 1);
	lvs_stats_free(&stats);
}

UNIT_TEST(stats_without_memory)
{
	unit_fail_at = 0;
	CHECK_EQ(lvs_stats_alloc(&stats, GFP_KERNEL), -ENOMEM);
	unit_fail_at = -1;
	lvs_stats_free(&stats);
}
