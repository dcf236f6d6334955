// SPDX-License-Identifier: GPL-2.0
#include "pools.h"

/* What a pool should contain, as a plain array, newest first. */
struct model {
	unsigned int n;
	struct lvs_pool_entry entry[UNIT_DESTS];
};

static void model_add(struct model *model, struct lvs_dest *dest, u32 weight)
{
	memmove(model->entry + 1, model->entry, model->n * sizeof(*model->entry));
	model->entry[0] = (struct lvs_pool_entry){ dest, weight, weight };
	model->n++;
}

static void model_remove(struct model *model, unsigned int at)
{
	model->n--;
	memmove(model->entry + at, model->entry + at + 1,
		(model->n - at) * sizeof(*model->entry));
}

static void model_reweight(struct model *model, unsigned int at, u32 weight)
{
	model->entry[at].weight = weight;
	if (weight)
		model->entry[at].last_weight = weight;
}

/* Both ways of finding an entry by position, at both ends of its range. */
static void check_positions(const struct lvs_pool *pool, const struct model *model)
{
	u64 by_weight = 0, by_count = 0;
	unsigned int i;

	for (i = 0; i < model->n; i++) {
		const struct lvs_pool_entry *want = &model->entry[i];
		u64 middle;

		if (!want->weight)
			continue;
		middle = by_weight + unit_below(want->weight);
		CHECK(lvs_pool_at_weight(pool, by_weight)->dest == want->dest);
		CHECK(lvs_pool_at_weight(pool, middle)->dest == want->dest);
		by_weight += want->weight;
		CHECK(lvs_pool_at_weight(pool, by_weight - 1)->dest == want->dest);
		CHECK(lvs_pool_at_count(pool, by_count++)->dest == want->dest);
	}
	CHECK_EQ(by_weight, lvs_guide_total(&pool->by_weight));
	CHECK_EQ(by_count, pool->n_weighted);
}

static void check_pool(const struct lvs_pool *pool, const struct model *model)
{
	struct lvs_pool_iter it;
	unsigned int i = 0;
	u32 unit = 0;

	CHECK_EQ(pool->n_dests, model->n);
	lvs_pool_for_each(it, pool) {
		if (i == model->n)
			break;
		CHECK(!memcmp(it.entry, &model->entry[i], sizeof(*it.entry)));
		unit = gcd(unit, it.entry->weight);
		i++;
	}
	CHECK_EQ(i, model->n);
	CHECK_EQ(pool->unit, unit);
	for (i = 0; i < pool->n_chunks; i++) {
		CHECK(pool->chunks[i]->n >= 1);
		CHECK(pool->chunks[i]->n <= LVS_POOL_CHUNK_MAX);
	}
	check_positions(pool, model);
}

/* Of the newest pool: every dest lies in the chunk that its number leads to. */
static void check_order(const struct lvs_pool *pool)
{
	u64 above = pool->next_seq;
	unsigned int i, j;

	for (i = 0; i < pool->n_chunks; i++) {
		const struct lvs_pool_chunk *chunk = pool->chunks[i];

		for (j = 0; j < chunk->n; j++) {
			CHECK(chunk->entries[j].dest->seq >= chunk->oldest_seq);
			CHECK(chunk->entries[j].dest->seq < above);
		}
		above = chunk->oldest_seq;
	}
}

/* A weight of any size; often equal to others, sometimes 0. */
static u32 some_weight(void)
{
	switch (unit_below(5)) {
	case 0:
		return 0;
	case 1:
		return INT_MAX - unit_below(3);
	case 2:
		return 100 * unit_below(10);
	default:
		return 1 + unit_below(1ULL << unit_below(31));
	}
}

/* A dest that is not in the pool. */
static struct lvs_dest *some_absent(const struct model *model)
{
	for (;;) {
		struct lvs_dest *dest = &unit_dest[unit_below(2000)];
		unsigned int i;

		for (i = 0; i < model->n && model->entry[i].dest != dest; i++)
			;
		if (i == model->n)
			return dest;
	}
}

/* One random edit of pool and model; @grow in 10 edits are additions. */
static struct lvs_pool *some_edit(const struct lvs_pool *pool,
				  struct model *model, unsigned int grow)
{
	unsigned int at = model->n ? unit_below(model->n) : 0;
	struct lvs_dest *dest = model->entry[at].dest;
	u32 weight = some_weight();
	struct lvs_pool *new;

