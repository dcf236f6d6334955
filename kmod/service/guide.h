/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SERVICE_GUIDE_H
#define LVS_SERVICE_GUIDE_H

#include <linux/types.h>

/**
 * struct lvs_guide - finds the share that a position falls into, in O(1)
 * @end: @n running totals; share i covers the positions [end[i - 1], end[i])
 * @first: @n indices; @first[p >> @shift] is the lowest share that can hold p
 * @n: number of shares
 * @shift: width of one bucket of @first as a power of two
 *
 * The arrays belong to whoever embeds the guide. A share of width zero is
 * allowed and never found.
 */
struct lvs_guide {
	u64 *end;
	u32 *first;
	u32 n;
	u8 shift;
};

void lvs_guide_build(struct lvs_guide *guide);
u32 lvs_guide_find(const struct lvs_guide *guide, u64 pos);

/**
 * lvs_guide_total() - number of positions that the guide covers
 * @guide: a built guide
 *
 * Return: the sum of all shares; 0 if there are none.
 */
static inline u64 lvs_guide_total(const struct lvs_guide *guide)
{
	return guide->n ? guide->end[guide->n - 1] : 0;
}

#endif
