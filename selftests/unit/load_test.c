// SPDX-License-Identifier: GPL-2.0
#include "sched/load.h"
#include "pools.h"

typedef unsigned __int128 u128;

enum { N_MAX = 300 };

/* A busy pool: small numbers make ties likely, big ones overflow. */
static void some_load(unsigned int n)
{
	bool big = !unit_below(3);
	unsigned int i;

	for (i = 0; i < n; i++) {
		u32 range = big ? INT_MAX : 1 + unit_below(5);

		atomic_set(&unit_dest[i].active, unit_below(range));
		atomic_set(&unit_dest[i].inactive, unit_below(range));
		unit_overload(&unit_dest[i], !unit_below(4));
	}
}

static void some_weights(u32 *weights, unsigned int n)
{
	u32 range = unit_below(3) ? 1 + unit_below(5) : INT_MAX;
	unsigned int i;

	for (i = 0; i < n; i++)
		weights[i] = unit_below(6) ? 1 + unit_below(range) : 0;
}

/* The load of a dest over its weight, as a fraction. */
static void load_of(const char *sched, const struct lvs_dest *dest, u32 weight,
		    u128 *load, u128 *over)
{
	u128 active = (u32)atomic_read(&dest->active);
	u128 inactive = (u32)atomic_read(&dest->inactive);

	*over = weight;
	if (!strcmp(sched, "lc") || !strcmp(sched, "wlc") || !strncmp(sched, "lblc", 4))
		*load = 256 * active + (active + inactive);
	else
		*load = active + 1;
	if (!strcmp(sched, "lc"))
		*over = 1;
}

static bool usable(const struct lvs_sched_key *key, unsigned int i, u32 weight)
{
	return weight && lvs_dest_eligible(&unit_dest[i]) &&
	       !lvs_sched_avoids(key, &unit_dest[i]);
}

/* What the family's schedulers should choose, by comparing all with all. */
static struct lvs_dest *expect_least(const char *sched, const u32 *weights, int n,
				     const struct lvs_sched_key *key)
{
	struct lvs_dest *best = NULL;
	u128 load, over, best_load = 0, best_over = 0;
	int i;

	for (i = n - 1; i >= 0; i--) {
		if (!usable(key, i, weights[i]))
			continue;
		if (!strcmp(sched, "nq") && !atomic_read(&unit_dest[i].active))
			return &unit_dest[i];
	}
	for (i = n - 1; i >= 0; i--) {
		if (!usable(key, i, weights[i]))
			continue;
		load_of(sched, &unit_dest[i], weights[i], &load, &over);
		if (!best || load * best_over < best_load * over) {
			best = &unit_dest[i];
			best_load = load;
			best_over = over;
		}
	}
	return best;
}

static struct lvs_dest *expect_highest(const char *sched, const u32 *weights,
				       int n, const struct lvs_sched_key *key)
{
	struct lvs_dest *best = NULL;
	u32 highest = 0;
	int i;

	for (i = n - 1; i >= 0; i--) {
		if (!usable(key, i, weights[i]) || weights[i] <= highest)
			continue;
		if (!strcmp(sched, "ovf") &&
		    atomic_read(&unit_dest[i].active) > (s64)weights[i])
			continue;
		best = &unit_dest[i];
		highest = weights[i];
	}
	return best;
}

static void check_family(const char *const *scheds, unsigned int n_scheds,
			 struct lvs_dest *(*expect)(const char *, const u32 *, int,
						    const struct lvs_sched_key *))
{
	struct lvs_sched_state state = { 0 };
	struct lvs_dest *avoid[3];
	u32 weights[N_MAX];
	unsigned int s;
	int round, i;

	for (round = 0; round < UNIT_MANY(1500); round++) {
		unsigned int n = unit_below(round % 20 ? 8 : N_MAX);
		struct lvs_sched_key key = { .af = AF_INET, .avoid = avoid };
		struct lvs_pool *pool;

		some_weights(weights, n);
		some_load(n);
		key.n_avoid = unit_below(2) ? unit_below(4) : 0;
		for (i = 0; i < 3; i++)
			avoid[i] = &unit_dest[unit_below(n + 1)];
		pool = unit_pool(weights, n);
		for (s = 0; s < n_scheds; s++) {
			struct lvs_pool *own = lvs_pool_clone(pool, GFP_KERNEL);

			unit_attach(own, scheds[s]);
			CHECK(unit_pick(own, &state, &key) ==
			      expect(scheds[s], weights, n, &key));
			lvs_pool_discard(own);
		}
		lvs_pool_discard(pool);
	}
}

UNIT_TEST(load_lc_family_matches_brute_force)
{
	static const char *const scheds[] = { "lc", "wlc", "sed", "nq", "lblc", "lblcr" };

	check_family(scheds, ARRAY_SIZE(scheds), expect_least);
}

UNIT_TEST(load_fo_and_ovf_match_brute_force)
{
	static const char *const scheds[] = { "fo", "ovf" };

	check_family(scheds, ARRAY_SIZE(scheds), expect_highest);
}

/* An active conn weighs as much as 257 inactive ones; the newest wins a tie. */
UNIT_TEST(load_active_conn_counts_257)
{
	static const char *const scheds[] = { "lc", "wlc" };
	struct lvs_sched_key key = { .af = AF_INET };
	struct lvs_sched_state state = { 0 };
	u32 weights[] = { 1, 1 };
	unsigned int s;

	for (s = 0; s < ARRAY_SIZE(scheds); s++) {
		struct lvs_pool *pool = unit_pool(weights, 2);

		unit_attach(pool, scheds[s]);
		atomic_set(&unit_dest[1].active, 1);
		atomic_set(&unit_dest[0].inactive, 256);
		CHECK(unit_pick(pool, &state, &key) == &unit_dest[0]);
		atomic_set(&unit_dest[0].inactive, 257);
		CHECK(unit_pick(pool, &state, &key) == &unit_dest[1]);
		atomic_set(&unit_dest[0].inactive, 258);
		CHECK(unit_pick(pool, &state, &key) == &unit_dest[1]);
		lvs_pool_discard(pool);
	}
}

