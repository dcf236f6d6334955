/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LVS_SCHED_HASH_H
#define LVS_SCHED_HASH_H

#include <linux/in.h>
#include <linux/ip_vs.h>

#include "sched.h"

/* sh and mh give the same two bits the same meaning. */
#define LVS_SCHED_F_FALLBACK IP_VS_SVC_F_SCHED_SH_FALLBACK
#define LVS_SCHED_F_PORT IP_VS_SVC_F_SCHED_SH_PORT

/**
 * lvs_hash_addr() - fold an address into 32 bits
 * @af: its family
 * @addr: the address
 *
 * Part of what makes directors of different kinds agree.
 *
 * Return: the folded address, host byte order.
 */
static inline u32 lvs_hash_addr(u16 af, const union nf_inet_addr *addr)
{
	if (af == AF_INET6)
		return ntohl(addr->ip6[0] ^ addr->ip6[1] ^ addr->ip6[2] ^
			     addr->ip6[3]);
	return ntohl(addr->ip);
}

/**
 * lvs_hash_client() - fold what identifies a client into 32 bits
 * @key: the flow
 *
 * Return: the client's address, and its port if the service asks for that.
 */
static inline u32 lvs_hash_client(const struct lvs_sched_key *key)
{
	u32 port = key->svc_flags & LVS_SCHED_F_PORT ? ntohs(key->sport) : 0;

	return port + lvs_hash_addr(key->af, key->saddr);
}

/**
 * struct lvs_buckets - a table of dests by hash
 * @bits: number of hash bits; there are 2^@bits buckets
 * @entry: the dest of each bucket; entries of the pool that has the table
 */
struct lvs_buckets {
	u8 bits;
	const struct lvs_pool_entry *entry[];
};

int lvs_buckets_build(struct lvs_pool *pool, bool weighted, gfp_t gfp);

#endif
