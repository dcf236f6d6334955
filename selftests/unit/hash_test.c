// SPDX-License-Identifier: GPL-2.0
#include "sched/hash.h"
#include "pools.h"

/*
 * An independent account of the tables that stock IPVS keeps: plain arrays of
 * dest numbers, from the description of each algorithm. @order is the order in
 * which stock walks the dests.
 */
enum { STOCK_MH = 4093, STOCK_SIZE = 256, NOBODY = -1 };

struct stock {
	int n;
	int order[STOCK_SIZE];
	u32 last_weight[UNIT_DESTS];
	int sh[STOCK_SIZE];
	int dh[STOCK_SIZE];
	int mh[STOCK_MH];
};

static u32 stock_fold(u16 af, const union nf_inet_addr *addr)
{
	u32 fold = 0;
	int i;

	for (i = 0; i < (af == AF_INET6 ? 4 : 1); i++)
		fold ^= ntohl(addr->all[i]);
	return fold;
}

static u32 stock_hsiphash(u32 value, unsigned long word)
{
	hsiphash_key_t key = { { word, word } };

	return hsiphash(&value, 4, &key);
}

static void stock_fill_sh_dh(struct stock *stock)
{
	int bucket, at = 0, used = 0;

	for (bucket = 0; bucket < STOCK_SIZE; bucket++) {
		stock->dh[bucket] = stock->sh[bucket] = NOBODY;
		if (!stock->n)
			continue;
		stock->dh[bucket] = stock->order[bucket % stock->n];
		stock->sh[bucket] = stock->order[at];
		if (++used >= unit_dest[stock->order[at]].weight) {
			at = (at + 1) % stock->n;
			used = 0;
		}
	}
}

/* How many slots in a row a dest takes. */
static int stock_mh_turns(const struct stock *stock, int dest, u32 unit, u32 highest)
{
	u32 weight = stock->last_weight[dest] / unit;
	int bits = 0;

	while (highest / unit >> bits)
		bits++;
	if (bits > 6)
		weight >>= bits - 6;
	if (!weight)
		weight = stock->last_weight[dest] != 0;
	return weight;
}

/* The next slot that a dest likes and that is free. */
static int stock_mh_slot(const struct stock *stock, u16 af, int dest)
{
	u32 value = ntohs(unit_dest[dest].key.port) +
		    stock_fold(af, &unit_dest[dest].key.addr);
	u32 offset = stock_hsiphash(value, 2654435761UL) % STOCK_MH;
	u32 skip = stock_hsiphash(value, 2654446892UL) % (STOCK_MH - 1) + 1;
	u64 j = 0;

	while (stock->mh[(offset + j * skip) % STOCK_MH] != NOBODY)
		j++;
	return (offset + j * skip) % STOCK_MH;
}

static void stock_fill_mh(struct stock *stock, u16 af)
{
	u32 unit = 0, highest = 0;
	int slot, i, turn, left = STOCK_MH;

	for (slot = 0; slot < STOCK_MH; slot++)
		stock->mh[slot] = NOBODY;
	for (i = 0; i < stock->n; i++) {
		u32 weight = stock->last_weight[stock->order[i]];

		unit = gcd(unit, weight);
		highest = max(highest, weight);
	}
	if (!unit)
		return;
	for (i = 0; left; i = (i + 1) % stock->n) {
		int turns = stock_mh_turns(stock, stock->order[i], unit, highest);

		for (turn = 0; turn < turns && left; turn++, left--)
			stock->mh[stock_mh_slot(stock, af, stock->order[i])] =
				stock->order[i];
	}
}

static bool stock_down(int dest)
{
	return unit_dest[dest].weight <= 0 ||
	       (unit_dest[dest].state & BIT(LVS_DEST_OVERLOAD));
}

