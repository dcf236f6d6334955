// SPDX-License-Identifier: GPL-2.0
#include "conn/bucket.h"
#include "sim.h"

int unit_cpu;
int unit_readers;
int unit_insert_error;
unsigned long unit_ram_pages;
struct user_namespace init_user_ns;

void (*unit_latch)(enum lvs_latch latch);

static struct delayed_work *delayed;

void lvs_latch_wait(enum lvs_latch latch, bool may_sleep)
{
	if (unit_latch)
		unit_latch(latch);
}

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, unsigned int flags,
				     void (*ctor)(void *p))
{
	struct kmem_cache *cache = kmalloc(sizeof(*cache), GFP_KERNEL);

	if (cache)
		cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	kfree(cache);
}

unsigned long totalram_pages(void)
{
	return unit_ram_pages;
}

void *net_generic(const struct net *net, unsigned int id)
{
	abort();
}

/* On 64-bit kernels this is the hash of the four words in a row. */
u32 hsiphash_4u32(u32 first, u32 second, u32 third, u32 fourth, const hsiphash_key_t *key)
{
	u32 words[] = { first, second, third, fourth };

	return hsiphash(words, sizeof(words), key);
}

unsigned long start_poll_synchronize_rcu(void)
{
	return unit_grace_periods + 1;
}

bool poll_state_synchronize_rcu(unsigned long cookie)
{
	return unit_grace_periods >= cookie;
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay)
{
	if (w->queued)
		return false;
	w->queued = true;
	w->due = jiffies + delay;
	w->next = delayed;
	delayed = w;
	return true;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay)
{
	bool was = cancel_delayed_work_sync(w);

	queue_delayed_work(wq, w, delay);
	return was;
}

bool cancel_delayed_work_sync(struct delayed_work *w)
{
	struct delayed_work **at = &delayed;

	if (!w->queued)
		return false;
	while (*at != w)
		at = &(*at)->next;
	*at = w->next;
	w->queued = false;
	return true;
}

static void rcu_work_run(struct rcu_head *rcu)
{
	struct rcu_work *w = container_of(rcu, struct rcu_work, rcu);

	w->work.func(&w->work);
}

bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *w)
{
	call_rcu(&w->rcu, rcu_work_run);
	return true;
}

static struct delayed_work *work_due(void)
{
	struct delayed_work *w;

	for (w = delayed; w; w = w->next)
		if (!time_after(w->due, jiffies))
			return w;
	return NULL;
}

void unit_tick(void)
{
	struct delayed_work *w;

	unit_jiffies++;
	if (!unit_readers)
		unit_grace_period();
	while ((w = work_due())) {
		cancel_delayed_work_sync(w);
		w->work.func(&w->work);
	}
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
	struct delayed_work *w;

	while (jiffies != end) {
		unsigned long step = end - jiffies;

		for (w = delayed; w; w = w->next)
			if (!time_after(w->due, jiffies + step))
				step = time_after(w->due, jiffies) ? w->due - jiffies : 1;
		unit_jiffies += step - 1;
		unit_tick();
	}
}

/* conn/table.c adds to a bucket by way of this: see the Makefile */
int sim_bucket_add(struct lvs_bucket *b, unsigned long entry, u8 tag)
{
	int error = unit_insert_error;

	unit_insert_error = 0;
	return error ?: lvs_bucket_add(b, entry, tag);
}

static struct rhash_head **bucket(struct rhashtable *ht, const void *key)
{
	const hsiphash_key_t fixed = { { 1, 2 } };
	u32 hash = ht->p.hashfn ? ht->p.hashfn(key, ht->p.key_len, ht->seed) :
				  hsiphash(key, ht->p.key_len, &fixed);

	return &ht->tbl->bucket[hash % ht->tbl->size];
}

static void *object(const struct rhashtable *ht, struct rhash_head *head)
{
	return (char *)head - ht->p.head_offset;
}

static bool equal(const struct rhashtable_params *p, const void *key, const void *obj)
{
	struct rhashtable_compare_arg arg = { .key = key };

	if (p->obj_cmpfn)
		return !p->obj_cmpfn(&arg, obj);
	return !memcmp((const char *)obj + p->key_offset, key, p->key_len);
}

int rhashtable_init(struct rhashtable *ht, const struct rhashtable_params *params)
{
	memset(ht, 0, sizeof(*ht));
	ht->p = *params;
	ht->seed = unit_rand();
	ht->tbl = kvzalloc(sizeof(*ht->tbl), GFP_KERNEL);
	if (!ht->tbl)
		return -ENOMEM;
	ht->tbl->size = ARRAY_SIZE(ht->tbl->bucket);
	return 0;
}

void rhashtable_destroy(struct rhashtable *ht)
{
	unit_must(!ht->count);
	kvfree(ht->tbl);
	ht->tbl = NULL;
}

void *rhashtable_lookup(struct rhashtable *ht, const void *key, const struct rhashtable_params p)
{
	struct rhash_head *head;

	for (head = *bucket(ht, key); head; head = head->next)
		if (equal(&p, key, object(ht, head)))
			return object(ht, head);
	return NULL;
}

void *rhashtable_lookup_get_insert_fast(struct rhashtable *ht, struct rhash_head *obj,
					const struct rhashtable_params p)
{
	const void *key = (char *)object(ht, obj) + p.key_offset;
	struct rhash_head **at = bucket(ht, key);
	void *old = rhashtable_lookup(ht, key, p);

	if (old)
		return old;
	obj->next = *at;
	*at = obj;
	ht->count++;
	return NULL;
}

int rhashtable_insert_fast(struct rhashtable *ht, struct rhash_head *obj,
			   const struct rhashtable_params p)
{
	void *old = rhashtable_lookup_get_insert_fast(ht, obj, p);

	return IS_ERR(old) ? PTR_ERR(old) : old ? -EEXIST : 0;
}

int rhashtable_remove_fast(struct rhashtable *ht, struct rhash_head *obj,
			   const struct rhashtable_params p)
{
	struct rhash_head **at = bucket(ht, (char *)object(ht, obj) + p.key_offset);

	while (*at && *at != obj)
		at = &(*at)->next;
	unit_must(*at == obj);
	*at = obj->next;
	ht->count--;
	return 0;
}
