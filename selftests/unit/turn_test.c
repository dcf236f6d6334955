// SPDX-License-Identifier: GPL-2.0
#include "sched/turn.h"
#include "pools.h"

static const struct lvs_sched_key any_flow = { .af = AF_INET };

static unsigned int index_of(const struct lvs_dest *dest)
{
	return dest - unit_dest;
}

/* Any period's turns have every position once. */
UNIT_TEST(turn_positions_are_a_permutation)
{
	static u8 seen[3000];
	u64 period, n, start;
	int spread;

	for (period = 1; period < 3000; period += period < 200 ? 1 : 97) {
		for (spread = 0; spread < 2; spread++) {
			struct lvs_turn turn = { 0 };

			lvs_turn_init(&turn, period, spread);
			start = unit_rand() / 2;
			memset(seen, 0, period);
			for (n = 0; n < period; n++) {
				u64 at = lvs_turn_position(&turn, start + n);

				CHECK(at < period);
				CHECK(!seen[at]++);
			}
		}
	}
}

/* a * b mod m; a and b are less than m, or a small and b less */
static u64 mul_mod(u64 a, u64 b, u64 m)
{
	return a * b - mul_u64_u64_div_u64(a, b, m) * m;
}

UNIT_TEST(turn_positions_are_exact_for_huge_periods)
{
	int round, i;

	for (round = 0; round < 2000; round++) {
		u64 period = 7 + unit_below(1ULL << (3 + unit_below(60)));
		u64 ratio;
		struct lvs_turn turn = { 0 };

		lvs_turn_init(&turn, period, true);
		CHECK_EQ(gcd(turn.step, period), 1);
		/* in hundredths */
		ratio = turn.step / (period / 100 + 1);
		CHECK(period < 20000 || (ratio >= 58 && ratio < 66));
		for (i = 0; i < 100; i++) {
			u64 n = unit_rand() >> unit_below(64);

			CHECK_EQ(lvs_turn_position(&turn, n),
				 mul_mod(n % period, turn.step, period));
		}
	}
}

/* In units of the weights, over the dests that can take a conn. */
static u64 usable_period(const u32 *weights, unsigned int n, bool weighted,
			 u32 *unit)
{
	u64 sum = 0;
	unsigned int i;

	*unit = 0;
	for (i = 0; i < n; i++)
		if (weights[i])
			*unit = weighted ? gcd(*unit, weights[i]) : 1;
	for (i = 0; i < n; i++)
		if (weights[i] && lvs_dest_eligible(&unit_dest[i]))
			sum += weighted ? weights[i] / *unit : 1;
	return sum;
}

/*
 * Pick for @windows periods and look at every window of one period on the way:
 * each dest must have exactly its share in all of them.
 */
static void check_windows(const struct lvs_pool *pool,
			  struct lvs_sched_state *state, const u32 *weights,
			  unsigned int n, bool weighted, unsigned int windows)
{
	static u64 count[UNIT_DESTS];
	unsigned int i;
	u64 period, t;
	u16 *history;
	u32 unit;

	period = usable_period(weights, n, weighted, &unit);
	history = calloc(period ?: 1, sizeof(*history));
	memset(count, 0, n * sizeof(*count));
	for (t = 0; t < period * windows; t++) {
		unsigned int at = index_of(unit_pick(pool, state, &any_flow));

		if (at >= n) {
			CHECK(at < n);
			break;
		}
		CHECK(weights[at] && lvs_dest_eligible(&unit_dest[at]));
		if (t >= period)
			count[history[t % period]]--;
		history[t % period] = at;
		count[at]++;
		/* after a full window no count may ever exceed the share */
		CHECK(count[at] <= (weighted ? weights[at] / unit : 1));
	}
	for (i = 0; i < n; i++) {
		bool usable = weights[i] && lvs_dest_eligible(&unit_dest[i]);

		CHECK_EQ(count[i], usable ? weighted ? weights[i] / unit : 1 : 0);
	}
	if (!period)
		CHECK(!unit_pick(pool, state, &any_flow));
	free(history);
}

