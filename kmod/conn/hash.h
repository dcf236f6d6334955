/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_HASH_H
#define _LVS_CONN_HASH_H

#include <linux/siphash.h>

#include "../packet.h"

static inline bool lvs_key4_equal(const struct lvs_key4 *a, const struct lvs_key4 *b)
{
	return a->words[1] == b->words[1] && a->words[0] == b->words[0];
}

/* The last word of an address tells more than the first. */
static inline bool lvs_key6_equal(const struct lvs_key6 *a, const struct lvs_key6 *b)
{
	return a->words[4] == b->words[4] && a->words[1] == b->words[1] && a->words[3] == b->words[3] &&
	       a->words[0] == b->words[0] && a->words[2] == b->words[2];
}

/* The word of a flow's key that has its ports, as they follow each other in a packet, and @proto; @kind is LVS_KEY_FLOW. */
static inline u64 lvs_key_flow_word(__be32 ports, u8 proto)
{
#ifdef __LITTLE_ENDIAN
	return (u64)proto << 32 | (__force u32)ports;
#else
	return (u64)(__force u32)ports << 32 | (u64)proto << 24;
#endif
}

/*
 * What hsiphash() would do, with these differences: all keys of a family have one length, so it need not be hashed; all 64
 * bits are wanted; and there is no call.
 */
#if BITS_PER_LONG == 64

/**
 * struct lvs_sip - a hash under way
 * @v: its state
 */
struct lvs_sip {
	u64 v[4];
};

static __always_inline struct lvs_sip lvs_sip_begin(const siphash_key_t *secret)
{
	u64 k0 = secret->key[0], k1 = secret->key[1];

	return (struct lvs_sip){ { SIPHASH_CONST_0 ^ k0, SIPHASH_CONST_1 ^ k1,
				   SIPHASH_CONST_2 ^ k0, SIPHASH_CONST_3 ^ k1 } };
}

static __always_inline void lvs_sip_add(struct lvs_sip *s, u64 word)
{
	s->v[3] ^= word;
	SIPHASH_PERMUTATION(s->v[0], s->v[1], s->v[2], s->v[3]);
	s->v[0] ^= word;
}

static __always_inline u64 lvs_sip_end(struct lvs_sip *s)
{
	s->v[2] ^= 0xff;
	SIPHASH_PERMUTATION(s->v[0], s->v[1], s->v[2], s->v[3]);
	SIPHASH_PERMUTATION(s->v[0], s->v[1], s->v[2], s->v[3]);
	SIPHASH_PERMUTATION(s->v[0], s->v[1], s->v[2], s->v[3]);
	return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

/**
 * lvs_key4_hash - hash an IPv4 tuple, all of it
 * @key: tuple
 * @secret: the table's; what nobody who chooses tuples knows
 *
 * Return: the hash.
 */
static __always_inline u64 lvs_key4_hash(const struct lvs_key4 *key, const siphash_key_t *secret)
{
	struct lvs_sip s = lvs_sip_begin(secret);

	lvs_sip_add(&s, key->words[0]);
	lvs_sip_add(&s, key->words[1]);
	return lvs_sip_end(&s);
}

/**
 * lvs_key6_hash - hash an IPv6 tuple, all of it
 * @key: tuple
 * @secret: as for lvs_key4_hash()
 *
 * Return: the hash.
 */
static __always_inline u64 lvs_key6_hash(const struct lvs_key6 *key, const siphash_key_t *secret)
{
	struct lvs_sip s = lvs_sip_begin(secret);
	int i;

#pragma GCC unroll 5
	for (i = 0; i < ARRAY_SIZE(key->words); i++)
		lvs_sip_add(&s, key->words[i]);
	return lvs_sip_end(&s);
}

#else

static inline u64 lvs_key4_hash(const struct lvs_key4 *key, const siphash_key_t *secret)
{
	return siphash(key, sizeof(*key), secret);
}

static inline u64 lvs_key6_hash(const struct lvs_key6 *key, const siphash_key_t *secret)
{
	return siphash(key, sizeof(*key), secret);
}

#endif

#endif
