// SPDX-License-Identifier: GPL-2.0
/* The counterpart of selftests/unit/shim.c and unit.c. */
#include <kunit/test.h>

#include "unit.h"

#undef kfree
#undef kvfree

#define NOTES_MAX 10	/* a test that fails says so that many times */
#define SEED 0x9e3779b97f4a7c15ULL

static unsigned long long seed;
module_param(seed, ullong, 0444);
MODULE_PARM_DESC(seed, "of the random numbers; by default another one each time");

long unit_fail_at = -1;
long unit_live_blocks;
size_t unit_live_bytes;
size_t unit_total_bytes;
unsigned long unit_barriers;
unsigned long unit_grace_periods;

static struct rcu_head *rcu_queue;
static struct unit_test *tests;
static unsigned int n_tests;
static int failures;
static u64 rand_state;

/* The size stands in front of the block. */
#define HEAD 16

void *unit_alloc(size_t bytes, gfp_t gfp)
{
	size_t *block;

	if (unit_fail_at >= 0 && unit_fail_at-- == 0)
		return NULL;
	block = (kvmalloc_node)(bytes + HEAD, gfp, NUMA_NO_NODE);
	if (!block)
		return NULL;
	*block = bytes;
	unit_live_blocks++;
	unit_live_bytes += bytes;
	unit_total_bytes += bytes;
	return (char *)block + HEAD;
}

void unit_free(const void *p)
{
	size_t *block;

	if (!p)
		return;
	block = (size_t *)((char *)p - HEAD);
	unit_live_blocks--;
	unit_live_bytes -= *block;
	kvfree(block);
}

void unit_call_rcu(struct rcu_head *rcu, rcu_callback_t func)
{
	rcu->func = func;
	rcu->next = (struct callback_head *)rcu_queue;
	rcu_queue = rcu;
}

/* Runs what waited for a grace period when it was called. */
void unit_grace_period(void)
{
	struct rcu_head *queue = rcu_queue;

	rcu_queue = NULL;
	unit_grace_periods++;
	while (queue) {
		struct rcu_head *rcu = queue;

		queue = rcu->next;
		rcu->func(rcu);
	}
}

void unit_rcu_barrier(void)
{
	unit_barriers++;
	do
		unit_grace_period();
	while (rcu_queue);
}

u64 unit_rand(void)
{
	u64 z = rand_state += SEED;

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
	return ktime_get_ns();
}

static int thread_run(void *data)
{
	struct unit_thread *thread = data;

	thread->run(thread->data);
	complete(&thread->done);
	return 0;
}

void unit_thread_start(struct unit_thread *thread, void (*run)(void *data), void *data)
{
	thread->run = run;
	thread->data = data;
	init_completion(&thread->done);
	BUG_ON(IS_ERR(kthread_run(thread_run, thread, "lvs-unit")));
}

void unit_thread_join(struct unit_thread *thread)
{
	wait_for_completion(&thread->done);
}

void unit_note(const char *format, ...)
{
	struct va_format vaf = { .fmt = format };
	va_list args;

	va_start(args, format);
	vaf.va = &args;
	pr_info("lvs-unit: %pV\n", &vaf);
	va_end(args);
}

void unit_fail(const char *file, int line, const char *what, u64 a, u64 b)
{
	if (failures++ < NOTES_MAX)
		unit_note("%s:%d: not so: %s (%llu, %llu)", kbasename(file), line, what, a, b);
}

void unit_register(struct unit_test *test)
{
	struct unit_test **at = &tests;

	while (*at && strcmp((*at)->name, test->name) < 0)
		at = &(*at)->next;
	test->next = *at;
	*at = test;
	n_tests++;
}

/* Every test starts from the same seed, whichever ran before it. */
static void run_case(struct kunit *kunit)
{
	struct unit_test *test = tests;
	u64 begin = ktime_get_ns();

	while (strcmp(test->name, kunit->name))
		test = test->next;
	failures = 0;
	rand_state = seed;
	unit_fail_at = -1;
	unit_begin();
	test->run();
	unit_rcu_barrier();
	unit_end();
	CHECK_EQ(unit_live_blocks, 0);
	unit_live_blocks = 0;
	unit_note("%s took %llu ms", test->name, (ktime_get_ns() - begin) / NSEC_PER_MSEC);
	if (failures)
		KUNIT_FAIL(kunit, "%d checks, seed 0x%llx", failures, seed);
}

static struct kunit_suite suite = { .name = KBUILD_MODNAME };
static struct kunit_suite *suites[] = { &suite };

static int __init unit_init(void)
{
	struct kunit_case *cases;
	struct unit_test *test;
	int i = 0, err;

	while (!seed)
		seed = get_random_u64();
	cases = (kvmalloc_node)((n_tests + 1) * sizeof(*cases), GFP_KERNEL | __GFP_ZERO, NUMA_NO_NODE);
	if (!cases)
		return -ENOMEM;
	for (test = tests; test; test = test->next) {
		cases[i].run_case = run_case;
		cases[i++].name = test->name;
	}
	suite.test_cases = cases;
	pr_info("lvs-unit: seed 0x%llx\n", seed);
	err = __kunit_test_suites_init(suites, ARRAY_SIZE(suites));
	if (err)
		kvfree(cases);
	return err;
}

static void __exit unit_exit(void)
{
	__kunit_test_suites_exit(suites, ARRAY_SIZE(suites));
	kvfree(suite.test_cases);
}

module_init(unit_init);
module_exit(unit_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Tests of the load balancer's logic");
