/* SPDX-License-Identifier: GPL-2.0 */
#ifndef UNIT_H
#define UNIT_H

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

/* A test registers itself; the tests run in the order of their names. */
struct unit_test {
	const char *name;
	void (*run)(void);
	struct unit_test *next;
};

void unit_register(struct unit_test *test);

#define UNIT_TEST(id)							\
	static void id(void);						\
	static void __attribute__((constructor)) id##_register(void)	\
	{								\
		static struct unit_test test = { .name = #id, .run = id };\
		unit_register(&test);					\
	}								\
	static void id(void)

void unit_fail(const char *file, int line, const char *what, u64 a, u64 b);
void unit_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

#define CHECK(cond)							\
	((cond) ? (void)0 : unit_fail(__FILE__, __LINE__, #cond, 0, 0))
#define CHECK_EQ(a, b)							\
	do {								\
		u64 a_ = (u64)(a), b_ = (u64)(b);			\
		if (a_ != b_)						\
			unit_fail(__FILE__, __LINE__, #a " == " #b, a_, b_);\
	} while (0)

/* How often something is tried; see the other unit.h, of selftests/kunit. */
#define UNIT_MANY(n) (n)

/* random numbers, repeatable by the seed that is printed at the start */
u64 unit_rand(void);
u64 unit_below(u64 n);

/* memory and grace periods; see shim/kernel.h */
extern long unit_fail_at;	/* this allocation fails, counted from 0; -1: none */
extern long unit_live_blocks;
extern size_t unit_live_bytes;
extern size_t unit_total_bytes;
extern unsigned long unit_barriers;
extern unsigned long unit_grace_periods;
void unit_grace_period(void);

/* around every test; see dests.c and sim_net.c */
void unit_begin(void);
void unit_end(void);
u64 unit_cpu_ns(void);

/* threads; only a few tests have any */
struct unit_thread {
	void (*run)(void *data);
	void *data;
	pthread_t thread;
};

void unit_thread_start(struct unit_thread *thread, void (*run)(void *data), void *data);
void unit_thread_join(struct unit_thread *thread);

#endif
