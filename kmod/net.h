/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _LVS_NET_H
#define _LVS_NET_H

#include <linux/ip_vs.h>
#include <linux/mutex.h>
#include <linux/netfilter.h>
#include <linux/rhashtable.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>
#include <net/net_namespace.h>
#include <net/netns/generic.h>

#include "conn/wheel.h"
#include "drop.h"
#include "proto/states.h"
#include "stats/stats.h"

struct lvs_addr_filter;



/**
 * struct lvs_timeouts - idle timeouts by state, in jiffies
 *
 * Written under the config lock, read locklessly.
 */
struct lvs_timeouts {
	u32 tcp[LVS_TCP_STATES];
	u32 udp;
};

/**
 * struct lvs_knobs - net.ipv4.vs.*; names and meanings are stock's
 *
 * Written by sysctl handlers, read locklessly with READ_ONCE().
 */
struct lvs_knobs {
	int conn_reuse_mode;
	int expire_nodest_conn;
	int expire_quiescent_template;
	int pmtu_disc;
	int sloppy_tcp;
	int snat_reroute;
	int conn_max;
};

/**
 * struct lvs_net - everything of one network namespace
 */
struct lvs_net {
	struct net *net;

	/* All configuration. Order: config_lock, then dest_list_lock or a conn's lock. May sleep. */
	struct mutex config_lock;

	/* read by every packet, written rarely */
	struct rhashtable conns[2];		/* by family: conn/table.c */
	bool active;				/* tables, wheel and filter exist; set once, by lvs_net_activate() */
	struct rhashtable services;		/* struct lvs_service by struct lvs_svc_key */
	struct lvs_addr_filter *filter;		/* which addresses concern lvs at all */
	struct lvs_outcomes __percpu *outcomes;
	unsigned int n_fwmark[2];		/* firewall-mark services by family; config lock, read locklessly */
	struct lvs_timeouts timeouts;
	struct lvs_knobs knobs;
	struct lvs_stats total;

	/* written by conn creation and end */
	atomic_t conn_count ____cacheline_aligned_in_smp;
	struct lvs_wheel wheel;

	/* configuration; under @config_lock */
	struct xarray service_ids;		/* struct lvs_service by id, in order of creation; dumps walk it */
	unsigned long next_service_id;
	unsigned int n_services[2];		/* by family */
	bool hooked[2];				/* @hooks registered, by family */
	struct nf_hook_ops hooks[2][3];
	bool defrag6;				/* nf_defrag_ipv6 is held for this namespace */
	bool dying;				/* namespace exit has begun: nothing more is configured */
	struct list_head unlisted;		/* servers between lvs_dest_unlist() and lvs_dests_unlisted() */
	struct rhashtable dests;		/* struct lvs_dest by struct lvs_dest_key, tombstones included */
	spinlock_t dest_list_lock;		/* protects @dest_list; any context */
	struct list_head dest_list;		/* every dest, for the device notifier and for exit */
	struct ctl_table_header *sysctl_header;
};

extern unsigned int lvs_net_id;
extern struct workqueue_struct *lvs_wq;

static inline struct lvs_net *lvs_net(const struct net *net)
{
	return net_generic(net, lvs_net_id);
}

/* Whether the tables may be looked at. */
static inline bool lvs_net_active(const struct lvs_net *ln)
{
	/* pairs with lvs_net_activate() */
	return smp_load_acquire(&ln->active);
}

int lvs_net_activate(struct lvs_net *ln);

static inline unsigned int lvs_af_index(u8 af)
{
	return af == AF_INET6;
}

#endif
