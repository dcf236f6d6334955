// SPDX-License-Identifier: GPL-2.0
/* The counterpart of selftests/unit/sim.c: what core.h redirects. */
#include "conn/bucket.h"
#include "sim.h"

#define WORKS_MAX 8

unsigned long unit_jiffies;
int unit_cpu;
int unit_readers;
int unit_insert_error;
unsigned long unit_ram_pages;

void (*unit_latch)(enum lvs_latch latch);

static struct {
	struct delayed_work *work;	/* NULL: free */
	unsigned long due;
} delayed[WORKS_MAX];

struct kmem_cache_size {
	size_t size;
};

void lvs_latch_wait(enum lvs_latch latch, bool may_sleep)
{
	if (unit_latch)
		unit_latch(latch);
}

struct kmem_cache *unit_cache_create(unsigned int size)
{
	struct kmem_cache_size *cache = kmalloc(sizeof(*cache), GFP_KERNEL);

	if (cache)
		cache->size = size;
	return (struct kmem_cache *)cache;
}

void unit_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

void *unit_cache_alloc(struct kmem_cache *cache, gfp_t zero)
{
	return kmalloc(((struct kmem_cache_size *)cache)->size, GFP_ATOMIC | zero);
}

/* conn/table.c adds to a bucket by way of this: see conns/Kbuild */
int sim_bucket_add(struct lvs_bucket *b, unsigned long entry, u8 tag)
{
	int error = unit_insert_error;

	unit_insert_error = 0;
	return error ?: lvs_bucket_add(b, entry, tag);
}

/* What is freed there is not counted, so it is not counted here. */
void __percpu *unit_alloc_percpu(size_t size, size_t align)
{
	if (unit_fail_at >= 0 && unit_fail_at-- == 0)
		return NULL;
	return __alloc_percpu_gfp(size, align, GFP_KERNEL);
}

void unit_random_bytes(void *to, size_t len)
{
	unsigned char *byte = to;

	while (len--)
		*byte++ = unit_rand();
}

bool unit_work_queued(const struct delayed_work *work)
{
	int i;

	for (i = 0; i < WORKS_MAX; i++)
		if (delayed[i].work == work)
			return true;
	return false;
}

bool unit_queue_delayed_work(struct delayed_work *work, unsigned long delay)
{
	int i, at = -1;

	if (unit_work_queued(work))
		return false;
	for (i = 0; i < WORKS_MAX; i++)
		if (!delayed[i].work)
			at = i;
	BUG_ON(at < 0);
	delayed[at].work = work;
	delayed[at].due = jiffies + delay;
	return true;
}

bool unit_cancel_delayed_work(struct delayed_work *work)
{
	int i;

	for (i = 0; i < WORKS_MAX; i++) {
		if (delayed[i].work == work) {
			delayed[i].work = NULL;
			return true;
		}
	}
	return false;
}

static void rcu_work_run(struct rcu_head *rcu)
{
	struct rcu_work *work = container_of(rcu, struct rcu_work, rcu);

	work->work.func(&work->work);
}

void unit_queue_rcu_work(struct rcu_work *work)
{
	unit_call_rcu(&work->rcu, rcu_work_run);
}

static struct delayed_work *work_due(void)
{
	int i;

	for (i = 0; i < WORKS_MAX; i++)
		if (delayed[i].work && !time_after(delayed[i].due, jiffies))
			return delayed[i].work;
	return NULL;
}

void unit_tick(void)
{
	struct delayed_work *work;

	unit_jiffies++;
	if (!unit_readers)
		unit_grace_period();
	while ((work = work_due())) {
		unit_cancel_delayed_work(work);
		work->work.func(&work->work);
	}
	cond_resched();
}

void unit_sleep(unsigned long time)
{
	while (time--)
		unit_tick();
}

/* The next moment at which anything happens, or the end. */
void unit_skip(unsigned long time)
{
	unsigned long end = jiffies + time;
	int i;

	while (jiffies != end) {
		unsigned long step = end - jiffies;

		for (i = 0; i < WORKS_MAX; i++)
			if (delayed[i].work && !time_after(delayed[i].due, jiffies + step))
				step = time_after(delayed[i].due, jiffies) ? delayed[i].due - jiffies : 1;
		unit_jiffies += step - 1;
		unit_tick();
	}
}
