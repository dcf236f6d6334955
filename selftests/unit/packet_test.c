// SPDX-License-Identifier: GPL-2.0
#include "packet_sample.h"
#include "unit.h"

#define MUTATIONS UNIT_MANY(400000)

static void want_addresses(union lvs_key *key, u8 af, bool inner)
{
	const char *src = af == AF_INET ? PACKET_SRC4 : PACKET_SRC6;
	const char *dst = af == AF_INET ? PACKET_DST4 : PACKET_DST6;
	void *at_src = af == AF_INET ? (void *)&key->v4.src : (void *)&key->v6.src;
	void *at_dst = af == AF_INET ? (void *)&key->v4.dst : (void *)&key->v6.dst;

	if (inet_pton(af, src, inner ? at_dst : at_src) != 1 || inet_pton(af, dst, inner ? at_src : at_dst) != 1)
		abort();
}

/* The whole union is compared: nothing may be left behind where a key has no member. */
static void check_key(const struct packet_sample *s, const union lvs_key *key)
{
	union lvs_key want;

	memset(&want, 0, sizeof(want));
	want_addresses(&want, s->af, s->inner);
	if (s->af == AF_INET) {
		want.v4.sport = htons(s->sport);
		want.v4.dport = htons(s->dport);
		want.v4.proto = s->key_proto;
	} else {
		want.v6.sport = htons(s->sport);
		want.v6.dport = htons(s->dport);
		want.v6.proto = s->key_proto;
	}
	CHECK(!memcmp(&want, key, sizeof(want)));
	CHECK_EQ(lvs_key_kind(key, s->af), LVS_KEY_FLOW);
}

static bool check_sample(const struct packet_sample *s, const u8 *bytes, unsigned int len, unsigned int headlen)
{
	struct lvs_pkt pkt;
	enum lvs_parse parse = packet_parse(&pkt, s->af, bytes, len, headlen);

	if (len == packet_bytes(s, (u8[PACKET_MAX]){}))
		CHECK_EQ(packet_inside, s->inside);
	CHECK_EQ(parse, s->parse);
	CHECK_EQ(pkt.flags, s->flags);
	if (parse != LVS_PARSE_OK)
		return parse == s->parse && pkt.flags == s->flags;
	CHECK_EQ(pkt.proto, s->proto);
	CHECK_EQ(pkt.l4off, s->l4off);
	CHECK_EQ(pkt.inner_off, s->inner_off);
	CHECK_EQ(pkt.inner_l4off, s->inner_l4off);
	check_key(s, &pkt.key);
	return parse == s->parse && pkt.flags == s->flags && pkt.l4off == s->l4off;
}

/* Every sample, wherever the skb's first piece ends. */
UNIT_TEST(packet_samples_are_understood)
{
	unsigned int i, headlen;
	u8 bytes[PACKET_MAX];

	for (i = 0; i < packet_sample_count; i++) {
		const struct packet_sample *s = &packet_samples[i];
		unsigned int len = packet_bytes(s, bytes);

		for (headlen = 0; headlen <= len; headlen++) {
			if (check_sample(s, bytes, len, headlen))
				continue;
			unit_note("sample: %s, IPv%d, first piece %u of %u", s->name, s->af == AF_INET ? 4 : 6, headlen, len);
			break;
		}
	}
	unit_note("%u packets", packet_sample_count);
}

static void check_cut(const struct packet_sample *s, const u8 *bytes, unsigned int cut, unsigned int headlen)
{
	struct lvs_pkt pkt;
	enum lvs_parse parse = packet_parse(&pkt, s->af, bytes, cut, headlen);

	CHECK(packet_model_agrees(&pkt, parse, s->af, bytes, cut));
	if (s->parse == LVS_PARSE_BAD || cut < s->need)
		CHECK(parse != LVS_PARSE_OK);
	if (s->parse == LVS_PARSE_OK)
		CHECK_EQ(parse, cut < s->need ? LVS_PARSE_BAD : LVS_PARSE_OK);
	if (s->parse == LVS_PARSE_FOREIGN && cut >= s->need)
		CHECK_EQ(parse, LVS_PARSE_FOREIGN);
}

