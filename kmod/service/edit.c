// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: configuration in two phases
 *
 * Every front end changes services and servers through these functions: prepare, then commit or abort, under one hold of
 * the config lock. What a packet sees of a service changes in one step: the pointer to its snapshot (struct
 * lvs_service_conf), which stands with the pool and its scheduler's table. So packets meet the old configuration or the
 * new one, and the new one from the moment commit returns.
 */
#include <linux/module.h>
#include <linux/netlink.h>
#include <linux/rculist.h>
#include <linux/slab.h>

#include "../companion/helper.h"
#include "../dest/stray.h"
#include "../hook/hook.h"
#include "../sched/locality.h"
#include "../test/latch.h"
#include "edit_priv.h"

/* Longest persistence timeout that fits 32-bit jiffies, seconds. */
#define LVS_TIMEOUT_MAX (S32_MAX / HZ)

static int key_check(const struct lvs_svc_key *key, struct netlink_ext_ack *extack)
{
	if (key->fwmark || key->proto == IPPROTO_TCP || key->proto == IPPROTO_UDP || key->proto == IPPROTO_SCTP)
		return 0;
	pr_warn_ratelimited("lvs: service of protocol %u refused: only TCP, UDP and SCTP are balanced\n", key->proto);
	NL_SET_ERR_MSG(extack, "protocol is not supported: only TCP, UDP and SCTP are balanced");
	return -EPROTONOSUPPORT;
}

static int spec_check(const struct lvs_service_spec *spec, struct netlink_ext_ack *extack)
{
	int err = key_check(&spec->key, extack);

	if (err)
		return err;
	if (spec->pe[0] && !lvs_pe_find(spec->pe)) {
		pr_warn_ratelimited("lvs: persistence engine \"%s\" refused: there is none of that name\n", spec->pe);
		NL_SET_ERR_MSG(extack, "no persistence engine of that name");
		return -ENOENT;
	}
	if (spec->key.af == AF_INET6 && (spec->netmask < 1 || spec->netmask > 128)) {
		NL_SET_ERR_MSG(extack, "netmask of an IPv6 service must be a prefix length from 1 to 128");
		return -EINVAL;
	}
	return 0;
}

static const struct lvs_sched_ops *sched_find(const char *name, struct netlink_ext_ack *extack)
{
	const struct lvs_sched_ops *sched = lvs_sched_find(name);

	if (!sched) {
		pr_warn_ratelimited("lvs: scheduler \"%s\" refused: there is none of that name\n", name);
		NL_SET_ERR_MSG(extack, "no scheduler of that name");
	}
	return sched;
}

/**
 * lvs_conf_alloc - make a snapshot
 * @like: snapshot to take the parameters from, or NULL
 * @pool: its pool; owned by the snapshot if that is made, otherwise discarded
 *
 * Context: process.
 * Return: the snapshot or NULL. To be published, or ended by lvs_conf_discard().
 */
struct lvs_service_conf *lvs_conf_alloc(const struct lvs_service_conf *like, struct lvs_pool *pool)
{
	struct lvs_service_conf *conf = kzalloc(sizeof(*conf), GFP_KERNEL_ACCOUNT);

	if (!conf) {
		lvs_pool_discard(pool);
		return NULL;
	}
	if (like)
		*conf = *like;
	conf->pool = pool;
	return conf;
}

/**
 * lvs_conf_discard - free a snapshot that was never published
 * @conf: snapshot, with its pool
 */
void lvs_conf_discard(struct lvs_service_conf *conf)
{
	lvs_pool_discard(conf->pool);
	kfree(conf);
}

/**
 * lvs_conf_publish - put a new snapshot into force
 * @svc: service
 * @conf: snapshot; NULL: the service is going
 *
 * Context: process, config lock. The old snapshot is freed after a grace period.
 */
void lvs_conf_publish(struct lvs_service *svc, struct lvs_service_conf *conf)
{
	struct lvs_service_conf *old = lvs_service_conf(svc);

	rcu_assign_pointer(svc->conf, conf);
	lvs_latch_sleep(publish);
	lvs_helper_serve(svc);
	if (!old)
		return;
	lvs_pool_retire(old->pool, conf ? conf->pool : NULL);
	kfree_rcu(old, rcu);
}

static void conf_set_params(struct lvs_service_conf *conf, const struct lvs_service_spec *spec)
{
	conf->flags = (conf->flags & ~spec->flags_mask) | (spec->flags & spec->flags_mask) | IP_VS_SVC_F_HASHED;
	conf->timeout = min_t(u32, spec->timeout, LVS_TIMEOUT_MAX);
	conf->netmask = spec->netmask;
	conf->pe = spec->pe[0] ? lvs_pe_find(spec->pe) : NULL;
}

