// SPDX-License-Identifier: GPL-2.0
/*
 * The conn table with readers, writers, a listing and the worker at the same time.
 * RCU is a lock for reading here: a grace period is over when it could be written.
 */
#include <pthread.h>
#include <sched.h>
#include <string.h>

#include "conn/bucket.h"
#include "conn/lookup.h"
#include "net.h"
#include "unit.h"

enum { STAYING = 300, WRITERS = 2, COMING = 3000, SHARED = 64, ABSENT = 100, READERS = 2 };

struct workqueue_struct *lvs_wq;
int unit_readers, unit_insert_error;
long unit_live_blocks, unit_fail_at;
unsigned long unit_jiffies;

struct keys {
	union lvs_key staying[STAYING], coming[WRITERS][COMING], shared[WRITERS][SHARED], absent[ABSENT];
};

static struct lvs_table t;
static struct keys *keys;
static bool done;
static u32 n_owners[SHARED];
static unsigned long lookups, passes, biggest, changes;

/* ---- the kernel ------------------------------------------------------------------------------------------------- */

static pthread_rwlock_t rcu = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t queue_lock = PTHREAD_MUTEX_INITIALIZER;
static struct rcu_head *queue;
static bool work_wanted, waiting;

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, unsigned int flags,
				     void (*ctor)(void *p))
{
	struct kmem_cache *cache = malloc(sizeof(*cache));

	cache->size = size;
	return cache;
}

void kmem_cache_destroy(struct kmem_cache *cache)
{
	free(cache);
}

void *unit_alloc(size_t bytes, bool zero)
{
	void *p = zero ? calloc(1, bytes) : malloc(bytes);

	if (!zero)
		memset(p, 0xa5, bytes);
	return p;
}

void unit_free(const void *p)
{
	free((void *)p);
}

void rcu_read_lock(void)
{
	/* who waits for a grace period is not overtaken for ever */
	while (__atomic_load_n(&waiting, __ATOMIC_RELAXED))
		sched_yield();
	pthread_rwlock_rdlock(&rcu);
}

void rcu_read_unlock(void)
{
	pthread_rwlock_unlock(&rcu);
}

void synchronize_rcu(void)
{
	__atomic_store_n(&waiting, true, __ATOMIC_RELAXED);
	pthread_rwlock_wrlock(&rcu);
	__atomic_store_n(&waiting, false, __ATOMIC_RELAXED);
	pthread_rwlock_unlock(&rcu);
}

void call_rcu(struct rcu_head *head, void (*func)(struct rcu_head *rcu))
{
	head->func = func;
	pthread_mutex_lock(&queue_lock);
	head->next = queue;
	queue = head;
	pthread_mutex_unlock(&queue_lock);
}

void rcu_barrier(void)
{
	struct rcu_head *head, *next;

	pthread_mutex_lock(&queue_lock);
	head = queue;
	queue = NULL;
	pthread_mutex_unlock(&queue_lock);
	synchronize_rcu();
	for (; head; head = next) {
		next = head->next;
		head->func(head);
	}
}

bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay)
{
	__atomic_store_n(&work_wanted, true, __ATOMIC_RELEASE);
	return true;
}

bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay)
{
	return queue_delayed_work(wq, w, delay);
}

bool cancel_delayed_work_sync(struct delayed_work *w)
{
	return false;
}

void get_random_bytes(void *to, size_t len)
{
	while (len--)
		((u8 *)to)[len] = unit_rand();
}

static u64 rotl(u64 x, int by)
{
	return x << by | x >> (64 - by);
}

void unit_sip_round(u64 *v0, u64 *v1, u64 *v2, u64 *v3)
{
	*v0 += *v1;
	*v2 += *v3;
	*v1 = rotl(*v1, 13) ^ *v0;
	*v3 = rotl(*v3, 16) ^ *v2;
	*v0 = rotl(*v0, 32);
	*v2 += *v1;
	*v0 += *v3;
	*v1 = rotl(*v1, 17) ^ *v2;
	*v3 = rotl(*v3, 21) ^ *v0;
	*v2 = rotl(*v2, 32);
}

void unit_begin(void)
{
}

void unit_end(void)
{
}

/* ---- threads ---------------------------------------------------------------------------------------------------- */

static bool is_done(void)
{
	return __atomic_load_n(&done, __ATOMIC_ACQUIRE);
}

static unsigned long entry_of(const union lvs_key *key)
{
	return (unsigned long)&key->v4;
}

static unsigned long find(const union lvs_key *key)
{
	unsigned long entry;

	rcu_read_lock();
	entry = lvs_table_find(&t, lvs_table_hash(&t, &key->v4, false), &key->v4, false);
	rcu_read_unlock();
	return entry;
}

/* What stays is found always; what never came, never. */
static void reader(void *data)
{
	u32 i = (unsigned long)data;

	for (; !is_done(); i++) {
		const union lvs_key *key = &keys->staying[i * 7 % STAYING];

		CHECK_EQ(find(key), entry_of(key));
		CHECK_EQ(find(&keys->absent[i % ABSENT]), 0);
		__atomic_fetch_add(&lookups, 2, __ATOMIC_RELAXED);
	}
}

