// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: virtual services
 *
 * Found by packets in an rhashtable under RCU, by configuration under the config lock. A service that an edit has only
 * prepared is in the table but not @live, so that publishing it cannot fail.
 */
#include <linux/hash.h>
#include <linux/rhashtable.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <net/ip.h>

#include "../packet.h"
#include "filter.h"
#include "service.h"

/* Keys are the administrator's: nobody else could choose ones that collide. Each first packet of a conn is looked up here. */
static u32 key_hash(const void *data, u32 len, u32 seed)
{
	const struct lvs_svc_key *key = data;
	u64 high = (u64)key->addr.all[0] << 32 | key->addr.all[1];
	u64 low = (u64)key->addr.all[2] << 32 | key->addr.all[3];
	u64 rest = (u64)(key->fwmark ^ seed) << 32 | (u32)key->af << 24 | (u32)key->proto << 16 | (__force u16)key->port;
	u64 sum = high * GOLDEN_RATIO_64 + low * 0xd6e8feb86659fd93ULL + rest * 0xa0761d6478bd642fULL;

	/* odd numbers without a pattern; what is in the highest bits only comes down, then everything up to the upper half */
	return (sum ^ sum >> 29) * GOLDEN_RATIO_64 >> 32;
}

static int key_cmp(struct rhashtable_compare_arg *arg, const void *obj)
{
	const struct lvs_svc_key *a = arg->key, *b = &((const struct lvs_service *)obj)->key;

	return a->addr.ip6[0] != b->addr.ip6[0] || a->port != b->port || a->fwmark != b->fwmark || a->af != b->af ||
	       a->proto != b->proto || a->addr.ip6[3] != b->addr.ip6[3] || a->addr.ip6[1] != b->addr.ip6[1] ||
	       a->addr.ip6[2] != b->addr.ip6[2];
}

static const struct rhashtable_params service_params = {
	.key_len = sizeof(struct lvs_svc_key),
	.key_offset = offsetof(struct lvs_service, key),
	.head_offset = offsetof(struct lvs_service, node),
	.hashfn = key_hash,
	.obj_cmpfn = key_cmp,
	.automatic_shrinking = true,
};

/**
 * lvs_service_find - find a service by its key
 * @ln: namespace
 * @key: which one; unused members are 0
 *
 * Context: RCU, or the config lock.
 * Return: the service, without a reference, or NULL.
 */
struct lvs_service *lvs_service_find(struct lvs_net *ln, const struct lvs_svc_key *key)
{
	struct lvs_service *svc;

	if (!lvs_net_active(ln))
		return NULL;
	rcu_read_lock();
	svc = rhashtable_lookup(&ln->services, key, service_params);
	rcu_read_unlock();
	/* pairs with the commit of the edit that adds it */
	return svc && smp_load_acquire(&svc->live) ? svc : NULL;
}

/* Whether a client may open a data conn to this port: the server chooses among those that need no privilege. */
static bool is_ftp_data(struct lvs_net *ln, const struct lvs_svc_key *key)
{
	if (key->proto != IPPROTO_TCP || !READ_ONCE(ln->n_ftp[lvs_af_index(key->af)]))
		return false;
	return key->port == htons(LVS_FTP_DATA_PORT) || !inet_port_requires_bind_service(ln->net, ntohs(key->port));
}

/**
 * lvs_service_match - the service that a client's packet is for
 * @ln: namespace
 * @pkt: a parsed TCP or UDP packet
 *
 * A firewall mark wins over the address; the exact port over FTP, whose data ports it may be, and that over the service for
 * any port. Context: RCU.
 * Return: the service, valid until rcu_read_unlock(), or NULL.
 */
struct lvs_service *lvs_service_match(struct lvs_net *ln, const struct lvs_pkt *pkt)
{
	struct lvs_svc_key key = { .af = pkt->af };
	struct lvs_service *svc;

	if (pkt->skb->mark && READ_ONCE(ln->n_fwmark[lvs_af_index(pkt->af)])) {
		key.fwmark = pkt->skb->mark;
		svc = lvs_service_find(ln, &key);
		if (svc)
			return svc;
		key.fwmark = 0;
	}

	key.addr = lvs_key_dst(&pkt->key, pkt->af);
	key.proto = lvs_key_proto(&pkt->key, pkt->af);
	key.port = lvs_key_dport(&pkt->key, pkt->af);
	svc = lvs_service_find(ln, &key);
	if (svc || !key.port)
		return svc;
	if (is_ftp_data(ln, &key)) {
		key.port = htons(LVS_FTP_PORT);
		svc = lvs_service_find(ln, &key);
		if (svc)
			return svc;
	}
	key.port = 0;
	return lvs_service_find(ln, &key);
}

/**
 * lvs_service_counts - a service's statistics
 * @svc: service
 * @counts: set to the sum over its servers and what removed ones left
 *
 * Context: process, config lock.
 */
