// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: /proc/net/ip_vs_app
 *
 * The helper's ports, if there is a helper, and how many conns it reads on each. Those are counted when the file is read.
 */
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "../companion/helper.h"
#include "../conn/bound.h"
#include "../conn/table.h"
#include "../net.h"
#include "proc.h"

/* Entries that are looked at between two chances to reschedule. */
#define COUNT_RUN 1024

/**
 * struct app_count - conns of a helper
 * @ops: a copy of what it is
 * @conns: by port
 */
struct app_count {
	struct lvs_helper_ops ops;
	unsigned int conns[LVS_HELPER_PORTS];
};

static void conn_count(struct app_count *count, const struct lvs_conn *cp)
{
	unsigned int i;

	if (!READ_ONCE(cp->helped))
		return;
	for (i = 0; i < count->ops.n_ports; i++)
		if (lvs_conn_vport(cp) == htons(count->ops.ports[i]))
			count->conns[i]++;
}

/* Counts the next conns of a table. */
static void run_count(const struct lvs_table *t, struct lvs_table_pos *pos, struct app_count *count)
{
	const struct lvs_conn *cp;
	unsigned long entry;
	unsigned int n;

	rcu_read_lock();
	for (n = 0; n < COUNT_RUN; n++) {
		entry = lvs_table_next(t, pos);
		if (!entry)
			break;
		cp = lvs_conn_of_request(entry, t->ipv6);
		if (cp)
			conn_count(count, cp);
	}
	rcu_read_unlock();
}

static void family_count(const struct lvs_table *t, struct app_count *count)
{
	struct lvs_table_pos pos = {};

	while (!pos.end) {
		run_count(t, &pos, count);
		cond_resched();
	}
}

static int app_show(struct seq_file *seq, void *v)
{
	struct lvs_net *ln = lvs_net(seq_file_single_net(seq));
	const struct lvs_helper_ops *ops;
	struct app_count count = {};
	unsigned int i;

	seq_puts(seq, "prot port    usecnt name\n");
	rcu_read_lock();
	ops = rcu_dereference(ln->helper);
	if (ops)
		count.ops = *ops;
	rcu_read_unlock();
	if (ops && lvs_net_active(ln)) {
		family_count(&ln->conns[0], &count);
		family_count(&ln->conns[1], &count);
	}
	/* as IPVS has them: the latest first */
	for (i = count.ops.n_ports; i-- > 0;)
		seq_printf(seq, "%-3s  %-7u %-6d %-17s\n", "TCP", count.ops.ports[i], count.conns[i],
			   count.ops.name);
	return 0;
}

/**
 * lvs_proc_app_create - make ip_vs_app
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_proc_app_create(struct lvs_net *ln)
{
	if (!proc_create_net_single("ip_vs_app", 0444, ln->net->proc_net, app_show, NULL))
		return -ENOMEM;
	return 0;
}
