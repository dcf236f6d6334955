// SPDX-License-Identifier: GPL-2.0
#include <stdarg.h>
#include <time.h>
#include <sys/random.h>

#include "unit.h"

#define NOTES_MAX 10	/* a test that fails says so that many times */

static struct unit_test *tests;
static int n_tests;
static int failures;
static u64 rand_state;

void unit_register(struct unit_test *test)
{
	struct unit_test **at = &tests;

	while (*at && strcmp((*at)->name, test->name) < 0)
		at = &(*at)->next;
	test->next = *at;
	*at = test;
}

void unit_note(const char *format, ...)
{
	va_list args;

	printf("# ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
}

void unit_fail(const char *file, int line, const char *what, u64 a, u64 b)
{
	if (__atomic_fetch_add(&failures, 1, __ATOMIC_RELAXED) < NOTES_MAX)
		unit_note("%s:%d: not so: %s (%llu, %llu)", file, line, what,
			  (unsigned long long)a, (unsigned long long)b);
}

u64 unit_rand(void)
{
	u64 z = rand_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

u64 unit_below(u64 n)
{
	return (u64)((unsigned __int128)unit_rand() * n >> 64);
}

u64 unit_cpu_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void *thread_run(void *data)
{
	struct unit_thread *thread = data;

	thread->run(thread->data);
	return NULL;
}

void unit_thread_start(struct unit_thread *thread, void (*run)(void *data), void *data)
{
	thread->run = run;
	thread->data = data;
	if (pthread_create(&thread->thread, NULL, thread_run, thread))
		abort();
}

void unit_thread_join(struct unit_thread *thread)
{
	pthread_join(thread->thread, NULL);
}

static u64 seed_of_run(void)
{
	const char *given = getenv("UNIT_SEED");
	u64 seed;

	if (given)
		return strtoull(given, NULL, 0);
	if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
		abort();
	return seed;
}

static bool wanted(const struct unit_test *test, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strstr(test->name, argv[i]))
			return true;
	return argc == 1;
}

/* Every test starts from the same seed, whichever ran before it. */
static bool run(const struct unit_test *test, u64 seed, int number)
{
	failures = 0;
	rand_state = seed;
	unit_fail_at = -1;
	unit_begin();
	test->run();
	rcu_barrier();
	unit_end();
	CHECK_EQ(unit_live_blocks, 0);
	printf("%sok %d - %s\n", failures ? "not " : "", number, test->name);
	return !failures;
}

int main(int argc, char **argv)
{
	struct unit_test *test;
	u64 seed = seed_of_run();
	int failed = 0, number = 0;

	for (test = tests; test; test = test->next)
		n_tests += wanted(test, argc, argv);
	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("TAP version 13\n1..%d\n", n_tests);
	unit_note("seed 0x%llx; repeat with UNIT_SEED", (unsigned long long)seed);
	for (test = tests; test; test = test->next)
		if (wanted(test, argc, argv))
			failed += !run(test, seed, ++number);
	unit_note("%d of %d failed", failed, n_tests);
	return failed || !n_tests;
}