static int stock_sh(const struct stock *stock, const struct lvs_sched_key *key)
{
	u32 port = key->svc_flags & IP_VS_SVC_F_SCHED2 ? ntohs(key->sport) : 0;
	u32 value = port + stock_fold(key->af, key->saddr);
	u32 hash = value * 0x61C88647u >> 24;
	int offset;

	if (stock->sh[hash] == NOBODY || !stock_down(stock->sh[hash]))
		return stock->sh[hash];
	if (!(key->svc_flags & IP_VS_SVC_F_SCHED1))
		return NOBODY;
	for (offset = 0; offset < STOCK_SIZE; offset++) {
		u32 second = (offset + hash) % STOCK_SIZE;
		int dest = stock->sh[(second + hash) & (STOCK_SIZE - 1)];

		if (!stock_down(dest))
			return dest;
	}
	return NOBODY;
}

static int stock_mh(const struct stock *stock, const struct lvs_sched_key *key)
{
	u32 port = key->svc_flags & IP_VS_SVC_F_SCHED2 ? ntohs(key->sport) : 0;
	u32 value = port + stock_fold(key->af, key->saddr);
	u32 first = stock_hsiphash(value, 2654435761UL) % STOCK_MH;
	int offset;

	if (stock->mh[first] == NOBODY || !stock_down(stock->mh[first]))
		return stock->mh[first];
	if (!(key->svc_flags & IP_VS_SVC_F_SCHED1))
		return NOBODY;
	for (offset = 0; offset < STOCK_MH; offset++) {
		u32 more = (offset + first) % STOCK_MH;
		int dest = stock->mh[stock_hsiphash(more + value, 2654435761UL) %
				     STOCK_MH];

		if (!stock_down(dest))
			return dest;
	}
	return NOBODY;
}

static int stock_dh(const struct stock *stock, const struct lvs_sched_key *key)
{
	int dest = stock->dh[stock_fold(key->af, key->daddr) * 0x61C88647u >> 24];

	return dest == NOBODY || stock_down(dest) ? NOBODY : dest;
}

static int picked(const struct lvs_pool *pool, const struct lvs_sched_key *key)
{
	struct lvs_sched_state state = { 0 };
	struct lvs_dest *dest = unit_pick(pool, &state, key);

	return dest ? dest - unit_dest : NOBODY;
}

static void some_addr(u16 af, union nf_inet_addr *addr)
{
	int i;

	memset(addr, 0, sizeof(*addr));
	for (i = 0; i < (af == AF_INET6 ? 4 : 1); i++)
		addr->all[i] = unit_rand();
}

/* The values that the kernel's hsiphash_1u32() has on 64-bit machines. */
UNIT_TEST(hash_hsiphash_is_the_kernels)
{
	static const u32 want[][3] = {
		{ 0, 0x1d5a77c2, 0xf882433f },
		{ 1, 0x16ec66b2, 0x8210aad1 },
		{ 0xc0000201, 0x92889c88, 0xc6fe83e5 },
		{ 0xffffffff, 0x22c5d719, 0xf75a0f5d },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_EQ(stock_hsiphash(want[i][0], 2654435761UL), want[i][1]);
		CHECK_EQ(stock_hsiphash(want[i][0], 2654446892UL), want[i][2]);
	}
}

/* Addresses of both families, ports and overload states for @n dests. */
static void some_dests(int n, u16 af)
{
	int i;

	for (i = 0; i < n; i++) {
		/* some servers have the other family than their service */
		u16 own = unit_below(8) ? af : AF_INET + AF_INET6 - af;

		some_addr(own, &unit_dest[i].key.addr);
		unit_dest[i].key.af = own;
		unit_dest[i].key.port = htons(unit_below(65536));
		unit_overload(&unit_dest[i], !unit_below(5));
	}
}

/*
 * A pool made by random edits, and what stock would know of it. The weights add
 * up to no more than what stock's sh has room for.
 */
static struct lvs_pool *some_pool(struct stock *stock, u16 af)
{
	int n = unit_below(40), room = STOCK_SIZE, i;
	struct lvs_pool *pool = lvs_pool_alloc(GFP_KERNEL), *new;

