/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What packets, conns, protocols and statistics need of the kernel beyond
 * kernel.h. There is one thread. Time stands still until a test moves it, and
 * a grace period passes when a test says so or, as time moves, when no reader
 * is on its way. A lock that is taken twice or released unheld aborts.
 */
#ifndef UNIT_SHIM_CORE_H
#define UNIT_SHIM_CORE_H

#include "kernel.h"

#include <ctype.h>
#include <linux/netfilter.h>
#include <strings.h>
#include "rhashtable.h"
#include "skb.h"

#define U16_MAX UINT16_MAX
#define U32_MAX UINT32_MAX
#define PAGE_SHIFT 12
#define __read_mostly
#define ____cacheline_aligned_in_smp
#define __percpu
#define __force
#define __acquire(x) ((void)0)
#define __release(x) ((void)0)
#define ALIGN(n, to) (((n) + (to) - 1) / (to) * (to))
#undef static_assert
#define static_assert(cond) _Static_assert(cond, #cond)
#define IS_ENABLED(option) option
#define CONFIG_64BIT 1
#define BUILD_BUG_ON(cond) ((void)(cond))
#define roundup(n, to) (((n) + (to) - 1) / (to) * (to))
#define __ffs64 __builtin_ctzll
#define ilog2(n) (31 - __builtin_clz(n))
#define min_t(type, a, b) min((type)(a), (type)(b))
#define clamp_t(type, x, low, high) min_t(type, max_t(type, x, low), high)

#define scnprintf snprintf
#define EXPORT_SYMBOL_GPL(name) _Static_assert(1, #name)

/* an address up to @delim */
static inline int unit_pton(int af, const char *src, int len, u8 *dst, int delim, const char **end)
{
	const char *stop = memchr(src, delim, len);
	int n = stop ? stop - src : len;
	char text[INET6_ADDRSTRLEN] = "";

	if (n >= sizeof(text))
		return 0;
	memcpy(text, src, n);
	*end = src + n;
	return inet_pton(af, text, dst);
}

#define in4_pton(src, len, dst, delim, end) unit_pton(AF_INET, src, len, dst, delim, end)
#define in6_pton(src, len, dst, delim, end) unit_pton(AF_INET6, src, len, dst, delim, end)

static inline bool IS_ERR_OR_NULL(const void *p)
{
	return !p || IS_ERR(p);
}

#define WARN_ON_ONCE(cond) ({ bool bad_ = (cond); unit_must(!bad_); bad_; })

extern int unit_insert_error;	/* what the next insert into a conn table returns, once; 0: no error */

/* time */
#define time_after_eq(a, b) ((long)((a) - (b)) >= 0)

/* locks and barriers */
struct mutex { bool held; };

#ifdef UNIT_THREADS
#define spin_trylock(l) (!__atomic_test_and_set(&(l)->held, __ATOMIC_ACQUIRE))
#else
#define spin_trylock(l) ((l)->held ? false : ((l)->held = true))
#endif
#define spin_lock_nested(l, depth) spin_lock(l)
#define SINGLE_DEPTH_NESTING 1
#define spin_is_locked(l) ((l)->held)
#define mutex_init spin_lock_init
#define mutex_lock spin_lock
#define mutex_unlock spin_unlock
#define lockdep_off() ((void)0)
#define lockdep_on() ((void)0)
#define lockdep_assert_held(l) unit_must(__atomic_load_n(&(l)->held, __ATOMIC_RELAXED))
#define smp_mb() ((void)0)
#define smp_rmb() __asm__ __volatile__("" ::: "memory")	/* these machines load in order */
#define smp_mb__after_atomic() ((void)0)
#define smp_load_acquire(p) __atomic_load_n(p, __ATOMIC_ACQUIRE)
#define smp_store_release(p, v) __atomic_store_n(p, v, __ATOMIC_RELEASE)
#define xchg(p, v) __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST)
#define preempt_disable_nested() ((void)0)
#define preempt_enable_nested() ((void)0)

#define ATOMIC_INIT(n) { (n) }
#define atomic_add(n, v) ((void)__atomic_add_fetch(&(v)->counter, (n), __ATOMIC_SEQ_CST))
#define atomic_sub(n, v) atomic_add(-(n), v)
#define atomic_add_return(n, v) __atomic_add_fetch(&(v)->counter, (n), __ATOMIC_SEQ_CST)
#define atomic_inc(v) atomic_add(1, v)
#define atomic_dec(v) atomic_add(-1, v)
#define atomic_inc_return(v) __atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define DECLARE_BITMAP(name, bits) unsigned long name[((bits) + 63) / 64]
#define set_bit(n, p) ((void)((p)[(n) / 64] |= BIT((n) % 64)))
#define clear_bit(n, p) ((void)((p)[(n) / 64] &= ~BIT((n) % 64)))
#define test_bit(n, p) (!!(READ_ONCE((p)[(n) / 64]) & BIT((n) % 64)))