	if (!model->n || (unit_below(10) < grow && model->n < 1500)) {
		dest = some_absent(model);
		new = lvs_pool_add(pool, dest, weight, GFP_KERNEL);
		if (!IS_ERR(new))
			model_add(model, dest, weight);
	} else if (unit_below(3)) {
		new = lvs_pool_remove(pool, dest, GFP_KERNEL);
		if (!IS_ERR(new))
			model_remove(model, at);
	} else if (unit_below(10)) {
		new = lvs_pool_reweight(pool, dest, weight, GFP_KERNEL);
		if (!IS_ERR(new))
			model_reweight(model, at, weight);
	} else {
		new = lvs_pool_clone(pool, GFP_KERNEL);
	}
	return new;
}

/*
 * Random edits. Every so often a snapshot is set aside and compared at the end:
 * nothing that came later may have changed it.
 */
UNIT_TEST(pool_random_edits_match_model)
{
	static struct model model, aside_model[4];
	struct lvs_pool *pool = lvs_pool_alloc(GFP_KERNEL);
	struct lvs_pool *aside[4] = { NULL };
	int i;

	model.n = 0;
	for (i = 0; i < 6000; i++) {
		unsigned int grow = i / 1500 % 2 ? 2 : 8;
		struct lvs_pool *new = some_edit(pool, &model, grow);

		if (i % 1500 == 1000) {
			aside[i / 1500] = lvs_pool_clone(new, GFP_KERNEL);
			aside_model[i / 1500] = model;
		}
		lvs_pool_retire(pool, new);
		pool = new;
		if (i % 16 == 0) {
			check_pool(pool, &model);
			check_order(pool);
		}
		if (i % 100 == 0)
			rcu_barrier();
	}
	check_pool(pool, &model);
	lvs_pool_retire(pool, NULL);
	rcu_barrier();
	for (i = 0; i < 4; i++) {
		check_pool(aside[i], &aside_model[i]);
		lvs_pool_discard(aside[i]);
	}
}

/* Fail each allocation of each kind of edit: nothing changes, nothing leaks. */
static void check_failures(const struct lvs_pool *pool, struct model *model,
			   const char *sched)
{
	static struct model before;
	long blocks = unit_live_blocks;
	long at;

	for (at = 0;; at++) {
		struct lvs_pool *new;
		bool failed;

		before = *model;
		unit_fail_at = at;
		new = some_edit(pool, model, 5);
		failed = IS_ERR(new);
		if (failed)
			CHECK_EQ(PTR_ERR(new), -ENOMEM);
		else if (lvs_sched_attach(new, lvs_sched_find(sched), AF_INET,
					  GFP_KERNEL))
			failed = true;
		unit_fail_at = -1;
		if (!IS_ERR(new))
			lvs_pool_discard(new);
		*model = before;
		CHECK_EQ(unit_live_blocks, blocks);
		check_pool(pool, model);
		if (!failed)
			break;
	}
	CHECK(at > 0);
}

UNIT_TEST(pool_failed_allocation_changes_nothing)
{
	static const char *const scheds[] = { "wrr", "rr", "sh", "dh", "mh", "wlc" };
	static struct model model;
	struct lvs_pool *pool = lvs_pool_alloc(GFP_KERNEL);
	int i;

	model.n = 0;
	for (i = 0; i < 600; i++) {
		struct lvs_pool *new = some_edit(pool, &model, i < 300 ? 9 : 2);

		lvs_pool_discard(pool);
		pool = new;
		check_failures(pool, &model, scheds[i % ARRAY_SIZE(scheds)]);
	}
	lvs_pool_discard(pool);
	unit_fail_at = 0;
	CHECK_EQ(PTR_ERR(lvs_pool_alloc(GFP_KERNEL)), -ENOMEM);
}

UNIT_TEST(pool_unknown_dest_is_enoent)
{
	u32 weights[] = { 1, 2, 3 };
	struct lvs_pool *pool = unit_pool(weights, 3);
	struct lvs_dest *other = &unit_dest[9];

	CHECK_EQ(PTR_ERR(lvs_pool_remove(pool, other, GFP_KERNEL)), -ENOENT);
	CHECK_EQ(PTR_ERR(lvs_pool_reweight(pool, other, 1, GFP_KERNEL)), -ENOENT);
	CHECK(!lvs_pool_lookup(pool, other));
	CHECK_EQ(lvs_pool_lookup(pool, &unit_dest[1])->weight, 2);
	lvs_pool_discard(pool);
}

/*
 * Removed and added again in an edit that is given up: the dest has a new number
 * then, but the published pool lists it by its old one.
 */
