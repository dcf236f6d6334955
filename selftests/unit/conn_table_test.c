// SPDX-License-Identifier: GPL-2.0
/*
 * The conn table against a model: an array that says which keys are in it. One
 * thread; what readers see meanwhile is tested by table_race_test.c.
 */
#include "conn/bucket.h"
#include "conn/lookup.h"
#include "sim.h"

#define KEYS 20000

static struct {
	struct lvs_table t;
	bool ipv6;
	union lvs_key keys[KEYS];
	bool in[KEYS];
	u8 met[KEYS];
	u32 n;
} m;

static void *key_of(u32 i)
{
	return m.ipv6 ? (void *)&m.keys[i].v6 : (void *)&m.keys[i].v4;
}

static unsigned long entry_of(u32 i)
{
	return (unsigned long)key_of(i) | (i & 1 ? LVS_ENTRY_DIR : 0);
}

static u32 index_of(unsigned long entry)
{
	return (union lvs_key *)(entry & ~LVS_ENTRY_DIR) - m.keys;
}

static unsigned long find(const void *key)
{
	return lvs_table_find(&m.t, lvs_table_hash(&m.t, key, m.ipv6), key, m.ipv6);
}

static void begin(bool ipv6)
{
	u32 i;

	memset(&m, 0, sizeof(m));
	m.ipv6 = ipv6;
	CHECK_EQ(lvs_table_init(&m.t, ipv6), 0);
	for (i = 0; i < KEYS; i++)
		sim_key(&m.keys[i], ipv6 ? AF_INET6 : AF_INET, i / 10000 ? IPPROTO_UDP : IPPROTO_TCP, 1 + i % 10000);
}

static void add(u32 i)
{
	unsigned long found;
	int err = lvs_table_add(&m.t, entry_of(i), &found);

	if (m.in[i]) {
		CHECK_EQ(err, -EEXIST);
		CHECK_EQ(found, entry_of(i));
	} else if (err) {
		CHECK_EQ(err, -ENOMEM);
	} else {
		m.in[i] = true;
		m.n++;
	}
}

static void del(u32 i)
{
	if (!m.in[i])
		return;
	lvs_table_del(&m.t, entry_of(i));
	m.in[i] = false;
	m.n--;
}

static void check_all(void)
{
	u32 i, sum = 0;

	for (i = 0; i < KEYS; i++)
		CHECK_EQ(find(key_of(i)), m.in[i] ? entry_of(i) : 0);
	for (i = 0; i < LVS_TABLE_SEGMENT; i++)
		sum += m.t.stripes[i].entries;
	CHECK_EQ(sum, m.n);
	CHECK(m.t.n >= LVS_TABLE_SEGMENT && m.t.n <= m.t.room);
	CHECK(m.t.n > (m.t.mask >> 1) + 1 || m.t.n == LVS_TABLE_SEGMENT);
	CHECK(m.t.n <= m.t.mask + 1);
}

static void end(void)
{
	u32 i;

	for (i = 0; i < KEYS; i++)
		del(i);
	check_all();
	unit_skip(10 * HZ);
	CHECK_EQ(m.t.n, LVS_TABLE_SEGMENT);
	check_all();
	lvs_table_exit(&m.t);
}

/* Up to all keys and down to none, twice, with the worker in between, or seldom. */
static void check_model(bool ipv6, u32 tick_every, bool failures)
{
	u32 phase, step;

	begin(ipv6);
	for (phase = 0; phase < 4; phase++) {
		for (step = 0; step < 2 * KEYS; step++) {
			u32 i = unit_below(KEYS);

			if (failures)
				unit_fail_at = unit_below(4) ? -1 : 0;
			/* most of one kind */
			if (!unit_below(8) == !(phase & 1))
				del(i);
			else
				add(i);
			if (step % tick_every == 0)
				unit_tick();
			unit_fail_at = -1;
			i = unit_below(KEYS);
			CHECK_EQ(find(key_of(i)), m.in[i] ? entry_of(i) : 0);
		}
		check_all();
		unit_skip(3 * HZ);
		check_all();
	}
	end();
}

UNIT_TEST(conn_table_is_its_model)
{
	check_model(false, 10, false);
	check_model(true, 10, false);
	check_model(false, 5000, false);
}

UNIT_TEST(conn_table_without_memory)
{
	check_model(false, 10, true);
	check_model(true, 100, true);
}

