// SPDX-License-Identifier: GPL-2.0
#include "conn/limit.h"
#include "pools.h"

struct lvs_dest unit_dest[UNIT_DESTS];

/* references that are held; a dest here is never freed */
bool lvs_dest_get(struct lvs_dest *dest)
{
	refcount_inc(&dest->refs);
	return true;
}

void lvs_dest_put(struct lvs_dest *dest)
{
	CHECK(!refcount_dec_and_test(&dest->refs));
}

/* What is left of the memory that schedulers may take for what they remember. */
int unit_memory;

bool lvs_memory_get(const struct lvs_net *ln, int units)
{
	if (unit_memory < units)
		return false;
	unit_memory -= units;
	return true;
}

void lvs_memory_put(const struct lvs_net *ln, int units)
{
	unit_memory += units;
}

/* All dests available, idle, with addresses of their own. */
void unit_dests_reset(void)
{
	u32 i;

	unit_memory = UNIT_MEMORY;
	memset(unit_dest, 0, sizeof(unit_dest));
	for (i = 0; i < UNIT_DESTS; i++) {
		unit_dest[i].key.addr.ip = htonl(0x0a000000 + i * 7 + 1);
		unit_dest[i].key.port = htons(80);
		unit_dest[i].key.af = AF_INET;
		unit_dest[i].state = BIT(LVS_DEST_AVAILABLE);
		refcount_set(&unit_dest[i].refs, 1);
	}
}

void unit_begin(void)
{
	unit_dests_reset();
}

void unit_end(void)
{
	CHECK_EQ(lvs_pool_pending_bytes(), 0);
}

void unit_overload(struct lvs_dest *dest, bool on)
{
	WRITE_ONCE(dest->state, BIT(LVS_DEST_AVAILABLE) |
				(on ? BIT(LVS_DEST_OVERLOAD) : 0));
}

/* Replace a pool as a service does; @old may be NULL. */
struct lvs_pool *unit_edit(struct lvs_pool *old, struct lvs_pool *new,
			   const char *sched)
{
	struct lvs_pool_iter it;

	if (IS_ERR(new))
		abort();
	if (sched)
		unit_attach(new, sched);
	lvs_pool_for_each(it, new)
		WRITE_ONCE(it.entry->dest->weight, it.entry->weight);
	lvs_pool_retire(old, new);
	lvs_pool_throttle();
	return new;
}

void unit_attach(struct lvs_pool *pool, const char *sched)
{
	if (lvs_sched_attach(pool, lvs_sched_find(sched), AF_INET, GFP_KERNEL))
		abort();
}

/* A pool of unit_dest[0] to [@n - 1] with these weights; the last one is first. */
struct lvs_pool *unit_pool(const u32 *weights, unsigned int n)
{
	struct lvs_pool *pool = lvs_pool_alloc(GFP_KERNEL);
	unsigned int i;

	if (IS_ERR(pool))
		abort();
	for (i = 0; i < n; i++) {
		struct lvs_pool *next = lvs_pool_add(pool, &unit_dest[i],
						     weights[i], GFP_KERNEL);

		if (IS_ERR(next))
			abort();
		lvs_pool_discard(pool);
		pool = next;
		unit_dest[i].weight = weights[i];
	}
	return pool;
}