/* A snapshot with the servers of @old (NULL: none), the scheduler @sched and the parameters of @spec. */
static struct lvs_service_conf *conf_prepare(const struct lvs_service_conf *old, const struct lvs_sched_ops *sched,
					     const struct lvs_service_spec *spec)
{
	struct lvs_service_conf *conf;
	struct lvs_pool *pool;
	int err;

	pool = old ? lvs_pool_clone(old->pool, GFP_KERNEL_ACCOUNT) : lvs_pool_alloc(GFP_KERNEL_ACCOUNT);
	if (IS_ERR(pool))
		return ERR_CAST(pool);
	err = lvs_sched_attach(pool, sched, spec->key.af, GFP_KERNEL_ACCOUNT);
	if (err) {
		lvs_pool_discard(pool);
		return ERR_PTR(err);
	}
	conf = lvs_conf_alloc(old, pool);
	if (!conf)
		return ERR_PTR(-ENOMEM);
	conf_set_params(conf, spec);
	return conf;
}

/* After what time the scheduler forgets the addresses that it remembers; NULL if it remembers none. */
static const int *sched_expiration(const struct lvs_net *ln, const struct lvs_sched_ops *sched)
{
	if (sched == &lvs_sched_lblc)
		return &ln->knobs.lblc_expiration;
	return sched == &lvs_sched_lblcr ? &ln->knobs.lblcr_expiration : NULL;
}

/* The service of @edit gets @sched in the place of @old (NULL: a new service). */
static int locality_prepare(struct lvs_edit *edit, const struct lvs_sched_ops *old, const struct lvs_sched_ops *sched)
{
	const int *expiration = sched_expiration(edit->ln, sched);

	edit->new_sched = sched != old;
	if (!edit->new_sched || !expiration)
		return 0;
	edit->locality = lvs_locality_alloc(edit->ln, expiration);
	return edit->locality ? 0 : -ENOMEM;
}

/* Gives the service the memory of addresses that was prepared, or none. The old one is freed after a grace period. */
static void locality_commit(struct lvs_service *svc, struct lvs_locality *new)
{
	struct lvs_locality *old = rcu_dereference_protected(svc->state.locality,
							     lockdep_is_held(&svc->ln->config_lock));

	rcu_assign_pointer(svc->state.locality, new);
	lvs_locality_retire(old);
}

static void count_service(struct lvs_net *ln, const struct lvs_svc_key *key, int n)
{
	unsigned int f = lvs_af_index(key->af);

	ln->n_services[f] += n;
	if (key->fwmark)
		WRITE_ONCE(ln->n_fwmark[f], ln->n_fwmark[f] + n);
	if (lvs_svc_is_ftp(key))
		WRITE_ONCE(ln->n_ftp[f], ln->n_ftp[f] + n);
}

/* Only a mark can catch packets that have another destination than this host. */
static int nobody_want(struct lvs_net *ln, const struct lvs_svc_key *key)
{
	return key->fwmark ? lvs_dest_nobody_make(ln, key->af) : 0;
}

static void nobody_trim(struct lvs_net *ln, const struct lvs_svc_key *key)
{
	if (!ln->n_fwmark[lvs_af_index(key->af)])
		lvs_dest_nobody_drop(ln, key->af);
}

/*
 * Packets of servers look for services with a persistence engine. One that has lost it stays: they may stand at it, and it
 * may come back to where they come from.
 */
static void pe_commit(struct lvs_service *svc, const struct lvs_service_conf *conf)
{
	if (conf->pe && list_empty(&svc->pe_list))
		list_add_rcu(&svc->pe_list, &svc->ln->pe_services);
}

static void service_add_commit(struct lvs_edit *edit)
{
	count_service(edit->ln, &edit->svc->key, 1);
	locality_commit(edit->svc, edit->locality);
	pe_commit(edit->svc, edit->conf);
	lvs_conf_publish(edit->svc, edit->conf);
	/* pairs with lvs_service_find() */
	smp_store_release(&edit->svc->live, true);
}

static void service_add_abort(struct lvs_edit *edit)
{
	lvs_service_unhash(edit->svc);
	lvs_conf_discard(edit->conf);
	lvs_locality_retire(edit->locality);
	/* a packet may have met it in the table, though it was not live */
	lvs_service_retire(edit->svc);
	nobody_trim(edit->ln, &edit->svc->key);
	if (!edit->ln->n_services[lvs_af_index(edit->svc->key.af)])
		lvs_hooks_put(edit->ln, edit->svc->key.af);
}

