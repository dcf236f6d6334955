// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: module and namespaces
 *
 * Order of the exit, of a namespace or of the module:
 *
 *  1. The front ends go first: netlink family, socket options, sysctls, /proc. Each waits for its callers, so nobody
 *     configures any more.
 *  2. pre_exit: all services are removed, and with the last one the hooks; the network core waits a grace period. No
 *     packet makes or uses a conn after that.
 *  3. exit: the wheel stops and ends all conns. Their RCU callbacks drop the servers, whose own callbacks queue the work
 *     that frees them and their routes: one rcu_barrier() and one flush for each of these steps.
 *  4. Then the tables go, and with the module its caches.
 */
#include <linux/module.h>
#include <linux/netdevice.h>
#include <net/addrconf.h>
#include <net/genetlink.h>

#include "conn/conn.h"
#include "conn/limit.h"
#include "conn/template.h"
#include "ctl/ipvs_family.h"
#include "ctl/proc.h"
#include "ctl/sockopt.h"
#include "ctl/sysctl.h"
#include "dest/dest.h"
#include "fwd/hop.h"
#include "fwd/local_route.h"
#include "fwd/watch.h"
#include "fwd/way.h"
#include "hook/clean.h"
#include "hook/defense.h"
#include "hook/hook.h"
#include "net.h"
#include "proto/proto.h"
#include "service/edit.h"
#include "service/filter.h"
#include "service/service.h"

unsigned int lvs_net_id __read_mostly;
struct workqueue_struct *lvs_wq;

/**
 * lvs_net_activate - make the tables of a namespace, when its first service comes
 * @ln: namespace
 *
 * They stay until the namespace ends. Context: process, config lock.
 * Return: 0 or -ENOMEM.
 */
int lvs_net_activate(struct lvs_net *ln)
{
	int err = -ENOMEM;

	lockdep_assert_held(&ln->config_lock);
	if (ln->active)
		return 0;
	ln->filter = kvzalloc(sizeof(*ln->filter), GFP_KERNEL_ACCOUNT);
	if (!ln->filter)
		return -ENOMEM;
	if (lvs_wheel_init(ln))
		goto free_filter;
	err = lvs_conn_table_init(ln);
	if (err)
		goto free_wheel;
	err = lvs_service_table_init(ln);
	if (err)
		goto free_conns;
	err = lvs_dest_table_init(ln);
	if (err)
		goto free_services;

	err = lvs_ways_init(ln);
	if (err)
		goto free_dests;
	lvs_watch_init(ln);

	/* pairs with lvs_net_active() */
	smp_store_release(&ln->active, true);
	return 0;

free_dests:
	lvs_dest_table_exit(ln);
free_services:
	lvs_service_table_exit(ln);
free_conns:
	lvs_conn_table_exit(ln);
free_wheel:
	lvs_wheel_exit(ln);
free_filter:
	kvfree(ln->filter);
	return err;
}

static void net_deactivate(struct lvs_net *ln)
{
	if (!ln->active)
		return;
	lvs_ways_exit(ln);
	lvs_dest_table_exit(ln);
	lvs_service_table_exit(ln);
	lvs_conn_table_exit(ln);
	lvs_wheel_exit(ln);
	kvfree(ln->filter);
}

static void net_defaults(struct lvs_net *ln, struct net *net)
{
	ln->net = net;
	mutex_init(&ln->config_lock);
	xa_init(&ln->service_ids);
	/* XArray cursors start after 0 */
	ln->next_service_id = 1;
	INIT_LIST_HEAD(&ln->unlisted);
	INIT_LIST_HEAD(&ln->dest_list);
	INIT_LIST_HEAD(&ln->pe_services);
	spin_lock_init(&ln->dest_list_lock);
	lvs_timeouts_init(&ln->timeouts);
	lvs_clean_init(ln);
	lvs_defense_init(ln);
	lvs_ct_init(ln);
}

static int __net_init lvs_net_init(struct net *net)
{
	struct lvs_net *ln = lvs_net(net);
	int err;

	net_defaults(ln, net);
	ln->outcomes = alloc_percpu(struct lvs_outcomes);
	if (!ln->outcomes)
		return -ENOMEM;
	err = lvs_stats_alloc(&ln->total, GFP_KERNEL_ACCOUNT);
	if (err)
		goto free_outcomes;
	err = lvs_proc_init(ln);
	if (err)
		goto free_total;
	err = lvs_sysctl_init(ln);
	if (err)
		goto free_proc;
	return 0;

free_proc:
	lvs_proc_exit(ln);
free_total:
	lvs_stats_free(&ln->total);
free_outcomes:
	free_percpu(ln->outcomes);
	return err;
}

static void __net_exit lvs_net_pre_exit(struct net *net)
{
	struct lvs_net *ln = lvs_net(net);

	lvs_sysctl_exit(ln);
	lvs_proc_exit(ln);
	lvs_ct_exit(ln);
	mutex_lock(&ln->config_lock);
	WRITE_ONCE(ln->dying, true);
	lvs_flush(ln);
	mutex_unlock(&ln->config_lock);
	/* Devices may wait for what is cached, and on rmmod nobody may be left to tell us so. Nothing is cached from here on. */
	if (lvs_net_active(ln)) {
		lvs_dests_drop_egress(ln, NULL);
		lvs_ways_drop(ln, NULL);
	}
	lvs_defense_exit(ln);
	lvs_watch_exit(ln);
}