	some_dests(n, af);
	stock->n = 0;
	for (i = 0; i < n; i++) {
		u32 weight = unit_below(5) ? 1 + unit_below(10) : 0;
		u32 first = unit_below(2) ? weight : unit_below(200);

		if (max(weight, 1u) > room - (n - i))
			weight = 1;
		room -= max(weight, 1u);
		new = lvs_pool_add(pool, &unit_dest[i], first, GFP_KERNEL);
		pool = unit_edit(pool, new, NULL);
		new = lvs_pool_reweight(pool, &unit_dest[i], weight, GFP_KERNEL);
		pool = unit_edit(pool, new, NULL);
		memmove(stock->order + 1, stock->order, stock->n * sizeof(int));
		stock->order[0] = i;
		stock->last_weight[i] = weight ?: first;
		stock->n++;
	}
	return pool;
}

static void compare_picks(struct lvs_pool *pool, const struct stock *stock, u16 af,
			  const char *sched,
			  int (*want)(const struct stock *,
				      const struct lvs_sched_key *))
{
	union nf_inet_addr saddr, daddr;
	struct lvs_sched_key key = { .af = af, .saddr = &saddr, .daddr = &daddr };
	struct lvs_pool *own = lvs_pool_clone(pool, GFP_KERNEL);
	int i;

	CHECK(!lvs_sched_attach(own, lvs_sched_find(sched), af, GFP_KERNEL));
	for (i = 0; i < 1000; i++) {
		some_addr(af, &saddr);
		some_addr(af, &daddr);
		key.sport = htons(unit_below(65536));
		key.svc_flags = unit_below(4) * IP_VS_SVC_F_SCHED1;
		CHECK_EQ(picked(own, &key), want(stock, &key));
	}
	lvs_pool_discard(own);
}

UNIT_TEST(hash_same_server_as_stock)
{
	static struct stock stock;
	int round;

	for (round = 0; round < UNIT_MANY(200); round++) {
		u16 af = round % 2 ? AF_INET6 : AF_INET;
		struct lvs_pool *pool = some_pool(&stock, af);

		stock_fill_sh_dh(&stock);
		stock_fill_mh(&stock, af);
		compare_picks(pool, &stock, af, "sh", stock_sh);
		compare_picks(pool, &stock, af, "dh", stock_dh);
		compare_picks(pool, &stock, af, "mh", stock_mh);
		lvs_pool_retire(pool, NULL);
	}
}

/* mh weights on any scale: stock shifts big ones to fit. */
UNIT_TEST(hash_mh_big_weights_as_stock)
{
	static struct stock stock;
	u32 weights[50];
	int round, i;

	for (round = 0; round < UNIT_MANY(60); round++) {
		struct lvs_pool *pool;

		some_dests(50, AF_INET);
		stock.n = 50;
		for (i = 0; i < 50; i++) {
			weights[i] = unit_below(1ULL << (1 + unit_below(31)));
			stock.last_weight[i] = weights[i];
			stock.order[49 - i] = i;
		}
		pool = unit_pool(weights, 50);
		stock_fill_mh(&stock, AF_INET);
		compare_picks(pool, &stock, AF_INET, "mh", stock_mh);
		lvs_pool_discard(pool);
	}
}

static void set_client(struct lvs_sched_key *key, union nf_inet_addr *addr, u32 i)
{
	memset(addr, 0, sizeof(*addr));
	addr->ip = htonl(0xc0a80000 + i * 2654435769u);
	*key = (struct lvs_sched_key){ .af = AF_INET, .saddr = addr, .daddr = addr };
}

enum { CLIENTS = 20000 };

static void map_clients(const struct lvs_pool *pool, u32 flags, int *map)
{
	struct lvs_sched_key key;
	union nf_inet_addr addr;
	int i;

	for (i = 0; i < CLIENTS; i++) {
		set_client(&key, &addr, i);
		key.svc_flags = flags;
		map[i] = picked(pool, &key);
	}
}

/*
 * Weights that stock's sh has no room for: nobody starves, and everybody gets
 * about what the weights say.
 */
