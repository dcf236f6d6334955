// SPDX-License-Identifier: GPL-2.0
/* What lblc and lblcr remember of destination addresses. */
#include "sched/locality.h"
#include "pools.h"

static const char *const scheds[] = { "lblc", "lblcr" };
static int expiration;
static struct lvs_sched_state state;
static union nf_inet_addr daddr;
static struct lvs_sched_key key;

static struct lvs_pool *begin(const char *sched, const u32 *weights, unsigned int n)
{
	struct lvs_pool *pool;

	unit_dests_reset();
	pool = unit_pool(weights, n);
	unit_attach(pool, sched);
	expiration = 24 * 3600 * HZ;
	memset(&state, 0, sizeof(state));
	memset(&daddr, 0, sizeof(daddr));
	key = (struct lvs_sched_key){ .af = AF_INET, .daddr = &daddr, .saddr = &daddr };
	state.locality = lvs_locality_alloc(NULL, &expiration);
	return pool;
}

/* Everything is freed, and each reference is given back. */
static void end(struct lvs_pool *pool, unsigned int n)
{
	unsigned int i;

	lvs_locality_retire(state.locality);
	CHECK_EQ(lvs_locality_count(state.locality), 0);
	/* one that still sees it adds nothing */
	lvs_locality_set(state.locality, &key, &unit_dest[0]);
	CHECK_EQ(lvs_locality_count(state.locality), 0);
	lvs_pool_discard(pool);
	unit_grace_period();
	for (i = 0; i < n; i++)
		CHECK_EQ(refcount_read(&unit_dest[i].refs), 1);
	CHECK_EQ(unit_memory, UNIT_MEMORY);
}

static struct lvs_dest *pick(const struct lvs_pool *pool, u32 addr)
{
	struct lvs_dest *dest;

	daddr.ip = htonl(addr);
	dest = unit_pick(pool, &state, &key);
	unit_grace_period();
	return dest;
}

/* An address keeps its server, though others have less to do, until that one is overloaded or gone. */
UNIT_TEST(locality_lblc_keeps_a_server_until_it_is_overloaded)
{
	u32 weights[] = { 10, 10, 10 };
	struct lvs_pool *pool = begin("lblc", weights, 3);
	struct lvs_dest *first = pick(pool, 1), *other = pick(pool, 2);

	CHECK(first == &unit_dest[2] && other == first);
	atomic_set(&first->active, 10);
	CHECK(pick(pool, 1) == first);
	/* more than its weight: it leaves, if another one has less than half of its own */
	atomic_set(&first->active, 11);
	atomic_set(&unit_dest[0].active, 5);
	atomic_set(&unit_dest[1].active, 5);
	CHECK(pick(pool, 1) == first);
	atomic_set(&unit_dest[0].active, 4);
	CHECK(pick(pool, 1) == &unit_dest[0]);
	/* and it has moved for good */
	atomic_set(&first->active, 0);
	CHECK(pick(pool, 1) == &unit_dest[0]);
	CHECK(pick(pool, 2) == first);
	CHECK_EQ(lvs_locality_count(state.locality), 2);

	/* quiesced, overloaded, removed */
	WRITE_ONCE(unit_dest[0].weight, 0);
	CHECK(pick(pool, 1) == first);
	unit_overload(first, true);
	CHECK(pick(pool, 1) == &unit_dest[1]);
	WRITE_ONCE(unit_dest[1].state, 0);
	CHECK(!pick(pool, 1));
	unit_overload(first, false);
	CHECK(pick(pool, 1) == first);
	end(pool, 3);
}

/* A server that one flow cannot use (its reply tuple is taken) does not lose the address. */
UNIT_TEST(locality_avoided_server_keeps_the_address)
{
	u32 weights[] = { 1, 1 };
	unsigned int s;

	for (s = 0; s < ARRAY_SIZE(scheds); s++) {
		struct lvs_pool *pool = begin(scheds[s], weights, 2);
		struct lvs_dest *first = pick(pool, 1);

		key.avoid = &first;
		key.n_avoid = 1;
		CHECK(pick(pool, 1) == &unit_dest[0]);
		key.n_avoid = 0;
		CHECK(pick(pool, 1) == first);
		end(pool, 2);
	}
}

/* Servers are added to an address as they get busy, and taken from it when nothing has changed for long. */
UNIT_TEST(locality_lblcr_grows_and_shrinks)
{
	u32 weights[] = { 10, 10, 10 };
	struct lvs_pool *pool = begin("lblcr", weights, 3);
	struct lvs_dest *first = pick(pool, 1);
	struct lvs_locals *locals;

	atomic_set(&first->active, 11);
	CHECK(pick(pool, 1) == &unit_dest[1]);
	/* of the two it has, the one with less to do, though the third has nothing */
	atomic_set(&unit_dest[1].active, 3);
	CHECK(pick(pool, 1) == &unit_dest[1]);
	atomic_set(&first->active, 2);
	CHECK(pick(pool, 1) == first);
	locals = lvs_locality_find(state.locality, &key);
	CHECK_EQ(locals->n, 2);
	CHECK_EQ(lvs_locality_count(state.locality), 1);

	/* used all the time, but not changed: the busiest goes */
	expiration = 100 * HZ;
	unit_jiffies += 60 * HZ;
	CHECK(pick(pool, 1) == first);
	unit_jiffies += 60 * HZ;
	CHECK(pick(pool, 1) == first);
	locals = lvs_locality_find(state.locality, &key);
	CHECK_EQ(locals->n, 1);
	CHECK(locals->dests[0] == first);
	end(pool, 3);
}

