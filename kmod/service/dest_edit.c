// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: edits of real servers
 *
 * See service/edit.c for the two phases. A server that is taken off a service keeps the service's reference until a grace
 * period after the snapshot that listed it was replaced: packets pick from the old pool that long.
 */
#include <linux/inetdevice.h>
#include <linux/netlink.h>
#include <linux/slab.h>
#include <net/addrconf.h>
#include <net/ip6_route.h>
#include <net/route.h>

#include "../fwd/fwd.h"
#include "../hook/hook.h"
#include "edit_priv.h"

/* One reference to drop after a grace period. */
struct lvs_unlisted {
	struct rcu_head rcu;
	struct lvs_dest *dest;
};

static void unlisted_rcu(struct rcu_head *rcu)
{
	struct lvs_unlisted *u = container_of(rcu, struct lvs_unlisted, rcu);

	lvs_dest_put(u->dest);
	kfree(u);
}

/**
 * lvs_dest_unlist - take a server off its service
 * @dest: listed server
 *
 * No new conn goes to it from here on; what its conns still need lives with their references. The service's own reference
 * goes to a list that lvs_dests_unlisted() sees to. Context: process, config lock.
 */
void lvs_dest_unlist(struct lvs_dest *dest)
{
	struct lvs_service *svc = dest->svc;
	struct lvs_counts counts;

	clear_bit(LVS_DEST_AVAILABLE, &dest->state);
	lvs_stats_read(&dest->stats, &counts);
	lvs_counts_add(&svc->removed, &counts);
	svc->n_dests--;
	dest->svc = NULL;
	list_move(&dest->list, &svc->ln->unlisted);
}

/**
 * lvs_dests_unlisted - drop the service's reference of servers that were unlisted, after a grace period
 * @ln: namespace; the pools that listed them have been unpublished
 *
 * Context: process, config lock; waits itself where there is no memory to wait asynchronously.
 */
void lvs_dests_unlisted(struct lvs_net *ln)
{
	struct lvs_dest *dest, *next;

	lockdep_assert_held(&ln->config_lock);
	if (!list_empty(&ln->unlisted))
		lvs_nodest_expire(ln);
	list_for_each_entry_safe(dest, next, &ln->unlisted, list) {
		struct lvs_unlisted *u = kmalloc(sizeof(*u), GFP_KERNEL);

		list_del_init(&dest->list);
		if (u) {
			u->dest = dest;
			call_rcu(&u->rcu, unlisted_rcu);
		} else {
			synchronize_rcu();
			lvs_dest_put(dest);
		}
	}
}

static bool addr_is_local6(struct net *net, const struct in6_addr *addr)
{
	return ipv6_chk_addr(net, addr, NULL, 0);
}

/* A server's address must be one that a packet can be sent to, or be delivered to here. */
static int addr_check(struct net *net, u16 af, const union nf_inet_addr *addr, struct netlink_ext_ack *extack)
{
	bool ok;

	if (af == AF_INET6) {
		int type = ipv6_addr_type(&addr->in6);

		ok = ((type & IPV6_ADDR_UNICAST) && !(type & IPV6_ADDR_LINKLOCAL)) || addr_is_local6(net, &addr->in6);
	} else {
		unsigned int type = inet_addr_type(net, addr->ip);

		ok = type == RTN_LOCAL || type == RTN_UNICAST;
	}
	if (ok)
		return 0;
	NL_SET_ERR_MSG(extack, "address of a server must be unicast or local");
	return -EINVAL;
}

static int tunnel_check(const struct lvs_dest_spec *spec, struct netlink_ext_ack *extack)
{
	if (spec->tun_type == IP_VS_CONN_F_TUNNEL_TYPE_GUE && !spec->tun_port) {
		NL_SET_ERR_MSG(extack, "a GUE tunnel needs a port");
		return -EINVAL;
	}
	if (lvs_encap_known(spec->tun_type))
		return 0;
	pr_warn_ratelimited("lvs: tunnel type %u refused: there are ipip, gue and gre\n", spec->tun_type);
	NL_SET_ERR_MSG(extack, "no such tunnel type: there are ipip, gue and gre");
	return -EOPNOTSUPP;
}

