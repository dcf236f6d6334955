// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: net.ipv4.vs
 *
 * Names, defaults and ranges are those of the kernel's own IPVS, of Linux 7.2 on every kernel. A knob is only offered
 * with a value that is honoured: what is not implemented yet can be read, and set to what it is, but not to anything else.
 * Those of the sync daemon are kept for it. Every namespace has its own set; who administers a namespace may write it, also
 * in a user namespace, but for a few.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/stddef.h>
#include <linux/string.h>
#include <linux/swap.h>

#include "../guest.h"
#include "sysctl.h"
#include "sysctl_special.h"

/* in extra1 of the template: the namespace is to stand there */
static const char here;

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

#define KNOB_BY(handler, knob) {				\
	.procname = #knob,					\
	.data = (void *)offsetof(struct lvs_knobs, knob),	\
	.maxlen = sizeof_field(struct lvs_knobs, knob),		\
	.mode = 0644,						\
	.proc_handler = (handler),				\
}

#define KNOB_SPECIAL(handler, knob) {				\
	.procname = #knob,					\
	.data = (void *)offsetof(struct lvs_knobs, knob),	\
	.maxlen = sizeof_field(struct lvs_knobs, knob),		\
	.mode = 0644,						\
	.proc_handler = (handler),				\
	.extra1 = (void *)&here,				\
}

static const struct ctl_table template[] = {
	KNOB(am_droprate),
	KNOB(amemthresh),
	KNOB(backup_only),
	KNOB(cache_bypass),
	KNOB_SPECIAL(lvs_sysctl_lfactor, conn_lfactor),
	KNOB_SPECIAL(lvs_sysctl_conn_max, conn_max),
	KNOB(conn_reuse_mode),
	KNOB_SPECIAL(lvs_sysctl_conntrack, conntrack),
	KNOB_SPECIAL(lvs_sysctl_defense, drop_entry),
	KNOB_SPECIAL(lvs_sysctl_defense, drop_packet),
	{
		.procname = "est_cpulist",
		.mode = 0644,
		.proc_handler = lvs_sysctl_est_cpulist,
		.extra1 = (void *)&here,
	},
	KNOB_SPECIAL(lvs_sysctl_est_nice, est_nice),
	KNOB(expire_nodest_conn),
	KNOB(expire_quiescent_template),
	KNOB_SPECIAL(lvs_sysctl_fast_path, fast_path),
	KNOB(ignore_tunneled),
	KNOB_BY(proc_dointvec_jiffies, lblc_expiration),
	KNOB_BY(proc_dointvec_jiffies, lblcr_expiration),
	KNOB(nat_icmp_send),
	KNOB(pmtu_disc),
	KNOB(run_estimation),
	KNOB(schedule_icmp),
	KNOB_SPECIAL(lvs_sysctl_defense, secure_tcp),
	KNOB(sloppy_sctp),
	KNOB(sloppy_tcp),
	KNOB(snat_reroute),
	KNOB_SPECIAL(lvs_sysctl_lfactor, svc_lfactor),
	KNOB(sync_persist_mode),
	KNOB_SPECIAL(lvs_sysctl_sync_ports, sync_ports),
	KNOB_BY(proc_doulongvec_minmax, sync_qlen_max),
	KNOB_BY(proc_dointvec_jiffies, sync_refresh_period),
	KNOB_RANGE(sync_retries, SYSCTL_ZERO, SYSCTL_THREE),
	KNOB(sync_sock_size),
	KNOB_SPECIAL(lvs_sysctl_sync_threshold, sync_threshold),
	KNOB_RANGE(sync_version, SYSCTL_ZERO, SYSCTL_ONE),
};

/* What costs others something, and is therefore only to be read in a user namespace. */
static const char * const host_only[] = {
	"conn_lfactor", "est_cpulist", "est_nice", "run_estimation", "svc_lfactor", "sync_qlen_max", "sync_sock_size",
};

/* What is not there at all in a user namespace. */
static bool hidden(const struct ctl_table *ctl)
{
	return !strcmp(ctl->procname, "lblc_expiration") || !strcmp(ctl->procname, "lblcr_expiration");
}

/* A new namespace inherits both limits of conns from the initial one. */
static void knobs_init(struct lvs_net *ln)
{
	bool initial = net_eq(ln->net, &init_net);

	ln->knobs = (struct lvs_knobs) {
		.conn_reuse_mode = 1,
		.pmtu_disc = 1,
		.snat_reroute = 1,
		.conn_max = initial ? LVS_CONN_MAX : READ_ONCE(lvs_net(&init_net)->knobs.conn_max),
		.fast_path = 1,
		.lblc_expiration = 24 * 60 * 60 * HZ,
		.lblcr_expiration = 24 * 60 * 60 * HZ,
		.am_droprate = 10,
		.amemthresh = 1024,
		.conn_lfactor = initial ? -4 : -2,
		.run_estimation = 1,
		.svc_lfactor = initial ? -3 : -2,
		.sync_ports = 1,
		.sync_qlen_max = nr_free_buffer_pages() / 32,
		.sync_threshold = { 3, 50 },
		.sync_version = 1,
	};
	ln->knobs.conn_max_limit = ln->knobs.conn_max;
}

/* Returns the number of entries. */
static size_t table_bind(struct ctl_table *table, struct lvs_net *ln)
{
	bool guest = lvs_net_is_guest(ln);
	struct ctl_table *ctl = table;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(template); i++) {
		if (guest && hidden(&template[i]))
			continue;
		*ctl = template[i];
		ctl->data = (char *)&ln->knobs + (unsigned long)ctl->data;
		if (ctl->extra1 == &here)
			ctl->extra1 = ln;
		if (guest && match_string(host_only, ARRAY_SIZE(host_only), ctl->procname) >= 0)
			ctl->mode = 0444;
		ctl++;
	}
	return ctl - table;
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
	struct ctl_table *table;
	size_t n;

	knobs_init(ln);
	table = kcalloc(ARRAY_SIZE(template) + 1, sizeof(*table), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	n = table_bind(table, ln);
	ln->sysctl_header = register_net_sysctl_sz(ln->net, "net/ipv4/vs", table, n);
	if (!ln->sysctl_header) {
		kfree(table);
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
	kfree(table);
	kfree(ln->est_cpulist);
}