static const struct lvs_edit_ops service_add_ops = {
	.commit = service_add_commit,
	.abort = service_add_abort,
};

static struct lvs_service *service_make(struct lvs_net *ln, const struct lvs_svc_key *key)
{
	struct lvs_service *svc;
	int err;

	svc = lvs_service_alloc(ln, key);
	if (!svc)
		return ERR_PTR(-ENOMEM);
	err = lvs_hooks_get(ln, key->af);
	if (err)
		goto free_service;
	err = key->fwmark && key->af == AF_INET6 ? lvs_hooks_whole6(ln) : 0;
	if (!err)
		err = nobody_want(ln, key);
	if (!err)
		err = lvs_service_hash(svc);
	if (!err)
		return svc;

	nobody_trim(ln, key);
	if (!ln->n_services[lvs_af_index(key->af)])
		lvs_hooks_put(ln, key->af);
free_service:
	/* who walks over all services may have met it */
	lvs_service_retire(svc);
	return ERR_PTR(err);
}

/**
 * lvs_edit_service_add - prepare to add a service
 * @ln: namespace
 * @spec: the service
 * @edit: filled in
 * @extack: told what is wrong
 *
 * Context: process, config lock.
 * Return: 0; -EEXIST, -ENOENT (scheduler, persistence engine), -EPROTONOSUPPORT, -EINVAL or -ENOMEM.
 */
int lvs_edit_service_add(struct lvs_net *ln, const struct lvs_service_spec *spec, struct lvs_edit *edit,
			 struct netlink_ext_ack *extack)
{
	const struct lvs_sched_ops *sched;
	int err;

	lockdep_assert_held(&ln->config_lock);
	*edit = (struct lvs_edit){ .ops = &service_add_ops, .ln = ln };
	if (ln->dying)
		return -ESHUTDOWN;
	if (lvs_service_find(ln, &spec->key)) {
		NL_SET_ERR_MSG(extack, "service exists already");
		return -EEXIST;
	}
	sched = sched_find(spec->sched, extack);
	if (!sched)
		return -ENOENT;
	err = spec_check(spec, extack);
	if (err)
		return err;
	err = lvs_net_activate(ln);
	if (err)
		return err;
	edit->conf = conf_prepare(NULL, sched, spec);
	if (IS_ERR(edit->conf))
		return PTR_ERR(edit->conf);
	err = locality_prepare(edit, NULL, sched);
	if (err)
		goto discard_conf;
	edit->svc = service_make(ln, &spec->key);
	if (IS_ERR(edit->svc)) {
		err = PTR_ERR(edit->svc);
		goto retire_locality;
	}
	edit->svc->user_proto = spec->user_proto;
	return 0;

retire_locality:
	lvs_locality_retire(edit->locality);
discard_conf:
	lvs_conf_discard(edit->conf);
	return err;
}

static void service_set_commit(struct lvs_edit *edit)
{
	if (edit->new_sched)
		locality_commit(edit->svc, edit->locality);
	pe_commit(edit->svc, edit->conf);
	lvs_conf_publish(edit->svc, edit->conf);
}

static void service_set_abort(struct lvs_edit *edit)
{
	lvs_locality_retire(edit->locality);
	lvs_conf_discard(edit->conf);
}

static const struct lvs_edit_ops service_set_ops = {
	.commit = service_set_commit,
	.abort = service_set_abort,
};

/**
 * lvs_edit_service_set - prepare to change a service
 * @ln: namespace
 * @spec: the service as it shall be
 * @edit: filled in
 * @extack: told what is wrong
 *
 * Context: process, config lock.
 * Return: 0; -ESRCH, -ENOENT (scheduler, persistence engine), -EINVAL or -ENOMEM.
 */
int lvs_edit_service_set(struct lvs_net *ln, const struct lvs_service_spec *spec, struct lvs_edit *edit,
			 struct netlink_ext_ack *extack)
{
	const struct lvs_sched_ops *sched;
	int err;

	lockdep_assert_held(&ln->config_lock);
	*edit = (struct lvs_edit){ .ops = &service_set_ops, .ln = ln };
	edit->svc = lvs_edit_find(ln, &spec->key, extack);
	if (!edit->svc)
		return -ESRCH;
	sched = sched_find(spec->sched, extack);
	if (!sched)
		return -ENOENT;
	err = spec_check(spec, extack);
	if (err)
		return err;
	edit->conf = conf_prepare(lvs_service_conf(edit->svc), sched, spec);
	if (IS_ERR(edit->conf))
		return PTR_ERR(edit->conf);
	err = locality_prepare(edit, lvs_service_conf(edit->svc)->pool->sched, sched);
	if (err)
		lvs_conf_discard(edit->conf);
	return err;
}

