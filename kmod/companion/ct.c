// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: connection tracking
 *
 * lvs_ct.ko knows of nf_conntrack, lvs.ko does not. In each namespace it attaches its functions while it is loaded; packets
 * find them under RCU. With net.ipv4.vs.conntrack=1 every new conn is a tracked one. All others are kept away from connection
 * tracking, and pay nothing.
 *
 * DOC: who holds whom
 *
 * lvs_ct.ko uses symbols of lvs.ko, which therefore goes last. lvs_ct.ko itself is held by each namespace whose conntrack is
 * not 0, if the initial user namespace owns it: who has a namespace of his own may use lvs_ct.ko while it is there, but neither
 * have it loaded nor keep the host from unloading it. Conns that were tracked stay so when conntrack is set to 0 and lvs_ct.ko
 * goes. It detaches before nf_conntrack's own part of a namespace is taken down.
 *
 * DOC: locking
 *
 * lvs_net::ct_lock protects lvs_net::ct, ::ct_holder, ::helper, ::ct_used and the knob. A module may be loaded, or a namespace
 * be on its way out, by who holds pernet_ops_rwsem outside of it; so nothing that may wait for that is done under it.
 */
#include <linux/export.h>
#include <linux/kmod.h>
#include <linux/module.h>

#include "../conn/conn.h"
#include "../guest.h"
#include "ct.h"
#include "helper.h"

static const struct lvs_ct_ops *ct_ops(const struct lvs_net *ln)
{
	return rcu_dereference_protected(ln->ct, lockdep_is_held(&ln->ct_lock));
}

/**
 * lvs_ct_init - prepare a namespace for lvs_ct.ko
 * @ln: namespace
 */
void lvs_ct_init(struct lvs_net *ln)
{
	mutex_init(&ln->ct_lock);
}

/**
 * lvs_ct_exit - let go of lvs_ct.ko
 * @ln: namespace without sysctls
 *
 * Context: process.
 */
void lvs_ct_exit(struct lvs_net *ln)
{
	mutex_lock(&ln->ct_lock);
	module_put(ln->ct_holder);
	ln->ct_holder = NULL;
	mutex_unlock(&ln->ct_lock);
}

/**
 * lvs_ct_attach - lvs_ct.ko is there, in one namespace
 * @net: namespace
 * @ops: its functions
 *
 * Context: process.
 */
void lvs_ct_attach(struct net *net, const struct lvs_ct_ops *ops)
{
	struct lvs_net *ln = lvs_net(net);

	mutex_lock(&ln->ct_lock);
	rcu_assign_pointer(ln->ct, ops);
	mutex_unlock(&ln->ct_lock);
}
EXPORT_SYMBOL_GPL(lvs_ct_attach);

/**
 * lvs_ct_detach - lvs_ct.ko goes, or the namespace does
 * @net: namespace
 *
 * The caller waits for a grace period before its functions go. Context: process.
 */
void lvs_ct_detach(struct net *net)
{
	struct lvs_net *ln = lvs_net(net);

	mutex_lock(&ln->ct_lock);
	RCU_INIT_POINTER(ln->ct, NULL);
	mutex_unlock(&ln->ct_lock);
}
EXPORT_SYMBOL_GPL(lvs_ct_detach);

static int ct_hold(struct lvs_net *ln)
{
	const struct lvs_ct_ops *ops = ct_ops(ln);

	if (ln->ct_holder || (ops && lvs_net_is_guest(ln)))
		return 0;
	if (!ops || !try_module_get(ops->owner)) {
		pr_warn_ratelimited("lvs: net.ipv4.vs.conntrack needs the module lvs_ct, which is not to be had\n");
		return -EOPNOTSUPP;
	}
	ln->ct_holder = ops->owner;
	return 0;
}

/*
 * A module that is being loaded registers with every namespace. That waits for the end of namespaces and for rmmod of lvs, and
 * both wait for whoever is writing to a sysctl: neither may begin meanwhile.
 */
