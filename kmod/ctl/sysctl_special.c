// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: knobs with rules of their own
 *
 * Handlers of those entries of net.ipv4.vs that are more than a number with a range. Each gets the namespace in extra1.
 */
#define pr_fmt(fmt) "lvs: " fmt

#include <linux/capability.h>
#include <linux/cpumask.h>
#include <linux/log2.h>
#include <linux/printk.h>
#include <linux/sched.h>
#include <linux/sched/isolation.h>
#include <linux/sched/prio.h>
#include <linux/slab.h>

#include "../companion/ct.h"
#include "sysctl_special.h"
#include "../hook/defense.h"
#include "../hook/hook.h"
#include "../net.h"

/* A number is read into a copy first, so that a value that is out of range never shows. */
static struct ctl_table copy_of(lvs_ctl_table *ctl, int *value, int n)
{
	return (struct ctl_table){
		.procname = ctl->procname,
		.data = value,
		.maxlen = n * sizeof(*value),
		.mode = ctl->mode,
	};
}

static int conn_max_write(struct lvs_net *ln, int value)
{
	bool privileged = capable(CAP_NET_ADMIN);
	int err = -EINVAL;

	mutex_lock(&ln->config_lock);
	if (value >= 0 && value <= (privileged ? LVS_CONN_MAX : ln->knobs.conn_max_limit)) {
		if (privileged)
			ln->knobs.conn_max_limit = value;
		WRITE_ONCE(ln->knobs.conn_max, value);
		err = 0;
	}
	mutex_unlock(&ln->config_lock);
	return err;
}

/**
 * lvs_sysctl_conn_max - 0 to 2^30; who is not privileged in the initial user namespace may not exceed who is
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_conn_max(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct lvs_net *ln = ctl->extra1;
	/* out of range, so that a write of nothing shows */
	int value = write ? -1 : READ_ONCE(ln->knobs.conn_max);
	struct ctl_table tmp = copy_of(ctl, &value, 1);
	int err;

	tmp.extra1 = SYSCTL_ZERO;
	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write || value < 0)
		return err;
	return conn_max_write(ln, value);
}

/* Read a knob, or take what is to be written to it into @value and leave it alone. */
static int number(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos, int *value)
{
	struct ctl_table tmp = copy_of(ctl, value, 1);

	*value = READ_ONCE(*(int *)ctl->data);
	return proc_dointvec(&tmp, write, buffer, lenp, ppos);
}

/**
 * lvs_sysctl_defense - a strategy against floods: 0 to 3
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_defense(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	int value, err = number(ctl, write, buffer, lenp, ppos, &value);

	if (err || !write)
		return err;
	return lvs_defense_set(ctl->extra1, ctl->data, value);
}

/**
 * lvs_sysctl_conntrack - any number; but 0 it needs lvs_ct.ko
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_conntrack(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	int value, err = number(ctl, write, buffer, lenp, ppos, &value);

	if (err || !write)
		return err;
	return lvs_ct_enable(ctl->extra1, value);
}

/**
 * lvs_sysctl_fast_path - 0 to 2
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_fast_path(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	int value, err = number(ctl, write, buffer, lenp, ppos, &value);

	if (err || !write)
		return err;
	return value < 0 || value > 2 ? -EINVAL : lvs_hooks_set_fast(ctl->extra1, value);
}

/* A number that @valid judges. */
static int checked(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos, bool (*valid)(int value))
{
	int value, err = number(ctl, write, buffer, lenp, ppos, &value);

	if (err || !write)
		return err;
	if (!valid(value))
		return -EINVAL;
	WRITE_ONCE(*(int *)ctl->data, value);
	return 0;
}

static bool ports_valid(int value)
{
	return value >= 1 && is_power_of_2(value);
}

/**
 * lvs_sysctl_sync_ports - a power of 2
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_sync_ports(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	return checked(ctl, write, buffer, lenp, ppos, ports_valid);
}

static bool nice_valid(int value)
{
	return value >= MIN_NICE && value <= MAX_NICE;
}

/**
 * lvs_sysctl_est_nice - -20 to 19
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_est_nice(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	return checked(ctl, write, buffer, lenp, ppos, nice_valid);
}

static bool lfactor_valid(int value)
{
	return value >= -8 && value <= 8;
}

/**
 * lvs_sysctl_lfactor - load factor of a table, as a power of 2: -8 to 8
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_lfactor(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	return checked(ctl, write, buffer, lenp, ppos, lfactor_valid);
}

/**
 * lvs_sysctl_sync_threshold - "3 50": the first packet of each period of 50 is the third; 0 for no period
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file
 *
 * A write may give the first number only. Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_sync_threshold(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct lvs_net *ln = ctl->extra1;
	struct ctl_table tmp;
	int value[2];
	int err;

	mutex_lock(&ln->config_lock);
	memcpy(value, ctl->data, sizeof(value));
	tmp = copy_of(ctl, value, 2);
	err = proc_dointvec(&tmp, write, buffer, lenp, ppos);
	if (!err && write) {
		if (value[0] < 0 || value[1] < 0 || (value[1] && value[0] >= value[1]))
			err = -EINVAL;
		else
			memcpy(ctl->data, value, sizeof(value));
	}
	mutex_unlock(&ln->config_lock);
	return err;
}

static int cpulist_write(struct lvs_net *ln, const char *list)
{
	struct cpumask *mask = kzalloc(cpumask_size(), GFP_KERNEL);
	int err;

	if (!mask)
		return -ENOMEM;
	err = cpulist_parse(list, mask);
	if (!err) {
		cpumask_and(mask, mask, &current->cpus_mask);
		mutex_lock(&ln->config_lock);
		swap(ln->est_cpulist, mask);
		mutex_unlock(&ln->config_lock);
	}
	kfree(mask);
	return err;
}

static int cpulist_read(struct lvs_net *ln, char *buffer, size_t size)
{
	const struct cpumask *mask;
	int len;

	mutex_lock(&ln->config_lock);
	rcu_read_lock();
	mask = ln->est_cpulist ?: housekeeping_cpumask(HK_TYPE_KTHREAD);
	len = scnprintf(buffer, size, "%*pbl\n", cpumask_pr_args(mask));
	rcu_read_unlock();
	mutex_unlock(&ln->config_lock);
	return len;
}

/**
 * lvs_sysctl_est_cpulist - "0-3,7": what the writer may run on, of the CPUs in the list
 * @ctl: entry
 * @write: or read
 * @buffer: text
 * @lenp: its length
 * @ppos: position in the file; only the first read or write of an open file counts
 *
 * Context: process. Return: 0 or -errno.
 */
int lvs_sysctl_est_cpulist(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct lvs_net *ln = ctl->extra1;
	int err = 0;

	if (*ppos || !*lenp) {
		*lenp = 0;
		return 0;
	}
	/* the caller has left room for a terminator, and put one there when it is a write */
	if (write)
		err = cpulist_write(ln, buffer);
	else
		*lenp = cpulist_read(ln, buffer, *lenp + 1);
	if (!err)
		*ppos += *lenp;
	return err;
}
