// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: what the fast path must not miss
 *
 * The fast path does not ask input routing whether a packet's destination is still this host's, or its source still
 * somebody else's. What routing has decided for a conn's packets holds as long as struct lvs_net::epoch stands. It is
 * stepped by every change of local routes (each address has one), of IPv4 routes that refuse (with rp_filter they stop
 * who they lead to, too) and of routing rules; the next packet of each conn then takes the slow path. Other routes do not
 * matter here: caches of those have dst_check(). But a namespace with IPv4 routes by type of service has no fast path for
 * replies, as the next one may be of another type.
 *
 * The notifier also tells which IPv4 addresses are this host's: what has one of them as its source is never let in without
 * having been routed. Those that it has already are announced when the notifier is registered.
 *
 * Changes are announced before they are made. So the epoch is stepped again when they have been made: by a work that
 * waits for RTNL and for a grace period. All changes happen under RTNL or, for IPv6 on newer kernels, under a spinlock of
 * the table that the announcement is made under, too.
 */
#include <linux/notifier.h>
#include <linux/printk.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/fib_notifier.h>
#include <net/inet_dscp.h>
#include <net/ip6_fib.h>
#include <net/ip_fib.h>

#include "../net.h"
#include "../service/filter.h"
#include "watch.h"

/**
 * struct lvs_watch - how a namespace hears of changes
 * @ln: the namespace
 * @nb: registered
 * @work: steps the epoch once more
 */
struct lvs_watch {
	struct lvs_net *ln;
	struct notifier_block nb;
	struct work_struct work;
};

/**
 * lvs_watch_step - let no packet rely on what input routing has decided before
 * @ln: namespace
 *
 * Context: any.
 */
void lvs_watch_step(struct lvs_net *ln)
{
	/* two at once may make one step: it differs from before, which is all that matters */
	WRITE_ONCE(ln->epoch, READ_ONCE(ln->epoch) + 1);
}

static void watch_work(struct work_struct *work)
{
	struct lvs_watch *w = container_of(work, struct lvs_watch, work);

	rtnl_lock();
	rtnl_unlock();
	synchronize_rcu();
	lvs_watch_step(w->ln);
}

/* Once there, never believed to have gone: of the routes to one destination only the first is announced. */
static void note_tos(struct lvs_net *ln, const struct fib_notifier_info *info)
{
	const struct fib_entry_notifier_info *fen = container_of(info, struct fib_entry_notifier_info, info);

	if (info->family != AF_INET || !inet_dscp_to_dsfield(fen->dscp) || READ_ONCE(ln->tos_routes))
		return;
	WRITE_ONCE(ln->tos_routes, true);
	lvs_watch_step(ln);
}

/* An address of this host; or a range of them, which is usual for the loopback device only. */
static void note_local(struct lvs_net *ln, const struct fib_notifier_info *info)
{
	const struct fib_entry_notifier_info *fen = container_of(info, struct fib_entry_notifier_info, info);
	union nf_inet_addr addr = {};

	if (info->family != AF_INET || fen->type != RTN_LOCAL)
		return;
	addr.ip = htonl(fen->dst);
	if (fen->dst_len == 32)
		lvs_filter_add_local(ln->filter, &addr);
	else if (!ipv4_is_loopback(addr.ip))
		WRITE_ONCE(ln->local_ranges, true);
}

/* Does it decide what may come in? Of IPv4, any but a route to another host does. */
static bool input_route(const struct fib_notifier_info *info)
{
	if (info->family == AF_INET) {
		const struct fib_entry_notifier_info *fen = container_of(info, struct fib_entry_notifier_info, info);

		return fen->type != RTN_UNICAST || fen->tb_id == RT_TABLE_LOCAL;
	}
	if (info->family == AF_INET6) {
		const struct fib6_entry_notifier_info *fen = container_of(info, struct fib6_entry_notifier_info, info);

		return fen->rt->fib6_type == RTN_LOCAL || fen->rt->fib6_table->tb6_id == RT6_TABLE_LOCAL;
	}
	return false;
}

static int watch_event(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct lvs_watch *w = container_of(nb, struct lvs_watch, nb);

	switch (event) {
	case FIB_EVENT_ENTRY_REPLACE:
	case FIB_EVENT_ENTRY_APPEND:
	case FIB_EVENT_ENTRY_ADD:
	case FIB_EVENT_ENTRY_DEL:
		note_tos(w->ln, ptr);
		note_local(w->ln, ptr);
		if (!input_route(ptr))
			break;
		fallthrough;
	case FIB_EVENT_RULE_ADD:
	case FIB_EVENT_RULE_DEL:
		lvs_watch_step(w->ln);
		/* it may wait for RTNL for long, and conns have to end meanwhile */
		queue_work(system_long_wq, &w->work);
		break;
	}
	return NOTIFY_DONE;
}

/**
 * lvs_watch_init - listen for changes of a namespace's routes
 * @ln: namespace
 *
 * Where that cannot be had (no memory, or the routes never stand still) there is no fast path.
 * Context: process, config lock; takes RTNL for a moment.
 */
void lvs_watch_init(struct lvs_net *ln)
{
	struct lvs_watch *w = kzalloc(sizeof(*w), GFP_KERNEL_ACCOUNT);

	if (!w)
		return;
	w->ln = ln;
	w->nb.notifier_call = watch_event;
	INIT_WORK(&w->work, watch_work);
	if (register_fib_notifier(ln->net, &w->nb, NULL, NULL)) {
		cancel_work_sync(&w->work);
		kfree(w);
		pr_warn("lvs: routes change too fast to be watched: there will be no fast path\n");
		return;
	}
	ln->watch = w;
}

/**
 * lvs_watch_exit - listen no more
 * @ln: namespace whose hooks are gone
 *
 * Context: process, without config lock and RTNL.
 */
void lvs_watch_exit(struct lvs_net *ln)
{
	struct lvs_watch *w = ln->watch;

	if (!w)
		return;
	unregister_fib_notifier(ln->net, &w->nb);
	cancel_work_sync(&w->work);
	WRITE_ONCE(ln->watch, NULL);
	kfree(w);
}
