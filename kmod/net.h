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

struct cpumask;
struct lvs_addr_filter;
struct lvs_watch;
struct lvs_ways;

/**
 * struct lvs_timeouts - idle timeouts, in jiffies
 * @tcp: by enum lvs_tcp_state
 * @udp: of UDP's only state
 *
 * Written under the config lock, read locklessly.
 */
struct lvs_timeouts {
	u32 tcp[LVS_TCP_STATES];
	u32 udp;
};

/**
 * struct lvs_knobs - net.ipv4.vs.*; names and meanings are stock's
 * @conn_reuse_mode: when a SYN ends an old conn: 0 never; else in TIME_WAIT, CLOSE; bit 1: in a one-sided FIN_WAIT, too
 * @expire_nodest_conn: any packet ends the conn of a removed server
 * @expire_quiescent_template: a template does not hold for a server of weight 0
 * @pmtu_disc: what does not fit a tunnel is answered, not fragmented
 * @sloppy_tcp: any TCP packet but a RST may start a conn
 * @snat_reroute: NAT replies are routed again where their new source may matter
 * @conn_max: most conns and templates
 * @fast_path: 0: off; 1: where no hook of anybody else would be passed over; 2: everywhere
 * @conn_max_limit: how far conn_max may be raised by who is not privileged in the initial user namespace; config lock
 * @am_droprate: with drop_packet = 3: one of so many packets that would start a conn is dropped
 * @amemthresh: pages of free memory below which there is little
 * @run_estimation: rates are shown; packets and bytes always are
 * @backup_only: kept for the sync daemon, as are all sync_*
 * @sync_persist_mode: likewise
 * @sync_ports: likewise
 * @sync_refresh_period: likewise
 * @sync_retries: likewise
 * @sync_sock_size: likewise
 * @sync_threshold: likewise; config lock
 * @sync_version: likewise
 * @sync_qlen_max: likewise
 * @conn_lfactor: kept without effect: the table of conns finds its size itself
 * @svc_lfactor: likewise, of services
 * @est_nice: kept without effect: there are no threads that estimate
 *
 * Written by sysctl handlers, read locklessly with READ_ONCE(). Those that packets read come first.
 */
struct lvs_knobs {
	int conn_reuse_mode;
	int expire_nodest_conn;
	int expire_quiescent_template;
	int pmtu_disc;
	int sloppy_tcp;
	int snat_reroute;
	int conn_max;
	int fast_path;
	int conn_max_limit;
	int am_droprate;
	int amemthresh;
	int run_estimation;
	int backup_only;
	int sync_persist_mode;
	int sync_ports;
	int sync_refresh_period;
	int sync_retries;
	int sync_sock_size;
	int sync_threshold[2];
	int sync_version;
	unsigned long sync_qlen_max;
	int conn_lfactor;
	int svc_lfactor;
	int est_nice;
};

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
	struct rhashtable conns[2];
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
	/** @timeouts: of conns */
	struct lvs_timeouts timeouts;
	/** @knobs: net.ipv4.vs.* */
	struct lvs_knobs knobs;
	/** @epoch: stepped when input routing may have changed its mind about an address; see fwd/watch.c */
	u32 epoch;
	/** @tos_routes: an IPv4 route has had a type of service; written by the notifier of routes */
	bool tos_routes;
	/** @ways: ways back to clients: fwd/way.c */
	struct lvs_ways *ways;
	/** @total: statistics of the namespace */
	struct lvs_stats total;

	/* written by conn creation and end */
	/** @conn_count: conns, one-packet ones included, and templates */
	atomic_t conn_count ____cacheline_aligned_in_smp;
	/** @wheel: ends idle conns */
	struct lvs_wheel wheel;

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
	/** @hooks: netfilter hooks, by family */
	struct nf_hook_ops hooks[2][4];
	/** @watch: hears of changed routes: fwd/watch.c */
	struct lvs_watch *watch;
	/** @defrag6: nf_defrag_ipv6 is held for this namespace; read locklessly */
	bool defrag6;
	/** @dying: namespace exit has begun: nothing more is configured */
	bool dying;
	/** @unlisted: servers between lvs_dest_unlist() and lvs_dests_unlisted() */
	struct list_head unlisted;
	/** @dests: struct lvs_dest by struct lvs_dest_key, tombstones included */
	struct rhashtable dests;
	/** @dest_list_lock: protects @dest_list; any context */
	spinlock_t dest_list_lock;
	/** @dest_list: every dest, for the device notifier and for exit */
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
