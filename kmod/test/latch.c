// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: latches
 *
 * In a test build (LVS_LATCH=1) whoever comes to an armed latch waits there until it is released, or for as many seconds as
 * the module parameter "latch_max" says. The parameter "latch" arms and releases: writing a name arms it for one comer,
 * "-name" releases it, "-" all. Arming it while it is held lets its waiter go, and the next one wait. Reading it shows each
 * latch with "off", "armed" or "held". A waiter in softirq keeps its CPU: a test needs another.
 */
#include <linux/atomic.h>
#include <linux/delay.h>
#include <linux/irqflags.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/processor.h>
#include <linux/string.h>

#include "latch.h"

/* A test that dies must not leave a CPU spinning for good, or until the watchdogs bark, as they do after 20 seconds. */
static unsigned int latch_max = 18;
module_param(latch_max, uint, 0400);
MODULE_PARM_DESC(latch_max, "test build only: seconds that a latch holds");

enum { OFF, ARMED, HELD };

static atomic_t latches[LVS_LATCH_MAX];

static const char * const latch_names[LVS_LATCH_MAX] = {
#define LVS_LATCH_NAME(name) #name,
	LVS_LATCHES(LVS_LATCH_NAME)
#undef LVS_LATCH_NAME
};

/* Until something interrupts this CPU, at the latest the next tick. In an emulated machine spinning slows all others. */
static void latch_pause(void)
{
#ifdef CONFIG_X86
	if (!irqs_disabled()) {
		local_irq_disable();
		safe_halt();
		return;
	}
#endif
	cpu_relax();
}

/**
 * lvs_latch_wait - come to a latch
 * @latch: which one
 * @may_sleep: the caller may; else it keeps its CPU
 *
 * Context: any. Returns at once unless it is armed.
 */
void lvs_latch_wait(enum lvs_latch latch, bool may_sleep)
{
	unsigned long end = jiffies + latch_max * HZ;

	if (likely(atomic_read(&latches[latch]) != ARMED) || atomic_cmpxchg(&latches[latch], ARMED, HELD) != ARMED)
		return;
	while (atomic_read(&latches[latch]) == HELD && time_before(jiffies, end)) {
		if (may_sleep)
			msleep(20);
		else
			latch_pause();
	}
	/* it may be armed again */
	atomic_cmpxchg(&latches[latch], HELD, OFF);
}

static int latch_find(const char *name)
{
	int i;

	for (i = 0; i < LVS_LATCH_MAX; i++) {
		if (sysfs_streq(name, latch_names[i]))
			return i;
	}
	return -EINVAL;
}

static int latch_set(const char *val, const struct kernel_param *kp)
{
	bool release = *val == '-';
	int i;

	if (sysfs_streq(val, "-")) {
		for (i = 0; i < LVS_LATCH_MAX; i++)
			atomic_set(&latches[i], OFF);
		return 0;
	}
	i = latch_find(val + release);
	if (i < 0)
		return i;
	atomic_set(&latches[i], release ? OFF : ARMED);
	return 0;
}

static int latch_get(char *buffer, const struct kernel_param *kp)
{
	static const char * const states[] = { [OFF] = "off", [ARMED] = "armed", [HELD] = "held" };
	int i, len = 0;

	for (i = 0; i < LVS_LATCH_MAX; i++)
		len += scnprintf(buffer + len, PAGE_SIZE - len, "%s %s\n", latch_names[i],
				 states[atomic_read(&latches[i])]);
	return len;
}

static const struct kernel_param_ops latch_ops = {
	.set = latch_set,
	.get = latch_get,
};
module_param_cb(latch, &latch_ops, NULL, 0600);
MODULE_PARM_DESC(latch, "test build only: arm NAME, release -NAME");