static void some_weights(u32 *weights, unsigned int n, u32 most)
{
	u32 factor = 1 + unit_below(4);
	unsigned int i;

	for (i = 0; i < n; i++)
		weights[i] = unit_below(8) ? factor * (1 + unit_below(most)) : 0;
}

UNIT_TEST(turn_every_window_is_exact)
{
	static u32 weights[600];
	int round;

	for (round = 0; round < UNIT_MANY(300); round++) {
		unsigned int n = 1 + unit_below(round % 10 ? 12 : 600);
		bool weighted = round % 3;
		struct lvs_sched_state state = { 0 };
		struct lvs_pool *pool;

		atomic64_set(&state.turn, unit_rand() >> 2);
		some_weights(weights, n, 1 + unit_below(200));
		pool = unit_pool(weights, n);
		unit_attach(pool, weighted ? "wrr" : "rr");
		check_windows(pool, &state, weights, n, weighted, 3);
		lvs_pool_discard(pool);
	}
}

UNIT_TEST(turn_one_to_a_million_is_exact)
{
	u32 weights[] = { 1, 1000000 };
	struct lvs_pool *pool = unit_pool(weights, 2);
	struct lvs_sched_state state = { 0 };

	unit_attach(pool, "wrr");
	check_windows(pool, &state, weights, 2, true, 3);
	lvs_pool_discard(pool);
}

/*
 * Weights near 2^31 on thousands of dests: periods far above 2^32. Each pick is
 * compared with a plain walk over the weights, and the shares of a part of the
 * period with their due.
 */
UNIT_TEST(turn_huge_weights_match_plain_walk)
{
	enum { N = 3000, PICKS = UNIT_MANY(300000) };
	static u32 weights[N];
	static u64 count[N];
	struct lvs_sched_state state = { 0 };
	struct lvs_turn turn = { 0 };
	struct lvs_pool *pool;
	u64 worst = 0;	/* in hundredths */
	u64 sum = 0, t;
	int i;

	for (i = 0; i < N; i++)
		sum += weights[i] = INT_MAX - unit_below(1000);
	weights[0] = INT_MAX;
	weights[1] = INT_MAX - 1;
	sum = 0;
	for (i = 0; i < N; i++)
		sum += weights[i];
	memset(count, 0, sizeof(count));
	pool = unit_pool(weights, N);
	unit_attach(pool, "wrr");
	lvs_turn_init(&turn, sum, true);
	for (t = 0; t < PICKS; t++) {
		unsigned int got = index_of(unit_pick(pool, &state, &any_flow));

		count[got]++;
		if (t % 100 == 0) {
			u64 at = mul_mod(t, turn.step, sum);

			for (i = N - 1; at >= weights[i]; i--)
				at -= weights[i];
			CHECK_EQ(got, i);
		}
	}
	for (i = 0; i < N; i++) {
		u64 due = mul_u64_u64_div_u64(100 * PICKS, weights[i], sum);

		worst = max(worst, due > 100 * count[i] ? due - 100 * count[i] : 100 * count[i] - due);
	}
	unit_note("no dest further than %llu hundredths of a conn from its due", (unsigned long long)worst);
	CHECK(worst < 400);
	lvs_pool_discard(pool);
}

/* rr goes through the dests in the pool's order. */
UNIT_TEST(turn_rr_keeps_the_order)
{
	u32 weights[] = { 5, 0, 1, 900, 0, 2 };
	unsigned int order[] = { 5, 3, 2, 0 };
	struct lvs_pool *pool = unit_pool(weights, 6);
	struct lvs_sched_state state = { 0 };
	int i;

	unit_attach(pool, "rr");
	for (i = 0; i < 20; i++)
		CHECK_EQ(index_of(unit_pick(pool, &state, &any_flow)),
			 order[i % 4]);
	lvs_pool_discard(pool);
}