UNIT_TEST(hash_sh_shares_by_any_weights)
{
	static const u32 sets[][4] = {
		{ 100, 100, 100, 0 }, { 1, 300, 1, 1 }, { 1, 5000, 1, 1 },
		{ INT_MAX, 1, INT_MAX, 5 },
		{ 300, 200, 100, 400 }, { 257, 0, 0, 0 },
	};
	unsigned int s;
	int i;

	for (s = 0; s < ARRAY_SIZE(sets); s++) {
		struct lvs_pool *pool = unit_pool(sets[s], 4);
		u64 count[4] = { 0 }, sum = 0;
		const struct lvs_buckets *buckets;

		unit_attach(pool, "sh");
		buckets = pool->sched_data;
		CHECK_EQ(buckets->bits, 12);
		for (i = 0; i < 4096; i++)
			count[buckets->entry[i]->dest - unit_dest]++;
		for (i = 0; i < 4; i++)
			sum += max(sets[s][i], 1u);
		for (i = 0; i < 4; i++) {
			u64 due = max(sets[s][i], 1u) * 4096ULL / sum;

			CHECK(count[i] >= 1);
			CHECK(count[i] + 4 >= due && count[i] <= due + 1);
		}
		lvs_pool_discard(pool);
	}
}

/* Many dests: a bucket for each of them, up to the size of the table. */
UNIT_TEST(hash_no_dest_without_bucket)
{
	static const char *const scheds[] = { "sh", "dh" };
	static u32 weights[5000];
	static int count[5000];
	unsigned int s, n;
	int i;

	for (s = 0; s < 2; s++) {
		for (n = 257; n <= 5000; n += 1919) {
			const struct lvs_buckets *buckets;
			struct lvs_pool *pool;

			for (i = 0; i < n; i++)
				weights[i] = unit_below(1000);
			pool = unit_pool(weights, n);
			unit_attach(pool, scheds[s]);
			buckets = pool->sched_data;
			memset(count, 0, sizeof(count));
			for (i = 0; i < 4096; i++)
				count[buckets->entry[i]->dest - unit_dest]++;
			/* the newest come first, should there be too many */
			for (i = 0; i < n; i++)
				CHECK(count[i] >= 1 || i + 4096 < n);
			lvs_pool_discard(pool);
		}
	}
}

/*
 * A full server's clients get nothing, or somebody else with fallback; nobody
 * else moves; and they are all back when it is.
 */
static void check_overload(const char *sched, u32 flags)
{
	u32 weights[] = { 3, 1, 4, 1, 5, 9, 2, 6 };
	static int before[CLIENTS], during[CLIENTS], after[CLIENTS];
	struct lvs_pool *pool = unit_pool(weights, 8);
	int i;

	unit_attach(pool, sched);
	map_clients(pool, flags, before);
	unit_overload(&unit_dest[4], true);
	map_clients(pool, flags, during);
	unit_overload(&unit_dest[4], false);
	map_clients(pool, flags, after);
	for (i = 0; i < CLIENTS; i++) {
		CHECK_EQ(before[i], after[i]);
		if (before[i] != 4)
			CHECK_EQ(before[i], during[i]);
		else if (flags)
			CHECK(during[i] != NOBODY && during[i] != 4);
		else
			CHECK_EQ(during[i], NOBODY);
	}
	lvs_pool_discard(pool);
}

UNIT_TEST(hash_overload_moves_only_its_clients)
{
	check_overload("sh", 0);
	check_overload("sh", LVS_SCHED_F_FALLBACK);
	check_overload("dh", 0);
	check_overload("mh", 0);
	check_overload("mh", LVS_SCHED_F_FALLBACK);
}

/* What a flow cannot use is as good as full, and only for that flow. */
UNIT_TEST(hash_avoid_is_like_overload)
{
	static const char *const scheds[] = { "sh", "mh" };
	u32 weights[] = { 1, 2, 3 };
	struct lvs_sched_key key;
	union nf_inet_addr addr;
	unsigned int s;
	int i, first, n;

	for (s = 0; s < 2; s++) {
		struct lvs_pool *pool = unit_pool(weights, 3);

		unit_attach(pool, scheds[s]);
		for (i = 0; i < 500; i++) {
			struct lvs_dest *avoid[3];

			set_client(&key, &addr, i);
			first = picked(pool, &key);
			key.avoid = avoid;
			avoid[0] = &unit_dest[first];
			key.n_avoid = 1;
			CHECK_EQ(picked(pool, &key), NOBODY);
			key.svc_flags = LVS_SCHED_F_FALLBACK;
			for (n = 1; n < 3; n++) {
				key.n_avoid = n;
				avoid[n] = &unit_dest[picked(pool, &key)];
				CHECK(avoid[n] != avoid[n - 1] && avoid[n] != avoid[0]);
			}
			key.n_avoid = 3;
			CHECK_EQ(picked(pool, &key), NOBODY);
		}
		lvs_pool_discard(pool);
	}
}