static int spec_check(const struct lvs_service *svc, const struct lvs_dest_spec *spec, u16 af,
		      struct netlink_ext_ack *extack)
{
	if (spec->weight < 0) {
		NL_SET_ERR_MSG(extack, "weight must not be negative");
		return -ERANGE;
	}
	if (spec->l_threshold > spec->u_threshold) {
		NL_SET_ERR_MSG(extack, "lower threshold must not be above the upper one");
		return -ERANGE;
	}
	if (spec->u_threshold > INT_MAX) {
		NL_SET_ERR_MSG(extack, "upper threshold must be below 2^31");
		return -EINVAL;
	}
	if (!lvs_fwd_find(spec->fwd, svc->key.af, af)) {
		if (af != svc->key.af)
			NL_SET_ERR_MSG(extack, "a server of another family than its service needs tunnel forwarding");
		else
			NL_SET_ERR_MSG(extack, "no such forwarding method");
		return -EINVAL;
	}
	return tunnel_check(spec, extack);
}

static int is_nat(u32 fwd)
{
	return fwd == IP_VS_CONN_F_MASQ;
}

static u16 spec_conn_flags(const struct lvs_dest_spec *spec)
{
	/* until its protocol says otherwise a conn counts as inactive */
	u16 flags = spec->fwd | IP_VS_CONN_F_INACTIVE;

	if (spec->fwd != IP_VS_CONN_F_MASQ)
		flags |= IP_VS_CONN_F_NOOUTPUT;
	if (spec->one_packet)
		flags |= IP_VS_CONN_F_ONE_PACKET;
	return flags;
}

static u16 spec_af(const struct lvs_service *svc, const struct lvs_dest_spec *spec)
{
	return spec->af ?: svc->key.af;
}

static void dest_key_fill(struct lvs_dest_key *key, const struct lvs_service *svc, const struct lvs_dest_spec *spec)
{
	memset(key, 0, sizeof(*key));
	key->svc = svc->key;
	key->addr = spec->addr;
	key->port = spec->port;
	key->af = spec_af(svc, spec);
}

/*
 * Turns a new pool into the edit's snapshot, with the scheduler that the service has. @nat is by how many its NAT servers
 * grow.
 */
static int conf_from_pool(struct lvs_edit *edit, struct lvs_pool *pool, int nat, struct netlink_ext_ack *extack)
{
	const struct lvs_service_conf *old = lvs_service_conf(edit->svc);
	int err;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	err = lvs_sched_attach(pool, old->pool->sched, edit->svc->key.af, GFP_KERNEL_ACCOUNT);
	if (err) {
		lvs_pool_discard(pool);
		if (err == -EINVAL)
			NL_SET_ERR_MSG(extack, "more servers than the service's scheduler can serve");
		return err;
	}
	edit->conf = lvs_conf_alloc(old, pool);
	if (!edit->conf)
		return -ENOMEM;
	edit->conf->n_nat += nat;
	return 0;
}

/* Sets all that can be edited, but the weight in the snapshot. */
static void dest_set(struct lvs_dest *dest, const struct lvs_dest_spec *spec)
{
	const struct lvs_tunnel tun = { .type = spec->tun_type, .flags = spec->tun_flags, .port = spec->tun_port };

	WRITE_ONCE(dest->weight, spec->weight);
	if (spec->weight)
		WRITE_ONCE(dest->last_weight, spec->weight);
	if (spec_conn_flags(spec) != dest->conn_flags)
		lvs_egress_drop(dest);
	WRITE_ONCE(dest->conn_flags, spec_conn_flags(spec));
	lvs_egress_set_tunnel(dest, &tun);
	WRITE_ONCE(dest->u_threshold, spec->u_threshold);
	WRITE_ONCE(dest->l_threshold, spec->l_threshold);
	lvs_dest_check_overload(dest);
}