/* An address has at most so many servers, however many are busy. */
UNIT_TEST(locality_set_has_a_limit)
{
	enum { N = LVS_LOCALITY_SET_MAX + 20 };
	u32 weights[N];
	struct lvs_pool *pool;
	int i;

	for (i = 0; i < N; i++)
		weights[i] = 1000;
	pool = begin("lblcr", weights, N);
	for (i = 0; i < N; i++)
		atomic_set(&pick(pool, 1)->active, 1001 + i);
	CHECK_EQ(lvs_locality_find(state.locality, &key)->n, LVS_LOCALITY_SET_MAX);
	end(pool, N);
}

/* Expiry is exact for packets, and the collector frees what they do not ask for. */
UNIT_TEST(locality_expires)
{
	u32 weights[] = { 1, 1 };
	unsigned int s;

	for (s = 0; s < ARRAY_SIZE(scheds); s++) {
		struct lvs_pool *pool = begin(scheds[s], weights, 2);
		struct lvs_dest *first = pick(pool, 1);

		expiration = 100 * HZ;
		pick(pool, 2);
		atomic_set(&first->inactive, 1);
		unit_jiffies += 100 * HZ;
		lvs_locality_collect(state.locality);
		CHECK_EQ(lvs_locality_count(state.locality), 2);
		CHECK(pick(pool, 1) == first);
		unit_jiffies += 99 * HZ;
		/* the other one has not been used */
		lvs_locality_collect(state.locality);
		CHECK_EQ(lvs_locality_count(state.locality), 1);
		unit_jiffies += 2 * HZ;
		CHECK(pick(pool, 1) == &unit_dest[0]);
		CHECK(pick(pool, 1) == &unit_dest[0]);
		end(pool, 2);
	}
}

/* There is a hard limit; above the usual size, what rests for six minutes goes. A lack of memory is none of it. */
UNIT_TEST(locality_is_bounded)
{
	u32 weights[] = { 1, 1 };
	struct lvs_pool *pool = begin("lblc", weights, 2);
	u32 i, n;

	for (i = 0; i < LVS_LOCALITY_MAX + 5000; i++)
		CHECK(pick(pool, i) == &unit_dest[1]);
	CHECK_EQ(lvs_locality_count(state.locality), LVS_LOCALITY_MAX);
	lvs_locality_collect(state.locality);
	CHECK_EQ(lvs_locality_count(state.locality), LVS_LOCALITY_MAX);
	unit_jiffies += 361 * HZ;
	for (i = 0; i < 100; i++)
		pick(pool, i);
	lvs_locality_collect(state.locality);
	n = lvs_locality_count(state.locality);
	CHECK_EQ(n, LVS_LOCALITY_MAX - LVS_LOCALITY_SIZE / 2);
	for (i = 0; i < 100; i++) {
		daddr.ip = htonl(i);
		CHECK(lvs_locality_find(state.locality, &key));
	}
	unit_fail_at = 0;
	CHECK(pick(pool, 0xffffff00) == &unit_dest[1]);
	unit_fail_at = -1;
	CHECK_EQ(lvs_locality_count(state.locality), n);
	end(pool, 2);
}

/* An IPv6 address is looked at as a whole. */
UNIT_TEST(locality_of_ipv6)
{
	u32 weights[] = { 1, 1 };
	struct lvs_pool *pool = begin("lblc", weights, 2);
	u32 i;

	key.af = AF_INET6;
	for (i = 0; i < 4; i++) {
		memset(&daddr, 0, sizeof(daddr));
		daddr.ip6[i] = htonl(1);
		CHECK(unit_pick(pool, &state, &key));
	}
	CHECK_EQ(lvs_locality_count(state.locality), 4);
	end(pool, 2);
}

/* Whoever may have no more memory gets servers all the same. */
UNIT_TEST(locality_takes_no_memory_that_it_is_not_given)
{
	u32 weights[] = { 1, 1 };
	struct lvs_pool *pool = begin("lblcr", weights, 2);
	u32 i;

	unit_memory = 10;
	for (i = 0; i < 20; i++)
		CHECK(pick(pool, i));
	CHECK_EQ(lvs_locality_count(state.locality), 10);
	CHECK_EQ(unit_memory, 0);
	unit_memory += UNIT_MEMORY - 10;
	end(pool, 2);
}