UNIT_TEST(pool_renumbered_dest_is_found)
{
	struct lvs_pool *pool, *without, *again;
	static u32 weights[1000];
	unsigned int i;

	for (i = 0; i < 1000; i++)
		weights[i] = 1 + i;
	pool = unit_pool(weights, 1000);
	for (i = 0; i < 1000; i += 37) {
		without = lvs_pool_remove(pool, &unit_dest[i], GFP_KERNEL);
		again = lvs_pool_add(without, &unit_dest[i], 7, GFP_KERNEL);
		CHECK_EQ(lvs_pool_lookup(again, &unit_dest[i])->last_weight, 7);
		CHECK(again->chunks[0]->entries[0].dest == &unit_dest[i]);
		lvs_pool_discard(again);
		lvs_pool_discard(without);
		CHECK_EQ(lvs_pool_lookup(pool, &unit_dest[i])->weight, 1 + i);
	}
	lvs_pool_discard(pool);
}

UNIT_TEST(pool_merges_chunks_after_removals)
{
	static u32 weights[UNIT_DESTS];
	struct lvs_pool *pool;
	unsigned int i;

	for (i = 0; i < 4000; i++)
		weights[i] = 1;
	pool = unit_pool(weights, 4000);
	CHECK(pool->n_chunks <= 4000 / LVS_POOL_CHUNK_MAX + 1);
	for (i = 0; i < 4000; i++) {
		struct lvs_pool *new;

		if (i % 50 == 7)
			continue;
		new = lvs_pool_remove(pool, &unit_dest[i], GFP_KERNEL);
		lvs_pool_discard(pool);
		pool = new;
		CHECK(pool->n_chunks <= pool->n_dests / 32 + 2);
	}
	CHECK_EQ(pool->n_dests, 80);
	lvs_pool_discard(pool);
}

/* Add @n dests one by one to one pool, then remove them. */
static void grow_and_shrink(unsigned int n)
{
	struct lvs_pool *pool = lvs_pool_alloc(GFP_KERNEL);
	struct lvs_pool *new;
	unsigned int i;

	for (i = 0; i < n; i++) {
		new = lvs_pool_add(pool, &unit_dest[i], 1 + i % 9, GFP_KERNEL);
		lvs_pool_discard(pool);
		pool = new;
	}
	for (i = 0; i < n; i++) {
		new = lvs_pool_remove(pool, &unit_dest[i], GFP_KERNEL);
		lvs_pool_discard(pool);
		pool = new;
	}
	lvs_pool_discard(pool);
}

/*
 * 10,000 dests in one service against 1,000 services of 10. Copying the whole
 * array would take 80 KB per edit on average. The time is of the pools alone,
 * a small part of what a netlink message takes.
 */
UNIT_TEST(pool_editing_is_not_quadratic)
{
	enum { N = UNIT_MANY(10000) };
	u64 start, many, one;
	size_t bytes;
	int i;

	start = unit_cpu_ns();
	for (i = 0; i < N / 10; i++)
		grow_and_shrink(10);
	many = unit_cpu_ns() - start;

	bytes = unit_total_bytes;
	start = unit_cpu_ns();
	grow_and_shrink(N);
	one = unit_cpu_ns() - start;
	bytes = (unit_total_bytes - bytes) / (2 * N);

	unit_note("%d x 10 dests: %llu us, 1 x %d dests: %llu us", N / 10,
		  (unsigned long long)many / 1000, N, (unsigned long long)one / 1000);
	unit_note("%zu bytes allocated per edit", bytes);
	CHECK(one < 40 * many);
	CHECK(bytes < 8192);
}

/*
 * Edits without a pause: what waits for a grace period is counted in full and
 * stays below 64 MB.
 */
UNIT_TEST(pool_pending_memory_is_bounded)
{
	static const char *const scheds[] = { "wlc", "wrr", "mh" };
	struct lvs_pool *pool = NULL;
	u64 barriers = unit_barriers;
	size_t live, most = 0;
	static u32 weights[3000];
	int i;

	for (i = 0; i < 3000; i++)
		weights[i] = 1;
	pool = unit_edit(NULL, unit_pool(weights, 3000), "wlc");
	live = unit_live_bytes;
	for (i = 0; i < 10000; i++) {
		struct lvs_dest *dest = &unit_dest[unit_below(3000)];

		pool = unit_edit(pool, lvs_pool_reweight(pool, dest, 1 + i % 2,
							 GFP_KERNEL),
				 i % 100 ? "wlc" : scheds[i / 100 % 3]);
		most = max(most, unit_live_bytes);
		CHECK(unit_live_bytes <= live + lvs_pool_pending_bytes() + 65536);
	}
	unit_note("at most %zu KB in use, %llu waits", most >> 10,
		  (unsigned long long)(unit_barriers - barriers));
	CHECK(most < 64 << 20);
	CHECK(unit_barriers > barriers);
	lvs_pool_retire(pool, NULL);
	rcu_barrier();
	CHECK_EQ(lvs_pool_pending_bytes(), 0);
}
