// SPDX-License-Identifier: GPL-2.0
/*
 * The hash of the conn table. Random keys fill buckets by Poisson's law; so must
 * the keys that real traffic has, and those that an attacker would send.
 */
#include "conn/hash.h"
#include "sim.h"

#define BITS 16
#define BUCKETS (1u << BITS)

static siphash_key_t secret;

static void draw_secret(void)
{
	secret.key[0] = unit_rand();
	secret.key[1] = unit_rand();
}

static u64 hash64(const union lvs_key *key, u8 af)
{
	return af == AF_INET ? lvs_key4_hash(&key->v4, &secret) : lvs_key6_hash(&key->v6, &secret);
}

/* what chooses the bucket */
static u32 hash(const union lvs_key *key, u8 af)
{
	return hash64(key, af);
}

/* published vectors of SipHash-1-3 for the key 00 01 .. 0f and the message 00 01 ..: the shim is the kernel's hash */
UNIT_TEST(conn_hash_shim_is_siphash)
{
	static const u32 want[] = { 0x050fc4dc, 0x7d57ca93, 0x4dc7d44d, 0xe7ddf7fb, 0x88d38328, 0x49533b67, 0xc59f22a7,
				    0x9bb11140, 0x8d299a8e, 0x6c063de4, 0x92ff097f, 0xf94dc352 };
	const hsiphash_key_t key = { { 0x0706050403020100, 0x0f0e0d0c0b0a0908 } };
	u8 message[ARRAY_SIZE(want)];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(want); i++) {
		CHECK_EQ(hsiphash(message, i, &key), want[i]);
		message[i] = i;
	}
}

/* what traffic's tuples differ in */
enum pattern { CLIENT_PORTS, PORTS_OF_ODD_VIP_PORT, CLIENTS, CLIENT_NETS, VIPS, VIP_PORTS, BOTH_PORTS, PATTERNS };

static const char * const pattern_names[] = { "client ports", "client ports of VIP port 65535", "sequential clients",
					      "clients 256 apart", "sequential VIPs", "VIP ports",
					      "client port and VIP port together" };

static void pattern_key(union lvs_key *key, u8 af, enum pattern pattern, u32 i)
{
	union nf_inet_addr client = {}, vip = {};
	__be32 *client_low = af == AF_INET ? &client.ip : &client.ip6[3];
	__be32 *vip_low = af == AF_INET ? &vip.ip : &vip.ip6[3];
	u16 sport = 40000, dport = 443;

	if (af == AF_INET6)
		client.ip6[0] = vip.ip6[0] = htonl(0x20010db8);
	*client_low = htonl(0xc6336407);
	*vip_low = htonl(0xc0000201);
	if (pattern == CLIENT_PORTS || pattern == PORTS_OF_ODD_VIP_PORT)
		sport = i;
	if (pattern == PORTS_OF_ODD_VIP_PORT)
		dport = 65535;
	if (pattern == CLIENTS)
		*client_low = htonl(0x0a000000 + i);
	if (pattern == CLIENT_NETS)
		*client_low = htonl(0x0a000000 + i * 256);
	if (pattern == VIPS)
		*vip_low = htonl(0x0a000000 + i);
	if (pattern == VIP_PORTS)
		dport = i;
	if (pattern == BOTH_PORTS)
		sport = dport = i;
	lvs_key_fill(key, af, IPPROTO_TCP, LVS_KEY_FLOW, &client, htons(sport), &vip, htons(dport));
}

/*
 * As many keys as buckets. Of 65536 random keys none shares its bucket with more than 15 others (probability 1e-9
 * each run), and 63.2 % of the buckets are used; neighbours hardly ever have the same hash.
 */
static void check_spread(u8 af, enum pattern pattern)
{
	static u8 count[BUCKETS], low[BUCKETS];
	static u32 hashes[BUCKETS];
	u32 i, used = 0, longest = 0, equal = 0;

	memset(count, 0, sizeof(count));
	memset(low, 0, sizeof(low));
	for (i = 0; i < BUCKETS; i++) {
		union lvs_key key;

		pattern_key(&key, af, pattern, i);
		hashes[i] = hash(&key, af);
		used += !count[hashes[i] >> (32 - BITS)]++;
		low[hashes[i] % BUCKETS]++;
		longest = max_t(u32, longest, count[hashes[i] >> (32 - BITS)]);
		longest = max_t(u32, longest, low[hashes[i] % BUCKETS]);
	}
	for (i = 1; i < BUCKETS; i++)
		equal += hashes[i] == hashes[i - 1];
	CHECK(longest <= 16);
	CHECK(used > BUCKETS * 62 / 100 && used < BUCKETS * 645 / 1000);
	CHECK(equal <= 2);
	if (longest > 16)
		unit_note("IPv%d, %s: a chain of %u", af == AF_INET ? 4 : 6, pattern_names[pattern], longest);
}

