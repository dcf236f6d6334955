/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The hash that lvs would have of a flow if nothing in it were secret: what an
 * attacker who has read the code can compute (kmod/conn/hash.h, with zero for its
 * secret and seed). It is SipHash-1-3 without the word for the length, cut to 32 bits.
 */
#ifndef LVS_SELFTESTS_COLLIDE_H
#define LVS_SELFTESTS_COLLIDE_H

#include "net.h"

static inline uint64_t rotl64(uint64_t x, int by)
{
	return x << by | x >> (64 - by);
}

static inline void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotl64(v[1], 13) ^ v[0];
	v[3] = rotl64(v[3], 16) ^ v[2];
	v[0] = rotl64(v[0], 32);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = rotl64(v[1], 17) ^ v[2];
	v[3] = rotl64(v[3], 21) ^ v[0];
	v[2] = rotl64(v[2], 32);
}

/* @size is a multiple of 8. */
static inline uint32_t hash_words(const uint64_t *words, size_t size)
{
	uint64_t v[4] = { 0x736f6d6570736575, 0x646f72616e646f6d, 0x6c7967656e657261, 0x7465646279746573 };

	for (size_t i = 0; i < size / 8; i++) {
		v[3] ^= words[i];
		sip_round(v);
		v[0] ^= words[i];
	}
	v[2] ^= 0xff;
	for (int i = 0; i < 3; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Ports are in host order in @from and @to. */
static inline uint32_t flow_hash(const union addr *from, uint16_t sport, const union addr *to,
				 uint16_t dport, uint8_t proto)
{
	union {
		struct {
			uint32_t src, dst, ports, rest;
		} v4;
		struct {
			struct in6_addr src, dst;
			uint16_t sport, dport;
			uint8_t proto, zero[3];
		} v6;
		uint64_t words[5];
	} key = {};

	if (from->sa.sa_family == AF_INET) {
		key.v4.src = from->in.sin_addr.s_addr;
		key.v4.dst = to->in.sin_addr.s_addr;
		key.v4.ports = (uint32_t)htons(dport) << 16 | htons(sport);
		key.v4.rest = proto;
		return hash_words(key.words, sizeof(key.v4));
	}
	key.v6.src = from->in6.sin6_addr;
	key.v6.dst = to->in6.sin6_addr;
	key.v6.sport = htons(sport);
	key.v6.dport = htons(dport);
	key.v6.proto = proto;
	return hash_words(key.words, sizeof(key.v6));
}

#endif
