/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the module's pure logic needs of the kernel, for user space. Memory comes
 * from malloc() so that the sanitizers see every access; allocations can be made
 * to fail; call_rcu() queues until the test says that a grace period has passed.
 */
#ifndef UNIT_SHIM_KERNEL_H
#define UNIT_SHIM_KERNEL_H

#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef __s64 s64;
typedef unsigned int gfp_t;

#ifndef BITS_PER_LONG
#define BITS_PER_LONG 64
#endif

#define GFP_KERNEL 0u
#define GFP_ATOMIC 0u
#define GFP_KERNEL_ACCOUNT 0u
#define __GFP_NOWARN 0u
#define __rcu
#undef __always_inline
#define __always_inline inline __attribute__((always_inline))
#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define BIT(n) (1UL << (n))
#define BIT_ULL(n) (1ULL << (n))
#define container_of(p, type, member) \
	((type *)((char *)(p) - offsetof(type, member)))
#define struct_size(p, member, n) \
	(sizeof(*(p)) + (n) * sizeof((p)->member[0]))
/* with threads, what is reached by an address that was read must be seen; ThreadSanitizer knows no dependencies */
#ifdef UNIT_THREADS
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_ACQUIRE)
#else
#define READ_ONCE(x) __atomic_load_n(&(x), __ATOMIC_RELAXED)
#endif
#define WRITE_ONCE(x, v) __atomic_store_n(&(x), (v), __ATOMIC_RELAXED)

#define max_t(type, a, b) max((type)(a), (type)(b))
#define DIV_ROUND_UP(n, d) (((n) + (d) - 1) / (d))
#define min(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ < b_ ? a_ : b_; })
#define max(a, b) ({ __typeof__(a) a_ = (a); __typeof__(b) b_ = (b); a_ > b_ ? a_ : b_; })