static inline bool refcount_inc_not_zero(refcount_t *r)
{
	if (!r->counter)
		return false;
	r->counter++;
	return true;
}

/* memory */
#define SLAB_HWCACHE_ALIGN 0
struct kmem_cache { size_t size; };

struct kmem_cache *kmem_cache_create(const char *name, size_t size, size_t align, unsigned int flags,
				     void (*ctor)(void *p));
void kmem_cache_destroy(struct kmem_cache *cache);
#define kmem_cache_alloc(cache, gfp) kmalloc((cache)->size, gfp)
#define kmem_cache_zalloc(cache, gfp) kzalloc((cache)->size, gfp)
#define kmem_cache_free(cache, p) unit_free(((void)(cache), (p)))
unsigned long totalram_pages(void);

/* CPUs */
#define UNIT_CPUS 3
extern int unit_cpu;	/* the one that runs */
#define alloc_percpu_gfp(type, gfp) ((type *)kvzalloc(sizeof(type) * UNIT_CPUS, gfp))
#define free_percpu unit_free
#define per_cpu_ptr(p, cpu) ((p) + (cpu))
#define this_cpu_ptr(p) ((p) + unit_cpu)
#define for_each_possible_cpu(cpu) for ((cpu) = 0; (cpu) < UNIT_CPUS; (cpu)++)

typedef struct { unsigned int sequence; } seqcount_t;
struct u64_stats_sync { unsigned int sequence; };

#define seqcount_init(s) ((s)->sequence = 0)
#define write_seqcount_begin(s) (unit_must(!((s)->sequence & 1)), (void)(s)->sequence++)
#define write_seqcount_end(s) (unit_must((s)->sequence & 1), (void)(s)->sequence++)
#define read_seqcount_begin(s) ((s)->sequence)
#define read_seqcount_retry(s, seq) ((s)->sequence != (seq))
#define u64_stats_init seqcount_init
#define u64_stats_update_begin write_seqcount_begin
#define u64_stats_update_end write_seqcount_end
#define u64_stats_fetch_begin read_seqcount_begin
#define u64_stats_fetch_retry read_seqcount_retry

/* RCU; see unit_grace_period() */
extern int unit_readers;
#ifdef UNIT_THREADS
void rcu_read_lock(void);
void rcu_read_unlock(void);
void synchronize_rcu(void);
#else
#define rcu_read_lock() ((void)unit_readers++)
#define rcu_read_unlock() (unit_must(unit_readers > 0), (void)unit_readers--)
#define synchronize_rcu() unit_grace_period()
#endif
unsigned long start_poll_synchronize_rcu(void);
bool poll_state_synchronize_rcu(unsigned long cookie);
void unit_grace_period(void);
#define rcu_dereference_raw(p) READ_ONCE(p)
#define rcu_dereference_protected(p, cond) ((void)(cond), (p))
#define rcu_assign_pointer(p, v) smp_store_release(&(p), v)

/* work */
struct workqueue_struct;
struct work_struct {
	void (*func)(struct work_struct *work);
};

struct delayed_work {
	struct work_struct work;
	struct delayed_work *next;
	unsigned long due;
	bool queued;
};

struct rcu_work {
	struct work_struct work;
	struct rcu_head rcu;
};

#define INIT_DELAYED_WORK(w, f) (*(w) = (struct delayed_work){ .work = { .func = (f) } })
#define INIT_RCU_WORK(w, f) (*(w) = (struct rcu_work){ .work = { .func = (f) } })
#define to_delayed_work(w) container_of(w, struct delayed_work, work)
#define to_rcu_work(w) container_of(w, struct rcu_work, work)
#define delayed_work_pending(w) ((w)->queued)
bool queue_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay);
bool mod_delayed_work(struct workqueue_struct *wq, struct delayed_work *w, unsigned long delay);
bool cancel_delayed_work_sync(struct delayed_work *w);
bool queue_rcu_work(struct workqueue_struct *wq, struct rcu_work *w);

/* what struct lvs_net is made of, and nothing here looks into */
struct user_namespace { int unused; };
extern struct user_namespace init_user_ns;
struct net { struct user_namespace *user_ns; };
struct nf_hook_ops { int unused; };
struct xarray { int unused; };
struct net_device;
struct netlink_ext_ack;
struct seq_file;
void *net_generic(const struct net *net, unsigned int id);
#define NL_SET_ERR_MSG(extack, text) ((void)(extack))

u32 hsiphash_4u32(u32 first, u32 second, u32 third, u32 fourth, const hsiphash_key_t *key);

static inline bool nf_inet_addr_cmp(const union nf_inet_addr *a, const union nf_inet_addr *b)
{
	return !memcmp(a, b, sizeof(*a));
}

#endif
