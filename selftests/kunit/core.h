/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before every source that has to do with conns, after kernel.h: time,
 * CPUs, work and errors are those of the test, as with selftests/unit/shim/core.h.
 */
#ifndef LVS_KUNIT_CORE_H
#define LVS_KUNIT_CORE_H

#include "kernel.h"

/* time */
extern unsigned long unit_jiffies;
#define jiffies unit_jiffies

/* one of the CPUs */
#define UNIT_CPUS 2
extern int unit_cpu;
#undef this_cpu_ptr
#define this_cpu_ptr(p) per_cpu_ptr(p, unit_cpu)
#undef preempt_disable_nested
#undef preempt_enable_nested
#define preempt_disable_nested() preempt_disable()
#define preempt_enable_nested() preempt_enable()

/* memory */
extern unsigned long unit_ram_pages;
struct kmem_cache *unit_cache_create(unsigned int size);
void unit_cache_destroy(struct kmem_cache *cache);
void *unit_cache_alloc(struct kmem_cache *cache, gfp_t zero);
void __percpu *unit_alloc_percpu(size_t size, size_t align);

#undef kmem_cache_create
#define kmem_cache_create(name, size, align, flags, ctor) ((void)(name), unit_cache_create(size))
#define kmem_cache_destroy(cache) unit_cache_destroy(cache)
#define kmem_cache_alloc(cache, gfp) unit_cache_alloc(cache, 0)
#undef kmem_cache_zalloc
#define kmem_cache_zalloc(cache, gfp) unit_cache_alloc(cache, __GFP_ZERO)
#define kmem_cache_free(cache, p) unit_free(((void)(cache), (p)))
#undef alloc_percpu_gfp
#define alloc_percpu_gfp(type, gfp) ((type __percpu *)unit_alloc_percpu(sizeof(type), __alignof__(type)))
#define totalram_pages() unit_ram_pages
#define get_random_bytes(to, len) unit_random_bytes(to, len)
void unit_random_bytes(void *to, size_t len);

/* RCU: as long as there are readers, no grace period passes */
extern int unit_readers;
#define rcu_read_lock() ((void)unit_readers++)
#define rcu_read_unlock() ((void)unit_readers--)
#define start_poll_synchronize_rcu() (unit_grace_periods + 1)
#define poll_state_synchronize_rcu(cookie) (unit_grace_periods >= (cookie))
#define synchronize_rcu() unit_grace_period()
void unit_grace_period(void);
extern unsigned long unit_grace_periods;

/* work */
bool unit_queue_delayed_work(struct delayed_work *work, unsigned long delay);
bool unit_work_queued(const struct delayed_work *work);
bool unit_cancel_delayed_work(struct delayed_work *work);
void unit_queue_rcu_work(struct rcu_work *work);

#define queue_delayed_work(wq, work, delay) unit_queue_delayed_work(work, delay)
#define mod_delayed_work(wq, work, delay) (unit_cancel_delayed_work(work), unit_queue_delayed_work(work, delay))
#define cancel_delayed_work_sync(work) unit_cancel_delayed_work(work)
#undef delayed_work_pending
#define delayed_work_pending(work) unit_work_queued(work)
#define queue_rcu_work(wq, work) unit_queue_rcu_work(work)

/* a lookup of the kernel's own needs a reader of its own kind */
#define rhashtable_lookup(ht, key, params)					\
	({									\
		void *obj_;							\
										\
		(rcu_read_lock)();						\
		obj_ = rhashtable_lookup(ht, key, params);			\
		(rcu_read_unlock)();						\
		obj_;								\
	})

/* what the next insert into a conn table returns, once; 0: no error */
extern int unit_insert_error;

#endif
