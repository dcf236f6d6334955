/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_CONN_HASH_H
#define _LVS_CONN_HASH_H

#include <linux/siphash.h>

#include "../packet.h"

/**
 * lvs_key4_hash - hash an IPv4 tuple, all of it
 * @key: tuple
 * @seed: the table's; a table that is rehashed has another one
 * @secret: what nobody who chooses tuples knows
 *
 * Return: the hash.
 */
static inline u32 lvs_key4_hash(const struct lvs_key4 *key, u32 seed, const hsiphash_key_t *secret)
{
	return hsiphash_4u32((__force u32)key->src, (__force u32)key->dst,
			     (__force u32)key->sport << 16 | (__force u32)key->dport,
			     seed ^ (key->proto | key->kind << 8), secret);
}

/**
 * lvs_key6_hash - hash an IPv6 tuple, all of it
 * @key: tuple
 * @seed: as for lvs_key4_hash()
 * @secret: likewise
 *
 * Return: the hash.
 */
static inline u32 lvs_key6_hash(const struct lvs_key6 *key, u32 seed, const hsiphash_key_t *secret)
{
	/* added to the result, the seed would leave together what shares a bucket */
	hsiphash_key_t seeded = { .key = { secret->key[0] ^ seed, secret->key[1] } };

	/* its length is a multiple of 8 and its padding is zero */
	return hsiphash(key, sizeof(*key), &seeded);
}

#endif
