// SPDX-License-Identifier: GPL-2.0
/*
 * DOC: replies of the IPVS family
 *
 * Clients depend on their exact shape: nests without NLA_F_NESTED, attributes in this order, addresses of 16 bytes, and
 * nothing that the kernel's own IPVS does not send there: one client gives up on any attribute that it does not know.
 */
#include <linux/ip_vs.h>
#include <linux/string.h>

#include "../dest/dest.h"
#include "../net.h"
#include "../service/service.h"
#include "ipvs_msg.h"

/* Old clients read this one: counters of packets and conns wrap at 2^32 in it. */
static int stats_fill(struct sk_buff *skb, int type, const struct lvs_counts *counts, const struct lvs_rates *rates)
{
	struct nlattr *nest = nla_nest_start_noflag(skb, type);

	if (!nest ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_CONNS, counts->conns) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_INPKTS, counts->inpkts) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_OUTPKTS, counts->outpkts) ||
	    nla_put_u64_64bit(skb, IPVS_STATS_ATTR_INBYTES, counts->inbytes, IPVS_STATS_ATTR_PAD) ||
	    nla_put_u64_64bit(skb, IPVS_STATS_ATTR_OUTBYTES, counts->outbytes, IPVS_STATS_ATTR_PAD) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_CPS, rates->cps) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_INPPS, rates->inpps) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_OUTPPS, rates->outpps) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_INBPS, rates->inbps) ||
	    nla_put_u32(skb, IPVS_STATS_ATTR_OUTBPS, rates->outbps))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int stats64_fill(struct sk_buff *skb, int type, const struct lvs_counts *counts,
			const struct lvs_rates *rates)
{
	const u64 values[] = {
		[IPVS_STATS_ATTR_CONNS] = counts->conns,
		[IPVS_STATS_ATTR_INPKTS] = counts->inpkts,
		[IPVS_STATS_ATTR_OUTPKTS] = counts->outpkts,
		[IPVS_STATS_ATTR_INBYTES] = counts->inbytes,
		[IPVS_STATS_ATTR_OUTBYTES] = counts->outbytes,
		[IPVS_STATS_ATTR_CPS] = rates->cps,
		[IPVS_STATS_ATTR_INPPS] = rates->inpps,
		[IPVS_STATS_ATTR_OUTPPS] = rates->outpps,
		[IPVS_STATS_ATTR_INBPS] = rates->inbps,
		[IPVS_STATS_ATTR_OUTBPS] = rates->outbps,
	};
	struct nlattr *nest = nla_nest_start_noflag(skb, type);
	int attr;

	if (!nest)
		return -EMSGSIZE;
	for (attr = IPVS_STATS_ATTR_CONNS; attr <= IPVS_STATS_ATTR_OUTBPS; attr++)
		if (nla_put_u64_64bit(skb, attr, values[attr], IPVS_STATS_ATTR_PAD))
			return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int service_key_fill(struct sk_buff *skb, const struct lvs_svc_key *key)
{
	if (nla_put_u16(skb, IPVS_SVC_ATTR_AF, key->af))
		return -EMSGSIZE;
	if (key->fwmark)
		return nla_put_u32(skb, IPVS_SVC_ATTR_FWMARK, key->fwmark);
	if (nla_put_u16(skb, IPVS_SVC_ATTR_PROTOCOL, key->proto) ||
	    nla_put(skb, IPVS_SVC_ATTR_ADDR, sizeof(key->addr), &key->addr) ||
	    nla_put_be16(skb, IPVS_SVC_ATTR_PORT, key->port))
		return -EMSGSIZE;
	return 0;
}

/**
 * lvs_ipvs_service_fill - write the SERVICE nest of a reply
 * @skb: the reply
 * @svc: the service
 *
 * Context: process, config lock.
 * Return: 0, or -EMSGSIZE after which the caller must cancel the message.
 */
int lvs_ipvs_service_fill(struct sk_buff *skb, const struct lvs_service *svc)
{
	const struct lvs_service_conf *conf = lvs_service_conf(svc);
	struct ip_vs_flags flags = { .flags = conf->flags, .mask = ~0 };
	struct lvs_counts counts;
	struct lvs_rates rates;
	struct nlattr *nest;

	nest = nla_nest_start_noflag(skb, IPVS_CMD_ATTR_SERVICE);
	if (!nest || service_key_fill(skb, &svc->key) ||
	    nla_put_string(skb, IPVS_SVC_ATTR_SCHED_NAME, conf->pool->sched->name) ||
	    (conf->pe && nla_put_string(skb, IPVS_SVC_ATTR_PE_NAME, conf->pe->name)) ||
	    nla_put(skb, IPVS_SVC_ATTR_FLAGS, sizeof(flags), &flags) ||
	    nla_put_u32(skb, IPVS_SVC_ATTR_TIMEOUT, conf->timeout) ||
	    nla_put_u32(skb, IPVS_SVC_ATTR_NETMASK, conf->netmask))
		return -EMSGSIZE;

	lvs_service_counts(svc, &counts);
	lvs_service_rates(svc, &rates);
	if (stats_fill(skb, IPVS_SVC_ATTR_STATS, &counts, &rates) ||
	    stats64_fill(skb, IPVS_SVC_ATTR_STATS64, &counts, &rates))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}

static int dest_config_fill(struct sk_buff *skb, const struct lvs_dest *dest)
{
	if (nla_put(skb, IPVS_DEST_ATTR_ADDR, sizeof(dest->key.addr), &dest->key.addr) ||
	    nla_put_be16(skb, IPVS_DEST_ATTR_PORT, dest->key.port) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_FWD_METHOD, lvs_dest_fwd_method(dest)) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_WEIGHT, READ_ONCE(dest->weight)) ||
	    nla_put_u8(skb, IPVS_DEST_ATTR_TUN_TYPE, dest->tun.type) ||
	    nla_put_be16(skb, IPVS_DEST_ATTR_TUN_PORT, dest->tun.port) ||
	    nla_put_u16(skb, IPVS_DEST_ATTR_TUN_FLAGS, dest->tun.flags) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_U_THRESH, READ_ONCE(dest->u_threshold)) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_L_THRESH, READ_ONCE(dest->l_threshold)))
		return -EMSGSIZE;
	return 0;
}