/* A tombstone comes back with its counts if it comes back to the very service that it was taken off. */
static void dest_restore_counts(struct lvs_service *svc, struct lvs_dest *dest)
{
	struct lvs_counts counts;

	if (dest->svc_id == svc->id) {
		lvs_stats_read(&dest->stats, &counts);
		lvs_counts_sub(&svc->removed, &counts);
	} else {
		lvs_stats_zero(&dest->stats);
	}
}

static void dest_add_commit(struct lvs_edit *edit)
{
	struct lvs_service *svc = edit->svc;
	struct lvs_dest *dest = edit->dest;

	dest_set(dest, &edit->dest_spec);
	if (edit->revived)
		dest_restore_counts(svc, dest);
	dest->svc = svc;
	dest->svc_id = svc->id;
	list_add(&dest->list, &svc->dests);
	svc->n_dests++;
	/* the flag orders nothing: a packet that picks from the new pool a moment early passes the server over */
	set_bit(LVS_DEST_AVAILABLE, &dest->state);
	lvs_conf_publish(svc, edit->conf);
}

static void dest_add_abort(struct lvs_edit *edit)
{
	lvs_conf_discard(edit->conf);
	lvs_dest_put(edit->dest);
}

static const struct lvs_edit_ops dest_add_ops = {
	.commit = dest_add_commit,
	.abort = dest_add_abort,
};

/* Finds or makes the server to add. The edit owns a reference on it. */
static int dest_get_or_make(struct lvs_edit *edit, const struct lvs_dest_spec *spec, struct netlink_ext_ack *extack)
{
	struct lvs_dest_key key;
	int err;

	dest_key_fill(&key, edit->svc, spec);
	edit->dest = lvs_dest_find_get(edit->ln, &key);
	if (edit->dest && edit->dest->svc) {
		lvs_dest_put(edit->dest);
		NL_SET_ERR_MSG(extack, "server exists already in this service");
		return -EEXIST;
	}
	edit->revived = edit->dest;
	err = edit->dest ? 0 : addr_check(edit->ln->net, key.af, &key.addr, extack);
	/* the last service may have gone since, and the hooks with it */
	if (!err && key.af != edit->svc->key.af)
		err = lvs_hooks_get_both(edit->ln);
	if (err) {
		if (edit->dest)
			lvs_dest_put(edit->dest);
		return err;
	}
	if (!edit->dest)
		edit->dest = lvs_dest_alloc(edit->ln, &key);
	return PTR_ERR_OR_ZERO(edit->dest);
}

/**
 * lvs_edit_dest_add - prepare to add a server
 * @ln: namespace
 * @key: service
 * @spec: the server
 * @edit: filled in
 * @extack: told what is wrong
 *
 * Context: process, config lock.
 * Return: 0; -ESRCH (service), -EEXIST, -ERANGE, -EINVAL, -EOPNOTSUPP or -ENOMEM.
 */
int lvs_edit_dest_add(struct lvs_net *ln, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		      struct lvs_edit *edit, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&ln->config_lock);
	*edit = (struct lvs_edit){ .ops = &dest_add_ops, .ln = ln, .dest_spec = *spec };
	edit->svc = lvs_edit_find(ln, key, extack);
	if (!edit->svc)
		return -ESRCH;
	err = spec_check(edit->svc, spec, spec_af(edit->svc, spec), extack);
	if (err)
		return err;
	err = dest_get_or_make(edit, spec, extack);
	if (err)
		return err;
	err = conf_from_pool(edit, lvs_pool_add(lvs_service_conf(edit->svc)->pool, edit->dest, spec->weight,
						GFP_KERNEL_ACCOUNT), is_nat(spec->fwd), extack);
	if (err)
		lvs_dest_put(edit->dest);
	return err;
}