UNIT_TEST(conn_hash_spreads_what_traffic_brings)
{
	int pattern;

	draw_secret();
	for (pattern = 0; pattern < PATTERNS; pattern++) {
		check_spread(AF_INET, pattern);
		check_spread(AF_INET6, pattern);
	}
}

static void random_key(union lvs_key *key, u8 af)
{
	union nf_inet_addr src = {}, dst = {};
	int i;

	for (i = 0; i < (af == AF_INET ? 1 : 4); i++) {
		src.all[i] = unit_rand();
		dst.all[i] = unit_rand();
	}
	lvs_key_fill(key, af, unit_rand(), unit_below(3), &src, unit_rand(), &dst, unit_rand());
}

/* Each bit of a tuple, but its padding's, turns each bit of the hash half of the time. */
static void check_avalanche(u8 af)
{
	enum { ROUNDS = 2000, KEY_BITS = sizeof(union lvs_key) * 8 };
	static u32 flips[KEY_BITS][64];
	/* the last two bytes are @zero */
	unsigned int bits = ((af == AF_INET ? sizeof(struct lvs_key4) : sizeof(struct lvs_key6)) - 2) * 8;
	unsigned int bit, out, round;

	memset(flips, 0, sizeof(flips));
	for (round = 0; round < ROUNDS; round++) {
		union lvs_key key;
		u64 before;

		random_key(&key, af);
		before = hash64(&key, af);
		for (bit = 0; bit < bits; bit++) {
			u64 changed;

			((u8 *)&key)[bit / 8] ^= 1 << bit % 8;
			changed = before ^ hash64(&key, af);
			((u8 *)&key)[bit / 8] ^= 1 << bit % 8;
			for (out = 0; out < 64; out++)
				flips[bit][out] += changed >> out & 1;
		}
	}
	/* 7 standard deviations: 3e-12 for each of these 26,000 */
	for (bit = 0; bit < bits; bit++)
		for (out = 0; out < 64; out++)
			CHECK(flips[bit][out] > ROUNDS / 2 - 157 && flips[bit][out] < ROUNDS / 2 + 157);
}

UNIT_TEST(conn_hash_depends_on_every_bit)
{
	draw_secret();
	check_avalanche(AF_INET);
	check_avalanche(AF_INET6);
}

/* Keys that share a bucket of one table part in another, whichever half of its key is another one. */
static void check_secret(u8 af)
{
	enum { WANTED = 64 };
	union lvs_key keys[WANTED];
	u32 n = 0, bucket, again[2] = {}, i;

	draw_secret();
	random_key(&keys[0], af);
	bucket = hash(&keys[0], af) & 1023;
	for (n = 1; n < WANTED;) {
		random_key(&keys[n], af);
		n += (hash(&keys[n], af) & 1023) == bucket;
	}
	for (secret.key[0]++, i = 1; i < WANTED; i++)
		again[0] += (hash(&keys[i], af) & 1023) == (hash(&keys[0], af) & 1023);
	for (secret.key[1]++, i = 1; i < WANTED; i++)
		again[1] += (hash(&keys[i], af) & 1023) == (hash(&keys[0], af) & 1023);
	CHECK(again[0] <= 5);
	CHECK(again[1] <= 5);
}

UNIT_TEST(conn_hash_other_table_parts_chains)
{
	check_secret(AF_INET);
	check_secret(AF_INET6);
}

/* Tuples that differ in kind or protocol only are different conns. */
UNIT_TEST(conn_hash_table_keeps_kinds_apart)
{
	struct lvs_dest *dest = sim_dest(IP_VS_CONN_F_DROUTE, AF_INET6, 1);
	struct lvs_conn *flow, *tmpl;
	union lvs_key key, tmpl_key;

	sim_key(&key, AF_INET6, IPPROTO_TCP, 1000);
	tmpl_key = key;
	tmpl_key.v6.kind = LVS_KEY_TEMPLATE;
	flow = sim_conn(dest, &key, HZ);
	tmpl = sim_conn(dest, &tmpl_key, HZ);
	CHECK(flow != tmpl);
	CHECK(sim_find(AF_INET6, &key) == flow);
	CHECK(sim_find(AF_INET6, &tmpl_key) == tmpl);
	key.v6.proto = IPPROTO_UDP;
	CHECK(!sim_find(AF_INET6, &key));
	sim_dest_remove(dest);
}