/* As many buckets as entries need: not fewer for long, and not many more. */
UNIT_TEST(conn_table_size_follows)
{
	u32 i;

	begin(false);
	for (i = 0; i < KEYS; i++) {
		add(i);
		if (i % 100 == 0)
			unit_tick();
		CHECK(m.n <= m.t.n * 6);
	}
	CHECK(m.t.n <= KEYS / 4);
	for (i = 0; i < KEYS - 1000; i++)
		del(i);
	unit_skip(3 * HZ);
	CHECK(m.t.n <= 1000);
	CHECK_EQ(m.t.room, 2 * LVS_TABLE_SEGMENT);
	end();
}

static void meet(u32 budget, struct lvs_table_pos *pos)
{
	while (budget-- && !pos->end) {
		unsigned long entry = lvs_table_next(&m.t, pos);

		if (!entry)
			continue;
		CHECK(m.in[index_of(entry)]);
		CHECK_EQ(entry, entry_of(index_of(entry)));
		m.met[index_of(entry)]++;
	}
}

/*
 * A listing while the table grows or shrinks: every key whose number is a multiple
 * of 7 is there all the time and is met exactly once, others at most once for
 * each time that they came.
 */
static void check_listing(bool grow)
{
	struct lvs_table_pos pos = {};
	u32 i, others = 0;

	memset(m.met, 0, sizeof(m.met));
	for (i = 0; i < KEYS; i++) {
		if (i % 7 && grow)
			add(i);
		else if (i % 7)
			del(i);
		if (i % 20 == 0)
			unit_tick();
		meet(1, &pos);
		if (i % 1000 == 0)
			unit_skip(2 * HZ);
	}
	while (!pos.end)
		meet(100, &pos);
	for (i = 0; i < KEYS; i++) {
		if (i % 7 == 0)
			CHECK_EQ(m.met[i], 1);
		CHECK(m.met[i] <= 1);
		others += i % 7 && m.met[i];
	}
	CHECK(others > 0);
}

UNIT_TEST(conn_table_listing_is_exact)
{
	u32 i, round;

	begin(false);
	for (i = 0; i < KEYS; i += 7)
		add(i);
	for (round = 0; round < 3; round++) {
		check_listing(true);
		check_listing(false);
	}
	end();
}

/* Entries that share a bucket, many more than it has slots for: none is lost whichever goes first. */
UNIT_TEST(conn_table_long_chains)
{
	struct lvs_bucket b = {};
	static u64 keys[60];
	bool in[ARRAY_SIZE(keys)] = {};
	u32 round, i, n;

	for (round = 0; round < 20000; round++) {
		struct lvs_bucket_walk walk = lvs_bucket_walk_begin(&b);
		unsigned long entry;

		i = unit_below(ARRAY_SIZE(keys));
		if (in[i])
			lvs_bucket_del(&b, (unsigned long)&keys[i], 2 + i % 5);
		else
			CHECK_EQ(lvs_bucket_add(&b, (unsigned long)&keys[i], 2 + i % 5), 0);
		in[i] = !in[i];
		walk = lvs_bucket_walk_begin(&b);
		for (n = 0; (entry = lvs_bucket_next(&walk)); n++) {
			CHECK(in[(u64 *)entry - keys]);
			CHECK_EQ(walk.tag, 2 + ((u64 *)entry - keys) % 5);
		}
		for (i = 0; i < ARRAY_SIZE(keys); i++)
			n -= in[i];
		CHECK_EQ(n, 0);
		if (round % 64 == 0)
			unit_grace_period();
	}
	lvs_bucket_clear(&b);
}

/* A reader knows a slot as that of an entry when the bucket is emptied, or when what has come behind it goes again. */
UNIT_TEST(conn_table_reader_of_a_slot_that_goes)
{
	enum { TAG = 9, ENTRIES = 8 };
	static struct lvs_key4 keys[ENTRIES];
	struct lvs_bucket b = {};
	u64 word;
	int i;

	for (i = 0; i < ENTRIES - 1; i++)
		CHECK_EQ(lvs_bucket_add(&b, (unsigned long)&keys[i], TAG), 0);
	word = b.word;
	CHECK_EQ(lvs_bucket_add(&b, (unsigned long)&keys[i], TAG), 0);
	CHECK(lvs_bucket_more(&b));
	for (i = 0; i < ENTRIES; i++) {
		keys[i].words[1] = ~0ULL;
		if (i != LVS_SLOT_MORE)
			lvs_bucket_del(&b, (unsigned long)&keys[i], TAG);
	}
	CHECK_EQ(lvs_bucket_scan(&b, word, TAG, LVS_TAGS_ALL, &(struct lvs_key4){}, false), 0);
	lvs_bucket_clear(&b);
	CHECK(!lvs_bucket_more(&b));
	CHECK_EQ(lvs_bucket_scan(&b, word, TAG, LVS_TAGS_ALL, &(struct lvs_key4){}, false), 0);
	unit_grace_period();
}

