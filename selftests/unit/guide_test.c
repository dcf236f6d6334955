// SPDX-License-Identifier: GPL-2.0
#include "pools.h"

static void check_guide(u64 *end, u32 *first, u32 n)
{
	struct lvs_guide guide = { .end = end, .first = first, .n = n };
	u64 start = 0;
	u32 i;

	lvs_guide_build(&guide);
	for (i = 0; i < n; i++) {
		if (end[i] > start) {
			u64 inside = start + unit_below(end[i] - start);

			CHECK_EQ(lvs_guide_find(&guide, start), i);
			CHECK_EQ(lvs_guide_find(&guide, inside), i);
			CHECK_EQ(lvs_guide_find(&guide, end[i] - 1), i);
		}
		start = end[i];
	}
}

/* Shares of any width, empty ones included, at any scale. */
UNIT_TEST(guide_finds_every_share)
{
	static u64 end[1000];
	static u32 first[1000];
	int round;

	for (round = 0; round < UNIT_MANY(2000); round++) {
		u32 n = 1 + unit_below(round % 10 ? 20 : 1000);
		u64 sum = 0;
		u32 i;

		for (i = 0; i < n; i++) {
			if (unit_below(3))
				sum += unit_below(1ULL << unit_below(50));
			end[i] = sum;
		}
		check_guide(end, first, n);
	}
}
