// SPDX-License-Identifier: GPL-2.0
#include <linux/gcd.h>
#include <linux/math64.h>
#include <linux/slab.h>

#include "turn.h"

/* 2^64 / golden ratio */
#define TURN_GOLDEN 0x9e3779b97f4a7c15ULL

/* How many turns of dests that cannot take a conn are skipped one by one. */
#define TURN_TRIES 64

/* The number nearest to @period / golden ratio that is coprime to @period. */
static u64 turn_step(u64 period)
{
	u64 near = mul_u64_u64_shr(period, TURN_GOLDEN, 64);
	u64 off;

	for (off = 0; off < near; off++) {
		if (gcd(near - off, period) == 1)
			return near - off;
		if (gcd(near + off, period) == 1)
			return near + off;
	}
	return 1;
}

/* floor(@a * 2^64 / @b) for @a < @b < 2^63 */
static u64 turn_inverse(u64 a, u64 b)
{
	u64 quotient = 0;
	int bit;

	for (bit = 0; bit < 64; bit++) {
		quotient <<= 1;
		a <<= 1;
		if (a >= b) {
			a -= b;
			quotient |= 1;
		}
	}
	return quotient;
}

/**
 * lvs_turn_init() - set up an order
 * @turn: order to set up; @unit and @weighted are left alone
 * @period: number of positions, 1 to 2^63 - 1
 * @spread: spread neighbouring positions over the period, rather than take one
 *	after the other
 *
 * Positions that belong to one dest are neighbours. Steps near the golden
 * section of the period keep them about as far apart as they can be. Only 6 is
 * coprime to no number but its neighbours: there the two halves take turns.
 */
void lvs_turn_init(struct lvs_turn *turn, u64 period, bool spread)
{
	turn->period = period;
	turn->halves = spread && period == 6;
	turn->step = (spread ? turn_step(period) : 1) % period;
	turn->inverse = turn_inverse(turn->step, period);
}

/**
 * lvs_turn_position() - the position of a turn
 * @turn: an order
 * @n: number of the turn
 *
 * Return: the position, below the period; the same for turns that are a period
 *	apart.
 */
u64 lvs_turn_position(const struct lvs_turn *turn, u64 n)
{
	u64 quotient, position;

	div64_u64_rem(n, turn->period, &n);
	if (turn->halves)
		return (n & 1) * (turn->period / 2) + n / 2;

	/* @inverse is rounded down: the quotient may be too small, by one. */
	quotient = mul_u64_u64_shr(n, turn->inverse, 64);
	position = n * turn->step - quotient * turn->period;
	return position < turn->period ? position : position - turn->period;
}

/**
 * lvs_turn_build() - precompute a pool's order
 * @pool: the pool
 * @weighted: whether a dest owns positions by its weight, or one
 * @gfp: how to allocate
 *
 * Return: 0 or -ENOMEM.
 */
int lvs_turn_build(struct lvs_pool *pool, bool weighted, gfp_t gfp)
{
	struct lvs_turn *turn;
	u64 period;

	if (!pool->n_weighted)
		return 0;
	turn = kmalloc(sizeof(*turn), gfp);
	if (!turn)
		return -ENOMEM;
	turn->weighted = weighted;
	turn->unit = weighted ? pool->unit : 1;
	period = weighted ? lvs_guide_total(&pool->by_weight) : pool->n_weighted;
	lvs_turn_init(turn, div_u64(period, turn->unit), weighted);
	pool->sched_data = turn;
	pool->sched_bytes = sizeof(*turn);
	return 0;
}

static const struct lvs_pool_entry *turn_entry(const struct lvs_pool *pool,
					       const struct lvs_turn *turn, u64 n)
{
	u64 position = lvs_turn_position(turn, n);

	return turn->weighted ? lvs_pool_at_weight(pool, position * turn->unit) :
				lvs_pool_at_count(pool, position);
}

/* What an entry is wide on the scale of the pool's running totals. */
static u64 turn_width(const struct lvs_turn *turn,
		      const struct lvs_pool_entry *entry)
{
	return turn->weighted ? entry->weight : 1;
}

static u64 turn_usable(const struct lvs_pool *pool, const struct lvs_turn *turn,
		       const struct lvs_sched_key *key)
{
	struct lvs_pool_iter it;
	u64 sum = 0;

	lvs_pool_for_each(it, pool)
		if (lvs_sched_can_use(it.entry, key))
			sum += turn_width(turn, it.entry);
	return sum;
}

/*
 * The entry at @position of those that can be used. The last one of them if
 * some have dropped out since they were counted.
 */
static struct lvs_dest *turn_walk(const struct lvs_pool *pool,
				  const struct lvs_turn *turn, u64 position,
				  const struct lvs_sched_key *key)
{
	struct lvs_dest *dest = NULL;
	struct lvs_pool_iter it;

	lvs_pool_for_each(it, pool) {
		u64 width = turn_width(turn, it.entry);

		if (!lvs_sched_can_use(it.entry, key))
			continue;
		dest = it.entry->dest;
		if (position < width)
			break;
		position -= width;
	}
	return dest;
}

/*
 * The regular sequence meets dests that cannot take a conn for very long: take
 * turns among the others alone, in a sequence of their own. It is used until
 * all dests are back; to go to and fro between two sequences would leave
 * neither of them exact. Dests that only this flow cannot use do not count.
 */
static struct lvs_dest *turn_detour(const struct lvs_pool *pool,
				    const struct lvs_turn *turn,
				    struct lvs_sched_state *state,
				    const struct lvs_sched_key *key, u64 usable)
{
	struct lvs_turn detour;
	u64 n, position;

	if (!usable)
		return NULL;

	lvs_turn_init(&detour, div_u64(usable, turn->unit), turn->weighted);
	n = atomic64_inc_return(&state->detour) - 1;
	position = lvs_turn_position(&detour, n) * turn->unit;
	return turn_walk(pool, turn, position, key);
}

/**
 * lvs_turn_pick() - take the next turn
 * @pool: a pool with an order as its scheduler's data
 * @state: the service's scheduler state
 * @key: the flow
 *
 * The turn of a dest that cannot take the flow falls to the one after it: what
 * is left of a periodic sequence is periodic again, and as exact.
 *
 * Context: RCU read side; any context. One atomic increment, no lock.
 * Return: a dest, or NULL if none can take the flow.
 */
struct lvs_dest *lvs_turn_pick(const struct lvs_pool *pool,
			       struct lvs_sched_state *state,
			       const struct lvs_sched_key *key)
{
	const struct lvs_turn *turn = pool->sched_data;
	u64 all, usable;
	int tries;

	if (!turn)
		return NULL;
	all = turn->period * turn->unit;
	if (READ_ONCE(state->sparse)) {
		usable = turn_usable(pool, turn, key);
		if (usable < all)
			return turn_detour(pool, turn, state, key, usable);
		WRITE_ONCE(state->sparse, false);
	}
	for (tries = 0; tries < TURN_TRIES; tries++) {
		u64 n = atomic64_inc_return(&state->turn) - 1;
		const struct lvs_pool_entry *entry = turn_entry(pool, turn, n);

		if (lvs_sched_can_use(entry, key))
			return entry->dest;
	}
	usable = turn_usable(pool, turn, key);
	if (!key->n_avoid && usable < all)
		WRITE_ONCE(state->sparse, true);
	return turn_detour(pool, turn, state, key, usable);
}