static u64 hash_of(u32 i)
{
	return lvs_table_hash(&m.t, key_of(i), m.ipv6);
}

/* Numbers of keys whose hashes have the same lowest bits. */
static void pick(u32 *numbers, u32 n, u32 bits)
{
	u32 want = unit_below(1 << bits), found = 0, i;

	for (i = 0; i < KEYS && found < n; i++)
		if ((hash_of(i) & ((1 << bits) - 1)) == want)
			numbers[found++] = i;
	CHECK_EQ(found, n);
}

/* What finds a key that has come to bucket @first, and has read that as its word. */
static unsigned long find_late(u32 i, const struct lvs_bucket *first, u64 word)
{
	return lvs_bucket_scan(first, word, lvs_hash_tag(hash_of(i)), LVS_TAGS_ALL, key_of(i), m.ipv6) ?:
	       lvs_table_search(&m.t, hash_of(i), key_of(i), first, word);
}

/* A reader that is on its way to a bucket, or in it, when what it looks for is moved. */
UNIT_TEST(conn_table_late_readers)
{
	u32 with[14], i;
	const struct lvs_bucket *first[ARRAY_SIZE(with)] = {};
	u64 word = 0;

	begin(false);
	pick(with, ARRAY_SIZE(with), 9);
	for (i = 0; i < ARRAY_SIZE(with); i++) {
		add(with[i]);
		if (i != 6)
			continue;
		/* the one whose slot is given up while it is looked for there */
		first[0] = lvs_table_bucket(&m.t, hash_of(with[LVS_SLOT_MORE]));
		word = first[0]->word;
	}
	CHECK_EQ(lvs_bucket_scan(first[0], word, lvs_hash_tag(hash_of(with[4])), LVS_TAGS_ALL, key_of(with[4]), false), 0);
	CHECK_EQ(find_late(with[4], first[0], word), entry_of(with[4]));

	/* those that fill the hole behind a reader */
	for (i = 0; i < 6; i++) {
		u32 j;

		word = first[0]->word;
		del(with[i]);
		for (j = i + 1; j < ARRAY_SIZE(with); j++)
			CHECK_EQ(find_late(with[j], first[0], word), entry_of(with[j]));
	}
	for (i = 0; i < 6; i++)
		add(with[i]);

	/* those that are split off, and merged again */
	for (i = 0; i < ARRAY_SIZE(with); i++)
		first[i] = lvs_table_bucket(&m.t, hash_of(with[i]));
	for (i = 0; i < KEYS; i++) {
		add(i);
		if (i % 100 == 0)
			unit_tick();
	}
	for (i = 0; i < ARRAY_SIZE(with); i++) {
		CHECK_EQ(find_late(with[i], first[i], first[i]->word), entry_of(with[i]));
		first[i] = lvs_table_bucket(&m.t, hash_of(with[i]));
	}
	for (i = 0; i < KEYS; i++)
		if (hash_of(i) % 512 != hash_of(with[0]) % 512)
			del(i);
	/* until RCU's readers have left nothing is freed */
	m.t.work.work.func(&m.t.work.work);
	CHECK_EQ(m.t.n, LVS_TABLE_SEGMENT);
	end();
}

/* A merge that fails: all is where it was, and nothing is there twice. */
UNIT_TEST(conn_table_merge_without_memory)
{
	u32 with[20], round, i, before;

	for (round = 0; round < 20; round++) {
		begin(round & 1);
		pick(with, ARRAY_SIZE(with), 9);
		for (i = 0; i < KEYS; i++) {
			add(i);
			if (i % 100 == 0)
				unit_tick();
		}
		for (i = 0; i < KEYS; i++)
			del(i);
		for (i = 0; i < ARRAY_SIZE(with); i++)
			add(with[i]);
		for (before = 0; before != m.t.n && m.t.n > LVS_TABLE_SEGMENT;) {
			before = m.t.n;
			unit_fail_at = 0;
			m.t.work.work.func(&m.t.work.work);
			unit_fail_at = -1;
			check_all();
		}
		for (i = 0; i < ARRAY_SIZE(with); i++) {
			del(with[i]);
			CHECK_EQ(find(key_of(with[i])), 0);
		}
		end();
	}
}
