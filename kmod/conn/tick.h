/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_TICK_H
#define _LVS_CONN_TICK_H

#include <linux/jiffies.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/types.h>

#define LVS_WHEEL_SLOTS	4096
#define LVS_WHEEL_SHIFT	(ilog2(HZ) - 2)		/* a tick is about an eighth of a second */

/*
 * Time in ticks. It is kept as 32 bits of jiffies without the lowest, so a tick has fewer than 32 bits and wraps
 * together with those.
 */
static inline u32 lvs_tick(u32 time)
{
	return time >> LVS_WHEEL_SHIFT;
}

/* a - b in ticks, right across the wrap */
static inline s32 lvs_tick_diff(u32 a, u32 b)
{
	return (s32)((a << LVS_WHEEL_SHIFT) - (b << LVS_WHEEL_SHIFT)) >> LVS_WHEEL_SHIFT;
}

static inline u32 lvs_tick_add(u32 tick, u32 n)
{
	return (tick + n) & (U32_MAX >> LVS_WHEEL_SHIFT);
}

/**
 * lvs_tick_visit - when to look at a conn
 * @deadline: jiffies, low 32 bits
 * @now: jiffies, low 32 bits
 *
 * Return: the first tick in all of which the deadline has passed, or the last that the wheel reaches; never the present.
 */
static inline u32 lvs_tick_visit(u32 deadline, u32 now)
{
	s32 left = lvs_tick_diff(lvs_tick(deadline), lvs_tick(now)) + 1;

	return lvs_tick_add(lvs_tick(now), clamp_t(s32, left, 1, LVS_WHEEL_SLOTS - 1));
}

#endif
