// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: helpers
 *
 * lvs_ftp.ko attaches its functions in each namespace while it is loaded. Conns of NAT to one of its virtual ports that start
 * from then on are helped: their packets are shown to it, and connection tracking follows them whatever the knob says. When it
 * goes, they stay tracked and nobody reads them any more.
 *
 * Payload that is changed takes connection tracking, which is off in a namespace until somebody wants it. So it is turned on
 * by a service on a port of the helper that has a server behind NAT, and stays while there is a service there: conns that the
 * last such server has left may count on it. Mark services do not tell their ports: there it is left to rules.
 *
 * DOC: locking
 *
 * lvs_net::helper and ::ct_used are written under lvs_net::ct_lock. That is also taken by who has just published a service,
 * under the config lock, so that of an edit and a helper that comes the later one sees the other.
 */
#include <linux/export.h>

#include "../conn/conn.h"
#include "../net.h"
#include "../service/service.h"
#include "helper.h"

static const struct lvs_helper_ops *helper_ops(const struct lvs_net *ln)
{
	return rcu_dereference_protected(ln->helper, lockdep_is_held(&ln->ct_lock));
}

static bool has_port(const struct lvs_helper_ops *ops, __be16 port)
{
	unsigned int i;

	for (i = 0; i < ops->n_ports; i++)
		if (htons(ops->ports[i]) == port)
			return true;
	return false;
}

/* @may_lack_nat: it need not have a server behind NAT now. Under RCU. */
static bool helps(const struct lvs_helper_ops *ops, const struct lvs_service *svc, bool may_lack_nat)
{
	const struct lvs_service_conf *conf = rcu_dereference(svc->conf);

	return !svc->key.fwmark && svc->key.proto == IPPROTO_TCP && conf && (conf->n_nat || may_lack_nat) &&
	       has_port(ops, svc->key.port);
}

/* Is there a service of that family that the helper is for? */
static bool has_work(struct lvs_net *ln, const struct lvs_helper_ops *ops, u8 af, bool may_lack_nat)
{
	struct lvs_service *svc;
	unsigned long id;
	bool found = false;

	rcu_read_lock();
	xa_for_each(&ln->service_ids, id, svc) {
		found = svc->key.af == af && helps(ops, svc, may_lack_nat);
		if (found)
			break;
	}
	rcu_read_unlock();
	return found;
}

/* Turns connection tracking on or off, as services want it. */
static void use_update(struct lvs_net *ln, const struct lvs_helper_ops *ops, u8 af)
{
	const struct lvs_ct_ops *ct = rcu_dereference_protected(ln->ct, lockdep_is_held(&ln->ct_lock));
	bool *used = &ln->ct_used[lvs_af_index(af)];
	bool wanted = ops && has_work(ln, ops, af, *used);

	if (wanted == *used || !ct)
		return;
	if (!wanted) {
		ct->unuse(ln->net, af);
		*used = false;
		return;
	}
	*used = !ct->use(ln->net, af);
	if (!*used)
		pr_warn_ratelimited("lvs: connection tracking is not to be had for the helper \"%s\"\n", ops->name);
}

/**
 * lvs_helper_serve - a service has been changed
 * @svc: service that has just been published, or unpublished
 *
 * Context: process, config lock.
 */
void lvs_helper_serve(const struct lvs_service *svc)
{
	const struct lvs_helper_ops *ops;
	struct lvs_net *ln = svc->ln;

	if (svc->key.fwmark || svc->key.proto != IPPROTO_TCP)
		return;
	mutex_lock(&ln->ct_lock);
	ops = helper_ops(ln);
	if (ops && has_port(ops, svc->key.port))
		use_update(ln, ops, svc->key.af);
	mutex_unlock(&ln->ct_lock);
}

/**
 * lvs_helper_attach - a helper is there, in one namespace
 * @net: namespace
 * @ops: its ports and functions
 *
 * lvs_ct.ko is attached already. Context: process.
 */
void lvs_helper_attach(struct net *net, const struct lvs_helper_ops *ops)
{
	struct lvs_net *ln = lvs_net(net);

	mutex_lock(&ln->ct_lock);
	rcu_assign_pointer(ln->helper, ops);
	use_update(ln, ops, AF_INET);
	use_update(ln, ops, AF_INET6);
	mutex_unlock(&ln->ct_lock);
}
EXPORT_SYMBOL_GPL(lvs_helper_attach);

/**
 * lvs_helper_detach - a helper goes, or the namespace does
 * @net: namespace
 *
 * The caller waits for a grace period before its functions go. Context: process.
 */
void lvs_helper_detach(struct net *net)
{
	struct lvs_net *ln = lvs_net(net);

	mutex_lock(&ln->ct_lock);
	RCU_INIT_POINTER(ln->helper, NULL);
	use_update(ln, NULL, AF_INET);
	use_update(ln, NULL, AF_INET6);
	mutex_unlock(&ln->ct_lock);
}
EXPORT_SYMBOL_GPL(lvs_helper_detach);

/**
 * lvs_helper_wants - whether a new conn is one for the helper
 * @ln: namespace
 * @cp: bound conn that nobody uses yet
 *
 * Context: RCU, BH off. Return: true if it is.
 */
bool lvs_helper_wants(struct lvs_net *ln, const struct lvs_conn *cp)
{
	const struct lvs_helper_ops *ops = rcu_dereference(ln->helper);

	return ops && lvs_conn_proto(cp) == IPPROTO_TCP && lvs_conn_fwd(cp) == IP_VS_CONN_F_MASQ &&
	       has_port(ops, lvs_conn_vport(cp));
}

/**
 * lvs_helper_request - show a client's packet of a tracked conn to the helper, if it is for one
 * @ln: namespace
 * @pkt: the packet; its head may be reallocated
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 * Return: false if the packet must be dropped.
 */
bool lvs_helper_request(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_helper_ops *ops;

	if (!READ_ONCE(cp->helped))
		return true;
	ops = rcu_dereference(ln->helper);
	return !ops || ops->request(ln, pkt, cp);
}

/**
 * lvs_helper_reply - show a server's packet of a tracked conn to the helper, if it is for one
 * @ln: namespace
 * @pkt: the packet; its head may be reallocated, and its payload changed
 * @cp: the conn
 *
 * Context: RCU, BH off, no conn locked.
 * Return: false if the packet must be dropped.
 */
bool lvs_helper_reply(struct lvs_net *ln, struct lvs_pkt *pkt, struct lvs_conn *cp)
{
	const struct lvs_helper_ops *ops;

	if (!READ_ONCE(cp->helped))
		return true;
	ops = rcu_dereference(ln->helper);
	return !ops || ops->reply(ln, pkt, cp);
}