/* Takes a service out of force. Hooks are left to the caller. */
static void service_remove(struct lvs_service *svc)
{
	struct lvs_dest *dest, *next;

	WRITE_ONCE(svc->live, false);
	lvs_service_unhash(svc);
	count_service(svc->ln, &svc->key, -1);
	nobody_trim(svc->ln, &svc->key);
	if (!list_empty(&svc->pe_list))
		list_del_rcu(&svc->pe_list);
	list_for_each_entry_safe(dest, next, &svc->dests, list)
		lvs_dest_unlist(dest);
	lvs_conf_publish(svc, NULL);
	locality_commit(svc, NULL);
	lvs_dests_unlisted(svc->ln);
	lvs_service_retire(svc);
}

static void service_del_commit(struct lvs_edit *edit)
{
	u8 af = edit->svc->key.af;

	service_remove(edit->svc);
	if (!edit->ln->n_services[lvs_af_index(af)])
		lvs_hooks_put(edit->ln, af);
}

static void service_del_abort(struct lvs_edit *edit)
{
}

static const struct lvs_edit_ops service_del_ops = {
	.commit = service_del_commit,
	.abort = service_del_abort,
};

/**
 * lvs_edit_service_del - prepare to remove a service
 * @ln: namespace
 * @key: which one
 * @edit: filled in
 * @extack: told what is wrong
 *
 * Context: process, config lock.
 * Return: 0 or -ESRCH.
 */
int lvs_edit_service_del(struct lvs_net *ln, const struct lvs_svc_key *key, struct lvs_edit *edit,
			 struct netlink_ext_ack *extack)
{
	lockdep_assert_held(&ln->config_lock);
	*edit = (struct lvs_edit){ .ops = &service_del_ops, .ln = ln };
	edit->svc = lvs_edit_find(ln, key, extack);
	return edit->svc ? 0 : -ESRCH;
}

/**
 * lvs_edit_find - the service that an edit is about
 * @ln: namespace
 * @key: which one
 * @extack: told if there is none
 *
 * Context: process, config lock.
 * Return: the service or NULL.
 */
struct lvs_service *lvs_edit_find(struct lvs_net *ln, const struct lvs_svc_key *key, struct netlink_ext_ack *extack)
{
	struct lvs_service *svc = lvs_service_find(ln, key);

	if (!svc)
		NL_SET_ERR_MSG(extack, "no such service");
	return svc;
}

/**
 * lvs_edit_commit - put a prepared edit into force
 * @edit: prepared by one of the functions above, under the same hold of the config lock
 *
 * Cannot fail. Packets see the change from the return on, if not before. Context: process, config lock; may sleep.
 */
void lvs_edit_commit(struct lvs_edit *edit)
{
	lockdep_assert_held(&edit->ln->config_lock);
	edit->ops->commit(edit);
	lvs_pool_throttle();
}

/**
 * lvs_edit_abort - forget a prepared edit
 * @edit: see lvs_edit_commit()
 *
 * Context: process, config lock.
 */
void lvs_edit_abort(struct lvs_edit *edit)
{
	lockdep_assert_held(&edit->ln->config_lock);
	edit->ops->abort(edit);
}

/**
 * lvs_flush - remove all services of a namespace
 * @ln: namespace
 *
 * Context: process, config lock.
 */
void lvs_flush(struct lvs_net *ln)
{
	struct lvs_service *svc;
	unsigned long id;
	u8 af;

	lockdep_assert_held(&ln->config_lock);
	xa_for_each(&ln->service_ids, id, svc) {
		service_remove(svc);
		lvs_pool_throttle();
	}
	for (af = 0; af < 2; af++)
		lvs_hooks_put(ln, af ? AF_INET6 : AF_INET);
}

/**
 * lvs_zero_all - let all statistics of a namespace start at 0
 * @ln: namespace
 *
 * Context: process, config lock.
 */
void lvs_zero_all(struct lvs_net *ln)
{
	struct lvs_service *svc;
	unsigned long id;

	lockdep_assert_held(&ln->config_lock);
	xa_for_each(&ln->service_ids, id, svc) {
		lvs_service_zero(svc);
		cond_resched();
	}
	lvs_stats_zero(&ln->total);
}