/* Listed exactly once. */
static void lister(void *data)
{
	while (!is_done()) {
		struct lvs_table_pos pos = {};
		u8 met[STAYING] = {};
		unsigned long entry;
		u32 i;

		while (!pos.end) {
			rcu_read_lock();
			entry = lvs_table_next(&t, &pos);
			rcu_read_unlock();
			i = (union lvs_key *)entry - keys->staying;
			if (entry >= entry_of(keys->staying) && i < STAYING)
				met[i]++;
		}
		for (i = 0; i < STAYING; i++)
			CHECK_EQ(met[i], 1);
		__atomic_fetch_add(&passes, 1, __ATOMIC_RELAXED);
	}
}

static void worker(void *data)
{
	u32 n;

	while (!is_done()) {
		if (__atomic_exchange_n(&work_wanted, false, __ATOMIC_ACQ_REL))
			t.work.work.func(&t.work.work);
		rcu_barrier();
		n = READ_ONCE(t.n);
		if (n > biggest)
			biggest = n;
		sched_yield();
	}
}

static int add(const union lvs_key *key, unsigned long *found)
{
	int err;

	rcu_read_lock();
	err = lvs_table_add(&t, entry_of(key), found);
	rcu_read_unlock();
	return err;
}

static void del(const union lvs_key *key)
{
	rcu_read_lock();
	lvs_table_del(&t, entry_of(key));
	rcu_read_unlock();
}

/* All writers want the same tuples, each for a key of its own: one at a time has each of them. */
static void contend(u32 self, bool *mine)
{
	unsigned long found;
	u32 i;

	for (i = 0; i < SHARED; i++) {
		if (mine[i]) {
			CHECK_EQ(__atomic_fetch_sub(&n_owners[i], 1, __ATOMIC_RELAXED), 1);
			del(&keys->shared[self][i]);
			mine[i] = false;
		} else if (!add(&keys->shared[self][i], &found)) {
			CHECK_EQ(__atomic_fetch_add(&n_owners[i], 1, __ATOMIC_RELAXED), 0);
			mine[i] = true;
		} else {
			CHECK(found != entry_of(&keys->shared[self][i]));
		}
	}
}

static void writer(void *data)
{
	u32 self = (unsigned long)data, i, round;
	bool mine[SHARED] = {};
	unsigned long found;

	for (round = 0; round < 4; round++) {
		for (i = 0; i < COMING; i++) {
			CHECK_EQ(add(&keys->coming[self][i], &found), 0);
			if (i % 100 == 0)
				contend(self, mine);
		}
		for (i = 0; i < COMING; i++) {
			CHECK_EQ(find(&keys->coming[self][i]), entry_of(&keys->coming[self][i]));
			del(&keys->coming[self][i]);
			CHECK_EQ(find(&keys->coming[self][i]), 0);
		}
		__atomic_fetch_add(&changes, 2 * COMING, __ATOMIC_RELAXED);
	}
	for (i = 0; i < SHARED; i++) {
		if (mine[i]) {
			CHECK_EQ(__atomic_fetch_sub(&n_owners[i], 1, __ATOMIC_RELAXED), 1);
			del(&keys->shared[self][i]);
		}
	}
}

static void key_set(union lvs_key *key, u32 kind, u32 i)
{
	key->v4.src = kind;
	key->v4.dst = i;
}

static void keys_make(void)
{
	u32 i, w;

	keys = calloc(1, sizeof(*keys));
	for (i = 0; i < STAYING; i++)
		key_set(&keys->staying[i], 1, i);
	for (i = 0; i < ABSENT; i++)
		key_set(&keys->absent[i], 2, i);
	for (w = 0; w < WRITERS; w++) {
		for (i = 0; i < COMING; i++)
			key_set(&keys->coming[w][i], 3 + w, i);
		for (i = 0; i < SHARED; i++)
			key_set(&keys->shared[w][i], 100, i);
	}
}

UNIT_TEST(table_race)
{
	struct unit_thread writers[WRITERS], others[READERS + 2];
	unsigned long found, i;

	keys_make();
	CHECK_EQ(lvs_bucket_cache_init(), 0);
	CHECK_EQ(lvs_table_init(&t, false), 0);
	for (i = 0; i < STAYING; i++)
		CHECK_EQ(add(&keys->staying[i], &found), 0);
	for (i = 0; i < READERS; i++)
		unit_thread_start(&others[i], reader, (void *)i);
	unit_thread_start(&others[READERS], lister, NULL);
	unit_thread_start(&others[READERS + 1], worker, NULL);
	for (i = 0; i < WRITERS; i++)
		unit_thread_start(&writers[i], writer, (void *)i);
	for (i = 0; i < WRITERS; i++)
		unit_thread_join(&writers[i]);
	__atomic_store_n(&done, true, __ATOMIC_RELEASE);
	for (i = 0; i < READERS + 2; i++)
		unit_thread_join(&others[i]);
	unit_note("%lu changes, %lu lookups, %lu listings, up to %lu buckets", changes, lookups, passes, biggest);
	CHECK(biggest > LVS_TABLE_SEGMENT);
	CHECK(lookups > 0 && passes > 0);
	for (i = 0; i < STAYING; i++)
		del(&keys->staying[i]);
	rcu_barrier();
	lvs_table_exit(&t);
	rcu_barrier();
	lvs_bucket_cache_exit();
	free(keys);
}