void lvs_service_counts(const struct lvs_service *svc, struct lvs_counts *counts)
{
	const struct lvs_dest *d;
	struct lvs_counts one;

	lockdep_assert_held(&svc->ln->config_lock);
	*counts = svc->removed;
	list_for_each_entry(d, &svc->dests, list) {
		lvs_stats_read(&d->stats, &one);
		lvs_counts_add(counts, &one);
		/* each is a walk over all CPUs, and there may be ten thousand */
		cond_resched();
	}
}

/**
 * lvs_service_rates - a service's rates
 * @svc: service
 * @rates: set to the sum over its servers, per second
 *
 * Context: process, config lock.
 */
void lvs_service_rates(const struct lvs_service *svc, struct lvs_rates *rates)
{
	const struct lvs_dest *d;

	lockdep_assert_held(&svc->ln->config_lock);
	memset(rates, 0, sizeof(*rates));
	if (!READ_ONCE(svc->ln->knobs.run_estimation))
		return;
	list_for_each_entry(d, &svc->dests, list) {
		lvs_stats_rates_add(&d->stats, rates);
		cond_resched();
	}
	lvs_rates_scale(rates);
}

/**
 * lvs_service_zero - let a service's and its servers' statistics start at 0
 * @svc: service
 *
 * Context: process, config lock.
 */
void lvs_service_zero(struct lvs_service *svc)
{
	struct lvs_dest *d;

	lockdep_assert_held(&svc->ln->config_lock);
	memset(&svc->removed, 0, sizeof(svc->removed));
	list_for_each_entry(d, &svc->dests, list) {
		lvs_stats_zero(&d->stats);
		cond_resched();
	}
}

/**
 * lvs_service_alloc - make a service that nobody sees
 * @ln: namespace
 * @key: which one
 *
 * Context: process.
 * Return: the service, or NULL. To be ended by lvs_service_free() while unpublished.
 */
struct lvs_service *lvs_service_alloc(struct lvs_net *ln, const struct lvs_svc_key *key)
{
	struct lvs_service *svc = kzalloc(sizeof(*svc), GFP_KERNEL_ACCOUNT);

	if (!svc)
		return NULL;
	svc->ln = ln;
	svc->key = *key;
	INIT_LIST_HEAD(&svc->dests);
	INIT_LIST_HEAD(&svc->pe_list);
	return svc;
}

/**
 * lvs_service_hash - put a service into the tables, not live yet
 * @svc: service whose key is in no table
 *
 * Context: process, config lock.
 * Return: 0 or -errno, and nothing has changed.
 */
int lvs_service_hash(struct lvs_service *svc)
{
	struct lvs_net *ln = svc->ln;
	int err;

	lockdep_assert_held(&ln->config_lock);
	svc->id = ln->next_service_id;
	err = xa_insert(&ln->service_ids, svc->id, svc, GFP_KERNEL_ACCOUNT);
	if (err)
		return err;
	err = rhashtable_insert_fast(&ln->services, &svc->node, service_params);
	if (err) {
		xa_erase(&ln->service_ids, svc->id);
		return err;
	}
	ln->next_service_id++;
	lvs_filter_add_vip(ln->filter, &svc->key.addr, svc->key.fwmark, 1);
	return 0;
}

/**
 * lvs_service_unhash - take a service out of the tables
 * @svc: service of lvs_service_hash(), live or not
 *
 * Context: process, config lock. Packets may use it for another grace period.
 */
void lvs_service_unhash(struct lvs_service *svc)
{
	struct lvs_net *ln = svc->ln;

	lockdep_assert_held(&ln->config_lock);
	rhashtable_remove_fast(&ln->services, &svc->node, service_params);
	xa_erase(&ln->service_ids, svc->id);
	lvs_filter_add_vip(ln->filter, &svc->key.addr, svc->key.fwmark, -1);
}

/**
 * lvs_service_free - free a service that no packet can see
 * @svc: service, without servers
 *
 * Context: process.
 */
void lvs_service_free(struct lvs_service *svc)
{
	kfree(svc);
}

static void service_free_work(struct work_struct *work)
{
	lvs_service_free(container_of(to_rcu_work(work), struct lvs_service, rwork));
}

/**
 * lvs_service_retire - free a service after a grace period
 * @svc: service that has been unhashed, without servers
 *
 * Context: any.
 */
void lvs_service_retire(struct lvs_service *svc)
{
	INIT_RCU_WORK(&svc->rwork, service_free_work);
	queue_rcu_work(lvs_wq, &svc->rwork);
}

/**
 * lvs_service_table_init - make the table of services
 * @ln: namespace
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int lvs_service_table_init(struct lvs_net *ln)
{
	return rhashtable_init(&ln->services, &service_params);
}

/**
 * lvs_service_table_exit - free the table of services
 * @ln: namespace; it has no service
 */
void lvs_service_table_exit(struct lvs_net *ln)
{
	rhashtable_destroy(&ln->services);
}