/* Few conns in a row for one dest, also in the period that has no good step. */
UNIT_TEST(turn_wrr_spreads)
{
	u32 weights[] = { 3, 2, 1 };
	struct lvs_pool *pool = unit_pool(weights, 3);
	struct lvs_sched_state state = { 0 };
	unsigned int last = 99;
	int i;

	unit_attach(pool, "wrr");
	for (i = 0; i < 60; i++) {
		unsigned int got = index_of(unit_pick(pool, &state, &any_flow));

		CHECK(got != last);
		last = got;
	}
	lvs_pool_discard(pool);
}

/* After every edit, from whichever turn it finds, windows are exact again. */
UNIT_TEST(turn_is_exact_while_servers_come_and_go)
{
	static u32 weights[400];
	struct lvs_sched_state state = { 0 };
	struct lvs_pool *pool;
	unsigned int n = 300;
	int round;

	some_weights(weights, n, 20);
	pool = unit_edit(NULL, unit_pool(weights, n), "wrr");
	for (round = 0; round < UNIT_MANY(150); round++) {
		unsigned int at = unit_below(n);
		struct lvs_dest *dest = &unit_dest[at];
		struct lvs_pool *new;

		if (round % 3 == 0) {
			weights[at] = unit_below(30);
			new = lvs_pool_reweight(pool, dest, weights[at], GFP_KERNEL);
		} else if (!lvs_pool_lookup(pool, dest)) {
			weights[at] = 1 + unit_below(30);
			new = lvs_pool_add(pool, dest, weights[at], GFP_KERNEL);
		} else {
			weights[at] = 0;
			new = lvs_pool_remove(pool, dest, GFP_KERNEL);
		}
		if (PTR_ERR(new) == -ENOENT) {
			weights[at] = 0;
			continue;
		}
		pool = unit_edit(pool, new, round % 5 ? "wrr" : "rr");
		check_windows(pool, &state, weights, n, round % 5, 2);
	}
	lvs_pool_retire(pool, NULL);
}

/*
 * Some dests are full. Within one period of the whole pool it is known whether
 * the regular sequence serves; from then on every window of the others is exact.
 */
static void check_overloaded(unsigned int n, u32 most, unsigned int part,
			     bool weighted)
{
	static u32 weights[2000];
	struct lvs_sched_state state = { 0 };
	struct lvs_pool *pool;
	u64 period, t;
	unsigned int i;
	u32 unit;

	some_weights(weights, n, most);
	pool = unit_pool(weights, n);
	unit_attach(pool, weighted ? "wrr" : "rr");
	period = usable_period(weights, n, weighted, &unit);
	for (i = 0; i < n; i++)
		unit_overload(&unit_dest[i], unit_below(100) < part);
	for (t = 0; t < period; t++)
		unit_pick(pool, &state, &any_flow);
	check_windows(pool, &state, weights, n, weighted, 3);

	for (i = 0; i < n; i++)
		unit_overload(&unit_dest[i], false);
	unit_pick(pool, &state, &any_flow);
	CHECK(!state.sparse);
	check_windows(pool, &state, weights, n, weighted, 2);
	lvs_pool_discard(pool);
}

UNIT_TEST(turn_is_exact_among_dests_that_are_not_full)
{
	static const unsigned int parts[] = { 1, 10, 50, 90, 99, 100 };
	int round;

	for (round = 0; round < UNIT_MANY(120); round++) {
		unsigned int part = parts[round % ARRAY_SIZE(parts)];

		check_overloaded(1 + unit_below(10), 1 + unit_below(500), part,
				 round % 4);
		if (round % 10 == 0)
			check_overloaded(500, 5, part, round % 20);
	}
}

