// SPDX-License-Identifier: GPL-2.0
/* The wheel's clock. Built once for each HZ; see HZS in the Makefile. */
#include "conn/tick.h"
#include "unit.h"

/* the tests of one HZ have names of their own */
#define NAME_(id, hz) id##_hz##hz
#define NAME(id, hz) NAME_(id, hz)
#define TICK_TEST_(id) UNIT_TEST(id)
#define TICK_TEST(id) TICK_TEST_(NAME(id, HZ))

#define TICK (1u << LVS_WHEEL_SHIFT)
#define TICKS (1u << (32 - LVS_WHEEL_SHIFT))	/* until it wraps */

/* moments at which something may go wrong, and any others */
static u32 moment(void)
{
	static const u32 edges[] = { 0, 1, TICK - 1, TICK, 0x7fffffff, 0x80000000, 0u - TICK, 0u - TICK - 1, 0u - 1 };

	if (unit_below(3))
		return unit_rand();
	return edges[unit_below(ARRAY_SIZE(edges))] + unit_below(5) - 2;
}

/* A tick is about an eighth of a second, and a turn of the wheel minutes. */
TICK_TEST(tick_is_an_eighth_of_a_second)
{
	CHECK(TICK * 16 > HZ && TICK * 5 < HZ);
	CHECK(LVS_WHEEL_SLOTS * (u64)TICK >= 300 * HZ);
}

TICK_TEST(tick_add_and_diff_are_inverse)
{
	int i;

	for (i = 0; i < UNIT_MANY(100000); i++) {
		u32 tick = lvs_tick(moment());
		u32 n = i % 4 ? unit_below(TICKS / 2) : unit_below(LVS_WHEEL_SLOTS);
		u32 later = lvs_tick_add(tick, n);

		CHECK(tick < TICKS && later < TICKS);
		CHECK_EQ(lvs_tick_diff(later, tick), n);
		CHECK_EQ((u32)lvs_tick_diff(tick, later), -n);
		CHECK_EQ(later, ((u64)tick + n) % TICKS);
	}
}

/* Time goes on by any step less than half of its range: the ticks between are those of unwrapped time. */
TICK_TEST(tick_diff_follows_time_across_the_wrap)
{
	int i;

	for (i = 0; i < UNIT_MANY(100000); i++) {
		u64 from = (u64)moment(), to = from + unit_below(1u << unit_below(31));
		s64 ticks = (s64)(to / TICK) - (s64)(from / TICK);

		CHECK_EQ((s64)lvs_tick_diff(lvs_tick(to), lvs_tick(from)), ticks);
		CHECK_EQ((s64)lvs_tick_diff(lvs_tick(from), lvs_tick(to)), -ticks);
	}
}

/* The visit is in the future, in the wheel's reach, and never before the deadline or more than a tick after it. */
TICK_TEST(tick_visit_is_due_and_on_time)
{
	int i;

	for (i = 0; i < UNIT_MANY(200000); i++) {
		u64 now = (1ULL << 33) + moment();
		s64 left = unit_below(1ULL << unit_below(31));
		u64 deadline, visit;
		u32 ahead;

		if (!unit_below(4))
			left = -left;
		deadline = now + left;
		ahead = (lvs_tick_visit(deadline, now) - lvs_tick(now)) % TICKS;
		CHECK(ahead >= 1 && ahead < LVS_WHEEL_SLOTS);

		/* when that tick begins, in time that does not wrap */
		visit = (now / TICK + ahead) * TICK;
		CHECK(visit > now);
		if (left < 0)
			CHECK_EQ(ahead, 1);
		else if (left < (LVS_WHEEL_SLOTS - 2) * (s64)TICK)
			CHECK(visit > deadline && visit <= deadline + TICK);
		else if (left > LVS_WHEEL_SLOTS * (s64)TICK)
			CHECK_EQ(ahead, LVS_WHEEL_SLOTS - 1);
	}
}