/**
 * lvs_ipvs_dest_fill - write the DEST nest of a reply
 * @skb: the reply
 * @dest: the server
 *
 * Context: process, config lock.
 * Return: 0, or -EMSGSIZE after which the caller must cancel the message.
 */
int lvs_ipvs_dest_fill(struct sk_buff *skb, const struct lvs_dest *dest)
{
	struct lvs_counts counts;
	struct lvs_rates rates;
	struct nlattr *nest;

	nest = nla_nest_start_noflag(skb, IPVS_CMD_ATTR_DEST);
	if (!nest || dest_config_fill(skb, dest) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_ACTIVE_CONNS, atomic_read(&dest->active)) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_INACT_CONNS, atomic_read(&dest->inactive)) ||
	    nla_put_u32(skb, IPVS_DEST_ATTR_PERSIST_CONNS, atomic_read(&dest->persist)) ||
	    nla_put_u16(skb, IPVS_DEST_ATTR_ADDR_FAMILY, dest->key.af))
		return -EMSGSIZE;

	lvs_stats_read(&dest->stats, &counts);
	lvs_net_rates(dest->ln, &dest->stats, &rates);
	if (stats_fill(skb, IPVS_DEST_ATTR_STATS, &counts, &rates) ||
	    stats64_fill(skb, IPVS_DEST_ATTR_STATS64, &counts, &rates))
		return -EMSGSIZE;
	nla_nest_end(skb, nest);
	return 0;
}