/* Products of more than 64 bits, and those that differ in the last bit. */
UNIT_TEST(load_comparison_does_not_overflow)
{
	int round;

	for (round = 0; round < UNIT_MANY(200000); round++) {
		u64 a = unit_below(1ULL << (1 + unit_below(42)));
		u64 b = unit_below(2) ? unit_below(1ULL << 42) : a + unit_below(2);
		u32 wa = 1 + unit_below(INT_MAX);
		u32 wb = unit_below(2) ? 1 + unit_below(INT_MAX) : wa;

		CHECK_EQ(lvs_load_lower(a, wa, b, wb), (u128)a * wb < (u128)b * wa);
	}
}

/* A weight set to 0, or a dest removed, stops at once in the old pool, too. */
UNIT_TEST(load_dest_stops_before_its_pool_is_replaced)
{
	static const char *const scheds[] = { "rr", "wrr", "lc", "wlc", "sed", "nq",
					      "fo", "ovf", "dh", "sh", "mh", "lblc", "lblcr", "twos" };
	const union nf_inet_addr addr = { .ip = htonl(0xc0000201) };
	struct lvs_sched_key key = { .af = AF_INET, .saddr = &addr, .daddr = &addr };
	u32 weights[] = { 1 };
	unsigned int s;

	for (s = 0; s < ARRAY_SIZE(scheds); s++) {
		struct lvs_pool *pool = unit_pool(weights, 1);
		struct lvs_sched_state state = { 0 };

		unit_attach(pool, scheds[s]);
		CHECK(unit_pick(pool, &state, &key) == &unit_dest[0]);
		WRITE_ONCE(unit_dest[0].weight, 0);
		CHECK(!unit_pick(pool, &state, &key));
		WRITE_ONCE(unit_dest[0].weight, 1);
		WRITE_ONCE(unit_dest[0].state, 0);
		CHECK(!unit_pick(pool, &state, &key));
		unit_overload(&unit_dest[0], false);
		CHECK(unit_pick(pool, &state, &key) == &unit_dest[0]);
		lvs_pool_discard(pool);
	}
}

UNIT_TEST(load_scheduler_names)
{
	static const char *const known[] = { "none", "rr", "wrr", "lc", "wlc", "sed",
					     "nq", "fo", "ovf", "dh", "sh", "mh", "lblc", "lblcr", "twos" };
	static const char *const unknown[] = { "", "lblc2", "lbl", "two", "RR",
					       "rrr", "r" };
	struct lvs_sched_key key = { .af = AF_INET };
	struct lvs_sched_state state = { 0 };
	u32 weights[] = { 1, 1 };
	struct lvs_pool *pool;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(known); i++)
		CHECK(!strcmp(lvs_sched_find(known[i])->name, known[i]));
	for (i = 0; i < ARRAY_SIZE(unknown); i++)
		CHECK(!lvs_sched_find(unknown[i]));

	pool = unit_pool(weights, 2);
	CHECK(!unit_pick(pool, &state, &key));
	unit_attach(pool, "none");
	CHECK(!unit_pick(pool, &state, &key));
	lvs_pool_discard(pool);
}

/* How often each of @n dests is chosen of @turns times. */
static void twos_counts(const u32 *weights, unsigned int n, unsigned int turns, u32 *counts)
{
	struct lvs_sched_key key = { .af = AF_INET };
	struct lvs_pool *pool = unit_pool(weights, n);
	struct lvs_sched_state state = { 0 };
	unsigned int i;

	unit_attach(pool, "twos");
	memset(counts, 0, n * sizeof(*counts));
	for (i = 0; i < turns; i++)
		counts[unit_pick(pool, &state, &key) - unit_dest]++;
	lvs_pool_discard(pool);
}

/*
 * Idle servers are equal, whatever they weigh, so that the first draw decides: shares follow the weights. Of two servers of
 * one weight, of which one has more to do, the other gets three quarters: all draws but those that hit the first one twice.
 */
UNIT_TEST(load_twos_draws_by_weight)
{
	enum { TURNS = 40000 };
	u32 weights[] = { 1, 2, 0, 5, INT_MAX }, counts[5];
	u64 sum = 8, i;

	twos_counts(weights, 4, TURNS, counts);
	for (i = 0; i < 4; i++)
		CHECK((u64)llabs((long long)counts[i] - (long long)(TURNS * weights[i] / sum)) < TURNS / 40);
	CHECK_EQ(counts[2], 0);
	/* one that is overloaded, and has nearly all of the weight, does not hide the others */
	unit_overload(&unit_dest[4], true);
	twos_counts(weights, 5, TURNS, counts);
	for (i = 0; i < 4; i++)
		CHECK((u64)llabs((long long)counts[i] - (long long)(TURNS * weights[i] / sum)) < TURNS / 40);
	CHECK_EQ(counts[4], 0);

	weights[0] = 1;
	weights[1] = 1;
	atomic_set(&unit_dest[0].active, INT_MAX);
	atomic_set(&unit_dest[1].active, INT_MAX - 1);
	twos_counts(weights, 2, TURNS, counts);
	CHECK(counts[0] > TURNS / 4 - TURNS / 40 && counts[0] < TURNS / 4 + TURNS / 40);
	CHECK_EQ(counts[0] + counts[1], TURNS);
}