/* Every sample, cut after each of its bytes. */
UNIT_TEST(packet_cut_anywhere_is_bad)
{
	unsigned int i, cut;
	u8 bytes[PACKET_MAX];

	for (i = 0; i < packet_sample_count; i++) {
		const struct packet_sample *s = &packet_samples[i];
		unsigned int len = packet_bytes(s, bytes);

		CHECK(len >= s->need);
		for (cut = 0; cut < len; cut++) {
			check_cut(s, bytes, cut, 0);
			check_cut(s, bytes, cut, cut);
			check_cut(s, bytes, cut, unit_below(cut + 1));
		}
	}
}

static void mutate(u8 *bytes, unsigned int len)
{
	static const u8 telling[] = { 0, 1, 4, 5, 6, 8, 17, 43, 44, 58, 60, 0x45, 0x60, 0x7f, 0x80, 0xff };
	unsigned int at = unit_below(len);

	switch (unit_below(4)) {
	case 0:
		bytes[at] ^= 1 << unit_below(8);
		break;
	case 1:
		bytes[at] = unit_rand();
		break;
	case 2:
		bytes[at] = telling[unit_below(sizeof(telling))];
		break;
	default:
		memmove(bytes + at, bytes + unit_below(len), unit_below(len - at + 1) / 2);
	}
}

/* Samples with a few bytes changed, against a model of the parser. */
UNIT_TEST(packet_mutations_match_the_model)
{
	unsigned int n[3] = {};
	u8 bytes[2 * PACKET_MAX];
	int i;

	for (i = 0; i < MUTATIONS; i++) {
		const struct packet_sample *s = &packet_samples[unit_below(packet_sample_count)];
		unsigned int len = packet_bytes(s, bytes), changes = unit_below(6);
		u8 af = unit_below(20) ? s->af : s->af == AF_INET ? AF_INET6 : AF_INET;
		struct lvs_pkt pkt;
		enum lvs_parse parse;

		memset(bytes + PACKET_MAX, 0, PACKET_MAX);
		while (changes--)
			mutate(bytes, len);
		if (!unit_below(3))
			len = unit_below(len + 1);
		parse = packet_parse(&pkt, af, bytes, len, unit_below(len + 1));
		CHECK(packet_model_agrees(&pkt, parse, af, bytes, len));
		n[parse]++;
	}
	unit_note("%u ok, %u foreign, %u bad", n[LVS_PARSE_OK], n[LVS_PARSE_FOREIGN], n[LVS_PARSE_BAD]);
	CHECK(n[LVS_PARSE_OK] > MUTATIONS / 10 && n[LVS_PARSE_BAD] > MUTATIONS / 10);
}

static union nf_inet_addr random_address(u8 af)
{
	union nf_inet_addr a = {};
	int i;

	for (i = 0; i < (af == AF_INET ? 1 : 4); i++)
		a.all[i] = unit_rand();
	return a;
}

static bool same_address(union nf_inet_addr a, union nf_inet_addr b)
{
	return !memcmp(&a, &b, sizeof(a));
}

/* What is filled in is what is read out; reversed, the ends change places; reversed twice, nothing has changed. */
UNIT_TEST(packet_keys_fill_and_reverse)
{
	int i;

	for (i = 0; i < 20000; i++) {
		u8 af = i % 2 ? AF_INET : AF_INET6, proto = unit_rand(), kind = unit_below(3);
		union nf_inet_addr src = random_address(af), dst = random_address(af);
		__be16 sport = unit_rand(), dport = unit_rand();
		union lvs_key key, back, again;

		memset(&key, 0xa5, sizeof(key));
		lvs_key_fill(&key, af, proto, kind, &src, sport, &dst, dport);
		CHECK(same_address(lvs_key_src(&key, af), src) && same_address(lvs_key_dst(&key, af), dst));
		CHECK_EQ(lvs_key_sport(&key, af), sport);
		CHECK_EQ(lvs_key_dport(&key, af), dport);
		CHECK_EQ(lvs_key_proto(&key, af), proto);
		CHECK_EQ(lvs_key_kind(&key, af), kind);
		CHECK_EQ(af == AF_INET ? key.v4.digest : key.v6.digest, 0);

		lvs_key_reverse(&back, &key, af);
		CHECK(same_address(lvs_key_src(&back, af), dst) && same_address(lvs_key_dst(&back, af), src));
		CHECK_EQ(lvs_key_sport(&back, af), dport);
		CHECK_EQ(lvs_key_dport(&back, af), sport);
		CHECK_EQ(lvs_key_proto(&back, af), proto);
		CHECK_EQ(lvs_key_kind(&back, af), kind);
		lvs_key_reverse(&again, &back, af);
		CHECK(!memcmp(&again, &key, sizeof(key)));
	}
}
