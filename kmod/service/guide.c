// SPDX-License-Identifier: GPL-2.0
#include "guide.h"

/**
 * lvs_guide_build() - make the index over the running totals
 * @guide: guide whose @end and @n are set and whose @first has room for @n
 *
 * Positions are cut into at most @n buckets of equal width, so that a bucket
 * holds two shares on average: finding one costs the same for any number of
 * shares.
 */
void lvs_guide_build(struct lvs_guide *guide)
{
	u64 total = lvs_guide_total(guide);
	u32 bucket, i = 0;

	guide->shift = 0;
	if (total)
		while ((total - 1) >> guide->shift >= guide->n)
			guide->shift++;

	for (bucket = 0; bucket < guide->n; bucket++) {
		u64 start = (u64)bucket << guide->shift;

		while (i < guide->n - 1 && guide->end[i] <= start)
			i++;
		guide->first[bucket] = i;
	}
}

/**
 * lvs_guide_find() - which share does a position fall into
 * @guide: a built guide
 * @pos: position below lvs_guide_total()
 *
 * The shares of one bucket are searched by halving: a bucket full of tiny
 * shares beside a huge one is met rarely, but must not be slow then.
 *
 * Context: any.
 * Return: index of the share.
 */
u32 lvs_guide_find(const struct lvs_guide *guide, u64 pos)
{
	u32 bucket = pos >> guide->shift;
	u32 low = guide->first[bucket];
	u32 high = bucket + 1 < guide->n ? guide->first[bucket + 1] :
					   guide->n - 1;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (guide->end[mid] > pos)
			high = mid;
		else
			low = mid + 1;
	}
	return low;
}
