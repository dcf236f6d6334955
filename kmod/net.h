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

#include "companion/ct.h"
#include "conn/table.h"
#include "conn/wheel.h"
#include "drop.h"
#include "knobs.h"
#include "proto/states.h"
#include "stats/stats.h"

struct cpumask;
struct lvs_addr_filter;
struct lvs_dest;
struct lvs_helper_ops;
struct lvs_local_route;
struct lvs_watch;
struct lvs_ways;

/**
 * struct lvs_defense - what is done against floods at this moment: hook/defense.c
 * @lock: levels and the knobs that set them; the worker's being queued
 * @drop_rate: one of so many packets that would start a conn is dropped; 0: none
 * @drop_turn: packets that drop_packet has looked at
 * @drop_entry: conns are being ended
 * @room_pause: how many times no half-open conn is looked for; written by any packet
 * @dropped: how many were, by drop_entry
 * @gave_way: how many made room for others at a limit
 * @nodest: how many were ended because their server was removed
 * @work: decides levels and ends conns, each second; queued while a strategy is chosen
 * @nodest_work: ends conns of removed servers
 */
struct lvs_defense {
	struct mutex lock;
	int drop_rate;
	atomic_t drop_turn;
	bool drop_entry;
	u32 room_pause;
	atomic_t dropped;
	atomic_t gave_way;
	atomic_t nodest;
	struct delayed_work work;
	struct work_struct nodest_work;
};

/* Routes of requests that are kept, for each family. */
#define LVS_LOCAL_ROUTES 32

/**
 * struct lvs_net - everything of one network namespace
 */
struct lvs_net {
	/** @net: the namespace; lives longer */
	struct net *net;

	/** @config_lock: all configuration; may sleep. Order: this one, then dest_list_lock or a conn's lock */
	struct mutex config_lock;

	/* read by every packet, written rarely */
	/** @conns: conn tables, by family: conn/table.c */
	struct lvs_table conns[2];
	/** @active: tables, wheel and filter exist; set once, by lvs_net_activate() */
	bool active;
	/** @services: struct lvs_service by struct lvs_svc_key */
	struct rhashtable services;
	/** @filter: which addresses concern lvs at all */
	struct lvs_addr_filter *filter;
	/** @outcomes: what became of packets */
	struct lvs_outcomes __percpu *outcomes;
	/** @n_fwmark: firewall-mark services by family; config lock, read locklessly */
	unsigned int n_fwmark[2];
	/** @pe_services: services that have had a persistence engine, newest first; config lock, read under RCU */
	struct list_head pe_services;
	/** @n_ftp: services on FTP's port, by family; config lock, read locklessly */
	unsigned int n_ftp[2];
	/** @n_no_cport: conns that wait for a client of any port, by family: companion/expected.c */
	atomic_t n_no_cport[2];
	/** @timeouts: of conns */
	struct lvs_timeouts timeouts;
	/** @knobs: net.ipv4.vs.* */
	struct lvs_knobs knobs;
	/** @secure_tcp_on: TCP believes the server's answer to a SYN only; written under the defense lock, read locklessly */
	bool secure_tcp_on;
	/** @epoch: stepped when input routing may have changed its mind about an address; see fwd/watch.c */
	u32 epoch;
	/** @tos_routes: an IPv4 route has had a type of service; written by the notifier of routes */
	bool tos_routes;
	/** @local_ranges: more than single IPv4 addresses have been this host's; written by the notifier of routes */
	bool local_ranges;
	/** @local_routes: routes by which requests come in, by family: fwd/local_route.c; any context, read under RCU */
	struct lvs_local_route __rcu *local_routes[2][LVS_LOCAL_ROUTES];
	/** @ways: ways back to clients: fwd/way.c */
	struct lvs_ways *ways;
	/** @ct: lvs_ct.ko while it is there; written under @ct_lock, see companion/ct.c */
	const struct lvs_ct_ops __rcu *ct;
	/** @clean_next: jiffies from which on hooks that are not known are looked at again: hook/clean.c */
	unsigned long clean_next;
	/** @clean_work: looks at them */
	struct work_struct clean_work;
	/** @helper: lvs_ftp.ko while it is there; written under @ct_lock, see companion/helper.c */
	const struct lvs_helper_ops __rcu *helper;
	/** @total: statistics of the namespace */
	struct lvs_stats total;

	/* written by conn creation and end */
	/** @conn_count: conns, one-packet ones included, and templates */
	atomic_t conn_count ____cacheline_aligned_in_smp;
	/** @wheel: ends idle conns */
	struct lvs_wheel wheel;
	/** @defense: against floods */
	struct lvs_defense defense;

	/* configuration; under @config_lock */
	/** @service_ids: struct lvs_service by id, in order of creation; dumps walk it */
	struct xarray service_ids;
	/** @next_service_id: id of the next service */
	unsigned long next_service_id;
	/** @n_services: number of services, by family */
	unsigned int n_services[2];
	/** @mixed: tunnels have led to servers of another family than their service's: both families are hooked */
	bool mixed;
	/** @hooked: @hooks registered, by family */
	bool hooked[2];
	/** @fast_hooked: the one of the fast path, too */
	bool fast_hooked[2];
	/** @hooks: netfilter hooks, by family */
	struct nf_hook_ops hooks[2][4];
	/** @watch: hears of changed routes: fwd/watch.c */
	struct lvs_watch *watch;
	/** @ct_lock: protects @ct, @ct_holder, @helper, @ct_used and the knob conntrack: companion/ct.c */
	struct mutex ct_lock;
	/** @ct_holder: the module that conntrack=1 holds; for no guest */
	struct module *ct_holder;
	/** @ct_used: connection tracking is on for the sake of the helper's services, by family */
	bool ct_used[2];
	/** @defrag6: nf_defrag_ipv6 is held for this namespace; read locklessly */
	bool defrag6;
	/** @whole6: nf_defrag_ipv6 has its hooks here for us; read locklessly */
	bool whole6;
	/* written under the config lock; who caches a route reads it under the lock that dropping them then takes */
	/** @dying: namespace exit has begun: nothing more is configured, no route is cached */
	bool dying;
	/** @unlisted: servers between lvs_dest_unlist() and lvs_dests_unlisted() */
	struct list_head unlisted;
	/** @dests: struct lvs_dest by struct lvs_dest_key, tombstones included */
	struct rhashtable dests;
	/** @dest_list_lock: protects @dest_list; any context */
	spinlock_t dest_list_lock;
	/** @nobody: stands for no server, by family, while there are firewall-mark services; config lock, read under RCU */
	struct lvs_dest __rcu *nobody[2];
	/** @dest_list: every dest, for the device notifier, for exit and for strays; walked under RCU, too */
	struct list_head dest_list;
	/** @est_cpulist: as user space set it, if it has; kept without effect; config lock */
	struct cpumask *est_cpulist;
	/** @sysctl_header: of net.ipv4.vs */
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

/* Rates of something in a namespace, or 0 where they are switched off. As lvs_stats_rates(). */
static inline void lvs_net_rates(const struct lvs_net *ln, const struct lvs_stats *stats, struct lvs_rates *rates)
{
	*rates = (struct lvs_rates){};
	if (READ_ONCE(ln->knobs.run_estimation))
		lvs_stats_rates(stats, rates);
}

static inline unsigned int lvs_af_index(u8 af)
{
	return af == AF_INET6;
}

#endif