#define unit_must(cond)									\
	((cond) ? (void)0 :								\
	 (fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #cond), abort()))

#ifndef HZ
#define HZ 250
#endif
/* time */
extern unsigned long unit_jiffies;
#define jiffies unit_jiffies
#define cond_resched() ((void)0)
#define time_after(a, b) ((long)((b) - (a)) < 0)

#ifndef UNIT_SHIM_CORE_H	/* which has works that run */
struct work_struct { void (*func)(struct work_struct *work); };
struct delayed_work { struct work_struct work; };
#define to_delayed_work(w) container_of(w, struct delayed_work, work)
#define INIT_DELAYED_WORK(w, f) ((w)->work.func = (f))
#define queue_delayed_work(wq, w, delay) ((void)(w), (void)(delay))
#define cancel_delayed_work_sync(w) ((void)(w))
#endif

/* locks: one that is taken twice or released unheld aborts */
typedef struct { bool held; } spinlock_t;
#define spin_lock_init(l) ((l)->held = false)
#ifdef UNIT_THREADS
#define spin_lock(l) do { } while (__atomic_test_and_set(&(l)->held, __ATOMIC_ACQUIRE))
#define spin_unlock(l) __atomic_clear(&(l)->held, __ATOMIC_RELEASE)
#else
#define spin_lock(l) (unit_must(!(l)->held), (l)->held = true, (void)0)
#define spin_unlock(l) (unit_must((l)->held), (l)->held = false, (void)0)
#endif
#define spin_lock_bh(l) spin_lock(l)
#define spin_unlock_bh(l) spin_unlock(l)

/* errors in pointers */
static inline void *ERR_PTR(long error)
{
	return (void *)error;
}

static inline long PTR_ERR(const void *p)
{
	return (long)p;
}

static inline bool IS_ERR(const void *p)
{
	return (unsigned long)p >= (unsigned long)-4095;
}

/* atomics */
typedef struct { int counter; } atomic_t;
typedef struct { long counter; } atomic_long_t;
typedef struct { s64 counter; } atomic64_t;
typedef struct { int counter; } refcount_t;

#define ATOMIC_LONG_INIT(n) { (n) }
#define atomic_read(v) __atomic_load_n(&(v)->counter, __ATOMIC_RELAXED)
#define atomic_set(v, n) __atomic_store_n(&(v)->counter, (n), __ATOMIC_RELAXED)
#define atomic_long_read atomic_read
#define atomic_long_add(n, v) __atomic_add_fetch(&(v)->counter, (long)(n), __ATOMIC_RELAXED)
#define atomic_long_sub(n, v) __atomic_sub_fetch(&(v)->counter, (long)(n), __ATOMIC_RELAXED)
#define atomic64_read(v) ((s64)atomic_read(v))
#define atomic64_set atomic_set
#define atomic64_inc_return(v) __atomic_add_fetch(&(v)->counter, 1, __ATOMIC_SEQ_CST)
#define refcount_set atomic_set
#define refcount_read atomic_read
#define refcount_inc(v) __atomic_add_fetch(&(v)->counter, 1, __ATOMIC_RELAXED)
#define refcount_dec_and_test(v) (!__atomic_sub_fetch(&(v)->counter, 1, __ATOMIC_ACQ_REL))

/* arithmetic */
static inline u64 mul_u64_u64_shr(u64 a, u64 b, unsigned int shift)
{
	return (u64)((unsigned __int128)a * b >> shift);
}

static inline u64 mul_u64_u32_shr(u64 a, u32 b, unsigned int shift)
{
	return mul_u64_u64_shr(a, b, shift);
}

static inline u64 mul_u64_u64_div_u64(u64 a, u64 mul, u64 div)
{
	return (unsigned __int128)a * mul / div;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64_rem(u64 a, u64 b, u64 *rem)
{
	u64 quotient = a / b;

	*rem = a % b;
	return quotient;
}

static inline int fls(unsigned int x)
{
	return x ? 32 - __builtin_clz(x) : 0;
}

static inline unsigned long gcd(unsigned long a, unsigned long b)
{
	while (b) {
		unsigned long rest = a % b;

		a = b;
		b = rest;
	}
	return a;
}

static inline u32 hash_32(u32 val, unsigned int bits)
{
	return val * 0x61C88647u >> (32 - bits);
}

typedef struct { unsigned long key[2]; } hsiphash_key_t;
#define siphash_key_t hsiphash_key_t
#define siphash(data, len, key) hsiphash(data, len, key)
void get_random_bytes(void *to, size_t len);
u64 get_random_u64(void);
#define SIPHASH_CONST_0 0x736f6d6570736575ULL
#define SIPHASH_CONST_1 0x646f72616e646f6dULL
#define SIPHASH_CONST_2 0x6c7967656e657261ULL
#define SIPHASH_CONST_3 0x7465646279746573ULL
void unit_sip_round(u64 *v0, u64 *v1, u64 *v2, u64 *v3);
#define SIPHASH_PERMUTATION(a, b, c, d) unit_sip_round(&(a), &(b), &(c), &(d))
u32 hsiphash(const void *data, size_t len, const hsiphash_key_t *key);

/* memory */
void *unit_alloc(size_t bytes, bool zero);
void unit_free(const void *p);

#define kmalloc(bytes, gfp) ((void)(gfp), unit_alloc(bytes, false))
#define kvmalloc kmalloc
#define kzalloc kvzalloc
#define kvzalloc(bytes, gfp) ((void)(gfp), unit_alloc(bytes, true))
#define kvmalloc_array(n, bytes, gfp) kmalloc((n) * (bytes), gfp)
#define kvcalloc(n, bytes, gfp) kvzalloc((n) * (bytes), gfp)
#define kfree unit_free
#define kvfree unit_free

/* RCU */
struct rcu_head {
	struct rcu_head *next;
	void (*func)(struct rcu_head *rcu);
};

void call_rcu(struct rcu_head *rcu, void (*func)(struct rcu_head *rcu));
void rcu_barrier(void);
#ifndef UNIT_SHIM_CORE_H	/* which counts readers */
static inline void rcu_read_lock(void) { }
static inline void rcu_read_unlock(void) { }
#endif

#define rcu_dereference(p) READ_ONCE(p)

#include "list.h"

#endif
