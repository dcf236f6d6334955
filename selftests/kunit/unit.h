/* SPDX-License-Identifier: GPL-2.0 */
/* What selftests/unit/unit.h is in user space: a test becomes a case of KUnit. */
#ifndef LVS_KUNIT_UNIT_H
#define LVS_KUNIT_UNIT_H

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
void unit_note(const char *format, ...) __printf(1, 2);

#define CHECK(cond)							\
	((cond) ? (void)0 : unit_fail(__FILE__, __LINE__, #cond, 0, 0))
#define CHECK_EQ(a, b)							\
	do {								\
		u64 a_ = (u64)(a), b_ = (u64)(b);			\
		if (a_ != b_)						\
			unit_fail(__FILE__, __LINE__, #a " == " #b, a_, b_);\
	} while (0)

/* An emulated kernel that checks itself is a hundred times slower than a process. */
#define UNIT_MANY(n) ((n) / 25)

u64 unit_rand(void);
u64 unit_below(u64 n);
u64 unit_cpu_ns(void);

extern unsigned long unit_barriers;
extern unsigned long unit_grace_periods;
void unit_grace_period(void);
void unit_begin(void);
void unit_end(void);

/* threads */
struct unit_thread {
	void (*run)(void *data);
	void *data;
	struct completion done;
};

void unit_thread_start(struct unit_thread *thread, void (*run)(void *data), void *data);
void unit_thread_join(struct unit_thread *thread);

/* what tests take from the C library */
#define abort() BUG()
#define llabs(n) abs(n)
#define calloc(n, bytes) kvcalloc(n, bytes, GFP_KERNEL)
#define free(p) kvfree(p)
#define inet_pton(af, text, to) \
	((af) == AF_INET ? in4_pton(text, -1, to, -1, NULL) : in6_pton(text, -1, to, -1, NULL))

#endif