/* mh: when a server comes or goes, few slots of the others change hands. */
static void check_disruption(int n, int gone)
{
	const struct lvs_pool_entry **with, **without;
	struct lvs_pool *pool, *less;
	int own = 0, moved = 0, i;
	u32 weights[100];

	for (i = 0; i < n; i++)
		weights[i] = 1;
	pool = unit_pool(weights, n);
	less = lvs_pool_remove(pool, &unit_dest[gone], GFP_KERNEL);
	unit_attach(pool, "mh");
	unit_attach(less, "mh");
	with = pool->sched_data;
	without = less->sched_data;
	for (i = 0; i < STOCK_MH; i++) {
		if (with[i]->dest == &unit_dest[gone])
			own++;
		else
			moved += with[i]->dest != without[i]->dest;
	}
	/* an even share each; of the others' slots, one in 20 at most moves */
	CHECK(own == STOCK_MH / n || own == STOCK_MH / n + 1);
	CHECK(moved < STOCK_MH / 20);
	lvs_pool_discard(pool);
	lvs_pool_discard(less);
}

UNIT_TEST(hash_mh_disrupts_little)
{
	int n, round;

	for (n = 2; n < 100; n += 7)
		for (round = 0; round < 10; round++)
			check_disruption(n, unit_below(n));
}

/* mh: a quiesced server keeps its slots, so that nobody else moves. */
UNIT_TEST(hash_mh_quiescing_moves_nobody_else)
{
	static int before[CLIENTS], during[CLIENTS];
	u32 weights[] = { 3, 1, 4, 1, 5 };
	struct lvs_pool *pool = unit_edit(NULL, unit_pool(weights, 5), "mh");
	int i;

	map_clients(pool, 0, before);
	pool = unit_edit(pool, lvs_pool_reweight(pool, &unit_dest[2], 0, GFP_KERNEL),
			 "mh");
	map_clients(pool, 0, during);
	for (i = 0; i < CLIENTS; i++)
		CHECK_EQ(during[i], before[i] == 2 ? NOBODY : before[i]);
	pool = unit_edit(pool, lvs_pool_reweight(pool, &unit_dest[2], 4, GFP_KERNEL),
			 "mh");
	map_clients(pool, 0, during);
	for (i = 0; i < CLIENTS; i++)
		CHECK_EQ(during[i], before[i]);
	lvs_pool_retire(pool, NULL);
}

UNIT_TEST(hash_empty_and_full_tables)
{
	static const char *const scheds[] = { "sh", "dh", "mh" };
	static u32 weights[STOCK_MH + 1];
	struct lvs_sched_key key;
	union nf_inet_addr addr;
	struct lvs_pool *pool;
	unsigned int s;

	set_client(&key, &addr, 1);
	for (s = 0; s < 3; s++) {
		pool = unit_pool(weights, 0);
		unit_attach(pool, scheds[s]);
		CHECK_EQ(picked(pool, &key), NOBODY);
		lvs_pool_discard(pool);
		pool = unit_pool(weights, 3);	/* weight 0, all of them */
		key.svc_flags = LVS_SCHED_F_FALLBACK;
		unit_attach(pool, scheds[s]);
		CHECK_EQ(picked(pool, &key), NOBODY);
		lvs_pool_discard(pool);
	}
	for (s = 0; s <= STOCK_MH; s++)
		weights[s] = 1;
	pool = unit_pool(weights, STOCK_MH);
	CHECK_EQ(lvs_sched_attach(pool, &lvs_sched_mh, AF_INET, GFP_KERNEL), 0);
	lvs_pool_discard(pool);
	pool = unit_pool(weights, STOCK_MH + 1);
	CHECK_EQ(lvs_sched_attach(pool, &lvs_sched_mh, AF_INET, GFP_KERNEL), -EINVAL);
	CHECK(!pool->sched);
	lvs_pool_discard(pool);
}