static void ct_load(struct lvs_net *ln)
{
	if (!maybe_get_net(ln->net))
		return;
	if (try_module_get(THIS_MODULE)) {
		request_module("lvs_ct");
		module_put(THIS_MODULE);
	}
	put_net(ln->net);
}

/**
 * lvs_ct_enable - set net.ipv4.vs.conntrack
 * @ln: namespace
 * @value: 0, or anything else for new conns to be tracked
 *
 * Context: process, without the config lock; loads lvs_ct.ko if need be, but for no guest.
 * Return: 0 or -EOPNOTSUPP.
 */
int lvs_ct_enable(struct lvs_net *ln, int value)
{
	int err = 0;

	if (value && !rcu_access_pointer(ln->ct) && !lvs_net_is_guest(ln))
		ct_load(ln);
	mutex_lock(&ln->ct_lock);
	if (value) {
		err = ct_hold(ln);
	} else {
		module_put(ln->ct_holder);
		ln->ct_holder = NULL;
	}
	if (!err)
		WRITE_ONCE(ln->knobs.conntrack, value);
	mutex_unlock(&ln->ct_lock);
	return err;
}

/**
 * lvs_ct_start - decide whether a new conn is a tracked one
 * @ln: namespace where lvs_ct.ko is
 * @cp: bound conn that nobody uses yet
 *
 * Context: RCU, BH off.
 */
void lvs_ct_start(struct lvs_net *ln, struct lvs_conn *cp)
{
	cp->helped = lvs_helper_wants(ln, cp) ? LVS_HELPED : 0;
	cp->tracked = cp->helped || READ_ONCE(ln->knobs.conntrack);
}

/**
 * lvs_ct_renew - a packet starts a tracked conn
 * @ln: namespace
 * @pkt: the packet
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 */
void lvs_ct_renew(struct lvs_net *ln, struct lvs_pkt *pkt, const struct lvs_conn *cp)
{
	const struct lvs_ct_ops *ops = rcu_dereference(ln->ct);

	if (ops)
		ops->renew(ln, pkt, cp);
}

/**
 * lvs_ct_request - a client's packet of a tracked conn passes
 * @ln: namespace
 * @pkt: the packet; its head may be reallocated, and its payload changed
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 * Return: false if the packet must be dropped.
 */
bool lvs_ct_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_ct_ops *ops = rcu_dereference(ln->ct);

	pkt->flags |= LVS_PKT_TRACKED;
	/* AH and ESP have a tuple of their own */
	if (!ops || pkt->flags & LVS_PKT_RELATED)
		return true;
	return ops->request(ln, pkt, cp) && lvs_helper_request(ln, pkt, cp);
}

/**
 * lvs_ct_reply - a server's packet of a tracked conn passes
 * @ln: namespace
 * @pkt: as for lvs_ct_request()
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 * Return: false if the packet must be dropped.
 */
bool lvs_ct_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_ct_ops *ops = rcu_dereference(ln->ct);

	pkt->flags |= LVS_PKT_TRACKED;
	if (!ops || pkt->flags & LVS_PKT_RELATED)
		return true;
	return ops->reply(ln, pkt, cp) && lvs_helper_reply(ln, pkt, cp);
}

/**
 * lvs_ct_end - a tracked conn ends
 * @ln: namespace
 * @cp: conn, lock held, still hashed
 *
 * Its flow goes from connection tracking, too, before the tuple can be used again. Context: BH off.
 */
void lvs_ct_end(struct lvs_net *ln, struct lvs_conn *cp)
{
	const struct lvs_ct_ops *ops;

	rcu_read_lock();
	ops = rcu_dereference(ln->ct);
	if (ops && cp->dest && !(cp->flags & IP_VS_CONN_F_ONE_PACKET))
		ops->drop(ln->net, cp);
	rcu_read_unlock();
}
