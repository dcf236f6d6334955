// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: net.ipv4.vs
 *
 * Names, defaults and ranges are those of the kernel's own IPVS. A knob is only offered with a value that is honoured:
 * what is not implemented yet can be read, and set to what it is, but not to anything else. Every namespace has its own
 * set; who administers a namespace may write it, also in a user namespace.
 */
#define pr_fmt(fmt) "lvs: " fmt

#include <linux/capability.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/stddef.h>

#include "../compat/sysctl.h"
#include "../net.h"
#include "sysctl.h"

/* 2^30, or 2^24 on 32-bit machines */
#define CONN_MAX (BITS_PER_LONG == 64 ? 1073741824 : 16777216)

/**
 * struct sysctls - the registered table of a namespace
 * @conn_max_limit: how far conn_max may be raised by who is not privileged in the initial user namespace; config lock
 * @table: entries, and an empty one
 */
struct sysctls {
	int conn_max_limit;
	struct ctl_table table[];
};

static int conn_max_write(struct lvs_net *ln, int *limit, int value)
{
	bool privileged = capable(CAP_NET_ADMIN);
	int err = -EINVAL;

	mutex_lock(&ln->config_lock);
	if (value >= 0 && value <= (privileged ? CONN_MAX : *limit)) {
		if (privileged)
			*limit = value;
		WRITE_ONCE(ln->knobs.conn_max, value);
		err = 0;
	}
	mutex_unlock(&ln->config_lock);
	return err;
}

static int conn_max_handler(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	struct lvs_net *ln = ctl->extra1;
	/* out of range, so that a write of nothing shows */
	int value = write ? -1 : READ_ONCE(ln->knobs.conn_max);
	struct ctl_table tmp = { .procname = ctl->procname, .data = &value, .maxlen = sizeof(value), .mode = ctl->mode,
				 .extra1 = SYSCTL_ZERO };
	int err;

	err = proc_dointvec_minmax(&tmp, write, buffer, lenp, ppos);
	if (err || !write || value < 0)
		return err;
	return conn_max_write(ln, ctl->extra2, value);
}

/* A knob that has only one value yet. */
static int fixed_handler(lvs_ctl_table *ctl, int write, void *buffer, size_t *lenp, loff_t *ppos)
{
	int fixed = (long)ctl->extra1, value = fixed;
	struct ctl_table tmp = { .procname = ctl->procname, .data = &value, .maxlen = sizeof(value), .mode = ctl->mode };
	int err;

	err = proc_dointvec(&tmp, write, buffer, lenp, ppos);
	if (err || value == fixed)
		return err;
	pr_info_ratelimited("net.ipv4.vs.%s can only be %d yet\n", ctl->procname, fixed);
	return -EOPNOTSUPP;
}

/* @data of the template is the offset of the knob */
#define KNOB(knob) {						\
	.procname = #knob,					\
	.data = (void *)offsetof(struct lvs_knobs, knob),	\
	.maxlen = sizeof(int),					\
	.mode = 0644,						\
	.proc_handler = proc_dointvec,				\
}

#define KNOB_RANGE(knob, low, high) {				\
	.procname = #knob,					\
	.data = (void *)offsetof(struct lvs_knobs, knob),	\
	.maxlen = sizeof(int),					\
	.mode = 0644,						\
	.proc_handler = proc_dointvec_minmax,			\
	.extra1 = (low),					\
	.extra2 = (high),					\
}

#define FIXED(name, value) {		\
	.procname = #name,		\
	.maxlen = sizeof(int),		\
	.mode = 0644,			\
	.proc_handler = fixed_handler,	\
	.extra1 = (void *)(value),	\
}

static const struct ctl_table template[] = {
	FIXED(backup_only, 0L),
	FIXED(cache_bypass, 0L),
	{
		.procname = "conn_max",
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = conn_max_handler,
	},
	KNOB(conn_reuse_mode),
	FIXED(conntrack, 0L),
	FIXED(drop_entry, 0L),
	FIXED(drop_packet, 0L),
	KNOB(expire_nodest_conn),
	KNOB(expire_quiescent_template),
	KNOB_RANGE(fast_path, SYSCTL_ZERO, SYSCTL_TWO),
	FIXED(ignore_tunneled, 0L),
	FIXED(nat_icmp_send, 0L),
	KNOB(pmtu_disc),
	FIXED(run_estimation, 1L),
	FIXED(schedule_icmp, 0L),
	FIXED(secure_tcp, 0L),
	FIXED(sloppy_sctp, 0L),
	KNOB(sloppy_tcp),
	KNOB(snat_reroute),
};

/* A new namespace inherits both limits of conns from the initial one. */
static void knobs_init(struct lvs_net *ln)
{
	ln->knobs = (struct lvs_knobs) {
		.conn_reuse_mode = 1,
		.pmtu_disc = 1,
		.snat_reroute = 1,
		.conn_max = CONN_MAX,
		.fast_path = 1,
	};
	if (!net_eq(ln->net, &init_net))
		ln->knobs.conn_max = READ_ONCE(lvs_net(&init_net)->knobs.conn_max);
}

static void table_bind(struct sysctls *s, struct lvs_net *ln)
{
	struct ctl_table *ctl;

	memcpy(s->table, template, sizeof(template));
	for (ctl = s->table; ctl < s->table + ARRAY_SIZE(template); ctl++) {
		if (ctl->proc_handler == proc_dointvec || ctl->proc_handler == proc_dointvec_minmax) {
			ctl->data = (char *)&ln->knobs + (unsigned long)ctl->data;
		} else if (ctl->proc_handler == conn_max_handler) {
			ctl->extra1 = ln;
			ctl->extra2 = &s->conn_max_limit;
		}
	}
}

/**
 * lvs_sysctl_init - set a namespace's knobs to their defaults and offer them
 * @ln: namespace
 *
 * The initial namespace comes first. Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_sysctl_init(struct lvs_net *ln)
{
	struct sysctls *s;

	knobs_init(ln);
	s = kzalloc(struct_size(s, table, ARRAY_SIZE(template) + 1), GFP_KERNEL);
	if (!s)
		return -ENOMEM;
	s->conn_max_limit = ln->knobs.conn_max;
	table_bind(s, ln);
	ln->sysctl_header = register_net_sysctl_sz(ln->net, "net/ipv4/vs", s->table, ARRAY_SIZE(template));
	if (!ln->sysctl_header) {
		kfree(s);
		return -ENOMEM;
	}
	return 0;
}

/**
 * lvs_sysctl_exit - take a namespace's knobs away
 * @ln: namespace
 *
 * Waits for readers and writers. Context: process.
 */
void lvs_sysctl_exit(struct lvs_net *ln)
{
	const struct ctl_table *table = ln->sysctl_header->ctl_table_arg;

	unregister_net_sysctl_table(ln->sysctl_header);
	kfree(container_of(table, struct sysctls, table[0]));
}
