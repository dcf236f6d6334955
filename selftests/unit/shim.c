// SPDX-License-Identifier: GPL-2.0
#include "unit.h"

long unit_fail_at = -1;
long unit_live_blocks;
size_t unit_live_bytes;
size_t unit_total_bytes;
unsigned long unit_barriers;
unsigned long unit_grace_periods;
unsigned long unit_jiffies = -5000ul;	/* it wraps soon */

static struct rcu_head *rcu_queue;

/* The size stands in front of the block. */
#define HEAD 16

void *unit_alloc(size_t bytes, bool zero)
{
	size_t *block;

	if (unit_fail_at >= 0 && unit_fail_at-- == 0)
		return NULL;
	block = malloc(bytes + HEAD);
	if (!block)
		abort();
	memset(block, zero ? 0 : 0xa5, bytes + HEAD);
	*block = bytes;
	unit_live_blocks++;
	unit_live_bytes += bytes;
	unit_total_bytes += bytes;
	return (char *)block + HEAD;
}

void unit_free(const void *p)
{
	size_t *block;

	if (!p)
		return;
	block = (size_t *)((char *)p - HEAD);
	unit_live_blocks--;
	unit_live_bytes -= *block;
	free(block);
}

void call_rcu(struct rcu_head *rcu, void (*func)(struct rcu_head *rcu))
{
	rcu->func = func;
	rcu->next = rcu_queue;
	rcu_queue = rcu;
}

/* Runs what waited for a grace period when it was called. */
void unit_grace_period(void)
{
	struct rcu_head *queue = rcu_queue;

	rcu_queue = NULL;
	unit_grace_periods++;
	while (queue) {
		struct rcu_head *rcu = queue;

		queue = rcu->next;
		rcu->func(rcu);
	}
}

void rcu_barrier(void)
{
	unit_barriers++;
	do
		unit_grace_period();
	while (rcu_queue);
}

void get_random_bytes(void *to, size_t len)
{
	unsigned char *byte = to;

	while (len--)
		*byte++ = unit_rand();
}

u64 get_random_u64(void)
{
	return unit_rand();
}

static inline u64 rotl(u64 x, int by)
{
	return x << by | x >> (64 - by);
}

void unit_sip_round(u64 *v0, u64 *v1, u64 *v2, u64 *v3)
{
	*v0 += *v1;
	*v1 = rotl(*v1, 13) ^ *v0;
	*v0 = rotl(*v0, 32);
	*v2 += *v3;
	*v3 = rotl(*v3, 16) ^ *v2;
	*v0 += *v3;
	*v3 = rotl(*v3, 21) ^ *v0;
	*v2 += *v1;
	*v1 = rotl(*v1, 17) ^ *v2;
	*v2 = rotl(*v2, 32);
}

static void sip_round(u64 v[4])
{
	unit_sip_round(&v[0], &v[1], &v[2], &v[3]);
}

/* SipHash-1-3 cut to 32 bits, as on 64-bit kernels. */
u32 hsiphash(const void *data, size_t len, const hsiphash_key_t *key)
{
	u64 v[4] = {
		0x736f6d6570736575ULL ^ key->key[0],
		0x646f72616e646f6dULL ^ key->key[1],
		0x6c7967656e657261ULL ^ key->key[0],
		0x7465646279746573ULL ^ key->key[1],
	};
	const u8 *byte = data;
	size_t done;

	for (done = 0; done <= len; done += 8) {
		u64 word = 0;
		size_t i;

		for (i = 0; i < 8 && done + i < len; i++)
			word |= (u64)byte[done + i] << (8 * i);
		if (done + 8 > len)
			word |= (u64)len << 56;
		v[3] ^= word;
		sip_round(v);
		v[0] ^= word;
	}
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