/* Many namespaces may end at once, each with conns that others depend on; they wait together. */
static void __net_exit conns_end(struct list_head *nets)
{
	bool more = false;
	struct net *net;
	int rank;

	list_for_each_entry(net, nets, exit_list)
		if (lvs_net(net)->active)
			more |= lvs_wheel_stop(lvs_net(net));
	for (rank = 1; more; rank++) {
		rcu_barrier();
		more = false;
		list_for_each_entry(net, nets, exit_list)
			if (lvs_net(net)->active)
				more |= lvs_wheel_stop_rank(lvs_net(net), rank);
	}
}

static void __net_exit lvs_net_exit_batch(struct list_head *nets)
{
	struct net *net;

	conns_end(nets);
	list_for_each_entry(net, nets, exit_list) {
		if (!lvs_net(net)->active)
			continue;
		lvs_ways_drop(lvs_net(net), NULL);
		lvs_local_routes_drop(lvs_net(net));
	}
	rcu_barrier();		/* conns and unlisted servers' references are gone */
	rcu_barrier();		/* servers and services have queued the work that frees them */
	flush_workqueue(lvs_wq);
	rcu_barrier();		/* the routes are gone */

	list_for_each_entry(net, nets, exit_list) {
		struct lvs_net *ln = lvs_net(net);

		WARN_ON_ONCE(atomic_read(&ln->conn_count));
		net_deactivate(ln);
		xa_destroy(&ln->service_ids);
		lvs_stats_free(&ln->total);
		free_percpu(ln->outcomes);
	}
}

static struct pernet_operations lvs_net_ops = {
	.init = lvs_net_init,
	.pre_exit = lvs_net_pre_exit,
	.exit_batch = lvs_net_exit_batch,
	.id = &lvs_net_id,
	.size = sizeof(struct lvs_net),
};

/*
 * A cached route must not outlive its device's use. By the time a device is unregistered a route that used it may name
 * another one already, and still hold it: then all are forgotten.
 */
static int lvs_netdev_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct lvs_net *ln = lvs_net(dev_net(dev));

	if ((event == NETDEV_DOWN || event == NETDEV_UNREGISTER) && lvs_net_active(ln)) {
		const struct net_device *gone = event == NETDEV_DOWN ? dev : NULL;

		lvs_dests_drop_egress(ln, gone);
		lvs_ways_drop(ln, gone);
		if (dev->flags & IFF_LOOPBACK)
			lvs_local_routes_drop(ln);
		/* its index may be given to another */
		if (!gone)
			lvs_watch_step(ln);
	}
	return NOTIFY_DONE;
}

static struct notifier_block lvs_netdev_notifier = {
	.notifier_call = lvs_netdev_event,
	/* before IPv6 takes the device out of its routes, and we could not tell any more which ones used it */
	.priority = ADDRCONF_NOTIFY_PRIORITY + 5,
};

static int __init lvs_init(void)
{
	int err;

	lvs_template_seed();
	lvs_conn_limit_init();
	err = lvs_conn_cache_init();
	if (err)
		return err;
	err = lvs_dest_cache_init();
	if (err)
		goto free_conn_caches;
	err = -ENOMEM;
	lvs_wq = alloc_workqueue("lvs", WQ_UNBOUND, 0);
	if (!lvs_wq)
		goto free_caches;
	err = lvs_clean_register();
	if (err)
		goto free_wq;
	err = register_pernet_subsys(&lvs_net_ops);
	if (err)
		goto unregister_clean;
	err = register_netdevice_notifier(&lvs_netdev_notifier);
	if (err)
		goto unregister_pernet;
	err = lvs_sockopt_register();
	if (err)
		goto unregister_notifier;
	err = lvs_ipvs_family_register();
	if (err)
		goto unregister_sockopt;
	pr_info("lvs: loaded\n");
	return 0;

unregister_sockopt:
	lvs_sockopt_unregister();
unregister_notifier:
	WRITE_ONCE(lvs_hops_end, true);
	unregister_netdevice_notifier(&lvs_netdev_notifier);
unregister_pernet:
	unregister_pernet_subsys(&lvs_net_ops);
unregister_clean:
	lvs_clean_unregister();
free_wq:
	destroy_workqueue(lvs_wq);
free_caches:
	rcu_barrier();
	lvs_dest_cache_exit();
free_conn_caches:
	lvs_conn_cache_exit();
	return err;
}

static void __exit lvs_exit(void)
{
	lvs_ipvs_family_unregister();
	lvs_sockopt_unregister();
	/*
	 * Namespaces go later, and in between another one's may wait for a device: what is remembered from here on would keep it
	 * for ever. What is there goes with the notifier, which tells of each device as if that went.
	 */
	WRITE_ONCE(lvs_hops_end, true);
	unregister_netdevice_notifier(&lvs_netdev_notifier);
	unregister_pernet_subsys(&lvs_net_ops);
	lvs_clean_unregister();
	destroy_workqueue(lvs_wq);
	rcu_barrier();
	lvs_dest_cache_exit();
	lvs_conn_cache_exit();
	pr_info("lvs: unloaded\n");
}

module_init(lvs_init);
module_exit(lvs_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("layer-4 load balancer with the interfaces of IPVS");
MODULE_ALIAS_GENL_FAMILY("IPVS");