/* The heavy one is full: the light ones share among themselves, exactly. */
UNIT_TEST(turn_heavy_dest_full)
{
	u32 weights[] = { 1, 2, 3, INT_MAX };
	struct lvs_pool *pool = unit_pool(weights, 4);
	struct lvs_sched_state state = { 0 };
	u64 count[4] = { 0 };
	int i;

	unit_attach(pool, "wrr");
	unit_overload(&unit_dest[3], true);
	unit_pick(pool, &state, &any_flow);
	CHECK(state.sparse);
	for (i = 0; i < 600; i++)
		count[index_of(unit_pick(pool, &state, &any_flow))]++;
	CHECK_EQ(count[0], 100);
	CHECK_EQ(count[1], 200);
	CHECK_EQ(count[2], 300);
	CHECK_EQ(count[3], 0);
	lvs_pool_discard(pool);
}

/* A flow that some dests cannot take: others do, and nobody else notices. */
UNIT_TEST(turn_avoids_what_the_flow_cannot_use)
{
	static const char *const scheds[] = { "rr", "wrr" };
	u32 weights[] = { 1, 2, 3, 1000000 };
	struct lvs_dest *avoid[4];
	int s, n_avoid, i;

	for (s = 0; s < 2; s++) {
		struct lvs_pool *pool = unit_pool(weights, 4);
		struct lvs_sched_state state = { 0 };

		unit_attach(pool, scheds[s]);
		for (i = 0; i < 400; i++) {
			struct lvs_sched_key key = any_flow;

			key.avoid = avoid;
			for (n_avoid = 0; n_avoid < 4; n_avoid++) {
				struct lvs_dest *dest;

				key.n_avoid = n_avoid;
				dest = unit_pick(pool, &state, &key);
				CHECK(dest && !lvs_sched_avoids(&key, dest));
				avoid[n_avoid] = dest;
			}
			key.n_avoid = 4;
			CHECK(!unit_pick(pool, &state, &key));
			CHECK(!state.sparse);
		}
		lvs_pool_discard(pool);
	}
}

enum { PERIODS = UNIT_MANY(1000) };

struct picker {
	const struct lvs_pool *pool;
	struct lvs_sched_state *state;
	u64 picks;
	u64 count[64];
};

static void picker_run(void *data)
{
	struct picker *picker = data;
	u64 i;

	for (i = 0; i < picker->picks; i++)
		picker->count[index_of(unit_pick(picker->pool, picker->state,
						      &any_flow))]++;
}

/* 4 threads take turns for a number of periods; the totals are exact. */
static void check_threads(const char *sched, bool full)
{
	u32 weights[] = { 7, 0, 1, 30, 12, 12, 5, 1, 1, 31 };
	struct lvs_pool *pool = unit_pool(weights, 10);
	struct lvs_sched_state state = { 0 };
	struct picker picker[4];
	struct unit_thread thread[4];
	u64 period, total;
	u32 i, j, unit;

	unit_attach(pool, sched);
	unit_overload(&unit_dest[3], full);
	unit_overload(&unit_dest[9], full);
	period = usable_period(weights, 10, sched[0] == 'w', &unit);
	for (i = 0; i < 4; i++) {
		picker[i] = (struct picker){ pool, &state, period * PERIODS, { 0 } };
		unit_thread_start(&thread[i], picker_run, &picker[i]);
	}
	for (i = 0; i < 4; i++)
		unit_thread_join(&thread[i]);
	for (j = 0; j < 10; j++) {
		u64 share = sched[0] == 'w' ? weights[j] : !!weights[j];

		total = 0;
		for (i = 0; i < 4; i++)
			total += picker[i].count[j];
		if (!lvs_dest_eligible(&unit_dest[j]))
			share = 0;
		CHECK_EQ(total, 4 * PERIODS * share);
	}
	unit_overload(&unit_dest[3], false);
	unit_overload(&unit_dest[9], false);
	lvs_pool_discard(pool);
}

UNIT_TEST(turn_threads_share_exactly)
{
	check_threads("wrr", false);
	check_threads("rr", false);
	check_threads("wrr", true);
	check_threads("rr", true);
}