/* The listed server that an edit is about, without a reference: the service's keeps it. */
static struct lvs_dest *dest_find(struct lvs_edit *edit, const struct lvs_dest_spec *spec,
				  struct netlink_ext_ack *extack)
{
	struct lvs_dest_key key;
	struct lvs_dest *dest;
	bool listed;

	dest_key_fill(&key, edit->svc, spec);
	dest = lvs_dest_find_get(edit->ln, &key);
	listed = dest && dest->svc;
	if (dest)
		lvs_dest_put(dest);
	if (listed)
		return dest;
	NL_SET_ERR_MSG(extack, "no such server in this service");
	return NULL;
}

static void dest_set_commit(struct lvs_edit *edit)
{
	dest_set(edit->dest, &edit->dest_spec);
	lvs_conf_publish(edit->svc, edit->conf);
}

static void dest_set_abort(struct lvs_edit *edit)
{
	lvs_conf_discard(edit->conf);
}

static const struct lvs_edit_ops dest_set_ops = {
	.commit = dest_set_commit,
	.abort = dest_set_abort,
};

/**
 * lvs_edit_dest_set - prepare to change a server
 * @ln: namespace
 * @key: service
 * @spec: the server as it shall be
 * @edit: filled in
 * @extack: told what is wrong
 *
 * Context: process, config lock.
 * Return: 0; -ESRCH (service), -ENOENT, -ERANGE, -EINVAL, -EOPNOTSUPP or -ENOMEM.
 */
int lvs_edit_dest_set(struct lvs_net *ln, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		      struct lvs_edit *edit, struct netlink_ext_ack *extack)
{
	int err;

	lockdep_assert_held(&ln->config_lock);
	*edit = (struct lvs_edit){ .ops = &dest_set_ops, .ln = ln, .dest_spec = *spec };
	edit->svc = lvs_edit_find(ln, key, extack);
	if (!edit->svc)
		return -ESRCH;
	err = spec_check(edit->svc, spec, spec_af(edit->svc, spec), extack);
	if (err)
		return err;
	edit->dest = dest_find(edit, spec, extack);
	if (!edit->dest)
		return -ENOENT;
	return conf_from_pool(edit, lvs_pool_reweight(lvs_service_conf(edit->svc)->pool, edit->dest, spec->weight,
						      GFP_KERNEL_ACCOUNT),
			      is_nat(spec->fwd) - is_nat(lvs_dest_fwd_method(edit->dest)), extack);
}

static void dest_del_commit(struct lvs_edit *edit)
{
	lvs_dest_unlist(edit->dest);
	lvs_conf_publish(edit->svc, edit->conf);
	lvs_dests_unlisted(edit->ln);
}

static const struct lvs_edit_ops dest_del_ops = {
	.commit = dest_del_commit,
	.abort = dest_set_abort,
};

/**
 * lvs_edit_dest_del - prepare to remove a server
 * @ln: namespace
 * @key: service
 * @spec: the server: address, port and family
 * @edit: filled in
 * @extack: told what is wrong
 *
 * Context: process, config lock.
 * Return: 0; -ESRCH (service), -ENOENT or -ENOMEM.
 */
int lvs_edit_dest_del(struct lvs_net *ln, const struct lvs_svc_key *key, const struct lvs_dest_spec *spec,
		      struct lvs_edit *edit, struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&ln->config_lock);
	*edit = (struct lvs_edit){ .ops = &dest_del_ops, .ln = ln, .dest_spec = *spec };
	edit->svc = lvs_edit_find(ln, key, extack);
	if (!edit->svc)
		return -ESRCH;
	edit->dest = dest_find(edit, spec, extack);
	if (!edit->dest)
		return -ENOENT;
	return conf_from_pool(edit, lvs_pool_remove(lvs_service_conf(edit->svc)->pool, edit->dest,
						    GFP_KERNEL_ACCOUNT), -is_nat(lvs_dest_fwd_method(edit->dest)),
			      extack);
}
